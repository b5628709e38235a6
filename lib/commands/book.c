/* SPDX-License-Identifier: MIT */
/*
 * book: takes requests from a stream of JSON, journals them, sends them and prints their records. A
 * bad line becomes a record and stops nothing; a journal that can't be written stops everything
 * before anything is sent.
 */
#include "commands/book.h"

#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_stream.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/progress.h"
#include "base/secret.h"
#include "base/stop.h"
#include "base/time.h"
#include "store/copy.h"
#include "life/check.h"
#include "life/hold_rule.h"
#include "life/ledger.h"
#include "commands/book_parts.h"
#include "commands/known.h"

#define MOST_BODIES 1000 /* bodies with card fields that wait in memory; then reading pauses */
#define LIST_PATIENCE (10 * SK_SECOND) /* for room in the application's window, after all is told */
#define MOST_RECORDS 10000             /* records that wait for their turn; then reading pauses */
#define MOST_AT_ONCE 200               /* requests in one commit; the others follow in the next */

static void tell_followed(void *arg, const struct sk_writeback *row, const struct sk_asked *asked,
    struct sk_error *err);
static void note_sent(void *arg, const struct sk_writeback *row, struct sk_origin place,
    enum sk_exit exit);

struct sk_book *
sk_book_new(struct sk_session *session, struct sk_pool *pool, const struct sk_book_options *options)
{
	struct sk_book *book = sk_mem_zero(1, sizeof(*book));

	book->session = session;
	book->pool = pool;
	book->options = *options;
	book->order = options->in_order ? sk_in_order_new() : NULL;
	sk_directory_read(session, &book->places, &book->fatal);
	if (!options->request.raw)
		book->known = sk_known_new(session, options->check_choices ? pool : NULL);
	book->options.request.known = book->known;
	if (pool == NULL)
		return book;
	book->sender = sk_sender_new(pool, note_sent, book);
	if (options->wait != SK_POLL_ONE_PASS) {
		const struct sk_poll_options poll = {.wait = options->wait,
		    .only_named = 1,
		    .input = -1,
		    .tell = tell_followed,
		    .arg = book};

		book->poll = sk_poll_new(pool, &poll);
	}
	return book;
}

void
sk_book_free(struct sk_book *book)
{
	if (book == NULL)
		return;
	for (size_t i = 0; i < book->n_readings; i++)
		sk_request_fini(&book->readings[i].request);
	for (size_t i = 0; i < book->n_waiting; i++)
		sk_secret_free(book->waiting[i].secret_body);
	free(book->readings);
	free(book->waiting);
	free(book->companions);
	sk_sender_free(book->sender);
	sk_poll_free(book->poll);
	sk_in_order_free(book->order);
	sk_known_free(book->known);
	sk_directory_fini(&book->places);
	free(book);
}

static void
tell_in_turn(struct sk_book *book, const struct sk_origin *place, json_t *record,
    struct sk_error *err)
{
	if (book->order != NULL)
		sk_in_order_put(book->order, place->nth, record, err);
	else
		sk_out_record(record, err);
	json_decref(record);
}

void
sk_book_tell(struct sk_book *book, const struct sk_origin *place, json_t *record)
{
	tell_in_turn(book, place, record, &book->fatal);
}

/* Called by the poller for each record of a row that it followed for us. */
static void
tell_followed(void *arg, const struct sk_writeback *row, const struct sk_asked *asked,
    struct sk_error *err)
{
	tell_in_turn(arg, &asked->origin, sk_ledger_json(row, asked, 0), err);
}

static const char *
file_in_words(struct sk_origin origin)
{
	return strcmp(origin.file, "-") == 0 ? "standard input" : origin.file;
}

char *
sk_book_words(struct sk_origin origin)
{
	return sk_mem_printf("%s%sline %zu", origin.is_of_several ? file_in_words(origin) : "",
	    origin.is_of_several ? ": " : "", origin.line);
}

/* Warns of a row that couldn't be sent, or whose outcome is unknown. Where the server is down all rows have that. */
static void
warn_of_outcome(const struct sk_writeback *row, struct sk_origin origin, enum sk_exit exit)
{
	char *at = sk_book_words(origin);
	char *where = sk_mem_printf("%s: request %lld", at, (long long)row->id);
	const char *message = row->error_message != NULL ? row->error_message : "";

	if (exit == SK_EXIT_UNKNOWN && sk_code_find(row->error_code) == SK_CODE_NO_ID)
		sk_out_warn_repeated("request", where,
		    " was %s; don't send it again: sikka-poll and sikka-sweep find its id in the "
		    "server's list",
		    message);
	else if (exit == SK_EXIT_UNKNOWN)
		sk_out_warn_repeated("request", where,
		    " may or may not have arrived (%s); don't send it again: sikka-poll and "
		    "sikka-sweep find out",
		    message);
	else if (exit != SK_EXIT_OK)
		sk_out_warn_repeated("request", where, ": %s: %s",
		    row->error_code != NULL ? row->error_code : sk_state_name(row->result),
		    message);
	free(where);
	free(at);
}

