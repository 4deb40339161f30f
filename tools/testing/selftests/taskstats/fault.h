/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory that is refused on purpose, by failslab: all of a cache, to the tasks
 * that ask for it, or the n-th piece that a thread wants; and by fail_page_alloc,
 * of which the larger messages are.
 */
#ifndef __SELFTESTS_TASKSTATS_FAULT_H
#define __SELFTESTS_TASKSTATS_FAULT_H

#include "taskstats.h"

#define TS_FAILSLAB	"/sys/kernel/debug/failslab/"
#define TS_FAIL_PAGES	"/sys/kernel/debug/fail_page_alloc/"
#define TS_SKB_CACHE	"/sys/kernel/slab/skbuff_head_cache/failslab"
#define TS_FAULTS_MAX	"1000000000"	/* more than there can be: failslab counts down */

struct ts_setting {
	const char *path;
	char before[16];
};

/* As each setting is to be, and to be again what it was. */
struct ts_faults {
	struct ts_setting setting[14];
	int n;
};

static inline void ts_faults_end(struct ts_faults *faults)
{
	while (faults->n > 0) {
		faults->n--;
		ts_write_string(faults->setting[faults->n].path,
				faults->setting[faults->n].before);
	}
}

static inline bool ts_fault_set(struct ts_faults *faults, const char *path, const char *value)
{
	struct ts_setting *setting = &faults->setting[faults->n];

	setting->path = path;
	if (!ts_read_string(path, setting->before, sizeof(setting->before)) ||
	    !ts_write_string(path, value))
		return false;
	faults->n++;
	return true;
}

/* Pages are no pieces: a cache may want some, or have enough of them. */
static inline bool ts_faults_spare_pages(struct ts_faults *faults)
{
	return access(TS_FAIL_PAGES "min-order", W_OK) ||
	       ts_fault_set(faults, TS_FAIL_PAGES "min-order", "100");
}

/*
 * Makes failslab ready to refuse what may wait too, of @cache only if that is
 * given, to tasks that have set make-it-fail, so often in a hundred; with 0 it
 * is for ts_fail_nth() alone. What the kernel lacks for that, or NULL.
 */
static inline const char *ts_faults_begin(struct ts_faults *faults, const char *cache,
					  const char *probability)
{
	faults->n = 0;
	if (access("/proc/thread-self/fail-nth", W_OK))
		return "no /proc/PID/fail-nth: CONFIG_FAULT_INJECTION is not set";
	if (access(TS_FAILSLAB "probability", W_OK))
		return "no failslab in debugfs";
	/* Of which each try would count as a piece. */
	if (!access("/sys/kernel/debug/fail_usercopy", F_OK) ||
	    !access("/sys/kernel/debug/fail_futex", F_OK))
		return "other faults than of memory can be injected";
	if (cache && access(cache, W_OK))
		return "no cache to refuse memory of";
	if (ts_fault_set(faults, TS_FAILSLAB "verbose", "0") &&
	    ts_fault_set(faults, TS_FAILSLAB "task-filter", "Y") &&
	    ts_fault_set(faults, TS_FAILSLAB "ignore-gfp-wait", "N") &&
	    ts_fault_set(faults, TS_FAILSLAB "cache-filter", cache ? "Y" : "N") &&
	    ts_fault_set(faults, TS_FAILSLAB "times", TS_FAULTS_MAX) &&
	    ts_faults_spare_pages(faults) &&
	    (!cache || ts_fault_set(faults, cache, "1")) &&
	    ts_fault_set(faults, TS_FAILSLAB "probability", probability))
		return NULL;
	ts_faults_end(faults);
	return "failslab cannot be set";
}

/*
 * After ts_faults_begin(): pages too, where four and more are wanted at once and
 * nobody waits for them. What the kernel lacks for that, or NULL.
 */
static inline const char *ts_faults_add_pages(struct ts_faults *faults, const char *probability)
{
	if (access(TS_FAIL_PAGES "probability", W_OK))
		return "no fail_page_alloc in debugfs";
	if (ts_fault_set(faults, TS_FAIL_PAGES "verbose", "0") &&
	    ts_fault_set(faults, TS_FAIL_PAGES "task-filter", "Y") &&
	    ts_fault_set(faults, TS_FAIL_PAGES "min-order", "2") &&
	    ts_fault_set(faults, TS_FAIL_PAGES "times", TS_FAULTS_MAX) &&
	    ts_fault_set(faults, TS_FAIL_PAGES "probability", probability))
		return NULL;
	ts_faults_end(faults);
	return "fail_page_alloc cannot be set";
}

/* How often memory has been refused since then by one of the two, or -1. */
static inline int ts_faults_made(const char *times)
{
	char left[16];

	if (!ts_read_string(times, left, sizeof(left)))
		return -1;
	return atoi(TS_FAULTS_MAX) - atoi(left);
}

/* From now on every piece that this thread wants may be refused to it. */
static inline bool ts_may_fail(void)
{
	return ts_write_string("/proc/thread-self/make-it-fail", "1");
}

/* Where this thread says which piece it is not to get; used up by ts_fail(). */
static inline int ts_fail_open(void)
{
	return open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
}

/* The @n-th piece from now on; 0 for none. */
static inline bool ts_fail_nth(int fd, int n)
{
	char value[16];
	int len = snprintf(value, sizeof(value), "%d", n);

	return pwrite(fd, value, len, 0) == len;
}

/* True if that piece has been asked for. Ends it in any case. */
static inline bool ts_has_failed(int fd)
{
	char value[16] = "";
	bool failed = pread(fd, value, sizeof(value) - 1, 0) > 0 && atoi(value) == 0;

	ts_fail_nth(fd, 0);
	return failed;
}

#endif /* __SELFTESTS_TASKSTATS_FAULT_H */
