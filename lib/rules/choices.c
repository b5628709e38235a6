/* SPDX-License-Identifier: MIT */
/*
 * rules: where the values that a practice allows in a field can be read, from the rows of the
 * table.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "rules/describe.h"
#include "rules/requirement.h"

/* Parses "resource?name=value&name=value#member". */
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
	choices->member = sk_mem_copy(at + 1);
}

bool
sk_rules_choices(const struct sk_operation *operation, const char *field, const char *pms,
    const char *version, struct sk_choices *choices)
{
	const struct sk_field *row = sk_field_find(operation, field);
	struct sk_pms it = sk_pms_of(pms, version);
	struct sk_requirement view;
	bool found;

	memset(choices, 0, sizeof(*choices));
	if (row == NULL)
		return false;
	sk_requirement_init(&view, row, &it);
	found = view.choices != NULL;
	if (found)
		read_choices(view.choices, choices);
	sk_requirement_fini(&view);
	return found;
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
