/* SPDX-License-Identifier: MIT */
/*
 * sikka-status: the whole state at a glance, without asking the server. See sikka-status(1). With
 * --check even a state that can't be read is a line for the monitor.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/nearest.h"
#include "base/options.h"
#include "base/out.h"
#include "base/publish.h"
#include "base/terminal.h"
#include "base/time.h"
#include "life/ledger.h"
#include "commands/glance.h"
#include "commands/max_age.h"
#include "commands/report.h"
#include "commands/status.h"
#include "commands/troubles.h"

enum option {
	OPTION_WRITEBACKS = 256,
	OPTION_STATE,
	OPTION_SINCE,
	OPTION_KEY,
	OPTION_WRITEBACK_ID,
	OPTION_APPOINTMENT,
	OPTION_PATIENT,
	OPTION_ERROR,
	OPTION_WITH_BODY,
	OPTION_HISTORY,
	OPTION_RUNS,
	OPTION_EVENTS,
	OPTION_SHARE,
	OPTION_METRICS,
	OPTION_CHECK,
	OPTION_MAX_AGE,
	OPTION_GLANCE,
	OPTION_WATCH
};

#define WATCH_EVERY (5 * SK_SECOND)

static const struct sk_option option_table[] = {
    {OPTION_WRITEBACKS, "writebacks", NULL, "show the records of requests, newest last"},
    {OPTION_STATE, "state", "STATE",
	"only those in this state: queued, submitting, pending, unknown, completed, failed or "
	"withdrawn; may be given several times"},
    {OPTION_SINCE, "since", "WHEN", "only those handed in, or events or changes made, since then"},
    {OPTION_KEY, "key", "KEY", "only requests with this key of yours"},
    {OPTION_WRITEBACK_ID, "writeback-id", "N", "only the request with this writeback_id"},
    {OPTION_APPOINTMENT, "appointment", "N", "only requests that made or concern this appointment"},
    {OPTION_PATIENT, "patient", "N", "only requests that made or concern this patient"},
    {OPTION_ERROR, "error", "CODE", "only requests with this error_code"},
    {OPTION_WITH_BODY, "with-body", NULL, "show the request's body in its record"},
    {OPTION_HISTORY, "history", NULL, "show what has happened to requests, and who did it"},
    {OPTION_RUNS, "runs", NULL, "show who has changed something, and when"},
    {OPTION_EVENTS, "events", NULL, "show what is told to a person, and what became of that"},
    {OPTION_SHARE, "share", NULL, "show which host of a fleet works for which office"},
    {OPTION_METRICS, "metrics", "[=FILE]", "numbers in Prometheus's text format (stdout)"},
    {OPTION_CHECK, "check", NULL, "judge the state: lines and an exit code for Nagios"},
    {OPTION_MAX_AGE, "max-age", "TASK=AGE",
	"when a task is late: authorize, refresh, poll, sweep, notify or backup; may be given "
	"several times"},
    {OPTION_GLANCE, "glance", NULL, "the state on one screen, also where there is no terminal"},
    {OPTION_WATCH, "watch", "[=DURATION]",
	"draw that screen again and again (every 5 s) until Ctrl-C"},
    {0, NULL, NULL, NULL},
};

static const struct sk_command command = {
    .name = "sikka-status",
    .synopsis = (const char *const[]){"[-qv] [-D FILE] [-O OFFICE] [-F FORMAT]",
	"[-qv] [-D FILE] [-O OFFICE] [-F FORMAT] --writebacks [--state STATE] [--since WHEN] "
	"[--key KEY] [--writeback-id N] [--appointment N] [--patient N] [--error CODE] "
	"[--with-body] [ID ...]",
	"[-qv] [-D FILE] [-O OFFICE] [-F FORMAT] --history [--state STATE] [--since WHEN] "
	"[--key KEY] [--writeback-id N] [--appointment N] [--patient N] [--error CODE] [ID ...]",
	"[-qv] [-D FILE] [-O OFFICE] [-F FORMAT] --events [--since WHEN]",
	"[-qv] [-D FILE] [-O OFFICE] [-F FORMAT] --runs [--since WHEN]",
	"[-qv] [-D FILE] [-O OFFICE] [-F FORMAT] --share [OFFICE ...]",
	"[-qv] [-D FILE] [-O OFFICE] --format html [--max-age TASK=AGE]",
	"[-qv] [-D FILE] [-O OFFICE] --metrics[=FILE] [--max-age TASK=AGE]",
	"[-qv] [-D FILE] [-O OFFICE] --check [--max-age TASK=AGE]",
	"[-qv] [-D FILE] [-O OFFICE] --glance | --watch[=DURATION] [--max-age TASK=AGE]", NULL},
    .summary = "Show the whole state, without asking the server.",
    .options = option_table,
    .examples = (const char *const[]){"sikka-status --writebacks --state unknown -F table",
	"sikka-status --check", NULL},
    .has_office = 1,
    .has_html = true,
};

struct arguments {
	int writebacks, history, runs, events, share, metrics, check, glance, watch, has_ages;
	int64_t watch_every;
	struct sk_max_age ages;
	const char *metrics_file; /* NULL: stdout */
	struct sk_status_list list;
	int64_t *ids;
	char **offices; /* of --share; borrowed from argv */
	size_t n_offices;
};

