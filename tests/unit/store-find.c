/* SPDX-License-Identifier: MIT */
/*
 * The state file: claims among several processes, filters, tallies, durations, purge, runs.
 */
#include "store/store.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/erase.h"
#include "store/runs.h"
#include "store/statements.h"
#include "store/writebacks.h"
#include "folder.h"
#include "tap.h"
#include "base/time.h"

#define T0 INT64_C(1770478200000)

static char folder[] = "/tmp/unit-find-XXXXXX";
static struct sk_store *store;
static struct sk_error err;

static struct sk_store *
open_file(const char *name)
{
	char *path = sk_mem_printf("%s/%s", folder, name);
	struct sk_store *opened = NULL;

	if (sk_store_create(path, 1, &opened, &err) != 0) {
		printf("Bail out! %s\n", err.text);
		exit(1);
	}
	free(path);
	return opened;
}

static void
use(const char *name)
{
	sk_store_free(store);
	sk_error_clear(&err);
	store = open_file(name);
}

static void
sql(const char *text)
{
	if (sqlite3_exec(store->db, text, NULL, NULL, NULL) != SQLITE_OK)
		printf("not ok - %s: %s\n", text, sqlite3_errmsg(store->db));
}

static int64_t
count(const char *text)
{
	sqlite3_stmt *statement = NULL;
	int64_t number = -1;

	if (sqlite3_prepare_v2(store->db, text, -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW)
		number = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return number;
}

/* n queued rows of an office, a second apart, of run 3. */
static void
add_rows(const char *office, int n)
{
	sk_store_begin(store, &err);
	for (int i = 0; i < n; i++) {
		struct sk_writeback row = {0};
		int64_t holder;

		row.office_id = sk_mem_copy(office);
		row.operation = sk_mem_copy("book_appointment");
		row.method = sk_mem_copy("POST");
		row.endpoint = sk_mem_copy("/appointment");
		row.request_body = sk_mem_copy("{}");
		row.run = 3;
		row.queued_at = T0 + i * SK_SECOND;
		if (sk_store_writeback_insert(store, &row, &holder, &err) != 1)
			printf("not ok - insert: %s\n", err.text);
		sk_writeback_fini(&row);
	}
	sk_store_commit(store, &err);
}

/* Claims the rows that are due before that moment; their numbers as a text. */
static const char *
claim(const int64_t *ids, size_t n, int64_t before, int64_t now, size_t most)
{
	static char text[400];
	const struct sk_claim due = {.ids = ids,
	    .n = n,
	    .checked_before = before,
	    .now = now,
	    .most = most};
	int64_t *claimed = NULL;
	size_t n_claimed = 0, at = 0;

	text[0] = '\0';
	if (sk_store_writebacks_claim(store, &due, &claimed, &n_claimed, &err) != 0)
		return err.text;
	for (size_t i = 0; i < n_claimed; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%lld", i > 0 ? " " : "",
		    (long long)claimed[i]);
	free(claimed);
	return text;
}

static void
test_claims(void)
{
	const int64_t some[] = {5, 2, 2, 99, 1};
	struct sk_writeback row;

	use("claims.db");
	add_rows("D1", 6);
	sql("UPDATE pms_writebacks SET result = 'submitting' WHERE id <> 3");
	sql("UPDATE pms_writebacks SET result = 'pending' WHERE id IN (1, 2, 4)");
	sql("UPDATE pms_writebacks SET result = 'unknown' WHERE id = 5");
	sql("UPDATE pms_writebacks SET last_checked_at = '2026-02-07T15:00:00.000Z' WHERE id = 1");
	is_str(claim(NULL, 0, T0, T0, 2), "2 4", "never looked at first, at most so many");
	is_str(claim(NULL, 0, T0, T0 + 1, 9), "5 1", "then unknown ones and what was looked at");
	is_str(claim(NULL, 0, T0, T0 + 2, 9), "", "each once");
	is_str(claim(some, 5, T0 + 2, T0 + 3, 9), "2 1 5", "of some, the longest ago first");
	is_str(claim(some, 5, T0 + 2, T0 + 4, 9), "", "each once");
	is_str(claim(NULL, 0, T0 + 4, T0 + 5, 0), "", "none when none may be");
	is_int(sk_store_writeback_get(store, 2, &row, &err), 1, "a row");
	ok(row.check_count == 2 && row.last_checked_at == T0 + 3, "counts its looks");
	sk_writeback_fini(&row);
	sk_store_begin(store, &err);
	ok(strstr(claim(NULL, 0, T0 + 4, T0 + 5, 9), "inside of another") != NULL,
	    "a claim is a transaction of its own");
	sk_store_rollback(store);
	sk_error_clear(&err);
}

/* A process that claims until nothing is left, and writes what it got. */
static void
claim_all(int to)
{
	struct sk_error failed = {0};
	struct sk_store *own = open_file("crowd.db");
	const struct sk_claim seven = {.checked_before = T0, .now = T0 + 1, .most = 7};
	int64_t *claimed;
	size_t n;

	do {
		if (sk_store_writebacks_claim(own, &seven, &claimed, &n, &failed) != 0)
			_exit(1);
		if (write(to, claimed, n * sizeof(*claimed)) == -1)
			_exit(1);
		free(claimed);
	} while (n > 0);
	sk_store_free(own);
	_exit(0);
}

static void
test_claims_of_many(void)
{
	int seen[201] = {0}, ends[2], status, bad = 0, twice = 0, missed = 0;
	int64_t id;

	use("crowd.db");
	add_rows("D1", 200);
	sql("UPDATE pms_writebacks SET result = 'pending'");
	sk_store_free(store);
	store = NULL;
	if (pipe(ends) != 0)
		return;
	for (int i = 0; i < 4; i++)
		if (fork() == 0)
			claim_all(ends[1]);
	close(ends[1]);
	while (read(ends[0], &id, sizeof(id)) == sizeof(id))
		twice += seen[id]++;
	while (wait(&status) > 0)
		bad += status != 0;
	close(ends[0]);
	for (int i = 1; i <= 200; i++)
		missed += !seen[i];
	is_int(bad, 0, "four pollers at once");
	is_int(twice, 0, "never claim the same row");
	is_int(missed, 0, "and leave none");
}

static const char *
find(const struct sk_filter *filter)
{
	static char text[400];
	struct sk_writeback *rows = NULL;
	size_t n = 0, at = 0;

	text[0] = '\0';
	if (sk_store_writebacks(store, filter, &rows, &n, &err) != 0)
		return err.text;
	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%lld", i > 0 ? " " : "",
		    (long long)rows[i].id);
	sk_writebacks_free(rows, n);
	return text;
}

