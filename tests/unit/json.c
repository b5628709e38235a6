/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "tap.h"

static json_t *
value_of(const char *text)
{
	char why[SK_JSON_WHY] = "";
	json_t *value = sk_json_parse(text, strlen(text), why);

	if (value == NULL)
		printf("# %s: %s\n", text, why);
	return value;
}

static void
refuses(const char *text, size_t n, const char *wanted)
{
	char why[SK_JSON_WHY] = "";
	json_t *value = sk_json_parse(text, n, why);

	ok(value == NULL, "refused: %s", wanted);
	ok(strncmp(why, wanted, strlen(wanted)) == 0, "because: %s", why);
	ok(strstr(why, "Ann") == NULL, "and nobody is named");
	json_decref(value);
}

#define REFUSES(text, why) refuses(text, sizeof(text) - 1, why)

static void
test_parse(void)
{
	json_t *value = value_of(" {\"a\":[1,2.5,\"x\",null,true]}\n");

	ok(json_is_object(value), "an object with blanks around it");
	json_decref(value);
	value = value_of("\"text\"");
	ok(json_is_string(value), "a bare string");
	json_decref(value);
	REFUSES("", "");
	REFUSES("{\"Ann\":1,\"Ann\":2}", "duplicate object key (");
	REFUSES("{\"a\":\"Ann\" \"Ann\"}", "'}' expected (");
	REFUSES("{\"a\":Ann}", "invalid token (");
	REFUSES("{\"a\":\"Ann", "premature end of input");
	REFUSES("{\"a\":1} Ann", "end of file expected (");
	REFUSES("{\"a\":\"x\\u0000Ann\"}", "\\u0000 isn't allowed in a text");
	REFUSES("{\"a\":\"x\0Ann\"}", "control character 0x0");
	REFUSES("{\"a\":\"\xff\"}", "unable to decode byte 0xff");
	REFUSES("{\"a\":\"\xc0\xaf\"}", "unable to decode byte 0xc0");
	REFUSES("{\"a\":\"\xed\xa0\x80\"}", "");
	REFUSES("{\"a\":99999999999999999999}", "too big integer");
	REFUSES("{\"a\":1e999}", "real number overflow");
	ok(sk_json_parse("{", 1, NULL) == NULL, "the reason may go untold");
}

static void
text_is(const char *json, const char *wanted)
{
	json_t *value = value_of(json);
	char *text = sk_json_text(value);

	is_str(text, wanted, json);
	free(text);
	json_decref(value);
}

static void
test_text(void)
{
	text_is("\"30\"", "30");
	text_is("\"\"", "");
	text_is("30", "30");
	text_is("-9223372036854775808", "-9223372036854775808");
	text_is("1.0", "1");
	text_is("1e0", "1");
	text_is("-0.0", "0");
	text_is("0.1", "0.1");
	text_is("1.10", "1.1");
	text_is("0.30000000000000004", "0.30000000000000004");
	text_is("1e15", "1000000000000000");
	text_is("9007199254740992.0", "9007199254740992");
	text_is("1e22", "1e+22");
	text_is("1e-7", "1e-07");
	text_is("true", "true");
	text_is("false", "false");
	text_is("null", NULL);
	text_is("[]", NULL);
	text_is("{}", NULL);
	ok(sk_json_text(NULL) == NULL, "no value, no text");
}

static void
test_members(void)
{
	json_t *object = value_of("{\"s\":\"x\",\"e\":\"\",\"n\":5,\"z\":null,\"a\":[]}");
	char *text;

	is_str(sk_json_string(object, "s"), "x", "a string");
	is_str(sk_json_string(object, "e"), NULL, "an empty one is none");
	is_str(sk_json_string(object, "n"), NULL, "a number is none");
	is_str(sk_json_string(object, "q"), NULL, "what isn't there is none");
	is_str(sk_json_string(NULL, "s"), NULL, "nor is anything in nothing");
	text = sk_json_member_text(object, "n");
	is_str(text, "5", "a number's text");
	free(text);
	is_str(sk_json_member_text(object, "e"), NULL, "an empty text is none");
	is_str(sk_json_member_text(object, "z"), NULL, "null is none");
	is_str(sk_json_member_text(object, "a"), NULL, "an array is none");
	is_str(sk_json_member_text(object, "q"), NULL, "what isn't there has none");
	sk_json_set(object, "s", NULL);
	ok(json_is_null(json_object_get(object, "s")), "set to null");
	sk_json_set(object, "s", "J\xc3\xb6rg");
	is_str(sk_json_string(object, "s"), "J\xc3\xb6rg", "set to a text");
	sk_json_set(object, "s", "J\xf6rg");
	is_str(sk_json_string(object, "s"), "J?rg", "what isn't UTF-8 is made so");
	json_decref(object);
}

static void
truth_is(const char *json, int wanted)
{
	json_t *value = value_of(json);

	is_int(sk_json_truth(value), wanted, json);
	json_decref(value);
}

