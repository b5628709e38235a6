/* SPDX-License-Identifier: MIT */
/*
 * sweep: requests, events and writebacks that a person names, as values of options, or by records on stdin. A record of
 * sikka-sweep -n may name its candidates. What names nothing ends the command before anything is done.
 */
#include "commands/sweep_named.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/json_stream.h"
#include "base/mem.h"

static const struct {
	const char *option;
	const char *from_stdin; /* how it is written so that stdin is read */
	const char *member;     /* of a record on stdin */
} naming[] = {
    [SK_NAMES_WITHDRAWN] = {"--withdraw", "--withdraw -", "id"},
    [SK_NAMES_ADOPTED] = {"--adopt", "--adopt -", "writeback_id"},
    [SK_NAMES_NOT_OURS] = {"--not-ours", "--not-ours -", "writeback_id"},
    [SK_NAMES_ACKNOWLEDGED] = {"--ack", "--ack -", "event_id"},
    [SK_NAMES_RETRIED] = {"--retry", "--retry=-", "id"},
    [SK_NAMES_REDELIVERED] = {"--redeliver", "--redeliver=-", "event_id"},
};

/* Where the numbers go, of requests or of events; NULL: writebacks are named. */
static struct sk_numbers *
numbers_of(struct sk_sweep_options *options, enum sk_names names)
{
	switch (names) {
	case SK_NAMES_WITHDRAWN:
		return &options->withdraw;
	case SK_NAMES_ACKNOWLEDGED:
		return &options->ack;
	case SK_NAMES_RETRIED:
		return &options->retry_named;
	case SK_NAMES_REDELIVERED:
		return &options->redelivered;
	default:
		return NULL;
	}
}

static struct sk_entries *
entries_of(struct sk_sweep_options *options, enum sk_names names)
{
	return names == SK_NAMES_ADOPTED ? &options->adopt : &options->not_ours;
}

static int
add_number(const char *option, const char *value, struct sk_numbers *numbers, struct sk_error *err)
{
	char *end;
	int64_t id = strtoll(value, &end, 10);

	if (id <= 0 || *end != '\0')
		return sk_error_set(err, SK_EXIT_USAGE, "%s: \"%s\" isn't an id", option, value);
	numbers->list = sk_mem_resize(numbers->list, numbers->n + 1, sizeof(*numbers->list));
	numbers->list[numbers->n++] = id;
	return 0;
}

static int
add_writeback(const char *option, const char *id, struct sk_entries *entries, struct sk_error *err)
{
	if (*id == '\0' || strlen(id) > 31 || strspn(id, "0123456789") != strlen(id))
		return sk_error_set(err, SK_EXIT_USAGE, "%s: \"%s\" isn't a writeback's id", option,
		    id);
	entries->ids = sk_mem_resize(entries->ids, entries->n + 1, sizeof(*entries->ids));
	entries->ids[entries->n++] = sk_mem_copy(id);
	return 0;
}

static int
add_named(struct sk_sweep_options *options, enum sk_names names, const char *value,
    struct sk_error *err)
{
	struct sk_numbers *numbers = numbers_of(options, names);

	return numbers != NULL
	    ? add_number(naming[names].option, value, numbers, err)
	    : add_writeback(naming[names].option, value, entries_of(options, names), err);
}

/* Without a value, which only these two may lack, the option means all that there is. */
static void
name_all(struct sk_sweep_options *options, enum sk_names names)
{
	if (names == SK_NAMES_RETRIED)
		options->retry = 1;
	else
		options->redeliver = 1;
}

int
sk_sweep_name(struct sk_sweep_options *options, struct sk_sweep_named *named, enum sk_names names,
    const char *value, struct sk_error *err)
{
	if (value == NULL) {
		name_all(options, names);
		return 0;
	}
	if (strcmp(value, "-") != 0)
		return add_named(options, names, value, err);
	named->has_two_readers |= named->on_stdin != SK_NAMES_NOTHING && named->on_stdin != names;
	named->on_stdin = names;
	return 0;
}

/* Takes what a member of a record names. 0; -1: it names nothing. */
static int
take_member(struct sk_sweep_options *options, enum sk_names names, const json_t *record)
{
	char *value = sk_json_member_text(record, naming[names].member);
	struct sk_error no_id = {0};
	int result = value != NULL ? add_named(options, names, value, &no_id) : -1;

	free(value);
	return result;
}

/* A record of -n names its candidates, any other one itself. */
static int
take_record(struct sk_sweep_options *options, enum sk_names names, const json_t *record)
{
	const json_t *candidates = json_object_get(record, "candidates");

	if (numbers_of(options, names) != NULL)
		return take_member(options, names, record);
	if (!json_is_array(candidates))
		return json_object_get(record, "would") != NULL
		    ? 0
		    : take_member(options, names, record);
	for (size_t i = 0; i < json_array_size(candidates); i++) {
		const json_t *candidate = json_array_get(candidates, i);

		/* A booking that isn't sent again is shown with an appointment. */
		if (json_object_get(candidate, "appointment_sr_no") == NULL &&
		    take_member(options, names, candidate) != 0)
			return -1;
	}
	return 0;
}

int
sk_sweep_read_named(struct sk_sweep_options *options, const struct sk_sweep_named *named,
    struct sk_error *err)
{
	enum sk_names names = named->on_stdin;
	struct sk_json_stream *stream;
	enum sk_stream_result result;
	char why[SK_STREAM_WHY];
	size_t line;
	json_t *value;

	if (names == SK_NAMES_NOTHING)
		return 0;
	stream = sk_json_stream_new();
	do {
		if (sk_json_stream_read(stream, STDIN_FILENO, "standard input", err) != 0)
			break;
		while (
		    (result = sk_json_stream_next(stream, &value, &line, why)) == SK_STREAM_VALUE) {
			if (take_record(options, names, value) != 0)
				sk_error_set(err, SK_EXIT_BAD_DATA, "%s: line %zu has no %s",
				    naming[names].from_stdin, line, naming[names].member);
			json_decref(value);
		}
		if (result == SK_STREAM_BAD || result == SK_STREAM_BROKEN)
			sk_error_set(err, SK_EXIT_BAD_DATA, "%s: line %zu: %s",
			    naming[names].from_stdin, line, why);
	} while (result != SK_STREAM_END && err->code == 0);
	sk_json_stream_free(stream);
	return err->code != 0 ? -1 : 0;
}

static void
free_entries(struct sk_entries *entries)
{
	for (size_t i = 0; i < entries->n; i++)
		free(entries->ids[i]);
	free(entries->ids);
}

void
sk_sweep_named_fini(struct sk_sweep_options *options)
{
	free(options->withdraw.list);
	free(options->ack.list);
	free(options->retry_named.list);
	free(options->redelivered.list);
	free_entries(&options->adopt);
	free_entries(&options->not_ours);
}