/* 1 queued, 2 submitting, 3 pending, 4 unknown, 5 completed, 6 failed, 7 withdrawn; 8 of D2. */
static void
make_rows(const char *name)
{
	char recent[SK_TIME_TEXT], *text;

	use(name);
	add_rows("D1", 7);
	add_rows("D2", 1);
	sql("UPDATE pms_writebacks SET result = 'submitting', "
	    "submitted_at = '2026-02-07T15:30:10.000Z' WHERE id IN (2, 3, 4, 5)");
	sql("UPDATE pms_writebacks SET result = 'pending', writeback_id = 'w' || id "
	    "WHERE id IN (3, 5, 7)");
	sql("UPDATE pms_writebacks SET result = 'unknown' WHERE id = 4");
	sql("UPDATE pms_writebacks SET result = 'completed', "
	    "completed_at = '2026-02-07T15:31:00.000Z' WHERE id = 5");
	sql("UPDATE pms_writebacks SET result = 'failed', error_code = 'not_received', "
	    "not_received_at = '2026-02-07T15:32:00.000Z', "
	    "completed_at = '2026-02-07T15:32:00.000Z' WHERE id = 6");
	sql("UPDATE pms_writebacks SET result = 'withdrawn', error_message = 'x', "
	    "completed_at = '2026-02-07T15:33:00.000Z' WHERE id = 7");
	text = sk_mem_printf("UPDATE pms_writebacks SET submitted_at = '%s' WHERE id = 7",
	    sk_time_format(sk_time_now() - 5 * SK_DAY, recent));
	sql(text);
	free(text);
}

#define FINDS(wanted, what, ...)                               \
	do {                                                   \
		const struct sk_filter filter = {__VA_ARGS__}; \
		is_str(find(&filter), wanted, what);           \
	} while (0)

