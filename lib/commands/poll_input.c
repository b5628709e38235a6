/* SPDX-License-Identifier: MIT */
/*
 * poll: reads records from a poller's input. A bad line is reported on stderr and counts as 65.
 */
#include "commands/poll_input.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/json_stream.h"
#include "base/mem.h"
#include "base/out.h"
#include "store/codes.h"
#include "store/writebacks.h"

struct sk_poll_input {
	int fd;
	struct sk_json_stream *stream;
	int at_end;
};

struct sk_poll_input *
sk_poll_input_new(int fd)
{
	struct sk_poll_input *input = sk_mem_zero(1, sizeof(*input));

	input->fd = fd;
	input->stream = sk_json_stream_new();
	return input;
}

void
sk_poll_input_free(struct sk_poll_input *input)
{
	if (input == NULL)
		return;
	sk_json_stream_free(input->stream);
	free(input);
}

int
sk_poll_input_fd(const struct sk_poll_input *input)
{
	return input->fd;
}

bool
sk_poll_input_at_end(const struct sk_poll_input *input)
{
	return input->at_end;
}

int
sk_poll_input_fill(struct sk_poll_input *input, struct sk_error *err)
{
	return sk_json_stream_read(input->stream, input->fd, "standard input", err);
}

static enum sk_exit
exit_of_bad_line(const char *error_code)
{
	return sk_code_find(error_code) == SK_CODE_NOT_AUTHORIZED ? SK_EXIT_NOT_AUTHORIZED
								  : SK_EXIT_BAD_DATA;
}

/*
 * Handles one of our records: while its request is open it is followed; a record that has ended, or
 * reports a bad line, is passed on.
 */
static void
read_record(json_t *value, struct sk_input_record *record)
{
	const char *result = sk_json_string(value, "result"),
		   *code = sk_json_string(value, "error_code");
	enum sk_state state = result != NULL ? sk_state_find(result) : SK_NONE;
	char *id = sk_json_member_text(value, "id"), *end;
	int64_t line, number = id != NULL ? strtoll(id, &end, 10) : 0;
	int named = id != NULL && number > 0 && *end == '\0';

	free(id);
	record->value = value;
	record->asked.is_duplicate = sk_json_truth(json_object_get(value, "duplicate")) == 1;
	if (sk_json_number(json_object_get(value, "line"), &line) == 0 && line > 0)
		record->asked.origin =
		    (struct sk_origin){.file = sk_json_string(value, "file"), .line = (size_t)line};
	if (named && !(SK_MASK(state) & SK_ENDED)) {
		record->watch = number;
		return;
	}
	if (named)
		record->exit = state == SK_COMPLETED ? SK_EXIT_OK : SK_EXIT_FAILED;
	else
		record->exit = code != NULL ? exit_of_bad_line(code) : SK_EXIT_BAD_DATA;
}

bool
sk_poll_input_next(struct sk_poll_input *input, struct sk_input_record *record)
{
	json_t *value;
	size_t line;
	char why[SK_STREAM_WHY];

	memset(record, 0, sizeof(*record));
	switch (sk_json_stream_next(input->stream, &value, &line, why)) {
	case SK_STREAM_VALUE:
		read_record(value, record);
		return true;
	case SK_STREAM_BAD:
	case SK_STREAM_BROKEN:
		sk_out_tell("line %zu of the input: %s", line, why);
		record->exit = SK_EXIT_BAD_DATA;
		return true;
	case SK_STREAM_END:
		input->at_end = 1;
		return false;
	default:
		return false;
	}
}
