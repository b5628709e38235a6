/* SPDX-License-Identifier: MIT */
/*
 * list_turn: whose turn it is to read the server's list, and when one is due (sikka-life(7), Lists). One
 * is read at a time among all processes of a state file.
 */
#ifndef SK_LIFE_LIST_TURN_H
#define SK_LIFE_LIST_TURN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "store/session.h"
#include "calls/pool.h"

enum sk_list_turn {
	SK_TURN_ERROR = -1,
	SK_TURN_ANOTHERS, /* another process has it */
	SK_TURN_OURS      /* until sk_list_turn_end */
};

/*
 * Takes the turn, unless another process has it: for who may leave the list to that one. Whoever had it
 * before, and is settling by its list, is waited for up to 5 s.
 */
enum sk_list_turn sk_list_turn_take(struct sk_pool *pool, struct sk_error *err);

/* Waits up to 90 s until the turn is ours, as with sk_list_turn_take: 0; -1 (75 when it takes too long). */
int sk_list_turn_await(struct sk_pool *pool, struct sk_error *err);

void sk_list_turn_end(struct sk_session *session);

/*
 * For who has read a list and settles by it now: ends the turn, and lets the next one wait for a while,
 * until sk_list_turn_settled. Whoever holds the turn itself keeps all others from reading, for as long as it
 * may be stopped.
 */
void sk_list_turn_settle(struct sk_session *session);
void sk_list_turn_settled(struct sk_session *session);

/* In the commit that begins a list; and when the state file was settled by one. */
int sk_list_turn_note_begun(struct sk_store *store, int64_t at, struct sk_error *err);
int sk_list_turn_note_read(struct sk_store *store, int64_t begun_at, struct sk_error *err);

/* When the latest list that the state file was settled by was begun; 0: none, or it can't be read. */
int64_t sk_list_turn_read_at(struct sk_store *store);

/*
 * From which moment on a list has to cover what was sent, for all rows that wait for one or are looked for,
 * at that time: 0 none does.
 */
int sk_list_turn_since(struct sk_store *store, int64_t now, int64_t *since, struct sk_error *err);

/* Whether any row waits for a list: 1, 0, -1. */
int sk_list_turn_is_awaited(struct sk_store *store, struct sk_error *err);

/*
 * Whether a list should be read now, whatever else this process does: a hold waits for one, or none was for 10 minutes while a row
 * waits for one, or for 6 hours while one is looked for; nor was one begun within the last minute.
 */
bool sk_list_turn_is_due(struct sk_store *store);

/*
 * Whether a list that is overdue in this way is being read at this moment, by any process: then other
 * calls let it go first.
 */
bool sk_list_turn_goes_first(struct sk_session *session);

#endif
