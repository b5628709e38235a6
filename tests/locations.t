#!/bin/sh
# SPDX-License-Identifier: MIT
# locations.t: practice ids that only an office's own list has: learned, offered, accepted, and gone
. "$(dirname "$0")/lib.sh"

practices() { sql "SELECT group_concat(p, ' ') FROM (SELECT practice_id || '=' || status AS p FROM practices WHERE office_id = 'D20006' ORDER BY practice_id)"; }
events() { sql "SELECT count(*) FROM events WHERE kind='$1' AND office_id='${2:-D20006}'"; }
locations() { sim_post "quirks?locations=$1"; }

start_sim --delay 0:0 --quirk locations=both --pms D20006/1-1=OpenDental:21.1 --pms D20006/1-3=OpenDental:21.1

# --- learned --------------------------------------------------------------------------------------------------

run 0 "without keys" sikka-authorize --no-token
is "$(practices) $(sim_count 'GET /practices')" "1=active 0" "no office is asked for its own list"
run 0 "with keys" sikka-authorize
is "$(practices)" "1=active 1-1=active 1-3=active" "the locations are known beside the authorized practice"
is "$(sim_count 'GET /practices')" 2 "each office is asked once"
is "$(said 'select(.practice_id == "1-3") | [.office_id, .practice_name, .pms, .pms_version, .domain, .status] | join(",")')" "D20006,Practice 1-3 of D20006,OpenDental,21.1,Ortho,active" "and told with the system of the practice that they belong to"
is "$(said .practice_id | sort | tr '\n' ' ')" "1 1 1-1 1-3 2 " "each once"
is "$(sql "SELECT group_concat(practice_id) FROM practices WHERE office_id = 'D36225' AND is_location = 0")" "1,2" "what both lists have is an authorized practice"

# --- offered and accepted ----------------------------------------------------------------------------------------

run 0 "what may be the practice" sikka-book --choices practice_id book_appointment
is "$(said '.office_id + " " + .value' | tr '\n' ',')" "D20006 1-1,D20006 1-3,D36225 1,D36225 2," "each id once, as the office's own list has them"
is "$(said 'select(.practice_id != .value).value')" "" "each is the practice that it names"
said '[.office_id, .value] | @tsv' >choices
while read -r office id; do
	booking "office_id=$office" "practice_id=$id" "key=$office-$id" >in
	run 0 "a booking for $id of $office" sikka-book --wait=1m in
	is "$(said .result)" completed "is accepted here and there"
done <choices
booking office_id=D20006 >in
json='del(.practice_id)'
jq -c "$json" in >none
run 65 "a booking that names no practice" sikka-book none
like "$err" 'is missing, and office D20006 has 3 practices: 1, 1-1, 1-3' "isn't guessed"
booking office_id=D20006 practice_id=1-7 time=11:00 >in
run 65 "a practice that nobody knows" sikka-book in
like "$err" 'office D20006 has no practice "1-7", but 1, 1-1, 1-3; sikka-authorize learns of new ones' "is refused, with those that there are"
before=$(sim_writebacks)
run 1 "without validation" sikka-book --no-validate --wait=1m in
like "$err" 'practice_id: office D20006 has no practice "1-7"' "that is a warning"
is "$(said .error_code) $(sim_writebacks)" "API1026 $before" "and the server decides"

# --- a list that can't be believed ----------------------------------------------------------------------------------

for fault in status:500 status:403:API2004 garbage status:204; do
	sim_fault "GET /practices=$fault"
	run 0 "a list that is $fault" sikka-authorize
	is "$(practices)" "1=active 1-1=active 1-3=active" "changes nothing"
	sim_clear_faults
	later 20m
done
sim_fault 'GET /practices=status:403:API2004'
run 0 "a list that is refused" sikka-authorize
like "$err" "2 offices: the list of the office's own practices can't be read, so what is known of it stays; office D20006: .*API2004" "is told in one line"
sim_clear_faults
locations empty
for i in 1 2 3; do
	later 20m
	run 0 "an empty list, time $i" sikka-authorize
done
is "$(practices) $(events location_gone)" "1=active 1-1=active 1-3=active 0" "never ends a practice"
sim_post 'quirks?data_insert=in-progress'
locations first
for i in 1 2; do
	later 20m
	run 0 "a list while data is being reloaded, time $i" sikka-authorize
done
sim_post 'quirks?data_insert=completed'
is "$(practices)" "1=active 1-1=active 1-3=active" "ends none either"

# --- gone, and back ---------------------------------------------------------------------------------------------------

