#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-sim: lists in pages, the life of a writeback, withdrawals, both dialects
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/lib-sim.sh"
day=$(date -u +%Y-%m-%d)
# The simulator's clock is moved ahead, and it may be just before midnight: days beyond today belong in.
listing() { app "$B/writebacks?startdate=$day&enddate=$(date -u -d "+3 days" +%Y-%m-%d)${1:-}"; }
send() { # method, path, body
	key -X "$1" -H 'Content-Type: application/json' -d "$3" "$B$2"
}
visit='"patient_id":"7","date":"2031-02-07","length":"30","description":"Exam","provider_id":"DOC1","practice_id":"1"'
book() { # time, operatory
	send POST /appointment '{'"$visit"',"time":"'"$1"'","operatory":"'"$2"'"}'
}
ledger() { sim "$R/state" | jq -c "$1"; }

start
new_key D36225
is "$(key "$B/appointments?limit=40") $(json '.total_count + " " + .limit + " " + (.items | length | tostring)')" "200 87 40 40" "a page"
key "$B/appointments?limit=40&offset=2" >"$T/answer"
is "$(json '[.items[].appointment_sr_no] | first + " " + last')" "81 87" "offset counts pages"
is "$(key "$B/appointments?limit=40&offset=3") $(json '.items | length')" "200 0" "past the end there are no items"
is "$(key "$B/appointments?patient_id=4711")" "204" "nothing matches"
is "$(key "$B/appointments?limit=5001") $(key "$B/appointments?limit=x") $(key "$B/appointments?shoe_size=9")" "400 API1026 400 API1026 400 API1026" "bad parameters"
is "$(key "$B/operatories")" "400 API1020" "a parameter that is missing"
key "$B/appointments?startdate=2025-01-07&lightweight=true&fields=date,time&sort_by=appointment_time&limit=1" >"$T/answer"
is "$(json '.total_count, .items[0] | tostring')" '23
{"date":"2025-01-07","time":"08:00"}' "filter, fields, order"
is "$(key "$B/patients?find=lastname=eq_Brown::AND::gender=eq_male::OR::patient_id=lt_3") $(json '[.items[].patient_id] | join(" ")')" "200 1 2 12 34" "find"
key -H 'Accept-Encoding: gzip' "$B/appointments" >"$T/answer"
is "$(header Content-Encoding) $(gunzip -c <"$T/body" | jq '.items | length')" "gzip 50" "compressed when asked"

is "$(ask -X POST -H "Request-Key: $K" -H 'Content-Type: text/plain' -d '{}' "$B/appointment")" "415 API1006" "JSON only"
is "$(send POST /appointment '[]')" "400 API1027" "an object only"
is "$(send POST /appointment '{"practice_id":1}')" "400 API1026" "strings only"
is "$(send POST /appointment '{"practice_id":"9"}')" "400 API1026" "a practice of the office only"
is "$(send POST /appointment "{$visit}") $(json .long_message)" "400 API1020 Missing parameter: time" "the missing field is named"
is "$(book 9:00 OP1)" "400 API1026" "a time that is none"
is "$(send PUT /appointments/1%3A2 '{"practice_id":"1"}')" "400 API1026" "a path id that can't be"
is "$(ledger '.writebacks | length')" "0" "nothing of all that was queued"

is "$(book 09:00 OP1) $(json '.long_message + " " + .more_information')" "201 API2016 Id:275495 $B/writeback_status?id=275495" "accepted"
is "$(key "$B/writeback_status?id=275495") $(json '.[0].items[0] | .api + " " + .is_completed + .has_error + .created_id')" "200 appointments FalseFalse" "pending, wrapped in an array"
is "$(listing) $(json '.items[0] | .api_name + " " + .result + .completed_time')" "200 appointment pending" "pending in the list"
json '.items[0].api_request_body' | grep -q '&practice_id=1&.*&request_key=\*\*\*\*&apiname=POST appointment$'
is $? 0 "with its echo"
advance 14
is "$(ledger .applied_total)" 0 "not before 15 seconds"
advance 47
key "$B/writeback_status?id=275495" >"$T/answer"
is "$(json '.[0].items[0] | .is_completed + .has_error + .status + .created_id + .appointment_sr_no')" "TrueFalseSuccess8888" "then done"
is "$(listing) $(json '.items[0].result')" "200 New Appointment inserted successfully" "in the list too"
is "$(key "$B/appointments?appointment_sr_no=88") $(json '.items[0] | .date + " " + .status')" "200 2031-02-07 Scheduled" "and the appointment is there"
book 09:00 OP1 >"$T/answer"
advance 61
key "$B/writeback_status?id=275496" >"$T/answer"
is "$(json '.[0].items[0] | .has_error + .status + " " + .result')" "TrueFailed appointment already scheduled" "a place is taken once"
send PATCH /appointments/88 '{"appointment_sr_no":"88","op":"replace","path":"/appointment_status","value":"Cancelled","practice_id":"1"}' >"$T/answer"
listing >"$T/answer"
is "$(json '.items[-1] | .api_name, (.api_request_body | split("&")[-2:] | join(" "))')" 'appointment
apiname=PATCH appointments id=88' "how the list shows a change of status"
advance 61
book 09:00 OP1 >"$T/answer"
send PUT /appointments/87 '{"practice_id":"1","date":"2031-02-08"}' >"$T/answer"
send PUT /appointments/4711 '{"practice_id":"1","date":"2031-02-08"}' >"$T/answer"
send POST /patient '{"firstname":"Zoë","lastname":"Zander","provider_id":"DOC1","practice_id":"1"}' >"$T/answer"
advance 61
is "$(ledger '[.writebacks[-4:][] | .state + ":" + .result]')" '["completed:New Appointment inserted successfully","completed:Appointment updated successfully","failed:Appointment not found","completed:New Patient inserted successfully"]' "cancelled places are free; moved; unknown; a new patient"
is "$(key "$B/patients?lastname=zander") $(json '.items[0].firstname')" "200 Zoë" "who can be read"
is "$(ledger '[.pms.D36225, .applied_total]')" '[{"appointments":89,"patients":41},5]' "the ledger"

