/* SPDX-License-Identifier: MIT */
/*
 * front: sikka, which lists the commands, runs them, and shows what there is to read.
 *
 * What it runs takes this process's place: it has the same process id, arguments, environment, open
 * files and signals as if it had been called itself. Therefore nothing here touches stdout, stderr
 * or a signal before that. Only programs whose names begin with "sikka-" are run, and man(1).
 */
#ifndef SK_COMMANDS_FRONT_H
#define SK_COMMANDS_FRONT_H

#include "base/error.h"

/* The commands with a line each, and the topics; for people. The caller frees. */
char *sk_front_list(void);

/*
 * Becomes sikka-NAME, which gets argv but for argv[0]. It is looked for in the folder of sikka, then
 * in the absolute folders of PATH. Returns if it can't: -1 with err; 64 when there is no such
 * command, 71 when it can't be started.
 */
int sk_front_run(const char *name, char **argv, struct sk_error *err);

/* The path of sikka-NAME, found as above; the caller frees. NULL with err (71): it isn't installed. */
char *sk_front_find(const char *name, struct sk_error *err);

/*
 * Becomes what shows the topic: man(1), sikka-book or sikka-get. Returns if there is no man(1), with
 * text, which says what page it is (the caller frees); or if it can't, as above.
 */
int sk_front_help(const char *topic, char **text, struct sk_error *err);

#endif
