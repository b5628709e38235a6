/* SPDX-License-Identifier: MIT */
/*
 * The practice management systems that the rules of writebacks distinguish: one bit each, so that a
 * rule can name all systems that it holds for in one number.
 */
#ifndef SIM_SYSTEMS_H
#define SIM_SYSTEMS_H

enum {
	OTHER = 1 << 0, /* one that no rule names: the general rules hold for it */
	CLEARDENT = 1 << 1,
	CORNERSTONE = 1 << 2,
	G5 = 1 << 3, /* Dentrix before G6 */
	ASCEND = 1 << 4,
	ENTERPRISE = 1 << 5,
	G6 = 1 << 6,
	DOLPHIN = 1 << 7,
	EAGLESOFT = 1 << 8,
	INTRAVET = 1 << 9,
	OPENDENTAL = 1 << 10,
	ORTHOTRAC = 1 << 11,
	PLANET_V2 = 1 << 12,
	PLANET_V3 = 1 << 13,
	SUZYDENTAL = 1 << 14,
	TRACKER = 1 << 15,
	EVERY = (1 << 16) - 1,
	DENTRIX = G5 | G6, /* Ascend and Enterprise are other products */
	PLANET = PLANET_V2 | PLANET_V3,
};
#define BUT(systems) (EVERY & ~(systems)) /* every system except these */

/* The system of a practice that reports this name, as one bit. version may be "". */
unsigned system_find(const char *name, const char *version);

#endif
