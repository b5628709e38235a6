/* SPDX-License-Identifier: MIT */
/*
 * codes: our own values of error_code, beside the server's. First come the codes of a writeback
 * (sikka-db(5) explains them); the last six are those of the record of a bad line (sikka-book(1)).
 */
#ifndef SK_STORE_CODES_H
#define SK_STORE_CODES_H

#include <stdbool.h>

enum sk_code {
	SK_CODE_NONE,           /* no code, or one of the server's */
	SK_CODE_NOT_SENT,       /* surely no byte of the request left */
	SK_CODE_NOT_RECEIVED,   /* the server surely never had the request */
	SK_CODE_LIMITED,        /* the server had no time for it, and gave no code */
	SK_CODE_REFUSED,        /* the server refused it, and gave no code */
	SK_CODE_UNCLEAR,        /* no answer, or none that says what became of it */
	SK_CODE_NO_ID,          /* accepted, but the answer has no id */
	SK_CODE_ID_TAKEN,       /* accepted with the id of another row */
	SK_CODE_NOT_RECORDED,   /* answered, but the row had changed: only printed */
	SK_CODE_PMS_REFUSED,    /* the practice's system refused it */
	SK_CODE_ENDED_UNCLEAR,  /* ended, but nobody can say how */
	SK_CODE_STUCK,          /* withdrawn by us, since it was pending for too long */
	SK_CODE_RESOLVED,       /* a person said that it failed */
	SK_CODE_SUPERSEDED,     /* not sent again: a later request has its key or its record */
	SK_CODE_RESTORED,       /* the state file was restored: it may have been sent */
	SK_CODE_UNSPECIFIED,    /* failed, and no one gave a reason */
	SK_CODE_SYNTAX,         /* a line that is no JSON object */
	SK_CODE_INVALID,        /* a line whose request would be refused */
	SK_CODE_KEY_REUSED,     /* a line with the key of another request */
	SK_CODE_LOOKS_DOUBLED,  /* a line whose content another request has, under another key */
	SK_CODE_NOT_AUTHORIZED, /* a line for an office that has not authorized us */
	SK_CODE_OTHER_SHARE,    /* a line for an office of another host's share */
	SK_CODES
};

/* The name as a literal, for SQL statements, which are constants. */
#define SK_CODE_STUCK_NAME "stuck"

const char *sk_code_name(enum sk_code code); /* "not_sent" …; NULL for NONE */
enum sk_code sk_code_find(const char *name); /* NONE: not one of our codes */

/* What it means for a request, in words for a person; NULL for NONE. */
const char *sk_code_words(enum sk_code code);

/* Whether a row that failed with this code may be sent again as it is. */
bool sk_code_is_passing(enum sk_code code);

#endif
