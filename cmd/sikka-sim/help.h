/* SPDX-License-Identifier: MIT */
/* What sikka-sim --help writes: the synopsis, and what stands below it. */
#ifndef SIM_HELP_H
#define SIM_HELP_H

extern const char help_usage[];
extern const char help_text[];

#endif
