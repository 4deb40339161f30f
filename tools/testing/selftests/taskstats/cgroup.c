// SPDX-License-Identifier: GPL-2.0
/*
 * CGROUPSTATS_CMD_GET: how many tasks of a cgroup sleep, run, are stopped.
 *
 * The cgroup is in a hierarchy of its own, which has no controllers and is
 * mounted nowhere. Nobody else sees it but for a line in /proc/PID/cgroup.
 */
#include "kselftest_harness.h"
#include "cgroup.h"

#define CGROUP_NAME	"taskstats_test"
#define NTHREADS	3

/* Requests that need no cgroup, and no privilege. */
FIXTURE(request)
{
	struct ts_sock sk;
	struct ts_msg msg;
	struct cgroupstats stats;
};

FIXTURE_SETUP(request)
{
	if (ts_not_built(ts_open(&self->sk)))
		SKIP(return, "no TASKSTATS family: CONFIG_TASKSTATS is not set");
	ASSERT_NE(NULL, self->sk.nl);
}

FIXTURE_TEARDOWN(request)
{
	ts_close(&self->sk);
}

TEST_F(request, without_fd_is_einval)
{
	ts_msg_init(&self->msg, &self->sk, CGROUPSTATS_CMD_GET, 0);
	EXPECT_EQ(-EINVAL, ts_cgroup_ask_with(&self->sk, &self->msg, &self->stats));

	/* TASKSTATS_CMD_ATTR_TGID, say, means nothing here. */
	ts_msg_init(&self->msg, &self->sk, CGROUPSTATS_CMD_GET, 0);
	ts_msg_put_u32(&self->msg, 2, 0);
	EXPECT_EQ(-EINVAL, ts_cgroup_ask_with(&self->sk, &self->msg, &self->stats));
}

TEST_F(request, short_fd_is_erange)
{
	__u16 len;

	for (len = 0; len < 4; len++) {
		ts_msg_init(&self->msg, &self->sk, CGROUPSTATS_CMD_GET, 0);
		ts_msg_put(&self->msg, CGROUPSTATS_CMD_ATTR_FD, "\0\0\0", len);
		EXPECT_EQ(-ERANGE, ts_cgroup_ask_with(&self->sk, &self->msg, &self->stats));
	}
}

TEST_F(request, closed_fd_is_ebadf)
{
	int fd = dup(0);

	ASSERT_GE(fd, 0);
	close(fd);
	EXPECT_EQ(-EBADF, ts_cgroup_ask(&self->sk, fd, &self->stats));
	EXPECT_EQ(-EBADF, ts_cgroup_ask(&self->sk, -1, &self->stats));
	EXPECT_EQ(-EBADF, ts_cgroup_ask(&self->sk, 0x7fffffff, &self->stats));
}

TEST_F(request, path_fd_is_ebadf)
{
	int fd = open("/", O_PATH | O_DIRECTORY);

	ASSERT_GE(fd, 0);
	EXPECT_EQ(-EBADF, ts_cgroup_ask(&self->sk, fd, &self->stats));
	close(fd);
}

TEST_F(request, what_is_no_cgroup_is_einval)
{
	const char *const paths[] = { "/", "/proc", "/proc/self", "/proc/self/stat", "/dev/null" };
	unsigned int i;
	int fd[2];

	for (i = 0; i < ARRAY_SIZE(paths); i++) {
		fd[0] = open(paths[i], O_RDONLY);
		ASSERT_GE(fd[0], 0);
		EXPECT_EQ(-EINVAL, ts_cgroup_ask(&self->sk, fd[0], &self->stats))
			TH_LOG("%s", paths[i]);
		close(fd[0]);
	}
	ASSERT_EQ(0, pipe(fd));
	EXPECT_EQ(-EINVAL, ts_cgroup_ask(&self->sk, fd[0], &self->stats));
	close(fd[0]);
	close(fd[1]);
	EXPECT_EQ(-EINVAL, ts_cgroup_ask(&self->sk, ts_fd(&self->sk), &self->stats));
}

FIXTURE(cgroup)
{
	struct ts_sock sk;
	struct ts_msg msg;
	struct cgroupstats stats;
	struct ts_child child;
	int root;
	int dir;
};

