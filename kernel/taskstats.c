// SPDX-License-Identifier: GPL-2.0
/*
 * Taskstats: the generic netlink family that tells what tasks have used.
 *
 * Requests come in here and replies go out; see taskstats_fill.c for the
 * figures, taskstats_access.c for who may see them, taskstats_dump.c for those
 * who ask for many tasks at once, and taskstats_listen.c for those who want to
 * hear of every exit.
 */
#include <linux/acct.h>
#include <linux/cgroup.h>
#include <linux/cgroupstats.h>
#include <linux/cred.h>
#include <linux/delayacct.h>
#include <linux/file.h>
#include <linux/init.h>
#include <linux/magic.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/taskstats_kern.h>
#include <linux/user_namespace.h>
#include <uapi/linux/pidfd.h>
#include <kunit/static_stub.h>
#include <kunit/visibility.h>
#include <net/genetlink.h>
#include "taskstats.h"

/* Six characters a CPU hold any list of single CPUs and a comma each. */
#define CPULIST_MAXLEN(cpus)	(100 + 6 * (cpus))
#define CPUMASK_MAXLEN		CPULIST_MAXLEN(NR_CPUS)

/* A message to those who listen, at most: what a page allocator gives easily. */
#define EVENT_MAXLEN	SKB_WITH_OVERHEAD(16384UL)

/* Clients have these compiled in, and use both families of numbers at once. */
static_assert(sizeof(struct taskstats) == 688 ||
	      IS_ENABLED(CONFIG_M68K));	/* aligns to two bytes */
static_assert(sizeof(struct taskstats) % NLA_ALIGNTO == 0);
static_assert(TASKSTATS_CMD_GET == 1 && TASKSTATS_CMD_NEW == 2);
static_assert(CGROUPSTATS_CMD_GET == 4 && CGROUPSTATS_CMD_NEW == 5);
static_assert(TASKSTATS_CMD_LISTEN == 6 && TASKSTATS_CMD_EXIT == 7);

struct kmem_cache *taskstats_cache __ro_after_init;

static struct genl_family family;

/**
 * struct taskstats_sock - what a socket that has asked us to listen carries
 * @listener: its listener, made by the first CPU mask or LISTEN
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

static int parse_cpus(const struct nlattr *attr, struct cpumask *mask,
		      struct netlink_ext_ack *extack)
{
	int err = taskstats_parse_mask(attr, mask);

	if (err) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "unusable CPU list");
		return err;
	}
	if (!cpumask_subset(mask, cpu_possible_mask)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "names a CPU that is not possible");
		return -EINVAL;
	}
	return 0;
}

/**
 * taskstats_find_cgroup - the cgroup that an attribute's file descriptor is of
 * @attr: the attribute
 * @found: where to put the cgroup, with a reference; not set on error
 * @extack: says what is wrong
 *
 * Context: Process context. May sleep.
 * Return: 0, -EBADF if it is no cgroup v2's directory, -ENOENT if the cgroup has
 * been removed, or -EOPNOTSUPP without CONFIG_CGROUPS.
 */
int taskstats_find_cgroup(const struct nlattr *attr, struct cgroup **found,
			  struct netlink_ext_ack *extack)
{
	struct cgroup *cgroup = taskstats_get_cgroup(nla_get_s32(attr));

	if (IS_ERR(cgroup)) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "not the directory of a cgroup v2, or it has been removed");
		return PTR_ERR(cgroup);
	}
	*found = cgroup;
	return 0;
}

