#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-sweep --resolve: what a person says is compared with the server's list first
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0
authorize
SIKKA_DB=$T/other/sikka.db sikka-authorize >other.out 2>&1
# resolve CODE WHAT OUTCOME [OPTION …]
resolve() {
	code=$1 what=$2 outcome=$3
	shift 3
	run "$code" "$what" sikka-sweep --resolve "$id=$outcome" "$@"
}

# --- failed, and the list holds it ------------------------------------------------------------------------------------

lose after 09:00
there=$(held '.writebacks[-1].id')
for outcome in failed withdrawn; do
	resolve 1 "$outcome, but the list holds it" "$outcome"
	like "$err" "request $id isn't $outcome: .*holds it as writeback $there .*--resolve $id=$there" "the match is named"
	is "$(row "$id" "result || ' ' || writeback_id")" "pending $there" "nothing is resolved: the sweep has found it"
	sql "UPDATE pms_writebacks SET result = 'unknown', writeback_id = NULL WHERE id = $id"
	resolve 1 "$outcome --unchecked" "$outcome" --unchecked
	like "$err" "request $id isn't $outcome" "what the list holds isn't a matter of belief"
	sql "UPDATE pms_writebacks SET result = 'unknown', writeback_id = NULL WHERE id = $id"
done
resolve 0 "the writeback that it is" "$there"
is "$(row "$id" "result || ' ' || writeback_id")" "pending $there" "is taken"
is "$(event_kinds "$id" | tr ' ' '\n' | grep -c resolved)" 1 "with one event"
run 0 "it completes" sikka-poll --wait=60s --every 1s

# --- failed, and the list can't know it yet ---------------------------------------------------------------------------

lose before 09:10
resolve 2 "failed, at once" failed
like "$err" "request $id became unknown less than 35 minutes ago.*--unchecked" "is too early to know"
is "$(state "$id")" "unknown unclear" "it stays unknown"
later 34m
sim_fault 'GET /writebacks=status:500:API2001'
resolve 2 "34 minutes later" failed
like "$err" "request $id may be at the server, whose list can't be read \(.*API2001.*--unchecked" "a list that can't be read says nothing"
is "$(state "$id")" "unknown unclear" "it stays unknown"
sim_clear_faults
resolve 2 "it can be read again" failed
like "$err" "less than 35 minutes ago" "34 minutes aren't 35"
before=$(lists)
later 1m
resolve 0 "after 35 minutes" failed
is "$(state "$id")" "failed resolved" "it is believed"
like "$(sql "SELECT text FROM events WHERE row_id = $id AND kind = 'resolved'")" "by $(id -un) \(uid $(id -u)\) with --resolve$" "the event says who"
is "$(sql "SELECT command || ' ' || user || ' ' || (host <> '') FROM history WHERE row_id = $id AND kind = 'resolved'")" "sikka-sweep $(id -un) 1" "and names the run, which says from where"
is "$(($(lists) - before))" 1 "one list was read"
booking time=09:10 >in
run 0 "its key is free" sikka-book in
is "$(said '[.duplicate, .id] | tojson')" "[false,\"$((id + 1))\"]" "an equal request is another one"
run 0 "it ends" sikka-poll --wait=60s --every 1s

lose before 09:20
resolve 0 "failed --unchecked, at once" failed --unchecked
is "$(state "$id")" "failed resolved" "is believed"
like "$(sql "SELECT text FROM events WHERE row_id = $id AND kind = 'resolved'")" "with --resolve --unchecked$" "and the event says that it was"

lose before 09:30
resolve 0 "withdrawn --unchecked" withdrawn --unchecked
is "$(row "$id" "result || ' ' || holds_key || holds_content || (completed_at <> '')")" "withdrawn 001" "withdrawn, and its key is free"
run 0 "an equal request" sikka-book in
is "$(said .duplicate)" false "is another one"
run 0 "it ends" sikka-poll --wait=60s --every 1s

lose before 09:40
resolve 0 "completed, at once" completed
is "$(state "$id")" completed "a person who has seen it at the practice is believed"

