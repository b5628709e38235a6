/* SPDX-License-Identifier: MIT */
/*
 * sikka-authorize: records who has authorized the application. See sikka-authorize(1). Nothing is
 * sent while any argument is wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/options.h"
#include "base/out.h"
#include "calls/engine.h"
#include "commands/access.h"
#include "commands/authorize.h"
#include "commands/credentials.h"
#include "commands/setup.h"

enum option {
	OPTION_NO_TOKEN = 256,
	OPTION_LOCATIONS,
	OPTION_IMPORT,
	OPTION_EXPORT,
	OPTION_FORCE,
	OPTION_FORGET,
	OPTION_SETUP,
	OPTION_URL
};

static const struct sk_option option_table[] = {
    {OPTION_SETUP, "setup", NULL,
	"ask for the application's id and key, and write the config file"},
    {OPTION_URL, "url", "URL", "with --setup: for this server instead of the vendor's"},
    {OPTION_NO_TOKEN, "no-token", NULL, "record the practices, but get no request keys"},
    {OPTION_LOCATIONS, "locations", NULL, "list the locations, and which are on (and charged)"},
    {OPTION_IMPORT, "import", "[=FILE]", "import the keys of an earlier integration (stdin)"},
    {OPTION_EXPORT, "export", NULL, "write all keys, also the secret ones, to a file or a pipe"},
    {OPTION_FORCE, "force", NULL, "with --export: to a terminal too"},
    {OPTION_FORGET, "forget", "OFFICE", "delete this office and its keys from the state file"},
    {0, NULL, NULL, NULL},
};

static const struct sk_command command = {
    .name = "sikka-authorize",
    .synopsis =
	(const char *const[]){
	    "[-qv] [-D FILE] [-O OFFICE] [-F FORMAT] [--setup [--url URL]] "
	    "[--no-token] [--locations] [--import[=FILE]] [--export [--force]] [--forget OFFICE]",
	    NULL},
    .summary = "Record the practices that have authorized the application, and get first request "
	       "keys for their offices.",
    .options = option_table,
    .examples = (const char *const[]){"sikka-authorize --setup",
	"sikka-authorize | jq -r 'select(.status != \"active\") | .office_id'", NULL},
    .has_office = 1,
};

struct arguments {
	int mode; /* the option that was given; 0: read the list and get keys */
	int no_token;
	int force;
	const char *value;
	const char *url;
};

static int
take_option(void *arg, int letter, const char *value, struct sk_error *err)
{
	struct arguments *arguments = arg;

	switch ((enum option)letter) {
	case OPTION_NO_TOKEN:
		arguments->no_token = 1;
		return 0;
	case OPTION_FORCE:
		arguments->force = 1;
		return 0;
	case OPTION_URL:
		arguments->url = value;
		return 0;
	case OPTION_LOCATIONS:
	case OPTION_IMPORT:
	case OPTION_EXPORT:
	case OPTION_FORGET:
	case OPTION_SETUP:
		if (arguments->mode != 0)
			return sk_error_set(err, SK_EXIT_USAGE,
			    "give only one of --setup, --locations, --import, --export and "
			    "--forget, and only once");
		arguments->mode = letter;
		arguments->value = value;
		return 0;
	}
	return sk_options_unhandled(letter, err);
}

static enum sk_exit
import(struct sk_session *session, const char *file, struct sk_error *err)
{
	int fd = STDIN_FILENO, result;
	size_t bad = 0;

	if (file != NULL && strcmp(file, "-") != 0)
		fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		sk_error_set(err, SK_EXIT_NO_INPUT, "%s: %s", file, strerror(errno));
		return SK_EXIT_OK;
	}
	result =
	    sk_credentials_import(session, fd, file != NULL ? file : "standard input", &bad, err);
	if (fd != STDIN_FILENO)
		close(fd);
	if (result == 0)
		sk_authorize_tell(session, err);
	return bad > 0 ? SK_EXIT_BAD_DATA : SK_EXIT_OK;
}

static enum sk_exit
ask(struct sk_session *session, const struct arguments *arguments, struct sk_error *err)
{
	struct sk_pool *pool = NULL;
	enum sk_exit exit = SK_EXIT_OK;

	if (sk_engine_new(session, &pool, err) == 0)
		exit = arguments->mode == OPTION_LOCATIONS
		    ? sk_access(pool, err)
		    : sk_authorize(pool, arguments->no_token, err);
	sk_pool_free(pool);
	return exit;
}

