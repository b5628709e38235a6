/* SPDX-License-Identifier: MIT */
/*
 * out: writes records to stdout and messages to stderr. A failed write is remembered and reported
 * once, at the end, as 74; a reader that has closed the pipe is no failure.
 */
#include "base/out.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/filter.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "base/out_parts.h"
#include "base/progress.h"
#include "base/text.h"

#define BUFFER_FULL 32768

/*
 * The state of the process's stdout and stderr. All zeros is what holds at the start; sk_out_finish
 * empties pending.
 */
static struct {
	char *command;
	enum sk_format format;
	int quiet, verbose;
	int buffered;
	int closed;  /* the reader of stdout has closed it */
	int begun;   /* a record is in stdout, or on its way there */
	int trouble; /* errno of the first failed write; 0: none */
	int wrote_text;
	int in_array;
	int finished;
	struct sk_text pending;
} out;

const char *const sk_format_names[SK_FORMATS] = {"jsonl", "json", "table", "csv"};

/* --- stdout ------------------------------------------------------------------------------- */

static int
fail(struct sk_error *err)
{
	return sk_error_set(err, SK_EXIT_CANT_WRITE, "can't write to standard output: %s",
	    strerror(out.trouble));
}

/* How many of the first n bytes are whole lines. */
static size_t
whole_lines(const char *text, size_t n)
{
	if (out.format == SK_FORMAT_CSV)
		return sk_out_csv_whole(text, n);
	while (n > 0 && text[n - 1] != '\n')
		n--;
	return n;
}

/*
 * Returns 0, or -1 with out.trouble set: then stdout has no part of a line, where that can be had. A
 * closed reader counts as success.
 */
static int
write_all(const char *begin, size_t n)
{
	const char *text = begin;

	/*
	 * When stdout and stderr are the same screen, the progress line would precede the record.
	 */
	if (n > 0 && isatty(STDOUT_FILENO))
		sk_progress_erase();
	while (n > 0 && !out.closed) {
		ssize_t written = write(STDOUT_FILENO, text, n);

		if (written >= 0) {
			text += written;
			n -= (size_t)written;
		} else if (errno == EPIPE) {
			out.closed = 1;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			/* Another process that shares our stdout made it non-blocking. */
			struct pollfd waiting = {STDOUT_FILENO, POLLOUT, 0};

			poll(&waiting, 1, 1000);
		} else if (errno != EINTR) {
			out.trouble = errno;
			sk_out_file_cut(
			    (size_t)(text - begin) - whole_lines(begin, (size_t)(text - begin)));
			return -1;
		}
	}
	return 0;
}

static int
flush(struct sk_error *err)
{
	int result = out.trouble != 0 || write_all(out.pending.bytes, out.pending.used) != 0;

	sk_text_cut(&out.pending, 0);
	return result ? fail(err) : 0;
}

/*
 * If a standard descriptor is closed, the next file that is opened gets its number, and records
 * would be written into the database. So the number is taken by a descriptor that can't do what it
 * is used for: stdout and stderr are opened for reading only.
 */
static void
fill_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) == -1 && errno == EBADF) {
			/* It stays open on purpose. */
			/* cppcheck-suppress leakReturnValNotUsed */
			(void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
		}
	}
}

void
sk_out_init(const char *command)
{
	struct sigaction ignore;

	fill_descriptors();
	memset(&ignore, 0, sizeof(ignore));
	ignore.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &ignore, NULL);
	/* A file that reaches the limit of this process (ulimit -f) is a failed write, and no death. */
	sigaction(SIGXFSZ, &ignore, NULL);
	sk_mem_replace(&out.command, command);
}

const char *
sk_out_command(void)
{
	return out.command != NULL ? out.command : "";
}

void
sk_out_levels(int quiet, int verbose)
{
	out.quiet = quiet;
	out.verbose = verbose;
	sk_progress_silence(quiet != 0);
}

bool
sk_out_is_quiet(void)
{
	return out.quiet;
}

bool
sk_out_verboses(void)
{
	return out.verbose >= 1;
}

void
sk_out_format(enum sk_format format)
{
	out.format = format;
}

enum sk_format
sk_out_chosen_format(void)
{
	return out.format;
}

void
sk_out_buffered(int on)
{
	out.buffered = on;
}

bool
sk_out_is_closed(void)
{
	return out.closed;
}

/* --- records ------------------------------------------------------------------------------ */

/* Whether a record is written as lines of its own, as soon as it is known. */
static bool
has_lines(void)
{
	return out.format == SK_FORMAT_JSONL || out.format == SK_FORMAT_CSV ||
	    (out.format == SK_FORMAT_TABLE && sk_out_table_is_open());
}

