/* SPDX-License-Identifier: MIT */
/*
 * ledger: what has happened to a writeback is written here and nowhere else. It reads the row
 * within the transaction, makes sure that the row still is what the caller decided on (state,
 * attempts and run), asks life, and writes the row and its event.
 */
#ifndef SK_LIFE_LEDGER_H
#define SK_LIFE_LEDGER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "store/session.h"
#include "store/store.h"
#include "store/writebacks.h"
#include "life/life.h"

struct sk_fact {
	enum sk_happening what;
	int64_t run; /* SK_TAKEN_OVER, SK_RETRIED, SK_PERSON_RETRIES: the run that gets the row */
	const char *writeback_id; /* SK_ACCEPTED, SK_FOUND, SK_RESOLVED_PENDING, SK_DOUBLE_SEEN */
	const char *error_code;   /* the server's, or ours: sk_code_name */
	const char *error_message;
	const char *created_id;
	const char *appointment_sr_no;
	int64_t took; /* ms that the practice took, by the server's times; 0: it doesn't tell */
	int64_t at;   /* when the answer was asked for, or the list was begun; 0: now */
	int64_t list; /* the number of the list that lacks the row; 0: no list does */
	bool
	    beside; /* SK_RETRIED, SK_PERSON_RETRIES: another row holds its content, and both may be meant */
	const char *note; /* for the event's text, e.g. who decided; no patient's data */
};

enum sk_recorded {
	SK_RECORD_ERROR = -1,
	SK_RECORD_STALE = 0, /* the row has changed, or this can't happen to it: decide anew */
	SK_RECORDED = 1,
	SK_RECORD_KEY_TAKEN = 2, /* another row holds its key; nothing is written */
	SK_RECORD_ID_TAKEN = 3   /* the id belongs to another row; nothing is written */
};

/*
 * Records a fact in the caller's transaction. If SK_ACCEPTED brings an id that belongs to another
 * row, SK_ID_TAKEN is recorded. row is the row and what was decided on (id,
 * result, attempts, run); once recorded it is the new row, otherwise it stays as it was. step may
 * be NULL.
 */
enum sk_recorded sk_ledger_record(struct sk_store *store, struct sk_writeback *row,
    const struct sk_fact *fact, struct sk_step *step, struct sk_error *err);

/*
 * From now on fn hears of each fact that is recorded, in the transaction that records it: before is the row as
 * it was, after as it is. For a rehearsal, which tells what a run would do; NULL: nobody hears of it.
 */
typedef void sk_ledger_heard(void *arg, const struct sk_fact *fact,
    const struct sk_writeback *before, const struct sk_writeback *after);
void sk_ledger_listen(sk_ledger_heard *fn, void *arg);

/* The same in a transaction of its own. */
enum sk_recorded sk_ledger_record_one(struct sk_store *store, struct sk_writeback *row,
    const struct sk_fact *fact, struct sk_step *step, struct sk_error *err);

/*
 * Whether the list of that number directly follows the last list that lacked the row, or is the
 * first that lacks it. Lists prove an absence only when they follow one another, since one in a row
 * may be torn.
 */
bool sk_ledger_list_follows(const struct sk_writeback *row, int64_t list);

/*
 * Turns over the rows of dead runs: queued ones fail with not_sent, submitting ones become unknown.
 * Whether a run lives is asked of its lock. In an older copy nothing is turned over. A run that
 * lives and whose rows haven't changed for 10 minutes becomes an event.
 */
int sk_ledger_turn_over(struct sk_session *session, struct sk_error *err);

/* The exit code for a row's state: 0 completed, 1 failed or withdrawn, 2 unknown, 3 otherwise. */
enum sk_exit sk_ledger_exit(const struct sk_writeback *row);

/* Where a request was read; both members are borrowed, and 0 for a row that is from no input. */
struct sk_origin {
	const char *file; /* its name as it was given; "-" is standard input */
	size_t line;
	bool is_of_several; /* there are several files, so messages name this one */
	size_t nth;         /* which of all requests that were read it is, from 1 on */
};

/* One handing in of a request, to which a record answers. */
struct sk_asked {
	struct sk_origin origin;
	bool is_duplicate; /* the row is that of an earlier, equal request */
};

/* What has happened to the row and why, for its event; without patients' data. The caller's. */
char *sk_ledger_words(const struct sk_writeback *row, const struct sk_fact *fact);

/* Only why, without the row: what several rows may have in common. The caller's. */
char *sk_ledger_cause(const struct sk_writeback *row, const struct sk_fact *fact);

/* Adds to a record what the row asks for: office, practice, operation, method, endpoint. */
void sk_ledger_json_request(json_t *record, const struct sk_writeback *row);

/* Adds line and file, where there are any, and key. */
void sk_ledger_json_origin(json_t *record, const struct sk_origin *origin, const char *key);

/* Adds by what a person knows a request: date, time, patient_id and text, null where there is none. */
void sk_ledger_json_known(json_t *record, const json_t *fields);

/*
 * The row's record (the caller's), which sikka-records(5) describes: a member that has no value is null.
 * A request that isn't in the journal has no id and no result. asked may be NULL: not read from any input.
 */
json_t *sk_ledger_json(const struct sk_writeback *row, const struct sk_asked *asked, int with_body);

/* The columns of the record for --format table. */
extern const struct sk_column SK_LEDGER_COLUMNS[];

#endif
