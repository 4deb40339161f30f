// SPDX-License-Identifier: GPL-2.0
/*
 * Taskstats: who listens to exiting tasks, and the way to them.
 *
 * A listener belongs to its socket: it is the socket's generic netlink private
 * data, is freed when the socket is closed, and is delivered to that socket
 * without a look at port ids, which somebody else may have bound by then.
 *
 * listen_lock serialises all changes. Delivery only takes rcu_read_lock(): an
 * entry, its listener and the listener's socket are each freed an RCU grace
 * period after they have become unreachable. For the socket that is because
 * netlink_release() destroys the private data before it defers the final
 * sock_put() to RCU.
 */
#include <linux/filter.h>
#include <linux/jump_label_ratelimit.h>
#include <linux/mutex.h>
#include <linux/netlink.h>
#include <linux/percpu.h>
#include <linux/rculist.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/taskstats_kern.h>
#include <linux/topology.h>
#include <kunit/static_stub.h>
#include <kunit/visibility.h>
#include <net/sock.h>
#include "taskstats.h"

/**
 * struct cpu_listeners - who listens to one CPU
 * @entries: struct taskstats_entry, changed under listen_lock
 * @seq: number of the CPU's next record; a lost record uses one up too
 */
struct cpu_listeners {
	struct hlist_head entries;
	atomic_t seq;
};

static DEFINE_PER_CPU(struct cpu_listeners, cpu_listeners);
static DEFINE_MUTEX(listen_lock);

/*
 * On while any socket has a listener; going off is put off for a second, so that
 * nobody can make the kernel patch itself at will by opening and closing.
 */
DEFINE_STATIC_KEY_DEFERRED_FALSE(taskstats_listening, HZ);

/* All memory for listeners comes from here, so that a test can refuse it. */
VISIBLE_IF_KUNIT void *taskstats_listen_alloc(size_t size, int node)
{
	KUNIT_STATIC_STUB_REDIRECT(taskstats_listen_alloc, size, node);
	return kzalloc_node(size, GFP_KERNEL_ACCOUNT, node);
}
EXPORT_SYMBOL_IF_KUNIT(taskstats_listen_alloc);

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
	INIT_LIST_HEAD(&listener->entries);
	static_branch_deferred_inc(&taskstats_listening);
	*slot = listener;
	return listener;
}

static struct taskstats_entry *entry_alloc(struct taskstats_listener *listener,
					   unsigned int cpu)
{
	struct taskstats_entry *entry;

	entry = taskstats_listen_alloc(sizeof(*entry), cpu_to_node(cpu));
	if (!entry)
		return NULL;
	entry->listener = listener;
	entry->cpu = cpu;
	return entry;
}

static int alloc_entries(struct taskstats_listener *listener,
			 const struct cpumask *mask, struct list_head *entries)
{
	struct taskstats_entry *entry, *next;
	unsigned int cpu;

	for_each_cpu(cpu, mask) {
		entry = entry_alloc(listener, cpu);
		if (!entry)
			goto undo;
		list_add_tail(&entry->own, entries);
	}
	return 0;

undo:
	list_for_each_entry_safe(entry, next, entries, own)
		kfree(entry);
	return -ENOMEM;
}

/**
 * taskstats_listener_add - listen to the exits on some CPUs
 * @slot: where the socket's listener is kept; made by the first call
 * @sk: the socket
 * @mask: the CPUs; those that were listened to already are cleared from it
 *
 * Context: Process context. May sleep. Takes listen_lock.
 * Return: 0, or -ENOMEM with the listener listening to what it did before.
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

	list_for_each_entry(entry, &listener->entries, own)
		cpumask_clear_cpu(entry->cpu, mask);
	err = alloc_entries(listener, mask, &added);
	if (err)
		return err;

	list_for_each_entry(entry, &added, own)
		hlist_add_head_rcu(&entry->node,
				   &per_cpu(cpu_listeners, entry->cpu).entries);
	list_splice(&added, &listener->entries);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(taskstats_listener_add);

/**
 * taskstats_listener_remove - stop listening to some CPUs
 * @slot: where the socket's listener is kept, if it ever had one
 * @mask: the CPUs; those that are not listened to do not matter
 *
 * A record that is being delivered may still arrive.
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
		if (!cpumask_test_cpu(entry->cpu, mask))
			continue;
		hlist_del_rcu(&entry->node);
		list_del(&entry->own);
		kfree_rcu(entry, rcu);
	}
}
EXPORT_SYMBOL_IF_KUNIT(taskstats_listener_remove);

/**
 * taskstats_listener_free - the socket goes, and its listener with it
 * @slot: where the socket's listener is kept, if it ever had one
 *
 * Context: Process context. May sleep. Takes listen_lock. Nobody else can reach
 * @slot any more.
 */
