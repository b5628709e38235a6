/* SPDX-License-Identifier: MIT */
/*
 * store_statements: private to lib/store. Every SQL statement of the store by number, prepared on
 * first use and kept, and the one way to bind, step and read. A query remembers its first failure,
 * so that a caller checks once, at the end.
 *
 *	struct sk_query query;
 *	sk_query_open(&query, store, SK_SQL_X, err);
 *	sk_query_text(&query, 1, office_id);
 *	while (sk_query_step(&query))
 *		… sk_query_column_text(&query, 0) …
 *	return sk_query_close(&query);
 *
 * A query is closed before anything is printed or sent: a statement that was read half way blocks
 * writers. Bound texts are borrowed until then. A NULL store counts as an empty one, without rows.
 */
#ifndef SK_STORE_STATEMENTS_H
#define SK_STORE_STATEMENTS_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/store.h"

enum sk_sql {
	SK_SQL_BEGIN,
	SK_SQL_COMMIT,
	SK_SQL_ROLLBACK,
	SK_SQL_TOKEN_ADD,
	SK_SQL_TOKENS_TRIM,
	SK_SQL_TOKEN_FIND,
	SK_SQL_FACT_GET,
	SK_SQL_FACT_SET,
	SK_SQL_TWIN_GET,
	SK_SQL_TWIN_PUT,
	SK_SQL_HOLDS,
	SK_SQL_HOLDS_OFFICE,
	SK_SQL_HOLDS_OR_GIVEN,
	SK_SQL_HOLDS_COPY,
	SK_SQL_HOLDS_SHOWN,
	SK_SQL_HOLDS_PURGE,
	SK_SQL_HOLDS_NOTED_AT,
	SK_SQL_HOLDS_FORGET,
	SK_SQL_HOLDS_GAP_OF_BOOT,
	SK_SQL_HOLDS_END_GAPS,
	SK_SQL_HOLDS_END,
	SK_SQL_HOLD_ADD,
	SK_SQL_HOLD_PUT,
	SK_SQL_HOLD_END,
	SK_SQL_PAUSES,
	SK_SQL_PAUSED,
	SK_SQL_PAUSE_ADD,
	SK_SQL_PAUSE_END,

	SK_SQL_OFFICE_GET,
	SK_SQL_OFFICES,
	SK_SQL_OFFICE_PUT,
	SK_SQL_OFFICE_FORGET,
	SK_SQL_FORGOTTEN_GET,
	SK_SQL_FORGOTTEN_PUT,
	SK_SQL_FORGOTTEN_END,
	SK_SQL_PRACTICES,
	SK_SQL_PRACTICES_OF,
	SK_SQL_PRACTICE_PUT,
	SK_SQL_PRACTICE_ZONE,
	SK_SQL_CHOICES_GET,
	SK_SQL_CHOICES_GET_LATEST,
	SK_SQL_CHOICES_PUT,
	SK_SQL_CHOICES_PURGE,

