/* SPDX-License-Identifier: MIT */
/*
 * screen: draws one picture after another on the terminal that stdout is, until somebody ends that. What is drawn
 * goes through base/out, so a failure to write is told there.
 */
#ifndef SK_BASE_SCREEN_H
#define SK_BASE_SCREEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Begins to draw: on a page of the terminal's own, if it has one, so that what stood there stays. From now on
 * SIGINT, SIGTERM and SIGHUP ask to stop (base/stop). Must be ended by sk_screen_end. 0, or -1 with 71 or 74.
 */
int sk_screen_begin(struct sk_error *err);

/*
 * Draws lines, in the place of those drawn before; on a terminal without sequences below them. Each line ends with
 * a newline. 0, or -1 with 74.
 */
int sk_screen_draw(const char *lines, struct sk_error *err);

/* Waits so many ms, or until the size has changed. False: somebody asked to stop. Ctrl-Z stops the process here. */
bool sk_screen_wait(int64_t milliseconds, struct sk_error *err);

/* Gives the terminal back as it was. */
void sk_screen_end(void);

#endif
