# shellcheck shell=bash disable=SC2154 # tools, here, pid: scripts/clients
# Debian's python3-pyroute2: its TaskStats, a query and an exit record.

# told FIELD FILE
told() { sed -n "s/^$1=//p" "$2"; }

test_pyroute2_TaskStats() {
	/usr/bin/python3 -c 'import pyroute2' 2>/dev/null || skip 'there is no pyroute2 here'
	subject
	timeout 300 /usr/bin/python3 "$here/clients.d/pyroute2-tell.py" "$pid" sh -c 'exit 3'
	is 'version, pid, comm' "$(told version get) $(told ac_pid get) $(told ac_comm get)" "17 $pid bash"
	is 'run, delay, count' \
		"$(told cpu_run_virtual_total get) $(told cpu_delay_total get) $(told cpu_count get)" \
		"$(cat "/proc/$pid/schedstat")"
	is 'bytes read, written, cancelled' \
		"$(told read_bytes get) $(told write_bytes get) $(told cancelled_write_bytes get)" \
		"$(awk '/_bytes/ { print $2 }' "/proc/$pid/io" | xargs)"
	is 'switches' "$(told nvcsw get) $(told nivcsw get)" \
		"$(awk '/ctxt_switches/ { print $2 }' "/proc/$pid/status" | xargs)"
	is 'exit of' "$(told ac_pid exit) $(told ac_comm exit)" "$(cat child) sh"
	is 'exit status' "$(told ac_exitcode exit)" $((3 << 8))
}
