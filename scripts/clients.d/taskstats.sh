# shellcheck shell=bash disable=SC2154 # tools, here, pid: scripts/clients
# tools/accounting/taskstats: every command of it.

taskstats() { timeout 60 "$tools/taskstats" "$@"; }

# As somebody without any privilege, whom the tools may be out of reach for.
nobody() { setpriv --reuid 1234 --clear-groups timeout 60 "$(within_reach)" "$@"; }

within_reach() {
	install -D -m 755 "$tools/taskstats" /tmp/within_reach/taskstats
	echo /tmp/within_reach/taskstats
}

# value NAME [FILE]: of a JSON object in each line.
value() { sed -nE "s/.*\"$1\":\"?([^\",}]*).*/\1/p" "${2:-out}"; }

is_json() { /usr/bin/python3 -m json.tool --json-lines --compact "$1" >/dev/null || fail "no JSON: $1"; }

# status WANTED COMMAND...: its exit status; what it says goes to the file said.
status() {
	local want=$1 got=0

	shift
	"$@" >said 2>&1 || got=$?
	[ $got = "$want" ] || { cat said && fail "$*: exit status $got, want $want"; }
}

says() { grep -q -- "$1" said || { cat said && fail "does not say: $1"; }; }

# exits ARGS...: listen in the background; heard PATTERN [TIMES] ends it.
exits() {
	"$tools/taskstats" listen --json "$@" >heard 2>err &
	listener=$!
	soon grep -q '^taskstats: listening' err
}

# The figures of the last line: all that there was is told or lost, as it says.
accounted() {
	is 'records delivered' "$(grep -c '"type"' heard)" "$(tail -n 1 heard | value delivered -)"
	is 'records lost' "$(grep '^{"lost":' heard | value lost - | awk '{ n += $1 } END { print n + 0 }')" \
		"$(tail -n 1 heard | sed -E 's/.*"lost":([0-9]+).*/\1/')"
	is 'records pending' "$(tail -n 1 heard | value pending -)" 0
	is_json heard
}

test_taskstats_get() {
	subject
	taskstats get "$pid" --json >out
	is_json out
	read -r run wait count <"/proc/$pid/schedstat"
	is 'run, delay, count' \
		"$(value cpu_run_virtual_total) $(value cpu_delay_total) $(value cpu_count)" \
		"$run $wait $count"
	is 'bytes read, written, cancelled' \
		"$(value read_bytes) $(value write_bytes) $(value cancelled_write_bytes)" \
		"$(awk '/_bytes/ { print $2 }' "/proc/$pid/io" | xargs)"
	is 'type, id, name, nice, delays' \
		"$(value type) $(value id) $(value ac_comm) $(value ac_nice) $(value delays)" \
		"thread $pid bash 0 all"
	renice -n -7 "$pid" >/dev/null
	is nice "$(taskstats get "$pid" --fields nice --no-header | xargs)" -7
	taskstats get "$pid" >out
	is 'a report' "$(head -n 1 out)" "thread $pid (bash) of group $pid"
	is 'delays in it' "$(awk '/^  cpu / { print $2 }' out)" "$count"
}

test_taskstats_get_group() {
	threads stop
	taskstats get --tgid "$(head -n 1 tids)" --json >out
	is 'type, id' "$(value type) $(value id)" "group $pid"
	is 'run, delay, count of all threads' \
		"$(value cpu_run_virtual_total) $(value cpu_delay_total) $(value cpu_count)" \
		"$(awk '{ a += $1; b += $2; c += $3 } END { printf "%.0f %.0f %.0f", a, b, c }' /proc/"$pid"/task/*/schedstat)"
}

# Who asks for a thread that is a process of several is told so, but for programs.
test_taskstats_get_hint() {
	threads stop
	status 0 taskstats get "$pid" --fields id,comm
	says "^taskstats: $pid is one of 4 threads: --tgid $pid tells of all"
	status 0 taskstats get "$pid" --json
	is lines "$(wc -l <said)" 1
	status 0 taskstats get "$(grep -vx "$pid" tids | head -n 1)" --fields id
	is lines "$(wc -l <said)" 2
	status 0 taskstats get --tgid "$pid" --fields id
	is lines "$(wc -l <said)" 2
}

