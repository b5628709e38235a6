#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-sweep: unknown rows are found, or declared not received by proof only, and may then be sent again
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0
authorize

# --- found ------------------------------------------------------------------------------------------

lose after 09:00
run 0 "found" sikka-sweep
is "$(state "$id") $(row "$id" writeback_id)" "pending $(held '.writebacks[0].id')" "pending, under the server's id"
is "$(said .event)" found "which is told"
is "$(event_kinds "$id")" "queued submitting unknown found" "its history"
is "$(posts)" 1 "nothing was sent"
run 0 "it completes" sikka-poll --wait=60s --every 1s

# Two identical rows (--again): as many matches as unknown rows, so the oldest gets the oldest.
sim_fault 'POST /appointment@1-2=drop-after'
booking time=09:10 >in
run 2 "one lost" sikka-book --again in
first=$(said .id)
run 2 "and an identical one" sikka-book --again in
second=$(said .id)
sim_clear_faults
run 0 "both are found" sikka-sweep
is "$(row "$first" writeback_id) $(row "$second" writeback_id)" "$(held '.writebacks[1:3] | map(.id) | join(" ")')" "the older one is the older one's"
# Of two identical requests one arrived: nobody can say which.
sim_fault 'POST /appointment@1=drop-after'
sim_fault 'POST /appointment@2=drop-before'
booking time=09:20 >in
run 2 "one lost" sikka-book --again in
first=$(said .id)
run 2 "and an identical one, not done" sikka-book --again in
second=$(said .id)
sim_clear_faults
run 2 "one match for two" sikka-sweep
is "$(state "$first"), $(state "$second")" "unknown unclear, unknown unclear" "is guessed for neither"
like "$err" "request $first may be writeback" "a person is told"
run 0 "-n shows it" sikka-sweep -n
is "$(said "select(.id == \"$first\") | .would + \" \" + (.candidates | map(.strict | tostring) | join(\",\"))")" "leave unknown true" "beside its candidate"
run 2 "a person names another request's" sikka-sweep --resolve "$first=$(sql 'SELECT writeback_id FROM pms_writebacks WHERE writeback_id IS NOT NULL LIMIT 1')"
like "$err" "which belongs to another request" "that is refused"
run 2 "a person says which" sikka-sweep --resolve "$first=$(held '.writebacks[-1].id')"
is "$(state "$first")" pending "that one is pending"
run 0 "and that the other one isn't there" sikka-sweep --resolve "$second=failed" --unchecked
run 1 "all end" sikka-poll --wait=60s --every 1s

# --- absent -----------------------------------------------------------------------------------------

lose before 10:00
run 2 "just now: a list without it proves nothing" sikka-sweep
later 2040
run 2 "nor after 34 minutes" sikka-sweep
later 70
run 2 "then a list may count" sikka-sweep
is "$(state "$id") $(row "$id" 'absent_at IS NOT NULL')" "unknown unclear 1" "after 35 minutes the first empty list is noted"
run 2 "a second one at once doesn't count" sikka-sweep
is "$(state "$id")" "unknown unclear" "it stays unknown"
later 61
sim_fault 'GET /writebacks=status:500:API2001'
run 2 "a list that can't be read proves nothing" sikka-sweep
is "$(state "$id")" "unknown unclear" "it stays unknown"
sim_clear_faults
run 1 "two such lists, a minute apart" sikka-sweep
is "$(state "$id") $(row "$id" 'not_received_at IS NOT NULL')" "failed not_received 1" "surely absent"
is "$(event_kinds "$id")" "queued submitting unknown not_received" "its history"
before=$(posts)
run 0 "a sweep without --retry" sikka-sweep
is "$(posts)" "$before" "sends nothing"
run 0 "--retry" sikka-sweep --retry
is "$(state "$id") $(posts) $(row "$id" attempts)" "pending $((before + 1)) 2" "sends it again, once, in its row"
run 0 "--retry again" sikka-sweep --retry
is "$(posts)" "$((before + 1))" "not once more"
run 0 "it completes" sikka-poll --wait=60s --every 1s
is "$(held '[.writebacks[] | select(.body.time == "10:00").applied] | add')" 1 "once in the book"

