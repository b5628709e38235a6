/* SPDX-License-Identifier: MIT */
/* The operations: what is built from fields, and what is refused before it is sent. */
#include "rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "mem.h"
#include "rules_check.h"
#include "tap.h"

#define MOST 8

static json_t *
parse(const char *text)
{
	return sk_json_parse(text, strlen(text), NULL);
}

static void
test_operations(void)
{
	static const char *const wanted[][2] = {
	    {"book_appointment", "POST"},
	    {"reschedule_appointment", "PUT"},
	    {"update_appointment_status", "PATCH"},
	    {"create_patient", "POST"},
	    {"create_veterinary_patient", "POST"},
	    {"update_patient", "PATCH"},
	    {"update_claim", "PATCH"},
	    {"post_claim_payment", "POST"},
	    {"add_medical_note", "POST"},
	    {"add_document", "POST"},
	    {"add_lab_result", "POST"},
	    {"post_transaction", "POST"},
	    {"add_perio_chart", "POST"},
	};
	size_t n, i;
	const char *const *names = sk_rules_names(&n);

	is_int((long long)n, 13, "13 operations");
	for (i = 0; i < n; i++) {
		const struct sk_operation *operation = sk_rules_find(wanted[i][0]);

		is_str(names[i], wanted[i][0], "its name");
		is_str(sk_rules_name(operation), wanted[i][0], "is found");
		is_str(sk_rules_method(operation), wanted[i][1], "its method");
	}
	ok(sk_rules_find("book") == NULL, "an unknown one isn't found");
	is_str(sk_rules_nearest("book_apointment"), "book_appointment", "the nearest");
	ok(sk_rules_nearest("bake_bread") == NULL, "or none");
}

/* A row of the table names only PMSs that are known, and only fields that exist. */
static void
test_table(void)
{
	size_t i, k;

	for (i = 0; i < sk_operations_count; i++) {
		const struct sk_operation *operation = &sk_operations[i];

		for (k = 0; k < operation->n_fields; k++) {
			const struct sk_field *field = &operation->fields[k];
			const char *lists[] = {field->required_for, field->optional_for,
			    field->unused_for, field->only_for, operation->pms};
			size_t j;

			for (j = 0; j < sizeof(lists) / sizeof(lists[0]); j++) {
				char *list = sk_mem_copy(lists[j]), *rest = NULL, *name;

				name = list != NULL ? strtok_r(list, "|", &rest) : NULL;
				for (; name != NULL; name = strtok_r(NULL, "|", &rest)) {
					const char *known = sk_rules_pms(name, NULL);

					if (known == NULL || strcmp(known, name) != 0)
						ok(0, "%s.%s names %s", operation->name,
						    field->name, name);
				}
				free(list);
			}
		}
	}
	ok(1, "the rows name PMSs that are known");
}

