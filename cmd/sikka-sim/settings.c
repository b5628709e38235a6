/* SPDX-License-Identifier: MIT */
/*
 * Settings by name, as options and as requests to /_sim/options. What makes no sense is refused
 * with a reason.
 */
#include "settings.h"

#include <string.h>

static bool
set_arrival_lag(struct settings *set, const char *value)
{
	return seconds_parse(value, &set->arrival_lag);
}

static bool
set_list_lag(struct settings *set, const char *value)
{
	return seconds_parse(value, &set->list_lag);
}

static bool
set_skew(struct settings *set, const char *value)
{
	return seconds_signed(value, &set->skew);
}

static bool
set_zone(struct settings *set, const char *value)
{
	return zone_parse(value, &set->zone);
}

static const struct {
	const char *name;
	bool (*set)(struct settings *, const char *value);
	const char *wrong;
} settings[] = {
    {"arrival-lag", set_arrival_lag, "no number of seconds"},
    {"list-lag", set_list_lag, "no number of seconds"},
    {"skew", set_skew, "no number of seconds"},
    {"zone", set_zone, "not +HH:MM or -HH:MM"},
};
enum { SETTINGS = sizeof(settings) / sizeof(settings[0]) };

const char *
settings_set(struct settings *set, const char *name, const char *value)
{
	for (size_t i = 0; i < SETTINGS; i++)
		if (strcmp(settings[i].name, name) == 0)
			return settings[i].set(set, value) ? NULL : settings[i].wrong;
	return "no such option, or none that changes";
}
