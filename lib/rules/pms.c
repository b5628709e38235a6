/* SPDX-License-Identifier: MIT */
/*
 * rules: finds the practice management system (PMS) by the name and version that a practice
 * reports, and reads the texts of the table that depend on it. An unknown system is no error: then
 * the general rules hold.
 */
#include "rules/pms.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"
#include "rules/rules.h"
#include "rules/table.h"

/*
 * From which version on a product has another name in the rules. Practices report the same generation as "G6"
 * or as "V16": Dentrix counts it as 16. What begins with no letter is read as if it began with V.
 */
static const struct generation {
	const char *name;
	const char *letter; /* before the number, in any case */
	long least;
	const char *later;
} generations[] = {
    {"Dentrix", "G", 6, "Dentrix G6"},
    {"Dentrix", "V", 16, "Dentrix G6"},
    {"Dentrix", "", 16, "Dentrix G6"},
};

/* Products whose names begin like another one's, and for which there are no rules. */
static const char *const others[] = {"Dentrix Core", NULL};

static bool
is_skipped(char c)
{
	return c == ' ' || c == '.' || c == '-';
}

static const char *
skip(const char *text)
{
	while (is_skipped(*text))
		text++;
	return text;
}

/*
 * Where text goes on behind name, when it begins with name; otherwise NULL. Letter case, blanks,
 * dots and hyphens are ignored in both.
 */
static const char *
behind(const char *text, const char *name)
{
	for (;;) {
		name = skip(name);
		if (*name == '\0')
			return skip(text);
		text = skip(text);
		if (tolower((unsigned char)*text) != tolower((unsigned char)*name))
			return NULL;
		text++;
		name++;
	}
}

static const struct generation *
generation_called(const char *name)
{
	for (size_t i = 0; i < sizeof(generations) / sizeof(generations[0]); i++)
		if (name != NULL && strcmp(generations[i].later, name) == 0)
			return &generations[i];
	return NULL;
}

/* The longest of the names that text begins with, and in *rest what follows; NULL: none. */
static const char *
longest_of(const char *const *names, const char *text, const char **rest)
{
	const char *longest = NULL;

	for (; *names != NULL; names++) {
		const char *after = behind(text, *names);

		if (after == NULL || generation_called(*names) != NULL ||
		    (longest != NULL && after <= *rest))
			continue;
		longest = *names;
		*rest = after;
	}
	return longest;
}

static bool
is_later(const struct generation *generation, const char *version)
{
	const char *number = behind(version, generation->letter);

	return number != NULL && isdigit((unsigned char)*number) &&
	    strtol(number, NULL, 10) >= generation->least;
}

/* text: the product's name, and its version. */
static const char *
name_of(const char *text)
{
	const char *rest = NULL, *behind_other = NULL;
	const char *name = longest_of(sk_pms_names, text, &rest);

	if (longest_of(others, text, &behind_other) != NULL && behind_other > rest)
		return NULL;
	for (size_t i = 0; name != NULL && i < sizeof(generations) / sizeof(generations[0]); i++)
		if (strcmp(generations[i].name, name) == 0 && is_later(&generations[i], rest))
			return generations[i].later;
	return name;
}

const char *
sk_rules_pms(const char *pms, const char *version)
{
	const char *name;
	char *both;

	if (pms == NULL)
		return NULL;
	both = sk_mem_printf("%s %s", pms, version != NULL ? version : "");
	name = name_of(both);
	free(both);
	return name;
}

struct sk_pms
sk_pms_of(const char *pms, const char *version)
{
	struct sk_pms it = {NULL, NULL, NULL};
	const struct generation *generation;

	if (pms == NULL || pms[0] == '\0')
		return it;
	it.told = pms;
	it.name = sk_rules_pms(pms, version);
	generation = generation_called(it.name);
	it.family = generation != NULL ? generation->name : NULL;
	return it;
}

bool
sk_pms_list_next(const char **at, const char **item, size_t *length)
{
	if (*at == NULL)
		return false;
	*item = *at;
	*length = strcspn(*at, "|");
	*at = (*at)[*length] == '|' ? *at + *length + 1 : NULL;
	return true;
}

bool
sk_pms_list_has(const char *list, const char *word, size_t length)
{
	const char *item;
	size_t n;

	while (sk_pms_list_next(&list, &item, &n)) {
		if (n == length && strncasecmp(word, item, n) == 0)
			return true;
	}
	return false;
}

char *
sk_pms_list_spoken(const char *list)
{
	struct sk_text text = {0};
	const char *item;
	size_t length;

	while (sk_pms_list_next(&list, &item, &length))
		sk_text_add_format(&text, "%s%.*s", text.used > 0 ? ", " : "", (int)length, item);
	return sk_text_take(&text);
}

static bool
has_name(const char *list, const char *name)
{
	return name != NULL && sk_pms_list_has(list, name, strlen(name));
}

bool
sk_pms_is_among(const struct sk_pms *pms, const char *list)
{
	int is_not = list != NULL && list[0] == '!';

	if (list == NULL)
		return true;
	return (has_name(list + is_not, pms->name) || has_name(list + is_not, pms->family)) !=
	    is_not;
}

/* The text of that name in the map; NULL: it has none. The caller frees. */
static char *
text_in(const char *map, const char *name)
{
	while (map != NULL && name != NULL) {
		size_t length = strcspn(map, "="), all = strcspn(map, ";");

		if (length == strlen(name) && strncmp(map, name, length) == 0)
			return sk_mem_copy_bytes(map + length + 1, all - length - 1);
		map = map[all] == ';' ? map + all + 2 : NULL;
	}
	return NULL;
}

char *
sk_pms_text(const struct sk_pms *pms, const char *map, const char *general)
{
	char *text = text_in(map, pms->name);

	if (text == NULL)
		text = text_in(map, pms->family);
	return text != NULL ? text : sk_mem_copy(general);
}
