/* SPDX-License-Identifier: MIT */
/* Descriptions, schemas, examples that pass the check, and where choices are read. */
#include "rules/describe.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "rules/table.h"
#include "tap.h"
#include "rules-said.h"

/* Calls with for each operation and each system (also none, and an unknown one). */
static void
each(void (*with)(const struct sk_operation *, const char *))
{
	for (size_t i = 0; i < sk_operations_count; i++) {
		for (size_t k = 0; sk_pms_names[k] != NULL; k++)
			with(&sk_operations[i], sk_pms_names[k]);
		with(&sk_operations[i], NULL);
		with(&sk_operations[i], "Some other system");
	}
}

static void
example_passes(const struct sk_operation *operation, const char *pms)
{
	struct sk_faults faults = {0}, warnings = {0};
	json_t *fields = sk_rules_example(operation, pms, NULL), *body = NULL;
	char *endpoint = NULL, *refusal = sk_rules_refusal(operation, pms, NULL);
	size_t n = sk_rules_build(
	    &(struct sk_rules_input){.operation = operation, .pms = pms, .fields = fields},
	    &endpoint, &body, &faults, &warnings);

	if (refusal != NULL)
		ok(n == 1 && strcmp(faults.list[0].rule, "pms") == 0,
		    "%s refuses %s, and that is all", pms, sk_rules_name(operation));
	else
		ok(n == 0 && warnings.n == 0, "%s: its example passes on %s",
		    sk_rules_name(operation), pms != NULL ? pms : "-");
	for (size_t i = 0; i < faults.n && refusal == NULL; i++)
		printf("# %s: %s\n", faults.list[i].fields, faults.list[i].message);
	for (size_t i = 0; i < warnings.n; i++)
		printf("# warning: %s: %s\n", warnings.list[i].fields, warnings.list[i].message);
	sk_faults_fini(&faults);
	sk_faults_fini(&warnings);
	json_decref(fields);
	json_decref(body);
	free(endpoint);
	free(refusal);
}

/* The record of a field, out of an operation's description; NULL: there is none. */
static const json_t *
row_of(const json_t *rows, const char *field)
{
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		if (strcmp(json_string_value(json_object_get(row, "field")), field) == 0)
			return row;
	}
	return NULL;
}

/* What is required of an empty request is what the description says is required. */
static void
description_is_true(const struct sk_operation *operation, const char *pms)
{
	struct sk_faults faults = {0};
	json_t *rows = sk_rules_describe(operation, pms, NULL), *row, *none = json_object();
	json_t *body = NULL;
	char *endpoint = NULL;
	size_t yes = 0, required = 0, i;

	sk_rules_build(&(struct sk_rules_input){.operation = operation, .pms = pms, .fields = none},
	    &endpoint, &body, &faults, NULL);
	json_array_foreach(rows, i, row)
	{
		const char *text = json_string_value(json_object_get(row, "required"));
		const char *field = json_string_value(json_object_get(row, "field"));

		/* An empty request meets no condition, and has the presets. */
		if (strcmp(text, "yes") == 0 && strcmp(field, "op") != 0 &&
		    strcmp(field, "path") != 0)
			yes++;
		if (strncmp(text, "unless ", 7) == 0 || strstr(text, " is missing") != NULL)
			yes++;
	}
	for (i = 0; i < faults.n; i++)
		required += strcmp(faults.list[i].rule, "required") == 0;
	is_int((long long)yes, (long long)required, sk_rules_name(operation));
	sk_faults_fini(&faults);
	json_decref(none);
	json_decref(rows);
	json_decref(body);
	free(endpoint);
}

