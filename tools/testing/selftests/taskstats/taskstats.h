/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared by the taskstats selftests.
 *
 * libnl opens sockets and resolves the family. Messages are written and read
 * here byte for byte, because bytes are what the tests are about.
 */
#ifndef __SELFTESTS_TASKSTATS_H
#define __SELFTESTS_TASKSTATS_H

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/acct.h>
#include <linux/capability.h>
#include <linux/cgroupstats.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/nsfs.h>
#include <linux/taskstats.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#if TASKSTATS_VERSION < 17
#error "linux/taskstats.h is older than these tests: run 'make headers' first"
#endif

/* riscv32 never had a time of 32 bits: this is all it has, and takes its timespec. */
#ifndef __NR_futex
#define __NR_futex	__NR_futex_time64
#endif

/* A bound for what must happen anyway, generous for a slow debug kernel. */
#define TS_TIMEOUT_MS	20000

/* Likewise for a test: it has to be above the former. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	300

/*
 * Offsets and lengths of a reply: nlmsghdr, genlmsghdr, then one AGGR nest of
 * an id and the statistics. Where 64-bit loads have to be aligned, an empty
 * TASKSTATS_TYPE_NULL attribute moves the statistics to a multiple of eight.
 */
#define TS_HDRLEN	((int)(NLMSG_HDRLEN + GENL_HDRLEN))
#define TS_ID_LEN	(NLA_HDRLEN + 4)
#define TS_STATS_LEN	(NLA_HDRLEN + (int)sizeof(struct taskstats))
#define TS_AGGR_LEN	(NLA_HDRLEN + TS_ID_LEN + TS_STATS_LEN)
#define TS_PAD_LEN	NLA_HDRLEN

static_assert(sizeof(struct taskstats) == 688, "struct taskstats grew");
static_assert(TS_HDRLEN + TS_AGGR_LEN == 724, "PID reply changed its length");
static_assert(TS_HDRLEN + 2 * TS_AGGR_LEN == 1428, "exit record changed its length");
static_assert(TASKSTATS_CMD_GET == 1 && TASKSTATS_CMD_NEW == 2 &&
	      CGROUPSTATS_CMD_GET == 4 && CGROUPSTATS_CMD_NEW == 5,
	      "command numbers moved");

struct ts_sock {
	struct nl_sock *nl;
	int family;
	__u32 seq;
	bool plain_send;
};

struct ts_msg {
	struct nlmsghdr nlh;
	struct genlmsghdr genl;
	char attrs[256];
};

struct ts_dgram {
	int len;
	union {
		struct nlmsghdr nlh;
		char buf[8192];
	};
};

struct ts_aggr {
	__u32 id;
	bool padded;
	struct taskstats stats;
};

/* An exit record: a thread's statistics, and its group's with the last thread. */
struct ts_exit {
	__u32 seq;
	int len;
	struct ts_aggr pid;
	bool has_tgid;
	struct ts_aggr tgid;
};

static inline long ts_gettid(void)
{
	return syscall(__NR_gettid);
}

static inline __u64 ts_clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* Waits for what has no file descriptor to wait on; false when time is up. */
static inline bool ts_poll_again(__u64 start_ns)
{
	if (ts_clock_ns(CLOCK_MONOTONIC) - start_ns > TS_TIMEOUT_MS * 1000000ULL)
		return false;
	poll(NULL, 0, 1);
	return true;
}

/* Sleeps until this thread has so many voluntary switches: not each sleep is one. */
static inline void ts_switch_often(unsigned int n)
{
	struct rusage ru;

	do {
		poll(NULL, 0, 1);
		if (getrusage(RUSAGE_THREAD, &ru))
			_exit(250);
	} while (ru.ru_nvcsw < (long)n);
}

static inline int ts_fd(const struct ts_sock *sk)
{
	return nl_socket_get_fd(sk->nl);
}

static inline __u32 ts_port(const struct ts_sock *sk)
{
	return nl_socket_get_local_port(sk->nl);
}

static inline void ts_close(struct ts_sock *sk)
{
	nl_socket_free(sk->nl);
	sk->nl = NULL;
}

