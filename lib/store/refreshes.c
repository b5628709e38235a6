/* SPDX-License-Identifier: MIT */
/*
 * store: the tables refreshes and remote_commands. A text that a wrong clock of the practice's has left, and that lies ahead of ours by now,
 * counts as none, so that the next one takes its place.
 */
#include "store/refreshes.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "base/wall.h"
#include "store/moments.h"
#include "store/statements.h"

void
sk_refresh_fini(struct sk_refresh *refresh)
{
	free(refresh->date);
	*refresh = (struct sk_refresh){0};
}

int64_t
sk_refresh_moment(const char *date)
{
	const struct sk_wall wall = {date, date};
	int64_t moment = date != NULL ? sk_wall_moment(&wall) : 0;

	return moment - SK_TIME_EASTERNMOST > sk_time_now() + SK_MOMENTS_TOLERANCE ? 0 : moment;
}

int
sk_store_refresh_get(struct sk_store *store, const char *office_id, const char *practice_id,
    struct sk_refresh *refresh, struct sk_error *err)
{
	struct sk_query query;
	bool found;

	*refresh = (struct sk_refresh){0};
	sk_query_open(&query, store, SK_SQL_REFRESH_GET, err);
	sk_query_text(&query, 1, office_id);
	sk_query_text(&query, 2, practice_id);
	found = sk_query_step(&query);
	if (found) {
		refresh->date = sk_query_column_text(&query, 0);
		refresh->seen_at = sk_query_column_time(&query, 1);
	}
	return sk_query_close(&query) == 0 ? found : -1;
}

static int
put(struct sk_store *store, const char *office_id, const char *practice_id, const char *date,
    struct sk_error *err)
{
	struct sk_query query;

	sk_query_write(&query, store, SK_SQL_REFRESH_PUT, err);
	sk_query_text(&query, 1, office_id);
	sk_query_text(&query, 2, practice_id);
	sk_query_text(&query, 3, date);
	sk_query_time(&query, 4, sk_time_now());
	return sk_query_run(&query, NULL);
}

int
sk_store_refresh_note(struct sk_store *store, const char *office_id, const char *practice_id,
    const char *date, struct sk_error *err)
{
	int64_t moment = sk_refresh_moment(date);
	struct sk_refresh known;
	int found, own;
	bool is_newer;

	if (moment == 0)
		return 0;
	found = sk_store_refresh_get(store, office_id, practice_id, &known, err);
	is_newer = found == 1 && moment > sk_refresh_moment(known.date);
	sk_refresh_fini(&known);
	if (found < 0)
		return -1;
	if (found == 1 && !is_newer)
		return 0;
	if (sk_own_begin(store, &own, err) != 0)
		return -1;
	return sk_own_end(store, own, put(store, office_id, practice_id, date, err), err);
}

void
sk_remote_command_fini(struct sk_remote_command *command)
{
	free(command->id);
	*command = (struct sk_remote_command){0};
}

int
sk_store_command_get(struct sk_store *store, const char *office_id,
    struct sk_remote_command *command, struct sk_error *err)
{
	struct sk_query query;
	bool found;

	*command = (struct sk_remote_command){0};
	sk_query_open(&query, store, SK_SQL_COMMAND_GET, err);
	sk_query_text(&query, 1, office_id);
	found = sk_query_step(&query);
	if (found) {
		command->id = sk_query_column_text(&query, 0);
		command->sent_at = sk_query_column_time(&query, 1);
		command->ended_at = sk_query_column_time(&query, 2);
	}
	return sk_query_close(&query) == 0 ? found : -1;
}

int
sk_store_command_put(struct sk_store *store, const char *office_id,
    const struct sk_remote_command *command, struct sk_error *err)
{
	struct sk_query query;

	sk_query_write(&query, store, SK_SQL_COMMAND_PUT, err);
	sk_query_text(&query, 1, office_id);
	sk_query_text(&query, 2, command->id);
	sk_query_time(&query, 3, command->sent_at);
	sk_query_time(&query, 4, command->ended_at);
	return sk_query_run(&query, NULL);
}
