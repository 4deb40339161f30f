/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared by the programs of the bench: the clock, a line of results, and the
 * tasks that hold keeps. In a guest whose clock counts instructions (QEMU's
 * -icount shift=0) a nanosecond is one.
 */
#ifndef __BENCH_H
#define __BENCH_H

#include <errno.h>
#include <linux/types.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* So many units and more go into a figure: a tick of the clock is lost in them. */
#define UNITS	10000

/* What hold writes into the file that $HELD names, one for each task. */
struct held {
	__u32 tgid;
	__u32 tid;
};

struct holding {
	struct held *task;
	int count;
};

static inline __u64 now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* Figures that only look as if they had been measured are worse than none. */
static inline void need(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s: %s (%m)\n", program_invocation_short_name, what);
	_exit(1);
}

static inline struct holding holding(void)
{
	const char *name = getenv("HELD");
	struct holding all;
	struct stat st;
	FILE *f;

	need(name && !stat(name, &st) && st.st_size, "no $HELD: run it by hold");
	all.count = st.st_size / sizeof(*all.task);
	all.task = malloc(st.st_size);
	f = fopen(name, "r");
	need(all.task && f && fread(all.task, st.st_size, 1, f) == 1, name);
	fclose(f);
	return all;
}

static inline int rounds(int count)
{
	return count < UNITS ? UNITS / count : 1;
}

/* FIGURE, its parameter, value and unit; $TAG is the end of the parameter. */
static inline void tell(const char *figure, const char *parameter, double value, const char *unit)
{
	const char *tag = getenv("TAG");

	printf("%s\t%s%s%s\t%.*f\t%s\n", figure, parameter, tag ? " " : "", tag ? tag : "",
	       value < 100 ? 2 : 0, value, unit);
	fflush(stdout);
}

#endif /* __BENCH_H */