/* The columns of a practice's record; the records of --export have none. */
static const struct sk_column columns[] = {{"office_id", 1, false, 0}, {"practice_id", 1, false, 0},
    {"practice_name", 2, true, 0}, {"pms", 3, true, 0}, {"pms_version", 4, false, 0},
    {"domain", 6, false, 0}, {"time_zone", 6, true, 0}, {"utc_offset", 7, false, 0},
    {"status", 1, false, 0}, {"token_expiry", 5, false, 0}, {0}};

static enum sk_exit
run(struct sk_session *session, const struct arguments *arguments, struct sk_error *err)
{
	switch (arguments->mode) {
	case OPTION_IMPORT:
		return import(session, arguments->value, err);
	case OPTION_EXPORT:
		/* --import reads it, so it is never a table by itself. */
		if (!session->common->has_format)
			sk_out_format(SK_FORMAT_JSONL);
		sk_credentials_export(session, arguments->force, err);
		return SK_EXIT_OK;
	case OPTION_FORGET:
		sk_authorize_forget(session, arguments->value, err);
		return SK_EXIT_OK;
	default:
		return ask(session, arguments, err);
	}
}

/* Before anything is begun: what is imported can't be what is written to. */
static int
check_input(const struct arguments *arguments, struct sk_error *err)
{
	const char *file = arguments->value;

	if (arguments->mode != OPTION_IMPORT)
		return 0;
	return file != NULL && strcmp(file, "-") != 0
	    ? sk_out_refuse_input_file(file, err)
	    : sk_out_refuse_input(STDIN_FILENO, "standard input", err);
}

/* Only what records offices begins a state file. */
static int
open_session(struct sk_session *session, const struct sk_common *common,
    const struct arguments *arguments, struct sk_error *err)
{
	int result;

	if (arguments->mode == OPTION_EXPORT) {
		result = sk_session_open(session, common, SK_STORE_READ, err);
		if (result == 0)
			result = sk_session_need_store(session, err);
	} else if (arguments->mode == OPTION_FORGET || arguments->mode == OPTION_LOCATIONS) {
		result = sk_session_open(session, common, SK_STORE_WRITE, err);
	} else {
		result = sk_session_open_or_begin(session, common, err);
	}
	if (result == 0)
		sk_copy_warn(session);
	return result;
}

/* --setup, then as without it. What is left to do stands behind the practices. */
static enum sk_exit
set_up(struct sk_session *session, const struct sk_common *common,
    const struct arguments *arguments, struct sk_error *err)
{
	struct sk_setup *setup = NULL;
	struct sk_error why = {0};
	enum sk_exit exit = SK_EXIT_OK;

	if (sk_setup(common, arguments->url, &setup, err) == 1) {
		if (open_session(session, common, arguments, err) == 0)
			exit = ask(session, arguments, err);
		sk_out_settle(true, err->code == 0 ? err : &why);
		sk_setup_next(setup);
	}
	sk_setup_free(setup);
	return exit;
}

static int
check_arguments(const struct arguments *arguments, struct sk_error *err)
{
	if (arguments->url != NULL && arguments->mode != OPTION_SETUP)
		return sk_error_set(err, SK_EXIT_USAGE,
		    "--url stands with --setup only; elsewhere "
		    "base_url does this (sikka-config(5))");
	return check_input(arguments, err);
}

int
main(int argc, char **argv)
{
	struct arguments arguments = {0};
	struct sk_common common;
	struct sk_session session = {0};
	struct sk_error err = {0};
	char hint[SK_OPTIONS_HINT];
	int first = sk_options_parse(&command, argc, argv, &common, take_option, &arguments);
	enum sk_exit exit = SK_EXIT_OK;

	if (arguments.mode != OPTION_EXPORT)
		sk_out_columns(arguments.mode == OPTION_LOCATIONS ? SK_ACCESS_COLUMNS : columns);
	if (first < argc)
		sk_error_set(&err, SK_EXIT_USAGE, "sikka-authorize takes no operands%s",
		    sk_options_attached_hint(&common, argv[first], hint));
	if (err.code != 0 || check_arguments(&arguments, &err) != 0)
		;
	else if (arguments.mode == OPTION_SETUP)
		exit = set_up(&session, &common, &arguments, &err);
	else if (open_session(&session, &common, &arguments, &err) == 0)
		exit = run(&session, &arguments, &err);
	sk_session_close(&session);
	return sk_options_end(&common, exit, &err);
}
