#!/bin/sh
# SPDX-License-Identifier: MIT
# A moment that a wrong clock has left ahead of the time, in each column that holds one: it is set to now by whoever
# meets it. Nothing is frozen by it, and nothing freed, declared or sent.
. "$(dirname "$0")/lib.sh"

# What becomes of each of them:
#   mended   it is set to now
#   shown    nothing is compared with it
#   ends     it lies ahead by its nature
#   own      see below, clock.t, or the tests of --notify
#   length   it is a duration, or counts since the boot
cat >known <<'END'
choices.read_at mended
clock.boot_ms length
clock.jump_ms length
clock.jump_seen_at own
clock.machine_at own
clock.server_at own
events.delivered_at shown
archived.completed_at shown
ends.took_ms length
copies.made_at shown
events.dropped_at own
events.due_at own
events.failing_since own
events.happened_at own
events.set_aside_at shown
forgotten.forgotten_at mended
heartbeats.boot_ms length
hand_overs.back_at shown
hand_overs.handed_at shown
hand_overs.noted_at shown
heartbeats.succeeded_at mended
holds.ended_at mended
holds.first_clean_at mended
holds.looked_at mended
holds.shown_at mended
holds.since mended
measures.measured_at mended
measures.told_at mended
not_listed.before_at mended
not_listed.last_at mended
not_ours.said_at mended
pms_integrations.held_at mended
pms_integrations.missing_at mended
pms_integrations.renewal_refused_at mended
pms_integrations.renewal_tried_at mended
pms_integrations.renewed_at mended
pms_integrations.suspect_at mended
pms_integrations.token_expiry ends
pms_writebacks.absent_at mended
pms_writebacks.completed_at mended
pms_writebacks.doubled_withdrawn_at mended
pms_writebacks.gone_at mended
pms_writebacks.last_checked_at mended
pms_writebacks.looked_at mended
pms_writebacks.not_received_at mended
pms_writebacks.purged_at mended
pms_writebacks.queued_at mended
pms_writebacks.resolved_at mended
pms_writebacks.submitted_at mended
pms_writebacks.took_ms length
pms_writebacks.unknown_at mended
pms_writebacks.withdraw_at mended
pms_writebacks.withdrawn_at mended
refreshes.first_seen_at mended
remote_commands.ended_at mended
remote_commands.sent_at mended
practices.missing_at mended
refusals.refused_at mended
runs.ended_at shown
runs.started_at shown
unowned.first_seen_at mended
END

# --- a state file with something in each state ---------------------------------------------------------------------

start_sim --rate-limit 100000 --delay 0:0
authorize
booking time=08:00 >in
run 0 "a booking" sikka-book in
later 90
run 0 "is carried out" sikka-poll
lose before 08:10
not_received=$id
later 36m
sikka-sweep >swept 2>&1
later 61
sikka-sweep >swept 2>&1
spu offline
booking time=08:20 >in
run 0 "one that stays pending" sikka-book in
pending=$(said .id)
later 7h
sikka-sweep >swept 2>&1
lose before 08:30
resolved=$id
run 0 "one about which a person decides" sikka-sweep --unchecked --resolve "$resolved=failed"
booking time=08:50 >in
run 0 "one that the server forgets" sikka-book in
gone=$(said .id)
lose before 08:40
unknown=$id
sim_post "writeback?id=$(row "$gone" writeback_id)&state=forgotten"
later 61
sikka-poll >out 2>err
later 36m
booking time=09:00 >in
run 0 "one more" sikka-book in
withdrawn=$(said .id)
run 2 "is withdrawn" sikka-sweep --withdraw "$withdrawn"
is "$(for id in 1 "$not_received" "$pending" "$resolved" "$unknown" "$gone" "$withdrawn"; do state "$id"; done | tr '\n' ',')" \
    "completed,failed not_received,pending,failed resolved,unknown unclear,pending,withdrawn," "there is one of each kind"
