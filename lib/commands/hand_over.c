/* SPDX-License-Identifier: MIT */
/*
 * hand_over: writes and reads hand-overs. A hand-over begins and ends with a line of its own, so that a torn one is
 * noticed before anything of it is written.
 */
#include "commands/hand_over.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/json_stream.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/secret.h"
#include "base/text.h"
#include "base/time.h"
#include "base/twin.h"
#include "store/event.h"
#include "store/hand_over.h"
#include "store/holds.h"
#include "store/migrations.h"
#include "store/offices.h"
#include "store/served.h"

bool
sk_hand_over_is_asked(const struct sk_hand_over_asked *asked)
{
	return asked->exported != NULL || asked->imported != NULL;
}

int
sk_hand_over_check(const struct sk_hand_over_asked *asked, const struct sk_common *common,
    struct sk_error *err)
{
	int allowed = asked->imported != NULL && asked->unchecked ? 2 : 1;

	if (asked->n_options != allowed || common->dry_run || common->n_offices > 0)
		return sk_error_set(err, SK_EXIT_USAGE,
		    "--export-office and --import-office stand alone, but for --unchecked with the "
		    "latter");
	if (asked->exported != NULL && isatty(STDOUT_FILENO))
		return sk_error_set(err, SK_EXIT_USAGE,
		    "--export-office writes keys and patients' data: send them to a file or a "
		    "pipe");
	return asked->imported == NULL || strcmp(asked->imported, "-") == 0
	    ? 0
	    : sk_out_refuse_input_file(asked->imported, err);
}

/* --- giving away ------------------------------------------------------------------------------ */

static int
refuse_open(struct sk_session *session, const char *office_id, struct sk_error *err)
{
	size_t open, watched;

	if (sk_served_count_followed(session, office_id, &open, &watched, err) != 0)
		return -1;
	if (open + watched == 0)
		return 0;
	return sk_error_set(err, SK_EXIT_TRY_LATER,
	    "office %s has %zu requests that haven't ended, and %zu withdrawn ones that may still "
	    "be "
	    "carried out: sikka-poll --wait and sikka-sweep follow them; then export the office",
	    office_id, open, watched);
}

static int
begin_hand_over(struct sk_session *session, const char *office_id, struct sk_hand_over *over,
    struct sk_error *err)
{
	int64_t a, b;

	if (sk_twin_random(&a, err) != 0 || sk_twin_random(&b, err) != 0)
		return -1;
	snprintf(over->name, sizeof(over->name), "%016llx%016llx", (unsigned long long)a,
	    (unsigned long long)b);
	over->office_id = sk_mem_copy(office_id);
	over->at = sk_time_now();
	return sk_store_newest_id(session->store, &over->newest, err);
}

/* The lines of a hand-over: the first one, what is in between, and the last one. *text is the caller's. */
static int
compose(struct sk_session *session, const struct sk_hand_over *over, char **text,
    struct sk_error *err)
{
	struct sk_text all = {0};
	json_t *lines = NULL, *names = NULL, *ends, *line;
	char at[SK_TIME_TEXT], *end;
	size_t i;

	if (sk_store_hand_over_names(session->store, over->office_id, &names, err) != 0 ||
	    sk_store_hand_over_read(session->store, over, &lines, err) != 0) {
		json_decref(names);
		json_decref(lines);
		return -1;
	}
	ends = json_pack("{s: s, s: s, s: s*, s: s, s: i, s: I, s: o}", "hand_over", over->name,
	    "office_id", over->office_id, "newest", over->newest, "at",
	    sk_time_format(over->at, at), "version", SK_SCHEMA_NEWEST, "lines",
	    (json_int_t)json_array_size(lines), "past", names);
	end = sk_json_dump(ends);
	sk_text_add_format(&all, "%s\n", end);
	json_array_foreach(lines, i, line)
	    sk_text_add_format(&all, "%s\n", json_string_value(line));
	sk_text_add_format(&all, "{\"end\":\"%s\"}\n", over->name);
	free(end);
	json_decref(ends);
	json_decref(lines);
	*text = sk_text_take(&all);
	return 0;
}

