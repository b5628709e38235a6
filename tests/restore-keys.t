#!/bin/sh
# SPDX-License-Identifier: MIT
# what was taken over after a restore has no key, until the request that it was is handed in, or sent again
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0 --spu-offline D36225
authorize
told_as() { said '[.id, .result, .duplicate, .error_code, .other_id] | map(tostring) | join(" ")'; }
# hand EXIT WHAT [NAME=VALUE …]: hands a booking in
hand() {
	want_exit=$1 why=$2
	shift 2
	booking "$@" >in
	run "$want_exit" "$why" sikka-book in
}
taken() { sql "SELECT id FROM pms_writebacks WHERE json_extract(request_body, '\$.time') = '$1' AND writeback_id IS NOT NULL"; }
restore() { rm -f "$SIKKA_DB" && cp copy.db "$SIKKA_DB" && later 36m && run 0 "an older copy, brought up to date" after_restore; }

# Two that weren't sent are in the copy; they are sent after it was made, and more besides.
{ booking time=09:00 key=OLD; booking time=09:10; } >in
SIKKA_BASE_URL=http://127.0.0.1:1/v4 sikka-book in >lost 2>lost.err
is "$(sql "SELECT group_concat(error_code, ' ') FROM pms_writebacks")" "not_sent not_sent" "two that weren't sent"
sikka-sweep --backup copy.db >backup.out
run 0 "are sent again" sikka-sweep --retry
for at in 10:00 10:10 10:20 10:30 10:40 10:50 11:00; do booking "time=$at" "key=K$at" description=plain; done |
    jq -c 'if .time >= "10:40" then . else .operatory = "a=b & c" end' >night
run 0 "a night's bookings" sikka-book night
sent=$(posts)
restore
is "$(sql "SELECT count(*) FROM pms_writebacks WHERE unclaimed = 1 AND key IS NULL")" 9 "what the copy lacks is taken over, without keys"

run 0 "a sweep that sends again" sikka-sweep --retry
is "$(posts)" "$sent" "sends nothing of what was in the copy"
is "$(told "^sikka-sweep: .*2 requests of the copy that was restored .*\(1, 2\).*sikka-sweep --retry=ID")" 1 "and says so in one line"
run 1 "one by which a person names them" sikka-sweep --retry=1 --retry=2
is "$(posts)" "$sent" "sends nothing that the lost file had sent"
is "$(told "request [12] isn't sent again: another request has its key")" 2 "and says so"
is "$(sql "SELECT group_concat(error_code, ' ') FROM pms_writebacks WHERE id <= 2")" "superseded superseded" "those rows are superseded"
is "$(sql "SELECT key FROM pms_writebacks WHERE id = $(taken 09:00)")" OLD "and the one that was taken over has its key now"
hand 0 "which is used up" time=09:00 key=OLD
is "$(said '[.id, .duplicate] | map(tostring) | join(" ")')" "$(taken 09:00) true" "by that row"

hand 0 "one of that night, with its key" time=10:40 key=K10:40 description=plain
id=$(taken 10:40)
is "$(told_as) $(posts)" "$id pending true null null $sent" "is its duplicate"
is "$(row "$id" "key || ' ' || unclaimed")" "K10:40 0" "and gives it its key"
hand 65 "under another key" time=10:40 key=OTHER description=plain
is "$(told_as) $(posts)" "null null false looks_doubled $id $sent" "it looks doubled"
hand 0 "without a key" time=10:40 description=plain
is "$(told_as)" "$id pending true null null" "it is a duplicate"
hand 65 "its key with another body" time=10:41 key=K10:40 description=plain
is "$(said .error_code) $(posts)" "key_reused $sent" "is refused"

hand 0 "another one, without its key" time=10:50 description=plain
id=$(taken 10:50)
is "$(told_as) $(row "$id" "ifnull(key, 'none') || unclaimed")" "$id pending true null null none0" "claims its row, too"
hand 65 "with its key then" time=10:50 key=K10:50 description=plain
is "$(said .error_code) $(posts)" "looks_doubled $sent" "looks doubled"

booking time=10:00 key=K10:00 description=plain operatory="a=b & c" >in
run 65 "one with an '&', which the list shows as several fields" sikka-book in
is "$(told_as) $(posts)" "null null false looks_doubled $(sql "SELECT id FROM pms_writebacks WHERE request_body LIKE '%10:00%'") $sent" "looks doubled"
booking time=10:00 key=K10:00 description=plain operatory="a=b & c" | jq -c '.again = true' >in
run 0 "and is sent only by a person's word" sikka-book in
is "$(posts)" $((sent + 1)) "once"
sent=$(posts)
hand 0 "one that nobody had sent" time=15:00 key=NEW
is "$(said .result) $(posts)" "pending $((sent + 1))" "is sent"
sent=$(posts)

# --- a day later ----------------------------------------------------------------------------------------------

sim_post 'office?office_id=D36225&spu=online'
sikka-poll --wait=60s --every 1s >polled 2>&1
id=$(taken 11:00)
is "$(row "$id" "result || unclaimed")" completed1 "one that was carried out, and that nobody has claimed"
later 86500
hand 65 "with its key, a day later" time=11:00 key=K11:00 description=plain
is "$(told_as) $(posts)" "null null false looks_doubled $id $sent" "it looks doubled, and isn't told as a duplicate"
hand 0 "without a key" time=11:00 description=plain
is "$(said '[.duplicate, .result] | map(tostring) | join(" ")') $(posts)" "false pending $((sent + 1))" "it is a new one, as ever after a day"
sent=$(posts)

# --- a list that doesn't show the fields --------------------------------------------------------------------------

sql "UPDATE pms_writebacks SET request_body = NULL, content_key = NULL WHERE id = $id"
hand 65 "while one can't be compared, one of its office and operation" time=16:00 key=Q
is "$(told_as) $(posts)" "null null false looks_doubled $id $sent" "is refused"
like "$err" "request $id, which is completed, was taken over from the server's list and can't be compared" "with a word why"
hand 65 "without a key" time=16:00
jq -cn '{office_id: "D36225", practice_id: "1", operation: "create_patient", firstname: "A", lastname: "B", provider_id: "DOC1"}' >in
run 0 "another operation" sikka-book in
is "$(said .result) $(posts)" "pending $sent" "is sent"
done_testing
