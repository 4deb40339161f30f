// SPDX-License-Identifier: GPL-2.0
/*
 * What a socket that has asked for it by TASKSTATS_CMD_LISTEN is told of exiting
 * tasks: of which, in what order, under which numbers, and what.
 *
 * Tests run in a cgroup of their own and ask for it, so that they know of every
 * exit that there is to tell of.
 */
#include "kselftest_harness.h"
#include "listen.h"

#define NTHREADS	6
#define NEXITS		100
#define DELAYACCT	"/proc/sys/kernel/task_delayacct"

FIXTURE(listen)
{
	struct ts_listener listener;
	struct ts_pen pen;
	struct ts_sub sub;
	char delayacct[4];	/* as it was, if a test has changed it */
	int cpu[2];
	int ncpus;
};

FIXTURE_SETUP(listen)
{
	const char *lacks = ts_lacks();

	if (lacks)
		SKIP(return, "%s", lacks);
	lacks = ts_pen_enter(&self->pen);
	if (lacks)
		SKIP(return, "%s", lacks);
	self->ncpus = ts_cpus(self->cpu, 2);
	ASSERT_GE(self->ncpus, 1);
	self->sub = (struct ts_sub) { .records = TS_BOTH, .cgroup_fd = self->pen.dir };
	ASSERT_EQ(0, ts_listener_open(&self->listener));
}

FIXTURE_TEARDOWN(listen)
{
	if (self->delayacct[0])
		ts_write_string(DELAYACCT, self->delayacct);
	ts_listener_close(&self->listener);
	ts_pen_leave(&self->pen);
}

/* All that there was to tell has been told, and it was so much. */
static void expect_all(struct __test_metadata *_metadata, struct ts_listener *listener, __u64 n)
{
	struct ts_state state;

	ts_drain(listener);
	ASSERT_EQ(0, ts_ask(listener, &state));
	EXPECT_EQ(n, listener->received);
	EXPECT_EQ(n, state.delivered);
	EXPECT_EQ(0ULL, state.lost);
	EXPECT_EQ(0U, state.pending);
	EXPECT_EQ(0ULL, listener->gaps);
	EXPECT_EQ(0, listener->bad);
	EXPECT_EQ(0, listener->enobufs);
}

TEST_F(listen, for_threads_gets_each_thread_and_no_group)
{
	pid_t tid, pid;

	self->sub.records = TASKSTATS_RECORDS_THREAD;
	ASSERT_EQ(0, ts_subscribe(&self->listener, &self->sub));
	tid = ts_thread_exit_on(self->cpu[0]);
	pid = ts_exit_on(self->cpu[0], 3);
	ASSERT_GT(tid, 0);
	ASSERT_GT(pid, 0);
	expect_all(_metadata, &self->listener, 2);
	EXPECT_NE(NULL, ts_find(&self->listener, 0, false, tid));
	EXPECT_NE(NULL, ts_find(&self->listener, 1, false, pid));
}

/* Be it of one thread only. */
TEST_F(listen, for_groups_gets_each_group_and_no_thread)
{
	pid_t pid;

	self->sub.records = TASKSTATS_RECORDS_GROUP;
	ASSERT_EQ(0, ts_subscribe(&self->listener, &self->sub));
	ASSERT_GT(ts_thread_exit_on(self->cpu[0]), 0);
	pid = ts_exit_on(self->cpu[0], 3);
	ASSERT_GT(pid, 0);
	expect_all(_metadata, &self->listener, 1);
	ASSERT_NE(NULL, ts_find(&self->listener, 0, true, pid));
	EXPECT_EQ((__u32)pid, self->listener.rec[0].stats.ac_tgid);
	EXPECT_EQ((__u32)getpid(), self->listener.rec[0].stats.ac_ppid);
	EXPECT_EQ(3U << 8, self->listener.rec[0].stats.ac_exitcode);
}

TEST_F(listen, for_both_gets_the_thread_then_its_group)
{
	pid_t pid;

	ASSERT_EQ(0, ts_subscribe(&self->listener, &self->sub));
	pid = ts_exit_on(self->cpu[0], 3);
	ASSERT_GT(pid, 0);
	expect_all(_metadata, &self->listener, 2);
	EXPECT_EQ(&self->listener.rec[0], ts_find(&self->listener, 0, false, pid));
	EXPECT_EQ(&self->listener.rec[1], ts_find(&self->listener, 0, true, pid));
	EXPECT_EQ(2, self->listener.messages);
}

