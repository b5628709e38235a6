/* SPDX-License-Identifier: MIT */
/*
 * options: parses a command's options from its table. A wrong option ends the process here, with 64
 * and one line on stderr that never repeats the option's value.
 */
#include "base/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/nearest.h"
#include "base/options_parts.h"
#include "base/place.h"
#include "base/version.h"

#define OPERAND 1 /* what getopt returns for an operand */

static const struct sk_option common_options[] = {
    {'D', "db", "FILE", "the state file"},
    {'O', "office", "OFFICE", "only this office; may be given several times"},
    {'F', "format", "FORMAT", "jsonl, json, table or csv"},
    {'q', "quiet", NULL, "no warnings and no progress"},
    {'v', "verbose", NULL, "report what is decided; twice: requests and answers too, masked"},
    {'n', "dry-run", NULL, "show what would be done, and do nothing"},
    {'h', "help", NULL, "show this help"},
    {'V', "version", NULL, "show the version"},
};

/* In place of the one above, where the command has_html. */
static const struct sk_option format_or_page = {'F', "format", "FORMAT",
    "jsonl, json, table, csv or html"};

#define N_COMMON (sizeof(common_options) / sizeof(common_options[0]))

/*
 * The command's own options and the common ones in one array, in the form that getopt_long takes.
 */
struct table {
	const struct sk_command *command;
	const struct sk_option **rows;
	size_t n;
	struct option *longs;
	char *shorts;
};

static bool
is_offered(const struct sk_command *command, int letter)
{
	if (command->is_bare)
		return letter == 'h' || letter == 'V';
	if (letter == 'O')
		return command->has_office;
	if (letter == 'n')
		return command->has_dry_run;
	return true;
}

static void
fill_getopt(struct table *table)
{
	char *end = table->shorts;

	/*
	 * A "-" at the front: operands are handed out in their order, also where the environment has
	 * POSIXLY_CORRECT, which otherwise makes operands of all options behind the first operand.
	 * Then ":": getopt prints nothing, and a missing argument differs from an unknown option.
	 */
	*end++ = '-';
	*end++ = ':';
	for (size_t i = 0; i < table->n; i++) {
		const struct sk_option *row = table->rows[i];
		int optional = row->argument != NULL && row->argument[0] == '[';
		struct option *option = table->longs + i;

		option->name = row->name;
		option->has_arg = row->argument == NULL ? no_argument
		    : optional                          ? optional_argument
							: required_argument;
		option->val = row->letter;
		if (row->letter > 255)
			continue;
		*end++ = (char)row->letter;
		if (row->argument != NULL)
			*end++ = ':';
		if (optional)
			*end++ = ':';
	}
}

static void
table_init(struct table *table, const struct sk_command *command)
{
	const struct sk_option *own = command->options;
	size_t n = N_COMMON;

	for (size_t i = 0; own != NULL && own[i].name != NULL; i++)
		n++;
	memset(table, 0, sizeof(*table));
	table->command = command;
	table->rows = sk_mem_zero(n, sizeof(*table->rows));
	for (; own != NULL && own->name != NULL; own++)
		table->rows[table->n++] = own;
	for (size_t i = 0; i < N_COMMON; i++) {
		if (is_offered(command, common_options[i].letter))
			table->rows[table->n++] =
			    command->has_html && common_options[i].letter == 'F'
			    ? &format_or_page
			    : &common_options[i];
	}
	table->longs = sk_mem_zero(table->n + 1, sizeof(*table->longs));
	table->shorts = sk_mem_zero(3 * table->n + 3, 1);
	fill_getopt(table);
}

static void
table_fini(struct table *table)
{
	free(table->rows);
	free(table->longs);
	free(table->shorts);
}

/* Writes text to stdout, frees it, and ends the process. */
static void __attribute__((noreturn)) show(char *text)
{
	struct sk_error err;

	sk_error_clear(&err);
	if (sk_out_text(text, &err) == 0)
		sk_out_finish(&err);
	free(text);
	exit(sk_options_fail(&err));
}

