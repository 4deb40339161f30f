// SPDX-License-Identifier: GPL-2.0
/*
 * taskstats: the table of fields, and how the value of each is shown.
 *
 * What is in struct taskstats has the names and descriptions of
 * Documentation/netlink/specs/taskstats.yaml.
 */
#include <signal.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <linux/acct.h>

#include "taskstats.h"

#define SIZE(member...)		sizeof(((struct ts_record *)0)->member)
#define MEMBER(member...)	.offset = offsetof(struct ts_record, member), .size = SIZE(member)
#define STATS(member)	.name = #member, MEMBER(stats.member)

#define UINT(name)	.type = TYPE_UINT, .unit = UNIT_##name
#define SUM		true
#define NO_SUM		false

const char *const ts_group_names[NGROUPS] = {
	[GROUP_RECORD]		= "record",
	[GROUP_IDENTITY]	= "identity",
	[GROUP_TIME]		= "time",
	[GROUP_RUN]		= "run",
	[GROUP_DELAY]		= "delay",
	[GROUP_MEMORY]		= "memory",
	[GROUP_IO]		= "io",
};

const struct ts_field ts_fields[] = {
	/* Of the message */
	{ .name = "type", MEMBER(group), TYPE_BOOL, UNIT_TYPE, GROUP_RECORD, NO_SUM,
	  "TYPE", "thread or group" },
	{ .name = "id", MEMBER(id), UINT(ID), GROUP_RECORD, NO_SUM,
	  "ID", "id of the thread; in the record of a group, of the group" },
	{ .name = "cpu", MEMBER(cpu), UINT(NUMBER), GROUP_RECORD, NO_SUM,
	  "ON-CPU", "CPU on which it exited, or was replaced by exec" },
	{ .name = "start", MEMBER(start), UINT(NS), GROUP_RECORD, NO_SUM,
	  "START", "begin, since boot" },
	{ .name = "cgroup", MEMBER(cgroup), UINT(NUMBER), GROUP_RECORD, NO_SUM,
	  "CGROUP", "id of its cgroup v2" },
	{ .name = "delays", MEMBER(delays), UINT(DELAYS), GROUP_RECORD, NO_SUM,
	  "DELAYS", "how far delays have been measured" },

	/* Of struct taskstats, in its order */
	{ STATS(version), UINT(NUMBER), GROUP_RECORD, NO_SUM,
	  NULL, "of this structure: 17" },
	{ STATS(ac_exitcode), UINT(EXITCODE), GROUP_IDENTITY, NO_SUM,
	  "EXIT", "as wait() tells it; of a group once its last thread ends" },
	{ STATS(ac_flag), UINT(FLAGS), GROUP_IDENTITY, NO_SUM,
	  "FLAGS", "AFORK, ASU, ACORE, AXSIG and AGROUP of linux/acct.h" },
	{ STATS(ac_nice), TYPE_SINT, UNIT_NUMBER, GROUP_IDENTITY, NO_SUM,
	  "NICE", "nice value, a signed number" },
	{ STATS(cpu_count), UINT(COUNT), GROUP_RUN, SUM,
	  "CPU-WAITS", "waits for a CPU" },
	{ STATS(cpu_delay_total), UINT(NS), GROUP_RUN, SUM,
	  "CPU-WAIT", "time waited for a CPU" },
	{ STATS(blkio_count), UINT(COUNT), GROUP_DELAY, SUM,
	  "IO-WAITS", "waits for block I/O" },
	{ STATS(blkio_delay_total), UINT(NS), GROUP_DELAY, SUM,
	  "IO-WAIT", "time waited for block I/O" },
	{ STATS(swapin_count), UINT(COUNT), GROUP_DELAY, SUM,
	  NULL, "waits for a page to be swapped in" },
	{ STATS(swapin_delay_total), UINT(NS), GROUP_DELAY, SUM,
	  "SWAPIN-WAIT", "time waited for a page to be swapped in" },
	{ STATS(cpu_run_real_total), UINT(NS), GROUP_RUN, SUM,
	  NULL, "CPU time, by ticks or as accurate as the kernel is built for" },
	{ STATS(cpu_run_virtual_total), UINT(NS), GROUP_RUN, SUM,
	  "CPU", "CPU time as the scheduler measures it" },
	{ STATS(ac_comm), TYPE_TEXT, UNIT_TEXT, GROUP_IDENTITY, NO_SUM,
	  "COMMAND", "name of the command, ended by NUL" },
	{ STATS(ac_sched), UINT(POLICY), GROUP_IDENTITY, NO_SUM,
	  "POLICY", "scheduling policy" },
	{ STATS(ac_uid), UINT(ID), GROUP_IDENTITY, NO_SUM,
	  "UID", "user" },
	{ STATS(ac_gid), UINT(ID), GROUP_IDENTITY, NO_SUM,
	  "GID", "user's group" },
	{ STATS(ac_pid), UINT(ID), GROUP_IDENTITY, NO_SUM,
	  "PID", "id of the thread, or of the group" },
	{ STATS(ac_ppid), UINT(ID), GROUP_IDENTITY, NO_SUM,
	  "PPID", "id of the parent process" },
	{ STATS(ac_btime), UINT(SECONDS), GROUP_TIME, NO_SUM,
	  NULL, "begin, seconds since 1970, until 2106" },
	{ STATS(ac_etime), UINT(US), GROUP_TIME, NO_SUM,
	  "ELAPSED", "time since the begin, of a group the sum over its threads" },
	{ STATS(ac_utime), UINT(US), GROUP_TIME, SUM,
	  "USER", "CPU time in user mode" },
	{ STATS(ac_stime), UINT(US), GROUP_TIME, SUM,
	  "SYSTEM", "CPU time in the kernel" },
	{ STATS(ac_minflt), UINT(COUNT), GROUP_MEMORY, SUM,
	  "MINFLT", "page faults without I/O" },
	{ STATS(ac_majflt), UINT(COUNT), GROUP_MEMORY, SUM,
	  "MAJFLT", "page faults with I/O" },
	{ STATS(coremem), UINT(MB_US), GROUP_MEMORY, SUM,
	  NULL, "resident memory over CPU time" },
	{ STATS(virtmem), UINT(MB_US), GROUP_MEMORY, SUM,
	  NULL, "virtual memory over CPU time" },
	{ STATS(hiwater_rss), UINT(KIB), GROUP_MEMORY, NO_SUM,
	  "PEAK-RSS", "peak of resident memory" },
	{ STATS(hiwater_vm), UINT(KIB), GROUP_MEMORY, NO_SUM,
	  "PEAK-VM", "peak of virtual memory" },
	{ STATS(read_char), UINT(BYTES), GROUP_IO, SUM,
	  NULL, "bytes read by system calls, in whole KiB" },
	{ STATS(write_char), UINT(BYTES), GROUP_IO, SUM,
	  NULL, "bytes written by system calls, in whole KiB" },
	{ STATS(read_syscalls), UINT(COUNT), GROUP_IO, SUM,
	  NULL, "system calls that read" },
	{ STATS(write_syscalls), UINT(COUNT), GROUP_IO, SUM,
	  NULL, "system calls that write" },
	{ STATS(read_bytes), UINT(BYTES), GROUP_IO, SUM,
	  "READ", "bytes read from storage, in whole KiB" },
	{ STATS(write_bytes), UINT(BYTES), GROUP_IO, SUM,
	  "WRITE", "bytes to be written to storage, in whole KiB" },
	{ STATS(cancelled_write_bytes), UINT(BYTES), GROUP_IO, SUM,
	  NULL, "bytes of them that need not be written any more, in whole KiB" },
	{ STATS(nvcsw), UINT(COUNT), GROUP_RUN, SUM,
	  "NVCSW", "context switches, voluntary" },
	{ STATS(nivcsw), UINT(COUNT), GROUP_RUN, SUM,
	  "NIVCSW", "context switches, involuntary" },
	{ STATS(ac_utimescaled), UINT(US), GROUP_TIME, SUM,
	  NULL, "ac_utime scaled to the frequency of the CPU" },
	{ STATS(ac_stimescaled), UINT(US), GROUP_TIME, SUM,
	  NULL, "ac_stime scaled to the frequency of the CPU" },
	{ STATS(cpu_scaled_run_real_total), UINT(NS), GROUP_RUN, SUM,
	  NULL, "cpu_run_real_total scaled to the frequency of the CPU" },
	{ STATS(freepages_count), UINT(COUNT), GROUP_DELAY, SUM,
	  NULL, "waits for memory to be reclaimed" },
	{ STATS(freepages_delay_total), UINT(NS), GROUP_DELAY, SUM,
	  "RECLAIM-WAIT", "time waited for memory to be reclaimed" },
	{ STATS(thrashing_count), UINT(COUNT), GROUP_DELAY, SUM,
	  NULL, "waits for a page that had just been evicted" },
	{ STATS(thrashing_delay_total), UINT(NS), GROUP_DELAY, SUM,
	  "THRASH-WAIT", "time waited for a page that had just been evicted" },
	{ STATS(ac_btime64), UINT(SECONDS), GROUP_TIME, NO_SUM,
	  "BEGIN", "begin, seconds since 1970" },
	{ STATS(compact_count), UINT(COUNT), GROUP_DELAY, SUM,
	  NULL, "waits for memory to be compacted" },
	{ STATS(compact_delay_total), UINT(NS), GROUP_DELAY, SUM,
	  "COMPACT-WAIT", "time waited for memory to be compacted" },
	{ STATS(ac_tgid), UINT(ID), GROUP_IDENTITY, NO_SUM,
	  "TGID", "id of the group" },
	{ STATS(ac_tgetime), UINT(US), GROUP_TIME, NO_SUM,
	  "AGE", "time since the group began" },
	{ STATS(ac_exe_dev), UINT(DEVICE), GROUP_IDENTITY, NO_SUM,
	  "EXE-DEV", "device of the executable" },
	{ STATS(ac_exe_inode), UINT(NUMBER), GROUP_IDENTITY, NO_SUM,
	  "EXE-INODE", "inode of the executable" },
	{ STATS(wpcopy_count), UINT(COUNT), GROUP_DELAY, SUM,
	  NULL, "waits for a page to be copied on write" },
	{ STATS(wpcopy_delay_total), UINT(NS), GROUP_DELAY, SUM,
	  "COPY-WAIT", "time waited for a page to be copied on write" },
	{ STATS(irq_count), UINT(COUNT), GROUP_DELAY, SUM,
	  NULL, "waits while interrupts were served" },
	{ STATS(irq_delay_total), UINT(NS), GROUP_DELAY, SUM,
	  "IRQ-WAIT", "time waited while interrupts were served" },
	{ STATS(cpu_delay_max), UINT(NS), GROUP_RUN, NO_SUM,
	  NULL, "longest wait for a CPU" },
	{ STATS(cpu_delay_min), UINT(NS), GROUP_RUN, NO_SUM,
	  NULL, "shortest wait for a CPU, 0 if there was none" },
	{ STATS(blkio_delay_max), UINT(NS), GROUP_DELAY, NO_SUM,
	  NULL, "longest wait for block I/O" },
	{ STATS(blkio_delay_min), UINT(NS), GROUP_DELAY, NO_SUM,
	  NULL, "shortest wait for block I/O, 0 if there was none" },
	{ STATS(swapin_delay_max), UINT(NS), GROUP_DELAY, NO_SUM,
	  NULL, "longest wait for a page to be swapped in" },
	{ STATS(swapin_delay_min), UINT(NS), GROUP_DELAY, NO_SUM,
	  NULL, "shortest wait for a page to be swapped in, 0 if there was none" },
	{ STATS(freepages_delay_max), UINT(NS), GROUP_DELAY, NO_SUM,
	  NULL, "longest wait for memory to be reclaimed" },
	{ STATS(freepages_delay_min), UINT(NS), GROUP_DELAY, NO_SUM,
	  NULL, "shortest wait for memory to be reclaimed, 0 if there was none" },
	{ STATS(thrashing_delay_max), UINT(NS), GROUP_DELAY, NO_SUM,
	  NULL, "longest wait for a page that had just been evicted" },
	{ STATS(thrashing_delay_min), UINT(NS), GROUP_DELAY, NO_SUM,
	  NULL, "shortest wait for a page that had just been evicted, 0 if there was none" },
	{ STATS(compact_delay_max), UINT(NS), GROUP_DELAY, NO_SUM,
	  NULL, "longest wait for memory to be compacted" },
	{ STATS(compact_delay_min), UINT(NS), GROUP_DELAY, NO_SUM,
	  NULL, "shortest wait for memory to be compacted, 0 if there was none" },
	{ STATS(wpcopy_delay_max), UINT(NS), GROUP_DELAY, NO_SUM,
	  NULL, "longest wait for a page to be copied on write" },
	{ STATS(wpcopy_delay_min), UINT(NS), GROUP_DELAY, NO_SUM,
	  NULL, "shortest wait for a page to be copied on write, 0 if there was none" },
	{ STATS(irq_delay_max), UINT(NS), GROUP_DELAY, NO_SUM,
	  NULL, "longest time that interrupts were served" },
	{ STATS(irq_delay_min), UINT(NS), GROUP_DELAY, NO_SUM,
	  NULL, "shortest time that interrupts were served, 0 if there was none" },
	{ STATS(cpu_delay_max_ts), TYPE_TIME, UNIT_SECONDS, GROUP_RUN, NO_SUM,
	  NULL, "when the longest of these ended, by the real-time clock" },
	{ STATS(blkio_delay_max_ts), TYPE_TIME, UNIT_SECONDS, GROUP_DELAY, NO_SUM,
	  NULL, "when the longest of these ended, by the real-time clock" },
	{ STATS(swapin_delay_max_ts), TYPE_TIME, UNIT_SECONDS, GROUP_DELAY, NO_SUM,
	  NULL, "when the longest of these ended, by the real-time clock" },
	{ STATS(freepages_delay_max_ts), TYPE_TIME, UNIT_SECONDS, GROUP_DELAY, NO_SUM,
	  NULL, "when the longest of these ended, by the real-time clock" },
	{ STATS(thrashing_delay_max_ts), TYPE_TIME, UNIT_SECONDS, GROUP_DELAY, NO_SUM,
	  NULL, "when the longest of these ended, by the real-time clock" },
	{ STATS(compact_delay_max_ts), TYPE_TIME, UNIT_SECONDS, GROUP_DELAY, NO_SUM,
	  NULL, "when the longest of these ended, by the real-time clock" },
	{ STATS(wpcopy_delay_max_ts), TYPE_TIME, UNIT_SECONDS, GROUP_DELAY, NO_SUM,
	  NULL, "when the longest of these ended, by the real-time clock" },
	{ STATS(irq_delay_max_ts), TYPE_TIME, UNIT_SECONDS, GROUP_DELAY, NO_SUM,
	  NULL, "when the longest of these ended, by the real-time clock" },
};

