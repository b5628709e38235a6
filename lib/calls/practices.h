/* SPDX-License-Identifier: MIT */
/*
 * practices: who has authorized the application (sikka-api(7), Practices), and what of it is
 * recorded here.
 */
#ifndef SK_CALLS_PRACTICES_H
#define SK_CALLS_PRACTICES_H

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"
#include "store/offices.h"
#include "store/session.h"
#include "calls/pages.h"
#include "calls/pool.h"

#define SK_PRACTICES_APART (10 * SK_MINUTE) /* of the two lists that revoke an office */

/*
 * Reads /authorized_practices, all pages, show=all. *practices is an array of the server's objects,
 * the caller's; *whole tells whether nothing can be missing from it. 77 where the server refuses
 * our app key.
 */
int sk_practices_read(struct sk_pool *pool, json_t **practices, int *whole, struct sk_error *err);

/* How to read it, for who doesn't wait: found (an array) gets the objects; and whether it was whole. */
struct sk_pages sk_practices_pages(json_t *found);
bool sk_practices_is_whole(const struct sk_api_pages *list);

/* Whether the office is in the list, and the secret that the list has for it, borrowed; NULL: none. */
bool sk_practices_have(const json_t *practices, const char *office_id);
const char *sk_practices_secret(const json_t *practices, const char *office_id);

/*
 * A complete list lacks an office or a practice: notes it in *missing_at. Whether another such list, so much
 * earlier, lacked it as well, and none since has had it.
 */
bool sk_practices_lack(int64_t *missing_at);

/* What a complete list says of the known offices as a whole. */
enum sk_practices_doubt {
	SK_PRACTICES_LIKELY,
	SK_PRACTICES_DOUBTFUL, /* it lacks more than half of them: it alone revokes nobody … */
	SK_PRACTICES_TOLD      /* … which was told within the day */
};

/*
 * Records them. New and changed ones are recorded in several transactions of 500. If the list is whole, those that
 * two lists lack become revoked, with an event each, in a last transaction. One that is back becomes active. After an
 * error earlier portions stay recorded. Keys stay as they are. Offices that a person had forgotten stay so, unless -O
 * names them.
 */
int sk_practices_record(struct sk_session *session, const json_t *practices, int whole,
    enum sk_practices_doubt *doubt, struct sk_error *err);

/* All offices of the state file. 77 when -O names one that isn't among them. */
int sk_practices_offices(struct sk_session *session, struct sk_office **offices, size_t *n,
    struct sk_error *err);

/* Whether an office is worked on: named, or neither revoked nor held and nobody was named. */
bool sk_practices_wants(const struct sk_session *session, const struct sk_office *office);

#endif
