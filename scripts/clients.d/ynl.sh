# shellcheck shell=bash disable=SC2154 # tools, here, pid: scripts/clients
# The kernel's own YNL: every operation, by what the spec says of the family.

ynl() {
	/usr/bin/python3 "$tools/../ynl/pyynl/cli.py" --no-schema \
		--spec "$tools/../ynl/taskstats.yaml" --output-json "$@"
}

# ynl_said EXPRESSION: of what ynl has said, which is in the file "out".
ynl_said() {
	/usr/bin/python3 -c 'import json, sys
out = json.load(open("out"))
print(eval(sys.argv[1]))' "$1"
}

test_ynl_get_pid() {
	subject
	ynl --do get --json "{\"pid\": $pid}" >out
	is pid "$(ynl_said 'out["aggr-pid"]["pid"]')" "$pid"
	is 'pid in the figures' "$(ynl_said 'out["aggr-pid"]["stats"]["ac-pid"]')" "$pid"
	is version "$(ynl_said 'out["aggr-pid"]["stats"]["version"]')" 17
	is command "$(ynl_said 'bytes.fromhex(out["aggr-pid"]["stats"]["ac-comm"].replace(" ", "")).rstrip(b"\0").decode()')" bash
	# From the first field to the last, each where the kernel has it.
	is 'bytes written' "$(ynl_said 'out["aggr-pid"]["stats"]["write-bytes"]')" \
		"$(($(awk '/^write_bytes/ { print $2 }' "/proc/$pid/io") / 1024 * 1024))"
	is 'waits for a CPU' "$(ynl_said 'out["aggr-pid"]["stats"]["cpu-count"]')" \
		"$(cut -d' ' -f3 "/proc/$pid/schedstat")"
	above 'when the longest was' "$(ynl_said 'out["aggr-pid"]["stats"]["cpu-delay-max-ts"]["tv-sec"]')" \
		"$(($(date +%s) - 600))"
}

test_ynl_get_tgid() {
	threads stop
	ynl --do get --json "{\"tgid\": $pid, \"delays\": true}" >out
	is tgid "$(ynl_said 'out["aggr-tgid"]["tgid"]')" "$pid"
	is 'delays measured' "$(ynl_said 'out["delays-measured"]')" all
}

test_ynl_get_errors() {
	! ynl --do get --json '{"pid": 4194304}' >out 2>&1 || fail 'an answer for nobody'
	grep -q 'No such process' out || fail "$(cat out)"
	grep -q "'bad-attr': '.pid'" out || fail "$(cat out)"
}

test_ynl_dump_groups() {
	threads stop
	ynl --dump get >out
	is 'of the group' "$(ynl_said "[m['aggr-tgid']['tgid'] for m in out].count($pid)")" 1
	is order "$(ynl_said 'sorted(m["aggr-tgid"]["tgid"] for m in out) == [m["aggr-tgid"]["tgid"] for m in out]')" True
}

test_ynl_dump_threads() {
	threads stop
	ynl --dump get --json "{\"tgid\": $pid}" >out
	is threads "$(ynl_said 'sorted(m["aggr-pid"]["pid"] for m in out)')" \
		"[$(printf '%s\n' "/proc/$pid"/task/* | sed 's,.*/,,' | sort -n | paste -sd, | sed 's/,/, /g')]"
	ynl --dump get --json '{"threads": true}' >out
	is 'among all' "$(ynl_said "[m['aggr-pid']['stats']['ac-tgid'] for m in out].count($pid)")" 4
}

test_ynl_listen() {
	ynl --do listen --json '{"records": ["thread", "group"], "cpus": "0", "batch": 3}' >out
	is records "$(ynl_said 'out["records"]')" "['group', 'thread']"
	is cpus "$(ynl_said 'out["cpus"]')" 0
	is batch "$(ynl_said 'out["batch"]')" 3
	is wait "$(ynl_said 'out["wait"]')" 1000
	is 'nothing lost' "$(ynl_said 'out["lost"], out["pending"]')" '(0, 0)'
}

test_ynl_exit() {
	/usr/bin/python3 "$here/clients.d/ynl-listen.py" "$tools/../ynl" >out
	is 'pid of the child' "$(ynl_said 'out["record"][0]["pid"] == out["child"]')" True
	is 'its figures' "$(ynl_said 'out["record"][0]["stats"]["ac-pid"] == out["child"]')" True
	is 'its exit code' "$(ynl_said 'out["record"][0]["stats"]["ac-exitcode"]')" $((7 << 8))
	is 'a batch of both' "$(ynl_said 'len(out["record"])')" 2
	is 'the second' "$(ynl_said 'out["record"][1]["tgid"] == out["child"]')" True
}

test_ynl_register() {
	ynl --do get --json '{"register-cpumask": "0-1"}' >out
	is 'no answer' "$(cat out)" null
}

test_ynl_cgroupstats() {
	v1group
	exec 9<v1/group
	ynl --do cgroupstats-get --json '{"fd": 9}' >out
	exec 9<&-
	is states "$(ynl_said '[out["cgroup-stats"][k] for k in ("nr-sleeping", "nr-running", "nr-stopped")]')" '[3, 1, 1]'
}

# One list: the spec's, the documentation's, the client's.
test_ynl_fields() {
	/usr/bin/python3 "$here/clients.d/fields.py" "$tools"/../ynl/taskstats{.yaml,-struct.rst} \
		"$tools/taskstats"
}

# What the kernel says that it checks, and the spec.
test_ynl_policy() {
	/usr/bin/python3 "$here/clients.d/policy.py" "$tools/../ynl"
}
