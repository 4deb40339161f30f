/* SPDX-License-Identifier: GPL-2.0 */
/*
 * taskstats - what the parts of the program share.
 *
 *   taskstats.c          options and commands
 *   taskstats-netlink.c  questions to the kernel, and its answers
 *   taskstats-fields.c   the table of fields, and how each is shown
 *   taskstats-output.c   tables, JSON and the long report, and how they are written
 *   taskstats-listen.c, taskstats-top.c, taskstats-stat.c: these commands
 */
#ifndef TOOLS_ACCOUNTING_TASKSTATS_H
#define TOOLS_ACCOUNTING_TASKSTATS_H

#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <linux/taskstats.h>

struct pollfd;
struct timespec;

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Exit status. */
enum {
	EXIT_OK,
	EXIT_FAILED,
	EXIT_USAGE,
	EXIT_NO_TASK,
	EXIT_NOT_PERMITTED,
	EXIT_NO_KERNEL,
};

/* Records */

/* TASKSTATS_DELAYS_*, or this of a kernel that does not tell. */
#define DELAYS_UNKNOWN	3U

/**
 * struct ts_record - what the kernel tells of a thread or of a group
 * @id: of the thread or the group, as the message names it
 * @group: it is of a group
 * @exited: it is of an exit, and the next three are known
 * @cpu: on which it exited, or was replaced by exec
 * @start: when it began, ns since boot
 * @cgroup: id of its cgroup v2
 * @delays: how far delays have been measured
 * @len: bytes of @stats that this kernel knows of
 * @stats: the figures; zero from @len on
 */
struct ts_record {
	__u32 id;
	bool group;
	bool exited;
	__u32 cpu;
	__u64 start;
	__u64 cgroup;
	__u32 delays;
	size_t len;
	struct taskstats stats;
};

/* Fields */

/* How a value lies in struct ts_record. */
enum ts_type {
	TYPE_UINT,		/* of any size */
	TYPE_SINT,		/* one byte */
	TYPE_BOOL,
	TYPE_TEXT,		/* characters, ended by NUL if there is room */
	TYPE_TIME,		/* struct __kernel_timespec */
};

/* What it means, and so how it is shown. */
enum ts_unit {
	UNIT_NUMBER,
	UNIT_ID,
	UNIT_COUNT,		/* of events */
	UNIT_NS,
	UNIT_US,
	UNIT_SECONDS,		/* since 1970 */
	UNIT_BYTES,
	UNIT_KIB,
	UNIT_MB_US,		/* megabytes times microseconds */
	UNIT_TEXT,
	UNIT_TYPE,		/* thread or group */
	UNIT_DELAYS,		/* TASKSTATS_DELAYS_* */
	UNIT_EXITCODE,
	UNIT_FLAGS,		/* of linux/acct.h */
	UNIT_POLICY,		/* SCHED_* */
	UNIT_DEVICE,
};

/* What belongs together. */
enum ts_group {
	GROUP_RECORD,		/* about the message */
	GROUP_IDENTITY,
	GROUP_TIME,
	GROUP_RUN,		/* on CPUs, and waiting for them */
	GROUP_DELAY,		/* other waits */
	GROUP_MEMORY,
	GROUP_IO,
	NGROUPS,
};

/**
 * struct ts_field - one of the fields that there are
 * @name: its name, as in struct taskstats
 * @offset: where it is in struct ts_record
 * @size: its size there
 * @type: how to read it
 * @unit: what it means
 * @group: what it belongs to
 * @sums: it only ever grows, and its difference between two times means something
 * @title: heading of its column, if not its name
 * @doc: what it is
 */
struct ts_field {
	const char *name;
	unsigned short offset;
	unsigned short size;
	enum ts_type type;
	enum ts_unit unit;
	enum ts_group group;
	bool sums;
	const char *title;
	const char *doc;
};

extern const struct ts_field ts_fields[];
extern const unsigned int ts_nfields;
extern const char *const ts_group_names[NGROUPS];

const struct ts_field *ts_field(const char *name);
bool ts_field_known(const struct ts_field *field, const struct ts_record *record);
__u64 ts_value(const struct ts_field *field, const struct ts_record *record);
__u64 ts_delay_total(const struct ts_record *record);
const char *ts_delays_name(__u32 delays);
int ts_field_width(const struct ts_field *field);
void ts_show(char *buf, size_t size, const struct ts_field *field,
	     const struct ts_record *record, __u64 interval_ns);
void ts_fields_help(FILE *out);
int ts_utf8_len(const unsigned char *s, size_t max);
bool ts_is_control(const unsigned char *s);

/* Output */

/**
 * struct ts_output - how records are shown
 * @out: where
 * @json: as an object a line
 * @header: tables begin with the titles of their columns
 * @report: as a long report each, not as a table
 * @interval_ns: figures are differences over this time; 0 if they are not
 * @nfields: number of @fields
 * @fields: which fields, in this order
 * @begun: the titles have been printed
 * @told: how many records have been shown
 * @measured: how many of them have delays that were measured
 */
struct ts_output {
	FILE *out;
	bool json;
	bool header;
	bool report;
	__u64 interval_ns;
	unsigned int nfields;
	const struct ts_field **fields;
	bool begun;
	unsigned long told;
	unsigned long measured;
};