const unsigned int ts_nfields = ARRAY_SIZE(ts_fields);

/* Names in the help, and the least widths of columns. */
static const struct {
	const char *name;
	int width;
} units[] = {
	[UNIT_NUMBER]	= { "number", 6 },
	[UNIT_ID]	= { "id", 7 },
	[UNIT_COUNT]	= { "times", 8 },
	[UNIT_NS]	= { "ns", 9 },
	[UNIT_US]	= { "us", 9 },
	[UNIT_SECONDS]	= { "s", 19 },
	[UNIT_BYTES]	= { "bytes", 9 },
	[UNIT_KIB]	= { "KiB", 9 },
	[UNIT_MB_US]	= { "MB-us", 12 },
	[UNIT_TEXT]	= { "text", 15 },
	[UNIT_TYPE]	= { "word", 6 },
	[UNIT_DELAYS]	= { "word", 6 },
	[UNIT_EXITCODE]	= { "status", 6 },
	[UNIT_FLAGS]	= { "bits", 5 },
	[UNIT_POLICY]	= { "SCHED_", 8 },
	[UNIT_DEVICE]	= { "device", 7 },
};

static bool same_name(const char *a, const char *b)
{
	for (; *a && (*a == '-' ? '_' : *a) == *b; a++, b++)
		;
	return !*a && !*b;
}

