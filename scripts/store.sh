# shellcheck shell=bash
# The store: one bare repository in the cache that holds the base and every
# commit made from the series.  Sourced by patches.sh, never run.
# shellcheck disable=SC2154  # the pin is in series/base

store=$cache/linux.git
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# Results depend on nothing of the user's: no configuration, no hook's variables.
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
g() { git --git-dir="$store" -c core.bare=false "$@"; }

# Nobody's: who submits the series gives theirs to scripts/mbox.
author="taskstats developers" email=taskstats@series.invalid

if [ ! -d "$store" ]; then
	"$top/scripts/needs" base
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
	g cat-file blob "$1:Makefile" | awk -F ' *= *' 'NR < 10 { v[$1] = $2 }
		END { print "Linux " v["VERSION"] "." v["PATCHLEVEL"] "." v["SUBLEVEL"] v["EXTRAVERSION"] }'
}

# checkout DIR COMMIT: only files that differ get a new time, so that builds
# from DIR stay incremental.  There is no .git in it to change a kernel's name.
checkout() {
	local -x GIT_INDEX_FILE=$1.index
	mkdir -p "$1"
	(cd "$1" && g --work-tree=. read-tree --reset -u "$2" && g --work-tree=. clean -qfdx)
}
