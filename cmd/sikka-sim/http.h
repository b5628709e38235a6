/* SPDX-License-Identifier: MIT */
/*
 * The only part that knows the HTTP library. It takes requests in, lets faults happen, and sends
 * answers.
 */
#ifndef SIM_HTTP_H
#define SIM_HTTP_H

#include "state.h"

struct MHD_Daemon;

/* Listens on 127.0.0.1 and sets sim->base. NULL when it can't; errno may say why. */
struct MHD_Daemon *http_start(struct sim *sim);
void http_stop(struct MHD_Daemon *daemon);

#endif
