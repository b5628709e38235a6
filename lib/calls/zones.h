/* SPDX-License-Identifier: MIT */
/*
 * zones: the time zones of practices, from the server's lists about them (sikka-api(7), Times). The list of the
 * authorized practices tells most; the others are asked only for what it leaves open.
 */
#ifndef SK_CALLS_ZONES_H
#define SK_CALLS_ZONES_H

#include <jansson.h>

#include "base/error.h"
#include "store/offices.h"
#include "calls/pool.h"

/* Takes the zone from a record of one of these lists: time_zone and utc_offset, NULL where it has none. */
void sk_zones_take(const json_t *record, struct sk_practice *practice);

/*
 * Where an active practice has no zone, reads /data_sync_status, and then /health_check for those that still
 * have none, and records what they say. A list that can't be read is said with -v alone. 0; -1 when the state
 * file can't be read or written.
 */
int sk_zones_learn(struct sk_pool *pool, struct sk_error *err);

#endif
