# shellcheck shell=bash
# The engine: patches to commits and back, in one bare repository in the
# cache and without a work tree.  Sourced after lib.sh, never run.

store=$cache/linux.git
series=$top/series
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# Results depend on nothing of the user's: no configuration, no hook's variables.
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
g() { git --git-dir="$store" -c core.bare=false "$@"; }

# Whoever submits the series puts a name of theirs here: git rebase -x
# 'git commit --amend --no-edit --reset-author'.
author="taskstats developers" email=taskstats@series.invalid

if [ ! -d "$store" ]; then
	git init -q --bare "$store"
	g config core.compression 1
	g config gc.auto 0
	# As in the kernel's own .gitattributes: names functions in hunk headers.
	say '*.[ch] diff=cpp' >"$store/info/attributes"
fi

. "$top/scripts/kdir.sh"
base_ref=refs/base/${kdir_key:-${base_version//[~:]/_}}

# need_base: sets base, the commit to start from, importing it if need be.
need_base() {
	"$top/scripts/base" >/dev/null
	base=$(g rev-parse "$base_ref")
}

# commit TREE [PARENT]: prints a commit of the message on stdin, by the author
# in the environment.  Its committer is fixed and dated as the author, so that
# equal content has an equal id on every machine.
commit() {
	git stripspace | GIT_COMMITTER_NAME=$author GIT_COMMITTER_EMAIL=$email \
		GIT_COMMITTER_DATE=$GIT_AUTHOR_DATE g commit-tree "$1" ${2:+-p "$2"}
}

import_commit() { # TREE ORIGIN
	local -x GIT_AUTHOR_NAME=$author GIT_AUTHOR_EMAIL=$email GIT_AUTHOR_DATE='@1 +0000'
	g update-ref "$base_ref" "$(printf '%s\n\n%s\n' "$(version_of "$1")" "$2" | commit "$1")"
}

version_of() { # TREE
	g cat-file blob "$1:Makefile" | awk -F ' *= *' 'NR > 9 { exit }
		{ v[$1] = $2 }
		END { print "Linux " v["VERSION"] "." v["PATCHLEVEL"] "." v["SUBLEVEL"] v["EXTRAVERSION"] }'
}

patches() { [ ! -e "$series/series" ] || grep -v '^#' "$series/series" || :; }

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
	ref=refs/series/$({ say "$1"; patches | sed "s,^,$series/,"| xargs -r cat; } | g hash-object --stdin)
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

# format FROM TO DIR: the commits between as patches in DIR, and quilt's list.
format() {
	# -B: a file that is written anew is one hunk out and one hunk in, not a
	# mixture around each brace.  Full ids do not grow with the repository.
	g format-patch -q -N -B20%/50% --no-renames --zero-commit --no-signature --full-index \
		-o "$3" "$1..$2"
	(cd "$3" && find . -name '*.patch' -printf '%f\n' | sort >series)
}

# checkout DIR COMMIT: only files that differ get a new time, so that builds
# from DIR stay incremental.  There is no .git in it to change a kernel's name.
checkout() {
	local -x GIT_INDEX_FILE=$1.index
	mkdir -p "$1"
	(cd "$1" && g --work-tree=. read-tree --reset -u "$2" && g --work-tree=. clean -qfdx)
}
