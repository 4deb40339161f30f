// SPDX-License-Identifier: GPL-2.0
/*
 * TASKSTATS_CMD_GET about one task or thread group: the bytes of request and
 * reply, and the errors, as clients have relied on them since 2006.
 */
#include "kselftest_harness.h"
#include "taskstats.h"

FIXTURE(query)
{
	struct ts_sock sk;
	struct ts_msg msg;
	struct ts_dgram dgram;
	struct ts_aggr aggr;
};

FIXTURE_SETUP(query)
{
	const char *lacks = ts_lacks();

	if (lacks)
		SKIP(return, "%s", lacks);
	ASSERT_EQ(0, ts_open(&self->sk));
}

FIXTURE_TEARDOWN(query)
{
	ts_close(&self->sk);
}

/* Asks about this process with the message as it stands. */
static int ask_pid(struct ts_sock *sk, struct ts_msg *msg)
{
	struct ts_aggr aggr;
	int error;

	error = ts_request(sk, msg, TASKSTATS_TYPE_AGGR_PID, &aggr);
	if (!error && aggr.id != (__u32)getpid())
		return -EBADMSG;
	return error;
}

TEST_F(query, pid_reply_is_byte_exact)
{
	ts_msg_get(&self->msg, &self->sk, TASKSTATS_CMD_ATTR_PID, getpid());
	ASSERT_EQ(0, ts_send(&self->sk, &self->msg));
	ASSERT_EQ(0, ts_recv(&self->sk, &self->dgram, TS_TIMEOUT_MS));

	EXPECT_TRUE(ts_header_ok(&self->dgram, &self->sk, TASKSTATS_CMD_NEW));
	EXPECT_EQ(self->msg.nlh.nlmsg_seq, self->dgram.nlh.nlmsg_seq);
	EXPECT_EQ(ts_port(&self->sk), self->dgram.nlh.nlmsg_pid);
	ASSERT_EQ(self->dgram.len, ts_parse_aggr(&self->dgram, TS_HDRLEN, TASKSTATS_TYPE_AGGR_PID,
						 &self->aggr));
	EXPECT_EQ(self->aggr.padded ? 728 : 724, self->dgram.len);
	EXPECT_EQ((__u32)getpid(), self->aggr.id);
	EXPECT_EQ(17, self->aggr.stats.version);
	EXPECT_TRUE(ts_nothing_more(&self->sk));
}

TEST_F(query, tgid_reply_is_byte_exact)
{
	ts_msg_get(&self->msg, &self->sk, TASKSTATS_CMD_ATTR_TGID, getpid());
	ASSERT_EQ(0, ts_send(&self->sk, &self->msg));
	ASSERT_EQ(0, ts_recv(&self->sk, &self->dgram, TS_TIMEOUT_MS));

	EXPECT_TRUE(ts_header_ok(&self->dgram, &self->sk, TASKSTATS_CMD_NEW));
	EXPECT_EQ(self->msg.nlh.nlmsg_seq, self->dgram.nlh.nlmsg_seq);
	EXPECT_EQ(ts_port(&self->sk), self->dgram.nlh.nlmsg_pid);
	ASSERT_EQ(self->dgram.len, ts_parse_aggr(&self->dgram, TS_HDRLEN, TASKSTATS_TYPE_AGGR_TGID,
						 &self->aggr));
	EXPECT_EQ(self->aggr.padded ? 728 : 724, self->dgram.len);
	EXPECT_EQ((__u32)getpid(), self->aggr.id);
	EXPECT_EQ(17, self->aggr.stats.version);
	EXPECT_TRUE(ts_nothing_more(&self->sk));
}

