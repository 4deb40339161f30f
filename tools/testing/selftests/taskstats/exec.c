// SPDX-License-Identifier: GPL-2.0
/*
 * A thread other than the leader calls execve(): all others end, and it goes on
 * in the leader's place, with the process's id. It has its own life still, and
 * so had the old leader, which ends under the id that the heir gave up: each
 * thread is told of once, and no two under one id.
 *
 * exec: a group that asks for nothing special
 * held: a tracer holds up the end of a thread that exec has to wait for
 */
#include <sys/ptrace.h>

#include "kselftest_harness.h"
#include "taskstats.h"

#define NAP_MS		200	/* the leader's life before there is an heir */
#define MAX_ROUNDS	3
#define MAX_RECORDS	16

/* What a thread or a program says as the first thing it does. */
struct word {
	pid_t tid;
	__u64 before;	/* clone() of a thread */
	__u64 now;
};

/* How a process goes on, through its execs. */
struct plan {
	int out;
	int in;
	int rounds;		/* execs to come */
	int bystander;		/* each one ends another thread, too */
	int leader_exits;	/* before the exec; a bit for each, the next one's first */
	__u64 before;
};

static struct plan plan;

static void say_word(pid_t tid, __u64 before)
{
	struct word word = {
		.tid = tid, .before = before, .now = ts_clock_ns(CLOCK_MONOTONIC),
	};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (write(plan.out, &word, sizeof(word)) != sizeof(word))
		_exit(10);
}

static void *stand_by(void *arg)
{
	say_word(ts_gettid(), *(__u64 *)arg);
	while (1)
		pause();
	return NULL;
}

static void *execute(void *arg)
{
	pid_t pid = getpid();
	char next[64];

	say_word(ts_gettid(), *(__u64 *)arg);
	if (plan.leader_exits & 1 && !ts_wait_state(pid, pid, 'Z'))
		_exit(11);
	snprintf(next, sizeof(next), "%d %d %d %d %d", plan.out, plan.in, plan.rounds - 1,
		 plan.bystander, plan.leader_exits >> 1);
	/* The leader may have no executable any more. */
	execl("/proc/thread-self/exe", "exec", "--live", next, (char *)NULL);
	_exit(12);
}

/* A process from its fork or exec to its next exec or its end. */
static void live(void)
{
	static __u64 before_bystander, before_heir;
	pthread_t thread;

	say_word(ts_gettid(), plan.before);
	ts_child_wait(plan.in);
	if (!plan.rounds)
		_exit(0);

	/* The leader is to be older, by more than looking at it takes. */
	poll(NULL, 0, NAP_MS);
	before_bystander = ts_clock_ns(CLOCK_MONOTONIC);
	if (plan.bystander && pthread_create(&thread, NULL, stand_by, &before_bystander))
		_exit(13);
	if (plan.bystander)
		ts_child_wait(plan.in);
	before_heir = ts_clock_ns(CLOCK_MONOTONIC);
	if (pthread_create(&thread, NULL, execute, &before_heir))
		_exit(14);
	if (plan.leader_exits & 1)
		syscall(__NR_exit, 0);
	while (1)
		pause();
}

/* Both kinds of process, as seen from outside. */
struct process {
	pid_t pid;
	int out;
	int in;
	struct word leader;
	struct word bystander;
	struct word heir;
	struct word program;
};

static bool start(struct process *process)
{
	int out[2], in[2];

	if (pipe2(out, O_CLOEXEC) || pipe2(in, O_CLOEXEC))
		return false;
	plan.before = ts_clock_ns(CLOCK_MONOTONIC);
	process->pid = fork();
	if (process->pid == 0) {
		plan.out = dup(out[1]);
		plan.in = dup(in[0]);
		live();
	}
	close(out[1]);
	close(in[0]);
	process->out = out[0];
	process->in = in[1];
	return process->pid > 0;
}

static bool hear(struct process *process, struct word *word)
{
	struct pollfd pfd = { .fd = process->out, .events = POLLIN };

	return poll(&pfd, 1, TS_TIMEOUT_MS) == 1 &&
	       read(process->out, word, sizeof(*word)) == sizeof(*word);
}

static bool say_go(struct process *process)
{
	return write(process->in, "", 1) == 1;
}

