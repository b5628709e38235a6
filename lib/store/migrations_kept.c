/* SPDX-License-Identifier: MIT */
/*
 * migrations: what the state file keeps so that nothing has to be counted, or looked for, in all of its rows;
 * and how a row is checked.
 */
#include "store/migrations.h"

#include <stddef.h>

#include "store/statements.h"
#include "store/statements_ended.h"

/*
 * For a list of more than two values SQLite would make a table, anew for each row that it writes. SQLite can't
 * change the check of a column, and a column that is made anew is written in each row: so only the text of the
 * table changes, in the way that the page "ALTER TABLE" of SQLite names. What holds for a row stays the same.
 */
const char *const SK_MIGRATION_CHECKS[] = {
    "PRAGMA writable_schema = ON",
    "UPDATE sqlite_schema SET sql = replace(sql, "
    "'result IN (''queued'', ''submitting'', ''pending'', ''unknown'', ''completed'', ''failed'', "
    "''withdrawn'')', "
    "'result = ''queued'' OR result = ''submitting'' OR result = ''pending'' OR "
    "result = ''unknown'' OR result = ''completed'' OR result = ''failed'' OR "
    "result = ''withdrawn''') WHERE type = 'table' AND name = 'pms_writebacks'",
    "PRAGMA writable_schema = RESET",
    NULL,
};

/* What isn't an office's own is looked for by its source alone. */
const char *const SK_MIGRATION_CHOICES[] = {
    "CREATE INDEX choices_by_source ON choices (source, read_at)",
    NULL,
};

/*
 * How often requests have ended, kept (store/ends.h). Which ends of rows were left again, earlier versions didn't note: they
 * are reckoned from what a retry, and a request that turned up, have left in the row and in its events.
 */
const char *const SK_MIGRATION_ENDS[] = {
    "CREATE TABLE ends (office_id TEXT NOT NULL, is_past INTEGER NOT NULL CHECK (is_past IN (0, "
    "1)), "
    "completed INTEGER NOT NULL, failed INTEGER NOT NULL, withdrawn INTEGER NOT NULL, "
    "straight INTEGER NOT NULL, took_ms INTEGER NOT NULL, "
    "PRIMARY KEY (office_id, is_past)) STRICT, WITHOUT ROWID",
    ENDS_COUNT_ANEW,
    "INSERT INTO " ENDS_COLUMNS "SELECT office_id, 1, 0, sum(a), sum(b), 0, 0 FROM "
    "(SELECT office_id, 1 AS a, 0 AS b FROM pms_writebacks "
    "WHERE not_received_at IS NOT NULL AND retries = 0 AND result <> 'failed' "
    "UNION ALL SELECT office_id, 1, 0 FROM events WHERE kind = 'retried' AND office_id IS NOT NULL "
    "UNION ALL SELECT w.office_id, ifnull(w.withdraw_reason = 'stuck' AND w.result <> 'failed', "
    "0), "
    "ifnull(w.withdraw_reason = 'person', 0) FROM events e JOIN pms_writebacks w ON w.id = "
    "e.row_id "
    "WHERE e.kind = 'contradiction') GROUP BY office_id",
    "CREATE INDEX events_used ON events (id) WHERE (tries > 0 OR delivered_at IS NOT NULL)",
    NULL,
};

/*
 * Fewer indexes, since each request pays for all that it is in, for as long as its row stays.
 *	queued       the moments of a row are in another index
 *	submitted    equal content is found by content
 *	content      rows that hold their content alone are unique in it, and all others are found by it, too
 *	unpurged     without rows that haven't ended
 *	failed       only these pay for it: whoever looks for a refusal passes by all others
 *	events_made  without the events that each request has
 */
const char *const SK_MIGRATION_INDEXES[] = {
    "DROP INDEX pms_writebacks_queued",
    "DROP INDEX pms_writebacks_submitted",
    "CREATE UNIQUE INDEX pms_writebacks_content ON pms_writebacks "
    "(content_key, iif(holds_content = 1, 0, id)) WHERE content_key IS NOT NULL",
    "DROP INDEX pms_writebacks_unpurged",
    "CREATE INDEX pms_writebacks_unpurged ON pms_writebacks (completed_at) "
    "WHERE " UNPURGED " AND completed_at IS NOT NULL",
    "CREATE INDEX pms_writebacks_failed ON pms_writebacks (completed_at) WHERE result = 'failed'",
    "DROP INDEX events_made",
    "CREATE INDEX events_made ON events (kind, office_id, happened_at) WHERE " SK_NO_COURSE,
    NULL,
};
