/* SPDX-License-Identifier: MIT */
/*
 * store: the journal's rows (table pms_writebacks), read and written whole. An update names the
 * state and the attempts that it was decided on, and changes nothing when the row has changed
 * since.
 */
#include "store/writebacks.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/text.h"
#include "base/time.h"
#include "store/ends.h"
#include "store/statements.h"

static const char *const states[SK_STATES] = {
    "",
    "queued",
    "submitting",
    "pending",
    "unknown",
    "completed",
    "failed",
    "withdrawn",
};

const char *
sk_state_name(enum sk_state state)
{
	return state > SK_NONE && state < SK_STATES ? states[state] : "";
}

enum sk_state
sk_state_find(const char *name)
{
	for (int i = SK_QUEUED; i < SK_STATES; i++)
		if (name != NULL && strcmp(name, states[i]) == 0)
			return (enum sk_state)i;
	return SK_NONE;
}

enum kind { TEXT, PATIENT, INTEGER, NUMBER, TIME, STATE };

static const struct column {
	enum kind kind;
	size_t offset;
	const char *name;
} columns[] = {
#define COLUMN(name, kind) {kind, offsetof(struct sk_writeback, name), #name},
    SK_WRITEBACK_COLUMNS(COLUMN, COLUMN)
#undef COLUMN
};
#define N_COLUMNS (sizeof(columns) / sizeof(columns[0]))
#define ALL_COLUMNS (UINT64_MAX >> (64 - N_COLUMNS))

_Static_assert(N_COLUMNS <= 64, "a set of columns is a number of 64 bits");

void
sk_writeback_fini(struct sk_writeback *row)
{
	for (size_t i = 0; i < N_COLUMNS; i++) {
		void *member = (char *)row + columns[i].offset;

		if (columns[i].kind == TEXT)
			free(*(char **)member);
		else if (columns[i].kind == PATIENT)
			sk_secret_free(*(char **)member);
	}
	memset(row, 0, sizeof(*row));
}

json_t *
sk_writeback_body(const struct sk_writeback *row)
{
	if (row->request_body == NULL)
		return NULL;
	return sk_json_parse(row->request_body, strlen(row->request_body), NULL);
}

void
sk_writebacks_free(struct sk_writeback *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sk_writeback_fini(&rows[i]);
	free(rows);
}

size_t
sk_writebacks_partition(struct sk_writeback *rows, size_t n, sk_writeback_is *is_wanted,
    const void *arg)
{
	size_t wanted = 0;

	for (size_t i = 0; i < n; i++) {
		struct sk_writeback row = rows[i];

		/* those before i were swapped, so that row i is still the one that was there */
		if (!is_wanted(&row, i, arg))
			continue;
		rows[i] = rows[wanted];
		rows[wanted++] = row;
	}
	return wanted;
}

void
sk_writeback_copy(struct sk_writeback *copy, const struct sk_writeback *row)
{
	*copy = *row;
	for (size_t i = 0; i < N_COLUMNS; i++) {
		char **member = (char **)(void *)((char *)copy + columns[i].offset);

		if (columns[i].kind == TEXT || columns[i].kind == PATIENT)
			*member = sk_mem_copy(*member);
	}
}

void
sk_writeback_read(struct sk_query *query, struct sk_writeback *row)
{
	memset(row, 0, sizeof(*row));
	row->id = sk_query_column_number(query, 0);
	for (size_t i = 0; i < N_COLUMNS; i++) {
		void *member = (char *)row + columns[i].offset;
		int at = (int)i + 1;

		switch (columns[i].kind) {
		case TEXT:
		case PATIENT:
			*(char **)member = sk_query_column_text(query, at);
			break;
		case INTEGER:
			*(int *)member = (int)sk_query_column_number(query, at);
			break;
		case NUMBER:
			*(int64_t *)member = sk_query_column_number(query, at);
			break;
		case TIME:
			*(int64_t *)member = sk_query_column_time(query, at);
			break;
		case STATE:
			*(enum sk_state *)member = sk_state_find(sk_query_column_look(query, at));
			break;
		}
	}
}

/* A member that is none of what the column holds. */
static int
set_from_json(void *member, enum kind kind, const json_t *value)
{
	const char *text = json_string_value(value);

	switch (kind) {
	case TEXT:
	case PATIENT:
		*(char **)member = sk_mem_copy(text);
		return text == NULL && !json_is_null(value) ? -1 : 0;
	case INTEGER:
		*(int *)member = (int)json_integer_value(value);
		return json_is_integer(value) ? 0 : -1;
	case NUMBER:
		*(int64_t *)member = json_integer_value(value);
		return json_is_integer(value) || json_is_null(value) ? 0 : -1;
	case TIME:
		if (json_is_null(value))
			return 0;
		return text != NULL ? sk_time_parse(text, (int64_t *)member) : -1;
	case STATE:
		*(enum sk_state *)member = sk_state_find(text);
		return *(enum sk_state *)member != SK_NONE ? 0 : -1;
	}
	return -1;
}

