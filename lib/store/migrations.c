/* SPDX-License-Identifier: MIT */
/*
 * migrations: the tables of the state file, as each version brought them. A new file goes through all of
 * them, so that it can't differ from one that was brought up to date.
 */
#include "store/migrations.h"

#include <stddef.h>

#include "store/statements.h"
#include "store/writebacks.h"

/* SK_MIGRATION_CHECKS has this text, too. */
#define STATES "'queued', 'submitting', 'pending', 'unknown', 'completed', 'failed', 'withdrawn'"

static const char *const first[] = {
    "CREATE TABLE pms_integrations ("
    "office_number INTEGER PRIMARY KEY AUTOINCREMENT, "
    "office_id TEXT NOT NULL UNIQUE, "
    "secret_key TEXT, request_key TEXT, refresh_key TEXT, token_expiry TEXT, "
    "status TEXT NOT NULL CHECK (status IN ('new', 'active', 'reauthorize', 'revoked')), "
    "domain TEXT, last_error TEXT, "
    "renewed_at TEXT, renewal_tried_at TEXT, renewal_refused_at TEXT) STRICT",

    "CREATE TABLE practices ("
    "office_id TEXT NOT NULL REFERENCES pms_integrations (office_id) ON DELETE CASCADE, "
    "practice_id TEXT NOT NULL, "
    "practice_name TEXT, pms TEXT, pms_version TEXT, domain TEXT, "
    "status TEXT NOT NULL CHECK (status IN ('active', 'revoked')), "
    "PRIMARY KEY (office_id, practice_id)) STRICT",

    "CREATE TABLE runs ("
    "run INTEGER PRIMARY KEY AUTOINCREMENT, "
    "command TEXT NOT NULL, started_at TEXT NOT NULL, ended_at TEXT) STRICT",

    /* office_id is no foreign key: the journal keeps the rows of an office that was forgotten. */
    "CREATE TABLE pms_writebacks ("
    "id INTEGER PRIMARY KEY AUTOINCREMENT, "
    "writeback_id TEXT UNIQUE, "
    "office_id TEXT NOT NULL, practice_id TEXT, "
    "operation TEXT NOT NULL, method TEXT NOT NULL, endpoint TEXT NOT NULL, "
    "request_body TEXT, key TEXT, content_key TEXT, "
    "again INTEGER NOT NULL DEFAULT 0 CHECK (again IN (0, 1)), "
    "holds_key INTEGER NOT NULL DEFAULT 0 CHECK (holds_key IN (0, 1)), "
    "has_secret INTEGER NOT NULL DEFAULT 0 CHECK (has_secret IN (0, 1)), "
    "result TEXT NOT NULL CHECK (result IN (" STATES ")), "
    "error_code TEXT, error_message TEXT, created_id TEXT, appointment_sr_no TEXT, "
    "run INTEGER, "
    "attempts INTEGER NOT NULL DEFAULT 0, attempts_in_run INTEGER NOT NULL DEFAULT 0, "
    "retries INTEGER NOT NULL DEFAULT 0, check_count INTEGER NOT NULL DEFAULT 0, "
    "queued_at TEXT NOT NULL, submitted_at TEXT, unknown_at TEXT, not_received_at TEXT, "
    "absent_at TEXT, completed_at TEXT, last_checked_at TEXT, "
    "withdraw_reason TEXT CHECK (withdraw_reason IN ('person', 'stuck')), "
    "withdraw_at TEXT, withdrawn_at TEXT, "
    "looks INTEGER NOT NULL DEFAULT 0, looked_at TEXT, "
    "gone_looks INTEGER NOT NULL DEFAULT 0, gone_at TEXT, "
    "stuck_at TEXT, warned_at TEXT, "
    "doubled_id TEXT, doubled_withdrawn_at TEXT, purged_at TEXT, "
    "CHECK (result <> 'failed' OR error_code IS NOT NULL)) STRICT",

    "CREATE UNIQUE INDEX pms_writebacks_key ON pms_writebacks (key) "
    "WHERE key IS NOT NULL AND holds_key = 1",
    "CREATE UNIQUE INDEX pms_writebacks_content_key ON pms_writebacks (content_key) "
    "WHERE content_key IS NOT NULL AND holds_key = 1",
    "CREATE INDEX pms_writebacks_living ON pms_writebacks (result, last_checked_at) "
    "WHERE result IN ('queued', 'submitting', 'pending', 'unknown')",
    "CREATE INDEX pms_writebacks_of_runs ON pms_writebacks (run) "
    "WHERE result IN ('queued', 'submitting')",
    "CREATE INDEX pms_writebacks_undone ON pms_writebacks (result, submitted_at) "
    "WHERE result IN ('failed', 'withdrawn')",
    "CREATE INDEX pms_writebacks_ended ON pms_writebacks (completed_at) "
    "WHERE completed_at IS NOT NULL",
    "CREATE INDEX pms_writebacks_unpurged ON pms_writebacks (completed_at) "
    "WHERE (request_body IS NOT NULL OR content_key IS NOT NULL OR error_message IS NOT NULL)",
    "CREATE INDEX pms_writebacks_queued ON pms_writebacks (queued_at)",
    "CREATE INDEX pms_writebacks_of_office ON pms_writebacks (office_id, queued_at)",
    "CREATE INDEX pms_writebacks_submitted ON pms_writebacks (office_id, submitted_at) "
    "WHERE submitted_at IS NOT NULL",
    "CREATE INDEX pms_writebacks_not_received ON pms_writebacks (not_received_at) "
    "WHERE not_received_at IS NOT NULL",
    "CREATE INDEX pms_writebacks_doubled ON pms_writebacks (doubled_id) "
    "WHERE doubled_id IS NOT NULL",

    "CREATE TABLE transitions ("
    "from_state TEXT NOT NULL CHECK (from_state IN (" STATES ")), "
    "to_state TEXT NOT NULL CHECK (to_state IN (" STATES ")), "
    "PRIMARY KEY (from_state, to_state)) STRICT, WITHOUT ROWID",
    /*
     * queued to unknown happens only in --after-restore: a row that the older file has as queued
     * may have been sent since.
     */
    "INSERT INTO transitions VALUES "
    "('queued', 'submitting'), ('queued', 'failed'), ('queued', 'withdrawn'), "
    "('queued', 'pending'), ('queued', 'unknown'), "
    "('submitting', 'pending'), ('submitting', 'queued'), ('submitting', 'failed'), "
    "('submitting', 'unknown'), "
    "('unknown', 'pending'), ('unknown', 'failed'), ('unknown', 'completed'), "
    "('pending', 'completed'), ('pending', 'failed'), ('pending', 'unknown'), "
    "('pending', 'withdrawn'), "
    "('withdrawn', 'completed'), ('withdrawn', 'failed'), "
    "('failed', 'queued'), ('failed', 'completed'), ('failed', 'pending')",

    "CREATE TRIGGER pms_writebacks_begin BEFORE INSERT ON pms_writebacks "
    "WHEN NEW.result <> 'queued' "
    "BEGIN SELECT RAISE(ABORT, 'a writeback begins as queued'); END",
    "CREATE TRIGGER pms_writebacks_transition BEFORE UPDATE OF result ON pms_writebacks "
    "WHEN NEW.result <> OLD.result AND NOT EXISTS (SELECT 1 FROM transitions "
    "WHERE from_state = OLD.result AND to_state = NEW.result) "
    "BEGIN SELECT RAISE(ABORT, 'no way from that state to this one (table transitions)'); END",
    "CREATE TRIGGER pms_writebacks_attempts BEFORE UPDATE OF attempts ON pms_writebacks "
    "WHEN NEW.attempts < OLD.attempts "
    "BEGIN SELECT RAISE(ABORT, 'attempts are never lowered'); END",

    "CREATE TABLE facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID",

    /*
     * The tokens of the last hundred transactions. One wouldn't be enough: after a COMMIT that
     * failed, another process may commit before the token is looked for.
     */
    "CREATE TABLE commits (number INTEGER PRIMARY KEY, token INTEGER NOT NULL) STRICT",

    "CREATE TABLE events ("
    "id INTEGER PRIMARY KEY AUTOINCREMENT, "
    "happened_at TEXT NOT NULL, kind TEXT NOT NULL, office_id TEXT, row_id INTEGER, text TEXT, "
    "outbox INTEGER NOT NULL CHECK (outbox IN (0, 1)), "
    "delivered_at TEXT, tries INTEGER NOT NULL DEFAULT 0, set_aside_at TEXT) STRICT",
    "CREATE INDEX events_outbox ON events (id) "
    "WHERE outbox = 1 AND delivered_at IS NULL AND set_aside_at IS NULL",
    "CREATE INDEX events_made ON events (kind, office_id, happened_at)",
    "CREATE INDEX events_of_row ON events (row_id) WHERE row_id IS NOT NULL",
    "CREATE TRIGGER events_stay BEFORE DELETE ON events "
    "BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END",
    "CREATE TRIGGER events_fixed BEFORE UPDATE OF id, happened_at, kind, office_id, row_id, text, "
    "outbox ON events "
    "BEGIN SELECT RAISE(ABORT, 'of an event only its delivery changes'); END",

    "CREATE VIEW pending AS SELECT id, writeback_id, office_id, practice_id, operation, key, "
    "queued_at, submitted_at, last_checked_at, check_count, stuck_at, withdraw_at "
    "FROM pms_writebacks WHERE result IN ('queued', 'submitting', 'pending')",
    "CREATE VIEW unknown AS SELECT id, writeback_id, office_id, practice_id, operation, key, "
    "submitted_at, unknown_at, absent_at, error_code, error_message "
    "FROM pms_writebacks WHERE result = 'unknown'",
    "CREATE VIEW failures AS SELECT id, writeback_id, office_id, practice_id, operation, key, "
    "error_code, error_message, completed_at, retries "
    "FROM pms_writebacks WHERE result = 'failed'",
    "CREATE VIEW keys AS SELECT office_id, status, token_expiry, renewed_at, last_error, "
    "request_key IS NOT NULL AS has_request_key, refresh_key IS NOT NULL AS has_refresh_key, "
    "secret_key IS NOT NULL AS has_secret_key FROM pms_integrations",
    "CREATE VIEW history AS SELECT e.id, e.happened_at, e.kind, e.office_id, e.row_id, "
    "w.writeback_id, w.operation, w.key, w.result, e.text, e.delivered_at, e.set_aside_at "
    "FROM events e LEFT JOIN pms_writebacks w ON w.id = e.row_id",
    NULL,
};

