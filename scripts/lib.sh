# shellcheck shell=bash
# What every script here shares: where things are, how to talk, how to fail.
# Sourced, never run.  Sets: top, cache, logs, jobs and what series/base pins.

set -euo pipefail
shopt -s inherit_errexit
export LC_ALL=C.UTF-8	# sorted and worded the same everywhere
unset MAKEFLAGS MAKELEVEL	# of a make that calls: its -C, -s or -j are not ours

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${XDG_CACHE_HOME:-${HOME:?is where builds are kept, or set XDG_CACHE_HOME}/.cache}/taskstats
logs=${LOGS:-$top/logs}
jobs=${JOBS:-$(nproc)}
export top cache logs jobs
mkdir -p "$cache" "$logs"

# shellcheck source=series/base
. "$top/series/base"

say() { printf '%s\n' "$*"; }

# Where a command's stdout is its answer, what it does goes to stderr.
tell() { say "$*" >&2; }

die() {
	printf 'error: %s\n' "$*" >&2
	exit 1
}

# sum_up PASSED FAILED SKIPPED: the last line of what runs tests, and its status.
sum_up() {
	say "$1 passed, $2 failed, $3 skipped"
	[ "$2" -eq 0 ] && [ "$1" -gt 0 ]
}

# run NAME COMMAND...: one line on the screen, all output in logs/NAME.log.
# On failure: the command, the end of the log and where the rest is.
run() {
	local name=$1 log=$logs/$1.log start=$SECONDS
	shift
	mkdir -p "$(dirname "$log")"
	printf '  %-34s ' "$name"
	if "$@" >"$log" 2>&1 </dev/null; then
		printf 'ok %5d s\n' $((SECONDS - start))
		return 0
	fi
	printf 'FAILED after %d s\n' $((SECONDS - start))
	{
		printf 'command: %s\n' "$*"
		tail -n 25 "$log"
		printf 'the whole log: %s\n' "$log"
	} >&2
	return 1
}

# only_one NAME: hold the lock NAME in the cache until this process ends,
# so that two runs never build in one tree at once.
held=
only_one() {
	local fd
	[[ " $held " != *" $1 "* ]] || return 0
	held+=" $1"
	exec {fd}>"$cache/$1.lock"
	flock -n "$fd" && return
	tell "waiting for another run that uses $cache/$1"
	flock "$fd"
}