static void
test_pms_names(void)
{
	static const char *const names[][3] = {
	    {"OpenDental", NULL, "OpenDental"},
	    {"Open Dental 22.1", "", "OpenDental"},
	    {"open-dental", "22", "OpenDental"},
	    {"Dentrix", "G6.2", "Dentrix G6"},
	    {"Dentrix", "G7.1", "Dentrix G6"},
	    {"Dentrix", "G10", "Dentrix G6"},
	    {"DENTRIX G-6", NULL, "Dentrix G6"},
	    {"Dentrix", "G5.9", "Dentrix"},
	    {"Dentrix", "17.1", "Dentrix"},
	    {"Dentrix", NULL, "Dentrix"},
	    {"Dentrix Ascend", "3", "Dentrix Ascend"},
	    {"Dentrix Enterprise 11", NULL, "Dentrix Enterprise"},
	    {"Planet DDS", "WebV2.0", "Planet DDS WebV2.0"},
	    {"Planet DDS WebV3.0", "1", "Planet DDS WebV3.0"},
	    {"Planet DDS", "WebV4.0", NULL},
	    {"My OpenDental", NULL, NULL},
	    {"Open", NULL, NULL},
	    {"", "", NULL},
	    {NULL, "G6", NULL},
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		is_str(sk_rules_pms(names[i][0], names[i][1]), names[i][2],
		    names[i][0] != NULL ? names[i][0] : "no name");
}

/* What a request makes: "endpoint body", or its faults as "field; field; ". */
static char *
build(const char *operation, const char *pms, const char *fields, int check)
{
	struct sk_fault faults[MOST];
	json_t *object = parse(fields), *body = NULL;
	char *endpoint = NULL, *text, *said;
	size_t n, i;

	n = sk_rules_build(sk_rules_find(operation), pms, NULL, object, check, &endpoint, &body,
	    faults, MOST);
	json_decref(object);
	if (n == 0) {
		text = sk_json_canonical(body, NULL);
		said = sk_mem_printf("%s %s", endpoint, text);
		free(text);
	} else {
		said = sk_mem_copy(endpoint == NULL && body == NULL ? "" : "built! ");
		for (i = 0; i < n && i < MOST; i++) {
			text = sk_mem_printf("%s%s; ", said, faults[i].field);
			free(said);
			said = text;
			if (faults[i].message[0] == '\0')
				ok(0, "a fault without a message");
		}
	}
	json_decref(body);
	free(endpoint);
	return said;
}

static void
builds(const char *operation, const char *pms, const char *fields, const char *wanted)
{
	char *said = build(operation, pms, fields, 1);
	char what[300];

	snprintf(what, sizeof(what), "%s, %s: %s", operation, pms != NULL ? pms : "-", fields);
	is_str(said, wanted, what);
	free(said);
}

#define BOOKING(more)                                                                         \
	"{\"patient_id\":\"7\",\"date\":\"2026-02-28\",\"time\":\"09:30\",\"length\":\"30\"," \
	"\"description\":\"x\",\"provider_id\":\"P\",\"operatory\":\"O\",\"practice_id\":"    \
	"\"1\"" more "}"

static void
test_building(void)
{
	char *said;

	builds("update_appointment_status", NULL,
	    "{\"appointment_sr_no\":\"a 7\",\"value\":\"Cancelled\",\"practice_id\":\"1\"}",
	    "/appointments/a%207 {\"appointment_sr_no\":\"a 7\",\"op\":\"replace\","
	    "\"path\":\"/appointment_status\",\"practice_id\":\"1\",\"value\":\"Cancelled\"}");
	builds("update_appointment_status", NULL,
	    "{\"appointment_sr_no\":\"7\",\"value\":\"x\",\"practice_id\":\"1\",\"path\":\"/"
	    "status\","
	    "\"op\":\"REPLACE\"}",
	    "/appointments/7 {\"appointment_sr_no\":\"7\",\"op\":\"replace\",\"path\":\"/status\","
	    "\"practice_id\":\"1\",\"value\":\"x\"}");
	builds("update_appointment_status", NULL,
	    "{\"appointment_sr_no\":\"7\",\"value\":\"x\",\"practice_id\":\"1\",\"op\":\"add\"}",
	    "op; ");
	builds("reschedule_appointment", NULL,
	    "{\"appointment_sr_no\":\"7\",\"practice_id\":\"1\",\"time\":\"09:30\",\"own\":\"o\"}",
	    "/appointments/7 {\"own\":\"o\",\"practice_id\":\"1\",\"time\":\"09:30\"}");
	said = build("book_appointment", NULL, "{\"date\":\"soon\"}", 0);
	is_str(said, "/appointment {\"date\":\"soon\"}", "unchecked, everything goes");
	free(said);
	said = build("update_patient", "OpenDental", "{\"patient_id\":\"..\"}", 0);
	is_str(said, "patient_id; ", "but the path");
	free(said);
}

static void
test_required(void)
{
	builds("book_appointment", NULL, "{}",
	    "patient_id; date; time; length; description; provider_id; operatory; practice_id; ");
	builds("book_appointment", "OrthoTrac", BOOKING(""), "staff; type; ");
	builds("book_appointment", "Ortho Trac", BOOKING(",\"staff\":\"S\""), "type; ");
	builds("book_appointment", "ClearDent",
	    "{\"patient_id\":\"7\",\"date\":\"2026-02-28\",\"time\":\"09:30\",\"length\":\"30\","
	    "\"provider_id\":\"P\",\"operatory\":\"O\",\"practice_id\":\"1\"}",
	    "user; type; status; ");
	builds("book_appointment", "Planet DDS WebV2.0",
	    "{\"date\":\"2026-02-28\",\"time\":\"09:30\",\"length\":\"30\",\"provider_id\":\"P\","
	    "\"operatory\":\"O\",\"practice_id\":\"1\",\"is_new_patient\":\"True\","
	    "\"has_insurance\":\"false\"}",
	    "production_type; ");
	builds("book_appointment", "OpenDental",
	    "{\"date\":\"2026-02-28\",\"time\":\"09:30\",\"length\":\"30\",\"provider_id\":\"P\","
	    "\"operatory\":\"O\",\"practice_id\":\"1\",\"is_new_patient\":\"true\","
	    "\"description\":\"x\"}",
	    "patient_id; ");
	builds("post_claim_payment", "Tracker", "{\"claim_sr_no\":\"1\",\"practice_id\":\"1\"}",
	    "payment_amount; is_payment_by_procedure_code; claim_payment_date; payment_mode; "
	    "bank_name; ");
	builds("reschedule_appointment", NULL,
	    "{\"appointment_sr_no\":\"7\",\"practice_id\":\"1\"}", "; ");
	builds("update_patient", "OrthoTrac",
	    "{\"patient_id\":\"7\",\"practice_id\":\"1\",\"staff\":\"\",\"check_spu\":\"true\"}",
	    "staff; ; ");
	builds("update_patient", "Dolphin Management",
	    "{\"patient_id\":\"7\",\"practice_id\":\"1\",\"city\":\"x\"}", "; ");
	builds("update_patient", NULL,
	    "{\"patient_id\":\"7\",\"practice_id\":\"1\",\"lastname\":\"x\"}",
	    "/patient/7 {\"lastname\":\"x\",\"practice_id\":\"1\"}");
	builds("update_patient", "Foo",
	    "{\"patient_id\":\"7\",\"practice_id\":\"1\",\"lastname\":\"x\"}", "; ");
}

static void
test_formats(void)
{
	static const char *const bad_dates[] = {"2026-02-29", "1900-02-29", "2026-13-01",
	    "2026-00-10", "2026-04-31", "2026-4-1", "20260401", "2026-04-01 ", "2026/04/01",
	    "0000-01-01", "+026-01-01", "2026-01-0a", "2026-01-001"};
	static const char *const good_dates[] = {"2024-02-29", "2000-02-29", "2026-12-31",
	    "1899-01-01"};
	static const char *const bad_times[] = {"24:00", "9:30", "09:60", "09:3", "09.30",
	    "09:30:00", "-1:00", "0 :00", " 09:30"};
	static const char *const good_times[] = {"00:00", "23:59"};
	static const char *const bad_lengths[] = {"0", "00", "-5", "+5", "3.5", "1e2", "5 ", "x"};
	static const char *const good_lengths[] = {"1", "0030", "99999999999999999999999"};
	const struct {
		const char *field;
		const char *const *values;
		size_t n;
		int is_good;
	} rows[] = {
	    {"date", bad_dates, sizeof(bad_dates) / sizeof(*bad_dates), 0},
	    {"date", good_dates, sizeof(good_dates) / sizeof(*good_dates), 1},
	    {"time", bad_times, sizeof(bad_times) / sizeof(*bad_times), 0},
	    {"time", good_times, sizeof(good_times) / sizeof(*good_times), 1},
	    {"length", bad_lengths, sizeof(bad_lengths) / sizeof(*bad_lengths), 0},
	    {"length", good_lengths, sizeof(good_lengths) / sizeof(*good_lengths), 1},
	};
	size_t i, k;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (k = 0; k < rows[i].n; k++) {
			json_t *fields = parse(BOOKING(""));
			char *endpoint = NULL;
			struct sk_fault fault;
			json_t *body = NULL;
			size_t n;

			json_object_set_new(fields, rows[i].field, json_string(rows[i].values[k]));
			n = sk_rules_build(sk_rules_find("book_appointment"), NULL, NULL, fields, 1,
			    &endpoint, &body, &fault, 1);
			ok((n == 0) == rows[i].is_good, "%s %s is %s", rows[i].field,
			    rows[i].values[k], rows[i].is_good ? "taken" : "refused");
			if (n > 0)
				ok(strstr(fault.message, rows[i].values[k]) == NULL ||
					strlen(rows[i].values[k]) < 3,
				    "without its value: %s", fault.message);
			json_decref(body);
			json_decref(fields);
			free(endpoint);
		}
	}
}