void taskstats_listener_free(struct taskstats_listener **slot)
{
	if (!*slot)
		return;
	taskstats_listener_remove(slot, cpu_possible_mask);
	kfree_rcu(*slot, rcu);
	static_branch_slow_dec_deferred(&taskstats_listening);
}
EXPORT_SYMBOL_IF_KUNIT(taskstats_listener_free);

/**
 * taskstats_heard - does anybody listen to a CPU?
 * @cpu: the CPU
 *
 * Context: Any. The answer may be out of date at once.
 * Return: true if there is a listener.
 */
bool taskstats_heard(unsigned int cpu)
{
	return !hlist_empty(&per_cpu(cpu_listeners, cpu).entries);
}
EXPORT_SYMBOL_IF_KUNIT(taskstats_heard);

/*
 * The reader learns of the loss from its next recvmsg(), as of an overrun, and
 * from the socket's count of drops. Its buffer is not full: what comes next can
 * be queued.
 */
static void listener_lost(struct sock *sk)
{
	sk_drops_inc(sk);
	WRITE_ONCE(sk->sk_err, ENOBUFS);
	sk_error_report(sk);
}

/* Consumes @skb. What becomes of it is nobody's concern but this listener's. */
static void listener_send(const struct taskstats_listener *listener,
			  struct sk_buff *skb)
{
	struct sock *sk = listener->sk;
	long timeo = 0;

	if (!skb) {
		listener_lost(sk);
		return;
	}
	if (sk_filter(sk, skb)) {
		kfree_skb(skb);
		return;
	}
	/* Without a wait, either of the two takes the skb and the reference. */
	sock_hold(sk);
	if (!netlink_attachskb(sk, skb, &timeo, NULL))
		netlink_sendskb(sk, skb);
}

VISIBLE_IF_KUNIT struct sk_buff *taskstats_clone(struct sk_buff *skb)
{
	KUNIT_STATIC_STUB_REDIRECT(taskstats_clone, skb);
	return skb ? skb_clone(skb, GFP_ATOMIC | __GFP_NOWARN) : NULL;
}
EXPORT_SYMBOL_IF_KUNIT(taskstats_clone);

/**
 * taskstats_deliver - hand a record to all who listen to a CPU
 * @skb: the record, consumed; NULL if there was no memory for it
 * @cpu: the CPU that the task exits on
 *
 * Every listener but the last gets a clone. One who cannot be served, be it for
 * lack of memory or of room in its receive buffer, is told by ENOBUFS and by a
 * gap in the sequence numbers, and does not keep others from being served.
 *
 * Context: Process context. Does not sleep.
 */
void taskstats_deliver(struct sk_buff *skb, unsigned int cpu)
{
	struct cpu_listeners *here = per_cpu_ptr(&cpu_listeners, cpu);
	struct taskstats_listener *last = NULL;
	struct taskstats_entry *entry;
	u32 seq = atomic_fetch_inc(&here->seq);

	if (skb)
		nlmsg_hdr(skb)->nlmsg_seq = seq;

	guard(rcu)();
	hlist_for_each_entry_rcu(entry, &here->entries, node) {
		if (last)
			listener_send(last, taskstats_clone(skb));
		last = entry->listener;
	}
	if (last)
		listener_send(last, skb);
	else
		kfree_skb(skb);
}
EXPORT_SYMBOL_IF_KUNIT(taskstats_deliver);
