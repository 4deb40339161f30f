/* SPDX-License-Identifier: GPL-2.0 */
/* A struct taskstats of what BPF can read of a task. */
#ifndef __BENCH_FILL_BPF_H
#define __BENCH_FILL_BPF_H

#define VERSION		17
#define PAGE_KB		4
#define NSEC_PER_USEC	1000
#define KB_MASK		(~1023ULL)
#define PAGE_SIZE	4096
#define PF_EXITING	0x00000004
#define PF_FORKNOEXEC	0x00000040
#define PF_SUPERPRIV	0x00000100
#define PF_DUMPCORE	0x00000200
#define PF_SIGNALED	0x00000400

#define DELAY(stats, delays, what) do {						\
	(stats)->what##_count = (delays)->what##_count;				\
	(stats)->what##_delay_total = (delays)->what##_delay;			\
	(stats)->what##_delay_max = (delays)->what##_delay_max;			\
	(stats)->what##_delay_min = (delays)->what##_delay_min;			\
	(stats)->what##_delay_max_ts.tv_sec = (delays)->what##_delay_max_ts.tv_sec;	\
	(stats)->what##_delay_max_ts.tv_nsec = (delays)->what##_delay_max_ts.tv_nsec;	\
} while (0)

static __always_inline void fill_delays(struct taskstats *stats, struct task_struct *tsk)
{
	struct task_delay_info *delays = tsk->delays;

	stats->cpu_count = tsk->sched_info.pcount;
	stats->cpu_delay_total = tsk->sched_info.run_delay;
	stats->cpu_delay_max = tsk->sched_info.max_run_delay;
	stats->cpu_delay_min = tsk->sched_info.min_run_delay;
	stats->cpu_delay_max_ts.tv_sec = tsk->sched_info.max_run_delay_ts.tv_sec;
	stats->cpu_delay_max_ts.tv_nsec = tsk->sched_info.max_run_delay_ts.tv_nsec;
	stats->cpu_run_real_total = tsk->utime + tsk->stime;
	stats->cpu_scaled_run_real_total = stats->cpu_run_real_total;
	stats->cpu_run_virtual_total = tsk->se.sum_exec_runtime;
	if (!delays)
		return;
	DELAY(stats, delays, blkio);
	DELAY(stats, delays, swapin);
	DELAY(stats, delays, freepages);
	DELAY(stats, delays, thrashing);
	DELAY(stats, delays, compact);
	DELAY(stats, delays, wpcopy);
	stats->irq_count = delays->irq_count;
	stats->irq_delay_total = delays->irq_delay;
	stats->irq_delay_max = delays->irq_delay_max;
	stats->irq_delay_min = delays->irq_delay_min;
	stats->irq_delay_max_ts.tv_sec = delays->irq_delay_max_ts.tv_sec;
	stats->irq_delay_max_ts.tv_nsec = delays->irq_delay_max_ts.tv_nsec;
}

static __always_inline void fill_mm(struct taskstats *stats, struct mm_struct *mm)
{
	__u64 rss = mm->rss_stat[0].count + mm->rss_stat[1].count + mm->rss_stat[3].count;
	__u64 vm = mm->total_vm;

	stats->hiwater_rss = (rss > mm->hiwater_rss ? rss : mm->hiwater_rss) * PAGE_KB;
	stats->hiwater_vm = (vm > mm->hiwater_vm ? vm : mm->hiwater_vm) * PAGE_KB;
	stats->ac_exe_dev = mm->exe_file->f_inode->i_sb->s_dev;
	stats->ac_exe_inode = mm->exe_file->f_inode->i_ino;
}

static __always_inline void fill(struct taskstats *stats, struct task_struct *tsk)
{
	__u64 now = bpf_ktime_get_ns();
	const struct cred *cred = tsk->real_cred;
	unsigned int flags = tsk->flags;
	struct mm_struct *mm = tsk->mm;

	__builtin_memset(stats, 0, sizeof(*stats));
	stats->version = VERSION;
	if (flags & PF_EXITING)
		stats->ac_exitcode = tsk->exit_code;
	stats->ac_flag = (flags & PF_FORKNOEXEC ? 1 : 0) | (flags & PF_SUPERPRIV ? 2 : 0) |
			 (flags & PF_DUMPCORE ? 8 : 0) | (flags & PF_SIGNALED ? 16 : 0);
	stats->ac_nice = tsk->static_prio - 120;
	stats->ac_sched = tsk->policy;
	stats->ac_uid = cred->uid.val;
	stats->ac_gid = cred->gid.val;
	stats->ac_pid = tsk->pid;
	stats->ac_tgid = tsk->tgid;
	stats->ac_ppid = tsk->real_parent->tgid;
	stats->ac_etime = (now - tsk->start_time) / NSEC_PER_USEC;
	stats->ac_tgetime = (now - tsk->group_leader->start_time) / NSEC_PER_USEC;
	/* Of the wall clock BPF knows nothing but what it is told: seconds ago. */
	stats->ac_btime64 = stats->ac_etime / 1000000;
	stats->ac_btime = stats->ac_btime64;
	stats->ac_utime = tsk->utime / NSEC_PER_USEC;
	stats->ac_stime = tsk->stime / NSEC_PER_USEC;
	stats->ac_utimescaled = stats->ac_utime;
	stats->ac_stimescaled = stats->ac_stime;
	stats->ac_minflt = tsk->min_flt;
	stats->ac_majflt = tsk->maj_flt;
	stats->nvcsw = tsk->nvcsw;
	stats->nivcsw = tsk->nivcsw;
	stats->coremem = tsk->acct_rss_mem1 * PAGE_SIZE / (1000 * 1024);
	stats->virtmem = tsk->acct_vm_mem1 * PAGE_SIZE / (1000 * 1024);
	stats->read_char = tsk->ioac.rchar & KB_MASK;
	stats->write_char = tsk->ioac.wchar & KB_MASK;
	stats->read_syscalls = tsk->ioac.syscr;
	stats->write_syscalls = tsk->ioac.syscw;
	stats->read_bytes = tsk->ioac.read_bytes & KB_MASK;
	stats->write_bytes = tsk->ioac.write_bytes & KB_MASK;
	stats->cancelled_write_bytes = tsk->ioac.cancelled_write_bytes & KB_MASK;
	bpf_probe_read_kernel(stats->ac_comm, sizeof(tsk->comm), tsk->comm);
	fill_delays(stats, tsk);
	if (mm)
		fill_mm(stats, mm);
}

#endif /* __BENCH_FILL_BPF_H */
