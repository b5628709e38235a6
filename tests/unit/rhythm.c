/* SPDX-License-Identifier: MIT */
/* When followed rows are looked at one by one, and when together by the server's list: what both cost. */
#include "life/rhythm.h"

#include <stdlib.h>

#include "tap.h"
#include "base/mem.h"
#include "base/time.h"
#include "life/schedule.h"
#include "life/ways.h"

#define STATUS 50 /* ms that a status takes */

/* A request that is followed; moments in ms. */
struct row {
	int64_t sent, end;
	int64_t since, due;
	int64_t known; /* 0: not yet */
	int waits;
};

/* A server and who follows, as commands/poll does it. */
struct world {
	struct row *rows;
	size_t n, n_known;
	const int64_t *durations; /* of all offices */
	size_t n_durations;
	int64_t now, list_took, last_list;
	int64_t lists, statuses;
};

static void
put_off(const struct world *world, struct row *row, int64_t looked)
{
	int64_t age = looked - row->sent;

	row->since = row->sent + sk_schedule_since(age, world->durations, world->n_durations);
	row->due = row->sent + sk_schedule_next(age, world->durations, world->n_durations);
}

static void
ask(struct world *world, struct row *row)
{
	world->statuses++;
	if (row->end > world->now) {
		put_off(world, row, world->now);
		return;
	}
	row->known = world->now + STATUS;
	world->n_known++;
}

/* What it shows is as old as it took: the worst that may be. Nothing else is asked meanwhile. */
static void
read_list(struct world *world)
{
	int64_t begun = world->now;

	world->lists++;
	world->last_list = begun;
	world->now += world->list_took;
	for (size_t i = 0; i < world->n; i++) {
		struct row *row = &world->rows[i];

		if (row->known != 0 || row->sent > begun)
			continue;
		if (row->end <= begun)
			ask(world, row);
		else
			put_off(world, row, begun);
	}
}

/* When the next list is due, 0 none; and which rows wait for it. */
static int64_t
plan(struct world *world)
{
	const struct sk_ways ways = {.application = {.left = 150, .of = 150},
	    .pages = 1,
	    .page_took = world->list_took};
	struct sk_rhythm rhythm;
	int64_t next;

	sk_rhythm_init(&rhythm, world->now, sk_ways_list_cost(&ways), world->list_took);
	for (size_t i = 0; i < world->n; i++) {
		struct row *row = &world->rows[i];

		row->waits = row->known == 0 && row->sent <= world->now &&
		    sk_rhythm_suits(&rhythm, row->since, row->due);
		if (row->waits)
			sk_rhythm_add(&rhythm, row->since, row->due);
	}
	next = sk_rhythm_next(&rhythm, world->last_list);
	for (size_t i = 0; i < world->n && next == 0; i++)
		world->rows[i].waits = 0;
	return next;
}

static void
turn(struct world *world)
{
	int64_t list = plan(world), next = world->now + SK_SECOND;

	next = list != 0 && list < next ? list : next;
	for (size_t i = 0; i < world->n; i++)
		if (world->rows[i].known == 0 && !world->rows[i].waits && world->rows[i].due < next)
			next = world->rows[i].due;
	world->now = next > world->now ? next : world->now;
	if (list != 0 && list <= world->now)
		read_list(world);
	for (size_t i = 0; i < world->n; i++)
		if (world->rows[i].known == 0 && !world->rows[i].waits &&
		    world->rows[i].due <= world->now)
			ask(world, &world->rows[i]);
}

/* n requests within that time (ms), which end after 15 to 60 s. */
static void
begin(struct world *world, size_t n, int64_t within)
{
	world->rows = sk_mem_zero(n, sizeof(*world->rows));
	world->n = n;
	world->now = SK_DAY;
	for (size_t i = 0; i < n; i++) {
		struct row *row = &world->rows[i];

		row->sent = world->now + (int64_t)i * within / (int64_t)n;
		/* 7919 is prime: the ends come in no order. */
		row->end = row->sent + 15 * SK_SECOND +
		    (int64_t)(i * 7919 % n) * 45 * SK_SECOND / (int64_t)n;
		put_off(world, row, row->sent);
	}
}

