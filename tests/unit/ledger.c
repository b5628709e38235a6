/* SPDX-License-Identifier: MIT */
/* What happens to a row, written into a fresh state file; and the rows of dead runs. */
#include "life/ledger.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/lock.h"
#include "base/mem.h"
#include "base/out.h"
#include "store/events.h"
#include "folder.h"
#include "tap.h"
#include "base/time.h"

static char folder[] = "/tmp/unit-ledger-XXXXXX";
static struct sk_session session;
static struct sk_store *store;
static struct sk_error err;
static int64_t seen; /* the last event that was looked at */

static char *
path_of(const char *name)
{
	return sk_mem_printf("%s/%s", folder, name);
}

static void
stop_here(const char *what)
{
	printf("Bail out! %s: %s\n", what, err.text);
	exit(1);
}

static void
use(const char *name)
{
	char *path = path_of(name);
	struct sk_twin twin = {.pair = 1};

	sk_store_free(store);
	sk_lock_free(session.lock);
	sk_error_clear(&err);
	if (sk_store_create(path, twin.pair, &store, &err) != 0 ||
	    sk_lock_open(path, &session.lock, &err) != 0 ||
	    sk_twin_write(session.lock, &twin, &err) != 0)
		stop_here(name);
	session.store = store;
	seen = 0;
	free(path);
}

/* A new row of that run, journaled. */
static struct sk_writeback
new_row(const char *key, int64_t run)
{
	struct sk_writeback row = {0};
	int64_t holder;

	row.office_id = sk_mem_copy("D1");
	row.operation = sk_mem_copy("book_appointment");
	row.method = sk_mem_copy("POST");
	row.endpoint = sk_mem_copy("/appointment");
	row.request_body = sk_mem_copy("{\"patient_id\":\"7\"}");
	row.content_key = sk_mem_copy(key);
	row.holds_key = key != NULL;
	row.holds_content = key != NULL ? SK_CONTENT_ALONE : SK_CONTENT_FREE;
	row.run = run;
	row.queued_at = sk_time_now();
	if (sk_store_begin(store, &err) != 0 ||
	    sk_store_writeback_insert(store, &row, &holder, &err) != 1 ||
	    sk_store_commit(store, &err) != 0)
		stop_here("insert");
	return row;
}

static enum sk_recorded
record(struct sk_writeback *row, struct sk_fact fact)
{
	return sk_ledger_record_one(store, row, &fact, NULL, &err);
}

static enum sk_recorded
happens(struct sk_writeback *row, enum sk_happening what)
{
	return record(row,
	    (struct sk_fact){.what = what, .writeback_id = "900", .error_code = "x"});
}

/* The row as it is in the file. */
static struct sk_writeback
stored(int64_t id)
{
	struct sk_writeback row = {0};

	if (sk_store_writeback_get(store, id, &row, &err) != 1)
		stop_here("get");
	return row;
}

static int
is_stored_as(int64_t id, enum sk_state state, int attempts)
{
	struct sk_writeback row = stored(id);
	int same = row.result == state && row.attempts == attempts;

	if (!same)
		printf("# stored: %s, %d attempts\n", sk_state_name(row.result), row.attempts);
	sk_writeback_fini(&row);
	return same;
}

/* The kinds of the events made since the last look, joined. */
static const char *
new_events(void)
{
	static char kinds[200];
	struct sk_event *events;
	size_t n, at = 0;

	kinds[0] = '\0';
	if (sk_store_events_since(store, seen, &events, &n, &err) != 0)
		stop_here("events");
	for (size_t i = 0; i < n; i++) {
		at += (size_t)snprintf(kinds + at, sizeof(kinds) - at, "%s%s", i > 0 ? " " : "",
		    sk_event_kind_name(events[i].kind));
		seen = events[i].id;
	}
	sk_events_free(events, n);
	return kinds;
}

/* --- recording ------------------------------------------------------------------------------- */

