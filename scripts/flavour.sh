# shellcheck shell=bash
# What a flavour of scripts/kernel is: the fragments of its configuration, and whether
# Kconfig takes them.  Sourced by kernel, never run.
# shellcheck disable=SC2034,SC2154  # for and of kernel

. "$top/scripts/vm.sh"

# flavour NAME [own]: sets name, arch, cross, config, image and fragments; own if
# make is given arguments beside, for which there need be no fragment.
flavour() {
	local other='' also

	case $1 in
	um | um-*) name=kernel-$which${1#um} arch=um cross='' config=defconfig image=linux
		fragments=("$top/scripts/test.config") other=${1#um} ;;
	lean | lean-*) name=kernel-$which-$1 arch=um cross='' config=tinyconfig image=linux
		fragments=("$top/scripts/lean.config") other=${1#lean} ;;
	*)	vm_arch "$1"
		name=kernel-$which-$1 config=tinyconfig
		fragments=("$top/scripts/vm.config" "$top/scripts/vm-$arch.config")
		set -- "${1%-"$arch"}" "${@:2}"
		also=$top/scripts/$1-$arch.config
		[ ! -e "$also" ] || fragments+=("$also")
		if [ -r "$top/scripts/$1.config" ]; then
			fragments+=("$top/scripts/$1.config")
		else
			fragments+=("$top"/scripts/configs.d/{vm,"$1"}.config)
		fi ;;
	esac
	other=${other:+$top/scripts/configs.d/${other#-}.config}
	if [ "$other" ] && { [ -e "$other" ] || [ -z "${2-}" ]; }; then
		fragments+=("$other")
	fi
	[ -r "${fragments[-1]}" ] || die "no flavour $1: there is no ${fragments[-1]}"
}

configure() {
	mkdir -p "$out" && make_kernel $config &&
		ARCH=$arch "$src/scripts/kconfig/merge_config.sh" -m -O "$out" \
			"$out/.config" "${fragments[@]}" &&
		make_kernel olddefconfig && touch "$out/.configured"
}

# What the fragments say of each option in the end.
wanted() {
	cat "${fragments[@]}" | tac |
		awk 'match($0, /CONFIG_[A-Z0-9_]+/) && !seen[substr($0, RSTART, RLENGTH)]++'
}

# merge_config.sh only warns about what Kconfig did not take.  The suites of the
# series are not in every tree.
check_config() {
	local line option suite lost=''

	while read -r line; do
		case $line in
		CONFIG_*_KUNIT_TEST=*)
			suite=${line,,} suite=${suite#config_}
			[ ! -e "$src/lib/tests/${suite%_test=*}.c" ] || grep -qx "$line" "$out/.config" ;;
		CONFIG_*)
			grep -qx "$line" "$out/.config" ;;
		'# CONFIG_'*' is not set')
			option=${line#'# '}
			! grep -q "^${option%% *}=" "$out/.config" ;;
		esac || lost+="; $line"
	done < <(wanted)
	[ -z "$lost" ] || die "this tree's Kconfig does not take ${lost#; }"
}
