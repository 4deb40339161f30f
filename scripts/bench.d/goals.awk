# Passes the figures on, and what the goals are set for: one figure over another.
# The goal is an upper limit, or a lower one after "at least"; without one the ratio
# is only told.

BEGIN { FS = OFS = "\t" }

{
	print
	value[$1 "|" $2 "|" $3] = $4
	seen[$1] = 1
	if ($1 == "latency" && match($2, / [0-9]+$/))
		latency = substr($2, RSTART + 1)
}

$1 == "clock" && ($4 < 0.995 || $4 > 1.005) {
	print "error: the clock of that guest does not count instructions" >"/dev/stderr"
	failed = 1
	exit 1
}

function ratio(what, one, other, goal,    is, least, verdict) {
	if (!(one in value) || !(other in value) || value[other] + 0 == 0)
		return
	is = value[one] / value[other]
	least = sub(/^at least /, "", goal)
	verdict = (least ? is < goal + 0 : is > goal + 0) ? ": missed" : ""
	verdict = (least ? "at least " : "at most ") goal verdict
	printf "ratio\t%s\tpatched\t%s\t%s\n", what, sprintf(is < 0.1 ? "%.4f" : "%.3f", is),
	       goal == "" ? "-" : verdict
}

# What a record costs him who exits and him who is told.
function both(of) {
	value["both|" of] = value["record|" of] + value["receive|" of]
}

END {
	if (failed)
		exit 1
	dump = "dump|threads 1000 32K|patched"
	ratio("dump : PID query of base", dump, "query|pid 1000|base", "0.125")
	ratio("dump : PID query of series", dump, "query|pid 1000|patched")
	ratio("dump : /proc", dump, "/proc|threads 1000|patched", "0.0167")
	ratio("dump : BPF iterator, 32K", dump, "BPF iterator|threads 1000 32K|patched", "0.5")
	ratio("dump : BPF iterator, 4K", "dump|threads 1000 4K|patched",
	      "BPF iterator|threads 1000 4K|patched")
	ratio("dump of 10000 : of 1000", "dump|threads 10000 32K|patched", dump, "1.02")
	groups = "dump|groups 1000 32K|patched"
	ratio("dump, groups : query of base", groups, "query|tgid 1000|base")
	ratio("dump, groups : /proc", groups, "/proc|groups 1000|patched")
	ratio("dump : iotop's walk", "iotop|dump 1000|patched", "iotop|walk 1000|base")
	one = "record|thread mask 1|base"
	ratio("record, mask : base", "record|thread mask 1|patched", one, "0.5")
	ratio("record, LISTEN : base", "record|thread listen 1|patched", one, "0.5")
	ratio("record, batched : base", "record|thread listen 1 cpu 0 batch 32|patched", one, "0.333")
	ratio("record, batched : cn_proc", "record|thread listen 1 cpu 0 batch 32|patched",
	      "record|thread cn_proc_exit 1|patched", "1")
	ratio("record, batched : BPF", "record|thread listen 1 cpu 0 batch 32|patched",
	      "record|thread bpf 1|patched")
	# How many exits a second, that is: who does nothing but read is told of so many.
	ratio("kept up with, batched : base", "receive|thread mask 1|base",
	      "receive|thread listen 1 cpu 0 batch 32|patched", "at least 2")
	both("thread mask 1|base")
	both("thread listen 1 cpu 0 batch 32|patched")
	ratio("record and reading, batched : base",
	      "both|thread listen 1 cpu 0 batch 32|patched", "both|thread mask 1|base")
	ratio("exit, nobody listens : base", "exit|thread|patched", "exit|thread|base")
	ratio("exit, 1024 elsewhere : nobody", "exit|thread listen 1024 cpu 1|patched",
	      "exit|thread|patched", "1.01")
	ratio("p99 beside a dump : without", "latency|p99 beside dump " latency "|patched",
	      "latency|p99 without dump " latency "|patched", "1.5")
}
