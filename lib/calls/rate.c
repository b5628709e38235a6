/* SPDX-License-Identifier: MIT */
/*
 * rate: the windows of the vendor's limits, counted in a file that all processes share. When the file
 * fails, writes stop, and for reads this process counts for itself for a minute at a time.
 */
#include "calls/rate.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/out.h"
#include "base/time.h"

#define USUAL_LIMIT 200
#define USUAL_WINDOW SK_MINUTE
#define ROUNDING SK_SECOND          /* the server tells whole seconds, and may round down */
#define SAME_WINDOW (2 * SK_SECOND) /* two reports of one window's end differ by less */
#define LONGEST_WINDOW SK_HOUR
#define FARTHEST (LONGEST_WINDOW + SK_MINUTE) /* no end of a window lies so far ahead */
#define FIRST_FLIGHT 4                        /* side by side, while the limit isn't known */
#define SOON 250
#define DAILY_PAUSE SK_HOUR
#define FILE_PAUSE SK_MINUTE
#define SLOT (5 * SK_SECOND)
#define FLIGHT (2 * SK_MINUTE) /* no request is on its way for so long */

_Static_assert((SK_LIMITS_SLOTS - 1) * SLOT >= USUAL_WINDOW,
    "the slots hold a window and one more");

/* In per cent of a window. */
static const int shares[] = {
    [SK_RATE_WRITE] = 97,
    [SK_RATE_READ] = 85,
    [SK_RATE_POLL] = 75,
};

struct bucket {
	char *name;
	struct sk_window window;
};

struct sk_rate {
	char *db;
	struct sk_limits *limits; /* NULL: counting in memory */
	int64_t file_again_at;    /* monotonic */
	struct sk_error trouble;  /* why the file can't be used; its code is 0 when it can */
	int told;
	struct bucket *buckets; /* in memory */
	size_t n_buckets;
	int64_t closed_until; /* all of those */
	int in_turn;
	int has_begun;          /* the turn's transaction on the file is open */
	bool turn_is_lost;      /* what the turn has counted didn't come into the file */
	struct bucket *touched; /* in this turn: kept in memory when the file fails in the end */
	size_t n_touched;
};

bool
sk_rate_is_ahead(int64_t moment, int64_t now)
{
	return moment > now && moment <= now + FARTHEST;
}

static int64_t
limit_of(const struct sk_window *window)
{
	return window->limit > 0 ? window->limit : USUAL_LIMIT;
}

/* Begins a new window when this one is over. */
static void
roll(struct sk_window *window, int64_t now)
{
	int lately = window->reset_at <= now && now - window->reset_at < SK_MINUTE;

	if (sk_rate_is_ahead(window->reset_at, now))
		return;
	/*
	 * What is still on its way may arrive in the new window: counted there. What a killed
	 * process left behind goes with that one.
	 */
	window->used = lately ? window->in_flight : 0;
	window->in_flight = 0;
	window->reset_at = now + USUAL_WINDOW;
	window->told_at = 0;
}

/* --- a server that doesn't tell ---------------------------------------------------------------- */

/*
 * Moves the slots on until the first one holds now, and forgets requests on their way that must have
 * ended: those that a killed process left behind. A slot that lies ahead is from before a clock was
 * set back; it counts as the present one.
 */
static void
move_slots(struct sk_window *w, int64_t now)
{
	int64_t on = (now - w->slot_at) / SLOT;

	if (w->slot_at == 0 || w->slot_at > now || on >= SK_LIMITS_SLOTS) {
		if (w->slot_at <= now)
			memset(w->slots, 0, sizeof(w->slots));
		w->slot_at = now;
	} else if (on > 0) {
		memmove(w->slots + on, w->slots,
		    (size_t)(SK_LIMITS_SLOTS - on) * sizeof(w->slots[0]));
		memset(w->slots, 0, (size_t)on * sizeof(w->slots[0]));
		w->slot_at += on * SLOT;
	}
	if (w->flying_at <= now && now - w->flying_at < FLIGHT)
		return;
	w->flying_before = w->flying_at <= now && now - w->flying_at >= 2 * FLIGHT ? 0 : w->flying;
	w->flying = 0;
	w->flying_at = now;
}

/* What counts in the span that ends now. */
static int64_t
silent_used(struct sk_window *w, int64_t now)
{
	int64_t used;

	move_slots(w, now);
	used = w->flying + w->flying_before;
	for (int i = 0; i < SK_LIMITS_SLOTS; i++)
		used += w->slots[i];
	return used;
}

