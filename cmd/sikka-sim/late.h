/* SPDX-License-Identifier: MIT */
/* Requests that arrive late: on their way until the simulator's own clock says that they are here. */
#ifndef SIM_LATE_H
#define SIM_LATE_H

#include "request.h"

/* Keeps the request, which it takes, for so many ms. */
void late_put(struct sim *sim, struct request *rq, int64_t ms);
/*
 * To be called before each request: lets everything happen whose time has come, in order. What has
 * arrived is handled as if it had come just then, and what is due is carried out.
 */
void late_run(struct sim *sim);
void late_set_clock(struct sim *sim, int64_t ms); /* see state_set_clock() */
void late_fini(struct sim *sim);

#endif
