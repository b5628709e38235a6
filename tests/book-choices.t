#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-book --choices: the values that a practice allows in a field, read where the rules say so, and
# kept for a day
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0
authorize
asked() { sim_get requests | jq --arg r "GET /$1" '.routes[$r].count // 0'; }
pms() { sql "UPDATE practices SET pms = '$1', pms_version = NULL"; }
values() { said .value | tr '\n' ' '; }

# --- read, and kept for a day -------------------------------------------------------------------------

run 0 "the practice's providers" sikka-book -O D20006 --choices provider_id
is "$(said 'keys_unsorted | join(",")' | sort -u)" "office_id,practice_id,field,value,text" "members of the records"
is "$(said '[.office_id, .practice_id, .field] | join(" ")' | sort -u)" "D20006 1 provider_id" "whose they are"
is "$(values)" "$(sikka-get -O D20006 providers status=active practice_id=1 | jq -r .provider_id | sort -u | tr '\n' ' ')" "the values are the practice's"
like "$(said .text)" '^[A-Z].* [A-Z]' "with their names"
reads=$(asked providers)
run 0 "again" sikka-book -O D20006 --choices provider_id
is "$(asked providers) $(wc -l <out)" "$reads 4" "costs no request"
sql "UPDATE choices SET read_at = strftime('%Y-%m-%dT%H:%M:%fZ', read_at, '-86000 seconds')"
run 0 "nearly a day later" sikka-book -O D20006 --choices provider_id
is "$(asked providers)" "$reads" "nor then"
sql "UPDATE choices SET read_at = strftime('%Y-%m-%dT%H:%M:%fZ', read_at, '-1000 seconds')"
run 0 "a day later" sikka-book -O D20006 --choices provider_id
is "$(asked providers) $(wc -l <out)" "$((reads + 1)) 4" "they are read anew"
run 0 "-F table" sikka-book -O D20006 -F table --choices provider_id
like "$out" '^office_id +practice_id +field +value +text' "is for eyes"

# --- a query of the field's own, and of the system's ------------------------------------------------------

run 0 "statuses" sikka-book -O D20006 -p reschedule_appointment --choices status
like " $(values)" ' Cancelled ' "are the practice's own words"
run 0 "types of appointments" sikka-book -O D20006 --choices type
is "$(values)" "$(sikka-get -O D20006 writeback_details writeback_type=new_appointment category=appttype | jq -r .item | tr '\n' ' ')" "by their category"
run 0 "a field that OrthoTrac doesn't read" sikka-book -O D20006 --choices user
is "$out" "" "has none"
like "$err" 'D20006, practice 1: no list of values is known for user' "which is said"
pms 'Dolphin Management'
run 0 "on Dolphin Management" sikka-book -O D20006 --choices user
is "$(values)" "$(sikka-get -O D20006 providers is_user=true practice_id=1 | jq -r .provider_id | sort -u | tr '\n' ' ')" "it is a provider"
pms ClearDent
users=$(asked pms_users)
run 0 "on ClearDent" sikka-book -O D20006 --choices user
is "$(asked pms_users)" "$((users + 1))" "a user of the system"
pms OrthoTrac
run 0 "where the rules have the values" sikka-book -O D20006 -p create_patient --choices gender
is "$(values)" "male female " "those are told"
pms ClearDent
run 0 "and where they leave them to the practice" sikka-book -O D20006 -p create_patient --choices gender
unlike " $(values)" ' female ' "its own"

# --- filters that the documents name for one system ----------------------------------------------------

of() { sikka-get -O D20006 providers status=active practice_id=1 "$@" | jq -r .provider_id | sort -u | tr '\n' ' '; }
all=$(of) treating=$(of provider_type=Provider) people=$(of is_user=false)
[ "$all" != "$treating" ] && [ "$all" != "$people" ]
ok $? "providers are of several kinds ($all, $treating, $people)"
choose() { # choose SYSTEM OPERATION WANTED
	pms "$1"
	run 0 "$1: providers of $2" sikka-book -O D20006 -p "$2" --choices provider_id
	is "$(values)" "$3" "$1: are these"
}
choose OrthoTrac create_patient "$treating"
choose 'Dolphin Management' create_patient "$treating"
choose 'Dolphin Management' book_appointment "$treating"
choose ClearDent book_appointment "$all"
choose OpenDental post_transaction "$people"
choose Eaglesoft post_transaction "$all"
sql "UPDATE practices SET pms = 'OrthoTrac' WHERE office_id = 'D36225'"
run 0 "OrthoTrac: practices of create_patient" sikka-book -O D36225 -p create_patient --choices practice_id
is "$(said '.value + (if .text | endswith(", main office") then " main" else "" end)' | tr '\n' ',')" "1 main,2," "which is the main office is told"
run 0 "OrthoTrac: practices of book_appointment" sikka-book -O D36225 --choices practice_id
unlike "$(said .text)" "main office" "where nobody asks for it"
sql "UPDATE practices SET pms = 'OpenDental' WHERE office_id = 'D36225'"
for system in OrthoTrac 'Planet DDS WebV3.0' OpenDental; do
	pms "$system"
	sikka-book --describe book_appointment -O D20006 -F jsonl 2>&1 | grep -c 'one of the slots that appointments_available_slots lists' | sed "s/^/$system: /"
