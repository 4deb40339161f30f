// SPDX-License-Identifier: GPL-2.0
/*
 * The question of iotop: what has every thread read and written, and waited
 * for that? An example of a client that asks it once.
 *
 *	iotop_dump [ROWS]		the ROWS (10) that did most, by one dump
 *	iotop_dump --cost walk|dump	what it takes, per thread
 *
 * iotop's own way is to look for the threads in /proc, then to ask for each.
 */
#include <dirent.h>

#include "dump.h"

struct io {
	__u32 tid;
	__u64 read;
	__u64 written;
	__u64 waited_ns;
	char comm[TS_COMM_LEN];
};

static struct io *all;
static int count, room;

static void keep(const struct taskstats *stats)
{
	if (count == room) {
		room = room ? 2 * room : 1024;
		all = realloc(all, room * sizeof(*all));
		need(!!all, "no memory");
	}
	all[count] = (struct io){
		.tid = stats->ac_pid,
		.read = stats->read_bytes,
		.written = stats->write_bytes - stats->cancelled_write_bytes,
		.waited_ns = stats->blkio_delay_total + stats->swapin_delay_total,
	};
	memcpy(all[count++].comm, stats->ac_comm, TS_COMM_LEN);
}

/* One dump */

static void keep_message(const struct nlmsghdr *nlh)
{
	keep(dump_stats(nlh));
}

static void by_dump(struct dump *dump)
{
	count = 0;
	dump_all(dump, keep_message);
}

/* iotop's way */

static void ask(struct ts_sock *sk, pid_t tid)
{
	struct ts_dgram dgram;
	struct ts_msg msg;
	int len;

	ts_msg_get(&msg, sk, TASKSTATS_CMD_ATTR_PID, tid);
	need(!ts_send(sk, &msg), "send");
	len = recv(ts_fd(sk), dgram.buf, sizeof(dgram.buf), 0);
	if (len >= TS_HDRLEN + TS_AGGR_LEN)
		keep(dump_stats(&dgram.nlh));
}

static void walk_threads(struct ts_sock *sk, const char *tgid)
{
	struct dirent *entry;
	char path[288];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%s/task", tgid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		if (*entry->d_name != '.')
			ask(sk, atoi(entry->d_name));
	}
	if (dir)
		closedir(dir);
}

static void by_walk(struct ts_sock *sk)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	need(!!proc, "/proc");
	count = 0;
	while ((entry = readdir(proc))) {
		if (*entry->d_name >= '1' && *entry->d_name <= '9')
			walk_threads(sk, entry->d_name);
	}
	closedir(proc);
}

static void cost(bool dumps)
{
	struct holding tasks = holding();
	int i, n = rounds(tasks.count);
	struct dump dump;
	struct ts_sock sk;
	char parameter[64];
	__u64 start = 0;

	need(!dump_open(&dump, true, 32768) && !ts_open(&sk), "no taskstats");
	for (i = -1; i < n; i++) {
		if (i == 0)
			start = now_ns();
		if (dumps)
			by_dump(&dump);
		else
			by_walk(&sk);
		need(count >= tasks.count, "not all that is held is told");
	}
	snprintf(parameter, sizeof(parameter), "%s %d", dumps ? "dump" : "walk",
		 tasks.count);
	tell("iotop", parameter, (double)(now_ns() - start) / n / count, "instructions/thread");
}

static int more(const void *a, const void *b)
{
	const struct io *one = a, *other = b;
	__u64 x = one->read + one->written, y = other->read + other->written;

	return (x < y) - (x > y);
}

int main(int argc, char **argv)
{
	struct dump dump;
	int i, rows = argc > 1 ? atoi(argv[1]) : 10;

	if (argc > 2) {
		cost(!strcmp(argv[2], "dump"));
		return 0;
	}
	need(!dump_open(&dump, true, 32768), "no taskstats");
	by_dump(&dump);
	qsort(all, count, sizeof(*all), more);
	printf("%8s %12s %12s %10s %s\n", "TID", "READ KiB", "WRITTEN KiB", "WAITED ms", "COMMAND");
	for (i = 0; i < rows && i < count; i++)
		printf("%8u %12llu %12llu %10llu %s\n", all[i].tid, all[i].read >> 10,
		       all[i].written >> 10, all[i].waited_ns / 1000000, all[i].comm);
	return 0;
}