/**
 * ts_field - find a field
 * @name: its name; '-' will do for '_', and "ac_" may be left out
 *
 * Return: the field, or NULL if there is none.
 */
const struct ts_field *ts_field(const char *name)
{
	const struct ts_field *short_for = NULL;
	unsigned int i;

	for (i = 0; i < ts_nfields; i++) {
		const char *full = ts_fields[i].name;

		if (same_name(name, full))
			return &ts_fields[i];
		if (!strncmp(full, "ac_", 3) && same_name(name, full + 3))
			short_for = &ts_fields[i];
	}
	return short_for;
}

static bool is_of_exit(const struct ts_field *field)
{
	return field->offset == offsetof(struct ts_record, cpu) ||
	       field->offset == offsetof(struct ts_record, start) ||
	       field->offset == offsetof(struct ts_record, cgroup);
}

/* Of a group an old kernel tells no more than this; the rest, as its id, is 0. */
static bool is_of_old_group(const struct ts_field *field)
{
	switch (field->group) {
	case GROUP_IDENTITY:
	case GROUP_MEMORY:
	case GROUP_IO:
		return false;
	case GROUP_TIME:
		return field == ts_field("ac_etime") || field == ts_field("ac_utime") ||
		       field == ts_field("ac_stime");
	default:
		return true;
	}
}

