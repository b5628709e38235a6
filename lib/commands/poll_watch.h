/* SPDX-License-Identifier: MIT */
/* poll_watch: the rows that a poller follows, and when each is due. Private to poll. */
#ifndef SK_COMMANDS_POLL_WATCH_H
#define SK_COMMANDS_POLL_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/writebacks.h"
#include "life/ledger.h"

/* How long an office's practices took. */
struct sk_office_times {
	char *office_id;
	int64_t read_at; /* on the monotonic clock */
	int64_t *durations;
	size_t n;
};

struct sk_watch {
	int64_t id;
	int64_t due;            /* on the monotonic clock */
	struct sk_asked *asked; /* a record is printed for each of them */
	size_t n_asked, asked_room;
	enum sk_state told;
	char *writeback_id; /* of a pending row, by which a list may tell of it; else NULL */
	/* Of a pending row, for which there is a schedule; else 0 and NULL. */
	int64_t submitted_at;
	struct sk_office_times *office;
	int64_t since;       /* monotonic: it may have ended since then, for all that is known */
	bool is_unlisted;    /* the last list didn't show it */
	bool waits_for_list; /* its look is left to the next list */
};

struct sk_watches {
	struct sk_store *store;
	int64_t every;
	struct sk_watch *watch; /* by id */
	size_t n;
	size_t room;
	struct sk_office_times **times; /* by office */
	size_t n_times, times_room;
	char **files; /* the names of files that are in an origin, each once */
	size_t n_files, files_room;
};

void sk_watches_init(struct sk_watches *watches, struct sk_store *store, int64_t every);
void sk_watches_fini(struct sk_watches *watches);

/*
 * asked (copied) may be NULL. due: 0 at once; -1 as the schedule says for its row. A row that is added twice
 * gets two records.
 */
void sk_watches_add(struct sk_watches *watches, int64_t id, const struct sk_asked *asked,
    int64_t due);

/* The same once, and only for a row that isn't over. */
void sk_watches_add_living(struct sk_watches *watches, int64_t id, int64_t due);

struct sk_watch *sk_watches_find(const struct sk_watches *watches, int64_t id);
void sk_watches_drop(struct sk_watches *watches, struct sk_watch *watch);

/* Sets when the row is due next, from its present state. */
void sk_watches_schedule(struct sk_watches *watches, struct sk_watch *watch,
    const struct sk_writeback *row);

/* The same for a row that a list, begun so many ms ago, has shown as pending; not with an interval of the user's. */
void sk_watches_put_off(struct sk_watches *watches, struct sk_watch *watch, int64_t ago);

enum sk_watches_which {
	SK_WATCHES_ALL,
	SK_WATCHES_DUE,         /* and don't wait for a list */
	SK_WATCHES_DUE_UNLISTED /* those of them that no list shows */
};

/* The ids of these rows, at most most of those that are due; the caller frees. */
size_t sk_watches_due(const struct sk_watches *watches, enum sk_watches_which which, size_t most,
    int64_t **ids);

/* When the next row is due, but not later than latest. */
int64_t sk_watches_next(const struct sk_watches *watches, int64_t latest);

/* Whether waiting makes no sense any more: the row has ended, or only a person can decide. */
bool sk_watch_is_over(const struct sk_writeback *row);

#endif
