/* SPDX-License-Identifier: MIT */
/*
 * life: writes what a list says about our rows. Each function is one transaction; if it fails,
 * nothing of it is written, and the next list decides anew.
 */
#include "life/settle.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/out.h"
#include "base/time.h"
#include "store/event.h"
#include "api/writeback.h"
#include "life/check_list.h"
#include "life/ledger.h"

/* For each row, the ids of later accepted requests, in the form that match takes. */
struct witnesses {
	char ***ids;
	size_t *counts;
	size_t n;
};

static void
free_witnesses(struct witnesses *witnesses)
{
	for (size_t i = 0; i < witnesses->n; i++) {
		for (size_t j = 0; j < witnesses->counts[i]; j++)
			free(witnesses->ids[i][j]);
		free(witnesses->ids[i]);
	}
	free(witnesses->ids);
	free(witnesses->counts);
}

static int
read_witnesses_of(struct sk_store *store, const struct sk_writeback *row, char ***ids,
    size_t *count, struct sk_error *err)
{
	struct sk_accepted *accepted;
	size_t n;

	if (sk_store_writebacks_accepted_after(store, row, &accepted, &n, err) != 0)
		return -1;
	*ids = sk_mem_zero(n + 1, sizeof(**ids));
	for (size_t i = 0; i < n; i++)
		if (sk_api_is_same_kind(accepted[i].endpoint, row->endpoint))
			(*ids)[(*count)++] = sk_mem_copy(accepted[i].writeback_id);
	sk_accepted_free(accepted, n);
	return 0;
}

static int
read_witnesses(struct sk_session *session, const struct sk_writeback *rows, size_t n,
    struct witnesses *witnesses, struct sk_error *err)
{
	witnesses->ids = sk_mem_zero(n + 1, sizeof(*witnesses->ids));
	witnesses->counts = sk_mem_zero(n + 1, sizeof(*witnesses->counts));
	witnesses->n = n;
	for (size_t i = 0; i < n; i++)
		if (rows[i].result == SK_UNKNOWN &&
		    read_witnesses_of(session->store, &rows[i], &witnesses->ids[i],
			&witnesses->counts[i], err) != 0)
			return -1;
	return 0;
}

/* The unknown rows without an id, and the submitting rows, which they are compared with. */
static int
read_rows(struct sk_session *session, struct sk_writeback **rows, size_t *n, struct sk_error *err)
{
	const struct sk_filter filter = {.states = SK_MASK(SK_UNKNOWN) | SK_MASK(SK_SUBMITTING)};

	return sk_store_writebacks(session->store, &filter, rows, n, err);
}

int
sk_settle_preview(struct sk_session *session, struct sk_listing *list, struct sk_writeback **rows,
    struct sk_match **matches, size_t *n, struct sk_error *err)
{
	struct witnesses witnesses = {0};
	int result;

	if (sk_check_list_mark_owned(session, list, err) != 0 ||
	    read_rows(session, rows, n, err) != 0)
		return -1;
	*matches = sk_mem_zero(*n + 1, sizeof(**matches));
	result = read_witnesses(session, *rows, *n, &witnesses, err);
	if (result == 0) {
		sk_match_rows(*rows, *n, list, (char *const *const *)witnesses.ids,
		    witnesses.counts, *matches);
	} else {
		sk_writebacks_free(*rows, *n);
		free(*matches);
	}
	free_witnesses(&witnesses);
	return result;
}

bool
sk_settle_proves_absence(const struct sk_writeback *row, const struct sk_listing *list)
{
	return row->absent_at != 0 && sk_ledger_list_follows(row, list->number) &&
	    list->begun_at - row->absent_at >= SK_LIFE_LOOK;
}

/* 1 the row's state has changed, 0 it hasn't, -1 error. */
static int
record_verdict(struct sk_session *session, struct sk_listing *list, int is_latest,
    struct sk_writeback *row, const struct sk_match *match, struct sk_error *err)
{
	struct sk_fact fact = {.at = list->begun_at};

