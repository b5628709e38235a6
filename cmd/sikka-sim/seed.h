/* SPDX-License-Identifier: MIT */
/*
 * The records that the simulator starts with. The same seed and options always give the same
 * records.
 */
#ifndef SIM_SEED_H
#define SIM_SEED_H

#include "state.h"

/* Puts the records that writebacks depend on into the office, and sets its counters. */
void seed_office(struct sim *sim, int office);
/* How many appointments, or patients, it puts there. */
long seed_count(const struct sim *sim, int office, const char *resource);
/* Records for any other resource; some have none. A new array. */
json_t *seed_generic(const struct sim *sim, int office, const char *resource);
/* Whether a practice has records of this resource, which don't follow from others. */
bool seed_is_kept(const char *resource);
/* Whether --records may say how many of these there are. */
bool seed_is_countable(const char *resource);
/* Lists of the application: applications, supported_pmses, … A new array. */
json_t *seed_application(const struct sim *sim, const char *resource);

#endif
