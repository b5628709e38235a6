/* SPDX-License-Identifier: MIT */
/*
 * store_writebacks: the journal of writebacks (pms_writebacks), row by row. What may become of a
 * row is decided by life and written by ledger; here it is only read and put down, and a trigger
 * refuses any transition that isn't in sikka-life(7), Transitions.
 */
#ifndef SK_STORE_WRITEBACKS_H
#define SK_STORE_WRITEBACKS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/store.h"

/* The column result. Bits of a mask: 1u << state. */
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

const char *sk_state_name(enum sk_state state); /* "queued" … */
enum sk_state sk_state_find(const char *name);  /* SK_NONE: no such state */

/* One row. Each member is the column of that name; texts are owned, NULL where the column is. */
struct sk_writeback {
	int64_t id;
	char *writeback_id; /* the server's */
	char *office_id;
	char *practice_id;
	char *operation; /* "raw" for --raw */
	char *method;
	char *endpoint;
	char *request_body; /* without card fields; NULL: none, or purged */
	char *key;          /* the caller's own */
	char *content_key;  /* canonical form of a request without one; never printed */
	int again;          /* --again: outside of the uniqueness of keys */
	int holds_key;      /* counts in the unique indexes over key and content_key */
	int has_secret;     /* card fields were left out: never sent again by us */
	enum sk_state result;
	char *error_code;
	char *error_message;
	char *created_id;
	char *appointment_sr_no;
	int64_t run;  /* the run that it belongs to while queued or submitting */
	int attempts; /* how often it was claimed for sending; never lowered */
	int attempts_in_run;
	int retries; /* how often --retry queued it again */
	int check_count;
	int64_t queued_at;
	int64_t submitted_at; /* the last claim */
	int64_t unknown_at;
	int64_t not_received_at; /* kept through retries */
	int64_t absent_at;       /* the first whole list that held nothing of its kind */
	int64_t absent_list;     /* the last list that lacked it, by number; 0 none */
	int64_t completed_at;    /* the end, of whatever kind */
	int64_t last_checked_at; /* also a poller's claim on the next look */
	char *withdraw_reason;   /* "person" or "stuck": intended, noted before the DELETE leaves */
	int64_t withdraw_at;
	int64_t withdrawn_at; /* API4006, or gone after an intended withdrawal */
	int looks;            /* after a withdrawal: looks that found it gone */
	int64_t looked_at;
	int gone_looks; /* pending: looks at which the server didn't know the id */
	int64_t gone_at;
	int64_t stuck_at;  /* reported as stuck */
	int64_t warned_at; /* its appointment's start came near while it was pending */
	char *doubled_id;  /* a second request of the server's for this row, to be withdrawn */
	int64_t doubled_withdrawn_at;
	int64_t purged_at;
};

void sk_writeback_fini(struct sk_writeback *row);
void sk_writebacks_free(struct sk_writeback *rows, size_t n);

/* Inserts row (result queued) and sets row->id. 1 inserted; 0 its key is held by another row,
 * *holder. */
int sk_store_writeback_insert(struct sk_store *store, struct sk_writeback *row, int64_t *holder,
    struct sk_error *err);

/* 1 found, 0 not there, -1 error. */
int sk_store_writeback_get(struct sk_store *store, int64_t id, struct sk_writeback *row,
    struct sk_error *err);

/* The row that has this id of the server's, also as doubled_id: its number in *id. 1, 0, -1. */
int sk_store_writeback_owner(struct sk_store *store, const char *writeback_id, int64_t *id,
    struct sk_error *err);

/*
 * Writes every column of row, provided that the row still has state was and attempts were. In a
 * transaction. 1 written; 0 not: it has changed, or (*key_taken 1) its key is held by another row.
 */
int sk_store_writeback_put(struct sk_store *store, const struct sk_writeback *row,
    enum sk_state was, int were, int *key_taken, struct sk_error *err);

/* What to read: all conditions that are set hold together. */
struct sk_filter {
	unsigned states;            /* mask of SK_MASK(state); 0: all */
	const char *const *offices; /* n_offices of them; 0: all */
	size_t n_offices;
	const int64_t *ids; /* n_ids of them; 0: all */
	size_t n_ids;
	int64_t queued_since;   /* only rows queued at or after */
	int64_t ended_before;   /* only rows that ended before */
	int64_t checked_before; /* only rows not looked at since */
	int with_not_received;  /* only rows that have not_received_at */
	int with_looks_due;     /* only withdrawn ones, and failed "stuck", younger than 6 days */
	int with_doubled;       /* only rows whose doubled_id isn't withdrawn yet */
	int unpurged;           /* only rows that still hold a body or a content_key */
	int64_t most;           /* at most so many; 0: all */
};

/* In the order of id. *rows is an array of *n, the caller's: sk_writebacks_free. */
int sk_store_writebacks(struct sk_store *store, const struct sk_filter *filter,
    struct sk_writeback **rows, size_t *n, struct sk_error *err);