static void
test_life_of_one(void)
{
	struct sk_writeback row, end;
	struct sk_step step;
	struct sk_fact fact = {.what = SK_CLAIMED};

	use("one.db");
	row = new_row("k", 1);
	is_int(sk_ledger_record_one(store, &row, &fact, &step, &err), SK_RECORDED, "claimed");
	ok(step.allowed && step.to == SK_SUBMITTING, "the step is told");
	ok(row.result == SK_SUBMITTING && row.attempts == 1 && row.attempts_in_run == 1 &&
		row.submitted_at != 0,
	    "the row is brought up to date");
	ok(is_stored_as(row.id, SK_SUBMITTING, 1), "and so is the file");
	is_str(new_events(), "submitting", "an event");

	fact = (struct sk_fact){.what = SK_REFUSED_PASSING,
	    .error_code = "API2002",
	    .error_message = "busy"};
	is_int(record(&row, fact), SK_RECORDED, "refused for now");
	ok(is_stored_as(row.id, SK_QUEUED, 1), "queued, and the attempt counts");
	is_str(new_events(), "", "no event");
	happens(&row, SK_CLAIMED);
	is_int(record(&row, (struct sk_fact){.what = SK_ACCEPTED, .writeback_id = "275"}),
	    SK_RECORDED, "accepted");
	is_str(row.writeback_id, "275", "its id");
	is_str(row.error_code, NULL, "no trouble is left of the first attempt");
	fact = (struct sk_fact){.what = SK_SAYS_COMPLETED,
	    .created_id = "31",
	    .appointment_sr_no = "32",
	    .error_message = NULL};
	is_int(record(&row, fact), SK_RECORDED, "completed");
	end = stored(row.id);
	ok(end.result == SK_COMPLETED && end.completed_at != 0 && end.holds_key,
	    "with its key held");
	is_str(end.created_id, "31", "what was created");
	is_str(end.appointment_sr_no, "32", "and its number");
	is_str(new_events(), "submitting pending completed", "events");
	is_int(happens(&row, SK_SAYS_FAILED), SK_RECORD_STALE, "completed is the end");
	is_str(new_events(), "", "without an event");
	sk_writeback_fini(&end);
	sk_writeback_fini(&row);
}

static void
test_stale(void)
{
	struct sk_writeback row, old, none = {.id = 99, .result = SK_QUEUED};

	use("stale.db");
	row = new_row(NULL, 1);
	old = stored(row.id);
	happens(&row, SK_CLAIMED);
	happens(&row, SK_NOT_SENT);
	new_events();
	is_int(happens(&old, SK_CLAIMED), SK_RECORD_STALE,
	    "decided on the same state, with other attempts: nothing");
	ok(old.result == SK_QUEUED && old.attempts == 0, "the caller's row stays as it was");
	old.attempts = 1;
	old.result = SK_SUBMITTING;
	is_int(happens(&old, SK_ACCEPTED), SK_RECORD_STALE, "on another state: nothing");
	old.result = SK_QUEUED;
	is_int(happens(&old, SK_ACCEPTED), SK_RECORD_STALE, "on what life doesn't know: nothing");
	ok(is_stored_as(row.id, SK_QUEUED, 1), "nothing was written");
	is_str(new_events(), "", "and no event made");
	is_int(happens(&none, SK_CLAIMED), SK_RECORD_STALE, "a row that isn't there");
	ok(!sk_store_in_transaction(store), "no transaction is left open");
	is_int(err.code, 0, "none of it is an error");
	sk_writeback_fini(&old);
	sk_writeback_fini(&row);
}

