# shellcheck shell=bash
# Each patch at its point compiles, TASKSTATS=y and =n, and gcc, kernel-doc and
# sparse say nothing about a file that the series touches that they do not say
# of the base.  The whole also with clang and for 32 bits.  Objects only;
# scripts/kernel links and runs.  What passed once is not built again.
# Sourced by check, never run.

"$top/scripts/needs" base build check
only_one build
only_one check
need_base
tip=$(apply_series "$base")
out=$cache/build/check${KDIR:+-$kdir_key}
mkdir -p "$out"
touched | grep -E '\.[ch]$' | grep -vE '^(tools|Documentation)/' >"$tmp/touched"

{ gcc --version; clang-19 --version; sparse --version; } >"$tmp/compilers"
. "$top/scripts/check-compile.sh"

# The base's own warnings are not the series'.
build_base() {
	local kind what=neighbours
	for kind in y n clang gcc32; do
		[ "$kind" != clang ] || what=sources
		rm -rf "${out:?}/$kind"
		compile "$kind" "$what" || return
		warnings >"$out/$kind/known" || :
	done
}

# build KIND LIST: compile, with no warning that the base does not have, and
# with none at all about whole files once they are what they are here.
build() {
	touch "$out/start"
	compile "$@" || return
	warnings | comm -23 - <(grep -vFf "$tmp/final" "$out/$1/known") >"$tmp/new"
	[ -s "$tmp/new" ] || return 0
	# Or the next run would find them compiled and hear nothing.
	find "$out/$1" -name '*.o' -newer "$out/start" -delete
	say "new warnings:"
	cat "$tmp/new"
	return 1
}

build_patch() { build y neighbours && build n neighbours; }

# once NAME COMMIT COMMAND...: unless it passed with this very source before,
# in which tools and documents do not count.
once() {
	local key
	key=$(printf '%s ' "${@:3}" "$(g ls-tree "$2" | grep -vE '	(tools|Documentation|MAINTAINERS)$' |
		cat - "$top"/scripts/check-{builds,compile}.sh "$tmp/touched" "$tmp/compilers" |
		g hash-object --stdin)")
	! grep -qxF "$key" "$out/passed" 2>/dev/null || return 0
	checkout "$src" "$2"
	comm -12 <(whole | awk '{ print $2, $4 }' | sort) \
		<(g ls-tree -r "$2" | awk '{ print $3, $4 }' | sort) | cut -d ' ' -f2 >"$tmp/final"
	run "$1" "${@:3}"
	say "$key" >>"$out/passed"
}

number=0
once build-base "$base" build_base
for commit in $(g rev-list --reverse "$base..$tip"); do
	number=$((number + 1))
	name=$(printf '%04d-%.24s' $number "$(g log -1 --format=%f "$commit")")
	once "build-$name" "$commit" build_patch
done
once build-clang "$tip" build clang sources
once build-32-bit "$tip" build gcc32 sources
say "  builds: each of $number patches, and the whole with clang and for 32 bits"
