// SPDX-License-Identifier: GPL-2.0
/*
 * taskstats stat: run a command and tell what it has used.
 *
 * Its group is asked for when all of it has ended and before it is reaped, by a
 * file descriptor that cannot come to stand for another. That takes no privilege.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "taskstats.h"

/* As of env(1), timeout(1) and the like. */
#define EXIT_CANNOT_RUN		126
#define EXIT_NOT_FOUND		127

/**
 * struct child - the command
 * @pid: its id
 * @pidfd: file descriptor for it
 * @cannot_begin: errno, if there was nothing to run
 * @status: how it has ended, as of wait()
 * @rusage: what it has used with the children that it has waited for
 * @elapsed_us: how long it has lived
 */
struct child {
	pid_t pid;
	int pidfd;
	int cannot_begin;
	int status;
	struct rusage rusage;
	__u64 elapsed_us;
};

/* Who runs, or 0. */
static sig_atomic_t command;

static void set_command(pid_t pid)
{
	__atomic_store_n(&command, pid, __ATOMIC_RELAXED);
}

static void pass_on(int sig)
{
	pid_t pid = __atomic_load_n(&command, __ATOMIC_RELAXED);
	int err = errno;

	/* If nobody takes it, or not from us, the next one ends us. */
	if (!pid || kill(pid, sig))
		signal(sig, SIG_DFL);
	errno = err;
}

static void keep(const struct ts_record *record, void *arg)
{
	*(struct ts_record *)arg = *record;
}

/*
 * Asks about ourselves, before anything is run. An old kernel does not know of
 * file descriptors, and so does not know what is asked.
 */
static int probe(struct ts_nl *nl)
{
	int fd = syscall(SYS_pidfd_open, getpid(), 0);
	int err;

	if (fd < 0)
		return -EOPNOTSUPP;
	err = ts_get(nl, TASKSTATS_CMD_ATTR_PIDFD, fd);
	close(fd);
	if (err != -EINVAL)
		return err;
	nl->message[0] = '\0';
	return -EOPNOTSUPP;
}

/*
 * What is typed at the terminal is for the command, and so is what a batch system ends
 * a job with: we tell how it ended. That cannot be told of children that nobody waits
 * for.
 */
static const struct {
	int sig;
	void (*handler)(int sig);
} signals[] = {
	{ SIGINT, SIG_IGN }, { SIGQUIT, SIG_IGN }, { SIGCHLD, SIG_DFL },
	{ SIGTERM, pass_on }, { SIGHUP, pass_on },
};

static void set_signals(struct sigaction before[ARRAY_SIZE(signals)])
{
	struct sigaction action = { .sa_flags = SA_RESTART };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(signals); i++) {
		action.sa_handler = signals[i].handler;
		sigaction(signals[i].sig, &action, &before[i]);
		/* As nohup(1) has it. */
		if (action.sa_handler == pass_on && before[i].sa_handler == SIG_IGN)
			sigaction(signals[i].sig, &before[i], NULL);
	}
}

/* The file is closed when the command begins, or says why it does not. */
static void execute(char **argv, const struct sigaction before[ARRAY_SIZE(signals)],
		    const sigset_t *mask, int fd)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i].sig, &before[i], NULL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	execvp(argv[0], argv);
	err = errno;
	_exit(write(fd, &err, sizeof(err)) == sizeof(err) ? 0 : EXIT_CANNOT_RUN);
}

/* Returns the errno that it could not begin with, or 0. */
static int wait_for_begin(int fd)
{
	ssize_t len;
	int err;

	do {
		len = read(fd, &err, sizeof(err));
	} while (len < 0 && errno == EINTR);
	return len == sizeof(err) ? err : 0;
}

static int start(struct child *child, char **argv)
{
	struct sigaction before[ARRAY_SIZE(signals)];
	sigset_t all, mask;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	/* None that is to be passed on comes before there is somebody to pass it to. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &mask);
	set_signals(before);
	child->pid = fork();
	if (!child->pid)
		execute(argv, before, &mask, fds[1]);
	if (child->pid > 0)
		set_command(child->pid);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	close(fds[1]);
	if (child->pid > 0) {
		/* Nobody else reaps it: the id is its own until we do. */
		child->pidfd = syscall(SYS_pidfd_open, child->pid, 0);
		child->cannot_begin = wait_for_begin(fds[0]);
	}
	close(fds[0]);
	return child->pid < 0 ? -EAGAIN : 0;
}

