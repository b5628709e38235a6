/* SPDX-License-Identifier: MIT */
/*
 * status: the whole state at a glance, from the state file alone: no server, no credentials, no
 * libcurl. It is read once into a struct sk_status; the overview, the metrics and the check are
 * three ways to tell of it.
 *
 * A state file that is missing is an empty one. Offices that -O doesn't name are left out, and so
 * is what concerns no office.
 */
#ifndef SK_COMMANDS_STATUS_H
#define SK_COMMANDS_STATUS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/out.h"
#include "store/events.h"
#include "store/offices.h"
#include "store/session.h"
#include "store/writebacks.h"

/* Ages of what lives: below these limits (status.c), and above the last. */
enum { SK_AGE_1M, SK_AGE_10M, SK_AGE_1H, SK_AGE_6H, SK_AGE_OVER, SK_AGE_BUCKETS };

/* What lives in one state: how many, since when the oldest, and how many of each age. */
struct sk_status_living {
	int64_t count;
	int64_t oldest; /* 0: there are none */
	int64_t by_age[SK_AGE_BUCKETS];
};

struct sk_status_office {
	char *office_id;
	enum sk_office_status status; /* NONE: it has open requests and isn't known here any more */
	char *last_error;             /* NULL: none */
	int64_t token_expiry;
	int64_t practices; /* active ones */
	struct sk_status_living living[SK_STATES];
	int64_t ends[SK_STATES]; /* how often, ever; see sk_status_read_ends */
};

struct sk_status {
	int64_t now;
	const char *db;       /* the session's */
	const char *stranger; /* the first office of -O that nothing is known of; NULL: none */
	int is_missing;       /* there is no state file yet */
	struct sk_status_office *offices; /* by office_id */
	size_t n_offices;
	struct sk_status_living living[SK_STATES]; /* of all offices together */
	struct sk_ended day;                       /* what ended within the last day */
	struct sk_outbox outbox;
};

int sk_status_read(struct sk_session *session, struct sk_status *status, struct sk_error *err);
void sk_status_fini(struct sk_status *status);

/* Adds how often writebacks ended, ever: the one thing that takes longer with the journal. */
int sk_status_read_ends(struct sk_session *session, struct sk_status *status, struct sk_error *err);

/* The overview: one object for programs, a few blocks of text for eyes. The caller's. */
json_t *sk_status_json(const struct sk_status *status);
char *sk_status_text(const struct sk_status *status, int colour);

/* In Prometheus's text format. The caller's. */
char *sk_status_metrics(const struct sk_status *status);

/* The codes of Nagios plugins; with --check alone these are the command's. */
enum sk_check { SK_CHECK_OK, SK_CHECK_WARNING, SK_CHECK_CRITICAL, SK_CHECK_UNKNOWN };

/* The verdict, and in *line (the caller's) its one line with its newline. */
enum sk_check sk_monitor(const struct sk_status *status, char **line);

/* The same when the state couldn't be read. */
enum sk_check sk_monitor_failed(const char *why, char **line);

/* Which writebacks' records to tell: all conditions that are set hold together. */
struct sk_status_list {
	unsigned states;    /* mask; 0: all */
	int64_t since;      /* a duration: handed in within it; negative: ever */
	const int64_t *ids; /* n_ids of them; 0: all */
	size_t n_ids;
	int with_body;
};

/* Newest last. Returns the exit code: 65 when an id isn't there, which is told on stderr. */
int sk_status_list(struct sk_session *session, const struct sk_status_list *list, sk_tell_fn *tell,
    void *arg, struct sk_error *err);

#endif
