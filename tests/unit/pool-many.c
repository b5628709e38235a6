/* SPDX-License-Identifier: MIT */
/*
 * Many offices in a pool: a turn costs what happens in it, however many offices wait; and none is forgotten whose key
 * ends meanwhile.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "base/mem.h"
#include "base/time.h"
#include "pool-world.h"

#define MANY 300

static char ids[MANY][8];
static struct sk_call calls[MANY];

/* One call on the wire, and one of each of n offices that wait for the only place. */
static void
begin_with(const char *what, struct sk_call *first, int n)
{
	begin_world(what, "1");
	hold("first", &empty_list);
	*first = call_of(SK_CALL_READ, "D1", "/first", NULL);
	sk_pool_add(world.pool, first);
	turn_until_seen(1);
	for (int i = 0; i < n; i++) {
		snprintf(ids[i], sizeof(ids[i]), "E%d", i);
		put_office(ids[i], SK_DAY);
		calls[i] = call_of(SK_CALL_READ, ids[i], "/other", NULL);
		sk_pool_add(world.pool, &calls[i]);
	}
	for (int i = 0; i < 3; i++)
		sk_pool_turn(world.pool, 0, -1);
}

static int
readings_of_a_turn(int n)
{
	struct sk_call first;
	int before, readings;

	begin_with("offices whose calls wait for a place", &first, n);
	before = clock_readings;
	sk_pool_turn(world.pool, 0, -1);
	readings = clock_readings - before;
	is_int(world.seen, 1, "none of them leaves");
	for (int i = 0; i < n; i++)
		sk_pool_remove(world.pool, &calls[i]);
	release_held();
	turn_until_ended(&first, 1);
	finish_calls(&first, 1);
	finish_calls(calls, (size_t)n);
	end_world();
	return readings;
}

static void
test_cost_of_a_turn(void)
{
	int few = readings_of_a_turn(2), many = readings_of_a_turn(MANY);

	ok(many < few + MANY / 10,
	    "a turn in which nothing happens looks at no key: the clock is read %d times, with "
	    "%d offices %d times",
	    few, MANY, many);
}

/* It lived when the call came in, and nothing but the call itself finds out that it doesn't any more. */
static void
test_key_ends_in_queue(void)
{
	struct sk_call first, other = call_of(SK_CALL_READ, "D2", "/other", NULL);

	begin_with("a key ends while a call waits", &first, 0);
	put_office("D2", SK_MINUTE + 5 * SK_SECOND);
	sk_pool_add(world.pool, &other);
	for (int i = 0; i < 3; i++)
		sk_pool_turn(world.pool, 0, -1);
	seconds_ahead = 10;
	release_held();
	turn_until_ended(&first, 1);
	turn_until_ended(&other, 1);
	is_str(asked(), "GET first POST request_key GET other ", "it is renewed before the call");
	is_int(other.result->error.code, 0, "which is answered");
	finish_calls(&first, 1);
	finish_calls(&other, 1);
	end_world();
}

int
main(void)
{
	server_init();
	test_cost_of_a_turn();
	test_key_ends_in_queue();
	return done_testing();
}
