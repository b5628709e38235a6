/* SPDX-License-Identifier: MIT */
/*
 * /_sim/…: what a test may see and change without asking the API. Needs no credentials; isn't
 * counted, limited or faulted.
 */
#include "sim_routes.h"

#include <stdlib.h>
#include <string.h>

#include "copies.h"
#include "faults.h"
#include "fields.h"
#include "fixtures.h"
#include "late.h"
#include "log.h"
#include "page.h"
#include "queue.h"
#include "quirks.h"
#include "settings.h"
#include "snapshot.h"
#include "spu.h"
#include "writebacks.h"

void
sim_refuse(struct answer *an, int status, const char *what)
{
	json_t *o = json_object();

	json_put(o, "error", what);
	answer_json(an, status, o);
}

bool
sim_refused(struct answer *an, char *wrong)
{
	if (wrong == NULL)
		return false;
	sim_refuse(an, 400, wrong);
	free(wrong);
	return true;
}

void
sim_done(const struct sim *sim, struct answer *an)
{
	json_t *o = json_object();
	char when[TIME_TEXT];

	time_text(when, state_now(sim), 'T');
	json_put(o, "now", when);
	answer_json(an, 200, o);
}

static void
put_time(json_t *o, const char *name, int64_t ms)
{
	char when[TIME_TEXT] = "";

	if (ms > 0)
		time_text(when, ms, 'T');
	json_put(o, name, when);
}

static json_t *
ledger_line(const struct sim *sim, const struct writeback *w)
{
	const char *path = w->operation->path;
	json_t *o = json_object();

	json_putf(o, "id", "%ld", w->id);
	json_put(o, "office_id", sim->offices[w->office].id);
	json_put(o, "practice_id", w->practice->id);
	json_put(o, "method", w->operation->method);
	json_putf(o, "api", "%.*s", (int)strcspn(path + 1, "/") + 1, path);
	if (w->path_id != NULL)
		json_put(o, "path_id", w->path_id);
	else
		json_object_set_new(o, "path_id", json_null());
	json_object_set(o, "body", w->body);
	json_object_set_new(o, "foreign", json_boolean(w->foreign));
	json_put(o, "state", state_name(w->state));
	json_put(o, "result", w->result);
	json_object_set_new(o, "applied", json_integer(w->applied));
	put_time(o, "request_time", w->requested);
	put_time(o, "completed_time", w->completed);
	json_put(o, "created_id", w->created_id);
	json_put(o, "appointment_sr_no", w->appointment_sr_no);
	json_put(o, "patient_id", w->patient_id);
	return o;
}

static void
get_state(struct sim *sim, struct request *rq, struct answer *an)
{
	json_t *o = json_object(), *list = json_array(), *pms = json_object();
	json_int_t applied = 0;

	(void)rq;
	for (size_t i = 0; i < sim->writeback_count; i++) {
		json_array_append_new(list, ledger_line(sim, &sim->writebacks[i]));
		applied += sim->writebacks[i].applied;
	}
	for (int i = 0; i < sim->office_count; i++)
		json_object_set_new(pms, sim->offices[i].id,
		    json_pack("{s:I,s:I}", "appointments",
			(json_int_t)state_count(sim, i, "appointments"), "patients",
			(json_int_t)state_count(sim, i, "patients")));
	json_object_set_new(o, "writebacks", list);
	json_object_set_new(o, "pms", pms);
	json_object_set_new(o, "applied_total", json_integer(applied));
	answer_json(an, 200, o);
}

static void
get_requests(struct sim *sim, struct request *rq, struct answer *an)
{
	const struct ledger *l = &sim->ledger;
	json_t *o = json_object(), *renewals = json_object();

	(void)rq;
	for (int i = 0; i < sim->office_count; i++) {
		const struct office *office = &sim->offices[i];

		json_object_set_new(renewals, office->id,
		    json_pack("{s:I,s:I,s:I}", "request_key", (json_int_t)office->renewed_by_secret,
			"refresh_key", (json_int_t)office->renewed_by_refresh, "refused",
			(json_int_t)office->renewals_refused));
	}
	if (l->renewals_unknown > 0)
		json_object_set_new(renewals, "unknown",
		    json_pack("{s:i,s:i,s:I}", "request_key", 0, "refresh_key", 0, "refused",
			(json_int_t)l->renewals_unknown));
	json_object_set_new(o, "total", json_integer(l->total));
	json_object_set(o, "routes", l->routes);
	json_object_set_new(o, "answered_429", json_integer(l->answered_429));
	json_object_set_new(o, "secrets_in_urls", json_integer(l->secrets_in_urls));
	json_object_set_new(o, "renewals", renewals);
	json_object_set_new(o, "gzip_answers", json_integer(l->gzip_answers));
	json_object_set_new(o, "lists_at_once_max", json_integer(l->lists_max));
	json_object_set_new(o, "held_now", json_integer(l->held_now));
	json_object_set_new(o, "late_now", json_integer((json_int_t)sim->late_count));
	json_object_set_new(o, "connections", json_integer(l->connections));
	json_object_set_new(o, "looked_at", json_integer(l->looked_at));
	answer_json(an, 200, o);
}