static int wait_for_end(const struct child *child)
{
	siginfo_t info;
	int err;

	do {
		err = waitid(P_PID, child->pid, &info, WEXITED | WNOWAIT) ? -errno : 0;
	} while (err == -EINTR);
	return err;
}

static void reap(struct child *child)
{
	set_command(0);	/* its id may be somebody else's afterwards */
	while (wait4(child->pid, &child->status, 0, &child->rusage) < 0 && errno == EINTR)
		;
	if (child->pidfd >= 0)
		close(child->pidfd);
}

static __u64 now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000ULL + now.tv_nsec / 1000;
}

/* Report */

static void line(const struct ts_output *output, const char *value, const char *what)
{
	fprintf(output->out, "  %14s  %s\n", value, what);
}

static void field_line(const struct ts_output *output, const struct ts_record *record,
		       const char *name)
{
	const struct ts_field *field = ts_field(name);
	char text[64];

	ts_show(text, sizeof(text), field, record, 0);
	line(output, text, field->doc);
}

static void field_lines(const struct ts_output *output, const struct ts_record *record,
			const char *const *names)
{
	for (; *names; names++)
		field_line(output, record, *names);
}

static unsigned long long timeval_us(const struct timeval *tv)
{
	return tv->tv_sec * 1000000ULL + tv->tv_usec;
}

static void print_cpu_share(const struct ts_output *output, const struct ts_record *record)
{
	const struct taskstats *stats = &record->stats;
	double us = stats->cpu_run_virtual_total / 1e3;
	char text[32];

	if (!stats->ac_tgetime)
		return;
	/* Without CONFIG_TASK_DELAY_ACCT only ticks are counted. */
	if (!us)
		us = stats->ac_utime + stats->ac_stime;
	snprintf(text, sizeof(text), "%.0f%%", 100 * us / stats->ac_tgetime);
	line(output, text, "of a CPU");
}

/* With the children, as time(1) has it. */
static void print_children(const struct ts_output *output, const struct child *child)
{
	struct ts_record all = { .group = true, .len = sizeof(all.stats) };

	all.stats.ac_pid = child->pid;
	all.stats.ac_utime = timeval_us(&child->rusage.ru_utime);
	all.stats.ac_stime = timeval_us(&child->rusage.ru_stime);
	all.stats.hiwater_rss = child->rusage.ru_maxrss;
	fputs("\nwith the children that it has waited for\n", output->out);
	field_lines(output, &all, (const char *const[]) {
		"ac_utime", "ac_stime", "hiwater_rss", NULL
	});
}

static void print_end(const struct ts_output *output, const struct child *child)
{
	if (WIFSIGNALED(child->status))
		fprintf(output->out, "killed by signal %d (%s)%s\n\n", WTERMSIG(child->status),
			strsignal(WTERMSIG(child->status)),
			WCOREDUMP(child->status) ? ", core dumped" : "");
	else
		fprintf(output->out, "exited with %d\n\n", WEXITSTATUS(child->status));
}

static void print_people(struct ts_output *output, const struct ts_record *record,
			 const struct child *child)
{
	char comm[64];

	ts_show(comm, sizeof(comm), ts_field("ac_comm"), record, 0);
	fprintf(output->out, "\ngroup %u (%s) ", record->id, comm);
	print_end(output, child);
	field_lines(output, record, (const char *const[]) {
		"ac_tgetime", "cpu_run_virtual_total", NULL
	});
	print_cpu_share(output, record);
	field_lines(output, record, (const char *const[]) {
		"ac_utime", "ac_stime", "hiwater_rss", "ac_minflt", "ac_majflt", "nvcsw", "nivcsw",
		"read_char", "write_char", "read_bytes", "write_bytes", NULL
	});
	fputc('\n', output->out);
	ts_output_delays(output, record);
	print_children(output, child);
	output->told++;
	output->measured += record->delays != TASKSTATS_DELAYS_NONE;
}

