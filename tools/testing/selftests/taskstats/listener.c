// SPDX-License-Identifier: GPL-2.0
/*
 * Who gets exit records: the socket that has registered for them, where that is
 * and as long as it lives, and nobody who has got hold of its port id. Who loses
 * one for want of memory is told, and goes on.
 *
 * TASKSTATS_PORT_REUSES=100000 fights for a port id that often.
 */
#include <limits.h>
#include <sys/mman.h>

#include "kselftest_harness.h"
#include "account.h"
#include "fault.h"
#include "fd.h"
#include "taskstats.h"

#define NOBODY		65534
#define SOME_PORT	0x7a5c5a1
#define PORT_REUSES	160
#define PORTS		16	/* that are fought for in a round */
#define NATTACKERS	2
#define NCYCLES		3
#define NO_PROGRAM	254

/* A socket with a port id of our choice. */
static int open_at(struct ts_sock *sk, int family, __u32 port)
{
	*sk = (struct ts_sock){ .nl = nl_socket_alloc(), .family = family, .seq = 1 };
	if (!sk->nl)
		return -ENOMEM;
	nl_socket_set_local_port(sk->nl, port);
	if (nl_connect(sk->nl, NETLINK_GENERIC)) {
		ts_close(sk);
		return -EADDRINUSE;
	}
	return 0;
}

/* How many datagrams wait on a socket, as an exit status. */
static int count_datagrams(int fd)
{
	char buf[8192];
	int n = 0;

	while (n < 100 && recv(fd, buf, sizeof(buf), MSG_DONTWAIT) >= 0)
		n++;
	return n;
}

static int open_unbound(void)
{
	return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
}

/* False if somebody else has the port id; then @fd may try again. */
static bool bind_port(int fd, __u32 port)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK, .nl_pid = port };

	return !bind(fd, (struct sockaddr *)&addr, sizeof(addr));
}

static void attack(__u32 port, int ready, int go)
{
	__u64 start = ts_clock_ns(CLOCK_MONOTONIC);
	int fd;

	if (setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY))
		_exit(200);
	fd = open_unbound();
	while (!bind_port(fd, port)) {
		if (!ts_poll_again(start))
			_exit(201);
	}
	ts_child_park(ready, go);
	_exit(count_datagrams(fd));
}

/* On return it has the port id. */
static int start_attacker(struct ts_child *child, __u32 port)
{
	int ready[2], go[2];
	char c;

	*child = (struct ts_child){ .pid = -1 };
	if (pipe2(ready, O_CLOEXEC) || pipe2(go, O_CLOEXEC))
		return -errno;
	child->pid = fork();
	if (child->pid == 0) {
		close(ready[0]);
		close(go[1]);
		attack(port, ready[1], go[0]);
	}
	close(ready[1]);
	close(go[0]);
	child->ready = ready[0];
	child->go = go[1];
	return child->pid > 0 && read(child->ready, &c, 1) == 1 ? 0 : -EPIPE;
}

/* How many datagrams come to somebody who binds @port while two threads exit. */
static int stolen_from(__u32 port, int cpu)
{
	struct ts_child child;
	int status, i;

	if (start_attacker(&child, port))
		return -1;
	for (i = 0; i < 2; i++) {
		if (ts_thread_exit_on(cpu) < 0)
			return -1;
	}
	status = ts_child_end(&child);
	return WIFEXITED(status) && WEXITSTATUS(status) < 200 ? WEXITSTATUS(status) : -1;
}

FIXTURE(listener)
{
	int cpu[2];
	int ncpus;
};

FIXTURE_SETUP(listener)
{
	const char *lacks = ts_lacks();

	if (lacks)
		SKIP(return, "%s", lacks);
	self->ncpus = ts_cpus(self->cpu, 2);
	ASSERT_GE(self->ncpus, 1);
}

FIXTURE_TEARDOWN(listener)
{
}

