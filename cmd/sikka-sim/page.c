/* SPDX-License-Identifier: MIT */
/*
 * The page at /. It has no scripts and loads nothing. Whatever stands in it may come from a client: it is escaped.
 *
 * A cell stays on one line, but those of long texts (class w); a table that is too wide for the window then is
 * scrolled by itself, also with the keyboard.
 */
#include "page.h"

#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "faults.h"
#include "log.h"
#include "quirks.h"
#include "sim_routes.h"

enum { ROWS_MAX = 50 }; /* of the writebacks and the requests */

static const char head[] =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>sikka-sim</title>\n"
    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
    "<style>:root{color-scheme:light dark}body{font:16px/1.5 "
    "system-ui,sans-serif;max-width:72em;margin:auto;padding:1em}"
    "h1{font-size:1.5em}h2{font-size:1.15em;margin-top:2em}div{overflow-x:auto}table{border-"
    "collapse:collapse}"
    "th,td{text-align:left;vertical-align:top;padding:.25em .8em .25em 0;border-bottom:1px solid "
    "#8886;white-space:nowrap}"
    "td.w{white-space:normal;overflow-wrap:anywhere;min-width:10em}td.c.b{min-width:32em}p{"
    "overflow-wrap:anywhere}"
    "code,td.c{font-family:ui-monospace,monospace;font-size:.9em}</style></head>\n<body><main>\n";

static void
add(struct text *t, const char *s)
{
	for (; *s != '\0'; s++)
		switch (*s) {
		case '<':
			text_add(t, "&lt;", 4);
			break;
		case '>':
			text_add(t, "&gt;", 4);
			break;
		case '&':
			text_add(t, "&amp;", 5);
			break;
		case '"':
			text_add(t, "&quot;", 6);
			break;
		default:
			text_add(t, s, 1);
		}
}

/* A table's beginning; its columns are separated by commas. */
static void
begin_table(struct text *t, const char *title, const char *columns)
{
	text_addf(t,
	    "<h2>%s</h2>\n<div tabindex=\"0\" role=\"group\" aria-label=\"%s\"><table><thead><tr>",
	    title, title);
	for (size_t n; *columns != '\0'; columns += n + (columns[n] == ',')) {
		n = strcspn(columns, ",");
		text_addf(t, "<th scope=\"col\">%.*s</th>", (int)n, columns);
	}
	text_addf(t, "</tr></thead><tbody>\n");
}

static void
end_table(struct text *t, bool empty, const char *none)
{
	text_addf(t, "</tbody></table></div>\n");
	if (empty)
		text_addf(t, "<p>%s</p>\n", none);
}

static void
cell(struct text *t, const char *value)
{
	text_addf(t, "<td>");
	add(t, value);
	text_addf(t, "</td>");
}

static void
cell_long(struct text *t, const char *value)
{
	text_addf(t, "<td class=\"w\">");
	add(t, value);
	text_addf(t, "</td>");
}

static void
cell_number(struct text *t, long long n)
{
	text_addf(t, "<td>%lld</td>", n);
}

/* JSON, in the letters of a program. */
static void
cell_json(struct text *t, const json_t *value)
{
	char *s = value != NULL ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;

	text_addf(t, "<td class=\"c w b\">");
	add(t, s != NULL ? s : "");
	text_addf(t, "</td>");
	free(s);
}

static void
add_offices(struct sim *sim, struct text *t)
{
	long *waiting = x_new((size_t)sim->office_count * sizeof(*waiting));

	begin_table(t, "Offices",
	    "Office,Practices,Server,Authorized,Patients,Appointments,Waiting");
	for (size_t q = 0; q < sim->queue_count; q++)
		waiting[sim->writebacks[sim->queue[q]].office]++;
	for (int i = 0; i < sim->office_count; i++) {
		const struct office *office = &sim->offices[i];

		text_addf(t, "<tr>");
		cell(t, office->id);
		text_addf(t, "<td class=\"w\">");
		for (int p = 0; p < office->practice_count; p++) {
			const struct practice *practice = &office->practices[p];
			char *s = x_printf("%s%s: %s %s", p > 0 ? ", " : "", practice->id,
			    practice->pms, practice->version);

			add(t, s);
			free(s);
		}
		text_addf(t, "</td>");
		cell(t, office->online ? "on" : "off");
		cell(t, office->authorized ? "yes" : "no");
		cell_number(t, (long long)state_count(sim, i, "patients"));
		cell_number(t, (long long)state_count(sim, i, "appointments"));
		cell_number(t, waiting[i]);
		text_addf(t, "</tr>\n");
	}
	free(waiting);
	end_table(t, false, "");
}

