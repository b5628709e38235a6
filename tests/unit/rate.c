/* SPDX-License-Identifier: MIT */
/* The mirror of the server's windows: its arithmetic, on a clock of its own. */
#include "calls/rate.h"
#include "tap.h"
#include "base/time.h"

#define T0 INT64_C(1770478200000)

static struct sk_http_answer
answer_of(int status, int64_t limit, int64_t remaining, int64_t reset)
{
	struct sk_http_answer answer;

	memset(&answer, 0, sizeof answer);
	answer.outcome = SK_HTTP_ANSWERED;
	answer.status = status;
	answer.limit = limit;
	answer.remaining = remaining;
	answer.reset = reset;
	answer.retry_after = -1;
	return answer;
}

/* How many requests a window lets leave before any answer comes. */
static int
take_all(struct sk_window *window, int64_t now, enum sk_rate_use use)
{
	int n = 0;

	while (n < 10000 && sk_rate_room(window, now, use) == 0) {
		sk_rate_take(window, now);
		n++;
	}
	return n;
}

/* What is left is what may be taken, whatever was before. */
static void
test_left(void)
{
	static const struct sk_window windows[] = {
	    {0},
	    {.limit = 200, .used = 30, .in_flight = 5, .told_at = T0, .reset_at = T0 + SK_SECOND},
	    {.limit = 200, .used = 149, .told_at = T0, .reset_at = T0 + SK_SECOND},
	    {.limit = 200, .used = 199, .told_at = T0, .reset_at = T0 + SK_SECOND},
	    {.limit = 200, .used = 199, .reset_at = T0 - SK_HOUR},
	    {.limit = 20, .silent = 1, .slot_at = T0 - 7 * SK_SECOND, .slots = {3, 4}},
	    {.limit = 20, .closed_until = T0 + SK_SECOND},
	    {.limit = 1},
	};
	struct sk_window daily = {.limit = 200, .daily_until = T0 + SK_SECOND};

	for (size_t i = 1; i < sizeof(windows) / sizeof(windows[0]); i++) {
		struct sk_window window = windows[i];
		struct sk_rate_left left = sk_rate_left(&window, T0, SK_RATE_POLL);

		is_int(left.left, take_all(&window, T0, SK_RATE_POLL), "left is what may go");
	}
	is_int(sk_rate_left(&windows[0], T0, SK_RATE_POLL).left, 150,
	    "where the limit isn't known, the usual one counts");
	is_int(sk_rate_left(&windows[3], T0, SK_RATE_POLL).of, 150, "of what polls may have");
	is_int(sk_rate_left(&daily, T0, SK_RATE_POLL).left, 0, "nothing at a daily limit");
}

static void
test_shares(void)
{
	static const struct {
		int64_t limit;
		int write, read, poll;
	} rows[] = {{200, 194, 170, 150}, {60, 58, 51, 45}, {10, 9, 8, 7}, {2, 1, 1, 1},
	    {1, 1, 1, 1}};
	struct sk_window window;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		printf("# limit %lld\n", (long long)rows[i].limit);
		window = (struct sk_window){.limit = rows[i].limit};
		is_int(take_all(&window, T0, SK_RATE_WRITE), rows[i].write, "writes");
		window = (struct sk_window){.limit = rows[i].limit};
		is_int(take_all(&window, T0, SK_RATE_READ), rows[i].read, "reads");
		window = (struct sk_window){.limit = rows[i].limit};
		is_int(take_all(&window, T0, SK_RATE_POLL), rows[i].poll, "polls");
	}
	window = (struct sk_window){.limit = 200};
	take_all(&window, T0, SK_RATE_POLL);
	is_int(take_all(&window, T0, SK_RATE_READ), 20, "what polls leave, reads may have");
	is_int(take_all(&window, T0, SK_RATE_WRITE), 24, "what reads leave, writes may have");
}

