// SPDX-License-Identifier: GPL-2.0
/*
 * What the fields of struct taskstats say, held against what others say of
 * the same task: the caller itself, clocks, and /proc.
 *
 * Most tests ask about a child that sleeps, so that figures stand still and
 * can be compared exactly. read_syscalls and write_syscalls are left out: for
 * long they have been rounded to multiples of 1024.
 */
#include <dirent.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "kselftest_harness.h"
#include "taskstats.h"

#define NTHREADS	3
#define NSLEEPS		20

TEST(layout_is_frozen)
{
	static const struct {
		const char *name;
		size_t offset, expected;
	} fields[] = {
#define FIELD(field, expected) { #field, offsetof(struct taskstats, field), expected }
		FIELD(version, 0),
		FIELD(ac_exitcode, 4),
		FIELD(ac_flag, 8),
		FIELD(ac_nice, 9),
		FIELD(cpu_count, 16),
		FIELD(blkio_delay_total, 40),
		FIELD(swapin_delay_total, 56),
		FIELD(cpu_run_real_total, 64),
		FIELD(cpu_run_virtual_total, 72),
		FIELD(ac_comm, 80),
		FIELD(ac_sched, 112),
		FIELD(ac_uid, 120),
		FIELD(ac_gid, 124),
		FIELD(ac_pid, 128),
		FIELD(ac_ppid, 132),
		FIELD(ac_btime, 136),
		FIELD(ac_etime, 144),
		FIELD(ac_utime, 152),
		FIELD(ac_stime, 160),
		FIELD(ac_minflt, 168),
		FIELD(ac_majflt, 176),
		FIELD(coremem, 184),
		FIELD(hiwater_rss, 200),
		FIELD(read_char, 216),
		FIELD(read_bytes, 248),
		FIELD(write_bytes, 256),
		FIELD(cancelled_write_bytes, 264),
		FIELD(nvcsw, 272),
		FIELD(nivcsw, 280),
		FIELD(freepages_count, 312),
		FIELD(ac_btime64, 344),
		FIELD(compact_count, 352),
		FIELD(ac_tgid, 368),
		FIELD(ac_tgetime, 376),
		FIELD(ac_exe_dev, 384),
		FIELD(ac_exe_inode, 392),
		FIELD(wpcopy_count, 400),
		FIELD(irq_count, 416),
		FIELD(cpu_delay_max, 432),
		FIELD(irq_delay_min, 552),
		FIELD(cpu_delay_max_ts, 560),
		FIELD(irq_delay_max_ts, 672),
#undef FIELD
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		EXPECT_EQ(fields[i].expected, fields[i].offset)
			TH_LOG("%s", fields[i].name);
	}
	EXPECT_EQ(688U, sizeof(struct taskstats));
}

FIXTURE(fields)
{
	struct ts_sock sk;
	struct taskstats stats;
	struct ts_child child;
};

FIXTURE_SETUP(fields)
{
	const char *lacks = ts_lacks();

	if (lacks)
		SKIP(return, "%s", lacks);
	ASSERT_EQ(0, ts_open(&self->sk));
}

FIXTURE_TEARDOWN(fields)
{
	ts_close(&self->sk);
}

/* The number behind "@key:" in a thread's file in /proc, or -1. */
static __s64 proc_key(pid_t pid, const char *file, const char *key)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/%s", pid, pid, file);
	return ts_proc_number(path, key);
}

/* What /proc says of one thread and taskstats has to repeat. */
struct figures {
	unsigned long long minflt, majflt;
	unsigned long long runtime, run_delay, slices;
	__s64 nvcsw, nivcsw;
	__s64 rchar, wchar;
	__s64 rbytes, wbytes, cancelled;
};

static bool has_file(const char *path)
{
	return access(path, R_OK) == 0;
}

static void read_faults(pid_t pid, struct figures *fig)
{
	char path[64], line[1024], *paren;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", pid, pid);
	f = fopen(path, "r");
	if (!f)
		return;
	if (fgets(line, sizeof(line), f)) {
		paren = strrchr(line, ')');
		if (paren)
			sscanf(paren + 1, " %*c %*d %*d %*d %*d %*d %*u %llu %*u %llu",
			       &fig->minflt, &fig->majflt);
	}
	fclose(f);
}

