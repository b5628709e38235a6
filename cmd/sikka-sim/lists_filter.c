/* SPDX-License-Identifier: MIT */
/*
 * Which records a list shows, and in which order. All pages of a list ask the same, so what was chosen is kept until a
 * record changes: only the first page looks at all records.
 */
#include "lists.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "find.h"

/* The loading time of the records that were there from the start. */
static const char first_loaded[] = "2025-01-06T00:00:00";

/* --- filters --------------------------------------------------------------------------------------- */

struct filter {
	enum { FROM_DAY, TO_DAY, LOADED_FROM, LOADED_TO, EXPRESSION, EQUALS } how;
	const char *name, *value;
	char moment[20]; /* of LOADED_FROM and LOADED_TO: a day, or a day and a time */
};

/* What a parameter asks of a record. false: nothing. */
static bool
filter_of(const struct parameter *q, const struct resource *resource, struct filter *filter)
{
	static const char *const known[] = {[FROM_DAY] = "startdate",
	    [TO_DAY] = "enddate",
	    [LOADED_FROM] = "loaded_startdate",
	    [LOADED_TO] = "loaded_enddate",
	    [EXPRESSION] = "find"};

	filter->name = q->name;
	filter->value = q->value;
	filter->how = FROM_DAY;
	while (filter->how < EQUALS && strcmp(q->name, known[filter->how]) != 0)
		filter->how++;
	snprintf(filter->moment, sizeof(filter->moment), "%s", q->value);
	if (strlen(filter->moment) > 10)
		filter->moment[10] = 'T';
	/* "show" chooses the practices of which there are records: no record has it. */
	return filter->how != EQUALS ||
	    (strcmp(q->name, "show") != 0 &&
		(list_has(resource->optional, q->name) || list_has(resource->required, q->name) ||
		    list_has("firstname,lastname", q->name)));
}

static int
filters_of(const struct request *rq, const struct resource *resource, struct filter filters[])
{
	int n = 0;

	for (int i = 0; i < rq->parameter_count; i++)
		n += filter_of(&rq->parameters[i], resource, &filters[n]);
	return n;
}

/* How its loading time compares with the moment, of which a day means the whole day. */
static int
compare_loaded(const json_t *record, const char *moment)
{
	const char *when = json_text(record, "loaded_date");

	return strncmp(*when ? when : first_loaded, moment, strlen(moment));
}

static bool
fits(const struct filter *filter, const json_t *record)
{
	const char *date = json_text(record, "date");

	switch (filter->how) {
	/* Dates in this form can be compared as texts. */
	case FROM_DAY:
		return *date == '\0' || strcmp(date, filter->value) >= 0;
	case TO_DAY:
		return *date == '\0' || strcmp(date, filter->value) <= 0;
	case LOADED_FROM:
		return compare_loaded(record, filter->moment) >= 0;
	case LOADED_TO:
		return compare_loaded(record, filter->moment) <= 0;
	case EXPRESSION:
		return find_matches(filter->value, record);
	case EQUALS:
	default:
		return json_object_get(record, filter->name) == NULL ||
		    strcasecmp(json_text(record, filter->name), filter->value) == 0;
	}
}

/* --- order ----------------------------------------------------------------------------------------- */

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

/* --- both ------------------------------------------------------------------------------------------ */

bool
lists_is_whole(const struct request *rq, const struct resource *resource)
{
	struct filter filters[PARAMETERS_MAX];

	return request_parameter(rq, "sort_by") == NULL && filters_of(rq, resource, filters) == 0;
}

json_t *
lists_filter(struct sim *sim, const struct request *rq, const struct resource *resource,
    json_t *records)
{
	const char *by = request_parameter(rq, "sort_by");
	struct filter filters[PARAMETERS_MAX];
	int count = filters_of(rq, resource, filters);
	json_t *out, *record;
	size_t i;

	if (count == 0 && by == NULL)
		return json_incref(records);
	out = json_array();
	json_array_foreach(records, i, record)
	{
		int n = 0;

		while (n < count && fits(&filters[n], record))
			n++;
		if (n == count)
			json_array_append(out, record);
	}
	sim->ledger.looked_at += (long long)json_array_size(records);
	return by != NULL ? sorted(resource, out, by) : out;
}

/* --- kept ------------------------------------------------------------------------------------------ */

enum { KEPT = 16 };

struct kept {
	json_t *records, *some; /* of all records, those that were chosen */
	char *asked;
	unsigned long changes; /* sim->changes at that time */
};

/* What distinguishes the list from others of the same records, but not its pages. */
static char *
asked_by(const struct request *rq)
{
	struct text t = {0};

	text_add(&t, "", 0);
	for (int i = 0; i < rq->parameter_count; i++) {
		const struct parameter *q = &rq->parameters[i];

		if (!list_has("offset,limit,fields,lightweight,request_key", q->name))
			text_addf(&t, "%zu %s=%zu %s ", strlen(q->name), q->name, strlen(q->value),
			    q->value);
	}
	return t.s;
}

static void
drop(struct kept *kept)
{
	json_decref(kept->records);
	json_decref(kept->some);
	free(kept->asked);
	*kept = (struct kept){0};
}

json_t *
lists_kept(struct sim *sim, const struct request *rq, const struct resource *resource,
    json_t *records)
{
	struct kept *kept;
	char *asked;

	if (lists_is_whole(rq, resource))
		return json_incref(records);
	if (sim->kept == NULL)
		sim->kept = x_new(KEPT * sizeof(*sim->kept));
	asked = asked_by(rq);
	for (size_t i = 0; i < KEPT; i++) {
		kept = &sim->kept[i];
		if (kept->records == records && kept->changes == sim->changes &&
		    strcmp(kept->asked, asked) == 0) {
			free(asked);
			return json_incref(kept->some);
		}
	}
	kept = &sim->kept[sim->kept_next++ % KEPT];
	drop(kept);
	*kept = (struct kept){.records = json_incref(records),
	    .some = lists_filter(sim, rq, resource, records),
	    .asked = asked,
	    .changes = sim->changes};
	return json_incref(kept->some);
}

void
lists_forget(struct sim *sim)
{
	for (size_t i = 0; sim->kept != NULL && i < KEPT; i++)
		drop(&sim->kept[i]);
	free(sim->kept);
	sim->kept = NULL;
}
