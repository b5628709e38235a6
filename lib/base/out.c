/* SPDX-License-Identifier: MIT */
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

#include "base/json.h"
#include "base/mem.h"

#define BUFFER_FULL 32768
#define ROWS_AT_ONCE 1000

struct bytes {
	char *text;
	size_t used, room;
};

static struct {
	char *command;
	enum sk_format format;
	int quiet, verbose;
	int buffered;
	int started; /* the file descriptors are looked after */
	int closed;  /* the reader of stdout has gone */
	int trouble; /* errno of the write that failed, for good */
	int wrote_text;
	int in_array;
	int progressing; /* a line of progress stands on the terminal */
	struct bytes pending;
} out;

static struct {
	const char *const *columns; /* the caller's; or own */
	char **own;
	size_t n;
	size_t *widths;
	char **cells; /* n of them a row */
	size_t rows;
	int headed;
} table;

/* --- bytes -------------------------------------------------------------------------------- */

static void
add(struct bytes *bytes, const char *text, size_t n)
{
	if (bytes->room - bytes->used < n) {
		while (bytes->room - bytes->used < n)
			bytes->room = bytes->room > 0 ? bytes->room * 2 : 1024;
		bytes->text = sk_mem_resize(bytes->text, bytes->room, 1);
	}
	if (n > 0)
		memcpy(bytes->text + bytes->used, text, n);
	bytes->used += n;
}

static void
add_text(struct bytes *bytes, const char *text)
{
	add(bytes, text, strlen(text));
}

/* How many bytes the UTF-8 character at text has; 0 when it isn't one. */
static size_t
character(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t n, i;

	if (at[0] < 0x80)
		return 1;
	if (at[0] < 0xC2 || at[0] > 0xF4)
		return 0;
	n = at[0] < 0xE0 ? 2 : at[0] < 0xF0 ? 3 : 4;
	for (i = 1; i < n; i++) {
		if ((at[i] & 0xC0) != 0x80)
			return 0;
	}
	/* overlong forms, surrogates, and what is beyond Unicode */
	if ((at[0] == 0xE0 && at[1] < 0xA0) || (at[0] == 0xED && at[1] > 0x9F) ||
	    (at[0] == 0xF0 && at[1] < 0x90) || (at[0] == 0xF4 && at[1] > 0x8F))
		return 0;
	return n;
}

static int
is_control(const char *text, size_t n)
{
	const unsigned char *at = (const unsigned char *)text;

	if (n == 1)
		return at[0] < 0x20 || at[0] == 0x7F;
	/* U+0080 … U+009F: terminals obey these too */
	return n == 2 && at[0] == 0xC2 && at[1] < 0xA0;
}

/* Text that a terminal may be shown, whoever wrote it. Returns its width in columns. */
static size_t
add_escaped(struct bytes *bytes, const char *text)
{
	static const char hex[] = "0123456789abcdef";
	size_t width = 0;

	while (*text != '\0') {
		size_t n = character(text);
		size_t i, bad = n == 0 ? 1 : is_control(text, n) ? n : 0;

		for (i = 0; i < bad; i++) {
			unsigned char c = (unsigned char)text[i];
			char escaped[4] = {'\\', 'x', hex[c >> 4], hex[c & 15]};

			add(bytes, escaped, sizeof escaped);
			width += sizeof escaped;
		}
		if (bad == 0) {
			add(bytes, text, n);
			width++;
		}
		text += bad > 0 ? bad : n;
	}
	return width;
}

/* --- stdout ------------------------------------------------------------------------------- */

static int
fail(struct sk_error *err)
{
	return sk_error_set(err, SK_EXIT_CANT_WRITE, "can't write to standard output: %s",
	    strerror(out.trouble));
}

/* 0, or -1 with out.trouble set. A reader that has gone is no trouble. */
static int
write_all(const char *text, size_t n)
{
	/* on a screen that both share, the progress would stand in front of the record */
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
			/* somebody who shares our stdout made it non-blocking */
			struct pollfd waiting = {STDOUT_FILENO, POLLOUT, 0};

			poll(&waiting, 1, 1000);
		} else if (errno != EINTR) {
			out.trouble = errno;
			return -1;
		}
	}
	return 0;
}

static int
flush(struct sk_error *err)
{
	size_t n = out.pending.used;

	out.pending.used = 0;
	if (out.trouble != 0 || write_all(out.pending.text, n) != 0)
		return fail(err);
	return 0;
}

