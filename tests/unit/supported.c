/* SPDX-License-Identifier: MIT */
/* The vendor's list of systems: which version of which system takes which write. */
#include "rules/supported.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "tap.h"

static json_t *
parse(const char *text)
{
	return sk_json_parse(text, strlen(text), NULL);
}

static void
test_items(void)
{
	json_t *record = parse(
	    "{\"practice_management_system\":\"Dentrix\",\"practice_management_system_version\":"
	    "\"V16.6\",\"note_writeback\":\"Available\",\"payment_writeback\":\"\","
	    "\"new_patient_writeback\":\"available\",\"lab_result_writeback\":\"soon\"}");
	json_t *item = sk_supported_item(record), *empty = parse("{}");
	char *text = json_dumps(item, JSON_COMPACT);

	is_str(text, "[\"Dentrix\",\"V16.6\",\"new_patient_writeback note_writeback\"]",
	    "a system with what is available");
	free(text);
	json_decref(item);
	item = sk_supported_item(empty);
	text = json_dumps(item, JSON_COMPACT);
	is_str(text, "[null,null,\"\"]", "a record that says nothing");
	free(text);
	json_decref(item);
	json_decref(empty);
	json_decref(record);
}

/* "-": not in the list; "+" or "no", with the first version. */
static void
says(const char *pms, const char *version, const char *column, const char *wanted)
{
	json_t *items =
	    parse("[[\"Dentrix\",\"V15.1\",\"note\"],[\"Dentrix\",\"V17.3\",\"note pay\"],"
		  "[\"Dentrix\",\"V16.6\",\"note pay\"],[\"Dentrix\",\"G6\",\"pay\"],"
		  "[\"Dentrix\",\"V9.8\",\"\"],[\"Dentrix Ascend\",\"Web\",\"pay\"],"
		  "[\"Dentrix\",\"V15.1\",\"lab\"],[null,null,\"pay\"],7,"
		  "[\"Planet DDS\",\"WebV3.0\",\"note\"]]");
	struct sk_supported supported;
	char *said;

	sk_supported_find(items, column, pms, version, &supported);
	said = sk_mem_printf("%s %s",
	    !supported.is_listed         ? "-"
		: supported.is_available ? "+"
					 : "no",
	    supported.first != NULL ? supported.first : "");
	is_str(said, wanted, pms);
	free(said);
	sk_supported_fini(&supported);
	json_decref(items);
}

static void
test_systems(void)
{
	says("Dentrix", "V16.6", "pay", "+ V16.6");
	says("Dentrix", "V17.3", "pay", "+ V16.6");
	says("dentrix 17.3", NULL, "pay", "+ V16.6");
	says("Dentrix", "v15.1", "pay", "no V16.6");
	says("Dentrix", "V15.1", "lab", "+ V15.1");
	says("Dentrix", "V9.8", "note", "no V15.1");
	says("Dentrix", "G6", "pay", "+ G6");
	says("Dentrix G-6", "", "note", "no ");
	says("Dentrix", "V18", "pay", "- ");
	says("Dentrix", NULL, "pay", "- ");
	says("Dentrix Ascend", "Web", "pay", "+ Web");
	says("Planet DDS", "WebV3.0", "note", "+ WebV3.0");
	says("Planet DDS", "Web3.0", "note", "- ");
	says("Abacus", "7", "pay", "- ");
	says("Dentrix", "V16.6", "pa", "no ");
}

int
main(void)
{
	test_items();
	test_systems();
	return done_testing();
}
