/* SPDX-License-Identifier: MIT */
/* engine: the pool and what renews its keys, put together: what a command opens to ask the server. */
#ifndef SK_CALLS_ENGINE_H
#define SK_CALLS_ENGINE_H

#include "base/error.h"
#include "store/session.h"
#include "calls/pool.h"

/* As sk_pool_new; freed with sk_pool_free. */
int sk_engine_new(struct sk_session *session, struct sk_pool **pool, struct sk_error *err);

#endif
