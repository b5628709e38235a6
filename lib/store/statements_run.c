/* SPDX-License-Identifier: MIT */
/*
 * store: the one way to prepare, bind, step and read. A query that has failed does nothing more and
 * keeps its first error until it is closed.
 */
#include "store/statements.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/mem.h"
#include "base/place.h"
#include "base/time.h"
#include "store/migrations.h"

void
sk_sql_finalize(struct sk_store *store)
{
	for (int i = 0; i < SK_SQL_COUNT; i++) {
		sqlite3_finalize(store->statements[i]);
		store->statements[i] = NULL;
	}
	for (int i = 0; i < SK_SQL_PUTS; i++)
		sqlite3_finalize(store->puts[i].statement);
	memset(store->puts, 0, sizeof(store->puts));
}

#define RESTORE                                                                       \
	"restore the last copy that sikka-sweep --backup made, then run sikka-sweep " \
	"--after-restore"

/* The file, its journal or its folder can't be opened: the system knows why, where SQLite has asked it. */
static int
fail_to_open(sqlite3 *db, const char *path, struct sk_error *err)
{
	int error = db != NULL ? sqlite3_system_errno(db) : 0;
	char hint[SK_PLACE_HINT], *journal = sk_mem_printf("%s-journal", path);

	if (*sk_place_hint(path, error, hint) == '\0')
		sk_place_hint(journal, error, hint);
	free(journal);
	if (sk_place_is_short(error))
		return sk_error_set(err, SK_EXIT_NO_RESOURCE,
		    "%s or its journal can't be opened: %s%s", path, strerror(error), hint);
	return sk_error_set(err, SK_EXIT_CANT_WRITE,
	    "%s or its journal can't be opened%s%s%s; check the permissions of both and of the "
	    "folder",
	    path, error != 0 ? ": " : "", error != 0 ? strerror(error) : "", hint);
}

static int
fail_to_write(sqlite3 *db, int code, const char *path, struct sk_error *err)
{
	int error = db != NULL ? sqlite3_system_errno(db) : 0;

	if (error == ENOSPC || error == EDQUOT)
		return sk_error_set(err, SK_EXIT_CANT_WRITE,
		    "%s: the disk is full (%s); make room and try again", path, strerror(error));
	return sk_error_set(err, SK_EXIT_CANT_WRITE,
	    "%s: reading or writing failed (%s%sSQLite %d); check the disk", path,
	    error != 0 ? strerror(error) : "", error != 0 ? ", " : "", code);
}

int
sk_sql_damaged(const char *path, const char *how, struct sk_error *err)
{
	return sk_error_set(err, SK_EXIT_CANT_WRITE, "%s is damaged%s%s%s: " RESTORE, path,
	    how != NULL ? " (" : "", how != NULL ? how : "", how != NULL ? ")" : "");
}

int
sk_sql_error(sqlite3 *db, int code, const char *path, struct sk_error *err)
{
	char hint[SK_PLACE_HINT];

	if (code == SQLITE_IOERR_NOMEM)
		return sk_error_set(err, SK_EXIT_NO_RESOURCE, "out of memory");
	if (code == SQLITE_READONLY_DBMOVED)
		return sk_error_set(err, SK_EXIT_CANT_WRITE,
		    "%s was moved or replaced while it was open, so nothing more is written to it: "
		    "run the command again, and never move a state file that is in use",
		    path);
	if (code == SQLITE_READONLY_DIRECTORY)
		return sk_error_set(err, SK_EXIT_CANT_WRITE,
		    "%s: its folder can't be written; the state file needs a journal beside it: "
		    "chmod u+w the folder",
		    path);
	if (code == SQLITE_READONLY_ROLLBACK || code == SQLITE_READONLY_RECOVERY)
		return sk_error_set(err, SK_EXIT_CANT_WRITE,
		    "%s: a write was interrupted and has to be rolled back first, which needs "
		    "write permission: run sikka-status as its owner",
		    path);
	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return sk_error_set(err, SK_EXIT_TRY_LATER,
		    "the state file is busy: %s; nothing was changed, try again", path);
	case SQLITE_FULL:
		return sk_error_set(err, SK_EXIT_CANT_WRITE,
		    "%s: the disk is full; make room and try again", path);
	case SQLITE_IOERR:
		return fail_to_write(db, code, path, err);
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return sk_error_set(err, SK_EXIT_CANT_WRITE,
		    "%s can't be written: chmod u+w it and its folder%s", path,
		    sk_place_hint(path, EACCES, hint));
	case SQLITE_CANTOPEN:
		return fail_to_open(db, path, err);
	case SQLITE_NOMEM:
		return sk_error_set(err, SK_EXIT_NO_RESOURCE, "out of memory");
	case SQLITE_CORRUPT:
		return sk_sql_damaged(path, NULL, err);
	case SQLITE_NOTADB:
		return sk_error_set(err, SK_EXIT_CONFIG,
		    "%s is not a sikka database: it is another file, or its beginning was "
		    "overwritten; name the right one with --db, or " RESTORE,
		    path);
	default:
		return sk_error_set(err, SK_EXIT_BUG, "%s: %s (SQLite %d)", path,
		    db != NULL ? sqlite3_errmsg(db) : sqlite3_errstr(code), code);
	}
}

