#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-sweep --archive-after: what ended long ago goes into a file, for good, and out of the journal; nothing is booked again
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0 --pms D20006=Dentrix:G6.2
authorize
archive() { sikka-sweep --archive-after 400d "$T/old.jsonl" "$@"; }
lines() { jq -r .id old.jsonl | paste -sd' '; }
journal() { sql "SELECT id FROM pms_writebacks ORDER BY id" | paste -sd' '; }
ends() { sikka-status --metrics | grep -E '^sikka_writebacks_ended_total|_(sum|count)[ {]'; }

# --- what there is ------------------------------------------------------------------------------------------------

booking time=09:00 key=order-1 >in
run 0 "request 1, with a key" sikka-book --wait=60s in
appointment=$(said .appointment_sr_no)
booking time=09:10 >in
run 0 "request 2, without one" sikka-book --wait=60s in
booking time=09:20 key=order-3 >in
sim_fault 'POST /appointment@1=status:400:API1027'
run 1 "request 3, which is refused" sikka-book in
sim_clear_faults
spu offline
booking time=09:30 key=order-4 >in
run 0 "request 4, which is withdrawn" sikka-book in
sikka-sweep --withdraw 4 >swept 2>&1
booking time=09:40 key=order-5 >in
run 0 "request 5, which is open for good" sikka-book in
sikka-sweep --notify true >swept 2>&1
later 401d
sikka-token refresh --all >refreshed 2>&1
sikka-sweep >swept 2>&1
sikka-sweep --notify true >swept 2>&1
spu online
booking time=10:00 key=order-6 >in
run 0 "request 6, of today" sikka-book --wait=60s in
sikka-sweep --notify true >swept 2>&1
all=$(journal)
is "$all" "1 2 3 4 5 6" "all of them are in the journal"

# --- what is refused -----------------------------------------------------------------------------------------------

run 64 "too young" sikka-sweep --archive-after 29d old.jsonl
run 64 "no file" sikka-sweep --archive-after 400d
run 64 "a file without an age" sikka-sweep old.jsonl
echo 'root:x:0:0' >other
chmod 600 other
run 73 "a file that holds something else" sikka-sweep --archive-after 400d other
run 73 "the state file" sikka-sweep --archive-after 400d "$SIKKA_DB"
: >open.jsonl
chmod 644 open.jsonl
run 77 "a file that others may read" sikka-sweep --archive-after 400d open.jsonl
ln -s "$T/elsewhere" link.jsonl
run 73 "a link" sikka-sweep --archive-after 400d link.jsonl
is "$(journal) $(cat other)" "$all root:x:0:0" "and nothing was taken out"
run 0 "-n" sikka-sweep -n --archive-after 400d old.jsonl
is "$(said 'select(.file) | [.requests, .file, .would] | tostring')" '[4,"old.jsonl","archive"]' "shows what it would do"
[ ! -e old.jsonl ]
ok $? "and does nothing"

# --- a full disk, and a process that is killed ----------------------------------------------------------------------

run 74 "a disk that is full" prlimit --fsize=700 sh -c 'trap "" XFSZ; exec sikka-sweep --archive-after 400d old.jsonl'
is "$(journal) $(wc -c <old.jsonl)" "$all 0" "takes nothing out, and leaves no torn line"
run 74 "a disk that doesn't sync" under_strace -o trace -P "$T/old.jsonl" -e trace=fsync -e inject=fsync:error=EIO sikka-sweep --archive-after 400d "$T/old.jsonl"
is "$(journal) $(wc -c <old.jsonl)" "$all 0" "takes nothing out either"
under_strace -o trace -P "$T/old.jsonl" -e trace=fsync -e inject=fsync:signal=KILL sikka-sweep --archive-after 400d "$T/old.jsonl" >swept 2>&1
is "$(journal) $(lines)" "$all 1 2 3 4" "killed between the file and the journal: both have them"
printf '{"id":"1","torn' >>old.jsonl
ends >before

# --- it is done -----------------------------------------------------------------------------------------------------

run 0 "--archive-after" archive
like "$err" "4 ended requests were written to $T/old.jsonl and taken out" "says how many"
is "$(journal)" "5 6" "what ended long ago is out of the journal, what is open stays"
is "$(sql "SELECT count(*) FROM events WHERE row_id < 5") $(sql "SELECT count(*) > 0 FROM events WHERE row_id = 5")" "0 1" "their events, too"
is "$(lines)" "1 2 3 4 1 2 3 4" "what the killed one had written stands there twice, under the same number, and no line is torn"
is "$(tail -n 4 old.jsonl | jq -c '[.key, .result]' | paste -sd' ')" '["order-1","completed"] [null,"completed"] ["order-3","failed"] ["order-4","withdrawn"]' "in order, with what became of them"
is "$(tail -n 4 old.jsonl | head -n 1 | jq -r '.body.date, (.events | map(.event) | join(" ")), .events[0].user' | paste -sd' ')" "2031-03-03 queued submitting pending completed $(id -un)" "with body, events, and who did it"
if python3 -c 'import jsonschema' 2>why; then
	is "$("$TOP/tests/hold-records" "$TOP/man/schemas" archived old.jsonl 2>&1; echo "$?")" 0 "each line is a record of sikka-records(5)"
