/* SPDX-License-Identifier: MIT */
/*
 * rules: an operation's rules as a JSON Schema, as strict as the check itself. What a schema can't express (lists of
 * equal length, days in the future) is left out, so the schema may accept a request that the check refuses, but never
 * the reverse.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "rules/describe.h"
#include "rules/schema_parts.h"
#include "rules/validate.h"
#include "rules/value.h"

#define DRAFT "https://json-schema.org/draft/2020-12/schema"
#define DIGIT "[A-Za-z0-9+/]"
#define AMOUNT "-?[0-9]+(\\.[0-9]+)?"

/* Patterns for texts. A JSON number isn't a text, so no pattern applies to it. */
static const char *const patterns[] = {
    [SK_VALUE_DATE] = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    [SK_VALUE_PAST_DATE] = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    [SK_VALUE_TIME] = "^([01][0-9]|2[0-3]):[0-5][0-9]$",
    [SK_VALUE_INTEGER] = "^[0-9]+$",
    [SK_VALUE_AMOUNTS] = "^" AMOUNT "(\\|" AMOUNT ")*$",
    [SK_VALUE_AMOUNTS_OR_BLANK] = "^ *(" AMOUNT ")?(\\| *(" AMOUNT ")?)*$",
    [SK_VALUE_EMAIL] = "^[^@\\s]*@[^@\\s]*\\.[^@\\s]*$",
    [SK_VALUE_PHONE] = "^([- \\t+().x]*[0-9]){7}[-0-9 \\t+().x]*$",
    [SK_VALUE_DIGITS] = "^[0-9]+$",
    [SK_VALUE_BASE64] = "^(@.+|(" DIGIT "{4})*(" DIGIT "{2}==|" DIGIT "{3}=|" DIGIT "{4}))$",
    [SK_VALUE_TOOTH_NUMBERS] = "^0*([1-9]|[12][0-9]|3[0-2])(\\$0*([1-9]|[12][0-9]|3[0-2]))*$",
};

/* --- a field's value -------------------------------------------------------------------------- */

static json_t *
types(const char *first, const char *second, const char *third)
{
	json_t *list = json_array();

	json_array_append_new(list, json_string(first));
	if (second != NULL)
		json_array_append_new(list, json_string(second));
	if (third != NULL)
		json_array_append_new(list, json_string(third));
	return list;
}

/*
 * The JSON types that a value may have: numbers and booleans count as their texts, where such a
 * text can be right.
 */
static json_t *
types_of(enum sk_value_format format)
{
	switch (format) {
	case SK_VALUE_TEXT:
	case SK_VALUE_LIST:
		return types("string", "number", "boolean");
	case SK_VALUE_BOOLEAN:
		return types("boolean", "string", NULL);
	case SK_VALUE_INTEGER:
	case SK_VALUE_DIGITS:
	case SK_VALUE_TOOTH_NUMBERS:
		return types("string", "integer", NULL);
	case SK_VALUE_AMOUNTS:
	case SK_VALUE_AMOUNTS_OR_BLANK:
	case SK_VALUE_TEETH:
		return types("string", "number", NULL);
	case SK_VALUE_DATE:
	case SK_VALUE_PAST_DATE:
	case SK_VALUE_TIME:
	case SK_VALUE_EMAIL:
	case SK_VALUE_PHONE:
	case SK_VALUE_BASE64:
	case SK_VALUE_SITES:
		break;
	}
	return types("string", NULL, NULL);
}

/* Appends one of the parts as a pattern: "0-19" as 0*(0|1|…|19), a word as it is, "F0:*" as F0:[^|$]*. */
static void
add_part(struct sk_text *text, const char *item, size_t length)
{
	char *end;
	long low, high;

	if (item[length - 1] == '*') {
		sk_text_add_bytes(text, item, length - 1);
		sk_text_add(text, "[^|$]*");
		return;
	}
	if (item[0] < '0' || item[0] > '9') {
		sk_text_add_bytes(text, item, length);
		return;
	}
	low = strtol(item, &end, 10);
	high = strtol(end + 1, NULL, 10);
	sk_text_add_format(text, "0*(%ld", low);
	for (low++; low <= high; low++)
		sk_text_add_format(text, "|%ld", low);
	sk_text_add(text, ")");
}

/* A pattern for the value of one site or tooth. */
static char *
parts_pattern(const char *parts)
{
	struct sk_text text = {0};
	const char *item;
	size_t length;

	if (parts == NULL)
		return sk_mem_copy("[^|$]*");
	sk_text_add(&text, "( *");
	while (sk_pms_list_next(&parts, &item, &length)) {
		sk_text_add(&text, "|");
		add_part(&text, item, length);
	}
	sk_text_add(&text, ")");
	return sk_text_take(&text);
}

