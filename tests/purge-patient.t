#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-sweep --purge-patient: what the state file holds of one patient is gone, also from its bytes; the rest is told
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0 --pms D20006=Dentrix:G6.2
authorize
traces() { cat "$T"/state/* | strings -n 4 | grep -c "$1"; } # traces TEXT: how often the files of the folder hold it
cleared() { sql "SELECT id FROM pms_writebacks WHERE request_body IS NULL AND content_key IS NULL AND error_message IS NULL AND purged_at IS NOT NULL ORDER BY id" | paste -sd' '; }
completes() { run 0 "$1" sikka-book --wait=60s in; }
registration() { # registration FIRST LAST BORN
	jq -cn --args '{office_id: "D36225", practice_id: "1", operation: "create_patient", provider_id: "DOC1",
	    firstname: $ARGS.positional[0], lastname: $ARGS.positional[1], birthdate: $ARGS.positional[2]}' "$@"
}

# --- a patient's past -----------------------------------------------------------------------------------------

registration Zzyzxann Meadow 1980-02-03 >in
completes "request 1: the patient is registered"
patient=$(said .created_id)
booking "patient_id=$patient" description=Zzyzxcrown key=order-1 >in
completes "request 2: a booking"
appointment=$(said .appointment_sr_no)
jq -cn --arg number "$appointment" '{office_id: "D36225", practice_id: "1", operation: "reschedule_appointment",
    appointment_sr_no: $number, provider_id: "DOC1", date: "2031-03-04", time: "12:34", length: "30", operatory: "OP1"}' >in
completes "request 3: it is moved, which names no patient"
booking patient_id=8 time=10:00 description=Quuxfilling >in
completes "request 4: another patient's"
booking patient_id=8 time=10:30 description=Quuxchild "guarantor_id=$patient" >in
completes "request 5: who has the first one as guarantor"
registration zzyzxANN meadow 1980-02-03 | jq -c '.email = "zzyzx@example.org"' >in
sim_fault 'POST /patient@1=status:400:API1027'
run 1 "request 6: a registration that is refused, so that there is no number" sikka-book in
sim_clear_faults
registration Zzyzxann Meadow 1999-09-09 >in
completes "request 7: another person of that name"
booking office_id=D20006 "patient_id=$patient" description=Quuxother >in
run 1 "request 8: another office's patient with this number, whom the practice doesn't know" sikka-book --wait=60s in
sql "UPDATE pms_writebacks SET error_message = 'Zzyzxann has no insurance' WHERE id = 2"
run 0 "a copy" sikka-sweep --backup copy.db
run 0 "and some that are kept" sikka-sweep --backup kept.db --keep 3
run 0 "and one that is deleted" sikka-sweep --backup gone.db
rm gone.db
later 25h
run 0 "a day later" sikka-token refresh --all
booking "patient_id=$patient" time=15:00 description=Zzyzxtoday >in
completes "request 9: a booking of today"
spu offline
booking "patient_id=$patient" time=15:30 description=Zzyzxopen >in
run 0 "request 10: one that is still open" sikka-book in

# --- what is cleared, and what is left -------------------------------------------------------------------------

run 64 "no patient" sikka-sweep --purge-patient D36225
run 64 "nor an office" sikka-sweep --purge-patient "/$patient"
cp "$SIKKA_DB" before.db
run 0 "-n" sikka-sweep -n --purge-patient "D36225/$patient"
is "$(said 'select(.requests) | [.requests, .office_id, .would, (.left | map(.id + .needed))] | tostring')" \
    '[5,"D36225","clear a patient'"'"'s data",["9recognizes_an_equal_one","10open"]]' "shows what it would do"
cmp -s before.db "$SIKKA_DB"
ok $? "and does nothing"
run 75 "--purge-patient" sikka-sweep --purge-patient "D36225/$patient"
is "$(cleared)" "1 2 3 5 6" "what has ended is cleared, of this patient and of nobody else"
is "$(said '[.office_id, .patient_id, .requests] | tostring')" "[\"D36225\",\"$patient\",5]" "the record says so"
is "$(said '[.left[] | .id + .result + .needed + (.until | type)] | join(" ")')" "9completedrecognizes_an_equal_onestring 10pendingopennull" "and what is left, why, and until when"
like "$err" "request 10 is pending: .*sikka-sweep --withdraw 10" "a person is told what to do"
like "$err" "2 requests were left .*run it again later" "and that it isn't over"
is "$(said '.copies[].file' | sed "s#^$T/##; s/-2.*Z/-TIME/" | sort | paste -sd' ')" "copy.db gone.db kept.db-TIME" "the copies that are known are named"
is "$(said '.copies[] | select(.is_there | not) | .file')" "$T/gone.db" "one of them isn't there any more"
is "$(traces Zzyzxann) $(traces Zzyzxcrown) $(traces zzyzx@example) $(traces 12:34)" "1 0 0 0" "no byte of it is in the folder, but the other person's name"
[ "$(traces Zzyzxtoday)" -gt 0 ] && [ "$(traces Quuxfilling)" -gt 0 ] && [ "$(traces Quuxother)" -gt 0 ]
ok $? "what is left, and others', is"
is "$(row 2 "key || result || appointment_sr_no || (completed_at IS NOT NULL)")" "order-1completed${appointment}1" "numbers, times and outcome stay"

# --- what is seen of it later --------------------------------------------------------------------------------

run 0 "--history" sikka-status --history 2
is "$(jq -r .event out | tail -n 1)" erased "ends with who cleared it"
is "$(jq -r 'select(.event == "erased") | .command + " " + .user' out)" "sikka-sweep $(id -un)" "by command and user"
is "$(sql "SELECT count(*) FROM events WHERE text LIKE '%$patient%' AND kind = 'erased'")" 0 "the patient's number isn't in the text"
run 0 "--patient" sikka-status --writebacks -O D36225 --patient "$patient"
is "$(jq -r .id out | paste -sd' ')" "1 9 10" "finds what has the number in it, and what is left"
booking "patient_id=$patient" description=Zzyzxcrown key=order-1 >in
left=$(posts)
run 0 "the same key again" sikka-book in
is "$(said .duplicate) $(said .id) $(posts)" "true 2 $left" "books nothing"

# --- the rest ------------------------------------------------------------------------------------------------

spu online
run 0 "what was open ends" sikka-poll --wait=60s
later 25h
run 0 "again" sikka-sweep --purge-patient "D36225/$patient"
is "$(said 'select(.patient_id) | .requests, (.left | length)' | paste -sd' ') $(cleared)" "2 0 1 2 3 5 6 9 10" "it finds what it has left"
is "$(traces Zzyzxt)$(traces Zzyzxo) $(traces Quuxfilling)" "00 1" "and nothing of it remains"
run 0 "once more" sikka-sweep --purge-patient "D36225/$patient"
is "$(said .requests)" 0 "there is nothing"
run 0 "another copy" sikka-sweep --backup copy.db
run 0 "after that" sikka-sweep --purge-patient D36225/99999
is "$(said '.copies[].file' | sed "s#^$T/##; s/-2.*Z/-TIME/" | sort | paste -sd' ')" "copy.db kept.db-TIME" "what was deleted is forgotten"

# --- many: in portions, in an order by which the rest is found ------------------------------------------------

booking patient_id=8 time=16:00 description=Zzyzxlast >in
completes "a booking"
copies 1100 "$(said .id)" "/appointments/$(said .appointment_sr_no)" '{"note":"Zzyzxnote"}'
later 25h
stopped=0
under_strace -o trace -e trace=clock_nanosleep -e inject=clock_nanosleep:signal=TERM:when=1 sikka-sweep --purge-patient D36225/8 >swept 2>swept.err || stopped=$?
is "$stopped $(jq -r 'select(.patient_id)' swept)" "75 " "stopped after the first portion: no record says that all was cleared"
like "$(cat swept.err)" "stopped by a signal; run the same command again$" "a person is told what to do"
under_strace -o trace -e trace=clock_nanosleep -e inject=clock_nanosleep:signal=KILL:when=1 sikka-sweep --purge-patient D36225/8 >swept 2>&1
notes() { sql "SELECT count(*) FROM pms_writebacks WHERE request_body LIKE '%Zzyzxnote%'"; }
is "$(notes) $(sql "SELECT count(*) FROM pms_writebacks WHERE request_body LIKE '%Zzyzxlast%'")" "100 1" "killed after the first portion: what only the booking leads to is cleared before the booking"
run 0 "the next run" sikka-sweep --purge-patient D36225/8
is "$(said 'select(.patient_id) | .requests > 100') $(notes) $(traces Zzyzxnote) $(traces Zzyzxlast)" "true 0 0 0" "finds the rest and clears it"

# --- what is left is found again, though what led to it could have been cleared ---------------------------------

booking patient_id=8 time=13:00 description=Zzyzxfirst >in
completes "a booking"
first=$(said .id)
jq -cn --arg number "$(said .appointment_sr_no)" '{office_id: "D36225", practice_id: "1", operation: "reschedule_appointment",
    appointment_sr_no: $number, provider_id: "DOC1", date: "2031-03-05", time: "13:57", length: "30", operatory: "OP1"}' >move
booking patient_id=8 time=13:30 description=Zzyzxsecond >in
completes "another one"
later 25h
spu offline
run 0 "the first one is moved a day later, which is still open" sikka-book move
moved=$(said .id)
run 75 "--purge-patient" sikka-sweep --purge-patient D36225/8
is "$(said 'select(.patient_id) | [.requests, (.left | map(.id + " " + .needed) | sort | join(" "))] | tostring')" \
    "[1,\"$first leads_to_others $moved open\"]" "the booking that leads to the move is left with it, and the other one is cleared"
like "$err" "request $first is left until the others that are left are cleared" "a person is told why"
spu online
run 0 "the move ends" sikka-poll --wait=60s
later 25h
run 0 "a day later" sikka-sweep --purge-patient D36225/8
is "$(said 'select(.patient_id) | .requests') $(traces 13:57) $(traces Zzyzxfirst)" "2 0 0" "both are found and cleared"

done_testing