	if (match->verdict == SK_MATCH_ADOPT) {
		fact.what = SK_FOUND;
		fact.writeback_id = list->listed[match->entry].id;
		list->owned[match->entry] = 1;
	} else if (match->verdict == SK_MATCH_LACKS) {
		if (!is_latest)
			return 0;
		fact.list = list->number;
		fact.what =
		    sk_settle_proves_absence(row, list) ? SK_LIST_LACKS_IT_STILL : SK_LIST_LACKS_IT;
	} else {
		if (match->verdict == SK_MATCH_AMBIGUOUS)
			sk_out_warn(
			    "request %lld may be writeback %s, but this isn't certain, because "
			    "several requests or writebacks are alike; sikka-sweep -n shows the "
			    "candidates, sikka-sweep --resolve settles the request",
			    (long long)row->id, list->listed[match->entry].id);
		/*
		 * Two lists that lack the row prove something only when no list between them shows
		 * an entry of its kind: so the first one is forgotten here.
		 */
		if (row->absent_at == 0 || !sk_match_shows_kind(row, list))
			return 0;
		fact.what = SK_SAYS_NOTHING;
	}
	switch (sk_ledger_record(session->store, row, &fact, NULL, err)) {
	case SK_RECORDED:
		return row->result != SK_UNKNOWN;
	case SK_RECORD_ERROR:
		return -1;
	default:
		return 0;
	}
}

static void
tell_changed(const struct sk_check *check, const struct sk_writeback *rows, const int *did_change,
    size_t n)
{
	for (size_t i = 0; i < n && check->changed != NULL; i++)
		if (did_change[i])
			check->changed(check->arg, &rows[i]);
}

int
sk_settle_unknown(const struct sk_check *check, struct sk_listing *list, struct sk_error *err)
{
	struct sk_session *session = check->session;
	struct sk_writeback *rows;
	struct sk_match *matches;
	int *did_change, is_latest, result = -1;
	size_t n;

	/*
	 * Reading the rows, counting the identical ones and writing the verdicts is one
	 * transaction.
	 *
	 * match compares numbers: as many entries as identical unknown rows. Such a count is true
	 * for a moment only. Suppose that it were made on rows read before, and each verdict were
	 * written by a commit of its own. In between another run may claim a row with the same
	 * body, whose request may then be one of the entries; or the answer for such a row may come
	 * and name one of them. We would adopt an entry that isn't the row's: the row would follow
	 * another one's request, and that row would find no entry, count as not received, and be
	 * sent again.
	 *
	 * BEGIN IMMEDIATE lets only one process write at a time. So no row is claimed, accepted or
	 * handed in while we decide. Who owns which entry, and whether the list is still the
	 * latest, is asked in here as well. Only the list itself is older; what it can't know is
	 * covered by the rules on lists that lag (35 minutes) and on lists that are torn (two that
	 * follow one another): sikka-life(7), Settling.
	 */
	if (sk_store_begin(session->store, err) != 0)
		return -1;
	is_latest = sk_check_list_is_latest(session, list, err);
	if (is_latest < 0 || sk_settle_preview(session, list, &rows, &matches, &n, err) != 0) {
		sk_store_rollback(session->store);
		return -1;
	}
	did_change = sk_mem_zero(n + 1, sizeof(*did_change));
	for (size_t i = 0; i < n; i++) {
		did_change[i] =
		    record_verdict(session, list, is_latest, &rows[i], &matches[i], err);
		if (did_change[i] < 0)
			goto out;
	}
	result = sk_store_commit(session->store, err);
	if (result == 0)
		tell_changed(check, rows, did_change, n);
out:
	if (result != 0)
		sk_store_rollback(session->store);
	free(did_change);
	free(matches);
	sk_writebacks_free(rows, n);
	return result;
}

/* Whether a row that waits for its answer, or to be settled, may have sent this entry. */
static bool
is_awaited(const struct sk_writeback *open, size_t n, const struct sk_api_listed *listed)
{
	for (size_t i = 0; i < n; i++)
		if (open[i].writeback_id == NULL && sk_match_is_strict(&open[i], listed))
			return true;
	return false;
}

/*
 * open: the unknown and the submitting rows. An entry that may be theirs isn't a late one, and must
 * never be withdrawn.
 */
