/* SPDX-License-Identifier: MIT */
/*
 * sweep_named: what options of sikka-sweep name (requests, events, writebacks), or the records on its stdin.
 */
#ifndef SK_COMMANDS_SWEEP_NAMED_H
#define SK_COMMANDS_SWEEP_NAMED_H

#include <stdbool.h>

#include "base/error.h"
#include "commands/sweep.h"

/* As which part of sk_sweep_options something is named. */
enum sk_names {
	SK_NAMES_NOTHING,
	SK_NAMES_WITHDRAWN,
	SK_NAMES_ADOPTED,
	SK_NAMES_NOT_OURS,
	SK_NAMES_ACKNOWLEDGED,
	SK_NAMES_RETRIED,
	SK_NAMES_REDELIVERED
};

struct sk_sweep_named {
	enum sk_names on_stdin; /* as what the records on stdin name it */
	bool has_two_readers;   /* two options want to read stdin */
};

/*
 * Adds what the value of an option names. "-": the records on stdin do, and sk_sweep_read_named reads them. NULL, for
 * SK_NAMES_RETRIED and SK_NAMES_REDELIVERED: all that there is. 0 or -1 (64).
 */
int sk_sweep_name(struct sk_sweep_options *options, struct sk_sweep_named *named,
    enum sk_names names, const char *value, struct sk_error *err);

/* Reads all records on stdin, if an option wants that, and adds what they name: 0 or -1 (65). */
int sk_sweep_read_named(struct sk_sweep_options *options, const struct sk_sweep_named *named,
    struct sk_error *err);

/* Frees what these have added. */
void sk_sweep_named_fini(struct sk_sweep_options *options);

#endif
