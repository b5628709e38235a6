/* SPDX-License-Identifier: MIT */
/* status: what has happened to requests, and who has changed something. */
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/time.h"
#include "store/past.h"
#include "commands/status_parts.h"

const struct sk_column SK_STATUS_HISTORY_COLUMNS[] = {{"id", 3, false, 6}, {"at", 1, false, 24},
    {"event", 1, false, 17}, {"command", 4, false, 15}, {"user", 2, false, 8},
    {"host", 5, false, 12}, {"run", 6, false, 6}, {"key", 7, false, 16}, {"text", 2, true, 24},
    {0}};

const struct sk_column SK_STATUS_RUN_COLUMNS[] = {{"run", 1, false, 6}, {"command", 1, false, 15},
    {"started_at", 1, false, 24}, {"latest_at", 6, false, 24}, {"user", 2, false, 8},
    {"host", 3, false, 12}, {"pid", 7, false, 7}, {"parent", 5, false, 15},
    {"changes", 4, false, 7}, {"requests", 4, false, 8}, {0}};

static void
set_id(json_t *record, const char *name, int64_t id)
{
	char *text = id != 0 ? sk_mem_printf("%lld", (long long)id) : NULL;

	sk_json_set(record, name, text);
	free(text);
}

static void
set_moment(json_t *record, const char *name, int64_t moment)
{
	char text[SK_TIME_TEXT];

	sk_json_set(record, name, moment != 0 ? sk_time_format(moment, text) : NULL);
}

/* Who it was, and from where. */
static void
set_who(json_t *record, const struct sk_run *run)
{
	sk_json_set(record, "user", run->user);
	sk_json_set(record, "uid", run->uid);
	sk_json_set(record, "host", run->host);
	sk_json_set(record, "pid", run->pid);
	sk_json_set(record, "parent", run->parent);
}

static json_t *
happening_json(const struct sk_writeback *row, const struct sk_happened *happened)
{
	json_t *record = json_object();

	set_id(record, "event_id", happened->id);
	set_moment(record, "at", happened->at);
	sk_json_set(record, "event", happened->kind);
	sk_json_set(record, "office_id", row->office_id);
	set_id(record, "id", row->id);
	sk_json_set(record, "key", row->key);
	sk_json_set(record, "writeback_id", row->writeback_id);
	sk_json_set(record, "operation", row->operation);
	sk_json_set(record, "endpoint", row->endpoint);
	sk_json_set(record, "text", happened->text);
	set_id(record, "run", happened->run.run);
	sk_json_set(record, "command", happened->run.command);
	set_who(record, &happened->run);
	return record;
}

int
sk_status_tell_history(struct sk_session *session, const struct sk_writeback *row,
    struct sk_error *err)
{
	struct sk_happened *list;
	int result = 0;
	size_t n;

	if (sk_store_happened(session->store, row->id, &list, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n && result == 0; i++) {
		json_t *record = happening_json(row, &list[i]);

		result = sk_out_record(record, err);
		json_decref(record);
	}
	sk_happened_free(list, n);
	return result;
}

static json_t *
run_json(const struct sk_run_changes *changes)
{
	json_t *record = json_object();

	set_id(record, "run", changes->run.run);
	sk_json_set(record, "command", changes->run.command);
	set_moment(record, "started_at", changes->run.started_at);
	set_moment(record, "latest_at", changes->latest_at);
	set_moment(record, "ended_at", changes->run.ended_at);
	set_who(record, &changes->run);
	json_object_set_new(record, "changes", json_integer(changes->changes));
	json_object_set_new(record, "requests", json_integer(changes->requests));
	return record;
}

int
sk_status_runs(struct sk_session *session, int64_t since, struct sk_error *err)
{
	struct sk_run_changes *list;
	int result = 0;
	size_t n;

	if (sk_store_runs(session->store, session->common->offices, session->common->n_offices,
		since, &list, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n && result == 0 && !sk_out_is_closed(); i++) {
		json_t *record = run_json(&list[i]);

		result = sk_out_record(record, err);
		json_decref(record);
	}
	sk_runs_free(list, n);
	return result;
}
