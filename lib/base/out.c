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
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/filter.h"
#include "base/json.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "base/out_parts.h"
#include "base/text.h"

#define BUFFER_FULL 32768
#define ROWS_AT_ONCE 1000

/* What a table needs until it is printed. */
struct table {
	const char *const *columns; /* the caller's, or own */
	char **own;
	size_t n;
	size_t *widths;
	char **cells; /* n cells for each row */
	size_t rows;
	int headed;
};

/*
 * The state of the process's stdout and stderr. All zeros is what holds at the start; sk_out_finish
 * empties table and pending.
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
	int progressing; /* a progress line is visible on the terminal */
	char *waits;     /* why nothing happens, or NULL */
	struct sk_text pending;
	struct table table;
} out;

/* --- stdout ------------------------------------------------------------------------------- */

static int
fail(struct sk_error *err)
{
	return sk_error_set(err, SK_EXIT_CANT_WRITE, "can't write to standard output: %s",
	    strerror(out.trouble));
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
	if (n > 0 && out.progressing && isatty(STDOUT_FILENO))
		sk_out_progress(NULL);
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
			sk_out_file_cut(begin, (size_t)(text - begin));
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
}

void
sk_out_format(enum sk_format format)
{
	out.format = format;
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

/* --- the table ---------------------------------------------------------------------------- */

void
sk_out_columns(const char *const *columns)
{
	out.table.columns = columns;
	for (out.table.n = 0; columns != NULL && columns[out.table.n] != NULL; out.table.n++)
		;
}

/* When no columns were named: the members of the first record that aren't arrays or objects. */
static void
columns_of(const json_t *record)
{
	json_t *members = json_copy((json_t *)(uintptr_t)record);
	const char *name;
	json_t *value;

	out.table.own = sk_mem_zero(json_object_size(members) + 1, sizeof(*out.table.own));
	json_object_foreach(members, name, value)
	{
		if (!json_is_object(value) && !json_is_array(value))
			out.table.own[out.table.n++] = sk_mem_copy(name);
	}
	out.table.columns = (const char *const *)out.table.own;
	json_decref(members);
}

static char *
cell(const json_t *value)
{
	char *text = sk_json_text(value);

	if (text == NULL && value != NULL && !json_is_null(value))
		text = sk_json_dump(value);
	return text != NULL ? text : sk_mem_copy("");
}

static size_t
width_of(const char *text)
{
	struct sk_text scratch = {0};
	size_t width = sk_text_add_shown(&scratch, text);

	sk_text_fini(&scratch);
	return width;
}

static void
add_cell(const char *text, size_t column)
{
	size_t width = sk_text_add_shown(&out.pending, text);

	if (column + 1 == out.table.n) {
		while (out.pending.used > 0 && out.pending.bytes[out.pending.used - 1] == ' ')
			sk_text_cut(&out.pending, out.pending.used - 1);
		sk_text_add(&out.pending, "\n");
		return;
	}
	for (; width < out.table.widths[column] + 2; width++)
		sk_text_add(&out.pending, " ");
}

static bool
wants_colour(void)
{
	const char *no_color = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");

	return isatty(STDOUT_FILENO) && (no_color == NULL || no_color[0] == '\0') &&
	    terminal != NULL && strcmp(terminal, "dumb") != 0;
}

static void
add_header(void)
{
	int colour = wants_colour();

	if (colour)
		sk_text_add(&out.pending, "\033[1m");
	for (size_t i = 0; i < out.table.n; i++)
		add_cell(out.table.columns[i], i);
	if (colour) {
		/*
		 * Colour is switched off before the newline, as some terminals paint the next line,
		 * too.
		 */
		sk_text_cut(&out.pending, out.pending.used - 1);
		sk_text_add(&out.pending, "\033[0m\n");
	}
}

/*
 * Prints the collected rows and frees them. Widths only grow, so that later blocks line up with
 * earlier ones.
 */
static void
flush_table(void)
{
	size_t n = out.table.rows * out.table.n;

	if (n == 0)
		return;
	if (out.table.widths == NULL) {
		out.table.widths = sk_mem_zero(out.table.n, sizeof(*out.table.widths));
		for (size_t i = 0; i < out.table.n; i++)
			out.table.widths[i] = width_of(out.table.columns[i]);
	}
	for (size_t i = 0; i < n; i++) {
		size_t width = width_of(out.table.cells[i]);

		if (width > out.table.widths[i % out.table.n])
			out.table.widths[i % out.table.n] = width;
	}
	if (!out.table.headed)
		add_header();
	out.table.headed = 1;
	for (size_t i = 0; i < n; i++) {
		add_cell(out.table.cells[i], i % out.table.n);
		free(out.table.cells[i]);
	}
	out.table.rows = 0;
}

static void
add_row(const json_t *record)
{
	char **row;

	if (out.table.columns == NULL)
		columns_of(record);
	if (out.table.n == 0)
		return;
	if (out.table.cells == NULL)
		out.table.cells = sk_mem_zero(ROWS_AT_ONCE * out.table.n, sizeof(*out.table.cells));
	row = out.table.cells + out.table.rows++ * out.table.n;
	for (size_t i = 0; i < out.table.n; i++)
		row[i] = cell(json_object_get(record, out.table.columns[i]));
	if (out.table.rows == ROWS_AT_ONCE)
		flush_table();
}

static void
free_table(void)
{
	for (size_t i = 0; out.table.own != NULL && i < out.table.n; i++)
		free(out.table.own[i]);
	free(out.table.own);
	free(out.table.cells);
	free(out.table.widths);
	memset(&out.table, 0, sizeof(out.table));
}

/* --- records ------------------------------------------------------------------------------ */

static void
add_record(const json_t *record)
{
	if (out.format == SK_FORMAT_TABLE) {
		add_row(record);
		return;
	}
	if (!out.begun && out.format == SK_FORMAT_JSONL && sk_out_file_is_torn())
		sk_text_add(&out.pending, "\n");
	out.begun = 1;
	if (out.format == SK_FORMAT_JSON)
		sk_text_add(&out.pending, out.in_array ? ",\n" : "[\n");
	out.in_array = 1;
	sk_json_write(&out.pending, record);
	if (out.format == SK_FORMAT_JSONL)
		sk_text_add(&out.pending, "\n");
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
		flush_table();
	else if (out.format == SK_FORMAT_JSON && (out.in_array || !out.wrote_text))
		sk_text_add(&out.pending, out.in_array ? "\n]\n" : "[]\n");
	out.in_array = 0;
	result = flush(err);
	if (result == 0 && !out.closed && close_copy() != 0)
		result = fail(err);
	free_table();
	sk_text_fini(&out.pending);
	sk_out_progress(NULL);
	return result;
}

int
sk_out_settle(bool is_last, struct sk_error *err)
{
	/* A line is in stdout when sk_out_record has returned 0, whatever became of later ones. */
	if (out.format == SK_FORMAT_JSONL) {
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
	sk_out_progress(NULL);
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

/* How many columns a line may take: one that wraps can't be overwritten in place. */
static size_t
columns_of_terminal(void)
{
	struct winsize size;

	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1U
									       : 79;
}

void
sk_out_progress(const char *format, ...)
{
	struct sk_text shown = {0}, line = {0};
	va_list args;
	char *text;

	if (format == NULL && !out.progressing)
		return;
	if (format != NULL && (out.quiet || !isatty(STDERR_FILENO)))
		return;
	sk_text_add(&line, "\r\033[K");
	out.progressing = format != NULL;
	if (format != NULL) {
		va_start(args, format);
		text = sk_mem_vprintf(format, args);
		va_end(args);
		sk_text_add_shown(&shown, text);
		if (out.waits != NULL) {
			sk_text_add(&shown, shown.used > 0 ? "; " : "");
			sk_text_add_shown(&shown, out.waits);
		}
		sk_text_add_bytes(&line, shown.bytes,
		    sk_utf8_fitting(shown.bytes, shown.used, columns_of_terminal()));
		sk_text_fini(&shown);
		free(text);
	}
	write_line(&line);
}

void
sk_out_waits(const char *why)
{
	free(out.waits);
	out.waits = why != NULL ? sk_mem_copy(why) : NULL;
	sk_out_progress(why != NULL ? "%s" : NULL, "");
}