static void
test_values(void)
{
	char *said = build("book_appointment", NULL, BOOKING(",\"check_spu\":\"FALSE\""), 1);

	ok(strncmp(said, "/appointment {", 14) == 0, "false in any case");
	free(said);
	builds("book_appointment", NULL, BOOKING(",\"check_spu\":\"yes\""), "check_spu; ");
	builds("book_appointment", "OpenDental",
	    BOOKING(",\"birthdate\":\"x\",\"has_insurance\":\"x\""),
	    "/appointment {\"birthdate\":\"x\",\"date\":\"2026-02-28\",\"description\":\"x\","
	    "\"has_insurance\":\"x\",\"length\":\"30\",\"operatory\":\"O\",\"patient_id\":\"7\","
	    "\"practice_id\":\"1\",\"provider_id\":\"P\",\"time\":\"09:30\"}");
	builds("book_appointment", NULL, BOOKING(",\"birthdate\":\"x\""), "birthdate; ");
	builds("book_appointment", NULL, BOOKING(",\"a\":null,\"b\":[],\"staff\":{}"),
	    "a; b; staff; ");
	builds("create_veterinary_patient", NULL,
	    "{\"petname\":\"a\",\"breed\":\"b\",\"species\":\"c\",\"pet_sex\":\"Spayed Female\","
	    "\"pet_birthdate\":\"2020-01-01\",\"pet_class\":\"d\"}",
	    "/veterinary_patient "
	    "{\"breed\":\"b\",\"pet_birthdate\":\"2020-01-01\",\"pet_class\":\"d\","
	    "\"pet_sex\":\"Spayed Female\",\"petname\":\"a\",\"species\":\"c\"}");
	builds("create_veterinary_patient", NULL,
	    "{\"petname\":\"a\",\"breed\":\"b\",\"species\":\"c\",\"pet_sex\":\"neutered\","
	    "\"pet_birthdate\":\"2020-01-01\",\"pet_class\":\"d\"}",
	    "pet_sex; ");
}

