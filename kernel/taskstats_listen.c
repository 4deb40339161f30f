// SPDX-License-Identifier: GPL-2.0
/*
 * Taskstats: who listens to exiting tasks, and the way to them.
 *
 * A listener belongs to its socket: it is the socket's generic netlink private
 * data, is freed when the socket is closed, and is delivered to that socket
 * without a look at port ids, which somebody else may have bound by then.
 *
 * There are two kinds. One registers CPU masks, as ever, and gets a message for
 * each exit on them. The other subscribes by LISTEN, gets its records in batches
 * and sees the tasks of its PID namespace. Both are listed where the tasks are
 * that they can see: those of the initial PID namespace with each of their CPUs,
 * others with their namespace. An exit looks at the lists it belongs to, however
 * many listeners there are elsewhere.
 *
 * listen_lock serialises all changes. Delivery only takes rcu_read_lock(), and
 * the lock of each listener that it has something for. An entry, its listener,
 * the listener's subscription and its socket are each freed an RCU grace period
 * after they have become unreachable. For the socket that is because
 * netlink_release() destroys the private data before it defers the final
 * sock_put() to RCU.
 */
#include <linux/atomic.h>
#include <linux/filter.h>
#include <linux/jiffies.h>
#include <linux/jump_label_ratelimit.h>
#include <linux/mutex.h>
#include <linux/netlink.h>
#include <linux/percpu.h>
#include <linux/pid_namespace.h>
#include <linux/rculist.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/taskstats_kern.h>
#include <linux/topology.h>
#include <linux/user_namespace.h>
#include <linux/workqueue.h>
#include <kunit/static_stub.h>
#include <kunit/visibility.h>
#include <net/sock.h>
#include "taskstats.h"

/**
 * struct cpu_listeners - who listens to one CPU from the initial PID namespace
 * @entries: struct taskstats_entry, changed under listen_lock
 * @seq: number of the CPU's next record for those who listen by mask; a lost
 *	 record uses one up too
 */
struct cpu_listeners {
	struct hlist_head entries;
	atomic_t seq;
};

/*
 * Anybody may make a namespace to listen in, and an exit there does not sleep
 * while it tells all who listen in it and in those around it. So this is for all
 * namespaces together that are below the same child of the initial one.
 */
#define NS_LISTENERS_MAX	1024

static DEFINE_PER_CPU(struct cpu_listeners, cpu_listeners);
static DEFINE_MUTEX(listen_lock);

/* How many subscriptions have begun, changed under listen_lock. */
static atomic64_t subscriptions = ATOMIC64_INIT(0);

/*
 * On while anybody is listed; going off is put off for a second, so that nobody
 * can make the kernel patch itself at will by opening and closing.
 */
DEFINE_STATIC_KEY_DEFERRED_FALSE(taskstats_listening, HZ);
EXPORT_SYMBOL_IF_KUNIT(taskstats_listening);

/* All memory for listeners comes from here, so that a test can refuse it. */
VISIBLE_IF_KUNIT void *taskstats_listen_alloc(size_t size, int node)
{
	KUNIT_STATIC_STUB_REDIRECT(taskstats_listen_alloc, size, node);
	return kzalloc_node(size, GFP_KERNEL_ACCOUNT, node);
}
EXPORT_SYMBOL_IF_KUNIT(taskstats_listen_alloc);

static void account_lost(struct taskstats_listener *listener,
			 enum taskstats_loss why, u32 records)
{
	lockdep_assert_held(&listener->lock);
	listener->account.lost[why] += records;
}

/* There is no message for the buffer to overrun by: tell the reader explicitly. */
static void lose_nomem(struct taskstats_listener *listener, u32 records)
{
	account_lost(listener, TASKSTATS_LOST_NOMEM, records);
	netlink_lost(listener->sk);
}

/*
 * Consumes @skb, which holds so many records. What becomes of it is nobody's
 * concern but this listener's.
 */
