/* SPDX-License-Identifier: MIT */
/* Writebacks: taken in here, carried out by spu.c, looked up, listed, withdrawn. */
#ifndef SIM_WRITEBACKS_H
#define SIM_WRITEBACKS_H

#include "answer.h"

void writebacks_submit(struct sim *sim, struct request *rq, struct answer *an);
void writebacks_status(struct sim *sim, struct request *rq, struct answer *an);
void writebacks_list(struct sim *sim, struct request *rq, struct answer *an);
void writebacks_withdraw(struct sim *sim, struct request *rq, struct answer *an);

/* The practices' servers: carries out whatever is due by now. Before every request. */
void spu_run(struct sim *sim);
void spu_enqueue(struct sim *sim, size_t index); /* with a fresh delay */
void spu_dequeue(struct sim *sim, size_t index);
void spu_switch(struct sim *sim, int office, bool online); /* moves the delays of its queue */
void spu_occupy_all(struct sim *sim, int office); /* the seeded appointments take their places */
void spu_set_text(char **field, const char *value);

#endif
