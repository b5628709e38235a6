/* SPDX-License-Identifier: MIT */
/* What was typed behind sikka-sim: the settings, quirks and fault rules to start with. */
#ifndef SIM_OPTIONS_H
#define SIM_OPTIONS_H

#include "state.h"

/* Reads them into sim->set and sim->faults. Doesn't return after --help, --version or a mistake. */
void options_read(struct sim *sim, int argc, char **argv, const char *version_line);
/* To be called when the offices are there. Doesn't return if one that was named isn't. */
void options_check(const struct sim *sim);

#endif
