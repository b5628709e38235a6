/* SPDX-License-Identifier: MIT */
/*
 * store: the windows of the server's limits in <db>.limits, which all processes share. A broken
 * file is emptied and made anew.
 */
#include "store/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/place.h"
#include "base/time.h"

#define BUSY_TIMEOUT 5000
#define APPLICATION_ID 0x534b4c4d /* SKLM; also in the schema and in is_mended */
#define VERSION 2                 /* also in the schema */

#ifdef F_OFD_SETLK
#define SET_LOCK F_OFD_SETLK
#else
#define SET_LOCK F_SETLK
#endif

/* The numbers of a window in the order in which GET reads and PUT writes them. */
#define NUMBERS_OF(w)                                                                    \
	{                                                                                \
		&(w)->limit, &(w)->used, &(w)->in_flight, &(w)->reset_at, &(w)->told_at, \
		    &(w)->closed_until, &(w)->daily_until, &(w)->silent, &(w)->slot_at,  \
		    &(w)->flying_at, &(w)->flying, &(w)->flying_before                   \
	}
#define N_NUMBERS 12
#define NUMBERS                                                                                  \
	"most, used, in_flight, reset_at, told_at, closed_until, daily_until, silent, slot_at, " \
	"flying_at, flying, flying_before"

enum statement { BEGIN, GET, PUT, CLOSE, COMMIT, ROLLBACK, N_STATEMENTS };

static const char *const texts[N_STATEMENTS] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [GET] = "SELECT " NUMBERS ", slots FROM windows WHERE bucket = ?1",
    [PUT] = "INSERT OR REPLACE INTO windows (bucket, " NUMBERS ", slots)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    [CLOSE] = "INSERT INTO windows (bucket, closed_until) VALUES ('" SK_LIMITS_EVERY "', ?1)"
	      " ON CONFLICT (bucket) DO UPDATE SET"
	      " closed_until = max(closed_until, excluded.closed_until)",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
};

static const char schema[] = "PRAGMA application_id = 0x534b4c4d;"
			     "PRAGMA user_version = 2;"
			     "CREATE TABLE windows ("
			     " bucket TEXT PRIMARY KEY NOT NULL,"
			     " most INTEGER NOT NULL DEFAULT 0,"
			     " used INTEGER NOT NULL DEFAULT 0,"
			     " in_flight INTEGER NOT NULL DEFAULT 0,"
			     " reset_at INTEGER NOT NULL DEFAULT 0,"
			     " told_at INTEGER NOT NULL DEFAULT 0,"
			     " closed_until INTEGER NOT NULL DEFAULT 0,"
			     " daily_until INTEGER NOT NULL DEFAULT 0,"
			     " silent INTEGER NOT NULL DEFAULT 0,"
			     " slot_at INTEGER NOT NULL DEFAULT 0,"
			     " flying_at INTEGER NOT NULL DEFAULT 0,"
			     " flying INTEGER NOT NULL DEFAULT 0,"
			     " flying_before INTEGER NOT NULL DEFAULT 0,"
			     " slots BLOB" /* SK_LIMITS_SLOTS numbers as this machine has them */
			     ") STRICT, WITHOUT ROWID";

struct sk_limits {
	char *path;
	char *database; /* the state file that it lies beside */
	sqlite3 *db;
	sqlite3_stmt *statements[N_STATEMENTS];
	int broken; /* what was read made no sense: the file is emptied when it is closed */
};

/* Whether the error comes from the file's content, not from the disk, its mode or a lock. */
static bool
is_broken(int code)
{
	code &= 0xff;
	return code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_ERROR ||
	    code == SQLITE_SCHEMA || code == SQLITE_CONSTRAINT || code == SQLITE_MISMATCH;
}

