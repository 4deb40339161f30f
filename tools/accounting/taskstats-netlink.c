// SPDX-License-Identifier: GPL-2.0
/*
 * taskstats: questions to the kernel, and what comes from it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include "taskstats.h"

/* Netlink makes messages of a dump as large as this, for who has room for them. */
#define RECEIVE_SIZE	32768

/* Room for a request, but for a list of CPUs. */
#define REQUEST_SIZE	256

/* An attribute does not hold more; whether less is too long the kernel says. */
#define CPUS_MAX	65000

/* Fields have lain as they do now but in this version. */
#define VERSION_OF_ITS_OWN	15

/* What comes: records */

static bool take_stats(struct ts_record *record, struct nlattr *attr)
{
	if (!attr)
		return false;
	record->len = nla_len(attr);
	if (record->len > sizeof(record->stats))
		record->len = sizeof(record->stats);
	memcpy(&record->stats, nla_data(attr), record->len);
	return record->stats.version != VERSION_OF_ITS_OWN;
}

static int bad_message(struct ts_nl *nl, const char *why)
{
	nl->error = -EBADMSG;
	snprintf(nl->message, sizeof(nl->message), "%s", why);
	return NL_SKIP;
}

static struct nla_policy aggr_policy[TASKSTATS_TYPE_MAX + 1] = {
	[TASKSTATS_TYPE_PID]	= { .type = NLA_U32 },
	[TASKSTATS_TYPE_TGID]	= { .type = NLA_U32 },
	[TASKSTATS_TYPE_STATS]	= { .minlen = sizeof(__u16) },
};

static struct nla_policy answer_policy[TASKSTATS_TYPE_MAX + 1] = {
	[TASKSTATS_TYPE_AGGR_PID]	= { .type = NLA_NESTED },
	[TASKSTATS_TYPE_AGGR_TGID]	= { .type = NLA_NESTED },
	[TASKSTATS_TYPE_DELAYS_MEASURED] = { .type = NLA_U32 },
};

static bool take_aggr(struct ts_record *record, struct nlattr *nest)
{
	int type = record->group ? TASKSTATS_TYPE_TGID : TASKSTATS_TYPE_PID;
	struct nlattr *attrs[TASKSTATS_TYPE_MAX + 1];

	if (!nest || nla_parse_nested(attrs, TASKSTATS_TYPE_MAX, nest, aggr_policy) ||
	    !attrs[type])
		return false;
	record->id = nla_get_u32(attrs[type]);
	if (!take_stats(record, attrs[TASKSTATS_TYPE_STATS]))
		return false;
	/* The message has the id that was asked for: that of any of its threads. */
	if (record->group && record->stats.ac_tgid)
		record->id = record->stats.ac_tgid;
	return true;
}

static int take_answer(struct ts_nl *nl, struct nlmsghdr *nlh)
{
	struct nlattr *attrs[TASKSTATS_TYPE_MAX + 1];
	struct ts_record record = { .delays = DELAYS_UNKNOWN };

	if (genlmsg_parse(nlh, 0, attrs, TASKSTATS_TYPE_MAX, answer_policy))
		return bad_message(nl, "an answer that makes no sense");
	record.group = attrs[TASKSTATS_TYPE_AGGR_TGID];
	if (attrs[TASKSTATS_TYPE_DELAYS_MEASURED])
		record.delays = nla_get_u32(attrs[TASKSTATS_TYPE_DELAYS_MEASURED]);
	if (!take_aggr(&record, attrs[record.group ? TASKSTATS_TYPE_AGGR_TGID :
						     TASKSTATS_TYPE_AGGR_PID]))
		return bad_message(nl, "figures in a form that is not known here");
	nl->record(&record, nl->arg);
	return NL_OK;
}

static struct nla_policy record_policy[TASKSTATS_RECORD_ATTR_MAX + 1] = {
	[TASKSTATS_RECORD_ATTR_PID]	= { .type = NLA_U32 },
	[TASKSTATS_RECORD_ATTR_TGID]	= { .type = NLA_U32 },
	[TASKSTATS_RECORD_ATTR_CPU]	= { .type = NLA_U32 },
	[TASKSTATS_RECORD_ATTR_START]	= { .type = NLA_U64 },
	[TASKSTATS_RECORD_ATTR_CGROUP]	= { .type = NLA_U64 },
	[TASKSTATS_RECORD_ATTR_DELAYS]	= { .type = NLA_U32 },
	[TASKSTATS_RECORD_ATTR_STATS]	= { .minlen = sizeof(__u16) },
};

