/* SPDX-License-Identifier: MIT */
/* The engine for calls: what owners are asked, when, and with which of their calls; and which call
 * leaves before which. */
#include "pool-world.h"

#define BOOK SK_CALL_SUBMISSION
#define N(array) (sizeof(array) / sizeof((array)[0]))

static void
add(struct sk_call *calls, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sk_pool_add(world.pool, &calls[i]);
}

/* --- owners -------------------------------------------------------------------------------------- */

static void
test_may_enter(void)
{
	struct witness witness, other;
	struct sk_call calls[2];

	begin_world("may_enter", "8");
	witness_init(&witness);
	witness_init(&other);
	witness.may_not_enter = 1;
	calls[0] = call_of(BOOK, "D1", "/appointment/a", &witness);
	calls[1] = call_of(BOOK, "D1", "/appointment/b", &other);
	add(calls, 1);
	while (witness.times_asked < 3)
		sk_pool_turn(world.pool, LONG_TURN, -1);
	is_str(said, "", "no: it isn't asked what must be written");
	is_int(window_of("D1").in_flight + window_of("D1").used, 0, "no limit is reserved");
	sk_pool_add(world.pool, &calls[1]);
	turn_until_ended(&calls[1], 1);
	is_str(said, "leaving:b record:b ended:b ", "another owner's call goes past it");
	is_str(asked(), "POST appointment/b ", "at the server too");
	witness.may_not_enter = 0;
	turn_until_ended(calls, 2);
	is_str(said, "leaving:b record:b ended:b leaving:a record:a ended:a ",
	    "yes: it leaves, without being woken by anybody else");
	is_int(calls[0].result->said.verdict, SK_WRITE_ACCEPTED, "and has its answer");
	finish_calls(calls, 2);
	end_world();
}

static void
test_leaving_comes_first(void)
{
	struct witness witness;
	struct sk_call calls[3];

	begin_world("leaving", "8");
	witness_init(&witness);
	calls[0] = call_of(BOOK, "D1", "/appointment/a", &witness);
	calls[1] = call_of(BOOK, "D2", "/appointment/b", &witness);
	calls[2] = call_of(BOOK, "D3", "/appointment/c", &witness);
	hold("appointment", &accepted);
	add(calls, 3);
	turn_until_seen(3);
	is_str(said, "leaving:a,b,c ", "all that leave in a turn are shown at once");
	is_int(world.events_at_arrival, 3, "and what was written is committed before they arrive");
	release_held();
	turn_until_ended(calls, 3);
	is_int(count_events(), 6, "what came of them is written as well");
	finish_calls(calls, 3);
	end_world();
}

static void
test_crossed_out(void)
{
	struct witness witness;
	struct sk_call calls[3];

	begin_world("a call that is crossed out", "8");
	witness_init(&witness);
	witness.cross_out = "b";
	calls[0] = call_of(BOOK, "D1", "/appointment/a", &witness);
	calls[1] = call_of(BOOK, "D1", "/appointment/b", &witness);
	calls[2] = call_of(BOOK, "D1", "/appointment/c", &witness);
	add(calls, 3);
	turn_until_ended(&calls[1], 1);
	is_str(said, "leaving:a,b,c ended:b ", "goes back to its owner in the same turn");
	is_int(calls[1].result->has_left, 0, "unsent");
	is_int(calls[1].result->error.code, 0, "and without an error");
	is_int(window_of("D1").in_flight, 2, "its reservation is returned");
	turn_until_ended(calls, 3);
	is_int(world.seen, 2, "the others were sent");
	is_int(window_of("D1").used, 2, "and counted");
	finish_calls(calls, 3);
	end_world();
}

static void *
release_a_and_b(void *arg)
{
	(void)arg;
	release_one("appointment/a");
	release_one("appointment/b");
	return NULL;
}

