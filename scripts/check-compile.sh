# shellcheck shell=bash
# Compile in some configuration what the series touches, and its neighbours,
# out of $src into $out.  Sourced by check-builds.sh, never run.

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

# What a build said in $tmp/out about our files, without line numbers; about a
# header once, however many include it.  sparse 0.6.4 cannot evaluate the
# assertion on __builtin_strlen() in MODULE_LICENSE().
warnings() {
	grep -iE 'warning|error' "$tmp/out" | grep -Ff "$tmp/touched" |
		grep -v 'error: bad constant expression' |
		sed -E "s,$src/,,g; s/:[0-9]+(:[0-9]+)?//" |
		sort | awk '!/\.h:/ || !said[$0]++'
}

# compile KIND LIST: make the objects that LIST prints, all warnings on.
compile() {
	local o=$out/$1 flags=(CC='ccache gcc' W=1) list
	case $1 in
	clang)	flags=(LLVM=-19 W=1) ;;
	# Debian's sparse is from before typeof_unqual; without it Kbuild skips it.
	y|n)	flags+=(C=1 CHECK='sparse -D__typeof_unqual__=__typeof__') ;;
	esac
	mkdir -p "$o"
	fragment "$1" >"$o/fragment"
	make -C "$src" O="$o" "${flags[@]}" KCONFIG_ALLCONFIG="$o/fragment" allnoconfig prepare &&
		mapfile -t list < <(cd "$o" && "$2") && [ ${#list[@]} -gt 0 ] &&
		make -C "$src" O="$o" "${flags[@]}" -j"$jobs" "${list[@]}" 2>&1 | tee "$tmp/out"
}

# All of a directory, so that what includes a header there is compiled as well.
neighbours() {
	local dir
	grep '\.c$' "$tmp/touched" | xargs dirname | sort -u | while read -r dir; do
		[ ! -e "$src/$dir/Makefile" ] || objects "$dir"
	done | xargs -n 1
}

sources() {
	grep '\.c$' "$tmp/touched" | while read -r file; do
		[ ! -e "$src/$file" ] || say "${file%c}o"
	done
}