static void
test_unknown_limit(void)
{
	struct sk_window window = {0};
	struct sk_http_answer answer = answer_of(200, 5, 4, 30000);

	is_int(take_all(&window, T0, SK_RATE_WRITE), 4, "four, while the limit isn't known");
	ok(sk_rate_room(&window, T0, SK_RATE_WRITE) <= 1000, "the fifth asks again soon");
	is_int(sk_rate_count(&window, T0 + 100, &answer, 0), 0, "an answer closes nothing");
	is_int(window.limit, 5, "a low limit is learnt from the first answer");
	is_int(window.used, 1, "and the server's count");
	ok(sk_rate_room(&window, T0 + 100, SK_RATE_WRITE) > 1000, "nothing beyond it");
	window = (struct sk_window){0};
	answer = answer_of(200, -1, -1, -1);
	take_all(&window, T0, SK_RATE_WRITE);
	sk_rate_count(&window, T0 + 100, &answer, 0);
	is_int(window.limit, 200, "an answer that doesn't tell: the usual limit");
	is_int(take_all(&window, T0 + 100, SK_RATE_WRITE), 190, "by our own count");
}

static void
test_window(void)
{
	struct sk_window window = {.limit = 10};
	struct sk_http_answer answer = answer_of(200, -1, -1, -1), lost = answer;
	int i;

	is_int(take_all(&window, T0, SK_RATE_WRITE), 9, "a window");
	for (i = 0; i < 9; i++)
		sk_rate_count(&window, T0 + 1000, &answer, 0);
	is_int(sk_rate_room(&window, T0 + 20000, SK_RATE_WRITE), 45000,
	    "of a server that doesn't tell is full until a minute after its answers, and a slot");
	is_int(sk_rate_room(&window, T0 + 65000, SK_RATE_WRITE), 0, "and then there is room");

	window = (struct sk_window){.limit = 10};
	sk_rate_take(&window, T0);
	answer = answer_of(200, 10, 1, 60000);
	sk_rate_count(&window, T0 + 100, &answer, 0);
	is_int(sk_rate_room(&window, T0 + 20000, SK_RATE_WRITE), 41100,
	    "of one that tells it is full until its end");
	is_int(sk_rate_room(&window, T0 + 61100, SK_RATE_WRITE), 0, "and then another begins");
	sk_rate_take(&window, T0 + 90000);
	is_int(window.reset_at, T0 + 150000, "with its first request");

	window = (struct sk_window){.limit = 10};
	take_all(&window, T0, SK_RATE_WRITE);
	is_int(take_all(&window, T0 + 60000, SK_RATE_WRITE), 0,
	    "what is still on its way is counted in the next window");
	is_int(take_all(&window, T0 + 120000, SK_RATE_WRITE), 9,
	    "what a killed process left behind vanishes");

	window = (struct sk_window){.limit = 10};
	take_all(&window, T0, SK_RATE_WRITE);
	lost.outcome = SK_HTTP_NOT_SENT;
	sk_rate_count(&window, T0, &lost, 0);
	is_int(sk_rate_room(&window, T0, SK_RATE_WRITE), 0, "what wasn't sent is given back");
	sk_rate_take(&window, T0);
	lost.outcome = SK_HTTP_UNCLEAR;
	sk_rate_count(&window, T0, &lost, 0);
	ok(sk_rate_room(&window, T0, SK_RATE_WRITE) > 0, "what may have been sent isn't");

	window = (struct sk_window){.limit = 10,
	    .used = 10,
	    .reset_at = T0 + 20 * SK_DAY,
	    .closed_until = T0 + 20 * SK_DAY};
	is_int(sk_rate_room(&window, T0, SK_RATE_WRITE), 0,
	    "a clock that was set back locks nobody out");
}

