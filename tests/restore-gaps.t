#!/bin/sh
# SPDX-License-Identifier: MIT
# What lists can't show after a restore: nothing goes on without --accept-gap, and the event keeps what was accepted
. "$(dirname "$0")/lib.sh"

FAULT=
hand() { booking "$@" >in && sikka-book in >booked 2>booked.err; }
# begin [OPTION …]: a server of its own, one request in the copy and one after it, and the copy is put back.
begin() {
	[ -z "${SIM_PID:-}" ] || kill "$SIM_PID"
	rm -rf "$T/state"
	start_sim --rate-limit 100000 --delay 0:0 "$@"
	authorize
	hand time=08:00
	cp "$SIKKA_DB" copy.db
	[ -z "$FAULT" ] || sim_fault "$FAULT"
	hand time=09:00 key=A
	cp copy.db "$SIKKA_DB"
}
taken() { sql "SELECT count(*) FROM pms_writebacks WHERE unclaimed = 1"; }
accepted() { sql "SELECT text FROM events WHERE kind = 'restored'"; }
is_still_a_copy() {
	booking time=10:00 >in
	run 75 "nothing is sent meanwhile" sikka-book in
	is "$(sim_writebacks) $(taken)" "2 0" "and nothing was taken over"
}

# gap WHAT FAULT TEXT TAKEN: with that fault of its lists
gap() {
	begin
	later 36m
	sim_fault "GET /writebacks=$2"
	run 75 "$1" after_restore
	like "$err" "$3.*--accept-gap" "is said"
	is_still_a_copy
	run 0 "$1, accepted" after_restore --accept-gap
	like "$err" "$3.*: D20006, D36225" "the offices are named"
	is "$(told 'D20006, D36225')" 1 "once"
	is "$(taken)" "$4" "what could be read is taken over"
	like "$(accepted)" "isn't known, which was accepted: .*$3" "the event says what was accepted"
	sim_clear_faults
	booking time=10:00 >in
	run 0 "something new" sikka-book in
	is "$(sim_writebacks)" 3 "is sent"
}
gap "a server without Date" no-date "the server's answers have no Date" 1
gap "a plan without lists" status:401:API2004 "API2004" 0
gap "a count that is always off" total:1 "the server's list changed while it was read" 1

begin
later 6d
run 75 "a copy of six days" after_restore
like "$err" "the copy's latest moment is 20.* more than 5 days ago" "is too old for what lists show"
is_still_a_copy
run 0 "a copy of six days, accepted" after_restore --accept-gap
like "$(accepted)" "the copy's latest moment is" "the event says so"

begin
sql "UPDATE pms_writebacks SET queued_at = '2027-01-01T00:00:00.000Z', submitted_at = '2027-01-01T00:00:00.000Z';
    DROP TRIGGER events_stay; DELETE FROM events; DELETE FROM heartbeats"
later 36m
run 75 "a copy whose moments are all ahead of the clock" after_restore
like "$err" "it isn't known when the copy was made" "has no age"

# --- a row of the copy that was not received, and was sent again since ----------------------------------------------------

kill "$SIM_PID"
rm -rf "$T/state"
start_sim --rate-limit 100000 --delay 0:0
authorize
hand time=12:10
sim_fault 'POST /appointment@1=drop-before'
hand time=12:20 key=N
id=$(sql "SELECT max(id) FROM pms_writebacks")
for minutes in 36m 130s; do
	later $minutes
	sikka-sweep >swept 2>&1
done
is "$(row "$id" 'result, error_code')" "failed|not_received" "a row that was not received"
cp "$SIKKA_DB" copy.db
run 0 "it is sent again" sikka-sweep --retry
sent=$(row "$id" writeback_id)
cp copy.db "$SIKKA_DB"
later 36m
run 0 "with -n" after_restore -n
is "$(jq -r 'select(.operation) | [.would, .id] | join(" ")' out)" "adopt $id" "the row would get it"
run 0 "after the restore" after_restore
is "$(row "$id" 'result, writeback_id, adopted') $(sql "SELECT count(*) FROM pms_writebacks WHERE writeback_id = '$sent'")" "pending|$sent|1 1" \
    "the copy's own row gets it, and nothing is taken over"

# --- lists that lag, and a request that is late --------------------------------------------------------------------------

FAULT='POST /appointment@1=late:840'
begin --list-lag 900
later 36m
run 0 "a request that arrives a quarter of an hour late, and is listed another one later" after_restore
is "$(taken)" 1 "is there when the lists are read"
booking time=09:00 key=A >in
run 0 "it is handed in again" sikka-book in
is "$(said .duplicate) $(sim_writebacks)" "true 2" "and is a duplicate"

# --- a departure that lies ahead of the clock ---------------------------------------------------------------------------------

FAULT=
begin
move_clocks -864000 -864000 0 -864000
run 75 "the last departure is ten days ahead" after_restore
until=$(sed -n 's/.*run the command again after \([0-9-]*\)T.*/\1/p' err)
is "$until" "$(date -u +%Y-%m-%d)" "it counts as one of now"
later 36m
run 0 "half an hour later" after_restore --accept-gap
like "$(accepted)" "it isn't known when the copy was made" "nothing else is known of that copy's time"
done_testing
