/* SPDX-License-Identifier: MIT */
/*
 * rules: the readable resources and their parameters. An unknown resource is no error here: the
 * server may know more than the table.
 */
#include "rules/resources.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "rules/resources_table.h"

/* Every resource takes these. offset and limit belong to the options and are in no list. */
const char *const sk_resource_common =
    "fields lightweight sort_by loaded_startdate loaded_enddate find";

/* "kpis/NAME" is a form of "kpis": the vendor's examples have both. */
static const char with_forms[] = "kpis";

static bool
is_form(const char *name)
{
	size_t n = sizeof(with_forms) - 1;

	return strncmp(name, with_forms, n) == 0 && name[n] == '/' && name[n + 1] != '\0' &&
	    strchr(name + n + 1, '/') == NULL;
}

static int
compare(const void *name, const void *resource)
{
	return strcmp(name, ((const struct sk_resource *)resource)->name);
}

const struct sk_resource *
sk_resource_find(const char *name)
{
	return bsearch(is_form(name) ? with_forms : name, sk_resources_table, sk_resources_count,
	    sizeof(sk_resources_table[0]), compare);
}

const char *
sk_resource_nearest(const char *name)
{
	struct sk_near near = {.word = name};

	for (size_t i = 0; i < sk_resources_count; i++)
		sk_near_add(&near, sk_resources_table[i].name, strlen(sk_resources_table[i].name));
	return near.name;
}

const struct sk_resource *
sk_resource_at(size_t i)
{
	return i < sk_resources_count ? &sk_resources_table[i] : NULL;
}

const char *
sk_resource_word(const char **list, size_t *length)
{
	const char *word = *list;

	if (*word == '\0')
		return NULL;
	*length = strcspn(word, " ");
	*list = word + *length + (word[*length] == ' ');
	return word;
}

static bool
is_word(const char *text, const char *word, size_t length)
{
	return strlen(text) == length && memcmp(text, word, length) == 0;
}

static void
put_word(char text[SK_RESOURCE_WORD], const char *word, size_t length)
{
	snprintf(text, SK_RESOURCE_WORD, "%.*s", (int)length, word);
}

/*
 * Whether a word is in one of the lists of names. If not, nearest (may be NULL) gets the nearest
 * name, or "".
 */
static bool
stands_in(const char *const *lists, size_t n_lists, const char *name,
    char nearest[SK_RESOURCE_WORD])
{
	struct sk_near near = {.word = name};
	size_t length;

	for (size_t i = 0; i < n_lists; i++) {
		const char *list = lists[i], *word;

		while ((word = sk_resource_word(&list, &length)) != NULL) {
			if (is_word(name, word, length))
				return true;
			sk_near_add(&near, word, length);
		}
	}
	if (nearest != NULL)
		put_word(nearest, near.name != NULL ? near.name : "", near.length);
	return false;
}

bool
sk_resource_takes(const struct sk_resource *resource, const char *parameter,
    char nearest[SK_RESOURCE_WORD])
{
	const char *const lists[] = {resource->required, resource->optional, sk_resource_common};

	return resource->shape == SK_SHAPE_UNDESCRIBED ||
	    stands_in(lists, resource->ask == SK_ASK_BODY ? 2 : 3, parameter, nearest);
}

bool
sk_resource_sorts(const struct sk_resource *resource, const char *field, size_t n,
    char nearest[SK_RESOURCE_WORD])
{
	char name[SK_RESOURCE_WORD];

	if (*resource->sort_by == '\0')
		return true;
	put_word(name, field, n);
	return stands_in(&resource->sort_by, 1, name, nearest);
}

bool
sk_resource_lacks(const struct sk_resource *resource, const char *const *names, size_t n,
    char missing[SK_RESOURCE_WORD])
{
	const char *list = resource->required, *word;
	size_t length, i;

	while ((word = sk_resource_word(&list, &length)) != NULL) {
		i = 0;
		while (i < n && !is_word(names[i], word, length))
			i++;
		if (i == n) {
			put_word(missing, word, length);
			return true;
		}
	}
	missing[0] = '\0';
	return false;
}