static void read_schedstat(pid_t pid, pid_t tid, struct figures *fig)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/schedstat", pid, tid);
	f = fopen(path, "r");
	if (!f)
		return;
	if (fscanf(f, "%llu %llu %llu", &fig->runtime, &fig->run_delay, &fig->slices) != 3)
		fig->slices = 0;
	fclose(f);
}

static void read_figures(pid_t pid, struct figures *fig)
{
	memset(fig, 0, sizeof(*fig));
	read_faults(pid, fig);
	read_schedstat(pid, pid, fig);
	fig->nvcsw = proc_key(pid, "status", "voluntary_ctxt_switches");
	fig->nivcsw = proc_key(pid, "status", "nonvoluntary_ctxt_switches");
	fig->rchar = proc_key(pid, "io", "rchar");
	fig->wchar = proc_key(pid, "io", "wchar");
	fig->rbytes = proc_key(pid, "io", "read_bytes");
	fig->wbytes = proc_key(pid, "io", "write_bytes");
	fig->cancelled = proc_key(pid, "io", "cancelled_write_bytes");
}

/*
 * Asks about a child between two looks at /proc that agree, so that @fig is
 * what was true in the meantime. A child falls asleep before it has switched.
 */
static int query_between(struct ts_sock *sk, pid_t pid, struct figures *fig,
			 struct taskstats *stats)
{
	__u64 start = ts_clock_ns(CLOCK_MONOTONIC);
	struct figures after;
	int error;

	do {
		read_figures(pid, fig);
		error = ts_query_pid(sk, pid, stats);
		read_figures(pid, &after);
		if (error || !memcmp(fig, &after, sizeof(after)))
			return error;
	} while (ts_poll_again(start));
	return -ETIMEDOUT;
}

TEST_F(fields, ids_of_a_process)
{
	ASSERT_EQ(0, ts_child_start(&self->child, NULL, NULL));
	ASSERT_EQ(0, ts_query_pid(&self->sk, self->child.pid, &self->stats));
	EXPECT_EQ(17, self->stats.version);
	EXPECT_EQ((__u32)self->child.pid, self->stats.ac_pid);
	EXPECT_EQ((__u32)self->child.pid, self->stats.ac_tgid);
	EXPECT_EQ((__u32)getpid(), self->stats.ac_ppid);
	EXPECT_EQ(0, ts_child_end(&self->child));
}

static void change_ids(void *arg)
{
	(void)arg;
	if (setresgid(4711, 4712, 4712) || setresuid(4713, 4714, 4714))
		_exit(1);
}

TEST_F(fields, uid_and_gid_are_the_real_ones)
{
	ASSERT_EQ(0, ts_child_start(&self->child, change_ids, NULL));
	ASSERT_EQ(0, ts_query_pid(&self->sk, self->child.pid, &self->stats));
	EXPECT_EQ(4713U, self->stats.ac_uid);
	EXPECT_EQ(4711U, self->stats.ac_gid);
	EXPECT_EQ(0, ts_child_end(&self->child));
}

TEST_F(fields, comm_is_cut_at_15_and_padded_with_zeroes)
{
	char comm[TS_COMM_LEN] = "fifteen-letters", other[TS_COMM_LEN] = "short";

	prctl(PR_SET_NAME, "fifteen-letters-and-more");
	ASSERT_EQ(0, ts_query_pid(&self->sk, getpid(), &self->stats));
	EXPECT_EQ(0, memcmp(comm, self->stats.ac_comm, sizeof(comm)));

	/* Nothing shows of the longer name before. */
	prctl(PR_SET_NAME, other);
	ASSERT_EQ(0, ts_query_pid(&self->sk, getpid(), &self->stats));
	EXPECT_EQ(0, memcmp(other, self->stats.ac_comm, sizeof(other)));
}

static void be_nice(void *arg)
{
	if (setpriority(PRIO_PROCESS, 0, *(int *)arg))
		_exit(1);
}

