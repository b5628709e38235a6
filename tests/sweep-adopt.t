#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-sweep --adopt: a person says that entries of the server's list, which no request has, are ours
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0 --spu-offline D36225
authorize
there() { held ".writebacks[] | select(.id == \"$1\").state"; }
# sent_before TIME [NAME=VALUE …]: what was sent from a state file that is lost; its number in $there
sent_before() {
	at=$1
	shift
	there=$(sim_submit 'office_id=D36225&path=/appointment' "$(booking "time=$at" "$@" | jq -c 'del(.office_id)')")
}
# dark: a request of which the list shows no fields
dark() { there=$(sim_submit 'office_id=D36225&path=/appointment' '{}'); }
of() { sql "SELECT id FROM pms_writebacks WHERE writeback_id = '$1'"; }

# --- one that nobody waits for --------------------------------------------------------------------------------------

booking time=08:30 >in
run 0 "a booking of ours" sikka-book in
mine=$(said .writeback_id) owner=$(said .id)
sent_before 09:00 description=plain
lost=$there
run 0 "an entry that no request has" sikka-sweep --adopt "$lost"
id=$(of "$lost")
is "$(state "$id") $(row "$id" "unclaimed || adopted || attempts || ifnull(key, '-')")" "pending 110-" "is taken over as a request without a key"
is "$(said 'select(.event == "adopted") | .id + " " + .text')" \
    "$id request $id (book_appointment, writeback $lost) is pending: a person says that it is ours; with --adopt" "with an event"
is "$(sql "SELECT command || ' ' || user || ' ' || host FROM history WHERE kind = 'adopted'")" "sikka-sweep $(id -un) $(hostname)" \
    "which says who it was, and from where"
run 1 "once more" sikka-sweep --adopt "$lost"
like "$err" "writeback $lost belongs to request $id" "is refused"
run 1 "one of another request, too" sikka-sweep --adopt "$mine" --unchecked
like "$err" "writeback $mine belongs to request $owner" "which is named"
run 65 "one that the list doesn't have" sikka-sweep --adopt 999999 --unchecked
like "$err" "writeback 999999 isn't in the server's list" "is refused"
run 64 "what is no number" sikka-sweep --adopt x

before=$(posts)
booking time=09:00 description=plain key=NIGHT >in
run 0 "the request that it was, with its key" sikka-book in
is "$(said '[.id, .duplicate, .key] | map(tostring) | join(" ")') $(posts)" "$id true NIGHT $before" "is its duplicate"
is "$(row "$id" "key || unclaimed")" NIGHT0 "and gives it its key"
later 7h
run 1 "what is stuck" sikka-sweep --stuck-after 6h
is "$(state "$id") $(there "$lost")" "pending pending" "it isn't withdrawn by itself"
run 0 "a person" sikka-sweep --withdraw "$id"
is "$(state "$id") $(there "$lost")" "withdrawn withdrawn" "may withdraw it"

# Withdrawn before a request turned out to be its: the practice may have fetched it all the same.
sent_before 09:30 description=plain
run 0 "another entry that no request has" sikka-sweep --adopt "$there"
id=$(of "$there")
run 0 "is withdrawn" sikka-sweep --withdraw "$id"
before=$(posts)
for key in key=MORNING key=; do
	booking time=09:30 description=plain "$key" | jq -c 'if .key == "" then del(.key) else . end' >in
	run 65 "the same request, $key" sikka-book in
	is "$(said '.error_code + " " + .other_id') $(posts)" "looks_doubled $id $before" "isn't sent: the practice may carry that one out"
done
later 36m
for look in 1 2; do
	later 61
	sikka-poll >polled 2>&1
done
is "$(row "$id" "looks || holds_key || holds_content")" 200 "when it was seen gone"
run 0 "the same request" sikka-book in
is "$(said .result) $(posts)" "pending $((before + 1))" "is sent"

# --- what equals a request that is still queued -------------------------------------------------------------------------

sql "UPDATE pms_integrations SET token_expiry = '2026-01-01T00:00:00.000Z', renewed_at = '2025-12-31T00:00:00.000Z' WHERE office_id = 'D36225'"
sim_fault 'POST /request_key=hold'
booking time=07:30 >in
sikka-book in >booked 2>booked.err &
pid=$!
wait_for sim_holds 1
id=$(sql "SELECT id FROM pms_writebacks WHERE result = 'queued'")
there=$(sim_submit 'office_id=D36225&path=/appointment' "$(row "$id" request_body)")
run 65 "an entry that equals a request which waits for its key" sikka-sweep -O D20006 --adopt "$there"
like "$err" "writeback $there may be request $id, which is queued .*--after-restore.*--unchecked" "is refused: in a history that is lost it may have been sent"
is "$(of "$there") $(state "$id")" " queued" "nothing is taken over"
sim_clear_faults
wait "$pid"
is "$? $(state "$id")" "0 pending" "the request goes its way"

# --- what may be a request that waits for its own ---------------------------------------------------------------------

