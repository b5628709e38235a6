/* SPDX-License-Identifier: MIT */
/*
 * Evaluates the expressions of find=. An expression is checked before it is used, so matching can't
 * fail.
 */
#ifndef _GNU_SOURCE /* strcasestr */
#define _GNU_SOURCE
#endif
#include "find.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char or_word[] = "::OR::", and_word[] = "::AND::";

static const struct {
	const char *prefix;
	char sign; /* the comparison's sign; '~': contains */
	bool or_equal;
} operators[] = {{"eq_", '=', true}, {"neq_", '!', false}, {"like_", '~', false},
    {"gte_", '>', true}, {"gt_", '>', false}, {"lte_", '<', true}, {"lt_", '<', false}};
enum { OPERATORS = sizeof(operators) / sizeof(operators[0]) };

int
find_compare(const char *a, const char *b)
{
	size_t m = strlen(a), n = strlen(b);

	if (m != n && strspn(a, "0123456789") == m && strspn(b, "0123456789") == n)
		return m < n ? -1 : 1;
	return strcasecmp(a, b);
}

static bool
holds(size_t operator, const char * have, const char *want)
{
	int c = find_compare(have, want);

	switch (operators[operator].sign) {
	case '=':
		return c == 0;
	case '!':
		return c != 0;
	case '~':
		return strcasestr(have, want) != NULL;
	case '>':
		return c > 0 || (operators[operator].or_equal && c == 0);
	default:
		return c < 0 || (operators[operator].or_equal && c == 0);
	}
}

/* One "field=op_value". Without a record: only whether it is well formed. */
static bool
term(const char *text, const json_t *record)
{
	size_t name = strcspn(text, "=");
	char *field;
	bool yes;

	if (name == 0 || text[name] == '\0')
		return false;
	for (size_t i = 0; i < OPERATORS; i++) {
		size_t n = strlen(operators[i].prefix);

		if (strncmp(text + name + 1, operators[i].prefix, n) != 0)
			continue;
		if (record == NULL)
			return true;
		field = x_printf("%.*s", (int)name, text);
		yes = holds(i, json_text(record, field), text + name + 1 + n);
		free(field);
		return yes;
	}
	return false;
}

/*
 * The part before the next such word, which the caller frees; *rest is what follows it, NULL after
 * the last.
 */
static char *
part(const char *text, const char *word, const char **rest)
{
	const char *end = strstr(text, word);

	*rest = end != NULL ? end + strlen(word) : NULL;
	return end != NULL ? x_printf("%.*s", (int)(end - text), text) : x_dup(text);
}

static bool
all_terms(const char *text, const json_t *record)
{
	bool all = true;

	while (all && text != NULL) {
		char *one = part(text, and_word, &text);

		all = term(one, record);
		free(one);
	}
	return all;
}

bool
find_check(const char *expression)
{
	bool good = true;

	while (good && expression != NULL) {
		char *side = part(expression, or_word, &expression);

		good = all_terms(side, NULL);
		free(side);
	}
	return good;
}

bool
find_matches(const char *expression, const json_t *record)
{
	bool any = false;

	while (!any && expression != NULL) {
		char *side = part(expression, or_word, &expression);

		any = all_terms(side, record);
		free(side);
	}
	return any;
}