int
sk_sql_number(sqlite3 *db, const char *sql, int64_t *value)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);

	if (code == SQLITE_OK) {
		code = sqlite3_step(statement);
		if (code == SQLITE_ROW) {
			*value = sqlite3_column_int64(statement, 0);
			code = SQLITE_OK;
		} else if (code == SQLITE_DONE) {
			*value = 0;
			code = SQLITE_OK;
		}
	}
	sqlite3_finalize(statement);
	return code;
}

int
sk_sql_run(sqlite3 *db, const char *sql, const char *path, struct sk_error *err)
{
	int code = sqlite3_exec(db, sql, NULL, NULL, NULL);

	return code == SQLITE_OK ? 0 : sk_sql_error(db, code, path, err);
}

int
sk_sql_still(struct sk_store *store, struct sk_error *err)
{
	int64_t version = 0;
	int code;

	/* The connection is lost: as in sk_query_open. */
	if (store->db == NULL)
		return sk_sql_error(NULL, SQLITE_IOERR, store->path, err);
	code = sk_sql_number(store->db, "PRAGMA user_version", &version);
	if (code != SQLITE_OK)
		return sk_sql_error(store->db, code, store->path, err);
	if (version == SK_SCHEMA_NEWEST)
		return 0;
	store->is_changed = true;
	return sk_error_set(err, SK_EXIT_TRY_LATER,
	    "%s was converted by another version of sikka while this command had it open (its "
	    "version is %lld now, this command knows %d): nothing more is written to it; run the "
	    "command again",
	    store->path, (long long)version, SK_SCHEMA_NEWEST);
}

static void
fail(struct sk_query *query, int code)
{
	if (query->failed)
		return;
	query->failed = 1;
	query->code = code;
}

void
sk_query_open_slot(struct sk_query *query, struct sk_store *store, sqlite3_stmt **slot,
    const char *text, struct sk_error *err)
{
	int code;

	memset(query, 0, sizeof(*query));
	query->store = store;
	query->err = err;
	if (store == NULL)
		return;
	if (store->db == NULL) {
		fail(query, SQLITE_IOERR);
		return;
	}
	if (*slot == NULL) {
		code =
		    sqlite3_prepare_v3(store->db, text, -1, SQLITE_PREPARE_PERSISTENT, slot, NULL);
		if (code != SQLITE_OK) {
			fail(query, code);
			return;
		}
	}
	query->statement = *slot;
}

void
sk_query_open(struct sk_query *query, struct sk_store *store, enum sk_sql which,
    struct sk_error *err)
{
	sqlite3_stmt *none = NULL;

	sk_query_open_slot(query, store, store != NULL ? &store->statements[which] : &none,
	    sk_sql_text(which), err);
}

void
sk_query_write(struct sk_query *query, struct sk_store *store, enum sk_sql which,
    struct sk_error *err)
{
	/*
	 * SQLite itself ends a transaction after some errors. The statements that follow must fail
	 * then, and not be committed one by one.
	 */
	if (store == NULL || !store->in_transaction ||
	    (store->db != NULL && sqlite3_get_autocommit(store->db))) {
		memset(query, 0, sizeof(*query));
		query->store = store;
		query->err = err;
		fail(query, SQLITE_MISUSE);
		sk_error_set(err, SK_EXIT_BUG, "a write without an open transaction");
		return;
	}
	sk_query_open(query, store, which, err);
}

static void
bound(struct sk_query *query, int code)
{
	if (code != SQLITE_OK)
		fail(query, code);
}

void
sk_query_text(struct sk_query *query, int slot, const char *text)
{
	if (query->statement == NULL || query->failed)
		return;
	bound(query,
	    text != NULL ? sqlite3_bind_text64(query->statement, slot, text, strlen(text),
			       SQLITE_STATIC, SQLITE_UTF8)
			 : sqlite3_bind_null(query->statement, slot));
}

void
sk_query_number(struct sk_query *query, int slot, int64_t value)
{
	if (query->statement == NULL || query->failed)
		return;
	bound(query, sqlite3_bind_int64(query->statement, slot, value));
}