void
sk_book_count(struct sk_book *book, enum sk_exit exit)
{
	if (exit == SK_EXIT_OK || exit == SK_EXIT_PENDING)
		book->n_accepted++;
	else if (exit == SK_EXIT_TRY_LATER && sk_stop_asked())
		book->n_stopped++;
}

void
sk_book_tell_row(struct sk_book *book, const struct sk_writeback *row, struct sk_asked asked)
{
	json_t *record = sk_ledger_json(row, &asked, 0);

	sk_book_rehearse_known(book, record, row);
	sk_book_tell(book, &asked.origin, record);
}

void
sk_book_follow(struct sk_book *book, const struct sk_writeback *row, struct sk_asked asked)
{
	sk_poll_watch(book->poll, row->id, &asked);
}

/* Called by the sender when it is done with one of our rows. */
static void
note_sent(void *arg, const struct sk_writeback *row, struct sk_origin place, enum sk_exit exit)
{
	struct sk_book *book = arg;

	/* An unknown row is followed, too: the list may soon show what became of it. */
	bool is_followed =
	    book->poll != NULL && (row->result == SK_PENDING || row->unknown_at != 0);
	void (*tell)(struct sk_book *, const struct sk_writeback *, struct sk_asked) =
	    is_followed ? sk_book_follow : sk_book_tell_row;

	/* What a signal kept from being sent is told in one line, at the end. */
	if (exit != SK_EXIT_TRY_LATER || !sk_stop_asked())
		warn_of_outcome(row, place, exit);
	if (!is_followed)
		book->exit = sk_exit_worse(book->exit, exit);
	tell(book, row, (struct sk_asked){place, false});
	sk_book_count(book, exit);
	for (size_t i = 0; i < book->n_companions; i++) {
		if (book->companions[i].id != row->id)
			continue;
		tell(book, row, (struct sk_asked){book->companions[i].place, true});
		sk_book_count(book, exit);
	}
}

/* --- journaling ------------------------------------------------------------------------------ */

