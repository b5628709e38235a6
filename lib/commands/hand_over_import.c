/* SPDX-License-Identifier: MIT */
/*
 * hand_over: takes offices in. A hand-over is read to its end before anything of it is written, and is then written in
 * one commit.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/json_stream.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/text.h"
#include "base/time.h"
#include "store/event.h"
#include "store/hand_over.h"
#include "store/holds.h"
#include "store/migrations.h"
#include "store/offices.h"
#include "commands/hand_over_parts.h"

/* What is read of one hand-over, until its end was seen. */
struct reading {
	struct sk_session *session;
	bool keys_may_clash;
	json_t *head; /* NULL: between two of them */
	json_t *lines;
	size_t n_taken;
};

static bool
has_name(const json_t *names, const char *name)
{
	const json_t *one;
	size_t i;

	json_array_foreach(names, i, one)
	{
		if (strcmp(name, json_string_value(one) != NULL ? json_string_value(one) : "") == 0)
			return true;
	}
	return false;
}

/* Whether this host may have the office: 0; -1 with 65. */
static int
check_office(struct reading *reading, const struct sk_hand_over *over, struct sk_error *err)
{
	struct sk_store *store = reading->session->store;
	struct sk_hand_over out = {0};
	struct sk_office office = {0};
	int found = sk_store_office_get(store, over->office_id, &office, err);

	sk_office_fini(&office);
	if (found != 0)
		return found < 0
		    ? -1
		    : sk_error_set(err, SK_EXIT_BAD_DATA,
			  "office %s is known here already, so it isn't taken over: what was "
			  "sent from here would be mixed with it",
			  over->office_id);
	found = sk_store_handed_out(store, over->office_id, &out, err);
	if (found == 1 && !has_name(json_object_get(reading->head, "past"), out.name))
		found = sk_error_set(err, SK_EXIT_BAD_DATA,
		    "office %s was given away from here, and this file is from a host that hasn't "
		    "taken that over: the request keys of its callers would be lost",
		    over->office_id);
	sk_hand_over_fini(&out);
	return found < 0 ? -1 : 0;
}

static int
take_lines(struct reading *reading, struct sk_hand_over_taking *taking, struct sk_error *err)
{
	const json_t *line;
	size_t i;
	int result = 0;

	json_array_foreach(reading->lines, i, line)
	{
		result = sk_store_hand_over_take(reading->session->store, taking, line, err);
		if (result != 0)
			break;
	}
	return result;
}

/* Given again, a hand-over has no line of the office itself: its keys are asked for anew. */
static int
need_office(struct sk_store *store, const char *office_id, struct sk_error *err)
{
	struct sk_office office = {0};
	int found = sk_store_office_get(store, office_id, &office, err);

	if (found == 0) {
		office.office_id = sk_mem_copy(office_id);
		office.status = SK_OFFICE_NEW;
		found = sk_store_office_put(store, &office, err) == 0 ? 1 : -1;
	}
	sk_office_fini(&office);
	return found == 1 ? 0 : -1;
}

/* In a section. */
static int
take_in(struct reading *reading, const struct sk_hand_over *over, struct sk_error *err)
{
	struct sk_store *store = reading->session->store;
	struct sk_hand_over_taking taking = {.over = over,
	    .keys_may_clash = reading->keys_may_clash,
	    .map = {json_object(), json_object()}};
	int result = sk_section_raise(reading->session, SK_SECTION_KEEPS, err);

	if (result == 0)
		result = check_office(reading, over, err);
	if (result == 0)
		result = take_lines(reading, &taking, err);
	if (result == 0)
		result = need_office(store, over->office_id, err);
	if (result == 0)
		result = sk_store_office_remember(store, over->office_id, err);
	if (result == 0)
		result = sk_store_hand_over_note(store, SK_HAND_OVER_IN, over, err);
	if (result == 0)
		result = sk_store_holds_note_taken_in(store, over->office_id, NULL, err);
	if (result == 0)
		result = sk_event_make(store, SK_EVENT_TAKEN_IN, over->office_id, 0,
		    "taken over from another host by sikka-sweep --import-office", err);
	json_decref(taking.map.rows);
	json_decref(taking.map.runs);
	return result;
}

/* 1 there is nothing to do; 0; -1. */
static int
is_done(struct reading *reading, const struct sk_hand_over *over, struct sk_error *err)
{
	struct sk_store *store = reading->session->store;
	int known = sk_store_hand_over_known(store, over->name, SK_HAND_OVER_IN, err);

	if (known == 1)
		sk_out_warn("office %s: this hand-over was taken over already", over->office_id);
	if (known != 0)
		return known;
	known = sk_store_hand_over_known(store, over->name, SK_HAND_OVER_OUT, err);
	if (known == 1)
		return sk_error_set(err, SK_EXIT_BAD_DATA,
		    "office %s: this file was written here; it is for another host",
		    over->office_id);
	return known;
}