static void
test_key_taken(void)
{
	struct sk_writeback first, second, end;

	use("keys.db");
	first = new_row("same", 1);
	happens(&first, SK_RUN_DIED);
	ok(first.result == SK_FAILED && !first.holds_key, "failed frees the key");
	second = new_row("same", 2);
	new_events();
	is_int(record(&first, (struct sk_fact){.what = SK_RETRIED, .run = 3}), SK_RECORD_KEY_TAKEN,
	    "a retry while another row holds it");
	is_int(err.code, 0, "is no error");
	end = stored(first.id);
	ok(end.result == SK_FAILED && end.run == 1 && end.retries == 0 && !end.holds_key,
	    "nothing is written");
	sk_writeback_fini(&end);
	ok(first.result == SK_FAILED && first.retries == 0, "the caller's row stays");
	is_str(new_events(), "", "no event");
	is_int(happens(&first, SK_RETRY_KEY_TAKEN), SK_RECORDED, "superseded");
	is_str(first.error_code, "superseded", "says its code");
	is_int(record(&first, (struct sk_fact){.what = SK_RETRIED, .run = 3}), SK_RECORD_STALE,
	    "and isn't retried");

	happens(&second, SK_RUN_DIED);
	is_int(record(&second, (struct sk_fact){.what = SK_RETRIED, .run = 3}), SK_RECORDED,
	    "a free key: retried");
	ok(second.run == 3 && second.retries == 1 && second.holds_key && second.completed_at == 0 &&
		second.error_code == NULL,
	    "for that run, its old end cleared");
	sk_writeback_fini(&first);
	sk_writeback_fini(&second);
}

/* A late request isn't a row's whose content another row has, also where two equal ones may be meant. */
static void
test_content_taken(void)
{
	struct sk_writeback first, second;
	int64_t begun = sk_time_now() - SK_HOUR;

	use("content.db");
	first = new_row("same", 1);
	happens(&first, SK_CLAIMED);
	happens(&first, SK_UNCLEAR);
	record(&first, (struct sk_fact){.what = SK_LIST_LACKS_IT, .at = begun, .list = 1});
	record(&first, (struct sk_fact){.what = SK_LIST_LACKS_IT_STILL, .list = 2});
	ok(first.result == SK_FAILED && first.holds_content == SK_CONTENT_FREE,
	    "not received: it holds no content");
	second = new_row("same", 2);
	second.holds_content = SK_CONTENT_BESIDE;
	sk_store_begin(store, &err);
	sk_store_writeback_put(store, &second, SK_QUEUED, 0, NULL, &err);
	sk_store_commit(store, &err);
	is_int(happens(&first, SK_FOUND), SK_RECORD_KEY_TAKEN, "its content is another's by now");
	is_int(record(&first, (struct sk_fact){.what = SK_RETRIED, .run = 3, .beside = true}),
	    SK_RECORDED, "sent again beside that one");
	ok(first.holds_content == SK_CONTENT_BESIDE, "it holds its content beside it");
	sk_writeback_fini(&first);
	sk_writeback_fini(&second);
}

/* A taken key doesn't undo what the caller's transaction has written before. */
static void
test_key_taken_within(void)
{
	const struct sk_fact retried = {.what = SK_RETRIED, .run = 3};
	struct sk_writeback first, second, third;

	use("within.db");
	first = new_row("same", 1);
	happens(&first, SK_RUN_DIED);
	second = new_row("same", 2);
	third = new_row("other", 1);
	happens(&third, SK_RUN_DIED);
	sk_store_begin(store, &err);
	is_int(sk_ledger_record(store, &third, &retried, NULL, &err), SK_RECORDED,
	    "one is retried");
	is_int(sk_ledger_record(store, &first, &retried, NULL, &err), SK_RECORD_KEY_TAKEN,
	    "one finds its key taken");
	is_int(sk_store_commit(store, &err), 0, "in one transaction");
	ok(is_stored_as(third.id, SK_QUEUED, 0) && is_stored_as(first.id, SK_FAILED, 0),
	    "which keeps the first");
	sk_writeback_fini(&first);
	sk_writeback_fini(&second);
	sk_writeback_fini(&third);
}

