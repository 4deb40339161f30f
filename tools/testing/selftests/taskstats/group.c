// SPDX-License-Identifier: GPL-2.0
/*
 * What TASKSTATS_CMD_ATTR_TGID and the exit record of a group's last thread say
 * of a thread group: every field that has a meaning for a group, every thread
 * exactly once, dead ones too, children never.
 *
 * live: every field, against the answers about each thread and /proc
 * own: against getrusage(), by a process that asks about itself
 * dying: no total of a live group ever goes down
 * record: the exit record with the last thread
 * privilege: used by a thread other than the leader
 * zombie: dead and not reaped
 * extremes: longest and shortest delays
 */
#include <linux/sched.h>
#include <mntent.h>
#include <sys/mman.h>

#include "kselftest_harness.h"
#include "group.h"
#include "taskstats.h"

#define NTHREADS	4	/* the leader included */
#define NDEAD		3
#define KB		1024ULL
#define KB_MASK		(~(KB - 1))

/* Between a group under test and who looks at it. */
struct shared {
	unsigned int parked;
	pid_t tid[NTHREADS];	/* the leader's first */
	unsigned int deaths;
	unsigned int answers;
	unsigned int stop;
	struct taskstats waited;
	__u64 peak_vm;
	__u64 peak_rss;
};

static struct shared *shared;
static int zero_fd, null_fd, disk_fd = -1;

static void *map_shared(size_t size)
{
	void *mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return mem == MAP_FAILED ? NULL : mem;
}

static bool open_devices(void)
{
	zero_fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	return zero_fd >= 0 && null_fd >= 0;
}

/* Something of everything that is counted, and more of it for a greater @n. */

static void use_memory(int n)
{
	size_t size = n * 16 * sysconf(_SC_PAGESIZE);
	char *mem;

	mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem == MAP_FAILED)
		_exit(10);
	madvise(mem, size, MADV_NOHUGEPAGE);
	memset(mem, 1, size);
	munmap(mem, size);
}

static void use_devices(int n)
{
	char buf[900] = {};
	int i;

	for (i = 0; i < 5 * n; i++) {
		if (read(zero_fd, buf, 500 + n) != 500 + n ||
		    (i % 2 && write(null_fd, buf, 700 + n) != 700 + n))
			_exit(11);
	}
}

static void use_disk(int n)
{
	size_t size = n * sysconf(_SC_PAGESIZE);
	off_t start = n * 16 * size;
	char *zeroes, *cached;

	if (disk_fd < 0)
		return;
	zeroes = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (zeroes == MAP_FAILED || pwrite(disk_fd, zeroes, size, start) != (ssize_t)size)
		_exit(12);
	if (fsync(disk_fd) || posix_fadvise(disk_fd, start, size, POSIX_FADV_DONTNEED))
		_exit(13);
	/* What is not cached any more is a major fault. */
	cached = mmap(NULL, size, PROT_READ, MAP_SHARED, disk_fd, start);
	if (cached == MAP_FAILED || memcmp(cached, zeroes, size))
		_exit(14);
	munmap(cached, size);
	munmap(zeroes, size);
}

static void use_all(int n)
{
	int i;

	use_memory(n);
	use_devices(n);
	use_disk(n);
	for (i = 0; i < n; i++)
		poll(NULL, 0, 1);
}

/* Computes until that shows in what is sampled at ticks, as one or the other. */
static void compute(void)
{
	struct taskstats stats = {};
	struct ts_sock sk;
	int i;

	if (ts_open(&sk))
		_exit(15);
	while (stats.ac_utime + stats.ac_stime < 30000) {
		for (i = 0; i < 1 << 20; i++)
			asm volatile("");
		if (ts_query_pid(&sk, ts_gettid(), &stats))
			_exit(16);
	}
	ts_close(&sk);
}

static void *use_and_end(void *arg)
{
	use_all(*(int *)arg);
	return NULL;
}

static void end_threads(int n)
{
	pthread_t thread;

	for (; n > 0; n--) {
		if (pthread_create(&thread, NULL, use_and_end, &n) || pthread_join(thread, NULL))
			_exit(17);
	}
}

static void *use_and_park(void *arg)
{
	int n = (long)arg;

	shared->tid[n] = ts_gettid();
	use_all(n);
	if (n == 1)
		compute();
	__atomic_add_fetch(&shared->parked, 1, __ATOMIC_SEQ_CST);
	while (1)
		pause();
	return NULL;
}

static void start_threads(void)
{
	pthread_t thread;
	long n;

	shared->tid[0] = getpid();
	for (n = 1; n < NTHREADS; n++) {
		if (pthread_create(&thread, NULL, use_and_park, (void *)n))
			_exit(18);
	}
	while (__atomic_load_n(&shared->parked, __ATOMIC_SEQ_CST) < NTHREADS - 1)
		poll(NULL, 0, 1);
}