int
sk_writeback_from_json(struct sk_writeback *row, const json_t *object)
{
	int result = 0;

	memset(row, 0, sizeof(*row));
	for (size_t i = 0; i < N_COLUMNS; i++) {
		const json_t *value = json_object_get(object, columns[i].name);

		if (value == NULL ||
		    set_from_json((char *)row + columns[i].offset, columns[i].kind, value) != 0)
			result = -1;
	}
	return result;
}

static void
bind_column(struct sk_query *query, int slot, const struct column *column,
    const struct sk_writeback *row)
{
	const void *member = (const char *)row + column->offset;

	switch (column->kind) {
	case TEXT:
	case PATIENT:
		sk_query_text(query, slot, *(char *const *)member);
		break;
	case INTEGER:
		sk_query_number(query, slot, *(const int *)member);
		break;
	case NUMBER:
		sk_query_number_or_null(query, slot, *(const int64_t *)member);
		break;
	case TIME:
		sk_query_time(query, slot, *(const int64_t *)member);
		break;
	case STATE:
		sk_query_text(query, slot, sk_state_name(*(const enum sk_state *)member));
		break;
	}
}

/* Binds the columns of the set to the slots from 1 on. Returns the next slot. */
static int
bind_row(struct sk_query *query, uint64_t set, const struct sk_writeback *row)
{
	int slot = 1;

	for (size_t i = 0; i < N_COLUMNS; i++)
		if (set & UINT64_C(1) << i)
			bind_column(query, slot++, &columns[i], row);
	return slot;
}

static bool
is_equal(const struct column *column, const struct sk_writeback *a, const struct sk_writeback *b)
{
	const void *one = (const char *)a + column->offset;
	const void *other = (const char *)b + column->offset;

	switch (column->kind) {
	case TEXT:
	case PATIENT:
		return sk_text_equal(*(char *const *)one, *(char *const *)other);
	case INTEGER:
		return *(const int *)one == *(const int *)other;
	case NUMBER:
	case TIME:
		return *(const int64_t *)one == *(const int64_t *)other;
	case STATE:
		return *(const enum sk_state *)one == *(const enum sk_state *)other;
	}
	return false;
}

/* The columns in which two rows differ, as a set: a bit for each, in the order of the list. */
static uint64_t
changes(const struct sk_writeback *a, const struct sk_writeback *b)
{
	uint64_t set = 0;

	for (size_t i = 0; i < N_COLUMNS; i++)
		if (!is_equal(&columns[i], a, b))
			set |= UINT64_C(1) << i;
	return set;
}

/* Whether the violated constraint means that another row holds the key; if not, err is set. */
static bool
refusal(const struct sk_query *query, const struct sk_writeback *row, enum sk_state was,
    struct sk_error *err)
{
	const char *text = sqlite3_errmsg(query->store->db);

	if (query->code == SQLITE_CONSTRAINT_UNIQUE) {
		if (strstr(text, "pms_writebacks.key") != NULL ||
		    strstr(text, "pms_writebacks_content") != NULL)
			return true;
		if (strstr(text, "pms_writebacks.writeback_id") != NULL)
			sk_error_set(err, SK_EXIT_PROTOCOL,
			    "the server gave id %s twice: writeback %lld isn't the only one",
			    row->writeback_id, (long long)row->id);
	} else if (query->code == SQLITE_CONSTRAINT_TRIGGER) {
		sk_error_set(err, SK_EXIT_BUG, "writeback %lld: no transition from %s to %s (%s)",
		    (long long)row->id, was == SK_NONE ? "nothing" : sk_state_name(was),
		    sk_state_name(row->result), text);
	} else if ((query->code & 0xff) == SQLITE_CONSTRAINT) {
		sk_error_set(err, SK_EXIT_BUG, "writeback %lld as %s: %s", (long long)row->id,
		    sk_state_name(row->result), text);
	}
	return false;
}

/* Reads a row number into *id: 1 found, 0 none, -1 error. */
static int
find_number(struct sk_store *store, enum sk_sql which, const char *text, int64_t *id,
    struct sk_error *err)
{
	struct sk_query query;
	int64_t number = 0;
	int found;

