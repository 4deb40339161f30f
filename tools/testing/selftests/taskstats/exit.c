// SPDX-License-Identifier: GPL-2.0
/*
 * Exit records: who gets which, how often, in what order and with what in it.
 *
 * A record is sent before its task can be waited for. So a test ends a task,
 * reaps it, and knows that no further record of it is on its way.
 */
#include "kselftest_harness.h"
#include "taskstats.h"

#define NTHREADS	6
#define NLISTENERS	32
#define NSLEEPS		100
#define NRECORDS	64

FIXTURE(exit)
{
	struct ts_sock sk;
	struct ts_exit rec;
	int cpu[2];
	int ncpus;
};

FIXTURE_SETUP(exit)
{
	const char *lacks = ts_lacks();

	if (lacks)
		SKIP(return, "%s", lacks);
	ASSERT_EQ(0, ts_open(&self->sk));
	self->ncpus = ts_cpus(self->cpu, 2);
	ASSERT_GE(self->ncpus, 1);
	ASSERT_EQ(0, ts_listen_cpu(&self->sk, self->cpu[0]));
}

FIXTURE_TEARDOWN(exit)
{
	ts_stop_listening(&self->sk);
}

/* Forks a child on @cpu that runs @fn and ends in it. */
static pid_t run_child(int cpu, void (*fn)(void *), void *arg, int *status)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (ts_pin(cpu))
			_exit(255);
		fn(arg);
		_exit(0);
	}
	return pid < 0 ? -1 : waitpid(pid, status, 0);
}

TEST_F(exit, record_of_a_single_thread_is_byte_exact)
{
	pid_t pid = ts_exit_on(self->cpu[0], 7);

	ASSERT_GT(pid, 0);
	/* Parses the whole datagram; headers, flags 0 and port 0 included. */
	ASSERT_EQ(0, ts_wait_exit(&self->sk, pid, &self->rec));
	EXPECT_FALSE(self->rec.has_tgid);
	EXPECT_EQ(self->rec.pid.padded ? 728 : 724, self->rec.len);
	EXPECT_EQ(17, self->rec.pid.stats.version);
	EXPECT_EQ((__u32)pid, self->rec.pid.stats.ac_pid);
	EXPECT_EQ((__u32)pid, self->rec.pid.stats.ac_tgid);
	EXPECT_EQ((__u32)getpid(), self->rec.pid.stats.ac_ppid);
	EXPECT_EQ(7U << 8, self->rec.pid.stats.ac_exitcode);
	EXPECT_EQ(AGROUP, self->rec.pid.stats.ac_flag & (AGROUP | AXSIG | ACORE));
	EXPECT_EQ(0, ts_count_exits(&self->sk, pid));
}

TEST_F(exit, record_goes_to_listeners_of_that_cpu_only)
{
	struct ts_sock other;
	pid_t pid;

	if (self->ncpus < 2)
		SKIP(return, "only one CPU");
	ASSERT_EQ(0, ts_open(&other));
	ASSERT_EQ(0, ts_listen_cpu(&other, self->cpu[1]));

	pid = ts_thread_exit_on(self->cpu[0]);
	EXPECT_EQ(1, ts_count_exits(&self->sk, pid));
	EXPECT_EQ(0, ts_count_exits(&other, pid));

	pid = ts_thread_exit_on(self->cpu[1]);
	EXPECT_EQ(0, ts_count_exits(&self->sk, pid));
	EXPECT_EQ(1, ts_count_exits(&other, pid));

	ts_stop_listening(&other);
}

/*
 * Ends ten threads and looks at the numbers of all records that come: one more
 * each, whoever it was that exited. -EAGAIN if that is not so and there was
 * somebody else, who may have been interrupted between number and delivery.
 */
static int check_sequence(struct ts_sock *sk, int cpu)
{
	int i, n = 0, strangers = 0, odd = 0;
	struct ts_exit rec;
	__u32 seq = 0;
	pid_t pid;

	for (i = 0; i < 10; i++) {
		pid = ts_thread_exit_on(cpu);
		if (pid < 0)
			return -ECHILD;
		do {
			if (ts_next_exit(sk, &rec, TS_TIMEOUT_MS))
				return -EIO;
			odd += n++ && rec.seq != seq + 1;
			seq = rec.seq;
			strangers += rec.pid.id != (__u32)pid;
		} while (rec.pid.id != (__u32)pid);
	}
	if (!odd)
		return 0;
	return strangers ? -EAGAIN : -ERANGE;
}

