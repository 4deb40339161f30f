// SPDX-License-Identifier: GPL-2.0
/*
 * Taskstats: from a task or a thread group to a struct taskstats.
 *
 * A group's figures are those of its threads on the thread list plus those of
 * the threads that have left it. What a leaving thread has used is added to
 * signal_struct in the same write section of ->stats_lock that takes it off the
 * list, see __exit_signal(); a reader of that lock counts every thread once.
 */
#include <linux/acct.h>
#include <linux/bitops.h>
#include <linux/cred.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/ktime.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/sched/cputime.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/delayacct.h>
#include <kunit/visibility.h>
#include <linux/taskstats_kern.h>
#include <linux/tsacct_kern.h>
#include "taskstats.h"

/* bacct_add_identity() tells this of the leader; what another thread did counts too. */
static u8 thread_flags(const struct task_struct *tsk)
{
	unsigned int flags = READ_ONCE(tsk->flags);

	return (flags & PF_SUPERPRIV ? ASU : 0) | (flags & PF_DUMPCORE ? ACORE : 0);
}

/* Nothing is set if there is no file. */
static void name_exe(const struct file *exe, dev_t *dev, u64 *inode)
{
	if (!exe)
		return;
	*dev = file_inode(exe)->i_sb->s_dev;
	*inode = file_inode(exe)->i_ino;
}

/* The file that an address space executes. */
static void exe_of(struct mm_struct *mm, dev_t *dev, u64 *inode)
{
	struct file *exe __free(fput) = get_mm_exe_file(mm);

	name_exe(exe, dev, inode);
}

static void fill_exe(struct taskstats *stats, dev_t dev, u64 inode)
{
	stats->ac_exe_dev = huge_encode_dev(dev);
	stats->ac_exe_inode = inode;
}

static void fill_mm(struct taskstats *stats, const struct taskstats_mm *mm)
{
	xacct_set_hiwater(stats, mm->rss, mm->vm);
	fill_exe(stats, mm->exe_dev, mm->exe_inode);
}

/**
 * taskstats_read_mm - what is told of an address space
 * @figures: where to write
 * @mm: the address space, which the caller keeps from going
 *
 * Context: Any. Does not sleep.
 * Return: @figures.
 */
const struct taskstats_mm *taskstats_read_mm(struct taskstats_mm *figures,
					     struct mm_struct *mm)
{
	*figures = (struct taskstats_mm) {
		.rss = data_race(get_mm_hiwater_rss(mm)), /* others may raise */
		.vm = data_race(get_mm_hiwater_vm(mm)), /* either meanwhile */
	};
	exe_of(mm, &figures->exe_dev, &figures->exe_inode);
	return figures;
}

/**
 * taskstats_task_mm - what is told of the address space of a task
 * @figures: where to write
 * @tsk: the task; the caller holds a reference
 *
 * It takes no reference to the address space: if that was the last one, who puts
 * it waits for I/O, or has a worker wait, for as long as a file system likes.
 *
 * Context: Any but interrupts. Takes task_lock. Does not sleep.
 * Return: @figures, or NULL if there is no address space any more.
 */
const struct taskstats_mm *taskstats_task_mm(struct taskstats_mm *figures,
					     struct task_struct *tsk)
{
	guard(task_lock)(tsk);
	if (READ_ONCE(tsk->flags) & PF_KTHREAD || !tsk->mm)
		return NULL;
	return taskstats_read_mm(figures, tsk->mm);
}

/**
 * taskstats_fill_task - what is known of one task
 * @stats: where to write; every byte is set
 * @tsk: the task; the caller holds a reference, or it is current
 * @mm: what is told of its address space, or NULL if it has none
 * @view: the namespaces in whose terms ids are told
 *
 * Context: Any.
 */
void taskstats_fill_task(struct taskstats *stats, struct task_struct *tsk,
			 const struct taskstats_mm *mm, const struct taskstats_view *view)
{
	memset(stats, 0, sizeof(*stats));
	stats->version = TASKSTATS_VERSION;
	stats->nvcsw = READ_ONCE(tsk->nvcsw);
	stats->nivcsw = READ_ONCE(tsk->nivcsw);
	xacct_sum_tsk(stats, tsk);
	xacct_round(stats);
	if (mm)
		fill_mm(stats, mm);
	/* Last: until here the compiler knows what is zero. */
	bacct_add_tsk(view->user_ns, view->pid_ns, stats, tsk);
	delayacct_add_tsk(stats, tsk);
}
EXPORT_SYMBOL_IF_KUNIT(taskstats_fill_task);

/**
 * taskstats_translate - tell the ids of filled in figures in other terms
 * @stats: figures of a task, or of a group
 * @tsk: the task, or the group's leader; it has not been unhashed
 * @view: the namespaces in whose terms ids are told
 *
 * Context: Any.
 */
