/* SPDX-License-Identifier: MIT */
/*
 * store: the text of every SQL statement. How they are prepared and stepped is in statements_run.c.
 */
#include "store/statements.h"

#include "store/statements_ended.h"
#include "store/statements_hand_over.h"
#include "store/statements_rows.h"
#include "store/writebacks.h"

#define OFFICE                                                                                    \
	"SELECT office_number, office_id, secret_key, request_key, refresh_key, token_expiry, "   \
	"status, domain, last_error, renewed_at, renewal_tried_at, renewal_refused_at, held_at, " \
	"suspect_at, missing_at "                                                                 \
	"FROM pms_integrations "
#define PRACTICE                                                                           \
	"SELECT office_id, practice_id, practice_name, pms, pms_version, domain, status, " \
	"missing_at, is_location, time_zone, utc_offset "                                  \
	"FROM practices "
#define EVENT                                                                                   \
	"SELECT id, happened_at, kind, office_id, row_id, text, outbox, delivered_at, tries, "  \
	"set_aside_at, run, due_at, failing_since, dropped_at, "                                \
	"(SELECT w.key FROM pms_writebacks w WHERE w.id = row_id), of_run, cause, leader FROM " \
	"events "
#define RUN "r.run, r.command, r.started_at, r.ended_at, r.user, r.uid, r.host, r.pid, r.parent"
#define WANTED_OFFICE "(?1 IS NULL OR office_id IN (SELECT value FROM json_each(?1))) "
/* An event is also of the offices of those that it leads. */
#define WANTED_EVENT                                                     \
	"(?1 IS NULL OR office_id IN (SELECT value FROM json_each(?1)) " \
	"OR EXISTS (SELECT 1 FROM events f WHERE f.leader = events.id "  \
	"AND f.office_id IN (SELECT value FROM json_each(?1)))) "
/*
 * The request has ended as it should, or the same was handed in again, as a row that follows soon, and has.
 */
#define ENDED_WELL(w)                                                               \
	"(" #w ".result IN ('completed', 'withdrawn') OR EXISTS "                   \
	"(SELECT 1 FROM pms_writebacks a WHERE a.id > " #w ".id AND a.id <= " #w    \
	".id + 5000 AND a.result = 'completed' AND a.office_id = " #w ".office_id " \
	"AND (a.key = " #w ".key OR a.content_key = " #w ".content_key))) "
/* Neither delivered nor dropped; it may be set aside. */
#define WAITING "outbox = 1 AND delivered_at IS NULL AND dropped_at IS NULL "
/* Somebody was told of it, or was to be. */
#define USED "(tries > 0 OR delivered_at IS NOT NULL)"
/* An open hold that keeps writes back: a list has shown something, or they aren't all read yet. */
#define HOLDS "(shown_at IS NOT NULL OR lists_clean < lists_wanted) "
/* A hold of a person's: store/pauses. */
#define PAUSED "ended_at IS NULL AND why = 'paused' "
#define CLAIMABLE \
	"result IN ('pending', 'unknown') AND (last_checked_at IS NULL OR last_checked_at < ?1) "

/* Sets a column that lies behind ?1 to ?2. */
#define MEND(name) #name " = CASE WHEN " #name " > ?1 THEN ?2 ELSE " #name " END"
#define MEND_TEXT(name)
#define MEND_PATIENT(name)
#define MEND_INTEGER(name)
#define MEND_NUMBER(name)
#define MEND_STATE(name)
#define MEND_TIME(name) ", " MEND(name)
#define NEXT_MEND(name, kind) MEND_##kind(name)

/*
 * A key ends ahead of the clock by its nature. Where it was renewed by a clock that was ahead, it ends as
 * much sooner.
 */
#define KEY_END                                                             \
	"CASE WHEN renewed_at > ?1 AND token_expiry > renewed_at "          \
	"THEN strftime('%Y-%m-%dT%H:%M:%fZ', token_expiry, "                \
	"(strftime('%s', ?2) - strftime('%s', renewed_at)) || ' seconds') " \
	"ELSE token_expiry END"

