/* SPDX-License-Identifier: MIT */
/*
 * json_stream: takes JSON values out of a stream of bytes. A wrong line is skipped and reported; a
 * fault inside a value of several lines breaks the stream, since nobody can know where the next
 * value begins.
 */
#include "base/json_stream.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/secret.h"
#include "base/stop.h"

#define LONGEST_VALUE ((size_t)16 << 20)
#define ALWAYS_TESTED ((size_t)16 << 10) /* up to this size: tested at each newline */

/* Where in the top-level array the next byte is. */
enum place {
	OUTSIDE,       /* not inside an array */
	AT_FIRST,      /* directly after [ */
	BEHIND_VALUE,  /* a comma or ] must follow */
	BEHIND_COMMA,  /* a value must follow */
	AFTER_A_FAULT, /* a line was skipped, so brackets and commas may be missing */
};

/* The kind of the value being read, known from its first byte. */
enum kind { NONE, CONTAINER, STRING, WORD };

struct sk_json_stream {
	char *bytes;
	size_t used, room;
	size_t at;   /* the next byte; earlier ones belong to the open value or are consumed */
	size_t line; /* the line of that byte */
	int ended, broken;
	int is_allowed; /* the input isn't what this process writes to */
	int skipping;   /* skip up to the end of this line */
	int wary;       /* the skipped line left a bracket open: the next value must begin a line */
	int indented;   /* a blank precedes the next byte in its line */
	enum place place;
	size_t array_line;

	enum kind kind;
	size_t begin;  /* the value's first byte */
	size_t tested; /* how many of its bytes were valid at the last tested newline */
	size_t first_line;
	size_t last_line; /* line of its last byte that isn't blank */
	size_t depth;
	int in_string, escaped;
};

struct sk_json_stream *
sk_json_stream_new(void)
{
	struct sk_json_stream *stream = sk_mem_zero(1, sizeof(*stream));

	stream->line = 1;
	return stream;
}

void
sk_json_stream_free(struct sk_json_stream *stream)
{
	if (stream == NULL)
		return;
	/* The buffer may hold a card number. */
	sk_secret_wipe(stream->bytes, stream->used);
	free(stream->bytes);
	free(stream);
}

/* Drops the consumed bytes, so that the buffer holds one value and what arrived with it. */
static void
compact(struct sk_json_stream *stream)
{
	size_t done = stream->kind != NONE ? stream->begin : stream->at;

	if (done == 0)
		return;
	memmove(stream->bytes, stream->bytes + done, stream->used - done);
	stream->used -= done;
	stream->at -= done;
	stream->begin = 0;
}

void
sk_json_stream_feed(struct sk_json_stream *stream, const char *bytes, size_t n)
{
	if (n == 0 || stream->broken)
		return;
	compact(stream);
	stream->bytes = sk_mem_grow(stream->bytes, stream->used + n, &stream->room, 1);
	memcpy(stream->bytes + stream->used, bytes, n);
	stream->used += n;
}

void
sk_json_stream_end(struct sk_json_stream *stream)
{
	stream->ended = 1;
}

bool
sk_json_stream_is_fed(const struct sk_json_stream *stream)
{
	return stream->ended;
}

int
sk_json_stream_read_all(struct sk_json_stream *stream, int fd, const char *name,
    struct sk_error *err)
{
	while (!sk_json_stream_is_fed(stream)) {
		if (sk_stop_asked())
			return sk_error_set(err, SK_EXIT_TRY_LATER,
			    "stopped by a signal; nothing was done");
		if (sk_json_stream_read(stream, fd, name, err) != 0)
			return -1;
	}
	return 0;
}

/*
 * Nothing is there yet. A short sleep, so that a caller who tries again and again doesn't use a whole
 * CPU; a signal ends it.
 */
static void
wait_for_more(int fd)
{
	struct pollfd ready[] = {
	    {.fd = fd, .events = POLLIN},
	    {.fd = sk_stop_asked() ? -1 : sk_stop_fd(), .events = POLLIN},
	};

	poll(ready, 2, 100);
}

