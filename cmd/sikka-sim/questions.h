/* SPDX-License-Identifier: MIT */
/* Reads that are asked by POST, with a body: queries, and a patient's eligibility. */
#ifndef SIM_QUESTIONS_H
#define SIM_QUESTIONS_H

#include "answer.h"

void questions_query(struct sim *sim, struct request *rq, struct answer *an);       /* a list */
void questions_eligibility(struct sim *sim, struct request *rq, struct answer *an); /* one object */
void questions_sandbox(struct sim *sim, struct request *rq, struct answer *an);

#endif