static int
add_state(struct arguments *arguments, const char *value, struct sk_error *err)
{
	enum sk_state state = sk_state_find(value);
	struct sk_near near = {.word = value};
	char hint[SK_NEAREST_HINT];

	if (state != SK_NONE) {
		arguments->list.states |= SK_MASK(state);
		return 0;
	}
	for (int i = SK_QUEUED; i < SK_STATES; i++)
		sk_near_add(&near, sk_state_name((enum sk_state)i),
		    strlen(sk_state_name((enum sk_state)i)));
	return sk_error_set(err, SK_EXIT_USAGE,
	    "--state: there is no state '%s'%s; the states are queued, submitting, pending, "
	    "unknown, completed, failed and withdrawn",
	    value, sk_nearest_hint(near.name, hint));
}

/* What an option that selects requests by a text sets. */
static const char **
filter_of(struct sk_status_list *list, enum option option)
{
	return option == OPTION_KEY         ? &list->key
	    : option == OPTION_WRITEBACK_ID ? &list->writeback_id
	    : option == OPTION_APPOINTMENT  ? &list->appointment
	    : option == OPTION_PATIENT      ? &list->patient
					    : &list->error_code;
}

static int
take_option(void *arg, int letter, const char *value, struct sk_error *err)
{
	struct arguments *arguments = arg;
	int64_t age;

	switch ((enum option)letter) {
	case OPTION_WRITEBACKS:
		arguments->writebacks = 1;
		return 0;
	case OPTION_STATE:
		return add_state(arguments, value, err);
	case OPTION_SINCE:
		return sk_options_when("--since", value, &age, &arguments->list.since, err);
	case OPTION_KEY:
	case OPTION_WRITEBACK_ID:
	case OPTION_APPOINTMENT:
	case OPTION_PATIENT:
	case OPTION_ERROR:
		*filter_of(&arguments->list, (enum option)letter) = value;
		return 0;
	case OPTION_WITH_BODY:
		arguments->list.with_body = 1;
		return 0;
	case OPTION_HISTORY:
		arguments->history = 1;
		return 0;
	case OPTION_RUNS:
		arguments->runs = 1;
		return 0;
	case OPTION_EVENTS:
		arguments->events = 1;
		return 0;
	case OPTION_SHARE:
		arguments->share = 1;
		return 0;
	case OPTION_METRICS:
		arguments->metrics = 1;
		arguments->metrics_file = value;
		return 0;
	case OPTION_CHECK:
		arguments->check = 1;
		return 0;
	case OPTION_GLANCE:
		arguments->glance = 1;
		return 0;
	case OPTION_WATCH:
		arguments->watch = 1;
		return value == NULL ? 0
				     : sk_options_duration("--watch", value, SK_SECOND,
					   &arguments->watch_every, err);
	case OPTION_MAX_AGE:
		arguments->has_ages = 1;
		return sk_max_age_take(&arguments->ages, value, err);
	}
	return sk_options_unhandled(letter, err);
}

static int
add_id(struct arguments *arguments, const char *text, struct sk_error *err)
{
	size_t digits = strspn(text, "0123456789");
	int64_t id;

	errno = 0;
	id = strtoll(text, NULL, 10);
	if (digits == 0 || text[digits] != '\0' || id == 0 || errno == ERANGE)
		return sk_error_set(err, SK_EXIT_USAGE, "\"%s\" isn't the id of a request", text);
	arguments->ids =
	    sk_mem_resize(arguments->ids, arguments->list.n_ids + 1, sizeof(*arguments->ids));
	arguments->ids[arguments->list.n_ids++] = id;
	arguments->list.ids = arguments->ids;
	return 0;
}

