// SPDX-License-Identifier: GPL-2.0
/*
 * TASKSTATS_CMD_GET with NLM_F_DUMP: many tasks in one answer, by ascending ids.
 * Who lives while it goes on is told exactly once, however long that takes and
 * whoever reads it.
 *
 * TASKSTATS_DUMP_TASKS, _ROUNDS and _FORKS say how many tasks there are to be
 * told, how often, and how many processes make others come and go meanwhile;
 * TASKSTATS_DUMP_EXECS, _ABANDONED and TASKSTATS_LOCK_QUERIES make more of that.
 */
#include <dirent.h>
#include <sys/mman.h>

#include "kselftest_harness.h"
#include "complaint.h"
#include "fault.h"

#define LARGE		65536
#define NTHREADS	24	/* more than two of the smallest rounds tell of */
#define NSTEADY		12
#define NOBODY		65534
#define UNABLE		77
#define NO_TASK		0x3fffffff
#define NO_FD		9999

/* Ids, in the order that they were added in. */
struct ids {
	__u32 *id;
	int n;
	int room;
};

static void add_id(struct ids *ids, __u32 id)
{
	if (ids->n == ids->room) {
		ids->room = ids->room ? 2 * ids->room : 64;
		ids->id = realloc(ids->id, ids->room * sizeof(*ids->id));
		if (!ids->id)
			_exit(200);
	}
	ids->id[ids->n++] = id;
}

static void free_ids(struct ids *ids)
{
	free(ids->id);
	memset(ids, 0, sizeof(*ids));
}

static int compare_ids(const void *a, const void *b)
{
	__u32 left = *(const __u32 *)a, right = *(const __u32 *)b;

	return (left > right) - (left < right);
}

static void sort_ids(struct ids *ids)
{
	if (ids->n)
		qsort(ids->id, ids->n, sizeof(*ids->id), compare_ids);
}

static void add_ids(struct ids *ids, const struct ids *more)
{
	int i;

	for (i = 0; i < more->n; i++)
		add_id(ids, more->id[i]);
	sort_ids(ids);
}

static bool same_ids(const struct ids *a, const struct ids *b)
{
	return a->n == b->n && (!a->n || !memcmp(a->id, b->id, a->n * sizeof(*a->id)));
}

static bool has_id(const struct ids *ids, __u32 id)
{
	return ids->n && bsearch(&id, ids->id, ids->n, sizeof(*ids->id), compare_ids);
}

/* The first of @some that @all have not, or 0. Both ascend. */
static __u32 first_missing(const struct ids *some, const struct ids *all)
{
	int i, j = 0;

	for (i = 0; i < some->n; i++) {
		while (j < all->n && all->id[j] < some->id[i])
			j++;
		if (j == all->n || all->id[j] != some->id[i])
			return some->id[i];
	}
	return 0;
}

/* What is asked for, of which zero is left out. */
struct ask {
	pid_t tgid;
	bool threads;
	bool delays;
	int cgroup_fd;
};

/* A socket, and what it has been told in answer to its last request. */
struct dump {
	struct ts_sock sk;
	char *buf;
	int size;
	struct ask ask;
	struct ts_msg msg;
	struct ids ids;		/* as they came */
	int rounds;		/* datagrams */
	int densest;		/* most messages in one of them */
	int disorder;		/* ids that are not above the one before */
	int bad;		/* messages that are not as they should be */
	int others;		/* answers to other requests, */
	int other_error;	/* and what the last one said */
	__u32 of;		/* the task whose message is kept, */
	struct ts_dgram said;	/* as it was, */
	struct ts_aggr aggr;	/* and taken apart */
};

/* The least that a reader needs: no datagram is larger until a buffer is. */
static int small(void)
{
	return getpagesize() < 8192 ? getpagesize() : 8192;
}

static int dump_open(struct dump *dump, int size)
{
	static int family;

	memset(dump, 0, sizeof(*dump));
	if (!family) {
		if (ts_open(&dump->sk))
			return -EIO;
		family = dump->sk.family;
		ts_close(&dump->sk);
	}
	/*
	 * Another one, that nothing has been read from: datagrams are as large
	 * as the largest buffer that there has been on a socket.
	 */
	dump->sk = (struct ts_sock){ .nl = nl_socket_alloc(), .family = family, .seq = 1 };
	if (!dump->sk.nl || genl_connect(dump->sk.nl))
		return -EIO;
	dump->size = size;
	dump->buf = malloc(size);
	return dump->buf ? 0 : -ENOMEM;
}

static void dump_close(struct dump *dump)
{
	if (dump->sk.nl)
		ts_close(&dump->sk);
	free_ids(&dump->ids);
	free(dump->buf);
	dump->buf = NULL;
}

static void dump_prepare(struct dump *dump, const struct ask *ask)
{
	struct ts_msg *msg = &dump->msg;

	ts_msg_init(msg, &dump->sk, TASKSTATS_CMD_GET, NLM_F_DUMP);
	if (ask->tgid)
		ts_msg_put_u32(msg, TASKSTATS_CMD_ATTR_TGID, ask->tgid);
	if (ask->threads)
		ts_msg_put(msg, TASKSTATS_CMD_ATTR_THREADS, NULL, 0);
	if (ask->delays)
		ts_msg_put(msg, TASKSTATS_CMD_ATTR_DELAYS, NULL, 0);
	if (ask->cgroup_fd)
		ts_msg_put_u32(msg, TASKSTATS_CMD_ATTR_CGROUP_FD, ask->cgroup_fd);
	dump->ask = *ask;
	dump->ids.n = 0;
	dump->rounds = 0;
	dump->densest = 0;
	dump->disorder = 0;
	dump->bad = 0;
	dump->others = 0;
	dump->aggr.id = 0;
}

static int dump_send(struct dump *dump)
{
	return ts_send(&dump->sk, &dump->msg);
}

static int dump_start(struct dump *dump, const struct ask *ask)
{
	dump_prepare(dump, ask);
	return dump_send(dump);
}

static bool is_answer(const struct dump *dump, const struct nlmsghdr *nlh)
{
	return nlh->nlmsg_flags == NLM_F_MULTI && nlh->nlmsg_seq == dump->msg.nlh.nlmsg_seq &&
	       nlh->nlmsg_pid == ts_port(&dump->sk);
}

/* The offset behind what is said of delays at @off. */
static int skip_delays(const struct ts_dgram *dgram, int off)
{
	if (!ts_attr(dgram, off, TASKSTATS_TYPE_DELAYS_MEASURED, sizeof(__u32)))
		return -EBADMSG;
	return off + TS_ID_LEN;
}

/* To the byte what a query is answered, but for being one of many. */
static int take_task(struct dump *dump, const struct nlmsghdr *nlh)
{
	__u16 type = dump->ask.threads || dump->ask.tgid ? TASKSTATS_TYPE_AGGR_PID :
							   TASKSTATS_TYPE_AGGR_TGID;
	struct ts_dgram one;
	struct ts_aggr aggr;
	int off;

	one.len = nlh->nlmsg_len;
	if (!is_answer(dump, nlh) || one.len > (int)sizeof(one.buf))
		return -EBADMSG;
	memcpy(one.buf, nlh, one.len);
	one.nlh.nlmsg_flags = 0;
	if (!ts_header_ok(&one, &dump->sk, TASKSTATS_CMD_NEW))
		return -EBADMSG;
	off = ts_parse_aggr(&one, TS_HDRLEN, type, &aggr);
	if (off > 0 && dump->ask.delays)
		off = skip_delays(&one, off);
	/* A group's, too, is not that of any of its threads. */
	if (off != one.len || aggr.stats.ac_pid != aggr.id)
		return -EBADMSG;

	if (dump->ids.n && dump->ids.id[dump->ids.n - 1] >= aggr.id)
		dump->disorder++;
	add_id(&dump->ids, aggr.id);
	if (aggr.id == dump->of) {
		dump->said = one;
		dump->aggr = aggr;
	}
	return 0;
}

/* Nothing comes after it. */
static int take_done(struct dump *dump, const struct nlmsghdr *nlh, int left)
{
	int error;

	if (!is_answer(dump, nlh) || left != NLMSG_ALIGN(NLMSG_LENGTH(sizeof(error))))
		dump->bad++;
	memcpy(&error, NLMSG_DATA(nlh), sizeof(error));
	return error;
}

static int take_other(struct dump *dump, const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *err = NLMSG_DATA(nlh);

	dump->others++;
	dump->other_error = nlh->nlmsg_type == NLMSG_ERROR ? err->error : 0;
	return 1;
}

/* One datagram: 1 if there are more to come, 0 if it is the last, or its error. */
static int dump_round(struct dump *dump)
{
	struct pollfd pfd = { .fd = ts_fd(&dump->sk), .events = POLLIN };
	const struct nlmsghdr *nlh = (struct nlmsghdr *)dump->buf;
	int left, n = 0;

	if (poll(&pfd, 1, TS_TIMEOUT_MS) == 0)
		return -ETIMEDOUT;
	left = recv(pfd.fd, dump->buf, dump->size, MSG_DONTWAIT | MSG_TRUNC);
	if (left < 0)
		return -errno;
	if (left > dump->size)
		return -EMSGSIZE;
	if (nlh->nlmsg_seq != dump->msg.nlh.nlmsg_seq)
		return take_other(dump, nlh);
	dump->rounds++;
	for (; NLMSG_OK(nlh, left); nlh = NLMSG_NEXT(nlh, left)) {
		if (nlh->nlmsg_type == NLMSG_DONE)
			return take_done(dump, nlh, left);
		if (nlh->nlmsg_type == NLMSG_ERROR)
			return ((struct nlmsgerr *)NLMSG_DATA(nlh))->error;
		dump->bad += !!take_task(dump, nlh);
		n++;
		if (n > dump->densest)
			dump->densest = n;
	}
	dump->bad += left || !n;
	return 1;
}

