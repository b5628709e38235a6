/* SPDX-License-Identifier: MIT */
/*
 * sikka: lists the commands, runs them, and shows their pages. See sikka(1). A command that is run
 * takes this process's place, so nothing is set up before that.
 */
#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "base/out.h"
#include "commands/front.h"

static const struct sk_command command = {
    .name = "sikka",
    .synopsis = (const char *const[]){"", "COMMAND [ARGUMENT ...]", "help [TOPIC]", NULL},
    .summary = "List the commands, run one of them, or show a page. What stands behind COMMAND "
	       "goes to it.",
    .examples = (const char *const[]){"sikka book --wait=10m bookings.jsonl",
	"sikka help book_appointment", NULL},
    .is_bare = true,
};

static int
take_option(void *arg, int letter, const char *value, struct sk_error *err)
{
	(void)arg;
	(void)value;
	return sk_options_unhandled(letter, err);
}

static bool
is_option(const char *argument)
{
	return argument[0] == '-' && argument[1] != '\0' && strcmp(argument, "--") != 0;
}

/* The options in front of the first operand: each of them ends this process. */
static void
take_options(int argc, char **argv)
{
	struct sk_common common;
	int n = 1;

	while (n < argc && is_option(argv[n]))
		n++;
	if (n > 1)
		sk_options_parse(&command, n, argv, &common, take_option, NULL);
}

static int
help(int argc, char **argv, char **text, struct sk_error *err)
{
	take_options(argc, argv);
	if (argc > 2)
		return sk_error_set(err, SK_EXIT_USAGE, "help takes one topic");
	if (argc == 2)
		return sk_front_help(argv[1], text, err);
	*text = sk_front_list();
	return 0;
}

/* Returns unless another program has taken this one's place. text is what is to be shown. */
static int
run(int argc, char **argv, char **text, struct sk_error *err)
{
	take_options(argc, argv);
	if (argc > 1 && strcmp(argv[1], "--") == 0) {
		argc--;
		argv++;
	}
	if (argc < 2) {
		*text = sk_front_list();
		return 0;
	}
	if (argv[1][strspn(argv[1], " \t\r\n")] == '\0')
		return sk_error_set(err, SK_EXIT_USAGE,
		    "an argument is empty (is a variable unset?)");
	if (strcmp(argv[1], "help") == 0)
		return help(argc - 1, argv + 1, text, err);
	return sk_front_run(argv[1], argv + 1, err);
}

int
main(int argc, char **argv)
{
	struct sk_common common = {0};
	struct sk_error err = {0};
	char *text = NULL;

	if (argc < 1)
		return SK_EXIT_USAGE;
	run(argc, argv, &text, &err);
	sk_out_init(command.name);
	if (text != NULL)
		sk_out_text(text, &err);
	free(text);
	return sk_options_end(&common, SK_EXIT_OK, &err);
}
