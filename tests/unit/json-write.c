/* SPDX-License-Identifier: MIT */
/* JSON values as text: as jansson writes them, but numbers as short as can be. */
#include "base/json_write.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tap.h"

static void
written_is(const char *text, const char *wanted)
{
	json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);
	char *written = sk_json_dump(value);
	json_t *again = json_loads(written, JSON_DECODE_ANY, NULL);

	is_str(written, wanted, text);
	ok(json_equal(value, again), "%s reads back as the same value", text);
	json_decref(again);
	json_decref(value);
	free(written);
}

static void
same(const char *text)
{
	written_is(text, text);
}

static void
test_numbers(void)
{
	same("45.3");
	same("0.1");
	same("-12.1");
	written_is("12.10", "12.1");
	same("1234567.89");
	same("99999999.99");
	same("0.30000000000000004");
	same("2.2250738585072014e-308");
	same("1.7976931348623157e308");
	same("5e-324");
	written_is("1e23", "1e23");
	written_is("1E+05", "100000.0");
	written_is("0.00001", "1e-5");
	same("45.0");
	same("-0.0");
	same("9223372036854775807");
	same("-9223372036854775808");
}

/* Whatever jansson writes, but numbers, is written as jansson does. */
static void
test_form(void)
{
	static const char text[] = "{\"b\":[1,{\"a\":null},[],{},true,false],\"a\":"
				   "\"\\u0001\\b\\f\\n\\r\\t\\\"\\\\/\xC3\xA4"
				   "\xF0\x9F\x98\x80\x7F\\u001F\",\"\\n\":\"\"}";
	json_t *value = json_loads(text, 0, NULL);
	char *wanted = json_dumps(value, JSON_COMPACT), *written = sk_json_dump(value);

	is_str(written, wanted, "an object with all kinds of values");
	free(written);
	free(wanted);
	json_decref(value);
	same("\"a\"");
	same("null");
}

int
main(void)
{
	sk_mem_init();
	test_numbers();
	test_form();
	return done_testing();
}
