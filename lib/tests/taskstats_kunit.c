// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of taskstats: what can be told apart without a second process.
 * What a process sees is tested by tools/testing/selftests/taskstats.
 */
#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/acct.h>
#include <linux/cgroupstats.h>
#include <linux/completion.h>
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/mutex.h>
#include <linux/net.h>
#include <linux/netlink.h>
#include <linux/pid_namespace.h>
#include <linux/rwsem.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/signal.h>
#include <linux/skbuff.h>
#include <linux/taskstats_kern.h>
#include <linux/user_namespace.h>
#include <linux/workqueue.h>
#include <net/genetlink.h>
#include <net/sock.h>
#include "../../kernel/taskstats.h"

static const struct taskstats_view init_view = {
	.user_ns = &init_user_ns,
	.pid_ns = &init_pid_ns,
};

/* A record: what stands before its figures, and these. */
#define EVENT_ROOM_OF_ONE	(64 + sizeof(struct taskstats))

/* A task to be changed, which nobody else knows. */
static struct task_struct *copy_current(struct kunit *test)
{
	struct task_struct *tsk = kunit_kzalloc(test, sizeof(*tsk), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, tsk);
	memcpy(tsk, current, sizeof(*tsk));
	return tsk;
}

/* ---- CPU lists ---- */

/* What has been accepted since 2006, whatever the kernel's own limit is. */
#define LIST_MAX	(100 + 6 * NR_CPUS)

/**
 * struct list_param - a CPU list and what must come of it
 * @name: what is special about it
 * @list: the bytes of the attribute
 * @len: their number, when it is not that of a string with its NUL
 * @top: the largest CPU it names: where that is too many, the answer is -ERANGE
 * @cpus: the CPUs it names, one bit each
 * @err: the error it always gets
 */
struct list_param {
	const char *name;
	const char *list;
	size_t len;
	unsigned int top;
	unsigned long cpus;
	int err;
};

static const struct list_param list_params[] = {
	{ .name = "one CPU", .list = "0", .cpus = 0x1 },
	{ .name = "another CPU", .list = "1", .top = 1, .cpus = 0x2 },
	{ .name = "a range", .list = "0-1", .top = 1, .cpus = 0x3 },
	{ .name = "a range of one", .list = "0-0", .cpus = 0x1 },
	{ .name = "a later range", .list = "2-3", .top = 3, .cpus = 0xc },
	{ .name = "two CPUs", .list = "0,1", .top = 1, .cpus = 0x3 },
	{ .name = "any order", .list = "1,0", .top = 1, .cpus = 0x3 },
	{ .name = "the same twice", .list = "0,0", .cpus = 0x1 },
	{ .name = "overlapping ranges", .list = "0-2,1-3", .top = 3, .cpus = 0xf },
	{ .name = "range and CPU", .list = "0-1,3", .top = 3, .cpus = 0xb },
	{ .name = "stride", .list = "0-3:1/2", .top = 3, .cpus = 0x5 },
	{ .name = "stride of all", .list = "0-3:2/2", .top = 3, .cpus = 0xf },
	{ .name = "stride longer than the range", .list = "0-1:1/4", .top = 1, .cpus = 0x1 },
	{ .name = "stride of none", .list = "0-1:0/2", .top = 1 },
	{ .name = "comma at the end", .list = "0,", .cpus = 0x1 },
	{ .name = "comma at the start", .list = ",0", .cpus = 0x1 },
	{ .name = "commas only", .list = ",,," },
	{ .name = "spaces for commas", .list = "0 1", .top = 1, .cpus = 0x3 },
	{ .name = "spaces around", .list = " 0 ", .cpus = 0x1 },
	{ .name = "newline at the end", .list = "0\n", .cpus = 0x1 },
	{ .name = "newline ends the list", .list = "0\nx", .cpus = 0x1 },
	{ .name = "leading zeroes", .list = "0000", .cpus = 0x1 },
	{ .name = "empty string", .list = "" },
	{ .name = "NUL alone", .list = "\0", .len = 1 },
	{ .name = "no NUL", .list = "0", .len = 1, .cpus = 0x1 },
	{ .name = "range without NUL", .list = "0-1", .len = 3, .top = 1, .cpus = 0x3 },
	{ .name = "two NULs", .list = "0\0\0", .len = 3, .cpus = 0x1 },
	{ .name = "junk after the NUL", .list = "0\0xyz", .len = 5, .cpus = 0x1 },
	{ .name = "list after the NUL", .list = "0\0,1", .len = 5, .cpus = 0x1 },
	{ .name = "no bytes", .list = "0", .len = SIZE_MAX, .err = -EINVAL },
	{ .name = "reversed range", .list = "1-0", .err = -EINVAL },
	{ .name = "range without end", .list = "0-", .err = -EINVAL },
	{ .name = "range without start", .list = "-1", .err = -EINVAL },
	{ .name = "letters", .list = "abc", .err = -EINVAL },
	{ .name = "hexadecimal", .list = "0x1", .err = -EINVAL },
	{ .name = "wrong separator", .list = "0;1", .err = -EINVAL },
	{ .name = "stride without group", .list = "0-1:1", .err = -EINVAL },
	{ .name = "stride of group zero", .list = "0-1:0/0", .err = -EINVAL },
	{ .name = "stride over the group", .list = "0-1:2/1", .err = -EINVAL },
	{ .name = "stride without a range", .list = "0:1/2", .err = -EINVAL },
	{ .name = "good, then bad", .list = "0,x", .err = -EINVAL },
	{ .name = "beyond any machine", .list = "4294967294", .err = -ERANGE },
	{ .name = "range beyond any machine", .list = "0-4294967294", .err = -ERANGE },
	/* Its end and one is zero. */
	{ .name = "last number of 32 bits", .list = "4294967295", .err = -EINVAL },
	{ .name = "beyond 32 bits", .list = "4294967296", .err = -EOVERFLOW },
	{ .name = "beyond 64 bits", .list = "18446744073709551616", .err = -EOVERFLOW },
};

KUNIT_ARRAY_PARAM_DESC(list, list_params, name);

/* An attribute of @len bytes: @list, and zeroes behind it. */
static struct nlattr *mask_attr(struct kunit *test, const char *list, size_t len)
{
	struct nlattr *attr = kunit_kzalloc(test, nla_total_size(len), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, attr);
	attr->nla_type = TASKSTATS_CMD_ATTR_REGISTER_CPUMASK;
	attr->nla_len = nla_attr_size(len);
	memcpy(nla_data(attr), list, min(len, strlen(list)));
	return attr;
}

static struct cpumask *new_mask(struct kunit *test)
{
	struct cpumask *mask = kunit_kzalloc(test, cpumask_size(), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, mask);
	return mask;
}

static void list_form(struct kunit *test)
{
	const struct list_param *param = test->param_value;
	size_t len = param->len ?: strlen(param->list) + 1;
	struct cpumask *mask = new_mask(test);
	struct nlattr *attr;
	int err = param->err;

	if (len == SIZE_MAX)
		len = 0;
	if (!err && param->top >= nr_cpumask_bits)
		err = -ERANGE;

	attr = mask_attr(test, param->list, len);
	/* mask_attr() stops at a NUL: what is behind one matters here. */
	memcpy(nla_data(attr), param->list, len);
	KUNIT_EXPECT_EQ(test, taskstats_parse_mask(attr, mask), err);
	if (!err)
		KUNIT_EXPECT_EQ(test, cpumask_bits(mask)[0], param->cpus);
}

static void list_all(struct kunit *test)
{
	struct cpumask *mask = new_mask(test);

	KUNIT_EXPECT_EQ(test, taskstats_parse_mask(mask_attr(test, "all", 4), mask), 0);
	KUNIT_EXPECT_EQ(test, cpumask_weight(mask), nr_cpumask_bits);
}

static void list_last(struct kunit *test)
{
	struct cpumask *mask = new_mask(test);

	KUNIT_EXPECT_EQ(test, taskstats_parse_mask(mask_attr(test, "N", 2), mask), 0);
	KUNIT_EXPECT_EQ(test, cpumask_weight(mask), 1);
	KUNIT_EXPECT_TRUE(test, cpumask_test_cpu(nr_cpumask_bits - 1, mask));
}

static void list_last_possible(struct kunit *test)
{
	struct cpumask *mask = new_mask(test);
	char list[16];

	snprintf(list, sizeof(list), "%u", nr_cpumask_bits - 1);
	KUNIT_EXPECT_EQ(test, taskstats_parse_mask(mask_attr(test, list, 16), mask), 0);
	KUNIT_EXPECT_TRUE(test, cpumask_test_cpu(nr_cpumask_bits - 1, mask));
}

static void list_beyond_possible(struct kunit *test)
{
	char list[16];

	snprintf(list, sizeof(list), "%u", nr_cpumask_bits);
	KUNIT_EXPECT_EQ(test, taskstats_parse_mask(mask_attr(test, list, 16), new_mask(test)),
			-ERANGE);
}

/* What stood in the mask before must not be in the answer. */
static void list_replaces_mask(struct kunit *test)
{
	struct cpumask *mask = new_mask(test);

	cpumask_setall(mask);
	KUNIT_EXPECT_EQ(test, taskstats_parse_mask(mask_attr(test, "0", 2), mask), 0);
	KUNIT_EXPECT_EQ(test, cpumask_weight(mask), 1);
}

/**
 * struct length_param - an attribute length and what must come of it
 * @name: which bound it is at
 * @len: the length
 * @err: the outcome for a list that is good in itself
 */
struct length_param {
	const char *name;
	size_t len;
	int err;
};

static const struct length_param length_params[] = {
	{ .name = "0", .len = 0, .err = -EINVAL },
	{ .name = "1", .len = 1 },
	{ .name = "2", .len = 2 },
	{ .name = "3", .len = 3 },
	{ .name = "4", .len = 4 },
	{ .name = "100", .len = 100 },
	{ .name = "longest less one", .len = LIST_MAX - 1 },
	{ .name = "longest", .len = LIST_MAX },
	{ .name = "longest and one", .len = LIST_MAX + 1, .err = -E2BIG },
	{ .name = "twice the longest", .len = 2 * LIST_MAX, .err = -E2BIG },
};

KUNIT_ARRAY_PARAM_DESC(length, length_params, name);

static void list_length_padded(struct kunit *test)
{
	const struct length_param *param = test->param_value;
	struct cpumask *mask = new_mask(test);
	struct nlattr *attr;

	if (nla_attr_size(param->len) > U16_MAX)
		kunit_skip(test, "no attribute is that long");
	attr = mask_attr(test, "0", param->len);
	KUNIT_EXPECT_EQ(test, taskstats_parse_mask(attr, mask), param->err);
	KUNIT_EXPECT_EQ(test, cpumask_weight(mask), !param->err);
}

static void list_length_filled(struct kunit *test)
{
	const struct length_param *param = test->param_value;
	struct cpumask *mask = new_mask(test);
	struct nlattr *attr;

	if (nla_attr_size(param->len) > U16_MAX)
		kunit_skip(test, "no attribute is that long");
	attr = mask_attr(test, "", param->len);
	memset(nla_data(attr), '0', param->len);
	KUNIT_EXPECT_EQ(test, taskstats_parse_mask(attr, mask), param->err);
	KUNIT_EXPECT_EQ(test, cpumask_weight(mask), !param->err);
}

static struct kunit_case taskstats_mask_cases[] = {
	KUNIT_CASE_PARAM(list_form, list_gen_params),
	KUNIT_CASE_PARAM(list_length_padded, length_gen_params),
	KUNIT_CASE_PARAM(list_length_filled, length_gen_params),
	KUNIT_CASE(list_all),
	KUNIT_CASE(list_last),
	KUNIT_CASE(list_last_possible),
	KUNIT_CASE(list_beyond_possible),
	KUNIT_CASE(list_replaces_mask),
	{}
};

static struct kunit_suite taskstats_mask_suite = {
	.name = "taskstats_mask",
	.test_cases = taskstats_mask_cases,
};

/* ---- Listeners ---- */

#define EARS	3

/**
 * struct ear - a socket that listens
 * @sock: the socket
 * @listener: what taskstats keeps for it
 */
struct ear {
	struct socket *sock;
	struct taskstats_listener *listener;
};

/**
 * struct listen_ctx - what each test of listeners starts from
 * @ears: sockets, none of which listens
 * @mask: a mask to fill in
 * @refuse: which allocation from now on is refused, counted from 1
 * @ns: a PID namespace that no real task is in
 * @tsk: a task in it
 * @events: messages in store
 * @stats: what its end is told with
 */
struct listen_ctx {
	struct ear ears[EARS];
	struct cpumask *mask;
	int refuse;
	struct pid_namespace *ns;
	struct task_struct *tsk;
	struct sk_buff_head events;
	struct taskstats stats;
};

static u32 heard(unsigned int cpu)
{
	struct taskstats_exiting exit = { .tsk = current, .last = true, .cpu = cpu };

	taskstats_heard(&exit);
	return exit.records;
}

static int listen_init(struct kunit *test)
{
	struct listen_ctx *ctx = kunit_kzalloc(test, sizeof(*ctx), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, ctx);
	skb_queue_head_init(&ctx->events);
	ctx->mask = new_mask(test);
	test->priv = ctx;
	for_each_possible_cpu(i)
		if (heard(i))
			kunit_skip(test, "somebody else listens");
	for (i = 0; i < EARS; i++)
		KUNIT_ASSERT_EQ(test, sock_create_kern(&init_net, AF_NETLINK, SOCK_RAW,
						       NETLINK_GENERIC, &ctx->ears[i].sock), 0);
	return 0;
}

static void ear_close(struct ear *ear)
{
	taskstats_listener_free(&ear->listener);
	ear->listener = NULL;
	if (ear->sock)
		sock_release(ear->sock);
	ear->sock = NULL;
}

static void listen_exit(struct kunit *test)
{
	struct listen_ctx *ctx = test->priv;
	int i;

	for (i = 0; ctx && i < EARS; i++)
		ear_close(&ctx->ears[i]);
}

static const struct cpumask *cpus(struct kunit *test, const char *list)
{
	struct listen_ctx *ctx = test->priv;

	if (cpulist_parse(list, ctx->mask))
		kunit_skip(test, "needs the CPUs %s", list);
	/* There may be gaps in the numbers of CPUs. */
	if (!strcmp(list, "all"))
		cpumask_copy(ctx->mask, cpu_possible_mask);
	if (!cpumask_subset(ctx->mask, cpu_possible_mask))
		kunit_skip(test, "needs the CPUs %s", list);
	return ctx->mask;
}

static int ear_add(struct kunit *test, int i, const char *list)
{
	struct listen_ctx *ctx = test->priv;
	struct ear *ear = &ctx->ears[i];

	cpus(test, list);
	return taskstats_listener_add(&ear->listener, ear->sock->sk, ctx->mask);
}

static void ear_remove(struct kunit *test, int i, const char *list)
{
	struct listen_ctx *ctx = test->priv;

	taskstats_listener_remove(&ctx->ears[i].listener, cpus(test, list));
}

