/* SPDX-License-Identifier: MIT */
/* out_parts: what the files of out share. Private to out. */
#ifndef SK_BASE_OUT_PARTS_H
#define SK_BASE_OUT_PARTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/*
 * Whether stdout is a regular file, and the line behind which would be written has no end: somebody
 * was killed, or the power failed, in the middle of it.
 */
bool sk_out_file_is_torn(void);

/*
 * After a write that failed: cuts the last torn bytes off again, which belong to a record that isn't whole, if
 * stdout is a regular file and nobody has written behind them.
 */
void sk_out_file_cut(size_t torn);

/* What stands for a value in a table or in CSV: its text, or JSON for an array or an object. The caller frees. */
char *sk_out_cell(const json_t *value);

/* Adds a record (borrowed) to the table, and appends to *to what of the table is due. */
void sk_out_table_add(const json_t *record, struct sk_text *to);
/* Whether rows are printed as they come. */
bool sk_out_table_is_open(void);
/* Appends the rest of the table, and forgets it. */
void sk_out_table_end(struct sk_text *to);

/*
 * Appends a record (borrowed) as a line of CSV (RFC 4180), the header before the first one. The header has the
 * members of the first record, or, where lines may wait, of the first 1,000. What a later record has besides
 * is told once by name, and left out.
 */
void sk_out_csv_add(const json_t *record, bool may_wait, struct sk_text *to);
/* Appends what has waited, and forgets the header. */
void sk_out_csv_end(struct sk_text *to);
/* How many of the first n bytes are whole lines. text begins with a line. */
size_t sk_out_csv_whole(const char *text, size_t n);

bool sk_out_is_quiet(void); /* -q: warnings aren't told */
bool sk_out_verboses(void); /* -v: whatever is known is told */

#endif
