/* SPDX-License-Identifier: MIT */
/* The operations: what is built from fields, and what is refused before it is sent. */
#include "rules/rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "rules/table.h"
#include "rules/value.h"
#include "tap.h"
#include "rules-said.h"

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
	const size_t n_wanted = sizeof(wanted) / sizeof(wanted[0]);
	size_t n;
	const char *const *names = sk_rules_names(&n);

	for (size_t i = 0; i < n || i < n_wanted; i++) {
		const struct sk_operation *operation;

		if (!is_str(i < n ? names[i] : "(no more)",
			i < n_wanted ? wanted[i][0] : "(no more)", "an operation's name") ||
		    i >= n || i >= n_wanted)
			continue;
		operation = sk_rules_find(wanted[i][0]);
		is_str(sk_rules_name(operation), wanted[i][0], "is found");
		is_str(sk_rules_method(operation), wanted[i][1], "its method");
	}
	ok(sk_rules_find("book") == NULL, "an unknown one isn't found");
	is_str(sk_rules_nearest("book_apointment"), "book_appointment", "the nearest");
	ok(sk_rules_nearest("bake_bread") == NULL, "or none");
}

/* The first name in a list (past '!') that is no PMS's own name, to be freed; NULL: none. */
static char *
unknown_system(const char *text)
{
	char *list = sk_mem_copy(text), *rest = NULL, *name, *unknown = NULL;

	if (list == NULL)
		return NULL;
	name = strtok_r(list[0] == '!' ? list + 1 : list, "|", &rest);
	for (; name != NULL && unknown == NULL; name = strtok_r(NULL, "|", &rest)) {
		const char *known = sk_rules_pms(name, NULL);

		if (known == NULL || strcmp(known, name) != 0)
			unknown = sk_mem_copy(name);
	}
	free(list);
	return unknown;
}

/* The same for what stands in front of each "=" in "PMS=text; PMS=text". */
static char *
unknown_key(const char *map)
{
	char *unknown = NULL;

	while (map != NULL && unknown == NULL) {
		char *name = sk_mem_copy_bytes(map, strcspn(map, "="));

		unknown = unknown_system(name);
		free(name);
		map = strstr(map, "; ");
		map = map != NULL ? map + 2 : NULL;
	}
	return unknown;
}

/* The first format of "PMS=format; PMS=format" that there isn't, to be freed. */
static char *
unknown_format(const char *map)
{
	for (map = map != NULL ? strchr(map, '=') : NULL; map != NULL; map = strchr(map + 1, '=')) {
		char *name = sk_mem_copy_bytes(map + 1, strcspn(map + 1, ";"));

		if (sk_value_format_of(name) == SK_VALUE_TEXT && strcmp(name, "text") != 0)
			return name;
		free(name);
	}
	return NULL;
}

/* The first field that a condition or a set names and that there isn't, to be freed. */
static char *
unknown_field(const struct sk_operation *operation, const char *condition)
{
	while (condition != NULL && *condition != '\0' && strcmp(condition, "*") != 0) {
		char *name;

		condition += *condition == '!';
		name = sk_mem_copy_bytes(condition, strcspn(condition, "=<|"));
		if (sk_field_find(operation, name) == NULL)
			return name;
		free(name);
		condition += strcspn(condition, "|");
		condition += *condition == '|';
	}
	return NULL;
}

/* One text of a row: row is "operation.field", column what the table calls it. Frees unknown. */
static void
knows(char *unknown, const char *row, const char *column, const char *kind)
{
	if (!ok(unknown == NULL, "%s: %s names nothing unknown", row, column))
		printf("# \"%s\" is no %s\n", unknown, kind);
	free(unknown);
}

static void
check_field(const struct sk_operation *operation, const struct sk_field *f)
{
	const char *const lists[][2] = {
	    {"required_for", f->required_for},
	    {"optional_for", f->optional_for},
	    {"unused_for", f->unused_for},
	    {"only_for", f->only_for},
	    {"required_if_for", f->required_if_for},
	};
	const char *const maps[][2] = {
	    {"max_for", f->max_for},
	    {"format_for", f->format_for},
	    {"digits_for", f->digits_for},
	    {"values_for", f->values_for},
	    {"parts_for", f->parts_for},
	    {"choices_for", f->choices_for},
	    {"note_for", f->note_for},
	};
	static const char system[] = "system's own name (lib/rules/pms.c)";
	static const char field[] = "field of this operation";
	char row[200];

	snprintf(row, sizeof(row), "%s.%s", operation->name, f->name);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		knows(unknown_system(lists[i][1]), row, lists[i][0], system);
	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
		knows(unknown_key(maps[i][1]), row, maps[i][0], system);
	knows(unknown_format(f->format_for), row, "format_for", "format (lib/rules/value.c)");
	knows(unknown_field(operation, f->required_if), row, "required_if", field);
	knows(unknown_field(operation, f->unless), row, "unless", field);
}