/* From a program that has said its word to the heir's, which execs then. */
static bool hear_heir(struct process *process)
{
	if (!say_go(process))
		return false;
	if (plan.bystander && !(hear(process, &process->bystander) && say_go(process)))
		return false;
	return hear(process, &process->heir);
}

/* Starts a process and waits until its first exec is done. */
static bool start_and_exec(struct process *process)
{
	return start(process) && hear(process, &process->leader) && hear_heir(process) &&
	       hear(process, &process->program);
}

static bool end(struct process *process)
{
	int status;

	return say_go(process) && waitpid(process->pid, &status, 0) == process->pid && !status;
}

static void clean_up(struct process *process)
{
	if (process->pid > 0)
		kill(process->pid, SIGKILL);
	while (waitpid(-1, NULL, __WALL) > 0 || errno == EINTR)
		;
}

/* All records of one process. */
struct records {
	struct ts_exit rec[MAX_RECORDS];
	int n;
	int groups;
	bool in_order;	/* only the last one has the group with it */
	bool sane;	/* with one id each, and that of the process */
};

/* Those that have come since the last time: all, if it has been waited for. */
static int take_records(struct ts_sock *sk, pid_t pid, struct records *records)
{
	struct ts_exit rec;
	int error;

	memset(records, 0, sizeof(*records));
	records->in_order = true;
	records->sane = true;
	while (!(error = ts_next_exit(sk, &rec, 0))) {
		if (rec.pid.stats.ac_tgid != (__u32)pid)
			continue;
		if (records->n == MAX_RECORDS)
			return -E2BIG;
		if (rec.pid.id != rec.pid.stats.ac_pid ||
		    (rec.has_tgid && rec.tgid.id != (__u32)pid))
			records->sane = false;
		if (records->groups)
			records->in_order = false;
		records->groups += rec.has_tgid;
		records->rec[records->n++] = rec;
	}
	return error == -EAGAIN ? 0 : error;
}

/* How often @tid is told of. */
static int times_told(const struct records *records, pid_t tid)
{
	int i, n = 0;

	for (i = 0; i < records->n; i++)
		n += records->rec[i].pid.id == (__u32)tid;
	return n;
}

/* What the last record under @tid says, or nothing at all. */
static struct taskstats told(const struct records *records, pid_t tid)
{
	int i;

	for (i = records->n - 1; i >= 0; i--) {
		if (records->rec[i].pid.id == (__u32)tid)
			return records->rec[i].pid.stats;
	}
	return (struct taskstats){};
}

/* The group's record, with which there is an end. */
static struct taskstats told_group(const struct records *records)
{
	return records->n ? records->rec[records->n - 1].tgid.stats : (struct taskstats){};
}

/*
 * Microseconds between two times of which each is known to lie between two
 * others: what is cut to microseconds after this is never out of bounds.
 */
static __u64 us(__u64 from, __u64 to)
{
	return (to - from) / 1000;
}

FIXTURE(exec)
{
	struct ts_sock sk;
	struct process process;
	struct taskstats stats;
	struct records records;
	__u64 first;
	__u64 last;
};

FIXTURE_SETUP(exec)
{
	const char *lacks = ts_lacks();

	if (lacks)
		SKIP(return, "%s", lacks);
	ASSERT_EQ(0, ts_open(&self->sk));
	plan = (struct plan){ .rounds = 1 };
}

FIXTURE_TEARDOWN(exec)
{
	clean_up(&self->process);
	ts_stop_listening(&self->sk);
}

/* The program runs and is asked about, between self->first and self->last. */

static bool exec_and_query(FIXTURE_DATA(exec) * self,
			   int (*query)(struct ts_sock *sk, __u32 id, struct taskstats *stats))
{
	if (!start_and_exec(&self->process))
		return false;
	self->first = ts_clock_ns(CLOCK_MONOTONIC);
	if (query(&self->sk, self->process.pid, &self->stats))
		return false;
	self->last = ts_clock_ns(CLOCK_MONOTONIC);
	return true;
}

TEST_F(exec, gives_the_id_of_the_process_to_the_thread_that_did_it)
{
	struct process *process = &self->process;

	ASSERT_TRUE(exec_and_query(self, ts_query_pid));
	EXPECT_EQ(process->pid, process->leader.tid);
	EXPECT_EQ(process->pid, process->program.tid);
	EXPECT_NE(process->pid, process->heir.tid);
	EXPECT_EQ((__u32)process->pid, self->stats.ac_pid);
	EXPECT_EQ((__u32)process->pid, self->stats.ac_tgid);
	EXPECT_EQ(-ESRCH, ts_query_pid(&self->sk, process->heir.tid, &self->stats));
	EXPECT_EQ(-ESRCH, ts_query_tgid(&self->sk, process->heir.tid, &self->stats));
}

