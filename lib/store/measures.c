/* SPDX-License-Identifier: MIT */
/*
 * store: the table measures: the largest figure of each kind, and the events of those that break
 * their bound.
 */
#include "store/measures.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/time.h"
#include "store/event.h"
#include "store/moments.h"
#include "store/statements.h"
#include "store/writebacks.h"

#define TOLD_AGAIN SK_DAY
#define NOT_RECEIVED_SINCE (2 * SK_DAY) /* they may still turn up */
#define NAMED 10                        /* requests, in one text */

/* follows: what is wrong by now where the bound was broken. in_doubt: also what was not received. */
static const struct kind {
	const char *name, *unit;
	int64_t bound;
	bool in_doubt;
	const char *says, *follows;
} KINDS[SK_MEASURES] = {
    [SK_MEASURE_LISTED_LATE] = {"listed_late", "s", SK_MEASURE_TRAVEL, true,
	"a request that the server had accepted was in no list for so long",
	"a request may have been declared not received although the server had it"},
    [SK_MEASURE_ARRIVED_LATE] = {"arrived_late", "s", 2 * SK_MEASURE_TRAVEL, true,
	"a request that was declared not received turned up so long after it was sent",
	"others may turn up as late"},
    [SK_MEASURE_TORN_LISTS] = {"torn_lists", "lists", 1, true,
	"so many lists in a row lacked a request that lists before and after them show",
	"a request may have been declared not received although the server had it"},
    [SK_MEASURE_REFUSED_LISTED] = {"refused_listed", "requests", 0, false,
	"the list shows as many requests that the server had refused",
	"a request that failed here may be carried out, also beside the same one sent again"},
    [SK_MEASURE_CARRIED_LATE] = {"carried_late", "s", SK_MEASURE_TRAVEL, false,
	"a practice carried out a withdrawn request that had been gone for so long",
	"the same request, handed in again, may have been carried out besides"},
    [SK_MEASURE_CLOCK] = {"clock", "s", 120, false,
	"this machine's clock differs by so much from the server's",
	"the server's time is used, but the clock should be set"},
};

const char *
sk_measure_name(enum sk_measure measure)
{
	return KINDS[measure].name;
}

const char *
sk_measure_unit(enum sk_measure measure)
{
	return KINDS[measure].unit;
}

int64_t
sk_measure_bound(enum sk_measure measure)
{
	return KINDS[measure].bound;
}

static enum sk_measure
find(const char *name)
{
	int i = 0;

	while (i < SK_MEASURES && (name == NULL || strcmp(name, KINDS[i].name) != 0))
		i++;
	return (enum sk_measure)i;
}

int
sk_store_measure_put(struct sk_store *store, const struct sk_measured *measured,
    struct sk_error *err)
{
	struct sk_query query;

	sk_query_write(&query, store, SK_SQL_MEASURE_PUT, err);
	sk_query_text(&query, 1, KINDS[measured->what].name);
	sk_query_number(&query, 2, measured->value);
	sk_query_number(&query, 3, KINDS[measured->what].bound);
	sk_query_time(&query, 4, sk_time_now());
	sk_query_number_or_null(&query, 5, measured->row);
	sk_query_text(&query, 6, measured->writeback_id);
	return sk_query_run(&query, NULL);
}

/* Appends " 3 7 9 …": the rows that were declared not received and may turn up yet. */
static int
add_in_doubt(struct sk_store *store, const struct sk_measured *measured, struct sk_text *text,
    struct sk_error *err)
{
	const struct sk_filter not_received = {.with_not_received = 1};
	int64_t since = sk_time_now() - NOT_RECEIVED_SINCE;
	struct sk_writeback *rows;
	size_t n, named = 0;

	if (sk_store_writebacks(store, &not_received, &rows, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n && named < NAMED; i++) {
		if (rows[i].not_received_at < since || rows[i].id == measured->row)
			continue;
		sk_text_add_format(text, " %lld", (long long)rows[i].id);
		named++;
	}
	sk_writebacks_free(rows, n);
	return 0;
}

/* The event's text, the caller's; NULL: err. */
static char *
text_of(struct sk_store *store, const struct sk_measured *measured, struct sk_error *err)
{
	const struct kind *kind = &KINDS[measured->what];
	const char *id = measured->writeback_id;
	struct sk_text text = {0};

	sk_text_add_format(&text,
	    "%s: %s: %lld %s, and at most %lld may be (request %lld%s%s); %s; "
	    "look at it%s: sikka-status --writebacks %lld",
	    kind->name, kind->says, (long long)measured->value, kind->unit, (long long)kind->bound,
	    (long long)measured->row, id != NULL ? ", writeback " : "", id != NULL ? id : "",
	    kind->follows, kind->in_doubt ? ", and at those not received" : "",
	    (long long)measured->row);
	if (kind->in_doubt && add_in_doubt(store, measured, &text, err) != 0) {
		sk_text_fini(&text);
		return NULL;
	}
	return sk_text_take(&text);
}

/* Whether something was told of this kind within a day, or the same text last: 1, 0, -1. */
static int
was_told(struct sk_store *store, enum sk_measure what, const char *text, struct sk_error *err)
{
	struct sk_query query;
	int64_t now = sk_time_now();
	int told = 0;

	sk_query_open(&query, store, SK_SQL_MEASURE_TOLD, err);
	sk_query_text(&query, 1, KINDS[what].name);
	if (sk_query_step(&query)) {
		int64_t at = sk_query_column_time(&query, 0);
		const char *last = sk_query_column_look(&query, 1);

		/* One that a clock ahead has left holds nothing back. */
		told = (at > now - TOLD_AGAIN && at <= now + SK_MOMENTS_TOLERANCE) ||
		    (last != NULL && strcmp(last, text) == 0);
	}
	return sk_query_close(&query) == 0 ? told : -1;
}

static int
tell(struct sk_store *store, enum sk_measure what, const char *text, struct sk_error *err)
{
	struct sk_query query;

	sk_query_write(&query, store, SK_SQL_MEASURE_TELL, err);
	sk_query_text(&query, 1, KINDS[what].name);
	sk_query_time(&query, 2, sk_time_now());
	sk_query_text(&query, 3, text);
	if (sk_query_run(&query, NULL) != 0)
		return -1;
	return sk_event_make(store, SK_EVENT_ASSUMPTION_BROKEN, NULL, 0, text, err);
}

int
sk_store_measure_note(struct sk_store *store, const struct sk_measured *measured,
    struct sk_error *err)
{
	char *text;
	int told;

	if (sk_store_measure_put(store, measured, err) != 0)
		return -1;
	if (measured->value <= KINDS[measured->what].bound)
		return 0;
	text = text_of(store, measured, err);
	if (text == NULL)
		return -1;
	told = was_told(store, measured->what, text, err);
	if (told == 0)
		told = tell(store, measured->what, text, err);
	free(text);
	return told < 0 ? -1 : 0;
}

int
sk_store_measures(struct sk_store *store, struct sk_largest largest[SK_MEASURES],
    struct sk_error *err)
{
	struct sk_query query;

	memset(largest, 0, SK_MEASURES * sizeof(*largest));
	sk_query_open(&query, store, SK_SQL_MEASURES, err);
	while (sk_query_step(&query)) {
		enum sk_measure what = find(sk_query_column_look(&query, 0));

		if (what == SK_MEASURES)
			continue;
		largest[what].value = sk_query_column_number(&query, 1);
		largest[what].at = sk_query_column_time(&query, 2);
	}
	return sk_query_close(&query);
}