TEST_F(listen, after_clearing_gets_nothing)
{
	struct ts_state state;

	ASSERT_EQ(0, ts_subscribe(&self->listener, &self->sub));
	ASSERT_GT(ts_thread_exit_on(self->cpu[0]), 0);
	ASSERT_EQ(0, ts_clear(&self->listener, &state));
	EXPECT_EQ(1ULL, state.delivered);
	EXPECT_EQ(1ULL, self->listener.received);
	ASSERT_GT(ts_exit_on(self->cpu[0], 0), 0);
	EXPECT_TRUE(ts_nothing_more(&self->listener.sk));
	/* Not even as an exit that matched. */
	expect_all(_metadata, &self->listener, 1);

	/* The account goes on where it was. */
	ASSERT_EQ(0, ts_subscribe(&self->listener, &self->sub));
	ASSERT_GT(ts_thread_exit_on(self->cpu[0]), 0);
	expect_all(_metadata, &self->listener, 2);
	EXPECT_EQ(1ULL, self->listener.rec[1].seq);
}

TEST_F(listen, replaced_by_fewer_cpus_gets_those_only)
{
	char cpu[16];
	pid_t tid;

	if (self->ncpus < 2)
		SKIP(return, "only one CPU");
	ASSERT_EQ(0, ts_subscribe(&self->listener, &self->sub));
	ASSERT_GT(ts_thread_exit_on(self->cpu[0]), 0);
	ASSERT_GT(ts_thread_exit_on(self->cpu[1]), 0);
	expect_all(_metadata, &self->listener, 2);

	snprintf(cpu, sizeof(cpu), "%d", self->cpu[1]);
	self->sub.cpus = cpu;
	ASSERT_EQ(0, ts_subscribe(&self->listener, &self->sub));
	ASSERT_GT(ts_thread_exit_on(self->cpu[0]), 0);
	tid = ts_thread_exit_on(self->cpu[1]);
	ASSERT_GT(tid, 0);
	expect_all(_metadata, &self->listener, 3);
	EXPECT_NE(NULL, ts_find(&self->listener, 2, false, tid));

	self->sub.cpus = NULL;
	ASSERT_EQ(0, ts_subscribe(&self->listener, &self->sub));
	ASSERT_GT(ts_thread_exit_on(self->cpu[0]), 0);
	ASSERT_GT(ts_thread_exit_on(self->cpu[1]), 0);
	expect_all(_metadata, &self->listener, 5);
}

TEST_F(listen, on_all_cpus_is_told_which_in_the_order_of_exits)
{
	const struct ts_record *rec;
	pid_t tid[NEXITS];
	int i;

	if (self->ncpus < 2)
		SKIP(return, "only one CPU");
	ASSERT_EQ(0, ts_subscribe(&self->listener, &self->sub));
	for (i = 0; i < NEXITS; i++) {
		tid[i] = ts_thread_exit_on(self->cpu[i % 3 == 0]);
		ASSERT_GT(tid[i], 0);
	}
	expect_all(_metadata, &self->listener, NEXITS);
	for (i = 0; i < NEXITS; i++) {
		rec = &self->listener.rec[i];
		EXPECT_EQ((__u64)i, rec->seq);
		EXPECT_EQ((__u32)tid[i], rec->id);
		EXPECT_EQ((__u32)self->cpu[i % 3 == 0], rec->cpu);
	}
}

struct ender {
	pthread_t thread;
	int cpu;
	int n;
};

static void *end_many(void *arg)
{
	struct ender *ender = arg;
	int i;

	ts_pin(ender->cpu);
	for (i = 0; i < ender->n; i++)
		ts_thread_exit_on(ender->cpu);
	return NULL;
}

