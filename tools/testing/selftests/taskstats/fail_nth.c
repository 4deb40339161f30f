// SPDX-License-Identifier: GPL-2.0
/*
 * Each piece of memory that a request or an exit wants is refused once: the first,
 * the second, until it wants no more. A request then either fails for that reason
 * and has changed nothing, or is done all the same, and the next one has no trouble.
 * An exit is told or counted as lost, by each listener for itself.
 *
 * How dumps fare is in dump.c.
 */
#include "kselftest_harness.h"
#include "account.h"
#include "fault.h"
#include "listen.h"

/* More than anything wants: of some things each CPU has one. */
#define PIECES	(200 + sysconf(_SC_NPROCESSORS_CONF))
#define UNHEARD	1	/* beside errors: done or not, its answer has been lost */

#ifndef PIDFD_SELF_THREAD_GROUP
#define PIDFD_SELF_THREAD_GROUP	-10001
#endif

struct world {
	struct ts_listener listener;
	struct ts_pen pen;
	char list[16];		/* the CPU that is listened to */
	int cpu;
	int fd;			/* where to say which piece */
	int nth;
	bool failed;		/* that piece has been asked for */
};

static int send_without(struct world *w, const struct ts_msg *msg)
{
	int error;

	w->failed = false;
	if (w->nth && !ts_fail_nth(w->fd, w->nth))
		return -EIO;
	error = ts_send(&w->listener.sk, msg);
	if (w->nth)
		w->failed = ts_has_failed(w->fd);
	return error;
}

/* Queries */

static bool is_open(struct world *w)
{
	(void)w;
	return true;
}

static int get(struct world *w, __u16 attr, __u32 value, __u16 type)
{
	struct ts_aggr aggr;
	struct ts_msg msg;
	int error;

	ts_msg_get(&msg, &w->listener.sk, attr, value);
	error = send_without(w, &msg);
	if (!error)
		error = ts_reply(&w->listener.sk, type, &aggr);
	if (!error && (aggr.id != (__u32)getpid() || aggr.stats.ac_tgid != aggr.id))
		error = -EBADMSG;
	return error;
}

static int get_pid(struct world *w)
{
	return get(w, TASKSTATS_CMD_ATTR_PID, getpid(), TASKSTATS_TYPE_AGGR_PID);
}

static int get_tgid(struct world *w)
{
	return get(w, TASKSTATS_CMD_ATTR_TGID, getpid(), TASKSTATS_TYPE_AGGR_TGID);
}

static int get_pidfd(struct world *w)
{
	return get(w, TASKSTATS_CMD_ATTR_PIDFD, PIDFD_SELF_THREAD_GROUP,
		   TASKSTATS_TYPE_AGGR_TGID);
}

static int get_cgroup(struct world *w)
{
	struct ts_dgram dgram;
	struct ts_msg msg;
	int error;

	ts_msg_init(&msg, &w->listener.sk, CGROUPSTATS_CMD_GET, 0);
	ts_msg_put_u32(&msg, CGROUPSTATS_CMD_ATTR_FD, w->pen.dir);
	error = send_without(w, &msg);
	if (!error)
		error = ts_recv(&w->listener.sk, &dgram, 0);
	if (error || ts_is_ack(&dgram, &error))
		return error;
	return ts_attr(&dgram, TS_HDRLEN, CGROUPSTATS_TYPE_CGROUP_STATS,
		       sizeof(struct cgroupstats)) ? 0 : -EBADMSG;
}

/* Registering */

static int set_mask(struct world *w, __u16 type)
{
	struct ts_dgram dgram;
	struct ts_msg msg;
	int error, result = UNHEARD;

	ts_msg_init(&msg, &w->listener.sk, TASKSTATS_CMD_GET, NLM_F_ACK);
	ts_msg_put(&msg, type, w->list, strlen(w->list) + 1);
	error = send_without(w, &msg);
	if (error)
		return error;
	while ((error = ts_recv(&w->listener.sk, &dgram, 0)) != -EAGAIN) {
		if (!error && ts_is_ack(&dgram, &error))
			result = error;
	}
	return result;
}