TEST_F(listener, port_of_a_closed_socket_gets_nobody_its_records)
{
	struct ts_sock sk;
	__u32 port;

	ASSERT_EQ(0, ts_open(&sk));
	ASSERT_EQ(0, ts_listen_cpu(&sk, self->cpu[0]));
	port = ts_port(&sk);
	ts_close(&sk);
	EXPECT_EQ(0, stolen_from(port, self->cpu[0]));
}

/* A process that listens, tells its port id, and then ends its socket somehow. */
static pid_t start_listener(int cpu, void (*then)(void), __u32 *port)
{
	int fd[2];
	pid_t pid;

	if (pipe2(fd, O_CLOEXEC))
		return -1;
	pid = fork();
	if (pid == 0) {
		struct ts_sock sk;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (ts_open(&sk) || ts_listen_cpu(&sk, cpu) ||
		    fcntl(ts_fd(&sk), F_SETFD, FD_CLOEXEC))
			_exit(1);
		*port = ts_port(&sk);
		if (write(fd[1], port, sizeof(*port)) != sizeof(*port))
			_exit(1);
		then();
		_exit(1);
	}
	close(fd[1]);
	if (pid > 0 && read(fd[0], port, sizeof(*port)) != sizeof(*port))
		pid = -1;
	close(fd[0]);
	return pid;
}

static void pause_forever(void)
{
	while (1)
		pause();
}

static void execute_sleep(void)
{
	execlp("sleep", "sleep", "1000", (char *)NULL);
	_exit(NO_PROGRAM);
}

TEST_F(listener, port_of_an_executed_program_gets_nobody_its_records)
{
	int status, stolen;
	__u32 port;
	pid_t pid;

	pid = start_listener(self->cpu[0], execute_sleep, &port);
	ASSERT_GT(pid, 0);
	/* The attacker gets hold of it when exec has closed the socket. */
	stolen = stolen_from(port, self->cpu[0]);
	kill(pid, SIGKILL);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	if (status == NO_PROGRAM << 8)
		SKIP(return, "no sleep to execute");
	EXPECT_EQ(0, stolen);
	/* It was there all the time. */
	EXPECT_TRUE(WIFSIGNALED(status));
}

TEST_F(listener, port_of_a_killed_process_gets_nobody_its_records)
{
	__u32 port;
	pid_t pid;

	pid = start_listener(self->cpu[0], pause_forever, &port);
	ASSERT_GT(pid, 0);
	kill(pid, SIGKILL);
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));
	EXPECT_EQ(0, stolen_from(port, self->cpu[0]));
}

/* Gets a socket from its parent, and tells how many records came to it. */
static void hold_fd(int from, int ready, int go)
{
	int fd = ts_recv_fd(from);

	if (fd < 0)
		_exit(250);
	ts_child_park(ready, go);
	_exit(count_datagrams(fd));
}

