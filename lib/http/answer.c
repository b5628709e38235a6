/* SPDX-License-Identifier: MIT */
/*
 * http: reads one answer as its bytes arrive: status line, headers, body. An answer that is too
 * large, or for which there is no memory, is given up with a reason; it then counts as unclear.
 */
#include "http/parts.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/out.h"
#include "base/secret.h"
#include "base/time.h"

#define FIRST_CAPACITY 16384
#define MOST_HEADERS 1048576

enum header_id {
	H_CONTENT_TYPE,
	H_DATA_INSERT,
	H_DATE,
	H_KEY_EXPIRES,
	H_LIMIT,
	H_REMAINING,
	H_RESET,
	H_RETRY_AFTER,
	N_HEADERS
};

static const char *const header_names[N_HEADERS] = {
    [H_CONTENT_TYPE] = "content-type",
    [H_DATA_INSERT] = "data-insert",
    [H_DATE] = "date",
    [H_KEY_EXPIRES] = "request-key-expires",
    [H_LIMIT] = "x-rate-limit-limit",
    [H_REMAINING] = "x-rate-limit-remaining",
    [H_RESET] = "x-rate-limit-reset",
    [H_RETRY_AFTER] = "retry-after",
};

/* Wipes the whole buffer: the body may hold a key, however short it is. */
static void
drop_body(struct sk_http_answer *answer)
{
	if (answer->body != NULL)
		sk_secret_wipe(answer->body, answer->body_length);
	free(answer->body);
	answer->body = NULL;
	answer->body_length = 0;
}

static void
forget_headers(struct sk_http_incoming *in)
{
	struct sk_http_answer *answer = &in->answer;

	sk_mem_replace(&answer->content_type, NULL);
	sk_mem_replace(&answer->data_insert, NULL);
	answer->status = 0;
	answer->date = 0;
	answer->key_expires = 0;
	answer->limit = -1;
	answer->remaining = -1;
	answer->reset = -1;
	answer->retry_after = -1;
	in->retry_after[0] = '\0';
	in->headers_end = 0;
	sk_text_cut(&in->shown, 0);
}

void
sk_http_incoming_reset(struct sk_http_incoming *in)
{
	forget_headers(in);
	drop_body(&in->answer);
	in->capacity = 0;
	in->header_bytes = 0;
	in->refused = NULL;
}

/* Reads digits only, at most 15 of them; anything else gives -1. */
static int64_t
read_number(const char *text)
{
	int64_t number = 0;
	size_t i;

	for (i = 0; text[i] != '\0'; i++) {
		if (text[i] < '0' || text[i] > '9' || i == 15)
			return -1;
		number = number * 10 + (text[i] - '0');
	}
	return i == 0 ? -1 : number;
}

static int64_t
read_seconds(const char *text)
{
	int64_t seconds = read_number(text);

	return seconds < 0 ? -1 : seconds * SK_SECOND;
}

static void
read_moment(const char *text, int64_t *moment)
{
	if (sk_time_http_date(text, moment) != 0)
		*moment = 0;
}

static enum header_id
find_header(const char *name, size_t n)
{
	int i;

	for (i = 0; i < N_HEADERS; i++)
		if (strlen(header_names[i]) == n && strncasecmp(header_names[i], name, n) == 0)
			break;
	return (enum header_id)i;
}

static void
read_value(struct sk_http_incoming *in, enum header_id id, const char *value)
{
	struct sk_http_answer *answer = &in->answer;
	size_t n = strlen(value);

	switch (id) {
	case H_CONTENT_TYPE:
		sk_mem_replace(&answer->content_type, value);
		break;
	case H_DATA_INSERT:
		sk_mem_replace(&answer->data_insert, value);
		break;
	case H_DATE:
		read_moment(value, &answer->date);
		break;
	case H_KEY_EXPIRES:
		read_moment(value, &answer->key_expires);
		break;
	case H_LIMIT:
		answer->limit = read_number(value);
		break;
	case H_REMAINING:
		answer->remaining = read_number(value);
		break;
	case H_RESET:
		answer->reset = read_seconds(value);
		break;
	case H_RETRY_AFTER:
		if (n < sizeof(in->retry_after))
			memcpy(in->retry_after, value, n + 1);
		break;
	case N_HEADERS:
		break;
	}
}

