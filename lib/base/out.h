/* SPDX-License-Identifier: MIT */
/*
 * out: stdout is data only, stderr is for people.
 *
 * Records go out as JSON Lines, one JSON array, or an aligned table, and each write is checked: a
 * full disk is 74, a closed pipe is remembered and quiet. Lines on stderr carry the command's name,
 * have control characters escaped (what a server wrote may hold any), and obey -q and -v.
 */
#ifndef SK_BASE_OUT_H
#define SK_BASE_OUT_H

#include <jansson.h>
#include <stddef.h>

#include "base/error.h"

enum sk_format { SK_FORMAT_JSONL, SK_FORMAT_JSON, SK_FORMAT_TABLE };

/* Once at the start: the command's name for stderr, -q, -v; ignores SIGPIPE. */
void sk_out_init(const char *command, enum sk_format format, int quiet, int verbose);

/*
 * Columns of --format table, NULL-terminated, in order; names that a record lacks stay blank. A
 * table without columns shows the scalar members of its first record. Static storage.
 */
void sk_out_columns(const char *const *columns);

/*
 * Writes one record (borrowed) and flushes it, so that a reader in a pipe sees it at once. 0; or -1
 * with 74. After EPIPE: 0, and sk_out_is_closed says 1.
 */
int sk_out_record(const json_t *record, struct sk_error *err);

/* Who makes records hands each one (borrowed) to one of these. 0, or -1 with err. */
typedef int sk_tell_fn(void *arg, const json_t *record, struct sk_error *err);

/* sk_out_record as one of them; arg isn't used. */
int sk_out_tell_record(void *arg, const json_t *record, struct sk_error *err);

/* Plain bytes to stdout, for what isn't records (a key, metrics). */
int sk_out_text(const char *text, struct sk_error *err);

/* Without a flush for each record: for a source of thousands. Call with 1 before the first. */
void sk_out_buffered(int on);

/* Ends the JSON array or prints the table; flushes, checks. 0 or -1 with 74. */
int sk_out_finish(struct sk_error *err);

/* Whether the reader of stdout has gone. */
int sk_out_is_closed(void);

/* One line to stderr: warn unless -q; tell always; verbose from -v on; debug from -vv on. */
void sk_out_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void sk_out_tell(const char *format, ...) __attribute__((format(printf, 1, 2)));
void sk_out_verbose(const char *format, ...) __attribute__((format(printf, 1, 2)));
void sk_out_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));
int sk_out_debugs(void); /* whether -vv was given, before work is spent on masking */

/* Progress, overwritten in place, only when stderr is a terminal and not -q. NULL clears it. */
void sk_out_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