static void
number_is(const char *json, int result, int64_t wanted)
{
	json_t *value = value_of(json);
	int64_t number = 0;

	is_int(sk_json_number(value, &number), result, json);
	is_int(number, wanted, "the number");
	json_decref(value);
}

static void
test_lenient(void)
{
	static const char *const yes[] = {"true", "\"True\"", "\"TRUE\"", "\"1\"", "1", "1.0",
	    "\"yes\"", "\" true \""};
	static const char *const no[] = {"false", "\"False\"", "\"0\"", "0", "\"No\""};
	static const char *const neither[] = {"null", "\"\"", "2", "\"maybe\"", "[]", "\"tru\"",
	    "\"true x\""};
	size_t i;

	for (i = 0; i < sizeof yes / sizeof yes[0]; i++)
		truth_is(yes[i], 1);
	for (i = 0; i < sizeof no / sizeof no[0]; i++)
		truth_is(no[i], 0);
	for (i = 0; i < sizeof neither / sizeof neither[0]; i++)
		truth_is(neither[i], -1);
	is_int(sk_json_truth(NULL), -1, "nothing is neither");
	number_is("87", 0, 87);
	number_is("\"87\"", 0, 87);
	number_is("\" 87 \"", 0, 87);
	number_is("87.0", 0, 87);
	number_is("\"87.00\"", 0, 87);
	number_is("\"85603 second(s)\"", 0, 85603);
	number_is("\"85603second(s)\"", 0, 85603);
	number_is("\"-3\"", 0, -3);
	number_is("\"9223372036854775807\"", 0, INT64_MAX);
	number_is("\"9223372036854775808\"", -1, 0);
	number_is("87.5", -1, 0);
	number_is("\"87.5\"", -1, 0);
	number_is("\"1,234\"", -1, 0);
	number_is("\"1e5\"", -1, 0);
	number_is("1e30", -1, 0);
	number_is("\"2026-02-07\"", -1, 0);
	number_is("\"x87\"", -1, 0);
	number_is("\"\"", -1, 0);
	number_is("\"-\"", -1, 0);
	number_is("true", -1, 0);
	number_is("null", -1, 0);
	number_is("[87]", -1, 0);
}

static void
canonical_is(const char *json, const char *wanted)
{
	static const char *const leave_out[] = {"card_number", "cvv", NULL};
	json_t *object = value_of(json);
	char *text = sk_json_canonical(object, leave_out);

	is_str(text, wanted, json);
	free(text);
	json_decref(object);
}

/* Digests of requests in older state files were made of what jansson writes. */
static void
test_canonical_of_older(void)
{
	static const char json[] =
	    "{\"b\":[\"\\u0001\\u001f\\b\\f\\n\\r\\t/\\\\\\\"\\u007f\",null,[],{}],"
	    "\"a "
	    "b\":{\"z\":\"\xc3\xa9\",\"\":\"x\",\"A\":\"\\ud83d\\ude00\"},\"B\":\"\",\"aa\":\"\","
	    "\"a\":null}";
	json_t *object = sk_json_parse(json, strlen(json), NULL);
	char *text = sk_json_canonical(object, NULL);
	char *older = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);

	is_str(text, older, "the canonical form is what it was");
	free(text);
	free(older);
	json_decref(object);
}

static void
test_canonical(void)
{
	json_t *object;
	char *text;

	canonical_is("{\"b\":30,\"a\":\"x\"}", "{\"a\":\"x\",\"b\":\"30\"}");
	canonical_is("{\"a\": \"x\", \"b\" : \"30\"}", "{\"a\":\"x\",\"b\":\"30\"}");
	canonical_is("{\"b\":1.0}", "{\"b\":\"1\"}");
	canonical_is("{\"b\":1e0}", "{\"b\":\"1\"}");
	canonical_is("{\"b\":1}", "{\"b\":\"1\"}");
	canonical_is("{\"b\":\"1.0\"}", "{\"b\":\"1.0\"}");
	canonical_is("{\"b\":\"030\"}", "{\"b\":\"030\"}");
	canonical_is("{\"b\":true}", "{\"b\":\"true\"}");
	canonical_is("{\"b\":null}", "{\"b\":null}");
	canonical_is("{\"b\":[1,{\"z\":1,\"y\":false}]}",
	    "{\"b\":[\"1\",{\"y\":\"false\",\"z\":\"1\"}]}");
	canonical_is("{\"a\":1,\"cvv\":\"123\",\"card_number\":\"4111\"}", "{\"a\":\"1\"}");
	canonical_is("{}", "{}");
	object = value_of("{\"a\":1}");
	text = sk_json_canonical(object, NULL);
	is_str(text, "{\"a\":\"1\"}", "nothing is left out");
	ok(json_is_integer(json_object_get(object, "a")), "the object itself stays as it is");
	free(text);
	json_decref(object);
}

int
main(void)
{
	sk_mem_init();
	test_parse();
	test_text();
	test_members();
	test_lenient();
	test_canonical();
	test_canonical_of_older();
	return done_testing();
}