TEST_F(exec, elapsed_time_is_that_of_the_thread_that_did_it)
{
	struct process *process = &self->process;

	ASSERT_TRUE(exec_and_query(self, ts_query_pid));
	EXPECT_GE(self->stats.ac_etime, us(process->heir.now, self->first));
	EXPECT_LE(self->stats.ac_etime, us(process->heir.before, self->last));
}

TEST_F(exec, group_time_is_the_life_of_the_process)
{
	struct process *process = &self->process;

	ASSERT_TRUE(exec_and_query(self, ts_query_pid));
	EXPECT_GE(self->stats.ac_tgetime, us(process->leader.now, self->first));
	EXPECT_LE(self->stats.ac_tgetime, us(plan.before, self->last));
	self->first = ts_clock_ns(CLOCK_MONOTONIC);
	ASSERT_EQ(0, ts_query_tgid(&self->sk, process->pid, &self->stats));
	self->last = ts_clock_ns(CLOCK_MONOTONIC);
	EXPECT_GE(self->stats.ac_tgetime, us(process->leader.now, self->first));
	EXPECT_LE(self->stats.ac_tgetime, us(plan.before, self->last));
}

TEST_F(exec, begin_time_is_now_less_the_elapsed_time)
{
	__u64 first, last, etime;

	first = ts_clock_ns(CLOCK_REALTIME_COARSE) / 1000000000;
	ASSERT_TRUE(exec_and_query(self, ts_query_pid));
	last = ts_clock_ns(CLOCK_REALTIME_COARSE) / 1000000000 + 1;
	etime = self->stats.ac_etime / 1000000;
	EXPECT_GE(self->stats.ac_btime64, first - etime);
	EXPECT_LE(self->stats.ac_btime64, last - etime);
	EXPECT_EQ(self->stats.ac_btime, (__u32)self->stats.ac_btime64);
}

TEST_F(exec, elapsed_time_of_the_group_is_the_sum_over_threads)
{
	struct process *process = &self->process;

	ASSERT_TRUE(exec_and_query(self, ts_query_tgid));
	EXPECT_GE(self->stats.ac_etime, us(process->leader.now, process->heir.now) +
					us(process->heir.now, self->first));
	EXPECT_LE(self->stats.ac_etime, us(plan.before, process->program.now) +
					us(process->heir.before, self->last));
}

/* Records. */

/* Ends the program and takes the records of the process, from its birth on. */
static int end_and_take_records(FIXTURE_DATA(exec) * self)
{
	self->first = ts_clock_ns(CLOCK_MONOTONIC);
	if (!end(&self->process))
		return -ECHILD;
	self->last = ts_clock_ns(CLOCK_MONOTONIC);
	return take_records(&self->sk, self->process.pid, &self->records);
}

TEST_F(exec, old_leader_is_told_of_before_the_program_runs)
{
	ASSERT_EQ(0, ts_listen(&self->sk, "all"));
	ASSERT_TRUE(start_and_exec(&self->process));
	ASSERT_EQ(0, take_records(&self->sk, self->process.pid, &self->records));
	EXPECT_EQ(1, self->records.n);
	EXPECT_EQ(1, times_told(&self->records, self->process.heir.tid));
	EXPECT_EQ(0, self->records.groups);
	EXPECT_EQ(0, end_and_take_records(self));
	EXPECT_EQ(1, self->records.n);
	EXPECT_EQ(1, times_told(&self->records, self->process.pid));
	EXPECT_EQ(1, self->records.groups);
}

TEST_F(exec, each_thread_is_told_of_once_under_an_id_of_its_own)
{
	ASSERT_EQ(0, ts_listen(&self->sk, "all"));
	ASSERT_TRUE(start_and_exec(&self->process));
	ASSERT_EQ(0, end_and_take_records(self));
	EXPECT_EQ(2, self->records.n);
	EXPECT_EQ(1, times_told(&self->records, self->process.pid));
	EXPECT_EQ(1, times_told(&self->records, self->process.heir.tid));
	EXPECT_EQ(1, self->records.groups);
	EXPECT_TRUE(self->records.in_order);
	EXPECT_TRUE(self->records.sane);
}