/* Its properties are the fields that the description has, and the envelope's four. */
static void
schema_has_fields(const struct sk_operation *operation, const char *pms)
{
	json_t *schema = sk_rules_schema(operation, pms, NULL), *row;
	json_t *rows = sk_rules_describe(operation, pms, NULL);
	const json_t *properties = json_object_get(schema, "properties");
	size_t n = 0, i;
	int all = 1;

	json_array_foreach(rows, i, row)
	{
		const char *field = json_string_value(json_object_get(row, "field"));

		if (strchr(field, ',') != NULL)
			continue;
		n++;
		all &= json_object_get(properties, field) != NULL;
	}
	ok(all && json_object_size(properties) == n + 4, "%s: its schema has each field on %s",
	    sk_rules_name(operation), pms != NULL ? pms : "-");
	json_decref(schema);
	json_decref(rows);
}

static void
describes(const char *operation, const char *pms, const char *field, const char *member,
    const char *wanted)
{
	json_t *rows = sk_rules_describe(sk_rules_find(operation), pms, NULL);
	const json_t *row = row_of(rows, field);
	char what[200];

	snprintf(what, sizeof(what), "%s.%s on %s: %s", operation, field, pms != NULL ? pms : "-",
	    member);
	is_str(json_string_value(json_object_get(row, member)), wanted, what);
	json_decref(rows);
}

static void
test_descriptions(void)
{
	json_t *rows = sk_rules_describe(sk_rules_find("book_appointment"), "OpenDental", NULL);
	json_t *summary = sk_rules_summary(sk_rules_find("update_patient"));

	ok(row_of(rows, "user") == NULL, "what a system ignores isn't described");
	ok(json_is_true(json_object_get(row_of(rows, "provider_id"), "choices")) &&
		json_is_false(json_object_get(row_of(rows, "date"), "choices")),
	    "where the practice has values of its own, that is said");
	json_decref(rows);
	is_str(json_string_value(json_object_get(summary, "pms")), "OrthoTrac, Dolphin Management",
	    "which systems take an operation");
	json_decref(summary);

	describes("book_appointment", NULL, "patient_id", "required",
	    "unless is_new_patient is true");
	describes("book_appointment", NULL, "staff", "required", "on OrthoTrac");
	describes("book_appointment", NULL, "staff", "note", "only on OrthoTrac");
	describes("book_appointment", "OrthoTrac", "staff", "required", "yes");
	describes("book_appointment", "OrthoTrac", "staff", "note", NULL);
	describes("create_patient", "OrthoTrac", "gender", "value", "one of male, female");
	describes("create_patient", "OrthoTrac", "firstname", "value", "at most 15 characters");
	describes("create_patient", "ClearDent", "cell", "value",
	    "at least 7 digits, and only blanks and + - ( ) . x besides; 10 digits are expected");
	describes("create_patient", "Dolphin Management", "gender", "required", NULL);
	describes("add_perio_chart", "Dentrix G6", "calculus", "note",
	    "DL|C|MR|MR|C|DL for teeth 1 to 8 and 25 to 32, ML|C|DR|DR|C|ML for teeth 9 to 24");
	describes("add_perio_chart", "Dentrix G6", "chart_date", "note",
	    "the patient must have no chart of this day yet");
	describes("add_perio_chart", "OpenDental", "calculus", "note", NULL);
	describes("add_perio_chart", "Dentrix", "pocket_depth", "value",
	    "six values with | between for each tooth of tooth_number, $ between teeth; one of "
	    "0 to 19; "
	    "the server drops it when script is Dentrix Clinical Attachment Level");
	describes("post_claim_payment", "Tracker", "cheque_no", "required",
	    "when payment_mode is Cheque");
	describes("post_claim_payment", "OpenDental", "cheque_no", "required", "no");
	describes("post_claim_payment", "OpenDental", "transaction_sr_no, payment_amount", "value",
	    "the same number of values when is_payment_by_procedure_code is true");
	describes("add_medical_note", "OrthoTrac", "text", "value",
	    "without < > & and control characters; at most 60 characters when type is medical "
	    "alert or type is medical note");
	describes("update_claim", NULL, "status, note, custom_track_status", "required",
	    "at least one");
	describes("reschedule_appointment", NULL, "provider_id", "required", "advised");
	describes("post_transaction", NULL, "cvv", "value",
	    "digits only; at least 3 characters; at most 4 characters");
}