/*
 * The lists that prove an absence follow one another, so each row keeps the number of the last list
 * that lacked it. What was noted without such a number begins anew.
 */
static const char *const numbered_lists[] = {
    "ALTER TABLE pms_writebacks ADD COLUMN absent_list INTEGER",
    "UPDATE pms_writebacks SET absent_at = NULL WHERE absent_at IS NOT NULL",
    NULL,
};

/* An office whose keys a person has revoked stays "new" in the column that older versions read. */
static const char *const held_offices[] = {
    "ALTER TABLE pms_integrations ADD COLUMN held_at TEXT",
    "DROP VIEW keys",
    "CREATE VIEW keys AS SELECT office_id, "
    "CASE WHEN status = 'new' AND held_at IS NOT NULL THEN 'held' ELSE status END AS status, "
    "token_expiry, renewed_at, last_error, held_at, "
    "request_key IS NOT NULL AS has_request_key, refresh_key IS NOT NULL AS has_refresh_key, "
    "secret_key IS NOT NULL AS has_secret_key FROM pms_integrations",
    NULL,
};

/* The values of fields that practices allow, kept for a while. */
static const char *const kept_choices[] = {
    "CREATE TABLE choices ("
    "office_id TEXT NOT NULL REFERENCES pms_integrations (office_id) ON DELETE CASCADE, "
    "source TEXT NOT NULL, items TEXT NOT NULL, read_at TEXT NOT NULL, "
    "PRIMARY KEY (office_id, source)) STRICT",
    NULL,
};