static int enlist(struct world *w)
{
	return set_mask(w, TASKSTATS_CMD_ATTR_REGISTER_CPUMASK);
}

static int delist(struct world *w)
{
	return set_mask(w, TASKSTATS_CMD_ATTR_DEREGISTER_CPUMASK);
}

static bool has_enlisted(struct world *w)
{
	return !ts_listen(&w->listener.sk, w->list);
}

static bool is_told(struct world *w)
{
	pid_t tid = ts_thread_exit_on(w->cpu);

	return tid > 0 && ts_count_exits(&w->listener.sk, tid) == 1;
}

static bool is_not_told(struct world *w)
{
	pid_t tid = ts_thread_exit_on(w->cpu);

	return tid > 0 && ts_count_exits(&w->listener.sk, tid) == 0;
}

/* Subscribing */

static int listen_without(struct world *w, const struct ts_sub *sub)
{
	struct ts_state state;
	struct ts_big answer;
	struct ts_msg msg;
	int error;

	ts_sub_msg(&msg, &w->listener.sk, sub);
	error = send_without(w, &msg);
	if (!error)
		error = ts_answer(&w->listener, msg.nlh.nlmsg_seq, &answer);
	return error ? error : ts_parse_state(&answer, &state);
}

/* One that has all that a subscription may have, and one that is different. */
static struct ts_sub first_sub(const struct world *w)
{
	return (struct ts_sub) {
		.records = TASKSTATS_RECORDS_THREAD,
		.cpus = w->list,
		.cgroup_fd = w->pen.dir,
		.batch = 3,
		.wait_ms = TS_LONG_MS,
	};
}

static struct ts_sub second_sub(const struct world *w)
{
	return (struct ts_sub) {
		.records = TS_BOTH,
		.cgroup_fd = w->pen.dir,
		.batch = 1,
		.wait_ms = 1,
	};
}

static int subscribe(struct world *w)
{
	struct ts_sub sub = first_sub(w);

	return listen_without(w, &sub);
}

static int replace(struct world *w)
{
	struct ts_sub sub = second_sub(w);

	return listen_without(w, &sub);
}

static int clear(struct world *w)
{
	const struct ts_sub none = {};

	return listen_without(w, &none);
}

static int query(struct world *w)
{
	return listen_without(w, NULL);
}

static bool is_as(struct world *w, const struct ts_sub *sub)
{
	struct ts_state state;

	return !ts_ask(&w->listener, &state) && state.records == sub->records &&
	       state.batch == sub->batch && state.wait_ms == sub->wait_ms &&
	       (!sub->cpus || !strcmp(state.cpus, sub->cpus));
}

/* With a record that waits. */
static bool has_subscribed(struct world *w)
{
	struct ts_sub sub = first_sub(w);

	return !ts_subscribe(&w->listener, &sub) && ts_thread_exit_on(w->cpu) > 0;
}

/* That record waits on, or did not come before. */
static bool is_first(struct world *w)
{
	struct ts_sub sub = first_sub(w);

	return is_as(w, &sub);
}

static bool is_untouched(struct world *w)
{
	struct ts_state state;

	return is_first(w) && !ts_ask(&w->listener, &state) && state.pending == 1 &&
	       w->listener.received == 0;
}

static bool is_second(struct world *w)
{
	struct ts_sub sub = second_sub(w);

	ts_drain(&w->listener);
	return is_as(w, &sub) && w->listener.received == 1;
}

static bool is_none(struct world *w)
{
	const struct ts_sub none = {};

	return is_as(w, &none);
}

static bool is_cleared(struct world *w)
{
	ts_drain(&w->listener);
	return is_none(w) && w->listener.received == 1;
}

FIXTURE(request)
{
	struct ts_faults faults;
	struct world world;
};

FIXTURE_VARIANT(request)
{
	bool (*prepare)(struct world *w);
	int (*ask)(struct world *w);
	bool (*is_undone)(struct world *w);
	bool (*is_done)(struct world *w);
	int least;		/* pieces that it cannot do without */
};

/* The table of attributes, and the reply in two pieces. */
FIXTURE_VARIANT_ADD(request, pid)
{
	.prepare = is_open,
	.ask = get_pid,
	.is_undone = is_open,
	.is_done = is_open,
	.least = 3,
};

