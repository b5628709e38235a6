/* SPDX-License-Identifier: MIT */
/* config_parts: what the files of config share. Inside config. */
#ifndef SK_BASE_CONFIG_PARTS_H
#define SK_BASE_CONFIG_PARTS_H

#include <sys/stat.h>

#include "base/config.h"

#define SK_CONFIG_LARGEST 65536 /* bytes of a config or key file */
#define SK_CONFIG_LINE 4096

/* A variable's value; an empty one is a missing one. */
const char *sk_config_environment(const char *name);

/* Takes the blanks off both ends of text, in place. */
char *sk_config_trimmed(char *text);

/*
 * A small file as text, to be freed with sk_secret_free. Not by stdio, whose buffer would keep a
 * copy of the key. -1: errno says why (EFBIG: too large).
 */
int sk_config_read_file(const char *path, char **text, struct stat *status);

/* Puts a copy there; an empty value is a missing one. */
void sk_config_set(char **slot, const char *value);

#endif
