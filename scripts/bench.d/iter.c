// SPDX-License-Identifier: GPL-2.0
/*
 * A peer: a BPF task iterator that fills a struct taskstats for each task.
 *
 *	hold ... iter OBJECT BUFFER...
 */
#include <string.h>

#include "taskstats.h"
#include "bench.h"
#include "bpf.h"

static char buf[65536];

/* The tasks told of by reading it all, so much at a time. */
static int iterate(int link, int room)
{
	int len, sum = 0, fd = bpf_iter_create(link);

	need(fd >= 0, "bpf_iter_create");
	while ((len = read(fd, buf, room)) > 0)
		sum += len;
	need(!len && sum % sizeof(struct taskstats) == 0, "read");
	close(fd);
	return sum / sizeof(struct taskstats);
}

static void measure(int link, int room, const struct holding *all)
{
	int i, n = rounds(all->count), told = 0;
	char parameter[64];
	__u64 start;

	need(iterate(link, room) >= all->count, "not all that is held is told");
	start = now_ns();
	for (i = 0; i < n; i++)
		told += iterate(link, room);
	snprintf(parameter, sizeof(parameter), "threads %d %dK", all->count, room / 1024);
	tell("BPF iterator", parameter, (double)(now_ns() - start) / told, "instructions/task");
}

int main(int argc, char **argv)
{
	struct holding all = holding();
	struct bpf_object *object;
	struct bpf_link *link;
	int i, room;

	need(argc > 2, "usage: iter OBJECT BUFFER...");
	link = bpf_run(argv[1], "each_task", &object);
	need(!!link, "the iterator does not load");
	for (i = 2; i < argc; i++) {
		room = atoi(argv[i]);
		need(room > 0 && room <= (int)sizeof(buf), argv[i]);
		measure(bpf_link__fd(link), room, &all);
	}
	return 0;
}
