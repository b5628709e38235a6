#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-sim: as it was at the start, as it was at a moment, with records of one's own
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/lib-sim.sh"

held() { sim "$R/state" | jq -c '[.applied_total, (.writebacks | length), .pms.D36225.appointments, .pms.D36225.patients]'; }
back() { sim -T "$1" "$R/snapshot" | jq -r '.error // "ok"'; }
status() { [ "$(key "$B/writeback_status?id=$1")" = 200 ] && json '.[0].items[0].is_completed' || echo none; }
records() { sim --data-binary @"$T/lines" "$R/records" | jq -r '.error // "ok"'; }
fixture() { printf '%s\n' "$@" >"$T/lines"; }

# --- reset -----------------------------------------------------------------------------------------------
start --delay 5:5 --strict --skew 60 --fault 'GET /patients@1=html' --records patients=41
began=$(held)
new_key D36225
first=$K
is "$(book)" "201 API2016" "a booking"
advance 6
is "$(held)" "[1,1,88,41]" "it is carried out"
options strict=off >"$T/answer"
rule 'GET /providers=html'
sim -X POST "$R/quirks?lists=data" >"$T/answer"
sim -X POST "$R/office?office_id=D20006&spu=offline&secret=rotate" >"$T/answer"
book -m 1 >"$T/answer"
is "$(sim -X POST "$R/reset" | jq 'has("now")')" true "a reset"
is "$(held)" "$began" "no writeback and no record of before is left"
is "$(sim "$R/faults" | jq -c '[.rules[].rule]')" '["GET /patients@1=html"]' "the fault rules are those of the start"
is "$(sim "$R/quirks" | jq -r .lists)" usual "and the quirks"
is "$(sim "$R/requests" | jq -c '[.total, .routes, .answered_429]')" '[0,{},0]' "nothing counts as asked"
is "$(sim "$R/log" | jq -c '.requests')" '[]' "the list of requests is empty"
is "$(key "$B/providers")" "400 API1025" "keys of before aren't good"
new_key D36225
is "$K" "$first" "the seed begins again: the same requests get the same keys"
is "$(key "$B/patients") $(key "$B/patients")" "502 200" "a rule counts from the beginning"
is "$(book) $(advance 6; held)" "201 API2016 [1,1,88,41]" "numbers of writebacks begin again, too"
is "$(sim "$R/state" | jq -r '.writebacks[0].id')" 275495 "with the first one"

# What is on its way when everything is put back never arrives, and what waits for its answer gets one.
rule 'POST /appointment@1=late:30' 'POST /appointment@2=hold'
book >"$T/answer"
book >"$T/waits" &
waits=$!
wait_for sh -c "[ \"\$(curl -sS $R/requests | jq .held_now)\" = 1 ]"
sim -X POST "$R/reset" >"$T/answer"
wait "$waits"
is "$(cat "$T/waits")" "400 API1025" "who waited is asked for its key anew"
advance 60
is "$(held) $(sim "$R/requests" | jq .held_now)" "$began 0" "what was on its way doesn't arrive"

# --- a snapshot --------------------------------------------------------------------------------------------
time_stands # of what waits, nothing is carried out in between
start --delay 20:20
new_key D36225
book >"$T/answer"
advance 21
book >"$T/answer"
sim -X POST "$R/office?office_id=D20006&spu=offline" >"$T/answer"
sim "$R/snapshot" >"$T/snapshot"
kept=$(held)
is "$(status 275495) $(status 275496)" "True False" "one is done and one waits"
advance 21
sim -X DELETE "$R/record?office_id=D36225&resource=patients&id=7" >"$T/answer"
for _ in 1 2 3; do book >"$T/answer"; done
is "$(back "$T/snapshot") $(held)" "ok $kept" "everything is as it was then"
is "$(status 275495) $(status 275496) $(status 275497)" "True False none" "with its writebacks, and a key of then is good"
advance 15
is "$(status 275496)" False "what waits is as far away as it was"
advance 6
is "$(status 275496) $(held)" "True [2,2,89,40]" "and then it is carried out, once"
is "$(sim "$R/snapshot" | jq -c '.offices[1].online')" false "an office that was off is off"

