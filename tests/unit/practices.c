/* SPDX-License-Identifier: MIT */
/* The zones of a practice and of an office, among those of many offices: looked for, and not looked through. */
#include <stdio.h>
#include <string.h>

#include "compared.h"
#include "tap.h"
#include "store/offices.h"

#define MANY 4096

static struct sk_practice practices[MANY];
static char ids[MANY][8];

static char *
text(const char *constant)
{
	return (char *)(uintptr_t)constant;
}

static bool
is_zone(struct sk_zone zone, const char *name)
{
	struct sk_zone wanted = sk_zone_of(name, NULL);

	return zone.is_known == wanted.is_known && zone.least == wanted.least &&
	    zone.most == wanted.most;
}

int
main(void)
{
	/* Two of each office: the first in New York, the second in Los Angeles. */
	for (size_t i = 0; i < MANY; i++) {
		snprintf(ids[i], sizeof(ids[i]), "D%05zu", i / 2);
		practices[i] = (struct sk_practice){.office_id = ids[i],
		    .practice_id = text(i % 2 == 0 ? "1" : "2"),
		    .time_zone =
			text(i % 2 == 0 ? "Eastern Standard Time" : "Pacific Standard Time")};
	}
	compared = 0;
	ok(is_zone(sk_practices_zone(practices, MANY, "D01000", "2"), "Pacific Standard Time"),
	    "a practice has its zone");
	ok(compared < 100, "of %d practices few are looked at: %zu texts are compared", MANY,
	    compared);
	ok(is_zone(sk_practices_zone(practices, MANY, "D00000", "1"), "Eastern Standard Time"),
	    "the first one has its own");
	ok(is_zone(sk_practices_zone(practices, MANY, "D02047", "2"), "Pacific Standard Time"),
	    "and the last one");
	ok(!sk_practices_zone(practices, MANY, "D01000", "3").is_known,
	    "one that isn't there has none");
	ok(!sk_practices_zone(practices, MANY, "E", "1").is_known, "nor one of an unknown office");
	ok(!sk_practices_zone(NULL, 0, "D01000", "1").is_known, "nor where there is none");
	return done_testing();
}
