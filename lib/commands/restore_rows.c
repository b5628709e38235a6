/* SPDX-License-Identifier: MIT */
/*
 * restore: what becomes of the copy's own rows, and the rows that are taken over from the lists. The last
 * commit makes the pair whole; after a crash before it all of this is done again, and gives the same.
 */
#include "commands/restore_parts.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/out.h"
#include "store/event.h"
#include "store/pair.h"
#include "store/restored.h"
#include "life/check_list.h"
#include "life/ledger.h"
#include "life/settle.h"
#include "commands/taken_over.h"

/* Rows that are open and have no id may have been sent since the copy was made. */
static int
doubt_rows(struct sk_restoring *restoring, struct sk_error *err)
{
	const struct sk_filter open = {.states = SK_MASK(SK_QUEUED) | SK_MASK(SK_SUBMITTING)};
	const struct sk_fact fact = {.what = SK_RESTORED,
	    .error_code = sk_code_name(SK_CODE_RESTORED)};
	struct sk_store *store = restoring->session->store;
	struct sk_writeback *rows;
	size_t n;
	int result = 0;

	if (sk_store_writebacks(store, &open, &rows, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n && result == 0; i++)
		if (sk_ledger_record(store, &rows[i], &fact, NULL, err) == SK_RECORD_ERROR)
			result = -1;
	sk_writebacks_free(rows, n);
	return result;
}

int
sk_restore_doubt(struct sk_restoring *restoring, struct sk_error *err)
{
	struct sk_store *store = restoring->session->store;

	if (sk_store_begin(store, err) != 0)
		return -1;
	if (sk_store_restored_mark(store, err) == 0 &&
	    sk_store_restored_forget_lists(store, err) == 0 && doubt_rows(restoring, err) == 0)
		return sk_store_commit(store, err);
	sk_store_rollback(store);
	return -1;
}

/* *first: the row number, if it is the first one. */
static int
take_over(struct sk_restoring *restoring, const struct sk_api_listed *listed, int64_t *first,
    struct sk_error *err)
{
	struct sk_writeback row = {0};
	char where[60];
	int result;

	if (listed->office_id == NULL || listed->method == NULL) {
		snprintf(where, sizeof(where), "writeback %.40s", listed->id);
		sk_out_warn_repeated("writeback", where, " has no office or method and is ignored");
		return 0;
	}
	sk_taken_over_fill(&row, listed);
	result = sk_taken_over_add(restoring->session->store, &row, listed, SK_RESTORED_FOUND, NULL,
	    err);
	if (restoring->n_taken_over++ == 0)
		*first = row.id;
	sk_writeback_fini(&row);
	return result;
}

static int
take_over_all(struct sk_restoring *restoring, struct sk_error *err)
{
	struct sk_listing *list = &restoring->either;
	int64_t first = 0;

	if (sk_check_list_mark_owned(restoring->session, list, err) != 0)
		return -1;
	for (size_t i = 0; i < list->n; i++)
		if (list->owned[i] == SK_OWNED_BY_NOBODY &&
		    take_over(restoring, &list->listed[i], &first, err) != 0)
			return -1;
	return restoring->n_taken_over == 0
	    ? 0
	    : sk_settle_tell_doubles(restoring->session, list, first, err);
}

/* What is still unknown: the lists have shown the requests of some of the rows that were in doubt. */
static int
count_unsure(struct sk_restoring *restoring, struct sk_error *err)
{
	struct sk_mark *marks;
	size_t n;

	if (sk_store_writebacks_unsettled(restoring->session->store, &marks, &n, err) != 0)
		return -1;
	restoring->n_unsure = n;
	free(marks);
	return 0;
}

/* Who, from where and when: the event's run says so. */
static int
make_event(const struct sk_restoring *restoring, struct sk_error *err)
{
	const char *gap = sk_text_bytes(&restoring->gap);
	char *text = sk_mem_printf(
	    "a person said that an older copy was put back: %zu requests are "
	    "unknown now, %zu were added from the server's lists%s%s",
	    restoring->n_unsure, restoring->n_taken_over,
	    gap[0] != '\0' ? "; what else was sent isn't known, which was accepted: " : "", gap);
	int result =
	    sk_event_make(restoring->session->store, SK_EVENT_RESTORED, NULL, 0, text, err);

	if (result == 0)
		result = sk_store_fact_set(restoring->session->store, SK_RESTORED_AT, sk_time_now(),
		    err);
	free(text);
	return result;
}

/*
 * Making the pair whole lets requests be sent again. It must be in the same commit as the rows taken over:
 * a state file that only looks up to date would send them a second time. Numbers that the lost file has
 * used are never used again.
 */
int
sk_restore_take_over(struct sk_restoring *restoring, struct sk_error *err)
{
	struct sk_session *session = restoring->session;
	struct sk_store *store = session->store;
	int result = -1;

	if (sk_section_begin(session, err) != 0)
		return -1;
	if (sk_restore_check_runs(session, err) == 0 &&
	    sk_store_writebacks_skip_to(store, session->section.twin.row, err) == 0 &&
	    sk_store_writebacks_skip_to(store, session->section.twin.earlier_row, err) == 0 &&
	    take_over_all(restoring, err) == 0 && sk_store_restored_forget_lists(store, err) == 0 &&
	    count_unsure(restoring, err) == 0 && make_event(restoring, err) == 0)
		result = sk_pair_make_whole(session, err);
	return sk_section_end(session, result, err);
}