/* Exactly the CPUs in @list, each once, and each with this listener behind it. */
static void expect_cpus(struct kunit *test, int i, const char *list)
{
	struct listen_ctx *ctx = test->priv;
	struct taskstats_listener *listener = ctx->ears[i].listener;
	const struct cpumask *want = cpus(test, list);
	struct taskstats_entry *entry;
	unsigned int n = 0;

	KUNIT_ASSERT_NOT_NULL(test, listener);
	KUNIT_EXPECT_PTR_EQ(test, listener->sk, ctx->ears[i].sock->sk);
	list_for_each_entry(entry, &listener->entries, own) {
		KUNIT_EXPECT_TRUE(test, cpumask_test_cpu(entry->cpu, want));
		KUNIT_EXPECT_PTR_EQ(test, entry->listener, listener);
		KUNIT_EXPECT_TRUE(test, heard(entry->cpu));
		n++;
	}
	KUNIT_EXPECT_EQ(test, n, cpumask_weight(want));
}

static void *refuse_alloc(size_t size, int node)
{
	struct listen_ctx *ctx = kunit_get_current_test()->priv;

	return --ctx->refuse ? kzalloc_node(size, GFP_KERNEL, node) : NULL;
}

static void refuse(struct kunit *test, int nth)
{
	struct listen_ctx *ctx = test->priv;

	ctx->refuse = nth;
	kunit_activate_static_stub(test, taskstats_listen_alloc, refuse_alloc);
}

static void listener_add_one(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ear_add(test, 0, "0"), 0);
	expect_cpus(test, 0, "0");
}

static void listener_add_many(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ear_add(test, 0, "all"), 0);
	expect_cpus(test, 0, "all");
}

static void listener_add_none(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ear_add(test, 0, ""), 0);
	expect_cpus(test, 0, "");
}

static void listener_add_twice(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ear_add(test, 0, "0"), 0);
	KUNIT_EXPECT_EQ(test, ear_add(test, 0, "0"), 0);
	expect_cpus(test, 0, "0");
}

static void listener_add_overlapping(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ear_add(test, 0, "0-1"), 0);
	KUNIT_EXPECT_EQ(test, ear_add(test, 0, "1-2"), 0);
	expect_cpus(test, 0, "0-2");
}

static void listener_add_more(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ear_add(test, 0, "1"), 0);
	KUNIT_EXPECT_EQ(test, ear_add(test, 0, "all"), 0);
	expect_cpus(test, 0, "all");
}

static void listener_add_same_cpu(struct kunit *test)
{
	int i;

	for (i = 0; i < EARS; i++)
		KUNIT_EXPECT_EQ(test, ear_add(test, i, "0"), 0);
	for (i = 0; i < EARS; i++)
		expect_cpus(test, i, "0");
}

static void listener_remove_all(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ear_add(test, 0, "all"), 0);
	ear_remove(test, 0, "all");
	expect_cpus(test, 0, "");
	KUNIT_EXPECT_FALSE(test, heard(0));
}

static void listener_remove_some(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ear_add(test, 0, "0-2"), 0);
	ear_remove(test, 0, "1");
	expect_cpus(test, 0, "0,2");
}

static void listener_remove_overlapping(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ear_add(test, 0, "0-1"), 0);
	ear_remove(test, 0, "1-2");
	expect_cpus(test, 0, "0");
}

static void listener_remove_absent(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ear_add(test, 0, "0"), 0);
	ear_remove(test, 0, "1");
	expect_cpus(test, 0, "0");
}

static void listener_remove_twice(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ear_add(test, 0, "0-1"), 0);
	ear_remove(test, 0, "0");
	ear_remove(test, 0, "0");
	expect_cpus(test, 0, "1");
}

static void listener_remove_before_add(struct kunit *test)
{
	struct listen_ctx *ctx = test->priv;

	ear_remove(test, 0, "all");
	KUNIT_EXPECT_NULL(test, ctx->ears[0].listener);
}

static void listener_remove_own_only(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ear_add(test, 0, "0"), 0);
	KUNIT_EXPECT_EQ(test, ear_add(test, 1, "0"), 0);
	ear_remove(test, 0, "all");
	expect_cpus(test, 0, "");
	expect_cpus(test, 1, "0");
}

static void listener_add_after_remove(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ear_add(test, 0, "0"), 0);
	ear_remove(test, 0, "0");
	KUNIT_EXPECT_EQ(test, ear_add(test, 0, "0"), 0);
	expect_cpus(test, 0, "0");
}

static void listener_heard_on_its_cpu(struct kunit *test)
{
	cpus(test, "1");
	KUNIT_EXPECT_FALSE(test, heard(0));
	KUNIT_EXPECT_EQ(test, ear_add(test, 0, "1"), 0);
	KUNIT_EXPECT_FALSE(test, heard(0));
	KUNIT_EXPECT_TRUE(test, heard(1));
}

/* For how many an exit looks. */
static int listening(void)
{
	/* Going off is put off. */
	static_key_deferred_flush(&taskstats_listening);
	return static_key_count(&taskstats_listening.key.key);
}

static void listener_counts_once_for_all_its_cpus(struct kunit *test)
{
	int others = listening();

	KUNIT_EXPECT_EQ(test, ear_add(test, 0, "0"), 0);
	KUNIT_EXPECT_EQ(test, ear_add(test, 0, "all"), 0);
	KUNIT_EXPECT_EQ(test, listening(), others + 1);
	KUNIT_EXPECT_EQ(test, ear_add(test, 1, "0"), 0);
	KUNIT_EXPECT_EQ(test, listening(), others + 2);
	ear_remove(test, 0, "all");
	ear_remove(test, 0, "all");
	KUNIT_EXPECT_EQ(test, listening(), others + 1);
	ear_remove(test, 1, "0");
	KUNIT_EXPECT_EQ(test, listening(), others);
}

static void listener_free_never_made(struct kunit *test)
{
	struct taskstats_listener *listener = NULL;

	taskstats_listener_free(&listener);
	KUNIT_EXPECT_NULL(test, listener);
	KUNIT_EXPECT_FALSE(test, heard(0));
}

static void listener_free_any_order(struct kunit *test)
{
	struct listen_ctx *ctx = test->priv;
	int i;

	for (i = 0; i < EARS; i++)
		KUNIT_EXPECT_EQ(test, ear_add(test, i, "0"), 0);
	ear_close(&ctx->ears[1]);
	expect_cpus(test, 0, "0");
	expect_cpus(test, 2, "0");
	ear_close(&ctx->ears[2]);
	expect_cpus(test, 0, "0");
	ear_close(&ctx->ears[0]);
	KUNIT_EXPECT_FALSE(test, heard(0));
}

static void listener_no_memory_for_first(struct kunit *test)
{
	struct listen_ctx *ctx = test->priv;

	refuse(test, 1);
	KUNIT_EXPECT_EQ(test, ear_add(test, 0, "0"), -ENOMEM);
	KUNIT_EXPECT_NULL(test, ctx->ears[0].listener);
	KUNIT_EXPECT_FALSE(test, heard(0));
}

/* Each allocation of a registration is refused in turn, until none is left. */
static void listener_no_memory_keeps_old(struct kunit *test)
{
	unsigned int cpu;
	int nth;

	KUNIT_ASSERT_EQ(test, ear_add(test, 0, "0"), 0);
	for (nth = 1; nth < num_possible_cpus(); nth++) {
		refuse(test, nth);
		KUNIT_EXPECT_EQ(test, ear_add(test, 0, "all"), -ENOMEM);
		expect_cpus(test, 0, "0");
		for_each_possible_cpu(cpu)
			KUNIT_EXPECT_EQ(test, !heard(cpu), cpu != 0);
	}
	refuse(test, nth);
	KUNIT_EXPECT_EQ(test, ear_add(test, 0, "all"), 0);
	expect_cpus(test, 0, "all");
}

static void listener_no_memory_then_again(struct kunit *test)
{
	refuse(test, 2);
	KUNIT_EXPECT_EQ(test, ear_add(test, 0, "0"), -ENOMEM);
	KUNIT_EXPECT_FALSE(test, heard(0));
	refuse(test, 0);
	KUNIT_EXPECT_EQ(test, ear_add(test, 0, "0"), 0);
	expect_cpus(test, 0, "0");
}

static void listener_no_memory_spares_others(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, ear_add(test, 1, "0"), 0);
	refuse(test, 2);
	KUNIT_EXPECT_EQ(test, ear_add(test, 0, "0"), -ENOMEM);
	expect_cpus(test, 1, "0");
}

static struct kunit_case taskstats_listener_cases[] = {
	KUNIT_CASE(listener_add_one),
	KUNIT_CASE(listener_add_many),
	KUNIT_CASE(listener_add_none),
	KUNIT_CASE(listener_add_twice),
	KUNIT_CASE(listener_add_overlapping),
	KUNIT_CASE(listener_add_more),
	KUNIT_CASE(listener_add_same_cpu),
	KUNIT_CASE(listener_add_after_remove),
	KUNIT_CASE(listener_remove_all),
	KUNIT_CASE(listener_remove_some),
	KUNIT_CASE(listener_remove_overlapping),
	KUNIT_CASE(listener_remove_absent),
	KUNIT_CASE(listener_remove_twice),
	KUNIT_CASE(listener_remove_before_add),
	KUNIT_CASE(listener_remove_own_only),
	KUNIT_CASE(listener_heard_on_its_cpu),
	KUNIT_CASE(listener_counts_once_for_all_its_cpus),
	KUNIT_CASE(listener_free_never_made),
	KUNIT_CASE(listener_free_any_order),
	KUNIT_CASE(listener_no_memory_for_first),
	KUNIT_CASE(listener_no_memory_keeps_old),
	KUNIT_CASE(listener_no_memory_then_again),
	KUNIT_CASE(listener_no_memory_spares_others),
	{}
};

static struct kunit_suite taskstats_listener_suite = {
	.name = "taskstats_listener",
	.init = listen_init,
	.exit = listen_exit,
	.test_cases = taskstats_listener_cases,
};

/* ---- Delivery ---- */

static struct sk_buff *new_record(struct kunit *test)
{
	struct taskstats_exiting exit = { .tsk = current };
	struct sk_buff *skb = taskstats_record(&exit, false);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	return skb;
}

/* To those who listen by CPU mask. */
static void deliver(struct sk_buff *skb, unsigned int cpu)
{
	const struct taskstats_exiting exit = {
		.tsk = current,
		.cpu = cpu,
		.records = TASKSTATS_RECORDS_BY_MASK,
	};

	taskstats_deliver(&exit, skb);
}

/* The id of the task that a record is about. */
static u32 told_of(struct sk_buff *skb)
{
	struct nlattr *nest = genlmsg_data(nlmsg_data(nlmsg_hdr(skb)));

	return nla_get_u32(nla_data(nest));
}

static struct sk_buff *ear_take(struct kunit *test, int i)
{
	struct listen_ctx *ctx = test->priv;
	struct sk_buff *skb;

	/* Other tasks may exit meanwhile. */
	do {
		skb = skb_dequeue(&ctx->ears[i].sock->sk->sk_receive_queue);
		if (!skb || told_of(skb) == task_pid_nr(current))
			return skb;
		kfree_skb(skb);
	} while (true);
}

/* One record, and nothing behind it. Returns its sequence number. */
static u32 expect_record(struct kunit *test, int i)
{
	struct sk_buff *skb = ear_take(test, i);
	u32 seq;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	seq = nlmsg_hdr(skb)->nlmsg_seq;
	KUNIT_EXPECT_EQ(test, nlmsg_hdr(skb)->nlmsg_len, skb->len);
	kfree_skb(skb);
	KUNIT_EXPECT_NULL(test, ear_take(test, i));
	return seq;
}

/* What the next recvmsg() would return. */
static int ear_error(struct kunit *test, int i)
{
	struct listen_ctx *ctx = test->priv;

	return sock_error(ctx->ears[i].sock->sk);
}

static struct sk_buff *refuse_clone(struct sk_buff *skb)
{
	return NULL;
}

static void deliver_to_one(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, ear_add(test, 0, "0"), 0);
	deliver(new_record(test), 0);
	expect_record(test, 0);
	KUNIT_EXPECT_EQ(test, ear_error(test, 0), 0);
}

static void deliver_to_each(struct kunit *test)
{
	u32 seq;
	int i;

	for (i = 0; i < EARS; i++)
		KUNIT_ASSERT_EQ(test, ear_add(test, i, "0"), 0);
	deliver(new_record(test), 0);
	seq = expect_record(test, 0);
	for (i = 1; i < EARS; i++)
		KUNIT_EXPECT_EQ(test, expect_record(test, i), seq);
}

static void deliver_to_none(struct kunit *test)
{
	deliver(new_record(test), 0);
	KUNIT_EXPECT_NULL(test, ear_take(test, 0));
}

static void deliver_other_cpu(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, ear_add(test, 0, "1"), 0);
	KUNIT_ASSERT_EQ(test, ear_add(test, 1, "0"), 0);
	deliver(new_record(test), 0);
	KUNIT_EXPECT_NULL(test, ear_take(test, 0));
	expect_record(test, 1);
}

static void deliver_after_remove(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, ear_add(test, 0, "0"), 0);
	ear_remove(test, 0, "0");
	deliver(new_record(test), 0);
	KUNIT_EXPECT_NULL(test, ear_take(test, 0));
}

static void deliver_counts_per_cpu(struct kunit *test)
{
	u32 first;

	KUNIT_ASSERT_EQ(test, ear_add(test, 0, "0-1"), 0);
	deliver(new_record(test), 0);
	first = expect_record(test, 0);
	deliver(new_record(test), 1);
	expect_record(test, 0);
	deliver(new_record(test), 0);
	KUNIT_EXPECT_EQ(test, expect_record(test, 0), first + 1);
}

/* No memory for the record: everyone is told, and sees a gap. */
static void deliver_lost_record(struct kunit *test)
{
	u32 first;

	KUNIT_ASSERT_EQ(test, ear_add(test, 0, "0"), 0);
	KUNIT_ASSERT_EQ(test, ear_add(test, 1, "0"), 0);
	deliver(new_record(test), 0);
	first = expect_record(test, 0);
	expect_record(test, 1);

	deliver(NULL, 0);
	KUNIT_EXPECT_EQ(test, ear_error(test, 0), -ENOBUFS);
	KUNIT_EXPECT_EQ(test, ear_error(test, 1), -ENOBUFS);

	deliver(new_record(test), 0);
	KUNIT_EXPECT_EQ(test, expect_record(test, 0), first + 2);
	KUNIT_EXPECT_EQ(test, expect_record(test, 1), first + 2);
}

