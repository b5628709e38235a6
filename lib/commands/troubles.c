/* SPDX-License-Identifier: MIT */
/*
 * troubles: judges the state that was read, and why it couldn't be read. Each text ends with what to do about
 * it, since the text is all that reaches who is called at night.
 */
#include "commands/troubles.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/time.h"
#include "store/beside.h"
#include "api/codes.h"
#include "calls/rate.h"

#define SOON (30 * SK_MINUTE)
#define UNDELIVERED_MOST SK_HOUR
#define NAMED 3 /* how many offices are named; the others are counted */

#define SWEEP "run: sikka-sweep; what remains: sikka-sweep -n"

/* clang-format off */
static const struct {
	const char *name;
	enum sk_monitor_code severity;
	enum sk_exit exit;
} kinds[SK_TROUBLES] = {
	[SK_TROUBLE_LOST] =            {"state_file_lost",         SK_MONITOR_CRITICAL, SK_EXIT_CONFIG},
	[SK_TROUBLE_OLDER_COPY] =      {"older_copy",              SK_MONITOR_CRITICAL, SK_EXIT_TRY_LATER},
	[SK_TROUBLE_FILE] =            {"file_unusable",           SK_MONITOR_CRITICAL, SK_EXIT_NOT_AUTHORIZED},
	[SK_TROUBLE_APP_REFUSED] =     {"application_refused",     SK_MONITOR_CRITICAL, SK_EXIT_NOT_AUTHORIZED},
	[SK_TROUBLE_DAILY_LIMIT] =     {"daily_limit",             SK_MONITOR_CRITICAL, SK_EXIT_TRY_LATER},
	[SK_TROUBLE_UNKNOWN_LONG] =    {"unknown_long",            SK_MONITOR_CRITICAL, SK_EXIT_UNKNOWN},
	[SK_TROUBLE_SUBMITTING_LONG] = {"submitting_long",         SK_MONITOR_CRITICAL, SK_EXIT_UNKNOWN},
	[SK_TROUBLE_ABANDONED] =       {"requests_not_authorized", SK_MONITOR_CRITICAL, SK_EXIT_NOT_AUTHORIZED},
	[SK_TROUBLE_HELD] =            {"requests_held",           SK_MONITOR_CRITICAL, SK_EXIT_NOT_AUTHORIZED},
	[SK_TROUBLE_KEY_EXPIRED] =     {"key_expired",             SK_MONITOR_CRITICAL, SK_EXIT_NOT_AUTHORIZED},
	[SK_TROUBLE_SET_ASIDE] =       {"events_set_aside",        SK_MONITOR_CRITICAL, SK_EXIT_FAILED},
	[SK_TROUBLE_UNREADABLE] =      {"state_unreadable",        SK_MONITOR_UNKNOWN,  SK_EXIT_OK},
	[SK_TROUBLE_STRANGER] =        {"office_not_known",        SK_MONITOR_UNKNOWN,  SK_EXIT_NOT_AUTHORIZED},
	[SK_TROUBLE_PAUSED] =          {"paused",                  SK_MONITOR_WARNING,  SK_EXIT_TRY_LATER},
	[SK_TROUBLE_UNKNOWN] =         {"unknown",                 SK_MONITOR_WARNING,  SK_EXIT_UNKNOWN},
	[SK_TROUBLE_SUBMITTING] =      {"submitting",              SK_MONITOR_WARNING,  SK_EXIT_UNKNOWN},
	[SK_TROUBLE_PENDING_LONG] =    {"pending_long",            SK_MONITOR_WARNING,  SK_EXIT_PENDING},
	[SK_TROUBLE_WITHDREW] =        {"office_withdrew",         SK_MONITOR_WARNING,  SK_EXIT_NOT_AUTHORIZED},
	[SK_TROUBLE_REVOKED] =         {"office_revoked",          SK_MONITOR_WARNING,  SK_EXIT_NOT_AUTHORIZED},
	[SK_TROUBLE_REAUTHORIZE] =     {"office_reauthorize",      SK_MONITOR_WARNING,  SK_EXIT_NOT_AUTHORIZED},
	[SK_TROUBLE_SUSPECT] =         {"office_suspect",          SK_MONITOR_WARNING,  SK_EXIT_NOT_AUTHORIZED},
	[SK_TROUBLE_TASK_LATE] =       {"task_late",               SK_MONITOR_WARNING,  SK_EXIT_FAILED},
	[SK_TROUBLE_KEY_ENDING] =      {"key_ending",              SK_MONITOR_WARNING,  SK_EXIT_FAILED},
	[SK_TROUBLE_UNDELIVERED] =     {"events_undelivered",      SK_MONITOR_WARNING,  SK_EXIT_FAILED},
};
/* clang-format on */