/* No time passes meanwhile: what waits for others waits until they come. */
static void
test_recorded_together(void)
{
	struct witness witness;
	struct sk_call calls[3];
	pthread_t thread;

	begin_world("answers that come one after the other", "8");
	witness_init(&witness);
	calls[0] = call_of(BOOK, "D1", "/appointment/a", &witness);
	calls[1] = call_of(BOOK, "D2", "/appointment/b", &witness);
	calls[2] = call_of(BOOK, "D3", "/appointment/c", &witness);
	hold("appointment", &accepted);
	add(calls, 3);
	turn_until_seen(3);
	stop_clocks();
	if (pthread_create(&thread, NULL, release_a_and_b, NULL) != 0)
		bail_out("thread");
	turn_until_ended(calls, 2);
	pthread_join(thread, NULL);
	is_str(said, "leaving:a,b,c record:a,b ended:a,b ",
	    "the first one waits for the second one, and both are recorded together");
	release_held();
	turn_until_ended(calls, 3);
	is_str(said, "leaving:a,b,c record:a,b ended:a,b record:c ended:c ",
	    "the last one, behind which nothing comes, doesn't wait");
	clocks_stand = false;
	finish_calls(calls, 3);
	end_world();
}

/* "a" is answered in the same turn in which "b" is to leave. */
static void
begin_a_and_b(const char *what, struct witness *witness, struct sk_call *calls)
{
	begin_world(what, "1");
	witness_init(witness);
	calls[0] = call_of(BOOK, "D1", "/appointment/a", witness);
	calls[1] = call_of(BOOK, "D1", "/appointment/b", witness);
	calls[2] = call_of(SK_CALL_READ, "D1", "/patients", NULL);
	hold("appointment/a", &accepted);
	add(calls, 3);
	turn_until_seen(1);
	release_held();
}

static void
test_leaving_fails(void)
{
	struct witness witness;
	struct sk_call calls[3];

	begin_a_and_b("leaving() fails", &witness, calls);
	witness.fail_leaving = 1;
	turn_until_ended(calls, 3);
	is_str(said, "leaving:a record:a leaving:b record:a ended:a record:b ended:b ",
	    "the answers are tried alone, and what couldn't leave ends in the next turn");
	is_int(count_events(), 3, "what was written together with it is undone");
	is_int(calls[0].result->said.verdict, SK_WRITE_ACCEPTED, "the one was sent");
	is_int(calls[1].result->has_left, 0, "the other wasn't");
	is_int(calls[1].result->error.code, SK_EXIT_CANT_WRITE, "and ends with the reason");
	is_str(asked(), "POST appointment/a GET patients ",
	    "a call whose owner has nothing to write goes on");
	is_int(window_of("D1").used, 2, "the reservation was returned");
	is_int(window_of("D1").in_flight, 0, "all of them");
	finish_calls(calls, 3);
	end_world();
}

static void
test_record_fails(void)
{
	struct witness witness;
	struct sk_call calls[3];

	begin_a_and_b("record() fails", &witness, calls);
	witness.fail_record = 2;
	turn_until_ended(calls, 3);
	is_str(said, "leaving:a record:a record:a lost:a record:b ended:b ",
	    "with what leaves, and alone; its owner hears that it isn't recorded");
	is_int(witness.unrecorded.code, SK_EXIT_CANT_WRITE, "and why");
	is_int(calls[0].result->said.verdict, SK_WRITE_ACCEPTED, "but has the answer");
	is_str(asked(), "POST appointment/a GET patients ", "what was to leave doesn't");
	is_int(calls[1].result->error.code, SK_EXIT_CANT_WRITE, "and ends with the reason");
	is_int(count_events(), 2, "which is written in the next turn");
	finish_calls(calls, 3);
	end_world();
}

