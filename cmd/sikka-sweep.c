/* SPDX-License-Identifier: MIT */
/* sikka-sweep: settles, withdraws, retries, warns, purges, copies. See sikka-sweep(1). */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mem.h"
#include "options.h"
#include "out.h"
#include "poll_watch.h"
#include "sweep.h"

enum {
	OPTION_STUCK_AFTER = 256,
	OPTION_RETRY,
	OPTION_WITHDRAW,
	OPTION_RESOLVE,
	OPTION_ACK,
	OPTION_NOTIFY,
	OPTION_PURGE_AFTER,
	OPTION_BACKUP
};

static const struct sk_option OPTIONS[] = {
    {OPTION_STUCK_AFTER, "stuck-after", "DURATION|auto",
	"withdraw what is pending for longer; auto: where the office's server was alive meanwhile"},
    {OPTION_RETRY, "retry", NULL, "send again what failed for a passing reason"},
    {OPTION_WITHDRAW, "withdraw", "ID|-", "withdraw this request, or those of the records on stdin"},
    {OPTION_RESOLVE, "resolve", "ID=OUTCOME",
	"settle an unknown request: a writeback's id, completed, or failed"},
    {OPTION_ACK, "ack", "EVENT", "take this event out of the outbox: somebody has seen to it"},
    {OPTION_NOTIFY, "notify", "COMMAND", "hand each event of the outbox to this command, JSON on its stdin"},
    {OPTION_PURGE_AFTER, "purge-after", "DURATION", "clear patients' data from what ended longer ago"},
    {OPTION_BACKUP, "backup", "FILE", "check the state file and copy it there"},
    {0, NULL, NULL, NULL},
};

static const struct sk_command COMMAND = {
    .name = "sikka-sweep",
    .synopsis = "[-nqv] [-D FILE] [-F FORMAT] [--stuck-after DURATION|auto] [--retry] [--withdraw ID|-] "
		"[--resolve ID=OUTCOME] [--ack EVENT] [--notify COMMAND] [--purge-after DURATION] "
		"[--backup FILE]",
    .summary = "Clean up: settle what is unknown, withdraw what is stuck, send again what may be.",
    .options = OPTIONS,
    .has_dry_run = 1,
};

struct arguments {
	struct sk_sweep_options options;
	int withdraw_from_stdin;
};

static int
add_id(const char *name, const char *value, int64_t **ids, size_t *n, struct sk_error *err)
{
	char *end;
	int64_t id = strtoll(value, &end, 10);

	if (id <= 0 || *end != '\0')
		return sk_error_set(err, SK_EXIT_USAGE, "%s: \"%s\" is no id", name, value);
	*ids = sk_mem_resize(*ids, *n + 1, sizeof(**ids));
	(*ids)[(*n)++] = id;
	return 0;
}

static int
add_resolution(struct sk_sweep_options *options, const char *value, struct sk_error *err)
{
	char *end;
	int64_t id = strtoll(value, &end, 10);

	if (id <= 0 || *end != '=' || end[1] == '\0' || strlen(end + 1) > 31)
		return sk_error_set(err, SK_EXIT_USAGE,
		    "--resolve: \"%s\" isn't ID=WRITEBACK_ID, ID=completed or ID=failed", value);
	options->resolve = sk_mem_resize(options->resolve, options->n_resolve + 1, sizeof(*options->resolve));
	options->resolve[options->n_resolve++] = (struct sk_resolution){id, end + 1};
	return 0;
}

static int
take_option(void *arg, int letter, const char *value, struct sk_error *err)
{
	struct arguments *arguments = arg;
	struct sk_sweep_options *options = &arguments->options;

	switch (letter) {
	case OPTION_STUCK_AFTER:
		options->stuck = strcmp(value, "auto") == 0 ? SK_STUCK_AUTO : SK_STUCK_BY_AGE;
		return options->stuck == SK_STUCK_AUTO
		    ? 0
		    : sk_options_duration("--stuck-after", value, &options->stuck_after, err);
	case OPTION_RETRY:
		options->retry = 1;
		return 0;
	case OPTION_WITHDRAW:
		if (strcmp(value, "-") == 0)
			arguments->withdraw_from_stdin = 1;
		else
			return add_id("--withdraw", value, &options->withdraw, &options->n_withdraw, err);
		return 0;
	case OPTION_RESOLVE:
		return add_resolution(options, value, err);
	case OPTION_ACK:
		return add_id("--ack", value, &options->ack, &options->n_ack, err);
	case OPTION_NOTIFY:
		options->notify = value;
		return 0;
	case OPTION_PURGE_AFTER:
		return sk_options_duration("--purge-after", value, &options->purge_after, err);
	default:
		options->backup = value;
		return 0;
	}
}

/* The ids of the records on stdin, all of them: withdrawing begins when the input has ended. */
static int
read_withdrawals(struct sk_sweep_options *options, struct sk_error *err)
{
	struct sk_poll_input *input = sk_poll_input_new(STDIN_FILENO);
	struct sk_input_record record;

	while (!sk_poll_input_at_end(input)) {
		while (sk_poll_input_next(input, &record)) {
			if (record.watch != 0) {
				options->withdraw = sk_mem_resize(
				    options->withdraw, options->n_withdraw + 1, sizeof(*options->withdraw));
				options->withdraw[options->n_withdraw++] = record.watch;
			} else if (record.exit == SK_EXIT_BAD_DATA) {
				sk_error_set(err, SK_EXIT_BAD_DATA, "--withdraw -: not a record of a request");
			}
			json_decref(record.value);
		}
		if (!sk_poll_input_at_end(input))
			sk_poll_input_fill(input);
	}
	sk_poll_input_free(input);
	return err->code != 0 ? -1 : 0;
}

static void
free_arguments(struct arguments *arguments)
{
	free(arguments->options.withdraw);
	free(arguments->options.resolve);
	free(arguments->options.ack);
}

int
main(int argc, char **argv)
{
	struct arguments arguments = {0};
	struct sk_common common;
	struct sk_session session = {0};
	struct sk_error err = {0};
	int first = sk_options_parse(&COMMAND, argc, argv, &common, take_option, &arguments), exit = 0;

	arguments.options.dry_run = common.dry_run;
	if (first < argc)
		sk_error_set(&err, SK_EXIT_USAGE, "sikka-sweep takes no operands");
	if (err.code == 0 && arguments.withdraw_from_stdin)
		read_withdrawals(&arguments.options, &err);
	if (err.code == 0 && sk_session_open(&session, &common, SK_STORE_WRITE, &err) == 0)
		exit = sk_sweep(&session, &arguments.options, sk_out_tell_record, NULL, &err);
	sk_session_close(&session);
	free_arguments(&arguments);
	return sk_options_end(&common, exit, &err);
}
