/* SPDX-License-Identifier: MIT */
/*
 * rules: an example request that passes the check, built from the rules themselves.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "rules/describe.h"
#include "rules/validate.h"
#include "rules/value.h"

/*
 * Sample values by field; a row for "operation.field" is preferred. The sample of any other text
 * field is the field's name.
 */
static const char *const samples[][2] = {
    {"add_medical_note.type", "Patient Note"},
    {"add_document.document_type", "X-Ray"},
    {"update_appointment_status.value", "Cancelled"},
    {"add_lab_result.operator", "="},
    {"add_lab_result.result", "5.1"},
    {"add_lab_result.reference_low", "3.5"},
    {"add_lab_result.reference_high", "5.5"},
    {"add_lab_result.test_name", "Potassium"},
    {"patient_id", "7"},
    {"guarantor_id", "7"},
    {"practice_id", "1"},
    {"provider_id", "DOC1"},
    {"staff", "STAFF1"},
    {"user", "1"},
    {"operatory", "OP1"},
    {"length", "30"},
    {"appointment_sr_no", "87"},
    {"claim_sr_no", "1"},
    {"transaction_sr_no", "1"},
    {"firstname", "Ada"},
    {"lastname", "Lovelace"},
    {"petname", "Rex"},
    {"species", "Canine"},
    {"breed", "Beagle"},
    {"amount", "12.50"},
    {"payment_amount", "12.50"},
    {"deductible", "0"},
    {"write_off", "0"},
    {"payment_mode", "Cash"},
    {"procedure_code", "D0120"},
    {"document_name", "scan.pdf"},
};

static const char *
sample_text(const char *operation, const char *field)
{
	size_t n = strlen(operation);

	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		const char *name = samples[i][0];

		if (strncmp(name, operation, n) == 0 && name[n] == '.')
			name += n + 1;
		if (strcmp(name, field) == 0)
			return samples[i][1];
	}
	return field;
}

/* The first usable one of the parts: a range's lower end, a word, or "F0:" of "F0:*". */
static char *
sample_part(const char *parts)
{
	return sk_mem_copy_bytes(parts != NULL ? parts : "1",
	    parts != NULL ? strcspn(parts, "|-*") : 1);
}

static char *
sample_of(const struct sk_requirement *view, const struct sk_operation *operation)
{
	char *part, *text;

	if (view->values != NULL)
		return sk_mem_copy_bytes(view->values, strcspn(view->values, "|"));
	switch (view->format) {
	case SK_VALUE_DATE:
		return sk_mem_copy("2031-03-04");
	case SK_VALUE_PAST_DATE:
		return sk_mem_copy("1990-01-31");
	case SK_VALUE_TIME:
		return sk_mem_copy("09:00");
	case SK_VALUE_BOOLEAN:
		return sk_mem_copy("false");
	case SK_VALUE_EMAIL:
		return sk_mem_copy("ada@example.org");
	case SK_VALUE_PHONE:
		return sk_mem_copy("(555) 010-0199");
	case SK_VALUE_DIGITS:
		return sk_mem_copy("123");
	case SK_VALUE_BASE64:
		return sk_mem_copy("SGVsbG8=");
	case SK_VALUE_TOOTH_NUMBERS:
		return sk_mem_copy("3");
	case SK_VALUE_TEETH:
		return sample_part(view->parts);
	case SK_VALUE_SITES:
		part = sample_part(view->parts);
		text = sk_mem_printf("%s|||||", part);
		free(part);
		return text;
	case SK_VALUE_TEXT:
	case SK_VALUE_INTEGER:
	case SK_VALUE_AMOUNTS:
	case SK_VALUE_AMOUNTS_OR_BLANK:
	case SK_VALUE_LIST:
		break;
	}
	return sk_mem_copy(sample_text(operation->name, view->field->name));
}

static void
put_sample(json_t *fields, const struct sk_field *field, const struct sk_submission *asked)
{
	struct sk_requirement view;
	char *text;

	sk_requirement_init(&view, field, &asked->pms);
	text = sample_of(&view, asked->operation);
	json_object_set_new(fields, field->name, json_string(text));
	free(text);
	sk_requirement_fini(&view);
}

/*
 * Adds the fields that are needed, and then those that are needed because of the ones just added.
 */
static void
put_needed(json_t *fields, const struct sk_submission *asked)
{
	const struct sk_operation *operation = asked->operation;
	size_t before;

	do {
		before = json_object_size(fields);
		for (size_t i = 0; i < operation->n_fields; i++) {
			const struct sk_field *field = &operation->fields[i];
			struct sk_requirement view;

			sk_requirement_init(&view, field, &asked->pms);
			if (sk_value_of(fields, field->name) == NULL &&
			    (sk_requirement_is_needed(&view, asked) || view.wanted != NULL))
				put_sample(fields, field, asked);
			sk_requirement_fini(&view);
		}
	} while (json_object_size(fields) > before);
}

/*
 * For "at least one": adds the first of the fields. For lists of a fixed length: that many values.
 */
static void
put_what_rules_ask_for(json_t *fields, const struct sk_submission *asked,
    const struct sk_rule *rule)
{
	const char *value = sk_value_of(fields, rule->fields);
	struct sk_text values = {0};
	char *set, *name;

	if (rule->kind == SK_RULE_AT_LEAST_ONE) {
		set = sk_rules_set_fields(asked, rule);
		name = sk_mem_copy_bytes(set, strcspn(set, "|"));
		put_sample(fields, sk_field_find(asked->operation, name), asked);
		free(name);
		free(set);
	} else if (rule->kind == SK_RULE_COUNT && value != NULL) {
		for (size_t i = 0; i < rule->number; i++)
			sk_text_add_format(&values, "%s%s", i > 0 ? "|" : "", value);
		json_object_set_new(fields, rule->fields, json_string(values.bytes));
		sk_text_fini(&values);
	}
}

json_t *
sk_rules_example(const struct sk_operation *operation, const char *pms, const char *version)
{
	json_t *fields = json_object();
	struct sk_submission asked = {.operation = operation,
	    .pms = sk_pms_of(pms, version),
	    .fields = fields};

	put_needed(fields, &asked);
	for (size_t i = 0; i < operation->n_rules; i++) {
		const struct sk_rule *rule = &operation->rules[i];

		if (sk_rule_is_here(rule, &asked.pms) && sk_condition_holds(&asked, rule->when))
			put_what_rules_ask_for(fields, &asked, rule);
	}
	put_needed(fields, &asked);
	return fields;
}