/* Returns 0, or -ENOENT where the kernel has no taskstats. */
static inline int ts_open(struct ts_sock *sk)
{
	int rcvbuf = 8 << 20;

	sk->seq = 1;
	sk->plain_send = false;
	sk->nl = nl_socket_alloc();
	if (!sk->nl)
		return -ENOMEM;
	if (genl_connect(sk->nl)) {
		ts_close(sk);
		return -EIO;
	}
	sk->family = genl_ctrl_resolve(sk->nl, TASKSTATS_GENL_NAME);
	if (sk->family < 0) {
		ts_close(sk);
		return -ENOENT;
	}
	/* Records of everybody else's exits wait in the buffer, too. */
	if (setsockopt(ts_fd(sk), SOL_SOCKET, SO_RCVBUFFORCE, &rcvbuf, sizeof(rcvbuf)))
		setsockopt(ts_fd(sk), SOL_SOCKET, SO_RCVBUF, &rcvbuf, sizeof(rcvbuf));
	return 0;
}

/*
 * Has the family been left out of the kernel? Not where delay accounting is, which
 * depends on it: there it is missing by a fault.
 */
static inline bool ts_not_built(int error)
{
	return error && access("/proc/sys/kernel/task_delayacct", F_OK);
}

/* A kernel without namespaces of a kind has no file for them: all are in one. */
static inline bool ts_in_initial_ns(const char *path, unsigned int ino)
{
	struct stat st;

	if (stat(path, &st))
		return errno == ENOENT && !access("/proc/self/ns", F_OK);
	return st.st_ino == ino;
}

static inline bool ts_has_cap(int cap)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};

	if (syscall(__NR_capget, &head, data))
		return false;
	return data[CAP_TO_INDEX(cap)].effective & CAP_TO_MASK(cap);
}

/* How much of something there shall be; a variable of the environment can say. */
static inline int ts_setting(const char *name, int by_default)
{
	const char *env = getenv(name);

	return env ? atoi(env) : by_default;
}

/* Keeps, of all capabilities, those in @mask. */
static inline int ts_limit_caps(__u64 mask)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	int i;

	if (syscall(__NR_capget, &head, data))
		return -1;
	for (i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		data[i].permitted &= mask >> (32 * i);
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	return syscall(__NR_capset, &head, data);
}

/*
 * What this process lacks to ask about other tasks, or NULL. Not found out by
 * asking: a kernel that refuses what it should grant has to fail, not skip.
 */
static inline const char *ts_lacks(void)
{
	struct ts_sock sk;
	int error;

	if (!ts_in_initial_ns("/proc/self/ns/user", USER_NS_INIT_INO))
		return "not in the initial user namespace";
	if (!ts_in_initial_ns("/proc/self/ns/pid", PID_NS_INIT_INO))
		return "not in the initial PID namespace";
	if (!ts_in_initial_ns("/proc/self/ns/net", NET_NS_INIT_INO))
		return "not in the initial network namespace";
	if (!ts_has_cap(CAP_NET_ADMIN))
		return "no CAP_NET_ADMIN";
	error = ts_open(&sk);
	if (ts_not_built(error))
		return "no TASKSTATS family: CONFIG_TASKSTATS is not set";
	if (!error)
		ts_close(&sk);
	return NULL;
}

/* Messages out */

static inline void ts_msg_init(struct ts_msg *msg, struct ts_sock *sk, __u8 cmd, __u16 flags)
{
	memset(msg, 0, offsetof(struct ts_msg, attrs));
	msg->nlh.nlmsg_len = TS_HDRLEN;
	msg->nlh.nlmsg_type = sk->family;
	msg->nlh.nlmsg_flags = NLM_F_REQUEST | flags;
	msg->nlh.nlmsg_seq = sk->seq++;
	msg->genl.cmd = cmd;
	msg->genl.version = TASKSTATS_GENL_VERSION;
}

static inline void ts_msg_put(struct ts_msg *msg, __u16 type, const void *data, __u16 len)
{
	char *tail = (char *)msg + NLMSG_ALIGN(msg->nlh.nlmsg_len);
	struct nlattr nla = { .nla_len = NLA_HDRLEN + len, .nla_type = type };

	memcpy(tail, &nla, sizeof(nla));
	memcpy(tail + NLA_HDRLEN, data, len);
	memset(tail + nla.nla_len, 0, NLA_ALIGN(nla.nla_len) - nla.nla_len);
	msg->nlh.nlmsg_len = tail + NLA_ALIGN(nla.nla_len) - (char *)msg;
}

