/* SPDX-License-Identifier: MIT */
/*
 * sweep: what a person decides about a row. A list is read first: what it contradicts is refused, and
 * what it can't confirm is believed only with --unchecked. Whatever is refused changes nothing.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/nearest.h"
#include "base/out.h"
#include "base/time.h"
#include "base/who.h"
#include "store/not_ours.h"
#include "life/check_list.h"
#include "life/ledger.h"
#include "commands/sweep_parts.h"

/* What can be asked before a person is believed. */
struct evidence {
	struct sk_listing list; /* empty where there is none */
	struct sk_error unread; /* why it proves nothing; code 0: it is whole */
	const char *by;         /* who decides, for the event */
};

/* --- the list -------------------------------------------------------------------------------- */

/* When the oldest row was sent that is decided about. */
static int64_t
oldest_of(struct sk_sweep *sweep)
{
	int64_t oldest = sk_time_now();

	for (size_t i = 0; i < sweep->options->n_resolve; i++) {
		struct sk_writeback row = {0};
		struct sk_error ignored = {0};

		if (sk_store_writeback_get(sweep->session->store, sweep->options->resolve[i].id,
			&row, &ignored) == 1 &&
		    row.submitted_at != 0 && row.submitted_at < oldest)
			oldest = row.submitted_at;
		sk_writeback_fini(&row);
	}
	return oldest;
}

static void
read_list(struct sk_sweep *sweep, struct evidence *evidence)
{
	if (sk_sweep_go_online(sweep) != 0) {
		evidence->unread = sweep->trouble;
		return;
	}
	if (sk_check_list_show(sweep->pool, oldest_of(sweep), &evidence->list, &evidence->unread) ==
		0 &&
	    !evidence->list.whole)
		sk_error_set(&evidence->unread, SK_EXIT_TRY_LATER,
		    "the server's list changed while it was read");
}

/* --- what it says ---------------------------------------------------------------------------- */

/* The entry that is the row's, or may be: the first one that nobody else owns; -1 there is none. */
static long
match_of(const struct sk_writeback *row, const struct sk_listing *list)
{
	if (row->writeback_id != NULL)
		return sk_listing_find(list, row->writeback_id);
	for (size_t i = 0; i < list->n; i++)
		if (list->owned[i] == SK_OWNED_BY_NOBODY &&
		    sk_match_is_strict(row, &list->listed[i]))
			return (long)i;
	return -1;
}

/* An entry that a resolved row has taken, although it may be this row's as well; -1 there is none. */
static long
taken_by_resolved(const struct sk_writeback *row, const struct sk_listing *list)
{
	for (size_t i = 0; i < list->n && row->writeback_id == NULL; i++)
		if (list->owned[i] == SK_OWNED_BY_RESOLVED &&
		    sk_match_is_strict(row, &list->listed[i]))
			return (long)i;
	return -1;
}

/* Whether the match shows that the row hasn't failed. One with its id may have ended badly. */
static bool
contradicts(const struct sk_writeback *row, const struct sk_api_listed *listed)
{
	return row->writeback_id == NULL || listed->said == SK_SAID_PENDING ||
	    listed->said == SK_SAID_COMPLETED;
}

/* The row is said not to have been carried out, so that an equal request may be sent. */
static int
judge_undone(const struct sk_writeback *row, const char *outcome, const struct evidence *evidence,
    bool is_unchecked, struct sk_error *err)
{
	const struct sk_listing *list = &evidence->list;
	long match = match_of(row, list);

	if (match >= 0 && contradicts(row, &list->listed[match]))
		return sk_error_set(err, SK_EXIT_FAILED,
		    "request %lld isn't %s: the server's list holds it as writeback %s "
		    "(sikka-sweep --resolve %lld=%s)",
		    (long long)row->id, outcome, list->listed[match].id, (long long)row->id,
		    list->listed[match].id);
	if (is_unchecked)
		return 0;
	match = taken_by_resolved(row, list);
	if (match >= 0)
		return sk_error_set(err, SK_EXIT_FAILED,
		    "request %lld may be %s or not: writeback %s, which holds the same, belongs to "
		    "a request that was resolved before: if you are sure, add --unchecked",
		    (long long)row->id, outcome, list->listed[match].id);
	if (evidence->unread.code != 0)
		return sk_error_set(err, SK_EXIT_FAILED,
		    "request %lld may be at the server, whose list can't be read (%s): if you are "
		    "sure that it is %s, add --unchecked",
		    (long long)row->id, evidence->unread.text, outcome);
	if (list->begun_at - row->unknown_at < SK_LIFE_LISTED)
		return sk_error_set(err, SK_EXIT_FAILED,
		    "request %lld became unknown less than 35 minutes ago, so the server's list "
		    "may not show it yet: if you are sure that it is %s, add --unchecked",
		    (long long)row->id, outcome);
	return 0;
}