/* While exits on two CPUs meet: each has one number, and there is no gap. */
TEST_F(listen, numbers_go_on_over_all_cpus)
{
	struct ender ender[2];
	int i;

	if (self->ncpus < 2)
		SKIP(return, "only one CPU");
	ASSERT_EQ(0, ts_subscribe(&self->listener, &self->sub));
	for (i = 0; i < 2; i++) {
		ender[i] = (struct ender) { .cpu = self->cpu[i], .n = NEXITS };
		ASSERT_EQ(0, pthread_create(&ender[i].thread, NULL, end_many, &ender[i]));
	}
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_join(ender[i].thread, NULL));
	expect_all(_metadata, &self->listener, 2 * (NEXITS + 1));
	for (i = 0; i < self->listener.nrec; i++)
		EXPECT_EQ((__u64)i, self->listener.rec[i].seq);
}

/* Field 22 of /proc/PID/task/TID/stat, in ticks, or 0. */
static __u64 start_ticks(pid_t tgid, pid_t tid)
{
	char line[1024];
	const char *ticks = ts_task_stat(tgid, tid, 22, line);

	return ticks ? strtoull(ticks, NULL, 10) : 0;
}

static __u64 to_ticks(__u64 ns)
{
	return ns / (1000000000 / sysconf(_SC_CLK_TCK));
}

/* A child with a thread, whose id it tells through a pipe. */
struct two {
	int fd[2];
	pthread_t leader;
};

static void *end_after_leader(void *arg)
{
	struct two *two = arg;
	pid_t tid = ts_gettid();

	pthread_join(two->leader, NULL);
	if (write(two->fd[1], &tid, sizeof(tid)) != sizeof(tid))
		_exit(1);
	pause();
	return NULL;
}

static void *tell_and_pause(void *arg)
{
	pid_t tid = ts_gettid();

	if (write(*(int *)arg, &tid, sizeof(tid)) != sizeof(tid))
		_exit(1);
	pause();
	return NULL;
}

/* In a child with two threads that is to be let go; the id of the second. */
static void start_second(void *arg)
{
	static int fd;
	pthread_t thread;

	fd = *(int *)arg;
	if (pthread_create(&thread, NULL, tell_and_pause, &fd))
		_exit(1);
}

TEST_F(listen, record_says_who_it_was_and_when_it_began)
{
	const struct ts_record *leader, *thread, *group;
	__u64 ticks, thread_ticks;
	struct ts_child child;
	int fd[2];
	pid_t tid;

	ASSERT_EQ(0, ts_subscribe(&self->listener, &self->sub));
	ASSERT_EQ(0, pipe2(fd, O_CLOEXEC));
	ASSERT_EQ(0, ts_pin(self->cpu[0]));
	ASSERT_EQ(0, ts_child_start(&child, start_second, &fd[1]));
	ASSERT_EQ((ssize_t)sizeof(tid), read(fd[0], &tid, sizeof(tid)));
	ticks = start_ticks(child.pid, child.pid);
	thread_ticks = start_ticks(child.pid, tid);
	ASSERT_NE(0ULL, ticks);
	ASSERT_NE(0ULL, thread_ticks);
	ASSERT_EQ(0, ts_child_end(&child));

	expect_all(_metadata, &self->listener, 3);
	leader = ts_find(&self->listener, 0, false, child.pid);
	thread = ts_find(&self->listener, 0, false, tid);
	group = ts_find(&self->listener, 0, true, child.pid);
	ASSERT_TRUE(leader && thread && group);
	EXPECT_EQ(ticks, to_ticks(leader->start));
	EXPECT_EQ(thread_ticks, to_ticks(thread->start));
	EXPECT_EQ(leader->start, group->start);
	EXPECT_LT(leader->start, thread->start);
	EXPECT_EQ((__u32)self->cpu[0], leader->cpu);
	EXPECT_EQ((__u32)self->cpu[0], thread->cpu);
	EXPECT_EQ(ts_cgroup_id(self->pen.dir), leader->cgroup);
	EXPECT_EQ(ts_cgroup_id(self->pen.dir), thread->cgroup);
	EXPECT_EQ(ts_cgroup_id(self->pen.dir), group->cgroup);
	EXPECT_EQ((__u32)tid, thread->stats.ac_pid);
	EXPECT_EQ((__u32)child.pid, thread->stats.ac_tgid);
	EXPECT_EQ((__u32)child.pid, group->stats.ac_pid);
	close(fd[0]);
	close(fd[1]);
}

