/* SPDX-License-Identifier: MIT */
#include "api.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "json.h"
#include "mem.h"
#include "secret.h"
#include "time.h"

#define LONGEST_KEY 1024
#define LONGEST_GRANT (3650 * SK_DAY)

/*
 * A JSON string, by hand and not by jansson: what is built from it holds keys, and no copy of those
 * stays behind in memory that nobody wipes.
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

char *
sk_api_grant_request_key(const struct sk_config *config, const char *office_id,
    const char *secret_key)
{
	char *office = quote(office_id), *secret = quote(secret_key);
	char *id = quote(config->app_id), *key = quote(config->app_key);
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
	char *refresh = quote(refresh_key);
	char *id = quote(config->app_id), *key = quote(config->app_key);
	char *body = sk_mem_printf("{\"grant_type\":\"refresh_key\",\"refresh_key\":%s,"
				   "\"app_id\":%s,\"app_key\":%s}",
	    refresh, id, key);

	sk_secret_free(key);
	sk_secret_free(id);
	sk_secret_free(refresh);
	return body;
}

/* A key goes into a header: nothing but printable ASCII without blanks may. */
static char *
read_key(const json_t *json, const char *name)
{
	const char *key = sk_json_string(json, name);
	size_t n;

	if (key == NULL)
		return NULL;
	for (n = 0; key[n] != '\0'; n++) {
		if (key[n] <= ' ' || key[n] > '~' || n >= LONGEST_KEY)
			return NULL;
	}
	return sk_mem_copy(key);
}

/* Seconds, as "85603 second(s)", "86400" or 86400; another unit is nothing that we know. */
static int64_t
read_duration(const json_t *value)
{
	const char *text = json_string_value(value);
	int64_t seconds;

	if (sk_json_number(value, &seconds) != 0 || seconds <= 0 ||
	    seconds > LONGEST_GRANT / SK_SECOND)
		return 0;
	if (text != NULL) {
		text += strspn(text, " \t0123456789.");
		if (*text != '\0' && strncasecmp(text, "s", 1) != 0)
			return 0;
	}
	return seconds * SK_SECOND;
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