/* Two columns that nothing ever wrote. */
static const char *const unwritten_times[] = {
    "DROP VIEW pending",
    "ALTER TABLE pms_writebacks DROP COLUMN stuck_at",
    "ALTER TABLE pms_writebacks DROP COLUMN warned_at",
    "CREATE VIEW pending AS SELECT id, writeback_id, office_id, practice_id, operation, key, "
    "queued_at, submitted_at, last_checked_at, check_count, withdraw_at "
    "FROM pms_writebacks WHERE result IN ('queued', 'submitting', 'pending')",
    NULL,
};

/* Who changed what: each event names its run, and each run its user, host and parent program. */
static const char *const named_runs[] = {
    "ALTER TABLE runs ADD COLUMN user TEXT",
    "ALTER TABLE runs ADD COLUMN uid INTEGER",
    "ALTER TABLE runs ADD COLUMN host TEXT",
    "ALTER TABLE runs ADD COLUMN pid INTEGER",
    "ALTER TABLE runs ADD COLUMN parent TEXT",
    "ALTER TABLE events ADD COLUMN run INTEGER",
    "DROP TRIGGER events_fixed",
    "CREATE TRIGGER events_fixed BEFORE UPDATE OF id, happened_at, kind, office_id, row_id, text, "
    "outbox, run ON events "
    "BEGIN SELECT RAISE(ABORT, 'of an event only its delivery changes'); END",
    "DROP VIEW history",
    "CREATE VIEW history AS SELECT e.id, e.happened_at, e.kind, e.office_id, e.row_id, "
    "w.writeback_id, w.operation, w.key, w.result, e.text, e.delivered_at, e.set_aside_at, "
    "e.run, r.command, r.user, r.uid, r.host, r.pid, r.parent "
    "FROM events e LEFT JOIN pms_writebacks w ON w.id = e.row_id "
    "LEFT JOIN runs r ON r.run = e.run",
    NULL,
};

