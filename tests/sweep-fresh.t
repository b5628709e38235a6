#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-sweep --retry: a booking isn't sent again while what the server shows of the practice may be older than the
# booking: it would be booked twice, as the list can't show it
. "$(dirname "$0")/lib.sh"

DAY=86400
start_sim --rate-limit 100000 --delay 0:0 --refresh-every $DAY
authorize
refresh() { sim_post 'office?office_id=D36225&refresh=now'; }
quirk() { sim_post "quirks?insert_date=$1"; }
# told ID: the events that say that it waits
told() { sql "SELECT count(*) FROM events WHERE kind = 'data_too_old' AND outbox AND row_id = $1"; }
applied() { held '[.writebacks[].applied] | add'; }

# lost WHEN TIME [OPTION …]: a booking whose answer is lost, so that two lists declare it not received; in id. With WHEN
# "after" the practice has it, and the lists are wrong.
lost() {
	sim_fault "POST /appointment@1=drop-$1"
	booking "time=$2" >in
	run 2 "$2: a booking whose answer is lost ($1)" sikka-book in
	sim_clear_faults
	id=$(sql "SELECT max(id) FROM pms_writebacks")
	if [ "$1" = after ]; then
		sim_post "writeback?id=$(held '.writebacks[-1].id')&hidden=both"
	fi
	later 2200
	sikka-sweep >swept 2>&1
	later 61
	sikka-sweep >swept 2>&1
	is "$(state "$id")" "failed not_received" "two lists lack it"
	before=$(posts)
}

# --- the practice has it, and reads don't show it yet --------------------------------------------------------

lost after 09:00
is "$(applied)" 1 "the practice has it"
is "$(sikka-get -O D36225 appointments startdate=2031-03-03 2>/dev/null | wc -l)" 0 "reads show the copy of before"
run 0 "--retry" sikka-sweep --retry
is "$(posts) $(state "$id")" "$before failed not_received" "doesn't send it a second time"
like "$err" "request $id waits: .* copied at 20..-.*, which isn't surely later than the request" "says why, and of when the data are"
is "$(told "$id")" 1 "an event says so"
like "$(jq -r 'select(.event == "data_too_old") | .id + " " + .text' "$T/out")" "^$id .*sikka-sweep --retry=$id --unchecked" "with what mends it"
run 0 "-n" sikka-sweep -n --retry
is "$(said '.would + " " + .id')" "leave failed $id" "shows it"
run 75 "who names it" sikka-sweep "--retry=$id"
like "$err" "request $id waits" "is told, too"
is "$(posts) $(told "$id")" "$before 1" "nothing is sent; the event stays one"
later 3600
sikka-sweep --retry >swept 2>&1
is "$(posts) $(told "$id")" "$before 1" "an hour later neither"
refresh
run 0 "after the refresh" sikka-sweep --retry
is "$(posts) $(state "$id")" "$before failed not_received" "the list shows it, so it isn't sent"
like "$err" "request $id isn't sent again: the patient has an appointment at that time" "and says so"

# --- the practice hasn't got it ------------------------------------------------------------------------------------

lost before 10:00
run 0 "--retry" sikka-sweep --retry
is "$(posts) $(told "$id")" "$before 1" "one that never arrived waits just so"
sim_post 'office?office_id=D36225&spu=offline'
later $((3 * DAY))
sikka-sweep --retry >swept 2>&1
is "$(posts) $(told "$id")" "$before 1" "for as long as the practice's server is off"
sim_post 'office?office_id=D36225&spu=online'
later $DAY
run 0 "a day after it is on again" sikka-sweep --retry
is "$(($(posts) - before)) $(state "$id")" "1 pending" "it is sent, once"
run 0 "and" sikka-poll --wait=60s --every 1s
is "$(state "$id") $(applied)" "completed 2" "carried out"

# A refresh within half an hour of the request may have been too early.
lost before 10:10
sql "UPDATE pms_writebacks SET submitted_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-26 minutes'), unknown_at = submitted_at WHERE id = $id"
refresh
later 120
sikka-sweep --retry >swept 2>&1
is "$(posts) $(told "$id")" "$before 1" "a copy of less than half an hour after the request proves nothing"
later 600
refresh
later 180
run 0 "a later one" sikka-sweep --retry
is "$(($(posts) - before)) $(state "$id")" "1 pending" "does"
sikka-poll --wait=60s --every 1s >polled 2>&1

