# shellcheck shell=bash
# Each patch at its point compiles, without a word from the compiler or from
# sparse about a file that the series touches: TASKSTATS=y and =n.  The whole
# also with clang and for 32 bits.  Objects only; scripts/kernel links and runs.
# Sourced by check, never run.  What passed once is not built again.

only_one build
need_base
tip=$(apply_series "$base")
out=$cache/build/check${KDIR:+-$kdir_key}
mkdir -p "$out"
touched | grep -E '\.[ch]$' | grep -vE '^(tools|Documentation)/' >"$tmp/touched"

fragment() { # KIND
	printf 'CONFIG_%s=y\n' SMP NET MULTIUSER PRINTK PROC_FS SYSFS CGROUPS NAMESPACES USER_NS \
		PID_NS NET_NS RUNTIME_TESTING_MENU KUNIT
	[ "$1" = gcc32 ] || say CONFIG_64BIT=y
	[ "$1" = n ] || printf 'CONFIG_%s=y\n' TASKSTATS TASK_DELAY_ACCT TASK_XACCT \
		TASK_IO_ACCOUNTING TASKSTATS_KUNIT_TEST
}

# What this configuration compiles of a directory, not of those below it.
objects() { # DIR, in a configured build
	make -sf - objects 2>/dev/null <<-END
		include include/config/auto.conf
		obj := $1
		srctree := $src
		src := $src/$1
		include $src/$1/Makefile
		.PHONY: objects
		objects: ; @echo \$(addprefix $1/,\$(filter %.o,\$(obj-y)))
	END
}

# build KIND LIST: make the objects that LIST prints, W=1 and without warnings.
build() {
	local kind=$1 o=$out/$1 flags=(CC='ccache gcc' W=1) list
	case $kind in
	clang)	flags=(LLVM=-19 W=1) ;;
	# Debian's sparse is from before typeof_unqual; without it Kbuild skips it.
	y|n)	flags+=(C=1 CHECK='sparse -D__typeof_unqual__=__typeof__') ;;
	esac
	mkdir -p "$o"
	fragment "$kind" >"$o/fragment"
	touch "$o/start"
	make -C "$src" O="$o" "${flags[@]}" KCONFIG_ALLCONFIG="$o/fragment" allnoconfig prepare &&
	mapfile -t list < <(cd "$o" && "$2") &&
	make -C "$src" O="$o" "${flags[@]}" -j"$jobs" "${list[@]}" 2>&1 | tee "$tmp/out" &&
	! grep -iE 'warning|error' "$tmp/out" | grep -Ff "$tmp/touched" && return
	# Or the next run would find them compiled and hear nothing.
	find "$o" -name '*.o' -newer "$o/start" -delete
	return 1
}

# All of a directory, so that what includes a header there is compiled as well.
neighbours() {
	local dir
	grep '\.c$' "$tmp/touched" | xargs dirname | sort -u | while read -r dir; do
		[ ! -e "$src/$dir/Makefile" ] || objects "$dir"
	done | xargs -n 1
}

sources() { grep '\.c$' "$tmp/touched" | sed 's/c$/o/'; }

build_patch() { build y neighbours && build n neighbours; }

# once NAME COMMIT COMMAND...: unless it passed with this very source before,
# in which tools and documents do not count.
once() {
	local key
	key=$(printf '%s ' "${@:3}" "$(g ls-tree "$2" | grep -vE '	(tools|Documentation|MAINTAINERS)$' |
		cat - "$top/scripts/check-builds.sh" | g hash-object --stdin)")
	! grep -qxF "$key" "$out/passed" 2>/dev/null || return 0
	checkout "$src" "$2"
	run "$1" "${@:3}"
	say "$key" >>"$out/passed"
}

number=0
for commit in $(g rev-list --reverse "$base..$tip"); do
	number=$((number + 1))
	name=$(printf '%04d-%.24s' $number "$(g log -1 --format=%f "$commit")")
	once "build-$name" "$commit" build_patch
done
once build-clang "$tip" build clang sources
once build-32-bit "$tip" build gcc32 sources
say "  builds: each of $number patches, and the whole with clang and for 32 bits"
