/* SPDX-License-Identifier: MIT */
/*
 * http: whether a request may go to an address at all. Two readings decide, our own and libcurl's;
 * an address that either takes for unsafe is refused (78).
 */
#include "http/parts.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "http/library.h"

static bool
has_odd_bytes(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text <= ' ' || *text == 0x7f)
			return true;
	return false;
}

/*
 * Our own reading of the URL up to its path. Both readings have to agree: where two parsers read a
 * URL differently, a key may be sent to the wrong host.
 */
static bool
base_is_safe(const char *url)
{
	const char *host = strstr(url, "://");
	char *base;
	bool safe;

	if (host == NULL)
		return false;
	base = sk_mem_copy_bytes(url, (size_t)(host - url) + 3 + strcspn(host + 3, "/?#"));
	safe = strchr(base, '@') == NULL && sk_config_url_is_safe(base);
	free(base);
	return safe;
}

int
sk_http_check_url(const char *url, int *loopback, struct sk_error *err)
{
	CURLU *parsed = sk_curl.url();
	CURLUcode code = CURLUE_OUT_OF_MEMORY;
	char *scheme = NULL, *host = NULL;
	int safe = 0;

	if (parsed != NULL)
		code = sk_curl.url_set(parsed, CURLUPART_URL, url, CURLU_DISALLOW_USER);
	if (code == CURLUE_OK)
		code = sk_curl.url_get(parsed, CURLUPART_SCHEME, &scheme, 0);
	if (code == CURLUE_OK)
		code = sk_curl.url_get(parsed, CURLUPART_HOST, &host, 0);
	if (code == CURLUE_OK && !has_odd_bytes(url) && base_is_safe(url)) {
		*loopback = sk_config_is_loopback(host, strlen(host));
		safe = strcmp(scheme, "https") == 0 || (strcmp(scheme, "http") == 0 && *loopback);
	}
	sk_curl.free(host);
	sk_curl.free(scheme);
	sk_curl.url_cleanup(parsed);
	/* Checked first, so that a lack of memory isn't reported as a wrong address. */
	if (code == CURLUE_OUT_OF_MEMORY)
		return sk_error_set(err, SK_EXIT_NO_RESOURCE, "libcurl has no memory");
	if (!safe)
		return sk_error_set(err, SK_EXIT_CONFIG,
		    "nothing is sent to this address: it must begin with https://, or with "
		    "http://localhost for tests; see base_url");
	return 0;
}