static void
test_filters(void)
{
	static const char *const d2[] = {"D2", "D\"9", "\xff"};
	static const int64_t ids[] = {6, 2, 2, 77};
	const unsigned living = SK_OPEN_STATES, ended = SK_ENDED;
	const int64_t run = 3, other = 4, none = 0;

	make_rows("filters.db");
	FINDS("1 2 3 4 5 6 7 8", "no condition", .most = 0);
	FINDS("1 2 3", "at most three", .most = 3);
	FINDS("1 2 3 4 8", "living", .states = living);
	FINDS("5 6 7", "ended", .states = ended);
	FINDS("6 7", "failed and withdrawn", .states = SK_MASK(SK_FAILED) | SK_MASK(SK_WITHDRAWN));
	FINDS("3", "pending", .states = SK_MASK(SK_PENDING));
	FINDS("1 2 8", "queued and submitting, of a run", .run = &run);
	FINDS("", "of one that has only others", .run = &other);
	sql("UPDATE pms_writebacks SET run = 4 WHERE id = 2");
	sql("UPDATE pms_writebacks SET run = NULL WHERE id = 8");
	FINDS("2", "of another run", .run = &other);
	FINDS("8", "of none", .run = &none);
	sql("UPDATE pms_writebacks SET run = 3");
	FINDS("8", "of an office", .offices = d2, .n_offices = 3);
	FINDS("", "of one that isn't text", .offices = d2 + 2, .n_offices = 1);
	FINDS("2 6", "by number", .ids = ids, .n_ids = 4);
	FINDS("6", "by number and state", .ids = ids, .n_ids = 4, .states = ended);
	FINDS("6 7", "since", .queued_since = T0 + 5 * SK_SECOND);
	FINDS("6 7", "of an office since", .queued_since = T0 + 5 * SK_SECOND,
	    .offices = (const char *const[]){"D1"}, .n_offices = 1);
	FINDS("5", "by the server's number", .writeback_id = "w5");
	FINDS("6", "by the error", .error_code = "not_received");
	FINDS("5 6", "ended before", .ended_before = T0 + 3 * SK_MINUTE);
	FINDS("6", "once not received", .with_not_received = 1);
	FINDS("", "doubled", .with_doubled = 1);
	sql("UPDATE pms_writebacks SET doubled_id = 'w9' WHERE id IN (3, 4)");
	sql("UPDATE pms_writebacks SET doubled_withdrawn_at = '2026-02-07T15:30:00.000Z' WHERE id "
	    "= 4");
	FINDS("3", "doubled", .with_doubled = 1);
	FINDS("3 4", "by the number of the second one", .writeback_id = "w9");

	sql("UPDATE pms_writebacks SET endpoint = '/patient/12' WHERE id = 1");
	sql("UPDATE pms_writebacks SET endpoint = '/patient', created_id = '12' WHERE id = 2");
	sql("UPDATE pms_writebacks SET request_body = '{\"patient_id\": 12}' WHERE id = 4");
	sql("UPDATE pms_writebacks SET created_id = '12', request_body = '{' WHERE id = 5");
	FINDS("1 2 4", "of a patient: by the path, as what was made, by the body", .patient = "12");
	FINDS("", "of one with a similar number", .patient = "1");

	sql("UPDATE pms_writebacks SET resolved_at = '2026-02-07T16:00:00.000Z' WHERE id = 5");
	FINDS("5", "resolved since", .resolved_since = T0 - SK_DAY);
	FINDS("", "resolved since", .resolved_since = T0 + 2 * SK_DAY);
	FINDS("7", "to be looked at", .looks_due_since = sk_time_now() - 6 * SK_DAY);
	sql("UPDATE pms_writebacks SET submitted_at = '2025-01-01T00:00:00.000Z' WHERE id = 7");
	FINDS("", "to be looked at, too old", .looks_due_since = sk_time_now() - 6 * SK_DAY);
	sql("UPDATE pms_writebacks SET last_checked_at = '2026-02-07T15:30:00.000Z' WHERE id = 3");
	FINDS("1 2 4 8", "not looked at since", .states = living, .checked_before = T0);
	FINDS("1 2 3 4 8", "not looked at since", .states = living, .checked_before = T0 + 1);
	FINDS("5", "unpurged", .unpurged = 1, .ended_before = T0 + 2 * SK_MINUTE);
	is_int(err.code, 0, "no error");
}

/* Purges what can be purged, at most so many rows at a time. How many; *portions: in how many. */
static int64_t
purge_all(const struct sk_purge *purge, size_t most, int *portions)
{
	struct sk_purge_place place = {.purge = purge};
	int64_t *ids, purged, all = 0;
	size_t n;

	for (*portions = 0;; ++*portions) {
		if (sk_store_purge_next(store, &place, most, &ids, &n, &err) != 0)
			break;
		if (n > 0 && sk_store_purge(store, purge, ids, n, &purged, &err) == 0)
			all += purged;
		free(ids);
		if (n == 0)
			break;
	}
	sk_purge_place_fini(&place);
	return all;
}

