/* SPDX-License-Identifier: MIT */
/*
 * rules: card fields: which they are, bodies without them, and hiding them in an answer that
 * repeats them.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/json.h"
#include "base/secret.h"
#include "rules/rules.h"

/*
 * The server's documentation marks the first three as secret; the date of expiry belongs to the
 * card, too.
 */
static const char *const secret_fields[] = {"card_holder_name", "card_number", "cvv",
    "expiration_month", "expiration_year", NULL};

const char *const *
sk_rules_secret_fields(void)
{
	return secret_fields;
}

static bool
is_secret(const char *name)
{
	for (size_t i = 0; secret_fields[i] != NULL; i++) {
		if (strcmp(secret_fields[i], name) == 0)
			return true;
	}
	return false;
}

bool
sk_rules_is_card_payment(const json_t *body)
{
	for (size_t i = 0; secret_fields[i] != NULL; i++) {
		const json_t *value = json_object_get(body, secret_fields[i]);
		const char *text = json_string_value(value);

		if (value != NULL && !json_is_null(value) && (text == NULL || text[0] != '\0'))
			return true;
	}
	return false;
}

/* jansson's iterators take a pointer without const, but change nothing. */
static json_t *
stripped(json_t *value, size_t *n)
{
	json_t *copy, *member;
	const char *name;
	size_t i;

	if (json_is_array(value)) {
		copy = json_array();
		json_array_foreach(value, i, member)
		    json_array_append_new(copy, stripped(member, n));
		return copy;
	}
	if (!json_is_object(value))
		return json_incref(value);
	copy = json_object();
	json_object_foreach(value, name, member)
	{
		if (is_secret(name))
			(*n)++;
		else
			json_object_set_new(copy, name, stripped(member, n));
	}
	return copy;
}

json_t *
sk_rules_without_secrets(const json_t *body, size_t *n)
{
	*n = 0;
	return stripped((json_t *)(uintptr_t)body, n);
}

static void
hide(const json_t *value, char *text)
{
	char *secret = sk_json_text(value);
	char *at = secret != NULL && *secret != '\0' ? strstr(text, secret) : NULL;

	for (; at != NULL; at = strstr(at, secret))
		memset(at, '*', strlen(secret));
	sk_secret_free(secret);
}

static void
hide_all(json_t *value, char *text)
{
	const char *name;
	json_t *member;
	size_t i;

	json_array_foreach(value, i, member) hide_all(member, text);
	json_object_foreach(value, name, member)
	{
		if (is_secret(name))
			hide(member, text);
		else
			hide_all(member, text);
	}
}

void
sk_rules_hide_secrets(const json_t *body, char *text)
{
	hide_all((json_t *)(uintptr_t)body, text);
}