/**
 * ts_field_known - has the kernel told the field?
 * @field: the field
 * @record: what it has told
 *
 * Return: true if so.
 */
bool ts_field_known(const struct ts_field *field, const struct ts_record *record)
{
	size_t end = field->offset + field->size;

	if (is_of_exit(field))
		return record->exited;
	if (record->group && !record->stats.ac_pid && !is_of_old_group(field))
		return false;
	return end <= offsetof(struct ts_record, stats) + record->len;
}

static const void *member(const struct ts_field *field, const struct ts_record *record)
{
	return (const char *)record + field->offset;
}

/**
 * ts_value - the value of a field that is a number without sign
 * @field: the field
 * @record: where to look
 *
 * Return: the value.
 */
__u64 ts_value(const struct ts_field *field, const struct ts_record *record)
{
	const void *p = member(field, record);

	switch (field->size) {
	case 1:
		return *(const __u8 *)p;
	case 2:
		return *(const __u16 *)p;
	case 4:
		return *(const __u32 *)p;
	default:
		return *(const __u64 *)p;
	}
}

/**
 * ts_delay_total - all waits together
 * @record: whose
 *
 * Return: their time, in ns.
 */
__u64 ts_delay_total(const struct ts_record *record)
{
	const struct taskstats *stats = &record->stats;

	return stats->cpu_delay_total + stats->blkio_delay_total +
	       stats->swapin_delay_total + stats->freepages_delay_total +
	       stats->thrashing_delay_total + stats->compact_delay_total +
	       stats->wpcopy_delay_total + stats->irq_delay_total;
}