/* A file of nobody else's where writing is IO, or -1: disks are hard to find. */
static int open_disk(void)
{
	char page[4096] = {};
	struct mntent *mnt;
	int fd = -1;
	FILE *f;

	f = setmntent("/proc/self/mounts", "r");
	if (!f)
		return -1;
	while (fd < 0 && (mnt = getmntent(f))) {
		__s64 before = ts_proc_number("/proc/thread-self/io", "write_bytes");

		fd = open(mnt->mnt_dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
		if (fd < 0)
			continue;
		if (write(fd, page, sizeof(page)) == sizeof(page) &&
		    ts_proc_number("/proc/thread-self/io", "write_bytes") > before)
			break;
		close(fd);
		fd = -1;
	}
	endmntent(f);
	return fd;
}

/* Every field of a live group. */

FIXTURE(live)
{
	struct ts_sock sk;
	struct ts_child child;
	struct taskstats group;
	struct taskstats thread[NTHREADS];
	struct taskstats sum;
	__u64 etime_before;
	__u64 etime_after;
};

static void query_threads(struct ts_sock *sk, struct taskstats *thread, __u64 *etime)
{
	int i;

	*etime = 0;
	for (i = 0; i < NTHREADS; i++) {
		if (!ts_wait_state(shared->tid[0], shared->tid[i], 'S') ||
		    ts_query_pid(sk, shared->tid[i], &thread[i]))
			memset(&thread[i], 0xff, sizeof(thread[i]));
		*etime += thread[i].ac_etime;
		/* Goes on in a task that sleeps. */
		thread[i].ac_etime = 0;
		thread[i].ac_tgetime = 0;
		thread[i].ac_btime = 0;
		thread[i].ac_btime64 = 0;
	}
}

/*
 * Asks about the group between two rounds of its threads that agree. A task is
 * an 'S' shortly before it has switched, and is the same ever after.
 */
static bool query_live(FIXTURE_DATA(live) * self)
{
	__u64 start = ts_clock_ns(CLOCK_MONOTONIC);
	struct taskstats before[NTHREADS];
	int i;

	do {
		query_threads(&self->sk, before, &self->etime_before);
		if (ts_query_tgid(&self->sk, self->child.pid, &self->group))
			return false;
		query_threads(&self->sk, self->thread, &self->etime_after);
		if (!memcmp(before, self->thread, sizeof(before))) {
			memset(&self->sum, 0, sizeof(self->sum));
			for (i = 0; i < NTHREADS; i++)
				ts_add_totals(&self->sum, &self->thread[i]);
			return true;
		}
	} while (ts_poll_again(start));
	return false;
}

static void become_live_group(void *arg)
{
	struct sched_param param = {};

	(void)arg;
	use_all(1);
	start_threads();
	/* The leader alone; the threads are what they inherited. */
	if (prctl(PR_SET_NAME, "ts-leader") || setpriority(PRIO_PROCESS, 0, 5) ||
	    sched_setscheduler(0, SCHED_BATCH, &param) ||
	    syscall(__NR_setresgid, 4711, -1, -1) || syscall(__NR_setresuid, 4712, -1, -1))
		_exit(19);
	/* Written and taken back before it reached the disk. */
	if (disk_fd >= 0 && (pwrite(disk_fd, "", 1, 0) != 1 || ftruncate(disk_fd, 0)))
		_exit(20);
}

FIXTURE_SETUP(live)
{
	const char *lacks = ts_lacks();

	if (lacks)
		SKIP(return, "%s", lacks);
	ASSERT_EQ(0, ts_open(&self->sk));
	shared = map_shared(sizeof(*shared));
	ASSERT_NE(NULL, shared);
	ASSERT_TRUE(open_devices());
	disk_fd = open_disk();
	ASSERT_EQ(0, ts_child_start(&self->child, become_live_group, NULL));
	ASSERT_TRUE(query_live(self));
}

FIXTURE_TEARDOWN(live)
{
	EXPECT_EQ(0, ts_child_end(&self->child));
	ts_close(&self->sk);
}

TEST_F(live, ids_are_the_leaders)
{
	EXPECT_EQ((__u32)self->child.pid, self->group.ac_pid);
	EXPECT_EQ((__u32)self->child.pid, self->group.ac_tgid);
	EXPECT_EQ((__u32)getpid(), self->group.ac_ppid);
}

TEST_F(live, owner_is_the_leaders)
{
	EXPECT_EQ(4712U, self->group.ac_uid);
	EXPECT_EQ(4711U, self->group.ac_gid);
}

TEST_F(live, name_is_the_leaders)
{
	char name[TS_COMM_LEN] = "ts-leader";

	EXPECT_EQ(0, memcmp(name, self->group.ac_comm, sizeof(name)));
}

TEST_F(live, nice_and_policy_are_the_leaders)
{
	EXPECT_EQ(5, (__s8)self->group.ac_nice);
	EXPECT_EQ(SCHED_BATCH, self->group.ac_sched);
	EXPECT_EQ(0, self->thread[1].ac_nice);
}

TEST_F(live, flags_are_those_of_a_living_process)
{
	EXPECT_EQ(AFORK, self->group.ac_flag & (AFORK | AGROUP | AXSIG | ACORE));
	EXPECT_EQ(0U, self->group.ac_exitcode);
}

TEST_F(live, group_time_is_the_life_of_the_group)
{
	struct taskstats before, after;

	ASSERT_EQ(0, ts_query_pid(&self->sk, self->child.pid, &before));
	ASSERT_EQ(0, ts_query_tgid(&self->sk, self->child.pid, &self->group));
	ASSERT_EQ(0, ts_query_pid(&self->sk, self->child.pid, &after));
	EXPECT_GE(self->group.ac_tgetime, before.ac_tgetime);
	EXPECT_LE(self->group.ac_tgetime, after.ac_tgetime);
}

TEST_F(live, begin_time_is_that_of_the_group)
{
	__u64 first, last;

	first = ts_clock_ns(CLOCK_REALTIME_COARSE) / 1000000000;
	ASSERT_EQ(0, ts_query_tgid(&self->sk, self->child.pid, &self->group));
	last = ts_clock_ns(CLOCK_REALTIME_COARSE) / 1000000000 + 1;
	EXPECT_GE(self->group.ac_btime64, first - self->group.ac_tgetime / 1000000);
	EXPECT_LE(self->group.ac_btime64, last - self->group.ac_tgetime / 1000000);
	EXPECT_EQ((__u32)self->group.ac_btime64, self->group.ac_btime);
}

TEST_F(live, elapsed_time_is_the_sum_over_threads)
{
	EXPECT_GE(self->group.ac_etime, self->etime_before);
	EXPECT_LE(self->group.ac_etime, self->etime_after);
}

TEST_F(live, cpu_time_is_the_sum_over_threads)
{
	EXPECT_GE(self->sum.ac_utime + self->sum.ac_stime, 30000U);
	/* Microseconds, cut for each thread or once for all. */
	EXPECT_GE(self->group.ac_utime, self->sum.ac_utime);
	EXPECT_LT(self->group.ac_utime, self->sum.ac_utime + NTHREADS);
	EXPECT_GE(self->group.ac_stime, self->sum.ac_stime);
	EXPECT_LT(self->group.ac_stime, self->sum.ac_stime + NTHREADS);
	EXPECT_EQ(self->sum.cpu_run_real_total, self->group.cpu_run_real_total);
	EXPECT_EQ(self->sum.cpu_run_virtual_total, self->group.cpu_run_virtual_total);
}

TEST_F(live, scaled_cpu_time_is_the_sum_over_threads)
{
	EXPECT_GT(self->sum.ac_utimescaled + self->sum.ac_stimescaled, 0U);
	EXPECT_GE(self->group.ac_utimescaled, self->sum.ac_utimescaled);
	EXPECT_LT(self->group.ac_utimescaled, self->sum.ac_utimescaled + NTHREADS);
	EXPECT_GE(self->group.ac_stimescaled, self->sum.ac_stimescaled);
	EXPECT_LT(self->group.ac_stimescaled, self->sum.ac_stimescaled + NTHREADS);
	EXPECT_EQ(self->sum.cpu_scaled_run_real_total, self->group.cpu_scaled_run_real_total);
}

TEST_F(live, faults_are_the_sum_over_threads)
{
	EXPECT_GT(self->sum.ac_minflt, 0U);
	EXPECT_EQ(self->sum.ac_minflt, self->group.ac_minflt);
	EXPECT_EQ(self->sum.ac_majflt, self->group.ac_majflt);
}

TEST_F(live, major_faults_are_the_sum_over_threads)
{
	if (disk_fd < 0)
		SKIP(return, "no file system on a disk");
	EXPECT_GE(self->sum.ac_majflt, (__u64)NTHREADS - 1);
	EXPECT_EQ(self->sum.ac_majflt, self->group.ac_majflt);
}

TEST_F(live, switches_are_the_sum_over_threads)
{
	EXPECT_GT(self->sum.nvcsw, 0U);
	EXPECT_EQ(self->sum.nvcsw, self->group.nvcsw);
	EXPECT_EQ(self->sum.nivcsw, self->group.nivcsw);
}

TEST_F(live, executable_is_the_leaders)
{
	EXPECT_NE(0U, self->thread[0].ac_exe_inode);
	EXPECT_EQ(self->thread[0].ac_exe_inode, self->group.ac_exe_inode);
	EXPECT_EQ(self->thread[0].ac_exe_dev, self->group.ac_exe_dev);
}

TEST_F(live, memory_over_time_is_the_sum_over_threads)
{
	if (!self->sum.hiwater_vm && !self->thread[0].hiwater_vm)
		SKIP(return, "CONFIG_TASK_XACCT is not set");
	EXPECT_GT(self->sum.coremem, 0U);
	EXPECT_GT(self->sum.virtmem, 0U);
	EXPECT_EQ(self->sum.coremem, self->group.coremem);
	EXPECT_EQ(self->sum.virtmem, self->group.virtmem);
}

TEST_F(live, memory_peaks_are_those_of_the_address_space)
{
	if (!self->thread[0].hiwater_vm)
		SKIP(return, "CONFIG_TASK_XACCT is not set");
	EXPECT_EQ(self->thread[0].hiwater_rss, self->group.hiwater_rss);
	EXPECT_EQ(self->thread[0].hiwater_vm, self->group.hiwater_vm);
}

/* The sum of @key over /proc/PID/task/TID/io, to the byte. */
static __u64 sum_proc(const char *key)
{
	__u64 sum = 0;
	char path[64];
	int i;

	for (i = 0; i < NTHREADS; i++) {
		snprintf(path, sizeof(path), "/proc/%d/task/%d/io", shared->tid[0], shared->tid[i]);
		sum += ts_proc_number(path, key);
	}
	return sum;
}

/* Cut to KiB once, after the sum: at most as much more as there are threads. */
TEST_F(live, characters_are_the_sum_over_threads)
{
	if (!ts_has_io_accounting())
		SKIP(return, "CONFIG_TASK_IO_ACCOUNTING is not set");
	EXPECT_GT(self->sum.read_char, 0U);
	EXPECT_GT(self->sum.write_char, 0U);
	EXPECT_EQ(sum_proc("rchar") & KB_MASK, self->group.read_char);
	EXPECT_EQ(sum_proc("wchar") & KB_MASK, self->group.write_char);
	EXPECT_GE(self->group.read_char, self->sum.read_char);
	EXPECT_LT(self->group.read_char, self->sum.read_char + NTHREADS * KB);
	EXPECT_GE(self->group.write_char, self->sum.write_char);
	EXPECT_LT(self->group.write_char, self->sum.write_char + NTHREADS * KB);
}

TEST_F(live, calls_are_the_sum_over_threads)
{
	if (!ts_has_io_accounting())
		SKIP(return, "CONFIG_TASK_IO_ACCOUNTING is not set");
	EXPECT_NE(0U, self->group.read_syscalls);
	EXPECT_NE(0U, self->group.write_syscalls);
	EXPECT_EQ(self->sum.read_syscalls, self->group.read_syscalls);
	EXPECT_EQ(self->sum.write_syscalls, self->group.write_syscalls);
	EXPECT_EQ(sum_proc("syscr"), self->group.read_syscalls);
	EXPECT_EQ(sum_proc("syscw"), self->group.write_syscalls);
}

/* All whole pages, so that nothing is cut. */
TEST_F(live, bytes_are_the_sum_over_threads)
{
	if (disk_fd < 0)
		SKIP(return, "no file system on a disk");
	EXPECT_GT(self->sum.read_bytes, 0U);
	EXPECT_GT(self->sum.write_bytes, 0U);
	EXPECT_EQ(self->sum.read_bytes, self->group.read_bytes);
	EXPECT_EQ(self->sum.write_bytes, self->group.write_bytes);
	EXPECT_EQ(self->sum.cancelled_write_bytes, self->group.cancelled_write_bytes);
	EXPECT_EQ(sum_proc("read_bytes"), self->group.read_bytes);
	EXPECT_EQ(sum_proc("write_bytes"), self->group.write_bytes);
}

#define EXPECT_DELAY(type)							\
do {										\
	EXPECT_EQ(self->sum.type##_count, self->group.type##_count);		\
	EXPECT_EQ(self->sum.type##_delay_total, self->group.type##_delay_total);	\
} while (0)

TEST_F(live, delays_are_the_sum_over_threads)
{
	if (!ts_has_delay_accounting())
		SKIP(return, "CONFIG_TASK_DELAY_ACCT is not set");
	EXPECT_GT(self->sum.cpu_count, 0U);
	EXPECT_DELAY(cpu);
	EXPECT_DELAY(blkio);
	EXPECT_DELAY(swapin);
	EXPECT_DELAY(freepages);
	EXPECT_DELAY(thrashing);
	EXPECT_DELAY(compact);
	EXPECT_DELAY(wpcopy);
	EXPECT_DELAY(irq);
}

TEST_F(live, io_is_that_of_proc)
{
	char path[64];

	if (!ts_has_io_accounting())
		SKIP(return, "CONFIG_TASK_IO_ACCOUNTING is not set");
	snprintf(path, sizeof(path), "/proc/%d/io", self->child.pid);
	EXPECT_EQ(ts_proc_number(path, "rchar") & KB_MASK, self->group.read_char);
	EXPECT_EQ(ts_proc_number(path, "wchar") & KB_MASK, self->group.write_char);
	EXPECT_EQ((__u64)ts_proc_number(path, "syscr"), self->group.read_syscalls);
	EXPECT_EQ((__u64)ts_proc_number(path, "syscw"), self->group.write_syscalls);
	EXPECT_EQ(ts_proc_number(path, "read_bytes") & KB_MASK, self->group.read_bytes);
	EXPECT_EQ(ts_proc_number(path, "write_bytes") & KB_MASK, self->group.write_bytes);
	EXPECT_EQ(ts_proc_number(path, "cancelled_write_bytes") & KB_MASK,
		  self->group.cancelled_write_bytes);
}

TEST_F(live, any_thread_leads_to_the_same_answer)
{
	struct taskstats other;

	ASSERT_EQ(0, ts_query_tgid(&self->sk, shared->tid[NTHREADS - 1], &other));
	EXPECT_GE(other.ac_etime, self->group.ac_etime);
	EXPECT_GE(other.ac_tgetime, self->group.ac_tgetime);
	other.ac_etime = self->group.ac_etime;
	other.ac_tgetime = self->group.ac_tgetime;
	other.ac_btime = self->group.ac_btime;
	other.ac_btime64 = self->group.ac_btime64;
	EXPECT_EQ(0, memcmp(&other, &self->group, sizeof(other)));
	EXPECT_EQ((__u32)self->child.pid, other.ac_pid);
}

/* A process that asks about itself, with threads living and dead. */

FIXTURE(own)
{
	struct ts_sock sk;
	struct rusage before;
	struct rusage after;
	struct taskstats group;
};

FIXTURE_SETUP(own)
{
	const char *lacks = ts_lacks();

	if (lacks)
		SKIP(return, "%s", lacks);
	ASSERT_EQ(0, ts_open(&self->sk));
	shared = map_shared(sizeof(*shared));
	ASSERT_NE(NULL, shared);
	ASSERT_TRUE(open_devices());
	end_threads(NDEAD);
	start_threads();
}

FIXTURE_TEARDOWN(own)
{
	ts_close(&self->sk);
}

/* Between two getrusage() that agree in what does not go on while we ask. */
static bool query_own(FIXTURE_DATA(own) * self)
{
	__u64 start = ts_clock_ns(CLOCK_MONOTONIC);

	do {
		if (getrusage(RUSAGE_SELF, &self->before) ||
		    ts_query_tgid(&self->sk, getpid(), &self->group) ||
		    getrusage(RUSAGE_SELF, &self->after))
			return false;
		if (self->before.ru_minflt == self->after.ru_minflt &&
		    self->before.ru_majflt == self->after.ru_majflt &&
		    self->before.ru_nvcsw == self->after.ru_nvcsw &&
		    self->before.ru_nivcsw == self->after.ru_nivcsw &&
		    self->before.ru_maxrss == self->after.ru_maxrss)
			return true;
	} while (ts_poll_again(start));
	return false;
}

TEST_F(own, faults_are_those_of_rusage)
{
	ASSERT_TRUE(query_own(self));
	EXPECT_EQ((__u64)self->before.ru_minflt, self->group.ac_minflt);
	EXPECT_EQ((__u64)self->before.ru_majflt, self->group.ac_majflt);
}

TEST_F(own, switches_are_those_of_rusage)
{
	ASSERT_TRUE(query_own(self));
	EXPECT_EQ((__u64)self->before.ru_nvcsw, self->group.nvcsw);
	EXPECT_EQ((__u64)self->before.ru_nivcsw, self->group.nivcsw);
}

TEST_F(own, cpu_time_is_that_of_rusage)
{
	if (!ts_has_delay_accounting())
		SKIP(return, "CONFIG_TASK_DELAY_ACCT is not set");
	ASSERT_TRUE(query_own(self));
	EXPECT_TRUE(ts_is_cpu_time(&self->group, ts_cpu_us(&self->before), ts_cpu_us(&self->after)))
		TH_LOG("virtual %llu us, utime %llu, stime %llu, rusage %llu to %llu",
		       self->group.cpu_run_virtual_total / 1000, self->group.ac_utime,
		       self->group.ac_stime, ts_cpu_us(&self->before), ts_cpu_us(&self->after));
}

TEST_F(own, memory_peak_is_that_of_rusage)
{
	if (!ts_has_io_accounting())
		SKIP(return, "CONFIG_TASK_XACCT is not set");
	ASSERT_TRUE(query_own(self));
	EXPECT_EQ((__u64)self->before.ru_maxrss, self->group.hiwater_rss);
}

/* Reading this file is reading, too, but counts when it is done. */
TEST_F(own, io_is_that_of_proc)
{
	__u64 rchar, syscr, wchar, syscw;

	if (!ts_has_io_accounting())
		SKIP(return, "CONFIG_TASK_IO_ACCOUNTING is not set");
	wchar = ts_proc_number("/proc/self/io", "wchar");
	syscw = ts_proc_number("/proc/self/io", "syscw");
	syscr = ts_proc_number("/proc/self/io", "syscr");
	rchar = ts_proc_number("/proc/self/io", "rchar");
	ASSERT_EQ(0, ts_query_tgid(&self->sk, getpid(), &self->group));
	EXPECT_GE(self->group.read_char, rchar & KB_MASK);
	EXPECT_LE(self->group.read_char, (rchar + KB) & KB_MASK);
	EXPECT_GE(self->group.read_syscalls, syscr + 1);
	EXPECT_LE(self->group.read_syscalls, syscr + 4);
	EXPECT_EQ(wchar & KB_MASK, self->group.write_char);
	EXPECT_EQ(syscw, self->group.write_syscalls);
}

/* A group that has had children, and has buried them. */

FIXTURE(parent)
{
	struct ts_sock sk;
	struct ts_child child;
	struct taskstats group;
	struct taskstats thread;
};

static void have_a_child(void *arg)
{
	int status, i;
	pid_t pid;

	(void)arg;
	use_devices(10);
	pid = fork();
	if (pid == 0) {
		for (i = 0; i < 20; i++)
			use_all(10);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		_exit(21);
}

FIXTURE_SETUP(parent)
{
	const char *lacks = ts_lacks();
	struct taskstats before;
	__u64 start;

	if (lacks)
		SKIP(return, "%s", lacks);
	if (!ts_has_io_accounting())
		SKIP(return, "CONFIG_TASK_IO_ACCOUNTING is not set");
	ASSERT_EQ(0, ts_open(&self->sk));
	ASSERT_TRUE(open_devices());
	ASSERT_EQ(0, ts_child_start(&self->child, have_a_child, NULL));
	start = ts_clock_ns(CLOCK_MONOTONIC);
	do {
		ASSERT_EQ(0, ts_query_pid(&self->sk, self->child.pid, &before));
		ASSERT_EQ(0, ts_query_tgid(&self->sk, self->child.pid, &self->group));
		ASSERT_EQ(0, ts_query_pid(&self->sk, self->child.pid, &self->thread));
	} while (before.nvcsw != self->thread.nvcsw && ts_poll_again(start));
}

FIXTURE_TEARDOWN(parent)
{
	EXPECT_EQ(0, ts_child_end(&self->child));
	ts_close(&self->sk);
}

TEST_F(parent, io_of_reaped_children_is_not_its_own)
{
	char path[64];

	/* For /proc it is. */
	snprintf(path, sizeof(path), "/proc/%d/io", self->child.pid);
	EXPECT_GE((__u64)ts_proc_number(path, "rchar"), self->thread.read_char + 64 * KB);

	EXPECT_GT(self->thread.read_char, 0U);
	EXPECT_EQ(self->thread.read_char, self->group.read_char);
	EXPECT_EQ(self->thread.write_char, self->group.write_char);
	EXPECT_EQ(self->thread.read_syscalls, self->group.read_syscalls);
	EXPECT_EQ(self->thread.write_syscalls, self->group.write_syscalls);
}

TEST_F(parent, faults_and_peaks_of_reaped_children_are_not_its_own)
{
	EXPECT_EQ(self->thread.ac_minflt, self->group.ac_minflt);
	EXPECT_EQ(self->thread.ac_majflt, self->group.ac_majflt);
	EXPECT_EQ(self->thread.hiwater_rss, self->group.hiwater_rss);
}

TEST_F(parent, time_of_reaped_children_is_not_its_own)
{
	EXPECT_EQ(self->thread.nvcsw, self->group.nvcsw);
	EXPECT_EQ(self->thread.nivcsw, self->group.nivcsw);
	EXPECT_EQ(self->thread.cpu_run_virtual_total, self->group.cpu_run_virtual_total);
	EXPECT_EQ(self->thread.ac_utime, self->group.ac_utime);
	EXPECT_EQ(self->thread.ac_stime, self->group.ac_stime);
}

/* A group whose threads die one after the other while others ask about it. */

#define NDEATHS		400
#define NANSWERS	100
#define NREADERS	2

FIXTURE(dying)
{
	struct ts_sock sk;
	pid_t pid;
};

struct reader {
	pid_t pid;
	unsigned int violations;
	struct taskstats before;
	struct taskstats after;
};

static void *read_totals(void *arg)
{
	struct reader *reader = arg;
	struct taskstats stats;
	struct ts_sock sk;

	if (ts_open(&sk) || ts_query_tgid(&sk, reader->pid, &reader->before))
		return "cannot ask";
	while (!__atomic_load_n(&shared->stop, __ATOMIC_SEQ_CST)) {
		if (ts_query_tgid(&sk, reader->pid, &stats))
			return "a live group has no answer";
		__atomic_add_fetch(&shared->answers, 1, __ATOMIC_SEQ_CST);
		if (ts_gone_down(&reader->before, &stats, 0) >= 0) {
			reader->after = stats;
			reader->violations++;
			__atomic_store_n(&shared->stop, 1, __ATOMIC_SEQ_CST);
			break;
		}
		reader->before = stats;
	}
	ts_close(&sk);
	return NULL;
}

static void *work_and_die(void *arg)
{
	use_devices(1);
	use_memory(1);
	sched_yield();
	return arg;
}

static void die_in_rows(void)
{
	pthread_t thread[8];
	unsigned int i;

	while (!__atomic_load_n(&shared->stop, __ATOMIC_SEQ_CST)) {
		for (i = 0; i < ARRAY_SIZE(thread); i++) {
			if (pthread_create(&thread[i], NULL, work_and_die, NULL))
				_exit(22);
		}
		for (i = 0; i < ARRAY_SIZE(thread); i++)
			pthread_join(thread[i], NULL);
		if (__atomic_add_fetch(&shared->deaths, i, __ATOMIC_SEQ_CST) >= NDEATHS &&
		    __atomic_load_n(&shared->answers, __ATOMIC_SEQ_CST) >= NANSWERS)
			__atomic_store_n(&shared->stop, 1, __ATOMIC_SEQ_CST);
	}
}

FIXTURE_SETUP(dying)
{
	const char *lacks = ts_lacks();

	if (lacks)
		SKIP(return, "%s", lacks);
	ASSERT_EQ(0, ts_open(&self->sk));
	shared = map_shared(sizeof(*shared));
	ASSERT_NE(NULL, shared);
	ASSERT_TRUE(open_devices());
}

FIXTURE_TEARDOWN(dying)
{
	ts_close(&self->sk);
}

TEST_F_TIMEOUT(dying, totals_of_a_live_group_never_go_down, 1200)
{
	struct reader reader[NREADERS] = {};
	pthread_t thread[NREADERS];
	int fd[2], i, field;
	void *error;
	char c;

	/* It lives until the readers are done: until there is nobody to write. */
	ASSERT_EQ(0, pipe2(fd, O_CLOEXEC));
	self->pid = fork();
	if (self->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(fd[1]);
		die_in_rows();
		_exit(read(fd[0], &c, 1));
	}
	ASSERT_GT(self->pid, 0);
	for (i = 0; i < NREADERS; i++) {
		reader[i].pid = self->pid;
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, read_totals, &reader[i]));
	}
	for (i = 0; i < NREADERS; i++) {
		ASSERT_EQ(0, pthread_join(thread[i], &error));
		EXPECT_EQ(NULL, error)
			TH_LOG("%s", (char *)error);
		field = ts_gone_down(&reader[i].before, &reader[i].after, 0);
		EXPECT_EQ(0U, reader[i].violations)
			TH_LOG("%s went from %llu to %llu in %u answers, %u deaths",
			       ts_totals[field].name, ts_total(&reader[i].before, field),
			       ts_total(&reader[i].after, field), shared->answers,
			       shared->deaths);
	}
	/* For readers that have failed it would go on. */
	__atomic_store_n(&shared->stop, 1, __ATOMIC_SEQ_CST);
	close(fd[1]);
	ASSERT_EQ(self->pid, waitpid(self->pid, &i, 0));
	EXPECT_EQ(0, i);
}

/* The record of the last thread: the group's part of it. */

#define NCALLS		20
#define NPINGS		40
#define NPINGPONG	8
#define NGROUPS		200
/* What a thread may switch between leaving its group and telling of itself. */
#define LATE_SWITCHES	2

FIXTURE(record)
{
	struct ts_sock sk;
	struct ts_exit rec;
	pid_t pid;
	int status;
};

FIXTURE_SETUP(record)
{
	const char *lacks = ts_lacks();

	if (lacks)
		SKIP(return, "%s", lacks);
	ASSERT_EQ(0, ts_open(&self->sk));
	shared = map_shared(sizeof(*shared));
	ASSERT_NE(NULL, shared);
	ASSERT_TRUE(open_devices());
	ASSERT_EQ(0, ts_listen(&self->sk, "all"));
}

FIXTURE_TEARDOWN(record)
{
	ts_stop_listening(&self->sk);
}

/* Runs @fn in a child to its end. */
static pid_t run(void (*fn)(void), int *status)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		fn();
		_exit(0);
	}
	return pid < 0 ? -1 : waitpid(pid, status, 0);
}

