/* SPDX-License-Identifier: MIT */
/* The engine for calls in trouble: a server that asks for a pause, or can't be reached; a journal that
 * is busy; a lock that another process has. The clock is the test's. */
#include "pool-world.h"

#include "base/lock.h"

#define BOOK SK_CALL_SUBMISSION

/* A few turns in which nothing has to happen. */
static void
turn_a_little(void)
{
	for (int i = 0; i < 5; i++)
		sk_pool_turn(world.pool, 0, -1);
}

/* --- the server ---------------------------------------------------------------------------------- */

/* The pause is as long as the server asks for, also when it is longer than the 20 s after which a server
 * counts as unreachable. */
static void
test_pause(void)
{
	static const struct said_by_server busy = {"503 Busy", "Retry-After: 40\r\n",
	    "{\"error_code\":\"API2002\"}"};
	struct witness witness;
	struct sk_call calls[3];

	begin_world("a 503 that asks for a pause of 40 s", "1");
	witness_init(&witness);
	add_rule((struct rule){.match = "appointment", .answer = &busy, .left = 1});
	calls[0] = call_of(BOOK, "D1", "/appointment/a", &witness);
	calls[1] = call_of(BOOK, "D2", "/appointment/b", &witness);
	calls[2] = call_of(SK_CALL_READ, NULL, "/practices", NULL);
	sk_pool_add(world.pool, &calls[0]);
	sk_pool_add(world.pool, &calls[1]);
	while (strstr(said, "again") == NULL && strstr(said, "ended") == NULL)
		sk_pool_turn(world.pool, LONG_TURN, -1);
	sk_pool_add(world.pool, &calls[2]);
	turn_a_little();
	is_str(said, "leaving:a record:a again ", "nobody's calls leave");
	is_int((long long)sk_pool_on_wire(world.pool), 0, "not even the application's");
	seconds_ahead += 30;
	turn_a_little();
	is_int((long long)sk_pool_on_wire(world.pool), 0, "nor after 30 s");
	ok(!sk_call_has_ended(&calls[0]) && !sk_call_has_ended(&calls[1]) &&
		!sk_call_has_ended(&calls[2]),
	    "and none is given up: the server has answered");
	seconds_ahead += 11;
	turn_until_ended(calls, 3);
	is_int(calls[0].result->said.verdict, SK_WRITE_ACCEPTED, "afterwards the call is repeated");
	is_int(calls[1].result->said.verdict, SK_WRITE_ACCEPTED, "and the others leave");
	is_int(calls[2].result->error.code, 0, "all of them");
	finish_calls(calls, 3);
	end_world();
}

/* A server that asks for a pause again and again. */
static void
test_pauses_without_end(void)
{
	static const struct said_by_server busy = {"503 Busy", "Retry-After: 40\r\n",
	    "{\"error_code\":\"API2002\"}"};
	struct sk_call calls[2];

	begin_world("a server that asks for a pause after each pause", "1");
	answer_with("read", &busy);
	calls[0] = call_of(SK_CALL_READ, "D1", "/read/a", NULL);
	calls[1] = call_of(SK_CALL_READ, "D2", "/read/b", NULL);
	sk_pool_add(world.pool, &calls[0]);
	sk_pool_add(world.pool, &calls[1]);
	for (int pauses = 0; pauses < 9 && !all_ended(calls, 2); pauses++) {
		int seen = world.seen;

		while (world.seen == seen && !all_ended(calls, 2))
			sk_pool_turn(world.pool, 10, -1);
		turn_a_little();
		seconds_ahead += 42;
	}
	turn_until_ended(calls, 2);
	is_int(calls[0].result->error.code, SK_EXIT_UNAVAILABLE, "is given up");
	is_int(calls[1].result->error.code, SK_EXIT_UNAVAILABLE, "for all that wait");
	ok(world.seen >= 2, "but not before it was asked again");
	ok(world.seen <= 3, "and soon after that");
	finish_calls(calls, 2);
	end_world();
}

static void
test_full_limit(void)
{
	static const struct said_by_server last = {"200 OK",
	    "X-Rate-Limit-Remaining: 1\r\nX-Rate-Limit-Reset: 40\r\n", "{\"items\":[]}"};
	struct sk_call calls[3];

	begin_world("a full limit", "1");
	add_rule((struct rule){.match = "first", .answer = &last, .left = 1});
	calls[0] = call_of(SK_CALL_READ, "D1", "/first", NULL);
	calls[1] = call_of(BOOK, "D1", "/appointment/a", NULL);
	calls[2] = call_of(SK_CALL_POLL, "D2", "/other", NULL);
	sk_pool_add(world.pool, &calls[0]);
	turn_until_ended(calls, 1);
	/* By what the server says 199 of 200 are used up. */
	sk_pool_add(world.pool, &calls[1]);
	sk_pool_add(world.pool, &calls[2]);
	turn_until_ended(&calls[2], 1);
	turn_a_little();
	is_int((long long)sk_pool_on_wire(world.pool), 0, "nothing of its office leaves");
	is_str(asked(), "GET first GET other ", "its office waits, and another one goes on");
	seconds_ahead += 42;
	turn_until_ended(calls, 3);
	is_int(calls[1].result->said.verdict, SK_WRITE_ACCEPTED, "until the window is over");
	finish_calls(calls, 3);
	end_world();
}

