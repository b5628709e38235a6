#!/bin/sh
# SPDX-License-Identifier: MIT
# What becomes of a request after a person has resolved it: it is looked for, and a person hears of a contradiction
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0
authorize_unlisted
# arrive: the request of row $id reaches the server after all; what the server calls it in $there
arrive() {
	turn_up
	there=$(held '.writebacks[-1].id')
}
# resolved OUTCOME TIME: a lost booking that a person resolves, and that then arrives at a practice that is off
resolved() {
	spu online
	lose before "$2"
	run 0 "a person says $1" sikka-sweep --resolve "$id=$1" --unchecked
	spu offline
	arrive
}
ends() { # ends STATE TEXT: so the practice ends it; then a sweep looks
	sim_post "writeback?id=$there&state=$1"
	later 2m
	sikka-sweep >swept 2>&1
}

# --- failed, and it turns up ------------------------------------------------------------------------------------------

resolved failed 09:00
sikka-sweep >swept 2>&1
is "$(lists)" 1 "what was just looked for isn't looked for at once"
later 10m
run 0 "a sweep ten minutes later" sikka-sweep
is "$(lists)" 2 "reads a list for it, and for nothing else"
is "$(state "$id") $(row "$id" writeback_id)" "failed resolved $there" "the match is its id, the state stays"
like "$(event_kinds "$id")" 'resolved contradiction$' "a person hears of it"
like "$(said 'select(.event == "contradiction").text')" "writeback $there.*turned up after it was resolved" "with the number"
later 2m
run 0 "a look" sikka-sweep
is "$(state "$id") $(deletes)" "failed resolved 0" "while it is pending nothing happens, and nothing is withdrawn"

# An equal request whose answer is lost: what the resolved one has isn't its, and it isn't absent either.
first=$id
sim_fault 'POST /appointment@1=drop-before'
run 2 "an equal request, lost" sikka-book in
id=$(said .id)
sim_clear_faults
[ "$id" != "$first" ]
ok $? "is another row"
for wait in 36m 2m 2m; do
	later $wait
	sikka-sweep >swept 2>&1
done
is "$(state "$id") $(row "$id" 'writeback_id IS NULL')" "unknown unclear 1" "it doesn't adopt it, and no list lacks it"
run 2 "a person says that it failed" sikka-sweep --resolve "$id=failed"
like "$err" "writeback $there, which holds the same, belongs to a request that was resolved before.*--unchecked" "nobody can tell whose it is"
is "$(state "$id")" "unknown unclear" "it stays unknown"
run 0 "a person decides" sikka-sweep --resolve "$id=completed"

sim_post "writeback?id=$there&state=completed"
later 2m
id=$first
run 0 "the first one is carried out" sikka-sweep
is "$(state "$id") $(row "$id" looks)" "completed 1" "completed, for that is what it is"
like "$(event_kinds "$id")" 'resolved contradiction contradiction$' "a person hears of that too"
before=$(sim_count 'GET /writeback_status')
later 2m
sikka-sweep >swept 2>&1
is "$(sim_count 'GET /writeback_status')" "$before" "its end was seen: it isn't looked at any more"

# --- the other outcomes -----------------------------------------------------------------------------------------------

resolved completed 10:00
later 10m
run 0 "completed, and it turns up" sikka-sweep
is "$(state "$id") $(row "$id" writeback_id)" "completed $there" "its match is its id"
like "$(event_kinds "$id")" 'resolved found$' "which is no contradiction"
ends failed
is "$(state "$id")" "failed pms_refused" "it failed after all"
like "$(event_kinds "$id")" 'found contradiction$' "a person hears of it"

resolved completed 10:10
later 10m
sikka-sweep >swept 2>&1
ends completed
is "$(state "$id") $(row "$id" looks)" "completed 1" "completed as was said"
like "$(event_kinds "$id")" 'resolved found$' "nobody hears of it"

resolved withdrawn 10:20
later 10m
run 0 "withdrawn, and it turns up" sikka-sweep
is "$(state "$id") $(row "$id" writeback_id) $(deletes)" "withdrawn $there 0" "its match is its id, and nothing is withdrawn"
like "$(event_kinds "$id")" 'resolved contradiction$' "a person hears of it"
ends failed
is "$(state "$id")" "failed pms_refused" "it failed"