static void
test_headers(void)
{
	struct sk_window window = {.limit = 200};
	struct sk_http_answer answer;
	int i;

	for (i = 0; i < 8; i++)
		sk_rate_take(&window, T0);
	answer = answer_of(200, 200, 50, 30000);
	sk_rate_count(&window, T0 + 100, &answer, 0);
	is_int(window.used, 150, "the server's count overrules ours");
	is_int(window.in_flight, 7, "the others are on their way");
	is_int(window.reset_at, T0 + 31100, "so does its window; a second for rounding");
	answer = answer_of(200, 200, 53, 30000);
	sk_rate_count(&window, T0 + 110, &answer, 0);
	is_int(window.used, 150, "an answer that was overtaken takes nothing back");
	answer = answer_of(200, 200, 48, 29000);
	sk_rate_count(&window, T0 + 120, &answer, 0);
	is_int(window.used, 152, "a later one counts");
	is_int(window.reset_at, T0 + 31110, "the window's end stays at the latest that was told");
	answer = answer_of(200, 200, 10, 1000);
	sk_rate_count(&window, T0 + 130, &answer, 0);
	is_int(window.used, 153, "a straggler from the window before counts as one");
	answer = answer_of(200, 200, 199, 60000);
	sk_rate_count(&window, T0 + 140, &answer, 0);
	is_int(window.used, 1, "a new window at the server is one here");
	answer = answer_of(200, 100, 99, 7200000);
	sk_rate_count(&window, T0 + 150, &answer, 0);
	is_int(window.reset_at, T0 + 61150, "a reset of more than an hour is read as a minute");
	is_int(window.limit, 100, "a changed limit is taken over");
}

static void
test_429(void)
{
	struct sk_window window = {.limit = 200,
	    .used = 190,
	    .reset_at = T0 + 30000,
	    .told_at = T0,
	    .in_flight = 9};
	struct sk_http_answer answer = answer_of(429, 200, 0, 20000);

	is_int(sk_rate_count(&window, T0, &answer, 0), 0,
	    "a 429 that was due closes this window alone");
	is_int(sk_rate_room(&window, T0, SK_RATE_WRITE), 21000, "until its reset");
	window =
	    (struct sk_window){.limit = 200, .used = 20, .reset_at = T0 + 30000, .in_flight = 1};
	is_int(sk_rate_count(&window, T0, &answer, 0), T0 + 21000,
	    "one that comes early closes all");
	window = (struct sk_window){.limit = 200};
	answer = answer_of(429, -1, -1, -1);
	sk_rate_count(&window, T0, &answer, 0);
	is_int(window.closed_until, T0 + 60000, "nothing told: a minute");
	answer.retry_after = 7000;
	sk_rate_count(&window, T0, &answer, 0);
	is_int(window.closed_until, T0 + 7000, "Retry-After");
	answer.retry_after = 2 * SK_HOUR;
	sk_rate_count(&window, T0, &answer, 0);
	is_int(window.closed_until, T0 + 60000, "more than an hour is read as a minute");
	window = (struct sk_window){.limit = 200};
	is_int(sk_rate_count(&window, T0, &answer, 1), 0, "a daily limit closes nobody else");
	is_int(sk_rate_room(&window, T0, SK_RATE_WRITE), 0, "nor the minute");
	is_int(window.daily_until, T0 + SK_HOUR, "others than writes ask again in an hour");
}

/* --- against a server's fixed window, on a virtual clock ------------------------------------ */

struct flight {
	int state; /* 0 free, 1 on its way there, 2 on its way back */
	int64_t arrives, returns;
	struct sk_http_answer answer;
};

struct mock {
	int64_t limit, window, begins, count;
	int round_up;
	int silent; /* without headers */
	int served, refused;
};

static void
serve(struct mock *mock, struct flight *flight, int64_t now)
{
	int64_t left, reset;

	if (now >= mock->begins + mock->window) {
		mock->begins += (now - mock->begins) / mock->window * mock->window;
		mock->count = 0;
	}
	mock->count++;
	mock->served += mock->count <= mock->limit;
	mock->refused += mock->count > mock->limit;
	left = mock->begins + mock->window - now;
	reset = (left + (mock->round_up ? 999 : 0)) / 1000 * 1000;
	flight->answer = answer_of(mock->count > mock->limit ? 429 : 200, mock->limit,
	    mock->count > mock->limit ? 0 : mock->limit - mock->count, reset);
	if (mock->silent)
		flight->answer = answer_of(flight->answer.status, -1, -1, -1);
	flight->state = 2;
}

