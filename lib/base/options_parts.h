/* SPDX-License-Identifier: MIT */
/*
 * options_parts: what the files of options share.
 */
#ifndef SK_BASE_OPTIONS_PARTS_H
#define SK_BASE_OPTIONS_PARTS_H

#include "base/options.h"

/* Usage, summary, the n options of rows, examples and the page's name. The caller frees. */
char *sk_options_help(const struct sk_command *command, const struct sk_option *const *rows,
    size_t n);

#endif
