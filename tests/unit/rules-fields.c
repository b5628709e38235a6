/* SPDX-License-Identifier: MIT */
/* Each field by itself: when it is needed, what its value has to look like, who ignores it. */
#include "rules/rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "rules/value.h"
#include "tap.h"
#include "rules-said.h"
#include "base/time.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define THREE_WEB "Planet DDS WebV3.0"

static const char booking[] =
    "{\"patient_id\":\"7\",\"date\":\"2091-02-28\",\"time\":\"09:30\",\"length\":\"30\","
    "\"description\":\"x\",\"provider_id\":\"P\",\"operatory\":\"O\",\"practice_id\":\"1\"}";
static const char patient[] = "{\"firstname\":\"A\",\"lastname\":\"B\",\"provider_id\":\"P\","
			      "\"practice_id\":\"1\"}";
static const char ortho_patient[] =
    "{\"firstname\":\"A\",\"lastname\":\"B\",\"provider_id\":\"P\",\"practice_id\":\"1\","
    "\"gender\":\"male\",\"staff\":\"S\",\"status\":\"s\",\"type\":\"t\","
    "\"primary_relationship\":\"r\"}";
static const char dolphin_patient[] =
    "{\"firstname\":\"A\",\"lastname\":\"B\",\"provider_id\":\"P\",\"practice_id\":\"1\","
    "\"user\":\"U\"}";
static const char pet[] = "{\"petname\":\"a\",\"breed\":\"b\",\"species\":\"c\",\"pet_sex\":"
			  "\"mare\",\"pet_birthdate\":\"2020-01-01\",\"pet_class\":\"d\","
			  "\"firstname\":\"A\",\"lastname\":\"B\",\"practice_id\":\"1\"}";
static const char claim[] =
    "{\"claim_sr_no\":\"1\",\"practice_id\":\"1\",\"payment_amount\":\"10.00\","
    "\"is_payment_by_procedure_code\":\"false\",\"claim_payment_date\":\"2026-01-01\","
    "\"payment_mode\":\"Cash\",\"deductible\":\"0\",\"write_off\":\"0\"}";
static const char tracker_claim[] =
    "{\"claim_sr_no\":\"1\",\"practice_id\":\"1\",\"payment_amount\":\"10.00\","
    "\"is_payment_by_procedure_code\":\"true\",\"claim_payment_date\":\"2026-01-01\","
    "\"payment_mode\":\"Cash\",\"transaction_sr_no\":\"1\",\"bank_name\":\"B\"}";
static const char note[] = "{\"patient_id\":\"7\",\"practice_id\":\"1\",\"type\":\"patient "
			   "note\",\"text\":\"x\",\"date\":\"2026-01-01\",\"provider_id\":\"P\"}";
static const char transaction[] =
    "{\"patient_id\":\"7\",\"guarantor_id\":\"7\",\"practice_id\":\"1\",\"provider_id\":\"P\","
    "\"procedure_code\":\"D1\",\"procedure_description\":\"x\",\"amount\":\"12.50\","
    "\"transaction_date\":\"2026-01-01\"}";
static const char document[] =
    "{\"patient_id\":\"7\",\"practice_id\":\"1\",\"document_type\":\"t\",\"document_name\":\"n\","
    "\"created_datetime\":\"2026-01-01\",\"type\":\"t\",\"document_base64\":\"QQ==\"}";
static const char chart[] = "{\"practice_id\":\"1\",\"patient_id\":\"7\",\"tooth_number\":\"1$3\","
			    "\"pocket_depth\":\"1|2|3|4|5|6$|||||\"}";
static const char dentrix_chart[] =
    "{\"practice_id\":\"1\",\"patient_id\":\"7\",\"tooth_number\":\"1$3\",\"script\":\"s\","
    "\"chart_date\":\"2026-01-01\",\"provider_id\":\"P\"}";

/* --- needed ----------------------------------------------------------------------------------- */

