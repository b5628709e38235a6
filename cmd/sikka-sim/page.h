/* SPDX-License-Identifier: MIT */
/* The page at /: what the simulator holds, for a person with a browser. */
#ifndef SIM_PAGE_H
#define SIM_PAGE_H

#include "answer.h"

void page_show(struct sim *sim, struct request *rq, struct answer *an);

#endif