static void run_two(struct two *two)
{
	pthread_t thread;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	two->leader = pthread_self();
	if (pthread_create(&thread, NULL, end_after_leader, two))
		_exit(1);
	pthread_exit(NULL);
}

/* A group whose leader ended first, and then was killed: its id, or -1. */
static pid_t lose_two(pid_t *tid)
{
	struct two two;
	bool told;
	pid_t pid;

	if (pipe2(two.fd, O_CLOEXEC))
		return -1;
	pid = fork();
	if (pid == 0)
		run_two(&two);
	close(two.fd[1]);
	told = read(two.fd[0], tid, sizeof(*tid)) == sizeof(*tid);
	close(two.fd[0]);
	if (pid < 0)
		return -1;
	kill(pid, SIGKILL);
	return waitpid(pid, NULL, 0) == pid && told ? pid : -1;
}

TEST_F(listen, record_of_a_group_is_its_leaders_though_that_ended_first)
{
	const struct ts_record *group;
	pid_t pid, tid;

	ASSERT_EQ(0, ts_subscribe(&self->listener, &self->sub));
	pid = lose_two(&tid);
	ASSERT_GT(pid, 0);

	expect_all(_metadata, &self->listener, 3);
	EXPECT_EQ(&self->listener.rec[0], ts_find(&self->listener, 0, false, pid));
	EXPECT_EQ(&self->listener.rec[1], ts_find(&self->listener, 0, false, tid));
	group = ts_find(&self->listener, 0, true, pid);
	ASSERT_EQ(&self->listener.rec[2], group);
	EXPECT_EQ(self->listener.rec[0].start, group->start);
	EXPECT_EQ((__u32)pid, group->stats.ac_tgid);
	EXPECT_EQ(9U, group->stats.ac_exitcode);
}

static int pipe_of_many;

/* All at once. */
static void run_many(void)
{
	pthread_t thread;
	int i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (i = 0; i < NTHREADS; i++) {
		if (pthread_create(&thread, NULL, tell_and_pause, &pipe_of_many))
			_exit(1);
	}
	while (1)
		pause();
}

TEST_F(listen, group_that_ends_at_once_is_told_of_once)
{
	pid_t pid, tid[NTHREADS];
	int fd[2], i;

	ASSERT_EQ(0, ts_subscribe(&self->listener, &self->sub));
	ASSERT_EQ(0, pipe2(fd, O_CLOEXEC));
	pipe_of_many = fd[1];
	pid = fork();
	if (pid == 0)
		run_many();
	for (i = 0; i < NTHREADS; i++)
		ASSERT_EQ((ssize_t)sizeof(tid[i]), read(fd[0], &tid[i], sizeof(tid[i])));
	kill(pid, SIGKILL);
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));

	expect_all(_metadata, &self->listener, NTHREADS + 2);
	for (i = 0; i < NTHREADS; i++)
		EXPECT_NE(NULL, ts_find(&self->listener, 0, false, tid[i]));
	EXPECT_NE(NULL, ts_find(&self->listener, 0, false, pid));
	/* Not always the last: a thread may yet have to tell of itself. */
	EXPECT_NE(NULL, ts_find(&self->listener, 0, true, pid));
	close(fd[0]);
	close(fd[1]);
}

/* The same exit, told in both ways. */
TEST_F(listen, figures_are_those_that_registered_listeners_get)
{
	const struct ts_record *rec;
	struct ts_exit last, alone;
	pid_t pid, tid, single;
	struct ts_sock old;

	ASSERT_EQ(0, ts_open(&old));
	ASSERT_EQ(0, ts_subscribe(&self->listener, &self->sub));
	ASSERT_EQ(0, ts_pin(self->cpu[0]));
	ASSERT_EQ(0, ts_listen_cpu(&old, self->cpu[0]));
	single = ts_exit_on(self->cpu[0], 5);
	pid = lose_two(&tid);
	ASSERT_GT(pid, 0);

	expect_all(_metadata, &self->listener, 5);
	ASSERT_EQ(0, ts_wait_exit(&old, single, &alone));
	ASSERT_EQ(0, ts_wait_exit(&old, tid, &last));
	ts_stop_listening(&old);
	ASSERT_TRUE(last.has_tgid);
	rec = ts_find(&self->listener, 0, false, single);
	ASSERT_NE(NULL, rec);
	EXPECT_EQ(0, memcmp(&rec->stats, &alone.pid.stats, sizeof(rec->stats)));
	rec = ts_find(&self->listener, 0, false, tid);
	ASSERT_NE(NULL, rec);
	EXPECT_EQ(0, memcmp(&rec->stats, &last.pid.stats, sizeof(rec->stats)));
	rec = ts_find(&self->listener, 0, true, pid);
	ASSERT_NE(NULL, rec);
	EXPECT_EQ(0, memcmp(&rec->stats, &last.tgid.stats, sizeof(rec->stats)));
}

