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
#define TS_ENDS_MORE	500	/* that no reader need keep up with */

/* How threads are to end. */
#define TS_MAY_FAIL	1	/* the kernel may refuse them memory */
#define TS_GO_ON	2	/* more of them, slowly, until ts_enders_let_go() */

/* A thread, on a CPU or on any if that is -1, that has others end there. */
struct ts_ender {
	char stack[TS_ENDS][4096];	/* first, so that they are aligned */
	pthread_t thread;
	unsigned long n;
	unsigned long ended;
	int cpu;
	int how;
	int error;		/* what kept it from going on */
	bool let_go;
	bool done;
	int tid[TS_ENDS];
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
		if (!(ender->how & TS_MAY_FAIL))
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

/* What it is refused itself it asks for again; those that it has end inherit that. */
static inline int ts_set_up_ender(const struct ts_ender *ender)
{
	if (ender->cpu >= 0 && ts_pin(ender->cpu))
		return -errno;
	return ender->how & TS_MAY_FAIL && !ts_may_fail() ? -EIO : 0;
}

static inline int ts_end_all(struct ts_ender *ender)
{
	unsigned long left;
	int error = 0;

	for (left = ender->n; left && !error; left -= left < TS_ENDS ? left : TS_ENDS) {
		error = ts_end_some(ender, left < TS_ENDS ? left : TS_ENDS);
		/* RCU frees them, and must not fall behind: this waits for it. */
		if (!(ender->ended % TS_ENDS_UNFREED))
			syscall(__NR_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
	}
	return error;
}

/* Slowly, so that nothing overflows; however long it takes, a last one ends after it. */
static inline int ts_end_until_let_go(struct ts_ender *ender)
{
	int error = 0;

	while (!error && !__atomic_load_n(&ender->let_go, __ATOMIC_SEQ_CST)) {
		if (ender->ended < ender->n + TS_ENDS_MORE)
			error = ts_end_some(ender, TS_ENDS);
		poll(NULL, 0, 1);
	}
	return error ? error : ts_end_some(ender, 1);
}

static inline void *ts_run_ender(void *arg)
{
	struct ts_ender *ender = arg;

	ender->error = ts_set_up_ender(ender);
	if (!ender->error)
		ender->error = ts_end_all(ender);
	if (!ender->error && ender->how & TS_GO_ON)
		ender->error = ts_end_until_let_go(ender);
	__atomic_store_n(&ender->done, true, __ATOMIC_SEQ_CST);
	return NULL;
}

struct ts_enders {
	struct ts_ender *ender;
	int n;
};

/* One on each CPU, that share @n exits. */
static inline int ts_enders_start(struct ts_enders *enders, const int *cpu, int ncpus,
				  unsigned long n, int how)
{
	struct ts_ender *ender;

	*enders = (struct ts_enders) { .ender = calloc(ncpus, sizeof(*ender)) };
	if (!enders->ender)
		return -ENOMEM;
	for (; enders->n < ncpus; enders->n++) {
		ender = &enders->ender[enders->n];
		ender->n = n / ncpus;
		ender->cpu = cpu[enders->n];
		ender->how = how;
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
	int i;

	for (i = 0; i < enders->n; i++) {
		if (!__atomic_load_n(&enders->ender[i].done, __ATOMIC_SEQ_CST))
			return true;
	}
	return false;
}

static inline void ts_enders_let_go(struct ts_enders *enders)
{
	int i;

	for (i = 0; i < enders->n; i++)
		__atomic_store_n(&enders->ender[i].let_go, true, __ATOMIC_SEQ_CST);
}

/* Adds to @exits how many it were, those of the enders included; 0, or their error. */
static inline int ts_enders_join(struct ts_enders *enders, __u64 *exits)
{
	int i, error = 0;

	for (i = 0; i < enders->n; i++) {
		pthread_join(enders->ender[i].thread, NULL);
		if (!error)
			error = enders->ender[i].error;
	}
	*exits += ts_ended(enders) + enders->n;
	free(enders->ender);
	return error;
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
