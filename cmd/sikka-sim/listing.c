/* SPDX-License-Identifier: MIT */
/*
 * GET /writebacks: the list of all writebacks of the application, whole or torn by a fault.
 */
#include "writebacks.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "faults.h"
#include "fields.h"
#include "lists.h"

enum { WINDOW_DAYS = 7 };
static const int64_t day_ms = (int64_t)86400 * 1000;

/* The field that stands in the path as id, which the echo says under that name alone. */
static bool
stands_in_path(const struct writeback *w, const char *name)
{
	static const char *const fields[][2] = {{"/appointments/{}", "appointment_sr_no"},
	    {"/patient/{}", "patient_id"}, {"/claims/{}", "claim_sr_no"}};

	for (size_t i = 0; w->path_id != NULL && i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strcmp(w->operation->path, fields[i][0]) == 0)
			return strcmp(name, fields[i][1]) == 0;
	return false;
}

static void
put_echo(const struct writeback *w, json_t *item)
{
	const char *path = w->operation->path + 1, *name;
	struct text echo = {0};
	json_t *value;

	json_object_foreach(w->body, name, value) if (!stands_in_path(w, name))
	    text_addf(&echo, "%s=%s&", name, json_string_value(value));
	text_addf(&echo, "request_key=****&apiname=%s %.*s", w->operation->method,
	    (int)strcspn(path, "/"), path);
	if (w->path_id != NULL)
		text_addf(&echo, "&id=%s", w->path_id);
	json_put(item, "api_request_body", echo.s);
	free(echo.s);
}

static json_t *
listed(const struct sim *sim, const struct request *rq, const struct writeback *w)
{
	json_t *item = json_object();
	bool pending = w->state == PENDING;

	json_putf(item, "href", "%s/writebacks?id=%ld", rq->base, w->id);
	json_putf(item, "id", "%ld", w->id);
	json_put(item, "result", pending || sim->set.brief ? state_name(w->state) : w->result);
	if (sim->set.brief)
		json_object_set_new(item, "error_message",
		    w->state == FAILED ? json_string(w->result) : json_null());
	json_putf(item, "description", "%s writeback", w->operation->noun);
	json_put(item, "office_id", sim->offices[w->office].id);
	json_put(item, "method", w->operation->method);
	json_put(item, "api_name", w->operation->name);
	put_echo(w, item);
	writebacks_put_moment(sim, item, "command_time", w->requested, ' ');
	json_put(item, "completed_time", "");
	json_put(item, "duration_in_second", "");
	if (!pending) {
		writebacks_put_moment(sim, item, "completed_time", w->completed, ' ');
		json_putf(item, "duration_in_second", "%lld",
		    (long long)(w->completed - w->requested) / 1000);
	}
	return item;
}

struct choice {           /* which writebacks a list shows */
	int64_t from, to; /* days in the server's zone */
	int64_t newest;   /* when the last one was queued, at the latest */
	long id;          /* -1: of any id */
};

/* Reads the parameters, which lists_parameters() has checked: both days are there. */
static bool
choose(const struct sim *sim, const struct request *rq, struct choice *choice, struct answer *an)
{
	const char *id = request_parameter(rq, "id");
	int64_t lag = faults_number(rq, FAULT_LAG);

	if (lag < sim->set.list_lag)
		lag = sim->set.list_lag;
	choice->newest = lag > 0 ? state_now(sim) - lag : NEVER;
	choice->id = -1;
	if (id != NULL && !number_parse(id, 1, LONG_MAX, &choice->id))
		choice->id = 0; /* nobody's */
	day_parse(request_parameter(rq, "startdate"), &choice->from);
	day_parse(request_parameter(rq, "enddate"), &choice->to);
	/* Both days belong in. The documents don't say whether they count so: this is the stricter way. */
	if (choice->from <= choice->to && choice->to - choice->from < WINDOW_DAYS)
		return true;
	answer_code(an, "API1026", "Invalid parameter: startdate to enddate are not 1 to %d days",
	    WINDOW_DAYS);
	return false;
}

static bool
is_chosen(const struct sim *sim, const struct writeback *w, const struct choice *choice)
{
	int64_t day = (w->requested + sim->set.zone) / day_ms;

	if (state_gone(w) || w->no_entry || day < choice->from || day > choice->to ||
	    w->queued > choice->newest || (choice->id >= 0 && w->id != choice->id))
		return false;
	return w->list_lag == 0 || w->queued <= state_now(sim) - w->list_lag;
}

/* The id that this page lacks by a fault; 0: none. */
static long
missing(const struct request *rq, const struct page *page)
{
	if (faults_has(rq, FAULT_LACKS) || faults_has(rq, FAULT_SKIPS) ||
	    (faults_has(rq, FAULT_LOSES) && page->offset > 0))
		return (long)rq->fault->number;
	return 0;
}

/* Between two pages, another program sends so many requests. */
static void
grow(struct sim *sim, int64_t more)
{
	const struct operation *op = operation_find("POST", "/medical_notes");

	for (; more > 0; more--) {
		json_t *body = json_pack("{s:s,s:s,s:s}", "patient_id", "1", "note",
		    "Sent between two pages", "practice_id", "1");

		writebacks_add(sim, 0, op, NULL, body)->foreign = true;
		json_decref(body);
	}
}

void
writebacks_list(struct sim *sim, struct request *rq, struct answer *an)
{
	size_t total = 0, passed_over = 0, first;
	struct choice choice;
	struct page page;
	json_t *items;
	long without;

	if (!sim->set.writeback_list) {
		answer_code(an, "API2004", "This call is not part of this plan");
		return;
	}
	if (!lists_parameters(sim, rq, resource_find("writebacks"), &page, an) ||
	    !choose(sim, rq, &choice, an))
		return;
	if (page.offset > 0)
		grow(sim, faults_number(rq, FAULT_GROWS));
	without = missing(rq, &page);
	items = json_array();
	first = (size_t)page.offset * (size_t)page.limit;
	for (size_t i = 0; i < sim->writeback_count; i++) {
		const struct writeback *w = &sim->writebacks[i];

		if (!is_chosen(sim, w, &choice))
			continue;
		if (w->id == without) {
			passed_over++;
			continue;
		}
		if (total >= first && total < first + (size_t)page.limit)
			json_array_append_new(items, listed(sim, rq, w));
		total++;
	}
	if (faults_has(rq, FAULT_SKIPS))
		total += passed_over;
	lists_envelope(sim, rq, &page, total, items, false, an);
}