/* The status number in "HTTP/1.1 201 Created" or "HTTP/2 200"; 0 when there is none. */
static int
read_status(const char *line)
{
	const char *at = strchr(line, ' ');

	if (at == NULL)
		return 0;
	while (*at == ' ')
		at++;
	if (at[0] < '1' || at[0] > '9' || at[1] < '0' || at[1] > '9' || at[2] < '0' || at[2] > '9')
		return 0;
	if (at[3] != '\0' && at[3] != ' ')
		return 0;
	return (at[0] - '0') * 100 + (at[1] - '0') * 10 + (at[2] - '0');
}

static void
read_line(struct sk_http_incoming *in, char *line)
{
	char *value = strchr(line, ':');
	size_t n_name;

	if (value == NULL)
		return;
	n_name = (size_t)(value - line);
	value++;
	value += strspn(value, " \t");
	read_value(in, find_header(line, n_name), value);
	if (sk_out_debugs())
		sk_http_trace_header(&in->shown, line, n_name, value, strlen(value));
}

static bool
is_blank_line(const char *line, size_t n)
{
	return (n == 1 && line[0] == '\n') || (n == 2 && line[0] == '\r' && line[1] == '\n');
}

static size_t
trimmed_length(const char *line, size_t n)
{
	while (n > 0 && memchr(" \t\r\n", line[n - 1], 4) != NULL)
		n--;
	return n;
}

int
sk_http_incoming_header(struct sk_http_incoming *in, const char *line, size_t n)
{
	char *copy;

	in->header_bytes += n;
	if (in->header_bytes > MOST_HEADERS) {
		in->refused = "the answer's headers are larger than 1 MiB";
		return -1;
	}
	/* Header lines after the blank line are trailers, which mean nothing here. */
	if (in->headers_end)
		return 0;
	if (is_blank_line(line, n)) {
		if (in->answer.status >= 200)
			in->headers_end = 1;
		return 0;
	}
	copy = sk_mem_copy_bytes(line, trimmed_length(line, n));
	if (strncasecmp(copy, "HTTP/", 5) == 0) {
		/*
		 * A new block begins: headers of an interim answer (1xx) don't count for the final
		 * one.
		 */
		forget_headers(in);
		in->answer.status = read_status(copy);
	} else {
		read_line(in, copy);
	}
	sk_secret_free(copy);
	return 0;
}

int
sk_http_incoming_body(struct sk_http_incoming *in, const char *bytes, size_t n)
{
	struct sk_http_answer *answer = &in->answer;
	size_t wanted = answer->body_length + n + 1;
	size_t capacity = in->capacity > 0 ? in->capacity : FIRST_CAPACITY;
	char *grown;

	if (n > SK_HTTP_MOST || answer->body_length + n > SK_HTTP_MOST) {
		in->refused = "the answer is larger than 64 MiB";
		return -1;
	}
	while (capacity < wanted)
		capacity *= 2;
	if (capacity > in->capacity) {
		/*
		 * Not sk_mem, which would end the process: with a request on the wire its outcome
		 * would then be lost.
		 */
		grown = realloc(answer->body, capacity);
		if (grown == NULL) {
			answer->no_memory = 1;
			in->refused = "out of memory";
			return -1;
		}
		answer->body = grown;
		in->capacity = capacity;
	}
	memcpy(answer->body + answer->body_length, bytes, n);
	answer->body_length += n;
	answer->body[answer->body_length] = '\0';
	return 0;
}

/*
 * Reads seconds or a date. A date is compared with the server's own clock when its answer has one,
 * and otherwise with ours.
 */
static int64_t
read_retry_after(const char *text, int64_t date)
{
	int64_t moment, wait = read_seconds(text);

	if (wait >= 0 || text[0] == '\0')
		return wait;
	if (sk_time_http_date(text, &moment) != 0)
		return -1;
	wait = moment - (date != 0 ? date : sk_time_now());
	return wait > 0 ? wait : 0;
}

void
sk_http_incoming_end(struct sk_http_incoming *in)
{
	struct sk_http_answer *answer = &in->answer;

	answer->retry_after = read_retry_after(in->retry_after, answer->date);
	if (answer->body == NULL)
		answer->body = sk_mem_copy("");
}

void
sk_http_answer_take(struct sk_http_answer *from, struct sk_http_answer *to)
{
	*to = *from;
	from->body = NULL;
	from->body_length = 0;
	from->content_type = NULL;
	from->data_insert = NULL;
}

void
sk_http_answer_fini(struct sk_http_answer *answer)
{
	drop_body(answer);
	sk_mem_replace(&answer->content_type, NULL);
	sk_mem_replace(&answer->data_insert, NULL);
}
