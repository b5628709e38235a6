/* SPDX-License-Identifier: MIT */
/* /_sim/…: what a test, or a person, may see and change without asking the API. */
#ifndef SIM_SIM_ROUTES_H
#define SIM_SIM_ROUTES_H

#include "answer.h"

/* Carries a request to /_sim/… or / out. Called with the state's lock held. */
void sim_routes_run(struct sim *sim, struct request *rq, struct answer *an);
/* What there is, for people: {"route": …, "does": …} for each. The caller owns the array. */
json_t *sim_routes_index(void);

/* For the files that have such routes. */
void sim_refuse(struct answer *an, int status, const char *what);
bool sim_refused(struct answer *an, char *wrong); /* whether something is wrong; frees the text */
void sim_done(const struct sim *sim, struct answer *an);

#endif