	SK_SQL_WRITEBACK_INSERT,
	SK_SQL_WRITEBACK_GET,
	SK_SQL_WRITEBACK_OWNER,
	SK_SQL_WRITEBACK_OWNER_DOUBLED,
	SK_SQL_WRITEBACK_OUTLINE,
	SK_SQL_LOCK_FOR_READING,
	SK_SQL_KEY_HOLDER,
	SK_SQL_CONTENT_ALONE,
	SK_SQL_CONTENT_HOLDER,
	SK_SQL_UNCLAIMED_ANY,
	SK_SQL_UNCLAIMED,
	SK_SQL_UNCLAIMED_UNDONE,
	SK_SQL_UNCLAIMED_DARK,
	SK_SQL_NOT_OURS_ADD,
	SK_SQL_NOT_OURS_FORGET,
	SK_SQL_NOT_OURS_REMOVE,
	SK_SQL_NOT_OURS_HAS,
	SK_SQL_REFRESH_GET,
	SK_SQL_REFRESH_PUT,
	SK_SQL_COMMAND_GET,
	SK_SQL_COMMAND_PUT,
	SK_SQL_NOT_OURS_ANY,
	SK_SQL_NOT_OURS_EQUAL,
	SK_SQL_KEYS_HELD,
	SK_SQL_KEYS_FREE,
	SK_SQL_OPEN_IDS,
	SK_SQL_CLAIM_FIND,
	SK_SQL_CLAIM_FIND_AMONG,
	SK_SQL_CLAIM,
	SK_SQL_PURGEABLE,
	SK_SQL_PURGE,
	SK_SQL_PERSON,
	SK_SQL_PERSON_LEADS,
	SK_SQL_ERASE,
	SK_SQL_ARCHIVABLE,
	SK_SQL_ARCHIVABLE_COUNT,
	SK_SQL_ARCHIVE_KEYS,
	SK_SQL_ARCHIVE_ROWS,
	SK_SQL_ARCHIVE_EVENTS,
	SK_SQL_ARCHIVED,
	SK_SQL_COPIES,
	SK_SQL_COPY_PUT,
	SK_SQL_COPY_FORGET,
	SK_SQL_HIGHEST,
	SK_SQL_OVERTAKEN,
	SK_SQL_SENT_EQUAL,
	SK_SQL_SKIP_TO,
	SK_SQL_SKIP_FIRST,
	SK_SQL_LATEST_BEFORE,
	SK_SQL_RESTORED_MARK,
	SK_SQL_RESTORED_FORGET_LISTS,
	SK_SQL_RUN_ADD,
	SK_SQL_RUN_END,
	SK_SQL_RUNS_OPEN,
	SK_SQL_RUNS_CHANGES,
	SK_SQL_RUN_HAS_SENT,

	/* The same conditions and parameters, driven by different indexes (query.c). */
	SK_SQL_ANY_LIVING,
	SK_SQL_ANY_NOT_RECEIVED,
	SK_SQL_ANY_LOOKS,
	SK_SQL_ANY_RESOLVED,
	SK_SQL_ANY_DOUBLED,
	SK_SQL_FIND_ALL,
	SK_SQL_FIND_IDS,
	SK_SQL_FIND_RUN,
	SK_SQL_FIND_LIVING,
	SK_SQL_FIND_UNDONE,
	SK_SQL_FIND_NOT_RECEIVED,
	SK_SQL_FIND_LOOKS,
	SK_SQL_FIND_RESOLVED,
	SK_SQL_FIND_DOUBLED,
	SK_SQL_FIND_UNPURGED,
	SK_SQL_FIND_OFFICES,
	SK_SQL_FIND_WRITEBACK_ID,
	SK_SQL_FIND_SINCE,

	SK_SQL_LISTS_AWAITED,
	SK_SQL_LISTS_LOOKED_FOR,
	SK_SQL_LISTS_LOOKS,
	SK_SQL_UNOWNED_NOTE,
	SK_SQL_UNOWNED_SEEN,
	SK_SQL_UNOWNED_DROP_OWNED,
	SK_SQL_UNOWNED_PURGE,
	SK_SQL_LATEST_ACCEPTED,
	SK_SQL_UNSETTLED,
	SK_SQL_DURATIONS,
	SK_SQL_LIVING,
	SK_SQL_ENDED_SINCE,
	SK_SQL_ENDS_SINCE,
	SK_SQL_REFUSED_OFFICES,
	SK_SQL_ENDS_STRAIGHT,
	SK_SQL_ENDS_ADD,
	SK_SQL_ENDS_EVER,
	SK_SQL_ENDS_DIFFER,
	SK_SQL_ENDS_FORGET,
	SK_SQL_ENDS_COUNT_ANEW,

	SK_SQL_EVENT_ADD,
	SK_SQL_EVENTS_WAITING,
	SK_SQL_EVENTS_SINCE,
	SK_SQL_EVENTS_PAGE,
	SK_SQL_EVENTS_OF_ROW,
	SK_SQL_EVENTS_LAST,
	SK_SQL_EVENT_DELIVERED,
	SK_SQL_EVENT_ACKNOWLEDGED,
	SK_SQL_EVENT_FAILED,
	SK_SQL_EVENTS_REVIVE,
	SK_SQL_EVENT_REDELIVER,
	SK_SQL_EVENTS_ENDED_WELL,
	SK_SQL_EVENT_DROPPED,
	SK_SQL_EVENT_MADE,
	SK_SQL_EVENT_TOLD,
	SK_SQL_EVENT_LEADER,
	SK_SQL_EVENT_MEMBERS,
	SK_SQL_OUTBOX,

