/* SPDX-License-Identifier: MIT */
/*
 * api_writeback: what the server says of a writeback (sikka-api(7), Writebacks), from
 * /writeback_status and from the /writebacks listing, in both dialects and every spelling. What
 * isn't said clearly is unknown.
 */
#ifndef SK_API_WRITEBACK_H
#define SK_API_WRITEBACK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "api/api.h"

enum sk_said {
	SK_SAID_NOTHING, /* neither that it is pending nor that it has ended */
	SK_SAID_PENDING,
	SK_SAID_COMPLETED,
	SK_SAID_FAILED,
	SK_SAID_ENDED /* an end that isn't clear: free text in the list, or what contradicts itself */
};

/*
 * Borrowed from the JSON value that it was read from; NULL where a text is empty or absent. An id
 * that came as a number points into numbers, so the struct must not be copied by assignment.
 */
struct sk_api_status {
	enum sk_said said;
	const char *id;
	const char *text; /* the PMS's, or what else is said about how it stands */
	const char *created_id;
	const char *appointment_sr_no;
	const char *patient_id;
	int64_t took; /* ms from its request_time to its completed_time, 1 or more; 0: not told */
	char numbers[4][SK_API_NUMBER];
};

/*
 * The item about this writeback id in an answer of /writeback_status: an element of a list, of an
 * array around one, or the answer itself. NULL when there is none. The caller owns it. What had to be
 * repaired is noted in the reply.
 */
json_t *sk_api_status_item(struct sk_api_reply *reply, const char *id);

/* Reads one item of /writeback_status. item may be NULL (then nothing is said). */
void sk_api_read_status(const json_t *item, struct sk_api_status *status);

/* One item of /writebacks: its echo is api_request_body, k=v&k=v without escaping. */
struct sk_api_listed {
	enum sk_said said;
	const char *id;
	const char *office_id;
	const char *method;
	const char *api_name;     /* as the server spells it */
	const char *echo;         /* "" when absent */
	const char *text;         /* as above */
	const char *command_time; /* the server's, without a zone: never compared with our clock */
	int64_t took;             /* as above, from command_time */
	char numbers[2][SK_API_NUMBER]; /* as in struct sk_api_status */
	char *kept;                     /* NULL, or all its texts: see sk_api_keep_listed */
};

/* 0; -1 when the item has no id. */
int sk_api_read_listed(const json_t *item, struct sk_api_listed *listed);

/*
 * The same entry with texts of its own, which needs the item no more and may be moved. To be freed by
 * sk_api_listed_fini. An entry takes a small part of the memory that its item takes.
 */
void sk_api_keep_listed(const struct sk_api_listed *listed, struct sk_api_listed *kept);
void sk_api_listed_fini(struct sk_api_listed *listed);

/*
 * Whether two endpoints are of one kind: the same first segment, but for a plural s. That is how
 * the server's names for them differ (sikka-api(7)).
 */
bool sk_api_is_same_kind(const char *endpoint, const char *other);

/*
 * Whether a listed request is ours by its method and api: method and the endpoint's first segment
 * without a plural s against api_name, or against the echo's apiname (sikka-api(7), Listing).
 */
bool sk_api_listed_is_call(const struct sk_api_listed *listed, const char *method,
    const char *endpoint);

/*
 * The echo as an object of the fields that were sent, as far as a text without escaping can be
 * parsed, and without what the server adds: request_key, apiname, id. *endpoint becomes the path
 * that it was sent to ("/appointments/7"), the caller's.
 */
json_t *sk_api_listed_fields(const struct sk_api_listed *listed, char **endpoint);

#endif