struct cost {
	double requests, late; /* for each row, in the mean; s */
	double lists;
};

static struct cost
follow(struct world *world, size_t n, int64_t within, const char *what)
{
	struct cost cost = {0};

	begin(world, n, within);
	while (world->n_known < n)
		turn(world);
	for (size_t i = 0; i < n; i++)
		cost.late += (double)(world->rows[i].known - world->rows[i].end) / SK_SECOND;
	cost.late /= (double)n;
	cost.requests = (double)(world->lists + world->statuses) / (double)n;
	cost.lists = (double)world->lists;
	printf("# %s: %.2f requests each, known %.2f s after the end; %.0f lists\n", what,
	    cost.requests, cost.late, cost.lists);
	free(world->rows);
	return cost;
}

static void
test_quick_list(void)
{
	struct world at_once = {.list_took = 50}, spread = {.list_took = 50};
	struct cost cost = follow(&at_once, 800, SK_SECOND, "800 at once, a list takes 50 ms");

	ok(cost.requests <= 1.2, "800 at once: at most 1.2 requests each");
	ok(cost.late <= 3.0, "and known 3 s after the end, in the mean");
	cost = follow(&spread, 800, 10 * SK_MINUTE, "800 in ten minutes, a list takes 50 ms");
	ok(cost.requests <= 1.2, "800 in ten minutes: the same");
	ok(cost.late <= 3.0, "known as soon");
}

static void
test_slow_list(void)
{
	struct world at_once = {.list_took = 5 * SK_SECOND}, spread = at_once, learned = at_once;
	int64_t durations[200];
	struct cost cost = follow(&at_once, 800, SK_SECOND, "800 at once, a list takes 5 s");

	ok(cost.requests <= 3.7, "a slow list: at most 3.7 requests each");
	ok(cost.late <= 3.5, "and known 3.5 s after the end, in the mean");
	cost = follow(&spread, 800, 10 * SK_MINUTE, "800 in ten minutes, a list takes 5 s");
	ok(cost.requests <= 3.7 && cost.late <= 3.5, "in ten minutes, too");
	for (int i = 0; i < 200; i++)
		durations[i] = 15 * SK_SECOND + i * 45 * SK_SECOND / 199;
	learned.durations = durations;
	learned.n_durations = 200;
	cost = follow(&learned, 800, SK_SECOND, "800 at once, 5 s, by the offices' own times");
	ok(cost.requests <= 3.7 && cost.late <= 3.5, "and by the offices' own times");
}

static void
test_few(void)
{
	struct world few = {.list_took = 50}, one = few;
	struct cost cost = follow(&few, 10, SK_SECOND, "ten at once");

	is_int((int64_t)cost.lists, 0, "for ten rows no list is read");
	ok(cost.requests <= 3.7 && cost.late <= 4, "they are asked for one by one");
	cost = follow(&one, 1, SK_SECOND, "a single one");
	is_int((int64_t)cost.lists, 0, "nor for one");
}

/* Ten thousand that nobody carries out: what is followed for days mustn't ask for each of them all the time. */
static void
test_stuck(void)
{
	struct sk_rhythm rhythm;
	int64_t now = SK_DAY, next;

	sk_rhythm_init(&rhythm, now, 22000, 10 * SK_SECOND);
	for (int i = 0; i < 10000; i++)
		sk_rhythm_add(&rhythm, now, now + 5 * SK_MINUTE);
	next = sk_rhythm_next(&rhythm, now);
	ok(next - now >= 20 * SK_SECOND, "a list that takes 10 s is read every 20 s at the most");
	ok(next - now <= 30 * SK_SECOND, "which tells of 10,000 old rows");
	ok(!sk_rhythm_suits(&rhythm, now, now + 9 * SK_SECOND),
	    "a row that is to be looked at sooner doesn't wait for it");
	ok(!sk_rhythm_suits(&rhythm, now + 1, now + SK_MINUTE),
	    "nor one that can't have ended yet");
}

int
main(void)
{
	test_quick_list();
	test_slow_list();
	test_few();
	test_stuck();
	return done_testing();
}
