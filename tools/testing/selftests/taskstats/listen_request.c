// SPDX-License-Identifier: GPL-2.0
/*
 * TASKSTATS_CMD_LISTEN as a request: what it answers, to the byte, and what it
 * refuses, with which words about which attribute. What is refused changes
 * nothing.
 */
#include "kselftest_harness.h"
#include "complaint.h"

#define CGROUP_V1_NAME	"taskstats_listen"
#define TOO_LONG	60000

static void put(struct ts_big *msg, __u16 type, const void *data, int len)
{
	struct nlattr nla = { .nla_len = NLA_HDRLEN + len, .nla_type = type };
	char *tail = msg->buf + NLMSG_ALIGN(msg->len);

	memcpy(tail, &nla, sizeof(nla));
	memcpy(tail + NLA_HDRLEN, data, len);
	memset(tail + nla.nla_len, 0, NLA_ALIGN(nla.nla_len) - nla.nla_len);
	msg->len += NLA_ALIGN(nla.nla_len);
}

static void put_u32(struct ts_big *msg, __u16 type, __u32 value)
{
	put(msg, type, &value, sizeof(value));
}

/* Where 64 bits have to be aligned so that they are: by an empty attribute. */
static void put_u64(struct ts_big *msg, __u16 type, __u64 value, bool pad)
{
	if (pad && (msg->len + NLA_HDRLEN) % 8)
		put(msg, TASKSTATS_LISTEN_ATTR_PAD, NULL, 0);
	put(msg, type, &value, sizeof(value));
}

/* The answer that tells of @state to request @seq, whole. */
static void build_answer(struct ts_big *msg, const struct ts_sock *sk, __u32 seq,
			 const struct ts_state *state, bool pad)
{
	struct genlmsghdr genl = { .cmd = TASKSTATS_CMD_LISTEN, .version = 1 };

	memset(msg, 0, sizeof(*msg));
	memcpy(msg->buf + NLMSG_HDRLEN, &genl, sizeof(genl));
	msg->len = TS_HDRLEN;
	put_u32(msg, TASKSTATS_LISTEN_ATTR_RECORDS, state->records);
	if (state->records) {
		put(msg, TASKSTATS_LISTEN_ATTR_CPUS, state->cpus, strlen(state->cpus) + 1);
		put_u32(msg, TASKSTATS_LISTEN_ATTR_BATCH, state->batch);
		put_u32(msg, TASKSTATS_LISTEN_ATTR_WAIT, state->wait_ms);
	}
	put_u64(msg, TASKSTATS_LISTEN_ATTR_DELIVERED, state->delivered, pad);
	put_u64(msg, TASKSTATS_LISTEN_ATTR_LOST, state->lost, pad);
	put_u64(msg, TASKSTATS_LISTEN_ATTR_LOST_OVERRUN, state->lost_overrun, pad);
	put_u64(msg, TASKSTATS_LISTEN_ATTR_LOST_NOMEM, state->lost_nomem, pad);
	put_u64(msg, TASKSTATS_LISTEN_ATTR_LOST_FILTER, state->lost_filter, pad);
	put_u32(msg, TASKSTATS_LISTEN_ATTR_PENDING, state->pending);
	msg->nlh.nlmsg_len = msg->len;
	msg->nlh.nlmsg_type = sk->family;
	msg->nlh.nlmsg_seq = seq;
	msg->nlh.nlmsg_pid = ts_port(sk);
}

/* Asks by @sub; -EBADMSG if a byte of the answer is other than @state says. */
static int exact_answer(struct ts_listener *listener, const struct ts_sub *sub,
			const struct ts_state *state)
{
	struct ts_big answer, expected;
	struct ts_msg msg;
	int error, pad;

	ts_sub_msg(&msg, &listener->sk, sub);
	error = ts_send(&listener->sk, &msg);
	if (!error)
		error = ts_answer(listener, msg.nlh.nlmsg_seq, &answer);
	if (error)
		return error;
	for (pad = 0; pad < 2; pad++) {
		build_answer(&expected, &listener->sk, msg.nlh.nlmsg_seq, state, pad);
		if (expected.len == answer.len && !memcmp(expected.buf, answer.buf, answer.len))
			return ts_nothing_more(&listener->sk) ? 0 : -EEXIST;
	}
	return -EBADMSG;
}