/* Ten minutes of 16 connections at full speed, but when at is over a pause, with none. */
static void
serve_ten_minutes(struct mock *mock, int latency, int64_t pause)
{
	struct sk_window window = {0};
	struct flight flights[16], *flight;
	unsigned int random = 7;
	int64_t now;

	memset(flights, 0, sizeof flights);
	for (now = T0; now < T0 + 10 * SK_MINUTE; now++) {
		for (flight = flights; flight < flights + 16; flight++) {
			if (flight->state == 1 && flight->arrives <= now)
				serve(mock, flight, now);
			if (flight->state == 2 && flight->returns <= now) {
				sk_rate_count(&window, now, &flight->answer, 0);
				flight->state = 0;
			}
			if (flight->state != 0 || now % SK_MINUTE < pause ||
			    sk_rate_room(&window, now, SK_RATE_WRITE) > 0)
				continue;
			sk_rate_take(&window, now);
			random = random * 1103515245U + 12345U;
			flight->arrives = now + 1 + (random >> 16) % (unsigned int)latency;
			random = random * 1103515245U + 12345U;
			flight->returns =
			    flight->arrives + 1 + (random >> 16) % (unsigned int)latency;
			flight->state = 1;
		}
	}
}

static void
test_against_server(int64_t limit, int round_up, int latency)
{
	struct mock mock = {.limit = limit,
	    .window = 60000,
	    .begins = T0 - 23456,
	    .round_up = round_up};

	serve_ten_minutes(&mock, latency, 0);
	is_int(mock.refused, 0, "ten minutes at full speed: nothing refused");
	ok(mock.served >= 10 * limit * 85 / 100, "and %d of %lld served", mock.served,
	    (long long)(10 * limit));
}

/*
 * A server that doesn't tell its limit, with windows that begin anywhere. The pause lets a whole
 * window of ours be used in the last second of each minute.
 */
static void
test_against_silent_server(int64_t pause, int latency, int least)
{
	int refused = 0, fewest = 2000;

	for (int64_t begins = 0; begins < 60000; begins += 8500) {
		struct mock mock = {.limit = 200,
		    .window = 60000,
		    .begins = T0 - begins,
		    .silent = 1};

		serve_ten_minutes(&mock, latency, pause);
		refused += mock.refused;
		if (mock.served < fewest)
			fewest = mock.served;
	}
	is_int(refused, 0,
	    "a server that doesn't tell: nothing refused, wherever its window begins");
	ok(fewest >= least, "and %d served", fewest);
}

/* What a killed process had on its way is forgotten in the end, also beside others that go on. */
static void
test_silent_leftovers(void)
{
	struct sk_http_answer answer = answer_of(200, -1, -1, -1);
	struct sk_window window = {.limit = 10, .silent = 1};

	is_int(take_all(&window, T0, SK_RATE_WRITE), 9, "a process takes all, and is killed");
	for (int64_t now = T0; now < T0 + 10 * SK_MINUTE; now += SK_SECOND) {
		if (now % (20 * SK_SECOND) != 0 || sk_rate_room(&window, now, SK_RATE_WRITE) > 0)
			continue;
		sk_rate_take(&window, now);
		sk_rate_count(&window, now + 100, &answer, 0);
	}
	ok(window.flying + window.flying_before <= 1, "none of them counts for ever");

	window = (struct sk_window){.limit = 10, .silent = 1, .slot_at = T0 + SK_DAY, .slots = {9}};
	ok(sk_rate_room(&window, T0, SK_RATE_WRITE) > 0, "a clock that was set back frees nothing");
	sk_rate_take(&window, T0);
	is_int(sk_rate_room(&window, T0 + 2 * SK_MINUTE, SK_RATE_WRITE), 0,
	    "and locks nobody out for long");

	window = (struct sk_window){.limit = 10};
	answer = answer_of(502, -1, -1, -1);
	sk_rate_take(&window, T0);
	sk_rate_count(&window, T0, &answer, 0);
	is_int(window.silent, 0, "a proxy's answer doesn't say that the server is silent");
}

int
main(void)
{
	test_shares();
	test_left();
	test_unknown_limit();
	test_window();
	test_headers();
	test_429();
	test_against_server(200, 0, 150);
	test_against_server(200, 1, 150);
	test_against_server(20, 0, 150);
	test_against_server(60, 0, 1500);
	test_against_silent_server(0, 150, 1500);
	test_against_silent_server(59000, 150, 800);
	test_against_silent_server(0, 20000, 400);
	test_silent_leftovers();
	return done_testing();
}
