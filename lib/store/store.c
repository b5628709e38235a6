/* SPDX-License-Identifier: MIT */
/*
 * store: opens the state file, and begins, commits and rolls back transactions. A COMMIT that failed is
 * read back before it is believed.
 */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/place.h"
#include "base/progress.h"
#include "base/time.h"
#include "store/path.h"
#include "store/statements.h"

#define BUSY_MOST (30 * SK_SECOND)
#define LET_OTHERS 30 /* ms: longer than on_busy sleeps */
#define STEPS 100000  /* of SQLite's machine: some milliseconds */

/* The header of a file of SQLite: its size, and where two of its numbers stand. */
#define SQLITE_HEADER 100
#define HEADER_WAL 18 /* 2: its journal is a WAL */
#define HEADER_VERSION 60

/* Sleeps a random time, so that processes that wait for the same lock don't wake in step. */
static int
on_busy(void *context, int count)
{
	struct sk_store *store = context;
	struct timespec nap = {0, 0};

	if (count == 0)
		store->busy_since = sk_time_monotonic();
	else if (sk_time_monotonic() - store->busy_since >= store->busy_most)
		return 0;
	nap.tv_nsec = (long)(1 + sk_time_jitter(count < 10 ? 4 : 24)) * 1000000;
	sk_progress_draw("another process writes to the state file", 0);
	nanosleep(&nap, NULL);
	return 1;
}

/* During a statement that takes long. */
static int
on_progress(void *context)
{
	(void)context;
	sk_progress_draw(NULL, 0);
	return 0;
}

static int
pragma(struct sk_store *store, const char *sql, struct sk_error *err)
{
	int code = sqlite3_exec(store->db, sql, NULL, NULL, NULL);

	return code == SQLITE_OK ? 0 : sk_sql_error(store->db, code, store->path, err);
}

static int
set_journal(struct sk_store *store, struct sk_error *err)
{
	sqlite3_stmt *statement = NULL;
	int code, is_truncate;

	code =
	    sqlite3_prepare_v2(store->db, "PRAGMA journal_mode = TRUNCATE", -1, &statement, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	is_truncate = code == SQLITE_ROW &&
	    strcmp((const char *)sqlite3_column_text(statement, 0), "truncate") == 0;
	if (code != SQLITE_ROW)
		sk_sql_error(store->db, code, store->path, err);
	sqlite3_finalize(statement);
	if (code != SQLITE_ROW)
		return -1;
	if (!is_truncate)
		return sk_error_set(err, SK_EXIT_TRY_LATER,
		    "%s: its journal mode was changed and can't be changed back while other "
		    "processes use it",
		    store->path);
	return 0;
}

static void
disconnect(struct sk_store *store)
{
	sk_sql_finalize(store);
	sqlite3_close(store->db);
	store->db = NULL;
	store->in_transaction = 0;
}

/* How SQLite is used, whatever is open. */
static int
set_up(struct sk_store *store, struct sk_error *err)
{
	sqlite3_extended_result_codes(store->db, 1);
	sqlite3_busy_handler(store->db, on_busy, store);
	sqlite3_progress_handler(store->db, STEPS, on_progress, NULL);
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	/* What SQLite sorts may hold patients' data: temporary tables stay in memory. */
	if (pragma(store, "PRAGMA trusted_schema = OFF", err) != 0 ||
	    pragma(store, "PRAGMA temp_store = MEMORY", err) != 0 ||
	    pragma(store, "PRAGMA foreign_keys = ON", err) != 0)
		return -1;
	return 0;
}

/* Copies all of the file that is open into memory. *memory is the caller's, whatever came of it. */
static int
copy_to_memory(struct sk_store *store, sqlite3 **memory, struct sk_error *err)
{
	sqlite3_backup *backup;
	int code = sqlite3_open_v2(":memory:", memory,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);

	if (code != SQLITE_OK)
		return sk_sql_error(*memory, code, store->path, err);
	backup = sqlite3_backup_init(*memory, "main", store->db, "main");
	if (backup == NULL)
		return sk_sql_error(*memory, sqlite3_errcode(*memory), store->path, err);
	/* In one step: what others write meanwhile waits, as for any reader. */
	code = sqlite3_backup_step(backup, -1);
	sqlite3_backup_finish(backup);
	return code == SQLITE_DONE ? 0 : sk_sql_error(*memory, code, store->path, err);
}

/*
 * Turns to a copy in memory of the file that is open. A file of an earlier version is brought up to date
 * there. Once it is gone, the copy is gone with all that was written to it: it isn't made anew.
 */
static int
turn_to_copy(struct sk_store *store, struct sk_error *err)
{
	sqlite3 *memory = NULL;
	int state, copied = copy_to_memory(store, &memory, err);

	sqlite3_close(store->db);
	store->db = memory;
	store->is_copied = true;
	if (copied != 0 || set_up(store, err) != 0 ||
	    (state = sk_schema_look(store->db, store->path, err)) < 0)
		return -1;
	if (state == 0)
		return store->how == SK_STORE_LOOK ? 0 : sk_store_misses(store->path, err);
	return state == 1 || sk_store_upgrade(store, 0, err) == 0 ? 1 : -1;
}

/* The first n bytes of the file: 0, or -1. Not while this process has it open by SQLite: that would drop its locks. */
static int
read_header(const char *path, unsigned char *bytes, size_t n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	ssize_t got = fd != -1 ? pread(fd, bytes, n, 0) : -1;

	if (fd != -1)
		close(fd);
	return got == (ssize_t)n ? 0 : -1;
}

int64_t
sk_store_version(const char *path)
{
	unsigned char header[SQLITE_HEADER];
	const unsigned char *at = header + HEADER_VERSION;

	if (read_header(path, header, sizeof(header)) != 0 ||
	    memcmp(header, "SQLite format 3", 16) != 0)
		return 0;
	return (int64_t)at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3];
}