/* The record of group @tgid; the sum of its threads' own goes to @sum. */
static int wait_group(struct ts_sock *sk, pid_t tgid, struct ts_exit *group,
		      struct taskstats *sum, int *nthreads)
{
	struct ts_exit rec;
	bool found = false;
	int error;

	memset(sum, 0, sizeof(*sum));
	*nthreads = 0;
	/* All are here: it has been waited for. */
	while (!(error = ts_next_exit(sk, &rec, 0))) {
		if (rec.pid.stats.ac_tgid != (__u32)tgid)
			continue;
		ts_add_totals(sum, &rec.pid.stats);
		(*nthreads)++;
		if (rec.has_tgid) {
			*group = rec;
			found = true;
		}
	}
	if (error != -EAGAIN)
		return error;
	return found ? 0 : -ENOENT;
}

static int pipes[NPINGPONG][2];

static int done[2];

/* Switches with its neighbour, often. */
static void ping_pong(int n)
{
	char c;
	int i;

	for (i = 0; i < NPINGS; i++) {
		if (write(pipes[n ^ 1][1], "", 1) != 1 || read(pipes[n][0], &c, 1) != 1)
			_exit(24);
	}
}

static void *ping_pong_and_stay(void *arg)
{
	ping_pong((long)arg);
	ts_child_report(done[1]);
	while (1)
		pause();
	return NULL;
}