static char *
chart_pattern(const struct sk_requirement *view)
{
	char *part = parts_pattern(view->parts), *tooth, *text;

	tooth = view->format == SK_VALUE_SITES ? sk_mem_printf("%s(\\|%s){5}", part, part)
					       : sk_mem_copy(part);
	text = sk_mem_printf("^%s(\\$%s)*$", tooth, tooth);
	free(part);
	free(tooth);
	return text;
}

static void
set_number(json_t *schema, const char *name, size_t number)
{
	json_object_set_new(schema, name, json_integer((json_int_t)number));
}

static size_t
power_of_ten(size_t n)
{
	size_t power = 1;

	for (; n > 0 && n < 18; n--)
		power *= 10;
	return power;
}

static void
set_pattern(json_t *schema, const struct sk_requirement *view)
{
	char *text = NULL;

	if (view->format == SK_VALUE_TEETH || view->format == SK_VALUE_SITES)
		text = chart_pattern(view);
	else if (view->field->is & SK_FIELD_PLAIN)
		text = sk_mem_copy("^[^\\u0000-\\u001f\\u007f-\\u009f]*$");
	else if (view->field->is & SK_FIELD_IN_PATH)
		text = sk_mem_copy("^(?!\\.{1,2}$)[^:#?/\\\\%+=\\u0000-\\u001f\\u007f]+$");
	else if (view->format == SK_VALUE_INTEGER && view->field->min == 1)
		text = sk_mem_copy("^0*[1-9][0-9]*$");
	else if ((size_t)view->format < sizeof(patterns) / sizeof(patterns[0]))
		text = sk_mem_copy(patterns[view->format]);
	if (text != NULL)
		sk_json_set(schema, "pattern", text);
	free(text);
}

/* Which JSON numbers are right where a number's text is: patterns don't concern them. */
static void
set_range(json_t *schema, const struct sk_requirement *view)
{
	const char *parts = view->parts;

	if (view->format == SK_VALUE_DIGITS) {
		set_number(schema, "minimum",
		    view->field->min_length > 1 ? power_of_ten(view->field->min_length - 1) : 0);
		if (view->max != 0)
			set_number(schema, "exclusiveMaximum", power_of_ten(view->max));
	} else if (view->format == SK_VALUE_TOOTH_NUMBERS) {
		set_number(schema, "minimum", 1);
		set_number(schema, "maximum", 32);
	} else if (view->format == SK_VALUE_TEETH && parts != NULL &&
	    isdigit((unsigned char)*parts)) {
		set_number(schema, "multipleOf", 1);
		set_number(schema, "minimum", strtoul(parts, NULL, 10));
		set_number(schema, "maximum", strtoul(strchr(parts, '-') + 1, NULL, 10));
	} else if (view->format == SK_VALUE_TEETH && parts != NULL) {
		sk_json_set(schema, "type", "string");
	}
}

static json_t *
value_schema(const struct sk_requirement *view)
{
	const struct sk_field *field = view->field;
	json_t *schema = json_object();

	json_object_set_new(schema, "type", types_of(view->format));
	if (view->note != NULL)
		sk_json_set(schema, "description", view->note);
	else if (view->format != SK_VALUE_TEXT)
		sk_json_set(schema, "description", sk_value_wanted(view->format));
	if (view->values != NULL)
		json_object_update_new(schema, sk_schema_words(view->values, true));
	else if (view->format == SK_VALUE_BOOLEAN)
		json_object_update_new(schema, sk_schema_words("true|false", true));
	if (view->format == SK_VALUE_DATE || view->format == SK_VALUE_PAST_DATE)
		sk_json_set(schema, "format", "date");
	if (view->format == SK_VALUE_BASE64)
		sk_json_set(schema, "contentEncoding", "base64");
	if (field->min != 0)
		set_number(schema, "minimum", (size_t)field->min);
	if (field->min_length != 0)
		set_number(schema, "minLength", field->min_length);
	if (view->max != 0)
		set_number(schema, "maxLength", view->max);
	set_range(schema, view);
	if (field->is & SK_FIELD_SECRET)
		json_object_set_new(schema, "writeOnly", json_true());
	set_pattern(schema, view);
	return schema;
}

/*
 * Appends then (taken) to all, a list of schemas that must all hold; with a condition only for
 * requests that meet it.
 */