TEST_F(query, reply_comes_before_the_ack_asked_for)
{
	int error = 1;

	ts_msg_get(&self->msg, &self->sk, TASKSTATS_CMD_ATTR_PID, getpid());
	self->msg.nlh.nlmsg_flags |= NLM_F_ACK;
	ASSERT_EQ(0, ask_pid(&self->sk, &self->msg));

	ASSERT_EQ(0, ts_recv(&self->sk, &self->dgram, TS_TIMEOUT_MS));
	ASSERT_TRUE(ts_is_ack(&self->dgram, &error));
	EXPECT_EQ(0, error);
	EXPECT_EQ(self->msg.nlh.nlmsg_seq, self->dgram.nlh.nlmsg_seq);
	EXPECT_TRUE(ts_nothing_more(&self->sk));
}

TEST_F(query, error_comes_once_with_and_without_ack)
{
	ts_msg_get(&self->msg, &self->sk, TASKSTATS_CMD_ATTR_PID, 0);
	EXPECT_EQ(-ESRCH, ask_pid(&self->sk, &self->msg));
	EXPECT_TRUE(ts_nothing_more(&self->sk));

	self->msg.nlh.nlmsg_flags |= NLM_F_ACK;
	EXPECT_EQ(-ESRCH, ask_pid(&self->sk, &self->msg));
	EXPECT_TRUE(ts_nothing_more(&self->sk));
}

TEST_F(query, error_returns_the_request)
{
	const struct nlmsgerr *err = NLMSG_DATA(&self->dgram.nlh);

	ts_msg_get(&self->msg, &self->sk, TASKSTATS_CMD_ATTR_TGID, 0);
	ASSERT_EQ(0, ts_send(&self->sk, &self->msg));
	ASSERT_EQ(0, ts_recv(&self->sk, &self->dgram, TS_TIMEOUT_MS));

	ASSERT_EQ(NLMSG_HDRLEN + 4 + (int)self->msg.nlh.nlmsg_len, self->dgram.len);
	EXPECT_EQ(NLMSG_ERROR, self->dgram.nlh.nlmsg_type);
	EXPECT_EQ(-ESRCH, err->error);
	EXPECT_EQ(0, memcmp(&err->msg, &self->msg, self->msg.nlh.nlmsg_len));
}

TEST_F(query, two_requests_in_one_datagram_get_a_reply_each)
{
	char both[2 * (TS_HDRLEN + TS_ID_LEN)];
	int i;

	for (i = 0; i < 2; i++) {
		ts_msg_get(&self->msg, &self->sk, TASKSTATS_CMD_ATTR_PID, getpid());
		ASSERT_EQ(sizeof(both) / 2, self->msg.nlh.nlmsg_len);
		memcpy(both + i * sizeof(both) / 2, &self->msg, sizeof(both) / 2);
	}
	ASSERT_EQ(0, ts_send_bytes(&self->sk, both, sizeof(both)));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, ts_recv(&self->sk, &self->dgram, TS_TIMEOUT_MS));
		EXPECT_TRUE(ts_header_ok(&self->dgram, &self->sk, TASKSTATS_CMD_NEW));
		EXPECT_EQ(self->msg.nlh.nlmsg_seq - 1 + i, self->dgram.nlh.nlmsg_seq);
	}
	EXPECT_TRUE(ts_nothing_more(&self->sk));
}

TEST_F(query, any_genl_version_is_accepted)
{
	const __u8 versions[] = { 0, 1, 2, TASKSTATS_VERSION, 255 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(versions); i++) {
		ts_msg_get(&self->msg, &self->sk, TASKSTATS_CMD_ATTR_PID, getpid());
		self->msg.genl.version = versions[i];
		EXPECT_EQ(0, ask_pid(&self->sk, &self->msg))
			TH_LOG("version %d", versions[i]);
	}
}

TEST_F(query, any_sequence_number_is_echoed)
{
	const __u32 seqs[] = { 0, 1, 0x80000000, 0xffffffff };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(seqs); i++) {
		ts_msg_get(&self->msg, &self->sk, TASKSTATS_CMD_ATTR_PID, getpid());
		self->msg.nlh.nlmsg_seq = seqs[i];
		ASSERT_EQ(0, ts_send(&self->sk, &self->msg));
		ASSERT_EQ(0, ts_recv(&self->sk, &self->dgram, TS_TIMEOUT_MS));
		EXPECT_TRUE(ts_header_ok(&self->dgram, &self->sk, TASKSTATS_CMD_NEW));
		EXPECT_EQ(seqs[i], self->dgram.nlh.nlmsg_seq);
	}
}

