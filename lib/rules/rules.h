/* SPDX-License-Identifier: MIT */
/*
 * rules: the operations, their endpoints and fields (sikka-api(7), Fields), and the check of a
 * request before it is sent. The only module that knows a PMS's rules.
 */
#ifndef SK_RULES_RULES_H
#define SK_RULES_RULES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/zone.h"

struct sk_operation; /* rows of static tables */

const struct sk_operation *sk_rules_find(const char *operation); /* NULL: unknown */
const char *sk_rules_nearest(const char *operation); /* the nearest known name, or NULL */
const char *sk_rules_name(const struct sk_operation *operation);
const char *sk_rules_method(const struct sk_operation *operation);
const char *sk_rules_path(
    const struct sk_operation *operation); /* "/appointments/{appointment_sr_no}" */
const char *const *sk_rules_names(size_t *n);

/*
 * Whether two equal requests of an operation, within a day, may both be meant. Not for a name that
 * isn't in the table ("raw"): what isn't known is taken for a mistake.
 */
bool sk_rules_may_be_twice(const char *operation);

/*
 * The name of the field that stands in the path of such a request ("appointment_sr_no" for a PATCH
 * of "/appointments/7"), or NULL.
 */
char *sk_rules_path_field(const char *method, const char *endpoint); /* the caller's */

/*
 * Whether a field is never stored or printed: those of cards, and the numbers of bank accounts. The documents'
 * names of these, and other spellings of them: letter case and what stands between letters make no difference.
 */
bool sk_rules_is_secret(const char *field);

/* Whether the body has a secret field with a value, at any depth: such a request is never sent again by us. */
bool sk_rules_is_card_payment(const json_t *body);

/* A copy of a body without secret fields, at any depth; *n is how many it had. The caller's. */
json_t *sk_rules_without_secrets(const json_t *body, size_t *n);

/*
 * An answer may repeat what was sent: overwrites in text each value that a secret field of body has.
 */
void sk_rules_hide_secrets(const json_t *body, char *text);

/* Whether a field holds a document; then *most is how many characters of base64 it may have. */
bool sk_rules_is_document(const struct sk_operation *operation, const char *field, size_t *most);

/* One thing that is wrong with a request or, as a warning, unusual about it. */
struct sk_fault {
	char *fields;     /* a bar list of the names of all fields concerned; "": none */
	const char *rule; /* the rule: "required", "format" …; static; listed in sikka-book(1) */
	char *message;    /* what is wrong and what would be right; never the value */
};

struct sk_faults {
	struct sk_fault *list;
	size_t n, room;
};

void sk_faults_add(struct sk_faults *to, const char *fields, const char *rule, const char *format,
    ...) __attribute__((format(printf, 4, 5)));
void sk_faults_fini(struct sk_faults *faults);

/* Whether the fault concerns the field. */
bool sk_fault_names(const struct sk_fault *fault, const char *field);

/* What a request is built from. */
struct sk_rules_input {
	const struct sk_operation *operation;
	const char *pms, *version; /* of the practice; NULL: the general rules hold */
	struct sk_zone zone;       /* of the practice; zero: not known */
	const json_t *fields;      /* an object of texts, with those of the path */
	int unchecked;             /* check only the fields of the path, which building needs */
};

/*
 * Checks the fields and builds the request: *endpoint ("/appointments/7", percent-escaped) and
 * *body (with fixed and default fields, without path fields), both the caller's. Returns the number
 * of faults, which are added to faults; with any, nothing is built. What doesn't stop a request is
 * added to warnings. Both may be NULL.
 */
size_t sk_rules_build(const struct sk_rules_input *input, char **endpoint, json_t **body,
    struct sk_faults *faults, struct sk_faults *warnings);

/*
 * The rules' own name for the system that pms and version describe ("Open Dental 22.1" is
 * OpenDental); NULL when they have no rules for it.
 */
const char *sk_rules_pms(const char *pms, const char *version);

/*
 * For --raw. Why requests to an endpoint aren't writebacks, and what to use instead (static); NULL: they may be.
 * Letter case, escapes, slashes and a query make no difference.
 */
const char *sk_rules_no_writeback(const char *endpoint);

/* For --raw: checks method and endpoint. Returns the number of faults (0 or 1), added to faults. */
size_t sk_rules_check_raw(const char *method, const char *endpoint, struct sk_faults *faults);

/* The id in an endpoint's path ("7" in /appointments/7), or NULL. The caller frees. */
char *sk_rules_path_id(const char *endpoint);

#endif
