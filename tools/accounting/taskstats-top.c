// SPDX-License-Identifier: GPL-2.0
/*
 * taskstats top: who uses most, by the differences between two dumps.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "taskstats.h"

#define GROUP_FIELDS	"id,uid,cpu_run_virtual_total,cpu_delay_total,blkio_delay_total," \
			"read_bytes,write_bytes,hiwater_rss,comm"
#define THREAD_FIELDS	"id,tgid,uid,cpu_run_virtual_total,cpu_delay_total," \
			"blkio_delay_total,read_bytes,write_bytes,hiwater_rss,comm"

/* Lines of the screen that are not for tasks. */
#define HEAD_LINES	3

/**
 * struct snapshot - what a dump has told
 * @record: of all tasks, by ascending ids
 * @n: number of them
 * @room: how many there is room for
 * @no_memory: there were more
 * @when_ns: when it was asked for
 * @done_ns: when all of it was told
 */
struct snapshot {
	struct ts_record *record;
	size_t n;
	size_t room;
	bool no_memory;
	__u64 when_ns;
	__u64 done_ns;
};

/**
 * struct top - what is watched, and how it is shown
 * @nl: the socket
 * @output: how records are shown
 * @dump: which tasks
 * @sort: by what
 * @lines: how many tasks are shown; 0 if all
 * @only: who has done nothing is left out
 * @screen: stdout is a terminal, to be drawn on again and again
 * @keys: and stdin is one, to be read from
 * @quit: 'q' was pressed
 * @old: the last dump but one
 * @new: the last one
 * @used: the difference
 */
struct top {
	struct ts_nl nl;
	struct ts_output output;
	struct ts_dump dump;
	enum ts_sort sort;
	__u32 lines;
	bool only;
	bool screen;
	bool keys;
	bool quit;
	struct snapshot old;
	struct snapshot new;
	struct snapshot used;
};

static const char *const sort_names[] = {
	[SORT_CPU] = "cpu", [SORT_IO] = "io", [SORT_DELAY] = "delay",
};

/* Dumps */

static __u64 now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static bool make_room(struct snapshot *snapshot)
{
	size_t room = snapshot->room ? 2 * snapshot->room : 256;
	struct ts_record *record;

	if (snapshot->n < snapshot->room)
		return true;
	record = realloc(snapshot->record, room * sizeof(*record));
	if (!record)
		return false;
	snapshot->record = record;
	snapshot->room = room;
	return true;
}

static void add_record(const struct ts_record *record, void *arg)
{
	struct snapshot *snapshot = arg;

	if (make_room(snapshot))
		snapshot->record[snapshot->n++] = *record;
	else
		snapshot->no_memory = true;
}

static int take_snapshot(struct top *top)
{
	struct snapshot spare = top->old;
	int err;

	top->old = top->new;
	top->new = spare;
	top->new.n = 0;
	top->new.when_ns = now_ns();
	top->nl.arg = &top->new;
	err = ts_dump(&top->nl, &top->dump);
	top->new.done_ns = now_ns();
	return !err && top->new.no_memory ? -ENOMEM : err;
}

/* Differences */

/*
 * If it is younger now, it is another one with the id of who has ended. One that is
 * older already than that was when it was seen is not told from it.
 */
static bool is_same(const struct ts_record *old, const struct ts_record *new)
{
	if (new->group)
		return old->stats.ac_tgetime <= new->stats.ac_tgetime;
	return old->stats.ac_etime <= new->stats.ac_etime;
}

/* Is it older than the time between the dumps, and was not told of by the first? */
static bool came_into_sight(const struct top *top, const struct ts_record *new)
{
	__u64 us = new->group ? new->stats.ac_tgetime : new->stats.ac_etime;

	return us > (top->new.done_ns - top->old.when_ns) / 1000;
}

static __u64 *sum_of(struct ts_record *record, const struct ts_field *field)
{
	return (__u64 *)((char *)record + field->offset);
}

static void subtract(struct ts_record *record, const struct ts_record *old)
{
	unsigned int i;

	for (i = 0; i < ts_nfields; i++) {
		const struct ts_field *field = &ts_fields[i];
		__u64 before = ts_value(field, old);

		if (field->sums && ts_value(field, record) >= before)
			*sum_of(record, field) -= before;
		else if (field->sums)
			*sum_of(record, field) = 0;
	}
}

/* Without CONFIG_TASK_DELAY_ACCT only ticks are counted. */
static __u64 cpu_used(const struct ts_record *record)
{
	const struct taskstats *stats = &record->stats;

	return stats->cpu_run_virtual_total ? stats->cpu_run_virtual_total :
	       (stats->ac_utime + stats->ac_stime) * 1000;
}