/* A submission that the server refuses for a passing reason. */
static void
test_again(int forbid)
{
	static const struct said_by_server busy = {"503 Busy", "", "{\"error_code\":\"API2002\"}"};
	struct witness witness;
	struct sk_call call;

	begin_world(forbid ? "a repetition that the owner forbids" : "a repetition", "8");
	witness_init(&witness);
	witness.forbid_again = forbid;
	call = call_of(BOOK, "D1", "/appointment/a", &witness);
	add_rule((struct rule){.match = "appointment", .answer = &busy, .left = 1});
	sk_pool_add(world.pool, &call);
	turn_until_ended(&call, 1);
	if (forbid)
		is_str(said, "leaving:a record:a again ended:a ", "is the end of it");
	else
		is_str(said, "leaving:a record:a again leaving:a record:a ended:a ",
		    "is recorded before it leaves again, and handed over once");
	is_int(world.seen, forbid ? 1 : 2, "requests");
	is_int(call.result->said.verdict, forbid ? SK_WRITE_REFUSED_PASSING : SK_WRITE_ACCEPTED,
	    "the last answer");
	finish_calls(&call, 1);
	end_world();
}

/* Two owners whose calls are mixed: each gets all of its own at once. */
static void
test_all_at_once(void)
{
	static const char *const paths[] = {"/appointment/a", "/appointment/b", "/appointment/c",
	    "/appointment/d", "/appointment/e", "/appointment/f"};
	const struct sk_error why = {.code = SK_EXIT_TRY_LATER, .text = "enough"};
	struct witness odd, even;
	struct sk_call calls[6];

	begin_world("all of a turn at once", "2");
	witness_init(&odd);
	witness_init(&even);
	for (size_t i = 0; i < 6; i++)
		calls[i] = call_of(BOOK, "D1", paths[i], i % 2 == 0 ? &odd : &even);
	hold("appointment", &accepted);
	add(calls, 6);
	turn_until_seen(2);
	is_str(said, "leaving:a leaving:b ", "one of each owner is on the wire");
	said[0] = '\0';
	sk_pool_end_waiting(world.pool, &odd.owner, &why);
	sk_pool_turn(world.pool, 0, -1);
	is_str(said, "record:c,e ended:c,e ", "what waits of an owner ends, all at once");
	is_int(calls[2].result->error.code, SK_EXIT_TRY_LATER, "with the reason");
	is_int(calls[2].result->has_left, 0, "unsent");
	sk_pool_end_waiting(world.pool, NULL, &why);
	said[0] = '\0';
	sk_pool_turn(world.pool, 0, -1);
	is_str(said, "record:d,f ended:d,f ", "of all owners");
	is_int((long long)sk_pool_on_wire(world.pool), 2, "what is on the wire goes on");
	release_held();
	turn_until_ended(calls, 6);
	is_int(calls[0].result->said.verdict == SK_WRITE_ACCEPTED &&
		calls[1].result->said.verdict == SK_WRITE_ACCEPTED,
	    1, "to its end");
	is_int(world.seen, 2, "and nothing else was sent");
	finish_calls(calls, 6);
	end_world();
}

static void
test_end_mixed(void)
{
	const struct sk_error why = {.code = SK_EXIT_TRY_LATER, .text = "enough"};
	struct witness odd, even;
	struct sk_call calls[4];

	begin_world("two owners' calls end in one turn", "1");
	witness_init(&odd);
	witness_init(&even);
	calls[0] = call_of(BOOK, "D1", "/appointment/a", &odd);
	calls[1] = call_of(BOOK, "D1", "/appointment/b", &even);
	calls[2] = call_of(BOOK, "D1", "/appointment/c", &odd);
	calls[3] = call_of(BOOK, "D1", "/appointment/d", &even);
	add(calls, 4);
	sk_pool_end_waiting(world.pool, NULL, &why);
	sk_pool_turn(world.pool, 0, -1);
	is_str(said, "record:a,c record:b,d ended:a,c ended:b,d ",
	    "each owner is called once, all records before all ends");
	is_int(world.seen, 0, "nothing is sent");
	finish_calls(calls, 4);
	end_world();
}

