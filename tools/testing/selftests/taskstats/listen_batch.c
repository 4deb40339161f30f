// SPDX-License-Identifier: GPL-2.0
/*
 * How long a record waits for others to share a message with: until there are as
 * many as asked for, or no room for more, or until it has waited long enough, or
 * until its socket asks for something else.
 *
 * TASKSTATS_CLEARS=10000 ends a request so often while threads exit: what goes
 * wrong then does so once in thousands.
 */
#include "kselftest_harness.h"
#include "listen.h"

#define WAIT_MS		300
/* Above the longest tick, by which a timer may come too early. */
#define TICK_MS		20
#define LATE_MS		TS_TIMEOUT_MS
/* More than fit into a message, less than fit into two. */
#define MANY		30
#define CLEARS		60

FIXTURE(batch)
{
	struct ts_listener listener;
	struct ts_pen pen;
	struct ts_state state;
	struct ts_sub sub;
	int cpu[2];
	int ncpus;
};

FIXTURE_SETUP(batch)
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
		.batch = 1024,
		.wait_ms = TS_LONG_MS,
	};
	ASSERT_EQ(0, ts_listener_open(&self->listener));
}

FIXTURE_TEARDOWN(batch)
{
	ts_listener_close(&self->listener);
	ts_pen_leave(&self->pen);
}

static bool end_threads(int cpu, int n)
{
	while (n--) {
		if (ts_thread_exit_on(cpu) < 0)
			return false;
	}
	return true;
}

/* So much has come, so much is kept back, and nothing has been lost. */
static void expect(struct __test_metadata *_metadata, struct ts_listener *listener,
		   __u64 received, __u32 pending)
{
	struct ts_state state;

	ts_drain(listener);
	ASSERT_EQ(0, ts_ask(listener, &state));
	EXPECT_EQ(received, listener->received);
	EXPECT_EQ(received, state.delivered);
	EXPECT_EQ(pending, state.pending);
	EXPECT_EQ(0ULL, state.lost);
	EXPECT_EQ(0, listener->bad);
}

TEST_F(batch, goes_out_when_it_has_as_many_as_asked_for)
{
	self->sub.batch = 3;
	ASSERT_EQ(0, ts_subscribe(&self->listener, &self->sub));
	ASSERT_TRUE(end_threads(self->cpu[0], 2));
	expect(_metadata, &self->listener, 0, 2);
	ASSERT_TRUE(end_threads(self->cpu[0], 1));
	expect(_metadata, &self->listener, 3, 0);
	EXPECT_EQ(1, self->listener.messages);
	ASSERT_TRUE(end_threads(self->cpu[0], 7));
	expect(_metadata, &self->listener, 9, 1);
	EXPECT_EQ(3, self->listener.messages);
	EXPECT_EQ(0ULL, self->listener.gaps);
}

/* A thread's record and its group's are two. */
TEST_F(batch, may_end_between_a_thread_and_its_group)
{
	pid_t pid[3];
	int i;

	self->sub.records = TS_BOTH;
	self->sub.batch = 3;
	ASSERT_EQ(0, ts_subscribe(&self->listener, &self->sub));
	for (i = 0; i < 3; i++) {
		pid[i] = ts_exit_on(self->cpu[0], 0);
		ASSERT_GT(pid[i], 0);
	}
	expect(_metadata, &self->listener, 6, 0);
	EXPECT_EQ(2, self->listener.messages);
	for (i = 0; i < 6; i++) {
		EXPECT_EQ((__u32)pid[i / 2], self->listener.rec[i].id);
		EXPECT_EQ(i % 2, self->listener.rec[i].group);
		EXPECT_EQ(i / 3, self->listener.rec[i].message);
	}
}

TEST_F(batch, goes_out_when_there_is_no_room_for_more)
{
	int first, record;

	ASSERT_EQ(0, ts_subscribe(&self->listener, &self->sub));
	ASSERT_TRUE(end_threads(self->cpu[0], MANY));
	ts_drain(&self->listener);
	first = self->listener.received;
	EXPECT_EQ(1, self->listener.messages);
	expect(_metadata, &self->listener, first, MANY - first);
	EXPECT_LE(self->listener.longest, TS_EVENT_MAX);
	/* It had been used well: of the limit not two records' room is left. */
	record = (self->listener.longest - TS_HDRLEN) / first;
	EXPECT_GT(self->listener.longest + 2 * record, TS_EVENT_MAX);

	ASSERT_EQ(0, ts_clear(&self->listener, NULL));
	expect(_metadata, &self->listener, MANY, 0);
	EXPECT_EQ(2, self->listener.messages);
}