static __u64 io_used(const struct ts_record *record)
{
	return record->stats.read_bytes + record->stats.write_bytes;
}

/* By what is shown of it; if that tells nothing, by all that can be sorted by. */
static bool has_done_something(const struct top *top, const struct ts_record *used)
{
	bool tells = false;
	unsigned int i;

	for (i = 0; i < top->output.nfields; i++) {
		const struct ts_field *field = top->output.fields[i];

		if (field->sums && ts_value(field, used))
			return true;
		tells |= field->sums;
	}
	return !tells && (cpu_used(used) || io_used(used) || ts_delay_total(used));
}

/*
 * Of a task that was not there before all it has used has been used since; what one
 * had used that was there, but out of sight, is not known.
 */
static int find_used(struct top *top)
{
	const struct ts_record *old = top->old.record, *end = old + top->old.n;
	size_t i;

	top->used.n = 0;
	for (i = 0; i < top->new.n; i++) {
		const struct ts_record *new = &top->new.record[i];
		struct ts_record *last;

		add_record(new, &top->used);
		if (top->used.no_memory)
			return -ENOMEM;
		last = &top->used.record[top->used.n - 1];
		while (old < end && old->id < new->id)
			old++;
		if (old < end && old->id == new->id && is_same(old, new))
			subtract(last, old);
		else if (came_into_sight(top, new))
			subtract(last, new);
		if (top->only && !has_done_something(top, last))
			top->used.n--;
	}
	return 0;
}

static int compare_u64(__u64 a, __u64 b)
{
	return (a < b) - (a > b);
}

static int by_cpu(const void *a, const void *b)
{
	return compare_u64(cpu_used(a), cpu_used(b));
}

/* Who waits for a disk without getting anything counts too. */
static int by_io(const void *a, const void *b)
{
	const struct ts_record *one = a, *other = b;
	int order = compare_u64(io_used(one), io_used(other));

	return order ? order : compare_u64(one->stats.blkio_delay_total,
					   other->stats.blkio_delay_total);
}

static int by_delay(const void *a, const void *b)
{
	return compare_u64(ts_delay_total(a), ts_delay_total(b));
}

static void sort_used(struct top *top)
{
	static int (*const compare[])(const void *a, const void *b) = {
		[SORT_CPU] = by_cpu, [SORT_IO] = by_io, [SORT_DELAY] = by_delay,
	};

	if (top->used.n)
		qsort(top->used.record, top->used.n, sizeof(*top->used.record),
		      compare[top->sort]);
}

/* Display */

static size_t shown(const struct top *top)
{
	struct winsize size;
	size_t lines = top->lines;

	if (!lines && top->screen && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) &&
	    size.ws_row > HEAD_LINES)
		lines = size.ws_row - HEAD_LINES;
	return lines && lines < top->used.n ? lines : top->used.n;
}

/* Who does not see the first process of the namespace does not see all. */
static bool sees_all(const struct top *top)
{
	return top->dump.tgid || top->dump.cgroup || (top->new.n && top->new.record[0].id == 1);
}

static const char *what_there_is(const struct top *top)
{
	bool threads = top->dump.threads || top->dump.tgid;

	if (top->used.n == 1)
		return threads ? "thread" : "group";
	return threads ? "threads" : "groups";
}

static void print_head(const struct top *top)
{
	char text[16] = "";
	time_t now = time(NULL);
	struct tm *tm = localtime(&now);

	if (top->output.json || !top->output.header)
		return;
	if (tm)
		strftime(text, sizeof(text), "%T", tm);
	fprintf(top->output.out, "%s  %zu %s%s%s, by %s over %.1f s%s\n", text, top->used.n,
		top->only ? "busy " : "", what_there_is(top),
		sees_all(top) ? "" : " that you may see",
		sort_names[top->sort], top->output.interval_ns / 1e9,
		top->keys ? "  (keys: c, i, d, q)" : "");
}

/* Lines are cut where the screen ends, and what was there before is erased. */
static void print_round(struct top *top, bool first)
{
	size_t i, n = shown(top);

	if (top->screen)
		fputs("\033[H\033[J\033[?7l", top->output.out);
	else if (!first && !top->output.json)
		fputc('\n', top->output.out);
	print_head(top);
	ts_output_header(&top->output);
	for (i = 0; i < n; i++)
		ts_output_record(&top->used.record[i], &top->output);
	if (top->screen)
		fputs("\033[?7h", top->output.out);
}

static void press(struct top *top, char c)
{
	switch (c) {
	case 'c':
		top->sort = SORT_CPU;
		break;
	case 'i':
		top->sort = SORT_IO;
		break;
	case 'd':
		top->sort = SORT_DELAY;
		break;
	case 'q':
		top->quit = true;
		return;
	default:
		return;
	}
	sort_used(top);
	print_round(top, false);
	fflush(top->output.out);
}

