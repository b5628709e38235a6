#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-sweep --retry=ID: a person names what is to be sent again, also what --retry leaves
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0 --spu-offline D36225
authorize
told_as() { said '[.id, .result, .duplicate, .error_code, .other_id] | map(tostring) | join(" ")'; }
# unsent TIME [NAME=VALUE …]: a booking that wasn't sent, its row in $id
unsent() {
	booking "time=$@" >in
	SIKKA_BASE_URL=http://127.0.0.1:1/v4 sikka-book in >lost 2>lost.err
	id=$(jq -r .id lost)
}
decide() { sikka-sweep --resolve "$id=failed" --unchecked >resolved 2>&1; }

# --- how it is spelled ------------------------------------------------------------------------------------------------

unsent 08:00
other=$id
unsent 08:10
run 64 "an id that stands apart" sikka-sweep --retry "$id"
like "$err" "takes no operands; did you mean --retry=$id\?" "is no value"
run 64 "what is no id" sikka-sweep --retry=x
run 64 "an empty one" sikka-sweep --retry=
run 65 "an id that nobody has" sikka-sweep "--retry=$id" --retry=999
is "$(state "$id")" "failed not_sent" "beside another one, which isn't sent"
run 0 "-n" sikka-sweep -n --retry="$id"
is "$(said '.would + " " + .id')" "send again $id" "shows the one that is named"
run 0 "one that is named" sikka-sweep "--retry=$id"
is "$(state "$id") $(state "$other")" "pending failed not_sent" "is sent, and no other"
like "$(sql "SELECT text FROM events WHERE kind = 'retried'")" "retried by a person" "the history says who wanted it"
run 1 "one that isn't failed" sikka-sweep "--retry=$id"
like "$err" "request $id is .* and isn't sent again: only what failed" "is refused"
sikka-status --writebacks --state failed -F jsonl >records
run 0 "those of the records on stdin" sh -c 'sikka-sweep --retry=- <records'
is "$(state "$other")" pending "are sent"
run 64 "two that read stdin" sikka-sweep --retry=- --withdraw -
unsent 08:20
run 0 "without a value" sikka-sweep --retry
is "$(state "$id")" pending "it is as ever"
before=$(posts)

# --- what a person resolved ---------------------------------------------------------------------------------------------

lose before 09:00 key=NINE
decide
run 0 "what was resolved as failed" sikka-sweep --retry
is "$(state "$id")" "failed resolved" "isn't sent by itself"
run 75 "a person" sikka-sweep "--retry=$id"
like "$err" "request $id waits" "waits for as long as the practice's server is off"
run 0 "who has looked there" sikka-sweep "--retry=$id" --unchecked
is "$(row "$id" "result || ' ' || (resolved_at IS NULL) || ' ' || (not_received_at IS NOT NULL)") $(posts)" "pending 1 1 $((before + 2))" "has it sent"
booking time=09:00 key=NINE >in
run 0 "it holds its key again" sikka-book in
is "$(told_as)" "$id pending true null null" "so the same request is its duplicate"

# Its first request turns up all the same.
turn_up
late=$(held '.writebacks[-1].id')
first=$id
lose before 09:01
later 61
sikka-sweep >swept 2>&1
is "$(row "$first" doubled_id)" "$late" "what turns up late is noted as its double"
is "$(held ".writebacks[] | select(.id == \"$late\").state")" withdrawn "and withdrawn, since it is surely one too many"
is "$(sql "SELECT count(*) FROM events WHERE kind = 'assumption_broken'")" 0 "no list had declared anything, so none was wrong"

decide

lose before 09:10 key=TEN
decide
first=$id
booking time=09:10 key=TEN >in
run 0 "the same request, handed in again" sikka-book in
before=$(posts)
run 1 "the first one" sikka-sweep "--retry=$first"
is "$(state "$first") $(posts)" "failed superseded $before" "is superseded"
like "$err" "request $first isn't sent again: another request has its key or its content" "which is said"

lose before 09:20
sikka-sweep --resolve "$id=withdrawn" --unchecked >resolved 2>&1
run 1 "what was resolved as withdrawn" sikka-sweep "--retry=$id"
is "$(state "$id")" "withdrawn" "stays so"

lose after 09:30
decide
later 11m
sikka-sweep >swept 2>&1
before=$(posts)
run 1 "what was seen in the list since" sikka-sweep "--retry=$id"
is "$(row "$id" "writeback_id IS NOT NULL") $(posts)" "1 $before" "isn't sent a second time"

# Somebody at the practice has made the appointment meanwhile.
lose before 09:40
decide
booking time=09:40 operatory=OP2 description=desk >in
run 0 "another booking at that time" sikka-book in
spu online
run 0 "is carried out" sikka-poll --wait=60s --every 1s
lose before 09:50 key=FIFTY
decide
first=$id
booking time=09:50 key=FIFTY >in
run 0 "one that is handed in again" sikka-book in
run 0 "is carried out, too" sikka-poll --wait=60s --every 1s
run 1 "the first one" sikka-sweep "--retry=$first"
is "$(state "$first") $(event_kinds "$first" | grep -c booked_already)" "failed superseded 0" "is superseded, which needs no look at the practice"
id=$((first - 2))
spu offline
before=$(posts)
run 1 "one that was resolved" sikka-sweep "--retry=$id"
like "$err" "request $id isn't sent again: the patient has an appointment at that time" "is looked for at the practice"
is "$(posts) $(state "$id")" "$before failed resolved" "and not sent"

# --- what stood in an older copy -------------------------------------------------------------------------------------------

unsent 10:00 description=plain
first=$id
unsent 10:10
sikka-sweep --backup copy.db >backup.out
sikka-sweep "--retry=$first" >swept 2>&1
rm "$SIKKA_DB" && cp copy.db "$SIKKA_DB"
later 36m
run 0 "an older copy, brought up to date" after_restore
before=$(posts)
sikka-sweep --retry >swept 2>"$T/err"
is "$(posts) $(told "sikka-sweep --retry=ID sends what is still wanted")" "$before 1" "nothing of it is sent by itself"
run 1 "a person names them" sikka-sweep "--retry=$first" "--retry=$id" "--retry=$id" --unchecked
is "$(state "$first") $(state "$id") $(posts)" "failed superseded pending $((before + 1))" "what wasn't sent meanwhile is sent, once"
done_testing
