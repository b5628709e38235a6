/* SPDX-License-Identifier: MIT */
/* get: offices that should be read, and can't be. */
#include "base/text.h"
#include "store/served.h"
#include "calls/request_key.h"
#include "commands/get_parts.h"

bool
sk_get_is_skipped(const struct sk_office *office, struct sk_error *why)
{
	return office->status != SK_OFFICE_HELD && sk_request_key_may_have(office, NULL, why) != 0;
}

void
sk_get_look_for_skipped(const struct sk_session *session, const struct sk_office *offices, size_t n,
    struct sk_error *why)
{
	struct sk_error first = {0};
	struct sk_text names = {0};
	size_t n_skipped = 0;

	if (session->common->n_offices > 0)
		return;
	for (size_t i = 0; i < n; i++)
		if (sk_served_has(session, offices[i].office_id) &&
		    sk_get_is_skipped(&offices[i], &first))
			sk_text_add_format(&names, "%s%s", n_skipped++ > 0 ? ", " : "",
			    offices[i].office_id);
	if (n_skipped == 1)
		sk_error_set(why, first.code,
		    "not read: %s; or end the work for it: sikka-authorize "
		    "--forget %s",
		    first.text, names.bytes);
	else if (n_skipped > 1)
		sk_error_set(why, first.code, "not read: offices %s: sikka-token list shows why",
		    names.bytes);
	sk_text_fini(&names);
}
