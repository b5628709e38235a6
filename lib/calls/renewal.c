/* SPDX-License-Identifier: MIT */
/*
 * renewal: how an office gets a new request key (sikka-life(7), Request keys of offices). A small state
 * machine beside each office of the pool:
 *
 *	lock         the office's lock: one renewal of an office at a time, among all processes
 *	note         the attempt is written (in the turn's transaction) before it leaves
 *	refresh      POST /request_key with the refresh key
 *	secret       … with the secret key, where that was refused or its answer was lost
 *	list         the list of practices, where both were refused: is it us, or the office?
 *	new secret   … with the secret of the list, where that is another one
 *	save         its end is written, in one transaction with others'
 *
 * Only the office's own calls wait for it. A renewal that can't get the lock occupies no place. The
 * list is read once for all renewals that want it.
 *
 * Order: the new pair is committed before the lock is released. Released earlier, another process would
 * read the old pair, and renew with a refresh key that is spent.
 */
#include "calls/renewal.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/out.h"
#include "base/progress.h"
#include "base/secret.h"
#include "base/time.h"
#include "store/event.h"
#include "store/served.h"
#include "calls/renewal_parts.h"

#define LOCK_WAIT (100 * SK_SECOND)
#define LOCK_STEP 25
#define BUSY_ELSEWHERE \
	SK_SECOND /* another process renews, and the old key lives: asked again then */

/* --- its end ----------------------------------------------------------------------------------- */

/* Whether the old key may be used in spite of a renewal that failed like this, for whatever reason. */
static bool
old_key_serves(const struct sk_pool_office *office, const struct sk_error *why)
{
	const struct sk_office *record = &office->record;

	return why->code != SK_EXIT_NO_RESOURCE && record->status != SK_OFFICE_REVOKED &&
	    record->status != SK_OFFICE_HELD && sk_request_key_lives(record, office->refused, 0);
}

static void
grant_wish(struct sk_pool_office *office, struct sk_key_wish *wish, const struct sk_error *why)
{
	const struct sk_renewal *renewal = office->renewal;

	wish->is_done = 1;
	wish->token_expiry = office->record.token_expiry;
	if (why->code != 0 && !(wish->within < 0 && old_key_serves(office, why))) {
		wish->error = *why;
		return;
	}
	wish->renewed = renewal->is_renewed;
	wish->grant = renewal->is_renewed ? renewal->grant : NULL;
}

static void
end_wishes(struct sk_pool_office *office, const struct sk_error *why)
{
	while (office->renewal != NULL && office->renewal->wishes != NULL) {
		struct sk_key_wish *wish = office->renewal->wishes;

		office->renewal->wishes = wish->next;
		grant_wish(office, wish, why);
	}
}

void
sk_renewal_finish(struct sk_pool_office *office, const struct sk_error *why)
{
	struct sk_renewal *renewal = office->renewal;
	struct sk_pool *pool = office->pool;

	if (renewal->has_lock) {
		sk_lock_release(pool->session->lock, SK_LOCK_OFFICE, office->record.number);
		pool->renewals->n_with_lock--;
	}
	renewal->has_lock = 0;
	sk_renewal_enter(renewal, SK_RENEWAL_NONE);
	office->is_renewing = 0;
	pool->is_dirty = 1;
	end_wishes(office, why);
	if (why->code != 0 && old_key_serves(office, why)) {
		sk_out_verbose("%s; the old request key is used while it is valid", why->text);
		office->not_renewed_before = sk_time_monotonic() + SK_KEY_AFTER_REFUSAL;
	} else if (why->code != 0) {
		sk_pool_end_office(office, why);
	}
}

static void
finish_well(struct sk_pool_office *office)
{
	const struct sk_error well = {0};

	sk_renewal_finish(office, &well);
}

/* --- its beginning ----------------------------------------------------------------------------- */

static bool
has_wishes(const struct sk_pool_office *office)
{
	return office->renewal != NULL && office->renewal->wishes != NULL;
}

/* The office's own state machine, made when it is first needed. */
static struct sk_renewal *
renewal_of(struct sk_pool_office *office)
{
	if (office->renewal == NULL) {
		office->renewal = sk_mem_zero(1, sizeof(*office->renewal));
		office->renewal->office = office;
	}
	return office->renewal;
}