static inline void ts_msg_put_u32(struct ts_msg *msg, __u16 type, __u32 value)
{
	ts_msg_put(msg, type, &value, sizeof(value));
}

/* A TASKSTATS_CMD_GET with one number: PID, TGID. */
static inline void ts_msg_get(struct ts_msg *msg, struct ts_sock *sk, __u16 type, __u32 id)
{
	ts_msg_init(msg, sk, TASKSTATS_CMD_GET, 0);
	ts_msg_put_u32(msg, type, id);
}

static inline int ts_send_bytes(struct ts_sock *sk, const void *data, size_t len)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	socklen_t addrlen = sk->plain_send ? 0 : sizeof(kernel);

	if (sendto(ts_fd(sk), data, len, 0, (struct sockaddr *)&kernel, addrlen) < 0)
		return -errno;
	return 0;
}

static inline int ts_send(struct ts_sock *sk, const struct ts_msg *msg)
{
	return ts_send_bytes(sk, msg, msg->nlh.nlmsg_len);
}

/* Messages in */

/* One datagram, whose length may exceed what the buffer kept of it. */
static inline int ts_recv(struct ts_sock *sk, struct ts_dgram *dgram, int timeout_ms)
{
	struct pollfd pfd = { .fd = ts_fd(sk), .events = POLLIN };

	if (poll(&pfd, 1, timeout_ms) == 0)
		return -EAGAIN;
	dgram->len = recv(pfd.fd, dgram->buf, sizeof(dgram->buf), MSG_DONTWAIT | MSG_TRUNC);
	return dgram->len < 0 ? -errno : 0;
}

/* Requests are handled within send(): what is not here then, never comes. */
static inline bool ts_nothing_more(struct ts_sock *sk)
{
	struct ts_dgram dgram;

	return ts_recv(sk, &dgram, 0) == -EAGAIN;
}

/* True for an error message or an ACK, whose error goes to @error. */
static inline bool ts_is_ack(const struct ts_dgram *dgram, int *error)
{
	const struct nlmsgerr *err = NLMSG_DATA(&dgram->nlh);

	if (dgram->nlh.nlmsg_type != NLMSG_ERROR)
		return false;
	*error = err->error;
	return true;
}

/* Sends @msg with NLM_F_ACK; its error, skipping exit records on the way. */
static inline int ts_ack(struct ts_sock *sk, struct ts_msg *msg)
{
	struct ts_dgram dgram;
	int error;

	msg->nlh.nlmsg_flags |= NLM_F_ACK;
	error = ts_send(sk, msg);
	while (!error) {
		error = ts_recv(sk, &dgram, TS_TIMEOUT_MS);
		if (!error && ts_is_ack(&dgram, &error) &&
		    dgram.nlh.nlmsg_seq == msg->nlh.nlmsg_seq)
			return error;
	}
	return error == -EAGAIN ? -ETIMEDOUT : error;
}

/* The attribute at @off if it has exactly that type and payload, else NULL. */
static inline const void *ts_attr(const struct ts_dgram *dgram, int off, __u16 type, int len)
{
	struct nlattr nla;

	if (off + NLA_HDRLEN + len > dgram->len)
		return NULL;
	memcpy(&nla, dgram->buf + off, sizeof(nla));
	if (nla.nla_type != type || nla.nla_len != NLA_HDRLEN + len)
		return NULL;
	return dgram->buf + off + NLA_HDRLEN;
}

/*
 * Takes the AGGR nest at @off apart: exactly an id and statistics, the latter
 * moved by a pad only if that aligns them. The offset behind it, or -EBADMSG.
 */
static inline int ts_parse_aggr(const struct ts_dgram *dgram, int off, __u16 type,
				struct ts_aggr *aggr)
{
	__u16 id_type = type == TASKSTATS_TYPE_AGGR_PID ? TASKSTATS_TYPE_PID : TASKSTATS_TYPE_TGID;
	const void *id, *stats;
	int len = TS_AGGR_LEN - NLA_HDRLEN;

