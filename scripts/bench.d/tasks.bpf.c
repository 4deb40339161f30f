// SPDX-License-Identifier: GPL-2.0
/* The peers in BPF: every task, and every exit, as a struct taskstats. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "fill.bpf.h"

char _license[] SEC("license") = "GPL";

/* More than a program's stack takes. An iterator runs once at a time here. */
static struct taskstats scratch;

SEC("iter/task")
int each_task(struct bpf_iter__task *ctx)
{
	struct task_struct *tsk = ctx->task;

	if (!tsk)
		return 0;
	fill(&scratch, tsk);
	bpf_seq_write(ctx->meta->seq, &scratch, sizeof(scratch));
	return 0;
}

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} exits SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} lost SEC(".maps");

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *tsk)
{
	struct taskstats *stats = bpf_ringbuf_reserve(&exits, sizeof(*stats), 0);
	__u32 key = 0;
	__u64 *n;

	if (!stats) {
		n = bpf_map_lookup_elem(&lost, &key);
		if (n)
			++*n;
		return 0;
	}
	fill(stats, tsk);
	bpf_ringbuf_submit(stats, 0);
	return 0;
}
