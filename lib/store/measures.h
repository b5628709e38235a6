/* SPDX-License-Identifier: MIT */
/*
 * measures: how far the server has gone of what sikka rests on (sikka-life(7), What it rests on), as
 * far as our own requests show it. The largest figure of each kind stands in the table measures; one
 * beyond its bound becomes an event.
 */
#ifndef SK_STORE_MEASURES_H
#define SK_STORE_MEASURES_H

#include <stdint.h>

#include "base/error.h"
#include "store/store.h"

enum sk_measure {
	SK_MEASURE_LISTED_LATE,    /* accepted, and lacking in lists for so long */
	SK_MEASURE_ARRIVED_LATE,   /* declared not received, and found in a list later */
	SK_MEASURE_TORN_LISTS,     /* lists in a row that lacked what an earlier one had shown */
	SK_MEASURE_REFUSED_LISTED, /* refused, and found in a list all the same */
	SK_MEASURE_CARRIED_LATE,   /* withdrawn, not there any more, and carried out later */
	SK_MEASURE_CLOCK, /* the difference of this machine's clock; the pulse tells of it */
	SK_MEASURES
};

#define SK_MEASURE_TRAVEL 900 /* seconds: a request arrives, is listed, is carried out by then */

const char *sk_measure_name(enum sk_measure measure); /* "listed_late" … */
const char *sk_measure_unit(enum sk_measure measure); /* "s", "lists", "requests" */
int64_t sk_measure_bound(enum sk_measure measure);    /* the most that sikka's rules allow for */

/* One figure, in the unit of its kind, and where it was seen. */
struct sk_measured {
	enum sk_measure what;
	int64_t value;
	int64_t row;              /* 0: none */
	const char *writeback_id; /* NULL: none */
};

/* Keeps the figure, if it is the largest of its kind. In the caller's transaction. */
int sk_store_measure_put(struct sk_store *store, const struct sk_measured *measured,
    struct sk_error *err);

/*
 * The same. Beyond the bound it also makes an event, at most one a day of each kind, and the same text
 * not twice in a row. It names the requests that may have been declared not received wrongly.
 */
int sk_store_measure_note(struct sk_store *store, const struct sk_measured *measured,
    struct sk_error *err);

/* What stands in the file. */
struct sk_largest {
	int64_t value;
	int64_t at; /* 0: nothing was measured */
};
int sk_store_measures(struct sk_store *store, struct sk_largest largest[SK_MEASURES],
    struct sk_error *err);

#endif
