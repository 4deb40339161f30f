# shellcheck shell=bash
# From commits to patches and to MAINTAINERS.snippet.  Sourced after
# patches.sh, never run.

# format FROM TO DIR: the commits between as patches in DIR, and quilt's list.
format() {
	# -B: a file that is written anew is one hunk out and one hunk in, not a
	# mixture around each brace.  Full ids do not grow with the repository.
	g format-patch -q -N -B20%/50% --no-renames --zero-commit --no-signature --full-index \
		-o "$3" "$1..$2"
	(cd "$3" && find . -name '*.patch' -printf '%f\n' | sort >series)
}

# snippet FROM TO: the entries of MAINTAINERS that the series adds or changes.
snippet() {
	awk -v RS= -v ORS= 'FNR == NR { old[$0]; next }
		!($0 in old) { print sep $0 "\n"; sep = "\n" }' \
		<(g cat-file blob "$1:MAINTAINERS") <(g cat-file blob "$2:MAINTAINERS")
}

# put_series FROM TO: the commits between as the patches here, and the snippet.
# Says what changed.
put_series() {
	local new=$tmp/new old name changed=
	format "$1" "$2" "$new/series"
	snippet "$1" "$2" >"$new/MAINTAINERS.snippet"
	for old in "$series"/*.patch; do
		name=series/${old##*/}
		if [ -e "$old" ] && [ ! -e "$new/$name" ]; then
			rm "$old"
			changed=1
			say "series: ${name#series/} is gone"
		fi
	done
	for name in $(cd "$new" && find . -type f -printf '%P\n' | sort); do
		! cmp -s "$new/$name" "$top/$name" || continue
		cp "$new/$name" "$top/$name"
		changed=1
		say "series: ${name#series/}"
	done
	[ "$changed" ] || say "series: no change"
}
