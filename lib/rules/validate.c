/* SPDX-License-Identifier: MIT */
/*
 * rules: checks each field of a request against its row in the table. A fault says what would be
 * right and never repeats the value, which may be a patient's.
 */
#include "rules/validate.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/nearest.h"
#include "base/text.h"
#include "base/time.h"
#include "rules/value.h"

/* --- one field -------------------------------------------------------------------------------- */

static void
tell_missing(const struct sk_requirement *view, const struct sk_submission *asked,
    struct sk_faults *faults)
{
	const struct sk_field *field = view->field;
	const char *operation = asked->operation->name;
	char *when;

	if (field->required_for != NULL && sk_pms_is_among(&asked->pms, field->required_for)) {
		sk_faults_add(faults, field->name, "required", "is missing: %s needs it for %s",
		    asked->pms.name, operation);
	} else if (view->is_required) {
		sk_faults_add(faults, field->name, "required", "is missing: %s needs it",
		    operation);
	} else {
		when = sk_condition_text(view->required_if);
		sk_faults_add(faults, field->name, "required", "is missing: %s needs it when %s",
		    operation, when);
		free(when);
	}
}

static void
check_length(const struct sk_requirement *view, const char *text, const struct sk_submission *asked,
    struct sk_faults *faults, struct sk_faults *warnings)
{
	const struct sk_field *field = view->field;
	size_t n = sk_utf8_count(text);

	if (view->max != 0 && n > view->max)
		sk_faults_add(faults, field->name, "max", "at most %zu characters are allowed",
		    view->max);
	if (n < field->min_length)
		sk_faults_add(faults, field->name, "min_length",
		    "at least %zu characters are needed", field->min_length);
	if (view->digits != 0 && !sk_value_has_digits(text, view->digits))
		sk_faults_add(warnings, field->name, "digits",
		    "hasn't %zu digits, which %s expects here", view->digits, asked->pms.name);
}

/* The number of values in tooth_number; 0 when it isn't given. */
static size_t
teeth(const struct sk_submission *asked)
{
	const char *numbers = sk_submission_value(asked, "tooth_number");

	return numbers != NULL ? sk_value_count(numbers, '$') : 0;
}

static void
check_chart(const struct sk_requirement *view, const char *text, const struct sk_submission *asked,
    struct sk_faults *faults)
{
	const char *name = view->field->name;
	char *list;

	if (!sk_value_has_shape(view->format, text, teeth(asked)))
		sk_faults_add(faults, name, "format", "%s: this is needed",
		    sk_value_wanted(view->format));
	if (sk_value_is_chart(view->format, text, view->parts))
		return;
	list = sk_value_parts_spoken(view->parts);
	sk_faults_add(faults, name, "range", "each value must be one of these: %s%s", list,
	    view->format == SK_VALUE_SITES ? ", or blank" : "");
	free(list);
}

static void
tell_past(const char *field, struct sk_zone zone, struct sk_faults *warnings)
{
	char words[SK_ZONE_WORDS];

	if (zone.is_known)
		sk_faults_add(warnings, field, "past",
		    "has passed, in the practice's time zone (UTC %s)", sk_zone_words(zone, words));
	else
		sk_faults_add(warnings, field, "past",
		    "has passed, in whatever time zone the practice is");
}

static void
check_value(const struct sk_requirement *view, const char *text, const struct sk_submission *asked,
    struct sk_faults *faults, struct sk_faults *warnings)
{
	const struct sk_field *field = view->field;
	char *list;

	if (view->format == SK_VALUE_TEETH || view->format == SK_VALUE_SITES)
		check_chart(view, text, asked, faults);
	else if (!sk_value_is(view->format, text))
		sk_faults_add(faults, field->name, "format", "%s is needed",
		    sk_value_wanted(view->format));
	else if (field->min != 0 && !sk_value_is_at_least(text, field->min))
		sk_faults_add(faults, field->name, "min",
		    "a whole number of at least %ld is needed", field->min);
	else if ((field->is & SK_FIELD_AHEAD) &&
	    sk_value_is_over(text, sk_submission_value(asked, "time"), sk_time_now(), asked->zone))
		tell_past(field->name, asked->zone, warnings);
	if (view->values != NULL && !sk_pms_list_has(view->values, text, strlen(text))) {
		list = sk_pms_list_spoken(view->values);
		sk_faults_add(faults, field->name, "enum", "one of these is needed: %s", list);
		free(list);
	}
	if ((field->is & SK_FIELD_PLAIN) && sk_value_has_control(text))
		sk_faults_add(faults, field->name, "plain_text",
		    "a text without control characters such as new lines is needed");
	else if ((field->is & SK_FIELD_PLAIN) && strpbrk(text, "<>&") != NULL)
		sk_faults_add(warnings, field->name, "markup",
		    "has < > or &, which the vendor's documents allow in one place and forbid in "
		    "another");
	check_length(view, text, asked, faults, warnings);
}