/* What the office's calls and wishes need: the narrowest wish, or the ordinary margin (below 0). */
static int64_t
needed_within(const struct sk_pool_office *office)
{
	int64_t within = -1;

	for (struct sk_key_wish *wish = office->renewal->wishes; wish != NULL; wish = wish->next)
		if (wish->within > within)
			within = wish->within;
	return within;
}

static bool
lives_long_enough(const struct sk_pool_office *office, int64_t within)
{
	return sk_request_key_lives(&office->record, office->refused,
	    within < 0 ? sk_request_key_margin(&office->record) : within);
}

static void
begin(struct sk_pool_office *office)
{
	struct sk_renewal *renewal = renewal_of(office);

	renewal->within = needed_within(office);
	renewal->known = office->record.renewed_at;
	renewal->locked_out_at = 0;
	renewal->try_again_at = 0;
	renewal->grant = NULL;
	renewal->is_renewed = 0;
	renewal->event = SK_EVENT_NONE;
	memset(&renewal->error, 0, sizeof(renewal->error));
	office->is_renewing = 1;
	sk_renewal_enter(renewal, SK_RENEWAL_LOCK);
}

/* With the lock: another process may have renewed while we waited, or been refused. */
static void
go_on_with_lock(struct sk_pool_office *office)
{
	struct sk_renewal *renewal = office->renewal;
	struct sk_office *record = &office->record;
	int64_t number = record->number, now = sk_time_now();
	struct sk_error why = {0};

	renewal->has_lock = 1;
	office->pool->renewals->n_with_lock++;
	if (sk_request_key_load(office->pool->session, office->id, record, &why) != 0) {
		record->number = number;
		office->is_loaded = 0;
		sk_renewal_finish(office, &why);
		return;
	}
	if (lives_long_enough(office, renewal->within) ||
	    (record->renewed_at != renewal->known &&
		sk_request_key_lives(record, office->refused, 0))) {
		finish_well(office);
		return;
	}
	if (sk_request_key_may_renew(record, &why) != 0) {
		sk_renewal_finish(office, &why);
		return;
	}
	record->renewal_tried_at = now;
	sk_renewal_enter(renewal, SK_RENEWAL_NOTE);
}

/* Another process holds the lock: a key that lives serves meanwhile. */
static void
wait_for_lock(struct sk_pool_office *office)
{
	struct sk_renewal *renewal = office->renewal;
	int64_t now = sk_time_monotonic(), pause = LOCK_STEP + sk_time_jitter(LOCK_STEP);
	struct sk_error why = {0};

	if (sk_request_key_lives(&office->record, office->refused, 0)) {
		finish_well(office);
		office->not_renewed_before = now + BUSY_ELSEWHERE;
		return;
	}
	/* Not from its beginning on: it may have waited for other renewals of ours until it first tried. */
	if (renewal->locked_out_at == 0)
		renewal->locked_out_at = now;
	if (now - renewal->locked_out_at > LOCK_WAIT) {
		sk_error_set(&why, SK_EXIT_TRY_LATER,
		    "another process has been renewing the request key of %s for too long: is that "
		    "process stopped?",
		    office->id);
		sk_renewal_finish(office, &why);
		return;
	}
	renewal->try_again_at = now + pause;
	sk_renewal_enter(renewal, SK_RENEWAL_LOCK);
	sk_pool_wake_in(office->pool, pause);
}

static void
try_lock(struct sk_renewal *renewal)
{
	struct sk_pool_office *office = renewal->office;
	int64_t left = renewal->try_again_at - sk_time_monotonic();
	struct sk_error why = {0};

	if (left > 0) {
		sk_renewal_enter(renewal, SK_RENEWAL_LOCK);
		sk_pool_wake_in(office->pool, left);
		return;
	}
	switch (
	    sk_lock_try(office->pool->session->lock, SK_LOCK_OFFICE, office->record.number, &why)) {
	case 1:
		go_on_with_lock(office);
		break;
	case 0:
		wait_for_lock(office);
		break;
	default:
		sk_renewal_finish(office, &why);
	}
}