TEST_F(batch, goes_out_when_it_has_waited_long_enough)
{
	__u64 start, waited_ms;

	self->sub.wait_ms = WAIT_MS;
	ASSERT_EQ(0, ts_subscribe(&self->listener, &self->sub));
	start = ts_clock_ns(CLOCK_MONOTONIC);
	ASSERT_TRUE(end_threads(self->cpu[0], 1));
	ASSERT_TRUE(ts_await(&self->listener, 1));
	waited_ms = (ts_clock_ns(CLOCK_MONOTONIC) - start) / 1000000;
	EXPECT_GE(waited_ms, (__u64)WAIT_MS - TICK_MS);
	EXPECT_LT(waited_ms, (__u64)WAIT_MS + LATE_MS);
	expect(_metadata, &self->listener, 1, 0);
}

/* The time counts from the first of them, so each comes in time. */
TEST_F(batch, waits_for_its_first_record_not_its_last)
{
	__u64 start, waited_ms;
	int i;

	self->sub.wait_ms = WAIT_MS;
	ASSERT_EQ(0, ts_subscribe(&self->listener, &self->sub));
	start = ts_clock_ns(CLOCK_MONOTONIC);
	for (i = 0; i < 1000 && !self->listener.messages; i++) {
		ASSERT_TRUE(end_threads(self->cpu[0], 1));
		poll(NULL, 0, WAIT_MS * 3 / 4);
		ts_drain(&self->listener);
	}
	waited_ms = (ts_clock_ns(CLOCK_MONOTONIC) - start) / 1000000;
	EXPECT_GE(self->listener.messages, 1);
	EXPECT_LT(waited_ms, (__u64)WAIT_MS + LATE_MS);
	/* It was its time: it was not full. */
	EXPECT_LT(self->listener.longest, TS_EVENT_MAX / 2);
}

TEST_F(batch, that_follows_a_full_one_does_not_wait_longer)
{
	__u64 start, waited_ms;

	self->sub.wait_ms = WAIT_MS;
	self->sub.batch = 2;
	ASSERT_EQ(0, ts_subscribe(&self->listener, &self->sub));
	ASSERT_TRUE(end_threads(self->cpu[0], 2));
	start = ts_clock_ns(CLOCK_MONOTONIC);
	ASSERT_TRUE(end_threads(self->cpu[0], 1));
	ASSERT_TRUE(ts_await(&self->listener, 3));
	waited_ms = (ts_clock_ns(CLOCK_MONOTONIC) - start) / 1000000;
	EXPECT_LT(waited_ms, (__u64)WAIT_MS + LATE_MS);
	EXPECT_EQ(2, self->listener.messages);
	expect(_metadata, &self->listener, 3, 0);
}

TEST_F(batch, goes_out_when_its_socket_asks_for_something_else)
{
	ASSERT_EQ(0, ts_subscribe(&self->listener, &self->sub));
	ASSERT_TRUE(end_threads(self->cpu[0], 2));
	expect(_metadata, &self->listener, 0, 2);
	/* Before the answer: it belongs to what was asked for before. */
	self->sub.batch = 4;
	ASSERT_EQ(0, ts_request_state(&self->listener, &self->sub, &self->state));
	EXPECT_EQ(2ULL, self->listener.received);
	EXPECT_EQ(2ULL, self->state.delivered);
	EXPECT_EQ(0U, self->state.pending);
	ASSERT_TRUE(end_threads(self->cpu[0], 4));
	expect(_metadata, &self->listener, 6, 0);
	EXPECT_EQ(2, self->listener.messages);
}

