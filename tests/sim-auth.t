#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-sim: who may ask, both grants, rotation, limits, what the ledger shows of it
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/lib-sim.sh"

start --token-life 1000
is "$(ask "$B/authorized_practices")" "400 API1001" "App-Id missing"
is "$(ask -H 'App-Id: sikka-sim-app' "$B/authorized_practices")" "400 API1002" "App-Key missing"
is "$(ask -H 'App-Id: sikka-sim-app' -H 'App-Key: no' "$B/authorized_practices")" "401 API2003" "App-Key wrong"
is "$(ask "$B/patients")" "400 API1004" "Request-Key missing"
is "$(ask -H 'Request-Key: 0' "$B/patients")" "400 API1025" "Request-Key unknown"
is "$(app "$B/patients")" "400 API1004" "an office's path wants the office's key"
is "$(app "$B/no_such_thing")" "404 API2009" "unknown path"
is "$(app -X POST "$B/appointments")" "405 API2014" "nothing is created in the plural"
is "$(header Allow)" "GET" "and Allow says what goes"
is "$(app -X POST "$B/patients/3/notes")" "404 API2009" "nested paths don't exist"

app "$B/authorized_practices" >"$T/answer"
is "$(json '[.items[] | .office_id + "/" + .practice_id] | join(" ")')" "D36225/1 D20006/1" "only practice 1 by default"
app "$B/authorized_practices?show=all&limit=1&offset=1" >"$T/answer"
is "$(json '.total_count + " " + .items[0].practice_id')" "3 2" "show=all has them all, in pages"

S=$(secret D36225)
is "$(grant '"grant_type":"request_key","office_id":"D36225","secret_key":"no"')" "401 API2003" "wrong secret"
is "$(grant '"grant_type":"request_key","office_id":"D36225","secret_key":"'"$S"'"')" "200" "grant by secret"
is "$(json '.expires_in + " " + .issued_to + " " + (.request_key | length | tostring)')" "1000 second(s) D36225 32" "as documented"
K1=$(json .request_key) F1=$(json .refresh_key) K=$K1
is "$(key "$B/appointments")" "200" "the key opens its office"
is "$(header Request-Key-Expires | sed -n 's/.*, .* GMT$/a date/p')" "a date" "its end stands in a header"
is "$(key "$B/authorized_practices")" "400 API1001" "and not the application's paths"
is "$(grant '"grant_type":"refresh_key","refresh_key":"'"$F1"'"')" "200" "grant by refresh key"
K2=$(json .request_key) F2=$(json .refresh_key)
[ "$F1" != "$F2" ]
is $? 0 "the refresh key changed"
is "$(grant '"grant_type":"refresh_key","refresh_key":"'"$F1"'"')" "400 API1026" "the old one is refused"
is "$(key "$B/patients") $(K=$K2 && key "$B/patients")" "200 200" "both request keys live"
is "$(key -X DELETE "$B/request_key")" "200 API0002" "one is ended"
is "$(key "$B/patients") $(K=$K2 && key "$B/patients")" "400 API1025 200" "and the other not"
K=$K2
is "$(app -X DELETE -H "Refresh-Key: $F2" "$B/refresh_key")" "200 API0002" "the refresh key is ended"
is "$(grant '"grant_type":"refresh_key","refresh_key":"'"$F2"'"')" "400 API1026" "and then refused"
is "$(sim "$R/requests" | jq -c '[.secrets_in_urls, .renewals.D36225]')" '[0,{"request_key":1,"refresh_key":1,"refused":3}]' "the ledger shows the renewals"
is "$(ask "$B/patients?request_key=$K")" "200" "a key in the URL is accepted"
is "$(sim "$R/requests" | jq .secrets_in_urls)" "1" "and counted"
sim -X POST "$R/advance?seconds=1001" >"$T/answer"
is "$(key "$B/patients")" "400 API1025" "keys end by the simulator's clock"

new_key D36225
sim -X POST "$R/office?office_id=D36225&secret=rotate" >"$T/answer"
is "$(grant '"grant_type":"request_key","office_id":"D36225","secret_key":"'"$S"'"')" "401 API2003" "an old secret is refused"
is "$(key "$B/patients")" "200" "keys outlive the secret"
sim -X POST "$R/office?office_id=D36225&drop_keys=true" >"$T/answer"
is "$(key "$B/patients")" "400 API1025" "forgotten keys"
sim -X POST "$R/office?office_id=D36225&authorized=false" >"$T/answer"
S=$(secret D20006)
is "$(json '[.items[].office_id] | join(" ")')" "D20006" "an office that withdrew isn't listed"
is "$(grant '"grant_type":"request_key","office_id":"D36225","secret_key":"'"$S"'"')" "401 API2007" "and gets no key"

start --rotation off --auth-status 401
is "$(ask "$B/patients")" "401 API1004" "some deployments answer 401"
new_key D36225
F=$(json .refresh_key)
grant '"grant_type":"refresh_key","refresh_key":"'"$F"'"' >"$T/answer"
is "$(json .refresh_key)" "$F" "without rotation the refresh key stays"

start --rate-limit 3 --rate-window 300
new_key D36225
key "$B/patients" >"$T/answer"
is "$(header X-Rate-Limit-Limit) $(header X-Rate-Limit-Remaining)" "3 2" "an office's window is its own"
key "$B/patients" >"$T/answer"
key "$B/patients" >"$T/answer"
is "$(key "$B/patients" | cut -c1-3) $(header X-Rate-Limit-Remaining)" "429 0" "past the limit"
[ "$(header X-Rate-Limit-Reset)" -le 300 ] && [ "$(header X-Rate-Limit-Reset)" -ge 1 ]
is $? 0 "the reset is in seconds from now"
sim -X POST "$R/advance?seconds=300" >"$T/answer"
is "$(key "$B/patients") $(header X-Rate-Limit-Remaining)" "200 2" "the next window"
is "$(sim "$R/requests" | jq .answered_429)" "1" "counted"
start --rate-limit 1 --no-limit-headers
is "$(app "$B/applications") $(app "$B/applications" | cut -c1-3) $(header X-Rate-Limit-Reset)" "200 429 " "limits without headers"
start --quirk limits=shared
new_key D36225
key "$B/patients" >"$T/answer"
before=$(header X-Rate-Limit-Remaining)
new_key D20006
key "$B/patients" >"$T/answer"
app "$B/applications" >"$T/answer"
is "$((before - $(header X-Rate-Limit-Remaining)))" 4 "limits=shared: one limit counts all calls"
stop
is "$ended" 0 "SIGTERM ends it with 0"
sikka-sim --no-such-option 2>"$T/err"
is $? 64 "usage"
sikka-sim --fault 'GET /x=nothing' 2>"$T/err"
is $? 64 "a rule that is none"
sikka-sim --help >"$T/out"
is $? 0 "--help"
done_testing
