/* SPDX-License-Identifier: MIT */
/* Without memory libcurl can't read an address. That must never be reported as a wrong address. */
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "http/library.h"
#include "http/parts.h"
#include "tap.h"

/* The nth allocation from now on fails, once. */
static long until = -1;

static int
fails(void)
{
	return until > 0 && --until == 0;
}

static void *
get(size_t n)
{
	return fails() ? NULL : malloc(n);
}

static void *
get_zero(size_t n, size_t size)
{
	return fails() ? NULL : calloc(n, size);
}

static void *
resize(void *old, size_t n)
{
	return fails() ? NULL : realloc(old, n);
}

static char *
copy(const char *text)
{
	return fails() ? NULL : strdup(text);
}

static void
test_check_url(const char *url)
{
	long n, blamed = 0, told = 0;

	for (n = 1; n < 1000; n++) {
		struct sk_error err = {0};
		int loopback, result;

		until = n;
		result = sk_http_check_url(url, &loopback, &err);
		if (until > 0) {
			until = -1;
			break;
		}
		if (result == 0)
			continue;
		told++;
		if (err.code != SK_EXIT_NO_RESOURCE)
			blamed++;
	}
	is_int(n > 2 && n < 1000, 1, "each allocation of libcurl's has failed");
	is_int(told > 0, 1, "which was told");
	is_int(blamed, 0, "as what it was");
}

int
main(void)
{
	struct sk_error err = {0};

	/* The library that is linked is the one that is opened. */
	if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, get, free, resize, copy, get_zero) !=
		CURLE_OK ||
	    sk_http_library_open(&err) != 0)
		return 1;
	test_check_url("https://api.example.com/v4/appointments?limit=1");
	test_check_url("http://127.0.0.1:8080/v4");
	return done_testing();
}
