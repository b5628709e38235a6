/* SPDX-License-Identifier: MIT */
/*
 * statements_hand_over: private to statements.c: what of an office goes to another host, as JSON, and what comes from
 * one. In these objects the columns have their names; numbers of this file are replaced by whoever takes them.
 */
#ifndef SK_STORE_STATEMENTS_HAND_OVER_H
#define SK_STORE_STATEMENTS_HAND_OVER_H

#include "store/writebacks.h"

/* clang-format off */
/* How the columns of a list below are written: as members of what is given, as names, and as what was given. */
#define MEMBER(column) ", '" #column "', " #column
#define NAMED(column) ", " #column
#define GIVEN(column) ", json_extract(?1, '$." #column "')"

#define MEMBER_OF_ROW(column, kind) MEMBER(column)

#define OF_OFFICE(X)                                                                  \
	X(secret_key) X(request_key) X(refresh_key) X(token_expiry) X(status)         \
	    X(domain) X(last_error) X(renewed_at) X(renewal_tried_at)                 \
	        X(renewal_refused_at) X(held_at) X(suspect_at) X(missing_at)
#define OF_PRACTICE(X)                                                            \
	X(practice_id) X(practice_name) X(pms) X(pms_version) X(domain) X(status) \
	    X(missing_at) X(is_location) X(time_zone) X(utc_offset)
#define OF_RUN(X) X(started_at) X(ended_at) X(user) X(uid) X(host) X(pid) X(parent)
#define OF_EVENT(X)                                                               \
	X(happened_at) X(kind) X(text) X(outbox) X(delivered_at) X(tries) X(set_aside_at)
#define OF_NOT_OURS(X) X(content_key) X(said_at)
#define OF_ARCHIVED(X)                                                                     \
	X(key) X(practice_id) X(operation) X(method) X(endpoint) X(has_secret) X(result)   \
	    X(error_code) X(writeback_id) X(created_id) X(appointment_sr_no) X(completed_at)

/* What has nothing but columns of lists above: as objects, and from one. */
#define GIVE(table, columns)                                                           \
	"SELECT json_object('table', '" table "', 'office_id', office_id" columns(MEMBER) ") " \
	"FROM " table " WHERE office_id = ?1"
#define TAKE(table, columns)                                  \
	"INSERT INTO " table " (office_id" columns(NAMED) ") " \
	"SELECT json_extract(?1, '$.office_id')" columns(GIVEN)

#define HAND_OVER "SELECT name, office_id, newest, handed_at FROM hand_overs "
#define GIVEN_AWAY "way = 'out' AND back_at IS NULL"
#define OR_GIVEN_AWAY \
	"UNION ALL SELECT 1 FROM hand_overs WHERE office_id = ?1 AND " GIVEN_AWAY " "
#define PAUSED_HERE "why = 'paused' AND office_id = ?1 "

/* ?2: the moment of the hand-over, at which what waited for delivery was dropped here. */
#define WAITS_FOR_DELIVERY                                             \
	"(outbox = 1 AND delivered_at IS NULL AND leader IS NULL AND " \
	"(dropped_at IS NULL OR dropped_at = ?2))"

#define SAME_EVENT \
	"kind = json_extract(?1, '$.kind') AND office_id = json_extract(?1, '$.office_id') " \
	"AND happened_at = json_extract(?1, '$.happened_at') AND text IS json_extract(?1, '$.text') "

