/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TASKSTATS_CMD_LISTEN: requests, replies and the records that then come, each
 * byte of them looked at, and counted by their sequence numbers.
 */
#ifndef __SELFTESTS_TASKSTATS_LISTEN_H
#define __SELFTESTS_TASKSTATS_LISTEN_H

#include "cgroup.h"

#define TS_BOTH		(TASKSTATS_RECORDS_THREAD | TASKSTATS_RECORDS_GROUP)
#define TS_EVENT_MAX	16384
#define TS_LONG_MS	60000

/* A request, of which zero is left out but for RECORDS. */
struct ts_sub {
	__u32 records;
	const char *cpus;
	int cgroup_fd;
	__u32 batch;
	__u32 wait_ms;
};

struct ts_state {
	__u32 records;
	char cpus[256];
	__u32 batch;
	__u32 wait_ms;
	__u64 delivered;
	__u64 lost;
	__u64 lost_overrun;
	__u64 lost_nomem;
	__u64 lost_filter;
	__u32 pending;
};

struct ts_record {
	bool group;
	__u32 id;
	__u32 cpu;
	__u64 start;
	__u64 cgroup;
	__u32 delays;
	struct taskstats stats;
	__u64 seq;
	int message;		/* the how manieth it came in, from 0 */
};

struct ts_big {
	int len;
	union {
		struct nlmsghdr nlh;
		char buf[2 * TS_EVENT_MAX];
	};
};

/* A socket with what it has been told so far. */
struct ts_listener {
	struct ts_sock sk;
	__u64 received;		/* records */
	__u64 old;		/* those for who has registered, on one CPU */
	__u32 old_seq[2];	/* the least and the greatest of their numbers */
	__u64 next_seq;
	__u64 gaps;		/* sum of what the sequence left out */
	int messages;
	int enobufs;
	int longest;		/* message */
	int bad;		/* messages that are not as they should be */
	bool forget;		/* the records themselves */
	struct ts_record *rec;
	int nrec;
	int room;
};

/* Walking attributes: NULL at the end, which is where @left is 0. */
struct ts_walk {
	const char *pos;
	int left;
};

static inline const struct nlattr *ts_walk(struct ts_walk *walk)
{
	const struct nlattr *nla = (const struct nlattr *)walk->pos;
	int step;

	if (walk->left < NLA_HDRLEN || nla->nla_len < NLA_HDRLEN || nla->nla_len > walk->left)
		return NULL;
	step = NLA_ALIGN(nla->nla_len) < walk->left ? NLA_ALIGN(nla->nla_len) : walk->left;
	walk->pos += step;
	walk->left -= step;
	return nla;
}

static inline const void *ts_payload(const struct nlattr *nla)
{
	return (const char *)nla + NLA_HDRLEN;
}

/* True if @nla has exactly the room for what is then read. */
static inline bool ts_get(const struct nlattr *nla, void *to, int len)
{
	if (nla->nla_len != NLA_HDRLEN + len)
		return false;
	memcpy(to, ts_payload(nla), len);
	return true;
}

/* The state */

static inline bool ts_get_state(const struct nlattr *nla, struct ts_state *state)
{
	switch (nla->nla_type) {
	case TASKSTATS_LISTEN_ATTR_PAD:
		return nla->nla_len == NLA_HDRLEN;
	case TASKSTATS_LISTEN_ATTR_RECORDS:
		return ts_get(nla, &state->records, 4);
	case TASKSTATS_LISTEN_ATTR_CPUS:
		snprintf(state->cpus, sizeof(state->cpus), "%s", (const char *)ts_payload(nla));
		return nla->nla_len == NLA_HDRLEN + strlen(state->cpus) + 1;
	case TASKSTATS_LISTEN_ATTR_BATCH:
		return ts_get(nla, &state->batch, 4);
	case TASKSTATS_LISTEN_ATTR_WAIT:
		return ts_get(nla, &state->wait_ms, 4);
	case TASKSTATS_LISTEN_ATTR_DELIVERED:
		return ts_get(nla, &state->delivered, 8);
	case TASKSTATS_LISTEN_ATTR_LOST:
		return ts_get(nla, &state->lost, 8);
	case TASKSTATS_LISTEN_ATTR_LOST_OVERRUN:
		return ts_get(nla, &state->lost_overrun, 8);
	case TASKSTATS_LISTEN_ATTR_LOST_NOMEM:
		return ts_get(nla, &state->lost_nomem, 8);
	case TASKSTATS_LISTEN_ATTR_LOST_FILTER:
		return ts_get(nla, &state->lost_filter, 8);
	case TASKSTATS_LISTEN_ATTR_PENDING:
		return ts_get(nla, &state->pending, 4);
	}
	return false;
}

