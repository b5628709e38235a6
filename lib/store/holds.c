/* SPDX-License-Identifier: MIT */
/* store: the table holds. One that can't be read is an error, never "no hold". */
#include "store/holds.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "store/lists.h"
#include "store/statements.h"

static const struct {
	const char *name;
	int64_t lists_wanted;
} whys[SK_HOLD_WHYS] = {
    [SK_HOLD_GAP] = {"gap", 2},
    [SK_HOLD_BEGUN] = {"begun", 1},
    [SK_HOLD_ADDED] = {"added", 1},
    [SK_HOLD_TAKEN_IN] = {"taken_in", 1},
};

const char *
sk_hold_why_name(enum sk_hold_why why)
{
	return why < SK_HOLD_WHYS ? whys[why].name : NULL;
}

bool
sk_hold_holds(const struct sk_hold *hold)
{
	return hold->shown_at != 0 || hold->lists_clean < hold->lists_wanted;
}

static enum sk_hold_why
find_why(const char *name)
{
	int why = 0;

	while (why < SK_HOLD_WHYS && (name == NULL || strcmp(whys[why].name, name) != 0))
		why++;
	return (enum sk_hold_why)why;
}

static void
read_hold(struct sk_query *query, struct sk_hold *hold)
{
	hold->id = sk_query_column_number(query, 0);
	hold->why = find_why(sk_query_column_look(query, 1));
	hold->office_id = sk_query_column_text(query, 2);
	hold->since = sk_query_column_time(query, 3);
	hold->after_list = sk_query_column_number(query, 4);
	hold->lists_wanted = sk_query_column_number(query, 5);
	hold->lists_clean = sk_query_column_number(query, 6);
	hold->first_clean_at = sk_query_column_time(query, 7);
	hold->latest_clean = sk_query_column_number(query, 8);
	hold->looked_at = sk_query_column_time(query, 9);
	hold->shown_at = sk_query_column_time(query, 10);
}

void
sk_holds_free(struct sk_hold *holds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(holds[i].office_id);
	free(holds);
}

int
sk_store_holds(struct sk_store *store, struct sk_hold **holds, size_t *n, struct sk_error *err)
{
	struct sk_query query;
	struct sk_hold *list = NULL;
	size_t count = 0, room = 0;

	sk_query_open(&query, store, SK_SQL_HOLDS, err);
	while (sk_query_step(&query)) {
		list = sk_mem_grow(list, count + 1, &room, sizeof(*list));
		read_hold(&query, &list[count++]);
	}
	if (sk_query_close(&query) != 0) {
		sk_holds_free(list, count);
		return -1;
	}
	*holds = list;
	*n = count;
	return 0;
}

/* Whether an opened query finds a row: 1, 0, -1. */
static int
finds(struct sk_query *query)
{
	int found = sk_query_step(query);

	return sk_query_close(query) == 0 ? found : -1;
}

int
sk_store_holds_any(struct sk_store *store, struct sk_error *err)
{
	struct sk_query query;

	sk_query_open(&query, store, SK_SQL_HOLDS, err);
	return finds(&query);
}

int
sk_store_holds_of_any(struct sk_store *store, struct sk_error *err)
{
	struct sk_query query;

	sk_query_open(&query, store, SK_SQL_HOLDS_OR_GIVEN, err);
	return finds(&query);
}

static int
is_held(struct sk_store *store, const char *office_id, bool or_paused, struct sk_error *err)
{
	struct sk_query query;

	sk_query_open(&query, store, SK_SQL_HOLDS_OFFICE, err);
	sk_query_text(&query, 1, office_id);
	sk_query_number(&query, 2, or_paused);
	return finds(&query);
}

int
sk_store_holds_office(struct sk_store *store, const char *office_id, struct sk_error *err)
{
	return is_held(store, office_id, true, err);
}

int
sk_store_holds_unpaused(struct sk_store *store, const char *office_id, struct sk_error *err)
{
	return is_held(store, office_id, false, err);
}

int
sk_store_holds_copy(struct sk_store *store, struct sk_error *err)
{
	struct sk_query query;

	sk_query_open(&query, store, SK_SQL_HOLDS_COPY, err);
	return finds(&query);
}

int
sk_store_holds_noted_at(struct sk_store *store, const char *boot_id, int64_t *moment,
    bool *is_boot_noted, struct sk_error *err)
{
	struct sk_query query;

	*moment = 0;
	*is_boot_noted = false;
	sk_query_open(&query, store, SK_SQL_HOLDS_NOTED_AT, err);
	sk_query_text(&query, 1, boot_id);
	if (sk_query_step(&query)) {
		*moment = sk_query_column_time(&query, 0);
		*is_boot_noted = sk_query_column_number(&query, 1) != 0;
	}
	return sk_query_close(&query);
}

static int
add(struct sk_store *store, enum sk_hold_why why, const char *office_id, const char *boot_id,
    struct sk_error *err)
{
	struct sk_query query;
	int64_t last = 0;

