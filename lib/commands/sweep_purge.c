/* SPDX-License-Identifier: MIT */
/*
 * sweep: what is cleared of patients' data: by age (--purge-after), and of one patient (--purge-patient). Of one patient
 * each row is cleared whole or left whole, since its body says whose it is. A row by which others are found is left as long
 * as one of them is: so a second run finds what the first one has left.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/stop.h"
#include "store/choices.h"
#include "store/erase.h"
#include "store/event.h"
#include "store/holds.h"
#include "store/known_copies.h"
#include "life/life.h"
#include "life/same.h"
#include "commands/portions.h"
#include "commands/sweep_parts.h"

struct purging {
	struct sk_store *store;
	struct sk_purge_place place;
};

static int
find_ended(void *arg, size_t most, int64_t **ids, size_t *n, struct sk_error *err)
{
	struct purging *purging = arg;

	return sk_store_purge_next(purging->store, &purging->place, most, ids, n, err);
}

static int
purge(void *arg, const int64_t *ids, size_t n, size_t *changed, struct sk_error *err)
{
	struct purging *purging = arg;
	int64_t purged;

	if (sk_store_purge(purging->store, purging->place.purge, ids, n, &purged, err) != 0)
		return -1;
	*changed = (size_t)purged;
	return 0;
}

/* What is in the way beside the requests: there is little of it. */
static int
purge_kept(struct sk_sweep *sweep, const struct sk_purge *ended, struct sk_error *err)
{
	struct sk_store *store = sweep->session->store;

	if (sk_store_begin(store, err) != 0)
		return -1;
	if (sk_store_choices_purge(store, ended->now - SK_DAY, err) == 0 &&
	    sk_store_holds_purge(store, ended->ended_before, sweep->session->pulse.boot_id, err) ==
		0)
		return sk_store_commit(store, err);
	sk_store_rollback(store);
	return -1;
}

void
sk_sweep_purge(struct sk_sweep *sweep)
{
	int64_t now = sk_time_now();
	const struct sk_purge ended = {.ended_before = now - sweep->options->purge_after,
	    .looked_for_since = now - SK_LIFE_LATE,
	    .held_since = now - SK_SAME_HOLDS,
	    .now = now};
	struct purging purging = {sweep->session->store, {.purge = &ended}};
	struct sk_portions portions = {"clearing patients' data", find_ended, NULL, purge, &purging,
	    0};
	struct sk_error err = {0};

	if (sweep->options->purge_after == 0)
		return;
	if (purge_kept(sweep, &ended, &err) == 0)
		sk_portions_run(&portions, sweep->session, &err);
	sk_purge_place_fini(&purging.place);
	sk_sweep_note(sweep, &err);
	if (sweep->session->rehearses && portions.n > 0)
		sk_sweep_rehearse_upkeep(sweep, "clear patients' data",
		    json_pack("{s: I}", "requests", (json_int_t)portions.n));
	sk_out_verbose("cleared patients' data from %zu requests", portions.n);
}

/* --- one patient ---------------------------------------------------------------------------------- */

/* Why what a row holds is still needed. */
enum needed { NEEDED_NOT, NEEDED_OPEN, NEEDED_LOOKED_FOR, NEEDED_HELD, NEEDED_LEADS };
static const char *const NEEDED[] = {
    [NEEDED_NOT] = NULL,
    [NEEDED_OPEN] = "open",
    [NEEDED_LOOKED_FOR] = "looked_for",
    [NEEDED_HELD] = "recognizes_an_equal_one",
    [NEEDED_LEADS] = "leads_to_others",
};

/* A row whose data are still needed. */
struct left {
	struct sk_writeback row;
	enum needed needed;
	int64_t until; /* 0 if that isn't known */
};

struct erasing {
	struct sk_sweep *sweep;
	const struct sk_patient *patient;
	int64_t now;
	int64_t *found; /* rows, in the order in which they are cleared */
	size_t n_found;
	size_t n_met; /* of them: those that find_rows has given to a portion */
	struct left *left;
	size_t n_left, room;
	size_t n_cleared;
};

