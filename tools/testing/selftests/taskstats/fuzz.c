// SPDX-License-Identifier: GPL-2.0
/*
 * Messages of all kinds, most of them wrong, in large numbers and from all sides
 * at once: see enum place. Beside those who send them, tasks are born and die;
 * sockets are shared, handed over and closed while they are used. Whatever then
 * comes has to be well-formed, and afterwards the kernel has to do its work as
 * before and to have kept nothing.
 *
 * Each thread that sends has a generator of its own, into which goes nothing but
 * the seed: it says what is sent and done, and in which order.
 *
 *   TASKSTATS_FUZZ_SEED=n        that seed only, not those of default_seeds
 *   TASKSTATS_FUZZ_MESSAGES=n    so many messages for each seed
 */
#include <linux/filter.h>
#include <sys/mman.h>
#include <sys/time.h>

#include "kselftest_harness.h"
#include "fault.h"
#include "fd.h"
#include "fuzz.h"
#include "listen.h"
#include "reply.h"

#define MESSAGES	2400
#define FIRST_OF_MORE	1000	/* seed */
#define MORE_SEEDS	50
#define NTHREADS	2		/* that send, of each place */
#define NSLOTS		4
#define NOBODY		65534
#define LISTENERS_MAX	1024		/* in a PID namespace */
#define SIGNAL_US	50000
#define BIRTH_US	30000

static const unsigned long default_seeds[] = { 1, 2, 3 };

/* Who sends. */
enum place {
	ROOT,
	USER,		/* without privilege */
	CONTAINER,	/* root of user, PID and network namespaces of its own */
	BELOW,		/* privileged, in a PID and a network namespace below */
	NPLACES
};

static struct shared {
	struct ts_replies replies;
	__u64 overruns;
	unsigned int stop[NPLACES];	/* for the tasks beside */
	pid_t victim[NPLACES][TS_NVICTIMS];
	__u64 made;			/* messages of the seed */
	__u64 taken;			/* by the kernel, with those of who is killed */
	__u64 hash;			/* of those of the seed, without ids */
	unsigned int problems;
	char problem[256];		/* the first */
} *shared;

static enum place here;
static int pool[2];			/* sockets on their way to somebody else */

static void count(__u64 *what, __u64 n)
{
	__atomic_fetch_add(what, n, __ATOMIC_RELAXED);
}

static void __printf(1, 2) problem(const char *format, ...)
{
	va_list args;

	if (__atomic_fetch_add(&shared->problems, 1, __ATOMIC_RELAXED))
		return;
	va_start(args, format);
	vsnprintf(shared->problem, sizeof(shared->problem), format, args);
	va_end(args);
}

static void check(const struct ts_big *all)
{
	const struct nlmsghdr *nlh = ts_check(&shared->replies, all);

	if (nlh)
		problem("place %d: type %d seq %#x flags %#x of %d bytes: %d", here,
			nlh->nlmsg_type, nlh->nlmsg_seq, nlh->nlmsg_flags, nlh->nlmsg_len,
			*(const int *)NLMSG_DATA(nlh));
}

/* A buffer that is too small cuts off what comes, and makes dumps small. */
static void read_some(int fd, int times, int size)
{
	struct ts_big all;

	while (times--) {
		all.len = recv(fd, all.buf, size, MSG_DONTWAIT | MSG_TRUNC);
		if (all.len < 0 && errno == ENOBUFS)
			count(&shared->overruns, 1);
		else if (all.len < 0)
			return;
		else if (all.len <= size)
			check(&all);
	}
}

/* Sockets */

/* Closes what is open there, whoever uses it. */
static void place_at(int fd, int at)
{
	if (fd < 0)
		return;
	dup3(fd, at, O_CLOEXEC);
	close(fd);
}

static void open_pidfd(pid_t pid, unsigned int flags, int value)
{
	place_at(syscall(__NR_pidfd_open, pid, flags), TS_VALUE_FD + value);
}

static void open_slot(int slot, unsigned int how)
{
	static const int sizes[] = { 0, 1, 8192, 1 << 20 };
	static const int options[] = { NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_GENERIC);
	struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog filter = { 1, &nothing };
	int i, on = 1, size = sizes[how & 3];

	for (i = 0; i < (int)ARRAY_SIZE(options); i++) {
		if (how & 4 << i)
			setsockopt(fd, SOL_NETLINK, options[i], &on, sizeof(on));
	}
	if ((how & 0xe0) == 0)
		setsockopt(fd, SOL_NETLINK, NETLINK_NO_ENOBUFS, &on, sizeof(on));
	if ((how & 0xf00) == 0)
		setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter));
	if (size)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	place_at(fd, TS_SLOT_FD + slot);
}

