// SPDX-License-Identifier: GPL-2.0
/*
 * TASKSTATS_CMD_ATTR_PIDFD: answers about the process or the thread that a file
 * descriptor names, and about no other, whatever has become of its id.
 *
 * TASKSTATS_PIDFD_REUSES says how many processes take over the id of another.
 */
#include <limits.h>
#include <sys/mman.h>

#include "kselftest_harness.h"
#include "complaint.h"
#include "fd.h"

#define NOBODY		65534
#define UNABLE		77
#define STACK_SIZE	65536

static int pidfd_open(pid_t pid, unsigned int flags)
{
	return syscall(__NR_pidfd_open, pid, flags);
}

static int query(struct ts_sock *sk, int pidfd, __u16 type, struct ts_aggr *aggr)
{
	struct ts_msg msg;

	ts_msg_get(&msg, sk, TASKSTATS_CMD_ATTR_PIDFD, pidfd);
	return ts_request(sk, &msg, type, aggr);
}

static int query_group(struct ts_sock *sk, int pidfd, struct ts_aggr *aggr)
{
	return query(sk, pidfd, TASKSTATS_TYPE_AGGR_TGID, aggr);
}

static int query_thread(struct ts_sock *sk, int pidfd, struct ts_aggr *aggr)
{
	return query(sk, pidfd, TASKSTATS_TYPE_AGGR_PID, aggr);
}

/* Sends what is to be refused; 0 if it was not. */
static int refused(struct ts_sock *sk, const struct ts_msg *msg, struct ts_complaint *complaint)
{
	struct ts_dgram dgram;
	int error;

	memset(complaint, 0, sizeof(*complaint));
	error = ts_send(sk, msg);
	if (!error)
		error = ts_recv(sk, &dgram, 0);
	if (error || !ts_is_ack(&dgram, &error))
		return error;
	ts_read_complaint(&dgram.nlh, complaint);
	return error;
}

static int refused_fd(struct ts_sock *sk, int fd, struct ts_complaint *complaint)
{
	struct ts_msg msg;

	ts_msg_get(&msg, sk, TASKSTATS_CMD_ATTR_PIDFD, fd);
	return refused(sk, &msg, complaint);
}

FIXTURE(pidfd)
{
	struct ts_sock sk;
	struct ts_msg msg;
	struct ts_aggr aggr;
	struct ts_child child;
	struct ts_complaint complaint;
	int fd;
};