static int set_mask(struct sk_buff *skb, struct genl_info *info, int type)
{
	cpumask_var_t mask __free(free_cpumask_var) = CPUMASK_VAR_NULL;
	struct sock *sk = NETLINK_CB(skb).sk;
	struct taskstats_sock *ts;
	int err;

	if (!netlink_capable(skb, CAP_NET_ADMIN)) {
		NL_SET_ERR_MSG(info->extack, "exit records by CPU mask need CAP_NET_ADMIN");
		return -EPERM;
	}
	if (!alloc_cpumask_var(&mask, GFP_KERNEL))
		return -ENOMEM;
	err = parse_cpus(info->attrs[type], mask, info->extack);
	if (err)
		return err;
	err = check_listener(info->extack);
	if (err)
		return err;

	ts = genl_sk_priv_get(&family, sk);
	if (IS_ERR(ts))
		return PTR_ERR(ts);
	if (type == TASKSTATS_CMD_ATTR_DEREGISTER_CPUMASK) {
		taskstats_listener_remove(&ts->listener, mask);
		return 0;
	}
	err = taskstats_listener_add(&ts->listener, sk, mask);
	if (err == -EBUSY)
		NL_SET_ERR_MSG(info->extack, "the socket has subscribed by LISTEN");
	return err;
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
 * Clients rely on the nest being unflagged, and on its holding nothing else but
 * what aligns the figures.
 *
 * Return: where the figures go, not initialised, or NULL if @skb is too small,
 * and then it is as it was.
 */
VISIBLE_IF_KUNIT struct taskstats *taskstats_put_aggr(struct sk_buff *skb,
						      int type, u32 id)
{
	struct aggr {
		struct nlattr nest;
		struct nlattr id_attr;
		u32 id;
	} *aggr;
	struct nlattr *attr;
	/* An empty attribute before that of the figures aligns them. */
	bool pad = !IS_ENABLED(CONFIG_HAVE_EFFICIENT_UNALIGNED_ACCESS) &&
		   IS_ALIGNED((unsigned long)skb_tail_pointer(skb) + sizeof(*aggr), sizeof(u64));
	size_t len = sizeof(*aggr) + (pad + 1) * NLA_HDRLEN + sizeof(struct taskstats);

	if (skb_tailroom(skb) < len)
		return NULL;
	aggr = skb_put(skb, len);
	aggr->nest = (struct nlattr) {
		.nla_len = len,
		.nla_type = type == TASKSTATS_TYPE_PID ? TASKSTATS_TYPE_AGGR_PID :
							 TASKSTATS_TYPE_AGGR_TGID,
	};
	aggr->id_attr = (struct nlattr) {
		.nla_len = NLA_HDRLEN + sizeof(id),
		.nla_type = type,
	};
	aggr->id = id;
	attr = (struct nlattr *)(aggr + 1);
	if (pad)
		*attr++ = (struct nlattr) {
			.nla_len = NLA_HDRLEN,
			.nla_type = TASKSTATS_TYPE_NULL,
		};
	*attr = (struct nlattr) {
		.nla_len = NLA_HDRLEN + sizeof(struct taskstats),
		.nla_type = TASKSTATS_TYPE_STATS,
	};
	return nla_data(attr);
}
EXPORT_SYMBOL_IF_KUNIT(taskstats_put_aggr);

static int reply(struct sk_buff *skb, struct genl_info *info)
{
	nlmsg_end(skb, nlmsg_hdr(skb));
	return genlmsg_reply(skb, info);
}

/**
 * struct answer - where in a message a task is told of
 * @id: the id that it is told of by
 * @stats: its figures, not initialised
 * @delays: how far its delays were measured, or NULL if nobody asks
 */
struct answer {
	u32 id;
	struct taskstats *stats;
	u32 *delays;
};

static size_t delays_size(const struct taskstats_query *query)
{
	return query->delays ? nla_total_size(sizeof(u32)) : 0;
}

/* Room for an answer to @query of @id; false if @skb, as it was, is too small. */
static bool put_answer(struct sk_buff *skb, const struct taskstats_query *query,
		       u32 id, struct answer *answer)
{
	unsigned int len = skb->len;
	struct nlattr *attr;

	answer->id = id;
	answer->delays = NULL;
	answer->stats = taskstats_put_aggr(skb, query->type, id);
	if (!answer->stats || !query->delays)
		return answer->stats;
	attr = nla_reserve(skb, TASKSTATS_TYPE_DELAYS_MEASURED, sizeof(u32));
	if (!attr) {
		skb_trim(skb, len);
		return false;
	}
	answer->delays = nla_data(attr);
	return true;
}

static u32 delays_of(struct task_struct *tsk, int type)
{
	return type == TASKSTATS_TYPE_TGID ? taskstats_group_delays(tsk->signal) :
					     delayacct_measured(tsk);
}

/*
 * Returns 0, or -ESRCH if the task has left its group, or goes by another id, as
 * it may since it was found.
 */
static int fill_answer(struct answer *answer, const struct taskstats_query *query,
		       struct task_struct *tsk)
{
	bool group = query->type == TASKSTATS_TYPE_TGID;
	const struct taskstats_mm *mm;
	struct taskstats_mm figures;
	int err = 0;

	if (answer->delays)
		*answer->delays = delays_of(tsk, query->type);
	mm = group ? taskstats_group_mm(&figures, tsk->signal) :
		     taskstats_task_mm(&figures, tsk);
	/* Last: it knows whether there was anything left of a group. */
	if (group)
		err = taskstats_fill_group(answer->stats, tsk, mm, &query->view);
	else
		taskstats_fill_task(answer->stats, tsk, mm, &query->view);
	if (!group && answer->stats->ac_pid != answer->id)
		err = -ESRCH;
	if (err == -ESRCH) {
		/*
		 * exchange_tids() runs with it held: once through, who tries again
		 * does not meet ids that are half exchanged.
		 */
		read_lock(&tasklist_lock);
		read_unlock(&tasklist_lock);
	}
	return err;
}

/*
 * As fill_answer(), or -EPERM if the task may not be seen, before or afterwards.
 * Between the two it may have executed a program that may not, and another then.
 * exec_update_lock would keep it from that. But an exec can be made to hold that
 * for as long as somebody likes, while who asks holds a lock of genetlink's.
 *
 * commit_creds() publishes what the new program runs with, and then drops the old
 * credentials by an atomic operation that orders the two against all that the
 * program does. Hence here, in this order: how many execs, who it is, the figures,
 * who it is now, how many execs by now.
 */
static int fill_if_seen(struct answer *answer, const struct taskstats_query *query,
			struct task_struct *tsk)
{
	u64 execs;
	int err;

	if (!query->asker.sender)
		return fill_answer(answer, query, tsk);
	do {
		execs = READ_ONCE(tsk->self_exec_id);
		smp_rmb();	/* pairs with put_cred_many() in commit_creds() */
		if (!taskstats_may_see(&query->asker, tsk))
			return -EPERM;
		err = fill_answer(answer, query, tsk);
		if (err)
			return err;
		smp_rmb();	/* likewise: the verdict is not older than the figures */
		if (!taskstats_may_see(&query->asker, tsk))
			return -EPERM;
		smp_rmb();	/* likewise: nor the count of execs than the verdict */
	} while (READ_ONCE(tsk->self_exec_id) != execs);
	return 0;
}

static struct mutex *turn_of(const struct taskstats_query *query, struct task_struct *tsk)
{
	struct taskstats_totals *totals;

	if (query->type != TASKSTATS_TYPE_TGID)
		return NULL;
	/* A group that has always had one thread has none. */
	totals = READ_ONCE(tsk->signal->taskstats);
	return totals ? &totals->turn : NULL;
}

/*
 * A thread that leaves its group waits for those who go through its threads, with
 * tasklist_lock held. So that it is for one of them, not for one on each CPU, they
 * take turns.
 */
static int fill_in_turn(struct answer *answer, const struct taskstats_query *query,
			struct task_struct *tsk)
{
	struct mutex *turn = turn_of(query, tsk);
	int err;

	if (!turn)
		return fill_if_seen(answer, query, tsk);
	/* Who may not see it keeps nobody waiting. */
	if (query->asker.sender && !taskstats_may_see(&query->asker, tsk))
		return -EPERM;
	ACQUIRE(mutex_kill, lock)(turn);
	err = ACQUIRE_ERR(mutex_kill, &lock);
	return err ?: fill_if_seen(answer, query, tsk);
}

/* Who is trusted may see all, and does not wait for anybody. */
static int fill_for_asker(struct answer *answer, const struct taskstats_query *query,
			  struct task_struct *tsk)
{
	return query->asker.trusted ? fill_answer(answer, query, tsk) :
				      fill_in_turn(answer, query, tsk);
}

/*
 * The task may leave its group between being found and being looked at. If that
 * was for an exec, another thread has the id now; a task is not found twice.
 */
static int fill_by_pid(struct answer *answer, const struct taskstats_query *query,
		       struct pid *pid)
{
	int err;

	do {
		struct task_struct *tsk __free(put_task) = get_pid_task(pid, PIDTYPE_PID);

		if (!tsk)
			return -ESRCH;
		err = fill_for_asker(answer, query, tsk);
	} while (err == -ESRCH);
	return err;
}

/* To those who may not see a task it makes no difference whether it is there. */
static int refuse(struct genl_info *info, const struct nlattr *attr,
		  const struct taskstats_query *query, int err)
{
	if (err == -ESRCH && query->asker.sender)
		err = -EPERM;
	if (err == -ESRCH)
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "no such task");
	if (err == -EPERM)
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "no such task, or neither CAP_NET_ADMIN nor leave to read its /proc/PID/io");
	return err;
}

