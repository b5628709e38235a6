/* SPDX-License-Identifier: MIT */
/*
 * The list of requests: a ring of the latest ones. What is secret is masked when it is noted, so that neither the
 * list nor a snapshot of memory has it: headers by an allow-list, parameters and the body's members by their names.
 */
#include "log.h"

#include <fnmatch.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "auth.h"
#include "sim_routes.h"

static const char masked[] = "***";
enum { BYTES_MAX = 32 << 20 }; /* of all bodies together */

struct logged {
	long number;
	int64_t at;
	json_t *entry; /* all but number, time and body */
	json_t *body;  /* NULL: there was none */
	size_t bytes;  /* of the body as it came */
};

const char *
log_header(const char *name, const char *value)
{
	static const char *const open[] = {"Accept", "Accept-Encoding", "App-Id", "Connection",
	    "Content-Length", "Content-Type", "Date", "Expect", "Host", "If-None-Match",
	    "Transfer-Encoding", "User-Agent"};

	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++)
		if (strcasecmp(name, open[i]) == 0)
			return value;
	return masked;
}

/* Whether a member or parameter of this name holds a key, a password, or the number of a card or an account. */
static bool
is_secret(const char *name)
{
	static const char *const parts[] = {"key", "secret", "password", "token", "card", "cvv",
	    "bank", "account_n", "routing", "ssn"};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strcasestr(name, parts[i]) != NULL)
			return true;
	return false;
}

static void
mask(json_t *value)
{
	json_t *member;
	const char *name;
	void *next;
	size_t i;

	json_array_foreach(value, i, member) mask(member);
	json_object_foreach_safe(value, next, name, member)
	{
		if (is_secret(name) && !json_is_object(member) && !json_is_array(member))
			json_object_set_new(value, name, json_string(masked));
		else
			mask(member);
	}
}

/* The body as JSON. One that is none might hold anything: then only its length is told. */
static json_t *
body_of(const struct request *rq)
{
	json_t *body;

	if (rq->body.length == 0)
		return NULL;
	body = json_loadb(rq->body.s, rq->body.length, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	if (body == NULL)
		return json_pack("{s:I}", "bytes_that_are_no_json", (json_int_t)rq->body.length);
	mask(body);
	return body;
}

static json_t *
parameters_of(const struct sim *sim, const struct request *rq)
{
	json_t *all = json_object();

	for (int i = 0; i < rq->parameter_count; i++) {
		const struct parameter *p = &rq->parameters[i];

		json_put(all, p->name,
		    is_secret(p->name) || auth_holds_secret(sim, p->value) ? masked : p->value);
	}
	return all;
}

static json_t *
entry_of(const struct sim *sim, const struct request *rq)
{
	json_t *o = json_object();

	json_put(o, "method", rq->method);
	json_putf(o, "path", "%s%s", rq->api ? "/v4" : "",
	    auth_holds_secret(sim, rq->path) ? masked : rq->path);
	if (rq->parameter_count > 0)
		json_object_set_new(o, "parameters", parameters_of(sim, rq));
	json_object_set(o, "headers", rq->headers);
	return o;
}

static struct logged *
nth(const struct log *log, size_t n)
{
	return &log->ring[(log->first + n) % log->room];
}

static void
drop_first(struct log *log)
{
	struct logged *oldest = nth(log, 0);

	log->bytes -= oldest->bytes;
	json_decref(oldest->entry);
	json_decref(oldest->body);
	log->first = (log->first + 1) % log->room;
	log->count--;
}

void
log_add(struct sim *sim, struct request *rq)
{
	struct log *log = &sim->log;
	struct logged *new;

	rq->number = ++log->last;
	if (sim->set.log == 0)
		return;
	if (log->ring == NULL) {
		log->room = (size_t)sim->set.log;
		log->ring = x_new(log->room * sizeof(*log->ring));
	}
	while (
	    log->count == log->room || (log->count > 0 && log->bytes + rq->body.length > BYTES_MAX))
		drop_first(log);
	new = nth(log, log->count++);
	*new = (struct logged){.number = rq->number,
	    .at = state_now(sim),
	    .entry = entry_of(sim, rq),
	    .body = body_of(rq),
	    .bytes = rq->body.length};
	log->bytes += new->bytes;
}

void
log_answered(struct sim *sim, const struct request *rq, int status, const char *rule)
{
	const struct log *log = &sim->log;
	long oldest = log->count > 0 ? nth(log, 0)->number : LONG_MAX;
	json_t *entry;

	/* It may have left the list while it waited. */
	if (rq->number < oldest || rq->number - oldest >= (long)log->count)
		return;
	entry = nth(log, (size_t)(rq->number - oldest))->entry;
	if (rq->office >= 0)
		json_put(entry, "office_id", sim->offices[rq->office].id);
	if (rule != NULL)
		json_put(entry, "rule", rule);
	json_object_set_new(entry, "status", json_integer(status));
}

/* The numbers go on, so that nobody who asks for what came behind a number misses anything. */
void
log_clear(struct sim *sim)
{
	struct log *log = &sim->log;

	while (log->count > 0)
		drop_first(log);
	free(log->ring);
	log->ring = NULL;
}

static json_t *
shown(const struct logged *logged)
{
	json_t *o = json_object();
	char when[TIME_TEXT];

	json_object_set_new(o, "number", json_integer(logged->number));
	time_text(when, logged->at, 'T');
	json_put(o, "time", when);
	json_object_update(o, logged->entry);
	if (logged->body != NULL)
		json_object_set(o, "body", logged->body);
	return o;
}

static bool
fits(const char *pattern, const char *text)
{
	return pattern == NULL || fnmatch(pattern, text, 0) == 0;
}

json_t *
log_list(const struct sim *sim, long after, const char *method, const char *path)
{
	const struct log *log = &sim->log;
	json_t *all = json_array();

	for (size_t i = 0; i < log->count; i++) {
		const struct logged *logged = nth(log, i);
		const char *its = json_text(logged->entry, "path");

		if (logged->number > after && fits(method, json_text(logged->entry, "method")) &&
		    fits(path, strncmp(its, "/v4/", 4) == 0 ? its + 3 : its))
			json_array_append_new(all, shown(logged));
	}
	return all;
}

void
log_show(struct sim *sim, struct request *rq, struct answer *an)
{
	const char *number = request_parameter(rq, "after");
	long after = 0;
	json_t *o;

	if (number != NULL && !number_parse(number, 0, LONG_MAX, &after)) {
		sim_refuse(an, 400, "after=N is a number");
		return;
	}
	o = json_object();
	json_object_set_new(o, "requests",
	    log_list(sim, after, request_parameter(rq, "method"), request_parameter(rq, "path")));
	json_object_set_new(o, "last", json_integer(sim->log.last));
	json_object_set_new(o, "dropped", json_integer(sim->log.last - (long)sim->log.count));
	answer_json(an, 200, o);
}

void
log_forget(struct sim *sim, struct request *rq, struct answer *an)
{
	(void)rq;
	log_clear(sim);
	sim_done(sim, an);
}
