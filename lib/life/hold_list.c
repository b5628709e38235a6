/* SPDX-License-Identifier: MIT */
/*
 * life: reads a list because of a hold. One that can't be read leaves the hold as it is, unless nobody may
 * read it.
 */
#include "life/hold_list.h"

#include "base/out.h"
#include "store/holds.h"
#include "store/session.h"
#include "api/api.h"
#include "life/check.h"

/* Ends the holds of what was begun; a gap stays. */
static int
do_without(struct sk_session *session, struct sk_error *err)
{
	struct sk_hold *holds;
	size_t n, ended = 0;
	int result = 0;

	if (sk_store_begin(session->store, err) != 0)
		return -1;
	if (sk_store_holds(session->store, &holds, &n, err) != 0) {
		sk_store_rollback(session->store);
		return -1;
	}
	for (size_t i = 0; i < n && result == 0; i++)
		if (holds[i].why != SK_HOLD_GAP) {
			result = sk_store_hold_end(session->store, holds[i].id, "refused", err);
			ended++;
		}
	sk_holds_free(holds, n);
	if (result != 0) {
		sk_store_rollback(session->store);
		return -1;
	}
	if (ended > 0)
		sk_out_warn(
		    "the server doesn't let this application read its list of writebacks, "
		    "so nothing tells whether this state file stands for one that was lost");
	return sk_store_commit(session->store, err);
}

int
sk_hold_list_read(struct sk_check *check, struct sk_error *err)
{
	struct sk_error why = {0};

	if (sk_check_by_list(check, NULL, 0, &why) == 0)
		return 0;
	if (!sk_api_is_not_allowed(&why))
		return sk_error_set(err, why.code, "%s", why.text);
	if (do_without(check->session, err) != 0)
		return -1;
	if (sk_store_holds_any(check->session->store, err) == 0)
		return 0;
	return sk_error_set(err, SK_EXIT_TRY_LATER,
	    "this machine was booted, maybe from an older copy of itself, and the server doesn't "
	    "let this application read what it has: if nothing was put back: sikka-sweep --moved "
	    "--unchecked; if it was: sikka-sweep --after-restore --accept-gap");
}