static void
test_restrictions(void)
{
	const char *document =
	    "{\"patient_id\":\"7\",\"practice_id\":\"1\",\"document_type\":\"t\",\"document_name\":"
	    "\"n\",\"created_datetime\":\"2026-01-01\",\"type\":\"t\",\"document_base64\":\"QQ=="
	    "\"}";
	char *said;

	builds("add_document", "Eaglesoft", document, "; ");
	said = build("add_document", "Open Dental 22.1", document, 1);
	ok(strncmp(said, "/document {", 11) == 0, "OpenDental takes documents");
	free(said);
	said = build("add_document", NULL, document, 1);
	ok(strncmp(said, "/document {", 11) == 0, "so may one that isn't known");
	free(said);
	said = build("add_document", "", document, 1);
	ok(strncmp(said, "/document {", 11) == 0, "an empty name isn't known");
	free(said);
}

static void
test_path_ids(void)
{
	static const char *const bad[] = {"a:b", "a#", "?", "a/b", "a\\b", "100%", "+1", "a=b",
	    "..", ".", "a\tb", "a\x7f", "", "  "};
	char message_seen = 0;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		json_t *fields = json_pack("{s:s, s:s, s:s}", "patient_id", bad[i], "practice_id",
			   "1", "lastname", "x"),
		       *body = NULL;
		char *endpoint = NULL;
		struct sk_fault fault = {0};

		is_int((long long)sk_rules_build(sk_rules_find("update_patient"), NULL, NULL,
			   fields, 1, &endpoint, &body, &fault, 1),
		    1, bad[i]);
		is_str(fault.field, "patient_id", "is no id for a path");
		message_seen |= strstr(fault.message, "% + =") != NULL;
		json_decref(fields);
	}
	ok(message_seen, "and it says what can't be");
	builds("update_patient", NULL,
	    "{\"patient_id\":\"\xc3\xa9-...\",\"practice_id\":\"1\",\"lastname\":\"x\"}",
	    "/patient/%C3%A9-... {\"lastname\":\"x\",\"practice_id\":\"1\"}");
}

