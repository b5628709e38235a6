/* SPDX-License-Identifier: MIT */
/* version: the version of all commands, defined only here; pages and tests read it from here. */
#ifndef SK_BASE_VERSION_H
#define SK_BASE_VERSION_H

#define SK_VERSION "0.2.0"

#endif
