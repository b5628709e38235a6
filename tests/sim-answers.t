#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-sim: every spelling of an answer that was seen somewhere, and every code that it can give
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/lib-sim.sh"

quirk() { # NAME=VALUE …: these and no others
	sim -X DELETE "$R/quirks" >"$T/answer"
	for one in "$@"; do
		sim -X POST "$R/quirks?$one" >"$T/answer"
	done
}

start --delay 3000:3000
new_key D36225
book >"$T/answer"

# --- lists -------------------------------------------------------------------------------------------
kind() { json "$1 | type"; }
key "$B/patients?limit=3" >"$T/answer"
is "$(kind .) $(kind .total_count) $(kind '.items[0].patient_id')" "object string string" "a list is an object, its numbers are texts"
key "$B/writeback_status?id=275495" >"$T/answer"
is "$(kind .) $(json '.[0].items[0].is_completed')" "array False" "writeback_status comes in an array"
quirk lists=wrapped
key "$B/patients?limit=3" >"$T/answer"
is "$(kind .) $(json 'length') $(kind '.[0].items')" "array 1 array" "lists=wrapped: so does every list"
quirk lists=plain
key "$B/writeback_status?id=275495" >"$T/answer"
is "$(kind .)" object "lists=plain: none does"
quirk numbers=bare
key "$B/appointments?limit=3&offset=1" >"$T/answer"
is "$(json '[.offset, .limit, .total_count, .items[0].appointment_sr_no] | tostring')" "[1,3,87,4]" "numbers=bare"
is "$(json '.items[0].date + .items[0].rowhash')" "2025-01-06" "and no date became one"
is "$(book) $(json '[.http_code, .error_code, .long_message] | tostring')" '201 API2016 [201,"API2016","Id:275496"]' "in message objects too"
for spelling in True true TRUE bare; do
	quirk "booleans=$spelling"
	key "$B/writeback_status?id=275495" >"$T/answer"
	got=$(json '.[0].items[0].is_completed | type + tostring')
	key "$B/providers" >"$T/answer"
	echo "$got $(json '[.items[].is_user] | unique | tostring')"
done >"$T/booleans"
is "$(cat "$T/booleans")" 'stringFalse ["False","True"]
stringfalse ["false","true"]
stringFALSE ["FALSE","TRUE"]
booleanfalse [false,true]' "booleans in every spelling"
quirk pending=empty
key "$B/writeback_status?id=275495" >"$T/answer"
is "$(json '.[0].items[0] | .is_completed + "|" + .has_error + "|" + .status + "|" + .current_status')" "||Pending|Waiting for the Sikka Platform Utility" "pending=empty"
quirk members=more lists=wrapped
key "$B/patients?limit=1" >"$T/answer"
is "$(json '[.[0], .[0].items[0], .[0].pagination | has("a_member_of_tomorrow") and .another.of[1] == null] | unique | tostring')" "[true]" "members=more: members nobody knows, in lists"
grant '"grant_type":"nothing"' >"$T/answer"
is "$(json '.a_member_of_tomorrow')" "read me not" "and in message objects"
quirk
key "$B/patients?limit=3" >"$T/answer"
is "$(kind .)$(json 'has("another")')" "objectfalse" "without quirks all is as it was"
quirk links=foreign
key "$B/patients?limit=3" >"$T/answer"
json '.pagination | .next, .first, .last' | grep -vc '^http://api.sikkasoft.invalid/v4/' >"$T/count"
is "$(cat "$T/count")" 0 "links=foreign: http, and a host that is nowhere"
quirk
is "$(sim -X POST "$R/quirks?lists=none") $(sim -X POST "$R/quirks?manners=good")" '{"error":"this quirk has no such value"} {"error":"no such quirk"}' "quirks that are none"

# --- accepted ----------------------------------------------------------------------------------------
where() { json '[.long_message, .more_information] | map(test("275[0-9]{3}")) | tostring'; }
quirk ids=long_message
is "$(book) $(where)" "201 API2016 [true,false]" "the id in long_message"
quirk ids=more_information
is "$(book) $(where)" "201 API2016 [false,true]" "in more_information"
before=$(queued)
quirk ids=none
is "$(book) $(where) $(($(queued) - before))" "201 API2016 [false,false] 1" "nowhere, and accepted all the same"
quirk created=200
is "$(book) $(json .http_code)" "200 API2016 201" "HTTP says 200 and the body 201"
quirk
for code in API1029 API0007 API0009 API0011 API1007; do
	rule "POST /appointment=accept:$code"
	before=$(queued)
	echo "$(book) $(where) $(($(queued) - before))"
done >"$T/accepted"
is "$(cat "$T/accepted")" "202 API1029 [true,true] 1
200 API0007 [true,true] 1
200 API0009 [true,true] 1
200 API0011 [true,true] 1
200 API1007 [true,true] 1" "accepted with another code"

# --- refused -----------------------------------------------------------------------------------------
for code in 200:API0005 200:API0008 200:API4002 200:API4003 200:API4004 200:API4005 409:API2013 410:API2018 \
    422:API2019 500:API2010 500:API9999 400:API1025; do
	rule "POST /appointment=status:$code"
	before=$(queued)
	echo "$(book) $(($(queued) - before)) $(json '.http_code + " " + .short_message')"