static void
test_required(void)
{
	builds("book_appointment", NULL, "{}",
	    "patient_id required; date required; time required; length required; "
	    "description required; provider_id required; operatory required; "
	    "practice_id required; ");
	judges("book_appointment", NULL, booking, "{\"time\":\" \\t\"}", "time required; ");
	judges("book_appointment", "OrthoTrac", booking, "{}", "staff required; type required; ");
	judges("book_appointment", "Ortho Trac", booking, "{\"staff\":\"S\"}", "type required; ");
	judges("book_appointment", "ClearDent", booking, "{\"description\":null}",
	    "user required; type required; [status wanted; ]");
	judges("book_appointment", "Dolphin Management", booking,
	    "{\"description\":null,\"user\":\"U\",\"type\":\"t\",\"status\":\"\"}", "");
	judges("book_appointment", "Dolphin Management", booking,
	    "{\"description\":null,\"user\":\"U\",\"type\":\"\"}",
	    "type required; status required; ");
	judges("book_appointment", "OrthoTrac", booking, "{\"staff\":\"S\",\"type\":\"\"}", "");
	judges("book_appointment", NULL, booking, "{\"description\":\"a < b & c\"}",
	    "[description markup; ]");
	judges("book_appointment", "CornerStone", booking, "{\"description\":null}",
	    "guarantor_id required; ");
	judges("book_appointment", "Eaglesoft", booking, "{\"description\":null}",
	    "description required; ");
	judges("post_claim_payment", "Tracker", tracker_claim, "{\"bank_name\":null}",
	    "bank_name required; ");
	judges("post_claim_payment", "Dentrix G6", claim,
	    "{\"write_off\":null,\"deductible\":\"1|2|3\"}", "");
	judges("post_claim_payment", "Dentrix", claim, "{\"write_off\":null}",
	    "write_off required; ");
	judges("add_medical_note", "intravet", note, "{}", "description required; ");
	judges("add_medical_note", THREE_WEB, note, "{\"date\":null,\"provider_id\":null}", "");
	judges("reschedule_appointment", NULL,
	    "{\"appointment_sr_no\":\"7\",\"practice_id\":\"1\",\"time\":\"09:30\"}", "{}",
	    "[provider_id wanted; ]");
}

static void
test_unless(void)
{
	const char *new_patient = "{\"patient_id\":null,\"is_new_patient\":\"True\","
				  "\"has_insurance\":\"false\",\"production_type\":\"t\","
				  "\"description\":null}";

	judges("book_appointment", "Planet DDS WebV2.0", booking, new_patient, "");
	judges("book_appointment", "Planet DDS WebV2.0", booking,
	    "{\"patient_id\":null,\"is_new_patient\":\"false\",\"has_insurance\":\"false\","
	    "\"production_type\":\"t\",\"description\":null}",
	    "patient_id required; ");
	judges("book_appointment", "OpenDental", booking,
	    "{\"patient_id\":null,\"is_new_patient\":\"true\"}",
	    "patient_id required; [is_new_patient unused; ]");
	judges("book_appointment", NULL, booking,
	    "{\"patient_id\":null,\"is_new_patient\":\"true\"}", "");
}

