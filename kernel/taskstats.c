// SPDX-License-Identifier: GPL-2.0
/*
 * Taskstats: the generic netlink family that tells what tasks have used.
 *
 * Requests come in here and replies go out; see taskstats_fill.c for the
 * figures and taskstats_listen.c for those who want to hear of every exit.
 */
#include <linux/acct.h>
#include <linux/cgroup.h>
#include <linux/cgroupstats.h>
#include <linux/cred.h>
#include <linux/file.h>
#include <linux/init.h>
#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/taskstats_kern.h>
#include <linux/user_namespace.h>
#include <kunit/visibility.h>
#include <net/genetlink.h>
#include "taskstats.h"

/* Six characters a CPU hold any list of single CPUs and a comma each. */
#define CPUMASK_MAXLEN	(100 + 6 * NR_CPUS)

/* Clients have these compiled in, and use both families of numbers at once. */
static_assert(sizeof(struct taskstats) == 688 ||
	      IS_ENABLED(CONFIG_M68K));	/* aligns to two bytes */
static_assert(TASKSTATS_CMD_GET == 1 && TASKSTATS_CMD_NEW == 2);
static_assert(CGROUPSTATS_CMD_GET == 4 && CGROUPSTATS_CMD_NEW == 5);

struct kmem_cache *taskstats_cache __ro_after_init;

static struct genl_family family;

/**
 * struct taskstats_sock - what a socket that has sent us a mask carries
 * @listener: its listener, made by the first CPU mask
 */
struct taskstats_sock {
	struct taskstats_listener *listener;
};

static void taskstats_sock_init(void *priv)
{
	struct taskstats_sock *ts = priv;

	ts->listener = NULL;
}

static void taskstats_sock_destroy(void *priv)
{
	struct taskstats_sock *ts = priv;

	taskstats_listener_free(&ts->listener);
}

/**
 * taskstats_parse_mask - read a CPU list attribute
 * @attr: the list, with or without a NUL, and with anything after a NUL
 * @mask: where to put the CPUs
 *
 * Context: Process context. May sleep.
 * Return: 0, -EINVAL if it is no list or has no characters at all, -ERANGE for a
 * CPU beyond nr_cpu_ids, -EOVERFLOW for a number beyond 32 bits, -E2BIG if it is
 * longer than any list needs to be, or -ENOMEM.
 */
VISIBLE_IF_KUNIT int taskstats_parse_mask(const struct nlattr *attr,
					  struct cpumask *mask)
{
	char *list __free(kfree) = NULL;

	if (nla_len(attr) > CPUMASK_MAXLEN)
		return -E2BIG;
	if (!nla_len(attr))
		return -EINVAL;
	list = nla_strdup(attr, GFP_KERNEL);
	if (!list)
		return -ENOMEM;
	return cpulist_parse(list, mask);
}
EXPORT_SYMBOL_IF_KUNIT(taskstats_parse_mask);

/* Exit records are told in the terms of the initial namespaces. */
static int check_listener(struct netlink_ext_ack *extack)
{
	if (current_user_ns() == &init_user_ns &&
	    task_active_pid_ns(current) == &init_pid_ns)
		return 0;
	NL_SET_ERR_MSG(extack, "exit records by CPU mask are for the initial namespaces only");
	return -EINVAL;
}

static int set_mask(struct sk_buff *skb, struct genl_info *info, int type)
{
	cpumask_var_t mask __free(free_cpumask_var) = CPUMASK_VAR_NULL;
	const struct nlattr *attr = info->attrs[type];
	struct sock *sk = NETLINK_CB(skb).sk;
	struct taskstats_sock *ts;
	int err;

	if (!alloc_cpumask_var(&mask, GFP_KERNEL))
		return -ENOMEM;
	err = taskstats_parse_mask(attr, mask);
	if (err) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "unusable CPU list");
		return err;
	}
	if (!cpumask_subset(mask, cpu_possible_mask)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "names a CPU that is not possible");
		return -EINVAL;
	}
	err = check_listener(info->extack);
	if (err)
		return err;

	ts = genl_sk_priv_get(&family, sk);
	if (IS_ERR(ts))
		return PTR_ERR(ts);
	if (type == TASKSTATS_CMD_ATTR_REGISTER_CPUMASK)
		return taskstats_listener_add(&ts->listener, sk, mask);
	taskstats_listener_remove(&ts->listener, mask);
	return 0;
}

/**
 * taskstats_aggr_size - room that taskstats_put_aggr() needs
 *
 * Return: bytes, alignment of the structure included.
 */
VISIBLE_IF_KUNIT size_t taskstats_aggr_size(void)
{
	return nla_total_size(0) + nla_total_size(sizeof(u32)) +
	       nla_total_size_64bit(sizeof(struct taskstats));
}
EXPORT_SYMBOL_IF_KUNIT(taskstats_aggr_size);

