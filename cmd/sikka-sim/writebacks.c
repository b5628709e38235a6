/* SPDX-License-Identifier: MIT */
/*
 * Submissions, status and deletion of writebacks. What the fields' table refuses is refused
 * here; what depends on the practice's records is refused later, by spu.c.
 */
#include "writebacks.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "faults.h"
#include "fields.h"
#include "lists.h"
#include "queue.h"
#include "routes.h"
#include "spu.h"

/*
 * Whether a day has come is judged in the zone where it comes first, as a practice's zone isn't
 * known.
 */
static const int64_t latest_zone = (int64_t)14 * 3600 * 1000;
static const int64_t day_ms = (int64_t)86400 * 1000;

/* Every value travels as a string, also numbers and booleans. */
static bool
all_strings(json_t *body, struct answer *an)
{
	const char *name;
	json_t *value;

	json_object_foreach(body, name, value) if (!json_is_string(value))
	{
		answer_code(an, "API1026", "Invalid parameter: %s is no string", name);
		return false;
	}
	return true;
}

static const struct practice *
practice_of(const struct office *office, const json_t *body, struct answer *an)
{
	const char *id = json_text(body, "practice_id");
	const struct practice *practice;

	if (*id == '\0') /* whether an id is needed is decided by the operation's fields */
		return &office->practices[0];
	practice = state_practice(office, id);
	if (practice == NULL)
		answer_code(an, "API1026", "Invalid parameter: practice_id");
	return practice;
}

struct writeback *
writebacks_add(struct sim *sim, int office, const struct operation *op, const char *path_id,
    json_t *body)
{
	const struct practice *practice =
	    state_practice(&sim->offices[office], json_text(body, "practice_id"));
	size_t index = sim->writeback_count++;
	struct writeback *w;

	if (index == sim->writeback_room) {
		sim->writeback_room = sim->writeback_room ? sim->writeback_room * 2 : 64;
		sim->writebacks =
		    x_grow(sim->writebacks, sim->writeback_room * sizeof(*sim->writebacks));
	}
	w = &sim->writebacks[index];
	memset(w, 0, sizeof(*w));
	w->id = FIRST_WRITEBACK + (long)index;
	w->office = office;
	w->practice = practice != NULL ? practice : &sim->offices[office].practices[0];
	w->operation = op;
	w->path_id = path_id != NULL ? x_dup(path_id) : NULL;
	w->body = json_incref(body);
	w->state = PENDING;
	w->requested = w->queued = state_now(sim);
	w->result = x_dup("");
	w->created_id = x_dup("");
	w->appointment_sr_no = x_dup("");
	w->patient_id = x_dup("");
	spu_enqueue(sim, index);
	writebacks_changed(sim, w);
	return w;
}

/* The brief dialect shows the id in one member, the documented one in two. */
static void
accept_briefly(int ids, const struct writeback *w, struct answer *an)
{
	json_t *o = json_object();

	if (ids != IDS_NONE)
		json_putf(o, "id", "%ld", w->id);
	json_put(o, "result", "pending");
	answer_json(an, 200, o);
}

static void
accept(const struct sim *sim, const struct request *rq, const struct writeback *w,
    struct answer *an)
{
	bool usual = !faults_has(rq, FAULT_ACCEPT);
	const char *code = usual ? "API2016" : rq->fault->text;
	int ids = faults_has(rq, FAULT_NO_ID) ? IDS_NONE : sim->set.quirk[Q_IDS];
	char *id, *more;

	if (sim->set.brief && usual) {
		accept_briefly(ids, w, an);
		return;
	}
	id = x_printf("Id:%ld", w->id);
	more = x_printf("%s/writeback_status?id=%ld", rq->base, w->id);
	answer_message(an, answer_status(code), code, ids == IDS_BOTH || ids == IDS_LONG ? id : "",
	    ids == IDS_BOTH || ids == IDS_MORE ? more : "");
	if (sim->set.quirk[Q_CREATED] == CREATED_200)
		an->status = 200; /* http_code in the body still says 201 */
	free(id);
	free(more);
}