/* With an address it does not matter what the opener is capable of. */
static bool send_batch(struct ts_gen *gen, int slot, bool addressed)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	socklen_t len = addressed ? sizeof(kernel) : 0;
	int fd = TS_SLOT_FD + slot;

	ts_put_lives(gen, shared->victim[here]);
	if (fcntl(fd, F_GETFD) < 0)
		open_slot(slot, -1);
	return sendto(fd, gen->buf, gen->len, 0, (struct sockaddr *)&kernel, len) == gen->len;
}

static void batch(struct ts_gen *gen, unsigned int left)
{
	static const int times[] = { 0, 1, 8, 64, 1000, 1000, 1000, 1000 };
	static const int sizes[] = { 16, 900, 4096, 8192 };
	unsigned int n = 1 + ts_below(gen, left < TS_BATCH_MAX ? left : TS_BATCH_MAX);
	int slot = ts_below(gen, NSLOTS), often = times[ts_any(gen, times)];
	int size = ts_one_in(gen, 8) ? sizes[ts_any(gen, sizes)] : 2 * TS_EVENT_MAX;
	bool addressed = ts_one_in(gen, 2);

	n = ts_fuzz_batch(gen, n);
	if (send_batch(gen, slot, addressed))
		count(&shared->taken, n);
	read_some(TS_SLOT_FD + slot, often, size);
}

static void reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* Until it is killed, with whatever it has open and is about to do. */
static void send_until_killed(struct ts_gen *gen)
{
	int slot;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	gen->state = ~gen->state;
	for (slot = 0; slot < NSLOTS; slot++)
		open_slot(slot, ts_draw(gen));
	while (1)
		batch(gen, TS_BATCH_MAX);
}

static void have_one_killed(const struct ts_gen *gen, unsigned int us)
{
	struct ts_gen other = *gen;
	pid_t pid = fork();

	if (!pid)
		send_until_killed(&other);
	if (pid < 0)
		return;
	usleep(us);
	kill(pid, SIGKILL);
	reap(pid);
}

/* What becomes of sockets and who uses them. */
static void do_other(struct ts_gen *gen)
{
	int slot = ts_below(gen, NSLOTS);
	unsigned int how = ts_draw(gen);

	switch (ts_below(gen, 64)) {
	case 0 ... 1:
		have_one_killed(gen, how % 40000);
		break;
	case 2:
		if (how % 8 == 0)
			unshare(CLONE_NEWNET);
		break;
	case 3 ... 7:
		place_at(ts_recv_fd(pool[0]), TS_SLOT_FD + slot);
		break;
	case 8 ... 15:
		ts_send_fd(pool[1], TS_SLOT_FD + slot);
		break;
	case 16 ... 23:
		close(TS_SLOT_FD + slot);
		break;
	default:
		open_slot(slot, how);
	}
}

struct sender {
	pthread_t handle;
	struct ts_gen gen;
	unsigned int messages;
};

static void *send_all(void *arg)
{
	struct sender *sender = arg;
	struct ts_gen *gen = &sender->gen;

	while (gen->n < sender->messages) {
		if (ts_one_in(gen, 6))
			do_other(gen);
		batch(gen, sender->messages - gen->n);
	}
	count(&shared->made, gen->n);
	__atomic_fetch_xor(&shared->hash, gen->hash, __ATOMIC_RELAXED);
	return NULL;
}

/* Tasks that are born and die beside */

static void *end(void *arg)
{
	return arg;
}

static void *execute(void *arg)
{
	execl("/bin/true", "true", (char *)NULL);
	_exit(1);
	return arg;
}

/* A process that ends in one way or another, or waits to be killed. */
static void be_victim(unsigned int how)
{
	pthread_t thread;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (how % 4 == 0)
		_exit(0);
	if (pthread_create(&thread, NULL, how % 16 == 1 ? execute : end, NULL))
		_exit(1);
	if (how % 4 == 2)
		syscall(__NR_exit, 0);
	while (1)
		pause();
}

static void end_victim(int i)
{
	pid_t *pid = &shared->victim[here][i];

	if (*pid > 0) {
		kill(*pid, SIGKILL);
		reap(*pid);
	}
	*pid = 0;
}

static void replace_victim(int i, unsigned int how)
{
	pid_t pid;

	end_victim(i);
	pid = fork();
	if (!pid)
		be_victim(how);
	if (pid < 0)
		return;
	shared->victim[here][i] = pid;
	open_pidfd(pid, how & 64 ? PIDFD_THREAD : 0, TS_FD_VICTIM + i);
}

