/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Exits in great numbers, and the account that a listener has of them. Threads end
 * as fast as can be: made without libpthread, on the CPU of whoever makes them.
 */
#ifndef __SELFTESTS_TASKSTATS_ACCOUNT_H
#define __SELFTESTS_TASKSTATS_ACCOUNT_H

#include <linux/futex.h>
#include <linux/membarrier.h>

#include "fault.h"
#include "listen.h"
#include "taskstats.h"

#define TS_ENDS		8	/* at once */
#define TS_ENDS_UNFREED	4096	/* on a CPU */

/* A thread, on a CPU or on any if that is -1, that has others end there. */
struct ts_ender {
	pthread_t thread;
	unsigned long n;
	unsigned long ended;
	int cpu;
	bool may_fail;		/* the kernel may refuse them memory */
	int tid[TS_ENDS];
	char stack[TS_ENDS][4096];
};

static inline int ts_end_at_once(void *arg)
{
	(void)arg;
	return 0;
}

/* It has neither a TLS of its own nor any use for one. */
static inline int ts_start_ending(struct ts_ender *ender, int i)
{
	const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
			  CLONE_SYSVSEM | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;

	while (clone(ts_end_at_once, ender->stack[i + 1], flags, NULL, &ender->tid[i], NULL,
		     &ender->tid[i]) < 0) {
		if (!ender->may_fail)
			return -errno;
	}
	return 0;
}

/* As pthread_join() does it; whoever is told of exits has been told by then. */
static inline void ts_wait_ended(int *tid)
{
	int now;

	while ((now = __atomic_load_n(tid, __ATOMIC_SEQ_CST)))
		syscall(__NR_futex, tid, FUTEX_WAIT, now, NULL, NULL, 0);
}

/* Has up to TS_ENDS threads end here, and waits for them. */
static inline int ts_end_some(struct ts_ender *ender, int n)
{
	int i, started, error = 0;

	for (started = 0; started < n && !error; started++)
		error = ts_start_ending(ender, started);
	/* The last first: by then the others have ended, and it sleeps but once. */
	for (i = started - !!error; i-- > 0;) {
		ts_wait_ended(&ender->tid[i]);
		__atomic_add_fetch(&ender->ended, 1, __ATOMIC_SEQ_CST);
	}
	return error;
}

static inline void *ts_run_ender(void *arg)
{
	struct ts_ender *ender = arg;
	unsigned long left;

	/* What it is refused itself it asks for again; they inherit that. */
	if ((ender->cpu >= 0 && ts_pin(ender->cpu)) || (ender->may_fail && !ts_may_fail()))
		_exit(1);
	for (left = ender->n; left; left -= left < TS_ENDS ? left : TS_ENDS) {
		if (ts_end_some(ender, left < TS_ENDS ? left : TS_ENDS))
			_exit(1);
		/* RCU frees them, and must not fall behind: this waits for it. */
		if (!(ender->ended % TS_ENDS_UNFREED))
			syscall(__NR_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
	}
	return NULL;
}

struct ts_enders {
	struct ts_ender *ender;
	int n;
};

/* One on each CPU, that share @n exits. */
static inline int ts_enders_start(struct ts_enders *enders, const int *cpu, int ncpus,
				  unsigned long n, bool may_fail)
{
	struct ts_ender *ender;

	*enders = (struct ts_enders) { .ender = calloc(ncpus, sizeof(*ender)) };
	if (!enders->ender)
		return -ENOMEM;
	for (; enders->n < ncpus; enders->n++) {
		ender = &enders->ender[enders->n];
		ender->n = n / ncpus;
		ender->cpu = cpu[enders->n];
		ender->may_fail = may_fail;
		if (pthread_create(&ender->thread, NULL, ts_run_ender, ender))
			return -EAGAIN;
	}
	return 0;
}

/* How many have ended so far. */
static inline unsigned long ts_ended(const struct ts_enders *enders)
{
	unsigned long ended = 0;
	int i;

	for (i = 0; i < enders->n; i++)
		ended += __atomic_load_n(&enders->ender[i].ended, __ATOMIC_SEQ_CST);
	return ended;
}

static inline bool ts_enders_run(const struct ts_enders *enders)
{
	return ts_ended(enders) < enders->n * enders->ender[0].n;
}

/* How many exits it were in all, those of the enders included. */
static inline unsigned long ts_enders_join(struct ts_enders *enders)
{
	unsigned long ended;
	int i;

	for (i = 0; i < enders->n; i++)
		pthread_join(enders->ender[i].thread, NULL);
	ended = ts_ended(enders) + enders->n;
	free(enders->ender);
	return ended;
}

/* What both sides have come to. */
struct ts_balance {
	int error;
	struct ts_state state;
	__u64 received;
	__u64 gaps;
	int enobufs;
	int bad;
};

/*
 * Takes what there is, and one record more: it finds the buffer empty, and its
 * number tells how many there were before it.
 */
static inline void ts_balance_take(struct ts_listener *listener, const struct ts_sub *sub,
				   int cpu, struct ts_balance *balance)
{
	struct ts_sub last = *sub;

	ts_drain(listener);
	balance->error = ts_clear(listener, NULL);
	ts_drain(listener);
	if (!balance->error)
		balance->error = ts_ask(listener, &balance->state);
	balance->enobufs = listener->enobufs;
	balance->received = listener->received;

	last.batch = 1;
	if (!balance->error)
		balance->error = ts_subscribe(listener, &last);
	ts_drain(listener);
	if (ts_thread_exit_on(cpu) < 0 || !ts_await(listener, balance->received + 1))
		balance->error = -ETIMEDOUT;
	balance->gaps = listener->gaps;
	balance->bad = listener->bad;
}

static inline void ts_balance_expect(struct __test_metadata *_metadata,
				     const struct ts_balance *balance, __u64 exits)
{
	ASSERT_EQ(0, balance->error);
	EXPECT_EQ(exits, balance->state.delivered + balance->state.lost);
	EXPECT_EQ(balance->state.delivered, balance->received);
	EXPECT_EQ(balance->state.lost, balance->gaps);
	EXPECT_EQ(0U, balance->state.pending);
	EXPECT_EQ(0, balance->bad);
	TH_LOG("%llu exits, %llu received, %llu lost (%llu overrun, %llu no memory, %llu filtered)",
	       exits, balance->received, balance->state.lost, balance->state.lost_overrun,
	       balance->state.lost_nomem, balance->state.lost_filter);
}

#endif /* __SELFTESTS_TASKSTATS_ACCOUNT_H */
