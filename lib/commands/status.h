/* SPDX-License-Identifier: MIT */
/*
 * status: the whole state at a glance, from the state file alone: no server, no credentials, no
 * libcurl. It is read once into a struct sk_status, from which overview, metrics and check are
 * made.
 *
 * Offices that -O doesn't select are left out, and so
 * is whatever concerns no office.
 */
#ifndef SK_COMMANDS_STATUS_H
#define SK_COMMANDS_STATUS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/zone.h"
#include "store/events.h"
#include "store/measures.h"
#include "store/offices.h"
#include "store/pauses.h"
#include "store/session.h"
#include "store/writebacks.h"
#include "calls/rate.h"

/* Age classes of open requests: below each of these limits (status.c), and above the last. */
enum { SK_AGE_1M, SK_AGE_10M, SK_AGE_1H, SK_AGE_6H, SK_AGE_OVER, SK_AGE_BUCKETS };

/* The open requests in one state: how many, the oldest's moment, and how many of each age class. */
struct sk_status_living {
	int64_t count;
	int64_t oldest; /* 0: there are none */
	int64_t by_age[SK_AGE_BUCKETS];
	int64_t oldest_under[SK_AGES]; /* of those below a limit; 0: there are none */
};

struct sk_status_office {
	char *office_id;
	enum sk_office_status status; /* NONE: it has open requests, but isn't known any more */
	int64_t status_at;            /* since when it isn't well; 0: it is, or that isn't known */
	char *last_error;             /* NULL: none */
	int64_t token_expiry;
	int64_t practices;   /* active ones */
	json_t *time_zones;  /* theirs, each once, as the server tells them; NULL: none */
	struct sk_zone zone; /* one that holds for each of them */
	int64_t refused_at;  /* since when its requests fail as it has withdrawn; 0: they don't */
	struct sk_status_living living[SK_STATES];
	int64_t ends[SK_STATES]; /* how often rows ended, ever; see sk_status_read_ends */
};

struct sk_status {
	int64_t now;
	const char *db;       /* the session's */
	const char *stranger; /* the first office of -O that is unknown; NULL: none */
	char *copy;  /* that the state file is an older copy, and what to do; NULL: it is none */
	char *holds; /* why and until when writes wait; NULL: they don't */
	struct sk_pause *pauses; /* what a person has paused */
	size_t n_pauses;
	struct sk_status_office *offices; /* by office_id */
	size_t n_offices, room_offices;
	size_t n_sorted; /* so many of them, before one was added while they are read */
	struct sk_status_living living[SK_STATES]; /* the sums over all offices */
	struct sk_ended day;                       /* what ended within the last day */
	int64_t straight_count, straight_ms; /* as in sk_status_read_ends: what completed, ever */
	struct sk_outbox outbox;
	int64_t succeeded_at[SK_TASKS]; /* when each task succeeded last; 0: never */
	char *refused;      /* the code with which the application is refused; NULL: it isn't */
	int64_t refused_at; /* when that was last seen */
	struct sk_rate_bucket *buckets; /* of the wanted offices, and the application's */
	size_t n_buckets;
	struct sk_largest largest[SK_MEASURES]; /* of what sikka rests on */
};

int sk_status_read(struct sk_session *session, struct sk_status *status, struct sk_error *err);
void sk_status_fini(struct sk_status *status);

/* Adds how often writebacks have ended, ever, and how long they took. Only this takes longer as the journal grows. */
int sk_status_read_ends(struct sk_session *session, struct sk_status *status, struct sk_error *err);

/* The overview: one object for programs, a few blocks of text for people. The caller's. */
json_t *sk_status_json(const struct sk_status *status);
char *sk_status_text(const struct sk_status *status, int colour);

/* The state in Prometheus's text format. status: NULL where it couldn't be read. The caller's. */
struct sk_troubles;
struct sk_max_age;
char *sk_status_metrics(const struct sk_status *status, const struct sk_troubles *troubles,
    const struct sk_max_age *ages);

/* The codes of Nagios plugins; with --check alone these are the command's exit codes. */
enum sk_monitor_code { SK_MONITOR_OK, SK_MONITOR_WARNING, SK_MONITOR_CRITICAL, SK_MONITOR_UNKNOWN };

/*
 * The verdict and, in *lines (the caller's), the lines for the monitor, one for each trouble. status: NULL
 * where it couldn't be read; then there is a trouble.
 */
enum sk_monitor_code sk_monitor(const struct sk_status *status, const struct sk_troubles *troubles,
    char **lines);

/* Which writebacks to show: all conditions that are set must hold. */
struct sk_status_list {
	unsigned states;    /* mask; 0: all */
	int64_t since;      /* handed in at or after; 0: no limit */
	const int64_t *ids; /* n_ids of them; 0: all */
	size_t n_ids;
	/* As in struct sk_filter; NULL: any. */
	const char *key, *writeback_id, *appointment, *patient, *error_code;
	int with_body;
	bool is_history; /* what has happened to each, instead of its record */
};

/* The events that are told to a person, newest last; since: made at or after, 0: all. */
int sk_status_events(struct sk_session *session, int64_t since, struct sk_error *err);

/* The processes that began, or changed something, at or after since (0: all), newest last. */
int sk_status_runs(struct sk_session *session, int64_t since, struct sk_error *err);

/* Whose the offices are (n of them; 0: all that are known here), and what is open of them here. Needs no state file. */
int sk_status_share(struct sk_session *session, char *const *named, size_t n, struct sk_error *err);

/* For --format table. */
extern const struct sk_column SK_STATUS_EVENT_COLUMNS[];
extern const struct sk_column SK_STATUS_HISTORY_COLUMNS[];
extern const struct sk_column SK_STATUS_RUN_COLUMNS[];
extern const struct sk_column SK_STATUS_SHARE_COLUMNS[];

/* Newest last. Returns the exit code: 65 when an id doesn't exist, which is reported on stderr. */
enum sk_exit sk_status_list(struct sk_session *session, const struct sk_status_list *list,
    struct sk_error *err);

#endif