static void
advance(struct sim *sim, struct request *rq, struct answer *an)
{
	const char *seconds = request_parameter(rq, "seconds");
	int64_t ms;

	if (seconds == NULL || !seconds_parse(seconds, &ms)) {
		sim_refuse(an, 400, "seconds=N is needed");
		return;
	}
	sim->offset += ms;
	late_run(sim);
	sim_done(sim, an);
}

/* Reads one of two words. false: neither; *out is unchanged where the parameter is absent. */
static bool
one_of(const struct request *rq, const char *name, const char *yes, const char *no, bool *out)
{
	const char *value = request_parameter(rq, name);

	if (value == NULL)
		return true;
	if (strcmp(value, yes) != 0 && strcmp(value, no) != 0)
		return false;
	*out = strcmp(value, yes) == 0;
	return true;
}

static void
drop_keys(struct sim *sim, int office)
{
	for (size_t i = 0; i < sim->key_count; i++)
		if (sim->keys[i].office == office)
			sim->keys[i].ended = true;
	for (size_t i = 0; i < sim->refresh_count; i++)
		if (sim->refreshes[i].office == office)
			sim->refreshes[i].ended = true;
}

static void
change_office(struct sim *sim, struct request *rq, struct answer *an)
{
	const char *id = request_parameter(rq, "office_id");
	int index = id != NULL ? state_office(sim, id) : -1;
	bool online, authorized, rotate = false, drop = false, refresh = false;
	struct office *office;

	if (index < 0) {
		sim_refuse(an, 404, "no such office_id");
		return;
	}
	office = &sim->offices[index];
	online = office->online;
	authorized = office->authorized;
	if (!one_of(rq, "spu", "online", "offline", &online) ||
	    !one_of(rq, "authorized", "true", "false", &authorized) ||
	    !one_of(rq, "secret", "rotate", "keep", &rotate) ||
	    !one_of(rq, "drop_keys", "true", "false", &drop) ||
	    !one_of(rq, "refresh", "now", "later", &refresh)) {
		sim_refuse(an, 400,
		    "spu=online|offline, authorized=true|false, secret=rotate, "
		    "drop_keys=true, refresh=now");
		return;
	}
	spu_switch(sim, index, online);
	office->authorized = authorized;
	if (rotate)
		random_hex(&sim->random_keys, office->secret);
	if (drop)
		drop_keys(sim, index);
	if (refresh)
		copies_refresh(sim, index);
	sim_done(sim, an);
}

/* Forces an end: what the server says of a writeback changes, but the practice's records don't. */
static void
force_state(struct sim *sim, struct writeback *w, enum writeback_state state)
{
	size_t index = (size_t)(w - sim->writebacks);

	queue_remove(sim, index);
	w->state = state;
	writebacks_changed(sim, w);
	w->completed = w->state == COMPLETED || w->state == FAILED ? state_now(sim) : 0;
	w->due = NEVER;
	/*
	 * Put back into the queue, unless it was carried out before: a forced change must not book
	 * twice.
	 */
	if (w->state == PENDING && w->applied == 0)
		spu_enqueue(sim, index);
}

/* false: it is no state that can be forced. */
static bool
read_state(const char *name, enum writeback_state *state)
{
	static const enum writeback_state states[] = {FORGOTTEN, PENDING, COMPLETED, FAILED};

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (strcmp(state_name(states[i]), name) == 0) {
			*state = states[i];
			return true;
		}
	return false;
}

/* none, status, list or both: where the server doesn't show it. */
static bool
hide(struct sim *sim, struct writeback *w, const char *where)
{
	bool both = strcmp(where, "both") == 0;
	bool status = both || strcmp(where, "status") == 0;
	bool list = both || strcmp(where, "list") == 0;

	if (!status && !list && strcmp(where, "none") != 0)
		return false;
	w->no_status = status;
	w->no_entry = list;
	writebacks_changed(sim, w);
	return true;
}

static void
change_writeback(struct sim *sim, struct request *rq, struct answer *an)
{
	const char *id = request_parameter(rq, "id"), *name = request_parameter(rq, "state");
	const char *result = request_parameter(rq, "result");
	const char *hidden = request_parameter(rq, "hidden");
	struct writeback *w = id != NULL ? state_writeback(sim, id, -1) : NULL;
	enum writeback_state state = PENDING;

	if (w == NULL) {
		sim_refuse(an, 404, "no such id");
		return;
	}
	if ((name == NULL && hidden == NULL) || (name != NULL && !read_state(name, &state)) ||
	    (hidden != NULL && !hide(sim, w, hidden))) {
		sim_refuse(an, 400,
		    "state=forgotten|pending|completed|failed or hidden=none|status|list|both is "
		    "needed");
		return;
	}
	if (name != NULL)
		force_state(sim, w, state);
	if (result != NULL)
		spu_set_text(&w->result, result);
	sim_done(sim, an);
}