TEST_F(exit, sequence_number_counts_the_records_of_a_cpu)
{
	int tries = 100, error;

	while ((error = check_sequence(&self->sk, self->cpu[0])) == -EAGAIN && tries--)
		ts_count_exits(&self->sk, 0);
	EXPECT_EQ(0, error);
}

static void become_known(void *arg)
{
	(void)arg;
	prctl(PR_SET_NAME, "ts-exit-known");
	if (setresgid(4711, 4712, 4712) || setresuid(4713, 4714, 4714))
		_exit(1);
	_exit(42);
}

TEST_F(exit, record_says_who_it_was)
{
	pid_t pid;
	int status;

	pid = run_child(self->cpu[0], become_known, NULL, &status);
	ASSERT_EQ(42 << 8, status);
	ASSERT_EQ(0, ts_wait_exit(&self->sk, pid, &self->rec));
	EXPECT_STREQ("ts-exit-known", self->rec.pid.stats.ac_comm);
	EXPECT_EQ(4713U, self->rec.pid.stats.ac_uid);
	EXPECT_EQ(4711U, self->rec.pid.stats.ac_gid);
	EXPECT_EQ(42U << 8, self->rec.pid.stats.ac_exitcode);
	EXPECT_EQ(AFORK, self->rec.pid.stats.ac_flag & AFORK);
}

static void kill_self(void *arg)
{
	(void)arg;
	kill(getpid(), SIGKILL);
	pause();
}

TEST_F(exit, record_of_a_killed_task_tells_the_signal)
{
	pid_t pid;
	int status;

	pid = run_child(self->cpu[0], kill_self, NULL, &status);
	ASSERT_TRUE(WIFSIGNALED(status));
	ASSERT_EQ(0, ts_wait_exit(&self->sk, pid, &self->rec));
	EXPECT_EQ(9U, self->rec.pid.stats.ac_exitcode);
	EXPECT_EQ(AXSIG | AGROUP,
		  self->rec.pid.stats.ac_flag & (AXSIG | AGROUP | ACORE));
}

static void run_cat(void *arg)
{
	dup2(*(int *)arg, STDIN_FILENO);
	execlp("cat", "cat", (char *)NULL);
	_exit(254);
}

TEST_F(exit, record_of_an_executed_program_has_its_name)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	pid_t pid;
	int status;

	ASSERT_GE(null, 0);
	pid = run_child(self->cpu[0], run_cat, &null, &status);
	close(null);
	if (status == 254 << 8)
		SKIP(return, "no cat to execute");
	ASSERT_EQ(0, status);
	ASSERT_EQ(0, ts_wait_exit(&self->sk, pid, &self->rec));
	EXPECT_STREQ("cat", self->rec.pid.stats.ac_comm);
	EXPECT_EQ(0, self->rec.pid.stats.ac_flag & AFORK);
	EXPECT_EQ(0U, self->rec.pid.stats.ac_exitcode);
	EXPECT_EQ(0, ts_count_exits(&self->sk, pid));
}

TEST_F(exit, record_of_a_vfork_child)
{
	int status, cpu = self->cpu[0];
	pid_t pid;

	/* The child inherits where it runs. */
	ASSERT_EQ(0, ts_pin(cpu));
	pid = vfork();
	if (pid == 0)
		_exit(3);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_EQ(0, ts_wait_exit(&self->sk, pid, &self->rec));
	EXPECT_EQ(3U << 8, self->rec.pid.stats.ac_exitcode);
	EXPECT_EQ(AFORK | AGROUP, self->rec.pid.stats.ac_flag & (AFORK | AGROUP));
	EXPECT_FALSE(self->rec.has_tgid);
}

/* What a multi-threaded child tells its parent: the ids of its threads. */
struct group {
	int fd[2];
	pid_t tid[NTHREADS];
	pthread_barrier_t barrier;
	pthread_t leader;
};