# --- the server doesn't say it -----------------------------------------------------------------------------------------

lost before 11:00
quirk absent
refresh
later 180
run 0 "a server that doesn't say how old its data are" sikka-sweep --retry
is "$(posts) $(told "$id")" "$before 1" "lets it wait"
like "$err" "request $id waits: the server doesn't say when" "and why is told"
quirk ahead
sikka-sweep --retry >swept 2>"$T/err"
is "$(posts) $(told "$id")" "$before 1" "a date that lies ahead of every clock says no more"
like "$(cat "$T/err")" "in a way that can be true: 20" "and is shown"
is "$(sql "SELECT count(*) FROM refreshes WHERE data_insert_date > strftime('%Y-%m-%d', 'now', '+2 days')")" 0 "nor is it noted"
quirk present
sim_fault 'GET /data_sync_status=status:401:API2004'
sikka-sweep --retry >swept 2>"$T/err"
is "$(posts) $(told "$id")" "$before 1" "nor does an application that may not ask"
sim_clear_faults
sim_fault 'GET /data_sync_status=status:503:API2002'
run 69 "a server that is overloaded" sikka-sweep --retry
is "$(posts)" "$before" "sends nothing"
sim_clear_faults

# --- a person has looked -------------------------------------------------------------------------------------------------

quirk absent
run 64 "--unchecked without a name" sikka-sweep --retry --unchecked
run 0 "a person who has looked" sikka-sweep "--retry=$id" --unchecked
is "$(($(posts) - before)) $(state "$id")" "1 pending" "has it sent"
quirk present
sikka-poll --wait=60s --every 1s >polled 2>&1
lost after 11:10
refresh
run 1 "who is wrong" sikka-sweep "--retry=$id" --unchecked
is "$(posts)" "$before" "is told that the patient has the appointment"

# --- what the date says -----------------------------------------------------------------------------------------------------

noted() { sql "SELECT data_insert_date FROM refreshes WHERE office_id = 'D36225' AND practice_id = '1'"; }
date=$(noted)
like "$date" '^20..-..-..T..:..:..$' "the date is noted"
refresh
later 600
authorize
[ "$(noted)" '>' "$date" ]
ok $? "a later one, which the list of practices has, takes its place"
sql "UPDATE refreshes SET data_insert_date = strftime('%Y-%m-%dT%H:%M:%S', 'now', '+10 hours')"
date=$(noted)
authorize
is "$(noted)" "$date" "an earlier one doesn't, since in some zone it may be true"
sql "UPDATE refreshes SET data_insert_date = strftime('%Y-%m-%dT%H:%M:%S', 'now', '+2 days')"
authorize
[ "$(noted)" '<' "$date" ]
ok $? "but it does where the one that stands there can't be"

# A server that lists everybody, however long ago the refresh was: the date was there before the request.
HERE=$SIKKA_BASE_URL
start_canned "$T/answer"
lost_ago() { sql "UPDATE pms_writebacks SET result = 'failed', error_code = 'not_received', writeback_id = NULL, retries = 0, holds_key = 0, holds_content = 0,
    completed_at = submitted_at WHERE id = $id"; }
lost_ago
listing() { jq -cn --arg date "$1" '{total_count: "1", items: [{office_id: "D36225", practice_id: "1", data_insert_date: $date, patient_id: "7", date: "2031-03-04", time: "09:00"}]}'; }
at() { date -u -d "$1" +%Y-%m-%dT%H:%M:%S; }
sent=$(row "$id" submitted_at)
old=$(at "${sent%.*}Z -1 hour")
sql "UPDATE refreshes SET data_insert_date = '$old', first_seen_at = strftime('%Y-%m-%dT%H:%M:%fZ', '$sent', '-1 minute')"
canned "$(listing "$old")"
is "$(sikka-sweep -q -n --retry=$id 2>"$T/err" | jq -r .would)" "leave failed" "a date that was seen before the request proves nothing, whom ever the server lists"
canned "$(listing "$(at "${sent%.*}Z -2 days")")"
sql "DELETE FROM refreshes"
is "$(sikka-sweep -q -n --retry=$id 2>"$T/err" | jq -r .would)" "leave failed" "nor one that is earlier in every zone"
canned "$(listing "$(at "${sent%.*}Z +40 minutes")")"
is "$(sikka-sweep -q -n --retry=$id 2>"$T/err" | jq -r .would)" "send again" "else the server's word is taken"
SIKKA_BASE_URL=$HERE
done_testing