/* A row of the table names only PMSs that are known, and only fields that exist. */
static void
test_table(void)
{
	for (size_t i = 0; i < sk_operations_count; i++) {
		const struct sk_operation *operation = &sk_operations[i];

		knows(unknown_system(operation->pms), operation->name, "pms", "system's own name");
		for (size_t k = 0; k < operation->n_fields; k++)
			check_field(operation, &operation->fields[k]);
		for (size_t k = 0; k < operation->n_rules; k++) {
			const struct sk_rule *rule = &operation->rules[k];
			char row[200];

			snprintf(row, sizeof(row), "%s, rule %zu", operation->name, k);
			knows(unknown_system(rule->pms), row, "pms", "system's own name");
			knows(unknown_field(operation, rule->fields), row, "fields", "field");
			knows(unknown_field(operation, rule->when), row, "when", "field");
		}
	}
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
	    {"Dentrix", "V16.6", "Dentrix G6"},
	    {"Dentrix", "16", "Dentrix G6"},
	    {"Dentrix", "17.3", "Dentrix G6"},
	    {"Dentrix V17", NULL, "Dentrix G6"},
	    {"Dentrix", "15.9", "Dentrix"},
	    {"Dentrix", "V15", "Dentrix"},
	    {"Dentrix G5", "16.0", "Dentrix"},
	    {"Dentrix", "Version", "Dentrix"},
	    {"Dentrix Core", "17", NULL},
	    {"Dentrix Enterprise", "V16", "Dentrix Enterprise"},
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
	    "{\"appointment_sr_no\":\"7\",\"value\":\"x\",\"practice_id\":\"1\",\"path\":\"/"
	    "operatory\"}",
	    "path enum; ");
	builds("update_appointment_status", NULL,
	    "{\"appointment_sr_no\":\"7\",\"value\":\"x\",\"practice_id\":\"1\",\"op\":\"add\"}",
	    "op enum; ");
	builds("reschedule_appointment", NULL,
	    "{\"appointment_sr_no\":\"7\",\"practice_id\":\"1\",\"time\":\"09:30\",\"own\":\"o\"}",
	    "/appointments/7 {\"own\":\"o\",\"practice_id\":\"1\",\"time\":\"09:30\"}");
	said = build("book_appointment", NULL, "{\"date\":\"soon\"}", 0);
	is_str(said, "/appointment {\"date\":\"soon\"}", "unchecked, everything goes");
	free(said);
	said = build("update_patient", "OpenDental", "{\"patient_id\":\"..\"}", 0);
	is_str(said, "patient_id path; ", "but the path");
	free(said);
}