/*
 * A standard descriptor that was closed would be given to the next file that is opened, and records
 * be written into the database. It's filled with one that fails: read where writing is wanted.
 */
static void
fill_descriptors(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) == -1 && errno == EBADF)
			(void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
	}
}

void
sk_out_init(const char *command, enum sk_format format, int quiet, int verbose)
{
	struct sigaction ignore;

	if (!out.started) {
		out.started = 1;
		fill_descriptors();
		memset(&ignore, 0, sizeof ignore);
		ignore.sa_handler = SIG_IGN;
		sigaction(SIGPIPE, &ignore, NULL);
	}
	sk_mem_replace(&out.command, command);
	out.format = format;
	out.quiet = quiet;
	out.verbose = verbose;
}

void
sk_out_buffered(int on)
{
	out.buffered = on;
}

int
sk_out_is_closed(void)
{
	return out.closed;
}

/* --- the table ---------------------------------------------------------------------------- */

void
sk_out_columns(const char *const *columns)
{
	table.columns = columns;
	for (table.n = 0; columns[table.n] != NULL; table.n++)
		;
}

/* No columns were named: the first record's members that aren't arrays or objects. */
static void
columns_of(const json_t *record)
{
	json_t *members = json_copy((json_t *)(uintptr_t)record);
	const char *name;
	json_t *value;

	table.own = sk_mem_zero(json_object_size(members) + 1, sizeof *table.own);
	json_object_foreach(members, name, value)
	{
		if (!json_is_object(value) && !json_is_array(value))
			table.own[table.n++] = sk_mem_copy(name);
	}
	table.columns = (const char *const *)table.own;
	json_decref(members);
}

static char *
cell(const json_t *value)
{
	char *text = sk_json_text(value);

	if (text == NULL && value != NULL && !json_is_null(value))
		text = json_dumps(value, JSON_COMPACT);
	return text != NULL ? text : sk_mem_copy("");
}

static size_t
width_of(const char *text)
{
	struct bytes scratch = {NULL, 0, 0};
	size_t width = add_escaped(&scratch, text);

	free(scratch.text);
	return width;
}

static void
add_cell(const char *text, size_t column)
{
	size_t width = add_escaped(&out.pending, text);

	if (column + 1 == table.n) {
		while (out.pending.used > 0 && out.pending.text[out.pending.used - 1] == ' ')
			out.pending.used--;
		add_text(&out.pending, "\n");
		return;
	}
	for (; width < table.widths[column] + 2; width++)
		add_text(&out.pending, " ");
}

static int
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
	size_t i;

	if (colour)
		add_text(&out.pending, "\033[1m");
	for (i = 0; i < table.n; i++)
		add_cell(table.columns[i], i);
	if (colour) {
		/* off before the newline, or some terminals paint the next line */
		out.pending.used--;
		add_text(&out.pending, "\033[0m\n");
	}
}

/* Puts the rows at hand out and forgets them; widths only grow, so that later blocks fit under. */
static void
flush_table(void)
{
	size_t i, n = table.rows * table.n;

	if (n == 0)
		return;
	if (table.widths == NULL) {
		table.widths = sk_mem_zero(table.n, sizeof *table.widths);
		for (i = 0; i < table.n; i++)
			table.widths[i] = width_of(table.columns[i]);
	}
	for (i = 0; i < n; i++) {
		size_t width = width_of(table.cells[i]);

		if (width > table.widths[i % table.n])
			table.widths[i % table.n] = width;
	}
	if (!table.headed)
		add_header();
	table.headed = 1;
	for (i = 0; i < n; i++) {
		add_cell(table.cells[i], i % table.n);
		free(table.cells[i]);
	}
	table.rows = 0;
}

static void
add_row(const json_t *record)
{
	char **row;
	size_t i;

	if (table.columns == NULL)
		columns_of(record);
	if (table.n == 0)
		return;
	if (table.cells == NULL)
		table.cells = sk_mem_zero(ROWS_AT_ONCE * table.n, sizeof *table.cells);
	row = table.cells + table.rows++ * table.n;
	for (i = 0; i < table.n; i++)
		row[i] = cell(json_object_get(record, table.columns[i]));
	if (table.rows == ROWS_AT_ONCE)
		flush_table();
}

