/* SPDX-License-Identifier: MIT */
/*
 * sweep: --archive-after. In portions: each is read, written to the file and brought to the disk, and only then taken out
 * of the journal, in a short transaction. Whoever is killed in between has lost nothing: the next run writes these requests
 * again, with the same numbers, so that the last line of a number counts.
 */
#include <stdlib.h>

#include "base/append.h"
#include "base/json.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/stop.h"
#include "base/text.h"
#include "store/archive.h"
#include "store/event.h"
#include "store/known_copies.h"
#include "store/past.h"
#include "life/ledger.h"
#include "commands/portions.h"
#include "commands/sweep_parts.h"

#define BEGIN "{\"id\":\""

struct archiving {
	struct sk_sweep *sweep;
	struct sk_append file;
	struct sk_archive_cut cut;
};

static json_t *
happened_json(const struct sk_happened *happened)
{
	json_t *record = json_object();
	char moment[SK_TIME_TEXT], *id = sk_mem_printf("%lld", (long long)happened->id);

	sk_json_set(record, "event_id", id);
	sk_json_set(record, "at", sk_time_format(happened->at, moment));
	sk_json_set(record, "event", happened->kind);
	sk_json_set(record, "text", happened->text);
	sk_json_set(record, "command", happened->run.command);
	sk_json_set(record, "user", happened->run.user);
	sk_json_set(record, "host", happened->run.host);
	free(id);
	return record;
}

/* A line: the record of sikka-status --writebacks --with-body, and what has happened. */
static int
add_line(struct sk_store *store, const struct sk_writeback *row, struct sk_text *lines,
    struct sk_error *err)
{
	struct sk_happened *list;
	json_t *record, *events = json_array();
	size_t n;

	if (sk_store_happened(store, row->id, &list, &n, err) != 0) {
		json_decref(events);
		return -1;
	}
	for (size_t i = 0; i < n; i++)
		json_array_append_new(events, happened_json(&list[i]));
	sk_happened_free(list, n);
	record = sk_ledger_json(row, NULL, 1);
	json_object_set_new(record, "events", events);
	sk_json_write(lines, record);
	sk_text_add(lines, "\n");
	json_decref(record);
	return 0;
}

static int
find(void *arg, size_t most, int64_t **ids, size_t *n, struct sk_error *err)
{
	struct archiving *archiving = arg;
	struct sk_store *store = archiving->sweep->session->store;

	if (sk_store_events_last(store, &archiving->cut.last_event, err) != 0)
		return -1;
	return sk_store_archive_next(store, &archiving->cut, most, ids, n, err);
}

static int
write_lines(void *arg, const int64_t *ids, size_t n, struct sk_error *err)
{
	struct archiving *archiving = arg;
	struct sk_store *store = archiving->sweep->session->store;
	const struct sk_filter filter = {.ids = ids, .n_ids = n};
	struct sk_writeback *rows;
	struct sk_text lines = {0};
	int result = 0;
	size_t count;

	if (sk_store_writebacks(store, &filter, &rows, &count, err) != 0)
		return -1;
	for (size_t i = 0; i < count && result == 0; i++)
		result = add_line(store, &rows[i], &lines, err);
	sk_writebacks_free(rows, count);
	if (result == 0)
		result = sk_append_lines(&archiving->file, sk_text_bytes(&lines), lines.used, err);
	sk_text_fini(&lines);
	return result;
}

static int
take_out(void *arg, const int64_t *ids, size_t n, size_t *changed, struct sk_error *err)
{
	struct archiving *archiving = arg;

	return sk_store_archive_take(archiving->sweep->session->store, &archiving->cut, ids, n,
	    changed, err);
}

/* Who has done it, and where they are, is noted also if it was stopped in between. */
static int
note(struct archiving *archiving, size_t n, struct sk_error *err)
{
	char *text = sk_mem_printf("%zu ended requests were written to %s and taken out", n,
	    archiving->sweep->options->archive);
	struct sk_store *store = archiving->sweep->session->store;
	int result = -1;

	if (sk_store_begin(store, err) == 0) {
		if (sk_event_make(store, SK_EVENT_ARCHIVED, NULL, 0, text, err) == 0)
			result = sk_store_commit(store, err);
		else
			sk_store_rollback(store);
	}
	sk_out_tell("%s", text);
	free(text);
	return result;
}

static void
foresee(struct archiving *archiving, struct sk_error *err)
{
	struct sk_store *store = archiving->sweep->session->store;
	int64_t n;

	if (sk_store_events_last(store, &archiving->cut.last_event, err) == 0 &&
	    sk_store_archive_count(store, &archiving->cut, &n, err) == 0 && n > 0)
		sk_sweep_rehearse_upkeep(archiving->sweep, "archive",
		    json_pack("{s: I, s: s}", "requests", (json_int_t)n, "file",
			archiving->sweep->options->archive));
}

/* The file is noted before anything is in it: a purge of a patient has to name it. */
static void
archive(struct archiving *archiving, struct sk_error *err)
{
	const struct sk_sweep_options *options = archiving->sweep->options;
	struct sk_session *session = archiving->sweep->session;
	struct sk_portions portions = {"archiving", find, write_lines, take_out, archiving, 0};

	if (sk_append_open(&archiving->file, options->archive, BEGIN, err) != 0)
		return;
	if (sk_store_copy_note(session->store, options->archive, SK_WRITTEN_ARCHIVE, err) == 0)
		sk_portions_run(&portions, session, err);
	if (portions.n > 0) {
		struct sk_error why = {0};

		note(archiving, portions.n, &why);
		sk_sweep_note(archiving->sweep, &why);
	}
	sk_append_close(&archiving->file);
}

void
sk_sweep_archive(struct sk_sweep *sweep)
{
	struct archiving archiving = {.sweep = sweep,
	    .cut.ended_before = sk_time_now() - sweep->options->archive_after};
	struct sk_error err = {0};

	if (sweep->options->archive == NULL || sk_stop_asked())
		return;
	if (sweep->session->rehearses)
		foresee(&archiving, &err);
	else
		archive(&archiving, &err);
	sk_sweep_note(sweep, &err);
}
