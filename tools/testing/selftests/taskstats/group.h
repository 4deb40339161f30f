/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of thread groups share: the totals, which are sums over the
 * threads and never go down, and what rusage says of the same.
 */
#ifndef __SELFTESTS_TASKSTATS_GROUP_H
#define __SELFTESTS_TASKSTATS_GROUP_H

#include <linux/time_types.h>
#include <sys/resource.h>

#include "kselftest.h"
#include "taskstats.h"

static const struct {
	const char *name;
	size_t offset;
} ts_totals[] = {
#define TOTAL(field)	{ #field, offsetof(struct taskstats, field) }
	TOTAL(cpu_count),
	TOTAL(cpu_delay_total),
	TOTAL(blkio_count),
	TOTAL(blkio_delay_total),
	TOTAL(swapin_count),
	TOTAL(swapin_delay_total),
	TOTAL(freepages_count),
	TOTAL(freepages_delay_total),
	TOTAL(thrashing_count),
	TOTAL(thrashing_delay_total),
	TOTAL(compact_count),
	TOTAL(compact_delay_total),
	TOTAL(wpcopy_count),
	TOTAL(wpcopy_delay_total),
	TOTAL(irq_count),
	TOTAL(irq_delay_total),
	TOTAL(nvcsw),
	TOTAL(nivcsw),
	TOTAL(cpu_run_real_total),
	TOTAL(cpu_run_virtual_total),
	TOTAL(cpu_scaled_run_real_total),
	TOTAL(ac_etime),
	TOTAL(ac_utime),
	TOTAL(ac_stime),
	TOTAL(ac_utimescaled),
	TOTAL(ac_stimescaled),
	TOTAL(ac_minflt),
	TOTAL(ac_majflt),
	TOTAL(coremem),
	TOTAL(virtmem),
	TOTAL(read_char),
	TOTAL(write_char),
	TOTAL(read_syscalls),
	TOTAL(write_syscalls),
	TOTAL(read_bytes),
	TOTAL(write_bytes),
	TOTAL(cancelled_write_bytes),
#undef TOTAL
};

#define TS_NTOTALS	((int)ARRAY_SIZE(ts_totals))

static inline __u64 ts_total(const struct taskstats *stats, int i)
{
	__u64 value;

	memcpy(&value, (const char *)stats + ts_totals[i].offset, sizeof(value));
	return value;
}

static inline void ts_add_totals(struct taskstats *sum, const struct taskstats *stats)
{
	__u64 value;
	int i;

	for (i = 0; i < TS_NTOTALS; i++) {
		value = ts_total(sum, i) + ts_total(stats, i);
		memcpy((char *)sum + ts_totals[i].offset, &value, sizeof(value));
	}
}

/* The first total from @i on that is less than it was, or -1. */
static inline int ts_gone_down(const struct taskstats *before, const struct taskstats *after,
			       int i)
{
	for (; i < TS_NTOTALS; i++) {
		if (ts_total(after, i) < ts_total(before, i))
			return i;
	}
	return -1;
}

/* Waits until nothing is left of a thread; not by /proc, since what is read counts. */
static inline bool ts_wait_thread_gone(pid_t tid)
{
	__u64 start = ts_clock_ns(CLOCK_MONOTONIC);

	while (!syscall(__NR_tgkill, getpid(), tid, 0)) {
		if (!ts_poll_again(start))
			return false;
	}
	return true;
}

/* As the kernel has it: libc's may have wider times. */
struct ts_kernel_rusage {
	struct __kernel_old_timeval utime, stime;
	__kernel_long_t maxrss, ixrss, idrss, isrss, minflt, majflt, nswap, inblock, oublock;
	__kernel_long_t msgsnd, msgrcv, nsignals, nvcsw, nivcsw;
};

/* What wait() is going to tell of a zombie; libc has nothing that leaves it one. */
static inline int ts_zombie_rusage(pid_t pid, siginfo_t *info, struct rusage *ru)
{
	struct ts_kernel_rusage kernel;

	if (syscall(__NR_waitid, P_PID, pid, info, WEXITED | WNOWAIT, &kernel))
		return -errno;
	memset(ru, 0, sizeof(*ru));
	ru->ru_utime.tv_sec = kernel.utime.tv_sec;
	ru->ru_utime.tv_usec = kernel.utime.tv_usec;
	ru->ru_stime.tv_sec = kernel.stime.tv_sec;
	ru->ru_stime.tv_usec = kernel.stime.tv_usec;
	ru->ru_maxrss = kernel.maxrss;
	ru->ru_minflt = kernel.minflt;
	ru->ru_majflt = kernel.majflt;
	ru->ru_inblock = kernel.inblock;
	ru->ru_oublock = kernel.oublock;
	ru->ru_nvcsw = kernel.nvcsw;
	ru->ru_nivcsw = kernel.nivcsw;
	return 0;
}

static inline bool ts_is_rusage(const struct taskstats *stats, const struct rusage *ru)
{
	return stats->ac_minflt == (__u64)ru->ru_minflt &&
	       stats->ac_majflt == (__u64)ru->ru_majflt &&
	       stats->nvcsw == (__u64)ru->ru_nvcsw && stats->nivcsw == (__u64)ru->ru_nivcsw;
}

static inline __u64 ts_cpu_us(const struct rusage *ru)
{
	return (ru->ru_utime.tv_sec + ru->ru_stime.tv_sec) * 1000000ULL +
	       ru->ru_utime.tv_usec + ru->ru_stime.tv_usec;
}

/*
 * Where CPU time is sampled at ticks, rusage divides what the scheduler has
 * measured into user and system time in proportion to the samples, so that the
 * two make cpu_run_virtual_total; elsewhere they are ac_utime and ac_stime.
 * Either way they are cut to microseconds once for each.
 */
static inline bool ts_is_cpu_time(const struct taskstats *stats, __u64 min_us, __u64 max_us)
{
	__u64 measured = stats->cpu_run_virtual_total / 1000;
	__u64 sum = stats->ac_utime + stats->ac_stime;

	return (measured >= min_us && measured <= max_us + 2) ||
	       (sum >= min_us && sum <= max_us + 2);
}

#endif /* __SELFTESTS_TASKSTATS_GROUP_H */
