// SPDX-License-Identifier: GPL-2.0
/*
 * What an exit costs: clock ticks a unit, which are instructions where the
 * guest's clock counts those (QEMU -icount shift=0).
 *
 *	exits WHAT UNITS LISTENERS [CPUS [BATCH]]
 *
 * WHAT is thread (create, exit, join) or process (fork, exit, wait) or group
 * (fork, a thread in it, exit, wait). LISTENERS listen to CPUS (0): by mask, or
 * with BATCH by LISTEN. Prints one number.
 */
#include "taskstats.h"

#define MAX_LISTENERS	2048

static void *end(void *arg)
{
	return arg;
}

static void run_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, end, NULL) || pthread_join(thread, NULL))
		_exit(2);
}

static void run_process(bool with_thread)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (with_thread)
			run_thread();
		_exit(0);
	}
	if (waitpid(pid, NULL, 0) != pid)
		_exit(3);
}

static void run(const char *what, int units)
{
	while (units--) {
		if (*what == 't')
			run_thread();
		else
			run_process(*what == 'g');
	}
}

static int subscribe(struct ts_sock *sk, const char *cpus, __u32 batch)
{
	struct ts_msg msg;

	ts_msg_init(&msg, sk, TASKSTATS_CMD_LISTEN, 0);
	ts_msg_put_u32(&msg, TASKSTATS_LISTEN_ATTR_RECORDS, TASKSTATS_RECORDS_THREAD);
	ts_msg_put(&msg, TASKSTATS_LISTEN_ATTR_CPUS, cpus, strlen(cpus) + 1);
	ts_msg_put_u32(&msg, TASKSTATS_LISTEN_ATTR_BATCH, batch);
	ts_msg_put_u32(&msg, TASKSTATS_LISTEN_ATTR_WAIT, 60000);
	return ts_ack(sk, &msg);
}

static void drain(struct ts_sock *sk)
{
	struct ts_dgram dgram;

	while (!ts_recv(sk, &dgram, 0))
		;
}

int main(int argc, char **argv)
{
	static struct ts_sock sk[MAX_LISTENERS];
	int units, listeners, i, error;
	const char *cpus;
	__u64 start, ns;

	if (argc < 4)
		return 1;
	units = atoi(argv[2]);
	listeners = atoi(argv[3]);
	cpus = argc > 4 ? argv[4] : "0";
	for (i = 0; i < listeners && i < MAX_LISTENERS; i++) {
		error = ts_open(&sk[i]);
		if (!error && argc > 5)
			error = subscribe(&sk[i], cpus, atoi(argv[5]));
		else if (!error)
			error = ts_listen(&sk[i], cpus);
		if (error) {
			fprintf(stderr, "listener %d: %s\n", i, strerror(-error));
			return 4;
		}
	}
	run(argv[1], units / 10 + 1);
	for (i = 0; i < listeners; i++)
		drain(&sk[i]);
	start = ts_clock_ns(CLOCK_MONOTONIC);
	run(argv[1], units);
	ns = ts_clock_ns(CLOCK_MONOTONIC) - start;
	printf("%.1f\n", (double)ns / units);
	return 0;
}
