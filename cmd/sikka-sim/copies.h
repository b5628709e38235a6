/* SPDX-License-Identifier: MIT */
/*
 * What the server has of each practice. Without --refresh-every it is what the practice has now; with it,
 * a copy that the practice's server takes each so many seconds, and when a remote command asks for it.
 */
#ifndef SIM_COPIES_H
#define SIM_COPIES_H

#include "answer.h"

/* The records that reads show. Borrowed. */
json_t *copies_records(struct sim *sim, int office, const char *resource);
/* When the office's data were copied last: now, where there is no copy and its server is connected. */
int64_t copies_moment(const struct sim *sim, const struct office *office);
/* Takes a copy now. Without --refresh-every there is nothing to copy. */
void copies_refresh(struct sim *sim, int office);
/* Takes the copies that are due by then, before anything else changes. */
void copies_run(struct sim *sim, int64_t until);
/* The office's server was switched on or off. */
void copies_switch(struct sim *sim, int office, bool online);
void copies_set_clock(struct sim *sim, int64_t ms);
void copies_fini(struct sim *sim);

void commands_submit(struct sim *sim, struct request *rq,
    struct answer *an); /* POST /remote_command */
/* The items of remote_command_status. A new array. */
json_t *commands_status(const struct sim *sim, const char *id);
/* The number by which health_check and remote_command name an office's utility. */
long commands_utility(int office);

#endif
