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
	const struct sk_config *config;
	struct sk_office *offices;
	size_t n_offices;
};

/* Entries that are unexplained. */
struct strange {
	struct sk_text ids; /* of the first of them */
	size_t n;
};

static void
forget(struct known *known)
{
	sk_writebacks_free(known->rows, known->n_rows);
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

static bool
is_in_scope(const struct sk_hold *hold, const struct sk_api_listed *listed)
{
	return hold->office_id == NULL || listed->office_id == NULL ||
	    strcmp(hold->office_id, listed->office_id) == 0;
}

/* Whether an entry speaks for an older copy: 1, 0, -1. */
static int
is_strange(struct sk_store *store, const struct sk_hold *hold, struct known *known,
    const struct sk_api_listed *listed, struct sk_error *err)
{
	int is_known;

	if (!is_in_scope(hold, listed) || !is_office_of_ours(known, listed->office_id) ||
	    sk_config_shares_office(known->config, listed->office_id))
		return 0;
	is_known = is_known_before(store, hold, listed, err);
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
	for (size_t i = 0; i < list->n; i++) {
		const char *id = list->listed[i].id;
		int found = 0;

		if (list->owned[i] == SK_OWNED_BY_NOBODY)
			found = is_strange(store, hold, known, &list->listed[i], err);
		if (found < 0)
			return -1;
		if (found && strange->n++ < NAMED)
			sk_text_add_format(&strange->ids, "%s%s", strange->n > 1 ? ", " : "", id);
	}
	if (strange->n > NAMED)
		sk_text_add(&strange->ids, ", ...");
	return 0;
}

/* --- a list ------------------------------------------------------------------------------------ */

static void
tell_shown(const struct sk_hold *hold, size_t n, const char *ids)
{
	if (hold->office_id != NULL)
		sk_out_warn("the server has %zu requests of office %s that the state file doesn't "
			    "have (%s): nothing is sent for it; if a state file was lost: "
			    "sikka-sweep --after-restore; if another program sent them: "
			    "sikka-sweep --not-ours",
		    n, hold->office_id, ids);
	else
		sk_out_warn("the server has %zu requests that the state file doesn't have (%s)", n,
		    ids);
}

static int
judge_one(struct sk_store *store, struct sk_hold *hold, struct known *known,
    const struct sk_listing *list, struct sk_error *err)
{
	struct strange strange = {0};
	int64_t shown_before = hold->shown_at;
	int result = find_strange(store, hold, known, list, &strange, err);

	if (result == 0) {
		sk_hold_take_list(hold, list, strange.n);
		result = sk_hold_is_over(hold) ? sk_store_hold_end(store, hold->id, "lists", err)
					       : sk_store_hold_put(store, hold, err);
	}
	if (result == 0 && hold->shown_at != 0 && shown_before == 0)
		tell_shown(hold, strange.n, sk_text_bytes(&strange.ids));
	sk_text_fini(&strange.ids);
	return result;
}

/* In a transaction: who owns an entry, and what is unknown, is asked in there. */
static int
judge_all(struct sk_session *session, struct sk_listing *list, struct sk_error *err)
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
			result = judge_one(session->store, &holds[i], &known, list, err);
		forget(&known);
	}
	sk_holds_free(holds, n);
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
	int any = sk_store_holds_any(session->store, err);

	if (any <= 0)
		return any;
	if (sk_store_begin(session->store, err) != 0)
		return -1;
	if (judge_all(session, list, err) != 0) {
		sk_store_rollback(session->store);
		return -1;
	}
	if (sk_store_commit(session->store, err) != 0)
		return -1;
	return meet_copy(session, err);
}
