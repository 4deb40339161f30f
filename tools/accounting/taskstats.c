// SPDX-License-Identifier: GPL-2.0
/*
 * taskstats: what tasks have used, for people and for programs.
 *
 * The options and the simple commands; see taskstats.h for where the rest is.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "taskstats.h"

#define GROUP_FIELDS	"id,ppid,uid,tgetime,utime,stime,cpu_delay_total,blkio_delay_total," \
			"read_bytes,write_bytes,hiwater_rss,comm"
#define THREAD_FIELDS	"id,tgid,uid,etime,utime,stime,cpu_delay_total,blkio_delay_total," \
			"read_bytes,write_bytes,hiwater_rss,comm"

/* What values can be, for the parser and for people. */
#define ID_MAX		2147483647
#define BATCH_MAX	1024
#define WAIT_MAX	60000
#define BUFFER_MAX	2097151
#define COUNT_MAX	4294967295
#define TEXT(macro)	TEXT_OF(macro)
#define TEXT_OF(text)	#text
#define UP_TO(max)	"1 to " TEXT(max)

/* What ends us, cleanly. */
static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

static sig_atomic_t stopped;

/* With these signals blocked all is waited for, if they are caught. */
static sigset_t waiting;
static bool catching;

static void on_signal(int sig)
{
	__atomic_store_n(&stopped, sig, __ATOMIC_RELAXED);
}

/**
 * ts_is_stopped - has a signal come that ends what goes on?
 *
 * One that is pending counts: where there is always something to read nobody
 * ever waits, and none is delivered.
 *
 * Return: true if it has.
 */
bool ts_is_stopped(void)
{
	sigset_t pending;
	unsigned int i;

	if (__atomic_load_n(&stopped, __ATOMIC_RELAXED))
		return true;
	if (sigpending(&pending))
		return false;
	for (i = 0; i < ARRAY_SIZE(ending); i++) {
		if (sigismember(&pending, ending[i]) == 1)
			return true;
	}
	return false;
}

/**
 * ts_catch_signals - have signals end what goes on, cleanly
 *
 * They come only while something is waited for. SIGHUP stays ignored, as nohup(1)
 * has it.
 */
void ts_catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct sigaction before;
	unsigned int i;
	sigset_t set;

	sigemptyset(&set);
	for (i = 0; i < ARRAY_SIZE(ending); i++) {
		sigaction(ending[i], NULL, &before);
		if (ending[i] == SIGHUP && before.sa_handler == SIG_IGN)
			continue;
		sigaction(ending[i], &action, NULL);
		sigaddset(&set, ending[i]);
	}
	sigprocmask(SIG_BLOCK, &set, &waiting);
	for (i = 0; i < ARRAY_SIZE(ending); i++)
		sigdelset(&waiting, ending[i]);
	catching = true;
}

/**
 * ts_wait - wait for a file, or for a signal
 * @pfd: as for ppoll()
 * @limit: how long, or NULL
 *
 * Return: as of ppoll().
 */
int ts_wait(struct pollfd *pfd, const struct timespec *limit)
{
	return ppoll(pfd, 1, limit, catching ? &waiting : NULL);
}

/**
 * ts_let_signals - have a signal interrupt what follows
 * @before: set to the signal mask to go back to
 *
 * It is for a write that blocks though there was room a moment ago.
 */
void ts_let_signals(sigset_t *before)
{
	sigprocmask(SIG_SETMASK, catching ? &waiting : NULL, before);
}

static int no_memory(void)
{
	ts_say("taskstats: %s\n", strerror(ENOMEM));
	return EXIT_FAILED;
}

/**
 * ts_start_output - have records shown on stdout as the options say
 * @output: what to prepare; ts_output_free() frees it
 * @opts: the options
 * @by_default: fields of the table
 *
 * Return: an exit status.
 */
int ts_start_output(struct ts_output *output, const struct ts_options *opts,
		    const char *by_default)
{
	int err;

	*output = (struct ts_output) {
		.out = stdout,
		.json = opts->json,
		.header = !opts->no_header,
	};
	err = ts_output_init(output, opts->fields, opts->json ? "all" : by_default);
	if (!err)
		return EXIT_OK;
	ts_output_free(output);
	return err == -ENOENT ? EXIT_USAGE : no_memory();
}

/**
 * ts_start_patient - the same for a command that catches signals
 * @output: as of ts_start_output()
 * @opts: the same
 * @by_default: the same
 *
 * Return: an exit status.
 */
