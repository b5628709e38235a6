/* SPDX-License-Identifier: MIT */
/* Which listed request is which unknown row, and what a list proves. */
#include "life/match.h"

#include <stdlib.h>

#include "life/life.h"
#include "base/mem.h"
#include "tap.h"
#include "base/time.h"

#define T0 INT64_C(1770478200000)
#define MOST 8

#define BODY "{\"patient_id\":\"7\",\"date\":\"2026-03-02\",\"time\":\"09:30\"}"
#define ECHO "apiname=POST appointments&patient_id=7&date=2026-03-02&time=09:30"

static struct sk_writeback rows[MOST];
static struct sk_api_listed listed[MOST];
static int owned[MOST];
static struct sk_match matches[MOST];
static struct sk_listing list;
static size_t n_rows;

/* Nothing in it; the rows are sent at T0, turn unknown a minute later,
 * the list is read after 40. */
static void
begin(void)
{
	n_rows = 0;
	memset(owned, 0, sizeof(owned));
	list = (struct sk_listing){.listed = listed,
	    .owned = owned,
	    .begun_at = T0 + 40 * SK_MINUTE,
	    .from = T0 - SK_DAY,
	    .whole = 1};
}

static struct sk_writeback *
add_call(enum sk_state state, const char *method, const char *endpoint, const char *body)
{
	struct sk_writeback *row = &rows[n_rows++];

	*row = (struct sk_writeback){.id = (int64_t)n_rows,
	    .office_id = (char *)(uintptr_t) "D1",
	    .method = (char *)(uintptr_t)method,
	    .endpoint = (char *)(uintptr_t)endpoint,
	    .request_body = (char *)(uintptr_t)body,
	    .result = state,
	    .attempts = 1,
	    .queued_at = T0,
	    .submitted_at = T0,
	    .unknown_at = state == SK_UNKNOWN ? T0 + SK_MINUTE : 0};
	return row;
}

static struct sk_writeback *
add_row(enum sk_state state, const char *body)
{
	return add_call(state, "POST", "/appointment", body);
}

static struct sk_api_listed *
add_entry(const char *id, const char *method, const char *api_name, const char *echo)
{
	struct sk_api_listed *entry = &listed[list.n++];

	memset(entry, 0, sizeof(*entry));
	entry->said = SK_SAID_PENDING;
	entry->id = id;
	entry->office_id = "D1";
	entry->method = method;
	entry->api_name = api_name;
	entry->echo = echo;
	return entry;
}

static struct sk_api_listed *
add_listed(const char *id, const char *echo)
{
	return add_entry(id, "POST", "appointment", echo);
}

static struct sk_witness witness;

static void
match(void)
{
	for (size_t i = 0; i < MOST; i++)
		sk_echoed_fini(&matches[i].content);
	sk_match_rows(rows, n_rows, &list, &witness, matches);
}

static int
is_adopted(size_t row, const char *id)
{
	return matches[row].verdict == SK_MATCH_ADOPT &&
	    strcmp(listed[matches[row].entry].id, id) == 0;
}

/* Whether the row was neither adopted nor found absent. */
static int
stays(size_t row)
{
	return matches[row].verdict == SK_MATCH_NOTHING ||
	    matches[row].verdict == SK_MATCH_AMBIGUOUS;
}

/* --- one row, one request -------------------------------------------------------------------- */

static void
test_found(void)
{
	begin();
	add_row(SK_UNKNOWN, BODY);
	add_listed("90", "patient_id=8&date=2026-03-02&time=09:30");
	add_listed("91", ECHO);
	match();
	ok(is_adopted(0, "91"), "found");
	is_int(sk_listing_find(&list, "91"), 1, "its place by id");
	is_int(sk_listing_find(&list, "9"), -1, "no place of another's");

	list.whole = 0;
	list.begun_at = T0 + 2 * SK_MINUTE;
	match();
	ok(is_adopted(0, "91"), "found in a torn list, and soon: what is there is there");
	owned[1] = 1;
	match();
	ok(matches[0].verdict == SK_MATCH_NOTHING, "what another row owns is nobody else's");

	begin();
	rows[0] = (struct sk_writeback){0};
	match();
	ok(1, "no rows, no list");
}

