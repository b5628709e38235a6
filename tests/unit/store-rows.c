/* SPDX-License-Identifier: MIT */
/*
 * The rows of the state file: writebacks with their transitions and keys, claims, filters, offices.
 */
#include "store/store.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/offices.h"
#include "store/statements.h"
#include "store/writebacks.h"
#include "folder.h"
#include "tap.h"
#include "base/time.h"

#define T0 INT64_C(1770478200000)

static char folder[] = "/tmp/unit-rows-XXXXXX";
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

static struct sk_writeback
request(const char *office, const char *key, const char *content_key)
{
	struct sk_writeback row = {0};

	row.office_id = sk_mem_copy(office);
	row.operation = sk_mem_copy("book_appointment");
	row.method = sk_mem_copy("POST");
	row.endpoint = sk_mem_copy("/appointment");
	row.request_body = sk_mem_copy("{\"patient_id\":\"7\"}");
	row.key = sk_mem_copy(key);
	row.content_key = sk_mem_copy(content_key);
	row.holds_key = 1;
	row.holds_content = SK_CONTENT_ALONE;
	row.run = 1;
	row.queued_at = T0;
	return row;
}

static int
insert(struct sk_writeback *row, int64_t *holder)
{
	int result;

	if (sk_store_begin(store, &err) != 0)
		return -1;
	result = sk_store_writeback_insert(store, row, holder, &err);
	if (result < 0)
		sk_store_rollback(store);
	else if (sk_store_commit(store, &err) != 0)
		result = -1;
	return result;
}

static int
put(struct sk_writeback *row, enum sk_state was, int *taken)
{
	int result;

	if (sk_store_begin(store, &err) != 0)
		return -1;
	result = sk_store_writeback_put(store, row, was, row->attempts, taken, &err);
	if (result < 0)
		sk_store_rollback(store);
	else if (sk_store_commit(store, &err) != 0)
		result = -1;
	return result;
}

/* A row brought into a state by allowed transitions. */
static struct sk_writeback
row_in(enum sk_state state, const char *office, const char *key)
{
	static const enum sk_state ways[SK_STATES][4] = {
	    [SK_SUBMITTING] = {SK_SUBMITTING},
	    [SK_PENDING] = {SK_SUBMITTING, SK_PENDING},
	    [SK_UNKNOWN] = {SK_SUBMITTING, SK_UNKNOWN},
	    [SK_COMPLETED] = {SK_SUBMITTING, SK_PENDING, SK_COMPLETED},
	    [SK_FAILED] = {SK_FAILED},
	    [SK_WITHDRAWN] = {SK_WITHDRAWN},
	};
	struct sk_writeback row = request(office, key, NULL);
	int64_t holder;

	if (insert(&row, &holder) != 1)
		printf("# insert: %s\n", err.text);
	for (const enum sk_state *way = ways[state]; *way != SK_NONE; way++) {
		enum sk_state was = row.result;

		row.result = *way;
		if (*way == SK_FAILED)
			row.error_code = sk_mem_copy("not_sent");
		if (SK_MASK(*way) & SK_ENDED)
			row.completed_at = T0 + SK_MINUTE;
		if (put(&row, was, NULL) != 1)
			printf("# put: %s\n", err.text);
	}
	return row;
}

