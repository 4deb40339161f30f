// SPDX-License-Identifier: GPL-2.0
/*
 * CPU masks of TASKSTATS_CMD_ATTR_REGISTER_CPUMASK and its counterpart: which
 * strings are taken, for which CPUs they stand, and how masks add up.
 */
#include "kselftest_harness.h"
#include "taskstats.h"

/* How registering and deregistering read a mask is one thing. */
FIXTURE(parse)
{
	struct ts_sock sk;
	int beyond;
};

FIXTURE_VARIANT(parse)
{
	__u16 type;
};

FIXTURE_VARIANT_ADD(parse, register)
{
	.type = TASKSTATS_CMD_ATTR_REGISTER_CPUMASK,
};

FIXTURE_VARIANT_ADD(parse, deregister)
{
	.type = TASKSTATS_CMD_ATTR_DEREGISTER_CPUMASK,
};

/* The first number that no possible CPU has or will have; 0 if unknown. */
static int beyond_cpus(void)
{
	char list[4096];
	char *last;

	if (!ts_possible_cpus(list, sizeof(list)))
		return 0;
	last = list + strlen(list);
	while (last > list && last[-1] >= '0' && last[-1] <= '9')
		last--;
	return atoi(last) + 1;
}

FIXTURE_SETUP(parse)
{
	const char *lacks = ts_lacks();

	if (lacks)
		SKIP(return, "%s", lacks);
	ASSERT_EQ(0, ts_open(&self->sk));
	self->beyond = beyond_cpus();
}

FIXTURE_TEARDOWN(parse)
{
	ts_stop_listening(&self->sk);
}

static int send_mask(struct ts_sock *sk, __u16 type, const char *mask)
{
	return ts_cpumask(sk, type, mask, strlen(mask) + 1);
}

TEST_F(parse, lists_ranges_and_strides_are_taken)
{
	const char *const masks[] = {
		"0", "00", "0-0", "0,0", "0-0,0", "0-0:1/1", "0-0:1/2", "0-0:0/1",
		"", ",", ",0", "0,", "0,,0", " 0", "0 ", "0\t,\v0", " ", "0 0", "\n0",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(masks); i++) {
		EXPECT_EQ(0, send_mask(&self->sk, variant->type, masks[i]))
			TH_LOG("mask \"%s\"", masks[i]);
	}
}

TEST_F(parse, all_and_the_last_cpu_have_names)
{
	const char *const masks[] = { "all", "ALL", "All", "N", "0-N", "N-N", "all:1/1" };
	char possible[4096];
	unsigned int i;

	if (!self->beyond || !ts_possible_cpus(possible, sizeof(possible)))
		SKIP(return, "no list of possible CPUs in sysfs");
	if (strchr(possible, ','))
		SKIP(return, "possible CPUs have gaps: %.64s", possible);
	for (i = 0; i < ARRAY_SIZE(masks); i++) {
		EXPECT_EQ(0, send_mask(&self->sk, variant->type, masks[i]))
			TH_LOG("mask \"%s\"", masks[i]);
	}
}

TEST_F(parse, malformed_mask_is_einval)
{
	const char *const masks[] = {
		"abc", "x", "-", "-1", "0-", "0--0", "1-0", "0x0", "0;0", "0,x", "0.", "n", "+0",
		"0-0:", "0-0:1", "0-0:1/", "0-0:1/0", "0-0:2/1", "0:1/1", "al", "all0", "\x80",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(masks); i++) {
		EXPECT_EQ(-EINVAL, send_mask(&self->sk, variant->type, masks[i]))
			TH_LOG("mask \"%s\"", masks[i]);
	}
}

TEST_F(parse, number_that_fits_no_int_is_eoverflow)
{
	EXPECT_EQ(-EOVERFLOW, send_mask(&self->sk, variant->type, "4294967296"));
	EXPECT_EQ(-EOVERFLOW, send_mask(&self->sk, variant->type, "0-99999999999999999999"));
}

