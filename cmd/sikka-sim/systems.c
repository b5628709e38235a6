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
    {"dentrix", G5},
    {"dentrixascend", ASCEND},
    {"dentrixcore", OTHER},
    {"dentrixenterprise", ENTERPRISE},
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

static const char *
skip_separators(const char *s)
{
	while (isspace((unsigned char)*s) || *s == '.' || *s == '-')
		s++;
	return s;
}

/*
 * Which generation of Dentrix this version is, as "G10.2" has it; 0 if none is told. A bare number, or one behind
 * a V, is ten more: 16.2 is G6.2. The dot behind the number matters: G5.1 isn't G51.
 */
static long
generation_of(const char *version)
{
	const char *s = skip_separators(version);
	char letter = 'v';

	if (isalpha((unsigned char)*s)) {
		letter = (char)tolower((unsigned char)*s);
		s = skip_separators(s + 1);
	}
	if (!isdigit((unsigned char)*s) || (letter != 'g' && letter != 'v'))
		return 0;
	return strtol(s, NULL, 10) - (letter == 'v' ? 10 : 0);
}

/* What stands behind the product's name, in the name itself or as a version of its own. */
static bool
is_g6_or_later(const char *name, const char *version)
{
	char *both = x_printf("%s %s", name, version), *p = both;
	size_t letters = strlen("dentrix");
	bool later;

	for (; letters > 0 && *p != '\0'; p++)
		if (isalpha((unsigned char)*p))
			letters--;
	later = generation_of(p) >= 6;
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
	if ((system & DENTRIX) != 0)
		return is_g6_or_later(name, version) ? G6 : G5;
	return system;
}
