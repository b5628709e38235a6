/* SPDX-License-Identifier: MIT */
/*
 * The state file: opening, transactions, many processes, copies, query plans, what a write costs.
 */
#include "store/store.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/events.h"
#include "store/offices.h"
#include "store/statements.h"
#include "store/writebacks.h"
#include "folder.h"
#include "tap.h"

static char folder[] = "/tmp/unit-store-XXXXXX";

/* A path in the test's folder. A few results are valid at a time. */
static const char *
in(const char *name)
{
	static char names[8][120];
	static int next;
	char *place = names[next++ % 8];

	snprintf(place, sizeof(names[0]), "%s/%s", folder, name);
	return place;
}

static void
put_file(const char *path, const char *content, mode_t mode)
{
	FILE *file = fopen(path, "w");

	if (file == NULL || fputs(content, file) < 0 || fclose(file) != 0 || chmod(path, mode) != 0)
		printf("Bail out! %s\n", path);
}

static void
shell_sql(const char *path, const char *sql)
{
	sqlite3 *db;

	if (sqlite3_open(path, &db) != SQLITE_OK ||
	    sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		printf("# %s\n", sqlite3_errmsg(db));
	sqlite3_close(db);
	chmod(path, 0600);
}

static struct sk_store *
open_or_die(const char *path)
{
	struct sk_error err = {0};
	struct sk_store *store = NULL;

	if (sk_store_create(path, 1, &store, &err) != 0) {
		printf("Bail out! %s\n", err.text);
		exit(1);
	}
	return store;
}

static void
refuses(const char *path, enum sk_store_open how, int code, const char *says)
{
	struct sk_error err = {0};
	struct sk_store *store = NULL;
	int result = how == SK_STORE_WRITE ? sk_store_create(path, 1, &store, &err)
					   : sk_store_open(path, how, &store, &err);

	ok(result == -1 && store == NULL, "refused: %s", says);
	is_int(err.code, code, "with its exit code");
	ok(strstr(err.text, says) != NULL, "and says '%s': %s", says, err.text);
	sk_store_free(store);
}

static void
test_opening(void)
{
	struct sk_error err = {0};
	struct sk_store *store;
	struct stat st;
	const char *path = in("a/b/sikka.db");

	store = open_or_die(path);
	ok(stat(path, &st) == 0 && (st.st_mode & 07777) == 0600, "the file is 0600");
	ok(stat(in("a/b"), &st) == 0 && (st.st_mode & 07777) == 0700, "its folder 0700");
	ok(stat(in("a"), &st) == 0 && (st.st_mode & 07777) == 0700, "the folder's folder 0700");
	ok(stat(in("a/b/sikka.db-journal"), &st) == 0 && (st.st_mode & 07777) == 0600,
	    "the journal 0600");
	is_int(sk_store_check(store, &err), 0, "sound");
	sk_store_free(store);

	is_int(sk_store_open(in("none.db"), SK_STORE_READ, &store, &err), 0, "a missing file");
	ok(store == NULL && access(in("none.db"), F_OK) != 0,
	    "is an empty store, and stays missing");
	put_file(in("empty.db"), "", 0600);
	is_int(sk_store_open(in("empty.db"), SK_STORE_READ, &store, &err), 0, "an empty file");
	ok(store == NULL, "is an empty store");
	sk_store_free(open_or_die(in("empty.db")));
	is_int(sk_store_open(in("empty.db"), SK_STORE_READ, &store, &err), 0, "and becomes ours");
	ok(store != NULL, "by writing");
	is_int(sk_store_begin(store, &err), -1, "a store for reading begins no transaction");
	is_int(err.code, SK_EXIT_BUG, "that is a bug");
	sk_store_free(store);

	chmod(folder, 0700);
	if (chdir(folder) == 0) {
		sk_store_free(open_or_die(":memory:"));
		ok(access(in(":memory:"), F_OK) == 0, ":memory: is a file like others");
	}
}

/* Only who may begin a file does. */
static void
misses(const char *path, const char *says)
{
	struct sk_error err = {0};
	struct sk_store *store = NULL;

	is_int(sk_store_open(path, SK_STORE_WRITE, &store, &err), -1, says);
	ok(store == NULL && err.code == SK_EXIT_CONFIG && strstr(err.text, says) != NULL &&
		strstr(err.text, path) != NULL,
	    "78, and where it was looked for: %s", err.text);
}

static void
test_missing(void)
{
	misses(in("missing.db"), "there is no state file there");
	ok(access(in("missing.db"), F_OK) != 0, "and none is begun");
	misses(in("none/missing.db"), "there is no state file there");
	ok(access(in("none"), F_OK) != 0, "nor a folder");
	put_file(in("emptied.db"), "", 0600);
	misses(in("emptied.db"), "the state file is empty");
	sk_store_free(open_or_die(in("emptied.db")));
}

/* What the lock file has as well. */
static void
test_twin(void)
{
	struct sk_error err = {0};
	struct sk_store *store = open_or_die(in("twin.db"));
	struct sk_store_twin twin = {9, 9, 9}, next = {-5, 7, -8};

	is_int(sk_store_twin_get(store, &twin, &err), 0, "a file that was begun");
	ok(twin.pair == 1 && twin.count == 0 && twin.mark == 0, "has its pair, and counts nothing");
	is_int(sk_store_twin_put(store, &next, &err), -1, "it is written in a transaction");
	sk_error_clear(&err);
	ok(sk_store_begin(store, &err) == 0 && sk_store_twin_put(store, &next, &err) == 0 &&
		sk_store_commit(store, &err) == 0,
	    "and it is one row");
	sk_store_twin_get(store, &twin, &err);
	ok(twin.pair == -5 && twin.count == 7 && twin.mark == -8, "which is replaced");
	is_int(sk_store_is_in_place(store), 1, "the path names it");
	rename(in("twin.db"), in("elsewhere.db"));
	is_int(sk_store_is_in_place(store), 0, "not when it was moved away");
	put_file(in("twin.db"), "", 0600);
	is_int(sk_store_is_in_place(store), 0, "nor when another one is there");
	sk_store_free(store);
}

static void
test_refusals(void)
{
	put_file(in("text.db"), "this is no database, but a text of some length\n", 0600);
	refuses(in("text.db"), SK_STORE_WRITE, SK_EXIT_CONFIG, "is not a sikka database");
	refuses(in("text.db"), SK_STORE_READ, SK_EXIT_CONFIG, "is not a sikka database");
	shell_sql(in("other.db"), "CREATE TABLE t (x)");
	refuses(in("other.db"), SK_STORE_WRITE, SK_EXIT_CONFIG, "is not a sikka database");
	shell_sql(in("foreign.db"), "PRAGMA application_id = 77; PRAGMA user_version = 1");
	refuses(in("foreign.db"), SK_STORE_WRITE, SK_EXIT_CONFIG, "is not a sikka database");
	sk_store_free(open_or_die(in("newer.db")));
	shell_sql(in("newer.db"), "PRAGMA user_version = 999");
	refuses(in("newer.db"), SK_STORE_WRITE, SK_EXIT_CONFIG, "written by a newer sikka");
	refuses(in("newer.db"), SK_STORE_READ, SK_EXIT_CONFIG, "written by a newer sikka");

	sk_store_free(open_or_die(in("open.db")));
	chmod(in("open.db"), 0640);
	refuses(in("open.db"), SK_STORE_READ, SK_EXIT_NOT_AUTHORIZED, "chmod 600");
	chmod(in("open.db"), 0604);
	refuses(in("open.db"), SK_STORE_WRITE, SK_EXIT_NOT_AUTHORIZED, "chmod 600");

	refuses(folder, SK_STORE_WRITE, SK_EXIT_CONFIG, "is not a file");
	refuses("", SK_STORE_WRITE, SK_EXIT_CONFIG, "name a state file");
	refuses(in("x/"), SK_STORE_WRITE, SK_EXIT_CONFIG, "name a state file");
	refuses(in("text.db/x.db"), SK_STORE_WRITE, SK_EXIT_CONFIG, "is not a folder");
	mkdir(in("wide"), 0700);
	chmod(in("wide"), 0777);
	refuses(in("wide/x.db"), SK_STORE_WRITE, SK_EXIT_NOT_AUTHORIZED, "chmod o-w");
	chmod(in("wide"), 01777);
	sk_store_free(open_or_die(in("wide/x.db")));
}

/* root may open everything. */
static void
test_permissions(void)
{
	struct sk_error err = {0};
	struct sk_store *store;

	if (geteuid() == 0) {
		ok(1, "permissions # SKIP root may everything");
		return;
	}
	mkdir(in("ro"), 0700);
	sk_store_free(open_or_die(in("ro/x.db")));
	chmod(in("ro"), 0500);
	is_int(sk_store_open(in("ro/x.db"), SK_STORE_READ, &store, &err), 0,
	    "reading from a folder that can't be written");
	sk_store_free(store);
	refuses(in("ro/x.db"), SK_STORE_WRITE, SK_EXIT_CANT_WRITE, "can't be written");
	refuses(in("ro/y.db"), SK_STORE_WRITE, SK_EXIT_CANT_CREATE, "can't be written");
	chmod(in("ro"), 0700);
	chmod(in("ro/x.db"), 0400);
	refuses(in("ro/x.db"), SK_STORE_WRITE, SK_EXIT_CANT_WRITE, "chmod u+w");
	is_int(sk_store_open(in("ro/x.db"), SK_STORE_READ, &store, &err), 0, "a read-only file");
	sk_store_free(store);
	chmod(in("ro/x.db"), 0000);
	refuses(in("ro/x.db"), SK_STORE_READ, SK_EXIT_NOT_AUTHORIZED, "can't be read");
}

static void
test_transactions(void)
{
	struct sk_error err = {0};
	struct sk_store *store = open_or_die(in("facts.db"));
	int64_t value = 5;

	is_int(sk_store_fact_get(NULL, "x", &value, &err), 0, "a store that isn't there");
	is_int(value, 0, "has no facts");
	is_int(sk_store_fact_set(store, "x", 7, &err), 0, "a fact in its own transaction");
	is_int(sk_store_begin(store, &err), 0, "begin");
	is_int(sk_store_begin(store, &err), -1, "no transaction inside of another");
	is_int(err.code, SK_EXIT_BUG, "that is a bug");
	sk_error_clear(&err);
	is_int(sk_store_fact_set(store, "x", 8, &err), 0, "a fact in an open one");
	sk_store_rollback(store);
	sk_store_rollback(store);
	is_int(sk_store_fact_get(store, "x", &value, &err), 0, "read");
	is_int(value, 7, "a rollback takes it back");
	is_int(sk_store_commit(store, &err), -1, "a commit without a transaction");
	is_int(err.code, SK_EXIT_BUG, "is a bug");
	sk_error_clear(&err);
	is_int(sk_store_begin(store, &err), 0, "begin");
	is_int(sk_store_commit(store, &err), 0, "an empty transaction");
	for (int i = 0; i < 120; i++)
		sk_store_fact_set(store, "i", i, &err);
	is_int(err.code, 0, "120 transactions");
	sk_store_free(store);
	sk_store_free(NULL);
}

static void
test_busy(void)
{
	struct sk_error err = {0};
	struct sk_store *store = open_or_die(in("busy.db"));
	struct sk_store *other = open_or_die(in("busy.db"));

	store->busy_most = 100;
	is_int(sk_store_begin(other, &err), 0, "another process writes");
	is_int(sk_store_begin(store, &err), -1, "no second writer");
	is_int(err.code, SK_EXIT_TRY_LATER, "75 when the wait has ended");
	ok(strstr(err.text, "busy") != NULL, "%s", err.text);
	sk_error_clear(&err);
	sk_store_rollback(other);
	is_int(sk_store_begin(store, &err), 0, "and then it goes on");
	sk_store_rollback(store);

	/* A reader that has begun and not ended prevents a COMMIT. */
	sqlite3_exec(other->db, "BEGIN; SELECT * FROM facts", NULL, NULL, NULL);
	is_int(sk_store_fact_set(store, "x", 1, &err), -1, "a COMMIT kept out by a reader");
	is_int(err.code, SK_EXIT_TRY_LATER, "is 75 too");
	sk_error_clear(&err);
	sqlite3_exec(other->db, "ROLLBACK", NULL, NULL, NULL);
	is_int(sk_store_fact_set(store, "x", 2, &err), 0, "and then it goes through");
	sk_store_free(other);
	sk_store_free(store);
}

static int
run_children(int n, int (*work)(int number))
{
	int status, bad = 0;

	for (int i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(work(i));
	}
	while (wait(&status) > 0)
		bad += status != 0;
	return bad;
}

static int
open_and_count(int number)
{
	struct sk_error err = {0};
	struct sk_store *store = NULL;
	int64_t value;

	(void)number;
	if (sk_store_create(in("crowd.db"), 1, &store, &err) != 0) {
		printf("# %s\n", err.text);
		return 1;
	}
	for (int i = 0; i < 10 && err.code == 0; i++) {
		sk_store_begin(store, &err);
		sk_store_fact_get(store, "n", &value, &err);
		sk_store_fact_set(store, "n", value + 1, &err);
		sk_store_commit(store, &err);
	}
	sk_store_free(store);
	return err.code != 0;
}

static void
test_crowd(void)
{
	struct sk_error err = {0};
	struct sk_store *store;
	int64_t value = 0;

	is_int(run_children(8, open_and_count), 0,
	    "eight processes create one file and count in it");
	store = open_or_die(in("crowd.db"));
	sk_store_fact_get(store, "n", &value, &err);
	is_int(value, 80, "and none is lost");
	sk_store_free(store);
}

static void
test_copy(void)
{
	struct sk_error err = {0};
	struct sk_store *store = open_or_die(in("from.db")), *there;
	struct stat st;
	int64_t value = 0;
	FILE *file;

	sk_store_fact_set(store, "x", 42, &err);
	is_int(sk_store_backup(store, in("from.db"), 0, &err), -1, "no copy onto itself");
	is_int(err.code, SK_EXIT_USAGE, "64");
	sk_error_clear(&err);
	is_int(sk_store_backup(store, in("from.db-journal"), 0, &err), -1, "nor onto its journal");
	sk_error_clear(&err);
	is_int(sk_store_backup(store, in("no/such/to.db"), 0, &err), -1, "nor into no folder");
	is_int(err.code, SK_EXIT_CANT_CREATE, "73");
	sk_error_clear(&err);
	is_int(sk_store_backup(store, folder, 0, &err), -1, "nor onto a folder");
	sk_error_clear(&err);
	is_int(sk_store_backup(NULL, in("to.db"), 0, &err), -1, "nor of nothing");
	sk_error_clear(&err);

	put_file(in("to.db"), "an older one", 0644);
	is_int(sk_store_backup(store, in("to.db"), 0, &err), 0, "a copy");
	ok(stat(in("to.db"), &st) == 0 && (st.st_mode & 07777) == 0600, "is 0600");
	there = open_or_die(in("to.db"));
	sk_store_fact_get(there, "x", &value, &err);
	is_int(value, 42, "and holds the same");
	sk_store_free(there);
	is_int(sk_store_fact_set(store, "x", 43, &err), 0, "the original is still in use");
	sk_store_free(store);

	/* pages behind the schema overwritten */
	file = fopen(in("to.db"), "r+");
	if (file != NULL) {
		fseek(file, 4096 * 22, SEEK_SET);
		for (int i = 0; i < 4096 * 4; i++)
			fputc('x', file);
		fclose(file);
	}
	is_int(sk_store_open(in("to.db"), SK_STORE_READ, &there, &err), 0, "a damaged one opens");
	is_int(sk_store_check(there, &err), -1, "and doesn't pass the check");
	is_int(err.code, SK_EXIT_CANT_WRITE, "74");
	sk_store_free(there);
}

static const enum sk_sql hot[] = {SK_SQL_OFFICE_GET, SK_SQL_WRITEBACK_GET, SK_SQL_WRITEBACK_OWNER,
    SK_SQL_WRITEBACK_OWNER_DOUBLED, SK_SQL_KEY_HOLDER, SK_SQL_CONTENT_ALONE, SK_SQL_CONTENT_HOLDER,
    SK_SQL_UNCLAIMED_ANY, SK_SQL_UNCLAIMED, SK_SQL_UNCLAIMED_DARK, SK_SQL_KEYS_HELD,
    SK_SQL_KEYS_FREE, SK_SQL_OPEN_IDS, SK_SQL_CLAIM_FIND, SK_SQL_CLAIM_FIND_AMONG, SK_SQL_CLAIM,
    SK_SQL_PURGE, SK_SQL_RUN_END, SK_SQL_RUNS_OPEN, SK_SQL_ANY_LIVING, SK_SQL_ANY_NOT_RECEIVED,
    SK_SQL_ANY_LOOKS, SK_SQL_ANY_RESOLVED, SK_SQL_ANY_DOUBLED, SK_SQL_FIND_IDS, SK_SQL_FIND_LIVING,
    SK_SQL_FIND_UNDONE, SK_SQL_FIND_NOT_RECEIVED, SK_SQL_FIND_LOOKS, SK_SQL_FIND_DOUBLED,
    SK_SQL_FIND_UNPURGED, SK_SQL_FIND_OFFICES, SK_SQL_FIND_WRITEBACK_ID, SK_SQL_FIND_SINCE,
    SK_SQL_LATEST_ACCEPTED, SK_SQL_UNSETTLED, SK_SQL_EVENT_TOLD, SK_SQL_EVENTS_OF_ROW,
    SK_SQL_DURATIONS, SK_SQL_EVENTS_WAITING, SK_SQL_EVENTS_SINCE, SK_SQL_EVENT_DELIVERED,
    SK_SQL_EVENT_FAILED, SK_SQL_EVENT_MADE, SK_SQL_FACT_GET, SK_SQL_CHOICES_GET, SK_SQL_LIVING,
    SK_SQL_ENDED_SINCE, SK_SQL_ENDS_SINCE, SK_SQL_REFUSED_OFFICES, SK_SQL_HOLDS};

static int
is_hot(enum sk_sql which)
{
	for (size_t i = 0; i < sizeof(hot) / sizeof(hot[0]); i++)
		if (hot[i] == which)
			return 1;
	return 0;
}

/* A walk through the partial index of open rows is no scan; a walk through a table is one. */
static int
is_scan(const char *step)
{
	return strncmp(step, "SCAN ", 5) == 0 && strstr(step, "json_each") == NULL &&
	    strstr(step, "(subquery") == NULL && strstr(step, "pms_writebacks_of_runs") == NULL &&
	    strstr(step, "events_outbox") == NULL && strstr(step, "holds_open") == NULL;
}

static void
test_plans(void)
{
	struct sk_store *store = open_or_die(in("plans.db"));

	for (int i = 0; i < SK_SQL_COUNT; i++) {
		char *sql = sk_mem_printf("EXPLAIN QUERY PLAN %s", sk_sql_text((enum sk_sql)i));
		sqlite3_stmt *statement = NULL;
		int code = sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL), scans = 0;

		if (!ok(code == SQLITE_OK, "prepared: %.50s", sk_sql_text((enum sk_sql)i)))
			printf("# %s\n", sqlite3_errmsg(store->db));
		while (code == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW) {
			const char *step = (const char *)sqlite3_column_text(statement, 3);

			if (is_hot((enum sk_sql)i) && is_scan(step)) {
				printf("# %s\n", step);
				scans++;
			}
		}
		is_int(scans, 0, "and scans no table");
		sqlite3_finalize(statement);
		free(sql);
	}
	sk_store_free(store);
}

