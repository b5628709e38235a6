/* SPDX-License-Identifier: MIT */
/*
 * sikka: lists the commands, runs them, shows their pages, and has a sandbox. See sikka(1). A command that is run
 * takes this process's place, so nothing is set up before that.
 */
#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "base/out.h"
#include "commands/front.h"
#include "commands/sandbox.h"

enum option { OPTION_SANDBOX = 256 };

static const struct sk_option option_table[] = {
    {OPTION_SANDBOX, "sandbox", NULL,
	"try everything in a shell of its own, with a simulated server"},
    {0, NULL, NULL, NULL},
};

static const struct sk_command command = {
    .name = "sikka",
    .synopsis = (const char *const[]){"", "COMMAND [ARGUMENT ...]", "help [TOPIC]",
	"--sandbox [PROGRAM [ARGUMENT ...]]", NULL},
    .summary =
	"List the commands, run one of them, show a page, or open a sandbox. What stands behind "
	"COMMAND or PROGRAM goes to it.",
    .options = option_table,
    .examples = (const char *const[]){"sikka book --wait=10m bookings.jsonl",
	"sikka help book_appointment", NULL},
    .is_bare = true,
};

struct work {
	bool is_sandbox;
	int code;   /* how what ran in the sandbox has ended */
	char *text; /* what is to be shown */
};

static int
take_option(void *arg, int letter, const char *value, struct sk_error *err)
{
	struct work *work = arg;

	(void)value;
	if (letter != OPTION_SANDBOX)
		return sk_options_unhandled(letter, err);
	work->is_sandbox = true;
	return 0;
}

static bool
is_option(const char *argument)
{
	return argument[0] == '-' && argument[1] != '\0' && strcmp(argument, "--") != 0;
}

/* The options in front of the first operand; each of them but --sandbox ends this process. Returns its place. */
static int
take_options(int argc, char **argv, struct work *work)
{
	struct sk_common common;
	int n = 1;

	while (n < argc && is_option(argv[n]))
		n++;
	if (n > 1) {
		sk_options_parse(&command, n, argv, &common, take_option, work);
		sk_options_fini(&common);
	}
	return n < argc && strcmp(argv[n], "--") == 0 ? n + 1 : n;
}

static int
help(int argc, char **argv, struct work *work, struct sk_error *err)
{
	take_options(argc, argv, work);
	if (argc > 2)
		return sk_error_set(err, SK_EXIT_USAGE, "help takes one topic");
	if (work->is_sandbox)
		return sk_error_set(err, SK_EXIT_USAGE, "--sandbox stands alone, without help");
	if (argc == 2)
		return sk_front_help(argv[1], &work->text, err);
	work->text = sk_front_list();
	return 0;
}

/* Returns unless another program has taken this one's place. */
static int
run(int argc, char **argv, struct work *work, struct sk_error *err)
{
	int first = take_options(argc, argv, work);

	if (first < argc && argv[first][strspn(argv[first], " \t\r\n")] == '\0')
		return sk_error_set(err, SK_EXIT_USAGE,
		    "an argument is empty (is a variable unset?)");
	if (work->is_sandbox) {
		work->code = sk_sandbox(argv + first, err);
		return 0;
	}
	if (first >= argc) {
		work->text = sk_front_list();
		return 0;
	}
	if (strcmp(argv[first], "help") == 0)
		return help(argc - first, argv + first, work, err);
	return sk_front_run(argv[first], argv + first, err);
}

int
main(int argc, char **argv)
{
	struct sk_common common = {0};
	struct sk_error err = {0};
	struct work work = {0};
	enum sk_exit exit;

	if (argc < 1)
		return SK_EXIT_USAGE;
	run(argc, argv, &work, &err);
	/* Its options have begun the output already. */
	if (!work.is_sandbox)
		sk_out_init(command.name);
	if (work.text != NULL)
		sk_out_text(work.text, &err);
	free(work.text);
	exit = sk_options_end(&common, SK_EXIT_OK, &err);
	return exit != SK_EXIT_OK ? (int)exit : work.code;
}
