// SPDX-License-Identifier: GPL-2.0
/*
 * CGROUPSTATS_CMD_GET by what a task does, in a cgroup of either version: each
 * is counted once and where it belongs: also one that the kernel has put to sleep
 * in a killable or freezable way, and one that waits for IO.
 */
#include <linux/io_uring.h>
#include <sys/mman.h>

#include "kselftest_harness.h"
#include "cgroup.h"

#define CGROUP_NAME	"taskstats_test2"

FIXTURE(state)
{
	struct ts_sock sk;
	struct cgroupstats expected;
	int root;
	int dir;
	pid_t pid;
	pid_t other;
};

FIXTURE_VARIANT(state)
{
	const char *name;
};

FIXTURE_VARIANT_ADD(state, v1)
{
	.name = CGROUP_NAME,
};

FIXTURE_VARIANT_ADD(state, v2)
{
	.name = NULL,
};

FIXTURE_SETUP(state)
{
	const char *lacks = ts_lacks();

	if (lacks)
		SKIP(return, "%s", lacks);
	self->root = ts_cgroup_mount(variant->name);
	if (self->root < 0)
		SKIP(return, "no hierarchy of this version: %s", strerror(-self->root));
	ASSERT_EQ(0, ts_open(&self->sk));
	/* A cgroup that an aborted run left behind is as good as a new one. */
	ASSERT_TRUE(!mkdirat(self->root, CGROUP_NAME, 0755) || errno == EEXIST);
	self->dir = openat(self->root, CGROUP_NAME, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ASSERT_GE(self->dir, 0);
}

FIXTURE_TEARDOWN(state)
{
	/* Its vfork() child first: the parent cannot be reaped before. */
	if (self->other > 0)
		kill(self->other, SIGKILL);
	if (self->pid > 0) {
		kill(self->pid, SIGKILL);
		waitpid(self->pid, NULL, 0);
	}
	ts_cgroup_remove(self->root, CGROUP_NAME);
	close(self->dir);
	close(self->root);
	ts_close(&self->sk);
	if (variant->name)
		ts_hierarchy_remove(variant->name);
}

/*
 * Waits for @pid to be what /proc calls @letter, then counts what is in the
 * cgroup: 0 if exactly what is expected. Asks again for a while, since a task
 * may be about to sleep, or not yet known to wait for IO, and still be an 'S'.
 */
static int count(struct ts_sock *sk, int dir, pid_t pid, char letter,
		 const struct cgroupstats *expected)
{
	struct cgroupstats stats;
	__u64 start;
	int error;

	if (!ts_wait_state(pid, pid, letter))
		return -ETIMEDOUT;
	start = ts_clock_ns(CLOCK_MONOTONIC);
	do {
		error = ts_cgroup_ask(sk, dir, &stats);
		if (error || !memcmp(&stats, expected, sizeof(stats)))
			return error;
	} while (ts_poll_again(start));
	ksft_print_msg("%llu running, %llu sleeping, %llu D, %llu stopped, %llu in iowait\n",
		       stats.nr_running, stats.nr_sleeping, stats.nr_uninterruptible,
		       stats.nr_stopped, stats.nr_io_wait);
	return -ERANGE;
}

/* Forks a child that enters the cgroup, says so, and then calls @fn. */
static pid_t start(int dir, void (*fn)(int), int arg)
{
	int fd[2], procs;
	pid_t pid;
	char c;

	if (pipe2(fd, O_CLOEXEC))
		return -1;
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		procs = openat(dir, "cgroup.procs", O_WRONLY | O_CLOEXEC);
		if (procs < 0 || write(procs, "0", 1) != 1)
			_exit(1);
		ts_child_report(fd[1]);
		close(fd[0]);
		close(fd[1]);
		close(procs);
		fn(arg);
		_exit(2);
	}
	close(fd[1]);
	if (read(fd[0], &c, 1) != 1)
		pid = -1;
	close(fd[0]);
	return pid;
}

static void do_pause(int arg)
{
	(void)arg;
	pause();
}

TEST_F(state, pause_is_sleeping)
{
	self->expected.nr_sleeping = 1;
	self->pid = start(self->dir, do_pause, 0);
	ASSERT_GT(self->pid, 0);
	EXPECT_EQ(0, count(&self->sk, self->dir, self->pid, 'S', &self->expected));
}

static void do_nanosleep(int arg)
{
	struct timespec ts = { .tv_sec = 1000 };

	(void)arg;
	nanosleep(&ts, NULL);
}

/* A freezable sleep. */
TEST_F(state, nanosleep_is_sleeping)
{
	self->expected.nr_sleeping = 1;
	self->pid = start(self->dir, do_nanosleep, 0);
	ASSERT_GT(self->pid, 0);
	EXPECT_EQ(0, count(&self->sk, self->dir, self->pid, 'S', &self->expected));
}

static void do_spin(int arg)
{
	(void)arg;
	while (1)
		asm volatile("");
}

TEST_F(state, computing_is_running)
{
	self->expected.nr_running = 1;
	self->pid = start(self->dir, do_spin, 0);
	ASSERT_GT(self->pid, 0);
	EXPECT_EQ(0, count(&self->sk, self->dir, self->pid, 'R', &self->expected));
}

static void do_stop(int arg)
{
	(void)arg;
	raise(SIGSTOP);
}

TEST_F(state, stopped_is_stopped)
{
	self->expected.nr_stopped = 1;
	self->pid = start(self->dir, do_stop, 0);
	ASSERT_GT(self->pid, 0);
	EXPECT_EQ(0, count(&self->sk, self->dir, self->pid, 'T', &self->expected));
}