static struct timespec timespec_of(__u64 ns)
{
	return (struct timespec) { .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };
}

static void pause_until(struct top *top, __u64 until)
{
	struct pollfd pfd = { .fd = top->keys ? STDIN_FILENO : -1, .events = POLLIN };
	struct timespec rest;
	__u64 now;
	char c;

	for (now = now_ns(); !ts_is_stopped() && !top->quit && now < until; now = now_ns()) {
		rest = timespec_of(until - now);
		if (ts_wait(&pfd, &rest) <= 0)
			continue;
		if (read(STDIN_FILENO, &c, 1) == 1)
			press(top, c);
		else
			pfd.fd = -1;
	}
}

static int show(struct top *top, bool first)
{
	int err = find_used(top);

	if (err)
		return ts_complain(&top->nl, err, "top");
	top->output.interval_ns = top->new.when_ns - top->old.when_ns;
	sort_used(top);
	print_round(top, first);
	return ts_output_end(&top->output);
}

static int watch(struct top *top, const struct ts_options *opts)
{
	__u64 delay_ns = opts->delay * 1e9;
	int err = take_snapshot(top);
	__u32 round;

	if (!err && ts_check_sight(&top->dump, top->new.n))
		return EXIT_NOT_PERMITTED;
	for (round = 0; !err; round++) {
		/* A first look does not need to be waited for as long. */
		__u64 pause_ns = !round && top->screen && delay_ns > 500000000 ? 500000000 :
										 delay_ns;

		pause_until(top, top->new.when_ns + pause_ns);
		if (ts_is_stopped() || top->quit)
			return EXIT_OK;
		err = take_snapshot(top);
		if (err)
			break;
		if (ts_check_sight(&top->dump, top->new.n))
			return EXIT_NO_TASK;	/* any more */
		err = show(top, !round);
		if (err || (opts->count && round + 1 >= opts->count))
			return err;
	}
	return ts_complain(&top->nl, err, "top");
}

/* The terminal */

static struct termios before, raw;

static void stop(int sig);

/* Without a handler, and not put off, once it has come. */
static const struct sigaction stopping = {
	.sa_handler = stop,
	.sa_flags = SA_RESTART | SA_RESETHAND | SA_NODEFER,
};

/* Others have the terminal meanwhile as it was. Without a shell to go on by it goes on. */
static void stop(int sig)
{
	int err = errno;

	tcsetattr(STDIN_FILENO, TCSANOW, &before);
	raise(sig);
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	sigaction(sig, &stopping, NULL);
	errno = err;
}

static bool set_keys(void)
{
	struct sigaction was;

	if (tcgetattr(STDIN_FILENO, &before))
		return false;
	raw = before;
	raw.c_lflag &= ~(ICANON | ECHO);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	if (tcsetattr(STDIN_FILENO, TCSANOW, &raw))
		return false;
	sigaction(SIGTSTP, NULL, &was);
	if (was.sa_handler != SIG_IGN)
		sigaction(SIGTSTP, &stopping, NULL);
	return true;
}

static int watch_terminal(struct top *top, const struct ts_options *opts)
{
	int err;

	ts_catch_signals();
	top->keys = top->screen && set_keys();
	err = watch(top, opts);
	if (top->keys) {
		signal(SIGTSTP, SIG_IGN);	/* which would end with keys set again */
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
	}
	ts_output_hints(&top->output);
	return err;
}

static void free_top(struct top *top)
{
	free(top->old.record);
	free(top->new.record);
	free(top->used.record);
	ts_output_free(&top->output);
}

/**
 * cmd_top - show who uses most, again and again
 * @opts: of whom, and how
 *
 * Return: an exit status.
 */
int cmd_top(const struct ts_options *opts)
{
	struct top top = {
		.nl.record = add_record,
		.dump = {
			.threads = opts->threads,
			.tgid = opts->tgids[0],
			.cgroup = opts->cgroup,
		},
		.sort = opts->sort,
		.lines = opts->lines,
		.only = opts->only,
		.screen = !opts->json && isatty(STDOUT_FILENO),
	};
	int err = ts_start_patient(&top.output, opts,
				   opts->threads || opts->ntgids ? THREAD_FIELDS : GROUP_FIELDS);

	if (err)
		return err;
	err = ts_open(&top.nl);
	if (err) {
		err = ts_complain(&top.nl, err, "top");
	} else {
		err = watch_terminal(&top, opts);
		ts_close(&top.nl);
	}
	free_top(&top);
	return err;
}
