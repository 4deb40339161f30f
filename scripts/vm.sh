# shellcheck shell=bash
# What differs between the architectures that guests in QEMU are of.  Sourced by
# kernel and guest-vm.sh, never run.
# shellcheck disable=SC2034  # for the sourcing

# vm_arch FLAVOUR: sets arch (Kconfig's name), cross, image (what boots, in a build),
# vm_append (for the kernel), qemu_machine and console.  The flavour NAME is for
# x86_64, NAME-arm64 is the same for that.
vm_arch() {
	case $1 in
	*-arm64) arch=arm64 ;;
	*)	arch=x86_64 ;;
	esac
	case $arch in
	x86_64)	cross='' image=arch/x86/boot/bzImage console=ttyS0
		# tsc=reliable: the clock that TCG reads from the host is the same everywhere.
		# no_timer_check: on a busy host the timer seems broken for a moment.
		# pci=noacpi: to read ACPI's table of interrupts takes KASAN longer than the
		# 30 s that a loop there may take.
		vm_append=(tsc=reliable no_timer_check pci=noacpi)
		qemu_machine=(qemu-system-x86_64 -cpu max) ;;
	arm64)	cross=aarch64-linux-gnu- image=arch/arm64/boot/Image console=ttyAMA0
		vm_append=()
		# Signed pointers as architected take TCG half of its time.
		qemu_machine=(qemu-system-aarch64 -M virt -cpu 'max,pauth-impdef=on') ;;
	esac
}
