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

# --- dates and times in other forms ---------------------------------------------------------------------------

# shown DATE TIME: what --retry would do where the patient's list has an appointment with that date and time.
HERE=$SIKKA_BASE_URL
shown() {
	canned "$(jq -cn --arg date "$1" --arg time "$2" --arg now "$(date -u +%Y-%m-%dT%H:%M:%S)" '{total_count: "1", items: [
	    {office_id: "D36225", practice_id: "1", data_insert_date: $now, appointment_sr_no: "555", patient_id: "7", date: $date, time: $time}]}')"
	sikka-sweep -q -n --retry 2>"$T/err" | jq -r '[.would, (.candidates[]?.appointment_sr_no)] | join(" ")'
}
start_canned "$T/answer"
canned '{}'
is "$(shown 2031-03-03 09:00)" "leave failed 555" "a booking isn't sent again where the patient has it"
is "$(shown 2031-03-03 10:00) $(shown 2031-03-04 09:00)" "send again send again" "it is, where the patient has another one"
for form in "2031-03-03|9:00 AM" "2031-03-03|0900" "2031-03-03| 09:00" "2031-03-03|2031-03-03T09:00:00" \
    "2031-03-03T00:00:00|09:00:00" "03/03/2031|9:00 am" "3 Mar 2031|09:00"; do
	is "$(shown "${form%|*}" "${form#*|}")" "leave failed 555" "it is read in the usual forms: $form"
done
for form in "soon|09:00" "2031-03-03|in the morning" "|" "03/03/31|9:00" "2031-03-03|9:00"; do
	is "$(shown "${form%|*}" "${form#*|}")" "leave failed 555" "what can't be read, or not in one way, counts as that time: $form"
done
is "$(shown 2031-03-03 "9:00 PM") $(shown "4 Mar 2031" soon)" "send again send again" "but not what is clearly another day or time"
sql "DROP TRIGGER events_stay; DELETE FROM events WHERE kind = 'booked_already'"
canned '{"items":[{"appointment_sr_no":"555","patient_id":"7","date":"2031-03-03","time":"soon"}]}'
sikka-sweep --retry >swept 2>"$T/err"
is "$(grep -c '^GET' "$T/canned.log" | awk '{ print ($1 > 0) }') $(grep -c '^POST' "$T/canned.log") $(row 1 result)" "1 0 failed" "nothing is sent then"
like "$(jq -r 'select(.event == "booked_already") | .id + " " + .text' swept)" "^1 .* 555, whose date or time can't be read" "and an event says why"
SIKKA_BASE_URL=$HERE

# --- it is another time now ---------------------------------------------------------------------------------------

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
