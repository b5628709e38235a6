/* SPDX-License-Identifier: MIT */
/* Which method and path lead to which handler, and in which order they are checked. */
#ifndef SIM_ROUTES_H
#define SIM_ROUTES_H

#include "answer.h"

/*
 * To be called first: sets rq->route where one matches. Returns the name "METHOD /path/{}", which
 * the caller frees.
 */
char *routes_name(struct request *rq);
const char *routes_pattern(const struct route *route);

/* A route, for whoever goes through all of them. In its path {} stands for a segment. */
struct route_view {
	const char *method;
	char path[48];
	bool submits; /* it hands in a writeback */
};
bool routes_view(size_t index, struct route_view *view); /* false: there are no more */
/* Carries the request out and fills in the answer. Called with the state's lock held. */
void routes_run(struct sim *sim, struct request *rq, struct answer *an);
/* Parses the body as a JSON object into rq->json. false: refused. */
bool routes_body(struct request *rq, struct answer *an);

#endif
