/* SPDX-License-Identifier: MIT */
/*
 * book: requests that the journal has already, under their key or with their content. Nothing is sent
 * for them, and what isn't sent is never told as if it were: a row that another process still has in
 * its queue is waited for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/secret.h"
#include "base/stop.h"
#include "base/time.h"
#include "store/archive.h"
#include "store/event.h"
#include "store/hand_over.h"
#include "life/ledger.h"
#include "commands/book_parts.h"
#include "commands/taken_over.h"

#define PATIENCE (10 * SK_MINUTE) /* how long a row of a living run may stand still */
#define LOOKS 200                 /* rows of others that are read in one turn */

/* In the commit that hands it in: the office may have gone to another host since its request was read. */
static int
refuse_given_away(struct sk_store *store, const char *office_id, struct sk_error *err)
{
	int out = sk_store_handed_out(store, office_id, NULL, err);

	if (out <= 0)
		return out;
	return sk_error_set(err, SK_EXIT_TRY_LATER,
	    "office %s went to another host while this command ran, so nothing more is handed in: "
	    "run the command again, and it says which requests are that host's",
	    office_id);
}

int
sk_book_insert(struct sk_book *book, struct sk_reading *reading, struct sk_error *err)
{
	struct sk_store *store = book->session->store;
	struct sk_writeback *row = &reading->request.row;
	int64_t holder;
	int inserted;

	if (refuse_given_away(store, row->office_id, err) != 0 ||
	    sk_same_find(store, row, &reading->same, err) != 0)
		return -1;
	if (reading->same.is == SK_SAME_CLAIMS)
		return sk_same_claim(store, row, reading->same.other, err);
	if (reading->same.is != SK_SAME_NEW && reading->same.is != SK_SAME_BESIDE)
		return 0;
	row->run = book->session->run;
	row->holds_content = (int)reading->same.hold;
	inserted = sk_store_writeback_insert(store, row, &holder, err);
	if (inserted == 0)
		sk_error_set(err, SK_EXIT_BUG,
		    "request %lld holds key or content, and wasn't found", (long long)holder);
	if (inserted != 1)
		return -1;
	return sk_event_make(store, SK_EVENT_QUEUED, row->office_id, row->id, "handed in", err);
}

/* --- what is sent ----------------------------------------------------------------------------- */

/* Its error is left in err: what was committed goes to the sender all the same. */
static void
warn_of_equal(struct sk_book *book, const struct sk_reading *reading, struct sk_error *err)
{
	char *at = sk_book_words(reading->place);

	sk_same_warn_beside(book->session->store, &reading->request.row, reading->same.other, at,
	    err);
	free(at);
}

/*
 * A row's body waits in the journal; one with card fields, which the journal doesn't hold, with the
 * sender, or here.
 */
static char *
take_secret_body(const struct sk_writeback *row, struct sk_request *request)
{
	char *secret_body = row->has_secret ? request->body : NULL;

	if (secret_body != NULL)
		request->body = NULL;
	return secret_body;
}

/* --- what is refused -------------------------------------------------------------------------- */

static void
refuse(struct sk_book *book, const struct sk_reading *reading, enum sk_code code,
    const char *message)
{
	const char *field = reading->request.row.key != NULL ? "key" : NULL;
	json_t *record = sk_book_bad(reading->place, &reading->request.row, code, field, message);
	char *at = sk_book_words(reading->place), other[24];

	snprintf(other, sizeof(other), "%lld", (long long)reading->same.other);
	sk_json_set(record, "other_id", reading->same.other != 0 ? other : NULL);
	sk_out_tell("%s: %s%s%s", at, field != NULL ? field : "", field != NULL ? ": " : "",
	    message);
	sk_book_tell(book, &reading->place, record);
	book->exit = sk_exit_worse(book->exit, SK_EXIT_BAD_DATA);
	free(at);
}

/* It was withdrawn, or is stuck, and nobody has seen it gone yet: until then it holds its content. */
static bool
may_still_happen(const struct sk_writeback *row)
{
	return row->result == SK_WITHDRAWN || row->result == SK_FAILED;
}

static void
refuse_doubled(struct sk_book *book, const struct sk_reading *reading,
    const struct sk_writeback *other)
{
	bool is_unclear = reading->same.is == SK_SAME_UNCLEAR;
	char *hint = is_unclear ? sk_taken_over_hint(other) : sk_mem_copy("");
	char *message = sk_mem_printf(
	    "looks doubled: request %lld, which is %s%s, %s; if both are meant, hand it in with "
	    "\"again\": true%s",
	    (long long)other->id, sk_state_name(other->result),
	    may_still_happen(other) ? " and may still be carried out" : "",
	    is_unclear ? "was taken over from the server's list and can't be compared"
		       : "has the same content",
	    hint);

	refuse(book, reading, SK_CODE_LOOKS_DOUBLED, message);
	free(message);
	free(hint);
}