/* --- unreachable --------------------------------------------------------------------------------- */

static const struct said_by_server no_gateway = {"502 Bad Gateway", "", "<html>"};

static void
test_unreachable(void)
{
	struct sk_call calls[3];

	begin_world("no success for 20 s", "1");
	answer_with("read", &no_gateway);
	calls[0] = call_of(SK_CALL_READ, "D1", "/read/a", NULL);
	calls[1] = call_of(SK_CALL_READ, "D2", "/read/b", NULL);
	calls[2] = call_of(SK_CALL_READ, "D3", "/well", NULL);
	sk_pool_add(world.pool, &calls[0]);
	sk_pool_add(world.pool, &calls[1]);
	turn_until_seen(2);
	turn_a_little();
	ok(!all_ended(calls, 1) && !all_ended(&calls[1], 1), "failures alone end nothing");
	seconds_ahead += 21;
	turn_until_ended(calls, 2);
	is_int(calls[0].result->error.code, SK_EXIT_UNAVAILABLE, "20 s later all that wait end");
	is_int(calls[1].result->error.code, SK_EXIT_UNAVAILABLE, "with 69");
	ok(strstr(calls[1].result->error.text, "can't be reached") != NULL, "and are told why");
	seconds_ahead += 3600;
	sk_pool_add(world.pool, &calls[2]);
	turn_until_ended(calls, 3);
	is_int(calls[2].result->error.code, 0, "a later call begins anew");
	finish_calls(calls, 3);
	end_world();
}

/* What failed long ago says nothing of now. */
static void
test_begins_anew(void)
{
	struct sk_call calls[2];

	begin_world("a call long after one that failed", "1");
	add_rule((struct rule){.match = "GET", .answer = &no_gateway, .left = 5});
	calls[0] = call_of(SK_CALL_READ, "D1", "/fails", NULL);
	calls[1] = call_of(SK_CALL_READ, "D1", "/later", NULL);
	sk_pool_add(world.pool, &calls[0]);
	turn_until_ended(calls, 1);
	is_int(world.seen, 4, "tried four times");
	seconds_ahead += 3600;
	sk_pool_add(world.pool, &calls[1]);
	turn_until_ended(calls, 2);
	is_int(calls[1].result->error.code, 0, "is sent, fails once, and is repeated");
	is_int(world.seen, 6, "and answered");
	finish_calls(calls, 2);
	end_world();
}

/* --- the journal --------------------------------------------------------------------------------- */

