#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-sim: what seldom happens to writebacks: other programs, ids that come again, requests that come twice
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/lib-sim.sh"

# Days beyond today belong in: the clock is moved, and it may be just before midnight.
day=$(date -u +%Y-%m-%d)
listed() { app "$B/writebacks?startdate=$day&enddate=$(date -u -d "$day + 3 days" +%F)${1:-}"; } # [&PARAMETER …]
ids() { json '[.items[].id] | join(" ")'; }
submit() { # PARAMETERS BODY: another program's request; its id, or what is wrong
	sim --data-binary "$2" "$R/submit?$1" | jq -r '.id // .error'
}

# --- another program ---------------------------------------------------------------------------------------

start --delay 600:600
new_key D36225
book >"$T/answer"
is "$(submit 'office_id=D36225&path=/appointment' "{$(visit)}")" 275496 "another program's request gets the next id"
is "$(submit 'office_id=D36225&path=/appointment' '{"anything":"a=b&c","practice_id":"2"}')" 275497 "its body may be anything"
is "$(submit 'office_id=D20006&method=PUT&path=/appointments/3' '{"appointment_sr_no":"3","practice_id":"1","length":"45"}')" 275498 "with an id in the path, and of any office"
is "$(listed) $(ids)" "200 275495 275496 275497 275498" "it is listed"
is "$(json '.items[1:][].api_request_body' | sed 's/.*&apiname/apiname/')" "apiname=POST appointment
apiname=POST appointment
apiname=PUT appointments&id=3" "as our own are"
is "$(json '.items[2].api_request_body')" "anything=a=b&c&practice_id=2&request_key=****&apiname=POST appointment" "with its body"
is "$(json '.items[3].api_request_body')" "practice_id=1&length=45&request_key=****&apiname=PUT appointments&id=3" "what stands in the path is told as id alone"
is "$(key "$B/writeback_status?id=275496") $(key "$B/writeback_status?id=275498")" "200 204" "and has a status for its office"
is "$(held '[.writebacks[] | .foreign] | tostring')" "[false,true,true,true]" "the ledger tells them apart"
advance 601
is "$(held '[.writebacks[] | .state] | join(" ")')" "completed completed completed completed" "and it is carried out"
is "$(sim "$R/requests" | jq '.routes | map(.count) | add')" 6 "it isn't counted as a request"
is "$(submit 'office_id=D36225&path=/claim_payment&padding=100000' '{"note":"x"}') $(listed '&id=275499') $(json '.items[0].api_request_body | length > 100000')" "275499 200 true" "it may be as large as one likes"
for wrong in 'office_id=D1&path=/patient' 'office_id=D36225&path=/patients' 'office_id=D36225&path=/appointments/' \
    'office_id=D36225&path=/appointments/3' 'office_id=D36225' 'office_id=D36225&path=/patient&padding=x'; do
	submit "$wrong" '{}'
done | cut -c 1-10 | sort -u >"$T/wrong"
submit 'office_id=D36225&path=/patient' '{"a":1}' | cut -c 1-10 >>"$T/wrong"
is "$(sort -u "$T/wrong") $(queued)" "office_id= 5" "a request that can't be is refused"
is "$(ask -H 'Content-Type: application/json' -d '{}' "$B/submit?office_id=D36225&path=/patient")" "404 API2009" "the API has no such route"

# --- ids that come again -----------------------------------------------------------------------------------

start --delay 600:600 --pms D20006=OpenDental:22.1
new_key D36225
book >"$T/answer"
advance 601
rule 'POST /appointment@1=id:275495' 'POST /appointment@2=id:17'
is "$(book) $(json .long_message) $(json .more_information)" "201 API2016 Id:275495 $B/writeback_status?id=275495" "id: an id comes again"
is "$(held '[.writebacks[] | .id + " " + .state] | join(", ")')" "275495 completed, 275495 pending" "the older request stays as it is"
is "$(key "$B/writeback_status?id=275495") $(json '.[0].items[0].status')" "200 Pending" "the id is now the later one's"
is "$(listed) $(ids)" "200 275495 275495" "both are listed"
is "$(listed '&id=275495') $(json .total_count)" "200 2" "also by this id"
is "$(app -X DELETE "$B/writebacks?id=275495") $(held '[.writebacks[].state] | join(" ")')" "200 API4006 completed withdrawn" "the later one is withdrawn"
is "$(key "$B/writeback_status?id=275495") $(json '.[0].items[0].status')" "200 Success" "then the id is the older one's again"
is "$(book) $(json .long_message) $(book) $(json .long_message)" "201 API2016 Id:17 201 API2016 Id:275498" "any id will do, and the next request gets the next one"
old=$K
new_key D20006
rule 'POST /appointment=id:275495'
is "$(book) $(key "$B/writeback_status?id=275495") $(json '.[0].items[0].status')" "201 API2016 200 Pending" "another office may get it, too"
K=$old
is "$(key "$B/writeback_status?id=275495") $(json '.[0].items[0].status')" "200 Success" "and each sees its own"
is "$(key "$B/writeback_status?id=17") $(key "$B/writeback_status?id=275497")" "200 204" "an id that was passed over is nobody's"

# --- requests that come twice ------------------------------------------------------------------------------

start --delay 600:600
new_key D36225
rule 'POST /appointment@1=twice' 'POST /appointment@2=twice-second' 'POST /appointment@3=twice-lost' 'POST /appointment@5=twice'
is "$(book) $(json .long_message) $(queued)" "201 API2016 Id:275495 2" "twice: the client sees the first answer"
is "$(book) $(json .long_message) $(queued)" "201 API2016 Id:275498 4" "twice-second: the second one"
is "$(book) $(queued)" "curl 52 6" "twice-lost: none"
is "$(held '[.writebacks[].body] | length - (unique | length)')" 3 "the two are the same"
is "$(sim "$R/requests" | jq -c '.routes["POST /appointment"]')" '{"count":3,"statuses":{"201":2,"000":1}}' "the client sent one each"
is "$(key -H 'Content-Type: application/json' -d '{}' "$B/appointment") $(key -d x "$B/appointment") $(queued)" "400 API1020 415 API1006 6" "what is refused is refused twice"
advance 601
is "$(held '[.writebacks[] | .state] | join(" ")')" "completed failed completed failed completed failed" "a practice takes the same time once"
done_testing