/* The operation of "/appointments/7"; *path_id is NULL or points into the path. */
static const struct operation *
operation_of(const char *method, const char *path, const char **path_id)
{
	size_t n = *path == '/' ? 1 + strcspn(path + 1, "/") : 0;
	char *pattern = x_printf("%.*s%s", (int)n, path, path[n] == '/' ? "/{}" : "");
	const struct operation *op = operation_find(method, pattern);

	free(pattern);
	*path_id = path[n] == '/' ? path + n + 1 : NULL;
	return *path_id == NULL || **path_id != '\0' ? op : NULL;
}

/* The body of another program's request, an object of strings; NULL: it is none. */
static json_t *
foreign_body(const struct request *rq, long padding)
{
	json_t *body = json_loadb(rq->body.s != NULL ? rq->body.s : "", rq->body.length,
	    JSON_REJECT_DUPLICATES, NULL);
	bool good = json_is_object(body);
	struct text text = {0};
	const char *name;
	json_t *value;

	json_object_foreach(body, name, value) good = good && json_is_string(value);
	if (!good) {
		json_decref(body);
		return NULL;
	}
	while (text.length < (size_t)padding)
		text_add(&text, "x", 1);
	if (padding > 0)
		json_put(body, "padding", text.s);
	free(text.s);
	return body;
}

static void
submit(struct sim *sim, struct request *rq, struct answer *an)
{
	const char *office_id = request_parameter(rq, "office_id"), *path_id = NULL;
	const char *method = request_parameter(rq, "method"), *path = request_parameter(rq, "path");
	const char *bytes = request_parameter(rq, "padding");
	int office = office_id != NULL ? state_office(sim, office_id) : -1;
	const struct operation *op =
	    operation_of(method != NULL ? method : "POST", path != NULL ? path : "", &path_id);
	struct writeback *w;
	json_t *body = NULL, *o;
	long padding = 0;

	if (office >= 0 && op != NULL &&
	    (bytes == NULL || number_parse(bytes, 0, 1L << 27, &padding)))
		body = foreign_body(rq, padding);
	if (body == NULL) {
		sim_refuse(an, 400,
		    "office_id=, path= of a writeback, and an object of strings as body are "
		    "needed; method= (POST) and padding=N may be there");
		return;
	}
	w = writebacks_add(sim, office, op, path_id, body);
	w->foreign = true;
	json_decref(body);
	o = json_object();
	json_putf(o, "id", "%ld", w->id);
	answer_json(an, 200, o);
}

/* The practice deletes a record of its own. */
static void
delete_record(struct sim *sim, struct request *rq, struct answer *an)
{
	const char *id = request_parameter(rq, "office_id"), *number = request_parameter(rq, "id");
	const char *resource = request_parameter(rq, "resource");
	int office = id != NULL ? state_office(sim, id) : -1;

	if (office < 0 || number == NULL || resource == NULL ||
	    !list_has("appointments,patients", resource))
		sim_refuse(an, 400,
		    "office_id=, resource=appointments|patients and id= are needed");
	else if (!spu_delete(sim, office, resource, number))
		sim_refuse(an, 404, "no such record");
	else
		sim_done(sim, an);
}

static void
add_faults(struct sim *sim, struct request *rq, struct answer *an)
{
	const char *p = rq->body.s != NULL ? rq->body.s : "";

	while (*p != '\0') {
		size_t n = strcspn(p, "\r\n");
		char *rule = x_printf("%.*s", (int)n, p);
		char *wrong = n > 0 ? faults_add(sim, rule) : NULL;

		free(rule);
		if (sim_refused(an, wrong))
			return;
		p += n + (p[n] != '\0');
	}
	sim_done(sim, an);
}

static void
clear_faults(struct sim *sim, struct request *rq, struct answer *an)
{
	(void)rq;
	faults_clear(sim);
	sim_done(sim, an);
}

static void
set_quirks(struct sim *sim, struct request *rq, struct answer *an)
{
	for (int i = 0; i < rq->parameter_count; i++) {
		char *text = x_printf("%s=%s", rq->parameters[i].name, rq->parameters[i].value);
		char *wrong = quirks_set(&sim->set, text);

		free(text);
		if (sim_refused(an, wrong))
			return;
	}
	sim_done(sim, an);
}

