#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-sweep --not-ours: a person says which entries of the server's list another program sent
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0
authorize
SIKKA_DB=$T/other/sikka.db sikka-authorize >other.out 2>&1
said_so() { sql "SELECT group_concat(writeback_id, ' ') FROM (SELECT * FROM not_ours ORDER BY writeback_id)"; }
# other_books [NAME=VALUE …]: another program books; its number in $there
other_books() {
	booking "$@" | SIKKA_DB=$T/other/sikka.db SIKKA_SHARED_OFFICES='*' sikka-book >other.out 2>&1
	there=$(held '.writebacks[-1].id')
}

# --- what may be ours -------------------------------------------------------------------------------------------------

lose before 09:00
other_books time=11:00
foreign=$there
run 2 "an entry of the kind of an unknown request" sikka-sweep --not-ours "$foreign"
like "$err" "writeback $foreign may be request $id, which is unknown .*--unchecked" "is refused, and the request is named"
is "$(said_so)" "" "nothing is noted"
for wait in 36m 2m; do
	later $wait
	sikka-sweep >swept 2>&1
done
is "$(state "$id") $(row "$id" 'absent_at IS NULL')" "unknown unclear 1" "it keeps the request from being absent"
run 2 "--unchecked" sikka-sweep --not-ours "$foreign" --unchecked
is "$(said_so)" "$foreign" "is noted"
is "$(said 'select(.event == "not_ours") | .office_id + " " + .text')" "D36225 writeback $foreign was sent by another program, says a person with --not-ours --unchecked" "with an event"
is "$(sql "SELECT n.run = e.run FROM not_ours n, events e WHERE e.kind = 'not_ours'")" 1 "which names the same run"
later 2m
run 1 "then it doesn't" sikka-sweep
is "$(state "$id")" "failed not_received" "the request is surely absent"

booking time=09:10 >in
run 0 "a booking of ours" sikka-book in
mine=$(said .writeback_id) owner=$(said .id)
run 1 "one of ours" sikka-sweep --not-ours "$mine" --unchecked
like "$err" "writeback $mine belongs to request $owner" "is refused in any case"
run 65 "one that the list doesn't have" sikka-sweep --not-ours 999999 --unchecked
like "$err" "writeback 999999 isn't in the server's list" "is refused"
run 64 "what is no number" sikka-sweep --not-ours x
is "$(said_so)" "$foreign" "nothing else is noted"

# What was declared not received may still turn up.
sim_post 'office?office_id=D36225&spu=offline'
other_books time=09:00
run 1 "a strict match of a request that is looked for" sikka-sweep -O D20006 --not-ours "$there"
like "$err" "writeback $there may be request $id, which is failed " "is refused"
run 0 "--unchecked" sikka-sweep -O D20006 --not-ours "$there" --unchecked
sikka-sweep >swept 2>&1
is "$(state "$id")" "failed not_received" "and then it isn't taken over"
before=$(sim_count 'POST /appointment')
run 0 "--retry" sikka-sweep --retry
like "$err" "request $id isn't sent again: writeback $there, which another program sent, has the same content" "isn't sent beside it"
is "$(sim_count 'POST /appointment')" "$before" "surely not"

# --- an equal request afterwards --------------------------------------------------------------------------------------

booking time=11:00 >in
run 65 "the same as the other program's" sikka-book in
is "$(said '[.error_code, .other_id] | tojson')" '["looks_doubled",null]' "looks doubled"
like "$err" "looks doubled: writeback $foreign, which another program sent, has the same content" "and the writeback is named"
booking time=11:00 key=mine >in
run 65 "under a key, too" sikka-book in
jq -c '.again = true' in >again
run 0 "again sends it" sikka-book again

# --- many, from stdin -------------------------------------------------------------------------------------------------

other_books time=12:00 practice_id=2
first=$there
other_books time=12:10 practice_id=2
lose before 13:00
run 2 "-n | --not-ours -" sh -c 'sikka-sweep -n 2>shown.err | sikka-sweep --not-ours - --unchecked'
is "$(said_so | tr ' ' '\n' | grep -cx -e "$first" -e "$there")" 2 "notes the candidates"
run 65 "a record without one" sh -c 'echo "{\"id\": \"1\"}" | sikka-sweep --not-ours -'
run 64 "two that read stdin" sikka-sweep --not-ours - --withdraw -
later 9d
other_books time=14:00 office_id=D20006 staff=1 type=1
run 2 "nine days later" sikka-sweep --not-ours "$there"
is "$(said_so)" "$there" "what no list shows any more is forgotten"
done_testing
