/* SPDX-License-Identifier: MIT */
/*
 * The simulator's options, as they are typed. What can't be meant ends it with 64 and one line that
 * says what is wrong: nothing is served with half of what was asked for. A choice for an office or
 * practice that doesn't exist is refused, too.
 */
#include "options.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "faults.h"
#include "file.h"
#include "help.h"
#include "near.h"
#include "quirks.h"
#include "resources.h"
#include "seed.h"
#include "settings.h"

#define OPERAND 1 /* what getopt returns for an operand */

static const char *version; /* a line for --version */

enum option_id {
	O_PORT = 256,
	O_LISTEN,
	O_LOG,
	O_FIXTURES,
	O_SNAPSHOT,
	O_SEED,
	O_DELAY,
	O_DIALECT,
	O_APP_ID,
	O_APP_KEY,
	O_TOKEN_LIFE,
	O_ROTATION,
	O_RATE_LIMIT,
	O_RATE_WINDOW,
	O_NO_LIMIT_HEADERS,
	O_DAILY_REQUESTS,
	O_DAILY_BYTES,
	O_OFFICES,
	O_PMS,
	O_QUIRK,
	O_REFRESH_EVERY,
	O_SKEW,
	O_ZONE,
	O_RECORDS,
	O_PAGE_MAX,
	O_TLS,
	O_NO_WRITEBACK_PERMISSION,
	O_NO_WRITEBACK_STATUS,
	O_NO_WRITEBACK_LIST,
	O_SPU_OFFLINE,
	O_ARRIVAL_LAG,
	O_LIST_BYTES,
	O_LIST_LAG,
	O_AUTH_STATUS,
	O_STRICT,
	O_FAULT,
};

