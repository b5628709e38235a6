/* SPDX-License-Identifier: MIT */
/* Which method on which path goes where, and in which order it is checked. */
#ifndef SIM_ROUTES_H
#define SIM_ROUTES_H

#include "answer.h"

/* Before anything else: sets rq->route where there is one.
 * The name is "METHOD /path/{}"; free it. */
char *routes_name(struct request *rq);
const char *routes_pattern(const struct route *route);
/* Carries the request out and fills in the answer; with the state's lock held. */
void routes_run(struct sim *sim, struct request *rq, struct answer *an);
/* The body as a JSON object in rq->json; false: refused. */
bool routes_body(struct request *rq, struct answer *an);

/* /_sim/…, for the tests (sim_routes.c) */
void sim_routes_run(struct sim *sim, struct request *rq, struct answer *an);

#endif