static long
find_late(const struct sk_listing *list, const struct sk_writeback *row,
    const struct sk_writeback *open, size_t n_open)
{
	for (size_t j = 0; j < list->n; j++)
		if (!list->owned[j] && sk_match_is_strict(row, &list->listed[j]) &&
		    !is_awaited(open, n_open, &list->listed[j]))
			return (long)j;
	return -1;
}

/*
 * The row's request has turned up. The row takes it over where nothing else has happened to the
 * row; otherwise it is a double.
 */
static int
record_late(struct sk_session *session, struct sk_listing *list, struct sk_writeback *row,
    size_t entry, struct sk_error *err)
{
	struct sk_fact fact = {.what = SK_FOUND, .writeback_id = list->listed[entry].id};
	enum sk_recorded recorded = SK_RECORD_STALE;

	if (row->result == SK_QUEUED || row->result == SK_FAILED)
		recorded = sk_ledger_record(session->store, row, &fact, NULL, err);
	if (recorded == SK_RECORD_STALE || recorded == SK_RECORD_KEY_TAKEN) {
		fact.what = SK_DOUBLE_SEEN;
		fact.note = "the server carries a second request for it, which is withdrawn while "
			    "it is pending";
		recorded = sk_ledger_record(session->store, row, &fact, NULL, err);
	}
	if (recorded == SK_RECORDED)
		list->owned[entry] = 1;
	return recorded == SK_RECORD_ERROR ? -1 : 0;
}

int
sk_settle_late(const struct sk_check *check, struct sk_listing *list, struct sk_error *err)
{
	struct sk_session *session = check->session;
	const struct sk_filter filter = {.with_not_received = 1};
	struct sk_writeback *rows = NULL, *open = NULL;
	int *did_change = NULL, result = -1;
	size_t n = 0, n_open = 0;

	if (sk_store_begin(session->store, err) != 0)
		return -1;
	if (sk_check_list_mark_owned(session, list, err) != 0 ||
	    read_rows(session, &open, &n_open, err) != 0 ||
	    sk_store_writebacks(session->store, &filter, &rows, &n, err) != 0)
		goto out;
	did_change = sk_mem_zero(n + 1, sizeof(*did_change));
	for (size_t i = 0; i < n; i++) {
		enum sk_state was = rows[i].result;
		long entry;

		/*
		 * Unknown and submitting rows are settled by sk_settle_unknown. For a row that
		 * already has a double there is nothing more to report.
		 */
		if (was == SK_UNKNOWN || was == SK_SUBMITTING || rows[i].doubled_id != NULL ||
		    list->begun_at - rows[i].not_received_at > SK_LIFE_LATE)
			continue;
		entry = find_late(list, &rows[i], open, n_open);
		if (entry < 0)
			continue;
		if (record_late(session, list, &rows[i], (size_t)entry, err) != 0)
			goto out;
		did_change[i] = rows[i].result != was;
	}
	result = sk_store_commit(session->store, err);
	if (result == 0)
		tell_changed(check, rows, did_change, n);
out:
	if (result != 0)
		sk_store_rollback(session->store);
	free(did_change);
	sk_writebacks_free(open, n_open);
	sk_writebacks_free(rows, n);
	return result;
}

/* --- rows that have an id -------------------------------------------------------------------- */

static bool
is_withdrawn(const struct sk_writeback *row)
{
	return row->withdrawn_at != 0;
}

/* What it means that a whole list covers the row's time and doesn't show it. */
static enum sk_happening
happening_of_absence(const struct sk_writeback *row, const struct sk_listing *list, int lacking)
{
	int64_t now = list->begun_at;

	if (is_withdrawn(row))
		return now - row->looked_at >= SK_LIFE_LOOK ? SK_LOOK_FOUND_IT_GONE
							    : SK_SAYS_NOTHING;
	if (row->result != SK_PENDING)
		return SK_SAYS_NOTHING;
	if (row->gone_looks >= SK_LIFE_GONE && sk_ledger_list_follows(row, list->number))
		return SK_GONE;
	/* Without writeback_status there is no look but the list. */
	if (lacking && now - row->gone_at >= SK_LIFE_LOOK)
		return SK_NOT_KNOWN;
	return SK_SAYS_NOTHING;
}

