#!/bin/sh
# SPDX-License-Identifier: MIT
# Unknown rows, and rows that the server no longer knows, are settled by its list, or left to a person
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0
authorize
says() { sim_post "writeback?id=$(row "$1" writeback_id)&state=$2"; } # says ROW STATE: the server, from now on
# look COUNT: so many passes of sikka-poll, a minute apart
look() {
	i=0
	while [ "$i" -lt "$1" ]; do
		later 61
		sikka-poll >polled 2>&1
		i=$((i + 1))
	done
}

# --- not there yet: the list lags -------------------------------------------------------------------------

lose after 09:00
sim_fault 'GET /writebacks=lag:100000'
run 2 "a list that lags, at once" sikka-sweep
is "$(state "$id") $(row "$id" 'absent_at IS NULL')" "unknown unclear 1" "proves nothing"
later 2200
run 2 "more than half an hour later it still doesn't show it" sikka-sweep
is "$(state "$id") $(row "$id" 'absent_at IS NOT NULL')" "unknown unclear 1" "which is noted, and no more"
sim_clear_faults
later 61
run 0 "the second list shows it" sikka-sweep
is "$(state "$id") $(row "$id" 'absent_at IS NULL') $(posts)" "pending 1 1" "found; nothing is sent"
run 0 "it ends" sikka-poll --wait=60s --every 1s

# --- one that is the same is being submitted -----------------------------------------------------------------

lose before 09:10 --again
first=$id before=$(posts)
sim_fault 'POST /appointment=hang-after'
sikka-book --again in >hanging 2>&1 &
pid=$!
arrived() { [ "$(posts)" -gt "$before" ]; }
wait_for arrived
sim_clear_faults
run 2 "while one that is the same waits for its answer" sikka-sweep
is "$(state "$first")" "unknown unclear" "what the list shows may be that one's"
freeze "$pid"
ok $? "that one's process stands still, with its answer outstanding"
later 2200
sikka-sweep >swept 2>&1
is "$(state "$first") $(row "$first" 'absent_at IS NULL')" "unknown unclear 1" "nor is it absent"
kill -KILL "$pid"
wait "$pid" 2>wait.err
run 2 "when that one's process is dead" sikka-sweep
is "$(state "$first"), $(row $((first + 1)) result)" "unknown unclear, unknown" "one for two: nobody can tell"
run 0 "a person can" sikka-sweep --unchecked --resolve "$first=failed" --resolve "$((first + 1))=$(held '.writebacks[-1].id')"
run 0 "it ends" sikka-poll --wait=60s --every 1s

# --- what the server keeps no longer ----------------------------------------------------------------------------

lose before 09:20
later 520000
for list in 1 2 3; do
	run 2 "six days old, list $list" sikka-sweep
	later 61
done
is "$(state "$id") $(row "$id" 'absent_at IS NULL')" "unknown unclear 1" "of what is so old a list proves nothing"
run 0 "-n" sikka-sweep -n
is "$(said "select(.id == \"$id\").would")" "leave unknown" "says so"
run 0 "a person decides" sikka-sweep --resolve "$id=failed"
is "$(state "$id")" "failed resolved" "that it failed"

# --- an id that the server doesn't know, and then does ------------------------------------------------------------

spu offline
for at in 10:00 10:10 10:20; do booking "time=$at"; done >in
run 0 "three pending ones" sikka-book in
first=$(said .id | sort -n | head -n 1)
for i in 0 1 2; do says $((first + i)) forgotten; done
look 4
is "$(for i in 0 1 2; do state $((first + i)); done | sort | uniq -c | tr -s ' ')" " 3 unknown" "forgotten by the server: unknown"
says "$first" pending
says $((first + 1)) completed
says $((first + 2)) failed
run 1 "the server knows them after all" sikka-sweep
is "$(state "$first"), $(state $((first + 1))), $(state $((first + 2)))" "pending, completed, failed pms_refused" "its word counts: pending, or how it ended"
like "$(event_kinds "$first")" 'lost pending$' "the history tells both"
is "$(posts)" 7 "nothing was sent"

# --- known to the list alone ---------------------------------------------------------------------------------------

booking time=10:30 >in
run 0 "a pending one" sikka-book in
id=$(said .id)
sim_fault 'GET /writeback_status=status:404:API2009'
look 3
is "$(row "$id" "result || gone_looks")" pending3 "three looks don't find it"
run 0 "the status doesn't know it, the list does" sikka-sweep
is "$(state "$id") $(row "$id" gone_looks)" "pending 0" "it stays pending"
sim_clear_faults

# --- a withdrawal whose answer was lost, and the server knows it no longer ------------------------------------------