	SK_SQL_MOMENTS_AHEAD,
	SK_SQL_MOMENTS_MEND_ROWS,
	SK_SQL_MOMENTS_MEND_OFFICES,
	SK_SQL_MOMENTS_MEND_PRACTICES,
	SK_SQL_MOMENTS_MEND_FORGOTTEN,
	SK_SQL_MOMENTS_MEND_BEATS,
	SK_SQL_MOMENTS_MEND_HOLDS,
	SK_SQL_MOMENTS_MEND_CHOICES,
	SK_SQL_MOMENTS_MEND_MEASURES,
	SK_SQL_MOMENTS_MEND_REFRESHES,
	SK_SQL_MOMENTS_MEND_COMMANDS,
	SK_SQL_MOMENTS_MEND_NOT_LISTED,
	SK_SQL_MOMENTS_MEND_UNOWNED,
	SK_SQL_MOMENTS_MEND_NOT_OURS,
	SK_SQL_MOMENTS_MEND_REFUSALS,
	SK_SQL_MOMENTS_MEND_FACTS,
	SK_SQL_MOMENTS_DELAY_UNKNOWN,
	SK_SQL_MOMENTS_DELAY_LOOKS,
	SK_SQL_CLOCK_GET,
	SK_SQL_CLOCK_PUT,
	SK_SQL_HEARTBEAT_PUT,
	SK_SQL_HEARTBEATS,
	SK_SQL_REFUSAL_PUT,
	SK_SQL_REFUSAL_DROP,
	SK_SQL_REFUSAL_GET,
	SK_SQL_MEASURE_PUT,
	SK_SQL_MEASURE_TOLD,
	SK_SQL_MEASURE_TELL,
	SK_SQL_MEASURES,
	SK_SQL_ABSENCES,
	SK_SQL_ABSENCE_PUT,
	SK_SQL_ABSENCE_FORGET,
	SK_SQL_ABSENCES_TRIM,
	SK_SQL_UNTOLD_ADD,
	SK_SQL_UNTOLD_TELLERS,
	SK_SQL_UNTOLD_TAKE,
	SK_SQL_UNTOLD_ROWS,
	SK_SQL_UNTOLD_ANY,
	SK_SQL_UNTOLD_STRIKE,
	SK_SQL_HANDED_OUT,
	SK_SQL_HANDED_IN,
	SK_SQL_HAND_OVER_KNOWN,
	SK_SQL_HANDED_IN_OFFICES,
	SK_SQL_HANDED_OUT_OFFICES,
	SK_SQL_HAND_OVER_NAMES,
	SK_SQL_HAND_OVER_ADD,
	SK_SQL_HAND_OVER_BACK,
	SK_SQL_NEWEST_ID,
	SK_SQL_HANDED_ROWS_NAME,
	SK_SQL_HANDED_ROW_ADD,
	SK_SQL_HANDED_ROW_FIND,
	SK_SQL_HANDED_EVENTS_DROP,
	SK_SQL_HANDED_PAUSE_END,
	SK_SQL_GIVE_OFFICE,
	SK_SQL_GIVE_PRACTICES,
	SK_SQL_GIVE_ROWS,
	SK_SQL_GIVE_RUNS,
	SK_SQL_GIVE_PAUSES,
	SK_SQL_GIVE_EVENTS,
	SK_SQL_GIVE_NOT_OURS,
	SK_SQL_GIVE_ARCHIVED,
	SK_SQL_TAKE_OFFICE,
	SK_SQL_TAKE_PRACTICE,
	SK_SQL_TAKE_RUN,
	SK_SQL_TAKE_PAUSE,
	SK_SQL_TAKE_EVENT,
	SK_SQL_TAKE_NOT_OURS,
	SK_SQL_TAKE_ARCHIVED,
	SK_SQL_ARCHIVED_OFFICE,
	SK_SQL_NUMBERS_BEGIN, /* the next row gets 1, unless one had a number already */
	SK_SQL_NUMBER_USE,    /* no row gets the next one */
	SK_SQL_COUNT
};

