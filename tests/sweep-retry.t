#!/bin/sh
# SPDX-License-Identifier: MIT
# sweep-retry.t: a retry must not undo a later request, nor change what a person has decided
. "$(dirname "$0")/lib.sh"

start_sim --delay 0:0
authorize
status() { # APPOINTMENT WORD: a change of its status
	jq -cn --arg a "$1" --arg w "$2" '{office_id: "D36225", practice_id: "1",
	    operation: "update_appointment_status", appointment_sr_no: $a, value: $w}'
}
last() { sim_get state | jq -r '[.writebacks[].body.value] | last'; }

# A confirmation that never left, then another one, then a cancellation: the first must not be sent last.
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

# A booking that never left, handed in again and carried out: it isn't sent beside that, not even days later, when
# equal content is free again.
posted() { sim_count 'POST /appointment'; }
sim_fault 'POST /appointment=status:503:API2002'
booking time=08:00 >in
run 75 "a booking that isn't sent" sikka-book in
first=$(jq -r .id out)
booking time=08:10 key=old >in2
run 75 "another one, with a key" sikka-book in2
keyed=$(jq -r .id out)
sim_clear_faults
run 0 "the first is handed in again" sikka-book in
booking time=08:10 key=new >in2
run 0 "the other one with a new key" sikka-book in2
run 0 "both are carried out" sikka-poll --wait=60s --every 1s
later 3d
before=$(posted)
run 0 "a sweep that retries for the first time three days later" sikka-sweep --retry
is "$(row "$first" "result || '/' || error_code") $(row "$keyed" "result || '/' || error_code") $(($(posted) - before))" \
    "failed/superseded failed/superseded 0" "sends neither again"

# Of two appointments each has its own history.
sim_fault 'PATCH /appointments/*=status:503:API2002'
status 6 Confirmed | sikka-book >out 2>err
sim_clear_faults
run 0 "another appointment's is sent again" sikka-sweep --retry
is "$(sim_writebacks)" 5 "once"

# What a person withdrew ends as withdrawn.
run 0 "all of it is carried out" sikka-poll
sim_post 'office?office_id=D36225&spu=offline'
booking | sikka-book >out
id=$(jq -r .id out)
sim_fault 'DELETE /writebacks=status:503:API2002'
sikka-sweep --withdraw "$id" >out 2>err
is "$(row "$id" "result || '/' || withdraw_reason")" pending/person "intended by a person, the server is busy"
sim_clear_faults
later 11m
sikka-sweep --stuck-after 10m >out 2>err
is "$(row "$id" result)" withdrawn "withdrawn, not failed as stuck"

# --- counted, limited, with jitter ----------------------------------------------------------------------

sim_post 'office?office_id=D36225&spu=online'
booking time=10:00 >in
SIKKA_BASE_URL=http://127.0.0.1:1/v4 sikka-book in >out 2>err
id=$(jq -r .id out) before=$(posts)
sql "UPDATE pms_writebacks SET retries = 10 WHERE id = $id"
later 100000
run 0 "sent again ten times already" sikka-sweep --retry
is "$(row "$id" "result || retries") $(posts)" "failed10 $before" "it isn't any more"
sql "UPDATE pms_writebacks SET retries = 8, completed_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE id = $id"
run 0 "the ninth time, at once" sikka-sweep --retry
is "$(row "$id" "result || retries") $(posts)" "failed8 $before" "has to wait, up to two hours"
later 7700
run 0 "two hours later" sikka-sweep --retry
is "$(row "$id" "result || retries") $(posts)" "pending9 $((before + 1))" "it is sent, and counted"
booking time=10:00 patient_id=8 >in
sikka-book in >out 2>err
id=$(jq -r .id out)
run 1 "the practice refuses one" sikka-poll --wait=60s --every 1s
before=$(posts)
later 100000
run 0 "--retry" sikka-sweep --retry
is "$(row "$id" "result || error_code || retries") $(posts)" "failedpms_refused0 $before" "never sends what the practice refused"