/* until: 0 if that isn't known. What only the row itself says of it. */
static enum needed
needed(const struct sk_writeback *row, int64_t now, int64_t *until)
{
	int64_t found =
	    row->not_received_at > row->resolved_at ? row->not_received_at : row->resolved_at;

	*until = 0;
	if ((SK_MASK(row->result) & SK_OPEN_STATES) != 0)
		return NEEDED_OPEN;
	*until = found + SK_LIFE_LATE;
	if (found != 0 && *until > now)
		return NEEDED_LOOKED_FOR;
	*until = row->completed_at + SK_SAME_HOLDS;
	return (row->holds_content > 0 || row->unclaimed) && *until > now ? NEEDED_HELD
									  : NEEDED_NOT;
}

/* arg: the moment. */
static bool
is_not_needed(const struct sk_writeback *row, size_t at, const void *arg)
{
	const int64_t *now = arg;
	int64_t until;

	(void)at;
	return needed(row, *now, &until) == NEEDED_NOT;
}

/* arg: the numbers of the rows that lead to others. */
static bool
leads_to_none(const struct sk_writeback *row, size_t at, const void *arg)
{
	const struct sk_row_ids *leads = arg;

	(void)at;
	for (size_t i = 0; i < leads->n; i++)
		if (leads->ids[i] == row->id)
			return false;
	return true;
}

static int
find_rows(void *arg, size_t most, int64_t **ids, size_t *n, struct sk_error *err)
{
	struct erasing *erasing = arg;
	size_t left = erasing->n_found - erasing->n_met;

	(void)err;
	*n = left < most ? left : most;
	*ids = sk_mem_zero(*n + 1, sizeof(**ids));
	for (size_t i = 0; i < *n; i++)
		(*ids)[i] = erasing->found[erasing->n_met++];
	return 0;
}

static int
clear(struct erasing *erasing, const struct sk_writeback *rows, size_t n, struct sk_error *err)
{
	struct sk_store *store = erasing->sweep->session->store;
	int64_t *ids = sk_mem_zero(n + 1, sizeof(*ids));
	int result = 0;

	for (size_t i = 0; i < n && result == 0; i++) {
		ids[i] = rows[i].id;
		result = sk_event_make(store, SK_EVENT_ERASED, rows[i].office_id, ids[i],
		    "its patient's data were cleared, as a person wanted", err);
	}
	if (result == 0)
		result = sk_store_erase(store, ids, n, erasing->now, err);
	free(ids);
	return result;
}

/* Takes the row over. It leads to others where it isn't needed for itself. */
static void
leave(struct erasing *erasing, struct sk_writeback *row)
{
	struct left left = {.row = *row};

	left.needed = needed(row, erasing->now, &left.until);
	if (left.needed == NEEDED_NOT) {
		left.needed = NEEDED_LEADS;
		left.until = 0;
	}
	erasing->left =
	    sk_mem_grow(erasing->left, erasing->n_left + 1, &erasing->room, sizeof(*erasing->left));
	erasing->left[erasing->n_left++] = left;
	*row = (struct sk_writeback){0};
}

/* Which of the rows lead to one that is left. Those that aren't the patient's own come first, so all of them are met. */
static int
find_leads(const struct erasing *erasing, const struct sk_writeback *rows, size_t n,
    struct sk_row_ids *leads, struct sk_error *err)
{
	struct sk_row_ids ids = {sk_mem_zero(n + 1, sizeof(*ids.ids)), n};
	struct sk_row_ids left = {sk_mem_zero(erasing->n_left + 1, sizeof(*left.ids)),
	    erasing->n_left};
	int result;

