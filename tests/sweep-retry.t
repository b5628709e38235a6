#!/bin/sh
# SPDX-License-Identifier: MIT
# sweep-retry.t: what is sent again may not undo what came after it, nor end as what a person didn't want
. "$(dirname "$0")/lib.sh"

start_sim --delay 0:0
authorize
status() { # APPOINTMENT WORD: a change of its status
	jq -cn --arg a "$1" --arg w "$2" '{office_id: "D36225", practice_id: "1",
	    operation: "update_appointment_status", appointment_sr_no: $a, value: $w}'
}
last() { sim_get state | jq -r '[.writebacks[].body.value] | last'; }

# Confirmed, but that request never left; confirmed again, cancelled: the first one must not come last.
sim_fault 'PATCH /appointments/*=status:503:API2002'
status 5 Confirmed >confirm
run 75 "the server is overloaded: not sent" sikka-book confirm
is "$(row 1 result)/$(row 1 error_code)" failed/API2002 "failed for a passing reason"
sim_clear_faults
run 0 "handed in once more" sikka-book confirm
run 0 "it is carried out" sikka-poll
status 5 Cancelled >cancel
run 0 "cancelled" sikka-book cancel
run 0 "carried out as well" sikka-poll
sikka-sweep --retry >out 2>err
is "$(row 1 result)/$(row 1 error_code)" failed/superseded "the first one is superseded"
is "$(last)" Cancelled "the last word is the last one"
is "$(sim_writebacks)" 2 "two requests reached the server"
like "$(event_kinds 1)" 'superseded$' "its history says so"

# Of two appointments each has its own history.
sim_fault 'PATCH /appointments/*=status:503:API2002'
status 6 Confirmed | sikka-book >out 2>err
sim_clear_faults
run 0 "another appointment's is sent again" sikka-sweep --retry
is "$(sim_writebacks)" 3 "once"

# A person's withdrawal stays one.
run 0 "all of it is carried out" sikka-poll
sim_post 'office?office_id=D36225&spu=offline'
booking | sikka-book >out
id=$(jq -r .id out)
sim_fault 'DELETE /writebacks=status:503:API2002'
sikka-sweep --withdraw "$id" >out 2>err
is "$(row "$id" "result || '/' || withdraw_reason")" pending/person "intended by a person, the server is busy"
sim_clear_faults
age 100 "id = $id"
sikka-sweep --stuck-after 1s >out 2>err
is "$(row "$id" result)" withdrawn "withdrawn, not failed as stuck"

run 64 "--purge-after less than a day" sikka-sweep --purge-after 23h
like "$err" 'purge-after.*1d' "says what it takes"
done_testing