static void die_together(void)
{
	pthread_t thread;
	long n;

	for (n = 0; n < NPINGPONG; n++) {
		if (pipe2(pipes[n], O_CLOEXEC))
			_exit(25);
	}
	if (pipe2(done, O_CLOEXEC))
		_exit(25);
	for (n = 1; n < NPINGPONG; n++) {
		if (pthread_create(&thread, NULL, ping_pong_and_stay, (void *)n))
			_exit(26);
	}
	ping_pong(0);
	for (n = 1; n < NPINGPONG; n++)
		ts_child_wait(done[0]);
	_exit(0);
}

/* All leave at once: the last one must not overlook those on their way out. */
TEST_F_TIMEOUT(record, threads_that_die_together_are_all_in_it, 1200)
{
	__u64 end = ts_clock_ns(CLOCK_MONOTONIC) + 6000000000ULL;
	struct taskstats sum, *group = &self->rec.tgid.stats;
	int i, n;

	for (i = 0; i < NGROUPS && ts_clock_ns(CLOCK_MONOTONIC) < end; i++) {
		self->pid = run(die_together, &self->status);
		ASSERT_EQ(0, self->status);
		ASSERT_EQ(0, wait_group(&self->sk, self->pid, &self->rec, &sum, &n));
		ASSERT_EQ(NPINGPONG, n);
		ASSERT_GE(group->nvcsw + group->nivcsw + n * LATE_SWITCHES, sum.nvcsw + sum.nivcsw)
			TH_LOG("group %d", i);
		ASSERT_GE(group->cpu_count + n * LATE_SWITCHES, sum.cpu_count)
			TH_LOG("group %d", i);
	}
}

