/* SPDX-License-Identifier: MIT */
/* The records of a list, read one by one: they are what the whole body says, or nothing. */
#include "api/records.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "tap.h"

/* The nth allocation of jansson's from now on fails, and all behind it; 0: none. */
static long until;

static void *
get(size_t n)
{
	if (until == 1)
		return NULL;
	if (until > 1)
		until--;
	return malloc(n);
}

/*
 * The body's value, put together again; NULL when the reader takes it for no JSON. told: how many
 * records were handed out.
 */
static json_t *
value_of(const char *body, size_t n, size_t *told)
{
	struct sk_api_records records;
	json_t *value = sk_api_records_read(&records, body, n), *record, *items;

	*told = 0;
	if (value == NULL || !records.is_list) {
		*told += sk_api_records_next(&records) != NULL || records.n > 0;
		return value;
	}
	items = json_array();
	while ((record = sk_api_records_next(&records)) != NULL) {
		*told += strchr("[{\"-0123456789tfn", body[records.at]) != NULL;
		json_array_append_new(items, record);
	}
	if (*told != records.n || records.left != 0) {
		json_decref(value);
		value = json_null();
	}
	json_object_set_new(value, "items", items);
	return value;
}

/* What the whole body says to jansson, without an array of one element around an object. */
static json_t *
wanted_of(const char *body, size_t n)
{
	json_t *value = sk_json_parse(body, n, NULL), *inner = json_array_get(value, 0);

	if (json_array_size(value) != 1 || !json_is_object(inner))
		return value;
	json_incref(inner);
	json_decref(value);
	return inner;
}

/* 1 when the reader says the same of the first n bytes. They are copied, so that valgrind sees their end. */
static int
is_same(const char *text, size_t n)
{
	char *body = malloc(n > 0 ? n : 1);
	json_t *found, *wanted;
	size_t told;
	int same;

	memcpy(body, text, n);
	found = value_of(body, n, &told);
	wanted = wanted_of(body, n);
	same = wanted != NULL ? json_equal(found, wanted) : found == NULL && told == 0;
	json_decref(found);
	json_decref(wanted);
	free(body);
	return same;
}

static const char *const bodies[] = {
    "{\"offset\":\"0\",\"items\":[{\"id\":1,\"a\":[1,{\"b\":2}]},{\"id\":\"]}\\\"\"}],\"total_"
    "count\":2}",
    " [ { \"limit\" : 2 , \"items\" : [ {} , [] , \"x\" , -1.5e3 , true , false , null , 0 ] } ] "
    "\r\n",
    "{\"it\\u0065ms\":[1,2,{\"items\":[3]}],\"error_code\":\"API2005\"}",
    "{\"items\":[{\"n\":\"\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\"},{\"n\":\"\\ud83d\\ude00\\\\\"},"
    "12]}",
    "{\"items\":[],\"total_count\":0}",
    "{\"items\":null,\"total_count\":0}",
    "{\"items\":\"\"}",
    "{\"items\":{\"a\":1}}",
    "{\"Items\":[1],\"item\":{\"items\":[2]}}",
    "{}",
    "[]",
    "[1]",
    "[{\"items\":[1]},{\"items\":[2]}]",
    "[{\"a\":1},2]",
    "[[{\"items\":[1]}]]",
    "\"items\"",
    "12",
    "null",
    /* what is no JSON */
    "",
    " ",
    "{\"items\":[1],\"items\":[2]}",
    "{\"items\":null,\"items\":[2]}",
    "{\"items\":[1],\"items\":null}",
    "{\"limit\":1,\"items\":[1],\"limit\":1}",
    "{\"items\":[{\"a\":1,\"a\":2}]}",
    "{\"items\":[{\"a\":1},{\"a\":{\"b\":1,\"b\":2}}]}",
    "{\"items\":[1,]}",
    "{\"items\":[,1]}",
    "{\"items\":[1 2]}",
    "{\"items\":[1,2}",
    "{\"items\":[1]]}",
    "{\"items\":[1],}",
    "{,\"items\":[1]}",
    "{\"items\" [1]}",
    "{items:[1]}",
    "{1:[1]}",
    "{\"items\":[01]}",
    "{\"items\":[1e999]}",
    "{\"items\":[99999999999999999999]}",
    "{\"items\":[\"\xFF\"]}",
    "{\"items\":[\"\\u0000\"]}",
    "{\"items\":[\"\\ud83d\"]}",
    "{\"items\":[tru]}",
    "{\"items\":[truefalse]}",
    "{\"items\":[1]} x",
    "{\"items\":[1]}{}",
    "[{\"items\":[1]}",
    "[{\"items\":[1]}]]",
    "[{\"items\":[1]},]",
    "\xEF\xBB\xBF{\"items\":[1]}",
};