static const struct option options[] = {
    {"port", required_argument, NULL, O_PORT},
    {"listen", required_argument, NULL, O_LISTEN},
    {"log", required_argument, NULL, O_LOG},
    {"fixtures", required_argument, NULL, O_FIXTURES},
    {"snapshot", required_argument, NULL, O_SNAPSHOT},
    {"seed", required_argument, NULL, O_SEED},
    {"delay", required_argument, NULL, O_DELAY},
    {"dialect", required_argument, NULL, O_DIALECT},
    {"app-id", required_argument, NULL, O_APP_ID},
    {"app-key", required_argument, NULL, O_APP_KEY},
    {"token-life", required_argument, NULL, O_TOKEN_LIFE},
    {"rotation", required_argument, NULL, O_ROTATION},
    {"rate-limit", required_argument, NULL, O_RATE_LIMIT},
    {"rate-window", required_argument, NULL, O_RATE_WINDOW},
    {"no-limit-headers", no_argument, NULL, O_NO_LIMIT_HEADERS},
    {"daily-requests", required_argument, NULL, O_DAILY_REQUESTS},
    {"daily-bytes", required_argument, NULL, O_DAILY_BYTES},
    {"offices", required_argument, NULL, O_OFFICES},
    {"pms", required_argument, NULL, O_PMS},
    {"quirk", required_argument, NULL, O_QUIRK},
    {"refresh-every", required_argument, NULL, O_REFRESH_EVERY},
    {"skew", required_argument, NULL, O_SKEW},
    {"zone", required_argument, NULL, O_ZONE},
    {"records", required_argument, NULL, O_RECORDS},
    {"page-max", required_argument, NULL, O_PAGE_MAX},
    {"tls", required_argument, NULL, O_TLS},
    {"no-writeback-permission", no_argument, NULL, O_NO_WRITEBACK_PERMISSION},
    {"no-writeback-status", no_argument, NULL, O_NO_WRITEBACK_STATUS},
    {"no-writeback-list", no_argument, NULL, O_NO_WRITEBACK_LIST},
    {"spu-offline", required_argument, NULL, O_SPU_OFFLINE},
    {"arrival-lag", required_argument, NULL, O_ARRIVAL_LAG},
    {"list-bytes", required_argument, NULL, O_LIST_BYTES},
    {"list-lag", required_argument, NULL, O_LIST_LAG},
    {"auth-status", required_argument, NULL, O_AUTH_STATUS},
    {"strict", no_argument, NULL, O_STRICT},
    {"fault", required_argument, NULL, O_FAULT},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

/* A variable that isn't set leaves an empty argument, and what is meant then isn't "none". */
static bool
is_blank(const char *value)
{
	return value[strspn(value, " \t\r\n")] == '\0';
}

/* The application key isn't shown: it may be a real one, and pipelines keep what is written. */
static _Noreturn void
usage(const char *option, const char *value, const char *wrong)
{
	bool shown = strcmp(option, "app-key") != 0 && !is_blank(value);

	fprintf(stderr, "sikka-sim: --%s%s%s: %s\n", option, shown ? " " : "", shown ? value : "",
	    wrong);
	exit(EX_USAGE);
}

static _Noreturn void
refuse_operand(const char *operand)
{
	if (is_blank(operand))
		fputs("sikka-sim: an argument is empty (is a variable unset?)\n", stderr);
	else
		fprintf(stderr, "sikka-sim: unexpected argument %s; see sikka-sim --help\n",
		    operand);
	exit(EX_USAGE);
}

static _Noreturn void
refuse_unknown(const char *argument, int n)
{
	char *name = x_printf("%.*s", n, argument), *what, *said;
	struct near near = {.word = name};

	for (size_t i = 0; options[i].name != NULL; i++) {
		char *option = x_printf("--%s", options[i].name);

		near_add(&near, option);
		free(option);
	}
	what = x_printf("unknown option %s", name);
	said = near_say(&near, what);
	fprintf(stderr, "sikka-sim: %s%s\n", said,
	    strcmp(said, what) == 0 ? "; see sikka-sim --help" : "");
	exit(EX_USAGE);
}

/* How many options begin so: more than one can be meant. */
static int
count_prefixed(const char *name, size_t n)
{
	int found = 0;

	for (size_t i = 0; options[i].name != NULL; i++)
		found += strncmp(options[i].name, name, n) == 0;
	return found;
}

/* What getopt_long refused. argument is the one before optind. */
static _Noreturn void
refuse_option(int result, const char *argument)
{
	int n = (int)strcspn(argument, "=");
	const char *wrong = NULL;

	if (strncmp(argument, "--", 2) != 0 ||
	    (optopt != 0 && optopt <= 255 && strchr("hvV", optopt) == NULL)) {
		fprintf(stderr, "sikka-sim: unknown option -%c; see sikka-sim --help\n", optopt);
		exit(EX_USAGE);
	}
	if (result == ':')
		wrong = "needs a value";
	else if (optopt != 0)
		wrong = "takes no value";
	else if (count_prefixed(argument + 2, (size_t)n - 2) > 1)
		wrong = "can mean several options";
	if (wrong == NULL)
		refuse_unknown(argument, n);
	fprintf(stderr, "sikka-sim: option %.*s %s; see sikka-sim --help\n", n, argument, wrong);
	exit(EX_USAGE);
}

static _Noreturn void
print_and_exit(const char *text, const char *more)
{
	if (printf("%s%s", text, more) < 0 || fflush(stdout) != 0)
		exit(EX_IOERR);
	exit(0);
}

static void
set_number(long *to, const char *option, const char *value, long low, long high)
{
	if (number_parse(value, low, high, to))
		return;
	if (high == LONG_MAX)
		usage(option, value, x_printf("not a number from %ld on", low));
	usage(option, value, x_printf("not a number from %ld to %ld", low, high));
}

static void
set_word(bool *to, const char *option, const char *value, const char *yes, const char *no)
{
	struct near near = {.word = value};

	if (strcmp(value, yes) != 0 && strcmp(value, no) != 0) {
		near_add(&near, yes);
		near_add(&near, no);
		usage(option, value, near_say(&near, "no such choice"));
	}
	*to = strcmp(value, yes) == 0;
}

static void
set_delay(struct settings *set, const char *value)
{
	const char *colon = strchr(value, ':');
	char *low = x_printf("%.*s", (int)strcspn(value, ":"), value);

	if (!seconds_parse(low, &set->delay_min) ||
	    !seconds_parse(colon != NULL ? colon + 1 : low, &set->delay_max) ||
	    set->delay_max < set->delay_min)
		usage("delay", value, "not MIN:MAX in seconds");
	free(low);
}

static char *
say_resource(const char *name)
{
	struct near near = {.word = name};

	for (size_t i = 0; resource_at(i) != NULL; i++)
		if (seed_is_countable(resource_at(i)->name))
			near_add(&near, resource_at(i)->name);
	return near_say(&near, "no such resource");
}

static void
set_records(struct settings *set, const char *value)
{
	char *name = x_printf("%.*s", (int)strcspn(value, "="), value);
	const char *number = strchr(value, '=');
	long n;

	if (resource_find(name) == NULL)
		usage("records", value, say_resource(name));
	if (!seed_is_countable(name) || number == NULL ||
	    !number_parse(number + 1, 0, 10000000, &n))
		usage("records", value, "not RESOURCE=N, or of a fixed number");
	json_object_set_new(set->records, name, json_integer(n));
	free(name);
}

static void
set_pms(struct settings *set, const char *value)
{
	size_t place = strcspn(value, "=");
	bool whole = memchr(value, '/', place) != NULL || strncmp(value, "*=", 2) == 0;
	char *office;

	if (place == 0 || value[place] == '\0' || value[place + 1] == '\0' ||
	    value[place + 1] == ':')
		usage("pms", value, "not OFFICE[/PRACTICE]=NAME[:VERSION]");
	office = x_printf("%.*s%s", (int)place, value, whole ? "" : "/1");
	json_put(set->systems, office, value + place + 1);
	free(office);
}

static void
set_tls(struct settings *set, const char *value)
{
	const char *colon = strchr(value, ':');
	char *certificate;

	if (colon == NULL || colon == value || colon[1] == '\0')
		usage("tls", value, "not CERT:KEY");
	certificate = x_printf("%.*s", (int)(colon - value), value);
	free(set->certificate);
	free(set->key);
	set->certificate = file_read(certificate);
	set->key = file_read(colon + 1);
	free(certificate);
}

static void
set_listen(struct settings *set, const char *value)
{
	struct in6_addr address;

	if (inet_pton(AF_INET, value, &address) != 1 && inet_pton(AF_INET6, value, &address) != 1)
		usage("listen", value, "no address such as 127.0.0.1, 0.0.0.0 or ::1");
	set->listen = value;
}

static void
set_fixtures(struct settings *set, const char *value)
{
	/* A wrong line is named by its number, which one file alone makes clear. */
	if (set->fixtures != NULL)
		usage("fixtures", value, "only one file can be given");
	set->fixtures = file_read(value);
}

static void
set_snapshot(struct settings *set, const char *value)
{
	char *text = file_read(value);

	json_decref(set->snapshot);
	set->snapshot = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	free(text);
	if (set->snapshot == NULL)
		usage("snapshot", value, "this file is no JSON");
}

/* Those that may change later, too. */
static void
set_changing(struct settings *set, const char *name, const char *value)
{
	const char *wrong = settings_set(set, name, value);

	if (wrong != NULL)
		usage(name, value, wrong);
}

static void
set_text(struct sim *sim, int option, const char *name, const char *value)
{
	struct settings *set = &sim->set;
	char *wrong;

	switch (option) {
	case O_DELAY:
		set_delay(set, value);
		break;
	case O_DIALECT:
		set_word(&set->brief, name, value, "brief", "documented");
		break;
	case O_APP_ID:
		set->app_id = value;
		break;
	case O_APP_KEY:
		set->app_key = value;
		break;
	case O_ROTATION:
		set_word(&set->rotation, name, value, "on", "off");
		break;
	case O_RECORDS:
		set_records(set, value);
		break;
	case O_TLS:
		set_tls(set, value);
		break;
	case O_LISTEN:
		set_listen(set, value);
		break;
	case O_FIXTURES:
		set_fixtures(set, value);
		break;
	case O_SNAPSHOT:
		set_snapshot(set, value);
		break;
	case O_SPU_OFFLINE:
		json_object_set_new(set->offline, value, json_true());
		break;
	case O_PMS:
		set_pms(set, value);
		break;
	case O_QUIRK:
		wrong = quirks_set(set, value);
		if (wrong != NULL)
			usage(name, value, wrong);
		break;
	case O_FAULT:
		wrong = faults_add(sim, value);
		if (wrong != NULL)
			usage(name, value, wrong);
		json_array_append_new(set->rules, json_string(value));
		break;
	default:
		set_changing(set, name, value);
	}
}

static void
set_option(struct sim *sim, int option, const char *name, const char *value)
{
	struct settings *set = &sim->set;

	if (value != NULL && is_blank(value))
		usage(name, value, "the value is empty (is a variable unset?)");
	switch (option) {
	case 'v':
		set->verbose = true;
		break;
	case 'h':
		print_and_exit(help_usage, help_text);
	case 'V':
		print_and_exit("sikka-sim ", version);
	case O_PORT:
		set_number(&set->port, name, value, 0, 65535);
		break;
	case O_LOG:
		set_number(&set->log, name, value, 0, 1000000);
		break;
	case O_SEED:
		set_number(&set->seed, name, value, 0, LONG_MAX);
		break;
	case O_TOKEN_LIFE:
		set_number(&set->token_life, name, value, 0, 1L << 31);
		break;
	case O_RATE_LIMIT:
		set_number(&set->rate_limit, name, value, 0, LONG_MAX);
		break;
	case O_RATE_WINDOW:
		set_number(&set->rate_window, name, value, 1, 1L << 31);
		break;
	case O_NO_LIMIT_HEADERS:
		set->limit_headers = false;
		break;
	case O_DAILY_REQUESTS:
		set_number(&set->daily_requests, name, value, 1, LONG_MAX);
		break;
	case O_DAILY_BYTES:
		set_number(&set->daily_bytes, name, value, 1, LONG_MAX);
		break;
	case O_OFFICES:
		set_number(&set->offices, name, value, 1, 100000);
		break;
	case O_PAGE_MAX:
		set_number(&set->page_max, name, value, 1, 5000);
		break;
	case O_NO_WRITEBACK_PERMISSION:
		set->writeback_permission = false;
		break;
	case O_NO_WRITEBACK_STATUS:
		set->writeback_status = false;
		break;
	case O_NO_WRITEBACK_LIST:
		set->writeback_list = false;
		break;
	case O_STRICT:
		set->strict = true;
		break;
	case O_AUTH_STATUS:
		set_number(&set->auth_status, name, value, 400, 401);
		break;
	default:
		set_text(sim, option, name, value);
	}
}

static void
defaults(struct settings *set)
{
	set->listen = "127.0.0.1";
	set->log = 1000;
	set->rules = json_array();
	set->seed = 1;
	set->delay_min = 15000;
	set->delay_max = 60000;
	set->app_id = "sikka-sim-app";
	set->app_key = "sikka-sim-key";
	set->token_life = 86400;
	set->rotation = true;
	set->rate_limit = 200;
	set->rate_window = 60;
	set->limit_headers = true;
	set->offices = 2;
	set->page_max = 5000;
	set->auth_status = 400;
	set->writeback_permission = true;
	set->writeback_status = true;
	set->writeback_list = true;
	set->records = json_object();
	set->offline = json_object();
	set->systems = json_object();
}

void
options_read(struct sim *sim, int argc, char **argv, const char *version_line)
{
	int option, index = 0;

	version = version_line;
	defaults(&sim->set);
	/* "-": operands are handed out where they stand; ":": getopt itself tells nothing. */
	while ((option = getopt_long(argc, argv, "-:hvV", options, &index)) != -1) {
		if (option == OPERAND)
			refuse_operand(optarg);
		if (option == '?' || option == ':')
			refuse_option(option, argv[optind - 1]);
		set_option(sim, option, options[index].name, optarg);
	}
	if (optind < argc)
		refuse_operand(argv[optind]);
}

static char *
say_office(const struct sim *sim, const char *place, const char *what)
{
	struct near near = {.word = place};

	for (int i = 0; i < sim->office_count; i++)
		near_add(&near, sim->offices[i].id);
	return near_say(&near, what);
}

static bool
is_practice(const struct sim *sim, const char *place)
{
	size_t n = strcspn(place, "/");
	char *id = x_printf("%.*s", (int)n, place);
	int office = state_office(sim, id);

	free(id);
	return office >= 0 && state_practice(&sim->offices[office], place + n + 1) != NULL;
}

/* A choice for an office or a practice that doesn't exist would have no effect: refuse it. */
void
options_check(const struct sim *sim)
{
	const char *place;
	json_t *system;

	json_object_foreach(sim->set.offline, place, system) if (state_office(sim, place) < 0)
	    usage("spu-offline", place, say_office(sim, place, "no such office"));
	json_object_foreach(sim->set.systems, place, system)
	{
		if (strcmp(place, "*") != 0 && !is_practice(sim, place))
			usage("pms", place, say_office(sim, place, "no such office or practice"));
	}
}
