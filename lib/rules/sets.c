/* SPDX-License-Identifier: MIT */
/*
 * rules: the rules that concern several fields, or that hold in special cases only.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "rules/validate.h"
#include "rules/value.h"

/* Appends a name to a bar list. */
static void
add_name(struct sk_text *list, const char *name, size_t length)
{
	sk_text_add_format(list, "%s%.*s", list->used > 0 ? "|" : "", (int)length, name);
}

char *
sk_rule_when(const struct sk_rule *rule)
{
	char *condition, *text;

	if (rule->when == NULL)
		return sk_mem_copy("");
	condition = sk_condition_text(rule->when);
	text = sk_mem_printf(" when %s", condition);
	free(condition);
	return text;
}

bool
sk_rule_is_here(const struct sk_rule *rule, const struct sk_pms *pms)
{
	return rule->kind == SK_RULE_ONLY_ON || sk_pms_is_among(pms, rule->pms);
}

/* --- at least one ----------------------------------------------------------------------------- */

/*
 * Whether the field may count for "at least one": required fields don't, since every request has
 * them, and check_spu changes nothing.
 */
static bool
is_optional(const struct sk_field *field, const struct sk_submission *asked)
{
	struct sk_requirement view;
	bool result;

	sk_requirement_init(&view, field, &asked->pms);
	result = view.is_read && !view.is_required && strcmp(field->name, "check_spu") != 0;
	sk_requirement_fini(&view);
	return result;
}

static bool
is_read(const struct sk_field *field, const struct sk_submission *asked)
{
	struct sk_requirement view;
	bool result;

	sk_requirement_init(&view, field, &asked->pms);
	result = view.is_read;
	sk_requirement_fini(&view);
	return result;
}

/* All optional fields as a bar list. */
static char *
optional_fields(const struct sk_submission *asked)
{
	const struct sk_operation *operation = asked->operation;
	struct sk_text list = {0};

	for (size_t i = 0; i < operation->n_fields; i++) {
		const char *name = operation->fields[i].name;

		if (is_optional(&operation->fields[i], asked))
			add_name(&list, name, strlen(name));
	}
	return sk_text_take(&list);
}

char *
sk_rules_set_fields(const struct sk_submission *asked, const struct sk_rule *rule)
{
	const char *at = rule->fields, *item;
	struct sk_text list = {0};
	size_t length;

	if (strcmp(rule->fields, "*") == 0)
		return optional_fields(asked);
	while (sk_pms_list_next(&at, &item, &length)) {
		char *name = sk_mem_copy_bytes(item, length);

		if (is_read(sk_field_find(asked->operation, name), asked))
			add_name(&list, item, length);
		free(name);
	}
	return sk_text_take(&list);
}

static void
check_at_least_one(const struct sk_submission *asked, const struct sk_rule *rule,
    struct sk_faults *faults)
{
	char *list = sk_rules_set_fields(asked, rule);
	const char *at = list, *item;
	size_t length;
	int found = 0;

	while (sk_pms_list_next(&at, &item, &length)) {
		char *name = sk_mem_copy_bytes(item, length);

		found |= sk_value_of(asked->fields, name) != NULL;
		free(name);
	}
	if (!found)
		sk_faults_add(faults, list, "at_least_one", "at least one of them is needed for %s",
		    asked->operation->name);
	free(list);
}

/* --- so many values --------------------------------------------------------------------------- */

static void
check_same_count(const struct sk_submission *asked, const struct sk_rule *rule,
    struct sk_faults *faults)
{
	const char *at = rule->fields, *item;
	struct sk_text given = {0};
	size_t length, count = 0;
	int differ = 0;

	while (sk_pms_list_next(&at, &item, &length)) {
		char *name = sk_mem_copy_bytes(item, length);
		const char *text = sk_submission_value(asked, name);

		free(name);
		if (text == NULL)
			continue;
		add_name(&given, item, length);
		differ |= count != 0 && sk_value_count(text, '|') != count;
		count = sk_value_count(text, '|');
	}
	if (differ) {
		char *when = sk_rule_when(rule);

		sk_faults_add(faults, given.bytes, "same_count",
		    "must have the same number of values with | between%s", when);
		free(when);
	}
	sk_text_fini(&given);
}

static void
check_count(const char *text, const struct sk_rule *rule, struct sk_faults *faults)
{
	char *when;

	if (sk_value_count(text, '|') == rule->number)
		return;
	when = sk_rule_when(rule);
	if (rule->number == 1)
		sk_faults_add(faults, rule->fields, "count", "a single value is needed%s", when);
	else
		sk_faults_add(faults, rule->fields, "count",
		    "exactly %zu values with | between are needed%s", rule->number, when);
	free(when);
}

/* --- amounts ---------------------------------------------------------------------------------- */