TEST_F(parse, cpu_beyond_the_possible_ones_is_erange)
{
	char mask[32];

	if (!self->beyond)
		SKIP(return, "no list of possible CPUs in sysfs");
	snprintf(mask, sizeof(mask), "%d", self->beyond);
	EXPECT_EQ(-ERANGE, send_mask(&self->sk, variant->type, mask));
	snprintf(mask, sizeof(mask), "0-%d", self->beyond);
	EXPECT_EQ(-ERANGE, send_mask(&self->sk, variant->type, mask));
	snprintf(mask, sizeof(mask), "0,%d", self->beyond);
	EXPECT_EQ(-ERANGE, send_mask(&self->sk, variant->type, mask));
	EXPECT_EQ(-ERANGE, send_mask(&self->sk, variant->type, "4294967294"));
}

TEST_F(parse, cpu_in_a_gap_of_the_possible_ones_is_einval)
{
	char possible[4096], mask[32];
	char *comma, *first;

	if (!ts_possible_cpus(possible, sizeof(possible)))
		SKIP(return, "no list of possible CPUs in sysfs");
	comma = strchr(possible, ',');
	if (!comma)
		SKIP(return, "possible CPUs have no gaps: %.64s", possible);
	*comma = '\0';
	first = strrchr(possible, '-');
	snprintf(mask, sizeof(mask), "%d", atoi(first ? first + 1 : possible) + 1);
	EXPECT_EQ(-EINVAL, send_mask(&self->sk, variant->type, mask));
}

TEST_F(parse, attribute_without_a_byte_is_erange)
{
	EXPECT_EQ(-ERANGE, ts_cpumask(&self->sk, variant->type, "", 0));
}

TEST_F(parse, string_needs_no_nul)
{
	EXPECT_EQ(0, ts_cpumask(&self->sk, variant->type, "0", 1));
	EXPECT_EQ(0, ts_cpumask(&self->sk, variant->type, "0-0,0", 5));
	EXPECT_EQ(-EINVAL, ts_cpumask(&self->sk, variant->type, "0x", 2));
}

/* atop sends the byte that happens to be behind its string. */
TEST_F(parse, bytes_behind_nul_or_newline_are_ignored)
{
	EXPECT_EQ(0, ts_cpumask(&self->sk, variant->type, "0\0x", 3));
	EXPECT_EQ(0, ts_cpumask(&self->sk, variant->type, "0\0\0\0\0", 5));
	EXPECT_EQ(0, ts_cpumask(&self->sk, variant->type, "0\0junk,9999999", 14));
	EXPECT_EQ(0, ts_cpumask(&self->sk, variant->type, "\0x", 2));
	EXPECT_EQ(0, ts_cpumask(&self->sk, variant->type, "0\n", 2));
	EXPECT_EQ(0, ts_cpumask(&self->sk, variant->type, "0\nx", 4));
}

/* Sends a mask of @len bytes: CPU 0 and many spaces. */
static int send_long_mask(struct ts_sock *sk, __u16 type, __u16 len)
{
	static union {
		struct ts_msg msg;
		char bytes[1 << 17];
	} request;
	static char mask[1 << 16];

	memset(mask, ' ', sizeof(mask));
	mask[0] = '0';
	ts_msg_init(&request.msg, sk, TASKSTATS_CMD_GET, 0);
	ts_msg_put(&request.msg, type, mask, len);
	return ts_ack(sk, &request.msg);
}

/* The bound depends on NR_CPUS, which no file tells: find it from outside. */
TEST_F(parse, mask_may_have_100_bytes_and_six_for_each_cpu)
{
	int good = 1, bad = 65531, mid, error, sndbuf = 1 << 18;

	ASSERT_EQ(0, setsockopt(ts_fd(&self->sk), SOL_SOCKET, SO_SNDBUFFORCE, &sndbuf,
				sizeof(sndbuf)));
	EXPECT_EQ(0, send_long_mask(&self->sk, variant->type, good));
	error = send_long_mask(&self->sk, variant->type, bad);
	if (!error)
		SKIP(return, "NR_CPUS is too large for an attribute to exceed the bound");
	EXPECT_EQ(-E2BIG, error);
	while (bad - good > 1) {
		mid = (good + bad) / 2;
		error = send_long_mask(&self->sk, variant->type, mid);
		if (error) {
			ASSERT_EQ(-E2BIG, error);
			bad = mid;
		} else {
			good = mid;
		}
	}
	EXPECT_EQ(0, (good - 100) % 6);
	EXPECT_GE((good - 100) / 6, self->beyond ?: 1);
	EXPECT_EQ(-E2BIG, send_long_mask(&self->sk, variant->type, bad));
}

