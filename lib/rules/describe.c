/* SPDX-License-Identifier: MIT */
/*
 * rules: an operation's rules as records for people: fields, what is required, what a value has to
 * be.
 */
#include "rules/describe.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "base/text.h"
#include "rules/validate.h"
#include "rules/value.h"

/* --- operations ------------------------------------------------------------------------------- */

json_t *
sk_rules_summary(const struct sk_operation *operation)
{
	char *pms = operation->pms != NULL ? sk_pms_list_spoken(operation->pms) : NULL;
	json_t *row = json_object();

	sk_json_set(row, "operation", operation->name);
	sk_json_set(row, "method", operation->method);
	sk_json_set(row, "path", operation->path);
	sk_json_set(row, "creates", operation->creates);
	sk_json_set(row, "twice", operation->twice == SK_TWICE_MAY_BE ? "sent" : "refused");
	sk_json_set(row, "pms", pms);
	sk_json_set(row, "note", operation->note);
	free(pms);
	return row;
}

char *
sk_rules_refusal(const struct sk_operation *operation, const char *pms, const char *version)
{
	struct sk_pms it = sk_pms_of(pms, version);

	return sk_rules_refuses(operation, &it);
}

bool
sk_rules_has_field(const struct sk_operation *operation, const char *field, const char **nearest)
{
	const char **names;

	if (sk_field_find(operation, field) != NULL)
		return true;
	names = sk_mem_zero(operation->n_fields, sizeof(*names));
	for (size_t i = 0; i < operation->n_fields; i++)
		names[i] = operation->fields[i].name;
	*nearest = sk_nearest(field, names, operation->n_fields);
	free(names);
	return false;
}

/* --- fields ----------------------------------------------------------------------------------- */

/* Appends more, after "; " unless text is empty, and frees more. */
static void
add_more(struct sk_text *text, char *more)
{
	sk_text_add_format(text, "%s%s", text->used > 0 && *more != '\0' ? "; " : "", more);
	free(more);
}

/* What a rule asks of its one field; an empty text for a rule of several fields. */
static char *
rule_text(const struct sk_rule *rule)
{
	char *when = sk_rule_when(rule), *text;

	switch (rule->kind) {
	case SK_RULE_COUNT:
		text = sk_mem_printf("%s %zu value%s%s", rule->is_doubtful ? "probably" : "exactly",
		    rule->number, rule->number > 1 ? "s" : "", when);
		break;
	case SK_RULE_MAX:
		text = sk_mem_printf("at most %zu characters%s", rule->number, when);
		break;
	case SK_RULE_POSITIVE:
		text = sk_mem_printf("at least one above zero%s", when);
		break;
	case SK_RULE_NOT_NEGATIVE:
		text = sk_mem_printf("not negative%s", when);
		break;
	case SK_RULE_NOT_ZERO:
		text = sk_mem_printf("not zero%s", when);
		break;
	case SK_RULE_ZERO:
		text = sk_mem_printf("0%s", when);
		break;
	case SK_RULE_WHOLE:
		text = sk_mem_printf("whole numbers%s", when);
		break;
	case SK_RULE_ONLY_ON:
		text = sk_mem_printf("%s on %s only", rule->values, rule->pms);
		break;
	case SK_RULE_LOST:
		text = sk_mem_printf("the server drops it%s", when);
		break;
	case SK_RULE_AT_LEAST_ONE:
	case SK_RULE_SAME_COUNT:
	case SK_RULE_NOT_TOGETHER:
	default:
		text = sk_mem_copy("");
	}
	free(when);
	return text;
}

/* What a value has to be. */
static char *
value_text(const struct sk_requirement *view, const struct sk_submission *asked)
{
	const struct sk_field *field = view->field;
	struct sk_text text = {0};
	char *list;

	if (view->format != SK_VALUE_TEXT && view->values == NULL)
		sk_text_add(&text, sk_value_wanted(view->format));
	if (view->values != NULL || view->parts != NULL) {
		list = view->values != NULL ? sk_pms_list_spoken(view->values)
					    : sk_value_parts_spoken(view->parts);
		add_more(&text, sk_mem_printf("one of %s", list));
		free(list);
	}
	if (field->min != 0)
		add_more(&text, sk_mem_printf("from %ld on", field->min));
	if (field->min_length != 0)
		add_more(&text, sk_mem_printf("at least %zu characters", field->min_length));
	if (view->max != 0)
		add_more(&text, sk_mem_printf("at most %zu characters", view->max));
	if (view->digits != 0)
		add_more(&text, sk_mem_printf("%zu digits are expected", view->digits));
	if (field->is & SK_FIELD_PLAIN)
		add_more(&text, sk_mem_copy("without < > & and control characters"));
	for (size_t i = 0; i < asked->operation->n_rules; i++) {
		const struct sk_rule *rule = &asked->operation->rules[i];

		if (strcmp(rule->fields, field->name) == 0 && sk_rule_is_here(rule, &asked->pms))
			add_more(&text, rule_text(rule));
	}
	if (text.used == 0)
		sk_text_add(&text, "text");
	return sk_text_take(&text);
}