static void
test_id_twice(void)
{
	struct sk_writeback first, second;

	use("twice.db");
	first = new_row(NULL, 1);
	second = new_row(NULL, 1);
	happens(&first, SK_CLAIMED);
	happens(&second, SK_CLAIMED);
	is_int(happens(&first, SK_ACCEPTED), SK_RECORDED, "an id");
	is_int(happens(&second, SK_ACCEPTED), SK_RECORDED, "the same for another row");
	ok(is_stored_as(second.id, SK_UNKNOWN, 1) && second.writeback_id == NULL,
	    "isn't taken over: unknown");
	ok(is_stored_as(first.id, SK_PENDING, 1), "the first row isn't touched");
	is_str(second.error_code, "id_taken", "with its code");
	is_int(happens(&second, SK_FOUND), SK_RECORD_STALE, "nor is it found: it had an id");
	is_int(happens(&second, SK_LIST_LACKS_IT), SK_RECORD_STALE, "or absent");
	ok(is_stored_as(second.id, SK_UNKNOWN, 1), "which leaves it as it was");
	sk_writeback_fini(&first);
	sk_writeback_fini(&second);
}

static void
test_put_completed(void)
{
	struct sk_writeback row;

	use("put.db");
	row = new_row("k", 1);
	sk_mem_replace(&row.method, "PUT");
	sk_store_begin(store, &err);
	sk_store_writeback_put(store, &row, SK_QUEUED, 0, NULL, &err);
	sk_store_commit(store, &err);
	happens(&row, SK_CLAIMED);
	happens(&row, SK_ACCEPTED);
	ok(row.holds_key, "a PUT holds its key while it lives");
	happens(&row, SK_SAYS_COMPLETED);
	ok(row.result == SK_COMPLETED && !row.holds_key, "and not once it was carried out");
	sk_writeback_fini(&row);
}

/* --- the first empty list -------------------------------------------------------------------- */

static struct sk_writeback
unknown_row(void)
{
	struct sk_writeback row = new_row(NULL, 1);

	happens(&row, SK_CLAIMED);
	happens(&row, SK_UNCLEAR);
	return row;
}

static void
test_absent(void)
{
	struct sk_writeback row;
	int64_t begun = sk_time_now() - SK_HOUR;

	use("absent.db");
	row = unknown_row();
	ok(row.result == SK_UNKNOWN && row.unknown_at != 0 && row.absent_at == 0, "unknown");
	is_int(record(&row, (struct sk_fact){.what = SK_LIST_LACKS_IT, .at = begun, .list = 3}),
	    SK_RECORDED, "a list lacks it");
	ok(row.result == SK_UNKNOWN && row.absent_at == begun && row.absent_list == 3,
	    "which is noted, as of when the list was begun");
	record(&row,
	    (struct sk_fact){.what = SK_LIST_LACKS_IT, .at = begun + SK_MINUTE, .list = 4});
	ok(row.absent_at == begun && row.absent_list == 4, "of those that follow, the first");
	record(&row, (struct sk_fact){.what = SK_LIST_LACKS_IT, .at = begun + SK_HOUR, .list = 6});
	ok(row.absent_at == begun + SK_HOUR && row.absent_list == 6,
	    "one that doesn't follow begins anew");
	happens(&row, SK_FOUND);
	ok(row.result == SK_PENDING && row.absent_at == 0, "found: cleared");
	sk_writeback_fini(&row);

	row = unknown_row();
	record(&row, (struct sk_fact){.what = SK_LIST_LACKS_IT, .at = begun});
	new_events();
	is_int(happens(&row, SK_LIST_LACKS_IT_STILL), SK_RECORDED, "lacks it still");
	ok(row.result == SK_FAILED && row.not_received_at != 0 && row.absent_at == 0 &&
		!row.holds_key,
	    "not received: cleared, and its key is free");
	is_str(row.error_code, "not_received", "with its code");
	is_str(new_events(), "not_received", "and an event");
	record(&row, (struct sk_fact){.what = SK_RETRIED, .run = 2});
	ok(row.not_received_at != 0, "which stands in the row through a retry");
	happens(&row, SK_CLAIMED);
	happens(&row, SK_UNCLEAR);
	ok(row.result == SK_UNKNOWN && row.absent_at == 0, "unknown again: it begins anew");
	record(&row, (struct sk_fact){.what = SK_LIST_LACKS_IT, .at = begun});
	happens(&row, SK_RESOLVED_COMPLETED);
	ok(row.result == SK_COMPLETED && row.absent_at == 0, "a person says so: cleared");
	sk_writeback_fini(&row);
}