static void
add_record(const json_t *record)
{
	if (!out.begun && has_lines() && sk_out_file_is_torn())
		sk_text_add(&out.pending, "\n");
	out.begun = 1;
	switch (out.format) {
	case SK_FORMAT_JSONL:
		sk_json_write(&out.pending, record);
		sk_text_add(&out.pending, "\n");
		break;
	case SK_FORMAT_JSON:
		sk_text_add(&out.pending, out.in_array ? ",\n" : "[\n");
		out.in_array = 1;
		sk_json_write(&out.pending, record);
		break;
	case SK_FORMAT_TABLE:
		sk_out_table_add(record, &out.pending);
		break;
	case SK_FORMAT_CSV:
		sk_out_csv_add(record, out.buffered, &out.pending);
		break;
	case SK_FORMAT_HTML:
		break;
	}
}

int
sk_out_record(const json_t *record, struct sk_error *err)
{
	if (out.trouble != 0)
		return fail(err);
	if (out.closed)
		return 0;
	add_record(record);
	if (out.buffered && out.pending.used < BUFFER_FULL)
		return 0;
	return flush(err);
}

/* Written directly, because keys are printed this way: no buffer keeps a copy. */
int
sk_out_text(const char *text, struct sk_error *err)
{
	out.wrote_text = 1;
	if (flush(err) != 0)
		return -1;
	return write_all(text, strlen(text)) != 0 ? fail(err) : 0;
}

/* Some file systems report a full disk only on close. */
static int
close_copy(void)
{
	int copy = dup(STDOUT_FILENO);

	if (copy == -1 || close(copy) == 0 || errno == EINTR)
		return 0;
	out.trouble = errno;
	return -1;
}

int
sk_out_finish(struct sk_error *err)
{
	int result;

	if (out.finished)
		return out.trouble != 0 ? fail(err) : 0;
	out.finished = 1;
	if (out.format == SK_FORMAT_TABLE)
		sk_out_table_end(&out.pending);
	else if (out.format == SK_FORMAT_CSV)
		sk_out_csv_end(&out.pending);
	else if (out.format == SK_FORMAT_JSON && (out.in_array || !out.wrote_text))
		sk_text_add(&out.pending, out.in_array ? "\n]\n" : "[]\n");
	out.in_array = 0;
	result = flush(err);
	if (result == 0 && !out.closed && close_copy() != 0)
		result = fail(err);
	sk_text_fini(&out.pending);
	sk_progress_erase();
	return result;
}

int
sk_out_settle(bool is_last, struct sk_error *err)
{
	/* A line is in stdout when sk_out_record has returned 0, whatever became of later ones. */
	if (has_lines()) {
		if (out.trouble == 0 && !out.closed && close_copy() != 0)
			return fail(err);
		return 1;
	}
	if (!is_last)
		return 0;
	if (sk_out_finish(err) != 0)
		return -1;
	return out.closed ? 0 : 1;
}

/* --- stderr ------------------------------------------------------------------------------- */

/*
 * One write for each line, so that lines of several processes don't mix. If it fails there is
 * nowhere to report it.
 */
static void
write_line(struct sk_text *line)
{
	ssize_t written = write(STDERR_FILENO, line->bytes, line->used);

	(void)written;
	sk_text_fini(line);
}

static void __attribute__((format(printf, 1, 0))) say(const char *format, va_list args)
{
	struct sk_text line = {0};
	char *said = sk_mem_vprintf(format, args), *text = sk_filter(said);

	free(said);
	sk_progress_erase();
	sk_text_add(&line, out.command != NULL ? out.command : "sikka");
	sk_text_add(&line, ": ");
	sk_text_add_shown(&line, text);
	sk_text_add(&line, "\n");
	write_line(&line);
	free(text);
}

void
sk_out_warn(const char *format, ...)
{
	va_list args;

	if (out.quiet)
		return;
	va_start(args, format);
	say(format, args);
	va_end(args);
}

void
sk_out_tell(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
}

void
sk_out_verbose(const char *format, ...)
{
	va_list args;

	if (out.verbose < 1)
		return;
	va_start(args, format);
	say(format, args);
	va_end(args);
}

void
sk_out_debug(const char *format, ...)
{
	va_list args;

	if (out.verbose < 2)
		return;
	va_start(args, format);
	say(format, args);
	va_end(args);
}

bool
sk_out_debugs(void)
{
	return out.verbose >= 2;
}
