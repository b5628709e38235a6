/* SPDX-License-Identifier: MIT */
/*
 * sikka-book: hands requests in, each exactly once. See sikka-book(1). A bad line doesn't stop the
 * others; a wrong argument does, also a file that can't be read, before anything is read.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "base/options.h"
#include "base/out.h"
#include "rules/describe.h"
#include "rules/rules.h"
#include "calls/engine.h"
#include "life/ledger.h"
#include "commands/book.h"
#include "commands/choices.h"
#include "commands/describe.h"
#include "commands/known.h"
#include "commands/poll.h"

enum option {
	OPTION_OPERATION = 'p',
	OPTION_WAIT = 256,
	OPTION_IN_ORDER,
	OPTION_AGAIN,
	OPTION_NO_VALIDATE,
	OPTION_CHECK_CHOICES,
	OPTION_RAW,
	OPTION_FILES,
	OPTION_DESCRIBE,
	OPTION_WITH_CHOICES,
	OPTION_EXAMPLE,
	OPTION_CHOICES
};

/* What was asked for on the command line. instead: the option that replaces sending; 0: none. */
struct asked {
	struct sk_book_options book;
	int instead;
	const char *field; /* the operand of --choices */
	bool with_choices;
	int has_sending; /* an option was given that has a meaning only for sending */
	const struct sk_operation *operation;
	json_t *given; /* NAME=VALUE operands */
};

static const struct sk_option option_table[] = {
    {OPTION_OPERATION, "operation", "OPERATION",
	"the operation of requests that name none (book_appointment)"},
    {OPTION_WAIT, "wait", "[=DURATION]", "follow each request to its end, at most for DURATION"},
    {OPTION_IN_ORDER, "in-order", NULL, "write the records in the order of the requests"},
    {OPTION_AGAIN, "again", NULL, "send requests once more although they were sent before"},
    {OPTION_NO_VALIDATE, "no-validate", NULL, "don't check the fields; the practice's system does"},
    {OPTION_CHECK_CHOICES, "check-choices", NULL,
	"read the practices' own lists of values that aren't kept, to check against them"},
    {OPTION_RAW, "raw", NULL, "take method and endpoint from each request as given"},
    {OPTION_FILES, "files", "DIR", "read documents that requests name as @PATH from this folder"},
    {OPTION_DESCRIBE, "describe", NULL,
	"send nothing; show the operations, or the fields of OPERATION; -F json: as JSON Schema"},
    {OPTION_WITH_CHOICES, "with-choices", NULL,
	"for --describe OPERATION: read the practice's own lists, which show in the JSON Schema"},
    {OPTION_EXAMPLE, "example", NULL, "send nothing; show a request that validates"},
    {OPTION_CHOICES, "choices", "FIELD",
	"send nothing; show the values that the practice has for this field of OPERATION"},
    {0, NULL, NULL, NULL},
};

/* What is done instead of sending requests reads none. */
static bool
reads_requests(const void *arg)
{
	const struct asked *asked = arg;

	return asked->instead == 0;
}

static const struct sk_command command = {
    .name = "sikka-book",
    .synopsis =
	(const char *const[]){
	    "[-nqv] [-D FILE] [-O OFFICE] [-F FORMAT] [-p OPERATION] [--wait[=DURATION]] "
	    "[--in-order] [--again] [--no-validate] [--check-choices] [--raw] [--files DIR] [FILE "
	    "...]",
	    "[-qv] [-D FILE] [-O OFFICE] [-F FORMAT] [-p OPERATION] --describe|--example|--choices "
	    "FIELD [--with-choices] [OPERATION] [NAME=VALUE ...]",
	    NULL},
    .summary = "Hand appointments, patients and other writebacks to practices, each exactly once.",
    .options = option_table,
    .examples = (const char *const[]){"sikka-book bookings.jsonl",
	"sikka-book -O D36225 --choices operatory practice_id=1 -F table", NULL},
    .reads_stdin = reads_requests,
    .has_dry_run = 1,
    .has_office = 1,
};

static int
take_folder(struct sk_request_options *options, const char *path, struct sk_error *err)
{
	if (options->has_files)
		return sk_error_set(err, SK_EXIT_USAGE, "--files may be given only once");
	options->files = sk_files_folder(path, err);
	options->has_files = options->files != -1;
	return options->has_files ? 0 : -1;
}

