/* SPDX-License-Identifier: MIT */
/*
 * get: parameters that stand in a file, or come on the standard input: other users of the machine can read the
 * arguments of a process. One JSON object; anything else is 65, and nothing is asked.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/json_stream.h"
#include "base/secret.h"
#include "commands/get.h"

/* The only value of the input. NULL with err. */
static json_t *
only_value(struct sk_json_stream *stream, const char *name, struct sk_error *err)
{
	char why[SK_STREAM_WHY] = "there is none";
	json_t *value = NULL, *other = NULL;
	size_t line;

	if (sk_json_stream_next(stream, &value, &line, why) != SK_STREAM_VALUE) {
		sk_error_set(err, SK_EXIT_BAD_DATA, "%s: one JSON object is needed: %s", name, why);
		return NULL;
	}
	if (sk_json_stream_next(stream, &other, &line, why) == SK_STREAM_END)
		return value;
	json_decref(other);
	json_decref(value);
	sk_error_set(err, SK_EXIT_BAD_DATA, "%s: only one JSON object is taken", name);
	return NULL;
}

/* Its members as texts. No message shows a value. */
static json_t *
texts_of(json_t *object, const char *file, struct sk_error *err)
{
	json_t *texts = json_object(), *member;
	const char *name;

	if (!json_is_object(object))
		sk_error_set(err, SK_EXIT_BAD_DATA, "%s: one JSON object is needed", file);
	json_object_foreach(object, name, member)
	{
		char *text = sk_json_text(member);

		if (text == NULL || *text == '\0')
			sk_error_set(err, SK_EXIT_BAD_DATA,
			    "%s: %s must be a text, a number or a boolean, and not empty", file,
			    name);
		else
			sk_json_set(texts, name, text);
		sk_secret_free(text);
	}
	if (err->code == 0)
		return texts;
	json_decref(texts);
	return NULL;
}

json_t *
sk_get_read_parameters(const char *file, struct sk_error *err)
{
	bool is_stdin = strcmp(file, "-") == 0;
	const char *name = is_stdin ? "standard input" : file;
	int fd = is_stdin ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
	struct sk_json_stream *stream;
	json_t *value = NULL, *texts;

	if (fd < 0) {
		sk_error_set(err, SK_EXIT_NO_INPUT, "%s: %s", file, strerror(errno));
		return NULL;
	}
	stream = sk_json_stream_new();
	if (sk_json_stream_read_all(stream, fd, name, err) == 0)
		value = only_value(stream, name, err);
	texts = value != NULL ? texts_of(value, name, err) : NULL;
	json_decref(value);
	sk_json_stream_free(stream);
	if (!is_stdin)
		close(fd);
	return texts;
}
