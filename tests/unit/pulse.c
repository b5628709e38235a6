/* SPDX-License-Identifier: MIT */
/*
 * What a command leaves behind in the state file: the server's time, heartbeats, refusals; and moments
 * that lie ahead of the clock.
 */
#include "store/pulse.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/out.h"
#include "base/time.h"
#include "store/choices.h"
#include "store/event.h"
#include "store/moments.h"
#include "store/offices.h"
#include "store/statements.h"
#include "store/writebacks.h"
#include "tap.h"

static char folder[] = "/tmp/unit-pulse-XXXXXX", path[64];
static struct sk_store *store;
static struct sk_error err;

static void
run_sql(const char *sql)
{
	char *why = NULL;

	if (sqlite3_exec(store->db, sql, NULL, NULL, &why) != SQLITE_OK)
		printf("Bail out! %s: %s\n", sql, why);
}

static int64_t
number_of(const char *sql)
{
	sqlite3_stmt *statement = NULL;
	int64_t number = -1;

	if (sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW)
		number = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return number;
}

static int64_t
commits(void)
{
	return number_of("SELECT coalesce(max(number), 0) FROM commits");
}

static void
write_it(struct sk_pulse *pulse)
{
	if (sk_store_begin(store, &err) != 0 || sk_pulse_write(pulse, store, &err) != 0 ||
	    sk_store_commit(store, &err) != 0)
		printf("Bail out! %s\n", err.text);
}

static void
begin(struct sk_pulse *pulse)
{
	if (sk_pulse_begin(pulse, store, &err) != 0)
		printf("Bail out! %s\n", err.text);
}

/* An answer that has just come, of a server whose clock is ahead of this machine's by so much. */
static void
see(struct sk_pulse *pulse, int64_t ahead)
{
	int64_t now = sk_time_boot();

	sk_pulse_see(pulse, now, now, (sk_time_machine() + ahead) / SK_SECOND * SK_SECOND);
}

static int
is_ahead_by(int64_t ahead)
{
	return llabs(sk_time_now() - sk_time_machine() - ahead) < 2 * SK_SECOND;
}

static void
put_row(void)
{
	run_sql("INSERT INTO pms_writebacks (office_id, operation, method, endpoint, result, "
		"queued_at) "
		"VALUES ('A1', 'raw', 'POST', '/x', 'queued', '2026-01-01T00:00:00.000Z')");
}

/* --- the clock --------------------------------------------------------------------------------- */

static void
test_new_file(void)
{
	struct sk_pulse pulse;

	begin(&pulse);
	ok(!sk_pulse_has_news(&pulse, store), "without an answer there is nothing to write");
	see(&pulse, SK_DAY);
	ok(is_ahead_by(SK_DAY), "in a new file the first answer is believed");
	ok(sk_pulse_has_news(&pulse, store), "and to be written");
	write_it(&pulse);
	is_int(number_of("SELECT count(*) FROM events WHERE kind = 'clock_differs'"), 1,
	    "that this machine's clock differs is told");
	ok(!sk_pulse_has_news(&pulse, store), "once written it is no news");
	sk_time_set_server(0);
	begin(&pulse);
	ok(is_ahead_by(SK_DAY), "the next process knows the time");
	see(&pulse, SK_DAY);
	ok(!sk_pulse_has_news(&pulse, store), "an answer that agrees is no news");
	see(&pulse, 10 * SK_DAY);
	ok(is_ahead_by(SK_DAY) && sk_pulse_has_news(&pulse, store), "one that is far off is");
	write_it(&pulse);
	is_int(number_of("SELECT count(*) FROM events WHERE kind = 'clock_differs'"), 1,
	    "and is told once a day");
	begin(&pulse);
	see(&pulse, SK_DAY);
	ok(sk_pulse_has_news(&pulse, store), "so is the end of a doubt");
	write_it(&pulse);
	is_int(number_of("SELECT jump_ms FROM clock"), 0, "it is written");
}

