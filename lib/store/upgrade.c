/* SPDX-License-Identifier: MIT */
/*
 * store: how a file is begun, or an older one brought up to date (migrations.c). An older one is copied before;
 * where that fails, or anything after it, the file stays as it is.
 */
#include "store/statements.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/out.h"
#include "base/time.h"
#include "store/content.h"
#include "store/migrations.h"

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
	return sk_sql_run(db, sql, path, err);
}

/* What brings the file from this version to the newest. */
static int
run_migrations(sqlite3 *db, int64_t version, const char *path, struct sk_error *err)
{
	for (const struct sk_migration *next = SK_MIGRATIONS; next->version != 0; next++) {
		if (next->version <= version)
			continue;
		for (const char *const *sql = next->sql; *sql != NULL; sql++)
			if (sk_sql_run(db, *sql, path, err) != 0)
				return -1;
	}
	_Static_assert(SK_SCHEMA_APPLICATION == 1397443393 && SK_SCHEMA_NEWEST == 6,
	    "the text below says so");
	if (sk_sql_run(db, "PRAGMA application_id = 1397443393", path, err) != 0)
		return -1;
	return sk_sql_run(db, "PRAGMA user_version = 6", path, err);
}

/* In a transaction. *kept, the caller's: where the copy of an older file is; NULL: none was needed. */
static int
migrate(struct sk_store *store, int64_t pair, int64_t *version, char **kept, struct sk_error *err)
{
	int state, code;

	/* Another process may have migrated the file since it was first looked at. */
	state = sk_schema_look(store->db, store->path, err);
	if (state < 0)
		return -1;
	if (state == 1)
		return sk_sql_run(store->db, "ROLLBACK", store->path, err);
	code = sk_sql_number(store->db, "PRAGMA user_version", version);
	if (code != SQLITE_OK)
		return sk_sql_error(store->db, code, store->path, err);
	if (state == 2 && !store->is_copied &&
	    sk_store_keep_version(store, *version, kept, err) != 0)
		return sk_error_context(err,
		    "the state file stays as it is, of version %lld, since it can't be copied "
		    "before "
		    "it is converted",
		    (long long)*version);
	if (run_migrations(store->db, *version, store->path, err) != 0)
		return -1;
	if (state == 0 && write_pair(store->db, pair, store->path, err) != 0)
		return -1;
	return sk_sql_run(store->db, "COMMIT", store->path, err);
}

/*
 * After the transaction has failed: else each further try would leave one more. A COMMIT that failed may have
 * converted the file nonetheless; then the copy stays.
 */
static void
drop_copy(sqlite3 *db, int64_t version, const char *kept)
{
	int64_t now = 0;

	if (kept != NULL && sk_sql_number(db, "PRAGMA user_version", &now) == SQLITE_OK &&
	    now == version)
		unlink(kept);
}

int
sk_store_upgrade(struct sk_store *store, int64_t pair, struct sk_error *err)
{
	int64_t version = 0;
	char *kept = NULL;
	int result;

	if (add_functions(store->db, store->path, err) != 0 ||
	    sk_sql_run(store->db, "BEGIN IMMEDIATE", store->path, err) != 0)
		return -1;
	/* One of the migrations changes the text of a table. */
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
	result = migrate(store, pair, &version, &kept, err);
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	if (result != 0) {
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
		drop_copy(store->db, version, kept);
	} else if (kept != NULL) {
		sk_out_tell(
		    "converted the state file %s from version %lld to %d; a copy of it as it "
		    "was is kept in %s",
		    store->path, (long long)version, SK_SCHEMA_NEWEST, kept);
	}
	free(kept);
	return result;
}
