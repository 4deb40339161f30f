# shellcheck shell=bash disable=SC2154 # tools, here, pid: scripts/clients
# Processes whose figures are known, for the client tests to compare with.

# What a client says of a task can only be compared while the task stands
# still.  Sets pid to a process that has worked and then stopped itself:
#   subject: computed against a rival on the same CPU, wrote 192 KiB to the
#            disk and took 64 KiB of it back, read 256 KiB from it, and did
#            what it is given as an argument
# shellcheck disable=SC2016 # for the shells inside
subject() {
	head -c 262144 /dev/zero >/run/disk/data
	sync
	echo 3 >/proc/sys/vm/drop_caches
	taskset -c 0 bash -c 'for ((i = 0; i < 30000; i++)); do :; done' &
	taskset -c 0 bash -c 'for ((i = 0; i < 10000; i++)); do :; done
		printf %131072s "" >/run/disk/kept
		printf %65536s "" >/run/disk/dropped
		: >/run/disk/dropped
		mapfile </run/disk/data 2>/dev/null
		eval "$1"
		kill -STOP $$' subject "${1:-:}" &
	pid=$!
	standstill $pid
}

stopped() { awk '/^State:/ && $2 != "T" { exit 1 }' /proc/"$1"/task/*/status; }

# It counts as stopped a moment before it has left the CPU.
standstill() {
	soon stopped "$1"
	sleep 0.3
}

# Sets pid to a process of four threads that have computed: they now stop
# (threads stop) or end (threads exit), the first thread last.  Their ids are
# in the file "tids".
threads() {
	/usr/bin/python3 "$here/clients.d/threads.py" "$1" >tids &
	pid=$!
	if [ "$1" = stop ]; then
		standstill $pid
	else
		wait $pid
	fi
}

# v1group: a cgroup v1 of three sleepers, a stopped and a running process.
v1group() {
	local task

	mkdir v1
	undo+=('rmdir v1/group' 'umount v1')
	mount -t cgroup -o none,name=clients clients v1
	mkdir v1/group
	# shellcheck disable=SC2016 # for the shell inside
	for task in 'exec sleep 60' 'exec sleep 60' 'exec sleep 60' \
		'kill -STOP $$; :' 'while :; do :; done'; do
		sh -c "echo \$\$ >v1/group/cgroup.procs; $task" &
	done
	soon states v1/group RSSST
}

states() {
	[ "$(sed 's,.*,/proc/&/stat,' "$1/cgroup.procs" | xargs cut -d' ' -f3 |
		sort | tr -d '\n')" = "$2" ]
}
