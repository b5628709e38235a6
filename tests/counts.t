#!/bin/sh
# SPDX-License-Identifier: MIT
# What is read costs what changed, and not what the journal holds: the pages of the state file that are read to show it are as
# many with 20,000 ended requests as with 500. Keys are imported in portions. And the numbers of ended requests, which are kept, are those of the rows.
. "$(dirname "$0")/lib.sh"

start_sim --delay 0:0
authorize

# fill N: so many requests that ended within a year, more than a month ago, each with four events. The event of one in ten was to be delivered.
fill() {
	sqlite "$SIKKA_DB" "
	    BEGIN;
	    DROP TRIGGER pms_writebacks_begin;
	    INSERT INTO pms_writebacks (writeback_id, office_id, practice_id, operation, method, endpoint, result, error_code,
	    attempts, queued_at, submitted_at, completed_at, took_ms, purged_at)
	    WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < $1),
	    t AS (SELECT i, strftime('%Y-%m-%dT%H:%M:%fZ', '$(date -u +%F)', (-365.0 * ($1 - i) / $1 - 40) || ' days') AS at FROM c)
	    SELECT 1000000 + i, 'D36225', '1', 'book_appointment', 'POST', '/appointment',
	    iif(i % 10 = 0, 'failed', 'completed'), iif(i % 10 = 0, 'API4001', NULL), 1, at, at, at, iif(i % 10, 7000, NULL), at
	    FROM t;
	    CREATE TRIGGER pms_writebacks_begin BEFORE INSERT ON pms_writebacks WHEN NEW.result <> 'queued'
	    BEGIN SELECT RAISE(ABORT, 'a writeback begins as queued'); END;
	    INSERT INTO events (happened_at, kind, office_id, row_id, outbox, run)
	    SELECT queued_at, column1, office_id, id, 0, 1 FROM pms_writebacks, (VALUES ('queued'), ('submitting'), ('pending'));
	    INSERT INTO events (happened_at, kind, office_id, row_id, outbox, run, tries, delivered_at)
	    SELECT completed_at, result, office_id, id, result = 'failed', 1, result = 'failed',
	    iif(result = 'failed', completed_at, NULL) FROM pms_writebacks;
	    COMMIT"
	count_anew
}

# pages COMMAND …: how many reads of the state file it takes.
pages() {
	under_strace -e trace=pread64 -o "$T/reads" "$@" >"$T/shown" 2>"$T/err" || [ $? -le 2 ]
	grep -c 'pread64' "$T/reads"
}
SHOWS="sikka-status
sikka-status --check
sikka-status --metrics
sikka-status -F html"

cp "$SIKKA_DB" "$T/begun"
fill 500
echo "$SHOWS" | while read -r command; do pages $command; done >"$T/few"
cp "$T/begun" "$SIKKA_DB"
fill 20000
sikka-status --metrics >"$T/metrics" 2>"$T/err"
echo "$SHOWS" | while read -r command; do pages $command; done >"$T/many"
# A tree of 40 times the rows is a level or two deeper in each index.
paste -d ' ' "$T/few" "$T/many" | while read -r few many; do
	[ "$many" -le $((few + 60)) ] || echo "$few $many"
done >"$T/more"
is "$(cat "$T/more")" "" "40 times the requests: no more pages are read ($(paste -d / -s "$T/few") and $(paste -d / -s "$T/many"))"
is "$(grep -c '^[1-9]' "$T/few") $(grep -c '^[1-9]' "$T/many")" "4 4" "by four commands, whose reads were seen"
like "$(cat "$T/metrics")" 'ended_total\{office_id="D36225",result="completed"\} 18000' "and they show what has ended"
like "$(cat "$T/metrics")" '^sikka_completion_seconds_sum 126000.000' "and how long that took"

# Another program changes rows.
sqlite "$SIKKA_DB" "UPDATE pms_writebacks SET took_ms = 9000 WHERE id = 1"
run 0 "-n" sikka-sweep -n --backup "$T/copies.db"
unlike "$err" "counted anew" "counts nothing anew"
sikka-doctor >"$T/doctor" 2>&1
like "$(cat "$T/doctor")" "the stored numbers of ended requests differ from the requests themselves" "sikka-doctor notices that"
run 0 "a copy is made" sikka-sweep --backup "$T/copies.db"
like "$err" "the stored numbers of ended requests differed from the requests themselves, .* counted anew" "and the numbers are mended before"
sikka-doctor >"$T/doctor" 2>&1
unlike "$(cat "$T/doctor")" "numbers of ended requests" "sikka-doctor has nothing to say then"
is "$(sikka-status --metrics | grep '^sikka_completion_seconds_sum')" "sikka_completion_seconds_sum 126002.000" \
    "and they are right"

# It makes rows that can't be counted at all: their sum is too large for a number.
sqlite "$SIKKA_DB" "UPDATE pms_writebacks SET took_ms = 9223372036854775807 WHERE id IN (1, 2)"
sikka-doctor >"$T/doctor" 2>&1
like "$(cat "$T/doctor")" "integer overflow" "sikka-doctor says that"
unlike "$(cat "$T/doctor")" "sound" "and doesn't call the file sound"
run 70 "a copy" sikka-sweep --backup "$T/uncounted.db"
like "$err" "integer overflow" "is no clean run"
is "$(sqlite "$T/uncounted.db" "SELECT count(*) FROM pms_writebacks")" "$(sql "SELECT count(*) FROM pms_writebacks")" \
    "but the copy is written, and has everything"
sqlite "$SIKKA_DB" "UPDATE pms_writebacks SET took_ms = 9000 WHERE id IN (1, 2)"
count_anew

# --- keys are imported in portions --------------------------------------------------------------------------
jq -cn 'range(1200) | {officeId: "E\(.)", secretKey: "s\(.)"}' >"$T/keys"
run 0 "1,200 keys are imported" under_strace -o "$T/trace" -y -e trace=ftruncate sikka-authorize --import="$T/keys"
is "$(sql "SELECT count(*) FROM pms_integrations WHERE office_id GLOB 'E*'")" 1200 "all of them"
commits=$(grep -c -F -- '-journal>' "$T/trace")
ok "$((commits < 3))" "in three commits, between which others can write: $commits"

done_testing