static void
test_bodies(void)
{
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		size_t n = strlen(bodies[i]), right = 0;

		for (size_t torn = 0; torn <= n; torn++)
			right += is_same(bodies[i], torn);
		is_int((long long)right, (long long)n + 1, bodies[i]);
	}
	ok(is_same("{\"items\":[1]}\0", 14), "a NUL behind it");
	ok(is_same("{\"items\":[1,\0 2]}", 17), "a NUL between records");
}

/* Each byte of a page becomes another one. */
static void
test_damage(void)
{
	static const char others[] = "{}[],:\"\\ x0\xFF";
	size_t n = strlen(bodies[0]), right = 0;
	char body[200];

	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < sizeof(others); k++) {
			memcpy(body, bodies[0], n);
			body[i] = others[k];
			right += is_same(body, n);
		}
	}
	is_int((long long)right, (long long)(n * sizeof(others)), "a damaged page");
}

static void
test_places(void)
{
	static const char body[] = "{\"items\": [ {\"a\":1} , 2]}";
	struct sk_api_records records;
	json_t *rest = sk_api_records_read(&records, body, strlen(body)), *record;

	is_int((long long)records.n, 2, "two records");
	is_int((long long)json_object_size(rest), 0, "nothing else");
	json_decref(sk_api_records_next(&records));
	is_int((long long)records.at, 12, "the first one's place");
	is_int((long long)records.left, 1, "one is left");
	json_decref(sk_api_records_next(&records));
	is_int((long long)records.at, 22, "the second one's place");
	ok(sk_api_records_next(&records) == NULL && records.left == 0, "no third one");
	json_decref(rest);

	rest = sk_api_records_read(&records, "[ {\"a\":1} ]", 11);
	sk_api_records_be_object(&records);
	record = sk_api_records_next(&records);
	ok(json_equal(record, rest), "an object as the only record");
	ok(sk_api_records_next(&records) == NULL && records.left == 0, "and no other one");
	json_decref(record);
	json_decref(rest);
}

/* Without memory there are all records or none, and none is passed over. */
static void
test_memory(void)
{
	size_t n = strlen(bodies[0]);
	long tried = 0, wrong = 0, whole = 0;

	for (long nth = 1; whole == 0 && nth < 10000; nth++) {
		struct sk_api_records records;
		json_t *rest;

		tried++;
		until = nth;
		rest = sk_api_records_read(&records, bodies[0], n);
		until = 0;
		whole = rest != NULL;
		wrong += rest == NULL ? records.n + records.left > 0 : records.n != 2;
		json_decref(rest);
	}
	ok(tried > 20 && whole, "each allocation has failed");
	is_int(wrong, 0, "and no body was taken for a shorter one");
	for (long nth = 1; nth < 10; nth++) {
		struct sk_api_records records;
		json_t *rest = sk_api_records_read(&records, bodies[0], n), *record;

		until = nth;
		record = sk_api_records_next(&records);
		until = 0;
		wrong += record == NULL ? records.left != 2 : records.left != 1;
		json_decref(record);
		json_decref(rest);
	}
	is_int(wrong, 0, "a record that can't be read is left, and seen to be");
}

int
main(void)
{
	json_set_alloc_funcs(get, free);
	test_bodies();
	test_damage();
	test_places();
	test_memory();
	return done_testing();
}
