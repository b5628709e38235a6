/* SPDX-License-Identifier: MIT */
/*
 * echo: the content of a request, as the server's list echoes it (sikka-api(7), Listing): k=v&k=v
 * without escaping. What was sent and what is listed are brought into one form, so that two contents
 * are equal where the texts are.
 */
#ifndef SK_API_ECHO_H
#define SK_API_ECHO_H

#include <jansson.h>
#include <stdbool.h>

/* What doesn't count in a comparison. check_spu, empty fields and what the server adds never do. */
struct sk_echo_rules {
	bool (*leaves_out)(const char *field); /* card fields, say; or NULL */
	/*
	 * The field that stands in the path too, or NULL. An echo may lack it where it has the path's
	 * id.
	 */
	const char *path_field;
};

/*
 * The content of a request that was sent: its body (an object, or NULL) and the id in its path (or
 * NULL). The caller frees. *is_unsure becomes true where a value holds '&' or '=': another request
 * may then be echoed in the same words. NULL where a value is no plain one, and so no echo can be
 * compared.
 */
char *sk_echo_of_request(const json_t *body, const char *path_id, const struct sk_echo_rules *rules,
    bool *is_unsure);

/* The content of a listed request, from its echo. The caller frees. */
char *sk_echo_content(const char *echo, const struct sk_echo_rules *rules);

#endif
