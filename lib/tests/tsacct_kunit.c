// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of what kernel/tsacct.c and kernel/delayacct.c tell of a task.
 *
 * A task here is a copy of current that only the test knows of.
 */
#include <kunit/test.h>
#include <linux/cred.h>
#include <linux/delayacct.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/taskstats.h>
#include <linux/tsacct_kern.h>
#include <linux/user_namespace.h>

static struct task_struct *new_task(struct kunit *test)
{
	struct task_struct *tsk = kunit_kzalloc(test, sizeof(*tsk), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, tsk);
	memcpy(tsk, current, sizeof(*tsk));
	tsk->group_leader = tsk;
	return tsk;
}

static struct taskstats *new_stats(struct kunit *test)
{
	struct taskstats *stats = kunit_kzalloc(test, sizeof(*stats), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, stats);
	return stats;
}

/* The life of the group is that of its leader. */
static void group_time_of_hashed_task(struct kunit *test)
{
	struct task_struct *leader = new_task(test), *tsk = new_task(test);
	struct taskstats *stats = new_stats(test);

	leader->start_time = tsk->start_time - NSEC_PER_MSEC;
	tsk->group_leader = leader;
	bacct_add_tsk(&init_user_ns, &init_pid_ns, stats, tsk);
	KUNIT_EXPECT_EQ(test, stats->ac_tgetime, stats->ac_etime + USEC_PER_MSEC);
}

/* Once a task has left its group its leader may be gone, and the memory too. */
static void leader_of_unhashed_task_is_not_followed(struct kunit *test)
{
	struct task_struct *leader = new_task(test), *tsk = new_task(test);
	struct taskstats *stats = new_stats(test);

	leader->start_time = tsk->start_time - NSEC_PER_MSEC;
	tsk->group_leader = leader;
	tsk->thread_pid = NULL;
	bacct_add_tsk(&init_user_ns, &init_pid_ns, stats, tsk);
	KUNIT_EXPECT_EQ(test, stats->ac_tgetime, stats->ac_etime);
}

static struct task_struct *new_delayed_task(struct kunit *test, u64 max, u64 min,
					    u64 when)
{
	struct task_struct *tsk = new_task(test);

	tsk->delays = kunit_kzalloc(test, sizeof(*tsk->delays), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, tsk->delays);
	raw_spin_lock_init(&tsk->delays->lock);
	tsk->delays->blkio_delay_max = max;
	tsk->delays->blkio_delay_min = min;
	tsk->delays->blkio_delay_max_ts.tv_sec = when;
	tsk->sched_info.max_run_delay = max;
	tsk->sched_info.min_run_delay = min;
	tsk->sched_info.max_run_delay_ts.tv_sec = when;
	return tsk;
}

static void expect_extremes(struct kunit *test, const struct taskstats *stats,
			    u64 max, u64 min, u64 when)
{
	KUNIT_EXPECT_EQ(test, stats->blkio_delay_max, max);
	KUNIT_EXPECT_EQ(test, stats->blkio_delay_min, min);
	KUNIT_EXPECT_EQ(test, stats->blkio_delay_max_ts.tv_sec, when);
	KUNIT_EXPECT_EQ(test, stats->cpu_delay_max, max);
	KUNIT_EXPECT_EQ(test, stats->cpu_delay_min, min);
	KUNIT_EXPECT_EQ(test, stats->cpu_delay_max_ts.tv_sec, when);
}

static void extremes_of_one_task(struct kunit *test)
{
	struct taskstats *stats = new_stats(test);

	delayacct_add_tsk(stats, new_delayed_task(test, 410, 3, 4711));
	expect_extremes(test, stats, 410, 3, 4711);
}

/* Whichever comes last: none, the longest, and the shortest that there is. */
static void extremes_of_several_tasks(struct kunit *test)
{
	struct taskstats *stats = new_stats(test);

	delayacct_add_tsk(stats, new_delayed_task(test, 20, 7, 1));
	delayacct_add_tsk(stats, new_delayed_task(test, 410, 9, 4711));
	delayacct_add_tsk(stats, new_delayed_task(test, 30, 3, 2));
	delayacct_add_tsk(stats, new_delayed_task(test, 0, 0, 0));
	expect_extremes(test, stats, 410, 3, 4711);
}

static struct kunit_case tsacct_cases[] = {
	KUNIT_CASE(group_time_of_hashed_task),
	KUNIT_CASE(leader_of_unhashed_task_is_not_followed),
	KUNIT_CASE(extremes_of_one_task),
	KUNIT_CASE(extremes_of_several_tasks),
	{}
};

static struct kunit_suite tsacct_suite = {
	.name = "tsacct",
	.test_cases = tsacct_cases,
};

kunit_test_suite(tsacct_suite);