FIXTURE_SETUP(pidfd)
{
	const char *lacks = ts_lacks();

	if (lacks)
		SKIP(return, "%s", lacks);
	ASSERT_EQ(0, ts_open(&self->sk));
	ASSERT_TRUE(ts_explain(&self->sk));
	ASSERT_EQ(0, ts_child_start(&self->child, NULL, NULL));
	self->fd = pidfd_open(self->child.pid, 0);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(pidfd)
{
	/* By its pipe: some of the tests may not kill it any more. */
	if (self->child.pid > 0)
		ts_child_end(&self->child);
}

/* What goes on though the child sleeps. */
static void stop_clock(struct taskstats *stats)
{
	stats->ac_etime = 0;
	stats->ac_tgetime = 0;
	stats->ac_btime = 0;
	stats->ac_btime64 = 0;
}

/* Between two looks that agree: it may have had to be scheduled away yet. */
TEST_F(pidfd, answers_as_the_tgid_does)
{
	__u64 start = ts_clock_ns(CLOCK_MONOTONIC);
	struct taskstats before, by_id;

	do {
		ASSERT_EQ(0, ts_query_tgid(&self->sk, self->child.pid, &before));
		ASSERT_EQ(0, query_group(&self->sk, self->fd, &self->aggr));
		ASSERT_EQ(0, ts_query_tgid(&self->sk, self->child.pid, &by_id));
		stop_clock(&before);
		stop_clock(&by_id);
	} while (memcmp(&before, &by_id, sizeof(by_id)) && ts_poll_again(start));
	EXPECT_EQ((__u32)self->child.pid, self->aggr.id);
	stop_clock(&self->aggr.stats);
	EXPECT_EQ(0, memcmp(&by_id, &self->aggr.stats, sizeof(by_id)));
}

TEST_F(pidfd, of_a_thread_answers_as_the_pid_does)
{
	__u64 start = ts_clock_ns(CLOCK_MONOTONIC);
	int fd = pidfd_open(self->child.pid, PIDFD_THREAD);
	struct taskstats before, by_id;

	ASSERT_LE(0, fd);
	do {
		ASSERT_EQ(0, ts_query_pid(&self->sk, self->child.pid, &before));
		ASSERT_EQ(0, query_thread(&self->sk, fd, &self->aggr));
		ASSERT_EQ(0, ts_query_pid(&self->sk, self->child.pid, &by_id));
		stop_clock(&before);
		stop_clock(&by_id);
	} while (memcmp(&before, &by_id, sizeof(by_id)) && ts_poll_again(start));
	EXPECT_EQ((__u32)self->child.pid, self->aggr.id);
	stop_clock(&self->aggr.stats);
	EXPECT_EQ(0, memcmp(&by_id, &self->aggr.stats, sizeof(by_id)));
}

TEST_F(pidfd, answers_with_the_delays_asked_for)
{
	struct ts_dgram dgram;
	int end;

	ts_msg_get(&self->msg, &self->sk, TASKSTATS_CMD_ATTR_PIDFD, self->fd);
	ts_msg_put(&self->msg, TASKSTATS_CMD_ATTR_DELAYS, NULL, 0);
	ASSERT_EQ(0, ts_send(&self->sk, &self->msg));
	ASSERT_EQ(0, ts_recv(&self->sk, &dgram, TS_TIMEOUT_MS));
	end = ts_parse_aggr(&dgram, TS_HDRLEN, TASKSTATS_TYPE_AGGR_TGID, &self->aggr);
	ASSERT_LT(0, end);
	EXPECT_NE(NULL, ts_attr(&dgram, end, TASKSTATS_TYPE_DELAYS_MEASURED, 4));
	EXPECT_EQ(dgram.len, end + NLA_HDRLEN + 4);
}

/* A thread of this process, with descriptors of itself. */
struct thread {
	pid_t tid;
	int of_thread;
	struct ts_sock *sk;
	int error;
	struct ts_aggr aggr;
	pthread_barrier_t barrier;
};

static void *ask_about_self(void *arg)
{
	struct thread *thread = arg;

	thread->tid = ts_gettid();
	thread->error = query_thread(thread->sk, PIDFD_SELF_THREAD, &thread->aggr);
	thread->of_thread = pidfd_open(thread->tid, PIDFD_THREAD);
	pthread_barrier_wait(&thread->barrier);
	pthread_barrier_wait(&thread->barrier);
	return NULL;
}

TEST_F(pidfd, of_a_thread_that_is_no_leader)
{
	struct thread thread = { .sk = &self->sk };
	pthread_t handle;
	__u64 start;

	pthread_barrier_init(&thread.barrier, NULL, 2);
	ASSERT_EQ(0, pthread_create(&handle, NULL, ask_about_self, &thread));
	pthread_barrier_wait(&thread.barrier);

	EXPECT_EQ(0, thread.error);
	EXPECT_EQ((__u32)thread.tid, thread.aggr.id);
	EXPECT_EQ((__u32)thread.tid, thread.aggr.stats.ac_pid);
	ASSERT_LE(0, thread.of_thread);
	ASSERT_EQ(0, query_thread(&self->sk, thread.of_thread, &self->aggr));
	EXPECT_EQ((__u32)thread.tid, self->aggr.id);
	EXPECT_EQ((__u32)thread.tid, self->aggr.stats.ac_pid);
	EXPECT_EQ((__u32)getpid(), self->aggr.stats.ac_tgid);

	/* The group lives on, which is no answer. A joined thread may still be there. */
	pthread_barrier_wait(&thread.barrier);
	pthread_join(handle, NULL);
	start = ts_clock_ns(CLOCK_MONOTONIC);
	while (!syscall(__NR_tgkill, getpid(), thread.tid, 0))
		ASSERT_TRUE(ts_poll_again(start));
	EXPECT_EQ(-ESRCH, refused_fd(&self->sk, thread.of_thread, &self->complaint));
}

TEST_F(pidfd, of_oneself_needs_no_file)
{
	ASSERT_EQ(0, query_thread(&self->sk, PIDFD_SELF_THREAD, &self->aggr));
	EXPECT_EQ((__u32)ts_gettid(), self->aggr.id);
	EXPECT_EQ((__u32)ts_gettid(), self->aggr.stats.ac_pid);
	ASSERT_EQ(0, query_group(&self->sk, PIDFD_SELF_THREAD_GROUP, &self->aggr));
	EXPECT_EQ((__u32)getpid(), self->aggr.id);
	EXPECT_EQ((__u32)getpid(), self->aggr.stats.ac_pid);
}

static int become_nobody(void)
{
	if (setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY))
		return -1;
	return prctl(PR_SET_DUMPABLE, 1);
}

