/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whatever the family may send to somebody who asks all kinds of things, taken
 * apart to its end, without a look at what came before it.
 */
#ifndef __SELFTESTS_TASKSTATS_REPLY_H
#define __SELFTESTS_TASKSTATS_REPLY_H

#include "listen.h"

enum ts_seen {
	TS_ACK,
	TS_ERROR,
	TS_REPLY,
	TS_DUMPED,
	TS_DONE,
	TS_STATE,
	TS_RECORD,
	TS_EVENT,
	TS_CGROUP,
	TS_NSEEN
};

static const char * const ts_seen_names[] = {
	"acks", "errors", "replies", "dumped", "done", "states", "records", "events", "cgroups",
};

#define TS_NERRORS	256

struct ts_replies {
	int family;
	__u64 seen[TS_NSEEN];
	__u64 errors[TS_NERRORS];
};

static inline void ts_seen(struct ts_replies *replies, enum ts_seen what)
{
	__atomic_fetch_add(&replies->seen[what], 1, __ATOMIC_RELAXED);
}

/*
 * What a request may be refused with, by its command. EAGAIN and ENOBUFS: it was
 * not, but the answer had no room.
 */
static inline bool ts_may_fail_with(const struct ts_replies *replies,
				    const struct nlmsghdr *request, int error)
{
	static const int any[] = { 0, EINVAL, ERANGE, EAGAIN, ENOBUFS };
	static const int get[] = { EPERM, ESRCH, E2BIG, EBADF, EBUSY, EOVERFLOW, 0 };
	static const int dump[] = { EPERM, ESRCH, EBADF, EBUSY, ENOENT, 0 };
	static const int listen[] = { EPERM, EBADF, EBUSY, ENOENT, ENOSPC, EOVERFLOW, 0 };
	static const int cgroup[] = { EPERM, EBADF, ENOENT, 0 };
	static const int none[] = { EOPNOTSUPP, 0 };
	static const int * const all[2][256] = {
		{ [TASKSTATS_CMD_GET] = get, [TASKSTATS_CMD_LISTEN] = listen,
		  [CGROUPSTATS_CMD_GET] = cgroup },
		{ [TASKSTATS_CMD_GET] = dump },
	};
	bool dumps = (request->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
	const int *may = all[dumps][(__u8)request->nlmsg_seq] ?: none;
	unsigned int i;

	if (request->nlmsg_type != replies->family)
		return !error || error == -ENOENT;
	for (i = 0; i < ARRAY_SIZE(any); i++) {
		if (error == -any[i])
			return true;
	}
	while (*may && error != -*may)
		may++;
	return *may;
}

static inline bool ts_said_well(const struct nlattr *nla, const struct nlmsgerr *err)
{
	size_t len = nla->nla_len - NLA_HDRLEN;
	__u32 value;

	switch (nla->nla_type) {
	case NLMSGERR_ATTR_MSG:
		return len && strnlen(ts_payload(nla), len) == len - 1;
	case NLMSGERR_ATTR_OFFS:
		return ts_get(nla, &value, sizeof(value)) && value < err->msg.nlmsg_len;
	case NLMSGERR_ATTR_MISS_TYPE:
		return ts_get(nla, &value, sizeof(value));
	}
	return nla->nla_type == (NLMSGERR_ATTR_POLICY | NLA_F_NESTED);
}

static inline bool ts_error_fine(struct ts_replies *replies, const struct ts_dgram *msg)
{
	const struct nlmsgerr *err = NLMSG_DATA(&msg->nlh);
	struct ts_walk walk = { (const char *)(err + 1), 0 };
	const struct nlattr *nla;

	if (!(msg->nlh.nlmsg_flags & NLM_F_CAPPED))
		walk.pos += NLMSG_ALIGN(err->msg.nlmsg_len) - NLMSG_HDRLEN;
	walk.left = msg->buf + msg->len - walk.pos;
	while ((nla = ts_walk(&walk))) {
		if (!ts_said_well(nla, err))
			return false;
	}
	ts_seen(replies, err->error ? TS_ERROR : TS_ACK);
	__atomic_fetch_add(&replies->errors[-err->error & 0xff], 1, __ATOMIC_RELAXED);
	return !walk.left && ts_may_fail_with(replies, &err->msg, err->error);
}

/* The end of a dump, and how it went. */
static inline bool ts_done_fine(struct ts_replies *replies, const struct ts_dgram *msg)
{
	struct nlmsghdr request = msg->nlh;
	int error;

	request.nlmsg_type = replies->family;
	request.nlmsg_flags = NLM_F_DUMP;
	memcpy(&error, NLMSG_DATA(&msg->nlh), sizeof(error));
	ts_seen(replies, TS_DONE);
	return msg->len >= (int)(NLMSG_HDRLEN + sizeof(error)) &&
	       ts_may_fail_with(replies, &request, error);
}

/* An answer, one of a dump, or a record for who listens by CPU mask. */
static inline bool ts_stats_fine(struct ts_replies *replies, const struct ts_dgram *msg)
{
	const struct nlattr *nla = (const struct nlattr *)(msg->buf + TS_HDRLEN);
	enum ts_seen what = msg->nlh.nlmsg_flags & NLM_F_MULTI ? TS_DUMPED :
			 msg->nlh.nlmsg_pid ? TS_REPLY : TS_RECORD;
	struct ts_aggr aggr;
	int off;

	ts_seen(replies, what);
	off = ts_parse_aggr(msg, TS_HDRLEN, nla->nla_type, &aggr);
	if (off < 0 || aggr.stats.version != TASKSTATS_VERSION ||
	    (nla->nla_type == TASKSTATS_TYPE_AGGR_PID && aggr.stats.ac_pid != aggr.id))
		return false;
	if (what == TS_RECORD && off < msg->len)
		off = ts_parse_aggr(msg, off, TASKSTATS_TYPE_AGGR_TGID, &aggr);
	else if (ts_attr(msg, off, TASKSTATS_TYPE_DELAYS_MEASURED, sizeof(__u32)))
		off += NLA_HDRLEN + sizeof(__u32);
	return off == msg->len && aggr.stats.version == TASKSTATS_VERSION;
}

/* As if all that was told before had been read. */
static inline bool ts_event_fine(struct ts_replies *replies, const struct ts_big *msg)
{
	struct ts_walk walk = { msg->buf + TS_HDRLEN, msg->len - TS_HDRLEN };
	struct ts_listener listener = { .forget = true };
	const struct nlattr *nla;

	while ((nla = ts_walk(&walk))) {
		if (nla->nla_type == TASKSTATS_EXIT_ATTR_SEQ)
			ts_get(nla, &listener.next_seq, sizeof(__u64));
		if (nla->nla_type == TASKSTATS_EXIT_ATTR_LOST)
			ts_get(nla, &listener.gaps, sizeof(__u64));
	}
	listener.received = listener.next_seq - listener.gaps;
	ts_seen(replies, TS_EVENT);
	return !ts_take_event(&listener, msg);
}

static inline bool ts_message_fine(struct ts_replies *replies, const struct ts_big *all,
				   const struct ts_dgram *msg)
{
	const struct genlmsghdr *genl = NLMSG_DATA(&msg->nlh);
	struct ts_state state;

	if (msg->nlh.nlmsg_type == NLMSG_ERROR)
		return ts_error_fine(replies, msg);
	if (msg->nlh.nlmsg_type == NLMSG_DONE)
		return ts_done_fine(replies, msg);
	if (msg->nlh.nlmsg_type != replies->family || msg->len < TS_HDRLEN ||
	    genl->version != TASKSTATS_GENL_VERSION || genl->reserved)
		return false;
	switch (genl->cmd) {
	case TASKSTATS_CMD_NEW:
		return ts_stats_fine(replies, msg);
	case TASKSTATS_CMD_LISTEN:
		ts_seen(replies, TS_STATE);
		return msg->len == all->len && !ts_parse_state(all, &state);
	case TASKSTATS_CMD_EXIT:
		return msg->len == all->len && ts_event_fine(replies, all);
	case CGROUPSTATS_CMD_NEW:
		ts_seen(replies, TS_CGROUP);
		return ts_attr(msg, TS_HDRLEN, CGROUPSTATS_TYPE_CGROUP_STATS,
			       sizeof(struct cgroupstats));
	}
	return false;
}

/* A datagram: one message, or many of a dump. Returns the first that is wrong, or NULL. */
static inline const struct nlmsghdr *ts_check(struct ts_replies *replies, const struct ts_big *all)
{
	const struct nlmsghdr *nlh;
	struct ts_dgram msg;
	int off;

	for (off = 0; off < all->len; off += NLMSG_ALIGN(msg.len)) {
		nlh = (const struct nlmsghdr *)(all->buf + off);
		msg.len = nlh->nlmsg_len;
		if (msg.len < NLMSG_HDRLEN || msg.len > all->len - off)
			return nlh;
		/* An event may be longer: that is looked at where it is. */
		memcpy(msg.buf, nlh, msg.len < (int)sizeof(msg.buf) ? msg.len :
				     (int)sizeof(msg.buf));
		if (!ts_message_fine(replies, all, &msg))
			return nlh;
	}
	return NULL;
}

#endif /* __SELFTESTS_TASKSTATS_REPLY_H */
