/* SPDX-License-Identifier: MIT */
/* store: pauses, which are holds. One that can't be read is an error, never "not paused". */
#include "store/pauses.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "store/runs.h"
#include "store/statements.h"

void
sk_pause_fini(struct sk_pause *pause)
{
	free(pause->office_id);
	free(pause->user);
	free(pause->host);
}

void
sk_pauses_free(struct sk_pause *pauses, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sk_pause_fini(&pauses[i]);
	free(pauses);
}

int
sk_store_pauses(struct sk_store *store, struct sk_pause **pauses, size_t *n, struct sk_error *err)
{
	struct sk_query query;
	struct sk_pause *list = NULL, *one;
	size_t count = 0, room = 0;

	sk_query_open(&query, store, SK_SQL_PAUSES, err);
	while (sk_query_step(&query)) {
		list = sk_mem_grow(list, count + 1, &room, sizeof(*list));
		one = &list[count++];
		one->office_id = sk_query_column_text(&query, 0);
		one->since = sk_query_column_time(&query, 1);
		one->run = sk_query_column_number(&query, 2);
		one->user = sk_query_column_text(&query, 3);
		one->host = sk_query_column_text(&query, 4);
	}
	if (sk_query_close(&query) != 0) {
		sk_pauses_free(list, count);
		return -1;
	}
	*pauses = list;
	*n = count;
	return 0;
}

int
sk_store_paused(struct sk_store *store, const char *office_id, struct sk_error *err)
{
	struct sk_query query;
	int found;

	sk_query_open(&query, store, SK_SQL_PAUSED, err);
	sk_query_text(&query, 1, office_id);
	found = sk_query_step(&query);
	return sk_query_close(&query) == 0 ? found : -1;
}

int
sk_store_pause_add(struct sk_store *store, const char *office_id, struct sk_error *err)
{
	struct sk_query query;
	int64_t run, n = 0;

	if (sk_store_run(store, &run, err) != 0)
		return -1;
	sk_query_write(&query, store, SK_SQL_PAUSE_ADD, err);
	sk_query_text(&query, 1, office_id);
	sk_query_time(&query, 2, sk_time_now());
	sk_query_number(&query, 3, run);
	return sk_query_run(&query, &n) == 0 ? n > 0 : -1;
}

int
sk_store_pause_end(struct sk_store *store, const char *office_id, struct sk_error *err)
{
	struct sk_query query;
	int64_t n = 0;

	sk_query_write(&query, store, SK_SQL_PAUSE_END, err);
	sk_query_text(&query, 1, office_id);
	sk_query_time(&query, 2, sk_time_now());
	return sk_query_run(&query, &n) == 0 ? n > 0 : -1;
}

char *
sk_pause_words(const struct sk_pause *pause)
{
	const char *office_id = pause->office_id != NULL ? pause->office_id : "";
	const char *host = pause->host != NULL ? pause->host : "";
	char since[SK_TIME_TEXT];

	return sk_mem_printf("%s%s%s since %s by %s%s%s; to go on: sikka-sweep --resume%s%s",
	    *office_id != '\0' ? "office " : "all offices are paused", office_id,
	    *office_id != '\0' ? " is paused" : "", sk_time_format(pause->since, since),
	    pause->user != NULL ? pause->user : "somebody", *host != '\0' ? " on " : "", host,
	    *office_id != '\0' ? "=" : "", office_id);
}

char *
sk_store_pause_words(struct sk_store *store, const char *office_id)
{
	struct sk_error ignored = {0};
	struct sk_pause *pauses;
	char *words = NULL;
	size_t n;

	if (sk_store_pauses(store, &pauses, &n, &ignored) != 0)
		return NULL;
	for (size_t i = 0; i < n && words == NULL; i++)
		if (office_id == NULL || pauses[i].office_id == NULL ||
		    strcmp(pauses[i].office_id, office_id) == 0)
			words = sk_pause_words(&pauses[i]);
	sk_pauses_free(pauses, n);
	return words;
}
