// SPDX-License-Identifier: GPL-2.0
/*
 * TASKSTATS_TYPE_DELAYS_MEASURED, for those who ask: whether a delay of zero means that
 * there was none, or that nobody has looked.
 */
#include "kselftest_harness.h"
#include "taskstats.h"

#define SWITCH	"/proc/sys/kernel/task_delayacct"

FIXTURE(delays)
{
	struct ts_sock sk;
	struct ts_child child;
	int was_on;
};

static int delayacct(void)
{
	char value[8];

	return ts_read_string(SWITCH, value, sizeof(value)) ? atoi(value) : -1;
}

static bool turn(int on)
{
	return ts_write_string(SWITCH, on ? "1" : "0");
}

/* For each byte on its pipe the child has one thread more, or one less. */
static void *sleep_forever(void *arg)
{
	ts_child_report(*(int *)arg);
	while (1)
		pause();
	return NULL;
}

static void *end_at_once(void *arg)
{
	return arg;
}

static void run_child(int ready, int go)
{
	pthread_t thread;
	char what;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	ts_child_report(ready);
	while (read(go, &what, 1) == 1) {
		if (pthread_create(&thread, NULL, what == '+' ? sleep_forever : end_at_once,
				   &ready))
			_exit(1);
		if (what != '+') {
			pthread_join(thread, NULL);
			ts_child_report(ready);
		}
	}
	_exit(0);
}

static int start_child(struct ts_child *child)
{
	int ready[2], go[2];
	char c;

	if (pipe2(ready, O_CLOEXEC) || pipe2(go, O_CLOEXEC))
		return -errno;
	child->pid = fork();
	if (child->pid == 0)
		run_child(ready[1], go[0]);
	close(ready[1]);
	close(go[0]);
	child->ready = ready[0];
	child->go = go[1];
	return child->pid > 0 && read(child->ready, &c, 1) == 1 ? 0 : -EPIPE;
}

/* '+': one more thread, which stays; '-': one that comes and goes. */
static bool tell_child(struct ts_child *child, char what)
{
	char c;

	return write(child->go, &what, 1) == 1 && read(child->ready, &c, 1) == 1;
}

FIXTURE_SETUP(delays)
{
	const char *lacks = ts_lacks();

	self->child.pid = -1;
	if (lacks)
		SKIP(return, "%s", lacks);
	self->was_on = delayacct();
	if (self->was_on < 0 || !turn(self->was_on))
		SKIP(return, SWITCH " cannot be written");
	ASSERT_EQ(0, ts_open(&self->sk));
}

FIXTURE_TEARDOWN(delays)
{
	if (self->child.pid > 0) {
		kill(self->child.pid, SIGKILL);
		waitpid(self->child.pid, NULL, 0);
	}
	turn(self->was_on);
	ts_close(&self->sk);
}

/* What the reply says beside the figures, or an error. */
static int ask(struct ts_sock *sk, __u16 type, __u32 id)
{
	__u16 aggr_type = type == TASKSTATS_CMD_ATTR_TGID ? TASKSTATS_TYPE_AGGR_TGID :
							    TASKSTATS_TYPE_AGGR_PID;
	struct ts_dgram dgram;
	struct ts_aggr aggr;
	struct ts_msg msg;
	const void *attr;
	__u32 delays;
	int error, off;

	ts_msg_get(&msg, sk, type, id);
	ts_msg_put(&msg, TASKSTATS_CMD_ATTR_DELAYS, NULL, 0);
	error = ts_send(sk, &msg);
	if (!error)
		error = ts_recv(sk, &dgram, TS_TIMEOUT_MS);
	if (error || ts_is_ack(&dgram, &error))
		return error;
	off = ts_parse_aggr(&dgram, TS_HDRLEN, aggr_type, &aggr);
	if (off < 0)
		return off;
	attr = ts_attr(&dgram, off, TASKSTATS_TYPE_DELAYS_MEASURED, sizeof(delays));
	if (!attr || off + NLA_HDRLEN + (int)sizeof(delays) != dgram.len)
		return -EBADMSG;
	memcpy(&delays, attr, sizeof(delays));
	return delays;
}

/* The same of a thread and of its group, or -EINVAL. */
static int ask_both(struct ts_sock *sk, pid_t pid)
{
	int delays = ask(sk, TASKSTATS_CMD_ATTR_PID, pid);

	return delays == ask(sk, TASKSTATS_CMD_ATTR_TGID, pid) ? delays : -EINVAL;
}