/* In the asker's PID namespace, and as the asker may see it. */
static int answer_query(struct genl_info *info, const struct nlattr *attr,
			struct pid *pid, struct taskstats_query *query)
{
	/* A file descriptor may be of a process out of sight. */
	u32 id = pid_nr_ns(pid, query->view.pid_ns);
	struct answer answer;
	struct sk_buff *skb;
	int err = -ESRCH;

	skb = genlmsg_new(taskstats_aggr_size() + delays_size(query), GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	genlmsg_put_reply(skb, info, &family, 0, TASKSTATS_CMD_NEW);
	if (id && put_answer(skb, query, id, &answer))
		err = fill_by_pid(&answer, query, pid);
	if (!err)
		return reply(skb, info);
	nlmsg_free(skb);
	return refuse(info, attr, query, err);
}

static int get_stats(struct sk_buff *skb, struct genl_info *info,
		     const struct nlattr *attr, struct pid *pid, u8 type)
{
	struct taskstats_query query = {
		.type = type,
		.delays = info->attrs[TASKSTATS_CMD_ATTR_DELAYS],
		.view.user_ns = current_user_ns(),
		.view.pid_ns = task_active_pid_ns(current),
	};
	int err = taskstats_asker_get(&query.asker, skb, info->extack);

	if (err)
		return err;
	err = answer_query(info, attr, pid, &query);
	taskstats_asker_put(&query.asker);
	return err;
}

/* @attr holds an id of the kind that @type names. */
static int get_by_id(struct sk_buff *skb, struct genl_info *info,
		     const struct nlattr *attr, u8 type)
{
	struct pid *pid = find_get_pid(nla_get_u32(attr));
	int err = get_stats(skb, info, attr, pid, type);

	put_pid(pid);
	return err;
}

/* A process, or a thread if that is what the file descriptor is of. */
static struct pid *pid_of_fd(int fd, u8 *type)
{
	unsigned int flags = 0;
	struct pid *pid;

	*type = TASKSTATS_TYPE_TGID;
	if (fd == PIDFD_SELF_THREAD_GROUP)
		return get_task_pid(current, PIDTYPE_TGID);
	if (fd == PIDFD_SELF_THREAD)
		pid = get_task_pid(current, PIDTYPE_PID);
	else
		pid = pidfd_get_pid(fd, &flags);
	if (fd == PIDFD_SELF_THREAD || flags & PIDFD_THREAD)
		*type = TASKSTATS_TYPE_PID;
	return pid;
}

static int get_by_pidfd(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *attr = info->attrs[TASKSTATS_CMD_ATTR_PIDFD];
	struct pid *pid;
	u8 type;
	int err, other;

	for (other = TASKSTATS_CMD_ATTR_PID;
	     other <= TASKSTATS_CMD_ATTR_DEREGISTER_CPUMASK; other++) {
		if (info->attrs[other]) {
			NL_SET_ERR_MSG_ATTR(info->extack, attr, "given beside an id or a CPU mask");
			return -EINVAL;
		}
	}
	pid = pid_of_fd(nla_get_s32(attr), &type);
	if (IS_ERR(pid)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "not a pidfd");
		return PTR_ERR(pid);
	}
	err = get_stats(skb, info, attr, pid, type);
	put_pid(pid);
	return err;
}

/* An answer to who dumps, whatever came before it. */
static bool put_first(struct sk_buff *skb, const struct genl_info *info,
		      const struct taskstats_query *query, u32 id, struct answer *answer)
{
	void *head = genlmsg_put(skb, info->snd_portid, info->snd_seq, &family,
				 NLM_F_MULTI, TASKSTATS_CMD_NEW);

	if (!head)
		return false;
	if (!put_answer(skb, query, id, answer)) {
		genlmsg_cancel(skb, head);
		return false;
	}
	genlmsg_end(skb, head);
	return true;
}

/*
 * All the others are like the first, but for the id and what is told: a quarter
 * of what a task costs would be the writing of what has been written before.
 */