static void
test_transitions(void)
{
	static const unsigned allowed[SK_STATES] = {
	    [SK_QUEUED] = SK_MASK(SK_SUBMITTING) | SK_MASK(SK_FAILED) | SK_MASK(SK_WITHDRAWN) |
		SK_MASK(SK_PENDING) | SK_MASK(SK_UNKNOWN),
	    [SK_SUBMITTING] =
		SK_MASK(SK_PENDING) | SK_MASK(SK_QUEUED) | SK_MASK(SK_FAILED) | SK_MASK(SK_UNKNOWN),
	    [SK_PENDING] = SK_MASK(SK_COMPLETED) | SK_MASK(SK_FAILED) | SK_MASK(SK_UNKNOWN) |
		SK_MASK(SK_WITHDRAWN),
	    [SK_UNKNOWN] = SK_MASK(SK_PENDING) | SK_MASK(SK_FAILED) | SK_MASK(SK_COMPLETED) |
		SK_MASK(SK_WITHDRAWN),
	    [SK_COMPLETED] = SK_MASK(SK_FAILED),
	    [SK_FAILED] = SK_MASK(SK_QUEUED) | SK_MASK(SK_COMPLETED) | SK_MASK(SK_PENDING) |
		SK_MASK(SK_UNKNOWN) | SK_MASK(SK_WITHDRAWN),
	    [SK_WITHDRAWN] = SK_MASK(SK_COMPLETED) | SK_MASK(SK_FAILED) | SK_MASK(SK_UNKNOWN) |
		SK_MASK(SK_PENDING),
	};

	use("transitions.db");
	for (int from = SK_QUEUED; from < SK_STATES; from++) {
		for (int to = SK_QUEUED; to < SK_STATES; to++) {
			struct sk_writeback row = row_in((enum sk_state)from, "D1", NULL);
			int wanted = from == to || (allowed[from] & SK_MASK(to)) != 0;
			int result;

			row.result = (enum sk_state)to;
			sk_mem_replace(&row.error_code, "x");
			result = put(&row, (enum sk_state)from, NULL);
			ok(result == (wanted ? 1 : -1) && (wanted || err.code == SK_EXIT_BUG),
			    "%s to %s: %s", sk_state_name((enum sk_state)from),
			    sk_state_name((enum sk_state)to), wanted ? "allowed" : err.text);
			sk_error_clear(&err);
			sk_writeback_fini(&row);
		}
	}
}

static void
test_triggers(void)
{
	static const char *const refused[] = {
	    "INSERT INTO pms_writebacks (office_id, operation, method, endpoint, result, "
	    "queued_at) "
	    "VALUES ('D1', 'raw', 'POST', '/a', 'pending', 'x')",
	    "UPDATE pms_writebacks SET result = 'failed', error_code = NULL WHERE id = 1",
	    "UPDATE pms_writebacks SET result = 'gone'",
	    "UPDATE pms_writebacks SET attempts = -1",
	    "UPDATE pms_writebacks SET attempts = 'many'",
	    "DELETE FROM events",
	    "UPDATE events SET text = 'nothing'",
	    "UPDATE events SET outbox = 0",
	};

	sqlite3_exec(store->db,
	    "INSERT INTO events (happened_at, kind, outbox) VALUES ('x', 'failed', 1)", NULL, NULL,
	    NULL);
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		int code = sqlite3_exec(store->db, refused[i], NULL, NULL, NULL);

		ok((code & 0xff) == SQLITE_CONSTRAINT, "refused: %.60s: %s", refused[i],
		    sqlite3_errmsg(store->db));
	}
	for (size_t i = 0; i < 5; i++) {
		static const char *const views[] = {"pending", "unknown", "failures", "keys",
		    "history"};
		char *sql = sk_mem_printf("SELECT * FROM %s", views[i]);

		ok(sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK, "view %s",
		    views[i]);
		free(sql);
	}
}

/* A different value in every member, but for those of a closed set, and those that put looks at. */
static void
fill(struct sk_writeback *row)
{
	int attempts = row->attempts, n = 0;
	enum sk_state state = row->result;

#define FILL_TEXT(x) free(row->x), row->x = sk_mem_printf("t%d 'ä\"", n);
#define FILL_PATIENT(x) FILL_TEXT(x)
#define FILL_INTEGER(x) row->x = 10 + n;
#define FILL_NUMBER(x) row->x = 100 + n;
#define FILL_TIME(x) row->x = T0 + 1 + n;
#define FILL_STATE(x)
#define FILL(x, kind) \
	n++;          \
	FILL_##kind(x)
	SK_WRITEBACK_COLUMNS(FILL, FILL)
	sk_mem_replace(&row->withdraw_reason, "stuck");
	row->again = row->holds_key = row->unclaimed = row->adopted = row->only_named = 0;
	row->holds_content = SK_CONTENT_BESIDE;
	row->has_secret = 1;
	row->attempts = attempts;
	row->result = state;
}

static int
is_same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static int
told(int same, const char *member)
{
	if (!same)
		printf("# %s differs\n", member);
	return same;
}

/* 1 when all members are the same; says which aren't. */
static int
is_same(const struct sk_writeback *a, const struct sk_writeback *b)
{
	int same = 1;

#define TEXTS(x) same &= told(is_same_text(a->x, b->x), #x);
#define VALUES(x) same &= told(a->x == b->x, #x);
#define SAME_TEXT TEXTS
#define SAME_PATIENT TEXTS
#define SAME_INTEGER VALUES
#define SAME_NUMBER VALUES
#define SAME_TIME VALUES
#define SAME_STATE VALUES
#define SAME(x, kind) SAME_##kind(x)
	VALUES(id)
	SK_WRITEBACK_COLUMNS(SAME, SAME)
	return same;
}