test_taskstats_get_several() {
	sleep 600 &
	sleep 600 &
	is 'groups, oneself, a thread' \
		"$(taskstats get --tgid 1 --tgid $! --self $! --json | value type - | xargs)" \
		'group group group thread'
	is 'two groups' "$(taskstats get --tgid 1 --tgid $! --fields id --no-header | xargs)" "1 $!"
	status 3 taskstats get --tgid 4194303 --tgid 1 --fields id
	says '^ *1$'
	status 2 taskstats dump --tgid 1 --tgid $!
	says 'dump takes one --tgid only'
}

test_taskstats_get_table() {
	local one

	sleep 600 &
	one=$!
	sleep 600 &	# no older than that, whenever this runs
	taskstats get --fields id,comm,ac-etime,hiwater_rss $one $! >out
	is titles "$(head -n 1 out | xargs)" 'ID COMMAND ELAPSED PEAK-RSS'
	is rows "$(awk 'NR > 1 { print $1, $2 }' out | xargs)" "$one sleep $! sleep"
	is units "$(awk 'NR > 1 && $3 ~ /^[0-9.]+m?s$/ && $4 ~ /^[0-9.]+[KM]iB$/' out | wc -l)" 2
	is 'no titles' "$(taskstats get --fields id --no-header $! | xargs)" $!
}

test_taskstats_fields() {
	taskstats get --fields help >list
	taskstats get --self --json >out
	# Three are told of exits only.
	is 'fields that are listed, and told' \
		"$(grep '^  ' list | awk '{ print $1 }' | grep -vxE 'cpu|start|cgroup' | sort | xargs)" \
		"$(grep -oE '"[a-z_0-9]+":' out | tr -d '":' | sort | xargs)"
	is 'fields without a unit or description' "$(awk '/^  / && NF < 3' list)" ''
	is 'one field, three times' "$(taskstats get --self --fields id,id,id --json | grep -o '":' | wc -l)" 1
	is 'a group of fields' "$(taskstats get --self --fields id,io --json | grep -o '":' | wc -l)" 8
}

test_taskstats_dump() {
	sleep 600 &
	ls -d /proc/[0-9]* >before
	taskstats dump --json >out
	ls -d /proc/[0-9]* >after
	is_json out
	is 'processes that are not told' \
		"$(comm -12 <(sort before) <(sort after) | sed 's,/proc/,,' | grep -vcxFf <(value id))" 0
	is 'told twice' "$(value id | sort | uniq -d | wc -l)" 0
	is types "$(value type | sort -u)" group
	taskstats dump >out
	is sleep "$(awk -v p=$! '$1 == p { print $NF }' out)" sleep
}

test_taskstats_dump_threads() {
	threads stop
	is 'threads of a group' "$(taskstats dump --tgid "$pid" --json | value id -)" "$(sort -n tids)"
	taskstats dump --threads --fields id,tgid,type --no-header >out
	is 'among all threads' "$(awk -v p="$pid" '$2 == p { print $1 }' out)" "$(sort -n tids)"
	is types "$(awk '{ print $3 }' out | sort -u)" thread
}

test_taskstats_cgroup() {
	local dir=/sys/fs/cgroup/taskstats

	mkdir -p $dir/below
	undo+=("rmdir $dir/below $dir")
	bash -c "echo \$\$ >$dir/below/cgroup.procs; exec sleep 600" &
	pid=$!
	soon grep -qx "$pid" $dir/below/cgroup.procs
	is 'groups in a cgroup' "$(taskstats dump --cgroup $dir --json | value id -)" "$pid"
	is 'threads in a cgroup' "$(taskstats dump --threads --cgroup $dir --json | value id -)" "$pid"
	status 0 taskstats dump --tgid $$ --cgroup $dir --fields id
	is 'of a group elsewhere' "$(xargs <said)" ID
	status 0 taskstats top --tgid $$ --cgroup $dir --count 1 --delay 0.1 --no-header
	is 'of a group elsewhere' "$(cat said)" ''
	exits --cgroup $dir
	sleep 0
	kill "$pid"
	heard '"type"'
	is 'exits in a cgroup' "$(value id heard)" "$pid"
	is 'its cgroup' "$(value cgroup heard)" "$(stat -c %i $dir/below)"
	is 'how it ended' "$(value ac_exitcode heard)" 15
	accounted
}