TEST_F(delays, born_while_on_is_measured)
{
	ASSERT_TRUE(turn(1));
	ASSERT_EQ(0, start_child(&self->child));
	EXPECT_EQ(TASKSTATS_DELAYS_ALL, ask_both(&self->sk, self->child.pid));
}

TEST_F(delays, born_while_off_is_not_measured)
{
	ASSERT_TRUE(turn(0));
	ASSERT_EQ(0, start_child(&self->child));
	EXPECT_EQ(TASKSTATS_DELAYS_NONE, ask_both(&self->sk, self->child.pid));
	/* Nor from then on: what is needed for it is made at birth. */
	ASSERT_TRUE(turn(1));
	EXPECT_EQ(TASKSTATS_DELAYS_NONE, ask_both(&self->sk, self->child.pid));
}

TEST_F(delays, turning_it_off_leaves_a_part)
{
	ASSERT_TRUE(turn(1));
	ASSERT_EQ(0, start_child(&self->child));
	ASSERT_TRUE(turn(0));
	EXPECT_EQ(TASKSTATS_DELAYS_SOME, ask_both(&self->sk, self->child.pid));
	ASSERT_TRUE(turn(1));
	EXPECT_EQ(TASKSTATS_DELAYS_SOME, ask_both(&self->sk, self->child.pid));
}

TEST_F(delays, turning_it_on_again_is_no_break)
{
	ASSERT_TRUE(turn(1));
	ASSERT_EQ(0, start_child(&self->child));
	ASSERT_TRUE(turn(1));
	EXPECT_EQ(TASKSTATS_DELAYS_ALL, ask_both(&self->sk, self->child.pid));
}

TEST_F(delays, zombie_answers_as_well)
{
	siginfo_t info;

	ASSERT_TRUE(turn(1));
	ASSERT_EQ(0, start_child(&self->child));
	kill(self->child.pid, SIGKILL);
	ASSERT_EQ(0, waitid(P_PID, self->child.pid, &info, WEXITED | WNOWAIT));
	EXPECT_EQ(TASKSTATS_DELAYS_ALL, ask_both(&self->sk, self->child.pid));
}

TEST_F(delays, group_of_measured_threads_is_measured)
{
	ASSERT_TRUE(turn(1));
	ASSERT_EQ(0, start_child(&self->child));
	ASSERT_TRUE(tell_child(&self->child, '+'));
	ASSERT_TRUE(tell_child(&self->child, '-'));
	EXPECT_EQ(TASKSTATS_DELAYS_ALL, ask_both(&self->sk, self->child.pid));
}

TEST_F(delays, group_is_measured_in_part_if_its_leader_was_not)
{
	ASSERT_TRUE(turn(0));
	ASSERT_EQ(0, start_child(&self->child));
	ASSERT_TRUE(turn(1));
	ASSERT_TRUE(tell_child(&self->child, '+'));
	EXPECT_EQ(TASKSTATS_DELAYS_NONE,
		  ask(&self->sk, TASKSTATS_CMD_ATTR_PID, self->child.pid));
	EXPECT_EQ(TASKSTATS_DELAYS_SOME,
		  ask(&self->sk, TASKSTATS_CMD_ATTR_TGID, self->child.pid));
}

TEST_F(delays, group_remembers_its_dead)
{
	ASSERT_TRUE(turn(0));
	ASSERT_EQ(0, start_child(&self->child));
	ASSERT_TRUE(turn(1));
	ASSERT_TRUE(tell_child(&self->child, '-'));
	EXPECT_EQ(TASKSTATS_DELAYS_SOME,
		  ask(&self->sk, TASKSTATS_CMD_ATTR_TGID, self->child.pid));
}

TEST_F(delays, who_does_not_ask_is_not_told)
{
	struct taskstats stats;

	/* Checks that nothing is beside the figures. */
	EXPECT_EQ(0, ts_query_pid(&self->sk, getpid(), &stats));
	EXPECT_EQ(0, ts_query_tgid(&self->sk, getpid(), &stats));
}

TEST_F(delays, a_flag_has_no_payload)
{
	struct ts_msg msg;

	ts_msg_get(&msg, &self->sk, TASKSTATS_CMD_ATTR_PID, getpid());
	ts_msg_put_u32(&msg, TASKSTATS_CMD_ATTR_DELAYS, 1);
	EXPECT_EQ(-ERANGE, ts_ack(&self->sk, &msg));
}

TEST_HARNESS_MAIN