/* The list of columns is that of the table. */
static void
test_columns(void)
{
#define LISTED(x, kind) #x,
	static const char *const listed[] = {"id", SK_WRITEBACK_COLUMNS(LISTED, LISTED)};
	const size_t n = sizeof(listed) / sizeof(listed[0]);
	sqlite3_stmt *statement = NULL;
	size_t in_table = 0;

	use("columns.db");
	sqlite3_prepare_v2(store->db, "SELECT name FROM pragma_table_info('pms_writebacks')", -1,
	    &statement, NULL);
	while (sqlite3_step(statement) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(statement, 0);
		size_t i = 0;

		while (i < n && strcmp(listed[i], name) != 0)
			i++;
		ok(i < n, "column %s is in the list", name);
		in_table++;
	}
	sqlite3_finalize(statement);
	is_int((long long)n, (long long)in_table, "and the list has no other");
}

static bool
has_even_id(const struct sk_writeback *row, size_t at, const void *arg)
{
	const int64_t *ids = arg;

	ok(ids[at] == row->id, "row %zu is told by its place", at);
	return row->id % 2 == 0;
}

static void
test_partition(void)
{
	static const int64_t ids[] = {2, 1, 3, 4, 5, 6};
	struct sk_writeback rows[6] = {{0}};
	int64_t sum = 0;

	for (size_t i = 0; i < 6; i++)
		rows[i].id = ids[i];
	is_int((long long)sk_writebacks_partition(rows, 6, has_even_id, ids), 3, "three of six");
	ok(rows[0].id == 2 && rows[1].id == 4 && rows[2].id == 6, "in front, in their order");
	for (size_t i = 0; i < 6; i++)
		sum += rows[i].id;
	is_int(sum, 21, "and the others behind them");
	is_int((long long)sk_writebacks_partition(NULL, 0, has_even_id, ids), 0, "of none, none");
}

static void
test_round_trip(void)
{
	struct sk_writeback row = request("D1", "own", "canonical"), read = {0}, outline = {0};
	int64_t holder, id = 0;

	use("trip.db");
	is_int(insert(&row, &holder), 1, "inserted");
	is_int(row.result, SK_QUEUED, "as queued");
	is_int(sk_store_writeback_get(store, row.id, &read, &err), 1, "read");
	ok(is_same(&row, &read), "with few columns");
	sk_writeback_fini(&read);
	fill(&row);
	is_int(put(&row, SK_QUEUED, NULL), 1, "put");
	is_int(sk_store_writeback_get(store, row.id, &read, &err), 1, "read");
	ok(is_same(&row, &read), "with all columns");
	sk_writeback_fini(&read);
	is_int(sk_store_writeback_get(store, 99, &read, &err), 0, "one that isn't there");
	is_int(sk_store_writeback_get(NULL, 1, &read, &err), 0, "a store that isn't there");
	is_int(sk_store_writeback_owner(store, row.writeback_id, &id, &err), 1, "an owner");
	is_int(id, row.id, "is the row");
	id = 0;
	is_int(sk_store_writeback_owner(store, row.doubled_id, &id, &err), 1,
	    "of a doubled id too");
	is_int(id, row.id, "is the row");
	is_int(sk_store_writeback_owner(store, "nobody's", &id, &err), 0, "nobody's id");
	is_int(sk_store_writeback_outline(store, row.id, &outline, &err), 1, "its outline");
	is_str(outline.office_id, row.office_id, "has the office");
	is_str(outline.method, row.method, "the method");
	is_str(outline.endpoint, row.endpoint, "the endpoint");
	is_int(outline.submitted_at, row.submitted_at, "and when it was submitted");
	sk_writeback_fini(&outline);
	is_int(sk_store_writeback_outline(store, row.id + 1000, &outline, &err), 0, "no row");
	is_int(sk_store_writebacks_highest(store, &id, &err), 0, "the highest number");
	is_int(id, row.id, "is the last one's");

	sqlite3_exec(store->db, "UPDATE pms_writebacks SET unknown_at = 'yesterday'", NULL, NULL,
	    NULL);
	is_int(sk_store_writeback_get(store, row.id, &read, &err), -1, "a time that is none");
	is_int(err.code, SK_EXIT_CONFIG, "is 78");
	ok(strstr(err.text, "unknown_at") != NULL, "%s", err.text);
	sk_error_clear(&err);
	sk_writeback_fini(&row);
}

