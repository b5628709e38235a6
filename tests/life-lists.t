#!/bin/sh
# SPDX-License-Identifier: MIT
# The server's list: its days in every zone, growth while it is read, its turn among other calls, its numbers
. "$(dirname "$0")/lib.sh"

# Requests of another program's, and several state files in turn at one server, are no sign of a lost file here.
export SIKKA_SHARED_OFFICES='*'

fact() { sql "SELECT value FROM facts WHERE name = '$1'"; }
AUTHORIZES=authorize_unlisted

# --- its days ------------------------------------------------------------------------------------------

anew --rate-limit 100000 --delay 0:0 --spu-offline D36225
booking time=08:00 >in
run 0 "a booking" sikka-book in
lose before 09:00
later 4d
later 13h
booking time=08:10 >in
run 0 "and one on the fifth day after" sikka-book in
sim_fault 'GET /writebacks@1=total:1'
run 2 "the first of two parts counts wrongly" sikka-sweep
is "$(lists) $(row "$id" 'absent_at IS NULL')" "2 1" "then the list proves nothing"
sim_clear_faults
sim_fault 'GET /writebacks@2=total:1'
run 2 "the second one" sikka-sweep
is "$(lists) $(row "$id" 'absent_at IS NULL')" "4 1" "nor does it then"
sim_clear_faults
run 2 "both are right" sikka-sweep
is "$(row "$id" 'absent_at IS NULL') $(fact lists_begun)" "0 3" "it counts; both parts have one number"

for zone in -12:00 +05:45 +14:00; do
	anew --rate-limit 100000 --delay 0:0 --spu-offline D36225 --zone "$zone"
	lose after 09:00
	later 5d
	later 23h
	sikka-sweep >swept 2>&1
	is "$(state "$id") $(lists)" "pending 2" "$zone: a row of nearly six days is found, in two parts"
done

# --- a list that grows while it is read -----------------------------------------------------------------

anew --rate-limit 100000 --delay 0:0 --spu-offline D36225 --page-max 2
lose before 09:00
for at in 10:00 10:10 10:20 10:30 10:40; do booking "time=$at"; done >in
run 0 "five bookings" sikka-book in
later 40m
sim_fault 'GET /writebacks=grows:1'
run 2 "another program writes between the pages" sikka-sweep
is "$(row "$id" 'absent_at IS NULL')" 0 "what is new stands at the end: the list is whole"
later 61
run 1 "the next one" sikka-sweep
is "$(state "$id") $(posts)" "failed not_received 6" "and rows settle under continuous writes"

# --- its turn ---------------------------------------------------------------------------------------------

anew --rate-limit 100000 --delay 0:0 --spu-offline D36225
booking time=09:00 >in
run 0 "one that is pending" sikka-book in
pending=$(said .id)
lose before 09:10
sikka-poll "$pending" >polled 2>&1
is "$(lists) $(statuses)" "1 1" "a poll of another row reads the list for the one that waits, and asks for its own"
later 9m
sikka-poll "$pending" >polled 2>&1
is "$(lists) $(statuses)" "1 2" "not again within ten minutes"
later 61
sim_fault 'GET /writebacks=garbage'
sikka-poll "$pending" >polled 2>&1
is "$(lists) $(statuses)" "2 3" "ten minutes later; one that comes to nothing keeps nobody from asking"
sikka-poll "$pending" >polled 2>&1
is "$(lists)" 2 "nor is it repeated at once"
sim_clear_faults
later 61
sikka-poll "$pending" >polled 2>&1
is "$(lists)" 3 "but a minute later"

begun=$(fact lists_begun) read_at=$(fact list_read_at)
run 0 "-n" sikka-sweep -n
is "$(lists) $(fact lists_begun) $(fact list_read_at)" "4 $begun $read_at" "reads a list that takes no number, and isn't taken for one"
is "$(said "select(.id == \"$id\").would")" "leave unknown" "and shows what it says"
later 60m
run 0 "a sweep for another office" sikka-sweep -O D20006
is "$(lists) $(fact lists_begun) $(row "$id" 'absent_at IS NULL')" "5 $((begun + 1)) 0" "settles all rows that wait"
later 61
run 1 "and the next one" sikka-sweep
is "$(state "$id")" "failed not_received" "proves the absence"

sim_post "writeback?id=$(row "$pending" writeback_id)&state=completed"
run 0 "nothing is open any more" sikka-poll
before=$(lists)
later 5h
run 0 "five hours later" sikka-poll
is "$(lists)" "$before" "no list is read for what wasn't received"
later 61m
run 0 "six hours later" sikka-poll
is "$(lists)" $((before + 1)) "one is, for it may turn up"
later 48h
run 0 "after two days" sikka-poll
is "$(lists)" $((before + 1)) "none is any more"

# --- one is read at a time --------------------------------------------------------------------------------

