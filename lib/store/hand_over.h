/* SPDX-License-Identifier: MIT */
/*
 * hand_over: what one host gives to another when an office changes hosts: the office with its keys and practices, its
 * requests, events and what a person said of entries (sikka-fleet(7)). Each hand-over has a random name of its own.
 * All of it is written in the caller's transaction, so it is done wholly or not at all.
 */
#ifndef SK_STORE_HAND_OVER_H
#define SK_STORE_HAND_OVER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/store.h"
#include "store/writebacks.h"

#define SK_HAND_OVER_NAME 33 /* with its NUL */

enum sk_hand_over_way { SK_HAND_OVER_OUT, SK_HAND_OVER_IN };

struct sk_hand_over {
	char name[SK_HAND_OVER_NAME];
	char *office_id;
	/* The largest id of a writeback that the giving host had seen then: what is younger isn't its. NULL: none. */
	char *newest;
	int64_t at; /* when it was given away */
};

void sk_hand_over_fini(struct sk_hand_over *over);

/* Whether the office was given away and didn't come back: 1 with *over (the caller's; may be NULL), 0, -1. */
int sk_store_handed_out(struct sk_store *store, const char *office_id, struct sk_hand_over *over,
    struct sk_error *err);

/* The latest by which the office was taken in: 1 with *over (the caller's), 0, -1. */
int sk_store_handed_in(struct sk_store *store, const char *office_id, struct sk_hand_over *over,
    struct sk_error *err);

/* Whether this one was taken in here, or given away: 1, 0, -1. */
int sk_store_hand_over_known(struct sk_store *store, const char *name, enum sk_hand_over_way way,
    struct sk_error *err);

/* The names of those by which the office was taken in, in an array of texts. */
int sk_store_hand_over_names(struct sk_store *store, const char *office_id, json_t **names,
    struct sk_error *err);

/* The offices that were taken in and are still here, or were given away and didn't come back, in an array of texts. */
int sk_store_hand_over_offices(struct sk_store *store, enum sk_hand_over_way way, json_t **offices,
    struct sk_error *err);

/* Notes it. Taken in: what had been given away has come back. */
int sk_store_hand_over_note(struct sk_store *store, enum sk_hand_over_way way,
    const struct sk_hand_over *over, struct sk_error *err);

/* The largest id of a writeback that the state file has, of any office; NULL: none. The caller's. */
int sk_store_newest_id(struct sk_store *store, char **newest, struct sk_error *err);

/*
 * Everything that is given away with the office: an array of texts, each a JSON object with the member "table". The
 * requests have a name by which a later host finds them again. Events that wait are delivered by the other host.
 */
int sk_store_hand_over_read(struct sk_store *store, const struct sk_hand_over *over, json_t **lines,
    struct sk_error *err);

/* What was numbered there, by its numbers here. */
struct sk_hand_over_map {
	json_t *rows, *runs; /* "7": 12 */
};

/*
 * Writes one of these objects here. A request that was here before, by its name, is brought up to date. 0; -1 with
 * 65 where it can't be what it says, or a request of another office has the same key (unless keys_may_clash).
 */
struct sk_hand_over_taking {
	const struct sk_hand_over *over;
	bool keys_may_clash;
	struct sk_hand_over_map map;
};
int sk_store_hand_over_take(struct sk_store *store, struct sk_hand_over_taking *taking,
    const json_t *line, struct sk_error *err);

#endif
