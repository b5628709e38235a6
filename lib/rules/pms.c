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

static const char dentrix_g[] = "Dentrix G";
static const char dentrix_g6[] = "Dentrix G6";

static bool
is_skipped(char c)
{
	return c == ' ' || c == '.' || c == '-';
}

/*
 * Where text goes on behind name, when it begins with name; otherwise NULL. Letter case, blanks,
 * dots and hyphens are ignored in both. *length is the number of characters compared.
 */
static const char *
behind(const char *text, const char *name, size_t *length)
{
	*length = 0;
	for (;;) {
		while (is_skipped(*name))
			name++;
		if (*name == '\0')
			return text;
		while (is_skipped(*text))
			text++;
		if (tolower((unsigned char)*text) != tolower((unsigned char)*name))
			return NULL;
		text++;
		name++;
		(*length)++;
	}
}

/*
 * The longest name that text begins with. Dentrix G7 and later count as Dentrix G6, as the table
 * names them.
 */
static const char *
longest_name(const char *text, size_t *longest)
{
	const char *found = NULL, *rest;
	size_t length;

	for (size_t i = 0; sk_pms_names[i] != NULL; i++) {
		const char *name = sk_pms_names[i];

		if (strcmp(name, dentrix_g6) == 0)
			continue;
		if (behind(text, name, &length) != NULL && length > *longest) {
			*longest = length;
			found = name;
		}
	}
	rest = behind(text, dentrix_g, &length);
	while (rest != NULL && is_skipped(*rest))
		rest++;
	if (rest != NULL && strtol(rest, NULL, 10) >= 6 && length + 1 > *longest) {
		*longest = length + 1;
		found = dentrix_g6;
	}
	return found;
}

const char *
sk_rules_pms(const char *pms, const char *version)
{
	const char *name, *both_name;
	size_t longest = 0;
	char *both;

	if (pms == NULL)
		return NULL;
	name = longest_name(pms, &longest);
	if (version == NULL)
		return name;
	both = sk_mem_printf("%s %s", pms, version);
	both_name = longest_name(both, &longest);
	free(both);
	return both_name != NULL ? both_name : name;
}

struct sk_pms
sk_pms_of(const char *pms, const char *version)
{
	struct sk_pms it = {NULL, NULL};

	if (pms != NULL && pms[0] != '\0') {
		it.told = pms;
		it.name = sk_rules_pms(pms, version);
	}
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

bool
sk_pms_is_among(const struct sk_pms *pms, const char *list)
{
	int is_not = list != NULL && list[0] == '!';

	if (list == NULL)
		return true;
	if (pms->name == NULL)
		return is_not;
	return sk_pms_list_has(list + is_not, pms->name, strlen(pms->name)) != is_not;
}

char *
sk_pms_text(const struct sk_pms *pms, const char *map, const char *general)
{
	while (map != NULL && pms->name != NULL) {
		size_t name = strcspn(map, "="), all = strcspn(map, ";");

		if (name == strlen(pms->name) && strncmp(map, pms->name, name) == 0)
			return sk_mem_copy_bytes(map + name + 1, all - name - 1);
		map = map[all] == ';' ? map + all + 2 : NULL;
	}
	return sk_mem_copy(general);
}