TEST_F(fields, nice_is_the_signed_value)
{
	int value;

	for (value = -20; value < 20; value += 13) {
		ASSERT_EQ(0, ts_child_start(&self->child, be_nice, &value));
		ASSERT_EQ(0, ts_query_pid(&self->sk, self->child.pid, &self->stats));
		EXPECT_EQ(value, (__s8)self->stats.ac_nice);
		EXPECT_EQ(0, ts_child_end(&self->child));
	}
}

static void be_scheduled(void *arg)
{
	struct sched_param param = {};

	if (sched_setscheduler(0, *(int *)arg, &param))
		_exit(1);
}

TEST_F(fields, sched_is_the_policy)
{
	int policies[] = { SCHED_OTHER, SCHED_BATCH, SCHED_IDLE };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(policies); i++) {
		ASSERT_EQ(0, ts_child_start(&self->child, be_scheduled, &policies[i]));
		ASSERT_EQ(0, ts_query_pid(&self->sk, self->child.pid, &self->stats));
		EXPECT_EQ(policies[i], self->stats.ac_sched);
		EXPECT_EQ(0, ts_child_end(&self->child));
	}
}

TEST_F(fields, elapsed_time_is_counted_from_the_fork)
{
	__u64 fork_begin, fork_end, query_begin, query_end;

	fork_begin = ts_clock_ns(CLOCK_MONOTONIC);
	ASSERT_EQ(0, ts_child_start(&self->child, NULL, NULL));
	fork_end = ts_clock_ns(CLOCK_MONOTONIC);

	/* Time has to pass for microseconds to mean something. */
	poll(NULL, 0, 50);
	query_begin = ts_clock_ns(CLOCK_MONOTONIC);
	ASSERT_EQ(0, ts_query_pid(&self->sk, self->child.pid, &self->stats));
	query_end = ts_clock_ns(CLOCK_MONOTONIC);

	EXPECT_GE(self->stats.ac_etime, (query_begin - fork_end) / 1000);
	EXPECT_LE(self->stats.ac_etime, (query_end - fork_begin) / 1000);
	EXPECT_EQ(self->stats.ac_etime, self->stats.ac_tgetime);
	EXPECT_EQ(0, ts_child_end(&self->child));
}

TEST_F(fields, begin_time_is_now_less_the_elapsed_time)
{
	__u64 etime, first, last;

	ASSERT_EQ(0, ts_child_start(&self->child, NULL, NULL));
	first = ts_clock_ns(CLOCK_REALTIME_COARSE) / 1000000000;
	ASSERT_EQ(0, ts_query_pid(&self->sk, self->child.pid, &self->stats));
	last = ts_clock_ns(CLOCK_REALTIME_COARSE) / 1000000000 + 1;

	etime = self->stats.ac_etime / 1000000;
	EXPECT_GE(self->stats.ac_btime64, first - etime);
	EXPECT_LE(self->stats.ac_btime64, last - etime);
	EXPECT_EQ(self->stats.ac_btime, (__u32)self->stats.ac_btime64);
	EXPECT_EQ(0, ts_child_end(&self->child));
}

TEST_F(fields, thread_is_younger_than_its_group)
{
	__u64 leader_etime, create_begin, create_end, query_begin, query_end;
	struct ts_parked thread;

	poll(NULL, 0, 50);
	create_begin = ts_clock_ns(CLOCK_MONOTONIC);
	ASSERT_EQ(0, ts_park_thread(&thread));
	create_end = ts_clock_ns(CLOCK_MONOTONIC);

	ASSERT_EQ(0, ts_query_pid(&self->sk, getpid(), &self->stats));
	leader_etime = self->stats.ac_etime;
	query_begin = ts_clock_ns(CLOCK_MONOTONIC);
	ASSERT_EQ(0, ts_query_pid(&self->sk, thread.tid, &self->stats));
	query_end = ts_clock_ns(CLOCK_MONOTONIC);

	EXPECT_GE(self->stats.ac_etime, (query_begin - create_end) / 1000);
	EXPECT_LE(self->stats.ac_etime, (query_end - create_begin) / 1000);
	EXPECT_GE(self->stats.ac_tgetime, leader_etime);
	EXPECT_GE(self->stats.ac_tgetime, self->stats.ac_etime + 50000);

	ts_unpark_thread(&thread);
}

