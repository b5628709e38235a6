/* SPDX-License-Identifier: MIT */
/* Texts of others: passwords, keys that are known and control characters aren't shown. */
#include "base/filter.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "tap.h"

static void
filtered_is(const char *text, const char *wanted)
{
	char *found = sk_filter(text), *again = sk_filter(found);

	is_str(found, wanted, wanted);
	is_str(again, wanted, "and the same when it is filtered again");
	free(again);
	free(found);
}

static void
test_urls(void)
{
	filtered_is("Unsupported proxy syntax in 'http://user:s3cret#pw@127.0.0.1:9': Bad port",
	    "Unsupported proxy syntax in 'http://***@127.0.0.1:9': Bad port");
	filtered_is("in 'user:a b'c@d@host'", "in '***@host'");
	filtered_is("\"socks5://u:p/?@h\" can't", "\"socks5://***@h\" can't");
	filtered_is("can't reach https://u:p@ss@h/x?y=1 now",
	    "can't reach https://***@h/x?y=1 now");
	filtered_is("https://api.example.com/v4 isn't there",
	    "https://api.example.com/v4 isn't there");
	filtered_is("a patient's mail ann@example.com isn't one",
	    "a patient's mail ann@example.com isn't one");
	filtered_is("'", "'");
	filtered_is("://", "://");
	filtered_is("", "");
}

static void
test_known(void)
{
	struct sk_error err = {0};

	sk_filter_know("0123456789abcdef");
	sk_filter_know("abc");
	sk_filter_know(NULL);
	filtered_is("key 0123456789abcdef, 0123456789abcdef0 abc", "key ***, ***0 abc");
	sk_error_set(&err, SK_EXIT_FAILED, "refused: %s", "0123456789abcdef");
	sk_error_context(&err, "%s", "0123456789abcdef");
	is_str(err.text, "***: refused: ***", "an error passes it");
	setenv("https_proxy", "http://joe:pass/w#rd@proxy:3128", 1);
	setenv("ALL_PROXY", "token-of-joe@proxy", 1);
	setenv("HTTP_PROXY", "http://proxy:3128/path", 1);
	sk_filter_know_proxies();
	filtered_is("Could not resolve proxy: pass", "Could not resolve proxy: ***");
	filtered_is("Could not resolve proxy: token-of-joe", "Could not resolve proxy: ***");
	filtered_is("Could not resolve proxy: proxy", "Could not resolve proxy: proxy");
}

static void
test_control(void)
{
	filtered_is("a\nb\r\tc\033[31m\xC2\x9B\xFF\xC3\xA9",
	    "a b  c\\x1b[31m\\xc2\\x9b\\xff\xC3\xA9");
}

int
main(void)
{
	test_urls();
	test_known();
	test_control();
	return done_testing();
}