static int
fail(struct sk_limits *l, int code, struct sk_error *err)
{
	enum sk_exit class = SK_EXIT_CANT_WRITE;
	int error = 0;
	char hint[SK_PLACE_HINT];

	if (is_broken(code)) {
		l->broken = 1;
		class = SK_EXIT_BAD_DATA;
	} else if ((code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED) {
		class = SK_EXIT_TRY_LATER;
	} else if (code == SQLITE_NOMEM || code == SQLITE_IOERR_NOMEM) {
		class = SK_EXIT_NO_RESOURCE;
	} else if ((code & 0xff) == SQLITE_CANTOPEN || (code & 0xff) == SQLITE_PERM ||
	    (code & 0xff) == SQLITE_READONLY) {
		error = l->db != NULL ? sqlite3_system_errno(l->db) : 0;
		class = sk_place_is_short(error) ? SK_EXIT_NO_RESOURCE : SK_EXIT_CANT_CREATE;
	}
	return sk_error_set(err, class, "%s: %s%s%s (%d)%s", l->path,
	    l->db != NULL && sqlite3_errcode(l->db) != SQLITE_OK ? sqlite3_errmsg(l->db)
								 : sqlite3_errstr(code),
	    error != 0 ? ": " : "", error != 0 ? strerror(error) : "", code,
	    sk_place_hint(l->path, error, hint));
}

static void
close_file(struct sk_limits *l)
{
	for (int i = 0; i < N_STATEMENTS; i++) {
		sqlite3_finalize(l->statements[i]);
		l->statements[i] = NULL;
	}
	sqlite3_close(l->db);
	l->db = NULL;
}

/* Whether another process has made the file anew already. */
static bool
is_mended(int fd)
{
	static const unsigned char magic[] = "SQLite format 3", version[] = {0, 0, 0, VERSION};
	static const unsigned char id[] = {0x53, 0x4b, 0x4c, 0x4d};
	unsigned char head[72];

	/* The offsets of user_version and application_id in SQLite's file format. */
	return pread(fd, head, sizeof(head), 0) == (ssize_t)sizeof(head) &&
	    memcmp(head, magic, sizeof(magic)) == 0 &&
	    memcmp(head + 60, version, sizeof(version)) == 0 &&
	    memcmp(head + 68, id, sizeof(id)) == 0;
}

/*
 * Empties the file in place. Deleting it would leave the processes that have it open with another
 * file than those that open it later. The lock covers the bytes that SQLite locks, so nobody is
 * using the file meanwhile. We must have no connection of our own, since closing the descriptor
 * drops this process's locks. deep: empty it even when its head looks right.
 */
static void
empty_file(struct sk_limits *l, int deep)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int64_t until = sk_time_monotonic() + BUSY_TIMEOUT;
	struct stat info;
	int fd = open(l->path, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

	if (fd == -1)
		return;
	if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))
		goto out;
	while (fcntl(fd, SET_LOCK, &whole) != 0) {
		if ((errno != EAGAIN && errno != EACCES && errno != EINTR) ||
		    sk_time_monotonic() > until)
			goto out;
		poll(NULL, 0, 10);
	}
	/* If emptying fails, the next process that opens the file finds it broken. */
	if ((!deep && is_mended(fd)) || ftruncate(fd, 0) == 0)
		l->broken = 0;
out:
	close(fd);
}

/*
 * SQLITE_OK: the file is ours, or empty; SQLITE_NOTADB: it is somebody else's. One statement reads
 * all of it, as another process may make the schema between two.
 */
static int
check_schema(sqlite3 *db, int *empty)
{
	static const char text[] = "SELECT application_id, user_version,"
				   " (SELECT count(*) FROM sqlite_master)"
				   " FROM pragma_application_id, pragma_user_version";
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(db, text, -1, &statement, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	if (code == SQLITE_ROW) {
		int id = sqlite3_column_int(statement, 0);
		int version = sqlite3_column_int(statement, 1);

		*empty = id == 0 && sqlite3_column_int(statement, 2) == 0;
		code = *empty || (id == APPLICATION_ID && version == VERSION) ? SQLITE_OK
									      : SQLITE_NOTADB;
	} else if (code == SQLITE_DONE) {
		code = SQLITE_NOTADB;
	}
	sqlite3_finalize(statement);
	return code;
}

/* Checks again inside the transaction: another process may have made the schema in between. */
static int
make_schema(sqlite3 *db)
{
	int empty = 0, code = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);

	if (code != SQLITE_OK)
		return code;
	code = check_schema(db, &empty);
	if (code == SQLITE_OK && empty)
		code = sqlite3_exec(db, schema, NULL, NULL, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	if (!sqlite3_get_autocommit(db) &&
	    sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL) != SQLITE_OK && code == SQLITE_OK)
		code = SQLITE_IOERR;
	return code;
}

/*
 * Created with mode 0600, so that it is never readable by others. It belongs to whom the database
 * belongs.
 */
static int
create_file(const char *path, const char *db, struct sk_error *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int given = fd != -1 ? sk_place_give(fd, db) : 0;

	if (fd != -1)
		close(fd);
	if (given != 0) {
		sk_error_set(err, SK_EXIT_CANT_CREATE, "can't give %s to the owner of %s: %s", path,
		    db, strerror(errno));
		unlink(path);
		return -1;
	}
	if (fd != -1)
		return 0;
	if (errno == ENOSPC || errno == EDQUOT)
		return sk_error_set(err, SK_EXIT_CANT_WRITE, "can't create %s: %s", path,
		    strerror(errno));
	if (errno != EEXIST)
		return sk_error_set(err, SK_EXIT_CANT_CREATE, "can't create %s: %s", path,
		    strerror(errno));
	return 0;
}