/**
 * taskstats_put_aggr - put an id and room for its figures
 * @skb: the message
 * @type: TASKSTATS_TYPE_PID or TASKSTATS_TYPE_TGID
 * @id: the id
 *
 * Clients rely on the nest being unflagged and on holding nothing else.
 *
 * Return: where the figures go, not initialised, or NULL if @skb is too small,
 * and then it is as it was.
 */
VISIBLE_IF_KUNIT struct taskstats *taskstats_put_aggr(struct sk_buff *skb,
						      int type, u32 id)
{
	int aggr = type == TASKSTATS_TYPE_PID ? TASKSTATS_TYPE_AGGR_PID :
						TASKSTATS_TYPE_AGGR_TGID;
	struct nlattr *nest = nla_nest_start_noflag(skb, aggr);
	struct nlattr *attr;

	if (!nest)
		return NULL;
	if (nla_put_u32(skb, type, id))
		goto cancel;
	attr = nla_reserve_64bit(skb, TASKSTATS_TYPE_STATS,
				 sizeof(struct taskstats), TASKSTATS_TYPE_NULL);
	if (!attr)
		goto cancel;
	nla_nest_end(skb, nest);
	return nla_data(attr);

cancel:
	nla_nest_cancel(skb, nest);
	return NULL;
}
EXPORT_SYMBOL_IF_KUNIT(taskstats_put_aggr);

static int reply(struct sk_buff *skb, struct genl_info *info)
{
	nlmsg_end(skb, nlmsg_hdr(skb));
	return genlmsg_reply(skb, info);
}

static int fill_stats(struct taskstats *stats, int type, struct task_struct *tsk,
		      const struct taskstats_view *view)
{
	if (type == TASKSTATS_TYPE_TGID)
		return taskstats_fill_group(stats, tsk, view);
	taskstats_fill_task(stats, tsk, view);
	return 0;
}

/*
 * The task may leave its group between being found and being looked at. If that
 * was for an exec, another thread has the id now; a task is not found twice.
 */
static int fill_by_id(struct taskstats *stats, int type, u32 id,
		      const struct taskstats_view *view)
{
	int err;

	do {
		struct task_struct *tsk __free(put_task) = find_get_task_by_vpid(id);

		if (!tsk)
			return -ESRCH;
		err = fill_stats(stats, type, tsk, view);
	} while (err == -ESRCH);
	return err;
}

/* @attr holds an id of the kind that @type names, in the asker's PID namespace. */
static int get_stats(struct genl_info *info, const struct nlattr *attr, int type)
{
	const struct taskstats_view view = {
		.user_ns = current_user_ns(),
		.pid_ns = task_active_pid_ns(current),
	};
	u32 id = nla_get_u32(attr);
	struct taskstats *stats;
	struct sk_buff *skb;

	skb = genlmsg_new(taskstats_aggr_size(), GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	genlmsg_put_reply(skb, info, &family, 0, TASKSTATS_CMD_NEW);
	stats = taskstats_put_aggr(skb, type, id);
	if (fill_by_id(stats, type, id, &view)) {
		nlmsg_free(skb);
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "no such task");
		return -ESRCH;
	}
	return reply(skb, info);
}

static int taskstats_get(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr **attrs = info->attrs;

	if (attrs[TASKSTATS_CMD_ATTR_REGISTER_CPUMASK])
		return set_mask(skb, info, TASKSTATS_CMD_ATTR_REGISTER_CPUMASK);
	if (attrs[TASKSTATS_CMD_ATTR_DEREGISTER_CPUMASK])
		return set_mask(skb, info, TASKSTATS_CMD_ATTR_DEREGISTER_CPUMASK);
	if (attrs[TASKSTATS_CMD_ATTR_PID])
		return get_stats(info, attrs[TASKSTATS_CMD_ATTR_PID],
				 TASKSTATS_TYPE_PID);
	if (attrs[TASKSTATS_CMD_ATTR_TGID])
		return get_stats(info, attrs[TASKSTATS_CMD_ATTR_TGID],
				 TASKSTATS_TYPE_TGID);
	GENL_SET_ERR_MSG(info, "neither an id nor a CPU mask given");
	return -EINVAL;
}

static int cgroupstats_get(struct sk_buff *skb, struct genl_info *info)
{
	struct cgroupstats stats = {};
	struct nlattr *attr;
	struct sk_buff *msg;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, CGROUPSTATS_CMD_ATTR_FD))
		return -EINVAL;
	attr = info->attrs[CGROUPSTATS_CMD_ATTR_FD];

	CLASS(fd, f)(nla_get_u32(attr));
	if (fd_empty(f)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "not an open file");
		return -EBADF;
	}
	err = cgroupstats_build(&stats, fd_file(f)->f_path.dentry);
	if (err) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "not a cgroup's directory");
		return err;
	}

	msg = genlmsg_new(nla_total_size(sizeof(stats)), GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	genlmsg_put_reply(msg, info, &family, 0, CGROUPSTATS_CMD_NEW);
	if (nla_put(msg, CGROUPSTATS_TYPE_CGROUP_STATS, sizeof(stats), &stats)) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	return reply(msg, info);
}

