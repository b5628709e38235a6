/* SPDX-License-Identifier: MIT */
/* setup_parts: what the files of setup share. Private to setup. */
#ifndef SK_COMMANDS_SETUP_PARTS_H
#define SK_COMMANDS_SETUP_PARTS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/config.h"
#include "commands/setup.h"

struct sk_setup {
	const struct sk_common *common;
	const char *url; /* --url, or NULL */
	/*
	 * For the units of systemd: they get the key as a credential, which root alone has to be able to read, and their user
	 * begins the state file.
	 */
	bool is_service;
	char *file, *key_file;             /* the real names: where links lead to */
	char *named_file, *named_key_file; /* as they are looked for */
	char *text;                        /* of the config file, as it was */
	bool has_file;                     /* there was one */
	mode_t mode;                       /* of the config file */
	struct sk_config config;           /* the settings as they were; then with what was typed */
	bool has_key_written;              /* the key file is a new one already */
	int was_dumpable;                  /* see prctl(2) */
	char *unset; /* variables that would be stronger than the files, "A B", or NULL */
};

/* Where the files lie, and what is in them. Nothing is made. 0 or -1. */
int sk_setup_find(struct sk_setup *setup, struct sk_error *err);

/* Whether there are credentials that would be replaced; each is told. */
bool sk_setup_tell_earlier(const struct sk_setup *setup);

/* Writes both files, or none. 0; -1 with 73 or 74. */
int sk_setup_write(struct sk_setup *setup, struct sk_error *err);

#endif
