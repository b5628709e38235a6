/* SPDX-License-Identifier: MIT */
/* ledger: how a row is told: the exit code for its state, and its record in JSON. */
#include <stdio.h>

#include "base/json.h"
#include "base/time.h"
#include "life/ledger.h"

enum sk_exit
sk_ledger_exit(const struct sk_writeback *row)
{
	switch (row->result) {
	case SK_COMPLETED:
		return SK_EXIT_OK;
	case SK_FAILED:
	case SK_WITHDRAWN:
		return SK_EXIT_FAILED;
	case SK_UNKNOWN:
		return SK_EXIT_UNKNOWN;
	default:
		return SK_EXIT_PENDING;
	}
}

const struct sk_column SK_LEDGER_COLUMNS[] = {{"id", 1, false, 6}, {"key", 5, false, 16},
    {"duplicate", 11, false, 9}, {"writeback_id", 7, false, 12}, {"office_id", 4, false, 9},
    {"operation", 3, false, 20}, {"result", 1, false, 9}, {"error_code", 6, false, 14},
    {"error_message", 2, true, 24}, {"created_id", 10, false, 10},
    {"appointment_sr_no", 9, false, 17}, {"submitted_at", 8, false, 24}, {0}};

static void
set_time(json_t *record, const char *name, int64_t moment)
{
	char text[SK_TIME_TEXT];

	sk_json_set(record, name, moment != 0 ? sk_time_format(moment, text) : NULL);
}

void
sk_ledger_json_request(json_t *record, const struct sk_writeback *row)
{
	sk_json_set(record, "office_id", row->office_id);
	sk_json_set(record, "practice_id", row->practice_id);
	sk_json_set(record, "operation", row->operation);
	sk_json_set(record, "method", row->method);
	sk_json_set(record, "endpoint", row->endpoint);
}

void
sk_ledger_json_origin(json_t *record, const struct sk_origin *origin, const char *key)
{
	if (origin != NULL && origin->line > 0) {
		json_object_set_new(record, "line", json_integer((json_int_t)origin->line));
		sk_json_set(record, "file", origin->file);
	}
	sk_json_set(record, "key", key);
}

/* A field of the same meaning has another name in some operations: the first that is there. */
static void
show_first_of(json_t *record, const char *as, const json_t *fields, const char *const *names)
{
	const char *text = NULL;

	for (; *names != NULL && text == NULL; names++)
		text = sk_json_string(fields, *names);
	sk_json_set(record, as, text);
}

void
sk_ledger_json_known(json_t *record, const json_t *fields)
{
	static const char *const dates[] = {"date", "appointment_date", NULL};
	static const char *const times[] = {"time", "appointment_time", NULL};
	static const char *const patients[] = {"patient_id", NULL};
	static const char *const texts[] = {"description", "text", "note", "notes", NULL};

	show_first_of(record, "date", fields, dates);
	show_first_of(record, "time", fields, times);
	show_first_of(record, "patient_id", fields, patients);
	show_first_of(record, "text", fields, texts);
}

json_t *
sk_ledger_json(const struct sk_writeback *row, const struct sk_asked *asked, int with_body)
{
	json_t *record = json_object();
	char id[24];

	snprintf(id, sizeof(id), "%lld", (long long)row->id);
	sk_json_set(record, "id", row->id != 0 ? id : NULL);
	sk_ledger_json_origin(record, asked != NULL ? &asked->origin : NULL, row->key);
	json_object_set_new(record, "duplicate",
	    json_boolean(asked != NULL && asked->is_duplicate));
	sk_json_set(record, "writeback_id", row->writeback_id);
	sk_ledger_json_request(record, row);
	sk_json_set(record, "result", row->id != 0 ? sk_state_name(row->result) : NULL);
	sk_json_set(record, "error_code", row->error_code);
	sk_json_set(record, "error_message", row->error_message);
	sk_json_set(record, "created_id", row->created_id);
	sk_json_set(record, "appointment_sr_no", row->appointment_sr_no);
	set_time(record, "submitted_at", row->submitted_at);
	set_time(record, "completed_at", row->completed_at);
	set_time(record, "last_checked_at", row->last_checked_at);
	json_object_set_new(record, "check_count", json_integer(row->check_count));
	json_object_set_new(record, "attempts", json_integer(row->attempts));
	if (with_body && row->request_body != NULL)
		json_object_set_new(record, "body", sk_writeback_body(row));
	return record;
}