static void __attribute__((noreturn)) show_help(const struct table *table)
{
	show(sk_options_help(table->command, table->rows, table->n));
}

static void __attribute__((noreturn)) show_version(const struct sk_command *command)
{
	show(sk_mem_printf("%s %s\n", command->name, SK_VERSION));
}

/* --- parsing ------------------------------------------------------------------------------ */

static int
set_format(const struct sk_command *command, struct sk_common *common, const char *value,
    struct sk_error *err)
{
	char hint[SK_NEAREST_HINT];

	if (strcmp(value, SK_FORMAT_HTML_NAME) == 0) {
		if (!command->has_html)
			return sk_error_set(err, SK_EXIT_USAGE,
			    "--format: html is a page about the whole state, which only "
			    "sikka-status writes; the formats of records are jsonl, json, table "
			    "and csv");
		common->format = SK_FORMAT_HTML;
		common->has_format = 1;
		return 0;
	}

	for (int format = 0; format < SK_FORMATS; format++) {
		if (strcmp(value, sk_format_names[format]) == 0) {
			common->format = (enum sk_format)format;
			common->has_format = 1;
			return 0;
		}
	}
	return sk_error_set(err, SK_EXIT_USAGE,
	    "--format: there is no format '%s'%s; the formats are jsonl, json, table%s", value,
	    sk_nearest_hint(sk_nearest(value, sk_format_names, SK_FORMATS), hint),
	    command->has_html ? ", csv and html" : " and csv");
}

static void
add_office(struct sk_common *common, const char *value)
{
	common->offices =
	    sk_mem_resize(common->offices, common->n_offices + 1, sizeof(*common->offices));
	common->offices[common->n_offices++] = value;
}

static bool
is_own(const struct sk_command *command, int letter)
{
	const struct sk_option *own = command->options;

	for (; own != NULL && own->name != NULL; own++) {
		if (own->letter == letter)
			return true;
	}
	return false;
}

int
sk_options_unhandled(int letter, struct sk_error *err)
{
	return sk_error_set(err, SK_EXIT_BUG, "option %d isn't handled", letter);
}

static int
set_common(const struct sk_command *command, struct sk_common *common, int letter,
    const char *value, struct sk_error *err)
{
	switch (letter) {
	case 'D':
		common->db = value;
		return 0;
	case 'O':
		add_office(common, value);
		return 0;
	case 'F':
		return set_format(command, common, value, err);
	case 'q':
		common->quiet = 1;
		return 0;
	case 'v':
		common->verbose++;
		return 0;
	case 'n':
		common->dry_run = 1;
		return 0;
	default:
		return sk_options_unhandled(letter, err);
	}
}

static size_t
count_prefixed(const struct table *table, const char *name, size_t n)
{
	size_t found = 0;

	for (size_t i = 0; i < table->n; i++)
		found += strncmp(table->rows[i]->name, name, n) == 0;
	return found;
}

/* NULL: there is none. */
static const struct sk_option *
row_of(const struct table *table, int letter)
{
	for (size_t i = 0; i < table->n; i++) {
		if (table->rows[i]->letter == letter)
			return table->rows[i];
	}
	return NULL;
}

/*
 * Whether getopt failed at a long option. argument is the one before optind. If getopt failed
 * inside a group like "-xq", optind still points to the group, and argument may be a long option
 * that was correct; but then optopt is an unknown letter.
 */
static bool
was_long(const struct table *table, const char *argument)
{
	return strncmp(argument, "--", 2) == 0 && (optopt == 0 || row_of(table, optopt) != NULL);
}

