/* SPDX-License-Identifier: MIT */
/*
 * life: what an entry that nobody owns has to do with rows that need none any more: a request that
 * turns up late, or one that the server has twice. Comparing goes on outside of any transaction; each
 * commit leaves out what has changed since.
 */
#include "life/settle.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/event.h"
#include "life/check_list.h"
#include "life/ledger.h"
#include "life/watch.h"
#include "life/withdraw.h"

struct late {
	const struct sk_check *check;
	struct sk_listing *list;
	struct sk_writeback *rows; /* by id, each once */
	bool *did_change;
	size_t n;
	size_t n_refused; /* requests in the list that the server had refused */
	struct sk_alike alike;
	bool only_own; /* only rows that have nothing else get theirs; the rest is taken over */
};

/* --- reading ------------------------------------------------------------------------------------- */

static int
add_rows(struct late *late, const struct sk_filter *filter, struct sk_error *err)
{
	struct sk_writeback *rows;
	size_t n;

	if (sk_store_writebacks(late->check->session->store, filter, &rows, &n, err) != 0)
		return -1;
	late->rows = sk_mem_resize(late->rows, late->n + n + 1, sizeof(*late->rows));
	if (n > 0)
		memcpy(&late->rows[late->n], rows, n * sizeof(*rows));
	late->n += n;
	free(rows);
	return 0;
}

static int
compare_ids(const void *a, const void *b)
{
	const struct sk_writeback *left = a, *right = b;

	return (left->id > right->id) - (left->id < right->id);
}

static void
keep_each_once(struct late *late)
{
	size_t kept = 0;

	qsort(late->rows, late->n, sizeof(*late->rows), compare_ids);
	for (size_t i = 0; i < late->n; i++) {
		if (kept > 0 && late->rows[kept - 1].id == late->rows[i].id)
			sk_writeback_fini(&late->rows[i]);
		else
			late->rows[kept++] = late->rows[i];
	}
	late->n = kept;
}

/* The offices of the entries that nobody owns; *n is 0 where there are none. */
static const char **
offices_of(const struct sk_listing *list, size_t *n)
{
	const char **offices = sk_mem_zero(list->n + 1, sizeof(*offices));

	*n = 0;
	for (size_t i = 0; i < list->n; i++) {
		const char *office = list->listed[i].office_id;
		size_t known = 0;

		if (list->owned[i] != SK_OWNED_BY_NOBODY || office == NULL)
			continue;
		while (known < *n && strcmp(offices[known], office) != 0)
			known++;
		if (known == *n)
			offices[(*n)++] = office;
	}
	return offices;
}

/*
 * Reads the rows that an entry may have to do with: those of these offices that the list covers, and
 * those that may turn up late.
 */
static int
read_late(struct late *late, const char *const *offices, size_t n_offices, struct sk_error *err)
{
	const struct sk_filter not_received = {.offices = offices,
	    .n_offices = n_offices,
	    .with_not_received = 1};
	const struct sk_filter open = {.offices = offices,
	    .n_offices = n_offices,
	    .states = SK_OPEN_STATES};
	const struct sk_filter recent = {.offices = offices,
	    .n_offices = n_offices,
	    .queued_since = late->list->from - SK_DAY};

	if (add_rows(late, &not_received, err) != 0 || add_rows(late, &open, err) != 0 ||
	    add_rows(late, &recent, err) != 0)
		return -1;
	keep_each_once(late);
	return 0;
}

/* --- deciding ------------------------------------------------------------------------------------ */

/* Whether an entry may be this row's, so that nobody else may have to do with it. */
static bool
is_unsettled(const struct sk_writeback *row)
{
	return row->writeback_id == NULL &&
	    (row->result == SK_UNKNOWN || row->result == SK_SUBMITTING);
}

/* Whether it was sent once, and has that request: then another equal one isn't a late one of its own. */
static bool
has_its_only_one(const struct sk_writeback *row)
{
	return row->writeback_id != NULL && row->attempts <= 1;
}

