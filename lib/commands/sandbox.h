/* SPDX-License-Identifier: MIT */
/*
 * sandbox: sikka --sandbox. A simulator, a state file and a home folder of its own, and a program in it that is set up
 * for them. Nothing of the user's settings is read or written. All of it is gone when the program has ended, also
 * when a signal ended it.
 */
#ifndef SK_COMMANDS_SANDBOX_H
#define SK_COMMANDS_SANDBOX_H

#include "base/error.h"

/*
 * Runs the program of argv, or the user's shell if there is none in it (argv[0] is NULL). Returns its exit code, or
 * -1 with err when it wasn't started: 71, 73, 75 after a signal, or as sikka-authorize ended.
 */
int sk_sandbox(char *const *argv, struct sk_error *err);

#endif
