/* SPDX-License-Identifier: MIT */
/*
 * sweep: a person says that entries of the server's list were sent by another program. What may be one
 * of ours is refused. Each entry is decided about by itself, in one transaction.
 */
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/time.h"
#include "store/content.h"
#include "store/event.h"
#include "store/not_ours.h"
#include "rules/rules.h"
#include "life/check_list.h"
#include "life/life.h"
#include "commands/sweep_parts.h"

/* Whether the entry may still turn out to be the row's. */
static bool
may_want(const struct sk_writeback *row, const struct sk_api_listed *listed)
{
	int64_t since = sk_time_now() - SK_LIFE_LATE;

	if (row->writeback_id != NULL)
		return false;
	/* Its request may be spelled there in a way that we don't know. */
	if (row->result == SK_UNKNOWN && sk_match_is_kind(row, listed))
		return true;
	return (row->result == SK_UNKNOWN || row->result == SK_SUBMITTING ||
		   row->not_received_at > since || row->resolved_at > since) &&
	    sk_match_is_strict(row, listed);
}

/* The row that stands in the way: 1 and *id; 0 none; -1 error. */
static int
find_in_the_way(struct sk_sweep *sweep, const struct sk_api_listed *listed, int64_t *id,
    struct sk_error *err)
{
	const struct sk_filter filters[] = {
	    {.states = SK_MASK(SK_UNKNOWN) | SK_MASK(SK_SUBMITTING)},
	    {.with_not_received = 1},
	    {.resolved_since = sk_time_now() - SK_LIFE_LATE},
	};
	int found = 0;

	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]) && found == 0; i++) {
		struct sk_writeback *rows;
		size_t n;

		if (sk_store_writebacks(sweep->session->store, &filters[i], &rows, &n, err) != 0)
			return -1;
		for (size_t j = 0; j < n && found == 0; j++) {
			found = may_want(&rows[j], listed);
			*id = rows[j].id;
		}
		sk_writebacks_free(rows, n);
	}
	return found;
}

static int
judge(struct sk_sweep *sweep, const struct sk_api_listed *listed, struct sk_error *err)
{
	int64_t row;
	int found = sk_store_writeback_owner(sweep->session->store, listed->id, &row, err);

	if (found == 1)
		return sk_error_set(err, SK_EXIT_FAILED, "writeback %s belongs to request %lld",
		    listed->id, (long long)row);
	if (found == 0 && !sweep->options->unchecked)
		found = find_in_the_way(sweep, listed, &row, err);
	if (found == 1)
		return sk_error_set(err, SK_EXIT_FAILED,
		    "writeback %s may be request %lld (sikka-sweep -n shows what differs): settle "
		    "that "
		    "one first, or add --unchecked if you are sure that another program sent it",
		    listed->id, (long long)row);
	return found;
}

static int
note(struct sk_sweep *sweep, const struct sk_api_listed *listed, struct sk_error *err)
{
	struct sk_not_ours entry = {.writeback_id = listed->id, .office_id = listed->office_id};
	char *endpoint, *content, *text;
	size_t n_secrets;
	json_t *all = sk_api_listed_fields(listed, &endpoint);
	json_t *fields = sk_rules_without_secrets(all, &n_secrets);
	int result;

	/* Without an echo nothing of it can be compared. */
	content = json_object_size(fields) > 0
	    ? sk_content_listed(listed->office_id, listed->method, endpoint, fields)
	    : NULL;
	entry.content_key = content;
	text = sk_mem_printf("writeback %s was sent by another program, says a person with "
			     "--not-ours%s",
	    listed->id, sweep->options->unchecked ? " --unchecked" : "");
	result = sk_store_not_ours_add(sweep->session->store, &entry, sk_time_now(), err);
	if (result == 0)
		result = sk_event_make(sweep->session->store, SK_EVENT_NOT_OURS, listed->office_id,
		    0, text, err);
	json_decref(all);
	json_decref(fields);
	free(endpoint);
	free(content);
	free(text);
	return result;
}

static int
decide(struct sk_sweep *sweep, const struct sk_listing *list, const char *id, struct sk_error *err)
{
	struct sk_store *store = sweep->session->store;
	long entry = sk_listing_find(list, id);
	int result;

	if (entry < 0 || list->listed[entry].office_id == NULL ||
	    list->listed[entry].method == NULL)
		return sk_error_set(err, SK_EXIT_BAD_DATA,
		    "writeback %s isn't in the server's list, or without its office and method",
		    id);
	if (sk_store_begin(store, err) != 0)
		return -1;
	result = judge(sweep, &list->listed[entry], err);
	if (result == 0)
		result = note(sweep, &list->listed[entry], err);
	if (result == 0)
		return sk_store_commit(store, err);
	sk_store_rollback(store);
	return -1;
}

void
sk_sweep_not_ours(struct sk_sweep *sweep)
{
	struct sk_listing list;
	struct sk_error err = {0};

	if (sweep->options->n_not_ours == 0 || sk_sweep_go_online(sweep) != 0)
		return;
	if (sk_check_list_show(sweep->pool, sk_time_now() - SK_LIFE_FORGETS, &list, &err) != 0) {
		sk_sweep_note(sweep, &err);
		return;
	}
	for (size_t i = 0; i < sweep->options->n_not_ours; i++) {
		struct sk_error one = {0};

		decide(sweep, &list, sweep->options->not_ours[i], &one);
		sk_sweep_note(sweep, &one);
	}
	sk_listing_fini(&list);
}
