# shellcheck shell=bash
# From what tests print to figures, and how a guest runs the kselftests.
# Sourced by what judges tests, never run.  Who judges sets $src, a tree; who runs
# the kselftests sets $tools.

# judge RESULTS: kunit.py's verdict on the output of tests in that file.
judge() {
	[ ! -e "$1" ] || ktap <"$1" |
		PYTHONDONTWRITEBYTECODE=1 python3 "$src/tools/testing/kunit/kunit.py" parse --failed 2>&1 || true
}

# The kselftest runner nests with "# ": kunit.py wants the name of what is
# nested, and one plan in it.
ktap() {
	sed -E -e '/^# TAP version/d' -e 's/^# (selftests: )/    # Subtest: \1/' \
		-e 's/^# /    /'
}

# count WHAT FILE: that figure of a verdict's last line
count() { sed -nE "s/.*Testing complete.* $1: ([0-9]+).*/\1/p" "$2" | grep . || echo 0; }

# totals FILE: the sums of its lines "PASSED FAILED SKIPPED"
totals() {
	awk '{ ok += $1; bad += $2; skip += $3 } END { print ok + 0, bad + 0, skip + 0 }' "$1"
}

# figures VERDICT...: "PASSED FAILED SKIPPED" of all of them; a crash is a failure.
figures() {
	local verdict

	for verdict; do
		say "$(count passed "$verdict")" \
			$(($(count failed "$verdict") + $(count crashed "$verdict"))) \
			"$(count skipped "$verdict")"
	done | totals -
}

# failures VERDICT...: the tests that failed
failures() { sed -nE 's/^\S+ \[(FAILED|CRASHED)\] /    /p' "$@"; }

# complete VERDICT...: are there tests in each, and none missing?
complete() {
	local verdict

	for verdict; do
		grep -q 'Testing complete' "$verdict" && [ "$(count errors "$verdict")" = 0 ] || return
	done
}

# Its tests write into their own directory.
# shellcheck disable=SC2016,SC2034,SC2154 # expanded in the guest; for the sourcing
kselftest=(bash -c 'cp -r "$1" /tmp/kselftest && shift &&
	/tmp/kselftest/run_kselftest.sh "$@"' -- "${tools-}/kselftest" -c)
