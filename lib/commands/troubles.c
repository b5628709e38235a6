/* SPDX-License-Identifier: MIT */
/*
 * troubles: the kinds, the list, and who judges what; and why the state couldn't be read. Each text ends with what to do
 * about it, since the text is all that reaches who is called at night.
 */
#include "commands/troubles.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/beside.h"
#include "commands/troubles_parts.h"

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

bool
sk_trouble_is_critical(enum sk_trouble_kind kind)
{
	return kinds[kind].severity != SK_MONITOR_WARNING;
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

void
sk_troubles_add(struct sk_troubles *troubles, enum sk_trouble_kind kind, int64_t since, char *what,
    char *mend)
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

void
sk_troubles_add_message(struct sk_troubles *troubles, enum sk_trouble_kind kind, int64_t since,
    const char *text)
{
	const char *mend = strstr(text, "; ");

	if (mend == NULL)
		sk_troubles_add(troubles, kind, since, sk_mem_copy(text), NULL);
	else
		sk_troubles_add(troubles, kind, since,
		    sk_mem_copy_bytes(text, (size_t)(mend - text)), sk_mem_copy(mend + 2));
}

/* --- all of it ------------------------------------------------------------------------------------ */

static void
judge(const struct sk_status *status, const struct sk_max_age *ages, struct sk_troubles *troubles)
{
	if (status->copy != NULL)
		sk_troubles_add_message(troubles, SK_TROUBLE_OLDER_COPY, 0, status->copy);
	if (status->stranger != NULL)
		sk_troubles_add(troubles, SK_TROUBLE_STRANGER, 0,
		    sk_mem_printf("office %s isn't known here: sikka-status shows those that are",
			status->stranger),
		    NULL);
	sk_troubles_judge_application(status, troubles);
	sk_troubles_judge_requests(status, troubles);
	sk_troubles_judge_offices(status, troubles);
	sk_troubles_judge_tasks(status, ages, troubles);
	sk_troubles_judge_outbox(status, troubles);
}

static void
judge_files(const struct sk_session *session, struct sk_troubles *troubles)
{
	char *texts[SK_BESIDE_MOST];
	size_t n = session->config.db != NULL ? sk_beside_faults(session->config.db, texts) : 0;

	for (size_t i = 0; i < n; i++) {
		sk_troubles_add_message(troubles, SK_TROUBLE_FILE, 0, texts[i]);
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
		sk_troubles_add(troubles, SK_TROUBLE_LOST, 0,
		    sk_mem_printf("%s is missing or empty, and %s.lock shows that it was in use",
			db, db),
		    sk_mem_copy("mount its disk, or put its last copy there and run: sikka-sweep "
				"--after-restore"));
	else if (troubles->n == 0)
		sk_troubles_add_message(troubles, SK_TROUBLE_UNREADABLE, 0, why->text);
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
