/* SPDX-License-Identifier: MIT */
/* What the server's list does to rows of a new state file. */
#include "life/settle.h"

#include <stdlib.h>
#include <unistd.h>

#include "life/ledger.h"
#include "life/check_list.h"
#include "base/mem.h"
#include "base/out.h"
#include "store/events.h"
#include "store/holds.h"
#include "store/statements.h"
#include "folder.h"
#include "tap.h"
#include "base/time.h"

#define BODY "{\"patient_id\":\"7\",\"date\":\"2026-03-02\"}"
#define ECHO "patient_id=7&date=2026-03-02"
#define MOST 8

static char folder[] = "/tmp/unit-settle-XXXXXX";
static struct sk_session session;
static struct sk_error err;
static struct sk_api_listed listed[MOST];
static int owned[MOST];
static struct sk_listing list;
static int n_changed;

static void
stop_here(const char *what)
{
	printf("Bail out! %s: %s\n", what, err.text);
	exit(1);
}

static void
use(const char *name)
{
	char *path = sk_mem_printf("%s/%s", folder, name);

	sk_store_free(session.store);
	sk_lock_free(session.lock);
	sk_error_clear(&err);
	if (sk_store_create(path, 1, &session.store, &err) != 0 ||
	    sk_lock_open(path, &session.lock, &err) != 0)
		stop_here(name);
	free(path);
	n_changed = 0;
}

/* The next list, with what the last one had. */
static void
begin_list(int64_t begun_at)
{
	if (sk_check_list_begin(&session, sk_time_now() - SK_DAY, &list, &err) != 0)
		stop_here("begin a list");
	list.begun_at = begun_at;
}

/* An empty list, whole, begun after that from now. */
static void
new_list(int64_t after)
{
	memset(owned, 0, sizeof(owned));
	list = (struct sk_listing){.listed = listed, .owned = owned, .whole = 1};
	begin_list(sk_time_now() + after);
}

static void
add_listed(const char *id, const char *echo)
{
	listed[list.n++] = (struct sk_api_listed){.said = SK_SAID_PENDING,
	    .id = id,
	    .office_id = "D1",
	    .method = "POST",
	    .api_name = "appointment",
	    .echo = echo};
}

static void
happens(struct sk_writeback *row, enum sk_happening what, const char *writeback_id)
{
	const struct sk_fact fact = {.what = what,
	    .writeback_id = writeback_id,
	    .run = 2,
	    .error_code = "x"};

	if (sk_ledger_record_one(session.store, row, &fact, NULL, &err) != SK_RECORDED)
		stop_here(sk_happening_name(what));
}

/* A row that was claimed for sending. */
static struct sk_writeback
sent_row(const char *key)
{
	struct sk_writeback row = {0};
	int64_t holder;

	row.office_id = sk_mem_copy("D1");
	row.operation = sk_mem_copy("book_appointment");
	row.method = sk_mem_copy("POST");
	row.endpoint = sk_mem_copy("/appointment");
	row.request_body = sk_mem_copy(BODY);
	row.content_key = sk_mem_copy(key);
	row.holds_key = key != NULL;
	row.holds_content = key != NULL ? SK_CONTENT_ALONE : SK_CONTENT_FREE;
	row.run = 1;
	row.queued_at = sk_time_now();
	if (sk_store_begin(session.store, &err) != 0 ||
	    sk_store_writeback_insert(session.store, &row, &holder, &err) != 1 ||
	    sk_store_commit(session.store, &err) != 0)
		stop_here("insert");
	happens(&row, SK_CLAIMED, NULL);
	return row;
}

