/* SPDX-License-Identifier: MIT */
/*
 * pauses: holds that a person has noted (table holds, why = 'paused'): nothing new is sent, for one office or for
 * all, until a person ends them. No list ends one, and neither does --after-restore nor --moved (sikka-life(7),
 * Holds).
 */
#ifndef SK_STORE_PAUSES_H
#define SK_STORE_PAUSES_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/store.h"

/* One that hasn't ended. */
struct sk_pause {
	char *office_id; /* NULL: all offices */
	int64_t since;   /* the server's time */
	int64_t run;     /* that noted it */
	char *user;      /* of that run; NULL: it has no name */
	char *host;
};

/* That of all offices first, then by office. The array is the caller's: sk_pauses_free. */
int sk_store_pauses(struct sk_store *store, struct sk_pause **pauses, size_t *n,
    struct sk_error *err);
void sk_pause_fini(struct sk_pause *pause);
void sk_pauses_free(struct sk_pause *pauses, size_t n);

/* Whether nothing new of the office is sent because of one: 1, 0, -1. */
int sk_store_paused(struct sk_store *store, const char *office_id, struct sk_error *err);

/* In the caller's transaction; office_id NULL: of all offices. 1 noted; 0 it was noted before; -1. */
int sk_store_pause_add(struct sk_store *store, const char *office_id, struct sk_error *err);

/* The same scope's is ended, and no other one. 1 ended; 0 there was none; -1. */
int sk_store_pause_end(struct sk_store *store, const char *office_id, struct sk_error *err);

/* "all offices are paused since … by …", and the command that ends it. The caller's. */
char *sk_pause_words(const struct sk_pause *pause);

/* The same of the pause that holds this office (NULL: of the first one); NULL: there is none. */
char *sk_store_pause_words(struct sk_store *store, const char *office_id);

#endif
