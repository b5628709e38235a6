/* SPDX-License-Identifier: MIT */
/*
 * program: programs that this process starts, and stays beside: what they need is removed when they have
 * ended, whatever ends them. Between sk_program_begin and the end of the process no signal ends it: SIGINT and SIGQUIT
 * are for the programs, which get them from the terminal themselves; SIGTERM and SIGHUP end what is waited for.
 */
#ifndef SK_BASE_PROGRAM_H
#define SK_BASE_PROGRAM_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

struct sk_program {
	char *const *argv; /* argv[0] is looked for in PATH, unless it has a slash */
	int output;        /* its stdout and … */
	int errors;        /* … stderr; -1: those of this process */
	/*
	 * It reads nothing, gets no signal from the terminal, and ends with this process, also when that is
	 * killed.
	 */
	bool is_servant;
	pid_t pid;
};

/* Before the first one is started. A signal that is ignored stays ignored. */
void sk_program_begin(void);

/* 0, or -1 (71). That there is no such program shows when it ends, with 71, and in a line on its stderr. */
int sk_program_start(struct sk_program *program, struct sk_error *err);

/* Waits for its end. Returns its exit code; 128 and the signal's number, if a signal ended it. */
int sk_program_wait(struct sk_program *program);

/* Whether it has ended; then it isn't waited for any more. */
bool sk_program_has_ended(struct sk_program *program);

/* Ends it, and waits for that. Nothing, if it wasn't started or has ended. */
void sk_program_end(struct sk_program *program);

/* Whether a signal has asked this process to end since it was asked last: also SIGINT. */
bool sk_program_is_stopped(void);

#endif