/*
 * Room where only our own count is known. The server counts a request when it arrives, at a moment
 * that we don't see, but which isn't later than its answer. So a request counts from when it is taken
 * until a window's length after its answer. Take any span of that length, at the server: when the
 * last request of the span was taken, all others of it were on their way or answered less than that
 * length ago, so they were counted. Hence the span doesn't hold more than share.
 */
static int64_t
silent_room(struct sk_window *w, int64_t now, int64_t share)
{
	int64_t used = silent_used(w, now);
	int oldest = 0;

	if (used < share)
		return 0;
	for (int i = 0; i < SK_LIMITS_SLOTS; i++)
		if (w->slots[i] > 0)
			oldest = i;
	if (w->slots[oldest] == 0)
		return SOON; /* all of them are on their way */
	return w->slot_at + (SK_LIMITS_SLOTS - oldest) * SLOT - now;
}

/*
 * One of those on their way ended. If it isn't known which, an old one is taken off: a young one that
 * counts as old is forgotten too early only when all old ones must have ended anyway.
 */
static void
count_silently(struct sk_window *w, int64_t now, bool was_sent)
{
	move_slots(w, now);
	if (w->flying_before > 0)
		w->flying_before--;
	else if (w->flying > 0)
		w->flying--;
	if (was_sent)
		w->slots[0]++;
}

/* --- the server's window ------------------------------------------------------------------------ */

static int64_t
share_of(const struct sk_window *window, enum sk_rate_use use)
{
	int64_t share = limit_of(window) * shares[use] / 100;

	return share > 1 ? share : 1;
}

struct sk_rate_left
sk_rate_left(const struct sk_window *window, int64_t now, enum sk_rate_use use)
{
	struct sk_window w = *window;
	struct sk_rate_left left = {.of = share_of(window, use)};

	if (sk_rate_is_ahead(w.closed_until, now) ||
	    (use != SK_RATE_WRITE && sk_rate_is_ahead(w.daily_until, now)))
		return left;
	roll(&w, now);
	left.left = left.of - (w.silent ? silent_used(&w, now) : w.used + w.in_flight);
	if (left.left < 0)
		left.left = 0;
	return left;
}

int64_t
sk_rate_room(const struct sk_window *window, int64_t now, enum sk_rate_use use)
{
	struct sk_window w = *window;
	int64_t wait, share;

	if (sk_rate_is_ahead(w.closed_until, now))
		return w.closed_until - now;
	roll(&w, now);
	wait = w.reset_at - now;
	if (w.limit == 0 && w.in_flight >= FIRST_FLIGHT)
		return wait < SOON ? wait : SOON;
	share = share_of(&w, use);
	if (w.silent)
		return silent_room(&w, now, share);
	if (w.used + w.in_flight < share)
		return 0;
	/* the end is our guess, and an answer is on its way that may know better */
	if (w.told_at == 0 && w.in_flight > 0 && wait > SOON)
		return SOON;
	return wait;
}

void
sk_rate_take(struct sk_window *window, int64_t now)
{
	roll(window, now);
	window->in_flight++;
	move_slots(window, now);
	window->flying++;
}

/* A wait that the server asks for: more than an hour is read as a minute; -1 stays. */
static int64_t
believable(int64_t wait)
{
	return wait > LONGEST_WINDOW ? SK_MINUTE : wait;
}

/* The server's own count. It overrules ours, but answers arrive in any order. */
static void
count_told(struct sk_window *w, int64_t now, const struct sk_http_answer *answer)
{
	int64_t told = w->limit > answer->remaining ? w->limit - answer->remaining : 0;
	int64_t end = now + believable(answer->reset) + ROUNDING;
	int is_new = w->told_at == 0;

	if (answer->reset < 0) {
		end = w->reset_at;
	} else if (!is_new && end < w->reset_at - SAME_WINDOW) {
		/* a straggler from the window before says nothing of this one */
		w->used++;
		return;
	} else if (end > w->reset_at + SAME_WINDOW) {
		is_new = 1;
	}
	if (is_new || told > w->used)
		w->used = told;
	if (is_new || end > w->reset_at)
		w->reset_at = end;
	w->told_at = now;
}

/* A 429. Returns the moment until which the others are to be closed too, or 0. */
static int64_t
close_window(struct sk_window *w, int64_t now, const struct sk_http_answer *answer, int64_t counted)
{
	int64_t wait = believable(answer->reset), other = believable(answer->retry_after);

	if (wait >= 0)
		wait += ROUNDING;
	if (other > wait)
		wait = other;
	w->closed_until = now + (wait >= 0 ? wait : SK_MINUTE);
	/* by our count there was room: so the limit isn't this bucket's alone */
	return counted < limit_of(w) - 1 ? w->closed_until : 0;
}

