/* SPDX-License-Identifier: MIT */
/*
 * records: walks over the body's outermost object, from value to value. jansson parses each value, and
 * says where it ends. A body counts only when it is whole, so each record is parsed twice: once before
 * any is handed out, and dropped, and once when it is asked for.
 */
#include "api/records.h"

#include <string.h>

#include "base/json.h"

static const char array_name[] = "items";

/* The next byte that isn't blank; '\0' at the end. */
static char
peek(struct sk_api_records *in)
{
	while (in->next < in->length && strchr(" \t\r\n", in->body[in->next]) != NULL &&
	    in->body[in->next] != '\0')
		in->next++;
	return in->next < in->length ? in->body[in->next] : '\0';
}

static bool
pass(struct sk_api_records *in, char wanted)
{
	if (peek(in) != wanted)
		return false;
	in->next++;
	return true;
}

static json_t *
load(struct sk_api_records *in)
{
	json_error_t end;
	json_t *value;

	peek(in);
	value = json_loadb(in->body + in->next, in->length - in->next,
	    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK, &end);
	if (value != NULL)
		in->next += (size_t)end.position;
	return value;
}

/* The elements of the array, behind its bracket: each is parsed, so that all are known to be whole. */
static bool
pass_records(struct sk_api_records *in)
{
	in->is_list = true;
	in->first = in->next;
	if (pass(in, ']'))
		return true;
	do {
		json_t *record = load(in);

		if (record == NULL)
			return false;
		json_decref(record);
		in->n++;
	} while (pass(in, ','));
	return pass(in, ']');
}

static bool
take_value(struct sk_api_records *in, json_t *rest, const char *name)
{
	json_t *value;
	bool is_array_name = strcmp(name, array_name) == 0;

	if (json_object_get(rest, name) != NULL || (is_array_name && in->is_list))
		return false; /* a repeated member */
	if (is_array_name && pass(in, '['))
		return pass_records(in);
	value = load(in);
	return value != NULL && json_object_set_new_nocheck(rest, name, value) == 0;
}

static bool
take_member(struct sk_api_records *in, json_t *rest)
{
	json_t *name = peek(in) == '"' ? load(in) : NULL;
	bool taken = name != NULL && pass(in, ':') && take_value(in, rest, json_string_value(name));

	json_decref(name);
	return taken;
}

/* The object without its records; NULL when it isn't whole. */
static json_t *
take_object(struct sk_api_records *in)
{
	json_t *rest;

	peek(in);
	in->object = in->next;
	if (!pass(in, '{'))
		return NULL;
	rest = json_object();
	if (rest != NULL && pass(in, '}'))
		return rest;
	while (rest != NULL && take_member(in, rest)) {
		if (pass(in, '}'))
			return rest;
		if (!pass(in, ','))
			break;
	}
	json_decref(rest);
	return NULL;
}

static bool
is_at_end(struct sk_api_records *in)
{
	peek(in);
	return in->next == in->length;
}

/* Some documented examples have the object in an array of one element. */
json_t *
sk_api_records_read(struct sk_api_records *records, const char *body, size_t length)
{
	struct sk_api_records in = {.body = body, .length = length};
	bool in_array = pass(&in, '[');
	bool is_object = peek(&in) == '{';
	json_t *rest = is_object ? take_object(&in) : NULL;

	memset(records, 0, sizeof(*records));
	if (rest != NULL && (!in_array || pass(&in, ']')) && is_at_end(&in)) {
		*records = in;
		records->left = in.n;
		records->next = in.first;
		return rest;
	}
	json_decref(rest);
	/* Another kind of value, or several objects in an array: no list. */
	return in_array || !is_object ? sk_json_parse(body, length, NULL) : NULL;
}

json_t *
sk_api_records_next(struct sk_api_records *records)
{
	json_t *record;

	if (records->left == 0)
		return NULL;
	pass(records, ',');
	peek(records);
	records->at = records->next;
	record = load(records);
	if (record != NULL)
		records->left--;
	return record;
}

void
sk_api_records_be_object(struct sk_api_records *records)
{
	records->n = records->left = 1;
	records->next = records->object;
	records->is_list = true;
}
