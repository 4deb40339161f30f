# shellcheck shell=bash
# How the selftests are built and installed.  Sourced, never run.

# selftests SRC OUT DIR [MAKE-ARGS...]: those of the tree SRC, built in OUT, into DIR.
selftests() {
	local src=$1 out=$2 dir=$3
	shift 3
	rm -rf "$dir.new" &&
		make -C "$src" O="$out" "$@" headers &&
		# Their Makefile does not know what is included from there.
		{ [ ! "$out/usr/include/linux/taskstats.h" -nt "$out/build/.taskstats" ] ||
			rm -rf "$out/build/kselftest/taskstats"; } &&
		make -C "$src/tools/testing/selftests" O="$out/build" "$@" \
			FORCE_TARGETS=1 TARGETS='taskstats acct' \
			KHDR_INCLUDES="-isystem $out/usr/include" \
			KSFT_INSTALL_PATH="$dir.new" install &&
		touch "$out/build/.taskstats" &&
		rm -rf "$dir" && mv "$dir.new" "$dir"	# a guest may be running the one before
}
