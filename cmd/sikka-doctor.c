/* SPDX-License-Identifier: MIT */
/*
 * sikka-doctor: whether all that the commands rest on is well, and what mends what isn't. See sikka-doctor(1). Unlike
 * sikka-status(1) it asks the server, and unlike all others it changes nothing at all.
 */
#include <stdbool.h>

#include "base/options.h"
#include "base/out.h"
#include "base/config.h"
#include "commands/doctor.h"
#include "commands/max_age.h"

enum option { OPTION_OFFLINE = 256, OPTION_MAX_AGE };

static const struct sk_option option_table[] = {
    {OPTION_OFFLINE, "offline", NULL, "don't ask the server"},
    {OPTION_MAX_AGE, "max-age", "TASK=AGE",
	"when a task is late: authorize, refresh, poll, sweep, notify or backup; may be given "
	"several times"},
    {0, NULL, NULL, NULL},
};

static const struct sk_command command = {
    .name = "sikka-doctor",
    .synopsis =
	(const char *const[]){
	    "[-qv] [-D FILE] [-O OFFICE] [-F FORMAT] [--offline] [--max-age TASK=AGE]", NULL},
    .summary = "Look at all that sikka rests on, and say what mends what isn't well.",
    .options = option_table,
    .examples = (const char *const[]){"sikka-doctor",
	"sikka-doctor -F jsonl | jq -r 'select(.exit_code != 0).text'", NULL},
    .has_office = 1,
};

static int
take_option(void *arg, int letter, const char *value, struct sk_error *err)
{
	struct sk_doctor_options *options = arg;

	switch ((enum option)letter) {
	case OPTION_OFFLINE:
		options->is_offline = true;
		return 0;
	case OPTION_MAX_AGE:
		return sk_max_age_take(&options->ages, value, err);
	}
	return sk_options_unhandled(letter, err);
}

int
main(int argc, char **argv)
{
	struct sk_doctor_options options = {.is_offline = false};
	struct sk_common common;
	struct sk_error err = {0};
	enum sk_exit exit = SK_EXIT_OK;
	int first;

	sk_max_age_begin(&options.ages);
	sk_max_age_expect(&options.ages);
	first = sk_options_parse(&command, argc, argv, &common, take_option, &options);
	sk_out_columns(SK_DOCTOR_COLUMNS);
	if (first < argc)
		sk_error_set(&err, SK_EXIT_USAGE, "there are no operands: '%s'", argv[first]);
	else
		exit = sk_doctor(&common, &options, &err);
	return sk_options_end(&common, exit, &err);
}