static void
test_older_file(void)
{
	struct sk_pulse pulse;

	run_sql("DELETE FROM clock");
	put_row();
	begin(&pulse);
	see(&pulse, SK_DAY);
	ok(is_ahead_by(0), "beside requests the first answer isn't believed when it is far off");
	write_it(&pulse);
	begin(&pulse);
	ok(!pulse.clock.is_known && is_ahead_by(0), "what is kept then is a guess");
	see(&pulse, 0);
	write_it(&pulse);
	begin(&pulse);
	ok(pulse.clock.is_known, "until an answer agrees");
}

static void
test_other_boot(void)
{
	struct sk_pulse pulse;

	begin(&pulse);
	is_int(sk_pulse_meets_new_boot(&pulse, store, &err), 0,
	    "without a heartbeat no boot is new");
	sk_pulse_beat(&pulse, SK_TASK_POLL);
	write_it(&pulse);
	is_int(sk_pulse_meets_new_boot(&pulse, store, &err), 0, "this one isn't");
	run_sql("UPDATE clock SET boot_id = 'other'; UPDATE heartbeats SET boot_id = 'other'");
	begin(&pulse);
	is_int(sk_pulse_meets_new_boot(&pulse, store, &err), 1, "after another one it is");
	ok(!pulse.clock.is_known, "and the time is a guess");
	sk_pulse_beat(&pulse, SK_TASK_SWEEP);
	write_it(&pulse);
	is_int(sk_pulse_meets_new_boot(&pulse, store, &err), 0, "the latest heartbeat counts");
}

/* --- heartbeats and refusals ------------------------------------------------------------------- */

static void
test_heartbeats(void)
{
	int64_t at[SK_TASKS], refused_at, before;
	struct sk_pulse pulse;
	char *code;

	run_sql("DELETE FROM heartbeats");
	begin(&pulse);
	is_int(sk_store_heartbeats(store, at, &err), 0, "asked");
	for (int task = 0; task < SK_TASKS; task++)
		ok(at[task] == 0, "%s: never", sk_task_name((enum sk_task)task));
	is_int(sk_store_refusal(store, &code, &refused_at, &err), 0, "nothing was refused");
	before = commits();
	sk_pulse_beat(&pulse, SK_TASK_BACKUP);
	sk_pulse_beat(&pulse, SK_TASK_SWEEP);
	sk_pulse_refused(&pulse, "API2003");
	ok(sk_pulse_has_news(&pulse, store), "a heartbeat is to be written");
	write_it(&pulse);
	is_int(commits() - before, 1, "in one commit");
	ok(!sk_pulse_has_news(&pulse, store), "once");
	sk_store_heartbeats(store, at, &err);
	ok(llabs(at[SK_TASK_BACKUP] - sk_time_now()) < SK_MINUTE && at[SK_TASK_SWEEP] != 0 &&
		at[SK_TASK_POLL] == 0,
	    "each task has its own");
	is_int(sk_store_refusal(store, &code, &refused_at, &err), 1, "what was refused");
	is_str(code, "API2003", "its code");
	ok(llabs(refused_at - sk_time_now()) < SK_MINUTE, "its time");
	free(code);
	sk_pulse_accepted(&pulse);
	sk_pulse_refused(&pulse, "API1002");
	write_it(&pulse);
	is_int(sk_store_refusal(store, &code, &refused_at, &err), 1, "what came last counts");
	free(code);
	sk_pulse_accepted(&pulse);
	ok(sk_pulse_has_news(&pulse, store), "that a refusal is over is to be written");
	write_it(&pulse);
	is_int(sk_store_refusal(store, &code, &refused_at, &err), 0, "then nothing is refused");
	sk_pulse_accepted(&pulse);
	ok(!sk_pulse_has_news(&pulse, store), "without a refusal it is no news");
	is_int(sk_task_find("backup"), SK_TASK_BACKUP, "a task by its name");
	is_int(sk_task_find("other"), SK_TASKS, "no such task");
	is_int(sk_store_heartbeats(NULL, at, &err), 0, "without a state file");
	is_int(at[SK_TASK_SWEEP], 0, "there are none");
}

/* --- moments ahead of the clock ------------------------------------------------------------------ */

