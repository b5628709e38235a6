/* SPDX-License-Identifier: MIT */
/*
 * poll_list: looks at many watched rows by one list. What a list shows as pending is noted in memory alone; what has
 * ended there is asked for; what it doesn't show goes on being asked for at its time. Private to poll.
 */
#ifndef SK_COMMANDS_POLL_LIST_H
#define SK_COMMANDS_POLL_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sk_listing;
struct sk_poll;

/* Moments on the monotonic clock. */
struct sk_poll_lists {
	int64_t due;        /* when the next list is read; 0: each row is asked for at its time */
	int64_t begun_at;   /* the last one; 0: none was */
	int64_t not_before; /* another process reads lists, or they can't be had */
	int64_t cost, took, cost_read_at; /* of a list: life/check_ways */
	int64_t *ended; /* what the list that is being read shows as ended; NULL: nobody asks */
	size_t n_ended;
};

/* Decides when the next list is read for the rows that are watched, and which rows wait for it. */
void sk_poll_list_plan(struct sk_poll *poll);

/* Reads it, when it is due. */
void sk_poll_list_look(struct sk_poll *poll);

/* Whether none can be had for the time being. */
bool sk_poll_list_is_barred(const struct sk_poll *poll);

/* For struct sk_check, as long as rows are watched: what a list says of them, whatever it is read for. */
void sk_poll_list_take(void *arg, struct sk_listing *list);

/* When to look at this again, but not later than latest. */
int64_t sk_poll_list_next(const struct sk_poll *poll, int64_t latest);

#endif