/* SQLite would make two files beside one whose journal mode somebody has changed, even to read it. */
static int
refuse_wal(struct sk_store *store, struct sk_error *err)
{
	unsigned char header[SQLITE_HEADER];

	if (read_header(store->file, header, sizeof(header)) != 0 || header[HEADER_WAL] != 2)
		return 0;
	return sk_error_set(err, SK_EXIT_TRY_LATER,
	    "%s: its journal mode was changed by another program; to change it back, run: "
	    "sikka-sweep",
	    store->path);
}

/*
 * Opens store->file. Returns as sk_schema_look does; 0 is an empty file that was opened for
 * reading.
 */
static int
connect_file(struct sk_store *store, struct sk_error *err)
{
	int state, code;

	if (store->is_copied)
		return sk_error_set(err, SK_EXIT_NO_RESOURCE,
		    "the copy of %s that this command has in memory is lost: run it again",
		    store->path);
	if (store->how == SK_STORE_LOOK && refuse_wal(store, err) != 0)
		return -1;
	/*
	 * SQLite would count each allocation, under a lock. It takes this setting only before its first file is open, and
	 * refuses it later, which changes nothing.
	 */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	/*
	 * Opened for writing even when we only read: a journal that a crash has left must be rolled
	 * back. SQLite itself turns to reading when the file can't be written. SK_STORE_LOOK leaves the
	 * journal to the next command.
	 */
	code = sqlite3_open_v2(store->file, &store->db,
	    (store->how == SK_STORE_LOOK ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) |
		SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE,
	    NULL);
	if (code != SQLITE_OK)
		return sk_sql_error(store->db, code, store->path, err);
	if (set_up(store, err) != 0)
		return -1;
	if (store->how == SK_STORE_REHEARSE || store->how == SK_STORE_LOOK)
		return turn_to_copy(store, err);
	if ((state = sk_schema_look(store->db, store->path, err)) < 0)
		return -1;
	if (state == 0 && store->pair == 0)
		return store->how == SK_STORE_READ ? 0 : sk_store_misses(store->path, err);
	if (pragma(store, "PRAGMA synchronous = FULL", err) != 0 ||
	    pragma(store, "PRAGMA secure_delete = ON", err) != 0)
		return -1;
	if ((state != 1 || store->how == SK_STORE_WRITE) && set_journal(store, err) != 0)
		return -1;
	if (state != 1 && sk_store_upgrade(store, store->pair, err) != 0)
		return -1;
	if (store->how == SK_STORE_READ && pragma(store, "PRAGMA query_only = ON", err) != 0)
		return -1;
	return 1;
}

/* Never a bare name: some names have a meaning for SQLite, like :memory:. */
static char *
file_of(const char *path)
{
	char *real = sk_place_real(path), *file;

	if (real[0] == '/')
		return real;
	file = sk_mem_printf("./%s", real);
	free(real);
	return file;
}

static int
open_file(const char *path, enum sk_store_open how, int64_t pair, struct sk_store **store,
    struct sk_error *err)
{
	struct sk_store *new;
	int state = sk_path_find(path, how, pair, err);

	*store = NULL;
	if (state <= 0)
		return state;
	new = sk_mem_zero(1, sizeof(*new));
	new->path = sk_mem_copy(path);
	new->file = file_of(path);
	new->how = how;
	new->pair = pair;
	new->busy_most = BUSY_MOST;
	state = connect_file(new, err);
	if (state < 1) {
		sk_store_free(new);
		return state;
	}
	/* When it is opened again and is empty, somebody has emptied it: it isn't begun again. */
	new->pair = 0;
	*store = new;
	return 0;
}