int
sk_json_stream_read(struct sk_json_stream *stream, int fd, const char *name, struct sk_error *err)
{
	char bytes[65536];
	ssize_t n;

	if (!stream->is_allowed && sk_out_refuse_input(fd, name, err) != 0)
		return -1;
	stream->is_allowed = 1;
	n = read(fd, bytes, sizeof(bytes));
	if (n < 0 && errno == EINTR)
		return 0;
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
		wait_for_more(fd);
		return 0;
	}
	if (n < 0)
		return sk_error_set(err, SK_EXIT_NO_INPUT, "%s: %s", name, strerror(errno));
	if (n == 0)
		sk_json_stream_end(stream);
	sk_json_stream_feed(stream, bytes, (size_t)n);
	/* The bytes may hold keys and card numbers. */
	sk_secret_wipe(bytes, (size_t)n);
	return 0;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Reports one wrong line; the lines behind it still count. */
static enum sk_stream_result
bad(struct sk_json_stream *stream, size_t line_of_it, size_t *line)
{
	stream->kind = NONE;
	stream->skipping = 1;
	if (stream->place != OUTSIDE)
		stream->place = AFTER_A_FAULT;
	*line = line_of_it;
	return SK_STREAM_BAD;
}

static enum sk_stream_result
broken(struct sk_json_stream *stream, size_t line_of_it, size_t *line)
{
	stream->kind = NONE;
	stream->broken = 1;
	*line = line_of_it;
	return SK_STREAM_BROKEN;
}

/* What is wrong with a text in UTF-16, and what to type. */
static void
put_utf16(const char *encoding, char why[SK_STREAM_WHY])
{
	snprintf(why, SK_STREAM_WHY, "this is UTF-16, not UTF-8; convert it: iconv -f %s -t UTF-8",
	    encoding);
}

/*
 * In which UTF-16 the bytes are: with a byte order mark, or with the NUL that is half of each character of
 * JSON. NULL: in none. UTF-8 has no such mark, and no NUL may stand in JSON.
 */
static const char *
utf16_of(const char *bytes, size_t n)
{
	if (n < 2)
		return NULL;
	if (memcmp(bytes, "\xFF\xFE", 2) == 0 || memcmp(bytes, "\xFE\xFF", 2) == 0)
		return "UTF-16";
	if (bytes[0] == '\0' && bytes[1] > ' ')
		return "UTF-16BE";
	return bytes[0] > ' ' && bytes[1] == '\0' ? "UTF-16LE" : NULL;
}

static void
put_fault(const struct sk_json_stream *stream, const json_error_t *fault, char why[SK_STREAM_WHY])
{
	int n;
	const char *said = sk_json_fault_words(fault, &n);

	if (json_error_code(fault) == json_error_premature_end_of_input)
		snprintf(why, 160, "the value ends too early");
	else if (fault->line > 1)
		snprintf(why, 160, "%.*s (line %zu)", n > 100 ? 100 : n, said,
		    stream->first_line + (size_t)fault->line - 1);
	else
		snprintf(why, 160, "%.*s", n > 100 ? 100 : n, said);
}

static json_t *
parse(const struct sk_json_stream *stream, json_error_t *fault)
{
	return json_loadb(stream->bytes + stream->begin, stream->at - stream->begin,
	    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, fault);
}

/*
 * Called for a fault on the line where the value began, when the value is still open at the end of
 * that line. Returns whether the line was meant to be a whole value, as in JSON Lines. JSON that is
 * meant to go on in the next line is broken behind a comma, a colon or an opening bracket: then
 * this returns false, and no part of the value may be taken for a request.
 */
static bool
stands_on_one_line(const struct sk_json_stream *stream)
{
	size_t end = stream->at;

	if (stream->in_string)
		return true;
	while (end > stream->begin &&
	    (is_blank(stream->bytes[end - 1]) ||
		(stream->place != OUTSIDE && stream->bytes[end - 1] == ',')))
		end--;
	return strchr(",:{[", stream->bytes[end - 1]) == NULL;
}

