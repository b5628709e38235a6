/* SPDX-License-Identifier: MIT */
/*
 * restore: what it would do, for -n: the copy's own rows with what the lists say about them, then what would
 * be taken over. Nothing is written.
 */
#include "commands/restore_parts.h"

#include <stdlib.h>

#include "base/mem.h"
#include "life/check_list.h"
#include "commands/taken_over.h"

/* What a row is until the lists settle it: no list has said anything about one that is open here. */
static void
doubt(struct sk_writeback *row)
{
	if (row->result != SK_UNKNOWN)
		row->unknown_at = 0;
	row->result = SK_UNKNOWN;
}

static void
show_row(struct sk_restoring *restoring, const struct sk_writeback *row,
    const struct sk_match *match)
{
	struct sk_listing *list = &restoring->either;

	if (match->verdict == SK_MATCH_ADOPT) {
		list->owned[match->entry] = SK_OWNED;
		sk_sweep_would(restoring->sweep, "adopt", row, NULL);
	} else if (row->not_received_at == 0) {
		sk_sweep_would(restoring->sweep,
		    row->unknown_at == 0 ? "become unknown" : "leave unknown", row, NULL);
	}
}

/* The rows that the lists may settle, as they would be then. */
static int
show_rows(struct sk_restoring *restoring, const struct sk_filter *filter, struct sk_error *err)
{
	const struct sk_witness none = {0};
	struct sk_writeback *rows;
	struct sk_match *matches;
	size_t n;

	if (sk_store_writebacks(restoring->session->store, filter, &rows, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		doubt(&rows[i]);
	matches = sk_mem_zero(n + 1, sizeof(*matches));
	sk_match_rows(rows, n, &restoring->either, &none, matches);
	for (size_t i = 0; i < n; i++)
		if (sk_match_is_settling(&rows[i]))
			show_row(restoring, &rows[i], &matches[i]);
	sk_matches_free(matches, n);
	sk_writebacks_free(rows, n);
	return 0;
}

static void
show_entry(struct sk_restoring *restoring, const struct sk_api_listed *listed)
{
	struct sk_writeback row = {0};

	sk_taken_over_fill(&row, listed);
	row.writeback_id = sk_mem_copy(listed->id);
	row.result = SK_PENDING;
	sk_sweep_would(restoring->sweep, "take over", &row, NULL);
	sk_writeback_fini(&row);
}

int
sk_restore_show(struct sk_restoring *restoring, struct sk_error *err)
{
	const struct sk_filter open = {
	    .states = SK_MASK(SK_QUEUED) | SK_MASK(SK_SUBMITTING) | SK_MASK(SK_UNKNOWN)};
	const struct sk_filter late = {.states = SK_MASK(SK_FAILED), .with_not_received = 1};
	struct sk_listing *list = &restoring->either;

	if (sk_check_list_mark_owned(restoring->session, list, err) != 0 ||
	    show_rows(restoring, &open, err) != 0 || show_rows(restoring, &late, err) != 0)
		return -1;
	for (size_t i = 0; i < list->n; i++)
		if (list->owned[i] == SK_OWNED_BY_NOBODY && list->listed[i].office_id != NULL &&
		    list->listed[i].method != NULL)
			show_entry(restoring, &list->listed[i]);
	return 0;
}