/* No memory for a clone: that listener is told, the rest are served. */
static void deliver_lost_clone(struct kunit *test)
{
	int i, served = 0, told = 0;

	for (i = 0; i < EARS; i++)
		KUNIT_ASSERT_EQ(test, ear_add(test, i, "0"), 0);
	kunit_activate_static_stub(test, taskstats_clone, refuse_clone);
	deliver(new_record(test), 0);
	kunit_deactivate_static_stub(test, taskstats_clone);

	for (i = 0; i < EARS; i++) {
		struct sk_buff *skb = ear_take(test, i);

		served += !!skb;
		told += ear_error(test, i) == -ENOBUFS;
		kfree_skb(skb);
	}
	KUNIT_EXPECT_EQ(test, served, 1);
	KUNIT_EXPECT_EQ(test, told, EARS - 1);

	/* Nobody was dropped for it. */
	deliver(new_record(test), 0);
	for (i = 0; i < EARS; i++)
		expect_record(test, i);
}

static void deliver_full_buffer(struct kunit *test)
{
	struct listen_ctx *ctx = test->priv;

	KUNIT_ASSERT_EQ(test, ear_add(test, 0, "0"), 0);
	KUNIT_ASSERT_EQ(test, ear_add(test, 1, "0"), 0);
	ctx->ears[0].sock->sk->sk_rcvbuf = 1;
	/* A socket with nothing queued takes one record of any size. */
	deliver(new_record(test), 0);
	deliver(new_record(test), 0);

	KUNIT_EXPECT_EQ(test, ear_error(test, 0), -ENOBUFS);
	KUNIT_EXPECT_EQ(test, ear_error(test, 1), 0);
	expect_record(test, 0);
	kfree_skb(ear_take(test, 1));
	expect_record(test, 1);
}

static void deliver_holds_no_reference(struct kunit *test)
{
	struct listen_ctx *ctx = test->priv;
	struct sock *sk = ctx->ears[0].sock->sk;
	int before = refcount_read(&sk->sk_refcnt);

	KUNIT_ASSERT_EQ(test, ear_add(test, 0, "0"), 0);
	deliver(new_record(test), 0);
	sk->sk_rcvbuf = 1;
	deliver(new_record(test), 0);
	deliver(NULL, 0);
	KUNIT_EXPECT_EQ(test, refcount_read(&sk->sk_refcnt), before);
	kfree_skb(ear_take(test, 0));
}

static struct kunit_case taskstats_deliver_cases[] = {
	KUNIT_CASE(deliver_to_one),
	KUNIT_CASE(deliver_to_each),
	KUNIT_CASE(deliver_to_none),
	KUNIT_CASE(deliver_other_cpu),
	KUNIT_CASE(deliver_after_remove),
	KUNIT_CASE(deliver_counts_per_cpu),
	KUNIT_CASE(deliver_lost_record),
	KUNIT_CASE(deliver_lost_clone),
	KUNIT_CASE(deliver_full_buffer),
	KUNIT_CASE(deliver_holds_no_reference),
	{}
};

static struct kunit_suite taskstats_deliver_suite = {
	.name = "taskstats_deliver",
	.init = listen_init,
	.exit = listen_exit,
	.test_cases = taskstats_deliver_cases,
};

/* ---- Subscriptions ---- */

#define BOTH	(TASKSTATS_RECORDS_THREAD | TASKSTATS_RECORDS_GROUP)

/* In the namespace, of the thread and of its leader. */
#define INNER_PID	7
#define INNER_TGID	5

/* Not an initial one, whose references nobody counts. */
static void ns_init(struct ns_common *ns)
{
	ns->ns_id = NS_LAST_INIT_ID + 1;
	refcount_set(&ns->__ns_ref, 1);
	atomic_set(&ns->__ns_ref_active, 1);
}

static struct pid_namespace *new_pid_ns(struct kunit *test, struct pid_namespace *parent)
{
	struct pid_namespace *ns = kunit_kzalloc(test, sizeof(*ns), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ns);
	ns_init(&ns->ns);
	ns->level = parent->level + 1;
	ns->parent = parent;
	ns->user_ns = &init_user_ns;
	return ns;
}

/* A task of @ns. */
static struct task_struct *new_task(struct kunit *test, struct pid_namespace *ns, int nr)
{
	struct pid *pid = kunit_kzalloc(test, struct_size(pid, numbers, 2), GFP_KERNEL);
	struct task_struct *tsk = copy_current(test);

	KUNIT_ASSERT_NOT_NULL(test, pid);
	pid->level = 1;
	pid->numbers[0] = (struct upid){ .nr = task_pid_nr(current), .ns = &init_pid_ns };
	pid->numbers[1] = (struct upid){ .nr = nr, .ns = ns };
	tsk->thread_pid = pid;
	tsk->group_leader = tsk;
	return tsk;
}

/* What the machine's own tasks do meanwhile is not to be heard. */
static int subscribe_init(struct kunit *test)
{
	int err = listen_init(test);
	struct listen_ctx *ctx = test->priv;

	if (err)
		return err;
	ctx->ns = new_pid_ns(test, &init_pid_ns);
	ctx->tsk = new_task(test, ctx->ns, INNER_PID);
	ctx->tsk->group_leader = new_task(test, ctx->ns, INNER_TGID);
	return 0;
}

/* Namespaces are let go of after a grace period. */
static void subscribe_exit(struct kunit *test)
{
	struct listen_ctx *ctx = test->priv;

	if (!ctx)
		return;
	listen_exit(test);
	skb_queue_purge(&ctx->events);
	rcu_barrier();
}

static struct taskstats_subscription *new_sub(struct kunit *test, struct pid_namespace *ns,
					      u32 records, u32 batch, const char *list)
{
	const struct cpumask *mask = cpus(test, list);
	struct taskstats_subscription *sub = kzalloc_obj(*sub);

	KUNIT_ASSERT_NOT_NULL(test, sub);
	KUNIT_ASSERT_TRUE(test, zalloc_cpumask_var(&sub->cpus, GFP_KERNEL));
	cpumask_copy(sub->cpus, mask);
	sub->records = records;
	sub->batch = batch;
	sub->wait_ms = 60000;
	sub->view.user_ns = get_user_ns(&init_user_ns);
	sub->view.pid_ns = get_pid_ns(ns);
	return sub;
}

static int ear_subscribe_in(struct kunit *test, struct pid_namespace *ns, int i, u32 records,
			    u32 batch, const char *list)
{
	struct taskstats_subscription *sub = new_sub(test, ns, records, batch, list);
	struct listen_ctx *ctx = test->priv;
	struct ear *ear = &ctx->ears[i];
	int err = taskstats_subscribe(&ear->listener, ear->sock->sk, sub);

	if (err)
		taskstats_subscription_free(sub);
	return err;
}

static int ear_subscribe(struct kunit *test, int i, u32 records, u32 batch, const char *list)
{
	struct listen_ctx *ctx = test->priv;

	return ear_subscribe_in(test, ctx->ns, i, records, batch, list);
}

static void ear_unsubscribe(struct kunit *test, int i)
{
	struct listen_ctx *ctx = test->priv;

	taskstats_unsubscribe(&ctx->ears[i].listener);
}

static struct taskstats_account account_of(struct kunit *test, int i)
{
	struct taskstats_subscription sub = {};
	struct taskstats_account account = {};
	struct listen_ctx *ctx = test->priv;

	KUNIT_ASSERT_TRUE(test, zalloc_cpumask_var(&sub.cpus, GFP_KERNEL));
	taskstats_listener_state(&ctx->ears[i].listener, &sub, &account);
	free_cpumask_var(sub.cpus);
	return account;
}

/* The task ends on a CPU, and its group too. */
static void end_on(struct kunit *test, unsigned int cpu)
{
	struct listen_ctx *ctx = test->priv;
	struct taskstats_exiting exit = {
		.tsk = ctx->tsk,
		.last = true,
		.cpu = cpu,
		.begun = S64_MAX,
		.records = BOTH,
		.subscribers = EARS,
		.thread = &ctx->stats,
		.group = &ctx->stats,
	};

	taskstats_deliver(&exit, NULL);
}

static void end_times(struct kunit *test, int times)
{
	while (times--)
		end_on(test, 0);
}

/* A record goes by the id that its task has in the listener's namespace. */
static void expect_inner_id(struct kunit *test, const struct nlattr *record)
{
	const struct nlattr *pid = nla_find_nested(record, TASKSTATS_RECORD_ATTR_PID);
	const struct nlattr *tgid = nla_find_nested(record, TASKSTATS_RECORD_ATTR_TGID);

	KUNIT_ASSERT_TRUE(test, !pid != !tgid);
	if (pid)
		KUNIT_EXPECT_EQ(test, nla_get_u32(pid), INNER_PID);
	else
		KUNIT_EXPECT_EQ(test, nla_get_u32(tgid), INNER_TGID);
}

/* The next message, with so many records in it. */
static void expect_event(struct kunit *test, int i, u64 seq, u64 lost, unsigned int records)
{
	struct nlattr *attrs[TASKSTATS_EXIT_ATTR_MAX + 1], *attr;
	struct listen_ctx *ctx = test->priv;
	unsigned int n = 0;
	struct sk_buff *skb;
	int rem;

	skb = skb_dequeue(&ctx->ears[i].sock->sk->sk_receive_queue);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_EXPECT_EQ(test, nlmsg_hdr(skb)->nlmsg_len, skb->len);
	KUNIT_ASSERT_EQ(test, nlmsg_parse(nlmsg_hdr(skb), GENL_HDRLEN, attrs,
					  TASKSTATS_EXIT_ATTR_MAX, NULL, NULL), 0);
	KUNIT_ASSERT_NOT_NULL(test, attrs[TASKSTATS_EXIT_ATTR_SEQ]);
	KUNIT_ASSERT_NOT_NULL(test, attrs[TASKSTATS_EXIT_ATTR_LOST]);
	KUNIT_EXPECT_EQ(test, nla_get_u64(attrs[TASKSTATS_EXIT_ATTR_SEQ]), seq);
	KUNIT_EXPECT_EQ(test, nla_get_u64(attrs[TASKSTATS_EXIT_ATTR_LOST]), lost);
	nlmsg_for_each_attr(attr, nlmsg_hdr(skb), GENL_HDRLEN, rem) {
		if (nla_type(attr) != TASKSTATS_EXIT_ATTR_RECORD)
			continue;
		expect_inner_id(test, attr);
		n++;
	}
	KUNIT_EXPECT_EQ(test, n, records);
	kfree_skb(skb);
}

static void expect_silence(struct kunit *test, int i)
{
	struct listen_ctx *ctx = test->priv;

	KUNIT_EXPECT_TRUE(test, skb_queue_empty(&ctx->ears[i].sock->sk->sk_receive_queue));
}

static void subscribe_to_threads(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, ear_subscribe(test, 0, TASKSTATS_RECORDS_THREAD, 1, "0"), 0);
	end_on(test, 0);
	expect_event(test, 0, 0, 0, 1);
	expect_silence(test, 0);
}

static void subscribe_to_both(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, ear_subscribe(test, 0, BOTH, 1, "0"), 0);
	end_on(test, 0);
	expect_event(test, 0, 0, 0, 1);
	expect_event(test, 0, 1, 0, 1);
	expect_silence(test, 0);
}

static void subscribe_to_other_cpu(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, ear_subscribe(test, 0, BOTH, 1, "1"), 0);
	end_on(test, 0);
	expect_silence(test, 0);
	end_on(test, 1);
	expect_event(test, 0, 0, 0, 1);
	expect_event(test, 0, 1, 0, 1);
}

static void subscribe_replaces(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, ear_subscribe(test, 0, TASKSTATS_RECORDS_THREAD, 1, "0-1"), 0);
	KUNIT_ASSERT_EQ(test, ear_subscribe(test, 0, TASKSTATS_RECORDS_THREAD, 1, "1"), 0);
	end_on(test, 0);
	expect_silence(test, 0);
	end_on(test, 1);
	expect_event(test, 0, 0, 0, 1);
}

static void subscribe_is_listed_with_its_cpus(struct kunit *test)
{
	struct pid_namespace *ns = &init_pid_ns;

	KUNIT_ASSERT_EQ(test, ear_subscribe_in(test, ns, 0, BOTH, 1, "0-1"), 0);
	expect_cpus(test, 0, "0-1");
	KUNIT_ASSERT_EQ(test, ear_subscribe_in(test, ns, 0, BOTH, 1, "1"), 0);
	expect_cpus(test, 0, "1");
	KUNIT_EXPECT_FALSE(test, heard(0));
	KUNIT_EXPECT_EQ(test, heard(1), BOTH);
}

/* And not with CPUs, where all tasks pass by. */
static void subscribe_is_listed_with_its_namespace(struct kunit *test)
{
	struct listen_ctx *ctx = test->priv;

	KUNIT_ASSERT_EQ(test, ear_subscribe(test, 0, BOTH, 1, "all"), 0);
	KUNIT_EXPECT_TRUE(test, list_is_singular(&ctx->ears[0].listener->entries));
	KUNIT_EXPECT_FALSE(test, hlist_empty(&ctx->ns->taskstats_listeners));
	KUNIT_EXPECT_FALSE(test, heard(0));
	ear_unsubscribe(test, 0);
	KUNIT_EXPECT_TRUE(test, hlist_empty(&ctx->ns->taskstats_listeners));
}

/* Each subscription holds its namespaces, and lets go of them when it goes. */
static void subscribe_lets_namespaces_go(struct kunit *test)
{
	struct user_namespace *user_ns = kunit_kzalloc(test, sizeof(*user_ns), GFP_KERNEL);
	struct listen_ctx *ctx = test->priv;
	struct ear *ear = &ctx->ears[0];
	struct taskstats_subscription *sub;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, user_ns);
	ns_init(&user_ns->ns);
	for (i = 0; i < 2; i++) {
		sub = new_sub(test, ctx->ns, BOTH, 1, "0");
		sub->view.user_ns = get_user_ns(user_ns);
		KUNIT_ASSERT_EQ(test, taskstats_subscribe(&ear->listener, ear->sock->sk, sub), 0);
		rcu_barrier();
		KUNIT_EXPECT_EQ(test, ns_ref_read(ctx->ns), 1 + IS_ENABLED(CONFIG_PID_NS));
		KUNIT_EXPECT_EQ(test, ns_ref_read(user_ns), 1 + IS_ENABLED(CONFIG_USER_NS));
	}
	ear_unsubscribe(test, 0);
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, ns_ref_read(ctx->ns), 1);
	KUNIT_EXPECT_EQ(test, ns_ref_read(user_ns), 1);
}

static void subscribe_and_mask_exclude_each_other(struct kunit *test)
{
	struct pid_namespace *ns = &init_pid_ns;

	KUNIT_ASSERT_EQ(test, ear_subscribe_in(test, ns, 0, BOTH, 1, "0"), 0);
	KUNIT_EXPECT_EQ(test, ear_add(test, 0, "1"), -EBUSY);
	ear_remove(test, 0, "all");
	expect_cpus(test, 0, "0");

	KUNIT_ASSERT_EQ(test, ear_add(test, 1, "0"), 0);
	KUNIT_EXPECT_EQ(test, ear_subscribe_in(test, ns, 1, BOTH, 1, "1"), -EBUSY);
	ear_unsubscribe(test, 1);
	expect_cpus(test, 1, "0");
}