	aggr->padded = ts_attr(dgram, off, type, len + TS_PAD_LEN);
	if (!aggr->padded && !ts_attr(dgram, off, type, len))
		return -EBADMSG;
	off += NLA_HDRLEN;

	id = ts_attr(dgram, off, id_type, sizeof(aggr->id));
	if (!id)
		return -EBADMSG;
	memcpy(&aggr->id, id, sizeof(aggr->id));
	off += TS_ID_LEN;

	if (aggr->padded) {
		if (!ts_attr(dgram, off, TASKSTATS_TYPE_NULL, 0))
			return -EBADMSG;
		off += TS_PAD_LEN;
	}

	stats = ts_attr(dgram, off, TASKSTATS_TYPE_STATS, sizeof(aggr->stats));
	if (!stats || (aggr->padded && (off + NLA_HDRLEN) % 8))
		return -EBADMSG;
	memcpy(&aggr->stats, stats, sizeof(aggr->stats));
	return off + TS_STATS_LEN;
}

/* Every bit of the headers but sequence number and port. */
static inline bool ts_header_ok(const struct ts_dgram *dgram, const struct ts_sock *sk, __u8 cmd)
{
	const struct genlmsghdr *genl = NLMSG_DATA(&dgram->nlh);

	return dgram->len >= TS_HDRLEN && (int)dgram->nlh.nlmsg_len == dgram->len &&
	       dgram->nlh.nlmsg_type == sk->family && dgram->nlh.nlmsg_flags == 0 &&
	       genl->cmd == cmd && genl->version == 1 && genl->reserved == 0;
}

/* The reply to one request as one datagram: 0, or the error it brings. */
static inline int ts_reply(struct ts_sock *sk, __u16 aggr_type, struct ts_aggr *aggr)
{
	struct ts_dgram dgram;
	int error;

	error = ts_recv(sk, &dgram, TS_TIMEOUT_MS);
	if (error || ts_is_ack(&dgram, &error))
		return error;
	if (!ts_header_ok(&dgram, sk, TASKSTATS_CMD_NEW) ||
	    ts_parse_aggr(&dgram, TS_HDRLEN, aggr_type, aggr) != dgram.len)
		return -EBADMSG;
	return 0;
}

static inline int ts_request(struct ts_sock *sk, struct ts_msg *msg, __u16 aggr_type,
			     struct ts_aggr *aggr)
{
	int error = ts_send(sk, msg);

	return error ? error : ts_reply(sk, aggr_type, aggr);
}

static inline int ts_query_pid(struct ts_sock *sk, __u32 pid, struct taskstats *stats)
{
	struct ts_aggr aggr;
	struct ts_msg msg;
	int error;

	ts_msg_get(&msg, sk, TASKSTATS_CMD_ATTR_PID, pid);
	error = ts_request(sk, &msg, TASKSTATS_TYPE_AGGR_PID, &aggr);
	if (!error)
		*stats = aggr.stats;
	return error;
}

static inline int ts_query_tgid(struct ts_sock *sk, __u32 tgid, struct taskstats *stats)
{
	struct ts_aggr aggr;
	struct ts_msg msg;
	int error;

	ts_msg_get(&msg, sk, TASKSTATS_CMD_ATTR_TGID, tgid);
	error = ts_request(sk, &msg, TASKSTATS_TYPE_AGGR_TGID, &aggr);
	if (!error)
		*stats = aggr.stats;
	return error;
}

/* Listening */

static inline int ts_cpumask(struct ts_sock *sk, __u16 type, const void *mask, __u16 len)
{
	struct ts_msg msg;

	ts_msg_init(&msg, sk, TASKSTATS_CMD_GET, 0);
	ts_msg_put(&msg, type, mask, len);
	return ts_ack(sk, &msg);
}

static inline int ts_listen(struct ts_sock *sk, const char *mask)
{
	return ts_cpumask(sk, TASKSTATS_CMD_ATTR_REGISTER_CPUMASK, mask, strlen(mask) + 1);
}

