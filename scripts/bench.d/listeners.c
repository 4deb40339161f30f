// SPDX-License-Identifier: GPL-2.0
/* Told of exits by taskstats: those who register a mask, those who LISTEN. */
#include "listen.h"
#include "exits.h"

int receive_datagrams(struct listener *listener, char *buf, int room)
{
	int len, sum = 0;

	for (;;) {
		len = recv(listener->fd, buf + sum, room - sum, MSG_DONTWAIT | MSG_TRUNC);
		if (len < 0)
			return errno == EAGAIN ? sum : -errno;
		if (len > room - sum)
			return -EMSGSIZE;
		sum += NLMSG_ALIGN(len);
	}
}

static int mask_open(struct listener *listener, const struct wish *wish)
{
	struct ts_sock sk;
	int error = ts_open(&sk);

	listener->fd = error ? -1 : ts_fd(&sk);
	return error ?: ts_listen(&sk, wish->cpus);
}

static int mask_count(const char *buf, int len)
{
	const struct nlmsghdr *nlh;
	int n = 0;

	for (nlh = (const void *)buf; NLMSG_OK(nlh, len); nlh = NLMSG_NEXT(nlh, len))
		n++;
	return n;
}

static int listen_open(struct listener *listener, const struct wish *wish)
{
	const struct ts_sub sub = {
		.records = TASKSTATS_RECORDS_THREAD,
		.cpus = wish->cpus,
		.batch = wish->batch,
		.wait_ms = TS_LONG_MS,
	};
	struct ts_listener all;
	int error = ts_listener_open(&all);

	listener->fd = error ? -1 : ts_fd(&all.sk);
	return error ?: ts_subscribe(&all, &sub);
}

static int listen_count(const char *buf, int len)
{
	const struct nlmsghdr *nlh;
	const struct nlattr *nla;
	struct ts_walk walk;
	int n = 0;

	for (nlh = (const void *)buf; NLMSG_OK(nlh, len); nlh = NLMSG_NEXT(nlh, len)) {
		walk.pos = (const char *)nlh + TS_HDRLEN;
		walk.left = nlh->nlmsg_len - TS_HDRLEN;
		while ((nla = ts_walk(&walk)))
			n += (nla->nla_type & NLA_TYPE_MASK) == TASKSTATS_EXIT_ATTR_RECORD;
	}
	return n;
}

const struct kind mask_kind = { "mask", mask_open, receive_datagrams, mask_count };
const struct kind listen_kind = { "listen", listen_open, receive_datagrams, listen_count };
