/* SPDX-License-Identifier: MIT */
/*
 * Records of one's own, as JSON Lines:
 *
 *	{"office_id":"D36225","resource":"patients","empty":true}
 *	{"office_id":"D36225","resource":"patients","record":{"patient_id":"1","lastname":"Fox"}}
 *
 * They count as changed by the practice at the moment when they are read.
 */
#ifndef SIM_FIXTURES_H
#define SIM_FIXTURES_H

#include "answer.h"

/* Reads all lines, or none of them. Returns NULL, or what is wrong, with the line's number; the caller frees it. */
char *fixtures_add(struct sim *sim, const char *lines);

void fixtures_receive(struct sim *sim, struct request *rq,
    struct answer *an); /* POST /_sim/records */

#endif
