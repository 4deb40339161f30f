# shellcheck shell=bash
# The steps of check that need the whole tree.  Sourced there, never run.

src=$cache/src/check${KDIR:+-$kdir_key}

# A look at the whole tree with the series: checkpatch and others read it.
need_src() {
	need_base
	tip=$(apply_series "$base")
	only_one check
	checkout "$src" "$tip"
}

# checkpatch asks of each new file whether MAINTAINERS needs updating; that is
# answered by step_maintained.  Who submits the series signs it off.
step_style() {
	local list

	need_src
	mapfile -t list < <(patches)
	cd "$tmp"	# it leaves a cache file where it runs
	GIT_DIR=/nonexistent perl "$src/scripts/checkpatch.pl" \
		--root="$src" --strict --no-signoff --no-summary --show-types --ignore FILE_PATH_CHANGES \
		"${list[@]/#/$series/}"
}

step_maintained() {
	need_src
	cd "$src"
	added "$mini" "$mini_tip" | while read -r path; do
		perl scripts/get_maintainer.pl --no-git --no-git-fallback --sections -f "$path" |
			grep TASKSTATS || die "MAINTAINERS has no entry for $path"
	done
}

step_docs() {
	need_src
	cd "$src"
	whole | cut -f2 | grep -E '^(kernel|include|lib)/.*\.[ch]$' |
		PYTHONDONTWRITEBYTECODE=1 xargs python3 scripts/kernel-doc -none -Wall -Werror
}

# By the tree's own schema, and by what its "make lint" asks for.
step_spec() {
	local spec=Documentation/netlink/specs/taskstats.yaml

	need_src
	cd "$src"
	yamllint --strict "$spec"
	PYTHONDONTWRITEBYTECODE=1 python3 tools/net/ynl/pyynl/cli.py --spec "$spec" --validate
	# If YNL's own build makes C of it, that has to compile.
	make -nC tools/net/ynl/generated all >"$tmp/ynl"
	! grep -q taskstats-user.o "$tmp/ynl" || make -C tools/net/ynl/generated taskstats-user.o
}

# Each patch at its point.
step_builds() { . "$top/scripts/check-builds.sh"; }
