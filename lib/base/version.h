/* SPDX-License-Identifier: MIT */
/* version: the version of all commands. It stands here alone; the pages and the tests read it here. */
#ifndef SK_BASE_VERSION_H
#define SK_BASE_VERSION_H

#define SK_VERSION "0.1.0"

#endif