/* Under the id that its heir gave up. */
static void take_record_of_the_old_leader(struct __test_metadata *_metadata,
					  FIXTURE_DATA(exec) * self)
{
	struct process *process = &self->process;

	ASSERT_EQ(0, ts_listen(&self->sk, "all"));
	ASSERT_TRUE(start_and_exec(process));
	ASSERT_EQ(0, end_and_take_records(self));
	ASSERT_EQ(1, times_told(&self->records, process->heir.tid));
	self->stats = told(&self->records, process->heir.tid);
}

TEST_F(exec, record_of_the_old_leader_tells_its_life)
{
	struct process *process = &self->process;

	take_record_of_the_old_leader(_metadata, self);
	EXPECT_GE(self->stats.ac_etime, us(process->leader.now, process->heir.now));
	EXPECT_LE(self->stats.ac_etime, us(plan.before, process->program.now));
	EXPECT_EQ((__u32)getpid(), self->stats.ac_ppid);
	EXPECT_EQ(0, self->stats.ac_flag & AGROUP);
}

/* It had left it when its heir told of it, who was in it still. */
TEST_F(exec, record_of_the_old_leader_tells_of_its_address_space)
{
	take_record_of_the_old_leader(_metadata, self);
	EXPECT_NE(0U, self->stats.ac_exe_inode);
	/* Which takes CONFIG_TASK_XACCT, as this does. */
	if (ts_has_io_accounting())
		EXPECT_NE(0U, self->stats.hiwater_vm);
}

TEST_F(exec, record_of_the_program_tells_the_life_of_the_thread_that_did_it)
{
	struct process *process = &self->process;

	ASSERT_EQ(0, ts_listen(&self->sk, "all"));
	ASSERT_TRUE(start_and_exec(process));
	ASSERT_EQ(0, end_and_take_records(self));
	self->stats = told(&self->records, process->pid);
	EXPECT_GE(self->stats.ac_etime, us(process->heir.now, self->first));
	EXPECT_LE(self->stats.ac_etime, us(process->heir.before, self->last));
	EXPECT_EQ(AGROUP, self->stats.ac_flag & AGROUP);
}

/*
 * The elapsed times of all records make that of the group. Each is cut to
 * microseconds by itself.
 */
static bool is_group_etime(const struct records *records)
{
	__u64 group = told_group(records).ac_etime, sum = 0;
	int i;

	for (i = 0; i < records->n; i++)
		sum += records->rec[i].pid.stats.ac_etime;
	return sum + records->n >= group && group + records->n >= sum;
}

TEST_F(exec, lives_add_up_to_that_of_the_group)
{
	ASSERT_EQ(0, ts_listen(&self->sk, "all"));
	ASSERT_TRUE(start_and_exec(&self->process));
	ASSERT_EQ(0, end_and_take_records(self));
	ASSERT_EQ(2, self->records.n);
	EXPECT_TRUE(is_group_etime(&self->records));
}

TEST_F(exec, again_and_again_tells_of_each_thread_once)
{
	struct process *process = &self->process;
	pid_t heir[MAX_ROUNDS], bystander[MAX_ROUNDS];
	int i;

	plan.rounds = MAX_ROUNDS;
	plan.bystander = true;
	ASSERT_EQ(0, ts_listen(&self->sk, "all"));
	ASSERT_TRUE(start_and_exec(process));
	for (i = 0; i < MAX_ROUNDS; i++) {
		if (i) {
			ASSERT_TRUE(hear_heir(process));
			ASSERT_TRUE(hear(process, &process->program));
		}
		heir[i] = process->heir.tid;
		bystander[i] = process->bystander.tid;
		ASSERT_EQ(process->pid, process->program.tid);
	}
	ASSERT_EQ(0, end_and_take_records(self));
	EXPECT_EQ(1 + 2 * MAX_ROUNDS, self->records.n);
	EXPECT_EQ(1, times_told(&self->records, process->pid));
	for (i = 0; i < MAX_ROUNDS; i++) {
		EXPECT_EQ(1, times_told(&self->records, heir[i]));
		EXPECT_EQ(1, times_told(&self->records, bystander[i]));
	}
	EXPECT_EQ(1, self->records.groups);
	EXPECT_TRUE(self->records.in_order);
	EXPECT_TRUE(self->records.sane);
	EXPECT_TRUE(is_group_etime(&self->records));
	self->stats = told(&self->records, process->pid);
	EXPECT_LE(self->stats.ac_etime, us(process->heir.before, self->last));
}

