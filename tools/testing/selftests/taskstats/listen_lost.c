// SPDX-License-Identifier: GPL-2.0
/*
 * The account of a listener: every exit that matched has been delivered or lost,
 * what was delivered has been received, and what was lost is missing from the
 * sequence. To the last one, whatever went wrong meanwhile.
 *
 * TASKSTATS_EXITS=1000000 has so many threads exit, each time.
 */
#include <linux/filter.h>
#include <sys/mman.h>

#include "kselftest_harness.h"
#include "account.h"
#include "fault.h"
#include "listen.h"

#define EXITS		64
/* More than go into two messages. */
#define WINDOW		60
#define LISTENERS	64
#define LISTENERS_SHARE	4	/* of those exits, as each is told to many */
#define ROOM		1000	/* exits that surely fit into a buffer of each */
#define MOST_ROUNDS	1000	/* for chance to have its way */
#define FIGURES_CACHE	"/sys/kernel/slab/kmalloc-1k/failslab"
/* If there is more than one for that size, with CONFIG_KMALLOC_PARTITION_CACHES. */
#define OTHER_CACHE	"/sys/kernel/slab/kmalloc-part-01-1k"

static unsigned long number_of_exits(void)
{
	return ts_setting("TASKSTATS_EXITS", EXITS);
}

FIXTURE(account)
{
	struct ts_listener listener;
	struct ts_faults faults;
	struct ts_pen pen;
	struct ts_sub sub;
	int cpu[2];
	int ncpus;
};

FIXTURE_VARIANT(account)
{
	__u32 batch;
	__u32 wait_ms;
};

FIXTURE_VARIANT_ADD(account, single)
{
	.batch = 1,
	.wait_ms = TS_LONG_MS,
};

FIXTURE_VARIANT_ADD(account, batched)
{
	.batch = 8,
	.wait_ms = TS_LONG_MS,
};

FIXTURE_VARIANT_ADD(account, timed)
{
	.batch = 1024,
	.wait_ms = 20,
};

FIXTURE_SETUP(account)
{
	const char *lacks = ts_lacks();

	if (lacks)
		SKIP(return, "%s", lacks);
	lacks = ts_pen_enter(&self->pen);
	if (lacks)
		SKIP(return, "%s", lacks);
	self->ncpus = ts_cpus(self->cpu, 2);
	ASSERT_GE(self->ncpus, 1);
	self->sub = (struct ts_sub) {
		.records = TASKSTATS_RECORDS_THREAD,
		.cgroup_fd = self->pen.dir,
		.batch = variant->batch,
		.wait_ms = variant->wait_ms,
	};
	ASSERT_EQ(0, ts_listener_open(&self->listener));
	self->listener.forget = true;
	ASSERT_EQ(0, ts_subscribe(&self->listener, &self->sub));
}

/*
 * In the parent, so that a test that dies leaves no fault behind; its listener
 * dies with it.
 */
FIXTURE_TEARDOWN_PARENT(account)
{
	ts_faults_end(&self->faults);
	ts_pen_remove(&self->pen);
}

/* All exit, on all of @cpu, and are read of in time. Returns 0 or an error. */
static int exit_and_read(struct ts_listener *listener, const int *cpu, int ncpus, int how,
			 __u64 *exits)
{
	struct ts_enders enders;
	struct ts_big msg;
	int error;

	error = ts_enders_start(&enders, cpu, ncpus, number_of_exits(), how);
	if (error)
		return error;
	while (ts_enders_run(&enders))
		ts_read(listener, &msg, 10);
	return ts_enders_join(&enders, exits);
}

/* A reader in time: nothing is lost. */
TEST_F_TIMEOUT(account, of_a_roomy_buffer_has_no_loss, 36000)
{
	struct ts_balance balance;
	__u64 exits = 0;

	ASSERT_EQ(0, exit_and_read(&self->listener, self->cpu, self->ncpus, 0, &exits));
	ts_balance_take(&self->listener, &self->sub, self->cpu[0], &balance);
	ts_balance_expect(_metadata, &balance, exits);
	EXPECT_EQ(0ULL, balance.state.lost);
	EXPECT_EQ(0, balance.enobufs);
}

static bool least_buffer(struct ts_listener *listener)
{
	int rcvbuf = 1;

	return !setsockopt(ts_fd(&listener->sk), SOL_SOCKET, SO_RCVBUF, &rcvbuf, sizeof(rcvbuf));
}