static void subscribe_without_memory_keeps_old(struct kunit *test)
{
	struct pid_namespace *ns = &init_pid_ns;

	KUNIT_ASSERT_EQ(test, ear_subscribe_in(test, ns, 0, TASKSTATS_RECORDS_THREAD, 1, "0"), 0);
	refuse(test, 1);
	KUNIT_EXPECT_EQ(test, ear_subscribe_in(test, ns, 0, BOTH, 2, "0-1"), -ENOMEM);
	expect_cpus(test, 0, "0");
	KUNIT_EXPECT_EQ(test, heard(0), TASKSTATS_RECORDS_THREAD);
}

static void subscribe_without_memory_for_first(struct kunit *test)
{
	int nth;

	for (nth = 1; nth <= 2; nth++) {
		refuse(test, nth);
		KUNIT_EXPECT_EQ(test, ear_subscribe(test, 0, BOTH, 1, "0"), -ENOMEM);
		end_on(test, 0);
		expect_silence(test, 0);
	}
}

/* The listener; then the first CPU, and the second, as the listener remains. */
static void subscribe_without_memory_for_cpus(struct kunit *test)
{
	static const int nth[] = { 1, 2, 2 };
	int i;

	for (i = 0; i < ARRAY_SIZE(nth); i++) {
		refuse(test, nth[i]);
		KUNIT_EXPECT_EQ(test, ear_subscribe_in(test, &init_pid_ns, 0, BOTH, 1, "0-1"),
				-ENOMEM);
		KUNIT_EXPECT_EQ(test, heard(0), 0);
		KUNIT_EXPECT_EQ(test, heard(1), 0);
	}
}

static void subscribe_to_full_namespace(struct kunit *test)
{
	struct listen_ctx *ctx = test->priv;

	ctx->ns->taskstats_nr_listeners = 1023;
	KUNIT_EXPECT_EQ(test, ear_subscribe(test, 0, BOTH, 1, "0"), 0);
	KUNIT_EXPECT_EQ(test, ear_subscribe(test, 1, BOTH, 1, "0"), -ENOSPC);
	/* Who is in may change its mind, and who goes makes room. */
	KUNIT_EXPECT_EQ(test, ear_subscribe(test, 0, BOTH, 2, "0"), 0);
	ear_unsubscribe(test, 0);
	KUNIT_EXPECT_EQ(test, ear_subscribe(test, 1, BOTH, 1, "0"), 0);
}

/* An exit in the innermost tells all who listen around it too. */
static void subscribe_in_nested_namespaces(struct kunit *test)
{
	struct listen_ctx *ctx = test->priv;
	struct pid_namespace *below = new_pid_ns(test, ctx->ns);

	ctx->ns->taskstats_nr_listeners = 510;
	KUNIT_EXPECT_EQ(test, ear_subscribe_in(test, below, 0, BOTH, 1, "0"), 0);
	KUNIT_EXPECT_EQ(test, ear_subscribe(test, 1, BOTH, 1, "0"), 0);
	KUNIT_EXPECT_EQ(test, ctx->ns->taskstats_nr_listeners, 512);
	KUNIT_EXPECT_EQ(test, ear_subscribe_in(test, below, 2, BOTH, 1, "0"), -ENOSPC);
	/* The other half is for those around. */
	KUNIT_EXPECT_EQ(test, ear_subscribe(test, 2, BOTH, 1, "0"), 0);
	ear_unsubscribe(test, 2);
	/* From one of them into the other it takes a place of its own. */
	KUNIT_EXPECT_EQ(test, ear_subscribe_in(test, below, 1, BOTH, 1, "0"), -ENOSPC);
	ear_unsubscribe(test, 0);
	KUNIT_EXPECT_EQ(test, ear_subscribe_in(test, below, 1, BOTH, 1, "0"), 0);
	KUNIT_EXPECT_EQ(test, ctx->ns->taskstats_nr_listeners, 511);
}

static void batch_goes_when_full(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, ear_subscribe(test, 0, TASKSTATS_RECORDS_THREAD, 3, "0"), 0);
	end_times(test, 2);
	expect_silence(test, 0);
	KUNIT_EXPECT_EQ(test, account_of(test, 0).pending, 2);
	end_times(test, 2);
	expect_event(test, 0, 0, 0, 3);
	expect_silence(test, 0);
	KUNIT_EXPECT_EQ(test, account_of(test, 0).pending, 1);
	KUNIT_EXPECT_EQ(test, account_of(test, 0).delivered, 3);
}

static void batch_goes_before_16k(struct kunit *test)
{
	struct listen_ctx *ctx = test->priv;
	struct sk_buff_head *queue;
	int n = 0;

	KUNIT_ASSERT_EQ(test, ear_subscribe(test, 0, TASKSTATS_RECORDS_THREAD, 1024, "0"), 0);
	queue = &ctx->ears[0].sock->sk->sk_receive_queue;
	while (skb_queue_empty(queue) && n++ < 100)
		end_on(test, 0);
	/* With the last one there is no room for another, and it does not wait for that. */
	KUNIT_ASSERT_FALSE(test, skb_queue_empty(queue));
	KUNIT_EXPECT_LE(test, skb_peek(queue)->len, 16384);
	KUNIT_EXPECT_GE(test, skb_peek(queue)->len, 14000);
	expect_event(test, 0, 0, 0, n);
	KUNIT_EXPECT_EQ(test, account_of(test, 0).pending, 0);
}

/* The reader's buffer is not charged for what has never been filled. */
static void batch_goes_without_its_rest(struct kunit *test)
{
	struct listen_ctx *ctx = test->priv;
	struct sk_buff_head *queue = &ctx->ears[0].sock->sk->sk_receive_queue;

	KUNIT_ASSERT_EQ(test, ear_subscribe(test, 0, TASKSTATS_RECORDS_THREAD, 1024, "0"), 0);
	end_times(test, 2);
	ear_unsubscribe(test, 0);
	KUNIT_ASSERT_FALSE(test, skb_queue_empty(queue));
	KUNIT_EXPECT_LE(test, skb_peek(queue)->truesize, SKB_TRUESIZE(4096));
	expect_event(test, 0, 0, 0, 2);
}

static void batch_goes_in_time(struct kunit *test)
{
	struct listen_ctx *ctx = test->priv;

	KUNIT_ASSERT_EQ(test, ear_subscribe(test, 0, TASKSTATS_RECORDS_THREAD, 3, "0"), 0);
	end_times(test, 2);
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&ctx->ears[0].listener->flush));
	flush_delayed_work(&ctx->ears[0].listener->flush);
	expect_event(test, 0, 0, 0, 2);
	end_times(test, 3);
	expect_event(test, 0, 2, 0, 3);
}

static void batch_goes_with_its_subscription(struct kunit *test)
{
	struct listen_ctx *ctx = test->priv;

	KUNIT_ASSERT_EQ(test, ear_subscribe(test, 0, TASKSTATS_RECORDS_THREAD, 3, "0"), 0);
	end_on(test, 0);
	KUNIT_ASSERT_EQ(test, ear_subscribe(test, 0, TASKSTATS_RECORDS_THREAD, 2, "0"), 0);
	expect_event(test, 0, 0, 0, 1);
	/* The time that the first one had is not that of the second. */
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&ctx->ears[0].listener->flush));
	end_on(test, 0);
	ear_unsubscribe(test, 0);
	expect_event(test, 0, 1, 0, 1);
	end_on(test, 0);
	expect_silence(test, 0);
	KUNIT_EXPECT_EQ(test, account_of(test, 0).delivered, 2);
}

/* Who begins meanwhile may have been told, or not, before; who goes on is told. */
static void exit_under_way_is_told_to_who_goes_on(struct kunit *test)
{
	struct listen_ctx *ctx = test->priv;
	struct taskstats_exiting exit = {
		.tsk = ctx->tsk,
		.thread = &ctx->stats,
	};

	KUNIT_ASSERT_EQ(test, ear_subscribe(test, 0, TASKSTATS_RECORDS_THREAD, 1, "0"), 0);
	KUNIT_ASSERT_EQ(test, ear_subscribe(test, 1, TASKSTATS_RECORDS_THREAD, 1, "0"), 0);
	taskstats_heard(&exit);
	KUNIT_EXPECT_EQ(test, exit.subscribers, 2);
	KUNIT_ASSERT_EQ(test, ear_subscribe(test, 0, BOTH, 2, "0"), 0);
	ear_unsubscribe(test, 1);
	KUNIT_ASSERT_EQ(test, ear_subscribe(test, 1, TASKSTATS_RECORDS_THREAD, 1, "0"), 0);
	KUNIT_ASSERT_EQ(test, ear_subscribe(test, 2, TASKSTATS_RECORDS_THREAD, 1, "0"), 0);
	taskstats_deliver(&exit, NULL);
	KUNIT_EXPECT_EQ(test, account_of(test, 0).pending, 1);
	expect_silence(test, 1);
	expect_silence(test, 2);
	taskstats_heard(&exit);
	taskstats_deliver(&exit, NULL);
	expect_event(test, 0, 0, 0, 2);
	expect_event(test, 1, 0, 0, 1);
	expect_event(test, 2, 0, 0, 1);
}

static void batch_of_closed_socket_is_freed(struct kunit *test)
{
	struct listen_ctx *ctx = test->priv;

	KUNIT_ASSERT_EQ(test, ear_subscribe(test, 0, TASKSTATS_RECORDS_THREAD, 3, "0"), 0);
	end_times(test, 2);
	ear_close(&ctx->ears[0]);
	end_on(test, 0);
}

static struct sk_buff *refuse_event(u64 seq, u64 lost, unsigned int records)
{
	return NULL;
}

/* One that was made before, when there was memory. */
static struct sk_buff *refuse_large_event(u64 seq, u64 lost, unsigned int records)
{
	struct listen_ctx *ctx = kunit_get_current_test()->priv;

	return records > 1 ? NULL : skb_dequeue(&ctx->events);
}

/* To be found by refuse_large_event(). */
static void keep_event(struct kunit *test, u64 seq)
{
	struct sk_buff *skb = taskstats_event_new(seq, 0, 1);
	struct listen_ctx *ctx = test->priv;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_queue_tail(&ctx->events, skb);
}

static void lost_without_memory(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, ear_subscribe(test, 0, BOTH, 1, "0"), 0);
	kunit_activate_static_stub(test, taskstats_event_new, refuse_event);
	end_on(test, 0);
	kunit_deactivate_static_stub(test, taskstats_event_new);
	expect_silence(test, 0);
	KUNIT_EXPECT_EQ(test, ear_error(test, 0), -ENOBUFS);
	KUNIT_EXPECT_EQ(test, account_of(test, 0).lost[TASKSTATS_LOST_NOMEM], 2);
	end_on(test, 0);
	expect_event(test, 0, 2, 2, 1);
	expect_event(test, 0, 3, 2, 1);
	KUNIT_EXPECT_EQ(test, account_of(test, 0).delivered, 2);
}

/* A message in which there is room for fewer than were asked for, and no other. */
static void lost_after_small_message(struct kunit *test)
{
	unsigned int told;
	int n = 0;

	keep_event(test, 0);
	KUNIT_ASSERT_EQ(test, ear_subscribe(test, 0, TASKSTATS_RECORDS_THREAD, 1024, "0"), 0);
	kunit_activate_static_stub(test, taskstats_event_new, refuse_large_event);
	while (!account_of(test, 0).lost[TASKSTATS_LOST_NOMEM] && n++ < 100)
		end_on(test, 0);
	kunit_deactivate_static_stub(test, taskstats_event_new);
	told = account_of(test, 0).delivered;
	KUNIT_EXPECT_GE(test, told, 1);
	expect_event(test, 0, 0, 0, told);
	KUNIT_EXPECT_EQ(test, ear_error(test, 0), -ENOBUFS);
	end_on(test, 0);
	ear_unsubscribe(test, 0);
	expect_event(test, 0, told + 1, 1, 1);
}

static void small_message_if_there_is_no_large_one(struct kunit *test)
{
	u64 seq;

	for (seq = 0; seq < 2; seq++)
		keep_event(test, seq);
	KUNIT_ASSERT_EQ(test, ear_subscribe(test, 0, TASKSTATS_RECORDS_THREAD, 3, "0"), 0);
	kunit_activate_static_stub(test, taskstats_event_new, refuse_large_event);
	end_times(test, 2);
	kunit_deactivate_static_stub(test, taskstats_event_new);
	ear_unsubscribe(test, 0);
	KUNIT_EXPECT_EQ(test, account_of(test, 0).delivered, 2);
	KUNIT_EXPECT_EQ(test, account_of(test, 0).lost[TASKSTATS_LOST_NOMEM], 0);
}

static void lost_with_full_buffer(struct kunit *test)
{
	struct listen_ctx *ctx = test->priv;

	KUNIT_ASSERT_EQ(test, ear_subscribe(test, 0, TASKSTATS_RECORDS_THREAD, 2, "0"), 0);
	ctx->ears[0].sock->sk->sk_rcvbuf = 1;
	end_times(test, 4);
	KUNIT_EXPECT_EQ(test, ear_error(test, 0), -ENOBUFS);
	KUNIT_EXPECT_EQ(test, account_of(test, 0).delivered, 2);
	KUNIT_EXPECT_EQ(test, account_of(test, 0).lost[TASKSTATS_LOST_OVERRUN], 2);
	expect_event(test, 0, 0, 0, 2);
	expect_silence(test, 0);
}

static void account_by_mask(struct kunit *test)
{
	struct listen_ctx *ctx = test->priv;

	KUNIT_ASSERT_EQ(test, ear_add(test, 0, "0"), 0);
	deliver(new_record(test), 0);
	deliver(NULL, 0);
	ctx->ears[0].sock->sk->sk_rcvbuf = 1;
	deliver(new_record(test), 0);
	KUNIT_EXPECT_EQ(test, account_of(test, 0).delivered, 1);
	KUNIT_EXPECT_EQ(test, account_of(test, 0).lost[TASKSTATS_LOST_NOMEM], 1);
	KUNIT_EXPECT_EQ(test, account_of(test, 0).lost[TASKSTATS_LOST_OVERRUN], 1);
	kfree_skb(ear_take(test, 0));
}

static struct kunit_case taskstats_subscribe_cases[] = {
	KUNIT_CASE(subscribe_to_threads),
	KUNIT_CASE(subscribe_to_both),
	KUNIT_CASE(subscribe_to_other_cpu),
	KUNIT_CASE(subscribe_replaces),
	KUNIT_CASE(subscribe_is_listed_with_its_cpus),
	KUNIT_CASE(subscribe_is_listed_with_its_namespace),
	KUNIT_CASE(subscribe_lets_namespaces_go),
	KUNIT_CASE(subscribe_and_mask_exclude_each_other),
	KUNIT_CASE(subscribe_without_memory_keeps_old),
	KUNIT_CASE(subscribe_without_memory_for_first),
	KUNIT_CASE(subscribe_without_memory_for_cpus),
	KUNIT_CASE(subscribe_to_full_namespace),
	KUNIT_CASE(subscribe_in_nested_namespaces),
	KUNIT_CASE(batch_goes_when_full),
	KUNIT_CASE(batch_goes_before_16k),
	KUNIT_CASE(batch_goes_without_its_rest),
	KUNIT_CASE(batch_goes_in_time),
	KUNIT_CASE(batch_goes_with_its_subscription),
	KUNIT_CASE(exit_under_way_is_told_to_who_goes_on),
	KUNIT_CASE(batch_of_closed_socket_is_freed),
	KUNIT_CASE(lost_without_memory),
	KUNIT_CASE(lost_after_small_message),
	KUNIT_CASE(small_message_if_there_is_no_large_one),
	KUNIT_CASE(lost_with_full_buffer),
	KUNIT_CASE(account_by_mask),
	{}
};