/* A part that is no amount was already reported by the check of the field. */
static void
check_amounts(const char *text, const struct sk_rule *rule, struct sk_faults *faults)
{
	int positive = 0, negative = 0, zero = 0, fraction = 0;
	const char *part;
	char *when;
	size_t length;

	while (sk_value_next(&text, '|', &part, &length)) {
		int sign = sk_value_sign(part, length);

		if (sign == 2 && !sk_value_is_blank(part, length))
			return;
		positive |= sign == 1;
		negative |= sign == -1;
		zero |= sign == 0;
		fraction |= sign != 2 && !sk_value_is_whole(part, length);
	}
	when = sk_rule_when(rule);
	if (rule->kind == SK_RULE_POSITIVE && !positive)
		sk_faults_add(faults, rule->fields, "amount",
		    "at least one value above zero is needed");
	else if (rule->kind == SK_RULE_NOT_NEGATIVE && negative)
		sk_faults_add(faults, rule->fields, "amount", "no value may be negative");
	else if (rule->kind == SK_RULE_NOT_ZERO && zero)
		sk_faults_add(faults, rule->fields, "amount", "no value may be zero");
	else if (rule->kind == SK_RULE_ZERO && (positive || negative))
		sk_faults_add(faults, rule->fields, "amount", "0 is needed%s", when);
	else if (rule->kind == SK_RULE_WHOLE && fraction)
		sk_faults_add(faults, rule->fields, "amount", "whole numbers are needed");
	free(when);
}

/* --- special cases ---------------------------------------------------------------------------- */

/* Where no system was reported, any value may be right. */
static void
check_only_on(const struct sk_submission *asked, const char *text, const struct sk_rule *rule,
    struct sk_faults *faults)
{
	if (asked->pms.told != NULL && !sk_pms_is_among(&asked->pms, rule->pms) &&
	    sk_pms_list_has(rule->values, text, strlen(text)))
		sk_faults_add(faults, rule->fields, "enum", "%s is allowed on %s only",
		    rule->values, rule->pms);
}

static void
check_not_together(const struct sk_submission *asked, const struct sk_rule *rule,
    struct sk_faults *faults)
{
	const char *at = rule->fields, *item;
	size_t length, n = 0;

	while (sk_pms_list_next(&at, &item, &length)) {
		char *condition = sk_mem_printf("%.*s=true", (int)length, item);

		n += (size_t)sk_condition_holds(asked, condition);
		free(condition);
	}
	if (n > 1)
		sk_faults_add(faults, rule->fields, "not_together", "only one of them may be true");
}

/* A value of blanks alone can't be lost. */
static void
check_lost(const char *text, const struct sk_rule *rule, struct sk_faults *warnings)
{
	char *when;

	if (text[strspn(text, " |$")] == '\0')
		return;
	when = sk_rule_when(rule);
	sk_faults_add(warnings, rule->fields, "lost", "is lost: the server drops it%s", when);
	free(when);
}

static void
check_rule(const struct sk_submission *asked, const struct sk_rule *rule, struct sk_faults *faults)
{
	const char *text = sk_submission_value(asked, rule->fields);

	switch (rule->kind) {
	case SK_RULE_AT_LEAST_ONE:
		check_at_least_one(asked, rule, faults);
		return;
	case SK_RULE_SAME_COUNT:
		check_same_count(asked, rule, faults);
		return;
	case SK_RULE_NOT_TOGETHER:
		check_not_together(asked, rule, faults);
		return;
	case SK_RULE_COUNT:
		if (text != NULL)
			check_count(text, rule, faults);
		return;
	case SK_RULE_MAX:
		if (text != NULL && sk_utf8_count(text) > rule->number)
			sk_faults_add(faults, rule->fields, "max",
			    "at most %zu characters are allowed here", rule->number);
		return;
	case SK_RULE_ONLY_ON:
		if (text != NULL)
			check_only_on(asked, text, rule, faults);
		return;
	case SK_RULE_LOST:
		if (text != NULL)
			check_lost(text, rule, faults);
		return;
	case SK_RULE_POSITIVE:
	case SK_RULE_NOT_NEGATIVE:
	case SK_RULE_NOT_ZERO:
	case SK_RULE_ZERO:
	case SK_RULE_WHOLE:
		if (text != NULL)
			check_amounts(text, rule, faults);
	}
}

void
sk_rules_check_sets(const struct sk_submission *asked, struct sk_faults *faults,
    struct sk_faults *warnings)
{
	for (size_t i = 0; i < asked->operation->n_rules; i++) {
		const struct sk_rule *rule = &asked->operation->rules[i];

		if (sk_rule_is_here(rule, &asked->pms) && sk_condition_holds(asked, rule->when))
			check_rule(asked, rule, rule->is_doubtful ? warnings : faults);
	}
}
