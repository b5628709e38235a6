/* SPDX-License-Identifier: MIT */
/*
 * sweep: a person says whose entries of the server's list are: ours (--adopt), or another program's
 * (--not-ours). What may be the request of a row that waits for its own is refused. Each entry is decided
 * about by itself, in one transaction.
 */
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/time.h"
#include "store/event.h"
#include "store/not_ours.h"
#include "store/section.h"
#include "life/check_list.h"
#include "life/life.h"
#include "commands/sweep_parts.h"
#include "commands/taken_over.h"

enum word { NOT_OURS, OURS };

/* An entry of the list that a person has named. */
struct entry {
	const struct sk_api_listed *listed;
	struct sk_writeback as_row; /* what it would be as a row */
	struct sk_writeback owner;  /* the row that has its id; 0 in its own id: there is none */
};

/* --- what may be a row's ----------------------------------------------------------------------- */

/*
 * Whether its request may be at the server before the file knows of it. A queued row may have been sent, too:
 * by the history that is lost, where the file is an older copy, or may be one.
 */
static bool
may_be_there(const struct sk_writeback *row)
{
	return row->result == SK_UNKNOWN || row->result == SK_SUBMITTING ||
	    row->result == SK_QUEUED;
}

/* Whether the entry may still turn out to be the row's. */
static bool
may_want(const struct sk_writeback *row, const struct entry *entry)
{
	const struct sk_api_listed *listed = entry->listed;
	int64_t since = sk_time_now() - SK_LIFE_LATE;

	if (row->writeback_id != NULL)
		return false;
	/* Its request may be spelled there in a way that we don't know, or not be shown at all. */
	if (row->result == SK_UNKNOWN && sk_match_is_kind(row, listed))
		return true;
	if (may_be_there(row) && sk_taken_over_is_dark(&entry->as_row) &&
	    sk_match_is_kind(row, listed))
		return true;
	return (may_be_there(row) || row->not_received_at > since || row->resolved_at > since) &&
	    sk_match_is_strict(row, listed);
}

/* The row that stands in the way: 1 with its *id and *state; 0 none; -1 error. */
static int
find_in_the_way(struct sk_sweep *sweep, const struct entry *entry, int64_t *id,
    enum sk_state *state, struct sk_error *err)
{
	const struct sk_filter filters[] = {
	    {.states = SK_MASK(SK_UNKNOWN) | SK_MASK(SK_SUBMITTING) | SK_MASK(SK_QUEUED)},
	    {.with_not_received = 1},
	    {.resolved_since = sk_time_now() - SK_LIFE_LATE},
	};
	int found = 0;

	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]) && found == 0; i++) {
		struct sk_writeback *rows;
		size_t n;

		if (sk_store_writebacks(sweep->session->store, &filters[i], &rows, &n, err) != 0)
			return -1;
		for (size_t j = 0; j < n && found == 0; j++) {
			found = may_want(&rows[j], entry);
			*id = rows[j].id;
			*state = rows[j].result;
		}
		sk_writebacks_free(rows, n);
	}
	return found;
}

/* What may be typed to find out whether the entry is the row's. The caller's. */
static char *
way_out(enum word word, const char *entry, int64_t row, enum sk_state state)
{
	if (state == SK_QUEUED)
		return sk_mem_copy("if an older copy of the state file was put back, sikka-sweep "
				   "--after-restore finds that out");
	if (word == NOT_OURS)
		return sk_mem_copy("settle that one first");
	if (state == SK_UNKNOWN)
		return sk_mem_printf("if it is that one, sikka-sweep --resolve %lld=%s",
		    (long long)row, entry);
	return sk_mem_copy("sikka-sweep settles that one by itself");
}

static int
refuse(enum word word, const char *entry, int64_t row, enum sk_state state, struct sk_error *err)
{
	char *hint = way_out(word, entry, row, state);

	sk_error_set(err, word == NOT_OURS ? SK_EXIT_FAILED : SK_EXIT_BAD_DATA,
	    "writeback %s may be request %lld, which is %s (sikka-sweep -n shows what differs): "
	    "%s; if you are sure that %s, add --unchecked",
	    entry, (long long)row, sk_state_name(state), hint,
	    word == NOT_OURS ? "another program sent it" : "it is another request of ours");
	free(hint);
	return -1;
}

/*
 * Whether anything is left to say of an entry that a row has: only of one that was taken over from the
 * list. That it is ours is news only where it can't be compared, and so keeps other requests waiting.
 */
static bool
is_open_to(enum word word, const struct entry *entry)
{
	const struct sk_writeback *owner = &entry->owner;

	return owner->unclaimed && sk_text_equal(owner->writeback_id, entry->listed->id) &&
	    (word == NOT_OURS || sk_taken_over_is_dark(owner));
}

static int
judge(struct sk_sweep *sweep, enum word word, const struct entry *entry, struct sk_error *err)
{
	enum sk_state state;
	int64_t row;
	int found;

	if (entry->owner.id != 0 && !is_open_to(word, entry))
		return sk_error_set(err, SK_EXIT_FAILED,
		    "writeback %s belongs to request %lld: nothing has to be said of it",
		    entry->listed->id, (long long)entry->owner.id);
	if (sweep->options->unchecked)
		return 0;
	found = find_in_the_way(sweep, entry, &row, &state, err);
	return found == 1 ? refuse(word, entry->listed->id, row, state, err) : found;
}

/* --- what is noted ----------------------------------------------------------------------------- */