/* Reads the office anew. 0; -1: it may have no key, and whoever wanted one has been told. */
static int
load(struct sk_pool_office *office)
{
	struct sk_error why = {0};

	office->is_loaded =
	    sk_request_key_load(office->pool->session, office->id, &office->record, &why) == 0;
	if (office->is_loaded &&
	    sk_served_refuse_unfollowed(office->pool->session, office->id, &why) == 0 &&
	    sk_request_key_may_have(&office->record, office->refused, &why) == 0 &&
	    sk_time_monotonic() < office->pool->renewals->app_refused_until &&
	    !sk_request_key_lives(&office->record, office->refused, 0))
		why = office->pool->renewals->app_refused;
	if (why.code == 0)
		return 0;
	end_wishes(office, &why);
	sk_pool_end_office(office, &why);
	return -1;
}

/* Wishes that the recorded key fulfils are done; for the others a renewal begins. */
static void
look_at_wishes(struct sk_pool_office *office)
{
	const struct sk_error well = {0};
	int64_t within = needed_within(office);

	if (load(office) != 0)
		return;
	office->renewal->is_renewed = 0;
	if (lives_long_enough(office, within))
		end_wishes(office, &well);
	else
		begin(office);
}

/*
 * A rehearsal changes nothing at the server, where a refresh key serves once: a key that still lives is used
 * to its end, and without one the office isn't asked.
 */
static void
rehearse(struct sk_pool_office *office)
{
	struct sk_error why = {0};

	office->not_renewed_before = INT64_MAX;
	if (sk_request_key_lives(&office->record, office->refused, 0))
		return;
	sk_error_set(&why, SK_EXIT_TRY_LATER,
	    "the request key of office %s has ended, and a dry run renews none: sikka-token "
	    "refresh -O %s, then run the command again",
	    office->id, office->id);
	sk_pool_end_office(office, &why);
}

/* Whether the office's calls may leave with the key that it has; without one a renewal begins. */
static void
look_at_calls(struct sk_pool_office *office)
{
	if (office->is_loaded && lives_long_enough(office, -1))
		return;
	if (load(office) != 0 || lives_long_enough(office, -1))
		return;
	if (sk_time_monotonic() < office->not_renewed_before &&
	    sk_request_key_lives(&office->record, office->refused, 0))
		return;
	if (office->pool->session->rehearses)
		rehearse(office);
	else
		begin(office);
}

static void
try_locks(struct sk_pool *pool, const struct sk_renewal_list *list)
{
	for (size_t left = list->n; left > 0 && list->first != NULL &&
	     pool->renewals->n_with_lock < (size_t)pool->connections;
	     left--)
		try_lock(list->first);
}

/*
 * An office is looked at when a call of it or a wish comes in, and when its calls find that its key has ended
 * (sk_pool_ask_for_key); those whose calls wait for something else aren't. A renewal that waits for a lock which
 * another process has takes no place from the others.
 */
static void
tick(struct sk_pool *pool)
{
	const struct sk_pool_office *last = pool->last_asking;
	struct sk_pool_office *office = NULL;

	/* Those that ask meanwhile, since their calls ended just now and were handed in again, have the next turn. */
	while (office != last && (office = sk_pool_next_asking(pool)) != NULL) {
		if (has_wishes(office))
			look_at_wishes(office);
		else if (office->n_without_key > 0)
			look_at_calls(office);
	}
	try_locks(pool, &pool->renewals->locked_out);
	try_locks(pool, &pool->renewals->unlocked);
}

/* --- what is written --------------------------------------------------------------------------- */

static bool
have_to_write(const struct sk_pool *pool)
{
	return pool->renewals->to_write.n > 0;
}

static bool
is_locked_out(const struct sk_pool_office *office)
{
	return office->renewal != NULL &&
	    office->renewal->in == &office->pool->renewals->locked_out;
}

static int
write_renewals(struct sk_pool *pool, struct sk_error *err)
{
	struct sk_store *store = pool->session->store;

	for (const struct sk_renewal *renewal = pool->renewals->to_write.first; renewal != NULL;
	     renewal = renewal->next) {
		const struct sk_pool_office *office = renewal->office;

		if (sk_store_office_put(store, &office->record, err) != 0)
			return -1;
		if (renewal->event != SK_EVENT_NONE &&
		    sk_event_make(store, renewal->event, office->id, 0, renewal->event_text, err) !=
			0)
			return -1;
	}
	return 0;
}

static void
go_on(struct sk_renewal *renewal, const struct sk_error *failure)
{
	if (failure != NULL)
		sk_renewal_finish(renewal->office, failure);
	else if (renewal->stage == SK_RENEWAL_SAVE)
		sk_renewal_finish(renewal->office, &renewal->error);
	else
		sk_renewal_ask(renewal->office);
}

