/* SPDX-License-Identifier: MIT */
/*
 * Answers with lists: checks parameters, filters, sorts, cuts pages. A wrong parameter is refused,
 * as the real server does it.
 */
#include "lists.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "faults.h"
#include "find.h"

enum { LIMIT_DEFAULT = 50, LIMIT_MAX = 5000 };

static const char common[] = "offset,limit,fields,lightweight,sort_by,loaded_startdate,"
			     "loaded_enddate,find,lastname,firstname,request_key";
/* Members that a record has, but that are sent only when they are asked for by name. */
static const char hidden[] = "rowhash,loaded_date,is_main_office";
/* The loading time of the records that were there from the start. */
static const char first_loaded[] = "2025-01-06T00:00:00";

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

/*
 * Whether the record was loaded at that moment or later (for an end: earlier). A day means the
 * whole day.
 */
static bool
loaded(const json_t *record, const char *name, const char *value)
{
	const char *when = json_text(record, "loaded_date");
	char *moment = x_dup(value);
	int c;

	if (strlen(moment) > 10)
		moment[10] = 'T';
	c = strncmp(*when ? when : first_loaded, moment, strlen(moment));
	free(moment);
	return strcmp(name, "loaded_startdate") == 0 ? c >= 0 : c <= 0;
}

static bool
matches(const struct request *rq, const struct resource *resource, const json_t *record)
{
	for (int i = 0; i < rq->parameter_count; i++) {
		const char *name = rq->parameters[i].name, *value = rq->parameters[i].value;
		const char *date = json_text(record, "date");

		/* Dates in this form can be compared as texts. */
		if (strcmp(name, "startdate") == 0) {
			if (*date != '\0' && strcmp(date, value) < 0)
				return false;
		} else if (strcmp(name, "enddate") == 0) {
			if (*date != '\0' && strcmp(date, value) > 0)
				return false;
		} else if (list_has("loaded_startdate,loaded_enddate", name)) {
			if (!loaded(record, name, value))
				return false;
		} else if (strcmp(name, "find") == 0) {
			if (!find_matches(value, record))
				return false;
		} else if (list_has(resource->optional, name) ||
		    list_has(resource->required, name) || list_has("firstname,lastname", name)) {
			const json_t *field = json_object_get(record, name);

			if (field != NULL && strcasecmp(json_string_value(field), value) != 0)
				return false;
		}
	}
	return true;
}

struct sorted {
	const char *value;
	size_t place; /* index at first: qsort alone doesn't keep equal ones in order */
	json_t *record;
	int sign; /* -1: descending */
};

static int
by_value(const void *va, const void *vb)
{
	const struct sorted *a = va, *b = vb;
	int c = a->sign * find_compare(a->value, b->value);

	return c != 0 ? c : (a->place > b->place) - (a->place < b->place);
}

/*
 * appointment_date, the name to sort an appointment by, means its member date. Other members have two names,
 * too, in different places of the documents.
 */
static const char *
sort_value(const json_t *record, const char *name)
{
	static const char prefix[] = "appointment_";
	static const char *const others[][2] = {{"first_name", "firstname"},
	    {"last_name", "lastname"}, {"patient_zipcode", "zipcode"}, {"modelID", "model_id"},
	    {"chart_date", "date"}};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(name, others[i][0]) == 0)
			name = others[i][1];
	if (json_object_get(record, name) == NULL && strncmp(name, prefix, sizeof(prefix) - 1) == 0)
		name += sizeof(prefix) - 1;
	return json_text(record, name);
}

static json_t *
sorted_by(json_t *records, const char *name, int sign)
{
	size_t n = json_array_size(records);
	struct sorted *rows = x_new(n * sizeof(*rows));
	json_t *out = json_array();

	for (size_t i = 0; i < n; i++) {
		rows[i].record = json_array_get(records, i);
		rows[i].value = sort_value(rows[i].record, name);
		rows[i].place = i;
		rows[i].sign = sign;
	}
	qsort(rows, n, sizeof(*rows), by_value);
	for (size_t i = 0; i < n; i++)
		json_array_append(out, rows[i].record);
	free(rows);
	json_decref(records);
	return out;
}

/*
 * Sorts by "a,-b": by a, and equal ones by b, descending. A name by which the resource can't be
 * sorted changes nothing.
 */
static json_t *
sorted(const struct resource *resource, json_t *records, const char *orders)
{
	size_t end = strlen(orders);

	/* Sorted by the last name first: each later sort keeps the order of equal records. */
	while (end > 0) {
		size_t begin = end;
		char *name;
		int sign;

		while (begin > 0 && orders[begin - 1] != ',')
			begin--;
		sign = orders[begin] == '-' ? -1 : 1;
		name = x_printf("%.*s", (int)(end - begin), orders + begin);
		if (list_has(resource->sort_by, name + (sign < 0)))
			records = sorted_by(records, name + (sign < 0), sign);
		free(name);
		end = begin > 0 ? begin - 1 : 0;
	}
	return records;
}

