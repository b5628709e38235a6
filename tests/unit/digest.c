/* SPDX-License-Identifier: MIT */
/* digest and content: the standard's own examples; which requests a list shows alike. */
#include "base/digest.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "store/content.h"
#include "tap.h"

static void
digests_to(const char *text, const char *wanted, const char *what)
{
	char *digest = sk_digest(text);

	is_str(digest, wanted, what);
	free(digest);
}

static void
test_digest(void)
{
	char *long_text = sk_mem_zero(1000001, 1);

	digests_to("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	    "no text");
	digests_to("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	    "one block");
	digests_to("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
	    "56 bytes: the length needs a block of its own");
	memset(long_text, 'a', 1000000);
	digests_to(long_text, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
	    "a million bytes");
	free(long_text);
	ok(sk_digest_equal("key", "key") && sk_digest_equal("", ""), "equal secrets are equal");
	ok(!sk_digest_equal("key", "kez") && !sk_digest_equal("key", "keys") &&
		!sk_digest_equal("key", ""),
	    "others aren't, whatever their length");
}

static char *
listed(const char *endpoint, const char *body)
{
	json_t *object = sk_json_parse(body, strlen(body), NULL);
	char *digest = sk_content_listed("D1", "POST", endpoint, object);

	json_decref(object);
	return digest;
}

static void
compare(const char *endpoint, const char *body, int alike, const char *what)
{
	char *ours = listed("/appointments/7", "{\"a\":\"1\",\"b\":\"x=y\"}");
	char *other = listed(endpoint, body);

	ok(other != NULL && (strcmp(ours, other) == 0) == alike, "%s: %s", what,
	    alike ? "shown alike" : "told apart");
	free(ours);
	free(other);
}

static void
test_listed(void)
{
	char *none = listed("/x", "{\"a\":[1]}");

	compare("/appointment/7", "{\"b\":\"x=y\",\"a\":1}", 1, "order, numbers, a plural s");
	compare("/Appointments/%37", "{\"a\":\"1\",\"b\":\"x=y\"}", 1, "an escaped id");
	compare("/appointments/7", "{\"a\":\"1\",\"b\":\"x=y\",\"c\":\"\",\"check_spu\":\"true\"}",
	    1, "an empty field, check_spu");
	compare("/appointments/7", "{\"a\":\"1&b=x=y\"}", 1, "an '&' in a value");
	compare("/appointments/8", "{\"a\":\"1\",\"b\":\"x=y\"}", 0, "another id");
	compare("/patient/7", "{\"a\":\"1\",\"b\":\"x=y\"}", 0, "another path");
	compare("/appointments/7", "{\"a\":\"1\",\"b\":\"x=y\",\"c\":\"2\"}", 0, "a field more");
	compare("/appointments/7", "{\"a\":\"1\"}", 0, "a field less");
	compare("/appointments/7", "{\"a\":\"01\",\"b\":\"x=y\"}", 0, "another value");
	ok(none == NULL, "an array can't be compared");
}

int
main(void)
{
	sk_mem_init();
	test_digest();
	test_listed();
	return done_testing();
}
