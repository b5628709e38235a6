/* SPDX-License-Identifier: MIT */
/*
 * life: what the choice between the two ways of asking depends on. What can't be read counts as unknown:
 * the choice is never wrong, only dear.
 */
#include "life/check_ways.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "life/ways.h"

#define LIST_PAGES "list_pages"
#define PAGE_TOOK "list_page_took"
#define STATUS_TOOK "status_took"

int64_t
sk_check_ways_chance(const struct sk_writeback *row, int64_t now)
{
	int64_t age = now - row->submitted_at;

	if (age < 15 * SK_SECOND)
		return 0;
	if (age < SK_MINUTE)
		return 50;
	/*
	 * A row that was still pending at its last check, later than that, tends to stay so: its
	 * practice is switched off.
	 */
	return row->check_count <= 1 ? 100 : age < 10 * SK_MINUTE ? 25 : 2;
}

/* Rows whose choice the windows weigh in; the others cost as in windows that are free. */
static bool
is_weighed(const struct sk_writeback *row)
{
	return row->result == SK_PENDING && row->writeback_id != NULL;
}

static int
compare_offices(const void *a, const void *b)
{
	const struct sk_writeback *left = *(const struct sk_writeback *const *)a,
				  *right = *(const struct sk_writeback *const *)b;

	return strcmp(left->office_id, right->office_id);
}

/*
 * Counts the rows by office. offices and windows have room for n + 1; offices[0] has those that aren't
 * weighed, and windows[0] is the application's. Returns how many there are.
 */
static size_t
count_rows(const struct sk_writeback *rows, size_t n, struct sk_ways_office *offices,
    struct sk_pool_window *windows)
{
	const struct sk_writeback **sorted = sk_mem_zero(n + 1, sizeof(*sorted));
	int64_t now = sk_time_now();
	size_t n_offices = 1, n_sorted = 0;

	for (size_t i = 0; i < n; i++) {
		if (is_weighed(&rows[i])) {
			sorted[n_sorted++] = &rows[i];
			continue;
		}
		offices[0].rows++;
		offices[0].ended += sk_check_ways_chance(&rows[i], now);
	}
	qsort(sorted, n_sorted, sizeof(*sorted), compare_offices);
	for (size_t i = 0; i < n_sorted; i++) {
		if (i == 0 || compare_offices(&sorted[i - 1], &sorted[i]) != 0)
			windows[n_offices++].office_id = sorted[i]->office_id;
		offices[n_offices - 1].rows++;
		offices[n_offices - 1].ended += sk_check_ways_chance(sorted[i], now);
	}
	free(sorted);
	return n_offices;
}

bool
sk_check_ways_prefer_list(const struct sk_check *check, const struct sk_writeback *rows, size_t n)
{
	struct sk_store *store = check->session->store;
	struct sk_ways_office *offices = sk_mem_zero(n + 1, sizeof(*offices));
	struct sk_pool_window *windows = sk_mem_zero(n + 1, sizeof(*windows));
	struct sk_ways ways = {.offices = offices,
	    .n = count_rows(rows, n, offices, windows),
	    .pages = sk_store_fact(store, LIST_PAGES),
	    .page_took = sk_store_fact(store, PAGE_TOOK),
	    .status_took = sk_store_fact(store, STATUS_TOOK),
	    .is_waited_for = check->is_waited_for};
	bool prefers;

	sk_pool_look_at_windows(check->pool, windows, ways.n);
	ways.application = windows[0].left;
	for (size_t i = 1; i < ways.n; i++)
		offices[i].window = windows[i].left;
	offices[0].window = (struct sk_rate_left){.left = offices[0].rows, .of = offices[0].rows};
	prefers = sk_ways_prefers_list(&ways);
	free(windows);
	free(offices);
	return prefers;
}

int64_t
sk_check_ways_list_cost(struct sk_pool *pool, int64_t *took)
{
	struct sk_store *store = sk_pool_session(pool)->store;
	struct sk_pool_window window = {0};
	struct sk_ways ways = {.pages = sk_store_fact(store, LIST_PAGES),
	    .page_took = sk_store_fact(store, PAGE_TOOK)};

	*took = ways.pages > 0 ? ways.pages * ways.page_took : SK_WAYS_PAGE_TAKES;
	sk_pool_look_at_windows(pool, &window, 1);
	ways.application = window.left;
	return sk_ways_list_cost(&ways);
}

int
sk_check_ways_note_list(struct sk_store *store, const struct sk_listing *list, struct sk_error *err)
{
	if (list->n_pages == 0)
		return 0;
	if (sk_store_fact_set(store, LIST_PAGES, list->n_pages, err) != 0)
		return -1;
	return sk_store_fact_set(store, PAGE_TOOK, list->took / list->n_pages, err);
}

static int64_t
at_least_usual(int64_t took)
{
	return took > SK_WAYS_STATUS_TAKES ? took : SK_WAYS_STATUS_TAKES;
}

void
sk_check_ways_note_status(struct sk_store *store, int64_t took)
{
	int64_t known = at_least_usual(sk_store_fact(store, STATUS_TOOK)),
		now = at_least_usual(took);
	struct sk_error ignored = {0};

	if (now > known * 3 / 2 || now < known * 2 / 3)
		sk_store_fact_set(store, STATUS_TOOK, now, &ignored);
}