/*
 * Every row has the digest of its content, with a caller's key or without. Before, only a row
 * without one had its content, as a text. Rows of an earlier version may be equal to others of
 * theirs, so none of them holds its content alone. What they took over from a list they didn't note;
 * but a row that has an id and was never sent from this file can't have it from anywhere else.
 */
static const char *const content_of_all[] = {
    "ALTER TABLE pms_writebacks ADD COLUMN "
    "holds_content INTEGER NOT NULL DEFAULT 0 CHECK (holds_content BETWEEN 0 AND 2)",
    "ALTER TABLE pms_writebacks ADD COLUMN "
    "unclaimed INTEGER NOT NULL DEFAULT 0 CHECK (unclaimed IN (0, 1))",
    "DROP INDEX pms_writebacks_content_key",
    "UPDATE pms_writebacks SET content_key = "
    "CASE WHEN purged_at IS NULL THEN sikka_content(office_id, method, endpoint, request_body) END",
    "UPDATE pms_writebacks SET holds_content = 2 WHERE content_key IS NOT NULL AND again = 0 "
    "AND holds_key = 1 AND (result <> 'completed' OR method = 'POST')",
    "UPDATE pms_writebacks SET unclaimed = 1, "
    "content_key = sikka_content_listed(office_id, method, endpoint, request_body) "
    "WHERE attempts = 0 AND writeback_id IS NOT NULL AND key IS NULL AND again = 0 "
    "AND purged_at IS NULL",
    "CREATE INDEX pms_writebacks_unclaimed ON pms_writebacks (office_id, content_key) "
    "WHERE unclaimed = 1",
    NULL,
};

