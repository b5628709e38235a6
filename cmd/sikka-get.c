/* SPDX-License-Identifier: MIT */
/*
 * sikka-get: streams the records of a resource. See sikka-get(1). Parameters are checked before
 * anything is sent.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/options.h"
#include "base/out.h"
#include "calls/engine.h"
#include "commands/get.h"
#include "commands/webhook.h"

enum option {
	OPTION_LIMIT = 256,
	OPTION_PAGE_SIZE,
	OPTION_FROM_PAGE,
	OPTION_FIELDS,
	OPTION_CHANGED_SINCE,
	OPTION_FRESHER_THAN,
	OPTION_PARAMETERS,
	OPTION_SHOW_SECRETS,
	OPTION_LIST,
	OPTION_WEBHOOK
};

static const struct sk_option option_table[] = {
    {OPTION_LIMIT, "limit", "N", "at most N records of each office"},
    {OPTION_PAGE_SIZE, "page-size", "N", "records a request, 1 to 5000 (500)"},
    {OPTION_FROM_PAGE, "from-page", "N", "begin with this page, as an error message says"},
    {OPTION_FIELDS, "fields", "LIST", "further fields, with commas between; get_all for all"},
    {OPTION_CHANGED_SINCE, "changed-since", "WHEN",
	"what has changed since: 20m, 2026-02-07 or 2026-02-07T15:30:00Z"},
    {OPTION_FRESHER_THAN, "fresher-than", "DURATION",
	"read only data that the server copied from the practice less long ago: 30m"},
    {OPTION_PARAMETERS, "parameters", "FILE",
	"a JSON object of further parameters; - is standard input"},
    {OPTION_SHOW_SECRETS, "show-secrets", NULL, "don't mask keys, tokens and links that hold them"},
    {OPTION_LIST, "list", NULL, "show the resources, or a resource's parameters and sort fields"},
    {OPTION_WEBHOOK, "webhook", NULL, "say what has changed by a webhook's payload on stdin"},
    {0, NULL, NULL, NULL},
};

struct arguments {
	struct sk_get_options options;
	const char *file; /* with parameters; NULL: none */
	json_t *given;    /* what stands in it */
	int list, webhook;
};

static bool
reads_payload(const void *arg)
{
	return ((const struct arguments *)arg)->webhook;
}

static const struct sk_command command = {
    .name = "sikka-get",
    .synopsis =
	(const char *const[]){
	    "[-qv] [-D FILE] [-O OFFICE] [-F FORMAT] [--limit N] [--page-size N] [--from-page N] "
	    "[--fields LIST] [--changed-since WHEN] [--fresher-than DURATION] [--parameters FILE] "
	    "[--show-secrets] RESOURCE "
	    "[NAME=VALUE ...]",
	    "[-qv] [-D FILE] [-O OFFICE] [-F FORMAT] [--limit N] [--page-size N] [--fields LIST] "
	    "[--show-secrets] --changed-since WHEN -",
	    "[-qv] [-D FILE] [-F FORMAT] --webhook", "[-F FORMAT] --list [RESOURCE ...]", NULL},
    .summary = "Read appointments, patients and every other resource, one JSON object a line.",
    .options = option_table,
    .examples = (const char *const[]){"sikka-get -O D36225 appointments | wc -l",
	"sikka-get -O D36225 -F table --limit 3 --fields get_all patients", NULL},
    .reads_stdin = reads_payload,
    .has_office = 1,
};

/* The server is asked in minutes, of which one isn't over. */
#define FRESH_LEAST (2 * SK_MINUTE)
#define MOST INT64_C(1000000000)

static int
read_count(const char *name, const char *value, int64_t most, int64_t *count, struct sk_error *err)
{
	char *end;

	*count = strtoll(value, &end, 10);
	if (*count < 1 || *count > most || *end != '\0')
		return sk_error_set(err, SK_EXIT_USAGE, "%s takes a number from 1 to %lld", name,
		    (long long)most);
	return 0;
}

