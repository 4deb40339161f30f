// SPDX-License-Identifier: GPL-2.0
/*
 * CPUs that go off line and come back: who listens to one is told of every exit
 * there, before and after, and may begin, change and end that while it is away.
 *
 * TASKSTATS_TOGGLES=1000 takes a CPU away, and brings it back, that often;
 * TASKSTATS_EXITS=1000000 has so many threads exit meanwhile.
 */
#include "kselftest_harness.h"
#include "account.h"
#include "fault.h"
#include "listen.h"

#define TOGGLES		10
#define EXITS		80	/* on each CPU and each time, at least */
#define ROUNDS		3

static unsigned long number_of_toggles(void)
{
	return ts_setting("TASKSTATS_TOGGLES", TOGGLES);
}

/* One share of all exits, where there are so many shares for each toggle. */
static unsigned long exits_each_time(unsigned int shares)
{
	unsigned long all = number_of_toggles() * shares;
	unsigned long n = (ts_setting("TASKSTATS_EXITS", 0) + all - 1) / all;

	return n > EXITS ? n : EXITS;
}

FIXTURE(hotplug)
{
	struct ts_pen pen;
	char online[64];
	char possible[256];
	int stays;
	int comes;		/* and goes */
	int cpu[3];		/* the two, and any */
};

static bool set_online(const char *path, bool on)
{
	return ts_write_string(path, on ? "1" : "0");
}

/* A CPU that can be taken away; none is asked to on behalf of who may not. */
static bool find_cpus(int *stays, int *comes, char *online, size_t size)
{
	int cpu[64], n = ts_cpus(cpu, 64), i;

	for (i = 1; i < n; i++) {
		snprintf(online, size, "/sys/devices/system/cpu/cpu%d/online", cpu[i]);
		if (!access(online, W_OK)) {
			*stays = cpu[0];
			*comes = cpu[i];
			return true;
		}
	}
	return false;
}

FIXTURE_SETUP(hotplug)
{
	const char *lacks = ts_lacks();

	if (lacks)
		SKIP(return, "%s", lacks);
	if (!find_cpus(&self->stays, &self->comes, self->online, sizeof(self->online)))
		SKIP(return, "no CPU that can be taken off line");
	self->cpu[0] = self->stays;
	self->cpu[1] = self->comes;
	self->cpu[2] = -1;
	/* What is written may be refused all the same. */
	if (!set_online(self->online, false))
		SKIP(return, "CPU %d does not go off line", self->comes);
	ASSERT_TRUE(set_online(self->online, true));
	ASSERT_TRUE(ts_possible_cpus(self->possible, sizeof(self->possible)));
	lacks = ts_pen_enter(&self->pen);
	if (lacks)
		SKIP(return, "%s", lacks);
}

/* In the parent, so that a test that dies leaves no CPU off line. */
FIXTURE_TEARDOWN_PARENT(hotplug)
{
	set_online(self->online, true);
	ts_pen_remove(&self->pen);
}

/* Those who listen all the time: to both CPUs, and to each of them alone. */
enum { ALL, STAYS, COMES, TIMED, MASK_ALL, MASK_STAYS, MASK_COMES, NLISTENERS };

struct crowd {
	struct ts_listener listener[NLISTENERS];
	struct ts_sub sub[NLISTENERS];
	char list[2][16];
	__u64 mine[NLISTENERS];		/* records of this process, where all come */
	__u64 elsewhere;		/* ones of further CPUs, if there are any */
	int strange;			/* ones that are not of the CPU that is listened to */
};

static int crowd_open(struct crowd *crowd, const int *cpu, const char *possible, int cgroup)
{
	struct ts_sub sub = {
		.records = TASKSTATS_RECORDS_THREAD,
		.cgroup_fd = cgroup,
		.batch = 1,
		.wait_ms = TS_LONG_MS,
	};
	int i, error = 0;

	memset(crowd, 0, sizeof(*crowd));
	for (i = 0; i < 2; i++)
		snprintf(crowd->list[i], sizeof(crowd->list[i]), "%d", cpu[i]);
	for (i = 0; i <= TIMED; i++)
		crowd->sub[i] = sub;
	crowd->sub[ALL].batch = 7;
	crowd->sub[STAYS].cpus = crowd->list[0];
	crowd->sub[COMES].cpus = crowd->list[1];
	crowd->sub[TIMED].cpus = possible;
	crowd->sub[TIMED].batch = 1024;
	crowd->sub[TIMED].wait_ms = 1;
	for (i = 0; i < NLISTENERS && !error; i++) {
		error = ts_listener_open(&crowd->listener[i]);
		if (!error && i <= TIMED)
			error = ts_subscribe(&crowd->listener[i], &crowd->sub[i]);
	}
	if (!error)
		error = ts_listen(&crowd->listener[MASK_ALL].sk, possible);
	if (!error)
		error = ts_listen(&crowd->listener[MASK_STAYS].sk, crowd->list[0]);
	if (!error)
		error = ts_listen(&crowd->listener[MASK_COMES].sk, crowd->list[1]);
	return error;
}