static int
find_operation(const char *name, const struct sk_operation **operation, struct sk_error *err)
{
	char hint[SK_NEAREST_HINT];

	*operation = sk_rules_find(name);
	if (*operation != NULL)
		return 0;
	return sk_error_set(err, SK_EXIT_USAGE, "there is no operation \"%s\"%s", name,
	    sk_nearest_hint(sk_rules_nearest(name), hint));
}

static int
do_instead(struct asked *asked, int option, const char *field, struct sk_error *err)
{
	if (asked->instead != 0)
		return sk_error_set(err, SK_EXIT_USAGE,
		    "give only one of --describe, --example and --choices");
	asked->instead = option;
	asked->field = field;
	return 0;
}

static int
take_option(void *arg, int letter, const char *value, struct sk_error *err)
{
	struct asked *asked = arg;
	struct sk_request_options *request = &asked->book.request;

	asked->has_sending |= letter != OPTION_OPERATION && letter < OPTION_DESCRIBE;
	switch ((enum option)letter) {
	case OPTION_OPERATION:
		request->operation = value;
		return find_operation(value, &asked->operation, err);
	case OPTION_WAIT:
		asked->book.wait = SK_POLL_TO_THE_END;
		return value == NULL
		    ? 0
		    : sk_options_duration("--wait", value, 0, &asked->book.wait, err);
	case OPTION_IN_ORDER:
		asked->book.in_order = 1;
		return 0;
	case OPTION_AGAIN:
		request->again = 1;
		return 0;
	case OPTION_FILES:
		return take_folder(request, value, err);
	case OPTION_NO_VALIDATE:
		request->no_validate = 1;
		return 0;
	case OPTION_CHECK_CHOICES:
		asked->book.check_choices = true;
		return 0;
	case OPTION_RAW:
		request->raw = 1;
		return 0;
	case OPTION_WITH_CHOICES:
		asked->with_choices = true;
		return 0;
	case OPTION_DESCRIBE:
	case OPTION_EXAMPLE:
	case OPTION_CHOICES:
		return do_instead(asked, letter, value, err);
	}
	return sk_options_unhandled(letter, err);
}

/*
 * A wrong name of a file is a wrong argument: nothing is sent then. The files aren't opened here,
 * since opening and closing a named pipe would end whoever writes into it.
 */
static int
check_files(const struct sk_common *common, char **names, int n, struct sk_error *err)
{
	for (int i = 0; i < n; i++) {
		char hint[SK_OPTIONS_HINT];
		struct stat st;
		int why = 0;

		if (strcmp(names[i], "-") == 0) {
			if (sk_out_refuse_input(STDIN_FILENO, "standard input", err) != 0)
				return -1;
			continue;
		}
		if (stat(names[i], &st) != 0 ||
		    faccessat(AT_FDCWD, names[i], R_OK, AT_EACCESS) != 0)
			why = errno;
		else if (S_ISDIR(st.st_mode))
			why = EISDIR;
		sk_options_attached_hint(common, names[i], hint);
		if (why == 0 && sk_out_refuse_input_file(names[i], err) != 0)
			return -1;
		if (why != 0)
			return sk_error_set(err, hint[0] != '\0' ? SK_EXIT_USAGE : SK_EXIT_NO_INPUT,
			    "%s: %s%s; nothing was sent", names[i], strerror(why), hint);
	}
	return 0;
}

static int
read_file(struct sk_book *book, const char *name, struct sk_error *err)
{
	int fd, result;

	if (strcmp(name, "-") == 0)
		return sk_book_read(book, STDIN_FILENO, name, err);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return sk_error_set(err, SK_EXIT_NO_INPUT, "%s: %s", name, strerror(errno));
	result = sk_book_read(book, fd, name, err);
	close(fd);
	return result;
}

/*
 * Reads all files. One that can't be read after all is reported and doesn't stop the others. Returns
 * the exit code.
 */
static enum sk_exit
read_files(struct sk_book *book, char **names, int n, struct sk_error *err)
{
	enum sk_exit exit = SK_EXIT_OK;

	for (int i = 0; i < n && err->code == 0; i++) {
		if (read_file(book, names[i], err) == 0 || err->code != SK_EXIT_NO_INPUT)
			continue;
		sk_out_tell("%s", err->text);
		exit = SK_EXIT_NO_INPUT;
		memset(err, 0, sizeof(*err));
	}
	return exit;
}

static int
open_all(struct sk_session *session, struct sk_pool **pool, const struct sk_common *common,
    struct sk_error *err)
{
	enum sk_store_open how = common->dry_run ? SK_STORE_REHEARSE : SK_STORE_WRITE;

