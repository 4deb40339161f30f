// SPDX-License-Identifier: GPL-2.0
/*
 * A peer: the same of each task out of /proc, through one open directory, in
 * four files that hold what struct taskstats does. Nothing is parsed.
 *
 *	hold ... proc
 */
#include <fcntl.h>

#include "bench.h"

/* Longer than any of them. */
#define ROOM	8192

static const char * const files[] = { "stat", "io", "schedstat", "status" };

static void read_file(int proc, const struct held *task, const char *name)
{
	char path[64], buf[ROOM];
	int fd;

	if (task->tid == task->tgid)
		snprintf(path, sizeof(path), "%u/%s", task->tid, name);
	else
		snprintf(path, sizeof(path), "%u/task/%u/%s", task->tgid, task->tid, name);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	need(fd >= 0 && read(fd, buf, sizeof(buf)) > 0, path);
	close(fd);
}

static void read_all(int proc, const struct holding *all)
{
	unsigned int file;
	int i;

	for (i = 0; i < all->count; i++) {
		for (file = 0; file < sizeof(files) / sizeof(*files); file++)
			read_file(proc, &all->task[i], files[file]);
	}
}

int main(void)
{
	int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC), i, n;
	struct holding all = holding();
	char parameter[64];
	__u64 start;

	need(proc >= 0, "/proc");
	n = (rounds(all.count) + 9) / 10;
	read_all(proc, &all);
	start = now_ns();
	for (i = 0; i < n; i++)
		read_all(proc, &all);
	snprintf(parameter, sizeof(parameter), "%s %d",
		 all.task[0].tgid == all.task[all.count - 1].tgid ? "threads" : "groups",
		 all.count);
	tell("/proc", parameter, (double)(now_ns() - start) / n / all.count, "instructions/task");
	return 0;
}