/* The first line says what it is of; everything is there. */
static int
read_head(const struct reading *reading, struct sk_hand_over *over, struct sk_error *err)
{
	const char *name = sk_json_string(reading->head, "hand_over");
	const char *at = sk_json_string(reading->head, "at");

	if (json_integer_value(json_object_get(reading->head, "version")) != SK_SCHEMA_NEWEST)
		return sk_error_set(err, SK_EXIT_BAD_DATA,
		    "the hand-over is of another version of sikka: both hosts need the same one");
	if (json_integer_value(json_object_get(reading->head, "lines")) !=
	    (json_int_t)json_array_size(reading->lines))
		return sk_error_set(err, SK_EXIT_BAD_DATA, "the hand-over lacks lines");
	if (name == NULL || strlen(name) != SK_HAND_OVER_NAME - 1 || at == NULL ||
	    sk_time_parse(at, &over->at) != 0 || sk_json_string(reading->head, "office_id") == NULL)
		return sk_error_set(err, SK_EXIT_BAD_DATA,
		    "the hand-over doesn't say what it is of");
	memcpy(over->name, name, SK_HAND_OVER_NAME);
	over->office_id = sk_mem_copy(sk_json_string(reading->head, "office_id"));
	over->newest = sk_mem_copy(sk_json_string(reading->head, "newest"));
	return 0;
}

static int
end_one(struct reading *reading, struct sk_error *err)
{
	struct sk_hand_over over = {0};
	int result = read_head(reading, &over, err);

	if (result == 0)
		result = sk_config_refuse_share(&reading->session->config, over.office_id, err);
	if (result == 0)
		result = is_done(reading, &over, err);
	if (result == 0 && sk_section_begin(reading->session, err) != 0)
		result = -1;
	else if (result == 0)
		result = sk_section_end(reading->session, take_in(reading, &over, err), err);
	reading->n_taken += result == 0;
	sk_hand_over_fini(&over);
	json_decref(reading->head);
	json_decref(reading->lines);
	reading->head = reading->lines = NULL;
	return result < 0 ? -1 : 0;
}

/* value is borrowed. */
static int
take_value(struct reading *reading, json_t *value, struct sk_error *err)
{
	const char *end = sk_json_string(value, "end");

	if (reading->head == NULL) {
		if (sk_json_string(value, "hand_over") == NULL)
			return sk_error_set(err, SK_EXIT_BAD_DATA,
			    "that is nothing which sikka-sweep --export-office has written");
		reading->head = json_incref(value);
		reading->lines = json_array();
		return 0;
	}
	if (end != NULL && sk_text_equal(end, sk_json_string(reading->head, "hand_over")))
		return end_one(reading, err);
	return json_array_append(reading->lines, value);
}

static int
read_all(struct reading *reading, int fd, const char *name, struct sk_error *err)
{
	struct sk_json_stream *stream = sk_json_stream_new();
	enum sk_stream_result found = SK_STREAM_END;
	char why[SK_STREAM_WHY];
	json_t *value;
	size_t line = 0;
	int result = sk_json_stream_read_all(stream, fd, name, err);

	while (result == 0 &&
	    (found = sk_json_stream_next(stream, &value, &line, why)) == SK_STREAM_VALUE) {
		result = take_value(reading, value, err);
		json_decref(value);
	}
	if (result == 0 && found != SK_STREAM_END)
		result = sk_error_set(err, SK_EXIT_BAD_DATA, "line %zu: %s", line, why);
	if (result == 0 && reading->head != NULL)
		result = sk_error_set(err, SK_EXIT_BAD_DATA,
		    "the hand-over of office %s is torn, so nothing of it was taken over: export "
		    "it again",
		    sk_json_string(reading->head, "office_id"));
	sk_json_stream_free(stream);
	return result;
}

int
sk_hand_over_import(struct sk_session *session, const struct sk_hand_over_asked *asked,
    struct sk_error *err)
{
	struct reading reading = {.session = session, .keys_may_clash = asked->unchecked};
	const char *file = asked->imported;
	bool is_stdin = strcmp(file, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC), result;

	if (fd < 0)
		return sk_error_set(err, SK_EXIT_NO_INPUT, "can't read %s: %s", file,
		    strerror(errno));
	result = read_all(&reading, fd, is_stdin ? "standard input" : file, err);
	if (!is_stdin)
		close(fd);
	json_decref(reading.head);
	json_decref(reading.lines);
	sk_out_tell("took over %zu offices", reading.n_taken);
	if (result == 0 && !is_stdin)
		sk_out_warn(
		    "%s holds keys and patients' data, and isn't needed any more: delete it", file);
	return result;
}
