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

/* In spu.c: carries out whatever is due by now. late_run() calls it. */
void spu_run(struct sim *sim);
int64_t spu_delay(struct sim *sim); /* until a practice's server has done what it was told */
void spu_enqueue(struct sim *sim, size_t index); /* with a fresh delay */
void spu_dequeue(struct sim *sim, size_t index);
void spu_switch(struct sim *sim, int office, bool online); /* moves the due times of its queue */
void spu_occupy_all(struct sim *sim, int office);          /* counts the seeded appointments */
void spu_set_text(char **field, const char *value);
/* The practice deletes an appointment, or a patient. false: there is none of this number. */
bool spu_delete(struct sim *sim, int office, const char *resource, const char *number);

#endif
