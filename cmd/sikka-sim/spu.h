/* SPDX-License-Identifier: MIT */
/*
 * The practices' own servers: they carry writebacks out, in the order in which they are due, and keep the practices'
 * records.
 */
#ifndef SIM_SPU_H
#define SIM_SPU_H

#include "state.h"

/* Carries out whatever is due by now. late_run() calls it. */
void spu_run(struct sim *sim);
int64_t spu_delay(struct sim *sim); /* until a practice's server has done what it was told */
void spu_enqueue(struct sim *sim, size_t index);           /* with a fresh delay */
void spu_switch(struct sim *sim, int office, bool online); /* moves the due times of its queue */
void spu_occupy_all(struct sim *sim, int office);          /* counts the seeded appointments */
void spu_set_text(char **field, const char *value);
/* The practice deletes an appointment, or a patient. false: there is none of this number. */
bool spu_delete(struct sim *sim, int office, const char *resource, const char *number);
/* The member that is the number of such a record, where numbers count: of patients and appointments. Else NULL. */
const char *spu_number(const char *resource);
/*
 * The practice itself adds a record, or with `by` replaces the one that has the same value in that member. The record
 * is borrowed. One of patients or appointments without a number gets the next one; one with a number replaces the
 * one that has it.
 */
void spu_put(struct sim *sim, int office, const char *resource, const json_t *record,
    const char *by);
void spu_empty(struct sim *sim, int office,
    const char *resource); /* the practice deletes them all */

#endif
