/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parts of taskstats share, and nobody else.
 *
 * taskstats.c parses requests and builds messages, taskstats_access.c decides
 * who may see what, taskstats_fill.c turns tasks and thread groups into numbers,
 * taskstats_dump.c goes through all of them, taskstats_listen.c keeps the
 * listeners and hands them the records of exiting tasks.
 */
#ifndef __KERNEL_TASKSTATS_H
#define __KERNEL_TASKSTATS_H

#include <linux/cgroup.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <uapi/linux/taskstats.h>

struct cred;
struct kmem_cache;
struct mm_struct;
struct netlink_callback;
struct netlink_ext_ack;
struct nlattr;
struct pid_namespace;
struct signal_struct;
struct sk_buff;
struct sock;
struct task_struct;
struct taskstats_entry;
struct taskstats_subscription;
struct user_namespace;

/* kernel/taskstats_fill.c */

/* For signal_struct::taskstats, made before any process can have threads. */
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

/**
 * struct taskstats_totals - what the departed threads of a group have left
 * @sum: the sum of what signal_struct does not add up for others already
 * @departed: there has been a departure
 * @delays: a bit for each TASKSTATS_DELAYS_* that one of them had
 * @leader_untold: the leader has exited, and its record waits for the end of an
 *		   exec; under siglock
 * @turn: held by who asks about the group and is not trusted, while its threads are
 *	  gone through
 *
 * But for @leader_untold and @turn changed in a write section of
 * signal_struct::stats_lock.
 */
struct taskstats_totals {
	struct taskstats sum;
	bool departed;
	u8 delays;
	bool leader_untold;
	struct mutex turn;	/* of those who are not trusted */
};

/**
 * struct taskstats_mm - what is told of an address space
 * @rss: the most that was resident, in pages
 * @vm: the largest that it was, in pages
 * @exe_dev: device of the file that it executes, or 0
 * @exe_inode: inode number of that file, or 0
 */
struct taskstats_mm {
	unsigned long rss;
	unsigned long vm;
	dev_t exe_dev;
	u64 exe_inode;
};

const struct taskstats_mm *taskstats_read_mm(struct taskstats_mm *figures,
					     struct mm_struct *mm);
const struct taskstats_mm *taskstats_task_mm(struct taskstats_mm *figures,
					     struct task_struct *tsk);
const struct taskstats_mm *taskstats_group_mm(struct taskstats_mm *figures,
					      struct signal_struct *sig);
void taskstats_fill_task(struct taskstats *stats, struct task_struct *tsk,
			 const struct taskstats_mm *mm, const struct taskstats_view *view);
int taskstats_fill_group(struct taskstats *stats, struct task_struct *tsk,
			 const struct taskstats_mm *mm, const struct taskstats_view *view);
bool taskstats_had_threads(struct signal_struct *sig);
void taskstats_translate(struct taskstats *stats, struct task_struct *tsk,
			 const struct taskstats_view *view);
u32 taskstats_group_delays(struct signal_struct *sig);

/**
 * struct taskstats_exiting - an exiting task, as its listeners are told of it
 * @tsk: the task, which is current or a thread of its group
 * @last: it is the last thread of its group
 * @cpu: where it exits
 * @begun: how many subscriptions had begun when it did
 * @records: TASKSTATS_RECORDS_* that there are, and are asked for
 * @subscribers: how many of those who listen by LISTEN ask for one
 * @first: where the first of them is listed; good while rcu_read_lock() is held
 *	   since taskstats_heard()
 * @first_sub: what the first of them has asked for, likewise
 * @group_delays: TASKSTATS_DELAYS_* of its group, if there is a record of that
 * @thread: its figures, ids being those of the initial namespaces; or NULL if they
 *	    have not been filled in anywhere yet
 * @group: those of its group, likewise
 */
struct taskstats_exiting {
	struct task_struct *tsk;
	bool last;
	unsigned int cpu;
	s64 begun;
	u32 records;
	unsigned int subscribers;
	const struct taskstats_entry *first;
	const struct taskstats_subscription *first_sub;
	u32 group_delays;
	struct taskstats *thread;
	struct taskstats *group;
};