/* --key and the like can only mean the records of requests, unless their history is wanted. */
static void
choose_requests(struct arguments *arguments)
{
	const struct sk_status_list *list = &arguments->list;
	bool is_filtered = list->key != NULL || list->writeback_id != NULL ||
	    list->appointment != NULL || list->patient != NULL || list->error_code != NULL;

	if (is_filtered && !arguments->history)
		arguments->writebacks = 1;
	arguments->list.is_history = arguments->history;
}

/* How many things are asked for, beside the overview; more than one exclude each other. */
static int
count_wishes(const struct arguments *arguments)
{
	return arguments->writebacks + arguments->history + arguments->runs + arguments->events +
	    arguments->share + arguments->metrics + arguments->check + arguments->glance +
	    arguments->watch;
}

/* The page is about everything: nothing else can be asked for with it. */
static int
check_page(const struct arguments *arguments, int n, struct sk_error *err)
{
	const struct sk_status_list *list = &arguments->list;

	if (count_wishes(arguments) > 0 || list->states != 0 || list->since != 0 ||
	    list->with_body || n > 0)
		return sk_error_set(err, SK_EXIT_USAGE,
		    "-F html is one page about the whole state: only -D, -O and --max-age can be "
		    "used with it");
	return 0;
}

static int
check_arguments(struct arguments *arguments, const struct sk_common *common, char **operands, int n,
    struct sk_error *err)
{
	const struct sk_status_list *list = &arguments->list;
	bool is_of_requests;
	char hint[SK_OPTIONS_HINT];

	choose_requests(arguments);
	if (common->format == SK_FORMAT_HTML)
		return check_page(arguments, n, err);
	is_of_requests = arguments->writebacks || arguments->history;
	if (count_wishes(arguments) > 1)
		return sk_error_set(err, SK_EXIT_USAGE,
		    "--writebacks, --history, --runs, --events, --share, --metrics, --check, "
		    "--glance and --watch exclude each other, and --key, --writeback-id, "
		    "--appointment, --patient and --error are of "
		    "the first two");
	if (!is_of_requests && list->states != 0)
		return sk_error_set(err, SK_EXIT_USAGE,
		    "--state can only be used with --writebacks and --history");
	if (!arguments->writebacks && list->with_body)
		return sk_error_set(err, SK_EXIT_USAGE,
		    "--with-body can only be used with --writebacks");
	if (!is_of_requests && !arguments->events && !arguments->runs && list->since != 0)
		return sk_error_set(err, SK_EXIT_USAGE,
		    "--since can only be used with --writebacks, --history, --events and --runs");
	if (!arguments->check && !arguments->metrics && !arguments->glance && !arguments->watch &&
	    arguments->has_ages)
		return sk_error_set(err, SK_EXIT_USAGE,
		    "--max-age can only be used with --check, --metrics, --glance or --watch");
	if (arguments->share) {
		arguments->offices = operands;
		arguments->n_offices = (size_t)n;
		return 0;
	}
	if (!is_of_requests && n > 0)
		return sk_error_set(err, SK_EXIT_USAGE,
		    "ids can only be used with --writebacks and --history%s",
		    sk_options_attached_hint(common, operands[0], hint));
	for (int i = 0; i < n; i++)
		if (add_id(arguments, operands[i], err) != 0)
			return -1;
	return 0;
}

static void
tell_text(char *text, struct sk_error *err)
{
	sk_out_text(text, err);
	free(text);
}

static void
tell_overview(const struct sk_status *status, struct sk_error *err)
{
	json_t *record;

	if (sk_out_chosen_format() == SK_FORMAT_TABLE) {
		tell_text(sk_status_text(status, sk_out_wants_colour()), err);
		return;
	}
	record = sk_status_json(status);
	sk_out_record(record, err);
	json_decref(record);
}

static void
warn_of(const struct sk_session *session, const struct sk_status *status)
{
	sk_copy_warn(session);
	if (status->stranger != NULL)
		sk_out_warn("office %s isn't known here: sikka-status shows those that are",
		    status->stranger);
}

/* A person who said nothing of the form sees one screen; whoever says "table" gets all of it. */
static bool
wants_glance(const struct sk_session *session, const struct arguments *arguments)
{
	return arguments->glance ||
	    (sk_terminal_is_there() && !session->common->has_format &&
		session->config.format_text == NULL);
}

static void
tell_status(struct sk_session *session, const struct arguments *arguments, struct sk_error *err)
{
	struct sk_status status;

	if (wants_glance(session, arguments)) {
		sk_glance(session, &arguments->ages, err);
		return;
	}

	if (sk_status_read(session, &status, err) != 0)
		return;
	warn_of(session, &status);
	tell_overview(&status, err);
	sk_status_fini(&status);
}