static void
test_attempts(void)
{
	struct sk_writeback row;

	use("attempts.db");
	row = new_row(NULL, 1);
	for (int i = 1; i <= SK_LIFE_ATTEMPTS; i++) {
		happens(&row, SK_CLAIMED);
		ok(row.attempts == i && row.attempts_in_run == i, "attempt %d", i);
		happens(&row, SK_NOT_SENT);
		ok(row.result == (i < SK_LIFE_ATTEMPTS ? SK_QUEUED : SK_FAILED), "then %s",
		    sk_state_name(row.result));
	}
	is_str(row.error_code, "not_sent", "failed after the fourth");
	record(&row, (struct sk_fact){.what = SK_RETRIED, .run = 2});
	ok(row.attempts == 4 && row.attempts_in_run == 0,
	    "a retry begins anew in its run, and lowers nothing");
	happens(&row, SK_CLAIMED);
	is_int(row.attempts, 5, "the fifth in all");
	sk_store_begin(store, &err);
	row.attempts = 4;
	is_int(sk_store_writeback_put(store, &row, SK_SUBMITTING, 5, NULL, &err), -1,
	    "the file refuses fewer");
	sk_store_rollback(store);
	sk_error_clear(&err);
	sk_writeback_fini(&row);
}

/* --- withdrawals ----------------------------------------------------------------------------- */

static struct sk_writeback
pending_row(const char *key, const char *writeback_id)
{
	struct sk_writeback row = new_row(key, 1);

	happens(&row, SK_CLAIMED);
	record(&row, (struct sk_fact){.what = SK_ACCEPTED, .writeback_id = writeback_id});
	return row;
}

static struct sk_writeback
withdrawn_row(const char *key, const char *writeback_id, enum sk_happening why)
{
	struct sk_writeback row = pending_row(key, writeback_id);

	happens(&row, why);
	happens(&row, SK_WITHDRAWN_THERE);
	return row;
}

/* As if so much time had passed for the row. */
static void
age(struct sk_writeback *row, int64_t by)
{
	sk_store_begin(store, &err);
	row->submitted_at -= by;
	row->withdrawn_at -= row->withdrawn_at != 0 ? by : 0;
	row->looked_at -= row->looked_at != 0 ? by : 0;
	if (sk_store_writeback_put(store, row, row->result, row->attempts, NULL, &err) != 1 ||
	    sk_store_commit(store, &err) != 0)
		stop_here("age");
}

static void
test_withdrawal(void)
{
	struct sk_writeback row;

	use("withdrawal.db");
	row = pending_row("k", "1");
	is_int(happens(&row, SK_WITHDRAWN_THERE), SK_RECORD_STALE, "not without the intention");
	happens(&row, SK_PERSON_WITHDRAWS);
	ok(row.result == SK_PENDING && row.withdraw_at != 0, "the intention is noted");
	is_str(row.withdraw_reason, "person", "whose it is");
	happens(&row, SK_WITHDRAWN_THERE);
	ok(row.result == SK_WITHDRAWN && row.withdrawn_at != 0 && row.holds_key,
	    "withdrawn, its key is held");
	happens(&row, SK_LOOK_FOUND_IT_GONE);
	happens(&row, SK_LOOK_FOUND_IT_GONE);
	ok(row.looks == 0 && row.holds_key, "two looks, too soon");
	age(&row, 35 * SK_MINUTE);
	record(&row,
	    (struct sk_fact){.what = SK_LOOK_FOUND_IT_GONE, .at = sk_time_now() - SK_SECOND});
	ok(row.looks == 0, "nor does one that was begun before the 35 minutes were over");
	happens(&row, SK_LOOK_FOUND_IT_GONE);
	ok(row.looks == 1 && row.holds_key, "after 35 minutes a look");
	happens(&row, SK_LOOK_FOUND_IT_GONE);
	ok(!row.holds_key, "and another free it");
	sk_writeback_fini(&row);

	row = withdrawn_row("k2", "2", SK_AGE_WITHDRAWS);
	ok(row.result == SK_FAILED && row.withdrawn_at != 0 && row.holds_key,
	    "stuck: failed, its key is held too");
	is_str(row.error_code, "stuck", "with its code");
	new_events();
	happens(&row, SK_SAYS_COMPLETED);
	ok(row.result == SK_COMPLETED && row.holds_key && row.error_code == NULL,
	    "carried out after all");
	is_str(new_events(), "contradiction", "which a person hears of");
	sk_writeback_fini(&row);
}