	if (text == NULL)
		return 0;
	sk_query_open(&query, store, which, err);
	sk_query_text(&query, 1, text);
	found = sk_query_step(&query);
	if (found)
		number = sk_query_column_number(&query, 0);
	if (sk_query_close(&query) != 0)
		return -1;
	if (found)
		*id = number;
	return found;
}

/* Which other row holds the row's key: 1 and *holder, 0 none, -1 error. */
static int
find_holder(struct sk_store *store, const struct sk_writeback *row, int64_t *holder,
    struct sk_error *err)
{
	int found = 0;

	if (row->holds_key)
		found = find_number(store, SK_SQL_KEY_HOLDER, row->key, holder, err);
	if (found != 0 || row->holds_content != SK_CONTENT_ALONE)
		return found;
	return find_number(store, SK_SQL_CONTENT_ALONE, row->content_key, holder, err);
}

int
sk_store_writeback_insert(struct sk_store *store, struct sk_writeback *row, int64_t *holder,
    struct sk_error *err)
{
	struct sk_query query;
	int found;

	if (!sk_store_in_transaction(store))
		return sk_error_set(err, SK_EXIT_BUG, "a write without an open transaction");
	found = find_holder(store, row, holder, err);
	if (found != 0)
		return found < 0 ? -1 : 0;
	if (row->result == SK_NONE)
		row->result = SK_QUEUED;
	sk_query_write(&query, store, SK_SQL_WRITEBACK_INSERT, err);
	bind_row(&query, ALL_COLUMNS, row);
	sk_query_step(&query);
	if (query.failed)
		refusal(&query, row, SK_NONE, err);
	if (sk_query_close(&query) != 0)
		return -1;
	row->id = sqlite3_last_insert_rowid(store->db);
	return 1;
}

int
sk_store_writeback_get(struct sk_store *store, int64_t id, struct sk_writeback *row,
    struct sk_error *err)
{
	struct sk_query query;
	struct sk_writeback read = {0};
	int found;

	sk_query_open(&query, store, SK_SQL_WRITEBACK_GET, err);
	sk_query_number(&query, 1, id);
	found = sk_query_step(&query);
	if (found)
		sk_writeback_read(&query, &read);
	if (sk_query_close(&query) != 0) {
		sk_writeback_fini(&read);
		return -1;
	}
	if (found)
		*row = read;
	return found;
}

int
sk_store_writeback_outline(struct sk_store *store, int64_t id, struct sk_writeback *row,
    struct sk_error *err)
{
	struct sk_query query;
	struct sk_writeback read = {.id = id};
	int found;

	sk_query_open(&query, store, SK_SQL_WRITEBACK_OUTLINE, err);
	sk_query_number(&query, 1, id);
	found = sk_query_step(&query);
	if (found) {
		read.office_id = sk_query_column_text(&query, 0);
		read.method = sk_query_column_text(&query, 1);
		read.endpoint = sk_query_column_text(&query, 2);
		read.submitted_at = sk_query_column_time(&query, 3);
		read.resolved_at = sk_query_column_time(&query, 4);
		read.unclaimed = sk_query_column_number(&query, 5) != 0;
	}
	if (sk_query_close(&query) != 0) {
		sk_writeback_fini(&read);
		return -1;
	}
	if (found)
		*row = read;
	return found;
}

int
sk_store_writeback_owner(struct sk_store *store, const char *writeback_id, int64_t *id,
    struct sk_error *err)
{
	int found = find_number(store, SK_SQL_WRITEBACK_OWNER, writeback_id, id, err);

	if (found != 0)
		return found;
	return find_number(store, SK_SQL_WRITEBACK_OWNER_DOUBLED, writeback_id, id, err);
}

/*
 * Writes the columns of the set only. SQLite would write anew every index over a column that is set, also to
 * the value that it has: in a journal of a dozen indexes that is most of the work.
 */
static int
put_columns(struct sk_store *store, uint64_t set, const struct sk_writeback *row,
    const struct sk_writeback *before, int *key_taken, struct sk_error *err)
{
	struct sk_query query;
	int64_t changed = 0;
	int slot;

	sk_query_put(&query, store, set, err);
	slot = bind_row(&query, set, row);
	sk_query_number(&query, slot, row->id);
	sk_query_text(&query, slot + 1, sk_state_name(before->result));
	sk_query_number(&query, slot + 2, before->attempts);
	sk_query_step(&query);
	if (query.failed && query.statement != NULL && refusal(&query, row, before->result, err)) {
		/* Only this statement has failed: the transaction stays open and usable. */
		query.failed = 0;
		if (key_taken != NULL)
			*key_taken = 1;
		return sk_query_close(&query);
	}
	if (!query.failed)
		changed = sqlite3_changes64(store->db);
	if (sk_query_close(&query) != 0)
		return -1;
	return changed == 1;
}

