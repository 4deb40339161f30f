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
	for task in 'exec sleep 600' 'exec sleep 600' 'exec sleep 600' \
		'kill -STOP $$; :' 'while :; do :; done'; do
		sh -c "echo \$\$ >v1/group/cgroup.procs; $task" &
	done
	soon states v1/group RSSST
}

states() {
	[ "$(sed 's,.*,/proc/&/stat,' "$1/cgroup.procs" | xargs cut -d' ' -f3 |
		sort | tr -d '\n')" = "$2" ]
}

# A wait that ends in the clock tick that it began in is not counted: here a
# tick is 10 ms, so it may take some.  Field 42 of stat has them in ticks.
# shellcheck disable=SC2016 # for the subject
wait_for_io='while read -ra stat </proc/$$/stat; [ "${stat[41]}" = 0 ]; do
	echo 3 >/proc/sys/vm/drop_caches
	mapfile </run/disk/data 2>/dev/null
done'

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

# Sets pid to a process that writes to the disk as long as it lives.
endless_writer() {
	rm -f /run/disk/endless
	/usr/bin/python3 -c 'import os
f = os.open("/run/disk/endless", os.O_WRONLY | os.O_CREAT | os.O_DSYNC)
while True:
    os.pwrite(f, bytes(4096), 0)' &
	pid=$!
	soon test -s /run/disk/endless
}

# watch_writer IOTOP...: start it on a writer, which still waits, and an idler.
watch_writer() {
	wants "$(printf '%s\n' "$@" | grep -m 1 ^iotop)"
	writer
	sleep 600 &
	idle=$!
	"$@" >heard &
}

# said PID FIELD VALUE: is that what an iotop has said last?
said() { [ "$(awk -v p="$1" -v f="$2" '$1 == p { v = $f } END { print v }' heard)" = "$3" ]; }

in_kib() { awk -v f="$1:" '$1 == f { printf "%.2f", $2 / 1024 }' "/proc/$pid/io"; }

# By an iotop with -P -k -a.
tells_bytes_of_writer() {
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

# By an iotop with -P -o.
tells_of_writer_only() {
	soon lines '^ *Total' 2
	echo >go
	soon said "$pid" 7 K/s
	is 'the command of who does' "$(awk -v p="$pid" '$1 == p { print $12 }' heard | sort -u)" bash
	is 'those who do not' "$(grep -c 'sleep 600' heard)" 0
}