/* Where only lists show that a request is gone, the lists have to follow one another. */
static void
test_withdrawal_by_lists(void)
{
	struct sk_writeback row;

	use("lists.db");
	row = withdrawn_row("k", "1", SK_PERSON_WITHDRAWS);
	age(&row, SK_HOUR);
	record(&row, (struct sk_fact){.what = SK_LOOK_FOUND_IT_GONE, .list = 5});
	record(&row, (struct sk_fact){.what = SK_LOOK_FOUND_IT_GONE, .list = 7});
	ok(row.looks == 1 && row.holds_key, "another list has begun between the two");
	record(&row, (struct sk_fact){.what = SK_LOOK_FOUND_IT_GONE, .list = 8});
	ok(row.looks == 2 && !row.holds_key, "two in a row");
	sk_writeback_fini(&row);

	row = withdrawn_row("k2", "2", SK_PERSON_WITHDRAWS);
	age(&row, SK_HOUR);
	happens(&row, SK_NOT_KNOWN);
	record(&row, (struct sk_fact){.what = SK_LOOK_FOUND_IT_GONE, .list = 5});
	ok(row.looks == 1 && row.holds_key, "a status and a list don't make two");
	happens(&row, SK_NOT_KNOWN);
	ok(row.looks == 1 && row.holds_key, "nor a list and a status");
	happens(&row, SK_NOT_KNOWN);
	ok(row.looks == 2 && !row.holds_key, "two by its status do");
	sk_writeback_fini(&row);

	row = withdrawn_row("k3", "3", SK_PERSON_WITHDRAWS);
	age(&row, SK_HOUR);
	record(&row, (struct sk_fact){.what = SK_LOOK_FOUND_IT_GONE, .list = 5});
	happens(&row, SK_NOT_LOOKED_AT);
	record(&row, (struct sk_fact){.what = SK_LOOK_FOUND_IT_GONE, .list = 7});
	ok(row.looks == 1 && row.holds_key, "whatever happens between, the lists have to follow");
	new_events();
	happens(&row, SK_SAYS_ENDED);
	ok(row.result == SK_UNKNOWN && row.holds_key,
	    "it has ended, and nobody can say how: unknown");
	is_str(new_events(), "contradiction assumption_broken", "a person hears of it");
	sk_writeback_fini(&row);
}

/* Withdrawn, its key freed, the same handed in again;
 * then the first one was carried out after all. */
static void
test_contradiction_key_taken(void)
{
	struct sk_writeback first, second;

	use("contradiction.db");
	first = withdrawn_row("k", "1", SK_PERSON_WITHDRAWS);
	age(&first, SK_HOUR);
	happens(&first, SK_LOOK_FOUND_IT_GONE);
	happens(&first, SK_LOOK_FOUND_IT_GONE);
	ok(!first.holds_key, "the key is free");
	second = new_row("k", 2);
	new_events();
	is_int(happens(&first, SK_SAYS_COMPLETED), SK_RECORDED,
	    "carried out after all, its key another's by now");
	ok(is_stored_as(first.id, SK_COMPLETED, 1) && first.holds_content == SK_CONTENT_BESIDE,
	    "is recorded all the same, beside the other one");
	is_str(new_events(), "contradiction assumption_broken", "and a person hears of it");
	ok(is_stored_as(second.id, SK_QUEUED, 0), "the other one stays");
	sk_writeback_fini(&first);
	sk_writeback_fini(&second);
}

/* --- dead runs ------------------------------------------------------------------------------- */