static inline int ts_parse_state(const struct ts_big *msg, struct ts_state *state)
{
	struct ts_walk walk = { msg->buf + TS_HDRLEN, msg->len - TS_HDRLEN };
	const struct nlattr *nla;

	memset(state, 0, sizeof(*state));
	while ((nla = ts_walk(&walk))) {
		if (!ts_get_state(nla, state))
			return -EBADMSG;
	}
	if (walk.left || state->lost != state->lost_overrun + state->lost_nomem +
	    state->lost_filter)
		return -EBADMSG;
	return 0;
}

/* Records */

static inline bool ts_get_record(const struct nlattr *nla, struct ts_record *rec)
{
	switch (nla->nla_type) {
	case TASKSTATS_RECORD_ATTR_PID:
		rec->group = false;
		return ts_get(nla, &rec->id, 4);
	case TASKSTATS_RECORD_ATTR_TGID:
		rec->group = true;
		return ts_get(nla, &rec->id, 4);
	case TASKSTATS_RECORD_ATTR_CPU:
		return ts_get(nla, &rec->cpu, 4);
	case TASKSTATS_RECORD_ATTR_START:
		return ts_get(nla, &rec->start, 8);
	case TASKSTATS_RECORD_ATTR_CGROUP:
		return ts_get(nla, &rec->cgroup, 8);
	case TASKSTATS_RECORD_ATTR_DELAYS:
		return ts_get(nla, &rec->delays, 4);
	case TASKSTATS_RECORD_ATTR_STATS:
		return ts_get(nla, &rec->stats, sizeof(rec->stats));
	}
	return false;
}

/* Everything exactly once: a PID or a TGID, and all that goes with it. */
static inline int ts_parse_record(const struct nlattr *nest, struct ts_record *rec)
{
	struct ts_walk walk = { ts_payload(nest), nest->nla_len - NLA_HDRLEN };
	unsigned int seen = 0, all = 0, type;
	const struct nlattr *nla;

	for (type = TASKSTATS_RECORD_ATTR_CPU; type <= TASKSTATS_RECORD_ATTR_STATS; type++)
		all |= 1 << type;
	while ((nla = ts_walk(&walk))) {
		if (nla->nla_type == TASKSTATS_RECORD_ATTR_PAD && nla->nla_len == NLA_HDRLEN)
			continue;
		if (!ts_get_record(nla, rec) || seen & 1 << nla->nla_type)
			return -EBADMSG;
		seen |= 1 << nla->nla_type;
	}
	if (walk.left || (seen != (all | 1 << TASKSTATS_RECORD_ATTR_PID) &&
			  seen != (all | 1 << TASKSTATS_RECORD_ATTR_TGID)))
		return -EBADMSG;
	return 0;
}

static inline int ts_keep(struct ts_listener *listener, const struct ts_record *rec)
{
	int room = listener->room ? 2 * listener->room : 64;
	struct ts_record *more;

	if (listener->forget)
		return 0;
	if (listener->nrec == listener->room) {
		more = realloc(listener->rec, room * sizeof(*rec));
		if (!more)
			return -ENOMEM;
		listener->rec = more;
		listener->room = room;
	}
	listener->rec[listener->nrec++] = *rec;
	return 0;
}

