#!/bin/sh
# SPDX-License-Identifier: MIT
# After a withdrawal: the looks and what they may find, and answers that don't decide
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0 --spu-offline D36225
authorize
there() { held ".writebacks[] | select(.id == \"$(row "$1" writeback_id)\").state"; }
says() { sim_post "writeback?id=$(row "$1" writeback_id)&state=$2"; } # says ROW STATE: the server, from now on
book() { # book TIME: pending, in $id
	booking "time=$1" >in
	run 0 "$1 booked" sikka-book in
	id=$(said .id)
}

# --- an answer that isn't API4006 -------------------------------------------------------------------------

book 09:00
n=0
for answer in status:500:API2001 status:200:API4003 garbage; do
	sim_fault "DELETE /writebacks=$answer"
	sikka-sweep --withdraw "$id" >swept 2>&1
	code=$?
	[ "$code" -eq 3 ] || [ "$code" -eq 69 ] || [ "$code" -eq 76 ]
	ok $? "the DELETE is answered with $answer (exit $code)"
	is "$(state "$id") $(row "$id" withdraw_reason)" "pending person" "it stays pending, and the intention is noted"
	sim_clear_faults
done
run 69 "a server that can't be reached" env SIKKA_BASE_URL=http://127.0.0.1:1/v4 sikka-sweep --withdraw "$id"
is "$(state "$id")" pending "leaves it pending as well"
run 0 "the next sweep" sikka-sweep
is "$(state "$id") $(there "$id")" "withdrawn withdrawn" "sends it once more"

# --- looks ---------------------------------------------------------------------------------------------------

is "$(row "$id" looks)" 0 "no look yet"
run 0 "at once" sikka-sweep
is "$(row "$id" looks)" 0 "is no look: a minute has to pass"
later 61
for look in sikka-sweep sikka-poll; do
	run 0 "$look a minute later" "$look"
	run 0 "and at once" "$look"
	later 61
done
is "$(row "$id" "looks || holds_key")" 01 "two looks; within the quarter of an hour they free nothing"
before=$(deletes)
says "$id" pending
run 0 "seen pending in a list, after all" sikka-sweep
is "$(there "$id") $(state "$id") $(deletes)" "withdrawn withdrawn $((before + 1))" "withdrawn again"
is "$(row "$id" "looks || holds_key")" 01 "and the looks begin anew"
later 61
says "$id" pending
run 0 "the same, seen by its status" sikka-poll
is "$(there "$id") $(state "$id") $(deletes)" "withdrawn withdrawn $((before + 2))" "withdrawn again"

# --- carried out all the same -----------------------------------------------------------------------------------

book 09:10
run 0 "withdrawn" sikka-sweep --withdraw "$id"
says "$id" failed
later 61
sikka-poll >polled 2>&1
is "$(state "$id")" "failed pms_refused" "the practice's system has refused it meanwhile: failed"
like "$(event_kinds "$id")" 'withdrawn contradiction$' "a person hears of it"

book 09:20
run 0 "withdrawn" sikka-sweep --withdraw "$id"
later 1000
sikka-sweep >swept 2>&1
later 61
sikka-sweep >swept 2>&1
first=$id
book 09:20
is "$(said .duplicate) $(row "$first" holds_key)" "false 0" "its key is free: the same is sent"
says "$first" completed
later 400000
sikka-sweep >swept 2>&1
is "$(state "$first"), $(state "$id")" "completed, pending" "days later the first one has been carried out: both are what they are"
like "$(event_kinds "$first")" 'withdrawn contradiction$' "and a person hears of it"
run 0 "the second one can be withdrawn" sikka-sweep --withdraw "$id"

# --- nobody looked -------------------------------------------------------------------------------------------------

book 09:30
run 0 "withdrawn" sikka-sweep --withdraw "$id"
later 530000
run 0 "six days later" sikka-sweep
like "$(event_kinds "$id")" 'withdrawn not_looked_at$' "nobody has looked: a person hears of it"
run 0 "the next sweep" sikka-sweep
like "$(event_kinds "$id")" 'withdrawn not_looked_at$' "once"
is "$(held '[.writebacks[].applied] | add')" 0 "nothing was carried out"

