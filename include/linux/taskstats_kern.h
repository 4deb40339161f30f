/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the rest of the kernel calls to have tasks accounted for by taskstats.
 */
#ifndef _LINUX_TASKSTATS_KERN_H
#define _LINUX_TASKSTATS_KERN_H

#include <linux/jump_label_ratelimit.h>
#include <linux/ktime.h>
#include <linux/preempt.h>
#include <linux/sched/signal.h>
#include <linux/types.h>

struct mm_struct;
struct task_struct;

#ifdef CONFIG_TASKSTATS

extern struct static_key_false_deferred taskstats_listening;

void __taskstats_exit(struct task_struct *tsk, bool group_dead);
void __taskstats_exec(struct task_struct *leader);
int taskstats_group_alloc(struct signal_struct *sig);
void taskstats_group_free(struct signal_struct *sig);
void __taskstats_group_depart(struct taskstats_totals *totals,
			      struct task_struct *tsk);
void taskstats_keep_mm(struct signal_struct *sig, struct mm_struct *mm);
void taskstats_init_early(void);

static inline void taskstats_end_life(struct task_struct *tsk)
{
	/* Until it is set, whoever asks has the thread live on: not for a time slice. */
	guard(preempt)();
	WRITE_ONCE(tsk->end_time, ktime_get_ns());
}

/**
 * taskstats_exit - tell the listeners of an exiting task
 * @tsk: current, which still has its mm
 * @group_dead: it is the last thread of its group
 *
 * For a single thread a branch that is patched out while nobody listens.
 *
 * Context: Process context. May sleep.
 */
static inline void taskstats_exit(struct task_struct *tsk, bool group_dead)
{
	if (tsk->signal->taskstats)
		taskstats_end_life(tsk);
	if (static_branch_unlikely(&taskstats_listening.key))
		__taskstats_exit(tsk, group_dead);
}

/**
 * taskstats_exec - an exec by a thread other than the leader has got its way, or
 *		    has been killed while it waited for that
 * @leader: the leader at the begin of the exec, not yet released
 *
 * Context: Process context, of the thread that executes. May sleep.
 */
static inline void taskstats_exec(struct task_struct *leader)
{
	/* Without a second thread there has been nobody to replace. */
	if (leader != current && leader->signal->taskstats)
		__taskstats_exec(leader);
}

/**
 * taskstats_group_depart - add a departing thread to its group's totals
 * @sig: the group
 * @tsk: the thread, which leaves the thread list in the same write section
 *
 * A group that never had a second thread has no totals and ends with @tsk.
 *
 * Context: @sig->stats_lock held for writing, interrupts off.
 */
static inline void taskstats_group_depart(struct signal_struct *sig,
					  struct task_struct *tsk)
{
	if (sig->taskstats)
		__taskstats_group_depart(sig->taskstats, tsk);
}

#else /* !CONFIG_TASKSTATS */

static inline void taskstats_exit(struct task_struct *tsk, bool group_dead)
{
}

static inline void taskstats_exec(struct task_struct *leader)
{
}

static inline void taskstats_keep_mm(struct signal_struct *sig,
				     struct mm_struct *mm)
{
}

static inline int taskstats_group_alloc(struct signal_struct *sig)
{
	return 0;
}

static inline void taskstats_group_free(struct signal_struct *sig)
{
}

static inline void taskstats_group_depart(struct signal_struct *sig,
					  struct task_struct *tsk)
{
}

static inline void taskstats_init_early(void)
{
}

#endif /* CONFIG_TASKSTATS */

#endif /* _LINUX_TASKSTATS_KERN_H */
