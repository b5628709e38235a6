/* SPDX-License-Identifier: MIT */
/* poll_watch: the rows that a poller follows, and when each is due. Private to poll. */
#ifndef SK_COMMANDS_POLL_WATCH_H
#define SK_COMMANDS_POLL_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/writebacks.h"
#include "life/ledger.h"

struct sk_watch {
	int64_t id;
	int64_t due;            /* on the monotonic clock */
	struct sk_asked *asked; /* a record is printed for each of them */
	size_t n_asked, asked_room;
	enum sk_state told;
};

struct sk_office_times {
	char *office_id;
	int64_t read_at; /* on the monotonic clock */
	int64_t *durations;
	size_t n;
};

struct sk_watches {
	struct sk_store *store;
	int64_t every;
	struct sk_watch *watch; /* by id */
	size_t n;
	size_t room;
	struct sk_office_times *times;
	size_t n_times;
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
struct sk_watch *sk_watches_find(const struct sk_watches *watches, int64_t id);
void sk_watches_drop(struct sk_watches *watches, struct sk_watch *watch);

/* Sets when the row is due next, from its present state. */
void sk_watches_schedule(struct sk_watches *watches, struct sk_watch *watch,
    const struct sk_writeback *row);

/* The ids of the rows that are due (or of all), at most most; the caller frees. */
size_t sk_watches_due(const struct sk_watches *watches, int all, size_t most, int64_t **ids);

/* When the next row is due, but not later than latest. */
int64_t sk_watches_next(const struct sk_watches *watches, int64_t latest);

/* Whether waiting makes no sense any more: the row has ended, or only a person can decide. */
bool sk_watch_is_over(const struct sk_writeback *row);

#endif