/* An unknown row with that body, in the caller's transaction. */
static struct sk_writeback
insert_row(const char *body)
{
	struct sk_writeback row = {0};
	const struct sk_fact claimed = {.what = SK_CLAIMED}, unclear = {.what = SK_UNCLEAR};
	int64_t holder;

	row.office_id = sk_mem_copy("D1");
	row.operation = sk_mem_copy("book_appointment");
	row.method = sk_mem_copy("POST");
	row.endpoint = sk_mem_copy("/appointment");
	row.request_body = sk_mem_copy(body);
	row.run = 1;
	row.queued_at = sk_time_now();
	if (sk_store_writeback_insert(session.store, &row, &holder, &err) != 1 ||
	    sk_ledger_record(session.store, &row, &claimed, NULL, &err) != SK_RECORDED ||
	    sk_ledger_record(session.store, &row, &unclear, NULL, &err) != SK_RECORDED)
		stop_here("insert");
	return row;
}

static struct sk_writeback
unknown_row(const char *key)
{
	struct sk_writeback row = sent_row(key);

	happens(&row, SK_UNCLEAR, NULL);
	return row;
}

static struct sk_writeback
not_received_row(const char *key)
{
	struct sk_writeback row = unknown_row(key);

	happens(&row, SK_LIST_LACKS_IT, NULL);
	happens(&row, SK_LIST_LACKS_IT_STILL, NULL);
	return row;
}

static void
read_again(struct sk_writeback *row)
{
	int64_t id = row->id;

	sk_writeback_fini(row);
	if (sk_store_writeback_get(session.store, id, row, &err) != 1)
		stop_here("get");
}

static void
note_changed(void *arg, const struct sk_writeback *row)
{
	(void)arg, (void)row;
	n_changed++;
}

static const struct sk_check check = {.session = &session, .changed = note_changed};

static int
settle_unknown(void)
{
	n_changed = 0;
	return sk_settle_unknown(&check, &list, &err);
}

static int
settle_late(void)
{
	n_changed = 0;
	return sk_settle_late(&check, &list, &err);
}