static void *report_and_end(void *arg)
{
	struct group *group = arg;
	pid_t tid = ts_gettid();

	ts_switch_often(NSLEEPS);
	if (write(group->fd[1], &tid, sizeof(tid)) != sizeof(tid))
		_exit(1);
	return NULL;
}

/* Threads one after the other, then the leader. */
static void end_threads_in_turn(void *arg)
{
	struct group *group = arg;
	pthread_t thread;
	int i;

	for (i = 0; i < NTHREADS; i++) {
		if (pthread_create(&thread, NULL, report_and_end, group) ||
		    pthread_join(thread, NULL))
			_exit(1);
	}
	_exit(5);
}

static void *report_and_stay(void *arg)
{
	struct group *group = arg;

	report_and_end(arg);
	pthread_barrier_wait(&group->barrier);
	pause();
	return NULL;
}

/* All threads at once. */
static void end_group(void *arg)
{
	struct group *group = arg;
	pthread_t thread;
	int i;

	pthread_barrier_init(&group->barrier, NULL, NTHREADS + 1);
	for (i = 0; i < NTHREADS; i++) {
		if (pthread_create(&thread, NULL, report_and_stay, group))
			_exit(1);
	}
	pthread_barrier_wait(&group->barrier);
	_exit(6);
}

static void *outlive_leader(void *arg)
{
	struct group *group = arg;

	report_and_end(arg);
	pthread_join(group->leader, NULL);
	syscall(__NR_exit, 7);
	return NULL;
}

/* The leader first, then the thread that waited for it. */
static void end_leader_first(void *arg)
{
	struct group *group = arg;
	pthread_t thread;

	group->leader = pthread_self();
	if (pthread_create(&thread, NULL, outlive_leader, group))
		_exit(1);
	pthread_exit(NULL);
}

/* Runs a child that reports @n thread ids, then reaps it. */
static pid_t run_group(int cpu, struct group *group, void (*fn)(void *), int n, int *status)
{
	ssize_t size = n * sizeof(group->tid[0]);
	pid_t pid;

	if (pipe2(group->fd, O_CLOEXEC))
		return -1;
	pid = run_child(cpu, fn, group, status);
	close(group->fd[1]);
	if (read(group->fd[0], group->tid, size) != size)
		pid = -1;
	close(group->fd[0]);
	return pid;
}

/* Index of thread @tid in @group, NTHREADS for the leader @tgid, or -1. */
static int member(const struct group *group, __u32 tid, pid_t tgid)
{
	int i;

	for (i = 0; i < NTHREADS; i++) {
		if ((__u32)group->tid[i] == tid)
			return i;
	}
	return tid == (__u32)tgid ? NTHREADS : -1;
}

TEST_F(exit, record_of_the_last_thread_is_byte_exact)
{
	struct group group = {};
	int status;
	pid_t pid;

	pid = run_group(self->cpu[0], &group, end_leader_first, 1, &status);
	ASSERT_GT(pid, 0);
	ASSERT_EQ(0, ts_wait_exit(&self->sk, group.tid[0], &self->rec));
	EXPECT_TRUE(self->rec.has_tgid);
	EXPECT_EQ(self->rec.pid.padded ? 1432 : 1428, self->rec.len);
	EXPECT_EQ((__u32)group.tid[0], self->rec.pid.id);
	EXPECT_EQ((__u32)pid, self->rec.tgid.id);
	EXPECT_EQ(17, self->rec.tgid.stats.version);
	EXPECT_EQ(AGROUP, self->rec.pid.stats.ac_flag & AGROUP);
}

TEST_F(exit, every_thread_leaves_a_record_and_the_leader_the_group)
{
	struct group group = {};
	pid_t pid;
	int status, i;

	pid = run_group(self->cpu[0], &group, end_threads_in_turn, NTHREADS, &status);
	ASSERT_GT(pid, 0);
	ASSERT_EQ(5 << 8, status);
	for (i = 0; i < NTHREADS; i++) {
		ASSERT_EQ(0, ts_wait_exit(&self->sk, group.tid[i], &self->rec));
		EXPECT_FALSE(self->rec.has_tgid);
		EXPECT_EQ((__u32)pid, self->rec.pid.stats.ac_tgid);
		EXPECT_EQ(0, self->rec.pid.stats.ac_flag & AGROUP);
	}
	/* It is alone by now, but it was not always. */
	ASSERT_EQ(0, ts_wait_exit(&self->sk, pid, &self->rec));
	EXPECT_TRUE(self->rec.has_tgid);
	EXPECT_EQ((__u32)pid, self->rec.tgid.id);
	EXPECT_EQ(5U << 8, self->rec.pid.stats.ac_exitcode);
	EXPECT_EQ(AGROUP, self->rec.pid.stats.ac_flag & AGROUP);
	EXPECT_EQ(0, ts_count_exits(&self->sk, pid));
}

