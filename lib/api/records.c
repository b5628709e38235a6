/* SPDX-License-Identifier: MIT */
/*
 * records: walks over the body's outermost object, from value to value. Of the records only the structure
 * is looked at, so that a body counts only when it is whole. jansson parses each value, and says where it
 * ends; what it refuses goes to base/json_repair.
 */
#include "api/records.h"

#include <string.h>

static const char array_name[] = "items";
static const char data_name[] = "data";    /* some have their records in it */
static const char mark[] = "\xEF\xBB\xBF"; /* a byte order mark */

/* The next byte that isn't blank; '\0' at the end. */
static char
peek(struct sk_api_records *in)
{
	for (; in->next < in->length; in->next++) {
		char c = in->body[in->next];

		/* Some servers send the end of their text, too. */
		if (c == '\0')
			sk_json_repaired(&in->repairs, SK_ODD_NUL, in->next);
		else if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
			return c;
	}
	return '\0';
}

static bool
pass(struct sk_api_records *in, char wanted)
{
	if (peek(in) != wanted)
		return false;
	in->next++;
	return true;
}

static bool
fail(struct sk_api_records *in, const char *trouble, size_t at)
{
	if (in->trouble == NULL) {
		in->trouble = trouble;
		in->trouble_at = at;
	}
	return false;
}

static bool
fail_here(struct sk_api_records *in, const char *trouble)
{
	bool is_at_end = peek(in) == '\0';

	return fail(in, is_at_end ? "it ends too early" : trouble, in->next);
}

/* The place of the comma before the next record, found by how records begin; 0: there is none. */
static size_t
comma_before_next(const struct sk_api_records *in, size_t from)
{
	const char *wanted = in->body + in->first, *at = in->body + from;

	if (from >= in->length)
		return 0;
	while ((at = memmem(at + 1, in->length - (size_t)(at + 1 - in->body), wanted,
		    in->n_mark)) != NULL) {
		size_t before = (size_t)(at - in->body) - 1;

		while (before > from && strchr(" \t\r\n", in->body[before]) != NULL)
			before--;
		if (in->body[before] == ',')
			return before;
	}
	return 0;
}

/* Where the value that begins at this place ends. */
static size_t
end_of(struct sk_api_records *in, size_t from)
{
	size_t comma = in->n_mark > 0 ? comma_before_next(in, from) : 0;
	size_t end = comma > 0 ? comma : sk_json_end(in->body, from, in->length, &in->is_odd);

	/* The last record is a broken one: the list ends with the last bracket that there is. */
	if (in->n_mark > 0 && comma == 0 && end == in->length && from < end) {
		do
			end--;
		while (end > from && in->body[end] != ']');
	}
	return end;
}

/* What jansson refuses, or would take for something else: up to its end, by its structure. */
static json_t *
load_odd(struct sk_api_records *in, size_t *end)
{
	struct sk_json_source source = {in->body, in->next, 0, in->last_counts};
	const char *trouble;
	json_t *value;
	size_t at;

	*end = source.end = end_of(in, in->next);
	value = sk_json_repair(&source, &in->repairs, &trouble, &at);
	if (value == NULL)
		fail(in, trouble, at);
	return value;
}

/* The value that begins here. NULL when it can't be read; then, too, *in stands behind it. */
static json_t *
load(struct sk_api_records *in, bool is_odd)
{
	json_error_t told;
	json_t *value = NULL;
	size_t begin, end;
	char next;

	peek(in);
	begin = in->next;
	if (!is_odd)
		value = json_loadb(in->body + begin, in->length - begin,
		    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK, &told);
	if (value != NULL) {
		in->next += (size_t)told.position;
		next = peek(in);
		if (next == ',' || next == ']' || next == '}' || next == ':')
			return value;
		/* Something else follows: it was no more than the beginning of what stands here. */
		json_decref(value);
		in->next = begin;
	}
	value = load_odd(in, &end);
	in->next = end;
	return value;
}

/* --- the structure of the records --------------------------------------------------------------- */

/*
 * Of the text from the first record to where another one ends, without the blanks behind it. As FNV-1a, eight
 * bytes at a time: whether two pages are the same needs no more.
 */
static uint64_t
digest_up_to(const struct sk_api_records *in, size_t end)
{
	uint64_t digest = UINT64_C(14695981039346656037), word;

	while (end > in->first && strchr(" \t\r\n", in->body[end - 1]) != NULL)
		end--;
	for (size_t i = in->first; i < end; i += sizeof(word)) {
		word = 0;
		memcpy(&word, in->body + i, end - i < sizeof(word) ? end - i : sizeof(word));
		digest = (digest ^ word) * UINT64_C(1099511628211);
		digest ^= digest >> 32;
	}
	return digest;
}