/* Clients write getpid() or a thread's id there, whatever their port is. */
TEST_F(query, any_nlmsg_pid_is_accepted_and_the_port_answered)
{
	const __u32 pids[] = { 0, getpid(), ts_gettid(), ts_port(&self->sk), 1, 0xdeadbeef };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pids); i++) {
		ts_msg_get(&self->msg, &self->sk, TASKSTATS_CMD_ATTR_PID, getpid());
		self->msg.nlh.nlmsg_pid = pids[i];
		ASSERT_EQ(0, ts_send(&self->sk, &self->msg));
		ASSERT_EQ(0, ts_recv(&self->sk, &self->dgram, TS_TIMEOUT_MS));
		EXPECT_TRUE(ts_header_ok(&self->dgram, &self->sk, TASKSTATS_CMD_NEW));
		EXPECT_EQ(ts_port(&self->sk), self->dgram.nlh.nlmsg_pid);
	}
}

/* NLM_F_DUMP is both bits. One alone asks for nothing. */
TEST_F(query, odd_flags_and_reserved_bits_are_ignored)
{
	const __u16 flags[] = { NLM_F_ECHO, NLM_F_ROOT, NLM_F_MATCH, NLM_F_ATOMIC };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		ts_msg_get(&self->msg, &self->sk, TASKSTATS_CMD_ATTR_PID, getpid());
		self->msg.nlh.nlmsg_flags |= flags[i];
		self->msg.genl.reserved = 0xffff;
		EXPECT_EQ(0, ask_pid(&self->sk, &self->msg))
			TH_LOG("flags 0x%x", flags[i]);
		EXPECT_TRUE(ts_nothing_more(&self->sk));
	}
}

TEST_F(query, pid_wins_over_tgid)
{
	ts_msg_init(&self->msg, &self->sk, TASKSTATS_CMD_GET, 0);
	ts_msg_put_u32(&self->msg, TASKSTATS_CMD_ATTR_TGID, getppid());
	ts_msg_put_u32(&self->msg, TASKSTATS_CMD_ATTR_PID, getpid());
	EXPECT_EQ(0, ask_pid(&self->sk, &self->msg));
	EXPECT_TRUE(ts_nothing_more(&self->sk));

	ts_msg_init(&self->msg, &self->sk, TASKSTATS_CMD_GET, 0);
	ts_msg_put_u32(&self->msg, TASKSTATS_CMD_ATTR_PID, 0);
	ts_msg_put_u32(&self->msg, TASKSTATS_CMD_ATTR_TGID, getpid());
	EXPECT_EQ(-ESRCH, ask_pid(&self->sk, &self->msg));
}

TEST_F(query, cpumask_wins_over_pid)
{
	const __u16 types[] = {
		TASKSTATS_CMD_ATTR_REGISTER_CPUMASK,
		TASKSTATS_CMD_ATTR_DEREGISTER_CPUMASK,
	};
	unsigned int i;
	int error;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		ts_msg_init(&self->msg, &self->sk, TASKSTATS_CMD_GET, 0);
		ts_msg_put_u32(&self->msg, TASKSTATS_CMD_ATTR_PID, getpid());
		ts_msg_put(&self->msg, types[i], "", 1);
		self->msg.nlh.nlmsg_flags |= NLM_F_ACK;
		ASSERT_EQ(0, ts_send(&self->sk, &self->msg));
		ASSERT_EQ(0, ts_recv(&self->sk, &self->dgram, TS_TIMEOUT_MS));
		ASSERT_TRUE(ts_is_ack(&self->dgram, &error));
		EXPECT_EQ(0, error);
		EXPECT_TRUE(ts_nothing_more(&self->sk));

		ts_msg_init(&self->msg, &self->sk, TASKSTATS_CMD_GET, 0);
		ts_msg_put_u32(&self->msg, TASKSTATS_CMD_ATTR_PID, getpid());
		ts_msg_put(&self->msg, types[i], "x", 2);
		EXPECT_EQ(-EINVAL, ask_pid(&self->sk, &self->msg));
		EXPECT_TRUE(ts_nothing_more(&self->sk));
	}
}

