/* SPDX-License-Identifier: MIT */
/*
 * sweep: repairs and cleans up: settles what is unknown, checks what was withdrawn, reports and
 * withdraws what is stuck, sends again what may be sent again, warns, notifies, purges, copies.
 */
#ifndef SK_COMMANDS_SWEEP_H
#define SK_COMMANDS_SWEEP_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "calls/pool.h"

#define SK_SWEEP_REPORT_AFTER (6 * SK_HOUR)

enum sk_stuck { SK_STUCK_REPORT, SK_STUCK_BY_AGE, SK_STUCK_AUTO };

/* ID=WRITEBACK_ID, ID=completed, ID=failed or ID=withdrawn. */
struct sk_resolution {
	int64_t id;
	const char *what;
};

/* Requests or events that a person names, by their numbers. */
struct sk_numbers {
	int64_t *list;
	size_t n;
};

/* Offices that a person names; the texts are borrowed. */
struct sk_scopes {
	bool all; /* and all of them */
	const char **offices;
	size_t n;
};

/* A patient that a person names, by the number at the practice. Borrowed, but for the office. */
struct sk_patient {
	char *office_id;
	const char *patient_id;
};

/* Ids of writebacks that a person names. */
struct sk_entries {
	char **ids;
	size_t n;
};

struct sk_sweep_options {
	enum sk_stuck stuck;
	int64_t stuck_after; /* SK_STUCK_BY_AGE */
	int retry;           /* what failed for a reason that passes */
	struct sk_numbers retry_named;
	struct sk_numbers withdraw;
	struct sk_resolution *resolve;
	size_t n_resolve;
	struct sk_entries not_ours;
	struct sk_entries adopt;
	struct sk_numbers ack;         /* events that somebody has seen */
	int redeliver;                 /* all that wait or were set aside are due */
	struct sk_numbers redelivered; /* events that are to be delivered again */
	const char **refreshed; /* offices whose data are to be refreshed; the texts are borrowed */
	size_t n_refreshed;
	int64_t refresh_wait; /* for how long that is followed */
	const char *notify;
	int notify_batch;      /* one call for all events */
	int64_t purge_after;   /* 0: no purge */
	int64_t archive_after; /* and into which file; NULL: no archive */
	const char *archive;
	struct sk_patient *erased;
	size_t n_erased;
	const char *backup;
	int keep; /* so many copies at most, each under its own name; 0: only one */
	struct sk_scopes pause, resume; /* nothing new leaves, or it does again */
	int after_restore;
	int moved;
	int unchecked;  /* what a person says needn't agree with the server's list */
	int accept_gap; /* --after-restore: go on, whatever the lists can't show */
};

/* Adds what "ID=OUTCOME" says, which is borrowed. 0 or -1 (64). */
int sk_sweep_name_resolution(struct sk_sweep_options *options, const char *value,
    struct sk_error *err);

/* Adds the patient that "OFFICE/ID" names, which is borrowed. 0 or -1 (64). */
int sk_sweep_name_patient(struct sk_sweep_options *options, const char *value,
    struct sk_error *err);

/* Returns the exit code. Prints the events that it made; in a session that rehearses, what it would do. */
enum sk_exit sk_sweep(struct sk_session *session, const struct sk_sweep_options *options,
    struct sk_error *err);

#endif
