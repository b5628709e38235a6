/* SPDX-License-Identifier: MIT */
/*
 * doctor: looks at all that the commands rest on, and says of each thing that it is well, or what mends it: settings,
 * files, the state, what runs regularly, the disk, and, unless it is to stay offline, the way to the server and its answer.
 * It changes nothing: no file is begun, no lock taken, no key renewed, nothing noted.
 */
#ifndef SK_COMMANDS_DOCTOR_H
#define SK_COMMANDS_DOCTOR_H

#include <stdbool.h>

#include "base/error.h"
#include "base/options.h"
#include "base/out.h"
#include "commands/max_age.h"

struct sk_doctor_options {
	bool is_offline; /* the server isn't asked, and no app_key_command run */
	struct sk_max_age ages;
};

/* For --format table. */
extern const struct sk_column SK_DOCTOR_COLUMNS[];

/* Writes a record for each finding. Returns the exit code of the worst; err: a record couldn't be written. */
enum sk_exit sk_doctor(const struct sk_common *common, const struct sk_doctor_options *options,
    struct sk_error *err);

#endif