FILE *ts_open_patient(void);
void ts_flush_lines(FILE *out);
void ts_say(const char *format, ...);
void ts_vsay(const char *format, va_list args);
int ts_output_init(struct ts_output *output, const char *fields, const char *by_default);
void ts_output_free(struct ts_output *output);
void ts_output_header(struct ts_output *output);
void ts_output_record(const struct ts_record *record, void *output);
void ts_output_json(const struct ts_output *output, const struct ts_record *record,
		    const char *more);
void ts_output_delays(const struct ts_output *output, const struct ts_record *record);
void ts_output_hints(const struct ts_output *output);
int ts_output_end(const struct ts_output *output);

/* Netlink */

typedef void ts_record_fn(const struct ts_record *record, void *arg);
typedef void ts_lost_fn(__u64 lost, void *arg);

/**
 * struct ts_account - what has become of the records for a listener
 * @delivered: they were queued to the socket
 * @lost: they were not, which is the sum of the next three
 * @overrun: since the receive buffer was full
 * @nomem: since there was no memory
 * @filter: since a filter of the socket refused
 * @pending: they wait for their batch
 */
struct ts_account {
	__u64 delivered;
	__u64 lost;
	__u64 overrun;
	__u64 nomem;
	__u64 filter;
	__u32 pending;
};

/**
 * struct ts_nl - a socket, and what comes from it
 * @sk: the socket
 * @family: number of the family
 * @record: called with each record
 * @lost: called with the number of records lost so far, by each event
 * @arg: for both
 * @answered: the answer has come
 * @received: how many records of exits have come
 * @astray: how many are missing beyond those that the kernel says are lost
 * @account: the last answer to ts_listen()
 * @error: what the kernel has said last, 0 or a negative errno,
 * @message: and how it has put it, if it did
 */
struct ts_nl {
	struct nl_sock *sk;
	int family;
	ts_record_fn *record;
	ts_lost_fn *lost;
	void *arg;
	bool answered;
	__u64 received;
	__u64 astray;
	struct ts_account account;
	int error;
	char message[256];
};

/* Which tasks a dump is of. */
struct ts_dump {
	bool threads;
	__u32 tgid;		/* or 0 */
	const char *cgroup;	/* or NULL */
};

/* What a listener is told of; what is zero or NULL is left to the kernel. */
struct ts_subscription {
	__u32 records;
	const char *cpus;
	const char *cgroup;
	__u32 batch;
	__u32 wait;
};

int ts_open(struct ts_nl *nl);
void ts_close(struct ts_nl *nl);
int ts_fd(const struct ts_nl *nl);
int ts_get(struct ts_nl *nl, int attr, __u32 id);
int ts_dump(struct ts_nl *nl, const struct ts_dump *dump);
int ts_listen(struct ts_nl *nl, const struct ts_subscription *sub);
int ts_unlisten(struct ts_nl *nl);
int ts_ask_account(struct ts_nl *nl);
int ts_receive(struct ts_nl *nl);
int ts_complain(const struct ts_nl *nl, int error, const char *format, ...);

/* Commands */

enum ts_sort {
	SORT_CPU,
	SORT_IO,
	SORT_DELAY,
};

/**
 * struct ts_options - what the command line says
 * @argv: what follows the options
 * @json: JSON, not tables
 * @no_header: no titles above columns
 * @self: tell of ourselves
 * @threads: tell of threads
 * @groups: tell of groups
 * @only: leave out those who have done nothing
 * @fields: names of fields, or NULL
 * @output: file to write to, or NULL
 * @cgroup: directory of a cgroup, or NULL
 * @cpus: list of CPUs, or NULL
 * @sort: by what
 * @tgids: ids of groups; the first one is 0 if there are none
 * @ntgids: number of them
 * @batch: records in a message, or 0
 * @wait: longest time that a record waits for its batch, in ms, or 0
 * @buffer: size of the receive buffer in KiB, or 0
 * @count: how many records, or rounds; 0 if all
 * @lines: how many lines of a round; 0 if all
 * @delay: time between two rounds, in seconds
 */
struct ts_options {
	char **argv;
	bool json;
	bool no_header;
	bool self;
	bool threads;
	bool groups;
	bool only;
	const char *fields;
	const char *output;
	const char *cgroup;
	const char *cpus;
	enum ts_sort sort;
	__u32 *tgids;
	unsigned int ntgids;
	__u32 batch;
	__u32 wait;
	__u32 buffer;
	__u32 count;
	__u32 lines;
	double delay;
};

bool ts_is_stopped(void);
void ts_catch_signals(void);
int ts_wait(struct pollfd *pfd, const struct timespec *limit);
void ts_let_signals(sigset_t *before);
int ts_start_patient(struct ts_output *output, const struct ts_options *opts,
		     const char *by_default);
int ts_start_output(struct ts_output *output, const struct ts_options *opts,
		    const char *by_default);
int ts_check_sight(const struct ts_dump *dump, size_t told);
int cmd_listen(const struct ts_options *opts);
int cmd_top(const struct ts_options *opts);
int cmd_stat(const struct ts_options *opts);

#endif