static void
clear_quirks(struct sim *sim, struct request *rq, struct answer *an)
{
	(void)rq;
	quirks_clear(&sim->set);
	sim_done(sim, an);
}

static void
set_options(struct sim *sim, struct request *rq, struct answer *an)
{
	int64_t skew = sim->set.skew;
	const char *wrong = NULL;

	for (int i = 0; i < rq->parameter_count && wrong == NULL; i++)
		wrong = settings_set(&sim->set, rq->parameters[i].name, rq->parameters[i].value);
	state_set_clock(sim, sim->set.skew - skew);
	copies_run(sim, state_now(sim));
	if (wrong != NULL)
		sim_refuse(an, 400, wrong);
	else
		sim_done(sim, an);
}

static void
show_faults(struct sim *sim, struct request *rq, struct answer *an)
{
	(void)rq;
	answer_json(an, 200, json_pack("{s:o}", "rules", faults_list(sim)));
}

static void
show_quirks(struct sim *sim, struct request *rq, struct answer *an)
{
	(void)rq;
	answer_json(an, 200, quirks_list(&sim->set));
}

static void
reset(struct sim *sim, struct request *rq, struct answer *an)
{
	(void)rq;
	state_reset(sim);
	sim_done(sim, an);
}

static void show_index(struct sim *sim, struct request *rq, struct answer *an);

static const struct {
	const char *method, *path;
	void (*run)(struct sim *, struct request *, struct answer *);
	const char *parameters, *does;
} sim_routes[] = {
    {"GET", "/", page_show, "", NULL},
    {"GET", "/routes", show_index, "", "this list"},
    {"GET", "/state", get_state, "", "the writebacks, and how many records each office has"},
    {"GET", "/requests", get_requests, "", "how many requests came in, route by route"},
    {"GET", "/log", log_show, "?after=N&method=PATTERN&path=PATTERN",
	"the requests, with bodies; keys masked"},
    {"DELETE", "/log", log_forget, "", "forget these requests"},
    {"POST", "/reset", reset, "", "everything as it was at the start"},
    {"GET", "/snapshot", snapshot_show, "",
	"offices, records, keys and writebacks as one document"},
    {"PUT", "/snapshot", snapshot_receive, "", "put such a document back"},
    {"POST", "/records", fixtures_receive, "", "add the records of the body, a line of JSON each"},
    {"DELETE", "/record", delete_record, "?office_id=OFFICE&resource=NAME&id=N",
	"a practice deletes a record"},
    {"POST", "/advance", advance, "?seconds=N", "move the clock forward"},
    {"POST", "/office", change_office, "?office_id=OFFICE&spu=offline&...", "change an office"},
    {"POST", "/writeback", change_writeback, "?id=N&state=STATE&...",
	"what the server says of a writeback"},
    {"POST", "/submit", submit, "?office_id=OFFICE&path=PATH&...",
	"a writeback of another program"},
    {"GET", "/faults", show_faults, "", "the fault rules, and how often each was met"},
    {"POST", "/faults", add_faults, "", "add the fault rules of the body"},
    {"DELETE", "/faults", clear_faults, "", "remove all fault rules"},
    {"POST", "/options", set_options, "?NAME=VALUE&...", "change options"},
    {"GET", "/quirks", show_quirks, "", "how answers are spelled"},
    {"POST", "/quirks", set_quirks, "?NAME=VALUE&...", "choose quirks"},
    {"DELETE", "/quirks", clear_quirks, "", "all quirks back to their defaults"},
};
enum { SIM_ROUTES = sizeof(sim_routes) / sizeof(sim_routes[0]) };

json_t *
sim_routes_index(void)
{
	json_t *all = json_array(), *o;

	for (size_t i = 0; i < SIM_ROUTES; i++) {
		if (sim_routes[i].does == NULL)
			continue;
		o = json_object();
		json_putf(o, "route", "%s /_sim%s%s", sim_routes[i].method, sim_routes[i].path,
		    sim_routes[i].parameters);
		json_put(o, "does", sim_routes[i].does);
		json_array_append_new(all, o);
	}
	return all;
}

static void
show_index(struct sim *sim, struct request *rq, struct answer *an)
{
	(void)sim;
	(void)rq;
	answer_json(an, 200, json_pack("{s:o}", "routes", sim_routes_index()));
}

void
sim_routes_run(struct sim *sim, struct request *rq, struct answer *an)
{
	if (rq->body_too_long) {
		sim_refuse(an, 413, "the body is too large");
		return;
	}
	for (size_t i = 0; i < SIM_ROUTES; i++)
		if (strcmp(sim_routes[i].method, rq->method) == 0 &&
		    strcmp(sim_routes[i].path, rq->path) == 0) {
			sim_routes[i].run(sim, rq, an);
			return;
		}
	sim_refuse(an, 404, "no such route of the simulator; GET /_sim/routes lists them");
}
