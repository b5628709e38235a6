/* SPDX-License-Identifier: MIT */
/* renewal_parts: what the files of renewal share. Inside renewal. */
#ifndef SK_CALLS_RENEWAL_PARTS_H
#define SK_CALLS_RENEWAL_PARTS_H

#include <jansson.h>

#include "base/error.h"
#include "base/time.h"
#include "store/events.h"
#include "calls/pages.h"
#include "calls/pool_parts.h"
#include "calls/renewal.h"
#include "calls/request_key.h"

/* Where the renewal of an office's key is (calls/renewal.c). */
enum sk_renewal_stage {
	SK_RENEWAL_NONE,
	SK_RENEWAL_LOCK,    /* another process may hold the office's lock */
	SK_RENEWAL_NOTE,    /* the attempt is to be written before it leaves */
	SK_RENEWAL_REFRESH, /* POST /request_key with the refresh key is in the pool */
	SK_RENEWAL_SECRET,  /* the same with the secret key, for the first and the second time */
	SK_RENEWAL_SECRET_AGAIN,
	SK_RENEWAL_LIST,       /* the list of practices is being read */
	SK_RENEWAL_NEW_SECRET, /* the list had another secret: tried with that, once and again */
	SK_RENEWAL_NEW_SECRET_AGAIN,
	SK_RENEWAL_SAVE /* its end is to be written */
};

/* Renewals in the order in which they came to where they are: so a turn costs what happens in it. */
struct sk_renewal_list {
	struct sk_renewal *first, *last;
	size_t n;
};

struct sk_renewal {
	struct sk_pool_office *office;
	enum sk_renewal_stage stage;
	struct sk_renewal_list *in; /* the list of its stage, NULL for SK_RENEWAL_NONE */
	struct sk_renewal *previous, *next;
	int64_t within;        /* renew what ends within; below 0: the ordinary margin */
	int64_t known;         /* renewed_at before the lock was taken */
	int64_t locked_out_at; /* monotonic: when another process first had the lock, or 0 */
	int64_t try_again_at;  /* monotonic: the lock */
	int has_lock;
	const char *grant; /* what is asked for, or was granted: "refresh_key", "request_key" */
	int is_renewed;    /* it was granted */
	char *body;        /* of the call, a secret */
	struct sk_call call;
	enum sk_event_kind event; /* to be written with the office, or NONE */
	char *event_text;
	struct sk_error error; /* how it ended, code 0 well */
	struct sk_key_wish *wishes;
};

/* Of all offices of a pool. */
struct sk_renewals {
	size_t n_with_lock; /* at most as many as there are places; others only wait for a lock */
	struct sk_renewal_list unlocked;   /* LOCK: nobody is known to have it */
	struct sk_renewal_list locked_out; /* LOCK: another process had it */
	struct sk_renewal_list to_write;   /* NOTE, SAVE */
	struct sk_renewal_list asking;     /* a call of theirs is in the pool */
	struct sk_renewal_list listing;    /* LIST */
	/* the list of practices, read once for all renewals that want it */
	struct sk_pages pages;
	json_t *practices;
	int is_reading;
	struct sk_error app_refused; /* the server refused our app key … */
	int64_t app_refused_until;   /* … and for so long nobody asks again; monotonic */
};

/* The stage of a renewal changes, and with it the list in which it is: it becomes the last there. */
void sk_renewal_enter(struct sk_renewal *renewal, enum sk_renewal_stage stage);

/*
 * Each renewal that is in the list now is handed to act(), which makes it enter a stage (also the one that it has);
 * those that come to the list meanwhile aren't.
 */
void sk_renewal_each(struct sk_renewal_list *list,
    void (*act)(struct sk_renewal *renewal, const struct sk_error *why),
    const struct sk_error *why);

/* Ends an office's renewal: its lock is released, wishes and calls learn how it ended. */
void sk_renewal_finish(struct sk_pool_office *office, const struct sk_error *why);

/* Asks the server. Every end is by sk_renewal_finish, or by the stage SK_RENEWAL_SAVE. */
void sk_renewal_ask(struct sk_pool_office *office);

void sk_renewal_grant_fini(struct sk_renewals *renewals);

#endif