FIXTURE(answer)
{
	struct ts_listener listener;
	struct ts_state state;
};

FIXTURE_SETUP(answer)
{
	const char *lacks = ts_lacks();

	if (lacks)
		SKIP(return, "%s", lacks);
	ASSERT_EQ(0, ts_listener_open(&self->listener));
	if (!ts_possible_cpus(self->state.cpus, sizeof(self->state.cpus)))
		SKIP(return, "no /sys/devices/system/cpu/possible");
}

FIXTURE_TEARDOWN(answer)
{
	ts_listener_close(&self->listener);
}

TEST_F(answer, to_a_socket_that_has_asked_for_nothing_is_zero)
{
	EXPECT_EQ(0, exact_answer(&self->listener, NULL, &self->state));
}

TEST_F(answer, has_a_batch_of_one_by_default)
{
	const struct ts_sub sub = { .records = TASKSTATS_RECORDS_THREAD };
	struct ts_state state;

	ASSERT_EQ(0, ts_request_state(&self->listener, &sub, &state));
	EXPECT_EQ((__u32)TASKSTATS_RECORDS_THREAD, state.records);
	EXPECT_STREQ(self->state.cpus, state.cpus);
	EXPECT_EQ(1U, state.batch);
	EXPECT_EQ(1000U, state.wait_ms);
	EXPECT_EQ(0, self->listener.bad);
}

/* A listener, what it has asked for, and what it is answered. */
struct asker {
	struct ts_listener listener;
	struct ts_sub sub;
	struct ts_state state;
};

FIXTURE(request)
{
	struct asker asker;
	struct ts_pen pen;
	char cpu[32];
	int cpus[2];
	int ncpus;
	int other;
};

/* Everything is set, and to other values than if it were not. */
FIXTURE_SETUP(request)
{
	const char *lacks = ts_lacks();
	struct asker *asker = &self->asker;

	if (lacks)
		SKIP(return, "%s", lacks);
	lacks = ts_pen_enter(&self->pen);
	if (lacks)
		SKIP(return, "%s", lacks);
	/* Where nobody is. */
	self->other = ts_cgroup_make(self->pen.dir, "nobody");
	ASSERT_GE(self->other, 0);
	self->ncpus = ts_cpus(self->cpus, 2);
	ASSERT_GE(self->ncpus, 1);
	snprintf(self->cpu, sizeof(self->cpu), "%d", self->cpus[0]);

	asker->sub = (struct ts_sub) {
		.records = TASKSTATS_RECORDS_GROUP,
		.cpus = self->cpu,
		.cgroup_fd = self->other,
		.batch = 5,
		.wait_ms = 5000,
	};
	asker->state = (struct ts_state) {
		.records = TASKSTATS_RECORDS_GROUP,
		.batch = 5,
		.wait_ms = 5000,
	};
	snprintf(asker->state.cpus, sizeof(asker->state.cpus), "%s", self->cpu);
	ASSERT_EQ(0, ts_listener_open(&asker->listener));
	ASSERT_TRUE(ts_explain(&asker->listener.sk));
	ASSERT_EQ(0, exact_answer(&asker->listener, &asker->sub, &asker->state));
}

FIXTURE_TEARDOWN(request)
{
	ts_listener_close(&self->asker.listener);
	if (self->other > 0)
		ts_cgroup_remove(self->pen.dir, "nobody");
	ts_pen_leave(&self->pen);
}

TEST_F(request, without_attributes_changes_nothing)
{
	EXPECT_EQ(0, exact_answer(&self->asker.listener, NULL, &self->asker.state));
	EXPECT_EQ(0, exact_answer(&self->asker.listener, NULL, &self->asker.state));
}

TEST_F(request, without_records_clears_all)
{
	const struct ts_sub none = {};

	memset(&self->asker.state, 0, sizeof(self->asker.state));
	EXPECT_EQ(0, exact_answer(&self->asker.listener, &none, &self->asker.state));
	EXPECT_EQ(0, exact_answer(&self->asker.listener, NULL, &self->asker.state));
	EXPECT_EQ(0, exact_answer(&self->asker.listener, &none, &self->asker.state));
}