static void
test_remove(void)
{
	struct witness witness;
	struct sk_call calls[2];

	begin_world("a call that is taken out", "1");
	witness_init(&witness);
	calls[0] = call_of(BOOK, "D1", "/appointment/a", &witness);
	calls[1] = call_of(BOOK, "D1", "/appointment/b", &witness);
	hold("appointment", &accepted);
	add(calls, 2);
	turn_until_seen(1);
	is_int(sk_pool_remove(world.pool, &calls[0]), 0, "not one that is on the wire");
	is_int(sk_pool_remove(world.pool, &calls[1]), 1, "one that waits");
	ok(sk_call_has_ended(&calls[1]), "is its owner's again");
	is_int(sk_pool_remove(world.pool, &calls[1]), 0, "once");
	release_held();
	turn_until_ended(calls, 1);
	is_int(sk_pool_remove(world.pool, &calls[0]), 0, "not one that has ended");
	is_str(said, "leaving:a record:a ended:a ", "nobody hears of what was taken out");
	sk_pool_add(world.pool, &calls[1]);
	turn_until_ended(calls, 2);
	is_str(asked(), "POST appointment/a POST appointment/b ", "it may be handed in again");
	finish_calls(calls, 2);
	end_world();
}

static void
test_no_turn_within(void)
{
	struct witness witness;
	struct sk_call call, inner;

	begin_world("a call and its wait inside of a turn", "8");
	witness_init(&witness);
	call = call_of(BOOK, "D1", "/appointment/a", &witness);
	inner = call_of(SK_CALL_READ, "D1", "/patients", NULL);
	witness.inner = &inner;
	sk_pool_add(world.pool, &call);
	turn_until_ended(&call, 1);
	is_int(witness.was_in_turn, -1, "is refused");
	is_int(world.err.code, SK_EXIT_BUG, "as a bug");
	ok(sk_call_has_ended(&inner), "and isn't in the pool");
	sk_error_clear(&world.err);
	is_int(sk_pool_call(world.pool, &inner, &world.err), 0, "outside it goes");
	is_str(asked(), "POST appointment/a GET patients ", "once");
	finish_calls(&call, 1);
	finish_calls(&inner, 1);
	end_world();
}

/* --- what leaves first --------------------------------------------------------------------------- */

static void
test_order_of_kinds(void)
{
	struct sk_call calls[7];

	begin_world("the order of kinds", "1");
	put_office("D2", -SK_SECOND);
	hold("first", &empty_list);
	calls[0] = call_of(SK_CALL_READ, "D1", "/first", NULL);
	calls[1] = call_of(SK_CALL_POLL, "D1", "/poll", NULL);
	calls[2] = call_of(SK_CALL_READ, "D1", "/read", NULL);
	calls[3] = call_of(SK_CALL_WITHDRAWAL, "D1", "/withdrawal", NULL);
	calls[4] = call_of(BOOK, "D1", "/submission", NULL);
	calls[5] = call_of(SK_CALL_READ, "D2", "/key", NULL);
	calls[6] = call_of(BOOK, "D3", "/third", NULL);
	/* The pool knows all these offices before D1 has its turn. */
	add(&calls[5], 2);
	sk_pool_remove(world.pool, &calls[5]);
	sk_pool_remove(world.pool, &calls[6]);
	add(calls, 1);
	turn_until_seen(1);
	add(&calls[1], 6);
	/* All wait for the only place, which D1 had last. The renewal of D2 comes last, since it is first
	 * written to the journal, and goes before D3, whose turn it would be. */
	for (int i = 0; i < 3; i++)
		sk_pool_turn(world.pool, 0, -1);
	release_held();
	turn_until_ended(calls, 7);
	is_str(asked(),
	    "GET first POST request_key POST third POST submission GET key DELETE withdrawal GET "
	    "read GET "
	    "poll ",
	    "renewals, submissions, withdrawals, reads, polls");
	finish_calls(calls, 7);
	end_world();
}

