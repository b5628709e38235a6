/* SPDX-License-Identifier: MIT */
/*
 * child: a command line of the user's that is run by sh, with one pipe between it and us.
 *
 * What this process has inherited doesn't matter to it, nor to us: an ignored SIGCHLD would hide how it
 * ends, an ignored or blocked signal would be ignored or blocked by it as well, and an open file would
 * stay open in what it leaves running. Only what a shell and nohup ignore for what runs in the
 * background (SIGHUP, SIGINT, SIGQUIT) stays ignored.
 */
#ifndef SK_BASE_CHILD_H
#define SK_BASE_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

enum sk_child_pipe {
	SK_CHILD_READS, /* its stdin; its stdout is our stderr; what it starts is ended with it */
	SK_CHILD_WRITES /* its stdout; its stdin is empty */
};

struct sk_child {
	pid_t pid;
	int fd; /* our end of the pipe; -1: closed */
	enum sk_child_pipe pipe;
	int status; /* as waitpid's; once it has ended */
};

/* 0, or -1 (71) when no process could be started. */
int sk_child_start(const char *command, enum sk_child_pipe pipe, struct sk_child *child,
    struct sk_error *err);

/* Whether it has ended; it isn't waited for. Then it mustn't be asked again. */
bool sk_child_has_ended(struct sk_child *child);

/* Ends it at once, and waits for that. */
void sk_child_kill(struct sk_child *child);

void sk_child_close(struct sk_child *child);

/* Whether it has ended with 0. */
bool sk_child_is_well(const struct sk_child *child);

/* How it has ended, in words: "it ended with 3", "signal 9 ended it". */
#define SK_CHILD_WORDS 48
const char *sk_child_words(const struct sk_child *child, char words[SK_CHILD_WORDS]);

#endif
