/* SPDX-License-Identifier: MIT */
/* book: lines that are bad, and what is wrong with them, in records and on stderr. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/text.h"
#include "life/ledger.h"
#include "commands/book_parts.h"

json_t *
sk_book_bad(struct sk_origin place, const struct sk_writeback *row, enum sk_code code,
    const char *field, const char *message)
{
	static const struct sk_writeback nothing;
	const struct sk_asked asked = {place, false};
	json_t *record = sk_ledger_json(row != NULL ? row : &nothing, &asked, 0);

	sk_json_set(record, "error_code", sk_code_name(code));
	sk_json_set(record, "error_message", message);
	sk_json_set(record, "field", field);
	return record;
}

/* Prints the record of a bad line. faults (taken) may be NULL. */
static void
put_record(struct sk_book *book, struct sk_origin place, const struct sk_complaint *why,
    json_t *faults)
{
	json_t *record = sk_book_bad(place, why->row, why->code, why->field, why->message);

	book->exit = sk_exit_worse(book->exit, why->exit);
	if (faults != NULL)
		json_object_set_new(record, "faults", faults);
	sk_book_tell(book, &place, record);
}

void
sk_book_tell_bad(struct sk_book *book, struct sk_origin place, const struct sk_complaint *why)
{
	char *at = sk_book_words(place);

	place.nth = ++book->n_taken;
	sk_out_tell("%s: %s%s%s", at, why->field != NULL ? why->field : "",
	    why->field != NULL ? ": " : "", why->message);
	free(at);
	put_record(book, place, why, NULL);
}

/* Adds a member to the record's faults for each field that the fault names. */
static void
append_fault(json_t *faults, const struct sk_fault *fault)
{
	const char *at = fault->fields;

	do {
		size_t n = strcspn(at, "|");
		char *field = sk_mem_copy_bytes(at, n);
		json_t *one = json_object();

		sk_json_set(one, "field", *field != '\0' ? field : NULL);
		sk_json_set(one, "rule", fault->rule);
		sk_json_set(one, "message", fault->message);
		json_array_append_new(faults, one);
		free(field);
		at = at[n] == '|' ? at + n + 1 : NULL;
	} while (at != NULL);
}

/* What it says; the fields "a|b" stand as "a, b". The caller frees. */
static char *
words_of(const struct sk_fault *fault)
{
	struct sk_text names = {0};

	for (const char *field = fault->fields; *field != '\0'; field += *field == '|') {
		size_t n = strcspn(field, "|");

		sk_text_add_format(&names, "%s%.*s", names.used > 0 ? ", " : "", (int)n, field);
		field += n;
	}
	sk_text_add_format(&names, "%s%s", names.used > 0 ? ": " : "", fault->message);
	return sk_text_take(&names);
}

static void
tell_fault(struct sk_origin place, const struct sk_fault *fault)
{
	char *at = sk_book_words(place), *words = words_of(fault);

	sk_out_tell("%s: %s", at, words);
	free(words);
	free(at);
}

void
sk_book_warn(struct sk_origin place, const struct sk_fault *fault)
{
	char *at = sk_book_words(place), *words = words_of(fault);

	sk_out_warn_repeated("line", at, ": %s", words);
	free(words);
	free(at);
}

void
sk_book_tell_faults(struct sk_book *book, struct sk_origin place, const struct sk_request *request)
{
	const struct sk_fault *first = &request->faults.list[0];
	json_t *faults = json_array();
	char *field = sk_mem_copy_bytes(first->fields, strcspn(first->fields, "|"));
	const struct sk_complaint why = {request->code, *field != '\0' ? field : NULL,
	    first->message, request->exit, &request->row};

	for (size_t i = 0; i < request->faults.n; i++) {
		append_fault(faults, &request->faults.list[i]);
		tell_fault(place, &request->faults.list[i]);
	}
	put_record(book, place, &why, faults);
	free(field);
}
