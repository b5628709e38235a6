/* SPDX-License-Identifier: MIT */
/*
 * Which practice management system a name and a version mean. An unknown one is OTHER, for which
 * the general rules hold.
 */
#include "systems.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

/* Names in the form that plain() gives them. */
static const struct {
	const char *name;
	unsigned system;
} names[] = {
    {"cleardent", CLEARDENT},
    {"cornerstone", CORNERSTONE},
    {"dentrix", DENTRIX},
    {"dentrixascend", ASCEND},
    {"dentrixenterprise", ENTERPRISE},
    {"dentrixg6", G6},
    {"dolphinmanagement", DOLPHIN},
    {"eaglesoft", EAGLESOFT},
    {"intravet", INTRAVET},
    {"opendental", OPENDENTAL},
    {"orthotrac", ORTHOTRAC},
    {"planetddswebv20", PLANET_V2},
    {"planetddswebv30", PLANET_V3},
    {"suzydental", SUZYDENTAL},
    {"tracker", TRACKER},
};
enum { NAMES = sizeof(names) / sizeof(names[0]) };

/* Appends s without case, blanks, dots and hyphens, which make no difference. */
static void
add_plain(struct text *t, const char *s)
{
	for (; *s != '\0'; s++) {
		char c = (char)tolower((unsigned char)*s);

		if (!isspace((unsigned char)c) && c != '.' && c != '-')
			text_add(t, &c, 1);
	}
}

/* The system with the longest name that this text begins with. */
static unsigned
longest(const char *plain)
{
	unsigned system = OTHER;
	size_t best = 0;

	for (size_t i = 0; i < NAMES; i++) {
		size_t n = strlen(names[i].name);

		if (n > best && strncmp(plain, names[i].name, n) == 0) {
			best = n;
			system = names[i].system;
		}
	}
	return system;
}

/* "Dentrix G10.2" counts as a later G6. The dot matters here: G5.1 isn't G51. */
static bool
is_g6_or_later(const char *name, const char *version)
{
	static const char dentrix[] = "dentrixg";
	char *both = x_printf("%s %s", name, version), *p = both;
	size_t i = 0;
	bool later = false;

	for (; *p != '\0' && dentrix[i] != '\0'; p++) {
		if (isspace((unsigned char)*p) || *p == '.' || *p == '-')
			continue;
		if (tolower((unsigned char)*p) != dentrix[i])
			break;
		i++;
	}
	if (dentrix[i] == '\0') {
		p += strspn(p, " .-");
		later = isdigit((unsigned char)*p) && strtol(p, NULL, 10) >= 6;
	}
	free(both);
	return later;
}

unsigned
system_find(const char *name, const char *version)
{
	struct text t = {0};
	unsigned system;

	add_plain(&t, name);
	add_plain(&t, version); /* the name's beginning stays the same */
	system = longest(t.s != NULL ? t.s : "");
	free(t.s);
	if (system == DENTRIX || system == G6)
		return is_g6_or_later(name, version) ? G6 : DENTRIX;
	return system;
}