/* All that is still to come: 0, or what went wrong. */
static int dump_rest(struct dump *dump)
{
	int error;

	do {
		error = dump_round(dump);
	} while (error > 0);
	if (!error && (dump->bad || dump->disorder))
		return -EBADMSG;
	return error;
}

static int dump_all(struct dump *dump, const struct ask *ask)
{
	int error = dump_start(dump, ask);

	return error ? error : dump_rest(dump);
}

/* A process with threads, which wait to be killed. */
struct group {
	pid_t pid;
	struct ids tids;	/* the leader's too, ascending */
};

struct plan {
	int threads;		/* one that has exited counts */
	bool leader_exits;
	int cgroup_fd;		/* to live in, if any */
	struct dump *dump;	/* to ask for, if any, and not to read */
};

static int tid_pipe[2];

static void say_tid(void)
{
	__u32 tid = ts_gettid();

	if (write(tid_pipe[1], &tid, sizeof(tid)) != sizeof(tid))
		_exit(10);
}

static void *live(void *arg)
{
	say_tid();
	while (1)
		pause();
	return arg;
}

static void start_threads(int n)
{
	if (!ts_start_threads(n, live))
		_exit(11);
}

static void run_group(const struct plan *plan)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(tid_pipe[0]);
	if (plan->cgroup_fd && !ts_cgroup_enter(plan->cgroup_fd))
		_exit(12);
	start_threads(plan->threads - 1);
	if (plan->dump && dump_send(plan->dump))
		_exit(13);
	say_tid();
	if (plan->leader_exits)
		syscall(__NR_exit, 0);
	while (1)
		pause();
}

/* Takes the ids of as many threads. */
static bool hear_tids(struct ids *tids, int n)
{
	__u32 tid;

	close(tid_pipe[1]);
	while (n-- > 0) {
		if (read(tid_pipe[0], &tid, sizeof(tid)) != sizeof(tid))
			return false;
		add_id(tids, tid);
	}
	close(tid_pipe[0]);
	sort_ids(tids);
	return true;
}

static bool start_group(struct group *group, const struct plan *plan)
{
	pid_t pid;

	memset(group, 0, sizeof(*group));
	if (pipe2(tid_pipe, O_CLOEXEC))
		return false;
	pid = fork();
	if (pid == 0)
		run_group(plan);
	/* Not by the child, who may share it. */
	group->pid = pid;
	return pid > 0 && hear_tids(&group->tids, plan->threads) &&
	       (!plan->leader_exits || ts_wait_state(group->pid, group->pid, 'Z'));
}

static void end_group(struct group *group)
{
	if (group->pid > 0) {
		kill(group->pid, SIGKILL);
		waitpid(group->pid, NULL, 0);
	}
	free_ids(&group->tids);
	group->pid = 0;
}

/* Many that are alike. */
static bool start_groups(struct group *group, int n, const struct plan *plan)
{
	for (; n > 0; n--, group++) {
		if (!start_group(group, plan))
			return false;
	}
	return true;
}

static void end_groups(struct group *group, int n)
{
	for (; n > 0; n--, group++)
		end_group(group);
}

/* A child that has exited, and is waited for by whoever wants to. */
static pid_t start_zombie(void)
{
	siginfo_t info;
	pid_t pid;

	pid = fork();
	if (pid == 0)
		_exit(0);
	return waitid(P_PID, pid, &info, WEXITED | WNOWAIT) ? -1 : pid;
}

static bool reap(pid_t pid)
{
	return waitpid(pid, NULL, 0) == pid;
}

/* What /proc lists. */

static bool list_ids(const char *path, struct ids *ids)
{
	struct dirent *entry;
	DIR *dir;

	dir = opendir(path);
	if (!dir)
		return false;
	while ((entry = readdir(dir))) {
		if (atoi(entry->d_name) > 0)
			add_id(ids, atoi(entry->d_name));
	}
	closedir(dir);
	sort_ids(ids);
	return true;
}

static void list_groups(struct ids *ids)
{
	ids->n = 0;
	list_ids("/proc", ids);
}

static void list_threads(struct ids *ids)
{
	struct ids groups = {};
	char path[32];
	int i;

	ids->n = 0;
	list_groups(&groups);
	for (i = 0; i < groups.n; i++) {
		snprintf(path, sizeof(path), "/proc/%u/task", groups.id[i]);
		list_ids(path, ids);
	}
	free_ids(&groups);
}

/* Of one and of the other. */
static void intersect(struct ids *one, const struct ids *other)
{
	int i, n = 0;

	for (i = 0; i < one->n; i++) {
		if (has_id(other, one->id[i]))
			one->id[n++] = one->id[i];
	}
	one->n = n;
}

/* Of one and not of the other. */
static void subtract(struct ids *one, const struct ids *other)
{
	int i, n = 0;

	for (i = 0; i < one->n; i++) {
		if (!has_id(other, one->id[i]))
			one->id[n++] = one->id[i];
	}
	one->n = n;
}

FIXTURE(dump)
{
	struct ts_sock sk;
	struct dump dump;
	struct group group;
	struct group leaderless;
	struct plan plan;
	struct ask ask;
	pid_t zombie;
};

FIXTURE_SETUP(dump)
{
	const char *lacks = ts_lacks();

	if (lacks)
		SKIP(return, "%s", lacks);
	ASSERT_EQ(0, ts_open(&self->sk));
	ASSERT_EQ(0, dump_open(&self->dump, LARGE));
	self->plan.threads = NTHREADS;
	ASSERT_TRUE(start_group(&self->group, &self->plan));
	self->plan.leader_exits = true;
	ASSERT_TRUE(start_group(&self->leaderless, &self->plan));
	self->zombie = start_zombie();
	ASSERT_GT(self->zombie, 0);
}

FIXTURE_TEARDOWN(dump)
{
	end_group(&self->group);
	end_group(&self->leaderless);
	dump_close(&self->dump);
	ts_close(&self->sk);
}

/*
 * Who has been there all the time is told. Who is told without having been there
 * before or afterwards has come and gone meanwhile, but not so time and again.
 */
static void expect_listed(struct __test_metadata *_metadata, struct dump *dump,
			  const struct ask *ask, void (*list)(struct ids *ids))
{
	__u64 start = ts_clock_ns(CLOCK_MONOTONIC);
	struct ids before = {}, after = {}, unlisted = {};

	do {
		list(&before);
		ASSERT_EQ(0, dump_all(dump, ask));
		list(&after);
		if (unlisted.n)
			intersect(&unlisted, &dump->ids);
		else
			add_ids(&unlisted, &dump->ids);
		subtract(&unlisted, &before);
		subtract(&unlisted, &after);
		intersect(&before, &after);
		ASSERT_EQ(0U, first_missing(&before, &dump->ids));
	} while (unlisted.n && ts_poll_again(start));
	EXPECT_EQ(0, unlisted.n);
	free_ids(&before);
	free_ids(&after);
	free_ids(&unlisted);
}

TEST_F_TIMEOUT(dump, tells_of_all_groups_that_there_are, 1200)
{
	expect_listed(_metadata, &self->dump, &self->ask, list_groups);
	EXPECT_TRUE(has_id(&self->dump.ids, 1));
	EXPECT_TRUE(has_id(&self->dump.ids, 2));	/* [kthreadd] */
	EXPECT_TRUE(has_id(&self->dump.ids, getpid()));
	EXPECT_TRUE(has_id(&self->dump.ids, self->group.pid));
	EXPECT_TRUE(has_id(&self->dump.ids, self->leaderless.pid));
	EXPECT_TRUE(has_id(&self->dump.ids, self->zombie));
}

TEST_F_TIMEOUT(dump, tells_of_all_threads_that_there_are, 1200)
{
	self->ask.threads = true;
	expect_listed(_metadata, &self->dump, &self->ask, list_threads);
	EXPECT_TRUE(has_id(&self->dump.ids, 2));
	EXPECT_EQ(0U, first_missing(&self->group.tids, &self->dump.ids));
	EXPECT_EQ(0U, first_missing(&self->leaderless.tids, &self->dump.ids));
	EXPECT_TRUE(has_id(&self->dump.ids, self->zombie));
}

TEST_F(dump, of_groups_has_none_of_their_threads)
{
	struct ids leader = {};

	add_id(&leader, self->group.pid);
	ASSERT_EQ(0, dump_all(&self->dump, &self->ask));
	intersect(&self->group.tids, &self->dump.ids);
	EXPECT_TRUE(same_ids(&leader, &self->group.tids));
	free_ids(&leader);
}

TEST_F(dump, does_not_tell_of_who_has_been_reaped)
{
	ASSERT_TRUE(reap(self->zombie));
	end_group(&self->leaderless);
	ASSERT_EQ(0, dump_all(&self->dump, &self->ask));
	EXPECT_FALSE(has_id(&self->dump.ids, self->zombie));
	EXPECT_FALSE(has_id(&self->dump.ids, self->leaderless.pid));
	EXPECT_TRUE(has_id(&self->dump.ids, self->group.pid));
}

TEST_F(dump, of_a_group_has_its_threads_and_no_others)
{
	self->ask.tgid = self->group.pid;
	ASSERT_EQ(0, dump_all(&self->dump, &self->ask));
	EXPECT_TRUE(same_ids(&self->group.tids, &self->dump.ids));
	self->ask.threads = true;
	ASSERT_EQ(0, dump_all(&self->dump, &self->ask));
	EXPECT_TRUE(same_ids(&self->group.tids, &self->dump.ids));
}