static __u32 u32_or(struct nlattr *attr, __u32 by_default)
{
	return attr ? nla_get_u32(attr) : by_default;
}

static __u64 u64_or_0(struct nlattr *attr)
{
	return attr ? nla_get_u64(attr) : 0;
}

static bool take_record(struct ts_record *record, struct nlattr *nest)
{
	struct nlattr *attrs[TASKSTATS_RECORD_ATTR_MAX + 1];
	int type;

	if (nla_parse_nested(attrs, TASKSTATS_RECORD_ATTR_MAX, nest, record_policy))
		return false;
	memset(record, 0, sizeof(*record));
	record->group = attrs[TASKSTATS_RECORD_ATTR_TGID];
	record->exited = true;
	type = record->group ? TASKSTATS_RECORD_ATTR_TGID : TASKSTATS_RECORD_ATTR_PID;
	record->id = u32_or(attrs[type], 0);
	record->cpu = u32_or(attrs[TASKSTATS_RECORD_ATTR_CPU], 0);
	record->start = u64_or_0(attrs[TASKSTATS_RECORD_ATTR_START]);
	record->cgroup = u64_or_0(attrs[TASKSTATS_RECORD_ATTR_CGROUP]);
	record->delays = u32_or(attrs[TASKSTATS_RECORD_ATTR_DELAYS], DELAYS_UNKNOWN);
	return attrs[type] && take_stats(record, attrs[TASKSTATS_RECORD_ATTR_STATS]);
}

static int take_exits(struct ts_nl *nl, struct nlmsghdr *nlh)
{
	struct genlmsghdr *head = nlmsg_data(nlh);
	struct ts_record record;
	struct nlattr *attr;
	__u64 lost = 0, seq = 0;
	int left;

	nla_for_each_attr(attr, genlmsg_attrdata(head, 0), genlmsg_attrlen(head, 0), left) {
		switch (nla_type(attr)) {
		case TASKSTATS_EXIT_ATTR_SEQ:
			seq = nla_get_u64(attr);
			break;
		case TASKSTATS_EXIT_ATTR_LOST:
			lost = nla_get_u64(attr);
			/* What there was for us before, we have had. */
			nl->astray = seq - lost - nl->received;
			nl->lost(lost, nl->arg);
			break;
		case TASKSTATS_EXIT_ATTR_RECORD:
			nl->received++;
			if (!take_record(&record, attr))
				return bad_message(nl, "a record that makes no sense");
			nl->record(&record, nl->arg);
			break;
		}
	}
	return NL_OK;
}

static struct nla_policy listen_policy[TASKSTATS_LISTEN_ATTR_MAX + 1] = {
	[TASKSTATS_LISTEN_ATTR_DELIVERED]	= { .type = NLA_U64 },
	[TASKSTATS_LISTEN_ATTR_LOST]		= { .type = NLA_U64 },
	[TASKSTATS_LISTEN_ATTR_LOST_OVERRUN]	= { .type = NLA_U64 },
	[TASKSTATS_LISTEN_ATTR_LOST_NOMEM]	= { .type = NLA_U64 },
	[TASKSTATS_LISTEN_ATTR_LOST_FILTER]	= { .type = NLA_U64 },
	[TASKSTATS_LISTEN_ATTR_PENDING]		= { .type = NLA_U32 },
};