/*
 * The latest moment of a row, and of an office, as an expression over all of their moments. An index
 * over it (migrations.c) shows at once whether one lies ahead of the clock.
 */
#define SK_LATEST_TEXT(name)
#define SK_LATEST_PATIENT(name)
#define SK_LATEST_INTEGER(name)
#define SK_LATEST_NUMBER(name)
#define SK_LATEST_STATE(name)
#define SK_LATEST_TIME(name) ", coalesce(" #name ", '')"
#define SK_LATEST(name, kind) SK_LATEST_##kind(name)
#define SK_LATEST_OF_ROW "max(''" SK_WRITEBACK_COLUMNS(SK_LATEST, SK_LATEST) ")"
#define SK_LATEST_OF_OFFICE                                              \
	"max(coalesce(renewed_at, ''), coalesce(renewal_tried_at, ''), " \
	"coalesce(renewal_refused_at, ''), coalesce(held_at, ''), "      \
	"coalesce(suspect_at, ''), coalesce(missing_at, ''))"

/*
 * Not one of the kinds that most events have: each request runs through them. The index events_made is without them. No
 * list: for one of more than two values SQLite makes a table, anew for each row that it writes.
 */
#define SK_NO_COURSE                                 \
	"kind <> 'queued' AND kind <> 'submitting' " \
	"AND kind <> 'pending' AND kind <> 'completed'"

/* An UPDATE of one row, prepared for a set of columns. */
struct sk_sql_put {
	uint64_t columns; /* 0: none yet */
	sqlite3_stmt *statement;
};
#define SK_SQL_PUTS 16 /* that many are kept; the steps of a usual life need fewer */

struct sk_store {
	sqlite3 *db; /* NULL after a COMMIT whose result couldn't be read back */
	char *path;  /* as it was given, for messages */
	char *file;  /* absolute, to open it again */
	enum sk_store_open how;
	int64_t pair;    /* of a file that may be begun; 0: none may */
	bool is_copied;  /* db is the copy in memory of a rehearsal */
	bool is_changed; /* the tables have another version than this program's (sk_sql_still) */
	int in_transaction;
	int64_t changes_at_begin;
	int64_t busy_most;  /* how long to wait for other processes, ms */
	int64_t busy_since; /* when the present wait began */
	int64_t run;        /* this process's row in runs; 0: it has none yet */
	bool run_is_kept;   /* the transaction that added that row was committed */
	int64_t teller;     /* 0: this process is none (store/untold) */
	sqlite3_stmt *statements[SK_SQL_COUNT];
	struct sk_sql_put puts[SK_SQL_PUTS];
	unsigned next_put; /* the one that is given up for another */
};

struct sk_query {
	struct sk_store *store;
	struct sk_error *err;
	sqlite3_stmt *statement; /* NULL: an empty store, or preparing it failed */
	int failed;
	int code; /* SQLite's extended code of the first failure */
};

/* The text of a statement. */
const char *sk_sql_text(enum sk_sql which);

/* Finalizes all prepared statements, before the connection is closed. */
void sk_sql_finalize(struct sk_store *store);

/* Makes an error for people, with an exit code, of SQLite's last failure on db. Returns -1. */
int sk_sql_error(sqlite3 *db, int code, const char *path, struct sk_error *err);

/* The file is damaged: how (may be NULL), and what mends it (74). Returns -1. */
int sk_sql_damaged(const char *path, const char *how, struct sk_error *err);

/* One number, 0 where there is no row: SQLite's code. */
int sk_sql_number(sqlite3 *db, const char *sql, int64_t *value);

/* Runs statements that return nothing: 0 or -1. */
int sk_sql_run(sqlite3 *db, const char *sql, const char *path, struct sk_error *err);

/*
 * Whether the open file still has the tables of this program: 0, or -1 when another program has converted
 * or replaced it meanwhile (75), or it can't be read.
 */
int sk_sql_still(struct sk_store *store, struct sk_error *err);

void sk_query_open(struct sk_query *query, struct sk_store *store, enum sk_sql which,
    struct sk_error *err);
