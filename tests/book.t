#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-book: requests of each kind reach the practice as they were given, and can be read back
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0
authorize
MEMBERS=id,line,file,key,duplicate,writeback_id,office_id,practice_id,operation,method,endpoint,result,error_code,error_message,created_id,appointment_sr_no,submitted_at,completed_at,last_checked_at,check_count,attempts

# --- a booking, from the request to the practice's own book ---------------------------------------

booking time=09:10 >one.json
run 0 "one booking" sikka-book one.json
is "$(wc -l <out)" 1 "one record"
is "$(said 'keys_unsorted | join(",")')" "$MEMBERS" "its members are those of sikka-book(1), in this order, and no others"
is "$(said '[.id, .office_id, .practice_id, .operation, .method, .endpoint, .result, .attempts, .check_count, .key, .error_code] | map(tostring) | join(" ")')" \
    "1 D36225 1 book_appointment POST /appointment pending 1 0 null null" "their values"
is "$(said '.id | type') $(said '.attempts | type') $(said '.check_count | type')" "string number number" "ids are text, counts are numbers"
like "$(said .submitted_at)" '^20[0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9:]{8}\.[0-9]{3}Z$' "times are UTC with milliseconds"
is "$err" "" "nothing on stderr"
is "$(said .writeback_id)" "$(held '.writebacks[0].id')" "the record names the server's id"
is "$(held '.writebacks[0].body | tojson' | jq -cS .)" "$(jq -cS 'del(.office_id)' one.json)" "the fields as given, and nothing else"
run 0 "it ends" sikka-poll --wait=60s --every 1s
is "$(said .result)" completed "completed"
run 0 "it is read back" sikka-get -O D36225 appointments "appointment_sr_no=$(said .appointment_sr_no)"
is "$(said '[.date, (.time | .[0:5]), .patient_id, .practice_id, .operatory] | join(" ")')" "2031-03-03 09:10 7 1 OP1" "in the practice's book"
is "$(sim_get requests | jq .secrets_in_urls)" 0 "no secret stood in a URL"

# --- the other operations ---------------------------------------------------------------------

sr=$(row 1 appointment_sr_no)
cat >more.json <<END
{"office_id":"D36225","practice_id":"1","operation":"reschedule_appointment","appointment_sr_no":"$sr","date":"2031-03-04","time":"11:20"}
{"office_id":"D36225","practice_id":"1","operation":"update_appointment_status","appointment_sr_no":"$sr","op":"replace","path":"/appointment_status","value":"Cancelled"}
{"office_id":"D36225","practice_id":"1","operation":"create_patient","firstname":"Zoë","lastname":"O'Neil & Søn","provider_id":"DOC1","email":"a=b&c@example.org"}
{"office_id":"D20006","operation":"update_patient","patient_id":"3","staff":"ST1","firstname":"Renamed"}
END
for n in 1 2 3 4; do
	sed -n "${n}p" more.json >line.json
	run 0 "operation $n" sikka-book --wait=60s line.json
	is "$(said .result)" completed "operation $n with --wait ends as completed, in one record"
done
is "$(held '[.writebacks[] | .method + " " + .api + (if .path_id then "/" + .path_id else "" end)] | .[1:] | join(",")')" \
    "PUT /appointments/$sr,PATCH /appointments/$sr,POST /patient,PATCH /patient/3" "methods and paths"
is "$(held '.writebacks[1].body | has("appointment_sr_no")') $(held '.writebacks[2].body.appointment_sr_no')" "false $sr" \
    "what goes in the path isn't in the body, unless it has to"
run 0 "the appointment" sikka-get -O D36225 appointments "appointment_sr_no=$sr"
is "$(said '[.date, (.time | .[0:5]), .status] | join(" ")')" "2031-03-04 11:20 Cancelled" "is moved and cancelled"
run 0 "the new patient" sikka-get -O D36225 patients "patient_id=$(row 4 created_id)"
is "$(said '.firstname + " " + .lastname')" "Zoë O'Neil & Søn" "is there, every character of it"
run 0 "the changed patient" sikka-get -O D20006 patients patient_id=3
is "$(said .firstname)" Renamed "has the new name"
is "$(held '.writebacks[4] | .office_id + " " + .body.practice_id')" "D20006 1" "the one practice of an office is filled in"

