# shellcheck shell=bash disable=SC2154 # tools, here, pid: scripts/clients
# tools/accounting/getdelays -l: exit records.

test_getdelays_listen() {
	local pids=()

	listen "$tools/getdelays" -d -l
	for i in {0..19}; do
		pids+=("$(taskset -c $((i % 2)) sh -c 'echo $$')")
	done
	heard "^PID.($(IFS='|' && echo "${pids[*]}"))$" 20
	is 'records of 20 processes on 2 CPUs' "$(grep ^PID heard | cut -f2 |
		grep -cxF -f <(printf '%s\n' "${pids[@]}"))" 20
	is 'records of groups' "$(grep -c ^TGID heard)" 0
	is 'length of a record' "$(awk '/^received 7/ { print $2 }' heard | sort -u)" 724
}

test_getdelays_listen_threads() {
	listen "$tools/getdelays" -d -l
	threads exit
	heard "^(TGID.$pid|PID.($(paste -sd'|' tids)))$" 5
	is 'records of threads' "$(grep ^PID heard | cut -f2 | grep -cxFf tids)" 4
	is 'records of groups' "$(grep ^TGID heard | cut -f2)" "$pid"
	is 'the last one comes with the group' "$(awk '/^received 1/ { print $2 }' heard)" 1428
}