int ts_start_patient(struct ts_output *output, const struct ts_options *opts,
		     const char *by_default)
{
	int err = ts_start_output(output, opts, by_default);

	if (err)
		return err;
	output->out = ts_open_patient();
	if (output->out)
		return EXIT_OK;
	ts_output_free(output);
	return no_memory();
}

/* Numbers */

static bool parse_u32(const char *text, __u32 min, __u32 max, __u32 *value)
{
	unsigned long long number;
	char *end;

	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno || end == text || *end || *text < '0' || *text > '9' ||
	    number < min || number > max)
		return false;
	*value = number;
	return true;
}

static bool parse_seconds(const char *text, double *value)
{
	char *end;

	*value = strtod(text, &end);
	return end != text && !*end && isfinite(*value) && *value >= 0.01 && *value <= 1e6;
}

static bool parse_sort(const char *text, enum ts_sort *sort)
{
	if (!strcmp(text, "cpu"))
		*sort = SORT_CPU;
	else if (!strcmp(text, "io"))
		*sort = SORT_IO;
	else if (!strcmp(text, "delay"))
		*sort = SORT_DELAY;
	else
		return false;
	return true;
}

/* get and dump */

static int get_one(struct ts_nl *nl, int attr, __u32 id)
{
	int err = ts_get(nl, attr, id);

	if (err)
		return ts_complain(nl, err, "get %s%u",
				   attr == TASKSTATS_CMD_ATTR_TGID ? "--tgid " : "", id);
	return EXIT_OK;
}

/* How many threads a process has, if that is the id of one. */
static unsigned int threads_of(__u32 pid)
{
	unsigned int leader = 0, threads = 0;
	char line[256], path[32];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%u/status", pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "Tgid: %u", &leader) != 1 &&
		    sscanf(line, "Threads: %u", &threads) == 1)
			break;
	}
	if (file)
		fclose(file);
	return leader == pid ? threads : 0;
}

/* Who names a process may want all of it. */
static void hint_group(__u32 pid)
{
	unsigned int threads = threads_of(pid);

	if (threads > 1 && !fflush(stdout))
		ts_say("taskstats: %u is one of %u threads: --tgid %u tells of all of them\n",
		       pid, threads, pid);
}

/* As many as there are; the last failure is told. */
static int get_all(struct ts_nl *nl, const struct ts_options *opts)
{
	int status = EXIT_OK, err;
	unsigned int i;
	char **arg;
	__u32 id;

	for (i = 0; i < opts->ntgids; i++) {
		err = get_one(nl, TASKSTATS_CMD_ATTR_TGID, opts->tgids[i]);
		status = err ? err : status;
	}
	if (opts->self) {
		err = get_one(nl, TASKSTATS_CMD_ATTR_TGID, getpid());
		status = err ? err : status;
	}
	for (arg = opts->argv; *arg; arg++) {
		parse_u32(*arg, 1, ID_MAX, &id);
		err = get_one(nl, TASKSTATS_CMD_ATTR_PID, id);
		if (!err && !opts->json)
			hint_group(id);
		status = err ? err : status;
	}
	return status;
}

static int finish(struct ts_output *output, int status)
{
	int err;

	ts_output_hints(output);
	err = ts_output_end(output);
	ts_output_free(output);
	return status ? status : err;
}

static bool are_ids(char **argv)
{
	__u32 id;

	for (; *argv; argv++) {
		if (!parse_u32(*argv, 1, ID_MAX, &id)) {
			fprintf(stderr, "taskstats: %s is no id of a task\n", *argv);
			return false;
		}
	}
	return true;
}

static int cmd_get(const struct ts_options *opts)
{
	struct ts_output output;
	struct ts_nl nl = { .record = ts_output_record, .arg = &output };
	int err;

	if (!are_ids(opts->argv))
		return EXIT_USAGE;
	if (!*opts->argv && !opts->ntgids && !opts->self) {
		fputs("taskstats: get takes a PID, --tgid PID or --self\n", stderr);
		return EXIT_USAGE;
	}
	err = ts_start_output(&output, opts, "all");
	if (err)
		return err;
	output.report = !opts->fields && !opts->json;
	err = ts_open(&nl);
	if (err)
		return finish(&output, ts_complain(&nl, err, "get"));
	err = get_all(&nl, opts);
	ts_close(&nl);
	return finish(&output, err);
}

/* Who does not see the first process of the namespace does not see all. */
struct dump_state {
	struct ts_output output;
	bool all;
};