/* The same for statements that write: without an open transaction it is a bug (70). */
void sk_query_write(struct sk_query *query, struct sk_store *store, enum sk_sql which,
    struct sk_error *err);
/*
 * For an UPDATE that sets these columns of one row of pms_writebacks: a bit for each, in the order of
 * SK_WRITEBACK_COLUMNS, and at least one. Their values are bound from slot 1 on, then the row's id, and the
 * state and the attempts that it must have.
 */
void sk_query_put(struct sk_query *query, struct sk_store *store, uint64_t columns,
    struct sk_error *err);
/* For those that prepare: the statement in *slot, prepared from text where there is none yet. */
void sk_query_open_slot(struct sk_query *query, struct sk_store *store, sqlite3_stmt **slot,
    const char *text, struct sk_error *err);

void sk_query_text(struct sk_query *query, int slot, const char *text); /* NULL: NULL */
void sk_query_number(struct sk_query *query, int slot, int64_t value);
void sk_query_number_or_null(struct sk_query *query, int slot, int64_t value); /* 0: NULL */
void sk_query_time(struct sk_query *query, int slot, int64_t moment);          /* 0: NULL */

bool sk_query_step(struct sk_query *query); /* true: a row; false: no more, or failed */

char *sk_query_column_text(struct sk_query *query, int column); /* the caller's; NULL: NULL */
const char *sk_query_column_look(struct sk_query *query,
    int column); /* borrowed until the next step */
int64_t sk_query_column_number(struct sk_query *query, int column);
int64_t sk_query_column_time(struct sk_query *query, int column);

/*
 * Resets the statement and drops what was bound. 0, or -1 when anything failed since it was opened.
 */
int sk_query_close(struct sk_query *query);

/* Steps to the end and closes. *changed (may be NULL): the number of rows changed. 0 or -1. */
int sk_query_run(struct sk_query *query, int64_t *changed);

/* Collects column 0 of all rows as numbers, and closes. */
int sk_query_collect(struct sk_query *query, int64_t **numbers, size_t *n);

/*
 * For functions that may be called with or without an open transaction: begin one unless one is
 * open, and end it only if it was begun here.
 */
int sk_own_begin(struct sk_store *store, int *own, struct sk_error *err);
int sk_own_end(struct sk_store *store, int own, int result, struct sk_error *err);

/* events.c: reads what the query's EVENT columns hold, and closes it. 0, or -1. */
struct sk_event;
int sk_events_read(struct sk_query *query, struct sk_event **events, size_t *n);

/*
 * schema.c: 1 the file is ours and up to date, 0 it is empty, 2 it is older than this program, -1
 * it isn't ours or is newer (78), or it is damaged or busy.
 */
int sk_schema_look(sqlite3 *db, const char *path, struct sk_error *err);

/* schema.c: 0 the file is sound, -1 with the first fault (74). */
int sk_schema_check(sqlite3 *db, const char *path, struct sk_error *err);
/*
 * upgrade.c: brings the empty or older file that is open up to date, in one transaction that checks the version again.
 * pair: for an empty one. An older one is copied beside itself before (sk_store_keep_version), and said on
 * stderr; without that copy nothing is converted. A copy in memory is converted without.
 */
int sk_store_upgrade(struct sk_store *store, int64_t pair, struct sk_error *err);

/*
 * backup.c: copies the file, which is of this version of the tables, to FILE.version-N-YYYYMMDDTHHMMSSZ beside it,
 * on a connection of its own: the caller is in a transaction that has written nothing yet. *name, the caller's, is
 * where the copy is. 0 or -1.
 */
int sk_store_keep_version(const struct sk_store *store, int64_t version, char **name,
    struct sk_error *err);

/* writebacks.c, query.c: reads the columns of a row, from column 0 on, id first. */
struct sk_writeback;
void sk_writeback_read(struct sk_query *query, struct sk_writeback *row);

/*
 * A JSON array for json_each. The caller frees. A text that isn't UTF-8 can't be in the file, and is
 * left out.
 */
char *sk_sql_numbers(const int64_t *numbers, size_t n);
char *sk_sql_texts(const char *const *texts, size_t n);

#endif