/* What it does not mention is not kept. */
TEST_F(request, replaces_all_of_the_one_before)
{
	struct ts_sub sub = { .records = TS_BOTH, .cgroup_fd = self->other, .batch = 1024,
			      .wait_ms = TS_LONG_MS };

	self->asker.state.records = TS_BOTH;
	self->asker.state.batch = 1024;
	self->asker.state.wait_ms = TS_LONG_MS;
	ASSERT_TRUE(ts_possible_cpus(self->asker.state.cpus, sizeof(self->asker.state.cpus)));
	EXPECT_EQ(0, exact_answer(&self->asker.listener, &sub, &self->asker.state));

	sub.batch = 0;
	sub.wait_ms = 0;
	self->asker.state.batch = 1;
	self->asker.state.wait_ms = 1000;
	EXPECT_EQ(0, exact_answer(&self->asker.listener, &sub, &self->asker.state));
}

TEST_F(request, gets_its_cpus_in_the_kernels_words)
{
	if (self->ncpus < 2 || self->cpus[1] != self->cpus[0] + 1)
		SKIP(return, "no two CPUs in a row");
	snprintf(self->cpu, sizeof(self->cpu), "%d,%d", self->cpus[1], self->cpus[0]);
	snprintf(self->asker.state.cpus, sizeof(self->asker.state.cpus), "%d-%d", self->cpus[0],
		 self->cpus[1]);
	EXPECT_EQ(0, exact_answer(&self->asker.listener, &self->asker.sub, &self->asker.state));
}

TEST_F(request, is_answered_before_it_is_acknowledged)
{
	struct ts_big answer;
	struct ts_msg msg;

	ts_sub_msg(&msg, &self->asker.listener.sk, NULL);
	msg.nlh.nlmsg_flags |= NLM_F_ACK;
	ASSERT_EQ(0, ts_send(&self->asker.listener.sk, &msg));
	ASSERT_EQ(0, ts_answer(&self->asker.listener, msg.nlh.nlmsg_seq, &answer));
	EXPECT_EQ(self->asker.listener.sk.family, answer.nlh.nlmsg_type);
	ASSERT_EQ(0, ts_answer(&self->asker.listener, msg.nlh.nlmsg_seq, &answer));
	EXPECT_EQ(NLMSG_ERROR, answer.nlh.nlmsg_type);
	EXPECT_TRUE(ts_nothing_more(&self->asker.listener.sk));
}

/* Sends what is to be refused; 0 if it was not. */
static int refused(struct ts_listener *listener, const struct ts_msg *msg,
		   struct ts_complaint *complaint)
{
	struct ts_big answer;
	int error;

	memset(complaint, 0, sizeof(*complaint));
	error = ts_send(&listener->sk, msg);
	if (!error)
		error = ts_answer(listener, msg->nlh.nlmsg_seq, &answer);
	if (error && answer.nlh.nlmsg_type == NLMSG_ERROR)
		ts_read_complaint(&answer.nlh, complaint);
	return error;
}

/* Where the last attribute of a message begins. */
static int last_attr(const struct ts_msg *msg)
{
	struct ts_walk walk = { (const char *)msg + TS_HDRLEN, msg->nlh.nlmsg_len - TS_HDRLEN };
	const struct nlattr *nla, *last = NULL;

	while ((nla = ts_walk(&walk)))
		last = nla;
	return last ? (const char *)last - (const char *)msg : 0;
}

/* Refused for its last attribute, with a reason, and nothing is changed by it. */
static void expect_refusal(struct __test_metadata *_metadata, struct asker *asker,
			   const struct ts_msg *msg, int error, const char *what)
{
	struct ts_complaint complaint;
	int got;

	got = refused(&asker->listener, msg, &complaint);
	EXPECT_EQ(error, got) {
		TH_LOG("%s", what);
	}
	if (!got) {
		/* For those that follow. */
		ts_subscribe(&asker->listener, &asker->sub);
		return;
	}
	EXPECT_EQ(last_attr(msg), complaint.offset) {
		TH_LOG("%s: \"%s\"", what, complaint.text);
	}
	EXPECT_NE('\0', complaint.text[0]) {
		TH_LOG("%s", what);
	}
	EXPECT_EQ(0, exact_answer(&asker->listener, NULL, &asker->state)) {
		TH_LOG("%s", what);
	}
}

