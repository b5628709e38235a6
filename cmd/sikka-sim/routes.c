/* SPDX-License-Identifier: MIT */
/*
 * The table of routes, and the order of checks: route, credentials, limits, body. What fails first
 * is the answer.
 */
#include "routes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "auth.h"
#include "copies.h"
#include "events.h"
#include "fields.h"
#include "offices.h"
#include "questions.h"
#include "shapes.h"
#include "writebacks.h"

typedef void run_fn(struct sim *, struct request *, struct answer *);

struct route {
	const char *method, *path;
	enum auth auth;
	run_fn *run;
};

static const struct route routes[] = {
    {"POST", "/request_key", AUTH_IN_BODY, keys_grant},
    {"DELETE", "/request_key", AUTH_KEY, keys_end},
    {"DELETE", "/refresh_key", AUTH_APP, keys_end_refresh},
    {"GET", "/request_key_info", AUTH_KEY, keys_info},
    {"GET", "/authorized_practices", AUTH_APP, offices_authorized},
    {"GET", "/data_sync_status", AUTH_APP, offices_sync_status},
    {"POST", "/remote_command", AUTH_APP, commands_submit},
    {"GET", "/practice_events", AUTH_KEY, events_list},
    {"GET", "/kpis", AUTH_KEY, shapes_kpis},
    {"GET", "/kpis/{}", AUTH_KEY, shapes_kpis},
    {"GET", "/patient360", AUTH_KEY, shapes_patient},
    {"GET", "/patient_eligibility_payers", AUTH_KEY, shapes_payers},
    {"GET", "/payment/transactions", AUTH_KEY, shapes_payments},
    {"POST", "/practice_query", AUTH_KEY, questions_query},
    {"POST", "/patient_eligibility", AUTH_KEY, questions_eligibility},
    {"POST", "/sandbox/patient_eligibility", AUTH_KEY, questions_sandbox},
    {"GET", "/writeback_status", AUTH_KEY, writebacks_status},
    {"GET", "/writebacks", AUTH_APP, writebacks_list},
    {"DELETE", "/writebacks", AUTH_APP, writebacks_withdraw},
    {"POST", "/appointment", AUTH_KEY, writebacks_submit},
    {"PUT", "/appointments/{}", AUTH_KEY, writebacks_submit},
    {"PATCH", "/appointments/{}", AUTH_KEY, writebacks_submit},
    {"POST", "/patient", AUTH_KEY, writebacks_submit},
    {"PATCH", "/patient/{}", AUTH_KEY, writebacks_submit},
    {"POST", "/veterinary_patient", AUTH_KEY, writebacks_submit},
    {"PATCH", "/claims/{}", AUTH_KEY, writebacks_submit},
    {"POST", "/claim_payment", AUTH_KEY, writebacks_submit},
    {"POST", "/medical_notes", AUTH_KEY, writebacks_submit},
    {"POST", "/document", AUTH_KEY, writebacks_submit},
    {"POST", "/lab_result", AUTH_KEY, writebacks_submit},
    {"POST", "/transaction", AUTH_KEY, writebacks_submit},
    {"POST", "/perio_chart", AUTH_KEY, writebacks_submit},
};
enum { ROUTES = sizeof(routes) / sizeof(routes[0]) };

/* The readable resources without a line of their own above. */
static const struct route resource_routes[] = {
    {"GET", "/{resource}", AUTH_KEY, offices_resource},
    {"GET", "/{resource}", AUTH_APP, offices_plain},
};

const char *
routes_pattern(const struct route *route)
{
	return route->path;
}

bool
routes_view(size_t index, struct route_view *view)
{
	const struct resource *resource = index < ROUTES ? NULL : resource_at(index - ROUTES);

	if (index >= ROUTES && resource == NULL)
		return false;
	view->method = resource != NULL ? "GET" : routes[index].method;
	view->submits = resource == NULL && routes[index].run == writebacks_submit;
	snprintf(view->path, sizeof(view->path), "%s%s", resource != NULL ? "/" : "",
	    resource != NULL ? resource->name : routes[index].path);
	return true;
}

static bool
fits(const struct request *rq, const char *pattern)
{
	int i = 0;

	while (*pattern == '/') {
		size_t n = strcspn(++pattern, "/");

		if (i >= rq->segment_count || i >= SEGMENTS_MAX)
			return false;
		if (n == 2 && strncmp(pattern, "{}", 2) == 0) {
			if (*rq->segment[i] == '\0')
				return false;
		} else if (strlen(rq->segment[i]) != n ||
		    strncmp(rq->segment[i], pattern, n) != 0) {
			return false;
		}
		pattern += n;
		i++;
	}
	return i == rq->segment_count;
}

static const struct resource *
resource_of(const struct request *rq)
{
	return *rq->path == '/' ? resource_find(rq->path + 1) : NULL;
}

char *
routes_name(struct request *rq)
{
	const struct resource *resource = resource_of(rq);
	const char *path = rq->path;

	for (size_t i = 0; i < ROUTES; i++)
		if (fits(rq, routes[i].path)) {
			path = routes[i].path;
			if (strcmp(routes[i].method, rq->method) == 0)
				rq->route = &routes[i];
		}
	if (rq->route == NULL && resource != NULL && strcmp(rq->method, "GET") == 0)
		rq->route = &resource_routes[resource->auth == AUTH_APP];
	return x_printf("%s %s", rq->method, path);
}

static void
refuse_route(const struct request *rq, struct answer *an)
{
	struct text allow = {0};

	for (size_t i = 0; i < ROUTES; i++)
		if (fits(rq, routes[i].path))
			text_addf(&allow, "%s%s", allow.length ? ", " : "", routes[i].method);
	if (resource_of(rq) != NULL && (allow.s == NULL || strstr(allow.s, "GET") == NULL))
		text_addf(&allow, "%sGET", allow.length ? ", " : "");
	if (allow.s == NULL) {
		answer_code(an, "API2009", "No such resource");
	} else {
		answer_code(an, "API2014", "%s is not allowed here", rq->method);
		answer_header(an, "Allow", allow.s);
	}
	free(allow.s);
}

static bool
is_json(const char *type)
{
	size_t n = type != NULL ? strcspn(type, "; ") : 0;

	return n == 16 && strncasecmp(type, "application/json", n) == 0;
}

bool
routes_body(struct request *rq, struct answer *an)
{
	json_error_t error;

	if (!is_json(rq->content_type)) {
		answer_code(an, "API1006", "Content-Type must be application/json");
		return false;
	}
	rq->json = json_loadb(rq->body.s != NULL ? rq->body.s : "", rq->body.length,
	    JSON_REJECT_DUPLICATES, &error);
	if (json_is_object(rq->json))
		return true;
	answer_code(an, "API1027", "The body is no JSON object");
	return false;
}

void
routes_run(struct sim *sim, struct request *rq, struct answer *an)
{
	if (!rq->api || rq->segment_count > SEGMENTS_MAX) {
		answer_code(an, "API2009", "No such resource");
		return;
	}
	if (rq->body_too_long) {
		answer_message(an, 413, "API1027", "The body is larger than 8 MB", "");
		return;
	}
	if (rq->route == NULL) {
		refuse_route(rq, an);
		return;
	}
	if (!auth_check(sim, rq, rq->route->auth, an) || !auth_limit(sim, rq, an))
		return;
	rq->route->run(sim, rq, an);
}