static bool put_next(struct sk_buff *skb, const struct taskstats_query *query,
		     u32 id, struct answer *answer)
{
	const size_t id_at = NLMSG_HDRLEN + GENL_HDRLEN + 2 * NLA_HDRLEN;
	const size_t head_max = id_at + sizeof(id) + 2 * NLA_HDRLEN;	/* with padding */
	unsigned int len = nlmsg_hdr(skb)->nlmsg_len;
	unsigned int stats_at = len - delays_size(query) - sizeof(*answer->stats);
	void *msg;

	if (skb_tailroom(skb) < len)
		return false;
	msg = skb_put(skb, len);
	/* If there is no padding, four bytes of it will be overwritten by figures. */
	memcpy(msg, skb->data, head_max);
	*(u32 *)(msg + id_at) = id;
	answer->id = id;
	answer->stats = msg + stats_at;
	answer->delays = NULL;
	if (query->delays) {
		answer->delays = msg + len - sizeof(u32);
		memcpy(msg + len - delays_size(query),
		       skb->data + len - delays_size(query), NLA_HDRLEN);
	}
	return true;
}

/*
 * Where 64-bit values have to be aligned, an answer is like the first only if it
 * begins like it: padding depends on that.
 */
static bool like_first(const struct sk_buff *skb)
{
	return IS_ENABLED(CONFIG_HAVE_EFFICIENT_UNALIGNED_ACCESS) ||
	       IS_ALIGNED(nlmsg_hdr(skb)->nlmsg_len, sizeof(u64));
}

/**
 * taskstats_dump_put - tell of one task in a dump
 * @skb: the message to the reader, with nothing in it but such answers
 * @cb: the dump
 * @query: what is told of it
 * @tsk: the task; the caller holds a reference
 * @id: its id, of the kind that @query says
 *
 * Context: Process context. May sleep.
 * Return: 0, -EMSGSIZE if @skb has no room for it, -ESRCH if it has left its
 * group or goes by another id, -EPERM if it may not be seen, or -EINTR if who reads
 * is being killed; on error @skb is as it was.
 */
int taskstats_dump_put(struct sk_buff *skb, struct netlink_callback *cb,
		       const struct taskstats_query *query,
		       struct task_struct *tsk, u32 id)
{
	unsigned int len = skb->len;
	struct answer answer;
	int err;

	if (!(len && like_first(skb) ? put_next(skb, query, id, &answer) :
	      put_first(skb, genl_info_dump(cb), query, id, &answer)))
		return -EMSGSIZE;
	err = fill_for_asker(&answer, query, tsk);
	if (err)
		skb_trim(skb, len);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(taskstats_dump_put);

static int taskstats_get(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr **attrs = info->attrs;

	if (attrs[TASKSTATS_CMD_ATTR_PIDFD])
		return get_by_pidfd(skb, info);
	if (attrs[TASKSTATS_CMD_ATTR_REGISTER_CPUMASK])
		return set_mask(skb, info, TASKSTATS_CMD_ATTR_REGISTER_CPUMASK);
	if (attrs[TASKSTATS_CMD_ATTR_DEREGISTER_CPUMASK])
		return set_mask(skb, info, TASKSTATS_CMD_ATTR_DEREGISTER_CPUMASK);
	if (attrs[TASKSTATS_CMD_ATTR_PID])
		return get_by_id(skb, info, attrs[TASKSTATS_CMD_ATTR_PID],
				 TASKSTATS_TYPE_PID);
	if (attrs[TASKSTATS_CMD_ATTR_TGID])
		return get_by_id(skb, info, attrs[TASKSTATS_CMD_ATTR_TGID],
				 TASKSTATS_TYPE_TGID);
	GENL_SET_ERR_MSG(info, "neither an id nor a CPU mask given");
	return -EINVAL;
}

static int parse_some_cpus(const struct nlattr *attr, struct cpumask *mask,
			   struct netlink_ext_ack *extack)
{
	int err = parse_cpus(attr, mask, extack);

	if (err || !cpumask_empty(mask))
		return err;
	NL_SET_ERR_MSG_ATTR(extack, attr, "names no CPU");
	return -EINVAL;
}

static struct taskstats_subscription *new_subscription(struct genl_info *info)
{
	struct nlattr *attr = info->attrs[TASKSTATS_LISTEN_ATTR_CPUS];
	struct taskstats_subscription *sub;
	int err = 0;

	sub = kzalloc_obj(*sub, GFP_KERNEL_ACCOUNT);
	if (!sub)
		return ERR_PTR(-ENOMEM);
	if (!zalloc_cpumask_var(&sub->cpus, GFP_KERNEL_ACCOUNT)) {
		kfree(sub);
		return ERR_PTR(-ENOMEM);
	}
	sub->view.user_ns = get_user_ns(current_user_ns());
	sub->view.pid_ns = get_pid_ns(task_active_pid_ns(current));
	cpumask_copy(sub->cpus, cpu_possible_mask);
	if (attr)
		err = parse_some_cpus(attr, sub->cpus, info->extack);
	attr = info->attrs[TASKSTATS_LISTEN_ATTR_CGROUP_FD];
	if (!err && attr)
		err = taskstats_find_cgroup(attr, &sub->cgroup, info->extack);
	if (err) {
		taskstats_subscription_free(sub);
		return ERR_PTR(err);
	}
	sub->records = nla_get_u32(info->attrs[TASKSTATS_LISTEN_ATTR_RECORDS]);
	sub->batch = nla_get_u32_default(info->attrs[TASKSTATS_LISTEN_ATTR_BATCH], 1);
	sub->wait_ms = nla_get_u32_default(info->attrs[TASKSTATS_LISTEN_ATTR_WAIT],
					   MSEC_PER_SEC);
	return sub;
}

/* It will see the tasks of the PID namespace that the asker is in. */
static int subscribe(struct sk_buff *skb, struct genl_info *info,
		     struct taskstats_sock *ts)
{
	struct taskstats_subscription *sub;
	int err;