void taskstats_translate(struct taskstats *stats, struct task_struct *tsk,
			 const struct taskstats_view *view)
{
	const struct cred *cred;

	guard(rcu)();
	cred = __task_cred(tsk);
	stats->ac_uid = from_kuid_munged(view->user_ns, cred->uid);
	stats->ac_gid = from_kgid_munged(view->user_ns, cred->gid);
	stats->ac_pid = task_pid_nr_ns(tsk, view->pid_ns);
	stats->ac_tgid = task_tgid_nr_ns(tsk, view->pid_ns);
	stats->ac_ppid = task_ppid_nr_ns(tsk, view->pid_ns);
}

/* Where there are none, round_sum() tells those that are not scaled. */
static void sum_scaled(struct taskstats *stats, struct task_struct *tsk)
{
	u64 utime, stime;

	if (!IS_ENABLED(CONFIG_ARCH_HAS_SCALED_CPUTIME))
		return;
	task_cputime_scaled(tsk, &utime, &stime);
	stats->ac_utimescaled += utime;
	stats->ac_stimescaled += stime;
}

/* What the group's departed threads have left in signal_struct, CPU times in ns. */
static void sum_departed(struct taskstats *stats, const struct signal_struct *sig)
{
	/* Pairs with cmpxchg() in taskstats_group_alloc(). */
	const struct taskstats_totals *totals = READ_ONCE(sig->taskstats);

	if (totals)
		memcpy(stats, &totals->sum, sizeof(*stats));	/* padding too */
	else
		memset(stats, 0, sizeof(*stats));

	/*
	 * Of what signal_struct has too, only its own figures: the two would
	 * have been read one after the other, and can differ for a thread whose
	 * last moments on its CPU are not over.
	 */
	if (IS_ENABLED(CONFIG_TASK_DELAY_ACCT)) {
		stats->cpu_run_real_total = sig->utime + sig->stime;
		stats->cpu_run_virtual_total = sig->sum_sched_runtime;
	}
	stats->nvcsw = sig->nvcsw;
	stats->nivcsw = sig->nivcsw;
	stats->ac_utime = sig->utime;
	stats->ac_stime = sig->stime;
	stats->ac_minflt = sig->min_flt;
	stats->ac_majflt = sig->maj_flt;
}

static void sum_thread(struct taskstats *stats, struct task_struct *tsk, u64 now)
{
	u64 utime, stime;

	delayacct_add_tsk(stats, tsk);
	xacct_sum_tsk(stats, tsk);
	stats->ac_flag |= thread_flags(tsk);
	stats->nvcsw += READ_ONCE(tsk->nvcsw);
	stats->nivcsw += READ_ONCE(tsk->nivcsw);

	task_cputime(tsk, &utime, &stime);
	stats->ac_utime += utime;
	stats->ac_stime += stime;
	sum_scaled(stats, tsk);
	stats->ac_etime += bacct_elapsed_us(tsk, now);
	stats->ac_minflt += READ_ONCE(tsk->min_flt);
	stats->ac_majflt += READ_ONCE(tsk->maj_flt);
}

/* Returns false if @tsk has left its group. */
static bool sum_group(struct taskstats *stats, struct task_struct *tsk, u64 now)
{
	struct signal_struct *sig = tsk->signal;
	struct task_struct *thread;
	bool belongs = false;

	guard(rcu)();
	/* Against __exit_signal(): a thread is on the list or in the totals. */
	scoped_seqlock_read(&sig->stats_lock, ss_lock_irqsave) {
		/*
		 * An exec by another thread ends @tsk before the group is that of
		 * the new program, which may not be anybody's to see.
		 */
		belongs = pid_alive(tsk);
		sum_departed(stats, sig);
		__for_each_thread(sig, thread)
			sum_thread(stats, thread, now);
	}
	return belongs;
}

/**
 * taskstats_group_mm - what is told of the address space of a thread group
 * @figures: where to write
 * @sig: the group
 *
 * The leader may have left it while other threads go on.
 *
 * Context: As taskstats_task_mm().
 * Return: @figures, or NULL if there is no address space any more.
 */
const struct taskstats_mm *taskstats_group_mm(struct taskstats_mm *figures,
					      struct signal_struct *sig)
{
	const struct taskstats_mm *mm;
	struct task_struct *tsk;

	guard(rcu)();
	__for_each_thread(sig, tsk) {
		mm = taskstats_task_mm(figures, tsk);
		if (mm)
			return mm;
	}
	return NULL;
}