TEST_F(exit, leader_that_ends_first_leaves_the_group_to_the_last_thread)
{
	struct group group = {};
	pid_t pid;
	int status;

	pid = run_group(self->cpu[0], &group, end_leader_first, 1, &status);
	ASSERT_GT(pid, 0);
	ASSERT_EQ(0, ts_wait_exit(&self->sk, pid, &self->rec));
	EXPECT_FALSE(self->rec.has_tgid);
	EXPECT_EQ(0, self->rec.pid.stats.ac_flag & AGROUP);

	ASSERT_EQ(0, ts_wait_exit(&self->sk, group.tid[0], &self->rec));
	EXPECT_TRUE(self->rec.has_tgid);
	EXPECT_EQ((__u32)pid, self->rec.tgid.id);
	EXPECT_EQ(7U << 8, self->rec.pid.stats.ac_exitcode);
	EXPECT_EQ(AGROUP, self->rec.pid.stats.ac_flag & AGROUP);
}

TEST_F(exit, group_that_ends_at_once_is_told_once)
{
	int seen[NTHREADS + 1] = {};
	struct group group = {};
	int status, groups = 0, i;
	pid_t pid;

	pid = run_group(self->cpu[0], &group, end_group, NTHREADS, &status);
	ASSERT_GT(pid, 0);
	ASSERT_EQ(6 << 8, status);
	while (!ts_next_exit(&self->sk, &self->rec, 0)) {
		i = member(&group, self->rec.pid.id, pid);
		if (i < 0)
			continue;
		seen[i]++;
		groups += self->rec.has_tgid;
		EXPECT_EQ(self->rec.has_tgid ? AGROUP : 0, self->rec.pid.stats.ac_flag & AGROUP);
		EXPECT_EQ(6U << 8, self->rec.pid.stats.ac_exitcode);
	}
	for (i = 0; i <= NTHREADS; i++)
		EXPECT_EQ(1, seen[i]);
	EXPECT_EQ(1, groups);
}

/* Up to the few switches of a dying thread behind its own record. */
TEST_F(exit, record_of_the_group_sums_its_threads)
{
	struct group group = {};
	__u64 nvcsw = 0, group_nvcsw;
	pid_t pid;
	int status, i;

	pid = run_group(self->cpu[0], &group, end_threads_in_turn, NTHREADS, &status);
	ASSERT_GT(pid, 0);
	for (i = 0; i < NTHREADS; i++) {
		ASSERT_EQ(0, ts_wait_exit(&self->sk, group.tid[i], &self->rec));
		EXPECT_GE(self->rec.pid.stats.nvcsw, (__u64)NSLEEPS);
		nvcsw += self->rec.pid.stats.nvcsw;
	}
	ASSERT_EQ(0, ts_wait_exit(&self->sk, pid, &self->rec));
	ASSERT_TRUE(self->rec.has_tgid);
	nvcsw += self->rec.pid.stats.nvcsw;
	group_nvcsw = self->rec.tgid.stats.nvcsw;
	EXPECT_LE(nvcsw, group_nvcsw + NSLEEPS / 2);
	EXPECT_LE(group_nvcsw, nvcsw + NSLEEPS / 2);
}