# Into another run: only the clock's moments differ.
stop
start --delay 20:20
is "$(back "$T/snapshot") $(held) $(status 275496)" "ok $kept False" "another run takes it over"
stop
start --delay 20:20 --snapshot "$T/snapshot"
is "$(held) $(status 275496)" "$kept False" "another run begins with it"
sim -X POST "$R/reset" >"$T/answer"
is "$(held)" "$kept" "and a reset goes back to it"
contents() { sim "$R/snapshot" | jq -cS 'del(.taken_at, .window)'; }
contents >"$T/once"
back "$T/snapshot" >"$T/answer"
contents >"$T/twice"
is "$(jq '.writebacks | length' "$T/once") $(diff "$T/once" "$T/twice")" "2 " "nothing is lost by it"

# --- what can't be put back changes nothing ------------------------------------------------------------------
while read -r change; do
	jq -c "$change" "$T/snapshot" >"$T/bad"
	echo "$(back "$T/bad" | grep -c "damaged\|taken with\|no snapshot of") $(held)"
done >"$T/changed" <<'END'
.sikka_sim_snapshot = 2
del(.taken_at)
.offices |= .[:1]
.offices[0].practices[0][1] = "Dentrix"
.offices[0].secret = "short"
.offices[1].records = []
.writebacks[0].operation = 1 | .writebacks[0].path = "/nothing"
.writebacks[0].state = "lost"
.writebacks[1].body = "text"
.queue[0] = 7
.queue = {}
.keys[0].office_id = "D1"
.keys[0].value = "much too long for a key, which has thirty-two letters"
.refresh_keys = null
.commands = 1
.random_keys = "x"
END
is "$(sort -u "$T/changed")" "1 $kept" "a damaged one is refused, and nothing changes"
is "$(wc -l <"$T/changed") $(printf 'no json' >"$T/bad"; back "$T/bad")" "16 the body is no JSON" "each of them"
jq -c '.offices |= .[:1]' "$T/snapshot" >"$T/bad"
is "$(timeout -k 1 "$PATIENCE" sikka-sim --snapshot "$T/bad" 2>&1; echo $?)" "sikka-sim: --snapshot: this snapshot was taken with another --offices
65" "at the start, too"

time_runs
# --- records of one's own ------------------------------------------------------------------------------------
start --delay 0:0
new_key D20006
fixture '{"office_id":"D20006","resource":"patients","empty":true}' '' \
    '{"office_id":"D20006","resource":"patients","record":{"patient_id":"70","lastname":"Fox"}}' \
    '{"office_id":"D20006","resource":"patients","record":{"patient_id":"3","lastname":"Owl"}}' \
    '{"office_id":"D20006","resource":"patients","record":{"lastname":"Hare"}}' \
    '{"office_id":"D20006","resource":"patients","record":{"patient_id":"3","lastname":"Lynx"}}'
is "$(records)" ok "records are taken"
key "$B/patients?fields=patient_id,lastname,loaded_date" >"$T/answer"
is "$(json '.items | map([.patient_id, .lastname]) | tostring')" '[["70","Fox"],["3","Lynx"],["71","Hare"]]' "they are what the practice has: one with a known number replaces that one, one without gets the next"
key "$B/practice_events?events=patients&interval=5" >"$T/answer"
is "$(json '[.items[] | select(.lastname == "Lynx" or .lastname == "Hare") | [.flag, .lastname]] | tostring')" '[["added","Hare"],["updated","Lynx"]]' "they count as changed now"
delete() { sim -X DELETE "$R/record?office_id=D20006&resource=patients&id=$1" | jq -r '.error // "ok"'; }
is "$(delete 3) $(delete 5) $(delete 70)" "ok no such record ok" "each is found by its number"
fixture '{"office_id":"D20006","resource":"appointments","record":{"practice_id":"1","patient_id":"3","date":"2031-02-07","time":"00:01","operatory":"OP1","status":"Scheduled"}}' \
    '{"office_id":"D20006","resource":"providers","by":"provider_id","record":{"provider_id":"DOC1","lastname":"New"}}'
