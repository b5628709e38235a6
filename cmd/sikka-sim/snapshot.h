/* SPDX-License-Identifier: MIT */
/*
 * What the simulated server knows, as one document that can be put back later, also into another run: offices and
 * their records, keys, writebacks, remote commands, limits. Settings, fault rules, quirks, counts, the list of
 * requests and the clock aren't part of it.
 */
#ifndef SIM_SNAPSHOT_H
#define SIM_SNAPSHOT_H

#include "answer.h"

json_t *snapshot_take(struct sim *sim); /* the caller owns it */
/*
 * Puts it back, whole or not at all. What was noted keeps its time; what is to come is as far away as it was. Requests
 * that were on their way are gone. Returns NULL, or what is wrong with it, which the caller frees.
 */
char *snapshot_put_back(struct sim *sim, const json_t *snapshot);

/* GET and PUT /_sim/snapshot */
void snapshot_show(struct sim *sim, struct request *rq, struct answer *an);
void snapshot_receive(struct sim *sim, struct request *rq, struct answer *an);

#endif