static int64_t
number_of(const char *sql)
{
	sqlite3_stmt *statement = NULL;
	int64_t number = -1;

	if (sqlite3_prepare_v2(session.store->db, sql, -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW)
		number = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return number;
}

static int64_t
count_events(const char *kind)
{
	char *sql = sk_mem_printf("SELECT count(*) FROM events WHERE kind = '%s'", kind);
	int64_t n = number_of(sql);

	free(sql);
	return n;
}

/* --- unknown rows ---------------------------------------------------------------------------- */

static void
test_found(void)
{
	struct sk_writeback row;

	use("found.db");
	row = unknown_row("k");
	new_list(SK_MINUTE);
	add_listed("70", ECHO);
	is_int(settle_unknown(), 0, "settled");
	read_again(&row);
	ok(row.result == SK_PENDING && row.holds_key && n_changed == 1, "found, and told");
	is_str(row.writeback_id, "70", "with its id");
	ok(owned[0], "which is owned from now on");
	sk_writeback_fini(&row);
}

static void
test_absent(void)
{
	struct sk_writeback row;

	use("absent.db");
	row = unknown_row("k");
	new_list(34 * SK_MINUTE);
	settle_unknown();
	read_again(&row);
	ok(row.result == SK_UNKNOWN && row.absent_at == 0, "a list too soon proves nothing");
	new_list(36 * SK_MINUTE);
	settle_unknown();
	read_again(&row);
	ok(row.result == SK_UNKNOWN && row.absent_at == list.begun_at && n_changed == 0,
	    "the first list is noted");
	begin_list(list.begun_at + SK_MINUTE - 1);
	settle_unknown();
	read_again(&row);
	ok(row.result == SK_UNKNOWN && row.absent_at != 0,
	    "the next one within a minute is too soon");
	begin_list(list.begun_at + 1);
	settle_unknown();
	read_again(&row);
	ok(row.result == SK_FAILED && row.not_received_at != 0 && !row.holds_key && n_changed == 1,
	    "a minute later: not received");
	sk_writeback_fini(&row);
}

static void
sent_at(struct sk_writeback *row, int64_t moment)
{
	row->submitted_at = moment;
	if (sk_store_begin(session.store, &err) != 0 ||
	    sk_store_writeback_put(session.store, row, row->result, row->attempts, NULL, &err) !=
		1 ||
	    sk_store_commit(session.store, &err) != 0)
		stop_here("sent_at");
}

/* A file that was begun waits for a list of all that the server keeps. */
static void
end_holds(void)
{
	if (sk_store_begin(session.store, &err) != 0 ||
	    sk_store_holds_end(session.store, "the test", &err) != 0 ||
	    sk_store_commit(session.store, &err) != 0)
		stop_here("end_holds");
}

/* Lists follow one another for each row that they may settle: so each list covers all such rows. */
static void
test_covers(void)
{
	struct sk_writeback row;
	int64_t now = sk_time_now();

	use("covers.db");
	end_holds();
	row = unknown_row("k");
	sent_at(&row, now - 2 * SK_DAY);
	is_int(sk_check_list_begin(&session, now, &list, &err), 0, "a list of what is new");
	ok(list.n_days == 1 && list.from < now - 3 * SK_DAY,
	    "goes back to the oldest that only a list can settle, and further");
	sent_at(&row, now - 6 * SK_DAY - 1);
	sk_check_list_begin(&session, now, &list, &err);
	ok(list.n_days == 1 && list.from > now - 3 * SK_DAY,
	    "but not to what is too old for any list");
	sk_writeback_fini(&row);
}

/*
 * One list in a row may be torn. A list that was begun between the two, and whose reader died before
 * it wrote what it saw, may have shown the row. And of two lists that overlap the later one decides.
 */
static void
test_absent_not_next(void)
{
	struct sk_writeback row;
	struct sk_listing earlier;

	use("next.db");
	row = unknown_row("k");
	new_list(36 * SK_MINUTE);
	settle_unknown();
	begin_list(list.begun_at + SK_MINUTE); /* a list that was read, but never settled by */
	begin_list(list.begun_at + SK_MINUTE);
	settle_unknown();
	read_again(&row);
	ok(row.result == SK_UNKNOWN && row.absent_at == list.begun_at,
	    "after one of which nothing is known, a list is the first one again");
	begin_list(list.begun_at + SK_MINUTE);
	earlier = list;
	begin_list(list.begun_at + SK_MINUTE);
	is_int(sk_settle_unknown(&check, &earlier, &err), 0, "settled");
	read_again(&row);
	ok(row.result == SK_UNKNOWN && row.absent_list == earlier.number - 1,
	    "one that isn't the last begun proves nothing");
	settle_unknown();
	begin_list(list.begun_at + SK_MINUTE);
	settle_unknown();
	read_again(&row);
	ok(row.result == SK_FAILED && row.not_received_at != 0, "two in a row do");
	sk_writeback_fini(&row);
}

/* A list between the two that shows a request of its kind:
 * the empty one before it counts no more. */
static void
test_absent_interrupted(void)
{
	struct sk_writeback row;
	int64_t first;

	use("interrupted.db");
	row = unknown_row("k");
	new_list(36 * SK_MINUTE);
	first = list.begun_at;
	settle_unknown();
	begin_list(first + SK_MINUTE);
	add_listed("71", "patient_id=7");
	settle_unknown();
	read_again(&row);
	ok(row.result == SK_UNKNOWN && row.absent_at == 0,
	    "a list that shows one of its kind clears the empty one");
	list.n = 0;
	begin_list(first + 2 * SK_MINUTE);
	settle_unknown();
	read_again(&row);
	ok(row.result == SK_UNKNOWN && row.absent_at == list.begun_at,
	    "the next empty list is the first one again");
	begin_list(list.begun_at + SK_MINUTE);
	list.whole = 0;
	settle_unknown();
	read_again(&row);
	ok(row.result == SK_UNKNOWN && row.absent_at == first + 2 * SK_MINUTE,
	    "a torn one says nothing either way");
	list.whole = 1;
	settle_unknown();
	read_again(&row);
	is_int(row.result, SK_FAILED, "two in a row prove it");
	sk_writeback_fini(&row);
}

/* The list was read before another process recorded whose its entry is. */
static void
test_owned_meanwhile(void)
{
	struct sk_writeback unknown, other;

	use("meanwhile.db");
	unknown = unknown_row(NULL);
	other = sent_row(NULL);
	new_list(SK_MINUTE);
	add_listed("72", ECHO);
	happens(&other, SK_ACCEPTED, "72");
	is_int(settle_unknown(), 0,
	    "an entry that became another row's since the list was read is no error");
	read_again(&unknown);
	is_int(unknown.result, SK_UNKNOWN, "and nobody else's");
	sk_error_clear(&err);
	sk_writeback_fini(&unknown);
	sk_writeback_fini(&other);
}

/* n unknown rows, the first of them with one body, the others with another; and an entry for each. */
static void
make_many(int n, int first)
{
	enum { N = 650 };
	static struct sk_api_listed many[N];
	static int many_owned[N];
	static char ids[N][8];

	if (sk_store_begin(session.store, &err) != 0)
		stop_here("begin");
	for (int i = 0; i < n; i++) {
		struct sk_writeback row = insert_row(i < first ? "{\"a\":\"8\"}" : BODY);

		sk_writeback_fini(&row);
		snprintf(ids[i], sizeof(ids[i]), "%d", 1000 + i);
		many[i] = (struct sk_api_listed){.said = SK_SAID_PENDING,
		    .id = ids[i],
		    .office_id = "D1",
		    .method = "POST",
		    .api_name = "appointment",
		    .echo = i < first ? "a=8" : ECHO};
	}
	if (sk_store_commit(session.store, &err) != 0)
		stop_here("commit");
	memset(many_owned, 0, sizeof(many_owned));
	list = (struct sk_listing){.listed = many, .owned = many_owned, .n = (size_t)n, .whole = 1};
	begin_list(sk_time_now() + SK_MINUTE);
}

/* More rows than one commit settles, of which many could be taken for one another. */
static void
test_many(void)
{
	const struct sk_filter found = {.states = SK_MASK(SK_PENDING)};
	struct sk_writeback *rows;
	int64_t before;
	size_t n;

	use("many.db");
	make_many(650, 300);
	before = number_of("SELECT max(number) FROM commits");
	is_int(settle_unknown(), 0, "six hundred and fifty rows");
	is_int(n_changed, 650, "get their entries");
	is_int(number_of("SELECT max(number) FROM commits") - before, 2,
	    "in a commit for each group, however many rows it has");
	sk_store_writebacks(session.store, &found, &rows, &n, &err);
	is_str(n == 650 ? rows[299].writeback_id : "", "1299", "the oldest to the oldest");
	sk_writebacks_free(rows, n);
}

/*
 * What was compared is past when a row has come since that the list can't tell from it. Here another
 * run claims one after the first of two commits.
 */
static struct sk_writeback newcomer;

static void
claim_another(void *arg, const struct sk_writeback *row)
{
	note_changed(arg, row);
	if (newcomer.id == 0)
		newcomer = sent_row(NULL);
}

static void
test_newcomer(void)
{
	const struct sk_check watched = {.session = &session, .changed = claim_another};
	struct sk_writeback row;

	use("newcomer.db");
	make_many(650, 649);
	is_int(sk_settle_unknown(&watched, &list, &err), 0, "a row is claimed between two commits");
	is_int(n_changed, 649, "of the rows that it can't be taken for each gets its entry");
	sk_store_writeback_get(session.store, 650, &row, &err);
	is_int(row.result, SK_UNKNOWN, "the one that is like it waits: the entry may be either's");
	happens(&newcomer, SK_REFUSED, NULL);
	settle_unknown();
	read_again(&row);
	is_str(row.writeback_id, "1649", "it is its own, as it turns out");
	sk_writeback_fini(&row);
	sk_writeback_fini(&newcomer);
}

/* A person decides about a row between two commits: then the list says nothing about it any more. */
static void
resolve_last(void *arg, const struct sk_writeback *row)
{
	struct sk_writeback last;

	note_changed(arg, row);
	if (n_changed > 1)
		return;
	if (sk_store_writeback_get(session.store, 650, &last, &err) != 1)
		stop_here("the last row");
	happens(&last, SK_RESOLVED_FAILED, NULL);
	sk_writeback_fini(&last);
}

static void
test_changed_meanwhile(void)
{
	const struct sk_check watched = {.session = &session, .changed = resolve_last};
	struct sk_writeback row;

	use("resolved.db");
	make_many(650, 649);
	is_int(sk_settle_unknown(&watched, &list, &err), 0,
	    "a row is resolved between two commits");
	sk_store_writeback_get(session.store, 650, &row, &err);
	ok(row.result == SK_FAILED && row.writeback_id == NULL, "which stands");
	ok(!list.owned[649], "and what was compared before is nobody's");
	sk_writeback_fini(&row);
}

/* Of what is five days old a list proves nothing; a person hears of it, once. */
static void
test_unprovable(void)
{
	struct sk_writeback row;

	use("unprovable.db");
	row = unknown_row("k");
	sent_at(&row, sk_time_now() - 5 * SK_DAY);
	for (int i = 0; i < 3; i++) {
		new_list(36 * SK_MINUTE + i * SK_MINUTE);
		list.from = row.submitted_at - SK_DAY;
		settle_unknown();
	}
	read_again(&row);
	ok(row.result == SK_UNKNOWN && row.absent_at == 0, "nothing is proven");
	is_int(count_events("unprovable"), 1, "a person hears of it, once");
	sk_writeback_fini(&row);
}

/* An entry whose id a row has, and which isn't that row's request. */
static void
test_in_doubt(void)
{
	struct sk_writeback unknown, other;

	use("doubt.db");
	other = sent_row(NULL);
	happens(&other, SK_ACCEPTED, "74");
	unknown = unknown_row(NULL);
	new_list(36 * SK_MINUTE);
	add_listed("74", ECHO);
	settle_unknown();
	read_again(&unknown);
	ok(unknown.absent_at != 0, "a list that shows another row's own request lacks the row");
	sent_at(&other, list.begun_at - 6 * SK_DAY);
	new_list(37 * SK_MINUTE);
	add_listed("74", ECHO);
	settle_unknown();
	read_again(&unknown);
	ok(unknown.result == SK_UNKNOWN && unknown.absent_at == 0,
	    "but not where that row is older than the server's memory: it has given the id again");
	ok(owned[0] == SK_OWNED_IN_DOUBT, "nor is it adopted");

	sent_at(&other, sk_time_now());
	for (other.unclaimed = 1; other.unclaimed >= 0; other.unclaimed--) {
		sent_at(&other, other.submitted_at);
		new_list(38 * SK_MINUTE);
		add_listed("74", ECHO);
		settle_unknown();
		read_again(&unknown);
		ok((unknown.absent_at == 0) == other.unclaimed,
		    other.unclaimed ? "nor where that row was taken over from a list"
				    : "until a request has turned out to be its");
	}
	sk_writeback_fini(&unknown);
	sk_writeback_fini(&other);
}

/* --- doubles --------------------------------------------------------------------------------- */

static void
test_double(void)
{
	struct sk_writeback row, other;

	use("double.db");
	row = unknown_row(NULL);
	new_list(SK_MINUTE);
	add_listed("76", ECHO);
	add_listed("75", ECHO);
	settle_unknown();
	read_again(&row);
	is_str(row.writeback_id, "75", "two entries for one row: it gets the oldest");
	is_int(settle_late(), 0, "the other");
	is_int(count_events("doubled"), 1, "is told");
	read_again(&row);
	ok(row.doubled_id == NULL, "and left to a person");
	settle_late();
	is_int(count_events("doubled"), 1, "once");
	add_listed("77", ECHO);
	settle_late();
	is_int(count_events("doubled"), 2, "one more is told as well");

	other = sent_row(NULL);
	add_listed("78", ECHO);
	settle_late();
	is_int(count_events("doubled"), 2, "but not while an identical row is on its way");
	sk_writeback_fini(&row);
	sk_writeback_fini(&other);
}

/* --- what turns up late ---------------------------------------------------------------------- */

static void
test_late(void)
{
	struct sk_writeback row, other;

	use("late.db");
	row = not_received_row("k");
	new_list(SK_HOUR);
	add_listed("80", ECHO);
	is_int(settle_late(), 0, "late");
	read_again(&row);
	ok(row.result == SK_PENDING && row.holds_key && row.doubled_id == NULL && n_changed == 1,
	    "it turned up: pending, its key held");
	is_str(row.writeback_id, "80", "with its id");
	sk_writeback_fini(&row);

	use("late-both.db");
	row = not_received_row("k");
	new_list(SK_HOUR);
	add_listed("81", ECHO);
	add_listed("80", ECHO);
	is_int(settle_late(), 0, "two turn up");
	read_again(&row);
	is_str(row.writeback_id, "80", "the oldest is the row's");
	is_int(count_events("doubled"), 1, "the other is told");
	ok(row.doubled_id == NULL, "and left to a person, since it was sent once only");
	settle_late();
	is_int(count_events("doubled"), 1, "once");
	sk_writeback_fini(&row);

	use("late-queued.db");
	new_list(SK_HOUR);
	add_listed("80", ECHO);
	row = not_received_row("k");
	happens(&row, SK_RETRIED, NULL);
	owned[0] = 0;
	settle_late();
	read_again(&row);
	ok(row.result == SK_PENDING && row.attempts == 1,
	    "queued again: pending, and nothing is sent");
	sk_writeback_fini(&row);

	use("late-taken.db");
	row = not_received_row("k");
	other = sent_row("k");
	happens(&other, SK_ACCEPTED, "81");
	owned[0] = 0;
	settle_late();
	read_again(&row);
	ok(row.result == SK_FAILED && n_changed == 0, "its key another's: the state stays");
	is_str(row.doubled_id, "80", "and the second request is noted");
	sk_writeback_fini(&row);
	sk_writeback_fini(&other);

	use("late-again.db");
	row = not_received_row("k");
	happens(&row, SK_RETRIED, NULL);
	happens(&row, SK_CLAIMED, NULL);
	happens(&row, SK_ACCEPTED, "82");
	owned[0] = 0;
	settle_late();
	read_again(&row);
	ok(row.result == SK_PENDING, "sent again and pending: the state stays");
	is_str(row.doubled_id, "80", "the second request is noted");
	sk_writeback_fini(&row);

	use("late-old.db");
	row = not_received_row("k");
	new_list(3 * SK_DAY);
	add_listed("83", ECHO);
	settle_late();
	read_again(&row);
	ok(row.result == SK_FAILED && row.doubled_id == NULL,
	    "after two days nothing is looked for");
	sk_writeback_fini(&row);
}

/* Its own request, recorded by another process since the list was read, is no double to be
 * withdrawn. */
static void
test_late_its_own(void)
{
	struct sk_writeback row;

	use("late-own.db");
	row = not_received_row("k");
	happens(&row, SK_RETRIED, NULL);
	happens(&row, SK_CLAIMED, NULL);
	new_list(SK_HOUR);
	add_listed("84", ECHO);
	happens(&row, SK_ACCEPTED, "84");
	is_int(settle_late(), 0, "late");
	read_again(&row);
	is_str(row.doubled_id, NULL, "its own request isn't taken for a second one");
	sk_writeback_fini(&row);
}

/* An entry that may be an identical row's, which is on its way or unknown, is left to that one. */
static void
test_late_anothers(void)
{
	struct sk_writeback row, other;

	use("late-sending.db");
	row = not_received_row("k");
	other = sent_row("k");
	new_list(SK_HOUR);
	add_listed("85", ECHO);
	settle_late();
	read_again(&row);
	ok(row.doubled_id == NULL && row.writeback_id == NULL,
	    "an identical row is submitting: nothing is said");
	happens(&other, SK_UNCLEAR, NULL);
	settle_late();
	read_again(&row);
	ok(row.doubled_id == NULL && row.writeback_id == NULL,
	    "an identical row is unknown: nothing is said");
	is_int(settle_unknown(), 0, "it is that one's");
	read_again(&other);
	is_str(other.writeback_id, "85", "as it turns out");
	settle_late();
	read_again(&row);
	ok(row.doubled_id == NULL, "and then nobody else's");
	sk_writeback_fini(&row);
	sk_writeback_fini(&other);
}

/* --- withdrawn, and pending there ------------------------------------------------------------ */

static void
test_withdrawn_pending(void)
{
	struct sk_writeback row;
	enum sk_listed_as as;

	use("withdrawn.db");
	row = sent_row("k");
	happens(&row, SK_ACCEPTED, "90");
	happens(&row, SK_PERSON_WITHDRAWS, NULL);
	happens(&row, SK_WITHDRAWN_THERE, NULL);
	happens(&row, SK_LOOK_FOUND_IT_GONE, NULL);
	new_list(SK_HOUR);
	add_listed("90", ECHO);
	owned[0] = 1;
	is_int(sk_settle_known(&check, &list, &row, 1, &as, &err), 0, "a list shows it pending");
	is_int(as, SK_LISTED_WITHDRAW_AGAIN, "it is to be withdrawn again");
	read_again(&row);
	ok(row.result == SK_WITHDRAWN && row.holds_key && row.looks == 0,
	    "and looks that found it gone begin anew");
	sk_writeback_fini(&row);
}

/* --- two lists as one ------------------------------------------------------------------------ */

static struct sk_listing
list_of(const char *text)
{
	struct sk_listing made = {.whole = 1};
	json_t *records = json_loads(text, 0, NULL), *record;
	struct sk_api_listed read;
	size_t i;

	json_array_foreach(records, i, record)
	{
		made.listed = sk_mem_grow(made.listed, made.n + 1, &made.room, sizeof(read));
		if (sk_api_read_listed(record, &read) == 0)
			sk_api_keep_listed(&read, &made.listed[made.n++]);
	}
	json_decref(records);
	return made;
}

static void
test_join(void)
{
	struct sk_listing first = list_of("[{\"id\": 7, \"result\": \"pending\"}, {\"id\": 8}]"),
			  second = list_of("[{\"id\": 9}, {\"id\": 7, \"result\": \"completed\"}]"),
			  none = {0}, either = {0}, empty = {0};
	long seven;

	sk_check_list_join(&first, &second, &either);
	sk_listing_fini(&first);
	sk_listing_fini(&second);
	is_int((long long)either.n, 3, "what both lists show is there once");
	ok(sk_listing_find(&either, "8") >= 0 && sk_listing_find(&either, "9") >= 0,
	    "and what one of them shows, when both are gone");
	seven = sk_listing_find(&either, "7");
	ok(seven >= 0 && either.listed[seven].said == SK_SAID_COMPLETED,
	    "as the second one shows it");
	ok(!either.whole && either.owned[0] == SK_OWNED_BY_NOBODY, "they prove no absence");
	sk_check_list_join(&none, &none, &empty);
	is_int((long long)empty.n, 0, "lists that couldn't be read show nothing");
	sk_listing_fini(&either);
	sk_listing_fini(&empty);
}

int
main(void)
{
	sk_mem_init();
	if (mkdtemp(folder) == NULL)
		return 1;
	test_found();
	test_absent();
	test_covers();
	test_absent_not_next();
	test_absent_interrupted();
	test_owned_meanwhile();
	test_many();
	test_newcomer();
	test_changed_meanwhile();
	test_unprovable();
	test_in_doubt();
	test_double();
	test_late();
	test_late_its_own();
	test_late_anothers();
	test_withdrawn_pending();
	test_join();
	sk_store_free(session.store);
	remove_folder(folder);
	return done_testing();
}