static void
check_field(const struct sk_field *field, const struct sk_submission *asked,
    struct sk_faults *faults, struct sk_faults *warnings)
{
	const json_t *value = json_object_get(asked->fields, field->name);
	const char *text = sk_value_of(asked->fields, field->name);
	struct sk_requirement view;

	/* A value that is no text has already been reported as one. */
	if (value != NULL && !json_is_string(value))
		return;
	sk_requirement_init(&view, field, &asked->pms);
	if (text != NULL && !view.is_read)
		sk_faults_add(warnings, field->name, "unused", "%s ignores this field for %s",
		    asked->pms.name != NULL ? asked->pms.name : asked->pms.told,
		    asked->operation->name);
	else if (text != NULL && view.is_read)
		check_value(&view, text, asked, faults, warnings);
	else if (value != NULL && view.may_be_blank)
		; /* it was given, as an empty text */
	else if (sk_requirement_is_needed(&view, asked))
		tell_missing(&view, asked, faults);
	else if (view.wanted != NULL)
		sk_faults_add(warnings, field->name, "wanted", "is missing: %s", view.wanted);
	sk_requirement_fini(&view);
}

/* --- all of them ------------------------------------------------------------------------------ */

static void
warn_of_unknown(const struct sk_submission *asked, const char *name, struct sk_faults *warnings)
{
	const struct sk_operation *operation = asked->operation;
	struct sk_near near = {.word = name};
	char hint[SK_NEAREST_HINT];

	for (size_t i = 0; i < operation->n_fields; i++)
		sk_near_add(&near, operation->fields[i].name, strlen(operation->fields[i].name));
	sk_faults_add(warnings, name, "unknown", "%s has no such field%s", operation->name,
	    sk_nearest_hint(near.name, hint));
}

/* Every member must be a text: numbers and booleans were turned into texts before. */
static void
check_members(const struct sk_submission *asked, struct sk_faults *faults,
    struct sk_faults *warnings)
{
	/* jansson's iterators take an object without const, but don't change it. */
	json_t *object = (json_t *)(uintptr_t)asked->fields;
	void *at;

	for (at = json_object_iter(object); at != NULL; at = json_object_iter_next(object, at)) {
		const char *name = json_object_iter_key(at);

		if (!json_is_string(json_object_iter_value(at)))
			sk_faults_add(faults, name, "type",
			    "a text, a number, true or false is needed");
		else if (sk_field_find(asked->operation, name) == NULL)
			warn_of_unknown(asked, name, warnings);
	}
}

char *
sk_rules_refuses(const struct sk_operation *operation, const struct sk_pms *pms)
{
	char *list, *text;

	if (pms->told == NULL || sk_pms_is_among(pms, operation->pms))
		return NULL;
	list = sk_pms_list_spoken(operation->pms);
	text = sk_mem_printf("%s doesn't take %s: only %s",
	    pms->name != NULL ? pms->name : pms->told, operation->name, list);
	free(list);
	return text;
}

void
sk_rules_check_fields(const struct sk_submission *asked, struct sk_faults *faults,
    struct sk_faults *warnings)
{
	const struct sk_operation *operation = asked->operation;
	char *refusal;

	refusal = sk_rules_refuses(operation, &asked->pms);
	if (refusal != NULL)
		sk_faults_add(faults, "operation", "pms", "%s", refusal);
	free(refusal);
	check_members(asked, faults, warnings);
	for (size_t i = 0; i < operation->n_fields; i++) {
		if (!(operation->fields[i].is & SK_FIELD_IN_PATH))
			check_field(&operation->fields[i], asked, faults, warnings);
	}
	sk_rules_check_sets(asked, faults, warnings);
}

/* --- the path --------------------------------------------------------------------------------- */

static bool
can_be_addressed(const char *id)
{
	const char *at;

	if (strcmp(id, ".") == 0 || strcmp(id, "..") == 0)
		return false;
	for (at = id; *at != '\0'; at++) {
		if ((unsigned char)*at < 0x20 || *at == 0x7f || strchr(":#?/\\%+=", *at) != NULL)
			return false;
	}
	return true;
}

void
sk_rules_check_path(const struct sk_submission *asked, struct sk_faults *faults)
{
	const struct sk_operation *operation = asked->operation;

	for (size_t i = 0; i < operation->n_fields; i++) {
		const struct sk_field *field = &operation->fields[i];
		const char *id;

		if (!(field->is & SK_FIELD_IN_PATH))
			continue;
		id = sk_value_of(asked->fields, field->name);
		if (id == NULL)
			sk_faults_add(faults, field->name, "required",
			    "is missing: it is part of the path %s", operation->path);
		else if (!can_be_addressed(id))
			sk_faults_add(faults, field->name, "path",
			    "isn't allowed in a path: an id without : # ? / \\ %% + = is needed");
	}
}