/*
 * A leader that exits by itself is told of there and then, under the id that it
 * has: nobody knows of an exec to come, by which that becomes another's.
 */
TEST_F(exec, after_the_end_of_the_leader_tells_of_the_process_twice)
{
	struct process *process = &self->process;
	struct taskstats *first;

	plan.leader_exits = 1;
	ASSERT_EQ(0, ts_listen(&self->sk, "all"));
	ASSERT_TRUE(start_and_exec(process));
	ASSERT_EQ(process->pid, process->program.tid);
	ASSERT_EQ(0, end_and_take_records(self));
	ASSERT_EQ(2, self->records.n);
	EXPECT_EQ(2, times_told(&self->records, process->pid));
	EXPECT_EQ(0, times_told(&self->records, process->heir.tid));
	EXPECT_EQ(1, self->records.groups);
	EXPECT_TRUE(self->records.in_order);
	EXPECT_TRUE(self->records.sane);
	first = &self->records.rec[0].pid.stats;
	EXPECT_GE(first->ac_etime, us(process->leader.now, process->heir.before));
	EXPECT_LE(first->ac_etime, us(plan.before, process->program.now));
	self->stats = told(&self->records, process->pid);
	EXPECT_GE(self->stats.ac_etime, us(process->heir.now, self->first));
	EXPECT_LE(self->stats.ac_etime, us(process->heir.before, self->last));
	EXPECT_TRUE(is_group_etime(&self->records));
}

/* What the exec of one leader has left to be told is not told of the next. */
TEST_F(exec, after_the_end_of_a_leader_by_exec_tells_of_the_process_twice)
{
	struct process *process = &self->process;
	pid_t heir[2];

	plan.rounds = 2;
	plan.leader_exits = 1 << 1;
	ASSERT_EQ(0, ts_listen(&self->sk, "all"));
	ASSERT_TRUE(start_and_exec(process));
	heir[0] = process->heir.tid;
	ASSERT_TRUE(hear_heir(process));
	ASSERT_TRUE(hear(process, &process->program));
	heir[1] = process->heir.tid;
	ASSERT_EQ(process->pid, process->program.tid);
	ASSERT_EQ(0, end_and_take_records(self));
	EXPECT_EQ(3, self->records.n);
	EXPECT_EQ(1, times_told(&self->records, heir[0]));
	EXPECT_EQ(0, times_told(&self->records, heir[1]));
	EXPECT_EQ(2, times_told(&self->records, process->pid));
	EXPECT_EQ(1, self->records.groups);
	EXPECT_TRUE(self->records.in_order);
	EXPECT_TRUE(self->records.sane);
}

/*
 * An exec that is killed while it waits for others to end: nobody takes the
 * leader's place, so everybody ends under the id that they always had.
 */

FIXTURE(held)
{
	struct ts_sock sk;
	struct process process;
	struct records records;
	__u64 dead;	/* the leader is known to be, at this time */
};

FIXTURE_SETUP(held)
{
	const char *lacks = ts_lacks();

	if (lacks)
		SKIP(return, "%s", lacks);
	ASSERT_EQ(0, ts_open(&self->sk));
	ASSERT_EQ(0, ts_listen(&self->sk, "all"));
	plan = (struct plan){ .rounds = 1, .bystander = true };
}

FIXTURE_TEARDOWN(held)
{
	clean_up(&self->process);
	ts_stop_listening(&self->sk);
}

static bool trace_exit(pid_t tid)
{
	return !ptrace(PTRACE_SEIZE, tid, NULL, PTRACE_O_TRACEEXIT);
}

/* Waits until @tid, which is traced, stops on its way out. */
static bool wait_held(pid_t tid)
{
	int status;

	return waitpid(tid, &status, __WALL) == tid && WIFSTOPPED(status) &&
	       status >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8);
}

/* Starts a process, and lets its heir exec with that thread being held. */
static bool start_and_hold(struct process *process, bool leader)
{
	pid_t tid;

	if (!start(process) || !hear(process, &process->leader) || !say_go(process) ||
	    !hear(process, &process->bystander))
		return false;
	tid = leader ? process->pid : process->bystander.tid;
	return trace_exit(tid) && say_go(process) && hear(process, &process->heir) &&
	       wait_held(tid) &&
	       /* That is where exec waits to be woken, or killed. */
	       ts_wait_state(process->pid, process->heir.tid, 'D');
}

