# shellcheck shell=bash
# The steps of check that look at this repository.  Sourced there, never run.

# Patches and whole files say the same, and make series has nothing to do.
step_agree() {
	local new
	new=$(recut)
	g diff --exit-code --stat "$mini_tip" "$new" || die "patches and whole files differ: make series"
	snippet "$mini" "$mini_tip" | diff "$top/MAINTAINERS.snippet" - ||
		die "MAINTAINERS.snippet is not what the series installs: make series"
	[ -z "${KDIR-}" ] || return 0
	format "$mini" "$mini_tip" "$tmp/cut"
	for name in $(patches) series; do
		diff -u "$series/$name" "$tmp/cut/$name" || die "$name is not as make series cuts it"
	done
	[ "$(cd "$series" && ls ./*.patch)" = "$(cd "$tmp/cut" && ls ./*.patch)" ] ||
		die "series/ holds patches that are not in series/series"
}

# As who builds a kernel applies it.
step_apply() {
	local list

	mapfile -t list < <(patches)
	git init -q "$tmp/am"
	cd "$tmp/am"
	say "$store/objects" >.git/objects/info/alternates
	git reset -q --hard "$mini"
	git config user.name "$author"
	git config user.email "$email"
	git am --no-3way "${list[@]/#/$series/}"
	git diff --exit-code --stat "$mini_tip"
}

# As a distribution applies it.  Without KDIR no line may even have moved.
step_quilt() {
	local -x GIT_INDEX_FILE=$tmp/quilt.index QUILT_PATCHES=$series
	checkout "$tmp/quilt" "$mini"
	cd "$tmp/quilt"
	quilt --quiltrc=- push -a --fuzz=0 | tee "$tmp/pushed"
	[ "${KDIR-}" ] || ! grep '^Hunk' "$tmp/pushed" || die "not where the patches say"
	rm -rf .pc
	g --work-tree=. add -A -f
	g diff --cached --exit-code --stat "$mini_tip"
}

# Tags are for people to give, hosts and paths are this machine's.
step_words() {
	local file
	! grep -nE '^[A-Z][A-Za-z-]*-by:' "$series"/*.patch || die "a tag that nobody gave"
	{
		printf '%s\n' "$top/" "$cache/"
		# shellcheck disable=SC2016  # the field is apt's
		! command -v apt-get >/dev/null ||
			apt-get indextargets --no-release-info --format '$(SITE)' | sed 's,^[a-z+]*://,,; s,/.*,,' | sort -u
	} | grep -v '^$' >"$tmp/words"
	cd "$top"
	g --work-tree=. ls-files -o --exclude-standard | while read -r file; do
		! grep -nHFf "$tmp/words" "$file" || die "$file names this machine or its mirror"
	done
}

step_shell() {
	local file
	cd "$top"
	# A .sh is seen by way of who sources it.
	find scripts .ci -type f ! -name "*.sh" | sort | while read -r file; do
		! head -n 1 "$file" | grep -q 'sh$' || shellcheck -x -a "$file"
	done
}