static void listener_send(struct taskstats_listener *listener,
			  struct sk_buff *skb, u32 records)
{
	struct sock *sk = listener->sk;
	long timeo = 0;

	/* As netlink_unicast() has it, for filters that count from there. */
	skb_reset_network_header(skb);
	skb_reset_mac_header(skb);
	if (sk_filter(sk, skb)) {
		account_lost(listener, TASKSTATS_LOST_FILTER, records);
		kfree_skb(skb);
		return;
	}
	/*
	 * Without a timeout netlink_attachskb() does not ask for another try: it
	 * refuses, or netlink_sendskb() follows, and either of them consumes the
	 * skb and the reference.
	 */
	sock_hold(sk);
	if (netlink_attachskb(sk, skb, &timeo, NULL)) {
		account_lost(listener, TASKSTATS_LOST_OVERRUN, records);
		return;
	}
	netlink_sendskb(sk, skb);
	listener->account.delivered += records;
}

/* Batches */

/* Gives back what the batch has not filled: the reader's buffer is charged. */
static void batch_trim(struct sk_buff *skb)
{
	int overhead = SKB_DATA_ALIGN(sizeof(struct skb_shared_info));

	if (kmalloc_size_roundup(skb->len + overhead) < skb_end_offset(skb) + overhead)
		pskb_expand_head(skb, 0, -skb_tailroom(skb), GFP_NOWAIT | __GFP_NOWARN);
}

static void batch_flush(struct taskstats_listener *listener)
{
	struct sk_buff *skb = listener->batch;
	u32 records = listener->account.pending;

	lockdep_assert_held(&listener->lock);
	if (!skb)
		return;
	listener->batch = NULL;
	listener->account.pending = 0;
	batch_trim(skb);
	nlmsg_end(skb, nlmsg_hdr(skb));
	listener_send(listener, skb, records);
}

static void batch_timeout(struct work_struct *work)
{
	struct taskstats_listener *listener =
		container_of(to_delayed_work(work), struct taskstats_listener, flush);

	guard(spinlock)(&listener->lock);
	batch_flush(listener);
}

static bool batch_begin(struct taskstats_listener *listener, u32 records)
{
	u64 lost = taskstats_lost(&listener->account);
	u64 seq = listener->account.delivered + lost;

	listener->batch = taskstats_event_new(seq, lost, records);
	/* Rather a message for one record than none. */
	if (!listener->batch && records > 1)
		listener->batch = taskstats_event_new(seq, lost, 1);
	return listener->batch;
}

static bool batch_put(struct taskstats_listener *listener,
		      const struct taskstats_subscription *sub,
		      const struct taskstats_exiting *exit, int type)
{
	return (listener->batch || batch_begin(listener, sub->batch)) &&
	       taskstats_event_add(listener->batch, exit, type, &sub->view);
}

static void batch_add(struct taskstats_listener *listener,
		      const struct taskstats_subscription *sub,
		      const struct taskstats_exiting *exit, int type)
{
	if (!batch_put(listener, sub, exit, type)) {
		/* The records of a message follow each other without a gap. */
		batch_flush(listener);
		lose_nomem(listener, 1);
		return;
	}
	if (++listener->account.pending >= sub->batch || taskstats_event_full(listener->batch))
		batch_flush(listener);
	else if (listener->account.pending == 1)
		/* If it is queued for an earlier batch still, this one is sent early. */
		queue_delayed_work(system_dfl_wq, &listener->flush,
				   msecs_to_jiffies(sub->wait_ms));
}

/* Subscriptions */

static void subscription_free_rcu(struct rcu_head *rcu)
{
	taskstats_subscription_free(container_of(rcu, struct taskstats_subscription, rcu));
}

/**
 * taskstats_subscription_free - the counterpart of its making
 * @sub: the subscription, whose references go; or NULL
 *
 * Context: Any.
 */
void taskstats_subscription_free(struct taskstats_subscription *sub)
{
	if (!sub)
		return;
	put_user_ns(sub->view.user_ns);
	put_pid_ns(sub->view.pid_ns);
	taskstats_put_cgroup(sub->cgroup);
	free_cpumask_var(sub->cpus);
	kfree(sub);
}
EXPORT_SYMBOL_IF_KUNIT(taskstats_subscription_free);