static inline int ts_unlisten(struct ts_sock *sk, const char *mask)
{
	return ts_cpumask(sk, TASKSTATS_CMD_ATTR_DEREGISTER_CPUMASK, mask, strlen(mask) + 1);
}

static inline int ts_listen_cpu(struct ts_sock *sk, int cpu)
{
	char mask[16];

	snprintf(mask, sizeof(mask), "%d", cpu);
	return ts_listen(sk, mask);
}

static inline int ts_unlisten_cpu(struct ts_sock *sk, int cpu)
{
	char mask[16];

	snprintf(mask, sizeof(mask), "%d", cpu);
	return ts_unlisten(sk, mask);
}

/* For teardown: leaves no registration behind, whatever the test did. */
static inline void ts_stop_listening(struct ts_sock *sk)
{
	if (!sk->nl)
		return;
	ts_unlisten(sk, "all");
	ts_close(sk);
}

static inline int ts_parse_exit(const struct ts_dgram *dgram, const struct ts_sock *sk,
				struct ts_exit *rec)
{
	int off;

	memset(rec, 0, sizeof(*rec));
	if (!ts_header_ok(dgram, sk, TASKSTATS_CMD_NEW) || dgram->nlh.nlmsg_pid != 0)
		return -EBADMSG;
	rec->seq = dgram->nlh.nlmsg_seq;
	rec->len = dgram->len;
	off = ts_parse_aggr(dgram, TS_HDRLEN, TASKSTATS_TYPE_AGGR_PID, &rec->pid);
	if (off > 0 && off < dgram->len) {
		rec->has_tgid = true;
		off = ts_parse_aggr(dgram, off, TASKSTATS_TYPE_AGGR_TGID, &rec->tgid);
	}
	return off == dgram->len ? 0 : -EBADMSG;
}

/* The next exit record, of whichever task. */
static inline int ts_next_exit(struct ts_sock *sk, struct ts_exit *rec, int timeout_ms)
{
	struct ts_dgram dgram;
	int error;

	error = ts_recv(sk, &dgram, timeout_ms);
	return error ? error : ts_parse_exit(&dgram, sk, rec);
}

/* The next exit record of thread @pid. */
static inline int ts_wait_exit(struct ts_sock *sk, pid_t pid, struct ts_exit *rec)
{
	int error;

	do {
		error = ts_next_exit(sk, rec, TS_TIMEOUT_MS);
	} while (!error && rec->pid.id != (__u32)pid);
	return error;
}

/*
 * How many records of thread @pid wait on @sk. An exit is reported before it
 * can be waited for, so after wait() this is final. Empties @sk.
 */
static inline int ts_count_exits(struct ts_sock *sk, pid_t pid)
{
	struct ts_exit rec;
	int error, n = 0;

	while (!(error = ts_next_exit(sk, &rec, 0)))
		n += rec.pid.id == (__u32)pid;
	return error == -EAGAIN ? n : error;
}

/* Files that hold a setting */

static inline bool ts_write_string(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done;

	if (fd < 0)
		return false;
	done = write(fd, value, strlen(value)) == (ssize_t)strlen(value);
	close(fd);
	return done;
}

static inline bool ts_read_string(const char *path, char *value, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return false;
	len = read(fd, value, size - 1);
	close(fd);
	if (len <= 0)
		return false;
	value[len] = '\0';
	return true;
}

/* CPUs */

/* The ids of up to @max CPUs that this task may run on; how many. */
static inline int ts_cpus(int *cpus, int max)
{
	cpu_set_t set[8];
	int cpu, n = 0;

	if (sched_getaffinity(0, sizeof(set), set))
		return 0;
	for (cpu = 0; cpu < 8 * CPU_SETSIZE && n < max; cpu++) {
		if (CPU_ISSET_S(cpu, sizeof(set), set))
			cpus[n++] = cpu;
	}
	return n;
}

/* All CPUs that there may ever be, as the kernel lists them: "0-3" or "0,2-3". */
static inline bool ts_possible_cpus(char *list, int size)
{
	FILE *f = fopen("/sys/devices/system/cpu/possible", "r");
	bool ok;

	if (!f)
		return false;
	ok = fgets(list, size, f);
	fclose(f);
	list[strcspn(list, "\n")] = '\0';
	return ok && *list;
}

