/* SPDX-License-Identifier: MIT */
/* Rows of many offices beside a long list: each has its entry, and none is compared with those of other offices. */
#include "life/match.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "compared.h"
#include "tap.h"
#include "base/mem.h"
#include "base/time.h"
#include "life/kinds.h"

#define T0 INT64_C(1770478200000)
#define MANY 2000

static char ids[MANY][8], numbers[MANY][8];
static struct sk_writeback rows[MANY];
static struct sk_api_listed listed[MANY];
static int owned[MANY];
static struct sk_match matches[MANY];
static const struct sk_witness witness;

static char *
text(const char *constant)
{
	return (char *)(uintptr_t)constant;
}

/* An unknown row of each office, each of two kinds in turn; and an entry of each, in another order. */
static struct sk_listing
begin(size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t other = (i * 7 + 3) % n; /* n is no multiple of 7 */
		bool is_patient = other % 2 != 0;

		snprintf(ids[i], sizeof(ids[i]), "D%zu", i);
		snprintf(numbers[i], sizeof(numbers[i]), "%zu", 100 + i);
		rows[i] = (struct sk_writeback){.id = (int64_t)i + 1,
		    .office_id = ids[i],
		    .method = text("POST"),
		    .endpoint = text(i % 2 != 0 ? "/patient" : "/appointment"),
		    .request_body = text("{\"patient_id\":\"7\"}"),
		    .result = SK_UNKNOWN,
		    .attempts = 1,
		    .queued_at = T0,
		    .submitted_at = T0,
		    .unknown_at = T0 + SK_MINUTE};
		listed[i] = (struct sk_api_listed){.said = SK_SAID_PENDING,
		    .id = numbers[i],
		    .office_id = ids[other],
		    .method = "POST",
		    .api_name = is_patient ? "patient" : "appointment",
		    .echo = is_patient ? "apiname=POST patients&patient_id=7"
				       : "apiname=POST appointments&patient_id=7"};
	}
	return (struct sk_listing){.listed = listed,
	    .n = n,
	    .owned = owned,
	    .begun_at = T0 + 40 * SK_MINUTE,
	    .from = T0 - SK_DAY,
	    .whole = 1};
}

static void
finish(size_t n)
{
	for (size_t i = 0; i < n; i++)
		sk_echoed_fini(&matches[i].content);
}

/* How often texts are compared for so many offices. */
static size_t
comparisons(size_t n)
{
	struct sk_listing list = begin(n);
	size_t n_adopted = 0;

	compared = 0;
	sk_match_rows(rows, n, &list, &witness, matches);
	for (size_t i = 0; i < n; i++)
		n_adopted += matches[i].verdict == SK_MATCH_ADOPT && matches[i].shows_kind &&
		    listed[matches[i].entry].office_id == rows[i].office_id;
	is_int((long long)n_adopted, (long long)n, "each row has the entry of its office");
	finish(n);
	return compared;
}

static void
test_many_offices(void)
{
	size_t few = comparisons(MANY / 10), many = comparisons(MANY);

	ok(many < 15 * few,
	    "for ten times as many offices texts are compared some ten times as often: %zu, %zu",
	    few, many);
}

static void
test_without_office(void)
{
	struct sk_listing list = begin(10);
	size_t n_shown = 0;

	list.n = 1;
	listed[0].office_id = NULL;
	listed[0].api_name = "patient";
	listed[0].echo = "apiname=POST patients&patient_id=8";
	sk_match_rows(rows, 10, &list, &witness, matches);
	for (size_t i = 0; i < 10; i++)
		n_shown += matches[i].shows_kind == (i % 2 != 0);
	is_int((long long)n_shown, 10,
	    "an entry that names no office may be any office's, and only of its own kind");
	finish(10);
}

static void
test_kinds(void)
{
	struct sk_kinds kinds;
	size_t at;

	begin(4);
	rows[2].office_id = rows[0].office_id;
	rows[3].office_id = rows[0].office_id;
	sk_kinds_make(&kinds, rows, 4);
	is_int((long long)kinds.n, 3, "rows of one kind have one");
	is_int((long long)kinds.of_rows[2], (long long)kinds.of_rows[0], "the first of them is it");
	at = sk_kinds_of_office(&kinds, "D0");
	ok(at != SK_KINDS_END && kinds.kinds[at].next != SK_KINDS_END &&
		kinds.kinds[kinds.kinds[at].next].next == SK_KINDS_END,
	    "an office leads to all of its kinds");
	ok(sk_kinds_of_office(&kinds, "D9") == SK_KINDS_END &&
		sk_kinds_of_office(&kinds, NULL) == SK_KINDS_END,
	    "one without rows, and no office, to none");
	sk_kinds_fini(&kinds);
	sk_kinds_make(&kinds, NULL, 0);
	ok(sk_kinds_of_office(&kinds, "D0") == SK_KINDS_END, "no rows, no kinds");
	sk_kinds_fini(&kinds);
}

int
main(void)
{
	test_many_offices();
	test_without_office();
	test_kinds();
	return done_testing();
}
