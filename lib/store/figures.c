/* SPDX-License-Identifier: MIT */
/* figures: reads what has ended, in the order of its end. */
#include "store/figures.h"

#include <stdlib.h>

#include "base/mem.h"
#include "store/statements.h"

void
sk_end_fini(struct sk_end *end)
{
	free(end->office_id);
	free(end->operation);
	free(end->error_code);
}

int
sk_store_figures_ends(struct sk_store *store, const char *const *offices, size_t n_offices,
    int64_t since, void (*take)(void *arg, struct sk_end *end), void *arg, struct sk_error *err)
{
	char *wanted = n_offices > 0 ? sk_sql_texts(offices, n_offices) : NULL;
	struct sk_query query;
	int result;

	sk_query_open(&query, store, SK_SQL_ENDS_SINCE, err);
	sk_query_text(&query, 1, wanted);
	sk_query_time(&query, 2, since);
	while (sk_query_step(&query)) {
		struct sk_end end = {.id = sk_query_column_number(&query, 0),
		    .at = sk_query_column_time(&query, 1),
		    .result = sk_state_find(sk_query_column_look(&query, 2)),
		    .office_id = sk_query_column_text(&query, 3),
		    .operation = sk_query_column_text(&query, 4),
		    .error_code = sk_query_column_text(&query, 5),
		    .took = sk_query_column_number(&query, 6)};

		take(arg, &end);
	}
	result = sk_query_close(&query);
	free(wanted);
	return result;
}
