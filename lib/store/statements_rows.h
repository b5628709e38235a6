/* SPDX-License-Identifier: MIT */
/*
 * statements_rows: private to statements.c: the parts of statements about the rows of pms_writebacks, and what
 * struct sk_filter asks of them.
 */
#ifndef SK_STORE_STATEMENTS_ROWS_H
#define SK_STORE_STATEMENTS_ROWS_H

#include "store/codes.h"
#include "store/writebacks.h"

/* The columns of pms_writebacks but id, and as many slots: ?1, ?2 … in that order. */
#define NAME(name, kind) #name
#define NEXT_NAME(name, kind) ", " #name
#define SLOT(name, kind) "?"
#define NEXT_SLOT(name, kind) ", ?"
#define COLUMNS SK_WRITEBACK_COLUMNS(NAME, NEXT_NAME)
#define SLOTS SK_WRITEBACK_COLUMNS(SLOT, NEXT_SLOT)

/* A partial index is used only by statements that repeat its condition word for word. */
#define LIVING                                                                           \
	"(result = 'queued' OR result = 'submitting' OR result = 'pending' OR result = " \
	"'unknown')"
#define UNDONE "result IN ('failed', 'withdrawn')"
#define UNPURGED \
	"(request_body IS NOT NULL OR content_key IS NOT NULL OR error_message IS NOT NULL)"
#define HELD "content_key IS NOT NULL AND holds_content > 0"
/* It was carried out and never in doubt. */
#define STRAIGHT "result = 'completed' AND unknown_at IS NULL AND withdraw_at IS NULL "
#define OF_CONTENT "FROM pms_writebacks WHERE content_key = ?1 "
#define UNCLAIMED "FROM pms_writebacks WHERE unclaimed = 1 AND office_id = ?1 AND "
#define STANDS_OR_MAY "(" STANDS " OR holds_content > 0) "
#define STANDS "result NOT IN ('failed', 'withdrawn')"
#define LOOKED_FOR                                                                              \
	"writeback_id IS NOT NULL AND resolved_at IS NULL "                                     \
	"AND (result = 'withdrawn' OR (result = 'failed' AND error_code = '" SK_CODE_STUCK_NAME \
	"'))"
/* Looked for in vain three times (SK_LIFE_GONE) and in a list; maybe a person has decided about it since. */
#define LOST "(gone_looks >= 3 AND (result = 'unknown' OR resolved_at IS NOT NULL))"

/* A field of the body as text; none once it was purged. */
#define OF_BODY(field)                                                                            \
	"CASE WHEN json_valid(request_body) THEN CAST(json_extract(request_body, '$." field "') " \
	"AS TEXT) END"
/* What was sent about the thing with that number, and what made it. The body's part doesn't outlast a purge. */
#define OF_APPOINTMENT                                                   \
	"appointment_sr_no = ?16 OR endpoint = '/appointments/' || ?16 " \
	"OR " OF_BODY("appointment_sr_no") " = ?16"
#define OF_PATIENT                                                             \
	"endpoint = '/patient/' || ?17 OR " OF_BODY(                           \
	    "patient_id") " = ?17 "                                            \
			  "OR (created_id = ?17 AND endpoint IN ('/patient', " \
			  "'/veterinary_patient'))"

/* The conditions of struct sk_filter. Their parameters are bound in query.c. */
#define CONDITIONS                                                                         \
	"(?1 IS NULL OR result IN (SELECT value FROM json_each(?1))) "                     \
	"AND (?2 IS NULL OR office_id IN (SELECT value FROM json_each(?2))) "              \
	"AND (?3 IS NULL OR id IN (SELECT value FROM json_each(?3))) "                     \
	"AND (?4 IS NULL OR queued_at >= ?4) "                                             \
	"AND (?5 IS NULL OR completed_at < ?5) "                                           \
	"AND (?6 IS NULL OR last_checked_at IS NULL OR last_checked_at < ?6) "             \
	"AND (?7 IS NULL OR not_received_at IS NOT NULL) "                                 \
	"AND (?8 IS NULL OR (" LOOKED_FOR " AND coalesce(submitted_at, queued_at) > ?8)) " \
	"AND (?9 IS NULL OR (doubled_id IS NOT NULL AND doubled_withdrawn_at IS NULL)) "   \
	"AND (?10 IS NULL OR request_body IS NOT NULL OR content_key IS NOT NULL) "        \
	"AND (?12 IS NULL OR resolved_at >= ?12) "                                         \
	"AND (?14 IS NULL OR key = ?14) "                                                  \
	"AND (?15 IS NULL OR writeback_id = ?15 OR doubled_id = ?15) "                     \
	"AND (?16 IS NULL OR " OF_APPOINTMENT ") "                                         \
	"AND (?17 IS NULL OR " OF_PATIENT ") "                                             \
	"AND (?18 IS NULL OR error_code = ?18) "                                           \
	"ORDER BY id LIMIT ?11"
#define FOUND_BY_LOOKS UNDONE " AND " LOOKED_FOR " AND submitted_at > ?8"
#define FOUND_BY_DECISION "resolved_at IS NOT NULL AND resolved_at >= ?12"
/* Whether there may be such a row at all: its index and its condition alone. */
#define ANY(index, driver) "SELECT 1 FROM pms_writebacks " index " WHERE " driver " LIMIT 1"
#define FIND(index, driver) \
	"SELECT id, " COLUMNS " FROM pms_writebacks " index " WHERE " driver " AND " CONDITIONS

#endif
