#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-sweep -n tells what the run does, act by act, and changes nothing: neither here nor at the server
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0
export SIKKA_SHARED_OFFICES='*'
authorize

# What lies beside the state file, to the byte; but the limits, where a question that was asked is counted.
files() { for file in "${SIKKA_DB%/*}"/*; do case $file in *.limits*) ;; *) cksum "$file" ;; esac; done; }
# What the server holds, and what it got that could change anything there.
server() { held '.writebacks'; sim_get requests | jq -c '.routes | with_entries(select(.key | startswith("GET ") | not)) | map_values(.count)'; }
# What a run prints, and what -n says that it would print.
lines() { jq -r '[.event, .office_id, .id, .text] | map(tostring) | join("|")' done | sort; }
foreseen() {
	jq -r 'if .events then . as $row | .events[] | [.event, $row.office_id, $row.id, .text]
	    elif .event and .would != "deliver" then [.event, .office_id, .id, .text] else empty end
	    | map(tostring) | join("|")' dry | sort
}
# would: what -n said, "ID WORDS" in a line.
would() { jq -r '"\(.id) \(.would)"' dry | sort | tr '\n' ',' | sed 's/,$//'; }
# agree WHAT OPTION …: -n changes nothing, and the run then prints what -n has foreseen.
agree() {
	what=$1
	shift
	time_stands
	files >files.before
	server >server.before
	sikka-sweep -n "$@" >dry 2>dry.err
	files >files.after
	server >server.after
	cmp -s files.before files.after
	ok $? "$what: -n changes no file"
	cmp -s server.before server.after
	ok $? "$what: -n sends nothing"
	sikka-sweep "$@" >done 2>done.err
	is "$(foreseen)" "$(lines)" "$what: the run prints what -n has foreseen"
	time_runs
}
# unsent TIME [NAME=VALUE …]: a booking that surely wasn't sent; its row in $id.
unsent() {
	at=$1
	shift
	booking "time=$at" "$@" | SIKKA_BASE_URL=http://127.0.0.1:1/v4 sikka-book >records 2>records.err
	id=$(jq -r .id records)
}

# --- settling ------------------------------------------------------------------------------------------------

lose after 09:00
found=$id
lose before 09:30
missing=$id
sent=$(posts)
agree "one found, one not listed yet"
is "$(would)" "$found adopt,$missing leave unknown" "it says so"
is "$(state "$found"), $(state "$missing")" "pending, unknown unclear" "and so it is"
later 36m
agree "the first list that lacks it"
is "$(would)" "$missing note as absent" "it says so"
later 2m
agree "the second one"
is "$(would)" "$missing declare not received" "it says so"
is "$(state "$missing")" "failed not_received" "and so it is"

# --- sending again ---------------------------------------------------------------------------------------------

unsent 10:00
again=$id
unsent 10:10
booking time=10:10 >in
run 0 "handed in anew" sikka-book in
superseded=$id
booking time=09:30 description=desk operatory=OP2 >in
run 0 "somebody else has booked that time" sikka-book in
sikka-poll --wait=60s --every 1s >polled 2>&1
agree "--retry" --retry
is "$(would)" "$missing leave failed,$again send again,$superseded declare superseded" "one is sent, one is superseded, one is booked already"
is "$(state "$again"), $(state "$superseded"), $(state "$missing")" "pending, failed superseded, failed not_received" "and so it is"
like "$(jq -r 'select(.would == "leave failed") | .events[].event' dry)" booked_already "with the reason"
is "$(posts)" $((sent + 3)) "what could be sent again was sent, once"
unsent 10:20
agree "--retry=ID" --retry="$id"
is "$(would)" "$id send again" "it says so"
agree "--retry=ID of what isn't failed" --retry="$id"
is "$(cat dry.err)" "$(cat done.err)" "is refused in the same words"

# A request that is lost twice: -n goes through all that one run does.
lose before 10:40
later 36m
sikka-sweep >swept 2>&1
later 2m
agree "settled and sent again in one run" --retry
is "$(would | grep -c "$id send again")" 1 "it says so"
is "$(state "$id")" pending "and so it is"

# --- a person decides -------------------------------------------------------------------------------------------

lose before 11:00
resolved=$id
agree "--resolve, which is refused" --resolve "$resolved=failed"
is "$(tail -n 1 dry.err)" "$(grep 'less than 35 minutes' done.err)" "in the same words"
agree "--resolve" --resolve "$resolved=failed" --unchecked
is "$(would)" "$resolved resolve as failed" "it says so"
spu offline
booking time=11:10 >in
run 0 "a pending one" sikka-book in
pending=$(said .id)
agree "--withdraw" --withdraw "$pending"
is "$(would)" "$pending withdraw" "it says so"
is "$(state "$pending")" withdrawn "and so it is"
later 2m
agree "a look after the withdrawal"
theirs=$(sim_submit 'office_id=D20006&path=/appointment' "$(row "$pending" request_body | jq -c '.time = "11:30"')")
agree "--not-ours" --not-ours "$theirs"
is "$(would)" "null note as another program's" "it says so"
ours=$(sim_submit 'office_id=D20006&path=/appointment' "$(row "$pending" request_body | jq -c '.time = "11:40"')")
agree "--adopt" --adopt "$ours"
is "$(jq -r '.would + " " + .writeback_id' dry)" "take over $ours" "it says so"
agree "--adopt of one that a request has" --adopt "$ours"
is "$(cat dry.err)" "$(cat done.err)" "is refused in the same words"

# --- what takes too long --------------------------------------------------------------------------------------------

booking time=12:00 >in
run 0 "a pending one" sikka-book in
pending=$(said .id)
later 7h
sikka-token refresh --all >renewed 2>&1
agree "what is pending for long"
like "$(jq -r 'select(.event == "stuck" or .event == "office_offline").would' dry)" report "is reported"
agree "--stuck-after" --stuck-after 6h
is "$(jq -r "select(.id == \"$pending\").would" dry)" withdraw "it says so"
is "$(state "$pending")" "failed stuck" "and so it is"
booking time=12:10 date="$(date -d '+20 hours' +%F)" >in
run 0 "an appointment that is near" sikka-book in
later 11m
agree "what a sweep warns of"
like "$(jq -r .event dry)" appointment_near "with a line for it"

# --- a process that was killed ----------------------------------------------------------------------------------------

sim_fault 'POST /appointment=hang-after'
booking time=13:00 >in
sent=$(posts)
sikka-book in >hanging 2>&1 &
pid=$!
arrived() { [ "$(posts)" -gt "$sent" ]; }
wait_for arrived
kill -KILL "$pid"
wait "$pid" 2>wait.err
sim_clear_faults
agree "what it has left"
id=$(sql 'SELECT max(id) FROM pms_writebacks')
like "$(would)" "$id adopt" "is found"
is "$(state "$id")" pending "and so it is"

# --- a key that has ended --------------------------------------------------------------------------------------------

lose before 14:00
later 36m
sikka-sweep >swept 2>&1
later 2m
sikka-sweep >swept 2>&1
sql "UPDATE pms_integrations SET token_expiry = '2026-01-01T00:00:00.000Z'"
files >files.before
run 75 "-n where the practice can't be asked without a new key" sikka-sweep -n --retry="$id"
like "$err" "the request key of office D36225 has ended.*sikka-token refresh -O D36225" "says what mends it"
files >files.after
cmp -s files.before files.after
ok $? "and renews none"

# --- upkeep --------------------------------------------------------------------------------------------------------------

sikka-token refresh --all >renewed 2>&1
later 2d
sikka-token refresh --all >renewed 2>&1
agree "upkeep" --purge-after 1d --backup "$T/copy.db" --notify "cat >>$T/heard" --ack 1
is "$(jq -r 'select(.would == "clear patients'\'' data").requests > 0' dry)" true "how many requests would be cleared"
is "$(jq -r 'select(.would == "copy the state file").file' dry)" "$T/copy.db" "where it would be copied to"
is "$(jq -r 'select(.would == "deliver").event_id' dry | sort)" "$(jq -r .event_id heard | sort)" "and each event that would be delivered"

booking time=15:00 key=order-4711 | SIKKA_BASE_URL=http://127.0.0.1:1/v4 sikka-book >records 2>records.err
run 0 "a table" sikka-sweep -n --retry -F table
like "$(head -n 1 out)" "^would +id +office_id +operation +key +date +time +patient_id" "has the columns by which a person knows a request"
like "$out" "^send again +$(jq -r .id records) +D36225 +book_appointment +order-4711 +2031-03-03 +15:00 +7 " "and their values"

# --- after a restore, and after a move -----------------------------------------------------------------------------------

SIKKA_SHARED_OFFICES=
anew --delay 0:0
booking time=08:00 >in
run 0 "one" sikka-book in
sikka-sweep --backup "$T/older.db" >kept 2>&1
booking time=08:10 key=night >in
run 0 "and one that the copy doesn't know" sikka-book in
there=$(said .writeback_id)
cp older.db "$SIKKA_DB"
run 75 "a copy that nobody has said anything of" sikka-sweep
later 36m
files >files.before
sikka-sweep -n --after-restore >dry 2>"$T/err" &
restoring=$!
wait_for awaits_its_second_list "$restoring"
later 61
wait "$restoring"
ok $? "-n --after-restore"
files >files.after
cmp -s files.before files.after
ok $? "changes no file"
like "$(cat err)" "0 requests would be unknown, and 1 would be added" "says what would come of it"
is "$(jq -r 'select(.would == "take over") | [.writeback_id, .office_id, .date, .time, .patient_id] | join(" ")' dry)" "$there D36225 2031-03-03 08:10 7" "and shows what would be taken over"
sikka-sweep --after-restore >done 2>"$T/err" &
restoring=$!
wait_for awaits_its_second_list "$restoring"
later 61
wait "$restoring"
ok $? "--after-restore"
is "$(foreseen)" "$(lines)" "the run prints what -n has foreseen"
rm "$SIKKA_DB.lock"
agree "--moved" --moved
like "$(cat dry.err)" "would make .* a pair again" "it says so"
[ "$(counted)" = "$(here count)" ]
ok $? "and so it is"
done_testing