void
sk_query_number_or_null(struct sk_query *query, int slot, int64_t value)
{
	if (value != 0)
		sk_query_number(query, slot, value);
	else
		sk_query_text(query, slot, NULL);
}

void
sk_query_time(struct sk_query *query, int slot, int64_t moment)
{
	char text[SK_TIME_TEXT];

	if (query->statement == NULL || query->failed)
		return;
	if (moment == 0) {
		bound(query, sqlite3_bind_null(query->statement, slot));
		return;
	}
	bound(query,
	    sqlite3_bind_text(query->statement, slot, sk_time_format(moment, text), -1,
		SQLITE_TRANSIENT));
}

bool
sk_query_step(struct sk_query *query)
{
	int code;

	if (query->statement == NULL || query->failed)
		return false;
	code = sqlite3_step(query->statement);
	if (code == SQLITE_ROW)
		return true;
	if (code != SQLITE_DONE)
		fail(query, code);
	return false;
}

const char *
sk_query_column_look(struct sk_query *query, int column)
{
	const unsigned char *text;

	if (query->failed || sqlite3_column_type(query->statement, column) == SQLITE_NULL)
		return NULL;
	text = sqlite3_column_text(query->statement, column);
	if (text == NULL)
		fail(query, SQLITE_NOMEM);
	return (const char *)text;
}

char *
sk_query_column_text(struct sk_query *query, int column)
{
	return sk_mem_copy(sk_query_column_look(query, column));
}

int64_t
sk_query_column_number(struct sk_query *query, int column)
{
	return query->failed ? 0 : sqlite3_column_int64(query->statement, column);
}

int64_t
sk_query_column_time(struct sk_query *query, int column)
{
	const char *text = sk_query_column_look(query, column);
	int64_t moment = 0;

	if (text == NULL)
		return 0;
	if (sk_time_parse(text, &moment) != 0) {
		/*
		 * Only a person in the sqlite3 shell can have written this; reading it as 0 would
		 * mean "never".
		 */
		sk_error_set(query->err, SK_EXIT_CONFIG,
		    "%s: column %s contains '%.40s', which isn't a time like "
		    "2026-02-07T15:30:00.000Z",
		    query->store->path, sqlite3_column_name(query->statement, column), text);
		fail(query, SQLITE_MISMATCH);
		return 0;
	}
	return moment;
}

/* A table or column that isn't there any more was there: the file was converted meanwhile. */
static void
tell_failure(struct sk_query *query)
{
	struct sk_store *store = query->store;
	struct sk_error failed = {0};

	/* First the text: SQLite forgets it when the next statement runs. */
	sk_sql_error(store != NULL ? store->db : NULL, query->code,
	    store != NULL ? store->path : "the state file", &failed);
	if (store != NULL && store->db != NULL && query->code == SQLITE_ERROR &&
	    sk_sql_still(store, query->err) != 0)
		return;
	if (query->err != NULL && query->err->code == 0)
		*query->err = failed;
}

int
sk_query_close(struct sk_query *query)
{
	if (query->failed)
		tell_failure(query);
	if (query->statement != NULL) {
		sqlite3_reset(query->statement);
		sqlite3_clear_bindings(query->statement);
		query->statement = NULL;
	}
	return query->failed ? -1 : 0;
}

int
sk_query_run(struct sk_query *query, int64_t *changed)
{
	while (sk_query_step(query))
		;
	if (changed != NULL && query->statement != NULL && !query->failed)
		*changed = sqlite3_changes64(query->store->db);
	return sk_query_close(query);
}

int
sk_query_collect(struct sk_query *query, int64_t **numbers, size_t *n)
{
	int64_t *list = NULL;
	size_t count = 0, room = 0;

	while (sk_query_step(query)) {
		list = sk_mem_grow(list, count + 1, &room, sizeof(*list));
		list[count++] = sk_query_column_number(query, 0);
	}
	if (sk_query_close(query) != 0) {
		free(list);
		return -1;
	}
	*numbers = list;
	*n = count;
	return 0;
}

char *
sk_sql_numbers(const int64_t *numbers, size_t n)
{
	size_t room = 3 + 21 * n, at = 0;
	char *text = sk_mem_alloc(room);

	text[at++] = '[';
	for (size_t i = 0; i < n; i++) {
		int put = snprintf(text + at, room - at, "%s%lld", i > 0 ? "," : "",
		    (long long)numbers[i]);

		if (put > 0)
			at += (size_t)put;
	}
	text[at++] = ']';
	text[at] = '\0';
	return text;
}

char *
sk_sql_texts(const char *const *texts, size_t n)
{
	json_t *list = json_array();
	char *text;

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_string(texts[i]));
	text = sk_json_dump(list);
	json_decref(list);
	return text;
}
