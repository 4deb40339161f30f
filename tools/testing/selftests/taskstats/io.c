// SPDX-License-Identifier: GPL-2.0
/*
 * read_syscalls and write_syscalls count every call, up to the last one:
 * unlike the counts of bytes they are not cut to multiples of 1024.
 */
#include <sys/uio.h>

#include "kselftest_harness.h"
#include "taskstats.h"

/* Beyond a multiple of 1024, and below the first. */
#define NREADS		1500U
#define NWRITES		37U

FIXTURE(io)
{
	struct ts_sock sk;
	struct taskstats stats;
	int zero;
	int null;
};

FIXTURE_SETUP(io)
{
	const char *lacks = ts_lacks();

	if (lacks)
		SKIP(return, "%s", lacks);
	if (!ts_has_io_accounting())
		SKIP(return, "CONFIG_TASK_IO_ACCOUNTING is not set");
	ASSERT_EQ(0, ts_open(&self->sk));
	self->zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	ASSERT_GE(self->zero, 0);
	self->null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	ASSERT_GE(self->null, 0);
}

FIXTURE_TEARDOWN(io)
{
	ts_close(&self->sk);
}

static void read_and_write(int zero, int null, unsigned int reads, unsigned int writes)
{
	char c;

	while (reads--) {
		if (read(zero, &c, 1) != 1)
			_exit(1);
	}
	while (writes--) {
		if (write(null, &c, 1) != 1)
			_exit(1);
	}
}

/* A child that does nothing but count its calls: from the fork on, from zero. */
static pid_t start_worker(int zero, int null)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		read_and_write(zero, null, NREADS, NWRITES);
		_exit(0);
	}
	return pid;
}

TEST_F(io, zombie_tells_every_call_of_its_life)
{
	siginfo_t info;
	pid_t pid;

	pid = start_worker(self->zero, self->null);
	ASSERT_GT(pid, 0);
	ASSERT_EQ(0, waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
	ASSERT_EQ(0, ts_query_pid(&self->sk, pid, &self->stats));
	EXPECT_EQ(NREADS, self->stats.read_syscalls);
	EXPECT_EQ(NWRITES, self->stats.write_syscalls);
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));
}

TEST_F(io, record_tells_every_call_of_its_life)
{
	struct ts_exit rec;
	int error, status;
	pid_t pid;

	ASSERT_EQ(0, ts_listen(&self->sk, "all"));
	pid = start_worker(self->zero, self->null);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	error = ts_wait_exit(&self->sk, pid, &rec);
	ts_unlisten(&self->sk, "all");
	ASSERT_EQ(0, status);
	ASSERT_EQ(0, error);
	EXPECT_EQ(NREADS, rec.pid.stats.read_syscalls);
	EXPECT_EQ(NWRITES, rec.pid.stats.write_syscalls);
}

/* Works, says so, and waits for a word, over and over. */
static pid_t start_parker(int zero, int null, int fd)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (1) {
			ts_child_report(fd);
			ts_child_wait(fd);
			read_and_write(zero, null, NREADS, NWRITES);
		}
	}
	return pid;
}

/* A call counts when it returns: the one that the child sleeps in, not yet. */
static int query_parked(struct ts_sock *sk, pid_t pid, int fd, struct taskstats *stats)
{
	char c;

	if (read(fd, &c, 1) != 1)
		return -EPIPE;
	if (!ts_wait_state(pid, pid, 'S'))
		return -ETIMEDOUT;
	return ts_query_pid(sk, pid, stats);
}

TEST_F(io, difference_of_two_answers_is_every_call_between_them)
{
	struct taskstats before;
	int fd[2];
	pid_t pid;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd));
	pid = start_parker(self->zero, self->null, fd[1]);
	ASSERT_GT(pid, 0);
	ASSERT_EQ(0, query_parked(&self->sk, pid, fd[0], &before));
	ASSERT_EQ(1, write(fd[0], "", 1));
	ASSERT_EQ(0, query_parked(&self->sk, pid, fd[0], &self->stats));
	/* And one of each to be told and to tell. */
	EXPECT_EQ(NREADS + 1, self->stats.read_syscalls - before.read_syscalls);
	EXPECT_EQ(NWRITES + 1, self->stats.write_syscalls - before.write_syscalls);
	kill(pid, SIGKILL);
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));
}

TEST_F(io, calls_are_those_of_proc)
{
	char path[64];
	int fd[2];
	pid_t pid;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd));
	pid = start_parker(self->zero, self->null, fd[1]);
	ASSERT_GT(pid, 0);
	ASSERT_EQ(0, query_parked(&self->sk, pid, fd[0], &self->stats));
	ASSERT_EQ(1, write(fd[0], "", 1));
	ASSERT_EQ(0, query_parked(&self->sk, pid, fd[0], &self->stats));
	snprintf(path, sizeof(path), "/proc/%d/task/%d/io", pid, pid);
	EXPECT_EQ(ts_proc_number(path, "syscr"), (__s64)self->stats.read_syscalls);
	EXPECT_EQ(ts_proc_number(path, "syscw"), (__s64)self->stats.write_syscalls);
	kill(pid, SIGKILL);
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));
}

/* What is a call, whatever it moves. */
static void call_each_kind(int zero, int null)
{
	char c;
	struct iovec iov = { .iov_base = &c, .iov_len = 1 };

	if (read(zero, &c, 1) != 1 || pread(zero, &c, 1, 0) != 1 ||
	    readv(zero, &iov, 1) != 1 || preadv(zero, &iov, 1, 0) != 1 ||
	    read(zero, &c, 0) != 0)
		_exit(1);
	if (write(null, &c, 1) != 1 || pwrite(null, &c, 1, 0) != 1 ||
	    writev(null, &iov, 1) != 1 || pwritev(null, &iov, 1, 0) != 1)
		_exit(2);
}

TEST_F(io, every_kind_of_call_counts)
{
	siginfo_t info;
	pid_t pid;

	pid = fork();
	if (pid == 0) {
		call_each_kind(self->zero, self->null);
		_exit(0);
	}
	ASSERT_EQ(0, waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
	ASSERT_EQ(0, info.si_status);
	ASSERT_EQ(0, ts_query_pid(&self->sk, pid, &self->stats));
	EXPECT_EQ(5U, self->stats.read_syscalls);
	EXPECT_EQ(4U, self->stats.write_syscalls);
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));
}

TEST_HARNESS_MAIN