static void
refuse_anothers(struct sk_book *book, const struct sk_reading *reading)
{
	char message[200];

	snprintf(message, sizeof(message),
	    "looks doubled: writeback %s, which another program sent, has the same content; if "
	    "both are meant, hand it in with \"again\": true",
	    reading->same.writeback_id);
	refuse(book, reading, SK_CODE_LOOKS_DOUBLED, message);
}

static void
refuse_reused(struct sk_book *book, const struct sk_reading *reading)
{
	char message[80];

	snprintf(message, sizeof(message), "is already used by a different request, %lld",
	    (long long)reading->same.other);
	refuse(book, reading, SK_CODE_KEY_REUSED, message);
}

/* --- duplicates ------------------------------------------------------------------------------- */

/* The row has an outcome, or at least an answer. */
static void
tell_outcome(struct sk_book *book, const struct sk_writeback *row, struct sk_origin place)
{
	const struct sk_asked asked = {place, true};
	enum sk_exit exit = sk_ledger_exit(row);

	if (book->poll != NULL && (exit == SK_EXIT_PENDING || exit == SK_EXIT_UNKNOWN)) {
		sk_book_follow(book, row, asked);
		return;
	}
	book->exit = sk_exit_worse(book->exit, exit == SK_EXIT_PENDING ? SK_EXIT_OK : exit);
	sk_book_count(book, exit);
	sk_book_tell_row(book, row, asked);
}

static void
tell_not_sent(struct sk_book *book, const struct sk_writeback *row, struct sk_origin place)
{
	const struct sk_asked asked = {place, true};
	char *at = sk_book_words(place);
	char *where = sk_mem_printf("%s: request %lld", at, (long long)row->id);

	if (book->poll != NULL) {
		sk_book_follow(book, row, asked);
	} else {
		if (!sk_stop_asked())
			sk_out_warn_repeated("request", where,
			    " is %s in another process, which hasn't sent it yet; hand it in again "
			    "later",
			    sk_state_name(row->result));
		book->exit = sk_exit_worse(book->exit, SK_EXIT_TRY_LATER);
		sk_book_count(book, SK_EXIT_TRY_LATER);
		sk_book_tell_row(book, row, asked);
	}
	free(where);
	free(at);
}

static int
is_stalled(const struct sk_writeback *row)
{
	int64_t moved = row->submitted_at > row->queued_at ? row->submitted_at : row->queued_at;

	return sk_time_now() - moved > PATIENCE;
}

/* Another run had it in its hands when it died: nobody knows whether it was sent. */
static int
turn_over(struct sk_book *book, struct sk_writeback *row, struct sk_origin place,
    struct sk_error *err)
{
	int64_t id = row->id;

	if (sk_ledger_turn_over(book->session, err) != 0)
		return -1;
	sk_writeback_fini(row);
	if (sk_store_writeback_get(book->session->store, id, row, err) != 1)
		return -1;
	if (row->result == SK_SUBMITTING)
		tell_not_sent(book, row, place);
	else
		tell_outcome(book, row, place);
	return 1;
}

/* A queued row of a dead run becomes ours: 1; 0 it has changed meanwhile, -1 error. */
static int
take_over(struct sk_book *book, struct sk_writeback *row, struct sk_waiting *waiting,
    struct sk_error *err)
{
	const struct sk_fact taken_over = {.what = SK_TAKEN_OVER, .run = book->session->run};

	switch (sk_ledger_record_one(book->session->store, row, &taken_over, NULL, err)) {
	case SK_RECORDED:
		sk_sender_add(book->sender, row, waiting->secret_body, waiting->place);
		waiting->secret_body = NULL;
		return 1;
	case SK_RECORD_ERROR:
		return -1;
	default:
		return 0;
	}
}

/* A row that another run has. 1 done with it, 0 it is to be looked at again, -1 error. */
static int
look_at_anothers(struct sk_book *book, struct sk_writeback *row, struct sk_waiting *waiting,
    struct sk_error *err)
{
	int held = sk_lock_is_held(book->session->lock, SK_LOCK_RUN, row->run, err);

	if (held < 0)
		return -1;
	if (held == 0)
		return row->result == SK_QUEUED ? take_over(book, row, waiting, err)
						: turn_over(book, row, waiting->place, err);
	if (!is_stalled(row))
		return 0;
	tell_not_sent(book, row, waiting->place);
	return 1;
}