static void crowd_close(struct crowd *crowd)
{
	int i;

	for (i = 0; i < NLISTENERS; i++)
		ts_listener_close(&crowd->listener[i]);
}

/* By the CPU that a record names. */
static void look_at_records(struct crowd *crowd, int i, const int *cpu)
{
	struct ts_listener *listener = &crowd->listener[i];
	int n;

	for (n = 0; n < listener->nrec; n++) {
		if (i == STAYS || i == COMES)
			crowd->strange += listener->rec[n].cpu != (__u32)cpu[i == COMES];
		else if (i == ALL)
			crowd->elsewhere += listener->rec[n].cpu != (__u32)cpu[0] &&
					    listener->rec[n].cpu != (__u32)cpu[1];
	}
	listener->nrec = 0;
}

/* Everybody's exits come here; what each is of is in its figures. */
static void look_at_exits(struct crowd *crowd, int i)
{
	struct ts_listener *listener = &crowd->listener[i];
	struct ts_exit rec;
	int error;

	while ((error = ts_next_exit(&listener->sk, &rec, 0)) != -EAGAIN) {
		listener->enobufs += error == -ENOBUFS;
		listener->bad += error && error != -ENOBUFS;
		listener->old += !error;
		crowd->mine[i] += !error && rec.pid.stats.ac_tgid == (__u32)getpid();
	}
}

static void crowd_read(struct crowd *crowd, const int *cpu)
{
	int i;

	for (i = 0; i < NLISTENERS; i++) {
		if (i >= MASK_ALL) {
			look_at_exits(crowd, i);
			continue;
		}
		ts_drain(&crowd->listener[i]);
		look_at_records(crowd, i, cpu);
	}
}

/* Each of the enders has begun: it is where it was sent. */
static bool wait_for_all(const struct ts_enders *enders)
{
	__u64 start = ts_clock_ns(CLOCK_MONOTONIC);
	int i;

	for (i = 0; i < enders->n; i++) {
		while (!__atomic_load_n(&enders->ender[i].ended, __ATOMIC_SEQ_CST)) {
			if (!ts_poll_again(start))
				return false;
		}
	}
	return true;
}

/*
 * Has threads end on CPUs, and where @online is to be switched, before, while and
 * after it is. How many exits it were, or -1.
 */
static long end_and_switch(struct crowd *crowd, const int *cpu, int ncpus, const int *both,
			   const char *online, bool on)
{
	struct ts_enders enders;
	__u64 exits = 0;
	bool done;

	if (ts_enders_start(&enders, cpu, ncpus, ncpus * exits_each_time(8),
			    online ? TS_GO_ON : 0))
		return -1;
	done = wait_for_all(&enders);
	if (done && online)
		done = set_online(online, on);
	ts_enders_let_go(&enders);
	while (ts_enders_run(&enders)) {
		crowd_read(crowd, both);
		poll(NULL, 0, 1);
	}
	if (ts_enders_join(&enders, &exits))
		done = false;
	crowd_read(crowd, both);
	return done ? (long)exits : -1;
}

/* Comes and goes as a listener of every kind, until told to stop. */
struct passer_by {
	pthread_t thread;
	const char *list;
	int cgroup;
	bool stop;
	unsigned long times;
	int error;
};

static int pass_by_once(const struct passer_by *who, unsigned long i)
{
	struct ts_sub sub = {
		.records = TASKSTATS_RECORDS_THREAD,
		.cpus = i & 1 ? who->list : NULL,
		.cgroup_fd = who->cgroup,
		.batch = i & 2 ? 1024 : 1,
		.wait_ms = i & 4 ? 1 : TS_LONG_MS,
	};
	struct ts_listener listener;
	int error = ts_listener_open(&listener);

	if (!error && i & 8)
		error = ts_subscribe(&listener, &sub);
	if (!error && !(i & 8))
		error = ts_listen(&listener.sk, i & 1 ? who->list : "all");
	if (!error && (i & 24) == 16)
		error = ts_unlisten(&listener.sk, who->list);
	ts_listener_close(&listener);
	return error;
}

