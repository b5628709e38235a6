/* SPDX-License-Identifier: MIT */
/*
 * json_stream: JSON values out of a stream of bytes, as they arrive: JSON Lines, values one behind
 * the other, or one array whose elements are the values. Push parser: feed bytes, take values.
 *
 * A value that is wrong and stands on one line is reported and skipped with the rest of its line.
 * After a syntax error inside a value that began on an earlier line nobody knows where the next
 * one begins: the stream is broken and gives nothing more (sending half of what somebody meant
 * would be guessing). A value of more than 16 MiB is an error of that kind too, and so is a text in
 * UTF-16, of which it is said what it is. A byte order mark before a value, where files were put
 * together, is passed over.
 */
#ifndef SK_BASE_JSON_STREAM_H
#define SK_BASE_JSON_STREAM_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define SK_STREAM_WHY 160 /* room for what is wrong with a line */

struct sk_json_stream;

enum sk_stream_result {
	SK_STREAM_MORE,   /* no whole value yet: feed more bytes, or end */
	SK_STREAM_VALUE,  /* *value belongs to the caller */
	SK_STREAM_BAD,    /* one line was wrong and is skipped; the reason is in why */
	SK_STREAM_BROKEN, /* as BAD, and no value will follow */
	SK_STREAM_END
};

struct sk_json_stream *sk_json_stream_new(void);
void sk_json_stream_free(struct sk_json_stream *stream);
void sk_json_stream_feed(struct sk_json_stream *stream, const char *bytes, size_t n);
void sk_json_stream_end(struct sk_json_stream *stream); /* the input has ended */

/*
 * Feeds the bytes of one read(2) from fd, and ends the stream at the end of the input. This is how each
 * command reads records: what can't be read is never taken for the end of the input. 0, also when
 * there are no bytes yet, or a signal came; -1 when fd can't be read (66), or it is what this process
 * writes to (64, at the first read): err calls the input by name.
 */
int sk_json_stream_read(struct sk_json_stream *stream, int fd, const char *name,
    struct sk_error *err);

/* Whether all of the input has been read: nothing is left to be fed. */
bool sk_json_stream_is_fed(const struct sk_json_stream *stream);

/*
 * Feeds all of the input, for who does nothing before all of it is there. 0; -1 as sk_json_stream_read, or with 75
 * after a signal.
 */
int sk_json_stream_read_all(struct sk_json_stream *stream, int fd, const char *name,
    struct sk_error *err);

/* line gets the line number (from 1) on which the value, or the fault, begins. */
enum sk_stream_result sk_json_stream_next(struct sk_json_stream *stream, json_t **value,
    size_t *line, char why[SK_STREAM_WHY]);

#endif