/* For both kinds of record, and then one attribute more. */
static void begin(struct ts_msg *msg, struct ts_listener *listener)
{
	ts_msg_init(msg, &listener->sk, TASKSTATS_CMD_LISTEN, 0);
	ts_msg_put_u32(msg, TASKSTATS_LISTEN_ATTR_RECORDS, TS_BOTH);
}

static const struct number {
	const char *what;
	__u16 type;
	__u32 value;
	int error;
} numbers[] = {
	{ "an unknown kind of record", TASKSTATS_LISTEN_ATTR_RECORDS, 4, -EINVAL },
	{ "one unknown kind among others", TASKSTATS_LISTEN_ATTR_RECORDS, 7, -EINVAL },
	{ "the highest kind of record", TASKSTATS_LISTEN_ATTR_RECORDS, 1U << 31, -EINVAL },
	{ "a batch of 0", TASKSTATS_LISTEN_ATTR_BATCH, 0, -ERANGE },
	{ "a batch of 1025", TASKSTATS_LISTEN_ATTR_BATCH, 1025, -ERANGE },
	{ "a batch of -1", TASKSTATS_LISTEN_ATTR_BATCH, -1U, -ERANGE },
	{ "a wait of 0", TASKSTATS_LISTEN_ATTR_WAIT, 0, -ERANGE },
	{ "a wait of 60001", TASKSTATS_LISTEN_ATTR_WAIT, 60001, -ERANGE },
	{ "a wait of -1", TASKSTATS_LISTEN_ATTR_WAIT, -1U, -ERANGE },
	{ "file -1", TASKSTATS_LISTEN_ATTR_CGROUP_FD, -1U, -ERANGE },
	{ "a file that is not open", TASKSTATS_LISTEN_ATTR_CGROUP_FD, 987, -EBADF },
	{ "an attribute of answers", TASKSTATS_LISTEN_ATTR_DELIVERED, 1, -EINVAL },
	{ "an attribute of answers", TASKSTATS_LISTEN_ATTR_PENDING, 1, -EINVAL },
	{ "an unknown attribute", TASKSTATS_LISTEN_ATTR_MAX + 1, 1, -EINVAL },
	{ "a pad", TASKSTATS_LISTEN_ATTR_PAD, 1, -EINVAL },
	{ "type 0", TASKSTATS_LISTEN_ATTR_UNSPEC, 1, -EINVAL },
};

TEST_F(request, for_a_bad_number_is_refused)
{
	struct ts_msg msg;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		if (numbers[i].type == TASKSTATS_LISTEN_ATTR_RECORDS)
			ts_msg_init(&msg, &self->asker.listener.sk, TASKSTATS_CMD_LISTEN, 0);
		else
			begin(&msg, &self->asker.listener);
		ts_msg_put_u32(&msg, numbers[i].type, numbers[i].value);
		expect_refusal(_metadata, &self->asker, &msg, numbers[i].error,
			       numbers[i].what);
	}
}

TEST_F(request, for_a_number_of_another_size_is_refused)
{
	static const __u16 types[] = {
		TASKSTATS_LISTEN_ATTR_RECORDS,
		TASKSTATS_LISTEN_ATTR_CGROUP_FD,
		TASKSTATS_LISTEN_ATTR_BATCH,
		TASKSTATS_LISTEN_ATTR_WAIT,
	};
	const __u64 one = 1;
	struct ts_msg msg;
	size_t i;
	int len;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		for (len = 0; len <= 8; len += 2) {
			if (len == 4)
				continue;
			begin(&msg, &self->asker.listener);
			ts_msg_put(&msg, types[i], &one, len);
			expect_refusal(_metadata, &self->asker, &msg, -EINVAL,
				       "a number of another size");
		}
	}
}

static const struct list {
	const char *what;
	const char *text;
	int len;
	int error;
} lists[] = {
	{ "words", "every", 6, -EINVAL },
	{ "a range that goes down", "1-0", 4, -EINVAL },
	{ "half a range", "0-", 3, -EINVAL },
	{ "no number", ",", 2, -EINVAL },
	{ "nothing", "", 0, -EINVAL },
	{ "no end", "0", 1, -EINVAL },
	{ "an empty list", "", 1, -EINVAL },
	{ "a CPU beyond any", "99999999", 9, -ERANGE },
	{ "a CPU beyond 32 bits", "4294967296", 11, -EOVERFLOW },
};