FIXTURE_VARIANT_ADD(request, tgid)
{
	.prepare = is_open,
	.ask = get_tgid,
	.is_undone = is_open,
	.is_done = is_open,
	.least = 3,
};

FIXTURE_VARIANT_ADD(request, pidfd)
{
	.prepare = is_open,
	.ask = get_pidfd,
	.is_undone = is_open,
	.is_done = is_open,
	.least = 3,
};

FIXTURE_VARIANT_ADD(request, cgroup)
{
	.prepare = is_open,
	.ask = get_cgroup,
	.is_undone = is_open,
	.is_done = is_open,
	.least = 3,
};

/* The table, the list as a string; what the socket carries, listener, entry. */
FIXTURE_VARIANT_ADD(request, register)
{
	.prepare = is_open,
	.ask = enlist,
	.is_undone = is_not_told,
	.is_done = is_told,
	.least = 5,
};

FIXTURE_VARIANT_ADD(request, register_again)
{
	.prepare = has_enlisted,
	.ask = enlist,
	.is_undone = is_told,
	.is_done = is_told,
	.least = 2,
};

FIXTURE_VARIANT_ADD(request, deregister)
{
	.prepare = has_enlisted,
	.ask = delist,
	.is_undone = is_told,
	.is_done = is_not_told,
	.least = 2,
};

/* The same, with what the socket carries; subscription, listener, an entry. */
FIXTURE_VARIANT_ADD(request, subscribe)
{
	.prepare = is_open,
	.ask = subscribe,
	.is_undone = is_none,
	.is_done = is_first,
	.least = 7,
};

FIXTURE_VARIANT_ADD(request, replace)
{
	.prepare = has_subscribed,
	.ask = replace,
	.is_undone = is_untouched,
	.is_done = is_second,
	.least = 5,
};

FIXTURE_VARIANT_ADD(request, clear)
{
	.prepare = has_subscribed,
	.ask = clear,
	.is_undone = is_untouched,
	.is_done = is_cleared,
	.least = 3,
};

FIXTURE_VARIANT_ADD(request, query)
{
	.prepare = has_subscribed,
	.ask = query,
	.is_undone = is_untouched,
	.is_done = is_untouched,
	.least = 3,
};

FIXTURE_SETUP(request)
{
	struct world *w = &self->world;
	const char *lacks = ts_lacks();

	if (!lacks)
		lacks = ts_pen_enter(&w->pen);
	if (lacks)
		SKIP(return, "%s", lacks);
	ASSERT_EQ(1, ts_cpus(&w->cpu, 1));
	snprintf(w->list, sizeof(w->list), "%d", w->cpu);
	w->fd = ts_fail_open();
	/* Last: nobody undoes what a setup has done that fails. */
	lacks = w->fd < 0 ? "no /proc/PID/fail-nth to write" :
			    ts_faults_begin(&self->faults, NULL, "0");
	if (lacks) {
		ts_pen_leave(&w->pen);
		SKIP(return, "%s", lacks);
	}
}

FIXTURE_TEARDOWN(request)
{
	ts_faults_end(&self->faults);
	ts_listener_close(&self->world.listener);
	ts_pen_leave(&self->world.pen);
	close(self->world.fd);
}

TEST_F(request, without_a_piece_of_memory_is_refused_and_changes_nothing)
{
	int nth, error, refused = 0, unsent = 0, unheard = 0, done = 0;
	struct world *w = &self->world;

	for (nth = 1; ; nth++) {
		ASSERT_LT(nth, PIECES);
		ASSERT_EQ(0, ts_listener_open(&w->listener));
		ASSERT_TRUE(variant->prepare(w));
		w->nth = nth;
		error = variant->ask(w);
		w->nth = 0;
		if (!w->failed)
			break;
		refused += error == -ENOMEM;
		unsent += error == -ENOBUFS;
		unheard += error == UNHEARD;
		done += error == 0;
		EXPECT_TRUE(!error || error == -ENOMEM || error == -ENOBUFS || error == UNHEARD) {
			TH_LOG("without piece %d: %d", nth, error);
		}
		if (error < 0) {
			EXPECT_TRUE(variant->is_undone(w)) {
				TH_LOG("not undone without piece %d: %d", nth, error);
			}
			EXPECT_EQ(0, variant->ask(w));
		}
		EXPECT_TRUE(variant->is_done(w)) {
			TH_LOG("not done without piece %d: %d", nth, error);
		}
		ts_listener_close(&w->listener);
	}
	EXPECT_EQ(0, error);
	EXPECT_TRUE(variant->is_done(w));
	EXPECT_GE(refused, variant->least);
	TH_LOG("%d pieces: %d ENOMEM, %d not sent, %d without an answer, %d done without",
	       nth - 1, refused, unsent, unheard, done);
}

