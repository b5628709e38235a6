#!/bin/sh
# SPDX-License-Identifier: MIT
# What the list shows besides what a row sent: doubles, other fields, values that can't be compared, withdrawn witnesses
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0 --spu-offline D36225
authorize
there() { held ".writebacks[] | select(.id == \"$1\").state"; }
last() { held '.writebacks[-1].id'; } # the id that the server gave last
look() { later 61; sikka-sweep >swept 2>&1; }

# --- a proxy repeats the POST ---------------------------------------------------------------------------

lose after 09:00
first=$(last)
turn_up
second=$(last)
is "$([ "$first" != "$second" ] && echo two)" two "the server has it twice"
look
is "$(state "$id") $(row "$id" writeback_id)" "pending $first" "the row gets the older one"
like "$(event_kinds "$id")" 'found doubled$' "a person hears of the other"
like "$(sql "SELECT text FROM events WHERE kind = 'doubled'")" "writeback $second .*--adopt $second, then --withdraw .*--not-ours $second" "which it is, and what may be typed"
lose before 09:05
look
like "$(event_kinds "$((id - 1))")" 'found doubled$' "once"
is "$(there "$first") $(there "$second")" "pending pending" "nothing is withdrawn"
other=$id

# --- a field that wasn't sent ----------------------------------------------------------------------------

lose before 09:10
turn_up '.note = "by telephone"'
look
is "$(state "$id")" "unknown unclear" "an entry with a field that wasn't sent is another's"
sikka-sweep -n >shown 2>&1
is "$(jq -r "select(.id == \"$id\") | .candidates[-1] | \"\(.writeback_id) \(.strict)\"" shown)" "$(last) false" "and is shown as a candidate"

# --- a value that can't be compared ------------------------------------------------------------------------

lose after 09:20 'description=crown = bridge'
look
is "$(state "$id")" "unknown unclear" "an = in a value: not adopted"
later 2200
look
look
is "$(state "$id") $(row "$id" 'absent_at IS NULL')" "unknown unclear 1" "nor is it ever absent while the list shows one of its kind"
is "$(state "$other")" "unknown unclear" "and nothing of that kind is"

# --- the latest request was withdrawn --------------------------------------------------------------------

change() { # change APPOINTMENT: of its status
	jq -cn --arg sr "$1" '{office_id: "D36225", practice_id: "1", operation: "update_appointment_status",
	    appointment_sr_no: $sr, op: "replace", path: "/appointment_status", value: "Confirmed"}'
}
change 1 >in
sim_fault 'PATCH /appointments/*@1=drop-before'
run 2 "a change is lost" sikka-book in
id=$(said .id)
sim_clear_faults
change 2 >in
run 0 "another one is accepted" sikka-book in
other=$(said .id)
run 2 "and withdrawn" sikka-sweep --withdraw "$other"
later 2200
look
look
is "$(state "$id")" "failed not_received" "the list needn't show what was withdrawn"
done_testing