static int
open_file(struct sk_limits *l)
{
	int empty = 0, code;

	code = sqlite3_open_v2(l->path, &l->db,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_busy_timeout(l->db, BUSY_TIMEOUT);
	if (code == SQLITE_OK)
		code = check_schema(l->db, &empty);
	/* No fsync and no journal file: the content means nothing a minute later. */
	if (code == SQLITE_OK)
		code = sqlite3_exec(l->db, "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF",
		    NULL, NULL, NULL);
	if (code == SQLITE_OK && empty)
		code = make_schema(l->db);
	for (int i = 0; code == SQLITE_OK && i < N_STATEMENTS; i++)
		code = sqlite3_prepare_v3(l->db, texts[i], -1, SQLITE_PREPARE_PERSISTENT,
		    &l->statements[i], NULL);
	return code;
}

/*
 * Whoever else may write to the file can make our processes count for themselves, so that together
 * they go beyond the limit.
 */
static int
check_file(const char *path, struct sk_error *err)
{
	struct stat info;

	if (lstat(path, &info) != 0)
		return errno == ENOSPC || errno == EDQUOT
		    ? sk_error_set(err, SK_EXIT_CANT_WRITE, "%s: %s", path, strerror(errno))
		    : sk_error_set(err, SK_EXIT_CANT_CREATE, "can't open %s: %s", path,
			  strerror(errno));
	if (!S_ISREG(info.st_mode))
		return sk_error_set(err, SK_EXIT_CANT_CREATE, "%s: not a plain file", path);
	if (info.st_uid != geteuid() && geteuid() != 0)
		return sk_error_set(err, SK_EXIT_NOT_AUTHORIZED,
		    "%s belongs to the user %lld; delete it: the next command makes it anew", path,
		    (long long)info.st_uid);
	if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return sk_error_set(err, SK_EXIT_NOT_AUTHORIZED,
		    "%s can be used by other users; fix it with: chmod 600 %s", path, path);
	return 0;
}

/* Opens the file; a broken one is emptied and opened again. */
static int
open_or_mend(struct sk_limits *l, struct sk_error *err)
{
	int code;

	if (create_file(l->path, l->database, err) != 0 || check_file(l->path, err) != 0)
		return -1;
	code = open_file(l);

	for (int tries = 0; is_broken(code) && tries < 3; tries++) {
		close_file(l);
		empty_file(l, (code & 0xff) != SQLITE_NOTADB);
		code = open_file(l);
	}
	if (code == SQLITE_OK)
		return 0;
	fail(l, code, err);
	close_file(l);
	return -1;
}

int
sk_limits_open(const char *db, struct sk_limits **limits, struct sk_error *err)
{
	struct sk_limits *l = sk_mem_zero(1, sizeof(*l));

	/* Two names of one state file must give one file of limits, as they give one lock file. */
	l->database = sk_place_real(db);
	l->path = sk_mem_printf("%s.limits", l->database);
	if (open_or_mend(l, err) == 0) {
		*limits = l;
		return 0;
	}
	l->broken = 0; /* It was emptied and is still broken: no second try. */
	sk_limits_free(l);
	return -1;
}

void
sk_limits_free(struct sk_limits *limits)
{
	if (limits == NULL)
		return;
	close_file(limits);
	if (limits->broken)
		empty_file(limits, 1);
	free(limits->path);
	free(limits->database);
	free(limits);
}

/* Runs a statement that returns no row. */
static int
run(struct sk_limits *l, enum statement which)
{
	int code = sqlite3_step(l->statements[which]);
	int after = sqlite3_reset(l->statements[which]);

	return code == SQLITE_DONE ? after : code;
}

int
sk_limits_begin(struct sk_limits *limits, struct sk_error *err)
{
	int moved = 0, code;

	/* Somebody deleted the file: processes that open it later have another one. */
	if (sqlite3_file_control(limits->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK &&
	    moved) {
		close_file(limits);
		if (open_or_mend(limits, err) != 0)
			return -1;
	}
	code = run(limits, BEGIN);
	return code == SQLITE_OK ? 0 : fail(limits, code, err);
}

static int64_t
read_column(sqlite3_stmt *statement, int column)
{
	int64_t number = sqlite3_column_int64(statement, column);

	return number > 0 ? number : 0;
}

/* The numbers and the slots of a window, from column first on. */
static void
read_window(sqlite3_stmt *statement, int first, struct sk_window *window)
{
	int64_t *const numbers[] = NUMBERS_OF(window);

	for (int i = 0; i < N_NUMBERS; i++)
		*numbers[i] = read_column(statement, first + i);
	if (sqlite3_column_bytes(statement, first + N_NUMBERS) == (int)sizeof(window->slots))
		memcpy(window->slots, sqlite3_column_blob(statement, first + N_NUMBERS),
		    sizeof(window->slots));
}

static int
get_row(struct sk_limits *l, const char *bucket, struct sk_window *window)
{
	sqlite3_stmt *statement = l->statements[GET];
	int code = sqlite3_bind_text(statement, 1, bucket, -1, SQLITE_STATIC), after;

	memset(window, 0, sizeof(*window));
	if (code != SQLITE_OK)
		return code;
	code = sqlite3_step(statement);
	if (code == SQLITE_ROW)
		read_window(statement, 0, window);
	after = sqlite3_reset(statement);
	return code == SQLITE_ROW || code == SQLITE_DONE ? after : code;
}

int
sk_limits_get(struct sk_limits *limits, const char *bucket, struct sk_window *window,
    struct sk_error *err)
{
	struct sk_window own, every;
	int code = get_row(limits, bucket, &own);

	if (code == SQLITE_OK)
		code = get_row(limits, SK_LIMITS_EVERY, &every);
	if (code != SQLITE_OK)
		return fail(limits, code, err);
	if (own.closed_until < every.closed_until)
		own.closed_until = every.closed_until;
	*window = own;
	return 0;
}

int
sk_limits_put(struct sk_limits *limits, const char *bucket, const struct sk_window *window,
    struct sk_error *err)
{
	sqlite3_stmt *statement = limits->statements[PUT];
	const int64_t *const numbers[] = NUMBERS_OF(window);
	int code = sqlite3_bind_text(statement, 1, bucket, -1, SQLITE_STATIC);

	for (size_t i = 0; code == SQLITE_OK && i < N_NUMBERS; i++)
		code = sqlite3_bind_int64(statement, (int)i + 2, *numbers[i]);
	if (code == SQLITE_OK)
		code = sqlite3_bind_blob(statement, N_NUMBERS + 2, window->slots,
		    sizeof(window->slots), SQLITE_STATIC);
	if (code == SQLITE_OK)
		code = run(limits, PUT);
	return code == SQLITE_OK ? 0 : fail(limits, code, err);
}

int
sk_limits_close_all(struct sk_limits *limits, int64_t until, struct sk_error *err)
{
	int code = sqlite3_bind_int64(limits->statements[CLOSE], 1, until);

	if (code == SQLITE_OK)
		code = run(limits, CLOSE);
	return code == SQLITE_OK ? 0 : fail(limits, code, err);
}

int
sk_limits_commit(struct sk_limits *limits, struct sk_error *err)
{
	int code = run(limits, COMMIT);

	return code == SQLITE_OK ? 0 : fail(limits, code, err);
}

void
sk_limits_rollback(struct sk_limits *limits)
{
	if (limits->db == NULL || sqlite3_get_autocommit(limits->db))
		return;
	/* A ROLLBACK that fails leaves the transaction open: then the next BEGIN fails. */
	(void)run(limits, ROLLBACK);
}

void
sk_limits_rows(const char *db, struct sk_limits_row **rows, size_t *n)
{
	static const char text[] = "SELECT bucket, " NUMBERS ", slots FROM windows ORDER BY bucket";
	char *path = sk_mem_printf("%s.limits", db);
	sqlite3_stmt *statement = NULL;
	sqlite3 *file = NULL;
	size_t room = 0;

	*rows = NULL;
	*n = 0;
	if (sqlite3_open_v2(path, &file, SQLITE_OPEN_READONLY | SQLITE_OPEN_PRIVATECACHE, NULL) ==
		SQLITE_OK &&
	    sqlite3_busy_timeout(file, BUSY_TIMEOUT) == SQLITE_OK &&
	    sqlite3_prepare_v2(file, text, -1, &statement, NULL) == SQLITE_OK) {
		while (sqlite3_step(statement) == SQLITE_ROW) {
			const char *bucket = (const char *)sqlite3_column_text(statement, 0);

			*rows = sk_mem_grow(*rows, *n + 1, &room, sizeof(**rows));
			memset(*rows + *n, 0, sizeof(**rows));
			(*rows)[*n].bucket = sk_mem_copy(bucket != NULL ? bucket : "");
			read_window(statement, 1, &(*rows)[(*n)++].window);
		}
	}
	sqlite3_finalize(statement);
	sqlite3_close(file);
	free(path);
}

void
sk_limits_rows_free(struct sk_limits_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(rows[i].bucket);
	free(rows);
}
