/* SPDX-License-Identifier: MIT */
/*
 * sikka-token: the keys of each office, and one usable request key. See sikka-token(1). A key is
 * printed only by the subcommand print.
 */
#include <stdbool.h>
#include <string.h>

#include "base/nearest.h"
#include "base/options.h"
#include "base/out.h"
#include "base/time.h"
#include "calls/engine.h"
#include "calls/request_key.h"
#include "commands/token.h"

enum option { OPTION_ALL = 256, OPTION_WITHIN };

static const struct sk_option option_table[] = {
    {OPTION_ALL, "all", NULL, "refresh: renew all request keys, however long they are valid"},
    {OPTION_WITHIN, "within", "DURATION",
	"refresh: renew the keys that expire within this time (2h)"},
    {0, NULL, NULL, NULL},
};

static const struct sk_command command = {
    .name = "sikka-token",
    .synopsis = (const char *const[]){"[-qv] [-D FILE] [-O OFFICE] [-F FORMAT] [list]",
	"[-qv] [-D FILE] [-O OFFICE] [-F FORMAT] refresh [--all] [--within DURATION]",
	"[-qv] [-D FILE] print OFFICE", "[-qv] [-D FILE] [-O OFFICE] [-F FORMAT] info",
	"[-qv] [-D FILE] [-F FORMAT] revoke OFFICE", NULL},
    .summary = "Show, renew, print and revoke the request keys of the offices.",
    .options = option_table,
    .examples =
	(const char *const[]){"sikka-token -F table", "sikka-token -O D36225 refresh", NULL},
    .has_office = 1,
};

struct arguments {
	int64_t within;
	int has_within;
};

static int
take_option(void *arg, int letter, const char *value, struct sk_error *err)
{
	struct arguments *arguments = arg;

	arguments->has_within = 1;
	switch ((enum option)letter) {
	case OPTION_ALL:
		arguments->within = SK_KEYS_ALL;
		return 0;
	case OPTION_WITHIN:
		return sk_options_age("--within", value, SK_SECOND, &arguments->within, err);
	}
	return sk_options_unhandled(letter, err);
}

static enum sk_exit
run_online(struct sk_session *session, const char *verb, const char *office,
    const struct arguments *arguments, struct sk_error *err)
{
	struct sk_pool *pool = NULL;
	enum sk_exit exit = SK_EXIT_OK;

	if (sk_engine_new(session, &pool, err) == 0) {
		if (strcmp(verb, "refresh") == 0)
			exit = sk_token_refresh(pool, arguments->within, err);
		else if (strcmp(verb, "print") == 0)
			exit = sk_token_print(pool, office, err);
		else if (strcmp(verb, "info") == 0)
			exit = sk_token_info(pool, err);
		else
			exit = sk_token_revoke(pool, office, err);
	}
	sk_pool_free(pool);
	return exit;
}

static enum sk_exit
run(const char *verb, const char *office, const struct arguments *arguments,
    const struct sk_common *common, struct sk_error *err)
{
	struct sk_session session = {0};
	enum sk_exit exit = SK_EXIT_OK;

	if (sk_session_open(&session, common, SK_STORE_WRITE, err) == 0) {
		sk_copy_warn(&session);
		exit = run_online(&session, verb, office, arguments, err);
	}
	sk_session_close(&session);
	return exit;
}

/* Whether the key was printed. */
static bool
print_recorded(const char *office, int to_the_end, const struct sk_common *common,
    struct sk_error *err)
{
	struct sk_session session = {0};
	int printed = 0;

	if (sk_session_open(&session, common, SK_STORE_READ, err) == 0 &&
	    sk_session_need_store(&session, err) == 0)
		sk_token_print_recorded(&session, office, to_the_end, &printed, err);
	if (printed)
		sk_copy_warn(&session);
	sk_session_close(&session);
	return printed && err->code == 0;
}