# --- forms of input -------------------------------------------------------------------------------

before=$(sim_writebacks)
{ printf '['; booking time=08:00; printf ',\n '; booking time=08:10; printf ']'; } >array.json
{ booking time=08:20 | jq .; booking time=08:30 | tr -d '\n'; booking time=08:40; } >stream.json
booking time=08:50 | jq -c '{office_id, operation: "book_appointment", body: del(.office_id)}' >body.json
booking | jq -c '.practice_id = 1 | .patient_id = 7 | .length = 30 | .check_spu = true | .time = "08:55"' >typed.json
run 0 "array, stream, body, numbers, four files" sikka-book array.json stream.json body.json typed.json
is "$(wc -l <out) $(($(sim_writebacks) - before))" "7 7" "seven requests, seven records"
is "$(held '[.writebacks[].body.time] | .[-7:] | sort | join(" ")')" "08:00 08:10 08:20 08:30 08:40 08:50 08:55" "all of them"
is "$(held '.writebacks[] | select(.body.time == "08:55").body | [.length, .patient_id, .check_spu] | map(type + ":" + .) | join(" ")')" \
    "string:30 string:7 string:true" "numbers and booleans go as their text"
is "$(held '.writebacks[] | select(.body.time == "08:50").body | has("body")')" false "body is not a field"
run 0 "from stdin, by name, without a last newline" sh -c 'booking=$1; printf %s "$booking" | sikka-book -' sh "$(booking time=07:00)"
is "$(held '.writebacks[-1].body.time')" 07:00 "it went"
run 0 "-F json" sikka-book -F json array.json
is "$(said 'type + " " + (length | tostring) + " " + (.[0].duplicate | tostring)')" "array 2 true" "one array"
run 64 "an operand that is an option too many" sikka-book --no-such array.json

# --- -p -------------------------------------------------------------------------------------------

echo '{"office_id":"D36225","practice_id":"2","firstname":"Pat","lastname":"Two","provider_id":"DOC1"}' >pat.json
run 0 "-p gives the operation to what names none" sikka-book -p create_patient pat.json
is "$(said .operation) $(held '.writebacks[-1].api')" "create_patient /patient" "it is that operation"
booking time=07:10 operation=book_appointment >named.json
run 0 "what names its own keeps it" sikka-book -p create_patient named.json
is "$(said .operation)" book_appointment "its own"
run 64 "-p with an unknown operation" sikka-book -p book_apointment named.json
like "$err" 'book_appointment' "the nearest is named"

# --- offices and practices ------------------------------------------------------------------------

booking time=07:20 | jq -c 'del(.office_id)' >nooffice.json
run 65 "several offices and none named" sikka-book nooffice.json
is "$(said '.field + " " + (.line | tostring)')" "office_id 1" "refused, field and line"
run 0 "-O leaves one" sikka-book -O D36225 nooffice.json
is "$(said .office_id)" D36225 "which is filled in"
run 65 "a practice that the office doesn't have" sh -c 'echo "$1" | sikka-book' sh "$(booking time=07:30 practice_id=9)"
is "$(said .field)" practice_id "names the field"

# --- -n, --no-validate ---------------------------------------------------------------------------

rows=$(sql 'SELECT count(*) FROM pms_writebacks') posts=$(sim_count 'POST /appointment')
sql .dump >dump.before
booking time=06:00 card_number=4111111111111111 >dry.json
run 65 "-n checks too" sh -c '(cat "$1"; echo "{\"operation\":\"nope\"}") | sikka-book -n --no-validate' sh dry.json
booking time=06:00 >dry.json
run 0 "-n" sikka-book -n dry.json
is "$(said '[.method, .endpoint, .office_id, .body.time, (has("id") | tostring)] | join(" ")')" "POST /appointment D36225 06:00 false" "shows the request"
sql .dump >dump.after
cmp -s dump.before dump.after
ok $? "-n journals nothing"
is "$(sim_count 'POST /appointment')" "$posts" "-n sends nothing"
booking date=03/03/2031 time=06:10 >odd.json
run 65 "a date that is none" sikka-book odd.json
run 1 "--no-validate leaves it to the server" sikka-book --no-validate odd.json
is "$(sim_count 'POST /appointment')" "$((posts + 1))" "which is asked, and refuses"
is "$(said '.result + " " + .error_code')" "failed API1026" "with its code"