TEST_F(query, last_of_equal_attributes_wins)
{
	ts_msg_init(&self->msg, &self->sk, TASKSTATS_CMD_GET, 0);
	ts_msg_put_u32(&self->msg, TASKSTATS_CMD_ATTR_PID, 0);
	ts_msg_put_u32(&self->msg, TASKSTATS_CMD_ATTR_PID, getpid());
	EXPECT_EQ(0, ask_pid(&self->sk, &self->msg));
	EXPECT_TRUE(ts_nothing_more(&self->sk));
}

TEST_F(query, unknown_attributes_are_ignored)
{
	ts_msg_init(&self->msg, &self->sk, TASKSTATS_CMD_GET, 0);
	ts_msg_put(&self->msg, 0, "zero", 4);
	ts_msg_put(&self->msg, 100, "", 0);
	ts_msg_put_u32(&self->msg, TASKSTATS_CMD_ATTR_PID, getpid());
	ts_msg_put(&self->msg, 0x3fff, "longer than a u32", 17);
	EXPECT_EQ(0, ask_pid(&self->sk, &self->msg));
	EXPECT_TRUE(ts_nothing_more(&self->sk));
}

TEST_F(query, attribute_flag_bits_are_ignored)
{
	ts_msg_init(&self->msg, &self->sk, TASKSTATS_CMD_GET, 0);
	ts_msg_put_u32(&self->msg, TASKSTATS_CMD_ATTR_PID | NLA_F_NESTED, getpid());
	EXPECT_EQ(0, ask_pid(&self->sk, &self->msg));

	ts_msg_init(&self->msg, &self->sk, TASKSTATS_CMD_GET, 0);
	ts_msg_put_u32(&self->msg, TASKSTATS_CMD_ATTR_PID | NLA_F_NET_BYTEORDER, getpid());
	EXPECT_EQ(0, ask_pid(&self->sk, &self->msg));
}

TEST_F(query, trailing_bytes_are_ignored)
{
	int extra;

	for (extra = 1; extra <= 3; extra++) {
		ts_msg_get(&self->msg, &self->sk, TASKSTATS_CMD_ATTR_PID, getpid());
		memset((char *)&self->msg + self->msg.nlh.nlmsg_len, 0xff, extra);
		self->msg.nlh.nlmsg_len += extra;
		EXPECT_EQ(0, ask_pid(&self->sk, &self->msg))
			TH_LOG("%d bytes", extra);
		EXPECT_TRUE(ts_nothing_more(&self->sk));
	}
}

TEST_F(query, absent_task_is_esrch)
{
	const __u32 ids[] = { 0, 0x7fffffff, 0x80000000, 0xffffffff };
	struct taskstats stats;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		EXPECT_EQ(-ESRCH, ts_query_pid(&self->sk, ids[i], &stats));
		EXPECT_EQ(-ESRCH, ts_query_tgid(&self->sk, ids[i], &stats));
	}
}

TEST_F(query, reaped_task_is_esrch)
{
	struct taskstats stats;
	struct ts_child child;

	ASSERT_EQ(0, ts_child_start(&child, NULL, NULL));
	EXPECT_EQ(0, ts_query_pid(&self->sk, child.pid, &stats));
	EXPECT_EQ(0, ts_query_tgid(&self->sk, child.pid, &stats));
	ASSERT_EQ(0, ts_child_end(&child));
	EXPECT_EQ(-ESRCH, ts_query_pid(&self->sk, child.pid, &stats));
	EXPECT_EQ(-ESRCH, ts_query_tgid(&self->sk, child.pid, &stats));
}