static int
take_option(void *arg, int letter, const char *value, struct sk_error *err)
{
	struct arguments *arguments = arg;
	struct sk_get_options *options = &arguments->options;

	switch ((enum option)letter) {
	case OPTION_LIMIT:
		return read_count("--limit", value, MOST, &options->limit, err);
	case OPTION_FROM_PAGE:
		return read_count("--from-page", value, MOST, &options->from_page, err);
	case OPTION_CHANGED_SINCE:
		options->changed_since = value;
		return 0;
	case OPTION_FRESHER_THAN:
		return sk_options_age("--fresher-than", value, FRESH_LEAST, &options->fresher_than,
		    err);
	case OPTION_PARAMETERS:
		arguments->file = value;
		return 0;
	case OPTION_SHOW_SECRETS:
		options->shows_secrets = true;
		return 0;
	case OPTION_LIST:
		arguments->list = 1;
		return 0;
	case OPTION_WEBHOOK:
		arguments->webhook = 1;
		return 0;
	case OPTION_PAGE_SIZE:
		return read_count("--page-size", value, 5000, &options->page_size, err);
	case OPTION_FIELDS:
		options->fields = value;
		return 0;
	}
	return sk_options_unhandled(letter, err);
}

/* Those of the file. They are borrowed from given. */
static int
read_file(struct arguments *arguments, struct sk_error *err)
{
	if (arguments->file == NULL)
		return 0;
	arguments->given = sk_get_read_parameters(arguments->file, err);
	return arguments->given != NULL ? 0 : -1;
}

static void
take_given(struct sk_get_options *options, json_t *given)
{
	const char *name;
	json_t *value;

	json_object_foreach(given, name, value) options->parameters[options->n_parameters++] =
	    (struct sk_api_parameter){name, json_string_value(value)};
}

/* Takes name=value operands, and what was given. The '=' in argv is overwritten to end the name. */
static int
take_parameters(struct arguments *arguments, char **operands, int n, struct sk_error *err)
{
	struct sk_get_options *options = &arguments->options;

	options->parameters = sk_mem_zero((size_t)n + json_object_size(arguments->given) + 2,
	    sizeof(*options->parameters));
	for (int i = 0; i < n; i++) {
		char *equals = strchr(operands[i], '=');

		if (equals == NULL || equals == operands[i])
			return sk_error_set(err, SK_EXIT_USAGE, "\"%s\" isn't NAME=VALUE",
			    operands[i]);
		*equals = '\0';
		if (equals[1] == '\0')
			return sk_error_set(err, SK_EXIT_USAGE,
			    "%s= has no value (is a variable unset?)", operands[i]);
		options->parameters[options->n_parameters++] =
		    (struct sk_api_parameter){operands[i], equals + 1};
	}
	take_given(options, arguments->given);
	return 0;
}

/* With --list: of the list of resources, and of what some of them take. */
static const struct sk_column resource_columns[] = {{"resource", 1, false, 0},
    {"auth", 2, false, 0}, {"required", 1, true, 0}, {0}};
static const struct sk_column parameter_columns[] = {{"resource", 2, false, 0},
    {"auth", 3, false, 0}, {"name", 1, false, 0}, {"parameter", 1, true, 0},
    {"sort_by", 2, true, 0}, {0}};

/* The list needs no settings, so that they can't be read changes nothing. */
static void
choose_format(const struct sk_common *common)
{
	struct sk_config config;
	struct sk_error ignored = {0};

	if (common->has_format)
		return;
	sk_config_load(&config, common->db, &ignored);
	sk_config_choose_format(&config);
	sk_config_fini(&config);
}

static enum sk_exit
list_resources(const struct sk_common *common, char **names, int n, struct sk_error *err)
{
	choose_format(common);
	sk_out_columns(n == 0 ? resource_columns : parameter_columns);
	return sk_resources_list(names, (size_t)n, err);
}

