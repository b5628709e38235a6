/* SPDX-License-Identifier: MIT */
/*
 * stop: SIGINT, SIGTERM and SIGHUP ask a command to finish what is on the wire, record it, and end; a
 * second SIGINT or SIGTERM ends the process at once (by the signal), which is as safe as a kill -9.
 * A pipe wakes whoever waits in http.
 */
#ifndef SK_BASE_STOP_H
#define SK_BASE_STOP_H

#include <stdbool.h>

#include "base/error.h"

int sk_stop_init(void);  /* 0, or -1 when no pipe could be had */
int sk_stop_asked(void); /* the signal's number, or 0 */

/* Fills err with "stopped by a signal", and returns -1. A set err stays as it is. */
int sk_stop_error(struct sk_error *err);

/*
 * Whether such a signal came, and err is 0, or is what sk_stop_error has set. Then err is 0 again: the command says in
 * one line what remains, and what to type.
 */
bool sk_stop_is_why(struct sk_error *err);

int sk_stop_fd(void); /* becomes readable when asked; -1 before init */

#endif
