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
put_echo(const struct writeback *w, struct rows *rows)
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
	rows_put(rows, "api_request_body", echo.s);
	free(echo.s);
}

static void
put_moment(const struct sim *sim, struct rows *rows, const char *name, int64_t ms)
{
	char when[TIME_TEXT];

	time_text(when, ms + sim->set.zone, ' ');
	rows_put(rows, name, when);
}

static void
put_listed(const struct sim *sim, const struct request *rq, const struct writeback *w,
    struct rows *rows)
{
	bool pending = w->state == PENDING;

	rows_open(rows);
	rows_putf(rows, "href", "%s/writebacks?id=%ld", rq->base, w->id);
	rows_putf(rows, "id", "%ld", w->id);
	rows_put(rows, "result", pending || sim->set.brief ? state_name(w->state) : w->result);
	if (sim->set.brief && w->state == FAILED)
		rows_put(rows, "error_message", w->result);
	else if (sim->set.brief)
		rows_member(rows, "error_message", json_null());
	rows_putf(rows, "description", "%s writeback", w->operation->noun);
	rows_put(rows, "office_id", sim->offices[w->office].id);
	rows_put(rows, "method", w->operation->method);
	rows_put(rows, "api_name", w->operation->name);
	put_echo(w, rows);
	put_moment(sim, rows, "command_time", w->requested);
	if (pending) {
		rows_put(rows, "completed_time", "");
		rows_put(rows, "duration_in_second", "");
	} else {
		put_moment(sim, rows, "completed_time", w->completed);
		rows_putf(rows, "duration_in_second", "%lld",
		    (long long)(w->completed - w->requested) / 1000);
	}
	rows_close(rows);
}

static int64_t
day_of(const struct sim *sim, int64_t requested)
{
	return (requested + sim->set.zone) / day_ms;
}

struct choice {           /* which writebacks a list shows */
	int64_t from, to; /* days in the server's zone */
	int64_t newest;   /* when the last one was queued, at the latest */
	long id;          /* -1: of any id */
	long without;     /* the id that this page lacks by a fault; 0: none */
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
	int64_t day = day_of(sim, w->requested);

	if (state_gone(w) || w->no_entry || day < choice->from || day > choice->to ||
	    w->queued > choice->newest || (choice->id >= 0 && w->id != choice->id))
		return false;
	return w->list_lag == 0 || w->queued <= state_now(sim) - w->list_lag;
}

/* --- many at once ---------------------------------------------------------------------------------- */

/*
 * So many writebacks that follow one another are judged at once, so that a page of a long list doesn't look at
 * each. What is known of them is read anew after one of them has changed.
 */
enum { SPAN = 256 };

struct span {
	bool is_known;
	bool is_plain;       /* none is gone, hidden, or shown later than others */
	int64_t first, last; /* when they were requested */
	int64_t newest;      /* when the last one was queued */
};

void
writebacks_changed(struct sim *sim, const struct writeback *w)
{
	size_t n = (size_t)(w - sim->writebacks) / SPAN;

	if (n < sim->span_room)
		sim->spans[n].is_known = false;
}

void
writebacks_all_changed(struct sim *sim)
{
	for (size_t n = 0; n < sim->span_room; n++)
		sim->spans[n].is_known = false;
}

static size_t
end_of_span(const struct sim *sim, size_t n)
{
	return (n + 1) * SPAN < sim->writeback_count ? (n + 1) * SPAN : sim->writeback_count;
}

