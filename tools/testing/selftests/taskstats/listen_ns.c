// SPDX-License-Identifier: GPL-2.0
/*
 * TASKSTATS_CMD_LISTEN in containers: whoever is root over a PID namespace hears
 * of the tasks there and below, by the ids that they have there, and of nobody
 * else. And who may not ask: the opener of a socket and its user are judged.
 */
#include <sys/mman.h>
#include <sys/resource.h>

#include "kselftest_harness.h"
#include "fd.h"
#include "listen.h"

#define NOBODY		65534
#define UNABLE		77
#define TOO_FEW_FILES	78
/* Listeners in a PID namespace other than the initial one. */
#define LISTENERS_MAX	1024
#define FILES_MAX	(LISTENERS_MAX + 64)

/* What a process in a container finds wrong first. */
static struct report {
	int line;
	pid_t pid;
} *report;

static void need_at(bool fine, int line)
{
	if (fine)
		return;
	report->line = line;
	_exit(1);
}

#define need(fine)	need_at(fine, __LINE__)

/* Between the test and the container. */
static int ready_pipe[2], go_pipe[2], pair[2];

static void report_and_wait(void)
{
	ts_child_report(ready_pipe[1]);
	ts_child_wait(go_pipe[0]);
}

/* Without any rights outside; with @flags of CLONE_NEWUSER, root inside. */
static void enter_container(int flags)
{
	if (setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY) ||
	    prctl(PR_SET_DUMPABLE, 1) || unshare(flags))
		_exit(UNABLE);
	if (flags & CLONE_NEWUSER &&
	    (!ts_write_string("/proc/self/setgroups", "deny") ||
	     !ts_write_string("/proc/self/uid_map", "0 65534 1") ||
	     !ts_write_string("/proc/self/gid_map", "0 65534 1")))
		_exit(UNABLE);
}

/*
 * Runs @body as the first process of a container, or the one that it would have
 * been; the process that waits for it.
 */
static pid_t start_container(int flags, void (*body)(void))
{
	pid_t pid = fork(), inner;
	int status;

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	enter_container(flags);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	inner = fork();
	if (inner == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		body();
		_exit(0);
	}
	if (inner < 0 || waitpid(inner, &status, 0) != inner)
		_exit(2);
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 3);
}

/* True when the container has said that it is ready. */
static bool container_ready(void)
{
	char c;

	return read(ready_pipe[0], &c, 1) == 1;
}

static int end_container(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* A child that exits so; its id. */
static pid_t exit_with(int code)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(code);
	return waitpid(pid, &status, 0) == pid && status == code << 8 ? pid : -1;
}

static int any_cpu(void)
{
	int cpu = 0;

	ts_cpus(&cpu, 1);
	return cpu;
}

static const struct ts_sub both = { .records = TS_BOTH };

static bool has_account(struct ts_listener *listener, __u64 n)
{
	struct ts_state state;

	ts_drain(listener);
	return !ts_ask(listener, &state) && listener->received == n && state.delivered == n &&
	       !state.lost && !state.pending && !listener->gaps && !listener->bad;
}

static bool is_record(const struct ts_record *rec, bool group, pid_t pid, pid_t tgid, pid_t ppid)
{
	return rec->group == group && rec->id == (__u32)pid && rec->stats.ac_pid == (__u32)pid &&
	       rec->stats.ac_tgid == (__u32)tgid && rec->stats.ac_ppid == (__u32)ppid;
}

static bool has_ids(const struct ts_record *rec, __u32 uid, __u32 gid)
{
	return rec->stats.ac_uid == uid && rec->stats.ac_gid == gid;
}

FIXTURE(container)
{
	int cpu;
	pid_t pid;
};

FIXTURE_VARIANT(container)
{
	int flags;
};

FIXTURE_VARIANT_ADD(container, with_a_network)
{
	.flags = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET,
};

FIXTURE_VARIANT_ADD(container, in_the_initial_network)
{
	.flags = CLONE_NEWUSER | CLONE_NEWPID,
};

FIXTURE_SETUP(container)
{
	const char *lacks = ts_lacks();

	if (lacks)
		SKIP(return, "%s", lacks);
	report = mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	ASSERT_NE(MAP_FAILED, report);
	ASSERT_EQ(0, pipe2(ready_pipe, O_CLOEXEC));
	ASSERT_EQ(0, pipe2(go_pipe, O_CLOEXEC));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	self->cpu = any_cpu();
}