test_taskstats_listen() {
	local pids=()

	exits
	for i in {0..9}; do
		pids+=("$(taskset -c $((i % 2)) sh -c 'echo $$; exit 3')") || true
	done
	heard "\"id\":($(IFS='|' && echo "${pids[*]}"))," 10
	is 'records of 10 processes on 2 CPUs' "$(value id heard | grep -cxF -f <(printf '%s\n' "${pids[@]}"))" 10
	is 'records of threads' "$(grep -c '"type":"thread"' heard)" 0
	is 'exit status' "$(grep "\"id\":${pids[3]}," heard | value ac_exitcode -)" 768
	is CPU "$(grep "\"id\":${pids[3]}," heard | value cpu -)" 1
	accounted
}

test_taskstats_listen_threads() {
	exits --threads --groups
	threads exit
	heard "\"id\":($(paste -sd'|' tids))," 5
	is 'records of threads' "$(grep '"type":"thread"' heard | value id - | grep -cxFf tids)" 4
	is 'records of the group' "$(grep '"type":"group"' heard | value id - | grep -cx "$pid")" 1
	is 'time of the group (us)' "$(grep "\"type\":\"group\",\"id\":$pid," heard | value ac_utime -)" \
		"$(grep "\"type\":\"thread\".*\"ac_tgid\":$pid," heard | value ac_utime - | awk '{ n += $1 } END { print n }')"
	accounted
}

test_taskstats_listen_cpus() {
	exits --cpus 1
	taskset -c 0 true
	taskset -c 1 true
	heard '"ac_comm":"true"'
	is CPUs "$(value cpu heard | sort -u)" 1
	accounted
}

# Nothing comes before the batch is full, or the end.
test_taskstats_listen_batch() {
	exits --batch 100 --wait 60000
	true | cat
	sleep 1
	is 'records that wait' "$(grep -c '"type"' heard)" 0
	kill -INT $listener
	wait $listener || fail "exit status $?"
	above 'records at the end' "$(grep -c '"type"' heard)" 1
	accounted
}

test_taskstats_listen_table() {
	"$tools/taskstats" listen --count 1 >out 2>err &
	soon grep -q listening err
	sleep 0
	wait $!
	is 'title and row' "$(wc -l <out) $(awk 'NR == 1 { print $NF }' out)" '2 COMMAND'
	is account "$(tail -n 1 err | sed 's/delivered [1-9][0-9]*/delivered N/')" \
		'taskstats: delivered N, lost 0, lost_overrun 0, lost_nomem 0, lost_filter 0, pending 0'
}

# It does not read for a while: what it then says is lost is what is missing.
test_taskstats_listen_lost() {
	exits --threads --buffer 4
	kill -STOP $listener
	for _ in {1..20}; do
		/bin/true
	done
	kill -CONT $listener
	soon grep -q '^{"lost":' heard
	sleep 0
	kill $listener
	wait $listener || fail "exit status $?"
	above 'records lost' "$(grep '^{"lost":' heard | value lost - | head -n 1)" 5
	accounted
	above 'records in all' "$(tail -n 1 heard | sed -E 's/.*"delivered":([0-9]+),"lost":([0-9]+).*/\1 + \2/')" 19
}

# A page is all that the pipe on file descriptor 8 has room for.
shrink() { /usr/bin/python3 -c 'import fcntl; fcntl.fcntl(8, fcntl.F_SETPIPE_SZ, 4096)'; }

