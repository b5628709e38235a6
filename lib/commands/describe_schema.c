/* SPDX-License-Identifier: MIT */
/*
 * describe: a JSON Schema of a request. The rules make it; here it gets what is known of the offices, of their
 * practices, and of the practices' own lists.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "rules/describe.h"
#include "commands/describe.h"
#include "commands/known.h"
#include "commands/request.h"

/* Appends a text to an enum, and the number whose text it is: both are sent alike. */
static void
add_spellings(json_t *list, const char *text)
{
	char number[32];

	json_array_append_new(list, json_string(text));
	snprintf(number, sizeof(number), "%lld", strtoll(text, NULL, 10));
	if (strcmp(number, text) == 0)
		json_array_append_new(list, json_integer(strtoll(text, NULL, 10)));
}

/* --- offices and practices -------------------------------------------------------------------- */

/* How many active practices an office has, whether they are described or not. */
static size_t
count_practices(const struct sk_directory *places, const char *office_id)
{
	size_t n = 0;

	for (size_t i = 0; i < places->n_practices; i++)
		n += strcmp(places->practices[i].office_id, office_id) == 0 &&
		    places->practices[i].status == SK_OFFICE_ACTIVE;
	return n;
}

/* How many offices a request may be for that names none. */
static size_t
count_offices(const struct sk_directory *places)
{
	size_t n = 0;

	for (size_t i = 0; i < places->n_offices; i++)
		n += places->offices[i].status != SK_OFFICE_REVOKED &&
		    places->offices[i].status != SK_OFFICE_HELD;
	return n;
}

static void
require(json_t *schema, const char *name)
{
	json_t *required = json_object_get(schema, "required"), *one;
	size_t i;

	if (required == NULL) {
		required = json_array();
		json_object_set_new(schema, "required", required);
	}
	json_array_foreach(required, i, one) if (strcmp(json_string_value(one), name) == 0) return;
	json_array_append_new(required, json_string(name));
}

/*
 * Restricts practice_id to the practices of an office that are described. The only one that an office has needn't be
 * named, and may be named by an empty text.
 */
static void
restrict_practice(json_t *schema, const struct sk_directory *places,
    const struct sk_practice *const *list, size_t n, const char *office_id)
{
	json_t *ids = json_array(), *properties = json_object_get(schema, "properties");

	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i]->office_id, office_id) == 0)
			add_spellings(ids, list[i]->practice_id);
	if (count_practices(places, office_id) > 1)
		require(schema, "practice_id");
	else
		json_array_append_new(ids, json_string(""));
	if (properties == NULL) {
		properties = json_object();
		json_object_set_new(schema, "properties", properties);
	}
	json_object_set_new(properties, "practice_id", json_pack("{s:o}", "enum", ids));
}

/* One condition for each office, where several are described. */
static void
restrict_offices(json_t *schema, const struct sk_directory *places,
    const struct sk_practice *const *list, size_t n, const json_t *offices)
{
	json_t *all = json_object_get(schema, "allOf"), *one;
	size_t i;

	if (all == NULL) {
		all = json_array();
		json_object_set_new(schema, "allOf", all);
	}
	json_array_foreach(offices, i, one)
	{
		const char *office_id = json_string_value(one);
		json_t *then = json_object();

		if (office_id == NULL)
			continue;
		restrict_practice(then, places, list, n, office_id);
		json_array_append_new(all,
		    json_pack("{s:{s:{s:{s:s}}},s:o}", "if", "properties", "office_id", "const",
			office_id, "then", then));
	}
}

void
sk_describe_places(json_t *schema, const struct sk_directory *places,
    const struct sk_practice *const *list, size_t n)
{
	json_t *offices = json_array(), *office;
	size_t n_offices = 0;

	for (size_t i = 0; i < n; i++) {
		if (i > 0 && strcmp(list[i]->office_id, list[i - 1]->office_id) == 0)
			continue;
		add_spellings(offices, list[i]->office_id);
		n_offices++;
	}
	if (n_offices == 1)
		restrict_practice(schema, places, list, n, list[0]->office_id);
	else
		restrict_offices(schema, places, list, n, offices);
	if (count_offices(places) > 1)
		require(schema, "office_id");
	office = json_object_get(json_object_get(schema, "properties"), "office_id");
	json_object_set_new(office, "enum", offices);
}

/* --- the practice's own lists ----------------------------------------------------------------- */

/* Appends a value to a pattern. */
static void
add_value(struct sk_text *pattern, const char *value)
{
	for (; *value != '\0'; value++)
		sk_text_add_format(pattern, "%s%c",
		    strchr("\\^$.|?*+()[]{}/", *value) != NULL ? "\\" : "", *value);
}

/* One or several of the values, with blanks around them, and maybe blank: as the check reads a list. */
static char *
list_pattern(const json_t *values, const char *between)
{
	struct sk_text one = {0};
	const json_t *value;
	char *part, *pattern;
	size_t i;

	sk_text_add(&one, " *(");
	json_array_foreach(values, i, value)
	{
		add_value(&one, json_string_value(value));
		sk_text_add(&one, "|");
	}
	sk_text_add(&one, ") *");
	part = sk_text_take(&one);
	pattern = sk_mem_printf("^%s([%s]%s)*$", part, between, part);
	free(part);
	return pattern;
}

static json_t *
values_schema(const json_t *values, const char *between)
{
	json_t *list = json_array();
	const json_t *value;
	char *pattern;
	size_t i;

	json_array_foreach(values, i, value) add_spellings(list, json_string_value(value));
	if (*between == '\0')
		return json_pack("{s:[{s:s,s:s},{s:o}]}", "anyOf", "type", "string", "pattern",
		    "^[ \\t\\r\\n]*$", "enum", list);
	pattern = list_pattern(values, between);
	list = json_pack("{s:[{s:s,s:s},{s:o}]}", "anyOf", "type", "string", "pattern", pattern,
	    "enum", list);
	free(pattern);
	return list;
}

void
sk_describe_values(json_t *schema, struct sk_known *known, const struct sk_rules_input *input,
    const struct sk_practice *practice)
{
	json_t *properties = json_object_get(schema, "properties"), *property, *values;
	const char *name, *between = "";
	void *next;

	json_object_foreach_safe(properties, next, name, property)
	{
		if (strcmp(name, "practice_id") == 0)
			continue;
		values = sk_known_values(known, input, practice, name, &between);
		if (values != NULL)
			json_object_set_new(property, "allOf",
			    json_pack("[o]", values_schema(values, between)));
		json_decref(values);
	}
}