static void
test_conditions(void)
{
	judges("create_patient", "OrthoTrac", ortho_patient, "{\"is_guarantor_exist\":\"TRUE\"}",
	    "guarantor_id required; ");
	judges("create_patient", "OrthoTrac", ortho_patient, "{\"is_guarantor_exist\":\"false\"}",
	    "");
	/* Without it the patient becomes a guarantor, whatever guarantor_id says. */
	judges("create_patient", "OrthoTrac", ortho_patient, "{\"guarantor_id\":\"1\"}",
	    "[guarantor_id lost; ]");
	judges("create_patient", "OrthoTrac", ortho_patient,
	    "{\"guarantor_id\":\"1\",\"is_guarantor_exist\":\"false\"}", "[guarantor_id lost; ]");
	judges("create_patient", "OrthoTrac", ortho_patient,
	    "{\"guarantor_id\":\"1\",\"is_guarantor_exist\":\"true\"}", "");
	judges("create_patient", "Eaglesoft", patient, "{\"is_guarantor_exist\":\"true\"}",
	    "[is_guarantor_exist unused; ]");
	judges("create_patient", NULL, patient, "{\"is_guarantor_exist\":\"true\"}",
	    "guarantor_id required; ");
	judges("create_patient", "OrthoTrac", ortho_patient, "{\"email\":\"a@b.c\"}",
	    "country required; ");
	judges("create_patient", "OrthoTrac", ortho_patient, "{\"cell\":\"5551234567\"}",
	    "country required; ");
	judges("create_patient", "OrthoTrac", ortho_patient,
	    "{\"cell\":\"5551234567\",\"country\":\"US\"}", "");
	judges("create_patient", "OrthoTrac", ortho_patient, "{\"other_phone\":\"5551234567\"}",
	    "[other_phone unused; ]");
	judges("create_patient", "Eaglesoft", patient, "{\"email\":\"a@b.c\"}", "");
	judges("create_patient", "Dolphin Management", dolphin_patient, "{\"guarantor_id\":\"1\"}",
	    "primary_relationship required; ");
	judges("create_patient", "Eaglesoft", patient, "{\"guarantor_id\":\"1\"}", "");

	judges("create_veterinary_patient", NULL, pet, "{}", "[client_class wanted; ]");
	judges("create_veterinary_patient", NULL, pet,
	    "{\"firstname\":null,\"lastname\":null,\"practice_id\":null}",
	    "firstname required; lastname required; practice_id required; "
	    "[client_class wanted; ]");
	judges("create_veterinary_patient", NULL, pet,
	    "{\"firstname\":null,\"lastname\":null,\"practice_id\":null,\"guarantor_id\":\"1\"}",
	    "[client_class wanted; ]");

	judges("post_claim_payment", NULL, claim, "{\"is_payment_by_procedure_code\":\"True\"}",
	    "transaction_sr_no required; ");
	judges("post_claim_payment", "Tracker", tracker_claim, "{\"payment_mode\":\"cheque\"}",
	    "cheque_no required; ");
	judges("post_claim_payment", "Tracker", tracker_claim,
	    "{\"payment_mode\":\"Direct Deposit\"}", "direct_deposit_number required; ");
	judges("post_claim_payment", NULL, claim, "{\"payment_mode\":\"Cheque\"}", "");
	judges("post_claim_payment", "OpenDental", claim,
	    "{\"is_debit_adjustment_writeback\":\"true\"}",
	    "debit_adjustment_amount required; debit_adjustment_date required; "
	    "debit_adjustment_type required; debit_adjustment_provider required; ");
	judges("post_claim_payment", "Dentrix Ascend", claim,
	    "{\"is_debit_adjustment_writeback\":\"true\",\"deductible\":\"1|2|3|4\"}",
	    "debit_adjustment_amount required; debit_adjustment_type required; ");
	judges("post_claim_payment", NULL, claim, "{\"is_debit_adjustment_writeback\":\"true\"}",
	    "debit_adjustment_amount required; ");
	judges("post_claim_payment", "Tracker", tracker_claim,
	    "{\"is_debit_adjustment_writeback\":\"true\"}",
	    "[is_debit_adjustment_writeback unused; ]");
	judges("post_claim_payment", "Dentrix Enterprise", claim,
	    "{\"write_off\":\"-5\",\"deductible\":\"1|2|3\"}", "adjustment_type required; ");
	judges("post_claim_payment", "Dentrix Enterprise", claim,
	    "{\"write_off\":\"5\",\"deductible\":\"1|2|3\"}", "");
	judges("post_claim_payment", "Dentrix G6", claim,
	    "{\"write_off\":\"-5\",\"deductible\":\"1|2|3\"}", "");

	judges("add_medical_note", "Dentrix Enterprise", note, "{\"type\":\"Allergies\"}",
	    "item required; ");
	judges("add_medical_note", "Dentrix Enterprise", note, "{\"type\":\"MEDICATIONS\"}",
	    "item required; ");
	judges("add_medical_note", "Eaglesoft", note, "{\"type\":\"Allergies\"}", "");
	judges("add_medical_note", NULL, note, "{\"type\":\"Appointment Note\"}",
	    "appointment_sr_no required; ");
	judges("add_medical_note", THREE_WEB, note, "{\"type\":\"Appointment Note\"}",
	    "[date unused; provider_id unused; ]");
	judges("post_transaction", "OpenDental", transaction, "{\"is_payment_refund\":\"true\"}",
	    "transaction_sr_no required; ");
	judges("post_transaction", "Eaglesoft", transaction, "{\"is_payment_refund\":\"true\"}",
	    "[is_payment_refund unused; ]");
	judges("post_transaction", "Eaglesoft", transaction,
	    "{\"is_payment_by_procedure_code\":\"true\"}", "transaction_sr_no required; ");

	judges("reschedule_appointment", "Dentrix G6",
	    "{\"appointment_sr_no\":\"7\",\"practice_id\":\"1\",\"provider_id\":\"P\","
	    "\"status\":\"broken\",\"date\":\"2091-01-01\"}",
	    "{}", "");

	/* The vendor's sample of a perio chart of Eaglesoft, as it stands. */
	judges("add_perio_chart", "Eaglesoft", chart,
	    "{\"script\":\"s\",\"furcation\":\"1\",\"distal\":\"1\",\"buccal\":\"1\","
	    "\"mesial\":\"1\",\"lingual\":\"1\"}",
	    "");
	/* The documents say what these are on Dentrix and OpenDental, and nothing of Eaglesoft. */
	judges("add_perio_chart", "Eaglesoft", chart,
	    "{\"script\":\"B\",\"gingival_margin\":\"20|-1\",\"calculus\":\"much\",\"mobility\":"
	    "\"1\"}",
	    "");
	judges("add_perio_chart", "OpenDental", chart, "{\"furcation\":\"1\",\"distal\":\"1\"}",
	    "furcation format; [distal unused; ]");
}

