/* SPDX-License-Identifier: MIT */
/* The records of a list, read one by one: they are what the whole body says, or nothing. */
#include "api/records.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "tap.h"

/*
 * The body's value, put together again; NULL when the reader takes it for no JSON. told: how many
 * records were handed out. odd: how much was repaired or left out.
 */
static json_t *
value_of(const char *body, size_t n, size_t *told, size_t *odd)
{
	struct sk_api_records records;
	json_t *value = sk_api_records_read(&records, body, n), *record, *items, *around = NULL;
	bool is_array = value != NULL && records.array != 0 && json_is_array(value);

	*told = 0;
	if (is_array)
		ok(sk_api_records_be_list(&records, &around) && around == NULL,
		    "an array is a list");
	*odd = records.repairs.n;
	if (value == NULL || !records.is_list) {
		*told += sk_api_records_next(&records) != NULL || records.n > 0;
		if (value == NULL && (records.trouble == NULL || records.trouble_at > n))
			*told = 99; /* it doesn't say why */
		return value;
	}
	items = json_array();
	while ((record = sk_api_records_next(&records)) != NULL) {
		*told += strchr("[{\"-+.0123456789tfnNI", body[records.at]) != NULL;
		json_array_append_new(items, record);
	}
	*odd = records.repairs.n + records.n_unread;
	if (*told + records.n_unread != records.n || records.left != 0) {
		json_decref(value);
		value = json_null();
	}
	if (is_array) {
		json_decref(value);
		return items;
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

/*
 * 1 when the reader says the same of the first n bytes; of what is no JSON it may say more, but not without
 * saying that it is odd. They are copied, so that valgrind sees their end.
 */
static int
is_same(const char *text, size_t n)
{
	char *body = malloc(n > 0 ? n : 1);
	json_t *found, *wanted;
	size_t told, odd;
	int same;

	memcpy(body, text, n);
	found = value_of(body, n, &told, &odd);
	wanted = wanted_of(body, n);
	same = wanted != NULL ? json_equal(found, wanted) && odd == 0
			      : (found == NULL && told == 0) || odd > 0;
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

/* What becomes of a list's records: as JSON, what was repaired, and how many were left out. */
static void
odd_is(const char *items, size_t n, const char *wanted, const char *repaired, int unread)
{
	struct sk_text body = {0}, found = {0};
	struct sk_api_records records;
	json_t *rest, *record;
	char *kinds;

	sk_text_add(&body, "{\"items\":[");
	sk_text_add_bytes(&body, items, n);
	sk_text_add(&body, "],\"total_count\":3}");
	rest = sk_api_records_read(&records, body.bytes, body.used);
	records.last_counts = true;
	while ((record = sk_api_records_next(&records)) != NULL) {
		sk_text_add(&found, found.used > 0 ? "," : "");
		sk_json_write(&found, record);
		json_decref(record);
	}
	kinds = sk_json_repairs_text(&records.repairs);
	is_str(sk_text_bytes(&found), wanted, items);
	is_str(kinds, repaired, "it is said what is odd");
	is_int((long long)records.n_unread, unread, "and how much is left out");
	ok(json_is_integer(json_object_get(rest, "total_count")), "what stands behind it is read");
	free(kinds);
	json_decref(rest);
	sk_text_fini(&found);
	sk_text_fini(&body);
}

#define ODD(items, wanted, repaired, unread) \
	odd_is((items), sizeof(items) - 1, (wanted), (repaired), (unread))
#define FFFD "\xEF\xBF\xBD"

static void
test_odd(void)
{
	ODD("1,{\"a\":\"x\\ud83d\"},2", "1,{\"a\":\"x" FFFD "\"},2", "half of a surrogate pair", 0);
	ODD("\"\\udE00\\ud83d\\ude00\\ud83dx\"", "\"" FFFD "\xF0\x9F\x98\x80" FFFD "x\"",
	    "half of a surrogate pair", 0);
	ODD("\"Jos\xE9\"", "\"Jos" FFFD "\"", "bytes that aren't UTF-8", 0);
	ODD("\"a\xC3\",\"\xED\xA0\x80\"", "\"a" FFFD "\",\"" FFFD FFFD FFFD "\"",
	    "bytes that aren't UTF-8", 0);
	ODD("\"\\u0000\",\"\0\",\0 3", "\"" FFFD "\",\"" FFFD "\",3", "a NUL", 0);
	ODD("{\"a\\u0000\":1}", "{\"a" FFFD "\":1}", "a NUL", 0);
	ODD("\"a\tb\x1F\"", "\"a\\tb\\u001F\"", "control characters", 0);
	ODD("\"C:\\Users\\x\\u12\"", "\"C:\\\\Users\\\\x\\\\u12\"",
	    "a backslash that escapes nothing", 0);
	ODD("{\"n\":99999999999999999999,\"m\":-1E400,\"z\":1e-400,\"y\":0e-9}",
	    "{\"n\":\"99999999999999999999\",\"m\":\"-1E400\",\"z\":\"1e-400\",\"y\":0.0}",
	    "a number that can't be one", 0);
	ODD("9223372036854775808,007,+1,.5,NaN,-Infinity",
	    "\"9223372036854775808\",\"007\",\"+1\",\".5\",null,null", "a number that can't be one",
	    0);
	ODD("{\"a\":1,\"a\":2},{\"a\":1,\"a\":1}", "{\"a\":2},{\"a\":1}",
	    "a member that stands twice", 0);
	ODD("1,tru,2", "1,2", "", 1);
	ODD("{\"a\":1,},{\"a\"},{\"b\":2}", "{\"b\":2}", "", 2);
	ODD("{\"a\":1} {\"a\":2},,[1 2],3", "3", "", 3);
	ODD("{\"a\":\"5\" tall, 6\" wide\"},4", "4", "", 1);
	ODD("{\"a\":\"5\" tall\"},{\"a\":[{\"b\":2}]},{\"a\":3}", "{\"a\":[{\"b\":2}]},{\"a\":3}",
	    "", 1);
	ODD("{\"a\":1},{\"a\":\"x} , { \"a\":3},\n{\"a\":4}", "{\"a\":1},{\"a\":4}", "", 1);
	ODD("{\"a\":1},{\"a\":[[2},{\"a\":{3]},{\"a\":4}", "{\"a\":1},{\"a\":4}", "", 2);
	ODD("{\"a\":1},{\"a\":2},{\"a\":\"x}", "{\"a\":1},{\"a\":2}", "", 1);
}

static void
test_depth(void)
{
	struct sk_text body = {0};
	struct sk_api_records records;
	json_t *rest, *record, *at;
	int depth = 0;

	sk_text_add(&body, "{\"items\":[1,{\"a\":");
	for (int i = 0; i < 3000; i++)
		sk_text_add(&body, "[");
	for (int i = 0; i < 3000; i++)
		sk_text_add(&body, "]");
	sk_text_add(&body, ",\"b\":2}]}");
	rest = sk_api_records_read(&records, body.bytes, body.used);
	json_decref(sk_api_records_next(&records));
	record = sk_api_records_next(&records);
	is_int(json_integer_value(json_object_get(record, "b")), 2,
	    "what stands behind it is read");
	for (at = json_object_get(record, "a"); json_is_array(at); at = json_array_get(at, 0))
		depth++;
	ok(json_is_null(at), "what is too deep is null");
	is_int(depth, SK_JSON_DEPTH - 1, "what isn't is there");
	json_decref(record);
	json_decref(rest);
	sk_text_fini(&body);
}

/* Who has to decide something gets neither of two values that contradict each other. */
static void
test_contradiction(void)
{
	static const char body[] =
	    "{\"id\":1,\"id\":2,\"n\":\"x\",\"n\":\"x\",\"items\":[{\"a\":1,\"a\":2}]}";
	struct sk_api_records records;
	json_t *rest = sk_api_records_read(&records, body, strlen(body));
	json_t *record = sk_api_records_next(&records);

	is_int((long long)json_array_size(json_object_get(rest, "id")), 2, "both stand there");
	is_str(sk_json_string(rest, "n"), "x", "but not when they say the same");
	ok(json_is_array(json_object_get(record, "a")), "in a record, too");
	json_decref(record);
	json_decref(rest);
}

static void
test_digest(void)
{
	static const char *const same[] = {"{\"offset\":0,\"items\":[{\"a\":1}]}",
	    "{\"offset\":1,\"items\":[{\"a\":1}],\"x\":1}", "{\"items\":[{\"a\":2}]}"};
	uint64_t digests[3];

	for (int i = 0; i < 3; i++) {
		struct sk_api_records records;

		json_decref(sk_api_records_read(&records, same[i], strlen(same[i])));
		digests[i] = records.digest;
	}
	ok(digests[0] == digests[1], "lists with the same records");
	ok(digests[0] != digests[2], "and with others");
}

/* A larger page begins with the records of a smaller one. */
static void
test_drop(void)
{
	static const char head[] = "{\"items\":[{\"a\":1}, {\"a\":2} ]}";
	static const char same[] = "{\"items\":[{\"a\":1}, {\"a\":2} , {\"a\":3},{\"a\":4}]}";
	static const char other[] = "{\"items\":[{\"a\":1}, {\"a\":3} , {\"a\":3},{\"a\":4}]}";
	struct sk_api_records small, large;
	json_t *record;

	json_decref(sk_api_records_read(&small, head, strlen(head)));
	json_decref(sk_api_records_read(&large, other, strlen(other)));
	ok(!sk_api_records_drop(&large, 2, small.digest), "not the same records");
	is_int((long long)large.left, 4, "none is passed over");
	json_decref(sk_api_records_read(&large, head, strlen(head)));
	ok(!sk_api_records_drop(&large, 2, small.digest), "the same ones, and no more");
	json_decref(sk_api_records_read(&large, same, strlen(same)));
	ok(!sk_api_records_drop(&large, 3, small.digest), "another number of them");
	ok(sk_api_records_drop(&large, 2, small.digest), "the same ones, and more");
	is_int((long long)large.left, 2, "the others are left");
	record = sk_api_records_next(&large);
	is_int(json_integer_value(json_object_get(record, "a")), 3, "in their order");
	json_decref(record);
}

/* Other shapes of a list. Each is none before somebody asks for it to be one. */
static void
test_shapes(void)
{
	static const struct {
		const char *body;
		int n; /* records; -1: it can't be a list */
		const char *first, *around;
	} shapes[] = {
	    {"[{\"a\":1},{\"a\":2}]", 2, "{\"a\":1}", NULL},
	    {"[{\"a\":1}]", 1, "{\"a\":1}", NULL},
	    {" [ ] ", 0, NULL, NULL},
	    {"{\"data\":[{\"a\":1},{\"a\":2},{\"a\":3}],\"page\":1}", 3, "{\"a\":1}", NULL},
	    {"{\"page\":1,\"data\":[]}", 0, NULL, NULL},
	    {"{\"summary\":{\"total\":2},\"data\":{\"total_count\":\"2\",\"items\":[{\"a\":1},{"
	     "\"a\":2}]}}",
		2, "{\"a\":1}", "{\"total_count\":\"2\"}"},
	    {"{\"data\":{\"items\":[]}}", 0, NULL, "{}"},
	    {"{\"items\":[{\"a\":1}],\"data\":[{\"b\":1},{\"b\":2}]}", 1, "{\"a\":1}", NULL},
	    {"{\"data\":{\"a\":1}}", -1, NULL, NULL},
	    {"{\"data\":{\"items\":\"\"}}", -1, NULL, NULL},
	    {"{\"data\":7}", -1, NULL, NULL},
	    {"{\"a\":[{\"b\":1}]}", -1, NULL, NULL},
	    {"{}", -1, NULL, NULL},
	    {"[1,2]", -1, NULL, NULL},
	    {"[[{\"a\":1}]]", -1, NULL, NULL},
	    {"\"x\"", -1, NULL, NULL},
	};

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		struct sk_api_records records;
		json_t *value =
		    sk_api_records_read(&records, shapes[i].body, strlen(shapes[i].body));
		json_t *around = NULL, *first;
		bool was_list = records.is_list, is_list;
		char *text = NULL;

		is_list = sk_api_records_be_list(&records, &around);
		ok(value != NULL && is_list == (shapes[i].n >= 0), "%s", shapes[i].body);
		ok(!is_list || (long long)records.n == shapes[i].n, "has %zu records", records.n);
		ok(was_list || is_list == (records.is_uncounted || around != NULL),
		    "of which nothing says how many there are, or what stands around them");
		first = is_list ? sk_api_records_next(&records) : NULL;
		text = first != NULL ? json_dumps(first, JSON_COMPACT) : NULL;
		is_str(text, shapes[i].first, "the first one");
		free(text);
		text = around != NULL ? json_dumps(around, JSON_COMPACT) : NULL;
		is_str(text, shapes[i].around, "what stands around them");
		free(text);
		json_decref(first);
		json_decref(around);
		json_decref(value);
	}
}

int
main(void)
{
	sk_mem_init();
	test_bodies();
	test_damage();
	test_places();
	test_odd();
	test_depth();
	test_contradiction();
	test_digest();
	test_drop();
	test_shapes();
	return done_testing();
}
