/* SPDX-License-Identifier: MIT */
/*
 * store_writebacks: the journal of writebacks (pms_writebacks), row by row. What may become of a
 * row is decided by life and written by ledger. This module only reads and writes rows, and a trigger
 * refuses any transition that isn't in sikka-life(7), Transitions.
 */
#ifndef SK_STORE_WRITEBACKS_H
#define SK_STORE_WRITEBACKS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/store.h"

/* The column result. A mask has the bits 1u << state. */
enum sk_state {
	SK_NONE,
	SK_QUEUED,
	SK_SUBMITTING,
	SK_PENDING,
	SK_UNKNOWN,
	SK_COMPLETED,
	SK_FAILED,
	SK_WITHDRAWN,
	SK_STATES
};
#define SK_MASK(state) (1u << (state))
#define SK_ENDED (SK_MASK(SK_COMPLETED) | SK_MASK(SK_FAILED) | SK_MASK(SK_WITHDRAWN))
#define SK_OPEN_STATES \
	(SK_MASK(SK_QUEUED) | SK_MASK(SK_SUBMITTING) | SK_MASK(SK_PENDING) | SK_MASK(SK_UNKNOWN))

/* The column holds_content: what an equal request meets. */
enum sk_content_hold {
	SK_CONTENT_FREE,  /* nothing */
	SK_CONTENT_ALONE, /* this row, which counts in the unique index over content_key */
	SK_CONTENT_BESIDE /* this row, which was sent although another one held the content */
};

const char *sk_state_name(enum sk_state state); /* "queued" … */
enum sk_state sk_state_find(const char *name);  /* SK_NONE: no such state */

/*
 * The columns of pms_writebacks, except id. This is the only list of them: members of the struct,
 * reading and writing are made from it. lib/README says what a new column needs. The macro FIRST is
 * for the first column, so that a list can be joined by commas. The kinds:
 *
 *	TEXT	char *, owned; NULL where the column is NULL
 *	PATIENT	the same; may say something about a patient: wiped when freed
 *	INTEGER	int
 *	NUMBER	int64_t, 0 where the column is NULL
 *	TIME	int64_t, 0 where the column is NULL
 *	STATE	enum sk_state
 */
#define SK_WRITEBACK_COLUMNS(FIRST, X)                                                           \
	FIRST(writeback_id, TEXT) /* the server's */                                             \
	X(office_id, TEXT)                                                                       \
	X(practice_id, TEXT)                                                                     \
	X(operation, TEXT) /* "raw" for --raw */                                                 \
	X(method, TEXT)                                                                          \
	X(endpoint, TEXT)                                                                        \
	X(request_body, PATIENT)  /* without card fields; NULL: none, or purged */               \
	X(key, TEXT)              /* the caller's own */                                         \
	X(content_key, PATIENT)   /* store/content.h; of an unclaimed row: life/same.h */        \
	X(again, INTEGER)         /* --again: outside of the uniqueness of key and content */    \
	X(holds_key, INTEGER)     /* counts in the unique index over key */                      \
	X(holds_content, INTEGER) /* enum sk_content_hold */                                     \
	X(unclaimed, INTEGER)     /* taken over, and no request has turned out to be its */      \
	X(adopted, INTEGER)       /* its id is from a list or a person, from no answer to it */  \
	X(only_named, INTEGER)    /* in an older copy: sent again only when a person names it */ \
	X(has_secret, INTEGER)    /* card fields were left out: never sent again by us */        \
	X(result, STATE)                                                                         \
	X(error_code, TEXT) /* the server's, or ours: store/codes.h */                           \
	X(error_message, PATIENT)                                                                \
	X(created_id, TEXT)                                                                      \
	X(appointment_sr_no, TEXT)                                                               \
	X(run, NUMBER)       /* the run that it belongs to while queued or submitting */         \
	X(attempts, INTEGER) /* how often it was claimed for sending; never lowered */           \
	X(attempts_in_run, INTEGER)                                                              \
	X(retries, INTEGER) /* how often --retry queued it again */                              \
	X(check_count, INTEGER)                                                                  \
	X(took_ms, NUMBER) /* that the practice took, by the server's times; 0: not told */      \
	X(queued_at, TIME)                                                                       \
	X(submitted_at, TIME) /* the last claim */                                               \
	X(unknown_at, TIME)                                                                      \
	X(not_received_at, TIME) /* kept through retries */                                      \
	X(absent_at, TIME)       /* the first whole list that held nothing of its kind */        \
	X(absent_list, NUMBER)   /* the last list that lacked it, by number; 0 none */           \
	X(completed_at, TIME)    /* the end, of whatever kind */                                 \
	X(resolved_at, TIME)     /* a person said how it ended */                                \
	X(last_checked_at, TIME) /* also a poller's claim on the next look */                    \
	X(withdraw_reason, TEXT) /* "person", "stuck": noted before the DELETE leaves */         \
	X(withdraw_at, TIME)                                                                     \
	X(withdrawn_at, TIME) /* API4006, or gone after an intended withdrawal */                \
	X(looks, INTEGER)     /* after a withdrawal: looks that found it gone */                 \
	X(looked_at, TIME)                                                                       \
	X(gone_looks, INTEGER) /* pending: looks at which the server didn't know the id */       \
	X(gone_at, TIME)                                                                         \
	X(doubled_id, TEXT) /* a second request of the server's for this row, to be withdrawn */ \
	X(doubled_withdrawn_at, TIME)                                                            \
	X(purged_at, TIME)

