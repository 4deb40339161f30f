# shellcheck shell=bash disable=SC2154 # tools, here, pid: scripts/clients
# tools/accounting/procacct: what the exit records say of who did what.

# field NAME LINE
field() { tr ' ' '\n' <<<"$2" | sed -n "s/^$1=//p"; }

test_procacct_process() {
	local pid line

	listen "$tools/procacct"
	pid=$(setpriv --reuid 1234 --clear-groups bash -c 'echo $$
		for ((i = 0; i < 10000; i++)); do :; done')
	heard "pid=$pid "
	line=$(grep " pid=$pid " heard)
	is 'a process, not a thread' "${line%% *}" P
	is tgid "$(field tgid "$line")" "$pid"
	is uid "$(field uid "$line")" 1234
	is comm "$(field comm "$line")" bash
	is 'device:inode of the program' "$(field dev "$line"):$(field inode "$line")" \
		"$(stat -Lc %Hd:%Ld:%i /bin/bash)"
	above 'cpu (us)' "$(field cpu "$line")" 10000
	above 'wall (us)' "$(field wall "$line")" "$(field cpu "$line") - 20000"
	above 'vmpeak (KiB)' "$(field vmpeak "$line")" 1000
	above 'rsspeak (KiB)' "$(field rsspeak "$line")" 1000
}

test_procacct_threads() {
	listen "$tools/procacct" -w stats
	threads exit
	heard " tgid=$pid " 4
	is 'threads, and one for the process' \
		"$(sed -n "s/ pid=.* tgid=$pid .*comm=/ /p" heard | sort | xargs)" \
		"P python3 T python3 T python3 T python3"
	is 'their ids' "$(sed -n "s/. pid=\(.*\) tgid=$pid .*/\1/p" heard | sort)" "$(sort tids)"
	# A process's last record comes with its group's, both 692 bytes there.
	is 'bytes of records' "$(stat -c %s stats)" \
		"$(awk '/^received/ { n += $2 > 1000 ? 2 : 1 } END { print 692 * n }' heard)"
	line=$(grep "^P pid=.* tgid=$pid " heard)
	above 'wall of the process (us)' "$(field gwall "$line")" \
		"$(sed -n "s/.* tgid=$pid .* wall=\([0-9]*\) .*/\1/p" heard | sort -n | tail -n 1) - 1"
}
