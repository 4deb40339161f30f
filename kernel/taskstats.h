/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parts of taskstats share, and nobody else.
 *
 * taskstats.c parses requests and builds messages, taskstats_fill.c turns
 * tasks and thread groups into numbers, taskstats_listen.c keeps the listeners
 * and hands them the records of exiting tasks.
 */
#ifndef __KERNEL_TASKSTATS_H
#define __KERNEL_TASKSTATS_H

#include <linux/cpumask.h>
#include <linux/rcupdate.h>
#include <linux/types.h>
#include <uapi/linux/taskstats.h>

struct kmem_cache;
struct pid_namespace;
struct signal_struct;
struct sk_buff;
struct sock;
struct task_struct;
struct user_namespace;

/* kernel/taskstats_fill.c */

/* For signal_struct's stats, made before any process can have threads. */
extern struct kmem_cache *taskstats_cache;

/**
 * struct taskstats_view - in whose terms ids are told
 * @user_ns: user namespace for uid and gid
 * @pid_ns: PID namespace for pid, tgid and ppid
 */
struct taskstats_view {
	struct user_namespace *user_ns;
	struct pid_namespace *pid_ns;
};

void taskstats_fill_task(struct taskstats *stats, struct task_struct *tsk,
			 const struct taskstats_view *view);
int taskstats_fill_group(struct taskstats *stats, struct task_struct *tsk,
			 const struct taskstats_view *view);
bool taskstats_had_threads(struct signal_struct *sig);

/* kernel/taskstats_listen.c */

/**
 * struct taskstats_listener - a socket that gets the records of exiting tasks
 * @sk: the socket; it outlives the listener by an RCU grace period
 * @entries: one struct taskstats_entry for each CPU it listens to
 * @rcu: keeps the listener for deliveries that are under way
 */
struct taskstats_listener {
	struct sock *sk;
	struct list_head entries;
	struct rcu_head rcu;
};

/**
 * struct taskstats_entry - one listener on one CPU
 * @node: in the CPU's list, read under RCU
 * @own: in the listener's list
 * @listener: whom the records go to
 * @cpu: the CPU
 * @rcu: keeps the entry for deliveries that are under way
 */
struct taskstats_entry {
	struct hlist_node node;
	struct list_head own;
	struct taskstats_listener *listener;
	unsigned int cpu;
	struct rcu_head rcu;
};

int taskstats_listener_add(struct taskstats_listener **slot, struct sock *sk,
			   struct cpumask *mask);
void taskstats_listener_remove(struct taskstats_listener **slot,
			       const struct cpumask *mask);
void taskstats_listener_free(struct taskstats_listener **slot);
bool taskstats_heard(unsigned int cpu);
void taskstats_deliver(struct sk_buff *skb, unsigned int cpu);

#if IS_ENABLED(CONFIG_KUNIT)
/* For lib/tests/taskstats_kunit.c */
struct nlattr;

void *taskstats_listen_alloc(size_t size, int node);
struct sk_buff *taskstats_clone(struct sk_buff *skb);
int taskstats_parse_mask(const struct nlattr *attr, struct cpumask *mask);
size_t taskstats_aggr_size(void);
struct taskstats *taskstats_put_aggr(struct sk_buff *skb, int type, u32 id);
struct sk_buff *taskstats_record(struct task_struct *tsk, bool group_dead);
#endif

#endif /* __KERNEL_TASKSTATS_H */
