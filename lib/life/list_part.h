/* SPDX-License-Identifier: MIT */
/*
 * list_part: one part of the server's list: the pages of one request's days, and whether they prove what
 * they lack (sikka-life(7), Lists).
 */
#ifndef SK_LIFE_LIST_PART_H
#define SK_LIFE_LIST_PART_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "api/api.h"
#include "api/writeback.h"
#include "calls/pool.h"
#include "life/days.h"

struct sk_list_part {
	struct sk_api_listed *listed; /* with texts of their own */
	size_t n, room;               /* entries that have an id */
	size_t n_records;             /* all of them */
	bool whole;
	bool is_undated;       /* an answer had no Date */
	int64_t n_pages, took; /* ms, all of them together */
};

/*
 * Reads all pages of the days, a few times when they move meanwhile. 0; -1 with err, and the part is
 * empty.
 */
int sk_list_part_read(struct sk_pool *pool, const struct sk_days *days, struct sk_list_part *part,
    struct sk_error *err);

void sk_list_part_fini(struct sk_list_part *part);

/*
 * Whether a part is whole, of which these pages were read and these entries have ids, in the order of the
 * pages. Pure.
 */
bool sk_list_part_is_whole(const struct sk_api_pages *pages, const struct sk_api_listed *listed,
    size_t n);

#endif
