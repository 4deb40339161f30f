# shellcheck shell=bash disable=SC2154 # tools, here, pid: scripts/clients
# Debian's iotop-c: bytes and time waited of each process, and who does I/O.

# Sets pid to a process that waits for "go", then waits for the disk and writes.
writer() {
	mkfifo go
	head -c 262144 /dev/zero >/run/disk/data
	sync
	bash -c 'read <go
		eval "$1"
		printf %196608s "" >/run/disk/kept
		: >written
		read <go' writer "$wait_for_io" &
	pid=$!
}

# iotop_c ARGS...: start it and wait until it has seen the writer idle.
iotop_c() {
	wants iotop-c
	writer
	sleep 600 &
	idle=$!
	stdbuf -oL iotop-c -b -d 1 -P "$@" >heard &
}

# said PID FIELD VALUE: is that what it has said last?
said() { [ "$(awk -v p="$1" -v f="$2" '$1 == p { v = $f } END { print v }' heard)" = "$3" ]; }

in_kib() { awk -v f="$1:" '$1 == f { printf "%.2f", $2 / 1024 }' "/proc/$pid/io"; }

test_iotop-c_bytes() {
	iotop_c -k -a
	soon said "$pid" 6 0.00
	echo >go
	soon test -e written
	soon said "$pid" 6 "$(in_kib write_bytes)"
	is 'KiB read' "$(awk -v p="$pid" '$1 == p { v = $4 } END { print v }' heard)" "$(in_kib read_bytes)"
	above 'KiB written' "$(in_kib write_bytes)" 191
	above 'time waited for I/O (%)' "$(awk -v p="$pid" '$1 == p { print $10 }' heard | sort -n | tail -n 1)" 0
	is 'read, written, waited by the idle' \
		"$(awk -v p="$idle" '$1 == p { print $4, $6, $10 }' heard | sort -u)" '0.00 0.00 0.00'
}

test_iotop-c_only() {
	iotop_c -o
	soon lines '^ *Total' 2 
	echo >go
	soon said "$pid" 7 K/s
	is 'the command of who does' "$(awk -v p="$pid" '$1 == p { print $12 }' heard | sort -u)" bash
	is 'those who do not' "$(grep -c 'sleep 600' heard)" 0
}
