/* SPDX-License-Identifier: MIT */
/* zone: reads names and offsets of time zones. */
#include "base/zone.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/time.h"

#define SUMMER SK_HOUR

/*
 * The zones of the countries where the vendor has practices, under the names of Windows, which the server tells,
 * and under those that a server on another system would tell. The laws about summer time change, so the table
 * only says whether there is one, and no date; and a table of the machine has other names, or isn't there.
 */
static const struct {
	const char *names; /* a bar list */
	int minutes;       /* ahead of UTC, without summer time */
	bool has_summer;
} zones[] = {
    {"Hawaiian Standard Time|HST|Pacific/Honolulu|US/Hawaii", -600, false},
    {"Aleutian Standard Time|America/Adak", -600, true},
    {"Alaskan Standard Time|Alaskan Daylight Time|AKST|AKDT|America/Anchorage|US/Alaska", -540,
	true},
    {"Pacific Standard Time|Pacific Daylight Time|PST|PDT|America/Los_Angeles|America/Vancouver|"
     "US/Pacific",
	-480, true},
    {"US Mountain Standard Time|America/Phoenix|US/Arizona", -420, false},
    {"Yukon Standard Time|America/Whitehorse", -420, false},
    {"Mountain Standard Time|Mountain Daylight Time|MST|MDT|America/Denver|America/Boise|"
     "America/Edmonton|US/Mountain",
	-420, true},
    {"Canada Central Standard Time|America/Regina", -360, false},
    {"Central Standard Time|Central Daylight Time|CST|CDT|America/Chicago|America/Winnipeg|"
     "US/Central",
	-360, true},
    {"Eastern Standard Time|Eastern Daylight Time|EST|EDT|America/New_York|America/Detroit|"
     "America/Toronto|US/Eastern",
	-300, true},
    {"US Eastern Standard Time|US Eastern Daylight Time|America/Indianapolis|"
     "America/Indiana/Indianapolis",
	-300, true},
    {"Atlantic Standard Time|Atlantic Daylight Time|AST|ADT|America/Halifax", -240, true},
    {"SA Western Standard Time|America/Puerto_Rico", -240, false},
    {"Newfoundland Standard Time|Newfoundland Daylight Time|NST|NDT|America/St_Johns", -210, true},
    {"GMT Standard Time|GMT Daylight Time|Europe/London|Europe/Dublin", 0, true},
    {"W. Australia Standard Time|Australia/Perth", 480, false},
    {"AUS Central Standard Time|Australia/Darwin", 570, false},
    {"Cen. Australia Standard Time|Australia/Adelaide", 570, true},
    {"E. Australia Standard Time|Australia/Brisbane", 600, false},
    {"AUS Eastern Standard Time|Australia/Sydney|Australia/Melbourne", 600, true},
    {"Tasmania Standard Time|Australia/Hobart", 600, true},
    {"West Pacific Standard Time|Pacific/Guam", 600, false},
    {"New Zealand Standard Time|New Zealand Daylight Time|NZST|NZDT|Pacific/Auckland", 720, true},
};

static bool
is_among(const char *names, const char *name, size_t n)
{
	while (*names != '\0') {
		size_t width = strcspn(names, "|");

		if (width == n && strncasecmp(names, name, n) == 0)
			return true;
		names += width + (names[width] == '|');
	}
	return false;
}

static struct sk_zone
by_name(const char *name)
{
	size_t n;

	name += strspn(name, " \t");
	n = strlen(name);
	while (n > 0 && strchr(" \t", name[n - 1]) != NULL)
		n--;
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
		if (is_among(zones[i].names, name, n)) {
			int64_t winter = zones[i].minutes * SK_MINUTE;

			return (struct sk_zone){true, winter,
			    winter + (zones[i].has_summer ? SUMMER : 0)};
		}
	return (struct sk_zone){0};
}

