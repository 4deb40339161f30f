// SPDX-License-Identifier: GPL-2.0
/*
 * Who may see what: privilege over a PID namespace opens all of it, without it
 * one sees oneself, and others as far as their /proc/PID/io may be read. First
 * a matrix of who asks, about whom, and how; then those who try to get more by
 * having somebody else write, read or execute for them.
 *
 * TASKSTATS_ACCESS_EXECS says how often to race with an exec.
 */
#include <grp.h>
#include <sys/mman.h>
#include <sys/mount.h>

#include "kselftest_harness.h"
#include "cgroup.h"
#include "complaint.h"
#include "fd.h"

#define RESTRICT	"/proc/sys/kernel/taskstats_restrict"
#define YAMA		"/proc/sys/kernel/yama/ptrace_scope"

/* A mount of our own covers /tmp: these are copies of this program. */
#define SETUID		"/tmp/setuid"
#define UNREADABLE	"/tmp/unreadable"

/* Of nobody who has processes here beside these. */
#define USER_ID		1999001
#define OTHER_ID	1999002
/* Where the users of a container begin. */
#define BOX_IDS		100000
#define BOX_USER_ID	5

/* So many of one's own threads do not fit into a single datagram. */
#define NCROWD		64

/* A verdict beside errors: a dump that has not told of it. */
#define LEFT_OUT	1

#define CAP(name)	(1ULL << (name))
#define ALL_CAPS	(~0ULL)

/* Shared with all children. */
static struct shared {
	int line;		/* what a child has found wrong first */
	int verdict[8];		/* of its requests */
	int io;			/* of opening and reading /proc/PID/io */
	pid_t pid;
	int parts;		/* of a dump, and what they have told */
	bool done;
	int error;
	uid_t own_uid;		/* what they have told of who has taken it in */
	int n;
	__u32 id[16384];
} *shared;

/* What children tell that they are ready with. */
static int ready_pipe[2];

static bool is_ready(void)
{
	char c;

	return read(ready_pipe[0], &c, 1) == 1 && !shared->line;
}

static void need_at(bool fine, int line)
{
	if (fine)
		return;
	shared->line = line;
	ts_child_report(ready_pipe[1]);
	_exit(1);
}

#define need(fine)	need_at(fine, __LINE__)

static void stay(void)
{
	ts_child_report(ready_pipe[1]);
	for (;;)
		pause();
}

/* Places: where one may live. */

enum { HOST, BOX, NESTED, SIBLING, NPLACES };

/* A nested place has its own PID namespace, but the users of the one above. */
static struct place {
	int parent;
	int depth;
	int user_ns;
	int pid_ns;
} places[NPLACES] = {
	[HOST] = { HOST, 0, -1, -1 },
	[BOX] = { HOST, 1, -1, -1 },
	[NESTED] = { BOX, 2, -1, -1 },
	[SIBLING] = { HOST, 1, -1, -1 },
};

static bool is_within(int place, int of)
{
	while (place != of && place != HOST)
		place = places[place].parent;
	return place == of;
}

/* People: who one may be. */

enum {
	ROOT, BARE_ROOT, NET_ADMIN, PTRACER, USER, CAPABLE_USER, OTHER,
	BOX_ROOT, BOX_BARE_ROOT, BOX_USER, SIBLING_ROOT, NESTED_ROOT,
	USER_NS_ROOT, VISITOR,
};

static const struct person {
	const char *name;
	int user_ns;
	int pid_ns;
	uid_t uid;		/* as the user namespace has it */
	__u64 caps;
} people[] = {
	[ROOT] = { "root", HOST, HOST, 0, ALL_CAPS },
	[BARE_ROOT] = { "root without capabilities", HOST, HOST, 0, 0 },
	[NET_ADMIN] = { "other user with CAP_NET_ADMIN", HOST, HOST, OTHER_ID,
			CAP(CAP_NET_ADMIN) },
	[PTRACER] = { "other user with CAP_SYS_PTRACE", HOST, HOST, OTHER_ID,
		      CAP(CAP_SYS_PTRACE) },
	[USER] = { "user", HOST, HOST, USER_ID, 0 },
	[CAPABLE_USER] = { "user with CAP_NET_RAW", HOST, HOST, USER_ID, CAP(CAP_NET_RAW) },
	[OTHER] = { "other user", HOST, HOST, OTHER_ID, 0 },
	[BOX_ROOT] = { "container's root", BOX, BOX, 0, ALL_CAPS },
	[BOX_BARE_ROOT] = { "container's root without capabilities", BOX, BOX, 0, 0 },
	[BOX_USER] = { "container's user", BOX, BOX, BOX_USER_ID, 0 },
	[SIBLING_ROOT] = { "other container's root", SIBLING, SIBLING, 0, ALL_CAPS },
	[NESTED_ROOT] = { "root in a PID namespace below", BOX, NESTED, 0, ALL_CAPS },
	[USER_NS_ROOT] = { "root of a user namespace only", BOX, HOST, 0, ALL_CAPS },
	[VISITOR] = { "root in the container's PID namespace", HOST, BOX, 0, ALL_CAPS },
};

/* A process that has been another is not dumpable, which is not what is meant. */
static void become(const struct person *who)
{
	need(who->user_ns == HOST || !setns(places[who->user_ns].user_ns, CLONE_NEWUSER));
	need(!prctl(PR_SET_KEEPCAPS, 1));
	need(!setgroups(0, NULL) && !setresgid(who->uid, who->uid, who->uid) &&
	     !setresuid(who->uid, who->uid, who->uid));
	need(!ts_limit_caps(who->caps));
	need(!prctl(PR_SET_DUMPABLE, 1) && !prctl(PR_SET_PDEATHSIG, SIGKILL));
}

/* A child that is that person, and lives where that one does. */
static pid_t fork_as(int who)
{
	pid_t pid;

	if (setns(places[people[who].pid_ns].pid_ns, CLONE_NEWPID))
		return -1;
	pid = fork();
	if (pid == 0)
		become(&people[who]);
	else if (setns(places[HOST].pid_ns, CLONE_NEWPID))
		return -1;
	return pid;
}

