// SPDX-License-Identifier: GPL-2.0
/*
 * What a dump costs, from the request to its end, for each task that it tells.
 *
 *	hold ... dump threads|groups BUFFER...
 */
#include "dump.h"

static void measure(struct dump *dump, int count)
{
	int i, n = rounds(count), told = 0;
	char parameter[64];
	__u64 start;

	need(dump_all(dump, NULL) >= count, "not all that is held is told");
	start = now_ns();
	for (i = 0; i < n; i++)
		told += dump_all(dump, NULL);
	snprintf(parameter, sizeof(parameter), "%s %d %dK", dump->threads ? "threads" : "groups",
		 count, dump->room / 1024);
	tell("dump", parameter, (double)(now_ns() - start) / told, "instructions/task");
}

int main(int argc, char **argv)
{
	struct holding all = holding();
	struct dump dump;
	int i, room;

	need(argc > 2, "usage: dump threads|groups BUFFER...");
	for (i = 2; i < argc; i++) {
		room = atoi(argv[i]);
		need(room > 0 && room <= DUMP_MAX, argv[i]);
		need(!dump_open(&dump, !strcmp(argv[1], "threads"), room), "no taskstats");
		measure(&dump, all.count);
		close(dump.fd);
	}
	return 0;
}