/**
 * taskstats_record - what listeners are told of an exiting task
 * @tsk: the task
 * @group_dead: it is the last of its group, which is told of too if the group
 *		has ever had more than one thread
 *
 * Context: Process context. May sleep.
 * Return: the message, or NULL if there is no memory for it.
 */
VISIBLE_IF_KUNIT struct sk_buff *taskstats_record(struct task_struct *tsk,
						  bool group_dead)
{
	const struct taskstats_view view = {
		.user_ns = &init_user_ns,
		.pid_ns = &init_pid_ns,
	};
	bool with_group = group_dead && taskstats_had_threads(tsk->signal);
	struct taskstats *stats;
	struct sk_buff *skb;

	skb = genlmsg_new((1 + with_group) * taskstats_aggr_size(), GFP_KERNEL);
	if (!skb)
		return NULL;
	genlmsg_put(skb, 0, 0, &family, 0, TASKSTATS_CMD_NEW);

	stats = taskstats_put_aggr(skb, TASKSTATS_TYPE_PID, task_pid_nr(tsk));
	taskstats_fill_task(stats, tsk, &view);
	if (group_dead)
		stats->ac_flag |= AGROUP;
	if (with_group) {
		stats = taskstats_put_aggr(skb, TASKSTATS_TYPE_TGID, task_tgid_nr(tsk));
		/* Cannot fail for current, but must not send what is not filled in. */
		if (taskstats_fill_group(stats, tsk, &view)) {
			nlmsg_free(skb);
			return NULL;
		}
	}
	nlmsg_end(skb, nlmsg_hdr(skb));
	return skb;
}
EXPORT_SYMBOL_IF_KUNIT(taskstats_record);

/* See taskstats_exit(). A record goes to those who listen to the CPU it began on. */
void __taskstats_exit(struct task_struct *tsk, bool group_dead)
{
	unsigned int cpu = raw_smp_processor_id();

	if (taskstats_heard(cpu))
		taskstats_deliver(taskstats_record(tsk, group_dead), cpu);
}

static const struct nla_policy taskstats_policy[] = {
	[TASKSTATS_CMD_ATTR_PID]		= { .type = NLA_U32 },
	[TASKSTATS_CMD_ATTR_TGID]		= { .type = NLA_U32 },
	[TASKSTATS_CMD_ATTR_REGISTER_CPUMASK]	= { .type = NLA_STRING },
	[TASKSTATS_CMD_ATTR_DEREGISTER_CPUMASK]	= { .type = NLA_STRING },
};

static const struct nla_policy cgroupstats_policy[] = {
	[CGROUPSTATS_CMD_ATTR_FD]	= { .type = NLA_U32 },
};

/* Old clients send what strict validation would refuse. */
static const struct genl_ops taskstats_ops[] = {
	{
		.cmd		= TASKSTATS_CMD_GET,
		.validate	= GENL_DONT_VALIDATE_STRICT |
				  GENL_DONT_VALIDATE_DUMP,
		.policy		= taskstats_policy,
		.maxattr	= ARRAY_SIZE(taskstats_policy) - 1,
		.doit		= taskstats_get,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= CGROUPSTATS_CMD_GET,
		.validate	= GENL_DONT_VALIDATE_STRICT |
				  GENL_DONT_VALIDATE_DUMP,
		.policy		= cgroupstats_policy,
		.maxattr	= ARRAY_SIZE(cgroupstats_policy) - 1,
		.doit		= cgroupstats_get,
	},
};

static struct genl_family family __ro_after_init = {
	.name			= TASKSTATS_GENL_NAME,
	.version		= TASKSTATS_GENL_VERSION,
	.netnsok		= true,
	.parallel_ops		= true,
	.module			= THIS_MODULE,
	.ops			= taskstats_ops,
	.n_ops			= ARRAY_SIZE(taskstats_ops),
	.resv_start_op		= CGROUPSTATS_CMD_GET + 1,
	.sock_priv_size		= sizeof(struct taskstats_sock),
	.sock_priv_init		= taskstats_sock_init,
	.sock_priv_destroy	= taskstats_sock_destroy,
};

/* From start_kernel(), before any process can have threads. */
void __init taskstats_init_early(void)
{
	taskstats_cache = KMEM_CACHE(taskstats, SLAB_PANIC | SLAB_ACCOUNT);
}

static int __init taskstats_init(void)
{
	return genl_register_family(&family);
}

/* After the initcalls of everything that is accounted for. */
late_initcall(taskstats_init);