	if (sk_session_open(session, common, how, err) != 0 || sk_copy_refuse(session, err) != 0)
		return -1;
	/* A dry run asks the server nothing: it needs neither its address nor a key. */
	if (!common->dry_run && sk_engine_new(session, pool, err) != 0)
		return -1;
	if (sk_ledger_turn_over(session, err) != 0)
		return -1;
	return sk_session_start_run(session, err);
}

static const struct sk_column dry_columns[] = {{"line", 2, false, 0}, {"key", 5, false, 0},
    {"duplicate", 8, false, 0}, {"id", 9, false, 0}, {"office_id", 3, false, 0},
    {"operation", 2, false, 0}, {"date", 6, false, 0}, {"time", 6, false, 0},
    {"patient_id", 7, false, 0}, {"result", 1, false, 0}, {"error_code", 4, false, 0},
    {"error_message", 1, true, 0}, {0}};

/* Sends the requests in the files. */
static enum sk_exit
send_requests(struct asked *asked, const struct sk_common *common, int argc, char **argv,
    struct sk_error *err)
{
	struct sk_session session = {0};
	struct sk_pool *pool = NULL;
	struct sk_book *book = NULL;
	char dash[] = "-", *standard_input[] = {dash};
	char **names = argc > 0 ? argv : standard_input;
	int n_names = argc > 0 ? argc : 1;
	enum sk_exit exit, unread;

	if (asked->book.request.raw && asked->book.request.has_files)
		sk_error_set(err, SK_EXIT_USAGE,
		    "--raw sends fields as they are, so --files can't be used with it");
	else if (asked->with_choices)
		sk_error_set(err, SK_EXIT_USAGE,
		    "--with-choices needs --describe and an operation; --check-choices is for "
		    "requests");
	else if (asked->book.check_choices &&
	    (asked->book.request.raw || asked->book.request.no_validate))
		sk_error_set(err, SK_EXIT_USAGE,
		    "--check-choices can't be used with --raw or --no-validate, which check no "
		    "values");
	else if (asked->book.check_choices && common->dry_run)
		sk_error_set(err, SK_EXIT_USAGE,
		    "--check-choices asks the server, and -n doesn't: -n checks against the lists "
		    "that --choices FIELD has read");
	if (err->code != 0 || check_files(common, names, n_names, err) != 0)
		return err->code;
	asked->book.several = argc > 1;
	sk_out_columns(common->dry_run ? dry_columns : SK_LEDGER_COLUMNS);
	/* Whoever looks on wants to see each request at once; in a file columns are as wide as what is in them. */
	if (!common->dry_run && isatty(STDOUT_FILENO))
		sk_out_as_they_come();
	exit = open_all(&session, &pool, common, err) == 0 ? SK_EXIT_OK : err->code;
	if (exit == SK_EXIT_OK) {
		book = sk_book_new(&session, pool, &asked->book);
		unread = read_files(book, names, n_names, err);
		exit = sk_exit_worse(sk_book_finish(book, err), unread);
	}
	sk_book_free(book);
	sk_pool_free(pool);
	sk_session_close(&session);
	return exit;
}

/* --- instead of sending ----------------------------------------------------------------------- */

/* Takes the operands: one OPERATION, and NAME=VALUE. */
static int
take_operands(struct asked *asked, int argc, char **argv, struct sk_error *err)
{
	for (int i = 0; i < argc && err->code == 0; i++) {
		char *equals = strchr(argv[i], '=');
		char *name =
		    equals != NULL ? sk_mem_copy_bytes(argv[i], (size_t)(equals - argv[i])) : NULL;

		if (name == NULL && asked->operation == NULL)
			find_operation(argv[i], &asked->operation, err);
		else if (name == NULL)
			sk_error_set(err, SK_EXIT_USAGE, "give only one operation");
		else if (asked->instead != OPTION_CHOICES && strcmp(name, "practice_id") != 0)
			sk_error_set(err, SK_EXIT_USAGE, "only practice_id=ID can be given here");
		else if (equals[1] == '\0')
			sk_error_set(err, SK_EXIT_USAGE, "%s= has no value (is a variable unset?)",
			    name);
		else
			sk_json_set(asked->given, name, equals + 1);
		free(name);
	}
	return err->code != 0 ? -1 : 0;
}