static int take_account(struct ts_nl *nl, struct nlmsghdr *nlh)
{
	struct nlattr *attrs[TASKSTATS_LISTEN_ATTR_MAX + 1];

	if (genlmsg_parse(nlh, 0, attrs, TASKSTATS_LISTEN_ATTR_MAX, listen_policy))
		return bad_message(nl, "an account that makes no sense");
	nl->account = (struct ts_account) {
		.delivered = u64_or_0(attrs[TASKSTATS_LISTEN_ATTR_DELIVERED]),
		.lost = u64_or_0(attrs[TASKSTATS_LISTEN_ATTR_LOST]),
		.overrun = u64_or_0(attrs[TASKSTATS_LISTEN_ATTR_LOST_OVERRUN]),
		.nomem = u64_or_0(attrs[TASKSTATS_LISTEN_ATTR_LOST_NOMEM]),
		.filter = u64_or_0(attrs[TASKSTATS_LISTEN_ATTR_LOST_FILTER]),
		.pending = u32_or(attrs[TASKSTATS_LISTEN_ATTR_PENDING], 0),
	};
	nl->answered = true;
	/* There may have been more while it was being written. */
	if (nl->account.delivered > nl->received)
		nl->astray = nl->account.delivered - nl->received;
	nl->lost(nl->account.lost, nl->arg);
	return NL_OK;
}

static int on_message(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *nlh = nlmsg_hdr(msg);
	struct genlmsghdr *head = nlmsg_data(nlh);
	struct ts_nl *nl = arg;

	if (!genlmsg_valid_hdr(nlh, 0))
		return bad_message(nl, "a message that is too short");
	switch (head->cmd) {
	case TASKSTATS_CMD_NEW:
		return take_answer(nl, nlh);
	case TASKSTATS_CMD_EXIT:
		return take_exits(nl, nlh);
	case TASKSTATS_CMD_LISTEN:
		return take_account(nl, nlh);
	default:
		return NL_SKIP;
	}
}

/* What comes: errors */

/* Does it say more than that it failed, where the same words go with several? */
static bool adds_to_words(int error)
{
	switch (error) {
	case -ENOENT:
	case -ENOMEM:
	case -ERANGE:
	case -EOVERFLOW:
	case -E2BIG:
		return true;
	default:
		return false;
	}
}

/* What is said in words comes behind the error, and behind what it is about. */
static void take_words(struct ts_nl *nl, struct nlmsghdr *nlh, int skip)
{
	struct nlattr *attrs[NLMSGERR_ATTR_MAX + 1];
	size_t len;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS) ||
	    nlmsg_parse(nlh, skip, attrs, NLMSGERR_ATTR_MAX, NULL))
		return;
	if (!attrs[NLMSGERR_ATTR_MSG])
		return;
	nla_strlcpy(nl->message, attrs[NLMSGERR_ATTR_MSG], sizeof(nl->message));
	len = strlen(nl->message);
	if (adds_to_words(nl->error))
		snprintf(nl->message + len, sizeof(nl->message) - len, ": %s",
			 strerror(-nl->error));
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *err, void *arg)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)((char *)err - NLMSG_HDRLEN);
	int skip = sizeof(*err);
	struct ts_nl *nl = arg;

	(void)from;
	nl->error = err->error;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		skip += NLMSG_ALIGN(err->msg.nlmsg_len) - NLMSG_HDRLEN;
	take_words(nl, nlh, skip);
	return NL_STOP;
}

/* A dump may end with an error. */
static int on_done(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *nlh = nlmsg_hdr(msg);
	struct ts_nl *nl = arg;
	int error;

	if (nlmsg_datalen(nlh) < (int)sizeof(error))
		return NL_OK;
	memcpy(&error, nlmsg_data(nlh), sizeof(error));
	if (error < 0) {
		nl->error = error;
		take_words(nl, nlh, sizeof(error));
	}
	return NL_OK;
}

/* The kernel's word counts, then the library's. */
static int outcome(struct ts_nl *nl, int nle)
{
	if (nl->error || nle >= 0)
		return nl->error;
	switch (-nle) {
	case NLE_NOMEM:
		return -ENOBUFS;	/* which the library does not tell from ENOMEM */
	case NLE_AGAIN:
		return -EAGAIN;
	}
	snprintf(nl->message, sizeof(nl->message), "%s", nl_geterror(nle));
	return -EIO;
}

/**
 * ts_receive - take what has come, and wait for it if there is nothing
 * @nl: the socket
 *
 * Return: 0, -ENOBUFS if more has come than there was room for, or another
 * negative errno.
 */
int ts_receive(struct ts_nl *nl)
{
	int nle;

	nl->error = 0;
	nl->message[0] = '\0';
	nle = nl_recvmsgs_default(nl->sk);
	return outcome(nl, nle);
}