#define STATEMENTS_OF_HAND_OVERS \
	[SK_SQL_HANDED_OUT] = HAND_OVER "WHERE office_id = ?1 AND " GIVEN_AWAY, \
	[SK_SQL_HANDED_IN] = \
	    HAND_OVER "WHERE office_id = ?1 AND way = 'in' ORDER BY number DESC LIMIT 1", \
	[SK_SQL_HAND_OVER_KNOWN] = "SELECT 1 FROM hand_overs WHERE name = ?1 AND way = ?2", \
	[SK_SQL_HANDED_IN_OFFICES] = \
	    "SELECT DISTINCT h.office_id FROM hand_overs h JOIN pms_integrations USING (office_id) " \
	    "WHERE way = 'in' ORDER BY 1", \
	[SK_SQL_HANDED_OUT_OFFICES] = \
	    "SELECT office_id FROM hand_overs WHERE " GIVEN_AWAY " ORDER BY 1", \
	[SK_SQL_HAND_OVER_NAMES] = \
	    "SELECT name FROM hand_overs WHERE office_id = ?1 AND way = 'in' ORDER BY number", \
	[SK_SQL_HAND_OVER_ADD] = \
	    "INSERT INTO hand_overs (name, way, office_id, newest, handed_at, noted_at, run) " \
	    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", \
	[SK_SQL_HAND_OVER_BACK] = \
	    "UPDATE hand_overs SET back_at = ?2 WHERE office_id = ?1 AND " GIVEN_AWAY, \
	[SK_SQL_NEWEST_ID] = \
	    "SELECT max(CAST(id AS INTEGER)) FROM (SELECT writeback_id AS id FROM pms_writebacks " \
	    "UNION ALL SELECT doubled_id FROM pms_writebacks " \
	    "UNION ALL SELECT writeback_id FROM archived " \
	    "UNION ALL SELECT writeback_id FROM unowned UNION ALL SELECT writeback_id FROM not_ours)", \
	[SK_SQL_HANDED_ROWS_NAME] = \
	    "INSERT OR IGNORE INTO handed_rows (row_id, origin) " \
	    "SELECT id, ?2 || '/' || id FROM pms_writebacks WHERE office_id = ?1", \
	[SK_SQL_HANDED_ROW_ADD] = "INSERT INTO handed_rows (row_id, origin) VALUES (?1, ?2)", \
	[SK_SQL_HANDED_ROW_FIND] = "SELECT row_id FROM handed_rows WHERE origin = ?1", \
	[SK_SQL_HANDED_EVENTS_DROP] = \
	    "UPDATE events SET dropped_at = ?2 WHERE office_id = ?1 AND outbox = 1 " \
	    "AND delivered_at IS NULL AND dropped_at IS NULL", \
	[SK_SQL_HANDED_PAUSE_END] = \
	    "UPDATE holds SET ended_at = ?2, ended_by = 'given away' " \
	    "WHERE " PAUSED_HERE "AND ended_at IS NULL", \
	[SK_SQL_GIVE_OFFICE] = GIVE("pms_integrations", OF_OFFICE), \
	[SK_SQL_GIVE_PRACTICES] = GIVE("practices", OF_PRACTICE) " ORDER BY practice_id", \
	[SK_SQL_GIVE_ROWS] = \
	    "SELECT json_object('table', 'pms_writebacks', 'id', id, 'origin', " \
	    "(SELECT origin FROM handed_rows WHERE row_id = id)" \
	    SK_WRITEBACK_COLUMNS(MEMBER_OF_ROW, MEMBER_OF_ROW) ") " \
	    "FROM pms_writebacks WHERE office_id = ?1 ORDER BY id", \
	[SK_SQL_GIVE_RUNS] = \
	    "SELECT json_object('table', 'runs', 'run', run, 'command', command" OF_RUN(MEMBER) ") " \
	    "FROM (SELECT run, command, started_at, coalesce(ended_at, started_at) AS ended_at, user, " \
	    "uid, host, pid, parent FROM runs) WHERE run IN " \
	    "(SELECT run FROM events WHERE office_id = ?1) ORDER BY run", \
	[SK_SQL_GIVE_PAUSES] = \
	    "SELECT json_object('table', 'pauses', 'office_id', office_id, 'since', since, 'run', run) " \
	    "FROM holds WHERE " PAUSED_HERE \
	    "AND (ended_at IS NULL OR (ended_at = ?2 AND ended_by = 'given away'))", \
	[SK_SQL_GIVE_EVENTS] = \
	    "SELECT json_object('table', 'events', 'office_id', office_id, 'row_id', row_id, " \
	    "'run', run, 'dropped_at', " \
	    "iif(" WAITS_FOR_DELIVERY ", NULL, iif(outbox = 1 AND delivered_at IS NULL, " \
	    "coalesce(dropped_at, ?2), dropped_at))" OF_EVENT(MEMBER) ") FROM events " \
	    "WHERE office_id = ?1 AND kind <> 'given_away' ORDER BY id", \
	[SK_SQL_GIVE_NOT_OURS] = \
	    "SELECT json_object('table', 'not_ours', 'writeback_id', writeback_id, " \
	    "'office_id', office_id" OF_NOT_OURS(MEMBER) ") FROM not_ours " \
	    "WHERE office_id = ?1 ORDER BY writeback_id", \
	[SK_SQL_GIVE_ARCHIVED] = GIVE("archived", OF_ARCHIVED) " ORDER BY id", \
	[SK_SQL_TAKE_OFFICE] = TAKE("pms_integrations", OF_OFFICE), \
	[SK_SQL_TAKE_PRACTICE] = TAKE("practices", OF_PRACTICE), \
	[SK_SQL_TAKE_RUN] = \
	    "INSERT INTO runs (command" OF_RUN(NAMED) ") " \
	    "SELECT json_extract(?1, '$.command')" OF_RUN(GIVEN), \
	[SK_SQL_TAKE_PAUSE] = \
	    "INSERT INTO holds (why, office_id, since, after_list, lists_wanted, run) " \
	    "SELECT 'paused', json_extract(?1, '$.office_id'), json_extract(?1, '$.since'), 0, 1, ?2 " \
	    "WHERE NOT EXISTS (SELECT 1 FROM holds WHERE ended_at IS NULL AND why = 'paused' " \
	    "AND office_id = json_extract(?1, '$.office_id'))", \
	[SK_SQL_TAKE_EVENT] = \
	    "INSERT INTO events (office_id, row_id, run, dropped_at" OF_EVENT(NAMED) ") " \
	    "SELECT json_extract(?1, '$.office_id'), ?2, ?3, json_extract(?1, '$.dropped_at')" \
	    OF_EVENT(GIVEN) " WHERE iif(?2 IS NULL, " \
	    "NOT EXISTS (SELECT 1 FROM events INDEXED BY events_made " \
	    "WHERE " SAME_EVENT "AND " SK_NO_COURSE " AND row_id IS NULL), " \
	    "NOT EXISTS (SELECT 1 FROM events INDEXED BY events_of_row " \
	    "WHERE " SAME_EVENT "AND row_id = ?2))", \
	[SK_SQL_NUMBERS_BEGIN] = \
	    "INSERT INTO sqlite_sequence (name, seq) SELECT 'pms_writebacks', 0 " \
	    "WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'pms_writebacks')", \
	[SK_SQL_NUMBER_USE] = \
	    "UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'pms_writebacks'", \
	[SK_SQL_ARCHIVED_OFFICE] = "SELECT office_id FROM archived WHERE key = ?1", \
	[SK_SQL_TAKE_ARCHIVED] = \
	    "INSERT INTO archived (id, office_id" OF_ARCHIVED(NAMED) ") " \
	    "SELECT (SELECT seq FROM sqlite_sequence WHERE name = 'pms_writebacks'), " \
	    "json_extract(?1, '$.office_id')" OF_ARCHIVED(GIVEN), \
	[SK_SQL_TAKE_NOT_OURS] = \
	    "INSERT OR IGNORE INTO not_ours (writeback_id, run, office_id" OF_NOT_OURS(NAMED) ") " \
	    "SELECT json_extract(?1, '$.writeback_id'), ?2, json_extract(?1, '$.office_id')" \
	    OF_NOT_OURS(GIVEN)
/* clang-format on */

#endif
