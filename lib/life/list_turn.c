/* SPDX-License-Identifier: MIT */
/*
 * life: the turn of lists: a byte of the lock file for who reads one, another byte for who settles by one,
 * and facts in the state file for when one was begun and read. A state file that can't be read makes no list due.
 */
#include "life/list_turn.h"

#include "base/out.h"
#include "base/progress.h"
#include "base/time.h"
#include "store/holds.h"
#include "store/lists.h"
#include "life/hold_rule.h"
#include "life/life.h"

#define WAIT (90 * SK_SECOND)
#define SETTLED (5 * SK_SECOND) /* who settles by a list may have been stopped */
#define OFTEN (10 * SK_MINUTE)  /* at least, while a row waits for a list */
#define RARELY (6 * SK_HOUR)    /* at least, while a row is looked for */
#define AGAIN SK_MINUTE         /* one that came to nothing isn't begun again before */

#define BEGUN_AT "list_begun_at"
#define READ_AT "list_read_at"

/* The numbers of the two bytes. */
enum { READS, SETTLES };

/*
 * The turn is ours. But the process that had it before may still be settling by its list, which proves no
 * absence once ours has begun. So that one is waited for; not for long, since it may have been stopped.
 */
static enum sk_list_turn
after_settling(struct sk_pool *pool, struct sk_error *err)
{
	struct sk_session *session = sk_pool_session(pool);
	int64_t end = sk_time_monotonic() + SETTLED;
	int held;

	for (bool is_told = false;; is_told = true) {
		held = sk_lock_is_held(session->lock, SK_LOCK_LIST, SETTLES, err);
		if (held == 0 || (held == 1 && sk_time_monotonic() > end))
			return SK_TURN_OURS;
		if (held == 1 && !is_told)
			sk_out_verbose("waiting until another process has settled by its list");
		if (held < 0 || sk_pool_sleep(pool, 20 + sk_time_jitter(20), err) != 0)
			break;
	}
	sk_list_turn_end(session);
	return SK_TURN_ERROR;
}

enum sk_list_turn
sk_list_turn_take(struct sk_pool *pool, struct sk_error *err)
{
	int taken = sk_lock_try(sk_pool_session(pool)->lock, SK_LOCK_LIST, READS, err);

	return taken == 1 ? after_settling(pool, err) : (enum sk_list_turn)taken;
}

static int
await(struct sk_pool *pool, struct sk_error *err)
{
	int64_t end = sk_time_monotonic() + WAIT;

	for (bool is_told = false;; is_told = true) {
		switch (sk_list_turn_take(pool, err)) {
		case SK_TURN_OURS:
			return 0;
		case SK_TURN_ERROR:
			return -1;
		case SK_TURN_ANOTHERS:
			break;
		}
		if (!is_told)
			sk_out_verbose("waiting for the list that another process is reading");
		if (sk_time_monotonic() > end)
			return sk_error_set(err, SK_EXIT_TRY_LATER,
			    "another process has been reading the list of writebacks for too long: "
			    "is that process stopped?");
		if (sk_pool_sleep(pool, 100 + sk_time_jitter(100), err) != 0)
			return -1;
	}
}

int
sk_list_turn_await(struct sk_pool *pool, struct sk_error *err)
{
	int result;

	sk_progress_begin(NULL, "waiting for the list that another process is reading");
	result = await(pool, err);
	sk_progress_end();
	return result;
}

void
sk_list_turn_end(struct sk_session *session)
{
	sk_lock_release(session->lock, SK_LOCK_LIST, READS);
}

void
sk_list_turn_settle(struct sk_session *session)
{
	struct sk_error ignored = {0};

	/* Where a process that was stopped has that byte, the next one doesn't wait for us. */
	sk_lock_try(session->lock, SK_LOCK_LIST, SETTLES, &ignored);
	sk_list_turn_end(session);
}

void
sk_list_turn_settled(struct sk_session *session)
{
	sk_lock_release(session->lock, SK_LOCK_LIST, SETTLES);
}

int
sk_list_turn_note_begun(struct sk_store *store, int64_t at, struct sk_error *err)
{
	return sk_store_fact_set(store, BEGUN_AT, at, err);
}

int
sk_list_turn_note_read(struct sk_store *store, int64_t begun_at, struct sk_error *err)
{
	return sk_store_fact_set(store, READ_AT, begun_at, err);
}

int64_t
sk_list_turn_read_at(struct sk_store *store)
{
	return sk_store_fact(store, READ_AT);
}

static int
awaited_since(struct sk_store *store, int64_t now, int64_t *since, struct sk_error *err)
{
	/* Of a row that is older no list proves anything. */
	return sk_store_lists_awaited_since(store, now - SK_LIFE_FORGETS, SK_LIFE_GONE, since, err);
}

int
sk_list_turn_since(struct sk_store *store, int64_t now, int64_t *since, struct sk_error *err)
{
	int64_t looked_for = 0;
	int is_for_hold;

	if (awaited_since(store, now, since, err) != 0 ||
	    sk_store_lists_looked_for(store, now - SK_LIFE_LATE, now, &looked_for, err) != 0)
		return -1;
	if (looked_for != 0 && (*since == 0 || looked_for < *since))
		*since = looked_for;
	is_for_hold = sk_store_holds_any(store, err);
	if (is_for_hold > 0)
		*since = now - SK_LIFE_FORGETS;
	return is_for_hold < 0 ? -1 : 0;
}

int
sk_list_turn_is_awaited(struct sk_store *store, struct sk_error *err)
{
	int64_t since;

	return awaited_since(store, sk_time_now(), &since, err) != 0 ? -1 : since != 0;
}

/* Whether so much time has passed since that moment. One that lies ahead was left by a wrong clock. */
static bool
has_passed(int64_t moment, int64_t now, int64_t time)
{
	return moment > now || now - moment >= time;
}

/* Whether a row has been looked for so long already. A person who resolves it has read a list before. */
static bool
is_long_looked_for(struct sk_store *store, int64_t now)
{
	struct sk_error ignored = {0};
	int64_t since;

	return sk_store_lists_looked_for(store, now - SK_LIFE_LATE, now - RARELY, &since,
		   &ignored) == 0 &&
	    since != 0;
}

static bool
is_overdue(struct sk_store *store)
{
	struct sk_error ignored = {0};
	int64_t now = sk_time_now(), read_at = sk_list_turn_read_at(store);

	if (sk_hold_wants_list(store))
		return true;
	if (!has_passed(read_at, now, OFTEN))
		return false;
	if (sk_list_turn_is_awaited(store, &ignored) == 1)
		return true;
	return has_passed(read_at, now, RARELY) && is_long_looked_for(store, now);
}

bool
sk_list_turn_is_due(struct sk_store *store)
{
	return has_passed(sk_store_fact(store, BEGUN_AT), sk_time_now(), AGAIN) &&
	    is_overdue(store);
}

bool
sk_list_turn_goes_first(struct sk_session *session)
{
	struct sk_error ignored = {0};

	return sk_lock_is_held(session->lock, SK_LOCK_LIST, READS, &ignored) == 1 &&
	    is_overdue(session->store);
}