/* The socket */

static int open_socket(struct ts_nl *nl)
{
	int nle = genl_connect(nl->sk);

	if (nle < 0)
		return outcome(nl, nle);
	/* Answers come whole, and what is asked is answered without an ACK. */
	nl_socket_set_msg_buf_size(nl->sk, RECEIVE_SIZE);
	nl_socket_disable_msg_peek(nl->sk);
	nl->family = genl_ctrl_resolve(nl->sk, TASKSTATS_GENL_NAME);
	return nl->family < 0 ? -EPROTONOSUPPORT : 0;
}

static void set_up(struct ts_nl *nl)
{
	int fd = nl_socket_get_fd(nl->sk), on = 1;

	nl_socket_disable_auto_ack(nl->sk);
	/* Events have no number of a request. */
	nl_socket_disable_seq_check(nl->sk);
	/* Without it there are no words, only numbers. */
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	nl_socket_modify_cb(nl->sk, NL_CB_VALID, NL_CB_CUSTOM, on_message, nl);
	nl_socket_modify_cb(nl->sk, NL_CB_FINISH, NL_CB_CUSTOM, on_done, nl);
	nl_socket_modify_err_cb(nl->sk, NL_CB_CUSTOM, on_error, nl);
}

/**
 * ts_open - open a socket to the family
 * @nl: the socket; what it tells records to is set
 *
 * Return: 0, -EPROTONOSUPPORT if there is no such family, or another negative
 * errno.
 */
int ts_open(struct ts_nl *nl)
{
	int err;

	nl->sk = nl_socket_alloc();
	if (!nl->sk)
		return -ENOMEM;
	err = open_socket(nl);
	if (err)
		ts_close(nl);
	else
		set_up(nl);
	return err;
}

/**
 * ts_close - the counterpart of ts_open()
 * @nl: the socket
 */
void ts_close(struct ts_nl *nl)
{
	nl_socket_free(nl->sk);
	nl->sk = NULL;
}

/**
 * ts_fd - the file descriptor of a socket
 * @nl: the socket
 *
 * Return: the file descriptor.
 */
int ts_fd(const struct ts_nl *nl)
{
	return nl_socket_get_fd(nl->sk);
}

/* Questions */

/* With room for what is short, and for @more bytes. */
static struct nl_msg *new_request(struct ts_nl *nl, int cmd, int flags, size_t more)
{
	struct nl_msg *msg = nlmsg_alloc_size(REQUEST_SIZE + more);

	if (msg && !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, nl->family, 0, flags, cmd,
				TASKSTATS_GENL_VERSION)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return msg;
}

/* Consumes @msg, which may be NULL; @err is what became of filling it. */
static int send_request(struct ts_nl *nl, struct nl_msg *msg, int err)
{
	int nle;

	nl->error = 0;
	nl->message[0] = '\0';
	if (!msg || err == -NLE_NOMEM) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	nle = nl_send_auto(nl->sk, msg);
	nlmsg_free(msg);
	return nle < 0 ? outcome(nl, nle) : 0;
}

/*
 * The directory of a cgroup; the kernel only looks at it while it is asked. Sets @fd
 * to -1 without @path. Returns 0 or a negative errno.
 */
static int open_cgroup(struct ts_nl *nl, const char *path, int *fd)
{
	int err = 0;

	*fd = path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (path && *fd < 0) {
		err = -errno;
		snprintf(nl->message, sizeof(nl->message), "%s: %s", path, strerror(-err));
	}
	return err;
}

static int put_cgroup(struct nl_msg *msg, int type, int fd)
{
	return fd < 0 ? 0 : nla_put_s32(msg, type, fd);
}

static void close_cgroup(int fd)
{
	if (fd >= 0)
		close(fd);
}

/**
 * ts_get - ask for one task
 * @nl: the socket; what comes goes to its @record
 * @attr: TASKSTATS_CMD_ATTR_PID, _TGID or _PIDFD
 * @id: the id, or the file descriptor
 *
 * Return: 0 or a negative errno.
 */
