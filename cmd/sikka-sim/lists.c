/* SPDX-License-Identifier: MIT */
/*
 * Answers with lists: checks parameters, cuts pages. A wrong parameter is refused, as the real server does
 * it. What a list shows is chosen in lists_filter.c.
 */
#include "lists.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "faults.h"
#include "find.h"
#include "rows.h"

enum { LIMIT_DEFAULT = 50, LIMIT_MAX = 5000 };

static const char common[] = "offset,limit,fields,lightweight,sort_by,loaded_startdate,"
			     "loaded_enddate,find,lastname,firstname,request_key";
/* Members that a record has, but that are sent only when they are asked for by name. */
static const char *const hidden[] = {"rowhash", "loaded_date", "is_main_office"};

static bool
check_number(const struct request *rq, const char *name, long low, long high, long *out,
    struct answer *an)
{
	const char *value = request_parameter(rq, name);

	if (value == NULL || number_parse(value, low, high, out))
		return true;
	answer_code(an, "API1026", "Invalid parameter: %s", name);
	return false;
}

/* A day, perhaps with a time, separated by T or a blank. */
static bool
is_moment(const char *s)
{
	char *day = x_printf("%.10s", s);
	int64_t days;
	bool good = day_parse(day, &days);

	free(day);
	if (!good || s[10] == '\0')
		return good;
	return (s[10] == 'T' || s[10] == ' ') && strlen(s) == 19 && s[13] == ':' && s[16] == ':' &&
	    strspn(s + 11, "0123456789:") == 8;
}

static bool
check_names(const struct request *rq, const struct resource *resource, struct answer *an)
{
	static const char dates[] = "startdate,enddate";
	const char *p = resource->required;
	int64_t day;

	while (*p != '\0') {
		size_t n = strcspn(p, ",");
		char *name = x_printf("%.*s", (int)n, p);
		const char *value = request_parameter(rq, name);
		bool missing = value == NULL || *value == '\0';

		if (missing)
			answer_code(an, "API1020", "Missing parameter: %s", name);
		free(name);
		if (missing)
			return false;
		p += n + (p[n] == ',');
	}
	for (int i = 0; i < rq->parameter_count; i++) {
		const struct parameter *q = &rq->parameters[i];

		if ((strcmp(q->name, "find") == 0 && !find_check(q->value)) ||
		    (!list_has(common, q->name) && !list_has(resource->required, q->name) &&
			!list_has(resource->optional, q->name)) ||
		    (list_has(dates, q->name) && !day_parse(q->value, &day)) ||
		    (list_has("loaded_startdate,loaded_enddate", q->name) &&
			!is_moment(q->value))) {
			answer_code(an, "API1026", "Invalid parameter: %s", q->name);
			return false;
		}
	}
	return true;
}

bool
lists_parameters(const struct sim *sim, const struct request *rq, const struct resource *resource,
    struct page *page, struct answer *an)
{
	page->offset = 0;
	page->limit = LIMIT_DEFAULT;
	if (!check_names(rq, resource, an) ||
	    !check_number(rq, "offset", 0, 1L << 30, &page->offset, an) ||
	    !check_number(rq, "limit", 1, LIMIT_MAX, &page->limit, an))
		return false;
	if (page->limit > sim->set.page_max)
		page->limit = sim->set.page_max;
	if (faults_has(rq, FAULT_REPEATS))
		page->offset = 0;
	return true;
}

/* Which members of its records a list shows. */
struct look {
	const char *fields; /* beside the usual ones; NULL: none */
	bool all, only;     /* all that there are; none but those fields */
};

/* fields= adds to the usual members; lightweight=true leaves only those that are named. */
static struct look
look_of(const struct request *rq)
{
	const char *fields = request_parameter(rq, "fields");
	const char *light = request_parameter(rq, "lightweight");

	return (struct look){.fields = fields,
	    .all = fields != NULL && strcmp(fields, "get_all") == 0,
	    .only = fields != NULL && light != NULL && strcasecmp(light, "true") == 0};
}

static bool
is_hidden(const char *name)
{
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (strcasecmp(name, hidden[i]) == 0)
			return true;
	return false;
}

static void
put_shown(struct rows *rows, const struct look *look, json_t *record)
{
	const char *name;
	json_t *value;

	json_object_foreach(record, name, value)
	{
		if (look->all || (look->fields != NULL && list_has(look->fields, name)) ||
		    (!look->only && !is_hidden(name)))
			rows_member(rows, name, value);
	}
}

/* A page's address. It has no request key: that belongs into the header. */
static char *
link_to(const struct sim *sim, const struct request *rq, long offset, long limit)
{
	/* The documentation shows plain http and another host; this host doesn't exist. */
	bool foreign = sim->set.quirk[Q_LINKS] == LINKS_FOREIGN;
	struct text url = {0};

	text_addf(&url, "%s%s?offset=%ld&limit=%ld",
	    foreign ? "http://api.sikkasoft.invalid/v4" : rq->base, rq->path, offset, limit);
	for (int i = 0; i < rq->parameter_count; i++) {
		const struct parameter *q = &rq->parameters[i];

		if (list_has("offset,limit,request_key", q->name))
			continue;
		text_add(&url, "&", 1);
		text_add_escaped(&url, q->name);
		text_add(&url, "=", 1);
		text_add_escaped(&url, q->value);
	}
	return url.s;
}