static void
test_near_misses(void)
{
	static const struct {
		const char *office, *method, *api_name, *echo, *what;
	} misses[] = {
	    {"D1", "POST", "appointment", "patient_id=8&date=2026-03-02&time=09:30",
		"another patient"},
	    {"D1", "POST", "appointment", "patient_id=7&date=2026-03-02&time=09:35",
		"another time"},
	    {"D1", "POST", "appointment", "patient_id=7&date=2026-03-02", "a field lacking"},
	    {"D1", "POST", "appointment", "patient_id=77&date=2026-03-02&time=09:30",
		"a longer value"},
	    {"D1", "POST", "appointment", "old_patient_id=7&date=2026-03-02&time=09:30",
		"a longer name"},
	    {"D1", "POST", "appointment", "", "no echo"},
	    {"D2", "POST", "appointment", ECHO, "another office"},
	    {NULL, "POST", "appointment", ECHO, "no office"},
	    {"D1", "PUT", "appointment", ECHO, "another method"},
	    {"D1", "POST", "patient", "patient_id=7&date=2026-03-02&time=09:30", "another api"},
	};

	for (size_t i = 0; i < sizeof(misses) / sizeof(misses[0]); i++) {
		begin();
		add_row(SK_UNKNOWN, BODY);
		add_entry("91", misses[i].method, misses[i].api_name, misses[i].echo)->office_id =
		    misses[i].office;
		match();
		ok(matches[0].verdict != SK_MATCH_ADOPT, "not adopted: %s", misses[i].what);
	}
}