static void print_json(const struct ts_output *output, const struct ts_record *record,
		       const struct child *child)
{
	const struct rusage *usage = &child->rusage;
	char more[256];

	snprintf(more, sizeof(more),
		 "\"with_children\":{\"utime\":%llu,\"stime\":%llu,\"maxrss\":%ld,\"minflt\":%ld,\"majflt\":%ld}",
		 timeval_us(&usage->ru_utime), timeval_us(&usage->ru_stime),
		 usage->ru_maxrss, usage->ru_minflt, usage->ru_majflt);
	ts_output_json(output, record, more);
}

/* A zombie grows older until it is asked about: told is the time that it lived. */
static void print_stat(struct ts_output *output, struct ts_record *record,
		       const struct child *child)
{
	if (child->elapsed_us < record->stats.ac_tgetime)
		record->stats.ac_tgetime = child->elapsed_us;
	if (output->json)
		print_json(output, record, child);
	else if (output->report)
		print_people(output, record, child);
	else
		ts_output_record(record, output);
}

static int exit_status_of(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int cannot_begin(const struct child *child, const char *name)
{
	fprintf(stderr, "taskstats: %s: %s\n", name, strerror(child->cannot_begin));
	return child->cannot_begin == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
}

static int run(struct ts_nl *nl, struct ts_output *output, char **argv)
{
	struct child child = { .pidfd = -1 };
	struct ts_record record = {};
	__u64 begin = now_us();
	int err;

	nl->arg = &record;
	err = start(&child, argv);
	if (err)
		return ts_complain(nl, err, "stat");
	err = wait_for_end(&child);
	child.elapsed_us = now_us() - begin;
	if (!err && !child.cannot_begin)
		err = ts_get(nl, TASKSTATS_CMD_ATTR_PIDFD, child.pidfd);
	reap(&child);
	if (child.cannot_begin)
		return cannot_begin(&child, argv[0]);
	if (err)
		ts_complain(nl, err, "%s has ended with %d, but there are no figures", argv[0],
			    exit_status_of(child.status));
	else
		print_stat(output, &record, &child);
	return exit_status_of(child.status);
}

/* What others write to stderr is before it or behind it. */
static int open_output(struct ts_output *output, const char *path)
{
	static char buffer[16384];

	output->out = stderr;
	if (!path) {
		setvbuf(stderr, buffer, _IOFBF, sizeof(buffer));
		return EXIT_OK;
	}
	output->out = fopen(path, "we");
	if (output->out)
		return EXIT_OK;
	fprintf(stderr, "taskstats: %s: %s\n", path, strerror(errno));
	return EXIT_FAILED;
}

static int close_output(struct ts_output *output, const char *path)
{
	int err = ts_output_end(output);

	if (output->out == stderr)
		return err;
	if (fclose(output->out) && !err) {
		fprintf(stderr, "taskstats: %s: %s\n", path, strerror(errno));
		err = EXIT_FAILED;
	}
	output->out = NULL;
	return err;
}

static int stat_with(struct ts_output *output, const struct ts_options *opts)
{
	struct ts_record self;
	struct ts_nl nl = { .record = keep, .arg = &self };
	int err = ts_open(&nl);

	if (err)
		return ts_complain(&nl, err, "stat");
	err = probe(&nl);
	if (err)
		err = ts_complain(&nl, err, "stat");
	else
		err = run(&nl, output, opts->argv);
	ts_close(&nl);
	ts_output_hints(output);
	return err;
}

/**
 * cmd_stat - run a command and tell what it has used
 * @opts: the command, and how to tell
 *
 * Return: the exit status of the command, if it was run.
 */
int cmd_stat(const struct ts_options *opts)
{
	struct ts_output output;
	int err = ts_start_output(&output, opts, "all");
	int end;

	if (err)
		return err;
	output.report = !opts->fields && !opts->json;
	err = open_output(&output, opts->output);
	if (!err) {
		err = stat_with(&output, opts);
		end = close_output(&output, opts->output);
		err = err ? err : end;
	}
	ts_output_free(&output);
	return err;
}
