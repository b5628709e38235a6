/* SPDX-License-Identifier: MIT */
/*
 * request: makes a row and a body of what somebody hands in. Whatever is wrong becomes a fault of
 * the request, all of them at once, and never an error of the command.
 */
#include "commands/request.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "base/json.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "base/options.h"
#include "base/secret.h"
#include "base/text.h"
#include "base/time.h"
#include "store/content.h"
#include "store/served.h"
#include "calls/request_key.h"
#include "commands/known.h"

/*
 * Whether the field has a fault already. Each field gets one only: a value that is no text isn't
 * reported as missing as well.
 */
static bool
is_told(const struct sk_request *request, const char *field)
{
	for (size_t i = 0; i < request->faults.n && *field; i++)
		if (sk_fault_names(&request->faults.list[i], field))
			return true;
	return false;
}

static void __attribute__((format(printf, 4, 5)))
add_fault(struct sk_request *request, const char *field, const char *rule, const char *format, ...)
{
	va_list args;
	char *message;

	if (is_told(request, field))
		return;
	va_start(args, format);
	message = sk_mem_vprintf(format, args);
	va_end(args);
	sk_faults_add(&request->faults, field, rule, "%s", message);
	free(message);
	if (request->exit == 0)
		request->exit = SK_EXIT_BAD_DATA;
	if (request->code == SK_CODE_NONE)
		request->code = SK_CODE_INVALID;
}