TEST_F_TIMEOUT(record, io_of_threads_that_die_together_is_all_in_it, 1200)
{
	struct taskstats sum, *group = &self->rec.tgid.stats;
	int i, n;

	if (!ts_has_io_accounting())
		SKIP(return, "CONFIG_TASK_IO_ACCOUNTING is not set");
	for (i = 0; i < 10; i++) {
		self->pid = run(die_together, &self->status);
		ASSERT_EQ(0, self->status);
		ASSERT_EQ(0, wait_group(&self->sk, self->pid, &self->rec, &sum, &n));
		/* No thread reads or writes any more when it is dying. */
		ASSERT_GE(sum.read_syscalls, (__u64)NPINGPONG * NPINGS);
		ASSERT_EQ(sum.read_syscalls, group->read_syscalls);
		ASSERT_EQ(sum.write_syscalls, group->write_syscalls);
	}
}

static void *use_calls(void *arg)
{
	char c;
	int i;

	for (i = 0; i < NCALLS; i++) {
		if (read(zero_fd, &c, 1) != 1 || write(null_fd, &c, 1) != 1)
			_exit(27);
	}
	return arg;
}

/* Threads that are gone, then a last one, the leader. */
static void use_calls_in_turn(void)
{
	pthread_t thread;
	int i;

	prctl(PR_SET_NAME, "ts-record");
	for (i = 0; i < NDEAD; i++) {
		if (pthread_create(&thread, NULL, use_calls, NULL) || pthread_join(thread, NULL))
			_exit(27);
	}
	use_calls(NULL);
	_exit(0);
}

TEST_F(record, it_is_complete)
{
	struct taskstats sum, *group = &self->rec.tgid.stats;
	int n;

	self->pid = run(use_calls_in_turn, &self->status);
	ASSERT_EQ(0, self->status);
	ASSERT_EQ(0, wait_group(&self->sk, self->pid, &self->rec, &sum, &n));
	ASSERT_EQ(NDEAD + 1, n);
	EXPECT_STREQ("ts-record", group->ac_comm);
	EXPECT_EQ((__u32)self->pid, group->ac_pid);
	EXPECT_EQ((__u32)self->pid, group->ac_tgid);
	EXPECT_EQ((__u32)getpid(), group->ac_ppid);
	EXPECT_NE(0U, group->ac_tgetime);
	EXPECT_NE(0U, group->ac_btime64);
	EXPECT_NE(0U, group->ac_exe_inode);
	EXPECT_EQ(self->rec.pid.stats.ac_exe_inode, group->ac_exe_inode);
	EXPECT_GE(group->ac_minflt, sum.ac_minflt);
	EXPECT_NE(0U, group->ac_minflt);
	EXPECT_GE(group->nvcsw, sum.nvcsw);
	EXPECT_GE(group->cpu_run_virtual_total, sum.cpu_run_virtual_total);
	EXPECT_GE(group->ac_etime, sum.ac_etime);
	if (!ts_has_io_accounting())
		return;
	EXPECT_EQ((NDEAD + 1U) * NCALLS, group->read_syscalls);
	EXPECT_EQ((NDEAD + 1U) * NCALLS, group->write_syscalls);
	EXPECT_NE(0U, group->hiwater_vm);
	EXPECT_EQ(self->rec.pid.stats.hiwater_vm, group->hiwater_vm);
}

/* How a group of two threads may end. */

static void *stay(void *arg)
{
	__atomic_add_fetch(&shared->parked, 1, __ATOMIC_SEQ_CST);
	while (1)
		pause();
	return arg;
}

static void *end_process(void *arg)
{
	(void)arg;
	exit(8);
}

static void *kill_process(void *arg)
{
	(void)arg;
	kill(getpid(), SIGKILL);
	while (1)
		pause();
	return NULL;
}

static void *end_last(void *arg)
{
	pid_t pid = getpid();

	(void)arg;
	/* The leader is a zombie already. */
	if (!ts_wait_state(pid, pid, 'Z'))
		_exit(28);
	syscall(__NR_exit, 9);
	return NULL;
}

static void *kill_last(void *arg)
{
	pid_t pid = getpid();

	if (!ts_wait_state(pid, pid, 'Z'))
		_exit(29);
	return kill_process(arg);
}

static void start_thread(void *(*fn)(void *))
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, fn, NULL))
		_exit(30);
}

static void leader_exits(void)
{
	__atomic_store_n(&shared->parked, 0, __ATOMIC_SEQ_CST);
	start_thread(stay);
	while (!__atomic_load_n(&shared->parked, __ATOMIC_SEQ_CST))
		sched_yield();
	exit(7);
}

static void thread_exits(void)
{
	start_thread(end_process);
	while (1)
		pause();
}

static void thread_kills(void)
{
	start_thread(kill_process);
	while (1)
		pause();
}

static void leader_goes_first(void)
{
	start_thread(end_last);
	syscall(__NR_exit, 3);
}

static void leader_goes_first_then_kill(void)
{
	start_thread(kill_last);
	syscall(__NR_exit, 3);
}

/* Ends a group of two threads by @fn; false unless there are the right records. */
static bool run_group(FIXTURE_DATA(record) * self, void (*fn)(void))
{
	struct taskstats sum;
	int n;

	self->pid = run(fn, &self->status);
	return self->pid > 0 && !wait_group(&self->sk, self->pid, &self->rec, &sum, &n) &&
	       n == 2 && self->rec.tgid.id == (__u32)self->pid;
}

TEST_F(record, exit_code_is_that_of_exit)
{
	ASSERT_TRUE(run_group(self, leader_exits));
	ASSERT_EQ(7 << 8, self->status);
	EXPECT_EQ(7U << 8, self->rec.tgid.stats.ac_exitcode);
}

TEST_F(record, exit_code_is_that_of_exit_by_a_thread)
{
	ASSERT_TRUE(run_group(self, thread_exits));
	ASSERT_EQ(8 << 8, self->status);
	EXPECT_EQ(8U << 8, self->rec.tgid.stats.ac_exitcode);
}

TEST_F(record, exit_code_is_that_of_a_kill)
{
	ASSERT_TRUE(run_group(self, thread_kills));
	ASSERT_EQ(SIGKILL, self->status);
	EXPECT_EQ(9U, self->rec.tgid.stats.ac_exitcode);
}

TEST_F(record, exit_code_is_that_of_the_last_thread)
{
	ASSERT_TRUE(run_group(self, leader_goes_first));
	ASSERT_EQ(9 << 8, self->status);
	EXPECT_EQ(9U << 8, self->rec.tgid.stats.ac_exitcode);
}

