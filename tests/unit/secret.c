/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/mem.h"
#include "base/secret.h"
#include "tap.h"

static void
masks(const char *text, const char *wanted)
{
	char *masked = sk_secret_mask_json(text, strlen(text));

	is_str(masked, wanted, text);
	free(masked);
}

static void
masks_url(const char *url, const char *wanted)
{
	char *masked = sk_secret_mask_url(url);

	is_str(masked, wanted, url);
	free(masked);
}

static void
test_json(void)
{
	masks(
	    "{\"grant_type\":\"request_key\",\"office_id\":\"D1\",\"secret_key\":\"s\",\"app_id\":"
	    "\"a\",\"app_key\":\"k\"}",
	    "{\"grant_type\":\"request_key\",\"office_id\":\"D1\",\"secret_key\":\"***\","
	    "\"app_id\":\"***\",\"app_key\":\"***\"}");
	masks("{\"items\":[{\"patient_id\":7,\"firstname\":\"Ann\",\"id\":\"12\"}],\"total_count\":"
	      "\"1\",\"limit\":50}",
	    "{\"items\":[{\"patient_id\":\"***\",\"firstname\":\"***\",\"id\":\"12\"}],"
	    "\"total_count\":\"1\",\"limit\":50}");
	masks("{\"long_message\":\"Id:275495\",\"short_message\":\"x\"}",
	    "{\"long_message\":\"Id:275495\",\"short_message\":\"***\"}");
	masks("{\"long_message\":\"Id:275495 Ann\"}", "{\"long_message\":\"***\"}");
	masks("{\"long_message\":\"Id:\"}", "{\"long_message\":\"***\"}");
	masks("{\"long_message\":5551234}", "{\"long_message\":\"***\"}");
	masks("{\"result\":\"Pending\"}", "{\"result\":\"Pending\"}");
	masks("{\"result\":\"Ann isn't in\"}", "{\"result\":\"***\"}");
	masks("{\"status\":\"not_refresh\"}", "{\"status\":\"not_refresh\"}");
	masks("{\"status\":\"Ann\"}", "{\"status\":\"***\"}");
	masks("{\"id\":\"Ann Smith\"}", "{\"id\":\"***\"}");
	masks("{\"ID\":\"12\"}", "{\"ID\":\"12\"}");
	masks("{\"id\":{\"phone\":\"5\"}}", "{\"id\":{\"phone\":\"***\"}}");
	masks("{\"id\":[\"5\"]}", "{\"id\":[\"***\"]}");
	masks("{\"endpoint\":\"/patients?name=Ann\"}", "{\"endpoint\":\"***\"}");
	masks("{\"endpoint\":\"/appointments/12\"}", "{\"endpoint\":\"/appointments/12\"}");
	masks("{\"http_code_desc\":\"a\\u001bb\"}", "{\"http_code_desc\":\"***\"}");
	masks("{\"birthday\":null,\"ok\":true}", "{\"birthday\":null,\"ok\":\"***\"}");
	masks("\"Ann\"", "\"***\"");
	masks("17", "\"***\"");
	masks("[]", "[]");
	masks("<html>Ann</html>", "(16 bytes)");
	masks("{\"a\":1} x", "(9 bytes)");
	masks("", "(0 bytes)");
	masks("{\"id\":\"\xff\"}", "(10 bytes)");
}

static void
test_whole_list(void)
{
	static const char *const names[] = {"api", "api_name", "command_time", "completed_time",
	    "enddate", "endpoint", "error_code", "execution_time", "expires_in", "grant_type",
	    "has_error", "http_code", "http_code_desc", "id", "is_completed", "limit", "method",
	    "office_id", "offset", "operation", "practice_id", "request_time", "show", "startdate",
	    "total_count", "writeback_id", "practice_management_system"};
	size_t i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++) {
		char *text = sk_mem_printf("{\"%s\":\"x1\"}", names[i]);

		masks(text, text);
		free(text);
	}
}

static void
test_url(void)
{
	masks_url("https://h/v4/writeback_status?id=5", "https://h/v4/writeback_status?id=5");
	masks_url("https://h/v4/patients?firstname=Ann&limit=50&request_key=abc",
	    "https://h/v4/patients?firstname=***&limit=50&request_key=***");
	masks_url("https://h/x?id=1;name=Ann", "https://h/x?id=***");
	masks_url("https://h/x?id=1%26name%3DAnn", "https://h/x?id=***");
	masks_url("https://h/x?Ann&&=5&id=", "https://h/x?***&***&=***&id=");
	masks_url("https://h/x?a=1#frag=Ann", "https://h/x?a=***#***");
	masks_url("https://h/x#Ann", "https://h/x#***");
	masks_url("https://user:pass@h/x", "https://***@h/x");
	masks_url("https://a@b:c@h", "https://***@h");
	masks_url("https://h/x@y", "https://h/x@y");
	masks_url("https://@h?&&&&#", "https://***@h?***&***&***&***&***#***");
	masks_url("/appointments?id=3&x=1", "/appointments?id=3&x=***");
	masks_url("", "");
	masks_url("?", "?***");
	masks_url("#", "#***");
}

static void
keeps_out(const char *record, const char *wanted, size_t n)
{
	json_t *value = json_loads(record, JSON_DECODE_ANY, NULL);
	size_t n_masked = 0;
	json_t *told = sk_secret_without_keys(value, &n_masked);
	char *text = json_dumps(told, JSON_COMPACT | JSON_ENCODE_ANY);

	is_str(text, wanted, record);
	is_int((long long)n_masked, (long long)n, "as many as there are");
	free(text);
	json_decref(told);
	json_decref(value);
}