/* --- what a value looks like ------------------------------------------------------------------ */

static const struct {
	const char *operation, *base, *pms, *field, *rule;
	const char *good[16], *bad[16];
} values[] = {
    {"book_appointment", booking, NULL, "date", "format",
	{"2024-02-29", "2000-02-29", "2026-12-31", "1899-01-01"},
	{"2026-02-29", "1900-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "2026-4-1",
	    "20260401", "2026-04-01 ", "2026/04/01", "0000-01-01", "+026-01-01", "2026-01-0a",
	    "2026-01-001"}},
    {"book_appointment", booking, NULL, "time", "format", {"00:00", "23:59"},
	{"24:00", "9:30", "09:60", "09:3", "09.30", "09:30:00", "-1:00", "0 :00", " 09:30"}},
    {"book_appointment", booking, NULL, "length", "format",
	{"1", "0030", "99999999999999999999999"}, {"-5", "+5", "3.5", "1e2", "5 ", "x"}},
    {"book_appointment", booking, NULL, "length", "min", {"1"}, {"0", "00"}},
    {"book_appointment", booking, NULL, "check_spu", "format", {"true", "false", "FALSE", "True"},
	{"yes", "1", "0", "true "}},
    {"book_appointment", booking, NULL, "description", "plain_text",
	{"it's 50 % \"off\"; é", "a=b"}, {"a\nb", "a\tb", "a\x7f", "a\xc2\x85z"}},
    {"create_patient", patient, NULL, "birthdate", "format", {"1950-01-01", "2024-02-29"},
	{"2999-01-01", "2025-02-29", "yesterday"}},
    {"create_patient", patient, NULL, "email", "format",
	{"a@b.c", "zo\xc3\xab.x+y@sub.example.org"},
	{"a", "a@b", "a.b@c", "a@@b.c", "a@b@c.d", "a b@c.d", "a@b .c"}},
    {"create_patient", patient, NULL, "homephone", "format",
	{"5551234", "+1 (555) 123-4567 x12", "555.123.4567"},
	{"555123", "555-1234 ext 5", "5551234/5", "phone"}},
    {"create_patient", patient, NULL, "gender", "enum", {"male", "Female", "UNKNOWN"},
	{"m", "man", "male|female", " male"}},
    {"create_patient", ortho_patient, "OrthoTrac", "gender", "enum", {"male", "female"},
	{"unknown"}},
    {"create_patient", patient, "ClearDent", "gender", "enum", {"male", "anything"}, {NULL}},
    {"create_patient", ortho_patient, "OrthoTrac", "firstname", "max",
	{"123456789012345", "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"},
	{"1234567890123456"}},
    {"create_patient", patient, "Eaglesoft", "firstname", "max", {"1234567890123456"}, {NULL}},
    {"create_veterinary_patient", pet, NULL, "pet_sex", "enum",
	{"Spayed Female", "gelding", "undetermined"}, {"tom", "x"}},
    {"update_appointment_status",
	"{\"appointment_sr_no\":\"7\",\"value\":\"x\",\"practice_id\":\"1\"}", NULL, "op", "enum",
	{"replace", "Replace"}, {"add"}},
    {"post_claim_payment", claim, NULL, "payment_amount", "format",
	{"1", "-1", "0", "10.00", "1|2.5|-3"},
	{"+1", ".5", "5.", "1,5", "1 ", "$5", "1||2", "|", "1e3", "-", "--1", "1.2.3"}},
    {"post_claim_payment", claim, "Eaglesoft", "write_off", "format", {"1"}, {"1||2"}},
    {"post_claim_payment", tracker_claim, "Tracker", "is_payment_by_procedure_code", "enum",
	{"true"}, {"false"}},
    {"add_medical_note", note, "SuzyDental", "text", "max", {"x"},
	{"12345678901234567890123456789012345678901234567890123456789012345678901234567890"
	 "12345678901234567890123456789012345678901234567890123456789012345678901234567890"
	 "12345678901234567890123456789012345678901"}},
    {"add_medical_note", note, THREE_WEB, "type", "enum", {"Patient note", "appointment note"},
	{"Treatment Note"}},
    {"post_transaction", transaction, THREE_WEB, "cvv", "format", {"123", "1234"}, {"12a", "1 3"}},
    {"post_transaction", transaction, THREE_WEB, "cvv", "min_length", {"123"}, {"12"}},
    {"post_transaction", transaction, THREE_WEB, "cvv", "max", {"1234"}, {"12345"}},
    {"post_transaction", transaction, "Eaglesoft", "impacts", "enum", {"production", "Adjustment"},
	{"true"}},
    {"post_transaction", transaction, "OpenDental", "is_patient_preferred", "enum",
	{"true", "FALSE", ""}, {"yes"}},
    {"add_document", document, "OpenDental", "document_base64", "format",
	{"QQ==", "QUI=", "QUJD", "+/+/"},
	{"QQ", "QQ=", "Q===", "QQ==\n", "QUJ D", "data:image/png;base64,QUJD", "QU-_", "===="}},
    {"add_document", document, "OpenDental", "created_datetime", "format", {"2026-01-01"},
	{"2999-01-01", "2026-01-01T10:00:00"}},
    {"add_perio_chart", chart, NULL, "tooth_number", "format", {"1$3", "32$1", "01$1"},
	{"0$1", "33$1", "1$", "$1", "a$1", "1|3", "1$-3", "1 $3"}},
    {"add_perio_chart", chart, NULL, "pocket_depth", "format",
	{"1|2|3|4|5|6$1|2|3|4|5|6", "|||||$|||||"},
	{"1|2|3|4|5|6", "1|2|3|4|5$1|2|3|4|5|6", "1|2|3|4|5|6|7$1|2|3|4|5|6", "1",
	    "1|2|3|4|5|6$1|2|3|4|5|6$1|2|3|4|5|6"}},
    {"add_perio_chart", chart, NULL, "pocket_depth", "range", {"0|19|| |5|6$|||||"},
	{"20|||||$|||||", "-1|||||$|||||", "x|||||$|||||", "1.5|||||$|||||", "|||||101$|||||",
	    "99999999999999|||||$|||||"}},
    {"add_perio_chart", chart, "OpenDental", "gingival_margin", "range", {"0|19|101|119||$|||||"},
	{"20|||||$|||||", "100|||||$|||||", "120|||||$|||||"}},
    {"add_perio_chart", chart, NULL, "bleed", "range", {"1||1|||$|||||"},
	{"0|||||$|||||", "2|||||$|||||"}},
    {"add_perio_chart", dentrix_chart, "Dentrix", "mobility", "range", {"0$4", "$1"},
	{"5$1", "a$1", "1|1$1"}},
    {"add_perio_chart", chart, "OpenDental", "mobility", "range", {"0$19"}, {"20$1"}},
    {"add_perio_chart", chart, NULL, "mobility", "format", {"x$y"}, {"1", "1$2$3"}},
    {"add_perio_chart", dentrix_chart, "Dentrix", "plaque", "range", {"None$heavy"},
	{"$None", "A lot$None"}},
    {"add_perio_chart", chart, "OpenDental", "plaque", "range", {"1|1|1|1|1|1$|||||"},
	{"2|||||$|||||"}},
    {"add_perio_chart", chart, "OpenDental", "plaque", "format", {"1|1|1|1|1|1$|||||"}, {"1$1"}},
    {"add_perio_chart", dentrix_chart, "Dentrix", "bone_loss", "range", {"Mild$Severe"},
	{"1$2", "$Mild"}},
    {"add_perio_chart", dentrix_chart, "Dentrix", "furcation", "range", {"F0: None|||||$F4:|||||"},
	{"F5: x|||||$|||||", "1|||||$|||||"}},
    {"add_perio_chart", chart, "OpenDental", "furcation", "range", {"1|19||||$|||||"},
	{"20|||||$|||||"}},
    {"add_perio_chart", chart, "OpenDental", "calculus", "range", {"1|||||$|||||"},
	{"2|||||$|||||"}},
    {"add_perio_chart", dentrix_chart, "Dentrix", "calculus", "range", {"19|||||$|||||"},
	{"20|||||$|||||"}},
};