/**
 * ts_delays_name - how far delays have been measured
 * @delays: TASKSTATS_DELAYS_* or DELAYS_UNKNOWN
 *
 * Return: a word for it.
 */
const char *ts_delays_name(__u32 delays)
{
	static const char *const names[] = {
		[TASKSTATS_DELAYS_NONE] = "none",
		[TASKSTATS_DELAYS_SOME] = "some",
		[TASKSTATS_DELAYS_ALL] = "all",
	};

	return delays < ARRAY_SIZE(names) ? names[delays] : "unknown";
}

/**
 * ts_field_width - how wide a column is
 * @field: what it shows
 *
 * Return: the width; negative if the column is aligned to the left.
 */
int ts_field_width(const struct ts_field *field)
{
	int title = strlen(field->title ? field->title : field->name);
	int width = units[field->unit].width;

	if (field->type == TYPE_TIME)
		width += 4;	/* with milliseconds */
	if (title > width)
		width = title;
	return field->type == TYPE_TEXT || field->type == TYPE_BOOL ? -width : width;
}

static void show_ns(char *buf, size_t size, __u64 ns)
{
	double ms = ns / 1e6;

	if (!ns)
		snprintf(buf, size, "0");
	else if (ms < 10)
		snprintf(buf, size, "%.3fms", ms);
	else if (ms < 1e3)
		snprintf(buf, size, "%.1fms", ms);
	else if (ms < 600e3)
		snprintf(buf, size, "%.2fs", ms / 1e3);
	else
		snprintf(buf, size, "%.0fh%02.0fm", (double)(ns / 3600000000000ULL),
			 (double)(ns / 60000000000ULL % 60));
}