/* At a newline inside an open value: returns MORE while the value can still become valid. */
static enum sk_stream_result
test_open(struct sk_json_stream *stream, size_t *line, char why[SK_STREAM_WHY])
{
	size_t n = stream->at - stream->begin;
	int first = stream->line == stream->first_line;
	json_error_t fault;
	json_t *value;

	/* Testing a large value at each newline would cost the square of its size. */
	if (!stream->in_string && n > ALWAYS_TESTED && n < stream->tested + stream->tested / 4)
		return SK_STREAM_MORE;
	if (stream->in_string) {
		snprintf(why, 160, "a string that isn't closed");
	} else {
		value = parse(stream, &fault);
		json_decref(value);
		stream->tested = n;
		if (value != NULL || json_error_code(&fault) == json_error_premature_end_of_input)
			return SK_STREAM_MORE;
		put_fault(stream, &fault, why);
	}
	if (first && stands_on_one_line(stream)) {
		stream->wary = stream->depth > 0 && stream->place == OUTSIDE;
		return bad(stream, stream->first_line, line);
	}
	return broken(stream, stream->first_line, line);
}

/* The value's last byte is the one before at. Now jansson parses it. */
static enum sk_stream_result
finish_value(struct sk_json_stream *stream, json_t **value, size_t *line, char why[SK_STREAM_WHY])
{
	json_error_t fault;
	json_t *found = parse(stream, &fault);

	if (found == NULL) {
		put_fault(stream, &fault, why);
		if (stream->line == stream->first_line)
			return bad(stream, stream->first_line, line);
		return broken(stream, stream->first_line, line);
	}
	stream->kind = NONE;
	if (stream->place != OUTSIDE && stream->place != AFTER_A_FAULT)
		stream->place = BEHIND_VALUE;
	*value = found;
	*line = stream->first_line;
	return SK_STREAM_VALUE;
}

/* Looks at one byte inside a container or a string. Returns whether the value ends with it. */
static bool
step(struct sk_json_stream *stream, char c)
{
	if (stream->in_string) {
		if (stream->escaped)
			stream->escaped = 0;
		else if (c == '\\')
			stream->escaped = 1;
		else if (c == '"')
			stream->in_string = 0;
		return stream->kind == STRING && !stream->in_string;
	}
	if (c == '"')
		stream->in_string = 1;
	else if (c == '{' || c == '[')
		stream->depth++;
	else if (c == '}' || c == ']')
		stream->depth--;
	return stream->depth == 0;
}

static enum sk_stream_result
end_inside(struct sk_json_stream *stream, size_t *line, char why[SK_STREAM_WHY])
{
	snprintf(why, 160, "the input ends inside a value");
	if (stream->last_line == stream->first_line)
		return bad(stream, stream->first_line, line);
	return broken(stream, stream->first_line, line);
}

/* Reads on inside the open value. */
static enum sk_stream_result
go_on(struct sk_json_stream *stream, json_t **value, size_t *line, char why[SK_STREAM_WHY])
{
	while (stream->at < stream->used) {
		char c = stream->bytes[stream->at];

		if (stream->at - stream->begin >= LONGEST_VALUE) {
			snprintf(why, 160, "a value of more than 16 MiB");
			return broken(stream, stream->first_line, line);
		}
		if (stream->kind == WORD && (is_blank(c) || strchr(",]}[{\":", c) != NULL) &&
		    c != '\0')
			return finish_value(stream, value, line, why);
		if (c == '\n') {
			enum sk_stream_result result = test_open(stream, line, why);

			if (result != SK_STREAM_MORE)
				return result;
			stream->line++;
		} else if (!is_blank(c)) {
			stream->last_line = stream->line;
		}
		stream->at++;
		if (stream->kind != WORD && step(stream, c))
			return finish_value(stream, value, line, why);
	}
	if (!stream->ended)
		return SK_STREAM_MORE;
	if (stream->kind == WORD)
		return finish_value(stream, value, line, why);
	return end_inside(stream, line, why);
}

static void
begin_value(struct sk_json_stream *stream, char c)
{
	stream->begin = stream->at++;
	stream->first_line = stream->last_line = stream->line;
	stream->tested = 0;
	stream->depth = c == '{' || c == '[';
	stream->in_string = c == '"';
	stream->escaped = 0;
	if (stream->depth > 0)
		stream->kind = CONTAINER;
	else
		stream->kind = c == '"' ? STRING : WORD;
}

/*
 * Handles a byte between values. Returns MORE when the byte was consumed. After a fault inside an
 * array each bracket and comma is accepted, since the skipped line may have held those that are
 * missing. A [ then counts as an element: we can't know whether the array had ended.
 */