static struct taskstats_subscription *sub_of(struct taskstats_listener *listener)
{
	return rcu_dereference_protected(listener->sub, lockdep_is_held(&listen_lock));
}

/*
 * Whoever delivers sees the old one or the new one, and nothing between. What
 * the old one has not sent is sent, and its time to wait is over. It holds the
 * namespace whose list its entries are in: they have to go before it does.
 */
static struct taskstats_subscription *
replace_sub(struct taskstats_listener *listener, struct taskstats_subscription *sub)
{
	guard(spinlock)(&listener->lock);
	sub = rcu_replace_pointer(listener->sub, sub, lockdep_is_held(&listen_lock));
	batch_flush(listener);
	cancel_delayed_work(&listener->flush);
	return sub;
}

static void drop_sub(struct taskstats_subscription *sub)
{
	if (sub)
		call_rcu(&sub->rcu, subscription_free_rcu);
}

/* Entries */

static struct taskstats_listener *listener_get(struct taskstats_listener **slot,
					       struct sock *sk)
{
	struct taskstats_listener *listener = *slot;

	if (listener)
		return listener;
	listener = taskstats_listen_alloc(sizeof(*listener), NUMA_NO_NODE);
	if (!listener)
		return NULL;
	listener->sk = sk;
	spin_lock_init(&listener->lock);
	INIT_LIST_HEAD(&listener->entries);
	INIT_DELAYED_WORK(&listener->flush, batch_timeout);
	*slot = listener;
	return listener;
}

static struct taskstats_entry *entry_alloc(struct taskstats_listener *listener,
					   struct pid_namespace *ns,
					   unsigned int cpu, struct list_head *entries)
{
	struct taskstats_entry *entry;

	entry = taskstats_listen_alloc(sizeof(*entry), ns ? NUMA_NO_NODE : cpu_to_node(cpu));
	if (!entry)
		return NULL;
	entry->listener = listener;
	entry->ns = ns;
	entry->cpu = cpu;
	list_add_tail(&entry->own, entries);
	return entry;
}

static int alloc_entries(struct taskstats_listener *listener, struct pid_namespace *ns,
			 const struct cpumask *mask, struct list_head *entries)
{
	struct taskstats_entry *entry, *next;
	unsigned int cpu;

	for_each_cpu(cpu, mask) {
		if (!entry_alloc(listener, ns, cpu, entries))
			goto undo;
	}
	return 0;

undo:
	list_for_each_entry_safe(entry, next, entries, own)
		kfree(entry);
	return -ENOMEM;
}

/* Where the listeners of @ns are counted, under listen_lock. */
static int *ns_listeners(struct pid_namespace *ns)
{
	while (ns->level > 1)
		ns = ns->parent;
	return &ns->taskstats_nr_listeners;
}

static void link_entries(struct taskstats_listener *listener,
			 struct list_head *entries, bool by_mask)
{
	bool first = list_empty(&listener->entries);
	struct taskstats_entry *entry;

	if (first && !list_empty(entries))
		static_branch_deferred_inc(&taskstats_listening);
	list_for_each_entry(entry, entries, own) {
		entry->by_mask = by_mask;
		if (entry->ns)
			(*ns_listeners(entry->ns))++;
		hlist_add_head_rcu(&entry->node, entry->ns ?
				   &entry->ns->taskstats_listeners :
				   &per_cpu(cpu_listeners, entry->cpu).entries);
	}
	list_splice(entries, &listener->entries);
}

static void unlink_entry(struct taskstats_entry *entry)
{
	struct taskstats_listener *listener = entry->listener;

	hlist_del_rcu(&entry->node);
	if (entry->ns)
		(*ns_listeners(entry->ns))--;
	list_del(&entry->own);
	kfree_rcu(entry, rcu);
	if (list_empty(&listener->entries))
		static_branch_slow_dec_deferred(&taskstats_listening);
}