	for (size_t i = 0; i < n; i++)
		ids.ids[i] = rows[i].id;
	for (size_t i = 0; i < left.n; i++)
		left.ids[i] = erasing->left[i].row.id;
	result = sk_store_erase_leads(erasing->sweep->session->store, erasing->patient->patient_id,
	    &ids, &left, leads, err);
	free(ids.ids);
	free(left.ids);
	return result;
}

/* They are read once more: since they were found, other processes may have written. */
static int
clear_rows(void *arg, const int64_t *ids, size_t n, size_t *changed, struct sk_error *err)
{
	struct erasing *erasing = arg;
	const struct sk_filter filter = {.ids = ids, .n_ids = n};
	struct sk_row_ids leads;
	struct sk_writeback *rows;
	size_t count, n_free, n_cleared;
	int result = -1;

	if (sk_store_writebacks(erasing->sweep->session->store, &filter, &rows, &count, err) != 0)
		return -1;
	n_free = sk_writebacks_partition(rows, count, is_not_needed, &erasing->now);
	for (size_t i = n_free; i < count; i++)
		leave(erasing, &rows[i]);
	if (find_leads(erasing, rows, n_free, &leads, err) == 0) {
		n_cleared = sk_writebacks_partition(rows, n_free, leads_to_none, &leads);
		free(leads.ids);
		for (size_t i = n_cleared; i < n_free; i++)
			leave(erasing, &rows[i]);
		result = clear(erasing, rows, n_cleared, err);
		*changed = n_cleared;
	}
	sk_writebacks_free(rows, count);
	return result;
}

static int
find_and_clear(struct erasing *erasing, struct sk_error *err)
{
	struct sk_session *session = erasing->sweep->session;
	struct sk_portions portions = {"clearing a patient's data", find_rows, NULL, clear_rows,
	    erasing, 0};

	if (sk_store_erase_find(session->store, erasing->patient->office_id,
		erasing->patient->patient_id, &erasing->found, &erasing->n_found, err) != 0)
		return -1;
	if (sk_portions_run(&portions, session, err) != 0)
		return -1;
	erasing->n_cleared = portions.n;
	/* The record says what is left of the patient: it is written only when all rows were met. */
	return erasing->n_met < erasing->n_found ? sk_stop_error(err) : 0;
}

/* --- what is told of it ----------------------------------------------------------------------------- */

static json_t *
left_json(const struct erasing *erasing)
{
	json_t *list = json_array();
	char moment[SK_TIME_TEXT];

	for (size_t i = 0; i < erasing->n_left; i++) {
		const struct left *left = &erasing->left[i];
		json_t *object = json_object();
		char *id = sk_mem_printf("%lld", (long long)left->row.id);

		sk_json_set(object, "id", id);
		sk_json_set(object, "result", sk_state_name(left->row.result));
		sk_json_set(object, "needed", NEEDED[left->needed]);
		sk_json_set(object, "until",
		    left->until != 0 ? sk_time_format(left->until, moment) : NULL);
		json_array_append_new(list, object);
		free(id);
	}
	return list;
}

static json_t *
copies_json(struct erasing *erasing, struct sk_error *err)
{
	struct sk_known_copy *copies;
	json_t *list = json_array();
	char moment[SK_TIME_TEXT];
	size_t n;

	if (sk_store_copies_known(erasing->sweep->session->store, &copies, &n, err) != 0)
		return list;
	for (size_t i = 0; i < n; i++) {
		json_t *copy = json_object();

		sk_json_set(copy, "file", copies[i].file);
		sk_json_set(copy, "kind", copies[i].kind);
		sk_json_set(copy, "made_at", sk_time_format(copies[i].made_at, moment));
		json_object_set_new(copy, "is_there", json_boolean(copies[i].is_there));
		json_array_append_new(list, copy);
	}
	sk_known_copies_free(copies, n);
	return list;
}

