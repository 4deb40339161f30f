// SPDX-License-Identifier: GPL-2.0
/*
 * Taskstats: who may see what.
 *
 * With CAP_NET_ADMIN over the PID namespace that is asked from: every task in
 * it. Without: oneself, and of others those whose /proc/PID/io one may read.
 *
 * Whoever sends a request may have been given the socket, or been made to write
 * to it, and whoever reads a dump may not be who asked for it. So what matters
 * are the credentials of the sender when it asked, and of the socket's opener;
 * both have to suffice. In old requests, as everywhere in netlink, a sender that
 * names the kernel's address vouches for the opener: libraries always do.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/net.h>
#include <linux/netlink.h>
#include <linux/pid_namespace.h>
#include <linux/ptrace.h>
#include <linux/rcupdate.h>
#include <linux/sched/coredump.h>
#include <linux/sched/exec_state.h>
#include <linux/sched/signal.h>
#include <linux/security.h>
#include <linux/sysctl.h>
#include <linux/uidgid.h>
#include <kunit/static_stub.h>
#include <kunit/visibility.h>
#include <net/netlink.h>
#include <net/sock.h>
#include "taskstats.h"

/* If set, only CAP_NET_ADMIN in the initial user namespace may ask, as before. */
static int taskstats_restrict __read_mostly;

/* Over which privilege opens all that can be asked for. */
static struct user_namespace *privileged_ns(void)
{
	return READ_ONCE(taskstats_restrict) ? &init_user_ns :
					       task_active_pid_ns(current)->user_ns;
}

/**
 * taskstats_privileged - may a socket be told of all tasks from now on?
 * @skb: the request for that
 *
 * Context: Process context, of the sender.
 * Return: true if both its sender and the socket's opener may see all tasks of the
 * sender's PID namespace.
 */
bool taskstats_privileged(const struct sk_buff *skb)
{
	return sk_ns_capable(NETLINK_CB(skb).sk, privileged_ns(), CAP_NET_ADMIN);
}

static bool may_see_all(const struct sk_buff *skb, struct user_namespace *ns)
{
	u16 flags = nlmsg_hdr(skb)->nlmsg_flags;

	if ((flags & NLM_F_DUMP) == NLM_F_DUMP)
		return sk_ns_capable(NETLINK_CB(skb).sk, ns, CAP_NET_ADMIN);
	return netlink_ns_capable(skb, ns, CAP_NET_ADMIN);
}

/**
 * taskstats_one_at_a_time - refuse to be asked for much by one datagram
 * @skb: a request that anybody may make, and that may have all tasks looked at
 * @extack: says what is wrong
 *
 * genl_rcv() holds cb_lock while it goes through the messages of a datagram. As soon
 * as somebody wants to change the families, everybody else waits for its end.
 *
 * Context: Process context, of the sender.
 * Return: 0, or -EPERM if another message follows, and the sender does not have
 * CAP_NET_ADMIN in the initial user namespace.
 */
int taskstats_one_at_a_time(const struct sk_buff *skb, struct netlink_ext_ack *extack)
{
	/* netlink_rcv_skb() has taken off what has been handled, and stops at padding. */
	int rest = skb->len;
	const struct nlmsghdr *next = nlmsg_next(nlmsg_hdr(skb), &rest);

	if (!nlmsg_ok(next, rest) || netlink_capable(skb, CAP_NET_ADMIN))
		return 0;
	NL_SET_ERR_MSG(extack, "has to be the last message of its datagram without CAP_NET_ADMIN");
	return -EPERM;
}

/**
 * taskstats_asker_get - keep who asks
 * @asker: where to keep it, until taskstats_asker_put()
 * @skb: the request, for one task or a dump
 * @extack: says what is wrong
 *
 * Context: Process context, of the sender.
 * Return: 0, or -EPERM if kernel.taskstats_restrict keeps it out, or
 * taskstats_one_at_a_time() does.
 */
int taskstats_asker_get(struct taskstats_asker *asker, const struct sk_buff *skb,
			struct netlink_ext_ack *extack)
{
	struct user_namespace *ns = privileged_ns();
	bool all = may_see_all(skb, ns);
	int err;

