#!/usr/bin/env bash
# In the guest with two CPUs: time.sh KERNEL THREADS, in the directory of the
# programs.  Every line on stdout is a figure.

set -eu
kernel=$1 threads=$2
beside=(query)
[ "$kernel" = base ] || beside+=(dump)

echo 0 >/proc/sys/kernel/task_delayacct
echo $((threads * 2 + 4096)) | tee /proc/sys/kernel/pid_max >/proc/sys/kernel/threads-max
echo 1000000 >/proc/sys/vm/max_map_count
./hold thread 1000 ./contend readers 1 2 8
# Each takes about 30 KiB: stacks, page tables, its task_struct.
room=$(awk '/^MemAvailable/ { print int($2 / 40) }' /proc/meminfo)
[ "$threads" -le "$room" ] || threads=$room
./hold thread "$threads" ./contend latency "${beside[@]}"
