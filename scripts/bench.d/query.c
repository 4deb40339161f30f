// SPDX-License-Identifier: GPL-2.0
/*
 * What it costs to ask for one task after the other, on one socket, in the
 * fewest system calls: a request, an answer.
 *
 *	hold ... query pid|TGID, which may say of what groups
 */
#include "taskstats.h"
#include "bench.h"

static void ask(struct ts_sock *sk, __u16 type, const struct holding *all)
{
	int i, len, want = TS_HDRLEN + TS_AGGR_LEN;
	struct ts_dgram dgram;
	struct ts_msg msg;

	for (i = 0; i < all->count; i++) {
		ts_msg_get(&msg, sk, type, type == TASKSTATS_CMD_ATTR_PID ? all->task[i].tid :
									    all->task[i].tgid);
		need(!ts_send(sk, &msg), "send");
		len = recv(ts_fd(sk), dgram.buf, sizeof(dgram.buf), 0);
		need(len >= want && dgram.nlh.nlmsg_type == sk->family, "no answer");
	}
}

int main(int argc, char **argv)
{
	struct holding all = holding();
	int i, n = rounds(all.count);
	char parameter[64];
	struct ts_sock sk;
	__u64 start;
	__u16 type;

	need(argc > 1, "usage: query pid|TGID");
	type = strcmp(argv[1], "pid") ? TASKSTATS_CMD_ATTR_TGID : TASKSTATS_CMD_ATTR_PID;
	need(!ts_open(&sk), "no taskstats");
	ask(&sk, type, &all);
	start = now_ns();
	for (i = 0; i < n; i++)
		ask(&sk, type, &all);
	snprintf(parameter, sizeof(parameter), "%s %d", argv[1], all.count);
	tell("query", parameter, (double)(now_ns() - start) / n / all.count, "instructions/task");
	return 0;
}