static int open_ns(pid_t pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* Capabilities that are gained take the signal of the parent's death away. */
static int unshare_here(int flags)
{
	return unshare(flags) || prctl(PR_SET_PDEATHSIG, SIGKILL) ? -1 : 0;
}

/* Somebody makes a place and waits beside it, with a first process inside. */
static pid_t start_maker(int who, int flags)
{
	pid_t pid = fork_as(who);

	if (pid)
		return pid;
	need(!unshare_here(flags));
	if (fork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		stay();
	}
	for (;;)
		pause();
}

static bool map_ids(pid_t pid)
{
	char path[64], map[64];

	snprintf(map, sizeof(map), "0 %d 1000", BOX_IDS);
	snprintf(path, sizeof(path), "/proc/%d/uid_map", pid);
	if (!ts_write_string(path, map))
		return false;
	snprintf(path, sizeof(path), "/proc/%d/gid_map", pid);
	return ts_write_string(path, map);
}

static bool make_place(struct place *place, int who, int flags)
{
	pid_t pid = start_maker(who, flags);

	if (pid < 0 || !is_ready())
		return false;
	if (flags & CLONE_NEWUSER && !map_ids(pid))
		return false;
	place->user_ns = open_ns(pid, "user");
	place->pid_ns = open_ns(pid, "pid_for_children");
	return place->user_ns >= 0 && place->pid_ns >= 0;
}

/* Both containers map the same users, who are not the same for that. */
static bool make_places(void)
{
	places[HOST].pid_ns = open_ns(getpid(), "pid");
	return make_place(&places[BOX], USER, CLONE_NEWUSER | CLONE_NEWPID) &&
	       make_place(&places[SIBLING], OTHER, CLONE_NEWUSER | CLONE_NEWPID);
}

static bool can_unshare(int flags)
{
	int status;
	pid_t pid;

	pid = fork();
	if (pid == 0)
		_exit(setresuid(USER_ID, USER_ID, USER_ID) || unshare(flags) ? 1 : 0);
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

/* Files: programs with another mode, and another /proc. */

static bool copy_self(const char *path, mode_t mode)
{
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int to = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
	char buf[65536];
	ssize_t len;

	while ((len = read(from, buf, sizeof(buf))) > 0) {
		if (write(to, buf, len) != len)
			return false;
	}
	return len == 0 && !fchmod(to, mode) && !close(to) && !close(from);
}

static bool mount_own(bool hidepid)
{
	return !unshare(CLONE_NEWNS) && !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
	       !mount("taskstats", "/tmp", "tmpfs", 0, "mode=755") &&
	       copy_self(SETUID, 04755) && copy_self(UNREADABLE, 0711) &&
	       (!hidepid || !mount("proc", "/proc", "proc", 0, "hidepid=2"));
}

static int read_switch(void)
{
	char c = 0;
	int fd = open(RESTRICT, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	if (read(fd, &c, 1) != 1)
		c = 0;
	close(fd);
	return c - '0';
}

/* What there is to make before any test; what lacks for it, or NULL. */
static const char *prepare(bool hidepid)
{
	const char *lacks = ts_lacks();

	if (lacks)
		return lacks;
	if (!ts_has_cap(CAP_SYS_ADMIN) || !ts_has_cap(CAP_SETUID) || !ts_has_cap(CAP_SYS_PTRACE))
		return "not all the capabilities of root";
	if (!can_unshare(CLONE_NEWUSER | CLONE_NEWPID))
		return "no namespaces for users";
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (shared == MAP_FAILED || pipe2(ready_pipe, O_CLOEXEC))
		return "no memory";
	return mount_own(hidepid) ? NULL : "nothing can be mounted";
}

/* Dumps */

/* A message of a dump, of which @told keeps the id. */
static void take_message(const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *err = NLMSG_DATA(nlh);
	struct ts_dgram dgram = { .len = nlh->nlmsg_len };
	struct ts_aggr aggr;

	if (nlh->nlmsg_type == NLMSG_DONE || nlh->nlmsg_type == NLMSG_ERROR) {
		shared->done = true;
		shared->error = err->error;
		return;
	}
	memcpy(dgram.buf, nlh, nlh->nlmsg_len < sizeof(dgram.buf) ? nlh->nlmsg_len : 0);
	if (ts_parse_aggr(&dgram, TS_HDRLEN, TASKSTATS_TYPE_AGGR_PID, &aggr) < 0 &&
	    ts_parse_aggr(&dgram, TS_HDRLEN, TASKSTATS_TYPE_AGGR_TGID, &aggr) < 0)
		shared->error = -EBADMSG;
	else if (shared->n < (int)ARRAY_SIZE(shared->id))
		shared->id[shared->n++] = aggr.id;
	else
		shared->error = -E2BIG;
	if (!shared->error && aggr.id == (__u32)getpid())
		shared->own_uid = aggr.stats.ac_uid;
}

static void take_part(const struct ts_big *part)
{
	const struct nlmsghdr *nlh = &part->nlh;
	int left = part->len;

	shared->parts++;
	for (; NLMSG_OK(nlh, left); nlh = NLMSG_NEXT(nlh, left))
		take_message(nlh);
}

static int recv_part(int fd, struct ts_big *part)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	if (poll(&pfd, 1, TS_TIMEOUT_MS) == 0)
		return -EAGAIN;
	part->len = recv(fd, part->buf, sizeof(part->buf), 0);
	return part->len < 0 ? -errno : 0;
}

static void read_part(int fd)
{
	struct ts_big part;

	shared->error = recv_part(fd, &part);
	if (!shared->error)
		take_part(&part);
}

static void read_rest(int fd)
{
	while (!shared->done && !shared->error)
		read_part(fd);
}

static void forget_told(void)
{
	shared->parts = 0;
	shared->done = false;
	shared->error = 0;
	shared->own_uid = -1;
	shared->n = 0;
}

static bool is_told(__u32 id)
{
	int i;

	for (i = 0; i < shared->n; i++) {
		if (shared->id[i] == id)
			return true;
	}
	return false;
}

static void threads_msg(struct ts_msg *msg, struct ts_sock *sk)
{
	ts_msg_init(msg, sk, TASKSTATS_CMD_GET, NLM_F_DUMP);
	ts_msg_put(msg, TASKSTATS_CMD_ATTR_THREADS, NULL, 0);
}

static int start_dump(struct ts_sock *sk)
{
	struct ts_msg msg;

	forget_told();
	threads_msg(&msg, sk);
	return ts_send(sk, &msg);
}

/* The whole of a dump; what it says of @id. */
static int dump_for(struct ts_sock *sk, const struct ts_msg *msg, __u32 id)
{
	int error = ts_send(sk, msg);

	if (error)
		return error;
	forget_told();
	read_rest(ts_fd(sk));
	if (shared->error)
		return shared->error;
	return is_told(id) ? 0 : LEFT_OUT;
}

/* Requests */

enum { BY_PID, BY_TGID, BY_PIDFD, GROUPS, THREADS, MEMBERS, LISTEN, NREQUESTS };

static const char * const requests[] = {
	"PID", "TGID", "PIDFD", "dump of groups", "dump of threads",
	"dump of the group's threads", "LISTEN",
};

/* Whom a request is about, by the ids that the asker has for it. */
struct aim {
	__u32 tid;
	__u32 tgid;
	int pidfd;
	__u16 pidfd_type;	/* of the answer */
};

/* An answer is one only if it is about who was asked for. */
static int check_aim(const struct aim *aim, __u16 type, const struct ts_aggr *aggr)
{
	__u32 id = type == TASKSTATS_TYPE_AGGR_PID ? aim->tid : aim->tgid;

	return aggr->id == id && aggr->stats.ac_pid == id && aggr->stats.ac_tgid == aim->tgid ?
	       0 : -EBADMSG;
}

static int query(struct ts_sock *sk, const struct aim *aim, __u16 attr, __u32 value, __u16 type)
{
	struct ts_aggr aggr;
	struct ts_msg msg;
	int error;

	ts_msg_get(&msg, sk, attr, value);
	error = ts_request(sk, &msg, type, &aggr);
	return error ? error : check_aim(aim, type, &aggr);
}

/* Of oneself it has to tell in the terms of one's own user namespace. */
static int dump(struct ts_sock *sk, __u16 attr, const void *value, int len, __u32 id)
{
	struct ts_msg msg;
	int verdict;

	ts_msg_init(&msg, sk, TASKSTATS_CMD_GET, NLM_F_DUMP);
	if (attr)
		ts_msg_put(&msg, attr, value, len);
	verdict = dump_for(sk, &msg, id);
	need(verdict || id != (__u32)getpid() || shared->own_uid == getuid());
	return verdict;
}

static int try_listen(void)
{
	const struct ts_sub both = { .records = TS_BOTH };
	struct ts_listener listener;
	int error = ts_listener_open(&listener);

	if (!error)
		error = ts_subscribe(&listener, &both);
	ts_listener_close(&listener);
	return error;
}

static void ask(const struct aim *aim)
{
	int *verdict = shared->verdict;
	struct ts_sock sk;

	need(!ts_open(&sk));
	verdict[BY_PID] = query(&sk, aim, TASKSTATS_CMD_ATTR_PID, aim->tid,
				TASKSTATS_TYPE_AGGR_PID);
	verdict[BY_TGID] = query(&sk, aim, TASKSTATS_CMD_ATTR_TGID, aim->tgid,
				 TASKSTATS_TYPE_AGGR_TGID);
	verdict[BY_PIDFD] = query(&sk, aim, TASKSTATS_CMD_ATTR_PIDFD, aim->pidfd,
				  aim->pidfd_type);
	verdict[GROUPS] = dump(&sk, 0, NULL, 0, aim->tgid);
	verdict[THREADS] = dump(&sk, TASKSTATS_CMD_ATTR_THREADS, NULL, 0, aim->tid);
	verdict[MEMBERS] = dump(&sk, TASKSTATS_CMD_ATTR_TGID, &aim->tgid, 4, aim->tid);
	/* A group out of sight is an empty one: nobody else is told of in its place. */
	need(verdict[MEMBERS] != LEFT_OUT || !shared->n);
	verdict[LISTEN] = try_listen();
	need(ts_nothing_more(&sk));
	ts_close(&sk);
}

static int read_io(const char *path)
{
	char c;
	int fd = open(path, O_RDONLY | O_CLOEXEC), error = 0;

	if (fd < 0)
		return -errno;
	if (read(fd, &c, 1) != 1)
		error = -errno;
	close(fd);
	return error;
}

/* Subjects: about whom one may ask. */

enum {
	SELF, OWN_THREAD, ROOTS, USERS, SHY, CAPABLE, PRIVILEGED, DROPPED,
	ZOMBIE, SETUID_ZOMBIE, GONE, OTHERS,
	BOX_ROOTS, BOX_USERS, BOX_SHY, SIBLINGS, BELOW, VISITORS, NSUBJECTS,
};

struct subject {
	const char *name;
	int who;
	void (*live)(void);
	bool ends;
};

static void hide(void)
{
	prctl(PR_SET_DUMPABLE, 0);
	stay();
}

static void run_setuid(const char *mode)
{
	char fd[16];

	snprintf(fd, sizeof(fd), "%d", dup(ready_pipe[1]));
	execl(SETUID, "setuid", mode, fd, NULL);
	need(false);
}

static void be_privileged(void)
{
	run_setuid("--park");
}

/* Who has been privileged once may know more than the user should. */
static void be_privileged_no_more(void)
{
	run_setuid("--drop");
}

static void end_privileged(void)
{
	run_setuid("--end");
}

static void end(void)
{
	_exit(0);
}

static const struct subject subjects[] = {
	[SELF] = { .name = "itself" },
	[OWN_THREAD] = { .name = "a thread of its own" },
	[ROOTS] = { "root's", ROOT, stay, false },
	[USERS] = { "the user's", USER, stay, false },
	[SHY] = { "the user's that is not dumpable", USER, hide, false },
	[CAPABLE] = { "the user's with CAP_NET_RAW", CAPABLE_USER, stay, false },
	[PRIVILEGED] = { "the user's that runs a setuid program", USER, be_privileged, false },
	[DROPPED] = { "a setuid program that is only the user's now", USER,
		      be_privileged_no_more, false },
	[ZOMBIE] = { "the user's that is a zombie", USER, end, true },
	[SETUID_ZOMBIE] = { "a setuid program that is a zombie", USER, end_privileged, true },
	[GONE] = { "the user's that is no more", USER, end, true },
	[OTHERS] = { "the other user's", OTHER, stay, false },
	[BOX_ROOTS] = { "container's root's", BOX_ROOT, stay, false },
	[BOX_USERS] = { "container's user's", BOX_USER, stay, false },
	[BOX_SHY] = { "container's user's that is not dumpable", BOX_USER, hide, false },
	[SIBLINGS] = { "other container's", SIBLING_ROOT, stay, false },
	[BELOW] = { "in a PID namespace below the container's", NESTED_ROOT, stay, false },
	[VISITORS] = { "root's in the container's PID namespace", VISITOR, stay, false },
};

/* Its ids by the depth of the place that asks, and a file descriptor. */
static struct {
	pid_t id[3];
	int pidfd;
} alive[NSUBJECTS];

static bool read_ids(pid_t pid, pid_t *id)
{
	char path[64], line[128];
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	f = fopen(path, "r");
	while (f && !found && fgets(line, sizeof(line), f))
		found = sscanf(line, "NSpid: %d %d %d", &id[0], &id[1], &id[2]) >= 1;
	if (f)
		fclose(f);
	return found && id[0] == pid;
}

static bool start_subject(int i)
{
	const struct subject *subject = &subjects[i];
	siginfo_t info;
	pid_t pid;

	pid = fork_as(subject->who);
	if (pid == 0)
		subject->live();
	if (pid < 0)
		return false;
	if (subject->ends ? waitid(P_PID, pid, &info, WEXITED | WNOWAIT) : !is_ready())
		return false;
	alive[i].pidfd = syscall(__NR_pidfd_open, pid, 0);
	if (alive[i].pidfd < 0 || !read_ids(pid, alive[i].id))
		return false;
	return i != GONE || waitpid(pid, NULL, 0) == pid;
}

static bool start_subjects(void)
{
	int i;

	for (i = 0; i < NSUBJECTS; i++) {
		if (subjects[i].live && !start_subject(i))
			return false;
	}
	return true;
}

static void *park(void *arg)
{
	*(pid_t *)arg = ts_gettid();
	stay();
	return NULL;
}

static struct aim aim_at_self(bool thread)
{
	struct aim aim = { .tid = getpid(), .tgid = getpid() };
	unsigned int flags = thread ? PIDFD_THREAD : 0;
	pthread_t handle;
	pid_t tid;

	if (thread) {
		need(!pthread_create(&handle, NULL, park, &tid));
		need(is_ready());
		aim.tid = tid;
	}
	aim.pidfd = syscall(__NR_pidfd_open, aim.tid, flags);
	aim.pidfd_type = thread ? TASKSTATS_TYPE_AGGR_PID : TASKSTATS_TYPE_AGGR_TGID;
	need(aim.pidfd >= 0);
	return aim;
}

/* One that is out of sight is asked for by the number that it has outside. */
static struct aim aim_at(int asker, int subject)
{
	int place = people[asker].pid_ns;
	bool in_sight = is_within(people[subjects[subject].who].pid_ns, place);
	pid_t id = alive[subject].id[in_sight ? places[place].depth : 0];

	return (struct aim) {
		.tid = id,
		.tgid = id,
		.pidfd = alive[subject].pidfd,
		.pidfd_type = TASKSTATS_TYPE_AGGR_TGID,
	};
}

static void ask_as(int asker, int subject)
{
	bool self = subject == SELF || subject == OWN_THREAD;
	struct aim aim = self ? aim_at_self(subject == OWN_THREAD) : aim_at(asker, subject);
	char path[64] = "/proc/self/io";

	if (!self)
		snprintf(path, sizeof(path), "/proc/%d/io", alive[subject].id[0]);
	ask(&aim);
	shared->io = read_io(path);
	_exit(0);
}

/* Has somebody ask; true if the verdicts are there. */
static bool has_asked(int asker, int subject)
{
	int status;
	pid_t pid;

	memset(shared->verdict, 0xff, sizeof(shared->verdict));
	pid = fork_as(asker);
	if (pid == 0)
		ask_as(asker, subject);
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

/*
 * The matrix. A letter a request, in their order: y for an answer, p for EPERM, s
 * for ESRCH, a dot for left out of a dump; first as it is without the switch for
 * the cautious, then with it. Where @io is set, /proc/PID/io has to agree with
 * the former: the others may ask by a capability that is not about files, or by
 * one that is not about tasks.
 */
static const struct row {
	int asker;
	int subject;
	const char *free;
	const char *restricted;
	bool io;
} matrix[] = {
	{ ROOT, SELF,			"yyy yyy y", "yyy yyy y", true },
	{ ROOT, OWN_THREAD,		"yyy yyy y", "yyy yyy y", true },
	{ ROOT, ROOTS,			"yyy yyy y", "yyy yyy y", true },
	{ ROOT, USERS,			"yyy yyy y", "yyy yyy y", true },
	{ ROOT, SHY,			"yyy yyy y", "yyy yyy y", true },
	{ ROOT, PRIVILEGED,		"yyy yyy y", "yyy yyy y", true },
	{ ROOT, ZOMBIE,			"yyy yyy y", "yyy yyy y", true },
	{ ROOT, SETUID_ZOMBIE,		"yyy yyy y", "yyy yyy y", true },
	{ ROOT, GONE,			"sss ..s y", "sss ..s y", true },
	{ ROOT, BOX_ROOTS,		"yyy yyy y", "yyy yyy y", true },
	{ ROOT, BOX_SHY,		"yyy yyy y", "yyy yyy y", true },
	{ ROOT, BELOW,			"yyy yyy y", "yyy yyy y", true },
	{ ROOT, SIBLINGS,		"yyy yyy y", "yyy yyy y", true },

	{ BARE_ROOT, SELF,		"yyy yyy p", "ppp ppp p", true },
	{ BARE_ROOT, OWN_THREAD,	"yyy yyy p", "ppp ppp p", true },
	{ BARE_ROOT, ROOTS,		"ppp ... p", "ppp ppp p", true },
	{ BARE_ROOT, USERS,		"ppp ... p", "ppp ppp p", true },
	{ BARE_ROOT, PRIVILEGED,	"ppp ... p", "ppp ppp p", true },
	{ BARE_ROOT, GONE,		"ppp ... p", "ppp ppp p", true },
	{ BARE_ROOT, BOX_ROOTS,		"ppp ... p", "ppp ppp p", true },

	{ NET_ADMIN, SELF,		"yyy yyy y", "yyy yyy y", true },
	{ NET_ADMIN, ROOTS,		"yyy yyy y", "yyy yyy y", false },
	{ NET_ADMIN, SHY,		"yyy yyy y", "yyy yyy y", false },
	{ NET_ADMIN, PRIVILEGED,	"yyy yyy y", "yyy yyy y", false },
	{ NET_ADMIN, GONE,		"sss ..s y", "sss ..s y", true },
	{ NET_ADMIN, BOX_ROOTS,		"yyy yyy y", "yyy yyy y", false },

	{ PTRACER, SELF,		"yyy yyy p", "ppp ppp p", true },
	{ PTRACER, ROOTS,		"yyy yyy p", "ppp ppp p", false },
	{ PTRACER, USERS,		"yyy yyy p", "ppp ppp p", false },
	{ PTRACER, SHY,			"yyy yyy p", "ppp ppp p", false },
	{ PTRACER, PRIVILEGED,		"yyy yyy p", "ppp ppp p", false },
	{ PTRACER, GONE,		"ppp ... p", "ppp ppp p", true },
	{ PTRACER, BOX_ROOTS,		"yyy yyy p", "ppp ppp p", false },

	{ USER, SELF,			"yyy yyy p", "ppp ppp p", true },
	{ USER, OWN_THREAD,		"yyy yyy p", "ppp ppp p", true },
	{ USER, USERS,			"yyy yyy p", "ppp ppp p", true },
	{ USER, SHY,			"ppp ... p", "ppp ppp p", true },
	{ USER, CAPABLE,		"ppp ... p", "ppp ppp p", true },
	{ USER, PRIVILEGED,		"ppp ... p", "ppp ppp p", true },
	{ USER, DROPPED,		"ppp ... p", "ppp ppp p", true },
	{ USER, ZOMBIE,			"yyy yyy p", "ppp ppp p", true },
	{ USER, SETUID_ZOMBIE,		"ppp ... p", "ppp ppp p", true },
	{ USER, GONE,			"ppp ... p", "ppp ppp p", true },
	{ USER, ROOTS,			"ppp ... p", "ppp ppp p", true },
	{ USER, OTHERS,			"ppp ... p", "ppp ppp p", true },
	/* The container is the user's: ptrace(2) lets whoever owns one in. */
	{ USER, BOX_ROOTS,		"yyy yyy p", "ppp ppp p", false },
	{ USER, BELOW,			"yyy yyy p", "ppp ppp p", false },
	{ USER, SIBLINGS,		"ppp ... p", "ppp ppp p", true },
	{ USER, VISITORS,		"ppp ... p", "ppp ppp p", true },

	{ CAPABLE_USER, SELF,		"yyy yyy p", "ppp ppp p", true },
	{ CAPABLE_USER, USERS,		"yyy yyy p", "ppp ppp p", true },
	{ CAPABLE_USER, CAPABLE,	"yyy yyy p", "ppp ppp p", true },
	{ CAPABLE_USER, PRIVILEGED,	"ppp ... p", "ppp ppp p", true },

	{ OTHER, SELF,			"yyy yyy p", "ppp ppp p", true },
	{ OTHER, OWN_THREAD,		"yyy yyy p", "ppp ppp p", true },
	{ OTHER, USERS,			"ppp ... p", "ppp ppp p", true },
	{ OTHER, SHY,			"ppp ... p", "ppp ppp p", true },
	{ OTHER, PRIVILEGED,		"ppp ... p", "ppp ppp p", true },
	{ OTHER, DROPPED,		"ppp ... p", "ppp ppp p", true },
	{ OTHER, ZOMBIE,		"ppp ... p", "ppp ppp p", true },
	{ OTHER, GONE,			"ppp ... p", "ppp ppp p", true },
	{ OTHER, BOX_ROOTS,		"ppp ... p", "ppp ppp p", true },

	{ BOX_ROOT, SELF,		"yyy yyy y", "ppp ppp p", true },
	{ BOX_ROOT, OWN_THREAD,		"yyy yyy y", "ppp ppp p", true },
	{ BOX_ROOT, BOX_ROOTS,		"yyy yyy y", "ppp ppp p", true },
	{ BOX_ROOT, BOX_USERS,		"yyy yyy y", "ppp ppp p", true },
	{ BOX_ROOT, BELOW,		"yyy yyy y", "ppp ppp p", true },
	/* Those here are theirs to see, whoever they are and wherever from. */
	{ BOX_ROOT, BOX_SHY,		"yyy yyy y", "ppp ppp p", false },
	{ BOX_ROOT, VISITORS,		"yyy yyy y", "ppp ppp p", false },
	{ BOX_ROOT, ROOTS,		"sss ..s y", "ppp ppp p", true },
	{ BOX_ROOT, USERS,		"sss ..s y", "ppp ppp p", true },
	{ BOX_ROOT, SIBLINGS,		"sss ..s y", "ppp ppp p", true },
	{ BOX_ROOT, GONE,		"sss ..s y", "ppp ppp p", true },

	{ BOX_BARE_ROOT, SELF,		"yyy yyy p", "ppp ppp p", true },
	{ BOX_BARE_ROOT, BOX_ROOTS,	"ppp ... p", "ppp ppp p", true },
	{ BOX_BARE_ROOT, BOX_USERS,	"ppp ... p", "ppp ppp p", true },
	{ BOX_BARE_ROOT, VISITORS,	"ppp ... p", "ppp ppp p", true },

	{ BOX_USER, SELF,		"yyy yyy p", "ppp ppp p", true },
	{ BOX_USER, OWN_THREAD,		"yyy yyy p", "ppp ppp p", true },
	{ BOX_USER, BOX_USERS,		"yyy yyy p", "ppp ppp p", true },
	{ BOX_USER, BOX_SHY,		"ppp ... p", "ppp ppp p", true },
	{ BOX_USER, BOX_ROOTS,		"ppp ... p", "ppp ppp p", true },
	{ BOX_USER, BELOW,		"ppp ... p", "ppp ppp p", true },
	{ BOX_USER, VISITORS,		"ppp ... p", "ppp ppp p", true },
	{ BOX_USER, USERS,		"ppp ... p", "ppp ppp p", true },
	{ BOX_USER, SIBLINGS,		"ppp ... p", "ppp ppp p", true },
	{ BOX_USER, GONE,		"ppp ... p", "ppp ppp p", true },

	{ SIBLING_ROOT, SELF,		"yyy yyy y", "ppp ppp p", true },
	{ SIBLING_ROOT, BOX_ROOTS,	"sss ..s y", "ppp ppp p", true },
	{ SIBLING_ROOT, BOX_USERS,	"sss ..s y", "ppp ppp p", true },
	{ SIBLING_ROOT, BELOW,		"sss ..s y", "ppp ppp p", true },

	{ NESTED_ROOT, SELF,		"yyy yyy y", "ppp ppp p", true },
	{ NESTED_ROOT, BELOW,		"yyy yyy y", "ppp ppp p", true },
	/* The same user with the same rights: /proc of above would show it. */
	{ NESTED_ROOT, BOX_ROOTS,	"sss ..s y", "ppp ppp p", false },
	{ NESTED_ROOT, USERS,		"sss ..s y", "ppp ppp p", true },

	{ USER_NS_ROOT, SELF,		"yyy yyy p", "ppp ppp p", true },
	{ USER_NS_ROOT, BOX_ROOTS,	"yyy yyy p", "ppp ppp p", true },
	{ USER_NS_ROOT, BOX_USERS,	"yyy yyy p", "ppp ppp p", true },
	{ USER_NS_ROOT, USERS,		"ppp ... p", "ppp ppp p", true },
	{ USER_NS_ROOT, ROOTS,		"ppp ... p", "ppp ppp p", true },
	{ USER_NS_ROOT, SIBLINGS,	"ppp ... p", "ppp ppp p", true },
	{ USER_NS_ROOT, VISITORS,	"ppp ... p", "ppp ppp p", true },

	{ VISITOR, SELF,		"yyy yyy y", "yyy yyy y", true },
	{ VISITOR, BOX_ROOTS,		"yyy yyy y", "yyy yyy y", true },
	{ VISITOR, BELOW,		"yyy yyy y", "yyy yyy y", true },
	{ VISITOR, ROOTS,		"sss ..s y", "sss ..s y", false },
};

static_assert(ARRAY_SIZE(matrix) * NREQUESTS * 2 >= 120, "too few cells");

static char letter(int verdict)
{
	switch (verdict) {
	case 0:
		return 'y';
	case LEFT_OUT:
		return '.';
	case -EPERM:
		return 'p';
	case -ESRCH:
		return 's';
	}
	return '?';
}

/* The letter of a request, between those that are blank. */
static char cell(const char *row, int request)
{
	return row[request + (request > BY_PIDFD) + (request > MEMBERS)];
}

FIXTURE(access)
{
	int restricted;
	char scope[4];
};

FIXTURE_VARIANT(access)
{
	bool restricted;
	bool hidepid;
	bool yama;
};

FIXTURE_VARIANT_ADD(access, free)
{
};

FIXTURE_VARIANT_ADD(access, restricted)
{
	.restricted = true,
};

FIXTURE_VARIANT_ADD(access, free_hidepid)
{
	.hidepid = true,
};

FIXTURE_VARIANT_ADD(access, restricted_hidepid)
{
	.restricted = true,
	.hidepid = true,
};

/* Keeps others from attaching, not from reading. */
FIXTURE_VARIANT_ADD(access, free_yama)
{
	.yama = true,
};

FIXTURE_SETUP(access)
{
	const char *lacks = prepare(variant->hidepid);

	self->restricted = -1;
	self->scope[0] = '\0';
	if (!lacks && variant->yama && !ts_read_string(YAMA, self->scope, sizeof(self->scope)))
		lacks = "no Yama";
	if (lacks)
		SKIP(return, "%s", lacks);
	ASSERT_TRUE(make_places());
	ASSERT_TRUE(make_place(&places[NESTED], BOX_ROOT, CLONE_NEWPID));
	ASSERT_TRUE(start_subjects());
	/* Last: nobody undoes what a setup has done that fails. 3 there is for good. */
	ASSERT_TRUE(!self->scope[0] || atoi(self->scope) >= 2 || ts_write_string(YAMA, "2"));
	self->restricted = read_switch();
	/* A kernel without the switch is as if it were off. */
	if (variant->restricted || self->restricted > 0)
		ASSERT_TRUE(ts_write_string(RESTRICT, variant->restricted ? "1" : "0"));
}

/* Whatever has become of the test: others are not to be refused for it. */
FIXTURE_TEARDOWN_PARENT(access)
{
	if (self->restricted >= 0)
		ts_write_string(RESTRICT, self->restricted ? "1" : "0");
	if (self->scope[0])
		ts_write_string(YAMA, self->scope);
}

static void check_cells(struct __test_metadata *_metadata, const struct row *row,
			const char *expected)
{
	int i;

	for (i = 0; i < NREQUESTS; i++) {
		EXPECT_EQ(cell(expected, i), letter(shared->verdict[i])) {
			TH_LOG("%s asks about %s by %s: %d", people[row->asker].name,
			       subjects[row->subject].name, requests[i], shared->verdict[i]);
		}
	}
}

TEST_F_TIMEOUT(access, is_as_the_matrix_says, 1200)
{
	const struct row *row;

	for (row = matrix; row < matrix + ARRAY_SIZE(matrix); row++) {
		ASSERT_TRUE(has_asked(row->asker, row->subject)) {
			TH_LOG("%s about %s: see line %d", people[row->asker].name,
			       subjects[row->subject].name, shared->line);
		}
		check_cells(_metadata, row, variant->restricted ? row->restricted : row->free);
	}
	TH_LOG("%zu cells", ARRAY_SIZE(matrix) * NREQUESTS);
}

/* By whichever request, or -1 if they do not agree. */
static int is_seen(void)
{
	int i, seen = 0;

	for (i = BY_PID; i < LISTEN; i++)
		seen += !shared->verdict[i];
	return seen == 0 ? 0 : seen == LISTEN ? 1 : -1;
}

/* Not what the matrix says, but what comes of one way against the other. */
TEST_F_TIMEOUT(access, agrees_with_proc_pid_io, 1200)
{
	const struct row *row;
	int expected;

	if (!ts_has_io_accounting())
		SKIP(return, "CONFIG_TASK_IO_ACCOUNTING is not set");
	for (row = matrix; row < matrix + ARRAY_SIZE(matrix); row++) {
		if (!row->io)
			continue;
		ASSERT_TRUE(has_asked(row->asker, row->subject));
		expected = !shared->io;
		if (variant->restricted && row->restricted[0] == 'p')
			expected = 0;
		EXPECT_EQ(expected, is_seen()) {
			TH_LOG("%s about %s: /proc/PID/io says %d", people[row->asker].name,
			       subjects[row->subject].name, shared->io);
		}
	}
}

/*
 * Tricks. A user has a crowd of threads, which no single datagram of a dump has
 * room for: what is made last of all is told of in a round that a read makes,
 * by whoever reads.
 */

static void gather(void)
{
	static pid_t tid[NCROWD];
	pthread_attr_t attr;
	pthread_t handle;
	int i;

	/* Room for many; on arm64 a stack may not be as small as elsewhere. */
	need(!pthread_attr_init(&attr) && !pthread_attr_setstacksize(&attr, 1 << 18));
	for (i = 0; i < NCROWD; i++)
		need(!pthread_create(&handle, &attr, park, &tid[i]));
	stay();
}

static pid_t start_crowd(int who)
{
	pid_t pid = fork_as(who);
	int i;

	if (pid == 0)
		gather();
	for (i = 0; i < NCROWD + 1; i++) {
		if (!is_ready())
			return -1;
	}
	return pid;
}

/* Somebody does it, and stays if all went well. */
static pid_t start(struct __test_metadata *_metadata, int who, void (*live)(void))
{
	pid_t pid = fork_as(who);
	bool fine;

	if (pid == 0) {
		live();
		stay();
	}
	fine = is_ready();
	EXPECT_EQ(0, shared->line) {
		TH_LOG("see line %d", shared->line);
	}
	return fine ? pid : -1;
}

/* Every user id that a task has is that one, unless it has ended meanwhile. */
static bool is_users(pid_t pid, int uid)
{
	char path[64], line[128];
	bool is = true;
	int id[4];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "Uid: %d %d %d %d", &id[0], &id[1], &id[2], &id[3]) == 4)
			is = id[0] == uid && id[1] == uid && id[2] == uid && id[3] == uid;
	}
	if (f)
		fclose(f);
	return is;
}