TEST_F(record, exit_code_is_that_of_a_kill_after_the_leader)
{
	ASSERT_TRUE(run_group(self, leader_goes_first_then_kill));
	ASSERT_EQ(SIGKILL, self->status);
	EXPECT_EQ(9U, self->rec.tgid.stats.ac_exitcode);
}

TEST_F(record, agroup_is_set)
{
	ASSERT_TRUE(run_group(self, leader_exits));
	EXPECT_EQ(AGROUP, self->rec.tgid.stats.ac_flag & AGROUP);
	ASSERT_TRUE(run_group(self, leader_goes_first));
	EXPECT_EQ(AGROUP, self->rec.tgid.stats.ac_flag & AGROUP);
}

TEST_F(record, axsig_is_set_if_a_signal_killed_the_group)
{
	ASSERT_TRUE(run_group(self, thread_kills));
	EXPECT_EQ(AXSIG, self->rec.tgid.stats.ac_flag & AXSIG);
	ASSERT_TRUE(run_group(self, leader_goes_first_then_kill));
	EXPECT_EQ(AXSIG, self->rec.tgid.stats.ac_flag & AXSIG);
}

TEST_F(record, axsig_is_not_set_if_the_group_exited)
{
	ASSERT_TRUE(run_group(self, leader_exits));
	EXPECT_EQ(0, self->rec.tgid.stats.ac_flag & AXSIG);
	/* To end the others the kernel sends them SIGKILL, the leader too. */
	ASSERT_TRUE(run_group(self, thread_exits));
	EXPECT_EQ(0, self->rec.tgid.stats.ac_flag & AXSIG);
}

/* A thread that cannot get the id it is to have. */
static void fail_to_clone(void)
{
	pid_t init = 1;
	struct clone_args args = {
		.flags = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD,
		.set_tid = (unsigned long)&init,
		.set_tid_size = 1,
	};

	if (syscall(__NR_clone3, &args, sizeof(args)) != -1)
		_exit(31);
	_exit(errno == EEXIST ? 0 : 32);
}

TEST_F(record, failed_clone_makes_no_group)
{
	self->pid = run(fail_to_clone, &self->status);
	if (self->status == 32 << 8)
		SKIP(return, "clone3() with an id fails for another reason");
	ASSERT_EQ(0, self->status);
	ASSERT_EQ(0, ts_wait_exit(&self->sk, self->pid, &self->rec));
	EXPECT_FALSE(self->rec.has_tgid);
}

/* Privilege that a thread has used shows in its group, but not in its leader. */

FIXTURE(privilege)
{
	struct ts_sock sk;
	struct ts_child child;
	struct taskstats leader;
	struct taskstats group;
};

FIXTURE_SETUP(privilege)
{
	const char *lacks = ts_lacks();

	if (lacks)
		SKIP(return, "%s", lacks);
	if (!ts_has_cap(CAP_SYS_CHROOT))
		SKIP(return, "no CAP_SYS_CHROOT");
	ASSERT_EQ(0, ts_open(&self->sk));
}

FIXTURE_TEARDOWN(privilege)
{
	ts_close(&self->sk);
}

static pthread_barrier_t used;
static pid_t user;

static void *use_privilege(void *arg)
{
	user = ts_gettid();
	if (chroot("/"))
		_exit(42);
	return arg;
}

static void *use_privilege_and_stay(void *arg)
{
	use_privilege(arg);
	pthread_barrier_wait(&used);
	while (1)
		pause();
	return NULL;
}

static void have_privilege_used(void *arg)
{
	(void)arg;
	pthread_barrier_init(&used, NULL, 2);
	start_thread(use_privilege_and_stay);
	pthread_barrier_wait(&used);
}

/* By a thread of which nothing is left. */
static void have_had_privilege_used(void *arg)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, use_privilege, arg) || pthread_join(thread, NULL))
		_exit(43);
	if (!ts_wait_thread_gone(user))
		_exit(44);
}

static void expect_used(struct __test_metadata *_metadata, FIXTURE_DATA(privilege) * self,
			void (*prepare)(void *))
{
	ASSERT_EQ(0, ts_child_start(&self->child, prepare, NULL));
	ASSERT_EQ(0, ts_query_pid(&self->sk, self->child.pid, &self->leader));
	ASSERT_EQ(0, ts_query_tgid(&self->sk, self->child.pid, &self->group));
	if (self->leader.ac_flag & ASU)
		SKIP(goto end, "the leader has used some, too");
	EXPECT_EQ(ASU, self->group.ac_flag & ASU);
end:
	EXPECT_EQ(0, ts_child_end(&self->child));
}

TEST_F(privilege, of_a_thread_shows_in_its_group)
{
	expect_used(_metadata, self, have_privilege_used);
}

TEST_F(privilege, of_a_thread_shows_in_its_group_after_its_end)
{
	expect_used(_metadata, self, have_had_privilege_used);
}

/* Dead, not yet reaped: what is left is what wait() is going to tell. */

FIXTURE(zombie)
{
	struct ts_sock sk;
	struct rusage before;
	struct rusage after;
	struct taskstats group;
	struct taskstats leader;
	siginfo_t info;
	pid_t pid;
};

FIXTURE_SETUP(zombie)
{
	const char *lacks = ts_lacks();

	if (lacks)
		SKIP(return, "%s", lacks);
	ASSERT_EQ(0, ts_open(&self->sk));
	shared = map_shared(sizeof(*shared));
	ASSERT_NE(NULL, shared);
	ASSERT_TRUE(open_devices());
}

FIXTURE_TEARDOWN(zombie)
{
	ts_close(&self->sk);
}

/*
 * Ends a child by @fn, does not reap it, and asks about it between two looks at
 * its rusage that agree: it may have to be scheduled away yet. It ends where we
 * run, so that by then we are not ahead of it.
 */
static bool query_zombie(FIXTURE_DATA(zombie) * self, void (*fn)(void))
{
	__u64 start = ts_clock_ns(CLOCK_MONOTONIC);
	int cpu;

	if (ts_cpus(&cpu, 1) < 1 || ts_pin(cpu))
		return false;
	self->pid = fork();
	if (self->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		fn();
		_exit(0);
	}
	do {
		if (ts_zombie_rusage(self->pid, &self->info, &self->before) ||
		    ts_query_pid(&self->sk, self->pid, &self->leader) ||
		    ts_query_tgid(&self->sk, self->pid, &self->group) ||
		    ts_zombie_rusage(self->pid, &self->info, &self->after))
			return false;
		if (!memcmp(&self->before, &self->after, sizeof(self->after)))
			return true;
	} while (ts_poll_again(start));
	return false;
}

static void use_and_exit(void)
{
	use_all(3);
	compute();
	_exit(7);
}

static void use_threads_and_exit(void)
{
	end_threads(NDEAD);
	use_and_exit();
}

static void *use_last(void *arg)
{
	pid_t pid = getpid();

	if (!ts_wait_state(pid, pid, 'Z'))
		_exit(33);
	use_all(2);
	return arg;
}

static void exit_first(void)
{
	use_all(1);
	start_thread(use_last);
	syscall(__NR_exit, 0);
}

#define EXPECT_RUSAGE()								\
do {										\
	EXPECT_EQ((__u64)self->after.ru_minflt, self->group.ac_minflt);		\
	EXPECT_EQ((__u64)self->after.ru_majflt, self->group.ac_majflt);		\
	EXPECT_EQ((__u64)self->after.ru_nvcsw, self->group.nvcsw);		\
	EXPECT_EQ((__u64)self->after.ru_nivcsw, self->group.nivcsw);		\
	EXPECT_TRUE(!ts_has_delay_accounting() ||				\
		    ts_is_cpu_time(&self->group, ts_cpu_us(&self->after),	\
				   ts_cpu_us(&self->after)));			\
} while (0)

/* The wait that reaps it: nothing may come after what has been asked. */
#define EXPECT_REAP()								\
do {										\
	EXPECT_EQ(self->pid, wait4(self->pid, NULL, 0, &self->before));		\
	EXPECT_EQ(0, memcmp(&self->before, &self->after, sizeof(self->after)));	\
	EXPECT_EQ(-ESRCH, ts_query_tgid(&self->sk, self->pid, &self->group));	\
} while (0)

TEST_F(zombie, of_one_thread_is_not_empty)
{
	ASSERT_TRUE(query_zombie(self, use_and_exit));
	EXPECT_NE(0U, self->group.nvcsw);
	EXPECT_NE(0U, self->group.ac_utime + self->group.ac_stime);
	EXPECT_NE(0U, self->group.ac_etime);
	EXPECT_REAP();
	if (!ts_has_delay_accounting())
		return;
	EXPECT_NE(0U, self->group.cpu_run_virtual_total);
	EXPECT_NE(0U, self->group.cpu_run_real_total);
}