static bool kill_and_reap(struct process *process, bool leader)
{
	int status;

	if (kill(process->pid, SIGKILL))
		return false;
	if (!leader && waitpid(process->bystander.tid, NULL, __WALL) != process->bystander.tid)
		return false;
	return waitpid(process->pid, &status, __WALL) == process->pid && WIFSIGNALED(status);
}

/* Each was told of once, and the leader lived until there was an heir. */
static void take_three_records(struct __test_metadata *_metadata, FIXTURE_DATA(held) * self)
{
	struct process *process = &self->process;

	ASSERT_EQ(0, take_records(&self->sk, process->pid, &self->records));
	EXPECT_EQ(3, self->records.n);
	EXPECT_EQ(1, times_told(&self->records, process->pid));
	EXPECT_EQ(1, times_told(&self->records, process->heir.tid));
	EXPECT_EQ(1, times_told(&self->records, process->bystander.tid));
	EXPECT_EQ(1, self->records.groups);
	EXPECT_TRUE(self->records.sane);
	EXPECT_GE(told(&self->records, process->pid).ac_etime,
		  us(process->leader.now, process->heir.now));
}

TEST_F(held, leader_whose_heir_is_killed_keeps_its_id)
{
	struct process *process = &self->process;

	ASSERT_TRUE(start_and_hold(process, true));
	ASSERT_TRUE(kill_and_reap(process, true));
	self->dead = ts_clock_ns(CLOCK_MONOTONIC);
	take_three_records(_metadata, self);
	EXPECT_LE(told(&self->records, process->heir.tid).ac_etime,
		  us(process->heir.before, self->dead));
}

TEST_F(held, dead_leader_whose_heir_is_killed_keeps_its_id)
{
	struct process *process = &self->process;

	ASSERT_TRUE(start_and_hold(process, false));
	ASSERT_TRUE(ts_wait_state(process->pid, process->pid, 'Z'));
	self->dead = ts_clock_ns(CLOCK_MONOTONIC);
	ASSERT_EQ('D', ts_task_state(process->pid, process->heir.tid));
	ASSERT_TRUE(kill_and_reap(process, false));
	take_three_records(_metadata, self);
	EXPECT_LE(told(&self->records, process->pid).ac_etime,
		  us(plan.before, self->dead));
}

/* The leader is a zombie for some time before the exec goes through. */
TEST_F(held, dead_leader_whose_heir_has_to_wait_is_told_of_once)
{
	struct process *process = &self->process;
	pid_t bystander;

	ASSERT_TRUE(start_and_hold(process, false));
	bystander = process->bystander.tid;
	ASSERT_TRUE(ts_wait_state(process->pid, process->pid, 'Z'));
	self->dead = ts_clock_ns(CLOCK_MONOTONIC);
	ASSERT_EQ(0, ptrace(PTRACE_CONT, bystander, NULL, NULL));
	ASSERT_EQ(bystander, waitpid(bystander, NULL, __WALL));
	ASSERT_TRUE(hear(process, &process->program));
	ASSERT_EQ(process->pid, process->program.tid);
	ASSERT_TRUE(end(process));
	ASSERT_EQ(0, take_records(&self->sk, process->pid, &self->records));
	EXPECT_EQ(3, self->records.n);
	EXPECT_EQ(1, times_told(&self->records, process->pid));
	EXPECT_EQ(1, times_told(&self->records, process->heir.tid));
	EXPECT_EQ(1, times_told(&self->records, bystander));
	EXPECT_EQ(1, self->records.groups);
	EXPECT_TRUE(self->records.in_order);
	EXPECT_TRUE(self->records.sane);
	EXPECT_TRUE(is_group_etime(&self->records));
	/* The leader's life is over before the exec is. */
	EXPECT_LE(told(&self->records, process->heir.tid).ac_etime,
		  us(plan.before, self->dead));
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "--live")) {
		if (sscanf(argv[2], "%d %d %d %d %d", &plan.out, &plan.in, &plan.rounds,
			   &plan.bystander, &plan.leader_exits) == 5)
			live();
		return 1;
	}
	return test_harness_run(argc, argv);
}
