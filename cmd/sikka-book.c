/* SPDX-License-Identifier: MIT */
/* sikka-book: hands requests in, each exactly once. See sikka-book(1). */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "book.h"
#include "files.h"
#include "ledger.h"
#include "options.h"
#include "out.h"
#include "rules.h"

enum { OPTION_WAIT = 256, OPTION_AGAIN, OPTION_NO_VALIDATE, OPTION_RAW, OPTION_FILES };

static const struct sk_option OPTIONS[] = {
    {'p', "operation", "OPERATION", "what a request means that names none (book_appointment)"},
    {OPTION_WAIT, "wait", "[=DURATION]", "follow each request to its end, at most so long"},
    {OPTION_AGAIN, "again", NULL, "send requests that were sent before once more"},
    {OPTION_NO_VALIDATE, "no-validate", NULL,
	"leave the check of the fields to the practice's system"},
    {OPTION_RAW, "raw", NULL, "take method and endpoint from each request as given"},
    {OPTION_FILES, "files", "DIR",
	"read documents that requests name as @PATH beneath this folder"},
    {0, NULL, NULL, NULL},
};

static const struct sk_command COMMAND = {
    .name = "sikka-book",
    .synopsis =
	"[-nqv] [-D FILE] [-O OFFICE] [-F FORMAT] [-p OPERATION] [--wait[=DURATION]] [--again] "
	"[--no-validate] [--raw] [--files DIR] [FILE ...]",
    .summary = "Hand appointments, patients and other writebacks to practices, each exactly once.",
    .options = OPTIONS,
    .reads_stdin = 1,
    .has_dry_run = 1,
    .has_office = 1,
};

static int
take_folder(struct sk_request_options *options, const char *path, struct sk_error *err)
{
	if (options->has_files)
		return sk_error_set(err, SK_EXIT_USAGE, "--files: one folder only");
	options->files = sk_files_folder(path, err);
	options->has_files = options->files != -1;
	return options->has_files ? 0 : -1;
}

static int
take_option(void *arg, int letter, const char *value, struct sk_error *err)
{
	struct sk_book_options *options = arg;
	const char *nearest;

	switch (letter) {
	case 'p':
		options->request.operation = value;
		nearest = sk_rules_nearest(value);
		return sk_rules_find(value) != NULL
		    ? 0
		    : sk_error_set(err, SK_EXIT_USAGE, "there is no operation \"%s\"%s%s%s", value,
			  nearest != NULL ? "; did you mean " : "", nearest != NULL ? nearest : "",
			  nearest != NULL ? "?" : "");
	case OPTION_WAIT:
		options->wait = 0;
		return value == NULL ? 0
				     : sk_options_duration("--wait", value, &options->wait, err);
	case OPTION_AGAIN:
		options->request.again = 1;
		return 0;
	case OPTION_FILES:
		return take_folder(&options->request, value, err);
	case OPTION_NO_VALIDATE:
		options->request.no_validate = 1;
		return 0;
	default:
		options->request.raw = 1;
		return 0;
	}
}

static int
read_file(struct sk_book *book, const char *name, struct sk_error *err)
{
	int fd, result;

	if (strcmp(name, "-") == 0)
		return sk_book_read(book, STDIN_FILENO, "standard input", err);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return sk_error_set(err, SK_EXIT_NO_INPUT, "%s: %s", name, strerror(errno));
	result = sk_book_read(book, fd, name, err);
	close(fd);
	return result;
}

/* All of them: a file that can't be read is told, and doesn't stop the others. Returns 0 or its
 * exit code. */
static int
read_files(struct sk_book *book, char **names, int n, struct sk_error *err)
{
	int exit = 0;

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
open_all(struct sk_session *session, struct sk_wire *wire, const struct sk_common *common,
    struct sk_error *err)
{
	if (common->dry_run)
		return sk_session_open(session, common, SK_STORE_READ, err);
	if (sk_session_open(session, common, SK_STORE_WRITE, err) != 0 ||
	    sk_wire_open(wire, session, err) != 0)
		return -1;
	if (sk_ledger_turn_over(session, err) != 0)
		return -1;
	return sk_session_start_run(session, COMMAND.name, err);
}

int
main(int argc, char **argv)
{
	struct sk_book_options options = {.request.operation = "book_appointment", .wait = -1};
	struct sk_common common;
	struct sk_session session = {0};
	struct sk_wire wire = {0};
	struct sk_book *book = NULL;
	struct sk_error err = {0};
	int first = sk_options_parse(&COMMAND, argc, argv, &common, take_option, &options), exit,
	    unread;
	char dash[] = "-", *standard_input[] = {dash};

	options.dry_run = common.dry_run;
	options.several = argc - first > 1;
	sk_out_columns(SK_LEDGER_COLUMNS);
	exit = open_all(&session, &wire, &common, &err) == 0 ? 0 : (int)err.code;
	if (exit == 0) {
		book = sk_book_new(&session, common.dry_run ? NULL : &wire, &options,
		    sk_out_tell_record, NULL);
		unread = first < argc ? read_files(book, argv + first, argc - first, &err)
				      : read_files(book, standard_input, 1, &err);
		exit = sk_exit_worse(sk_book_finish(book, &err), unread);
	}
	sk_book_free(book);
	sk_wire_close(&wire);
	sk_session_close(&session);
	return sk_options_end(&common, exit, &err);
}