static void
add_conditional(json_t *all, const char *condition, int is_negated, json_t *then,
    const struct sk_submission *asked)
{
	json_t *schema, *test = condition != NULL ? sk_schema_condition(condition, asked) : NULL;

	if (condition == NULL || (test == NULL && is_negated)) {
		json_array_append_new(all, then);
	} else if (test == NULL) {
		json_decref(then);
	} else {
		schema = sk_schema_with("if", test);
		json_object_set_new(schema, is_negated ? "else" : "then", then);
		json_array_append_new(all, schema);
	}
}

/* --- rules ------------------------------------------------------------------------------------ */

/* The schema for a rule of one field; NULL for a rule of several fields. */
static json_t *
rule_schema(const struct sk_rule *rule, const struct sk_submission *asked)
{
	json_t *schema = json_object();
	char *text = NULL;

	switch (rule->kind) {
	case SK_RULE_COUNT:
		text = sk_mem_printf("^[^|]*(\\|[^|]*){%zu}$", rule->number - 1);
		if (rule->number > 1)
			sk_json_set(schema, "type", "string");
		break;
	case SK_RULE_MAX:
		set_number(schema, "maxLength", rule->number);
		return schema;
	case SK_RULE_POSITIVE:
		text = sk_mem_copy("(^|\\|)[0-9.]*[1-9]");
		set_number(schema, "exclusiveMinimum", 0);
		break;
	case SK_RULE_NOT_NEGATIVE:
		text = sk_mem_copy("^(?!.*-[0-9.]*[1-9])");
		set_number(schema, "minimum", 0);
		break;
	case SK_RULE_NOT_ZERO:
		text = sk_mem_copy("^(?!(.*\\|)?-?0+(\\.0+)?(\\||$))");
		json_object_set_new(schema, "not", sk_schema_with("const", json_integer(0)));
		break;
	case SK_RULE_ZERO:
		text = sk_mem_copy("^[-0.| ]*$");
		set_number(schema, "minimum", 0);
		set_number(schema, "maximum", 0);
		break;
	case SK_RULE_WHOLE:
		text = sk_mem_copy("^[^.]*$");
		set_number(schema, "multipleOf", 1);
		break;
	case SK_RULE_ONLY_ON:
		if (asked->pms.told != NULL && !sk_pms_is_among(&asked->pms, rule->pms))
			json_object_set_new(schema, "not",
			    sk_schema_with("enum", sk_schema_enum(rule->values)));
		return schema;
	case SK_RULE_LOST:
	case SK_RULE_AT_LEAST_ONE:
	case SK_RULE_SAME_COUNT:
	case SK_RULE_NOT_TOGETHER:
	default:
		json_decref(schema);
		return NULL;
	}
	sk_json_set(schema, "pattern", text);
	free(text);
	return schema;
}

/*
 * The schema for a rule of several fields: AT_LEAST_ONE and NOT_TOGETHER. A schema can't compare
 * the lengths of lists (SAME_COUNT).
 */
static json_t *
set_schema(const struct sk_rule *rule, const struct sk_submission *asked)
{
	char *set = sk_rules_set_fields(asked, rule);
	const char *at = set, *item;
	json_t *list = json_array();
	size_t length;

	while (sk_pms_list_next(&at, &item, &length)) {
		char *name = sk_mem_copy_bytes(item, length), *condition;

		condition = sk_mem_printf("%s=true", name);
		json_array_append_new(list,
		    rule->kind == SK_RULE_AT_LEAST_ONE
			? sk_schema_given(name)
			: sk_schema_alternative(condition, strlen(condition)));
		free(condition);
		free(name);
	}
	free(set);
	if (rule->kind == SK_RULE_AT_LEAST_ONE)
		return sk_schema_with("anyOf", list);
	/* If the system reads only one of the fields, the rule says nothing. */
	if (json_array_size(list) < 2) {
		json_decref(list);
		return json_object();
	}
	return sk_schema_with("not", sk_schema_with("allOf", list));
}

static void
add_rule(json_t *all, const struct sk_rule *rule, const struct sk_submission *asked)
{
	struct sk_requirement view;
	json_t *schema;

	if (rule->kind == SK_RULE_SAME_COUNT || rule->is_doubtful)
		return;
	if (rule->kind == SK_RULE_AT_LEAST_ONE || rule->kind == SK_RULE_NOT_TOGETHER) {
		schema = set_schema(rule, asked);
	} else {
		sk_requirement_init(&view, sk_field_find(asked->operation, rule->fields),
		    &asked->pms);
		schema = view.is_read
		    ? sk_schema_property(rule->fields, sk_schema_or_blank(rule_schema(rule, asked)))
		    : json_object();
		sk_requirement_fini(&view);
	}
	if (json_object_size(schema) > 0)
		add_conditional(all, rule->when, 0, schema, asked);
	else
		json_decref(schema);
}