/*
 * Passes over the elements of the array up to its end, counts them, and takes their digest. false: its end isn't
 * there.
 */
static bool
count_records(struct sk_api_records *in)
{
	size_t end;

	in->n = 0;
	in->next = in->first;
	do {
		peek(in);
		end = in->next = end_of(in, in->next);
		in->n++;
	} while (pass(in, ','));
	if (!pass(in, ']'))
		return false;
	in->digest = digest_up_to(in, end);
	return true;
}

/* The length of the first record's beginning: its bracket and its first name. 0: it has none. */
static size_t
length_of_mark(struct sk_api_records *in)
{
	const char *name;
	size_t n = 0;

	in->next = in->first;
	if (pass(in, '{') && peek(in) == '"') {
		name = memchr(in->body + in->next + 1, '"', in->length - in->next - 1);
		n = name != NULL ? (size_t)(name - in->body) + 1 - in->first : 0;
	}
	return n;
}

/* The elements of the array, behind its bracket. */
static bool
pass_records(struct sk_api_records *in)
{
	size_t end;

	in->is_list = true;
	if (pass(in, ']'))
		return true;
	peek(in);
	in->first = in->next;
	if (!count_records(in)) {
		end = in->next;
		in->n_mark = length_of_mark(in);
		if (in->n_mark == 0 || !count_records(in) || in->n < 2) {
			in->next = end;
			return fail_here(in, "no comma between two records");
		}
	}
	return true;
}

/* --- the object around them --------------------------------------------------------------------- */

/* A member that stands twice with different values says nothing: it becomes an array of both. */
static void
put_member(struct sk_api_records *in, json_t *rest, const char *name, json_t *value)
{
	json_t *before = json_object_get(rest, name), *both;

	if (before != NULL) {
		sk_json_repaired(&in->repairs, SK_ODD_TWICE, in->next);
		if (!json_equal(before, value)) {
			both = json_array();
			json_array_append(both, before);
			json_array_append_new(both, value);
			value = both;
		}
	}
	json_object_set_new_nocheck(rest, name, value);
}

/* Passes over the value of "data" by its structure: a list of records isn't parsed before they are asked for. */
static bool
pass_data(struct sk_api_records *in)
{
	bool is_odd = false;

	in->data = in->next;
	in->next = sk_json_end(in->body, in->next, in->length, &is_odd);
	return in->next < in->length || fail_here(in, "no end of a value");
}

static bool
take_value(struct sk_api_records *in, json_t *rest, const char *name)
{
	bool is_array_name = strcmp(name, array_name) == 0;
	json_t *value;

	if (is_array_name && (in->is_list || json_object_get(rest, name) != NULL))
		return fail(in, "two lists where one is expected", in->next);
	if (is_array_name && pass(in, '['))
		return pass_records(in);
	if (strcmp(name, data_name) == 0 && in->data == 0 && strchr("[{", peek(in)) != NULL &&
	    peek(in) != '\0')
		return pass_data(in);
	value = load(in, false);
	if (value != NULL)
		put_member(in, rest, name, value);
	return value != NULL;
}

static bool
take_member(struct sk_api_records *in, json_t *rest)
{
	json_t *name = NULL;
	bool taken = false;

	if (peek(in) != '"')
		return fail_here(in, "no name where one is expected");
	name = load(in, false);
	if (name != NULL)
		taken = pass(in, ':') ? take_value(in, rest, json_string_value(name))
				      : fail_here(in, "no colon where one is expected");
	json_decref(name);
	return taken;
}

/* The object without its records; NULL when it isn't whole. */
static json_t *
take_object(struct sk_api_records *in)
{
	json_t *rest = json_object();

	in->object = in->next;
	in->next++;
	if (pass(in, '}'))
		return rest;
	while (take_member(in, rest)) {
		if (pass(in, '}'))
			return rest;
		if (!pass(in, ',')) {
			fail_here(in, "no comma where one is expected");
			break;
		}
	}
	json_decref(rest);
	return NULL;
}

/* A value that is no object, or several in an array: no list. */
static json_t *
take_other(struct sk_api_records *in, size_t begin)
{
	struct sk_json_source source = {in->body, begin, in->length, false};
	const char *trouble;
	size_t at;
	json_t *value = sk_json_repair(&source, &in->repairs, &trouble, &at);

	if (value == NULL)
		fail(in, at == in->length ? "it ends too early" : trouble, at);
	return value;
}

static void
pass_marks(struct sk_api_records *in)
{
	const size_t n = sizeof(mark) - 1;

	while (in->length - in->next >= n && memcmp(in->body + in->next, mark, n) == 0) {
		sk_json_repaired(&in->repairs, SK_ODD_MARK, in->next);
		in->next += n;
	}
}

