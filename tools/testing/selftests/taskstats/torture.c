// SPDX-License-Identifier: GPL-2.0
/*
 * Thread groups of 1 to 64 threads start, work, execute and die in all ways
 * while two readers ask about them without pause, and what they are told has to
 * hold together: see the plan in main().
 *
 * Takes some seconds. TASKSTATS_TORTURE_DEATHS=100000 goes on until so many
 * threads have died, however long that takes.
 */
#include <sys/mman.h>

#include "kselftest.h"
#include "group.h"
#include "taskstats.h"

#define NGROUPS		3
#define NREADERS	2
#define MAX_THREADS	64
#define EXECS		2
#define DEATHS		3000
#define SECONDS		7
#define EXEC_ROW	60
#define EXEC_SECONDS	4
/* So many groups that end without a word are enough. */
#define UNTOLD		100

struct slot {
	pid_t pid;
	/* Odd while @pid is a group that has not been reaped. */
	unsigned int generation;
};

struct reader {
	unsigned long answers;
	unsigned long absent;
	unsigned long violations[TS_NTOTALS];
	__u64 before[TS_NTOTALS];
	__u64 after[TS_NTOTALS];
};

static struct shared {
	struct slot slot[NGROUPS];
	struct reader reader[NREADERS];
	unsigned int stop;
} *shared;

/* What the process that makes the groups knows of one. */
static struct group {
	struct taskstats sum;	/* of its threads' exit records */
	struct taskstats last;	/* the record of the group itself */
	bool incomplete;
} groups[NGROUPS];

static struct {
	unsigned long groups, compared, deaths, lost;
	unsigned long bad_counts, bad_cpu, bad_sums, bad_last, no_answer;
} seen;

/* The group's side: a process that only works, and ends. */

static unsigned int seed;
static int nexecs;
static int zero_fd, null_fd;

static unsigned int rnd(unsigned int *state, unsigned int n)
{
	return rand_r(state) / 7 % n;
}

static void work(unsigned int *state)
{
	int n = rnd(state, 8), i;
	size_t size = 4 * sysconf(_SC_PAGESIZE);
	char buf[3000], *mem;

	for (i = 0; i < n; i++) {
		if (read(zero_fd, buf, 100 * n) < 0 || write(null_fd, buf, 300 * n) < 0)
			_exit(100);
		if (i % 4 == 1)
			sched_yield();
	}
	if (n == 1)
		poll(NULL, 0, 1);
	if (n % 2) {
		mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (mem == MAP_FAILED)
			_exit(101);
		memset(mem, n, size);
		munmap(mem, size);
	}
	for (i = 0; i < n << 14; i++)
		asm volatile("");
}

static void execute(const char *what)
{
	char arg[2][16];

	if (!nexecs)
		_exit(0);
	snprintf(arg[0], sizeof(arg[0]), "%u", seed + 1);
	snprintf(arg[1], sizeof(arg[1]), "%d", nexecs - 1);
	execl("/proc/self/exe", "torture", what, arg[0], arg[1], (char *)NULL);
	_exit(102);
}

static void *execute_in_row(void *arg)
{
	execute("row");
	return arg;
}

/* Does nothing but execute, and each time it is another thread that does. */
static int run_row(void)
{
	pthread_t thread;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (pthread_create(&thread, NULL, execute_in_row, NULL))
		_exit(104);
	while (1)
		pause();
}

enum ending {
	END_JOINED,
	END_EXIT,
	END_KILL,
	END_LEADER_FIRST,
	END_EXIT_BY_THREAD,
	END_KILL_BY_THREAD,
	END_EXEC,
	END_EXEC_BY_THREAD,
	NENDINGS
};

struct thread {
	pthread_t handle;
	unsigned int state;
	bool last;
};

static enum ending ending;

static void *run_thread(void *arg)
{
	struct thread *thread = arg;

	work(&thread->state);
	if (thread->last) {
		if (ending == END_EXIT_BY_THREAD)
			_exit(1);
		if (ending == END_KILL_BY_THREAD)
			kill(getpid(), SIGKILL);
		if (ending == END_EXEC_BY_THREAD)
			execute("group");
	}
	work(&thread->state);
	return NULL;
}

