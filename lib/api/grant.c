/* SPDX-License-Identifier: MIT */
/*
 * api: requests for keys and their answers (POST /request_key). An answer without a usable key is
 * no grant, whatever its status.
 */
#include "api/api.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/filter.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/time.h"

#define LONGEST_KEY 1024
#define LONGEST_GRANT (3650 * SK_DAY)

/*
 * Writes a JSON string by hand. jansson would keep copies in memory that nobody wipes, and the
 * texts built from this hold keys.
 */
static char *
quote(const char *text)
{
	static const char hex[] = "0123456789abcdef";
	char *quoted, *to;

	if (text == NULL)
		text = "";
	quoted = to = sk_mem_alloc(strlen(text) * 6 + 3);
	*to++ = '"';
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c >= 0x20 && c != '"' && c != '\\') {
			*to++ = *text;
			continue;
		}
		memcpy(to, "\\u00", 4);
		to[4] = hex[c >> 4];
		to[5] = hex[c & 15];
		to += 6;
	}
	*to++ = '"';
	*to = '\0';
	return quoted;
}

static char *
quote_secret(const char *secret)
{
	sk_filter_know(secret);
	return quote(secret);
}

char *
sk_api_grant_request_key(const struct sk_config *config, const char *office_id,
    const char *secret_key)
{
	char *office = quote(office_id), *secret = quote_secret(secret_key);
	char *id = quote(config->app_id), *key = quote_secret(config->app_key);
	char *body = sk_mem_printf("{\"grant_type\":\"request_key\",\"office_id\":%s,"
				   "\"secret_key\":%s,\"app_id\":%s,\"app_key\":%s}",
	    office, secret, id, key);

	sk_secret_free(key);
	sk_secret_free(id);
	sk_secret_free(secret);
	sk_secret_free(office);
	return body;
}

char *
sk_api_grant_refresh_key(const struct sk_config *config, const char *refresh_key)
{
	char *refresh = quote_secret(refresh_key);
	char *id = quote(config->app_id), *key = quote_secret(config->app_key);
	char *body = sk_mem_printf("{\"grant_type\":\"refresh_key\",\"refresh_key\":%s,"
				   "\"app_id\":%s,\"app_key\":%s}",
	    refresh, id, key);

	sk_secret_free(key);
	sk_secret_free(id);
	sk_secret_free(refresh);
	return body;
}

bool
sk_api_is_key(const char *text)
{
	size_t n;

	for (n = 0; text[n] != '\0'; n++) {
		if (text[n] <= ' ' || text[n] > '~' || n >= LONGEST_KEY)
			return false;
	}
	return n > 0;
}

static char *
read_key(const json_t *json, const char *name)
{
	const char *key = sk_json_string(json, name);

	if (key == NULL || !sk_api_is_key(key))
		return NULL;
	sk_filter_know(key);
	return sk_mem_copy(key);
}

/* The unit behind the number, in ms; 0 for a text that we don't know. */
static int64_t
unit_of(const char *text)
{
	static const struct {
		const char *begins;
		int64_t unit;
	} units[] = {{"s", SK_SECOND}, {"min", SK_MINUTE}, {"h", SK_HOUR}, {"d", SK_DAY}};

	if (*text == '\0')
		return SK_SECOND;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strncasecmp(text, units[i].begins, strlen(units[i].begins)) == 0)
			return units[i].unit;
	}
	return 0;
}

/*
 * Reads "85603 second(s)", "86400", 86400, 85603.9, "24 hours". What isn't clear counts as absent. A new key
 * that has ended before now makes no sense: it may still serve, but nobody knows for how long.
 */
static int64_t
read_duration(const json_t *value)
{
	char *text = json_is_boolean(value) ? NULL : sk_json_text(value);
	char *at = text;
	int64_t count = 0, unit = 0;
	bool is_negative;

	if (text == NULL)
		return 0;
	at += strspn(at, " \t");
	is_negative = *at == '-' && at[1] >= '0' && at[1] <= '9';
	for (; *at >= '0' && *at <= '9' && count <= LONGEST_GRANT; at++)
		count = count * 10 + (*at - '0');
	if (*at == '.')
		at += 1 + strspn(at + 1, "0123456789");
	if (count > 0)
		unit = unit_of(at + strspn(at, " \t"));
	free(text);
	if (is_negative)
		return SK_HOUR;
	return unit > 0 && count <= LONGEST_GRANT / unit ? count * unit : 0;
}

int
sk_api_read_grant(const struct sk_api_reply *reply, struct sk_api_grant *grant)
{
	memset(grant, 0, sizeof(*grant));
	if (reply->class != SK_API_OK)
		return -1;
	grant->request_key = read_key(reply->json, "request_key");
	grant->refresh_key = read_key(reply->json, "refresh_key");
	grant->expires_in = read_duration(json_object_get(reply->json, "expires_in"));
	grant->domain = sk_json_member_text(reply->json, "domain");
	return grant->request_key != NULL ? 0 : -1;
}

void
sk_api_grant_fini(struct sk_api_grant *grant)
{
	sk_secret_free(grant->request_key);
	sk_secret_free(grant->refresh_key);
	free(grant->domain);
	memset(grant, 0, sizeof(*grant));
}
