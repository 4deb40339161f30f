// SPDX-License-Identifier: GPL-2.0
/*
 * Listening to the tasks of a cgroup v2 and of those below it, wherever a task
 * was before.
 */
#include "kselftest_harness.h"
#include "listen.h"

FIXTURE(subtree)
{
	struct ts_listener listener;
	struct ts_pen pen;
	struct ts_sub sub;
	int inside;
	int below;
	int beside;
};

/* The test is in the pen, which has two children, one of them with a child. */
FIXTURE_SETUP(subtree)
{
	const char *lacks = ts_lacks();

	if (lacks)
		SKIP(return, "%s", lacks);
	lacks = ts_pen_enter(&self->pen);
	if (lacks)
		SKIP(return, "%s", lacks);
	self->inside = ts_cgroup_make(self->pen.dir, "inside");
	self->below = ts_cgroup_make(self->inside, "below");
	self->beside = ts_cgroup_make(self->pen.dir, "beside");
	ASSERT_TRUE(self->inside > 0 && self->below > 0 && self->beside > 0);
	self->sub = (struct ts_sub) { .records = TS_BOTH, .cgroup_fd = self->inside };
	ASSERT_EQ(0, ts_listener_open(&self->listener));
	ASSERT_EQ(0, ts_subscribe(&self->listener, &self->sub));
}

FIXTURE_TEARDOWN(subtree)
{
	ts_listener_close(&self->listener);
	ts_cgroup_remove(self->inside, "below");
	ts_cgroup_remove(self->pen.dir, "inside");
	ts_cgroup_remove(self->pen.dir, "beside");
	ts_pen_leave(&self->pen);
}

/* A child that enters @first, if any, then @then, if any, and exits. */
static pid_t exit_in(int first, int then)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit((first > 0 && !ts_cgroup_enter(first)) ||
		      (then > 0 && !ts_cgroup_enter(then)));
	return waitpid(pid, &status, 0) == pid && status == 0 ? pid : -1;
}

/* Its two records are all that there is to tell since @from. */
static void expect_records(struct __test_metadata *_metadata, struct ts_listener *listener,
			   int from, pid_t pid, int cgroup)
{
	struct ts_state state;

	ASSERT_GT(pid, 0);
	ts_drain(listener);
	ASSERT_EQ(0, ts_ask(listener, &state));
	EXPECT_EQ((__u64)from + 2, state.delivered);
	EXPECT_EQ(0ULL, state.lost);
	ASSERT_EQ(from + 2, listener->nrec);
	EXPECT_EQ(&listener->rec[from], ts_find(listener, from, false, pid));
	EXPECT_EQ(&listener->rec[from + 1], ts_find(listener, from, true, pid));
	EXPECT_EQ(ts_cgroup_id(cgroup), listener->rec[from].cgroup);
	EXPECT_EQ(ts_cgroup_id(cgroup), listener->rec[from + 1].cgroup);
}

static void expect_nothing(struct __test_metadata *_metadata, struct ts_listener *listener,
			   pid_t pid)
{
	struct ts_state state;

	ASSERT_GT(pid, 0);
	ts_drain(listener);
	ASSERT_EQ(0, ts_ask(listener, &state));
	EXPECT_EQ(0ULL, state.delivered);
	EXPECT_EQ(0ULL, state.lost);
	EXPECT_EQ(0ULL, listener->received);
}

TEST_F(subtree, has_the_tasks_of_its_cgroup)
{
	expect_records(_metadata, &self->listener, 0, exit_in(self->inside, 0), self->inside);
}

TEST_F(subtree, has_the_tasks_of_cgroups_below)
{
	expect_records(_metadata, &self->listener, 0, exit_in(self->below, 0), self->below);
}

TEST_F(subtree, has_no_tasks_of_its_parent)
{
	expect_nothing(_metadata, &self->listener, exit_in(0, 0));
}

TEST_F(subtree, has_no_tasks_of_the_root)
{
	expect_nothing(_metadata, &self->listener, exit_in(self->pen.root, 0));
}

TEST_F(subtree, has_no_tasks_of_a_cgroup_beside)
{
	expect_nothing(_metadata, &self->listener, exit_in(self->beside, 0));
}

TEST_F(subtree, has_a_task_that_has_moved_in)
{
	expect_records(_metadata, &self->listener, 0, exit_in(self->beside, self->below),
		       self->below);
}

TEST_F(subtree, has_no_task_that_has_moved_out)
{
	expect_nothing(_metadata, &self->listener, exit_in(self->below, self->beside));
}

TEST_F(subtree, can_be_replaced_by_another)
{
	self->sub.cgroup_fd = self->beside;
	ASSERT_EQ(0, ts_subscribe(&self->listener, &self->sub));
	expect_nothing(_metadata, &self->listener, exit_in(self->inside, 0));
	expect_records(_metadata, &self->listener, 0, exit_in(self->beside, 0), self->beside);
}

