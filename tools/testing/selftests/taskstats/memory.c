// SPDX-License-Identifier: GPL-2.0
/*
 * What a departing thread leaves to its group needs memory. That is got when the
 * group gets its second thread, who may be refused: no exit ever lacks it, and
 * the totals of a group are complete.
 *
 * Fault injection refuses that memory, and nothing else, to those who ask for it.
 */
#include "kselftest_harness.h"
#include "fault.h"
#include "group.h"
#include "taskstats.h"

#define CACHE		"/sys/kernel/slab/taskstats/failslab"

#define NREADS		6
#define NSWITCHES	20
#define KB		1024

FIXTURE(memory)
{
	struct ts_sock sk;
	struct taskstats group;
	struct taskstats leader;
	struct ts_exit rec;
	struct ts_faults faults;
};

/* Not in the fixture, which is shared with what is forked. */
static struct ts_child child;

FIXTURE_SETUP(memory)
{
	const char *lacks = ts_lacks();

	if (lacks)
		SKIP(return, "%s", lacks);
	ASSERT_EQ(0, ts_open(&self->sk));
	/*
	 * To none as yet; a cache that is merged with others cannot be singled out.
	 * Last: nobody undoes what a setup has done that fails.
	 */
	lacks = ts_faults_begin(&self->faults, CACHE, "0");
	if (lacks)
		SKIP(return, "%s", lacks);
}

/*
 * In the parent, so that a test that dies leaves no fault behind; what else there
 * is, dies with the test.
 */
FIXTURE_TEARDOWN_PARENT(memory)
{
	ts_faults_end(&self->faults);
}

static bool set_up_faults(void)
{
	return ts_write_string(TS_FAILSLAB "probability", "100");
}

/* From here on this thread gets none of that memory, nor do those it clones. */
static void refuse(bool on)
{
	if (!ts_write_string("/proc/thread-self/make-it-fail", on ? "1" : "0"))
		_exit(10);
}

/* What a thread has used, to the byte. */
static void use(void)
{
	char buf[KB];
	int fd, i;

	fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	for (i = 0; i < NREADS; i++) {
		if (read(fd, buf, sizeof(buf)) != sizeof(buf))
			_exit(11);
	}
	close(fd);
	ts_switch_often(NSWITCHES);
}

static pid_t thread_id;

static void *use_and_end(void *arg)
{
	thread_id = ts_gettid();
	use();
	refuse(true);
	return arg;
}

/* Runs a thread to its end, until nothing is left of it. */
static void run_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, use_and_end, NULL) || pthread_join(thread, NULL))
		_exit(12);
	if (!ts_wait_thread_gone(thread_id))
		_exit(13);
}

static void lose_thread(void *arg)
{
	(void)arg;
	run_thread();
	refuse(true);
}

/* Runs @fn in a child to its end; its wait status. */
static int run(void (*fn)(void *), pid_t *pid)
{
	int status;

	*pid = fork();
	if (*pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		fn(NULL);
		_exit(0);
	}
	return waitpid(*pid, &status, 0) == *pid ? status : -1;
}

static bool query(FIXTURE_DATA(memory) * self)
{
	return !ts_query_pid(&self->sk, child.pid, &self->leader) &&
	       !ts_query_tgid(&self->sk, child.pid, &self->group);
}

TEST_F(memory, departing_thread_needs_none)
{
	if (!ts_has_io_accounting())
		SKIP(return, "CONFIG_TASK_IO_ACCOUNTING is not set");
	ASSERT_TRUE(set_up_faults());
	ASSERT_EQ(0, ts_child_start(&child, lose_thread, NULL));
	ASSERT_TRUE(query(self));
	EXPECT_GE(self->group.nvcsw, self->leader.nvcsw + NSWITCHES);
	EXPECT_EQ(NREADS * KB, (__s64)self->group.read_char);
	EXPECT_EQ(NREADS, (__s64)(self->group.read_syscalls - self->leader.read_syscalls));
	EXPECT_EQ(0, ts_child_end(&child));
}

TEST_F(memory, record_of_the_group_needs_none_of_its_threads)
{
	pid_t pid;

	if (!ts_has_io_accounting())
		SKIP(return, "CONFIG_TASK_IO_ACCOUNTING is not set");
	ASSERT_TRUE(set_up_faults());
	ASSERT_EQ(0, ts_listen(&self->sk, "all"));
	ASSERT_EQ(0, run(lose_thread, &pid));
	ASSERT_EQ(0, ts_wait_exit(&self->sk, pid, &self->rec));
	ASSERT_TRUE(self->rec.has_tgid);
	EXPECT_GE(self->rec.tgid.stats.nvcsw, self->rec.pid.stats.nvcsw + NSWITCHES);
	EXPECT_EQ(NREADS * KB, (__s64)self->rec.tgid.stats.read_char);
}

/* A thread that is not to be, and ends at once should it come to life. */
static int end_at_once(void *arg)
{
	syscall(__NR_exit, 0);
	return (long)arg;
}

/* The error that a further thread meets. */
static int clone_thread(void)
{
	static long double stack[4096];		/* aligned to what it need be */
	int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;

	return clone(end_at_once, stack + ARRAY_SIZE(stack), flags, NULL) < 0 ? -errno : 0;
}

static void fail_to_clone(void *arg)
{
	int i;

	(void)arg;
	refuse(true);
	for (i = 0; i < 3; i++) {
		if (clone_thread() != -ENOMEM)
			_exit(14);
	}
}

static void fail_then_lose_thread(void *arg)
{
	fail_to_clone(arg);
	refuse(false);
	run_thread();
	refuse(true);
}

TEST_F(memory, second_thread_is_refused_for_lack_of_it)
{
	pid_t pid;

	ASSERT_TRUE(set_up_faults());
	EXPECT_EQ(0, run(fail_to_clone, &pid));
}

TEST_F(memory, who_got_no_thread_is_no_group)
{
	pid_t pid;

	ASSERT_TRUE(set_up_faults());
	ASSERT_EQ(0, ts_listen(&self->sk, "all"));
	ASSERT_EQ(0, run(fail_to_clone, &pid));
	ASSERT_EQ(0, ts_wait_exit(&self->sk, pid, &self->rec));
	EXPECT_FALSE(self->rec.has_tgid);
}

TEST_F(memory, who_was_refused_a_thread_may_get_it_later)
{
	pid_t pid;

	if (!ts_has_io_accounting())
		SKIP(return, "CONFIG_TASK_IO_ACCOUNTING is not set");
	ASSERT_TRUE(set_up_faults());
	ASSERT_EQ(0, ts_listen(&self->sk, "all"));
	ASSERT_EQ(0, run(fail_then_lose_thread, &pid));
	ASSERT_EQ(0, ts_wait_exit(&self->sk, pid, &self->rec));
	ASSERT_TRUE(self->rec.has_tgid);
	EXPECT_GE(self->rec.tgid.stats.nvcsw, self->rec.pid.stats.nvcsw + NSWITCHES);
	EXPECT_EQ(NREADS * KB, (__s64)self->rec.tgid.stats.read_char);
}

static void clone_process(void *arg)
{
	pid_t pid;
	int status;

	(void)arg;
	refuse(true);
	pid = fork();
	if (pid == 0)
		_exit(0);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		_exit(15);
}

TEST_F(memory, process_of_one_thread_needs_none)
{
	pid_t pid;

	ASSERT_TRUE(set_up_faults());
	EXPECT_EQ(0, run(clone_process, &pid));
}

TEST_HARNESS_MAIN