locations both
run 0 "a whole list" sikka-authorize
locations first
run 0 "one list lacks a location" sikka-authorize
is "$(practices)" "1=active 1-1=active 1-3=active" "that alone proves nothing"
locations both
run 0 "the next one has it" sikka-authorize
later 11m
locations first
run 0 "the one after it doesn't" sikka-authorize
is "$(practices)" "1=active 1-1=active 1-3=active" "the count begins anew"
later 11m
run 0 "two lists lack it" sikka-authorize
is "$(practices) $(events location_gone) $(events revoked)" "1=active 1-1=active 1-3=revoked 1 0" "it is gone, with an event of its own"
is "$(said 'select(.practice_id == "1-3").status')" revoked "and told so"
run 0 "once more" sikka-authorize
is "$(events location_gone)" 1 "told once"
booking office_id=D20006 practice_id=1-3 time=12:00 >in
run 65 "a booking for it" sikka-book in
run 0 "what may be the practice" sikka-book -O D20006 --choices practice_id book_appointment
is "$(said .value)" 1-1 "it isn't offered"
locations both
run 0 "choices see it again" sikka-book -O D20006 --choices practice_id book_appointment
is "$(said .value | tr '\n' ' ')$(practices)" "1-1 1-3 1=active 1-1=active 1-3=active" "and take it up"
run 0 "so a booking for it" sikka-book in

# --- with its office ------------------------------------------------------------------------------------------------------

sim_post 'office?office_id=D20006&authorized=false'
run 0 "a list without the office" sikka-authorize
later 11m
run 0 "two" sikka-authorize
is "$(practices)" "1=revoked 1-1=revoked 1-3=revoked" "its locations go with it"
sim_post 'office?office_id=D20006&authorized=true'
run 0 "the office is back" sikka-authorize
is "$(practices)" "1=active 1-1=active 1-3=active" "so are they"

# --- what the list of the authorized ones says is its own ----------------------------------------------------------------------

sql "UPDATE practices SET practice_id = '7', is_location = 0 WHERE practice_id = '1-3'"
booking office_id=D20006 practice_id=7 time=13:00 >in
for i in 1 2; do
	later 11m
	run 0 "neither list has a practice that was authorized, time $i" sikka-authorize
done
is "$(practices)" "1=active 1-1=active 1-3=active 7=revoked" "the list of the authorized ones ends it"
sql "UPDATE practices SET is_location = 0, status = 'revoked' WHERE practice_id = '1-3'"
run 0 "one that has ended there, and that the office lists" sikka-authorize
is "$(practices)" "1=active 1-1=active 1-3=revoked 7=revoked" "stays so"
run 0 "choices" sikka-book -O D20006 --choices practice_id book_appointment
is "$(said .value)" 1-1 "don't offer it"

# --- which are on -----------------------------------------------------------------------------------------------------------------

before=$(sql "SELECT * FROM practices")
run 0 "the locations" sikka-authorize --locations
is "$(said '[.office_id, .practice_id, .practice_name, .access, .city] | join(",")')" "D20006,1-1,Practice 1-1 of D20006,on,San Jose
D20006,1-3,Practice 1-3 of D20006,off,San Jose
D36225,1,Practice 1 of D36225,on,San Jose
D36225,2,Practice 2 of D36225,on,San Jose" "each with whether it is on"
is "$(sim_count 'GET /practice_location') $(sim_count 'POST /practice_location')" "2 0" "one request for each office, and nothing is switched"
is "$(sql "SELECT * FROM practices")" "$before" "nor recorded"
run 0 "those of an office" sikka-authorize -O D20006 --locations -F table
like "$out" 'D20006 +1-3 +Practice 1-3 of D20006 +off' "as a table"
run 0 "of an office that isn't known here, nor at the server" sikka-authorize -O D99999 --locations
is "$out" "" "there are none"
like "$err" 'office D99999: the server lists no location' "which is said"
sql "UPDATE pms_integrations SET status = 'revoked' WHERE office_id = 'D36225'"
run 0 "of all offices" sikka-authorize --locations
is "$(said .office_id | sort -u)" D20006 "those that have withdrawn aren't asked"
sim_fault 'GET /practice_location=edit:/"OFF"/"perhaps"/'
run 0 "a word that nobody knows" sikka-authorize -O D20006 --locations
is "$(said .access | tr '\n' ' ')" "on null " "is no off"
like "$err" 'the server doesn.t say of a location whether it is on: look in the vendor.s portal' "and is told"
sim_clear_faults
sim_fault 'GET /practice_location@1=status:500:API2010'
SIKKA_CONNECTIONS=1
export SIKKA_CONNECTIONS
run 1 "one office of two can't be asked" sikka-authorize -O D36225 -O D20006 --locations
is "$(said .office_id | sort -u)" D20006 "the other one is told"
like "$err" 'office D36225: .*API2010' "and why"
sim_clear_faults
run 77 "a wrong key of the application" env SIKKA_APP_KEY=wrong sikka-authorize --locations
run 64 "with another mode" sikka-authorize --locations --export
run 78 "without a state file" sikka-authorize -D "$T/nowhere/sikka.db" --locations
done_testing
