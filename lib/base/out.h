/* SPDX-License-Identifier: MIT */
/*
 * out: stdout carries data only, stderr is for people.
 *
 * Records are written as JSON Lines, one JSON array, an aligned table, or CSV (RFC 4180). Each write is checked: a
 * full disk is 74, and no part of a line stays in a file; a pipe that its reader has closed is
 * remembered, and no error. JSON Lines begin on a line of their own, whatever was in the file. Lines on stderr
 * begin with the command's name, have control characters escaped (a server's text may hold any),
 * and obey -q and -v.
 */
#ifndef SK_BASE_OUT_H
#define SK_BASE_OUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* The last one is no form of records: a command that has it (sk_command.has_html) writes its page with sk_out_text. */
enum sk_format { SK_FORMAT_JSONL, SK_FORMAT_JSON, SK_FORMAT_TABLE, SK_FORMAT_CSV, SK_FORMAT_HTML };

/* The names of the formats of records, in the order of enum sk_format. */
#define SK_FORMATS 4
extern const char *const sk_format_names[SK_FORMATS];
#define SK_FORMAT_HTML_NAME "html"

/*
 * To be called once, at the start of the process: the command's name, with which lines on stderr
 * begin. Ignores SIGPIPE and SIGXFSZ.
 *
 * The functions up to sk_out_buffered say how to print. The command calls them (sk_options_parse
 * does for -F, -q and -v) before it prints; modules below the command never do.
 */
void sk_out_init(const char *command);

/* The name that sk_out_init got, "" before it. */
const char *sk_out_command(void);

/* -q, and how often -v was given. Until then neither holds. */
void sk_out_levels(int quiet, int verbose);

/* The form of the records; SK_FORMAT_JSONL until then. */
void sk_out_format(enum sk_format format);
enum sk_format sk_out_chosen_format(void);

/* A column of --format table. */
struct sk_column {
	const char *name; /* of the member; NULL: behind the last one */
	/*
	 * 1: it is never left out. Where the terminal is too narrow, those with the largest number are left
	 * out first.
	 */
	int need;
	bool is_text; /* may be broken into lines */
	size_t width; /* what its values usually need, where rows are printed as they come */
};

/*
 * The columns of --format table, in order; a column that a record lacks stays blank. Without columns
 * (NULL) a table shows the scalar members of its first record.
 */
void sk_out_columns(const struct sk_column *columns);

/*
 * Each row of a table is printed when it is known, in columns whose widths are fixed, instead of as
 * wide as what is in them.
 */
void sk_out_as_they_come(void);

/* Whether stdout is to be coloured: it is a terminal that can, and NO_COLOR isn't set. */
bool sk_out_wants_colour(void);

/* 1: no flush after each record, for sources of thousands. */
void sk_out_buffered(int on);

/*
 * Writes one record (borrowed) and flushes it, so that a reader of the pipe gets it at once.
 * Returns 0, or -1 with 74. After EPIPE it returns 0, and sk_out_is_closed returns true.
 */
int sk_out_record(const json_t *record, struct sk_error *err);

/* Writes plain bytes to stdout, for output that isn't records (a key, metrics). */
int sk_out_text(const char *text, struct sk_error *err);

/* Ends the JSON array or prints the table, flushes, and checks. 0, or -1 with 74. Once. */
int sk_out_finish(struct sk_error *err);

/*
 * Whether the records that sk_out_record took (without sk_out_buffered) are in stdout for good: 1; 0 not yet,
 * since an array or a table is written as a whole, or nobody reads it; -1 with 74. is_last: none follows, and
 * stdout is finished first.
 */
int sk_out_settle(bool is_last, struct sk_error *err);

/*
 * What this process writes to can't be its input: it would read its own lines for ever. 0; -1 with 64,
 * calling the input by name, where fd, or the file at path, is the file or named pipe that stdout or
 * stderr leads to.
 */
int sk_out_refuse_input(int fd, const char *name, struct sk_error *err);
int sk_out_refuse_input_file(const char *path, struct sk_error *err);

/* Whether the reader of stdout has closed it. */
bool sk_out_is_closed(void);

/* One line on stderr: warn unless -q was given; tell always; verbose with -v; debug with -vv. */
void sk_out_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void sk_out_tell(const char *format, ...) __attribute__((format(printf, 1, 2)));
void sk_out_verbose(const char *format, ...) __attribute__((format(printf, 1, 2)));
void sk_out_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * A warning that may come for each line, office or request: where and text stand in it one behind the other ("line 3",
 * ": colour: …"). Those with the same text are told as one, with the first where and how many they are; but with -v
 * each is told. unit: what is counted ("line"; of the unit "office" several are named); it has to stay.
 */
void sk_out_warn_repeated(const char *unit, const char *where, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* In how many ms some of them are to be told; INT64_MAX: none. A caller that waits for longer has to wake then. */
int64_t sk_out_repeated_due_in(void);
/* Tells those that are due. */
void sk_out_tell_repeated(void);
/* Tells all, and forgets them: at the end of the command. */
void sk_out_end_repeated(void);

bool sk_out_debugs(void); /* whether -vv was given, before work is spent on masking */

#endif
