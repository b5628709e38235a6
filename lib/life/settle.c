/* SPDX-License-Identifier: MIT */
/*
 * life: what a list says about rows that have an id. At most so many rows are written by one commit
 * that no other command waits for long; what isn't written is decided anew by the next list.
 */
#include "life/settle.h"

#include "api/writeback.h"
#include "life/check_list.h"
#include "life/ledger.h"

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

/*
 * Where a list says nothing of a row: whether the last one lacked it, so that this one, which lacks it too,
 * only came too soon to count. That is noted, so that a later list follows it.
 */
static bool
lacks_it_too_soon(const struct sk_writeback *row, const struct sk_listing *list)
{
	return row->absent_list != 0 && row->absent_list == list->number - 1;
}

static int
record_absence(const struct sk_check *check, const struct sk_listing *list, int is_latest,
    struct sk_writeback *row, enum sk_listed_as *as, struct sk_error *err)
{
	struct sk_fact fact = {.what = SK_SAYS_NOTHING, .at = list->begun_at, .list = list->number};
	int lacking = check->lacks_status;
	bool tells = is_latest && tells_of(list, row), is_noted;

	if (tells)
		fact.what = happening_of_absence(row, list, lacking);
	if (!lacking &&
	    (fact.what == SK_SAYS_NOTHING ? is_to_be_asked(list, row) : may_free_key(row, list)))
		*as = SK_LISTED_ASK;
	is_noted =
	    fact.what != SK_SAYS_NOTHING || (lacking && tells && lacks_it_too_soon(row, list));
	if (*as == SK_LISTED_ASK || !is_noted)
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
	    .text = listed->text,
	    .took = listed->took};
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

/* Whether nothing is to be recorded of a row that the list shows: *as says what is left to do. */
static bool
is_old_news(const struct sk_check *check, const struct sk_api_listed *listed,
    const struct sk_writeback *row, enum sk_listed_as *as)
{
	*as = SK_LISTED_DONE;
	if (listed->said == SK_SAID_PENDING)
		return row->result == SK_PENDING && row->gone_looks == 0 && !is_withdrawn(row);
	if (check->lacks_status)
		return false;
	*as = SK_LISTED_ASK;
	return true;
}

/* The rows of one commit, by their places, and what is left to do for them. */
struct part {
	struct sk_writeback *rows;
	enum sk_listed_as *as;
	size_t places[SK_SETTLE_ROWS], n;
	bool did_change[SK_SETTLE_ROWS];
};

static int
decide_part(const struct sk_check *check, const struct sk_listing *list,
    const struct sk_listing_index *index, struct part *part, struct sk_error *err)
{
	int is_latest = sk_check_list_is_latest(check->session, list, err);
	int result = is_latest < 0 ? -1 : 0;

	for (size_t i = 0; i < part->n && result == 0; i++) {
		struct sk_writeback *row = &part->rows[part->places[i]];
		enum sk_listed_as *as = &part->as[part->places[i]];
		const struct sk_api_listed *listed =
		    sk_listing_index_find(index, row->writeback_id);
		enum sk_state was = row->result;

		*as = SK_LISTED_DONE;
		if (listed == NULL)
			result = record_absence(check, list, is_latest, row, as, err);
		else
			result = record_listed(check, listed, row, as, err);
		part->did_change[i] = row->result != was;
	}
	return result;
}

static int
settle_part(const struct sk_check *check, const struct sk_listing *list,
    const struct sk_listing_index *index, struct part *part, struct sk_error *err)
{
	struct sk_store *store = check->session->store;

	if (sk_store_begin(store, err) != 0)
		return -1;
	if (decide_part(check, list, index, part, err) != 0) {
		sk_store_rollback(store);
		return -1;
	}
	if (sk_store_commit(store, err) != 0)
		return -1;
	for (size_t i = 0; i < part->n && check->changed != NULL; i++)
		if (part->did_change[i])
			check->changed(check->arg, &part->rows[part->places[i]]);
	return 0;
}

/* Takes the rows from *at on of which something is to be recorded, until the part is full. */
static void
fill_part(const struct sk_check *check, const struct sk_listing_index *index, struct part *part,
    size_t n, size_t *at)
{
	for (part->n = 0; *at < n && part->n < SK_SETTLE_ROWS; ++*at) {
		const struct sk_writeback *row = &part->rows[*at];
		const struct sk_api_listed *listed =
		    sk_listing_index_find(index, row->writeback_id);

		if (listed == NULL || !is_old_news(check, listed, row, &part->as[*at]))
			part->places[part->n++] = *at;
	}
}

int
sk_settle_known(const struct sk_check *check, const struct sk_listing *list,
    struct sk_writeback *rows, size_t n, enum sk_listed_as *as, struct sk_error *err)
{
	struct sk_listing_index *index = sk_listing_index_new(list);
	struct part part = {.rows = rows, .as = as};
	size_t n_parts = 0, at = 0;
	int result = 0;

	while (at < n && result == 0) {
		fill_part(check, index, &part, n, &at);
		if (part.n == 0)
			continue;
		if (n_parts++ > 0)
			sk_store_let_others_write();
		result = settle_part(check, list, index, &part, err);
	}
	sk_listing_index_free(index);
	return result;
}