TEST_F(fields, exe_is_device_and_inode_of_the_executable)
{
	__u64 dev, inode;

	ASSERT_TRUE(ts_exe_in_maps(getpid(), &dev, &inode));
	ASSERT_EQ(0, ts_query_pid(&self->sk, getpid(), &self->stats));
	EXPECT_EQ(dev, self->stats.ac_exe_dev);
	EXPECT_EQ(inode, self->stats.ac_exe_inode);
}

/* A child that executes cat, which waits for input; fd[0] is its other end. */
static pid_t start_cat(int fd[2])
{
	char byte = 'x';
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd))
		return -1;
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(fd[1], STDIN_FILENO);
		dup2(fd[1], STDOUT_FILENO);
		execlp("cat", "cat", (char *)NULL);
		_exit(1);
	}
	close(fd[1]);
	/* What comes back has gone through it: it is executing. */
	if (pid < 0 || write(fd[0], &byte, 1) != 1 || read(fd[0], &byte, 1) != 1)
		return -1;
	return pid;
}

TEST_F(fields, exec_changes_comm_and_exe_and_clears_afork)
{
	__u64 dev, inode;
	int fd[2];
	pid_t pid;

	pid = start_cat(fd);
	if (pid < 0)
		SKIP(return, "no cat to execute");
	ASSERT_TRUE(ts_exe_in_maps(pid, &dev, &inode));
	ASSERT_EQ(0, ts_query_pid(&self->sk, pid, &self->stats));
	EXPECT_STREQ("cat", self->stats.ac_comm);
	EXPECT_EQ(dev, self->stats.ac_exe_dev);
	EXPECT_EQ(inode, self->stats.ac_exe_inode);
	EXPECT_EQ(0, self->stats.ac_flag & AFORK);
	close(fd[0]);
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));
}

TEST_F(fields, afork_is_set_until_exec)
{
	ASSERT_EQ(0, ts_child_start(&self->child, NULL, NULL));
	ASSERT_EQ(0, ts_query_pid(&self->sk, self->child.pid, &self->stats));
	EXPECT_EQ(AFORK, self->stats.ac_flag & (AFORK | AXSIG | ACORE | AGROUP));
	EXPECT_EQ(0U, self->stats.ac_exitcode);
	EXPECT_EQ(0, ts_child_end(&self->child));
}

static void use_privilege(void *arg)
{
	(void)arg;
	if (chroot("/"))
		_exit(1);
}

TEST_F(fields, asu_is_set_once_privilege_was_used)
{
	if (!ts_has_cap(CAP_SYS_CHROOT))
		SKIP(return, "no CAP_SYS_CHROOT");
	ASSERT_EQ(0, ts_child_start(&self->child, NULL, NULL));
	ASSERT_EQ(0, ts_query_pid(&self->sk, self->child.pid, &self->stats));
	EXPECT_EQ(0, self->stats.ac_flag & ASU);
	EXPECT_EQ(0, ts_child_end(&self->child));

	ASSERT_EQ(0, ts_child_start(&self->child, use_privilege, NULL));
	ASSERT_EQ(0, ts_query_pid(&self->sk, self->child.pid, &self->stats));
	EXPECT_EQ(ASU, self->stats.ac_flag & ASU);
	EXPECT_EQ(0, ts_child_end(&self->child));
}

TEST_F(fields, zombie_tells_its_exit_code_and_has_no_memory)
{
	siginfo_t info;
	pid_t pid;

	pid = fork();
	if (pid == 0)
		_exit(7);
	ASSERT_EQ(0, waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
	ASSERT_EQ(0, ts_query_pid(&self->sk, pid, &self->stats));
	EXPECT_EQ(7U << 8, self->stats.ac_exitcode);
	EXPECT_EQ((__u32)pid, self->stats.ac_pid);
	EXPECT_EQ((__u32)getpid(), self->stats.ac_ppid);
	EXPECT_EQ(0, self->stats.ac_flag & AXSIG);
	EXPECT_EQ(0U, self->stats.hiwater_rss);
	EXPECT_EQ(0U, self->stats.ac_exe_inode);
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));
}