/* SEQ and LOST have to agree with what has come before. */
static inline int ts_check_account(struct ts_listener *listener, __u64 seq, __u64 lost)
{
	if (seq < listener->next_seq)
		return -ERANGE;
	listener->gaps += seq - listener->next_seq;
	listener->next_seq = seq;
	return lost == listener->gaps && seq - lost == listener->received ? 0 : -ERANGE;
}

/* Takes in a message of the kernel's about exits. */
static inline int ts_take_event(struct ts_listener *listener, const struct ts_big *msg)
{
	struct ts_walk walk = { msg->buf + TS_HDRLEN, msg->len - TS_HDRLEN };
	const struct genlmsghdr *genl = NLMSG_DATA(&msg->nlh);
	__u64 seq = -1ULL, lost = -1ULL;
	const struct nlattr *nla;
	struct ts_record rec;
	int n = 0;

	if (genl->version != 1 || genl->reserved || msg->nlh.nlmsg_flags || msg->nlh.nlmsg_seq ||
	    msg->nlh.nlmsg_pid || (int)msg->nlh.nlmsg_len != msg->len || msg->len > TS_EVENT_MAX)
		return -EBADMSG;
	while ((nla = ts_walk(&walk))) {
		switch (nla->nla_type) {
		case TASKSTATS_EXIT_ATTR_PAD:
			break;
		case TASKSTATS_EXIT_ATTR_SEQ:
			if (seq != -1ULL || !ts_get(nla, &seq, sizeof(seq)))
				return -EBADMSG;
			break;
		case TASKSTATS_EXIT_ATTR_LOST:
			if (seq == -1ULL || lost != -1ULL || !ts_get(nla, &lost, sizeof(lost)) ||
			    ts_check_account(listener, seq, lost))
				return -EBADMSG;
			break;
		case TASKSTATS_EXIT_ATTR_RECORD | NLA_F_NESTED:
			if (lost == -1ULL || ts_parse_record(nla, &rec))
				return -EBADMSG;
			rec.seq = listener->next_seq++;
			rec.message = listener->messages;
			if (ts_keep(listener, &rec))
				return -ENOMEM;
			n++;
			break;
		default:
			return -EBADMSG;
		}
	}
	if (walk.left || !n)
		return -EBADMSG;
	listener->received += n;
	listener->messages++;
	if (msg->len > listener->longest)
		listener->longest = msg->len;
	return 0;
}

/* Takes in the number of a record by CPU mask. Two of them may change places. */
static inline void ts_take_old(struct ts_listener *listener, __u32 seq)
{
	__u32 *least = &listener->old_seq[0], *greatest = &listener->old_seq[1];

	if (!listener->old || (__s32)(seq - *least) < 0)
		*least = seq;
	if (!listener->old || (__s32)(seq - *greatest) > 0)
		*greatest = seq;
	listener->old++;
}

/* How many there were from the first to the last that came, by the CPU's count. */
static inline __u64 ts_old_told(const struct ts_listener *listener)
{
	return (__u32)(listener->old_seq[1] - listener->old_seq[0]) + 1ULL;
}

/*
 * One datagram, which is taken in if it is about exits. Returns -ENOBUFS where
 * something has been lost, and -EAGAIN if nothing has come.
 */
