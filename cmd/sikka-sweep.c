/* SPDX-License-Identifier: MIT */
/*
 * sikka-sweep: settles, withdraws, retries, warns, purges, copies. See sikka-sweep(1). A part that
 * fails doesn't keep the others from running.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/options.h"
#include "base/out.h"
#include "base/time.h"
#include "store/session.h"
#include "store/writebacks.h"
#include "commands/hand_over.h"
#include "commands/sweep.h"
#include "commands/sweep_named.h"

/* A practice answers within a minute or so: nothing younger is stuck. */
#define STUCK_LEAST (10 * SK_MINUTE)
/* In the documents' example a command takes ten minutes. */
#define REFRESH_WAIT (15 * SK_MINUTE)
#define MOST_COPIES 10000
#define ARCHIVE_LEAST \
	(30 * SK_DAY) /* longer than anything is looked for, or listed by the server */

enum option {
	OPTION_STUCK_AFTER = 256,
	OPTION_RETRY,
	OPTION_WITHDRAW,
	OPTION_RESOLVE,
	OPTION_ADOPT,
	OPTION_NOT_OURS,
	OPTION_ACK,
	OPTION_REDELIVER,
	OPTION_REFRESH_DATA,
	OPTION_WAIT,
	OPTION_NOTIFY,
	OPTION_NOTIFY_BATCH,
	OPTION_PURGE_AFTER,
	OPTION_PURGE_PATIENT,
	OPTION_ARCHIVE_AFTER,
	OPTION_BACKUP,
	OPTION_KEEP,
	OPTION_PAUSE,
	OPTION_RESUME,
	OPTION_AFTER_RESTORE,
	OPTION_ACCEPT_GAP,
	OPTION_MOVED,
	OPTION_UNCHECKED,
	OPTION_EXPORT_OFFICE,
	OPTION_IMPORT_OFFICE
};

static const struct sk_option option_table[] = {
    {OPTION_STUCK_AFTER, "stuck-after", "DURATION|auto",
	"withdraw what is pending for longer; auto: 6h, if the office's server was online"},
    {OPTION_RETRY, "retry", "[=ID|-]",
	"send again what failed for a temporary reason; or this request, or those of the records "
	"on stdin"},
    {OPTION_WITHDRAW, "withdraw", "ID|-",
	"withdraw this request, or those of the records on stdin"},
    {OPTION_RESOLVE, "resolve", "ID=OUTCOME",
	"settle an unknown request: a writeback's id, completed, failed, or withdrawn"},
    {OPTION_ADOPT, "adopt", "WRITEBACK|-",
	"we sent this writeback, which no request has; or the candidates of the records on stdin"},
    {OPTION_NOT_OURS, "not-ours", "WRITEBACK|-",
	"another program sent this writeback, or the candidates of the records on stdin"},
    {OPTION_ACK, "ack", "EVENT|-",
	"take this event, or those of the records on stdin, out of the outbox"},
    {OPTION_REDELIVER, "redeliver", "[=EVENT|-]",
	"deliver what waits or was set aside at once; or this event again, or those of the records "
	"on stdin"},
    {OPTION_REFRESH_DATA, "refresh-data", "OFFICE",
	"have this office's server refresh the data that reads show, and follow that"},
    {OPTION_WAIT, "wait", "DURATION", "with --refresh-data, follow it for so long at most (15m)"},
    {OPTION_NOTIFY, "notify", "COMMAND",
	"pass each event of the outbox to this command, as JSON on its stdin"},
    {OPTION_NOTIFY_BATCH, "notify-batch", NULL,
	"with --notify: run the command once, with all events, a line each"},
    {OPTION_PURGE_AFTER, "purge-after", "DURATION",
	"clear patients' data of requests that ended longer ago"},
    {OPTION_PURGE_PATIENT, "purge-patient", "OFFICE/ID",
	"clear what is held of this patient, and name the copies that may hold it"},
    {OPTION_ARCHIVE_AFTER, "archive-after", "DURATION",
	"write requests that ended longer ago to FILE, and take them out"},
    {OPTION_BACKUP, "backup", "FILE", "check the state file and copy it there"},
    {OPTION_KEEP, "keep", "N", "with --backup, keep so many copies, each named by its time"},
    {OPTION_PAUSE, "pause", "[=OFFICE]",
	"send nothing new, for this office or for all, until it is resumed; reads go on"},
    {OPTION_RESUME, "resume", "[=OFFICE]", "end that --pause: requests are sent again"},
    {OPTION_AFTER_RESTORE, "after-restore", NULL,
	"an older copy of the state file was put back: add what it lacks from the server's lists"},
    {OPTION_ACCEPT_GAP, "accept-gap", NULL,
	"with --after-restore, go on although the lists can't show all that was sent"},
    {OPTION_MOVED, "moved", NULL,
	"the state file was moved here, and nothing was sent since: go on with it"},
    {OPTION_UNCHECKED, "unchecked", NULL,
	"believe --resolve, --adopt and --not-ours where the list leaves it open, and --retry=ID "
	"where the practice's data are too old; don't compare --moved with the list"},
    {OPTION_EXPORT_OFFICE, "export-office", "OFFICE",
	"give this office away to another host, with its requests: writes them, and sends no more"},
    {OPTION_IMPORT_OFFICE, "import-office", "FILE|-",
	"take over the offices that another host has exported to this file, or those on stdin"},
    {0, NULL, NULL, NULL},
};