TEST_F(dump, of_a_group_goes_by_the_id_of_any_of_its_threads)
{
	int i;

	for (i = 0; i < NTHREADS; i++) {
		self->ask.tgid = self->group.tids.id[i];
		ASSERT_EQ(0, dump_all(&self->dump, &self->ask));
		EXPECT_TRUE(same_ids(&self->group.tids, &self->dump.ids));
	}
}

TEST_F(dump, of_a_group_has_its_dead_leader)
{
	self->ask.tgid = self->leaderless.pid;
	ASSERT_EQ(0, dump_all(&self->dump, &self->ask));
	EXPECT_TRUE(same_ids(&self->leaderless.tids, &self->dump.ids));
	self->ask.tgid = self->leaderless.tids.id[NTHREADS - 1];
	ASSERT_EQ(0, dump_all(&self->dump, &self->ask));
	EXPECT_TRUE(same_ids(&self->leaderless.tids, &self->dump.ids));
}

TEST_F(dump, of_a_zombie_has_one_thread)
{
	self->ask.tgid = self->zombie;
	ASSERT_EQ(0, dump_all(&self->dump, &self->ask));
	ASSERT_EQ(1, self->dump.ids.n);
	EXPECT_EQ((__u32)self->zombie, self->dump.ids.id[0]);
}

/* An ACK would come after what it is for has begun, and before it has ended. */
TEST_F(dump, is_not_acknowledged_but_ends)
{
	dump_prepare(&self->dump, &self->ask);
	self->dump.msg.nlh.nlmsg_flags |= NLM_F_ACK;
	ASSERT_EQ(0, dump_send(&self->dump));
	EXPECT_EQ(0, dump_rest(&self->dump));
	EXPECT_EQ(0, self->dump.others);
	EXPECT_TRUE(ts_nothing_more(&self->dump.sk));
}

/* What it tells of a task. */

FIXTURE(task)
{
	struct ts_sock sk;
	struct dump dump;
	struct group group;
	struct plan plan;
	struct ask ask;
};

FIXTURE_VARIANT(task)
{
	struct ask ask;
	bool of_group;
	bool leader_exits;
	__u16 type;
};

FIXTURE_VARIANT_ADD(task, group)
{
	.type = TASKSTATS_CMD_ATTR_TGID,
};

FIXTURE_VARIANT_ADD(task, group_with_delays)
{
	.ask.delays = true,
	.type = TASKSTATS_CMD_ATTR_TGID,
};

FIXTURE_VARIANT_ADD(task, group_without_leader)
{
	.ask.delays = true,
	.leader_exits = true,
	.type = TASKSTATS_CMD_ATTR_TGID,
};

FIXTURE_VARIANT_ADD(task, thread)
{
	.ask.threads = true,
	.type = TASKSTATS_CMD_ATTR_PID,
};

FIXTURE_VARIANT_ADD(task, thread_with_delays)
{
	.ask.threads = true,
	.ask.delays = true,
	.type = TASKSTATS_CMD_ATTR_PID,
};

FIXTURE_VARIANT_ADD(task, thread_of_group)
{
	.of_group = true,
	.type = TASKSTATS_CMD_ATTR_PID,
};

FIXTURE_VARIANT_ADD(task, dead_leader_of_group)
{
	.ask.delays = true,
	.of_group = true,
	.leader_exits = true,
	.type = TASKSTATS_CMD_ATTR_PID,
};

FIXTURE_SETUP(task)
{
	const char *lacks = ts_lacks();

	if (lacks)
		SKIP(return, "%s", lacks);
	ASSERT_EQ(0, ts_open(&self->sk));
	ASSERT_EQ(0, dump_open(&self->dump, LARGE));
	self->plan.threads = 3;
	self->plan.leader_exits = variant->leader_exits;
	ASSERT_TRUE(start_group(&self->group, &self->plan));
	self->ask = variant->ask;
	if (variant->of_group)
		self->ask.tgid = self->group.pid;
}

FIXTURE_TEARDOWN(task)
{
	end_group(&self->group);
	dump_close(&self->dump);
	ts_close(&self->sk);
}

/* What differs from one look to the next at a task that sleeps. */
static void leave_out_time(struct ts_dgram *dgram, bool delays)
{
	struct taskstats stats;
	char *pos = dgram->buf + dgram->len - sizeof(stats) - (delays ? TS_ID_LEN : 0);

	dgram->nlh.nlmsg_seq = 0;
	dgram->nlh.nlmsg_pid = 0;
	memcpy(&stats, pos, sizeof(stats));
	stats.ac_etime = 0;
	stats.ac_tgetime = 0;
	stats.ac_btime = 0;
	stats.ac_btime64 = 0;
	memcpy(pos, &stats, sizeof(stats));
}

static bool ask_one(struct ts_sock *sk, __u16 type, __u32 id, bool delays, struct ts_dgram *dgram)
{
	struct ts_msg msg;

	ts_msg_get(&msg, sk, type, id);
	if (delays)
		ts_msg_put(&msg, TASKSTATS_CMD_ATTR_DELAYS, NULL, 0);
	if (ts_send(sk, &msg) || ts_recv(sk, dgram, TS_TIMEOUT_MS) ||
	    dgram->nlh.nlmsg_type != sk->family)
		return false;
	leave_out_time(dgram, delays);
	return true;
}

static bool same_message(const struct ts_dgram *a, const struct ts_dgram *b)
{
	return a->len == b->len && !memcmp(a->buf, b->buf, a->len);
}

/* A query before it and one after it agree as soon as all threads do sleep. */
static void expect_as_answered(struct __test_metadata *_metadata, FIXTURE_DATA(task) * self,
			       __u16 type, __u32 id)
{
	__u64 start = ts_clock_ns(CLOCK_MONOTONIC);
	bool delays = self->ask.delays;
	struct ts_dgram before, after;

	self->dump.of = id;
	do {
		ASSERT_TRUE(ask_one(&self->sk, type, id, delays, &before));
		ASSERT_EQ(0, dump_all(&self->dump, &self->ask));
		ASSERT_TRUE(ask_one(&self->sk, type, id, delays, &after));
	} while (!same_message(&before, &after) && ts_poll_again(start));
	ASSERT_TRUE(same_message(&before, &after));
	ASSERT_EQ(id, self->dump.aggr.id);
	EXPECT_EQ((self->dump.aggr.padded ? 728 : 724) + (delays ? 8 : 0), self->dump.said.len);
	leave_out_time(&self->dump.said, delays);
	EXPECT_TRUE(same_message(&before, &self->dump.said));
}

TEST_F(task, is_told_as_in_the_answer_to_a_query)
{
	expect_as_answered(_metadata, self, variant->type, self->group.pid);
	if (variant->type == TASKSTATS_CMD_ATTR_PID)
		expect_as_answered(_metadata, self, variant->type, self->group.tids.id[2]);
	EXPECT_TRUE(ts_nothing_more(&self->dump.sk));
}

/* Cgroups */

FIXTURE(subtree)
{
	struct dump dump;
	struct ts_pen pen;
	struct ask ask;
	struct ids all;
	int inside;
	int below;
	int beside;
	struct group in_inside;
	struct group in_below;
	struct group in_beside;
	struct group more;
};

FIXTURE_SETUP(subtree)
{
	const char *lacks = ts_lacks();
	struct plan plan = { .threads = 3 };

	if (!lacks)
		lacks = ts_pen_enter(&self->pen);
	if (lacks)
		SKIP(return, "%s", lacks);
	ASSERT_EQ(0, dump_open(&self->dump, LARGE));
	plan.cgroup_fd = ts_cgroup_make(self->pen.dir, "inside");
	self->inside = plan.cgroup_fd;
	ASSERT_TRUE(self->inside > 0 && start_group(&self->in_inside, &plan));
	plan.cgroup_fd = ts_cgroup_make(self->inside, "below");
	self->below = plan.cgroup_fd;
	ASSERT_TRUE(self->below > 0 && start_group(&self->in_below, &plan));
	plan.cgroup_fd = ts_cgroup_make(self->pen.dir, "beside");
	self->beside = plan.cgroup_fd;
	ASSERT_TRUE(self->beside > 0 && start_group(&self->in_beside, &plan));
	self->ask.cgroup_fd = self->inside;
}

FIXTURE_TEARDOWN(subtree)
{
	end_group(&self->in_inside);
	end_group(&self->in_below);
	end_group(&self->in_beside);
	end_group(&self->more);
	ts_cgroup_remove(self->inside, "below");
	ts_cgroup_remove(self->pen.dir, "inside");
	ts_cgroup_remove(self->pen.dir, "beside");
	ts_pen_leave(&self->pen);
	dump_close(&self->dump);
}

TEST_F(subtree, has_the_groups_of_its_cgroups)
{
	add_id(&self->all, self->in_inside.pid);
	add_id(&self->all, self->in_below.pid);
	ASSERT_EQ(0, dump_all(&self->dump, &self->ask));
	EXPECT_TRUE(same_ids(&self->all, &self->dump.ids));

	/* This test's process is in the pen. */
	self->ask.cgroup_fd = self->pen.dir;
	add_id(&self->all, self->in_beside.pid);
	add_id(&self->all, getpid());
	sort_ids(&self->all);
	ASSERT_EQ(0, dump_all(&self->dump, &self->ask));
	EXPECT_TRUE(same_ids(&self->all, &self->dump.ids));
}

TEST_F(subtree, has_the_threads_of_its_cgroups)
{
	self->ask.threads = true;
	add_ids(&self->all, &self->in_inside.tids);
	add_ids(&self->all, &self->in_below.tids);
	ASSERT_EQ(0, dump_all(&self->dump, &self->ask));
	EXPECT_TRUE(same_ids(&self->all, &self->dump.ids));
}

