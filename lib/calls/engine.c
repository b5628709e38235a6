/* SPDX-License-Identifier: MIT */
/* engine: puts the pool and the renewals of its keys together. */
#include "calls/engine.h"

#include "calls/renewal.h"

int
sk_engine_new(struct sk_session *session, struct sk_pool **pool, struct sk_error *err)
{
	return sk_pool_new(session, &sk_renewal_keys, pool, err);
}
