/* SPDX-License-Identifier: MIT */
/*
 * Takes one request apart. What it can't decode is kept as it came, for the handlers to refuse.
 */
#include "request.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static int
hex_digit(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	if (isxdigit((unsigned char)c))
		return tolower((unsigned char)c) - 'a' + 10;
	return -1;
}

/*
 * A plus is a blank in a query, but a plus in a path. An escaped NUL ends the text, as in any C
 * program.
 */
static char *
unescape(const char *s, size_t length, bool query)
{
	char *out = x_new(length + 1), *to = out;

	for (size_t i = 0; i < length; i++) {
		if (s[i] == '%' && i + 2 < length && hex_digit(s[i + 1]) >= 0 &&
		    hex_digit(s[i + 2]) >= 0) {
			*to++ = (char)(hex_digit(s[i + 1]) * 16 + hex_digit(s[i + 2]));
			i += 2;
		} else {
			*to++ = query && s[i] == '+' ? ' ' : s[i];
		}
	}
	*to = '\0';
	return out;
}

static void
split_path(struct request *rq, const char *path)
{
	while (*path == '/') {
		size_t n = strcspn(++path, "/");

		if (rq->segment_count >= SEGMENTS_MAX) {
			rq->segment_count = SEGMENTS_MAX + 1;
			return;
		}
		rq->segment[rq->segment_count++] = unescape(path, n, false);
		path += n;
	}
}

static void
split_query(struct request *rq, const char *query)
{
	while (*query != '\0' && rq->parameter_count < PARAMETERS_MAX) {
		size_t n = strcspn(query, "&"), name = strcspn(query, "=&");
		struct parameter *p = &rq->parameters[rq->parameter_count];

		if (n > 0) {
			p->name = unescape(query, name, true);
			p->value = unescape(query + name + (name < n), n - name - (name < n), true);
			rq->parameter_count++;
		}
		query += n + (query[n] == '&');
	}
}

/*
 * The request is taken apart here: the HTTP library decodes the path first, and then / and %2F
 * can't be told apart.
 */
struct request *
request_new(const char *uri)
{
	struct request *rq = x_new(sizeof(*rq));
	size_t length = strcspn(uri, "?");
	char *path = x_new(length + 1);
	const char *rest = path;

	memcpy(path, uri, length);
	if (strncmp(path, "/_sim/", 6) == 0) {
		rq->sim = true;
		rest += 5;
	} else if (strcmp(path, "/") == 0) {
		rq->sim = true;
	} else if (strncmp(path, "/v4/", 4) == 0) {
		rq->api = true;
		rest += 3;
	}
	rq->path = x_dup(rest);
	split_path(rq, rest);
	if (uri[length] == '?')
		split_query(rq, uri + length + 1);
	free(path);
	rq->office = -1;
	return rq;
}

void
request_again(struct request *rq)
{
	json_decref(rq->json);
	rq->json = NULL;
	rq->key = NULL;
	rq->office = -1;
	rq->app_ok = false;
}

struct request *
request_take(struct request *rq)
{
	struct request *taken = x_new(sizeof(*taken));

	*taken = *rq;
	memset(rq, 0, sizeof(*rq));
	rq->method = x_dup(taken->method);
	rq->path = x_dup(taken->path);
	rq->api = taken->api;
	rq->started = taken->started;
	rq->office = -1;
	rq->is_list = taken->is_list;
	rq->number = taken->number;
	taken->fault = NULL;
	return taken;
}

void
request_free(struct request *rq)
{
	if (rq == NULL)
		return;
	for (int i = 0; i < rq->segment_count && i < SEGMENTS_MAX; i++)
		free(rq->segment[i]);
	for (int i = 0; i < rq->parameter_count; i++) {
		free(rq->parameters[i].name);
		free(rq->parameters[i].value);
	}
	free(rq->method);
	free(rq->path);
	free(rq->app_id);
	free(rq->app_key);
	free(rq->request_key);
	free(rq->refresh_key);
	free(rq->content_type);
	free(rq->base);
	free(rq->body.s);
	json_decref(rq->json);
	json_decref(rq->headers);
	free(rq);
}

const char *
request_parameter(const struct request *rq, const char *name)
{
	for (int i = 0; i < rq->parameter_count; i++)
		if (strcmp(rq->parameters[i].name, name) == 0)
			return rq->parameters[i].value;
	return NULL;
}
