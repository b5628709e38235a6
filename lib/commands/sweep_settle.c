/* SPDX-License-Identifier: MIT */
/*
 * sweep: settles what only the list can settle. Without a list nothing changes.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/out.h"
#include "base/time.h"
#include "store/codes.h"
#include "store/events.h"
#include "life/check.h"
#include "life/check_list.h"
#include "life/ledger.h"
#include "life/list_turn.h"
#include "life/settle.h"
#include "commands/sweep_parts.h"

/* How often lists are read for resolved rows alone: within an hour of the decision, and later. */
#define LOOKED_FOR_FIRST (10 * SK_MINUTE)
#define LOOKED_FOR (6 * SK_HOUR)

/*
 * Whether a row that a person resolved is looked for: with an id until a look shows how it ended,
 * without one in a list. It may still be on its way, and so the first hour counts most.
 */
static bool
is_looked_for(const struct sk_writeback *row)
{
	int64_t now = sk_time_now(), since = now - row->looked_at;

	if (row->writeback_id != NULL)
		return row->looks == 0 && since >= SK_LIFE_LOOK;
	if (now - row->resolved_at > SK_LIFE_LATE)
		return false;
	return since >=
	    (row->looked_at - row->resolved_at < SK_HOUR ? LOOKED_FOR_FIRST : LOOKED_FOR);
}

/* Whether only the list can say what became of the row, and its last look is a minute ago. */
static bool
is_due(const struct sk_writeback *row)
{
	if (row->result == SK_UNKNOWN)
		return true;
	if (row->resolved_at != 0 && (SK_MASK(row->result) & SK_ENDED) != 0)
		return is_looked_for(row);
	if (row->withdrawn_at != 0)
		return sk_time_now() - row->looked_at >= SK_LIFE_LOOK;
	return row->gone_looks >= SK_LIFE_GONE;
}

/* Adds those rows of the filter that are due. */
static int
add_due(struct sk_sweep *sweep, const struct sk_filter *filter, struct sk_writeback **due,
    size_t *n_due)
{
	struct sk_writeback *rows;
	struct sk_error err = {0};
	size_t n;

	if (sk_store_writebacks(sweep->session->store, filter, &rows, &n, &err) != 0) {
		sk_sweep_note(sweep, &err);
		return -1;
	}
	*due = sk_mem_resize(*due, *n_due + n + 1, sizeof(**due));
	for (size_t i = 0; i < n; i++) {
		if (is_due(&rows[i]))
			(*due)[(*n_due)++] = rows[i];
		else
			sk_writeback_fini(&rows[i]);
	}
	free(rows);
	return 0;
}

/*
 * Reads unknown rows, pending rows whose id the server doesn't know, and withdrawn and resolved rows
 * whose look is due.
 */
static int
read_unsettled(struct sk_sweep *sweep, struct sk_writeback **rows, size_t *n)
{
	struct sk_filter open = sk_sweep_filter(sweep, SK_MASK(SK_UNKNOWN) | SK_MASK(SK_PENDING));
	struct sk_filter looks = sk_sweep_filter(sweep, 0);
	struct sk_filter resolved = sk_sweep_filter(sweep, SK_ENDED);

	looks.looks_due_since = sk_time_now() - SK_LIFE_FORGETS;
	resolved.resolved_since = sk_time_now() - SK_LIFE_FORGETS;
	*rows = NULL;
	*n = 0;
	if (add_due(sweep, &open, rows, n) == 0 && add_due(sweep, &looks, rows, n) == 0 &&
	    add_due(sweep, &resolved, rows, n) == 0)
		return 0;
	sk_writebacks_free(*rows, *n);
	return -1;
}

/* Whether any row waits for a list, whatever -O says, or one is due. */
static bool
is_list_wanted(struct sk_sweep *sweep)
{
	struct sk_error err = {0};
	int is_awaited = sk_list_turn_is_awaited(sweep->session->store, &err);

	sk_sweep_note(sweep, &err);
	return is_awaited == 1 || (is_awaited == 0 && sk_list_turn_is_due(sweep->session->store));
}