/* The rule's faults for a value: none, or one that names field and rule and doesn't show it. */
static void
try_value(size_t i, size_t number, int is_good)
{
	struct sk_faults faults = {0};
	json_t *fields = parse(values[i].base), *body = NULL;
	const char *value = is_good ? values[i].good[number] : values[i].bad[number];
	char *endpoint = NULL;
	size_t n = 0;

	json_object_set_new(fields, values[i].field, json_string(value));
	sk_rules_build(&(struct sk_rules_input){.operation = sk_rules_find(values[i].operation),
			   .pms = values[i].pms,
			   .fields = fields},
	    &endpoint, &body, &faults, NULL);
	for (size_t k = 0; k < faults.n; k++) {
		n += strcmp(faults.list[k].fields, values[i].field) == 0 &&
		    strcmp(faults.list[k].rule, values[i].rule) == 0;
		/* A short wrong value may be part of the text about right ones. */
		if (strlen(value) > 5 && strstr(faults.list[k].message, value) != NULL)
			ok(0, "the value stands in the message: %s", faults.list[k].message);
	}
	ok(n == (is_good ? 0 : 1) && (!is_good || faults.n == 0), "%s.%s: value %zu is %s",
	    values[i].operation, values[i].field, number, is_good ? "taken" : "refused");
	for (size_t k = 0; is_good && k < faults.n; k++)
		printf("# %s: %s\n", faults.list[k].fields, faults.list[k].message);
	sk_faults_fini(&faults);
	json_decref(fields);
	json_decref(body);
	free(endpoint);
}