/* It sleeps until there is too much for the buffer, then reads all, and again. */
TEST_F_TIMEOUT(account, of_the_least_buffer_has_all_overruns, 36000)
{
	struct ts_balance balance;
	unsigned long next = WINDOW;
	struct ts_enders enders;
	__u64 exits = 0;

	ASSERT_TRUE(least_buffer(&self->listener));
	ASSERT_EQ(0, ts_enders_start(&enders, self->cpu, self->ncpus, number_of_exits(), 0));
	while (ts_enders_run(&enders)) {
		if (ts_ended(&enders) >= next) {
			ts_drain(&self->listener);
			next = ts_ended(&enders) + WINDOW;
		}
		poll(NULL, 0, 1);
	}
	ASSERT_EQ(0, ts_enders_join(&enders, &exits));
	ts_balance_take(&self->listener, &self->sub, self->cpu[0], &balance);
	ts_balance_expect(_metadata, &balance, exits);
	EXPECT_GT(balance.state.lost, 0ULL);
	EXPECT_EQ(balance.state.lost, balance.state.lost_overrun);
	EXPECT_GT(balance.enobufs, 0);
}

/* By chance there is memory for all of few exits, or for none: until both were seen. */
static void run_with_faults(struct __test_metadata *_metadata, struct ts_listener *listener,
			    struct ts_listener *others, int n, const struct ts_sub *sub,
			    const int *cpu, int ncpus, struct ts_faults *faults)
{
	struct ts_balance balance;
	struct ts_enders enders;
	struct ts_state state;
	struct ts_big msg;
	__u64 exits = 0;
	int rounds = 0;
	int i;

	do {
		ASSERT_EQ(0, ts_enders_start(&enders, cpu, ncpus, number_of_exits(), TS_MAY_FAIL));
		while (ts_enders_run(&enders)) {
			ts_read(listener, &msg, 10);
			for (i = 0; i < n; i++)
				ts_drain(&others[i]);
		}
		ASSERT_EQ(0, ts_enders_join(&enders, &exits));
		ASSERT_EQ(0, ts_ask(listener, &state));
	} while (!(state.delivered && state.lost) && ++rounds < MOST_ROUNDS);
	ts_faults_end(faults);
	ts_balance_take(listener, sub, cpu[0], &balance);
	ts_balance_expect(_metadata, &balance, exits);
	EXPECT_GT(balance.state.lost, 0ULL);
	EXPECT_GT(balance.received, 0ULL);
	EXPECT_EQ(balance.state.lost, balance.state.lost_nomem);
	EXPECT_GT(balance.enobufs, 0);
}

TEST_F_TIMEOUT(account, has_what_there_was_no_message_for, 36000)
{
	const char *lacks = ts_faults_begin(&self->faults, TS_SKB_CACHE, "90");

	if (lacks)
		SKIP(return, "%s", lacks);
	run_with_faults(_metadata, &self->listener, NULL, 0, &self->sub, self->cpu, self->ncpus,
			&self->faults);
}

/*
 * Of any kind, and for anything, threads that are to end included. There are some
 * who have registered, too, and who are told by a clone.
 */
TEST_F_TIMEOUT(account, has_whatever_there_was_no_memory_for, 36000)
{
	struct ts_listener old[2];
	struct ts_state state;
	const char *lacks;
	__u64 start;
	int i;

	ASSERT_EQ(0, ts_clear(&self->listener, NULL));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, ts_listener_open(&old[i]));
		ASSERT_EQ(0, ts_listen_cpu(&old[i].sk, self->cpu[0]));
	}
	/* The first of all that those are told, as the last one below, cannot be lost. */
	ASSERT_LT(0, ts_thread_exit_on(self->cpu[0]));
	ASSERT_EQ(0, ts_subscribe(&self->listener, &self->sub));
	lacks = ts_faults_begin(&self->faults, NULL, "20");
	if (lacks)
		SKIP(return, "%s", lacks);
	ts_faults_add_pages(&self->faults, "20");
	run_with_faults(_metadata, &self->listener, old, 2, &self->sub, self->cpu, self->ncpus,
			&self->faults);
	ASSERT_LT(0, ts_thread_exit_on(self->cpu[0]));
	for (i = 0; i < 2; i++) {
		/* Others may exit, too: until nobody has, between the two looks. */
		start = ts_clock_ns(CLOCK_MONOTONIC);
		do {
			ts_drain(&old[i]);
			ASSERT_EQ(0, ts_ask(&old[i], &state));
		} while (state.delivered != old[i].old && ts_poll_again(start));
		EXPECT_EQ(state.delivered, old[i].old);
		EXPECT_GT(state.delivered, 0ULL);
		EXPECT_EQ(state.delivered + state.lost, ts_old_told(&old[i]));
		EXPECT_GE(state.delivered + state.lost, number_of_exits() / self->ncpus + 2);
		EXPECT_GT(state.lost_nomem, 0ULL);
		EXPECT_EQ(state.lost, state.lost_nomem + state.lost_overrun);
		ts_listener_close(&old[i]);
	}
}