static const struct sk_command command = {
    .name = "sikka-sweep",
    .synopsis =
	(const char *const[]){
	    "[-nqv] [-D FILE] [-O OFFICE] [-F FORMAT] [--stuck-after DURATION|auto] "
	    "[--retry[=ID|-]] "
	    "[--withdraw ID|-] [--resolve ID=OUTCOME] [--adopt WRITEBACK|-] "
	    "[--not-ours WRITEBACK|-] [--ack EVENT|-] [--redeliver[=EVENT|-]] "
	    "[--refresh-data OFFICE] [--wait DURATION] [--notify COMMAND] [--notify-batch] "
	    "[--purge-after DURATION] [--purge-patient OFFICE/ID] "
	    "[--archive-after DURATION FILE] [--backup FILE] [--keep N] "
	    "[--pause[=OFFICE]] "
	    "[--resume[=OFFICE]] [--after-restore] [--accept-gap] [--moved] [--unchecked]",
	    "[-qv] [-D FILE] --export-office OFFICE",
	    "[-qv] [-D FILE] [--unchecked] --import-office FILE|-", NULL},
    .summary =
	"Clean up: find lost requests, withdraw stuck ones, retry, warn, delete old data, back up.",
    .options = option_table,
    .examples =
	(const char *const[]){"sikka-sweep -n", "sikka-sweep --stuck-after 24h --retry", NULL},
    .has_dry_run = 1,
    .has_office = 1,
};

struct arguments {
	struct sk_sweep_options options;
	struct sk_sweep_named named; /* where these come from stdin */
	bool has_wait;
	struct sk_hand_over_asked hand_over;
};

static int
take_stuck_after(struct sk_sweep_options *options, const char *value, struct sk_error *err)
{
	options->stuck = strcmp(value, "auto") == 0 ? SK_STUCK_AUTO : SK_STUCK_BY_AGE;
	return options->stuck == SK_STUCK_AUTO
	    ? 0
	    : sk_options_age("--stuck-after", value, STUCK_LEAST, &options->stuck_after, err);
}

static int
add_office(const char ***offices, size_t *n, const char *office_id)
{
	*offices = sk_mem_resize(*offices, *n + 1, sizeof(**offices));
	(*offices)[(*n)++] = office_id;
	return 0;
}

/* An office, or without a value all of them. */
static int
take_scope(struct sk_scopes *scopes, const char *office_id)
{
	if (office_id != NULL)
		return add_office(&scopes->offices, &scopes->n, office_id);
	scopes->all = true;
	return 0;
}

static int
take_keep(struct sk_sweep_options *options, const char *value, struct sk_error *err)
{
	char *end;
	long n = strtol(value, &end, 10);

	if (*value < '0' || *value > '9' || *end != '\0' || n < 1 || n > MOST_COPIES)
		return sk_error_set(err, SK_EXIT_USAGE,
		    "--keep: \"%s\" isn't a number of copies from 1 to %d", value, MOST_COPIES);
	options->keep = (int)n;
	return 0;
}