static void
test_values(void)
{
	for (size_t i = 0; i < COUNT(values); i++) {
		for (size_t k = 0; k < 16 && values[i].good[k] != NULL; k++)
			try_value(i, k, 1);
		for (size_t k = 0; k < 16 && values[i].bad[k] != NULL; k++)
			try_value(i, k, 0);
	}
}

/* 3950 characters of two bytes are taken, one more isn't. */
static void
test_long_texts(void)
{
	char text[2 * 3951 + 1];

	for (size_t n = 3950; n <= 3951; n++) {
		json_t *fields = changed(booking, "{}"), *body = NULL;
		char *endpoint = NULL;

		for (size_t i = 0; i < n; i++)
			memcpy(text + 2 * i, "\xc3\xa9", 3);
		json_object_set_new(fields, "note", json_string(text));
		is_int((long long)sk_rules_build(
			   &(struct sk_rules_input){.operation = sk_rules_find("book_appointment"),
			       .fields = fields},
			   &endpoint, &body, NULL, NULL),
		    n == 3950 ? 0 : 1, "characters are counted, not bytes");
		json_decref(fields);
		json_decref(body);
		free(endpoint);
	}
}

/*
 * Today counts as past, and so does the date that is today where the day begins first. Two days
 * ahead doesn't.
 */
