/* SPDX-License-Identifier: MIT */
/*
 * send_holds: rows that wait because their office has a hold (sikka-life(7), Older copies). They stay
 * queued; a run that dies meanwhile has sent none of them. What a person has paused waits as long as more rows may
 * come, so that a caller who feeds one process goes on without a word, and ends as not sent after that.
 */
#include <stdlib.h>

#include "base/out.h"
#include "base/stop.h"
#include "base/text.h"
#include "base/time.h"
#include "store/holds.h"
#include "store/offices.h"
#include "store/pauses.h"
#include "life/hold_list.h"
#include "life/hold_rule.h"
#include "commands/send_parts.h"

/*
 * Asked for each row that is handed in, and usually there is no hold at all: then that is believed for a
 * second. A hold that begins meanwhile is seen when the row is claimed, within that transaction.
 */
bool
sk_sender_must_wait(struct sk_sender *sender, const struct sk_sending *sending)
{
	struct sk_store *store = sk_pool_session(sender->pool)->store;
	struct sk_error ignored = {0};
	int64_t now = sk_time_monotonic();

	if (now < sender->free_until)
		return false;
	if (sk_store_holds_of_any(store, &ignored) == 0) {
		sender->free_until = now + SK_SECOND;
		return false;
	}
	return sk_store_holds_office(store, sending->office_id, &ignored) == 1;
}

void
sk_sender_hold(struct sk_sender *sender, struct sk_sending *sending)
{
	sk_call_fini(&sending->call);
	sending->is_held = true;
	sender->n_held++;
	/* There is a hold: were it still believed that there is none, all rows would go again, and be told anew. */
	sender->free_until = 0;
}

static void
let_go(struct sk_sender *sender, struct sk_sending *sending)
{
	sending->is_held = false;
	sender->n_held--;
	sk_pool_add(sender->pool, &sending->call);
}

void
sk_sender_let_all_go(struct sk_sender *sender)
{
	for (struct sk_sending *sending = sender->first; sending != NULL; sending = sending->next)
		if (sending->is_held)
			let_go(sender, sending);
}

/* Those whose hold is over. */
static void
let_free_go(struct sk_sender *sender)
{
	for (struct sk_sending *sending = sender->first; sending != NULL; sending = sending->next)
		if (sending->is_held && !sk_sender_must_wait(sender, sending))
			let_go(sender, sending);
	/* Another hold is told again. */
	sender->has_told_holds = sender->has_told_holds && sender->n_held > 0;
}

/* The offices for which a list has shown something, each once: a batch may go from one to the other and back. */
static char *
names_of_shown(struct sk_store *store)
{
	struct sk_office *offices = NULL;
	struct sk_error ignored = {0};
	struct sk_text names = {0};
	size_t n = 0;

	if (sk_store_offices(store, &offices, &n, &ignored) == 0)
		for (size_t i = 0; i < n; i++)
			if (sk_store_holds_shown(store, offices[i].office_id, &ignored) == 1)
				sk_text_add_format(&names, "%s%s", names.used > 0 ? ", " : "",
				    offices[i].office_id);
	sk_offices_free(offices, n);
	return sk_text_take(&names);
}

/*
 * Of an added office, for which a list has shown what isn't known here: a person has to say what that is.
 * Other offices' rows go on.
 */
static void
end_shown(struct sk_sender *sender)
{
	struct sk_store *store = sk_pool_session(sender->pool)->store;
	struct sk_error why = {0}, ignored = {0};
	bool is_any = false;
	char *names;

	for (struct sk_sending *sending = sender->first; sending != NULL; sending = sending->next) {
		if (!sending->is_held ||
		    sk_store_holds_shown(store, sending->office_id, &ignored) != 1)
			continue;
		is_any = true;
		sending->call.owner = &sender->refusing;
		let_go(sender, sending);
	}
	if (!is_any)
		return;
	names = names_of_shown(store);
	sk_error_set(&why, SK_EXIT_TRY_LATER,
	    "the server has requests of office %s that the state file doesn't have: sikka-sweep -n "
	    "shows them; if a state file was lost: sikka-sweep --after-restore; if another program "
	    "sent them: sikka-sweep -n | sikka-sweep --not-ours -",
	    names);
	free(names);
	sk_pool_end_waiting(sender->pool, &sender->refusing, &why);
}

/* What a person has paused, when no more rows come. */
static void
end_paused(struct sk_sender *sender)
{
	struct sk_store *store = sk_pool_session(sender->pool)->store;
	struct sk_error why = {0}, ignored = {0};
	char *words = NULL;
	bool is_any = false;

	for (struct sk_sending *sending = sender->first; sending != NULL; sending = sending->next) {
		if (!sending->is_held || sk_store_paused(store, sending->office_id, &ignored) != 1)
			continue;
		if (!is_any)
			words = sk_store_pause_words(store, sending->office_id);
		is_any = true;
		sending->call.owner = &sender->refusing;
		let_go(sender, sending);
	}
	if (!is_any)
		return;
	sk_error_set(&why, SK_EXIT_TRY_LATER, "nothing new is sent: %s",
	    words != NULL ? words : "a person has paused it");
	free(words);
	sk_pool_end_waiting(sender->pool, &sender->refusing, &why);
}

static char *
words_of(const struct sk_sender *sender)
{
	struct sk_store *store = sk_pool_session(sender->pool)->store;

	for (struct sk_sending *sending = sender->first; sending != NULL; sending = sending->next) {
		char *words =
		    sending->is_held ? sk_store_pause_words(store, sending->office_id) : NULL;

		if (words != NULL)
			return words;
	}
	return sk_hold_words(store, NULL);
}

static void
tell_once(struct sk_sender *sender)
{
	char *words;

	if (sender->has_told_holds)
		return;
	words = words_of(sender);
	if (words == NULL)
		return;
	sender->has_told_holds = true;
	sk_out_tell("%zu requests wait: %s", sender->n_held, words);
	free(words);
}

int64_t
sk_sender_patience(const struct sk_sender *sender)
{
	return sender->n_held > 0 ? SK_SECOND : SK_MINUTE;
}

int
sk_sender_mind_holds(struct sk_sender *sender, struct sk_error *err)
{
	struct sk_session *session = sk_pool_session(sender->pool);
	struct sk_check check = {.session = session, .pool = sender->pool};

	if (sender->n_held == 0 || sk_time_monotonic() < sender->mind_at)
		return 0;
	/* After a signal the pool ends them. */
	if (sk_stop_asked()) {
		sk_sender_let_all_go(sender);
		return 0;
	}
	if (!sender->more_may_come)
		end_paused(sender);
	tell_once(sender);
	if (sk_hold_wants_list(session->store) && sk_hold_list_read(&check, err) != 0)
		return -1;
	/* Another process may have found that it is one. */
	if (sk_copy_guard(session, err) != 0)
		return -1;
	end_shown(sender);
	let_free_go(sender);
	sender->mind_at = sk_time_monotonic() + SK_SECOND;
	return 0;
}