done >"$T/refused"
is "$(cat "$T/refused")" "200 API0005 0 200 Message could not be sent
200 API0008 0 200 Appointment status not logged
200 API4002 0 200 String could not be decrypted
200 API4003 0 200 String could not be decrypted
200 API4004 0 200 String could not be decrypted
200 API4005 0 200 String could not be decrypted
409 API2013 0 409 Resource already exists
410 API2018 0 410 Resource is gone
422 API2019 0 422 Invalid parameters
500 API2010 0 500 Practice has not uploaded any data yet
500 API9999 0 500 Internal Server Error
400 API1025 0 400 Request key has expired" "failures with HTTP 200, rare ones, one that nobody knows"
quirk error_text=log_message
rule 'POST /appointment=status:200:API0008'
is "$(book) $(json '.log_message + (has("long_message") | tostring)')" "200 API0008 Scripted faultfalse" "log_message in place of long_message"
sim -X DELETE "$R/faults" >"$T/answer"
is "$(key "$B/operatories") $(json .log_message)" "400 API1020 Missing parameter: cust_id" "in every refusal"
is "$(book) $(json 'has("log_message")')" "201 API2016 false" "and in nothing else"

# --- limits ------------------------------------------------------------------------------------------
quirk
for code in '' :API2011 :API2012; do
	rule "GET /patients=429-daily$code"
	echo "$(key "$B/patients") $(header Retry-After)"
done >"$T/daily"
is "$(cat "$T/daily")" "429 API2012 
429 API2011 
429 API2012 " "the limits of a day, by rule"
sim --data-binary 'GET /patients=429-daily:API2004' "$R/faults" >"$T/answer"
is "$(jq -r .error "$T/answer")" "this action can't be used with this code" "another code is no daily limit"
# the server's clock shows noon: midnight is no reason to fail
skew=$((43200 - $(date +%s) % 86400))
start --daily-requests 3 --skew "$skew"
new_key D36225
is "$(key "$B/patients") $(key "$B/providers") $(key "$B/patients") $(key "$B/patients")" "200 200 200 429 API2012" "--daily-requests"
like "$(header X-Rate-Limit-Remaining)" '^[1-9]' "while the minute has room"
new_key D20006
is "$(key "$B/patients")" 200 "another office has its own day"
ahead=$(($(date -d "$(header Date)" +%s) - $(date +%s)))
[ $ahead -ge $((skew - 120)) ] && [ $ahead -le $((skew + 120)) ]
ok $? "--skew: Date is off by so much ($ahead, $skew)"
new_key D36225
sim -X POST "$R/advance?seconds=86400" >"$T/answer"
new_key D36225
is "$(key "$B/patients")" 200 "the next day begins anew"
start --daily-bytes 2000
new_key D36225
is "$(key "$B/appointments") $(key "$B/appointments?limit=1")" "200 429 API2011" "--daily-bytes"
start --rate-limit 1 --quirk retry_after=present
app "$B/applications" >"$T/answer"
is "$(app "$B/applications") $(header X-Rate-Limit-Remaining) $(json .error_code)" "429  0 " "the minute's 429 has no code"
is "$(header Retry-After)" "$(header X-Rate-Limit-Reset)" "retry_after=present"

# --- keys --------------------------------------------------------------------------------------------
start --quirk expires_in=number --quirk data_insert=in-progress --token-life 50000
new_key D36225
is "$(json '.expires_in | type + tostring')" "number50000" "expires_in as a number"
key "$B/patients" >"$T/answer"
is "$(header Data-Insert)" "in progress" "Data-Insert: in progress"
quirk expires_in=text data_insert=absent
like "$(key "$B/request_key_info") $(json '.expires_in, .status, .issued_to, .domain, .request_count' | tr '\n' ' ')$(header Data-Insert)." \
    "^200 (4[0-9]{4}|50000) active D36225 Dental 3 \.$" "as a text without a unit, in request_key_info; no Data-Insert"
like "$(json .scope)" '(^|,)appointment_statuses(,|$)' "what the key may call"
unlike "$(json .scope)" '(^|,)authorized_practices(,|$)' "and not what is the application's"
quirk refresh_key=absent
new_key D36225
F=$(json .refresh_key)
again() { grant '"grant_type":"refresh_key","refresh_key":"'"$F"'"'; }
is "$(again) $(json 'has("refresh_key")') $(again)" "200 false 200" "a renewal without a refresh key: the old one stays good"

# --- practices ---------------------------------------------------------------------------------------
start --offices 14 --pms D20006=Abacus:7.5 --pms 'D36225/2=Open Dental'
app "$B/authorized_practices?show=all" >"$T/answer"
is "$(json '[.items[] | .practice_management_system + " " + .practice_management_system_version] | .[0:3] | join(",")')" "OpenDental 22.1,Open Dental ,Abacus 7.5" "--pms"
is "$(json '[.items[].practice_management_system] | unique | length')" 15 "each practice has another system"
for wrong in D99999=Abacus D36225/3=Abacus D36225 D36225=:7 '*/1=Abacus' '**=Abacus'; do
	sikka-sim --pms "$wrong" 2>"$T/err" </dev/null
	echo $?
done >"$T/codes"
is "$(tr '\n' ' ' <"$T/codes")" "64 64 64 64 64 64 " "a system for nobody is refused"
start --offices 14 --pms D20006=Abacus:7.5 --pms '*=Open Dental:3' --pms D36225/2=Tracker
app "$B/authorized_practices?show=all" >"$T/answer"
is "$(json '[.items[] | .practice_management_system + " " + .practice_management_system_version] | [.[0:3], (.[3:] | unique)] | tostring')" \
    '[["Open Dental 3","Tracker ","Abacus 7.5"],["Open Dental 3"]]' "one for all practices, but for those that have their own"
sikka-sim --quirk lists=none 2>"$T/err"
is $? 64 "a quirk that is none is refused"
done_testing
