// SPDX-License-Identifier: GPL-2.0
/*
 * Who may ask about other tasks, and who may listen: CAP_NET_ADMIN in the
 * initial user namespace, by the opener of the socket and by its user.
 *
 * Asked about is always init. What a task may learn about itself, or in
 * namespaces of its own, is left out: it was too little to hold on to.
 */
#include <limits.h>
#include <sys/ioctl.h>

#include "kselftest_harness.h"
#include "taskstats.h"

#define NOBODY	65534

/* From a child's step that failed: says nothing about the kernel's verdict. */
#define UNABLE	INT_MIN

/* The verdicts on each kind of request. */
struct verdict {
	int pid;
	int tgid;
	int listen;
	int unlisten;
};

static const struct verdict granted;
static const struct verdict denied = { -EPERM, -EPERM, -EPERM, -EPERM };

static void try_all(struct ts_sock *sk, struct verdict *verdict)
{
	struct taskstats stats;

	verdict->pid = ts_query_pid(sk, 1, &stats);
	verdict->tgid = ts_query_tgid(sk, 1, &stats);
	verdict->listen = ts_listen(sk, "");
	verdict->unlisten = ts_unlisten(sk, "");
}

static void open_and_try_all(struct verdict *verdict)
{
	struct ts_sock sk;

	if (ts_open(&sk)) {
		verdict->pid = UNABLE;
		return;
	}
	try_all(&sk, verdict);
	ts_close(&sk);
}

/* Runs @fn in a child, which it may strip of anything, for its verdict. */
static bool in_child(void (*fn)(struct verdict *verdict), struct verdict *verdict)
{
	int fd[2], status;
	bool ok;
	pid_t pid;

	if (pipe2(fd, O_CLOEXEC))
		return false;
	pid = fork();
	if (pid == 0) {
		fn(verdict);
		_exit(write(fd[1], verdict, sizeof(*verdict)) != sizeof(*verdict));
	}
	close(fd[1]);
	ok = pid > 0 && waitpid(pid, &status, 0) == pid && status == 0 &&
	     read(fd[0], verdict, sizeof(*verdict)) == sizeof(*verdict);
	close(fd[0]);
	return ok && verdict->pid != UNABLE;
}

static void expect(struct __test_metadata *_metadata, const struct verdict *expected,
		   const struct verdict *verdict)
{
	EXPECT_EQ(expected->pid, verdict->pid);
	EXPECT_EQ(expected->tgid, verdict->tgid);
	EXPECT_EQ(expected->listen, verdict->listen);
	EXPECT_EQ(expected->unlisten, verdict->unlisten);
}

/* By raw system calls, for libc would take the process's other threads along. */
static int become_nobody(void)
{
	if (syscall(__NR_setresgid, NOBODY, NOBODY, NOBODY))
		return -1;
	return syscall(__NR_setresuid, NOBODY, NOBODY, NOBODY);
}

FIXTURE(permission)
{
	struct verdict verdict;
};

FIXTURE_SETUP(permission)
{
	const char *lacks = ts_lacks();

	if (lacks)
		SKIP(return, "%s", lacks);
	if (!ts_has_cap(CAP_SETUID) || !ts_has_cap(CAP_SETGID))
		SKIP(return, "no CAP_SETUID and CAP_SETGID");
}

FIXTURE_TEARDOWN(permission)
{
}

TEST_F(permission, root_is_granted)
{
	ASSERT_TRUE(in_child(open_and_try_all, &self->verdict));
	expect(_metadata, &granted, &self->verdict);
}

static void try_as_nobody(struct verdict *verdict)
{
	if (become_nobody())
		verdict->pid = UNABLE;
	else
		open_and_try_all(verdict);
}

TEST_F(permission, nobody_is_denied)
{
	ASSERT_TRUE(in_child(try_as_nobody, &self->verdict));
	expect(_metadata, &denied, &self->verdict);
}

static void try_with_net_admin_only(struct verdict *verdict)
{
	if (prctl(PR_SET_KEEPCAPS, 1) || become_nobody() || ts_limit_caps(1ULL << CAP_NET_ADMIN))
		verdict->pid = UNABLE;
	else
		open_and_try_all(verdict);
}

TEST_F(permission, nobody_with_net_admin_is_granted)
{
	ASSERT_TRUE(in_child(try_with_net_admin_only, &self->verdict));
	expect(_metadata, &granted, &self->verdict);
}

static void try_without_net_admin(struct verdict *verdict)
{
	if (ts_limit_caps(~(1ULL << CAP_NET_ADMIN)))
		verdict->pid = UNABLE;
	else
		open_and_try_all(verdict);
}

/* Root without it may read /proc/1/io, but is not to listen. */
TEST_F(permission, root_without_net_admin_may_not_listen)
{
	ASSERT_TRUE(in_child(try_without_net_admin, &self->verdict));
	EXPECT_EQ(-EPERM, self->verdict.listen);
	EXPECT_EQ(-EPERM, self->verdict.unlisten);
}

static void open_then_become_nobody(struct verdict *verdict)
{
	struct ts_sock sk;

	if (ts_open(&sk) || become_nobody())
		verdict->pid = UNABLE;
	else
		try_all(&sk, verdict);
}

TEST_F(permission, privileged_socket_does_not_help_nobody)
{
	ASSERT_TRUE(in_child(open_then_become_nobody, &self->verdict));
	expect(_metadata, &denied, &self->verdict);
}

