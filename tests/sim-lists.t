#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-sim: lists of writebacks that are torn, too large or not in the plan, and ends that are half told
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/lib-sim.sh"

change() { sim -X POST "$R/writeback?$1" | jq -r '.error // "ok"'; } # id=N&NAME=VALUE[&…]
# Days beyond today belong in: the clock is moved, and it may be just before midnight.
day=$(date -u +%Y-%m-%d)
listed() { # [&PARAMETER … [CURL-ARGUMENT …]]
	more=${1:-}
	[ $# -eq 0 ] || shift
	app "$B/writebacks?startdate=$day&enddate=$(date -u -d "$day + 3 days" +%F)$more" "$@"
}
# page N: total_count and ids of page N, two entries each
page() { listed "&limit=2&offset=$1" >"$T/answer"; json '.total_count + ": " + ([.items[].id[-1:]] | join(" "))'; }
pages() { echo "$(page 0), $(page 1), $(page 2)"; }

# --- torn lists: five entries, 275495 to 275499, in pages of two ---------------------------------------------

start --delay 600:600
new_key D36225
for _ in 1 2 3 4 5; do book >"$T/answer"; done
is "$(pages)" "5: 5 6, 5: 7 8, 5: 9" "a whole list"
rule 'GET /writebacks=lacks:275496'
is "$(pages)" "4: 5 7, 4: 8 9, 4: " "lacks: an entry isn't there, and nothing shows it"
rule 'GET /writebacks=skips:275496'
is "$(pages)" "5: 5 7, 5: 8 9, 5: " "skips: it is counted"
rule 'GET /writebacks=loses:275496'
is "$(pages)" "5: 5 6, 4: 8 9, 4: " "loses: it goes between two pages, and another is on none"
rule 'GET /writebacks=lacks:1' 'GET /writebacks=lacks:275495'
is "$(pages)" "5: 5 6, 5: 7 8, 5: 9" "the first rule counts, also one of an id that isn't there"
rule 'GET /writebacks=total:3'
is "$(pages) $(key "$B/patients?limit=1") $(json .total_count)" "8: 5 6, 8: 7 8, 8: 9 200 40" "total: too many are counted, on the rule's route"
rule '* /*=total:-2'
is "$(page 0) $(key "$B/patients?limit=1") $(json .total_count)" "3: 5 6 200 38" "too few, in any list"
rule 'GET /writebacks=total:-9'
is "$(page 0)" "0: 5 6" "never fewer than none"
rule 'GET /writebacks@2-3=lacks:275495' 'GET /writebacks@5=total:1'
is "$(pages)" "5: 5 6, 5: 7 8, 5: 9" "occurrences of such a rule are lists: not the first one"
is "$(pages)" "4: 6 7, 4: 8 9, 4: " "all pages of the second"
is "$(page 0) $(page 0)" "4: 6 7 5: 5 6" "and of the third, but not of the fourth"
is "$(pages)" "6: 5 6, 6: 7 8, 6: 9" "each rule counts for itself"
rule 'GET /writebacks@1=grows:2'
is "$(page 0), $(page 1), $(page 2), $(page 3), $(page 4), $(page 5)" "5: 5 6, 7: 7 8, 9: 9 0, 11: 1 2, 13: 3 4, 15: 5 6" "grows: entries with higher ids come between the pages"
is "$(held '[.writebacks[] | select(.foreign)] | length') $(held '[.writebacks[].id | tonumber] | . == sort')" "10 true" "another program's"
is "$(page 1)" "17: 7 8" "a page is of the list that began last"
is "$(page 0), $(page 1)" "17: 5 6, 17: 7 8" "the next list is still"
rule 'GET /writebacks@6=repeats'
# that rule begins with the sixth list
for _ in 1 2 3 4 5; do page 0 >"$T/whole"; done
is "$(pages)" "$(cat "$T/whole"), $(cat "$T/whole"), $(cat "$T/whole")" "repeats: each page is the first one"
patients() { key "$B/patients?limit=$1&offset=$2" >"$T/status"; json "$3"; }
rule 'GET /patients=endless'
is "$(patients 30 0 '.total_count, (.items | length)') $(patients 30 1 '.items | length') $(patients 30 999 '.items[0] | .patient_id, .copy')" "null
30 30 1
29970" "endless: pages behind the end, without a count"
rule 'GET /patients@2=short:3'
is "$(patients 30 0 '.items | length') $(patients 30 0 '.items[-1].patient_id') $(patients 30 0 '.items | length')" "30 27 30" "short: one page lacks its end"
sim -X POST "$R/quirks?total=absent" >"$T/answer"
is "$(patients 30 0 '.total_count, (.items | length)')" "null
30" "no list tells its count"
sim -X DELETE "$R/quirks" >"$T/answer"
rule 'GET /writebacks=total:x'
is "$(cat "$T/rule")" "the argument is no number" "a number is needed"

# --- pages that are too large --------------------------------------------------------------------------------

start --delay 600:600 --list-bytes 2000
new_key D36225
book >"$T/answer"
sim --data-binary '{"practice_id":"1"}' "$R/submit?office_id=D36225&path=/document&padding=1000" >"$T/answer"
book >"$T/answer"
is "$(listed) $(listed '&limit=2') $(listed '&limit=1&offset=1') $(json '.items[0].api_request_body | length > 1000')" "413  413  200 true" "a page that is too large is refused, one entry isn't"
is "$(key "$B/patients?limit=40")" 200 "other lists may be large"
is "$(options list-bytes=2000:cut) $(listed) $(wc -c <"$T/body")" "ok curl 18 2000" "cut: its connection ends too soon"
is "$(listed '' -H 'Accept-Encoding: gzip')" "curl 18" "compressed, too"
is "$(options list-bytes=2000:hang) $(listed '&limit=1')" "ok 200" "hang: a small one comes"
{ listed >"$T/kept"; } 2>"$T/curl" &
other=$!
has_come() { [ "$(sim "$R/requests" | jq '.routes["GET /writebacks"].statuses["000"]')" = 3 ]; }
wait_for has_come
is "$? $(wc -c <"$T/kept")" "0 0" "a large one never does"
is "$(options list-bytes=0) $(listed)" "ok 200" "without a limit all come"
is "$(options list-bytes=9:slow) $(options list-bytes=x:cut)" "not N, N:413, N:cut or N:hang not N, N:413, N:cut or N:hang" "what can't be is refused"
stop
wait "$other"
start --delay 0:0 --list-bytes 100:413
is "$(listed) $(app "$B/writebacks")" "204 400 API1020" "an answer without a list isn't too large"

# --- parts of the plan ---------------------------------------------------------------------------------------

start --delay 600:600 --no-writeback-list
new_key D36225
is "$(book) $(listed) $(key "$B/writeback_status?id=275495")" "201 API2016 401 API2004 200" "no list in the plan"
is "$(options 'writeback-list=on&writeback-status=off') $(listed) $(key "$B/writeback_status?id=275495")" "ok 200 401 API2004" "no status in the plan"
is "$(options 'writeback-status=on&writeback-permission=off') $(book)" "ok 401 API2004" "no writebacks in the plan"
is "$(options 'writeback-permission=yes')" "not on or off" "on or off, nothing else"
options 'writeback-permission=on' >"$T/answer"
is "$(app -X DELETE "$B/writebacks?id=275495")" "200 API4006" "who has no list can withdraw"

# --- ends that are half told ---------------------------------------------------------------------------------

is "$(book) $(change 'id=275496&hidden=status')" "201 API2016 ok" "hidden: where the server doesn't show it"
advance 601
is "$(key "$B/writeback_status?id=275496") $(listed) $(json '.items[0].result')" "204 200 New Appointment inserted successfully" "an end that only the list shows"
change 'id=275496&hidden=list' >"$T/answer"
is "$(key "$B/writeback_status?id=275496") $(json '.[0].items[0].status') $(listed)" "200 Success 204" "one that only the status shows"
is "$(change 'id=275496&hidden=both') $(key "$B/writeback_status?id=275496") $(listed)" "ok 204 204" "one that nobody shows"
is "$(change 'id=275496&hidden=none') $(key "$B/writeback_status?id=275496") $(listed)" "ok 200 200" "and everybody"
is "$(change id=275496 | cut -c 1-6) $(change 'id=275496&hidden=x' | cut -c 1-6) $(change 'id=275496&state=withdrawn' | cut -c 1-6)" "state= state= state=" "a change that is none"

# --- withdrawn, and fetched before -----------------------------------------------------------------------------

rule 'DELETE /writebacks@1=fetched'
is "$(book) $(book) $(app -X DELETE "$B/writebacks?id=275497") $(app -X DELETE "$B/writebacks?id=275498")" "201 API2016 201 API2016 200 API4006 200 API4006" "fetched: a withdrawal is accepted"
is "$(key "$B/writeback_status?id=275497") $(listed '&id=275497') $(held '.writebacks[2].state')" "204 204 withdrawn" "the request is gone"
advance 601
is "$(held '[.writebacks[2:][] | .state, .applied] | tostring')" '["completed",1,"withdrawn",0]' "and is carried out all the same, the other isn't"
is "$(key "$B/writeback_status?id=275497") $(json '.[0].items[0].status') $(listed '&id=275497')" "200 Success 200" "then the server shows it again"
done_testing