TEST_F(fields, killed_zombie_tells_the_signal)
{
	siginfo_t info;
	pid_t pid;

	pid = fork();
	if (pid == 0) {
		pause();
		_exit(0);
	}
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(0, waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
	ASSERT_EQ(0, ts_query_pid(&self->sk, pid, &self->stats));
	EXPECT_EQ(9U, self->stats.ac_exitcode);
	EXPECT_EQ(AXSIG, self->stats.ac_flag & (AXSIG | ACORE));
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));
}

TEST_F(fields, kernel_thread_has_no_executable_and_no_memory)
{
	ASSERT_EQ(0, ts_query_pid(&self->sk, 2, &self->stats));
	ASSERT_STREQ("kthreadd", self->stats.ac_comm);
	EXPECT_EQ(2U, self->stats.ac_pid);
	EXPECT_EQ(2U, self->stats.ac_tgid);
	EXPECT_EQ(0U, self->stats.ac_ppid);
	EXPECT_EQ(0U, self->stats.ac_uid);
	EXPECT_EQ(0U, self->stats.ac_exe_dev);
	EXPECT_EQ(0U, self->stats.ac_exe_inode);
	EXPECT_EQ(0U, self->stats.hiwater_rss);
	EXPECT_EQ(0U, self->stats.hiwater_vm);
	EXPECT_EQ(0U, self->stats.coremem);
	EXPECT_EQ(0U, self->stats.virtmem);
}

