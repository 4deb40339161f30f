// SPDX-License-Identifier: GPL-2.0
/*
 * A peer: told of exits by the connector, which has no figures to tell. A
 * listener gets forks as well, unless it asks for exits only; the kernel then
 * still makes an event of each fork and drops it.
 */
#include <errno.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "exits.h"

struct request {
	struct nlmsghdr nlh;
	struct cn_msg cn;
	struct proc_input input;
};

static int socket_fd = -1;

static int ask(int fd, enum proc_cn_mcast_op op, enum proc_cn_event events)
{
	struct request request = {
		.nlh = { .nlmsg_len = sizeof(request), .nlmsg_type = NLMSG_DONE },
		.cn = { .id = { CN_IDX_PROC, CN_VAL_PROC }, .len = sizeof(request.input) },
		.input = { op, events },
	};

	return send(fd, &request, sizeof(request), 0) < 0 ? -errno : 0;
}

/* Whoever only closes his socket is still counted, and events made for nobody. */
static void ignore(void)
{
	ask(socket_fd, PROC_CN_MCAST_IGNORE, PROC_EVENT_ALL);
}

static int cn_open(struct listener *listener, enum proc_cn_event events)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK, .nl_groups = CN_IDX_PROC };
	int rcvbuf = 8 << 20, fd;

	fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_CONNECTOR);
	listener->fd = fd;
	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &rcvbuf, sizeof(rcvbuf)))
		return -errno;
	socket_fd = fd;
	atexit(ignore);
	return ask(fd, PROC_CN_MCAST_LISTEN, events);
}

static int open_all(struct listener *listener, const struct wish *wish)
{
	(void)wish;
	return cn_open(listener, PROC_EVENT_ALL);
}

static int open_exit(struct listener *listener, const struct wish *wish)
{
	(void)wish;
	return cn_open(listener, PROC_EVENT_EXIT);
}

static int cn_count(const char *buf, int len)
{
	const struct nlmsghdr *nlh;
	const struct cn_msg *cn;
	struct proc_event event;
	int n = 0;

	for (nlh = (const void *)buf; NLMSG_OK(nlh, len); nlh = NLMSG_NEXT(nlh, len)) {
		cn = NLMSG_DATA(nlh);
		memcpy(&event, cn->data, sizeof(event));
		n += event.what == PROC_EVENT_EXIT;
	}
	return n;
}

const struct kind cn_proc_kind = { "cn_proc", open_all, receive_datagrams, cn_count };
const struct kind cn_proc_exit_kind = { "cn_proc_exit", open_exit, receive_datagrams, cn_count };