int64_t
sk_rate_count(struct sk_window *window, int64_t now, const struct sk_http_answer *answer, int daily)
{
	int64_t counted;

	roll(window, now);
	counted = window->used + window->in_flight;
	if (window->in_flight > 0)
		window->in_flight--;
	count_silently(window, now, answer->outcome != SK_HTTP_NOT_SENT);
	if (answer->outcome == SK_HTTP_NOT_SENT)
		return 0;
	if (answer->outcome == SK_HTTP_UNCLEAR) {
		window->used++;
		return 0;
	}
	if (answer->limit > 0)
		window->limit = answer->limit;
	else if (window->limit == 0)
		window->limit = USUAL_LIMIT; /* it doesn't tell: taken for the usual one */
	if (daily) {
		/* the minute's window is another matter; nobody says when their day ends */
		window->used++;
		window->daily_until = now + DAILY_PAUSE;
		return 0;
	}
	if (answer->remaining >= 0) {
		window->silent = 0;
		count_told(window, now, answer);
	} else {
		/* An answer without headers may be a proxy's; one that is good is the server's. */
		if (answer->status / 100 == 2)
			window->silent = 1;
		window->used++;
	}
	return answer->status == 429 ? close_window(window, now, answer, counted) : 0;
}

/* Where a bucket stands in an array that grows. */
static struct bucket *
find_in(struct bucket **buckets, size_t *n, const char *name)
{
	for (size_t i = 0; i < *n; i++)
		if (strcmp((*buckets)[i].name, name) == 0)
			return &(*buckets)[i];
	*buckets = sk_mem_resize(*buckets, *n + 1, sizeof(struct bucket));
	(*buckets)[*n] = (struct bucket){.name = sk_mem_copy(name)};
	return &(*buckets)[(*n)++];
}

static struct bucket *
find_bucket(struct sk_rate *rate, const char *name)
{
	return find_in(&rate->buckets, &rate->n_buckets, name);
}

static void
free_buckets(struct bucket **buckets, size_t *n)
{
	for (size_t i = 0; i < *n; i++)
		free((*buckets)[i].name);
	free(*buckets);
	*buckets = NULL;
	*n = 0;
}

/* The file failed: this process counts for itself for a while. */
static void
leave_file(struct sk_rate *rate, const struct sk_error *why)
{
	sk_limits_free(rate->limits);
	rate->limits = NULL;
	rate->has_begun = 0;
	/* What this turn has counted isn't lost with the file. */
	for (size_t i = 0; i < rate->n_touched; i++)
		find_bucket(rate, rate->touched[i].name)->window = rate->touched[i].window;
	rate->file_again_at = sk_time_monotonic() + FILE_PAUSE;
	rate->trouble = *why;
	rate->turn_is_lost = rate->in_turn != 0;
	if (!rate->told)
		sk_out_warn("%s; until it can be used again, this process counts its calls for "
			    "itself, and other processes don't see them",
		    why->text);
	rate->told = 1;
}

static int
load_from_file(struct sk_rate *rate, const char *name, struct sk_window *window,
    struct sk_error *err)
{
	if (rate->limits == NULL && sk_limits_open(rate->db, &rate->limits, err) != 0)
		return -1;
	if (!rate->has_begun && sk_limits_begin(rate->limits, err) != 0)
		return -1;
	rate->has_begun = rate->in_turn;
	if (sk_limits_get(rate->limits, name, window, err) == 0)
		return 0;
	sk_limits_rollback(rate->limits);
	rate->has_begun = 0;
	return -1;
}

/* Begins; save or drop ends it, in a turn sk_rate_end_turn. */
static void
load(struct sk_rate *rate, const char *name, struct sk_window *window)
{
	struct sk_error err;

	for (int tries = 0; rate->limits != NULL || sk_time_monotonic() >= rate->file_again_at;
	     tries++) {
		sk_error_clear(&err);
		if (load_from_file(rate, name, window, &err) == 0) {
			rate->trouble.code = SK_EXIT_OK;
			return;
		}
		/* broken: once more, with a file made anew */
		if (err.code != SK_EXIT_BAD_DATA || tries > 0) {
			leave_file(rate, &err);
			break;
		}
		sk_limits_free(rate->limits);
		rate->limits = NULL;
	}
	*window = find_bucket(rate, name)->window;
	if (window->closed_until < rate->closed_until)
		window->closed_until = rate->closed_until;
}

static void
drop(struct sk_rate *rate)
{
	if (rate->limits != NULL && !rate->has_begun)
		sk_limits_rollback(rate->limits);
}