static void *pass_by(void *arg)
{
	struct passer_by *who = arg;

	while (!who->error && !__atomic_load_n(&who->stop, __ATOMIC_SEQ_CST))
		who->error = pass_by_once(who, who->times++);
	return NULL;
}

/* For those who have registered: until nobody has exited between the two looks. */
static void expect_all_told(struct __test_metadata *_metadata, struct crowd *crowd, int i)
{
	__u64 start = ts_clock_ns(CLOCK_MONOTONIC);
	struct ts_state state;

	do {
		look_at_exits(crowd, i);
		ASSERT_EQ(0, ts_ask(&crowd->listener[i], &state));
	} while (state.delivered != crowd->listener[i].old && ts_poll_again(start));
	EXPECT_EQ(state.delivered, crowd->listener[i].old);
	EXPECT_EQ(0ULL, state.lost);
	EXPECT_EQ(0, crowd->listener[i].bad);
	EXPECT_EQ(0, crowd->listener[i].enobufs);
}

TEST_F_TIMEOUT(hotplug, loses_no_exit_for_anybody, 36000)
{
	struct passer_by who = { .cgroup = self->pen.dir };
	unsigned long n = number_of_toggles(), i;
	const int anywhere[2] = { self->stays, -1 };
	struct ts_balance balance;
	struct crowd crowd;
	__u64 exits = 0, before;
	long more;

	ASSERT_EQ(0, crowd_open(&crowd, self->cpu, self->possible, self->pen.dir));
	who.list = crowd.list[1];
	ASSERT_EQ(0, pthread_create(&who.thread, NULL, pass_by, &who));
	for (i = 0; i < n; i++) {
		more = end_and_switch(&crowd, self->cpu, 3, self->cpu, self->online, false);
		ASSERT_GT(more, 0);
		exits += more;

		/* Away: what has been pinned there ends elsewhere, and nothing comes. */
		before = crowd.listener[COMES].received;
		more = end_and_switch(&crowd, anywhere, 2, self->cpu, NULL, false);
		ASSERT_GT(more, 0);
		exits += more;
		EXPECT_EQ(before, crowd.listener[COMES].received);

		more = end_and_switch(&crowd, anywhere, 2, self->cpu, self->online, true);
		ASSERT_GT(more, 0);
		exits += more;

		/* Back: what is pinned there is told of by it. */
		before = crowd.listener[COMES].received;
		more = end_and_switch(&crowd, &self->comes, 1, self->cpu, NULL, false);
		ASSERT_GT(more, 0);
		exits += more;
		EXPECT_EQ(before + more, crowd.listener[COMES].received);
	}
	__atomic_store_n(&who.stop, true, __ATOMIC_SEQ_CST);
	pthread_join(who.thread, NULL);
	exits++;
	EXPECT_EQ(0, who.error);
	crowd_read(&crowd, self->cpu);

	/* Those by mask first: the others' looks let threads exit. */
	for (i = MASK_ALL; i < NLISTENERS; i++)
		expect_all_told(_metadata, &crowd, i);
	EXPECT_EQ(exits, crowd.mine[MASK_ALL]);
	EXPECT_EQ(crowd.listener[STAYS].received, crowd.mine[MASK_STAYS]);
	EXPECT_EQ(crowd.listener[COMES].received, crowd.mine[MASK_COMES]);
	/* What its batch still has counts, too. */
	ASSERT_EQ(0, ts_clear(&crowd.listener[ALL], NULL));
	look_at_records(&crowd, ALL, self->cpu);
	EXPECT_EQ(exits, crowd.mine[MASK_STAYS] + crowd.mine[MASK_COMES] + crowd.elsewhere);
	EXPECT_EQ(0, crowd.strange);
	before = crowd.listener[COMES].received;

	/* Of all of these, each exit matches for the one and the next. */
	ts_balance_take(&crowd.listener[ALL], &crowd.sub[ALL], self->stays, &balance);
	ts_balance_expect(_metadata, &balance, exits);
	EXPECT_EQ(0ULL, balance.state.lost);
	ts_balance_take(&crowd.listener[TIMED], &crowd.sub[TIMED], self->comes, &balance);
	ts_balance_expect(_metadata, &balance, exits + 1);
	EXPECT_EQ(0ULL, balance.state.lost);
	ts_balance_take(&crowd.listener[COMES], &crowd.sub[COMES], self->comes, &balance);
	ts_balance_expect(_metadata, &balance, before + 1);
	EXPECT_EQ(0ULL, balance.state.lost);
	TH_LOG("%lu times off line and on amid %llu exits, %llu of them there, %llu elsewhere",
	       n, exits, before, crowd.elsewhere);
	TH_LOG("%lu more came and went", who.times);
	crowd_close(&crowd);
}