/* What the server's time was when, and what succeeded and was refused last. */
static const char *const heartbeats[] = {
    "CREATE TABLE clock (one INTEGER PRIMARY KEY CHECK (one = 1), "
    "boot_id TEXT NOT NULL, boot_ms INTEGER NOT NULL, server_at TEXT NOT NULL, "
    "machine_at TEXT NOT NULL, is_known INTEGER NOT NULL CHECK (is_known IN (0, 1)), "
    "jump_ms INTEGER NOT NULL, jump_seen_at TEXT) STRICT",
    "CREATE TABLE heartbeats (task TEXT PRIMARY KEY, beat INTEGER NOT NULL UNIQUE, "
    "succeeded_at TEXT NOT NULL, boot_id TEXT NOT NULL, boot_ms INTEGER NOT NULL) "
    "STRICT, WITHOUT ROWID",
    "CREATE TABLE refusals (scope TEXT PRIMARY KEY CHECK (scope = 'application'), "
    "code TEXT NOT NULL, refused_at TEXT NOT NULL) STRICT, WITHOUT ROWID",
    NULL,
};

/* For a list of more than two values SQLite makes a table, anew for each row that it writes. */
static const char *const living_rows[] = {
    "DROP INDEX pms_writebacks_living",
    "CREATE INDEX pms_writebacks_living ON pms_writebacks (result, last_checked_at) WHERE "
    "result = 'queued' OR result = 'submitting' OR result = 'pending' OR result = 'unknown'",
    NULL,
};

/* A list has to show the latest request that was accepted. */
static const char *const latest_accepted[] = {
    "CREATE INDEX pms_writebacks_accepted ON pms_writebacks (submitted_at) "
    "WHERE writeback_id IS NOT NULL AND withdraw_at IS NULL",
    NULL,
};

/*
 * What was withdrawn, or failed as stuck, may be carried out, and then a list may show that it has
 * ended, and not how.
 */
static const char *const ended_unclear_there[] = {
    "INSERT INTO transitions VALUES ('withdrawn', 'unknown'), ('failed', 'unknown')",
    NULL,
};

/* What a person may decide, and what may turn out afterwards. */
static const char *const decisions[] = {
    "INSERT OR IGNORE INTO transitions VALUES "
    "('unknown', 'withdrawn'), ('withdrawn', 'pending'), ('failed', 'withdrawn'), "
    "('completed', 'failed')",
    "ALTER TABLE pms_writebacks ADD COLUMN resolved_at TEXT",
    "CREATE INDEX pms_writebacks_resolved ON pms_writebacks (resolved_at) "
    "WHERE resolved_at IS NOT NULL",
    NULL,
};

/* Entries of the server's list that a person said another program sent. */
static const char *const not_ours[] = {
    "CREATE TABLE not_ours ("
    "writeback_id TEXT PRIMARY KEY, office_id TEXT NOT NULL, content_key TEXT, "
    "said_at TEXT NOT NULL, run INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE INDEX not_ours_content ON not_ours (content_key) WHERE content_key IS NOT NULL",
    NULL,
};

/* How far the server has gone of what sikka rests on; and which accepted requests lists have lacked. */
static const char *const measured_assumptions[] = {
    "CREATE TABLE measures (name TEXT PRIMARY KEY, largest INTEGER NOT NULL, "
    "bound INTEGER NOT NULL, measured_at TEXT NOT NULL, row_id INTEGER, writeback_id TEXT, "
    "told_at TEXT, told TEXT) STRICT, WITHOUT ROWID",
    "CREATE TABLE not_listed (row_id INTEGER PRIMARY KEY, lists INTEGER NOT NULL, "
    "list INTEGER NOT NULL, before_at TEXT, last_at TEXT NOT NULL, "
    "was_shown INTEGER NOT NULL CHECK (was_shown IN (0, 1))) STRICT",
    NULL,
};

/*
 * An office whose keys were refused once is suspect. SQLite can't change the check of a column, so the
 * column is made anew, and its values are copied.
 */
