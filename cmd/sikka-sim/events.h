/* SPDX-License-Identifier: MIT */
/*
 * The log of an office's changed records, and its list, practice_events. What was there from the
 * start counts as added then.
 */
#ifndef SIM_EVENTS_H
#define SIM_EVENTS_H

#include "answer.h"

/*
 * Notes now a change of a record. before NULL: it was added; after NULL: it was deleted. Both are
 * borrowed.
 */
void events_note(struct sim *sim, int office, const char *resource, json_t *before, json_t *after);
/* A copy was taken at that moment; the one before it, at since. */
void events_loaded(struct office *office, int64_t since, int64_t moment);
void events_list(struct sim *sim, struct request *rq, struct answer *an);

#endif