TEST_F_TIMEOUT(subtree, of_the_root_has_all, 1200)
{
	self->ask.cgroup_fd = self->pen.root;
	expect_listed(_metadata, &self->dump, &self->ask, list_groups);
	self->ask.threads = true;
	expect_listed(_metadata, &self->dump, &self->ask, list_threads);
}

TEST_F(subtree, has_the_threads_of_a_group_that_are_in_it)
{
	self->ask.tgid = self->in_below.pid;
	ASSERT_EQ(0, dump_all(&self->dump, &self->ask));
	EXPECT_TRUE(same_ids(&self->in_below.tids, &self->dump.ids));
	self->ask.tgid = self->in_beside.pid;
	ASSERT_EQ(0, dump_all(&self->dump, &self->ask));
	EXPECT_EQ(0, self->dump.ids.n);
}

TEST_F(subtree, may_be_empty)
{
	end_group(&self->in_inside);
	end_group(&self->in_below);
	ASSERT_EQ(0, dump_all(&self->dump, &self->ask));
	EXPECT_EQ(0, self->dump.ids.n);
	EXPECT_EQ(1, self->dump.rounds);
	self->ask.threads = true;
	ASSERT_EQ(0, dump_all(&self->dump, &self->ask));
	EXPECT_EQ(0, self->dump.ids.n);
	self->ask.tgid = getpid();
	ASSERT_EQ(0, dump_all(&self->dump, &self->ask));
	EXPECT_EQ(0, self->dump.ids.n);
}

/* Its threads apart from each other, which only those without a thread may be. */
TEST_F(subtree, has_a_group_where_its_leader_is)
{
	struct plan plan = { .threads = 2, .cgroup_fd = self->inside };
	struct ids leader = {}, thread = {};
	char tid[16];

	end_group(&self->in_inside);
	end_group(&self->in_below);
	end_group(&self->in_beside);
	if (!ts_write_at(self->inside, "cgroup.type", "threaded") ||
	    !ts_write_at(self->beside, "cgroup.type", "threaded"))
		SKIP(return, "no threaded cgroups");
	ASSERT_TRUE(start_group(&self->in_inside, &plan));
	add_id(&leader, self->in_inside.pid);
	add_id(&thread, self->in_inside.tids.id[self->in_inside.tids.id[0] == leader.id[0]]);
	snprintf(tid, sizeof(tid), "%u", thread.id[0]);
	ASSERT_TRUE(ts_write_at(self->beside, "cgroup.threads", tid));

	ASSERT_EQ(0, dump_all(&self->dump, &self->ask));
	EXPECT_TRUE(same_ids(&leader, &self->dump.ids));
	self->ask.threads = true;
	ASSERT_EQ(0, dump_all(&self->dump, &self->ask));
	EXPECT_TRUE(same_ids(&leader, &self->dump.ids));

	self->ask = (struct ask){ .cgroup_fd = self->beside };
	ASSERT_EQ(0, dump_all(&self->dump, &self->ask));
	EXPECT_EQ(0, self->dump.ids.n);
	self->ask.tgid = leader.id[0];
	ASSERT_EQ(0, dump_all(&self->dump, &self->ask));
	EXPECT_TRUE(same_ids(&thread, &self->dump.ids));
}

/* Neither the file nor the name of the cgroup are needed, nor its being there. */
TEST_F(subtree, may_be_removed_while_it_is_told)
{
	struct plan plan = { .threads = NTHREADS, .cgroup_fd = self->inside };

	ASSERT_TRUE(start_group(&self->more, &plan));
	dump_close(&self->dump);
	ASSERT_EQ(0, dump_open(&self->dump, small()));
	self->ask.threads = true;
	ASSERT_EQ(0, dump_start(&self->dump, &self->ask));
	ASSERT_EQ(1, dump_round(&self->dump));

	end_group(&self->more);
	end_group(&self->in_inside);
	end_group(&self->in_below);
	EXPECT_TRUE(ts_cgroup_remove(self->inside, "below"));
	EXPECT_TRUE(ts_cgroup_remove(self->pen.dir, "inside"));
	close(self->inside);
	self->inside = -1;
	EXPECT_EQ(0, dump_rest(&self->dump));
	EXPECT_LT(self->dump.ids.n, NTHREADS);
}

/* Refusals */

FIXTURE(refusal)
{
	struct dump dump;
	struct group group;
	struct plan plan;
	struct ask ask;
};

FIXTURE_SETUP(refusal)
{
	const char *lacks = ts_lacks();

	if (lacks)
		SKIP(return, "%s", lacks);
	ASSERT_EQ(0, dump_open(&self->dump, small()));
	ASSERT_TRUE(ts_explain(&self->dump.sk));
	self->plan.threads = NTHREADS;
	ASSERT_TRUE(start_group(&self->group, &self->plan));
	self->ask.tgid = self->group.pid;
}

FIXTURE_TEARDOWN(refusal)
{
	end_group(&self->group);
	dump_close(&self->dump);
}

static int read_complaint(struct ts_sock *sk, struct ts_complaint *complaint)
{
	struct ts_dgram dgram;

	/* Not more than the dumps are read with, see dump_open(). */
	dgram.len = recv(ts_fd(sk), dgram.buf, small(), MSG_DONTWAIT);
	if (dgram.len < 0 || !ts_is_ack(&dgram, &complaint->error))
		return -EBADMSG;
	ts_read_complaint(&dgram.nlh, complaint);
	return 0;
}

/* Refused for what stands at @offset, and the next one is not. */
static void expect_refusal(struct __test_metadata *_metadata, FIXTURE_DATA(refusal) * self,
			   int error, int offset, const char *what)
{
	struct ts_complaint complaint;

	ASSERT_EQ(0, dump_send(&self->dump));
	ASSERT_EQ(0, read_complaint(&self->dump.sk, &complaint)) {
		TH_LOG("%s", what);
	}
	EXPECT_EQ(error, complaint.error) {
		TH_LOG("%s", what);
	}
	EXPECT_EQ(offset, complaint.offset) {
		TH_LOG("%s", what);
	}
	EXPECT_NE('\0', complaint.text[0]) {
		TH_LOG("%s", what);
	}
	EXPECT_EQ(0, dump_all(&self->dump, &self->ask)) {
		TH_LOG("%s", what);
	}
	EXPECT_TRUE(same_ids(&self->group.tids, &self->dump.ids)) {
		TH_LOG("%s", what);
	}
}

TEST_F_TIMEOUT(refusal, names_the_attribute, 1200)
{
	static const struct {
		const char *what;
		__u16 type;
		__u16 len;
		__s32 value[2];
		int error;
	} wrong[] = {
#define ATTR(name, len, value, error)	{ #name, TASKSTATS_CMD_ATTR_##name, len, { value }, error }
		ATTR(PID, 4, 1, -EINVAL),
		ATTR(REGISTER_CPUMASK, 4, 0, -EINVAL),
		ATTR(DEREGISTER_CPUMASK, 4, 0, -EINVAL),
		{ "PIDFD", TASKSTATS_CMD_ATTR_CGROUP_FD + 1, 4, { 0 }, -EINVAL },
		{ "unknown", TASKSTATS_CMD_ATTR_MAX + 1, 4, { 0 }, -EINVAL },
		{ "far unknown", 0x3fff, 0, { 0 }, -EINVAL },
		{ "nested TGID", TASKSTATS_CMD_ATTR_TGID | NLA_F_NESTED, 4, { 1 }, -EINVAL },
		ATTR(TGID, 0, 0, -EINVAL),
		ATTR(TGID, 2, 1, -EINVAL),
		ATTR(TGID, 8, 1, -EINVAL),
		ATTR(TGID, 4, 0, -ESRCH),
		ATTR(TGID, 4, -1, -ESRCH),
		ATTR(TGID, 4, NO_TASK, -ESRCH),
		ATTR(THREADS, 1, 0, -ERANGE),
		ATTR(THREADS, 4, 0, -ERANGE),
		ATTR(DELAYS, 4, 0, -ERANGE),
		ATTR(CGROUP_FD, 0, 0, -EINVAL),
		ATTR(CGROUP_FD, 2, 0, -EINVAL),
		ATTR(CGROUP_FD, 8, 0, -EINVAL),
		ATTR(CGROUP_FD, 4, -1, -ERANGE),
		ATTR(CGROUP_FD, 4, NO_FD, -EBADF),
#undef ATTR
	};
	unsigned int i;
	int offset;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		/* The one that is wrong is neither the first nor the last. */
		dump_prepare(&self->dump, &(struct ask){ .threads = wrong[i].type !=
					  TASKSTATS_CMD_ATTR_THREADS });
		offset = self->dump.msg.nlh.nlmsg_len;
		ts_msg_put(&self->dump.msg, wrong[i].type, wrong[i].value, wrong[i].len);
		if (wrong[i].type != TASKSTATS_CMD_ATTR_DELAYS)
			ts_msg_put(&self->dump.msg, TASKSTATS_CMD_ATTR_DELAYS, NULL, 0);
		expect_refusal(_metadata, self, wrong[i].error, offset, wrong[i].what);
	}
}

/* What is for dumps is none of what a question about one task may have. */
TEST_F(refusal, is_for_what_does_not_belong_to_a_question)
{
	static const struct {
		__u16 type;
		__u16 len;
	} wrong[] = { { TASKSTATS_CMD_ATTR_THREADS, 0 }, { TASKSTATS_CMD_ATTR_CGROUP_FD, 4 } };
	struct ts_complaint complaint;
	struct ts_msg msg;
	unsigned int i;
	int offset;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		ts_msg_get(&msg, &self->dump.sk, TASKSTATS_CMD_ATTR_PID, getpid());
		offset = msg.nlh.nlmsg_len;
		ts_msg_put(&msg, wrong[i].type, &offset, wrong[i].len);
		ASSERT_EQ(0, ts_send(&self->dump.sk, &msg));
		ASSERT_EQ(0, read_complaint(&self->dump.sk, &complaint));
		EXPECT_EQ(-EINVAL, complaint.error);
		EXPECT_EQ(offset, complaint.offset);
		EXPECT_NE('\0', complaint.text[0]);
		EXPECT_TRUE(ts_nothing_more(&self->dump.sk));
	}
}