/* The option may be written with its value: "--name=value". */
static void
tell_unknown(const struct table *table, const char *option, int n)
{
	char *name = sk_mem_copy_bytes(option + 2, (size_t)n - 2);
	struct sk_near near = {.word = name};

	for (size_t i = 0; i < table->n; i++)
		sk_near_add(&near, table->rows[i]->name, strlen(table->rows[i]->name));
	if (near.name != NULL)
		sk_out_tell("unknown option --%s; did you mean --%s?", name, near.name);
	else
		sk_out_tell("unknown option --%s; see %s --help", name, table->command->name);
	free(name);
}

/* Reports the option that getopt_long refused. Never the option's value: it may be a secret. */
static void __attribute__((noreturn)) refuse(const struct table *table, int result, char **argv)
{
	const char *argument = argv[optind - 1];
	const char *see = table->command->name;
	int n = (int)strcspn(argument, "=");

	if (!was_long(table, argument))
		sk_out_tell(result == ':' ? "option -%c needs an argument; see %s --help"
					  : "unknown option -%c; see %s --help",
		    optopt, see);
	else if (result == ':')
		sk_out_tell("option %.*s needs an argument; see %s --help", n, argument, see);
	else if (optopt != 0)
		sk_out_tell("option %.*s takes no argument; see %s --help", n, argument, see);
	else if (count_prefixed(table, argument + 2, (size_t)n - 2) > 1)
		sk_out_tell("ambiguous option %.*s; see %s --help", n, argument, see);
	else
		tell_unknown(table, argument, n);
	exit(SK_EXIT_USAGE);
}

/* A variable that isn't set leaves an empty argument, and what is meant then isn't "none". */
static bool
is_blank(const char *value)
{
	return value[strspn(value, " \t\r\n")] == '\0';
}

static bool
is_path(const struct sk_option *option)
{
	const char *argument = option->argument != NULL ? option->argument : "";

	return strcmp(argument, "FILE") == 0 || strcmp(argument, "[=FILE]") == 0 ||
	    strcmp(argument, "DIR") == 0;
}

/*
 * The value of an option must not be blank, and a path may begin with ~/.
 *
 * The shell doesn't expand "~/" in --db=~/FILE, or where it is quoted. What else it would have
 * expanded there isn't meant as a name: it would make a folder with a name like "~ada".
 */
static int
read_value(const struct sk_option *option, struct sk_common *common, const char **value,
    struct sk_error *err)
{
	char *path;

	if (is_blank(*value))
		return sk_error_set(err, SK_EXIT_USAGE,
		    "--%s: the value is empty (is a variable unset?)", option->name);
	if (!is_path(option) || strchr("~$\"'", **value) == NULL)
		return 0;
	if (strncmp(*value, "~/", 2) != 0)
		return sk_error_set(err, SK_EXIT_USAGE,
		    "--%s: only a leading ~/ is expanded here; if the file is really called like "
		    "this, write ./ in front of it",
		    option->name);
	path = sk_place_expanded(*value);
	if (path == NULL)
		return sk_error_set(err, SK_EXIT_USAGE,
		    "--%s: ~/ needs HOME, which isn't set to an absolute path", option->name);
	common->paths = sk_mem_resize(common->paths, common->n_paths + 1, sizeof(*common->paths));
	common->paths[common->n_paths++] = path;
	*value = path;
	return 0;
}

/* What parses: a command's own options go to own. */
struct parser {
	const struct table *table;
	struct sk_common *common;
	sk_option_fn *own;
	void *arg;
	char **operands; /* in their order */
	int n_operands;
	const struct sk_option *bare; /* the last argument was it, and it could have had a value */
};

static int
take_operand(struct parser *parser, char *operand, struct sk_error *err)
{
	parser->operands[parser->n_operands++] = operand;
	if (parser->bare != NULL && parser->common->detached == NULL) {
		parser->common->detached = operand;
		parser->common->detached_from = parser->bare->name;
	}
	parser->bare = NULL;
	if (is_blank(operand))
		return sk_error_set(err, SK_EXIT_USAGE,
		    "an argument is empty (is a variable unset?)");
	return 0;
}