/* How many of those told of are not the user's, or not in one's own group. */
static int count_strangers(int uid)
{
	int i, n = 0;

	for (i = 0; i < shared->n; i++)
		n += !is_users(shared->id[i], uid);
	return n;
}

static int count_threads(pid_t tgid)
{
	char path[64];
	int i, n = 0;

	for (i = 0; i < shared->n; i++) {
		snprintf(path, sizeof(path), "/proc/%d/status", shared->id[i]);
		n += ts_proc_number(path, "Tgid") == tgid;
	}
	return n;
}

static int pair[2];

/* The switch is root's file; what it is for wants more than that. */
TEST(switch_is_not_for_root_without_capabilities)
{
	int fd, status;
	pid_t pid;

	if (read_switch() < 0)
		SKIP(return, "no " RESTRICT);
	if (geteuid())
		SKIP(return, "needs root");
	pid = fork();
	if (pid == 0) {
		fd = ts_limit_caps(0) ? -1 : open(RESTRICT, O_WRONLY | O_CLOEXEC);
		_exit(fd < 0 || write(fd, "0", 1) != -1 || errno != EPERM);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

static int set_switch(const char *text)
{
	int fd = open(RESTRICT, O_WRONLY | O_CLOEXEC), error = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		error = -errno;
	close(fd);
	return error;
}

TEST(switch_is_on_or_off)
{
	const char *lacks = ts_lacks();
	int before = read_switch();

	if (lacks)
		SKIP(return, "%s", lacks);
	if (before < 0 || !ts_has_cap(CAP_SYS_ADMIN))
		SKIP(return, "no " RESTRICT " to set");
	EXPECT_EQ(-EINVAL, set_switch("2"));
	EXPECT_EQ(-EINVAL, set_switch("-1"));
	EXPECT_EQ(before, read_switch());
	/* Should it have been changed, others are not to be refused for it. */
	EXPECT_EQ(0, set_switch(before ? "1" : "0"));
}

FIXTURE(trick)
{
	struct ts_sock sk;
	struct ts_msg msg;
	pid_t crowd;
	pid_t roots;	/* made last of all */
	pid_t pid;
};

static void end_child(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Ids that have begun anew would be told of in another order: then once more. */
static bool start_in_order(struct __test_metadata *_metadata, FIXTURE_DATA(trick) * self)
{
	int tries;

	for (tries = 0; tries < 3; tries++) {
		self->crowd = start_crowd(USER);
		self->roots = self->crowd > 0 ? start(_metadata, ROOT, stay) : -1;
		if (self->roots < 0)
			return false;
		if (self->roots > self->crowd + NCROWD)
			return true;
		end_child(self->crowd);
		end_child(self->roots);
	}
	return false;
}

FIXTURE_SETUP(trick)
{
	const char *lacks = prepare(false);

	if (lacks)
		SKIP(return, "%s", lacks);
	if (read_switch() > 0)
		SKIP(return, "kernel.taskstats_restrict is set");
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair));
	ASSERT_TRUE(make_places());
	ASSERT_EQ(0, ts_open(&self->sk));
	ASSERT_TRUE(start_in_order(_metadata, self));
	shared->pid = self->roots;
}

FIXTURE_TEARDOWN(trick)
{
}

/* The whole crowd, in more than one round, and nobody else's. */
static void expect_own(struct __test_metadata *_metadata, pid_t crowd)
{
	EXPECT_TRUE(shared->done);
	EXPECT_EQ(0, shared->error);
	EXPECT_LT(1, shared->parts);
	EXPECT_EQ(NCROWD + 1, count_threads(crowd));
	EXPECT_EQ(0, count_strangers(USER_ID));
}

/* A child that runs one of the copies, which reads from @in and writes to @out. */
static pid_t run_copy(const char *path, const char *mode, int in, int out)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	need(dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0);
	execl(path, path, mode, "1", NULL);
	need(false);
	return -1;
}

