// SPDX-License-Identifier: GPL-2.0
/*
 * taskstats: tables and reports for people, JSON for programs, and how to write them
 * though nobody may read.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "taskstats.h"

#define CELL	64	/* room for what ts_show() makes of any field */

/* Output that nobody may read */

/* Once a signal has come, who does not read for so long is not waited for. */
#define GRACE_S		1

/* Room for the records of a message, and as much again. */
#define OUTPUT_SIZE	131072

/* To these nothing is written any more, as there was no room. */
static bool given_up[STDERR_FILENO + 1];

static bool wait_for_room(int fd)
{
	const struct timespec grace = { .tv_sec = GRACE_S };
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };
	int n;

	if (given_up[fd])
		return false;
	do {
		n = ts_wait(&pfd, ts_is_stopped() ? &grace : NULL);
	} while (n < 0 && errno == EINTR);
	given_up[fd] = !n;
	return n > 0;
}

/* Whole lines, which a pipe takes whole when it has room for anything. */
static size_t size_of_lines(const char *buf, size_t size)
{
	const char *end;

	if (size <= PIPE_BUF)
		return size;
	end = memrchr(buf, '\n', PIPE_BUF);
	return end ? end + 1 - buf : PIPE_BUF;
}

/* Of a stream: less than all is an error. */
static ssize_t write_patiently(void *cookie, const char *buf, size_t size)
{
	size_t done = 0;
	sigset_t before;
	ssize_t n = 0;

	(void)cookie;
	while (done < size && wait_for_room(STDOUT_FILENO)) {
		ts_let_signals(&before);
		n = write(STDOUT_FILENO, buf + done, size_of_lines(buf + done, size - done));
		sigprocmask(SIG_SETMASK, &before, NULL);
		if (n < 0 && errno != EINTR)
			break;
		done += n < 0 ? 0 : n;
	}
	return done;
}

/**
 * ts_open_patient - open stdout anew, for a command that catches signals
 *
 * Where there is no room it is waited for, but not for ever once a signal has come.
 *
 * Return: the stream, or NULL.
 */
FILE *ts_open_patient(void)
{
	static char buffer[OUTPUT_SIZE];
	FILE *out = fopencookie(NULL, "w", (cookie_io_functions_t) { .write = write_patiently });

	if (out)
		setvbuf(out, buffer, _IOFBF, sizeof(buffer));
	return out;
}

/**
 * ts_flush_lines - write what there is before the stream does, which would cut a line
 * @out: a stream of ts_open_patient(), at the end of a line
 */
void ts_flush_lines(FILE *out)
{
	if (__fpending(out) > OUTPUT_SIZE / 2)
		fflush(out);
}

/**
 * ts_vsay - tell on stderr
 * @format: as for vprintf()
 * @args: the same
 *
 * Nobody may read that either.
 */
void ts_vsay(const char *format, va_list args)
{
	sigset_t before;

	if (!wait_for_room(STDERR_FILENO))
		return;
	ts_let_signals(&before);
	vfprintf(stderr, format, args);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

/**
 * ts_say - tell on stderr
 * @format: as for printf()
 */
void ts_say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	ts_vsay(format, args);
	va_end(args);
}

/* Selection of fields */

static int add_field(struct ts_output *output, const struct ts_field *field)
{
	const struct ts_field **fields;
	unsigned int i;

	/* An object has a member once. */
	for (i = 0; i < output->nfields; i++) {
		if (output->fields[i] == field)
			return 0;
	}
	fields = realloc(output->fields, (output->nfields + 1) * sizeof(*fields));
	if (!fields)
		return -ENOMEM;
	fields[output->nfields++] = field;
	output->fields = fields;
	return 0;
}

/* All fields, or those of a group; there are none of any other name. */
static int add_group(struct ts_output *output, const char *name)
{
	bool all = !strcmp(name, "all"), any = false;
	unsigned int i;

	for (i = 0; i < ts_nfields; i++) {
		const struct ts_field *field = &ts_fields[i];

		if (!all && strcmp(name, ts_group_names[field->group]))
			continue;
		if (add_field(output, field))
			return -ENOMEM;
		any = true;
	}
	return any ? 0 : -ENOENT;
}

static int add_name(struct ts_output *output, const char *name)
{
	const struct ts_field *field = ts_field(name);
	int err = field ? add_field(output, field) : add_group(output, name);

	if (err == -ENOENT)
		fprintf(stderr, "taskstats: there is no field %s: see --fields help\n", name);
	return err;
}

/**
 * ts_output_init - choose what is shown
 * @output: what to prepare; ts_output_free() frees it
 * @fields: names of fields and groups, or NULL
 * @by_default: the same, if that is NULL
 *
 * Return: 0, -ENOENT if there is no field of a name, which is told, or -ENOMEM.
 */
int ts_output_init(struct ts_output *output, const char *fields, const char *by_default)
{
	char *list = strdup(fields ? fields : by_default);
	char *name, *rest = list;
	int err = list ? 0 : -ENOMEM;

	while (!err && (name = strsep(&rest, ",")))
		err = add_name(output, name);
	free(list);
	return err;
}