# --- a number ---------------------------------------------------------------------------------------------------------

spu offline
lose before 10:00
booking time=10:30 | SIKKA_DB=$T/other/sikka.db sikka-book >other.out 2>&1
there=$(held '.writebacks[-1].id')
resolve 2 "another time's booking" "$there"
like "$err" "writeback $there doesn't hold what request $id sent .*sikka-sweep -n.*--unchecked" "is refused"
is "$(state "$id") $(row "$id" 'writeback_id IS NULL')" "unknown unclear 1" "and isn't taken"
resolve 2 "a number that the list doesn't have" 999999
like "$err" "writeback 999999 isn't in the server's list: .*--unchecked" "is refused"
sim_fault 'GET /writebacks=status:500:API2001'
resolve 2 "where the list can't be read" "$there"
like "$err" "which can't be read \(" "the reason is told"
sim_clear_faults
run 2 "one that a person has said to be another program's" sikka-sweep --not-ours "$there" --unchecked
resolve 2 "is compared all the same" "$there"
like "$err" "writeback $there doesn't hold what request $id sent .*sikka-sweep -n.*--unchecked" "and refused"
is "$(state "$id") $(sql "SELECT count(*) FROM not_ours")" "unknown unclear 1" "it stays another program's"
mine=$(sql 'SELECT writeback_id FROM pms_writebacks WHERE writeback_id IS NOT NULL LIMIT 1')
resolve 2 "another row's" "$mine" --unchecked
like "$err" "can't be writeback $mine, which belongs to another request" "is refused in any case"
resolve 0 "another time's booking, --unchecked" "$there" --unchecked
is "$(row "$id" "result || ' ' || writeback_id")" "pending $there" "is taken"
is "$(sql "SELECT count(*) FROM not_ours")" 0 "and isn't another program's any more"
resolve 1 "what is pending" failed --unchecked
like "$err" "request $id is pending: only an unknown request can be resolved" "can't be resolved"
run 64 "--unchecked alone" sikka-sweep --unchecked
run 64 "--resolve with an outcome that is too long" sikka-sweep --resolve "1=$(printf '%032d' 1)"

# --- one with an id ---------------------------------------------------------------------------------------------------

booking time=11:00 >in
run 0 "a booking" sikka-book in
id=$(said .id)
run 0 "is withdrawn" sikka-sweep --withdraw "$id"
resolve 1 "at once it can't be resolved" withdrawn --unchecked
like "$err" "request $id is withdrawn: only an unknown request .* withdrawn six days ago" "looks will tell"
later 7d
run 0 "six days without a look" sikka-sweep
is "$(row "$id" "result || ' ' || holds_key")" "withdrawn 1" "its key isn't free"
resolve 0 "a person frees it" withdrawn
is "$(row "$id" "result || ' ' || holds_key || holds_content")" "withdrawn 00" "now it is"
like "$(event_kinds "$id")" 'resolved$' "and the history says so"
run 0 "an equal request" sikka-book in
is "$(said .duplicate)" false "is sent"

booking time=11:10 >in
run 0 "a booking" sikka-book in
id=$(said .id)
later 11m
run 1 "is withdrawn because it is stuck" sikka-sweep --stuck-after 10m
later 7d
resolve 0 "after six days a person says that it was carried out" completed
is "$(state "$id")" completed "completed"

# --- a list that changes while it is read -----------------------------------------------------------------------------

start_sim --rate-limit 100000 --page-max 2 --delay 0:0
SIKKA_DB=$T/paged/sikka.db
authorize_unlisted
lose before 09:00
for at in 08:00 08:10 08:20 08:30; do booking "time=$at"; done >in
run 0 "four bookings" sikka-book in
later 36m
sim_fault "GET /writebacks@2=lag:100000
GET /writebacks@4=lag:100000
GET /writebacks@6=lag:100000"
resolve 2 "the second page counts otherwise" failed
like "$err" "request $id may be at the server, .*changed while it was read" "it proves nothing"
sim_clear_faults
resolve 0 "a whole list" failed
done_testing
