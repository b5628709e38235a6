/* SPDX-License-Identifier: MIT */
/*
 * taken_over: makes a row of an entry of the list. Of what the entry doesn't show nothing is made up; the
 * error is the caller's, and so is the transaction.
 */
#include "commands/taken_over.h"

#include "base/json.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "base/time.h"
#include "store/content.h"
#include "rules/rules.h"
#include "life/ledger.h"

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
sk_taken_over_fill(struct sk_writeback *row, const struct sk_api_listed *listed)
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
		row->request_body = sk_json_dump(fields);
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

bool
sk_taken_over_is_dark(const struct sk_writeback *row)
{
	return row->content_key == NULL && row->purged_at == 0;
}

char *
sk_taken_over_hint(const struct sk_writeback *row)
{
	if (!row->unclaimed || !sk_taken_over_is_dark(row) || row->writeback_id == NULL)
		return sk_mem_copy("");
	return sk_mem_printf("; when you know whose it is: sikka-sweep --adopt %s, or sikka-sweep "
			     "--not-ours %s",
	    row->writeback_id, row->writeback_id);
}

int
sk_taken_over_add(struct sk_store *store, struct sk_writeback *row,
    const struct sk_api_listed *listed, enum sk_happening what, const char *note,
    struct sk_error *err)
{
	const struct sk_fact found = {.what = what, .writeback_id = listed->id, .note = note};
	int64_t holder = 0;

	if (sk_store_writeback_insert(store, row, &holder, err) != 1)
		return -1;
	return sk_ledger_record(store, row, &found, NULL, err) == SK_RECORDED ? 0 : -1;
}
