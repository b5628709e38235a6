#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-sweep -n: an unknown request beside what the list shows of its kind, for a person to compare
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0
export SIKKA_SHARED_OFFICES='*'
authorize
SIKKA_DB=$T/other/sikka.db sikka-authorize >other.out 2>&1
# other_books [NAME=VALUE …]: another program of the same application books
other_books() { booking "$@" | SIKKA_DB=$T/other/sikka.db sikka-book >other.out 2>&1; }

sim_fault 'POST /appointment@1=drop-before'
booking >in
run 2 "a booking whose answer is lost" sikka-book in
sim_clear_faults
other_books time=11:30 patient_id=8 description='Jane Doe, crown'
other_books
other_books practice_id=2 note=recall
numbered() { sql "SELECT value FROM facts WHERE name = 'lists_begun'"; }
before=$(numbered)
run 0 "-n" sikka-sweep -n
is "$(said '[.id, .date, .time, .patient_id, .text] | join(" ")')" "1 2031-03-03 09:00 7 check-up" "shows the request as a person knows it"
is "$(said '.candidates | map(.writeback_id) | join(" ")')" "$(held '[.writebacks[].id] | join(" ")')" "and all of its kind that nobody owns"
is "$(said '.candidates[0] | [.strict, .date, .time, .patient_id, .text] | map(tostring) | join(" ")')" \
    "false 2031-03-03 11:30 8 Jane Doe, crown" "with date, time, patient and text"
is "$(said '.candidates[0].differs | sort_by(.field) | map(.field + ":" + .ours + ":" + .theirs) | join(" ")')" \
    "description:check-up:Jane Doe, crown patient_id:7:8 time:09:00:11:30" "and field by field what differs"
is "$(said '.candidates[1] | [.strict, .differs] | tojson')" "[true,[]]" "of one that is equal: nothing"
is "$(said '.candidates[2].differs | sort_by(.field) | tojson')" \
    '[{"field":"note","ours":null,"theirs":"recall"},{"field":"practice_id","ours":"1","theirs":"2"}]' "a field that only one has is null in the other"
unlike "$err" 'Doe|09:00|check-up' "nothing of it is on stderr"
is "$(numbered)" "$before" "the list took no number"
is "$(row 1 result)" unknown "nothing was settled"

# Of many entries of its kind ten are shown, and those of its patient are among them.
for minute in 0 1 2 3 4 5 6 7 8 9 10 11; do
	other_books patient_id=9 "time=14:$(printf %02d "$minute")"
done
other_books patient_id=7 time=15:00
other_books patient_id=9 time=15:30
run 0 "-n" sikka-sweep -n
is "$(said '.candidates | [length, (map(select(.patient_id == "7").time) | join(" ")), (map(.writeback_id | tonumber) | . == sort)] | map(tostring) | join(" ")')" \
    "10 09:00 09:00 15:00 true" "shows ten of many, all of its patient's, in the order of the list"

# So it is with an appointment that is moved: its patient isn't in the request.
moves() { jq -cn --arg number "$1" --arg time "$2" '{office_id: "D36225", practice_id: "1", operation: "reschedule_appointment",
    appointment_sr_no: $number, provider_id: "DOC1", date: "2031-03-04", time: $time, length: "30", operatory: "OP1"}'; }
ends_at() { SIKKA_DB=$T/other/sikka.db sikka-book --wait=60s | jq -r .appointment_sr_no; }
booking time=16:00 patient_id=9 | ends_at >number
number=$(cat number)
sim_fault 'PUT /appointments/*@1=drop-before'
moves "$number" 16:45 >in
run 2 "a move whose answer is lost" sikka-book in
moved=$(said .id)
sim_clear_faults
for minute in 0 1 2 3 4 5 6 7 8 9 10 11; do
	booking patient_id=9 "time=17:$(printf %02d "$minute")" | ends_at >another
	moves "$(cat another)" "18:$(printf %02d "$minute")" | SIKKA_DB=$T/other/sikka.db sikka-book >other.out 2>&1
done
for minute in 0 1 2 3 4 5 6 7 8 9; do
	moves "$number" "16:5$minute" | SIKKA_DB=$T/other/sikka.db sikka-book >other.out 2>&1
done
moves "$number" 16:45 | SIKKA_DB=$T/other/sikka.db sikka-book >other.out 2>&1
run 0 "-n" sikka-sweep -n
is "$(said "select(.id == \"$moved\").candidates | [length, (map(select(.time | startswith(\"16:\"))) | length), (map(select(.strict).time) | join(\" \"))] | map(tostring) | join(\" \")")" \
    "10 10 16:45" "those of its appointment are shown, and the equal one before them though it is last"

# Card fields are in the server's echo. A list that is shown has none of them.
jq -cn '{office_id: "D36225", practice_id: "1", operation: "post_transaction",
    patient_id: "7", guarantor_id: "7", provider_id: "DOC1", procedure_code: "D1", procedure_description: "card", amount: "12.50",
    transaction_date: "2026-01-31", card_number: "4111222233334444", cvv: "8642", card_holder_name: "Zacharias",
    expiration_month: "11", expiration_year: "2039"}' >in
sql "UPDATE practices SET pms = 'Planet DDS', pms_version = 'WebV3.0'"
sim_fault 'POST /transaction@1=drop-after'
run 2 "a card payment whose answer is lost" sikka-book in
paid=$(said .id)
sim_clear_faults
run 0 "-n" sikka-sweep -n
is "$(said "select(.id == \"$paid\").candidates | map(.strict, .differs) | tojson")" '[true,[]]' "shows it, without differences"
unlike "$(cat out)" '4111222233334444|8642|Zacharias|card_number' "and without the card"

done_testing
