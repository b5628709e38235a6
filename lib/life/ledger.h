/* SPDX-License-Identifier: MIT */
/*
 * ledger: what has happened to a writeback is written here and nowhere else. Reads the row within
 * the transaction, makes sure that it still is what the caller decided on (state and attempts),
 * asks life, writes the row and its event.
 */
#ifndef SK_LIFE_LEDGER_H
#define SK_LIFE_LEDGER_H

#include <jansson.h>
#include <stdint.h>

#include "base/error.h"
#include "store/session.h"
#include "store/store.h"
#include "store/writebacks.h"
#include "life/life.h"

struct sk_fact {
	enum sk_happening what;
	int64_t run;              /* SK_TAKEN_OVER, SK_RETRIED: whose row it becomes */
	const char *writeback_id; /* SK_ACCEPTED, SK_FOUND, SK_RESOLVED_PENDING, SK_DOUBLE_SEEN */
	const char *error_code;   /* the server's, or ours: sk_code_name */
	const char *error_message;
	const char *created_id;
	const char *appointment_sr_no;
	int64_t at;       /* what was seen: when it was asked for, the list begun; 0: now */
	int64_t list;     /* the number of the list that lacks it; 0: no list says so */
	const char *note; /* for the event's text: who said so; no patient's data */
};

enum sk_recorded {
	SK_RECORD_ERROR = -1,
	SK_RECORD_STALE = 0, /* the row has changed, or the table has no such way: decide anew */
	SK_RECORDED = 1,
	SK_RECORD_KEY_TAKEN = 2, /* another row holds its key: nothing written */
	SK_RECORD_ID_TAKEN = 3   /* the id is another row's: nothing written */
};

/*
 * In the caller's transaction. That SK_ACCEPTED brings an id which is another row's is recorded as
 * accepted without one. row names the row and what was decided on (id, result, attempts,
 * run); when recorded it becomes the new row, else it stays as it was. step may be NULL.
 */
enum sk_recorded sk_ledger_record(struct sk_store *store, struct sk_writeback *row,
    const struct sk_fact *fact, struct sk_step *step, struct sk_error *err);

/* The same in a transaction of its own. */
enum sk_recorded sk_ledger_record_one(struct sk_store *store, struct sk_writeback *row,
    const struct sk_fact *fact, struct sk_step *step, struct sk_error *err);

/*
 * Whether the list of that number comes next after those that lacked the row before, if any: lists
 * that lack a row prove something when they follow one another, since one in a row may be torn.
 */
int sk_ledger_list_follows(const struct sk_writeback *row, int64_t list);

/*
 * Turns over the rows of dead runs: queued ones failed not_sent, submitting ones unknown. Whether a
 * run lives is asked of its lock. After a restore nothing is turned over. Living runs whose rows
 * haven't moved for 10 minutes become an event.
 */
int sk_ledger_turn_over(struct sk_session *session, struct sk_error *err);

/* The exit code that a row's state means: 0 completed, 1 failed or withdrawn, 2 unknown, 3 else. */
int sk_ledger_exit(const struct sk_writeback *row);

/* Its record (the caller's). Times as text, what isn't there as null. */
json_t *sk_ledger_json(const struct sk_writeback *row, int with_body);

/* The columns of the record for --format table. */
extern const char *const SK_LEDGER_COLUMNS[];

#endif