#define SK_MEMBER_TEXT(name) char *name;
#define SK_MEMBER_PATIENT(name) char *name;
#define SK_MEMBER_INTEGER(name) int name;
#define SK_MEMBER_NUMBER(name) int64_t name;
#define SK_MEMBER_TIME(name) int64_t name;
#define SK_MEMBER_STATE(name) enum sk_state name;
#define SK_MEMBER(name, kind) SK_MEMBER_##kind(name)

/* One row. */
struct sk_writeback {
	int64_t id;
	SK_WRITEBACK_COLUMNS(SK_MEMBER, SK_MEMBER)
};

void sk_writeback_fini(struct sk_writeback *row);

/* The copy is freed by _fini as well. */
void sk_writeback_copy(struct sk_writeback *copy, const struct sk_writeback *row);
void sk_writebacks_free(struct sk_writeback *rows, size_t n);

/* The row's request_body as JSON, to be freed by the caller; NULL if it has none. */
json_t *sk_writeback_body(const struct sk_writeback *row);

/* The row that an object with all columns holds, to be freed by _fini in any case. 0; -1: it holds none. */
int sk_writeback_from_json(struct sk_writeback *row, const json_t *object);

/*
 * Moves the rows for which is_wanted returns true to the front, in their order, and returns how
 * many they are. at is the row's index before that.
 */
typedef bool sk_writeback_is(const struct sk_writeback *row, size_t at, const void *arg);
size_t sk_writebacks_partition(struct sk_writeback *rows, size_t n, sk_writeback_is *is_wanted,
    const void *arg);

/*
 * Inserts row (result queued) and sets row->id. 1 inserted; 0 another row, *holder, holds its key or
 * alone its content, where row is to hold them (alone), too.
 */
int sk_store_writeback_insert(struct sk_store *store, struct sk_writeback *row, int64_t *holder,
    struct sk_error *err);

/* 1 found, 0 not found, -1 error. */
int sk_store_writeback_get(struct sk_store *store, int64_t id, struct sk_writeback *row,
    struct sk_error *err);

/*
 * The same, but fills only office_id, method, endpoint, submitted_at, resolved_at and unclaimed: a list has thousands of
 * entries, and a row forty columns.
 */
int sk_store_writeback_outline(struct sk_store *store, int64_t id, struct sk_writeback *row,
    struct sk_error *err);

/* The number of the row that has this id of the server's, also as doubled_id, in *id: 1, 0, -1. */
int sk_store_writeback_owner(struct sk_store *store, const char *writeback_id, int64_t *id,
    struct sk_error *err);

/*
 * Writes every column of row, provided that the row still has state was and attempts were. In the
 * caller's transaction. 1 written; 0 not written: the row has changed or, with *key_taken 1,
 * another row holds its key.
 */
int sk_store_writeback_put(struct sk_store *store, const struct sk_writeback *row,
    enum sk_state was, int were, int *key_taken, struct sk_error *err);

/* The same for whoever has read the row in this transaction: before is what was read. */
int sk_store_writeback_change(struct sk_store *store, const struct sk_writeback *before,
    const struct sk_writeback *row, int *key_taken, struct sk_error *err);

/* What to read: a row has to meet all conditions that are set. */
struct sk_filter {
	unsigned states;            /* mask of SK_MASK(state); 0: all */
	const char *const *offices; /* n_offices of them; 0: all */
	size_t n_offices;
	const int64_t *ids; /* n_ids of them; 0: all */
	size_t n_ids;
	const int64_t *run;       /* only queued and submitting rows of this run; NULL: all */
	int64_t queued_since;     /* only rows queued at or after */
	int64_t ended_before;     /* only rows that ended before */
	int64_t checked_before;   /* only rows not looked at since then */
	int with_not_received;    /* only rows that have not_received_at */
	int64_t looks_due_since;  /* only withdrawn ones, and failed "stuck", submitted after */
	int64_t resolved_since;   /* only rows that a person resolved at or after */
	int with_doubled;         /* only rows whose doubled_id isn't withdrawn yet */
	int unpurged;             /* only rows that still hold a body or a content_key */
	int64_t most;             /* at most so many; 0: all */
	const char *key;          /* the caller's; NULL: any, as of those below */
	const char *writeback_id; /* the server's, also as doubled_id */
	const char
	    *appointment;    /* only rows that made or concern the appointment with this number */
	const char *patient; /* that made or concern this patient; a purged body doesn't tell */
	const char *error_code;
};

/* By id. The array of *n is the caller's: sk_writebacks_free. */
int sk_store_writebacks(struct sk_store *store, const struct sk_filter *filter,
    struct sk_writeback **rows, size_t *n, struct sk_error *err);