/* --- choices ---------------------------------------------------------------------------------- */

static char *
choices_text(const char *operation, const char *field, const char *pms)
{
	struct sk_choices choices;
	char *text, *longer;

	if (!sk_rules_choices(sk_rules_find(operation), field, pms, NULL, 0, &choices))
		return NULL;
	text = sk_mem_copy(choices.resource);
	for (size_t i = 0; i < choices.n; i++) {
		longer = sk_mem_printf("%s %s=%s", text, choices.names[i], choices.values[i]);
		free(text);
		text = longer;
	}
	longer = sk_mem_printf("%s %s", text, choices.member);
	free(text);
	sk_choices_fini(&choices);
	return longer;
}

static void
test_choices(void)
{
	static const struct {
		const char *operation, *field, *pms, *wanted;
	} rows[] = {
	    {"book_appointment", "patient_id", NULL, "patients patient_id"},
	    {"book_appointment", "provider_id", NULL, "providers status=active provider_id"},
	    {"book_appointment", "operatory", NULL,
		"operatories is_hidden=F cust_id={practices.cust_id} operatory"},
	    {"reschedule_appointment", "status", NULL,
		"practice_variables service_name=Appointment Status value"},
	    {"book_appointment", "user", "Dolphin Management",
		"providers is_user=true provider_id"},
	    {"book_appointment", "user", "ClearDent", "pms_users status=active user_id"},
	    {"book_appointment", "user", NULL, NULL},
	    {"book_appointment", "description", "CornerStone",
		"writeback_details writeback_type=new_appointment category=apptdesc item"},
	    {"book_appointment", "description", "Eaglesoft", NULL},
	    {"create_patient", "gender", "ClearDent",
		"writeback_details writeback_type=new_patient category=Sex item"},
	    {"create_veterinary_patient", "breed", NULL,
		"writeback_details writeback_type=new_patient category=species item={species} "
		"description"},
	    {"add_lab_result", "test_name", NULL, "lab_test_details category={template_name} item"},
	    {"update_appointment_status", "status_changed_by", "OrthoTrac",
		"writeback_details writeback_type=patch_appointment category=CancelBy item"},
	    {"update_appointment_status", "status_changed_by", "Eaglesoft", NULL},
	    {"book_appointment", "date", NULL, NULL},
	    {"book_appointment", "nothing", NULL, NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = choices_text(rows[i].operation, rows[i].field, rows[i].pms);

		is_str(text, rows[i].wanted, rows[i].field);
		free(text);
	}
}

static void
values_are(const char *operation, const char *field, const char *pms, const char *wanted)
{
	char *values = sk_rules_values(sk_rules_find(operation), field, pms, NULL);

	is_str(values, wanted, field);
	free(values);
}

static void
test_values(void)
{
	const char *nearest;

	values_are("create_patient", "gender", "OrthoTrac", "male|female");
	values_are("create_patient", "gender", "ClearDent", NULL);
	values_are("book_appointment", "check_spu", NULL, "true|false");
	values_are("book_appointment", "has_insurance", "OpenDental", NULL);
	values_are("book_appointment", "nothing", NULL, NULL);
	ok(sk_rules_has_field(sk_rules_find("book_appointment"), "date", &nearest), "a field");
	ok(!sk_rules_has_field(sk_rules_find("book_appointment"), "operatery", &nearest), "none");
	is_str(nearest, "operatory", "and the nearest");
}

int
main(void)
{
	sk_mem_init();
	each(example_passes);
	each(description_is_true);
	each(schema_has_fields);
	test_descriptions();
	test_choices();
	test_values();
	return done_testing();
}