static void
test_faults(void)
{
	struct sk_fault faults[2];
	struct sk_faults found = {faults, 2, 0};
	json_t *body = NULL, *fields = json_object(), *text;
	char *endpoint = NULL, name[100];
	size_t i;

	is_int((long long)sk_rules_build(sk_rules_find("book_appointment"), NULL, NULL, fields, 1,
		   &endpoint, &body, faults, 2),
	    8, "all are counted, two are told");
	is_str(faults[1].field, "date", "the first two");
	is_int((long long)sk_rules_build(sk_rules_find("book_appointment"), NULL, NULL, NULL, 1,
		   &endpoint, &body, NULL, 0),
	    8, "or none");
	ok(endpoint == NULL && body == NULL, "and nothing is built");
	json_decref(fields);

	memset(name, 'a', sizeof(name));
	for (i = 62; i + 2 < sizeof(name); i += 2)
		memcpy(name + i, "\xc3\xa9", 2);
	name[sizeof(name) - 1] = '\0';
	sk_faults_add(&found, name, "m");
	text = json_string(faults[0].field);
	ok(text != NULL && strlen(faults[0].field) == 62, "a name isn't cut in a character");
	json_decref(text);
}

static void
test_cards(void)
{
	static const char *const cards[] = {"{\"card_number\":\"4\"}", "{\"cvv\":\"1\"}",
	    "{\"card_holder_name\":\"x\"}", "{\"expiration_year\":\"30\"}",
	    "{\"expiration_month\":1}"};
	static const char *const others[] = {"{}", "{\"amount\":\"1\"}", "{\"cvv\":\"\"}",
	    "{\"cvv\":null}"};
	const char *const *secret = sk_rules_secret_fields();
	json_t *body;
	size_t i, n;

	for (n = 0; secret[n] != NULL; n++)
		continue;
	is_int((long long)n, 5, "five fields are secret");
	for (i = 0; i < sizeof(cards) / sizeof(cards[0]); i++) {
		body = parse(cards[i]);
		ok(sk_rules_is_card_payment(body), "a card: %s", cards[i]);
		json_decref(body);
	}
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		body = parse(others[i]);
		ok(!sk_rules_is_card_payment(body), "no card: %s", others[i]);
		json_decref(body);
	}
	ok(!sk_rules_is_card_payment(NULL), "no body, no card");
}

static void
test_raw(void)
{
	static const char *const good[] = {"/appointment", "/appointments/7", "/finance/a%20b",
	    "/a.b"};
	static const char *const bad[] = {"", "/", "appointment", "//x", "/a//b", "/..", "/a/../b",
	    "/a/.", "/./a", "/a?b=c", "/a#b", "/a b", "/a\n", "/a\\b", "/a\x7f"};
	static const char *const methods[] = {"GET", "post", "", "POST ", "OPTIONS"};
	struct sk_fault fault;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		is_int((long long)sk_rules_check_raw("PATCH", good[i], &fault), 0, good[i]);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		is_int((long long)sk_rules_check_raw("POST", bad[i], &fault), 1, "no endpoint");
		is_str(fault.field, "endpoint", "it says so");
	}
	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		is_int((long long)sk_rules_check_raw(methods[i], "/a", &fault), 1, methods[i]);
	is_str(fault.field, "method", "it says so");
	is_int((long long)sk_rules_check_raw("DELETE", "/a", &fault), 0, "DELETE");
	is_int((long long)sk_rules_check_raw("PUT", NULL, &fault), 1, "no endpoint at all");
	is_int((long long)sk_rules_check_raw(NULL, "/a", &fault), 1, "no method at all");
}

static void
test_ids(void)
{
	static const char *const ids[][2] = {
	    {"/appointments/7", "7"},
	    {"/appointments/a%20b", "a b"},
	    {"/appointments/%C3%a9", "\xc3\xa9"},
	    {"/a/%", "%"},
	    {"/a/%2", "%2"},
	    {"/a/%zz", "%zz"},
	    {"/a/%00", "%00"},
	    {"/a/7/b", "7"},
	    {"/appointment", NULL},
	    {"/appointment/", NULL},
	    {"appointments/7", NULL},
	    {"", NULL},
	};
	size_t i;

	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		char *id = sk_rules_path_id(ids[i][0]);

		is_str(id, ids[i][1], ids[i][0]);
		free(id);
	}
}

int
main(void)
{
	sk_mem_init();
	test_operations();
	test_table();
	test_pms_names();
	test_building();
	test_required();
	test_formats();
	test_values();
	test_restrictions();
	test_path_ids();
	test_faults();
	test_cards();
	test_raw();
	test_ids();
	return done_testing();
}
