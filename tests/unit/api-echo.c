/* SPDX-License-Identifier: MIT */
/* What a request holds, and what an echo of the list holds: equal, or not to be compared. */
#include "api/echo.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "tap.h"

enum alike { OTHER, SAME, UNSURE };

static const struct {
	const char *echo, *body, *path_id;
	enum alike alike;
} pairs[] = {
    {"a=1&b=2", "{\"a\":\"1\",\"b\":\"2\"}", NULL, SAME},
    {"b=2&a=1", "{\"a\":\"1\",\"b\":\"2\"}", NULL, SAME},
    {"a=1&b=2&apiname=PATCH x&id=7", "{\"b\":\"2\",\"a\":\"1\"}", "7", SAME},
    {"a=1&request_key=****&apiname=POST x", "{\"a\":\"1\"}", NULL, SAME},
    {"a=1", "{\"a\":\"1\"}", "7", OTHER},
    {"a=1&id=77", "{\"a\":\"1\"}", "7", OTHER},
    {"a=1&id=7", "{\"a\":\"1\"}", NULL, OTHER},
    {"a=1&id=", "{\"a\":\"1\"}", NULL, SAME},
    {"a=1&cust_id=7", "{\"a\":\"1\"}", "7", OTHER},
    {"a=11", "{\"a\":\"1\"}", NULL, OTHER},
    {"ba=1", "{\"a\":\"1\"}", NULL, OTHER},
    {"ba=1&a=1", "{\"a\":\"1\"}", NULL, OTHER},
    {"a=1&a=1", "{\"a\":\"1\"}", NULL, OTHER},
    {"a=1", "{\"a\":\"1\",\"b\":\"\"}", NULL, SAME},
    {"a=1", "{\"a\":\"1\",\"b\":null}", NULL, SAME},
    {"a=1&c=", "{\"a\":\"1\",\"b\":\"\"}", NULL, SAME},
    {"a=1&", "{\"a\":\"1\"}", NULL, SAME},
    {"a=1&x", "{\"a\":\"1\"}", NULL, OTHER},
    {"a=1&check_spu=true", "{\"a\":\"1\"}", NULL, SAME},
    {"a=1", "{\"a\":\"1\",\"check_spu\":\"true\"}", NULL, SAME},
    {"a=1&cvv=***", "{\"a\":\"1\",\"cvv\":\"123\"}", NULL, SAME},
    {"a=1", "{\"a\":\"1\",\"b\":\"2\"}", NULL, OTHER},
    {"n=x & y=z&w&a=1", "{\"n\":\"x & y=z&w\",\"a\":\"1\"}", NULL, UNSURE},
    {"n=x & y=z&w&a=1", "{\"n\":\"x & y=z\",\"a\":\"1\"}", NULL, OTHER},
    {"n=x=", "{\"n\":\"x=\"}", NULL, UNSURE},
    {"n=one  \ntwo", "{\"n\":\"one  \\ntwo\"}", NULL, SAME},
    {"n=one", "{\"n\":\"one\\ntwo\"}", NULL, OTHER},
    {"", "{\"a\":\"1\"}", NULL, OTHER},
    {"", "{}", NULL, SAME},
    {"length=30", "{\"length\":30}", NULL, SAME},
    {"p=7&a=1&id=7", "{\"a\":\"1\"}", "7", SAME},
    {"a=1&id=7", "{\"a\":\"1\",\"p\":\"7\"}", "7", SAME},
    {"p=8&a=1&id=7", "{\"a\":\"1\"}", "7", OTHER},
    {"p=7&a=1", "{\"a\":\"1\"}", NULL, OTHER},
};

static bool
is_cvv(const char *field)
{
	return strcmp(field, "cvv") == 0;
}

static enum alike
compare(size_t i)
{
	const struct sk_echo_rules rules = {.leaves_out = is_cvv, .path_field = "p"};
	json_t *body = sk_json_parse(pairs[i].body, strlen(pairs[i].body), NULL);
	bool is_unsure;
	char *sent = sk_echo_of_request(body, pairs[i].path_id, &rules, &is_unsure);
	char *listed = sk_echo_content(pairs[i].echo, &rules);
	enum alike alike = strcmp(sent, listed) != 0 ? OTHER : is_unsure ? UNSURE : SAME;

	free(sent);
	free(listed);
	json_decref(body);
	return alike;
}

static void
test_pairs(void)
{
	static const char *const words[] = {"isn't", "is", "may be"};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		ok(compare(i) == pairs[i].alike, "pair %zu: the echo %s the request", i,
		    words[pairs[i].alike]);
}

/* What is no plain value is echoed in a way that nobody knows. */
static void
test_not_plain(void)
{
	const struct sk_echo_rules rules = {0};
	json_t *body = sk_json_parse("{\"a\":[]}", 8, NULL);
	bool is_unsure;

	ok(sk_echo_of_request(body, NULL, &rules, &is_unsure) == NULL, "an array isn't compared");
	json_decref(body);
}

int
main(void)
{
	sk_mem_init();
	test_pairs();
	test_not_plain();
	return done_testing();
}