TEST_F(refusal, is_for_what_is_no_cgroups_directory)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC), root = ts_cgroup_mount(NULL), fd[3], i;

	if (root < 0)
		SKIP(return, "no cgroup v2");
	fd[0] = null;
	fd[1] = ts_fd(&self->dump.sk);
	fd[2] = openat(root, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	for (i = 0; i < (int)ARRAY_SIZE(fd); i++) {
		ASSERT_GT(fd[i], 0);
		dump_prepare(&self->dump, &(struct ask){ .cgroup_fd = fd[i] });
		expect_refusal(_metadata, self, -EBADF, TS_HDRLEN, "not a directory");
	}
}

TEST_F(refusal, is_for_a_cgroup_that_has_been_removed)
{
	int root = ts_cgroup_mount(NULL), fd;
	char name[32];

	if (root < 0)
		SKIP(return, "no cgroup v2");
	snprintf(name, sizeof(name), "taskstats-%d", getpid());
	fd = ts_cgroup_make(root, name);
	ASSERT_GT(fd, 0);
	ASSERT_TRUE(ts_cgroup_remove(root, name));
	dump_prepare(&self->dump, &(struct ask){ .cgroup_fd = fd });
	expect_refusal(_metadata, self, -ENOENT, TS_HDRLEN, "removed");
}

/* Of two things that are wrong; what the first one has found is let go. */
TEST_F(refusal, is_for_a_cgroup_after_the_group_was_found)
{
	dump_prepare(&self->dump, &(struct ask){ .tgid = self->group.pid, .cgroup_fd = NO_FD });
	expect_refusal(_metadata, self, -EBADF, TS_HDRLEN + TS_ID_LEN, "second");
	dump_prepare(&self->dump, &(struct ask){ .tgid = NO_TASK, .cgroup_fd = NO_FD });
	expect_refusal(_metadata, self, -ESRCH, TS_HDRLEN, "both");
}

TEST_F(refusal, is_for_a_group_that_is_gone)
{
	struct group other;

	ASSERT_TRUE(start_group(&other, &self->plan));
	dump_prepare(&self->dump, &(struct ask){ .tgid = other.pid });
	end_group(&other);
	expect_refusal(_metadata, self, -ESRCH, TS_HDRLEN, "gone");
}

/* The first one goes on, and so may a query. */
TEST_F(refusal, is_for_a_second_dump_on_the_same_socket)
{
	struct ts_msg msg;

	ASSERT_EQ(0, dump_start(&self->dump, &self->ask));
	ts_msg_init(&msg, &self->dump.sk, TASKSTATS_CMD_GET, NLM_F_DUMP);
	ASSERT_EQ(0, ts_send(&self->dump.sk, &msg));
	ASSERT_EQ(1, dump_round(&self->dump));
	ASSERT_EQ(1, dump_round(&self->dump));
	EXPECT_EQ(1, self->dump.others);
	EXPECT_EQ(-EBUSY, self->dump.other_error);

	ts_msg_get(&msg, &self->dump.sk, TASKSTATS_CMD_ATTR_PID, 1);
	ASSERT_EQ(0, ts_send(&self->dump.sk, &msg));
	EXPECT_EQ(0, dump_rest(&self->dump));
	EXPECT_EQ(2, self->dump.others);
	EXPECT_EQ(0, self->dump.other_error);
	EXPECT_TRUE(same_ids(&self->group.tids, &self->dump.ids));
	EXPECT_EQ(0, dump_all(&self->dump, &self->ask));
	EXPECT_TRUE(ts_nothing_more(&self->dump.sk));
}

/* Rounds */

FIXTURE(reader)
{
	struct dump dump;
	struct ts_pen pen;
	struct ask ask;
	int inside;
	struct plan plan;
	struct group group;
	struct group more;
	struct group steady[NSTEADY];
	struct group going[NSTEADY];
	struct group coming[NSTEADY];
};

FIXTURE_SETUP(reader)
{
	const char *lacks = ts_lacks();

	if (!lacks)
		lacks = ts_pen_enter(&self->pen);
	if (lacks)
		SKIP(return, "%s", lacks);
	self->inside = ts_cgroup_make(self->pen.dir, "inside");
	ASSERT_GT(self->inside, 0);
	ASSERT_EQ(0, dump_open(&self->dump, small()));
	self->plan.threads = NTHREADS;
	self->plan.cgroup_fd = self->inside;
	ASSERT_TRUE(start_group(&self->group, &self->plan));
	self->plan.threads = 1;
	self->ask.tgid = self->group.pid;
}

FIXTURE_TEARDOWN(reader)
{
	end_group(&self->group);
	end_group(&self->more);
	end_groups(self->steady, NSTEADY);
	end_groups(self->going, NSTEADY);
	end_groups(self->coming, NSTEADY);
	dump_close(&self->dump);
	ts_cgroup_remove(self->pen.dir, "inside");
	ts_pen_leave(&self->pen);
}

TEST_F_TIMEOUT(reader, with_a_small_buffer_gets_all, 1200)
{
	int each;

	ASSERT_EQ(0, dump_all(&self->dump, &self->ask));
	EXPECT_TRUE(same_ids(&self->group.tids, &self->dump.ids));
	each = self->dump.densest;
	EXPECT_EQ(small() / (TS_HDRLEN + TS_AGGR_LEN), each);
	EXPECT_EQ((NTHREADS + each - 1) / each, self->dump.rounds);
	self->ask = (struct ask){};
	expect_listed(_metadata, &self->dump, &self->ask, list_groups);
}

/* Once it is known, rounds make use of it, unless no memory is in one piece. */
TEST_F(reader, with_a_large_buffer_gets_many_at_once)
{
	self->plan.threads = 3 * 40;
	ASSERT_TRUE(start_group(&self->more, &self->plan));
	dump_close(&self->dump);
	ASSERT_EQ(0, dump_open(&self->dump, LARGE));
	self->ask.tgid = self->more.pid;
	ASSERT_EQ(0, dump_all(&self->dump, &self->ask));
	EXPECT_TRUE(same_ids(&self->more.tids, &self->dump.ids));
	EXPECT_LE(40, self->dump.densest);
}

static void add_groups(struct ids *ids, const struct group *group, int n)
{
	for (; n > 0; n--, group++)
		add_id(ids, group->pid);
	sort_ids(ids);
}

TEST_F_TIMEOUT(reader, who_pauses_gets_who_stays_and_may_get_who_comes, 1200)
{
	struct ids steady = {}, all = {};
	int i;

	for (i = 0; i < NSTEADY; i++) {
		ASSERT_TRUE(start_group(&self->going[i], &self->plan));
		ASSERT_TRUE(start_group(&self->steady[i], &self->plan));
	}
	add_groups(&steady, self->steady, NSTEADY);
	add_groups(&steady, &self->group, 1);
	add_ids(&all, &steady);
	add_groups(&all, self->going, NSTEADY);

	self->ask = (struct ask){ .cgroup_fd = self->inside };
	ASSERT_EQ(0, dump_start(&self->dump, &self->ask));
	/* Always those go that are told next. */
	for (i = 0; dump_round(&self->dump) > 0; i++) {
		ASSERT_LT(i, NSTEADY / 2);
		end_groups(self->going + 2 * i, 2);
		ASSERT_TRUE(start_groups(self->coming + 2 * i, 2, &self->plan));
		add_groups(&all, self->coming + 2 * i, 2);
	}
	EXPECT_LE(3, i);
	EXPECT_EQ(0, self->dump.bad + self->dump.disorder);
	EXPECT_EQ(0U, first_missing(&steady, &self->dump.ids));
	EXPECT_EQ(0U, first_missing(&self->dump.ids, &all));
	free_ids(&steady);
	free_ids(&all);
}

TEST_F(reader, finds_no_more_of_a_group_that_has_ended)
{
	ASSERT_EQ(0, dump_start(&self->dump, &self->ask));
	ASSERT_EQ(1, dump_round(&self->dump));
	end_group(&self->group);
	EXPECT_EQ(0, dump_rest(&self->dump));
	/* One more was made while the first was read. */
	EXPECT_GE(2 * self->dump.densest, self->dump.ids.n);
}

TEST_F(reader, of_many_at_once_gets_of_each_what_it_asked_for)
{
	struct dump dump[4];
	int i, open = 0;

	self->plan.threads = 2 * NTHREADS;
	ASSERT_TRUE(start_group(&self->more, &self->plan));
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(0, dump_open(&dump[i], small() * (1 + i % 3)));
		self->ask.tgid = i % 2 ? self->more.pid : self->group.pid;
		ASSERT_EQ(0, dump_start(&dump[i], &self->ask));
		open |= 1 << i;
	}
	for (i = 0; open; i = (i + 1) % 4) {
		if (open & 1 << i && dump_round(&dump[i]) <= 0)
			open &= ~(1 << i);
	}
	for (i = 0; i < 4; i++) {
		EXPECT_TRUE(same_ids(i % 2 ? &self->more.tids : &self->group.tids, &dump[i].ids));
		EXPECT_EQ(0, dump[i].bad + dump[i].disorder);
		dump_close(&dump[i]);
	}
}

