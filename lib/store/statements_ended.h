/* SPDX-License-Identifier: MIT */
/*
 * statements_ended: private to statements.c: statements about rows that have ended: how what they hold of patients is
 * cleared, and how they are taken out. secure_delete is on, so that no byte of it stays in the file.
 */
#ifndef SK_STORE_STATEMENTS_ENDED_H
#define SK_STORE_STATEMENTS_ENDED_H

#include "store/statements_rows.h"

/*
 * What may be cleared of a row that ended before ?1. ?3: what was found not received later is looked for; ?4: what ended
 * before that need not recognize an equal request any more, nor the request of what was taken over.
 */
#define CLEARABLE                                                        \
	"result IN ('completed', 'failed', 'withdrawn') "                \
	"AND (completed_at < ?4 OR (unclaimed = 0 "                      \
	"AND (request_body IS NOT NULL OR error_message IS NOT NULL))) " \
	"AND (not_received_at IS NULL OR not_received_at < ?3) "         \
	"AND (resolved_at IS NULL OR resolved_at < ?3) "
/* The ?2 rows that follow the row ?6, which ended at ?5, and whether they may be cleared: no more are looked at. */
#define PURGEABLE                                                                \
	"SELECT id, completed_at, " CLEARABLE                                    \
	"FROM pms_writebacks INDEXED BY pms_writebacks_unpurged WHERE " UNPURGED \
	" AND completed_at < ?1 AND (completed_at, id) > (?5, ?6) "              \
	"ORDER BY completed_at, id LIMIT ?2"
/* ?5: the numbers of rows. Some may have changed since they were found. */
#define PURGE                                                                          \
	"UPDATE pms_writebacks SET request_body = NULL, error_message = NULL, "        \
	"content_key = iif(completed_at < ?4, NULL, content_key), "                    \
	"holds_content = iif(completed_at < ?4, 0, holds_content), "                   \
	"unclaimed = 0, purged_at = ?2 WHERE id IN (SELECT value FROM json_each(?5)) " \
	"AND " UNPURGED " AND completed_at < ?1 AND " CLEARABLE

#define PATIENT_ID OF_BODY("patient_id")
#define GUARANTOR_ID OF_BODY("guarantor_id")
#define APPOINTMENT OF_BODY("appointment_sr_no")
#define FIRST_NAME OF_BODY("firstname")
#define LAST_NAME OF_BODY("lastname")
#define BORN OF_BODY("birthdate")
#define FULL_NAME "lower(" FIRST_NAME "), lower(" LAST_NAME "), " BORN

/*
 * The rows of office ?1 that hold something of patient ?2: about the patient (own), or with the patient as guarantor;
 * about an appointment that one of the own rows made or names; and with the name and date of birth of one of them, as of
 * a registration that failed, so that there is no number. The own rows come last: the others can't be found without them.
 */
/* clang-format off */
#define PERSON \
	"WITH own AS (SELECT id, practice_id, appointment_sr_no, request_body FROM pms_writebacks " \
	"INDEXED BY pms_writebacks_of_office WHERE office_id = ?1 AND " \
	"(endpoint = '/patient/' || ?2 OR " PATIENT_ID " = ?2 OR (created_id = ?2 " \
	"AND endpoint IN ('/patient', '/veterinary_patient')))), " \
	"booked AS (SELECT practice_id, appointment_sr_no AS number FROM own UNION " \
	"SELECT practice_id, " APPOINTMENT " FROM own) " \
	"SELECT w.id FROM pms_writebacks w INDEXED BY pms_writebacks_of_office " \
	"WHERE w.office_id = ?1 AND " UNPURGED " AND (w.id IN (SELECT id FROM own) " \
	"OR " GUARANTOR_ID " = ?2 OR EXISTS (SELECT 1 FROM booked b " \
	"WHERE b.practice_id IS w.practice_id AND (w.appointment_sr_no = b.number " \
	"OR w.endpoint = '/appointments/' || b.number OR " APPOINTMENT " = b.number)) " \
	"OR (" FULL_NAME ") IN (SELECT " FULL_NAME " FROM own)) ORDER BY w.id IN (SELECT id FROM own), w.id"
/* clang-format on */

#define NUMBERED "(SELECT value FROM json_each(?1))"

/* clang-format off */
/* ?1: the numbers of rows, as a JSON array, as in those below. */
#define ERASE \
	"UPDATE pms_writebacks SET request_body = NULL, content_key = NULL, error_message = NULL, " \
	"holds_content = 0, unclaimed = 0, purged_at = ?2 WHERE id IN " NUMBERED

/*
 * What may be taken out: it ended before ?1, is neither looked for nor doubled at the server, and nobody waits for its
 * record or for an event of it. ?2: no event of it is later; ?3: only these rows, if there are any.
 */