static enum sk_stream_result
between(struct sk_json_stream *stream, char c, size_t *line, char why[SK_STREAM_WHY])
{
	enum place place = stream->place;

	if (c == '[' && place == OUTSIDE) {
		stream->place = AT_FIRST;
		stream->array_line = stream->line;
		stream->at++;
		return SK_STREAM_MORE;
	}
	if (c == ']' && place != OUTSIDE) {
		stream->place = OUTSIDE;
		stream->at++;
		if (place != BEHIND_COMMA)
			return SK_STREAM_MORE;
		snprintf(why, 160, "a comma without a value before the end of an array");
		return bad(stream, stream->line, line);
	}
	if (c == ',' && (place == BEHIND_VALUE || place == AFTER_A_FAULT)) {
		if (place == BEHIND_VALUE)
			stream->place = BEHIND_COMMA;
		stream->at++;
		return SK_STREAM_MORE;
	}
	if (c == ',' || c == ':' || c == ']' || c == '}') {
		snprintf(why, 160, "'%c' where a value was expected", c);
		return bad(stream, stream->line, line);
	}
	if (place == BEHIND_VALUE) {
		snprintf(why, 160, "no comma between two values of an array");
		return bad(stream, stream->line, line);
	}
	begin_value(stream, c);
	return SK_STREAM_MORE;
}

/*
 * A byte order mark, which some editors write at the beginning of a file, is passed over, also where files
 * were put together. false: more bytes are needed to see whether this is one, or what else begins here.
 */
static bool
pass_mark(struct sk_json_stream *stream, bool *is_mark)
{
	static const char mark[] = "\xEF\xBB\xBF";
	const size_t length = sizeof(mark) - 1, n = stream->used - stream->at;
	const char *bytes = stream->bytes + stream->at;

	*is_mark = n >= length && memcmp(bytes, mark, length) == 0;
	if (*is_mark)
		stream->at += length;
	return *is_mark || stream->ended ||
	    (n >= 2 && (n >= length || memcmp(bytes, mark, n) != 0));
}

/* Handles a byte where a value may begin. Returns MORE when the byte was consumed. */
static enum sk_stream_result
begin_here(struct sk_json_stream *stream, char c, size_t *line, char why[SK_STREAM_WHY])
{
	const char *utf16 = utf16_of(stream->bytes + stream->at, stream->used - stream->at);

	if (utf16 != NULL) {
		put_utf16(utf16, why);
		return broken(stream, stream->line, line);
	}
	if (stream->wary && stream->indented) {
		snprintf(why, 160, "this line continues a value that is broken above");
		return broken(stream, stream->line, line);
	}
	stream->wary = 0;
	return between(stream, c, line, why);
}

/* Skips what stands between values. Returns MORE when a value begins or no bytes are left. */
static enum sk_stream_result
find_value(struct sk_json_stream *stream, size_t *line, char why[SK_STREAM_WHY])
{
	while (stream->at < stream->used && stream->kind == NONE) {
		char c = stream->bytes[stream->at];
		enum sk_stream_result result;
		bool is_mark;

		if (c == '\n') {
			stream->line++;
			stream->skipping = 0;
			stream->indented = 0;
			stream->at++;
		} else if (stream->skipping || is_blank(c)) {
			stream->indented = 1;
			stream->at++;
		} else if (!pass_mark(stream, &is_mark)) {
			return SK_STREAM_MORE;
		} else if (!is_mark) {
			result = begin_here(stream, c, line, why);
			if (result != SK_STREAM_MORE)
				return result;
		}
	}
	return SK_STREAM_MORE;
}

enum sk_stream_result
sk_json_stream_next(struct sk_json_stream *stream, json_t **value, size_t *line,
    char why[SK_STREAM_WHY])
{
	enum sk_stream_result result;

	if (stream->broken)
		return SK_STREAM_END;
	if (stream->kind == NONE) {
		result = find_value(stream, line, why);
		if (result != SK_STREAM_MORE)
			return result;
	}
	if (stream->kind != NONE)
		return go_on(stream, value, line, why);
	if (!stream->ended)
		return SK_STREAM_MORE;
	if (stream->place == OUTSIDE || stream->place == AFTER_A_FAULT)
		return SK_STREAM_END;
	snprintf(why, 160, "the input ends inside an array");
	return broken(stream, stream->array_line, line);
}