static void
tell_left(const struct left *left)
{
	char moment[SK_TIME_TEXT];
	long long id = (long long)left->row.id;

	switch (left->needed) {
	case NEEDED_OPEN:
		sk_out_warn("request %lld is %s: what it holds is needed until it has ended: "
			    "sikka-poll, or sikka-sweep --withdraw %lld",
		    id, sk_state_name(left->row.result), id);
		return;
	case NEEDED_LOOKED_FOR:
		sk_out_warn(
		    "request %lld is looked for in the server's lists until %s, by what it holds",
		    id, sk_time_format(left->until, moment));
		return;
	case NEEDED_LEADS:
		sk_out_warn(
		    "request %lld is left until the others that are left are cleared: only it "
		    "shows that they are about the patient",
		    id);
		return;
	default:
		sk_out_warn("request %lld ended within a day: until %s an equal one is recognized "
			    "by what it holds, and not sent twice",
		    id, sk_time_format(left->until, moment));
	}
}

/* The number of the patient is in the record, which is the answer to who has named it, and in no message. */
static void
tell(struct erasing *erasing, struct sk_error *err)
{
	struct sk_sweep *sweep = erasing->sweep;
	size_t n_left = erasing->n_left;
	json_t *record = json_object(), *copies = copies_json(erasing, err);

	for (size_t i = 0; i < n_left; i++)
		tell_left(&erasing->left[i]);
	sk_out_tell("cleared what %zu request%s held of the patient%s", erasing->n_cleared,
	    erasing->n_cleared == 1 ? "" : "s",
	    json_array_size(copies) > 0
		? "; copies of the state file aren't changed: the record names them"
		: "");
	sk_json_set(record, "office_id", erasing->patient->office_id);
	sk_json_set(record, "patient_id", erasing->patient->patient_id);
	json_object_set_new(record, "requests", json_integer((json_int_t)erasing->n_cleared));
	json_object_set_new(record, "left", left_json(erasing));
	json_object_set_new(record, "copies", copies);
	sk_out_record(record, err);
	json_decref(record);
	if (n_left > 0 && err->code == 0)
		sk_error_set(err, SK_EXIT_TRY_LATER,
		    "--purge-patient: %zu request%s left as %s, since what they hold is needed: "
		    "run it again later",
		    n_left, n_left == 1 ? " was" : "s were", n_left == 1 ? "it is" : "they are");
	sk_sweep_note(sweep, err);
}

int
sk_sweep_name_patient(struct sk_sweep_options *options, const char *value, struct sk_error *err)
{
	const char *slash = strchr(value, '/');

	if (slash == NULL || slash == value || slash[1] == '\0')
		return sk_error_set(err, SK_EXIT_USAGE, "--purge-patient: '%s' isn't OFFICE/ID",
		    value);
	options->erased =
	    sk_mem_resize(options->erased, options->n_erased + 1, sizeof(*options->erased));
	options->erased[options->n_erased++] =
	    (struct sk_patient){sk_mem_printf("%.*s", (int)(slash - value), value), slash + 1};
	return 0;
}

static void
erase(struct sk_sweep *sweep, const struct sk_patient *patient)
{
	struct erasing erasing = {.sweep = sweep, .patient = patient, .now = sk_time_now()};
	struct sk_error err = {0};

	if (find_and_clear(&erasing, &err) != 0)
		sk_sweep_note(sweep, &err);
	else if (sweep->session->rehearses)
		sk_sweep_rehearse_upkeep(sweep, "clear a patient's data",
		    json_pack("{s: I, s: o, s: s}", "requests", (json_int_t)erasing.n_cleared,
			"left", left_json(&erasing), "office_id", patient->office_id));
	else
		tell(&erasing, &err);
	free(erasing.found);
	for (size_t i = 0; i < erasing.n_left; i++)
		sk_writeback_fini(&erasing.left[i].row);
	free(erasing.left);
}

void
sk_sweep_purge_patients(struct sk_sweep *sweep)
{
	const struct sk_sweep_options *options = sweep->options;

	for (size_t i = 0; i < options->n_erased && !sk_stop_asked(); i++)
		erase(sweep, &options->erased[i]);
}
