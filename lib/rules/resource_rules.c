/* SPDX-License-Identifier: MIT */
/* rules: the few resources that have rules besides the names of their parameters. */
#include "rules/resource_rules.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/nearest.h"
#include "base/wall.h"

const char *const sk_practice_events =
    "accounts_receivables appointments claim_descriptions claims guarantors guarantors_v2 "
    "lab_panels "
    "patients practices prescriptions providers reminders transactions treatment_plans";

bool
sk_resource_has_events(const char *name, size_t n)
{
	const char *list = sk_practice_events, *known;
	size_t length;

	while ((known = sk_resource_word(&list, &length)) != NULL)
		if (length == n && memcmp(known, name, n) == 0)
			return true;
	return false;
}

struct checking {
	const struct sk_resource_asked *asked;
	sk_resource_told *told;
	void *arg;
};

static void tell(const struct checking *checking, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
tell(const struct checking *checking, const char *format, ...)
{
	char sentence[400];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(sentence, sizeof(sentence), format, arguments);
	va_end(arguments);
	checking->told(checking->arg, sentence);
}

/* The value of a parameter; NULL: it isn't given. */
static const char *
value_of(const struct checking *checking, const char *name)
{
	const struct sk_resource_asked *asked = checking->asked;

	for (size_t i = 0; i < asked->n; i++)
		if (strcmp(asked->parameters[i].name, name) == 0)
			return asked->parameters[i].value;
	return NULL;
}

/* --- kpis --------------------------------------------------------------------------------------- */

/* Without days it lists the indicators; figures need all four, of which the name may stand in the path. */
static void
check_kpis(const struct checking *checking)
{
	static const char *const needed[] = {"practice_id", "startdate", "enddate"};
	bool is_path = strchr(checking->asked->name, '/') != NULL, has_figures = is_path;

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		has_figures |= value_of(checking, needed[i]) != NULL;
	if (!has_figures)
		return;
	if (!is_path && value_of(checking, "kpi_name") == NULL)
		tell(checking,
		    "kpis needs the parameter kpi_name for figures; without days it lists "
		    "the names");
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (value_of(checking, needed[i]) == NULL)
			tell(checking, "kpis needs the parameter %s for figures", needed[i]);
}

/* --- practice_events ---------------------------------------------------------------------------- */

static void
check_event(const struct checking *checking, const char *event, size_t n)
{
	const char *list = sk_practice_events, *known;
	char name[SK_RESOURCE_WORD], nearest[SK_RESOURCE_WORD] = "", hint[SK_NEAREST_HINT];
	struct sk_near near = {.word = name};
	size_t length;

	if (sk_resource_has_events(event, n))
		return;
	snprintf(name, sizeof(name), "%.*s", (int)n, event);
	while ((known = sk_resource_word(&list, &length)) != NULL)
		sk_near_add(&near, known, length);
	if (near.name != NULL)
		snprintf(nearest, sizeof(nearest), "%.*s", (int)near.length, near.name);
	tell(checking, "practice_events has no known event \"%s\"%s", name,
	    sk_nearest_hint(nearest, hint));
}

static bool
is_interval(const char *text)
{
	size_t n = strlen(text);
	long minutes = n > 0 && n < 6 && strspn(text, "0123456789") == n ? atol(text) : 0;

	return minutes >= 1 && minutes <= SK_EVENTS_INTERVAL;
}

static void
check_events(const struct checking *checking)
{
	const char *events = value_of(checking, "events"),
		   *interval = value_of(checking, "interval");
	const char *status = value_of(checking, "status");

	for (size_t n; events != NULL && *events != '\0'; events += n + (events[n] == ',')) {
		n = strcspn(events, ",");
		check_event(checking, events, n);
	}
	if (interval != NULL && !is_interval(interval))
		tell(checking, "practice_events takes whole minutes from 1 to %d as interval",
		    SK_EVENTS_INTERVAL);
	if (interval != NULL &&
	    (value_of(checking, "loaded_startdate") != NULL ||
		value_of(checking, "loaded_enddate") != NULL))
		tell(checking,
		    "practice_events passes over loaded_startdate and loaded_enddate beside "
		    "interval");
	if (status != NULL && strcmp(status, "current") != 0)
		tell(checking,
		    "practice_events knows status=current only, for the latest change of "
		    "each record");
	if (value_of(checking, "lightweight") != NULL)
		tell(checking, "practice_events isn't meant to be asked with lightweight");
}

/* --- patient_eligibility ------------------------------------------------------------------------ */

static void
check_eligibility(const struct checking *checking)
{
	static const char *const needed[] = {"dependent_firstname", "dependent_lastname",
	    "dependent_birthdate", "dependent_subscriber_id", "dependent_group_number"};
	const char *depends = value_of(checking, "is_dependent");

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (depends != NULL && strcasecmp(depends, "true") == 0 &&
		    value_of(checking, needed[i]) == NULL)
			tell(checking, "patient_eligibility needs the parameter %s for a dependent",
			    needed[i]);
}

/* --- others -------------------------------------------------------------------------------------- */

static void
check_writebacks(const struct checking *checking)
{
	int64_t first[SK_WALL_DAYS], last[SK_WALL_DAYS];
	const char *from = value_of(checking, "startdate"), *to = value_of(checking, "enddate");

	if (sk_wall_days(from, first) != 1 || sk_wall_days(to, last) != 1)
		return;
	if (last[0] < first[0])
		tell(checking, "writebacks: enddate is before startdate");
	if (last[0] - first[0] >= SK_WRITEBACKS_DAYS)
		tell(checking,
		    "writebacks lists %d days at the most, and from %s to %s it is %lld: ask for "
		    "one "
		    "part after the other",
		    SK_WRITEBACKS_DAYS, from, to, (long long)(last[0] - first[0] + 1));
}

static void
check_payments(const struct checking *checking)
{
	if (value_of(checking, "startdate") == NULL && value_of(checking, "enddate") == NULL)
		tell(checking,
		    "payment/transactions lists the last 30 days where neither startdate nor "
		    "enddate is given");
}

static void
check_supported(const struct checking *checking)
{
	static const char end[] = "_writeback";
	const struct sk_resource_asked *asked = checking->asked;

	for (size_t i = 0; i < asked->n; i++) {
		const char *name = asked->parameters[i].name;
		size_t n = strlen(name), m = sizeof(end) - 1;

		if (n > m && strcmp(name + n - m, end) == 0 &&
		    strcmp(asked->parameters[i].value, "available") != 0)
			tell(checking, "supported_pmses knows %s=available only", name);
	}
}

void
sk_resource_rules_check(const struct sk_resource_asked *asked, sk_resource_told *told, void *arg)
{
	static const struct {
		const char *resource;
		void (*check)(const struct checking *checking);
	} rules[] = {
	    {"kpis", check_kpis},
	    {"patient_eligibility", check_eligibility},
	    {"payment/transactions", check_payments},
	    {"practice_events", check_events},
	    {"supported_pmses", check_supported},
	    {"writebacks", check_writebacks},
	};
	const struct checking checking = {asked, told, arg};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (strcmp(rules[i].resource, asked->resource->name) == 0)
			rules[i].check(&checking);
}
