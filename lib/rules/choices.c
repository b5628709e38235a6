/* SPDX-License-Identifier: MIT */
/*
 * rules: where the values that a practice allows in a field can be read, from the rows of the
 * table.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "rules/describe.h"
#include "rules/requirement.h"
#include "rules/resources.h"

/* Parses "resource?name=value&name=value#member", which may end with a bar. */
static void
read_choices(const char *text, struct sk_choices *choices)
{
	size_t n = strcspn(text, "?#");
	const char *at = text + n;

	choices->resource = sk_mem_copy_bytes(text, n);
	while (*at == '?' || *at == '&') {
		size_t name = strcspn(++at, "="), all = strcspn(at, "&#");

		choices->names[choices->n] = sk_mem_copy_bytes(at, name);
		choices->values[choices->n++] = sk_mem_copy_bytes(at + name + 1, all - name - 1);
		at += all;
	}
	at++;
	choices->member = sk_mem_copy_bytes(at, strcspn(at, "|"));
}

/* The nth list of "list|list"; NULL: there is none. */
static const char *
nth_list(const char *text, size_t nth)
{
	for (; text != NULL && nth > 0; nth--) {
		text = strchr(text, '|');
		text = text != NULL ? text + 1 : NULL;
	}
	return text;
}

/* What stands between several values of a field. */
static const char *
between(enum sk_value_format format)
{
	switch (format) {
	case SK_VALUE_LIST:
		return "|";
	case SK_VALUE_TEETH:
		return "$";
	case SK_VALUE_SITES:
		return "|$";
	default:
		return "";
	}
}

bool
sk_rules_choices(const struct sk_operation *operation, const char *field, const char *pms,
    const char *version, size_t nth, struct sk_choices *choices)
{
	const struct sk_field *row = sk_field_find(operation, field);
	struct sk_requirement view;
	struct sk_pms it;
	const char *list;

	memset(choices, 0, sizeof(*choices));
	/* Most fields have no list for any system. */
	if (row == NULL || (row->choices == NULL && row->choices_for == NULL))
		return false;
	it = sk_pms_of(pms, version);
	sk_requirement_init(&view, row, &it);
	list = nth_list(view.choices, nth);
	if (list != NULL)
		read_choices(list, choices);
	choices->between = between(view.format);
	choices->is_ruled =
	    view.values != NULL || view.parts != NULL || view.format == SK_VALUE_BOOLEAN;
	sk_requirement_fini(&view);
	return choices->resource != NULL;
}

void
sk_choices_fini(struct sk_choices *choices)
{
	for (size_t i = 0; i < choices->n; i++) {
		free(choices->names[i]);
		free(choices->values[i]);
	}
	free(choices->resource);
	free(choices->member);
	memset(choices, 0, sizeof(*choices));
}

void
sk_choices_add(struct sk_choices *choices, const char *name, const char *value)
{
	choices->names[choices->n] = sk_mem_copy(name);
	choices->values[choices->n++] = sk_mem_copy(value);
}

void
sk_choices_restrict(struct sk_choices *choices, const char *practice_id)
{
	const struct sk_resource *resource = sk_resource_find(choices->resource);

	if (resource == NULL || choices->n == SK_CHOICES_PARAMETERS ||
	    !sk_resource_takes(resource, "practice_id", NULL))
		return;
	for (size_t i = 0; i < choices->n; i++)
		if (strcmp(choices->names[i], "practice_id") == 0)
			return;
	sk_choices_add(choices, "practice_id", practice_id);
}

void
sk_choices_of_practice(struct sk_choices *choices, const char *name, const char *practice_id)
{
	size_t n = strcspn(name, ".");

	memset(choices, 0, sizeof(*choices));
	choices->resource = sk_mem_copy_bytes(name, n);
	choices->member = sk_mem_copy(name + n + 1);
	sk_choices_add(choices, "practice_id", practice_id);
}

char *
sk_choices_source(const struct sk_choices *choices)
{
	struct sk_text source = {0};

	sk_text_add(&source, choices->resource);
	for (size_t i = 0; i < choices->n; i++)
		sk_text_add_format(&source, "%c%s=%s", i == 0 ? '?' : '&', choices->names[i],
		    choices->values[i]);
	sk_text_add_format(&source, "#%s", choices->member);
	return sk_text_take(&source);
}

char *
sk_rules_values(const struct sk_operation *operation, const char *field, const char *pms,
    const char *version)
{
	const struct sk_field *row = sk_field_find(operation, field);
	struct sk_pms it = sk_pms_of(pms, version);
	struct sk_requirement view;
	char *values;

	if (row == NULL)
		return NULL;
	sk_requirement_init(&view, row, &it);
	values = sk_mem_copy(view.values);
	if (values == NULL && view.is_read && view.format == SK_VALUE_BOOLEAN)
		values = sk_mem_copy("true|false");
	sk_requirement_fini(&view);
	return values;
}
