/* SPDX-License-Identifier: MIT */
/*
 * life: which of the rows that were just taken over hold the same as another row. Nobody can tell any more
 * whether a proxy has repeated the request or somebody has meant it twice: a person hears of it.
 */
#include "life/settle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "store/event.h"
#include "life/alike.h"
#include "life/same.h"

#define LISTED (10 * SK_DAY) /* no list shows what was handed in earlier */

struct doubles {
	struct sk_session *session;
	const struct sk_listing *list;
	struct sk_writeback *rows;
	size_t n;
	int64_t first; /* the number of the first row that was taken over just now */
};

char *
sk_settle_words_of_double(const struct sk_writeback *row, const char *writeback_id,
    const char *advice)
{
	return sk_mem_printf("writeback %s holds the same as request %lld, which has "
			     "writeback %s: it may have been sent twice on its way. %s",
	    writeback_id, (long long)row->id, row->writeback_id, advice);
}

/* When the server got it: only to be compared with another of the server's times, which name no zone. */
static bool
came_at(const struct sk_api_listed *listed, int64_t *at)
{
	char text[SK_TIME_TEXT], *gap;

	if (listed->command_time == NULL)
		return false;
	snprintf(text, sizeof(text), "%.19sZ", listed->command_time);
	gap = strchr(text, ' ');
	if (gap != NULL)
		*gap = 'T';
	return sk_time_parse(text, at) == 0;
}

/*
 * The row's entry, where it counts: one that has failed was sent once more with reason. NULL where there is
 * none, or the row holds nothing that can be compared.
 */
static const struct sk_api_listed *
entry_of(const struct doubles *doubles, const struct sk_writeback *row)
{
	long at = row->writeback_id != NULL && row->content_key != NULL &&
		row->result != SK_FAILED && row->result != SK_WITHDRAWN
	    ? sk_listing_find(doubles->list, row->writeback_id)
	    : -1;

	return at >= 0 && doubles->list->listed[at].said != SK_SAID_FAILED
	    ? &doubles->list->listed[at]
	    : NULL;
}

/*
 * Equal requests that are farther apart are two, unless both were meant: so long a content is held. Where the
 * list doesn't say when they came, they may be close.
 */
static bool
are_close(const struct sk_api_listed *a, const struct sk_api_listed *b)
{
	int64_t one, other;

	if (!came_at(a, &one) || !came_at(b, &other))
		return true;
	return one - other <= SK_SAME_HOLDS && other - one <= SK_SAME_HOLDS;
}

static int
tell(const struct doubles *doubles, const struct sk_writeback *row,
    const struct sk_writeback *taken_over, struct sk_error *err)
{
	char *advice = sk_mem_printf("It is taken over as request %lld. If it is one too many: "
				     "sikka-sweep --withdraw %lld",
	    (long long)taken_over->id, (long long)taken_over->id);
	char *words = sk_settle_words_of_double(row, taken_over->writeback_id, advice);
	int result = sk_event_make(doubles->session->store, SK_EVENT_DOUBLED, row->office_id,
	    row->id, words, err);

	free(words);
	free(advice);
	return result;
}

/* The group's n-th row was taken over: the latest row before it that it may be a double of is told. */
static int
look_for_pair(const struct doubles *doubles, const struct sk_alike_group *group, size_t n,
    struct sk_error *err)
{
	const struct sk_writeback *row = &doubles->rows[group->rows[n]];
	const struct sk_api_listed *listed = entry_of(doubles, row);

	while (listed != NULL && n-- > 0) {
		const struct sk_writeback *other = &doubles->rows[group->rows[n]];
		const struct sk_api_listed *others = entry_of(doubles, other);

		if (others != NULL && are_close(listed, others))
			return tell(doubles, other, row, err);
	}
	return 0;
}

static int
look_at_group(const struct doubles *doubles, const struct sk_alike_group *group,
    struct sk_error *err)
{
	for (size_t i = 1; i < group->n_rows && !group->is_unsure; i++)
		if (doubles->rows[group->rows[i]].id >= doubles->first &&
		    look_for_pair(doubles, group, i, err) != 0)
			return -1;
	return 0;
}

int
sk_settle_tell_doubles(struct sk_session *session, const struct sk_listing *list, int64_t first,
    struct sk_error *err)
{
	const struct sk_filter recent = {.queued_since = sk_time_now() - LISTED};
	struct doubles doubles = {.session = session, .list = list, .first = first};
	struct sk_alike alike;
	int result = 0;

	if (sk_store_writebacks(session->store, &recent, &doubles.rows, &doubles.n, err) != 0)
		return -1;
	sk_alike_make(&alike, doubles.rows, doubles.n, NULL, 0, sk_match_is_unowned, list);
	for (size_t i = 0; i < alike.n && result == 0; i++)
		result = look_at_group(&doubles, &alike.groups[i], err);
	sk_alike_fini(&alike);
	sk_writebacks_free(doubles.rows, doubles.n);
	return result;
}