static void on_dumped(const struct ts_record *record, void *arg)
{
	struct dump_state *state = arg;

	state->all |= record->id == 1;
	ts_output_record(record, &state->output);
}

/**
 * ts_check_sight - complain if a group is out of sight
 * @dump: what has been asked for
 * @told: how much has been told
 *
 * The kernel does not tell such a group from none. That it is in another cgroup than
 * the one that was asked for is no reason to complain.
 *
 * Return: an exit status.
 */
int ts_check_sight(const struct ts_dump *dump, size_t told)
{
	if (!dump->tgid || dump->cgroup || told)
		return EXIT_OK;
	ts_say("taskstats: %u: no such task, or none that you may see\n", dump->tgid);
	return EXIT_NOT_PERMITTED;
}

static int end_dump(struct dump_state *state, const struct ts_dump *dump)
{
	int err = ts_check_sight(dump, state->output.told);

	if (err)
		return err;
	if (!state->output.begun)
		ts_output_header(&state->output);
	if (!state->all && !fflush(stdout))
		fputs("taskstats: these are the tasks that you may see, not all\n", stderr);
	return EXIT_OK;
}

static int cmd_dump(const struct ts_options *opts)
{
	struct ts_dump dump = {
		.threads = opts->threads,
		.tgid = opts->tgids[0],
		.cgroup = opts->cgroup,
	};
	struct dump_state state = { .all = opts->ntgids || opts->cgroup || opts->json };
	struct ts_nl nl = { .record = on_dumped, .arg = &state };
	int err;

	err = ts_start_output(&state.output, opts,
			      opts->threads || opts->ntgids ? THREAD_FIELDS : GROUP_FIELDS);
	if (err)
		return err;
	err = ts_open(&nl);
	if (err)
		return finish(&state.output, ts_complain(&nl, err, "dump"));
	err = ts_dump(&nl, &dump);
	if (err)
		err = ts_complain(&nl, err, "dump");
	else
		err = end_dump(&state, &dump);
	ts_close(&nl);
	return finish(&state.output, err);
}

/* Commands and options */

enum {
	GET = 1 << 0,
	DUMP = 1 << 1,
	LISTEN = 1 << 2,
	TOP = 1 << 3,
	STAT = 1 << 4,
	ALL = GET | DUMP | LISTEN | TOP | STAT,
};

static const struct command {
	const char *name;
	unsigned int bit;
	int (*run)(const struct ts_options *opts);
	bool takes_args;
	const char *usage;
	const char *doc;
} commands[] = {
	{ "get", GET, cmd_get, true, "[PID...] [--tgid PID]... [--self]",
	  "a thread each, or with --tgid a group with all of its threads" },
	{ "dump", DUMP, cmd_dump, false, "[--threads] [--tgid PID] [--cgroup DIR]",
	  "all groups, or all threads, in one call" },
	{ "listen", LISTEN, cmd_listen, false,
	  "[--groups] [--threads] [--cgroup DIR] [--cpus LIST] ...",
	  "a record of each that exits, as it does" },
	{ "top", TOP, cmd_top, false, "[--only] [--sort cpu|io|delay] [--delay SECONDS] ...",
	  "who uses most, again and again" },
	{ "stat", STAT, cmd_stat, true, "[--output FILE] [--] COMMAND [ARGS...]",
	  "run a command and tell what it has used" },
};

