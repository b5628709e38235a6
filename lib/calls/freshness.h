/* SPDX-License-Identifier: MIT */
/*
 * freshness: whether what reads show of a practice is younger than some moment (sikka-life(7), How old data is).
 * Reads come from a copy that the server has of the practice's data. The server alone can say how old it is, as the
 * date that it tells has no zone: it is asked which practices were refreshed within so many minutes.
 */
#ifndef SK_CALLS_FRESHNESS_H
#define SK_CALLS_FRESHNESS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "calls/pool.h"

#define SK_FRESHNESS_DATE 40

enum sk_freshness {
	SK_FRESH_ERROR = -1,
	SK_FRESH_UNSAID, /* the server doesn't say when the data were copied, or what can't be */
	SK_FRESH_OLDER,  /* the data are older, or may be */
	SK_FRESH_YOUNGER
};

/*
 * Whether the data of a practice (NULL: of all practices of the office) were copied after that moment. To be asked
 * before what is read is to prove something: the copy may be refreshed in between. date gets data_insert_date, of
 * several practices the earliest one, or "". What is seen is noted (store/refreshes).
 */
enum sk_freshness sk_freshness_since(struct sk_pool *pool, const char *office_id,
    const char *practice_id, int64_t since, char date[SK_FRESHNESS_DATE], struct sk_error *err);

struct sk_freshness_age {
	int64_t least, most; /* ms; most 0: not known */
	char date
	    [SK_FRESHNESS_DATE]; /* data_insert_date, of several practices the earliest; "": it isn't said */
};

/* Between which ages the data of an office are: a few questions. 0; -1 with err. */
int sk_freshness_age(struct sk_pool *pool, const char *office_id, struct sk_freshness_age *age,
    struct sk_error *err);

/* What the server lists of the practices' own servers and copies: GET /data_sync_status, of one office. */
struct sk_sync_question {
	const char *office_id;
	const char *
	    interval; /* only what was refreshed within so many minutes; NULL: all, or the server's 24 hours */
	int (*record)(void *arg, json_t *record, struct sk_error *err);
	void *arg;
	bool is_torn; /* set: the list isn't whole */
};
int sk_freshness_ask(struct sk_pool *pool, struct sk_sync_question *question, struct sk_error *err);

#endif
