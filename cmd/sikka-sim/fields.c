/* SPDX-License-Identifier: MIT */
#include "fields.h"
#include "systems.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define PLANET "Planet DDS WebV2.0,Planet DDS WebV3.0"
#define MUST(n)                             \
	{                                   \
		.name = n, .required = true \
	}
#define MUST_BE(n, f)                                    \
	{                                                \
		.name = n, .required = true, .format = f \
	}
#define MAY_BE(n, f)                   \
	{                              \
		.name = n, .format = f \
	}
#define ONLY(n, pms)                                            \
	{                                                       \
		.name = n, .required_for = pms, .only_for = pms \
	}
#define END                  \
	{                    \
		.name = NULL \
	}

static const struct field book[] = {
    /* for a new patient Planet DDS needs none; see needed() */
    MUST("patient_id"), MUST_BE("date", F_DATE), MUST_BE("time", F_TIME),
    MUST_BE("length", F_INTEGER),
    {.name = "description",
	.required = true,
	.optional_for = "CornerStone,OrthoTrac,ClearDent,Dolphin Management," PLANET},
    MUST("provider_id"), MUST("operatory"), MUST("practice_id"),
    {.name = "guarantor_id", .required_for = "CornerStone"}, ONLY("staff", "OrthoTrac"),
    ONLY("user", "Dolphin Management,ClearDent"),
    {.name = "type", .required_for = "OrthoTrac,Dolphin Management,ClearDent"},
    ONLY("status", "Dolphin Management,ClearDent"), ONLY("production_type", PLANET),
    {.name = "is_new_patient", .format = F_BOOLEAN, .required_for = PLANET, .only_for = PLANET},
    {.name = "has_insurance", .format = F_BOOLEAN, .required_for = PLANET, .only_for = PLANET},
    {.name = "birthdate", .format = F_DATE, .only_for = PLANET}, MAY_BE("check_spu", F_BOOLEAN),
    END};

static const struct field reschedule[] = {MUST("practice_id"), MAY_BE("date", F_DATE),
    MAY_BE("time", F_TIME), MAY_BE("length", F_INTEGER), MAY_BE("check_spu", F_BOOLEAN), END};

static const struct field status[] = {MUST("appointment_sr_no"), MUST_BE("op", F_REPLACE),
    MUST("path"), MUST("value"), MUST("practice_id"), ONLY("staff", "OrthoTrac"),
    MAY_BE("check_spu", F_BOOLEAN), END};

static const struct field patient[] = {MUST("firstname"), MUST("lastname"),
    {.name = "provider_id", .required = true, .optional_for = "ClearDent"}, MUST("practice_id"),
    {.name = "gender", .required_for = "OrthoTrac"}, MAY_BE("birthdate", F_DATE),
    {.name = "is_guarantor_exist", .format = F_BOOLEAN, .only_for = "OrthoTrac"},
    ONLY("staff", "OrthoTrac"), ONLY("status", "OrthoTrac"), ONLY("type", "OrthoTrac"),
    {.name = "primary_relationship", .required_for = "OrthoTrac"},
    ONLY("user", "Dolphin Management"), MAY_BE("check_spu", F_BOOLEAN), END};

static const struct field veterinary[] = {MUST("petname"), MUST("breed"), MUST("species"),
    MUST("pet_sex"), MUST_BE("pet_birthdate", F_DATE), MUST("pet_class"),
    MAY_BE("check_spu", F_BOOLEAN), END};

static const struct field patient_change[] = {MUST("practice_id"), MAY_BE("birthdate", F_DATE),
    {.name = "staff", .required_for = "OrthoTrac"},
    {.name = "recall_date", .format = F_DATE, .only_for = "Dolphin Management"},
    MAY_BE("check_spu", F_BOOLEAN), END};

static const struct field claim[] = {MUST("practice_id"), MAY_BE("date_sent", F_DATE),
    MAY_BE("date_resent", F_DATE), MAY_BE("check_spu", F_BOOLEAN), END};