TEST_F(query, nothing_asked_is_einval)
{
	ts_msg_init(&self->msg, &self->sk, TASKSTATS_CMD_GET, 0);
	EXPECT_EQ(-EINVAL, ask_pid(&self->sk, &self->msg));

	ts_msg_init(&self->msg, &self->sk, TASKSTATS_CMD_GET, 0);
	ts_msg_put_u32(&self->msg, 100, getpid());
	EXPECT_EQ(-EINVAL, ask_pid(&self->sk, &self->msg));
}

TEST_F(query, short_id_is_erange)
{
	__u32 pid = getpid();
	__u16 len;

	for (len = 0; len < sizeof(pid); len++) {
		ts_msg_init(&self->msg, &self->sk, TASKSTATS_CMD_GET, 0);
		ts_msg_put(&self->msg, TASKSTATS_CMD_ATTR_PID, &pid, len);
		EXPECT_EQ(-ERANGE, ask_pid(&self->sk, &self->msg));

		ts_msg_init(&self->msg, &self->sk, TASKSTATS_CMD_GET, 0);
		ts_msg_put(&self->msg, TASKSTATS_CMD_ATTR_TGID, &pid, len);
		EXPECT_EQ(-ERANGE, ask_pid(&self->sk, &self->msg));
	}
}

/* Attributes are checked before anybody looks at which of them counts. */
TEST_F(query, short_tgid_beside_a_good_pid_is_erange)
{
	ts_msg_init(&self->msg, &self->sk, TASKSTATS_CMD_GET, 0);
	ts_msg_put_u32(&self->msg, TASKSTATS_CMD_ATTR_PID, getpid());
	ts_msg_put(&self->msg, TASKSTATS_CMD_ATTR_TGID, "", 1);
	EXPECT_EQ(-ERANGE, ask_pid(&self->sk, &self->msg));
}

TEST_F(query, longer_id_counts_by_its_first_four_bytes)
{
	const __u32 pid[2] = { getpid(), 0xffffffff };
	__u16 len;

	for (len = sizeof(__u32); len <= sizeof(pid); len++) {
		ts_msg_init(&self->msg, &self->sk, TASKSTATS_CMD_GET, 0);
		ts_msg_put(&self->msg, TASKSTATS_CMD_ATTR_PID, pid, len);
		EXPECT_EQ(0, ask_pid(&self->sk, &self->msg))
			TH_LOG("%d bytes", len);
	}
}

TEST_F(query, commands_that_are_no_requests_are_eopnotsupp)
{
	const __u8 cmds[] = {
		TASKSTATS_CMD_UNSPEC, TASKSTATS_CMD_NEW, CGROUPSTATS_CMD_UNSPEC,
		CGROUPSTATS_CMD_NEW, 255,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cmds); i++) {
		ts_msg_init(&self->msg, &self->sk, cmds[i], 0);
		ts_msg_put_u32(&self->msg, TASKSTATS_CMD_ATTR_PID, getpid());
		EXPECT_EQ(-EOPNOTSUPP, ask_pid(&self->sk, &self->msg))
			TH_LOG("command %d", cmds[i]);
	}
}

TEST_F(query, thread_answers_by_its_own_id)
{
	struct ts_parked thread;
	struct taskstats stats;

	ASSERT_EQ(0, ts_park_thread(&thread));
	ASSERT_NE(getpid(), thread.tid);
	EXPECT_EQ(0, ts_query_pid(&self->sk, thread.tid, &stats));
	EXPECT_EQ((__u32)thread.tid, stats.ac_pid);
	EXPECT_EQ((__u32)getpid(), stats.ac_tgid);
	EXPECT_EQ((__u32)getppid(), stats.ac_ppid);

	ts_unpark_thread(&thread);
}

