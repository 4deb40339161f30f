#!/usr/bin/env bash
# What hold runs: tasks.sh KERNEL thread|group|process COUNT, a line for each figure.
# What only the series can do is left out on the base.

set -eu
kernel=$1 kind=$2 count=$3
patched() { [ "$kernel" = base ] || "$@"; }

case $kind in
thread)	./query pid
	patched ./dump threads 32768
	./iter "$BPF" 32768 ;;
process) ./query tgid
	patched ./dump groups 32768 ;;
group)	./query 'tgid of 8 threads'
	exit ;;
esac
[ -z "${TAG-}" ] || exit 0
./proc
[ "$count" = 1000 ] || exit 0
case $kind in
thread)	patched ./dump threads 4096 8192 16384 65536
	./iter "$BPF" 4096
	./iotop_dump --cost walk
	patched ./iotop_dump --cost dump ;;
process) patched ./dump groups 4096 65536 ;;
esac