/* Both CPUs again, with less room than there are records. */
TEST_F_TIMEOUT(hotplug, is_no_reason_to_lose_count, 36000)
{
	unsigned long n = number_of_toggles(), i;
	struct ts_sub sub = {
		.records = TASKSTATS_RECORDS_THREAD,
		.cgroup_fd = self->pen.dir,
		.batch = 5,
		.wait_ms = 1,
	};
	struct ts_listener listener;
	struct ts_balance balance;
	struct ts_enders enders;
	int rcvbuf = 1, ncpus;
	__u64 exits = 0;

	ASSERT_EQ(0, ts_listener_open(&listener));
	listener.forget = true;
	ASSERT_EQ(0, setsockopt(ts_fd(&listener.sk), SOL_SOCKET, SO_RCVBUF, &rcvbuf,
				sizeof(rcvbuf)));
	ASSERT_EQ(0, ts_subscribe(&listener, &sub));
	for (i = 0; i < 2 * n; i++) {
		ncpus = i % 2 ? 1 : 3;
		ASSERT_EQ(0, ts_enders_start(&enders, self->cpu, ncpus,
					     ncpus * exits_each_time(4), TS_GO_ON));
		ASSERT_TRUE(wait_for_all(&enders));
		ASSERT_TRUE(set_online(self->online, i % 2));
		ts_enders_let_go(&enders);
		ASSERT_EQ(0, ts_enders_join(&enders, &exits));
		ts_drain(&listener);
	}
	ts_balance_take(&listener, &sub, self->stays, &balance);
	ts_balance_expect(_metadata, &balance, exits);
	EXPECT_GT(balance.state.lost, 0ULL);
	EXPECT_EQ(balance.state.lost, balance.state.lost_overrun);
	ts_listener_close(&listener);
}

/* A batch of whose thread the CPU has gone, and its timer with it. */
TEST_F(hotplug, does_not_keep_a_batch_back)
{
	struct ts_sub sub = {
		.records = TASKSTATS_RECORDS_THREAD,
		.cgroup_fd = self->pen.dir,
		.batch = 100,
	};
	struct ts_listener listener;
	pid_t tid;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		sub.wait_ms = 200 * i + 1;
		ASSERT_EQ(0, ts_listener_open(&listener));
		ASSERT_EQ(0, ts_subscribe(&listener, &sub));
		tid = ts_thread_exit_on(self->comes);
		ASSERT_GT(tid, 0);
		ASSERT_TRUE(set_online(self->online, false));
		EXPECT_TRUE(ts_await(&listener, 1));
		ASSERT_EQ(1, listener.nrec);
		EXPECT_EQ((__u32)tid, listener.rec[0].id);
		EXPECT_EQ((__u32)self->comes, listener.rec[0].cpu);
		ASSERT_TRUE(set_online(self->online, true));
		ts_listener_close(&listener);
	}
}

/* A CPU that is away is as good as any to name. */
TEST_F(hotplug, of_a_cpu_is_no_matter_to_those_who_register)
{
	struct ts_sock before, ended, anew, both, closed;
	char list[16];
	pid_t tid;
	int i;

	snprintf(list, sizeof(list), "%d", self->comes);
	for (i = 0; i < ROUNDS; i++) {
		ASSERT_EQ(0, ts_open(&before));
		ASSERT_EQ(0, ts_open(&ended));
		ASSERT_EQ(0, ts_open(&anew));
		ASSERT_EQ(0, ts_open(&both));
		ASSERT_EQ(0, ts_open(&closed));
		ASSERT_EQ(0, ts_listen(&before, list));
		ASSERT_EQ(0, ts_listen(&ended, list));
		ASSERT_EQ(0, ts_listen(&closed, list));
		ASSERT_TRUE(set_online(self->online, false));

		EXPECT_EQ(0, ts_unlisten(&ended, list));
		EXPECT_EQ(0, ts_listen(&anew, list));
		EXPECT_EQ(0, ts_unlisten(&anew, list));
		EXPECT_EQ(0, ts_listen(&anew, list));
		EXPECT_EQ(0, ts_listen(&both, self->possible));
		ts_close(&closed);
		tid = ts_thread_exit_on(self->stays);
		ASSERT_GT(tid, 0);
		EXPECT_EQ(0, ts_count_exits(&before, tid));
		EXPECT_EQ(0, ts_count_exits(&anew, tid));
		EXPECT_EQ(1, ts_count_exits(&both, tid));

		ASSERT_TRUE(set_online(self->online, true));
		tid = ts_thread_exit_on(self->comes);
		ASSERT_GT(tid, 0);
		EXPECT_EQ(1, ts_count_exits(&before, tid));
		EXPECT_EQ(0, ts_count_exits(&ended, tid));
		EXPECT_EQ(1, ts_count_exits(&anew, tid));
		EXPECT_EQ(1, ts_count_exits(&both, tid));
		ts_close(&before);
		ts_close(&ended);
		ts_close(&anew);
		ts_close(&both);
	}
}