FIXTURE_SETUP(cgroup)
{
	const char *lacks = ts_lacks();

	if (lacks)
		SKIP(return, "%s", lacks);
	self->root = ts_cgroup_open(CGROUP_NAME);
	if (self->root < 0)
		SKIP(return, "no cgroup v1 hierarchy: %s", strerror(-self->root));
	ASSERT_EQ(0, ts_open(&self->sk));
	/* A cgroup that an aborted run left behind is as good as a new one. */
	ASSERT_TRUE(!mkdirat(self->root, "test", 0755) || errno == EEXIST);
	self->dir = openat(self->root, "test", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ASSERT_GE(self->dir, 0);
}

FIXTURE_TEARDOWN(cgroup)
{
	if (self->child.pid > 0) {
		kill(self->child.pid, SIGKILL);
		waitpid(self->child.pid, NULL, 0);
	}
	ts_cgroup_remove(self->root, "test");
	close(self->dir);
	close(self->root);
	ts_close(&self->sk);
	ts_hierarchy_remove(CGROUP_NAME);
}

/* Moves all threads of @pid into the cgroup @dir. */
static bool enter(int dir, pid_t pid)
{
	int fd = openat(dir, "cgroup.procs", O_WRONLY);
	bool ok = fd >= 0 && dprintf(fd, "%d", pid) > 0;

	close(fd);
	return ok;
}

TEST_F(cgroup, empty_one_counts_nothing)
{
	struct cgroupstats none = {};

	ASSERT_EQ(0, ts_cgroup_ask(&self->sk, self->dir, &self->stats));
	EXPECT_EQ(0, memcmp(&none, &self->stats, sizeof(none)));
}

TEST_F(cgroup, reply_comes_before_the_ack_asked_for)
{
	struct ts_dgram dgram;
	int error = 1;

	EXPECT_EQ(0, ts_cgroup_ask(&self->sk, self->dir, &self->stats));
	EXPECT_TRUE(ts_nothing_more(&self->sk));

	ts_msg_init(&self->msg, &self->sk, CGROUPSTATS_CMD_GET, NLM_F_ACK);
	ts_msg_put_u32(&self->msg, CGROUPSTATS_CMD_ATTR_FD, self->dir);
	EXPECT_EQ(0, ts_cgroup_ask_with(&self->sk, &self->msg, &self->stats));
	ASSERT_EQ(0, ts_recv(&self->sk, &dgram, TS_TIMEOUT_MS));
	ASSERT_TRUE(ts_is_ack(&dgram, &error));
	EXPECT_EQ(0, error);
	EXPECT_EQ(self->msg.nlh.nlmsg_seq, dgram.nlh.nlmsg_seq);
	EXPECT_TRUE(ts_nothing_more(&self->sk));
}

TEST_F(cgroup, sloppy_request_is_accepted)
{
	__u32 fd[2] = { self->dir, 0xffffffff };

	ts_msg_init(&self->msg, &self->sk, CGROUPSTATS_CMD_GET, 0);
	self->msg.genl.version = 255;
	self->msg.genl.reserved = 0xffff;
	self->msg.nlh.nlmsg_pid = 0xdeadbeef;
	ts_msg_put_u32(&self->msg, 100, 0);
	ts_msg_put(&self->msg, CGROUPSTATS_CMD_ATTR_FD | NLA_F_NESTED, fd, sizeof(fd));
	self->msg.nlh.nlmsg_len += 3;
	EXPECT_EQ(0, ts_cgroup_ask_with(&self->sk, &self->msg, &self->stats));
}

TEST_F(cgroup, file_in_it_is_einval)
{
	int fd = openat(self->dir, "cgroup.procs", O_RDONLY);

	ASSERT_GE(fd, 0);
	EXPECT_EQ(-EINVAL, ts_cgroup_ask(&self->sk, fd, &self->stats));
	close(fd);
}

TEST_F(cgroup, root_counts_every_task)
{
	ASSERT_EQ(0, ts_cgroup_ask(&self->sk, self->root, &self->stats));
	/* Whoever asks is running, and init is somewhere else than here. */
	EXPECT_GE(self->stats.nr_running, 1U);
	EXPECT_GE(self->stats.nr_sleeping + self->stats.nr_running, 2U);
}

TEST_F(cgroup, sleeping_task_is_sleeping)
{
	struct cgroupstats expected = { .nr_sleeping = 1 };

	ASSERT_EQ(0, ts_child_start(&self->child, NULL, NULL));
	ASSERT_TRUE(enter(self->dir, self->child.pid));
	ASSERT_TRUE(ts_wait_state(self->child.pid, self->child.pid, 'S'));
	ASSERT_EQ(0, ts_cgroup_ask(&self->sk, self->dir, &self->stats));
	EXPECT_EQ(0, memcmp(&expected, &self->stats, sizeof(expected)));
}

static void *park(void *arg)
{
	(void)arg;
	pause();
	return NULL;
}

static void start_threads(void *arg)
{
	pthread_t thread;
	int i;

	for (i = 0; i < NTHREADS; i++) {
		if (pthread_create(&thread, NULL, park, arg))
			_exit(1);
	}
}

TEST_F(cgroup, every_thread_counts)
{
	__u64 start = ts_clock_ns(CLOCK_MONOTONIC);
	struct cgroupstats expected = { .nr_sleeping = NTHREADS + 1 };

	ASSERT_EQ(0, ts_child_start(&self->child, start_threads, NULL));
	ASSERT_TRUE(enter(self->dir, self->child.pid));
	/* All there at once; asleep only when each has reached its pause(). */
	do {
		ASSERT_EQ(0, ts_cgroup_ask(&self->sk, self->dir, &self->stats));
	} while (memcmp(&expected, &self->stats, sizeof(expected)) && ts_poll_again(start));
	EXPECT_EQ((__u64)NTHREADS + 1, self->stats.nr_sleeping);
	EXPECT_EQ(0U, self->stats.nr_running);
	EXPECT_EQ(0U, self->stats.nr_stopped);
}

TEST_F(cgroup, running_task_is_running)
{
	struct cgroupstats expected = { .nr_running = 1 };
	pid_t pid;

	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (1)
			asm volatile("");
	}
	ASSERT_GT(pid, 0);
	self->child.pid = pid;
	ASSERT_TRUE(enter(self->dir, pid));
	ASSERT_TRUE(ts_wait_state(pid, pid, 'R'));
	ASSERT_EQ(0, ts_cgroup_ask(&self->sk, self->dir, &self->stats));
	EXPECT_EQ(0, memcmp(&expected, &self->stats, sizeof(expected)));
}