static struct kunit_suite taskstats_subscribe_suite = {
	.name = "taskstats_subscribe",
	.init = subscribe_init,
	.exit = subscribe_exit,
	.test_cases = taskstats_subscribe_cases,
};

/* ---- Replies ---- */

/**
 * struct reply_param - an id to put, and where
 * @name: what is special about it
 * @type: kind of id
 * @aggr: the nest that it goes into
 * @before: bytes of payload put before it, to move what follows by four
 */
struct reply_param {
	const char *name;
	int type;
	int aggr;
	size_t before;
};

static const struct reply_param reply_params[] = {
	{ "pid", TASKSTATS_TYPE_PID, TASKSTATS_TYPE_AGGR_PID, 0 },
	{ "pid, moved by 4", TASKSTATS_TYPE_PID, TASKSTATS_TYPE_AGGR_PID, 4 },
	{ "pid, moved by 8", TASKSTATS_TYPE_PID, TASKSTATS_TYPE_AGGR_PID, 8 },
	{ "tgid", TASKSTATS_TYPE_TGID, TASKSTATS_TYPE_AGGR_TGID, 0 },
	{ "tgid, moved by 4", TASKSTATS_TYPE_TGID, TASKSTATS_TYPE_AGGR_TGID, 4 },
	{ "tgid, moved by 8", TASKSTATS_TYPE_TGID, TASKSTATS_TYPE_AGGR_TGID, 8 },
};

KUNIT_ARRAY_PARAM_DESC(reply, reply_params, name);

static void free_skb(void *skb)
{
	kfree_skb(skb);
}

/* A message with room for exactly @room bytes behind what is put before. */
static struct sk_buff *new_message(struct kunit *test, size_t before, size_t room)
{
	struct sk_buff *skb = alloc_skb(before + room, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_skb, skb), 0);
	/* The allocator may give more than it was asked for. */
	skb_reserve(skb, skb_tailroom(skb) - before - room);
	skb_put_zero(skb, before);
	return skb;
}

/* Padding is counted whether it is needed or not, so there may be that left. */
static size_t pad_room(void)
{
	return nla_total_size_64bit(sizeof(struct taskstats)) -
	       nla_total_size(sizeof(struct taskstats));
}

static void reply_fits_exactly(struct kunit *test)
{
	const struct reply_param *param = test->param_value;
	struct sk_buff *skb = new_message(test, param->before, taskstats_aggr_size());

	KUNIT_EXPECT_NOT_NULL(test, taskstats_put_aggr(skb, param->type, 1));
	KUNIT_EXPECT_LE(test, skb_tailroom(skb), pad_room());
	if (!pad_room() && !IS_ENABLED(CONFIG_M68K))
		KUNIT_EXPECT_EQ(test, skb->len, param->before + 704);
}

static void reply_too_small(struct kunit *test)
{
	const struct reply_param *param = test->param_value;
	size_t room;

	/* At every size, so that the nest, the id and the figures all fail once. */
	for (room = 0; room < taskstats_aggr_size() - pad_room(); room += NLA_ALIGNTO) {
		struct sk_buff *skb = new_message(test, param->before, room);

		KUNIT_EXPECT_NULL(test, taskstats_put_aggr(skb, param->type, 1));
		KUNIT_EXPECT_EQ(test, skb->len, param->before);
	}
}

static void reply_attribute_order(struct kunit *test)
{
	const struct reply_param *param = test->param_value;
	struct sk_buff *skb = new_message(test, param->before, taskstats_aggr_size());
	struct taskstats *stats = taskstats_put_aggr(skb, param->type, 4711);
	struct nlattr *nest = (struct nlattr *)(skb->data + param->before);
	struct nlattr *id = nla_data(nest);
	struct nlattr *last = nla_next(id, &(int){ nla_len(nest) });

	KUNIT_ASSERT_NOT_NULL(test, stats);
	/* The raw type: no flag is set, because old readers compare it whole. */
	KUNIT_EXPECT_EQ(test, nest->nla_type, param->aggr);
	KUNIT_EXPECT_EQ(test, nest->nla_len, skb->len - param->before);
	KUNIT_EXPECT_EQ(test, id->nla_type, param->type);
	KUNIT_EXPECT_EQ(test, id->nla_len, 8);
	KUNIT_EXPECT_EQ(test, nla_get_u32(id), 4711);
	if (last->nla_type == TASKSTATS_TYPE_NULL) {
		KUNIT_EXPECT_EQ(test, last->nla_len, NLA_HDRLEN);
		last = nla_next(last, &(int){ NLA_HDRLEN });
	}
	KUNIT_EXPECT_EQ(test, last->nla_type, TASKSTATS_TYPE_STATS);
	KUNIT_EXPECT_EQ(test, last->nla_len, NLA_HDRLEN + sizeof(*stats));
	KUNIT_EXPECT_PTR_EQ(test, (void *)stats, nla_data(last));
	KUNIT_EXPECT_PTR_EQ(test, (void *)(stats + 1), (void *)skb_tail_pointer(skb));
}

static void reply_figures_aligned(struct kunit *test)
{
	const struct reply_param *param = test->param_value;
	struct sk_buff *skb = new_message(test, param->before, taskstats_aggr_size());
	struct taskstats *stats = taskstats_put_aggr(skb, param->type, 1);

	KUNIT_ASSERT_NOT_NULL(test, stats);
	if (IS_ENABLED(CONFIG_HAVE_EFFICIENT_UNALIGNED_ACCESS))
		kunit_skip(test, "this architecture does not want it");
	KUNIT_EXPECT_TRUE(test, IS_ALIGNED((unsigned long)stats, 8));
}

static void record_of_thread(struct kunit *test)
{
	struct sk_buff *skb = new_record(test);
	struct nlattr *nest = genlmsg_data(nlmsg_data(nlmsg_hdr(skb)));

	KUNIT_EXPECT_EQ(test, nlmsg_hdr(skb)->nlmsg_len, skb->len);
	KUNIT_EXPECT_EQ(test, nlmsg_hdr(skb)->nlmsg_pid, 0);
	KUNIT_EXPECT_EQ(test, nlmsg_hdr(skb)->nlmsg_flags, 0);
	KUNIT_EXPECT_EQ(test, nest->nla_type, TASKSTATS_TYPE_AGGR_PID);
	KUNIT_EXPECT_EQ(test, NLMSG_HDRLEN + GENL_HDRLEN + nest->nla_len, skb->len);
	if (!pad_room() && !IS_ENABLED(CONFIG_M68K))
		KUNIT_EXPECT_EQ(test, skb->len, 724);
	kfree_skb(skb);
}

static void record_of_last_thread(struct kunit *test)
{
	struct taskstats_exiting exit = { .tsk = current, .last = true };
	struct sk_buff *skb = taskstats_record(&exit, true);
	struct nlattr *nest, *group;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	nest = genlmsg_data(nlmsg_data(nlmsg_hdr(skb)));
	group = nla_next(nest, &(int){ skb->len });

	KUNIT_EXPECT_EQ(test, nest->nla_type, TASKSTATS_TYPE_AGGR_PID);
	KUNIT_EXPECT_EQ(test, group->nla_type, TASKSTATS_TYPE_AGGR_TGID);
	KUNIT_EXPECT_PTR_EQ(test, (void *)group + nla_total_size(nla_len(group)),
			    (void *)skb_tail_pointer(skb));
	if (!pad_room() && !IS_ENABLED(CONFIG_M68K))
		KUNIT_EXPECT_EQ(test, skb->len, 1428);
	kfree_skb(skb);
}

/* A clone() that failed has left room for totals, but no group. */
static void record_of_only_thread(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, taskstats_group_alloc(current->signal), 0);
	KUNIT_EXPECT_FALSE(test, taskstats_had_threads(current->signal));
	current->signal->taskstats->departed = true;
	KUNIT_EXPECT_TRUE(test, taskstats_had_threads(current->signal));
	current->signal->taskstats->departed = false;
}

/* Whoever is told next need not fill in anything. */
static void record_keeps_figures(struct kunit *test)
{
	struct taskstats_exiting exit = { .tsk = current, .last = true };
	struct sk_buff *skb = taskstats_record(&exit, true);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_ASSERT_NOT_NULL(test, exit.thread);
	KUNIT_ASSERT_NOT_NULL(test, exit.group);
	KUNIT_EXPECT_EQ(test, exit.thread->ac_pid, task_pid_nr(current));
	KUNIT_EXPECT_EQ(test, exit.thread->ac_flag & AGROUP, AGROUP);
	KUNIT_EXPECT_EQ(test, exit.group->ac_tgid, task_tgid_nr(current));
	KUNIT_EXPECT_TRUE(test, (void *)exit.thread > (void *)skb->data);
	KUNIT_EXPECT_TRUE(test, (void *)(exit.group + 1) == (void *)skb_tail_pointer(skb));
	kfree_skb(skb);
}

/* A record in place, whether its figures come from elsewhere or not. */
static void event_layout(struct kunit *test)
{
	struct taskstats_exiting exit = {
		.tsk = current,
		.cpu = 3,
		.last = true,
		.group_delays = TASKSTATS_DELAYS_SOME,
	};
	struct sk_buff *skb = taskstats_event_new(5, 2, 2);
	struct nlattr *attrs[TASKSTATS_RECORD_ATTR_MAX + 1], *attr;
	unsigned int before, i;
	bool added = false;
	u64 cgroup = 0;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_skb, skb), 0);
	for (i = 0; i < 2; i++) {
		int type = TASKSTATS_RECORD_ATTR_PID + i;

		before = skb->len;
		scoped_guard(rcu) {
			cgroup = taskstats_cgroup_id(current);
			added = taskstats_event_add(skb, &exit, type, &init_view);
		}
		KUNIT_ASSERT_TRUE(test, added);
		attr = (struct nlattr *)(skb->data + before);
		KUNIT_EXPECT_EQ(test, attr->nla_type, TASKSTATS_EXIT_ATTR_RECORD | NLA_F_NESTED);
		KUNIT_EXPECT_EQ(test, before + attr->nla_len, skb->len);
		KUNIT_ASSERT_EQ(test, nla_parse_nested(attrs, TASKSTATS_RECORD_ATTR_MAX, attr,
						       NULL, NULL), 0);
		KUNIT_ASSERT_NOT_NULL(test, attrs[type]);
		KUNIT_EXPECT_NULL(test, attrs[TASKSTATS_RECORD_ATTR_TGID - i]);
		KUNIT_EXPECT_EQ(test, nla_get_u32(attrs[type]), task_pid_nr(current));
		KUNIT_EXPECT_EQ(test, nla_get_u32(attrs[TASKSTATS_RECORD_ATTR_CPU]), 3);
		if (type == TASKSTATS_RECORD_ATTR_TGID)
			KUNIT_EXPECT_EQ(test, nla_get_u32(attrs[TASKSTATS_RECORD_ATTR_DELAYS]),
					TASKSTATS_DELAYS_SOME);
		KUNIT_EXPECT_EQ(test, nla_get_u64(attrs[TASKSTATS_RECORD_ATTR_START]),
				current->start_boottime);
		KUNIT_EXPECT_EQ(test, nla_get_u64(attrs[TASKSTATS_RECORD_ATTR_CGROUP]),
				cgroup);
		KUNIT_EXPECT_EQ(test, nla_len(attrs[TASKSTATS_RECORD_ATTR_STATS]),
				sizeof(struct taskstats));
	}
}

static void event_without_room(struct kunit *test)
{
	struct taskstats_exiting exit = { .tsk = current };
	struct sk_buff *skb = new_message(test, 0, EVENT_ROOM_OF_ONE - 1);

	scoped_guard(rcu)
		KUNIT_EXPECT_FALSE(test, taskstats_event_add(skb, &exit,
							     TASKSTATS_RECORD_ATTR_PID,
							     &init_view));
	KUNIT_EXPECT_EQ(test, skb->len, 0);
}

static void event_fits_exactly(struct kunit *test)
{
	struct taskstats_exiting exit = { .tsk = current };
	struct sk_buff *skb = new_message(test, 0, EVENT_ROOM_OF_ONE);

	scoped_guard(rcu)
		KUNIT_EXPECT_TRUE(test, taskstats_event_add(skb, &exit,
							    TASKSTATS_RECORD_ATTR_PID,
							    &init_view));
	KUNIT_EXPECT_EQ(test, skb->len, EVENT_ROOM_OF_ONE);
}

static struct kunit_case taskstats_reply_cases[] = {
	KUNIT_CASE_PARAM(reply_fits_exactly, reply_gen_params),
	KUNIT_CASE_PARAM(reply_too_small, reply_gen_params),
	KUNIT_CASE_PARAM(reply_attribute_order, reply_gen_params),
	KUNIT_CASE_PARAM(reply_figures_aligned, reply_gen_params),
	KUNIT_CASE(record_of_thread),
	KUNIT_CASE(record_of_last_thread),
	KUNIT_CASE(record_of_only_thread),
	KUNIT_CASE(record_keeps_figures),
	KUNIT_CASE(event_layout),
	KUNIT_CASE(event_without_room),
	KUNIT_CASE(event_fits_exactly),
	{}
};

static struct kunit_suite taskstats_reply_suite = {
	.name = "taskstats_reply",
	.test_cases = taskstats_reply_cases,
};

/* ---- Dumps, and who may see what ---- */

/**
 * struct dump_test - a dump, and the request that it answers
 * @cb: the dump
 * @info: the request, with @attrs
 * @attrs: what it asks for
 * @attr: the one attribute with a value
 */
struct dump_test {
	struct netlink_callback cb;
	struct genl_dumpit_info info;
	struct nlattr *attrs[TASKSTATS_CMD_ATTR_MAX + 1];
	struct {
		struct nlattr head;
		u32 value;
	} attr;
};

/* A socket that somebody has opened. */
static struct sock *new_sock(struct kunit *test, const struct cred *opener)
{
	struct socket *socket = kunit_kzalloc(test, sizeof(*socket), GFP_KERNEL);
	struct file *file = kunit_kzalloc(test, sizeof(*file), GFP_KERNEL);
	struct sock *sk = kunit_kzalloc(test, sizeof(*sk), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, socket);
	KUNIT_ASSERT_NOT_NULL(test, file);
	KUNIT_ASSERT_NOT_NULL(test, sk);
	file->f_cred = opener;
	socket->file = file;
	sk->sk_socket = socket;
	return sk;
}

