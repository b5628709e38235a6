/* SPDX-License-Identifier: MIT */
/*
 * life: judges holds by the server's lists. When what a list says can't be recorded, the hold stays as it
 * was, and nothing leaves.
 */
#include "life/holds.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/out.h"
#include "base/text.h"
#include "base/time.h"
#include "store/hand_over.h"
#include "store/holds.h"
#include "store/lists.h"
#include "store/offices.h"
#include "store/pair.h"
#include "store/writebacks.h"
#include "life/check_list.h"
#include "life/hold_rule.h"
#include "life/life.h"

#define NAMED 5 /* ids in a message */

/* --- what is explained ------------------------------------------------------------------------- */

/* What entries are held against. */
struct known {
	struct sk_writeback *rows; /* that may be on the server without an id here */
	bool *is_used;             /* of row i: it explains an entry already */
	size_t n_rows;
	struct sk_writeback *sent; /* that have their ids; read when the first entry needs them */
	size_t n_sent;
	bool has_sent;
	const struct sk_config *config;
	struct sk_office *offices;
	size_t n_offices;
};

/* Entries that are unexplained, by their numbers in the list. */
struct strange {
	size_t *entries;
	size_t n;
};

static void
forget(struct known *known)
{
	sk_writebacks_free(known->rows, known->n_rows);
	sk_writebacks_free(known->sent, known->n_sent);
	sk_offices_free(known->offices, known->n_offices);
	free(known->is_used);
}

static int
learn(struct sk_session *session, struct known *known, struct sk_error *err)
{
	struct sk_store *store = session->store;
	const struct sk_filter open = {.states = SK_MASK(SK_UNKNOWN) | SK_MASK(SK_SUBMITTING)};

	memset(known, 0, sizeof(*known));
	known->config = &session->config;
	if (sk_store_writebacks(store, &open, &known->rows, &known->n_rows, err) != 0)
		return -1;
	known->is_used = sk_mem_zero(known->n_rows + 1, sizeof(bool));
	if (sk_store_offices(store, &known->offices, &known->n_offices, err) == 0)
		return 0;
	forget(known);
	return -1;
}

static bool
is_office_of_ours(const struct known *known, const char *office_id)
{
	/* An entry that names no office may be of any. */
	if (office_id == NULL)
		return true;
	for (size_t i = 0; i < known->n_offices; i++)
		if (strcmp(known->offices[i].office_id, office_id) == 0)
			return true;
	return false;
}

/* A row without an id that could be the entry's; each explains one. */
static bool
is_explained_by_row(struct known *known, const struct sk_api_listed *listed)
{
	for (size_t i = 0; i < known->n_rows; i++) {
		if (known->is_used[i] || known->rows[i].writeback_id != NULL ||
		    !sk_alike_may_be_kind(&known->rows[i], listed))
			continue;
		known->is_used[i] = true;
		return true;
	}
	return false;
}

static int
learn_sent(struct sk_store *store, const struct sk_listing *list, struct known *known,
    struct sk_error *err)
{
	/* It may have waited for a while before it was sent. */
	const struct sk_filter recent = {.queued_since = list->from - SK_DAY};

	if (known->has_sent)
		return 0;
	if (sk_store_writebacks(store, &recent, &known->sent, &known->n_sent, err) != 0)
		return -1;
	known->has_sent = true;
	return 0;
}

/* Ids count up at the server. Its times have no zone. */
static bool
came_after(const char *id, const char *other)
{
	long long number = strtoll(other, NULL, 10);

	return number > 0 && strtoll(id, NULL, 10) > number;
}

/* Of a file that was begun all rows were; its clock may have been wrong just then. */
static bool
was_sent_under(const struct sk_hold *hold, const struct sk_writeback *row)
{
	return row->writeback_id != NULL &&
	    (hold->why == SK_HOLD_BEGUN || row->submitted_at >= hold->since);
}

/*
 * Whether the entry came after a request of this file that holds the same, and that was itself sent since the
 * hold was noted: 1, 0, -1. So it came since, too: a proxy has repeated the request, or another program has
 * sent the same, and it is told as a double (settle_late.c). What came before that request may as well be
 * the reason why a caller has handed it in again, after a file was lost: that one is evidence.
 */
