/* SPDX-License-Identifier: MIT */
/* status: which requests are shown, with their records or with what has happened to them. */
#include <stdbool.h>

#include "base/out.h"
#include "life/ledger.h"
#include "commands/status_parts.h"

#define AT_ONCE 1000 /* rows in each read of the whole journal */

static int
tell_row(struct sk_session *session, const struct sk_writeback *row,
    const struct sk_status_list *list, struct sk_error *err)
{
	json_t *record;
	int result;

	if (list->is_history)
		return sk_status_tell_history(session, row, err);
	record = sk_ledger_json(row, NULL, list->with_body);
	result = sk_out_record(record, err);
	json_decref(record);
	return result;
}

static int
tell_rows(struct sk_session *session, const struct sk_filter *filter,
    const struct sk_status_list *list, struct sk_error *err)
{
	struct sk_writeback *rows;
	size_t n;
	int result = 0;

	if (sk_store_writebacks(session->store, filter, &rows, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n && result == 0; i++)
		result = tell_row(session, &rows[i], list, err);
	sk_writebacks_free(rows, n);
	return result;
}

/* The whole journal may be large: so it is read by row numbers, in pieces. */
static int
tell_all(struct sk_session *session, const struct sk_filter *wide,
    const struct sk_status_list *list, struct sk_error *err)
{
	int64_t ids[AT_ONCE], highest, id = 1;
	struct sk_filter filter = *wide;

	if (sk_store_writebacks_highest(session->store, &highest, err) != 0)
		return -1;
	filter.ids = ids;
	while (id <= highest && !sk_out_is_closed()) {
		for (filter.n_ids = 0; filter.n_ids < AT_ONCE && id <= highest; id++)
			ids[filter.n_ids++] = id;
		if (tell_rows(session, &filter, list, err) != 0)
			return -1;
	}
	return 0;
}

/* Whether an index leaves only few rows to read. */
static bool
is_narrow(const struct sk_filter *filter)
{
	return filter->n_ids > 0 || filter->writeback_id != NULL || filter->n_offices > 0 ||
	    filter->queued_since != 0 ||
	    (filter->states != 0 && (filter->states & SK_MASK(SK_COMPLETED)) == 0);
}

/* Reports ids that don't exist; ids that another condition excludes are no error. */
static int
miss_ids(struct sk_session *session, const struct sk_status_list *list, enum sk_exit *exit,
    struct sk_error *err)
{
	for (size_t i = 0; i < list->n_ids; i++) {
		struct sk_writeback row = {0};
		int found = sk_store_writeback_get(session->store, list->ids[i], &row, err);

		if (found < 0)
			return -1;
		sk_writeback_fini(&row);
		if (found)
			continue;
		sk_out_tell("there is no request %lld in the state file: sikka-status --writebacks "
			    "shows those that it has",
		    (long long)list->ids[i]);
		*exit = SK_EXIT_BAD_DATA;
	}
	return 0;
}

enum sk_exit
sk_status_list(struct sk_session *session, const struct sk_status_list *list, struct sk_error *err)
{
	struct sk_filter filter = {.states = list->states,
	    .offices = session->common->offices,
	    .n_offices = session->common->n_offices,
	    .ids = list->ids,
	    .n_ids = list->n_ids,
	    .queued_since = list->since,
	    .key = list->key,
	    .writeback_id = list->writeback_id,
	    .appointment = list->appointment,
	    .patient = list->patient,
	    .error_code = list->error_code};
	enum sk_exit exit = SK_EXIT_OK;
	int result;

	result = is_narrow(&filter) ? tell_rows(session, &filter, list, err)
				    : tell_all(session, &filter, list, err);
	if (result != 0 || miss_ids(session, list, &exit, err) != 0)
		return err->code;
	return exit;
}