static const struct option_doc {
	const char *name;
	char key;
	unsigned int commands;
	const char *arg;
	const char *doc;
	const char *values;	/* what it can be, where not every value will do */
} options[] = {
	{ "tgid", 'p', GET, "PID", "the group that this thread is in (several, too)",
	  UP_TO(ID_MAX) },
	{ "tgid", 'p', DUMP | TOP, "PID", "the threads of the group that this thread is in",
	  UP_TO(ID_MAX) },
	{ "self", 's', GET, NULL, "taskstats itself", NULL },
	{ "threads", 't', DUMP | TOP, NULL, "threads, not groups", NULL },
	{ "threads", 't', LISTEN, NULL, "each thread; with --groups, both", NULL },
	{ "groups", 'g', LISTEN, NULL, "each group, with its last thread (default)", NULL },
	{ "cgroup", 'C', DUMP | LISTEN | TOP, "DIR", "only tasks in this cgroup v2 or below",
	  NULL },
	{ "cpus", 'c', LISTEN, "LIST", "only exits on these CPUs, as in 0-3,5", NULL },
	{ "batch", 'b', LISTEN, "N", "records in a message (1)", UP_TO(BATCH_MAX) },
	{ "wait", 'w', LISTEN, "MS", "longest time that a record waits for its batch (1000)",
	  UP_TO(WAIT_MAX) },
	{ "buffer", 'B', LISTEN, "KIB", "size of the receive buffer (4096)", UP_TO(BUFFER_MAX) },
	{ "count", 'n', LISTEN, "N", "end after so many records", UP_TO(COUNT_MAX) },
	{ "only", 'o', TOP, NULL, "leave out who has done nothing since (short: -o)", NULL },
	{ "sort", 'S', TOP, "WHAT", "by what (cpu)", "cpu, io or delay" },
	{ "delay", 'd', TOP, "SECONDS", "time between two rounds (2)", "0.01 to 1000000" },
	{ "count", 'n', TOP, "N", "end after so many rounds", UP_TO(COUNT_MAX) },
	{ "lines", 'l', TOP, "N", "show so many tasks (as the terminal holds, or all)",
	  UP_TO(COUNT_MAX) },
	{ "output", 'O', STAT, "FILE", "write to this file (stderr)", NULL },
	{ "json", 'j', ALL, NULL, "JSON, an object a line, in the units of --fields help", NULL },
	{ "fields", 'f', ALL, "LIST", "fields, or groups of them; \"help\" lists all", NULL },
	{ "no-header", 'H', ALL, NULL, "no titles above columns", NULL },
	{ "help", 'h', ALL, NULL, "this help", NULL },
	{ "version", 'V', ALL, NULL, "the version of struct taskstats that is known", NULL },
};

static void print_options(unsigned int bits)
{
	unsigned int i;

	puts(bits == ALL ? "\nOptions of all commands:" : "\nOptions:");
	for (i = 0; i < ARRAY_SIZE(options); i++) {
		const struct option_doc *o = &options[i];

		if ((o->commands & bits) == bits)
			printf("  --%-9s %-8s %s%s%s\n", o->name, o->arg ? o->arg : "", o->doc,
			       o->values ? ": " : "", o->values ? o->values : "");
	}
}

static int print_help(const struct command *command)
{
	unsigned int i;

	puts("Usage:");
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		const struct command *c = &commands[i];

		if (!command || c == command)
			printf("  taskstats %s %s\n      %s\n", c->name, c->usage, c->doc);
	}
	print_options(command ? command->bit : ALL);
	if (!command)
		puts("\nThose of a command: taskstats COMMAND --help");
	puts("\nExit status: 0 all is well, 1 failed, 2 wrong usage, 3 no such task,\n"
	     "4 not permitted, 5 the kernel lacks it. See taskstats(8).");
	return EXIT_OK;
}

static int usage_error(const struct command *command)
{
	fprintf(stderr, "Try: taskstats %s%s--help\n", command ? command->name : "",
		command ? " " : "");
	return EXIT_USAGE;
}

static int bad_value(const struct command *command, int key, const char *value)
{
	const struct option_doc *o = options;

	while (o->key != key || !(o->commands & command->bit))
		o++;
	fprintf(stderr, "taskstats: --%s cannot be %s, but %s\n", o->name, value, o->values);
	return EXIT_USAGE;
}

/* What getopt_long() wants, of one command; each key of an option is a letter. */
static void long_options(struct option *longs, unsigned int bit)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(options); i++) {
		const struct option_doc *o = &options[i];

		if (o->commands & bit)
			*longs++ = (struct option) {
				o->name, o->arg ? required_argument : no_argument, NULL, o->key
			};
	}
	*longs = (struct option) {};
}

static bool take_flag(struct ts_options *opts, int key)
{
	switch (key) {
	case 's':
		opts->self = true;
		return true;
	case 't':
		opts->threads = true;
		return true;
	case 'g':
		opts->groups = true;
		return true;
	case 'o':
		opts->only = true;
		return true;
	case 'j':
		opts->json = true;
		return true;
	case 'H':
		opts->no_header = true;
		return true;
	default:
		return false;
	}
}

static bool take_text(struct ts_options *opts, int key, const char *value)
{
	switch (key) {
	case 'C':
		opts->cgroup = value;
		return true;
	case 'c':
		opts->cpus = value;
		return true;
	case 'f':
		opts->fields = value;
		return true;
	case 'O':
		opts->output = value;
		return true;
	default:
		return false;
	}
}

