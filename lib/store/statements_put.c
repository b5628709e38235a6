/* SPDX-License-Identifier: MIT */
/*
 * store: the UPDATE of one row of the journal, with the columns that have changed. There is one text for
 * each set of columns; the statements of the latest sets are kept.
 */
#include "store/statements.h"

#include <stdlib.h>

#include "base/text.h"
#include "store/writebacks.h"

static const char *const names[] = {
#define NAME(name, kind) #name,
    SK_WRITEBACK_COLUMNS(NAME, NAME)
#undef NAME
};
#define N_NAMES (sizeof(names) / sizeof(names[0]))

/* It names the state and the attempts that it was decided on, and changes nothing when the row has others. */
static char *
text_of(uint64_t columns)
{
	struct sk_text text = {0};
	const char *front = "UPDATE pms_writebacks SET ";

	for (size_t i = 0; i < N_NAMES; i++) {
		if (!(columns & UINT64_C(1) << i))
			continue;
		sk_text_add_format(&text, "%s%s = ?", front, names[i]);
		front = ", ";
	}
	sk_text_add(&text, " WHERE id = ? AND result = ? AND attempts = ?");
	return sk_text_take(&text);
}

/* The one of these columns, or an empty one for them. */
static struct sk_sql_put *
find(struct sk_store *store, uint64_t columns)
{
	struct sk_sql_put *put;

	for (size_t i = 0; i < SK_SQL_PUTS; i++)
		if (store->puts[i].columns == columns)
			return &store->puts[i];
	put = &store->puts[store->next_put++ % SK_SQL_PUTS];
	sqlite3_finalize(put->statement);
	*put = (struct sk_sql_put){.columns = columns};
	return put;
}

void
sk_query_put(struct sk_query *query, struct sk_store *store, uint64_t columns, struct sk_error *err)
{
	struct sk_sql_put *put = find(store, columns);
	char *text = put->statement == NULL ? text_of(columns) : NULL;

	sk_query_open_slot(query, store, &put->statement, text, err);
	free(text);
}