TEST_F(zombie, of_one_thread_equals_its_rusage)
{
	ASSERT_TRUE(query_zombie(self, use_and_exit));
	EXPECT_RUSAGE();
	EXPECT_REAP();
}

TEST_F(zombie, of_one_thread_equals_its_thread)
{
	ASSERT_TRUE(query_zombie(self, use_and_exit));
	EXPECT_EQ(self->leader.ac_utime, self->group.ac_utime);
	EXPECT_EQ(self->leader.ac_stime, self->group.ac_stime);
	EXPECT_EQ(self->leader.ac_minflt, self->group.ac_minflt);
	EXPECT_EQ(self->leader.nvcsw, self->group.nvcsw);
	EXPECT_EQ(self->leader.nivcsw, self->group.nivcsw);
	EXPECT_EQ(self->leader.cpu_count, self->group.cpu_count);
	EXPECT_EQ(self->leader.cpu_delay_total, self->group.cpu_delay_total);
	EXPECT_EQ(self->leader.cpu_run_virtual_total, self->group.cpu_run_virtual_total);
	EXPECT_EQ(self->leader.cpu_run_real_total, self->group.cpu_run_real_total);
	EXPECT_EQ(self->leader.coremem, self->group.coremem);
	EXPECT_EQ(self->leader.virtmem, self->group.virtmem);
	EXPECT_EQ(self->leader.read_char, self->group.read_char);
	EXPECT_EQ(self->leader.write_char, self->group.write_char);
	EXPECT_EQ(self->leader.read_syscalls, self->group.read_syscalls);
	EXPECT_EQ(self->leader.write_syscalls, self->group.write_syscalls);
	EXPECT_REAP();
}

TEST_F(zombie, of_one_thread_tells_how_it_ended)
{
	ASSERT_TRUE(query_zombie(self, use_and_exit));
	EXPECT_EQ(7U << 8, self->group.ac_exitcode);
	EXPECT_EQ(AGROUP, self->group.ac_flag & (AGROUP | AXSIG));
	EXPECT_EQ((__u32)self->pid, self->group.ac_pid);
	EXPECT_EQ((__u32)getpid(), self->group.ac_ppid);
	EXPECT_REAP();
}

static void note_peaks(void)
{
	size_t size = 64 << 20;
	char *mem;

	mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem == MAP_FAILED)
		_exit(40);
	memset(mem, 1, 1 << 20);
	munmap(mem, size);
	shared->peak_vm = ts_proc_number("/proc/self/status", "VmPeak");
	shared->peak_rss = ts_proc_number("/proc/self/status", "VmHWM");
}

static void note_peaks_and_exit(void)
{
	note_peaks();
	_exit(0);
}

static void note_peaks_and_exit_with_threads(void)
{
	end_threads(NDEAD);
	note_peaks();
	_exit(0);
}

#define BEFORE_EXEC	(8 << 20)
#define NO_PROGRAM	41

static void use_memory_and_exec(void)
{
	char *mem = mmap(NULL, BEFORE_EXEC, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (mem == MAP_FAILED)
		_exit(40);
	memset(mem, 1, BEFORE_EXEC);
	execl("/bin/true", "true", NULL);
	_exit(NO_PROGRAM);
}

/* wait() remembers those of before the exec too. */
TEST_F(zombie, of_one_thread_has_the_peaks_of_its_program)
{
	if (!ts_has_io_accounting())
		SKIP(return, "CONFIG_TASK_IO_ACCOUNTING is not set");
	ASSERT_TRUE(query_zombie(self, use_memory_and_exec));
	if (self->info.si_status == NO_PROGRAM)
		SKIP(return, "no /bin/true");
	EXPECT_EQ(0, self->info.si_status);
	EXPECT_LE(BEFORE_EXEC / 1024, self->after.ru_maxrss + ts_rss_error_kb());
	EXPECT_GT(BEFORE_EXEC / 1024U, self->group.hiwater_rss);
	EXPECT_LE(self->group.hiwater_rss, self->group.hiwater_vm);
	EXPECT_REAP();
}

TEST_F(zombie, of_one_thread_remembers_its_executable)
{
	__u64 dev, inode;

	ASSERT_TRUE(query_zombie(self, use_and_exit));
	ASSERT_TRUE(ts_exe_in_maps(getpid(), &dev, &inode));
	EXPECT_EQ(inode, self->group.ac_exe_inode);
	EXPECT_EQ(dev, self->group.ac_exe_dev);
	EXPECT_REAP();
}

TEST_F(zombie, of_one_thread_remembers_its_memory_peaks)
{
	if (!ts_has_io_accounting())
		SKIP(return, "CONFIG_TASK_IO_ACCOUNTING is not set");
	ASSERT_TRUE(query_zombie(self, note_peaks_and_exit));
	EXPECT_EQ(shared->peak_vm, self->group.hiwater_vm);
	EXPECT_GE(self->group.hiwater_rss + ts_rss_error_kb(), shared->peak_rss);
	EXPECT_EQ((__u64)self->after.ru_maxrss, self->group.hiwater_rss);
	EXPECT_REAP();
}

TEST_F(zombie, with_dead_threads_remembers_its_memory_peaks)
{
	if (!ts_has_io_accounting())
		SKIP(return, "CONFIG_TASK_IO_ACCOUNTING is not set");
	ASSERT_TRUE(query_zombie(self, note_peaks_and_exit_with_threads));
	EXPECT_EQ(shared->peak_vm, self->group.hiwater_vm);
	EXPECT_EQ((__u64)self->after.ru_maxrss, self->group.hiwater_rss);
	EXPECT_NE(0U, self->group.ac_exe_inode);
	EXPECT_REAP();
}

TEST_F(zombie, with_dead_threads_equals_its_rusage)
{
	ASSERT_TRUE(query_zombie(self, use_threads_and_exit));
	EXPECT_RUSAGE();
	EXPECT_GT(self->group.ac_minflt, self->leader.ac_minflt);
	EXPECT_GT(self->group.nvcsw, self->leader.nvcsw);
	EXPECT_REAP();
}

TEST_F(zombie, with_dead_threads_remembers_their_io)
{
	if (!ts_has_io_accounting())
		SKIP(return, "CONFIG_TASK_IO_ACCOUNTING is not set");
	ASSERT_TRUE(query_zombie(self, use_calls_in_turn));
	EXPECT_EQ((NDEAD + 1U) * NCALLS, self->group.read_syscalls);
	EXPECT_EQ((NDEAD + 1U) * NCALLS, self->group.write_syscalls);
	EXPECT_EQ((__u64)NCALLS, self->leader.read_syscalls);
	EXPECT_REAP();
}

TEST_F(zombie, whose_leader_went_first_equals_its_rusage)
{
	ASSERT_TRUE(query_zombie(self, exit_first));
	EXPECT_RUSAGE();
	EXPECT_REAP();
}

TEST_F(zombie, tells_how_a_killed_group_ended)
{
	ASSERT_TRUE(query_zombie(self, thread_kills));
	EXPECT_EQ(9U, self->group.ac_exitcode);
	EXPECT_EQ(AGROUP | AXSIG, self->group.ac_flag & (AGROUP | AXSIG));
	EXPECT_REAP();
}

TEST_F(zombie, tells_how_a_group_without_its_leader_ended)
{
	ASSERT_TRUE(query_zombie(self, leader_goes_first));
	EXPECT_EQ(9U << 8, self->group.ac_exitcode);
	EXPECT_EQ(AGROUP, self->group.ac_flag & (AGROUP | AXSIG));
	EXPECT_REAP();
}

static void *say_and_stay(void *arg)
{
	shared->tid[1] = ts_gettid();
	use_all(2);
	return stay(arg);
}

static void leave_a_thread(void)
{
	prctl(PR_SET_NAME, "ts-gone");
	use_all(3);
	start_thread(say_and_stay);
	syscall(__NR_exit, 3);
}

/* Its leader is a zombie that nobody can reap, and the group lives. */
TEST_F(zombie, leader_of_a_live_group_counts_and_stands_for_it)
{
	__u64 start = ts_clock_ns(CLOCK_MONOTONIC);
	struct taskstats leader, thread, before;

	self->pid = fork();
	if (self->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		leave_a_thread();
	}
	while (!__atomic_load_n(&shared->parked, __ATOMIC_SEQ_CST) && ts_poll_again(start))
		;
	ASSERT_TRUE(ts_wait_state(self->pid, self->pid, 'Z'));
	ASSERT_TRUE(ts_wait_state(self->pid, shared->tid[1], 'S'));
	do {
		ASSERT_EQ(0, ts_query_pid(&self->sk, self->pid, &self->leader));
		ASSERT_EQ(0, ts_query_pid(&self->sk, shared->tid[1], &before));
		ASSERT_EQ(0, ts_query_tgid(&self->sk, self->pid, &self->group));
		ASSERT_EQ(0, ts_query_pid(&self->sk, self->pid, &leader));
		ASSERT_EQ(0, ts_query_pid(&self->sk, shared->tid[1], &thread));
	} while ((leader.nvcsw != self->leader.nvcsw || thread.nvcsw != before.nvcsw) &&
		 ts_poll_again(start));

	EXPECT_STREQ("ts-gone", self->group.ac_comm);
	EXPECT_EQ((__u32)self->pid, self->group.ac_pid);
	EXPECT_EQ(0U, self->group.ac_exitcode);
	EXPECT_EQ(0, self->group.ac_flag & AGROUP);
	EXPECT_EQ(leader.nvcsw + thread.nvcsw, self->group.nvcsw);
	EXPECT_EQ(leader.ac_minflt + thread.ac_minflt, self->group.ac_minflt);
	EXPECT_EQ(leader.cpu_run_virtual_total + thread.cpu_run_virtual_total,
		  self->group.cpu_run_virtual_total);
	EXPECT_EQ(leader.read_syscalls + thread.read_syscalls, self->group.read_syscalls);
	/* What the leader has no more, its threads have. */
	EXPECT_NE(0U, thread.ac_exe_inode);
	EXPECT_EQ(thread.ac_exe_inode, self->group.ac_exe_inode);
	EXPECT_EQ(thread.hiwater_vm, self->group.hiwater_vm);
	kill(self->pid, SIGKILL);
	ASSERT_EQ(self->pid, waitpid(self->pid, NULL, 0));
}

/* The longest and shortest delay of any thread, and when that was. */

#define NSPINNERS	4
#define WAIT_NS		300000000ULL

FIXTURE(extremes)
{
	struct ts_sock sk;
	struct taskstats group;
	pid_t spinner;
	pid_t pid;
};

FIXTURE_SETUP(extremes)
{
	const char *lacks = ts_lacks();

	if (lacks)
		SKIP(return, "%s", lacks);
	if (access("/proc/self/schedstat", R_OK))
		SKIP(return, "CONFIG_SCHED_INFO is not set");
	ASSERT_EQ(0, ts_open(&self->sk));
	shared = map_shared(sizeof(*shared));
	ASSERT_NE(NULL, shared);
}

FIXTURE_TEARDOWN(extremes)
{
	if (self->pid > 0)
		kill(self->pid, SIGKILL);
	if (self->spinner > 0)
		kill(self->spinner, SIGKILL);
	while (wait(NULL) > 0)
		;
	ts_close(&self->sk);
}

static void *spin(void *arg)
{
	while (1)
		asm volatile("");
	return arg;
}

static pid_t start_spinners(int cpu)
{
	pthread_t thread;
	pid_t pid;
	int i;

	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (ts_pin(cpu))
			_exit(34);
		for (i = 1; i < NSPINNERS; i++) {
			if (pthread_create(&thread, NULL, spin, NULL))
				_exit(34);
		}
		spin(NULL);
	}
	return pid;
}

