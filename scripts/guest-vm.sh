# shellcheck shell=bash
# The guest in QEMU, all of it emulated: some thirty times slower than UML, but
# an x86, whose CPUs come and go and whose instructions are counted, and the
# home of KCSAN.  Sourced by guest, never run.  Sets: linux, machine, excused.
# shellcheck disable=SC2034,SC2154  # of guest

linux=${LINUX:-$build/arch/x86/boot/bzImage}
# tsc=reliable: the clock that TCG reads from the host is the same everywhere.
# no_timer_check: on a busy host the timer seems broken for a moment.
# panic=-1: who panics is gone at once.
append=(console=ttyS0 TERMINAL=ttyS0 RESULTS=results rootfstype=9p
	'rootflags=trans=virtio,version=9p2000.L,msize=262144,cache=loose'
	tsc=reliable no_timer_check panic=-1 "${append[@]}")
# No thread=multi: that is the default, and forbidden with -icount.
machine=(qemu-system-x86_64 -nodefaults -display none -no-reboot
	-accel tcg -cpu max -smp 2 -m 1G
	-chardev 'stdio,id=tty,signal=off' -serial chardev:tty
	-drive "file=$run/disk,format=raw,if=virtio,cache=unsafe"
	-fsdev 'local,id=root,path=/,security_model=none,readonly=on,multidevs=remap'
	-device 'virtio-9p-pci,fsdev=root,mount_tag=/dev/root'
	-fsdev "local,id=results,path=$run/out,security_model=none"
	-device 'virtio-9p-pci,fsdev=results,mount_tag=results'
	-kernel "$linux" -append "${append[*]}" "${qemu[@]}")
excused=