static void
test_purge(void)
{
	struct sk_writeback row;
	int portions;
	const struct sk_purge ended = {.ended_before = T0 + 4 * SK_MINUTE,
	    .looked_for_since = T0 + SK_DAY,
	    .now = T0 + SK_DAY};

	make_rows("purge.db");
	sk_store_begin(store, &err);
	is_int(purge_all(&ended, 2, &portions), 3, "purges what has ended");
	is_int(portions, 2, "two at a time");
	is_int(purge_all(&ended, 2, &portions), 0, "again: nothing is left to purge");
	sk_store_commit(store, &err);
	sk_store_writeback_get(store, 7, &row, &err);
	ok(row.request_body == NULL && row.error_message == NULL && row.purged_at == T0 + SK_DAY,
	    "bodies and texts are gone");
	sk_writeback_fini(&row);
	sk_store_writeback_get(store, 3, &row, &err);
	is_str(row.request_body, "{}", "a pending one keeps its own");
	sk_writeback_fini(&row);
}

static void
test_overviews(void)
{
	int64_t *numbers;
	size_t n;

	make_rows("overviews.db");
	is_int(sk_store_writebacks_durations(store, "D1", 9, &numbers, &n, &err), 0, "durations");
	is_int((int64_t)n, 0, "none by our own times");
	free(numbers);
	sql("UPDATE pms_writebacks SET took_ms = 50000 WHERE id = 5");
	is_int(sk_store_writebacks_durations(store, "D1", 9, &numbers, &n, &err), 0, "durations");
	ok(n == 1 && numbers[0] == 51 * SK_SECOND,
	    "by the server's, with the second that it cuts off");
	free(numbers);
}

/* What lists may still show is kept, however long ago it ended. */
static void
test_purge_looked_for(void)
{
	const struct sk_purge ended = {.ended_before = T0 + SK_DAY,
	    .looked_for_since = T0,
	    .now = T0 + SK_DAY};
	int64_t purged;
	int portions;

	use("looked-for.db");
	add_rows("D1", 4);
	sql("UPDATE pms_writebacks SET result = 'failed', error_code = 'not_received', "
	    "completed_at = '2026-01-01T00:00:00.000Z'");
	sql("UPDATE pms_writebacks SET not_received_at = '2026-02-07T23:00:00.000Z' WHERE id = 1");
	sql("UPDATE pms_writebacks SET not_received_at = '2026-02-01T23:00:00.000Z' WHERE id = 2");
	sql("UPDATE pms_writebacks SET error_code = 'resolved', "
	    "resolved_at = '2026-02-07T16:00:00.000Z' WHERE id = 3");
	sk_store_begin(store, &err);
	purged = purge_all(&ended, 2, &portions);
	sk_store_commit(store, &err);
	is_int(count("SELECT sum(id) FROM pms_writebacks WHERE request_body IS NOT NULL"), 1 + 3,
	    "what was found not received, or resolved, a while ago stays");
	is_int(purged, 2, "the rest doesn't");
}

/* The latest request that a list has to show: the text of its id, "" where there is none. */
static const char *
latest_until(const char *until)
{
	static char text[20];
	char *id = NULL;
	int64_t at = 0;

	text[0] = '\0';
	sk_time_parse(until, &at);
	if (sk_store_writebacks_latest_accepted(store, at, &id, &at, &err) == 1)
		snprintf(text, sizeof(text), "%s", id);
	free(id);
	return text;
}

static void
test_latest_accepted(void)
{
	use("accepted.db");
	add_rows("D1", 3);
	add_rows("D2", 2);
	sql("UPDATE pms_writebacks SET result = 'submitting', writeback_id = 'w' || id, "
	    "submitted_at = '2026-02-07T15:0' || id || ':00.000Z'");
	sql("UPDATE pms_writebacks SET result = 'pending'");
	is_str(latest_until("2026-02-07T16:00:00Z"), "w5", "the latest, of whatever office");
	is_str(latest_until("2026-02-07T15:05:00Z"), "w5", "of that moment too");
	is_str(latest_until("2026-02-07T15:04:59Z"), "w4", "or of an earlier one");
	is_str(latest_until("2026-02-07T15:00:00Z"), "", "or none");
	sql("UPDATE pms_writebacks SET withdraw_at = submitted_at WHERE id = 5");
	is_str(latest_until("2026-02-07T16:00:00Z"), "w4", "not what was withdrawn");
	sql("UPDATE pms_writebacks SET gone_looks = 3 WHERE id = 4");
	is_str(latest_until("2026-02-07T16:00:00Z"), "w4", "what is gone is pending still");
	sql("UPDATE pms_writebacks SET result = 'unknown' WHERE id = 4");
	is_str(latest_until("2026-02-07T16:00:00Z"), "w3", "but not what is lost");
	sql("UPDATE pms_writebacks SET writeback_id = NULL WHERE id = 3");
	is_str(latest_until("2026-02-07T16:00:00Z"), "w2", "nor what has no id");
}

