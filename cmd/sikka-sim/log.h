/* SPDX-License-Identifier: MIT */
/*
 * The list of the requests that came in, with their bodies: for whoever wants to see what a program sent.
 * Only the latest are kept. Keys, passwords and card numbers are left out: they might be real ones.
 */
#ifndef SIM_LOG_H
#define SIM_LOG_H

#include "answer.h"

/* Notes a request that has come in whole. Called with the state's lock held, like all others here. */
void log_add(struct sim *sim, struct request *rq);
/* How it was answered, in which the body did or didn't arrive whole; fault: NULL or the rule that it met. */
void log_answered(struct sim *sim, const struct request *rq, int status, const char *rule);
void log_clear(struct sim *sim);
/* Those behind number `after` that fit the patterns (NULL: all): an array, which the caller owns. */
json_t *log_list(const struct sim *sim, long after, const char *method, const char *path);

/* GET and DELETE /_sim/log */
void log_show(struct sim *sim, struct request *rq, struct answer *an);
void log_forget(struct sim *sim, struct request *rq, struct answer *an);

/* The value of a header as the list shows it: "***" unless it is known to be no secret. */
const char *log_header(const char *name, const char *value);

#endif