# Does PID sleep though there is something to read?  By records that have come to its
# socket: the last one of those that it had room for is behind it.
stalled() {
	/bin/true
	awk -v p="$1" '$3 % 4194304 == p && $5 > 0 { n++ } END { exit !n }' /proc/net/netlink &&
		idle "$1"
}

gone() { ! kill -0 "$1"; }

# stall COMMAND...: its output goes to a pipe that nobody reads.
stall() {
	rm -f pipe
	mkfifo pipe
	exec 7<>pipe
	exec 8<pipe
	shrink
	timeout 120 "$@" >pipe 2>err 7>&- 8<&- &
	exec 7>&-
}

# end_stalled SIGNAL: what stall has begun ends by the signal, though it is not read until
# it has ended; then what it has written is in the file heard.
end_stalled() {
	local status=0

	listener=$(pgrep -P $!)
	soon stalled "$listener"
	kill "-$1" "$listener"
	soon gone $!
	wait $! || status=$?
	is 'exit status' $status 1
	cat <&8 >heard
}

test_taskstats_listen_stalled() {
	stall "$tools/taskstats" listen --json
	soon grep -q listening err
	end_stalled TERM
	above 'records that there was room for' "$(grep -c '"type"' heard)" 0
	is_json heard
	grep -q '^taskstats: delivered [1-9][0-9]*, lost 0,' err || fail "$(cat err)"
	grep -q 'nobody has read' err || fail "$(cat err)"
}

# Where people read both, nothing can be told: it shall end all the same.
test_taskstats_listen_stalled_all() {
	# shellcheck disable=SC2016 # for the shell inside
	stall sh -c 'exec "$0" listen 2>&1' "$tools/taskstats"
	# Titles, then that it listens.
	read -r line <&8 && read -r line <&8
	is 'the second line' "$line" 'taskstats: listening'
	end_stalled INT
	is 'columns of the lines' "$(awk '{ print NF }' heard | sort -u)" 13
}

test_taskstats_top() {
	taskset -c 1 bash -c 'while :; do :; done' &
	spinner=$!
	taskstats top --count 1 --delay 3 --lines 3 >out
	is 'by CPU' "$(sed -n 3p out | awk '{ print $1, $NF }')" "$spinner bash"
	above 'percent of a CPU' "$(sed -n 3p out | awk '{ print $3 + 0 }')" 30
	is lines "$(wc -l <out)" 5
	endless_writer
	taskstats top --count 1 --delay 3 --sort io --json >out
	is_json out
	is 'by I/O' "$(value id | head -n 1)" "$pid"
	above 'written' "$(value write_bytes | head -n 1)" 0
	taskstats top --count 2 --delay 0.5 --sort delay --threads --fields id,delays >out
	is rounds "$(grep -c 'threads, by delay over' out)" 2
	taskstats top --count 1 --delay 0.1 --tgid "$pid" >out
	is 'a single one' "$(head -n 1 out | cut -d' ' -f3-6)" '1 thread, by cpu'
}

test_taskstats_top_only() {
	sleep 600 &
	sleeper=$!
	endless_writer
	taskstats top --only --count 1 --delay 2 --json >out
	is 'who writes' "$(value id | grep -cx "$pid")" 1
	is 'who sleeps' "$(value id | grep -cx "$sleeper")" 0
	taskstats top -o --count 1 --delay 2 --fields id,write_bytes,comm >out
	is 'head' "$(grep -cE ' [1-9][0-9]* busy groups?, by cpu' out)" 1
	is 'who writes' "$(awk -v p="$pid" '$1 == p' out | wc -l)" 1
	is 'who computes only' "$(awk 'NR > 2 && $2 == 0' out | wc -l)" 0
	taskstats top -o --count 1 --delay 2 --fields id,comm --no-header >out
	is 'who writes' "$(awk -v p="$pid" '$1 == p' out | wc -l)" 1
	is 'who sleeps' "$(awk -v p="$sleeper" '$1 == p' out | wc -l)" 0
	status 2 taskstats dump -o
}