static void
test_stale(void)
{
	struct sk_writeback row = row_in(SK_QUEUED, "D1", NULL), other;
	int64_t holder;
	int taken = 5;

	row.result = SK_SUBMITTING;
	row.attempts = 1;
	sk_store_begin(store, &err);
	is_int(sk_store_writeback_put(store, &row, SK_PENDING, 0, &taken, &err), 0,
	    "not with another state");
	is_int(taken, 0, "and no key is to blame");
	is_int(sk_store_writeback_put(store, &row, SK_QUEUED, 1, &taken, &err), 0,
	    "nor with other attempts");
	is_int(sk_store_writeback_put(store, &row, SK_QUEUED, 0, &taken, &err), 1,
	    "but with its own");
	sk_store_commit(store, &err);
	is_int(sk_store_writeback_put(store, &row, SK_SUBMITTING, 1, NULL, &err), -1,
	    "not outside of a transaction");
	is_int(err.code, SK_EXIT_BUG, "which is a bug");
	sk_error_clear(&err);
	is_int(sk_store_writeback_insert(store, &row, &holder, &err), -1, "nor an insert");
	is_int(err.code, SK_EXIT_BUG, "which is a bug");
	sk_error_clear(&err);

	other = row_in(SK_SUBMITTING, "D1", NULL);
	other.writeback_id = sk_mem_copy("275495");
	other.result = SK_PENDING;
	is_int(put(&other, SK_SUBMITTING, NULL), 1, "the server's id");
	row.writeback_id = sk_mem_copy("275495");
	row.result = SK_PENDING;
	is_int(put(&row, SK_SUBMITTING, &taken), -1, "twice");
	is_int(err.code, SK_EXIT_PROTOCOL, "is 76");
	is_int(taken, 0, "and no key is to blame");
	ok(strstr(err.text, "275495 twice") != NULL, "%s", err.text);
	sk_error_clear(&err);
	sk_writeback_fini(&other);
	sk_writeback_fini(&row);
}

static void
test_keys(void)
{
	struct sk_writeback first = request("D1", "k", NULL), second = request("D1", "k", NULL);
	struct sk_writeback third = request("D1", NULL, "{}"), fourth = request("D1", NULL, "{}");
	struct sk_writeback read;
	int64_t holder = 0;
	int taken = 0;

	use("keys.db");
	is_int(insert(&first, &holder), 1, "the first with a key");
	is_int(insert(&second, &holder), 0, "no second one");
	is_int(holder, first.id, "the first holds it");
	second.again = 1;
	second.holds_key = 0;
	is_int(insert(&second, &holder), 1, "outside of it, with --again");
	first.result = SK_FAILED;
	first.error_code = sk_mem_copy("not_sent");
	first.holds_key = 0;
	is_int(put(&first, SK_QUEUED, NULL), 1, "the first fails and frees it");
	second.holds_key = 1;
	is_int(put(&second, SK_QUEUED, NULL), 1, "the second takes it");

	sk_store_begin(store, &err);
	first.result = SK_QUEUED;
	first.holds_key = 1;
	is_int(sk_store_writeback_put(store, &first, SK_FAILED, 0, &taken, &err), 0,
	    "a retry of the first");
	is_int(taken, 1, "finds it taken");
	is_int(err.code, 0, "which is no error");
	is_int(sk_store_fact_set(store, "after", 1, &err), 0, "and the transaction lives on");
	is_int(sk_store_commit(store, &err), 0, "to its end");

	is_int(insert(&third, &holder), 1, "one with a canonical key");
	is_int(insert(&fourth, &holder), 0, "no second one");
	is_int(holder, third.id, "the third holds it");
	third.result = SK_SUBMITTING;
	put(&third, SK_QUEUED, NULL);
	third.result = SK_PENDING;
	put(&third, SK_SUBMITTING, NULL);
	third.result = SK_COMPLETED;
	third.completed_at = T0;
	put(&third, SK_PENDING, NULL);
	sk_store_begin(store, &err);
	is_int(sk_store_writebacks_free_keys(store, "{}", T0, &err), 0, "too early to free it");
	is_int(sk_store_writeback_insert(store, &fourth, &holder, &err), 0, "still a duplicate");
	is_int(sk_store_writebacks_free_keys(store, "{}", T0 + 1, &err), 0, "freed in time");
	is_int(sk_store_writeback_insert(store, &fourth, &holder, &err), 1, "a new request");
	sk_store_commit(store, &err);
	is_int(sk_store_writeback_get(store, third.id, &read, &err), 1, "the third");
	is_int(read.holds_key, 0, "holds it no more");
	is_int(read.holds_content, SK_CONTENT_FREE, "nor its content");
	is_int(err.code, 0, "no error");
	sk_writeback_fini(&read);
	sk_writeback_fini(&first);
	sk_writeback_fini(&second);
	sk_writeback_fini(&third);
	sk_writeback_fini(&fourth);
}

