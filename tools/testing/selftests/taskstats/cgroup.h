/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hierarchies of cgroups that are mounted at no place but a file descriptor, and
 * CGROUPSTATS_CMD_GET about one of them.
 */
#ifndef __SELFTESTS_TASKSTATS_CGROUP_H
#define __SELFTESTS_TASKSTATS_CGROUP_H

#include <linux/mount.h>

#include "taskstats.h"

#define TS_CGROUP_REPLY_LEN	(TS_HDRLEN + NLA_HDRLEN + (int)sizeof(struct cgroupstats))

static_assert(TS_CGROUP_REPLY_LEN == 64, "cgroupstats reply changed its length");

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

/* The root directory of such a hierarchy, or an error. */
static inline int ts_cgroup_open(const char *name)
{
	int mnt = ts_cgroup_mount(name), root;

	if (mnt < 0)
		return mnt;
	root = openat(mnt, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	close(mnt);
	return root < 0 ? -errno : root;
}

/* A cgroup is busy until its last task has been scheduled away. */
static inline bool ts_cgroup_remove(int parent, const char *name)
{
	__u64 start = ts_clock_ns(CLOCK_MONOTONIC);

	while (unlinkat(parent, name, AT_REMOVEDIR)) {
		if (errno != EBUSY || !ts_poll_again(start))
			return false;
	}
	return true;
}

static inline bool ts_hierarchy_exists(const char *name)
{
	char line[4096], with[64];
	bool found = false;
	FILE *f;

	f = fopen("/proc/self/cgroup", "r");
	if (!f)
		return false;
	snprintf(with, sizeof(with), ":name=%s:", name);
	while (fgets(line, sizeof(line), f))
		found |= !!strstr(line, with);
	fclose(f);
	return found;
}

/*
 * The last close does away with a hierarchy unless a cgroup in it, removed as
 * it may be, still waits to be freed. Then a later last close has to do it.
 */
static inline void ts_hierarchy_remove(const char *name)
{
	__u64 start = ts_clock_ns(CLOCK_MONOTONIC);
	int mnt;

	while (ts_hierarchy_exists(name) && ts_poll_again(start)) {
		mnt = ts_cgroup_mount(name);
		if (mnt >= 0)
			close(mnt);
	}
}

/* What the request is answered with, or the error. */
static inline int ts_cgroup_ask_with(struct ts_sock *sk, struct ts_msg *msg,
				     struct cgroupstats *stats)
{
	struct ts_dgram dgram;
	const void *payload;
	int error;

	error = ts_send(sk, msg);
	if (!error)
		error = ts_recv(sk, &dgram, TS_TIMEOUT_MS);
	if (error || ts_is_ack(&dgram, &error))
		return error;
	payload = ts_attr(&dgram, TS_HDRLEN, CGROUPSTATS_TYPE_CGROUP_STATS, sizeof(*stats));
	if (!ts_header_ok(&dgram, sk, CGROUPSTATS_CMD_NEW) || !payload ||
	    dgram.len != TS_CGROUP_REPLY_LEN || dgram.nlh.nlmsg_seq != msg->nlh.nlmsg_seq ||
	    dgram.nlh.nlmsg_pid != ts_port(sk))
		return -EBADMSG;
	memcpy(stats, payload, sizeof(*stats));
	return 0;
}

static inline int ts_cgroup_ask(struct ts_sock *sk, int fd, struct cgroupstats *stats)
{
	struct ts_msg msg;

	ts_msg_init(&msg, sk, CGROUPSTATS_CMD_GET, 0);
	ts_msg_put_u32(&msg, CGROUPSTATS_CMD_ATTR_FD, fd);
	return ts_cgroup_ask_with(sk, &msg, stats);
}

#endif /* __SELFTESTS_TASKSTATS_CGROUP_H */
