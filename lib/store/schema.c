/* SPDX-License-Identifier: MIT */
/*
 * store: whose a file is, and of which version; check of the file. A file that isn't ours, or is newer than this
 * program, is refused (78) and left as it is.
 */
#include "store/statements.h"

#include <stdbool.h>
#include <string.h>

#include "store/migrations.h"

/*
 * Reads all three in one read transaction: another process may be creating the file at this moment.
 */
static int
read_marks(sqlite3 *db, int64_t *application, int64_t *version, int64_t *objects, const char *path,
    struct sk_error *err)
{
	int is_mine = sqlite3_get_autocommit(db), code;

	if (is_mine && sk_sql_run(db, "BEGIN", path, err) != 0)
		return -1;
	if ((code = sk_sql_number(db, "PRAGMA application_id", application)) != SQLITE_OK ||
	    (code = sk_sql_number(db, "PRAGMA user_version", version)) != SQLITE_OK ||
	    (code = sk_sql_number(db, "SELECT count(*) FROM sqlite_schema", objects)) != SQLITE_OK)
		sk_sql_error(db, code, path, err);
	if (is_mine && sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return code == SQLITE_OK ? 0 : -1;
}

int
sk_schema_look(sqlite3 *db, const char *path, struct sk_error *err)
{
	int64_t application = 0, version = 0, objects = 0;

	if (read_marks(db, &application, &version, &objects, path, err) != 0)
		return -1;
	if (application == 0 && version == 0 && objects == 0)
		return 0;
	if (application != SK_SCHEMA_APPLICATION || version < 1)
		return sk_error_set(err, SK_EXIT_CONFIG,
		    "%s is not a sikka database: it is another program's; name the right file with "
		    "--db",
		    path);
	if (version > SK_SCHEMA_NEWEST)
		return sk_error_set(err, SK_EXIT_CONFIG,
		    "%s was written by a newer sikka (its version is %lld, this one knows %d): "
		    "install "
		    "that one again, or go back as sikka-runbook(7) says under UPGRADING",
		    path, (long long)version, SK_SCHEMA_NEWEST);
	return version == SK_SCHEMA_NEWEST ? 1 : 2;
}

/* SQLite's words for the first fault may begin with a line that only says in which database it is. */
static const char *
fault_of(const char *said)
{
	const char *end = strncmp(said, "***", 3) == 0 ? strchr(said, '\n') : NULL;

	return end != NULL ? end + 1 : said;
}

/* Runs a PRAGMA that reports faults: 0 none, -1 with the first one. */
static int
complaint(sqlite3 *db, const char *sql, int foreign, const char *path, struct sk_error *err)
{
	sqlite3_stmt *statement = NULL;
	const char *said;
	int result = 0;
	int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	if (code == SQLITE_ROW) {
		said = (const char *)sqlite3_column_text(statement, 0);
		if (foreign)
			result = sk_sql_damaged(path, "a row refers to one that isn't there", err);
		else if (said == NULL || strcmp(said, "ok") != 0)
			result = sk_sql_damaged(path, said != NULL ? fault_of(said) : NULL, err);
	} else if (code != SQLITE_DONE) {
		result = sk_sql_error(db, code, path, err);
	}
	sqlite3_finalize(statement);
	return result;
}

int
sk_schema_check(sqlite3 *db, const char *path, struct sk_error *err)
{
	if (complaint(db, "PRAGMA integrity_check(1)", 0, path, err) != 0)
		return -1;
	return complaint(db, "PRAGMA foreign_key_check", 1, path, err);
}

int
sk_store_check(struct sk_store *store, struct sk_error *err)
{
	return store == NULL ? 0 : sk_schema_check(store->db, store->path, err);
}
