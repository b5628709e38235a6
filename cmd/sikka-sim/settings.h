/* SPDX-License-Identifier: MIT */
/* The settings that may also change while the simulator runs. Others are set in main.c. */
#ifndef SIM_SETTINGS_H
#define SIM_SETTINGS_H

#include "state.h"

/* Sets one by its name. Returns NULL, or what is wrong with it (static). */
const char *settings_set(struct settings *set, const char *name, const char *value);

#endif
