# shellcheck shell=bash disable=SC2154 # tools, here, root: scripts/clients
# syslog-ng: takes taskstats listen --json from two hosts to a third one.
#
# A host is a PID and a network namespace here.  What real ones need is all in
# the two files of configuration below, and in the pipe.

host_conf() {
	cat <<-'CONF'
		@version: 3.38
		# An object in each line.  When the collector is slow or away, this
		# stops reading; the kernel then counts what taskstats cannot take.
		source exits { stdin(flags(no-parse)); };
		destination collector { syslog("10.0.0.1" time-reopen(1)); };
		log { source(exits); destination(collector); flags(flow-control); };
	CONF
}

# syslog-ng numbers what a host sends: a gap is what was lost on the way.
collector_conf() {
	cat <<-CONF
		@version: 3.38
		options { keep-hostname(yes); use-dns(no); };
		source hosts { syslog(); };
		destination files { file("$PWD/records/\${HOST}" create-dirs(yes)
			template("\${.SDATA.meta.sequenceId} \${MSG}\\n")); };
		log { source(hosts); destination(files); };
	CONF
}

# connect NAME ADDRESS: a network namespace of that name.
connect() {
	ip netns add "$1"
	ip link add link switch name "$1" netns "$1" type macvlan mode bridge
	ip -n "$1" address add "$2/24" dev "$1"
	ip -n "$1" link set "$1" up
}

# syslog_ng NAME CONFIGURATION: becomes it, with all that it writes in this directory.
syslog_ng() {
	exec syslog-ng --foreground --no-caps --module-path "$modules" --cfgfile "$2" \
		--persist-file "$1.persist" --control "$1.ctl" --pidfile "$1.pid"
}

# host NAME LISTEN-ARGS...: 40 processes end on it.  Half of them do while "two"
# does not read what it is told.  All else that happens then is a builtin.
host() {
	# shellcheck disable=SC2016 # for the shell inside
	ip netns exec "$1" unshare --uts --pid --fork --kill-child bash -c '
		hostname "$1"
		mkfifo "$1.pipe" "$1.go"
		syslog_ng "$1" host.conf <"$1.pipe" &
		"$tools/taskstats" listen --json "${@:2}" >"$1.pipe" 2>"$1.err" &
		read <"$1.go"
		for i in {1..40}; do
			if [ "$1$i" = two11 ]; then kill -STOP $!; fi
			/bin/true
			if [ "$1$i" = two30 ]; then kill -CONT $!; fi
		done
		kill -INT $!
		wait' host "$@" &
}

test_fleet_records() {
	daemon syslog-ng-core
	export -f syslog_ng
	modules=$(echo "$root"/usr/lib/syslog-ng/*.*/)
	export modules
	undo+=('ip -all netns delete' 'ip link delete switch')
	ip link add switch type dummy
	ip link set switch up
	connect collector 10.0.0.1
	connect one 10.0.0.2
	connect two 10.0.0.3
	host_conf >host.conf
	collector_conf >collector.conf
	ip netns exec collector bash -c 'syslog_ng collector collector.conf' &
	soon ip netns exec collector grep -q ':0259 .* 0A ' /proc/net/tcp	# listens on port 601
	host one
	one=$!
	host two --buffer 4
	two=$!
	for host in one two; do
		soon grep -q listening $host.err
		echo >$host.go
	done
	wait "$one" "$two"
	for host in one two; do
		soon grep -q '"account"' records/$host
		is "what is missing of $host" "$(awk '$1 != NR' records/$host)" ''
		cut -d' ' -f2- records/$host >heard
		accounted
		is "exits of $host" "$(sed -nE 's/.*"delivered":([0-9]+),"lost":([0-9]+).*/\1 \2/p' heard |
			awk '{ print $1 + $2 }')" 40
	done
	above 'records lost by two' "$(grep '^{"lost":' heard | value lost - | head -n 1)" 5
	is 'records lost by one' "$(grep -c '{"lost":' records/one)" 0
}