/* The options that name requests, events or writebacks; SK_NAMES_NOTHING: it is another option. */
static enum sk_names
names_of(int letter)
{
	switch (letter) {
	case OPTION_WITHDRAW:
		return SK_NAMES_WITHDRAWN;
	case OPTION_ADOPT:
		return SK_NAMES_ADOPTED;
	case OPTION_NOT_OURS:
		return SK_NAMES_NOT_OURS;
	case OPTION_ACK:
		return SK_NAMES_ACKNOWLEDGED;
	case OPTION_RETRY:
		return SK_NAMES_RETRIED;
	case OPTION_REDELIVER:
		return SK_NAMES_REDELIVERED;
	default:
		return SK_NAMES_NOTHING;
	}
}

/* What an option without a value sets to 1; NULL: it is another option. */
static int *
flag_of(struct sk_sweep_options *options, int letter)
{
	switch (letter) {
	case OPTION_NOTIFY_BATCH:
		return &options->notify_batch;
	case OPTION_AFTER_RESTORE:
		return &options->after_restore;
	case OPTION_ACCEPT_GAP:
		return &options->accept_gap;
	case OPTION_MOVED:
		return &options->moved;
	case OPTION_UNCHECKED:
		return &options->unchecked;
	default:
		return NULL;
	}
}

/* Where the value of an option is kept as it was given; NULL: it is another option. */
static const char **
text_of(struct arguments *arguments, int letter)
{
	switch (letter) {
	case OPTION_NOTIFY:
		return &arguments->options.notify;
	case OPTION_BACKUP:
		return &arguments->options.backup;
	case OPTION_EXPORT_OFFICE:
		return &arguments->hand_over.exported;
	case OPTION_IMPORT_OFFICE:
		return &arguments->hand_over.imported;
	default:
		return NULL;
	}
}

/* The options whose values are read. */
static int
take_value(struct arguments *arguments, int letter, const char *value, struct sk_error *err)
{
	struct sk_sweep_options *options = &arguments->options;

	switch (letter) {
	case OPTION_STUCK_AFTER:
		return take_stuck_after(options, value, err);
	case OPTION_RESOLVE:
		return sk_sweep_name_resolution(options, value, err);
	case OPTION_REFRESH_DATA:
		return add_office(&options->refreshed, &options->n_refreshed, value);
	case OPTION_PAUSE:
		return take_scope(&options->pause, value);
	case OPTION_RESUME:
		return take_scope(&options->resume, value);
	case OPTION_WAIT:
		arguments->has_wait = true;
		return sk_options_duration("--wait", value, 0, &options->refresh_wait, err);
	case OPTION_PURGE_AFTER:
		return sk_options_age("--purge-after", value, SK_HOUR, &options->purge_after, err);
	case OPTION_PURGE_PATIENT:
		return sk_sweep_name_patient(options, value, err);
	case OPTION_ARCHIVE_AFTER:
		return sk_options_age("--archive-after", value, ARCHIVE_LEAST,
		    &options->archive_after, err);
	case OPTION_KEEP:
		return take_keep(options, value, err);
	default:
		return sk_options_unhandled(letter, err);
	}
}

static int
take_option(void *arg, int letter, const char *value, struct sk_error *err)
{
	struct arguments *arguments = arg;
	enum sk_names names = names_of(letter);
	int *flag = flag_of(&arguments->options, letter);
	const char **text = text_of(arguments, letter);

	arguments->hand_over.n_options++;
	if (names != SK_NAMES_NOTHING)
		return sk_sweep_name(&arguments->options, &arguments->named, names, value, err);
	if (flag != NULL)
		*flag = 1;
	else if (text != NULL)
		*text = value;
	else
		return take_value(arguments, letter, value, err);
	return 0;
}

static bool
has_scope(const struct sk_scopes *scopes)
{
	return scopes->all || scopes->n > 0;
}