static void
test_today(void)
{
	char day[SK_TIME_DAY], changes[40];
	int64_t noon;

	snprintf(changes, sizeof(changes), "{\"birthdate\":\"%s\"}",
	    sk_time_day(sk_time_now(), day));
	judges("create_patient", NULL, patient, changes, "");
	snprintf(changes, sizeof(changes), "{\"birthdate\":\"%s\"}",
	    sk_time_day(sk_time_now() + 14 * SK_HOUR, day));
	judges("create_patient", NULL, patient, changes, "");
	snprintf(changes, sizeof(changes), "{\"birthdate\":\"%s\"}",
	    sk_time_day(sk_time_now() + 2 * SK_DAY, day));
	judges("create_patient", NULL, patient, changes, "birthdate format; ");

	ok(sk_time_parse("2026-01-01T09:59:59Z", &noon) == 0 &&
		sk_value_is_past("2026-01-01", noon) && !sk_value_is_past("2026-01-02", noon),
	    "before ten o'clock it is the same day everywhere");
	ok(sk_time_parse("2026-01-01T10:00:00Z", &noon) == 0 &&
		sk_value_is_past("2026-01-02", noon) && !sk_value_is_past("2026-01-03", noon),
	    "from then on it is the next one somewhere");
}

/* A day that begins an appointment, and has passed everywhere, is warned of. */
static void
test_passed(void)
{
	char day[SK_TIME_DAY], changes[60];
	struct sk_zone any = {0}, east = sk_zone_of("Eastern Standard Time", NULL);
	int64_t noon = 0;

	judges("book_appointment", NULL, booking, "{\"date\":\"2020-01-01\"}", "[date past; ]");
	judges("reschedule_appointment", NULL,
	    "{\"appointment_sr_no\":\"7\",\"practice_id\":\"1\",\"date\":\"2020-01-01\","
	    "\"provider_id\":\"P\"}",
	    "{}", "[date past; ]");
	judges("add_medical_note", NULL, note, "{}", "");
	snprintf(changes, sizeof(changes), "{\"date\":\"%s\"}",
	    sk_time_day(sk_time_now() + SK_DAY, day));
	judges("book_appointment", NULL, booking, changes, "");

	sk_time_parse("2026-01-01T12:00:00Z", &noon);
	ok(!sk_value_is_over("2026-01-01", "00:00", noon, any),
	    "midnight in UTC: not yet, at noon");
	ok(sk_value_is_over("2026-01-01", "00:00", noon + SK_MINUTE, any), "but a minute later");
	ok(!sk_value_is_over("2025-12-31", NULL, noon - SK_MINUTE, any),
	    "a whole day: not before noon");
	ok(sk_value_is_over("2025-12-31", NULL, noon, any), "of the next day");
	ok(!sk_value_is_over("2020-01-01", "soon", noon, any),
	    "a time that can't be read isn't over");
	ok(!sk_value_is_over("2026-01-01", "07:00", noon, east), "seven in the east: not yet");
	ok(sk_value_is_over("2026-01-01", "07:00", noon + SK_MINUTE, east),
	    "but a minute later, in winter as in summer");
}

/* --- what isn't read, what isn't there -------------------------------------------------------- */

static void
test_warnings(void)
{
	judges("book_appointment", "OpenDental", booking,
	    "{\"birthdate\":\"x\",\"has_insurance\":\"x\"}",
	    "[has_insurance unused; birthdate unused; ]");
	judges("book_appointment", NULL, booking, "{\"birthdate\":\"x\"}", "birthdate format; ");
	judges("book_appointment", "Foo", booking, "{\"birthdate\":\"x\"}", "[birthdate unused; ]");
	judges("book_appointment", "Dolphin Management", booking,
	    "{\"user\":\"U\",\"type\":\"T\",\"status\":\"S\",\"guarantor_id\":\"\"}",
	    "[description unused; ]");
	judges("book_appointment", NULL, booking, "{\"provider\":\"P\"}", "[provider unknown; ]");
	judges("update_patient", "OrthoTrac",
	    "{\"patient_id\":\"7\",\"practice_id\":\"1\",\"staff\":\"S\",\"lastname\":\"x\"}", "{}",
	    "");
	builds("book_appointment", NULL,
	    "{\"a\":null,\"time\":[],\"staff\":{},\"patient_id\":\"7\",\"date\":\"2091-02-28\","
	    "\"length\":\"30\",\"description\":\"x\",\"provider_id\":\"P\",\"operatory\":\"O\","
	    "\"practice_id\":\"1\"}",
	    "a type; time type; staff type; ");
}

int
main(void)
{
	sk_mem_init();
	test_required();
	test_unless();
	test_conditions();
	test_values();
	test_long_texts();
	test_today();
	test_passed();
	test_warnings();
	return done_testing();
}
