/* SPDX-License-Identifier: MIT */
/*
 * The lists that the application reads about its offices, and the answers of each office's
 * resources.
 */
#ifndef SIM_OFFICES_H
#define SIM_OFFICES_H

#include "answer.h"

void offices_authorized(struct sim *sim, struct request *rq, struct answer *an);
void offices_sync_status(struct sim *sim, struct request *rq, struct answer *an);
void offices_plain(struct sim *sim, struct request *rq,
    struct answer *an); /* other lists of the application */
void offices_resource(struct sim *sim, struct request *rq, struct answer *an); /* Request-Key */

#endif