send PUT /appointments/87 '{"practice_id":"1","length":"45"}' >"$T/answer"
send PUT /appointments/1 '{"practice_id":"1","date":"2031-02-07","time":"09:00","operatory":"OP1"}' >"$T/answer"
send PATCH /appointments/1 '{"appointment_sr_no":"1","op":"replace","path":"/status","value":"Dancing","practice_id":"1"}' >"$T/answer"
advance 61
is "$(ledger '[.writebacks[-3:][] | .state + ":" + .result]')" '["completed:Appointment updated successfully","failed:appointment already scheduled","failed:Appointment status not found"]' "not in its own way; in another's; a word that isn't the practice's"
book 10:00 OP1 >"$T/answer"
is "$(app -X DELETE "$B/writebacks?id=275505")" "200 API4006" "withdrawn while pending"
is "$(app -X DELETE "$B/writebacks?id=275505") $(key "$B/writeback_status?id=275505")" "204 204" "and gone"
is "$(app -X DELETE "$B/writebacks?id=275495")" "400 API1027" "too late for one that was carried out"
advance 61
is "$(ledger '.writebacks[-1] | [.state, .applied]')" '["withdrawn",0]' "never carried out"
K36=$K
new_key D20006
is "$(key "$B/writeback_status?id=275495")" "204" "an office sees its own"
K=$K36
is "$(app "$B/writebacks?startdate=2026-01-01&enddate=2026-01-08") $(app "$B/writebacks?startdate=2026-01-01")" "400 API1026 400 API1020" "a window of a week, with both ends"
is "$(app "$B/writebacks?startdate=2026-01-01&enddate=2026-01-07")" 204 "seven days are a week"
is "$(listing '&limit=2&offset=1') $(json '.total_count + " " + .items[0].id')" "200 10 275497" "the list in pages, without the withdrawn"

sim -X POST "$R/office?office_id=D36225&spu=offline" >"$T/answer"
is "$(send POST /appointment '{'"$visit"',"time":"11:00","operatory":"OP1","check_spu":"true"}')" "412 API2017" "check_spu asks first"
book 11:00 OP1 >"$T/answer"
advance 100000
app "$B/data_sync_status?office_id=D36225" >"$T/answer"
is "$(json '.items[0].status')" "not_refresh" "an office that is off"
new_key D36225
is "$(ledger '.writebacks[-1].state')" '"pending"' "keeps its queue"
sim -X POST "$R/office?office_id=D36225&spu=online" >"$T/answer"
advance 61
is "$(ledger '.writebacks[-1].state')" '"completed"' "until it is back"
sim -X POST "$R/writeback?id=275506&state=forgotten" >"$T/answer"
is "$(key "$B/writeback_status?id=275506")" "204" "forgotten by force"
sim -X POST "$R/writeback?id=275506&state=failed&result=no" >"$T/answer"
key "$B/writeback_status?id=275506" >"$T/answer"
is "$(json '.[0].items[0].result')" "no" "failed by force"

# Many that wait at a time, each as long as chance will: they are carried out in the order of their times, and the
# numbers of their appointments tell that order.
time_stands
start --delay 1:60
new_key D36225
for _ in $(seq 40); do send POST /appointment "{$(visit)}" >"$T/answer"; done
for id in $(seq 275500 2 275512); do app -X DELETE "$B/writebacks?id=$id" >"$T/answer"; done
advance 61
sim "$R/snapshot" | jq -c '.writebacks | map(select(.state == "completed")) | sort_by(.completed)' >"$T/done"
is "$(jq -c '[length, (map(.completed) | unique | length > 20), (map(.created_id | tonumber) == [range(88; 121)])]' "$T/done")" \
    "[33,true,true]" "those of 40 that weren't withdrawn are carried out in their order"
time_runs

day=$(date -u +%Y-%m-%d)
start --dialect brief --delay 300:300 --list-lag 200
new_key D36225
is "$(json .expires_in)" "86400" "brief: a bare number"
is "$(book 09:00 OP1) $(jq -c . "$T/body")" '200 {"id":"275495","result":"pending"}' "brief: accepted"
key "$B/writeback_status?id=275495" >"$T/answer"
is "$(json '.items[0] | .is_completed + .has_error + .status')" "Pending" "brief: pending, a plain object"
is "$(listing)" "204" "the list lags"
advance 301
is "$(listing) $(json '.items[0].result')" "200 completed" "brief: a word in the list"
start --no-writeback-permission --no-writeback-status --page-max 10 --records appointments=1234 --spu-offline D36225
new_key D36225
is "$(book 09:00 OP1) $(key "$B/writeback_status?id=1")" "401 API2004 401 API2004" "not in the plan"
key "$B/appointments?limit=500" >"$T/answer"
is "$(json '.limit + " " + .total_count + " " + (.items | length | tostring)')" "10 1234 10" "a smaller page is granted, and said"
done_testing