FIXTURE_TEARDOWN(container)
{
}

/* False if the test is over. */
static bool expect_fine(struct __test_metadata *_metadata, pid_t pid)
{
	int status = end_container(pid);

	if (status == UNABLE)
		SKIP(return false, "no namespaces for users");
	if (status == TOO_FEW_FILES)
		SKIP(return false, "RLIMIT_NOFILE is below %d", FILES_MAX);
	EXPECT_EQ(0, report->line) {
		TH_LOG("see line %d", report->line);
	}
	EXPECT_EQ(0, status);
	return !status;
}

static void hear_of_own(void)
{
	struct ts_listener listener;
	pid_t pid, tid;

	need(getpid() == 1);
	need(!ts_listener_open(&listener));
	need(!ts_subscribe(&listener, &both));
	report_and_wait();
	need(has_account(&listener, 0));

	pid = exit_with(7);
	tid = ts_thread_exit_on(any_cpu());
	report->pid = pid;
	need(pid > 1 && tid > 1);
	need(has_account(&listener, 3));
	need(is_record(&listener.rec[0], false, pid, pid, 1));
	need(is_record(&listener.rec[1], true, pid, pid, 1));
	need(is_record(&listener.rec[2], false, tid, 1, 0));
	need(has_ids(&listener.rec[0], 0, 0));
	need(has_ids(&listener.rec[1], 0, 0));
	need(has_ids(&listener.rec[2], 0, 0));
	need(listener.rec[0].stats.ac_exitcode == 7 << 8);
	ts_listener_close(&listener);
}

/* From outside it is seen too, by other ids. */
TEST_F(container, hears_of_its_own_tasks_and_of_nobody_else)
{
	const struct ts_record *rec = NULL;
	struct ts_listener outside;
	int i;

	ASSERT_EQ(0, ts_listener_open(&outside));
	ASSERT_EQ(0, ts_subscribe(&outside, &both));
	self->pid = start_container(variant->flags, hear_of_own);
	close(ready_pipe[1]);
	if (container_ready()) {
		ASSERT_GT(ts_thread_exit_on(self->cpu), 0);
		ASSERT_GT(exit_with(0), 0);
		ts_child_report(go_pipe[1]);
	}
	if (!expect_fine(_metadata, self->pid))
		return;

	ts_drain(&outside);
	for (i = 0; i < outside.nrec; i++) {
		if (outside.rec[i].group && outside.rec[i].stats.ac_exitcode == 7 << 8 &&
		    outside.rec[i].stats.ac_uid == NOBODY)
			rec = &outside.rec[i];
	}
	ASSERT_NE(NULL, rec);
	EXPECT_NE((__u32)report->pid, rec->id);
	EXPECT_EQ(rec->id, rec->stats.ac_tgid);
	EXPECT_LT(1U, rec->stats.ac_ppid);
	EXPECT_EQ((__u32)NOBODY, rec->stats.ac_gid);
	ts_listener_close(&outside);
}

static int nested_ready[2], nested_go[2];

/* The first process of a namespace within the container's. */
static void hear_of_nested(void)
{
	struct ts_listener listener;
	pid_t pid;

	need(getpid() == 1);
	need(!ts_listener_open(&listener));
	need(!ts_subscribe(&listener, &both));
	ts_child_report(nested_ready[1]);
	ts_child_wait(nested_go[0]);
	need(has_account(&listener, 0));
	pid = exit_with(9);
	need(has_account(&listener, 2));
	need(is_record(&listener.rec[0], false, pid, pid, 1));
	need(is_record(&listener.rec[1], true, pid, pid, 1));
	_exit(8);
}

static pid_t start_nested(void)
{
	pid_t pid;

	need(!pipe2(nested_ready, O_CLOEXEC) && !pipe2(nested_go, O_CLOEXEC));
	need(!unshare(CLONE_NEWPID));
	pid = fork();
	if (pid == 0)
		hear_of_nested();
	return pid;
}