# --- the list alone: the application may not read the status ----------------------------------------------------------

sim_fault 'GET /writeback_status=status:401:API2004'
book 09:40
run 0 "withdrawn" sikka-sweep --withdraw "$id"
later 1000
run 0 "a list, a quarter of an hour later" sikka-sweep
is "$(row "$id" looks)" 0 "proves nothing: a list may lag"
later 1200
run 0 "a list after 35 minutes" sikka-sweep
is "$(row "$id" "looks || holds_key")" 11 "counts"
later 61
run 0 "the next one" sikka-sweep
is "$(row "$id" "looks || holds_key")" 20 "that follows it, frees the key"

book 09:50
run 0 "withdrawn" sikka-sweep --withdraw "$id"
sim_post "writeback?id=$(row "$id" writeback_id)&state=completed&result=Appointment+inserted"
later 61
sikka-sweep >swept 2>&1
is "$(state "$id" | cut -d ' ' -f 1) $(row "$id" holds_key)" "unknown 1" "a list shows that it has ended, and not how: unknown"
like "$(event_kinds "$id")" 'withdrawn contradiction$' "a person hears of it"
sikka-sweep >swept 2>&1
like "$(event_kinds "$id")" 'withdrawn contradiction$' "once"

# Lists of several readers: a poll reads one for what is pending, and then one for what was withdrawn. Each looks at both.
anew --rate-limit 100000 --delay 0:0 --spu-offline D36225 --no-writeback-status
book 10:00
withdrawn=$id
book 10:10
sikka-poll >polled 2>&1
run 0 "withdrawn, beside one that is pending" sikka-sweep --withdraw "$withdrawn"
later 36m
for look in 1 2; do
	sikka-poll >polled 2>&1
	later 61
done
is "$(row "$withdrawn" "looks || holds_key")" 20 "two polls free its key"

book 10:20
withdrawn=$id
run 0 "another one, withdrawn" sikka-sweep --withdraw "$withdrawn"
later 36m
for look in 1 2 3; do
	sikka-poll >polled 2>&1
	is "$(row "$withdrawn" "looks || holds_key")" 11 "one look, and lists that come too soon after it"
	later 20
done
sikka-poll >polled 2>&1
is "$(row "$withdrawn" "looks || holds_key")" 20 "the list a minute later follows all of them"
before=$(deletes)
says "$withdrawn" pending
later 61
run 0 "a poll for another request" sikka-poll "$(row 2 id)"
is "$(there "$withdrawn") $(deletes)" "withdrawn $((before + 1))" "sees it pending, and withdraws it again"

book 10:30
gone=$id
later 2m
sikka-poll >polled 2>&1
sim_post "writeback?id=$(row "$gone" writeback_id)&state=forgotten"
for look in 1 2 3 4 5; do
	later 61
	sikka-poll >polled 2>&1
done
is "$(state "$gone"), $(state 2)" "unknown, pending" "what the server has lost is found lost, beside what was withdrawn"
# --- two processes look at the same time ---------------------------------------------------------------------------

anew --delay 0:0
spu offline
booking key=both >in
run 0 "a request" sikka-book in
run 0 "is withdrawn" sikka-sweep --withdraw 1
later 16m
sim_fault 'GET /writeback_status=hold'
sikka-poll >one 2>&1 &
one=$!
sikka-poll >other 2>&1 &
other=$!
wait_for sim_holds 2
ok $? "both have asked"
sim_clear_faults
wait "$one"
wait "$other"
is "$(row 1 'looks || " " || holds_key')" "1 1" "that is one look, and the key isn't free yet"
later 61
run 0 "a minute later" sikka-poll
is "$(row 1 'looks || " " || holds_key')" "2 0" "a second look frees it"
done_testing