int
sk_store_open(const char *path, enum sk_store_open how, struct sk_store **store,
    struct sk_error *err)
{
	return open_file(path, how, 0, store, err);
}

int
sk_store_create(const char *path, int64_t pair, struct sk_store **store, struct sk_error *err)
{
	return open_file(path, SK_STORE_WRITE, pair, store, err);
}

int
sk_store_is_in_place(struct sk_store *store)
{
	int has_moved = 0;

	if (store->db == NULL || store->is_copied)
		return 1; /* it is opened again, by its path, before it is written to */
	sqlite3_file_control(store->db, "main", SQLITE_FCNTL_HAS_MOVED, &has_moved);
	return !has_moved;
}

void
sk_store_free(struct sk_store *store)
{
	if (store == NULL)
		return;
	sk_store_rollback(store);
	disconnect(store);
	free(store->file);
	free(store->path);
	free(store);
}

bool
sk_store_in_transaction(const struct sk_store *store)
{
	return store != NULL && store->in_transaction;
}

void
sk_store_let_others_write(void)
{
	sk_time_nap(LET_OTHERS);
}

/* As long as a statement has rows left, its lock stays. */
int
sk_store_lock_for_reading(struct sk_store *store, struct sk_error *err)
{
	struct sk_query query;

	sk_query_open(&query, store, SK_SQL_LOCK_FOR_READING, err);
	return sk_query_step(&query) ? 0 : sk_query_close(&query);
}

/* By the end of that statement, which can't fail. */
void
sk_store_unlock(struct sk_store *store)
{
	struct sk_query query;

	sk_query_open(&query, store, SK_SQL_LOCK_FOR_READING, NULL);
	sk_query_close(&query);
}

int
sk_store_begin(struct sk_store *store, struct sk_error *err)
{
	struct sk_query query;

	if (store == NULL || store->how == SK_STORE_READ || store->how == SK_STORE_LOOK)
		return sk_error_set(err, SK_EXIT_BUG, "a write to a store opened for reading");
	if (store->in_transaction)
		return sk_error_set(err, SK_EXIT_BUG, "a transaction inside of another");
	if (store->db == NULL && connect_file(store, err) != 1) {
		disconnect(store);
		return -1;
	}
	/*
	 * ROLLBACK is prepared before BEGIN runs. Preparing allocates memory. If memory ran out
	 * during the transaction and ROLLBACK had to be prepared only then, it would fail and leave
	 * the transaction open: an empty one would have counted as committed, and the next BEGIN
	 * would be refused as a bug (70). A statement that is already prepared is stepped without
	 * preparing, so a transaction that has begun can always be ended.
	 */
	sk_query_open(&query, store, SK_SQL_ROLLBACK, err);
	if (sk_query_close(&query) != 0)
		return -1;
	sk_query_open(&query, store, SK_SQL_BEGIN, err);
	if (sk_query_run(&query, NULL) != 0)
		return -1;
	store->in_transaction = 1;
	store->changes_at_begin = sqlite3_total_changes64(store->db);
	if (sk_sql_still(store, err) == 0)
		return 0;
	sk_store_rollback(store);
	return -1;
}

int
sk_store_try_begin(struct sk_store *store, int64_t patience, struct sk_error *err)
{
	struct sk_error why = {0};
	int64_t usual;
	int begun;

	if (store == NULL)
		return sk_store_begin(store, err);
	usual = store->busy_most;
	store->busy_most = patience;
	begun = sk_store_begin(store, &why) == 0;
	store->busy_most = usual;
	if (begun || (why.code == SK_EXIT_TRY_LATER && !store->is_changed))
		return begun;
	return sk_error_set(err, why.code, "%s", why.text);
}

void
sk_store_rollback(struct sk_store *store)
{
	struct sk_query query;

	if (store == NULL || !store->in_transaction)
		return;
	store->in_transaction = 0;
	if (!store->run_is_kept)
		store->run = 0;
	if (store->db == NULL || sqlite3_get_autocommit(store->db))
		return;
	sk_query_open(&query, store, SK_SQL_ROLLBACK, NULL);
	sk_query_run(&query, NULL);
	/*
	 * A ROLLBACK that failed must not count as one. Closing the connection ends the transaction
	 * in any case; the next begin opens it again.
	 */
	if (!sqlite3_get_autocommit(store->db))
		disconnect(store);
}

/* Inserts a row with a random token into commits, by which the transaction can be found again. */
static int
add_token(struct sk_store *store, int64_t *token, struct sk_error *err)
{
	struct sk_query query;

	if (getentropy(token, sizeof(*token)) != 0)
		return sk_error_set(err, SK_EXIT_NO_RESOURCE, "no random numbers: %s",
		    strerror(errno));
	sk_query_write(&query, store, SK_SQL_TOKEN_ADD, err);
	sk_query_number(&query, 1, *token);
	if (sk_query_run(&query, NULL) != 0)
		return -1;
	sk_query_write(&query, store, SK_SQL_TOKENS_TRIM, err);
	return sk_query_run(&query, NULL);
}

