/* SPDX-License-Identifier: MIT */
/* config_parts: what the files of config share. Private to config. */
#ifndef SK_BASE_CONFIG_PARTS_H
#define SK_BASE_CONFIG_PARTS_H

#include <sys/stat.h>

#include "base/config.h"
#include "base/place.h"

#define SK_CONFIG_LARGEST 65536 /* bytes of a config or key file */
#define SK_CONFIG_LINE 4096

/* The value of an environment variable; NULL when it is missing or empty. */
const char *sk_config_environment(const char *name);

/* Removes blanks from both ends of text, in place. */
char *sk_config_trimmed(char *text);

/*
 * Reads a small file as text, to be freed with sk_secret_free. stdio isn't used, as its buffer would
 * keep a copy of the key. -1: errno says why (EFBIG: too large).
 */
int sk_config_read_file(const char *path, char **text, struct stat *status);

/* What errno means for such a file, in words. */
const char *sk_config_why(int code);

/* For the end of the message: what lets this user read the file, "; run: chmod ..."; or "". Returns text. */
const char *sk_config_cure(const char *path, int code, char text[SK_PLACE_HINT]);

/* The text behind a byte order mark that some editors write at the beginning of a file. */
char *sk_config_after_mark(char *text);

/*
 * The path that the value of a setting means; the caller frees. NULL, and err (78): the value is
 * relative, or it is empty. what is the setting in the message: "FILE:LINE: db", "SIKKA_DB".
 */
char *sk_config_path(const char *what, const char *value, struct sk_error *err);

/*
 * A path below an XDG folder: $name/rest, else $HOME/fallback/rest. The XDG rules say that a
 * relative value is to be ignored. NULL when there is neither; err is set (78) when HOME is relative.
 * The caller frees.
 */
char *sk_config_xdg_path(const char *name, const char *fallback, const char *rest,
    struct sk_error *err);

/* 0; -1 and err (78): the value is in quotes, which stand for nothing here. */
int sk_config_refuse_quotes(const char *what, const char *value, struct sk_error *err);

/* Checks the form of the setting pms. 0; -1 and err (78). */
int sk_config_check_pms(const struct sk_config *config, struct sk_error *err);

/* Reads the setting share. 0; -1 and err (78). */
int sk_config_read_share(struct sk_config *config, struct sk_error *err);

/* Stores a copy of value in *slot; NULL for an empty value. */
void sk_config_set(char **slot, const char *value);

#endif