anew --rate-limit 100000 --delay 0:0 --spu-offline D36225
booking time=09:00 >in
run 0 "one that is pending" sikka-book in
pending=$(said .id)
lose after 09:10
later 20m
sim_fault 'GET /writebacks=hold'
sikka-poll >first 2>&1 &
first=$!
wait_for sim_holds 1
later 6
sikka-poll -v >second.out 2>second &
second=$!
wait_for grep -q 'a list of writebacks goes first' second
is "$(sim_get requests | jq .held_now) $(statuses)" "1 0" "while a list is read that was long due, another process asks for nothing"
like "$(cat second)" 'another process is reading the list' "and leaves the list to that one"
sikka-sweep -v >third 2>&1 &
third=$!
waits() { grep -q 'waiting for the list' third; }
wait_for waits
sim_clear_faults
wait "$first" "$second" "$third"
is "$(lists)" 1 "a sweep waits for that list, and reads none itself"
is "$(state "$id")" pending "which has settled the row"
is "$(statuses)" 1 "then the other one asks for its pending row"

# --- what is nobody's ------------------------------------------------------------------------------------

anew --rate-limit 100000 --delay 0:0 --spu-offline D36225
unowned() { sql "SELECT group_concat(writeback_id || ' ' || office_id || ' ' || method || ' ' || api || ' ' || first_list) FROM unowned"; }
other=$(sim_submit 'office_id=D20006&path=/patient' '{"firstname":"Ann"}')
lose after 09:00
run 0 "a list with a request of another program" sikka-sweep
is "$(unowned)" "$other D20006 POST patient 1" "notes that, and not what was found to be ours"
later 3d
lose before 09:10
later 1m
run 2 "another list" sikka-sweep
is "$(unowned)" "$other D20006 POST patient 1" "leaves it as it was"
later 5d
later 1h
lose before 09:20
sim_submit 'office_id=D20006&path=/patient' '{"firstname":"Eve"}' >second
run 2 "eight days after it was first seen" sikka-sweep
is "$(sql 'SELECT group_concat(writeback_id) FROM unowned')" "$(cat second)" "it is dropped, and another one noted"

# --- pages that are too large --------------------------------------------------------------------------------

# twelve SIZE HOW: so many bookings, and a large request of another program; pages of more than SIZE bytes aren't served
twelve() {
	anew --rate-limit 100000 --delay 0:0 --spu-offline D36225
	i=10
	while [ "$i" -lt 22 ]; do booking "time=$i:00"; i=$((i + 1)); done >in
	run 0 "twelve bookings" sikka-book in
	sim_submit 'office_id=D20006&path=/patient&padding=6000' '{"firstname":"Ann"}' >>padded
	lose before 09:00
	later 40m
	sim_post "options?list-bytes=$1:$2"
}
for how in 413 cut; do
	twelve 8000 "$how"
	run 2 "$how: a large entry" sikka-sweep -v
	is "$(row "$id" 'absent_at IS NULL') $(told 'a page of [0-9]+ records is too much')" "0 5" "is read in smaller pages"
	later 61
	run 1 "$how: the next list" sikka-sweep
	is "$(state "$id")" "failed not_received" "and rows settle"
	twelve 3000 "$how"
	sikka-sweep >swept 2>&1
	is "$(row "$id" 'absent_at IS NULL') $(state "$id")" "1 unknown unclear" "an entry that is too large by itself: no list"
done

# --- a plan without the list --------------------------------------------------------------------------------

anew --rate-limit 100000 --delay 0:0 --spu-offline D36225
booking time=09:00 >in
run 0 "one that is pending" sikka-book in
pending=$(said .id)
lose after 09:10
sim_post 'options?writeback-list=off'
later 20m
sim_post "writeback?id=$(row "$pending" writeback_id)&state=completed"
sikka-poll >polled 2>&1
is "$(state "$pending") $(state "$id")" "completed unknown unclear" "where no list can be had, rows are asked for all the same"

# --- a limit that is tight ----------------------------------------------------------------------------------

start_sim --rate-limit 8 --rate-window 60 --delay 0:0 --spu-offline D36225
SIKKA_DB=$T/tight/sikka.db
authorize_unlisted
later 61
for at in 10:00 10:10 10:20 10:30 10:40 10:50; do booking "time=$at"; done >in
run 0 "six that are pending" sikka-book in
later 61
lose before 09:00
later 61
sikka-poll 1 2 3 4 5 6 --wait >polled 2>&1 &
pid=$!
some() { [ "$(statuses)" -ge "$1" ]; }
wait_for some 6
is "$(lists)" 1 "a list was read before the first status"
later 11m
two_lists() { [ "$(lists)" -ge 2 ]; }
wait_for two_lists
is $? 0 "and again ten minutes later, while the same process goes on asking"
signal TERM "$pid"
wait "$pid"
done_testing