is "$(row "$unknown" 'absent_at IS NOT NULL') $(row "$gone" gone_looks) $(row "$withdrawn" 'holds_key + holds_content')" "1 1 2" \
    "that waits for a second list, for a second look, and to be free"
last=$(sql 'SELECT max(id) FROM pms_writebacks')
sql "INSERT INTO choices VALUES ('D36225', 'operatories#operatory', '[]', '2026-01-01T00:00:00.000Z');
    INSERT INTO measures (name, largest, bound, measured_at, told_at) VALUES ('listed_late', 1, 2, '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z');
    INSERT OR REPLACE INTO not_listed VALUES (1, 1, 1, '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z', 0);
    INSERT INTO not_ours VALUES ('4711', 'D36225', NULL, '2026-01-01T00:00:00.000Z', 1);
    INSERT INTO forgotten VALUES ('D9', '2026-01-01T00:00:00.000Z');
    INSERT INTO unowned VALUES ('4712', 'D36225', 'POST', 'appointment', 1, '2026-01-01T00:00:00.000Z');
    INSERT OR REPLACE INTO refusals VALUES ('application', 'API2003', '2026-01-01T00:00:00.000Z')"

# --- which columns there are ------------------------------------------------------------------------------------------

columns() {
	sql "SELECT m.name || '.' || p.name FROM sqlite_master m JOIN pragma_table_info(m.name) p
	    WHERE m.type = 'table' AND m.name NOT GLOB 'sqlite_*' $1 ORDER BY 1"
}
columns "AND (p.name GLOB '*_at' OR p.name GLOB '*_ms' OR p.name GLOB '*since*' OR p.name GLOB '*until*' OR p.name GLOB '*expiry*')" >named
for column in $(columns "AND p.type = 'TEXT'"); do
	[ -z "$(sql "SELECT 1 FROM ${column%.*} WHERE ${column#*.} GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T*Z' LIMIT 1")" ] || echo "$column"
done >seen
sort -u named seen >columns
cut -d' ' -f1 known | sort >listed
is "$(comm -23 columns listed | tr '\n' ' ')" "" "each column that holds a moment is known here"
is "$(comm -13 columns listed | tr '\n' ' ')" "" "and there is no other one"
is "$(sql "SELECT group_concat(name) FROM facts WHERE value BETWEEN 1500000000000 AND 2500000000000 AND name NOT GLOB '*_at'")" "" \
    "facts that are moments are named so"

# --- each of them, 400 days ahead -----------------------------------------------------------------------------------------

AHEAD="strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '400 days')"
LATE="strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '5 minutes')"
NOW_MS="(CAST(strftime('%s', 'now') AS INTEGER) * 1000)"
sql 'DROP TRIGGER events_fixed'

# stands: what must stay as it is, in the state file and at the server.
stands() {
	sql "SELECT id, result, error_code, holds_key, holds_content, looks, gone_looks, attempts, writeback_id, doubled_id
	        FROM pms_writebacks WHERE id <= $last;
	    SELECT kind, count(*) FROM events WHERE ifnull(row_id, 0) <= $last GROUP BY kind;
	    SELECT office_id, status FROM pms_integrations"
	held '[.writebacks[] | select(.body.description != "moments") | .state] | join(" ")'
	echo "$(deletes) $(sim_count 'POST /request_key') $(($(posts) - nth))"
}
# works: the commands; prints how each ended.
works() {
	timeout "$PATIENCE" sikka-poll >polled 2>>work.err; echo "poll $?"
	timeout "$PATIENCE" sikka-sweep >swept 2>>work.err; echo "sweep $?"
	timeout "$PATIENCE" sikka-token refresh >out 2>>work.err; echo "refresh $?"
	timeout "$PATIENCE" sikka-authorize >out 2>>work.err; echo "authorize $?"
	timeout "$PATIENCE" sikka-get -O D20006 providers >out 2>>work.err; echo "get $?"
	sikka-status >out 2>>work.err; echo "status $?"
	booking office_id=D20006 staff=S type=T description=moments "time=$(printf '%02d:%02d' $((10 + nth / 60)) $((nth % 60)))" |
	    timeout "$PATIENCE" sikka-book >booked 2>>work.err; echo "book $?"
	timeout "$PATIENCE" sikka-poll "$(jq -r .id booked)" 2>>work.err | jq -r .result
}
time_stands
nth=0
works >usual
nth=1
is "$(tr '\n' ' ' <usual)" "poll 2 sweep 2 refresh 0 authorize 0 get 0 status 0 book 0 completed " "the commands do their work"
stands >before
works >usual
nth=2
stands >after
is "$(diff before after)" "" "and change nothing as long as no time passes"

# unharmed WHAT: the commands do what they did.
unharmed() {
	works >ended
	nth=$((nth + 1))
	stands >after
	diff usual ended >differs && diff before after >>differs
	ok $? "$1: all goes on, and nothing else happens"
	sed 's/^/#   /' differs
	mv after before
}
while read -r column what; do
	table=${column%.*} name=${column#*.}
	case $what in own | length) continue ;; esac
	sql "SELECT 1 FROM $table WHERE $name IS NOT NULL LIMIT 1" >there
	sql "UPDATE $table SET $name = $AHEAD WHERE $name IS NOT NULL OR NOT EXISTS (SELECT 1 FROM $table WHERE $name IS NOT NULL)"
	unharmed "$column"
	[ "$what" = mended ] || continue
	is "$(sql "SELECT count(*) FROM $table WHERE $name > $LATE")" 0 "$column: it is now"
done <known
sql "UPDATE pms_integrations SET renewed_at = $AHEAD, token_expiry = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '401 days')"
unharmed "keys that were renewed by a clock ahead"
is "$(sql "SELECT count(*) FROM pms_integrations WHERE token_expiry > strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '25 hours')")" 0 "they end in time"
for fact in $(sql "SELECT name FROM facts WHERE name GLOB '*_at'"); do
	sql "UPDATE facts SET value = $NOW_MS + 400 * 86400000 WHERE name = '$fact'"
	unharmed "the fact $fact"
	is "$(sql "SELECT value > $NOW_MS + 300000 FROM facts WHERE name = '$fact'")" 0 "the fact $fact: it is now"
done
for name in $(sqlite "$SIKKA_DB.limits" "SELECT name FROM pragma_table_info('windows') WHERE name GLOB '*_at' OR name GLOB '*_until'"); do
	sqlite "$SIKKA_DB.limits" "UPDATE windows SET $name = $NOW_MS + 400 * 86400000"
	unharmed "$name of the limits"
done
time_runs

# --- afterwards ---------------------------------------------------------------------------------------------------------

looked=$(row "$pending" check_count)
later 61
sikka-poll >out 2>err
[ "$(row "$pending" check_count)" -gt "$looked" ]
ok $? "what is pending is looked at"
later 36m
sikka-sweep >swept 2>&1
later 61
sikka-sweep >swept 2>&1
is "$(state "$unknown") $(state "$withdrawn") $(row "$withdrawn" 'holds_key + holds_content')" "failed not_received withdrawn 0" \
    "what waits has waited for its time, and no longer"
later 7h
sikka-sweep >swept 2>err
sql "UPDATE events SET happened_at = $AHEAD WHERE kind IN ('stuck', 'office_offline')"
sikka-sweep >swept 2>err
is "$(jq -r 'select(.event == "stuck" or .event == "office_offline") | .event' swept | sort -u | tr '\n' ' ')" "office_offline " \
    "an event that lies ahead doesn't count as told"
sikka-sweep >swept 2>err
is "$(jq -r 'select(.event == "stuck" or .event == "office_offline") | .event' swept)" "" "it is told once"
done_testing