static bool has_ended(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && status == 0;
}

/* What is written to @to, somebody writes to the socket. */
static int have_written(struct ts_sock *sk, int to, const struct ts_msg *msg, __u16 type)
{
	struct ts_aggr aggr;

	if (write(to, msg, msg->nlh.nlmsg_len) != (ssize_t)msg->nlh.nlmsg_len)
		return -EIO;
	return ts_reply(sk, type, &aggr);
}

static int have_asked(struct ts_sock *sk, int to, __u16 attr, __u32 value)
{
	bool by_pid = attr == TASKSTATS_CMD_ATTR_PID;
	struct ts_msg msg;

	ts_msg_get(&msg, sk, attr, value);
	return have_written(sk, to, &msg, by_pid ? TASKSTATS_TYPE_AGGR_PID :
						   TASKSTATS_TYPE_AGGR_TGID);
}

static int have_listened(struct ts_sock *sk, int to)
{
	const struct ts_sub both = { .records = TS_BOTH };
	struct ts_msg msg;

	ts_sub_msg(&msg, sk, &both);
	return have_written(sk, to, &msg, 0);
}

static int have_registered(struct ts_sock *sk, int to)
{
	struct ts_msg msg;

	ts_msg_init(&msg, sk, TASKSTATS_CMD_GET, NLM_F_ACK);
	ts_msg_put(&msg, TASKSTATS_CMD_ATTR_REGISTER_CPUMASK, "0", 2);
	return have_written(sk, to, &msg, 0);
}

