# shellcheck shell=bash
# The user's own kernel tree as the base, never written to: a git tree's HEAD,
# or a plain directory's files.  Sourced, never run.
# shellcheck disable=SC2154  # tmp and base_ref are set there

kdir_key=
if [ "${KDIR-}" ]; then
	[ -f "$KDIR/Kbuild" ] || die "KDIR=$KDIR is no kernel tree"
	KDIR=$(cd "$KDIR" && pwd -P)
	kdir_key=$(basename "$KDIR")-$(printf %s "$KDIR" | sha1sum | cut -c1-8)
fi

# As root in a user's tree git asks for safe.directory; reading needs no lock.
kgit() { GIT_OPTIONAL_LOCKS=0 git -c safe.directory='*' -C "$KDIR" "$@"; }

kdir_is_git() { [ "$(kgit rev-parse --show-toplevel 2>/dev/null)" = "$KDIR" ]; }

# kdir_files PATH...: puts these files into the store; prints them for
# update-index.
kdir_files() {
	local mode type id path
	if kdir_is_git; then
		kgit ls-tree -r HEAD -- "$@" | while read -r mode type id path; do
			kgit cat-file "$type" "$id" | g hash-object -w --stdin >/dev/null
			printf '%s %s %s\t%s\n' "$mode" "$type" "$id" "$path"
		done
	else
		cd "$KDIR"
		local -x GIT_INDEX_FILE=$tmp/kdir
		printf '%s\n' "$@" | g --work-tree=. update-index --add --remove --stdin
		g ls-files -s
	fi
}

import_kdir() {
	local origin
	if kdir_is_git; then
		origin="$KDIR $(kgit rev-parse HEAD)"
		[ -z "$(kgit status --porcelain -uno | head -n 1)" ] ||
			tell "warning: $KDIR has changes that are not committed: they are not seen"
		[ "$(g log -1 --format=%b "$base_ref" -- 2>/dev/null || :)" != "$origin" ] || return 0
		tell "base: fetching HEAD of $KDIR"
		# Kept under refs/kdir, so that the next fetch brings only what is new.
		# No window: to look for deltas in loose objects takes minutes.
		g fetch -q --no-tags --depth 1 --upload-pack 'git -c safe.directory=* -c pack.window=0 upload-pack' \
			"$KDIR" "+HEAD:refs/kdir/$kdir_key"
		import_commit "$(g rev-parse "refs/kdir/$kdir_key^{tree}")" "$origin"
	else
		[ -e "$cache/$kdir_key.index" ] || tell "base: reading $KDIR, about a minute, once"
		import_commit "$(kdir_tree)" "$KDIR"
	fi
}

# What was built there is left out.  The index stays: next time is quick.
kdir_tree() {
	local -x GIT_INDEX_FILE=$cache/$kdir_key.index
	cd "$KDIR"
	g -c core.bigFileThreshold=1 --work-tree=. add -A -f -- . ':!*.o' ':!*.a' ':!*.ko' ':!*.cmd' \
		':!*.mod' ':!*.mod.c' ':!*.so' ':!vmlinux*' ':!.config*' ':!include/config' \
		':!include/generated' ':!arch/*/include/generated'
	g write-tree
}
