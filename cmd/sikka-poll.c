/* SPDX-License-Identifier: MIT */
/*
 * sikka-poll: asks how writebacks went, until they have ended. See sikka-poll(1). A server that
 * can't be reached is asked again until the wait ends.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/options.h"
#include "base/out.h"
#include "base/time.h"
#include "store/session.h"
#include "calls/engine.h"
#include "life/ledger.h"
#include "commands/poll.h"

enum option {
	OPTION_WAIT = 256,
	OPTION_FOLLOW,
	OPTION_EVERY,
	OPTION_FOR,
	OPTION_ALL,
	OPTION_WITH_BODY
};

static const struct sk_option option_table[] = {
    {OPTION_WAIT, "wait", "[=DURATION]", "wait until all have ended, at most for DURATION"},
    {OPTION_FOLLOW, "follow", NULL, "go on for ever, and include what is handed in"},
    {OPTION_EVERY, "every", "DURATION", "ask at this interval, not when an end is likely"},
    {OPTION_FOR, "for", "DURATION", "end --follow after this time"},
    {OPTION_ALL, "all", NULL, "write a record each time, not only for changes"},
    {OPTION_WITH_BODY, "with-body", NULL, "show the request's body in its record"},
    {0, NULL, NULL, NULL},
};

static const struct sk_command command = {
    .name = "sikka-poll",
    .synopsis = (const char *const[]){"[-qv] [-D FILE] [-O OFFICE] [-F FORMAT] [--wait[=DURATION]] "
				      "[--every DURATION] [--all] [--with-body] [ID ... | -]",
	"[-qv] [-D FILE] [-O OFFICE] [-F FORMAT] --follow [--every DURATION] [--for DURATION] "
	"[--all] [--with-body]",
	NULL},
    .summary = "Ask for the outcome of pending writebacks, and settle unknown ones.",
    .options = option_table,
    .examples = (const char *const[]){"sikka-poll --wait=5m", "sikka-poll -F table 1", NULL},
    .has_office = 1,
};

static int
take_option(void *arg, int letter, const char *value, struct sk_error *err)
{
	struct sk_poll_options *options = arg;

	switch ((enum option)letter) {
	case OPTION_WAIT:
		options->wait = SK_POLL_TO_THE_END;
		return value == NULL ? 0
				     : sk_options_duration("--wait", value, 0, &options->wait, err);
	case OPTION_FOLLOW:
		options->follow = 1;
		return 0;
	case OPTION_EVERY:
		return sk_options_duration("--every", value, SK_SECOND, &options->every, err);
	case OPTION_FOR:
		return sk_options_duration("--for", value, SK_SECOND, &options->last, err);
	case OPTION_ALL:
		options->all = 1;
		return 0;
	case OPTION_WITH_BODY:
		options->with_body = 1;
		return 0;
	}
	return sk_options_unhandled(letter, err);
}

static int
check_options(struct sk_poll_options *options, const struct sk_common *common, char **operands,
    int n, struct sk_error *err)
{
	char hint[SK_OPTIONS_HINT];

	if (options->follow && options->wait != SK_POLL_ONE_PASS)
		return sk_error_set(err, SK_EXIT_USAGE, "--wait and --follow exclude each other");
	if (options->last != 0 && !options->follow)
		return sk_error_set(err, SK_EXIT_USAGE, "--for can only be used with --follow");
	if (options->follow && n > 0)
		return sk_error_set(err, SK_EXIT_USAGE,
		    "--follow takes no ids, because it follows all requests");
	for (int i = 0; i < n; i++) {
		char *end;

		if (strcmp(operands[i], "-") == 0)
			options->input = STDIN_FILENO;
		else if (strtoll(operands[i], &end, 10) <= 0 || *end != '\0')
			return sk_error_set(err, SK_EXIT_USAGE,
			    "\"%s\" isn't the id of a request%s", operands[i],
			    sk_options_attached_hint(common, operands[i], hint));
	}
	return options->input < 0 ? 0 : sk_out_refuse_input(options->input, "standard input", err);
}

static enum sk_exit
run(struct sk_pool *pool, const struct sk_poll_options *options, char **operands, int n,
    struct sk_error *err)
{
	struct sk_poll *poll;
	enum sk_exit exit;

	if (sk_copy_refuse(sk_pool_session(pool), err) != 0 ||
	    sk_ledger_turn_over(sk_pool_session(pool), err) != 0)
		return err->code;
	poll = sk_poll_new(pool, options);
	for (int i = 0; i < n; i++)
		if (strcmp(operands[i], "-") != 0)
			sk_poll_watch(poll, strtoll(operands[i], NULL, 10), NULL);
	exit = sk_poll_run(poll, err);
	if (sk_poll_went_well(poll))
		sk_pulse_beat(&sk_pool_session(pool)->pulse, SK_TASK_POLL);
	sk_poll_end(poll, err);
	sk_poll_free(poll);
	return sk_exit_worse(exit, err->code);
}

int
main(int argc, char **argv)
{
	struct sk_poll_options options = {.wait = SK_POLL_ONE_PASS, .input = -1};
	struct sk_common common;
	struct sk_session session = {0};
	struct sk_pool *pool = NULL;
	struct sk_error err = {0};
	int first = sk_options_parse(&command, argc, argv, &common, take_option, &options);
	enum sk_exit exit;

	sk_out_columns(SK_LEDGER_COLUMNS);
	if (options.wait != SK_POLL_ONE_PASS)
		sk_out_as_they_come();
	if (check_options(&options, &common, argv + first, argc - first, &err) == 0 &&
	    sk_session_open(&session, &common, SK_STORE_WRITE, &err) == 0 &&
	    sk_engine_new(&session, &pool, &err) == 0)
		exit = run(pool, &options, argv + first, argc - first, &err);
	else
		exit = err.code;
	sk_pool_free(pool);
	sk_session_close(&session);
	return sk_options_end(&common, exit, &err);
}