TEST_F_TIMEOUT(reader, who_gives_up_leaves_nothing_behind, 36000)
{
	int n = ts_setting("TASKSTATS_DUMP_ABANDONED", 1000), i;

	self->ask.cgroup_fd = self->inside;
	for (i = 0; i < n; i++) {
		dump_close(&self->dump);
		ASSERT_EQ(0, dump_open(&self->dump, small()));
		self->ask.tgid = i % 3 ? self->group.pid : 0;
		self->ask.threads = i % 2;
		ASSERT_EQ(0, dump_start(&self->dump, &self->ask));
		if (self->ask.tgid && i % 5)
			ASSERT_EQ(1, dump_round(&self->dump));
	}
	end_group(&self->group);

	dump_close(&self->dump);
	ASSERT_TRUE(ts_cgroup_remove(self->pen.dir, "inside"));
	EXPECT_TRUE(ts_wait_not_dying(self->pen.dir));
}

TEST_F(reader, holds_a_cgroup_only_while_it_is_told_of)
{
	self->ask.cgroup_fd = self->inside;
	ASSERT_EQ(0, dump_start(&self->dump, &self->ask));
	ASSERT_EQ(1, dump_round(&self->dump));
	end_group(&self->group);
	ASSERT_TRUE(ts_cgroup_remove(self->pen.dir, "inside"));
	close(self->inside);
	EXPECT_EQ(1, ts_dying_cgroups(self->pen.dir));
	dump_close(&self->dump);
	EXPECT_TRUE(ts_wait_not_dying(self->pen.dir));
}

/* Who asks, and who reads. */

FIXTURE(asker)
{
	struct dump dump;
	struct ask ask;
	struct plan plan;
	struct group group;
	struct group inside;
	struct ids ids;		/* of the first so many in a PID namespace */
};

FIXTURE_SETUP(asker)
{
	const char *lacks = ts_lacks();
	int i;

	if (lacks)
		SKIP(return, "%s", lacks);
	/* First, so as not to have the socket open. */
	self->plan.threads = NTHREADS;
	ASSERT_TRUE(start_group(&self->group, &self->plan));
	ASSERT_EQ(0, dump_open(&self->dump, small()));
	for (i = 1; i <= NTHREADS; i++)
		add_id(&self->ids, i);
}

FIXTURE_TEARDOWN(asker)
{
	end_group(&self->inside);
	end_group(&self->group);
	free_ids(&self->ids);
	dump_close(&self->dump);
}

/* The children are in one of their own from here on. False if the test is over. */
static bool make_pid_ns(struct __test_metadata *_metadata)
{
	if (access("/proc/self/ns/pid", F_OK))
		SKIP(return false, "no PID namespaces");
	ASSERT_EQ(0, unshare(CLONE_NEWPID));
	return true;
}

/* The first process of a PID namespace, which asks; the test reads, outside. */
static bool start_asker(struct __test_metadata *_metadata, FIXTURE_DATA(asker) * self)
{
	dump_prepare(&self->dump, &self->ask);
	self->dump.of = 1;
	self->plan.dump = &self->dump;
	if (!make_pid_ns(_metadata))
		return false;
	ASSERT_TRUE(start_group(&self->inside, &self->plan));
	return true;
}

TEST_F(asker, in_a_pid_namespace_has_its_threads_told)
{
	self->ask.threads = true;
	if (!start_asker(_metadata, self))
		return;
	ASSERT_TRUE(same_ids(&self->ids, &self->inside.tids));
	EXPECT_EQ(0, dump_rest(&self->dump));
	EXPECT_TRUE(same_ids(&self->ids, &self->dump.ids));
	EXPECT_LE(3, self->dump.rounds);
	EXPECT_EQ(1U, self->dump.aggr.stats.ac_pid);
	EXPECT_EQ(1U, self->dump.aggr.stats.ac_tgid);
	EXPECT_EQ(0U, self->dump.aggr.stats.ac_ppid);
}

TEST_F(asker, in_a_pid_namespace_has_its_groups_told)
{
	if (!start_asker(_metadata, self))
		return;
	EXPECT_EQ(0, dump_rest(&self->dump));
	self->ids.n = 1;
	EXPECT_TRUE(same_ids(&self->ids, &self->dump.ids));
	EXPECT_EQ(1U, self->dump.aggr.stats.ac_tgid);
	EXPECT_EQ(0U, self->dump.aggr.stats.ac_ppid);
}