/**
 * struct taskstats_asker - in whose name a request is answered
 * @sender: the credentials of its sender, or NULL if that may see all tasks
 * @opener: those of the socket's opener
 * @trusted: there is CAP_NET_ADMIN in the initial user namespace
 */
struct taskstats_asker {
	const struct cred *sender;
	const struct cred *opener;
	bool trusted;
};

/**
 * struct taskstats_query - what is asked for of a task
 * @type: TASKSTATS_TYPE_PID for the thread, _TGID for its group
 * @delays: TASKSTATS_TYPE_DELAYS_MEASURED as well
 * @view: in whose terms ids are told
 * @asker: who asks
 */
struct taskstats_query {
	u8 type;
	bool delays;
	struct taskstats_view view;
	struct taskstats_asker asker;
};

/* kernel/taskstats_access.c */

bool taskstats_privileged(const struct sk_buff *skb);
int taskstats_one_at_a_time(const struct sk_buff *skb, struct netlink_ext_ack *extack);
int taskstats_asker_get(struct taskstats_asker *asker, const struct sk_buff *skb,
			struct netlink_ext_ack *extack);
void taskstats_asker_put(struct taskstats_asker *asker);
bool taskstats_may_see(const struct taskstats_asker *asker, struct task_struct *tsk);

/* kernel/taskstats.c */

int taskstats_find_cgroup(const struct nlattr *attr, struct cgroup **found,
			  struct netlink_ext_ack *extack);
int taskstats_dump_put(struct sk_buff *skb, struct netlink_callback *cb,
		       const struct taskstats_query *query,
		       struct task_struct *tsk, u32 id);
struct sk_buff *taskstats_event_new(u64 seq, u64 lost, unsigned int records);
bool taskstats_event_add(struct sk_buff *skb, const struct taskstats_exiting *exit,
			 int type, const struct taskstats_view *view);
bool taskstats_event_full(const struct sk_buff *skb);

/* kernel/taskstats_dump.c */

int taskstats_dump_start(struct netlink_callback *cb);
int taskstats_dump(struct sk_buff *skb, struct netlink_callback *cb);
int taskstats_dump_done(struct netlink_callback *cb);

/* Of cgroups, which a kernel need not have. */

#ifdef CONFIG_CGROUPS
static inline struct cgroup *taskstats_get_cgroup(int fd)
{
	return cgroup_get_from_fd(fd);
}

static inline void taskstats_put_cgroup(struct cgroup *cgroup)
{
	if (cgroup)
		cgroup_put(cgroup);
}

/* Under rcu_read_lock(). */
static inline u64 taskstats_cgroup_id(struct task_struct *tsk)
{
	return cgroup_id(task_dfl_cgroup(tsk));
}
#else
static inline struct cgroup *taskstats_get_cgroup(int fd)
{
	return ERR_PTR(-EOPNOTSUPP);
}

static inline void taskstats_put_cgroup(struct cgroup *cgroup)
{
}

static inline u64 taskstats_cgroup_id(struct task_struct *tsk)
{
	return 0;
}
#endif

/* kernel/taskstats_listen.c */

/* Why a listener has not been told of an exit. */
enum taskstats_loss {
	TASKSTATS_LOST_OVERRUN,		/* its receive buffer was full */
	TASKSTATS_LOST_NOMEM,
	TASKSTATS_LOST_FILTER,		/* its socket's filter refused */
	TASKSTATS_NLOSSES
};

/**
 * struct taskstats_subscription - what a listener has asked for by LISTEN
 * @records: TASKSTATS_RECORDS_*
 * @batch: how many records make a message
 * @wait_ms: how long a record may wait for the others
 * @view: in whose terms ids are told; tasks outside are not told of
 * @cgroup: only tasks in this subtree, or NULL
 * @cpus: only those that exit on one of these
 * @number: how many had begun before it, and it; or that of the one which it
 *	    replaces in the same PID namespace
 * @rcu: keeps it for deliveries that are under way
 */
