/* SPDX-License-Identifier: MIT */
/* book_parts: what the files of book share. Inside book. */
#ifndef SK_COMMANDS_BOOK_PARTS_H
#define SK_COMMANDS_BOOK_PARTS_H

#include "life/same.h"
#include "commands/book.h"
#include "commands/in_order.h"
#include "commands/poll.h"
#include "commands/send.h"

#define SK_BOOK_LOOK_EVERY 100 /* ms: at what other processes have and haven't sent yet */

/* A request that has been read and isn't journaled yet. */
struct sk_reading {
	struct sk_request request;
	struct sk_origin place;
	struct sk_same same; /* once it was compared with the journal */
};

/* A duplicate of a row that another run has and hasn't sent yet. */
struct sk_waiting {
	int64_t id;
	char *secret_body; /* with card fields, for a row that we may have to send; or NULL */
	struct sk_origin place;
};

/* A duplicate of a row of ours that is on its way: told when that has an outcome. */
struct sk_companion {
	int64_t id;
	struct sk_origin place;
};

struct sk_book {
	struct sk_session *session;
	struct sk_pool *pool;
	struct sk_book_options options;
	struct sk_directory places;
	struct sk_known *known;
	struct sk_sender *sender;
	struct sk_poll *poll;      /* with --wait: the rows to follow */
	struct sk_in_order *order; /* with --in-order: records that wait for their turn */
	struct sk_reading *readings;
	size_t n_readings, room;
	struct sk_companion *companions;
	size_t n_companions, companions_room;
	size_t n_taken; /* how many requests were read, bad ones too */
	/* Of these, since duplicates count as well: those that the server has, and that a signal kept from it. */
	size_t n_accepted, n_stopped;
	bool has_more; /* a signal came before the input's end */
	struct sk_waiting *waiting;
	size_t n_waiting, waiting_room;
	int64_t looked_at; /* monotonic: when they were last looked at */
	enum sk_exit exit;
	struct sk_error fatal;
};

/* As the exit code says, for each time that a request was handed in; a signal: it counts as left. */
void sk_book_count(struct sk_book *book, enum sk_exit exit);

/* The origin in a message: "line 3", or "bookings.jsonl: line 3". The caller frees. */
char *sk_book_words(struct sk_origin origin);

/* Prints the record (taken) of a request, now or, with --in-order, when it is its turn. */
void sk_book_tell(struct sk_book *book, const struct sk_origin *place, json_t *record);

/* Prints the row's record, or lets the row be followed; once for each time that it was handed in. */
void sk_book_tell_row(struct sk_book *book, const struct sk_writeback *row, struct sk_asked asked);
void sk_book_follow(struct sk_book *book, const struct sk_writeback *row, struct sk_asked asked);

/*
 * The record of a bad line. row: what is known of the request, which has no id; NULL: nothing. field may be
 * NULL. The caller's.
 */
json_t *sk_book_bad(struct sk_origin place, const struct sk_writeback *row, enum sk_code code,
    const char *field, const char *message);

/* Why a line is bad: what its record says, and what it means for the exit code. */
struct sk_complaint {
	enum sk_code code;
	const char *field; /* or NULL */
	const char *message;
	enum sk_exit exit;
	const struct sk_writeback *row; /* what is known of the request, or NULL */
};

/* Prints the record of a line that is no request, and a line on stderr. */
void sk_book_tell_bad(struct sk_book *book, struct sk_origin place, const struct sk_complaint *why);

/* Prints one record for a bad request, with all of its faults, and a line on stderr for each. */
void sk_book_tell_faults(struct sk_book *book, struct sk_origin place,
    const struct sk_request *request);

/* Warns of a field; many lines may have the same. */
void sk_book_warn(struct sk_origin place, const struct sk_fault *fault);

/*
 * Inserts a request into the open transaction, unless the journal has it already; reading->same
 * says which of the two.
 */
int sk_book_insert(struct sk_book *book, struct sk_reading *reading, struct sk_error *err);

/*
 * After the commit: what was inserted goes to the sender. Of what wasn't, the record of the row that
 * the journal has is printed, or why the request is refused.
 */
int sk_book_meet(struct sk_book *book, struct sk_reading *reading, struct sk_error *err);

/*
 * What others have and haven't sent, at most every SK_BOOK_LOOK_EVERY: tells each duplicate once its row has an outcome, and sends the
 * row when its run has died. A row that hasn't moved for 10 minutes isn't waited for.
 */
int sk_book_look(struct sk_book *book, struct sk_error *err);

/* They aren't waited for any more: told as not sent yet (75). */
void sk_book_stop_waiting(struct sk_book *book);

/*
 * book_rehearse.c: with -n a request is journaled in the copy of the state file that is in memory, and what a run
 * would say of it is told at once.
 */
void sk_book_rehearse(struct sk_book *book, struct sk_reading *reading);

/* Prints the request, which would be sent; or not, as the duplicate of one that stands before it. */
void sk_book_rehearse_sent(struct sk_book *book, const struct sk_reading *reading,
    bool is_duplicate);

/* Adds, for a table of -n, by what a person knows the row's request. Otherwise nothing. */
void sk_book_rehearse_known(struct sk_book *book, json_t *record, const struct sk_writeback *row);

#endif
