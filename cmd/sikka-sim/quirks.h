/* SPDX-License-Identifier: MIT */
/*
 * Different spellings of the same answer, as they were seen on servers: "NAME=VALUE" chooses one.
 * Each can be chosen alone, besides the two dialects, so that a test can show that its client reads
 * it.
 */
#ifndef SIM_QUIRKS_H
#define SIM_QUIRKS_H

#include "answer.h"

/* Returns NULL when it was set, otherwise what is wrong with it: the caller frees that. */
char *quirks_set(struct settings *set, const char *text);
void quirks_clear(struct settings *set);
json_t *quirks_list(const struct settings *set); /* name -> value; the caller owns it */
/* Respells a JSON answer, as the very last step: numbers, booleans, unknown members. */
void quirks_dress(const struct settings *set, struct answer *an);

#endif