/* In a section: inserts the first n requests. */
static int
insert_all(struct sk_book *book, size_t n, struct sk_error *err)
{
	if (sk_section_raise(book->session, SK_SECTION_KEEPS, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (sk_book_insert(book, &book->readings[i], err) != 0)
			return -1;
	return 0;
}

static int
meet_all(struct sk_book *book, size_t n, struct sk_error *err)
{
	for (size_t i = 0; i < n; i++)
		if (sk_book_meet(book, &book->readings[i], err) != 0)
			return -1;
	return 0;
}

static void
drop_readings(struct sk_book *book, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sk_request_fini(&book->readings[i].request);
	book->n_readings -= n;
	memmove(book->readings, book->readings + n, book->n_readings * sizeof(*book->readings));
}

/*
 * Writes requests that were read in one commit, before the first of them is sent.
 *
 * Two commits precede the first byte of a request: this one, and the claim that the sender makes of
 * the rows that leave now. Without this one, a process that dies after sending would leave no trace
 * of the request, and whoever hands it in again would book a second appointment. With this one
 * alone, a queued row of a dead process might have been sent or not; the claim (submitting) tells
 * the two apart: a row that is still queued was surely not sent.
 *
 * Both are sections (store/section): a copy of the state file from before them is recognized.
 *
 * 1 written; 0 another process is in the section, or writes: ask again in *retry_in ms; -1 error.
 */
static int
journal(struct sk_book *book, int64_t *retry_in, struct sk_error *err)
{
	size_t n = book->n_readings;
	int begun;

	if (n == 0)
		return 1;
	if (n > MOST_AT_ONCE)
		n = MOST_AT_ONCE;
	begun = sk_section_try_begin(book->session, retry_in, err);
	if (begun <= 0)
		return begun;
	if (sk_section_end(book->session, insert_all(book, n, err), err) != 0 ||
	    meet_all(book, n, err) != 0)
		begun = -1;
	drop_readings(book, n);
	return begun;
}

/* --- reading --------------------------------------------------------------------------------- */

static void
take_value(struct sk_book *book, const json_t *value, struct sk_origin place)
{
	struct sk_reading *reading;

	book->readings =
	    sk_mem_grow(book->readings, book->n_readings + 1, &book->room, sizeof(*book->readings));
	reading = &book->readings[book->n_readings];
	place.nth = ++book->n_taken;
	reading->place = place;
	sk_request_read(value, &book->places, &book->options.request, &reading->request);
	for (size_t i = 0; i < reading->request.warnings.n; i++)
		sk_book_warn(place, &reading->request.warnings.list[i]);
	if (reading->request.faults.n > 0)
		sk_book_tell_faults(book, place, &reading->request);
	else if (book->session->rehearses)
		sk_book_rehearse(book, reading);
	else {
		book->n_readings++;
		return;
	}
	sk_request_fini(&reading->request);
}

static void
tell_broken(struct sk_origin place)
{
	sk_out_tell("%s%snothing after line %zu is read, because it isn't clear where the next "
		    "request begins",
	    place.is_of_several ? file_in_words(place) : "", place.is_of_several ? ": " : "",
	    place.line);
}

/* Takes the values that are complete. Returns whether the input has ended or is broken. */
static bool
take_values(struct sk_book *book, struct sk_json_stream *stream, const char *name)
{
	struct sk_origin place = {.file = name, .is_of_several = book->options.several};
	json_t *value;
	char message[SK_STREAM_WHY];
	const struct sk_complaint why = {SK_CODE_SYNTAX, NULL, message, SK_EXIT_BAD_DATA, NULL};

	for (;;) {
		switch (sk_json_stream_next(stream, &value, &place.line, message)) {
		case SK_STREAM_VALUE:
			take_value(book, value, place);
			json_decref(value);
			break;
		case SK_STREAM_BAD:
			sk_book_tell_bad(book, place, &why);
			break;
		case SK_STREAM_BROKEN:
			sk_book_tell_bad(book, place, &why);
			tell_broken(place);
			return true;
		case SK_STREAM_END:
			return true;
		default:
			return false;
		}
	}
}

/* Reads the bytes that are there. 1 at the end of the input, 0 more may come, -1 error. */
static int
read_some(struct sk_book *book, struct sk_json_stream *stream, int fd, const char *name,
    struct sk_error *err)
{
	const char *words = strcmp(name, "-") == 0 ? "standard input" : name;

	if (sk_json_stream_read(stream, fd, words, err) != 0)
		return -1;
	return take_values(book, stream, name);
}

/* How many requests of the input have been dealt with: sent and answered, or refused. */
static size_t
answered(const struct sk_book *book)
{
	size_t open = sk_sender_open(book->sender) + book->n_readings + book->n_waiting;

	return book->n_taken > open ? book->n_taken - open : 0;
}

/*
 * Journals, sends, and waits for network, input or a timer. Returns 1 when fd is readable, -1 on an
 * error.
 */
static int
turn(struct sk_book *book, int fd, struct sk_error *err)
{
	int64_t wait = book->n_waiting > 0 ? SK_BOOK_LOOK_EVERY : sk_sender_patience(book->sender);
	int journaled = journal(book, &wait, err);

	/* Where memory is full nothing is read either, until some of it has ended. */
	sk_sender_more_may_come(book->sender, fd >= 0);
	if (journaled < 0 || sk_sender_mind_holds(book->sender, err) != 0 ||
	    sk_sender_trouble(book->sender, err) != 0 || sk_book_look(book, err) != 0)
		return -1;
	/* More is read when this is written. */
	if (book->n_readings > 0)
		fd = -1;
	if (fd < 0 && book->n_readings == 0 && sk_sender_open(book->sender) == 0 &&
	    book->n_waiting == 0)
		return 0;
	sk_progress_count(answered(book), book->n_taken);
	return sk_pool_turn(book->pool, book->n_readings > 0 && journaled > 0 ? 0 : wait, fd);
}

/*
 * Whether as much waits in memory as may. What is followed with --wait is only asked for when all has been read: so
 * reading can't wait for it, and its records may become as many as there are requests.
 */
static bool
is_full(const struct sk_book *book)
{
	if (book->order != NULL && book->poll == NULL &&
	    sk_in_order_ahead(book->order) >= MOST_RECORDS)
		return true;
	return sk_sender_bodies(book->sender) >= MOST_BODIES;
}

/* Without a pool nothing else waits: warnings that are due are told before the input's next bytes have come. */
static void
wait_for_input(int fd)
{
	int64_t due = sk_out_repeated_due_in();
	struct pollfd input = {.fd = fd, .events = POLLIN};

	if (due == INT64_MAX || poll(&input, 1, (int)due) != 0)
		return;
	sk_out_tell_repeated();
}

int
sk_book_read(struct sk_book *book, int fd, const char *name, struct sk_error *err)
{
	struct sk_json_stream *stream = sk_json_stream_new();
	int ended = 0;

	sk_progress_begin("requests so far", "sending");
	while (ended == 0 && book->fatal.code == 0 && !sk_stop_asked()) {
		int listen = 1;

		if (book->pool != NULL) {
			listen = turn(book, is_full(book) ? -1 : fd, err);
		} else {
			wait_for_input(fd);
		}
		if (listen > 0)
			ended = read_some(book, stream, fd, name, err);
		if (listen < 0)
			ended = -1;
	}
	sk_progress_end();
	book->has_more |= ended == 0;
	sk_json_stream_free(stream);
	return ended < 0 ? -1 : 0;
}

/* --- the end --------------------------------------------------------------------------------- */

/* What remains after a signal, and what to type. */
static void
tell_stopped(const struct sk_book *book, struct sk_error *err)
{
	size_t left = book->n_stopped + book->n_readings;

	if (book->pool == NULL)
		sk_error_set(err, SK_EXIT_TRY_LATER,
		    "stopped by a signal; what follows in the input wasn't looked at; run the same "
		    "command again");
	else if (left == 0 && !book->has_more)
		sk_error_set(err, SK_EXIT_TRY_LATER,
		    "stopped by a signal; the server has %zu of %zu requests, and none remains to "
		    "be sent; sikka-poll --wait follows them",
		    book->n_accepted, book->n_taken);
	else
		sk_error_set(err, SK_EXIT_TRY_LATER,
		    "stopped by a signal; the server has %zu of %zu requests; %zu%s remain; run "
		    "the same command again: it sends these, and none twice",
		    book->n_accepted, book->n_taken, left,
		    book->has_more ? " and what follows in the input" : "");
}

/*
 * After a signal the pool ends what waits; after an error it is given up here. What is on the wire is
 * waited for and recorded, whatever else is wrong.
 */
static void
send_the_rest(struct sk_book *book, struct sk_error *err)
{
	while (err->code == 0 && book->fatal.code == 0 && !sk_stop_asked() &&
	    (book->n_readings > 0 || sk_sender_open(book->sender) > 0 || book->n_waiting > 0))
		if (turn(book, -1, err) < 0)
			break;
	if (sk_stop_asked())
		sk_stop_error(err);
	if (err->code == 0)
		*err = book->fatal;
	if (err->code != 0)
		sk_sender_give_up(book->sender, err->text, err->code);
	sk_sender_drain(book->sender);
	sk_book_stop_waiting(book);
	if (sk_stop_is_why(err))
		tell_stopped(book, err);
}

/*
 * A hold may be open that holds nothing back: one list has been clean, and a second one is due. Where only
 * sikka-book runs nobody else reads it. All is sent and told by now, so what it shows changes no exit code.
 */
static void
give_hold_its_list(struct sk_book *book)
{
	struct sk_check check = {.session = book->session, .pool = book->pool};
	struct sk_error why = {0};

	if (sk_stop_asked() || book->session->copy != SK_COPY_NONE ||
	    !sk_hold_wants_list(book->session->store))
		return;
	sk_pool_wait_at_most(book->pool, LIST_PATIENCE);
	if (sk_check(&check, NULL, 0, &why) != 0)
		sk_out_verbose("%s", why.text);
	sk_pool_wait_at_most(book->pool, 0);
	sk_error_clear(&why);
	if (sk_copy_guard(book->session, &why) != 0)
		sk_out_warn("%s", why.text);
}

enum sk_exit
sk_book_finish(struct sk_book *book, struct sk_error *err)
{
	if (book->pool == NULL) {
		if (sk_stop_is_why(err))
			tell_stopped(book, err);
		if (err->code == 0)
			*err = book->fatal;
		return sk_exit_worse(book->exit, err->code);
	}
	sk_progress_begin("requests", "sending");
	send_the_rest(book, err);
	sk_progress_end();
	sk_sender_trouble(book->sender, err);
	sk_sender_free(book->sender);
	book->sender = NULL;
	book->exit = sk_exit_worse(book->exit, err->code);
	if (book->poll != NULL && err->code == 0)
		book->exit = sk_exit_worse(book->exit, sk_poll_run(book->poll, err));
	if (book->poll != NULL && err->code != 0)
		sk_poll_tell_rest(book->poll);
	if (book->order != NULL)
		sk_in_order_write_rest(book->order, &book->fatal);
	if (book->poll != NULL)
		sk_poll_end(book->poll, err);
	if (err->code == 0)
		give_hold_its_list(book);
	book->exit = sk_exit_worse(book->exit, err->code);
	return book->exit;
}