static void show_bytes(char *buf, size_t size, double bytes)
{
	static const char *const prefixes[] = { "KiB", "MiB", "GiB", "TiB" };
	unsigned int i = 0;

	for (bytes /= 1024; bytes >= 1000 && i < ARRAY_SIZE(prefixes) - 1; i++)
		bytes /= 1024;
	if (bytes == 0)
		snprintf(buf, size, "0");
	else
		snprintf(buf, size, "%.*f%s", bytes < 10 ? 1 : 0, bytes, prefixes[i]);
}

/* What has been used in an interval, by the second; of time as a percentage. */
static void show_rate(char *buf, size_t size, enum ts_unit unit, double value, double ns)
{
	switch (unit) {
	case UNIT_NS:
		snprintf(buf, size, "%.1f%%", 100 * value / ns);
		break;
	case UNIT_US:
		snprintf(buf, size, "%.1f%%", 1e5 * value / ns);
		break;
	case UNIT_BYTES:
		show_bytes(buf, size, value / (ns / 1e9));
		if (value)
			strncat(buf, "/s", size - strlen(buf) - 1);
		break;
	default:
		value /= ns / 1e9;
		snprintf(buf, size, "%.*f/s", value && value < 10 ? 1 : 0, value);
	}
}

static void show_date(char *buf, size_t size, __s64 seconds, long ns)
{
	time_t t = seconds;
	struct tm *tm = localtime(&t);
	size_t len;

	if (!tm || (!seconds && !ns)) {
		snprintf(buf, size, "-");
		return;
	}
	len = strftime(buf, size, "%F %T", tm);
	if (ns)
		snprintf(buf + len, size - len, ".%03ld", ns / 1000000);
}

static void show_exitcode(char *buf, size_t size, int status)
{
	if (WIFSIGNALED(status))
		snprintf(buf, size, "%s%d", WCOREDUMP(status) ? "core" : "sig", WTERMSIG(status));
	else
		snprintf(buf, size, "%d", WEXITSTATUS(status));
}

/* As lastcomm(1) has them, and G for the last of a group. */
static void show_flags(char *buf, size_t size, unsigned int flags)
{
	snprintf(buf, size, "%s%s%s%s%s%s",
		 flags & ASU ? "S" : "", flags & AFORK ? "F" : "",
		 flags & ACORE ? "D" : "", flags & AXSIG ? "X" : "",
		 flags & AGROUP ? "G" : "",
		 flags & (ASU | AFORK | ACORE | AXSIG | AGROUP) ? "" : "-");
}

static void show_policy(char *buf, size_t size, unsigned int policy)
{
	static const char *const names[] = {
		"other", "fifo", "rr", "batch", "iso", "idle", "deadline", "ext"
	};

	if (policy < ARRAY_SIZE(names))
		snprintf(buf, size, "%s", names[policy]);
	else
		snprintf(buf, size, "%u", policy);
}

/**
 * ts_utf8_len - the length of a character
 * @s: where it begins
 * @max: how many bytes there are
 *
 * Return: the length, or 0 if there is no such character of UTF-8.
 */
int ts_utf8_len(const unsigned char *s, size_t max)
{
	static const struct {
		unsigned char mask, lead;
		unsigned int least;
	} forms[] = { { 0xe0, 0xc0, 0x80 }, { 0xf0, 0xe0, 0x800 }, { 0xf8, 0xf0, 0x10000 } };
	unsigned int form, i, c;

	if (*s < 0x80)
		return 1;
	for (form = 0; form < ARRAY_SIZE(forms); form++) {
		if ((*s & forms[form].mask) != forms[form].lead)
			continue;
		c = *s & ~forms[form].mask & 0xff;
		for (i = 1; i < form + 2; i++) {
			if (i >= max || (s[i] & 0xc0) != 0x80)
				return 0;
			c = c << 6 | (s[i] & 0x3f);
		}
		return c < forms[form].least || c > 0x10ffff || c >> 11 == 0x1b ? 0 : form + 2;
	}
	return 0;
}