static int
check_usage(struct asked *asked, const struct sk_common *common, struct sk_error *err)
{
	const char *nearest;
	char hint[SK_NEAREST_HINT];

	if (asked->has_sending || common->dry_run)
		return sk_error_set(err, SK_EXIT_USAGE,
		    "--describe, --example and --choices send nothing: only -p, -O, -F, -D, -q and "
		    "-v can be used with them");
	if (asked->with_choices && (asked->instead != OPTION_DESCRIBE || asked->operation == NULL))
		return sk_error_set(err, SK_EXIT_USAGE,
		    "--with-choices needs --describe and an operation");
	if (asked->operation == NULL && asked->instead != OPTION_DESCRIBE)
		asked->operation = sk_rules_find(asked->book.request.operation);
	if (asked->instead != OPTION_CHOICES ||
	    sk_rules_has_field(asked->operation, asked->field, &nearest))
		return 0;
	return sk_error_set(err, SK_EXIT_USAGE, "%s has no field \"%s\"%s",
	    sk_rules_name(asked->operation), asked->field, sk_nearest_hint(nearest, hint));
}

/* It is there to be changed and handed in, so it is never a table by itself. */
static void
tell_example(struct sk_session *session, const struct sk_describe_options *options,
    const struct sk_common *common, struct sk_error *err)
{
	if (!common->has_format)
		sk_out_format(SK_FORMAT_JSONL);
	sk_describe_example(session, options, err);
}

static enum sk_exit
describe(const struct asked *asked, const struct sk_common *common, struct sk_error *err)
{
	static const struct sk_column operations[] = {{"operation", 1, false, 0},
	    {"method", 2, false, 0}, {"path", 3, false, 0}, {"creates", 5, true, 0},
	    {"twice", 4, true, 0}, {"pms", 2, true, 0}, {0}};
	static const struct sk_column fields[] = {{"field", 1, false, 0}, {"required", 1, true, 0},
	    {"value", 1, true, 0}, {"choices", 2, true, 0}, {"note", 1, true, 0}, {0}};
	struct sk_describe_options options = {.operation = asked->operation,
	    .practice_id = sk_json_string(asked->given, "practice_id"),
	    .with_choices = asked->with_choices};
	struct sk_session session = {0};
	struct sk_pool *pool = NULL;
	int result = sk_session_open(&session, common,
	    asked->with_choices ? SK_STORE_WRITE : SK_STORE_READ, err);

	if (result == 0 && asked->with_choices)
		result = sk_engine_new(&session, &pool, err);
	options.known = sk_known_new(&session, pool);
	if (asked->instead == OPTION_DESCRIBE) {
		if (!common->has_format)
			sk_out_format(SK_FORMAT_TABLE);
		sk_out_columns(asked->operation == NULL ? operations : fields);
	}
	if (result == 0 && asked->instead == OPTION_EXAMPLE)
		tell_example(&session, &options, common, err);
	else if (result == 0 && asked->operation != NULL && common->has_format &&
	    common->format == SK_FORMAT_JSON)
		sk_describe_schema(&session, &options, err);
	else if (result == 0)
		sk_describe(&session, &options, err);
	sk_known_free(options.known);
	sk_pool_free(pool);
	sk_session_close(&session);
	return err->code;
}

static enum sk_exit
tell_choices(const struct asked *asked, const struct sk_common *common, struct sk_error *err)
{
	const struct sk_choices_options options = {asked->operation, asked->field, asked->given};
	struct sk_session session = {0};
	struct sk_pool *pool = NULL;

	if (sk_session_open(&session, common, SK_STORE_WRITE, err) == 0 &&
	    sk_engine_new(&session, &pool, err) == 0) {
		sk_copy_warn(&session);
		sk_choices(pool, &options, err);
	}
	sk_pool_free(pool);
	sk_session_close(&session);
	return err->code;
}

int
main(int argc, char **argv)
{
	struct asked asked = {
	    .book = {.request = {.operation = "book_appointment"}, .wait = SK_POLL_ONE_PASS}};
	struct sk_common common;
	struct sk_error err = {0};
	int first = sk_options_parse(&command, argc, argv, &common, take_option, &asked);
	enum sk_exit exit;

	asked.given = json_object();
	if (asked.instead == 0)
		exit = send_requests(&asked, &common, argc - first, argv + first, &err);
	else if (take_operands(&asked, argc - first, argv + first, &err) != 0 ||
	    check_usage(&asked, &common, &err) != 0)
		exit = err.code;
	else if (asked.instead == OPTION_CHOICES)
		exit = tell_choices(&asked, &common, &err);
	else
		exit = describe(&asked, &common, &err);
	json_decref(asked.given);
	return sk_options_end(&common, exit, &err);
}