static inline int ts_pin(int cpu)
{
	cpu_set_t set[8];

	CPU_ZERO_S(sizeof(set), set);
	CPU_SET_S(cpu, sizeof(set), set);
	return sched_setaffinity(0, sizeof(set), set);
}

struct ts_thread {
	int cpu;
	pid_t tid;
};

static inline void *ts_thread_end(void *arg)
{
	struct ts_thread *thread = arg;

	if (!ts_pin(thread->cpu))
		thread->tid = ts_gettid();
	return NULL;
}

/*
 * Ends a thread of this process on @cpu and joins it; its id. As good as a
 * child for who gets a record, and much cheaper on a slow kernel.
 */
static inline pid_t ts_thread_exit_on(int cpu)
{
	struct ts_thread thread = { .cpu = cpu, .tid = -1 };
	pthread_t handle;

	if (pthread_create(&handle, NULL, ts_thread_end, &thread) || pthread_join(handle, NULL))
		return -1;
	return thread.tid;
}

/* A further thread of this process, there until it is let go. */
struct ts_parked {
	pid_t tid;
	pthread_t handle;
	pthread_barrier_t barrier;
};

static inline void *ts_parked_thread(void *arg)
{
	struct ts_parked *thread = arg;

	thread->tid = ts_gettid();
	pthread_barrier_wait(&thread->barrier);
	pthread_barrier_wait(&thread->barrier);
	return NULL;
}

/* Returns once it has an id. */
static inline int ts_park_thread(struct ts_parked *thread)
{
	int error;

	pthread_barrier_init(&thread->barrier, NULL, 2);
	error = pthread_create(&thread->handle, NULL, ts_parked_thread, thread);
	if (!error)
		pthread_barrier_wait(&thread->barrier);
	return error;
}

static inline void ts_unpark_thread(struct ts_parked *thread)
{
	pthread_barrier_wait(&thread->barrier);
	pthread_join(thread->handle, NULL);
}

/* Children */

/* Forks a child that ends on @cpu, at once, by exit status; reaps it. */
static inline pid_t ts_exit_on(int cpu, int code)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(ts_pin(cpu) ? 255 : code);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) && WEXITSTATUS(status) == code ? pid : -1;
}

/* A child that prepares itself, then sleeps in read() until it is let go. */
struct ts_child {
	pid_t pid;
	int ready;
	int go;
};

static inline void ts_child_report(int ready)
{
	if (write(ready, "", 1) != 1)
		_exit(254);
}

static inline void ts_child_wait(int go)
{
	char c;

	if (read(go, &c, 1) != 1)
		_exit(253);
}