static void unlink_all(struct taskstats_listener *listener)
{
	struct taskstats_entry *entry, *next;

	list_for_each_entry_safe(entry, next, &listener->entries, own)
		unlink_entry(entry);
}

/**
 * taskstats_listener_add - listen to the exits on some CPUs
 * @slot: where the socket's listener is kept; made by the first call
 * @sk: the socket
 * @mask: the CPUs; those that were listened to already are cleared from it
 *
 * Context: Process context. May sleep. Takes listen_lock.
 * Return: 0, -EBUSY if the socket has a subscription, or -ENOMEM; on error it
 * listens to what it did before.
 */
int taskstats_listener_add(struct taskstats_listener **slot, struct sock *sk,
			   struct cpumask *mask)
{
	struct taskstats_listener *listener;
	struct taskstats_entry *entry;
	LIST_HEAD(added);
	int err;

	guard(mutex)(&listen_lock);
	listener = listener_get(slot, sk);
	if (!listener)
		return -ENOMEM;
	if (sub_of(listener))
		return -EBUSY;

	list_for_each_entry(entry, &listener->entries, own)
		cpumask_clear_cpu(entry->cpu, mask);
	err = alloc_entries(listener, NULL, mask, &added);
	if (!err)
		link_entries(listener, &added, true);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(taskstats_listener_add);

/**
 * taskstats_listener_remove - stop listening to some CPUs
 * @slot: where the socket's listener is kept, if it ever had one
 * @mask: the CPUs; those that are not listened to do not matter
 *
 * A record that is being delivered may still arrive. What a socket has
 * subscribed to stays.
 *
 * Context: Process context. May sleep. Takes listen_lock.
 */
void taskstats_listener_remove(struct taskstats_listener **slot,
			       const struct cpumask *mask)
{
	struct taskstats_entry *entry, *next;

	guard(mutex)(&listen_lock);
	if (!*slot)
		return;
	list_for_each_entry_safe(entry, next, &(*slot)->entries, own) {
		if (entry->by_mask && cpumask_test_cpu(entry->cpu, mask))
			unlink_entry(entry);
	}
}
EXPORT_SYMBOL_IF_KUNIT(taskstats_listener_remove);

/* The namespace that it is listed with, or NULL if it is with CPUs. */
static struct pid_namespace *sub_ns(const struct taskstats_subscription *sub)
{
	return sub->view.pid_ns == &init_pid_ns ? NULL : sub->view.pid_ns;
}

static bool sub_wants(const struct taskstats_subscription *sub,
		      const struct taskstats_entry *entry)
{
	return entry->ns == sub_ns(sub) &&
	       (entry->ns || cpumask_test_cpu(entry->cpu, sub->cpus));
}

/* Whoever makes another namespace below leaves half of the places to those around. */
static bool ns_is_full(struct pid_namespace *ns)
{
	return ns && *ns_listeners(ns) >= NS_LISTENERS_MAX / (ns->level > 1 ? 2 : 1);
}

/* The entries that @sub needs beyond those that its listener has. */
static int alloc_for_sub(struct taskstats_listener *listener,
			 const struct taskstats_subscription *sub,
			 struct list_head *added)
{
	cpumask_var_t missing __free(free_cpumask_var) = CPUMASK_VAR_NULL;
	struct pid_namespace *ns = sub_ns(sub);
	struct taskstats_entry *entry;