/* Exits: two who have registered, and two who have subscribed. */
enum { MASK, MASK_TOO, SINGLE, BATCHED, NLISTENERS };

FIXTURE(exit)
{
	struct ts_listener listener[NLISTENERS];
	struct ts_sub sub[NLISTENERS];
	struct ts_faults faults;
	struct ts_pen pen;
	int cpu;
};

FIXTURE_SETUP(exit)
{
	const char *lacks = ts_lacks();
	int i;

	if (!lacks)
		lacks = ts_pen_enter(&self->pen);
	if (lacks)
		SKIP(return, "%s", lacks);
	ASSERT_EQ(1, ts_cpus(&self->cpu, 1));
	for (i = 0; i < NLISTENERS; i++) {
		ASSERT_EQ(0, ts_listener_open(&self->listener[i]));
		self->sub[i] = (struct ts_sub) {
			.records = TS_BOTH,
			.cgroup_fd = self->pen.dir,
			.batch = i == SINGLE ? 1 : 5,
			.wait_ms = TS_LONG_MS,
		};
		ASSERT_EQ(0, i >= SINGLE ? ts_subscribe(&self->listener[i], &self->sub[i]) :
				   ts_listen_cpu(&self->listener[i].sk, self->cpu));
	}
	lacks = ts_faults_begin(&self->faults, NULL, "0");
	if (lacks) {
		ts_pen_leave(&self->pen);
		SKIP(return, "%s", lacks);
	}
}

FIXTURE_TEARDOWN(exit)
{
	int i;

	ts_faults_end(&self->faults);
	for (i = 0; i < NLISTENERS; i++)
		ts_listener_close(&self->listener[i]);
	ts_pen_leave(&self->pen);
}

/*
 * A process that ends without the @nth piece from then on; its id. Before it is
 * reaped it can be seen whether it wanted that many.
 */
static pid_t end_without(int cpu, int nth, bool *failed)
{
	char path[32], left[16] = "";
	siginfo_t info;
	pid_t pid = fork();

	if (pid == 0) {
		int fd = ts_fail_open();

		if (fd < 0 || ts_pin(cpu) || !ts_fail_nth(fd, nth))
			_exit(1);
		_exit(0);
	}
	if (pid < 0 || waitid(P_PID, pid, &info, WEXITED | WNOWAIT))
		return -1;
	snprintf(path, sizeof(path), "/proc/%d/fail-nth", pid);
	*failed = ts_read_string(path, left, sizeof(left)) && atoi(left) == 0;
	if (!left[0] || waitid(P_PID, pid, &info, WEXITED) || info.si_status)
		return -1;
	return pid;
}

/* How many records of @pid came to who has registered. */
static int count_records(struct ts_listener *listener, pid_t pid)
{
	struct ts_exit rec;
	int error, n = 0;

	while ((error = ts_next_exit(&listener->sk, &rec, 0)) != -EAGAIN) {
		listener->enobufs += error == -ENOBUFS;
		listener->bad += error && error != -ENOBUFS;
		n += !error && rec.pid.id == (__u32)pid;
	}
	return n;
}

