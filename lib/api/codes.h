/* SPDX-License-Identifier: MIT */
/*
 * api_codes: the server's error codes (sikka-api(7), Error codes), and what each means for a read,
 * a renewal or a listing (class) and as the answer to a submission (write).
 */
#ifndef SK_API_CODES_H
#define SK_API_CODES_H

#include <stdbool.h>

enum sk_api_class {
	SK_API_OK,
	SK_API_ACCEPTED,
	SK_API_EMPTY, /* nothing matches: an empty list */
	SK_API_REFUSED,
	SK_API_REAUTHENTICATE, /* get another request key, then once more */
	SK_API_REAUTHORIZE,    /* the practice withdrew its authorization */
	SK_API_CONFIG,         /* our application id or key, or the office's secret, is wrong */
	SK_API_RETRY,          /* a passing trouble at the server */
	SK_API_LIMITED,        /* 429 of the minute */
	SK_API_DAILY_LIMIT,
	SK_API_SPU_OFFLINE,
	SK_API_UNCLEAR /* neither code nor status says what happened */
};

enum sk_api_write {
	SK_WRITE_ACCEPTED,
	SK_WRITE_REFUSED,
	SK_WRITE_REFUSED_PASSING, /* 503 with API2002, 429 of the minute: sent again by this run */
	SK_WRITE_REFUSED_FOR_NOW, /* daily limits, SPU offline: failed, may be retried later */
	SK_WRITE_REFUSED_KEY,     /* sent again with a new request key */
	SK_WRITE_UNCLEAR
};

struct sk_api_code {
	const char *code;
	int http;
	enum sk_api_class class;
	enum sk_api_write write;
	const char *means;
};

/* NULL for a code that isn't in the table. */
const struct sk_api_code *sk_api_code_find(const char *code);

/*
 * Whether the server says with this code that it refuses what a request key was asked for with: the
 * refresh key, the office's secret, our application key, or the office (sikka-api(7), Refused keys).
 */
bool sk_api_code_refuses_grant(const char *error_code);

/* Whether a row that the server refused with this code may be sent again as it is. */
bool sk_api_code_is_passing(const char *error_code);

#endif
