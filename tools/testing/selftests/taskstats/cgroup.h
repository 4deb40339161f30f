/* SPDX-License-Identifier: GPL-2.0 */
/* Hierarchies of cgroups that are mounted at no place but a file descriptor. */
#ifndef __SELFTESTS_TASKSTATS_CGROUP_H
#define __SELFTESTS_TASKSTATS_CGROUP_H

#include <linux/mount.h>

#include "taskstats.h"

static inline int ts_cgroup_try_mount(const char *name)
{
	int fs = syscall(__NR_fsopen, name ? "cgroup" : "cgroup2", FSOPEN_CLOEXEC);
	int mnt = -1, error;

	if (fs < 0)
		return -errno;
	if ((!name || (!syscall(__NR_fsconfig, fs, FSCONFIG_SET_FLAG, "none", NULL, 0) &&
		       !syscall(__NR_fsconfig, fs, FSCONFIG_SET_STRING, "name", name, 0))) &&
	    !syscall(__NR_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		mnt = syscall(__NR_fsmount, fs, FSMOUNT_CLOEXEC, 0);
	error = errno;
	close(fs);
	return mnt < 0 ? -error : mnt;
}

/* A hierarchy of version 1 of that name, without controllers; without a name version 2. */
static inline int ts_cgroup_mount(const char *name)
{
	__u64 start = ts_clock_ns(CLOCK_MONOTONIC);
	int mnt;

	/* EBUSY is an earlier one on its way out. */
	do {
		mnt = ts_cgroup_try_mount(name);
	} while (mnt == -EBUSY && ts_poll_again(start));
	return mnt;
}

#endif /* __SELFTESTS_TASKSTATS_CGROUP_H */