static void
test_large_answers_wait(void)
{
	struct sk_call calls[4];

	begin_world("large answers", "8");
	calls[0] = call_of(SK_CALL_READ, "D1", "/patients/a", NULL);
	calls[1] = call_of(SK_CALL_READ, "D2", "/patients/b", NULL);
	calls[2] = call_of(SK_CALL_READ, "D3", "/patients/c", NULL);
	calls[3] = call_of(SK_CALL_READ, "D1", "/patients/small", NULL);
	for (int i = 0; i < 3; i++)
		calls[i].expected = (size_t)1 << 20;
	hold("patients", &accepted);
	add(calls, 4);
	turn_until_seen(3);
	is_int((long long)sk_pool_on_wire(world.pool), 3,
	    "two megabytes are asked for in one turn, and what is small");
	is_int(strstr(asked(), "patients/c") == NULL, 1, "what has no room beside them waits");
	release_held();
	turn_until_ended(calls, 4);
	is_int(world.seen, 4, "it is asked for when there is room");
	calls[2].expected = (size_t)8 << 20;
	sk_pool_add(world.pool, &calls[2]);
	turn_until_ended(&calls[2], 1);
	is_int(world.seen, 5, "what is larger than all that have room goes alone");
	finish_calls(calls, 4);
	end_world();
}

/* A larger page than the ones on the wire leave room for, and a smaller one that they would leave room for. */
static void
test_large_answers_are_not_overtaken(void)
{
	struct sk_call calls[4];

	begin_world("a page that waits for room", "8");
	calls[0] = call_of(SK_CALL_READ, "D1", "/patients/a", NULL);
	calls[1] = call_of(SK_CALL_READ, "D1", "/patients/smaller", NULL);
	calls[2] = call_of(SK_CALL_READ, "D3", "/patients/large", NULL);
	calls[3] = call_of(SK_CALL_READ, "D4", "/patients/unknown", NULL);
	calls[0].expected = (size_t)1 << 20;
	calls[1].expected = (size_t)1 << 19;
	calls[2].expected = (size_t)2 << 20;
	hold("patients", &empty_list);
	add(calls, 4);
	turn_until_seen(2);
	sk_pool_turn(world.pool, 0, -1);
	is_int((long long)sk_pool_on_wire(world.pool), 2,
	    "isn't overtaken, neither in that turn nor when another office would be the first");
	release_held();
	turn_until_ended(calls, 4);
	is_int(strstr(asked(), "large") < strstr(asked(), "smaller"), 1, "and leaves before");
	finish_calls(calls, 4);
	end_world();
}

static void
test_offices_take_turns(void)
{
	static const char *const paths[] = {"/a", "/b", "/c", "/d", "/e", "/f"};
	static const char *const offices[] = {"D2", "D2", "D2", "D1", "D4", "D4"};
	struct sk_call calls[6];

	begin_world("offices take turns", "1");
	for (size_t i = 0; i < 6; i++)
		calls[i] = call_of(SK_CALL_READ, offices[i], paths[i], NULL);
	add(calls, 6);
	turn_until_ended(calls, 6);
	is_str(asked(), "GET d GET a GET e GET b GET f GET c ", "one call of each");
	finish_calls(calls, 6);
	end_world();
}

int
main(void)
{
	server_init();
	test_may_enter();
	test_leaving_comes_first();
	test_crossed_out();
	test_recorded_together();
	test_leaving_fails();
	test_record_fails();
	test_again(0);
	test_again(1);
	test_all_at_once();
	test_end_mixed();
	test_remove();
	test_no_turn_within();
	test_order_of_kinds();
	test_large_answers_wait();
	test_large_answers_are_not_overtaken();
	test_offices_take_turns();
	return done_testing();
}