	if (sk_store_fact_get(store, SK_LISTS_BEGUN, &last, err) != 0)
		return -1;
	sk_query_write(&query, store, SK_SQL_HOLD_ADD, err);
	sk_query_text(&query, 1, whys[why].name);
	sk_query_text(&query, 2, office_id);
	sk_query_text(&query, 3, boot_id);
	sk_query_time(&query, 4, sk_time_now());
	sk_query_number(&query, 5, last);
	sk_query_number(&query, 6, whys[why].lists_wanted);
	return sk_query_run(&query, NULL);
}

int
sk_store_holds_shown(struct sk_store *store, const char *office_id, struct sk_error *err)
{
	struct sk_query query;

	sk_query_open(&query, store, SK_SQL_HOLDS_SHOWN, err);
	sk_query_text(&query, 1, office_id);
	return finds(&query);
}

int
sk_store_holds_note_added(struct sk_store *store, const char *office_id, struct sk_error *err)
{
	struct sk_query query;
	int waits = is_held(store, office_id, false, err), is_known;

	if (waits != 0)
		return waits < 0 ? -1 : 0;
	sk_query_open(&query, store, SK_SQL_OFFICE_GET, err);
	sk_query_text(&query, 1, office_id);
	is_known = finds(&query);
	if (is_known != 0)
		return is_known < 0 ? -1 : 0;
	return add(store, SK_HOLD_ADDED, office_id, NULL, err);
}

int
sk_store_holds_note_taken_in(struct sk_store *store, const char *office_id,
    const struct sk_hold *shown, struct sk_error *err)
{
	struct sk_hold hold;

	if (add(store, SK_HOLD_TAKEN_IN, office_id, NULL, err) != 0)
		return -1;
	if (shown == NULL)
		return 0;
	hold = *shown;
	hold.id = sqlite3_last_insert_rowid(store->db);
	return sk_store_hold_put(store, &hold, err);
}

int
sk_store_holds_purge(struct sk_store *store, int64_t before, const char *boot_id,
    struct sk_error *err)
{
	struct sk_query query;

	sk_query_write(&query, store, SK_SQL_HOLDS_PURGE, err);
	sk_query_time(&query, 1, before);
	sk_query_text(&query, 2, boot_id);
	return sk_query_run(&query, NULL);
}

int
sk_store_holds_mend(struct sk_store *store, int64_t now, struct sk_error *err)
{
	struct sk_query query;

	sk_query_write(&query, store, SK_SQL_MOMENTS_MEND_HOLDS, err);
	sk_query_time(&query, 1, now);
	sk_query_time(&query, 2, now);
	return sk_query_run(&query, NULL);
}

int
sk_store_holds_forget(struct sk_store *store, const char *office_id, struct sk_error *err)
{
	struct sk_query query;

	sk_query_write(&query, store, SK_SQL_HOLDS_FORGET, err);
	sk_query_text(&query, 1, office_id);
	return sk_query_run(&query, NULL);
}

static int
gap_is_noted(struct sk_store *store, const char *boot_id, struct sk_error *err)
{
	struct sk_query query;

	sk_query_open(&query, store, SK_SQL_HOLDS_GAP_OF_BOOT, err);
	sk_query_text(&query, 1, boot_id);
	return finds(&query);
}

int
sk_store_holds_note_gap(struct sk_store *store, const char *boot_id, struct sk_error *err)
{
	struct sk_query query;
	int noted = gap_is_noted(store, boot_id, err);

	if (noted != 0)
		return noted < 0 ? -1 : 0;
	/* What a list has shown to be an older copy stays one, whatever boots. */
	sk_query_write(&query, store, SK_SQL_HOLDS_END_GAPS, err);
	sk_query_time(&query, 1, sk_time_now());
	if (sk_query_run(&query, NULL) != 0)
		return -1;
	return add(store, SK_HOLD_GAP, NULL, boot_id, err);
}

int
sk_store_hold_put(struct sk_store *store, const struct sk_hold *hold, struct sk_error *err)
{
	struct sk_query query;

	sk_query_write(&query, store, SK_SQL_HOLD_PUT, err);
	sk_query_number(&query, 1, hold->id);
	sk_query_number(&query, 2, hold->lists_clean);
	sk_query_time(&query, 3, hold->first_clean_at);
	sk_query_number(&query, 4, hold->latest_clean);
	sk_query_time(&query, 5, hold->looked_at);
	sk_query_time(&query, 6, hold->shown_at);
	return sk_query_run(&query, NULL);
}

int
sk_store_hold_end(struct sk_store *store, int64_t id, const char *by, struct sk_error *err)
{
	struct sk_query query;

	sk_query_write(&query, store, SK_SQL_HOLD_END, err);
	sk_query_number(&query, 1, id);
	sk_query_time(&query, 2, sk_time_now());
	sk_query_text(&query, 3, by);
	return sk_query_run(&query, NULL);
}

int
sk_store_holds_end(struct sk_store *store, const char *by, struct sk_error *err)
{
	struct sk_query query;

	sk_query_write(&query, store, SK_SQL_HOLDS_END, err);
	sk_query_time(&query, 1, sk_time_now());
	sk_query_text(&query, 2, by);
	return sk_query_run(&query, NULL);
}