/* What a list may say something about: the unknown rows without an id, and the submitting ones. */
static void
test_unsettled(void)
{
	struct sk_mark *marks;
	size_t n;

	use("unsettled.db");
	add_rows("D1", 4);
	sql("UPDATE pms_writebacks SET result = 'submitting', attempts = 1");
	sql("UPDATE pms_writebacks SET result = 'unknown' WHERE id IN (2, 3)");
	sql("UPDATE pms_writebacks SET writeback_id = 'w' WHERE id = 3");
	sql("UPDATE pms_writebacks SET result = 'pending' WHERE id = 4");
	is_int(sk_store_writebacks_unsettled(store, &marks, &n, &err), 0, "what isn't settled");
	ok(n == 2 && marks[0].id == 1 && marks[0].result == SK_SUBMITTING &&
		marks[0].attempts == 1 && marks[1].id == 2 && marks[1].result == SK_UNKNOWN,
	    "submitting, or unknown without an id");
	free(marks);
}

static void
test_runs(void)
{
	int64_t run = 0, next = 0, *runs;
	size_t n;

	use("runs.db");
	add_rows("D1", 2);
	is_int(sk_store_run(store, &run, &err), 0, "a run");
	is_int(sk_store_run(store, &next, &err), 0, "the process has one only");
	is_int(next, run, "and keeps its number");
	is_int(sk_store_run_end(store, run, T0 + 1, &err), 0, "it ends");
	sql("DELETE FROM runs");
	use("runs.db");
	sk_store_begin(store, &err);
	is_int(sk_store_run(store, &next, &err), 0, "another process");
	ok(next > run, "never has the same number");
	sk_store_rollback(store);
	is_int(sk_store_run(store, &next, &err), 0, "a run that was rolled back is added again");
	ok(count("SELECT count(*) FROM runs") == 1, "once");
	ok(count("SELECT count(*) FROM runs WHERE uid IS NOT NULL AND host <> '' AND pid > 0") == 1,
	    "with its user, host and pid");
	is_int(sk_store_runs_open(store, &runs, &n, &err), 0, "open runs");
	ok(n == 1 && runs[0] == 3, "are those of queued and submitting rows");
	free(runs);
	sql("UPDATE pms_writebacks SET run = NULL WHERE id = 1");
	is_int(sk_store_runs_open(store, &runs, &n, &err), 0, "open runs");
	ok(n == 2 && runs[0] == 0, "and 0 for a row that has none");
	free(runs);
	is_int(err.code, 0, "no error");
}

/* Preparing a statement that reads whole rows takes a third of a millisecond. */
static void
test_none(void)
{
	const struct sk_filter filters[] = {{.states = SK_OPEN_STATES}, {.with_not_received = 1},
	    {.looks_due_since = T0}, {.resolved_since = T0}, {.with_doubled = 1}};
	static const enum sk_sql statements[] = {SK_SQL_FIND_LIVING, SK_SQL_FIND_NOT_RECEIVED,
	    SK_SQL_FIND_LOOKS, SK_SQL_FIND_RESOLVED, SK_SQL_FIND_DOUBLED};
	struct sk_writeback *rows;
	size_t n, prepared = 0, found = 0;

	use("none.db");
	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		is_int(sk_store_writebacks(store, &filters[i], &rows, &n, &err), 0, "rows");
		found += n;
		sk_writebacks_free(rows, n);
		prepared += store->statements[statements[i]] != NULL;
	}
	is_int((int)found, 0, "there are none");
	is_int((int)prepared, 0, "and no statement was prepared that would read them");
	add_rows("D1", 1);
	sql("UPDATE pms_writebacks SET not_received_at = '2026-02-07T15:30:00.000Z', doubled_id = "
	    "'w', "
	    "resolved_at = '2026-02-07T15:30:00.000Z'");
	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		is_int(sk_store_writebacks(store, &filters[i], &rows, &n, &err), 0, "rows");
		found += n;
		sk_writebacks_free(rows, n);
	}
	is_int((int)found, 4, "where there is one, each filter finds it that it fits");
}

int
main(void)
{
	if (mkdtemp(folder) == NULL)
		return 1;
	test_claims();
	test_claims_of_many();
	test_filters();
	test_purge();
	test_purge_looked_for();
	test_overviews();
	test_latest_accepted();
	test_unsettled();
	test_runs();
	test_none();
	sk_store_free(store);
	remove_folder(folder);
	return done_testing();
}
