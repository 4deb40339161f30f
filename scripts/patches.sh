# shellcheck shell=bash
# From patches to commits, without a work tree.  Sourced after lib.sh, never run.

. "$top/scripts/store.sh"
series=$top/series

patches() { [ ! -e "$series/series" ] || grep -v '^#' "$series/series" || :; }

# All of them, one after the other.
series_text() { (cd "$series" && patches | xargs -r cat); }

# Every path that some patch reads or writes, and what version_of and the
# snippet need.
touched() {
	{
		printf '%s\n' Makefile MAINTAINERS
		(cd "$series" && patches | xargs -r git --git-dir="$store" apply --numstat | cut -f3)
	} | sort -u
}

# need_mini: sets mini, a commit of the base's touched files and nothing else,
# and mini_tip, the same with the series on it.  Both take a moment, even on a
# tree that has not been imported, and make the same patches as the whole tree.
need_mini() {
	local -x GIT_INDEX_FILE=$tmp/mini
	local -x GIT_AUTHOR_NAME=$author GIT_AUTHOR_EMAIL=$email GIT_AUTHOR_DATE='@1 +0000'
	mapfile -t paths < <(touched)
	if [ "${KDIR-}" ]; then
		kdir_files "${paths[@]}"
	else
		need_base
		g ls-tree -r "$base" -- "${paths[@]}"
	fi | g update-index --index-info
	mini=$(say "files that the series touches" | commit "$(g write-tree)")
	# shellcheck disable=SC2034  # for whoever sources this
	mini_tip=$(apply_series "$mini")
}

# apply_series COMMIT: prints COMMIT with every patch on it.
apply_series() {
	local commit=$1 name ref
	ref=refs/series/$({ say "$1"; series_text; } | g hash-object --stdin)
	g rev-parse -q --verify "$ref" && return
	GIT_INDEX_FILE=$tmp/index g read-tree "$commit"
	for name in $(patches); do
		commit=$(apply_patch "$commit" "$name")
	done
	g update-ref "$ref" "$commit"
	say "$commit"
}

apply_patch() { # COMMIT NAME, with COMMIT's tree in the index
	local -x GIT_INDEX_FILE=$tmp/index GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_AUTHOR_DATE
	g mailinfo "$tmp/message" "$tmp/diff" <"$series/$2" >"$tmp/header"
	g apply --cached --whitespace=nowarn "$tmp/diff" 2>"$tmp/why" || does_not_apply "$1" "$2"
	GIT_AUTHOR_NAME=$(header Author)
	GIT_AUTHOR_EMAIL=$(header Email)
	GIT_AUTHOR_DATE=$(header Date)
	{ header Subject; say; cat "$tmp/message"; } | commit "$(g write-tree)" "$1"
}

header() { sed -n "s/^$1: //p" "$tmp/header"; }

does_not_apply() { # COMMIT NAME
	local why
	why=$(sed -n -e 's/^error: //' -e 's/: patch does not apply$/ differs/p' -e 's/: does not exist in index$/ is missing/p' \
		-e 's/: already exists in index$/ is there already/p' "$tmp/why" | sort -u | paste -sd ,)
	! g apply --cached -R --check "$tmp/diff" 2>/dev/null || why="it is applied there already"
	die "$2 does not apply to ${KDIR:-the base} ($(version_of "$1")): ${why:-$(<"$tmp/why")}" \
		"${KDIR:+; this series wants Linux ${base_release%.*} (series/base: $base_release)}"
}