static int
run_commit(struct sk_store *store, struct sk_error *err)
{
	struct sk_query query;

	sk_query_open(&query, store, SK_SQL_COMMIT, err);
	if (sk_query_run(&query, NULL) != 0)
		return -1;
	store->in_transaction = 0;
	return 0;
}

/*
 * Whether the transaction that wrote token is in the file, and will stay there: 0 or -1.
 *
 * A COMMIT that fails doesn't say what it has done. The commit point of a rollback journal is the
 * moment at which the journal is cut. An error before it leaves the transaction undone. An error
 * after it (when the lock is released, say) comes from a transaction that every other process
 * already sees. Believing either without looking is wrong: a booking would be reported as not
 * journaled although its row is there, or be sent although no row remembers it. So the connection
 * is closed, which drops whatever state the error left behind; the file is opened anew, which rolls
 * back a journal that is still there; and the token is looked for.
 *
 * Finding the token isn't enough yet. The cut of the journal may have reached the kernel but not
 * the disk: after a power failure the journal would be whole again, and be rolled back. One more
 * commit writes and syncs a journal of its own, and its success means that the end of the earlier
 * journal is on the disk as well. Another process may commit meanwhile; therefore commits keeps a
 * hundred tokens, and not one.
 */
static int
read_back(struct sk_store *store, int64_t token, struct sk_error *err)
{
	struct sk_query query;
	int64_t next;
	int found;

	sk_store_rollback(store);
	disconnect(store);
	if (connect_file(store, err) != 1) {
		disconnect(store);
		return -1;
	}
	sk_query_open(&query, store, SK_SQL_TOKEN_FIND, err);
	sk_query_number(&query, 1, token);
	found = sk_query_step(&query);
	if (sk_query_close(&query) != 0 || !found)
		return -1;
	if (sk_store_begin(store, err) == 0 && add_token(store, &next, err) == 0 &&
	    run_commit(store, err) == 0)
		return 0;
	sk_store_rollback(store);
	return -1;
}

int
sk_store_commit(struct sk_store *store, struct sk_error *err)
{
	struct sk_error why = {0};
	int64_t token, run;

	if (store == NULL || !store->in_transaction)
		return sk_error_set(err, SK_EXIT_BUG, "a commit without a transaction");
	if (sqlite3_total_changes64(store->db) == store->changes_at_begin &&
	    !sqlite3_get_autocommit(store->db)) {
		sk_store_rollback(store);
		return 0;
	}
	if (add_token(store, &token, err) != 0) {
		sk_store_rollback(store);
		return -1;
	}
	run =
	    store->run; /* read_back ends the transaction, and with it a run that was added in it */
	if (run_commit(store, &why) == 0 || read_back(store, token, NULL) == 0) {
		store->run = run;
		store->run_is_kept = run != 0;
		return 0;
	}
	return sk_error_set(err, why.code, "%s", why.text);
}

int
sk_own_begin(struct sk_store *store, int *own, struct sk_error *err)
{
	*own = 0;
	if (sk_store_in_transaction(store))
		return 0;
	if (sk_store_begin(store, err) != 0)
		return -1;
	*own = 1;
	return 0;
}

int
sk_own_end(struct sk_store *store, int own, int result, struct sk_error *err)
{
	if (!own)
		return result;
	if (result < 0) {
		sk_store_rollback(store);
		return result;
	}
	return sk_store_commit(store, err) == 0 ? result : -1;
}

int
sk_store_fact_get(struct sk_store *store, const char *name, int64_t *value, struct sk_error *err)
{
	struct sk_query query;
	int64_t found = 0;

	sk_query_open(&query, store, SK_SQL_FACT_GET, err);
	sk_query_text(&query, 1, name);
	if (sk_query_step(&query))
		found = sk_query_column_number(&query, 0);
	if (sk_query_close(&query) != 0)
		return -1;
	*value = found;
	return 0;
}

int64_t
sk_store_fact(struct sk_store *store, const char *name)
{
	struct sk_error ignored = {0};
	int64_t value = 0;

	return sk_store_fact_get(store, name, &value, &ignored) == 0 ? value : 0;
}

int
sk_store_fact_set(struct sk_store *store, const char *name, int64_t value, struct sk_error *err)
{
	struct sk_query query;
	int own, result;

	if (sk_own_begin(store, &own, err) != 0)
		return -1;
	sk_query_write(&query, store, SK_SQL_FACT_SET, err);
	sk_query_text(&query, 1, name);
	sk_query_number(&query, 2, value);
	result = sk_query_run(&query, NULL);
	return sk_own_end(store, own, result, err);
}