/* Keys by the names of members and of parameters; all other data stays as it is. */
static void
test_records(void)
{
	keeps_out(
	    "{\"secret_key\":\"s\",\"RequestKey\":\"r\",\"a\":[{\"refresh-key\":1.50}],\"b\":{"
	    "\"App_Key\":[\"k\",{\"x\":\"k\"}]}}",
	    "{\"secret_key\":\"***\",\"RequestKey\":\"***\",\"a\":[{\"refresh-key\":\"***\"}],"
	    "\"b\":{"
	    "\"App_Key\":[\"***\",{\"x\":\"***\"}]}}",
	    5);
	keeps_out(
	    "{\"secret_key\":\"\",\"request_key\":null,\"key\":\"1\",\"patient_key_id\":\"2\","
	    "\"keyboard\":\"3\",\"n\":12345678901234567}",
	    "{\"secret_key\":\"\",\"request_key\":null,\"key\":\"1\",\"patient_key_id\":\"2\","
	    "\"keyboard\":\"3\",\"n\":12345678901234567}",
	    0);
	keeps_out(
	    "[\"https://h/v4/request_key_info?request_key=abc\",\"https://h/p?offset=1&limit=2\"]",
	    "[\"https://h/v4/request_key_info?request_key=***\",\"https://h/p?offset=1&limit=2\"]",
	    1);
	keeps_out(
	    "[\"see //h/x.png?AWSAccessKeyId=A%2B&Expires=17&x-amz-security-token=I==&Signature=S"
	    "#access_token=t, and a=b?\",\"?token=\",\"token=5 is fine?\"]",
	    "[\"see //h/x.png?AWSAccessKeyId=***&Expires=17&x-amz-security-token=***&Signature=***"
	    "#access_token=*** and a=b?\",\"?token=\",\"token=5 is fine?\"]",
	    4);
	keeps_out("{\"a\":{\"b\":[{\"API-Key_\":\"k\",\"c\":1.50}]}}",
	    "{\"a\":{\"b\":[{\"API-Key_\":\"***\",\"c\":1.5}]}}", 1);
	keeps_out("{\"token\":{\"value\":\"t\",\"expires\":3600,\"old\":null}}",
	    "{\"token\":{\"value\":\"***\",\"expires\":\"***\",\"old\":null}}", 2);
	keeps_out("{\"tokens\":\"1\",\"ey\":\"2\",\"\":\"3\",\"_\":\"4\",\"secretkeys\":[\"5\"]}",
	    "{\"tokens\":\"1\",\"ey\":\"2\",\"\":\"3\",\"_\":\"4\",\"secretkeys\":[\"5\"]}", 0);
	keeps_out("{\"links\":[\"/p?a=1\",\"/p?a=1&token=t\",7]}",
	    "{\"links\":[\"/p?a=1\",\"/p?a=1&token=***\",7]}", 1);
}

/* What has no keys isn't copied; what has some stays as it was. */
static void
test_whose_records(void)
{
	json_t *without = json_pack("{s:s}", "city", "Bonn"),
	       *with = json_pack("{s:s}", "token", "t");
	size_t n = 0;
	json_t *same = sk_secret_without_keys(without, &n),
	       *masked = sk_secret_without_keys(with, &n);

	ok(same == without, "a record without keys comes back itself");
	ok(masked != with, "one with a key is copied");
	is_str(json_string_value(json_object_get(with, "token")), "t", "and stays as it is");
	json_decref(without);
	is_str(json_string_value(json_object_get(same, "city")), "Bonn",
	    "each has a reference of its own");
	json_decref(same);
	json_decref(masked);
	json_decref(with);
}

static void
test_plain(void)
{
	char *plain = sk_secret_plain("Card-No. 7\xc3\xa9[`{@/:Az");

	is_str(plain, "cardno7az", "letters and digits of ASCII, in small letters");
	free(plain);
}

static void
test_headers(void)
{
	ok(sk_secret_header_is_harmless("Content-Type", 12), "Content-Type");
	ok(sk_secret_header_is_harmless("x-rate-limit-remaining", 22), "X-Rate-Limit-Remaining");
	ok(!sk_secret_header_is_harmless("Request-Key", 11), "not Request-Key");
	ok(sk_secret_header_is_harmless("Request-Key-Expires", 19), "Request-Key-Expires");
	ok(!sk_secret_header_is_harmless("Request-Key-Expires", 11), "only as long as it is");
	ok(!sk_secret_header_is_harmless("App-Key", 7), "not App-Key");
	ok(!sk_secret_header_is_harmless("Authorization", 13), "not Authorization");
	ok(!sk_secret_header_is_harmless("Set-Cookie", 10), "not Set-Cookie");
	ok(!sk_secret_header_is_harmless("", 0), "not nothing");
}

int
main(void)
{
	char key[] = "0123456789abcdef";

	sk_mem_init();
	test_json();
	test_whole_list();
	test_url();
	test_records();
	test_whose_records();
	test_plain();
	test_headers();
	sk_secret_wipe(key, sizeof key);
	ok(memcmp(key, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", sizeof key) == 0, "wiped");
	sk_secret_free(NULL);
	sk_secret_free(sk_mem_copy("key"));
	return done_testing();
}