static void
written(struct sk_pool *pool, const struct sk_error *failure)
{
	sk_renewal_each(&pool->renewals->to_write, go_on, failure);
}

/* --- signals, memory --------------------------------------------------------------------------- */

/* Nothing has left for it yet, or what it asked for is known; its end is still written. */
static void
stop_one(struct sk_renewal *renewal, const struct sk_error *why)
{
	if (renewal->stage == SK_RENEWAL_SAVE)
		sk_renewal_enter(renewal, SK_RENEWAL_SAVE);
	else
		sk_renewal_finish(renewal->office, why);
}

static void
stop(struct sk_pool *pool, const struct sk_error *why)
{
	struct sk_renewals *renewals = pool->renewals;
	struct sk_pool_office *office;

	sk_renewal_each(&renewals->locked_out, stop_one, why);
	sk_renewal_each(&renewals->unlocked, stop_one, why);
	sk_renewal_each(&renewals->to_write, stop_one, why);
	sk_renewal_each(&renewals->listing, stop_one, why);
	/* Their calls have ended; a wish has nobody else to end it. */
	while ((office = sk_pool_next_asking(pool)) != NULL)
		end_wishes(office, why);
}

static void
begin_all(struct sk_pool *pool)
{
	pool->renewals = sk_mem_zero(1, sizeof(*pool->renewals));
}

static void
fini(struct sk_pool_office *office)
{
	struct sk_renewal *renewal = office->renewal;

	if (renewal == NULL)
		return;
	if (renewal->has_lock)
		sk_lock_release(office->pool->session->lock, SK_LOCK_OFFICE, office->record.number);
	sk_call_fini(&renewal->call);
	sk_secret_free(renewal->body);
	free(renewal->event_text);
	free(renewal);
}

static void
end_all(struct sk_pool *pool)
{
	for (size_t i = 0; i < pool->n_offices; i++)
		fini(pool->offices[i]);
	sk_renewal_grant_fini(pool->renewals);
	free(pool->renewals);
}

const struct sk_pool_keys sk_renewal_keys = {
    .begin = begin_all,
    .end = end_all,
    .tick = tick,
    .stop = stop,
    .is_locked_out = is_locked_out,
    .have_to_write = have_to_write,
    .write = write_renewals,
    .written = written,
};

/* --- wishes ------------------------------------------------------------------------------------ */

void
sk_renewal_wish(struct sk_pool *pool, struct sk_key_wish *wish)
{
	struct sk_pool_office *office = sk_pool_office_of(pool, wish->office_id);

	wish->is_done = 0;
	wish->renewed = 0;
	wish->grant = NULL;
	wish->token_expiry = 0;
	memset(&wish->error, 0, sizeof(wish->error));
	wish->next = renewal_of(office)->wishes;
	office->renewal->wishes = wish;
	sk_pool_ask_for_key(office);
	pool->is_dirty = 1;
}

void
sk_renewal_wait(struct sk_pool *pool, const struct sk_key_wish *wishes, size_t n, size_t i)
{
	size_t done;

	while (!wishes[i].is_done) {
		sk_pool_turn(pool, SK_MINUTE, -1);
		/* Only where somebody sees it: there may be thousands, and a turn for each of them. */
		if (sk_progress_due_in() == INT64_MAX)
			continue;
		done = 0;
		for (size_t k = 0; k < n; k++)
			done += (size_t)wishes[k].is_done;
		sk_progress_count(done, n);
	}
}

int
sk_renewal_usable_key(struct sk_pool *pool, const char *office_id, char **key, struct sk_error *err)
{
	struct sk_key_wish wish = {.office_id = office_id, .within = -1};

	sk_renewal_wish(pool, &wish);
	sk_renewal_wait(pool, &wish, 1, 0);
	if (wish.error.code != 0) {
		*err = wish.error;
		return -1;
	}
	switch (sk_request_key_recorded(sk_pool_session(pool), office_id, 1, key, err)) {
	case 1:
		return 0;
	case 0:
		return sk_error_set(err, SK_EXIT_TRY_LATER,
		    "the request key of office %s ended before it could be used", office_id);
	default:
		return -1;
	}
}