# What had been used before, elsewhere, was not used in the time that is shown.
test_taskstats_top_cgroup() {
	local dir=/sys/fs/cgroup/taskstats

	mkdir -p $dir
	bash -c 'while :; do :; done' &
	spinner=$!
	undo+=("rmdir $dir")
	soon has_run "$spinner" 2000000000
	"$tools/taskstats" top --cgroup $dir --delay 0.5 --fields id,cpu_run_virtual_total >out &
	soon grep -q ' 0 groups, by cpu over' out
	echo "$spinner" >$dir/cgroup.procs
	soon grep -q "^ *$spinner " out
	above '200 percent' 200 "$(awk -v p="$spinner" '$1 == p { print $2 + 0; exit }' out)"
}

# has_run PID NS
has_run() { [ "$(cut -d' ' -f1 "/proc/$1/schedstat")" -ge "$2" ]; }

# Who may see the group only, and who may see all.
test_taskstats_top_ends() {
	local watch

	for watch in nobody taskstats; do
		setpriv --reuid 1234 --clear-groups sleep 600 &
		pid=$!
		soon grep -q sleep "/proc/$pid/comm"
		"$watch" top --tgid "$pid" --delay 0.2 >out 2>said &
		soon grep -q ' 1 thread, by cpu over' out
		kill "$pid"
		status 3 wait $!
	done
}

# On a terminal: two rounds, a key that means something, and the key to quit.
test_taskstats_top_terminal() {
	mkfifo keys
	TERM=linux timeout 60 script -qec "stty rows 10; $tools/taskstats top --delay 1" /dev/null <keys >out &
	exec 8>keys
	soon grep -q 'by cpu over' out
	printf i >&8
	soon grep -q 'by io over' out
	printf q >&8
	exec 8>&-
	wait $!
	is 'lines of the first screen' "$(awk '/\[H/ { n++ } n == 1' out | wc -l)" 9
}

# What is to be read by others is not read for keys, a q among it.
test_taskstats_top_elsewhere() {
	printf 'q\nc\n' >lines
	TERM=linux timeout 60 script -qec "{ '$tools/taskstats' top --count 2 --delay 0.5
		sed s/^/left:/; } <lines" /dev/null >out
	is rounds "$(grep -c 'by cpu over' out)" 2
	is keys "$(grep -c 'keys:' out)" 0
	is 'left to others' "$(grep -o 'left:.' out | xargs)" 'left:q left:c'
}

test_taskstats_top_stopped() {
	timeout 60 /usr/bin/python3 "$here/clients.d/stopped.py" "$tools/taskstats"
}

# Ids of ten digits and names that are not ASCII do not move what is right of them.
# shellcheck disable=SC2016 # for the shell inside
test_taskstats_columns() {
	local LC_ALL=C.UTF-8

	chmod 755 .
	printf 'x\xc3\xa9\xc3\xa9\xe2\x82\xacy' >name
	echo 'printf %s "$(<name)" >/proc/$$/comm; kill -STOP $$; :' >script
	setpriv --reuid 1234567890 --clear-groups bash ./script &
	pid=$!
	soon grep -q '^State:.*T' "/proc/$pid/status"
	taskstats get --fields uid,id,comm,nice,type "$pid" 2>/dev/null >out
	is 'columns before TYPE' "$(sed -n '1s/TYPE.*//p' out | wc -m)" "$(sed -n '2s/thread.*//p' out | wc -m)"
	is row "$(sed -n 2p out | xargs)" "1234567890 $pid $(<name) 0 thread"
}

# Lines of others cannot come in between: it is written at once.
test_taskstats_stat_whole() {
	is writes "$(/usr/bin/python3 "$here/clients.d/writes.py" "$tools/taskstats" stat true)" 1
	is writes "$(/usr/bin/python3 "$here/clients.d/writes.py" "$tools/taskstats" stat --json true)" 1
}