int ts_get(struct ts_nl *nl, int attr, __u32 id)
{
	struct nl_msg *msg = new_request(nl, TASKSTATS_CMD_GET, 0, 0);
	int err = -NLE_NOMEM;

	if (msg) {
		err = nla_put_u32(msg, attr, id);
		if (!err)
			err = nla_put_flag(msg, TASKSTATS_CMD_ATTR_DELAYS);
	}
	err = send_request(nl, msg, err);
	return err ? err : ts_receive(nl);
}

static int put_dump(struct nl_msg *msg, const struct ts_dump *dump, int cgroup)
{
	int err = nla_put_flag(msg, TASKSTATS_CMD_ATTR_DELAYS);

	if (!err && dump->threads)
		err = nla_put_flag(msg, TASKSTATS_CMD_ATTR_THREADS);
	if (!err && dump->tgid)
		err = nla_put_u32(msg, TASKSTATS_CMD_ATTR_TGID, dump->tgid);
	return err ? err : put_cgroup(msg, TASKSTATS_CMD_ATTR_CGROUP_FD, cgroup);
}

/**
 * ts_dump - ask for many tasks
 * @nl: the socket; what comes goes to its @record
 * @dump: which tasks
 *
 * Return: 0 or a negative errno.
 */
int ts_dump(struct ts_nl *nl, const struct ts_dump *dump)
{
	struct nl_msg *msg;
	int fd, err = open_cgroup(nl, dump->cgroup, &fd);

	if (err)
		return err;
	msg = new_request(nl, TASKSTATS_CMD_GET, NLM_F_DUMP, 0);
	err = send_request(nl, msg, msg ? put_dump(msg, dump, fd) : 0);
	if (!err)
		err = ts_receive(nl);
	close_cgroup(fd);
	return err;
}

static int put_subscription(struct nl_msg *msg, const struct ts_subscription *sub,
			    int cgroup)
{
	int err = nla_put_u32(msg, TASKSTATS_LISTEN_ATTR_RECORDS, sub->records);

	if (!err && sub->cpus)
		err = nla_put_string(msg, TASKSTATS_LISTEN_ATTR_CPUS, sub->cpus);
	if (!err && sub->batch)
		err = nla_put_u32(msg, TASKSTATS_LISTEN_ATTR_BATCH, sub->batch);
	if (!err && sub->wait)
		err = nla_put_u32(msg, TASKSTATS_LISTEN_ATTR_WAIT, sub->wait);
	return err ? err : put_cgroup(msg, TASKSTATS_LISTEN_ATTR_CGROUP_FD, cgroup);
}

static int send_listen(struct ts_nl *nl, const struct ts_subscription *sub)
{
	size_t more = sub && sub->cpus ? strlen(sub->cpus) : 0;
	struct nl_msg *msg;
	int err, fd;

	if (more > CPUS_MAX) {
		snprintf(nl->message, sizeof(nl->message), "the list of CPUs is too long");
		return -E2BIG;
	}
	err = open_cgroup(nl, sub ? sub->cgroup : NULL, &fd);
	if (err)
		return err;
	msg = new_request(nl, TASKSTATS_CMD_LISTEN, 0, more);
	err = send_request(nl, msg, msg && sub ? put_subscription(msg, sub, fd) : 0);
	close_cgroup(fd);
	return err;
}

static bool shall_go_on(const struct ts_nl *nl, int err, bool ends)
{
	return !nl->answered && (!err || err == -EAGAIN || err == -ENOBUFS) &&
	       (ends || !ts_is_stopped());
}

/* Reads until the answer, or until there is nothing: then it was not to be had. */
static int read_answer(struct ts_nl *nl, bool ends)
{
	int err;

	nl_socket_set_nonblocking(nl->sk);
	do {
		err = ts_receive(nl);
	} while (err != -EAGAIN && shall_go_on(nl, err, ends));
	fcntl(ts_fd(nl), F_SETFL, 0);
	return err;
}

/*
 * The answer has come when the request is sent, behind what came before, or it has
 * not had room. A socket that was overrun takes nothing until it has been emptied;
 * then it is asked again. While a subscription goes on there may be no end to that.
 */