static int run_group(void)
{
	struct thread thread[MAX_THREADS];
	unsigned int n, i, state = seed;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	zero_fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	n = rnd(&state, rnd(&state, 2) ? MAX_THREADS : 4);
	ending = rnd(&state, NENDINGS);
	/* To execute costs as much as many threads. */
	if (ending >= END_EXEC && rnd(&state, 2))
		ending -= END_EXEC;
	for (i = 0; i < n; i++) {
		thread[i].state = state + i;
		thread[i].last = i == n - 1;
		if (pthread_create(&thread[i].handle, NULL, run_thread, &thread[i]))
			_exit(103);
	}
	work(&state);
	switch (ending) {
	case END_EXEC:
		execute("group");
		break;
	case END_EXIT:
		_exit(2);
	case END_KILL:
		kill(getpid(), SIGKILL);
		break;
	case END_LEADER_FIRST:
		syscall(__NR_exit, 3);
		break;
	default:
		for (i = 0; i < n; i++)
			pthread_join(thread[i].handle, NULL);
	}
	_exit(0);
}

/* The readers' side. */

static void look_at(struct reader *reader, const struct taskstats *before,
		    const struct taskstats *after)
{
	int i = -1;

	while ((i = ts_gone_down(before, after, i + 1)) >= 0) {
		if (reader->violations[i]++)
			continue;
		reader->before[i] = ts_total(before, i);
		reader->after[i] = ts_total(after, i);
	}
}

static void run_reader(struct reader *reader)
{
	unsigned int known[NGROUPS] = {}, generation, i;
	struct taskstats last[NGROUPS], stats;
	struct ts_sock sk;
	int error;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (ts_open(&sk))
		_exit(1);
	for (i = 0; !__atomic_load_n(&shared->stop, __ATOMIC_SEQ_CST); i = (i + 1) % NGROUPS) {
		generation = __atomic_load_n(&shared->slot[i].generation, __ATOMIC_SEQ_CST);
		if (generation % 2 == 0)
			continue;
		error = ts_query_tgid(&sk, shared->slot[i].pid, &stats);
		/* It may have been reaped meanwhile, and this be another. */
		if (__atomic_load_n(&shared->slot[i].generation, __ATOMIC_SEQ_CST) != generation)
			continue;
		reader->answers++;
		if (error) {
			reader->absent++;
			continue;
		}
		if (known[i] == generation)
			look_at(reader, &last[i], &stats);
		known[i] = generation;
		last[i] = stats;
	}
	_exit(0);
}

/* The maker's side. */

static void start_group(int i, int (*run)(void), int execs)
{
	struct slot *slot = &shared->slot[i];
	pid_t pid;

	memset(&groups[i], 0, sizeof(groups[i]));
	seed += 1000;
	pid = fork();
	if (pid == 0) {
		nexecs = execs;
		_exit(run());
	}
	if (pid < 0)
		ksft_exit_fail_perror("fork");
	slot->pid = pid;
	__atomic_add_fetch(&slot->generation, 1, __ATOMIC_SEQ_CST);
}

static int find_group(pid_t pid)
{
	int i;

	for (i = 0; i < NGROUPS; i++) {
		if (shared->slot[i].pid == pid && shared->slot[i].generation % 2)
			return i;
	}
	return -1;
}

/* All records that have come so far. */
static void take_records(struct ts_sock *sk)
{
	struct ts_exit rec;
	int error, i;

	while ((error = ts_next_exit(sk, &rec, 0)) != -EAGAIN) {
		if (error == -ENOBUFS) {
			seen.lost++;
			for (i = 0; i < NGROUPS; i++)
				groups[i].incomplete = true;
			continue;
		}
		if (error)
			ksft_exit_fail_msg("no exit record: %s\n", strerror(-error));
		i = find_group(rec.pid.stats.ac_tgid);
		if (i < 0)
			continue;
		seen.deaths++;
		ts_add_totals(&groups[i].sum, &rec.pid.stats);
		if (rec.has_tgid)
			groups[i].last = rec.tgid.stats;
	}
}