# What ends a job ends the command, and there is a report.
# shellcheck disable=SC2016 # for the shells inside
test_taskstats_stat_signals() {
	local on

	for on in TERM HUP; do
		status 9 taskstats stat --output out -- sh -c "trap 'exit 9' $on
			kill -$on "'$PPID
			while :; do sleep 0.1; done'
		grep -q '^group [0-9]* (sh) exited with 9$' out || fail "$(cat out)"
	done
	status 4 env --ignore-signal=HUP "$tools/taskstats" stat --output out sh -c 'kill -HUP $PPID; exit 4'
	grep -q '^group [0-9]* (sh) exited with 4$' out || fail "$(cat out)"
	status 143 taskstats stat --output out sh -c 'kill -TERM $PPID; exec sleep 600'
	grep -q 'killed by signal 15' out || fail "$(cat out)"
}

# The command has filled the pipe and is gone, and there is no room for the report.
has_no_room() { read -r -t 0 -u 8 && idle "$1" && ! pgrep -P "$1" >/dev/null; }

ended_by() {
	kill "-$1" "$2"
	gone "$3"
}

# shellcheck disable=SC2016 # for the shell inside
test_taskstats_stat_stalled() {
	stall sh -c 'exec "$0" stat head -c 4096 /dev/zero 2>&1' "$tools/taskstats"
	soon pgrep -P $!
	listener=$(pgrep -P $!)
	soon has_no_room "$listener"
	soon ended_by TERM "$listener" $!
	status 143 wait $!
}

# completes WORDS WANTED...: what the last word is completed to.
completes() {
	read -ra COMP_WORDS <<<"$1"
	[[ $1 != *' ' ]] || COMP_WORDS+=('')
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	_taskstats
	is "$1" "${COMPREPLY[*]}" "${*:2}"
}

test_taskstats_completion() {
	compopt() { :; }
	_command_offset() { COMPREPLY=("command at $1"); }
	# shellcheck source=tools/accounting/taskstats.bash-completion
	. "$here/../tools/accounting/taskstats.bash-completion"
	PATH=$tools:$PATH
	completes 'taskstats st' stat
	completes 'taskstats top --sort ' cpu io delay
	completes 'taskstats dump --cg' --cgroup
	completes 'taskstats top --fields id,cpu_c' id,cpu_count
	completes 'taskstats stat ps --sort ' command at 2
	completes 'taskstats stat --json -- ps --fields ' command at 4
	completes 'taskstats stat --fields nv' nvcsw
	completes 'taskstats stat --js' --json
}

# shellcheck disable=SC2016 # for the shells inside
test_taskstats_stat() {
	status 3 taskstats stat --output out -- bash -c 'for ((i = 0; i < 3000; i++)); do :; done; exit 3'
	grep -q '^group [0-9]* (bash) exited with 3$' out || fail "$(cat out)"
	status 0 taskstats stat --json --output out bash -c '/usr/bin/python3 "$0" exit >/dev/null' "$here/clients.d/threads.py"
	is_json out
	is name "$(value ac_comm)" bash
	above 'system time with children' "$(sed -E 's/.*with_children.*"stime":([0-9]+).*/\1/' out)" "$(value ac_stime) - 1"
	status 0 taskstats stat --json --output out /usr/bin/python3 "$here/clients.d/threads.py" linger
	above 'elapsed of four threads' "$(value ac_etime)" 4000000
	status 137 taskstats stat --output out bash -c 'kill -KILL $$'
	grep -q 'killed by signal 9' out || fail "$(cat out)"
	printf '\e[31mX\xc2\x9bY\xff' >comm
	status 0 taskstats stat --output out bash -c 'printf %s "$(<comm)" >/proc/$$/comm'
	grep -q '^group [0-9]* (?\[31mX?Y?)' out || fail "$(cat -v out)"
	status 7 env --ignore-signal=CHLD "$tools/taskstats" stat --output out sh -c 'exit 7'
	grep -q '^group [0-9]* (sh) exited with 7$' out || fail "$(cat out)"
	status 127 taskstats stat /nonexistent
	status 126 taskstats stat /etc/passwd
}