TEST_F(hotplug, of_a_cpu_is_no_matter_to_those_who_subscribe)
{
	struct ts_listener before, cleared, anew, moved, closed;
	struct ts_sub there, here;
	char list[2][16];
	struct ts_state state;
	pid_t tid;
	int i;

	for (i = 0; i < 2; i++)
		snprintf(list[i], sizeof(list[i]), "%d", self->cpu[i]);
	here = (struct ts_sub) {
		.records = TASKSTATS_RECORDS_THREAD,
		.cpus = list[0],
		.cgroup_fd = self->pen.dir,
	};
	there = here;
	there.cpus = list[1];
	for (i = 0; i < ROUNDS; i++) {
		ASSERT_EQ(0, ts_listener_open(&before));
		ASSERT_EQ(0, ts_listener_open(&cleared));
		ASSERT_EQ(0, ts_listener_open(&anew));
		ASSERT_EQ(0, ts_listener_open(&moved));
		ASSERT_EQ(0, ts_listener_open(&closed));
		ASSERT_EQ(0, ts_subscribe(&before, &there));
		ASSERT_EQ(0, ts_subscribe(&cleared, &there));
		ASSERT_EQ(0, ts_subscribe(&moved, &here));
		ASSERT_EQ(0, ts_subscribe(&closed, &there));
		ASSERT_TRUE(set_online(self->online, false));

		EXPECT_EQ(0, ts_clear(&cleared, NULL));
		EXPECT_EQ(0, ts_subscribe(&anew, &there));
		EXPECT_EQ(0, ts_ask(&anew, &state));
		EXPECT_STREQ(list[1], state.cpus);
		EXPECT_EQ(0, ts_subscribe(&moved, &there));
		ts_listener_close(&closed);
		ASSERT_GT(ts_thread_exit_on(self->stays), 0);

		ASSERT_TRUE(set_online(self->online, true));
		tid = ts_thread_exit_on(self->comes);
		ASSERT_GT(tid, 0);
		ts_drain(&before);
		ts_drain(&cleared);
		ts_drain(&anew);
		ts_drain(&moved);
		EXPECT_EQ(1, before.nrec);
		EXPECT_EQ(0, cleared.nrec);
		EXPECT_EQ(1, anew.nrec);
		EXPECT_EQ(1, moved.nrec);
		EXPECT_NE(NULL, ts_find(&before, 0, false, tid));
		EXPECT_NE(NULL, ts_find(&anew, 0, false, tid));
		EXPECT_NE(NULL, ts_find(&moved, 0, false, tid));
		ts_listener_close(&before);
		ts_listener_close(&cleared);
		ts_listener_close(&anew);
		ts_listener_close(&moved);
	}
}

/* Each that is possible, present or not. */
TEST_F(hotplug, of_none_keeps_a_possible_cpu_from_being_named)
{
	struct ts_listener listener;
	struct ts_state state;
	struct ts_sub sub = {
		.records = TASKSTATS_RECORDS_THREAD,
		.cgroup_fd = self->pen.dir,
		.cpus = self->possible,
	};
	struct ts_sock sk;

	ASSERT_TRUE(set_online(self->online, false));
	ASSERT_EQ(0, ts_open(&sk));
	EXPECT_EQ(0, ts_listen(&sk, self->possible));
	EXPECT_EQ(0, ts_unlisten(&sk, self->possible));
	ts_close(&sk);
	ASSERT_EQ(0, ts_listener_open(&listener));
	EXPECT_EQ(0, ts_subscribe(&listener, &sub));
	EXPECT_EQ(0, ts_ask(&listener, &state));
	EXPECT_STREQ(self->possible, state.cpus);
	TH_LOG("possible: %s", self->possible);
	ts_listener_close(&listener);
}

TEST_HARNESS_MAIN