/* It waits in the container's own namespace, where no child can be made later. */
static pid_t start_neighbour(int *go)
{
	int fd[2];
	pid_t pid;

	need(!pipe2(fd, O_CLOEXEC));
	pid = fork();
	if (pid == 0) {
		ts_child_wait(fd[0]);
		_exit(6);
	}
	*go = fd[1];
	return pid;
}

static void hear_of_those_below(void)
{
	struct ts_listener listener;
	pid_t neighbour, first, pid;
	int status, go;
	char c;

	need(!ts_listener_open(&listener));
	need(!ts_subscribe(&listener, &both));
	neighbour = start_neighbour(&go);
	first = start_nested();
	need(read(nested_ready[0], &c, 1) == 1);
	/* No exit for the nested one to hear of. */
	ts_child_report(go);
	need(waitpid(neighbour, &status, 0) == neighbour && status == 6 << 8);
	ts_child_report(nested_go[1]);
	need(waitpid(first, &status, 0) == first && status == 8 << 8);
	need(has_account(&listener, 6));
	need(is_record(&listener.rec[0], false, neighbour, neighbour, 1));

	/* The child, whose id here only the record tells, then its parent. */
	pid = listener.rec[2].id;
	need(pid > first);
	need(is_record(&listener.rec[2], false, pid, pid, first));
	need(is_record(&listener.rec[3], true, pid, pid, first));
	need(listener.rec[3].stats.ac_exitcode == 9 << 8);
	need(is_record(&listener.rec[4], false, first, first, 1));
	need(is_record(&listener.rec[5], true, first, first, 1));
	ts_listener_close(&listener);
}

TEST_F(container, hears_of_the_tasks_of_namespaces_below)
{
	self->pid = start_container(variant->flags, hear_of_those_below);
	expect_fine(_metadata, self->pid);
}

static void hear_of_one_from_outside(void)
{
	struct ts_listener listener;
	pid_t pid;

	need(!ts_listener_open(&listener));
	need(!ts_subscribe(&listener, &both));
	report_and_wait();
	need(has_account(&listener, 2));
	pid = listener.rec[0].id;
	need(pid > 1);
	/* Neither its parent nor its user exist here. */
	need(is_record(&listener.rec[0], false, pid, pid, 0));
	need(is_record(&listener.rec[1], true, pid, pid, 0));
	need(has_ids(&listener.rec[0], NOBODY, NOBODY));
	need(has_ids(&listener.rec[1], NOBODY, NOBODY));
	need(listener.rec[0].stats.ac_exitcode == 5 << 8);
	ts_listener_close(&listener);
}

/* Has a child exit in the PID namespace that the children of @pid live in. */
static int exit_inside(pid_t pid)
{
	pid_t helper = fork();
	char path[64];
	int fd, status;

	if (helper == 0) {
		snprintf(path, sizeof(path), "/proc/%d/ns/pid_for_children", pid);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || setns(fd, CLONE_NEWPID))
			_exit(1);
		_exit(exit_with(5) > 0 ? 0 : 2);
	}
	return waitpid(helper, &status, 0) == helper && WIFEXITED(status) ?
	       WEXITSTATUS(status) : -1;
}

TEST_F(container, hears_of_a_task_that_has_come_from_outside)
{
	self->pid = start_container(variant->flags, hear_of_one_from_outside);
	close(ready_pipe[1]);
	if (container_ready()) {
		EXPECT_EQ(0, exit_inside(self->pid));
		ts_child_report(go_pipe[1]);
	}
	expect_fine(_metadata, self->pid);
}

static void listen_and_leave(void)
{
	struct ts_listener listener;

	need(!ts_listener_open(&listener));
	need(!ts_subscribe(&listener, &both));
	need(!ts_send_fd(pair[1], ts_fd(&listener.sk)));
	_exit(0);
}

/* A socket that has come from elsewhere. */
static int receive_listener(struct ts_listener *listener, int family)
{
	int fd = ts_recv_fd(pair[0]);

	memset(listener, 0, sizeof(*listener));
	if (fd < 0)
		return -EBADF;
	listener->sk.nl = nl_socket_alloc();
	listener->sk.family = family;
	listener->sk.seq = 1;
	if (!listener->sk.nl || nl_socket_set_fd(listener->sk.nl, NETLINK_GENERIC, fd))
		return -EINVAL;
	return 0;
}

