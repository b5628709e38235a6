/* SPDX-License-Identifier: MIT */
/*
 * setup: sikka-authorize --setup. Asks a person at a terminal for the application's id and key, tries them at the server,
 * and writes the config file and the key file. Where anything isn't well, nothing is written. The key is in no argument,
 * no environment, no message and no core.
 */
#ifndef SK_COMMANDS_SETUP_H
#define SK_COMMANDS_SETUP_H

#include <stdbool.h>

#include "base/error.h"
#include "base/options.h"

struct sk_setup;

/*
 * 1: the files are written; settings that are loaded now are theirs, and *setup is for sk_setup_next. 0: nobody is to be
 * authorized now: the person has said no, or the units of systemd are to do it (all is told). -1: err: 64 there is no
 * terminal, 66, 73, 74, 75, 78, or as the server's answer says. url: --url, or NULL. Free *setup in any case.
 */
int sk_setup(const struct sk_common *common, const char *url, struct sk_setup **setup,
    struct sk_error *err);

/* Tells what is left to do: what runs regularly, and what of this environment cron doesn't have. */
void sk_setup_next(const struct sk_setup *setup);
void sk_setup_free(struct sk_setup *setup);

#endif