static const char *const statements[SK_SQL_COUNT] = {
    [SK_SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SK_SQL_COMMIT] = "COMMIT",
    [SK_SQL_ROLLBACK] = "ROLLBACK",
    [SK_SQL_TOKEN_ADD] = "INSERT INTO commits (token) VALUES (?1)",
    [SK_SQL_TOKENS_TRIM] = "DELETE FROM commits WHERE number <= last_insert_rowid() - 100",
    [SK_SQL_TOKEN_FIND] = "SELECT 1 FROM commits WHERE token = ?1",
    [SK_SQL_FACT_GET] = "SELECT value FROM facts WHERE name = ?1",
    [SK_SQL_FACT_SET] = "INSERT INTO facts (name, value) VALUES (?1, ?2) "
			"ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    [SK_SQL_TWIN_GET] = "SELECT pair, count, mark FROM twin",
    [SK_SQL_TWIN_PUT] =
	"INSERT OR REPLACE INTO twin (only, pair, count, mark) VALUES (1, ?1, ?2, ?3)",
    [SK_SQL_HOLDS] = "SELECT id, why, office_id, since, after_list, lists_wanted, lists_clean, "
		     "first_clean_at, latest_clean, looked_at, shown_at "
		     "FROM holds WHERE ended_at IS NULL AND why <> 'paused' ORDER BY id",
    [SK_SQL_HOLDS_OFFICE] =
	"SELECT 1 FROM holds WHERE ended_at IS NULL AND (office_id IS NULL OR office_id = ?1) "
	"AND " HOLDS "AND (?2 OR why <> 'paused') " OR_GIVEN_AWAY "LIMIT 1",
    [SK_SQL_HOLDS_OR_GIVEN] = "SELECT 1 FROM holds WHERE ended_at IS NULL AND " HOLDS
			      "UNION ALL SELECT 1 FROM hand_overs WHERE " GIVEN_AWAY " LIMIT 1",
    [SK_SQL_HOLDS_COPY] = "SELECT 1 FROM holds WHERE ended_at IS NULL AND office_id IS NULL "
			  "AND shown_at IS NOT NULL LIMIT 1",
    [SK_SQL_HOLDS_SHOWN] = "SELECT 1 FROM holds WHERE ended_at IS NULL AND shown_at IS NOT NULL "
			   "AND (?1 IS NULL OR office_id IS NULL OR office_id = ?1) LIMIT 1",
    [SK_SQL_HOLDS_NOTED_AT] = "SELECT max(since), max(why = 'gap' AND boot_id = ?1) FROM holds "
			      "WHERE (ended_at IS NULL AND why <> 'paused') "
			      "OR (why = 'gap' AND boot_id = ?1)",
    [SK_SQL_HOLDS_PURGE] =
	"DELETE FROM holds WHERE ended_at < ?1 AND (boot_id IS NULL OR boot_id <> ?2)",
    [SK_SQL_HOLDS_FORGET] = "DELETE FROM holds WHERE office_id = ?1 AND why <> 'paused'",
    [SK_SQL_HOLDS_GAP_OF_BOOT] = "SELECT 1 FROM holds WHERE why = 'gap' AND boot_id = ?1 LIMIT 1",
    [SK_SQL_HOLDS_END_GAPS] = "UPDATE holds SET ended_at = ?1, ended_by = 'another boot' "
			      "WHERE ended_at IS NULL AND why = 'gap' AND shown_at IS NULL",
    [SK_SQL_HOLDS_END] = "UPDATE holds SET ended_at = ?1, ended_by = ?2 "
			 "WHERE ended_at IS NULL AND why <> 'paused'",
    [SK_SQL_HOLD_ADD] = "INSERT INTO holds (why, office_id, boot_id, since, after_list, "
			"lists_wanted) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [SK_SQL_HOLD_PUT] = "UPDATE holds SET lists_clean = ?2, first_clean_at = ?3, "
			"latest_clean = ?4, looked_at = ?5, shown_at = ?6 WHERE id = ?1",
    [SK_SQL_HOLD_END] = "UPDATE holds SET ended_at = ?2, ended_by = ?3 WHERE id = ?1",
    [SK_SQL_PAUSES] =
	"SELECT h.office_id, h.since, h.run, r.user, r.host FROM holds h "
	"LEFT JOIN (SELECT run, user, host FROM runs) r ON r.run = h.run WHERE " PAUSED
	"ORDER BY h.office_id",
    [SK_SQL_PAUSED] =
	"SELECT 1 FROM holds WHERE " PAUSED "AND (office_id IS NULL OR office_id = ?1) LIMIT 1",
    [SK_SQL_PAUSE_ADD] =
	"INSERT INTO holds (why, office_id, since, after_list, lists_wanted, run) "
	"SELECT 'paused', ?1, ?2, 0, 1, ?3 "
	"WHERE NOT EXISTS (SELECT 1 FROM holds WHERE " PAUSED "AND office_id IS ?1)",
    [SK_SQL_PAUSE_END] = "UPDATE holds SET ended_at = ?2, ended_by = 'a person' "
			 "WHERE " PAUSED "AND office_id IS ?1",
    [SK_SQL_OFFICE_GET] = OFFICE "WHERE office_id = ?1",
    [SK_SQL_OFFICES] = OFFICE "ORDER BY office_id",
    /* INSERT OR REPLACE would delete the row first, and its practices with it. */
    [SK_SQL_OFFICE_PUT] =
	"INSERT INTO pms_integrations (office_id, secret_key, request_key, refresh_key, "
	"token_expiry, status, domain, last_error, renewed_at, renewal_tried_at, "
	"renewal_refused_at, held_at, suspect_at, missing_at) "
	"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) "
	"ON CONFLICT (office_id) DO UPDATE SET secret_key = excluded.secret_key, "
	"request_key = excluded.request_key, refresh_key = excluded.refresh_key, "
	"token_expiry = excluded.token_expiry, status = excluded.status, "
	"domain = excluded.domain, last_error = excluded.last_error, "
	"renewed_at = excluded.renewed_at, renewal_tried_at = excluded.renewal_tried_at, "
	"renewal_refused_at = excluded.renewal_refused_at, held_at = excluded.held_at, "
	"suspect_at = excluded.suspect_at, missing_at = excluded.missing_at",
    [SK_SQL_OFFICE_FORGET] = "DELETE FROM pms_integrations WHERE office_id = ?1",
    [SK_SQL_FORGOTTEN_GET] = "SELECT 1 FROM forgotten WHERE office_id = ?1",
    [SK_SQL_FORGOTTEN_PUT] = "INSERT OR REPLACE INTO forgotten (office_id, forgotten_at) "
			     "VALUES (?1, ?2)",
    [SK_SQL_FORGOTTEN_END] = "DELETE FROM forgotten WHERE office_id = ?1",
    [SK_SQL_PRACTICES] = PRACTICE "ORDER BY office_id, practice_id",
    [SK_SQL_PRACTICES_OF] = PRACTICE "WHERE office_id = ?1 ORDER BY practice_id",
    [SK_SQL_PRACTICE_PUT] =
	"INSERT INTO practices (office_id, practice_id, practice_name, pms, pms_version, domain, "
	"status, missing_at, is_location, time_zone, utc_offset) "
	"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) "
	"ON CONFLICT (office_id, practice_id) DO UPDATE SET "
	"practice_name = excluded.practice_name, pms = excluded.pms, "
	"pms_version = excluded.pms_version, domain = excluded.domain, status = excluded.status, "
	"missing_at = excluded.missing_at, is_location = excluded.is_location, "
	/* Both belong together, and what isn't told any more stays. */
	"time_zone = iif(coalesce(excluded.time_zone, excluded.utc_offset) IS NULL, time_zone, "
	"excluded.time_zone), "
	"utc_offset = iif(coalesce(excluded.time_zone, excluded.utc_offset) IS NULL, utc_offset, "
	"excluded.utc_offset)",
    [SK_SQL_PRACTICE_ZONE] =
	"UPDATE practices SET time_zone = ?3, utc_offset = ?4 WHERE office_id = ?1 "
	"AND practice_id = ?2 AND coalesce(time_zone, utc_offset) IS NULL",

    [SK_SQL_CHOICES_GET] =
	"SELECT items, read_at FROM choices WHERE office_id = ?1 AND source = ?2 AND read_at >= ?3 "
	"AND read_at <= ?4",
    [SK_SQL_CHOICES_GET_LATEST] =
	"SELECT items, read_at FROM choices WHERE source = ?2 AND read_at >= ?3 AND read_at <= ?4 "
	"ORDER BY read_at DESC LIMIT 1",
    [SK_SQL_CHOICES_PUT] =
	"INSERT INTO choices (office_id, source, items, read_at) VALUES (?1, ?2, ?3, ?4) "
	"ON CONFLICT (office_id, source) DO UPDATE SET items = excluded.items, "
	"read_at = excluded.read_at",
    [SK_SQL_CHOICES_PURGE] = "DELETE FROM choices WHERE read_at < ?1",

    [SK_SQL_WRITEBACK_INSERT] = "INSERT INTO pms_writebacks (" COLUMNS ") VALUES (" SLOTS ")",
    [SK_SQL_WRITEBACK_GET] = "SELECT id, " COLUMNS " FROM pms_writebacks WHERE id = ?1",
    [SK_SQL_WRITEBACK_OWNER] = "SELECT id FROM pms_writebacks WHERE writeback_id = ?1",
    [SK_SQL_WRITEBACK_OWNER_DOUBLED] = "SELECT id FROM pms_writebacks WHERE doubled_id = ?1",
    [SK_SQL_WRITEBACK_OUTLINE] = "SELECT office_id, method, endpoint, submitted_at, resolved_at, "
				 "unclaimed FROM pms_writebacks "
				 "WHERE id = ?1",
    [SK_SQL_LOCK_FOR_READING] = "SELECT 1 FROM sqlite_schema",
    [SK_SQL_KEY_HOLDER] = "SELECT id FROM pms_writebacks "
			  "WHERE key = ?1 AND key IS NOT NULL AND holds_key = 1 "
			  "UNION ALL SELECT id FROM archived WHERE key = ?1",
    [SK_SQL_CONTENT_ALONE] = "SELECT id " OF_CONTENT "AND " HELD " AND holds_content = 1",
    /* Nothing is sorted: SQLite would make a table for that each time. */
    [SK_SQL_CONTENT_HOLDER] = "SELECT id FROM (SELECT min(id) AS id " OF_CONTENT "AND " HELD
			      " AND unclaimed = 0) WHERE id IS NOT NULL",
    [SK_SQL_UNCLAIMED_ANY] = "SELECT 1 " UNCLAIMED STANDS_OR_MAY "LIMIT 1",
    [SK_SQL_UNCLAIMED] = "SELECT id " UNCLAIMED STANDS " AND content_key = ?2 ORDER BY id LIMIT 1",
    [SK_SQL_UNCLAIMED_UNDONE] =
	"SELECT id " UNCLAIMED UNDONE " AND " HELD " AND content_key = ?2 ORDER BY id LIMIT 1",
    [SK_SQL_UNCLAIMED_DARK] = "SELECT id " UNCLAIMED STANDS_OR_MAY
			      "AND method = ?2 AND (?3 OR content_key IS NULL) ORDER BY id",
    [SK_SQL_NOT_OURS_ADD] =
	"INSERT OR REPLACE INTO not_ours (writeback_id, office_id, content_key, said_at, run) "
	"VALUES (?1, ?2, ?3, ?4, ?5)",
    [SK_SQL_NOT_OURS_FORGET] = "DELETE FROM not_ours WHERE said_at < ?1",
    [SK_SQL_NOT_OURS_REMOVE] = "DELETE FROM not_ours WHERE writeback_id = ?1",
    [SK_SQL_REFRESH_GET] = "SELECT data_insert_date, first_seen_at FROM refreshes "
			   "WHERE office_id = ?1 AND practice_id = ?2",
    [SK_SQL_REFRESH_PUT] =
	"INSERT INTO refreshes (office_id, practice_id, data_insert_date, first_seen_at) "
	"SELECT ?1, ?2, ?3, ?4 FROM pms_integrations WHERE office_id = ?1 "
	"ON CONFLICT (office_id, practice_id) DO UPDATE SET "
	"data_insert_date = excluded.data_insert_date, first_seen_at = excluded.first_seen_at",
    [SK_SQL_COMMAND_GET] =
	"SELECT command_id, sent_at, ended_at FROM remote_commands WHERE office_id = ?1",
    [SK_SQL_COMMAND_PUT] =
	"INSERT OR REPLACE INTO remote_commands (office_id, command_id, sent_at, ended_at) "
	"VALUES (?1, ?2, ?3, ?4)",
    [SK_SQL_NOT_OURS_HAS] = "SELECT 1 FROM not_ours WHERE writeback_id = ?1",
    [SK_SQL_NOT_OURS_ANY] = "SELECT 1 FROM not_ours LIMIT 1",
    [SK_SQL_NOT_OURS_EQUAL] = "SELECT writeback_id FROM not_ours "
			      "WHERE content_key = ?1 AND content_key IS NOT NULL LIMIT 1",
    [SK_SQL_KEYS_HELD] = "SELECT 1 " OF_CONTENT "AND " HELD " LIMIT 1",
    [SK_SQL_KEYS_FREE] =
	"UPDATE pms_writebacks SET holds_content = 0, holds_key = (holds_key AND key IS NOT NULL) "
	"WHERE content_key = ?1 AND " HELD
	" AND result = 'completed' AND method = 'POST' AND completed_at < ?2",
    [SK_SQL_OPEN_IDS] = "SELECT id FROM pms_writebacks INDEXED BY pms_writebacks_living "
			"WHERE " LIVING " AND " WANTED_OFFICE "ORDER BY id",
    [SK_SQL_CLAIM_FIND] = "SELECT id FROM pms_writebacks INDEXED BY pms_writebacks_living "
			  "WHERE " LIVING " AND " CLAIMABLE "ORDER BY last_checked_at, id LIMIT ?2",
    [SK_SQL_CLAIM_FIND_AMONG] =
	"SELECT id FROM pms_writebacks WHERE id IN (SELECT value FROM json_each(?3)) "
	"AND " CLAIMABLE "ORDER BY last_checked_at, id LIMIT ?2",
    [SK_SQL_CLAIM] = "UPDATE pms_writebacks SET last_checked_at = ?2, "
		     "check_count = check_count + 1 WHERE id = ?1",
    [SK_SQL_PURGEABLE] = PURGEABLE,
    [SK_SQL_PURGE] = PURGE,
    [SK_SQL_PERSON] = PERSON,
    [SK_SQL_PERSON_LEADS] = PERSON_LEADS,
    [SK_SQL_ERASE] = ERASE,
    [SK_SQL_ARCHIVABLE] = "SELECT id " ARCHIVABLE "ORDER BY completed_at, id LIMIT ?4",
    [SK_SQL_ARCHIVABLE_COUNT] = "SELECT count(*) " ARCHIVABLE,
    [SK_SQL_ARCHIVE_KEYS] = ARCHIVE_KEYS,
    [SK_SQL_ARCHIVE_ROWS] = "DELETE FROM pms_writebacks WHERE id IN " NUMBERED,
    [SK_SQL_ARCHIVE_EVENTS] = "DELETE FROM events WHERE row_id IN " NUMBERED,
    [SK_SQL_ARCHIVED] = ARCHIVE_RECALL,
    [SK_SQL_COPIES] = "SELECT file, kind, made_at FROM copies ORDER BY file",
    [SK_SQL_COPY_PUT] = "INSERT OR REPLACE INTO copies (file, kind, made_at) VALUES (?1, ?2, ?3)",
    [SK_SQL_COPY_FORGET] = "DELETE FROM copies WHERE file = ?1",
    [SK_SQL_HIGHEST] = "SELECT seq FROM sqlite_sequence WHERE name = 'pms_writebacks'",
    [SK_SQL_OVERTAKEN] =
	"SELECT 1 FROM pms_writebacks WHERE id > ?1 AND office_id = ?2 AND endpoint = ?3"
	" AND method <> 'POST' AND result NOT IN ('failed', 'withdrawn') LIMIT 1",
    [SK_SQL_SENT_EQUAL] =
	"SELECT 1 FROM pms_writebacks INDEXED BY pms_writebacks_content"
	" WHERE content_key = ?3 AND office_id = ?2 AND submitted_at >= ?4 AND id <> ?1"
	" AND again = 0 AND result NOT IN ('failed', 'withdrawn') LIMIT 1",
    [SK_SQL_SKIP_TO] =
	"UPDATE sqlite_sequence SET seq = max(seq, ?1) WHERE name = 'pms_writebacks'",
    [SK_SQL_SKIP_FIRST] =
	"INSERT INTO sqlite_sequence (name, seq) SELECT 'pms_writebacks', ?1"
	" WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'pms_writebacks')",
    [SK_SQL_LATEST_BEFORE] =
	"SELECT max(at) FROM (SELECT max(" SK_LATEST_OF_ROW ") AS at FROM pms_writebacks "
	"INDEXED BY pms_writebacks_latest WHERE " SK_LATEST_OF_ROW " < ?1 "
	"UNION ALL SELECT max(happened_at) FROM events WHERE happened_at < ?1 "
	"UNION ALL SELECT max(succeeded_at) FROM heartbeats WHERE succeeded_at < ?1)",
    [SK_SQL_RESTORED_MARK] = "UPDATE pms_writebacks SET only_named = 1 WHERE result IN ('queued', "
			     "'submitting', 'failed') "
			     "OR (result = 'unknown' AND writeback_id IS NULL)",
    [SK_SQL_RESTORED_FORGET_LISTS] =
	"UPDATE pms_writebacks SET absent_at = NULL, absent_list = NULL "
	"WHERE absent_at IS NOT NULL OR absent_list IS NOT NULL",
    [SK_SQL_RUN_ADD] = "INSERT INTO runs (command, started_at, user, uid, host, pid, parent) "
		       "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [SK_SQL_RUN_END] = "UPDATE runs SET ended_at = ?2 WHERE run = ?1",
    [SK_SQL_RUNS_OPEN] =
	"SELECT DISTINCT run FROM pms_writebacks INDEXED BY pms_writebacks_of_runs "
	"WHERE result IN ('queued', 'submitting') ORDER BY run",
    [SK_SQL_RUN_HAS_SENT] =
	"SELECT 1 FROM pms_writebacks INDEXED BY pms_writebacks_latest "
	"WHERE " SK_LATEST_OF_ROW " >= ?2 AND run = ?1 AND submitted_at >= ?2 LIMIT 1",

    [SK_SQL_RUNS_CHANGES] =
	"SELECT " RUN
	", coalesce(changes, 0), coalesce(requests, 0), latest_at FROM runs r LEFT JOIN "
	"(SELECT run AS of, count(*) AS changes, count(DISTINCT row_id) AS requests, "
	"max(happened_at) AS latest_at FROM events WHERE " WANTED_OFFICE "GROUP BY run) "
	"ON of = r.run WHERE (?1 IS NULL OR of IS NOT NULL) "
	"AND (?2 IS NULL OR max(r.started_at, coalesce(latest_at, '')) >= ?2) ORDER BY r.run",

    [SK_SQL_ANY_LIVING] = ANY("INDEXED BY pms_writebacks_living", LIVING),
    [SK_SQL_ANY_NOT_RECEIVED] =
	ANY("INDEXED BY pms_writebacks_not_received", "not_received_at IS NOT NULL"),
    [SK_SQL_ANY_LOOKS] = ANY("INDEXED BY pms_writebacks_undone", FOUND_BY_LOOKS),
    [SK_SQL_ANY_RESOLVED] = ANY("INDEXED BY pms_writebacks_resolved", FOUND_BY_DECISION),
    [SK_SQL_ANY_DOUBLED] = ANY("INDEXED BY pms_writebacks_doubled", "doubled_id IS NOT NULL"),
    [SK_SQL_FIND_ALL] = FIND("", "true"),
    [SK_SQL_FIND_IDS] = FIND("", "id IN (SELECT value FROM json_each(?3))"),
    [SK_SQL_FIND_RUN] = FIND("INDEXED BY pms_writebacks_of_runs",
	"result IN ('queued', 'submitting') AND run IS ?13"),
    [SK_SQL_FIND_LIVING] = FIND("INDEXED BY pms_writebacks_living", LIVING),
    [SK_SQL_FIND_UNDONE] = FIND("INDEXED BY pms_writebacks_undone", UNDONE),
    [SK_SQL_FIND_NOT_RECEIVED] =
	FIND("INDEXED BY pms_writebacks_not_received", "not_received_at IS NOT NULL"),
    [SK_SQL_FIND_LOOKS] = FIND("INDEXED BY pms_writebacks_undone", FOUND_BY_LOOKS),
    [SK_SQL_FIND_RESOLVED] = FIND("INDEXED BY pms_writebacks_resolved", FOUND_BY_DECISION),
    [SK_SQL_FIND_DOUBLED] = FIND("INDEXED BY pms_writebacks_doubled", "doubled_id IS NOT NULL"),
    [SK_SQL_FIND_UNPURGED] =
	FIND("INDEXED BY pms_writebacks_unpurged", UNPURGED " AND completed_at < ?5"),
    [SK_SQL_FIND_OFFICES] = FIND("INDEXED BY pms_writebacks_of_office",
	"office_id IN (SELECT value FROM json_each(?2)) "
	"AND queued_at >= coalesce(?4, '')"),
    [SK_SQL_FIND_WRITEBACK_ID] = FIND("",
	"id IN (SELECT id FROM pms_writebacks WHERE writeback_id = ?15 UNION "
	"SELECT id FROM pms_writebacks WHERE doubled_id = ?15)"),
    [SK_SQL_FIND_SINCE] =
	FIND("INDEXED BY pms_writebacks_latest", SK_LATEST_OF_ROW " >= ?4 AND queued_at >= ?4"),

    /* LIVING is repeated here so that its index can be used. */
    [SK_SQL_LISTS_AWAITED] = "SELECT min(submitted_at) FROM pms_writebacks "
			     "INDEXED BY pms_writebacks_living WHERE " LIVING
			     " AND (result = 'unknown' AND writeback_id IS NULL "
			     "OR result = 'pending' AND gone_looks >= ?2) "
			     "AND submitted_at > ?1",
    [SK_SQL_LISTS_LOOKED_FOR] =
	"SELECT min(submitted_at) FROM (SELECT submitted_at FROM pms_writebacks "
	"INDEXED BY pms_writebacks_not_received "
	"WHERE not_received_at > ?1 AND not_received_at <= ?2 AND doubled_id IS NULL "
	"UNION ALL SELECT submitted_at FROM pms_writebacks INDEXED BY pms_writebacks_resolved "
	"WHERE resolved_at > ?1 AND resolved_at <= ?2 AND writeback_id IS NULL)",
    [SK_SQL_LISTS_LOOKS] =
	"SELECT min(submitted_at) FROM (SELECT submitted_at FROM pms_writebacks "
	"WHERE " LIVING " AND writeback_id IS NOT NULL AND submitted_at > ?1 "
	"UNION ALL SELECT submitted_at FROM pms_writebacks INDEXED BY pms_writebacks_undone "
	"WHERE " UNDONE " AND " LOOKED_FOR " AND submitted_at > ?1)",
    [SK_SQL_UNOWNED_NOTE] = "INSERT INTO unowned (writeback_id, office_id, method, api, "
			    "first_list, first_seen_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) "
			    "ON CONFLICT DO NOTHING",
    [SK_SQL_UNOWNED_SEEN] = "SELECT 1 FROM unowned WHERE writeback_id = ?1 AND first_list <= ?2",
    [SK_SQL_UNOWNED_DROP_OWNED] = "DELETE FROM unowned WHERE EXISTS "
				  "(SELECT 1 FROM pms_writebacks w "
				  "WHERE w.writeback_id = unowned.writeback_id)",
    [SK_SQL_UNOWNED_PURGE] = "DELETE FROM unowned WHERE first_seen_at < ?1",
    [SK_SQL_LATEST_ACCEPTED] =
	"SELECT writeback_id, submitted_at FROM pms_writebacks "
	"INDEXED BY pms_writebacks_accepted "
	"WHERE writeback_id IS NOT NULL AND withdraw_at IS NULL AND submitted_at <= ?1 "
	"AND NOT " LOST " "
	"ORDER BY submitted_at DESC, id DESC LIMIT 1",
    [SK_SQL_UNSETTLED] =
	"SELECT id, result, attempts, run FROM pms_writebacks "
	"INDEXED BY pms_writebacks_living WHERE " LIVING " "
	"AND (result = 'submitting' OR (result = 'unknown' AND writeback_id IS NULL)) "
	"ORDER BY id",
    /* Among the latest ones, so that an office whose requests never told it isn't read to its beginning. */
    [SK_SQL_DURATIONS] = "SELECT took_ms FROM (SELECT took_ms FROM pms_writebacks INDEXED BY "
			 "pms_writebacks_of_office "
			 "WHERE office_id = ?1 ORDER BY queued_at DESC LIMIT max(1000, ?2)) "
			 "WHERE took_ms IS NOT NULL LIMIT ?2",
    [SK_SQL_LIVING] =
	"SELECT office_id, result, count(*), min(at), count(*) FILTER (WHERE at > ?1), "
	"count(*) FILTER (WHERE at > ?2), count(*) FILTER (WHERE at > ?3), "
	"count(*) FILTER (WHERE at > ?4), min(at) FILTER (WHERE at > ?1), "
	"min(at) FILTER (WHERE at > ?2), min(at) FILTER (WHERE at > ?3), "
	"min(at) FILTER (WHERE at > ?4) FROM (SELECT office_id, result, CASE result "
	"WHEN 'queued' THEN queued_at WHEN 'unknown' THEN coalesce(unknown_at, submitted_at, "
	"queued_at) ELSE coalesce(submitted_at, queued_at) END AS at FROM pms_writebacks "
	"WHERE " LIVING ") GROUP BY office_id, result ORDER BY office_id",
    [SK_SQL_ENDED_SINCE] = "SELECT result, CASE WHEN " STRAIGHT "THEN took_ms END "
			   "FROM pms_writebacks INDEXED BY pms_writebacks_ended "
			   "WHERE completed_at >= ?2 AND " WANTED_OFFICE
			   "AND result IN ('completed', 'failed', 'withdrawn')",
    [SK_SQL_ENDS_SINCE] =
	"SELECT id, completed_at, result, office_id, operation, error_code, "
	"CASE WHEN " STRAIGHT "THEN took_ms END "
	"FROM pms_writebacks INDEXED BY pms_writebacks_ended "
	"WHERE completed_at >= ?2 AND " WANTED_OFFICE
	"AND result IN ('completed', 'failed', 'withdrawn') ORDER BY completed_at",
    [SK_SQL_REFUSED_OFFICES] = REFUSED_OFFICES,
    [SK_SQL_ENDS_STRAIGHT] = ENDS_STRAIGHT WANTED_OFFICE,
    [SK_SQL_ENDS_ADD] = ENDS_ADD,
    [SK_SQL_ENDS_EVER] = ENDS_EVER,
    [SK_SQL_ENDS_DIFFER] = ENDS_DIFFER,
    [SK_SQL_ENDS_FORGET] = "DELETE FROM ends WHERE is_past = 0",
    [SK_SQL_ENDS_COUNT_ANEW] = ENDS_COUNT_ANEW,

    [SK_SQL_EVENT_ADD] = "INSERT INTO events (happened_at, kind, office_id, row_id, text, outbox, "
			 "run, of_run, cause, "
			 "leader) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    [SK_SQL_EVENTS_WAITING] =
	EVENT "INDEXED BY events_outbox WHERE " WAITING "AND " WANTED_EVENT "ORDER BY id LIMIT ?2",
    [SK_SQL_EVENTS_SINCE] = EVENT "WHERE id > ?1 ORDER BY id",
    [SK_SQL_EVENTS_PAGE] =
	EVENT "WHERE id > ?2 AND outbox = 1 AND (?3 IS NULL OR happened_at >= ?3) "
	      "AND " WANTED_EVENT "ORDER BY id LIMIT ?4",
    [SK_SQL_EVENTS_OF_ROW] =
	"SELECT " RUN ", e.id, e.happened_at, e.kind, e.text "
	"FROM events e INDEXED BY events_of_row LEFT JOIN runs r ON r.run = e.run "
	"WHERE e.row_id = ?1 AND e.row_id IS NOT NULL ORDER BY e.id",
    [SK_SQL_EVENTS_LAST] = "SELECT max(id) FROM events",
    /* ?3: the latest that was told. One that has joined since is told the next time. */
    [SK_SQL_EVENT_DELIVERED] =
	"UPDATE events SET tries = tries + 1, delivered_at = CASE WHEN EXISTS "
	"(SELECT 1 FROM events f WHERE f.leader = ?1 AND f.id > ?3) THEN NULL ELSE ?2 END "
	"WHERE id = ?1",
    [SK_SQL_EVENT_ACKNOWLEDGED] = "UPDATE events SET delivered_at = coalesce(delivered_at, ?2) "
				  "WHERE id = ?1 AND outbox = 1",
    [SK_SQL_EVENT_FAILED] =
	"UPDATE events SET tries = tries + 1, due_at = coalesce(?2, due_at), "
	"failing_since = coalesce(?3, failing_since), set_aside_at = coalesce(set_aside_at, ?4) "
	"WHERE id = ?1 AND " WAITING,
    [SK_SQL_EVENTS_REVIVE] =
	"UPDATE events SET due_at = NULL, set_aside_at = NULL "
	"WHERE " WAITING "AND (due_at IS NOT NULL OR set_aside_at IS NOT NULL)",
    [SK_SQL_EVENT_REDELIVER] =
	"UPDATE events SET due_at = NULL, failing_since = NULL, set_aside_at = NULL, "
	"delivered_at = NULL WHERE id = ?1 AND outbox = 1 AND dropped_at IS NULL",
    /*
     * ?1: the kinds that are of no interest then. What reports several requests of a run is over when each of
     * them has ended well, and what reports those of an office when none of them is open.
     */
    [SK_SQL_EVENTS_ENDED_WELL] =
	"SELECT e.id FROM events e INDEXED BY events_outbox "
	"LEFT JOIN pms_writebacks w ON w.id = e.row_id WHERE " WAITING
	"AND kind IN (SELECT value FROM json_each(?1)) AND CASE "
	"WHEN e.row_id IS NOT NULL THEN " ENDED_WELL(
	    w) "AND NOT EXISTS (SELECT 1 FROM events f JOIN pms_writebacks v ON v.id = f.row_id "
	       "WHERE f.leader = e.id AND NOT " ENDED_WELL(
		   v) ") "
		      "ELSE NOT EXISTS (SELECT 1 FROM pms_writebacks INDEXED BY "
		      "pms_writebacks_living "
		      "WHERE " LIVING
		      " AND office_id = e.office_id AND queued_at <= e.happened_at) END",
    [SK_SQL_EVENT_DROPPED] = "UPDATE events SET dropped_at = ?2 WHERE id = ?1 AND " WAITING,
    [SK_SQL_EVENT_MADE] =
	"SELECT 1 FROM events INDEXED BY events_made "
	"WHERE kind = ?1 AND " SK_NO_COURSE " AND office_id IS ?2 AND happened_at >= ?3 "
	"AND happened_at <= ?5 AND (?4 IS NULL OR row_id = ?4) LIMIT 1",
    [SK_SQL_EVENT_TOLD] =
	"SELECT 1 FROM events INDEXED BY events_of_row "
	"WHERE row_id = ?2 AND row_id IS NOT NULL AND kind = ?1 AND text = ?3 LIMIT 1",
    /* It isn't set aside, since nobody would hear of what joins it then. */
    [SK_SQL_EVENT_LEADER] =
	"SELECT max(id) FROM events INDEXED BY events_of_run WHERE of_run = ?1 "
	"AND of_run IS NOT NULL AND kind = ?2 AND cause = ?3 AND set_aside_at IS NULL AND " WAITING,
    /* ?1 and those that it leads; ?2 = 1: only those whose request hasn't ended well. The columns are the first one's. */
    [SK_SQL_EVENT_MEMBERS] =
	"SELECT count(*), count(DISTINCT e.office_id), e.office_id, e.row_id, e.text, w.key, "
	"(SELECT max(id) FROM events WHERE leader = ?1 AND leader IS NOT NULL), min(e.id) FROM "
	"(SELECT id, office_id, row_id, text FROM events WHERE id = ?1 UNION ALL "
	"SELECT id, office_id, row_id, text FROM events WHERE leader = ?1 AND leader IS NOT NULL) "
	"e "
	"LEFT JOIN pms_writebacks w ON w.id = e.row_id "
	"WHERE ?2 = 0 OR NOT ifnull(" ENDED_WELL(w) ", 0)",
    [SK_SQL_OUTBOX] = "SELECT count(*), min(happened_at), (SELECT count(*) FROM events "
		      "WHERE " WAITING "AND set_aside_at IS NOT NULL AND " WANTED_EVENT "), "
		      "EXISTS (SELECT 1 FROM events INDEXED BY events_used WHERE " USED "), "
		      "(SELECT min(set_aside_at) FROM events WHERE " WAITING
		      "AND set_aside_at IS NOT NULL AND " WANTED_EVENT ") "
		      "FROM events INDEXED BY events_outbox WHERE " WAITING
		      "AND set_aside_at IS NULL AND " WANTED_EVENT,

    /* Facts whose names end in _at are moments, in ms. */
    [SK_SQL_MOMENTS_AHEAD] =
	"SELECT EXISTS (SELECT 1 FROM pms_writebacks INDEXED BY pms_writebacks_latest "
	"WHERE " SK_LATEST_OF_ROW " > ?1) "
	"OR EXISTS (SELECT 1 FROM pms_integrations INDEXED BY pms_integrations_latest "
	"WHERE " SK_LATEST_OF_OFFICE " > ?1) "
	"OR EXISTS (SELECT 1 FROM practices WHERE missing_at > ?1) "
	"OR EXISTS (SELECT 1 FROM forgotten WHERE forgotten_at > ?1) "
	"OR EXISTS (SELECT 1 FROM heartbeats WHERE succeeded_at > ?1) "
	"OR EXISTS (SELECT 1 FROM holds WHERE since > ?1 OR first_clean_at > ?1 OR looked_at > ?1 "
	"OR shown_at > ?1 OR ended_at > ?1) "
	"OR EXISTS (SELECT 1 FROM choices WHERE read_at > ?1) "
	"OR EXISTS (SELECT 1 FROM measures WHERE measured_at > ?1 OR told_at > ?1) "
	"OR EXISTS (SELECT 1 FROM refreshes WHERE first_seen_at > ?1) "
	"OR EXISTS (SELECT 1 FROM remote_commands WHERE sent_at > ?1 OR ended_at > ?1) "
	"OR EXISTS (SELECT 1 FROM not_listed WHERE before_at > ?1 OR last_at > ?1) "
	"OR EXISTS (SELECT 1 FROM unowned WHERE first_seen_at > ?1) "
	"OR EXISTS (SELECT 1 FROM not_ours WHERE said_at > ?1) "
	"OR EXISTS (SELECT 1 FROM refusals WHERE refused_at > ?1) "
	"OR EXISTS (SELECT 1 FROM facts WHERE name GLOB '*_at' AND value > ?2)",
    [SK_SQL_MOMENTS_MEND_ROWS] =
	"UPDATE pms_writebacks SET holds_key = holds_key" SK_WRITEBACK_COLUMNS(NEXT_MEND,
	    NEXT_MEND) " WHERE " SK_LATEST_OF_ROW " > ?1",
    [SK_SQL_MOMENTS_MEND_OFFICES] = "UPDATE pms_integrations SET token_expiry = " KEY_END MEND_TIME(
	renewed_at) MEND_TIME(renewal_tried_at) MEND_TIME(renewal_refused_at) MEND_TIME(held_at)
	MEND_TIME(suspect_at) MEND_TIME(missing_at) " WHERE " SK_LATEST_OF_OFFICE " > ?1",
    [SK_SQL_MOMENTS_MEND_PRACTICES] = "UPDATE practices SET missing_at = ?2 WHERE missing_at > ?1",
    [SK_SQL_MOMENTS_MEND_FORGOTTEN] =
	"UPDATE forgotten SET forgotten_at = ?2 WHERE forgotten_at > ?1",
    [SK_SQL_MOMENTS_MEND_BEATS] = "UPDATE heartbeats SET succeeded_at = ?2 WHERE succeeded_at > ?1",
    [SK_SQL_MOMENTS_MEND_HOLDS] = "UPDATE holds SET " MEND(since) ", " MEND(
	first_clean_at) ", " MEND(looked_at) ", " MEND(shown_at) ", " MEND(ended_at),
    [SK_SQL_MOMENTS_MEND_CHOICES] = "UPDATE choices SET read_at = ?2 WHERE read_at > ?1",
    [SK_SQL_MOMENTS_MEND_MEASURES] = "UPDATE measures SET " MEND(measured_at) ", " MEND(told_at),
    [SK_SQL_MOMENTS_MEND_REFRESHES] =
	"UPDATE refreshes SET first_seen_at = ?2 WHERE first_seen_at > ?1",
    [SK_SQL_MOMENTS_MEND_COMMANDS] =
	"UPDATE remote_commands SET " MEND(sent_at) ", " MEND(ended_at),
    [SK_SQL_MOMENTS_MEND_NOT_LISTED] = "UPDATE not_listed SET " MEND(before_at) ", " MEND(last_at),
    [SK_SQL_MOMENTS_MEND_UNOWNED] =
	"UPDATE unowned SET first_seen_at = ?2 WHERE first_seen_at > ?1",
    [SK_SQL_MOMENTS_MEND_NOT_OURS] = "UPDATE not_ours SET said_at = ?2 WHERE said_at > ?1",
    [SK_SQL_MOMENTS_MEND_REFUSALS] = "UPDATE refusals SET refused_at = ?2 WHERE refused_at > ?1",
    [SK_SQL_MOMENTS_MEND_FACTS] =
	"UPDATE facts SET value = ?2 WHERE name GLOB '*_at' AND value > ?1",
    [SK_SQL_MOMENTS_DELAY_UNKNOWN] =
	"UPDATE pms_writebacks SET unknown_at = ?1, absent_at = NULL, absent_list = NULL "
	"WHERE " LIVING " AND result = 'unknown' AND writeback_id IS NULL AND unknown_at < ?1",
    /* Two looks have freed the key: SK_LIFE_SEEN_GONE. */
    [SK_SQL_MOMENTS_DELAY_LOOKS] =
	"UPDATE pms_writebacks SET withdrawn_at = ?1, looks = 0 "
	"WHERE " UNDONE " AND " LOOKED_FOR " AND looks < 2 AND withdrawn_at < ?1",

    [SK_SQL_CLOCK_GET] = "SELECT boot_id, boot_ms, server_at, machine_at, is_known, jump_ms, "
			 "jump_seen_at FROM clock",
    [SK_SQL_CLOCK_PUT] =
	"INSERT OR REPLACE INTO clock (one, boot_id, boot_ms, server_at, machine_at, is_known, "
	"jump_ms, jump_seen_at) VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [SK_SQL_HEARTBEAT_PUT] =
	"INSERT OR REPLACE INTO heartbeats (task, beat, succeeded_at, boot_id, boot_ms) "
	"VALUES (?1, (SELECT coalesce(max(beat), 0) + 1 FROM heartbeats), ?2, ?3, ?4)",
    [SK_SQL_HEARTBEATS] = "SELECT task, succeeded_at, boot_id FROM heartbeats ORDER BY beat",
    [SK_SQL_REFUSAL_PUT] =
	"INSERT OR REPLACE INTO refusals (scope, code, refused_at) VALUES (?1, ?2, ?3)",
    [SK_SQL_REFUSAL_DROP] = "DELETE FROM refusals WHERE scope = ?1",
    [SK_SQL_REFUSAL_GET] = "SELECT code, refused_at FROM refusals WHERE scope = ?1",

    [SK_SQL_MEASURE_PUT] =
	"INSERT INTO measures (name, largest, bound, measured_at, row_id, writeback_id) "
	"VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (name) DO UPDATE SET "
	"largest = excluded.largest, bound = excluded.bound, measured_at = excluded.measured_at, "
	"row_id = excluded.row_id, writeback_id = excluded.writeback_id "
	"WHERE excluded.largest > largest",
    [SK_SQL_MEASURE_TOLD] = "SELECT told_at, told FROM measures WHERE name = ?1",
    [SK_SQL_MEASURE_TELL] = "UPDATE measures SET told_at = ?2, told = ?3 WHERE name = ?1",
    [SK_SQL_MEASURES] = "SELECT name, largest, measured_at FROM measures",
    [SK_SQL_ABSENCES] = "SELECT id, writeback_id, submitted_at, n.lists, n.list, n.before_at, "
			"n.last_at, n.was_shown "
			"FROM pms_writebacks INDEXED BY pms_writebacks_accepted "
			"LEFT JOIN not_listed n ON n.row_id = id "
			"WHERE writeback_id IS NOT NULL AND withdraw_at IS NULL "
			"AND submitted_at > ?1 AND submitted_at <= ?2 AND attempts > 0 "
			"AND NOT " LOST,
    [SK_SQL_ABSENCE_PUT] = "INSERT OR REPLACE INTO not_listed (row_id, lists, list, before_at, "
			   "last_at, was_shown) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [SK_SQL_ABSENCE_FORGET] = "DELETE FROM not_listed WHERE row_id = ?1",
    [SK_SQL_ABSENCES_TRIM] = "DELETE FROM not_listed WHERE last_at < ?1",
    [SK_SQL_UNTOLD_ADD] = "INSERT OR REPLACE INTO untold (row_id, teller) "
			  "SELECT id, ?2 FROM pms_writebacks WHERE id = ?1",
    [SK_SQL_UNTOLD_TELLERS] = "SELECT DISTINCT teller FROM untold WHERE teller <> ?1",
    [SK_SQL_UNTOLD_TAKE] =
	"UPDATE untold SET teller = ?3 WHERE teller = ?2 AND row_id IN "
	"(SELECT id FROM pms_writebacks WHERE id = row_id AND " WANTED_OFFICE ")",
    [SK_SQL_UNTOLD_ROWS] = "SELECT row_id FROM untold JOIN pms_writebacks ON id = row_id "
			   "WHERE teller = ?2 AND " WANTED_OFFICE "ORDER BY row_id",
    [SK_SQL_UNTOLD_ANY] = "SELECT 1 FROM untold WHERE teller = ?1 LIMIT 1",
    [SK_SQL_UNTOLD_STRIKE] = "DELETE FROM untold WHERE row_id = ?1 AND teller = ?2",
    STATEMENTS_OF_HAND_OVERS,
};

const char *
sk_sql_text(enum sk_sql which)
{
	return statements[which];
}