TEST_F(exit, every_listener_gets_each_record_once)
{
	struct ts_sock sk[NLISTENERS];
	pid_t pid;
	int i;

	for (i = 0; i < NLISTENERS; i++) {
		ASSERT_EQ(0, ts_open(&sk[i]));
		ASSERT_EQ(0, ts_listen_cpu(&sk[i], self->cpu[0]));
	}
	pid = ts_thread_exit_on(self->cpu[0]);
	ASSERT_GT(pid, 0);
	for (i = 0; i < NLISTENERS; i++) {
		EXPECT_EQ(1, ts_count_exits(&sk[i], pid));
		ts_stop_listening(&sk[i]);
	}
	EXPECT_EQ(1, ts_count_exits(&self->sk, pid));
}

TEST_F(exit, listeners_of_a_cpu_get_the_same_bytes)
{
	struct ts_exit rec;
	struct ts_sock other;
	pid_t pid;

	ASSERT_EQ(0, ts_open(&other));
	ASSERT_EQ(0, ts_listen_cpu(&other, self->cpu[0]));
	pid = ts_thread_exit_on(self->cpu[0]);
	ASSERT_EQ(0, ts_wait_exit(&self->sk, pid, &self->rec));
	ASSERT_EQ(0, ts_wait_exit(&other, pid, &rec));
	EXPECT_EQ(self->rec.seq, rec.seq);
	EXPECT_EQ(0, memcmp(&self->rec.pid.stats, &rec.pid.stats, sizeof(rec.pid.stats)));
	ts_stop_listening(&other);
}

TEST_F(exit, deregistering_stops_records)
{
	pid_t pid = ts_thread_exit_on(self->cpu[0]);

	EXPECT_EQ(1, ts_count_exits(&self->sk, pid));
	EXPECT_EQ(0, ts_unlisten_cpu(&self->sk, self->cpu[0]));
	pid = ts_thread_exit_on(self->cpu[0]);
	EXPECT_EQ(0, ts_count_exits(&self->sk, pid));
	EXPECT_TRUE(ts_nothing_more(&self->sk));
}

TEST_F(exit, listener_that_closes_leaves_the_others_listening)
{
	struct ts_sock sk[3];
	pid_t pid;
	int i;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, ts_open(&sk[i]));
		ASSERT_EQ(0, ts_listen_cpu(&sk[i], self->cpu[0]));
	}
	ts_close(&sk[1]);
	/* By the second exit it is off the list, since it closed or since the first. */
	for (i = 0; i < 2; i++) {
		pid = ts_thread_exit_on(self->cpu[0]);
		ASSERT_GT(pid, 0);
		EXPECT_EQ(1, ts_count_exits(&self->sk, pid));
		EXPECT_EQ(1, ts_count_exits(&sk[0], pid));
		EXPECT_EQ(1, ts_count_exits(&sk[2], pid));
	}
	ts_stop_listening(&sk[0]);
	ts_stop_listening(&sk[2]);
}

/* A daemon registers, forks, and goes on in its child; or the other way. */
TEST_F(exit, registration_outlives_the_process_that_made_it)
{
	struct ts_sock sk;
	int status;
	pid_t pid;

	ASSERT_EQ(0, ts_open(&sk));
	pid = fork();
	if (pid == 0)
		_exit(ts_listen_cpu(&sk, self->cpu[0]) ? 1 : 0);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_EQ(0, status);

	pid = ts_thread_exit_on(self->cpu[0]);
	ASSERT_GT(pid, 0);
	EXPECT_EQ(1, ts_count_exits(&sk, pid));
	ts_stop_listening(&sk);
}

/* What nlmsg_pid says is of no account, the port of the socket is. */
TEST_F(exit, records_come_to_the_socket_that_registered)
{
	struct ts_msg msg;
	struct ts_sock sk;
	char mask[16];
	pid_t pid;

	ASSERT_EQ(0, ts_open(&sk));
	ASSERT_NE((__u32)getpid(), ts_port(&sk));
	snprintf(mask, sizeof(mask), "%d", self->cpu[0]);
	ts_msg_init(&msg, &sk, TASKSTATS_CMD_GET, 0);
	ts_msg_put(&msg, TASKSTATS_CMD_ATTR_REGISTER_CPUMASK, mask, strlen(mask) + 1);
	msg.nlh.nlmsg_pid = getpid();
	ASSERT_EQ(0, ts_ack(&sk, &msg));

	pid = ts_thread_exit_on(self->cpu[0]);
	ASSERT_GT(pid, 0);
	EXPECT_EQ(1, ts_count_exits(&sk, pid));
	ts_stop_listening(&sk);
}