static bool
is_envelope(const char *name, const struct sk_request_options *options)
{
	static const char *const names[] = {"office_id", "operation", "key", "again", "body", NULL};

	for (size_t i = 0; names[i] != NULL; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return options->raw && (strcmp(name, "method") == 0 || strcmp(name, "endpoint") == 0);
}

/* Numbers and booleans count as their texts; null, arrays and objects are faults. */
static void
add_field(struct sk_request *request, json_t *fields, const char *name, json_t *value, int raw)
{
	char *text;

	if (json_object_get(fields, name) != NULL) {
		add_fault(request, name, "twice", "is given twice: beside body and in it");
		return;
	}
	if (raw) {
		json_object_set(fields, name, value);
		return;
	}
	text = sk_json_text(value);
	if (text == NULL)
		add_fault(request, name, "type",
		    "must be a text, a number or a boolean, not null, an array or an object");
	else
		json_object_set_new(fields, name, json_string(text));
	sk_secret_free(text);
}

static json_t *
collect_fields(struct sk_request *request, const json_t *value,
    const struct sk_request_options *options)
{
	json_t *fields = json_object(), *body = json_object_get(value, "body"), *member;
	json_t *object = json_copy((json_t *)(uintptr_t)value); /* foreach needs it without const */
	const char *name;

	if (body != NULL && !json_is_object(body))
		add_fault(request, "body", "type",
		    "must be an object with the fields of the request");
	json_object_foreach(body, name, member)
	    add_field(request, fields, name, member, options->raw);
	json_object_foreach(object, name, member) if (!is_envelope(name, options))
	    add_field(request, fields, name, member, options->raw);
	json_decref(object);
	return fields;
}

/* A member of the envelope: NULL when absent; a fault when it is no usable text. */
static char *
envelope_text(struct sk_request *request, const json_t *value, const char *name)
{
	const json_t *member = json_object_get(value, name);
	char *text;

	if (member == NULL)
		return NULL;
	text = sk_json_text(member);
	if (text != NULL && *text != '\0')
		return text;
	add_fault(request, name, "type", "must be a non-empty text");
	free(text);
	return NULL;
}

/* The member "again" of the envelope: false when it is absent. */
static int
envelope_again(struct sk_request *request, const json_t *value)
{
	const json_t *member = json_object_get(value, "again");

	if (member != NULL && !json_is_boolean(member))
		add_fault(request, "again", "type", "must be true or false");
	return json_is_true(member);
}

static void
unauthorized(struct sk_request *request, const char *message)
{
	add_fault(request, "office_id", "office", "%s", message);
	request->exit = SK_EXIT_NOT_AUTHORIZED;
	request->code = SK_CODE_NOT_AUTHORIZED;
}

/* An office that can't have a key: said now, and not when the request is in the journal. */
static void
check_key(struct sk_request *request, const struct sk_office *office)
{
	struct sk_error why = {0};

	if (sk_request_key_may_have(office, NULL, &why) != 0)
		unauthorized(request, why.text);
}

/* Then nothing else is said of the office. */
static bool
is_of_another_host(struct sk_request *request, const struct sk_directory *places, const char *asked)
{
	struct sk_error why = {0};

	if (sk_served_refuse(places->session, asked, &why) == 0)
		return false;
	add_fault(request, "office_id", "share", "%s", why.text);
	request->code = SK_CODE_OTHER_SHARE;
	return true;
}

static void
choose_office(struct sk_request *request, const struct sk_directory *places, char *asked)
{
	const struct sk_office *office;
	size_t n;

	if (asked == NULL) {
		office = sk_directory_only_office(places, &n);
		if (office != NULL) {
			request->row.office_id = sk_mem_copy(office->office_id);
			check_key(request, office);
		} else if (n == 0) {
			unauthorized(request, "no office is authorized: run sikka-authorize");
		} else {
			add_fault(request, "office_id", "office",
			    "is missing, and %zu offices are authorized", n);
		}
		return;
	}
	request->row.office_id = asked;
	office = sk_directory_office(places, asked);
	/* One that was given away isn't known any more. */
	if ((office == NULL || !sk_served_has(places->session, asked)) &&
	    is_of_another_host(request, places, asked))
		return;
	if (office == NULL) {
		char *text =
		    sk_mem_printf("office %s isn't known here: run sikka-authorize", asked);

		unauthorized(request, text);
		free(text);
		return;
	}
	check_key(request, office);
	if (!sk_options_wants_office(places->common, asked))
		add_fault(request, "office_id", "office", "%s isn't among the offices of --office",
		    asked);
}

/* "1, 1-1, 1-3": the practices of the request's office. The caller's. */
static char *
list_practices(const struct sk_request *request, const struct sk_directory *places)
{
	struct sk_text list = {0};
	size_t n;
	const struct sk_practice *practices =
	    sk_directory_of_office(places, request->row.office_id, &n);

	for (size_t i = 0; i < n; i++)
		if (sk_directory_is_active(&practices[i]))
			sk_text_add_format(&list, "%s%s", list.used > 0 ? ", " : "",
			    practices[i].practice_id);
	return sk_text_take(&list);
}

/* A practice that isn't known here: the server may know it, so whoever wants no checks is only warned. */
static void
tell_stranger(struct sk_request *request, const struct sk_directory *places, const char *asked,
    bool is_checked)
{
	static const char format[] =
	    "office %s has no practice \"%s\", but %s; sikka-authorize learns of new ones";
	char *list = list_practices(request, places);

	if (is_checked)
		add_fault(request, "practice_id", "practice", format, request->row.office_id, asked,
		    list);
	else
		sk_faults_add(&request->warnings, "practice_id", "practice", format,
		    request->row.office_id, asked, list);
	free(list);
}

static const struct sk_practice *
choose_practice(struct sk_request *request, const struct sk_directory *places, json_t *fields,
    bool is_checked)
{
	const char *asked = sk_json_string(fields, "practice_id");
	const struct sk_practice *only = NULL, *practices;
	size_t n = 0, n_practices;

	if (request->row.office_id == NULL)
		return NULL;
	practices = sk_directory_of_office(places, request->row.office_id, &n_practices);
	for (size_t i = 0; i < n_practices; i++) {
		const struct sk_practice *practice = &practices[i];

		if (!sk_directory_is_active(practice))
			continue;
		if (asked != NULL && strcmp(practice->practice_id, asked) == 0)
			return practice;
		only = practice;
		n++;
	}
	if (n == 0)
		return NULL;
	if (asked != NULL) {
		tell_stranger(request, places, asked, is_checked);
		return NULL;
	}
	if (n > 1) {
		char *list = list_practices(request, places);

		add_fault(request, "practice_id", "practice",
		    "is missing, and office %s has %zu practices: %s", request->row.office_id, n,
		    list);
		free(list);
		return NULL;
	}
	json_object_set_new(fields, "practice_id", json_string(only->practice_id));
	return only;
}

/*
 * Fills the row. What the journal keeps of a body, and what makes two requests equal, has no secret
 * fields.
 */
static void
build_row(struct sk_request *request, json_t *body, const struct sk_request_options *options)
{
	struct sk_writeback *row = &request->row;
	size_t n_secrets;
	json_t *kept = sk_rules_without_secrets(body, &n_secrets);

	if (json_object_size(body) > 0 || !options->raw) {
		request->body = sk_json_dump(body);
		row->request_body = sk_json_dump(kept);
	}
	row->has_secret = n_secrets > 0;
	row->practice_id = sk_json_member_text(body, "practice_id");
	row->again |= options->again;
	row->holds_key = !row->again;
	row->content_key = sk_content_of(row->office_id, row->method, row->endpoint, kept);
	row->result = SK_QUEUED;
	row->queued_at = sk_time_now();
	json_decref(kept);
}

/*
 * Adds the faults that the rules have found, except for fields that have one already: if no
 * practice could be chosen, practice_id was reported before.
 */
static void
take_faults(struct sk_request *request, struct sk_faults *faults)
{
	size_t before = request->faults.n;

	for (size_t i = 0; i < faults->n; i++) {
		const struct sk_fault *fault = &faults->list[i];
		int is_old = 0;

		if (before > 0 && strcmp(fault->fields, "practice_id") == 0)
			continue;
		for (size_t k = 0; k < before; k++)
			is_old |= strcmp(request->faults.list[k].fields, fault->fields) == 0;
		if (!is_old)
			sk_faults_add(&request->faults, fault->fields, fault->rule, "%s",
			    fault->message);
	}
	if (request->faults.n > 0 && request->exit == 0)
		request->exit = SK_EXIT_BAD_DATA;
	if (request->faults.n > 0 && request->code == SK_CODE_NONE)
		request->code = SK_CODE_INVALID;
	sk_faults_fini(faults);
}

static void
read_raw(struct sk_request *request, const json_t *value, json_t *fields,
    const struct sk_request_options *options)
{
	struct sk_faults faults = {0};

	sk_mem_replace(&request->row.operation, "raw");
	request->row.method = envelope_text(request, value, "method");
	request->row.endpoint = envelope_text(request, value, "endpoint");
	if (request->row.method == NULL || request->row.endpoint == NULL) {
		if (request->faults.n == 0)
			add_fault(request, request->row.method == NULL ? "method" : "endpoint",
			    "required",
			    "is missing: with --raw each request needs method and endpoint");
		return;
	}
	sk_rules_check_raw(request->row.method, request->row.endpoint, &faults);
	take_faults(request, &faults);
	if (sk_rules_no_writeback(request->row.endpoint) != NULL)
		request->exit = SK_EXIT_USAGE;
	if (request->faults.n == 0)
		build_row(request, fields, options);
}

/* Replaces a document's value "@PATH" by the file's content in base64. */
static void
read_file(struct sk_request *request, json_t *fields, const char *name, const char *path,
    size_t most, const struct sk_request_options *options)
{
	char why[SK_FILES_WHY], *text;

	if (!options->has_files) {
		add_fault(request, name, "file", "a file can be read only with --files");
		return;
	}
	text = sk_files_base64(options->files, path, most, why);
	if (text == NULL)
		add_fault(request, name, "file", "%s", why);
	else
		json_object_set_new(fields, name, json_string(text));
	free(text);
}

static void
read_documents(struct sk_request *request, const struct sk_operation *operation, json_t *fields,
    const struct sk_request_options *options)
{
	const char *name;
	json_t *value;
	void *next;

	json_object_foreach_safe(fields, next, name, value)
	{
		const char *text = json_string_value(value);
		size_t most;

		if (text != NULL && text[0] == '@' && sk_rules_is_document(operation, name, &most))
			read_file(request, fields, name, text + 1, most, options);
	}
}

static void
read_operation(struct sk_request *request, const struct sk_directory *places, json_t *fields,
    const struct sk_request_options *options)
{
	const struct sk_operation *operation = sk_rules_find(request->row.operation);
	const struct sk_practice *practice;
	struct sk_faults faults = {0};
	struct sk_rules_input input;
	json_t *body = NULL;

	if (operation == NULL) {
		char hint[SK_NEAREST_HINT];

		add_fault(request, "operation", "operation", "there is no operation \"%s\"%s",
		    request->row.operation,
		    sk_nearest_hint(sk_rules_nearest(request->row.operation), hint));
		return;
	}
	practice = choose_practice(request, places, fields, !options->no_validate);
	read_documents(request, operation, fields, options);
	input = (struct sk_rules_input){.operation = operation,
	    .pms = practice != NULL ? practice->pms : NULL,
	    .version = practice != NULL ? practice->pms_version : NULL,
	    .zone = practice != NULL ? sk_practice_zone(practice) : (struct sk_zone){0},
	    .fields = fields,
	    .unchecked = options->no_validate};
	sk_rules_build(&input, &request->row.endpoint, &body, &faults, &request->warnings);
	take_faults(request, &faults);
	if (options->known != NULL && practice != NULL && !options->no_validate &&
	    request->exit != SK_EXIT_NOT_AUTHORIZED) {
		sk_known_check(options->known, &input, practice, &faults, &request->warnings);
		take_faults(request, &faults);
	}
	request->row.method = sk_mem_copy(sk_rules_method(operation));
	if (request->faults.n == 0)
		build_row(request, body, options);
	json_decref(body);
}

void
sk_request_read(const json_t *value, const struct sk_directory *places,
    const struct sk_request_options *options, struct sk_request *request)
{
	json_t *fields;

	memset(request, 0, sizeof(*request));
	if (!json_is_object(value)) {
		add_fault(request, "", "type", "a request must be an object");
		return;
	}
	fields = collect_fields(request, value, options);
	choose_office(request, places, envelope_text(request, value, "office_id"));
	request->row.key = envelope_text(request, value, "key");
	request->row.again = envelope_again(request, value);
	request->row.operation = envelope_text(request, value, "operation");
	if (options->raw) {
		read_raw(request, value, fields, options);
	} else {
		if (request->row.operation == NULL)
			request->row.operation = sk_mem_copy(options->operation);
		read_operation(request, places, fields, options);
	}
	if (request->faults.n > 0 && request->row.practice_id == NULL) /* its record tells it */
		request->row.practice_id = sk_json_member_text(fields, "practice_id");
	json_decref(fields);
}

void
sk_request_fini(struct sk_request *request)
{
	sk_writeback_fini(&request->row);
	sk_secret_free(request->body);
	sk_faults_fini(&request->faults);
	sk_faults_fini(&request->warnings);
	memset(request, 0, sizeof(*request));
}