int
sk_store_writeback_change(struct sk_store *store, const struct sk_writeback *before,
    const struct sk_writeback *row, int *key_taken, struct sk_error *err)
{
	struct sk_end_change change = {.id = row->id, .was = before->result, .now = row->result};
	uint64_t set = changes(before, row);
	int written;

	if (key_taken != NULL)
		*key_taken = 0;
	if (!sk_store_in_transaction(store))
		return sk_error_set(err, SK_EXIT_BUG, "a write without an open transaction");
	if (sk_ends_before(store, &change, err) != 0)
		return -1;
	written = set != 0 ? put_columns(store, set, row, before, key_taken, err) : 1;
	if (written < 0 || sk_ends_after(store, &change, written == 1, err) != 0)
		return -1;
	return written;
}

int
sk_store_writeback_put(struct sk_store *store, const struct sk_writeback *row, enum sk_state was,
    int were, int *key_taken, struct sk_error *err)
{
	struct sk_writeback before = {0};
	int result;

	if (key_taken != NULL)
		*key_taken = 0;
	if (!sk_store_in_transaction(store))
		return sk_error_set(err, SK_EXIT_BUG, "a write without an open transaction");
	result = sk_store_writeback_get(store, row->id, &before, err);
	if (result == 1 && (before.result != was || before.attempts != were))
		result = 0;
	if (result == 1)
		result = sk_store_writeback_change(store, &before, row, key_taken, err);
	sk_writeback_fini(&before);
	return result;
}

static int
claim_found(struct sk_store *store, const struct sk_claim *claim, int64_t **claimed,
    size_t *n_claimed, struct sk_error *err)
{
	char *among = claim->n > 0 ? sk_sql_numbers(claim->ids, claim->n) : NULL;
	struct sk_query query;
	int64_t *found = NULL;
	size_t n = 0;
	int result;

	sk_query_open(&query, store, among != NULL ? SK_SQL_CLAIM_FIND_AMONG : SK_SQL_CLAIM_FIND,
	    err);
	sk_query_time(&query, 1, claim->checked_before);
	sk_query_number(&query, 2, claim->most > INT64_MAX ? INT64_MAX : (int64_t)claim->most);
	if (among != NULL)
		sk_query_text(&query, 3, among);
	result = sk_query_collect(&query, &found, &n);
	free(among);
	if (result != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		sk_query_write(&query, store, SK_SQL_CLAIM, err);
		sk_query_number(&query, 1, found[i]);
		sk_query_time(&query, 2, claim->now);
		if (sk_query_run(&query, NULL) != 0) {
			free(found);
			return -1;
		}
	}
	*claimed = found;
	*n_claimed = n;
	return 0;
}

int
sk_store_writebacks_claim(struct sk_store *store, const struct sk_claim *claim, int64_t **claimed,
    size_t *n_claimed, struct sk_error *err)
{
	int64_t *found = NULL;
	size_t n_found = 0;
	int result = -1;

	if (store == NULL) {
		*claimed = NULL;
		*n_claimed = 0;
		return 0;
	}
	if (sk_store_begin(store, err) != 0)
		return -1;
	if (claim_found(store, claim, &found, &n_found, err) != 0) {
		sk_store_rollback(store);
	} else if (sk_store_commit(store, err) != 0) {
		free(found);
	} else {
		*claimed = found;
		*n_claimed = n_found;
		result = 0;
	}
	return result;
}

int
sk_store_writebacks_free_keys(struct sk_store *store, const char *content_key,
    int64_t completed_before, struct sk_error *err)
{
	struct sk_query query;
	int64_t one;
	int held = find_number(store, SK_SQL_KEYS_HELD, content_key, &one, err);

	/* Mostly there is none, and to find that out by the update costs ten times as much. */
	if (held <= 0)
		return held;
	sk_query_write(&query, store, SK_SQL_KEYS_FREE, err);
	sk_query_text(&query, 1, content_key);
	sk_query_time(&query, 2, completed_before);
	return sk_query_run(&query, NULL);
}

int
sk_store_writebacks_skip_to(struct sk_store *store, int64_t id, struct sk_error *err)
{
	const enum sk_sql both[] = {SK_SQL_SKIP_TO, SK_SQL_SKIP_FIRST};

	for (size_t i = 0; i < 2; i++) {
		struct sk_query query;

		sk_query_write(&query, store, both[i], err);
		sk_query_number(&query, 1, id);
		if (sk_query_run(&query, NULL) != 0)
			return -1;
	}
	return 0;
}