	*asker = (struct taskstats_asker) { .trusted = all && ns == &init_user_ns };
	if (!all && READ_ONCE(taskstats_restrict)) {
		NL_SET_ERR_MSG(extack, "needs CAP_NET_ADMIN: kernel.taskstats_restrict is set");
		return -EPERM;
	}
	err = taskstats_one_at_a_time(skb, extack);
	if (err || all)
		return err;
	asker->sender = get_current_cred();
	asker->opener = get_cred(NETLINK_CB(skb).sk->sk_socket->file->f_cred);
	return 0;
}

/**
 * taskstats_asker_put - the counterpart of taskstats_asker_get()
 * @asker: who asked
 *
 * Context: Any.
 */
void taskstats_asker_put(struct taskstats_asker *asker)
{
	put_cred(asker->sender);
	put_cred(asker->opener);
}

static bool may_trace_in(const struct cred *cred, struct user_namespace *ns)
{
	return !security_capable(cred, ns, CAP_SYS_PTRACE, CAP_OPT_NOAUDIT);
}

static bool same_ids(const struct cred *cred, const struct cred *self)
{
	return uid_eq(cred->uid, self->uid) && uid_eq(cred->uid, self->euid) &&
	       uid_eq(cred->uid, self->suid) && gid_eq(cred->gid, self->gid) &&
	       gid_eq(cred->gid, self->egid) && gid_eq(cred->gid, self->sgid);
}

/* Has this program been executed so that others with its ids may look at it? */
static bool may_dump_current(const struct cred *cred)
{
	const struct task_exec_state *state;

	guard(rcu)();
	state = task_exec_state_rcu(current);
	return READ_ONCE(state->dumpable) == TASK_DUMPABLE_OWNER ||
	       may_trace_in(cred, state->user_ns);
}

/*
 * As ptrace_may_access() has it of others: of itself it lets a task see all, but
 * this one may have been made to read, or to write, for somebody.
 */
static bool may_see_current(const struct cred *cred)
{
	const struct cred *self = current_cred();

	if (cred == self)
		return true;
	if (!same_ids(cred, self) && !may_trace_in(cred, self->user_ns))
		return false;
	if (!may_dump_current(cred))
		return false;
	scoped_with_creds(cred)
		return !security_ptrace_access_check(current, PTRACE_MODE_READ_REALCREDS |
						     PTRACE_MODE_NOAUDIT);
}

static bool may_see(const struct cred *cred, struct task_struct *tsk)
{
	if (same_thread_group(tsk, current))
		return may_see_current(cred);
	scoped_with_creds(cred)
		return ptrace_may_access(tsk, PTRACE_MODE_READ_REALCREDS |
					 PTRACE_MODE_NOAUDIT);
}

/**
 * taskstats_may_see - may somebody who is not privileged see a task?
 * @asker: who asks
 * @tsk: the task, or one of the group; the caller holds a reference
 *
 * Context: Process context. A yes is good until @tsk executes a program, which it
 * may do at any time.
 * Return: true if so.
 */
bool taskstats_may_see(const struct taskstats_asker *asker, struct task_struct *tsk)
{
	KUNIT_STATIC_STUB_REDIRECT(taskstats_may_see, asker, tsk);
	return may_see(asker->sender, tsk) &&
	       (asker->opener == asker->sender || may_see(asker->opener, tsk));
}
EXPORT_SYMBOL_IF_KUNIT(taskstats_may_see);

/* Being root without capabilities is not enough to open it up. */
static int set_restrict(const struct ctl_table *table, int write, void *buffer,
			size_t *lenp, loff_t *ppos)
{
	if (write && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	return proc_dointvec_minmax(table, write, buffer, lenp, ppos);
}

static const struct ctl_table taskstats_sysctls[] = {
	{
		.procname	= "taskstats_restrict",
		.data		= &taskstats_restrict,
		.maxlen		= sizeof(taskstats_restrict),
		.mode		= 0644,
		.proc_handler	= set_restrict,
		.extra1		= SYSCTL_ZERO,
		.extra2		= SYSCTL_ONE,
	},
};

static int __init taskstats_sysctl_init(void)
{
	register_sysctl_init("kernel", taskstats_sysctls);
	return 0;
}
late_initcall(taskstats_sysctl_init);