/* n_offices: of -O. */
static int
check_options(const struct arguments *arguments, size_t n_offices, struct sk_error *err)
{
	const struct sk_sweep_options *options = &arguments->options;

	if (options->moved && options->after_restore)
		return sk_error_set(err, SK_EXIT_USAGE,
		    "a state file was moved, or restored: --moved and --after-restore exclude each "
		    "other");
	if (options->unchecked && !options->moved && options->n_resolve == 0 &&
	    options->retry_named.n == 0 && arguments->named.on_stdin != SK_NAMES_RETRIED &&
	    options->adopt.n == 0 && options->not_ours.n == 0 &&
	    arguments->named.on_stdin != SK_NAMES_ADOPTED &&
	    arguments->named.on_stdin != SK_NAMES_NOT_OURS)
		return sk_error_set(err, SK_EXIT_USAGE,
		    "--unchecked can only be used with --moved, --resolve, --retry=ID, --adopt and "
		    "--not-ours");
	if ((has_scope(&options->pause) || has_scope(&options->resume)) && n_offices > 0)
		return sk_error_set(err, SK_EXIT_USAGE,
		    "--pause and --resume don't heed -O: name the office with --pause=OFFICE or "
		    "--resume=OFFICE");
	if (options->archive_after != 0 && options->archive == NULL)
		return sk_error_set(err, SK_EXIT_USAGE,
		    "--archive-after: which file? --archive-after 400d FILE");
	if (arguments->named.has_two_readers)
		return sk_error_set(err, SK_EXIT_USAGE,
		    "only one of --withdraw -, --retry=-, --adopt -, --not-ours -, --ack - and "
		    "--redeliver=- can read stdin");
	if (arguments->has_wait && options->n_refreshed == 0)
		return sk_error_set(err, SK_EXIT_USAGE,
		    "--wait can only be used with --refresh-data");
	if (options->notify_batch && options->notify == NULL)
		return sk_error_set(err, SK_EXIT_USAGE,
		    "--notify-batch can only be used with --notify");
	if (options->keep > 0 && options->backup == NULL)
		return sk_error_set(err, SK_EXIT_USAGE, "--keep can only be used with --backup");
	if (options->accept_gap && !options->after_restore)
		return sk_error_set(err, SK_EXIT_USAGE,
		    "--accept-gap can only be used with --after-restore");
	return 0;
}

static void
free_arguments(struct arguments *arguments)
{
	sk_sweep_named_fini(&arguments->options);
	free(arguments->options.resolve);
	free(arguments->options.refreshed);
	for (size_t i = 0; i < arguments->options.n_erased; i++)
		free(arguments->options.erased[i].office_id);
	free(arguments->options.erased);
	free(arguments->options.pause.offices);
	free(arguments->options.resume.offices);
}

static const struct sk_column dry_columns[] = {{"would", 1, false, 0}, {"id", 1, false, 0},
    {"office_id", 2, false, 0}, {"operation", 3, false, 0}, {"key", 6, false, 0},
    {"date", 7, false, 0}, {"time", 7, false, 0}, {"patient_id", 8, false, 0},
    {"result", 4, false, 0}, {"error_code", 5, false, 0}, {"event", 2, false, 0},
    {"text", 1, true, 0}, {0}};

int
main(int argc, char **argv)
{
	struct arguments arguments = {.options.refresh_wait = REFRESH_WAIT};
	struct sk_common common;
	struct sk_session session = {0};
	struct sk_error err = {0};
	char hint[SK_OPTIONS_HINT];
	int first = sk_options_parse(&command, argc, argv, &common, take_option, &arguments);
	enum sk_exit exit = SK_EXIT_OK;

	if (common.dry_run)
		sk_out_columns(dry_columns);
	if (arguments.options.archive_after != 0 && first < argc)
		arguments.options.archive = argv[first++];
	if (first < argc)
		sk_error_set(&err, SK_EXIT_USAGE, "sikka-sweep takes no operands%s",
		    sk_options_attached_hint(&common, argv[first], hint));
	if (err.code == 0 && sk_hand_over_is_asked(&arguments.hand_over)) {
		arguments.hand_over.unchecked = arguments.options.unchecked;
		if (sk_hand_over_check(&arguments.hand_over, &common, &err) == 0 &&
		    sk_session_open(&session, &common, SK_STORE_WRITE, &err) == 0)
			sk_hand_over_run(&session, &arguments.hand_over, &err);
	} else if (err.code == 0 && check_options(&arguments, common.n_offices, &err) == 0 &&
	    sk_sweep_read_named(&arguments.options, &arguments.named, &err) == 0 &&
	    sk_session_open(&session, &common, common.dry_run ? SK_STORE_REHEARSE : SK_STORE_WRITE,
		&err) == 0)
		exit = sk_sweep(&session, &arguments.options, &err);
	sk_session_close(&session);
	free_arguments(&arguments);
	return sk_options_end(&common, exit, &err);
}