/*
 * Steps of each request. A check or an index with a list of more than two values makes a table for each row that is
 * written, and so does a search that sorts.
 */
static void
makes_no_table(struct sk_store *store, const char *text)
{
	char *sql = sk_mem_printf("EXPLAIN %s", text);
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL), steps = 0, tables = 0;

	for (; code == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW; steps++)
		tables +=
		    strcmp((const char *)sqlite3_column_text(statement, 1), "OpenEphemeral") == 0;
	ok(steps > 0 && tables == 0, "makes no table: %.50s", text);
	sqlite3_finalize(statement);
	free(sql);
}

static void
test_writes(void)
{
	struct sk_store *store = open_or_die(in("writes.db"));

	makes_no_table(store, sk_sql_text(SK_SQL_EVENT_ADD));
	makes_no_table(store, "UPDATE events SET delivered_at = ?1 WHERE id = ?2");
	makes_no_table(store, sk_sql_text(SK_SQL_WRITEBACK_INSERT));
	makes_no_table(store, sk_sql_text(SK_SQL_CONTENT_HOLDER));
	makes_no_table(store, sk_sql_text(SK_SQL_KEYS_HELD));
	makes_no_table(store,
	    "UPDATE pms_writebacks SET result = ?, holds_content = ? WHERE id = ?");
	sk_store_free(store);
}

int
main(void)
{

	if (mkdtemp(folder) == NULL)
		return 1;
	test_opening();
	test_missing();
	test_twin();
	test_refusals();
	test_permissions();
	test_transactions();
	test_busy();
	test_crowd();
	test_copy();
	test_plans();
	test_writes();
	remove_folder(folder);
	return done_testing();
}
