// SPDX-License-Identifier: GPL-2.0
/* A peer: told of exits by a BPF program at their tracepoint, in a ring buffer. */
#include <errno.h>
#include <linux/types.h>
#include <linux/taskstats.h>
#include <string.h>

#include "bpf.h"
#include "exits.h"

struct exits {
	struct ring_buffer *ring;
	int lost;
	int told;
};

/* What a reader does at the least: look at it. */
static int take(void *private, void *data, size_t len)
{
	const struct taskstats *stats = data;
	struct exits *exits = private;

	exits->told += len == sizeof(*stats) && stats->version == TASKSTATS_VERSION;
	return 0;
}

static int bpf_open(struct listener *listener, const struct wish *wish)
{
	static struct exits exits;
	struct bpf_object *object;

	if (!wish->object || !bpf_run(wish->object, "on_exit", &object))
		return -errno ?: -EINVAL;
	exits.lost = bpf_object__find_map_fd_by_name(object, "lost");
	exits.ring = ring_buffer__new(bpf_object__find_map_fd_by_name(object, "exits"),
				      take, &exits, NULL);
	listener->private = &exits;
	return exits.ring ? 0 : -errno;
}

static int bpf_receive(struct listener *listener, char *buf, int room)
{
	struct exits *exits = listener->private;
	__u64 lost = 0;
	__u32 key = 0;

	(void)buf;
	(void)room;
	exits->told = 0;
	ring_buffer__consume(exits->ring);
	bpf_map_lookup_elem(exits->lost, &key, &lost);
	return lost ? -ENOBUFS : exits->told;
}

static int bpf_count(const char *buf, int told)
{
	(void)buf;
	return told;
}

const struct kind bpf_kind = { "bpf", bpf_open, bpf_receive, bpf_count };