struct taskstats_subscription {
	u32 records;
	u32 batch;
	u32 wait_ms;
	struct taskstats_view view;
	struct cgroup *cgroup;
	cpumask_var_t cpus;
	s64 number;
	struct rcu_head rcu;
};

/**
 * struct taskstats_account - what has become of the records for a listener
 * @delivered: queued to its socket
 * @lost: not queued, by enum taskstats_loss
 * @pending: waiting for their batch
 */
struct taskstats_account {
	u64 delivered;
	u64 lost[TASKSTATS_NLOSSES];
	u32 pending;
};

/* All that was lost, whatever the cause. */
static inline u64 taskstats_lost(const struct taskstats_account *account)
{
	u64 lost = 0;
	int why;

	for (why = 0; why < TASKSTATS_NLOSSES; why++)
		lost += account->lost[why];
	return lost;
}

/**
 * struct taskstats_listener - a socket that gets the records of exiting tasks
 * @sk: the socket; it outlives the listener by an RCU grace period
 * @entries: where it is listed, as struct taskstats_entry; under listen_lock
 * @sub: what it has asked for; NULL if it listens by CPU mask, or not at all;
 *	 changed under listen_lock and @lock
 * @lock: for all that follows
 * @account: every record that there was for it, exactly once
 * @batch: the message that @account.pending records are in
 * @flush: sends @batch when it has waited long enough
 * @rcu: keeps the listener for deliveries that are under way
 */
struct taskstats_listener {
	struct sock *sk;
	struct list_head entries;
	struct taskstats_subscription __rcu *sub;
	spinlock_t lock;	/* of the fields below */
	struct taskstats_account account;
	struct sk_buff *batch;
	struct delayed_work flush;
	struct rcu_head rcu;
};

/**
 * struct taskstats_entry - one listener in one list
 * @node: in the list of a CPU, or in that of @ns; read under RCU
 * @own: in the listener's list
 * @listener: whom the records go to
 * @ns: a PID namespace other than the initial one, or NULL
 * @cpu: the CPU, without @ns
 * @by_mask: registered by CPU mask, not by LISTEN
 * @rcu: keeps the entry for deliveries that are under way
 */
struct taskstats_entry {
	struct hlist_node node;
	struct list_head own;
	struct taskstats_listener *listener;
	struct pid_namespace *ns;
	unsigned int cpu;
	bool by_mask;
	struct rcu_head rcu;
};

int taskstats_listener_add(struct taskstats_listener **slot, struct sock *sk,
			   struct cpumask *mask);
void taskstats_listener_remove(struct taskstats_listener **slot,
			       const struct cpumask *mask);
int taskstats_subscribe(struct taskstats_listener **slot, struct sock *sk,
			struct taskstats_subscription *sub);
void taskstats_unsubscribe(struct taskstats_listener **slot);
void taskstats_subscription_free(struct taskstats_subscription *sub);
void taskstats_listener_state(struct taskstats_listener **slot,
			      struct taskstats_subscription *sub,
			      struct taskstats_account *account);
void taskstats_listener_free(struct taskstats_listener **slot);

/* Beside TASKSTATS_RECORDS_*: somebody listens by CPU mask. */
#define TASKSTATS_RECORDS_BY_MASK	BIT(31)

void taskstats_heard(struct taskstats_exiting *exit);
bool taskstats_deliver_to_one(const struct taskstats_exiting *exit);
void taskstats_deliver(const struct taskstats_exiting *exit, struct sk_buff *skb);

#if IS_ENABLED(CONFIG_KUNIT)
/* For lib/tests/taskstats_kunit.c */
void *taskstats_listen_alloc(size_t size, int node);
struct sk_buff *taskstats_clone(struct sk_buff *skb);
int taskstats_parse_mask(const struct nlattr *attr, struct cpumask *mask);
size_t taskstats_aggr_size(void);
struct taskstats *taskstats_put_aggr(struct sk_buff *skb, int type, u32 id);
struct sk_buff *taskstats_record(struct taskstats_exiting *exit, bool with_group);
#endif

#endif /* __KERNEL_TASKSTATS_H */