static const struct field claim_payment[] = {MUST("claim_sr_no"), MUST("practice_id"),
    MUST("payment_amount"), MUST_BE("is_payment_by_procedure_code", F_BOOLEAN),
    MUST_BE("claim_payment_date", F_DATE), MUST("payment_mode"),
    {.name = "deductible", .required = true, .optional_for = "Tracker"},
    {.name = "write_off", .required = true, .optional_for = "Tracker"},
    MAY_BE("is_debit_adjustment_writeback", F_BOOLEAN), MAY_BE("debit_adjustment_date", F_DATE),
    {.name = "is_debit_adjustment_by_procedure", .format = F_BOOLEAN, .only_for = "OpenDental"},
    {.name = "bank_name", .required_for = "Tracker"}, MAY_BE("check_spu", F_BOOLEAN), END};

static const struct field note[] = {MUST("patient_id"), MUST("practice_id"), MUST("type"),
    MUST("text"),
    {.name = "date", .format = F_DATE, .required = true, .optional_for = "Planet DDS WebV3.0"},
    {.name = "provider_id", .required = true, .optional_for = "Planet DDS WebV3.0"},
    {.name = "description", .required_for = "intravet"}, ONLY("user", "Dolphin Management"),
    MAY_BE("check_spu", F_BOOLEAN), END};

static const struct field document[] = {MUST("patient_id"), MUST("practice_id"),
    MUST("document_type"), MUST("document_name"), MUST_BE("created_datetime", F_DATE), MUST("type"),
    MUST("document_base64"), MAY_BE("check_spu", F_BOOLEAN), END};

static const struct field lab_result[] = {MUST("patient_id"), MUST("guarantor_id"),
    MUST("provider_id"), MUST("practice_id"), MUST("lab_name"), MUST("template_name"),
    MUST("test_name"), MUST("result"), MUST("operator"), MUST("reference_low"),
    MUST("reference_high"), MAY_BE("check_spu", F_BOOLEAN), END};

static const struct field transaction[] = {MUST("patient_id"), MUST("guarantor_id"),
    MUST("practice_id"), MUST("provider_id"), MUST("procedure_code"), MUST("procedure_description"),
    MUST("amount"), MUST_BE("transaction_date", F_DATE), MAY_BE("transaction_entry_date", F_DATE),
    {.name = "transaction_sr_no", .required_for = "Tracker"},
    MAY_BE("is_payment_by_procedure_code", F_BOOLEAN),
    {.name = "is_payment_refund", .format = F_BOOLEAN, .only_for = "OpenDental"},
    {.name = "is_perform_credit_adjustment_writeback",
	.format = F_BOOLEAN,
	.only_for = "Eaglesoft"},
    {.name = "bank", .required_for = "Tracker"}, MAY_BE("check_spu", F_BOOLEAN), END};

static const struct field perio_chart[] = {MUST("practice_id"), MUST("patient_id"),
    MUST("tooth_number"), {.name = "chart_date", .format = F_DATE, .required_for = "Dentrix"},
    {.name = "provider_id", .required_for = "Dentrix"},
    {.name = "script", .required_for = "Dentrix,Eaglesoft"}, MAY_BE("check_spu", F_BOOLEAN), END};

