#!/usr/bin/env bash
# In the guest whose clock counts instructions: count.sh KERNEL, in the directory
# of the programs.  Every line on stdout is a figure.

set -eu
kernel=$1
here=$(dirname "$0")
export BPF=$PWD/tasks.bpf.o
patched() { [ "$kernel" = base ] || "$@"; }
hold() { ./hold "$1" "$2" bash "$here/tasks.sh" "$kernel" "$1" "$2"; }

ulimit -n 4096
./calibrate
echo 0 >/proc/sys/kernel/task_delayacct
for count in 100 1000 10000; do
	hold thread $count
	hold process $count
done
hold group 1000
echo 1 >/proc/sys/kernel/task_delayacct
TAG='delays' hold thread 1000
echo 0 >/proc/sys/kernel/task_delayacct

# Ids of one length in the tables that they are found by: they would grow with
# the ids, and an exit with them.
echo 4000 >/proc/sys/kernel/pid_max
./exits thread >/dev/null	# whoever is first after booting is none of these
for unit in thread process group; do
	./exits $unit
	./exits $unit mask 1
	patched ./exits $unit listen 1
	patched ./exits $unit listen 1 0 32
done
echo 1 >/proc/sys/kernel/task_delayacct
for unit in thread process group; do
	TAG='delays' ./exits $unit
done
echo 0 >/proc/sys/kernel/task_delayacct
for listeners in 4 64; do
	./exits thread mask $listeners
	patched ./exits thread listen $listeners
	patched ./exits thread listen $listeners 0 32
done
./exits thread mask 1024 1
patched ./exits thread listen 1024 1
for peer in cn_proc cn_proc_exit bpf; do
	./exits thread $peer 1
done