static int start_holder(struct ts_child *child, int pair[2])
{
	int ready[2], go[2];

	*child = (struct ts_child){ .pid = -1 };
	if (pipe2(ready, O_CLOEXEC) || pipe2(go, O_CLOEXEC) ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return -errno;
	child->pid = fork();
	if (child->pid == 0) {
		close(pair[0]);
		close(ready[0]);
		close(go[1]);
		hold_fd(pair[1], ready[1], go[0]);
	}
	close(pair[1]);
	close(ready[1]);
	close(go[0]);
	child->ready = ready[0];
	child->go = go[1];
	return child->pid > 0 ? 0 : -ECHILD;
}

TEST_F(listener, passed_socket_listens_on_until_its_last_copy_is_closed)
{
	struct ts_child holder;
	int pair[2], status;
	struct ts_sock sk;
	__u32 port;
	char c;

	/* Before there is a socket of which it would have a copy. */
	ASSERT_EQ(0, start_holder(&holder, pair));
	ASSERT_EQ(0, ts_open(&sk));
	ASSERT_EQ(0, ts_listen_cpu(&sk, self->cpu[0]));
	port = ts_port(&sk);
	ASSERT_EQ(0, ts_send_fd(pair[0], ts_fd(&sk)));
	close(pair[0]);
	ASSERT_EQ(1, read(holder.ready, &c, 1));
	ts_close(&sk);

	/* Nobody else's exits make it less. */
	ASSERT_GT(ts_thread_exit_on(self->cpu[0]), 0);
	status = ts_child_end(&holder);
	ASSERT_TRUE(WIFEXITED(status));
	EXPECT_GE(WEXITSTATUS(status), 1);
	EXPECT_LE(WEXITSTATUS(status), 100);
	EXPECT_EQ(0, stolen_from(port, self->cpu[0]));
}

/*
 * Two who are after port ids, and a thread after the other. Several are fought for
 * in a round, one by one, and whoever gets them waits for exits only once.
 */
static struct fight {
	__u32 port;		/* the first; of its own, beside another such fight */
	unsigned int stop;
	unsigned int round;
	unsigned int exits;
	unsigned int wanted;	/* exits; more would only take the others' time */
	unsigned int refused;	/* times that an attacker came to the next port id */
	unsigned int taken[PORTS];	/* in this round, by an attacker */
	unsigned int done;	/* attackers that have had their share */
	unsigned int bound;
	unsigned int stolen;
} *fight;

/*
 * Who yields gives a whole slice away, milliseconds of it. Of the least length,
 * which those that it starts inherit, they take turns ten times as often.
 */
static void take_short_turns(void)
{
	/* struct sched_attr, which libc and the kernel define both, or neither. */
	const struct {
		__u32 size, policy;
		__u64 flags;
		__s32 nice;
		__u32 priority;
		__u64 runtime, deadline, period;
	} attr = {
		.size = sizeof(attr),
		.policy = SCHED_OTHER,
		.nice = getpriority(PRIO_PROCESS, 0),
		.runtime = 100000,
	};

	syscall(__NR_sched_setattr, 0, &attr, 0);
}

static unsigned int look(unsigned int *what)
{
	return __atomic_load_n(what, __ATOMIC_SEQ_CST);
}

static void count(unsigned int *what)
{
	__atomic_add_fetch(what, 1, __ATOMIC_SEQ_CST);
	syscall(__NR_futex, what, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

/* True if it has changed in time. */
static bool wait_for_more(unsigned int *what, unsigned int before, unsigned int more)
{
	const struct timespec wait = { .tv_nsec = 100000000 };
	__u64 start = ts_clock_ns(CLOCK_MONOTONIC);
	unsigned int now;

	while ((now = look(what)) - before < more && !look(&fight->stop)) {
		if (ts_clock_ns(CLOCK_MONOTONIC) - start > TS_TIMEOUT_MS * 1000000ULL)
			return false;
		syscall(__NR_futex, what, FUTEX_WAIT, now, &wait, NULL, 0);
	}
	return true;
}

/* Has some threads end from now on, and waits for the first so many of them. */
static bool see_exits(unsigned int more, unsigned int first)
{
	unsigned int exits = look(&fight->exits), wanted = look(&fight->wanted);

	while ((int)(exits + more - wanted) > 0 &&
	       !__atomic_compare_exchange_n(&fight->wanted, &wanted, exits + more, false,
					    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		;
	syscall(__NR_futex, &fight->wanted, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
	return wait_for_more(&fight->exits, exits, first);
}

/* True if it is this one's now: it tries until somebody has it who should not. */
static bool fight_for(int fd, int i)
{
	bool first = true;

	while (!bind_port(fd, fight->port + i)) {
		if (look(&fight->taken[i]) || look(&fight->stop))
			return false;
		if (first)
			count(&fight->refused);
		first = false;
		sched_yield();
	}
	count(&fight->taken[i]);
	count(&fight->bound);
	return true;
}

static void run_attacker(void)
{
	unsigned int round = 0;
	int fd[PORTS], i;
	bool has[PORTS];

	if (setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY) ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL))
		_exit(1);
	for (i = 0; i < PORTS; i++)
		fd[i] = open_unbound();
	while (wait_for_more(&fight->round, round++, 1) && !look(&fight->stop)) {
		for (i = 0; i < PORTS; i++)
			has[i] = fight_for(fd[i], i);
		/* An exit that begins from now on has ended with the second. */
		see_exits(2, 2);
		for (i = 0; i < PORTS; i++) {
			if (!has[i])
				continue;
			if (count_datagrams(fd[i]))
				count(&fight->stolen);
			close(fd[i]);
			fd[i] = open_unbound();
		}
		count(&fight->done);
	}
	_exit(0);
}

static void *end_threads(void *arg)
{
	static struct ts_ender ender;
	unsigned int wanted;

	if (ts_pin(*(int *)arg))
		return NULL;
	while (!look(&fight->stop)) {
		wanted = look(&fight->wanted);
		if (wanted == look(&fight->exits)) {
			wait_for_more(&fight->wanted, wanted, 1);
			continue;
		}
		if (ts_end_some(&ender, 1))
			break;
		count(&fight->exits);
	}
	return NULL;
}

static int listen_at(struct ts_sock *sk, int family, __u32 port, int cpu)
{
	int error = open_at(sk, family, port);

	if (error)
		return error;
	error = ts_listen_cpu(sk, cpu);
	/* It listens, to so many exits that there is no room for the answer. */
	return error == -ENOBUFS ? 0 : error;
}

/* Listens at each port id, and waits until somebody else has had each of them. */
static int fight_once(int family, int cpu)
{
	unsigned int refused = look(&fight->refused), done = look(&fight->done);
	struct ts_sock sk[PORTS];
	int error = 0, i;

	for (i = 0; i < PORTS && !error; i++)
		error = listen_at(&sk[i], family, fight->port + i, cpu);
	if (error)
		return error;
	memset(fight->taken, 0, sizeof(fight->taken));
	count(&fight->round);
	for (i = 0; i < PORTS; i++) {
		/* It is closed when all are after it, and in the midst of exits. */
		if (!wait_for_more(&fight->refused, refused, NATTACKERS * (i + 1)) ||
		    !see_exits(3, 1))
			return -ETIMEDOUT;
		ts_close(&sk[i]);
	}
	return wait_for_more(&fight->done, done, NATTACKERS) ? 0 : -ETIMEDOUT;
}

TEST_F_TIMEOUT(listener, port_fought_for_never_gets_a_stranger_a_record, 36000)
{
	unsigned long n = ts_setting("TASKSTATS_PORT_REUSES", PORT_REUSES), i;
	pid_t pid[NATTACKERS];
	pthread_t thread;
	struct ts_sock sk;
	int family, a;

	ASSERT_EQ(0, ts_open(&sk));
	family = sk.family;
	ts_close(&sk);
	fight = mmap(NULL, sizeof(*fight), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		     -1, 0);
	ASSERT_NE(MAP_FAILED, fight);
	fight->port = SOME_PORT + PORTS * getpid();
	take_short_turns();
	for (a = 0; a < NATTACKERS; a++) {
		pid[a] = fork();
		ASSERT_GE(pid[a], 0);
		if (pid[a] == 0)
			run_attacker();
	}
	ASSERT_EQ(0, pthread_create(&thread, NULL, end_threads, &self->cpu[0]));

	for (i = 0; i < n && !look(&fight->stolen); i += PORTS)
		ASSERT_EQ(0, fight_once(family, self->cpu[0]));
	__atomic_store_n(&fight->stop, 1, __ATOMIC_SEQ_CST);
	pthread_join(thread, NULL);
	for (a = 0; a < NATTACKERS; a++)
		EXPECT_EQ(pid[a], waitpid(pid[a], NULL, 0));
	EXPECT_EQ(0U, fight->stolen);
	EXPECT_GE(fight->bound, i);
	TH_LOG("%lu reuses, bound by others %u times, %u threads", i, fight->bound, fight->exits);
}

/* Network namespaces: the listener's is of no account. */

static int enter_new_net(void)
{
	int old = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	if (old >= 0 && unshare(CLONE_NEWNET)) {
		close(old);
		return -1;
	}
	return old;
}

TEST_F(listener, in_another_network_namespace_gets_the_records)
{
	struct ts_sock sk, stranger;
	int net;
	pid_t tid;

	net = enter_new_net();
	if (net < 0)
		SKIP(return, "no network namespaces");
	ASSERT_EQ(0, ts_open(&sk));
	ASSERT_EQ(0, ts_listen_cpu(&sk, self->cpu[0]));
	ASSERT_EQ(0, setns(net, CLONE_NEWNET));
	close(net);
	ASSERT_EQ(0, open_at(&stranger, sk.family, ts_port(&sk)));

	tid = ts_thread_exit_on(self->cpu[0]);
	ASSERT_GT(tid, 0);
	EXPECT_EQ(1, ts_count_exits(&sk, tid));
	EXPECT_TRUE(ts_nothing_more(&stranger));
	EXPECT_EQ(0, ts_unlisten_cpu(&sk, self->cpu[0]));
	tid = ts_thread_exit_on(self->cpu[0]);
	EXPECT_EQ(0, ts_count_exits(&sk, tid));
	ts_close(&stranger);
	ts_close(&sk);
}

TEST_F(listener, of_same_port_in_two_network_namespaces_each_gets_its_records)
{
	struct ts_sock sk, other;
	pid_t tid;
	int net;

	ASSERT_EQ(0, ts_open(&sk));
	net = enter_new_net();
	if (net < 0)
		SKIP(return, "no network namespaces");
	ASSERT_EQ(0, open_at(&other, sk.family, ts_port(&sk)));
	ASSERT_EQ(0, ts_listen_cpu(&sk, self->cpu[0]));
	ASSERT_EQ(0, ts_listen_cpu(&other, self->cpu[0]));
	tid = ts_thread_exit_on(self->cpu[0]);
	ASSERT_GT(tid, 0);
	EXPECT_EQ(1, ts_count_exits(&sk, tid));
	EXPECT_EQ(1, ts_count_exits(&other, tid));

	ts_close(&sk);
	tid = ts_thread_exit_on(self->cpu[0]);
	ASSERT_GT(tid, 0);
	EXPECT_EQ(1, ts_count_exits(&other, tid));
	ts_close(&other);
	close(net);
}

/* Listens in a network namespace of its own, hands the socket out and is gone. */
static void listen_and_leave(int to, int cpu)
{
	struct ts_sock sk;

	if (unshare(CLONE_NEWNET))
		_exit(100);
	if (ts_open(&sk) || ts_listen_cpu(&sk, cpu) || ts_send_fd(to, ts_fd(&sk)))
		_exit(1);
	_exit(0);
}

TEST_F(listener, lives_as_long_as_its_socket_in_a_namespace_that_all_have_left)
{
	int pair[2], status, fd, i;
	pid_t pid;

	for (i = 0; i < NCYCLES; i++) {
		ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
		pid = fork();
		if (pid == 0)
			listen_and_leave(pair[1], self->cpu[0]);
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		if (status == 100 << 8)
			SKIP(return, "no network namespaces");
		ASSERT_EQ(0, status);
		fd = ts_recv_fd(pair[0]);
		ASSERT_GE(fd, 0);
		close(pair[0]);
		close(pair[1]);

		count_datagrams(fd);
		ASSERT_GT(ts_thread_exit_on(self->cpu[0]), 0);
		EXPECT_GE(count_datagrams(fd), 1);
		/* The namespace goes with it, in the midst of exits. */
		close(fd);
		ASSERT_GT(ts_thread_exit_on(self->cpu[0]), 0);
	}
}

/* A listener that watches what it is told: by numbers, and by errors. */
struct watch {
	struct ts_sock sk;
	__u32 seq;
	bool has_seq;
	int gaps;
	int enobufs;
};

/* How many records of thread @tid came. Takes all that there are. */
static int watch_for(struct watch *watch, pid_t tid)
{
	struct ts_exit rec;
	int error, n = 0;

	while ((error = ts_next_exit(&watch->sk, &rec, 0)) != -EAGAIN) {
		if (error == -ENOBUFS) {
			watch->enobufs++;
			continue;
		}
		if (error)
			return error;
		watch->gaps += watch->has_seq && rec.seq != watch->seq + 1;
		watch->seq = rec.seq;
		watch->has_seq = true;
		n += rec.pid.id == (__u32)tid;
	}
	return n;
}

FIXTURE(shortage)
{
	struct ts_faults faults;
	struct watch watch[2];
	int cpu[2];
	int ncpus;
};

FIXTURE_SETUP(shortage)
{
	const char *lacks = ts_lacks();
	int i;

	if (lacks)
		SKIP(return, "%s", lacks);
	self->ncpus = ts_cpus(self->cpu, 2);
	ASSERT_GE(self->ncpus, 1);
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, ts_open(&self->watch[i].sk));
		ASSERT_EQ(0, ts_listen_cpu(&self->watch[i].sk, self->cpu[0]));
	}
}

FIXTURE_TEARDOWN(shortage)
{
	int i;

	ts_faults_end(&self->faults);
	for (i = 0; i < 2; i++)
		ts_stop_listening(&self->watch[i].sk);
}

struct failing_thread {
	int cpu;
	int n;
	pid_t tid;
};

/* Its exit is all that wants messages. */
static void *end_failing(void *arg)
{
	struct failing_thread *thread = arg;
	int fd = ts_fail_open();

	if (fd >= 0 && !ts_pin(thread->cpu) && ts_fail_nth(fd, thread->n))
		thread->tid = ts_gettid();
	close(fd);
	return NULL;
}

static pid_t exit_failing(int cpu, int n)
{
	struct failing_thread thread = { .cpu = cpu, .n = n, .tid = -1 };
	pthread_t handle;

	if (pthread_create(&handle, NULL, end_failing, &thread) || pthread_join(handle, NULL))
		return -1;
	return thread.tid;
}

/*
 * Has a thread exit that cannot have its @n-th message. How many of the two
 * listeners have lost its record, each of them told of it by now.
 */
static int lose(struct __test_metadata *_metadata, struct watch watch[2], int cpu, int n)
{
	int gaps[2], enobufs[2], got, lost[2], i;
	pid_t tid;

	for (i = 0; i < 2; i++) {
		gaps[i] = watch[i].gaps;
		enobufs[i] = watch[i].enobufs;
	}
	tid = exit_failing(cpu, n);
	EXPECT_GT(tid, 0);
	for (i = 0; i < 2; i++) {
		got = watch_for(&watch[i], tid);
		EXPECT_GE(got, 0);
		lost[i] = !got;
	}
	tid = ts_thread_exit_on(cpu);
	EXPECT_GT(tid, 0);
	for (i = 0; i < 2; i++) {
		/* Lost or not, it is there for the next. */
		EXPECT_EQ(1, watch_for(&watch[i], tid));
		EXPECT_EQ(enobufs[i] + lost[i], watch[i].enobufs);
		EXPECT_EQ(gaps[i] + lost[i], watch[i].gaps);
	}
	return lost[0] + lost[1];
}

TEST_F(shortage, lost_record_is_told_to_who_lost_it_and_to_nobody_else)
{
	const char *lacks;
	pid_t tid;
	int i;

	lacks = ts_faults_begin(&self->faults, TS_SKB_CACHE, "0");
	if (lacks)
		SKIP(return, "%s", lacks);
	/* The numbers begin with this one. */
	tid = ts_thread_exit_on(self->cpu[0]);
	for (i = 0; i < 2; i++)
		ASSERT_EQ(1, watch_for(&self->watch[i], tid));

	/* The record itself, then the copy for one of the two; more there is not. */
	EXPECT_EQ(2, lose(_metadata, self->watch, self->cpu[0], 1));
	EXPECT_EQ(1, lose(_metadata, self->watch, self->cpu[0], 2));
	EXPECT_EQ(0, lose(_metadata, self->watch, self->cpu[0], 3));
}

/* As of an overrun: who has asked not to be told so has the numbers. */
TEST_F(shortage, lost_record_is_no_error_to_who_wants_no_enobufs)
{
	struct watch *watch = &self->watch[0];
	const char *lacks;
	int on = 1, i;
	pid_t tid;

	lacks = ts_faults_begin(&self->faults, TS_SKB_CACHE, "0");
	if (lacks)
		SKIP(return, "%s", lacks);
	ASSERT_EQ(0, setsockopt(ts_fd(&watch->sk), SOL_NETLINK, NETLINK_NO_ENOBUFS, &on,
				sizeof(on)));
	tid = ts_thread_exit_on(self->cpu[0]);
	ASSERT_EQ(1, watch_for(watch, tid));
	for (i = 1; i <= 2; i++) {
		ASSERT_GT(exit_failing(self->cpu[0], 1), 0);
		tid = ts_thread_exit_on(self->cpu[0]);
		EXPECT_EQ(1, watch_for(watch, tid));
		EXPECT_EQ(0, watch->enobufs);
		EXPECT_EQ(i, watch->gaps);
	}
}

/* A request to listen to all CPUs that does not get its @n-th piece of memory. */
static int listen_failing(struct ts_sock *sk, int fd, int n, bool *failed)
{
	struct ts_dgram dgram;
	struct ts_msg msg;
	int error, result = -ENOBUFS;

	ts_msg_init(&msg, sk, TASKSTATS_CMD_GET, NLM_F_ACK);
	ts_msg_put(&msg, TASKSTATS_CMD_ATTR_REGISTER_CPUMASK, "all", 4);
	if (!ts_fail_nth(fd, n))
		return -EIO;
	error = ts_send(sk, &msg);
	*failed = ts_has_failed(fd);
	if (error)
		return error;
	/* Among records; and it is lost itself if the ACK wants the memory. */
	while ((error = ts_recv(sk, &dgram, 0)) != -EAGAIN) {
		if (!error && ts_is_ack(&dgram, &error))
			result = error;
	}
	return result;
}

TEST_F(shortage, failed_registration_leaves_the_earlier_one_in_force)
{
	struct ts_sock *sk = &self->watch[0].sk;
	int fd, n, error, nomem = 0;
	bool failed = true;
	const char *lacks;
	pid_t tid;

	lacks = ts_faults_begin(&self->faults, NULL, "0");
	if (lacks)
		SKIP(return, "%s", lacks);
	fd = ts_fail_open();
	ASSERT_GE(fd, 0);
	for (n = 1; failed; n++) {
		/* A piece for each CPU that there may be, and some. */
		ASSERT_LT(n, 100 + sysconf(_SC_NPROCESSORS_CONF));
		error = listen_failing(sk, fd, n, &failed);
		nomem += error == -ENOMEM;
		tid = ts_thread_exit_on(self->cpu[0]);
		ASSERT_EQ(1, ts_count_exits(sk, tid)) {
			TH_LOG("gone after the failure of piece %d: %s", n, strerror(-error));
		}
		if (self->ncpus < 2)
			continue;
		/* All of them, or none. */
		if (error == -ENOMEM) {
			tid = ts_thread_exit_on(self->cpu[1]);
			EXPECT_EQ(0, ts_count_exits(sk, tid));
		}
		ASSERT_EQ(0, ts_unlisten_cpu(sk, self->cpu[1]));
	}
	/* The last one had all that it wanted. */
	EXPECT_EQ(0, error);
	EXPECT_GT(nomem, 0);
	close(fd);
}

TEST_HARNESS_MAIN
