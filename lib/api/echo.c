/* SPDX-License-Identifier: MIT */
/*
 * api: the content of a request as a sorted list of "name=value". Whatever doesn't count is left out
 * on both sides, and anything else that differs makes two contents differ.
 */
#include "api/echo.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"

/* The parts of an echo, each up to the next '&'. */
struct parts {
	char *text; /* cut into the parts */
	char **list;
	size_t n;
};

static void
split(const char *echo, struct parts *parts)
{
	char *rest = sk_mem_copy(echo), *part;
	size_t most = 1;

	for (const char *at = echo; *at != '\0'; at++)
		most += *at == '&';
	parts->text = rest;
	parts->list = sk_mem_zero(most, sizeof(*parts->list));
	parts->n = 0;
	while ((part = strsep(&rest, "&")) != NULL)
		parts->list[parts->n++] = part;
}

static bool
has_name(const char *part, const char *name)
{
	size_t n = strlen(name);

	return strncmp(part, name, n) == 0 && part[n] == '=';
}

/* The value of a field; NULL where there is none, or more than one. */
static const char *
value_of(const struct parts *parts, const char *name)
{
	const char *value = NULL;

	for (size_t i = 0; i < parts->n; i++) {
		if (!has_name(parts->list[i], name))
			continue;
		if (value != NULL)
			return NULL;
		value = parts->list[i] + strlen(name) + 1;
	}
	return value;
}

static bool
is_left_out(const char *part, size_t n, const struct sk_echo_rules *rules)
{
	char *name = rules->leaves_out != NULL ? sk_mem_copy_bytes(part, n) : NULL;
	bool is_left = name != NULL && rules->leaves_out(name);

	free(name);
	return is_left;
}

static bool
counts(const char *part, const char *path_id, const struct sk_echo_rules *rules)
{
	static const char *const never[] = {"check_spu", "request_key", "apiname"};
	const char *equals = strchr(part, '=');

	if (equals == NULL)
		return part[0] != '\0';
	if (equals[1] == '\0')
		return false;
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		if (has_name(part, never[i]))
			return false;
	if (is_left_out(part, (size_t)(equals - part), rules))
		return false;
	return rules->path_field == NULL || path_id == NULL || !has_name(part, rules->path_field) ||
	    strcmp(equals + 1, path_id) != 0;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

char *
sk_echo_content(const char *echo, const struct sk_echo_rules *rules)
{
	struct sk_text content = {0};
	struct parts parts;
	const char *path_id;
	size_t n = 0;

	split(echo, &parts);
	path_id = value_of(&parts, "id");
	for (size_t i = 0; i < parts.n; i++)
		if (counts(parts.list[i], path_id, rules))
			parts.list[n++] = parts.list[i];
	if (n > 0)
		qsort(parts.list, n, sizeof(*parts.list), compare);
	for (size_t i = 0; i < n; i++) {
		sk_text_add(&content, i > 0 ? "&" : "");
		sk_text_add(&content, parts.list[i]);
	}
	free(parts.list);
	free(parts.text);
	return sk_text_take(&content);
}

/* Adds one field in the way of the server. False where its value is no plain one. */
static bool
add_field(struct sk_text *echo, const char *name, const json_t *value, bool *is_unsure)
{
	char *text;

	if (json_is_null(value))
		return true;
	text = sk_json_text(value);
	if (text == NULL)
		return false;
	*is_unsure |= strpbrk(text, "&=") != NULL || strpbrk(name, "&=") != NULL;
	sk_text_add(echo, name);
	sk_text_add(echo, "=");
	sk_text_add(echo, text);
	sk_text_add(echo, "&");
	free(text);
	return true;
}

char *
sk_echo_of_request(const json_t *body, const char *path_id, const struct sk_echo_rules *rules,
    bool *is_unsure)
{
	struct sk_text echo = {0};
	/* jansson's iterators take an object without const, but don't change it. */
	json_t *fields = (json_t *)(uintptr_t)body;
	bool is_plain = true;
	char *content;

	*is_unsure = path_id != NULL && strpbrk(path_id, "&=") != NULL;
	for (void *at = json_object_iter(fields); is_plain && at != NULL;
	     at = json_object_iter_next(fields, at))
		is_plain = add_field(&echo, json_object_iter_key(at), json_object_iter_value(at),
		    is_unsure);
	if (path_id != NULL)
		sk_text_add_format(&echo, "id=%s", path_id);
	content = is_plain ? sk_echo_content(sk_text_bytes(&echo), rules) : NULL;
	sk_text_fini(&echo);
	return content;
}