/* Looks at the row of one duplicate: 1 done with it, 0 it is to be looked at again, -1 error. */
static int
look_at(struct sk_book *book, struct sk_waiting *waiting, struct sk_error *err)
{
	struct sk_session *session = book->session;
	struct sk_writeback row = {0};
	int done = 1;

	if (sk_store_archive_recall(session->store, waiting->id, &row, err) != 1)
		return -1;
	if (row.result != SK_QUEUED && row.result != SK_SUBMITTING) {
		tell_outcome(book, &row, waiting->place);
	} else if (row.run == session->run) {
		book->companions = sk_mem_grow(book->companions, book->n_companions + 1,
		    &book->companions_room, sizeof(*book->companions));
		book->companions[book->n_companions++] =
		    (struct sk_companion){row.id, waiting->place};
	} else {
		done = look_at_anothers(book, &row, waiting, err);
	}
	sk_writeback_fini(&row);
	return done;
}

int
sk_book_look(struct sk_book *book, struct sk_error *err)
{
	size_t n, kept = 0;
	struct sk_waiting looked[LOOKS];
	int failed = 0;

	if (book->n_waiting == 0 || sk_time_monotonic() - book->looked_at < SK_BOOK_LOOK_EVERY)
		return 0;
	book->looked_at = sk_time_monotonic();
	n = book->n_waiting;
	if (n > LOOKS)
		n = LOOKS;
	for (size_t i = 0; i < n; i++) {
		struct sk_waiting *waiting = &book->waiting[i];
		int done = failed ? 0 : look_at(book, waiting, err);

		failed |= done < 0;
		if (done == 1)
			sk_secret_free(waiting->secret_body);
		else
			looked[kept++] = *waiting;
	}
	/* Those that weren't looked at come first the next time. */
	memmove(book->waiting, book->waiting + n, (book->n_waiting - n) * sizeof(looked[0]));
	book->n_waiting -= n;
	memcpy(book->waiting + book->n_waiting, looked, kept * sizeof(looked[0]));
	book->n_waiting += kept;
	return failed ? -1 : 0;
}

void
sk_book_stop_waiting(struct sk_book *book)
{
	for (size_t i = 0; i < book->n_waiting; i++) {
		struct sk_writeback row = {0};
		struct sk_error ignored = {0};

		if (sk_store_writeback_get(book->session->store, book->waiting[i].id, &row,
			&ignored) == 1)
			tell_not_sent(book, &row, book->waiting[i].place);
		sk_writeback_fini(&row);
		sk_secret_free(book->waiting[i].secret_body);
	}
	book->n_waiting = 0;
}

/* Another row is this request: it is told, now or as soon as it was sent. */
static int
meet_duplicate(struct sk_book *book, struct sk_reading *reading, const struct sk_writeback *other,
    struct sk_error *err)
{
	struct sk_waiting waiting = {.id = other->id, .place = reading->place};
	char *at = sk_book_words(reading->place);
	int done;

	sk_out_verbose("%s is a duplicate of request %lld, which is %s: nothing is sent", at,
	    (long long)other->id, sk_state_name(other->result));
	free(at);
	waiting.secret_body = take_secret_body(other, &reading->request);
	done = look_at(book, &waiting, err);
	if (done != 0) {
		sk_secret_free(waiting.secret_body);
		return done < 0 ? -1 : 0;
	}
	book->waiting = sk_mem_grow(book->waiting, book->n_waiting + 1, &book->waiting_room,
	    sizeof(*book->waiting));
	book->waiting[book->n_waiting++] = waiting;
	return 0;
}

int
sk_book_meet(struct sk_book *book, struct sk_reading *reading, struct sk_error *err)
{
	struct sk_request *request = &reading->request;
	struct sk_writeback other = {0};
	int result = 0;

	if (reading->same.is == SK_SAME_BESIDE)
		warn_of_equal(book, reading, err);
	if (reading->same.is == SK_SAME_NEW || reading->same.is == SK_SAME_BESIDE) {
		if (book->session->rehearses)
			sk_book_rehearse_sent(book, reading, false);
		else
			sk_sender_add(book->sender, &request->row,
			    take_secret_body(&request->row, request), reading->place);
		return err->code != 0 ? -1 : 0;
	}
	if (reading->same.is == SK_SAME_ANOTHERS) {
		refuse_anothers(book, reading);
		return 0;
	}
	if (sk_store_archive_recall(book->session->store, reading->same.other, &other, err) != 1)
		return -1;
	if (reading->same.is == SK_SAME_KEY_REUSED)
		refuse_reused(book, reading);
	else if (reading->same.is == SK_SAME_DOUBLED || reading->same.is == SK_SAME_UNCLEAR)
		refuse_doubled(book, reading, &other);
	else if (!book->session->rehearses)
		result = meet_duplicate(book, reading, &other, err);
	else if (other.run == book->session->run)
		sk_book_rehearse_sent(book, reading, true);
	else
		tell_outcome(book, &other, reading->place);
	sk_writeback_fini(&other);
	return result;
}