static const char *const suspect_offices[] = {
    "DROP VIEW keys",
    "ALTER TABLE pms_integrations RENAME COLUMN status TO status_5",
    "ALTER TABLE pms_integrations ADD COLUMN status TEXT NOT NULL DEFAULT 'new' "
    "CHECK (status IN ('new', 'active', 'suspect', 'reauthorize', 'revoked'))",
    "UPDATE pms_integrations SET status = status_5",
    "ALTER TABLE pms_integrations DROP COLUMN status_5",
    "ALTER TABLE pms_integrations ADD COLUMN suspect_at TEXT",
    "CREATE VIEW keys AS SELECT office_id, "
    "CASE WHEN status = 'new' AND held_at IS NOT NULL THEN 'held' ELSE status END AS status, "
    "token_expiry, renewed_at, last_error, held_at, suspect_at, "
    "request_key IS NOT NULL AS has_request_key, refresh_key IS NOT NULL AS has_refresh_key, "
    "secret_key IS NOT NULL AS has_secret_key FROM pms_integrations",
    NULL,
};

/* One list that lacks an office revokes nobody; and who was forgotten stays so. */
static const char *const missing_offices[] = {
    "ALTER TABLE pms_integrations ADD COLUMN missing_at TEXT",
    "ALTER TABLE practices ADD COLUMN missing_at TEXT",
    "CREATE INDEX practices_missing ON practices (missing_at) WHERE missing_at IS NOT NULL",
    "CREATE TABLE forgotten (office_id TEXT PRIMARY KEY, forgotten_at TEXT NOT NULL) STRICT, "
    "WITHOUT ROWID",
    NULL,
};

/*
 * Over all moments of a row, so that it stands behind whatever adds one: a version with a further
 * moment makes these indexes anew, and takes this array under its own number.
 */
static const char *const latest_moments[] = {
    "DROP INDEX IF EXISTS pms_writebacks_latest",
    "CREATE INDEX pms_writebacks_latest ON pms_writebacks (" SK_LATEST_OF_ROW ")",
    "DROP INDEX IF EXISTS pms_integrations_latest",
    "CREATE INDEX pms_integrations_latest ON pms_integrations (" SK_LATEST_OF_OFFICE ")",
    NULL,
};

/* What the lock file holds as well: sikka-life(7), Older copies. One row, or none in an older file. */
static const char *const twin_of_lock_file[] = {
    "CREATE TABLE twin (only INTEGER PRIMARY KEY CHECK (only = 1), "
    "pair INTEGER NOT NULL, count INTEGER NOT NULL, mark INTEGER NOT NULL) STRICT",
    NULL,
};

/* Entries of lists that were no row's when the list was read. */
static const char *const unowned_entries[] = {
    "CREATE TABLE unowned (writeback_id TEXT PRIMARY KEY, office_id TEXT, method TEXT, "
    "api TEXT, first_list INTEGER NOT NULL, first_seen_at TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE INDEX unowned_seen ON unowned (first_seen_at)",
    NULL,
};

/*
 * What is never withdrawn by itself, and what is never sent again by itself. Whether an id came with an
 * answer wasn't noted before; the events say which ones were found in a list, or told by a person.
 */
static const char *const not_by_itself[] = {
    "ALTER TABLE pms_writebacks ADD COLUMN "
    "adopted INTEGER NOT NULL DEFAULT 0 CHECK (adopted IN (0, 1))",
    "ALTER TABLE pms_writebacks ADD COLUMN "
    "only_named INTEGER NOT NULL DEFAULT 0 CHECK (only_named IN (0, 1))",
    "UPDATE pms_writebacks SET adopted = 1 WHERE writeback_id IS NOT NULL AND (attempts = 0 OR id "
    "IN "
    "(SELECT row_id FROM events WHERE kind IN ('found', 'resolved') AND row_id IS NOT NULL))",
    NULL,
};

/*
 * How long a practice took. Until then it was reckoned from when we looked, which says more of us than of
 * the practice: so rows of an earlier version have none.
 */
static const char *const times_of_practices[] = {
    "ALTER TABLE pms_writebacks ADD COLUMN took_ms INTEGER",
    NULL,
};

