#!/bin/sh
# SPDX-License-Identifier: MIT
# A request that turns up after its row was declared not received is taken over or withdrawn
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0
authorize
patches() { sim_count 'PATCH /appointments/{}'; }
applied() { held "[.writebacks[] | select(.method == \"PATCH\" and .path_id == \"$1\").applied] | add"; }
there() { held ".writebacks[] | select(.id == \"$1\").state"; }
change() { # change APPOINTMENT
	jq -cn --arg sr "$1" '{office_id: "D36225", practice_id: "1", operation: "update_appointment_status",
	    appointment_sr_no: $sr, op: "replace", path: "/appointment_status", value: "Confirmed"}'
}
absent() { # absent APPOINTMENT: its change is lost before it arrives, and two lists lack it; in $id
	change "$1" >in
	sim_fault 'PATCH /appointments/*@1=drop-before'
	run 2 "appointment $1: the answer is lost" sikka-book in
	id=$(said .id)
	sim_clear_faults
	later 2200
	sikka-sweep >swept 2>&1
	later 61
	sikka-sweep >swept 2>&1
	is "$(state "$id")" "failed not_received" "appointment $1: two lists lack it"
}
minute=0
lists() { # something that makes the next sweep read the list
	minute=$((minute + 1))
	sim_fault 'POST /appointment@1=drop-after'
	booking "time=$(printf '08:%02d' "$minute")" practice_id=2 >asks
	sikka-book asks >asked 2>&1
}

# --- queued again ----------------------------------------------------------------------------------------

# Behind so many others that it isn't sent as long as these have no answer. With a limit that is known, others may send.
sikka-get -O D36225 providers --limit 1 >got
sim_fault 'PATCH /appointments/*=drop-before'
for other in 20 21 22 23 24 25 26 27 28 29 30 31; do change "$other"; done >in
run 2 "twelve changes are lost" sikka-book in
sim_clear_faults
absent 1
is "$(sql "SELECT count(*) FROM pms_writebacks WHERE error_code = 'not_received'")" 13 "and so is one more: two lists lack all thirteen"
sim_fault 'PATCH /appointments/??=hold'
sikka-sweep --retry >retried 2>&1 &
pid=$!
others_are_sent() { sim_holds 1 && [ "$(state "$id")" = queued ]; }
wait_for others_are_sent
ok $? "it is to be sent again, and waits"
turn_up
lists
sikka-sweep >swept 2>&1
is "$(state "$id") $(row "$id" 'writeback_id IS NOT NULL')" "pending 1" "another process finds it meanwhile: pending"
sim_clear_faults
wait "$pid"
is "$? $(held '[.writebacks[] | select(.method == "PATCH") | .path_id] | length - (unique | length)')" "0 0" "it isn't sent"
is "$(held '[.writebacks[] | select(.method == "PATCH")] | length')" 13 "the others are"
run 0 "it ends" sikka-poll --wait=60s --every 1s
is "$(state "$id") $(applied 1)" "completed 1" "carried out once"

# --- its key is another's by now ------------------------------------------------------------------------------

absent 2
first=$id
spu offline
change 2 >in
run 0 "the same, handed in anew" sikka-book in
second=$(said .id)
id=$first
turn_up
before=$(patches)
lists
run 0 "a list shows it" sikka-sweep
is "$(state "$first"), $(state "$second")" "failed not_received, pending" "the states stay"
double=$(row "$first" doubled_id)
like "$(event_kinds "$first")" 'not_received doubled$' "a person hears of it"
lists
sikka-sweep >swept 2>&1
is "$(there "$double") $(there "$(row "$second" writeback_id)")" "pending pending" "none is withdrawn: the first row was sent once only, so a person decides"
sim_post "writeback?id=$(row "$second" writeback_id)&state=failed"
run 1 "the second one fails, so the key is free" sikka-poll --wait=60s --every 1s "$second"
sikka-sweep --retry >swept 2>&1
is "$(state "$first") $(patches)" "failed not_received $before" "the first isn't sent again: the server has a request for it"
spu online

# --- carried out before it could be withdrawn ---------------------------------------------------------------------

absent 3
run 0 "sent again" sikka-sweep --retry
run 0 "and carried out" sikka-poll --wait=60s --every 1s
turn_up
lists
sikka-sweep >swept 2>&1
lists
sikka-sweep >swept 2>&1
is "$(state "$id")" completed "it turns up when the row has completed, which stands"
like "$(event_kinds "$id")" 'completed doubled doubled$' "a person hears that it is there twice, and that it can't be withdrawn"
before=$(sim_count 'DELETE /writebacks')
sikka-sweep >swept 2>&1
is "$(sim_count 'DELETE /writebacks')" "$before" "which isn't tried for ever"

# --- another program writes to the office, too -----------------------------------------------------------------------

absent 5
spu offline
sikka-sweep --retry >swept 2>&1
turn_up
lists
export SIKKA_SHARED_OFFICES=D36225
before=$(deletes)
sikka-sweep >swept 2>&1
double=$(row "$id" doubled_id)
is "$(state "$id") $(there "$double") $(deletes)" "pending pending $before" "what turns up beside a row that was sent twice isn't withdrawn"
like "$(sql "SELECT text FROM events WHERE kind = 'doubled' AND row_id = $id")" "nobody withdraws by itself" "a person is told so"
unset SIKKA_SHARED_OFFICES
sikka-sweep >swept 2>&1
is "$(state "$id") $(deletes)" "pending $((before + 1))" "where no other program writes it is"
spu online

# --- two days later --------------------------------------------------------------------------------------------------

absent 4
later 173000
turn_up
lists
sikka-sweep >swept 2>&1
is "$(state "$id") $(row "$id" 'doubled_id IS NULL')" "failed not_received 1" "after two days it may be anybody's: nothing is done"
done_testing