static bool take_tgid(struct ts_options *opts, const char *value)
{
	return parse_u32(value, 1, ID_MAX, &opts->tgids[opts->ntgids++]);
}

/* Returns false if the value is none. */
static bool take_value(struct ts_options *opts, int key, const char *value)
{
	switch (key) {
	case 'p':
		return take_tgid(opts, value);
	case 'b':
		return parse_u32(value, 1, BATCH_MAX, &opts->batch);
	case 'w':
		return parse_u32(value, 1, WAIT_MAX, &opts->wait);
	case 'B':
		return parse_u32(value, 1, BUFFER_MAX, &opts->buffer);
	case 'n':
		return parse_u32(value, 1, COUNT_MAX, &opts->count);
	case 'l':
		return parse_u32(value, 1, COUNT_MAX, &opts->lines);
	case 'd':
		return parse_seconds(value, &opts->delay);
	case 'S':
		return parse_sort(value, &opts->sort);
	default:
		return false;
	}
}

static int print_version(void)
{
	printf("taskstats, for struct taskstats version %d (%zu bytes)\n", TASKSTATS_VERSION,
	       sizeof(struct taskstats));
	return EXIT_OK;
}

/* Sets @status and returns true when nothing more is to be done. */
static bool parse(const struct command *command, int argc, char **argv,
		  struct ts_options *opts, int *status)
{
	struct option longs[ARRAY_SIZE(options) + 1];
	/* What follows a command to run is its own. */
	const char *shorts = command->bit == STAT ? "+hV" : command->bit == TOP ? "hVo" : "hV";
	int key;

	argv[0] = program_invocation_short_name;	/* in what getopt_long() has to say */
	long_options(longs, command->bit);
	while ((key = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		*status = EXIT_OK;
		if (key == 'h')
			*status = print_help(command);
		else if (key == 'V')
			*status = print_version();
		else if (key == '?')
			*status = usage_error(command);
		else if (take_flag(opts, key) || take_text(opts, key, optarg) ||
			 take_value(opts, key, optarg))
			continue;
		else
			*status = bad_value(command, key, optarg);
		return true;
	}
	return false;
}

static int run_with(const struct command *command, const struct ts_options *opts)
{
	if (opts->fields && !strcmp(opts->fields, "help")) {
		ts_fields_help(stdout);
		return EXIT_OK;
	}
	if (*opts->argv && !command->takes_args) {
		fprintf(stderr, "taskstats: %s does not take %s\n", command->name, *opts->argv);
		return usage_error(command);
	}
	if (!*opts->argv && command->bit == STAT) {
		fputs("taskstats: stat takes a command to run\n", stderr);
		return usage_error(command);
	}
	if (opts->ntgids > 1 && command->bit != GET) {
		fprintf(stderr, "taskstats: %s takes one --tgid only\n", command->name);
		return usage_error(command);
	}
	return command->run(opts);
}

static int run_command(const struct command *command, int argc, char **argv)
{
	/* Each argument may name one. */
	struct ts_options opts = { .delay = 2, .tgids = calloc(argc, sizeof(*opts.tgids)) };
	int status;

	if (!opts.tgids)
		return no_memory();
	if (!parse(command, argc, argv, &opts, &status)) {
		opts.argv = argv + optind;
		status = run_with(command, &opts);
	}
	free(opts.tgids);
	return status;
}

static const struct command *find_command(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (!strcmp(name, commands[i].name))
			return &commands[i];
	}
	return NULL;
}

static int run(int argc, char **argv)
{
	const struct command *command;

	if (argc < 2)
		return usage_error(NULL);
	command = find_command(argv[1]);
	if (command)
		return run_command(command, argc - 1, argv + 1);
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help"))
		return print_help(NULL);
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V"))
		return print_version();
	if (argc > 2 && !strcmp(argv[1], "--fields") && !strcmp(argv[2], "help")) {
		ts_fields_help(stdout);
		return EXIT_OK;
	}
	fprintf(stderr, "taskstats: there is no command %s\n", argv[1]);
	return usage_error(NULL);
}

/* Or else a socket takes the place of a closed stdout and gets what is printed. */
static void have_standard_files(void)
{
	int fd;

	do {
		/* What is written to it fails, as to what is closed. */
		fd = open("/dev/null", O_RDONLY);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	const struct ts_output output = { .out = stdout };
	int status;

	have_standard_files();
	status = run(argc, argv);
	return status ? status : ts_output_end(&output);
}