/* A living process with that run's lock; closing *release ends it. */
static pid_t
hold_elsewhere(int64_t run, int *release)
{
	int ready[2], hold[2];
	char byte = 0;
	pid_t child = -1;

	fflush(stdout);
	if (pipe(ready) != 0 || pipe(hold) != 0 || (child = fork()) == -1)
		stop_here("fork");
	if (child == 0) {
		char *path = path_of("runs.db");
		struct sk_lock *lock = NULL;

		close(hold[1]);
		byte = sk_lock_open(path, &lock, &err) == 0 &&
		    sk_lock_try(lock, SK_LOCK_RUN, run, &err) == 1;
		if (write(ready[1], &byte, 1) == 1 && read(hold[0], &byte, 1) >= 0)
			_exit(0);
		_exit(1);
	}
	close(ready[1]);
	close(hold[0]);
	if (read(ready[0], &byte, 1) != 1 || !byte)
		stop_here("the child has no lock");
	close(ready[0]);
	*release = hold[1];
	return child;
}

/* Runs of other processes are numbers only: no row of theirs is read, and nobody locks these. */
static int64_t
new_run(void)
{
	static int64_t last = 1000;

	return ++last;
}

static void
test_turn_over(void)
{
	int64_t dead, alive, own;
	struct sk_writeback queued, sent, pending, theirs, ours;
	int release;
	pid_t child;

	use("runs.db");
	dead = new_run(), alive = new_run(), own = new_run();
	queued = new_row("a", dead);
	sent = new_row("b", dead);
	happens(&sent, SK_CLAIMED);
	pending = pending_row(NULL, "1");
	theirs = new_row("c", alive);
	happens(&theirs, SK_CLAIMED);
	ours = new_row("d", own);
	sk_lock_try(session.lock, SK_LOCK_RUN, own, &err);
	child = hold_elsewhere(alive, &release);
	new_events();

	is_int(sk_ledger_turn_over(&session, &err), 0, "turned over");
	ok(is_stored_as(queued.id, SK_FAILED, 0), "a dead run's queued row failed");
	ok(is_stored_as(sent.id, SK_UNKNOWN, 1), "its submitting one is unknown");
	ok(is_stored_as(pending.id, SK_PENDING, 1), "a pending one stays");
	ok(is_stored_as(theirs.id, SK_SUBMITTING, 1), "a living run's row stays");
	ok(is_stored_as(ours.id, SK_QUEUED, 0), "and so does our own run's");
	is_str(new_events(), "not_sent unknown", "events for the two");
	sk_writeback_fini(&queued);
	queued = stored(1);
	is_str(queued.error_code, "not_sent", "the code");
	ok(!queued.holds_key, "its key is free");
	is_int(sk_ledger_turn_over(&session, &err), 0, "once more");
	is_str(new_events(), "", "changes nothing");

	close(release);
	waitpid(child, NULL, 0);
	is_int(sk_ledger_turn_over(&session, &err), 0, "when that process has ended");
	ok(is_stored_as(theirs.id, SK_UNKNOWN, 1), "its row is turned over");
	is_int(happens(&theirs, SK_ACCEPTED), SK_RECORD_STALE,
	    "and an answer it had would come too late");
	sk_lock_release(session.lock, SK_LOCK_RUN, own);
	sk_writeback_fini(&queued);
	sk_writeback_fini(&sent);
	sk_writeback_fini(&pending);
	sk_writeback_fini(&theirs);
	sk_writeback_fini(&ours);
}

/* Two processes are handed the request of a dead run; and one,
 * while a third turns its rows over. */
