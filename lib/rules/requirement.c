/* SPDX-License-Identifier: MIT */
/*
 * rules: what one row of the table means for one system, and whether a condition holds for a
 * request.
 */
#include "rules/requirement.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"
#include "rules/value.h"

static size_t
number_for(const struct sk_pms *pms, const char *map, size_t general)
{
	char *text = sk_pms_text(pms, map, NULL);
	size_t number = text != NULL ? strtoul(text, NULL, 10) : general;

	free(text);
	return number;
}

static enum sk_value_format
format_for(const struct sk_pms *pms, const struct sk_field *field)
{
	char *name = sk_pms_text(pms, field->format_for, NULL);
	enum sk_value_format format = name != NULL ? sk_value_format_of(name) : field->format;

	free(name);
	return format;
}

/*
 * Where no system was reported, every field counts as read. A system that was reported, but that no
 * row names, is in none of the lists.
 */
static bool
is_read(const struct sk_field *field, const struct sk_pms *pms)
{
	if (pms->told == NULL)
		return true;
	return sk_pms_is_among(pms, field->only_for) &&
	    (field->unused_for == NULL || !sk_pms_is_among(pms, field->unused_for));
}

static bool
is_required(const struct sk_field *field, const struct sk_pms *pms)
{
	if (field->required_for != NULL && sk_pms_is_among(pms, field->required_for))
		return true;
	return (field->is & SK_FIELD_REQUIRED) != 0 &&
	    (field->optional_for == NULL || !sk_pms_is_among(pms, field->optional_for));
}

void
sk_requirement_init(struct sk_requirement *view, const struct sk_field *field,
    const struct sk_pms *pms)
{
	memset(view, 0, sizeof(*view));
	view->field = field;
	view->is_read = is_read(field, pms);
	if (!view->is_read)
		return;
	view->is_required = is_required(field, pms);
	if (sk_pms_is_among(pms, field->required_if_for))
		view->required_if = field->required_if;
	if (field->wanted != NULL && sk_pms_is_among(pms, field->wanted_for))
		view->wanted = field->wanted;
	view->may_be_blank = field->blank_for != NULL && sk_pms_is_among(pms, field->blank_for);
	view->format = format_for(pms, field);
	view->max = number_for(pms, field->max_for, field->max);
	view->digits = number_for(pms, field->digits_for, 0);
	view->values = sk_pms_text(pms, field->values_for, field->values);
	view->parts = sk_pms_text(pms, field->parts_for, field->parts);
	view->choices = sk_pms_text(pms, field->choices_for, field->choices);
	view->note = sk_pms_text(pms, field->note_for, field->note);
	if (view->values != NULL && strcmp(view->values, "*") == 0) {
		free(view->values);
		view->values = NULL;
	}
}

void
sk_requirement_fini(struct sk_requirement *view)
{
	free(view->values);
	free(view->parts);
	free(view->choices);
	free(view->note);
	memset(view, 0, sizeof(*view));
}

const char *
sk_value_of(const json_t *fields, const char *name)
{
	const char *text = json_string_value(json_object_get(fields, name));

	return text != NULL && !sk_value_is_blank(text, strlen(text)) ? text : NULL;
}

const char *
sk_submission_value(const struct sk_submission *asked, const char *name)
{
	const struct sk_field *field = sk_field_find(asked->operation, name);

	return field != NULL && is_read(field, &asked->pms) ? sk_value_of(asked->fields, name)
							    : NULL;
}

static bool
has_negative(const char *amounts)
{
	const char *part;
	size_t length;

	while (sk_value_next(&amounts, '|', &part, &length)) {
		if (sk_value_sign(part, length) == -1)
			return true;
	}
	return false;
}

/* Whether one alternative of a condition holds: "name=value", "name<0", "!name", "name". */
static bool
holds(const struct sk_submission *asked, const char *condition, size_t length)
{
	int is_not = condition[0] == '!', result;
	size_t n = strcspn(condition + is_not, "=<|");
	char *name = sk_mem_copy_bytes(condition + is_not, n);
	const struct sk_field *field = sk_field_find(asked->operation, name);
	const char *value = sk_value_of(asked->fields, name), *rest = condition + is_not + n;

	if (!is_read(field, &asked->pms))
		result = 0;
	else if (value == NULL)
		result = is_not;
	else if (*rest == '=')
		result = strlen(value) == length - n - 1 &&
		    strncasecmp(value, rest + 1, length - n - 1) == 0;
	else if (*rest == '<')
		result = has_negative(value);
	else
		result = !is_not;
	free(name);
	return result;
}

bool
sk_condition_holds(const struct sk_submission *asked, const char *condition)
{
	const char *item;
	size_t length;

	if (condition == NULL)
		return true;
	while (sk_pms_list_next(&condition, &item, &length)) {
		if (holds(asked, item, length))
			return true;
	}
	return false;
}

char *
sk_condition_text(const char *condition)
{
	struct sk_text text = {0};
	const char *item;
	size_t length;

	while (sk_pms_list_next(&condition, &item, &length)) {
		int is_not = item[0] == '!';
		size_t n = strcspn(item + is_not, "=<|");
		const char *rest = item + is_not + n;
		int tail = (int)(length - n) - is_not - 1;

		sk_text_add_format(&text, "%s%.*s%s%.*s", text.used > 0 ? " or " : "", (int)n,
		    item + is_not,
		    *rest == '='       ? " is "
			: *rest == '<' ? " is negative"
			: is_not       ? " is missing"
				       : " is given",
		    *rest == '=' ? tail : 0, rest + (*rest != '\0'));
	}
	return sk_text_take(&text);
}

bool
sk_requirement_is_needed(const struct sk_requirement *view, const struct sk_submission *asked)
{
	const char *unless = view->field->unless;

	if (!view->is_read)
		return false;
	if (view->is_required && (unless == NULL || !sk_condition_holds(asked, unless)))
		return true;
	return view->required_if != NULL && sk_condition_holds(asked, view->required_if);
}
