// SPDX-License-Identifier: GPL-2.0
/*
 * Do those who ask get into each other's way?  In a guest with two CPUs and a
 * clock that tells the time: microseconds of an emulated machine.
 *
 *	hold ... contend latency [query] [dump]	of a query, alone and beside these
 *	hold ... contend readers N...		queries a second of N readers
 */
#include "dump.h"

/* Alone and beside by turns, as the machine that emulates this one has moods. */
#define ROUNDS	15
#define SAMPLES	2000
#define SECONDS	3

static struct holding tasks;

static void query(struct ts_sock *sk, int task)
{
	struct ts_dgram dgram;
	struct ts_msg msg;

	ts_msg_get(&msg, sk, TASKSTATS_CMD_ATTR_PID, tasks.task[task].tid);
	need(!ts_send(sk, &msg), "send");
	need(recv(ts_fd(sk), dgram.buf, sizeof(dgram.buf), 0) >= TS_HDRLEN + TS_AGGR_LEN,
	     "no answer");
}

static void dump_on(void)
{
	struct dump dump;

	need(!dump_open(&dump, true, 32768), "no taskstats");
	for (;;)
		need(dump_all(&dump, NULL) >= tasks.count, "not all that is held is told");
}

static void query_on(void)
{
	struct ts_sock sk;
	int i;

	need(!ts_open(&sk), "no taskstats");
	for (i = 0;; i = (i + 1) % tasks.count)
		query(&sk, i);
}

static pid_t beside(void (*work)(void))
{
	pid_t pid = fork();

	need(pid >= 0, "fork");
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		ts_pin(1);
		work();
	}
	return pid;
}

static int compare(const void *a, const void *b)
{
	const __u64 *one = a, *other = b;

	return (*one > *other) - (*one < *other);
}

/* Percentiles of each round. */
struct latency {
	__u64 p50[ROUNDS];
	__u64 p99[ROUNDS];
};

static void sample(struct ts_sock *sk, struct latency *latency, int round)
{
	static __u64 ns[SAMPLES];
	__u64 start;
	int i;

	poll(NULL, 0, 100);
	for (i = 0; i < SAMPLES; i++) {
		start = now_ns();
		query(sk, rand() % tasks.count);
		ns[i] = now_ns() - start;
	}
	qsort(ns, SAMPLES, sizeof(*ns), compare);
	if (round < 0)
		return;
	latency->p50[round] = ns[SAMPLES / 2];
	latency->p99[round] = ns[SAMPLES / 100 * 99];
}

static void tell_median(const char *of, const char *percentile, __u64 *ns)
{
	char parameter[64];

	qsort(ns, ROUNDS, sizeof(*ns), compare);
	snprintf(parameter, sizeof(parameter), "%s %s %d", percentile, of, tasks.count);
	tell("latency", parameter, ns[ROUNDS / 2] / 1e3, "us, emulated");
}

static void latency(const char *with)
{
	struct latency alone, both;
	char parameter[64];
	struct ts_sock sk;
	pid_t pid;
	int i;

	need(!ts_open(&sk), "no taskstats");
	ts_pin(0);
	pid = beside(*with == 'd' ? dump_on : query_on);
	for (i = -1; i < ROUNDS; i++) {
		sample(&sk, &both, i);
		kill(pid, SIGSTOP);
		sample(&sk, &alone, i);
		kill(pid, SIGCONT);
		need(waitpid(pid, NULL, WNOHANG) == 0, "the other one has died");
	}
	kill(pid, SIGKILL);
	snprintf(parameter, sizeof(parameter), "without %s", with);
	tell_median(parameter, "p50", alone.p50);
	tell_median(parameter, "p99", alone.p99);
	snprintf(parameter, sizeof(parameter), "beside %s", with);
	tell_median(parameter, "p50", both.p50);
	tell_median(parameter, "p99", both.p99);
}

static void read_for(int out)
{
	__u64 end = now_ns() + SECONDS * 1000000000ULL, n = 0;
	struct ts_sock sk;

	need(!ts_open(&sk), "no taskstats");
	while (now_ns() < end)
		query(&sk, n++ % tasks.count);
	need(write(out, &n, sizeof(n)) == sizeof(n), "pipe");
	_exit(0);
}

static void read_by(int count)
{
	__u64 n, sum = 0;
	char parameter[64];
	int i, fd[2];

	need(!pipe(fd), "pipe");
	for (i = 0; i < count; i++) {
		if (!fork())
			read_for(fd[1]);
	}
	for (i = 0; i < count; i++) {
		need(read(fd[0], &n, sizeof(n)) == sizeof(n), "pipe");
		sum += n;
	}
	snprintf(parameter, sizeof(parameter), "readers %d", count);
	tell("throughput", parameter, (double)sum / SECONDS, "queries/s, emulated");
}

int main(int argc, char **argv)
{
	int i;

	need(argc > 2, "usage: contend latency [query] [dump], or readers N...");
	tasks = holding();
	for (i = 2; i < argc; i++) {
		if (*argv[1] == 'l')
			latency(argv[i]);
		else
			read_by(atoi(argv[i]));
	}
	return 0;
}
