/* SPDX-License-Identifier: MIT */
/*
 * supported: reads the vendor's list of systems. A system that isn't in it, or a list that has another form, says
 * nothing.
 */
#include "rules/supported.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "rules/table.h"

#define AVAILABLE "available"

const char *
sk_supported_column(const struct sk_operation *operation)
{
	return operation->supported;
}

void
sk_supported_choices(struct sk_choices *choices)
{
	memset(choices, 0, sizeof(*choices));
	choices->resource = sk_mem_copy("supported_pmses");
	choices->member = sk_mem_copy("practice_management_system");
}

/* Whether a list of words with blanks between has the word. */
static bool
has_word(const char *list, const char *word)
{
	size_t n = strlen(word);

	while (list != NULL && *list != '\0') {
		size_t length = strcspn(list, " ");

		if (length == n && memcmp(list, word, n) == 0)
			return true;
		list += length + (list[length] == ' ');
	}
	return false;
}

json_t *
sk_supported_item(const json_t *record)
{
	struct sk_text columns = {0};
	json_t *item;

	for (size_t i = 0; i < sk_operations_count; i++) {
		const char *column = sk_operations[i].supported;

		const char *value = column != NULL ? sk_json_string(record, column) : NULL;

		if (value != NULL && strcasecmp(value, AVAILABLE) == 0 &&
		    !has_word(columns.bytes, column))
			sk_text_add_format(&columns, "%s%s", columns.used > 0 ? " " : "", column);
	}
	item = json_pack("[s?, s?, s]", sk_json_string(record, "practice_management_system"),
	    sk_json_string(record, "practice_management_system_version"), sk_text_bytes(&columns));
	sk_text_fini(&columns);
	return item;
}

/* Name and version as one text in which only differs what makes a difference. The caller frees. */
static char *
plain(const char *name, const char *version)
{
	char *both = sk_mem_printf("%s %s", name, version != NULL ? version : ""), *to = both;

	for (const char *at = both; *at != '\0'; at++) {
		bool is_v = tolower((unsigned char)*at) == 'v' && isdigit((unsigned char)at[1]) &&
		    (at == both || !isalpha((unsigned char)at[-1]));

		if (*at != ' ' && *at != '-' && !is_v)
			*to++ = (char)tolower((unsigned char)*at);
	}
	*to = '\0';
	return both;
}

static const char *
member(const json_t *item, size_t i)
{
	return json_string_value(json_array_get(item, i));
}

/* Whether an item is this version of the system. */
static bool
is_it(const json_t *item, const char *wanted)
{
	char *own = member(item, 0) != NULL ? plain(member(item, 0), member(item, 1)) : NULL;
	bool result = own != NULL && strcmp(own, wanted) == 0;

	free(own);
	return result;
}

/* Compares two versions number by number: V9.2 is lower than V16. What has no number is the lowest. */
static int
compare_versions(const char *a, const char *b)
{
	for (;;) {
		unsigned long one, other;

		a += strcspn(a, "0123456789");
		b += strcspn(b, "0123456789");
		if (*a == '\0' || *b == '\0')
			return (*a != '\0') - (*b != '\0');
		one = strtoul(a, NULL, 10);
		other = strtoul(b, NULL, 10);
		a += strspn(a, "0123456789");
		b += strspn(b, "0123456789");
		if (one != other)
			return one < other ? -1 : 1;
	}
}

/* What stands before the number: G6 and V16 of the same product aren't counted alike. */
static char
letter_of(const char *version)
{
	char letter = (char)tolower((unsigned char)*version);

	return isalpha((unsigned char)letter) && letter != 'v' ? letter : 'v';
}

/* The lowest version of the item's system that takes the write, and is counted alike; NULL: none. Borrowed. */
static const char *
first_of(const json_t *items, const json_t *it, const char *column)
{
	const char *name = member(it, 0), *own = member(it, 1);
	const char *first = NULL;
	const json_t *item;
	size_t i;

	json_array_foreach(items, i, item)
	{
		const char *version = member(item, 1);

		if (version == NULL || own == NULL || member(item, 0) == NULL ||
		    letter_of(version) != letter_of(own) || strcmp(member(item, 0), name) != 0 ||
		    !has_word(member(item, 2), column))
			continue;
		if (first == NULL || compare_versions(version, first) < 0)
			first = version;
	}
	return first;
}

void
sk_supported_find(const json_t *items, const char *column, const char *pms, const char *version,
    struct sk_supported *supported)
{
	const json_t *it = NULL;
	char *wanted = plain(pms, version);
	const json_t *item;
	size_t i;

	memset(supported, 0, sizeof(*supported));
	json_array_foreach(items, i, item)
	{
		if (!is_it(item, wanted))
			continue;
		it = item;
		supported->is_listed = true;
		supported->is_available |= has_word(member(item, 2), column);
	}
	if (it != NULL)
		supported->first = sk_mem_copy(first_of(items, it, column));
	free(wanted);
}

void
sk_supported_fini(struct sk_supported *supported)
{
	free(supported->first);
	memset(supported, 0, sizeof(*supported));
}
