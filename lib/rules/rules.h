/* SPDX-License-Identifier: MIT */
/*
 * rules: the operations, their endpoints and fields (sikka-api(7), Fields), and the check of a
 * request before it is sent. The only module that knows a PMS's rules.
 */
#ifndef SK_RULES_RULES_H
#define SK_RULES_RULES_H

#include <jansson.h>
#include <stddef.h>

#include "base/error.h"

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

/* A copy of a body without such fields, at whatever depth; *n is how many it had. The caller's. */
json_t *sk_rules_without_secrets(const json_t *body, size_t *n);

/* Overwrites in text (an answer that repeats what was sent) every value of such fields of body. */
void sk_rules_hide_secrets(const json_t *body, char *text);

/* Whether a field holds a document; then *most is how many characters of base64 it may have. */
int sk_rules_is_document(const struct sk_operation *operation, const char *field, size_t *most);

/* What is wrong with a request, or, as a warning, odd about it. */
struct sk_fault {
	char *fields;     /* names with '|' between: all of a set; "" when it is about no field */
	const char *rule; /* which one: "required", "format" …; static; listed in sikka-book(1) */
	char *message;    /* what is wrong and what would be right; never the value itself */
};

struct sk_faults {
	struct sk_fault *list;
	size_t n, room;
};

void sk_faults_add(struct sk_faults *to, const char *fields, const char *rule, const char *format,
    ...) __attribute__((format(printf, 4, 5)));
void sk_faults_fini(struct sk_faults *faults);

/* Whether a fault names the field. */
int sk_fault_names(const struct sk_fault *fault, const char *field);

/*
 * Checks fields (an object of texts, in_path ones included) and builds the request: *endpoint
 * ("/appointments/7", percent-escaped) and *body (fixed and default fields put in, path fields
 * taken out), both the caller's. pms and version may be NULL: then the general rules count. Returns
 * the number of faults, which are added to faults; with any nothing is built. What doesn't stop a
 * request is added to warnings. Either may be NULL. With check 0 only what building needs (the
 * path's fields) is checked.
 */
size_t sk_rules_build(const struct sk_operation *operation, const char *pms, const char *version,
    const json_t *fields, int check, char **endpoint, json_t **body, struct sk_faults *faults,
    struct sk_faults *warnings);

/* The name by which the rules know the system that pms and version are ("Open Dental 22.1" is
 * OpenDental), or NULL: they have none of their own for it. */
const char *sk_rules_pms(const char *pms, const char *version);

/* --raw: method and endpoint as given. Returns the number of faults (0 or 1), added to faults. */
size_t sk_rules_check_raw(const char *method, const char *endpoint, struct sk_faults *faults);

/* The id that stands in an endpoint's path ("7" of /appointments/7), or NULL. The caller frees. */
char *sk_rules_path_id(const char *endpoint);

#endif