TEST_F(subtree, does_not_depend_on_the_file_it_was_named_by)
{
	int id = dup(self->inside);

	close(self->inside);
	self->inside = id;
	expect_records(_metadata, &self->listener, 0, exit_in(self->inside, 0), self->inside);
}

/* What has its name then is another. */
TEST_F(subtree, that_has_been_removed_has_no_tasks)
{
	ASSERT_TRUE(ts_cgroup_remove(self->inside, "below"));
	ASSERT_TRUE(ts_cgroup_remove(self->pen.dir, "inside"));
	close(self->below);
	close(self->inside);
	self->inside = ts_cgroup_make(self->pen.dir, "inside");
	self->below = ts_cgroup_make(self->inside, "below");
	ASSERT_TRUE(self->inside > 0 && self->below > 0);
	expect_nothing(_metadata, &self->listener, exit_in(self->inside, 0));

	self->sub.cgroup_fd = self->inside;
	ASSERT_EQ(0, ts_subscribe(&self->listener, &self->sub));
	expect_records(_metadata, &self->listener, 0, exit_in(self->inside, 0), self->inside);
}

/* By then it has been removed, and is kept by nothing else. */
TEST_F(subtree, is_given_back_with_the_socket)
{
	ASSERT_TRUE(ts_cgroup_remove(self->inside, "below"));
	ASSERT_TRUE(ts_cgroup_remove(self->pen.dir, "inside"));
	close(self->below);
	close(self->inside);
	EXPECT_LE(1, ts_dying_cgroups(self->pen.dir));
	ts_listener_close(&self->listener);
	EXPECT_TRUE(ts_wait_not_dying(self->pen.dir));
}

TEST_F(subtree, is_given_back_by_a_socket_that_listens_by_mask)
{
	struct ts_listener other;

	self->sub.cgroup_fd = self->beside;
	ASSERT_EQ(0, ts_listener_open(&other));
	ASSERT_EQ(0, ts_listen(&other.sk, "all"));
	EXPECT_EQ(-EBUSY, ts_subscribe(&other, &self->sub));
	ASSERT_TRUE(ts_cgroup_remove(self->pen.dir, "beside"));
	close(self->beside);
	EXPECT_TRUE(ts_wait_not_dying(self->pen.dir));
	ts_listener_close(&other);
}

/* A process with a thread in another cgroup than its leader, which ends first. */
struct apart {
	pthread_t leader;
	int inside;
	int beside;
};

static void *outlive_leader(void *arg)
{
	struct apart *apart = arg;

	if (!ts_write_at(apart->beside, "cgroup.threads", "0"))
		_exit(1);
	pthread_join(apart->leader, NULL);
	syscall(__NR_exit, 0);
	return NULL;
}

static void run_apart(struct apart *apart)
{
	pthread_t thread;

	apart->leader = pthread_self();
	if (!ts_write_at(apart->inside, "cgroup.threads", "0") ||
	    pthread_create(&thread, NULL, outlive_leader, apart))
		_exit(1);
	pthread_exit(NULL);
}

/* The record names its leader's cgroup: then it has to be told there. */
TEST_F(subtree, has_the_group_whose_leader_it_has)
{
	struct apart apart = { .inside = self->inside, .beside = self->beside };
	struct ts_listener other;
	int status;
	pid_t pid;

	if (!ts_write_at(self->inside, "cgroup.type", "threaded") ||
	    !ts_write_at(self->beside, "cgroup.type", "threaded"))
		SKIP(return, "no threaded cgroups");
	self->sub.cgroup_fd = self->beside;
	ASSERT_EQ(0, ts_listener_open(&other));
	ASSERT_EQ(0, ts_subscribe(&other, &self->sub));
	pid = fork();
	if (pid == 0)
		run_apart(&apart);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_EQ(0, status);
	expect_records(_metadata, &self->listener, 0, pid, self->inside);

	/* And there its thread alone. */
	ts_drain(&other);
	EXPECT_EQ(1ULL, other.received);
	EXPECT_FALSE(other.rec[0].group);
	EXPECT_EQ(ts_cgroup_id(self->beside), other.rec[0].cgroup);
	ts_listener_close(&other);
}

/* By two sockets, who do not see what the other does. */
TEST_F(subtree, of_one_socket_is_not_that_of_another)
{
	struct ts_listener other;
	pid_t pid;

	self->sub.cgroup_fd = self->beside;
	ASSERT_EQ(0, ts_listener_open(&other));
	ASSERT_EQ(0, ts_subscribe(&other, &self->sub));
	pid = exit_in(self->beside, 0);
	expect_nothing(_metadata, &self->listener, pid);
	expect_records(_metadata, &other, 0, pid, self->beside);
	pid = exit_in(self->inside, 0);
	expect_records(_metadata, &self->listener, 0, pid, self->inside);
	ts_drain(&other);
	EXPECT_EQ(2ULL, other.received);
	ts_listener_close(&other);
}

TEST_HARNESS_MAIN
