/* SPDX-License-Identifier: MIT */
/*
 * statements_ended: private to statements.c: statements about rows that have ended: how what they hold of patients is
 * cleared. secure_delete is on, so that no byte of it stays in the file.
 */
#ifndef SK_STORE_STATEMENTS_ENDED_H
#define SK_STORE_STATEMENTS_ENDED_H

#include "store/statements_rows.h"

/* ?4: until then an equal request has to be recognized, and the request of what was taken over. */
#define PURGE                                                                     \
	"UPDATE pms_writebacks SET request_body = NULL, error_message = NULL, "   \
	"content_key = iif(completed_at < ?4, NULL, content_key), "               \
	"holds_content = iif(completed_at < ?4, 0, holds_content), "              \
	"unclaimed = 0, purged_at = ?2 WHERE " UNPURGED " AND completed_at < ?1 " \
	"AND result IN ('completed', 'failed', 'withdrawn') "                     \
	"AND (completed_at < ?4 OR (unclaimed = 0 "                               \
	"AND (request_body IS NOT NULL OR error_message IS NOT NULL))) "          \
	"AND (not_received_at IS NULL OR not_received_at < ?3) "                  \
	"AND (resolved_at IS NULL OR resolved_at < ?3)"

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
 * a registration that failed, so that there is no number.
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
	"OR (" FULL_NAME ") IN (SELECT " FULL_NAME " FROM own)) ORDER BY w.id"
/* clang-format on */

/* ?1: the numbers of rows, as a JSON array. */
#define ERASE                                                                                 \
	"UPDATE pms_writebacks SET request_body = NULL, content_key = NULL, error_message = " \
	"NULL, "                                                                              \
	"holds_content = 0, unclaimed = 0, purged_at = ?2 "                                   \
	"WHERE id IN (SELECT value FROM json_each(?1))"

#endif
