/* SPDX-License-Identifier: MIT */
/*
 * content: the digest that stands in the column content_key. Requests with equal digests have equal
 * content. The text that it is made of has patients' data and is kept nowhere.
 */
#ifndef SK_STORE_CONTENT_H
#define SK_STORE_CONTENT_H

#include <jansson.h>

/*
 * The digest of office, method, endpoint and body in canonical form (sk_json_canonical). body: an
 * object without card fields; NULL counts as an empty one. The caller frees.
 */
char *sk_content_of(const char *office_id, const char *method, const char *endpoint,
    const json_t *body);

/*
 * The digest of what the server's list can show of a request: office, method, the endpoint's first
 * segment without a plural s and its id, and the fields but empty ones and check_spu. The list shows
 * them as k=v&k=v without escaping, so a value with '&' reads as several fields: here it does so,
 * too. A request and the entry of the list that shows it have the same digest; where a value of the
 * request has an '&', another one may have it as well. NULL when a value is an array or an object,
 * which can't be compared. The caller frees.
 */
char *sk_content_listed(const char *office_id, const char *method, const char *endpoint,
    const json_t *body);

#endif
