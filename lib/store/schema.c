/* SPDX-License-Identifier: MIT */
/*
 * store: how a file is begun, or an older one brought up to date (migrations.c); check of the file. A file
 * that isn't ours, or is newer than this program, is refused (78) and left as it is.
 */
#include "store/statements.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/place.h"
#include "base/time.h"
#include "store/content.h"
#include "store/migrations.h"

#define APPLICATION_ID 0x534b4b41 /* "SKKA" */

static int
number(sqlite3 *db, const char *sql, int64_t *value)
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

static int
run(sqlite3 *db, const char *sql, const char *path, struct sk_error *err)
{
	int code = sqlite3_exec(db, sql, NULL, NULL, NULL);

	return code == SQLITE_OK ? 0 : sk_sql_error(db, code, path, err);
}

/*
 * Reads all three in one read transaction: another process may be creating the file at this moment.
 */
static int
read_marks(sqlite3 *db, int64_t *application, int64_t *version, int64_t *objects, const char *path,
    struct sk_error *err)
{
	int is_mine = sqlite3_get_autocommit(db), code;

	if (is_mine && run(db, "BEGIN", path, err) != 0)
		return -1;
	if ((code = number(db, "PRAGMA application_id", application)) != SQLITE_OK ||
	    (code = number(db, "PRAGMA user_version", version)) != SQLITE_OK ||
	    (code = number(db, "SELECT count(*) FROM sqlite_schema", objects)) != SQLITE_OK)
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
	if (application != APPLICATION_ID || version < 1)
		return sk_error_set(err, SK_EXIT_CONFIG,
		    "%s is not a sikka database: it is another program's; name the right file with "
		    "--db",
		    path);
	if (version > SK_SCHEMA_NEWEST)
		return sk_error_set(err, SK_EXIT_CONFIG,
		    "%s was written by a newer sikka (its version is %lld, this one knows %d): use "
		    "that version",
		    path, (long long)version, SK_SCHEMA_NEWEST);
	return version == SK_SCHEMA_NEWEST ? 1 : 2;
}

/*
 * sikka_content(office_id, method, endpoint, request_body) and sikka_content_listed(...), for
 * migrations: the digests of rows that have none yet. A body that is no JSON object has none.
 */
static void
content_function(sqlite3_context *context, int n, sqlite3_value **values)
{
	char *(*digest_of)(const char *, const char *, const char *, const json_t *) =
	    sqlite3_user_data(context) != NULL ? sk_content_listed : sk_content_of;
	const char *texts[4] = {NULL, NULL, NULL, NULL};
	json_t *body;
	char *digest = NULL;

	for (int i = 0; i < n; i++)
		texts[i] = (const char *)sqlite3_value_text(values[i]);
	body = texts[3] != NULL ? sk_json_parse(texts[3], strlen(texts[3]), NULL) : json_object();
	if (json_is_object(body))
		digest = digest_of(texts[0], texts[1], texts[2], body);
	json_decref(body);
	if (digest != NULL)
		sqlite3_result_text(context, digest, -1, SQLITE_TRANSIENT);
	free(digest);
}

static int
add_functions(sqlite3 *db, const char *path, struct sk_error *err)
{
	static int listed;
	const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
	int code = sqlite3_create_function_v2(db, "sikka_content", 4, flags, NULL, content_function,
	    NULL, NULL, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_create_function_v2(db, "sikka_content_listed", 4, flags, &listed,
		    content_function, NULL, NULL, NULL);
	return code == SQLITE_OK ? 0 : sk_sql_error(db, code, path, err);
}

/*
 * A new file begins with the pair of the lock file that was written for it, and with a hold: it may stand
 * for a file that is lost.
 */
static int
write_pair(sqlite3 *db, int64_t pair, const char *path, struct sk_error *err)
{
	char sql[200], now[SK_TIME_TEXT];

	snprintf(sql, sizeof(sql),
	    "INSERT INTO twin VALUES (1, %lld, 0, 0); "
	    "INSERT INTO holds (why, since, after_list, lists_wanted) VALUES ('begun', '%s', 0, 1)",
	    (long long)pair, sk_time_format(sk_time_now(), now));
	return run(db, sql, path, err);
}

static int
migrate(sqlite3 *db, int64_t pair, const char *path, struct sk_error *err)
{
	int64_t version = 0;
	int state, code;

	/* Another process may have migrated the file since it was first looked at. */
	state = sk_schema_look(db, path, err);
	if (state < 0)
		return -1;
	if (state == 1)
		return run(db, "ROLLBACK", path, err);
	code = number(db, "PRAGMA user_version", &version);
	if (code != SQLITE_OK)
		return sk_sql_error(db, code, path, err);
	for (const struct sk_migration *next = SK_MIGRATIONS; next->version != 0; next++) {
		if (next->version <= version)
			continue;
		for (const char *const *sql = next->sql; *sql != NULL; sql++)
			if (run(db, *sql, path, err) != 0)
				return -1;
	}
	if (state == 0 && write_pair(db, pair, path, err) != 0)
		return -1;
	_Static_assert(APPLICATION_ID == 1397443393 && SK_SCHEMA_NEWEST == 6,
	    "the text below says so");
	if (run(db, "PRAGMA application_id = 1397443393", path, err) != 0 ||
	    run(db, "PRAGMA user_version = 6", path, err) != 0)
		return -1;
	return run(db, "COMMIT", path, err);
}

int
sk_schema_migrate(sqlite3 *db, int64_t pair, const char *path, struct sk_error *err)
{
	if (add_functions(db, path, err) != 0 || run(db, "BEGIN IMMEDIATE", path, err) != 0)
		return -1;
	if (migrate(db, pair, path, err) == 0)
		return 0;
	sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return -1;
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