void
writebacks_submit(struct sim *sim, struct request *rq, struct answer *an)
{
	const struct office *office = &sim->offices[rq->office];
	const char *path_id = rq->segment_count == 2 ? rq->segment[1] : NULL;
	const struct operation *op;
	const struct practice *practice;
	struct writeback *w;
	struct finding flaw;
	struct asked asked;

	if (!sim->set.writeback_permission) {
		answer_code(an, "API2004", "Writebacks are not part of this plan");
		return;
	}
	op = operation_find(rq->method, routes_pattern(rq->route));
	if (!routes_body(rq, an) || !all_strings(rq->json, an))
		return;
	practice = practice_of(office, rq->json, an);
	if (practice == NULL)
		return;
	asked = (struct asked){op, practice->system, path_id, rq->json,
	    (state_now(sim) + latest_zone) / day_ms};
	if (!fields_check(&asked, &flaw)) {
		answer_code(an, flaw.code, "%s", flaw.text);
		return;
	}
	if (!office->online && strcasecmp(json_text(rq->json, "check_spu"), "true") == 0) {
		answer_code(an, "API2017", "The practice's server is offline");
		return;
	}
	w = writebacks_add(sim, rq->office, op, path_id, rq->json);
	w->list_lag = faults_number(rq, FAULT_LISTED);
	writebacks_changed(sim, w);
	if (faults_has(rq, FAULT_ID)) {
		w->id = (long)rq->fault->number;
		sim->ids_came_again = true;
	}
	accept(sim, rq, w, an);
}

void
writebacks_put_moment(const struct sim *sim, json_t *o, const char *name, int64_t ms,
    char separator)
{
	char when[TIME_TEXT];

	time_text(when, ms + sim->set.zone, separator);
	json_put(o, name, when);
}

static void
put_outcome(const struct sim *sim, const struct writeback *w, json_t *o)
{
	bool pending = w->state == PENDING, failed = w->state == FAILED;
	bool empty = sim->set.quirk[Q_PENDING] == PENDING_EMPTY ||
	    (sim->set.brief && sim->set.quirk[Q_PENDING] == PENDING_USUAL);
	const char *no = empty ? "" : "False";

	json_put(o, "is_completed", pending ? no : "True");
	json_put(o, "has_error", pending ? no : failed ? "True" : "False");
	json_put(o, "completed_time", "");
	if (!pending)
		writebacks_put_moment(sim, o, "completed_time", w->completed, 'T');
	json_put(o, "status", pending ? "Pending" : failed ? "Failed" : "Success");
	json_put(o, "result", pending ? "" : w->result);
	if (empty)
		json_put(o, "current_status",
		    pending ? "Waiting for the Sikka Platform Utility" : "Done");
	json_put(o, "appointment_sr_no", w->appointment_sr_no);
	json_put(o, "patient_id", w->patient_id);
	json_put(o, "created_id", w->created_id);
}

void
writebacks_status(struct sim *sim, struct request *rq, struct answer *an)
{
	const struct resource *resource = resource_find("writeback_status");
	const struct writeback *w;
	struct page page;
	char *body;
	json_t *o, *items;

	if (!sim->set.writeback_status) {
		answer_code(an, "API2004", "This call is not part of this plan");
		return;
	}
	if (!lists_parameters(sim, rq, resource, &page, an))
		return;
	w = state_writeback(sim, request_parameter(rq, "id"), rq->office);
	if (w == NULL || state_gone(w) || w->no_status) {
		answer_empty(an);
		return;
	}
	o = json_object();
	json_putf(o, "id", "%ld", w->id);
	json_put(o, "office_id", sim->offices[w->office].id);
	json_put(o, "practice_id", w->practice->id);
	json_put(o, "method", w->operation->method);
	json_put(o, "api", w->operation->api);
	body = json_dumps(w->body, JSON_COMPACT);
	json_put(o, "payload_body", body);
	free(body);
	writebacks_put_moment(sim, o, "request_time", w->requested, 'T');
	put_outcome(sim, w, o);
	items = json_array();
	json_array_append_new(items, o);
	lists_envelope(sim, rq, &page, 1, items, !sim->set.brief, an);
}

void
writebacks_withdraw(struct sim *sim, struct request *rq, struct answer *an)
{
	const char *id = request_parameter(rq, "id");
	struct writeback *w;

	if (id == NULL || *id == '\0') {
		answer_code(an, "API1020", "Missing parameter: id");
		return;
	}
	w = state_writeback(sim, id, -1);
	if (w == NULL || state_gone(w)) {
		answer_empty(an);
	} else if (w->state != PENDING) {
		answer_code(an, "API1027", "Writeback request already processed");
	} else {
		w->state = WITHDRAWN;
		writebacks_changed(sim, w);
		if (!faults_has(rq, FAULT_FETCHED))
			queue_remove(sim, (size_t)(w - sim->writebacks));
		answer_code(an, "API4006", "Id:%s", id);
	}
}