/*
 * Claims up to most pending or unknown rows for a look: those of ids (all when n is 0) of which
 * last_checked_at lies before checked_before get last_checked_at = now and check_count + 1, in one
 * transaction, least recently looked at first; so two pollers never ask for the same one. *claimed
 * is an array of row numbers, the caller's.
 */
int sk_store_writebacks_claim(struct sk_store *store, const int64_t *ids, size_t n,
    int64_t checked_before, int64_t now, size_t most, int64_t **claimed, size_t *n_claimed,
    struct sk_error *err);

/* Frees keys of out-of-date rows: content keys of POSTs that completed before. In a transaction. */
int sk_store_writebacks_free_keys(struct sk_store *store, const char *content_key,
    int64_t completed_before, struct sk_error *err);

/* Clears bodies, canonical keys and server texts of rows that ended before. In a transaction. */
int sk_store_writebacks_purge(struct sk_store *store, int64_t ended_before, int64_t now,
    int64_t *purged, struct sk_error *err);

/* The highest row number ever used, 0 none. */
int sk_store_writebacks_highest(struct sk_store *store, int64_t *id, struct sk_error *err);

/*
 * Whether a later request to the same endpoint of the office (PUT, PATCH, DELETE of one record) was
 * handed in and may have taken effect: 1, 0, -1. Sending the older one now would undo it.
 */
int sk_store_writebacks_overtaken(struct sk_store *store, const struct sk_writeback *row,
    struct sk_error *err);

/* Uses no row number up to this one any more. In a transaction. */
int sk_store_writebacks_skip_to(struct sk_store *store, int64_t id, struct sk_error *err);

/* When the oldest unknown row without an id was sent of those since then; 0 when there is none. */
int sk_store_writebacks_oldest_unsettled(struct sk_store *store, int64_t since,
    int64_t *submitted_at, struct sk_error *err);

/* Whether a request of this office, method and endpoint kind was sent after moment and accepted. */
int sk_store_writebacks_accepted_since(struct sk_store *store, const char *office_id,
    const char *method, const char *endpoint, int64_t moment, char ***writeback_ids, size_t *n,
    struct sk_error *err);

/* How long the office's last writebacks took from submitting to their end, ms, ascending, at most
 * most. */
int sk_store_writebacks_durations(struct sk_store *store, const char *office_id, size_t most,
    int64_t **durations, size_t *n, struct sk_error *err);

/* One line of the overview: office, state, how many, the oldest's queued_at. */
struct sk_tally {
	char *office_id;
	enum sk_state state;
	int64_t count;
	int64_t oldest;
};
/* Of living rows all, of ended ones those that ended since. The caller's: sk_tallies_free. */
int sk_store_writebacks_tally(struct sk_store *store, int64_t since, struct sk_tally **tallies,
    size_t *n, struct sk_error *err);
void sk_tallies_free(struct sk_tally *tallies, size_t n);

/*
 * Living rows by office and state: how many, the oldest's moment, and how many are younger than
 * each of the ages. Age counts from when the row became what it is: unknown_at, submitted_at,
 * queued_at.
 */
#define SK_AGES 4
struct sk_open_tally {
	char *office_id;
	enum sk_state state;
	int64_t count;
	int64_t oldest;
	int64_t younger[SK_AGES];
};
/* The caller's: sk_open_tallies_free. */
int sk_store_writebacks_living(struct sk_store *store, const int64_t ages[SK_AGES], int64_t now,
    struct sk_open_tally **living, size_t *n, struct sk_error *err);
void sk_open_tallies_free(struct sk_open_tally *living, size_t n);

/*
 * What ended since, of n_offices offices (0: of all), by state; and how long the completed ones
 * that were never in doubt took, ms, ascending. The caller frees durations.
 */
struct sk_ended {
	int64_t count[SK_STATES];
	int64_t *durations;
	size_t n_durations;
};
int sk_store_writebacks_ended(struct sk_store *store, const char *const *offices, size_t n_offices,
    int64_t since, struct sk_ended *ended, struct sk_error *err);

/*
 * How often writebacks ended, ever, by office and state: these numbers never fall, though a failed
 * row may live again. The caller's: sk_tallies_free.
 */
int sk_store_writebacks_ends(struct sk_store *store, struct sk_tally **tallies, size_t *n,
    struct sk_error *err);

/*
 * Runs. A number is never used again. Start and end: in the open transaction, or else in one of
 * their own. Distinct runs that queued and submitting rows belong to: sk_store_runs_open (0 among
 * them when such a row has none).
 */
int sk_store_run_start(struct sk_store *store, const char *command, int64_t now, int64_t *run,
    struct sk_error *err);
int sk_store_run_end(struct sk_store *store, int64_t run, int64_t now, struct sk_error *err);
int sk_store_runs_open(struct sk_store *store, int64_t **runs, size_t *n, struct sk_error *err);

#endif
