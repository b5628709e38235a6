#!/bin/sh
# SPDX-License-Identifier: MIT
# What the list shows besides what a row sent: doubles, other fields, values that can't be compared, withdrawn witnesses
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0 --spu-offline D36225
authorize_unlisted
there() { held ".writebacks[] | select(.id == \"$1\").state"; }
last() { held '.writebacks[-1].id'; } # the id that the server gave last
look() { later 61; sikka-sweep >swept 2>&1; }

# --- a proxy repeats the POST ---------------------------------------------------------------------------

lose after 09:00
first=$(last)
turn_up
second=$(last)
is "$([ "$first" != "$second" ] && echo two)" two "the server has it twice"
look
is "$(state "$id") $(row "$id" writeback_id)" "pending $first" "the row gets the older one"
like "$(event_kinds "$id")" 'found doubled$' "a person hears of the other"
like "$(sql "SELECT text FROM events WHERE kind = 'doubled'")" "writeback $second .*--adopt $second, then --withdraw .*--not-ours $second" "which it is, and what may be typed"
lose before 09:05
look
like "$(event_kinds "$((id - 1))")" 'found doubled$' "once"
is "$(there "$first") $(there "$second")" "pending pending" "nothing is withdrawn"
other=$id

# --- a field that wasn't sent ----------------------------------------------------------------------------

lose before 09:10
turn_up '.note = "by telephone"'
look
is "$(state "$id")" "unknown unclear" "an entry with a field that wasn't sent is another's"
sikka-sweep -n >shown 2>&1
is "$(jq -r "select(.id == \"$id\") | .candidates[-1] | \"\(.writeback_id) \(.strict)\"" shown)" "$(last) false" "and is shown as a candidate"

# --- a value that can't be compared ------------------------------------------------------------------------

lose after 09:20 'description=crown = bridge'
look
is "$(state "$id")" "unknown unclear" "an = in a value: not adopted"
later 2200
look
look
is "$(state "$id") $(row "$id" 'absent_at IS NULL')" "unknown unclear 1" "nor is it ever absent while the list shows one of its kind"
is "$(state "$other")" "unknown unclear" "and nothing of that kind is"

# --- the latest request was withdrawn --------------------------------------------------------------------

change() { # change APPOINTMENT: of its status
	jq -cn --arg sr "$1" '{office_id: "D36225", practice_id: "1", operation: "update_appointment_status",
	    appointment_sr_no: $sr, op: "replace", path: "/appointment_status", value: "Confirmed"}'
}
change 1 >in
sim_fault 'PATCH /appointments/*@1=drop-before'
run 2 "a change is lost" sikka-book in
id=$(said .id)
sim_clear_faults
change 2 >in
run 0 "another one is accepted" sikka-book in
other=$(said .id)
run 2 "and withdrawn" sikka-sweep --withdraw "$other"
later 2200
look
look
is "$(state "$id")" "failed not_received" "the list needn't show what was withdrawn"

# --- one that was not received turns up twice -----------------------------------------------------------------

anew --rate-limit 100000 --delay 0:0 --spu-offline D36225
lose before 09:00
later 36m
look
look
is "$(state "$id")" "failed not_received" "one that never arrived"
turn_up
first=$(last)
turn_up
second=$(last)
other=$id
lose before 09:05
look
is "$(state "$other") $(row "$other" "writeback_id || ifnull(doubled_id, '')")" "pending $first" "it turns up twice: the row gets the older one"
like "$(event_kinds "$other")" 'found doubled$' "a person hears of the other"
look
like "$(event_kinds "$other")" 'found doubled$' "once"
sikka-sweep --adopt "$second" --unchecked >swept 2>&1
sikka-sweep --withdraw "$(sql "SELECT id FROM pms_writebacks WHERE writeback_id = '$second'")" >swept 2>&1
is "$(there "$first") $(there "$second")" "pending withdrawn" "and can take it back"

# --- a copy knows of one, and the list shows two --------------------------------------------------------------------

lose after 10:00
first=$(last)
cp "$SIKKA_DB" copy.db
turn_up
second=$(last)
booking time=10:30 >in
run 0 "one more" sikka-book in
rm "$SIKKA_DB" && cp copy.db "$SIKKA_DB"
later 36m
after_restore >restored 2>"$T/err"
is "$(row "$id" writeback_id)" "$first" "after the restore the row has the older one"
is "$(sql "SELECT unclaimed FROM pms_writebacks WHERE writeback_id = '$second'")" 1 "the other one is taken over"
like "$(sql "SELECT text FROM events WHERE kind = 'doubled' AND row_id = $id")" "writeback $second holds the same as request $id, .*--withdraw" "and told"
is "$(sql "SELECT count(*) FROM events WHERE kind = 'doubled' AND row_id <> $other")" 1 "and nothing else is"

# --- what was sent since the copy was made, by a proxy twice ----------------------------------------------------------

sent_besides() { sim_submit 'office_id=D36225&path=/appointment' "$(booking "time=$1" | jq -c 'del(.office_id)')"; } # sent_besides TIME
booking time=11:00 >in
run 0 "one of which the copy knows" sikka-book in
known=$(said .id) before=$(sql "SELECT count(*) FROM events WHERE kind = 'doubled'")
cp "$SIKKA_DB" copy.db
second=$(sent_besides 11:00)
booking time=11:30 >in
run 0 "one of which it doesn't" sikka-book in
third=$(last)
fourth=$(sent_besides 11:30)
booking time=11:40 >in
run 0 "one that is there once" sikka-book in
rm "$SIKKA_DB" && cp copy.db "$SIKKA_DB"
later 1450m
sent_besides 11:30 >another # a day later it is another one
later 36m
after_restore >restored 2>"$T/err"
of() { sql "SELECT id FROM pms_writebacks WHERE writeback_id = '$1'"; }
double_of() { sql "SELECT count(*) FROM events WHERE kind = 'doubled' AND row_id = $1 AND text LIKE 'writeback $2 holds the same as request $1, %may have been sent twice%--withdraw $(of "$2")'"; }
is "$(double_of "$known" "$second")" 1 "the double of a row of the copy is told"
is "$(($(double_of "$(of "$third")" "$fourth") + $(double_of "$(of "$fourth")" "$third")))" 1 "so is one of two that were taken over"
told=$(sql "SELECT count(*) FROM events WHERE kind = 'doubled'")
is "$((told - before))" 2 "and nothing else"
later 36m
after_restore >restored 2>"$T/err"
is "$(sql "SELECT count(*) FROM events WHERE kind = 'doubled'")" "$told" "once more: it was told"

# --- a double, and later a request with the same content ---------------------------------------------------------------

anew --rate-limit 100000 --delay 0:0 --spu-offline D36225
lose after 16:00
turn_up
second=$(last)
look
is "$(state "$id") $(event_kinds "$id" | grep -c doubled)" "pending 1" "the second request is told"
booking time=16:00 | jq -c '.again = true' >in
run 0 "the same, meant once more" sikka-book in
lose before 16:10 # so that a list is read
look
is "$(sql "SELECT count(*) FROM events WHERE kind = 'doubled' AND text LIKE '%$second%'")" 1 "it isn't told again beside that one"
turn_up
turn_up
look
is "$(sql "SELECT count(*) FROM events WHERE kind = 'doubled'")" 2 "another one is told"
done_testing
