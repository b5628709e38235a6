/* SPDX-License-Identifier: MIT */
/*
 * out: records as CSV, as RFC 4180 describes it: a header, lines that end with CR LF, and quotes around a value
 * that has a comma, a quote or the end of a line in it. A missing member and null are nothing, an empty text is
 * "".
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/out.h"
#include "base/out_parts.h"

#define RECORDS_AT_ONCE 1000

/* All NULL is what holds at the start; sk_out_csv_end empties it. */
static struct {
	json_t *columns; /* an object with the columns as members, in order */
	json_t *others;  /* an object with the members that were told */
	json_t *waiting; /* the records of which the header will be made */
	bool has_header; /* it was printed */
} csv;

/* Whether the value can stand without quotes: nothing does, an empty text doesn't. */
static bool
is_bare(const json_t *value, const char *text)
{
	if (json_is_string(value) && *text == '\0')
		return false;
	return text[strcspn(text, ",\"\r\n")] == '\0';
}

static void
add_value(const json_t *value, struct sk_text *to)
{
	char *text = sk_out_cell(value);

	if (is_bare(value, text)) {
		sk_text_add(to, text);
		free(text);
		return;
	}
	sk_text_add(to, "\"");
	for (const char *at = text; *at != '\0'; at++) {
		if (*at == '"')
			sk_text_add(to, "\"");
		sk_text_add_bytes(to, at, 1);
	}
	sk_text_add(to, "\"");
	free(text);
}

/* Also with -q: what is left out must not be missed. */
static void
tell_of_others(json_t *record)
{
	const char *name;
	json_t *value;

	json_object_foreach(record, name, value)
	{
		if (json_object_get(csv.columns, name) != NULL ||
		    json_object_get(csv.others, name) != NULL)
			continue;
		json_object_set_new(csv.others, name, json_true());
		sk_out_tell("\"%s\" is no column of the CSV, since no earlier record had it: its "
			    "values are left out; -F jsonl has them",
		    name);
	}
}

static void
add_line(json_t *record, struct sk_text *to)
{
	size_t at = to->used;
	const char *name;
	json_t *column;
	bool is_first = true;

	tell_of_others(record);
	json_object_foreach(csv.columns, name, column)
	{
		if (!is_first)
			sk_text_add(to, ",");
		add_value(json_object_get(record, name), to);
		is_first = false;
	}
	/* An empty line would be no record at all. */
	sk_text_add(to, to->used == at ? "\"\"\r\n" : "\r\n");
}

static void
add_columns(json_t *record)
{
	const char *name;
	json_t *value;

	json_object_foreach(record, name, value) if (json_object_get(csv.columns, name) == NULL)
	    json_object_set_new(csv.columns, name, json_string(name));
}

/* Prints the header, and what has waited for it. */
static void
begin(struct sk_text *to)
{
	json_t *record;
	size_t i;

	if (csv.has_header || csv.waiting == NULL)
		return;
	csv.has_header = true;
	csv.columns = json_object();
	csv.others = json_object();
	json_array_foreach(csv.waiting, i, record) add_columns(record);
	add_line(csv.columns, to);
	json_array_foreach(csv.waiting, i, record) add_line(record, to);
	json_array_clear(csv.waiting);
}

void
sk_out_csv_add(const json_t *record, bool may_wait, struct sk_text *to)
{
	json_t *borrowed = (json_t *)(uintptr_t)record;

	if (csv.has_header) {
		add_line(borrowed, to);
		return;
	}
	if (csv.waiting == NULL)
		csv.waiting = json_array();
	json_array_append(csv.waiting, borrowed);
	if (!may_wait || json_array_size(csv.waiting) == RECORDS_AT_ONCE)
		begin(to);
}

void
sk_out_csv_end(struct sk_text *to)
{
	begin(to);
	json_decref(csv.columns);
	json_decref(csv.others);
	json_decref(csv.waiting);
	memset(&csv, 0, sizeof(csv));
}

size_t
sk_out_csv_whole(const char *text, size_t n)
{
	size_t whole = 0;
	bool is_quoted = false;

	for (size_t i = 0; i < n; i++) {
		if (text[i] == '"')
			is_quoted = !is_quoted;
		else if (text[i] == '\n' && !is_quoted)
			whole = i + 1;
	}
	return whole;
}