#define ARCHIVABLE \
	"FROM pms_writebacks w INDEXED BY pms_writebacks_ended " \
	"WHERE completed_at IS NOT NULL AND completed_at < ?1 " \
	"AND result IN ('completed', 'failed', 'withdrawn') " \
	"AND (not_received_at IS NULL OR not_received_at < ?1) " \
	"AND (resolved_at IS NULL OR resolved_at < ?1) " \
	"AND (doubled_id IS NULL OR doubled_withdrawn_at IS NOT NULL) " \
	"AND (?3 IS NULL OR id IN (SELECT value FROM json_each(?3))) " \
	"AND NOT EXISTS (SELECT 1 FROM untold u WHERE u.row_id = w.id) " \
	"AND NOT EXISTS (SELECT 1 FROM handed_rows h WHERE h.row_id = w.id) " \
	"AND NOT EXISTS (SELECT 1 FROM events e INDEXED BY events_of_row " \
	"WHERE e.row_id = w.id AND e.row_id IS NOT NULL AND (e.id > ?2 OR (e.outbox = 1 " \
	"AND e.delivered_at IS NULL AND e.dropped_at IS NULL))) "

#define ARCHIVE_KEPT \
	"id, key, office_id, practice_id, operation, method, endpoint, has_secret, " \
	"result, error_code, writeback_id, created_id, appointment_sr_no, completed_at "
#define ARCHIVE_KEYS \
	"INSERT INTO archived (" ARCHIVE_KEPT ") SELECT " ARCHIVE_KEPT "FROM pms_writebacks " \
	"WHERE id IN " NUMBERED " AND key IS NOT NULL AND holds_key = 1"
#define ARCHIVE_RECALL "SELECT " ARCHIVE_KEPT "FROM archived WHERE id = ?1"

/*
 * Counts how often rows ended. The count must never fall, although a row that was retried, turned up after all, was
 * carried out in spite of a withdrawal, or was taken out has left an earlier end. Nearly all of it is read from indexes.
 */
#define ENDS \
	"SELECT office_id, sum(a), sum(b), sum(c) FROM (SELECT office_id, count(*) AS a, 0 AS b, " \
	"0 AS c FROM pms_writebacks GROUP BY office_id " \
	"UNION ALL SELECT office_id, -1, 0, 0 FROM pms_writebacks WHERE " LIVING \
	" UNION ALL SELECT office_id, -1, result = 'failed', result = 'withdrawn' " \
	"FROM pms_writebacks WHERE " UNDONE \
	" UNION ALL SELECT office_id, 0, 1, 0 FROM pms_writebacks " \
	"WHERE not_received_at IS NOT NULL AND retries = 0 AND result <> 'failed' " \
	"UNION ALL SELECT office_id, 0, 1, 0 FROM events WHERE kind = ?1 " \
	"UNION ALL SELECT w.office_id, 0, w.withdraw_reason = 'stuck' AND w.result <> 'failed', " \
	"w.withdraw_reason = 'person' FROM events e JOIN pms_writebacks w ON w.id = e.row_id " \
	"WHERE e.kind = ?2 " \
	"UNION ALL SELECT office_id, completed, failed, withdrawn FROM archived_ends) " \
	"GROUP BY office_id"

/* So that the numbers of ended requests never fall (SK_SQL_ENDS, SK_SQL_STRAIGHT). */
#define ARCHIVE_ENDS \
	"INSERT INTO archived_ends (office_id, completed, failed, withdrawn, straight, took_ms) " \
	"SELECT office_id, sum(a), sum(b), sum(c), sum(d), sum(d * took) FROM (" \
	"SELECT office_id, result = 'completed' AS a, (result = 'failed') + (not_received_at IS NOT NULL " \
	"AND retries = 0 AND result <> 'failed') AS b, result = 'withdrawn' AS c, " \
	"ifnull(took_ms, 0) > 0 AND unknown_at IS NULL AND withdraw_at IS NULL AND result = 'completed' AS d, " \
	"ifnull(took_ms, 0) AS took FROM pms_writebacks WHERE id IN " NUMBERED " " \
	"UNION ALL SELECT office_id, 0, 1, 0, 0, 0 FROM events WHERE kind = ?2 AND row_id IN " NUMBERED " " \
	"UNION ALL SELECT w.office_id, 0, ifnull(w.withdraw_reason = 'stuck' AND w.result <> 'failed', 0), " \
	"ifnull(w.withdraw_reason = 'person', 0), 0, 0 FROM events e JOIN pms_writebacks w ON w.id = e.row_id " \
	"WHERE e.kind = ?3 AND e.row_id IN " NUMBERED ") WHERE true GROUP BY office_id " \
	"ON CONFLICT (office_id) DO UPDATE SET completed = completed + excluded.completed, " \
	"failed = failed + excluded.failed, withdrawn = withdrawn + excluded.withdrawn, " \
	"straight = straight + excluded.straight, took_ms = took_ms + excluded.took_ms"
/* clang-format on */

#endif
