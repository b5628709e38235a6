/* SPDX-License-Identifier: MIT */
/* Who is asking: the application's headers or an office's request key; and the limits of both. */
#ifndef SIM_AUTH_H
#define SIM_AUTH_H

#include "answer.h"
#include "resources.h"

/* false: refused; the answer says why */
bool auth_check(struct sim *sim, struct request *rq, enum auth auth, struct answer *an);
/* Checks the application's credentials, from headers or from the body. */
bool auth_application(struct sim *sim, const char *id, const char *key, struct answer *an);
/* Counts the request in its window. Returns false when the limit is exceeded. */
bool auth_limit(struct sim *sim, const struct request *rq, struct answer *an);
/* Whether the URL holds secrets or patients' data, which must not be in logs. */
bool auth_leaks(const struct sim *sim, const struct request *rq);

/* The calls that are about keys. */
void keys_grant(struct sim *sim, struct request *rq, struct answer *an);
void keys_info(struct sim *sim, struct request *rq, struct answer *an);
void keys_end(struct sim *sim, struct request *rq, struct answer *an);
void keys_end_refresh(struct sim *sim, struct request *rq, struct answer *an);
/* Whether one of the keys that were given out, or the application key, stands in a text. */
bool auth_holds_secret(const struct sim *sim, const char *text);

#endif
