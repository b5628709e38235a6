/* SPDX-License-Identifier: MIT */
/* config_write: the config file with other values, as a text. It is read by config, and written by the caller. */
#ifndef SK_BASE_CONFIG_WRITE_H
#define SK_BASE_CONFIG_WRITE_H

#include <stddef.h>

#include "base/error.h"

/*
 * The config file of whoever runs this, which needn't be there: that of SIKKA_CONFIG, else in the home folder. The caller
 * frees. NULL: err (78).
 */
char *sk_config_own_file(struct sk_error *err);

/* Its text, to be freed with sk_secret_free; "" where there is none. NULL: it can't be read (78). */
char *sk_config_text(const char *path, struct sk_error *err);

struct sk_config_change {
	const char *name, *value; /* NULL: without this setting */
};

/*
 * The text with other values of some settings, where these stand, or at its end. All other lines stay as they are. The
 * caller frees.
 */
char *sk_config_changed(const char *text, const struct sk_config_change *changes, size_t n);

#endif