static void complain(unsigned long *count, pid_t pid, const struct taskstats *stats,
		     const struct rusage *ru, const char *what)
{
	if ((*count)++)
		return;
	ksft_print_msg("%d: %s\n", pid, what);
	ksft_print_msg("answer: minflt %llu majflt %llu nvcsw %llu nivcsw %llu\n",
		       stats->ac_minflt, stats->ac_majflt, stats->nvcsw, stats->nivcsw);
	ksft_print_msg("rusage: minflt %ld majflt %ld nvcsw %ld nivcsw %ld\n",
		       ru->ru_minflt, ru->ru_majflt, ru->ru_nvcsw, ru->ru_nivcsw);
	ksft_print_msg("answer: utime %llu stime %llu virtual %llu ns, rusage: %llu us\n",
		       stats->ac_utime, stats->ac_stime, stats->cpu_run_virtual_total,
		       ts_cpu_us(ru));
}

static void complain_sum(unsigned long *count, const struct taskstats *sum,
			 const struct taskstats *stats, const char *what)
{
	int i = ts_gone_down(sum, stats, 0);

	if (i < 0 || (*count)++)
		return;
	ksft_print_msg("%s: %s %llu, of the zombie %llu\n", ts_totals[i].name, what,
		       ts_total(sum, i), ts_total(stats, i));
}

/* Asks between two looks at a zombie's rusage that agree. */
static int query_zombie(struct ts_sock *sk, pid_t pid, struct rusage *ru, struct taskstats *stats)
{
	__u64 start = ts_clock_ns(CLOCK_MONOTONIC);
	struct rusage before;
	int error;

	do {
		error = ts_zombie_rusage(pid, NULL, &before);
		if (!error)
			error = ts_query_tgid(sk, pid, stats);
		if (!error)
			error = ts_zombie_rusage(pid, NULL, ru);
		if (error)
			return error;
		if (!memcmp(&before, ru, sizeof(before)))
			return 0;
	} while (ts_poll_again(start));
	return -ETIMEDOUT;
}

static void bury(struct ts_sock *sk, struct ts_sock *listener, int i)
{
	struct slot *slot = &shared->slot[i];
	struct group *group = &groups[i];
	struct taskstats stats;
	struct rusage ru;
	int status;

	if (query_zombie(sk, slot->pid, &ru, &stats)) {
		seen.no_answer++;
	} else {
		if (!ts_is_rusage(&stats, &ru))
			complain(&seen.bad_counts, slot->pid, &stats, &ru, "counts differ");
		if (!ts_is_cpu_time(&stats, ts_cpu_us(&ru), ts_cpu_us(&ru)))
			complain(&seen.bad_cpu, slot->pid, &stats, &ru, "CPU time differs");
		take_records(listener);
		if (!group->incomplete && group->sum.ac_etime) {
			seen.compared++;
			complain_sum(&seen.bad_sums, &group->sum, &stats, "records make");
			complain_sum(&seen.bad_last, &group->last, &stats, "last record says");
		}
	}
	__atomic_add_fetch(&slot->generation, 1, __ATOMIC_SEQ_CST);
	if (waitpid(slot->pid, &status, 0) != slot->pid ||
	    (WIFEXITED(status) && WEXITSTATUS(status) >= 100))
		ksft_exit_fail_msg("a group failed: status 0x%x\n", status);
	seen.groups++;
	if (!seen.deaths && !seen.lost && seen.groups > UNTOLD)
		ksft_exit_fail_msg("%lu groups ended, and no exit was told\n", seen.groups);
}

/* Buries the next group to die; which it was. */
static int wait_group(struct ts_sock *sk, struct ts_sock *listener)
{
	siginfo_t info;
	int i;

	if (waitid(P_ALL, 0, &info, WEXITED | WNOWAIT))
		ksft_exit_fail_perror("waitid");
	i = find_group(info.si_pid);
	if (i < 0)
		ksft_exit_fail_msg("a reader ended: %d\n", info.si_status);
	bury(sk, listener, i);
	return i;
}

/* With nobody else to look at, the readers are there when it executes. */
static void torture_row(struct ts_sock *sk, struct ts_sock *listener)
{
	__u64 end = ts_clock_ns(CLOCK_MONOTONIC) + EXEC_SECONDS * 1000000000ULL;

	do {
		start_group(0, run_row, EXEC_ROW / 4);
		wait_group(sk, listener);
	} while (seen.deaths < EXEC_ROW && ts_clock_ns(CLOCK_MONOTONIC) < end);
}

