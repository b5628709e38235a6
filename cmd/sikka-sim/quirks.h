/* SPDX-License-Identifier: MIT */
/*
 * The spellings that were seen of one and the same answer: "NAME=VALUE" chooses one. They are there
 * one by one, beside the two dialects, so that a test can show that its client reads each of them.
 */
#ifndef SIM_QUIRKS_H
#define SIM_QUIRKS_H

#include "answer.h"

/* NULL if it was set, else what is wrong with it (not to be freed). */
const char *quirks_set(struct settings *set, const char *text);
void quirks_clear(struct settings *set);
/* Respells an answer that is JSON: numbers, booleans, members nobody knows. At the very end. */
void quirks_dress(const struct settings *set, struct answer *an);

#endif