static int
is_double(struct sk_store *store, const struct sk_hold *hold, struct known *known,
    const struct sk_listing *list, const struct sk_api_listed *listed, struct sk_error *err)
{
	if (learn_sent(store, list, known, err) != 0)
		return -1;
	for (size_t i = 0; i < known->n_sent; i++)
		if (was_sent_under(hold, &known->sent[i]) &&
		    came_after(listed->id, known->sent[i].writeback_id) &&
		    sk_match_is_kind(&known->sent[i], listed) &&
		    sk_match_is_strict(&known->sent[i], listed))
			return 1;
	return 0;
}

/*
 * A list from before a gap showed it: so it isn't what this machine sent since its snapshot. Of a file or an
 * office that was begun such a list says nothing, since what it showed may be a lost file's.
 */
static int
is_known_before(struct sk_store *store, const struct sk_hold *hold,
    const struct sk_api_listed *listed, struct sk_error *err)
{
	if (hold->why != SK_HOLD_GAP)
		return 0;
	return sk_store_unowned_seen(store, listed->id, hold->after_list, err);
}

/*
 * What the host from which the office came had seen, or was there before: it sent that, or knew of it. Only of an
 * entry that is younger is it somebody else's, or that host's own, which goes on sending. 1, 0, -1.
 */
static int
is_of_before(struct sk_store *store, const struct sk_hold *hold, const struct sk_api_listed *listed,
    struct sk_error *err)
{
	struct sk_hand_over over = {0};
	long long number = strtoll(listed->id, NULL, 10), newest;
	int found = hold->why == SK_HOLD_GAP || listed->office_id == NULL
	    ? 0
	    : sk_store_handed_in(store, listed->office_id, &over, err);

	newest = over.newest != NULL ? strtoll(over.newest, NULL, 10) : 0;
	sk_hand_over_fini(&over);
	return found != 1 ? found : number > 0 && number <= newest;
}

static bool
is_in_scope(const struct sk_hold *hold, const struct sk_api_listed *listed)
{
	return hold->office_id == NULL || listed->office_id == NULL ||
	    strcmp(hold->office_id, listed->office_id) == 0;
}

/* Whether an entry speaks for an older copy: 1, 0, -1. */
static int
is_strange(struct sk_store *store, const struct sk_hold *hold, struct known *known,
    const struct sk_listing *list, size_t entry, struct sk_error *err)
{
	const struct sk_api_listed *listed = &list->listed[entry];
	int is_known;

	if (!is_in_scope(hold, listed) || !is_office_of_ours(known, listed->office_id) ||
	    sk_config_shares_office(known->config, listed->office_id))
		return 0;
	is_known = is_known_before(store, hold, listed, err);
	if (is_known == 0)
		is_known = is_of_before(store, hold, listed, err);
	if (is_known == 0)
		is_known = is_double(store, hold, known, list, listed, err);
	if (is_known != 0)
		return is_known < 0 ? -1 : 0;
	return !is_explained_by_row(known, listed);
}

static int
find_strange(struct sk_store *store, const struct sk_hold *hold, struct known *known,
    const struct sk_listing *list, struct strange *strange, struct sk_error *err)
{
	if (known->n_rows > 0)
		memset(known->is_used, 0, known->n_rows * sizeof(bool));
	strange->entries = sk_mem_zero(list->n + 1, sizeof(*strange->entries));
	for (size_t i = 0; i < list->n; i++) {
		int found = 0;

		if (list->owned[i] == SK_OWNED_BY_NOBODY)
			found = is_strange(store, hold, known, list, i, err);
		if (found < 0)
			return -1;
		if (found)
			strange->entries[strange->n++] = i;
	}
	return 0;
}

/* --- a list ------------------------------------------------------------------------------------ */