static void
free_table(void)
{
	size_t i;

	for (i = 0; table.own != NULL && i < table.n; i++)
		free(table.own[i]);
	free(table.own);
	free(table.cells);
	free(table.widths);
	memset(&table, 0, sizeof table);
}

/* --- records ------------------------------------------------------------------------------ */

static int
add_record(const json_t *record, struct sk_error *err)
{
	char *text;

	if (out.format == SK_FORMAT_TABLE) {
		add_row(record);
		return 0;
	}
	text = json_dumps(record, JSON_COMPACT | JSON_ENCODE_ANY);
	if (text == NULL)
		return sk_error_set(err, SK_EXIT_BUG, "a record that can't be written as JSON");
	if (out.format == SK_FORMAT_JSON)
		add_text(&out.pending, out.in_array ? ",\n" : "[\n");
	out.in_array = 1;
	add_text(&out.pending, text);
	if (out.format == SK_FORMAT_JSONL)
		add_text(&out.pending, "\n");
	free(text);
	return 0;
}

int
sk_out_record(const json_t *record, struct sk_error *err)
{
	if (out.trouble != 0)
		return fail(err);
	if (out.closed)
		return 0;
	if (add_record(record, err) != 0)
		return -1;
	if (out.buffered && out.pending.used < BUFFER_FULL)
		return 0;
	return flush(err);
}

int
sk_out_tell_record(void *arg, const json_t *record, struct sk_error *err)
{
	(void)arg;
	return sk_out_record(record, err);
}

/* Straight through, since this is how a key gets out: no copy of it stays behind. */
int
sk_out_text(const char *text, struct sk_error *err)
{
	out.wrote_text = 1;
	if (flush(err) != 0)
		return -1;
	return write_all(text, strlen(text)) != 0 ? fail(err) : 0;
}

/* Some file systems tell only on closing that there was no room. */
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

	if (out.format == SK_FORMAT_TABLE)
		flush_table();
	else if (out.format == SK_FORMAT_JSON && (out.in_array || !out.wrote_text))
		add_text(&out.pending, out.in_array ? "\n]\n" : "[]\n");
	out.in_array = 0;
	result = flush(err);
	if (result == 0 && !out.closed && close_copy() != 0)
		result = fail(err);
	free_table();
	free(out.pending.text);
	memset(&out.pending, 0, sizeof out.pending);
	sk_out_progress(NULL);
	return result;
}

/* --- stderr ------------------------------------------------------------------------------- */

/* One write, so that the lines of several processes don't mix. Nobody can be told if it fails. */
static void
write_line(struct bytes *line)
{
	ssize_t written = write(STDERR_FILENO, line->text, line->used);

	(void)written;
	free(line->text);
}

static void __attribute__((format(printf, 1, 0))) say(const char *format, va_list args)
{
	struct bytes line = {NULL, 0, 0};
	char *text = sk_mem_vprintf(format, args);

	sk_out_progress(NULL);
	add_text(&line, out.command != NULL ? out.command : "sikka");
	add_text(&line, ": ");
	add_escaped(&line, text);
	add_text(&line, "\n");
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

int
sk_out_debugs(void)
{
	return out.verbose >= 2;
}

/* Bytes of text that fit the terminal: a line that wraps can't be overwritten in place. */
static size_t
fitting(const struct bytes *bytes)
{
	struct winsize size;
	size_t columns = 79, i, width = 0;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1)
		columns = size.ws_col - 1U;
	for (i = 0; i < bytes->used; i++) {
		if (((unsigned char)bytes->text[i] & 0xC0) != 0x80 && ++width > columns)
			break;
	}
	return i;
}

void
sk_out_progress(const char *format, ...)
{
	struct bytes shown = {NULL, 0, 0}, line = {NULL, 0, 0};
	va_list args;
	char *text;

	if (format == NULL && !out.progressing)
		return;
	if (format != NULL && (out.quiet || !isatty(STDERR_FILENO)))
		return;
	add_text(&line, "\r\033[K");
	out.progressing = format != NULL;
	if (format != NULL) {
		va_start(args, format);
		text = sk_mem_vprintf(format, args);
		va_end(args);
		add_escaped(&shown, text);
		add(&line, shown.text, fitting(&shown));
		free(shown.text);
		free(text);
	}
	write_line(&line);
}
