# shellcheck shell=bash
# The guest in QEMU, all of it emulated: some thirty times slower than UML, but
# an x86 or ARM, whose CPUs come and go and whose instructions are counted, and
# the home of KCSAN.  Sourced by guest, never run.  Sets: linux, machine, excused.
# shellcheck disable=SC2034,SC2154  # of guest
#
# ROOT=DIR is its root instead of the host's, for programs of another machine
# (scripts/root).  Of the host it then sees nothing else, and the command is run
# by whoever is in the host's root directory.

. "$top/scripts/vm.sh"
vm_arch "$flavour"
linux=${LINUX:-$build/$image}
if [ "${ROOT-}" ]; then
	cp "$run/init" "$ROOT/init"
	append+=(init=/init)	# the last one counts
	say / >"$run/out/dirs"
fi
# panic=-1: who panics is gone at once.
append=("console=$console" "TERMINAL=$console" RESULTS=results rootfstype=9p
	'rootflags=trans=virtio,version=9p2000.L,msize=262144,cache=loose'
	"${vm_append[@]}" panic=-1 "${append[@]}")
# No thread=multi: that is the default, and forbidden with -icount.
machine=("${qemu_machine[@]}" -nodefaults -display none -no-reboot
	-accel tcg -smp 2 -m 1G
	-chardev 'stdio,id=tty,signal=off' -serial chardev:tty
	-drive "file=$run/disk,format=raw,if=virtio,cache=unsafe"
	-fsdev "local,id=root,path=${ROOT:-/},security_model=none,readonly=on,multidevs=remap"
	-device 'virtio-9p-pci,fsdev=root,mount_tag=/dev/root'
	-fsdev "local,id=results,path=$run/out,security_model=none"
	-device 'virtio-9p-pci,fsdev=results,mount_tag=results'
	-kernel "$linux" -append "${append[*]}" "${qemu[@]}")
excused=
