# shellcheck shell=bash disable=SC2154 # tools, here, pid: scripts/clients
# tools/accounting/delaytop: a query for each process of the machine.

delaytop() { timeout 60 "$tools/delaytop" -o "$@"; }

test_delaytop_pid() {
	subject
	delaytop -p "$pid" >out
	is 'pid, tgid, comm, average CPU delay in ms' \
		"$(awk -v p="$pid" '$1 == p { print $1, $2, $3, $4 }' out)" \
		"$(awk -v p="$pid" '{ printf "%d %d bash %.2f", p, p, $2 / $3 / 1e6 }' "/proc/$pid/schedstat")"
}

test_delaytop_all() {
	sleep 600 &
	ls -d /proc/[0-9]* >before
	delaytop -P 1000 >out
	ls -d /proc/[0-9]* >after
	comm -12 <(sort before) <(sort after) | sed 's,/proc/,,' >lasting
	above processes "$(wc -l <lasting)" 10
	is 'processes that are not shown' \
		"$(awk '/^-----/ { on = 1 } on { print $1 }' out | grep -vcxF -f - lasting)" 0
}

test_delaytop_container() {
	v1group
	is container "$(delaytop -C v1/group | grep ^Processes)" \
		'Processes: running=1, sleeping=3, stopped=1, uninterruptible=0, io_wait=0'
}