static json_t *
links(const struct sim *sim, const struct request *rq, const struct page *page, long last)
{
	/* -1: there is no such page */
	const struct {
		const char *name;
		long offset;
	} pages[] = {
	    {"first", 0},
	    {"previous", page->offset - 1},
	    {"current", page->offset},
	    {"next", page->offset < last ? page->offset + 1 : -1},
	    {"last", last},
	};
	json_t *pagination = json_object();

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		char *url = pages[i].offset < 0 ? x_dup("")
						: link_to(sim, rq, pages[i].offset, page->limit);

		json_put(pagination, pages[i].name, url);
		free(url);
	}
	return pagination;
}

static bool
is_reshaped(const struct sim *sim)
{
	int shape = sim->set.quirk[Q_LISTS];

	return shape == LISTS_ARRAY || shape == LISTS_DATA || shape == LISTS_SUMMARY;
}

/*
 * What stands before the items and behind them in the answers that other programs got: an array alone, an array as
 * "data", or a list in "data" beside a summary.
 */
static char *
reshaped_head(const struct sim *sim, size_t total, const char **tail)
{
	switch (sim->set.quirk[Q_LISTS]) {
	case LISTS_ARRAY:
		*tail = "]";
		return x_dup("[");
	case LISTS_DATA:
		*tail = "]}";
		return x_dup("{\"data\":[");
	default:
		*tail = "]}}";
		return x_printf("{\"summary\":{\"total\":%zu},\"data\":{\"items\":[", total);
	}
}

/* The same of the documented form. wrap: it usually stands in an array of one element. */
static char *
usual_head(const struct sim *sim, const struct request *rq, const struct page *page, size_t total,
    bool wrap, const char **tail)
{
	long long shown_total = (long long)total + faults_number(rq, FAULT_TOTAL);
	long last = total > 0 ? (long)((total - 1) / (size_t)page->limit) : 0;
	bool wrapped = sim->set.quirk[Q_LISTS] == LISTS_WRAPPED ||
	    (wrap && sim->set.quirk[Q_LISTS] == LISTS_USUAL);
	json_t *o = json_object();
	char *members, *head;

	json_putf(o, "offset", "%ld", page->offset);
	json_putf(o, "limit", "%ld", page->limit);
	if (sim->set.quirk[Q_TOTAL] != TOTAL_ABSENT && !faults_has(rq, FAULT_ENDLESS))
		json_putf(o, "total_count", "%lld", shown_total > 0 ? shown_total : 0);
	json_put(o, "execution_time", "21");
	json_object_set_new(o, "pagination", links(sim, rq, page, last));
	members = json_dumps(o, JSON_COMPACT);
	/* Its last brace comes behind the items. */
	head =
	    x_printf("%s%.*s,\"items\":[", wrapped ? "[" : "", (int)strlen(members) - 1, members);
	*tail = wrapped ? "]}]" : "]}";
	free(members);
	json_decref(o);
	return head;
}

void
lists_rows(const struct sim *sim, const struct request *rq, const struct page *page, size_t total,
    struct rows *rows, bool wrap, struct answer *an)
{
	struct text body = {0};
	const char *tail;
	char *head;

	if (total == 0 && !is_reshaped(sim)) {
		rows_free(rows);
		answer_empty(an);
		return;
	}
	if (is_reshaped(sim)) {
		head = reshaped_head(sim, total, &tail);
	} else {
		head = usual_head(sim, rq, page, total, wrap, &tail);
		rows_drop(rows, faults_number(rq, FAULT_SHORT));
	}
	text_add(&body, head, strlen(head));
	text_add(&body, rows->text.s, rows->text.length);
	text_add(&body, tail, strlen(tail));
	free(head);
	rows_free(rows);
	answer_written(an, 200, &body);
}

void
lists_envelope(const struct sim *sim, const struct request *rq, const struct page *page,
    size_t total, json_t *items, bool wrap, struct answer *an)
{
	struct rows rows = {0};

	rows_take(&rows, items);
	lists_rows(sim, rq, page, total, &rows, wrap, an);
}

/* A full page, whatever its number, and unlike all others. */
static void
put_endless(const struct request *rq, const struct page *page, json_t *records, struct rows *rows)
{
	size_t total = json_array_size(records);
	struct look look = look_of(rq);

	for (size_t i = 0; total > 0 && i < (size_t)page->limit; i++) {
		rows_open(rows);
		put_shown(rows, &look, json_array_get(records, i % total));
		rows_putf(rows, "copy", "%ld", page->offset * page->limit + (long)i);
		rows_close(rows);
	}
}

void
lists_part(struct sim *sim, const struct request *rq, const struct page *page, size_t total,
    json_t *records, size_t from, struct answer *an)
{
	size_t end = json_array_size(records);
	struct look look = look_of(rq);
	struct rows rows = {0};

	if (from < end && end - from > (size_t)page->limit)
		end = from + (size_t)page->limit;
	for (size_t i = from; i < end; i++) {
		rows_open(&rows);
		put_shown(&rows, &look, json_array_get(records, i));
		rows_close(&rows);
	}
	sim->ledger.looked_at += (long long)rows.count;
	lists_rows(sim, rq, page, total, &rows, false, an);
}

void
lists_answer(struct sim *sim, const struct request *rq, const struct page *page, json_t *records,
    struct answer *an)
{
	size_t total = json_array_size(records);
	struct rows rows = {0};

	if (!faults_has(rq, FAULT_ENDLESS)) {
		lists_part(sim, rq, page, total, records,
		    (size_t)page->offset * (size_t)page->limit, an);
		return;
	}
	put_endless(rq, page, records, &rows);
	sim->ledger.looked_at += (long long)rows.count;
	lists_rows(sim, rq, page, total, &rows, false, an);
}
