/* SPDX-License-Identifier: MIT */
/*
 * What an owner does around the transaction of a turn: it enters before a limit is reserved, writes once
 * more after the commit and before its calls are sent, and leaves in any case, before they are sent.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "base/mem.h"
#include "base/time.h"
#include "pool-world.h"

#define BOOK SK_CALL_SUBMISSION

static int fail_committed, seen_at_leave;

static bool
enters(void *arg, int64_t *retry_in)
{
	bool entered = witness_may_enter(arg, retry_in);

	strcat(said, entered ? "enter " : "");
	return entered;
}

static int
committed(void *arg, struct sk_call **calls, size_t n, struct sk_error *err)
{
	(void)arg;
	note("committed:", calls, n);
	ok(!sk_store_in_transaction(world.session.store), "the transaction is over");
	if (fail_committed == 0)
		return 0;
	fail_committed--;
	return sk_error_set(err, SK_EXIT_CANT_WRITE, "nothing can be written behind it");
}

static void
leaves(void *arg)
{
	(void)arg;
	strcat(said, "leave ");
	seen_at_leave = world.seen;
}

static void
begin_with(struct witness *witness, const char *what)
{
	begin_world(what, "8");
	witness_init(witness);
	witness->owner.may_enter = enters;
	witness->owner.committed = committed;
	witness->owner.leave = leaves;
	fail_committed = 0;
	seen_at_leave = -1;
}

static void
test_order(void)
{
	struct witness witness;
	struct sk_call calls[2];

	begin_with(&witness, "two calls leave");
	calls[0] = call_of(BOOK, "D1", "/appointment/a", &witness);
	calls[1] = call_of(BOOK, "D2", "/appointment/b", &witness);
	for (int i = 0; i < 2; i++)
		sk_pool_add(world.pool, &calls[i]);
	sk_pool_turn(world.pool, LONG_TURN, -1);
	is_str(said, "enter leaving:a,b committed:a,b leave ",
	    "entered once, written, committed, written again, left");
	is_int(seen_at_leave, 0, "before anything is sent");
	turn_until_ended(calls, 2);
	is_int(world.seen, 2, "and both are sent");
	finish_calls(calls, 2);
	end_world();
}

static void
test_committed_fails(void)
{
	struct witness witness, other;
	struct sk_call calls[3];

	begin_with(&witness, "what comes after the commit fails");
	witness_init(&other);
	witness.cross_out = "b";
	fail_committed = 1;
	calls[0] = call_of(BOOK, "D1", "/appointment/a", &witness);
	calls[1] = call_of(BOOK, "D2", "/appointment/b", &witness);
	calls[2] = call_of(BOOK, "D3", "/appointment/c", &other);
	for (int i = 0; i < 3; i++)
		sk_pool_add(world.pool, &calls[i]);
	turn_until_ended(calls, 3);
	ok(strstr(said, "committed:a,b leave ") != NULL, "it leaves all the same: %s", said);
	is_str(asked(), "POST appointment/c ", "its call isn't sent, another owner's is");
	is_int(calls[0].result->error.code, SK_EXIT_CANT_WRITE, "it ends with the reason");
	ok(strstr(said, "record:a") != NULL, "which is recorded");
	is_int(calls[1].crossed_out, 1, "one that was crossed out stays so");
	is_int(window_of("D1").used + window_of("D1").in_flight, 0, "no limit is kept");
	finish_calls(calls, 3);
	end_world();
}

/* Entered, and then nothing leaves: the limit is full, or the transaction fails. */
static void
test_nothing_leaves(void)
{
	struct witness witness;
	struct sk_call call;

	begin_with(&witness, "leaving() fails");
	witness.fail_leaving = 1;
	call = call_of(BOOK, "D1", "/appointment/a", &witness);
	sk_pool_add(world.pool, &call);
	turn_until_ended(&call, 1);
	is_str(said, "enter leaving:a leave record:a ended:a ", "it leaves without having written");
	is_int(world.seen, 0, "nothing is sent");
	finish_calls(&call, 1);
	end_world();
}

static void
test_busy_journal(void)
{
	struct witness witness;
	struct sk_call call;
	sqlite3 *other = NULL;

	begin_with(&witness, "the journal is busy");
	sqlite3_open(world.session.config.db, &other);
	sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	call = call_of(BOOK, "D1", "/appointment/a", &witness);
	sk_pool_add(world.pool, &call);
	sk_pool_turn(world.pool, LONG_TURN, -1);
	is_str(said, "enter leave ", "BEGIN doesn't come: it leaves, and nothing is written");
	sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL);
	sqlite3_close(other);
	turn_until_ended(&call, 1);
	is_int(world.seen, 1, "later it is sent");
	finish_calls(&call, 1);
	end_world();
}

/* Two processes wait for a journal that a third one keeps: now one of them is in the section, now the other. */
static void
test_busy_by_turns(void)
{
	struct witness witness;
	struct sk_call call;
	sqlite3 *other = NULL;
	int turns = 0;

	begin_with(&witness, "the journal is busy, and each second time another is in the section");
	sqlite3_open(world.session.config.db, &other);
	sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	call = call_of(BOOK, "D1", "/appointment/a", &witness);
	sk_pool_add(world.pool, &call);
	while (!sk_call_has_ended(&call) && turns++ < 60) {
		sk_pool_turn(world.pool, 0, -1);
		witness.may_not_enter = !witness.may_not_enter;
		seconds_ahead++;
	}
	ok(sk_call_has_ended(&call) && call.result->error.code == SK_EXIT_TRY_LATER,
	    "it is given up all the same");
	is_int(world.seen, 0, "nothing is sent");
	sqlite3_close(other);
	turn_until_ended(&call, 1);
	finish_calls(&call, 1);
	end_world();
}

int
main(void)
{
	server_init();
	test_order();
	test_committed_fails();
	test_nothing_leaves();
	test_busy_journal();
	test_busy_by_turns();
	return done_testing();
}