/**
 * ts_is_control - would a terminal act on it?
 * @s: a character of ASCII, or of UTF-8
 *
 * Return: true for the control characters of both.
 */
bool ts_is_control(const unsigned char *s)
{
	return *s < ' ' || *s == 127 || (*s == 0xc2 && s[1] < 0xa0);
}

/* Nothing that a terminal would act on, and nothing that is no character. */
static void show_text(char *buf, size_t size, const char *text, size_t max)
{
	const unsigned char *s = (const unsigned char *)text, *end = s + strnlen(text, max);
	char *pos = buf;
	int len;

	for (; s < end && pos + 1 < buf + size; s += len ? len : 1) {
		len = ts_utf8_len(s, end - s);
		if (len && !ts_is_control(s) && pos + len < buf + size)
			pos = (char *)memcpy(pos, s, len) + len;
		else
			*pos++ = '?';
	}
	*pos = '\0';
}

static void show_time(char *buf, size_t size, const struct __kernel_timespec *ts)
{
	show_date(buf, size, ts->tv_sec, ts->tv_nsec);
}

static void show_uint(char *buf, size_t size, enum ts_unit unit, __u64 value)
{
	switch (unit) {
	case UNIT_NS:
		show_ns(buf, size, value);
		break;
	case UNIT_US:
		show_ns(buf, size, value * 1000);
		break;
	case UNIT_SECONDS:
		show_date(buf, size, value, 0);
		break;
	case UNIT_BYTES:
		show_bytes(buf, size, value);
		break;
	case UNIT_KIB:
		show_bytes(buf, size, value * 1024.);
		break;
	case UNIT_EXITCODE:
		show_exitcode(buf, size, value);
		break;
	case UNIT_FLAGS:
		show_flags(buf, size, value);
		break;
	case UNIT_POLICY:
		show_policy(buf, size, value);
		break;
	case UNIT_DEVICE:
		snprintf(buf, size, "%u:%u", major(value), minor(value));
		break;
	case UNIT_DELAYS:
		snprintf(buf, size, "%s", ts_delays_name(value));
		break;
	default:
		snprintf(buf, size, "%llu", (unsigned long long)value);
	}
}

/* Zero that says nothing is not shown as zero. */
static bool says_something(const struct ts_field *field, const struct ts_record *record)
{
	return ts_field_known(field, record) &&
	       !(field->group == GROUP_DELAY && record->delays == TASKSTATS_DELAYS_NONE);
}

/**
 * ts_show - show a field to people
 * @buf: where to write
 * @size: room there
 * @field: the field
 * @record: where to look
 * @interval_ns: sums are differences over this time; 0 if they are not
 */
void ts_show(char *buf, size_t size, const struct ts_field *field,
	     const struct ts_record *record, __u64 interval_ns)
{
	const void *p = member(field, record);

	if (!says_something(field, record))
		snprintf(buf, size, "-");
	else if (field->type == TYPE_TEXT)
		show_text(buf, size, p, field->size);
	else if (field->type == TYPE_BOOL)
		snprintf(buf, size, "%s", *(const bool *)p ? "group" : "thread");
	else if (field->type == TYPE_SINT)
		snprintf(buf, size, "%d", *(const __s8 *)p);
	else if (field->type == TYPE_TIME)
		show_time(buf, size, p);
	else if (interval_ns && field->sums)
		show_rate(buf, size, field->unit, ts_value(field, record), interval_ns);
	else
		show_uint(buf, size, field->unit, ts_value(field, record));
}

static const char *unit_name(const struct ts_field *field)
{
	return field->type == TYPE_TIME ? "s.ns" : units[field->unit].name;
}

/**
 * ts_fields_help - list all fields
 * @out: where
 */
void ts_fields_help(FILE *out)
{
	unsigned int group, i;

	for (group = 0; group < NGROUPS; group++) {
		fprintf(out, "%s%s:\n", group ? "\n" : "", ts_group_names[group]);
		for (i = 0; i < ts_nfields; i++) {
			const struct ts_field *field = &ts_fields[i];

			if (field->group == group)
				fprintf(out, "  %-26s %-7s %s\n", field->name,
					unit_name(field), field->doc);
		}
	}
}
