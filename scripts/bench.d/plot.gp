# A plot for each sweep, out of bench.tsv in the directory that this is run in.

rows(figure, pattern, kernel, column) = sprintf( \
	"< awk -F '\\t' '$1 == \"%s\" && $2 ~ /^%s$/ && $3 == \"%s\" { split($2, w, / /); print w[%d] + 0, $4 }' bench.tsv | sort -n", \
	figure, pattern, kernel, column)

set style data linespoints
set pointsize 1
set grid
set key outside right top
set ylabel "instructions a task"
set format y "%.0s%c"

do for [type in "png svg"] {
	if (type eq "png") { set terminal pngcairo size 1000,560 font "sans,11" } \
	else { set terminal svg size 1000,560 font "sans,11" background "white" }

	set output "tasks.".type
	set title "To learn of every task"
	set logscale xy
	set xlabel "tasks"
	set xrange [80:12500]
	set yrange [500:*]
	plot rows("/proc", "threads [0-9]+", "patched", 2) title "/proc, four files", \
	     rows("query", "pid [0-9]+", "base", 2) title "PID query, base", \
	     rows("query", "pid [0-9]+", "patched", 2) title "PID query, series", \
	     rows("BPF iterator", "threads [0-9]+ 32K", "patched", 2) title "BPF iterator", \
	     rows("dump", "groups [0-9]+ 32K", "patched", 2) title "dump of groups", \
	     rows("dump", "threads [0-9]+ 32K", "patched", 2) title "dump of threads"

	set output "buffer.".type
	set title "A dump of 1,000 tasks, by the reader's buffer"
	unset logscale y
	set logscale x 2
	set xlabel "buffer, KiB"
	set xrange [3.5:75]
	set yrange [0:*]
	plot rows("dump", "threads 1000 [0-9]+K", "patched", 3) title "threads", \
	     rows("dump", "groups 1000 [0-9]+K", "patched", 3) title "groups", \
	     rows("BPF iterator", "threads 1000 [0-9]+K", "patched", 3) title "BPF iterator"

	set output "exits.".type
	set title "A thread's exit, by the listeners that are told"
	unset logscale x
	set xlabel "listeners"
	set ylabel "instructions, beyond those with no listener"
	set xrange [0:66]
	plot rows("record", "thread mask [0-9]+", "base", 3) title "mask, base", \
	     rows("record", "thread mask [0-9]+", "patched", 3) title "mask, series", \
	     rows("record", "thread listen [0-9]+", "patched", 3) title "LISTEN", \
	     rows("record", "thread listen [0-9]+ cpu 0 batch 32", "patched", 3) \
		title "LISTEN, batches of 32"
	set output
	set yrange [*:*]
	set ylabel "instructions a task"
}