/* Shares a CPU with the spinners until it had to wait for long, all in all. */
static void wait_for_cpu(void)
{
	struct taskstats *stats = &shared->waited;
	struct ts_sock sk;
	int cpu, i;

	if (ts_cpus(&cpu, 1) != 1 || ts_pin(cpu) || ts_open(&sk))
		_exit(35);
	do {
		for (i = 0; i < 1 << 20; i++)
			asm volatile("");
		if (ts_query_pid(&sk, ts_gettid(), stats))
			_exit(36);
	} while (stats->cpu_delay_total < WAIT_NS);
	ts_close(&sk);
}

static void *wait_and_stay(void *arg)
{
	shared->tid[1] = ts_gettid();
	wait_for_cpu();
	/* The other comes after it. */
	__atomic_store_n(&shared->tid[2], -1, __ATOMIC_SEQ_CST);
	stay(NULL);
	return arg;
}

static void *come_and_stay(void *arg)
{
	shared->tid[2] = ts_gettid();
	stay(NULL);
	return arg;
}

/* Of the three threads the second has the longest delay. */
static void wait_in_the_middle(void)
{
	start_thread(wait_and_stay);
	while (!__atomic_load_n(&shared->tid[2], __ATOMIC_SEQ_CST))
		poll(NULL, 0, 10);
	start_thread(come_and_stay);
	while (1)
		pause();
}

static void add_delays(struct taskstats *sum, const struct taskstats *stats)
{
	ts_add_totals(sum, stats);
	if (stats->cpu_delay_max > sum->cpu_delay_max) {
		sum->cpu_delay_max = stats->cpu_delay_max;
		sum->cpu_delay_max_ts = stats->cpu_delay_max_ts;
	}
	if (stats->cpu_delay_min &&
	    (!sum->cpu_delay_min || stats->cpu_delay_min < sum->cpu_delay_min))
		sum->cpu_delay_min = stats->cpu_delay_min;
}

TEST_F(extremes, longest_and_shortest_are_those_of_any_thread)
{
	struct taskstats thread, sum, after;
	__u64 start = ts_clock_ns(CLOCK_MONOTONIC);
	int cpu, i;

	ASSERT_EQ(1, ts_cpus(&cpu, 1));
	self->spinner = start_spinners(cpu);
	self->pid = fork();
	if (self->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		wait_in_the_middle();
	}
	shared->tid[0] = self->pid;
	while (__atomic_load_n(&shared->parked, __ATOMIC_SEQ_CST) < 2 && ts_poll_again(start))
		;
	do {
		memset(&sum, 0, sizeof(sum));
		memset(&after, 0, sizeof(after));
		for (i = 0; i < 3; i++) {
			ASSERT_TRUE(ts_wait_state(self->pid, shared->tid[i], 'S'));
			ASSERT_EQ(0, ts_query_pid(&self->sk, shared->tid[i], &thread));
			add_delays(&sum, &thread);
		}
		ASSERT_EQ(0, ts_query_tgid(&self->sk, self->pid, &self->group));
		for (i = 0; i < 3; i++) {
			ASSERT_EQ(0, ts_query_pid(&self->sk, shared->tid[i], &thread));
			add_delays(&after, &thread);
		}
	} while (sum.cpu_count != after.cpu_count && ts_poll_again(start));

	EXPECT_GE(sum.cpu_delay_max, shared->waited.cpu_delay_max);
	EXPECT_EQ(sum.cpu_delay_max, self->group.cpu_delay_max);
	EXPECT_EQ(sum.cpu_delay_max_ts.tv_sec, self->group.cpu_delay_max_ts.tv_sec);
	EXPECT_EQ(sum.cpu_delay_max_ts.tv_nsec, self->group.cpu_delay_max_ts.tv_nsec);
	EXPECT_EQ(sum.cpu_delay_min, self->group.cpu_delay_min);
	EXPECT_LE(self->group.cpu_delay_max, self->group.cpu_delay_total);
}

static void *wait_and_die(void *arg)
{
	wait_for_cpu();
	return arg;
}

static void wait_in_the_past(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, wait_and_die, NULL) || pthread_join(thread, NULL))
		_exit(37);
	/* Others that had no reason to wait. */
	start_thread(stay);
	start_thread(stay);
	while (1)
		pause();
}

TEST_F(extremes, longest_of_a_dead_thread_is_remembered)
{
	__u64 start = ts_clock_ns(CLOCK_MONOTONIC);
	int cpu;

	ASSERT_EQ(1, ts_cpus(&cpu, 1));
	self->spinner = start_spinners(cpu);
	self->pid = fork();
	if (self->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		wait_in_the_past();
	}
	while (__atomic_load_n(&shared->parked, __ATOMIC_SEQ_CST) < 2 && ts_poll_again(start))
		;
	ASSERT_EQ(0, ts_query_tgid(&self->sk, self->pid, &self->group));
	EXPECT_NE(0U, shared->waited.cpu_delay_max);
	EXPECT_GE(self->group.cpu_delay_max, shared->waited.cpu_delay_max);
	EXPECT_LE(self->group.cpu_delay_max, self->group.cpu_delay_total);
	EXPECT_NE(0, self->group.cpu_delay_max_ts.tv_sec);
}

TEST_HARNESS_MAIN