booking time=11:00 >in
run 0 "a pending one" sikka-book in
id=$(said .id)
sim_fault 'DELETE /writebacks=drop-before'
run 69 "the DELETE is lost" sikka-sweep --withdraw "$id"
sim_clear_faults
says "$id" forgotten
look 4
is "$(state "$id")" withdrawn "three looks and the list: withdrawn, as was intended"

booking time=11:10 >in
run 0 "a pending one" sikka-book in
id=$(said .id)
sim_fault 'DELETE /writebacks=drop-before'
run 69 "the DELETE is lost" sikka-sweep --withdraw "$id"
sim_clear_faults
says "$id" forgotten
later 520000
look 4
is "$(state "$id")" unknown "older than six days: unknown, for the server forgets by itself"
like "$(event_kinds "$id")" 'withdraw_intended lost$' "a person hears of it"
sikka-sweep --unchecked --resolve "$id=failed" >swept 2>&1

booking time=11:20 >in
run 0 "a pending one" sikka-book in
id=$(said .id)
later 11m
sim_fault 'DELETE /writebacks=drop-before'
sikka-sweep --stuck-after 10m >swept 2>&1
sim_clear_faults
is "$(row "$id" "result || withdraw_reason")" pendingstuck "stuck, and the DELETE is lost"
says "$id" forgotten
look 4
is "$(state "$id")" "failed stuck" "three looks and the list: failed, as was intended"
like "$(event_kinds "$id")" 'withdraw_intended stuck$' "its history"

booking time=11:30 >in
run 0 "a pending one that nobody withdrew" sikka-book in
id=$(said .id)
later 520000
says "$id" forgotten
look 4
is "$(state "$id")" unknown "six days old and forgotten: unknown"
run 0 "a person can settle it" sikka-sweep --resolve "$id=completed"
spu online

# --- before a booking is sent again -----------------------------------------------------------------------------------

lose before 13:00
later 2200
sikka-sweep >swept 2>&1
later 61
run 1 "not received" sikka-sweep
is "$(state "$id")" "failed not_received" "surely"
mkdir other
run 0 "meanwhile somebody has given the patient that time" sh -c 'sikka-authorize -D other/db >other.out && echo "$1" | sikka-book -D other/db --wait=60s' sh "$(booking time=13:00 'description=by telephone')"
before=$(posts)
run 0 "--retry" sikka-sweep --retry
like "$err" "request $id isn't sent again: the patient has an appointment" "reads the patient's appointments first"
is "$(state "$id") $(posts)" "failed not_received $before" "and doesn't send it"

run 0 "all end" sikka-poll --wait=60s --every 1s
is "$(held '[.writebacks[].applied] | max')" 1 "nothing was carried out twice"

# --- the later request that lists had to show was lost, and a person has decided about it -----------------------------

anew --rate-limit 100000 --delay 0:0 --spu-offline D36225
lose before 15:00
unknown=$id
booking time=15:10 >in
run 0 "a later request" sikka-book in
id=$(said .id)
sim_post "writeback?id=$(row "$id" writeback_id)&state=forgotten"
for look in 1 2 3 4; do
	later 61
	sikka-poll >polled 2>&1
done
is "$(state "$id")" unknown "the server has lost it"
later 36m
run 2 "a person says that it failed" sikka-sweep --resolve "$id=failed"
is "$(state "$id"), $(state "$unknown")" "failed resolved, unknown unclear" "and an earlier one is unknown"
for list in 1 2; do
	later 61
	sikka-sweep >swept 2>&1
done
is "$(state "$unknown")" "failed not_received" "which lists lack, though they don't show the later one"

# --- what stands in the path -----------------------------------------------------------------------------------

# The echo names the number in the path as id=, and not under the name of its field a second time.
in_path() { # in_path ROUTE REQUEST: its answer is lost, and the list has it as documented
	echo "$2" >in
	sim_fault "$1@1=drop-after"
	run 2 "$1: an answer lost" sikka-book in
	id=$(said .id)
	sim_clear_faults
	later 61
	sikka-sweep >swept 2>&1
	is "$(state "$id")" "pending" "is found in the list"
}
in_path 'PATCH /appointments/*' '{"operation":"update_appointment_status","office_id":"D36225","practice_id":"1","appointment_sr_no":"7","value":"Confirmed"}'
in_path 'PUT /appointments/*' '{"operation":"reschedule_appointment","office_id":"D36225","practice_id":"1","appointment_sr_no":"7","provider_id":"DOC1","date":"2031-03-04"}'
in_path 'PATCH /claims/*' '{"operation":"update_claim","office_id":"D36225","practice_id":"1","claim_sr_no":"1","status":"Sent"}'
in_path 'PATCH /patient/*' '{"operation":"update_patient","office_id":"D20006","practice_id":"1","patient_id":"7","firstname":"Ada","staff":"STF1"}'
done_testing