static const struct span *
span_at(struct sim *sim, size_t n)
{
	struct span *span;

	if (n >= sim->span_room) {
		size_t room = sim->writeback_room / SPAN + 1;

		sim->spans = x_grow(sim->spans, room * sizeof(*sim->spans));
		memset(sim->spans + sim->span_room, 0, (room - sim->span_room) * sizeof(*span));
		sim->span_room = room;
	}
	span = &sim->spans[n];
	if (span->is_known)
		return span;
	*span = (struct span){.is_known = true,
	    .is_plain = true,
	    .first = INT64_MAX,
	    .last = INT64_MIN,
	    .newest = INT64_MIN};
	for (size_t i = n * SPAN; i < end_of_span(sim, n); i++) {
		const struct writeback *w = &sim->writebacks[i];

		span->is_plain &= !state_gone(w) && !w->no_entry && w->list_lag == 0;
		span->first = w->requested < span->first ? w->requested : span->first;
		span->last = w->requested > span->last ? w->requested : span->last;
		span->newest = w->queued > span->newest ? w->queued : span->newest;
	}
	sim->ledger.looked_at += SPAN;
	return span;
}

static bool
has_none(const struct sim *sim, const struct span *span, const struct choice *choice)
{
	return day_of(sim, span->last) < choice->from || day_of(sim, span->first) > choice->to;
}

static bool
has_only(const struct sim *sim, const struct span *span, const struct choice *choice)
{
	return span->is_plain && choice->id < 0 && choice->without == 0 &&
	    day_of(sim, span->first) >= choice->from && day_of(sim, span->last) <= choice->to &&
	    span->newest <= choice->newest;
}

/* --- the list -------------------------------------------------------------------------------------- */

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

/* What a page has of the list, of which so many entries were met. */
struct met {
	size_t total, passed_over, first, end;
	struct rows rows;
};

static void
look_at(struct sim *sim, const struct request *rq, const struct writeback *w,
    const struct choice *choice, struct met *met)
{
	sim->ledger.looked_at++;
	if (!is_chosen(sim, w, choice))
		return;
	if (w->id == choice->without) {
		met->passed_over++;
		return;
	}
	if (met->total >= met->first && met->total < met->end)
		put_listed(sim, rq, w, &met->rows);
	met->total++;
}

/* All in their order; where none or all of a span are chosen, and none is on the page, at once. */
static void
look_at_all(struct sim *sim, const struct request *rq, const struct choice *choice, struct met *met)
{
	for (size_t n = 0; n * SPAN < sim->writeback_count; n++) {
		const struct span *span = span_at(sim, n);
		size_t end = end_of_span(sim, n), count = end - n * SPAN;

		sim->ledger.looked_at++;
		if (has_none(sim, span, choice))
			continue;
		if (has_only(sim, span, choice) &&
		    (met->total + count <= met->first || met->total >= met->end)) {
			met->total += count;
			continue;
		}
		for (size_t i = n * SPAN; i < end; i++)
			look_at(sim, rq, &sim->writebacks[i], choice, met);
	}
}

/* One id alone: it shows where its writeback is, unless an id came again. */
static void
look_at_one(struct sim *sim, const struct request *rq, const struct choice *choice, struct met *met)
{
	size_t index = (size_t)(choice->id - FIRST_WRITEBACK);

	if (choice->id >= FIRST_WRITEBACK && index < sim->writeback_count)
		look_at(sim, rq, &sim->writebacks[index], choice, met);
}

void
writebacks_list(struct sim *sim, struct request *rq, struct answer *an)
{
	struct met met = {0};
	struct choice choice;
	struct page page;

	if (!sim->set.writeback_list) {
		answer_code(an, "API2004", "This call is not part of this plan");
		return;
	}
	if (!lists_parameters(sim, rq, resource_find("writebacks"), &page, an) ||
	    !choose(sim, rq, &choice, an))
		return;
	if (page.offset > 0)
		grow(sim, faults_number(rq, FAULT_GROWS));
	choice.without = missing(rq, &page);
	met.first = (size_t)page.offset * (size_t)page.limit;
	met.end = met.first + (size_t)page.limit;
	if (choice.id >= 0 && !sim->ids_came_again)
		look_at_one(sim, rq, &choice, &met);
	else
		look_at_all(sim, rq, &choice, &met);
	if (faults_has(rq, FAULT_SKIPS))
		met.total += met.passed_over;
	lists_rows(sim, rq, &page, met.total, &met.rows, false, an);
}
