# shellcheck shell=bash
# The guest as a process, User Mode Linux: boots in a moment, and has the
# sanitizers.  Sourced by guest, never run.  Sets: linux, machine, excused.
# shellcheck disable=SC2034,SC2154  # of guest

linux=${LINUX:-$build/linux}
console=fd:0
[ $# -eq 0 ] || console=null
# slab_debug=F: without it allocations come from per-CPU sheaves, which keep
# stale pointers to them, so that kmemleak finds next to no leak.
machine=("$linux" mem=1G ncpus=2 seccomp=on rootfstype=hostfs rootflags=/
	"RESULTS=$run/out" "ubd0=$run/disk" "uml_dir=$run" con=null
	"con0=$console,fd:1" slab_debug=F "${append[@]}")
# While the second CPU comes up UML itself breaks an RCU rule (it frees with
# kmemleak on before RCU knows of the CPU); nothing else happens then.
excused='/^smp: Bringing up/,/^smp: Brought up/s/.*//'