/*
 * Whether this look may free the row's key. Then its status is asked for instead, which can't be
 * torn.
 */
static bool
may_free_key(const struct sk_writeback *row, const struct sk_listing *list)
{
	return is_withdrawn(row) && row->holds_key &&
	    list->begun_at - row->withdrawn_at >= SK_LIFE_TRAVEL;
}

/*
 * Whether it means something that the list doesn't show the row. A row older than the server's
 * memory is in no list: then it means that the id is gone.
 */
static bool
tells_of(const struct sk_listing *list, const struct sk_writeback *row)
{
	if (!list->whole || list->is_undated)
		return false;
	return row->submitted_at >= list->from ||
	    (!is_withdrawn(row) && list->begun_at - row->submitted_at >= SK_LIFE_FORGETS);
}

/*
 * Whether the status of a row that the list doesn't show must be asked for by its id. The row may
 * be older than the list's days, or the server may have forgotten it; without asking, such a row
 * would stay pending for ever. A row that was sent less than a minute ago may come with the next
 * list.
 */
static bool
is_to_be_asked(const struct sk_listing *list, const struct sk_writeback *row)
{
	return !is_withdrawn(row) &&
	    (row->submitted_at < list->from || list->begun_at - row->submitted_at >= SK_MINUTE);
}

static int
record_absence(const struct sk_check *check, const struct sk_listing *list, int is_latest,
    struct sk_writeback *row, enum sk_listed_as *as, struct sk_error *err)
{
	struct sk_fact fact = {.what = SK_SAYS_NOTHING, .at = list->begun_at, .list = list->number};
	int lacking = check->lacks_status;

	if (is_latest && tells_of(list, row))
		fact.what = happening_of_absence(row, list, lacking);
	if (!lacking &&
	    (fact.what == SK_SAYS_NOTHING ? is_to_be_asked(list, row) : may_free_key(row, list)))
		*as = SK_LISTED_ASK;
	if (fact.what == SK_SAYS_NOTHING || *as == SK_LISTED_ASK)
		return 0;
	return sk_ledger_record(check->session->store, row, &fact, NULL, err) == SK_RECORD_ERROR
	    ? -1
	    : 0;
}

static int
record_listed(const struct sk_check *check, const struct sk_api_listed *listed,
    struct sk_writeback *row, enum sk_listed_as *as, struct sk_error *err)
{
	const struct sk_api_status said = {.said = listed->said,
	    .id = listed->id,
	    .result = listed->result};
	int ignored = 0;

	/* How the request ended, and what the list leaves open, is asked of its status. */
	if (listed->said != SK_SAID_PENDING && !check->lacks_status) {
		*as = SK_LISTED_ASK;
		return 0;
	}
	if (listed->said == SK_SAID_PENDING && is_withdrawn(row))
		*as = SK_LISTED_WITHDRAW_AGAIN;
	return sk_check_status_record(check->session->store, row, &said, &ignored, err);
}

int
sk_settle_known(const struct sk_check *check, const struct sk_listing *list,
    struct sk_writeback *rows, size_t n, enum sk_listed_as *as, struct sk_error *err)
{
	struct sk_store *store = check->session->store;
	int *did_change = sk_mem_zero(n + 1, sizeof(*did_change));
	int is_latest = 0, result = sk_store_begin(store, err);

	if (result == 0)
		is_latest = sk_check_list_is_latest(check->session, list, err);
	if (is_latest < 0)
		result = -1;
	for (size_t i = 0; i < n && result == 0; i++) {
		long entry = sk_listing_find(list, rows[i].writeback_id);
		enum sk_state was = rows[i].result;

		as[i] = SK_LISTED_DONE;
		if (entry < 0)
			result = record_absence(check, list, is_latest, &rows[i], &as[i], err);
		else
			result = record_listed(check, &list->listed[entry], &rows[i], &as[i], err);
		did_change[i] = rows[i].result != was;
	}
	if (result == 0)
		result = sk_store_commit(store, err);
	else
		sk_store_rollback(store);
	if (result == 0)
		tell_changed(check, rows, did_change, n);
	free(did_change);
	return result;
}
