/* SPDX-License-Identifier: MIT */
/*
 * question: asks a person at a terminal, by stdin and stderr. What is typed may be a key: no buffer keeps it but the
 * answer.
 */
#ifndef SK_BASE_QUESTION_H
#define SK_BASE_QUESTION_H

#include <stdbool.h>

#include "base/error.h"

/* Whether there is one to ask at: stdin and stderr lead to it. */
bool sk_question_is_possible(void);

/* Text for a person, as it is, so that it can be copied: without the command's name in front. No text of others. */
void sk_question_show(const char *text);

/*
 * Shows the prompt, and reads a line, without the blanks around it; it may be empty. With is_hidden what is typed isn't
 * shown, and what was typed before the prompt is dropped. The terminal is as it was before, also after a signal. 0; -1 with
 * 75 (a signal asked to stop; base/stop has to catch them), or 66 (the input has ended, or the line is longer than 4000
 * bytes). Free with sk_secret_free.
 */
int sk_question_ask(const char *prompt, bool is_hidden, char **answer, struct sk_error *err);

#endif