static int have_dumped(struct ts_sock *sk, int to)
{
	struct ts_msg msg;

	forget_told();
	threads_msg(&msg, sk);
	if (write(to, &msg, msg.nlh.nlmsg_len) != (ssize_t)msg.nlh.nlmsg_len)
		return -EIO;
	read_rest(ts_fd(sk));
	return shared->error;
}

static void have_a_program_write(void)
{
	struct ts_sock sk;
	int to[2];
	pid_t pid;

	need(!ts_open(&sk));
	need(!pipe2(to, O_CLOEXEC));
	pid = run_copy(SETUID, "--copy", to[0], ts_fd(&sk));
	need(have_asked(&sk, to[1], TASKSTATS_CMD_ATTR_PID, pid) == -EPERM);
	need(have_asked(&sk, to[1], TASKSTATS_CMD_ATTR_TGID, pid) == -EPERM);
	need(have_asked(&sk, to[1], TASKSTATS_CMD_ATTR_PIDFD, PIDFD_SELF_THREAD_GROUP) == -EPERM);
	need(have_asked(&sk, to[1], TASKSTATS_CMD_ATTR_PID, shared->pid) == -EPERM);
	need(have_listened(&sk, to[1]) == -EPERM);
	need(have_registered(&sk, to[1]) == -EPERM);
	/* What both of them may see. */
	need(!have_asked(&sk, to[1], TASKSTATS_CMD_ATTR_PID, getpid()));
	need(!have_dumped(&sk, to[1]));
	need(is_told(getpid()) && !is_told(pid));
	close(to[1]);
	need(has_ended(pid));
}