TEST_F(request, for_a_bad_list_of_cpus_is_refused)
{
	struct ts_msg msg;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		begin(&msg, &self->asker.listener);
		ts_msg_put(&msg, TASKSTATS_LISTEN_ATTR_CPUS, lists[i].text, lists[i].len);
		expect_refusal(_metadata, &self->asker, &msg, lists[i].error,
			       lists[i].what);
	}
}

TEST_F(request, for_the_cpu_behind_the_last_is_refused)
{
	char possible[256], *last;
	struct ts_msg msg;

	ASSERT_TRUE(ts_possible_cpus(possible, sizeof(possible)));
	last = possible + strlen(possible);
	while (last > possible && last[-1] >= '0' && last[-1] <= '9')
		last--;
	snprintf(self->cpu, sizeof(self->cpu), "0-%d", atoi(last) + 1);
	begin(&msg, &self->asker.listener);
	ts_msg_put(&msg, TASKSTATS_LISTEN_ATTR_CPUS, self->cpu, strlen(self->cpu) + 1);
	expect_refusal(_metadata, &self->asker, &msg, -ERANGE, self->cpu);
}

TEST_F(request, for_a_list_longer_than_any_is_refused)
{
	struct ts_msg *msg = calloc(1, sizeof(*msg) + TOO_LONG);
	static char list[TOO_LONG];
	int i;

	ASSERT_NE(NULL, msg);
	for (i = 0; i < TOO_LONG - 2; i += 2)
		memcpy(list + i, "0,", 2);
	list[i] = '0';
	begin(msg, &self->asker.listener);
	ts_msg_put(msg, TASKSTATS_LISTEN_ATTR_CPUS, list, i + 2);
	expect_refusal(_metadata, &self->asker, msg, -EINVAL,
		       "a list longer than any");
	free(msg);
}

static void expect_bad_file(struct __test_metadata *_metadata, struct asker *asker, int fd,
			    int error, const char *what)
{
	struct ts_msg msg;

	begin(&msg, &asker->listener);
	ts_msg_put_u32(&msg, TASKSTATS_LISTEN_ATTR_CGROUP_FD, fd);
	expect_refusal(_metadata, asker, &msg, error, what);
	close(fd);
}

TEST_F(request, for_a_file_that_is_no_cgroup_is_refused)
{
	int fd;

	fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	ASSERT_GE(fd, 0);
	expect_bad_file(_metadata, &self->asker, fd, -EBADF, "/dev/null");
	fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ASSERT_GE(fd, 0);
	expect_bad_file(_metadata, &self->asker, fd, -EBADF, "/");
	fd = openat(self->pen.dir, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	ASSERT_GE(fd, 0);
	expect_bad_file(_metadata, &self->asker, fd, -EBADF, "cgroup.procs");
}

TEST_F(request, for_a_cgroup_that_is_gone_is_refused)
{
	int fd = ts_cgroup_make(self->pen.dir, "gone");

	ASSERT_GE(fd, 0);
	ASSERT_TRUE(ts_cgroup_remove(self->pen.dir, "gone"));
	expect_bad_file(_metadata, &self->asker, fd, -ENOENT, "a removed cgroup");
}

TEST_F(request, for_a_cgroup_of_version_1_is_refused)
{
	int fd = ts_cgroup_open(CGROUP_V1_NAME);

	if (fd < 0)
		SKIP(return, "no cgroup v1");
	expect_bad_file(_metadata, &self->asker, fd, -EBADF, "version 1");
}

static const __u16 how[] = {
	TASKSTATS_LISTEN_ATTR_CPUS,
	TASKSTATS_LISTEN_ATTR_CGROUP_FD,
	TASKSTATS_LISTEN_ATTR_BATCH,
	TASKSTATS_LISTEN_ATTR_WAIT,
};

static void put_valid(struct ts_msg *msg, __u16 type)
{
	if (type == TASKSTATS_LISTEN_ATTR_CPUS)
		ts_msg_put(msg, type, "0", 2);
	else
		ts_msg_put_u32(msg, type, 1);
}

TEST_F(request, that_does_not_say_for_which_records_is_refused)
{
	struct ts_complaint complaint;
	struct ts_msg msg;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(how); i++) {
		ts_msg_init(&msg, &self->asker.listener.sk, TASKSTATS_CMD_LISTEN, 0);
		put_valid(&msg, how[i]);
		EXPECT_EQ(-EINVAL, refused(&self->asker.listener, &msg, &complaint));
		EXPECT_EQ(TASKSTATS_LISTEN_ATTR_RECORDS, complaint.missing);
		EXPECT_EQ(0, exact_answer(&self->asker.listener, NULL, &self->asker.state));
	}
}

