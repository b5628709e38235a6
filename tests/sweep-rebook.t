#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-sweep --retry: a booking that was not received is sent again only where the patient surely has no
# appointment at that time
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0
authorize
looks() { sim_count 'GET /appointments'; }
quirk() { curl -sS -X DELETE "$SIM/quirks" >/dev/null && [ $# -eq 0 ] || sim_post "quirks?$1"; }

sim_fault 'POST /appointment@1=drop-before'
booking time=09:00 >in
run 2 "a booking that was lost before it was done" sikka-book in
sim_clear_faults
later 2200
sikka-sweep >swept 2>&1
later 61
run 1 "is declared not received" sikka-sweep
is "$(row 1 "result || ' ' || error_code")" "failed not_received" "surely"
before=$(posts)

quirk data_insert=in-progress
sikka-sweep --retry >swept 2>"$T/err"
like "$(cat "$T/err")" "request 1 isn't sent again: .*being reloaded" "while the practice's data is reloaded: it isn't sent again"
is "$(posts) $(looks) $(row 1 result)" "$before 1 failed" "the appointments were looked at, no more"
quirk

sim_fault 'GET /appointments=status:503:API2002'
sikka-sweep --retry >swept 2>"$T/err"
is "$(posts) $(row 1 result)" "$before failed" "nor where they can't be read"
sim_clear_faults

# Somebody at the practice has made the appointment meanwhile, in another operatory.
booking time=09:00 operatory=OP2 description=desk >in
run 0 "another one at that time" sikka-book in
run 0 "is carried out" sikka-poll --wait=60s --every 1s
before=$(posts)
sikka-sweep --retry >swept 2>"$T/err"
like "$(cat "$T/err")" "request 1 isn't sent again: the patient has an appointment at that time" "then neither"
is "$(posts) $(row 1 result)" "$before failed" "nothing is sent"
stands=$(sikka-get -O D36225 appointments patient_id=7 startdate=2031-03-03 enddate=2031-03-03 | jq -r .appointment_sr_no)
like "$(jq -r 'select(.event == "booked_already") | .id + " " + .text' swept)" "^1 .* at that time, $stands; if it is this request's" "and an event tells which one it is"
sikka-sweep --retry >swept 2>"$T/err"
run 1 "a person who names it" sikka-sweep --retry=1
is "$(sql "SELECT count(*) FROM events WHERE kind = 'booked_already' AND outbox")" 1 "once"
like "$err" "request 1 isn't sent again: the patient has an appointment" "is told so, too"
run 0 "-n" sikka-sweep -n --retry
is "$(said '[.would, .id, (.candidates[] | .appointment_sr_no, .date, .time, .patient_id)] | join(" ")')" "leave failed 1 $stands 2031-03-03 09:00 7" "shows it"
cp "$T/out" shown
run 0 "what it shows" sh -c 'sikka-sweep --not-ours - <shown'
is "$(sql 'SELECT count(*) FROM not_ours')" 0 "names no writeback"
is "$(posts)" "$before" "nothing is sent"

# That appointment is moved to another time.
sr=$(sikka-get -O D36225 appointments patient_id=7 startdate=2031-03-03 enddate=2031-03-03 | jq -r .appointment_sr_no)
jq -cn --arg sr "$sr" '{office_id: "D36225", practice_id: "1", operation: "reschedule_appointment",
    appointment_sr_no: $sr, date: "2031-03-04", time: "09:00", length: "30", provider_id: "DOC1",
    operatory: "OP2"}' >in
run 0 "it is moved" sikka-book in
run 0 "to another day" sikka-poll --wait=60s --every 1s
run 0 "now" sikka-sweep --retry
is "$(posts) $(row 1 result)" "$((before + 1)) pending" "it is sent again"
done_testing
