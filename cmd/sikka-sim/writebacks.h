/* SPDX-License-Identifier: MIT */
/* Writebacks: accepted here, listed by listing.c, carried out by spu.c; their status and deletion. */
#ifndef SIM_WRITEBACKS_H
#define SIM_WRITEBACKS_H

#include "answer.h"

void writebacks_submit(struct sim *sim, struct request *rq, struct answer *an);
void writebacks_status(struct sim *sim, struct request *rq, struct answer *an);
void writebacks_list(struct sim *sim, struct request *rq, struct answer *an);
void writebacks_withdraw(struct sim *sim, struct request *rq, struct answer *an);
/* A moment in the server's zone, as texts have it: without the zone. */
void writebacks_put_moment(const struct sim *sim, json_t *o, const char *name, int64_t ms,
    char separator);

struct operation;
/*
 * Puts a request into the queue of its office, as it is: nothing is checked here. path_id may be
 * NULL; the body is borrowed, an object of strings.
 */
struct writeback *writebacks_add(struct sim *sim, int office, const struct operation *op,
    const char *path_id, json_t *body);
/*
 * To be called when something has changed that decides whether a list shows this writeback (all of them): it is gone,
 * hidden or late, or its times changed. That one is completed or has failed changes nothing of that.
 */
void writebacks_changed(struct sim *sim, const struct writeback *w);
void writebacks_all_changed(struct sim *sim);

#endif
