#!/bin/sh
# SPDX-License-Identifier: MIT
# equal content, with a caller's key and without one: what is sent, what is a duplicate, what looks doubled
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0 --spu-offline D36225
authorize
payments() { sim_count 'POST /transaction'; }
told_as() { said '[.id, .result, .duplicate, .error_code, .other_id] | map(tostring) | join(" ")'; }
last() { sql 'SELECT max(id) FROM pms_writebacks'; }
# hand EXIT WHAT [NAME=VALUE …]: hands a booking in
hand() {
	want_exit=$1 why=$2
	shift 2
	booking "$@" >in
	run "$want_exit" "$why" sikka-book in
}
# pay EXIT WHAT [FILTER]: hands a payment in
pay() {
	jq -cn '{office_id: "D36225", practice_id: "1", operation: "post_transaction", patient_id: "7", guarantor_id: "7",
	    provider_id: "DOC1", procedure_code: "D1", procedure_description: "cash", amount: "12.50", transaction_date: "2026-01-31",
	    impacts: "Collection"}' | jq -c "${3:-.}" >in
	run "$1" "$2" sikka-book in
}

# --- one of the two has a key -----------------------------------------------------------------------------

hand 0 "a booking with a key" time=09:00 key=A
hand 0 "the same without one" time=09:00
is "$(told_as) $(posts)" "1 pending true null null 1" "is a duplicate"
hand 0 "a booking without a key" time=09:10
hand 65 "the same with one" time=09:10 key=B
is "$(told_as) $(said .field) $(posts)" "null null false looks_doubled 2 key 2" "looks doubled"
like "$err" '^sikka-book: line 1: key: looks doubled: request 2, which is pending' "the message names the row"
is "$(said .error_message)" "$(sed 's/^.*key: //' err)" "and so does the record"
is "$(sql 'SELECT count(*) FROM pms_writebacks')" 2 "no row is made of it"

# --- each has a key of its own ---------------------------------------------------------------------------------

hand 65 "the same booking under another key" time=09:00 key=C
is "$(told_as) $(posts)" "null null false looks_doubled 1 2" "looks doubled"
hand 0 "the first key again" time=09:00 key=A
is "$(said .duplicate)" true "is a duplicate still"
{ booking time=09:00 key=C; booking time=09:20 key=C; booking time=09:20 key=D; } >in
run 65 "in one input" sikka-book in
is "$(said '.error_code // .result' | sort | tr '\n' ' ') $(posts)" "looks_doubled looks_doubled pending  3" "the others are sent"
run 0 "the first is withdrawn" sikka-sweep --withdraw 1
hand 65 "the same under another key" time=09:00 key=E
is "$(said .error_code) $(posts)" "looks_doubled 3" "looks doubled: the practice may have fetched the withdrawn one"
for look in 1 2; do later 1000; sikka-sweep >"$T/swept" 2>&1; done
hand 0 "and once that was seen gone, twice" time=09:00 key=E
is "$(said '.duplicate, .result' | tr '\n' ' ') $(posts)" "false pending  4" "it is sent: what is gone is in nobody's way"
sim_fault 'POST /appointment@1=status:400:API1027'
hand 1 "one that is refused" time=09:30 key=F
sim_clear_faults
hand 0 "the same under another key" time=09:30 key=G
is "$(said .result) $(posts)" "pending 6" "is sent: it failed"

# --- "again" --------------------------------------------------------------------------------------------------------

booking time=09:30 key=H | jq -c '.again = true' >in
run 0 "once more, by the request's own word" sikka-book in
is "$(said '.duplicate, .result' | tr '\n' ' ') $(posts)" "false pending  7" "is sent"
is "$(held '.writebacks[-1].body | has("again")')" false "the practice hears nothing of it"
booking time=09:30 key=H | jq -c '.again = "yes"' >in
run 65 "another word" sikka-book in
is "$(said '[.error_code, .field] | join(" ")')" "invalid again" "is none"

# --- two that may both be meant -----------------------------------------------------------------------------------------

pay 0 "a payment" '.key = "P1"'
first=$(last)
pay 0 "an equal one under another key" '.key = "P2"'
is "$(said '.duplicate, .result' | tr '\n' ' ') $(payments)" "false pending  2" "is sent"
like "$err" "line 1: request $((first + 1)) has the same content as request $first, which is pending; it is sent" "with a warning that names the first"
is "$(told "request")" 1 "in one line"
pay 0 "without a key"
is "$(told_as) $(payments)" "$first pending true null null 2" "is a duplicate of the first"
run 0 "the first is withdrawn" sikka-sweep --withdraw "$first"
for look in 1 2; do later 1000; run 0 "look $look" sikka-sweep; done
pay 0 "again without a key"
is "$(told_as) $(payments)" "$((first + 1)) pending true null null 2" "is a duplicate of the second: it lives"
# with cards
sql "UPDATE practices SET pms = 'Planet DDS', pms_version = 'WebV3.0'"
card='del(.impacts) | .amount = "30" | .card_holder_name = "Z" | .cvv = "123" | .expiration_month = "11" | .expiration_year = "2039" | .card_number ='
pay 0 "a payment by card" "$card \"4111222233334444\""
first=$(last) before=$(payments)
pay 65 "one by another card" "$card \"4000222233335555\""
is "$(told_as) $(payments)" "null null false looks_doubled $first $before" "isn't taken for a duplicate, nor sent"
like "$err" "line 1: looks doubled: request $first, which is pending" "the message names the first"
pay 65 "one in cash" 'del(.impacts) | .amount = "30"'
is "$(said .error_code) $(payments)" "looks_doubled $before" "isn't told as the payment by card"
pay 0 "one by another card, with a key" "$card \"4000222233335555\" | .key = \"P3\""
is "$(held '.writebacks[-1].body.card_number') $(payments)" "4000222233335555 $((before + 1))" "is sent"
pay 65 "the key of it, without a card" 'del(.impacts) | .amount = "30" | .key = "P3"'
is "$(said .error_code) $(payments)" "key_reused $((before + 1))" "is another request"
is "$(cat out err "$SIKKA_DB" | grep -aEc '4000222233335555|4111222233334444')" 0 "nothing of a card is kept"
sql "UPDATE practices SET pms = 'Eaglesoft', pms_version = NULL"