/*
 * The row is said to be this writeback. One that a row has needs no judging: it is refused when that is
 * recorded. One that a person said to be another program's is compared like any other.
 */
static int
judge_id(struct sk_store *store, const struct sk_writeback *row, const char *id,
    const struct evidence *evidence, bool is_unchecked, struct sk_error *err)
{
	const struct sk_listing *list = &evidence->list;
	long entry = sk_listing_find(list, id);
	int64_t owner;
	int found = sk_store_writeback_owner(store, id, &owner, err);

	if (found != 0)
		return found < 0 ? -1 : 0;
	if (is_unchecked || (entry >= 0 && sk_match_is_strict(row, &list->listed[entry])))
		return 0;
	if (entry >= 0)
		return sk_error_set(err, SK_EXIT_FAILED,
		    "writeback %s doesn't hold what request %lld sent (sikka-sweep -n shows what "
		    "differs): if it is the same all the same, add --unchecked",
		    id, (long long)row->id);
	return sk_error_set(err, SK_EXIT_FAILED,
	    "writeback %s isn't in the server's list%s%s%s: if request %lld is that one, add "
	    "--unchecked",
	    id, evidence->unread.code != 0 ? ", which can't be read (" : "",
	    evidence->unread.code != 0 ? evidence->unread.text : "",
	    evidence->unread.code != 0 ? ")" : "", (long long)row->id);
}

/* --- deciding -------------------------------------------------------------------------------- */

static struct sk_fact
fact_of(const struct sk_resolution *resolution)
{
	static const struct {
		const char *word;
		enum sk_happening what;
	} outcomes[] = {
	    {"completed", SK_RESOLVED_COMPLETED},
	    {"failed", SK_RESOLVED_FAILED},
	    {"withdrawn", SK_RESOLVED_WITHDRAWN},
	};

	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++)
		if (strcmp(resolution->what, outcomes[i].word) == 0)
			return (struct sk_fact){.what = outcomes[i].what};
	return (struct sk_fact){.what = SK_RESOLVED_PENDING, .writeback_id = resolution->what};
}

static bool
names_writeback(const struct sk_resolution *resolution)
{
	return fact_of(resolution).what == SK_RESOLVED_PENDING;
}

static int
judge(const struct sk_sweep *sweep, const struct sk_writeback *row, const struct sk_fact *fact,
    const struct evidence *evidence, struct sk_error *err)
{
	bool is_unchecked = sweep->options->unchecked;

	if (fact->what == SK_RESOLVED_PENDING)
		return judge_id(sweep->session->store, row, fact->writeback_id, evidence,
		    is_unchecked, err);
	if (fact->what == SK_RESOLVED_COMPLETED)
		return 0;
	return judge_undone(row, fact->what == SK_RESOLVED_FAILED ? "failed" : "withdrawn",
	    evidence, is_unchecked, err);
}

static int
explain(enum sk_recorded recorded, const struct sk_writeback *row, const struct sk_fact *fact,
    struct sk_error *err)
{
	if (recorded == SK_RECORDED)
		return 0;
	if (recorded == SK_RECORD_ERROR)
		return -1;
	if (recorded == SK_RECORD_ID_TAKEN)
		return sk_error_set(err, SK_EXIT_FAILED,
		    "request %lld can't be writeback %s, which belongs to another request: "
		    "sikka-status --writebacks shows whose it is",
		    (long long)row->id, fact->writeback_id);
	return sk_error_set(err, SK_EXIT_FAILED,
	    "request %lld is %s: only an unknown request can be resolved, or one that was "
	    "withdrawn six "
	    "days ago and not seen to its end",
	    (long long)row->id, sk_state_name(row->result));
}