TEST_F(trick, a_setuid_program_writes_the_request)
{
	ASSERT_LT(0, start(_metadata, USER, have_a_program_write));
	expect_own(_metadata, self->crowd);
}

static void open_and_pass(void)
{
	struct ts_sock sk;

	need(!ts_open(&sk));
	need(!ts_send_fd(pair[1], ts_fd(&sk)));
}

/* Who gives the kernel's address vouches for the request; write() does not. */
TEST_F(trick, root_writes_to_the_socket_of_a_user)
{
	const pid_t pids[] = { 1, getpid(), self->roots };
	unsigned int i;
	int fd;

	ASSERT_LT(0, start(_metadata, USER, open_and_pass));
	fd = ts_recv_fd(pair[0]);
	ASSERT_LE(0, fd);
	/* In place of root's own, with all that is known of that. */
	ASSERT_LE(0, dup2(fd, ts_fd(&self->sk)));
	for (i = 0; i < ARRAY_SIZE(pids); i++)
		EXPECT_EQ(-EPERM, have_asked(&self->sk, fd, TASKSTATS_CMD_ATTR_PID, pids[i]));
	EXPECT_EQ(-EPERM, have_asked(&self->sk, fd, TASKSTATS_CMD_ATTR_PIDFD,
				     PIDFD_SELF_THREAD_GROUP));
	EXPECT_EQ(-EPERM, have_listened(&self->sk, fd));
	EXPECT_EQ(0, have_asked(&self->sk, fd, TASKSTATS_CMD_ATTR_PID, self->crowd));
	EXPECT_EQ(0, have_dumped(&self->sk, fd));
	expect_own(_metadata, self->crowd);
}

/* To the kernel's address, as libraries do: that vouches for old requests only. */
TEST_F(trick, root_sends_on_the_socket_of_a_user)
{
	const struct ts_sub both = { .records = TS_BOTH };
	struct taskstats stats;
	struct ts_msg msg;
	int fd;

	ASSERT_LT(0, start(_metadata, USER, open_and_pass));
	fd = ts_recv_fd(pair[0]);
	ASSERT_LE(0, fd);
	ASSERT_LE(0, dup2(fd, ts_fd(&self->sk)));
	EXPECT_EQ(0, ts_query_pid(&self->sk, self->roots, &stats));
	EXPECT_EQ(0, ts_unlisten(&self->sk, "0"));
	ts_sub_msg(&msg, &self->sk, &both);
	EXPECT_EQ(-EPERM, ts_ack(&self->sk, &msg));
	EXPECT_EQ(0, start_dump(&self->sk));
	read_rest(ts_fd(&self->sk));
	expect_own(_metadata, self->crowd);
}

static void start_dump_and_pass(void)
{
	struct ts_sock sk;

	need(!ts_open(&sk));
	need(!start_dump(&sk));
	need(!ts_send_fd(pair[1], ts_fd(&sk)));
}

TEST_F(trick, root_reads_the_dump_of_a_user)
{
	int fd;

	ASSERT_LT(0, start(_metadata, USER, start_dump_and_pass));
	fd = ts_recv_fd(pair[0]);
	ASSERT_LE(0, fd);
	read_rest(fd);
	expect_own(_metadata, self->crowd);
}

/* The root of a hierarchy of cgroups. */
static int cgroup_fd;

/* The same message twice in one datagram. */
static void send_twice(struct ts_sock *sk, const struct ts_msg *msg)
{
	size_t len = msg->nlh.nlmsg_len;
	char both[2 * sizeof(*msg)];

	memcpy(both, msg, len);
	memcpy(both + len, msg, len);
	need(!ts_send_bytes(sk, both, 2 * len));
}

/* 0 for an answer, whatever it says. */
static int take_verdict(struct ts_sock *sk)
{
	struct ts_dgram dgram;
	int error = ts_recv(sk, &dgram, TS_TIMEOUT_MS);

	return error || ts_is_ack(&dgram, &error) ? error : 0;
}

static void ask_twice(struct ts_sock *sk, const struct ts_msg *msg)
{
	send_twice(sk, msg);
	shared->verdict[0] = take_verdict(sk);
	shared->verdict[1] = take_verdict(sk);
}

