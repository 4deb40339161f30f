// SPDX-License-Identifier: GPL-2.0
/*
 * What an exit costs him who exits, and what it costs to be told of it.
 *
 *	exits UNIT [KIND LISTENERS [CPUS [BATCH]]]
 *
 * UNIT is a thread (create, exit, join), a process (fork, exit, wait) or a group
 * (fork, a thread in it, exit, wait). KIND is mask, listen, cn_proc, cn_proc_exit
 * or bpf, whose object is $BPF. LISTENERS listen to CPUS (the first one). Tells
 * of an exit, of what the listeners add to it, and of a record's reception.
 *
 * What it costs with nobody listening is found out first, and by the same
 * process: another one's memory lies elsewhere, and that makes nearly as much of
 * a difference as a listener.
 *
 * A process of its own makes the units: it has neither the sockets nor the
 * memory of the listeners, which fork() would copy. The listeners take in what
 * has come while it rests. Nothing may be lost, nor less told than there was.
 * Before either goes on, the kernel gets the time to free what RCU holds back,
 * which else is counted where it happens to be done.
 */
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>

#include "bench.h"
#include "exits.h"

/*
 * Units between two rests: two messages of a batch, which has 21 records at most.
 * Of threads these begin and end between two ticks, and take no more memory than
 * the CPU has at hand.
 */
#define CHUNK		42
#define CHUNKS		41
#define WARM		8
#define MEMORY		(4 << 20)

/* In ns. Ticks are 4 ms apart, and come at multiples of that. */
#define PERIOD		100000000
#define AFTER_TICK	500000

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

/* Until shortly after a tick: a chunk then has as many each time. */
static void settle(void)
{
	__u64 then = now_ns() + 2 * PERIOD;
	struct timespec at;

	then += AFTER_TICK - then % PERIOD;
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

static double let_work(struct worker worker)
{
	int units = CHUNK;
	__u64 ns;

	need(write(worker.order, &units, sizeof(units)) == sizeof(units) &&
	     read(worker.report, &ns, sizeof(ns)) == sizeof(ns), "worker");
	return (double)ns / CHUNK;
}

/* What a unit took in a chunk, what those took who were told, and of how many. */
struct chunk {
	double exiting;
	__u64 receiving;
	__u64 told;
};

static void take_in(const struct kind *kind, struct listener *listener, struct chunk *chunk)
{
	__u64 start = now_ns();
	int len = kind->receive(listener, memory, sizeof(memory));

	chunk->receiving += now_ns() - start;
	need(len >= 0, "lost records");
	chunk->told += kind->count(memory, len);
}

static int compare(const void *a, const void *b)
{
	const struct chunk *one = a, *other = b;

	return (one->exiting > other->exiting) - (one->exiting < other->exiting);
}

/*
 * Whatever else happens in the kernel falls on single chunks, hence of the
 * exits the median. The first few warm up.
 */
static struct chunk run_chunks(struct worker worker, const struct kind *kind,
			       struct listener *listener, int listeners)
{
	struct chunk all[CHUNKS] = {}, sum = {};
	int i, n;

	for (n = -WARM; n < CHUNKS; n++) {
		struct chunk chunk = { .exiting = let_work(worker) };

		settle();
		for (i = 0; i < listeners; i++)
			take_in(kind, &listener[i], &chunk);
		if (n < 0)
			continue;
		all[n] = chunk;
		sum.receiving += chunk.receiving;
		sum.told += chunk.told;
	}
	qsort(all, CHUNKS, sizeof(*all), compare);
	sum.exiting = all[CHUNKS / 2].exiting;
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

static void tell_all(const char *parameter, struct chunk none, struct chunk sum)
{
	tell("exit", parameter, sum.exiting, "instructions/exit");
	/* A process is ten times a thread: what a record adds to that is lost in it. */
	if (*parameter == 't')
		tell("record", parameter, sum.exiting - none.exiting, "instructions/exit");
	if (sum.told)
		tell("receive", parameter, (double)sum.receiving / sum.told,
		     "instructions/record");
}

int main(int argc, char **argv)
{
	struct wish wish = { .cpus = "0", .batch = 1, .object = getenv("BPF") };
	struct listener *listener;
	const struct kind *kind;
	struct chunk none, sum;
	struct worker worker;
	char parameter[64];
	int i, n, least;

	need(argc > 1, "usage: exits UNIT [KIND LISTENERS [CPUS [BATCH]]]");
	worker = start_worker(*argv[1]);
	memset(memory, 0, sizeof(memory));
	none = run_chunks(worker, NULL, NULL, 0);
	if (argc < 4) {
		tell("exit", argv[1], none.exiting, "instructions/exit");
		return 0;
	}
	kind = find_kind(argv[2]);
	n = atoi(argv[3]);
	wish.cpus = argc > 4 ? argv[4] : "0";
	wish.batch = argc > 5 ? atoi(argv[5]) : 1;
	listener = calloc(n, sizeof(*listener));
	for (i = 0; i < n; i++) {
		errno = -kind->open(&listener[i], &wish);
		need(!errno, argv[2]);
	}
	sum = run_chunks(worker, kind, listener, n);

	/* Up to a batch may be on its way still, at either end. */
	least = CHUNKS * CHUNK * (*argv[1] == 'g' ? 2 : 1) - wish.batch;
	need(strcmp(wish.cpus, "0") || sum.told >= (__u64)n * least, "missed records");
	snprintf(parameter, sizeof(parameter), "%s %s %d%s%s%s%s", argv[1], kind->name, n,
		 argc > 4 ? " cpu " : "", argc > 4 ? wish.cpus : "",
		 argc > 5 ? " batch " : "", argc > 5 ? argv[5] : "");
	tell_all(parameter, none, sum);
	return 0;
}
