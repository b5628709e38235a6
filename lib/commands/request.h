/* SPDX-License-Identifier: MIT */
/*
 * request: turns what somebody hands in into a row of the journal and the body to send. It decides
 * for which office and practice the request is, checks it against the rules, and never guesses:
 * what isn't clear is refused.
 */
#ifndef SK_COMMANDS_REQUEST_H
#define SK_COMMANDS_REQUEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "store/codes.h"
#include "store/writebacks.h"
#include "rules/rules.h"
#include "commands/directory.h"

struct sk_request_options {
	const char *operation; /* the operation of requests that name none */
	int raw;
	int again;
	int no_validate;
	struct sk_known
	    *known;    /* what the practices' lists say; NULL: only the rules are checked */
	int has_files; /* then files is the folder beneath which @PATH is read */
	int files;
};

struct sk_request {
	struct sk_writeback row; /* queued, not inserted; request_body without card fields */
	char *body; /* what is sent, with card fields; NULL: no body; wiped when freed */
	struct sk_faults faults;   /* none: row and body are complete */
	struct sk_faults warnings; /* they don't stop the request */
	enum sk_code code;         /* for the record of a bad line */
	enum sk_exit exit;         /* for the faults: 65, or 77: the office isn't authorized */
};

/* Makes a request of a JSON value (borrowed). What is wrong becomes its faults, not an error. */
void sk_request_read(const json_t *value, const struct sk_directory *places,
    const struct sk_request_options *options, struct sk_request *request);
void sk_request_fini(struct sk_request *request);

#endif