TEST_F(pidfd, of_oneself_needs_no_privilege)
{
	ASSERT_EQ(0, become_nobody());
	EXPECT_EQ(0, query_thread(&self->sk, PIDFD_SELF_THREAD, &self->aggr));
	EXPECT_EQ(0, query_group(&self->sk, PIDFD_SELF_THREAD_GROUP, &self->aggr));
	EXPECT_EQ((__u32)getpid(), self->aggr.id);
	EXPECT_EQ(-EPERM, refused_fd(&self->sk, self->fd, &self->complaint));
}

/* A file that is no pidfd, though it may name a process otherwise. */
static void expect_ebadf(struct __test_metadata *_metadata, struct ts_sock *sk, int fd,
			 const char *what)
{
	struct ts_complaint complaint;

	EXPECT_EQ(-EBADF, refused_fd(sk, fd, &complaint)) {
		TH_LOG("%s", what);
	}
	EXPECT_EQ(TS_HDRLEN, complaint.offset);
	EXPECT_STREQ("not a pidfd", complaint.text);
}

static const char * const files[] = {
	"/dev/null", "/", "/proc/self", "/proc/self/task", "/proc/self/stat",
	"/proc/self/ns/pid", "/proc/self/exe",
};

TEST_F(pidfd, of_another_kind_is_ebadf)
{
	const int numbers[] = { -1, AT_FDCWD, -9999, -10002, -10003, -10004, 1 << 20, INT_MAX,
				INT_MIN };
	unsigned int i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		expect_ebadf(_metadata, &self->sk, numbers[i], "a number");
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		fd = open(files[i], O_RDONLY | O_CLOEXEC);
		/* Not every kernel has PID namespaces. */
		if (fd < 0 && errno == ENOENT)
			continue;
		ASSERT_LE(0, fd);
		expect_ebadf(_metadata, &self->sk, fd, files[i]);
		close(fd);
		fd = open(files[i], O_PATH | O_CLOEXEC);
		ASSERT_LE(0, fd);
		expect_ebadf(_metadata, &self->sk, fd, files[i]);
		close(fd);
	}
	expect_ebadf(_metadata, &self->sk, ts_fd(&self->sk), "the socket");
	close(self->fd);
	expect_ebadf(_metadata, &self->sk, self->fd, "a pidfd that is closed");
}

TEST_F(pidfd, of_another_kind_is_ebadf_without_privilege)
{
	ASSERT_EQ(0, become_nobody());
	expect_ebadf(_metadata, &self->sk, -1, "a number");
	expect_ebadf(_metadata, &self->sk, ts_fd(&self->sk), "the socket");
}