/* From a container that has gone since; false if there can be none. */
static bool take_listener(struct __test_metadata *_metadata, FIXTURE_DATA(container) * self,
			  const FIXTURE_VARIANT(container) * variant,
			  struct ts_listener *listener)
{
	struct ts_sock sk;

	ASSERT_EQ(0, ts_open(&sk));
	self->pid = start_container(variant->flags, listen_and_leave);
	close(pair[1]);
	if (!expect_fine(_metadata, self->pid))
		return false;
	ASSERT_EQ(0, receive_listener(listener, sk.family));
	ts_close(&sk);
	return true;
}

TEST_F(container, that_is_gone_leaves_a_listener_with_nothing_to_hear)
{
	struct ts_listener listener;

	if (!take_listener(_metadata, self, variant, &listener))
		return;

	/* Of its first process it has heard; the namespace is empty now. */
	ASSERT_TRUE(has_account(&listener, 2));
	EXPECT_EQ(1U, listener.rec[0].id);
	EXPECT_EQ(1U, listener.rec[1].id);
	ASSERT_GT(ts_thread_exit_on(self->cpu), 0);
	EXPECT_TRUE(has_account(&listener, 2));
	ts_listener_close(&listener);
	ASSERT_GT(ts_thread_exit_on(self->cpu), 0);
}

/* Opened without rights over the initial namespaces, whoever uses it there. */
TEST_F(container, opens_a_socket_that_is_no_use_outside)
{
	struct ts_listener listener;
	struct ts_state state;

	if (!take_listener(_metadata, self, variant, &listener))
		return;
	listener.sk.plain_send = true;
	EXPECT_EQ(-EPERM, ts_subscribe(&listener, &both));
	/* What it had asked for stays. */
	ASSERT_EQ(0, ts_ask(&listener, &state));
	EXPECT_EQ((__u32)TS_BOTH, state.records);
	ts_listener_close(&listener);
}

/* One of more sockets than libnl has port ids for; the error of its request. */
static int subscribe_raw(int fd, int family)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	const struct ts_sub never = { .records = TASKSTATS_RECORDS_GROUP };
	struct ts_sock sk = { .family = family, .seq = 1 };
	struct ts_dgram dgram;
	struct ts_msg msg;
	int error = 0;

	ts_sub_msg(&msg, &sk, &never);
	if (sendto(fd, &msg, msg.nlh.nlmsg_len, 0, (struct sockaddr *)&kernel,
		   sizeof(kernel)) < 0)
		return -errno;
	dgram.len = recv(fd, dgram.buf, sizeof(dgram.buf), MSG_DONTWAIT);
	if (dgram.len < 0)
		return -errno;
	ts_is_ack(&dgram, &error);
	return error;
}

static int open_raw(void)
{
	return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
}

static void crowd(void)
{
	struct rlimit files = { .rlim_cur = FILES_MAX, .rlim_max = FILES_MAX };
	static int fd[LISTENERS_MAX];
	struct ts_sock sk;
	int i, more;

	if (setrlimit(RLIMIT_NOFILE, &files))
		_exit(TOO_FEW_FILES);
	need(!ts_open(&sk));
	for (i = 0; i < LISTENERS_MAX; i++) {
		fd[i] = open_raw();
		need(fd[i] >= 0);
		need(!subscribe_raw(fd[i], sk.family));
	}
	more = open_raw();
	need(more >= 0);
	need(subscribe_raw(more, sk.family) == -ENOSPC);
	/* Those that are there may ask for something else. */
	need(!subscribe_raw(fd[0], sk.family));
	close(fd[1]);
	need(!subscribe_raw(more, sk.family));
	need(subscribe_raw(open_raw(), sk.family) == -ENOSPC);
	/* An exit that tells them all. */
	need(exit_with(0) > 1);
}

TEST_F(container, has_room_for_so_many_listeners_and_no_more)
{
	self->pid = start_container(variant->flags, crowd);
	expect_fine(_metadata, self->pid);
}

static void be_refused(void)
{
	struct ts_listener listener;
	struct ts_state state;

	need(!ts_listener_open(&listener));
	need(ts_subscribe(&listener, &both) == -EPERM);
	/* To ask, and to clear, is no secret and does no harm. */
	need(!ts_ask(&listener, &state) && !state.records && !state.delivered);
	need(!ts_clear(&listener, &state) && !state.records);
	need(ts_thread_exit_on(any_cpu()) > 0);
	need(has_account(&listener, 0));
	ts_listener_close(&listener);
}