static void *open_as_nobody(void *arg)
{
	return become_nobody() || ts_open(arg) ? NULL : arg;
}

/*
 * Credentials are the thread's, file descriptors the process's. Netlink looks
 * at the opener's only where the message itself names no destination.
 */
static void use_nobodys_socket(struct verdict *verdict)
{
	struct ts_sock sk;
	pthread_t thread;
	void *result;

	if (pthread_create(&thread, NULL, open_as_nobody, &sk) ||
	    pthread_join(thread, &result) || !result) {
		verdict->pid = UNABLE;
		return;
	}
	sk.plain_send = true;
	try_all(&sk, verdict);
}

TEST_F(permission, root_does_not_help_a_socket_of_nobody)
{
	ASSERT_TRUE(in_child(use_nobodys_socket, &self->verdict));
	expect(_metadata, &denied, &self->verdict);
}

/* Namespaces: all capabilities there are none here. */

static bool can_unshare(int flags)
{
	int status;
	pid_t pid;

	pid = fork();
	if (pid == 0)
		_exit(unshare(flags) ? 1 : 0);
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static void try_in_user_ns(struct verdict *verdict)
{
	if (unshare(CLONE_NEWUSER))
		verdict->pid = UNABLE;
	else
		open_and_try_all(verdict);
}

TEST_F(permission, root_of_a_user_namespace_is_denied)
{
	if (!can_unshare(CLONE_NEWUSER))
		SKIP(return, "no user namespaces");
	ASSERT_TRUE(in_child(try_in_user_ns, &self->verdict));
	expect(_metadata, &denied, &self->verdict);
}

static void try_in_user_and_net_ns(struct verdict *verdict)
{
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		verdict->pid = UNABLE;
	else
		open_and_try_all(verdict);
}

/* It owns the socket's network namespace, but not the tasks. */
TEST_F(permission, root_of_a_user_and_network_namespace_is_denied)
{
	if (!can_unshare(CLONE_NEWUSER | CLONE_NEWNET))
		SKIP(return, "no user and network namespaces");
	ASSERT_TRUE(in_child(try_in_user_and_net_ns, &self->verdict));
	expect(_metadata, &denied, &self->verdict);
}

static void open_then_enter_user_ns(struct verdict *verdict)
{
	struct ts_sock sk;

	if (ts_open(&sk) || unshare(CLONE_NEWUSER))
		verdict->pid = UNABLE;
	else
		try_all(&sk, verdict);
}

TEST_F(permission, privileged_socket_does_not_help_a_user_namespace)
{
	if (!can_unshare(CLONE_NEWUSER))
		SKIP(return, "no user namespaces");
	ASSERT_TRUE(in_child(open_then_enter_user_ns, &self->verdict));
	expect(_metadata, &denied, &self->verdict);
}

static void ask_in_net_ns(struct verdict *verdict)
{
	struct taskstats stats;
	struct ts_sock sk;

	if (unshare(CLONE_NEWNET) || ts_open(&sk)) {
		verdict->pid = UNABLE;
		return;
	}
	verdict->pid = ts_query_pid(&sk, 1, &stats);
	verdict->tgid = ts_query_tgid(&sk, 1, &stats);
}

TEST_F(permission, root_may_ask_from_any_network_namespace)
{
	if (!can_unshare(CLONE_NEWNET))
		SKIP(return, "no network namespaces");
	ASSERT_TRUE(in_child(ask_in_net_ns, &self->verdict));
	EXPECT_EQ(0, self->verdict.pid);
	EXPECT_EQ(0, self->verdict.tgid);
}

/* Asks in a new PID namespace, as its init: 0, or the step that went wrong. */
static int ask_as_init(pid_t outer_parent)
{
	struct taskstats stats;
	struct ts_sock sk;
	pid_t child;

	if (ts_open(&sk))
		return 1;
	if (ts_query_pid(&sk, 1, &stats) || stats.ac_pid != 1 || stats.ac_tgid != 1 ||
	    stats.ac_ppid != 0)
		return 2;
	if (ts_query_tgid(&sk, 1, &stats))
		return 3;
	/* Ids of the namespace outside mean nothing here. */
	if (ts_query_pid(&sk, outer_parent, &stats) != -ESRCH)
		return 4;
	/* But records tell them: those are not for who is in here. */
	if (ts_listen(&sk, "") != -EINVAL || ts_unlisten(&sk, "") != -EINVAL)
		return 5;
	child = fork();
	if (child == 0) {
		pause();
		_exit(0);
	}
	if (ts_query_pid(&sk, child, &stats) || stats.ac_pid != (__u32)child ||
	    stats.ac_ppid != 1)
		return 6;
	kill(child, SIGKILL);
	return waitpid(child, NULL, 0) == child ? 0 : 7;
}

static void ask_in_pid_ns(struct verdict *verdict)
{
	pid_t self = getpid(), pid;
	int status;

	if (unshare(CLONE_NEWPID)) {
		verdict->pid = UNABLE;
		return;
	}
	pid = fork();
	if (pid == 0)
		_exit(ask_as_init(self));
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		verdict->pid = UNABLE;
	else
		verdict->pid = status;
}

TEST_F(permission, ids_are_those_of_the_callers_pid_namespace)
{
	if (!can_unshare(CLONE_NEWPID))
		SKIP(return, "no PID namespaces");
	ASSERT_TRUE(in_child(ask_in_pid_ns, &self->verdict));
	EXPECT_EQ(0, self->verdict.pid);
}

TEST_HARNESS_MAIN
