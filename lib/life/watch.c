/* SPDX-License-Identifier: MIT */
/*
 * life: measures what single requests show: that they arrived, or were carried out, later than they
 * should, or although they had been refused. Where only a lower figure is known, that one is taken.
 */
#include "life/watch.h"

#include "base/time.h"
#include "store/codes.h"
#include "store/events.h"
#include "store/measures.h"
#include "life/life.h"

_Static_assert(SK_MEASURE_TRAVEL *SK_SECOND == SK_LIFE_TRAVEL, "the same bound");

/* It surely wasn't listed when it was declared not received; how much later it was isn't known. */
int
sk_watch_arrival(struct sk_store *store, const struct sk_writeback *row, const char *writeback_id,
    struct sk_error *err)
{
	/* Where a person had said that it failed, no list has declared it so. */
	int is_resolved =
	    sk_store_event_made(store, SK_EVENT_RESOLVED, row->office_id, row->id, 1, err);
	/* A row that was sent again since has forgotten when it was sent first. */
	int64_t late = row->not_received_at - row->submitted_at;
	const struct sk_measured measured = {.what = SK_MEASURE_ARRIVED_LATE,
	    .value = (late > SK_LIFE_LISTED ? late : SK_LIFE_LISTED) / SK_SECOND,
	    .row = row->id,
	    .writeback_id = writeback_id};

	if (is_resolved != 0)
		return is_resolved < 0 ? -1 : 0;
	return sk_store_measure_note(store, &measured, err);
}

bool
sk_watch_is_refused(const struct sk_writeback *row)
{
	enum sk_code code = sk_code_find(row->error_code);

	/* A code that isn't ours is the server's. */
	return row->result == SK_FAILED && row->writeback_id == NULL && row->attempts > 0 &&
	    row->not_received_at == 0 && row->error_code != NULL &&
	    (code == SK_CODE_NONE || code == SK_CODE_REFUSED || code == SK_CODE_LIMITED);
}

int
sk_watch_refused(struct sk_store *store, const struct sk_writeback *row, const char *writeback_id,
    size_t n, struct sk_error *err)
{
	const struct sk_measured measured = {.what = SK_MEASURE_REFUSED_LISTED,
	    .value = (int64_t)n,
	    .row = row->id,
	    .writeback_id = writeback_id};

	return sk_store_measure_note(store, &measured, err);
}

int
sk_watch_contradiction(struct sk_store *store, const struct sk_writeback *row, int64_t gone_for,
    struct sk_error *err)
{
	const struct sk_measured measured = {.what = SK_MEASURE_CARRIED_LATE,
	    .value = (gone_for > 0 ? gone_for : 0) / SK_SECOND,
	    .row = row->id,
	    .writeback_id = row->writeback_id};

	return row->withdrawn_at != 0 ? sk_store_measure_note(store, &measured, err) : 0;
}
