# shellcheck shell=bash disable=SC2154 # tools, here, pid: scripts/clients
# What the client tests share: assertions, and how to listen.  Sourced by
# scripts/clients.

fail() {
	echo "$*"
	exit 1
}

# is WHAT GOT WANTED
is() { [ "$2" = "$3" ] || fail "$1: got '$2', want '$3'"; }

# skip WHY, recorded WHY: the test ends here, and has neither passed nor failed.
skip() { verdict skip "$*"; }
recorded() { verdict xfail "$*"; }

verdict() {
	echo "$2" >why
	echo "$1" >verdict
	exit
}

# wants PROGRAM: skip where it is not there, as on a machine that is no Debian.
wants() { command -v "$1" >/dev/null || skip "there is no $1 here"; }

# daemon PACKAGE: one that scripts/clients-unpack has unpacked, to the directory root.
daemon() {
	root=$unpacked/$1
	[ -d "$root" ] || skip "there is no $1 here"
	PATH+=:$root/usr/sbin:$root/usr/bin
	LD_LIBRARY_PATH=$(printf %s: "$root"/usr/lib/*/ "$root"/lib/*/)
	export LD_LIBRARY_PATH
}

# above WHAT GOT LIMIT
above() { awk "BEGIN { exit !($2 > $3) }" || fail "$1: got $2, want more than $3"; }

# soon COMMAND...: wait up to a minute until it succeeds, as a busy machine is slow.
soon() {
	for _ in {1..600}; do
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

# What a test has begun and clean_up ends: its jobs, and by these commands the rest.
undo=()

# shellcheck disable=SC2046 # one word for each job
clean_up() {
	local command

	kill -KILL $(jobs -p) || true
	wait
	for command in "${undo[@]}"; do
		eval "$command" || true
	done
}