static void
test_taken_over(void)
{
	int64_t dead, first, second;
	struct sk_writeback row, ours, theirs, turned;

	use("over.db");
	dead = new_run(), first = new_run(), second = new_run();
	row = new_row("k", dead);
	ours = stored(row.id), theirs = stored(row.id), turned = stored(row.id);
	is_int(record(&ours, (struct sk_fact){.what = SK_TAKEN_OVER, .run = first}), SK_RECORDED,
	    "taken over");
	is_int(record(&theirs, (struct sk_fact){.what = SK_TAKEN_OVER, .run = second}),
	    SK_RECORD_STALE, "and not by a second run that saw it in the dead one's hands");
	is_int(happens(&turned, SK_RUN_DIED), SK_RECORD_STALE, "nor turned over as the dead one's");
	is_int(happens(&row, SK_CLAIMED), SK_RECORD_STALE, "nor sent by a run that lost it");
	is_int(happens(&ours, SK_CLAIMED), SK_RECORDED, "its new run sends it");
	sk_writeback_fini(&row);
	sk_writeback_fini(&ours);
	sk_writeback_fini(&theirs);
	sk_writeback_fini(&turned);
}

static void
test_stalled(void)
{
	struct sk_writeback row;
	int64_t own;

	use("stalled.db");
	own = new_run();
	row = new_row(NULL, own);
	sk_lock_try(session.lock, SK_LOCK_RUN, own, &err);
	sk_ledger_turn_over(&session, &err);
	is_str(new_events(), "", "a living run that moves");
	sk_store_begin(store, &err);
	row.queued_at -= 11 * SK_MINUTE;
	sk_store_writeback_put(store, &row, SK_QUEUED, 0, NULL, &err);
	sk_store_commit(store, &err);
	sk_ledger_turn_over(&session, &err);
	is_str(new_events(), "run_stalled", "one that hasn't for 10 minutes is reported");
	ok(is_stored_as(row.id, SK_QUEUED, 0), "and its row left alone");
	sk_ledger_turn_over(&session, &err);
	is_str(new_events(), "", "once");
	sk_writeback_fini(&row);
}

/* --- what it is called outside --------------------------------------------------------------- */

static void
test_record(void)
{
	struct sk_writeback row = {.id = 7,
	    .result = SK_PENDING,
	    .submitted_at = INT64_C(1770478200000)};
	static const int exits[SK_STATES] = {[SK_QUEUED] = 3,
	    [SK_SUBMITTING] = 3,
	    [SK_PENDING] = 3,
	    [SK_UNKNOWN] = 2,
	    [SK_COMPLETED] = 0,
	    [SK_FAILED] = 1,
	    [SK_WITHDRAWN] = 1};
	json_t *record = sk_ledger_json(&row, NULL, 1);

	is_str(json_string_value(json_object_get(record, "id")), "7", "the id is a text");
	is_str(json_string_value(json_object_get(record, "result")), "pending", "the state");
	is_str(json_string_value(json_object_get(record, "submitted_at")),
	    "2026-02-07T15:30:00.000Z", "times as text");
	ok(json_is_null(json_object_get(record, "completed_at")) &&
		json_is_null(json_object_get(record, "key")),
	    "what isn't there is null");
	ok(json_object_get(record, "content_key") == NULL &&
		json_object_get(record, "body") == NULL,
	    "no key of the content, no body where there is none");
	for (size_t i = 0; SK_LEDGER_COLUMNS[i].name != NULL; i++)
		ok(json_object_get(record, SK_LEDGER_COLUMNS[i].name) != NULL,
		    "the table's column %s is a member", SK_LEDGER_COLUMNS[i].name);
	json_decref(record);
	for (int state = SK_QUEUED; state < SK_STATES; state++) {
		row.result = (enum sk_state)state;
		ok((int)sk_ledger_exit(&row) == exits[state], "%s means %d",
		    sk_state_name(row.result), exits[state]);
	}
}

int
main(void)
{
	sk_mem_init();
	if (mkdtemp(folder) == NULL)
		return 1;
	test_life_of_one();
	test_stale();
	test_key_taken();
	test_key_taken_within();
	test_content_taken();
	test_id_twice();
	test_put_completed();
	test_absent();
	test_attempts();
	test_withdrawal();
	test_withdrawal_by_lists();
	test_contradiction_key_taken();
	test_turn_over();
	test_taken_over();
	test_stalled();
	test_record();
	sk_lock_free(session.lock);
	sk_store_free(store);
	remove_folder(folder);
	return done_testing();
}