# --- --raw ----------------------------------------------------------------------------------------

cat >raw.json <<END
{"office_id":"D36225","method":"POST","endpoint":"/patient","firstname":"Raw","lastname":"Post","provider_id":"DOC1","practice_id":"1"}
{"office_id":"D36225","method":"PUT","endpoint":"/appointments/$sr","practice_id":"1","date":"2031-03-05"}
{"office_id":"D36225","method":"PATCH","endpoint":"/claims/3","practice_id":"1","status":"Sent"}
END
run 0 "--raw: POST, PUT and PATCH" sikka-book --raw raw.json
is "$(said .operation | sort -u)" raw "their operation is raw"
is "$(held '[.writebacks[] | .method + " " + .api] | .[-3:] | sort | join(",")')" "PATCH /claims,POST /patient,PUT /appointments" "as given"
is "$(held '[.writebacks[].body] | .[-3:] | map(has("method") or has("endpoint")) | any')" false "method and endpoint aren't sent as fields"
echo '{"office_id":"D36225","method":"DELETE","endpoint":"/nowhere"}' >delete.json
run 1 "--raw: DELETE" sikka-book --raw delete.json
is "$(sim_get requests | jq '[.routes | to_entries[] | select(.key | startswith("DELETE ")).value.count] | add') $(said .error_code)" "1 API2009" "reached the server, which refuses it"
total=$(asked_beside_lists)
for bad in 'GET /patients method' 'post /patients method' 'POST patients endpoint' 'POST /a/../b endpoint' 'POST /a?b=1 endpoint' 'POST /a#b endpoint'; do
	set -- $bad
	jq -cn --arg m "$1" --arg e "$2" '{office_id: "D36225", method: $m, endpoint: $e}' >bad.json
	run 65 "--raw: $1 $2 is refused" sikka-book --raw bad.json
	is "$(said .field)" "$3" "naming $3"
done
printf '{"office_id":"D36225","method":"POST","endpoint":"/a\\u000ab"}' >bad.json
run 65 "--raw: a control character" sikka-book --raw bad.json
# What the documents describe and isn't a writeback: the message names what does it.
while read -r endpoint instead; do
	jq -cn --arg e "$endpoint" '{office_id: "D36225", method: "POST", endpoint: $e, account_number: "7700112233"}' >bad.json
	run 64 "--raw: $endpoint is no writeback" sikka-book --raw bad.json
	is "$(said '.field + " " + .error_code') $(told "endpoint: .*$instead")" "endpoint invalid 1" "the message says: $instead"
done <<'END'
/payment/sale payment gateway
payment/refund payment gateway
//Payment/VOID?x=1 payment gateway
/%70ayment%2fstore_card payment gateway
/patient_eligibility sikka-get patient_eligibility
/sandbox/patient_eligibility sikka-get sandbox/patient_eligibility
/remote_command sikka-sweep --refresh-data
/practice_location vendor's portal
/practice_query sikka-get practice_query
/request_key sikka-token
/writebacks sikka-sweep --withdraw
END
is "$(sqlite3 "$SIKKA_DB" "SELECT count(*) FROM pms_writebacks WHERE endpoint LIKE '%pay%'")" 0 "the journal has none of them"
jq -c '.another = .method' bad.json raw.json >mixed
run 64 "--raw: one of several" sikka-book -n --raw mixed
is "$(said 'select(.error_code == null)' | jq -s length)" 3 "doesn't hold up the others"
is "$(asked_beside_lists)" "$total" "nothing of that was sent"

run 0 "all end" sikka-poll --wait=60s --every 1s
is "$(held '[.writebacks[].applied] | max')" 1 "nothing was carried out twice"
done_testing
