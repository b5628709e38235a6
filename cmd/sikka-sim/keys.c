/* SPDX-License-Identifier: MIT */
/*
 * The calls about keys: POST and DELETE /request_key, GET /request_key_info, DELETE /refresh_key.
 */
#include "auth.h"

#include <stdlib.h>
#include <string.h>

#include "lists.h"
#include "routes.h"

static void
add_scope(json_t *o)
{
	struct text scope = {0};
	const struct resource *r;

	text_addf(&scope, "start,end");
	for (size_t i = 0; (r = resource_at(i)) != NULL; i++)
		if (r->auth == AUTH_KEY)
			text_addf(&scope, ",%s", r->name);
	json_put(o, "scope", scope.s);
	free(scope.s);
}

static void
put_expires_in(const struct sim *sim, json_t *o, long long left)
{
	int spelling = sim->set.quirk[Q_EXPIRES_IN];

	if (spelling == EXPIRES_USUAL)
		spelling = sim->set.brief ? EXPIRES_TEXT : EXPIRES_SECONDS;
	if (spelling == EXPIRES_NUMBER)
		json_object_set_new(o, "expires_in", json_integer(left));
	else
		json_putf(o, "expires_in", spelling == EXPIRES_TEXT ? "%lld" : "%lld second(s)",
		    left);
}

static json_t *
describe(const struct sim *sim, const struct request *rq, const struct request_key *key)
{
	const struct office *office = &sim->offices[key->office];
	/* Rounded up: a key that was made a millisecond ago shows its whole lifetime. */
	int64_t left = (key->end - state_now(sim) + 999) / 1000;
	json_t *o = json_object();
	char when[TIME_TEXT];

	json_putf(o, "href", "%s/request_key_info?request_key=%s", rq->base, key->value);
	json_put(o, "request_key", key->value);
	time_text(when, key->start, 'T');
	json_put(o, "start_time", when);
	time_text(when, key->end, 'T');
	json_put(o, "end_time", when);
	put_expires_in(sim, o, (long long)left);
	json_put(o, "issued_to", office->id);
	json_put(o, "status", "active");
	json_putf(o, "request_count", "%ld", key->used);
	add_scope(o);
	json_put(o, "domain", office->practices[0].domain);
	return o;
}

static struct request_key *
new_key(struct sim *sim, int office)
{
	struct request_key *key;

	sim->keys = x_grow(sim->keys, (sim->key_count + 1) * sizeof(*sim->keys));
	key = &sim->keys[sim->key_count++];
	memset(key, 0, sizeof(*key));
	random_hex(&sim->random_keys, key->value);
	key->office = office;
	key->start = state_now(sim);
	key->end = key->start + (int64_t)sim->set.token_life * 1000;
	key->used = 1;
	state_index_keys(sim);
	return key;
}

static const char *
new_refresh_key(struct sim *sim, int office)
{
	struct refresh_key *refresh;

	sim->refreshes = x_grow(sim->refreshes, (sim->refresh_count + 1) * sizeof(*refresh));
	refresh = &sim->refreshes[sim->refresh_count++];
	memset(refresh, 0, sizeof(*refresh));
	random_hex(&sim->random_keys, refresh->value);
	refresh->office = office;
	state_index_keys(sim);
	return refresh->value;
}

/* A request without a refresh key doesn't end the old refresh key. */
static void
give(struct sim *sim, const struct request *rq, int office, const char *refresh, struct answer *an)
{
	struct request_key *key = new_key(sim, office);
	json_t *o = describe(sim, rq, key);
	char when[TIME_TEXT];

	if (refresh != NULL)
		json_put(o, "refresh_key", refresh);
	answer_json(an, 200, o);
	time_http(when, key->end);
	answer_header(an, "Request-Key-Expires", when);
}

/* Whether the office has withdrawn: then neither its secret nor its refresh keys are good. */
static bool
withdrawn(struct sim *sim, int office, struct answer *an)
{
	if (sim->offices[office].authorized)
		return false;
	sim->offices[office].renewals_refused++;
	answer_code(an, "API2007", "Practice has withdrawn its authorization");
	return true;
}