TEST_F(exit, listener_may_ask_between_records)
{
	struct ts_dgram dgram;
	struct ts_aggr aggr;
	struct ts_msg msg;
	pid_t pid;

	pid = ts_thread_exit_on(self->cpu[0]);
	ASSERT_GT(pid, 0);
	ts_msg_get(&msg, &self->sk, TASKSTATS_CMD_ATTR_PID, getpid());
	ASSERT_EQ(0, ts_send(&self->sk, &msg));

	ASSERT_EQ(0, ts_wait_exit(&self->sk, pid, &self->rec));
	/* The answer is behind it; it alone is addressed to our port. */
	do {
		ASSERT_EQ(0, ts_recv(&self->sk, &dgram, TS_TIMEOUT_MS));
	} while (dgram.nlh.nlmsg_pid != ts_port(&self->sk));
	EXPECT_EQ(msg.nlh.nlmsg_seq, dgram.nlh.nlmsg_seq);
	EXPECT_EQ(dgram.len, ts_parse_aggr(&dgram, TS_HDRLEN, TASKSTATS_TYPE_AGGR_PID, &aggr));
	EXPECT_EQ((__u32)getpid(), aggr.id);
}

/* Reads until a record of a new task arrives, however full the buffer was. */
static int recover(struct ts_sock *sk, int cpu)
{
	struct ts_exit rec;
	int tries, error;
	pid_t pid;

	for (tries = 0; tries < 100; tries++) {
		do {
			error = ts_next_exit(sk, &rec, 0);
		} while (!error || error == -ENOBUFS);
		if (error != -EAGAIN)
			return error;
		pid = ts_thread_exit_on(cpu);
		if (pid < 0)
			return -ECHILD;
		error = ts_wait_exit(sk, pid, &rec);
		if (error != -ENOBUFS)
			return error;
	}
	return error;
}

TEST_F(exit, overflow_is_enobufs_and_the_listener_goes_on)
{
	int rcvbuf = 1, received = 0, error, i;
	struct ts_exit rec;
	struct ts_sock sk;

	ASSERT_EQ(0, ts_open(&sk));
	ASSERT_EQ(0, setsockopt(ts_fd(&sk), SOL_SOCKET, SO_RCVBUF, &rcvbuf, sizeof(rcvbuf)));
	ASSERT_EQ(0, ts_listen_cpu(&sk, self->cpu[0]));
	for (i = 0; i < NRECORDS; i++)
		ASSERT_GT(ts_thread_exit_on(self->cpu[0]), 0);

	/* The loss is told first. What fitted is still there behind it. */
	EXPECT_EQ(-ENOBUFS, ts_next_exit(&sk, &rec, TS_TIMEOUT_MS));
	do {
		error = ts_next_exit(&sk, &rec, 0);
		received += !error;
	} while (!error || error == -ENOBUFS);
	EXPECT_EQ(-EAGAIN, error);
	EXPECT_GT(received, 0);
	EXPECT_LT(received, NRECORDS);

	EXPECT_EQ(0, recover(&sk, self->cpu[0]));
	ts_stop_listening(&sk);
}

/* One that does not read does no harm to one that does. */
TEST_F(exit, overflow_of_one_listener_loses_nothing_for_another)
{
	int rcvbuf = 1, i;
	struct ts_sock sk;
	pid_t pid[NRECORDS];

	ASSERT_EQ(0, ts_open(&sk));
	ASSERT_EQ(0, setsockopt(ts_fd(&sk), SOL_SOCKET, SO_RCVBUF, &rcvbuf, sizeof(rcvbuf)));
	ASSERT_EQ(0, ts_listen_cpu(&sk, self->cpu[0]));
	for (i = 0; i < NRECORDS; i++) {
		pid[i] = ts_thread_exit_on(self->cpu[0]);
		ASSERT_GT(pid[i], 0);
	}
	for (i = 0; i < NRECORDS; i++)
		EXPECT_EQ(0, ts_wait_exit(&self->sk, pid[i], &self->rec));
	ts_unlisten(&sk, "all");
	ts_close(&sk);
}

TEST_HARNESS_MAIN
