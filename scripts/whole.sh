# shellcheck shell=bash
# The files that this repository holds whole, at their in-tree path: those that
# the series adds, and any other that has a copy here.  Sourced after
# patches.sh, never run.

# Directories here that are not the kernel's.  No file at the top is either.
own='^(series|scripts|bench|[.]ci|logs|tree)/'
ours() { awk -v own="$own" '/\// && $0 !~ own'; }

# Mode, blob and path of every whole file, as update-index takes them.
whole() {
	local -x GIT_INDEX_FILE=$tmp/whole
	rm -f "$GIT_INDEX_FILE"
	(cd "$top" && g --work-tree=. ls-files -o --exclude-standard | ours |
		g --work-tree=. update-index --add --stdin)
	g ls-files -s
}

# The paths that the series adds, of those that can be held here.
added() { # FROM TO
	g diff --diff-filter=A --no-renames --name-only "$1" "$2" | ours
}

# What is in the sorted list A and not in B.
without() { comm -23 <(sort "$1") <(sort "$2"); }

# state: an id of the series and of its whole files as they are here.
state() {
	{
		awk -F '\t' 'FNR == NR { mine[$0]; next } $2 in mine' <(touched) <(whole)
		series_text
	} | g hash-object -w --stdin
}

no_strays() {
	[ ! -s "$tmp/stray" ] ||
		die "in no patch, add with make tree and make export: $(paste -sd ' ' "$tmp/stray")"
}

# recut: prints mini_tip with the whole files as they are here, each in the
# last patch that touches it.  The same commit means that nothing differs.
# With strays=1 a file may be in no patch yet.
recut() {
	local -x GIT_INDEX_FILE=$tmp/index GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_AUTHOR_DATE
	local commit parent=$mini
	whole >"$tmp/have"
	cut -f2 "$tmp/have" >"$tmp/paths"
	g log --reverse --format='commit %H' --name-only "$mini..$mini_tip" >"$tmp/log"
	added "$mini" "$mini_tip" >"$tmp/added"
	# A line for each path: the last commit that touches it, and the path.
	awk -v OFS='\t' '$1 == "commit" { commit = $2; next }
		NF { last[$0] = commit }
		END { for (path in last) print last[path], path }' "$tmp/log" >"$tmp/last"
	without "$tmp/paths" <(cut -f2 "$tmp/last") >"$tmp/stray"
	[ "${strays-}" ] || no_strays
	without "$tmp/added" "$tmp/paths" >"$tmp/lost"
	[ ! -s "$tmp/lost" ] ||
		die "in a patch but not here, drop with make tree and make export: $(paste -sd ' ' "$tmp/lost")"

	: >"$tmp/settled"
	for commit in $(g rev-list --reverse "$mini..$mini_tip"); do
		awk -F '\t' -v commit="$commit" 'FNR == NR { if ($1 == commit) now[$2]; next }
			$2 in now' "$tmp/last" "$tmp/have" >>"$tmp/settled"
		g read-tree "$commit"
		g update-index --index-info <"$tmp/settled"
		{
			read -r GIT_AUTHOR_NAME
			read -r GIT_AUTHOR_EMAIL
			read -r GIT_AUTHOR_DATE
			parent=$(commit "$(g write-tree)" "$parent")
		} < <(g log -1 --date=raw --format='%an%n%ae%n%ad%n%B' "$commit")
	done
	say "$parent"
}