/* What several are told of is filled in once, or by each if there is no memory. */
TEST_F_TIMEOUT(account, lacks_nothing_for_want_of_memory_to_fill_in_once, 36000)
{
	struct ts_balance balance;
	struct ts_listener other;
	struct ts_enders enders;
	struct ts_big msg;
	const char *lacks;
	__u64 exits = 0;

	if (!access(OTHER_CACHE, F_OK))
		SKIP(return, "kmalloc() has several caches to choose from");
	ASSERT_EQ(0, ts_listener_open(&other));
	other.forget = true;
	ASSERT_EQ(0, ts_subscribe(&other, &self->sub));
	lacks = ts_faults_begin(&self->faults, FIGURES_CACHE, "40");
	if (lacks)
		SKIP(return, "%s", lacks);
	ASSERT_EQ(0, ts_enders_start(&enders, self->cpu, self->ncpus, number_of_exits(),
				     TS_MAY_FAIL));
	while (ts_enders_run(&enders)) {
		ts_read(&self->listener, &msg, 10);
		ts_drain(&other);
	}
	ASSERT_EQ(0, ts_enders_join(&enders, &exits));
	EXPECT_GT(ts_faults_made(TS_FAILSLAB "times"), 0);
	ts_faults_end(&self->faults);
	ts_balance_take(&self->listener, &self->sub, self->cpu[0], &balance);
	ts_balance_expect(_metadata, &balance, exits);
	EXPECT_EQ(0ULL, balance.state.lost);
	/* That last one too. */
	ts_balance_take(&other, &self->sub, self->cpu[0], &balance);
	ts_balance_expect(_metadata, &balance, exits + 1);
	EXPECT_EQ(0ULL, balance.state.lost);
	ts_listener_close(&other);
}

/* There is no message for many: they go in those for one. */
TEST_F_TIMEOUT(account, lacks_nothing_for_want_of_pages_for_a_batch, 36000)
{
	const char *lacks = ts_faults_begin(&self->faults, NULL, "0");
	struct ts_balance balance;
	__u64 exits = 0;

	if (!lacks)
		lacks = ts_faults_add_pages(&self->faults, "100");
	if (!lacks && sysconf(_SC_PAGESIZE) > 4096)
		lacks = "no message of more than two pages";
	if (lacks)
		SKIP(return, "%s", lacks);
	self->sub.batch = 32;
	ASSERT_EQ(0, ts_subscribe(&self->listener, &self->sub));
	ASSERT_EQ(0, exit_and_read(&self->listener, self->cpu, self->ncpus, TS_MAY_FAIL, &exits));
	EXPECT_GT(ts_faults_made(TS_FAIL_PAGES "times"), 0);
	ts_faults_end(&self->faults);
	ts_balance_take(&self->listener, &self->sub, self->cpu[0], &balance);
	ts_balance_expect(_metadata, &balance, exits);
	EXPECT_EQ(0ULL, balance.state.lost);
	EXPECT_LT(self->listener.longest, 4096);
}

/* Lets every other eight numbers pass, and all that is not about exits. */
static bool attach_filter(struct ts_listener *listener)
{
	const int one = 1, low_byte = *(const char *)&one ? 0 : 7;
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, NLMSG_HDRLEN),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TASKSTATS_CMD_EXIT, 0, 2),
		/* From where the link layer's header is, as some filters count. */
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS,
			 SKF_LL_OFF + TS_HDRLEN + NLA_HDRLEN + low_byte),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 8, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog prog = { .len = ARRAY_SIZE(code), .filter = code };

	return !setsockopt(ts_fd(&listener->sk), SOL_SOCKET, SO_ATTACH_FILTER, &prog,
			   sizeof(prog));
}