static void ask_twice_of_oneself(void)
{
	struct ts_sock sk;
	struct ts_msg msg;

	need(!ts_open(&sk));
	ts_msg_get(&msg, &sk, TASKSTATS_CMD_ATTR_TGID, getpid());
	ask_twice(&sk, &msg);
}

/* A buffer that is longer than what is in it. */
static void ask_before_padding(void)
{
	struct { struct ts_msg msg; char tail[64]; } padded = {};
	struct ts_sock sk;

	need(!ts_open(&sk));
	ts_msg_get(&padded.msg, &sk, TASKSTATS_CMD_ATTR_TGID, getpid());
	need(!ts_send_bytes(&sk, &padded, sizeof(padded)));
	shared->verdict[0] = take_verdict(&sk);
	shared->verdict[1] = 0;
}

static void ask_twice_of_a_cgroup(void)
{
	struct ts_sock sk;
	struct ts_msg msg;

	need(!ts_open(&sk));
	ts_msg_init(&msg, &sk, CGROUPSTATS_CMD_GET, 0);
	ts_msg_put_u32(&msg, CGROUPSTATS_CMD_ATTR_FD, cgroup_fd);
	ask_twice(&sk, &msg);
}

static void dump_twice(void)
{
	struct ts_sock sk;
	struct ts_msg msg;

	need(!ts_open(&sk));
	threads_msg(&msg, &sk);
	forget_told();
	send_twice(&sk, &msg);
	shared->verdict[0] = take_verdict(&sk);
	read_rest(ts_fd(&sk));
	shared->verdict[1] = shared->error;
	need(is_told(getpid()));
}

static void expect_verdicts(struct __test_metadata *_metadata, int who, void (*ask)(void),
			    int first)
{
	ASSERT_LT(0, start(_metadata, who, ask));
	EXPECT_EQ(first, shared->verdict[0]);
	EXPECT_EQ(0, shared->verdict[1]);
}

/* Nobody else changes the families, or comes in behind, before all are answered. */
TEST_F(trick, a_datagram_full_of_questions)
{
	expect_verdicts(_metadata, ROOT, ask_twice_of_oneself, 0);
	expect_verdicts(_metadata, NET_ADMIN, ask_twice_of_oneself, 0);
	expect_verdicts(_metadata, USER, ask_twice_of_oneself, -EPERM);
	expect_verdicts(_metadata, BOX_ROOT, ask_twice_of_oneself, -EPERM);
	expect_verdicts(_metadata, USER, dump_twice, -EPERM);
	expect_verdicts(_metadata, BOX_ROOT, dump_twice, -EPERM);
	expect_verdicts(_metadata, USER, ask_before_padding, 0);
	expect_verdicts(_metadata, BOX_ROOT, ask_before_padding, 0);
}

TEST_F(trick, a_datagram_full_of_cgroups)
{
	static const char hierarchy[] = "taskstats-access";

	cgroup_fd = ts_cgroup_open(NULL);
	if (cgroup_fd < 0)
		SKIP(return, "no cgroup v2");
	expect_verdicts(_metadata, ROOT, ask_twice_of_a_cgroup, 0);
	expect_verdicts(_metadata, USER, ask_twice_of_a_cgroup, -EPERM);
	expect_verdicts(_metadata, BOX_ROOT, ask_twice_of_a_cgroup, -EPERM);
	close(cgroup_fd);
	/* As ever. */
	cgroup_fd = ts_cgroup_open(hierarchy);
	if (cgroup_fd < 0)
		return;
	expect_verdicts(_metadata, USER, ask_twice_of_a_cgroup, 0);
	close(cgroup_fd);
	ts_hierarchy_remove(hierarchy);
}

static struct ts_sock inherited;

/* In a round that the user makes, too. */
static void read_inherited(void)
{
	read_rest(ts_fd(&inherited));
	need(is_told(getpid()));
}

/* The verdict is that of the start, for the better as for the worse. */
TEST_F(trick, a_user_reads_the_dump_of_root)
{
	inherited = self->sk;
	ASSERT_EQ(0, start_dump(&self->sk));
	ASSERT_LT(0, start(_metadata, USER, read_inherited));
	EXPECT_LT(1, shared->parts);
	EXPECT_TRUE(is_told(self->roots));
	EXPECT_TRUE(is_told(getpid()));
	EXPECT_EQ(NCROWD + 1, count_threads(self->crowd));
}

/* Somebody reads the dump, a round whenever he gets a byte, and hands it on. */
static void have_part_read(void)
{
	struct ts_big part;

	need(send(pair[0], "", 1, 0) == 1);
	need(!recv_part(pair[0], &part));
	take_part(&part);
}

static void have_all_read(void)
{
	while (!shared->done && !shared->error)
		have_part_read();
}

static const char *copy_path;

/*
 * Another program reads the dump, and hands on what it reads: of itself it may
 * not be told, though it is the one in whose context the round is made.
 */
static void have_a_program_read(void)
{
	struct ts_big part;
	struct ts_sock sk;
	struct aim aim;
	pid_t pid;

	need(!ts_open(&sk));
	pid = run_copy(copy_path, "--read", ts_fd(&sk), pair[1]);
	/* It says when it is what it shall be. */
	need(!recv_part(pair[0], &part) && part.len == 1);
	aim = (struct aim) { .tid = pid, .tgid = pid };
	need(query(&sk, &aim, TASKSTATS_CMD_ATTR_PID, pid, TASKSTATS_TYPE_AGGR_PID) == -EPERM);
	need(!start_dump(&sk));
	have_all_read();
	need(!shared->error);
	need(is_told(getpid()));
	need(!is_told(pid));
	shutdown(pair[0], SHUT_WR);
	need(has_ended(pid));
}

TEST_F(trick, a_setuid_program_reads_the_dump_of_a_user)
{
	copy_path = SETUID;
	ASSERT_LT(0, start(_metadata, USER, have_a_program_read));
	expect_own(_metadata, self->crowd);
}

/* Root of a user namespace has no rights over a file from outside. */
TEST_F(trick, an_unreadable_program_reads_the_dump_of_a_user_namespaces_root)
{
	copy_path = UNREADABLE;
	ASSERT_LT(0, start_crowd(USER_NS_ROOT));
	ASSERT_LT(0, start(_metadata, USER_NS_ROOT, have_a_program_read));
	EXPECT_LT(1, shared->parts);
}

/* It has another program read the first round only. */
static void read_after_another(void)
{
	struct ts_big part;
	struct ts_sock sk;
	pid_t pid;

	need(!ts_open(&sk));
	pid = run_copy(SETUID, "--read", ts_fd(&sk), pair[1]);
	need(!recv_part(pair[0], &part) && part.len == 1);
	need(!start_dump(&sk));
	have_part_read();
	read_rest(ts_fd(&sk));
	need(!is_told(pid));
	shutdown(pair[0], SHUT_WR);
	need(has_ended(pid));
}

TEST_F(trick, a_user_reads_on_after_a_setuid_program)
{
	ASSERT_LT(0, start(_metadata, USER, read_after_another));
	expect_own(_metadata, self->crowd);
}

/* What stays behind with the socket of a parent that executes another program. */
static void stay_behind(struct ts_sock *sk, pid_t parent, void (*read_all)(struct ts_sock *sk))
{
	struct aim aim = { .tid = parent, .tgid = parent };
	struct ts_big part;

	need(!prctl(PR_SET_PDEATHSIG, SIGKILL));
	need(!recv_part(pair[0], &part) && part.len == 1);
	read_all(sk);
	need(!shared->error);
	need(is_told(getpid()));
	need(!is_told(parent));
	need(query(sk, &aim, TASKSTATS_CMD_ATTR_PID, parent,
		   TASKSTATS_TYPE_AGGR_PID) == -EPERM);
	need(query(sk, &aim, TASKSTATS_CMD_ATTR_TGID, parent,
		   TASKSTATS_TYPE_AGGR_TGID) == -EPERM);
	stay();
}

static void read_all_here(struct ts_sock *sk)
{
	read_rest(ts_fd(sk));
}

static void read_all_there(struct ts_sock *sk)
{
	(void)sk;
	have_all_read();
}

/* It is not told of in the first round. */
static void exec_in_mid_dump(const char *mode, void (*read_all)(struct ts_sock *sk))
{
	pid_t pid = getpid();
	struct ts_msg msg;
	struct ts_sock sk;

	need(!ts_open(&sk));
	threads_msg(&msg, &sk);
	need(!dump_for(&sk, &msg, pid));
	if (fork() == 0)
		stay_behind(&sk, pid, read_all);
	need(!start_dump(&sk));
	need(dup2(ts_fd(&sk), STDIN_FILENO) >= 0 && dup2(pair[1], STDOUT_FILENO) >= 0);
	execl(SETUID, "setuid", mode, "1", NULL);
	need(false);
}