static inline int ts_read(struct ts_listener *listener, struct ts_big *msg, int timeout_ms)
{
	struct pollfd pfd = { .fd = ts_fd(&listener->sk), .events = POLLIN };
	const struct genlmsghdr *genl = NLMSG_DATA(&msg->nlh);

	msg->len = recv(pfd.fd, msg->buf, sizeof(msg->buf), MSG_DONTWAIT | MSG_TRUNC);
	if (msg->len < 0 && errno == EAGAIN) {
		if (!timeout_ms || poll(&pfd, 1, timeout_ms) == 0)
			return -EAGAIN;
		msg->len = recv(pfd.fd, msg->buf, sizeof(msg->buf), MSG_DONTWAIT | MSG_TRUNC);
	}
	if (msg->len < 0) {
		listener->enobufs += errno == ENOBUFS;
		return -errno;
	}
	if (msg->len < TS_HDRLEN || msg->nlh.nlmsg_type != listener->sk.family)
		return 0;
	if (genl->cmd == TASKSTATS_CMD_NEW && msg->nlh.nlmsg_pid == 0)
		ts_take_old(listener, msg->nlh.nlmsg_seq);
	listener->bad += genl->cmd == TASKSTATS_CMD_EXIT && ts_take_event(listener, msg);
	return 0;
}

/* Takes in all that has come. */
static inline void ts_drain(struct ts_listener *listener)
{
	struct ts_big msg;
	int error;

	do {
		error = ts_read(listener, &msg, 0);
	} while (!error || error == -ENOBUFS);
}

/* Until so many records have come in all, or nothing comes for too long. */
static inline bool ts_await(struct ts_listener *listener, __u64 received)
{
	struct ts_big msg;
	int error = 0;

	while (listener->received < received && (!error || error == -ENOBUFS))
		error = ts_read(listener, &msg, TS_TIMEOUT_MS);
	return listener->received >= received;
}

/* The first record from @from on of a thread, or a group, or NULL. */
static inline const struct ts_record *ts_find(const struct ts_listener *listener, int from,
					      bool group, pid_t id)
{
	const struct ts_record *rec;
	int i;

	for (i = from; i < listener->nrec; i++) {
		rec = &listener->rec[i];
		if (rec->group == group && rec->id == (__u32)id)
			return rec;
	}
	return NULL;
}

/* Requests */

static inline void ts_sub_msg(struct ts_msg *msg, struct ts_sock *sk, const struct ts_sub *sub)
{
	ts_msg_init(msg, sk, TASKSTATS_CMD_LISTEN, 0);
	if (!sub)
		return;
	ts_msg_put_u32(msg, TASKSTATS_LISTEN_ATTR_RECORDS, sub->records);
	if (sub->cpus)
		ts_msg_put(msg, TASKSTATS_LISTEN_ATTR_CPUS, sub->cpus, strlen(sub->cpus) + 1);
	if (sub->cgroup_fd)
		ts_msg_put_u32(msg, TASKSTATS_LISTEN_ATTR_CGROUP_FD, sub->cgroup_fd);
	if (sub->batch)
		ts_msg_put_u32(msg, TASKSTATS_LISTEN_ATTR_BATCH, sub->batch);
	if (sub->wait_ms)
		ts_msg_put_u32(msg, TASKSTATS_LISTEN_ATTR_WAIT, sub->wait_ms);
}

/* Its answer, or what has been refused; what comes before it is taken in. */
static inline int ts_answer(struct ts_listener *listener, __u32 seq, struct ts_big *msg)
{
	const struct nlmsgerr *err = NLMSG_DATA(&msg->nlh);
	int error;

	do {
		error = ts_read(listener, msg, 0);
		if (error && error != -ENOBUFS)
			return error;
	} while (error || msg->nlh.nlmsg_seq != seq ||
		 msg->nlh.nlmsg_pid != ts_port(&listener->sk));
	return msg->nlh.nlmsg_type == NLMSG_ERROR ? err->error : 0;
}

/*
 * Sets or replaces by @sub, clears by one without records, only asks without
 * one. An answer that finds the buffer full is lost: then again, with it empty.
 */
static inline int ts_request_state(struct ts_listener *listener, const struct ts_sub *sub,
				   struct ts_state *state)
{
	int error, tries = 100;
	struct ts_state none;
	struct ts_big answer;
	struct ts_msg msg;

