# shellcheck shell=bash
# The steps of check that look at the code with tools of their own.  Sourced there,
# never run.

# The headers for programs have only been added to, says the tree's check-uapi.sh.
# Its tree here is what it reads and no more: of the whole one it would install a
# thousand headers and compile them, twice.
step_uapi() {
	local past now need
	need_src
	mapfile -t need < <(uapi_includes)
	past=$(uapi_tree "$base")
	now=$(uapi_tree "$tip" "$past")
	git init -q "$tmp/uapi"
	cd "$tmp/uapi"
	say "$store/objects" >.git/objects/info/alternates
	git reset -q --hard "$now"
	ARCH=x86 ABIDIFF=$top/scripts/abidiff bash scripts/check-uapi.sh -p "$past" -b "$now" -j "$jobs"
	uapi_constants
}

# Beside an enumerator that it excepts, as any _MAX, check-uapi.sh lets others go and
# change.  Whatever the base has a name for has the same value.
uapi_constants() {
	local header commit headers
	headers=$(touched | grep '^include/uapi/')
	for commit in "$base" "$tip"; do
		mkdir -p "$tmp/$commit"
		# shellcheck disable=SC2086  # no path of the tree has blanks
		g archive "$commit" -- $headers | tar -x --strip-components=2 -C "$tmp/$commit"
	done
	for header in $headers; do
		header=${header#include/uapi/}
		sed -nE 's/^(#define|\t)\s*([A-Z_]*STATS_[A-Z_]+)\b(\s+\S|,| =).*/\2/p' "$tmp/$base/$header" |
			grep -v '_MAX$' >"$tmp/names"
		constants "$base" >"$tmp/constants"
		constants "$tip" | diff -u "$tmp/constants" -
		say "$header: $(wc -l <"$tmp/constants") constants as before"
	done
}

constants() { # COMMIT
	{
		printf '#include <%s>\nvoid f(void) {\n' "$header"
		sed 's/.*/asm("-> & %c0" : : "i" (&));/' "$tmp/names"
		say '}'
	} | gcc -S -o - -I "$tmp/$1" -x c - | sed -n 's/.*-> //p'
}

# Those that the series touches, and all that they include.  Some of asm/ are not
# there: headers_install makes them, of asm-generic/.
uapi_includes() {
	touched | grep '^include/uapi/' | while read -r header; do
		gcc -M -MG -nostdinc -I "$src/include/uapi" -I "$src/arch/x86/include/uapi" \
			-x c "$src/$header"
	done | tr -s ' \\' '\n' | sed -n "s,^$src/,,p" | sort -u
}

# What usr/include/Makefile exempts is not compared: all but what the series touches.
uapi_tree() { # COMMIT [PARENT]
	local -x GIT_INDEX_FILE=$tmp/uapi.index GIT_AUTHOR_NAME=$author GIT_AUTHOR_EMAIL=$email
	local -x GIT_AUTHOR_DATE='@1 +0000'
	local exempt
	exempt=$(printf '%s\n' "${need[@]}" | grep -vxFf <(touched) | sed 's,.*include/uapi/,,' | paste -sd ' ')
	rm -f "$GIT_INDEX_FILE"
	{
		g ls-tree -r "$1" -- Makefile Kbuild Kconfig scripts include/uapi/asm-generic "${need[@]}" \
			arch/x86/{Makefile,entry/syscalls,include/asm/Kbuild,include/uapi/asm}
		printf '100644 blob %s\tusr/include/Makefile\n' \
			"$(say "no-header-test := /asm/ $exempt" | g hash-object -w --stdin)"
	} | g update-index --index-info
	say "headers for programs" | commit "$(g write-tree)" ${2:+"$2"}
}

# What the tree's semantic patches report of the files that the series adds or
# touches, by coccicheck; of those that it only touches, what they do not report of
# the base.  Selftests are left out: they are no kernel code.
step_cocci() {
	need_src
	touched | grep -E '\.[ch]$' | grep -v '^tools/testing/' >"$tmp/files"
	whole | cut -f2 | sort >"$tmp/whole-paths"
	(cd "$src" && grep -lrE 'virtual[[:space:]]+report' scripts/coccinelle) | sort >"$tmp/semantic"
	cocci "$tip" >"$tmp/reports"
	# What has found something in a file that is not the series' own, on the base too.
	comm -23 <(sort "$tmp/files") "$tmp/whole-paths" >"$tmp/foreign"
	mv "$tmp/foreign" "$tmp/files"
	{ grep -Ff "$tmp/files" "$tmp/reports" || :; } | cut -f1 | sort -u >"$tmp/semantic"
	[ ! -s "$tmp/semantic" ] || cocci "$base" >"$tmp/known"
	touch "$tmp/known"
	awk 'function key(report) { sub(/:[0-9:-]+: /, ": ", report); return report }
		FNR == NR && FILENAME ~ /known$/ { known[key($0)]; next }
		!(key($0) in known) { print; found = 1 }
		END { exit found }' "$tmp/known" "$tmp/reports"
}

# cocci COMMIT: the reports, each after the name of its semantic patch and a tab.
cocci() {
	local dir=$tmp/cocci-$1 name
	mkdir -p "$dir/said"
	# shellcheck disable=SC2046  # no path of the tree has blanks
	g archive "$1" -- $(<"$tmp/files") | tar -x -C "$dir"
	export dir
	# shellcheck disable=SC2016  # for the shells inside
	(cd "$src" && srctree=. srcroot=$dir LINUXINCLUDE=-I./include MODE=report J=1 DEBUG_FILE=/dev/null \
		SPFLAGS='--timeout 60' xargs -P "$jobs" -I {} bash -c \
		'COCCI=$1 bash scripts/coccicheck >"$dir/said/${1//\//%}" 2>&1 || :' - {} <"$tmp/semantic")
	for name in "$dir/said"/*; do
		! grep -qE '^(Skipping|coccicheck failed)' "$name" ||
			tell "not run, this spatch cannot: $(basename "${name//%//}")"
		sed -nE "s,^$dir/([^ ]+:[0-9]+:),$(basename "$name" | tr % /)	\1,p" "$name"
	done
}

# What the series adds or touches, compiled in a build of its own; tells how much
# stack each function takes.
compile_touched() {
	only_one build
	need_src
	out=$cache/build/check-static${KDIR:+-$kdir_key}
	touched | grep -E '\.[ch]$' | grep -vE '^(tools|Documentation)/' >"$tmp/touched"
	. "$top/scripts/check-compile.sh"
	KCFLAGS=-fstack-usage compile gcc sources
}

# No frame over 512 bytes.  Tests run on a stack that nobody shares with them.
step_frames() {
	compile_touched
	(cd "$out/gcc" && sed -n 's,^lib/tests/.*,,; s,\.c$,.su,p' "$tmp/touched" | xargs cat) |
		awk -F '\t' -v src="$src/" '{ sub(src, "") }
			$2 > 512 || $3 == "dynamic" { print $1 ": " $2 " bytes of stack, " $3; bad = 1 }
			$2 > most { most = $2; where = $1 }
			END { print NR " functions, at most " most " bytes: " where; exit bad }'
}

# Each header compiles when it comes first and alone, and twice, in the kernel as it
# is configured and without taskstats.  One that the series only touches may fail as
# it does in the base.
step_headers() {
	local header compiler off failed=0
	compile_touched
	cd "$out/gcc"
	off=$(printf '#undef CONFIG_%s\n' TASKSTATS TASK_DELAY_ACCT TASK_XACCT TASK_IO_ACCOUNTING KUNIT)
	for header in $(touched | grep '\.h$' | grep -v '^tools/testing/'); do
		# As Kbuild compiles a file, but for what that writes.
		compiler=$(sed -nE 's/^savedcmd_[^ ]* := (ccache )?(.*) -c -o .*/\2 -Werror/p' \
			kernel/.taskstats.o.cmd | sed -E 's/ -Wp,-MMD,[^ ]*| -fstack-usage//g')
		[[ $header != tools/* ]] || compiler="gcc -D_GNU_SOURCE -Wall -Wextra -Werror \
			-include $src/include/uapi/linux/taskstats.h"
		alone '' && alone "$off" || failed=1
	done
	return $failed
}

# shellcheck disable=SC2154  # header and compiler are the caller's
alone() { # TEXT
	twice() { printf '%s\n#include "%s"\n#include "%s"\n' "$1" "$2" "$2"; }
	! twice "$1" "$src/$header" | eval "$compiler -fsyntax-only -x c -" || return 0
	if g cat-file blob "$base:$header" >"$tmp/base.h" 2>/dev/null &&
		! twice "$1" "$tmp/base.h" | eval "$compiler -fsyntax-only -x c -" 2>/dev/null; then
		tell "no more does it in the base: $header"
	else
		tell "does not compile alone${1:+, without taskstats}: $header"
		return 1
	fi
}