json_t *
lists_filter(const struct request *rq, const struct resource *resource, json_t *records)
{
	const char *by = request_parameter(rq, "sort_by");
	json_t *out = json_array(), *record;
	size_t i;

	json_array_foreach(records, i, record) if (matches(rq, resource, record))
	    json_array_append(out, record);
	return by != NULL ? sorted(resource, out, by) : out;
}

/* fields= adds to the usual members; lightweight=true leaves only those that are named. */
static json_t *
shown(const struct request *rq, json_t *record)
{
	const char *fields = request_parameter(rq, "fields");
	const char *light = request_parameter(rq, "lightweight");
	bool only = fields != NULL && light != NULL && strcasecmp(light, "true") == 0;
	bool all = fields != NULL && strcmp(fields, "get_all") == 0;
	const char *name;
	json_t *value, *out;

	if (all)
		return json_incref(record);
	out = json_object();
	json_object_foreach(record, name, value) if ((fields != NULL && list_has(fields, name)) ||
	    (!only && !list_has(hidden, name))) json_object_set(out, name, value);
	return out;
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

/* As other programs were answered: an array alone, one as data, or a list as data beside a summary. */
static bool
answer_reshaped(const struct sim *sim, size_t total, json_t *items, struct answer *an)
{
	int shape = sim->set.quirk[Q_LISTS];
	json_t *o;

	if (shape != LISTS_ARRAY && shape != LISTS_DATA && shape != LISTS_SUMMARY)
		return false;
	if (shape == LISTS_ARRAY) {
		answer_json(an, 200, items);
		return true;
	}
	o = json_object();
	if (shape == LISTS_SUMMARY) {
		json_object_set_new(o, "summary", json_pack("{s:I}", "total", (json_int_t)total));
		items = json_pack("{s:o}", "items", items);
	}
	json_object_set_new(o, "data", items);
	answer_json(an, 200, o);
	return true;
}

void
lists_envelope(const struct sim *sim, const struct request *rq, const struct page *page,
    size_t total, json_t *items, bool wrap, struct answer *an)
{
	long long shown_total = (long long)total + faults_number(rq, FAULT_TOTAL);
	long last = total > 0 ? (long)((total - 1) / (size_t)page->limit) : 0;
	json_t *o, *array;

	if (answer_reshaped(sim, total, items, an))
		return;
	if (total == 0) {
		json_decref(items);
		answer_empty(an);
		return;
	}
	o = json_object();
	json_putf(o, "offset", "%ld", page->offset);
	json_putf(o, "limit", "%ld", page->limit);
	if (sim->set.quirk[Q_TOTAL] != TOTAL_ABSENT && !faults_has(rq, FAULT_ENDLESS))
		json_putf(o, "total_count", "%lld", shown_total > 0 ? shown_total : 0);
	json_put(o, "execution_time", "21");
	json_object_set_new(o, "pagination", links(sim, rq, page, last));
	for (int64_t less = faults_number(rq, FAULT_SHORT); less > 0; less--)
		json_array_remove(items, json_array_size(items) - 1);
	json_object_set_new(o, "items", items);
	if (sim->set.quirk[Q_LISTS] == LISTS_WRAPPED ||
	    (wrap && sim->set.quirk[Q_LISTS] == LISTS_USUAL)) {
		array = json_array();
		json_array_append_new(array, o);
		o = array;
	}
	answer_json(an, 200, o);
}

/* A full page, whatever its number, and unlike all others. */
static json_t *
endless_page(const struct request *rq, const struct page *page, json_t *records)
{
	size_t total = json_array_size(records);
	json_t *items = json_array();

	for (size_t i = 0; total > 0 && i < (size_t)page->limit; i++) {
		json_t *record = shown(rq, json_array_get(records, i % total));
		json_t *item = json_copy(record);

		json_decref(record);
		json_putf(item, "copy", "%ld", page->offset * page->limit + (long)i);
		json_array_append_new(items, item);
	}
	return items;
}

void
lists_answer(const struct sim *sim, const struct request *rq, const struct page *page,
    json_t *records, struct answer *an)
{
	size_t total = json_array_size(records);
	size_t from = (size_t)page->offset * (size_t)page->limit;
	json_t *items;

	if (faults_has(rq, FAULT_ENDLESS)) {
		lists_envelope(sim, rq, page, total, endless_page(rq, page, records), false, an);
		return;
	}
	items = json_array();
	for (size_t i = from; i < total && i < from + (size_t)page->limit; i++)
		json_array_append_new(items, shown(rq, json_array_get(records, i)));
	lists_envelope(sim, rq, page, total, items, false, an);
}