static void *sleep_for_long(void *arg)
{
	do_nanosleep(0);
	return arg;
}

static void do_threads(int n)
{
	pthread_t thread;

	while (n--) {
		if (pthread_create(&thread, NULL, sleep_for_long, NULL))
			_exit(1);
	}
	pause();
}

TEST_F(state, every_thread_counts)
{
	self->expected.nr_sleeping = 4;
	self->pid = start(self->dir, do_threads, 3);
	ASSERT_GT(self->pid, 0);
	EXPECT_EQ(0, count(&self->sk, self->dir, self->pid, 'S', &self->expected));
}

static void do_vfork(int fd)
{
	pid_t pid = vfork();

	if (pid == 0) {
		pid_t self = getpid();

		if (write(fd, &self, sizeof(self)) != sizeof(self))
			_exit(1);
		while (1)
			pause();
	}
}

/* The parent sleeps in a killable way, and counts for the load average. */
TEST_F(state, parent_of_vfork_is_uninterruptible)
{
	int fd[2];

	ASSERT_EQ(0, pipe2(fd, O_CLOEXEC));
	self->expected.nr_uninterruptible = 1;
	self->expected.nr_sleeping = 1;
	self->pid = start(self->dir, do_vfork, fd[1]);
	ASSERT_GT(self->pid, 0);
	ASSERT_EQ((int)sizeof(self->other), read(fd[0], &self->other, sizeof(self->other)));
	EXPECT_EQ(0, count(&self->sk, self->dir, self->pid, 'D', &self->expected));
}

/*
 * Waits with io_uring for a byte from @pipe: the way to wait for IO as long as
 * one likes. Returns only on failure.
 */
static void do_wait_for_io(int pipe)
{
	struct io_uring_params params = {};
	struct io_uring_sqe *sqes;
	char *rings, byte;
	int ring;

	ring = syscall(__NR_io_uring_setup, 1, &params);
	if (ring < 0 || !(params.features & IORING_FEAT_SINGLE_MMAP))
		return;
	rings = mmap(NULL, params.sq_off.array + params.sq_entries * sizeof(__u32),
		     PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);
	sqes = mmap(NULL, params.sq_entries * sizeof(*sqes),
		    PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQES);
	if (rings == MAP_FAILED || sqes == MAP_FAILED)
		return;
	sqes[0] = (struct io_uring_sqe) {
		.opcode = IORING_OP_READ,
		.fd = pipe,
		.addr = (unsigned long)&byte,
		.len = 1,
	};
	*(__u32 *)(rings + params.sq_off.array) = 0;
	__atomic_store_n((__u32 *)(rings + params.sq_off.tail), 1, __ATOMIC_RELEASE);
	syscall(__NR_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0);
}

static bool has_io_uring(void)
{
	struct io_uring_params params = {};
	int ring = syscall(__NR_io_uring_setup, 1, &params);

	if (ring >= 0)
		close(ring);
	return ring >= 0;
}

TEST_F(state, waiting_for_io_is_iowait_and_nothing_else)
{
	int fd[2];

	if (!has_io_uring())
		SKIP(return, "no io_uring to wait with: %s", strerror(errno));
	ASSERT_EQ(0, pipe2(fd, O_CLOEXEC));
	self->expected.nr_io_wait = 1;
	self->pid = start(self->dir, do_wait_for_io, fd[0]);
	ASSERT_GT(self->pid, 0);
	EXPECT_EQ(0, count(&self->sk, self->dir, self->pid, 'S', &self->expected));
}

TEST_F(state, all_of_them_add_up)
{
	pid_t pid[3];
	unsigned int i;

	self->expected.nr_sleeping = 2;
	self->expected.nr_running = 1;
	self->expected.nr_stopped = 1;
	pid[0] = start(self->dir, do_pause, 0);
	pid[1] = start(self->dir, do_nanosleep, 0);
	pid[2] = start(self->dir, do_spin, 0);
	self->pid = start(self->dir, do_stop, 0);
	ASSERT_GT(self->pid, 0);
	EXPECT_EQ(0, count(&self->sk, self->dir, self->pid, 'T', &self->expected));
	for (i = 0; i < ARRAY_SIZE(pid); i++) {
		kill(pid[i], SIGKILL);
		EXPECT_EQ(pid[i], waitpid(pid[i], NULL, 0));
	}
}

/* Its directory is open still; how long the cgroup remains is not for us to say. */
TEST_F(state, removed_cgroup_counts_nothing)
{
	struct cgroupstats stats = {};
	int error;

	ASSERT_EQ(0, unlinkat(self->root, CGROUP_NAME, AT_REMOVEDIR));
	error = ts_cgroup_ask(&self->sk, self->dir, &stats);
	EXPECT_TRUE(error == 0 || error == -ENOENT);
	EXPECT_EQ(0, memcmp(&self->expected, &stats, sizeof(stats)));
}

TEST_F(state, file_in_it_is_refused)
{
	struct cgroupstats stats;
	int fd = openat(self->dir, "cgroup.procs", O_RDONLY | O_CLOEXEC);

	ASSERT_GE(fd, 0);
	EXPECT_EQ(-EINVAL, ts_cgroup_ask(&self->sk, fd, &stats));
	EXPECT_EQ(0, ts_cgroup_ask(&self->sk, self->dir, &stats));
	close(fd);
}

TEST_HARNESS_MAIN