static void
test_offices(void)
{
	struct sk_office office = {0}, read = {0}, *offices;
	struct sk_practice practice = {0}, *practices;
	char d1[] = "D1", secret[] = "secret", key[] = "key", one[] = "1";
	size_t n = 9;

	use("offices.db");
	office.office_id = d1;
	office.secret_key = secret;
	office.status = SK_OFFICE_ACTIVE;
	office.token_expiry = T0;
	practice.office_id = d1;
	practice.practice_id = one;
	practice.status = SK_OFFICE_ACTIVE;
	sk_store_begin(store, &err);
	is_int(sk_store_office_put(store, &office, &err), 0, "an office");
	is_int(sk_store_practice_put(store, &practice, &err), 0, "its practice");
	office.request_key = key;
	office.renewal_refused_at = T0 + 5;
	is_int(sk_store_office_put(store, &office, &err), 0, "the office again");
	practice.pms = key;
	is_int(sk_store_practice_put(store, &practice, &err), 0, "the practice again");
	is_int(sk_store_commit(store, &err), 0, "committed");
	is_int(sk_store_office_get(store, "D1", &read, &err), 1, "read");
	ok(read.number == 1 && is_same_text(read.request_key, "key") &&
		is_same_text(read.secret_key, "secret") && read.refresh_key == NULL &&
		read.token_expiry == T0 && read.renewed_at == 0 &&
		read.renewal_refused_at == T0 + 5 && read.status == SK_OFFICE_ACTIVE,
	    "with its columns, in the same row");
	sk_office_fini(&read);
	is_int(sk_store_office_get(store, "D2", &read, &err), 0, "one that isn't there");
	for (int i = SK_OFFICE_NEW; i < SK_OFFICE_STATUSES; i++) {
		const char *name = sk_office_status_name((enum sk_office_status)i);

		office.status = (enum sk_office_status)i;
		/* a new one with this time is read as held */
		office.held_at = i == SK_OFFICE_HELD ? T0 : 0;
		sk_store_begin(store, &err);
		ok(sk_store_office_put(store, &office, &err) == 0 &&
			sk_store_commit(store, &err) == 0 &&
			sk_store_office_get(store, "D1", &read, &err) == 1 &&
			read.status == office.status && sk_office_status_find(name) == read.status,
		    "%s", name);
		sk_office_fini(&read);
	}
	office.status = SK_OFFICE_NONE;
	sk_store_begin(store, &err);
	is_int(sk_store_office_put(store, &office, &err), -1, "no office is without a status");
	sk_store_rollback(store);
	memset(&err, 0, sizeof(err));
	is_int(sk_store_offices(store, &offices, &n, &err), 0, "all");
	is_int((long long)n, 1, "are one");
	sk_offices_free(offices, n);
	is_int(sk_store_practices(store, "D1", &practices, &n, &err), 0, "its practices");
	ok(n == 1 && is_same_text(practices[0].pms, "key"), "are one, changed");
	sk_practices_free(practices, n);
	sk_store_begin(store, &err);
	is_int(sk_store_office_forget(store, "D1", &err), 0, "forgotten");
	sk_store_commit(store, &err);
	is_int(sk_store_practices(store, NULL, &practices, &n, &err), 0, "all practices");
	is_int((long long)n, 0, "are gone with it");
	sk_practices_free(practices, n);
	is_int(sk_store_offices(NULL, &offices, &n, &err), 0, "a store that isn't there");
	is_int((long long)n, 0, "has no offices");
	sk_offices_free(offices, n);
}

int
main(void)
{
	if (mkdtemp(folder) == NULL)
		return 1;
	test_transitions();
	test_triggers();
	test_columns();
	test_partition();
	test_round_trip();
	test_stale();
	test_keys();
	test_offices();
	sk_store_free(store);
	remove_folder(folder);
	return done_testing();
}
