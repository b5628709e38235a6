/* SPDX-License-Identifier: MIT */
/*
 * secret: what nobody may see. Masks texts for -v (what isn't known to be harmless is masked), and
 * wipes memory that held a key.
 */
#ifndef SK_BASE_SECRET_H
#define SK_BASE_SECRET_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Overwrites and frees the text; NULL is allowed. */
void sk_secret_free(char *secret);

/* Overwrites a buffer in a way that no compiler leaves out. */
void sk_secret_wipe(void *bytes, size_t n);

/*
 * A member's name in the one spelling in which names of secrets are compared: its letters and digits, in small
 * letters ("Card-No." is "cardno"). The caller frees.
 */
char *sk_secret_plain(const char *name);

/*
 * A JSON text for the log: member names stay, values only of members on the allow-list (ids of
 * offices, practices and writebacks, codes, states, counts, paging); others become "***". What
 * isn't JSON becomes "(N bytes)". The caller frees.
 */
char *sk_secret_mask_json(const char *text, size_t n);

/*
 * The same for the query of a URL: values of parameters that aren't on the list become ***. The
 * caller frees.
 */
char *sk_secret_mask_url(const char *url);

/*
 * A record of the server's without its keys: *** stands for the value of a member whose name says that it is a key,
 * a token or a password, in whatever spelling, and for such a parameter of a link. Everything else stays as it is.
 * Adds to *n how many there were. Where there is nothing to mask, the result is the record itself, with one more
 * reference: nobody may change it. The caller decrefs it.
 */
json_t *sk_secret_without_keys(const json_t *record, size_t *n);

/* Whether a header's value may be shown (Content-Type, Date, X-Rate-Limit-*, …). */
bool sk_secret_header_is_harmless(const char *name, size_t n);

#endif
