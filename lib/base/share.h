/* SPDX-License-Identifier: MIT */
/*
 * share: for which offices of a fleet this host works, pure: sikka-fleet(7). Shares are numbered from 1. The share
 * of an office follows from its id alone, so that hosts that never talk to each other agree.
 */
#ifndef SK_BASE_SHARE_H
#define SK_BASE_SHARE_H

#include <stdbool.h>
#include <stdint.h>

#define SK_SHARE_MOST 1000 /* hosts */

struct sk_share {
	int64_t number; /* from 1 to of */
	int64_t of;     /* 0: there is only this host */
};

/* Reads "2/5". false: it isn't of that form, or no such share. */
bool sk_share_read(const char *text, struct sk_share *share);

/* FNV-1a, 64 bits, of the id as the server spells it. */
uint64_t sk_share_hash(const char *office_id);

/* The share, from 1 to of, by jump consistent hash: from of to of + 1 an office stays, or moves to the new one. */
int64_t sk_share_of(const char *office_id, int64_t of);

/* Whether the office is of the share. */
bool sk_share_has(const struct sk_share *share, const char *office_id);

#endif