static void be_refused_without_capabilities(void)
{
	need(!ts_limit_caps(0));
	be_refused();
}

TEST_F(container, does_not_hear_without_the_capability)
{
	self->pid = start_container(variant->flags, be_refused_without_capabilities);
	expect_fine(_metadata, self->pid);
}

/* Root of a user namespace, but over no PID namespace. */
TEST_F(container, does_not_hear_without_a_pid_namespace)
{
	self->pid = start_container(variant->flags & ~CLONE_NEWPID, be_refused);
	expect_fine(_metadata, self->pid);
}

FIXTURE(privilege)
{
	struct ts_listener listener;
	struct ts_state state;
	int cpu;
};

FIXTURE_SETUP(privilege)
{
	const char *lacks = ts_lacks();

	if (lacks)
		SKIP(return, "%s", lacks);
	self->cpu = any_cpu();
}

FIXTURE_TEARDOWN(privilege)
{
	ts_listener_close(&self->listener);
}

TEST_F(privilege, is_needed_to_subscribe_but_not_to_ask)
{
	ASSERT_EQ(0, setresuid(NOBODY, NOBODY, NOBODY));
	ASSERT_EQ(0, ts_listener_open(&self->listener));
	EXPECT_EQ(-EPERM, ts_subscribe(&self->listener, &both));
	EXPECT_EQ(0, ts_ask(&self->listener, &self->state));
	EXPECT_EQ(0U, self->state.records);
	ASSERT_GT(ts_thread_exit_on(self->cpu), 0);
	EXPECT_TRUE(ts_nothing_more(&self->listener.sk));
}

/* Who gives the kernel's address vouches for the request. */
TEST_F(privilege, of_the_sender_is_not_enough)
{
	ASSERT_EQ(0, seteuid(NOBODY));
	ASSERT_EQ(0, ts_listener_open(&self->listener));
	self->listener.sk.plain_send = true;
	ASSERT_EQ(0, seteuid(0));
	ASSERT_TRUE(ts_has_cap(CAP_NET_ADMIN));
	EXPECT_EQ(-EPERM, ts_subscribe(&self->listener, &both));
	EXPECT_EQ(0, ts_ask(&self->listener, &self->state));
	EXPECT_EQ(0U, self->state.records);
}

/* As a setuid program might be made to, by what it prints. */
TEST_F(privilege, of_one_who_only_writes_to_it_is_not_enough)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct ts_big answer;
	struct ts_msg msg;

	ASSERT_EQ(0, seteuid(NOBODY));
	ASSERT_EQ(0, ts_listener_open(&self->listener));
	ASSERT_EQ(0, connect(ts_fd(&self->listener.sk), (struct sockaddr *)&kernel,
			     sizeof(kernel)));
	ASSERT_EQ(0, seteuid(0));
	ts_sub_msg(&msg, &self->listener.sk, &both);
	ASSERT_EQ((ssize_t)msg.nlh.nlmsg_len,
		  write(ts_fd(&self->listener.sk), &msg, msg.nlh.nlmsg_len));
	EXPECT_EQ(-EPERM, ts_answer(&self->listener, msg.nlh.nlmsg_seq, &answer));
	EXPECT_EQ(0, ts_ask(&self->listener, &self->state));
	EXPECT_EQ(0U, self->state.records);
}

TEST_F(privilege, of_the_opener_is_not_enough)
{
	const struct ts_sub groups = { .records = TASKSTATS_RECORDS_GROUP, .batch = 9 };

	ASSERT_EQ(0, ts_listener_open(&self->listener));
	ASSERT_EQ(0, ts_subscribe(&self->listener, &groups));
	ASSERT_EQ(0, seteuid(NOBODY));
	EXPECT_EQ(-EPERM, ts_subscribe(&self->listener, &both));
	EXPECT_EQ(0, ts_ask(&self->listener, &self->state));
	EXPECT_EQ((__u32)TASKSTATS_RECORDS_GROUP, self->state.records);
	EXPECT_EQ(9U, self->state.batch);
	EXPECT_EQ(0, seteuid(0));
}

TEST_HARNESS_MAIN