static void exec_and_leave_the_dump(void)
{
	exec_in_mid_dump("--park", read_all_here);
}

TEST_F(trick, a_user_executes_a_setuid_program_in_mid_dump)
{
	ASSERT_LT(0, start(_metadata, USER, exec_and_leave_the_dump));
	expect_own(_metadata, self->crowd);
}

static void exec_and_go_on_reading(void)
{
	exec_in_mid_dump("--read", read_all_there);
}

TEST_F(trick, a_user_executes_a_setuid_program_that_reads_on)
{
	ASSERT_LT(0, start(_metadata, USER, exec_and_go_on_reading));
	expect_own(_metadata, self->crowd);
}

/* An error as it is told, but for what repeats the request. */
static void complain(struct ts_sock *sk, __u16 attr, __u32 id, struct ts_dgram *dgram)
{
	struct ts_msg msg;
	int error = 0;

	ts_msg_get(&msg, sk, attr, id);
	need(!ts_send(sk, &msg));
	need(!ts_recv(sk, dgram, 0));
	need(ts_is_ack(dgram, &error) && error == -EPERM);
	memset(dgram->buf, 0, NLMSG_HDRLEN);
	memset(dgram->buf + NLMSG_HDRLEN + sizeof(error), 0, NLMSG_HDRLEN);
}

static void compare_complaints(void)
{
	const __u16 attrs[] = { TASKSTATS_CMD_ATTR_PID, TASKSTATS_CMD_ATTR_TGID };
	struct ts_dgram there, gone;
	struct ts_sock sk;
	pid_t pid;
	int i;

	pid = fork();
	if (pid == 0)
		_exit(0);
	need(has_ended(pid) && !ts_open(&sk));
	need(ts_explain(&sk));
	for (i = 0; i < 2; i++) {
		complain(&sk, attrs[i], shared->pid, &there);
		complain(&sk, attrs[i], pid, &gone);
		need(there.len == gone.len && !memcmp(there.buf, gone.buf, gone.len));
	}
}

TEST_F(trick, nothing_tells_a_task_out_of_sight_from_none)
{
	ASSERT_LT(0, start(_metadata, USER, compare_complaints));
}

static void race_with_exec(void)
{
	struct taskstats stats;
	struct ts_sock sk;
	int error, seen = 0;
	pid_t pid;

	need(!ts_open(&sk));
	pid = fork();
	if (pid == 0) {
		execl(SETUID, "setuid", "--end", "1", NULL);
		need(false);
	}
	while (!(error = ts_query_pid(&sk, pid, &stats))) {
		/* Not by its name, which it has before it has other credentials. */
		need(stats.write_syscalls == 0);
		seen++;
	}
	need(error == -EPERM);
	need(has_ended(pid));
	shared->n += seen;
	ts_close(&sk);
}

static void race_often(void)
{
	int i, n = ts_setting("TASKSTATS_ACCESS_EXECS", 100);

	shared->n = 0;
	for (i = 0; i < n; i++)
		race_with_exec();
}

/* Its figures before are the user's, those from then on are not. */
TEST_F_TIMEOUT(trick, a_user_looks_while_a_setuid_program_is_executed, 1200)
{
	ASSERT_LT(0, start(_metadata, USER, race_often));
	EXPECT_LT(0, shared->n);
}

/* As a program in an image would do it: by libnl, and about itself. */

static int keep_stats(struct nl_msg *msg, void *to)
{
	struct nlattr *attr = genlmsg_attrdata(nlmsg_data(nlmsg_hdr(msg)), 0);
	int len = genlmsg_attrlen(nlmsg_data(nlmsg_hdr(msg)), 0);

	attr = nla_find(attr, len, TASKSTATS_TYPE_AGGR_PID);
	if (attr)
		attr = nla_find(nla_data(attr), nla_len(attr), TASKSTATS_TYPE_STATS);
	if (attr)
		nla_memcpy(to, attr, sizeof(struct taskstats));
	return NL_OK;
}

static int ask_by_libnl(struct taskstats *stats)
{
	struct nl_sock *sk = nl_socket_alloc();
	struct nl_msg *msg = nlmsg_alloc();
	int family, error;

	need(sk && msg && !genl_connect(sk));
	family = genl_ctrl_resolve(sk, TASKSTATS_GENL_NAME);
	need(family > 0);
	nl_socket_modify_cb(sk, NL_CB_VALID, NL_CB_CUSTOM, keep_stats, stats);
	genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, 0, TASKSTATS_CMD_GET,
		    TASKSTATS_GENL_VERSION);
	nla_put_u32(msg, TASKSTATS_CMD_ATTR_PID, getpid());
	error = nl_send_auto(sk, msg);
	if (error >= 0)
		error = nl_recvmsgs_default(sk);
	nlmsg_free(msg);
	nl_socket_free(sk);
	return error;
}

static void ask_in_image(void)
{
	struct taskstats stats = {};
	__u64 start = ts_clock_ns(CLOCK_MONOTONIC);

	need(!prctl(PR_SET_PDEATHSIG, SIGKILL) && getpid() == 1);
	need(!ts_limit_caps(0) && !ts_has_cap(CAP_NET_ADMIN));
	/* Computes until that shows in what is sampled at ticks. */
	do {
		need(ts_clock_ns(CLOCK_MONOTONIC) - start < TS_TIMEOUT_MS * 1000000ULL);
		need(!ask_by_libnl(&stats));
		shared->n = stats.ac_utime + stats.ac_stime;
	} while (shared->n < 50000);
	need(stats.ac_pid == 1 && stats.ac_uid == 0);
}

static void make_image(void)
{
	char map[32];

	snprintf(map, sizeof(map), "0 %d 1", USER_ID);
	need(!unshare_here(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWNS));
	need(ts_write_string("/proc/self/setgroups", "deny"));
	need(ts_write_string("/proc/self/uid_map", map));
	need(ts_write_string("/proc/self/gid_map", map));
	if (fork())
		pause();
	ask_in_image();
}

TEST_F(trick, not_needed_for_a_program_in_a_container_that_asks_about_itself)
{
	ASSERT_LT(0, start(_metadata, USER, make_image));
	TH_LOG("CPU time: %d us", shared->n);
}

/* What the copies do, as who they are. */

static int copy_input(void)
{
	char buf[4096];
	ssize_t len;

	while ((len = read(STDIN_FILENO, buf, sizeof(buf))) > 0) {
		if (write(STDOUT_FILENO, buf, len) != len)
			return 1;
	}
	return len != 0;
}

/* As often as it is told to, a datagram. */
static int hand_on(void)
{
	static char buf[2 * TS_EVENT_MAX];
	ssize_t len;
	char c;

	if (send(STDOUT_FILENO, "", 1, 0) != 1)
		return 1;
	while (recv(STDOUT_FILENO, &c, 1, 0) == 1) {
		len = recv(STDIN_FILENO, buf, sizeof(buf), 0);
		if (len < 0 || send(STDOUT_FILENO, buf, len, 0) != len)
			return 1;
	}
	return 0;
}

static int report_and_park(int fd)
{
	if (write(fd, "", 1) != 1)
		return 1;
	for (;;)
		pause();
}

static int drop_and_park(int fd)
{
	uid_t uid = getuid();

	return setresuid(uid, uid, uid) || prctl(PR_SET_PDEATHSIG, SIGKILL) ? 1 :
	       report_and_park(fd);
}

/* What whoever sees its figures can tell it by. */
static int write_and_end(void)
{
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	return write(fd, "", 1) == 1 ? 0 : 1;
}

/* Becoming privileged has taken the signal of the parent's death away. */
static int run_mode(const char *mode, int fd)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL))
		return 1;
	if (!strcmp(mode, "--park"))
		return report_and_park(fd);
	if (!strcmp(mode, "--drop"))
		return drop_and_park(fd);
	if (!strcmp(mode, "--copy"))
		return copy_input();
	if (!strcmp(mode, "--read"))
		return hand_on();
	return strcmp(mode, "--end") ? 1 : write_and_end();
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strncmp(argv[1], "--", 2))
		return run_mode(argv[1], atoi(argv[2]));
	return test_harness_run(argc, argv);
}