/* The numbers of all open rows, of n_offices offices (0: of all), in order. *ids is the caller's. */
int sk_store_writebacks_open(struct sk_store *store, const char *const *offices, size_t n_offices,
    int64_t **ids, size_t *n, struct sk_error *err);

/* Which pending and unknown rows are claimed for a check. */
struct sk_claim {
	const int64_t *ids; /* n of them; 0: all rows */
	size_t n;
	int64_t checked_before; /* only rows whose last_checked_at is before */
	int64_t now;            /* their last_checked_at then */
	size_t most;            /* at most so many, the least recently checked first */
};

/*
 * Claims rows: they get last_checked_at and check_count + 1 in one transaction, so two pollers never
 * ask for the same row. *claimed is an array of row numbers, the caller's.
 */
int sk_store_writebacks_claim(struct sk_store *store, const struct sk_claim *claim,
    int64_t **claimed, size_t *n_claimed, struct sk_error *err);

/*
 * Frees the content of POSTs with that digest that completed before that moment. In the caller's
 * transaction.
 */
int sk_store_writebacks_free_keys(struct sk_store *store, const char *content_key,
    int64_t completed_before, struct sk_error *err);

/* The highest row number ever used, 0 none. */
int sk_store_writebacks_highest(struct sk_store *store, int64_t *id, struct sk_error *err);

/*
 * Whether a later request to the same endpoint of the office (PUT, PATCH, DELETE of one record) was
 * handed in and may have been carried out: 1, 0, -1. Sending the older one now would undo it.
 */
int sk_store_writebacks_overtaken(struct sk_store *store, const struct sk_writeback *row,
    struct sk_error *err);

/*
 * Whether a row with equal content was sent after this one was handed in, however long ago, and may
 * have been carried out: 1, 0, -1. Rows that were meant to be another one (again) don't count.
 */
int sk_store_writebacks_sent_equal(struct sk_store *store, const struct sk_writeback *row,
    struct sk_error *err);

/* Makes sure that no row gets a number up to this one any more. In the caller's transaction. */
int sk_store_writebacks_skip_to(struct sk_store *store, int64_t id, struct sk_error *err);

/*
 * The latest request of ours, of any office, that was accepted, was sent at that moment or earlier,
 * and that a list should show: neither withdrawn nor lost. 1 with its id (the caller's) and when it
 * was sent; 0 there is none; -1 error.
 */
int sk_store_writebacks_latest_accepted(struct sk_store *store, int64_t sent_until,
    char **writeback_id, int64_t *submitted_at, struct sk_error *err);

/* What a decision about a row rests on. */
struct sk_mark {
	int64_t id;
	enum sk_state result;
	int attempts;
	int64_t run;
};
/* Of all submitting rows, and all unknown ones without an id, by id. The array is the caller's. */
int sk_store_writebacks_unsettled(struct sk_store *store, struct sk_mark **marks, size_t *n,
    struct sk_error *err);

/*
 * How long the practice took for the office's last writebacks (at most most), in ms, ascending: by the
 * times of the server alone, which has whole seconds; rounded up.
 */
int sk_store_writebacks_durations(struct sk_store *store, const char *office_id, size_t most,
    int64_t **durations, size_t *n, struct sk_error *err);

/*
 * Open rows (not ended) by office and state: how many, the oldest's moment, and how many are
 * younger than each of the ages. A row's age counts from when it came into its state: unknown_at,
 * submitted_at, queued_at.
 */
#define SK_AGES 4
struct sk_open_tally {
	char *office_id;
	enum sk_state state;
	int64_t count;
	int64_t oldest;
	int64_t younger[SK_AGES];
	int64_t oldest_younger[SK_AGES]; /* the oldest moment of these; 0: there are none */
};
/* The caller's: sk_open_tallies_free. */
int sk_store_writebacks_living(struct sk_store *store, const int64_t ages[SK_AGES], int64_t now,
    struct sk_open_tally **living, size_t *n, struct sk_error *err);
void sk_open_tallies_free(struct sk_open_tally *living, size_t n);

/*
 * What ended since then, of n_offices offices (0: of all), by state; and how long the practices took for
 * the completed rows that were never unknown, in ms, ascending. The caller frees durations.
 */
struct sk_ended {
	int64_t count[SK_STATES];
	int64_t *durations;
	size_t n_durations;
};
int sk_store_writebacks_ended(struct sk_store *store, const char *const *offices, size_t n_offices,
    int64_t since, struct sk_ended *ended, struct sk_error *err);

/*
 * Calls the function for each office whose latest row that ended since then failed with the server's code; not
 * if the office got a new key later. at: when the first of those rows ended that nothing else followed.
 */
typedef void sk_store_refused_fn(void *arg, const char *office_id, int64_t at);
int sk_store_writebacks_refused_offices(struct sk_store *store, const char *code, int64_t since,
    sk_store_refused_fn *take, void *arg, struct sk_error *err);

#endif