# A request of the row's kind that nobody owns may be the row's, with a garbled echo.
lose before 10:10
run 0 "another program books through the same application" env SIKKA_SHARED_OFFICES='*' sh -c 'sikka-book -D "$HOME/other/sikka.db" in || { sikka-authorize -D "$HOME/other/sikka.db" >other.out && booking=$1 && echo "$booking" | sikka-book -D "$HOME/other/sikka.db"; }' sh "$(booking time=23:00)"
later 2200
run 2 "an unowned request of its kind" sikka-sweep
later 61
run 2 "in two lists" sikka-sweep
is "$(state "$id") $(row "$id" 'absent_at IS NULL')" "unknown unclear 1" "it isn't declared absent"
run 0 "-n" sikka-sweep -n
is "$(said "select(.id == \"$id\") | .would + \" \" + (.candidates | map(.strict | tostring) | join(\",\"))")" "leave unknown false" "shows what it may be"
run 0 "a person says that it failed" sikka-sweep --resolve "$id=failed" --unchecked
is "$(state "$id")" "failed resolved" "failed"

# --- it turns up late ----------------------------------------------------------------------------------
# The other program's request is in all lists from here on, so the next requests are of another kind.

absent() { # absent SR: a change of status that was lost before it was done, and is declared not received
	jq -cn --arg sr "$1" '{office_id: "D36225", practice_id: "1", operation: "update_appointment_status",
	    appointment_sr_no: $sr, op: "replace", path: "/appointment_status", value: "Confirmed"}' >in
	sim_fault 'PATCH /appointments/*@1=drop-before'
	run 2 "a change lost" sikka-book in
	sim_clear_faults
	id=$(said .id)
	later 2200
	sikka-sweep >swept 2>&1
	later 61
	run 1 "is declared not received" sikka-sweep
	is "$(state "$id")" "failed not_received" "not received"
}
absent 1
turn_up
lose after 12:00 practice_id=2   # what makes the next sweep read the list
late=$id
id=$(sql "SELECT max(id) FROM pms_writebacks WHERE error_code = 'not_received'")
before=$(sim_count 'PATCH /appointments/{}')
sikka-sweep --retry >swept 2>&1
is "$(state "$id") $(row "$id" 'writeback_id IS NOT NULL')" "pending 1" "turned up before the retry: taken over"
is "$(sim_count 'PATCH /appointments/{}')" "$before" "not sent again"
like "$(event_kinds "$id")" 'not_received found$' "its history"
is "$(state "$late")" pending "the other one was found too"
run 0 "they complete" sikka-poll --wait=60s --every 1s

absent 2
sim_post 'office?office_id=D36225&spu=offline'
run 0 "sent again" sikka-sweep --retry
is "$(state "$id")" pending "it is pending"
own=$(row "$id" writeback_id)
turn_up
lose after 12:10 practice_id=2
id=$(sql "SELECT max(id) FROM pms_writebacks WHERE not_received_at IS NOT NULL")
sikka-sweep >swept 2>&1
is "$(row "$id" writeback_id) $(row "$id" 'doubled_id <> writeback_id')" "$own 1" "it turns up beside the retried one: noted in the row"
like "$(event_kinds "$id")" 'doubled' "a person hears of it"
sikka-sweep >swept 2>&1
is "$(held ".writebacks[] | select(.id == \"$(row "$id" doubled_id)\").state")" withdrawn "and it is withdrawn"
sim_post 'office?office_id=D36225&spu=online'
run 0 "all end" sikka-poll --wait=60s --every 1s
is "$(held '[.writebacks[] | select(.method == "PATCH" and .path_id == "2").applied] | add')" 1 "carried out once"
is "$(held '[.writebacks[].applied] | max')" 1 "nothing was carried out twice"

# --- a list that changes while it is read ----------------------------------------------------------------

start_sim --rate-limit 100000 --page-max 2 --delay 0:0
SIKKA_DB=$T/paged/sikka.db
authorize
lose before 09:00
later 100
for at in 08:00 08:10 08:20 08:30; do booking "time=$at"; done >in
run 0 "four bookings" sikka-book in
later 2150
sim_fault "GET /writebacks@2=lag:100000
GET /writebacks@4=lag:100000
GET /writebacks@6=lag:100000"
run 2 "the second page counts otherwise" sikka-sweep
is "$(row "$id" 'absent_at IS NULL')" 1 "a torn list proves nothing"
run 2 "a whole one" sikka-sweep
is "$(row "$id" 'absent_at IS NOT NULL')" 1 "is noted"
sim_clear_faults
later 61
sim_fault 'GET /writebacks=lag:100000'
run 2 "a list that lags" sikka-sweep
is "$(state "$id")" "unknown unclear" "lacks what was accepted later: proves nothing"
done_testing
