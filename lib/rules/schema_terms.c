/* SPDX-License-Identifier: MIT */
/*
 * schema_terms: the terms of which a JSON Schema is made: texts without regard to letter case, fields that are
 * given, conditions of the table.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "rules/schema_parts.h"

#define BLANK "^[ \\t\\r\\n]*$"

json_t *
sk_schema_enum(const char *values)
{
	json_t *list = json_array();
	const char *item;
	size_t length;

	while (sk_pms_list_next(&values, &item, &length)) {
		char *text = sk_mem_copy_bytes(item, length);

		json_array_append_new(list, json_string(text));
		if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
			json_array_append_new(list, json_boolean(strcmp(text, "true") == 0));
		free(text);
	}
	return list;
}

json_t *
sk_schema_with(const char *name, json_t *schema)
{
	json_t *outer = json_object();

	json_object_set_new(outer, name, schema);
	return outer;
}

json_t *
sk_schema_property(const char *name, json_t *value)
{
	return sk_schema_with("properties", sk_schema_with(name, value));
}

json_t *
sk_schema_text(const char *pattern)
{
	json_t *schema = sk_schema_with("type", json_string("string"));

	sk_json_set(schema, "pattern", pattern);
	return schema;
}

json_t *
sk_schema_or_blank(json_t *schema)
{
	json_t *list = json_array();

	json_array_append_new(list, sk_schema_text(BLANK));
	json_array_append_new(list, schema);
	return sk_schema_with("anyOf", list);
}

json_t *
sk_schema_not_blank(void)
{
	return sk_schema_with("not", sk_schema_text(BLANK));
}

/* A pattern for a text, whatever the case of its letters. */
static char *
any_case(const char *value)
{
	struct sk_text text = {0};

	for (; *value != '\0'; value++) {
		int lower = tolower((unsigned char)*value), upper = toupper((unsigned char)*value);

		if (lower != upper)
			sk_text_add_format(&text, "[%c%c]", upper, lower);
		else
			sk_text_add_format(&text, "%s%c",
			    strchr("\\^$.|?*+()[]{}/", *value) != NULL ? "\\" : "", *value);
	}
	return sk_text_take(&text);
}

json_t *
sk_schema_words(const char *values, bool with_enum)
{
	const char *at = values, *item;
	struct sk_text pattern = {0};
	json_t *list = json_array();
	size_t length;

	sk_text_add(&pattern, "^(");
	while (sk_pms_list_next(&at, &item, &length)) {
		char *word = sk_mem_copy_bytes(item, length), *one = any_case(word);

		sk_text_add_format(&pattern, "%s%s", item != values ? "|" : "", one);
		if (!with_enum && (strcmp(word, "true") == 0 || strcmp(word, "false") == 0))
			json_array_append_new(list,
			    sk_schema_with("const", json_boolean(strcmp(word, "true") == 0)));
		free(one);
		free(word);
	}
	sk_text_add(&pattern, ")$");
	if (with_enum)
		json_array_append_new(list, sk_schema_with("enum", sk_schema_enum(values)));
	json_array_append_new(list, sk_schema_text(sk_text_bytes(&pattern)));
	sk_text_fini(&pattern);
	return sk_schema_with("anyOf", list);
}

json_t *
sk_schema_given(const char *name)
{
	json_t *schema = sk_schema_property(name, sk_schema_not_blank());

	json_object_set_new(schema, "required", sk_schema_enum(name));
	return schema;
}

json_t *
sk_schema_alternative(const char *text, size_t length)
{
	int is_not = text[0] == '!';
	size_t n = strcspn(text + is_not, "=<|");
	char *name = sk_mem_copy_bytes(text + is_not, n);
	char *value = length > n + 1 ? sk_mem_copy_bytes(text + n + 1, length - n - 1) : NULL;
	json_t *schema = sk_schema_given(name), *value_schema = NULL;

	if (is_not) {
		schema = sk_schema_with("not", schema);
	} else if (text[n] == '=') {
		value_schema = sk_schema_words(value, false);
	} else if (text[n] == '<') {
		value_schema = sk_schema_with("pattern", json_string("(^|\\|)-"));
		json_object_set_new(value_schema, "exclusiveMaximum", json_integer(0));
	}
	if (value_schema != NULL)
		json_object_update_new(schema, sk_schema_property(name, value_schema));
	free(value);
	free(name);
	return schema;
}

json_t *
sk_schema_condition(const char *condition, const struct sk_submission *asked)
{
	json_t *list = json_array(), *only;
	const char *item;
	size_t length;

	while (sk_pms_list_next(&condition, &item, &length)) {
		char *name =
		    sk_mem_copy_bytes(item + (*item == '!'), strcspn(item + (*item == '!'), "=<|"));
		struct sk_requirement view;

		sk_requirement_init(&view, sk_field_find(asked->operation, name), &asked->pms);
		if (view.is_read)
			json_array_append_new(list, sk_schema_alternative(item, length));
		sk_requirement_fini(&view);
		free(name);
	}
	if (json_array_size(list) > 1)
		return sk_schema_with("anyOf", list);
	only = json_incref(json_array_get(list, 0));
	json_decref(list);
	return only;
}
