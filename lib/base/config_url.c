/* SPDX-License-Identifier: MIT */
/*
 * config: which base URLs a key may be sent to. Decided by our own reading of the URL, and
 * strictly: what isn't surely https or loopback is refused.
 */
#include "base/config.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char digits[] = "0123456789";

/*
 * 127.0.0.0/8 in four decimal numbers, without shorthand: libcurl may read any other form as a host
 * name.
 */
static bool
is_loopback_address(const char *host, size_t n)
{
	const char *at = host, *end = host + n;

	for (int i = 0; i < 4; i++) {
		size_t length = strspn(at, digits);

		if (length == 0 || length > 3 || (length > 1 && at[0] == '0'))
			return false;
		if (strtol(at, NULL, 10) > 255 || (i == 0 && strncmp(at, "127.", 4) != 0))
			return false;
		at += length;
		if (i < 3 && *at++ != '.')
			return false;
	}
	return at == end;
}

bool
sk_config_is_loopback(const char *host, size_t n)
{
	if (n == 9 && strncasecmp(host, "localhost", 9) == 0)
		return true;
	if (n == 5 && strncmp(host, "[::1]", 5) == 0)
		return true;
	return is_loopback_address(host, n);
}

/* The length of the host name at the start of text; 0 when there is none. */
static size_t
host_length(const char *text)
{
	static const char name[] = "0123456789.-_"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "abcdefghijklmnopqrstuvwxyz";
	static const char address[] = "0123456789:.ABCDEFabcdef";
	size_t n;

	if (text[0] != '[')
		return strspn(text, name);
	n = strspn(text + 1, address);
	return n > 0 && text[n + 1] == ']' ? n + 2 : 0;
}

/* Whether nothing but an optional port and an optional path follows the host. */
static bool
is_plain_rest(const char *rest)
{
	if (*rest == ':') {
		size_t n = strspn(rest + 1, digits);
		long port = n > 0 && n < 6 ? strtol(rest + 1, NULL, 10) : 0;

		if (port < 1 || port > 65535)
			return false;
		rest += n + 1;
	}
	if (*rest != '\0' && *rest != '/')
		return false;
	for (; *rest != '\0'; rest++) {
		if (*rest <= 0x20 || *rest > 0x7E || strchr("?#\\@", *rest) != NULL)
			return false;
	}
	return true;
}

bool
sk_config_url_is_safe(const char *url)
{
	int encrypted = strncasecmp(url, "https://", 8) == 0;
	const char *host;
	size_t n;

	if (!encrypted && strncasecmp(url, "http://", 7) != 0)
		return false;
	host = url + (encrypted ? 8 : 7);
	n = host_length(host);
	if (n == 0 || !is_plain_rest(host + n))
		return false;
	return encrypted || sk_config_is_loopback(host, n);
}