static void
tell_shown(const struct sk_hold *hold, const struct sk_listing *list, const struct strange *strange)
{
	struct sk_text text = {0};
	size_t n = strange->n;
	const char *ids;

	for (size_t i = 0; i < n && i < NAMED; i++)
		sk_text_add_format(&text, "%s%s", i > 0 ? ", " : "",
		    list->listed[strange->entries[i]].id);
	if (n > NAMED)
		sk_text_add(&text, ", ...");
	ids = sk_text_bytes(&text);
	if (hold->why == SK_HOLD_TAKEN_IN)
		sk_out_warn(
		    "another host sends for office %s, which this one has taken over: the server "
		    "has %zu younger requests that aren't known here (%s), so nothing is sent "
		    "for it; stop that host, then sikka-sweep -n | sikka-sweep --adopt -; if "
		    "another program sent them: sikka-sweep -n | sikka-sweep --not-ours -",
		    hold->office_id, n, ids);
	else if (hold->office_id != NULL)
		sk_out_warn("the server has %zu requests of office %s that the state file doesn't "
			    "have (%s): nothing is sent for it; if a state file was lost: "
			    "sikka-sweep --after-restore; if another program sent them: "
			    "sikka-sweep -n | sikka-sweep --not-ours -",
		    n, hold->office_id, ids);
	else
		sk_out_warn("the server has %zu requests that the state file doesn't have (%s)", n,
		    ids);
	sk_text_fini(&text);
}

static int
judge_one(struct sk_store *store, struct sk_hold *hold, struct known *known,
    const struct sk_listing *list, void *no_arg, struct sk_error *err)
{
	struct strange strange = {0};
	int64_t shown_before = hold->shown_at;
	int result = find_strange(store, hold, known, list, &strange, err);

	(void)no_arg;
	if (result == 0) {
		sk_hold_take_list(hold, list, strange.n);
		result = sk_hold_is_over(hold) ? sk_store_hold_end(store, hold->id, "lists", err)
					       : sk_store_hold_put(store, hold, err);
	}
	if (result == 0 && hold->shown_at != 0 && shown_before == 0)
		tell_shown(hold, list, &strange);
	free(strange.entries);
	return result;
}

/* What is done with a hold and a list. */
typedef int judge_fn(struct sk_store *store, struct sk_hold *hold, struct known *known,
    const struct sk_listing *list, void *arg, struct sk_error *err);

/* In a transaction: who owns an entry, and what is unknown, is asked in there. */
static int
judge_all(struct sk_session *session, struct sk_listing *list, judge_fn *judge, void *arg,
    struct sk_error *err)
{
	struct sk_hold *holds;
	struct known known;
	size_t n;
	int result = -1;

	if (sk_check_list_mark_owned(session, list, err) != 0 ||
	    sk_store_holds(session->store, &holds, &n, err) != 0)
		return -1;
	if (learn(session, &known, err) == 0) {
		result = 0;
		for (size_t i = 0; i < n && result == 0; i++)
			result = judge(session->store, &holds[i], &known, list, arg, err);
		forget(&known);
	}
	sk_holds_free(holds, n);
	return result;
}

/*
 * A hold of an office that came from another host ends after two clean lists, as others do; but that host may begin
 * to send again later, as when its state file is put back without its configuration. So each list is looked at.
 */
static int
watch_office(struct sk_store *store, const char *office_id, struct known *known,
    const struct sk_listing *list, struct sk_error *err)
{
	struct sk_hold hold = {.why = SK_HOLD_TAKEN_IN, .lists_wanted = 1};
	struct strange strange = {0};
	int result = sk_store_holds_unpaused(store, office_id, err);

	if (result != 0)
		return result < 0 ? -1 : 0;
	hold.office_id = sk_mem_copy(office_id);
	result = find_strange(store, &hold, known, list, &strange, err);
	if (result == 0 && strange.n > 0) {
		hold.looked_at = hold.shown_at = list->begun_at;
		result = sk_store_holds_note_taken_in(store, office_id, &hold, err);
		tell_shown(&hold, list, &strange);
	}
	free(strange.entries);
	free(hold.office_id);
	return result;
}

static int
watch_taken_in(struct sk_session *session, const json_t *offices, struct sk_listing *list,
    struct sk_error *err)
{
	struct known known;
	const json_t *office;
	size_t i;
	int result = 0;

	if (json_array_size(offices) == 0 || !list->whole)
		return 0;
	if (sk_check_list_mark_owned(session, list, err) != 0 || learn(session, &known, err) != 0)
		return -1;
	json_array_foreach(offices, i, office)
	{
		result = watch_office(session->store, json_string_value(office), &known, list, err);
		if (result != 0)
			break;
	}
	forget(&known);
	return result;
}