	do {
		ts_sub_msg(&msg, &listener->sk, sub);
		error = ts_send(&listener->sk, &msg);
		if (!error)
			error = ts_answer(listener, msg.nlh.nlmsg_seq, &answer);
	} while (error == -EAGAIN && tries--);
	return error ? error : ts_parse_state(&answer, state ? state : &none);
}

static inline int ts_subscribe(struct ts_listener *listener, const struct ts_sub *sub)
{
	return ts_request_state(listener, sub, NULL);
}

static inline int ts_ask(struct ts_listener *listener, struct ts_state *state)
{
	return ts_request_state(listener, NULL, state);
}

static inline int ts_clear(struct ts_listener *listener, struct ts_state *state)
{
	const struct ts_sub none = {};

	return ts_request_state(listener, &none, state);
}

static inline int ts_listener_open(struct ts_listener *listener)
{
	memset(listener, 0, sizeof(*listener));
	return ts_open(&listener->sk);
}

static inline void ts_listener_close(struct ts_listener *listener)
{
	if (listener->sk.nl)
		ts_close(&listener->sk);
	free(listener->rec);
	memset(listener, 0, sizeof(*listener));
}

/* A cgroup of version 2 for this process alone, so that nobody else's exits match. */
struct ts_pen {
	char name[32];
	int root;
	int dir;
};

static inline int ts_cgroup_make(int parent, const char *name)
{
	if (mkdirat(parent, name, 0755) && errno != EEXIST)
		return -1;
	return openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static inline bool ts_write_at(int dir, const char *file, const char *text)
{
	int fd = openat(dir, file, O_WRONLY | O_CLOEXEC);
	bool done = write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	close(fd);
	return done;
}

static inline bool ts_cgroup_enter(int dir)
{
	return ts_write_at(dir, "cgroup.procs", "0");
}

static inline __u64 ts_cgroup_id(int dir)
{
	struct stat st;

	return fstat(dir, &st) ? 0 : st.st_ino;
}

/* How many cgroups below are gone, but for who still holds them. */
static inline int ts_dying_cgroups(int dir)
{
	int fd = openat(dir, "cgroup.stat", O_RDONLY | O_CLOEXEC), n = -1;
	char text[512] = "", *line;

	if (read(fd, text, sizeof(text) - 1) > 0) {
		line = strstr(text, "nr_dying_descendants ");
		n = line ? atoi(strchr(line, ' ')) : -1;
	}
	close(fd);
	return n;
}

static inline bool ts_wait_not_dying(int dir)
{
	__u64 start = ts_clock_ns(CLOCK_MONOTONIC);

	while (ts_dying_cgroups(dir)) {
		if (!ts_poll_again(start))
			return false;
	}
	return true;
}

/* What is lacking for that, or NULL. */
static inline const char *ts_pen_enter(struct ts_pen *pen)
{
	snprintf(pen->name, sizeof(pen->name), "taskstats-%d", getpid());
	pen->dir = -1;
	pen->root = ts_cgroup_mount(NULL);
	if (pen->root < 0)
		return "no cgroup v2";
	pen->dir = ts_cgroup_make(pen->root, pen->name);
	if (pen->dir < 0)
		return "no cgroup can be made";
	return ts_cgroup_enter(pen->dir) ? NULL : "no cgroup can be entered";
}

static inline void ts_pen_leave(struct ts_pen *pen)
{
	if (pen->dir > 0) {
		ts_cgroup_enter(pen->root);
		ts_cgroup_remove(pen->root, pen->name);
		close(pen->dir);
	}
	if (pen->root > 0)
		close(pen->root);
}

/* For a parent: whoever was in it has ended, with all that they had open. */
static inline void ts_pen_remove(const struct ts_pen *pen)
{
	int root = ts_cgroup_mount(NULL);

	if (root < 0)
		return;
	ts_cgroup_remove(root, pen->name);
	close(root);
}

#endif /* __SELFTESTS_TASKSTATS_LISTEN_H */
