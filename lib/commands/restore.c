/* SPDX-License-Identifier: MIT */
/*
 * restore: brings an older copy of the state file up to date from the server's list. If the list
 * changed while it was read, nothing is taken over (75), and still nothing may be sent.
 */
#include "commands/restore.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/text.h"
#include "base/time.h"
#include "store/content.h"
#include "store/pair.h"
#include "rules/rules.h"
#include "life/check_list.h"
#include "life/ledger.h"
#include "life/settle.h"

#define NAMED 5 /* ids in a message */

/*
 * Rows that are open and have no id may have been sent since the copy was made: they become
 * unknown.
 */
static int
doubt_rows(struct sk_session *session, struct sk_restored *restored, struct sk_error *err)
{
	const struct sk_filter open = {.states = SK_MASK(SK_QUEUED) | SK_MASK(SK_SUBMITTING)};
	const struct sk_fact fact = {.what = SK_RESTORED,
	    .error_code = sk_code_name(SK_CODE_RESTORED)};
	struct sk_writeback *rows;
	size_t n;
	int result = 0;

	if (sk_store_writebacks(session->store, &open, &rows, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n && result == 0; i++) {
		int held = sk_lock_is_held(session->lock, SK_LOCK_RUN, rows[i].run, err);

		if (held != 0) {
			result = held < 0
			    ? -1
			    : sk_error_set(err, SK_EXIT_TRY_LATER,
				  "run %lld is still running: wait until it has ended",
				  (long long)rows[i].run);
			break;
		}
		if (sk_ledger_record(session->store, &rows[i], &fact, NULL, err) == SK_RECORD_ERROR)
			result = -1;
		restored->n_unsure++;
	}
	sk_writebacks_free(rows, n);
	return result;
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

static void
fill_row(struct sk_writeback *row, const struct sk_api_listed *listed)
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
take_over(struct sk_session *session, const struct sk_api_listed *listed, struct sk_error *err)
{
	const struct sk_fact found = {.what = SK_RESTORED_FOUND, .writeback_id = listed->id};
	struct sk_writeback row = {0};
	int64_t holder = 0;
	int inserted, result = -1;

	fill_row(&row, listed);
	inserted = sk_store_writeback_insert(session->store, &row, &holder, err);
	if (inserted == 1)
		result = sk_ledger_record(session->store, &row, &found, NULL, err) == SK_RECORDED
		    ? 0
		    : -1;
	sk_writeback_fini(&row);
	return result;
}

static int
take_over_all(struct sk_session *session, struct sk_listing *list, int64_t highest,
    struct sk_restored *restored, struct sk_error *err)
{
	if (sk_section_begin(session, err) != 0)
		return -1;
	/*
	 * Making the pair whole lets requests be sent again. It must be in the same commit as the
	 * rows taken over: a state file that only looks up to date would send them a second time.
	 * After a crash before it all of this is done again. Numbers that the lost file has used are
	 * never used again.
	 */
	if (sk_store_writebacks_skip_to(session->store, highest, err) != 0 ||
	    sk_check_list_mark_owned(session, list, err) != 0)
		goto undo;
	for (size_t i = 0; i < list->n; i++) {
		const struct sk_api_listed *listed = &list->listed[i];

		if (list->owned[i])
			continue;
		if (listed->office_id == NULL || listed->method == NULL) {
			sk_out_warn("writeback %s has no office or method and is ignored",
			    listed->id);
			continue;
		}
		if (take_over(session, listed, err) != 0)
			goto undo;
		restored->n_taken_over++;
	}
	return sk_section_end(session, sk_pair_make_whole(session, err), err);
undo:
	return sk_section_end(session, -1, err);
}

int
sk_restore(const struct sk_check *check, struct sk_restored *restored, struct sk_error *err)
{
	struct sk_session *session = check->session;
	int64_t highest;
	struct sk_listing list;
	int result = -1;

	memset(restored, 0, sizeof(*restored));
	if (sk_copy_look(session, err) != 0)
		return -1;
	restored->was_behind = session->copy != SK_COPY_NONE;
	if (!restored->was_behind)
		return 0;
	highest = session->twin.row > session->twin.earlier_row ? session->twin.row
								: session->twin.earlier_row;
	if (sk_check_list_read(check->pool, sk_time_now() - SK_LIFE_FORGETS, &list, err) != 0)
		return -1;
	if (!list.whole) {
		sk_error_set(err, SK_EXIT_TRY_LATER,
		    "the server's list changed while it was read: run the command again");
		goto out;
	}
	if (sk_store_begin(session->store, err) != 0)
		goto out;
	if (doubt_rows(session, restored, err) != 0) {
		sk_store_rollback(session->store);
		goto out;
	}
	if (sk_store_commit(session->store, err) != 0)
		goto out;
	/*
	 * Rows of the file get their requests first. Only entries without an owner after that are
	 * unknown to the file.
	 */
	if (sk_settle_unknown(check, &list, err) == 0)
		result = take_over_all(session, &list, highest, restored, err);
out:
	sk_listing_fini(&list);
	return result;
}

/* Entries that no row has, by their ids; the first of them. */
static int
refuse_unowned(struct sk_session *session, struct sk_listing *list, struct sk_error *err)
{
	struct sk_text ids = {0};
	size_t n = 0;

	if (sk_check_list_mark_owned(session, list, err) != 0)
		return -1;
	for (size_t i = 0; i < list->n; i++)
		if (!list->owned[i] && n++ < NAMED)
			sk_text_add_format(&ids, "%s%s", n > 1 ? ", " : "", list->listed[i].id);
	if (n > 0)
		sk_error_set(err, SK_EXIT_TRY_LATER,
		    "the server has %zu requests that the state file doesn't have (%s%s), so "
		    "something "
		    "was sent since: sikka-sweep --after-restore; if another program sent them, "
		    "add "
		    "--unchecked",
		    n, sk_text_bytes(&ids), n > NAMED ? ", ..." : "");
	sk_text_fini(&ids);
	return n > 0 ? -1 : 0;
}

static int
compare_with_list(const struct sk_check *check, struct sk_error *err)
{
	struct sk_listing list;
	int result = -1;

	if (sk_check_list_read(check->pool, sk_time_now() - SK_LIFE_FORGETS, &list, err) != 0)
		return -1;
	if (!list.whole)
		sk_error_set(err, SK_EXIT_TRY_LATER,
		    "the server's list changed while it was read: run the command again");
	else
		result = refuse_unowned(check->session, &list, err);
	sk_listing_fini(&list);
	return result;
}

int
sk_restore_moved(const struct sk_check *check, int unchecked, struct sk_error *err)
{
	struct sk_session *session = check->session;

	if (sk_copy_look(session, err) != 0)
		return -1;
	if (session->copy == SK_COPY_BEHIND || session->copy == SK_COPY_FORKED)
		return sk_error_set(err, SK_EXIT_TRY_LATER,
		    "%s is older than its own lock file, so it wasn't only moved: sikka-sweep "
		    "--after-restore",
		    session->config.db);
	if ((!unchecked && compare_with_list(check, err) != 0) ||
	    sk_section_begin(session, err) != 0)
		return -1;
	return sk_section_end(session, sk_pair_make_whole(session, err), err);
}
