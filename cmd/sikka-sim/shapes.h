/* SPDX-License-Identifier: MIT */
/* Resources whose parameters or answers aren't those of an ordinary list. */
#ifndef SIM_SHAPES_H
#define SIM_SHAPES_H

#include "answer.h"

void shapes_kpis(struct sim *sim, struct request *rq, struct answer *an);     /* also by path */
void shapes_patient(struct sim *sim, struct request *rq, struct answer *an);  /* one object */
void shapes_payers(struct sim *sim, struct request *rq, struct answer *an);   /* an array alone */
void shapes_payments(struct sim *sim, struct request *rq, struct answer *an); /* of 30 days */

#endif