TEST_F(pidfd, beside_an_id_is_einval)
{
	const __u16 ids[] = { TASKSTATS_CMD_ATTR_PID, TASKSTATS_CMD_ATTR_TGID };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		ts_msg_get(&self->msg, &self->sk, ids[i], self->child.pid);
		ts_msg_put_u32(&self->msg, TASKSTATS_CMD_ATTR_PIDFD, self->fd);
		EXPECT_EQ(-EINVAL, refused(&self->sk, &self->msg, &self->complaint));
		EXPECT_EQ(TS_HDRLEN + TS_ID_LEN, self->complaint.offset);
		EXPECT_STREQ("given beside an id or a CPU mask", self->complaint.text);

		ts_msg_get(&self->msg, &self->sk, TASKSTATS_CMD_ATTR_PIDFD, self->fd);
		ts_msg_put_u32(&self->msg, ids[i], self->child.pid);
		EXPECT_EQ(-EINVAL, refused(&self->sk, &self->msg, &self->complaint));
		EXPECT_EQ(TS_HDRLEN, self->complaint.offset);
		EXPECT_STREQ("given beside an id or a CPU mask", self->complaint.text);
	}
}

/* Nothing is registered, or was. */
TEST_F(pidfd, beside_a_cpu_mask_is_einval)
{
	const __u16 masks[] = { TASKSTATS_CMD_ATTR_REGISTER_CPUMASK,
				TASKSTATS_CMD_ATTR_DEREGISTER_CPUMASK };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(masks); i++) {
		ts_msg_get(&self->msg, &self->sk, TASKSTATS_CMD_ATTR_PIDFD, self->fd);
		ts_msg_put(&self->msg, masks[i], "0", 2);
		EXPECT_EQ(-EINVAL, refused(&self->sk, &self->msg, &self->complaint));
		EXPECT_EQ(TS_HDRLEN, self->complaint.offset);
		EXPECT_STREQ("given beside an id or a CPU mask", self->complaint.text);
	}
}

/* No old client has sent it: its length is exact. */
TEST_F(pidfd, of_another_length_is_refused)
{
	const __s32 fd[2] = { self->fd, 0 };
	__u16 len;

	for (len = 0; len <= sizeof(fd); len++) {
		ts_msg_init(&self->msg, &self->sk, TASKSTATS_CMD_GET, 0);
		ts_msg_put(&self->msg, TASKSTATS_CMD_ATTR_PIDFD, fd, len);
		EXPECT_EQ(len == sizeof(fd[0]) ? 0 : -EINVAL,
			  refused(&self->sk, &self->msg, &self->complaint)) {
			TH_LOG("%d bytes", len);
		}
	}
}

TEST_F(pidfd, in_a_dump_is_refused)
{
	ts_msg_init(&self->msg, &self->sk, TASKSTATS_CMD_GET, NLM_F_DUMP);
	ts_msg_put_u32(&self->msg, TASKSTATS_CMD_ATTR_PIDFD, self->fd);
	EXPECT_EQ(-EINVAL, refused(&self->sk, &self->msg, &self->complaint));
	EXPECT_TRUE(ts_nothing_more(&self->sk));
}

/* As long as it can be waited for it is there. */
TEST_F(pidfd, of_a_zombie_answers_until_that_is_reaped)
{
	pid_t pid = self->child.pid;
	siginfo_t info;

	kill(pid, SIGKILL);
	ASSERT_EQ(0, waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
	ASSERT_EQ(0, query_group(&self->sk, self->fd, &self->aggr));
	EXPECT_EQ((__u32)pid, self->aggr.id);
	EXPECT_EQ((__u32)SIGKILL, self->aggr.stats.ac_exitcode);

	ASSERT_EQ(pid, waitpid(pid, NULL, 0));
	self->child.pid = -1;
	EXPECT_EQ(-ESRCH, refused_fd(&self->sk, self->fd, &self->complaint));
	EXPECT_EQ(TS_HDRLEN, self->complaint.offset);
	EXPECT_STREQ("no such task", self->complaint.text);
}

/* Without privilege those that are gone are as those that are out of sight. */
TEST_F(pidfd, without_privilege_tells_the_gone_from_the_hidden_by_nothing)
{
	struct ts_complaint hidden;
	pid_t pid;
	int fd;

	ASSERT_EQ(0, become_nobody());
	pid = fork();
	if (pid == 0)
		_exit(0);
	fd = pidfd_open(pid, 0);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, query_group(&self->sk, fd, &self->aggr));
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));
	EXPECT_EQ(-EPERM, refused_fd(&self->sk, fd, &self->complaint));
	EXPECT_EQ(-EPERM, refused_fd(&self->sk, self->fd, &hidden));
	EXPECT_EQ(0, memcmp(&hidden, &self->complaint, sizeof(hidden)));
}