/* What registrations are worth shows in who hears of which exit. */
FIXTURE(mask)
{
	struct ts_sock sk;
	int cpu[2];
	int ncpus;
	char both[32];
};

FIXTURE_SETUP(mask)
{
	const char *lacks = ts_lacks();

	if (lacks)
		SKIP(return, "%s", lacks);
	ASSERT_EQ(0, ts_open(&self->sk));
	self->ncpus = ts_cpus(self->cpu, 2);
	ASSERT_GE(self->ncpus, 1);
	snprintf(self->both, sizeof(self->both), "%d,%d", self->cpu[0], self->cpu[1]);
}

FIXTURE_TEARDOWN(mask)
{
	ts_stop_listening(&self->sk);
}

/* How many records the listener gets of a thread that ends on @cpu. */
static int hears(struct ts_sock *sk, int cpu)
{
	pid_t tid = ts_thread_exit_on(cpu);

	return tid < 0 ? -ECHILD : ts_count_exits(sk, tid);
}

TEST_F(mask, empty_mask_listens_to_nothing)
{
	EXPECT_EQ(0, ts_listen(&self->sk, ""));
	EXPECT_EQ(0, hears(&self->sk, self->cpu[0]));
}

TEST_F(mask, empty_mask_stops_nothing)
{
	EXPECT_EQ(0, ts_listen_cpu(&self->sk, self->cpu[0]));
	EXPECT_EQ(0, ts_unlisten(&self->sk, ""));
	EXPECT_EQ(1, hears(&self->sk, self->cpu[0]));
}

TEST_F(mask, list_listens_to_its_cpus)
{
	if (self->ncpus < 2)
		SKIP(return, "only one CPU");
	EXPECT_EQ(0, ts_listen(&self->sk, self->both));
	EXPECT_EQ(1, hears(&self->sk, self->cpu[0]));
	EXPECT_EQ(1, hears(&self->sk, self->cpu[1]));
}

TEST_F(mask, range_listens_to_its_cpus)
{
	char range[32];

	if (self->ncpus < 2)
		SKIP(return, "only one CPU");
	snprintf(range, sizeof(range), "%d-%d", self->cpu[0], self->cpu[1]);
	EXPECT_EQ(0, ts_listen(&self->sk, range));
	EXPECT_EQ(1, hears(&self->sk, self->cpu[0]));
	EXPECT_EQ(1, hears(&self->sk, self->cpu[1]));
}

TEST_F(mask, stride_listens_to_the_first_of_each_group)
{
	char stride[48];

	if (self->ncpus < 2)
		SKIP(return, "only one CPU");
	snprintf(stride, sizeof(stride), "%d-%d:1/%d", self->cpu[0], self->cpu[1],
		 self->cpu[1] - self->cpu[0] + 1);
	EXPECT_EQ(0, ts_listen(&self->sk, stride));
	EXPECT_EQ(1, hears(&self->sk, self->cpu[0]));
	EXPECT_EQ(0, hears(&self->sk, self->cpu[1]));
}

TEST_F(mask, newline_ends_the_list)
{
	char lines[32];

	if (self->ncpus < 2)
		SKIP(return, "only one CPU");
	snprintf(lines, sizeof(lines), "%d\n%d", self->cpu[0], self->cpu[1]);
	EXPECT_EQ(0, ts_listen(&self->sk, lines));
	EXPECT_EQ(1, hears(&self->sk, self->cpu[0]));
	EXPECT_EQ(0, hears(&self->sk, self->cpu[1]));
}

TEST_F(mask, registering_twice_gives_one_record)
{
	EXPECT_EQ(0, ts_listen_cpu(&self->sk, self->cpu[0]));
	EXPECT_EQ(0, ts_listen_cpu(&self->sk, self->cpu[0]));
	EXPECT_EQ(1, hears(&self->sk, self->cpu[0]));

	/* And one deregistration takes it all back. */
	EXPECT_EQ(0, ts_unlisten_cpu(&self->sk, self->cpu[0]));
	EXPECT_EQ(0, hears(&self->sk, self->cpu[0]));
}

