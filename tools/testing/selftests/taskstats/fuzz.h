/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages to fuzz with, made from a seed and nothing else: bent, broken, cut, or
 * well-formed and near a limit. What is not the same in each run, such as ids, is
 * only marked; who sends puts it in.
 */
#ifndef __SELFTESTS_TASKSTATS_FUZZ_H
#define __SELFTESTS_TASKSTATS_FUZZ_H

#include <limits.h>

#include "fd.h"
#include "taskstats.h"

#define TS_BATCH_MAX	48		/* messages sent at once */
#define TS_BATCH_BYTES	16384
#define TS_FUZZ_MAX	4096		/* more than any message has */
#define TS_NESTS_MAX	4
#define TS_NVICTIMS	4		/* tasks that die while messages are sent */

/* Sequence numbers say what was asked: a mark, a count, the command. */
#define TS_SEQ_MARK	0x5a000000

/*
 * File descriptors that are at the same number in each process, so that they
 * look the same in messages, and so that what is open there can be exchanged
 * while another thread uses it.
 */
#define TS_SLOT_FD	200		/* sockets */
#define TS_VALUE_FD	220
enum {
	TS_FD_VICTIM,
	TS_FD_SELF = TS_FD_VICTIM + TS_NVICTIMS,
	TS_FD_SELF_THREAD,
	TS_FD_CGROUP_ROOT,
	TS_FD_CGROUP,
	TS_FD_CGROUP_GONE,
	TS_FD_CGROUP_FILE,
	TS_FD_NULL,
	TS_FD_NOT_OPEN,
	TS_NVALUES
};

/* Ids that are put in last. */
enum {
	TS_LIVE_TID,
	TS_LIVE_PID,
	TS_LIVE_PARENT,
	TS_LIVE_VICTIM,
	TS_NLIVE = TS_LIVE_VICTIM + TS_NVICTIMS
};

struct ts_live {
	int at;
	unsigned int what;
};

struct ts_gen {
	__u64 state;
	__u64 hash;		/* of all messages so far */
	__u32 n;		/* of them */
	struct ts_sock sk;	/* only for its family */
	int len;
	int nlives;
	struct ts_live live[2 * TS_BATCH_MAX];
	char buf[TS_BATCH_BYTES];
};