/* If the state can't be read, the metrics say so, too: a monitor that reads them sees nothing else. */
static void
tell_metrics(struct sk_session *session, const struct sk_common *common,
    const struct arguments *arguments, struct sk_error *err)
{
	struct sk_troubles troubles = {0};
	struct sk_status status = {0};
	struct sk_error why = {0};
	bool is_read =
	    sk_troubles_look(session, common, &arguments->ages, &status, &troubles, &why);
	char *text;

	if (is_read) {
		warn_of(session, &status);
		is_read = sk_status_read_ends(session, &status, &why) == 0;
	}
	text = sk_status_metrics(is_read ? &status : NULL, &troubles, &arguments->ages);
	if (arguments->metrics_file == NULL)
		sk_out_text(text, err);
	else
		sk_publish(arguments->metrics_file, text, err);
	if (err->code == 0)
		*err = why;
	free(text);
	sk_troubles_fini(&troubles);
	sk_status_fini(&status);
}

/*
 * If the state can't be read, the monitor's line says why, as the monitor reads nothing else. Returns
 * the monitor's code, which is the exit code as well.
 */
static enum sk_exit
check(struct sk_session *session, const struct sk_common *common, const struct sk_max_age *ages,
    struct sk_error *err)
{
	struct sk_troubles troubles = {0};
	struct sk_status status = {0};
	struct sk_error why = {0};
	bool is_read = sk_troubles_look(session, common, ages, &status, &troubles, &why);
	enum sk_monitor_code verdict;
	char *lines;

	verdict = sk_monitor(is_read ? &status : NULL, &troubles, &lines);
	tell_text(lines, err);
	sk_troubles_fini(&troubles);
	sk_status_fini(&status);
	return (enum sk_exit)verdict;
}

static const struct sk_column *
columns_of(const struct arguments *arguments)
{
	if (arguments->events)
		return SK_STATUS_EVENT_COLUMNS;
	if (arguments->runs)
		return SK_STATUS_RUN_COLUMNS;
	if (arguments->share)
		return SK_STATUS_SHARE_COLUMNS;
	return arguments->history ? SK_STATUS_HISTORY_COLUMNS : SK_LEDGER_COLUMNS;
}

/* The records of many things, or the overview. Returns the exit code, unless there is an error. */
static enum sk_exit
tell_records(struct sk_session *session, const struct arguments *arguments, struct sk_error *err)
{
	const struct sk_status_list *list = &arguments->list;

	if (!arguments->writebacks && !arguments->history && !arguments->events &&
	    !arguments->runs && !arguments->share) {
		tell_status(session, arguments, err);
		return SK_EXIT_OK;
	}
	sk_out_buffered(1);
	sk_copy_warn(session);
	if (arguments->writebacks || arguments->history)
		return sk_status_list(session, list, err);
	if (arguments->share)
		sk_status_share(session, arguments->offices, arguments->n_offices, err);
	else if (arguments->events)
		sk_status_events(session, list->since, err);
	else
		sk_status_runs(session, list->since, err);
	return SK_EXIT_OK;
}

int
main(int argc, char **argv)
{
	struct arguments arguments = {.watch_every = WATCH_EVERY};
	struct sk_common common;
	struct sk_session session = {0};
	struct sk_error err = {0};
	enum sk_exit exit = SK_EXIT_OK;
	int first;

	sk_max_age_begin(&arguments.ages);
	first = sk_options_parse(&command, argc, argv, &common, take_option, &arguments);
	sk_out_columns(columns_of(&arguments));
	if (check_arguments(&arguments, &common, argv + first, argc - first, &err) == 0) {
		if (arguments.check)
			exit = check(&session, &common, &arguments.ages, &err);
		else if (common.format == SK_FORMAT_HTML)
			sk_report(&session, &common, &arguments.ages, &err);
		else if (arguments.metrics)
			tell_metrics(&session, &common, &arguments, &err);
		else if (arguments.watch)
			sk_glance_watch(&common, &arguments.ages, arguments.watch_every, &err);
		else if (sk_session_open(&session, &common, SK_STORE_READ, &err) == 0 &&
		    (arguments.n_offices > 0 || sk_session_need_store(&session, &err) == 0))
			exit = tell_records(&session, &arguments, &err);
	}
	sk_session_close(&session);
	free(arguments.ids);
	return sk_options_end(&common, exit, &err);
}
