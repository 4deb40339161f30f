/* SPDX-License-Identifier: GPL-2.0 */
/* Who is told of exits: what exits.c needs to know of each way to be told. */
#ifndef __BENCH_EXITS_H
#define __BENCH_EXITS_H

/* What a listener asks for, where its kind knows of that. */
struct wish {
	const char *cpus;
	int batch;
	const char *object;
};

struct listener {
	int fd;
	void *private;
};

struct kind {
	const char *name;
	/* Returns 0, or why not, negative. */
	int (*open)(struct listener *listener, const struct wish *wish);
	/* Takes in all that has come; the bytes of it, negative if some is lost. */
	int (*receive)(struct listener *listener, char *buf, int room);
	/* The exits of which these bytes tell. */
	int (*count)(const char *buf, int len);
};

extern const struct kind mask_kind;
extern const struct kind listen_kind;
extern const struct kind cn_proc_kind;
extern const struct kind cn_proc_exit_kind;
extern const struct kind bpf_kind;

/* Datagrams one after the other, each at a multiple of four. */
int receive_datagrams(struct listener *listener, char *buf, int room);

#endif /* __BENCH_EXITS_H */