/* If the state file can't be written, no key can be renewed: then the recorded key is printed. */
static enum sk_exit
run_print(const char *office, const struct arguments *arguments, const struct sk_common *common,
    struct sk_error *err)
{
	struct sk_error why = {0};
	enum sk_exit exit;

	if (print_recorded(office, 0, common, err) || err->code != 0)
		return SK_EXIT_OK;
	exit = run("print", office, arguments, common, err);
	if (err->code != SK_EXIT_CANT_WRITE || !print_recorded(office, 1, common, &why))
		return exit;
	sk_out_warn("%s; the old request key is printed, because it is still valid", err->text);
	sk_error_clear(err);
	return SK_EXIT_OK;
}

static enum sk_exit
run_list(const struct sk_common *common, struct sk_error *err)
{
	struct sk_session session = {0};

	if (sk_session_open(&session, common, SK_STORE_READ, err) == 0 &&
	    sk_session_need_store(&session, err) == 0) {
		sk_copy_warn(&session);
		sk_token_list(&session, err);
	}
	sk_session_close(&session);
	return SK_EXIT_OK;
}

static const struct sk_column list_columns[] = {{"office_id", 1, false, 0}, {"status", 1, false, 0},
    {"token_expiry", 2, false, 0}, {"expires_in", 3, false, 0}, {"last_error", 1, true, 0}, {0}};
static const struct sk_column refresh_columns[] = {{"office_id", 1, false, 0},
    {"refreshed", 1, false, 0}, {"grant", 2, false, 0}, {"token_expiry", 1, false, 0}, {0}};

static const struct {
	const char *verb;
	int operands;
	const struct sk_column *columns; /* of its records; NULL: those of the first record */
} verbs[] = {{"list", 0, list_columns}, {"refresh", 0, refresh_columns}, {"print", 1, NULL},
    {"info", 0, NULL}, {"revoke", 1, NULL}};

/* Checks the verb and what goes with it, and chooses the columns of its records. */
static int
check_operands(const char *verb, int n, const struct arguments *arguments, struct sk_error *err)
{
	struct sk_near near = {.word = verb};
	char hint[SK_NEAREST_HINT];
	size_t i = 0;

	for (; i < sizeof(verbs) / sizeof(verbs[0]) && strcmp(verbs[i].verb, verb) != 0; i++)
		sk_near_add(&near, verbs[i].verb, strlen(verbs[i].verb));
	if (i == sizeof(verbs) / sizeof(verbs[0]))
		return sk_error_set(err, SK_EXIT_USAGE,
		    "\"%s\" isn't one of list, refresh, print, info, revoke%s", verb,
		    sk_nearest_hint(near.name, hint));
	if (n != verbs[i].operands)
		return sk_error_set(err, SK_EXIT_USAGE, "%s takes %s", verb,
		    verbs[i].operands == 1 ? "one office" : "no operands; -O names offices");
	if (arguments->has_within && strcmp(verb, "refresh") != 0)
		return sk_error_set(err, SK_EXIT_USAGE,
		    "--all and --within can only be used with refresh");
	sk_out_columns(verbs[i].columns);
	return 0;
}

int
main(int argc, char **argv)
{
	struct arguments arguments = {.within = SK_KEY_WITHIN};
	struct sk_common common;
	struct sk_error err = {0};
	int first = sk_options_parse(&command, argc, argv, &common, take_option, &arguments);
	enum sk_exit exit = SK_EXIT_OK;
	const char *verb = first < argc ? argv[first] : "list";
	const char *office = first + 1 < argc ? argv[first + 1] : NULL;

	if (check_operands(verb, argc - first - (first < argc), &arguments, &err) != 0)
		;
	else if (strcmp(verb, "list") == 0)
		exit = run_list(&common, &err);
	else if (strcmp(verb, "print") == 0)
		exit = run_print(office, &arguments, &common, &err);
	else
		exit = run(verb, office, &arguments, &common, &err);
	return sk_options_end(&common, exit, &err);
}
