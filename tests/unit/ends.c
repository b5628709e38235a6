/* SPDX-License-Identifier: MIT */
/*
 * The kept numbers of ended requests: through a long mixed life of many rows they are those that the rows show, and those of
 * all time are as many ends as there were.
 */
#include "store/ends.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/time.h"
#include "store/archive.h"
#include "store/statements.h"
#include "store/store.h"
#include "folder.h"
#include "tap.h"

#define T0 INT64_C(1770478200000)
#define ROWS 60
#define STEPS 3000
#define OFFICES 3

static char folder[] = "/tmp/unit-ends-XXXXXX";
static struct sk_store *store;
static struct sk_error err;
static const char *const offices[OFFICES] = {"D1", "D2", "D3"};

/* What the test itself counts. */
static int64_t ended[OFFICES][SK_STATES];
static int64_t ids[ROWS];

static void
begin(void)
{
	if (sk_store_begin(store, &err) != 0) {
		printf("Bail out! %s\n", err.text);
		exit(1);
	}
}

static void
insert(int at)
{
	struct sk_writeback row = {.office_id = sk_mem_copy(offices[at % OFFICES]),
	    .operation = sk_mem_copy("book_appointment"),
	    .method = sk_mem_copy("POST"),
	    .endpoint = sk_mem_copy("/appointment"),
	    .key = sk_mem_printf("key %d", at),
	    .holds_key = 1,
	    .queued_at = T0};
	int64_t holder = 0;

	begin();
	/* The key of one that was taken out stays taken. */
	if (sk_store_writeback_insert(store, &row, &holder, &err) == 0) {
		row.holds_key = 0;
		sk_store_writeback_insert(store, &row, &holder, &err);
	}
	sk_store_commit(store, &err);
	ids[at] = row.id;
	sk_writeback_fini(&row);
}

/* Changes what decides whether a row counts as straight, and for how long it took. */
static void
shake(struct sk_writeback *row)
{
	row->took_ms = rand() % 3 == 0 ? 0 : 1000 * (rand() % 60);
	row->unknown_at = rand() % 4 == 0 ? T0 : 0;
	row->withdraw_at = rand() % 5 == 0 ? T0 : 0;
	row->error_code = row->error_code != NULL ? row->error_code : sk_mem_copy("API4001");
	row->completed_at = (SK_MASK(row->result) & SK_ENDED) != 0 ? T0 + 1000 : 0;
}

/* Tries a transition to any state, also to one that isn't allowed: then nothing is changed. */
static void
step(int at)
{
	struct sk_writeback row = {0};
	enum sk_state was;
	int written, stale = rand() % 10 == 0;

	if (sk_store_writeback_get(store, ids[at], &row, &err) != 1)
		return;
	was = row.result;
	row.result = (enum sk_state)(SK_QUEUED + rand() % (SK_STATES - SK_QUEUED));
	shake(&row);
	begin();
	written = sk_store_writeback_put(store, &row, was, row.attempts + stale, NULL, &err);
	if (written < 0)
		sk_store_rollback(store);
	else if (sk_store_commit(store, &err) == 0 && written == 1 && row.result != was)
		ended[at % OFFICES][row.result]++;
	sk_error_clear(&err);
	sk_writeback_fini(&row);
}

/* Takes a row out, if it has ended, and another one comes in its place. */
static void
take_out(int at)
{
	const struct sk_archive_cut cut = {.ended_before = T0 + 5000, .last_event = INT64_MAX};
	size_t taken = 0;

	begin();
	sk_store_archive_take(store, &cut, &ids[at], 1, &taken, &err);
	sk_store_commit(store, &err);
	if (taken == 1)
		insert(at);
}

static void
test_numbers_of_all_time(void)
{
	struct sk_tally *tallies = NULL;
	size_t n = 0;
	int wrong = 0;

	is_int(sk_store_ends(store, &tallies, &n, &err), 0, "the numbers of all time are read");
	is_int((long long)n, 3 * OFFICES, "of each office");
	for (size_t i = 0; i < n; i++)
		wrong += strcmp(tallies[i].office_id, offices[i / 3]) != 0 ||
		    tallies[i].count != ended[i / 3][tallies[i].state] || tallies[i].count == 0;
	is_int(wrong, 0, "they are as many ends as there were, and there were some");
	sk_tallies_free(tallies, n);
}

static void
test_life(void)
{
	int matches = 1;

	for (int i = 0; i < ROWS; i++)
		insert(i);
	for (int i = 0; i < STEPS; i++) {
		if (rand() % 20 == 0)
			take_out(rand() % ROWS);
		else
			step(rand() % ROWS);
		if (i % 50 == 0)
			matches = matches && sk_store_ends_match(store, &err) == 1;
	}
	is_int(matches, 1, "the kept numbers are always those that the rows show");
	test_numbers_of_all_time();
}

/* What a row counts for isn't lost with it. */
static void
test_straight_stays(void)
{
	const struct sk_archive_cut cut = {.ended_before = T0 + 5000, .last_event = INT64_MAX};
	int64_t count, sum, count_then, sum_then;
	size_t taken = 0;

	sk_store_ends_straight(store, NULL, 0, &count, &sum, &err);
	begin();
	sk_store_archive_take(store, &cut, ids, ROWS, &taken, &err);
	sk_store_commit(store, &err);
	ok(taken > 10, "many rows are taken out");
	sk_store_ends_straight(store, NULL, 0, &count_then, &sum_then, &err);
	ok(count > 0 && count_then == count && sum_then == sum, "what they counted for stays");
	is_int(sk_store_ends_match(store, &err), 1, "and no row shows it");
}

/* Somebody changes rows with another program. */
static void
test_mend(void)
{
	is_int(sk_store_ends_mend(store, &err), 0, "there is nothing to mend");
	begin();
	sk_sql_run(store->db, "UPDATE pms_writebacks SET took_ms = 7777 WHERE result = 'completed'",
	    "x", &err);
	sk_sql_run(store->db, "INSERT INTO ends VALUES ('D9', 0, 1, 1, 1, 1, 1)", "x", &err);
	sk_store_commit(store, &err);
	is_int(sk_store_ends_match(store, &err), 0, "other numbers are noticed");
	is_int(sk_store_ends_mend(store, &err), 1, "and counted anew");
	is_int(sk_store_ends_match(store, &err), 1, "after which they are right");
	test_numbers_of_all_time();
}

int
main(void)
{
	char *path;

	if (mkdtemp(folder) == NULL)
		return 1;
	srand(14);
	path = sk_mem_printf("%s/sikka.db", folder);
	is_int(sk_store_create(path, 1, &store, &err), 0, "a state file");
	free(path);
	test_life();
	test_mend();
	test_straight_stays();
	sk_store_free(store);
	remove_folder(folder);
	return done_testing();
}