static struct dump_test *new_dump_by(struct kunit *test, const struct cred *opener)
{
	struct dump_test *dump = kunit_kzalloc(test, sizeof(*dump), GFP_KERNEL);
	struct sk_buff *request = new_message(test, 0, 2 * NLMSG_HDRLEN);
	struct nlmsghdr *nlh = skb_put_zero(request, NLMSG_HDRLEN);

	KUNIT_ASSERT_NOT_NULL(test, dump);
	nlh->nlmsg_len = NLMSG_HDRLEN;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	NETLINK_CB(request).sk = new_sock(test, opener);
	dump->cb.skb = request;
	dump->cb.data = &dump->info;
	dump->info.info.attrs = dump->attrs;
	dump->info.info.snd_portid = 7;
	dump->info.info.snd_seq = 11;
	return dump;
}

/* A kernel thread is privileged. */
static struct dump_test *new_dump(struct kunit *test)
{
	return new_dump_by(test, current_cred());
}

static void dump_ask(struct dump_test *dump, int type, u32 value)
{
	dump->attr.head.nla_type = type;
	dump->attr.head.nla_len = nla_attr_size(sizeof(value));
	dump->attr.value = value;
	dump->attrs[type] = &dump->attr.head;
}

static void dump_done(void *cb)
{
	taskstats_dump_done(cb);
}

static void dump_start(struct kunit *test, struct dump_test *dump)
{
	KUNIT_ASSERT_EQ(test, taskstats_dump_start(&dump->cb), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, dump_done, &dump->cb), 0);
}

static size_t dump_message_size(void)
{
	return NLMSG_HDRLEN + GENL_HDRLEN + taskstats_aggr_size();
}

/* The id in a message, whose layout is that of any answer. */
static u32 dump_id(struct kunit *test, const struct nlmsghdr *nlh, int aggr)
{
	const struct nlattr *nest = nlmsg_data(nlh) + GENL_HDRLEN;
	const struct nlattr *id = nla_data(nest);
	const void *stats = (void *)nlh + nlh->nlmsg_len - sizeof(struct taskstats);

	if (!IS_ENABLED(CONFIG_HAVE_EFFICIENT_UNALIGNED_ACCESS))
		KUNIT_EXPECT_TRUE(test, IS_ALIGNED((unsigned long)stats, 8));
	KUNIT_EXPECT_EQ(test, nlh->nlmsg_flags, NLM_F_MULTI);
	KUNIT_EXPECT_EQ(test, nlh->nlmsg_pid, 7);
	KUNIT_EXPECT_EQ(test, nlh->nlmsg_seq, 11);
	KUNIT_EXPECT_EQ(test, nest->nla_type, aggr);
	return nla_get_u32(id);
}

/*
 * Goes on with a dump, in messages of @room bytes. All ids ascend; returns their
 * number, and whether this task was @seen.
 */
static unsigned int dump_all(struct kunit *test, struct dump_test *dump, size_t room,
			     int aggr, bool *seen)
{
	struct sk_buff *skb = new_message(test, 0, room);
	unsigned int count = 0;
	u32 id, last = 0;
	int err;

	*seen = false;
	do {
		struct nlmsghdr *nlh = (struct nlmsghdr *)skb->data;
		int left;

		skb_trim(skb, 0);
		err = taskstats_dump(skb, &dump->cb);
		for (left = skb->len; nlmsg_ok(nlh, left); nlh = nlmsg_next(nlh, &left)) {
			id = dump_id(test, nlh, aggr);
			KUNIT_EXPECT_GT(test, id, last);
			last = id;
			*seen |= id == task_pid_nr(current);
			count++;
		}
		KUNIT_ASSERT_TRUE(test, !err || skb->len);
	} while (err == -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, err, 0);
	return count;
}

static void dump_groups(struct kunit *test)
{
	struct dump_test *dump = new_dump(test);
	bool seen;

	dump_start(test, dump);
	KUNIT_EXPECT_GT(test, dump_all(test, dump, 16 * dump_message_size(),
				       TASKSTATS_TYPE_AGGR_TGID, &seen), 2);
	KUNIT_EXPECT_TRUE(test, seen);
}

/* Where a message begins depends on how much the reader asks for. */
static void dump_moved_by_four(struct kunit *test)
{
	struct dump_test *dump = new_dump(test);
	bool seen;

	dump_start(test, dump);
	KUNIT_EXPECT_GT(test, dump_all(test, dump, 16 * dump_message_size() + 4,
				       TASKSTATS_TYPE_AGGR_TGID, &seen), 2);
	KUNIT_EXPECT_TRUE(test, seen);
}

static void dump_threads_one_by_one(struct kunit *test)
{
	struct dump_test *dump = new_dump(test);
	bool seen;

	dump_ask(dump, TASKSTATS_CMD_ATTR_THREADS, 0);
	dump_start(test, dump);
	KUNIT_EXPECT_GT(test, dump_all(test, dump, dump_message_size(),
				       TASKSTATS_TYPE_AGGR_PID, &seen), 2);
	KUNIT_EXPECT_TRUE(test, seen);
}

static void dump_threads_of_group(struct kunit *test)
{
	struct dump_test *dump = new_dump(test);
	bool seen;

	dump_ask(dump, TASKSTATS_CMD_ATTR_TGID, task_pid_nr(current));
	dump_start(test, dump);
	KUNIT_EXPECT_EQ(test, dump_all(test, dump, 4 * dump_message_size(),
				       TASKSTATS_TYPE_AGGR_PID, &seen), 1);
	KUNIT_EXPECT_TRUE(test, seen);
}

static void dump_of_missing_group(struct kunit *test)
{
	struct dump_test *dump = new_dump(test);

	dump_ask(dump, TASKSTATS_CMD_ATTR_TGID, PID_MAX_LIMIT);
	KUNIT_EXPECT_EQ(test, taskstats_dump_start(&dump->cb), -ESRCH);
}

/* Its id finds it still, but no longer its group: that is not to ask for all. */
static void dump_of_group_that_is_reaped(struct kunit *test)
{
	struct pid **tgid = &current->signal->pids[PIDTYPE_TGID];
	struct dump_test *dump = new_dump(test);
	struct pid *kept = *tgid;
	int err;

	dump_ask(dump, TASKSTATS_CMD_ATTR_TGID, task_pid_nr(current));
	WRITE_ONCE(*tgid, NULL);
	err = taskstats_dump_start(&dump->cb);
	WRITE_ONCE(*tgid, kept);
	KUNIT_EXPECT_EQ(test, err, -ESRCH);
}

static void expect_no_room(struct kunit *test, struct dump_test *dump, size_t room)
{
	struct sk_buff *skb = new_message(test, 0, room);
	int i;

	dump_start(test, dump);
	/* Again and again: it does not pass over the task that did not fit. */
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(test, taskstats_dump(skb, &dump->cb), -EMSGSIZE);
		KUNIT_EXPECT_EQ(test, skb->len, 0);
	}
}

static void dump_without_room(struct kunit *test)
{
	expect_no_room(test, new_dump(test), dump_message_size() - pad_room() - NLA_ALIGNTO);
}

/* There is for the figures, but not for what comes behind them. */
static void dump_without_room_for_delays(struct kunit *test)
{
	struct dump_test *dump = new_dump(test);

	dump_ask(dump, TASKSTATS_CMD_ATTR_DELAYS, 0);
	expect_no_room(test, dump, dump_message_size() - pad_room());
}

static struct cred *new_cred(struct kunit *test, uid_t uid)
{
	struct cred *cred = prepare_creds();

	KUNIT_ASSERT_NOT_NULL(test, cred);
	cred->uid = KUIDT_INIT(uid);
	cred->euid = cred->uid;
	cred->suid = cred->uid;
	if (uid) {
		cap_clear(cred->cap_permitted);
		cap_clear(cred->cap_effective);
	}
	return cred;
}

static bool sees(const struct cred *sender, const struct cred *opener,
		 struct task_struct *tsk)
{
	const struct taskstats_asker asker = { .sender = sender, .opener = opener };

	return taskstats_may_see(&asker, tsk);
}

static void sees_by_both_credentials(struct kunit *test)
{
	struct cred *nobody = new_cred(test, 65534);
	struct cred *root = new_cred(test, 0);

	/* A task of root, and not this one. */
	KUNIT_EXPECT_TRUE(test, sees(root, root, &init_task));
	KUNIT_EXPECT_FALSE(test, sees(nobody, nobody, &init_task));
	KUNIT_EXPECT_FALSE(test, sees(nobody, root, &init_task));
	KUNIT_EXPECT_FALSE(test, sees(root, nobody, &init_task));
	put_cred(nobody);
	put_cred(root);
}

static void sees_itself(struct kunit *test)
{
	struct cred *nobody = new_cred(test, 65534);
	struct cred *root = new_cred(test, 0);
	const struct cred *self = current_cred();

	KUNIT_EXPECT_TRUE(test, sees(self, self, current));
	KUNIT_EXPECT_TRUE(test, sees(self, root, current));
	/* It has been made to ask, or to read, for somebody else. */
	KUNIT_EXPECT_FALSE(test, sees(self, nobody, current));
	KUNIT_EXPECT_FALSE(test, sees(nobody, self, current));
	put_cred(nobody);
	put_cred(root);
}

/*
 * Somebody with no less than this thread might do, but with CAP_SYS_PTRACE: it is
 * for the ids to say.
 */
static struct cred *new_tracee_cred(struct kunit *test)
{
	struct cred *cred = new_cred(test, 65534);

	cred->gid = KGIDT_INIT(65534);
	cred->egid = cred->gid;
	cred->sgid = cred->gid;
	cred->cap_permitted = current_cred()->cap_permitted;
	return cred;
}

static void sees_itself_by_all_ids(struct kunit *test)
{
	static const size_t ids[] = {
		offsetof(struct cred, uid), offsetof(struct cred, euid),
		offsetof(struct cred, suid), offsetof(struct cred, gid),
		offsetof(struct cred, egid), offsetof(struct cred, sgid),
	};
	struct cred *asker = new_tracee_cred(test);
	struct cred *self;
	unsigned int i;

	static_assert(sizeof(kuid_t) == sizeof(u32) && sizeof(kgid_t) == sizeof(u32));
	for (i = 0; i <= ARRAY_SIZE(ids); i++) {
		self = new_tracee_cred(test);
		if (i < ARRAY_SIZE(ids))
			*(u32 *)((void *)self + ids[i]) = 1;
		scoped_with_creds(self)
			KUNIT_EXPECT_EQ_MSG(test, sees(asker, asker, current),
					    i == ARRAY_SIZE(ids), "id %u", i);
		put_cred(self);
	}
	put_cred(asker);
}

static void sees_itself_as_tracer(struct kunit *test)
{
	struct cred *asker = new_tracee_cred(test);

	KUNIT_EXPECT_FALSE(test, sees(asker, asker, current));
	cap_raise(asker->cap_effective, CAP_SYS_PTRACE);
	KUNIT_EXPECT_TRUE(test, sees(asker, asker, current));
	put_cred(asker);
}

/* With so many bytes behind the request, as a message of such a length. */
static int ask_before(struct kunit *test, const struct cred *opener, size_t rest, u32 len)
{
	struct dump_test *dump = new_dump_by(test, opener);
	struct nlmsghdr *next = skb_put_zero(dump->cb.skb, rest);
	int err;

	next->nlmsg_len = len;
	err = taskstats_dump_start(&dump->cb);
	if (!err)
		taskstats_dump_done(&dump->cb);
	return err;
}

static void asks_last_in_a_datagram(struct kunit *test)
{
	struct cred *nobody = new_cred(test, 65534);

	/* What is not gone through: less than a header, padding, half a message. */
	KUNIT_EXPECT_EQ(test, ask_before(test, nobody, NLMSG_HDRLEN - 1, NLMSG_HDRLEN), 0);
	KUNIT_EXPECT_EQ(test, ask_before(test, nobody, NLMSG_HDRLEN, 0), 0);
	KUNIT_EXPECT_EQ(test, ask_before(test, nobody, NLMSG_HDRLEN, NLMSG_HDRLEN + 1), 0);
	KUNIT_EXPECT_EQ(test, ask_before(test, nobody, NLMSG_HDRLEN, NLMSG_HDRLEN), -EPERM);
	KUNIT_EXPECT_EQ(test, ask_before(test, current_cred(), NLMSG_HDRLEN, NLMSG_HDRLEN), 0);
	put_cred(nobody);
}

/* Of this thread, as somebody who is not privileged. */
static struct dump_test *new_dump_of_self(struct kunit *test, const struct cred *nobody)
{
	struct dump_test *dump = new_dump_by(test, nobody);

	dump_ask(dump, TASKSTATS_CMD_ATTR_TGID, task_pid_nr(current));
	scoped_with_creds(nobody)
		dump_start(test, dump);
	return dump;
}

/* Which an exec can be made to hold without end, while genetlink waits for us. */
static void dump_does_not_wait_for_exec(struct kunit *test)
{
	struct cred *nobody = new_cred(test, 65534);
	struct dump_test *dump = new_dump_of_self(test, nobody);
	bool seen;

	scoped_guard(rwsem_write, &current->signal->exec_update_lock) {
		scoped_with_creds(nobody)
			dump_all(test, dump, dump_message_size(), TASKSTATS_TYPE_AGGR_PID, &seen);
	}
	KUNIT_EXPECT_TRUE(test, seen);
	put_cred(nobody);
}

static struct {
	unsigned int asked;
	unsigned int refuse;	/* which time */
	unsigned int execs;	/* as if so many programs were executed meanwhile */
} verdict;

static bool give_verdict(const struct taskstats_asker *asker, struct task_struct *tsk)
{
	if (verdict.execs) {
		verdict.execs--;
		WRITE_ONCE(tsk->self_exec_id, tsk->self_exec_id + 1);
	}
	return ++verdict.asked != verdict.refuse;
}

/* Dumps itself with such verdicts; returns whether it was told of. */
static bool told_with(struct kunit *test, unsigned int refuse, unsigned int execs)
{
	struct cred *nobody = new_cred(test, 65534);
	struct dump_test *dump = new_dump_of_self(test, nobody);
	bool seen;

	verdict.asked = 0;
	verdict.refuse = refuse;
	verdict.execs = execs;
	kunit_activate_static_stub(test, taskstats_may_see, give_verdict);
	dump_all(test, dump, dump_message_size(), TASKSTATS_TYPE_AGGR_PID, &seen);
	kunit_deactivate_static_stub(test, taskstats_may_see);
	put_cred(nobody);
	return seen;
}

static void dump_asks_before_and_after(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, told_with(test, 0, 0));
	KUNIT_EXPECT_EQ(test, verdict.asked, 2);
	KUNIT_EXPECT_FALSE(test, told_with(test, 1, 0));
	KUNIT_EXPECT_EQ(test, verdict.asked, 1);
	KUNIT_EXPECT_FALSE(test, told_with(test, 2, 0));
	KUNIT_EXPECT_EQ(test, verdict.asked, 2);
}