static sqlite3 *
keep_journal(void)
{
	sqlite3 *db = NULL;

	if (sqlite3_open(world.session.config.db, &db) != SQLITE_OK ||
	    sqlite3_busy_timeout(db, 60000) != SQLITE_OK ||
	    sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
		bail_out("keep the journal");
	return db;
}

static void
free_journal(sqlite3 *db)
{
	sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	sqlite3_close(db);
}

static void
test_busy_journal(void)
{
	struct witness witness;
	struct sk_call calls[3];
	sqlite3 *keeper;

	begin_world("a busy journal", "8");
	witness_init(&witness);
	calls[0] = call_of(BOOK, "D1", "/appointment/a", &witness);
	calls[1] = call_of(BOOK, "D2", "/appointment/b", &witness);
	calls[2] = call_of(BOOK, "D3", "/appointment/c", &witness);
	hold("appointment/b", &accepted);
	hold("appointment/a", &accepted);
	sk_pool_add(world.pool, &calls[0]);
	sk_pool_add(world.pool, &calls[1]);
	turn_until_seen(2);
	keeper = keep_journal();
	sk_pool_add(world.pool, &calls[2]);
	release_held();
	while (sk_pool_on_wire(world.pool) > 0)
		sk_pool_turn(world.pool, LONG_TURN, -1);
	ok(1, "answers are taken while it is busy");
	turn_a_little();
	is_str(said, "leaving:a,b ", "none is handed over before it is recorded");
	is_int((long long)sk_pool_on_wire(world.pool), 0,
	    "and nothing leaves that couldn't be written before");
	is_int(window_of("D3").in_flight, 0, "nor holds a reservation");
	free_journal(keeper);
	turn_until_ended(calls, 3);
	is_str(said, "leaving:a,b record:a,b leaving:c ended:a,b record:c ended:c ",
	    "afterwards they are recorded, and what waited leaves");
	is_int(count_events(), 6, "in the state file");
	finish_calls(calls, 3);
	end_world();
}

static void
test_journal_busy_for_long(void)
{
	struct witness witness;
	struct sk_call calls[2];
	sqlite3 *keeper;

	begin_world("a journal that is busy for more than 30 s", "8");
	witness_init(&witness);
	calls[0] = call_of(BOOK, "D1", "/appointment/a", &witness);
	calls[1] = call_of(BOOK, "D2", "/appointment/b", &witness);
	hold("appointment/a", &accepted);
	sk_pool_add(world.pool, &calls[0]);
	turn_until_seen(1);
	keeper = keep_journal();
	release_held();
	sk_pool_add(world.pool, &calls[1]);
	while (sk_pool_on_wire(world.pool) > 0)
		sk_pool_turn(world.pool, LONG_TURN, -1);
	turn_a_little();
	is_str(said, "leaving:a ", "until then all wait");
	for (int i = 0; i < 16; i++) {
		seconds_ahead += 2;
		turn_a_little();
	}
	turn_until_ended(calls, 2);
	is_str(said, "leaving:a lost:a lost:b ", "then they are handed over unrecorded");
	is_int(witness.unrecorded.code, SK_EXIT_TRY_LATER, "with the reason");
	is_int(calls[0].result->said.verdict, SK_WRITE_ACCEPTED, "the one with its answer");
	is_int(calls[1].result->error.code, SK_EXIT_TRY_LATER, "the other with the reason, too");
	is_int(world.seen, 1, "it wasn't sent");
	is_int(window_of("D2").in_flight, 0, "no reservation is left");
	free_journal(keeper);
	finish_calls(calls, 2);
	end_world();
}

/* --- our app key --------------------------------------------------------------------------------- */

static const struct said_by_server refused = {"401 Unauthorized", "",
    "{\"error_code\":\"API2003\"}"};

static void
test_app_key_refused(void)
{
	static const struct said_by_server busy = {"503 Busy", "Retry-After: 40\r\n",
	    "{\"error_code\":\"API2002\"}"};
	struct sk_call calls[3];

	begin_world("our app key is refused", "8");
	for (int i = 0; i < 3; i++)
		put_office(i == 0 ? "D1" : i == 1 ? "D2" : "D3", -SK_SECOND);
	answer_with("refresh-D1", &refused);
	answer_with("\"office_id\":\"D1\"", &refused);
	answer_with("refresh-D2", &busy);
	hold("authorized_practices", &refused);
	calls[0] = call_of(SK_CALL_READ, "D1", "/a", NULL);
	calls[1] = call_of(SK_CALL_READ, "D2", "/b", NULL);
	calls[2] = call_of(SK_CALL_READ, "D3", "/c", NULL);
	sk_pool_add(world.pool, &calls[0]);
	turn_until_seen(3);
	is_str(asked(), "POST request_key POST request_key GET authorized_practices ",
	    "one office asks by both keys, then for the list");
	sk_pool_add(world.pool, &calls[1]);
	turn_until_seen(4);
	while (sk_pool_on_wire(world.pool) > 1)
		sk_pool_turn(world.pool, LONG_TURN, -1);
	release_held();
	turn_until_ended(calls, 2);
	sk_pool_add(world.pool, &calls[2]);
	turn_until_ended(calls, 3);
	is_int(calls[0].result->error.code, SK_EXIT_NOT_AUTHORIZED, "it ends with 77");
	is_int(calls[1].result->error.code, SK_EXIT_NOT_AUTHORIZED,
	    "and one whose renewal waits to be repeated");
	is_int(calls[2].result->error.code, SK_EXIT_NOT_AUTHORIZED, "and one that comes later");
	is_int(world.seen, 4, "unasked");
	finish_calls(calls, 3);
	end_world();
}

/* The same, while another office's request is on the wire. */
static void
test_app_key_refused_meanwhile(void)
{
	struct sk_call calls[2];

	begin_world("our app key is refused while another office asks", "8");
	put_office("D1", -SK_SECOND);
	put_office("D2", -SK_SECOND);
	answer_with("POST /v4/request_key", &refused);
	answer_with("authorized_practices", &refused);
	hold("refresh-D2", &refused);
	calls[0] = call_of(SK_CALL_READ, "D1", "/a", NULL);
	calls[1] = call_of(SK_CALL_READ, "D2", "/b", NULL);
	sk_pool_add(world.pool, &calls[1]);
	turn_until_seen(1);
	sk_pool_add(world.pool, &calls[0]);
	turn_until_ended(calls, 1);
	is_int(calls[0].result->error.code, SK_EXIT_NOT_AUTHORIZED, "one office ends with 77");
	release_held();
	turn_until_ended(calls, 2);
	is_int(calls[1].result->error.code, SK_EXIT_NOT_AUTHORIZED, "the other as well");
	is_str(asked(),
	    "POST request_key POST request_key POST request_key GET authorized_practices ",
	    "and asks for nothing more");
	finish_calls(calls, 2);
	end_world();
}

/* --- locks --------------------------------------------------------------------------------------- */

static void
test_locked_out(void)
{
	struct sk_lock *other = NULL;
	struct sk_office office = {0};
	struct sk_call calls[3];

	begin_world("another process has an office's lock", "1");
	put_office("D1", -SK_SECOND);
	put_office("D2", -SK_SECOND);
	if (sk_store_office_get(world.session.store, "D1", &office, &world.err) != 1 ||
	    sk_lock_open(world.session.config.db, &other, &world.err) != 0 ||
	    sk_lock_try(other, SK_LOCK_OFFICE, office.number, &world.err) != 1)
		bail_out("lock");
	calls[0] = call_of(SK_CALL_READ, "D1", "/a", NULL);
	calls[1] = call_of(SK_CALL_READ, "D1", "/b", NULL);
	calls[2] = call_of(SK_CALL_READ, "D2", "/c", NULL);
	for (size_t i = 0; i < 3; i++)
		sk_pool_add(world.pool, &calls[i]);
	turn_until_ended(&calls[2], 1);
	is_str(asked(), "POST request_key GET c ",
	    "another office's key is renewed, and its call goes on");
	ok(!sk_call_has_ended(&calls[0]), "its own calls wait");
	sk_lock_release(other, SK_LOCK_OFFICE, office.number);
	turn_until_ended(calls, 3);
	is_str(asked(), "POST request_key GET c POST request_key GET a GET b ",
	    "the lock is released: they go on, woken by nobody but the pool");
	finish_calls(calls, 3);
	put_office("D1", -SK_SECOND);
	sk_pool_free(world.pool);
	world.pool = NULL;
	if (sk_lock_try(other, SK_LOCK_OFFICE, office.number, &world.err) != 1 ||
	    sk_engine_new(&world.session, &world.pool, &world.err) != 0)
		bail_out("lock");
	sk_pool_add(world.pool, &calls[0]);
	turn_a_little();
	seconds_ahead += 101;
	turn_until_ended(calls, 1);
	is_int(calls[0].result->error.code, SK_EXIT_TRY_LATER, "a lock that is held for 100 s: 75");
	finish_calls(calls, 1);
	sk_lock_free(other);
	sk_office_fini(&office);
	end_world();
}

static void
test_locked_out_late(void)
{
	static const struct said_by_server wrong = {"400 Bad Request", "",
	    "{\"error_code\":\"API1026\"}"};
	struct sk_lock *other = NULL;
	struct sk_office office = {0};
	struct sk_call calls[2];

	begin_world("a lock that is first tried after 100 s of our own", "1");
	put_office("D1", -SK_SECOND);
	put_office("D2", -SK_SECOND);
	if (sk_store_office_get(world.session.store, "D2", &office, &world.err) != 1 ||
	    sk_lock_open(world.session.config.db, &other, &world.err) != 0 ||
	    sk_lock_try(other, SK_LOCK_OFFICE, office.number, &world.err) != 1)
		bail_out("lock");
	hold("\"office_id\":\"D1\"", &new_key);
	add_rule((struct rule){.match = "refresh-D1", .answer = &wrong, .left = -1, .holds = 1});
	calls[0] = call_of(SK_CALL_READ, "D1", "/a", NULL);
	calls[1] = call_of(SK_CALL_READ, "D2", "/b", NULL);
	sk_pool_add(world.pool, &calls[0]);
	sk_pool_add(world.pool, &calls[1]);
	turn_until_seen(1);
	seconds_ahead += 50;
	release_held();
	hold("\"office_id\":\"D1\"", &new_key);
	turn_until_seen(2);
	seconds_ahead += 52;
	release_held();
	turn_until_ended(calls, 1);
	turn_a_little();
	ok(!sk_call_has_ended(&calls[1]), "it is waited for");
	sk_lock_release(other, SK_LOCK_OFFICE, office.number);
	turn_until_ended(calls, 2);
	is_int(calls[1].result->error.code, 0, "as long as any other");
	finish_calls(calls, 2);
	sk_lock_free(other);
	sk_office_fini(&office);
	end_world();
}

int
main(void)
{
	server_init();
	test_pause();
	test_pauses_without_end();
	test_full_limit();
	test_unreachable();
	test_begins_anew();
	test_busy_journal();
	test_journal_busy_for_long();
	test_app_key_refused();
	test_app_key_refused_meanwhile();
	test_locked_out();
	test_locked_out_late();
	return done_testing();
}