/* A sum over threads is brought to the units of the interface. */
static void round_sum(struct taskstats *stats)
{
	xacct_round(stats);
	stats->ac_utime = div_u64(stats->ac_utime, NSEC_PER_USEC);
	stats->ac_stime = div_u64(stats->ac_stime, NSEC_PER_USEC);
	if (IS_ENABLED(CONFIG_ARCH_HAS_SCALED_CPUTIME)) {
		stats->ac_utimescaled = div_u64(stats->ac_utimescaled, NSEC_PER_USEC);
		stats->ac_stimescaled = div_u64(stats->ac_stimescaled, NSEC_PER_USEC);
	} else {
		stats->ac_utimescaled = stats->ac_utime;
		stats->ac_stimescaled = stats->ac_stime;
	}
}

/* What is left of an address space that has gone. */
static void fill_kept_mm(struct taskstats *stats, const struct signal_struct *sig)
{
	/*
	 * It was found to have gone under task_lock(), or off the list with its
	 * thread, which sum_group() has read stats_lock after. So whoever called
	 * taskstats_keep_mm() has been through exit_mm() since.
	 */
	xacct_set_hiwater(stats, sig->hiwater_rss, sig->hiwater_vm);
	fill_exe(stats, sig->exe_dev, sig->exe_inode);
}

/* What wait() tells of the group, once its last thread is on its way out. */
static void fill_group_exit(struct taskstats *stats, const struct signal_struct *sig)
{
	stats->ac_exitcode = 0;
	/* A thread is killed as well when another one calls exit() or exec. */
	stats->ac_flag &= ~AXSIG;
	/* Pairs with atomic_dec_and_test() in do_exit(), which sets the code before. */
	if (atomic_read_acquire(&sig->live))
		return;
	stats->ac_flag |= AGROUP;
	stats->ac_exitcode = READ_ONCE(sig->group_exit_code);
	if (stats->ac_exitcode & 0x7f)
		stats->ac_flag |= AXSIG;
}

/* The group began with its first leader, whose place exec may have given away. */
static void fill_group_begin(struct taskstats *stats, const struct task_struct *leader,
			     u64 now)
{
	u64 start = READ_ONCE(leader->start_time);
	/* On 32 bits an exec may have been seen to write it by halves. */
	u64 lived = now > start ? now - start : 0;

	stats->ac_tgetime = div_u64(lived, NSEC_PER_USEC);
	bacct_set_begin(stats, lived);
}

/* The leader stands for the group, also when it has exited before others. */
static struct task_struct *get_leader(struct task_struct *tsk)
{
	guard(rcu)();
	/* Only a hashed task's ->group_leader can be relied on. */
	return pid_alive(tsk) ? get_task_struct(READ_ONCE(tsk->group_leader)) : NULL;
}

/**
 * taskstats_fill_group - what is known of a thread group
 * @stats: where to write; every byte is set on success
 * @tsk: any thread of the group; the caller holds a reference, or it is current
 * @mm: what is told of its address space, or NULL if it has none any more
 * @view: the namespaces in whose terms ids are told
 *
 * Counters, times and delays are sums over all threads, dead ones included and
 * children not; extremes are the group's. Identity is that of the leader.
 * ac_etime is the sum over the threads, ac_tgetime the life of the group.
 *
 * Context: Any but with signal_struct::stats_lock held.
 * Return: 0, or -ESRCH if @tsk has left its group.
 */
