/* SPDX-License-Identifier: MIT */
/*
 * Reads records of one's own. All lines are checked before the first one is used: a test must not begin with half of
 * its records.
 */
#include "fixtures.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "near.h"
#include "resources.h"
#include "seed.h"
#include "sim_routes.h"
#include "spu.h"

static char *
check_office(const struct sim *sim, const char *id)
{
	struct near near = {.word = id};

	if (state_office(sim, id) >= 0)
		return NULL;
	for (int i = 0; i < sim->office_count; i++)
		near_add(&near, sim->offices[i].id);
	return near_say(&near, "no such office_id");
}

static char *
check_resource(const char *name)
{
	struct near near = {.word = name};

	if (seed_is_kept(name))
		return NULL;
	for (size_t i = 0; resource_at(i) != NULL; i++)
		if (seed_is_kept(resource_at(i)->name))
			near_add(&near, resource_at(i)->name);
	return near_say(&near, "no such resource, or none that has records of its own");
}

static char *
check_values(const json_t *record)
{
	json_t *value;
	const char *name;

	json_object_foreach((json_t *)(uintptr_t)record, name,
	    value) if (!json_is_string(value)) return x_printf("%s: the server's values are texts; "
							       "write \"7\" for 7",
	    name);
	return NULL;
}

static char *
check_record(const struct sim *sim, const json_t *line, const json_t *record)
{
	const struct office *office =
	    &sim->offices[state_office(sim, json_text(line, "office_id"))];
	const char *number = spu_number(json_text(line, "resource")),
		   *practice = json_text(record, "practice_id");
	const char *by = json_text(line, "by");
	char *wrong = check_values(record);
	long n;

	if (wrong != NULL)
		return wrong;
	if (*practice != '\0' && state_practice(office, practice) == NULL)
		return x_printf("practice_id %s: %s has no such practice", practice, office->id);
	if (number != NULL && json_object_get(record, number) != NULL &&
	    !number_parse(json_text(record, number), 1, LONG_MAX, &n))
		return x_printf("%s: no number from 1 on", number);
	if (*by != '\0' && json_object_get(record, by) == NULL)
		return x_printf("by: the record has no %s", by);
	return NULL;
}

/* What is wrong with a line, NULL for nothing. */
static char *
check(const struct sim *sim, const json_t *line)
{
	static const char known[] = "office_id,resource,record,by,empty";
	const json_t *record = json_object_get(line, "record"),
		     *empty = json_object_get(line, "empty");
	json_t *value;
	const char *name;
	char *wrong;

	if (!json_is_object(line))
		return x_dup("no JSON object");
	json_object_foreach((json_t *)(uintptr_t)line, name,
	    value) if (!list_has(known,
			   name)) return x_printf("%s: no such member; there are office_id, "
						  "resource, record, by and empty",
	    name);
	wrong = check_office(sim, json_text(line, "office_id"));
	if (wrong == NULL)
		wrong = check_resource(json_text(line, "resource"));
	if (wrong != NULL)
		return wrong;
	if (empty != NULL && record == NULL)
		return json_is_true(empty) ? NULL : x_dup("empty: not true");
	if (empty != NULL || !json_is_object(record))
		return x_dup("an object \"record\" is needed, or \"empty\":true");
	return check_record(sim, line, record);
}

static void
use(struct sim *sim, const json_t *line)
{
	int office = state_office(sim, json_text(line, "office_id"));
	const char *resource = json_text(line, "resource"), *by = json_text(line, "by");

	if (json_object_get(line, "empty") != NULL)
		spu_empty(sim, office, resource);
	else
		spu_put(sim, office, resource, json_object_get(line, "record"),
		    *by != '\0' ? by : NULL);
}

/* The lines as an array; NULL: *wrong says why, and the caller frees that. */
static json_t *
parse(const struct sim *sim, const char *lines, char **wrong)
{
	json_t *all = json_array();
	long number = 1;

	for (size_t n; *lines != '\0'; lines += n + (lines[n] == '\n'), number++) {
		json_t *line;
		char *what;

		n = strcspn(lines, "\n");
		if (strspn(lines, " \t\r") >= n)
			continue;
		line = json_loadb(lines, n, JSON_REJECT_DUPLICATES, NULL);
		what = line != NULL ? check(sim, line) : x_dup("no JSON");
		json_array_append_new(all, line != NULL ? line : json_null());
		if (what == NULL)
			continue;
		*wrong = x_printf("line %ld: %s", number, what);
		free(what);
		json_decref(all);
		return NULL;
	}
	return all;
}

char *
fixtures_add(struct sim *sim, const char *lines)
{
	char *wrong = NULL;
	json_t *all = parse(sim, lines, &wrong), *line;
	size_t i;

	json_array_foreach(all, i, line) use(sim, line);
	json_decref(all);
	return wrong;
}

void
fixtures_receive(struct sim *sim, struct request *rq, struct answer *an)
{
	if (!sim_refused(an, fixtures_add(sim, rq->body.s != NULL ? rq->body.s : "")))
		sim_done(sim, an);
}