/*
 * An array of several values, of which the first is an object: where it ends is known, and no more of it is
 * looked at. NULL when it isn't whole.
 */
static json_t *
take_array(struct sk_api_records *in, size_t begin)
{
	in->next = begin;
	pass(in, '[');
	in->array = in->next;
	if (!pass_records(in) || peek(in) != '\0')
		return NULL;
	in->is_list = false;
	in->n = 0;
	return json_array();
}

/* Keeps of what was read why it is nothing. */
static json_t *
give_up(struct sk_api_records *records, const struct sk_api_records *in)
{
	records->trouble = in->trouble;
	records->trouble_at = in->trouble_at;
	return NULL;
}

/* Some documented examples have the object in an array of one element. */
json_t *
sk_api_records_read(struct sk_api_records *records, const char *body, size_t length)
{
	struct sk_api_records in = {.body = body, .length = length};
	json_t *rest = NULL;
	size_t begin, array;
	bool in_array;

	memset(records, 0, sizeof(*records));
	pass_marks(&in);
	begin = in.next;
	in_array = pass(&in, '[');
	array = in.next;
	if (peek(&in) == '{') {
		rest = take_object(&in);
		if (rest == NULL && !in_array)
			return give_up(records, &in);
		if (rest != NULL && (!in_array || pass(&in, ']')) && peek(&in) == '\0') {
			*records = in;
			records->left = in.n;
			records->next = in.first;
			records->array = in_array && !in.is_list ? array : 0;
			return rest;
		}
		json_decref(rest);
		if (rest != NULL && !in.is_list && in_array && peek(&in) == ',') {
			in = (struct sk_api_records){.body = body, .length = length};
			pass_marks(&in);
			rest = take_array(&in, begin);
			if (rest != NULL) {
				*records = in;
				return rest;
			}
		}
		if (!in_array) {
			fail_here(&in, "more than one value where one is expected");
			return give_up(records, &in);
		}
	}
	in = (struct sk_api_records){.body = body, .length = length};
	pass_marks(&in);
	rest = take_other(&in, begin);
	records->repairs = in.repairs;
	if (rest == NULL)
		return give_up(records, &in);
	if (json_is_array(rest) && json_array_size(rest) == 0) {
		records->body = body;
		records->length = length;
		records->array = array;
	}
	return rest;
}

json_t *
sk_api_records_next(struct sk_api_records *records)
{
	json_t *record = NULL;

	while (record == NULL && records->left > 0) {
		peek(records);
		records->at = records->next;
		record = load(records, records->is_odd);
		records->left--;
		records->n_unread += record == NULL;
		/* Behind it stands a comma, or the bracket. */
		records->next += records->left > 0;
	}
	return record;
}

bool
sk_api_records_drop(struct sk_api_records *records, size_t n, uint64_t digest)
{
	struct sk_api_records in = *records;
	size_t end = 0;

	for (size_t i = 0; i < n && in.left > 1; i++) {
		peek(&in);
		end = in.next = end_of(&in, in.next);
		if (!pass(&in, ','))
			return false;
		in.left--;
	}
	if (n == 0 || records->left - in.left != n || digest_up_to(&in, end) != digest)
		return false;
	*records = in;
	return true;
}

void
sk_api_records_be_object(struct sk_api_records *records)
{
	records->n = records->left = 1;
	records->next = records->object;
	records->is_list = true;
	sk_json_end(records->body, records->object, records->length, &records->is_odd);
}

/* Makes the array behind the bracket the records. */
static bool
take_records_at(struct sk_api_records *records, size_t array)
{
	struct sk_api_records in = *records;

	in.next = array;
	in.n = 0;
	if (!pass_records(&in))
		return false;
	in.left = in.n;
	in.next = in.first;
	in.is_uncounted = true;
	*records = in;
	return true;
}

/* A list as "data", with what stands around its records. */
static bool
take_list_at(struct sk_api_records *records, size_t object, json_t **around)
{
	struct sk_api_records in = {.body = records->body,
	    .length = records->length,
	    .next = object,
	    .repairs = records->repairs};
	json_t *rest = take_object(&in);

	if (rest == NULL || !in.is_list) {
		json_decref(rest);
		return false;
	}
	in.left = in.n;
	in.next = in.first;
	in.is_uncounted =
	    json_object_get(rest, "total_count") == NULL && json_object_get(rest, "limit") == NULL;
	*records = in;
	*around = rest;
	return true;
}

bool
sk_api_records_be_list(struct sk_api_records *records, json_t **around)
{
	*around = NULL;
	if (records->is_list)
		return true;
	if (records->array != 0)
		return take_records_at(records, records->array);
	if (records->data == 0)
		return false;
	if (records->body[records->data] == '[')
		return take_records_at(records, records->data + 1);
	return take_list_at(records, records->data, around);
}