TEST_F_TIMEOUT(account, has_what_its_filter_refused, 36000)
{
	struct ts_balance balance;
	__u64 exits = 0;

	/* Messages of the same numbers each time. */
	self->sub.wait_ms = TS_LONG_MS;
	ASSERT_EQ(0, ts_subscribe(&self->listener, &self->sub));
	ASSERT_TRUE(attach_filter(&self->listener));
	ASSERT_EQ(0, exit_and_read(&self->listener, self->cpu, self->ncpus, 0, &exits));
	ASSERT_EQ(0, setsockopt(ts_fd(&self->listener.sk), SOL_SOCKET, SO_DETACH_FILTER, &exits,
				sizeof(int)));
	ts_balance_take(&self->listener, &self->sub, self->cpu[0], &balance);
	ts_balance_expect(_metadata, &balance, exits);
	EXPECT_GT(balance.state.lost, 0ULL);
	EXPECT_EQ(balance.state.lost, balance.state.lost_filter);
	EXPECT_GT(balance.received, 0ULL);
	EXPECT_EQ(0, balance.enobufs);
}

/* A process that reads until it is told to come to an end. */
static struct reader {
	unsigned int done;
	struct ts_balance balance;
} *reader;

static void run_reader(struct ts_listener *listener, const struct ts_sub *sub, int cpu)
{
	struct ts_big msg;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (!__atomic_load_n(&reader->done, __ATOMIC_SEQ_CST))
		ts_read(listener, &msg, 10);
	ts_balance_take(listener, sub, cpu, &reader->balance);
	_exit(0);
}

static bool stop(pid_t pid)
{
	int status;

	return !kill(pid, SIGSTOP) && waitpid(pid, &status, WUNTRACED) == pid &&
	       WIFSTOPPED(status);
}

static void wait_for_more(const struct ts_enders *enders, unsigned long more)
{
	unsigned long before = ts_ended(enders);

	while (ts_enders_run(enders) && ts_ended(enders) - before < more)
		poll(NULL, 0, 1);
}