lose before 10:00
sent_before 10:10
run 2 "an entry of the kind of an unknown request" sikka-sweep --adopt "$there"
like "$err" "writeback $there may be request $id, which is unknown .*sikka-sweep --resolve $id=$there.*--unchecked" "is refused, with what may be typed"
is "$(of "$there")" "" "nothing is taken over"
sikka-sweep --resolve "$id=failed" --unchecked >resolved 2>&1
sent_before 10:00
first=$there
run 65 "one that may be a request's which is looked for" sikka-sweep -O D20006 --adopt "$first"
like "$err" "writeback $first may be request $id, which is failed .*settles that one by itself" "too"
later 11m
sikka-sweep >swept 2>&1
is "$(row "$id" writeback_id)" "$first" "and is that one's, indeed"

lose before 10:20
sent_before 10:30
run 2 "--unchecked" sikka-sweep --adopt "$there" --unchecked
is "$(state "$(of "$there")")" pending "is taken over"
like "$(said 'select(.event == "adopted").text')" "with --adopt --unchecked" "which the event says"
for wait in 36m 2m 2m; do
	later $wait
	sikka-sweep >swept 2>&1
done
is "$(state "$id")" "unknown unclear" "as long as no request has claimed it, it keeps the unknown one from being absent"

# --- its double, and another program's ------------------------------------------------------------------------------------

sim_post "office?office_id=D20006&spu=offline"
booking office_id=D20006 staff=1 type=1 time=11:00 >in
run 0 "a booking that a proxy repeats" sikka-book in
id=$(said .id)
sent_twice=$(sim_submit 'office_id=D20006&path=/appointment' "$(row "$id" request_body)")
run 0 "--adopt" sikka-sweep -O D20006 --adopt "$sent_twice"
run 0 "then --withdraw" sikka-sweep -O D20006 --withdraw "$(of "$sent_twice")"
is "$(there "$sent_twice") $(state "$id")" "withdrawn pending" "takes back the one that is too many"
sent_twice=$(sim_submit 'office_id=D20006&path=/appointment' "$(row "$id" request_body | jq -c '.time = "11:30"')")
run 0 "one that a person has said to be another program's" sikka-sweep -O D20006 --not-ours "$sent_twice"
run 0 "and is ours after all" sikka-sweep -O D20006 --adopt "$sent_twice"
is "$(state "$(of "$sent_twice")") $(sql "SELECT count(*) FROM not_ours")" "pending 0" "is taken over"

sent_twice=$(sim_submit 'office_id=D20006&path=/appointment' "$(row "$id" request_body | jq -c '.time = "11:45"')")
sikka-sweep -O D20006 --adopt "$sent_twice" >swept 2>&1
run 0 "one that was adopted, and is another program's after all" sikka-sweep -O D20006 --not-ours "$sent_twice"
row "$id" request_body | jq -c '. + {office_id: "D20006", time: "11:45"}' >in
run 65 "the same request" sikka-book in
like "$err" "writeback $sent_twice, which another program sent" "looks doubled then, and isn't its duplicate"

# --- many, from stdin -----------------------------------------------------------------------------------------------------

jq -cn --arg id "$(sim_submit 'office_id=D20006&path=/appointment' "$(row "$id" request_body | jq -c '.time = "12:00"')")" '{writeback_id: $id}' >named
run 0 "records" sh -c 'sikka-sweep -O D20006 --adopt - <named'
is "$(state "$(of "$(jq -r .writeback_id named)")")" pending "name entries"
run 2 "-n | --adopt -" sh -c 'sikka-sweep -n 2>shown.err | sikka-sweep --adopt -'
like "$err" "may be request .*--resolve" "names the candidates"
run 64 "two that read stdin" sikka-sweep --adopt - --not-ours -

# --- one that can't be compared ---------------------------------------------------------------------------------------------

sikka-status --writebacks --state unknown -q -F jsonl | jq -r '.id + "=failed"' >open
while read -r one; do sikka-sweep --resolve "$one" --unchecked >resolved 2>&1; done <open
sikka-sweep --backup copy.db >backup.out
dark
one=$there
dark
two=$there
dark
three=$there
booking time=14:00 >in
run 0 "one more" sikka-book in
rm "$SIKKA_DB" && cp copy.db "$SIKKA_DB"
later 36m
run 0 "after a restore, three that can't be compared" after_restore
booking time=15:00 >in
run 65 "a request of their kind" sikka-book in
like "$err" "request $(of "$one"), .* can't be compared.*sikka-sweep --adopt $one.*--not-ours $one" "is refused, with what may be typed"
run 0 "--adopt" sikka-sweep --adopt "$one"
is "$(row "$(of "$one")" unclaimed) $(event_kinds "$(of "$one")")" "0 found adopted" "is told"
run 65 "as long as there is another one" sikka-book in
like "$err" "sikka-sweep --adopt $two" "it is refused"
run 0 "--not-ours" sikka-sweep --not-ours "$two"
run 0 "--withdraw" sikka-sweep --withdraw "$(of "$three")"
run 65 "while the practice may carry out the withdrawn one" sikka-book in
like "$err" "request $(of "$three"), which is withdrawn and may still be carried out, .* can't be compared" "it is refused"
later 36m
for look in 1 2; do
	later 61
	sikka-poll >polled 2>&1
done
run 0 "then it is sent" sikka-book in
is "$(said .result)" pending "and accepted"
dark
run 0 "one that wasn't taken over before" sikka-sweep --adopt "$there"
booking time=15:30 >in
run 0 "is in nobody's way either" sikka-book in
done_testing
