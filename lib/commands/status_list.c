/* SPDX-License-Identifier: MIT */
/* status: which requests are shown, with their records or with what has happened to them. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/out.h"
#include "base/text.h"
#include "base/time.h"
#include "store/archive.h"
#include "store/known_copies.h"
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

/* The files to which requests were taken out, in words; "" if none was. The caller's. */
static char *
archives(struct sk_session *session)
{
	struct sk_error ignored = {0};
	struct sk_known_copy *copies;
	struct sk_text names = {0};
	size_t n;

	if (sk_store_copies_known(session->store, &copies, &n, &ignored) != 0)
		return sk_mem_copy("");
	for (size_t i = 0; i < n; i++)
		if (strcmp(copies[i].kind, "archive") == 0)
			sk_text_add_format(&names, "%s%s", names.used > 0 ? ", " : "",
			    copies[i].file);
	sk_known_copies_free(copies, n);
	return sk_text_take(&names);
}

/* Of a row that was taken out only its key is known, if it had one. */
static void
tell_missing(struct sk_session *session, int64_t id, const struct sk_writeback *kept)
{
	char *files = archives(session), moment[SK_TIME_TEXT];

	if (kept != NULL)
		sk_out_tell("request %lld was taken out of the state file: it was %s at %s; see %s",
		    (long long)id, sk_state_name(kept->result),
		    sk_time_format(kept->completed_at, moment), files);
	else if (*files != '\0')
		sk_out_tell(
		    "there is no request %lld in the state file: it may have been taken out "
		    "(sikka-sweep --archive-after): see %s",
		    (long long)id, files);
	else
		sk_out_tell("there is no request %lld in the state file: sikka-status --writebacks "
			    "shows those that it has",
		    (long long)id);
	free(files);
}

/* Reports ids that don't exist; ids that another condition excludes are no error. */
static int
miss_ids(struct sk_session *session, const struct sk_status_list *list, enum sk_exit *exit,
    struct sk_error *err)
{
	for (size_t i = 0; i < list->n_ids; i++) {
		struct sk_writeback row = {0};
		int found = sk_store_writeback_get(session->store, list->ids[i], &row, err);
		int kept = found == 0
		    ? sk_store_archive_recall(session->store, list->ids[i], &row, err)
		    : 0;

		if (found < 0 || kept < 0)
			return -1;
		if (found == 0) {
			tell_missing(session, list->ids[i], kept == 1 ? &row : NULL);
			*exit = SK_EXIT_BAD_DATA;
		}
		sk_writeback_fini(&row);
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