TEST_F_TIMEOUT(account, of_a_reader_that_is_stopped_has_all_overruns, 36000)
{
	struct ts_enders enders;
	int status = 0;
	__u64 exits = 0;
	pid_t pid;

	reader = mmap(NULL, sizeof(*reader), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	ASSERT_NE(MAP_FAILED, reader);
	ASSERT_TRUE(least_buffer(&self->listener));
	pid = fork();
	ASSERT_GE(pid, 0);
	if (pid == 0)
		run_reader(&self->listener, &self->sub, self->cpu[0]);
	ASSERT_TRUE(stop(pid));
	ASSERT_EQ(0, ts_enders_start(&enders, self->cpu, self->ncpus, number_of_exits(), 0));
	while (ts_enders_run(&enders)) {
		wait_for_more(&enders, WINDOW);
		kill(pid, SIGCONT);
		wait_for_more(&enders, 10);
		ASSERT_TRUE(stop(pid));
	}
	kill(pid, SIGCONT);
	ASSERT_EQ(0, ts_enders_join(&enders, &exits));
	__atomic_store_n(&reader->done, 1, __ATOMIC_SEQ_CST);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_EQ(0, status);
	ts_balance_expect(_metadata, &reader->balance, exits);
	EXPECT_GT(reader->balance.state.lost, 0ULL);
	EXPECT_EQ(reader->balance.state.lost, reader->balance.state.lost_overrun);
}

/* Each exit is judged by the old request or by the new one, and both want it. */
TEST_F_TIMEOUT(account, goes_on_while_its_socket_asks_for_something_else, 36000)
{
	struct ts_sub sub = self->sub;
	struct ts_balance balance;
	struct ts_enders enders;
	char list[32];
	__u64 exits = 0;
	int i;

	ASSERT_EQ(0, ts_enders_start(&enders, self->cpu, 1, number_of_exits(), 0));
	for (i = 0; !i || ts_enders_run(&enders); i++) {
		/* With the other CPU and without it; now smaller batches, now larger ones. */
		snprintf(list, sizeof(list), "%d,%d", self->cpu[0],
			 self->cpu[self->ncpus > 1 && i % 2]);
		sub.cpus = list;
		sub.batch = i % 3 ? variant->batch : 3;
		ASSERT_EQ(0, ts_subscribe(&self->listener, &sub));
		wait_for_more(&enders, 1);
	}
	ASSERT_EQ(0, ts_enders_join(&enders, &exits));
	ts_balance_take(&self->listener, &self->sub, self->cpu[0], &balance);
	ts_balance_expect(_metadata, &balance, exits);
	EXPECT_EQ(0ULL, balance.state.lost);
}

/* Closed with records in their batch, and on their way there. */
TEST_F_TIMEOUT(account, is_nothing_to_those_that_come_and_go, 36000)
{
	struct ts_listener other;
	struct ts_sub sub = self->sub;
	struct ts_balance balance;
	struct ts_enders enders;
	__u64 exits = 0;
	int i;

	ASSERT_EQ(0, ts_enders_start(&enders, self->cpu, self->ncpus, number_of_exits(), 0));
	for (i = 0; !i || ts_enders_run(&enders); i++) {
		ASSERT_EQ(0, ts_listener_open(&other));
		sub.wait_ms = i % 2 ? 1 : TS_LONG_MS;
		ASSERT_EQ(0, ts_subscribe(&other, &sub));
		wait_for_more(&enders, i % 4);
		if (i % 2)
			ts_drain(&other);
		EXPECT_EQ(0, other.bad);
		ts_listener_close(&other);
		ts_drain(&self->listener);
	}
	ASSERT_EQ(0, ts_enders_join(&enders, &exits));
	ts_balance_take(&self->listener, &self->sub, self->cpu[0], &balance);
	ts_balance_expect(_metadata, &balance, exits);
	EXPECT_EQ(0ULL, balance.state.lost);
}

static void listen_too(void *arg)
{
	static struct ts_listener listener;

	if (ts_listener_open(&listener) || ts_subscribe(&listener, arg))
		_exit(1);
}

/* Likewise; and they are exits themselves. */
TEST_F_TIMEOUT(account, is_nothing_to_those_that_are_killed, 36000)
{
	struct ts_sub sub = self->sub;
	unsigned long killed;
	struct ts_balance balance;
	struct ts_enders enders;
	struct ts_child child;
	__u64 exits = 0;
	int status;

	ASSERT_EQ(0, ts_enders_start(&enders, self->cpu, self->ncpus, number_of_exits(), 0));
	for (killed = 0; !killed || ts_enders_run(&enders); killed++) {
		sub.wait_ms = killed % 2 ? 1 : TS_LONG_MS;
		ASSERT_EQ(0, ts_child_start(&child, listen_too, &sub));
		wait_for_more(&enders, killed % 4);
		ASSERT_EQ(0, kill(child.pid, SIGKILL));
		ASSERT_EQ(child.pid, waitpid(child.pid, &status, 0));
		ASSERT_TRUE(WIFSIGNALED(status));
		close(child.ready);
		close(child.go);
		ts_drain(&self->listener);
	}
	ASSERT_EQ(0, ts_enders_join(&enders, &exits));
	exits += killed;
	ts_balance_take(&self->listener, &self->sub, self->cpu[0], &balance);
	ts_balance_expect(_metadata, &balance, exits);
	EXPECT_EQ(0ULL, balance.state.lost);
	EXPECT_GT(killed, 0UL);
}

/* Exits are pinned, so that it is known how many each of them has to hear of. */
FIXTURE(many)
{
	struct ts_listener listener[LISTENERS];
	struct ts_pen pen;
	int cpu[2];
	int ncpus;
};

FIXTURE_SETUP(many)
{
	const char *lacks = ts_lacks();
	int i;

	if (lacks)
		SKIP(return, "%s", lacks);
	self->ncpus = ts_cpus(self->cpu, 2);
	if (self->ncpus < 2)
		SKIP(return, "only one CPU");
	lacks = ts_pen_enter(&self->pen);
	if (lacks)
		SKIP(return, "%s", lacks);
	for (i = 0; i < LISTENERS; i++) {
		ASSERT_EQ(0, ts_listener_open(&self->listener[i]));
		self->listener[i].forget = true;
	}
}

FIXTURE_TEARDOWN(many)
{
	int i;

	for (i = 0; i < LISTENERS; i++)
		ts_listener_close(&self->listener[i]);
	ts_pen_leave(&self->pen);
}

/* The first CPU, the second, both; batches and waits of every kind. */
static void sub_of(struct ts_sub *sub, int i, const int *cpu, char *list, size_t size)
{
	static const __u32 batch[] = { 1, 2, 3, 7, 21, 22, 100, 1024 };
	static const __u32 wait_ms[] = { TS_LONG_MS, 1, 50 };

	if (i % 3 < 2)
		snprintf(list, size, "%d", cpu[i % 3]);
	else
		snprintf(list, size, "%d,%d", cpu[0], cpu[1]);
	sub->cpus = list;
	sub->batch = batch[i % ARRAY_SIZE(batch)];
	sub->wait_ms = wait_ms[i / 8 % ARRAY_SIZE(wait_ms)];
}

TEST_F_TIMEOUT(many, listeners_each_get_all_of_theirs, 36000)
{
	struct ts_sub sub = {
		.records = TASKSTATS_RECORDS_THREAD,
		.cgroup_fd = self->pen.dir,
	};
	unsigned long n = ts_setting("TASKSTATS_EXITS", EXITS / LISTENERS_SHARE), more;
	__u64 exits = 0, expected, matched = 0, received = 0, lost = 0;
	struct ts_balance balance;
	struct ts_enders enders;
	char list[32];
	int i;

	for (i = 0; i < LISTENERS; i++) {
		sub_of(&sub, i, self->cpu, list, sizeof(list));
		ASSERT_EQ(0, ts_subscribe(&self->listener[i], &sub));
	}
	/* One reader does not keep up with so many. */
	for (; n; n -= more) {
		more = n < ROOM ? n : ROOM;
		ASSERT_EQ(0, ts_enders_start(&enders, self->cpu, 2, more, 0));
		while (ts_enders_run(&enders)) {
			for (i = 0; i < LISTENERS; i++)
				ts_drain(&self->listener[i]);
			poll(NULL, 0, 1);
		}
		ASSERT_EQ(0, ts_enders_join(&enders, &exits));
		for (i = 0; i < LISTENERS; i++)
			ts_drain(&self->listener[i]);
	}
	for (i = 0; i < LISTENERS; i++) {
		/* What the others' last records are is not this one's. */
		expected = i % 3 < 2 ? exits / 2 : exits;
		ASSERT_EQ(0, ts_clear(&self->listener[i], &balance.state));
		ts_drain(&self->listener[i]);
		EXPECT_EQ(expected, balance.state.delivered);
		EXPECT_EQ(0ULL, balance.state.lost);
		EXPECT_EQ(expected, self->listener[i].received);
		EXPECT_EQ(0ULL, self->listener[i].gaps);
		EXPECT_EQ(0, self->listener[i].bad);
		received += self->listener[i].received;
		matched += expected;
		lost += balance.state.lost;
	}
	TH_LOG("%llu exits, %llu received, %llu lost, by all that were told of %llu", matched,
	       received, lost, exits);
}

/* The account is kept for who has registered, too. */
FIXTURE(registered)
{
	struct ts_listener listener;
	int cpu[2];
	int ncpus;
};

FIXTURE_SETUP(registered)
{
	const char *lacks = ts_lacks();

	if (lacks)
		SKIP(return, "%s", lacks);
	self->ncpus = ts_cpus(self->cpu, 2);
	ASSERT_GE(self->ncpus, 1);
	ASSERT_EQ(0, ts_listener_open(&self->listener));
	ASSERT_EQ(0, ts_listen_cpu(&self->listener.sk, self->cpu[0]));
}

FIXTURE_TEARDOWN(registered)
{
	ts_listener_close(&self->listener);
}

/* Others may exit at any time: until nobody has, between the two looks. */
TEST_F(registered, listener_has_an_account_that_balances)
{
	__u64 start = ts_clock_ns(CLOCK_MONOTONIC);
	struct ts_state state;
	int i, round;

	ASSERT_TRUE(least_buffer(&self->listener));
	for (round = 0; round < 3; round++) {
		for (i = 0; i < 20; i++)
			ASSERT_GT(ts_thread_exit_on(self->cpu[0]), 0);
		do {
			ts_drain(&self->listener);
			ASSERT_EQ(0, ts_ask(&self->listener, &state));
		} while (state.delivered != self->listener.old && ts_poll_again(start));
		EXPECT_EQ(state.delivered, self->listener.old);
		EXPECT_GE(state.delivered + state.lost, 20ULL * (round + 1));
		EXPECT_EQ(state.lost, state.lost_overrun);
	}
	EXPECT_GT(state.lost, 0ULL);
	EXPECT_GT(self->listener.enobufs, 0);
}

TEST_HARNESS_MAIN
