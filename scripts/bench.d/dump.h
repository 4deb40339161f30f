/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A dump, on a socket of its own: the kernel fills what the longest recv() of a
 * socket so far has offered, and libnl's are long.
 */
#ifndef __BENCH_DUMP_H
#define __BENCH_DUMP_H

#include "taskstats.h"
#include "bench.h"

#define DUMP_MAX	65536

struct dump {
	int fd;
	int family;
	int room;
	bool threads;
};

static inline int dump_open(struct dump *dump, bool threads, int room)
{
	struct ts_sock sk;

	if (ts_open(&sk))
		return -1;
	dump->family = sk.family;
	ts_close(&sk);
	dump->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	dump->threads = threads;
	dump->room = room;
	return dump->fd < 0 ? -1 : 0;
}

static inline void dump_ask(struct dump *dump)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct ts_sock sk = { .family = dump->family, .seq = 1 };
	struct ts_msg msg;

	ts_msg_init(&msg, &sk, TASKSTATS_CMD_GET, NLM_F_DUMP);
	if (dump->threads)
		ts_msg_put(&msg, TASKSTATS_CMD_ATTR_THREADS, NULL, 0);
	need(sendto(dump->fd, &msg, msg.nlh.nlmsg_len, 0, (struct sockaddr *)&kernel,
		    sizeof(kernel)) > 0, "cannot ask for a dump");
}

/* Where the statistics of a message are: an empty attribute may align them. */
static inline const struct taskstats *dump_stats(const struct nlmsghdr *nlh)
{
	const char *pos = (const char *)nlh + TS_HDRLEN + NLA_HDRLEN + TS_ID_LEN;
	const struct nlattr *nla = (const struct nlattr *)pos;

	return (const void *)(pos + NLA_HDRLEN + (nla->nla_type == TASKSTATS_TYPE_STATS ?
						  0 : TS_PAD_LEN));
}

/* All of it; calls @each, if any, for each message. How many there were. */
static inline int dump_all(struct dump *dump, void (*each)(const struct nlmsghdr *nlh))
{
	static __u64 buf[DUMP_MAX / sizeof(__u64)];
	const struct nlmsghdr *nlh;
	int len, n = 0;

	dump_ask(dump);
	for (;;) {
		len = recv(dump->fd, buf, dump->room, MSG_TRUNC);
		need(len > 0 && len <= dump->room, "recv");
		for (nlh = (void *)buf; NLMSG_OK(nlh, len); nlh = NLMSG_NEXT(nlh, len)) {
			if (nlh->nlmsg_type == NLMSG_DONE)
				return n;
			need(nlh->nlmsg_type == dump->family, "no dumps here");
			if (each)
				each(nlh);
			n++;
		}
	}
}

#endif /* __BENCH_DUMP_H */