const char *
sk_trouble_name(enum sk_trouble_kind kind)
{
	return kinds[kind].name;
}

enum sk_monitor_code
sk_trouble_severity(enum sk_trouble_kind kind)
{
	return kinds[kind].severity;
}

enum sk_exit
sk_trouble_exit(enum sk_trouble_kind kind)
{
	return kinds[kind].exit;
}

/* The text is taken. */
static void
add(struct sk_troubles *troubles, enum sk_trouble_kind kind, char *text)
{
	size_t at = troubles->n;

	troubles->list =
	    sk_mem_grow(troubles->list, troubles->n + 1, &troubles->room, sizeof(*troubles->list));
	for (; at > 0 && troubles->list[at - 1].kind > kind; at--)
		troubles->list[at] = troubles->list[at - 1];
	troubles->list[at] = (struct sk_trouble){.kind = kind, .text = text};
	troubles->n++;
}

/* --- requests ---------------------------------------------------------------------------------- */

static int64_t
older(const struct sk_status_living *living, int age)
{
	int64_t count = 0;

	for (int i = age + 1; i < SK_AGE_BUCKETS; i++)
		count += living->by_age[i];
	return count;
}

static void
add_requests(struct sk_troubles *troubles, enum sk_trouble_kind kind, int64_t count,
    const char *what)
{
	const char *mend = kind == SK_TROUBLE_PENDING_LONG
	    ? "run: sikka-sweep, which tells the likely cause; which they are: sikka-status "
	      "--writebacks --state pending"
	    : SWEEP;

	if (count > 0)
		add(troubles, kind,
		    sk_mem_printf("%lld request%s %s; %s", (long long)count, count == 1 ? "" : "s",
			what, mend));
}

/*
 * A row that has been submitting for so long has lost its process and counts as unknown here: the
 * next command turns it over.
 */
static void
judge_requests(const struct sk_status *status, struct sk_troubles *troubles)
{
	const struct sk_status_living *unknown = &status->living[SK_UNKNOWN];
	const struct sk_status_living *submitting = &status->living[SK_SUBMITTING];
	int64_t old = older(unknown, SK_AGE_1H), left = older(submitting, SK_AGE_1H);

	add_requests(troubles, SK_TROUBLE_UNKNOWN_LONG, old, "unknown for over 1 h");
	add_requests(troubles, SK_TROUBLE_SUBMITTING_LONG, left, "submitting for over 1 h");
	add_requests(troubles, SK_TROUBLE_UNKNOWN, unknown->count - old, "unknown");
	add_requests(troubles, SK_TROUBLE_SUBMITTING, older(submitting, SK_AGE_10M) - left,
	    "submitting for over 10 min");
	add_requests(troubles, SK_TROUBLE_PENDING_LONG,
	    older(&status->living[SK_PENDING], SK_AGE_6H), "pending for over 6 h");
}

/* --- offices ----------------------------------------------------------------------------------- */

typedef bool is_fn(const struct sk_status_office *office, int64_t now);

static void
add_offices(struct sk_troubles *troubles, enum sk_trouble_kind kind, const struct sk_status *status,
    is_fn *is, const char *const words[2])
{
	struct sk_text text = {0};
	size_t n = 0;

	sk_text_add_format(&text, "%s: ", words[0]);
	for (size_t i = 0; i < status->n_offices; i++)
		if (is(&status->offices[i], status->now) && n++ < NAMED)
			sk_text_add_format(&text, "%s%s", n > 1 ? ", " : "",
			    status->offices[i].office_id);
	if (n > NAMED)
		sk_text_add_format(&text, " and %zu more", n - NAMED);
	sk_text_add_format(&text, "; %s", words[1]);
	if (n > 0)
		add(troubles, kind, sk_text_take(&text));
	sk_text_fini(&text);
}