static void
test_names(void)
{
	static const struct {
		const char *endpoint, *api_name, *echo, *what;
	} names[] = {
	    {"/appointment", "appointment", "", "the singular"},
	    {"/appointment", "appointments", "", "the plural"},
	    {"/appointments/374", "appointment", "id=374",
		"the plural with an id, the singular there"},
	    {"/appointments/374", "appointments", "id=374", "the plural in both"},
	    {"/appointments/374", "other", "apiname=PATCH appointments&id=374",
		"another name, and the apiname"},
	    {"/appointments/374", NULL, "apiname=PATCH appointments&id=374", "the apiname alone"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		begin();
		add_call(SK_UNKNOWN, "PATCH", names[i].endpoint, "{}");
		add_entry("91", "PATCH", names[i].api_name, names[i].echo);
		match();
		ok(is_adopted(0, "91"), "matches: %s", names[i].what);
	}
	begin();
	add_call(SK_UNKNOWN, "PATCH", "/appointments/374", "{}");
	add_entry("91", "PATCH", "appointment", "id=375");
	match();
	ok(matches[0].verdict != SK_MATCH_ADOPT, "not with another id");
	add_entry("92", "PATCH", "appointment", "");
	match();
	ok(stays(0), "nor without any");
}

/* What the echo may lack, and how values stand in it. */
static void
test_echo(void)
{
	static const struct {
		const char *body, *echo;
		int matches;
		const char *what;
	} echoes[] = {
	    {"{\"a\":\"1\",\"check_spu\":\"true\"}", "a=1", 1, "check_spu isn't echoed"},
	    {"{\"a\":\"1\",\"check_spu\":\"true\"}", "a=1&check_spu=false", 1, "or otherwise"},
	    {"{\"a\":\"1\",\"card_number\":\"4111111111111111\"}", "a=1", 1,
		"a card's number isn't"},
	    {"{\"a\":\"1\",\"note\":\"\"}", "a=1", 1, "nor what is empty"},
	    {"{\"a\":\"1\",\"note\":\"\"}", "a=1&note=", 1, "or it is"},
	    {"{\"a\":\"1\"}", "b=2&a=1&c=3", 0, "not among others, which we didn't send"},
	    {"{\"a\":\"1\"}", "a=1&b=&check_spu=true", 1, "what is empty doesn't count there"},
	    {"{\"a\":\"1\"}", "request_key=****&a=1&apiname=POST appointment", 1,
		"what the server adds"},
	    {"{\"a\":\"tea & cake\"}", "a=tea & cake", 0, "a value with & can't be compared"},
	    {"{\"a\":\"x=y&z=1\"}", "a=x=y&z=1", 0, "nor one with & and ="},
	    {"{\"a\":\"x=y\"}", "a=x=y", 0, "nor one with ="},
	    {"{\"a\":\"x\"}", "a=x=y", 0, "not the beginning of one"},
	    {"{\"a\":\"tea\"}", "a=tea&cake", 0, "not the beginning of one with & either"},
	    {"{\"a\":\"1\"}", "A=1", 0, "names are as they are"},
	    {"{\"a\":\"b\"}", "a=B", 0, "and so are values"},
	    {"{\"a\":\"030\"}", "a=30", 0, "texts aren't numbers"},
	    {"{\"a\":\"1\",\"b\":\"2\"}", "a=1&b=3&b=2", 0, "one of two"},
	    {"not json", "a=1", 0, "a body that can't be read"},
	};

	for (size_t i = 0; i < sizeof(echoes) / sizeof(echoes[0]); i++) {
		begin();
		add_row(SK_UNKNOWN, echoes[i].body);
		add_listed("91", echoes[i].echo);
		match();
		ok(is_adopted(0, "91") == echoes[i].matches, "echo: %s", echoes[i].what);
	}
	begin();
	add_row(SK_UNKNOWN, NULL)->purged_at = T0;
	add_listed("91", ECHO);
	match();
	ok(matches[0].verdict != SK_MATCH_ADOPT, "what is purged can't be told from others");
}

/* --- several identical ----------------------------------------------------------------------- */

static void
test_identical(void)
{
	begin();
	add_row(SK_UNKNOWN, BODY);
	add_row(SK_UNKNOWN, "{\"patient_id\":\"9\"}");
	add_row(SK_UNKNOWN, BODY);
	/* newest first, as servers list */
	add_listed("100", ECHO);
	add_listed("99", ECHO);
	match();
	ok(is_adopted(0, "99") && is_adopted(2, "100"),
	    "as many as rows: the oldest to the oldest, 99 before 100");
	ok(stays(1), "the other row is none of them");

	add_listed("101", ECHO);
	match();
	ok(stays(0) && stays(2), "one more than several rows: nothing");
	ok(matches[0].verdict == SK_MATCH_AMBIGUOUS, "which is ambiguous");
	list.n = 1;
	match();
	ok(stays(0) && stays(2), "one less: nothing");
	owned[0] = 1;
	add_listed("102", ECHO);
	add_listed("103", ECHO);
	match();
	ok(is_adopted(0, "102") && is_adopted(2, "103"), "an owned one doesn't count");

	begin();
	add_row(SK_UNKNOWN, BODY);
	add_listed("100", ECHO);
	add_listed("99", ECHO);
	match();
	ok(is_adopted(0, "99"), "several for a single row: it gets the oldest");
}

static void
test_submitting(void)
{
	begin();
	add_row(SK_UNKNOWN, BODY);
	add_row(SK_SUBMITTING, BODY);
	add_listed("91", ECHO);
	match();
	ok(stays(0) && stays(1), "an identical row is submitting: nothing");
	list.n = 0;
	match();
	ok(stays(0) && stays(1), "nor is it absent");
	add_listed("91", ECHO);
	rows[1].office_id = (char *)(uintptr_t) "D2";
	match();
	ok(is_adopted(0, "91"), "one for another office hinders nothing");
	ok(matches[1].verdict == SK_MATCH_NOTHING, "a submitting row gets no verdict");
}

/* Rows that differ only in what no echo shows, so that nobody can tell whose an entry is. */
static void
test_contested(void)
{
	begin();
	add_row(SK_UNKNOWN, "{\"patient_id\":\"7\"}");
	add_row(SK_UNKNOWN, "{\"patient_id\":\"7\",\"check_spu\":\"true\"}");
	add_listed("91", "patient_id=7");
	match();
	ok(stays(0) && stays(1), "an entry that may be either row's is adopted by neither");
	add_listed("92", "patient_id=7");
	match();
	ok(stays(0) && stays(1), "nor with as many entries as rows");
	list.n = 1;
	rows[1].result = SK_SUBMITTING;
	match();
	ok(stays(0), "nor while the other one is on its way");
	rows[1].office_id = (char *)(uintptr_t) "D2";
	match();
	ok(is_adopted(0, "91"), "a row that can't have it hinders nothing");

	begin();
	add_row(SK_UNKNOWN, "{\"patient_id\":\"7\"}");
	add_row(SK_UNKNOWN, BODY);
	add_listed("91", ECHO);
	match();
	ok(stays(0) && is_adopted(1, "91"), "one that says more is the other row's");
}

/* A value with '&' may read like several fields. */
static void
test_unsure(void)
{
	begin();
	add_row(SK_UNKNOWN, "{\"a\":\"tea&cake=1\"}");
	add_row(SK_UNKNOWN, "{\"a\":\"tea\",\"cake\":\"1\"}");
	add_listed("91", "a=tea&cake=1");
	match();
	ok(stays(0) && stays(1), "what may be a value with & is adopted by nobody");
	list.n = 0;
	match();
	ok(matches[0].verdict == SK_MATCH_LACKS && matches[1].verdict == SK_MATCH_LACKS,
	    "a list without any of the kind lacks both");
}

/* The field that stands in the path may be missing in the echo. */
static void
test_path_field(void)
{
	static const char body[] = "{\"appointment_sr_no\":\"374\",\"value\":\"x\"}";

	begin();
	add_call(SK_UNKNOWN, "PATCH", "/appointments/374", body);
	add_entry("91", "PATCH", "appointment", "value=x&apiname=PATCH appointments&id=374");
	match();
	ok(is_adopted(0, "91"), "the number of the path is in id= alone");
	listed[0].echo = "appointment_sr_no=374&value=x&id=374";
	match();
	ok(is_adopted(0, "91"), "or in both");
	listed[0].echo = "appointment_sr_no=375&value=x&id=374";
	match();
	ok(stays(0), "but not with another number");
}

/* The server gave it the id of another row: it had an id, whatever that was. */
static void
test_id_taken(void)
{
	begin();
	add_row(SK_UNKNOWN, BODY)->error_code = (char *)(uintptr_t) "id_taken";
	match();
	ok(matches[0].verdict == SK_MATCH_NOTHING, "a row whose id is taken is never absent");
	add_row(SK_UNKNOWN, BODY);
	match();
	ok(stays(1), "nor is one that is the same");
	add_listed("91", ECHO);
	match();
	ok(matches[0].verdict == SK_MATCH_NOTHING, "it adopts nothing");
	ok(stays(1), "and what the list shows may be its request");
	rows[0].writeback_id = (char *)(uintptr_t) "70";
	match();
	ok(is_adopted(1, "91"), "a row that has its id hinders nothing");
}

/* --- what a list proves ---------------------------------------------------------------------- */

static void
test_lacks(void)
{
	begin();
	add_row(SK_UNKNOWN, BODY);
	match();
	ok(matches[0].verdict == SK_MATCH_LACKS, "a whole and empty list lacks it");
	add_entry("91", "PUT", "appointment", ECHO);
	add_listed("92", ECHO)->office_id = "D2";
	add_entry("93", "POST", "patient", "patient_id=7");
	add_listed("94", ECHO);
	owned[3] = 1;
	match();
	ok(matches[0].verdict == SK_MATCH_LACKS,
	    "and so does one of other methods, offices, apis and rows");
	owned[3] = SK_OWNED_IN_DOUBT;
	match();
	ok(stays(0), "but not one that doesn't fit the row which has its id");
	owned[3] = SK_OWNED;

	list.whole = 0;
	match();
	ok(stays(0), "a torn list proves nothing");
	list.whole = 1;
	add_listed("95", "patient_id=8");
	match();
	ok(stays(0), "an unowned one of the kind, whatever it says: nothing");
	listed[4].method = "PATCH";
	match();
	ok(matches[0].verdict == SK_MATCH_LACKS, "of another method it hinders nothing");
	rows[0].writeback_id = (char *)(uintptr_t) "50";
	match();
	ok(matches[0].verdict == SK_MATCH_NOTHING, "a row that has an id is never absent");
}

/* An entry that doesn't name its office, method or api may be any row's. */
static void
test_lacks_unsaid(void)
{
	begin();
	add_row(SK_UNKNOWN, BODY);
	add_entry("91", "POST", "appointment", "patient_id=8")->office_id = NULL;
	match();
	ok(stays(0), "one without an office: nothing");
	listed[0].office_id = "D1";
	listed[0].method = NULL;
	match();
	ok(stays(0), "one without a method: nothing");
	listed[0].method = "POST";
	listed[0].api_name = NULL;
	match();
	ok(stays(0), "one without an api: nothing");
	listed[0].echo = "apiname=POST patients&patient_id=8";
	match();
	ok(matches[0].verdict == SK_MATCH_LACKS, "with another api in its echo it hinders nothing");
	listed[0].echo = "patient_id=8";
	listed[0].office_id = "D2";
	match();
	ok(matches[0].verdict == SK_MATCH_LACKS, "nor with another office");
}

static void
test_lacks_in_time(void)
{
	static const struct {
		int64_t unknown_after, begun_after, from_before;
		int lacks;
		const char *what;
	} times[] = {
	    {SK_MINUTE, 36 * SK_MINUTE, SK_DAY, 1, "35 minutes after it turned unknown"},
	    {SK_MINUTE, 36 * SK_MINUTE - 1, SK_DAY, 0, "a moment sooner"},
	    {SK_MINUTE, 5 * SK_DAY - 1, SK_DAY, 1, "just younger than 5 days"},
	    {SK_MINUTE, 5 * SK_DAY, SK_DAY, 0, "5 days old"},
	    {SK_MINUTE, 40 * SK_MINUTE, 0, 1, "at the beginning of the list's window"},
	    {SK_MINUTE, 40 * SK_MINUTE, -1, 0, "before it"},
	};

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		begin();
		add_row(SK_UNKNOWN, BODY)->unknown_at = T0 + times[i].unknown_after;
		list.begun_at = T0 + times[i].begun_after;
		list.from = T0 - times[i].from_before;
		match();
		ok((matches[0].verdict == SK_MATCH_LACKS) == times[i].lacks, "%s: %s",
		    times[i].lacks ? "absent" : "nothing", times[i].what);
	}
}

static void
test_witness(void)
{
	begin();
	add_row(SK_UNKNOWN, "{\"a\":\"1\"}");
	add_row(SK_UNKNOWN, BODY)->submitted_at = T0 - SK_MINUTE;
	witness = (struct sk_witness){"96", T0};
	match();
	ok(matches[0].verdict == SK_MATCH_LACKS, "no witness is needed that isn't later");
	ok(stays(1), "a list that lacks a later one proves nothing");
	add_listed("96", ECHO)->office_id = "D2";
	owned[0] = 1;
	match();
	ok(matches[1].verdict == SK_MATCH_LACKS, "one that shows it does, whatever it is");
	witness = (struct sk_witness){0};
}

int
main(void)
{
	sk_mem_init();
	test_found();
	test_near_misses();
	test_names();
	test_echo();
	test_identical();
	test_submitting();
	test_contested();
	test_unsure();
	test_path_field();
	test_id_taken();
	test_lacks();
	test_lacks_unsaid();
	test_lacks_in_time();
	test_witness();
	return done_testing();
}