/* Whether its request is looked for: it was declared not received, and hasn't been seen since. */
static bool
is_looked_for(const struct late *late, const struct sk_writeback *row)
{
	return row->not_received_at != 0 && row->doubled_id == NULL && !has_its_only_one(row) &&
	    late->list->begun_at - row->not_received_at <= SK_LIFE_LATE;
}

/* Whether the row has nothing else: then what turns up is its own. */
static bool
needs_one(const struct sk_writeback *row)
{
	return row->writeback_id == NULL && (row->result == SK_QUEUED || row->result == SK_FAILED);
}

/*
 * The row's request has turned up. The row takes it over where nothing else has happened to the
 * row; otherwise it is a double.
 */
static int
record_late(const struct late *late, struct sk_writeback *row, size_t entry, struct sk_error *err)
{
	struct sk_store *store = late->check->session->store;
	struct sk_fact fact = {.what = SK_FOUND, .writeback_id = late->list->listed[entry].id};
	enum sk_recorded recorded = SK_RECORD_STALE;

	if (needs_one(row))
		recorded = sk_ledger_record(store, row, &fact, NULL, err);
	if (!late->only_own && (recorded == SK_RECORD_STALE || recorded == SK_RECORD_KEY_TAKEN)) {
		char *note = sk_withdraw_is_one_too_many(&late->check->session->config, row)
		    ? sk_mem_printf("the server carries a second request for it, writeback %s, "
				    "which is withdrawn while it is pending",
			  fact.writeback_id)
		    : sk_mem_printf("the server carries another request with the same content, "
				    "writeback %s, which nobody withdraws by itself; if it is one "
				    "too many, the practice has to undo it",
			  fact.writeback_id);

		fact.what = SK_DOUBLE_SEEN;
		fact.note = note;
		recorded = sk_ledger_record(store, row, &fact, NULL, err);
		free(note);
	}
	if (recorded == SK_RECORDED) {
		late->list->owned[entry] = SK_OWNED;
		return sk_watch_arrival(store, row, fact.writeback_id, err);
	}
	return recorded == SK_RECORD_ERROR ? -1 : 0;
}

/* The caller's. */
static char *
words_of_double(const struct sk_writeback *row, const char *id)
{
	char *advice =
	    sk_mem_printf("If it is one too many: sikka-sweep --adopt %s, then --withdraw that "
			  "request; if another program sent it: sikka-sweep --not-ours %s",
		id, id);
	char *words = sk_settle_words_of_double(row, id, advice);

	free(advice);
	return words;
}

/* Whether it was told as a double of any row of the group, which may have got more since: 1, 0, -1 error. */
static int
was_told(const struct late *late, const struct sk_alike_group *group, const char *id,
    struct sk_error *err)
{
	int told = 0;

	for (size_t i = 0; i < group->n_rows && told == 0; i++) {
		const struct sk_writeback *row = &late->rows[group->rows[i]];
		char *text;

		if (row->writeback_id == NULL)
			continue;
		text = words_of_double(row, id);
		told = sk_store_event_told(late->check->session->store, SK_EVENT_DOUBLED, row->id,
		    text, err);
		free(text);
	}
	return told;
}

/*
 * Nobody has sent this entry, as far as is known, and the row has its own: a proxy has repeated the
 * POST, or another program has sent the same. It may be meant, so a person decides.
 */
static int
tell_double(const struct late *late, const struct sk_alike_group *group,
    const struct sk_writeback *row, size_t entry, struct sk_error *err)
{
	const char *id = late->list->listed[entry].id;
	int told = was_told(late, group, id, err), result;
	char *text;

	if (told != 0)
		return told < 0 ? -1 : 0;
	text = words_of_double(row, id);
	result = sk_event_make(late->check->session->store, SK_EVENT_DOUBLED, row->office_id,
	    row->id, text, err);
	free(text);
	return result;
}

