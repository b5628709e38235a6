/* SPDX-License-Identifier: MIT */
/*
 * zone: the time zone of a practice, as far as the server's texts tell it, as a range of differences from UTC
 * that holds all the year. A zone that isn't known, or told in an odd way, is any zone of the world.
 */
#ifndef SK_BASE_ZONE_H
#define SK_BASE_ZONE_H

#include <stdbool.h>
#include <stdint.h>

#define SK_ZONE_WORDS 16 /* room for "-05:00/-04:00" */

/* All zero: not known. */
struct sk_zone {
	bool is_known;
	int64_t least; /* how far the local time is ahead of UTC, in ms: in winter … */
	int64_t most;  /* … and in summer */
};

/*
 * name as Windows has it ("Eastern Standard Time"), "EST", or the like; offset as "-05:00". Either may be NULL.
 * An offset that was seen once is not that of another date: without a known name it holds within an hour. One
 * that contradicts the name makes the zone unknown. So does UTC: it is a server's zone, and no practice's.
 */
struct sk_zone sk_zone_of(const char *name, const char *offset);

/* A zone that holds wherever either does. */
struct sk_zone sk_zone_join(struct sk_zone a, struct sk_zone b);

/* The first and the last moment at which a practice's clock may show a time, given as if it were UTC. */
int64_t sk_zone_earliest(struct sk_zone zone, int64_t local);
int64_t sk_zone_latest(struct sk_zone zone, int64_t local);

/* "-05:00/-04:00", "-07:00"; "" when it isn't known. Returns words. */
char *sk_zone_words(struct sk_zone zone, char words[SK_ZONE_WORDS]);

#endif
