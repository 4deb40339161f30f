# shellcheck shell=bash disable=SC2154 # tools, here, pid: scripts/clients
# tools/accounting/getdelays: queries and cgroupstats.

getdelays() { timeout 60 "$tools/getdelays" "$@"; }

# figure SECTION N FILE: the Nth figure of a section of -d.
figure() { awk -v s="$1" -v n="$2" '$1 == s { getline; print $n }' "$3"; }

test_getdelays_pid() {
	before=$(date +%F)
	subject "$wait_for_io"
	read -r run wait count <"/proc/$pid/schedstat"
	getdelays -d -p "$pid" >out
	is PID "$(awk '/^PID/ { print $2 }' out)" "$pid"
	is 'CPU count' "$(figure CPU 1 out)" "$count"
	is 'CPU virtual total' "$(figure CPU 3 out)" "$run"
	is 'CPU delay total' "$(figure CPU 4 out)" "$wait"
	above 'CPU delay total' "$wait" 0
	above 'CPU delay max' "$(figure CPU 6 out | tr -d ms)" 0
	day=$(figure CPU 8 out | cut -c1-10)
	[ "$day" = "$before" ] || is 'CPU delay max timestamp' "$day" "$(date +%F)"
	above 'IO count' "$(figure IO 1 out)" 0
	is 'IO delay in ticks' "$(($(figure IO 2 out) / 10000000))" \
		"$(cut -d' ' -f42 "/proc/$pid/stat")"
}

test_getdelays_tgid() {
	threads stop
	getdelays -d -t "$pid" >out
	is TGID "$(awk '/^TGID/ { print $2 }' out)" "$pid"
	is 'run, delay, count of all threads' \
		"$(figure CPU 3 out) $(figure CPU 4 out) $(figure CPU 1 out)" \
		"$(awk '{ a += $1; b += $2; c += $3 } END { printf "%.0f %.0f %.0f", a, b, c }' /proc/"$pid"/task/*/schedstat)"
	above 'CPU of all threads' "$(figure CPU 3 out)" 0
}

test_getdelays_io() {
	subject
	io=$(awk '/_bytes/ { print $2 }' "/proc/$pid/io" | xargs printf 'bash: read=%d, write=%d, cancelled_write=%d')
	is io "$(getdelays -i -p "$pid" | tail -n 1)" "$io"
	is cancelled "${io##*=}" 65536
	# And blocks of the file system's own.
	above written "$(sed -E 's/.* write=([0-9]+).*/\1/' <<<"$io")" 196607
	above read "$(sed -E 's/.*read=([0-9]+).*/\1/' <<<"$io")" 262143
}

test_getdelays_switches() {
	subject
	is switches "$(getdelays -q -p "$pid" | awk 'END { print $1, $2 }')" \
		"$(awk '/ctxt_switches/ { print $2 }' "/proc/$pid/status" | xargs)"
}

test_getdelays_command() {
	getdelays -d -c bash -c 'for ((i = 0; i < 5000; i++)); do :; done' >out
	above 'CPU virtual total' "$(figure CPU 3 out)" 0
	above 'CPU real total' "$(figure CPU 2 out)" 0
}

test_getdelays_log() {
	sleep 600 &
	getdelays -w stats -p $!
	# It writes the payload by the attribute's length: a header too much.
	is 'size of a record' "$(stat -c %s stats)" 692
	is version "$(od -An -tu2 -N2 stats | xargs)" 17
}

test_getdelays_cgroup() {
	v1group
	is cgroupstats "$(getdelays -C v1/group)" \
		'sleeping 3, blocked 0, running 1, stopped 1, uninterruptible 0'
}

test_getdelays_errors() {
	is 'no such process' "$(getdelays -p 4194303 2>&1)" 'fatal reply error,  errno -3'
	is 'no such group' "$(getdelays -t 4194303 2>&1)" 'fatal reply error,  errno -3'
	is 'not a list' "$(getdelays -m x 2>&1 | grep errno)" 'fatal reply error,  errno -22'
	is 'no such CPU' "$(getdelays -m 99 2>&1 | grep errno)" 'fatal reply error,  errno -34'
	is 'not a cgroup' "$(getdelays -C / 2>&1)" 'fatal reply error,  errno -22'
	is 'not the privilege' "$(setpriv --reuid 1234 --clear-groups \
		"$tools/getdelays" -p 1 2>&1)" 'fatal reply error,  errno -1'
}