/* In a section, with the office's lock. */
static int
give_away(struct sk_session *session, const char *office_id, char **text, struct sk_error *err)
{
	struct sk_store *store = session->store;
	struct sk_hand_over over = {0};
	int result;

	if (sk_section_raise(session, SK_SECTION_KEEPS, err) != 0 ||
	    refuse_open(session, office_id, err) != 0)
		return -1;
	result = begin_hand_over(session, office_id, &over, err);
	if (result == 0)
		result = sk_store_hand_over_note(store, SK_HAND_OVER_OUT, &over, err);
	if (result == 0)
		result = compose(session, &over, text, err);
	if (result == 0)
		result = sk_store_office_forget(store, office_id, err);
	if (result == 0)
		result = sk_event_make(store, SK_EVENT_GIVEN_AWAY, office_id, 0,
		    "given away to another host by sikka-sweep --export-office", err);
	sk_hand_over_fini(&over);
	return result;
}

/* It was given away; whoever asks again has lost what was written. */
static int
give_again(struct sk_session *session, const struct sk_hand_over *over, char **text,
    struct sk_error *err)
{
	char day[SK_TIME_DAY];
	int result;

	sk_out_warn("office %s was given away on %s: written again, without its keys",
	    over->office_id, sk_time_day(over->at, day));
	if (sk_store_begin(session->store, err) != 0)
		return -1;
	result = compose(session, over, text, err);
	sk_store_rollback(session->store);
	return result;
}

/* A renewal in another process would write the office back. */
static int
give_with_lock(struct sk_session *session, const char *office_id, char **text, struct sk_error *err)
{
	struct sk_office office = {0};
	int found = sk_store_office_get(session->store, office_id, &office, err), taken,
	    result = -1;
	int64_t number = office.number;

	sk_office_fini(&office);
	if (found <= 0)
		return found < 0
		    ? -1
		    : sk_error_set(err, SK_EXIT_BAD_DATA,
			  "office %s isn't known here: sikka-token list shows those that are",
			  office_id);
	taken = sk_lock_try(session->lock, SK_LOCK_OFFICE, number, err);
	if (taken == 0)
		sk_error_set(err, SK_EXIT_TRY_LATER,
		    "another process is renewing the request key of %s: run the command again when "
		    "it "
		    "has ended",
		    office_id);
	if (taken != 1)
		return -1;
	if (sk_section_begin(session, err) == 0)
		result = sk_section_end(session, give_away(session, office_id, text, err), err);
	sk_lock_release(session->lock, SK_LOCK_OFFICE, number);
	return result;
}

/* Only the last host of a fleet is taken away: it gives away what is of its share. */
static bool
stays_here(const struct sk_session *session, const char *office_id)
{
	const struct sk_share *share = &session->config.share;

	return share->number < share->of && sk_served_has(session, office_id);
}

/* The output holds keys: if it is a file, nobody else reads it. */
static int
hide_output(struct sk_error *err)
{
	struct stat status;

	if (fstat(STDOUT_FILENO, &status) != 0 || !S_ISREG(status.st_mode) ||
	    (status.st_mode & 07777) == 0600 || fchmod(STDOUT_FILENO, 0600) == 0)
		return 0;
	return sk_error_set(err, SK_EXIT_CANT_CREATE,
	    "the output holds keys, and the file can't get the mode 0600: %s; nothing was given "
	    "away",
	    strerror(errno));
}

static int export(struct sk_session *session, const char *office_id, struct sk_error *err)
{
	struct sk_hand_over over = {0};
	char *text = NULL;
	int out, result;

	if (stays_here(session, office_id))
		return sk_error_set(err, SK_EXIT_BAD_DATA,
		    "office %s is of this host's share (%s): first every host gets the new number "
		    "of "
		    "hosts, see sikka-fleet(7)",
		    office_id, sk_config_source(&session->config, "share"));
	if (hide_output(err) != 0)
		return -1;
	out = sk_store_handed_out(session->store, office_id, &over, err);
	if (out < 0)
		return -1;
	result = out ? give_again(session, &over, &text, err)
		     : give_with_lock(session, office_id, &text, err);
	sk_hand_over_fini(&over);
	if (result == 0)
		result = sk_out_text(text, err);
	sk_secret_free(text);
	return result;
}

/* --- taking in -------------------------------------------------------------------------------- */

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
		    "taken "
		    "that over: the request keys of its callers would be lost",
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
		    "it "
		    "again",
		    sk_json_string(reading->head, "office_id"));
	sk_json_stream_free(stream);
	return result;
}

static int
import(struct sk_session *session, const struct sk_hand_over_asked *asked, struct sk_error *err)
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

int
sk_hand_over_run(struct sk_session *session, const struct sk_hand_over_asked *asked,
    struct sk_error *err)
{
	if (sk_copy_guard(session, err) != 0)
		return -1;
	return asked->exported != NULL ? export(session, asked->exported, err)
				       : import(session, asked, err);
}
