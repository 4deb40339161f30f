# shellcheck shell=bash disable=SC2154 # tools, here, pid: scripts/clients
# What the client tests share: assertions, and how to listen.  Sourced by
# scripts/clients.

fail() {
	echo "$*"
	exit 1
}

# is WHAT GOT WANTED
is() { [ "$2" = "$3" ] || fail "$1: got '$2', want '$3'"; }

# above WHAT GOT LIMIT
above() { awk "BEGIN { exit !($2 > $3) }" || fail "$1: got $2, want more than $3"; }

# soon COMMAND...: wait up to 10 s until it succeeds.
soon() {
	for _ in {1..100}; do
		! "$@" >/dev/null 2>&1 || return 0
		sleep 0.1
	done
	fail "waited in vain for: $*"
}

# listen CLIENT ARGS...: start it and wait until it has registered.  Its
# output comes in the file "heard"; heard PATTERN [TIMES] waits for so many
# lines and ends it once it has worked off all that came.  Records of two CPUs
# come in any order.
listen() {
	stdbuf -oL "$@" -v -m 0-1 >heard 2>&1 &
	listener=$!
	soon grep -q 'Sent register cpumask' heard
}

lines() { [ "$(grep -cE "$1" heard)" -ge "$2" ]; }

heard() {
	soon lines "$1" "${2:-1}"
	until idle "$listener"; do :; done
	kill "$listener"
	wait "$listener" || true
}

# Does PID wait for more?  Asked by the shell itself: a program that ends would
# be one more record to wait for.
idle() {
	local stat=
	read -r stat <"/proc/$1/stat" || true
	[[ $stat != *") R "* ]]
}

# shellcheck disable=SC2046 # one word for each job
clean_up() {
	kill -KILL $(jobs -p) || true
	wait
	! mountpoint -q v1 || { rmdir v1/group && umount v1; }
}

