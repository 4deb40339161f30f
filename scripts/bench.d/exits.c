// SPDX-License-Identifier: GPL-2.0
/*
 * What an exit costs him who exits, and what it costs to be told of it.
 *
 *	exits UNIT UNITS KIND LISTENERS [CPUS [BATCH]]
 *
 * UNIT is a thread (create, exit, join), a process (fork, exit, wait) or a group
 * (fork, a thread in it, exit, wait). KIND is mask, listen, cn_proc, cn_proc_exit
 * or bpf. LISTENERS listen to CPUS, the first one. $BPF is where the BPF object is.
 *
 * A process of its own makes the units: it has neither the sockets nor the
 * memory of the listeners, which fork() would copy. The listeners take in what
 * has come while it rests. Nothing may be lost, nor less told than there was.
 *
 * Before either goes on, the kernel gets the time to free what RCU holds back:
 * else that is counted where it happens to be done, and stacks are made anew
 * that could have been had again.
 */
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>

#include "bench.h"
#include "exits.h"

/* Units between two rests, a multiple of the batches. */
#define CHUNK	96
#define MEMORY	(4 << 20)
#define PERIOD	100000000

static const struct kind * const kinds[] = {
	&mask_kind, &listen_kind, &cn_proc_kind, &cn_proc_exit_kind, &bpf_kind,
};

static char memory[MEMORY];

static void *end(void *arg)
{
	return arg;
}

static void run_thread(void)
{
	pthread_t thread;

	need(!pthread_create(&thread, NULL, end, NULL) && !pthread_join(thread, NULL), "thread");
}

/* Until the next full tenth of a second, so that the tick comes at the same time. */
static void settle(void)
{
	__u64 then = now_ns() + 2 * PERIOD;
	struct timespec at;

	then -= then % PERIOD;
	at.tv_sec = then / 1000000000;
	at.tv_nsec = then % 1000000000;
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

static void run_process(bool with_thread)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (with_thread)
			run_thread();
		_exit(0);
	}
	need(waitpid(pid, NULL, 0) == pid, "fork");
}

static __u64 run(char unit, int units)
{
	__u64 start = now_ns();

	while (units--) {
		if (unit == 't')
			run_thread();
		else
			run_process(unit == 'g');
	}
	return now_ns() - start;
}

/* Tells how long it took as often as it is told how much to do. */
static void work(char unit, int in, int out)
{
	__u64 ns;
	int units;

	while (read(in, &units, sizeof(units)) == sizeof(units)) {
		settle();
		ns = run(unit, units);
		need(write(out, &ns, sizeof(ns)) == sizeof(ns), "worker");
	}
	_exit(0);
}

struct worker {
	int order;
	int report;
};

static struct worker start_worker(char unit)
{
	int order[2], report[2];
	pid_t pid;

	need(!pipe(order) && !pipe(report), "pipe");
	pid = fork();
	need(pid >= 0, "fork");
	if (!pid) {
		close(order[1]);
		work(unit, order[0], report[1]);
	}
	return (struct worker){ order[1], report[0] };
}

static __u64 let_work(struct worker worker, int units)
{
	__u64 ns;

	need(write(worker.order, &units, sizeof(units)) == sizeof(units) &&
	     read(worker.report, &ns, sizeof(ns)) == sizeof(ns), "worker");
	return ns;
}

struct sum {
	__u64 exiting;
	__u64 receiving;
	__u64 told;
};

static void take_in(const struct kind *kind, struct listener *listener, struct sum *sum)
{
	__u64 start = now_ns();
	int len = kind->receive(listener, memory, sizeof(memory));

	sum->receiving += now_ns() - start;
	need(len >= 0, "lost records");
	sum->told += kind->count(memory, len);
}

static struct sum run_chunks(struct worker worker, int chunks, const struct kind *kind,
			     struct listener *listener, int listeners)
{
	struct sum sum = {};
	int i;

	while (chunks--) {
		sum.exiting += let_work(worker, CHUNK);
		settle();
		for (i = 0; i < listeners; i++)
			take_in(kind, &listener[i], &sum);
	}
	return sum;
}

static const struct kind *find_kind(const char *name)
{
	unsigned int i;

	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (!strcmp(kinds[i]->name, name))
			return kinds[i];
	}
	need(0, name);
	return NULL;
}

int main(int argc, char **argv)
{
	struct wish wish = { .cpus = "0", .object = getenv("BPF") };
	int i, chunks, listeners, least;
	struct listener *listener;
	const struct kind *kind;
	struct worker worker;
	char parameter[64];
	struct sum sum;

	need(argc > 4, "usage: exits UNIT UNITS KIND LISTENERS [CPUS [BATCH]]");
	chunks = (atoi(argv[2]) + CHUNK - 1) / CHUNK;
	kind = find_kind(argv[3]);
	listeners = atoi(argv[4]);
	wish.cpus = argc > 5 ? argv[5] : "0";
	wish.batch = argc > 6 ? atoi(argv[6]) : 1;

	worker = start_worker(*argv[1]);
	listener = calloc(listeners + 1, sizeof(*listener));
	for (i = 0; i < listeners; i++) {
		errno = -kind->open(&listener[i], &wish);
		need(!errno, argv[3]);
	}
	memset(memory, 0, sizeof(memory));
	run_chunks(worker, 2, kind, listener, listeners);
	sum = run_chunks(worker, chunks, kind, listener, listeners);

	/* Up to a batch may be on its way still, at either end. */
	least = chunks * CHUNK * (*argv[1] == 'g' ? 2 : 1) - wish.batch;
	need(strcmp(wish.cpus, "0") || sum.told >= (__u64)listeners * least, "missed records");
	snprintf(parameter, sizeof(parameter), "%s %s %d%s%s", argv[1], listeners ? kind->name :
		 "-", listeners, argc > 5 ? " cpu " : "", argc > 5 ? argv[5] : "");
	if (argc > 6)
		snprintf(parameter + strlen(parameter), 16, " batch %d", wish.batch);
	tell("exit", parameter, (double)sum.exiting / chunks / CHUNK, "instructions/exit");
	if (sum.told)
		tell("receive", parameter, (double)sum.receiving / sum.told,
		     "instructions/record");
	return 0;
}