# --- sent again ------------------------------------------------------------------------------------------------------------

unsent() { SIKKA_BASE_URL=http://127.0.0.1:1/v4 sikka-book in >lost 2>lost.err; }
booking time=10:00 key=R1 >in
unsent
id=$(last)
is "$(row "$id" "error_code || ' ' || holds_key || holds_content")" "not_sent 00" "one that wasn't sent holds neither"
hand 0 "the same under another key" time=10:00 key=R2
before=$(posts)
run 0 "a sweep that retries" sikka-sweep --retry
is "$(row "$id" error_code) $(posts)" "superseded $before" "doesn't send the first, whose key is free and whose content isn't"
pay 0 "a payment to compare with" '.amount = "40"'
jq -c '.key = "R3"' in >keyed && mv keyed in
unsent
id=$(last) before=$(payments)
run 0 "a sweep that retries" sikka-sweep --retry
is "$(row "$id" "result || ' ' || holds_content") $(payments)" "pending 2 $((before + 1))" "sends a payment beside an equal one"

# --- a change, and a day ---------------------------------------------------------------------------------------------------------

sim_post 'office?office_id=D36225&spu=online'
run 1 "all end" sikka-poll --wait=60s --every 1s
patches() { sim_count 'PATCH /appointments/{}'; }
patch() {
	jq -cn --arg sr "$sr" --arg key "$2" --arg value "$1" '{office_id: "D36225", practice_id: "1", operation: "update_appointment_status",
	    appointment_sr_no: $sr, value: $value, key: $key}' >in
}
sr=$(row 2 appointment_sr_no)
sim_post 'office?office_id=D36225&spu=offline'
patch Confirmed S1
run 0 "a change" sikka-book in
patch Confirmed S2
run 65 "the same under another key" sikka-book in
is "$(said .error_code) $(patches)" "looks_doubled 1" "looks doubled, as long as it isn't done"
sim_post 'office?office_id=D36225&spu=online'
run 0 "it ends" sikka-poll --wait=60s --every 1s
run 0 "then" sikka-book in
is "$(said '.duplicate, .result' | tr '\n' ' ') $(patches)" "false pending  2" "it is a new one"
is "$(row 2 result)" completed "a booking that was carried out"
hand 65 "the same under another key, on the same day" time=09:10 key=T
is "$(said '[.error_code, .other_id] | join(" ")')" "looks_doubled 2" "looks doubled"
later 86500
before=$(posts)
hand 0 "on the next day" time=09:10 key=T
is "$(said .duplicate) $(posts)" "false $((before + 1))" "is sent"
is "$(row 2 "holds_content")" 0 "the one that was handed in has cleared the old one's"

# --- several processes ---------------------------------------------------------------------------------------------------------------

before=$(posts) rows=$(last) pids=
for p in 1 2 3 4 5 6 7 8; do
	if [ $((p % 2)) -eq 0 ]; then booking time=11:00 >"in$p"; else booking time=11:00 "key=U$p" >"in$p"; fi
done
for p in 1 2 3 4 5 6 7 8; do { sikka-book "in$p" >"p$p" 2>"p$p.err"; echo $? >"p$p.code"; } & pids="$pids $!"; done
# shellcheck disable=SC2086
wait $pids
is "$(($(posts) - before)) $(($(last) - rows))" "1 1" "eight processes with one content, four with keys: one row, sent once"
is "$(cat p?.code | grep -vxE '0|65')" "" "the others are duplicates or refused"
is "$(cat p? | jq -r 'select(.id and (.duplicate | not)).id')" "$(last)" "one of them is told that it is its own"
sikka-poll --wait=60s --every 1s >polled 2>&1

# --- a file of the version before -------------------------------------------------------------------------------------------------------

sim_post 'office?office_id=D36225&spu=offline'
hand 0 "with a key" time=12:00 key=V
hand 0 "without" time=12:10
id=$(last)
is "$(sql "SELECT count(*) FROM pms_writebacks WHERE length(content_key) = 64") $(sql "SELECT count(*) FROM pms_writebacks")" "$id $id" "each row has a digest"
back_to_version_5
before=$(posts)
hand 0 "what that one had with a key, now without" time=12:00
is "$(said '[.id, .duplicate] | map(tostring) | join(" ")')" "$((id - 1)) true" "is a duplicate"
hand 0 "what it had without" time=12:10
is "$(said '[.id, .duplicate] | map(tostring) | join(" ")') $(posts)" "$id true $before" "too"
hand 65 "and under a key" time=12:10 key=W
is "$(said '[.error_code, .other_id] | join(" ")')" "looks_doubled $id" "it looks doubled"
done_testing
