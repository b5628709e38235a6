/* SPDX-License-Identifier: MIT */
/*
 * Who is asking, and within which limits: application headers, request keys, limits of the minute
 * and of the day. A request that is refused gets its answer here.
 */
#include "auth.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool
auth_application(struct sim *sim, const char *id, const char *key, struct answer *an)
{
	if (id == NULL || *id == '\0') {
		answer_code(an, "API1001", "App-Id is required");
		return false;
	}
	if (key == NULL || *key == '\0') {
		answer_code(an, "API1002", "App-Key is required");
		return false;
	}
	if (strcmp(id, sim->set.app_id) != 0 || strcmp(key, sim->set.app_key) != 0) {
		answer_code(an, "API2003", "Application id or application key is wrong");
		return false;
	}
	return true;
}

static bool
refuse_key(const struct sim *sim, struct answer *an, const char *code, const char *text)
{
	answer_message(an, (int)sim->set.auth_status, code, text, "");
	return false;
}

static bool
check_key(struct sim *sim, struct request *rq, struct answer *an)
{
	const char *value = rq->request_key;
	char when[TIME_TEXT];

	if (value == NULL || *value == '\0')
		value = request_parameter(rq, "request_key");
	if (value == NULL || *value == '\0')
		return refuse_key(sim, an, "API1004", "Request key is required");
	rq->key = state_key(sim, value);
	if (rq->key == NULL || rq->key->ended || rq->key->end <= state_now(sim)) {
		rq->key = NULL;
		return refuse_key(sim, an, "API1025", "Request key is expired or unknown");
	}
	rq->office = rq->key->office;
	if (!sim->offices[rq->office].authorized) {
		answer_code(an, "API2007", "Practice has withdrawn its authorization");
		return false;
	}
	rq->key->used++;
	time_http(when, rq->key->end);
	answer_header(an, "Request-Key-Expires", when);
	if (sim->set.quirk[Q_DATA_INSERT] != DATA_INSERT_ABSENT)
		answer_header(an, "Data-Insert",
		    sim->set.quirk[Q_DATA_INSERT] == DATA_INSERT_COMPLETED ? "completed"
									   : "in progress");
	return true;
}

bool
auth_check(struct sim *sim, struct request *rq, enum auth auth, struct answer *an)
{
	switch (auth) {
	case AUTH_APP:
		rq->app_ok = auth_application(sim, rq->app_id, rq->app_key, an);
		return rq->app_ok;
	case AUTH_IN_BODY:
		rq->app_ok = true; /* counts as a call of the application, whoever is asking */
		return true;
	case AUTH_KEY:
	default:
		return check_key(sim, rq, an);
	}
}

/* An office's daily limits, by the simulator's clock. Returns false when one is reached. */
static bool
daily_limit(struct sim *sim, const struct request *rq, struct answer *an)
{
	int64_t day = state_now(sim) / 1000 / 86400;
	struct office *office;

	if (rq->office < 0)
		return true;
	office = &sim->offices[rq->office];
	if (office->day.start != day) {
		office->day.start = day;
		office->day.used = 0;
		office->day_bytes = 0;
	}
	if (sim->set.daily_requests > 0 && office->day.used >= sim->set.daily_requests) {
		answer_daily(an, "API2012");
		return false;
	}
	if (sim->set.daily_bytes > 0 && office->day_bytes >= sim->set.daily_bytes) {
		answer_daily(an, "API2011");
		return false;
	}
	office->day.used++;
	return true;
}

static struct window *
window_of(struct sim *sim, const struct request *rq)
{
	if (rq->office < 0 || sim->set.quirk[Q_LIMITS] == LIMITS_SHARED)
		return &sim->app_window;
	return &sim->offices[rq->office].window;
}

bool
auth_limit(struct sim *sim, const struct request *rq, struct answer *an)
{
	int64_t now = state_now(sim), length = sim->set.rate_window * 1000, left;
	struct window *w = window_of(sim, rq);
	char *text;
	bool over;

	if (w->used == 0 || now >= w->start + length) {
		w->start = now;
		w->used = 0;
	}
	over = w->used >= sim->set.rate_limit;
	if (!over)
		w->used++;
	left = w->start + length - now;
	if (sim->set.limit_headers) {
		text = x_printf("%ld", sim->set.rate_limit);
		answer_header(an, "X-Rate-Limit-Limit", text);
		free(text);
		text = x_printf("%ld", over ? 0 : sim->set.rate_limit - w->used);
		answer_header(an, "X-Rate-Limit-Remaining", text);
		free(text);
		text = x_printf("%lld", (long long)(left + 999) / 1000);
		answer_header(an, "X-Rate-Limit-Reset", text);
		free(text);
	}
	if (!over)
		return daily_limit(sim, rq, an);
	answer_message(an, 429, "", "Too many requests, please try again later", "");
	if (sim->set.quirk[Q_RETRY_AFTER] == RETRY_AFTER_PRESENT) {
		text = x_printf("%lld", (long long)(left + 999) / 1000);
		answer_header(an, "Retry-After", text);
		free(text);
	}
	return false;
}

static bool
known_secret(const struct sim *sim, const char *hex)
{
	char value[33];

	snprintf(value, sizeof(value), "%s", hex);
	if (state_key(sim, value) != NULL || state_refresh(sim, value) != NULL)
		return true;
	for (int i = 0; i < sim->office_count; i++)
		if (strncmp(sim->offices[i].secret, hex, 32) == 0)
			return true;
	return false;
}

bool
auth_holds_secret(const struct sim *sim, const char *s)
{
	size_t run = 0;

	if (strstr(s, sim->set.app_key) != NULL)
		return true;
	for (; *s != '\0'; s++) {
		run = isxdigit((unsigned char)*s) ? run + 1 : 0;
		if (run >= 32 && known_secret(sim, s - 31))
			return true;
	}
	return false;
}

bool
auth_leaks(const struct sim *sim, const struct request *rq)
{
	static const char names[] = "request_key,refresh_key,secret_key,app_key";

	for (int i = 0; i < rq->parameter_count; i++)
		if (list_has(names, rq->parameters[i].name) ||
		    auth_holds_secret(sim, rq->parameters[i].value))
			return true;
	return auth_holds_secret(sim, rq->path);
}