static int ask_listen(struct ts_nl *nl, const struct ts_subscription *sub)
{
	bool ends = sub && !sub->records;
	int err;

	nl->answered = false;
	do {
		err = send_listen(nl, sub);
		if (!err)
			err = read_answer(nl, ends);
	} while (shall_go_on(nl, err, ends));
	/* A signal has come: what it ends needs no answer. */
	return err == -EAGAIN || err == -ENOBUFS ? 0 : err;
}

/**
 * ts_listen - subscribe to exits
 * @nl: the socket; what comes goes to its @record and @lost
 * @sub: to which
 *
 * Return: 0 or a negative errno.
 */
int ts_listen(struct ts_nl *nl, const struct ts_subscription *sub)
{
	return ask_listen(nl, sub);
}

/**
 * ts_unlisten - end the subscription
 * @nl: the socket, whose @account is then final
 *
 * Return: 0 or a negative errno.
 */
int ts_unlisten(struct ts_nl *nl)
{
	const struct ts_subscription none = {};

	return ask_listen(nl, &none);
}

/**
 * ts_ask_account - ask what has become of the records
 * @nl: the socket, whose @account is set
 *
 * Return: 0 or a negative errno.
 */
int ts_ask_account(struct ts_nl *nl)
{
	return ask_listen(nl, NULL);
}

/* Complaints */

/* The value of the sysctl, or EOF if there is none, as on old kernels. */
static int restriction(void)
{
	FILE *file = fopen("/proc/sys/kernel/taskstats_restrict", "re");
	int value = file ? fgetc(file) : EOF;

	if (file)
		fclose(file);
	return value;
}

static const char *hint_not_permitted(void)
{
	switch (restriction()) {
	case EOF:
		return "This kernel has the old taskstats: all of it takes CAP_NET_ADMIN in the\n"
		       "initial user namespace.";
	case '1':
		return "The sysctl kernel.taskstats_restrict is 1: all of taskstats takes\n"
		       "CAP_NET_ADMIN in the initial user namespace.";
	default:
		return "Exits, and tasks of others, take CAP_NET_ADMIN in the user namespace that\n"
		       "owns the PID namespace (be root there); tasks whose /proc/PID/io you may\n"
		       "read are told without, as your own are.";
	}
}

static const char *hint(const struct ts_nl *nl, int error)
{
	switch (error) {
	case -EPROTONOSUPPORT:
		return "The kernel has to be built with CONFIG_TASKSTATS=y.";
	case -EOPNOTSUPP:
		if (nl->message[0])	/* An old one says nothing. */
			return NULL;
		return "This kernel has the old taskstats, which only answers for one task at a\n"
		       "time (taskstats get) and has exit records by CPU mask (getdelays -l).";
	case -EPERM:
		return hint_not_permitted();
	case -ENOBUFS:
		return "More came than there was room for: listen has --buffer for that.";
	default:
		return NULL;
	}
}

static const char *reason(const struct ts_nl *nl, int error)
{
	if (nl->message[0])
		return nl->message;
	switch (error) {
	case -EPROTONOSUPPORT:
		return "there is no generic netlink family TASKSTATS";
	case -EOPNOTSUPP:
		return "the kernel does not know this command";
	case -ESRCH:
		return "no such task";
	default:
		return strerror(-error);
	}
}

static int exit_status(int error)
{
	switch (error) {
	case -ESRCH:
		return EXIT_NO_TASK;
	case -EPERM:
	case -EACCES:
		return EXIT_NOT_PERMITTED;
	case -EPROTONOSUPPORT:
	case -EOPNOTSUPP:
		return EXIT_NO_KERNEL;
	default:
		return EXIT_FAILED;
	}
}

/**
 * ts_complain - say what went wrong, and what can be done
 * @nl: the socket
 * @error: the negative errno
 * @format: what was tried, as for printf()
 *
 * Return: the exit status for it.
 */
int ts_complain(const struct ts_nl *nl, int error, const char *format, ...)
{
	const char *what_to_do = hint(nl, error);
	va_list args;

	fflush(NULL);
	ts_say("taskstats: ");
	va_start(args, format);
	ts_vsay(format, args);
	va_end(args);
	ts_say(": %s\n", reason(nl, error));
	if (what_to_do)
		ts_say("%s\n", what_to_do);
	return exit_status(error);
}