static void *live_and_die(void *arg)
{
	unsigned int *stop = arg, n;
	pthread_t thread;
	int i;

	for (n = 0; !__atomic_load_n(stop, __ATOMIC_ACQUIRE); n++) {
		if (n % 4 == 0)
			replace_victim(n / 4 % TS_NVICTIMS, n / 4 * 5 + n / 64);
		else if (!pthread_create(&thread, NULL, end, NULL))
			pthread_join(thread, NULL);
		usleep(BIRTH_US);
	}
	for (i = 0; i < TS_NVICTIMS; i++)
		end_victim(i);
	return NULL;
}

/* Places */

static void on_signal(int sig)
{
	(void)sig;
}

/* Every so often, or never again. */
static void be_interrupted(int us)
{
	const struct itimerval timer = { .it_interval.tv_usec = us, .it_value.tv_usec = us };
	const struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

static void send_from_here(__u64 seed, unsigned int messages)
{
	static struct sender sender[NTHREADS];
	unsigned int *stop = &shared->stop[here];
	pthread_t beside;
	int i;

	open_pidfd(getpid(), 0, TS_FD_SELF);
	open_pidfd(getpid(), PIDFD_THREAD, TS_FD_SELF_THREAD);
	be_interrupted(SIGNAL_US);
	if (pthread_create(&beside, NULL, live_and_die, stop))
		_exit(10);
	for (i = 0; i < NTHREADS; i++) {
		ts_gen_init(&sender[i].gen, shared->replies.family, seed, here * NTHREADS + i);
		sender[i].messages = messages;
		if (pthread_create(&sender[i].handle, NULL, send_all, &sender[i]))
			_exit(11);
	}
	for (i = 0; i < NTHREADS; i++)
		pthread_join(sender[i].handle, NULL);
	__atomic_store_n(stop, 1, __ATOMIC_RELEASE);
	pthread_join(beside, NULL);
	be_interrupted(0);
	for (i = 0; i < NSLOTS; i++)
		close(TS_SLOT_FD + i);
}

static bool go_there(void)
{
	if (here == ROOT)
		return true;
	if (here == BELOW)
		return !unshare(CLONE_NEWPID | CLONE_NEWNET);
	if (setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY) ||
	    prctl(PR_SET_DUMPABLE, 1))
		return false;
	return here == USER || (!unshare(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET) &&
				ts_write_string("/proc/self/setgroups", "deny") &&
				ts_write_string("/proc/self/uid_map", "0 65534 1") &&
				ts_write_string("/proc/self/gid_map", "0 65534 1"));
}

/* Were a listener left in this PID namespace, the last one would not find room. */
static void fill_namespace(void)
{
	const struct ts_sub sub = { .records = TASKSTATS_RECORDS_THREAD };
	struct ts_sock sk = { .family = shared->replies.family };
	struct ts_dgram answer;
	struct ts_msg msg;
	int i, fd, error;

	ts_sub_msg(&msg, &sk, &sub);
	for (i = 0; i <= LISTENERS_MAX; i++) {
		fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);
		error = send(fd, &msg, msg.nlh.nlmsg_len, 0) < 0 ||
			recv(fd, &answer.buf, sizeof(answer.buf), MSG_DONTWAIT) < 0 ? -errno : 0;
		if (!error)
			ts_is_ack(&answer, &error);
		if (error != (i < LISTENERS_MAX ? 0 : -ENOSPC))
			problem("place %d: listener %d: %s", here, i, strerror(-error));
	}
}

/* How a place tells that it is done, and when all are. */
static int done_pipe[2], go_pipe[2];

static void close_shared(void)
{
	close(pool[0]);
	close(pool[1]);
	close(done_pipe[1]);
}

static void run_place(__u64 seed, unsigned int messages, bool last)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	send_from_here(seed, messages);
	ts_child_report(done_pipe[1]);
	close_shared();
	ts_child_wait(go_pipe[0]);
	if (last && here == CONTAINER)
		fill_namespace();
	_exit(0);
}

/* Its first process, in a PID namespace if that is what it is. */
static pid_t start_place(enum place place, __u64 seed, unsigned int messages, bool last)
{
	pid_t pid = fork();
	int status;

	if (pid)
		return pid;
	here = place;
	close(go_pipe[1]);
	if (!go_there())
		_exit(KSFT_SKIP);
	pid = fork();
	if (!pid)
		run_place(seed, messages, last);
	close_shared();
	_exit(waitpid(pid, &status, 0) == pid && !status ? 0 : 1);
}