static int
take_option(struct parser *parser, int letter, const char *value, struct sk_error *err)
{
	const struct sk_option *option = row_of(parser->table, letter);

	if (option == NULL)
		return sk_options_unhandled(letter, err);
	parser->bare = value == NULL && option->argument != NULL ? option : NULL;
	if (value != NULL && read_value(option, parser->common, &value, err) != 0)
		return -1;
	if (is_own(parser->table->command, letter))
		return parser->own(parser->arg, letter, value, err);
	if (letter == 'h')
		show_help(parser->table);
	if (letter == 'V')
		show_version(parser->table->command);
	return set_common(parser->table->command, parser->common, letter,
	    value != NULL ? value : "", err);
}

/* Returns the index of the first operand: they come to stand behind everything else. */
static int
take_arguments(struct parser *parser, int argc, char **argv)
{
	struct sk_error err = {0};
	int letter, result = 0;

	parser->operands = sk_mem_zero((size_t)argc + 1, sizeof(*parser->operands));
	optind = 1;
	while (result == 0 &&
	    (letter = getopt_long(argc, argv, parser->table->shorts, parser->table->longs, NULL)) !=
		-1) {
		if (letter == '?' || letter == ':')
			refuse(parser->table, letter, argv);
		result = letter == OPERAND ? take_operand(parser, optarg, &err)
					   : take_option(parser, letter, optarg, &err);
	}
	for (int i = optind; i < argc && result == 0; i++)
		result = take_operand(parser, argv[i], &err);
	if (result != 0)
		exit(sk_options_fail(&err));
	argc -= parser->n_operands;
	memcpy(argv + argc, parser->operands,
	    (size_t)parser->n_operands * sizeof(*parser->operands));
	free(parser->operands);
	return argc;
}

int
sk_options_parse(const struct sk_command *command, int argc, char **argv, struct sk_common *common,
    sk_option_fn *own, void *arg)
{
	/* static, as the process may end in this function */
	static struct table table;
	static struct parser parser;
	int first;

	sk_mem_init();
	sk_out_init(command->name);
	memset(common, 0, sizeof(*common));
	common->format = SK_FORMAT_JSONL;
	table_init(&table, command);
	parser = (struct parser){.table = &table, .common = common, .own = own, .arg = arg};
	first = take_arguments(&parser, argc, argv);
	if (command->reads_stdin != NULL && command->reads_stdin(arg) && first == argc &&
	    isatty(STDIN_FILENO))
		show_help(&table);
	table_fini(&table);
	sk_out_format(common->format);
	sk_out_levels(common->quiet, common->verbose);
	return first;
}

void
sk_options_fini(struct sk_common *common)
{
	free(common->offices);
	common->offices = NULL;
	common->n_offices = 0;
	for (size_t i = 0; i < common->n_paths; i++)
		free(common->paths[i]);
	free(common->paths);
	common->paths = NULL;
	common->n_paths = 0;
}

bool
sk_options_wants_office(const struct sk_common *common, const char *office_id)
{
	for (size_t i = 0; i < common->n_offices; i++) {
		if (strcmp(common->offices[i], office_id) == 0)
			return true;
	}
	return common->n_offices == 0;
}

enum sk_exit
sk_options_fail(const struct sk_error *err)
{
	const char *what_to_type = err->is_stop ? "; run the same command again" : "";

	if (err->code != SK_EXIT_OK)
		sk_out_tell("%s%s", err->text, what_to_type);
	return err->code;
}

enum sk_exit
sk_options_end(struct sk_common *common, enum sk_exit exit, const struct sk_error *err)
{
	struct sk_error unwritten = {0};

	sk_out_end_repeated();
	if (err->code != 0)
		exit = sk_exit_worse(exit, sk_options_fail(err));
	/* A write that failed earlier was already reported. */
	if (sk_out_finish(&unwritten) != 0) {
		if (err->code != unwritten.code)
			sk_options_fail(&unwritten);
		exit = sk_exit_worse(exit, unwritten.code);
	}
	sk_options_fini(common);
	return exit;
}