/* Each column of the table whose name says that it is a moment. */
static void
test_columns_of(const char *table, const char *others)
{
	char *sql =
	    sk_mem_printf("SELECT name FROM pragma_table_info('%s') WHERE name LIKE '%%\\_at' "
			  "ESCAPE '\\'",
		table);
	int64_t now = sk_time_now();
	sqlite3_stmt *columns = NULL;
	char text[SK_TIME_TEXT];
	int n = 0;

	sqlite3_prepare_v2(store->db, sql, -1, &columns, NULL);
	free(sql);
	while (sqlite3_step(columns) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(columns, 0);
		int64_t before = commits();
		bool mended;

		if (strstr(others, name) != NULL)
			continue;
		n++;
		sql = sk_mem_printf("UPDATE %s SET %s = '%s'", table, name,
		    sk_time_format(now + SK_MINUTE, text));
		run_sql(sql);
		free(sql);
		sk_store_moments_mend(store, now, &mended, &err);
		ok(!mended && commits() == before, "%s: a minute ahead costs nothing", name);
		sql = sk_mem_printf("UPDATE %s SET %s = '%s'", table, name,
		    sk_time_format(now + 400 * SK_DAY, text));
		run_sql(sql);
		free(sql);
		sk_store_moments_mend(store, now, &mended, &err);
		ok(mended && commits() == before + 1, "%s: 400 days are mended, in one commit",
		    name);
		sql = sk_mem_printf("SELECT count(*) FROM %s WHERE %s = '%s'", table, name,
		    sk_time_format(now, text));
		is_int(number_of(sql), 1, "it is now");
		free(sql);
		sk_store_moments_mend(store, now, &mended, &err);
		ok(!mended && commits() == before + 1, "once");
	}
	sqlite3_finalize(columns);
	ok(n > 0, "%d moments of %s", n, table);
}

static void
test_ahead(void)
{
	int64_t now = sk_time_now(), value;
	struct sk_event event = {.kind = SK_EVENT_STUCK, .at = now + 400 * SK_DAY};
	bool mended;
	struct sk_kept_choices kept = {0};

	test_columns_of("pms_writebacks", "");
	run_sql("INSERT INTO pms_integrations (office_id, status) VALUES ('A1', 'active')");
	test_columns_of("pms_integrations", "");
	run_sql("DELETE FROM heartbeats WHERE task <> 'backup'");
	test_columns_of("heartbeats", "");

	sk_store_fact_set(store, "no_writeback_status_at", now + SK_DAY, &err);
	sk_store_fact_set(store, "lists_begun", INT64_MAX, &err);
	sk_store_moments_mend(store, now, &mended, &err);
	sk_store_fact_get(store, "no_writeback_status_at", &value, &err);
	is_int(value, now, "a fact that is a moment");
	sk_store_fact_get(store, "lists_begun", &value, &err);
	ok(value == INT64_MAX, "one that is none stays");

	sk_store_begin(store, &err);
	sk_store_event_add(store, &event, &err);
	sk_store_commit(store, &err);
	is_int(sk_store_event_made(store, SK_EVENT_STUCK, NULL, 0, now - SK_DAY, &err), 0,
	    "an event that lies ahead holds back no other");
	sk_store_choices_put(store, "A1", "s", "[]", now + SK_DAY, &err);
	is_int(sk_store_choices_get(store, "A1", "s", now - SK_DAY, &kept, &err), 0,
	    "choices that were read ahead of the clock aren't used");
}

static void
test_pulse_mends(void)
{
	struct sk_pulse pulse;

	begin(&pulse);
	run_sql("UPDATE pms_writebacks SET last_checked_at = '2099-01-01T00:00:00.000Z'");
	pulse.clock.is_known = false;
	write_it(&pulse);
	is_int(number_of("SELECT count(*) FROM pms_writebacks WHERE last_checked_at > '2099'"), 1,
	    "nothing is mended by a guess");
	see(&pulse, 0);
	write_it(&pulse);
	is_int(number_of("SELECT count(*) FROM pms_writebacks WHERE last_checked_at > '2099'"), 0,
	    "a known time mends, in the commit of the pulse");
}

int
main(void)
{
	sk_mem_init();
	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/sikka.db", folder);
	if (sk_store_create(path, 1, &store, &err) != 0)
		return 1;
	test_new_file();
	test_older_file();
	test_other_boot();
	test_heartbeats();
	test_ahead();
	test_pulse_mends();
	sk_store_free(store);
	unlink(path);
	rmdir(folder);
	return done_testing();
}