	if (!alloc_cpumask_var(&missing, GFP_KERNEL))
		return -ENOMEM;
	/* In a namespace one entry stands for all CPUs. */
	cpumask_copy(missing, ns ? cpumask_of(0) : sub->cpus);
	list_for_each_entry(entry, &listener->entries, own) {
		if (entry->ns == ns)
			cpumask_clear_cpu(entry->cpu, missing);
	}
	if (!cpumask_empty(missing) && ns_is_full(ns))
		return -ENOSPC;
	return alloc_entries(listener, ns, missing, added);
}

/**
 * taskstats_subscribe - have a socket listen to what a subscription says
 * @slot: where the socket's listener is kept; made by the first call
 * @sk: the socket
 * @sub: the subscription, which takes the place of any before; consumed on
 *	 success
 *
 * An exit that is under way is told as the new one asks for if that replaces one
 * of the same PID namespace, as far as somebody had asked for it when the exit
 * began. What waited for its batch under the old one is sent, and nothing is told
 * by the old one any more.
 *
 * Context: Process context. May sleep. Takes listen_lock.
 * Return: 0, -EBUSY if the socket listens by CPU mask, -ENOSPC if there are too
 * many listeners in and around the PID namespace already, or -ENOMEM; on error
 * it listens to what it did before.
 */
int taskstats_subscribe(struct taskstats_listener **slot, struct sock *sk,
			struct taskstats_subscription *sub)
{
	struct taskstats_entry *entry, *next;
	struct taskstats_subscription *old;
	struct taskstats_listener *listener;
	LIST_HEAD(added);
	s64 number;
	int err;

	guard(mutex)(&listen_lock);
	listener = listener_get(slot, sk);
	if (!listener)
		return -ENOMEM;
	old = sub_of(listener);
	if (!old && !list_empty(&listener->entries))
		return -EBUSY;
	err = alloc_for_sub(listener, sub, &added);
	if (err)
		return err;

	number = atomic64_read(&subscriptions) + 1;
	sub->number = old && sub_ns(old) == sub_ns(sub) ? old->number : number;
	/* Listed in more places than either wants, it goes by what it wants. */
	link_entries(listener, &added, false);
	replace_sub(listener, sub);
	list_for_each_entry_safe(entry, next, &listener->entries, own) {
		if (!sub_wants(sub, entry))
			unlink_entry(entry);
	}
	/* Pairs with taskstats_heard(): whom this one tells, the old one does not. */
	atomic64_set_release(&subscriptions, number);
	drop_sub(old);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(taskstats_subscribe);

/**
 * taskstats_unsubscribe - end what taskstats_subscribe() has begun
 * @slot: where the socket's listener is kept, if it ever had one
 *
 * What waits for its batch is sent. The account stays.
 *
 * Context: Process context. May sleep. Takes listen_lock.
 */
void taskstats_unsubscribe(struct taskstats_listener **slot)
{
	struct taskstats_listener *listener;

	guard(mutex)(&listen_lock);
	listener = *slot;
	if (!listener || !sub_of(listener))
		return;
	unlink_all(listener);
	drop_sub(replace_sub(listener, NULL));
}
EXPORT_SYMBOL_IF_KUNIT(taskstats_unsubscribe);

/**
 * taskstats_listener_free - the socket goes, and its listener with it
 * @slot: where the socket's listener is kept, if it ever had one
 *
 * Context: Process context. May sleep. Takes listen_lock. Nobody else can reach
 * @slot any more.
 */
void taskstats_listener_free(struct taskstats_listener **slot)
{
	struct taskstats_listener *listener = *slot;

	if (!listener)
		return;
	scoped_guard(mutex, &listen_lock) {
		unlink_all(listener);
		/* From here on nobody begins a batch, or has the work queued. */
		drop_sub(replace_sub(listener, NULL));
	}
	cancel_delayed_work_sync(&listener->flush);
	kfree_rcu(listener, rcu);
}
EXPORT_SYMBOL_IF_KUNIT(taskstats_listener_free);

/**
 * taskstats_listener_state - what a socket listens to, and its account so far
 * @slot: where the socket's listener is kept, if it ever had one
 * @sub: where to write what it has subscribed to; no references are taken, and
 *	 its @cpus, which the caller has made, are copied; all zero if to nothing
 * @account: where to write its account
 *
 * Context: Process context. May sleep. Takes listen_lock.
 */
void taskstats_listener_state(struct taskstats_listener **slot,
			      struct taskstats_subscription *sub,
			      struct taskstats_account *account)
{
	struct taskstats_subscription *now;