fi
is "$(stat -c %a old.jsonl)" 600 "nobody else can read it"
ends >after
is "$(cat after)" "$(cat before)" "the numbers for the monitor never fall"
is "$(grep -c 'result="completed"' before)" 2 "which are there"
is "$(sql 'PRAGMA integrity_check')" ok "the state file is sound"
is "$(sql "SELECT command || ' ' || (user IS NOT NULL) FROM events JOIN runs USING (run) WHERE kind = 'archived'")" "sikka-sweep 1" "who did it is in the history"
run 0 "again" archive
is "$(journal) $(lines | wc -w)" "5 6 8" "there is nothing to do"

# --- keys stay ------------------------------------------------------------------------------------------------------

left=$(posts)
booking time=09:00 key=order-1 >in
run 0 "the same request" sikka-book --wait=60s in
is "$(said '[.duplicate, .id, .result, .appointment_sr_no] | tostring') $(posts)" "[true,\"1\",\"completed\",\"$appointment\"] $left" "is a duplicate, told with its outcome, and isn't sent"
booking office_id=D20006 time=09:00 key=order-1 >in
run 65 "another request with this key" sikka-book in
is "$(said .error_code) $(posts)" "key_reused $left" "is refused"
booking time=09:20 key=order-3 >in
run 0 "what had failed" sikka-book --wait=60s in
is "$(said .duplicate) $(said .id) $(posts)" "false 7 $((left + 1))" "may be handed in again, under a new number"
run 65 "the history of what is gone" sikka-status --history 1
like "$err" "request 1 was taken out.*completed.*$T/old.jsonl" "says where it is"
run 65 "of one without a key" sikka-status --history 2
like "$err" "no request 2 .*--archive-after.*$T/old.jsonl" "says where it may be"
run 65 "it can't be resolved" sikka-sweep --resolve 1=failed

# --- many, and a crash between two portions -----------------------------------------------------------------------------

jq -cn 'def two: tostring | if length < 2 then "0" + . else . end; range(8; 12) as $hour | range(60) as $minute | range(1; 6) as $day |
    {office_id: "D36225", practice_id: "1", patient_id: "7", date: "2033-05-0\($day)", time: "\($hour | two):\($minute | two)", length: "30",
     description: "check-up", provider_id: "DOC1", operatory: "OP1", key: "many-\($day)-\($hour)-\($minute)"}' >in
run 0 "1,200 requests" sikka-book --wait=2m in
later 401d
stands() { sql "SELECT count(*) FROM pms_writebacks"; }
all=$(stands)
: >old.jsonl
under_strace -o trace -P "$T/old.jsonl" -e trace=fsync -e inject=fsync:signal=KILL:when=2 sikka-sweep --archive-after 400d "$T/old.jsonl" >swept 2>&1
is "$(stands) $(wc -l <old.jsonl)" "$((all - 500)) 1000" "killed in the second portion: the first one is out, both are in the file"
both() { { jq -r .key old.jsonl; sql "SELECT key FROM pms_writebacks"; } | grep '^many-' | sort -u | wc -l; }
is "$(both)" 1200 "nothing is lost"
run 74 "a disk that becomes full in a portion" prlimit --fsize=$(($(wc -c <old.jsonl) + 600000)) sh -c 'trap "" XFSZ; exec sikka-sweep --archive-after 400d old.jsonl'
is "$(both) $(jq -e . old.jsonl >/dev/null; echo $?)" "1200 0" "loses nothing either, and no line is torn"
run 0 "the rest" archive
is "$(sql "SELECT count(*) FROM pms_writebacks WHERE key LIKE 'many-%'") $(both)" "0 1200" "is taken out"
is "$(jq -c 'select(.key | startswith("many-")) | {id, key, body, result}' old.jsonl | sort -u | wc -l)" 1200 "a request that stands there twice is the same under the same number"
left=$(posts)
run 0 "all of them again" sikka-book --wait=2m in
is "$(jq -r .duplicate out | sort | uniq -c | tr -s ' ') $(posts)" " 1200 true $left" "are duplicates, and nothing is sent"

# --- a purge of a patient -------------------------------------------------------------------------------------------------

later 25h
run 0 "--purge-patient" sikka-sweep --purge-patient D36225/99
is "$(said 'select(.copies) | .copies[] | select(.kind == "archive") | .file')" "$T/old.jsonl" "names the archive"

done_testing
