/* SPDX-License-Identifier: MIT */
/*
 * restore: what becomes of the copy's own rows, and the rows that are taken over from the lists. The last
 * commit makes the pair whole; after a crash before it all of this is done again, and gives the same.
 */
#include "commands/restore_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/time.h"
#include "store/content.h"
#include "store/event.h"
#include "store/pair.h"
#include "store/restored.h"
#include "rules/rules.h"
#include "life/check_list.h"
#include "life/ledger.h"

/* Rows that are open and have no id may have been sent since the copy was made. */
static int
doubt_rows(struct sk_restoring *restoring, struct sk_error *err)
{
	const struct sk_filter open = {.states = SK_MASK(SK_QUEUED) | SK_MASK(SK_SUBMITTING)};
	const struct sk_fact fact = {.what = SK_RESTORED,
	    .error_code = sk_code_name(SK_CODE_RESTORED)};
	struct sk_store *store = restoring->session->store;
	struct sk_writeback *rows;
	size_t n;
	int result = 0;

	if (sk_store_writebacks(store, &open, &rows, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n && result == 0; i++)
		if (sk_ledger_record(store, &rows[i], &fact, NULL, err) == SK_RECORD_ERROR)
			result = -1;
	sk_writebacks_free(rows, n);
	return result;
}

int
sk_restore_doubt(struct sk_restoring *restoring, struct sk_error *err)
{
	struct sk_store *store = restoring->session->store;

	if (sk_store_begin(store, err) != 0)
		return -1;
	if (sk_store_restored_mark(store, err) == 0 &&
	    sk_store_restored_forget_lists(store, err) == 0 && doubt_rows(restoring, err) == 0)
		return sk_store_commit(store, err);
	sk_store_rollback(store);
	return -1;
}

/* The operation of a listed request, by its method and path; "raw" when none fits. */
static const char *
operation_of(const struct sk_api_listed *listed)
{
	size_t n;
	const char *const *names = sk_rules_names(&n);

	for (size_t i = 0; i < n; i++) {
		const struct sk_operation *operation = sk_rules_find(names[i]);

		if (sk_api_listed_is_call(listed, sk_rules_method(operation),
			sk_rules_path(operation)))
			return names[i];
	}
	return "raw";
}

void
sk_restore_fill(struct sk_writeback *row, const struct sk_api_listed *listed)
{
	json_t *all = sk_api_listed_fields(listed, &row->endpoint);
	size_t n_secrets;
	json_t *fields = sk_rules_without_secrets(all, &n_secrets);

	json_decref(all);
	row->has_secret = n_secrets > 0;
	row->office_id = sk_mem_copy(listed->office_id);
	row->practice_id = sk_json_member_text(fields, "practice_id");
	row->operation = sk_mem_copy(operation_of(listed));
	row->method = sk_mem_copy(listed->method);
	/* Without an echo nothing of it can be compared. */
	if (json_object_size(fields) > 0) {
		row->request_body = json_dumps(fields, JSON_COMPACT);
		row->content_key =
		    sk_content_listed(row->office_id, row->method, row->endpoint, fields);
	}
	row->unclaimed = 1;
	row->holds_key = 1;
	/* What the server has it has, also twice, and also beside an equal row of the file. */
	row->holds_content = SK_CONTENT_BESIDE;
	row->result = SK_QUEUED;
	row->queued_at = sk_time_now();
	row->submitted_at = row->queued_at;
	json_decref(fields);
}

static int
take_over(struct sk_restoring *restoring, const struct sk_api_listed *listed, struct sk_error *err)
{
	const struct sk_fact found = {.what = SK_RESTORED_FOUND, .writeback_id = listed->id};
	struct sk_store *store = restoring->session->store;
	struct sk_writeback row = {0};
	int64_t holder = 0;
	int result = -1;

	if (listed->office_id == NULL || listed->method == NULL) {
		sk_out_warn("writeback %s has no office or method and is ignored", listed->id);
		return 0;
	}
	sk_restore_fill(&row, listed);
	if (sk_store_writeback_insert(store, &row, &holder, err) == 1 &&
	    sk_ledger_record(store, &row, &found, NULL, err) == SK_RECORDED)
		result = 0;
	sk_writeback_fini(&row);
	restoring->n_taken_over++;
	return result;
}

static int
take_over_all(struct sk_restoring *restoring, struct sk_error *err)
{
	struct sk_listing *list = &restoring->either;

	if (sk_check_list_mark_owned(restoring->session, list, err) != 0)
		return -1;
	for (size_t i = 0; i < list->n; i++)
		if (list->owned[i] == SK_OWNED_BY_NOBODY &&
		    take_over(restoring, &list->listed[i], err) != 0)
			return -1;
	return 0;
}

/* What is still unknown: the lists have shown the requests of some of the rows that were in doubt. */
static int
count_unsure(struct sk_restoring *restoring, struct sk_error *err)
{
	struct sk_mark *marks;
	size_t n;

	if (sk_store_writebacks_unsettled(restoring->session->store, &marks, &n, err) != 0)
		return -1;
	restoring->n_unsure = n;
	free(marks);
	return 0;
}

/* Who, from where and when: the event's run says so. */
static int
make_event(const struct sk_restoring *restoring, struct sk_error *err)
{
	const char *gap = sk_text_bytes(&restoring->gap);
	char *text = sk_mem_printf(
	    "a person said that an older copy was put back: %zu requests are "
	    "unknown now, %zu were added from the server's lists%s%s",
	    restoring->n_unsure, restoring->n_taken_over,
	    gap[0] != '\0' ? "; what else was sent isn't known, which was accepted: " : "", gap);
	int result =
	    sk_event_make(restoring->session->store, SK_EVENT_RESTORED, NULL, 0, text, err);

	free(text);
	return result;
}

/*
 * Making the pair whole lets requests be sent again. It must be in the same commit as the rows taken over:
 * a state file that only looks up to date would send them a second time. Numbers that the lost file has
 * used are never used again.
 */
int
sk_restore_take_over(struct sk_restoring *restoring, struct sk_error *err)
{
	struct sk_session *session = restoring->session;
	struct sk_store *store = session->store;
	int result = -1;

	if (sk_section_begin(session, err) != 0)
		return -1;
	if (sk_restore_check_runs(session, err) == 0 &&
	    sk_store_writebacks_skip_to(store, session->section.twin.row, err) == 0 &&
	    sk_store_writebacks_skip_to(store, session->section.twin.earlier_row, err) == 0 &&
	    take_over_all(restoring, err) == 0 && sk_store_restored_forget_lists(store, err) == 0 &&
	    count_unsure(restoring, err) == 0 && make_event(restoring, err) == 0)
		result = sk_pair_make_whole(session, err);
	return sk_section_end(session, result, err);
}