/* PID namespaces */

static int status_of(pid_t pid)
{
	int status;

	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) ?
	       WEXITSTATUS(status) : -1;
}

/* As the first process of a PID namespace: 0, or the step that went wrong. */
static int ask_inside(struct ts_sock *sk, int outside, int nobody)
{
	struct ts_complaint complaint;
	struct ts_aggr aggr;
	pid_t pid;
	int fd;

	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pause();
	}
	fd = pidfd_open(pid, 0);
	if (query_group(sk, fd, &aggr) || aggr.id != (__u32)pid || aggr.stats.ac_ppid != 1)
		return 1;
	if (refused_fd(sk, outside, &complaint) != -ESRCH || complaint.offset != TS_HDRLEN)
		return 2;
	if (nobody && become_nobody())
		return 3;
	return refused_fd(sk, outside, &complaint) == (nobody ? -EPERM : -ESRCH) ? 0 : 4;
}

/* Has that asked in a PID namespace of its own. */
static pid_t start_inside(struct ts_sock *sk, int outside, int nobody)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	if (unshare(CLONE_NEWPID))
		_exit(UNABLE);
	pid = fork();
	if (pid == 0)
		_exit(ask_inside(sk, outside, nobody));
	_exit(status_of(pid));
}

TEST_F(pidfd, of_a_process_outside_of_the_pid_namespace_is_esrch)
{
	int status = status_of(start_inside(&self->sk, self->fd, 0));

	if (status == UNABLE)
		SKIP(return, "no PID namespaces");
	EXPECT_EQ(0, status);
}

TEST_F(pidfd, of_a_process_outside_is_eperm_without_privilege)
{
	int status = status_of(start_inside(&self->sk, self->fd, 1));

	if (status == UNABLE)
		SKIP(return, "no PID namespaces");
	EXPECT_EQ(0, status);
}

/* The namespace's own id of it is 1. */
TEST_F(pidfd, of_a_process_below_answers_by_its_id_here)
{
	pid_t pid;
	int fd;

	if (unshare(CLONE_NEWPID))
		SKIP(return, "no PID namespaces");
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pause();
	}
	fd = pidfd_open(pid, 0);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, query_group(&self->sk, fd, &self->aggr));
	EXPECT_EQ((__u32)pid, self->aggr.id);
	EXPECT_EQ((__u32)pid, self->aggr.stats.ac_pid);
	EXPECT_EQ((__u32)getpid(), self->aggr.stats.ac_ppid);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* exec by a thread, which takes over the id of its leader */

static int ready_pipe[2], go_pipe[2];

static void *exec_in_thread(void *arg)
{
	pid_t tid = ts_gettid();
	char fd[16];

	(void)arg;
	snprintf(fd, sizeof(fd), "%d", dup(ready_pipe[1]));
	if (write(ready_pipe[1], &tid, sizeof(tid)) != sizeof(tid))
		_exit(1);
	ts_child_wait(go_pipe[0]);
	execl("/proc/self/exe", "pidfd", "--park", fd, NULL);
	_exit(1);
}

static void exec_by_a_thread(void)
{
	pthread_t handle;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!pthread_create(&handle, NULL, exec_in_thread, NULL))
		pause();
	_exit(1);
}

static int report_and_park(int fd)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (write(fd, "", 1) == 1)
		pause();
	return 1;
}