/* Else it would still go by the time that was asked for before. */
TEST_F(batch, waits_anew_after_its_socket_has_asked_for_something_else)
{
	__u64 start;

	ASSERT_EQ(0, ts_subscribe(&self->listener, &self->sub));
	ASSERT_TRUE(end_threads(self->cpu[0], 1));
	self->sub.wait_ms = WAIT_MS;
	ASSERT_EQ(0, ts_subscribe(&self->listener, &self->sub));
	start = ts_clock_ns(CLOCK_MONOTONIC);
	ASSERT_TRUE(end_threads(self->cpu[0], 1));
	ASSERT_TRUE(ts_await(&self->listener, 2));
	EXPECT_LT((ts_clock_ns(CLOCK_MONOTONIC) - start) / 1000000, (__u64)WAIT_MS + LATE_MS);

	self->sub.wait_ms = TS_LONG_MS;
	ASSERT_EQ(0, ts_subscribe(&self->listener, &self->sub));
	ASSERT_TRUE(end_threads(self->cpu[0], 1));
	poll(NULL, 0, 2 * WAIT_MS);
	expect(_metadata, &self->listener, 2, 1);
}

TEST_F(batch, goes_out_when_its_socket_asks_for_nothing_more)
{
	ASSERT_EQ(0, ts_subscribe(&self->listener, &self->sub));
	ASSERT_TRUE(end_threads(self->cpu[0], 5));
	ASSERT_EQ(0, ts_clear(&self->listener, &self->state));
	EXPECT_EQ(5ULL, self->listener.received);
	EXPECT_EQ(5ULL, self->state.delivered);
	EXPECT_EQ(0U, self->state.pending);
	EXPECT_EQ(1, self->listener.messages);
	ASSERT_TRUE(end_threads(self->cpu[0], 5));
	expect(_metadata, &self->listener, 5, 0);
}

static unsigned int stop;

/* Until it is told to stop: NULL then, @arg if it could not go on so long. */
static void *end_without_pause(void *arg)
{
	while (!__atomic_load_n(&stop, __ATOMIC_SEQ_CST)) {
		if (ts_thread_exit_on(*(int *)arg) < 0)
			return arg;
	}
	return NULL;
}

/*
 * A record that is on its way meanwhile goes by the old request, and then before
 * it is answered, or by the new one: when there is none, nothing is kept back.
 */
TEST_F_TIMEOUT(batch, leaves_nothing_behind_while_threads_exit, 36000)
{
	int clears = ts_setting("TASKSTATS_CLEARS", CLEARS), i;
	__u64 received = 0, start;
	pthread_t thread[2];
	void *stuck;

	if (self->ncpus < 2)
		SKIP(return, "only one CPU");
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, end_without_pause, &self->cpu[i]));
	for (i = 0; i < clears; i++) {
		ASSERT_EQ(0, ts_subscribe(&self->listener, &self->sub));
		start = ts_clock_ns(CLOCK_MONOTONIC);
		do {
			ASSERT_EQ(0, ts_ask(&self->listener, &self->state));
		} while (!self->state.pending && ts_poll_again(start));
		ASSERT_GT(self->state.pending, 0U);
		ASSERT_EQ(0, ts_clear(&self->listener, &self->state));
		EXPECT_EQ(0U, self->state.pending);
		EXPECT_EQ(self->listener.received, self->state.delivered);
		received = self->listener.received;
		ASSERT_EQ(0, ts_ask(&self->listener, &self->state));
		EXPECT_EQ(0U, self->state.pending);
		EXPECT_EQ(received, self->state.delivered);
		EXPECT_EQ(received, self->listener.received);
	}
	__atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
	for (i = 0; i < 2; i++) {
		pthread_join(thread[i], &stuck);
		EXPECT_EQ(NULL, stuck);
	}
	ts_drain(&self->listener);
	expect(_metadata, &self->listener, received, 0);
}

/* There is nobody left to read it, and it is freed: see what kmemleak says. */
TEST_F(batch, is_nobodys_when_its_socket_is_closed)
{
	struct ts_listener other;

	self->sub.wait_ms = WAIT_MS;
	ASSERT_EQ(0, ts_subscribe(&self->listener, &self->sub));
	ASSERT_EQ(0, ts_listener_open(&other));
	ASSERT_EQ(0, ts_subscribe(&other, &self->sub));
	ASSERT_TRUE(end_threads(self->cpu[0], 3));
	ts_listener_close(&self->listener);
	ASSERT_TRUE(end_threads(self->cpu[0], 1));
	ASSERT_TRUE(ts_await(&other, 4));
	expect(_metadata, &other, 4, 0);
	ts_listener_close(&other);
}

TEST_HARNESS_MAIN
