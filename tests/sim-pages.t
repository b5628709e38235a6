#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-sim: what a page costs is what it has on it, however long its list is
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/lib-sim.sh"

looked() { sim "$R/requests" | jq .looked_at; }
# cost COMMAND …: how many records, practices and writebacks the simulator looked at for it
cost() {
	before=$(looked)
	"$@" >"$T/status"
	echo $(($(looked) - before))
}

# --- records -----------------------------------------------------------------------------------------------

start --delay 0:0 --records appointments=3000
new_key D36225
all="$B/appointments?limit=10"
is "$(cost key "$all")" 10 "a page of ten records out of 3,000 costs ten"
is "$(cost key "$all&offset=299") $(json '.items[0].appointment_sr_no')" "10 2991" "the last page, too"
is "$(cost key "$all&offset=300") $(json '.items | length')" "0 0" "a page behind the end has none"
some="$all&status=Complete&sort_by=-appointment_date"
is "$(cost key "$some") $(json '.items[0].appointment_sr_no')" "3010 2947" "a list that is chosen looks at all records for its first page"
is "$(cost key "$some&offset=1") $(json '.items[0].appointment_sr_no')" "10 2997" "but not for the next one"
is "$(cost key "$all&status=Broken") $(cost key "$some&offset=1")" "3010 10" "also when another list is read in between"
is "$(book)" "201 API2016" "a booking"
is "$(cost key "$some") $(json '.total_count')" "3011 600" "after a change all are looked at again"
is "$(cost key "$all&startdate=2031-02-07") $(json '.items[0].appointment_sr_no')" "3002 3001" "so that a list has what has changed"
sim -X DELETE "$R/record?office_id=D36225&resource=appointments&id=3001" >"$T/answer"
is "$(key "$all&startdate=2031-02-07")" 204 "and what was deleted is gone"
key "$some" >"$T/status"
shown=$(json '.total_count + " " + .items[0].appointment_sr_no')
jq -c '{office_id: "D36225", resource: "appointments", record: (.items[0] | .status = "Broken" | map_values(strings))}' "$T/body" |
    sim --data-binary @- "$R/records" >"$T/answer"
is "$shown, $(key "$some") $(json '.total_count + " " + .items[0].appointment_sr_no')" "600 2947, 200 599 2952" \
    "a record that is replaced by another, which the list doesn't choose, leaves it"

printf '%s\n' '{"office_id":"D36225","resource":"patients","record":{"lastname":"O\"Neil\\\n\u0007é"}}' |
    sim --data-binary @- "$R/records" >"$T/answer"
key "$B/patients?limit=50" >"$T/status"
is "$(json '.items[-1].lastname | tojson')" '"O\"Neil\\\n\u0007é"' "a text arrives with all its characters"

# Bytes that are no UTF-8, in each text of an entry that another program chooses.
sim -d '{"firstname":"Ann"}' "$R/submit?office_id=D36225&method=PATCH&path=/patient/%FF" >"$T/answer"
id=$(jq -r .id "$T/answer")
sim -X POST "$R/writeback?id=$id&state=failed&result=%FF" >"$T/answer"
app -H "$(printf 'Host: \377')" "$B/writebacks?startdate=$(date -u +%F)&enddate=$(date -u +%F)&id=$id" >"$T/status"
iconv -f UTF-8 -t UTF-8 "$T/body" >"$T/checked"
is "$(cat "$T/status") $(jq -c '.items[0] | [.href, .result, .api_request_body]' "$T/checked")" '200 ["?","?","?"]' "a text that isn't UTF-8 becomes a question mark"

# --- writebacks --------------------------------------------------------------------------------------------

today=$(date -u +%Y-%m-%d)
start --delay 600:600
new_key D36225
listed="$B/writebacks?startdate=$today&enddate=$(date -u -d "$today + 3 days" +%F)"
# 1,000 of another program's
yes "next
url = \"$R/submit?office_id=D36225&path=/medical_notes\"
data = \"{\\\"note\\\":\\\"x\\\"}\"
output = \"$T/answer\"" | head -n 4000 | tail -n +2 >"$T/submit"
sim -K "$T/submit"
is "$(app "$listed&limit=5") $(json .total_count)" "200 1000" "a list of 1,000 writebacks"
ok $(($(cost app "$listed&limit=5") > 300)) "a page of five doesn't look at each"
is "$(json '[.items[].id] | join(" ")')" "275495 275496 275497 275498 275499" "the first"
ok $(($(cost app "$listed&limit=5&offset=150") > 300)) "nor does one in the middle"
is "$(json '[.items[].id] | join(" ")')" "276245 276246 276247 276248 276249" "and it has its entries"
is "$(cost app "$listed&id=276400") $(json '.items[0].id')" "1 276400" "one id alone costs one look"
app -X DELETE "$B/writebacks?id=275500" >"$T/status"
app "$listed&limit=5&offset=1" >"$T/status"
is "$(json '.total_count + ": " + ([.items[].id] | join(" "))')" "999: 275501 275502 275503 275504 275505" "one that is withdrawn leaves the list"
sim -X POST "$R/writeback?id=276494&hidden=list" >"$T/answer"
app "$listed&limit=5&offset=199" >"$T/status"
is "$(json '.total_count + ": " + ([.items[].id] | join(" "))')" "998: 276491 276492 276493" "so does one that is hidden"
sim -X POST "$R/writeback?id=276494&hidden=none" >"$T/answer"
app "$listed&limit=5&offset=199" >"$T/status"
is "$(json '.total_count + ": " + ([.items[].id] | join(" "))')" "999: 276491 276492 276493 276494" "until it shows again"
advance 86400
later="$B/writebacks?startdate=$(date -u -d "$today + 1 day" +%F)&enddate=$(date -u -d "$today + 2 days" +%F)"
is "$(app "$later")" 204 "of another day there are none"
sim -d '{"note":"x"}' "$R/submit?office_id=D36225&path=/medical_notes" >"$T/answer"
is "$(app "$later") $(json '.total_count + ": " + .items[0].id')" "200 1: 276495" "until another program sends one"

# --- offices -----------------------------------------------------------------------------------------------

start --delay 0:0 --offices 300
is "$(cost app "$B/authorized_practices?limit=7&offset=2") $(json '[.items[].office_id] | join(" ")')" \
    "14 D10015 D10016 D10017 D10018 D10019 D10020 D10021" "a page of seven practices makes seven, and shows them"
is "$(json .total_count) $(sim "$R/state" | jq -c .pms.D10014)" '300 {"appointments":11,"patients":12}' "records of an office count before anybody has read them"
new_key D10014
is "$(key "$B/appointments") $(json .total_count)" "200 11" "and are there when somebody does"
sim -d '{"firstname":"Ann"}' "$R/submit?office_id=D10017&path=/patient" >"$T/answer"
is "$(held '[.writebacks[0].created_id, .pms.D10017.patients] | tostring')" '["13",13]' "a patient that is the first thing asked of an office gets the next number behind its records"
is "$(sim "$R/snapshot" | jq -c '[.offices[] | .records.appointments | length] | [length, max, min]')" "[300,87,11]" "a snapshot has those of all offices"
start --offices 30000
is "$(sim "$R/requests" | jq '.renewals | length')" 30000 "each of 30,000 offices has an id of its own"
done_testing
