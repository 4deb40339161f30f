// SPDX-License-Identifier: GPL-2.0
/*
 * Both threads of a group exit at once. Whichever of them finds the other gone
 * already, the group is told of, once, with what both have used.
 *
 * What goes wrong when they meet within a few instructions is not found by
 * chance. A kernel that is to show it can be given a parameter which holds up
 * exiting threads of two names where it matters; elsewhere they just exit.
 */
#include "kselftest_harness.h"
#include "taskstats.h"

#define WINDOW		"/sys/module/taskstats/parameters/window_ms"
#define WINDOW_MS	"100"

#define NGROUPS		5
#define KB		1024
#define NSWITCHES	20U
/* What a thread may switch between leaving its group and telling of itself. */
#define LATE_SWITCHES	2
#define LEADER_WRITES	3
#define THREAD_WRITES	5

static void set_window(const char *ms)
{
	if (!access(WINDOW, W_OK) && !ts_write_string(WINDOW, ms))
		ksft_print_msg("cannot set %s: %s\n", WINDOW, strerror(errno));
}

/* Held before a thread looks whether its group has totals, for some time. */
static void be_held_before(void)
{
	prctl(PR_SET_NAME, "window-before");
}

/* Held after it has seen that there are none, for longer than that. */
static void be_held_after(void)
{
	prctl(PR_SET_NAME, "window-after");
}

static void use(int writes)
{
	static const char buf[KB];
	int fd, i;

	fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	for (i = 0; i < writes; i++) {
		if (write(fd, buf, sizeof(buf)) != sizeof(buf))
			_exit(10);
	}
	close(fd);
	ts_switch_often(NSWITCHES);
}

/* Until a thread that exits is held up, or is all but gone. */
static void wait_for_exit_of(pid_t tid)
{
	__u64 start = ts_clock_ns(CLOCK_MONOTONIC);
	char state;

	do {
		state = ts_task_state(getpid(), tid);
		if (!state || strchr("DZX", state))
			return;
	} while (ts_poll_again(start));
	_exit(11);
}

static pid_t thread_id;

static void *exit_after_leader(void *arg)
{
	use(THREAD_WRITES);
	__atomic_store_n(&thread_id, ts_gettid(), __ATOMIC_SEQ_CST);
	wait_for_exit_of(getpid());
	syscall(__NR_exit, 0);
	return arg;
}

static void *exit_before_leader(void *arg)
{
	use(THREAD_WRITES);
	be_held_before();
	__atomic_store_n(&thread_id, ts_gettid(), __ATOMIC_SEQ_CST);
	syscall(__NR_exit, 0);
	return arg;
}

static void start_thread(void *(*fn)(void *))
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, fn, NULL))
		_exit(12);
	while (!__atomic_load_n(&thread_id, __ATOMIC_SEQ_CST))
		poll(NULL, 0, 1);
}

FIXTURE(race)
{
	struct ts_sock sk;
	struct ts_exit leader;
	struct ts_exit thread;
	struct ts_exit *last;
	pid_t pid;
};

FIXTURE_VARIANT(race)
{
	void *(*thread)(void *arg);
	bool leader_waits;
};

/* The thread comes and goes while the leader is on its way. */
FIXTURE_VARIANT_ADD(race, sibling_overtakes)
{
	.thread = exit_after_leader,
};

/* The leader follows, and is the last one, but the thread goes before it. */
FIXTURE_VARIANT_ADD(race, sibling_goes_first)
{
	.thread = exit_before_leader,
	.leader_waits = true,
};

FIXTURE_SETUP(race)
{
	const char *lacks = ts_lacks();

	if (lacks)
		SKIP(return, "%s", lacks);
	ASSERT_EQ(0, ts_open(&self->sk));
	ASSERT_EQ(0, ts_listen(&self->sk, "all"));
	set_window(WINDOW_MS);
}

FIXTURE_TEARDOWN(race)
{
	set_window("0");
	ts_stop_listening(&self->sk);
}

static void exit_in_turn(const FIXTURE_VARIANT(race) * variant)
{
	start_thread(variant->thread);
	use(LEADER_WRITES);
	if (variant->leader_waits)
		wait_for_exit_of(thread_id);
	be_held_after();
	syscall(__NR_exit, 0);
}

/* Takes the records of a process that is no more: one for each thread. */
static int take_records(FIXTURE_DATA(race) * self)
{
	int error, leaders = 0, threads = 0;
	struct ts_exit rec;

	self->last = NULL;
	while (!(error = ts_next_exit(&self->sk, &rec, 0))) {
		if (rec.pid.stats.ac_tgid != (__u32)self->pid)
			continue;
		if (rec.pid.id == (__u32)self->pid) {
			self->leader = rec;
			leaders++;
		} else {
			self->thread = rec;
			threads++;
		}
	}
	if (error != -EAGAIN)
		return error;
	if (leaders != 1 || threads != 1)
		return -EPROTO;
	if (self->leader.has_tgid && self->thread.has_tgid)
		return -EEXIST;
	if (self->leader.has_tgid)
		self->last = &self->leader;
	if (self->thread.has_tgid)
		self->last = &self->thread;
	return 0;
}

/* Runs a group to its end; its records are in @self. */
static int run(FIXTURE_DATA(race) * self, const FIXTURE_VARIANT(race) * variant)
{
	int status;

	self->pid = fork();
	if (self->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		exit_in_turn(variant);
	}
	if (waitpid(self->pid, &status, 0) != self->pid || status)
		return -ECHILD;
	return take_records(self);
}

TEST_F(race, group_is_told_of)
{
	int i;

	for (i = 0; i < NGROUPS; i++) {
		ASSERT_EQ(0, run(self, variant));
		ASSERT_NE(NULL, self->last)
			TH_LOG("no record of group %d", i);
	}
}

TEST_F(race, group_has_the_switches_of_both)
{
	__u64 leader, thread, both;
	int i;

	for (i = 0; i < NGROUPS; i++) {
		ASSERT_EQ(0, run(self, variant));
		ASSERT_NE(NULL, self->last);
		leader = self->leader.pid.stats.nvcsw;
		thread = self->thread.pid.stats.nvcsw;
		both = self->last->tgid.stats.nvcsw;
		ASSERT_GE(leader, NSWITCHES);
		ASSERT_GE(thread, NSWITCHES);
		ASSERT_GE(both + 2 * LATE_SWITCHES, leader + thread)
			TH_LOG("%llu of the leader and %llu of the thread", leader, thread);
	}
}

TEST_F(race, group_has_the_writes_of_both)
{
	const struct taskstats *group;
	int i;

	if (!ts_has_io_accounting())
		SKIP(return, "CONFIG_TASK_IO_ACCOUNTING is not set");
	for (i = 0; i < NGROUPS; i++) {
		ASSERT_EQ(0, run(self, variant));
		ASSERT_NE(NULL, self->last);
		group = &self->last->tgid.stats;
		ASSERT_EQ(LEADER_WRITES + THREAD_WRITES, (__s64)group->write_syscalls);
		ASSERT_EQ((LEADER_WRITES + THREAD_WRITES) * KB, (__s64)group->write_char);
	}
}

TEST_HARNESS_MAIN
