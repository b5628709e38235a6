#!/bin/sh
# SPDX-License-Identifier: MIT
# A request that arrives late and is listed late; and ids and requests that come twice
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0 --spu-offline D36225 --list-lag 840
authorize

# --- late twice -------------------------------------------------------------------------------------------

booking time=09:00 >in
sim_fault 'POST /appointment@1=late:840'
run 2 "a booking that arrives 14 minutes late" sikka-book in
id=$(said .id)
sim_clear_faults
for after in 61 1200 61 200 61; do
	later "$after"
	sikka-sweep >swept 2>&1
done
is "$(state "$id") $(row "$id" 'absent_at IS NULL')" "unknown unclear 1" "and is listed as much later isn't absent meanwhile"
later 200
run 0 "half an hour after it was sent" sikka-sweep
is "$(state "$id") $(posts)" "pending 1" "it is found, and nothing was sent again"

# --- requests that come twice --------------------------------------------------------------------------------

for answer in twice twice-second; do
	before=$(sql 'SELECT max(id) FROM events')
	booking "time=10:$((9 + ${#answer}))" >in
	sim_fault "POST /appointment@1=$answer"
	run 0 "a proxy repeats the POST: $answer" sikka-book in
	id=$(said .id)
	sim_clear_faults
	later 900
	sim_fault 'POST /appointment@1=drop-before'
	booking "time=11:$((9 + ${#answer}))" >asks
	run 2 "something that makes the next sweep read the list" sikka-book asks
	sim_clear_faults
	run 2 "$answer: a sweep" sikka-sweep
	is "$(event_kinds "$id")" "queued submitting pending doubled" "$answer: a person hears of it"
	run 2 "$answer: another sweep" sikka-sweep
	is "$(sql "SELECT count(*) FROM events WHERE kind = 'doubled' AND id > $before")" 1 "$answer: once"
done
is "$(sim_count 'DELETE /writebacks')" 0 "nothing is withdrawn"

# --- an id that comes again ------------------------------------------------------------------------------------

first=$(row 1 writeback_id)
booking time=12:00 >in
sim_fault "POST /appointment@1=id:$first"
run 2 "an id that another row has" sikka-book in
id=$(said .id)
sim_clear_faults
is "$(state "$id") $(row "$id" 'writeback_id IS NULL')" "unknown id_taken 1" "unknown, and not under this id"
is "$(state 1) $(row 1 writeback_id)" "pending $first" "the other row isn't touched"
is "$(event_kinds "$id")" "queued submitting id_taken" "a person hears of it"
for after in 2200 61 61; do
	later "$after"
	sikka-sweep >swept 2>&1
done
is "$(state "$id") $(row "$id" 'absent_at IS NULL')" "unknown id_taken 1" "whatever lists show, a person decides"
done_testing