	if (!taskstats_privileged(skb)) {
		NL_SET_ERR_MSG(info->extack,
			       "needs CAP_NET_ADMIN over the PID namespace, or, with kernel.taskstats_restrict, over all");
		return -EPERM;
	}
	sub = new_subscription(info);
	if (IS_ERR(sub))
		return PTR_ERR(sub);
	err = taskstats_subscribe(&ts->listener, NETLINK_CB(skb).sk, sub);
	if (err)
		taskstats_subscription_free(sub);
	if (err == -EBUSY)
		NL_SET_ERR_MSG(info->extack, "the socket listens by CPU mask");
	if (err == -ENOSPC)
		NL_SET_ERR_MSG(info->extack, "too many listeners in this PID namespace");
	return err;
}

/* The first attribute from a type on, if there is one. */
static struct nlattr *first_attr(struct genl_info *info, int type)
{
	for (; type <= TASKSTATS_LISTEN_ATTR_WAIT; type++) {
		if (info->attrs[type])
			return info->attrs[type];
	}
	return NULL;
}

static int change_subscription(struct sk_buff *skb, struct genl_info *info,
			       struct taskstats_sock *ts)
{
	struct nlattr *attr;

	if (!first_attr(info, TASKSTATS_LISTEN_ATTR_RECORDS))
		return 0;
	if (GENL_REQ_ATTR_CHECK(info, TASKSTATS_LISTEN_ATTR_RECORDS))
		return -EINVAL;
	if (nla_get_u32(info->attrs[TASKSTATS_LISTEN_ATTR_RECORDS]))
		return subscribe(skb, info, ts);
	attr = first_attr(info, TASKSTATS_LISTEN_ATTR_RECORDS + 1);
	if (attr) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "says how, but no records are asked for");
		return -EINVAL;
	}
	taskstats_unsubscribe(&ts->listener);
	return 0;
}

static void put_cpus(struct sk_buff *skb, const struct cpumask *cpus)
{
	int len = snprintf(NULL, 0, "%*pbl", cpumask_pr_args(cpus)) + 1;
	struct nlattr *attr = nla_reserve(skb, TASKSTATS_LISTEN_ATTR_CPUS, len);

	if (attr)
		snprintf(nla_data(attr), len, "%*pbl", cpumask_pr_args(cpus));
}

static void put_u64(struct sk_buff *skb, int type, u64 value)
{
	nla_put_u64_64bit(skb, type, value, TASKSTATS_LISTEN_ATTR_PAD);
}

/* Room for all TASKSTATS_LISTEN_ATTR_*, with any of the CPUs that there are. */
static size_t listener_size(void)
{
	return CPULIST_MAXLEN(nr_cpu_ids) + 16 * nla_total_size_64bit(sizeof(u64));
}

/* There is room for all of it. */
static void put_listener(struct sk_buff *skb, const struct taskstats_subscription *sub,
			 const struct taskstats_account *account)
{
	const u64 *lost = account->lost;

	nla_put_u32(skb, TASKSTATS_LISTEN_ATTR_RECORDS, sub->records);
	if (sub->records) {
		put_cpus(skb, sub->cpus);
		nla_put_u32(skb, TASKSTATS_LISTEN_ATTR_BATCH, sub->batch);
		nla_put_u32(skb, TASKSTATS_LISTEN_ATTR_WAIT, sub->wait_ms);
	}
	put_u64(skb, TASKSTATS_LISTEN_ATTR_DELIVERED, account->delivered);
	put_u64(skb, TASKSTATS_LISTEN_ATTR_LOST, taskstats_lost(account));
	put_u64(skb, TASKSTATS_LISTEN_ATTR_LOST_OVERRUN, lost[TASKSTATS_LOST_OVERRUN]);
	put_u64(skb, TASKSTATS_LISTEN_ATTR_LOST_NOMEM, lost[TASKSTATS_LOST_NOMEM]);
	put_u64(skb, TASKSTATS_LISTEN_ATTR_LOST_FILTER, lost[TASKSTATS_LOST_FILTER]);
	nla_put_u32(skb, TASKSTATS_LISTEN_ATTR_PENDING, account->pending);
}

