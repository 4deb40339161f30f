# shellcheck shell=bash disable=SC2154 # tools, here, pid: scripts/clients
# stress-ng --netlink-task: two processes that query themselves, and compare.

test_stress-ng_netlink-task() {
	stress-ng --netlink-task 2 --netlink-task-ops 200 --timeout 60 \
		--temp-path . --metrics-brief
	is operations "$(awk '$4 == "netlink-task" { print $5 }' log)" 200
}