/* Whether life has a step for it, before anybody asks what the list says of it. */
static bool
may_be_resolved(const struct sk_writeback *row, const struct sk_fact *fact)
{
	int64_t now = sk_time_now();
	struct sk_life life = sk_life_of(row, 1, now, now);

	return sk_life_next(&life, fact->what).allowed;
}

/* In one transaction: whose the entries are is asked in it. */
static int
record(struct sk_sweep *sweep, struct sk_writeback *row, const struct sk_fact *fact,
    struct evidence *evidence, struct sk_error *err)
{
	struct sk_store *store = sweep->session->store;
	int result = -1;

	if (sk_store_begin(store, err) != 0)
		return -1;
	if (!may_be_resolved(row, fact))
		result = explain(SK_RECORD_STALE, row, fact, err);
	else if (sk_check_list_mark_owned(sweep->session, &evidence->list, err) == 0)
		result = judge(sweep, row, fact, evidence, err);
	if (result == 0)
		result = explain(sk_ledger_record(store, row, fact, NULL, err), row, fact, err);
	/* It is ours, whatever was said of it before. */
	if (result == 0 && fact->what == SK_RESOLVED_PENDING)
		result = sk_store_not_ours_remove(store, fact->writeback_id, err);
	if (result == 0)
		return sk_store_commit(store, err);
	sk_store_rollback(store);
	return -1;
}

static void
resolve(struct sk_sweep *sweep, const struct sk_resolution *resolution, struct evidence *evidence)
{
	struct sk_fact fact = fact_of(resolution);
	struct sk_writeback row = {0};
	struct sk_error err = {0};

	fact.note = evidence->by;
	fact.error_message = fact.what == SK_RESOLVED_FAILED ? "a person said so" : NULL;
	if (!sk_sweep_get_row(sweep, resolution->id, &row))
		return;
	record(sweep, &row, &fact, evidence, &err);
	sk_sweep_note(sweep, &err);
	sk_writeback_fini(&row);
}

void
sk_sweep_resolve(struct sk_sweep *sweep)
{
	struct evidence evidence = {0};
	struct sk_who who;
	char *by;

	if (sweep->options->n_resolve == 0)
		return;
	sk_who_read(&who);
	by = sk_mem_printf("by %s (uid %lld) with --resolve%s",
	    who.user[0] != '\0' ? who.user : "somebody", (long long)who.uid,
	    sweep->options->unchecked ? " --unchecked" : "");
	evidence.by = by;
	read_list(sweep, &evidence);
	/* What is named as one row's isn't another's any more. */
	for (int names_one = 1; names_one >= 0; names_one--)
		for (size_t i = 0; i < sweep->options->n_resolve; i++)
			if (names_writeback(&sweep->options->resolve[i]) == names_one)
				resolve(sweep, &sweep->options->resolve[i], &evidence);
	sk_listing_fini(&evidence.list);
	free(by);
}

/* --- what a person has typed ------------------------------------------------------------------------ */

/* The id of a writeback, or how a request ends. */
static bool
is_outcome(const char *word)
{
	if (strlen(word) < 32 && word[0] != '\0' && word[strspn(word, "0123456789")] == '\0')
		return true;
	return (SK_MASK(sk_state_find(word)) & SK_ENDED) != 0;
}

int
sk_sweep_name_resolution(struct sk_sweep_options *options, const char *value, struct sk_error *err)
{
	const char *const names[] = {sk_state_name(SK_COMPLETED), sk_state_name(SK_FAILED),
	    sk_state_name(SK_WITHDRAWN)};
	char *end, hint[SK_NEAREST_HINT];
	int64_t id = strtoll(value, &end, 10);

	if (id <= 0 || *end != '=' || !is_outcome(end + 1))
		return sk_error_set(err, SK_EXIT_USAGE,
		    "--resolve: \"%s\" isn't ID=WRITEBACK_ID, ID=completed, ID=failed or "
		    "ID=withdrawn%s",
		    value,
		    sk_nearest_hint(*end == '=' ? sk_nearest(end + 1, names, 3) : NULL, hint));
	options->resolve =
	    sk_mem_resize(options->resolve, options->n_resolve + 1, sizeof(*options->resolve));
	options->resolve[options->n_resolve++] = (struct sk_resolution){id, end + 1};
	return 0;
}