static enum sk_exit
read_resource(struct arguments *arguments, const struct sk_common *common, char **operands, int n,
    struct sk_error *err)
{
	struct sk_get_options *options = &arguments->options;
	struct sk_session session = {0};
	struct sk_pool *pool = NULL;
	enum sk_exit exit = SK_EXIT_OK;

	options->resource = operands[0];
	if (read_file(arguments, err) == 0 &&
	    take_parameters(arguments, operands + 1, n - 1, err) == 0 &&
	    sk_get_check(options, err) == 0 &&
	    sk_session_open(&session, common, SK_STORE_WRITE, err) == 0 &&
	    sk_engine_new(&session, &pool, err) == 0) {
		sk_copy_warn(&session);
		exit = sk_get(pool, options, err);
	}
	free(options->parameters);
	json_decref(arguments->given);
	sk_pool_free(pool);
	sk_session_close(&session);
	return exit;
}

/* What standard input names. */
static enum sk_exit
read_listed(const struct arguments *arguments, const struct sk_common *common, int n,
    struct sk_error *err)
{
	const struct sk_get_options *options = &arguments->options;
	struct sk_session session = {0};
	struct sk_pool *pool = NULL;
	enum sk_exit exit = SK_EXIT_OK;

	if (n > 1 || arguments->file != NULL)
		sk_error_set(err, SK_EXIT_USAGE, "- takes no parameters");
	else if (sk_get_check_listed(options, err) == 0 &&
	    sk_session_open(&session, common, SK_STORE_WRITE, err) == 0 &&
	    sk_engine_new(&session, &pool, err) == 0) {
		sk_copy_warn(&session);
		exit = sk_get_listed(pool, options, err);
	}
	sk_pool_free(pool);
	sk_session_close(&session);
	return exit;
}

static enum sk_exit
read_webhook(const struct arguments *arguments, const struct sk_common *common, int n,
    struct sk_error *err)
{
	static const struct sk_column columns[] = {{"office_id", 1, false, 0},
	    {"practice_id", 2, false, 0}, {"resource", 1, false, 0}, {"event", 1, false, 0}, {0}};
	const struct sk_get_options *options = &arguments->options;
	struct sk_session session = {0};

	if (n > 0 || arguments->list || common->n_offices > 0 || options->limit > 0 ||
	    options->page_size > 0 || options->from_page > 0 || options->fields != NULL ||
	    options->changed_since != NULL || arguments->file != NULL || options->shows_secrets) {
		sk_error_set(err, SK_EXIT_USAGE,
		    "--webhook stands alone: it reads a payload, and asks for no records");
		return err->code;
	}
	sk_out_columns(columns);
	if (sk_session_open(&session, common, SK_STORE_READ, err) == 0) {
		/* Another command reads it, so it is never a table by itself. */
		if (!common->has_format)
			sk_out_format(SK_FORMAT_JSONL);
		sk_webhook(&session, err);
	}
	sk_session_close(&session);
	return err->code;
}

int
main(int argc, char **argv)
{
	struct arguments arguments = {0};
	struct sk_common common;
	struct sk_error err = {0};
	int first = sk_options_parse(&command, argc, argv, &common, take_option, &arguments);
	enum sk_exit exit = SK_EXIT_OK;

	sk_out_buffered(1);
	if (arguments.webhook)
		exit = read_webhook(&arguments, &common, argc - first, &err);
	else if (arguments.list)
		exit = list_resources(&common, argv + first, argc - first, &err);
	else if (first == argc)
		sk_error_set(&err, SK_EXIT_USAGE,
		    "name a resource; sikka-get --list shows all of them");
	else if (strcmp(argv[first], "-") == 0)
		exit = read_listed(&arguments, &common, argc - first, &err);
	else
		exit = read_resource(&arguments, &common, argv + first, argc - first, &err);
	return sk_options_end(&common, exit, &err);
}