static void dump_asks_anew_after_exec(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, told_with(test, 0, 3));
	KUNIT_EXPECT_EQ(test, verdict.asked, 6);
	KUNIT_EXPECT_FALSE(test, told_with(test, 4, 1));
	KUNIT_EXPECT_EQ(test, verdict.asked, 4);
}

/* A kernel thread has to allow it. */
static void be_killed(void)
{
	allow_signal(SIGKILL);
	send_sig(SIGKILL, current, 1);
}

static void live_on(void)
{
	flush_signals(current);
	disallow_signal(SIGKILL);
}

static void dump_ends_with_its_reader(struct kunit *test)
{
	struct dump_test *dump = new_dump(test);
	struct sk_buff *skb = new_message(test, 0, 16 * dump_message_size());
	int err;

	dump_start(test, dump);
	be_killed();
	err = taskstats_dump(skb, &dump->cb);
	live_on();
	KUNIT_EXPECT_EQ(test, err, -EINTR);
	/* After one id, whether there was something to tell of it or not. */
	KUNIT_EXPECT_LE(test, skb->len, dump_message_size());
}

static struct kunit_case taskstats_dump_cases[] = {
	KUNIT_CASE(dump_groups),
	KUNIT_CASE(dump_moved_by_four),
	KUNIT_CASE(dump_threads_one_by_one),
	KUNIT_CASE(dump_threads_of_group),
	KUNIT_CASE(dump_of_missing_group),
	KUNIT_CASE(dump_of_group_that_is_reaped),
	KUNIT_CASE(dump_without_room),
	KUNIT_CASE(dump_without_room_for_delays),
	KUNIT_CASE(dump_ends_with_its_reader),
	{}
};

static struct kunit_suite taskstats_dump_suite = {
	.name = "taskstats_dump",
	.test_cases = taskstats_dump_cases,
};

/**
 * struct turn_test - somebody whose turn it is, and stays
 * @work: has it
 * @group: whose threads may be gone through
 * @taken: it has begun
 * @over: it shall end
 */
struct turn_test {
	struct work_struct work;
	struct taskstats_totals *group;
	struct completion taken;
	struct completion over;
};

static void take_turn(struct work_struct *work)
{
	struct turn_test *other = container_of(work, struct turn_test, work);

	guard(mutex)(&other->group->turn);
	complete(&other->taken);
	wait_for_completion(&other->over);
}

/*
 * Asks about its own group, that has room for totals, in the midst of being killed.
 * Nothing here may end the test: another one waits for its end.
 */
static int ask_when_killed(struct kunit *test, struct dump_test *dump, struct sk_buff *skb,
			   const struct taskstats_asker *asker)
{
	struct taskstats_query query = {
		.type = TASKSTATS_TYPE_TGID,
		.view = init_view,
		.asker = *asker,
	};
	int err;

	skb_trim(skb, 0);
	be_killed();
	err = taskstats_dump_put(skb, &dump->cb, &query, current, task_tgid_nr(current));
	live_on();
	KUNIT_EXPECT_EQ(test, !skb->len, !!err);
	return err;
}

static void turn_is_waited_for_until_killed(struct kunit *test)
{
	struct sk_buff *skb = new_message(test, 0, dump_message_size());
	struct cred *nobody = new_cred(test, 65534);
	struct dump_test *dump = new_dump(test);
	struct turn_test other;

	KUNIT_ASSERT_EQ(test, taskstats_group_alloc(current->signal), 0);
	other.group = current->signal->taskstats;
	init_completion(&other.taken);
	init_completion(&other.over);
	INIT_WORK_ONSTACK(&other.work, take_turn);
	schedule_work(&other.work);
	wait_for_completion(&other.taken);

	KUNIT_EXPECT_EQ(test, ask_when_killed(test, dump, skb, &(struct taskstats_asker) {}),
			-EINTR);
	/* Who may not see the group does not wait, nor does who is trusted. */
	KUNIT_EXPECT_EQ(test, ask_when_killed(test, dump, skb, &(struct taskstats_asker) {
				.sender = nobody, .opener = nobody }), -EPERM);
	KUNIT_EXPECT_EQ(test, ask_when_killed(test, dump, skb, &(struct taskstats_asker) {
				.trusted = true }), 0);

	complete(&other.over);
	flush_work(&other.work);
	destroy_work_on_stack(&other.work);
	put_cred(nobody);
}

static struct kunit_case taskstats_access_cases[] = {
	KUNIT_CASE(sees_by_both_credentials),
	KUNIT_CASE(sees_itself),
	KUNIT_CASE(sees_itself_by_all_ids),
	KUNIT_CASE(sees_itself_as_tracer),
	KUNIT_CASE(asks_last_in_a_datagram),
	KUNIT_CASE(dump_does_not_wait_for_exec),
	KUNIT_CASE(dump_asks_before_and_after),
	KUNIT_CASE(dump_asks_anew_after_exec),
	KUNIT_CASE(turn_is_waited_for_until_killed),
	{}
};

static struct kunit_suite taskstats_access_suite = {
	.name = "taskstats_access",
	.test_cases = taskstats_access_cases,
};

/* ---- What clients have compiled in ---- */

/**
 * struct field_param - where a field of struct taskstats is
 * @name: the field
 * @offset: where version 17 has it
 * @size: its bytes
 * @now_offset: where the header has it
 * @now_size: its bytes there
 */
struct field_param {
	const char *name;
	size_t offset;
	size_t size;
	size_t now_offset;
	size_t now_size;
};

#define AT(field)	offsetof(struct taskstats, field)
#define SIZE(field)	sizeof_field(struct taskstats, field)

static const struct field_param field_params[] = {
	{ "version", 0, 2, AT(version), SIZE(version) },
	{ "ac_exitcode", 4, 4, AT(ac_exitcode), SIZE(ac_exitcode) },
	{ "ac_flag", 8, 1, AT(ac_flag), SIZE(ac_flag) },
	{ "ac_nice", 9, 1, AT(ac_nice), SIZE(ac_nice) },
	{ "cpu_count", 16, 8, AT(cpu_count), SIZE(cpu_count) },
	{ "cpu_delay_total", 24, 8, AT(cpu_delay_total), SIZE(cpu_delay_total) },
	{ "blkio_count", 32, 8, AT(blkio_count), SIZE(blkio_count) },
	{ "blkio_delay_total", 40, 8, AT(blkio_delay_total), SIZE(blkio_delay_total) },
	{ "swapin_count", 48, 8, AT(swapin_count), SIZE(swapin_count) },
	{ "swapin_delay_total", 56, 8, AT(swapin_delay_total), SIZE(swapin_delay_total) },
	{ "cpu_run_real_total", 64, 8, AT(cpu_run_real_total), SIZE(cpu_run_real_total) },
	{ "cpu_run_virtual_total", 72, 8, AT(cpu_run_virtual_total), SIZE(cpu_run_virtual_total) },
	{ "ac_comm", 80, 32, AT(ac_comm), SIZE(ac_comm) },
	{ "ac_sched", 112, 1, AT(ac_sched), SIZE(ac_sched) },
	{ "ac_pad", 113, 3, AT(ac_pad), SIZE(ac_pad) },
	{ "ac_uid", 120, 4, AT(ac_uid), SIZE(ac_uid) },
	{ "ac_gid", 124, 4, AT(ac_gid), SIZE(ac_gid) },
	{ "ac_pid", 128, 4, AT(ac_pid), SIZE(ac_pid) },
	{ "ac_ppid", 132, 4, AT(ac_ppid), SIZE(ac_ppid) },
	{ "ac_btime", 136, 4, AT(ac_btime), SIZE(ac_btime) },
	{ "ac_etime", 144, 8, AT(ac_etime), SIZE(ac_etime) },
	{ "ac_utime", 152, 8, AT(ac_utime), SIZE(ac_utime) },
	{ "ac_stime", 160, 8, AT(ac_stime), SIZE(ac_stime) },
	{ "ac_minflt", 168, 8, AT(ac_minflt), SIZE(ac_minflt) },
	{ "ac_majflt", 176, 8, AT(ac_majflt), SIZE(ac_majflt) },
	{ "coremem", 184, 8, AT(coremem), SIZE(coremem) },
	{ "virtmem", 192, 8, AT(virtmem), SIZE(virtmem) },
	{ "hiwater_rss", 200, 8, AT(hiwater_rss), SIZE(hiwater_rss) },
	{ "hiwater_vm", 208, 8, AT(hiwater_vm), SIZE(hiwater_vm) },
	{ "read_char", 216, 8, AT(read_char), SIZE(read_char) },
	{ "write_char", 224, 8, AT(write_char), SIZE(write_char) },
	{ "read_syscalls", 232, 8, AT(read_syscalls), SIZE(read_syscalls) },
	{ "write_syscalls", 240, 8, AT(write_syscalls), SIZE(write_syscalls) },
	{ "read_bytes", 248, 8, AT(read_bytes), SIZE(read_bytes) },
	{ "write_bytes", 256, 8, AT(write_bytes), SIZE(write_bytes) },
	{ "cancelled_write_bytes", 264, 8, AT(cancelled_write_bytes), SIZE(cancelled_write_bytes) },
	{ "nvcsw", 272, 8, AT(nvcsw), SIZE(nvcsw) },
	{ "nivcsw", 280, 8, AT(nivcsw), SIZE(nivcsw) },
	{ "ac_utimescaled", 288, 8, AT(ac_utimescaled), SIZE(ac_utimescaled) },
	{ "ac_stimescaled", 296, 8, AT(ac_stimescaled), SIZE(ac_stimescaled) },
	{ "cpu_scaled_run_real_total", 304, 8,
	  AT(cpu_scaled_run_real_total), SIZE(cpu_scaled_run_real_total) },
	{ "freepages_count", 312, 8, AT(freepages_count), SIZE(freepages_count) },
	{ "freepages_delay_total", 320, 8, AT(freepages_delay_total), SIZE(freepages_delay_total) },
	{ "thrashing_count", 328, 8, AT(thrashing_count), SIZE(thrashing_count) },
	{ "thrashing_delay_total", 336, 8, AT(thrashing_delay_total), SIZE(thrashing_delay_total) },
	{ "ac_btime64", 344, 8, AT(ac_btime64), SIZE(ac_btime64) },
	{ "compact_count", 352, 8, AT(compact_count), SIZE(compact_count) },
	{ "compact_delay_total", 360, 8, AT(compact_delay_total), SIZE(compact_delay_total) },
	{ "ac_tgid", 368, 4, AT(ac_tgid), SIZE(ac_tgid) },
	{ "ac_tgetime", 376, 8, AT(ac_tgetime), SIZE(ac_tgetime) },
	{ "ac_exe_dev", 384, 8, AT(ac_exe_dev), SIZE(ac_exe_dev) },
	{ "ac_exe_inode", 392, 8, AT(ac_exe_inode), SIZE(ac_exe_inode) },
	{ "wpcopy_count", 400, 8, AT(wpcopy_count), SIZE(wpcopy_count) },
	{ "wpcopy_delay_total", 408, 8, AT(wpcopy_delay_total), SIZE(wpcopy_delay_total) },
	{ "irq_count", 416, 8, AT(irq_count), SIZE(irq_count) },
	{ "irq_delay_total", 424, 8, AT(irq_delay_total), SIZE(irq_delay_total) },
	{ "cpu_delay_max", 432, 8, AT(cpu_delay_max), SIZE(cpu_delay_max) },
	{ "cpu_delay_min", 440, 8, AT(cpu_delay_min), SIZE(cpu_delay_min) },
	{ "blkio_delay_max", 448, 8, AT(blkio_delay_max), SIZE(blkio_delay_max) },
	{ "blkio_delay_min", 456, 8, AT(blkio_delay_min), SIZE(blkio_delay_min) },
	{ "swapin_delay_max", 464, 8, AT(swapin_delay_max), SIZE(swapin_delay_max) },
	{ "swapin_delay_min", 472, 8, AT(swapin_delay_min), SIZE(swapin_delay_min) },
	{ "freepages_delay_max", 480, 8, AT(freepages_delay_max), SIZE(freepages_delay_max) },
	{ "freepages_delay_min", 488, 8, AT(freepages_delay_min), SIZE(freepages_delay_min) },
	{ "thrashing_delay_max", 496, 8, AT(thrashing_delay_max), SIZE(thrashing_delay_max) },
	{ "thrashing_delay_min", 504, 8, AT(thrashing_delay_min), SIZE(thrashing_delay_min) },
	{ "compact_delay_max", 512, 8, AT(compact_delay_max), SIZE(compact_delay_max) },
	{ "compact_delay_min", 520, 8, AT(compact_delay_min), SIZE(compact_delay_min) },
	{ "wpcopy_delay_max", 528, 8, AT(wpcopy_delay_max), SIZE(wpcopy_delay_max) },
	{ "wpcopy_delay_min", 536, 8, AT(wpcopy_delay_min), SIZE(wpcopy_delay_min) },
	{ "irq_delay_max", 544, 8, AT(irq_delay_max), SIZE(irq_delay_max) },
	{ "irq_delay_min", 552, 8, AT(irq_delay_min), SIZE(irq_delay_min) },
	{ "cpu_delay_max_ts", 560, 16, AT(cpu_delay_max_ts), SIZE(cpu_delay_max_ts) },
	{ "blkio_delay_max_ts", 576, 16, AT(blkio_delay_max_ts), SIZE(blkio_delay_max_ts) },
	{ "swapin_delay_max_ts", 592, 16, AT(swapin_delay_max_ts), SIZE(swapin_delay_max_ts) },
	{ "freepages_delay_max_ts", 608, 16,
	  AT(freepages_delay_max_ts), SIZE(freepages_delay_max_ts) },
	{ "thrashing_delay_max_ts", 624, 16,
	  AT(thrashing_delay_max_ts), SIZE(thrashing_delay_max_ts) },
	{ "compact_delay_max_ts", 640, 16, AT(compact_delay_max_ts), SIZE(compact_delay_max_ts) },
	{ "wpcopy_delay_max_ts", 656, 16, AT(wpcopy_delay_max_ts), SIZE(wpcopy_delay_max_ts) },
	{ "irq_delay_max_ts", 672, 16, AT(irq_delay_max_ts), SIZE(irq_delay_max_ts) },
};

KUNIT_ARRAY_PARAM_DESC(field, field_params, name);

static void abi_field(struct kunit *test)
{
	const struct field_param *param = test->param_value;

	if (IS_ENABLED(CONFIG_M68K))
		kunit_skip(test, "aligns to two bytes");
	KUNIT_EXPECT_EQ(test, param->now_offset, param->offset);
	KUNIT_EXPECT_EQ(test, param->now_size, param->size);
}

static void abi_struct(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, TASKSTATS_VERSION, 17);
	if (!IS_ENABLED(CONFIG_M68K))
		KUNIT_EXPECT_EQ(test, sizeof(struct taskstats), 688);
	KUNIT_EXPECT_EQ(test, sizeof(struct cgroupstats), 40);
	KUNIT_EXPECT_EQ(test, TS_COMM_LEN, 32);
}