/* --- a request -------------------------------------------------------------------------------- */

static json_t *
envelope(const struct sk_operation *operation)
{
	json_t *properties = json_object(),
	       *text = sk_schema_with("type", types("string", "number", "boolean"));

	set_number(text, "minLength", 1);
	json_object_set_new(properties, "office_id", json_copy(text));
	json_object_set(properties, "key", text);
	json_object_set_new(properties, "again", sk_schema_with("type", json_string("boolean")));
	json_object_set_new(properties, "operation",
	    sk_schema_with("const", json_string(operation->name)));
	json_decref(text);
	return properties;
}

/*
 * Whether the command fills the field in: practice_id where there is only one practice, and fields
 * with a default.
 */
static bool
is_filled_in(const struct sk_operation *operation, const char *name)
{
	return strcmp(name, "practice_id") == 0 ||
	    (operation->defaults[0] != NULL && strcmp(name, operation->defaults[0]) == 0) ||
	    (operation->fixed[0] != NULL && strcmp(name, operation->fixed[0]) == 0);
}

/*
 * A blank text counts as none, so that it is right where a field isn't required, or is filled in; and where the system
 * takes it as a value. Which practice_id is right is for the command to say, which knows the practices.
 */
static json_t *
field_schema(const struct sk_requirement *view, bool is_needed)
{
	json_t *value = value_schema(view), *either, *description;

	if (is_needed && !view->may_be_blank) {
		json_object_update_new(value, sk_schema_not_blank());
		return value;
	}
	description = json_incref(json_object_get(value, "description"));
	json_object_del(value, "description");
	either = sk_schema_or_blank(value);
	if (description != NULL)
		json_object_set_new(either, "description", description);
	return either;
}

/* A request that has the field; with a blank text only where that is a value. */
static json_t *
has_field(const struct sk_requirement *view)
{
	return view->may_be_blank ? sk_schema_with("required", sk_schema_enum(view->field->name))
				  : sk_schema_given(view->field->name);
}

static void
add_field(json_t *properties, json_t *needed, json_t *all, const struct sk_field *field,
    const struct sk_submission *asked)
{
	struct sk_requirement view;
	bool is_needed;

	sk_requirement_init(&view, field, &asked->pms);
	if (view.is_read) {
		if (is_filled_in(asked->operation, field->name)) {
			view.is_required = 0;
			view.required_if = NULL;
		}
		is_needed = view.is_required && field->unless == NULL;
		json_object_set_new(properties, field->name, field_schema(&view, is_needed));
		if (is_needed)
			json_array_append_new(needed, json_string(field->name));
		else if (view.is_required)
			add_conditional(all, field->unless, 1, has_field(&view), asked);
		if (!view.is_required && view.required_if != NULL)
			add_conditional(all, view.required_if, 0, has_field(&view), asked);
	}
	sk_requirement_fini(&view);
}

json_t *
sk_rules_schema(const struct sk_operation *operation, const char *pms, const char *version)
{
	struct sk_submission asked = {.operation = operation, .pms = sk_pms_of(pms, version)};
	json_t *schema = json_object(), *properties = envelope(operation);
	json_t *needed = json_array(), *all = json_array();
	char *description = sk_mem_printf("%s %s%s%s", operation->method, operation->path,
	    asked.pms.told != NULL ? ", on " : "", asked.pms.told != NULL ? asked.pms.told : "");

	for (size_t i = 0; i < operation->n_fields; i++)
		add_field(properties, needed, all, &operation->fields[i], &asked);
	for (size_t i = 0; i < operation->n_rules; i++) {
		if (sk_rule_is_here(&operation->rules[i], &asked.pms))
			add_rule(all, &operation->rules[i], &asked);
	}
	sk_json_set(schema, "$schema", DRAFT);
	sk_json_set(schema, "title", operation->name);
	sk_json_set(schema, "description", description);
	sk_json_set(schema, "type", "object");
	json_object_set_new(schema, "properties", properties);
	json_object_set_new(schema, "required", needed);
	/* Other members are sent as they are; but only texts, numbers and booleans can be. */
	json_object_set_new(schema, "additionalProperties",
	    sk_schema_with("type", types("string", "number", "boolean")));
	if (json_array_size(all) > 0)
		json_object_set_new(schema, "allOf", all);
	else
		json_decref(all);
	free(description);
	return schema;
}
