# shellcheck shell=bash disable=SC2154 # tools, here, pid: scripts/clients
# Debian's htop: its columns of delays, on a terminal.

# shows PID CONDITION: of the percentages of time waited for CPU, disk and swap,
# once they have been shown.
shows() {
	awk -v p="$1" '$1 == p && $4 == "0.0" { cpu = $2; io = $3; if ('"$2"') found = 1 }
		END { exit !found }' heard
}

test_htop_delays() {
	wants htop
	printf '%s\n' htop_version=3.2.2 config_reader_min_version=3 \
		'screen:Main=PID PERCENT_CPU_DELAY PERCENT_IO_DELAY PERCENT_SWAP_DELAY Command' >rc
	for _ in 1 2; do
		taskset -c 0 bash -c 'while :; do :; done' &
	done
	spinner=$!
	endless_writer
	sleep 600 &
	idle=$!
	HTOPRC=$PWD/rc /usr/bin/python3 "$here/clients.d/terminal.py" \
		htop -C -d 10 -p "$spinner,$pid,$idle" >heard &
	soon lines 'PID.*CPUD.*IOD.*SWPD' 1
	soon shows "$spinner" 'cpu + 0 > 20 && io == "0.0"'
	soon shows "$pid" 'io + 0 > 0'
	soon shows "$idle" 'cpu == "0.0" && io == "0.0"'
	is 'lines that tell of no delays' "$(grep -c 'N/A' heard)" 0
}