int taskstats_fill_group(struct taskstats *stats, struct task_struct *tsk,
			 const struct taskstats_mm *mm, const struct taskstats_view *view)
{
	struct task_struct *leader __free(put_task) = get_leader(tsk);
	u64 now = bacct_now();

	if (!leader || !sum_group(stats, tsk, now))
		return -ESRCH;

	round_sum(stats);
	stats->version = TASKSTATS_VERSION;
	bacct_add_identity(view->user_ns, view->pid_ns, stats, leader);
	/* exec may put another task in the leader's place: the id remains. */
	if (tsk != leader)
		stats->ac_tgid = task_tgid_nr_ns(tsk, view->pid_ns);
	smp_rmb();	/* pairs with release_task(), which an exec of the leader waits for */
	if (!pid_alive(tsk))	/* It has been reaped meanwhile. */
		return -ESRCH;
	stats->ac_pid = stats->ac_tgid;
	fill_group_begin(stats, leader, now);
	fill_group_exit(stats, leader->signal);
	if (mm)
		fill_mm(stats, mm);
	else
		fill_kept_mm(stats, tsk->signal);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(taskstats_fill_group);

/**
 * taskstats_had_threads - has a group ever had more than one thread?
 * @sig: the group
 *
 * Room for totals does not tell: the clone() that it was made for may have
 * failed.
 *
 * Context: Any but with @sig->stats_lock held.
 * Return: true if it has, or has had, a further thread.
 */
bool taskstats_had_threads(struct signal_struct *sig)
{
	const struct taskstats_totals *totals = READ_ONCE(sig->taskstats);
	bool had = false;

	if (!totals)
		return false;
	/* Against __exit_signal(): a thread is counted or has departed. */
	scoped_seqlock_read(&sig->stats_lock, ss_lock_irqsave)
		had = sig->nr_threads > 1 || totals->departed;
	return had;
}
EXPORT_SYMBOL_IF_KUNIT(taskstats_had_threads);

/**
 * taskstats_group_delays - how far have the delays of a group been measured?
 * @sig: the group
 *
 * Context: Any but with @sig->stats_lock held.
 * Return: TASKSTATS_DELAYS_ALL or _NONE if that holds for every thread that the
 * group has had, else _SOME.
 */
u32 taskstats_group_delays(struct signal_struct *sig)
{
	const struct taskstats_totals *totals;
	struct task_struct *tsk;
	u32 seen = 0;

	guard(rcu)();
	/* Against __exit_signal(), as in sum_group(). */
	scoped_seqlock_read(&sig->stats_lock, ss_lock_irqsave) {
		totals = READ_ONCE(sig->taskstats);
		seen = totals ? totals->delays : 0;
		__for_each_thread(sig, tsk)
			seen |= BIT(delayacct_measured(tsk));
	}
	/* One bit if it was the same for all of them. */
	return is_power_of_2(seen) ? __ffs(seen) : TASKSTATS_DELAYS_SOME;
}
EXPORT_SYMBOL_IF_KUNIT(taskstats_group_delays);

/**
 * taskstats_group_alloc - make room for what departing threads leave behind
 * @sig: the group that is about to get a further thread
 *
 * Done here, where it may sleep and fail, so that a departing thread never
 * needs memory and a group's totals are never incomplete.
 *
 * Context: Process context. May sleep. Threads of one group may race.
 * Return: 0, or -ENOMEM.
 */
int taskstats_group_alloc(struct signal_struct *sig)
{
	struct taskstats_totals *totals;

	if (READ_ONCE(sig->taskstats))
		return 0;
	totals = kmem_cache_zalloc(taskstats_cache, GFP_KERNEL);
	if (!totals)
		return -ENOMEM;
	mutex_init(&totals->turn);
	/* Orders the zeroing before the pointer; pairs with READ_ONCE(). */
	if (cmpxchg(&sig->taskstats, NULL, totals))
		kmem_cache_free(taskstats_cache, totals);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(taskstats_group_alloc);

/**
 * taskstats_group_free - the counterpart of taskstats_group_alloc()
 * @sig: a group that nobody can find any more
 *
 * Context: Any.
 */
void taskstats_group_free(struct signal_struct *sig)
{
	/* A group that has always had one thread has none. */
	if (sig->taskstats)
		kmem_cache_free(taskstats_cache, sig->taskstats);
}
EXPORT_SYMBOL_IF_KUNIT(taskstats_group_free);

/* See taskstats_group_depart(). */
void __taskstats_group_depart(struct taskstats_totals *totals,
			      struct task_struct *tsk)
{
	struct taskstats *sum = &totals->sum;

	totals->departed = true;
	totals->delays |= BIT(delayacct_measured(tsk));
	sum->ac_flag |= thread_flags(tsk);
	delayacct_add_tsk(sum, tsk);
	xacct_sum_tsk(sum, tsk);
	sum_scaled(sum, tsk);
	/* Set by taskstats_exit(), so that tasklist_lock need not wait for a clock. */
	sum->ac_etime += bacct_elapsed_us(tsk, READ_ONCE(tsk->end_time));
}
EXPORT_SYMBOL_IF_KUNIT(__taskstats_group_depart);

/**
 * taskstats_keep_mm - keep what can be told of a group after its mm has gone
 * @sig: the group, whose last thread is about to leave
 * @mm: its address space
 *
 * What wait4() tells of resident memory, signal_struct::maxrss, is the highest of
 * all address spaces that the process has had. Until its first exec that was a
 * copy of its parent's.
 *
 * Context: Process context, before exit_mm().
 */
void taskstats_keep_mm(struct signal_struct *sig, struct mm_struct *mm)
{
	sig->hiwater_rss = get_mm_hiwater_rss(mm);
	sig->hiwater_vm = get_mm_hiwater_vm(mm);
	/*
	 * Only who uses an address space can have it execute another file. So who is
	 * the last one, which pairs with mmput(), needs no reference: all processes
	 * that execute the file would write to its count.
	 */
	if (atomic_read_acquire(&mm->mm_users) == 1)
		name_exe(rcu_dereference_protected(mm->exe_file, true), &sig->exe_dev,
			 &sig->exe_inode);
	else
		exe_of(mm, &sig->exe_dev, &sig->exe_inode);
}
EXPORT_SYMBOL_IF_KUNIT(taskstats_keep_mm);
