# shellcheck shell=bash disable=SC2154 # tools, here, root: scripts/clients
# Debian's atop: atopacctd hears of exits, then atop shows who has ended.

test_atop_exits() {
	local pidfile=/run/atopacctd.pid fields

	daemon atop
	chmod 755 /run	# as atopacctd wants it, and as it is elsewhere
	undo+=("kill \$(<$pidfile)" "tail --pid=\$(<$pidfile) -f /dev/null" "rm $pidfile")
	atopacctd
	stdbuf -oL atop -P PRG 1 >shown &
	soon grep -q SEP shown
	setpriv --reuid 1234 --clear-groups bash -c 'echo $$; exit 3' >ended || true
	soon grep -q " $(<ended) (bash) E " shown
	fields=$(awk -v p="$(<ended)" '$7 == p && $9 == "E" { print $8, $10, $11, $12, $13, $14 }' shown)
	is 'command, uid, gid, tgid, threads, status' "$fields" "(bash) 1234 0 $(<ended) 1 3"
	# Else it has said why it polls.
	is 'what atopacctd complains of' "$(cat log)" ''
}