/**
 * ts_output_free - the counterpart of ts_output_init()
 * @output: what it has prepared
 */
void ts_output_free(struct ts_output *output)
{
	if (output->out && output->out != stdout && output->out != stderr)
		fclose(output->out);
	free(output->fields);
	output->fields = NULL;
	output->nfields = 0;
}

/* JSON */

static void json_text(FILE *out, const char *text, size_t max)
{
	const unsigned char *s = (const unsigned char *)text, *end = s + strnlen(text, max);
	int len;

	fputc('"', out);
	for (; s < end; s += len ? len : 1) {
		len = ts_utf8_len(s, end - s);
		if (!len) {
			fputs("\\ufffd", out);
		} else if (ts_is_control(s)) {
			/* of two bytes the second one is the number, too */
			fprintf(out, "\\u%04x", s[len - 1]);
		} else {
			if (*s == '"' || *s == '\\')
				fputc('\\', out);
			fwrite(s, len, 1, out);
		}
	}
	fputc('"', out);
}

static void json_value(FILE *out, const struct ts_field *field, const struct ts_record *record)
{
	const void *p = (const char *)record + field->offset;
	const struct __kernel_timespec *ts = p;

	switch (field->type) {
	case TYPE_TEXT:
		json_text(out, p, field->size);
		break;
	case TYPE_BOOL:
		fputs(*(const bool *)p ? "\"group\"" : "\"thread\"", out);
		break;
	case TYPE_SINT:
		fprintf(out, "%d", *(const __s8 *)p);
		break;
	case TYPE_TIME:
		fprintf(out, "%lld.%09lld", (long long)ts->tv_sec, (long long)ts->tv_nsec);
		break;
	default:
		if (field->unit == UNIT_DELAYS)
			fprintf(out, "\"%s\"", ts_delays_name(record->delays));
		else
			fprintf(out, "%llu", (unsigned long long)ts_value(field, record));
	}
}

/**
 * ts_output_json - print a record as a JSON object
 * @output: how
 * @record: the record
 * @more: members to add, or NULL
 *
 * Fields that this kernel does not tell are left out.
 */
void ts_output_json(const struct ts_output *output, const struct ts_record *record,
		    const char *more)
{
	FILE *out = output->out;
	const char *comma = "";
	unsigned int i;

	fputc('{', out);
	for (i = 0; i < output->nfields; i++) {
		const struct ts_field *field = output->fields[i];

		if (!ts_field_known(field, record))
			continue;
		fprintf(out, "%s\"%s\":", comma, field->name);
		json_value(out, field, record);
		comma = ",";
	}
	if (output->interval_ns) {
		fprintf(out, "%s\"interval_ns\":%llu", comma,
			(unsigned long long)output->interval_ns);
		comma = ",";
	}
	if (more)
		fprintf(out, "%s%s", comma, more);
	fputs("}\n", out);
}

/* Tables */

/* How many characters it has, of which each is taken to be a column wide. */
static int columns(const char *text)
{
	int n = 0;

	for (; *text; text++)
		n += (*text & 0xc0) != 0x80;	/* not within a character of UTF-8 */
	return n;
}

/* What begins so far to the right ends where it should, if it fits; else returns by how far. */
static int cell(const struct ts_output *output, unsigned int i, const char *text, int late)
{
	int width = ts_field_width(output->fields[i]);
	int pad = abs(width) - late - columns(text);

	if (i)
		fputc(' ', output->out);
	if (width > 0 && pad > 0)
		fprintf(output->out, "%*s", pad, "");
	fputs(text, output->out);
	if (width < 0 && pad > 0 && i < output->nfields - 1)
		fprintf(output->out, "%*s", pad, "");
	return pad < 0 ? -pad : 0;
}

/**
 * ts_output_header - print the titles of the columns
 * @output: how
 */
void ts_output_header(struct ts_output *output)
{
	unsigned int i;

	output->begun = true;
	if (output->json || output->report || !output->header)
		return;
	for (i = 0; i < output->nfields; i++)
		cell(output, i, output->fields[i]->title ? output->fields[i]->title :
							  output->fields[i]->name, 0);
	fputc('\n', output->out);
}

static void print_row(const struct ts_output *output, const struct ts_record *record)
{
	char text[CELL];
	unsigned int i;
	int late = 0;

	for (i = 0; i < output->nfields; i++) {
		ts_show(text, sizeof(text), output->fields[i], record, output->interval_ns);
		late = cell(output, i, text, late);
	}
	fputc('\n', output->out);
}

/* Reports */

static void print_section(const struct ts_output *output, const struct ts_record *record,
			  enum ts_group group)
{
	char text[CELL];
	bool begun = false;
	unsigned int i;

	for (i = 0; i < ts_nfields; i++) {
		const struct ts_field *field = &ts_fields[i];

		/* Waits for a CPU are shown with the other ones. */
		if (field->group != group || !ts_field_known(field, record) ||
		    strstr(field->name, "_delay_") || !strcmp(field->name, "cpu_count"))
			continue;
		if (!begun)
			fprintf(output->out, "\n%s\n", ts_group_names[group]);
		begun = true;
		ts_show(text, sizeof(text), field, record, 0);
		fprintf(output->out, "  %-26s %19s  %s\n", field->name, text, field->doc);
	}
}

