/* SPDX-License-Identifier: MIT */
/* zone: what names and offsets of time zones tell, and what they leave open. */
#include "base/zone.h"

#include <stdio.h>

#include "base/time.h"
#include "tap.h"

static void
reads(const char *name, const char *offset, const char *wanted)
{
	char words[SK_ZONE_WORDS], what[96];

	snprintf(what, sizeof(what), "%s, %s: %s", name != NULL ? name : "no name",
	    offset != NULL ? offset : "no offset", *wanted != '\0' ? wanted : "not known");
	is_str(sk_zone_words(sk_zone_of(name, offset), words), wanted, what);
}

static void
names(void)
{
	reads("Eastern Standard Time", NULL, "-05:00/-04:00");
	reads(" eastern standard time ", NULL, "-05:00/-04:00");
	reads("US Mountain Standard Time", NULL, "-07:00");
	reads("Mountain Standard Time", NULL, "-07:00/-06:00");
	reads("EST", NULL, "-05:00/-04:00");
	reads("America/Los_Angeles", NULL, "-08:00/-07:00");
	reads("Newfoundland Standard Time", NULL, "-03:30/-02:30");
	reads("GMT Standard Time", NULL, "+00:00/+01:00");
	reads("New Zealand Standard Time", NULL, "+12:00/+13:00");
	reads("Eastern", NULL, "");
	reads("Eastern Standard Time|EST", NULL, "");
	reads("", NULL, "");
	reads(NULL, NULL, "");
	reads("UTC", NULL, "");
	reads("(UTC-05:00) Eastern Time (US & Canada)", NULL, "-06:00/-04:00");
	reads("(UTC-05:00 Eastern Time", NULL, "");
}

static void
offsets(void)
{
	reads(NULL, "-05:00", "-06:00/-04:00");
	reads(NULL, "-0500", "-06:00/-04:00");
	reads(NULL, "-5", "-06:00/-04:00");
	reads(NULL, "-05:00:00", "-06:00/-04:00");
	reads(NULL, "UTC-05:00", "-06:00/-04:00");
	reads(NULL, "+05:30", "+04:30/+06:30");
	reads(NULL, "+14:00", "+13:00/+14:00");
	reads(NULL, "-12:00", "-12:00/-11:00");
	reads("Nowhere Standard Time", "-05:00", "-06:00/-04:00");
	reads(NULL, "", "");
	reads(NULL, "05:00", "");
	reads(NULL, "-300", "");
	reads(NULL, "-05:60", "");
	reads(NULL, "-05:00x", "");
	reads(NULL, "-05:00:07", "");
	reads(NULL, "-13:00", "");
	reads(NULL, "+99:00", "");
	reads(NULL, "-", "");
	reads(NULL, "+00:00", "");
	reads("Nowhere Standard Time", "+00:00", "");
}

static void
both(void)
{
	reads("Eastern Standard Time", "-05:00", "-05:00/-04:00");
	reads("Eastern Standard Time", "-04:00", "-05:00/-04:00");
	reads("Eastern Standard Time", "", "-05:00/-04:00");
	reads("GMT Standard Time", "+00:00", "+00:00/+01:00");
	reads("Eastern Standard Time", "-08:00", "");
	reads("Eastern Standard Time", "+00:00", "");
	reads("Eastern Standard Time", "odd", "");
	reads("US Mountain Standard Time", "-06:00", "");
}

static void
moments(void)
{
	struct sk_zone east = sk_zone_of("Eastern Standard Time", NULL);
	struct sk_zone west = sk_zone_of("US Mountain Standard Time", NULL);
	struct sk_zone unknown = {0};
	char words[SK_ZONE_WORDS];
	int64_t nine = 100 * SK_DAY + 9 * SK_HOUR;

	is_int(sk_zone_earliest(east, nine) - nine, 4 * SK_HOUR, "nine o'clock, in summer");
	is_int(sk_zone_latest(east, nine) - nine, 5 * SK_HOUR, "and in winter");
	is_int(sk_zone_earliest(west, nine), sk_zone_latest(west, nine),
	    "one moment without summer time");
	is_int(sk_zone_earliest(unknown, nine) - nine, -SK_TIME_EASTERNMOST,
	    "nobody knows where: as early as");
	is_int(sk_zone_latest(unknown, nine) - nine, SK_TIME_WESTERNMOST, "and as late as can be");
	is_str(sk_zone_words(sk_zone_join(east, west), words), "-07:00/-04:00", "one of two zones");
	is_str(sk_zone_words(sk_zone_join(east, unknown), words), "",
	    "one of which nothing is known");
}

int
main(void)
{
	names();
	offsets();
	both();
	moments();
	return done_testing();
}