TEST_F(cgroup, stopped_task_is_stopped)
{
	struct cgroupstats expected = { .nr_stopped = 1 };
	int status;

	ASSERT_EQ(0, ts_child_start(&self->child, NULL, NULL));
	ASSERT_TRUE(enter(self->dir, self->child.pid));
	ASSERT_EQ(0, kill(self->child.pid, SIGSTOP));
	ASSERT_EQ(self->child.pid, waitpid(self->child.pid, &status, WUNTRACED));
	ASSERT_TRUE(WIFSTOPPED(status));
	ASSERT_EQ(0, ts_cgroup_ask(&self->sk, self->dir, &self->stats));
	EXPECT_EQ(0, memcmp(&expected, &self->stats, sizeof(expected)));
}

TEST_F(cgroup, tasks_of_a_child_cgroup_do_not_count)
{
	struct cgroupstats none = {};
	int fd;

	ASSERT_EQ(0, mkdirat(self->dir, "below", 0755));
	fd = openat(self->dir, "below", O_RDONLY | O_DIRECTORY);
	EXPECT_GE(fd, 0);
	EXPECT_EQ(0, ts_child_start(&self->child, NULL, NULL));
	EXPECT_TRUE(enter(self->dir, self->child.pid));
	EXPECT_EQ(0, ts_cgroup_ask(&self->sk, fd, &self->stats));
	EXPECT_EQ(0, memcmp(&none, &self->stats, sizeof(none)));
	close(fd);
	EXPECT_EQ(0, unlinkat(self->dir, "below", AT_REMOVEDIR));
}

/* Who may open the directory may count. -1 for trouble on the way. */
static int count_as_nobody(int dir)
{
	int status;
	pid_t pid;

	pid = fork();
	if (pid == 0) {
		struct cgroupstats stats;
		struct ts_sock sk;

		if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534) ||
		    ts_open(&sk))
			_exit(255);
		_exit(-ts_cgroup_ask(&sk, dir, &stats));
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

TEST_F(cgroup, counting_needs_no_privilege)
{
	EXPECT_EQ(0, count_as_nobody(self->dir));
}

TEST_HARNESS_MAIN
