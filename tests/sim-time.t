#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-sim: its clock and its zone, and what comes late: requests, and entries of the list
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/lib-sim.sh"

seconds() { date -u -d "$1" +%s; }
now() { seconds "$(sim -X POST "$R/advance?seconds=0" | jq -r .now)"; } # by the simulator's clock
listed() { app "$B/writebacks?startdate=$1&enddate=$2${3:-}"; }         # DAY DAY [&PARAMETER …]

# --- the zone ----------------------------------------------------------------------------------------------

# noon: in UTC it is 12 o'clock of another day than today.
noon() { advance $((86400 - ($(now) + 43200) % 86400)); }
start --delay 3600:3600 --zone +13:00 --token-life 1000000 --rate-window 100000
new_key D36225
noon
day=$(date -u -d "@$(now)" +%F)
next=$(date -u -d "$day + 1 day" +%F)
before=$(date -u -d "$day - 1 day" +%F)
book >"$T/answer"
is "$(listed "$day" "$day") $(listed "$next" "$next")" "204 200" "east of UTC it is tomorrow there"
like "$(json '.items[0].command_time')" "^$next 01:" "and so say the times of the list"
key "$B/writeback_status?id=275495" >"$T/answer"
like "$(json '.[0].items[0].request_time')" "^${next}T01:" "and those of a status"
like "$(held '.writebacks[0].request_time')" "^${day}T12:" "the ledger keeps to UTC"
like "$(header Date)" " 12:[0-9:]* GMT$" "as does the Date"
is "$(options zone=-13:00) $(listed "$day" "$day") $(listed "$before" "$before")" "ok 204 200" "the zone can change"
is "$(options zone=%2B05:30) $(listed "$day" "$day")" "ok 200" "half hours count"
like "$(json '.items[0].command_time')" "^$day 17:3" "as half hours"
is "$(options zone=5) | $(options port=80)" "not +HH:MM or -HH:MM | no such option, or none that changes" "what can't be set is refused"

# --- the clock ---------------------------------------------------------------------------------------------

date_is() { # of the last answer: it differs from the clock of the simulator by so many seconds, or a few more
	off=$(($(seconds "$(header Date)") - $(now) - $1))
	[ "$off" -ge -$PATIENCE ] && [ "$off" -le 1 ]
}
rule 'GET /patients@1=date:-7200' 'GET /patients@2=date:90000' 'GET /patients@3=no-date'
key "$B/patients" >"$T/answer"
date_is -7200
ok $? "a Date that is behind, in one answer"
key "$B/patients" >"$T/answer"
date_is 90000
ok $? "one that is ahead"
is "$(key "$B/patients") $(header Date)" "200 " "an answer without Date"
key "$B/patients" >"$T/answer"
date_is 0
ok $? "then all is right"
sim -X POST "$R/quirks?date=absent" >"$T/answer"
is "$(key "$B/patients") $(header Date)" "200 " "date=absent: no answer has one"
sim -X DELETE "$R/quirks" >"$T/answer"

key "$B/patients" >"$T/answer"
left=$(header X-Rate-Limit-Reset)
old=$(now)
options skew=-86400 >"$T/answer"
off=$((old - 86400 - $(now)))
[ "$off" -le 0 ] && [ "$off" -ge -$PATIENCE ]
ok $? "the clock can be set back"
key "$B/patients" >"$T/answer"
[ "$(header X-Rate-Limit-Reset)" -le "$left" ]
ok $? "a window isn't longer for that"
date_is 0
ok $? "the Date follows it"
before=$(now)
book >"$T/answer"
[ "$(seconds "$(held '.writebacks[-1].request_time')")" -ge "$before" ] && [ "$(seconds "$(held '.writebacks[-1].request_time')")" -lt "$old" ]
ok $? "as does what is noted"
is "$(held '[.writebacks[].state] | join(" ")')" "pending pending" "no time has passed by that"
advance 3600
is "$(held '[.writebacks[].state] | join(" ")')" "completed completed" "and nothing is delayed"

# --- requests that arrive late -----------------------------------------------------------------------------