static bool
is_living(const struct sk_status_office *office)
{
	for (int state = SK_QUEUED; state <= SK_UNKNOWN; state++)
		if (office->living[state].count > 0)
			return true;
	return false;
}

static bool
is_abandoned(const struct sk_status_office *office, int64_t now)
{
	bool has_key = office->token_expiry > now;

	return is_living(office) &&
	    ((office->status == SK_OFFICE_REAUTHORIZE && !has_key) ||
		office->status == SK_OFFICE_REVOKED || office->status == SK_OFFICE_NONE);
}

static bool
is_held(const struct sk_status_office *office, int64_t now)
{
	(void)now;
	return is_living(office) && office->status == SK_OFFICE_HELD;
}

/* As long as the state file doesn't say so, too. */
static bool
is_withdrawn(const struct sk_status_office *office, int64_t now)
{
	(void)now;
	return office->is_refused && office->status != SK_OFFICE_REVOKED &&
	    office->status != SK_OFFICE_REAUTHORIZE;
}

static bool
is_revoked(const struct sk_status_office *office, int64_t now)
{
	(void)now;
	return !is_living(office) && office->status == SK_OFFICE_REVOKED;
}

static bool
is_to_authorize(const struct sk_status_office *office, int64_t now)
{
	return !is_abandoned(office, now) && office->status == SK_OFFICE_REAUTHORIZE;
}

static bool
is_suspect(const struct sk_status_office *office, int64_t now)
{
	(void)now;
	return office->status == SK_OFFICE_SUSPECT;
}

/* Its keys are renewed without a person. */
static bool
is_renewed(const struct sk_status_office *office)
{
	return office->status == SK_OFFICE_ACTIVE || office->status == SK_OFFICE_SUSPECT;
}

static bool
is_expired(const struct sk_status_office *office, int64_t now)
{
	return is_renewed(office) && office->token_expiry != 0 && office->token_expiry <= now;
}

static bool
is_ending(const struct sk_status_office *office, int64_t now)
{
	return is_renewed(office) && office->token_expiry > now &&
	    office->token_expiry - now < SOON;
}

static void
judge_offices(const struct sk_status *status, struct sk_troubles *troubles)
{
	static const struct {
		enum sk_trouble_kind kind;
		is_fn *is;
		const char *words[2];
	} judgements[] = {
	    {SK_TROUBLE_ABANDONED, is_abandoned,
		{"requests wait for offices not authorized",
		    "let them authorize the application again, then run: sikka-authorize"}},
	    {SK_TROUBLE_HELD, is_held,
		{"requests wait for offices whose keys were revoked here",
		    "run: sikka-token -O OFFICE refresh; or end them: sikka-sweep --withdraw ID"}},
	    {SK_TROUBLE_KEY_EXPIRED, is_expired,
		{"request key expired", "run: sikka-token refresh"}},
	    {SK_TROUBLE_WITHDREW, is_withdrawn,
		{"the server refuses requests as these offices have withdrawn their authorization",
		    "to compare that with the list of practices, run: sikka-authorize"}},
	    {SK_TROUBLE_REVOKED, is_revoked,
		{"offices withdrew their authorization",
		    "if that is right, run: sikka-authorize --forget OFFICE; if not, let them "
		    "authorize the application again, then run: sikka-authorize"}},
	    {SK_TROUBLE_REAUTHORIZE, is_to_authorize,
		{"offices must authorize the application again", "then run: sikka-authorize"}},
	    {SK_TROUBLE_SUSPECT, is_suspect,
		{"the server refused the keys of offices once",
		    "to ask it again, run: sikka-token refresh"}},
	    {SK_TROUBLE_KEY_ENDING, is_ending,
		{"request key expires within 30 min", "run: sikka-token refresh"}}};

	for (size_t i = 0; i < sizeof(judgements) / sizeof(judgements[0]); i++)
		add_offices(troubles, judgements[i].kind, status, judgements[i].is,
		    judgements[i].words);
}

