#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-book -n says of each request what the run says, and changes nothing
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0
authorize
files() { for file in "${SIKKA_DB%/*}"/*; do cksum "$file"; done; }
# verdicts: line, whether it is a duplicate, why it is refused, and by which request's sake, of the records in FILE.
verdicts() { jq -r '[.line, (.duplicate // false), (if .field or .error_code then .error_code else null end), .other_id] | map(tostring) | join(" ")' "$1" | sort -n; }
note() { # note TEXT [KEY]
	jq -cn --arg text "$1" --arg key "${2:-}" '{office_id: "D20006", operation: "add_medical_note", patient_id: "1", practice_id: "1",
	    provider_id: "DOC1", date: "2025-03-03", type: "1", text: $text} + if $key == "" then {} else {key: $key} end'
}

spu offline
spu offline D20006
{
	booking time=08:00 key=eight
	booking time=08:30
	note first a
} >before
run 0 "three pending ones" sikka-book before
booking time=08:45 key=ended >in
run 0 "and one that was withdrawn" sikka-book in
sikka-sweep --withdraw "$(said .id)" >swept 2>&1
booking time=08:50 key=lost | SIKKA_BASE_URL=http://127.0.0.1:1/v4 sikka-book >records 2>records.err

{
	booking time=09:00 key=nine          # new
	booking time=08:00 key=eight         # handed in before, by its key
	booking time=08:30                   # handed in before, by its content
	booking time=08:10 key=eight         # another one under that key
	booking time=08:00 key=other         # the same one under another key
	note first b                         # the same, where both may be meant
	booking time=09:00 key=nine          # the first one of this file once more
	booking time=09:10                   # new
	booking time=09:10                   # the one before once more
	booking time=08:50 key=lost          # one that failed has freed its key
	booking time=08:45 key=ended         # one that was withdrawn hasn't yet
	booking time=08:30 again=true | jq -c '.again = true'
	booking date=nonsense                # not a request
} >in
posts=$(posts)
files >files.before
sikka-book -n in >dry 2>dry.err
code=$?
files >files.after
cmp -s files.before files.after
ok $? "-n changes no file"
is "$(posts)" "$posts" "and sends nothing"
grep -q true dry
ok $? "what it says is about duplicates, too"
run "$code" "the run ends as -n does" sikka-book in
is "$(verdicts dry)" "$(verdicts out)" "and says of each request what -n has said"
like "$(verdicts dry | tr '\n' ',')" '^1 false null null,2 true null null,3 true null null,4 false key_reused 1,5 false looks_doubled 1,6 false null null,7 true null null,' "new, duplicate, key reused, doubled, beside another, a duplicate of its own file"
is "$(grep -c 'key_reused\|already used\|looks doubled' dry.err)" "$(grep -c 'key_reused\|already used\|looks doubled' err)" "on standard error as well"
is "$(jq -r 'select(.line == 2) | [.id, .result] | join(" ")' dry)" "1 pending" "a duplicate is shown as the request that is there"
is "$(jq -r 'select(.line == 1) | (has("id") | tostring) + " " + .body.time' dry)" "false 09:00" "a new one with what would be sent"

booking time=10:00 key=order-4711 >in
booking time=08:00 key=eight >>in
run 0 "a table" sikka-book -n -F table in
like "$(head -n 1 out)" '^line +key +duplicate +id +office_id +operation +date +time +patient_id' "has the columns by which a person knows a request"
like "$out" '^1 +order-4711 .*2031-03-03 +10:00 +7( |$)' "and their values"
like "$out" '^2 +eight +true +1 .*2031-03-03 +08:00 +7( |$)' "of a duplicate, too"

# --- without a server, without the right to write, on an older copy ----------------------------------------------------

run 0 "no server and no key are needed" env -u SIKKA_APP_KEY SIKKA_BASE_URL=http://127.0.0.1:1/v4 sikka-book -n in
sikka-sweep --backup "$T/older.db" >kept 2>&1
booking time=11:00 >in
run 0 "one more" sikka-book in
cp older.db "$SIKKA_DB"
run 75 "an older copy, where the run sends nothing" sikka-book -n in
like "$err" "is an older copy .*--after-restore" "says what the run says"
is "$(sql "SELECT count(*) FROM events WHERE kind = 'older_copy'")" 0 "and no event is made of it"

# --- what ends it ------------------------------------------------------------------------------------------------------

anew --delay 0:0
mkfifo input
exec 9<>input
booking time=12:00 >&9
sikka-book -n input >dry 2>dry.err &
pid=$!
wait_for test -s dry
signal TERM "$pid"
wait "$pid"
is "$?" 75 "a signal ends -n before its input has ended"
like "$(cat dry.err)" "stopped by a signal; what follows in the input wasn't looked at" "which it says"
exec 9>&-
sql "ALTER TABLE practices RENAME TO elsewhere"
sikka-book -n in >dry 2>dry.err
code=$?
run "$code" "where the practices can't be read, the run ends as -n does" sikka-book in
is "$(cat dry.err)" "$(cat err)" "and in the same words"
[ "$code" -ne 0 ]
ok $? "which is no success"
done_testing