TEST_F(pidfd, goes_with_the_process_when_a_thread_calls_exec)
{
	int of_process, of_thread;
	pid_t pid, tid;
	char c;

	ASSERT_EQ(0, pipe2(ready_pipe, O_CLOEXEC));
	ASSERT_EQ(0, pipe2(go_pipe, O_CLOEXEC));
	pid = fork();
	if (pid == 0)
		exec_by_a_thread();
	ASSERT_EQ((ssize_t)sizeof(tid), read(ready_pipe[0], &tid, sizeof(tid)));
	of_process = pidfd_open(pid, 0);
	of_thread = pidfd_open(tid, PIDFD_THREAD);
	ASSERT_LE(0, of_process);
	ASSERT_LE(0, of_thread);
	ASSERT_EQ(0, query_thread(&self->sk, of_thread, &self->aggr));

	ASSERT_EQ(1, write(go_pipe[1], "", 1));
	ASSERT_EQ(1, read(ready_pipe[0], &c, 1));
	EXPECT_EQ(-ESRCH, refused_fd(&self->sk, of_thread, &self->complaint));
	ASSERT_EQ(0, query_group(&self->sk, of_process, &self->aggr));
	EXPECT_EQ((__u32)pid, self->aggr.id);
	EXPECT_EQ((__u32)pid, self->aggr.stats.ac_pid);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/*
 * Reuse. In a PID namespace that has room for few ids each process gets that of
 * the one before. Another thread asks by their descriptors meanwhile. They are
 * told apart by their names.
 */
struct life {
	int number;
	int pidfd;
};

static struct reuse {
	const char *wrong;
	int reused;
	int answers;
	int absent;
	struct life now;
	struct life before;
	int ending;		/* those below may have been reaped, */
	int reaped;		/* those below have been */
	bool stop;
	int go;
	struct ts_sock sk;
	pthread_mutex_t lock;	/* descriptors do not change while being used, */
	pthread_cond_t changed;	/* or have just done so */
	char stack[STACK_SIZE];
} *reuse;

static void name_of(const struct life *life, char *name)
{
	snprintf(name, TS_COMM_LEN, "life-%d", life->number);
}

static void find_wrong(const char *what)
{
	if (!reuse->wrong)
		reuse->wrong = what;
}

/* Asks about one of them, who may be ending right now. */
static void look_at(struct ts_sock *sk, const struct life *life)
{
	int reaped = __atomic_load_n(&reuse->reaped, __ATOMIC_SEQ_CST);
	int error, ending;
	struct ts_aggr aggr;
	char name[TS_COMM_LEN];

	error = query_group(sk, life->pidfd, &aggr);
	ending = __atomic_load_n(&reuse->ending, __ATOMIC_SEQ_CST);
	name_of(life, name);
	if (!error && strcmp(aggr.stats.ac_comm, name))
		find_wrong("an answer about another");
	if (!error && life->number < reaped)
		find_wrong("an answer about one that is gone");
	if (error && error != -ESRCH)
		find_wrong("an error that is not ESRCH");
	if (error && life->number >= ending)
		find_wrong("no answer about one that is there");
	__atomic_add_fetch(error ? &reuse->absent : &reuse->answers, 1, __ATOMIC_SEQ_CST);
}

/* Looks at each while it lives or ends, once: the mutex is not a fair one. */
static void *look_on(void *arg)
{
	struct ts_sock *sk = arg;
	int seen = 0;

	pthread_mutex_lock(&reuse->lock);
	while (!reuse->stop) {
		if (reuse->now.number == seen) {
			pthread_cond_wait(&reuse->changed, &reuse->lock);
			continue;
		}
		seen = reuse->now.number;
		look_at(sk, &reuse->now);
		if (reuse->before.number)
			look_at(sk, &reuse->before);
	}
	pthread_mutex_unlock(&reuse->lock);
	return NULL;
}

/* It shares the memory of its parent, and with it what errno lives in. */
static int live(void *arg)
{
	char c;

	(void)arg;
	syscall(__NR_read, reuse->go, &c, 1);
	syscall(__NR_exit_group, 0);
	return 0;
}

static pid_t begin_life(int number)
{
	struct life life = { .number = number };
	char name[TS_COMM_LEN];
	pid_t pid;

	name_of(&life, name);
	prctl(PR_SET_NAME, name);
	pid = clone(live, reuse->stack + STACK_SIZE, CLONE_VM | CLONE_FILES | CLONE_PIDFD | SIGCHLD,
		    NULL, &life.pidfd);
	if (pid < 0) {
		find_wrong("no child");
		return pid;
	}
	pthread_mutex_lock(&reuse->lock);
	if (reuse->before.number)
		close(reuse->before.pidfd);
	reuse->before = reuse->now;
	reuse->now = life;
	pthread_cond_signal(&reuse->changed);
	pthread_mutex_unlock(&reuse->lock);
	return pid;
}

static void end_life(pid_t pid, int number, int go)
{
	__atomic_store_n(&reuse->ending, number + 1, __ATOMIC_SEQ_CST);
	if (write(go, "", 1) != 1 || waitpid(pid, NULL, 0) != pid)
		find_wrong("no end");
	__atomic_store_n(&reuse->reaped, number + 1, __ATOMIC_SEQ_CST);
}

static void live_often(int first, int end, int go)
{
	pid_t pid, last = 0;
	int i;

	for (i = first; i < end && !reuse->wrong; i++) {
		pid = begin_life(i);
		if (pid < 0)
			return;
		reuse->reused += pid == last;
		last = pid;
		look_at(&reuse->sk, &reuse->now);
		if (i > 1)
			look_at(&reuse->sk, &reuse->before);
		end_life(pid, i, go);
	}
}

/* As few as there can be, by their end, or 0; it belongs to the namespace alone. */
static int leave_few_ids(void)
{
	int fd = open("/proc/sys/kernel/pid_max", O_WRONLY | O_CLOEXEC), max;
	char text[16];
	ssize_t len;

	for (max = 301; max <= 4096; max++) {
		len = snprintf(text, sizeof(text), "%d", max);
		if (pwrite(fd, text, len, 0) == len) {
			close(fd);
			return max;
		}
	}
	close(fd);
	return 0;
}

static void *stay_on(void *arg)
{
	while (1)
		pause();
	return arg;
}

/* Those below are kept for the system, once they have been used up. */
#define FIRST_ID	300

static void reuse_ids(void)
{
	struct ts_sock sk;
	pthread_t handle;
	int fd[2], max;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	max = getpid() == 1 ? leave_few_ids() : 0;
	if (!max)
		_exit(UNABLE);
	if (pipe2(fd, O_CLOEXEC) || ts_open(&reuse->sk) || ts_open(&sk))
		_exit(1);
	reuse->go = fd[0];
	pthread_mutex_init(&reuse->lock, NULL);
	pthread_cond_init(&reuse->changed, NULL);
	if (pthread_create(&handle, NULL, look_on, &sk))
		_exit(1);
	live_often(1, FIRST_ID + 1, fd[1]);
	/* The end is higher where there are many CPUs: threads take all ids but one. */
	if (!ts_start_threads(max - FIRST_ID - 1, stay_on))
		_exit(UNABLE);
	live_often(FIRST_ID + 1, FIRST_ID + 1 + ts_setting("TASKSTATS_PIDFD_REUSES", 2000), fd[1]);
	pthread_mutex_lock(&reuse->lock);
	reuse->stop = true;
	pthread_cond_signal(&reuse->changed);
	pthread_mutex_unlock(&reuse->lock);
	pthread_join(handle, NULL);
	_exit(0);
}

static pid_t start_reuse(void)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (unshare(CLONE_NEWPID))
		_exit(UNABLE);
	pid = fork();
	if (pid == 0)
		reuse_ids();
	_exit(status_of(pid));
}

TEST_F_TIMEOUT(pidfd, never_means_who_has_the_id_next, 7200)
{
	int status;

	reuse = mmap(NULL, sizeof(*reuse), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		     -1, 0);
	ASSERT_NE(MAP_FAILED, reuse);
	status = status_of(start_reuse());
	if (status == UNABLE)
		SKIP(return, "no PID namespace with an end of its ids");
	EXPECT_EQ(0, status);
	EXPECT_EQ(NULL, reuse->wrong) {
		TH_LOG("%s", reuse->wrong);
	}
	EXPECT_LT(0, reuse->reused);
	TH_LOG("%d ids reused, %d answers, %d times ESRCH", reuse->reused, reuse->answers,
	       reuse->absent);
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "--park"))
		return report_and_park(atoi(argv[2]));
	return test_harness_run(argc, argv);
}