static const struct operation operations[] = {
    {"POST", "/appointment", "appointments", "appointment", "Appointment", "appointment",
	EFFECT_BOOK, book},
    {"PUT", "/appointments/{}", "appointments", "appointment", "Appointment", NULL, EFFECT_MOVE,
	reschedule},
    {"PATCH", "/appointments/{}", "appointments", "appointment", "Appointment status", NULL,
	EFFECT_STATUS, status},
    {"POST", "/patient", "patients", "patient", "Patient", "patient", EFFECT_PATIENT, patient},
    {"PATCH", "/patient/{}", "patients", "patient", "Patient", NULL, EFFECT_PATIENT_CHANGE,
	patient_change},
    {"POST", "/veterinary_patient", "veterinary_patients", "veterinary_patient", "Patient",
	"patient", EFFECT_NONE, veterinary},
    {"PATCH", "/claims/{}", "claims", "claim", "Claim", NULL, EFFECT_NONE, claim},
    {"POST", "/claim_payment", "claim_payments", "claim_payment", "Claim payment", "claim payment",
	EFFECT_NONE, claim_payment},
    {"POST", "/medical_notes", "medical_notes", "medical_note", "Medical note", "medical note",
	EFFECT_NONE, note},
    {"POST", "/document", "documents", "document", "Document", "document", EFFECT_NONE, document},
    {"POST", "/lab_result", "lab_results", "lab_result", "Lab result", "lab result", EFFECT_NONE,
	lab_result},
    {"POST", "/transaction", "transactions", "transaction", "Transaction", "transaction",
	EFFECT_NONE, transaction},
    {"POST", "/perio_chart", "perio_charts", "perio_chart", "Perio chart", "perio chart",
	EFFECT_NONE, perio_chart},
};
enum { OPERATIONS = sizeof operations / sizeof operations[0] };

const struct operation *
operation_at(size_t index)
{
	return index < OPERATIONS ? &operations[index] : NULL;
}

const struct operation *
operation_find(const char *method, const char *pattern)
{
	for (size_t i = 0; i < OPERATIONS; i++)
		if (strcmp(operations[i].method, method) == 0 &&
		    strcmp(operations[i].path, pattern) == 0)
			return &operations[i];
	return NULL;
}

static bool
good_time(const char *s)
{
	return strlen(s) == 5 && s[2] == ':' && isdigit((unsigned char)s[0]) &&
	    isdigit((unsigned char)s[1]) && isdigit((unsigned char)s[3]) &&
	    isdigit((unsigned char)s[4]) && strncmp(s, "24", 2) < 0 && s[3] < '6';
}

static bool
good(enum format format, const char *value)
{
	int64_t day;

	switch (format) {
	case F_DATE:
		return day_parse(value, &day);
	case F_TIME:
		return good_time(value);
	case F_INTEGER:
		return *value != '\0' && value[strspn(value, "0123456789")] == '\0';
	case F_BOOLEAN:
		return strcasecmp(value, "true") == 0 || strcasecmp(value, "false") == 0;
	case F_REPLACE:
		return strcasecmp(value, "replace") == 0;
	case F_TEXT:
	default:
		return true;
	}
}

static bool
needed(const struct field *field, const char *pms, const json_t *body)
{
	if (field->required_for != NULL && list_has(field->required_for, pms))
		return true;
	if (!field->required || (field->optional_for != NULL && list_has(field->optional_for, pms)))
		return false;
	/* a new patient has no id yet; only Planet DDS reads whether it is one */
	return !(strcmp(field->name, "patient_id") == 0 && list_has(PLANET, pms) &&
	    strcasecmp(json_text(body, "is_new_patient"), "true") == 0);
}

/* write_off may be blank on some systems: given and empty is given */
static bool
missing(const struct field *field, const json_t *body)
{
	return *json_text(body, field->name) == '\0' &&
	    (strcmp(field->name, "write_off") != 0 || json_object_get(body, field->name) == NULL);
}

bool
fields_check(const struct operation *op, const struct practice *practice, const json_t *body,
    struct answer *an)
{
	for (const struct field *f = op->fields; f->name != NULL; f++) {
		const char *value = json_text(body, f->name);

		if (needed(f, system_name(practice->system), body) && missing(f, body)) {
			answer_code(an, "API1020", "Missing parameter: %s", f->name);
			return false;
		}
		if (f->only_for != NULL && !list_has(f->only_for, system_name(practice->system)))
			continue;
		if (*value != '\0' && !good(f->format, value)) {
			answer_code(an, "API1026", "Invalid parameter: %s", f->name);
			return false;
		}
	}
	return true;
}
