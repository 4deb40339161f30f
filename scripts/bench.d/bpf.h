/* SPDX-License-Identifier: GPL-2.0 */
/* Loading what the peers in BPF run, with libbpf. */
#ifndef __BENCH_BPF_H
#define __BENCH_BPF_H

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <string.h>

/* The program @name of @object, attached; NULL, with errno. */
static inline struct bpf_link *bpf_run(const char *object, const char *name,
				       struct bpf_object **all)
{
	struct bpf_program *program;

	*all = bpf_object__open_file(object, NULL);
	if (!*all)
		return NULL;
	bpf_object__for_each_program(program, *all)
		bpf_program__set_autoload(program, !strcmp(bpf_program__name(program), name));
	if (bpf_object__load(*all))
		return NULL;
	program = bpf_object__find_program_by_name(*all, name);
	return program ? bpf_program__attach(program) : NULL;
}

#endif /* __BENCH_BPF_H */