done >slots
is "$(tr '\n' ',' <slots)" "OrthoTrac: 5,Planet DDS WebV3.0: 5,OpenDental: 0," "--describe says where a time has to be one of the free slots"
pms ClearDent

# --- what it depends on -----------------------------------------------------------------------------------

pms OpenDental
run 0 "operatories" sikka-book -O D36225 --choices operatory practice_id=2
is "$(values)$(said .practice_id | sort -u)" "OP1 OP2 OP3 2" "of the practice that is named"
is "$(sql "SELECT count(*) FROM choices WHERE source = 'operatories?is_hidden=F&cust_id=D36225-2#operatory'")" 1 "asked for by its cust_id"
run 0 "of all practices" sikka-book --choices operatory
is "$(said '.office_id + " " + .practice_id' | sort -u | tr '\n' ',')" "D20006 1,D36225 1,D36225 2," "each has its own"
run 64 "a breed without a species" sikka-book -O D20006 -p create_veterinary_patient --choices breed
like "$err" 'species=VALUE' "it is said what is missing"
run 0 "with one" sikka-book -O D20006 -p create_veterinary_patient --choices breed species=Canine
is "$(values)" "Labrador Retriever " "those of that species"
run 0 "with another" sikka-book -O D20006 -p create_veterinary_patient --choices breed species=Dragon
is "$out" "" "there are none"
run 64 "a practice that there isn't" sikka-book --choices operatory practice_id=9

# --- patients ------------------------------------------------------------------------------------------------

reads=$(asked patients)
run 0 "patients" sikka-book -O D20006 --choices patient_id
is "$(said .text | sort -u)" null "are told without names"
run 0 "again" sikka-book -O D20006 --choices patient_id
is "$(asked patients) $(sql "SELECT count(*) FROM choices WHERE source LIKE 'patients%'")" "$((reads + 2)) 0" "and never kept"

# --- a list that isn't whole ------------------------------------------------------------------------------------

sql "DELETE FROM choices"
sim_post 'quirks?data_insert=in-progress'
reads=$(asked providers)
run 0 "while the practice's data is being reloaded" sikka-book -O D20006 --choices provider_id
like "$err" 'D20006: .*reloaded' "that is said"
is "$(sql 'SELECT count(*) FROM choices') $(wc -l <out)" "0 4" "the list is told, and not kept"
sim_post 'quirks?data_insert=completed'
run 0 "then" sikka-book -O D20006 --choices provider_id
is "$(sql 'SELECT count(*) FROM choices') $(asked providers)" "1 $((reads + 2))" "it is read once more"
run 0 "operatories once more" sikka-book --choices operatory

# --- what becomes of it -----------------------------------------------------------------------------------------

lists=$(sql 'SELECT count(*) FROM choices')
sql "UPDATE choices SET read_at = '2020-01-01T00:00:00.000Z' WHERE source LIKE 'operatories%'"
old=$(sql "SELECT count(*) FROM choices WHERE read_at < '2021'")
run 0 "a sweep" sikka-sweep
is "$(sql 'SELECT count(*) FROM choices')" "$lists" "leaves it"
run 0 "a purge" sikka-sweep --purge-after 30d
is "$(sql 'SELECT count(*) FROM choices') $old" "$((lists - old)) 3" "takes what is older than a day"
sql "DELETE FROM pms_writebacks"
run 0 "an office that is forgotten" sikka-authorize --forget D20006
is "$(sql "SELECT count(*) FROM choices WHERE office_id = 'D20006'")" 0 "takes its lists along"

sim_fault 'GET /providers=status:500:API2010'
sql 'DELETE FROM choices'
run 1 "a practice that has no data yet" sikka-book -O D36225 --choices provider_id
is "$(sql 'SELECT count(*) FROM choices')" 0 "leaves no list"
done_testing
