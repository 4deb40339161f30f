// SPDX-License-Identifier: GPL-2.0
/*
 * taskstats listen: tell of each task that exits, and of what is lost.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "taskstats.h"

#define GROUP_FIELDS	"id,ppid,uid,exitcode,tgetime,utime,stime,cpu_delay_total," \
			"blkio_delay_total,read_bytes,write_bytes,hiwater_rss,comm"
#define THREAD_FIELDS	"id,tgid,uid,exitcode,etime,utime,stime,cpu_delay_total," \
			"blkio_delay_total,read_bytes,write_bytes,hiwater_rss,comm"
#define BOTH_FIELDS	"type," THREAD_FIELDS

/* Room for what comes while we are busy with what has come. */
#define BUFFER_KIB	4096

/* Room for six figures and their names. */
#define ACCOUNT_SIZE	256

/**
 * struct listener - what is told, and what has been
 * @nl: the socket
 * @output: how records are shown
 * @limit: how many of them; 0 if all
 * @lost: how many have been lost, as far as that has been told
 */
struct listener {
	struct ts_nl nl;
	struct ts_output output;
	unsigned long limit;
	__u64 lost;
};

static bool is_done(const struct listener *listener)
{
	return listener->limit && listener->output.told >= listener->limit;
}

static void on_record(const struct ts_record *record, void *arg)
{
	struct listener *listener = arg;

	if (is_done(listener))
		return;
	ts_output_record(record, &listener->output);
	ts_flush_lines(listener->output.out);
}

/* In its place among the records: what was lost was lost before what follows. */
static void on_lost(__u64 lost, void *arg)
{
	struct listener *listener = arg;
	__u64 more = lost - listener->lost;

	if (lost <= listener->lost)
		return;
	listener->lost = lost;
	if (listener->output.json) {
		fprintf(listener->output.out, "{\"lost\":%llu}\n",
			(unsigned long long)more);
		return;
	}
	fflush(listener->output.out);
	ts_say("taskstats: %llu records lost here\n", (unsigned long long)more);
}

static void set_buffer(const struct ts_nl *nl, __u32 kib)
{
	int size = (kib ? kib : BUFFER_KIB) * 1024;
	int fd = ts_fd(nl);

	/* Beyond what net.core.rmem_max lets anybody have, if we may. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

/* Returns 1 if there is something to read. */
static int wait_for_more(const struct ts_nl *nl, bool wait)
{
	const struct timespec now = {};
	struct pollfd pfd = { .fd = ts_fd(nl), .events = POLLIN };

	return ts_wait(&pfd, wait ? NULL : &now) > 0;
}

/*
 * After an overrun the next message says how much has been lost. There may not
 * be one for a long time: then we ask.
 */
static int listen_on(struct listener *listener)
{
	bool overrun = false;
	int err;

	while (!ts_is_stopped() && !is_done(listener)) {
		if (wait_for_more(&listener->nl, !overrun)) {
			err = ts_receive(&listener->nl);
			overrun |= err == -ENOBUFS;
		} else {
			err = overrun ? ts_ask_account(&listener->nl) : 0;
			overrun = false;
		}
		if (err && err != -ENOBUFS)
			return err;
		if (fflush(listener->output.out))
			return 0;
	}
	return 0;
}

static void format_account(const struct listener *listener, bool json, char *text, size_t size)
{
	const struct ts_account *account = &listener->nl.account;
	const struct {
		const char *name;
		__u64 value;
	} figures[] = {
		{ "delivered", account->delivered },
		{ "lost", account->lost },
		{ "lost_overrun", account->overrun },
		{ "lost_nomem", account->nomem },
		{ "lost_filter", account->filter },
		{ "pending", account->pending },
	};
	const char *comma = "";
	unsigned int i;
	size_t len = 0;

	for (i = 0; i < ARRAY_SIZE(figures); i++) {
		len += snprintf(text + len, size - len, json ? "%s\"%s\":%llu" : "%s%s %llu",
				comma, figures[i].name, (unsigned long long)figures[i].value);
		comma = json ? "," : ", ";
	}
}

/* On stdout for programs, where it cannot be taken for a record, if they read it. */
static void print_account(const struct listener *listener)
{
	FILE *out = listener->output.out;
	char text[ACCOUNT_SIZE];

	if (listener->output.json) {
		format_account(listener, true, text, sizeof(text));
		fprintf(out, "{\"account\":{%s}}\n", text);
	}
	if (!fflush(out) && listener->output.json)
		return;
	format_account(listener, false, text, sizeof(text));
	ts_say("taskstats: %s\n", text);
}

/* What waits for its batch comes with the end of the subscription. */
static int finish(struct listener *listener)
{
	int err = ts_unlisten(&listener->nl);

	if (err)
		return ts_complain(&listener->nl, err, "the end of listening");
	print_account(listener);
	ts_output_hints(&listener->output);
	err = ts_output_end(&listener->output);
	if (!listener->nl.astray)
		return err;
	ts_say("taskstats: %llu records are missing that are not told as lost\n",
	       (unsigned long long)listener->nl.astray);
	return EXIT_FAILED;
}

static int run(struct listener *listener, const struct ts_subscription *sub)
{
	int err;

	ts_catch_signals();
	err = ts_listen(&listener->nl, sub);
	if (err)
		return ts_complain(&listener->nl, err, "listen");
	if (!listener->output.begun)
		ts_output_header(&listener->output);
	fflush(listener->output.out);
	ts_say("taskstats: listening\n");
	err = listen_on(listener);
	if (err)
		return ts_complain(&listener->nl, err, "listen");
	return finish(listener);
}

static const char *default_fields(__u32 records)
{
	if (records == TASKSTATS_RECORDS_GROUP)
		return GROUP_FIELDS;
	return records == TASKSTATS_RECORDS_THREAD ? THREAD_FIELDS : BOTH_FIELDS;
}

/**
 * cmd_listen - stream exit records until a signal comes, or there were enough
 * @opts: which, and how
 *
 * Return: an exit status.
 */
int cmd_listen(const struct ts_options *opts)
{
	struct listener listener = {
		.nl = { .record = on_record, .lost = on_lost, .arg = &listener },
		.limit = opts->count,
	};
	struct ts_subscription sub = {
		.records = (opts->threads ? TASKSTATS_RECORDS_THREAD : 0) |
			   (opts->groups || !opts->threads ? TASKSTATS_RECORDS_GROUP : 0),
		.cpus = opts->cpus,
		.cgroup = opts->cgroup,
		.batch = opts->batch,
		.wait = opts->wait,
	};
	int err = ts_start_patient(&listener.output, opts, default_fields(sub.records));

	if (err)
		return err;
	err = ts_open(&listener.nl);
	if (err) {
		err = ts_complain(&listener.nl, err, "listen");
	} else {
		set_buffer(&listener.nl, opts->buffer);
		err = run(&listener, &sub);
		ts_close(&listener.nl);
	}
	ts_output_free(&listener.output);
	return err;
}
