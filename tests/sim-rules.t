#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-sim: what each practice management system wants of a writeback, refused at once where it isn't so
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/lib-sim.sh"

start --offices 15 --pms D10015=Abacus:3
for office in D36225 D20006 D10003 D10004 D10005 D10006 D10007 D10008 D10009 D10010 D10011 D10012 D10013 D10014 D10015; do
	new_key "$office"
	echo "$K" >"$T/$office"
done
tomorrow=$(date -u -d '+2 days' +%Y-%m-%d)

# A request that every system takes, and what some systems want more.
visit='{"patient_id":"7","date":"2031-02-07","time":"09:00","length":"30","description":"Exam","provider_id":"DOC1","operatory":"OP1","practice_id":"1"}'
person='{"firstname":"Zoë","lastname":"Zander","provider_id":"DOC1","practice_id":"1"}'
pet='{"petname":"Rex","breed":"Beagle","species":"Canine","pet_sex":"male","pet_birthdate":"2020-02-29","pet_class":"Regular","firstname":"Zoë","lastname":"Zander","practice_id":"1"}'
claim='{"practice_id":"1","status":"Sent"}'
payment='{"claim_sr_no":"3","practice_id":"1","payment_amount":"10|20","is_payment_by_procedure_code":"true","transaction_sr_no":"1|2","claim_payment_date":"2026-02-07","payment_mode":"3","deductible":"0|0","write_off":"0|0"}'
three='"deductible":"0|0|0"' four='"deductible":"0|0|0|0"'
note='{"patient_id":"7","practice_id":"1","type":"patient note","text":"well","date":"2026-02-07","provider_id":"DOC1"}'
paper='{"patient_id":"7","practice_id":"1","document_type":"Letter","document_name":"a","created_datetime":"2026-02-07","type":"Document","document_base64":"aGVsbG8="}'
lab='{"patient_id":"7","guarantor_id":"4","provider_id":"DOC1","practice_id":"1","lab_name":"L","template_name":"T","test_name":"a|b","result":"1|2","operator":"=|=","reference_low":"0|0","reference_high":"9|9"}'
money='{"patient_id":"7","guarantor_id":"4","practice_id":"1","provider_id":"DOC1","procedure_code":"1","procedure_description":"Cash","amount":"-10.50","transaction_date":"2026-02-07"}'
perio='{"practice_id":"1","patient_id":"7","tooth_number":"1$32","pocket_depth":"3|2|3||2|19$|||||0"}'
ortho='"staff":"STAFF1","type":"Adult"'
orthoperson="$ortho"',"status":"Active","primary_relationship":"Self","gender":"male"'
planet='"production_type":"General","is_new_patient":"true","has_insurance":"false"'
dentrix='"chart_date":"2026-02-07","provider_id":"DOC1","script":"Standard"'

