/* SPDX-License-Identifier: MIT */
/*
 * Settings by name, as options and as requests to /_sim/options. What makes no sense is refused
 * with a reason.
 */
#include "settings.h"

#include <stdlib.h>
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
set_refresh_every(struct settings *set, const char *value)
{
	return seconds_parse(value, &set->refresh_every);
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

static bool
set_switch(bool *to, const char *value)
{
	*to = strcmp(value, "on") == 0;
	return *to || strcmp(value, "off") == 0;
}

static bool
set_strict(struct settings *set, const char *value)
{
	return set_switch(&set->strict, value);
}

static bool
set_permission(struct settings *set, const char *value)
{
	return set_switch(&set->writeback_permission, value);
}

static bool
set_status(struct settings *set, const char *value)
{
	return set_switch(&set->writeback_status, value);
}

static bool
set_list(struct settings *set, const char *value)
{
	return set_switch(&set->writeback_list, value);
}

/* N[:WHAT] */
static bool
set_list_bytes(struct settings *set, const char *value)
{
	static const char *const words[] =
	    {[LARGE_REFUSED] = "413", [LARGE_CUT] = "cut", [LARGE_HANGS] = "hang"};
	size_t n = strcspn(value, ":");
	char *number = x_printf("%.*s", (int)n, value);
	bool good = number_parse(number, 0, 1L << 30, &set->list_bytes);
	const char *word = value[n] == ':' ? value + n + 1 : words[LARGE_REFUSED];

	free(number);
	for (int i = LARGE_REFUSED; i <= LARGE_HANGS; i++)
		if (good && strcmp(words[i], word) == 0) {
			set->list_large = i;
			return true;
		}
	return false;
}

static const struct {
	const char *name;
	bool (*set)(struct settings *, const char *value);
	const char *wrong;
} settings[] = {
    {"arrival-lag", set_arrival_lag, "no number of seconds"},
    {"list-bytes", set_list_bytes, "not N, N:413, N:cut or N:hang"},
    {"list-lag", set_list_lag, "no number of seconds"},
    {"refresh-every", set_refresh_every, "no number of seconds"},
    {"skew", set_skew, "no number of seconds"},
    {"strict", set_strict, "not on or off"},
    {"writeback-list", set_list, "not on or off"},
    {"writeback-permission", set_permission, "not on or off"},
    {"writeback-status", set_status, "not on or off"},
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
