/* SPDX-License-Identifier: MIT */
/*
 * holds: the table holds. While a hold is open, no request that writes is sent, for one office or for all
 * (sikka-life(7), Older copies). Lists of the server end a hold, or they show that the state file is an
 * older copy. life/holds has the rule. What a person has noted ends by a person: store/pauses; the functions
 * here leave it out, but for sk_store_holds_office.
 */
#ifndef SK_STORE_HOLDS_H
#define SK_STORE_HOLDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/store.h"

enum sk_hold_why {
	SK_HOLD_GAP, /* another boot than the latest heartbeat's: the machine may have been put back */
	SK_HOLD_BEGUN,    /* the state file was begun: it may stand for one that is lost */
	SK_HOLD_ADDED,    /* the same of an office */
	SK_HOLD_TAKEN_IN, /* an office came from another host, which must not send for it any more */
	SK_HOLD_WHYS
};

/* One that hasn't ended. */
struct sk_hold {
	int64_t id;
	enum sk_hold_why why;
	char *office_id;        /* NULL: all offices */
	int64_t since;          /* the server's time */
	int64_t after_list;     /* the number of the last list that had begun by then */
	int64_t lists_wanted;   /* clean ones, after which writes leave */
	int64_t lists_clean;    /* so far, following one another */
	int64_t first_clean_at; /* when the first of them began; 0: there is none */
	int64_t latest_clean;   /* the number of the latest one */
	int64_t looked_at;      /* when the latest list began, clean or not; 0: none */
	int64_t shown_at; /* when a list showed what the state file doesn't have; 0: none did */
};

const char *sk_hold_why_name(enum sk_hold_why why); /* "gap" … */

/* Whether nothing of its scope leaves now. */
bool sk_hold_holds(const struct sk_hold *hold);

/* Those that haven't ended, the oldest first. */
int sk_store_holds(struct sk_store *store, struct sk_hold **holds, size_t *n, struct sk_error *err);
void sk_holds_free(struct sk_hold *holds, size_t n);

/* Whether there is any: 1, 0, -1. */
int sk_store_holds_any(struct sk_store *store, struct sk_error *err);

/* Whether any office may have one, a person's too, or went to another host: 1, 0, -1. */
int sk_store_holds_of_any(struct sk_store *store, struct sk_error *err);

/* Whether no write of the office leaves now, also because a person has paused it: 1, 0, -1. */
int sk_store_holds_office(struct sk_store *store, const char *office_id, struct sk_error *err);

/* The same, but for what a person has paused. */
int sk_store_holds_unpaused(struct sk_store *store, const char *office_id, struct sk_error *err);

/*
 * When the latest was noted of those that haven't ended, and of the gaps of this boot; 0: there is none.
 * *is_boot_noted: whether there is a gap of this boot.
 */
int sk_store_holds_noted_at(struct sk_store *store, const char *boot_id, int64_t *moment,
    bool *is_boot_noted, struct sk_error *err);

/* Whether a list has shown that the whole file is an older copy: 1, 0, -1. */
int sk_store_holds_copy(struct sk_store *store, struct sk_error *err);

/*
 * In the caller's transaction: notes a gap, unless one was noted under this boot. An earlier one ends
 * with it, so that its lists are counted anew.
 */
int sk_store_holds_note_gap(struct sk_store *store, const char *boot_id, struct sk_error *err);

/*
 * In the caller's transaction, before an office is written that isn't known: it may have been in a state
 * file that is lost. Not where the file itself was begun just now.
 */
int sk_store_holds_note_added(struct sk_store *store, const char *office_id, struct sk_error *err);

/*
 * In the caller's transaction: an office came from another host. shown (may be NULL): what a list has shown since,
 * which goes into the hold.
 */
int sk_store_holds_note_taken_in(struct sk_store *store, const char *office_id,
    const struct sk_hold *shown, struct sk_error *err);

/* Whether a list has shown what speaks against the office's writes (NULL: any office's): 1, 0, -1. */
int sk_store_holds_shown(struct sk_store *store, const char *office_id, struct sk_error *err);

/* In the caller's transaction: what the lists so far have shown. */
int sk_store_hold_put(struct sk_store *store, const struct sk_hold *hold, struct sk_error *err);

/* In the caller's transaction: ends one, or all. by: who or what has ended it. */
int sk_store_hold_end(struct sk_store *store, int64_t id, const char *by, struct sk_error *err);
int sk_store_holds_end(struct sk_store *store, const char *by, struct sk_error *err);

/*
 * In the caller's transaction: deletes those that ended before that moment, but none of this boot, under which
 * no gap is noted again.
 */
int sk_store_holds_purge(struct sk_store *store, int64_t before, const char *boot_id,
    struct sk_error *err);

/*
 * In the caller's transaction: one that was noted ahead of the clock counts from now on, as when it had been
 * noted now.
 */
int sk_store_holds_mend(struct sk_store *store, int64_t now, struct sk_error *err);

/* In the caller's transaction: drops those of an office that is forgotten. */
int sk_store_holds_forget(struct sk_store *store, const char *office_id, struct sk_error *err);

#endif
