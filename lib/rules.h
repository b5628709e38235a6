/* SPDX-License-Identifier: MIT */
/*
 * rules: the operations, their endpoints and fields (writebacks.json), and the check of a request
 * before it is sent. The only module that knows a PMS's rules.
 */
#ifndef SK_RULES_H
#define SK_RULES_H

#include <jansson.h>
#include <stddef.h>

#include "error.h"

struct sk_operation; /* static */

const struct sk_operation *sk_rules_find(const char *operation); /* NULL: unknown */
const char *sk_rules_nearest(const char *operation); /* the nearest known name, or NULL */
const char *sk_rules_name(const struct sk_operation *operation);
const char *sk_rules_method(const struct sk_operation *operation);
const char *sk_rules_path(
    const struct sk_operation *operation); /* "/appointments/{appointment_sr_no}" */
const char *const *sk_rules_names(size_t *n);

/* Fields that are never stored nor printed (card data), NULL-terminated. */
const char *const *sk_rules_secret_fields(void);

/* Whether the operation, or any of its fields given, is about a card: never retried by us. */
int sk_rules_is_card_payment(const json_t *body);

struct sk_fault {
	char field[64];    /* "" when it is about no field */
	char message[240]; /* what is wrong and what would be right; never the value itself */
};

/*
 * Checks fields (an object of texts, in_path ones included) and builds the request: *endpoint
 * ("/appointments/7", percent-escaped) and *body (fixed and default fields put in, path fields
 * taken out), both the caller's. pms and version may be NULL. Returns the number of faults, the
 * first most of them in faults; then nothing is built. With check 0 only what building needs (the
 * path's fields) is checked.
 */
size_t sk_rules_build(const struct sk_operation *operation, const char *pms, const char *version,
    const json_t *fields, int check, char **endpoint, json_t **body, struct sk_fault *faults,
    size_t most);

/* --raw: method and endpoint as given. Returns the number of faults (0 or 1). */
size_t sk_rules_check_raw(const char *method, const char *endpoint, struct sk_fault *fault);

/* The id that stands in an endpoint's path ("7" of /appointments/7), or NULL. The caller frees. */
char *sk_rules_path_id(const char *endpoint);

#endif
