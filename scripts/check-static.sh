# shellcheck shell=bash
# The steps of check that look at the code with tools of their own.  Sourced there,
# never run.

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
	awk 'function key(report) {
			sub(/:[0-9:-]+: /, ": ", report)
			gsub(/line [0-9]+/, "line", report)
			return report
		}
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
		'said=$dir/said/${1//\//%}
		COCCI=$1 bash scripts/coccicheck >"$said" 2>&1 || echo "coccicheck failed" >>"$said"' \
		- {} <"$tmp/semantic")
	{ grep -LE '^(Skipping|coccicheck failed)' "$dir/said"/* || :; } | grep . >/dev/null ||
		die "no semantic patch could be run"
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