/* --- the application and its tasks --------------------------------------------------------------- */

static void
judge_application(const struct sk_status *status, struct sk_troubles *troubles)
{
	const struct sk_api_code *code = sk_api_code_find(status->refused);
	char at[SK_TIME_TEXT];

	if (status->refused == NULL)
		return;
	add(troubles, SK_TROUBLE_APP_REFUSED,
	    sk_mem_printf(
		"the server refuses the application's key since %s (%s%s%s); correct app_id and "
		"app_key_file, see sikka-config(5), then run: sikka-authorize",
		sk_time_format(status->refused_at, at), status->refused, code != NULL ? ": " : "",
		code != NULL ? code->means : ""));
}

/* A limit can't be mended here: the text says when the next try makes sense. */
static void
judge_days(const struct sk_status *status, struct sk_troubles *troubles)
{
	char until[SK_TIME_TEXT];

	for (size_t i = 0; i < status->n_days; i++) {
		const struct sk_limits_day *day = &status->days[i];
		int is_app = strcmp(day->bucket, SK_RATE_APP) == 0;

		add(troubles, SK_TROUBLE_DAILY_LIMIT,
		    sk_mem_printf(
			"%s%s has used up its calls for the day: nothing is read before %s; run "
			"then: sikka-poll; if it happens often, poll less or ask for a higher "
			"limit",
			is_app ? "the application" : "office ", day->bucket,
			sk_time_format(day->until, until)));
	}
}

/* It may be forgotten once its reason is gone. */
static void
judge_pauses(const struct sk_status *status, struct sk_troubles *troubles)
{
	char *words = status->n_pauses > 0 ? sk_pause_words(&status->pauses[0]) : NULL;
	size_t others = status->n_pauses - 1;

	if (words == NULL)
		return;
	add(troubles, SK_TROUBLE_PAUSED,
	    others == 0
		? sk_mem_printf("nothing new is sent: %s", words)
		: sk_mem_printf("nothing new is sent: %s; %zu more: sikka-status", words, others));
	free(words);
}

/* Without an open request there is nothing to poll or to sweep. */
static bool
is_wanted(const struct sk_status *status, enum sk_task task)
{
	if (task != SK_TASK_POLL && task != SK_TASK_SWEEP)
		return true;
	for (int state = SK_QUEUED; state <= SK_UNKNOWN; state++)
		if (status->living[state].count > 0)
			return true;
	return false;
}

static void
judge_tasks(const struct sk_status *status, const struct sk_max_age *ages,
    struct sk_troubles *troubles)
{
	static const char *const commands[SK_TASKS] = {
	    [SK_TASK_AUTHORIZE] = "sikka-authorize",
	    [SK_TASK_REFRESH] = "sikka-token refresh",
	    [SK_TASK_POLL] = "sikka-poll",
	    [SK_TASK_SWEEP] = "sikka-sweep",
	    [SK_TASK_NOTIFY] = "sikka-sweep --notify COMMAND",
	    [SK_TASK_BACKUP] = "sikka-sweep --backup FILE",
	};
	char age[SK_TIME_WORDS], most[SK_TIME_WORDS];

	for (int i = 0; i < SK_TASKS; i++) {
		enum sk_task task = (enum sk_task)i;
		int64_t at = status->succeeded_at[task];
		char *since;

		if (!is_wanted(status, task) || !sk_max_age_is_over(ages, task, at, status->now))
			continue;
		since = at == 0 ? sk_mem_copy("ever")
				: sk_mem_printf("for %s", sk_time_words(status->now - at, age));
		add(troubles, SK_TROUBLE_TASK_LATE,
		    sk_mem_printf(
			"no good %s %s (at most %s); look whether cron runs it, and run: %s",
			sk_task_name(task), since, sk_time_words(ages->most[task], most),
			commands[task]));
		free(since);
	}
}

