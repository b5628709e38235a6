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

#define NUMBERED "(SELECT value FROM json_each(?1))"

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
#define IS_OWN \
	"(endpoint = '/patient/' || ?2 OR " PATIENT_ID " = ?2 OR (created_id = ?2 " \
	"AND endpoint IN ('/patient', '/veterinary_patient')))"
#define BOOKED \
	"booked AS (SELECT id, practice_id, appointment_sr_no AS number FROM own UNION " \
	"SELECT id, practice_id, " APPOINTMENT " FROM own) "
/* Of row w, whether it is about the appointment b of the own rows. */
#define IS_ABOUT_BOOKED \
	"b.practice_id IS w.practice_id AND (w.appointment_sr_no = b.number " \
	"OR w.endpoint = '/appointments/' || b.number OR " APPOINTMENT " = b.number)"
#define PERSON \
	"WITH own AS (SELECT id, practice_id, appointment_sr_no, request_body FROM pms_writebacks " \
	"INDEXED BY pms_writebacks_of_office WHERE office_id = ?1 AND " IS_OWN "), " BOOKED \
	"SELECT w.id FROM pms_writebacks w INDEXED BY pms_writebacks_of_office " \
	"WHERE w.office_id = ?1 AND " UNPURGED " AND (w.id IN (SELECT id FROM own) " \
	"OR " GUARANTOR_ID " = ?2 OR EXISTS (SELECT 1 FROM booked b WHERE " IS_ABOUT_BOOKED ") " \
	"OR (" FULL_NAME ") IN (SELECT " FULL_NAME " FROM own)) ORDER BY w.id IN (SELECT id FROM own), w.id"

/*
 * Which of the rows ?1 are own rows of patient ?2 without which one of the rows ?3 couldn't be found: a row that is
 * neither an own one nor names the patient as guarantor.
 */
#define PERSON_LEADS \
	"WITH own AS (SELECT id, practice_id, appointment_sr_no, request_body FROM pms_writebacks " \
	"WHERE id IN " NUMBERED " AND " IS_OWN "), " BOOKED ", " \
	"named AS (SELECT id, lower(" FIRST_NAME ") AS first, lower(" LAST_NAME ") AS last, " BORN " AS born FROM own), " \
	"led AS (SELECT id, practice_id, appointment_sr_no, endpoint, request_body FROM pms_writebacks " \
	"WHERE id IN (SELECT value FROM json_each(?3)) AND (" IS_OWN " OR " GUARANTOR_ID " = ?2) IS NOT TRUE) " \
	"SELECT b.id FROM booked b, led w WHERE " IS_ABOUT_BOOKED \
	" UNION SELECT n.id FROM named n, led w WHERE (" FULL_NAME ") = (n.first, n.last, n.born)"
/* clang-format on */

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
 * The kept counts (store/ends): what the rows that meet the condition show of ends, by office. is_past 0: the ends that the
 * rows of the file show now; 1: those of rows that have left them, or that were taken out. sign: 1, or -1 for fewer.
 */
#define ENDS_SHOWN(is_past, sign, condition) \
	"SELECT office_id, " is_past ", " sign " * sum(result = 'completed'), " sign " * sum(result = 'failed'), " \
	sign " * sum(result = 'withdrawn'), " sign " * sum(" COUNTS_AS_STRAIGHT "), " \
	sign " * sum(iif(" COUNTS_AS_STRAIGHT ", took_ms, 0)) FROM pms_writebacks " \
	"WHERE " condition " AND " HAS_ENDED " GROUP BY +office_id"
#define COUNTS_AS_STRAIGHT "(" STRAIGHT "AND ifnull(took_ms, 0) > 0)"
#define HAS_ENDED "result IN ('completed', 'failed', 'withdrawn')"
#define ENDS_COLUMNS "ends (office_id, is_past, completed, failed, withdrawn, straight, took_ms) "

/* ?1: the numbers of rows, as a JSON array; ?2: is_past; ?3: the sign. */
#define ENDS_ADD \
	"INSERT INTO " ENDS_COLUMNS ENDS_SHOWN("?2", "?3", "id IN " NUMBERED) \
	" ON CONFLICT (office_id, is_past) DO UPDATE SET completed = completed + excluded.completed, " \
	"failed = failed + excluded.failed, withdrawn = withdrawn + excluded.withdrawn, " \
	"straight = straight + excluded.straight, took_ms = took_ms + excluded.took_ms"
#define ENDS_COUNT_ANEW "INSERT INTO " ENDS_COLUMNS ENDS_SHOWN("0", "1", "true")

/* A row for each office whose kept counts aren't those that its rows show. */
#define ENDS_KEPT \
	"SELECT * FROM ends WHERE is_past = 0 AND (completed <> 0 OR failed <> 0 OR withdrawn <> 0)"
#define ENDS_DIFFER \
	"SELECT office_id FROM (SELECT * FROM (" ENDS_KEPT " EXCEPT " ENDS_SHOWN("0", "1", "true") ") " \
	"UNION ALL SELECT * FROM (" ENDS_SHOWN("0", "1", "true") " EXCEPT " ENDS_KEPT ")) LIMIT 1"
#define ENDS_EVER \
	"SELECT office_id, sum(completed), sum(failed), sum(withdrawn) FROM ends GROUP BY office_id ORDER BY office_id"
#define ENDS_STRAIGHT "SELECT sum(straight), sum(took_ms) FROM ends WHERE "

/*
 * Offices of which a request failed with the code ?1 since ?2, unless a later request of the office ended otherwise, or the
 * office got a new key since.
 */
#define REFUSED_OFFICES \
	"SELECT w.office_id, min(w.completed_at) FROM pms_writebacks w INDEXED BY pms_writebacks_failed " \
	"LEFT JOIN pms_integrations i ON i.office_id = w.office_id " \
	"WHERE w.completed_at >= ?2 AND w.result = 'failed' AND w.error_code = ?1 " \
	"AND coalesce(i.renewed_at, '') < w.completed_at " \
	"AND NOT EXISTS (SELECT 1 FROM pms_writebacks l INDEXED BY pms_writebacks_of_office " \
	"WHERE l.office_id = w.office_id AND l.queued_at >= w.queued_at " \
	"AND l.completed_at >= w.completed_at AND l.id > w.id AND l.error_code IS NOT ?1) " \
	"GROUP BY w.office_id"
/* clang-format on */

#endif