static void
add_writebacks(const struct sim *sim, struct text *t)
{
	size_t shown = sim->writeback_count;

	if (shown > ROWS_MAX)
		shown = ROWS_MAX;
	begin_table(t, "Writebacks, the latest first",
	    "Id,Time,Office,Request,State,Carried out,Result");
	for (size_t i = 0; i < shown; i++) {
		const struct writeback *w = &sim->writebacks[sim->writeback_count - 1 - i];
		char when[TIME_TEXT],
		    *request = x_printf("%s %s", w->operation->method, w->operation->path);

		time_text(when, w->requested, ' ');
		text_addf(t, "<tr>");
		cell_number(t, w->id);
		cell(t, when);
		cell(t, sim->offices[w->office].id);
		cell(t, request);
		cell(t, state_name(w->state));
		cell_number(t, w->applied);
		cell_long(t, w->result);
		text_addf(t, "</tr>\n");
		free(request);
	}
	end_table(t, shown == 0, "There are none.");
}

static void
add_requests(const struct sim *sim, struct text *t)
{
	json_t *all = log_list(sim, 0, NULL, NULL);
	size_t size = json_array_size(all), shown = size;

	if (shown > ROWS_MAX)
		shown = ROWS_MAX;
	begin_table(t, "Requests, the latest first", "Number,Time,Request,Status,Rule,Body");
	for (size_t i = 0; i < shown; i++) {
		const json_t *one = json_array_get(all, size - 1 - i);
		char *request = x_printf("%s %s", json_text(one, "method"), json_text(one, "path"));

		text_addf(t, "<tr>");
		cell_number(t, json_integer_value(json_object_get(one, "number")));
		cell(t, json_text(one, "time"));
		cell(t, request);
		text_addf(t, "<td>%03d</td>",
		    (int)json_integer_value(json_object_get(one, "status")));
		cell_long(t, json_text(one, "rule"));
		cell_json(t, json_object_get(one, "body"));
		text_addf(t, "</tr>\n");
		free(request);
	}
	end_table(t, shown == 0, "There are none. Keys and card numbers are masked in this list.");
	json_decref(all);
}

static void
add_rules(const struct sim *sim, struct text *t)
{
	json_t *rules = faults_list(sim), *rule;
	size_t i;

	begin_table(t, "Fault rules", "Rule,Requests seen,Requests met");
	json_array_foreach(rules, i, rule)
	{
		text_addf(t, "<tr>");
		cell_long(t, json_text(rule, "rule"));
		cell_number(t, json_integer_value(json_object_get(rule, "seen")));
		cell_number(t, json_integer_value(json_object_get(rule, "hits")));
		text_addf(t, "</tr>\n");
	}
	end_table(t, i == 0, "There are none.");
	json_decref(rules);
}

static void
add_routes(struct text *t)
{
	json_t *routes = sim_routes_index(), *route;
	size_t i;

	begin_table(t, "What can be asked beside the API", "Route,What it does");
	json_array_foreach(routes, i, route)
	{
		text_addf(t, "<tr><td class=\"c w\">");
		add(t, json_text(route, "route"));
		text_addf(t, "</td>");
		cell_long(t, json_text(route, "does"));
		text_addf(t, "</tr>\n");
	}
	end_table(t, false, "");
	json_decref(routes);
}

void
page_show(struct sim *sim, struct request *rq, struct answer *an)
{
	struct text t = {0};
	char when[TIME_TEXT];

	time_text(when, state_now(sim), ' ');
	text_addf(&t, "%s<h1>sikka-sim</h1>\n<p>A simulated server for the Sikka ONE API at <code>",
	    head);
	add(&t, rq->base);
	text_addf(&t,
	    "</code>. Its clock shows %s UTC. Its practices and patients are invented. See "
	    "sikka-sim(1).</p>\n",
	    when);
	add_offices(sim, &t);
	add_writebacks(sim, &t);
	add_requests(sim, &t);
	add_rules(sim, &t);
	add_routes(&t);
	text_addf(&t, "</main></body></html>\n");
	answer_text(an, 200, "text/html; charset=UTF-8", t.s);
	answer_header(an, "Content-Security-Policy",
	    "default-src 'none'; style-src 'unsafe-inline'");
	free(t.s);
}