TEST_F(request, for_no_records_that_says_how_is_refused)
{
	struct ts_msg msg;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(how); i++) {
		ts_msg_init(&msg, &self->asker.listener.sk, TASKSTATS_CMD_LISTEN, 0);
		ts_msg_put_u32(&msg, TASKSTATS_LISTEN_ATTR_RECORDS, 0);
		put_valid(&msg, how[i]);
		expect_refusal(_metadata, &self->asker, &msg, -EINVAL,
			       "no records, but how");
	}
}

TEST_F(request, to_dump_is_refused)
{
	struct ts_complaint complaint;
	struct ts_msg msg;

	begin(&msg, &self->asker.listener);
	msg.nlh.nlmsg_flags |= NLM_F_DUMP;
	EXPECT_EQ(-EOPNOTSUPP, refused(&self->asker.listener, &msg, &complaint));
	EXPECT_EQ(0, exact_answer(&self->asker.listener, NULL, &self->asker.state));
}

TEST_F(request, to_register_as_well_is_refused)
{
	struct ts_complaint complaint;
	struct ts_msg msg;
	pid_t tid;

	ts_msg_init(&msg, &self->asker.listener.sk, TASKSTATS_CMD_GET, NLM_F_ACK);
	ts_msg_put(&msg, TASKSTATS_CMD_ATTR_REGISTER_CPUMASK, "all", 4);
	EXPECT_EQ(-EBUSY, refused(&self->asker.listener, &msg, &complaint));
	EXPECT_NE('\0', complaint.text[0]);
	EXPECT_EQ(0, exact_answer(&self->asker.listener, NULL, &self->asker.state));

	/* There is nothing of that kind to end. */
	EXPECT_EQ(0, ts_unlisten(&self->asker.listener.sk, "all"));
	EXPECT_EQ(0, exact_answer(&self->asker.listener, NULL, &self->asker.state));

	/* But then it may. */
	ASSERT_EQ(0, ts_clear(&self->asker.listener, NULL));
	ASSERT_EQ(0, ts_listen_cpu(&self->asker.listener.sk, self->cpus[0]));
	tid = ts_thread_exit_on(self->cpus[0]);
	EXPECT_EQ(1, ts_count_exits(&self->asker.listener.sk, tid));
}

TEST_F(request, of_a_socket_that_has_registered_is_refused)
{
	const struct ts_sub none = {};
	struct ts_complaint complaint;
	struct ts_listener old;
	struct ts_state state;
	struct ts_msg msg;
	pid_t tid;

	ASSERT_EQ(0, ts_listener_open(&old));
	ASSERT_TRUE(ts_explain(&old.sk));
	ASSERT_EQ(0, ts_listen_cpu(&old.sk, self->cpus[0]));
	ts_sub_msg(&msg, &old.sk, &self->asker.sub);
	EXPECT_EQ(-EBUSY, refused(&old, &msg, &complaint));
	EXPECT_NE('\0', complaint.text[0]);

	/* It may ask, and clear what it does not have; it goes on. */
	EXPECT_EQ(0, ts_ask(&old, &state));
	EXPECT_EQ(0U, state.records);
	EXPECT_EQ(0, ts_request_state(&old, &none, &state));
	tid = ts_thread_exit_on(self->cpus[0]);
	EXPECT_EQ(1, ts_count_exits(&old.sk, tid));
	EXPECT_EQ(0, ts_ask(&old, &state));
	EXPECT_GE(state.delivered, 1ULL);
	EXPECT_EQ(0ULL, state.lost);

	/* But then it may. */
	ASSERT_EQ(0, ts_unlisten(&old.sk, "all"));
	EXPECT_EQ(0, ts_subscribe(&old, &self->asker.sub));
	ts_listener_close(&old);
}

TEST_HARNESS_MAIN