TEST_F(mask, overlapping_masks_add_up)
{
	if (self->ncpus < 2)
		SKIP(return, "only one CPU");
	EXPECT_EQ(0, ts_listen_cpu(&self->sk, self->cpu[1]));
	EXPECT_EQ(0, hears(&self->sk, self->cpu[0]));
	EXPECT_EQ(0, ts_listen(&self->sk, self->both));
	EXPECT_EQ(1, hears(&self->sk, self->cpu[0]));
	EXPECT_EQ(1, hears(&self->sk, self->cpu[1]));
}

TEST_F(mask, partial_deregistration_leaves_the_rest)
{
	if (self->ncpus < 2)
		SKIP(return, "only one CPU");
	EXPECT_EQ(0, ts_listen(&self->sk, self->both));
	EXPECT_EQ(0, ts_unlisten_cpu(&self->sk, self->cpu[0]));
	EXPECT_EQ(0, hears(&self->sk, self->cpu[0]));
	EXPECT_EQ(1, hears(&self->sk, self->cpu[1]));
}

TEST_F(mask, deregistering_what_never_was_succeeds)
{
	EXPECT_EQ(0, ts_unlisten_cpu(&self->sk, self->cpu[0]));
	EXPECT_EQ(0, ts_listen_cpu(&self->sk, self->cpu[0]));
	EXPECT_EQ(0, ts_unlisten_cpu(&self->sk, self->cpu[0]));
	EXPECT_EQ(0, ts_unlisten_cpu(&self->sk, self->cpu[0]));
	EXPECT_EQ(0, hears(&self->sk, self->cpu[0]));
}

TEST_F(mask, deregistering_concerns_no_other_socket)
{
	struct ts_sock other;

	ASSERT_EQ(0, ts_open(&other));
	EXPECT_EQ(0, ts_listen_cpu(&self->sk, self->cpu[0]));
	EXPECT_EQ(0, ts_unlisten_cpu(&other, self->cpu[0]));
	EXPECT_EQ(1, hears(&self->sk, self->cpu[0]));
	ts_close(&other);
}

TEST_F(mask, bad_mask_leaves_registrations_alone)
{
	EXPECT_EQ(0, ts_listen_cpu(&self->sk, self->cpu[0]));
	EXPECT_EQ(-EINVAL, ts_listen(&self->sk, "0,x"));
	EXPECT_EQ(-ERANGE, ts_listen(&self->sk, "0,4294967294"));
	EXPECT_EQ(-EINVAL, ts_unlisten(&self->sk, "0,x"));
	EXPECT_EQ(-ERANGE, ts_unlisten(&self->sk, "0-4294967294"));
	EXPECT_EQ(1, hears(&self->sk, self->cpu[0]));
}

TEST_F(mask, bad_mask_registers_nothing)
{
	char mask[32];

	snprintf(mask, sizeof(mask), "%d,x", self->cpu[0]);
	EXPECT_EQ(-EINVAL, ts_listen(&self->sk, mask));
	EXPECT_EQ(0, hears(&self->sk, self->cpu[0]));
}

TEST_F(mask, register_wins_over_deregister)
{
	struct ts_msg msg;
	char mask[16];

	snprintf(mask, sizeof(mask), "%d", self->cpu[0]);
	ts_msg_init(&msg, &self->sk, TASKSTATS_CMD_GET, 0);
	ts_msg_put(&msg, TASKSTATS_CMD_ATTR_DEREGISTER_CPUMASK, mask, strlen(mask));
	ts_msg_put(&msg, TASKSTATS_CMD_ATTR_REGISTER_CPUMASK, mask, strlen(mask));
	EXPECT_EQ(0, ts_ack(&self->sk, &msg));
	EXPECT_EQ(1, hears(&self->sk, self->cpu[0]));
}

TEST_F(mask, without_ack_success_is_silent)
{
	struct ts_msg msg;

	ts_msg_init(&msg, &self->sk, TASKSTATS_CMD_GET, 0);
	ts_msg_put(&msg, TASKSTATS_CMD_ATTR_REGISTER_CPUMASK, "", 1);
	EXPECT_EQ(0, ts_send(&self->sk, &msg));
	EXPECT_TRUE(ts_nothing_more(&self->sk));
}

TEST_HARNESS_MAIN
