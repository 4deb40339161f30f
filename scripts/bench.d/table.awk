# The figures side by side, those of a kind together in the order in which they come.

BEGIN {
	FS = "\t"
	kinds = split("clock,query,dump,BPF iterator,/proc,iotop,exit,record,receive," \
		      "latency,throughput,ratio", kind, ",")
}

!(($1, $2) in unit) {
	figure[++n] = $1
	parameter[n] = $2
}

{
	unit[$1, $2] = $5
	value[$1, $2, $3] = $4
}

function line(f, p,	base, series) {
	base = value[f, p, "base"]
	series = value[f, p, "patched"]
	printf "%-13s %-31s %10s %10s %7s  %s\n", f, p, base, series,
	       (base > 10 && series != "") ? sprintf("%.3f", series / base) : "", unit[f, p]
}

END {
	printf "%-13s %-31s %10s %10s %7s  %s\n", "", "", "base", "series", "ratio", "unit"
	for (i = 1; i <= kinds; i++) {
		print ""
		for (j = 1; j <= n; j++)
			if (figure[j] == kind[i])
				line(figure[j], parameter[j])
	}
}
