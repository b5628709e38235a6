/* SPDX-License-Identifier: MIT */
/* sweep_parts: what the files of sweep share. Private to sweep. */
#ifndef SK_COMMANDS_SWEEP_PARTS_H
#define SK_COMMANDS_SWEEP_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/time.h"
#include "store/writebacks.h"
#include "life/check_status.h"
#include "life/match.h"
#include "commands/sweep.h"

#define SK_SWEEP_RETRIES 10           /* how often a row is queued again at most */
#define SK_SWEEP_REPEAT (6 * SK_HOUR) /* the same report isn't made again in this time */

struct sk_rehearsal;

struct sk_sweep {
	struct sk_session *session;
	struct sk_rehearsal *rehearsal; /* with -n: what would be done, collected; else NULL */
	struct sk_pool *pool;           /* NULL until something needs the server */
	const struct sk_sweep_options *options;
	enum sk_exit exit;
	size_t n_left;           /* what a signal kept from being sent again */
	bool lacks_copy;         /* one was asked for, and isn't written */
	struct sk_error trouble; /* the first error */
	struct sk_error told;    /* the last error that was printed */
	json_t *ages;            /* what is known of the data of practices; sweep_booked.c */
};

/* Rows in these states, of the offices that -O selects. */
struct sk_filter sk_sweep_filter(const struct sk_sweep *sweep, unsigned states);

/* When a row was sent, or was queued if it hasn't been sent yet. */
int64_t sk_sweep_sent_at(const struct sk_writeback *row);

/* Opens the pool when it is needed for the first time. 0, or -1 with trouble. */
int sk_sweep_go_online(struct sk_sweep *sweep);

/*
 * Notes an error. The first is printed at the end, others at once; but the same error isn't printed
 * again and again, as when each part meets the same broken disk. Its code counts in any case.
 */
void sk_sweep_note(struct sk_sweep *sweep, const struct sk_error *err);

/* Reads a row that a person has named. Whether it was found; if not, that is noted. */
bool sk_sweep_get_row(struct sk_sweep *sweep, int64_t id, struct sk_writeback *row);

/* Whether the office is in the state file; if not, that is noted, with the option that names it. */
bool sk_sweep_knows_office(struct sk_sweep *sweep, const char *option, const char *office_id);

/* Counts a changed row for the exit code. Of the type sk_changed_fn; sweep is a struct sk_sweep. */
void sk_sweep_changed(void *sweep, const struct sk_writeback *row);

/* A check of this sweep: changed rows are counted by sk_sweep_changed. The pool has to be open. */
struct sk_check sk_sweep_check(struct sk_sweep *sweep);

/*
 * sweep_rehearse.c: with -n every part of the sweep runs as it always does, on a copy of the state file in memory
 * (SK_STORE_REHEARSE). What it records there is what a run would record: it is collected, and told at the
 * end. Without -n these functions do nothing.
 */
void sk_sweep_rehearse(struct sk_sweep *sweep);

/* Shows the unknown rows beside what the list has of their kind. sweep: a struct sk_sweep. */
void sk_sweep_rehearse_list(void *sweep, struct sk_listing *list);

/* The row isn't sent again, though it could be. candidates (may be NULL; taken): because of these. */
void sk_sweep_rehearse_left(struct sk_sweep *sweep, const struct sk_writeback *row,
    json_t *candidates);

/* What concerns no row: prints what would be done. record (taken) gets "would". */
void sk_sweep_rehearse_upkeep(struct sk_sweep *sweep, const char *would, json_t *record);

/* Prints a line for each row, and for each event above after that is about none of them. */
void sk_sweep_rehearse_tell(struct sk_sweep *sweep, int64_t after);

/* sweep_candidates.c */
/* The entries of a list that nobody owns, in an order in which those of a row are found. Borrows from the list. */
struct sk_candidates;
struct sk_candidates *sk_candidates_new(const struct sk_listing *list);
void sk_candidates_free(struct sk_candidates *candidates);
/*
 * Those of the row's kind, ten at most and those of its patient first, in the order of the list, and field by field where
 * they differ from the row. The caller's.
 */
json_t *sk_candidates_of(const struct sk_candidates *candidates, const struct sk_writeback *row);

/* sweep_settle.c */
void sk_sweep_settle(struct sk_sweep *sweep);
/* With -n, on an older copy, where nothing is settled: shows what a person may compare. */
void sk_sweep_show_unknown(struct sk_sweep *sweep);
void sk_sweep_report_unlooked(struct sk_sweep *sweep);

/* sweep_decide.c */
void sk_sweep_resolve(struct sk_sweep *sweep);

/* sweep_entries.c */
void sk_sweep_judge_entries(struct sk_sweep *sweep);

/* sweep_pause.c */
/* --pause and --resume, before anything else. Whether the offices that are named are known; else nothing is done. */
bool sk_sweep_pause(struct sk_sweep *sweep);
/* Whether nothing new may leave for the office. One that can't be read counts as paused, and is noted. */
bool sk_sweep_is_paused(struct sk_sweep *sweep, const char *office_id);

/* sweep_holds.c */

/* With -n: the entries of the server's list for which nothing is sent; sikka-life(7), Holds. */
void sk_sweep_show_holds(struct sk_sweep *sweep);
/* Judges them again: a person has said whose they are. What is left is noted as an error. */
void sk_sweep_review_holds(struct sk_sweep *sweep);

/* sweep_act.c */
void sk_sweep_withdraw_named(struct sk_sweep *sweep);
void sk_sweep_withdraw_open(struct sk_sweep *sweep);

/* sweep_retry.c */
void sk_sweep_retry(struct sk_sweep *sweep);

/* sweep_booked.c */
/*
 * Whether it is a booking that was, or may have been, on its way to the practice: what surely wasn't sent has
 * nothing to look for there.
 */
bool sk_sweep_may_be_booked(const struct sk_writeback *row);
enum sk_unbooked {
	SK_UNBOOKED_ERROR = -1,
	SK_UNBOOKED_NO,    /* he has one, or that isn't clear: it is told */
	SK_UNBOOKED_YES,   /* it may be sent again */
	SK_UNBOOKED_WAITS, /* what is read is older than the request: it is told */
};
/*
 * Whether such a row may be sent again as far as the patient's appointments of that day go. has_looked: a person
 * knows that he had none, so that old data will do. The pool has to be open.
 */
enum sk_unbooked sk_sweep_is_unbooked(struct sk_sweep *sweep, const struct sk_writeback *row,
    bool has_looked, struct sk_error *err);

/* sweep_refresh.c */
void sk_sweep_refresh_data(struct sk_sweep *sweep);
/* Whether the offices that are named for it are in the file; what isn't is noted. */
bool sk_sweep_knows_offices(struct sk_sweep *sweep);

/* sweep_stuck.c */
void sk_sweep_stuck(struct sk_sweep *sweep);

/* sweep_purge.c */
/* --purge-after */
void sk_sweep_purge(struct sk_sweep *sweep);
/* --purge-patient: of each, what can be cleared; the rest is told, and where copies are. */
void sk_sweep_purge_patients(struct sk_sweep *sweep);

/* sweep_archive.c */
/* --archive-after */
void sk_sweep_archive(struct sk_sweep *sweep);

/* sweep_warn.c */
void sk_sweep_warn(struct sk_sweep *sweep);

#endif
