#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-get --changed-since by practice_events, which tells the changes of the last minutes, and when it is read by days
. "$(dirname "$0")/lib.sh"

start_sim --delay 0:0
authorize
get() { sikka-get -O D36225 "$@" 2>"$T/err"; }
changes() { get --changed-since "$1" "${2:-appointments}" | jq -r '[.office_id, .appointment_sr_no // .patient_id, .flag] | join(" ")' | tr '\n' '|'; }
events() { sim_count 'GET /practice_events'; }
days() { sim_count "GET /${1:-appointments}"; }

# --- what is told --------------------------------------------------------------------------------------
is "$(changes 20m)" "" "nothing has changed"
like "$(cat "$T/err")" "^sikka-get: changed since 20[0-9TZ:.-]*: asking for the changes of the last 50 minutes, with a margin of half an hour$" "what is asked"
is "$(events) $(days)" "1 0" "by practice_events alone"
booking key=a >request.json
run 0 "a booking" sikka-book -q --wait=1m request.json
number=$(said .appointment_sr_no)
jq -nc --arg n "$number" '{office_id: "D36225", practice_id: "1", operation: "update_appointment_status", appointment_sr_no: $n, value: "Confirmed"}' >confirm.json
run 0 "which is confirmed" sikka-book -q --wait=1m confirm.json
curl -sS -X DELETE "$SIM/record?office_id=D36225&resource=appointments&id=3" >"$T/answer"
is "$(changes 20m)" "D36225 $number updated|D36225 3 deleted|" "each record that has changed, once, also one that was deleted"
is "$(get -q --changed-since 20m appointments | jq -c 'select(.flag == "updated") | .changes')" '[{"field":"status","old_value":"Scheduled","new_value":"Confirmed"}]' "with what has changed"
is "$(cat "$T/err")" "" "-q says nothing"
is "$(changes 20m patients)" "" "another resource has no changes"
is "$(get -q --changed-since 20m --limit 1 appointments | wc -l)" 1 "--limit"
is "$(get -q --changed-since 20m --fields rowhash,description appointments | jq -s 'map(has("description")) | all')" true "--fields"
is "$(days)" 0 "and never by days"

# --- how far back --------------------------------------------------------------------------------------
later 49m
is "$(changes 20m)" "D36225 $number updated|D36225 3 deleted|" "half an hour more than was said"
later 2m
is "$(changes 20m)" "" "and no more"
is "$(changes 1h)" "D36225 $number updated|D36225 3 deleted|" "an hour"
since=$(date -u -d "@$(($(date +%s) - 1260))" +%Y-%m-%dT%H:%M:%SZ)
is "$(changes "$since")" "D36225 $number updated|D36225 3 deleted|" "a time"
clock_off 3h
is "$(changes "$since")" "D36225 $number updated|D36225 3 deleted|" "is the server's, whatever this machine's clock says"
like "$(cat "$T/err")" "of the last 5[12] minutes" "in minutes of the server's"
clock_off -3h
is "$(days)" 0 "all of it by events"
is "$(changes 1410m)" "D36225 $number updated|D36225 3 deleted|" "23 hours and a half"
is "$(days)" 0 "are the most"
is "$(get -q --changed-since 1411m appointments | jq -r '.appointment_sr_no, .flag')" "$number
null" "before that the records are read by days, without those that were deleted"
is "$(days)" 1 "once"

# --- when it is read by days ---------------------------------------------------------------------------
before=$(events)
by_days() { # by_days WHAT ARGUMENT ...
	what=$1
	shift
	get --changed-since 20m "$@" >"$T/out"
	like "$(cat "$T/err")" "asking for records loaded since 20[0-9-]*, .*time zone" "by days: $what"
}
by_days "a resource without events" operatories cust_id=D36225-1
by_days "parameters of its own" appointments practice_id=1
by_days "in the middle of a list" --from-page 1 appointments
by_days "a resource that nobody knows" weddings
is "$(events)" "$before" "practice_events isn't asked for that"

# --- when the server has no events ---------------------------------------------------------------------
sim_fault 'GET /practice_events=status:401:API2004'
sikka-get -O D36225 --changed-since 1h appointments >"$T/out" 2>"$T/err"
is "$? $(said .appointment_sr_no)" "0 $number" "where practice_events is refused, it is read by days"
like "$(cat "$T/err")" "^sikka-get: D36225: /practice_events: .*API2004.*; asking for records loaded since 20[0-9-]* instead$" "and it says so"
sim_clear_faults
before=$(days)
sim_fault 'GET /practice_events=status:500:API2001'
run 69 "where the server is in trouble, it isn't" sikka-get -O D36225 --changed-since 1h appointments
is "$(said .appointment_sr_no) $(days)" " $before" "nothing is read"
sim_clear_faults
sim_fault 'GET /practice_events=garbage'
run 76 "nor where its answer makes no sense" sikka-get -O D36225 --changed-since 1h appointments
is "$(days)" "$before" "by days it isn't read"
sim_clear_faults

# --- only one page -------------------------------------------------------------------------------------
is "$(get -q --changed-since 1h --page-size 2 appointments | wc -l) $(days)" "2 $before" "a page that holds them all"
sikka-get -O D36225 --changed-since 1h --page-size 1 appointments >"$T/out" 2>"$T/err"
is "$? $(said '[.appointment_sr_no, .flag] | join(" ")')" "0 $number " "of more than one page none is written"
like "$(cat "$T/err")" "^sikka-get: D36225: there are more changes than one page holds; asking for records loaded since 20" "they are read by days"
sim_post 'quirks?total=absent'
is "$(get -q --changed-since 1h --page-size 3 appointments | wc -l)" 2 "without a count: a page that isn't full"
is "$(get -q --changed-since 1h --page-size 2 appointments | wc -l)" 1 "nobody knows whether a full one is the last"
sim_post 'quirks?total=present'
sim_fault 'GET /practice_events=edit:/"appointment_sr_no":"3"/"appointment_sr_no":/'
run 76 "a record that can't be read" sikka-get -O D36225 --changed-since 1h appointments
like "$err" "1 records that can't be read were left out; 1 records were written; read all of them again" "is said"
unlike "$err" "from-page" "and there is no other page"
sim_clear_faults

# --- all offices ---------------------------------------------------------------------------------------
sim_fault 'GET /practice_events@1=status:404:API2009'
is "$(sikka-get -q --changed-since 1h patients | wc -l)" 0 "one office by days, one by events"
is "$(days patients)" 1 "each by its own"
sim_clear_faults

# --- copies --------------------------------------------------------------------------------------------
anew --delay 0:0 --refresh-every 3600
booking key=b >request.json
run 0 "what the practice has" sikka-book -q --wait=1m request.json
is "$(changes 20m)" "" "is no change before the server has it"
later 50m
is "$(changes 20m)" "" "however old it is by then"
later 11m
is "$(changes 20m)" "D36225 88 added|" "and one as soon as it has"
done_testing