static int taskstats_listen(struct sk_buff *skb, struct genl_info *info)
{
	struct taskstats_subscription sub = {};
	struct taskstats_account account = {};
	struct taskstats_sock *ts;
	struct sk_buff *msg;
	int err;

	ts = genl_sk_priv_get(&family, NETLINK_CB(skb).sk);
	if (IS_ERR(ts))
		return PTR_ERR(ts);
	/* After the change only a receive buffer without room can fail it. */
	msg = genlmsg_new(listener_size(), GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	err = zalloc_cpumask_var(&sub.cpus, GFP_KERNEL) ?
	      change_subscription(skb, info, ts) : -ENOMEM;
	if (err) {
		free_cpumask_var(sub.cpus);
		nlmsg_free(msg);
		return err;
	}
	taskstats_listener_state(&ts->listener, &sub, &account);
	genlmsg_put_reply(msg, info, &family, 0, TASKSTATS_CMD_LISTEN);
	put_listener(msg, &sub, &account);
	free_cpumask_var(sub.cpus);
	return reply(msg, info);
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
	/* That of version 1 anybody may ask for as ever. */
	if (file_inode(fd_file(f))->i_sb->s_magic == CGROUP2_SUPER_MAGIC) {
		err = taskstats_one_at_a_time(skb, info->extack);
		if (err)
			return err;
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

/* The figures of an exiting task, or of its group, wherever they go first. */
static bool fill_exit(const struct taskstats_exiting *exit, bool group,
		      struct taskstats *stats, const struct taskstats_view *view)
{
	const struct taskstats_mm *mm = NULL;
	struct taskstats_mm figures;

	/* A leader that had to wait for an exec has left the mm of its group. */
	if (current->mm)
		mm = taskstats_read_mm(&figures, current->mm);
	/* Cannot fail here, but what is not filled in must not be told. */
	if (group)
		return !taskstats_fill_group(stats, exit->tsk, mm, view);
	taskstats_fill_task(stats, exit->tsk, mm, view);
	if (exit->last)
		stats->ac_flag |= AGROUP;
	return true;
}

static const struct taskstats_view init_view = {
	.user_ns = &init_user_ns,
	.pid_ns = &init_pid_ns,
};

/**
 * taskstats_record - what those who listen by CPU mask are told of an exit
 * @exit: the exit; its figures will be those in the record
 * @with_group: tell of the group too
 *
 * Context: Process context. May sleep.
 * Return: the message, or NULL if there is no memory for it.
 */
VISIBLE_IF_KUNIT struct sk_buff *taskstats_record(struct taskstats_exiting *exit,
						  bool with_group)
{
	struct taskstats *thread, *group = NULL;
	struct sk_buff *skb;

	/* What comes from the reserves of an OOM victim, sk_filter() refuses. */
	skb = genlmsg_new((1 + with_group) * taskstats_aggr_size(),
			  GFP_KERNEL | __GFP_NOMEMALLOC);
	if (!skb)
		return NULL;
	genlmsg_put(skb, 0, 0, &family, 0, TASKSTATS_CMD_NEW);
	thread = taskstats_put_aggr(skb, TASKSTATS_TYPE_PID, task_pid_nr(exit->tsk));
	if (with_group)
		group = taskstats_put_aggr(skb, TASKSTATS_TYPE_TGID,
					   task_tgid_nr(exit->tsk));
	nlmsg_end(skb, nlmsg_hdr(skb));
	if (!fill_exit(exit, false, thread, &init_view) ||
	    (group && !fill_exit(exit, true, group, &init_view))) {
		nlmsg_free(skb);
		return NULL;
	}
	exit->thread = thread;
	exit->group = group;
	return skb;
}
EXPORT_SYMBOL_IF_KUNIT(taskstats_record);

/*
 * What stands before the figures in a record: always the same attributes, in the
 * same order, with 64-bit values where architectures that care want them.
 */
struct event_head {
	struct nlattr record;
	struct nlattr id_attr;
	u32 id;
	struct nlattr start_attr;
	u64 start;
	struct nlattr cpu_attr;
	u32 cpu;
	struct nlattr delays_attr;
	u32 delays;
	struct nlattr pad1;
	struct nlattr cgroup_attr;
	u64 cgroup;
	struct nlattr pad2;
	struct nlattr stats_attr;
} __packed __aligned(NLA_ALIGNTO);

static_assert(offsetof(struct event_head, start) % sizeof(u64) == 0);
static_assert(offsetof(struct event_head, cgroup) % sizeof(u64) == 0);
static_assert(sizeof(struct event_head) % sizeof(u64) == 0);

#define EVENT_RECORD_SIZE	(sizeof(struct event_head) + sizeof(struct taskstats))
#define EVENT_ATTR(name, size) \
	{ .nla_type = TASKSTATS_RECORD_ATTR_##name, .nla_len = NLA_HDRLEN + (size) }

static const struct event_head event_head = {
	.record		= {
		.nla_type = TASKSTATS_EXIT_ATTR_RECORD | NLA_F_NESTED,
		.nla_len = EVENT_RECORD_SIZE,
	},
	.id_attr	= EVENT_ATTR(PID, sizeof(u32)),
	.start_attr	= EVENT_ATTR(START, sizeof(u64)),
	.cpu_attr	= EVENT_ATTR(CPU, sizeof(u32)),
	.delays_attr	= EVENT_ATTR(DELAYS, sizeof(u32)),
	.pad1		= EVENT_ATTR(PAD, 0),
	.cgroup_attr	= EVENT_ATTR(CGROUP, sizeof(u64)),
	.pad2		= EVENT_ATTR(PAD, 0),
	.stats_attr	= EVENT_ATTR(STATS, sizeof(struct taskstats)),
};

/**
 * taskstats_event_new - begin a message to those who listen by LISTEN
 * @seq: how many records there were for the listener
 * @lost: how many of them were lost
 * @records: how many there shall be room for; there may be less, but for one
 *
 * Context: Any.
 * Return: the message, or NULL if there is no memory for it.
 */
struct sk_buff *taskstats_event_new(u64 seq, u64 lost, unsigned int records)
{
	size_t head = GENL_HDRLEN + NLMSG_HDRLEN + 2 * nla_total_size_64bit(sizeof(u64));
	size_t size = head + records * EVENT_RECORD_SIZE;
	/* Without room for many there will be a try for one, for which it is worth it. */
	gfp_t gfp = records > 1 ? GFP_NOWAIT : GFP_ATOMIC | __GFP_NOWARN;
	struct sk_buff *skb;

	KUNIT_STATIC_STUB_REDIRECT(taskstats_event_new, seq, lost, records);
	/* What comes from the reserves of an OOM victim, sk_filter() refuses. */
	skb = nlmsg_new(min(size, EVENT_MAXLEN) - NLMSG_HDRLEN, gfp | __GFP_NOMEMALLOC);
	if (!skb)
		return NULL;
	genlmsg_put(skb, 0, 0, &family, 0, TASKSTATS_CMD_EXIT);
	nla_put_u64_64bit(skb, TASKSTATS_EXIT_ATTR_SEQ, seq, TASKSTATS_EXIT_ATTR_PAD);
	nla_put_u64_64bit(skb, TASKSTATS_EXIT_ATTR_LOST, lost, TASKSTATS_EXIT_ATTR_PAD);
	return skb;
}
EXPORT_SYMBOL_IF_KUNIT(taskstats_event_new);

/* Writes the figures: those that have been filled in, or else fills them in. */
static bool event_fill(struct taskstats *stats, const struct taskstats_exiting *exit,
		       bool group, const struct taskstats_view *view)
{
	const struct taskstats *filled = group ? exit->group : exit->thread;

	if (!filled)
		return fill_exit(exit, group, stats, view);
	memcpy(stats, filled, sizeof(*stats));
	if (view->pid_ns != &init_pid_ns || view->user_ns != &init_user_ns)
		taskstats_translate(stats, group ? exit->tsk->group_leader : exit->tsk, view);
	return true;
}

/**
 * taskstats_event_full - is there no room for a further record?
 * @skb: the message, of taskstats_event_new()
 *
 * Context: Any.
 * Return: true if taskstats_event_add() would fail.
 */
bool taskstats_event_full(const struct sk_buff *skb)
{
	return skb_tailroom(skb) < EVENT_RECORD_SIZE;
}

/**
 * taskstats_event_add - put a record into a message
 * @skb: the message, of taskstats_event_new()
 * @exit: the exit
 * @type: TASKSTATS_RECORD_ATTR_PID for the thread, _TGID for its group
 * @view: in whose terms ids are told
 *
 * Context: Under rcu_read_lock(). Does not sleep.
 * Return: true, or false if there is no room and @skb is as it was.
 */
bool taskstats_event_add(struct sk_buff *skb, const struct taskstats_exiting *exit,
			 int type, const struct taskstats_view *view)
{
	bool group = type == TASKSTATS_RECORD_ATTR_TGID;
	struct task_struct *tsk = group ? exit->tsk->group_leader : exit->tsk;
	struct event_head *head;
	struct taskstats *stats;

	if (taskstats_event_full(skb))
		return false;
	head = skb_put(skb, EVENT_RECORD_SIZE);
	*head = event_head;
	head->id_attr.nla_type = type;
	head->start = tsk->start_boottime;
	head->cpu = exit->cpu;
	head->delays = group ? exit->group_delays : delayacct_measured(tsk);
	head->cgroup = taskstats_cgroup_id(tsk);
	stats = (struct taskstats *)(head + 1);
	if (!event_fill(stats, exit, group, view)) {
		skb_trim(skb, skb->len - EVENT_RECORD_SIZE);
		return false;
	}
	head->id = stats->ac_pid;	/* of a group, that is its id */
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(taskstats_event_add);

/*
 * Figures that several are told of are filled in once, and those of many threads
 * beforehand. Without memory for that, each listener has to fill in its own.
 */
static struct taskstats *fill_for_many(struct taskstats_exiting *exit)
{
	bool thread = exit->records & TASKSTATS_RECORDS_THREAD && !exit->thread;
	bool group = exit->records & TASKSTATS_RECORDS_GROUP && !exit->group;
	struct taskstats *stats;

	if (!thread && !group)
		return NULL;
	stats = kmalloc_array(thread + group, sizeof(*stats), GFP_KERNEL);
	if (!stats)
		return NULL;
	if (thread && fill_exit(exit, false, stats, &init_view))
		exit->thread = stats;
	if (group && fill_exit(exit, true, stats + thread, &init_view))
		exit->group = stats + thread;
	return stats;
}

/*
 * Are there threads to sum? Their number is up to anybody, and all exits that are
 * told to a listener wait for its lock: not under that.
 */
static bool takes_a_walk(const struct taskstats_exiting *exit)
{
	return exit->records & TASKSTATS_RECORDS_GROUP &&
	       READ_ONCE(exit->tsk->signal->nr_threads) > 1;
}

/* A record goes to those who listen to the CPU that it is begun on. */
static void tell(struct task_struct *tsk, bool last)
{
	struct taskstats_exiting exit = {
		.tsk = tsk,
		.last = last,
		.cpu = raw_smp_processor_id(),
	};
	struct taskstats *stats __free(kfree) = NULL;
	struct sk_buff *skb = NULL;
	bool beforehand = false;

	scoped_guard(rcu) {
		taskstats_heard(&exit);
		/* Not by each listener: there may be many of them, and many threads. */
		if (exit.records & TASKSTATS_RECORDS_GROUP)
			exit.group_delays = taskstats_group_delays(tsk->signal);
		beforehand = exit.subscribers > 1 || takes_a_walk(&exit);
		if (!exit.records || (!beforehand && taskstats_deliver_to_one(&exit)))
			return;
	}
	if (exit.records & TASKSTATS_RECORDS_BY_MASK)
		skb = taskstats_record(&exit, last && taskstats_had_threads(tsk->signal));
	if (beforehand)
		stats = fill_for_many(&exit);
	taskstats_deliver(&exit, skb);
}

/* A task that runs keeps its signal handlers, and so their lock. */
static spinlock_t *own_siglock(void)
{
	return &rcu_dereference_protected(current->sighand, true)->siglock;
}

/*
 * Another thread executes: if it gets its way the leader gives its id away and
 * ends with that of the other, else it ends as what it is. Who executes knows.
 */
static bool leave_to_exec(struct task_struct *tsk)
{
	struct signal_struct *sig = tsk->signal;
	struct task_struct *executes;

	if (!thread_group_leader(tsk) || !READ_ONCE(sig->group_exec_task))
		return false;

	/*
	 * Against __taskstats_exec(): it sees leader_untold, or else what was set
	 * for the exec is seen to be cleared here.
	 */
	guard(spinlock_irq)(own_siglock());
	executes = READ_ONCE(sig->group_exec_task);
	if (!executes || executes == tsk)
		return false;
	sig->taskstats->leader_untold = true;
	return true;
}

/* See taskstats_exit(). */
void __taskstats_exit(struct task_struct *tsk, bool group_dead)
{
	if (!leave_to_exec(tsk))
		tell(tsk, group_dead);
}

/* See taskstats_exec(). A leader that exited before the exec has been told of. */
void __taskstats_exec(struct task_struct *leader)
{
	struct taskstats_totals *totals = leader->signal->taskstats;
	bool untold;

	scoped_guard(spinlock_irq, own_siglock()) {
		untold = totals->leader_untold;
		totals->leader_untold = false;
	}
	if (untold)
		tell(leader, false);
}

/* What old clients send stays valid; what they cannot know of is strict. */
static const struct nla_policy taskstats_policy[] = {
	[TASKSTATS_CMD_ATTR_UNSPEC]		= {
		.strict_start_type = TASKSTATS_CMD_ATTR_DEREGISTER_CPUMASK + 1,
	},
	[TASKSTATS_CMD_ATTR_PID]		= { .type = NLA_U32 },
	[TASKSTATS_CMD_ATTR_TGID]		= { .type = NLA_U32 },
	[TASKSTATS_CMD_ATTR_REGISTER_CPUMASK]	= { .type = NLA_STRING },
	[TASKSTATS_CMD_ATTR_DEREGISTER_CPUMASK]	= { .type = NLA_STRING },
	[TASKSTATS_CMD_ATTR_PIDFD]		= { .type = NLA_S32 },
	[TASKSTATS_CMD_ATTR_DELAYS]		= { .type = NLA_FLAG },
};

static const struct nla_policy taskstats_dump_policy[] = {
	[TASKSTATS_CMD_ATTR_TGID]		= { .type = NLA_U32 },
	[TASKSTATS_CMD_ATTR_THREADS]		= { .type = NLA_FLAG },
	[TASKSTATS_CMD_ATTR_CGROUP_FD]		= NLA_POLICY_MIN(NLA_S32, 0),
	[TASKSTATS_CMD_ATTR_DELAYS]		= { .type = NLA_FLAG },
};

/* Does not fit into the policy itself. */
static const struct netlink_range_validation wait_range = {
	.min = 1,
	.max = 60 * MSEC_PER_SEC,
};

static const struct nla_policy taskstats_listen_policy[] = {
	[TASKSTATS_LISTEN_ATTR_RECORDS]		=
		NLA_POLICY_MASK(NLA_U32, TASKSTATS_RECORDS_THREAD | TASKSTATS_RECORDS_GROUP),
	[TASKSTATS_LISTEN_ATTR_CPUS]		= {
		.type = NLA_NUL_STRING,
		.len = CPUMASK_MAXLEN - 1,
	},
	[TASKSTATS_LISTEN_ATTR_CGROUP_FD]	= NLA_POLICY_MIN(NLA_S32, 0),
	[TASKSTATS_LISTEN_ATTR_BATCH]		= NLA_POLICY_RANGE(NLA_U32, 1, 1024),
	[TASKSTATS_LISTEN_ATTR_WAIT]		= NLA_POLICY_FULL_RANGE(NLA_U32, &wait_range),
};

/* As first_attr() has it. */
static_assert(ARRAY_SIZE(taskstats_listen_policy) == TASKSTATS_LISTEN_ATTR_WAIT + 1);

static const struct nla_policy cgroupstats_policy[] = {
	[CGROUPSTATS_CMD_ATTR_FD]	= { .type = NLA_U32 },
};

/* What old clients send to the old operations strict validation would refuse. */
static const struct genl_split_ops taskstats_ops[] = {
	{
		.cmd		= TASKSTATS_CMD_GET,
		.validate	= GENL_DONT_VALIDATE_STRICT,
		.policy		= taskstats_policy,
		.maxattr	= ARRAY_SIZE(taskstats_policy) - 1,
		.doit		= taskstats_get,
		.flags		= GENL_CMD_CAP_DO,
	},
	{
		.cmd		= TASKSTATS_CMD_GET,
		.policy		= taskstats_dump_policy,
		.maxattr	= ARRAY_SIZE(taskstats_dump_policy) - 1,
		.start		= taskstats_dump_start,
		.dumpit		= taskstats_dump,
		.done		= taskstats_dump_done,
		.flags		= GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= CGROUPSTATS_CMD_GET,
		.validate	= GENL_DONT_VALIDATE_STRICT,
		.policy		= cgroupstats_policy,
		.maxattr	= ARRAY_SIZE(cgroupstats_policy) - 1,
		.doit		= cgroupstats_get,
		.flags		= GENL_CMD_CAP_DO,
	},
	{
		.cmd		= TASKSTATS_CMD_LISTEN,
		.policy		= taskstats_listen_policy,
		.maxattr	= ARRAY_SIZE(taskstats_listen_policy) - 1,
		.doit		= taskstats_listen,
		.flags		= GENL_CMD_CAP_DO,
	},
};

static struct genl_family family __ro_after_init = {
	.name			= TASKSTATS_GENL_NAME,
	.version		= TASKSTATS_GENL_VERSION,
	.netnsok		= true,
	.parallel_ops		= true,
	.module			= THIS_MODULE,
	.split_ops		= taskstats_ops,
	.n_split_ops		= ARRAY_SIZE(taskstats_ops),
	.resv_start_op		= CGROUPSTATS_CMD_GET + 1,
	.sock_priv_size		= sizeof(struct taskstats_sock),
	.sock_priv_init		= taskstats_sock_init,
	.sock_priv_destroy	= taskstats_sock_destroy,
};

/* From start_kernel(), before any process can have threads. */
void __init taskstats_init_early(void)
{
	taskstats_cache = kmem_cache_create("taskstats",
					    sizeof(struct taskstats_totals), 0,
					    SLAB_PANIC | SLAB_ACCOUNT, NULL);
}

static int __init taskstats_init(void)
{
	return genl_register_family(&family);
}

/* After the initcalls of everything that is accounted for. */
late_initcall(taskstats_init);