TEST_F(exit, without_a_piece_of_memory_is_told_or_counted_as_lost)
{
	struct ts_state state[NLISTENERS], now;
	int nth, i, came, short_of[NLISTENERS] = {};
	struct ts_listener *listener;
	bool failed = true;
	__u64 lost, exits = 0;
	pid_t pid;

	memset(state, 0, sizeof(state));
	for (nth = 1; failed; nth++) {
		ASSERT_LT(nth, PIECES);
		pid = end_without(self->cpu, nth, &failed);
		ASSERT_GT(pid, 0);
		exits++;
		for (i = 0; i < NLISTENERS; i++) {
			listener = &self->listener[i];
			came = i < SINGLE ? count_records(listener, pid) : 0;
			ASSERT_EQ(0, ts_ask(listener, &now));
			lost = now.lost - state[i].lost;
			EXPECT_EQ(now.lost, now.lost_nomem);
			EXPECT_EQ(i < SINGLE ? 1 : 2 * exits,
				  i < SINGLE ? came + lost :
				  now.delivered + now.lost + now.pending);
			short_of[i] += lost > 0;
			state[i] = now;
		}
	}
	for (i = 0; i < NLISTENERS; i++) {
		listener = &self->listener[i];
		/* For who has subscribed a message is tried twice. */
		if (i < SINGLE)
			EXPECT_GT(short_of[i], 0);
		EXPECT_EQ(0, listener->bad);
		/* Each loss by itself, and read by itself. */
		EXPECT_EQ(short_of[i], listener->enobufs);
	}
	for (i = SINGLE; i < NLISTENERS; i++) {
		listener = &self->listener[i];
		ASSERT_EQ(0, ts_clear(listener, NULL));
		ASSERT_EQ(0, ts_subscribe(listener, &self->sub[SINGLE]));
	}
	pid = end_without(self->cpu, 0, &failed);
	for (i = SINGLE; i < NLISTENERS; i++) {
		listener = &self->listener[i];
		ts_drain(listener);
		EXPECT_EQ(2 * exits + 2 - state[i].lost, listener->received);
		EXPECT_EQ(state[i].lost, listener->gaps);
		EXPECT_EQ(0, listener->bad);
	}
	TH_LOG("%d pieces: lost %d and %d times by those registered, %d by one record, %d by five",
	       nth - 2, short_of[MASK], short_of[MASK_TOO], short_of[SINGLE],
	       short_of[BATCHED]);
}

/*
 * With its second thread a group gets something to keep its sums in: then there is
 * a thread, or none and no harm done. An exit status: 0 if it wanted less.
 */
static int start_without(int nth)
{
	static struct ts_ender ender;
	int fd = ts_fail_open(), error;
	bool failed;

	if (fd < 0 || !ts_fail_nth(fd, nth))
		return 100;
	error = ts_end_some(&ender, 1);
	failed = ts_has_failed(fd);
	if (error && error != -ENOMEM && error != -EAGAIN)
		return 101;
	/* Now there is enough, for one and for the next. */
	if (ts_end_some(&ender, 1) || ts_end_some(&ender, 1))
		return 102;
	if (!failed)
		return error ? 103 : 0;
	return error ? 1 : 2;
}

TEST_F(exit, of_a_group_is_told_whatever_its_second_thread_did_without)
{
	int nth, status, pid, refused = 0, done = 0, threads;
	struct ts_listener *listener = &self->listener[SINGLE];
	const struct ts_record *rec;

	for (nth = 1; ; nth++) {
		ASSERT_LT(nth, PIECES);
		pid = fork();
		ASSERT_GE(pid, 0);
		if (pid == 0)
			_exit(start_without(nth));
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		ASSERT_TRUE(WIFEXITED(status));
		status = WEXITSTATUS(status);
		ASSERT_LT(status, 100);
		refused += status == 1;
		done += status == 2;

		/* Each thread, and the group once. */
		listener->nrec = 0;
		ts_drain(listener);
		threads = status == 1 ? 3 : 4;
		EXPECT_EQ(threads + 1, listener->nrec);
		rec = ts_find(listener, 0, true, pid);
		ASSERT_NE(NULL, rec);
		EXPECT_EQ((__u32)pid, rec->stats.ac_tgid);
		if (!status)
			break;
	}
	EXPECT_GT(refused, 0);
	EXPECT_EQ(0, listener->bad);
	TH_LOG("%d pieces: %d refused, %d done without", nth - 1, refused, done);
}

TEST_HARNESS_MAIN
