/* SPDX-License-Identifier: MIT */
/* doctor_parts: what the files of doctor share. Private to doctor. */
#ifndef SK_COMMANDS_DOCTOR_PARTS_H
#define SK_COMMANDS_DOCTOR_PARTS_H

#include <stdbool.h>
#include <sys/stat.h>

#include "store/session.h"
#include "commands/doctor.h"
#include "commands/status.h"
#include "commands/troubles.h"

enum sk_doctor_verdict {
	SK_DOCTOR_OK,
	SK_DOCTOR_SKIPPED, /* not looked at, because of something else that is wrong */
	SK_DOCTOR_WARNING, /* no command fails because of it, or not yet */
	SK_DOCTOR_CRITICAL
};

struct sk_doctor {
	const struct sk_common *common;
	const struct sk_doctor_options *options;
	struct sk_session session; /* its settings, and the state as far as it can be read */
	bool has_settings;         /* all of them could be read */
	bool has_db;               /* it is known where the state file lies */
	bool has_app;              /* app id and app key are there */
	bool is_read;              /* the state was, into status */
	struct sk_status status;
	enum sk_exit worst[2]; /* the exit codes of warnings, and of what is critical */
	struct sk_error *err;  /* a record couldn't be written */
};

/* Whose finding it is: the kind of check, and what was looked at. Both borrowed. */
struct sk_doctor_about {
	const char *check, *subject;
};

/* Writes the record of a finding. exit: what it stands for; 0 for the first two verdicts. */
void sk_doctor_tell(struct sk_doctor *doctor, struct sk_doctor_about about,
    enum sk_doctor_verdict verdict, enum sk_exit exit, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* "mode 0600, owner root, 12 KiB", for a file that is there. The caller frees. */
char *sk_doctor_file_words(const struct stat *st);

/* "12 KiB", the caller's. */
char *sk_doctor_size_words(unsigned long long bytes);

/* The groups of checks, in the order in which they are made. The settings come first: they say where all else is. */
void sk_doctor_settings(struct sk_doctor *doctor);
void sk_doctor_state(struct sk_doctor *doctor);
void sk_doctor_timers(struct sk_doctor *doctor);
void sk_doctor_disk(struct sk_doctor *doctor);
void sk_doctor_server(struct sk_doctor *doctor);

#endif