static void abi_family(struct kunit *test)
{
	KUNIT_EXPECT_STREQ(test, TASKSTATS_GENL_NAME, "TASKSTATS");
	KUNIT_EXPECT_EQ(test, TASKSTATS_GENL_VERSION, 1);
}

/* Both families of commands are sent to one generic netlink family. */
static void abi_commands(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_CMD_UNSPEC, 0);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_CMD_GET, 1);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_CMD_NEW, 2);
	KUNIT_EXPECT_EQ(test, (int)CGROUPSTATS_CMD_UNSPEC, 3);
	KUNIT_EXPECT_EQ(test, (int)CGROUPSTATS_CMD_GET, 4);
	KUNIT_EXPECT_EQ(test, (int)CGROUPSTATS_CMD_NEW, 5);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_CMD_LISTEN, 6);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_CMD_EXIT, 7);
}

static void abi_command_attributes(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_CMD_ATTR_PID, 1);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_CMD_ATTR_TGID, 2);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_CMD_ATTR_REGISTER_CPUMASK, 3);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_CMD_ATTR_DEREGISTER_CPUMASK, 4);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_CMD_ATTR_THREADS, 5);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_CMD_ATTR_CGROUP_FD, 6);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_CMD_ATTR_PIDFD, 7);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_CMD_ATTR_DELAYS, 8);
	KUNIT_EXPECT_EQ(test, (int)CGROUPSTATS_CMD_ATTR_FD, 1);
}

static void abi_reply_attributes(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_TYPE_PID, 1);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_TYPE_TGID, 2);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_TYPE_STATS, 3);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_TYPE_AGGR_PID, 4);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_TYPE_AGGR_TGID, 5);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_TYPE_NULL, 6);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_TYPE_DELAYS_MEASURED, 7);
	KUNIT_EXPECT_EQ(test, (int)CGROUPSTATS_TYPE_CGROUP_STATS, 1);
}

static void abi_delays(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_DELAYS_NONE, 0);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_DELAYS_SOME, 1);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_DELAYS_ALL, 2);
}

static void abi_listen_attributes(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_LISTEN_ATTR_PAD, 1);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_LISTEN_ATTR_RECORDS, 2);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_LISTEN_ATTR_CPUS, 3);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_LISTEN_ATTR_CGROUP_FD, 4);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_LISTEN_ATTR_BATCH, 5);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_LISTEN_ATTR_WAIT, 6);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_LISTEN_ATTR_DELIVERED, 7);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_LISTEN_ATTR_LOST, 8);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_LISTEN_ATTR_LOST_OVERRUN, 9);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_LISTEN_ATTR_LOST_NOMEM, 10);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_LISTEN_ATTR_LOST_FILTER, 11);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_LISTEN_ATTR_PENDING, 12);
	KUNIT_EXPECT_EQ(test, TASKSTATS_RECORDS_THREAD, 1);
	KUNIT_EXPECT_EQ(test, TASKSTATS_RECORDS_GROUP, 2);
}

static void abi_exit_attributes(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_EXIT_ATTR_PAD, 1);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_EXIT_ATTR_SEQ, 2);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_EXIT_ATTR_LOST, 3);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_EXIT_ATTR_RECORD, 4);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_RECORD_ATTR_PAD, 1);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_RECORD_ATTR_PID, 2);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_RECORD_ATTR_TGID, 3);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_RECORD_ATTR_CPU, 4);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_RECORD_ATTR_START, 5);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_RECORD_ATTR_CGROUP, 6);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_RECORD_ATTR_DELAYS, 7);
	KUNIT_EXPECT_EQ(test, (int)TASKSTATS_RECORD_ATTR_STATS, 8);
}

static struct kunit_case taskstats_abi_cases[] = {
	KUNIT_CASE_PARAM(abi_field, field_gen_params),
	KUNIT_CASE(abi_struct),
	KUNIT_CASE(abi_family),
	KUNIT_CASE(abi_commands),
	KUNIT_CASE(abi_command_attributes),
	KUNIT_CASE(abi_reply_attributes),
	KUNIT_CASE(abi_delays),
	KUNIT_CASE(abi_listen_attributes),
	KUNIT_CASE(abi_exit_attributes),
	{}
};

static struct kunit_suite taskstats_abi_suite = {
	.name = "taskstats_abi",
	.test_cases = taskstats_abi_cases,
};

/* ---- Figures ---- */

/* Memory as it is in an skb: not initialised. */
static struct taskstats *new_stats(struct kunit *test, int junk)
{
	struct taskstats *stats = kunit_kmalloc(test, sizeof(*stats), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, stats);
	memset(stats, junk, sizeof(*stats));
	return stats;
}

/* Give the test's own task, which does no IO, figures that can be told. */
static void own_io(u64 bytes, u64 calls)
{
#ifdef CONFIG_TASK_XACCT
	current->ioac.rchar = bytes;
	current->ioac.wchar = 2 * bytes;
	current->ioac.syscr = calls;
	current->ioac.syscw = 2 * calls;
#endif
}

static void fill_task_identity(struct kunit *test)
{
	struct taskstats *stats = new_stats(test, 0xff);

	taskstats_fill_task(stats, current, NULL, &init_view);
	KUNIT_EXPECT_EQ(test, stats->version, TASKSTATS_VERSION);
	KUNIT_EXPECT_EQ(test, stats->ac_pid, task_pid_nr(current));
	KUNIT_EXPECT_EQ(test, stats->ac_tgid, task_tgid_nr(current));
	KUNIT_EXPECT_EQ(test, stats->ac_ppid, task_ppid_nr(current));
	KUNIT_EXPECT_EQ(test, stats->ac_uid, 0);
	KUNIT_EXPECT_EQ(test, stats->ac_gid, 0);
	KUNIT_EXPECT_EQ(test, stats->ac_sched, current->policy);
	KUNIT_EXPECT_STREQ(test, stats->ac_comm, current->comm);
}

static bool in_a_field(size_t byte)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(field_params); i++)
		if (byte - field_params[i].now_offset < field_params[i].now_size)
			return true;
	return false;
}

/* What was in the memory before must not get out between the fields. */
static void expect_clean_gaps(struct kunit *test, const struct taskstats *stats)
{
	const u8 *bytes = (const u8 *)stats;
	size_t i;

	for (i = 0; i < sizeof(*stats); i++)
		if (!in_a_field(i))
			KUNIT_EXPECT_EQ_MSG(test, bytes[i], 0, "byte %zu", i);
}

static void fill_task_leaves_no_gaps(struct kunit *test)
{
	struct taskstats *stats = new_stats(test, 0xff);

	taskstats_fill_task(stats, current, NULL, &init_view);
	expect_clean_gaps(test, stats);
}

static void fill_group_leaves_no_gaps(struct kunit *test)
{
	struct taskstats *stats = new_stats(test, 0xff);

	KUNIT_ASSERT_EQ(test, taskstats_fill_group(stats, current, NULL, &init_view), 0);
	expect_clean_gaps(test, stats);
}

static void fill_kernel_thread_has_no_mm(struct kunit *test)
{
	struct taskstats *stats = new_stats(test, 0xff);

	if (current->mm)
		kunit_skip(test, "runs in a process");
	taskstats_fill_task(stats, current, NULL, &init_view);
	KUNIT_EXPECT_EQ(test, stats->ac_exe_dev, 0);
	KUNIT_EXPECT_EQ(test, stats->ac_exe_inode, 0);
	KUNIT_EXPECT_EQ(test, stats->hiwater_rss, 0);
	KUNIT_EXPECT_EQ(test, stats->hiwater_vm, 0);
}

static void fill_io_of_task(struct kunit *test)
{
	struct taskstats *stats = new_stats(test, 0xff);

	if (!IS_ENABLED(CONFIG_TASK_XACCT))
		kunit_skip(test, "needs CONFIG_TASK_XACCT");
	own_io(1600, 3);
	taskstats_fill_task(stats, current, NULL, &init_view);
	/* Bytes in whole KiB; calls to the last one. */
	KUNIT_EXPECT_EQ(test, stats->read_char, 1024);
	KUNIT_EXPECT_EQ(test, stats->write_char, 3072);
	KUNIT_EXPECT_EQ(test, stats->read_syscalls, 3);
	KUNIT_EXPECT_EQ(test, stats->write_syscalls, 6);
}

static void fill_group_of_one(struct kunit *test)
{
	struct taskstats *stats = new_stats(test, 0xff);

	own_io(1600, 3);
	KUNIT_ASSERT_EQ(test, taskstats_fill_group(stats, current, NULL, &init_view), 0);
	KUNIT_EXPECT_EQ(test, stats->version, TASKSTATS_VERSION);
	KUNIT_EXPECT_EQ(test, stats->ac_pid, task_tgid_nr(current));
	KUNIT_EXPECT_EQ(test, stats->ac_tgid, task_tgid_nr(current));
	KUNIT_EXPECT_EQ(test, stats->ac_ppid, task_ppid_nr(current));
	KUNIT_EXPECT_EQ(test, stats->ac_exitcode, 0);
	KUNIT_EXPECT_STREQ(test, stats->ac_comm, current->group_leader->comm);
	if (IS_ENABLED(CONFIG_TASK_XACCT))
		KUNIT_EXPECT_EQ(test, stats->read_syscalls, 3);
}

/* exec may have put a thread in the leader's place that is younger than the group. */
static void fill_group_begin_is_not_its_leaders(struct kunit *test)
{
	struct taskstats *stats = new_stats(test, 0xff);
	time64_t first = ktime_get_real_seconds(), life;
	u64 birth = current->birth_time;

	current->birth_time = ktime_get_ns() + 100ULL * NSEC_PER_SEC;
	KUNIT_EXPECT_EQ(test, taskstats_fill_group(stats, current, NULL, &init_view), 0);
	current->birth_time = birth;
	life = div_u64(stats->ac_tgetime, USEC_PER_SEC);
	KUNIT_EXPECT_GE(test, stats->ac_btime64, first - life);
	KUNIT_EXPECT_LE(test, stats->ac_btime64, ktime_get_real_seconds() - life);
	KUNIT_EXPECT_EQ(test, stats->ac_btime, (u32)stats->ac_btime64);
}

static struct taskstats_totals *new_totals(struct kunit *test)
{
	struct taskstats_totals *totals = kunit_kzalloc(test, sizeof(*totals), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, totals);
	return totals;
}

/* The departed and the living are summed first, and cut to KiB after. */
static void fill_group_with_departed(struct kunit *test)
{
	struct taskstats *stats = new_stats(test, 0xff);
	struct taskstats_totals *totals = new_totals(test);

	if (!IS_ENABLED(CONFIG_TASK_XACCT))
		kunit_skip(test, "needs CONFIG_TASK_XACCT");
	own_io(1600, 3);
	swap(current->signal->taskstats, totals);
	taskstats_group_depart(current->signal, current);
	KUNIT_EXPECT_EQ(test, taskstats_fill_group(stats, current, NULL, &init_view), 0);
	swap(current->signal->taskstats, totals);

	KUNIT_EXPECT_EQ(test, stats->read_char, 3072);
	KUNIT_EXPECT_EQ(test, stats->write_char, 6144);
	KUNIT_EXPECT_EQ(test, stats->read_syscalls, 6);
	KUNIT_EXPECT_EQ(test, stats->write_syscalls, 12);
	KUNIT_EXPECT_GE(test, stats->ac_etime, totals->sum.ac_etime);
}

static void fill_group_extremes(struct kunit *test)
{
	struct taskstats *stats = new_stats(test, 0xff);
	struct taskstats_totals *totals = new_totals(test);

	if (!IS_ENABLED(CONFIG_TASK_DELAY_ACCT))
		kunit_skip(test, "needs CONFIG_TASK_DELAY_ACCT");
	/* A thread that waited longer than any, and one that waited less. */
	totals->sum.blkio_delay_max = U64_MAX;
	totals->sum.blkio_delay_max_ts.tv_sec = 4711;
	totals->sum.blkio_delay_min = 1;
	swap(current->signal->taskstats, totals);
	KUNIT_EXPECT_EQ(test, taskstats_fill_group(stats, current, NULL, &init_view), 0);
	swap(current->signal->taskstats, totals);

	KUNIT_EXPECT_EQ(test, stats->blkio_delay_max, U64_MAX);
	KUNIT_EXPECT_EQ(test, stats->blkio_delay_max_ts.tv_sec, 4711);
	KUNIT_EXPECT_EQ(test, stats->blkio_delay_min, 1);
}

static void group_alloc_once(struct kunit *test)
{
	struct signal_struct *sig = kunit_kzalloc(test, sizeof(*sig), GFP_KERNEL);
	struct taskstats_totals *totals;

	KUNIT_ASSERT_NOT_NULL(test, sig);
	KUNIT_ASSERT_EQ(test, taskstats_group_alloc(sig), 0);
	totals = sig->taskstats;
	KUNIT_ASSERT_NOT_NULL(test, totals);
	KUNIT_EXPECT_NULL(test, memchr_inv(totals, 0, offsetof(struct taskstats_totals, turn)));
	KUNIT_EXPECT_EQ(test, taskstats_group_alloc(sig), 0);
	KUNIT_EXPECT_PTR_EQ(test, sig->taskstats, totals);
	taskstats_group_free(sig);
}

/* Of a group that never had a second thread there is nothing to free or add. */
static void group_never_allocated(struct kunit *test)
{
	struct signal_struct *sig = kunit_kzalloc(test, sizeof(*sig), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, sig);
	taskstats_group_depart(sig, current);
	KUNIT_EXPECT_NULL(test, sig->taskstats);
	taskstats_group_free(sig);
}

static struct kunit_case taskstats_fill_cases[] = {
	KUNIT_CASE(fill_task_identity),
	KUNIT_CASE(fill_task_leaves_no_gaps),
	KUNIT_CASE(fill_group_leaves_no_gaps),
	KUNIT_CASE(fill_kernel_thread_has_no_mm),
	KUNIT_CASE(fill_io_of_task),
	KUNIT_CASE(fill_group_of_one),
	KUNIT_CASE(fill_group_begin_is_not_its_leaders),
	KUNIT_CASE(fill_group_with_departed),
	KUNIT_CASE(fill_group_extremes),
	KUNIT_CASE(group_alloc_once),
	KUNIT_CASE(group_never_allocated),
	{}
};

static struct kunit_suite taskstats_fill_suite = {
	.name = "taskstats_fill",
	.test_cases = taskstats_fill_cases,
};

kunit_test_suites(&taskstats_mask_suite, &taskstats_listener_suite,
		  &taskstats_deliver_suite, &taskstats_subscribe_suite,
		  &taskstats_reply_suite, &taskstats_dump_suite,
		  &taskstats_access_suite, &taskstats_abi_suite,
		  &taskstats_fill_suite);

MODULE_DESCRIPTION("KUnit tests of taskstats");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");