/* Takes one or two digits from *at; -1: there are none. */
static int
number(const char **at)
{
	int value = -1;

	for (int i = 0; i < 2 && **at >= '0' && **at <= '9'; i++)
		value = (value < 0 ? 0 : value * 10) + (*(*at)++ - '0');
	return value;
}

/* Reads -05:00, +0530, -5, -05:00:00, UTC-05:00, (UTC-05:00) Eastern Time. false: it is none, or no zone has it. */
static bool
read_offset(const char *text, int64_t *offset)
{
	int hours, minutes = 0, seconds = 0, sign;
	bool is_shown = false;

	text += strspn(text, " \t");
	is_shown = *text == '(';
	text += is_shown;
	if (strncasecmp(text, "UTC", 3) == 0 || strncasecmp(text, "GMT", 3) == 0)
		text += 3;
	if (*text != '-' && *text != '+')
		return false;
	sign = *text++ == '-' ? -1 : 1;
	hours = number(&text);
	if (*text == ':' || (*text >= '0' && *text <= '9')) {
		text += *text == ':';
		minutes = number(&text);
	}
	if (*text == ':') {
		text++;
		seconds = number(&text);
	}
	if (hours < 0 || minutes < 0 || minutes > 59 || seconds != 0 ||
	    (is_shown ? *text != ')' : text[strspn(text, " \t")] != '\0'))
		return false;
	*offset = sign * (hours * SK_HOUR + minutes * SK_MINUTE);
	return *offset >= -SK_TIME_WESTERNMOST && *offset <= SK_TIME_EASTERNMOST;
}

static struct sk_zone
by_offset(int64_t offset)
{
	struct sk_zone zone = {true, offset - SUMMER, offset + SUMMER};

	if (zone.least < -SK_TIME_WESTERNMOST)
		zone.least = -SK_TIME_WESTERNMOST;
	if (zone.most > SK_TIME_EASTERNMOST)
		zone.most = SK_TIME_EASTERNMOST;
	return zone;
}

struct sk_zone
sk_zone_of(const char *name, const char *offset)
{
	struct sk_zone zone = name != NULL ? by_name(name) : (struct sk_zone){0};
	int64_t told = 0;
	bool has_offset = offset != NULL && *offset != '\0';

	if (has_offset && !read_offset(offset, &told))
		return (struct sk_zone){0};
	if (zone.is_known)
		return !has_offset || (told >= zone.least && told <= zone.most)
		    ? zone
		    : (struct sk_zone){0};
	if (!has_offset && name != NULL)
		has_offset = read_offset(name, &told);
	return has_offset && told != 0 ? by_offset(told) : (struct sk_zone){0};
}

struct sk_zone
sk_zone_join(struct sk_zone a, struct sk_zone b)
{
	if (!a.is_known || !b.is_known)
		return (struct sk_zone){0};
	return (struct sk_zone){true, a.least < b.least ? a.least : b.least,
	    a.most > b.most ? a.most : b.most};
}

int64_t
sk_zone_earliest(struct sk_zone zone, int64_t local)
{
	return local - (zone.is_known ? zone.most : SK_TIME_EASTERNMOST);
}

int64_t
sk_zone_latest(struct sk_zone zone, int64_t local)
{
	return local - (zone.is_known ? zone.least : -SK_TIME_WESTERNMOST);
}

static void
put_offset(char text[7], int64_t offset)
{
	int64_t minutes = (offset < 0 ? -offset : offset) / SK_MINUTE % 6000;

	snprintf(text, 7, "%c%02d:%02d", offset < 0 ? '-' : '+', (int)(minutes / 60),
	    (int)(minutes % 60));
}

char *
sk_zone_words(struct sk_zone zone, char words[SK_ZONE_WORDS])
{
	char least[7], most[7];

	words[0] = '\0';
	if (!zone.is_known)
		return words;
	put_offset(least, zone.least);
	put_offset(most, zone.most);
	snprintf(words, SK_ZONE_WORDS, "%s%s%s", least, zone.least != zone.most ? "/" : "",
	    zone.least != zone.most ? most : "");
	return words;
}