static void
settle(struct sk_sweep *sweep, struct sk_writeback *rows, size_t n)
{
	struct sk_check check;
	struct sk_error err = {0};

	if (sk_sweep_go_online(sweep) != 0)
		return;
	check = sk_sweep_check(sweep);
	if (sk_check_by_list(&check, rows, n, &err) != 0)
		sk_sweep_note(sweep, &err);
}

void
sk_sweep_settle(struct sk_sweep *sweep)
{
	struct sk_writeback *rows;
	size_t n;

	if (read_unsettled(sweep, &rows, &n) != 0)
		return;
	if (n > 0 || is_list_wanted(sweep))
		settle(sweep, rows, n);
	sk_writebacks_free(rows, n);
}

void
sk_sweep_show_unknown(struct sk_sweep *sweep)
{
	struct sk_error err = {0};
	struct sk_listing list;

	if (sk_sweep_go_online(sweep) != 0)
		return;
	if (sk_check_list_show(sweep->pool, sk_time_now() - SK_LIFE_FORGETS, &list, &err) == 0) {
		sk_sweep_rehearse_list(sweep, &list);
		sk_listing_fini(&list);
	}
	sk_sweep_note(sweep, &err);
}

/* Whether it was withdrawn, and what became of it wasn't seen within 6 days. */
static bool
is_unlooked(const struct sk_writeback *row)
{
	return row->withdrawn_at != 0 && row->looks < SK_LIFE_SEEN_GONE &&
	    (row->result == SK_WITHDRAWN || sk_code_find(row->error_code) == SK_CODE_STUCK) &&
	    sk_time_now() - row->withdrawn_at > SK_LIFE_FORGETS;
}

/* Whether a person was told of it: 1, 0, -1 error. */
static int
is_told(struct sk_sweep *sweep, const struct sk_writeback *row, struct sk_error *err)
{
	return sk_store_event_made(sweep->session->store, SK_EVENT_NOT_LOOKED_AT, row->office_id,
	    row->id, 1, err);
}

static int
record_unlooked(struct sk_sweep *sweep, struct sk_writeback *row, struct sk_error *err)
{
	char *note =
	    sk_mem_printf("look in the practice's own system whether it was carried out; if it "
			  "wasn't, sikka-sweep --resolve %lld=withdrawn frees its key",
		(long long)row->id);
	const struct sk_fact fact = {.what = SK_NOT_LOOKED_AT, .note = note};
	enum sk_recorded recorded = sk_ledger_record(sweep->session->store, row, &fact, NULL, err);

	free(note);
	return recorded == SK_RECORD_ERROR ? -1 : 0;
}

/* Once: the transaction asks again whether it has been told. */
static int
report_unlooked(struct sk_sweep *sweep, struct sk_writeback *row, struct sk_error *err)
{
	struct sk_store *store = sweep->session->store;
	int told = is_told(sweep, row, err);

	if (told != 0)
		return told < 0 ? -1 : 0;
	if (sk_store_begin(store, err) != 0)
		return -1;
	told = is_told(sweep, row, err);
	if (told < 0 || (told == 0 && record_unlooked(sweep, row, err) != 0)) {
		sk_store_rollback(store);
		return -1;
	}
	return sk_store_commit(store, err);
}

/* Reports rows that were withdrawn and couldn't be looked at within 6 days. */
void
sk_sweep_report_unlooked(struct sk_sweep *sweep)
{
	const struct sk_filter filter =
	    sk_sweep_filter(sweep, SK_MASK(SK_WITHDRAWN) | SK_MASK(SK_FAILED));
	struct sk_writeback *rows;
	struct sk_error err = {0};
	size_t n;

	if (sk_store_writebacks(sweep->session->store, &filter, &rows, &n, &err) != 0) {
		sk_sweep_note(sweep, &err);
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (is_unlooked(&rows[i]) && report_unlooked(sweep, &rows[i], &err) != 0)
			sk_sweep_note(sweep, &err);
	sk_writebacks_free(rows, n);
}