static void torture(struct ts_sock *sk, struct ts_sock *listener, unsigned long deaths,
		    __u64 end)
{
	siginfo_t info;
	int i;

	for (i = 0; i < NGROUPS; i++)
		start_group(i, run_group, EXECS);
	while (1) {
		i = wait_group(sk, listener);
		if (seen.deaths >= deaths || ts_clock_ns(CLOCK_MONOTONIC) > end)
			break;
		start_group(i, run_group, EXECS);
	}
	/* The readers may go on looking at what is left of the others. */
	__atomic_store_n(&shared->stop, 1, __ATOMIC_SEQ_CST);
	while (waitid(P_ALL, 0, &info, WEXITED | WNOWAIT) == 0) {
		i = find_group(info.si_pid);
		if (i >= 0)
			bury(sk, listener, i);
		else
			waitpid(info.si_pid, NULL, 0);
	}
}

static void start_readers(void)
{
	pid_t pid;
	int i;

	for (i = 0; i < NREADERS; i++) {
		pid = fork();
		if (pid == 0)
			run_reader(&shared->reader[i]);
		if (pid < 0)
			ksft_exit_fail_perror("fork");
	}
}

/* How often a total went down, with an example of each. */
static unsigned long report_readers(unsigned long *answers, unsigned long *absent)
{
	unsigned long violations = 0;
	struct reader *reader;
	int i, r;

	for (r = 0; r < NREADERS; r++) {
		reader = &shared->reader[r];
		*answers += reader->answers;
		*absent += reader->absent;
		for (i = 0; i < TS_NTOTALS; i++) {
			violations += reader->violations[i];
			if (reader->violations[i])
				ksft_print_msg("%s went down %lu times, e.g. from %llu to %llu\n",
					       ts_totals[i].name, reader->violations[i],
					       reader->before[i], reader->after[i]);
		}
	}
	return violations;
}

int main(int argc, char **argv)
{
	const char *env = getenv("TASKSTATS_TORTURE_DEATHS"), *lacks;
	unsigned long deaths = DEATHS, answers = 0, absent = 0, violations;
	__u64 start = ts_clock_ns(CLOCK_MONOTONIC);
	struct ts_sock sk, listener;
	__u64 end = start + (SECONDS + EXEC_SECONDS) * 1000000000ULL;

	if (argc == 4) {
		seed = strtoul(argv[2], NULL, 10);
		nexecs = atoi(argv[3]);
		return strcmp(argv[1], "row") ? run_group() : run_row();
	}

	ksft_print_header();
	lacks = ts_lacks();
	if (lacks)
		ksft_exit_skip("%s\n", lacks);
	if (env) {
		deaths = strtoul(env, NULL, 10);
		end = -1ULL;
	}
	ksft_set_plan(6);

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (shared == MAP_FAILED || ts_open(&sk) || ts_open(&listener) ||
	    ts_listen(&listener, "all"))
		ksft_exit_fail_msg("cannot ask or cannot listen\n");
	start_readers();
	torture_row(&sk, &listener);
	torture(&sk, &listener, deaths, end);
	ts_stop_listening(&listener);
	ts_close(&sk);

	violations = report_readers(&answers, &absent);
	ksft_print_msg("%lu groups, %lu deaths, %lu answers, %lu missing, %lu overruns, %llu ms\n",
		       seen.groups, seen.deaths, answers, absent, seen.lost,
		       (ts_clock_ns(CLOCK_MONOTONIC) - start) / 1000000);
	ksft_test_result(answers > absent && !violations,
			 "totals of a group never go down until it is reaped\n");
	ksft_test_result(answers && !absent && !seen.no_answer,
			 "a group has an answer until it is reaped\n");
	ksft_test_result(!seen.bad_counts, "a zombie's faults and switches are its rusage\n");
	if (ts_has_delay_accounting())
		ksft_test_result(!seen.bad_cpu, "a zombie's CPU time is its rusage\n");
	else
		ksft_test_result_skip("a zombie's CPU time is its rusage\n");
	ksft_test_result(seen.compared && !seen.bad_sums,
			 "a zombie is not below the records of its threads\n");
	ksft_test_result(seen.compared && !seen.bad_last,
			 "a zombie is not below the record of its group\n");
	ksft_finished();
}