/* Any thread's id finds the group; the reply repeats the id as it was asked. */
TEST_F(query, group_answers_by_the_id_of_any_thread)
{
	struct ts_parked thread;

	ASSERT_EQ(0, ts_park_thread(&thread));
	ts_msg_get(&self->msg, &self->sk, TASKSTATS_CMD_ATTR_TGID, thread.tid);
	EXPECT_EQ(0, ts_request(&self->sk, &self->msg, TASKSTATS_TYPE_AGGR_TGID, &self->aggr));
	EXPECT_EQ((__u32)thread.tid, self->aggr.id);
	EXPECT_EQ(17, self->aggr.stats.version);

	ts_unpark_thread(&thread);
}

static void *query_own_id(void *arg)
{
	struct ts_sock *sk = arg;
	struct taskstats stats;

	if (ts_query_pid(sk, ts_gettid(), &stats))
		return NULL;
	return (void *)(unsigned long)stats.ac_pid == (void *)ts_gettid() ? sk : NULL;
}

TEST_F(query, socket_serves_any_thread_of_its_process)
{
	pthread_t handle;
	void *result;

	ASSERT_EQ(0, pthread_create(&handle, NULL, query_own_id, &self->sk));
	ASSERT_EQ(0, pthread_join(handle, &result));
	EXPECT_EQ((void *)&self->sk, result);
}

/* The u32 in the controller's attribute @type, with -1 for none. */
static __s64 ctrl_u32(const struct nlattr *nla, int rem, int type)
{
	nla = nla_find(nla, rem, type);
	return nla && nla_len(nla) == 4 ? (__s64)nla_get_u32(nla) : -1;
}

/* The flags of command @cmd in the controller's list, with -1 for none. */
static __s64 ctrl_op_flags(const struct nlattr *ops, __u32 cmd)
{
	struct nlattr *op;
	int rem;

	nla_for_each_nested(op, ops, rem) {
		if (ctrl_u32(nla_data(op), nla_len(op), CTRL_ATTR_OP_ID) == cmd)
			return ctrl_u32(nla_data(op), nla_len(op), CTRL_ATTR_OP_FLAGS);
	}
	return -1;
}

TEST_F(query, controller_describes_the_family)
{
	const __s64 doit = GENL_CMD_CAP_DO | GENL_CMD_CAP_HASPOL;
	struct nlattr *attrs, *ops;
	int rem;

	ts_msg_init(&self->msg, &self->sk, TASKSTATS_CMD_GET, 0);
	self->msg.nlh.nlmsg_type = GENL_ID_CTRL;
	self->msg.genl.cmd = CTRL_CMD_GETFAMILY;
	ts_msg_put(&self->msg, CTRL_ATTR_FAMILY_NAME, "TASKSTATS", sizeof("TASKSTATS"));
	ASSERT_EQ(0, ts_send(&self->sk, &self->msg));
	ASSERT_EQ(0, ts_recv(&self->sk, &self->dgram, TS_TIMEOUT_MS));
	ASSERT_EQ(GENL_ID_CTRL, self->dgram.nlh.nlmsg_type);

	attrs = (struct nlattr *)(self->dgram.buf + TS_HDRLEN);
	rem = self->dgram.len - TS_HDRLEN;
	EXPECT_EQ(1, ctrl_u32(attrs, rem, CTRL_ATTR_VERSION));
	EXPECT_EQ(0, ctrl_u32(attrs, rem, CTRL_ATTR_HDRSIZE));
	EXPECT_NE(-1, ctrl_u32(attrs, rem, CTRL_ATTR_MAXATTR));

	ops = nla_find(attrs, rem, CTRL_ATTR_OPS);
	ASSERT_NE(NULL, ops);
	EXPECT_EQ(doit, ctrl_op_flags(ops, TASKSTATS_CMD_GET) & doit);
	/* cgroupstats need no privilege and have no dump. */
	EXPECT_EQ(doit, ctrl_op_flags(ops, CGROUPSTATS_CMD_GET));
	EXPECT_EQ(-1, ctrl_op_flags(ops, TASKSTATS_CMD_NEW));
	EXPECT_EQ(-1, ctrl_op_flags(ops, CGROUPSTATS_CMD_NEW));
}

TEST_HARNESS_MAIN