resolved failed 10:30
later 10m
sikka-sweep >swept 2>&1
ends failed
is "$(state "$id") $(row "$id" looks)" "failed pms_refused 1" "failed as was said, with the practice's text"
before=$(sim_count 'POST /appointment')
sikka-sweep --retry >swept 2>&1
is "$(sim_count 'POST /appointment')" "$before" "what a person has resolved isn't sent again"

# --- while an equal one is on its way ---------------------------------------------------------------------------------

resolved failed 11:00
first=$id
later 10m
booking time=11:00 >in
sim_fault 'POST /appointment@1=hold'
sikka-book in >held.out 2>&1 &
pid=$!
wait_for sim_holds 1
run 0 "a sweep while an equal request is on its way" sikka-sweep
is "$(row "$first" 'writeback_id IS NULL')" 1 "nobody can tell whose the entry is"
sim_clear_faults
wait "$pid"
later 10m
sikka-sweep >swept 2>&1
is "$(row "$first" writeback_id)" "$there" "when its answer is here, it is clear"

# --- for how long -----------------------------------------------------------------------------------------------------

spu online
lose before 12:00
run 0 "a person says failed" sikka-sweep --resolve "$id=failed" --unchecked
later 61m
sikka-sweep >swept 2>&1
before=$(lists)
later 5h
sikka-sweep >swept 2>&1
is "$(lists)" "$before" "after an hour it is looked for less often"
later 61m
sikka-sweep >swept 2>&1
is "$(lists)" "$((before + 1))" "every six hours"
before=$(lists)
later 5h
sikka-poll >polled 2>&1
is "$(lists)" "$before" "sikka-poll leaves it for as long"
later 61m
sikka-poll >polled 2>&1
is "$(lists)" "$((before + 1))" "and reads a list for it then, if no other command did"
later 12h
run 0 "--purge-after" sikka-sweep --purge-after 1d
is "$(row "$id" 'request_body IS NOT NULL')" 1 "what is looked for isn't purged"
before=$(lists)
later 1d
sikka-sweep --purge-after 1d >swept 2>&1
is "$(lists) $(row "$id" 'request_body IS NULL')" "$before 1" "two days later it is purged, and not looked for"

# A list reaches as far back as what is looked for was sent, whoever reads it.
AUTHORIZES=authorize_unlisted
anew --rate-limit 100000 --delay 0:0 --spu-offline D36225
lose after 13:00
there=$(held '.writebacks[-1].id')
later 4d
sim_fault 'GET /writebacks=status:500:API2001'
run 0 "four days later a person says failed" sikka-sweep --resolve "$id=failed" --unchecked
sim_clear_faults
later 5h
sikka-poll >polled 2>&1
is "$(row "$id" 'writeback_id IS NULL')" 1 "a poll reads no list for it at once"
later 61m
sikka-poll >polled 2>&1
is "$(state "$id") $(row "$id" writeback_id)" "failed resolved $there" "but six hours later, also of days that are long past"
like "$(event_kinds "$id")" 'resolved contradiction$' "a person hears of it"

# --- an end of which nobody can say how -------------------------------------------------------------------------------

start_sim --rate-limit 100000 --delay 20:20 --no-writeback-status
SIKKA_DB=$T/lacking/sikka.db
authorize
booking time=09:00 >in
run 0 "a booking" sikka-book in
id=$(said .id)
later 2m
sikka-poll >polled 2>&1
is "$(state "$id")" "unknown ended_unclear" "has ended, and nobody can say how"
later 36m
run 0 "a person says that it failed" sikka-sweep --resolve "$id=failed"
before=$(lists)
for wait in 2m 11m; do
	later $wait
	sikka-sweep >swept 2>&1
done
is "$(state "$id") $(lists)" "failed resolved $before" "the server has nothing to add"

spu offline
lose before 09:10
run 0 "another one" sikka-sweep --resolve "$id=failed" --unchecked
arrive
later 10m
sikka-sweep >swept 2>&1
is "$(row "$id" writeback_id)" "$there" "turns up"
spu online
later 2m
sikka-sweep >swept 2>&1
later 2m
sikka-sweep >swept 2>&1
is "$(state "$id")" "unknown ended_unclear" "and has ended: a person has to decide once more"
like "$(event_kinds "$id")" 'contradiction contradiction$' "and hears of it"
done_testing