	guard(mutex)(&listen_lock);
	if (!*slot)
		return;
	now = sub_of(*slot);
	if (now) {
		sub->records = now->records;
		sub->batch = now->batch;
		sub->wait_ms = now->wait_ms;
		cpumask_copy(sub->cpus, now->cpus);
	}
	guard(spinlock)(&(*slot)->lock);
	*account = (*slot)->account;
}
EXPORT_SYMBOL_IF_KUNIT(taskstats_listener_state);

/* Delivery */

/*
 * Which records of an exit it asks for. A group is where its leader is. In the
 * midst of a change, an entry of the one before is none of @sub's; and an exit that
 * began before it may have been told already, in the list of another namespace.
 */
static u32 sub_records(const struct taskstats_subscription *sub,
		       const struct taskstats_entry *entry,
		       const struct taskstats_exiting *exit)
{
	u32 records = sub->records;

	if (entry->ns != sub_ns(sub) || !cpumask_test_cpu(exit->cpu, sub->cpus))
		return 0;
	if (sub->number > exit->begun)
		return 0;
	if (!exit->last)
		records &= ~TASKSTATS_RECORDS_GROUP;
	if (sub->cgroup && !task_under_cgroup_hierarchy(exit->tsk, sub->cgroup))
		records &= ~TASKSTATS_RECORDS_THREAD;
	if (sub->cgroup && !task_under_cgroup_hierarchy(exit->tsk->group_leader, sub->cgroup))
		records &= ~TASKSTATS_RECORDS_GROUP;
	return records;
}

static void heard_in(const struct hlist_head *entries, struct taskstats_exiting *exit)
{
	const struct taskstats_subscription *sub;
	const struct taskstats_entry *entry;
	u32 records;

	hlist_for_each_entry_rcu(entry, entries, node) {
		if (entry->by_mask) {
			exit->records |= TASKSTATS_RECORDS_BY_MASK;
			continue;
		}
		sub = rcu_dereference(entry->listener->sub);
		records = sub ? sub_records(sub, entry, exit) : 0;
		if (!records)
			continue;
		exit->records |= records;
		if (exit->subscribers++)
			continue;
		exit->first = entry;
		exit->first_sub = sub;
	}
}

/**
 * taskstats_heard - who wants to hear of an exit?
 * @exit: the exit; sets its records, its subscribers and the first of them from its
 *	  task and CPU
 *
 * Context: Any. Who subscribes later will not hear of it; who registers a CPU later
 * will if somebody else had.
 */
void taskstats_heard(struct taskstats_exiting *exit)
{
	struct pid_namespace *ns;

	exit->records = 0;
	exit->subscribers = 0;
	/* Pairs with taskstats_subscribe(). */
	exit->begun = atomic64_read_acquire(&subscriptions);
	guard(rcu)();
	heard_in(&per_cpu(cpu_listeners, exit->cpu).entries, exit);
	for (ns = task_active_pid_ns(exit->tsk); ns != &init_pid_ns; ns = ns->parent)
		heard_in(&ns->taskstats_listeners, exit);
}
EXPORT_SYMBOL_IF_KUNIT(taskstats_heard);

/* Tells @records, which @sub has asked for. */
static void deliver_to_sub(const struct taskstats_entry *entry,
			   const struct taskstats_exiting *exit,
			   const struct taskstats_subscription *sub, u32 records)
{
	struct taskstats_listener *listener = entry->listener;
	const struct taskstats_subscription *now;

	guard(spinlock)(&listener->lock);
	/* If it was replaced meanwhile, its batch was sent: do not begin another. */
	now = rcu_dereference(listener->sub);
	if (now != sub)
		records = now ? sub_records(now, entry, exit) & exit->records : 0;
	if (records & TASKSTATS_RECORDS_THREAD)
		batch_add(listener, now, exit, TASKSTATS_RECORD_ATTR_PID);
	if (records & TASKSTATS_RECORDS_GROUP)
		batch_add(listener, now, exit, TASKSTATS_RECORD_ATTR_TGID);
}

static void deliver_to_subs(const struct hlist_head *entries,
			    const struct taskstats_exiting *exit)
{
	const struct taskstats_subscription *sub;
	const struct taskstats_entry *entry;
	u32 records;

	hlist_for_each_entry_rcu(entry, entries, node) {
		if (entry->by_mask)
			continue;
		sub = rcu_dereference(entry->listener->sub);
		records = sub ? sub_records(sub, entry, exit) & exit->records : 0;
		if (records)
			deliver_to_sub(entry, exit, sub, records);
	}
}

/**
 * taskstats_deliver_to_one - tell of an exit if there is only one to tell it to
 * @exit: the exit, of taskstats_heard()
 *
 * The figures then go right where they are needed, and nobody is looked for twice.
 *
 * Context: Under the rcu_read_lock() that taskstats_heard() was called under.
 * Return: true if that was all, false if taskstats_deliver() has to tell more.
 */
bool taskstats_deliver_to_one(const struct taskstats_exiting *exit)
{
	if (exit->subscribers != 1 || exit->records & TASKSTATS_RECORDS_BY_MASK)
		return false;
	deliver_to_sub(exit->first, exit, exit->first_sub, exit->records);
	return true;
}

/* Consumes @skb; without one there was no memory for it. */
static void deliver_by_mask(struct taskstats_listener *listener, struct sk_buff *skb)
{
	guard(spinlock)(&listener->lock);
	if (skb)
		listener_send(listener, skb, 1);
	else
		lose_nomem(listener, 1);
}

VISIBLE_IF_KUNIT struct sk_buff *taskstats_clone(struct sk_buff *skb)
{
	KUNIT_STATIC_STUB_REDIRECT(taskstats_clone, skb);
	return skb ? skb_clone(skb, GFP_ATOMIC | __GFP_NOWARN) : NULL;
}
EXPORT_SYMBOL_IF_KUNIT(taskstats_clone);

/* Consumes @skb. */
static void deliver_by_masks(struct cpu_listeners *here, struct sk_buff *skb)
{
	struct taskstats_listener *last = NULL;
	const struct taskstats_entry *entry;
	u32 seq = atomic_fetch_inc(&here->seq);

	if (skb)
		nlmsg_hdr(skb)->nlmsg_seq = seq;
	hlist_for_each_entry_rcu(entry, &here->entries, node) {
		if (!entry->by_mask)
			continue;
		if (last)
			deliver_by_mask(last, taskstats_clone(skb));
		last = entry->listener;
	}
	if (last)
		deliver_by_mask(last, skb);
	else
		kfree_skb(skb);
}

/**
 * taskstats_deliver - tell all who listen of an exit
 * @exit: the exit
 * @skb: the record for those who listen by CPU mask, consumed; NULL if there was
 *	 no memory for it, or if there are none of them
 *
 * Of those who listen by mask each but the last gets a clone. One who cannot be
 * served, be it for lack of memory or of room in its receive buffer, is told by
 * ENOBUFS, of room once until the buffer has been emptied, and by a gap in the
 * sequence numbers, and does not keep others from being served.
 *
 * Context: Process context. Does not sleep.
 */
void taskstats_deliver(const struct taskstats_exiting *exit, struct sk_buff *skb)
{
	struct cpu_listeners *here = per_cpu_ptr(&cpu_listeners, exit->cpu);
	struct pid_namespace *ns;

	guard(rcu)();
	/* First: the figures may be in the record, which then goes. */
	if (exit->subscribers) {
		deliver_to_subs(&here->entries, exit);
		for (ns = task_active_pid_ns(exit->tsk); ns != &init_pid_ns; ns = ns->parent)
			deliver_to_subs(&ns->taskstats_listeners, exit);
	}
	if (exit->records & TASKSTATS_RECORDS_BY_MASK)
		deliver_by_masks(here, skb);
}
EXPORT_SYMBOL_IF_KUNIT(taskstats_deliver);