/* Of the group's rows that are looked for: first one that has nothing else, then any; NULL none. */
static struct sk_writeback *
find_late(const struct late *late, const struct sk_alike_group *group)
{
	struct sk_writeback *found = NULL;

	for (size_t i = 0; i < group->n_rows; i++) {
		struct sk_writeback *row = &late->rows[group->rows[i]];

		if (is_looked_for(late, row) && needs_one(row))
			return row;
		if (found == NULL && is_looked_for(late, row))
			found = row;
	}
	return found;
}

/* The latest row of the group that has its id; NULL where there is none, or one may still get one. */
static const struct sk_writeback *
find_owner(const struct late *late, const struct sk_alike_group *group)
{
	const struct sk_writeback *found = NULL;

	for (size_t i = 0; i < group->n_rows; i++) {
		const struct sk_writeback *row = &late->rows[group->rows[i]];

		if (row->writeback_id != NULL)
			found = row;
		else if (row->result == SK_QUEUED)
			return NULL;
	}
	return found;
}

/*
 * Nobody has sent this entry, as far as is known; but a row with the same content may have been refused.
 */
static int
watch_refused(struct late *late, const struct sk_alike_group *group, size_t entry,
    struct sk_error *err)
{
	const struct sk_writeback *refused = NULL;

	for (size_t i = 0; i < group->n_rows; i++) {
		const struct sk_writeback *row = &late->rows[group->rows[i]];

		if (sk_watch_is_refused(row) &&
		    late->list->begun_at - row->submitted_at < SK_LIFE_FORGETS)
			refused = row;
	}
	return refused == NULL ? 0
			       : sk_watch_refused(late->check->session->store, refused,
				     late->list->listed[entry].id, ++late->n_refused, err);
}

/* Whose an entry is by now may have been recorded since the list was read: 1, 0, -1 error. */
static int
is_owned(const struct late *late, size_t entry, struct sk_error *err)
{
	int64_t owner;

	return sk_store_writeback_owner(late->check->session->store, late->list->listed[entry].id,
	    &owner, err);
}

static int
record_group(struct late *late, const struct sk_alike_group *group, struct sk_error *err)
{
	for (size_t i = 0; i < group->n_entries; i++) {
		struct sk_writeback *row = find_late(late, group);
		const struct sk_writeback *owner = find_owner(late, group);
		int result = is_owned(late, group->entries[i], err);

		if (result == 0 && row != NULL) {
			enum sk_state was = row->result;

			result = record_late(late, row, group->entries[i], err);
			late->did_change[row - late->rows] |= row->result != was;
		} else if (result == 0 && owner != NULL && !late->only_own) {
			result = tell_double(late, group, owner, group->entries[i], err);
		}
		if (result == 0 && row == NULL)
			result = watch_refused(late, group, group->entries[i], err);
		if (result < 0)
			return -1;
	}
	return 0;
}

/* Whether the group's entries may belong to a row that waits for its answer, or to be settled. */
static bool
is_awaited(const struct late *late, const struct sk_alike_group *group)
{
	for (size_t i = 0; i < group->n_rows; i++)
		if (is_unsettled(&late->rows[group->rows[i]]))
			return true;
	return false;
}

/* Leaves the groups with which there is something to do. */
static void
keep_groups(struct late *late)
{
	size_t kept = 0;

	for (size_t i = 0; i < late->alike.n; i++) {
		const struct sk_alike_group *group = &late->alike.groups[i];

		if (group->n_entries > 0 && !group->is_unsure && !is_awaited(late, group))
			late->alike.groups[kept++] = *group;
	}
	late->alike.n = kept;
}

/* --- committing ---------------------------------------------------------------------------------- */

static bool
was_unsettled(const struct late *late, const struct sk_mark *mark)
{
	const struct sk_writeback key = {.id = mark->id};
	const struct sk_writeback *row =
	    bsearch(&key, late->rows, late->n, sizeof(key), compare_ids);

	return row != NULL && is_unsettled(row);
}