/* A list may have shown that it is one: that is noted, and everything only reads from now on. */
static int
meet_copy(struct sk_session *session, struct sk_error *err)
{
	if (sk_copy_look(session, err) != 0)
		return -1;
	if (session->copy == SK_COPY_NONE)
		return 0;
	if (sk_pair_meet(session, err) != 0)
		return -1;
	return sk_copy_refuse(session, err);
}

int
sk_holds_judge(struct sk_session *session, struct sk_listing *list, struct sk_error *err)
{
	json_t *taken_in = NULL;
	int any = sk_store_holds_any(session->store, err), result;

	if (any < 0 ||
	    sk_store_hand_over_offices(session->store, SK_HAND_OVER_IN, &taken_in, err) != 0) {
		json_decref(taken_in);
		return -1;
	}
	result =
	    any == 0 && json_array_size(taken_in) == 0 ? 1 : sk_store_begin(session->store, err);
	if (result == 0 &&
	    (judge_all(session, list, judge_one, NULL, err) != 0 ||
		watch_taken_in(session, taken_in, list, err) != 0)) {
		sk_store_rollback(session->store);
		result = -1;
	}
	if (result == 0)
		result = sk_store_commit(session->store, err);
	json_decref(taken_in);
	if (result != 0)
		return result < 0 ? -1 : 0;
	return meet_copy(session, err);
}

/* --- what a person makes of it ------------------------------------------------------------------- */

struct show {
	sk_holds_show_fn *show;
	void *arg;
};

static int
show_one(struct sk_store *store, struct sk_hold *hold, struct known *known,
    const struct sk_listing *list, void *arg, struct sk_error *err)
{
	const struct show *show = arg;
	struct strange strange = {0};
	int result = find_strange(store, hold, known, list, &strange, err);

	for (size_t i = 0; i < strange.n && result == 0; i++)
		show->show(show->arg, hold->why, &list->listed[strange.entries[i]]);
	free(strange.entries);
	return result;
}

int
sk_holds_show(struct sk_session *session, struct sk_listing *list, sk_holds_show_fn *show,
    void *arg, struct sk_error *err)
{
	struct show shows = {show, arg};

	return judge_all(session, list, show_one, &shows, err);
}

/* What a list has shown counts no longer: so the hold waits for lists as at first, the next one at once. */
static int
review_one(struct sk_store *store, struct sk_hold *hold, struct known *known,
    const struct sk_listing *list, void *n_left_arg, struct sk_error *err)
{
	size_t *n_left = n_left_arg;
	struct strange strange = {0};
	int result = 0;

	if (hold->shown_at == 0)
		return 0;
	if (find_strange(store, hold, known, list, &strange, err) != 0) {
		result = -1;
	} else if (strange.n == 0) {
		hold->shown_at = 0;
		hold->lists_clean = 0;
		hold->looked_at = 0;
		result = sk_store_hold_put(store, hold, err);
	}
	*n_left += strange.n;
	free(strange.entries);
	return result;
}

/* In a transaction. */
static int
review_all(struct sk_session *session, struct sk_listing *list, size_t *n_left,
    struct sk_error *err)
{
	int is_copy;

	if (judge_all(session, list, review_one, n_left, err) != 0)
		return -1;
	is_copy = sk_store_holds_copy(session->store, err);
	if (is_copy != 0)
		return is_copy < 0 ? -1 : 0;
	/* Should a list show something again, that is another copy, and is told. */
	return session->copy == SK_COPY_SHOWN ? sk_pair_forget_met(session, err) : 0;
}

int
sk_holds_review(struct sk_session *session, struct sk_listing *list, size_t *n_left,
    struct sk_error *err)
{
	*n_left = 0;
	if (!list->whole)
		return sk_error_set(err, SK_EXIT_TRY_LATER,
		    "the server's list changed while it was read: run the command again");
	if (sk_store_begin(session->store, err) != 0)
		return -1;
	if (review_all(session, list, n_left, err) != 0) {
		sk_store_rollback(session->store);
		return -1;
	}
	if (sk_store_commit(session->store, err) != 0)
		return -1;
	return sk_copy_look(session, err);
}
