/* SPDX-License-Identifier: MIT */
/* The table of readable resources. */
#ifndef SIM_RESOURCES_H
#define SIM_RESOURCES_H

#include <stddef.h>

enum auth {
	AUTH_KEY,     /* a Request-Key: one office */
	AUTH_APP,     /* App-Id and App-Key: the application */
	AUTH_IN_BODY, /* POST /request_key has its credentials in the body */
};

struct resource {
	const char *name;
	enum auth auth;
	const char *required, *optional, *sort_by; /* separated by commas */
};

const struct resource *resource_find(const char *name); /* NULL: there is none */
const struct resource *resource_at(size_t index);       /* NULL after the last */

#endif
