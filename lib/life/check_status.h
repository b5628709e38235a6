/* SPDX-License-Identifier: MIT */
/*
 * check_status: asks /writeback_status for a set of rows, as many at the same time as the pool lets
 * leave, and records what the answers mean, all answers of a turn in one commit (sikka-api(7),
 * Status). It sends nothing that changes anything at the server.
 */
#ifndef SK_LIFE_CHECK_STATUS_H
#define SK_LIFE_CHECK_STATUS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "store/writebacks.h"
#include "api/writeback.h"
#include "calls/pool.h"

/* Told for each row whose state has changed; row is borrowed. */
typedef void sk_changed_fn(void *arg, const struct sk_writeback *row);

struct sk_check;
struct sk_listing;

/* What the functions of a check share: who checks, and who is told. */
struct sk_check {
	struct sk_session *session;
	struct sk_pool *pool;   /* of this session; NULL where nothing is sent (settle) */
	sk_changed_fn *changed; /* NULL: nobody is told */
	/* NULL, or shown each list that was read, before anything is settled by it. */
	void (*listed)(void *arg, struct sk_listing *list);
	void *arg; /* for changed and listed */
	/*
	 * The application's plan has no writeback_status (API2004). sk_check sets it to what is
	 * known from the last day, and sk_check_status sets it when the server says so.
	 */
	int lacks_status;
	/* Each list covers what was sent at that moment and later; 0: as the rows need. */
	int64_t since;
	bool is_waited_for; /* somebody waits for what becomes of the rows */
	/* Each row is asked for: a list has told of them, or doesn't show them, or can't be had now. */
	bool by_status;
	/* May be NULL: called now and then while rows are asked for, which may take hours. */
	void (*meanwhile)(struct sk_check *check);
};

/*
 * Asks for each row (each has a writeback_id); rows are brought up to date. That the
 * server doesn't know an id is counted at most once a minute. still_pending (may be NULL): an array
 * of n that gets 1 for a withdrawn row which the server still shows as pending.
 *
 * 0 all were asked; -1 some couldn't be: err says why for the first. The rows that could were.
 * If the server answers API2004, check->lacks_status becomes 1; that is remembered for a day.
 */
int sk_check_status(struct sk_check *check, struct sk_writeback *rows, size_t n, int *still_pending,
    struct sk_error *err);

/* Whether the plan was found to lack writeback_status within the last day. */
bool sk_check_status_is_lacking(struct sk_session *session);

/*
 * What the server said about one row, recorded in the caller's transaction. *changed becomes 1 when
 * the state is another one then.
 */
int sk_check_status_record(struct sk_store *store, struct sk_writeback *row,
    const struct sk_api_status *said, int *changed, struct sk_error *err);

#endif
