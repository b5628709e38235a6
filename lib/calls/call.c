/* SPDX-License-Identifier: MIT */
/* call: what a call holds when it has ended is freed here; what its answer means for a caller who
 * needed another one. */
#include "calls/call.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

void
sk_call_fini(struct sk_call *call)
{
	if (call->result != NULL) {
		sk_http_answer_fini(&call->result->answer);
		sk_api_reply_fini(&call->result->reply);
		free(call->result);
		call->result = NULL;
	}
	sk_secret_free(call->key);
	call->key = NULL;
}

bool
sk_call_is_too_much(const struct sk_http_answer *answer)
{
	if (answer->outcome == SK_HTTP_ANSWERED)
		return answer->status == 413 || answer->status == 504;
	return answer->outcome == SK_HTTP_UNCLEAR && (answer->timed_out || answer->status != 0);
}

bool
sk_call_has_ended(const struct sk_call *call)
{
	return call->stage == 0;
}

int
sk_call_fail(const struct sk_call *call, struct sk_error *err)
{
	const struct sk_call_result *result = call->result;

	if (result->error.code == 0)
		return sk_api_fail(&result->reply, call->path, err);
	if (err->code == 0)
		*err = result->error;
	return -1;
}