/* Why no write leaves for a while, until lists have shown what the server has. */
static const char *const holds_of_writes[] = {
    "CREATE TABLE holds (id INTEGER PRIMARY KEY, "
    "why TEXT NOT NULL CHECK (why IN ('gap', 'begun', 'added', 'taken_in', 'paused')), office_id "
    "TEXT, "
    "boot_id TEXT, run INTEGER, "
    "since TEXT NOT NULL, after_list INTEGER NOT NULL, lists_wanted INTEGER NOT NULL, "
    "lists_clean INTEGER NOT NULL DEFAULT 0, first_clean_at TEXT, latest_clean INTEGER, "
    "looked_at TEXT, shown_at TEXT, ended_at TEXT, ended_by TEXT) STRICT",
    "CREATE INDEX holds_open ON holds (id) WHERE ended_at IS NULL",
    NULL,
};

/*
 * Delivery goes on for days, so an event has the time of its next try, and that since when it fails alone.
 * Earlier versions gave an event up after ten tries, also while nothing got through: that is taken up
 * again.
 */
static const char *const patient_delivery[] = {
    "ALTER TABLE events ADD COLUMN due_at TEXT",
    "ALTER TABLE events ADD COLUMN failing_since TEXT",
    "ALTER TABLE events ADD COLUMN dropped_at TEXT",
    "UPDATE events SET set_aside_at = NULL WHERE set_aside_at IS NOT NULL AND delivered_at IS NULL",
    "DROP INDEX events_outbox",
    "CREATE INDEX events_outbox ON events (id) "
    "WHERE outbox = 1 AND delivered_at IS NULL AND dropped_at IS NULL",
    "DROP VIEW history",
    "CREATE VIEW history AS SELECT e.id, e.happened_at, e.kind, e.office_id, e.row_id, "
    "w.writeback_id, w.operation, w.key, w.result, e.text, e.delivered_at, e.set_aside_at, "
    "e.dropped_at, e.run, r.command, r.user, r.uid, r.host, r.pid, r.parent "
    "FROM events e LEFT JOIN pms_writebacks w ON w.id = e.row_id "
    "LEFT JOIN runs r ON r.run = e.run",
    NULL,
};

/*
 * When the server's copy of each practice's data was taken, as it says it (data_insert_date, which has no zone), and the
 * last command to have it taken anew.
 */
static const char *const refreshes_of_data[] = {
    "CREATE TABLE refreshes (office_id TEXT NOT NULL REFERENCES pms_integrations (office_id) "
    "ON DELETE CASCADE, practice_id TEXT NOT NULL, data_insert_date TEXT NOT NULL, "
    "first_seen_at TEXT NOT NULL, PRIMARY KEY (office_id, practice_id)) STRICT, WITHOUT ROWID",
    "CREATE TABLE remote_commands (office_id TEXT PRIMARY KEY "
    "REFERENCES pms_integrations (office_id) ON DELETE CASCADE, command_id TEXT, "
    "sent_at TEXT NOT NULL, ended_at TEXT) STRICT, WITHOUT ROWID",
    NULL,
};

/* Changes whose records aren't written yet: whoever is to write them has a number, and holds its lock. */
static const char *const untold_changes[] = {
    "CREATE TABLE untold (row_id INTEGER PRIMARY KEY, teller INTEGER NOT NULL) STRICT",
    NULL,
};

/*
 * What befalls a whole run is told once: the first such event is delivered, and knows the run and the cause;
 * the others name it as their leader, and are history.
 */
static const char *const events_of_runs[] = {
    "ALTER TABLE events ADD COLUMN of_run INTEGER",
    "ALTER TABLE events ADD COLUMN cause TEXT",
    "ALTER TABLE events ADD COLUMN leader INTEGER",
    "CREATE INDEX events_of_run ON events (of_run, kind, cause) WHERE of_run IS NOT NULL",
    "CREATE INDEX events_led ON events (leader) WHERE leader IS NOT NULL",
    "DROP TRIGGER events_fixed",
    "CREATE TRIGGER events_fixed BEFORE UPDATE OF id, happened_at, kind, office_id, row_id, text, "
    "outbox, run, of_run, cause, leader ON events "
    "BEGIN SELECT RAISE(ABORT, 'of an event only its delivery changes'); END",
    NULL,
};