/* Tells the parent that it is ready, and waits for it to say go. */
static inline void ts_child_park(int ready, int go)
{
	/* After setuid() by the caller, which would reset it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	ts_child_report(ready);
	ts_child_wait(go);
}

/*
 * A field of a task's stat in /proc, the state (3) or one behind it; NULL where
 * there is none. @line is what it is in.
 */
static inline const char *ts_task_stat(pid_t tgid, pid_t tid, int field, char line[1024])
{
	char path[64], *pos;
	FILE *f;
	int i;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", tgid, tid);
	f = fopen(path, "r");
	if (!f)
		return NULL;
	if (!fgets(line, 1024, f))
		line[0] = '\0';
	fclose(f);
	/* The name, field 2, may hold anything. */
	pos = strrchr(line, ')');
	for (i = 2; pos && i < field; i++)
		pos = strchr(pos + 1, ' ');
	return pos ? pos + 1 : NULL;
}

/* The state letter of a task in /proc, or 0 where there is none. */
static inline char ts_task_state(pid_t tgid, pid_t tid)
{
	char line[1024];
	const char *state = ts_task_stat(tgid, tid, 3, line);

	return state ? *state : 0;
}

static inline bool ts_wait_state(pid_t tgid, pid_t tid, char state)
{
	__u64 start = ts_clock_ns(CLOCK_MONOTONIC);

	while (ts_task_state(tgid, tid) != state) {
		if (!ts_poll_again(start))
			return false;
	}
	return true;
}

/*
 * Forks a child that calls @prepare, if any, and parks; when let go it exits
 * with status 0. On return it sleeps: its figures stand still.
 */
static inline int ts_child_start(struct ts_child *child, void (*prepare)(void *), void *arg)
{
	int ready[2], go[2];
	char c;

	*child = (struct ts_child){ .pid = -1, .ready = -1, .go = -1 };
	if (pipe2(ready, O_CLOEXEC) || pipe2(go, O_CLOEXEC))
		return -errno;
	child->pid = fork();
	if (child->pid < 0)
		return -errno;
	if (child->pid == 0) {
		close(ready[0]);
		close(go[1]);
		if (prepare)
			prepare(arg);
		ts_child_park(ready[1], go[0]);
		_exit(0);
	}
	close(ready[1]);
	close(go[0]);
	child->ready = ready[0];
	child->go = go[1];
	if (read(child->ready, &c, 1) != 1)
		return -EPIPE;
	return ts_wait_state(child->pid, child->pid, 'S') ? 0 : -ETIMEDOUT;
}

/* Lets the child go and reaps it; its wait status, or -1. */
static inline int ts_child_end(struct ts_child *child)
{
	int status = -1;

	if (write(child->go, "", 1) != 1)
		kill(child->pid, SIGKILL);
	close(child->go);
	close(child->ready);
	if (waitpid(child->pid, &status, 0) != child->pid)
		return -1;
	return status;
}

/* The number behind "@key:" in a file of /proc, or -1. */
static inline __s64 ts_proc_number(const char *path, const char *key)
{
	size_t len = strlen(key);
	__s64 value = -1;
	char line[256];
	FILE *f;

	f = fopen(path, "r");
	if (!f)
		return -1;
	while (value < 0 && fgets(line, sizeof(line), f)) {
		if (!strncmp(line, key, len) && line[len] == ':')
			value = strtoll(line + len + 1, NULL, 10);
	}
	fclose(f);
	return value;
}

/* Many threads that need little; on arm64 a stack may not be as small as elsewhere. */
static inline bool ts_start_threads(int n, void *(*run)(void *arg))
{
	pthread_attr_t attr;
	pthread_t thread;

	if (pthread_attr_init(&attr) || pthread_attr_setstacksize(&attr, 1 << 18))
		return false;
	while (n-- > 0) {
		if (pthread_create(&thread, &attr, run, NULL))
			return false;
	}
	return true;
}

static inline bool ts_has_io_accounting(void)
{
	return !access("/proc/self/io", R_OK);
}

/* Is what is measured of a task's time on CPUs, and of its waits, told at all? */
static inline bool ts_has_delay_accounting(void)
{
	return !access("/proc/sys/kernel/task_delayacct", F_OK);
}

/*
 * The device and inode of a task's executable, by its mappings: they tell the
 * device of the file system, as taskstats do, where stat() may tell another.
 */
static inline bool ts_exe_in_maps(pid_t pid, __u64 *dev, __u64 *inode)
{
	char path[64], exe[4096], line[8192];
	unsigned int major, minor;
	unsigned long long ino;
	bool found = false;
	int name = 0;
	ssize_t len;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	len = readlink(path, exe, sizeof(exe) - 1);
	if (len < 0)
		return false;
	exe[len] = '\0';
	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	f = fopen(path, "r");
	if (!f)
		return false;
	while (!found && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		found = sscanf(line, "%*s %*s %*s %x:%x %llu %n", &major, &minor, &ino,
			       &name) == 3 && !strcmp(line + name, exe);
	}
	fclose(f);
	if (found) {
		*dev = (minor & 0xff) | major << 8 | (minor & ~0xffU) << 12;
		*inode = ino;
	}
	return found;
}

/*
 * The kernel counts resident pages on each CPU first, and a peak misses what
 * no CPU has handed in yet: up to 32 pages, or twice the number of CPUs, on
 * each of them and for each of three kinds of page.
 */
static inline __s64 ts_rss_error_kb(void)
{
	long ncpus = sysconf(_SC_NPROCESSORS_CONF);
	long batch = ncpus > 16 ? 2 * ncpus : 32;

	return 3 * ncpus * batch * (sysconf(_SC_PAGESIZE) / 1024);
}

#endif /* __SELFTESTS_TASKSTATS_H */