/* splitmix64 */
static inline __u64 ts_draw(struct ts_gen *gen)
{
	__u64 z = gen->state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static inline unsigned int ts_below(struct ts_gen *gen, unsigned int n)
{
	return (ts_draw(gen) >> 32) * n >> 32;
}

static inline bool ts_one_in(struct ts_gen *gen, unsigned int n)
{
	return !ts_below(gen, n);
}

#define ts_any(gen, array)	ts_below(gen, ARRAY_SIZE(array))

static inline void ts_gen_init(struct ts_gen *gen, int family, __u64 seed, unsigned int who)
{
	memset(gen, 0, offsetof(struct ts_gen, buf));
	gen->state = seed * 1000003 + who;
	gen->state = ts_draw(gen);
	gen->sk.family = family;
}

static inline void ts_fold(struct ts_gen *gen)
{
	int i;

	/* FNV-1a */
	for (i = 0; i < gen->len; i++)
		gen->hash = (gen->hash ^ (unsigned char)gen->buf[i]) * 0x100000001b3;
}

/* Values */

enum ts_kind { TS_ID, TS_FD, TS_CPUS, TS_FLAG, TS_RECORDS, TS_NUMBER, TS_NKINDS };

struct ts_field {
	__u16 type;
	enum ts_kind kind;
};

static const struct ts_field ts_get_fields[] = {
	{ TASKSTATS_CMD_ATTR_PID, TS_ID },
	{ TASKSTATS_CMD_ATTR_PID, TS_ID },
	{ TASKSTATS_CMD_ATTR_TGID, TS_ID },
	{ TASKSTATS_CMD_ATTR_TGID, TS_ID },
	{ TASKSTATS_CMD_ATTR_REGISTER_CPUMASK, TS_CPUS },
	{ TASKSTATS_CMD_ATTR_DEREGISTER_CPUMASK, TS_CPUS },
	{ TASKSTATS_CMD_ATTR_THREADS, TS_FLAG },
	{ TASKSTATS_CMD_ATTR_CGROUP_FD, TS_FD },
	{ TASKSTATS_CMD_ATTR_PIDFD, TS_FD },
	{ TASKSTATS_CMD_ATTR_DELAYS, TS_FLAG },
};

/* First what the others need. */
static const struct ts_field ts_listen_fields[] = {
	{ TASKSTATS_LISTEN_ATTR_RECORDS, TS_RECORDS },
	{ TASKSTATS_LISTEN_ATTR_CPUS, TS_CPUS },
	{ TASKSTATS_LISTEN_ATTR_CGROUP_FD, TS_FD },
	{ TASKSTATS_LISTEN_ATTR_BATCH, TS_NUMBER },
	{ TASKSTATS_LISTEN_ATTR_WAIT, TS_NUMBER },
};

static const struct ts_field ts_cgroup_fields[] = { { CGROUPSTATS_CMD_ATTR_FD, TS_FD } };

static inline void ts_mark_live(struct ts_gen *gen, char *to)
{
	unsigned int what = ts_below(gen, TS_NLIVE);
	__u32 mark = 0x1dea0000 + what;

	memcpy(to, &mark, sizeof(mark));
	if (gen->nlives < (int)ARRAY_SIZE(gen->live))
		gen->live[gen->nlives++] = (struct ts_live){ to - gen->buf, what };
}

static inline __u32 ts_number(struct ts_gen *gen, enum ts_kind kind)
{
	static const __u32 fds[] = { PIDFD_SELF_THREAD, PIDFD_SELF_THREAD_GROUP, TS_SLOT_FD, 0,
		1023, 65536, INT_MAX, INT_MIN, -1, -2 };
	static const __u32 numbers[] = { 0, 1, 2, 3, 4, 8, 32, 1023, 1024, 1025, 32768, 60000,
		60001, 4194304, INT_MAX, INT_MIN, -1 };

	if (kind == TS_FD)
		return ts_one_in(gen, 6) ? fds[ts_any(gen, fds)] :
					   TS_VALUE_FD + ts_below(gen, TS_NVALUES);
	if (kind == TS_RECORDS && !ts_one_in(gen, 8))
		return ts_below(gen, 4);
	return ts_one_in(gen, 2) ? numbers[ts_any(gen, numbers)] : 1 + ts_below(gen, 400);
}

/* A list with or without a NUL, and with something behind it or not; its length. */
static inline int ts_write_list(struct ts_gen *gen, char *to)
{
	static const char * const good[] = { "0", "1", "0-1", "all" };
	static const char * const odd[] = { "", "0,1", "0-3", "none", "N", "0-N", "1-0", "0-",
		"-1", ",", "0,,1", "0-1:1/2", "0-1:2/1", "0-1:0/0", "0-4095", "4096",
		"99999999999", "0x1", " 0", "0\n", "0 1", "a", "0-1-2" };
	const char *list = ts_one_in(gen, 2) ? good[ts_any(gen, good)] : odd[ts_any(gen, odd)];
	int len = sprintf(to, "%s", list), i;

	if (ts_one_in(gen, 24)) {
		len = ts_below(gen, 700);
		for (i = 0; i < len; i++)
			to[i] = i % 2 ? ',' : '0' + ts_below(gen, 2);
		to[len] = '\0';
	}
	if (ts_one_in(gen, 4))
		return len;
	if (ts_one_in(gen, 8))
		memset(to + ++len, 'x', 5);
	return len + 1;
}

/* Writes a value to where it is to be sent from; its length. */
static inline int ts_write_value(struct ts_gen *gen, char *to, enum ts_kind kind)
{
	__u32 value;

	if (kind == TS_CPUS)
		return ts_write_list(gen, to);
	if (kind == TS_FLAG)
		return 0;
	if (kind == TS_ID && !ts_one_in(gen, 4)) {
		ts_mark_live(gen, to);
		return sizeof(value);
	}
	value = ts_number(gen, kind);
	memcpy(to, &value, sizeof(value));
	return sizeof(value);
}

/* Attributes */

static inline void ts_bend_attr(struct ts_gen *gen, struct nlattr *nla)
{
	static const __u16 types[] = { 0, 8, 9, 10, 13, 255, 0x3fff };

	switch (ts_below(gen, 40)) {
	case 0:
		nla->nla_type = ts_one_in(gen, 2) ? ts_below(gen, 16) : types[ts_any(gen, types)];
		break;
	case 1:
		nla->nla_type |= ts_one_in(gen, 2) ? NLA_F_NESTED : NLA_F_NET_BYTEORDER;
		break;
	case 2:
		nla->nla_len = ts_one_in(gen, 4) ? ts_draw(gen) : ts_below(gen, 2 * nla->nla_len);
		break;
	}
}

static inline void ts_put_field(struct ts_gen *gen, struct ts_msg *msg, struct ts_field field)
{
	char value[1024], *tail = (char *)msg + NLMSG_ALIGN(msg->nlh.nlmsg_len);
	int len, nlives = gen->nlives;

	/* At its place at once, since that of an id is kept. */
	len = ts_write_value(gen, tail + NLA_HDRLEN, field.kind);
	memcpy(value, tail + NLA_HDRLEN, len);
	if (ts_one_in(gen, 24)) {
		memset(value + len, 0xff, 64);
		len = ts_below(gen, len + 64);
		gen->nlives = nlives;
	}
	ts_msg_put(msg, field.type, value, len);
	ts_bend_attr(gen, (struct nlattr *)tail);
	if (ts_one_in(gen, 32))
		ts_msg_put(msg, field.type, value, len);
}

/* Into others, none of which is wanted as a nest. */
static inline void ts_put_nested(struct ts_gen *gen, struct ts_msg *msg, struct ts_field field)
{
	int depth = 1 + ts_below(gen, TS_NESTS_MAX), i;
	struct nlattr *nest[TS_NESTS_MAX];
	__u16 type;

	for (i = 0; i < depth; i++) {
		nest[i] = (struct nlattr *)((char *)msg + msg->nlh.nlmsg_len);
		type = ts_below(gen, 10) | (ts_one_in(gen, 2) ? NLA_F_NESTED : 0);
		ts_msg_put(msg, type, &type, 0);
	}
	ts_put_field(gen, msg, field);
	while (i--)
		nest[i]->nla_len = (char *)msg + msg->nlh.nlmsg_len - (char *)nest[i];
}

static inline void ts_put_fields(struct ts_gen *gen, struct ts_msg *msg,
				 const struct ts_field *fields, unsigned int n)
{
	static const int often[] = { 0, 1, 1, 1, 1, 2, 2, 3 };
	int i, wanted = often[ts_any(gen, often)];
	struct ts_field field;

	for (i = 0; i < wanted; i++) {
		field = fields[ts_below(gen, n)];
		if (fields == ts_listen_fields && !i && !ts_one_in(gen, 8))
			field = fields[0];
		if (ts_one_in(gen, 64))
			field.kind = ts_below(gen, TS_NKINDS);
		if (ts_one_in(gen, 64))
			ts_put_nested(gen, msg, field);
		else
			ts_put_field(gen, msg, field);
	}
}

/* Messages */

static inline __u16 ts_flags(struct ts_gen *gen)
{
	static const __u16 odd[] = { NLM_F_ROOT, NLM_F_MATCH, NLM_F_ATOMIC, NLM_F_ECHO,
		NLM_F_MULTI, NLM_F_DUMP_INTR, NLM_F_DUMP | NLM_F_ATOMIC, NLM_F_DUMP_FILTERED };
	__u16 value = ts_one_in(gen, 4) ? NLM_F_ACK : 0;

	if (ts_one_in(gen, 40))
		value |= NLM_F_DUMP;
	if (ts_one_in(gen, 24))
		value |= odd[ts_any(gen, odd)];
	return value;
}

static inline void ts_bend_header(struct ts_gen *gen, struct ts_msg *msg)
{
	switch (ts_below(gen, 80)) {
	case 0:
		msg->nlh.nlmsg_flags = ts_draw(gen) | NLM_F_REQUEST;
		break;
	case 1:
		/* Other families are not ours to disturb. */
		msg->nlh.nlmsg_type = ts_one_in(gen, 8) ? 0xffff : ts_below(gen, NLMSG_MIN_TYPE);
		break;
	case 2:
		msg->genl.version = ts_draw(gen);
		msg->genl.reserved = ts_one_in(gen, 2) ? ts_draw(gen) : 0;
		break;
	case 3:
		msg->nlh.nlmsg_pid = ts_draw(gen);
		msg->nlh.nlmsg_flags &= ~NLM_F_REQUEST;
		break;
	case 4:
		msg->nlh.nlmsg_len = NLMSG_HDRLEN +
				     ts_below(gen, msg->nlh.nlmsg_len - NLMSG_HDRLEN + 1);
		break;
	}
}

static inline void ts_fuzz_message(struct ts_gen *gen)
{
	static const __u8 commands[] = { TASKSTATS_CMD_GET, TASKSTATS_CMD_GET, TASKSTATS_CMD_GET,
		TASKSTATS_CMD_LISTEN, TASKSTATS_CMD_LISTEN, CGROUPSTATS_CMD_GET };
	struct ts_msg *msg = (struct ts_msg *)(gen->buf + gen->len);
	__u8 command = ts_one_in(gen, 16) ? ts_below(gen, 12) : commands[ts_any(gen, commands)];

	if (ts_one_in(gen, 256))
		command = ts_draw(gen);
	ts_msg_init(msg, &gen->sk, command, ts_flags(gen));
	msg->nlh.nlmsg_seq = TS_SEQ_MARK | (gen->n++ << 8 & 0xffff00) | command;
	if (command == CGROUPSTATS_CMD_GET)
		ts_put_fields(gen, msg, ts_cgroup_fields, ARRAY_SIZE(ts_cgroup_fields));
	else if (command == TASKSTATS_CMD_LISTEN)
		ts_put_fields(gen, msg, ts_listen_fields, ARRAY_SIZE(ts_listen_fields));
	else
		ts_put_fields(gen, msg, ts_get_fields, ARRAY_SIZE(ts_get_fields));
	ts_bend_header(gen, msg);
	gen->len += NLMSG_ALIGN(msg->nlh.nlmsg_len);
	/* An id that has been cut off. */
	while (gen->nlives && gen->live[gen->nlives - 1].at >= gen->len)
		gen->nlives--;
}

/* Beyond the end only: what follows could be a message to another family. */
static inline void ts_break_last(struct ts_gen *gen, struct nlmsghdr *last)
{
	switch (ts_below(gen, 24)) {
	case 0:
		last->nlmsg_len = ts_below(gen, NLMSG_HDRLEN);
		break;
	case 1:
		last->nlmsg_len += 1 + ts_below(gen, ts_one_in(gen, 2) ? 64 : INT_MAX);
		break;
	case 2:
		gen->len -= ts_below(gen, gen->buf + gen->len - (char *)last);
		break;
	}
}

/* Makes so many messages, or as many as there is room for; how many. */
static inline unsigned int ts_fuzz_batch(struct ts_gen *gen, unsigned int wanted)
{
	struct nlmsghdr *last = NULL;
	unsigned int n;

	gen->len = 0;
	gen->nlives = 0;
	for (n = 0; n < wanted && gen->len < TS_BATCH_BYTES - TS_FUZZ_MAX; n++) {
		last = (struct nlmsghdr *)(gen->buf + gen->len);
		ts_fuzz_message(gen);
	}
	if (last)
		ts_break_last(gen, last);
	ts_fold(gen);
	return n;
}

/* Says which ids are meant. */
static inline void ts_put_lives(struct ts_gen *gen, const pid_t *victim)
{
	const __u32 ids[TS_LIVE_VICTIM] = { ts_gettid(), getpid(), getppid() };
	const struct ts_live *live;
	__u32 id;

	for (live = gen->live; live < gen->live + gen->nlives; live++) {
		id = live->what < TS_LIVE_VICTIM ? ids[live->what] :
						   (__u32)victim[live->what - TS_LIVE_VICTIM];
		if (live->at + (int)sizeof(id) <= gen->len)
			memcpy(gen->buf + live->at, &id, sizeof(id));
	}
}

#endif /* __SELFTESTS_TASKSTATS_FUZZ_H */