/* If nobody ever tried to deliver an event, nobody uses the outbox. */
static void
judge_outbox(const struct sk_status *status, struct sk_troubles *troubles)
{
	const struct sk_outbox *outbox = &status->outbox;
	char age[SK_TIME_WORDS];

	if (outbox->set_aside > 0)
		add(troubles, SK_TROUBLE_SET_ASIDE,
		    sk_mem_printf("%lld event%s set aside, which couldn't be delivered; mend the "
				  "command, then run: sikka-sweep --redeliver --notify COMMAND; "
				  "what needn't be told: sikka-sweep --ack ID",
			(long long)outbox->set_aside, outbox->set_aside == 1 ? "" : "s"));
	if (outbox->is_used && outbox->undelivered > 0 &&
	    outbox->oldest < status->now - UNDELIVERED_MOST)
		add(troubles, SK_TROUBLE_UNDELIVERED,
		    sk_mem_printf("%lld event%s undelivered, the oldest for %s; run: sikka-sweep "
				  "--notify COMMAND",
			(long long)outbox->undelivered, outbox->undelivered == 1 ? "" : "s",
			sk_time_words(status->now - outbox->oldest, age)));
}

/* --- all of it ------------------------------------------------------------------------------------ */

static void
judge(const struct sk_status *status, const struct sk_max_age *ages, struct sk_troubles *troubles)
{
	if (status->copy != NULL)
		add(troubles, SK_TROUBLE_OLDER_COPY, sk_mem_copy(status->copy));
	if (status->stranger != NULL)
		add(troubles, SK_TROUBLE_STRANGER,
		    sk_mem_printf("office %s isn't known here: sikka-status shows those that are",
			status->stranger));
	judge_application(status, troubles);
	judge_days(status, troubles);
	judge_pauses(status, troubles);
	judge_requests(status, troubles);
	judge_offices(status, troubles);
	judge_tasks(status, ages, troubles);
	judge_outbox(status, troubles);
}

static void
judge_files(const struct sk_session *session, struct sk_troubles *troubles)
{
	char *texts[SK_BESIDE_MOST];
	size_t n = session->config.db != NULL ? sk_beside_faults(session->config.db, texts) : 0;

	for (size_t i = 0; i < n; i++)
		add(troubles, SK_TROUBLE_FILE, texts[i]);
}

/*
 * Where a lock file has a pair, there was a state file. A file that can't be used has been told. is_missing: the state
 * file is missing or empty; else it is there, and can't be read.
 */
static void
judge_failure(const struct sk_session *session, bool is_missing, const struct sk_error *why,
    struct sk_troubles *troubles)
{
	const struct sk_twin *twin = &session->twin;
	const char *db = session->config.db;

	if (is_missing && (twin->is_there || twin->earlier_row > 0))
		add(troubles, SK_TROUBLE_LOST,
		    sk_mem_printf("%s is missing or empty, and %s.lock shows that it was in use; "
				  "mount its disk, or put its last copy there and run: sikka-sweep "
				  "--after-restore",
			db, db));
	else if (troubles->n == 0)
		add(troubles, SK_TROUBLE_UNREADABLE, sk_mem_copy(why->text));
}

bool
sk_troubles_judge(struct sk_session *session, const struct sk_max_age *ages,
    struct sk_status *status, struct sk_troubles *troubles, struct sk_error *why)
{
	bool is_missing = why->code == 0 && session->store == NULL;
	bool is_read = why->code == 0 && sk_session_need_store(session, why) == 0 &&
	    sk_status_read(session, status, why) == 0;

	judge_files(session, troubles);
	if (!is_read) {
		judge_failure(session, is_missing, why, troubles);
		return false;
	}
	judge(status, ages, troubles);
	return true;
}

bool
sk_troubles_look(struct sk_session *session, const struct sk_common *common,
    const struct sk_max_age *ages, struct sk_status *status, struct sk_troubles *troubles,
    struct sk_error *why)
{
	sk_session_open(session, common, SK_STORE_READ, why);
	return sk_troubles_judge(session, ages, status, troubles, why);
}

void
sk_troubles_fini(struct sk_troubles *troubles)
{
	for (size_t i = 0; i < troubles->n; i++)
		free(troubles->list[i].text);
	free(troubles->list);
	memset(troubles, 0, sizeof(*troubles));
}