is "$(records)" ok "of other resources, too"
key "$B/providers" >"$T/answer"
is "$(json '[.items[] | select(.provider_id == "DOC1") | .lastname] | tostring')" '["New"]' "one replaces the one that has the same value in the named member"
echo 0 >"$T/slot"
fixture '{"office_id":"D36225","resource":"appointments","record":{"practice_id":"1","patient_id":"3","date":"2031-02-07","time":"00:01","operatory":"OP1","status":"Scheduled"}}'
is "$(records)" ok "an appointment"
new_key D36225
book >"$T/answer"
is "$(sim "$R/state" | jq -r '.writebacks[-1].result')" "appointment already scheduled" "takes its place"
fixture '{"office_id":"D36225","resource":"appointments","empty":true}'
records >"$T/answer"
echo 0 >"$T/slot"
book >"$T/answer"
is "$(sim "$R/state" | jq -r '.writebacks[-1].state')" completed "which is free when all are deleted"

# What is wrong is named, and no line is used.
good='{"office_id":"D20006","resource":"patients","empty":true}'
wrong() { # MESSAGE LINE
	fixture "$good" "$2"
	before=$(held)
	is "$(records) $(held)" "line 2: $1 $before" "refused: $2"
}
wrong "no JSON" '{"office_id"'
wrong "no JSON object" '[7]'
wrong "no such office_id; did you mean D20006?" '{"office_id":"D2006","resource":"patients","empty":true}'
wrong "no such resource, or none that has records of its own; did you mean patients?" '{"office_id":"D20006","resource":"patient","empty":true}'
wrong "no such resource, or none that has records of its own" '{"office_id":"D20006","resource":"kpis","empty":true}'
wrong 'an object "record" is needed, or "empty":true' '{"office_id":"D20006","resource":"patients"}'
wrong 'an object "record" is needed, or "empty":true' '{"office_id":"D20006","resource":"patients","record":{},"empty":true}'
wrong "empty: not true" '{"office_id":"D20006","resource":"patients","empty":"yes"}'
wrong 'patient_id: the server'"'"'s values are texts; write "7" for 7' '{"office_id":"D20006","resource":"patients","record":{"patient_id":7}}'
wrong "patient_id: no number from 1 on" '{"office_id":"D20006","resource":"patients","record":{"patient_id":"x"}}'
wrong "practice_id 9: D20006 has no such practice" '{"office_id":"D20006","resource":"patients","record":{"practice_id":"9"}}'
wrong "by: the record has no code" '{"office_id":"D20006","resource":"providers","by":"code","record":{"name":"x"}}'
wrong "clear: no such member; there are office_id, resource, record, by and empty" '{"office_id":"D20006","resource":"patients","clear":true}'

fixture "$good" "" '{"office_id":"D2","resource":"patients","empty":true}'
is "$(timeout -k 1 "$PATIENCE" sikka-sim --fixtures "$T/lines" 2>&1; echo $?)" "sikka-sim: --fixtures, line 3: no such office_id
65" "a file with a wrong line serves nothing"
fixture "$good"
start --fixtures "$T/lines"
is "$(sim "$R/state" | jq .pms.D20006.patients)" 0 "a file that is read at the start"
sim -X POST "$R/reset" >"$T/answer"
is "$(sim "$R/state" | jq .pms.D20006.patients)" 0 "and again after a reset"
is "$(timeout -k 1 "$PATIENCE" sikka-sim --fixtures "$T/lines" --fixtures "$T/lines" 2>&1; echo $?)" "sikka-sim: --fixtures $T/lines: only one file can be given
64" "one file"
done_testing