static void
save(struct sk_rate *rate, const char *name, const struct sk_window *window, int64_t close_all)
{
	struct sk_error err;

	sk_error_clear(&err);
	if (rate->in_turn)
		find_in(&rate->touched, &rate->n_touched, name)->window = *window;
	if (rate->limits != NULL) {
		if (sk_limits_put(rate->limits, name, window, &err) == 0 &&
		    (close_all == 0 || sk_limits_close_all(rate->limits, close_all, &err) == 0) &&
		    (rate->in_turn || sk_limits_commit(rate->limits, &err) == 0))
			return;
		sk_limits_rollback(rate->limits);
		leave_file(rate, &err);
	}
	find_bucket(rate, name)->window = *window;
	if (close_all > rate->closed_until)
		rate->closed_until = close_all;
}

int
sk_rate_new(const char *db, struct sk_rate **rate, struct sk_error *err)
{
	struct sk_rate *r = sk_mem_zero(1, sizeof *r);
	struct sk_error trouble = {0};

	r->db = sk_mem_copy(db);
	*rate = r;
	if (sk_limits_open(db, &r->limits, &trouble) == 0)
		return 0;
	if (trouble.code != SK_EXIT_CANT_CREATE && trouble.code != SK_EXIT_NOT_AUTHORIZED) {
		leave_file(r, &trouble);
		return 0;
	}
	sk_rate_free(r);
	*rate = NULL;
	return sk_error_set(err, trouble.code, "%s", trouble.text);
}

void
sk_rate_free(struct sk_rate *rate)
{
	if (rate == NULL)
		return;
	sk_limits_free(rate->limits);
	free_buckets(&rate->touched, &rate->n_touched);
	free_buckets(&rate->buckets, &rate->n_buckets);
	free(rate->db);
	free(rate);
}

/* A file that is merely busy stops nothing. */
static bool
stops_writes(const struct sk_rate *rate)
{
	return rate->trouble.code != SK_EXIT_OK && rate->trouble.code != SK_EXIT_TRY_LATER;
}

int64_t
sk_rate_reserve(struct sk_rate *rate, const char *bucket, enum sk_rate_use use,
    struct sk_error *err)
{
	struct sk_window window;
	int64_t now, wait;

	load(rate, bucket, &window);
	if (use == SK_RATE_WRITE && stops_writes(rate)) {
		drop(rate);
		return sk_error_set(err, rate->trouble.code, "nothing is written to the server: %s",
		    rate->trouble.text);
	}
	/* read once the row is ours: while waiting for it, time went by */
	now = sk_time_now();
	if (use != SK_RATE_WRITE && sk_rate_is_ahead(window.daily_until, now)) {
		drop(rate);
		return sk_error_set(err, SK_EXIT_TRY_LATER,
		    "%s%s has used up its calls for the day; try again later",
		    *bucket == '\0' ? "the application" : "office ", bucket);
	}
	wait = sk_rate_room(&window, now, use);
	if (wait > 0) {
		drop(rate);
		return wait;
	}
	sk_rate_take(&window, now);
	save(rate, bucket, &window, 0);
	return 0;
}

struct sk_rate_left
sk_rate_look(struct sk_rate *rate, const char *bucket, enum sk_rate_use use)
{
	struct sk_window window;

	load(rate, bucket, &window);
	drop(rate);
	return sk_rate_left(&window, sk_time_now(), use);
}

void
sk_rate_return(struct sk_rate *rate, const char *bucket)
{
	const struct sk_http_answer nothing = {.outcome = SK_HTTP_NOT_SENT};

	sk_rate_settle(rate, bucket, &nothing, 0);
}

void
sk_rate_settle(struct sk_rate *rate, const char *bucket, const struct sk_http_answer *answer,
    int daily)
{
	struct sk_window window;
	int64_t close_all;

	load(rate, bucket, &window);
	close_all = sk_rate_count(&window, sk_time_now(), answer, daily);
	save(rate, bucket, &window, close_all);
}

void
sk_rate_begin_turn(struct sk_rate *rate)
{
	rate->in_turn = 1;
	rate->has_begun = 0;
	rate->turn_is_lost = false;
}

bool
sk_rate_end_turn(struct sk_rate *rate)
{
	struct sk_error err = {0};

	if (rate->has_begun && sk_limits_commit(rate->limits, &err) != 0) {
		sk_limits_rollback(rate->limits);
		leave_file(rate, &err);
	}
	rate->in_turn = 0;
	rate->has_begun = 0;
	free_buckets(&rate->touched, &rate->n_touched);
	return !rate->turn_is_lost || !stops_writes(rate);
}