test_taskstats_unprivileged() {
	status 0 nobody get --self --fields uid,comm --no-header
	is oneself "$(xargs <said)" '1234 taskstats'
	chmod 1777 .
	status 5 nobody stat --json --output out sh -c 'exit 5'
	is 'user of a command' "$(value ac_uid)" 1234
	status 0 nobody dump
	says 'tasks that you may see'
	is users "$(awk '$1 + 0 { print $3 }' said | sort -u)" 1234
	status 4 nobody get 1
	says '/proc/PID/io'
	status 4 nobody dump --tgid 1
	says 'none that you may see'
	status 4 nobody top --tgid 1
	says 'none that you may see'
	status 4 nobody listen
	says CAP_NET_ADMIN
	undo+=('echo 0 >/proc/sys/kernel/taskstats_restrict')
	echo 1 >/proc/sys/kernel/taskstats_restrict
	status 4 nobody get --self
	says kernel.taskstats_restrict
	status 4 nobody dump
	status 4 nobody stat true
}

# Root in a container of one's own: all of it there, and nothing else.
# shellcheck disable=SC2016 # for the shell inside
test_taskstats_container() {
	program=$(within_reach) setpriv --reuid 1234 --clear-groups unshare --user --map-root-user \
		--pid --fork --net --mount-proc bash -c '
		"$program" dump --fields id,uid --no-header | xargs
		"$program" listen --json --count 1 --fields id,comm 2>&9 &
		until [ -s /dev/fd/9 ]; do :; done	# it listens
		sleep 0
		wait' >out 9>err
	is 'tasks of the container' "$(sed -n 1p out | cut -d' ' -f1-2)" '1 0'
	above 'tasks of the container' 10 "$(sed -n 1p out | wc -w)"
	is 'exit in it' "$(grep -o '"ac_comm":"sleep"' out)" '"ac_comm":"sleep"'
}

onto_full_disk() { taskstats "$@" >/dev/full; }

onto_nothing() { taskstats "$@" >&-; }

test_taskstats_errors() {
	status 0 taskstats --help
	says 'taskstats COMMAND --help'
	status 0 taskstats listen --help
	says '--batch .*: 1 to 1024$'
	status 0 taskstats --version
	status 2 taskstats
	status 2 taskstats frobnicate
	status 2 taskstats get
	status 2 taskstats get one
	status 2 taskstats get --frobnicate
	says '^taskstats: unrecognized option'
	status 2 taskstats get --fields frobnicate 1
	says 'no field frobnicate'
	status 2 taskstats dump 1
	status 2 taskstats top --delay 0
	says 'cannot be 0, but 0.01 to 1000000'
	status 2 taskstats top --sort name
	says 'cannot be name, but cpu, io or delay'
	status 2 taskstats listen --batch 2000
	says 'cannot be 2000, but 1 to 1024'
	status 2 taskstats listen --wait 60001
	says 'cannot be 60001, but 1 to 60000'
	status 2 taskstats stat
	status 3 taskstats get 4194303
	says 'no such task'
	status 3 taskstats dump --tgid 4194303
	status 1 taskstats dump --cgroup /
	says 'not the directory of a cgroup v2'
	status 1 taskstats dump --cgroup /nonexistent
	status 1 taskstats listen --cpus x
	says 'unusable CPU list$'
	status 1 taskstats listen --cpus 0-99999
	says 'unusable CPU list: Numerical result out of range$'
	status 1 taskstats listen --cpus "$(seq -s, 1 2 3000)"
	status 1 taskstats listen --cpus "$(seq -s, 1 2 24000)"
	says 'too long'
	status 1 onto_full_disk --help
	says 'cannot write'
	status 1 onto_full_disk dump
	says 'cannot write'
	status 1 onto_nothing dump
	says 'cannot write'
}

# Begun while delay accounting is off, it has no delays.
test_taskstats_not_measured() {
	echo 0 >/proc/sys/kernel/task_delayacct
	sleep 600 &
	pid=$!
	echo 1 >/proc/sys/kernel/task_delayacct
	status 0 taskstats get --fields delays,blkio_delay_total,cpu_count --no-header "$pid"
	says 'kernel.task_delayacct=1'
	is 'delays, of I/O' "$(head -n 1 said | awk '{ print $1, $2 }')" 'none -'
}
