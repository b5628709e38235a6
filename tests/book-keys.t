#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-book: when two requests count as the same one, and when they don't
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0
authorize
# book EXIT WHAT [OPTION …] <in: books what is in the file in
book() {
	want_exit=$1 why=$2
	shift 2
	run "$want_exit" "$why" sikka-book "$@" in
}
finish() { run "${1:-0}" "${2:-they end}" sikka-poll --wait=60s --every 1s; }

# --- without a key of the caller's -------------------------------------------------------------------

booking >in
book 0 "a booking"
book 0 "the same again, while it is pending: exit 0 as the first"
is "$(said '[.id, .duplicate, .writeback_id] | map(tostring) | join(" ")')" "1 true $(held '.writebacks[0].id')" "the first one's record, duplicate: true"
is "$(said .duplicate)" true "a boolean"
jq -c 'to_entries | reverse | from_entries | .length = 30 | .practice_id = 1' in >other && mv other in
book 0 "in another order, numbers as numbers"
is "$(said .duplicate)" true "is the same request"
is "$(posts) $(sql 'SELECT count(*) FROM pms_writebacks')" "1 1" "one at the server, one row"
finish
booking >in
book 0 "again, after it completed"
is "$(said '[.result, .duplicate] | map(tostring) | join(" ")')" "completed true" "still the same"
later 86000
book 0 "almost 24 hours later"
is "$(said .duplicate) $(posts)" "true 1" "still the same"
later 500
book 0 "24 hours after it completed"
is "$(said '[.id, .duplicate] | map(tostring) | join(" ")') $(posts)" "2 false 2" "a new one"
finish 1 "which the practice refuses, for the place is taken"
is "$(row 2 result) $(row 2 error_message)" "failed appointment already scheduled" "failed"
book 0 "a failure frees it"
is "$(said '[.id, .duplicate] | map(tostring) | join(" ")') $(posts)" "3 false 3" "it is sent again when asked to"
finish 1

{ booking time=10:00; booking time=10:30; booking time=10:00; } >in
book 0 "twice in one input"
is "$(said '[.id, .writeback_id != null, .duplicate] | map(tostring) | join(" ")' | sort | tr '\n' ',')" "4 true false,4 true true,5 true false," "two requests and a duplicate, with its outcome"
is "$(posts)" 5 "two at the server"
book 0 "--again, with --again twice in it" --again
is "$(posts) $(said '.duplicate' | sort -u)" "8 false" "sends all three"
finish 1

# --- exit code of the first's state -----------------------------------------------------------------

sim_fault 'POST /appointment@1=drop-after'
booking time=11:00 >in
book 2 "an answer lost: unknown"
book 2 "the same again: exit 2 as the first"
is "$(said '[.result, .duplicate] | map(tostring) | join(" ")') $(posts)" "unknown true 9" "not sent again"
finish
sim_clear_faults

# --- the caller's key ---------------------------------------------------------------------------------

booking time=12:00 key=K-1 >in
book 0 "with a key"
is "$(said .key)" K-1 "the record names it"
book 0 "the same key and body"
is "$(said .duplicate) $(posts)" "true 10" "is a duplicate"
booking time=12:30 key=K-1 >in
book 65 "the same key with another body"
is "$(said '[.line, .error_code, .field] | map(tostring) | join(" ")')" "1 key_reused key" "is refused, naming the field"
like "$err" '^sikka-book: line 1: key: ' "on stderr too"
is "$(wc -l <err)" 1 "in one line"
is "$(posts)" 10 "nothing is sent"
{ booking time=12:30 key=K-1; booking time=12:40; } >in
book 65 "the others of that input"
is "$(posts)" 11 "are sent"
finish
later 864000
booking time=12:00 key=K-1 >in
book 0 "ten days later"
is "$(said '[.result, .duplicate] | map(tostring) | join(" ")') $(posts)" "completed true 11" "a key of the caller's is for good"
{ booking time=13:00 key=K-2; booking time=13:30 key=K-2; } >in
book 65 "one key for two in one input"
is "$(posts) $(held '.writebacks[-1].body.time')" "12 13:00" "only the first is sent"
booking time=14:00 key=K-3 >in
book 0 "a place that will be taken twice"
booking time=14:00 key=K-4 description=other >in
book 0 "by another request"
is "$(posts)" 14 "are two"
run 1 "one of which is refused by the practice" sikka-poll --wait=60s --every 1s
freed=$(sql "SELECT key FROM pms_writebacks WHERE key IN ('K-3', 'K-4') AND result = 'failed'")
booking time=14:10 "key=$freed" >in
book 0 "the key of a failed one is free, for another body too"
is "$(said .duplicate) $(posts)" "false 15" "it is sent"
finish

sim_fault 'POST /appointment@1=status:400:API1027'
booking time=15:00 key=K-5 >in
book 1 "refused by the server"
book 0 "its key is free as well"
is "$(said '[.result, .duplicate] | map(tostring) | join(" ")') $(posts)" "pending false 17" "it is sent"
finish
sim_clear_faults

# --- a change of status, there and back -----------------------------------------------------------------

sr=$(row 1 appointment_sr_no)
patch() {
	jq -cn --arg sr "$sr" --arg value "$1" '{office_id: "D36225", practice_id: "1", operation: "update_appointment_status",
	    appointment_sr_no: $sr, op: "replace", path: "/appointment_status", value: $value}' >in
}
n=0
for value in Confirmed Cancelled Confirmed; do
	patch "$value"
	book 0 "$value" --wait=60s
	n=$((n + 1))
	is "$(sim_count 'PATCH /appointments/{}') $(said .result)" "$n completed" "request $n"
done
run 0 "the appointment" sikka-get -O D36225 appointments "appointment_sr_no=$sr"
is "$(said .status)" Confirmed "is confirmed in the end"
sim_post 'office?office_id=D36225&spu=offline'
patch Cancelled
book 0 "while it is pending"
book 0 "the same change again"
is "$(said .duplicate) $(sim_count 'PATCH /appointments/{}')" "true 4" "is a duplicate"
sim_post 'office?office_id=D36225&spu=online'
finish

# --- several processes --------------------------------------------------------------------------------

before=$(posts)
i=0
while [ "$i" -lt 20 ]; do booking "time=$(printf '16:%02d' "$i")"; i=$((i + 1)); done >in
for p in 1 2 3 4; do sikka-book in >"p$p" 2>>p.err & pids="${pids:-} $!"; done
codes=
for pid in $pids; do wait "$pid"; codes="$codes$?"; done
is "$codes" 0000 "four processes with the same twenty bookings"
is "$(($(posts) - before))" 20 "twenty at the server"
is "$(cat p1 p2 p3 p4 | jq -r .id | sort | uniq -c | awk '{print $1}' | sort -u)" 4 "each process told of each"
is "$(cat p1 p2 p3 p4 | jq -r 'select(.duplicate != true).id' | sort | uniq -d)" "" "each is one process's own"
is "$(cat p.err)" "" "without a word on stderr"
finish
is "$(held '[.writebacks[] | select(.body.time | tostring | startswith("16:"))] | map(.applied) | add')" 20 "twenty in the book"
is "$(held '[.writebacks[].applied] | max')" 1 "nothing was carried out twice"
# --- with --wait ---------------------------------------------------------------------------------------

booking date=2031-03-04 >one
cat one one one >in
book 0 "one three times in one input, and waited for" --wait
is "$(said '[.result, .duplicate] | map(tostring) | join(" ")' | tr '\n' ',')" "completed false,completed true,completed true," "a record for each"

done_testing