/* The test */

static int generic_sockets(void)
{
	char line[256];
	int n = 0, protocol;
	FILE *f = fopen("/proc/net/netlink", "r");

	while (f && fgets(line, sizeof(line), f))
		n += sscanf(line, "%*s %d", &protocol) == 1 && protocol == NETLINK_GENERIC;
	if (f)
		fclose(f);
	return n;
}

/* What is closed last may be closed by a worker of the kernel. */
static bool sockets_are_gone(int before)
{
	__u64 start = ts_clock_ns(CLOCK_MONOTONIC);
	bool gone;

	do {
		gone = generic_sockets() <= before;
	} while (!gone && ts_poll_again(start));
	return gone;
}

static bool knows_itself(void)
{
	struct taskstats stats;
	struct ts_sock sk;
	bool known;

	if (ts_open(&sk))
		return false;
	known = !ts_query_pid(&sk, ts_gettid(), &stats) && stats.ac_pid == (__u32)ts_gettid() &&
		!ts_query_tgid(&sk, getpid(), &stats) && stats.ac_tgid == (__u32)getpid() &&
		ts_nothing_more(&sk);
	ts_close(&sk);
	return known;
}

/* Who begins to listen now hears of an exit, once, and all adds up. */
static bool hears_an_exit(void)
{
	const struct ts_sub sub = { .records = TS_BOTH, .batch = 7 };
	const struct ts_record *rec;
	struct ts_listener listener;
	struct ts_state state;
	bool heard;
	pid_t tid;
	int cpu;

	if (ts_cpus(&cpu, 1) != 1 || ts_listener_open(&listener) ||
	    ts_subscribe(&listener, &sub))
		return false;
	tid = ts_thread_exit_on(cpu);
	heard = !ts_clear(&listener, &state);
	ts_drain(&listener);
	rec = ts_find(&listener, 0, false, tid);
	heard = heard && rec && !ts_find(&listener, rec - listener.rec + 1, false, tid) &&
		!listener.bad && !state.pending && state.lost == listener.gaps &&
		state.delivered == listener.received;
	ts_listener_close(&listener);
	return heard;
}

static void open_values(const struct ts_pen *pen)
{
	int fd;

	place_at(open("/dev/null", O_RDWR | O_CLOEXEC), TS_VALUE_FD + TS_FD_NULL);
	place_at(dup(pen->root), TS_VALUE_FD + TS_FD_CGROUP_ROOT);
	place_at(dup(pen->dir), TS_VALUE_FD + TS_FD_CGROUP);
	fd = openat(pen->dir, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	place_at(fd, TS_VALUE_FD + TS_FD_CGROUP_FILE);
	fd = ts_cgroup_make(pen->dir, "gone");
	ts_cgroup_remove(pen->dir, "gone");
	place_at(fd, TS_VALUE_FD + TS_FD_CGROUP_GONE);
}

static unsigned long number_from(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 0) : otherwise;
}

FIXTURE(fuzz)
{
	struct ts_pen pen;
	unsigned int messages;
	int before;		/* sockets */
};

/* Of all who listen in a namespace, and some. */
#define FILES_MAX	(LISTENERS_MAX + 512)

FIXTURE_SETUP(fuzz)
{
	const char *lacks = ts_lacks();
	struct rlimit limit;
	struct ts_sock sk;

	if (!lacks)
		lacks = ts_pen_enter(&self->pen);
	if (lacks)
		SKIP(return, "%s", lacks);
	ASSERT_EQ(0, getrlimit(RLIMIT_NOFILE, &limit));
	if (limit.rlim_max < FILES_MAX)
		limit.rlim_max = FILES_MAX;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit)) {
		ts_pen_leave(&self->pen);
		SKIP(return, "RLIMIT_NOFILE is below %d", FILES_MAX);
	}
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	ASSERT_NE(MAP_FAILED, shared);
	ASSERT_EQ(0, ts_open(&sk));
	shared->replies.family = sk.family;
	ts_close(&sk);
	self->before = generic_sockets();
	self->messages = number_from("TASKSTATS_FUZZ_MESSAGES", MESSAGES);
	open_values(&self->pen);
}

FIXTURE_TEARDOWN(fuzz)
{
	ts_pen_leave(&self->pen);
}

