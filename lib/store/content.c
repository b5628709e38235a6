/* SPDX-License-Identifier: MIT */
/* content: digests of requests. It stands in the store because a migration computes them, too. */
#include "store/content.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/secret.h"

static char *
digest_of(const char *office_id, const char *method, const char *endpoint, const json_t *body)
{
	char *canonical = sk_json_canonical(body, NULL);
	char *text = sk_mem_printf("%s %s %s %s", office_id, method, endpoint, canonical);
	char *digest = sk_digest(text);

	sk_secret_free(canonical);
	sk_secret_free(text);
	return digest;
}

char *
sk_content_of(const char *office_id, const char *method, const char *endpoint, const json_t *body)
{
	json_t *empty = json_object();
	char *digest = digest_of(office_id, method, endpoint, body != NULL ? body : empty);

	json_decref(empty);
	return digest;
}

static int
value_of_digit(char digit)
{
	return isdigit((unsigned char)digit) ? digit - '0'
					     : tolower((unsigned char)digit) - 'a' + 10;
}

static void
unescape(char *text)
{
	char *to = text;

	for (const char *at = text; *at != '\0'; to++) {
		if (at[0] == '%' && isxdigit((unsigned char)at[1]) &&
		    isxdigit((unsigned char)at[2])) {
			*to = (char)(value_of_digit(at[1]) * 16 + value_of_digit(at[2]));
			at += 3;
		} else {
			*to = *at++;
		}
	}
	*to = '\0';
}

/* "appointment/7" of "/appointments/7", and "listed" before it: no other digest is of such a text. */
static char *
listed_endpoint(const char *endpoint)
{
	const char *segment = endpoint + (*endpoint == '/'), *rest;
	size_t n = strcspn(segment, "/");
	char *text;

	rest = segment + n;
	if (n > 1 && tolower((unsigned char)segment[n - 1]) == 's')
		n--;
	text = sk_mem_printf("listed %.*s%s", (int)n, segment, rest);
	for (char *at = text; at < text + strlen("listed ") + n; at++)
		*at = (char)tolower((unsigned char)*at);
	unescape(text);
	return text;
}

/* What the server adds to an echo, and what it leaves out. */
static int
is_shown(const char *name)
{
	static const char *const hidden[] = {"apiname", "id", "request_key", "check_spu", NULL};

	for (size_t i = 0; hidden[i] != NULL; i++)
		if (strcmp(name, hidden[i]) == 0)
			return 0;
	return 1;
}

/* Adds the fields as which "name=value" reads, without escaping. */
static void
add_as_shown(json_t *shown, const char *name, const char *value)
{
	char *echo = sk_mem_printf("%s=%s", name, value), *rest = echo, *pair;

	while ((pair = strsep(&rest, "&")) != NULL) {
		char *equals = strchr(pair, '=');

		if (equals == NULL || equals[1] == '\0')
			continue;
		*equals = '\0';
		if (is_shown(pair))
			json_object_set_new(shown, pair, json_string(equals + 1));
	}
	sk_secret_free(echo);
}

char *
sk_content_listed(const char *office_id, const char *method, const char *endpoint,
    const json_t *body)
{
	json_t *shown = json_object(), *value;
	char *path = listed_endpoint(endpoint), *digest = NULL;
	int is_comparable = 1;
	const char *name;

	/* jansson's iterators take an object without const, but don't change it. */
	json_object_foreach((json_t *)(uintptr_t)body, name, value)
	{
		char *text = sk_json_text(value);

		if (text != NULL)
			add_as_shown(shown, name, text);
		else if (!json_is_null(value))
			is_comparable = 0;
		sk_secret_free(text);
	}
	if (is_comparable)
		digest = digest_of(office_id, method, path, shown);
	free(path);
	json_decref(shown);
	return digest;
}