static void
test_restrictions(void)
{
	const char *document =
	    "{\"patient_id\":\"7\",\"practice_id\":\"1\",\"document_type\":\"t\",\"document_name\":"
	    "\"n\",\"created_datetime\":\"2026-01-01\",\"type\":\"t\",\"document_base64\":\"QQ=="
	    "\"}";

	judges("add_document", "Eaglesoft", document, "{}", "operation pms; ");
	judges("add_document", "Foo", document, "{}", "operation pms; ");
	judges("add_document", "Open Dental 22.1", document, "{}", "");
	judges("add_document", NULL, document, "{}", "");
	judges("add_document", "", document, "{}", "");
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
		struct sk_faults faults = {0};

		is_int((long long)sk_rules_build(
			   &(struct sk_rules_input){.operation = sk_rules_find("update_patient"),
			       .fields = fields},
			   &endpoint, &body, &faults, NULL),
		    1, bad[i]);
		is_str(faults.list[0].fields, "patient_id", "is no id for a path");
		message_seen |= strstr(faults.list[0].message, "% + =") != NULL;
		sk_faults_fini(&faults);
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
	struct sk_faults faults = {0};
	json_t *body = NULL, *fields = json_object();
	const struct sk_rules_input input = {.operation = sk_rules_find("book_appointment"),
					.fields = fields},
				    without = {.operation = input.operation};
	char *endpoint = NULL;

	is_int((long long)sk_rules_build(&input, &endpoint, &body, &faults, NULL), 8,
	    "all are counted");
	is_int((long long)faults.n, 8, "and told");
	is_str(faults.list[1].fields, "date", "in the order of the table");
	is_int((long long)sk_rules_build(&without, &endpoint, &body, &faults, NULL), 8,
	    "a second request's are counted by themselves");
	is_int((long long)faults.n, 16, "and added");
	is_int((long long)sk_rules_build(&without, &endpoint, &body, NULL, NULL), 8,
	    "nobody needs to be told");
	ok(endpoint == NULL && body == NULL, "and nothing is built");
	json_decref(fields);
	sk_faults_fini(&faults);
	is_int((long long)faults.n, 0, "none are left");

	sk_faults_add(&faults, "a|bc|d", "x", "%s", "m");
	ok(sk_fault_names(faults.list, "a") && sk_fault_names(faults.list, "bc") &&
		sk_fault_names(faults.list, "d"),
	    "a set names all its fields");
	ok(!sk_fault_names(faults.list, "b") && !sk_fault_names(faults.list, "BC") &&
		!sk_fault_names(faults.list, "a|bc"),
	    "and no others");
	sk_faults_fini(&faults);
}

/* Whatever the name is spelled like; and no field of the documents but those that they mark. */
static void
test_secret_names(void)
{
	static const char *const secret[] = {"card_number", "CardNumber", "cardNumber",
	    "CARDNUMBER", "card-number", "card no.", "card_no", "cardNum", "card_number_2",
	    "card_numbers", "CC_NO", "ccNumber", "credit_card_number", "CVV", "cvv2", "Card.CVC",
	    "security code", "cardHolderName", "name_on_card", "ExpirationMonth", "expiration-year",
	    "exp_month", "card_expiry", "account_number", "AccountNumber", "accountNumber",
	    "account no", "bank_account_no", "acct#number", "routing_number", "routing-number",
	    "routing no", "RoutingNo", "ABA", "aba_number", "IBAN", "card", "bankAccount",
	    "card\u200b_number"};
	static const char *const others[] = {"", "_", "amount", "note", "account_notes",
	    "cardiology", "card_notes", "date", "expiration_date", "payment_mode", "guarantor_id",
	    "japan", "number", "account_id", "banking_hours", "patient_no"};

	for (size_t i = 0; i < sizeof(secret) / sizeof(secret[0]); i++)
		ok(sk_rules_is_secret(secret[i]), "\"%s\" is secret", secret[i]);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		ok(!sk_rules_is_secret(others[i]), "\"%s\" is none", others[i]);
	for (size_t i = 0; i < sk_operations_count; i++)
		for (size_t j = 0; j < sk_operations[i].n_fields; j++) {
			const struct sk_field *field = &sk_operations[i].fields[j];

			ok(sk_rules_is_secret(field->name) == ((field->is & SK_FIELD_SECRET) != 0),
			    "%s of %s is what the table says", field->name, sk_operations[i].name);
		}
}