/* What it begins and ends with: on and on, off and off, off and on. */
TEST_F(listen, record_tells_how_far_delays_were_measured)
{
	const struct ts_listener *listener = &self->listener;
	struct ts_child child;

	if (!ts_read_string(DELAYACCT, self->delayacct, sizeof(self->delayacct)) ||
	    !ts_write_string(DELAYACCT, self->delayacct))
		SKIP(return, DELAYACCT " cannot be written");
	ASSERT_EQ(0, ts_subscribe(&self->listener, &self->sub));
	ASSERT_TRUE(ts_write_string(DELAYACCT, "1"));
	ASSERT_GT(ts_exit_on(self->cpu[0], 0), 0);
	ASSERT_TRUE(ts_write_string(DELAYACCT, "0"));
	ASSERT_GT(ts_exit_on(self->cpu[0], 0), 0);
	ASSERT_EQ(0, ts_child_start(&child, NULL, NULL));
	ASSERT_TRUE(ts_write_string(DELAYACCT, "1"));
	ASSERT_EQ(0, ts_child_end(&child));

	expect_all(_metadata, &self->listener, 6);
	EXPECT_EQ((__u32)TASKSTATS_DELAYS_ALL, listener->rec[0].delays);
	EXPECT_EQ((__u32)TASKSTATS_DELAYS_ALL, listener->rec[1].delays);
	EXPECT_EQ((__u32)TASKSTATS_DELAYS_NONE, listener->rec[2].delays);
	EXPECT_EQ((__u32)TASKSTATS_DELAYS_NONE, listener->rec[3].delays);
	/* What is needed to measure them is made at birth. */
	EXPECT_EQ((__u32)TASKSTATS_DELAYS_NONE, listener->rec[4].delays);
	EXPECT_EQ((__u32)TASKSTATS_DELAYS_NONE, listener->rec[5].delays);
}

TEST_F(listen, each_socket_has_its_own_numbers)
{
	struct ts_listener late;
	struct ts_sub sub = self->sub;

	sub.records = TASKSTATS_RECORDS_GROUP;
	ASSERT_EQ(0, ts_subscribe(&self->listener, &self->sub));
	ASSERT_GT(ts_exit_on(self->cpu[0], 0), 0);
	ASSERT_EQ(0, ts_listener_open(&late));
	ASSERT_EQ(0, ts_subscribe(&late, &sub));
	ASSERT_GT(ts_exit_on(self->cpu[0], 0), 0);
	ASSERT_GT(ts_thread_exit_on(self->cpu[0]), 0);
	expect_all(_metadata, &self->listener, 5);
	expect_all(_metadata, &late, 1);
	EXPECT_EQ(0ULL, late.rec[0].seq);

	/* That one leaves is nothing to the other. */
	ts_listener_close(&late);
	ASSERT_GT(ts_exit_on(self->cpu[0], 0), 0);
	expect_all(_metadata, &self->listener, 7);
}

/* One who asks in a child has not asked for the child. */
TEST_F(listen, outlives_the_process_that_asked)
{
	int status;
	pid_t pid;

	pid = fork();
	if (pid == 0)
		_exit(ts_subscribe(&self->listener, &self->sub) ? 1 : 0);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_EQ(0, status);
	/* Its own exit was the first to be told of. */
	expect_all(_metadata, &self->listener, 2);
	EXPECT_EQ((__u32)pid, self->listener.rec[0].id);
}

TEST_HARNESS_MAIN
