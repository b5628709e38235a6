#!/bin/sh
# SPDX-License-Identifier: MIT
# What sikka rests on is measured: the largest figures stand in the state file and in sikka-status, and one beyond its
# bound is told
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0 --spu-offline D36225
authorize
minute=0
book() { # book [FAULT]: with a fault for its POST; in $id and $there
	minute=$((minute + 1))
	booking "time=$(printf '09:%02d' "$minute")" >in
	[ $# -eq 0 ] || sim_fault "POST /appointment@1=$1"
	sikka-book in >booked 2>&1
	id=$(sql 'SELECT max(id) FROM pms_writebacks') there=$(row "$id" writeback_id)
	sim_clear_faults
}
# A request of which nobody knows anything makes each sweep read the list. It arrives, and no list shows it.
asks() {
	booking "time=08:00" practice_id=2 again=true | jq -c '.again = true' >asks
	sim_fault 'POST /appointment@1=drop-before'
	sikka-book asks >asked 2>&1
	sim_clear_faults
}
list() { # list AFTER [FAULT]: so much later a list is read, with this fault
	later "$1"
	before=$(lists)
	[ $# -eq 1 ] || sim_fault "GET /writebacks=$2"
	sikka-sweep >swept 2>&1
	sim_clear_faults
	[ "$(lists)" -gt "$before" ] || echo "# no list was read: $(cat swept)"
}
largest() { sql "SELECT largest FROM measures WHERE name = '$1'"; }
# about MEASURE N: whether its largest figure is N, or up to two minutes more, which the commands took. The server's
# times are whole seconds, so it may also be a second less.
about() {
	found=$(largest "$1")
	[ -n "$found" ] && [ "$found" -ge $(($2 - 1)) ] && [ "$found" -le $(($2 + 120)) ] && echo about || echo "$found"
}
broken() { sql "SELECT count(*) FROM events WHERE kind = 'assumption_broken' AND text LIKE '$1: %' ESCAPE '\\'"; }
told_last() { sql "SELECT text FROM events WHERE kind = 'assumption_broken' ORDER BY id DESC LIMIT 1"; }

# --- nothing unusual ------------------------------------------------------------------------------------------

book
book
asks
list 61
is "$(sql 'SELECT count(*) FROM not_listed') $(sql "SELECT count(*) FROM measures WHERE name <> 'clock'")" "0 0" "a list that shows all that was accepted: nothing is written"
run 0 "the state" sikka-status
is "$(said '.measures | keys_unsorted | join(" ")')" "listed_late arrived_late torn_lists refused_listed carried_late clock" "has a figure for each assumption"
is "$(said '.measures.listed_late | tostring')" '{"largest":null,"bound":900,"unit":"s","measured_at":null}' "none of which was taken"
run 0 "for people" sikka-status -F table
like "$(cat out)" 'nothing seen that breaks it' "it is one line"

# --- torn lists -------------------------------------------------------------------------------------------------

torn=$there
list 61 "lacks:$torn"
is "$(sql "SELECT row_id || ' ' || lists || ' ' || was_shown FROM not_listed")" "$id 1 1" "a list lacks what the one before has shown"
list 61
is "$(largest torn_lists) $(broken torn_lists) $(sql 'SELECT count(*) FROM not_listed')" "1 0 0" "one torn list is a figure, and no alarm"
list 61 "lacks:$torn"
list 61 "skips:$torn"
list 61 "lacks:$torn"
list 61
is "$(largest torn_lists) $(broken torn_lists)" "1 0" "nor are two, with a list between them that doesn't count"
list 61 "lacks:$torn"
list 61 "lacks:$torn"
list 61
is "$(largest torn_lists) $(broken torn_lists)" "2 1" "two in a row are told"
like "$(told_last)" "request $id, writeback $torn.*may have been declared not received.*sikka-status --writebacks $id" "with what follows, and the command"
list 61 "lacks:$torn"
list 61
is "$(largest torn_lists) $(sql "SELECT row_id = $id FROM measures WHERE name = 'torn_lists'")" "2 1" "the largest figure stays"
is "$(sql "SELECT outbox FROM events WHERE kind = 'assumption_broken'")" 1 "a person hears of it"

# --- listed late ------------------------------------------------------------------------------------------------

book listed:600
list 20
is "$(sql 'SELECT count(*) FROM not_listed')" 0 "a list within a minute says nothing of a request"
list 100
list 300
is "$(largest listed_late)" "" "a request that isn't listed yet"
list 300
is "$(about listed_late 420) $(broken listed_late)" "about 0" "is listed ten minutes later: the last list that lacked it counts"
asks
book listed:900
list 1000 "lacks:$there"
list 61
is "$(about listed_late 420) $(broken listed_late)" "about 0" "a single list that lacks one for longer may be torn"
book listed:1500
list 1000
list 120
list 500
is "$(about listed_late 1000) $(broken listed_late)" "about 1" "two lists can't be: it was listed too late, which is told"
asks
book listed:2000
list 1400
list 61
list 600
is "$(about listed_late 1400) $(broken listed_late)" "about 1" "a larger figure on the same day is kept, and not told again"

# --- arrived late -------------------------------------------------------------------------------------------------

book late:4000
late=$id
list 2200
list 61
is "$(state "$late") $(broken 'arrived\_late')" "failed not_received 0" "a request that nobody has seen is declared not received"
later 2000
asks
list 61
is "$(state "$late") $(about arrived_late 2261) $(broken 'arrived\_late')" "pending about 1" "and arrives after all: later than it may"
other=$(sql "SELECT min(id) FROM pms_writebacks WHERE not_received_at IS NOT NULL AND id <> $late")
like "$(told_last)" "request $late.*not received.*--writebacks $late.* $other( |$)" "others that were declared not received are named"

# --- refused --------------------------------------------------------------------------------------------------------

book status:400:API1020
list 61
is "$(state "$id") $(largest refused_listed)" "failed API1020 " "a request that was refused"
there=$(sim_submit 'office_id=D36225&path=/appointment' "$(row "$id" request_body)")
list 61
is "$(state "$id") $(largest refused_listed) $(broken refused_listed)" "failed API1020 1 1" "is in the list all the same"
like "$(told_last)" "request $id, writeback $there.*may be carried out" "and that is told"
later 90000
asks
list 61
is "$(broken refused_listed)" 1 "the same isn't told again"

# --- carried out after it was withdrawn -----------------------------------------------------------------------------

book
sim_fault 'DELETE /writebacks@1=fetched'
sikka-sweep --withdraw "$id" >swept 2>&1
sim_clear_faults
is "$(state "$id")" withdrawn "withdrawn, and fetched before"
later 1000
sikka-sweep >swept 2>&1
is "$(row "$id" looks)" 1 "it is gone"
spu online
carried_out() { sim_advance 1 && [ "$(held ".writebacks[] | select(.id == \"$there\").applied")" = 1 ]; }
wait_for carried_out
later 61
sikka-sweep >swept 2>&1
is "$(state "$id") $(event_kinds "$id" | grep -c contradiction) $(about carried_late 1000) $(broken carried_late)" "completed 1 about 1" \
    "and carried out later than it may be"
spu offline

# --- the clock --------------------------------------------------------------------------------------------------------

clock_off 20m
asks
sikka-sweep >swept 2>&1
is "$(about clock 1190) $(broken clock) $(sql "SELECT count(*) FROM events WHERE kind = 'clock_differs'")" "about 0 1" "the clock's difference has an event of its own"

# --- what is shown --------------------------------------------------------------------------------------------------------

run 0 "the state" sikka-status
is "$(said '.measures | map_values(.largest > .bound) | tostring')" \
    '{"listed_late":true,"arrived_late":true,"torn_lists":true,"refused_listed":true,"carried_late":true,"clock":true}' "all of it is there"
is "$(said '.measures.torn_lists | [.largest, .bound, .unit] | join(" ")')" "2 1 lists" "with the bounds"
is "$(said '.measures | to_entries[] | "\(.key) \(.value.bound) \(.value.unit)"')" "$(awk '/^\.Ss measures/ { on = 1 } /^\.Ss not_listed/ { on = 0 } on && /^\.It [a-z_]*$/ { name = $2 } on && /^at most / { sub(/[;:].*/, ""); print name, $3, $4 }' "$TOP/man/sikka-db.5")" \
    "which are those of sikka-db(5)"
run 0 "for people" sikka-status -F table
like "$(cat out)" 'torn_lists 2 lists \(at most 1\), refused_listed 1 requests \(at most 0\)' "in a line"
run 0 "for a monitor" sikka-status --metrics
is "$(grep -c '^sikka_measure_largest{' out) $(grep '^sikka_measure_bound{measure="torn' out)" '6 sikka_measure_bound{measure="torn_lists",unit="lists"} 1' "as metrics"
later 90000
asks
book listed:1500
list 1000
list 120
list 500
is "$(broken listed_late)" 2 "a day later another one is told"
done_testing