static void
test_cards(void)
{
	static const char *const cards[] = {"{\"card_number\":\"4\"}", "{\"cvv\":\"1\"}",
	    "{\"card_holder_name\":\"x\"}", "{\"expiration_year\":\"30\"}",
	    "{\"expiration_month\":1}", "{\"a\":[{\"b\":{\"CardNo\":\"4\"}}]}"};
	static const char *const others[] = {"{}", "{\"amount\":\"1\"}", "{\"cvv\":\"\"}",
	    "{\"cvv\":null}", "{\"a\":[{\"CVV\":\"\"}]}"};
	json_t *body;
	size_t i;

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

/* An answer may repeat a card number that is anywhere in the request. */
static void
test_hiding(void)
{
	json_t *body =
	    parse("{\"cvv\":\"864\",\"note\":\"note\",\"a\":[{\"card_number\":"
		  "4111222233334444}],\"b\":{\"card_holder_name\":\"Zoe Z\",\"cvv\":\"\"}}");
	char text[] = "note: card 4111222233334444 of Zoe Z (864), 4111222233334444";
	size_t n;
	json_t *kept = sk_rules_without_secrets(body, &n);
	char *left = sk_json_canonical(kept, NULL);

	sk_rules_hide_secrets(body, text);
	is_str(text, "note: card **************** of ***** (***), ****************",
	    "each of its values is overwritten, and nothing else");
	sk_rules_hide_secrets(NULL, text);
	is_str(left, "{\"a\":[{}],\"b\":{},\"note\":\"note\"}", "and what is kept lacks them");
	is_int((long long)n, 4, "all of them");
	free(left);
	json_decref(kept);
	json_decref(body);
}

/* What is hidden may look like what hides it. */
static void
test_hiding_asterisks(void)
{
	json_t *body = parse("{\"cvv\":\"***\",\"ach\":{\"account\":[\"77001\"]}}");
	char text[] = "the code ***, **** or the account 77001 is wrong";

	sk_rules_hide_secrets(body, text);
	is_str(text, "the code ***, **** or the account ***** is wrong", "asterisks");
	json_decref(body);
}

/* What the documents describe and isn't a writeback, however it is spelled. */
static void
test_no_writebacks(void)
{
	static const char *const none[] = {"/payment/sale", "payment/sale", "//payment/refund",
	    "/Payment/void", "/payment/store_card/", "/payment", "/payment?x=1", "/payment#x",
	    "/%70ayment/sale", "/payment%2Fsale", "/%2570ayment/sale", "/./payment/sale",
	    "/v4/payment/sale", "/V4/PAYMENT/SALE", "\\payment\\sale", " /payment/sale",
	    "/payment;a=b/sale", "/pay\tment/sale", "https://api.sikkasoft.com/v4/payment/sale",
	    "https:%2f%2fx/v4/payment/sale", "/patient_eligibility", "/sandbox/patient_eligibility",
	    "/remote_command", "/practice_location", "/practice_query", "/request_key",
	    "/refresh_key", "/request_key_info", "/writebacks", "/writeback_status?id=1"};
	static const char *const may_be[] = {"", "/", "/appointment", "/appointments/7", "/patient",
	    "/claim_payment", "/payments", "/a/payment/sale", "/%00", "/%", "/v4", "/v4/%"};

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		ok(sk_rules_no_writeback(none[i]) != NULL, "%s is no writeback", none[i]);
	for (size_t i = 0; i < sizeof(may_be) / sizeof(may_be[0]); i++)
		ok(sk_rules_no_writeback(may_be[i]) == NULL, "\"%s\" may be one", may_be[i]);
	for (size_t i = 0; i < sk_operations_count; i++)
		ok(sk_rules_no_writeback(sk_operations[i].path) == NULL, "%s is one",
		    sk_operations[i].name);
}

static void
test_raw(void)
{
	static const char *const good[] = {"/appointment", "/appointments/7", "/finance/a%20b",
	    "/a.b", "/a%2eb", "/100%"};
	static const char *const bad[] = {"", "/", "appointment", "//x", "/a//b", "/..", "/a/../b",
	    "/a/.", "/./a", "/a?b=c", "/a#b", "/a b", "/a\n", "/a\\b", "/a\x7f", "/%2e%2e/a",
	    "/a/%2E%2e", "/a/%252e%252e/b", "/a%2f%2fb", "/a/%2e"};
	static const char *const methods[] = {"GET", "post", "", "POST ", "OPTIONS"};
	struct sk_faults faults = {0};
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		is_int((long long)sk_rules_check_raw("PATCH", good[i], &faults), 0, good[i]);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		is_int((long long)sk_rules_check_raw("POST", bad[i], &faults), 1, "no endpoint");
		is_str(faults.list[i].fields, "endpoint", "it says so");
	}
	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		is_int((long long)sk_rules_check_raw(methods[i], "/a", &faults), 1, methods[i]);
	is_str(faults.list[faults.n - 1].fields, "method", "it says so");
	is_int((long long)sk_rules_check_raw("DELETE", "/a", &faults), 0, "DELETE");
	is_int((long long)sk_rules_check_raw("PUT", NULL, &faults), 1, "no endpoint at all");
	is_int((long long)sk_rules_check_raw(NULL, "/a", &faults), 1, "no method at all");
	sk_faults_fini(&faults);
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
	test_restrictions();
	test_path_ids();
	test_faults();
	test_secret_names();
	test_cards();
	test_hiding();
	test_hiding_asterisks();
	test_no_writebacks();
	test_raw();
	test_ids();
	return done_testing();
}