# verdict OFFICE METHOD PATH BODY CHANGES: "ok", or the code and the text
verdict() {
	K=$(cat "$T/$1")
	printf '%s' "$4" | jq -c ". + {$5} | del(..|nulls)" |
	    curl -sS -m "$PATIENCE" -X "$2" -H "Request-Key: $K" -H 'Content-Type: application/json' -d @- "$B$3" |
	    jq -r 'if .error_code == "API2016" then "ok" else .error_code + " " + .long_message end'
}
# fits OFFICE:CHANGES … of $method $path $body; wrong CODE TEXT OFFICE:CHANGES: the same, refused.
fits() {
	for one in "$@"; do
		is "$(verdict "${one%%:*}" "$method" "$path" "$body" "${one#*:}")" ok "$method $path: $one"
	done
}
wrong() {
	is "$(verdict "${3%%:*}" "$method" "$path" "$body" "${3#*:}")" "$1 $2" "$method $path: not $3"
}
request() { method=$1 path=$2 body=$3; }

request POST /appointment "$visit"
fits D36225: D10015: D10013: "D20006:$ortho,\"description\":null" "D10004:\"user\":\"U\",\"type\":\"Exam\",\"status\":\"Scheduled\",\"description\":null" \
    "D10006:$planet,\"patient_id\":null,\"description\":\"\"" 'D10007:"guarantor_id":"3","description":null' 'D36225:"birthdate":"tomorrow","is_new_patient":"maybe"'
wrong API1020 "Missing parameter: patient_id" 'D36225:"patient_id":null,"is_new_patient":"true"'
wrong API1020 "Missing parameter: staff" 'D20006:"type":"Adult"'
wrong API1020 "Missing parameter: user" 'D10005:"type":"Exam","status":"Scheduled"'
wrong API1020 "Missing parameter: production_type" 'D10012:"is_new_patient":"true","has_insurance":"true"'
wrong API1020 "Missing parameter: guarantor_id" D10007:
wrong API1020 "Missing parameter: description" 'D36225:"description":""'
wrong API1026 "Invalid parameter: date" 'D36225:"date":"2031-02-29"'
wrong API1026 "Invalid parameter: time" 'D36225:"time":"24:00"'
wrong API1026 "Invalid parameter: length" 'D36225:"length":"0"'
wrong API1026 "Invalid parameter: length" 'D36225:"length":"30.5"'
wrong API1026 "Invalid parameter: description" 'D36225:"description":"two\nlines"'
wrong API1026 "Invalid parameter: description" "D20006:$ortho,\"description\":\"$(printf '%0151d' 0)\""
wrong API1026 "Invalid parameter: birthdate" "D10006:$planet,\"birthdate\":\"$tomorrow\""
wrong API1026 "Invalid parameter: email" "D10006:$planet,\"email\":\"a@b@c.de\""
wrong API1026 "Invalid parameter: check_spu" 'D36225:"check_spu":"perhaps"'

request PUT /appointments/5 '{"practice_id":"1"}'
fits 'D36225:"length":"45"' 'D36225:"status":"Broken"' 'D36225:"practice_id":"2","status":"Broken"' 'D36225:"practice_id":"2","description":"x","operatory":"OP2"'
wrong API2019 "Missing parameter: one of date,time,length,operatory,provider_id,status" 'D36225:"description":"new"'
wrong API1026 "Invalid parameter: description" "D36225:\"practice_id\":\"2\",\"length\":\"5\",\"description\":\"$(printf '%061d' 0)\""
path=/appointments/5%25
wrong API1026 "Invalid parameter: appointment_sr_no" 'D36225:"length":"45"'

request PATCH /appointments/5 '{"appointment_sr_no":"5","op":"replace","path":"/status","value":"Broken","practice_id":"1"}'
fits D36225: 'D20006:"staff":"STAFF1"'
wrong API1020 "Missing parameter: staff" D20006:
wrong API1026 "Invalid parameter: op" 'D36225:"op":"remove"'
wrong API1026 "Invalid parameter: path" 'D36225:"path":"/date"'
wrong API1026 "Invalid parameter: appointment_sr_no is not the path's" 'D36225:"appointment_sr_no":"6"'

request POST /patient "$person"
fits D36225: 'D10005:"provider_id":null,"gender":"Other","cell":"(408) 555-1234"' "D20006:$orthoperson,\"other_phone\":\"none\"" \
    "D10004:\"user\":\"U\"" 'D36225:"guarantor_id":"4","gender":"unknown","is_guarantor_exist":"yes"'
wrong API1026 "Invalid parameter: firstname" "D10005:\"firstname\":\"$(printf 'é%.0s' 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16)\""
fits "D10005:\"firstname\":\"$(printf 'é%.0s' 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)\""
wrong API1026 "Invalid parameter: cell" 'D10005:"cell":"408-555"'
fits 'D10005:"cell":"408-555-123"' 'D10005:"workphone":"4085551234-12"'
wrong API1026 "Invalid parameter: homephone" 'D36225:"homephone":"call me"'
wrong API1026 "Invalid parameter: workphone" 'D36225:"workphone":"555-12"'
wrong API1026 "Invalid parameter: gender" 'D36225:"gender":"Other"'
wrong API1026 "Invalid parameter: gender" "D20006:$orthoperson,\"gender\":\"unknown\""
wrong API1020 "Missing parameter: guarantor_id" "D20006:$orthoperson,\"is_guarantor_exist\":\"True\""
wrong API1020 "Missing parameter: country" "D20006:$orthoperson,\"email\":\"a@b.de\""
wrong API1020 "Missing parameter: primary_relationship" 'D10004:"user":"U","guarantor_id":"4"'

request POST /veterinary_patient "$pet"
fits D10007: 'D10013:"guarantor_id":"4","client_class":"Regular","firstname":null,"lastname":null,"practice_id":null'
wrong API1020 "Missing parameter: lastname" 'D10007:"lastname":null'
wrong API1026 "Invalid parameter: pet_sex" 'D10007:"pet_sex":"tom"'

request PATCH /patient/3 '{"practice_id":"1"}'
fits 'D20006:"staff":"STAFF1","race":"x"' 'D10004:"language":"German"'
wrong API1027 "The practice management system doesn't take this writeback" 'D36225:"lastname":"x"'
wrong API1027 "The practice management system doesn't take this writeback" 'D10015:"lastname":"x"'
wrong API1020 "Missing parameter: staff" 'D20006:"race":"x"'
for nothing in 'D20006:"staff":"STAFF1"' 'D10004:"race":"x","check_spu":"true"'; do
	like "$(verdict "${nothing%%:*}" PATCH "$path" "$body" "${nothing#*:}")" '^API2019 Missing parameter: one of firstname,' "$method $path: not $nothing"
done
wrong API1026 "Invalid parameter: preferred_name" "D20006:\"staff\":\"S\",\"preferred_name\":\"$(printf '%021d' 0)\""

request PATCH /claims/3 "$claim"
fits D36225: 'D36225:"status":null,"note":"x","date_sent":"2026-02-07"'
wrong API2019 "Missing parameter: one of status,note,custom_track_status" 'D36225:"status":null,"internal_note":"x"'

request POST /claim_payment "$payment"
fits D36225: D10003: 'D10008:"bank_name":"First Bank","deductible":null,"write_off":null,"payment_amount":"0|1"' "D10011:$three" "D10010:$four" \
    "D36225:\"practice_id\":\"2\",$three,\"write_off\":\"\"" "D36225:\"practice_id\":\"2\",$three,\"write_off\":\"|1\",\"adjustment_type\":\"5|5\"" \
    'D36225:"is_payment_by_procedure_code":"false","transaction_sr_no":null,"deductible":"0","write_off":"-1.5"'
wrong API1020 "Missing parameter: transaction_sr_no" 'D36225:"transaction_sr_no":null'
wrong API2019 "Not as many values: transaction_sr_no,payment_amount" 'D36225:"payment_amount":"10"'
wrong API2019 "Not as many values: transaction_sr_no,deductible,write_off" 'D36225:"write_off":"0"'
wrong API2019 "Not as many values: write_off,adjustment_type" "D36225:\"practice_id\":\"2\",$three,\"adjustment_type\":\"5\""
wrong API1026 "Invalid parameter: payment_amount" 'D36225:"payment_amount":"10|x"'
wrong API1026 "Invalid parameter: payment_amount" 'D10008:"bank_name":"First Bank","payment_amount":"0|0.00"'
wrong API1026 "Invalid parameter: payment_amount" "D36225:\"practice_id\":\"2\",$three,\"payment_amount\":\"-1|2\""
wrong API1026 "Invalid parameter: is_payment_by_procedure_code" 'D10008:"bank_name":"First Bank","is_payment_by_procedure_code":"false"'
wrong API2019 "Invalid parameter: deductible" D10011:
wrong API2019 "Invalid parameter: deductible" 'D10010:"deductible":"0|0|0|0.5"'
wrong API2019 "Invalid parameter: write_off, with is_payment_by_procedure_code=false" 'D36225:"is_payment_by_procedure_code":"false","deductible":"1"'
wrong API2019 "Invalid parameter: write_off, with is_payment_by_procedure_code=false" "D10010:\"is_payment_by_procedure_code\":\"false\",$four,\"write_off\":\"1\""
wrong API1020 "Missing parameter: adjustment_type" "D10011:$three,\"write_off\":\"-1|0\""
wrong API1020 "Missing parameter: write_off" 'D36225:"write_off":""'
wrong API1020 "Missing parameter: cheque_no" 'D10008:"bank_name":"First Bank","payment_mode":"cheque"'
wrong API1020 "Missing parameter: direct_deposit_number" 'D10008:"bank_name":"First Bank","payment_mode":"Direct Deposit"'
wrong API1020 "Missing parameter: debit_adjustment_amount" 'D10003:"is_debit_adjustment_writeback":"true"'
fits 'D10008:"bank_name":"First Bank","is_debit_adjustment_writeback":"true"' 'D10003:"is_debit_adjustment_writeback":"true","debit_adjustment_amount":"1"'
wrong API1020 "Missing parameter: debit_adjustment_date" 'D36225:"is_debit_adjustment_writeback":"true","debit_adjustment_amount":"1"'

request POST /medical_notes "$note"
fits D36225: 'D36225:"type":"Group Note","transaction_sr_no":"1|2"' 'D10006:"date":null,"provider_id":null' "D20006:\"type\":\"medical note\",\"acknowledge_type\":\"None\""
wrong API1026 "Invalid parameter: type" 'D10003:"type":"group note","transaction_sr_no":"1"'
wrong API1026 "Invalid parameter: type" 'D10006:"type":"treatment note"'
wrong API1020 "Missing parameter: appointment_sr_no" 'D36225:"type":"Appointment Note"'
wrong API1020 "Missing parameter: item" 'D10011:"type":"allergies"'
wrong API1020 "Missing parameter: description" D10013:
wrong API1026 "Invalid parameter: text" "D10014:\"text\":\"$(printf '%0201d' 0)\""
wrong API2019 "Invalid parameter: text, with type=medical alert|type=medical note" "D20006:\"type\":\"medical note\",\"acknowledge_type\":\"None\",\"text\":\"$(printf '%061d' 0)\""

request POST /document "$paper"
fits D36225:
wrong API1026 "Invalid parameter: document_base64" 'D36225:"document_base64":"aGVsbG8"'
wrong API1026 "Invalid parameter: document_base64" 'D36225:"document_base64":"aGVs!G8="'
wrong API1026 "Invalid parameter: created_datetime" "D36225:\"created_datetime\":\"$tomorrow\""
wrong API1027 "The practice management system doesn't take this writeback" D10003:

request POST /lab_result "$lab"
fits D36225: D10015:
wrong API2019 "Not as many values: test_name,result,operator,reference_low,reference_high" 'D36225:"operator":"="'

request POST /transaction "$money"
fits D36225: 'D10008:"bank":"B","transaction_sr_no":"1"' 'D36225:"is_payment_by_procedure_code":"true","transaction_sr_no":"1|2","amount":"1|2","is_payment_refund":"false"' \
    'D10003:"is_payment_refund":"true"' 'D10006:"cvv":"123"'
wrong API1026 "Invalid parameter: amount" 'D36225:"amount":"0.00"'
wrong API2019 "Not as many values: transaction_sr_no,amount" 'D36225:"is_payment_by_procedure_code":"true","transaction_sr_no":"1|2"'
wrong API2019 "Not together: is_payment_refund,is_payment_by_procedure_code" 'D36225:"is_payment_by_procedure_code":"true","transaction_sr_no":"1","is_payment_refund":"true"'
wrong API1020 "Missing parameter: transaction_sr_no" 'D36225:"is_payment_refund":"true"'
wrong API1020 "Missing parameter: bank" 'D10008:"transaction_sr_no":"1"'
wrong API1026 "Invalid parameter: impacts" 'D10003:"impacts":"Weather"'
wrong API1026 "Invalid parameter: cvv" 'D10006:"cvv":"12"'
wrong API1026 "Invalid parameter: cvv" 'D10006:"cvv":"12345"'
wrong API1026 "Invalid parameter: cvv" 'D10012:"cvv":"12a"'

request POST /perio_chart "$perio"
fits D36225: "D10009:$dentrix,\"mobility\":\"0\$4\",\"plaque\":\"None\$Heavy\",\"bone_loss\":\"Mild\$Severe\",\"furcation\":\"F0: none|||||\$|||||F4: through\"" \
    "D36225:\"practice_id\":\"2\",$dentrix" 'D10003:"script":"Standard","gingival_margin":"101","calculus":"2","mobility":"3"' 'D36225:"gingival_margin":"101|19|||119|$|||||","plaque":"1|1|1|1|1|1$|||||"'
wrong API1020 "Missing parameter: chart_date" 'D36225:"practice_id":"2"'
wrong API1027 "The practice management system doesn't take this writeback" D20006:
wrong API1026 "Invalid parameter: tooth_number" 'D36225:"tooth_number":"1$33"'
wrong API1026 "Invalid parameter: pocket_depth" 'D36225:"pocket_depth":"3|2|3||2|20$|||||"'
wrong API1026 "Invalid parameter: pocket_depth" 'D36225:"pocket_depth":"3|2|3||2$|||||"'
wrong API1026 "Invalid parameter: pocket_depth" 'D36225:"pocket_depth":"|||||"'
wrong API1026 "Invalid parameter: gingival_margin" "D10009:$dentrix,\"gingival_margin\":\"101|||||\$|||||\""
wrong API1026 "Invalid parameter: bleed" 'D36225:"bleed":"1|0||||$|||||"'
wrong API1026 "Invalid parameter: mobility" "D10009:$dentrix,\"mobility\":\"0\$5\""
wrong API1026 "Invalid parameter: mobility" 'D36225:"mobility":"3"'
wrong API1026 "Invalid parameter: plaque" "D10009:$dentrix,\"plaque\":\"None\$Much\""
wrong API1026 "Invalid parameter: furcation" "D10009:$dentrix,\"furcation\":\"F5: all|||||\$|||||\""
wrong API1026 "Invalid parameter: calculus" 'D36225:"calculus":"2|||||$|||||"'
wrong API1020 "Missing parameter: chart_date" 'D10009:"provider_id":"DOC1","script":"Standard"'
like "$(verdict D36225 POST "$path" "$body" '"pocket_depth":null')" '^API2019 Missing parameter: one of mobility,' "OpenDental charts something"

# Checks that need the practice's records are made by its server, later.
K=$(cat "$T/D36225")
change() { key -X "$1" -H 'Content-Type: application/json' -d '{"practice_id":"2",'"$2}" "$B/appointments/5" >"$T/answer"; }
settle() { sim -X POST "$R/advance?seconds=61" >"$T/answer"; }
change PATCH '"appointment_sr_no":"5","op":"replace","path":"/appointment_status","value":"Broken"'
settle
change PUT '"date":"2031-02-07","time":"08:00"'
change PUT '"date":"2031-02-07","time":"08:00","operatory":"OP1"'
settle
is "$(sim "$R/state" | jq -r '.writebacks[-2:][] | .state + ": " + .result')" "failed: A broken appointment needs date, time and operatory
completed: Appointment updated successfully" "Dentrix G6 moves a broken appointment by all three"

# --- routes ------------------------------------------------------------------------------------------
# Which operations there are is said by sikka-book: the differential test compares its table with the
# simulator's. What has no route is refused with API2009 or API2014, before the body is read.
sikka-book --describe -F jsonl | jq -r '.method + " " + .path' | sed 's/{[^}]*}/5/' >"$T/operations"
[ -s "$T/operations" ]
ok $? "the operations were read"
while read -r method path; do
	is "$(sim -H "Request-Key: $K" -X "$method" -H 'Content-Type: application/json' -d '[]' "$B$path" | jq -r .long_message)" "The body is no JSON object" \
	    "$method $path has a route in cmd/sikka-sim/routes.c"
done <"$T/operations"

# --- names of systems --------------------------------------------------------------------------------
called() { # NAME[:VERSION]: what office D36225 has from now on
	start --pms "D36225=$1"
	new_key D36225
	echo "$K" >"$T/D36225"
}
tells() { verdict D36225 POST "$1" "$2" "${3:-}"; } # PATH BODY CHANGES
for one in 'open dental:22.1' 'OPENDENTAL' 'Open-Dental 22.1'; do
	called "$one"
	is "$(tells /document "$paper")" ok "$one is OpenDental"
done
for one in Dentrix:G6.2 'Dentrix G6:' 'dentrix:G7' 'Dentrix G10.1:' 'Dentrix:g 6' Dentrix:V16.6 Dentrix:16 Dentrix:17.3; do
	called "$one"
	is "$(tells /claim_payment "$payment")" "API2019 Invalid parameter: deductible" "$one is Dentrix G6"
	is "$(tells /perio_chart "$perio" "$dentrix")" ok "and a Dentrix"
done
for one in Dentrix:11.0 'Dentrix G5.1:' Dentrix:G Dentrix:V15.9 Dentrix:15; do
	called "$one"
	is "$(tells /claim_payment "$payment") $(tells /perio_chart "$perio" "$dentrix")" "ok ok" "$one is Dentrix"
done
called 'Dentrix Core:17'
is "$(tells /claim_payment "$payment") $(tells /perio_chart "$perio" "$dentrix")" \
    "ok API1027 The practice management system doesn't take this writeback" "Dentrix Core is none"
called 'Planet DDS:WebV3.0'
is "$(tells /appointment "$visit")" "API1020 Missing parameter: production_type" "name and version together"
called 'Planet DDS:3.0'
is "$(tells /appointment "$visit")" ok "unlike one that no rule names"
done_testing