# --- an outage isn't asked four times as much ---------------------------------------------------------------

i=0
while [ "$i" -lt 30 ]; do booking "time=$(printf '11:%02d' "$i")"; i=$((i + 1)); done >in
sim_fault 'POST /appointment=status:503:API2002'
before=$(posts)
# One at a time: the failures that are heard in one turn would cost one retry together.
run 75 "thirty while the server is overloaded" env SIKKA_CONNECTIONS=1 sikka-book in
asked=$(($(posts) - before))
[ "$asked" -ge 40 ] && [ "$asked" -le 60 ]
ok $? "some are tried again at once, not each four times ($asked requests)"
is "$(said '.result + " " + .error_code' | sort | uniq -c | tr -s ' ')" " 30 failed API2002" "all failed for a passing reason"
before=$(posts)
SIKKA_CONNECTIONS=1 sikka-sweep --retry >out 2>err
asked=$(($(posts) - before))
[ "$asked" -le 60 ]
ok $? "nor by --retry ($asked requests)"
sim_clear_faults
later 100
run 0 "when the server has recovered" sikka-sweep --retry
is "$(sql "SELECT count(*) FROM pms_writebacks WHERE error_code = 'API2002'")" 0 "all are sent"
run 0 "all end" sikka-poll --wait=60s --every 1s
is "$(held '[.writebacks[].applied] | max')" 1 "nothing was carried out twice"

# Twenty in the middle of their pause: some are due, some aren't. Each has one moment at which it is due, so
# that whoever was due for -n is due for the run after it, whatever time passes between the two.
would() { sikka-sweep -n --retry 2>>err | jq -r 'select(.would == "send again").id' | sort; }
without() { comm -23 "$1" "$2" | tr '\n' ' '; } # the lines of the first file that the second hasn't
for minute in 00 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19; do booking "time=12:$minute"; done >in
SIKKA_BASE_URL=http://127.0.0.1:1/v4 sikka-book in >out 2>err
jq -r .id out | sort >twenty
twenty=$(paste -sd, twenty)
sql "UPDATE pms_writebacks SET retries = 8, completed_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-1 hour') WHERE id IN ($twenty)"
would >shown
would >shown-again
run 0 "twenty that failed an hour ago, their pause is up to two" sikka-sweep --retry
sql "SELECT id FROM pms_writebacks WHERE retries = 9 AND id IN ($twenty)" | sort >sent
is "$(without shown shown-again)" "" "what -n shows once, it shows the next time"
is "$(without shown-again sent)" "" "what -n shows is sent by the run"
[ -s shown ] && [ "$(wc -l <sent)" -lt 20 ]
ok $? "and the pauses differ: not all are due at once ($(wc -l <shown) shown, $(wc -l <sent) sent)"

# --- beside an equal one ------------------------------------------------------------------------------------

anew --delay 0:0 --spu-offline D20006
# A note that failed under a key, and then arrived without one: both may be meant, so the first is sent as well, with
# the warning that sikka-book gives in the same case.
note() { # [KEY]
	jq -cn --arg key "${1:-}" '{office_id: "D20006", operation: "add_medical_note", patient_id: "1", practice_id: "1",
	    provider_id: "DOC1", date: "2025-03-03", type: "1", text: "allergic to latex"} + if $key == "" then {} else {key: $key} end'
}
sim_fault 'POST /medical_notes=status:503:API2002'
note first >in
run 75 "a note that isn't sent" sikka-book in
first=$(jq -r .id out)
sim_clear_faults
note >in
run 0 "the same without its key" sikka-book in
second=$(jq -r .id out)
run 0 "a sweep that retries" sikka-sweep --retry
is "$(row "$first" result) $(sim_writebacks)" "pending 2" "sends the first one, too, since its key is another one"
like "$err" "request $first has the same content as request $second, which is pending; it is sent" "and names the request that is equal"

run 64 "--purge-after less than an hour" sikka-sweep --purge-after 59m
like "$err" 'purge-after.*1h' "says what it takes"
done_testing