/* A field of a cause of delays, by the end of its name. */
static const struct ts_field *cause_field(const char *cause, const char *what)
{
	char name[CELL];

	snprintf(name, sizeof(name), "%s_%s", cause, what);
	return ts_field(name);
}

static void cause_cell(const struct ts_output *output, const struct ts_record *record,
		       const char *cause, const char *what, int width)
{
	char text[CELL];

	ts_show(text, sizeof(text), cause_field(cause, what), record, 0);
	fprintf(output->out, " %*s", width, text);
}

static void print_cause(const struct ts_output *output, const struct ts_record *record,
			const char *cause)
{
	const struct ts_field *count = cause_field(cause, "count");
	struct ts_record average = *record;

	if (!ts_field_known(count, record))
		return;
	fprintf(output->out, "  %-10s", cause);
	cause_cell(output, record, cause, "count", 9);
	cause_cell(output, record, cause, "delay_total", 10);
	if (ts_value(count, record)) {
		const struct ts_field *total = cause_field(cause, "delay_total");
		__u64 value = ts_value(total, record) / ts_value(count, record);

		memcpy((char *)&average + total->offset, &value, sizeof(value));
	}
	cause_cell(output, &average, cause, "delay_total", 10);
	cause_cell(output, record, cause, "delay_max", 10);
	cause_cell(output, record, cause, "delay_min", 10);
	cause_cell(output, record, cause, "delay_max_ts", 23);
	fputc('\n', output->out);
}

/**
 * ts_output_delays - print a table of delays
 * @output: where
 * @record: whose
 */
void ts_output_delays(const struct ts_output *output, const struct ts_record *record)
{
	static const char *const causes[] = {
		"cpu", "blkio", "swapin", "freepages", "thrashing", "compact", "wpcopy", "irq"
	};
	unsigned int i;

	fprintf(output->out, "  %-10s %9s %10s %10s %10s %10s %23s\n", "waits for", "times",
		"total", "average", "longest", "shortest", "end of the longest");
	for (i = 0; i < ARRAY_SIZE(causes); i++)
		print_cause(output, record, causes[i]);
}

static void print_report(const struct ts_output *output, const struct ts_record *record)
{
	const struct taskstats *stats = &record->stats;
	char comm[CELL];
	unsigned int group;

	ts_show(comm, sizeof(comm), ts_field("ac_comm"), record, 0);
	fprintf(output->out, "%s%s %u (%s)", output->told ? "\n" : "",
		record->group ? "group" : "thread", record->id, comm);
	if (!record->group && stats->ac_tgid)
		fprintf(output->out, " of group %u", stats->ac_tgid);
	fputc('\n', output->out);
	for (group = GROUP_IDENTITY; group < NGROUPS; group++) {
		if (group != GROUP_DELAY)
			print_section(output, record, group);
	}
	fprintf(output->out, "\n%s, measured: %s\n", ts_group_names[GROUP_DELAY],
		ts_delays_name(record->delays));
	ts_output_delays(output, record);
}

/**
 * ts_output_record - print a record, below the titles of the columns
 * @record: the record
 * @arg: struct ts_output, how
 */
void ts_output_record(const struct ts_record *record, void *arg)
{
	struct ts_output *output = arg;

	if (!output->begun)
		ts_output_header(output);
	if (output->json)
		ts_output_json(output, record, NULL);
	else if (output->report)
		print_report(output, record);
	else
		print_row(output, record);
	output->told++;
	output->measured += record->delays != TASKSTATS_DELAYS_NONE;
}

/* Is anything shown that has not been measured? */
static bool shows_delays(const struct ts_output *output)
{
	unsigned int i;

	for (i = 0; i < output->nfields; i++) {
		if (output->fields[i]->group == GROUP_DELAY)
			return true;
	}
	return output->report;
}

/**
 * ts_output_hints - tell people why there is nothing to see
 * @output: what has been shown
 */
void ts_output_hints(const struct ts_output *output)
{
	if (output->json || !output->told || output->measured || !shows_delays(output))
		return;
	fflush(output->out);
	ts_say("taskstats: delays were not measured. \"sysctl kernel.task_delayacct=1\" has them\n"
	       "measured for tasks that begin from then on, \"delayacct\" on the kernel's command\n"
	       "line for all; the kernel needs CONFIG_TASK_DELAY_ACCT.\n");
}

/**
 * ts_output_end - see that all has been written
 * @output: where to
 *
 * Return: an exit status.
 */
int ts_output_end(const struct ts_output *output)
{
	int err = fflush(output->out);

	if (!err && !ferror(output->out))
		return EXIT_OK;
	if (given_up[STDOUT_FILENO])
		ts_say("taskstats: nobody has read the end of the output: it is lost\n");
	else
		ts_say("taskstats: cannot write: %s\n", strerror(errno));
	return EXIT_FAILED;
}
