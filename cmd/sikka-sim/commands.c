/* SPDX-License-Identifier: MIT */
/*
 * Remote commands: what the application tells an office's utility to do. They are no writebacks: their numbers
 * are their own, and so is the resource that says what became of them.
 */
#include "copies.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "routes.h"
#include "spu.h"
#include "writebacks.h"

enum { FIRST_COMMAND = 1531464, FIRST_UTILITY = 40249 };

long
commands_utility(int office)
{
	return FIRST_UTILITY + office;
}

static bool
has(const struct request *rq, const char *name, struct answer *an)
{
	if (*json_text(rq->json, name) != '\0')
		return true;
	answer_code(an, "API1020", "Missing parameter: %s", name);
	return false;
}

static bool
refuse(const char *name, struct answer *an)
{
	answer_code(an, "API1026", "Invalid parameter: %s", name);
	return false;
}

static bool
check_members(const struct request *rq, struct answer *an)
{
	static const char known[] =
	    "office_id,spc_id,command_name,interval_length,interval_type,new_value";
	const char *name;
	json_t *value;

	json_object_foreach(rq->json, name,
	    value) if (!list_has(known, name) || !json_is_string(value)) return refuse(name, an);
	return has(rq, "office_id", an) && has(rq, "spc_id", an) && has(rq, "command_name", an);
}

/* Hours from 1 to 24, or minutes from 15 to 60. */
static bool
check_interval(const struct request *rq, struct answer *an)
{
	const char *type = json_text(rq->json, "interval_type");
	bool hours = strcmp(type, "Hours") == 0;
	long n;

	if (!has(rq, "interval_type", an) || !has(rq, "interval_length", an))
		return false;
	if (!hours && strcmp(type, "Minutes") != 0)
		return refuse("interval_type", an);
	return number_parse(json_text(rq->json, "interval_length"), hours ? 1 : 15, hours ? 24 : 60,
		   &n)
	    ? true
	    : refuse("interval_length", an);
}

/* hh:mm tt, as in 02:12 AM */
static bool
check_time(const struct request *rq, struct answer *an)
{
	const char *value = json_text(rq->json, "new_value");
	char *hour, *minute;
	long n;
	bool good;

	if (!has(rq, "new_value", an))
		return false;
	hour = x_printf("%.2s", value);
	minute = x_printf("%.2s", strlen(value) > 3 ? value + 3 : "");
	good = strlen(value) == 8 && value[2] == ':' && number_parse(hour, 1, 12, &n) &&
	    number_parse(minute, 0, 59, &n) &&
	    (strcmp(value + 5, " AM") == 0 || strcmp(value + 5, " PM") == 0);
	free(hour);
	free(minute);
	return good ? true : refuse("new_value", an);
}

static bool
check_command(const struct request *rq, struct answer *an)
{
	const char *name = json_text(rq->json, "command_name");

	if (strcmp(name, "refresh_data") == 0)
		return true;
	if (strcmp(name, "change_setting_schedule_interval") == 0)
		return check_interval(rq, an);
	if (strcmp(name, "change_setting_schedule_time") == 0)
		return check_time(rq, an);
	return refuse("command_name", an);
}

/* The index of the office that the command is for; -1: answered. */
static int
check_office(const struct sim *sim, const struct request *rq, struct answer *an)
{
	int office = state_office(sim, json_text(rq->json, "office_id"));
	long utility;

	if (office < 0 || !sim->offices[office].authorized) {
		answer_code(an, "API2007", "Practice has withdrawn its authorization");
		return -1;
	}
	if (!number_parse(json_text(rq->json, "spc_id"), 1, LONG_MAX, &utility) ||
	    utility != commands_utility(office)) {
		refuse("spc_id", an);
		return -1;
	}
	return office;
}

void
commands_submit(struct sim *sim, struct request *rq, struct answer *an)
{
	struct command *c;
	char *id, *more;
	int office;

	if (!routes_body(rq, an) || !check_members(rq, an))
		return;
	office = check_office(sim, rq, an);
	if (office < 0 || !check_command(rq, an))
		return;
	sim->commands = x_grow(sim->commands, (sim->command_count + 1) * sizeof(*sim->commands));
	c = &sim->commands[sim->command_count];
	*c = (struct command){.id = FIRST_COMMAND + (long)sim->command_count,
	    .office = office,
	    .refreshes = strcmp(json_text(rq->json, "command_name"), "refresh_data") == 0,
	    .received = state_now(sim),
	    .delay = spu_delay(sim)};
	c->due = sim->offices[office].online ? c->received + c->delay : NEVER;
	sim->command_count++;
	id = x_printf("Id:%ld", c->id);
	more = x_printf("%s/remote_command_status?id=%ld", rq->base, c->id);
	answer_message(an, 202, "API1029", id, more);
	free(id);
	free(more);
}

json_t *
commands_status(const struct sim *sim, const char *id)
{
	json_t *all = json_array(), *o;
	const struct command *c;
	long n;

	if (!number_parse(id, FIRST_COMMAND, LONG_MAX, &n) ||
	    (size_t)(n - FIRST_COMMAND) >= sim->command_count)
		return all;
	c = &sim->commands[n - FIRST_COMMAND];
	o = json_object();
	json_put(o, "status", c->executed > 0 ? "Success" : "Pending");
	json_put(o, "id", id);
	json_putf(o, "spc_id", "%ld", commands_utility(c->office));
	writebacks_put_moment(sim, o, "command_received_time", c->received, 'T');
	json_put(o, "command_executed_time", "");
	if (c->executed > 0)
		writebacks_put_moment(sim, o, "command_executed_time", c->executed, 'T');
	json_array_append_new(all, o);
	return all;
}