static void tell(struct __test_metadata *_metadata, unsigned long seed, __u64 start)
{
	const struct ts_replies *replies = &shared->replies;
	char line[1024];
	int i, len = 0;

	for (i = 0; i < TS_NSEEN; i++)
		len += snprintf(line + len, sizeof(line) - len, " %llu %s,", replies->seen[i],
				ts_seen_names[i]);
	len += snprintf(line + len, sizeof(line) - len, " %llu overruns; errors", shared->overruns);
	for (i = 1; i < TS_NERRORS; i++) {
		if (replies->errors[i])
			len += snprintf(line + len, sizeof(line) - len, " %d: %llu", i,
					replies->errors[i]);
	}
	TH_LOG("seed %lu: %llu messages, %llu taken, %llu ms, hash %016llx", seed, shared->made,
	       shared->taken, (ts_clock_ns(CLOCK_MONOTONIC) - start) / 1000000, shared->hash);
	TH_LOG("so far%s", line);
}

/* Lets all of them begin, and end only when all are done. */
static void run_places(unsigned long seed, unsigned int messages, bool last, int *status)
{
	int i, reported = 0;
	pid_t pid[NPLACES];
	char c;

	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pool) ||
	    pipe2(done_pipe, O_CLOEXEC) || pipe2(go_pipe, O_CLOEXEC))
		return;
	for (i = 0; i < NPLACES; i++)
		pid[i] = start_place(i, seed, messages / NPLACES / NTHREADS, last);
	close_shared();
	while (read(done_pipe[0], &c, 1) == 1)
		reported++;
	for (i = 0; i < reported; i++)
		ts_child_report(go_pipe[1]);
	for (i = 0; i < NPLACES; i++)
		waitpid(pid[i], &status[i], 0);
	close(done_pipe[0]);
	close(go_pipe[0]);
	close(go_pipe[1]);
}

static void run(struct __test_metadata *_metadata, const FIXTURE_DATA(fuzz) * self,
		unsigned long seed, bool last)
{
	int i, status[NPLACES] = { -1, -1, -1, -1 };
	__u64 start = ts_clock_ns(CLOCK_MONOTONIC);
	bool absent;

	shared->made = 0;
	shared->taken = 0;
	shared->hash = 0;
	memset(shared->stop, 0, sizeof(shared->stop));
	run_places(seed, self->messages, last, status);
	tell(_metadata, seed, start);
	for (i = 0; i < NPLACES; i++) {
		absent = WIFEXITED(status[i]) && WEXITSTATUS(status[i]) == KSFT_SKIP;
		if (absent)
			TH_LOG("seed %lu: without place %d, which cannot be made here", seed, i);
		EXPECT_TRUE(absent || !status[i]);
	}
	EXPECT_EQ(0U, shared->problems)
		TH_LOG("seed %lu: the first: %s", seed, shared->problem);
	EXPECT_TRUE(sockets_are_gone(self->before));
	EXPECT_TRUE(knows_itself());
	EXPECT_TRUE(hears_an_exit());
}

static bool all_kinds_have_come(void)
{
	int i;

	for (i = 0; i < TS_NSEEN; i++) {
		if (!shared->replies.seen[i])
			return false;
	}
	return true;
}

/* As long as it takes: how much is to be sent is not known here. */
TEST_F_TIMEOUT(fuzz, all_is_as_before, INT_MAX / 1000)
{
	unsigned int i, n = getenv("TASKSTATS_FUZZ_SEED") ? 1 : ARRAY_SIZE(default_seeds);

	for (i = 0; i < n; i++)
		run(_metadata, self, number_from("TASKSTATS_FUZZ_SEED", default_seeds[i]),
		    i == n - 1);
	/* Of few messages nothing need come of some kind. */
	if (n * self->messages < ARRAY_SIZE(default_seeds) * MESSAGES)
		return;
	/* What those of a quick machine do not bring, others do. */
	for (i = 0; i < MORE_SEEDS && !all_kinds_have_come(); i++)
		run(_metadata, self, FIRST_OF_MORE + i, true);
	EXPECT_TRUE(all_kinds_have_come());
}

TEST_F(fuzz, same_seed_same_messages)
{
	static struct ts_gen gen[3];
	unsigned int i, n;

	for (i = 0; i < ARRAY_SIZE(gen); i++) {
		ts_gen_init(&gen[i], shared->replies.family, i / 2, 1);
		for (n = 0; n < 100; n++)
			ts_fuzz_batch(&gen[i], TS_BATCH_MAX);
	}
	ASSERT_EQ(gen[0].hash, gen[1].hash);
	ASSERT_NE(gen[0].hash, gen[2].hash);
}

TEST_HARNESS_MAIN