/* Practices that only an office's own list has: the list of the authorized ones says nothing of them. */
static const char *const locations_of_offices[] = {
    "ALTER TABLE practices ADD COLUMN "
    "is_location INTEGER NOT NULL DEFAULT 0 CHECK (is_location IN (0, 1))",
    NULL,
};

/* As the server tells them. */
static const char *const zones_of_practices[] = {
    "ALTER TABLE practices ADD COLUMN time_zone TEXT",
    "ALTER TABLE practices ADD COLUMN utc_offset TEXT",
    NULL,
};

/* The files to which commands have written what this file holds. */
static const char *const known_copies[] = {
    "CREATE TABLE copies (file TEXT PRIMARY KEY, "
    "kind TEXT NOT NULL CHECK (kind IN ('copy', 'archive')), made_at TEXT NOT NULL) "
    "STRICT, WITHOUT ROWID",
    NULL,
};

/*
 * Offices that went to another host of a fleet, or came from one; and the names of the requests that went along, by
 * which they are found again when the office comes back.
 */
static const char *const hand_overs[] = {
    "CREATE TABLE hand_overs (number INTEGER PRIMARY KEY, name TEXT NOT NULL, "
    "way TEXT NOT NULL CHECK (way IN ('out', 'in')), office_id TEXT NOT NULL, newest TEXT, "
    "handed_at TEXT NOT NULL, noted_at TEXT NOT NULL, back_at TEXT, run INTEGER NOT NULL, "
    "UNIQUE (name, way)) STRICT",
    "CREATE INDEX hand_overs_of_office ON hand_overs (office_id)",
    "CREATE TABLE handed_rows (row_id INTEGER PRIMARY KEY, origin TEXT NOT NULL UNIQUE) STRICT",
    NULL,
};

/*
 * What stays of rows that were taken out: the keys of callers, with what a duplicate is told. Events stay as long as their row
 * does.
 */
static const char *const archived_rows[] = {
    "CREATE TABLE archived (key TEXT PRIMARY KEY, id INTEGER NOT NULL, office_id TEXT NOT NULL, "
    "practice_id TEXT, operation TEXT NOT NULL, method TEXT NOT NULL, endpoint TEXT NOT NULL, "
    "has_secret INTEGER NOT NULL, result TEXT NOT NULL, error_code TEXT, writeback_id TEXT, "
    "created_id TEXT, appointment_sr_no TEXT, completed_at TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE UNIQUE INDEX archived_id ON archived (id)",
    "DROP TRIGGER events_stay",
    "CREATE TRIGGER events_stay BEFORE DELETE ON events WHEN OLD.row_id IS NULL "
    "OR EXISTS (SELECT 1 FROM pms_writebacks WHERE id = OLD.row_id) "
    "BEGIN SELECT RAISE(ABORT, 'an event stays as long as its request'); END",
    NULL,
};

const struct sk_migration SK_MIGRATIONS[] = {
    {1, first},
    {2, numbered_lists},
    {3, held_offices},
    {4, kept_choices},
    {5, unwritten_times},
    {6, named_runs},
    {6, content_of_all},
    {6, heartbeats},
    {6, living_rows},
    {6, SK_MIGRATION_CHECKS},
    {6, latest_accepted},
    {6, ended_unclear_there},
    {6, twin_of_lock_file},
    {6, unowned_entries},
    {6, decisions},
    {6, not_ours},
    {6, measured_assumptions},
    {6, not_by_itself},
    {6, holds_of_writes},
    {6, suspect_offices},
    {6, times_of_practices},
    {6, patient_delivery},
    {6, missing_offices},
    {6, untold_changes},
    {6, events_of_runs},
    {6, locations_of_offices},
    {6, zones_of_practices},
    {6, refreshes_of_data},
    {6, latest_moments},
    {6, SK_MIGRATION_CHOICES},
    {6, known_copies},
    {6, hand_overs},
    {6, archived_rows},
    {6, SK_MIGRATION_ENDS},
    {6, SK_MIGRATION_INDEXES},
    {0, NULL},
};
