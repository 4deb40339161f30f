# shellcheck shell=bash
# The step of check that compares the headers for programs with those of the base.
# Sourced there, never run.

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
		constants "$tip" | diff -u "$tmp/constants" - || die "a constant of programs has gone or changed"
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
