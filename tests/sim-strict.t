#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-sim --strict: what a practice refuses when it carries a writeback out, and what it doesn't
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/lib-sim.sh"

# send METHOD PATH [NAME=VALUE …]: a booking with members replaced or added (or left out: NAME=) is accepted and carried
# out. Prints its state and the practice's text.
send() {
	method=$1 path=$2
	shift 2
	booking date=2031-03-03 "$@" | jq -c 'with_entries(select(.value != ""))' >"$T/request"
	sent=$(key -X "$method" -H 'Content-Type: application/json' -d @"$T/request" "$B$path")
	case $sent in 201*) ;; *) echo "$sent $(json .long_message)" && return ;; esac
	advance 1
	held '.writebacks[-1] | .state + ": " + .result'
}
book_it() { send POST /appointment "$@"; }
day_of() { date -u -d "$1" +%F; }
in_days() { day_of "@$(($(date -u -d "$(sim -X POST "$R/advance?seconds=0" | jq -r .now)Z" +%s) + $1 * 86400))"; }

start --strict --delay 0:0
new_key D36225
done="completed: New Appointment inserted successfully"
is "$(book_it)" "$done" "a booking that is right"
is "$(book_it time=10:00 provider_id=DOC9)" "failed: Provider not found" "a provider whom the practice doesn't have"
is "$(book_it time=10:00 operatory=OP9)" "failed: Operatory not found" "an operatory"
is "$(book_it time=10:00 operatory=OP4)" "failed: Operatory is not in use" "one that is hidden"
is "$(book_it time=10:00 patient_id=999)" "failed: Patient not found" "a patient"
is "$(book_it date=2020-03-04)" "failed: Appointment date is in the past" "a day in the past"
is "$(book_it date="$(in_days -2)")" "failed: Appointment date is in the past" "the day before yesterday"
for closed in 2031-03-02 2030-12-25 2031-01-01; do
	is "$(book_it date=$closed)" "failed: The practice is closed on this day" "closed on $closed"
done
is "$(book_it date=2031-03-01)" "$done" "Saturdays are working days"
later_day=$(in_days 1)
case $(date -u -d "$later_day" +%w-%m-%d) in 0-* | *-12-25 | *-01-01) later_day=$(in_days 2) ;; esac
case $(date -u -d "$later_day" +%w-%m-%d) in 0-* | *-12-25 | *-01-01) later_day=$(in_days 3) ;; esac
is "$(book_it date="$later_day")" "$done" "and so are the days to come"
is "$(held .applied_total)" 3 "what was refused isn't carried out"

# --- a part of the time is taken
is "$(book_it time=11:00 length=60)" "$done" "an hour from 11:00"
taken="failed: appointment already scheduled"
is "$(book_it time=11:30)" "$taken" "in its middle"
is "$(book_it time=10:45)" "$taken" "over its beginning"
is "$(book_it time=10:30 length=120)" "$taken" "around it"
is "$(book_it time=10:30)" "$done" "up to its beginning"
is "$(book_it time=12:00)" "$done" "from its end on"
is "$(book_it time=11:30 operatory=OP2)" "$done" "beside it"
is "$(book_it time=11:30 practice_id=2)" "$done" "in another practice"
number=$(held '[.writebacks[] | select(.body.time == "11:00")][0].created_id')
move() { send PUT "/appointments/$number" patient_id='' description='' "$@"; }
is "$(move time=11:15 length=45)" "completed: Appointment updated successfully" "an appointment isn't in its own way"
is "$(move time=11:45 length=30)" "$taken" "but others are"
is "$(move time=11:00 provider_id=DOC9)" "failed: Provider not found" "moving looks things up, too"
is "$(move date=2031-03-09)" "failed: The practice is closed on this day" "and the day"
status() { send PATCH "/appointments/$number" patient_id='' description='' provider_id='' operatory='' length='' date='' time='' op=replace path=/appointment_status appointment_sr_no="$number" value="$1"; }
is "$(status Cancelled)" "completed: Appointment status updated successfully" "cancelled"
is "$(book_it time=11:15)" "$done" "its time is free again"
is "$(status Scheduled)" "$taken" "so it can't come back"
is "$(status Cancelled)" "completed: Appointment status updated successfully" "but stay cancelled"

# --- other writebacks
person() { send POST /patient patient_id='' description='' operatory='' length='' date='' time='' firstname=Ada lastname=Byron "$@"; }
is "$(person)" "completed: New Patient inserted successfully" "a patient with a provider of the practice"
is "$(person provider_id=DOC9)" "failed: Provider not found" "and with none of it"
note() { send POST /medical_notes operatory='' length='' time='' description='' date=2020-03-01 type='Patient Note' text=Fine "$@"; }
is "$(note)" "completed: New Medical note inserted successfully" "a note may be of a Sunday in the past"
is "$(note patient_id=999) $(note provider_id=DOC9)" "failed: Patient not found failed: Provider not found" "but of somebody who is there"

# --- free times, and how it is switched
key "$B/appointments_available_slots?limit=500" >"$T/answer"
is "$(json '[.items[].date] | unique | length')" 5 "there are free times on five days"
json '.items[].date' | sort -u | while read -r day; do date -u -d "$day" +%w-%m-%d; done | grep -E '^0-|12-25|01-01' >"$T/closed"
is "$(cat "$T/closed")" "" "none of them on a day on which the practice is closed"
slot=$(json '.items[] | select(.practice_id == "1") | .date + " " + .time + " " + .operatory' | tail -n 1)
# shellcheck disable=SC2086 # three words
set -- $slot
is "$(book_it date="$1" time="$2" operatory="$3")" "$done" "a free time can be booked"
is "$(options strict=off) $(book_it time=15:00 provider_id=DOC9 operatory=OP9 date=2020-03-01)" "ok $done" "strict=off: the practices take it"
is "$(options strict=on) $(book_it time=15:00 provider_id=DOC9)" "ok failed: Provider not found" "strict=on"
start --delay 0:0
new_key D36225
is "$(book_it provider_id=DOC9 operatory=OP9 date=2020-03-01)" "$done" "without --strict, nothing is looked up but patients and statuses"

# --- free slots, on the systems that compare with them
start --strict --delay 0:0
new_key D20006
slot_of() { key "$B/appointments_available_slots?limit=1" >"$T/answer"; json '.items[0] | "provider_id=" + .provider_id, "operatory=" + .operatory, "date=" + .date, "time=" + .time'; }
at=$(slot_of)
ours='staff=STF1 type=1 practice_id=1'
# shellcheck disable=SC2086 # several words on purpose
{
	is "$(book_it $ours $at time=06:05)" "failed: Not an available slot" "OrthoTrac takes no other time"
	is "$(book_it $ours $at operatory=OP3)" "failed: Not an available slot" "nor another room"
	is "$(book_it $ours $at)" "$done" "than one of its slots"
	is "$(book_it $ours $at)" "failed: Not an available slot" "each once"
}

# --- our commands see an ordinary refusal
start --strict --delay 0:0
authorize
booking date=2031-03-02 >in
run 1 "a booking on a Sunday" sikka-book --wait=1m in
is "$(said '.result + " " + .error_code + " " + .error_message')" "failed pms_refused The practice is closed on this day" "fails with the practice's text"
done_testing