/* "on A, B", where the general rules are described. The caller frees. */
static char *
on_systems(const char *on, const char *list)
{
	char *systems = sk_pms_list_spoken(list);
	char *text = sk_mem_printf("%s %s", on, systems);

	free(systems);
	return text;
}

/* "yes", "no", "when …", "unless …", "on …". */
static char *
required_text(const struct sk_requirement *view, const struct sk_pms *pms)
{
	const char *unless = view->field->unless;
	char *condition, *text;

	if (pms->told == NULL && view->field->required_for != NULL && !view->is_required)
		return on_systems("on", view->field->required_for);

	if (view->is_required && unless == NULL)
		return sk_mem_copy("yes");
	if (!view->is_required && view->required_if == NULL)
		return sk_mem_copy(view->wanted != NULL ? "advised" : "no");
	condition = sk_condition_text(view->is_required ? unless : view->required_if);
	text = sk_mem_printf("%s %s", view->is_required ? "unless" : "when", condition);
	free(condition);
	return text;
}

/*
 * The note of the field's row, and why it should be given; where the general rules are described, also
 * which systems read the field.
 */
static char *
note_text(const struct sk_requirement *view, const struct sk_pms *pms)
{
	const struct sk_field *field = view->field;
	struct sk_text text = {0};

	if (view->note != NULL)
		sk_text_add(&text, view->note);
	if (view->wanted != NULL)
		add_more(&text, sk_mem_copy(view->wanted));
	if (view->may_be_blank)
		add_more(&text, sk_mem_copy("an empty text asks for the system's default"));
	if (field->is & SK_FIELD_PROVISIONAL)
		add_more(&text, sk_mem_copy("provisional: the documents don't have it"));
	if (pms->told == NULL && field->only_for != NULL)
		add_more(&text, on_systems("only on", field->only_for));
	if (pms->told == NULL && field->unused_for != NULL)
		add_more(&text, on_systems("not on", field->unused_for));
	return sk_text_take(&text);
}

static json_t *
field_row(const char *field, const char *required, const char *value, int has_choices,
    const char *note)
{
	json_t *record = json_object();

	sk_json_set(record, "field", field);
	sk_json_set(record, "required", required);
	sk_json_set(record, "value", value);
	json_object_set_new(record, "choices", json_boolean(has_choices));
	sk_json_set(record, "note", note);
	return record;
}

static void
append_field(json_t *rows, const struct sk_field *field, const struct sk_submission *asked)
{
	struct sk_requirement view;
	char *required, *value, *note;

	sk_requirement_init(&view, field, &asked->pms);
	if (view.is_read) {
		required = required_text(&view, &asked->pms);
		value = value_text(&view, asked);
		note = note_text(&view, &asked->pms);
		json_array_append_new(rows,
		    field_row(field->name, required, value, view.choices != NULL,
			*note != '\0' ? note : NULL));
		free(note);
		free(required);
		free(value);
	}
	sk_requirement_fini(&view);
}

/* Appends the record of a rule that concerns several fields. */
static void
append_set(json_t *rows, const struct sk_rule *rule, const struct sk_submission *asked)
{
	char *set, *names, *when, *value;

	if (rule->kind != SK_RULE_AT_LEAST_ONE && rule->kind != SK_RULE_SAME_COUNT &&
	    rule->kind != SK_RULE_NOT_TOGETHER)
		return;
	set = sk_rules_set_fields(asked, rule);
	names = sk_pms_list_spoken(set);
	when = sk_rule_when(rule);
	value = sk_mem_printf("%s%s",
	    rule->kind == SK_RULE_SAME_COUNT         ? "the same number of values"
		: rule->kind == SK_RULE_NOT_TOGETHER ? "only one of them true"
						     : "",
	    when);
	/* Where the system reads only one of the fields, the rule says nothing. */
	if (strchr(set, '|') != NULL)
		json_array_append_new(rows,
		    field_row(names, rule->kind == SK_RULE_AT_LEAST_ONE ? "at least one" : "no",
			value, 0, NULL));
	free(set);
	free(names);
	free(when);
	free(value);
}

json_t *
sk_rules_describe(const struct sk_operation *operation, const char *pms, const char *version)
{
	struct sk_submission asked = {.operation = operation, .pms = sk_pms_of(pms, version)};
	json_t *rows = json_array();

	for (size_t i = 0; i < operation->n_fields; i++)
		append_field(rows, &operation->fields[i], &asked);
	for (size_t i = 0; i < operation->n_rules; i++) {
		if (sk_rule_is_here(&operation->rules[i], &asked.pms))
			append_set(rows, &operation->rules[i], &asked);
	}
	return rows;
}
