/* SPDX-License-Identifier: MIT */
/*
 * request: what somebody hands in, made into a row of the journal and the body that leaves. Decides
 * for which office and practice, checks against the rules, and never guesses: what doesn't say is
 * refused.
 */
#ifndef SK_COMMANDS_REQUEST_H
#define SK_COMMANDS_REQUEST_H

#include <jansson.h>
#include <stddef.h>

#include "base/error.h"
#include "store/codes.h"
#include "store/offices.h"
#include "store/session.h"
#include "store/writebacks.h"
#include "rules/rules.h"

/* The offices and practices that requests may be for, read once. */
struct sk_directory {
	struct sk_office *offices;
	size_t n_offices;
	struct sk_practice *practices;
	size_t n_practices;
	const struct sk_common *common; /* -O restricts them */
};

int sk_directory_read(struct sk_session *session, struct sk_directory *places,
    struct sk_error *err);
void sk_directory_fini(struct sk_directory *places);

/* The active practices of usable offices that -O leaves; with practice_id (may be NULL) only those
 * of that id. An array of *n, the caller's; its practices are the places'. */
const struct sk_practice **sk_directory_practices(const struct sk_directory *places,
    const char *practice_id, size_t *n);

struct sk_request_options {
	const char *operation; /* what a request means that names none */
	int raw;
	int again;
	int no_validate;
	int has_files; /* then files is the folder beneath which @PATH is read */
	int files;
};

struct sk_request {
	struct sk_writeback row; /* queued, not inserted; request_body without card fields */
	char *body; /* what leaves, card fields included; NULL: no body; wiped when freed */
	struct sk_faults faults;   /* none: row and body are there */
	struct sk_faults warnings; /* what doesn't stop it */
	enum sk_code code;         /* of the bad line's record */
	int exit; /* what the faults mean: 65, or 77 for an office that isn't authorized */
};

/* Makes one out of a JSON value (borrowed). Faults are in the request, not errors. */
void sk_request_read(const json_t *value, const struct sk_directory *places,
    const struct sk_request_options *options, struct sk_request *request);
void sk_request_fini(struct sk_request *request);

/* The canonical form of a request without a key of the caller's: what makes two the same. The
 * caller frees. */
char *sk_request_content_key(const char *office_id, const char *method, const char *endpoint,
    const json_t *body);

/* Whether a row of the journal is the same request: office, operation, endpoint and body. */
int sk_request_is_row(const struct sk_request *request, const struct sk_writeback *row);

#endif