static void
grant_by_secret(struct sim *sim, const struct request *rq, struct answer *an)
{
	const char *id = json_text(rq->json, "office_id");
	const char *secret = json_text(rq->json, "secret_key");
	int office = state_office(sim, id);

	if (*id == '\0') {
		answer_code(an, "API1020", "Missing parameter: office_id");
	} else if (*secret == '\0') {
		answer_code(an, "API1005", "Missing parameter: secret_key");
	} else if (office < 0) {
		answer_code(an, "API2003", "Unknown office");
	} else if (withdrawn(sim, office, an)) {
		return;
	} else if (strcmp(secret, sim->offices[office].secret) != 0) {
		answer_code(an, "API2003", "Secret key is wrong");
	} else {
		sim->offices[office].renewed_by_secret++;
		give(sim, rq, office, new_refresh_key(sim, office), an);
		return;
	}
	if (office >= 0)
		sim->offices[office].renewals_refused++;
	else
		sim->ledger.renewals_unknown++;
}

static void
grant_by_refresh(struct sim *sim, const struct request *rq, struct answer *an)
{
	const char *value = json_text(rq->json, "refresh_key");
	struct refresh_key *refresh = state_refresh(sim, value);

	if (*value == '\0') {
		answer_code(an, "API1020", "Missing parameter: refresh_key");
		sim->ledger.renewals_unknown++;
		return;
	}
	if (refresh != NULL && withdrawn(sim, refresh->office, an))
		return;
	if (refresh == NULL || refresh->ended) {
		answer_code(an, "API1026", "Invalid parameter: refresh_key");
		if (refresh != NULL)
			sim->offices[refresh->office].renewals_refused++;
		else
			sim->ledger.renewals_unknown++;
		return;
	}
	sim->offices[refresh->office].renewed_by_refresh++;
	if (sim->set.quirk[Q_REFRESH_KEY] == REFRESH_KEY_ABSENT) {
		give(sim, rq, refresh->office, NULL, an);
	} else if (sim->set.rotation) {
		int office = refresh->office;

		refresh->ended = true; /* before a new key is made, which may move the array */
		give(sim, rq, office, new_refresh_key(sim, office), an);
	} else {
		give(sim, rq, refresh->office, refresh->value, an);
	}
}

void
keys_grant(struct sim *sim, struct request *rq, struct answer *an)
{
	const char *grant;

	if (!routes_body(rq, an))
		return;
	grant = json_text(rq->json, "grant_type");
	if (*grant == '\0')
		answer_code(an, "API1020", "Missing parameter: grant_type");
	else if (!auth_application(sim, json_text(rq->json, "app_id"),
		     json_text(rq->json, "app_key"), an))
		sim->ledger.renewals_unknown++;
	else if (strcmp(grant, "request_key") == 0)
		grant_by_secret(sim, rq, an);
	else if (strcmp(grant, "refresh_key") == 0)
		grant_by_refresh(sim, rq, an);
	else
		answer_code(an, "API1026", "Invalid parameter: grant_type");
}

void
keys_info(struct sim *sim, struct request *rq, struct answer *an)
{
	struct page page; /* there are no pages, but the parameters are checked */

	if (lists_parameters(sim, rq, resource_find("request_key_info"), &page, an))
		answer_json(an, 200, describe(sim, rq, rq->key));
}

void
keys_end(struct sim *sim, struct request *rq, struct answer *an)
{
	(void)sim;
	rq->key->ended = true;
	answer_code(an, "API0002", "Request key ended");
}

void
keys_end_refresh(struct sim *sim, struct request *rq, struct answer *an)
{
	struct refresh_key *refresh;

	if (rq->refresh_key == NULL || *rq->refresh_key == '\0') {
		answer_code(an, "API1020", "Missing header: Refresh-Key");
		return;
	}
	refresh = state_refresh(sim, rq->refresh_key);
	if (refresh == NULL || refresh->ended) {
		answer_code(an, "API1026", "Invalid header: Refresh-Key");
		return;
	}
	refresh->ended = true;
	answer_code(an, "API0002", "Refresh key ended");
}