static void touch_memory(void *arg)
{
	size_t size = *(size_t *)arg;
	char *mem;

	mem = mmap(NULL, size, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (mem == MAP_FAILED)
		_exit(1);
	memset(mem, 1, size);
	munmap(mem, size);
}

TEST_F(fields, page_faults)
{
	size_t size = 1 << 20;
	struct figures fig;

	ASSERT_EQ(0, ts_child_start(&self->child, touch_memory, &size));
	ASSERT_EQ(0, query_between(&self->sk, self->child.pid, &fig, &self->stats));
	EXPECT_GT(fig.minflt, 0U);
	EXPECT_EQ(fig.minflt, self->stats.ac_minflt);
	EXPECT_EQ(fig.majflt, self->stats.ac_majflt);
	EXPECT_EQ(0, ts_child_end(&self->child));
}

TEST_F(fields, memory_peaks)
{
	size_t size = 32 << 20;
	__s64 rss, vm;

	if (!ts_has_io_accounting())
		SKIP(return, "CONFIG_TASK_XACCT is not set");
	ASSERT_EQ(0, ts_child_start(&self->child, touch_memory, &size));
	ASSERT_EQ(0, ts_query_pid(&self->sk, self->child.pid, &self->stats));
	rss = proc_key(self->child.pid, "status", "VmHWM");
	vm = proc_key(self->child.pid, "status", "VmPeak");
	EXPECT_GT(vm, 32 << 10);
	EXPECT_EQ(vm, (__s64)self->stats.hiwater_vm);
	EXPECT_LE((__s64)self->stats.hiwater_rss, rss + ts_rss_error_kb());
	EXPECT_GE((__s64)self->stats.hiwater_rss, rss - ts_rss_error_kb());
	EXPECT_EQ(0, ts_child_end(&self->child));
}

static void sleep_often(void *arg)
{
	(void)arg;
	ts_switch_often(NSLEEPS);
}

TEST_F(fields, context_switches)
{
	struct figures fig;

	ASSERT_EQ(0, ts_child_start(&self->child, sleep_often, NULL));
	ASSERT_EQ(0, query_between(&self->sk, self->child.pid, &fig, &self->stats));
	EXPECT_GE(fig.nvcsw, NSLEEPS);
	EXPECT_EQ(fig.nvcsw, (__s64)self->stats.nvcsw);
	EXPECT_EQ(fig.nivcsw, (__s64)self->stats.nivcsw);
	EXPECT_EQ(0, ts_child_end(&self->child));
}

static void read_and_write(void *arg)
{
	int zero = open("/dev/zero", O_RDONLY), null = open("/dev/null", O_WRONLY);
	char buf[1000] = {};
	int i;

	(void)arg;
	for (i = 0; i < 10; i++) {
		if (read(zero, buf, sizeof(buf)) != sizeof(buf) ||
		    (i % 2 && write(null, buf, sizeof(buf)) != sizeof(buf)))
			_exit(1);
	}
}

TEST_F(fields, characters_and_bytes_are_whole_kilobytes)
{
	const __u64 mask = ~1023ULL;
	struct figures fig;

	if (!ts_has_io_accounting())
		SKIP(return, "CONFIG_TASK_IO_ACCOUNTING is not set");
	ASSERT_EQ(0, ts_child_start(&self->child, read_and_write, NULL));
	ASSERT_EQ(0, query_between(&self->sk, self->child.pid, &fig, &self->stats));
	EXPECT_GE(fig.rchar, 10000);
	EXPECT_GE(fig.wchar, 5000);
	EXPECT_EQ(fig.rchar & mask, self->stats.read_char);
	EXPECT_EQ(fig.wchar & mask, self->stats.write_char);
	EXPECT_EQ(fig.rbytes & mask, self->stats.read_bytes);
	EXPECT_EQ(fig.wbytes & mask, self->stats.write_bytes);
	EXPECT_EQ(fig.cancelled & mask, self->stats.cancelled_write_bytes);
	EXPECT_EQ(0, ts_child_end(&self->child));
}

static void compute(void *arg)
{
	__u64 ns = *(__u64 *)arg;
	int i;

	while (ts_clock_ns(CLOCK_THREAD_CPUTIME_ID) < ns) {
		/* Mostly without system calls, for it to be user time. */
		for (i = 0; i < 1 << 20; i++)
			asm volatile("");
	}
}

/* Ticks sample: a task that ran for 300 ms may be found with less or more. */
TEST_F(fields, cpu_time_is_that_of_a_task_that_computed)
{
	__u64 ns = 300000000;

	ASSERT_EQ(0, ts_child_start(&self->child, compute, &ns));
	ASSERT_EQ(0, ts_query_pid(&self->sk, self->child.pid, &self->stats));
	EXPECT_GE(self->stats.ac_utime + self->stats.ac_stime, 100000U);
	EXPECT_LE(self->stats.ac_utime + self->stats.ac_stime, self->stats.ac_etime + 100000);
	EXPECT_EQ(0, ts_child_end(&self->child));
	if (!ts_has_delay_accounting())
		return;
	EXPECT_LE(self->stats.cpu_run_real_total / 1000,
		  self->stats.ac_utime + self->stats.ac_stime + 1);
	EXPECT_GE(self->stats.cpu_run_real_total / 1000,
		  self->stats.ac_utime + self->stats.ac_stime);
}

TEST_F(fields, run_time_and_run_delay_are_those_of_the_scheduler)
{
	__u64 ns = 50000000;
	struct figures fig;

	if (!has_file("/proc/self/schedstat"))
		SKIP(return, "CONFIG_SCHED_INFO is not set");
	ASSERT_EQ(0, ts_child_start(&self->child, compute, &ns));
	ASSERT_EQ(0, query_between(&self->sk, self->child.pid, &fig, &self->stats));
	if (!fig.slices)
		SKIP(goto end, "neither schedstats nor delay accounting collect");
	EXPECT_GE(fig.runtime, ns);
	EXPECT_EQ(fig.runtime, self->stats.cpu_run_virtual_total);
	EXPECT_EQ(fig.run_delay, self->stats.cpu_delay_total);
	EXPECT_EQ(fig.slices, self->stats.cpu_count);
	EXPECT_LE(self->stats.cpu_delay_max, self->stats.cpu_delay_total);
	EXPECT_LE(self->stats.cpu_delay_min, self->stats.cpu_delay_max);
end:
	EXPECT_EQ(0, ts_child_end(&self->child));
}

static void *park(void *arg)
{
	(void)arg;
	sleep_often(NULL);
	pause();
	return NULL;
}

static void start_threads(void *arg)
{
	pthread_t handle;
	int i;

	(void)arg;
	for (i = 0; i < NTHREADS; i++) {
		if (pthread_create(&handle, NULL, park, NULL))
			_exit(1);
	}
}

/* The sum over all threads of what PID queries say; how many threads. */
static int sum_threads(struct ts_sock *sk, pid_t tgid, struct taskstats *sum)
{
	struct taskstats stats;
	struct dirent *entry;
	char path[64];
	int n = 0;
	DIR *dir;

	memset(sum, 0, sizeof(*sum));
	snprintf(path, sizeof(path), "/proc/%d/task", tgid);
	dir = opendir(path);
	if (!dir)
		return -1;
	while ((entry = readdir(dir))) {
		if (atoi(entry->d_name) == 0)
			continue;
		if (!ts_wait_state(tgid, atoi(entry->d_name), 'S') ||
		    ts_query_pid(sk, atoi(entry->d_name), &stats))
			break;
		sum->nvcsw += stats.nvcsw;
		sum->nivcsw += stats.nivcsw;
		sum->cpu_count += stats.cpu_count;
		sum->cpu_delay_total += stats.cpu_delay_total;
		sum->cpu_run_virtual_total += stats.cpu_run_virtual_total;
		sum->ac_utime += stats.ac_utime;
		sum->ac_stime += stats.ac_stime;
		n++;
	}
	closedir(dir);
	return n;
}

/* As query_between(), but of the group and its threads. */
static bool query_group_between(struct ts_sock *sk, pid_t tgid, struct taskstats *sum,
				struct taskstats *stats)
{
	__u64 start = ts_clock_ns(CLOCK_MONOTONIC);
	struct taskstats after;

	do {
		if (sum_threads(sk, tgid, sum) != NTHREADS + 1 ||
		    ts_query_tgid(sk, tgid, stats) ||
		    sum_threads(sk, tgid, &after) != NTHREADS + 1)
			return false;
		/* Less would be a pause of sleep_often(), not yet the last. */
		if (!memcmp(sum, &after, sizeof(after)) &&
		    sum->nvcsw >= NTHREADS * (NSLEEPS + 1))
			return true;
	} while (ts_poll_again(start));
	return false;
}

TEST_F(fields, group_sums_its_live_threads)
{
	struct taskstats sum;

	ASSERT_EQ(0, ts_child_start(&self->child, start_threads, NULL));
	ASSERT_TRUE(query_group_between(&self->sk, self->child.pid, &sum, &self->stats));
	EXPECT_EQ(17, self->stats.version);
	EXPECT_EQ(sum.nvcsw, self->stats.nvcsw);
	EXPECT_EQ(sum.nivcsw, self->stats.nivcsw);
	EXPECT_EQ(sum.cpu_count, self->stats.cpu_count);
	EXPECT_EQ(sum.cpu_delay_total, self->stats.cpu_delay_total);
	EXPECT_EQ(sum.cpu_run_virtual_total, self->stats.cpu_run_virtual_total);
	/* Microseconds, rounded for each thread or once for all. */
	EXPECT_GE(self->stats.ac_utime, sum.ac_utime);
	EXPECT_LE(self->stats.ac_utime, sum.ac_utime + NTHREADS);
	EXPECT_GE(self->stats.ac_stime, sum.ac_stime);
	EXPECT_LE(self->stats.ac_stime, sum.ac_stime + NTHREADS);
	EXPECT_EQ(0, ts_child_end(&self->child));
}

static void *sleep_and_end(void *arg)
{
	sleep_often(arg);
	return NULL;
}

static void end_a_thread(void *arg)
{
	pthread_t handle;

	if (pthread_create(&handle, NULL, sleep_and_end, arg) || pthread_join(handle, NULL))
		_exit(1);
}

TEST_F(fields, group_remembers_its_dead_threads)
{
	struct taskstats group;

	ASSERT_EQ(0, ts_child_start(&self->child, end_a_thread, NULL));
	ASSERT_EQ(0, ts_query_pid(&self->sk, self->child.pid, &self->stats));
	ASSERT_EQ(0, ts_query_tgid(&self->sk, self->child.pid, &group));
	EXPECT_GE(group.nvcsw, self->stats.nvcsw + NSLEEPS);
	EXPECT_GE(group.cpu_run_virtual_total, self->stats.cpu_run_virtual_total);
	EXPECT_EQ(0, ts_child_end(&self->child));
}

TEST_HARNESS_MAIN