echo 0 >"$T/slot" # and the first minute again
start --delay 600:600 --token-life 10000
new_key D36225
day=$(date -u -d "@$(now)" +%F)
end=$(date -u -d "$day + 3 days" +%F)
late() { sim "$R/requests" | jq .late_now; }
rule 'POST /appointment@1=late:900' 'POST /appointment@2=late:600'
is "$(book) $(book) $(queued) $(late)" "curl 52 curl 52 0 2" "late: no answer, and nothing is queued"
is "$(sim "$R/requests" | jq -c '.routes["POST /appointment"]')" '{"count":2,"statuses":{"000":2}}' "a request is counted when it is sent"
sent=$(now)
advance 300
is "$(queued) $(late)" "0 2" "as long as it hasn't arrived"
advance 301
is "$(queued) $(held '.writebacks[0].body.time')" "1 00:02" "the one that has less to go arrives first"
is "$(book)" "201 API2016" "a request that isn't late overtakes"
advance 5000
is "$(held '[.writebacks[] | .body.time + " " + .state] | join(", ")')" "00:02 completed, 00:03 completed, 00:01 completed" "all are carried out"
arrived=$(($(seconds "$(held '.writebacks[2].request_time')") - sent))
[ "$arrived" -le 900 ] && [ "$arrived" -ge $((900 - PATIENCE)) ]
ok $? "at the moment of its arrival, however far the clock was moved"
is "$(($(seconds "$(held '.writebacks[2].completed_time')") - $(seconds "$(held '.writebacks[2].request_time')")))" 600 "and its practice's server took its time from there"
is "$(sim "$R/requests" | jq -c '.routes["POST /appointment"].count') $(late)" "3 0" "an arrival isn't counted again"

rule 'POST /appointment@1=late:9000'
book >"$T/answer"
advance 9000
is "$(queued) $(late)" "3 0" "what arrives with a key that has expired is refused"
new_key D36225
rule 'DELETE /writebacks=late:300'
is "$(book) $(json .long_message)" "201 API2016 Id:275498" "a booking"
is "$(app -X DELETE "$B/writebacks?id=275498") $(held '.writebacks[3].state')" "curl 52 pending" "its withdrawal is on its way"
advance 301
is "$(held '.writebacks[3].state')" withdrawn "and arrives"

rule 'POST /appointment@1=drop-after' 'POST /appointment@2=html-after' 'POST /appointment@4=hang-after' 'GET /patients=drop-after'
is "$(options arrival-lag=1000)" "ok" "arrival-lag: for every request whose answer is lost"
is "$(book) $(book) $(book)" "curl 52 502 201 API2016" "and for no other"
{ book >"$T/kept"; } 2>"$T/curl" &
are_late() { [ "$(late)" = "$1" ]; }
wait_for are_late 3
is "$? $(queued)" "0 5" "also where the client gives up"
is "$(key "$B/patients") $(late)" "curl 52 3" "what only reads can't be late"
is "$(options skew=-5000) $(late) $(queued)" "ok 3 5" "a clock that is set back doesn't let them arrive"
advance 1001
is "$(queued) $(late)" "8 0" "nor does it delay them"

# --- entries that are listed late --------------------------------------------------------------------------

total() { # of a list, or its status
	listed "$day" "$end" >"$T/answer"
	if [ -s "$T/body" ]; then json .total_count; else cat "$T/answer"; fi
}
start --delay 0:0 --list-lag 500
new_key D36225
rule 'POST /appointment@2=listed:900'
is "$(book) $(book) $(total)" "201 API2016 201 API2016 204" "an entry is listed late"
is "$(key "$B/writeback_status?id=275496") $(json '.[0].items[0].status')" "200 Success" "it has its status at once"
advance 500
is "$(total)" 1 "then it is listed"
advance 400
is "$(total)" 2 "listed: one that takes longer"
options list-lag=2000 >"$T/answer"
is "$(total)" 204 "list-lag can change"
options skew=1500 >"$T/answer"
is "$(total)" 204 "a clock that is set shows nothing sooner"
options list-lag=0 >"$T/answer"
is "$(total)" 2 "listed at once again"

# --- time that passes for everybody ------------------------------------------------------------------------

start --delay 3600:3600 --list-lag 3600
new_key D36225
book >"$T/answer"
later 3500
is "$(held '.writebacks[0].state') $(total)" "pending 204" "time that passes for the machine passes for the simulator"
asleep 200
is "$(held '.writebacks[0].state') $(total)" "completed 1" "also while the machine sleeps"
done_testing
