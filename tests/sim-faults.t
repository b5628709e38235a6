#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-sim: each scripted fault, and what is done in spite of it
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/lib-sim.sh"
day=$(date -u +%Y-%m-%d)
try() { # rule's action, expected answer, expected to be queued (0 or 1)
	rule "POST /appointment=$1"
	before=$(queued)
	got=$(book)
	is "$got $(($(queued) - before))" "$2 $3" "$1"
}

start --fault 'GET /patients@2-3=status:503:API2002' --fault '* /providers@2-=status:500'
new_key D36225
is "$(key "$B/patients") $(key "$B/patients") $(key "$B/patients") $(key "$B/patients")" "200 503 API2002 503 API2002 200" "occurrences N-M"
is "$(key "$B/providers") $(key "$B/providers")" "200 500 " "occurrences N-, any method, no code"
try status:504:API2022 "504 API2022" 0
try 429:7 "429 " 0
is "$(header X-Rate-Limit-Reset) $(header Retry-After)" "7 7" "429 says when"
try 429-daily "429 API2012" 0
try drop-before "curl 52" 0
try drop-after "curl 52" 1
try html "502" 0
try html-after "502" 1
try garbage "200" 0
try empty "200" 0
try no-id "201 API2016" 1
is "$(json .long_message)$(json .more_information)" "" "no id anywhere"
try redirect:http://127.0.0.1:1/x 302 0
is "$(header Location)" "http://127.0.0.1:1/x" "where to"
try slow:300 "201 API2016" 1
rule 'GET /patients=edit:/{/\xef\xBB\xbf{\ud83d\xg/'
is "$(key "$B/patients?limit=1") $(head -c 12 "$T/body" | od -An -tx1 | tr -d ' \n')" "200 efbbbf7b5c75643833645c78" "edit: bytes into the body"
rule 'GET /patients=edit:,,x,'
is "$(key "$B/patients?limit=1") $(head -c 2 "$T/body")" "200 x{" "at its beginning, with another separator"
rule 'GET /patients=edit:/nowhere/x/'
is "$(key "$B/patients?limit=1")" "501 " "what isn't there can't be edited"
for bad in / /a /a/ /a/b /a/b/c ''; do
	rule "GET /patients=edit:$bad"
	is "$(cat "$T/rule")" "an edit is /FROM/TO/" "edit:$bad is refused"
done
rule 'POST /appointment=cut:9'
before=$(queued)
is "$(book | cut -c1-4) $(($(queued) - before))" "curl 1" "cut within the status line"
rule 'GET /patients=cut:400'
is "$(key "$B/patients") $(cat "$T/head" "$T/body" | wc -c)" "curl 18 400" "cut to the byte"
try cut:0 "curl 52" 1
try reset:120 "curl 56" 1
rule 'POST /appointment=hold'
before=$(queued)
book >"$T/kept" &
other=$!
holds() { [ "$(sim "$R/requests" | jq .held_now)" = "$1" ]; }
wait_for holds 1
is "$? $(key "$B/patients") $(($(queued) - before)) $(wc -c <"$T/kept")" "0 200 0 0" "hold: nothing is done, and nobody else waits"
sim -X DELETE "$R/faults" >"$T/answer"
wait "$other"
is "$(cat "$T/kept") $(($(queued) - before)) $(sim "$R/requests" | jq .held_now)" "201 API2016 1 0" "until the rules are removed"
rule 'POST /appointment=hang'
before=$(queued)
is "$(book -m 1) $(key "$B/patients") $(($(queued) - before))" "curl 28 200 0" "hang, and nobody else waits"
rule 'POST /appointment=hang-after'
book >"$T/kept" &
is_queued() { [ "$(queued)" -gt "$before" ]; }
wait_for is_queued
is "$? $(($(queued) - before)) $(wc -c <"$T/kept")" "0 1 0" "hang-after"
rule 'POST /appoint*@2=status:400' 'POST /appointment@1-2=status:401'
is "$(book) $(book) $(book)" "401  400  201 API2016" "each rule counts; the first that fires wins"
rule 'GET /writebacks=lag:1000'
is "$(app "$B/writebacks?startdate=$day&enddate=$(date -u -d "+1 day" +%Y-%m-%d)")" "204" "lag"
rule 'POST /appointment=drop-everything'
is "$(cat "$T/rule")" "no such action" "a rule that is none"
rule 'GET /writebacks=hold'
listing() { curl -sS -o "$T/list" -H 'App-Id: sikka-sim-app' -H 'App-Key: sikka-sim-key' "$B/writebacks?startdate=$day&enddate=$(date -u -d "+1 day" +%Y-%m-%d)"; }
listing &
other=$!
listing &
wait_for holds 2
sim -X DELETE "$R/faults" >"$T/answer"
wait "$other"
wait "$!"
is "$(sim "$R/requests" | jq -c '[.lists_at_once_max, .routes["GET /patients"], (.routes["POST /appointment"].statuses | .["000"], .["302"], .["502"])]')" '[2,{"count":10,"statuses":{"200":6,"503":2,"501":1,"000":1}},7,1,2]' "the ledger has them all"
rule 'GET /patients=hang'
curl -sS -m "$PATIENCE" -o "$T/hung" -H "Request-Key: $K" "$B/patients" 2>"$T/curl" &
other=$!
has_come() { [ "$(sim "$R/requests" | jq '.routes["GET /patients"].count')" = 11 ]; }
wait_for has_come
stop
wait "$other"
is "$? $ended" "52 0" "the end of the simulator ends a hanging answer"

if command -v openssl >"$T/openssl"; then
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 \
		-keyout "$T/key.pem" -out "$T/cert.pem" 2>"$T/err"
	start --tls "$T/cert.pem:$T/key.pem" --fault '* /patients=cut:400' --fault '* /providers=drop-after'
	is "${B%%:*}" https "TLS"
	CURL_CA_BUNDLE=$T/cert.pem
	export CURL_CA_BUNDLE
	new_key D36225
	is "$(key "$B/appointments")" 200 "with the certificate given"
	is "$(key "$B/patients" | cut -c1-4) $(key "$B/providers" | cut -c1-4)" "curl curl" "faults under TLS"
fi
done_testing