/* Nobody has to find out any more which request the row is that has the entry. */
static int
claim_owner(struct sk_store *store, struct entry *entry, struct sk_error *err)
{
	struct sk_writeback *owner = &entry->owner;

	if (owner->id == 0)
		return 0;
	owner->unclaimed = 0;
	return sk_store_writeback_put(store, owner, owner->result, owner->attempts, NULL, err) == 1
	    ? 0
	    : -1;
}

static int
note_not_ours(struct sk_store *store, struct entry *entry, const char *said, struct sk_error *err)
{
	const struct sk_api_listed *listed = entry->listed;
	const struct sk_not_ours not_ours = {.writeback_id = listed->id,
	    .office_id = listed->office_id,
	    .content_key = entry->as_row.content_key};
	char *text = sk_mem_printf("writeback %s was sent by another program, says a person %s",
	    listed->id, said);
	int result = sk_store_not_ours_add(store, &not_ours, sk_time_now(), err);

	if (result == 0)
		result = claim_owner(store, entry, err);
	if (result == 0)
		result = sk_event_make(store, SK_EVENT_NOT_OURS, listed->office_id, entry->owner.id,
		    text, err);
	free(text);
	return result;
}

/* The row that was taken over earlier, and that can't be compared, is told about, too. */
static int
note_claimed(struct sk_store *store, struct entry *entry, const char *said, struct sk_error *err)
{
	char *text = sk_mem_printf("request %lld (%s, writeback %s) is ours, says a person %s",
	    (long long)entry->owner.id, entry->owner.operation, entry->listed->id, said);
	int result = claim_owner(store, entry, err);

	if (result == 0)
		result = sk_event_make(store, SK_EVENT_ADOPTED, entry->owner.office_id,
		    entry->owner.id, text, err);
	free(text);
	return result;
}

/*
 * It is taken over as a row, as after a restore. One that can't be compared would keep all requests of its
 * kind from being sent, until a person has said whose it is; which has happened now.
 */
static int
note_ours(struct sk_store *store, struct entry *entry, const char *said, struct sk_error *err)
{
	struct sk_writeback *row = &entry->as_row;

	if (sk_store_not_ours_remove(store, entry->listed->id, err) != 0)
		return -1;
	if (entry->owner.id != 0)
		return note_claimed(store, entry, said, err);
	row->unclaimed = !sk_taken_over_is_dark(row);
	return sk_taken_over_add(store, row, entry->listed, SK_PERSON_ADOPTS, said, err);
}

/* --- deciding ---------------------------------------------------------------------------------- */

/* Who has the entry now. 0, -1 error. */
static int
find_owner(struct sk_store *store, struct entry *entry, struct sk_error *err)
{
	int64_t id;
	int found = sk_store_writeback_owner(store, entry->listed->id, &id, err);

	if (found != 1)
		return found;
	return sk_store_writeback_get(store, id, &entry->owner, err) == 1 ? 0 : -1;
}

/* In a section, since a row may be added: its number must not be used again after a restore. */
static int
decide(struct sk_sweep *sweep, enum word word, struct entry *entry, struct sk_error *err)
{
	struct sk_session *session = sweep->session;
	const char *said = word == OURS
	    ? sweep->options->unchecked ? "with --adopt --unchecked" : "with --adopt"
	    : sweep->options->unchecked ? "with --not-ours --unchecked"
					: "with --not-ours";
	int result;

	if (sk_section_begin(session, err) != 0)
		return -1;
	result = find_owner(session->store, entry, err);
	if (result == 0)
		result = judge(sweep, word, entry, err);
	if (result == 0)
		result = word == OURS ? note_ours(session->store, entry, said, err)
				      : note_not_ours(session->store, entry, said, err);
	return sk_section_end(session, result, err);
}

static void
decide_named(struct sk_sweep *sweep, enum word word, const struct sk_listing *list, const char *id)
{
	long at = sk_listing_find(list, id);
	struct sk_error err = {0};
	struct entry entry = {.listed = at >= 0 ? &list->listed[at] : NULL};

	if (at < 0 || entry.listed->office_id == NULL || entry.listed->method == NULL) {
		sk_error_set(&err, SK_EXIT_BAD_DATA,
		    "writeback %s isn't in the server's list, or without its office and method: "
		    "sikka-sweep -n shows what can be named",
		    id);
	} else {
		sk_taken_over_fill(&entry.as_row, entry.listed);
		decide(sweep, word, &entry, &err);
	}
	sk_sweep_note(sweep, &err);
	sk_writeback_fini(&entry.as_row);
	sk_writeback_fini(&entry.owner);
}

void
sk_sweep_judge_entries(struct sk_sweep *sweep)
{
	const struct sk_entries *not_ours = &sweep->options->not_ours,
				*ours = &sweep->options->adopt;
	struct sk_listing list;
	struct sk_error err = {0};

	if ((not_ours->n == 0 && ours->n == 0) || sk_sweep_go_online(sweep) != 0)
		return;
	if (sk_check_list_show(sweep->pool, sk_time_now() - SK_LIFE_FORGETS, &list, &err) != 0) {
		sk_sweep_note(sweep, &err);
		return;
	}
	for (size_t i = 0; i < not_ours->n; i++)
		decide_named(sweep, NOT_OURS, &list, not_ours->ids[i]);
	for (size_t i = 0; i < ours->n; i++)
		decide_named(sweep, OURS, &list, ours->ids[i]);
	sk_listing_fini(&list);
}
