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

char *
sk_trouble_words(const struct sk_trouble *trouble)
{
	return trouble->mend == NULL ? sk_mem_copy(trouble->what)
				     : sk_mem_printf("%s; %s", trouble->what, trouble->mend);
}

/* what and mend are taken; mend may be NULL. */
static void
add(struct sk_troubles *troubles, enum sk_trouble_kind kind, int64_t since, char *what, char *mend)
{
	size_t at = troubles->n;

	troubles->list =
	    sk_mem_grow(troubles->list, troubles->n + 1, &troubles->room, sizeof(*troubles->list));
	for (; at > 0 && troubles->list[at - 1].kind > kind; at--)
		troubles->list[at] = troubles->list[at - 1];
	troubles->list[at] =
	    (struct sk_trouble){.kind = kind, .since = since, .what = what, .mend = mend};
	troubles->n++;
}

/* A message of others: what mends it stands behind its first semicolon. */
static void
add_message(struct sk_troubles *troubles, enum sk_trouble_kind kind, int64_t since,
    const char *text)
{
	const char *mend = strstr(text, "; ");

	if (mend == NULL)
		add(troubles, kind, since, sk_mem_copy(text), NULL);
	else
		add(troubles, kind, since, sk_mem_copy_bytes(text, (size_t)(mend - text)),
		    sk_mem_copy(mend + 2));
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
add_requests(struct sk_troubles *troubles, enum sk_trouble_kind kind, int64_t count, int64_t oldest,
    const char *what)
{
	const char *mend = kind == SK_TROUBLE_PENDING_LONG
	    ? "run: sikka-sweep, which tells the likely cause; which they are: sikka-status "
	      "--writebacks --state pending"
	    : SWEEP;

	if (count > 0)
		add(troubles, kind, oldest,
		    sk_mem_printf("%lld request%s %s", (long long)count, count == 1 ? "" : "s",
			what),
		    sk_mem_copy(mend));
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
	const struct sk_status_living *pending = &status->living[SK_PENDING];
	int64_t old = older(unknown, SK_AGE_1H), left = older(submitting, SK_AGE_1H);

	add_requests(troubles, SK_TROUBLE_UNKNOWN_LONG, old, unknown->oldest,
	    "unknown for over 1 h");
	add_requests(troubles, SK_TROUBLE_SUBMITTING_LONG, left, submitting->oldest,
	    "submitting for over 1 h");
	add_requests(troubles, SK_TROUBLE_UNKNOWN, unknown->count - old,
	    unknown->oldest_under[SK_AGE_1H], "unknown");
	add_requests(troubles, SK_TROUBLE_SUBMITTING, older(submitting, SK_AGE_10M) - left,
	    submitting->oldest_under[SK_AGE_1H], "submitting for over 10 min");
	add_requests(troubles, SK_TROUBLE_PENDING_LONG, older(pending, SK_AGE_6H), pending->oldest,
	    "pending for over 6 h");
}

/* --- offices ----------------------------------------------------------------------------------- */

/* What may be wrong with offices: of which, and since when one is (0: not known). */
struct judgement {
	enum sk_trouble_kind kind;
	bool (*is)(const struct sk_status_office *office, int64_t now);
	int64_t (*since)(const struct sk_status_office *office);
	const char *what, *mend;
};

static void
judge_of(struct sk_troubles *troubles, const struct sk_status *status,
    const struct judgement *judgement)
{
	struct sk_text text = {0};
	int64_t oldest = INT64_MAX;
	size_t n = 0;

	sk_text_add_format(&text, "%s: ", judgement->what);
	for (size_t i = 0; i < status->n_offices; i++) {
		const struct sk_status_office *office = &status->offices[i];

		if (!judgement->is(office, status->now))
			continue;
		if (n++ < NAMED)
			sk_text_add_format(&text, "%s%s", n > 1 ? ", " : "", office->office_id);
		if (judgement->since(office) < oldest)
			oldest = judgement->since(office);
	}
	if (n > NAMED)
		sk_text_add_format(&text, " and %zu more", n - NAMED);
	if (n > 0)
		add(troubles, judgement->kind, oldest, sk_text_take(&text),
		    sk_mem_copy(judgement->mend));
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
	return office->refused_at != 0 && office->status != SK_OFFICE_REVOKED &&
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

static int64_t
waits_since(const struct sk_status_office *office)
{
	int64_t oldest = INT64_MAX;

	for (int state = SK_QUEUED; state <= SK_UNKNOWN; state++)
		if (office->living[state].count > 0 && office->living[state].oldest < oldest)
			oldest = office->living[state].oldest;
	return oldest;
}

static int64_t
refused_since(const struct sk_status_office *office)
{
	return office->refused_at;
}

static int64_t
status_since(const struct sk_status_office *office)
{
	return office->status_at;
}

static int64_t
expired_since(const struct sk_status_office *office)
{
	return office->token_expiry;
}

static int64_t
ending_since(const struct sk_status_office *office)
{
	return office->token_expiry - SOON;
}

static void
judge_offices(const struct sk_status *status, struct sk_troubles *troubles)
{
	static const struct judgement judgements[] = {
	    {SK_TROUBLE_ABANDONED, is_abandoned, waits_since,
		.what = "requests wait for offices not authorized",
		.mend = "let them authorize the application again, then run: sikka-authorize"},
	    {SK_TROUBLE_HELD, is_held, waits_since,
		.what = "requests wait for offices whose keys were revoked here",
		.mend = "run: sikka-token -O OFFICE refresh; or end them: sikka-sweep --withdraw "
			"ID"},
	    {SK_TROUBLE_KEY_EXPIRED, is_expired, expired_since, .what = "request key expired",
		.mend = "run: sikka-token refresh"},
	    {SK_TROUBLE_WITHDREW, is_withdrawn, refused_since,
		.what = "the server refuses requests as these offices have withdrawn their "
			"authorization",
		.mend = "to compare that with the list of practices, run: sikka-authorize"},
	    {SK_TROUBLE_REVOKED, is_revoked, status_since,
		.what = "offices withdrew their authorization",
		.mend = "if that is right, run: sikka-authorize --forget OFFICE; if not, let them "
			"authorize the application again, then run: sikka-authorize"},
	    {SK_TROUBLE_REAUTHORIZE, is_to_authorize, status_since,
		.what = "offices must authorize the application again",
		.mend = "then run: sikka-authorize"},
	    {SK_TROUBLE_SUSPECT, is_suspect, status_since,
		.what = "the server refused the keys of offices once",
		.mend = "to ask it again, run: sikka-token refresh"},
	    {SK_TROUBLE_KEY_ENDING, is_ending, ending_since,
		.what = "request key expires within 30 min", .mend = "run: sikka-token refresh"}};

	for (size_t i = 0; i < sizeof(judgements) / sizeof(judgements[0]); i++)
		judge_of(troubles, status, &judgements[i]);
}

/* --- the application and its tasks --------------------------------------------------------------- */

static void
judge_application(const struct sk_status *status, struct sk_troubles *troubles)
{
	const struct sk_api_code *code = sk_api_code_find(status->refused);
	char at[SK_TIME_TEXT];

	if (status->refused == NULL)
		return;
	add(troubles, SK_TROUBLE_APP_REFUSED, status->refused_at,
	    sk_mem_printf("the server refuses the application's key since %s (%s%s%s)",
		sk_time_format(status->refused_at, at), status->refused, code != NULL ? ": " : "",
		code != NULL ? code->means : ""),
	    sk_mem_copy("correct app_id and app_key_file, see sikka-config(5), then run: "
			"sikka-authorize"));
}

/* A limit can't be mended here: the text says when the next try makes sense. */
static void
judge_days(const struct sk_status *status, struct sk_troubles *troubles)
{
	char until[SK_TIME_TEXT];

	for (size_t i = 0; i < status->n_buckets; i++) {
		const struct sk_rate_bucket *bucket = &status->buckets[i];
		int is_app = strcmp(bucket->name, SK_RATE_APP) == 0;

		if (bucket->daily_until == 0)
			continue;
		add(troubles, SK_TROUBLE_DAILY_LIMIT, 0,
		    sk_mem_printf(
			"%s%s has used up its calls for the day: nothing is read before %s",
			is_app ? "the application" : "office ", bucket->name,
			sk_time_format(bucket->daily_until, until)),
		    sk_mem_copy("run then: sikka-poll; if it happens often, poll less or ask for a "
				"higher limit"));
	}
}

/* It may be forgotten once its reason is gone. */
static void
judge_pauses(const struct sk_status *status, struct sk_troubles *troubles)
{
	struct sk_text text = {0};
	int64_t oldest;
	char *words;

	if (status->n_pauses == 0)
		return;
	words = sk_pause_words(&status->pauses[0]);
	sk_text_add_format(&text, "nothing new is sent: %s", words);
	if (status->n_pauses > 1)
		sk_text_add_format(&text, "; %zu more: sikka-status", status->n_pauses - 1);
	oldest = status->pauses[0].since;
	for (size_t i = 1; i < status->n_pauses; i++)
		if (status->pauses[i].since < oldest)
			oldest = status->pauses[i].since;
	add_message(troubles, SK_TROUBLE_PAUSED, oldest, sk_text_bytes(&text));
	sk_text_fini(&text);
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

bool
sk_troubles_task_is_late(const struct sk_status *status, const struct sk_max_age *ages,
    enum sk_task task)
{
	return is_wanted(status, task) &&
	    sk_max_age_is_over(ages, task, status->succeeded_at[task], status->now);
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

		if (!sk_troubles_task_is_late(status, ages, task))
			continue;
		since = at == 0 ? sk_mem_copy("ever")
				: sk_mem_printf("for %s", sk_time_words(status->now - at, age));
		add(troubles, SK_TROUBLE_TASK_LATE, at,
		    sk_mem_printf("no good %s %s (at most %s)", sk_task_name(task), since,
			sk_time_words(ages->most[task], most)),
		    sk_mem_printf("look whether cron runs it, and run: %s", commands[task]));
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
		add(troubles, SK_TROUBLE_SET_ASIDE, outbox->set_aside_since,
		    sk_mem_printf("%lld event%s set aside, which couldn't be delivered",
			(long long)outbox->set_aside, outbox->set_aside == 1 ? "" : "s"),
		    sk_mem_copy("mend the command, then run: sikka-sweep --redeliver --notify "
				"COMMAND; what needn't be told: sikka-sweep --ack ID"));
	if (outbox->is_used && outbox->undelivered > 0 &&
	    outbox->oldest < status->now - UNDELIVERED_MOST)
		add(troubles, SK_TROUBLE_UNDELIVERED, outbox->oldest,
		    sk_mem_printf("%lld event%s undelivered, the oldest for %s",
			(long long)outbox->undelivered, outbox->undelivered == 1 ? "" : "s",
			sk_time_words(status->now - outbox->oldest, age)),
		    sk_mem_copy("run: sikka-sweep --notify COMMAND"));
}

/* --- all of it ------------------------------------------------------------------------------------ */

static void
judge(const struct sk_status *status, const struct sk_max_age *ages, struct sk_troubles *troubles)
{
	if (status->copy != NULL)
		add_message(troubles, SK_TROUBLE_OLDER_COPY, 0, status->copy);
	if (status->stranger != NULL)
		add(troubles, SK_TROUBLE_STRANGER, 0,
		    sk_mem_printf("office %s isn't known here: sikka-status shows those that are",
			status->stranger),
		    NULL);
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

	for (size_t i = 0; i < n; i++) {
		add_message(troubles, SK_TROUBLE_FILE, 0, texts[i]);
		free(texts[i]);
	}
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
		add(troubles, SK_TROUBLE_LOST, 0,
		    sk_mem_printf("%s is missing or empty, and %s.lock shows that it was in use",
			db, db),
		    sk_mem_copy("mount its disk, or put its last copy there and run: sikka-sweep "
				"--after-restore"));
	else if (troubles->n == 0)
		add_message(troubles, SK_TROUBLE_UNREADABLE, 0, why->text);
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

static int
by_age(const void *a, const void *b)
{
	const struct sk_trouble *x = a, *y = b;

	if (x->since != y->since)
		return x->since < y->since ? -1 : 1;
	return (int)x->kind - (int)y->kind;
}

void
sk_troubles_sort_by_age(struct sk_troubles *troubles)
{
	if (troubles->n > 0)
		qsort(troubles->list, troubles->n, sizeof(*troubles->list), by_age);
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
	for (size_t i = 0; i < troubles->n; i++) {
		free(troubles->list[i].what);
		free(troubles->list[i].mend);
	}
	free(troubles->list);
	memset(troubles, 0, sizeof(*troubles));
}