/* Neither is an id outside of it that of anybody inside. */
TEST_F(asker, in_a_pid_namespace_names_groups_by_their_ids_there)
{
	struct dump dump;
	int status;
	pid_t pid;

	ASSERT_EQ(0, dump_open(&dump, small()));
	self->ask.threads = true;
	if (!start_asker(_metadata, self))
		return;
	self->ask.tgid = NTHREADS;
	pid = fork();
	if (pid == 0) {
		_exit(dump_all(&dump, &self->ask) || !same_ids(&self->ids, &dump.ids) ||
		      dump_all(&dump, &(struct ask){ .tgid = self->group.pid }) != -ESRCH);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	dump_close(&dump);
}

TEST_F_TIMEOUT(asker, outside_of_a_pid_namespace_has_those_in_it_told, 1200)
{
	self->ask.threads = true;
	if (!start_asker(_metadata, self))
		return;
	EXPECT_EQ(0, dump_rest(&self->dump));
	ASSERT_EQ(0, dump_all(&self->dump, &(struct ask){ .tgid = self->inside.pid }));
	EXPECT_EQ(NTHREADS, self->dump.ids.n);
	EXPECT_TRUE(has_id(&self->dump.ids, self->inside.pid));
	intersect(&self->dump.ids, &self->group.tids);
	EXPECT_EQ(0, self->dump.ids.n);
	expect_listed(_metadata, &self->dump, &self->ask, list_threads);
}

TEST_F(asker, outside_is_who_is_told_when_somebody_inside_reads)
{
	int status;
	pid_t pid;

	self->ask.tgid = self->group.pid;
	ASSERT_EQ(0, dump_start(&self->dump, &self->ask));
	if (!make_pid_ns(_metadata))
		return;
	pid = fork();
	if (pid == 0)
		_exit(dump_rest(&self->dump) || !same_ids(&self->group.tids, &self->dump.ids));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

TEST_F(asker, may_be_gone_with_its_namespace_while_it_is_told)
{
	self->ask.threads = true;
	if (!start_asker(_metadata, self))
		return;
	ASSERT_EQ(1, dump_round(&self->dump));
	end_group(&self->inside);
	EXPECT_EQ(0, dump_rest(&self->dump));
	EXPECT_GE(2 * self->dump.densest, self->dump.ids.n);
}

/* Refused, or an answer without anybody in it. */
static bool is_told_nothing(struct dump *dump, const struct ask *ask)
{
	int error = dump_all(dump, ask);

	return error == -EPERM || (!error && !dump->ids.n);
}

static void read_as_nobody(struct dump *dump, const struct ids *ids, const struct ask *ask)
{
	struct ts_msg msg;

	if (setresuid(NOBODY, NOBODY, NOBODY))
		_exit(1);
	ts_msg_init(&msg, &dump->sk, TASKSTATS_CMD_GET, NLM_F_DUMP);
	if (ts_send(&dump->sk, &msg))
		_exit(2);
	if (dump_rest(dump) || !same_ids(ids, &dump->ids))
		_exit(3);
	if (dump->others != 1 || (dump->other_error != -EPERM && dump->other_error != -EBUSY))
		_exit(4);
	if (!is_told_nothing(dump, ask))
		_exit(5);
	dump->sk.plain_send = true;
	if (!is_told_nothing(dump, ask))
		_exit(6);
	dump_close(dump);
	_exit(dump_open(dump, LARGE) || !is_told_nothing(dump, ask) ? 7 : 0);
}

/* Its privilege is good for all of one answer, and for nothing else. */
TEST_F(asker, is_judged_and_not_who_reads)
{
	int status;
	pid_t pid;

	self->ask.tgid = self->group.pid;
	ASSERT_EQ(0, dump_start(&self->dump, &self->ask));
	pid = fork();
	if (pid == 0)
		read_as_nobody(&self->dump, &self->group.tids, &self->ask);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

TEST_F(asker, may_have_exited_before_it_is_told)
{
	int status;
	pid_t pid;

	self->ask.tgid = self->group.pid;
	dump_prepare(&self->dump, &self->ask);
	pid = fork();
	if (pid == 0)
		_exit(dump_send(&self->dump));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_EQ(0, status);
	EXPECT_EQ(0, dump_rest(&self->dump));
	EXPECT_TRUE(same_ids(&self->group.tids, &self->dump.ids));
}

/* 0, or why no PID namespace can be made. */
static int make_namespace(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(unshare(CLONE_NEWPID) ? errno : 0);
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Tells its id, and stays for as long as the first process in a PID namespace. */
static void make_and_wait(int ready, int go)
{
	pid_t pid = getpid(), first;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (unshare(CLONE_NEWPID))
		_exit(UNABLE);
	first = fork();
	if (first == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		ts_child_wait(go);
	}
	if (first == 0 || write(ready, &pid, sizeof(pid)) != sizeof(pid))
		_exit(0);
	waitpid(first, NULL, 0);
	_exit(0);
}

/* Root over a user namespace where there may be one PID namespace at a time. */
static void make_again(int ready, int go)
{
	__u64 start;
	int status;
	pid_t pid;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (unshare(CLONE_NEWUSER) ||
	    !ts_write_string("/proc/sys/user/max_pid_namespaces", "1"))
		_exit(UNABLE);
	pid = fork();
	if (pid == 0)
		make_and_wait(ready, go);
	if (waitpid(pid, &status, 0) != pid || status)
		_exit(UNABLE);
	/* It is empty, but not gone. */
	if (make_namespace() != ENOSPC)
		_exit(1);
	ts_child_report(ready);
	ts_child_wait(go);
	start = ts_clock_ns(CLOCK_MONOTONIC);
	while (make_namespace()) {
		if (!ts_poll_again(start))
			_exit(2);
	}
	_exit(0);
}

/* From within the PID namespace that the children of @pid are in. */
static bool ask_from_beside(FIXTURE_DATA(asker) * self, pid_t pid)
{
	char path[64];
	int there, here;
	bool done;

	snprintf(path, sizeof(path), "/proc/%d/ns/pid_for_children", pid);
	there = open(path, O_RDONLY | O_CLOEXEC);
	here = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
	dump_prepare(&self->dump, &self->ask);
	self->plan.dump = &self->dump;
	done = !setns(there, CLONE_NEWPID) && start_group(&self->inside, &self->plan);
	done = !setns(here, CLONE_NEWPID) && done;
	close(there);
	close(here);
	return done;
}

TEST_F_TIMEOUT(asker, is_gone_with_its_namespace_when_it_is_told_no_more, 1200)
{
	int ready[2], go[2], status;
	pid_t pid, maker;
	char c;

	ASSERT_EQ(0, pipe2(ready, O_CLOEXEC));
	ASSERT_EQ(0, pipe2(go, O_CLOEXEC));
	pid = fork();
	if (pid == 0) {
		dump_close(&self->dump);
		make_again(ready[1], go[0]);
	}
	close(ready[1]);
	if (read(ready[0], &maker, sizeof(maker)) != sizeof(maker)) {
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		SKIP(return, "no limit to PID namespaces can be set");
	}
	self->ask.threads = true;
	ASSERT_TRUE(ask_from_beside(self, maker));
	ASSERT_EQ(1, dump_round(&self->dump));
	end_group(&self->inside);
	ASSERT_EQ(1, write(go[1], "", 1));
	EXPECT_EQ(1, read(ready[0], &c, 1));
	dump_close(&self->dump);
	ASSERT_EQ(1, write(go[1], "", 1));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

/* While others come and go */

#define NREADERS	3
#define MAX_GROUPS	1000

/* What goes wrong first, as a reader reports it. */
struct report {
	int dumps;
	int error;
	int bad;
	int disorder;
	__u32 missing;
	__u32 stranger;		/* told of in place of a group's threads */
};

FIXTURE(churn)
{
	struct ts_faults settings;
	struct report *report;
	struct ids groups;
	struct ids threads;
	struct group group[MAX_GROUPS];
	int ngroups;
	int ntasks;
};

FIXTURE_SETUP(churn)
{
	const char *lacks = ts_lacks();
	struct rlimit limit = { .rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY };
	char max[16];

	if (lacks)
		SKIP(return, "%s", lacks);
	self->ntasks = ts_setting("TASKSTATS_DUMP_TASKS", 200);
	self->ngroups = self->ntasks < 500 ? 10 : self->ntasks / 50;
	if (self->ngroups > MAX_GROUPS)
		self->ngroups = MAX_GROUPS;
	setrlimit(RLIMIT_NPROC, &limit);
	if (self->ntasks > 1000) {
		snprintf(max, sizeof(max), "%d", 3 * self->ntasks);
		ASSERT_TRUE(ts_fault_set(&self->settings, "/proc/sys/kernel/threads-max", max));
		ASSERT_TRUE(ts_fault_set(&self->settings, "/proc/sys/kernel/pid_max", max));
	}
	self->report = mmap(NULL, NREADERS * sizeof(*self->report), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->report);
}

FIXTURE_TEARDOWN_PARENT(churn)
{
	ts_faults_end(&self->settings);
}

static bool start_steady(FIXTURE_DATA(churn) * self)
{
	struct plan plan = { .threads = self->ntasks / self->ngroups };
	int i;

	for (i = 0; i < self->ngroups; i++) {
		if (!start_group(&self->group[i], &plan))
			return false;
		add_id(&self->groups, self->group[i].pid);
		add_ids(&self->threads, &self->group[i].tids);
	}
	sort_ids(&self->groups);
	sort_ids(&self->threads);
	return true;
}

static void *come_and_go(void *arg)
{
	return arg;
}

/* Without a copy of its memory a process is born and gone many times as fast. */
static void run_forker(void)
{
	pthread_t thread;
	pid_t pid;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (1) {
		pid = vfork();
		if (pid == 0)
			_exit(0);
		if (pthread_create(&thread, NULL, come_and_go, NULL) == 0)
			pthread_join(thread, NULL);
		if (pid > 0)
			waitpid(pid, NULL, 0);
	}
}

static int start_forkers(struct ids *forkers)
{
	int n = ts_setting("TASKSTATS_DUMP_FORKS", 2);
	pid_t pid;

	for (; n > 0; n--) {
		pid = fork();
		if (pid == 0)
			run_forker();
		if (pid < 0)
			return -errno;
		add_id(forkers, pid);
	}
	return 0;
}

static void end_forkers(struct ids *forkers)
{
	int i;

	for (i = 0; i < forkers->n; i++)
		kill(forkers->id[i], SIGKILL);
	for (i = 0; i < forkers->n; i++)
		waitpid(forkers->id[i], NULL, 0);
	free_ids(forkers);
}

/* How many tasks there have ever been. */
static unsigned long born(void)
{
	unsigned long n = 0;
	char line[8192];
	FILE *f;

	f = fopen("/proc/stat", "r");
	while (f && fgets(line, sizeof(line), f))
		sscanf(line, "processes %lu", &n);
	if (f)
		fclose(f);
	return n;
}

/* Every steady one is told, and nobody twice: ids ascend. */
static void look_at(struct dump *dump, const struct ids *steady, bool exactly,
		    struct report *report)
{
	report->bad += dump->bad;
	report->disorder += dump->disorder;
	if (!report->missing)
		report->missing = first_missing(steady, &dump->ids);
	if (exactly && !report->stranger)
		report->stranger = first_missing(&dump->ids, steady);
	report->dumps++;
}

/* In turn of groups, threads, and the threads of a group. */
static int run_reader(FIXTURE_DATA(churn) * self, int size, int n, struct report *report)
{
	const struct ids *steady[] = { &self->groups, &self->threads, &self->group[0].tids };
	struct ask ask[3] = {};
	struct dump dump;
	int i, error;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	ask[1].threads = true;
	ask[2].tgid = self->group[0].pid;
	if (dump_open(&dump, size))
		return 1;
	for (i = 0; i < n; i++) {
		error = dump_all(&dump, &ask[i % 3]);
		if (!report->error)
			report->error = error;
		look_at(&dump, steady[i % 3], i % 3 == 2, report);
	}
	return 0;
}

TEST_F_TIMEOUT(churn, does_not_hide_nor_double_who_stays, 36000)
{
	int n = ts_setting("TASKSTATS_DUMP_ROUNDS", 30), size[NREADERS] = { small(), 16384, LARGE };
	struct report *report = self->report;
	struct ids forkers = {};
	unsigned long before;
	pid_t pid[NREADERS];
	int i, status;
	__u64 start;

	ASSERT_TRUE(start_steady(self));
	before = born();
	start = ts_clock_ns(CLOCK_MONOTONIC);
	ASSERT_EQ(0, start_forkers(&forkers));
	for (i = 0; i < NREADERS; i++) {
		pid[i] = fork();
		if (pid[i] == 0)
			_exit(run_reader(self, size[i], n, &report[i]));
	}
	for (i = 0; i < NREADERS; i++) {
		ASSERT_EQ(pid[i], waitpid(pid[i], &status, 0));
		EXPECT_EQ(0, status);
		EXPECT_EQ(n, report[i].dumps);
		EXPECT_EQ(0, report[i].error);
		EXPECT_EQ(0, report[i].bad);
		EXPECT_EQ(0, report[i].disorder);
		EXPECT_EQ(0U, report[i].missing);
		EXPECT_EQ(0U, report[i].stranger);
	}
	TH_LOG("%d tasks told %d times, %lu others born in %llu ms", self->ntasks, NREADERS * n,
	       born() - before,
	       (unsigned long long)(ts_clock_ns(CLOCK_MONOTONIC) - start) / 1000000);
	end_forkers(&forkers);
	end_groups(self->group, self->ngroups);
}

/* An exec puts another task in the leader's place; the group is the same. */

FIXTURE(exec)
{
	struct dump dump;
	struct ts_pen pen;
	struct ask ask;
	int inside;
	int dumps;
	int absent;
};

FIXTURE_VARIANT(exec)
{
	bool threads;
	bool of_group;
};

FIXTURE_VARIANT_ADD(exec, groups)
{
};

FIXTURE_VARIANT_ADD(exec, threads)
{
	.threads = true,
};

FIXTURE_VARIANT_ADD(exec, threads_of_group)
{
	.of_group = true,
};

FIXTURE_SETUP(exec)
{
	const char *lacks = ts_lacks();

	if (!lacks)
		lacks = ts_pen_enter(&self->pen);
	if (lacks)
		SKIP(return, "%s", lacks);
	self->inside = ts_cgroup_make(self->pen.dir, "inside");
	ASSERT_GT(self->inside, 0);
	ASSERT_EQ(0, dump_open(&self->dump, LARGE));
	self->ask.threads = variant->threads;
	self->ask.cgroup_fd = self->inside;
}

FIXTURE_TEARDOWN(exec)
{
	dump_close(&self->dump);
	ts_cgroup_remove(self->pen.dir, "inside");
	ts_pen_leave(&self->pen);
}

static void *execute(void *arg)
{
	char left[16];

	snprintf(left, sizeof(left), "%d", *(int *)arg - 1);
	execl("/proc/self/exe", "dump", "--exec", left, (char *)NULL);
	_exit(1);
}

/* Each time it is another thread that executes. */
static void run_execs(int left)
{
	pthread_t thread;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!left)
		_exit(0);
	if (pthread_create(&thread, NULL, execute, &left))
		_exit(2);
	while (1)
		pause();
}

static pid_t start_execs(int cgroup_fd, int n)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (!ts_cgroup_enter(cgroup_fd) || raise(SIGSTOP))
			_exit(3);
		run_execs(n);
	}
	return pid;
}

/* Nobody waits for it yet: then it is there also when it has ended. */
static bool has_ended(pid_t pid)
{
	siginfo_t info = {};

	return waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT) || info.si_pid == pid;
}

TEST_F_TIMEOUT(exec, does_not_hide_a_group, 36000)
{
	pid_t pid = start_execs(self->inside, ts_setting("TASKSTATS_DUMP_EXECS", 20));
	int status;

	if (variant->of_group)
		self->ask.tgid = pid;
	/* It has got there, and is about to begin. */
	ASSERT_EQ(pid, waitpid(pid, &status, WUNTRACED));
	ASSERT_TRUE(WIFSTOPPED(status));
	ASSERT_EQ(0, kill(pid, SIGCONT));
	while (!has_ended(pid)) {
		ASSERT_EQ(0, dump_all(&self->dump, &self->ask));
		self->absent += !has_id(&self->dump.ids, pid);
		self->dumps++;
	}
	EXPECT_EQ(0, self->absent) {
		TH_LOG("%d of %d times", self->absent, self->dumps);
	}
	EXPECT_LT(0, self->dumps);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

/* Without memory */

FIXTURE(memory)
{
	struct ts_faults faults;
};

FIXTURE_SETUP(memory)
{
	const char *lacks = ts_lacks();

	if (!lacks)
		lacks = ts_faults_begin(&self->faults, NULL, "0");
	if (lacks)
		SKIP(return, "%s", lacks);
}

FIXTURE_TEARDOWN_PARENT(memory)
{
	ts_faults_end(&self->faults);
}

/* What becomes of a dump that the @nth piece is refused to; 1 if it needs less. */
static int start_without(struct dump *dump, const struct ask *ask, int nth)
{
	int fd = ts_fail_open(), error;
	bool failed;

	dump_prepare(dump, ask);
	ts_fail_nth(fd, nth);
	error = dump_send(dump);
	failed = ts_has_failed(fd);
	close(fd);
	if (!error)
		error = dump_rest(dump);
	return failed ? error : 1;
}

/* Three are the kernel's for any such request, or the dump's own: see ENOMEM. */
TEST_F_TIMEOUT(memory, that_is_lacking_is_an_error_and_no_more, 1200)
{
	struct plan plan = { .threads = NTHREADS };
	struct ask ask = {};
	struct group group;
	struct dump dump;
	int nth, error, refused = 0;

	ASSERT_TRUE(start_group(&group, &plan));
	ask.tgid = group.pid;
	for (nth = 1; nth < 100; nth++) {
		ASSERT_EQ(0, dump_open(&dump, small()));
		error = start_without(&dump, &ask, nth);
		if (error == 1)
			break;
		EXPECT_TRUE(!error || error == -ENOMEM || error == -ENOBUFS) {
			TH_LOG("number %d: %d", nth, error);
		}
		refused += error == -ENOMEM;
		/* Where it has begun and was held up by that, it goes on first. */
		if (error == -ENOBUFS && dump.rounds)
			EXPECT_EQ(0, dump_rest(&dump));
		EXPECT_EQ(0, dump_all(&dump, &ask));
		EXPECT_TRUE(same_ids(&group.tids, &dump.ids));
		dump_close(&dump);
	}
	EXPECT_EQ(1, error);
	EXPECT_LE(3, refused);
	dump_close(&dump);
	end_group(&group);
}

/* Locks */

#define LOCK_STAT	"/proc/lock_stat"

FIXTURE(locks)
{
	struct ts_faults settings;
	struct group group[NREADERS];
	struct plan plan;
	struct ts_child child[NREADERS];
	int n;
};

FIXTURE_SETUP(locks)
{
	const char *lacks = ts_lacks();

	if (!lacks && access(LOCK_STAT, R_OK | W_OK))
		lacks = "no " LOCK_STAT ": CONFIG_LOCK_STAT is not set";
	if (lacks)
		SKIP(return, "%s", lacks);
	ASSERT_TRUE(ts_fault_set(&self->settings, "/proc/sys/kernel/lock_stat", "1"));
	self->n = ts_setting("TASKSTATS_LOCK_QUERIES", 2000);
	self->plan.threads = NTHREADS;
}

FIXTURE_TEARDOWN_PARENT(locks)
{
	ts_faults_end(&self->settings);
}

struct lock_uses {
	unsigned long contended;
	unsigned long taken;
};

/* Name, contentions in two numbers, waits in four, bounces and how often taken. */
static void add_uses(struct lock_uses *uses, char *line, const char *name)
{
	char *numbers = strrchr(line, ':');
	struct lock_uses these;

	if (!numbers)
		return;
	*numbers++ = '\0';
	if (!strstr(line, name) ||
	    sscanf(numbers, "%*s %lu %*s %*s %*s %*s %*s %lu", &these.contended,
		   &these.taken) != 2)
		return;
	uses->contended += these.contended;
	uses->taken += these.taken;
}

/* Of all locks that have @name in theirs, as readers or as writers. */
static struct lock_uses lock_uses(const char *name)
{
	struct lock_uses uses = {};
	char line[512];
	FILE *f;

	f = fopen(LOCK_STAT, "r");
	while (f && fgets(line, sizeof(line), f))
		add_uses(&uses, line, name);
	if (f)
		fclose(f);
	return uses;
}

/* Without @dump, only queries. */
static void ask_often(struct ts_sock *sk, struct dump *dump, pid_t pid, int n)
{
	const struct ask ask[] = {
		{}, { .threads = true }, { .tgid = pid }, { .delays = true },
	};
	struct taskstats stats;
	int i;

	for (i = 0; i < n; i++) {
		if (ts_query_pid(sk, pid, &stats) || ts_query_tgid(sk, pid, &stats))
			_exit(20);
		if (dump && i % 100 == 0 && dump_all(dump, &ask[i / 100 % 4]))
			_exit(21);
	}
}

/* Sockets are opened before the locks are looked at, and closed after that. */
static void run_asker(int ready, int go, pid_t pid, int n, bool dumps)
{
	struct dump dump;
	struct ts_sock sk;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (ts_open(&sk) || dump_open(&dump, LARGE))
		_exit(22);
	ts_child_report(ready);
	ts_child_wait(go);
	ask_often(&sk, dumps ? &dump : NULL, pid, n);
	ts_child_report(ready);
	ts_child_wait(go);
	_exit(0);
}

static bool hear(struct ts_child *child)
{
	char c;

	return read(child->ready, &c, 1) == 1;
}

static bool start_querier(struct ts_child *child, pid_t pid, int n, bool dumps)
{
	int ready[2], go[2];
	pid_t querier;

	if (pipe2(ready, O_CLOEXEC) || pipe2(go, O_CLOEXEC))
		return false;
	querier = fork();
	if (querier == 0)
		run_asker(ready[1], go[0], pid, n, dumps);
	close(ready[1]);
	close(go[0]);
	/* Not by the child, who shares it. */
	child->pid = querier;
	child->ready = ready[0];
	child->go = go[1];
	return child->pid > 0 && hear(child);
}

static bool ask_all(struct ts_child *child)
{
	int i;

	if (!ts_write_string(LOCK_STAT, "0"))
		return false;
	for (i = 0; i < NREADERS; i++)
		ts_child_report(child[i].go);
	for (i = 0; i < NREADERS; i++) {
		if (!hear(&child[i]))
			return false;
	}
	return true;
}

TEST_F_TIMEOUT(locks, of_all_are_not_taken_by_queries_and_dumps, 36000)
{
	unsigned long own;
	int i;

	ASSERT_TRUE(start_groups(self->group, NREADERS, &self->plan));
	for (i = 0; i < NREADERS; i++)
		ASSERT_TRUE(start_querier(&self->child[i], self->group[i].pid, self->n, true));
	ASSERT_TRUE(ask_all(self->child));

	/* One that is a socket's own shows that they are counted. */
	own = lock_uses("nlk_cb_mutex-GENERIC").taken;
	EXPECT_LT(0UL, own);
	EXPECT_EQ(0UL, lock_uses("genl_mutex").taken);
	EXPECT_EQ(0UL, lock_uses("taskstats").taken);
	EXPECT_EQ(0UL, lock_uses("listen_lock").taken);
	EXPECT_EQ(0UL, lock_uses("->turn").taken);
	TH_LOG("%d queries: each socket's own lock taken %lu times, and none of all",
	       2 * NREADERS * self->n, own);
	for (i = 0; i < NREADERS; i++)
		EXPECT_EQ(0, ts_child_end(&self->child[i]));
	end_groups(self->group, NREADERS);
}

/* Of a group, by those without privilege. Here each asks about one of its own. */
TEST_F_TIMEOUT(locks, of_a_group_are_waited_for_by_nobody_else, 36000)
{
	struct lock_uses turn;
	int i;

	ASSERT_EQ(0, ts_limit_caps(0));
	ASSERT_TRUE(start_groups(self->group, NREADERS, &self->plan));
	for (i = 0; i < NREADERS; i++)
		ASSERT_TRUE(start_querier(&self->child[i], self->group[i].pid, self->n, false));
	ASSERT_TRUE(ask_all(self->child));

	turn = lock_uses("->turn");
	EXPECT_LE((unsigned long)NREADERS * self->n, turn.taken);
	EXPECT_EQ(0UL, turn.contended);
	for (i = 0; i < NREADERS; i++)
		EXPECT_EQ(0, ts_child_end(&self->child[i]));
	end_groups(self->group, NREADERS);
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "--exec"))
		run_execs(atoi(argv[2]));
	return test_harness_run(argc, argv);
}
