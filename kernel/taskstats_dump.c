// SPDX-License-Identifier: GPL-2.0
/*
 * Taskstats: many tasks in one answer.
 *
 * A dump goes through the ids of a PID namespace in ascending order and keeps
 * nothing but the next one. A task that lives while it goes on is thus told
 * once, whatever else begins and ends, and however long the reader takes; only a
 * thread that takes its leader's id, by exec, may be told twice or not.
 *
 * All rounds but the first run in whoever reads the socket, which need not be
 * who asked. What is told, and in whose terms, is settled when the dump starts.
 */
#include <linux/cleanup.h>
#include <linux/cred.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/threads.h>
#include <linux/user_namespace.h>
#include <kunit/visibility.h>
#include <net/genetlink.h>
#include "taskstats.h"

/**
 * struct taskstats_cursor - a dump that goes on
 * @query: what is told of each task; holds its namespaces
 * @group: only the threads of this group, or NULL
 * @cgroup: only tasks in this subtree, or NULL
 * @next: the lowest id that has not been looked at
 */
struct taskstats_cursor {
	struct taskstats_query query;
	struct pid *group;
	struct cgroup *cgroup;
	int next;
};

struct dump_ctx {
	struct taskstats_cursor *dump;
};

static struct dump_ctx *dump_ctx(struct netlink_callback *cb)
{
	NL_ASSERT_CTX_FITS(struct dump_ctx);
	return (struct dump_ctx *)cb->ctx;
}

static void dump_free(struct taskstats_cursor *dump)
{
	taskstats_asker_put(&dump->query.asker);
	put_user_ns(dump->query.view.user_ns);
	put_pid_ns(dump->query.view.pid_ns);
	put_pid(dump->group);
	taskstats_put_cgroup(dump->cgroup);
	kfree(dump);
}

/*
 * Any thread's id stands for its group, as in a query. To those who are not
 * privileged a group that they may not see is an empty one, there or not.
 */
static int dump_find_group(struct taskstats_cursor *dump, const struct nlattr *attr,
			   struct netlink_ext_ack *extack)
{
	struct task_struct *tsk;

	guard(rcu)();
	tsk = find_task_by_vpid(nla_get_u32(attr));
	/* None if it is reaped right now; and without one all would be told of. */
	dump->group = tsk ? get_pid(READ_ONCE(tsk->signal->pids[PIDTYPE_TGID])) : NULL;
	if (dump->group)
		return 0;
	if (dump->query.asker.sender) {
		dump->next = PID_MAX_LIMIT;
		return 0;
	}
	NL_SET_ERR_MSG_ATTR(extack, attr, "no such task");
	return -ESRCH;
}

static int dump_parse(struct taskstats_cursor *dump, const struct genl_info *info)
{
	struct nlattr *group = info->attrs[TASKSTATS_CMD_ATTR_TGID];
	struct nlattr *cgroup = info->attrs[TASKSTATS_CMD_ATTR_CGROUP_FD];
	int err = 0;

	dump->query.type = group || info->attrs[TASKSTATS_CMD_ATTR_THREADS] ?
			   TASKSTATS_TYPE_PID : TASKSTATS_TYPE_TGID;
	dump->query.delays = info->attrs[TASKSTATS_CMD_ATTR_DELAYS];
	if (group)
		err = dump_find_group(dump, group, info->extack);
	if (!err && cgroup)
		err = taskstats_find_cgroup(cgroup, &dump->cgroup, info->extack);
	return err;
}

/**
 * taskstats_dump_start - see what is asked for, and who asks
 * @cb: the dump
 *
 * Context: Process context, of who asks. May sleep.
 * Return: 0, -EPERM if nothing may be seen, or if it should be the last message of
 * its datagram, -ESRCH if there is no such group, -ENOMEM, or what is wrong with the
 * cgroup.
 */
int taskstats_dump_start(struct netlink_callback *cb)
{
	struct taskstats_cursor *dump = kzalloc_obj(*dump, GFP_KERNEL);
	int err;

	if (!dump)
		return -ENOMEM;
	err = taskstats_asker_get(&dump->query.asker, cb->skb, cb->extack);
	if (err) {
		kfree(dump);
		return err;
	}
	dump->query.view.user_ns = get_user_ns(current_user_ns());
	dump->query.view.pid_ns = get_pid_ns(task_active_pid_ns(current));
	err = dump_parse(dump, genl_info_dump(cb));
	if (err)
		dump_free(dump);
	else
		dump_ctx(cb)->dump = dump;
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(taskstats_dump_start);

static bool dump_wants(const struct taskstats_cursor *dump, struct task_struct *tsk)
{
	if (dump->group && task_tgid(tsk) != dump->group)
		return false;
	return !dump->cgroup || task_under_cgroup_hierarchy(tsk, dump->cgroup);
}

/* The task that the next id belongs to, if any, and if it is to be told. */
static struct task_struct *dump_look(struct taskstats_cursor *dump, bool *end)
{
	struct pid_namespace *ns = dump->query.view.pid_ns;
	bool threads = dump->query.type == TASKSTATS_TYPE_PID;
	struct task_struct *tsk;
	struct pid *pid;

	guard(rcu)();
	/* Most ids are in use, and to look at one costs less than to look for one. */
	pid = find_pid_ns(dump->next, ns) ?: find_ge_pid(dump->next, ns);
	*end = !pid;
	if (!pid)
		return NULL;
	dump->next = pid_nr_ns(pid, ns);
	tsk = pid_task(pid, threads ? PIDTYPE_PID : PIDTYPE_TGID);
	return tsk && dump_wants(dump, tsk) ? get_task_struct(tsk) : NULL;
}

/**
 * taskstats_dump - fill a message with as many tasks as it takes
 * @skb: the message
 * @cb: the dump
 *
 * Context: Process context, of whoever reads. May sleep.
 * Return: 0 at the end, -EMSGSIZE when @skb is full, or -EINTR if the reader is
 * being killed.
 */
int taskstats_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct taskstats_cursor *dump = dump_ctx(cb)->dump;
	bool end;
	int err;

	for (;;) {
		struct task_struct *tsk __free(put_task) = dump_look(dump, &end);

		if (end)
			return 0;
		err = tsk ? taskstats_dump_put(skb, cb, &dump->query, tsk, dump->next) : 0;
		if (err == -EMSGSIZE)
			return err;
		/* Found too late: by an exec another may have the id by now. */
		if (err != -ESRCH)
			dump->next++;
		/* There may be millions of ids, none of which is to be told of. */
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
}
EXPORT_SYMBOL_IF_KUNIT(taskstats_dump);

/**
 * taskstats_dump_done - the dump has come to its end, or is given up
 * @cb: the dump
 *
 * Context: Process context. May sleep.
 * Return: 0.
 */
int taskstats_dump_done(struct netlink_callback *cb)
{
	dump_free(dump_ctx(cb)->dump);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(taskstats_dump_done);