/* A row is on its way that wasn't when it was compared. Its group's entries may be its. */
static int
leave_to_newcomer(struct late *late, int64_t id, struct sk_error *err)
{
	struct sk_writeback row = {0};
	struct sk_echoed content;

	if (sk_store_writeback_get(late->check->session->store, id, &row, err) != 1)
		return -1;
	content = sk_echoed_of(&row);
	for (size_t i = 0; i < late->alike.n; i++) {
		size_t first = late->alike.groups[i].rows[0];

		if (sk_alike_rows(&row, &content, &late->rows[first], &late->alike.contents[first]))
			late->alike.groups[i].n_entries = 0;
	}
	sk_echoed_fini(&content);
	sk_writeback_fini(&row);
	return 0;
}

static int
leave_to_newcomers(struct late *late, struct sk_error *err)
{
	struct sk_mark *marks;
	size_t n;
	int result = 0;

	if (sk_store_writebacks_unsettled(late->check->session->store, &marks, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n && result == 0; i++)
		if (!was_unsettled(late, &marks[i]))
			result = leave_to_newcomer(late, marks[i].id, err);
	free(marks);
	return result;
}

/* The groups from..to-1, in one transaction. */
static int
settle_groups(struct late *late, size_t from, size_t to, struct sk_error *err)
{
	struct sk_store *store = late->check->session->store;
	int result;

	if (sk_store_begin(store, err) != 0)
		return -1;
	result = leave_to_newcomers(late, err);
	for (size_t i = from; i < to && result == 0; i++)
		result = record_group(late, &late->alike.groups[i], err);
	if (result != 0) {
		sk_store_rollback(store);
		return -1;
	}
	return sk_store_commit(store, err);
}

static void
tell_changed(struct late *late)
{
	for (size_t i = 0; i < late->n && late->check->changed != NULL; i++)
		if (late->did_change[i])
			late->check->changed(late->check->arg, &late->rows[i]);
	memset(late->did_change, 0, late->n * sizeof(*late->did_change));
}

static int
settle_all(struct late *late, struct sk_error *err)
{
	size_t n_entries = 0;

	for (size_t from = 0, to = 0; to < late->alike.n;) {
		n_entries += late->alike.groups[to++].n_entries;
		if (to < late->alike.n &&
		    n_entries + late->alike.groups[to].n_entries <= SK_SETTLE_ROWS)
			continue;
		if (settle_groups(late, from, to, err) != 0)
			return -1;
		tell_changed(late);
		if (to < late->alike.n)
			sk_store_let_others_write();
		from = to;
		n_entries = 0;
	}
	return 0;
}

static int
settle_late(struct late *late, struct sk_error *err)
{
	struct sk_listing *list = late->list;
	size_t n_offices;
	const char **offices;
	int result = 0;

	if (sk_check_list_mark_owned(late->check->session, list, err) != 0)
		return -1;
	offices = offices_of(list, &n_offices);
	if (n_offices > 0)
		result = read_late(late, offices, n_offices, err);
	free(offices);
	if (result == 0 && late->n > 0) {
		late->did_change = sk_mem_zero(late->n + 1, sizeof(*late->did_change));
		sk_alike_make(&late->alike, late->rows, late->n, list->listed, list->n,
		    sk_match_is_unowned, list);
		keep_groups(late);
		result = settle_all(late, err);
		sk_alike_fini(&late->alike);
	}
	free(late->did_change);
	sk_writebacks_free(late->rows, late->n);
	return result;
}

int
sk_settle_late(const struct sk_check *check, struct sk_listing *list, struct sk_error *err)
{
	struct late late = {.check = check, .list = list};

	return settle_late(&late, err);
}

int
sk_settle_late_own(const struct sk_check *check, struct sk_listing *list, struct sk_error *err)
{
	struct late late = {.check = check, .list = list, .only_own = true};

	return settle_late(&late, err);
}
