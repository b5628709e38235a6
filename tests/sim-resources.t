#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-sim: every readable resource, who may ask for it and what for; and whatever a practice's own values
# are read from has some
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/lib-sim.sh"

# Those of the application; what a request key opens stands in its scope.
application='applications authorized_practices data_sync_status health_check practice_location remote_command_status
supported_pmses writebacks'
needs() { # the parameters that a resource must have
	case $1 in
	operatories) echo cust_id=D36225-1 ;;
	patient360) echo 'practice_id=1&patient_id=7' ;;
	practice_events) echo events=appointments ;;
	practice_location) echo office_id=D36225 ;;
	remote_command_status | writeback_status) echo id=275495 ;;
	writeback_details) echo writeback_type=new_patient ;;
	writebacks) echo "startdate=$day&enddate=$tomorrow" ;;
	esac
}
day=$(date -u +%Y-%m-%d) tomorrow=$(date -u -d '+1 day' +%Y-%m-%d)
# statuses RESOURCES SUFFIX CURL-ARGUMENT …: how often each status came, asked with what each needs and the suffix
statuses() {
	resources=$1 suffix=$2
	shift 2
	for resource in $resources; do
		case $suffix in none) query= ;; *) query="$(needs "$resource")&$suffix" ;; esac
		echo "url=\"$B/$resource?$query\""
	done >"$T/urls"
	# a transfer each, and one -o each: the bodies don't matter
	sed 's|$|\noutput=/dev/null|' "$T/urls" >"$T/config"
	curl -sS -K "$T/config" -w '%{http_code}\n' "$@" | sort | uniq -c | awk '{ printf "%s", (NR > 1 ? " " : "") $2 ":" $1 }'
}

start --offices 14
new_key D36225
office=$(json '.scope' | tr ',' '\n' | grep -vE '^(start|end)$')
APP='-H App-Id:sikka-sim-app -H App-Key:sikka-sim-key'
# shellcheck disable=SC2086 # several words on purpose
{
	is "$(echo $office | wc -w) $(echo $application | wc -w)" "117 8" "125 resources"
	got=$(statuses "$office" '' -H "Request-Key: $K")
	like "$got" '^200:[0-9]+ 204:[0-9]+$' "with a request key each of the office's answers ($got)"
	is "$(statuses "$office" '' $APP)" "400:117" "with the application's credentials none of them"
	got=$(statuses "$application" '' $APP)
	like "$got" '^200:6 204:2$' "those of the application answer to its credentials ($got)"
	is "$(statuses "$application" '' -H "Request-Key: $K")" "400:8" "and to no request key"
	is "$(statuses "$office" 'shoe_size=9' -H "Request-Key: $K") $(statuses "$application" 'shoe_size=9' $APP)" "400:117 400:8" "an unknown parameter is refused everywhere"
	is "$(statuses "operatories patient360 practice_events writeback_details writeback_status" none -H "Request-Key: $K") $(statuses "practice_location remote_command_status writebacks" none $APP)" \
	    "400:5 400:3" "so is the lack of one that is needed"
	is "$(statuses "$office" 'limit=5000' -H "Request-Key: $K" | tr -d '0-9')" ": :" "5000 is the largest page"
	is "$(statuses "$office" 'limit=5001' -H "Request-Key: $K")" "400:117" "and no more"
	got=$(statuses "$office" 'find=practice_id%3Deq_1' -H "Request-Key: $K")
	like "$got" '^200:[0-9]+ 204:[0-9]+$' "find= everywhere"
}

# --- order, and what was loaded when -------------------------------------------------------------------
order() { key "$B/$1" >"$T/answer"; json "[.items[] | .$2] | join(\" \")"; }
is "$(order 'patients?limit=3&sort_by=patient_id' patient_id)" "1 2 3" "sort_by"
is "$(order 'patients?limit=3&sort_by=-patient_id' patient_id)" "40 39 38" "downwards"
is "$(order 'appointments?limit=4&sort_by=appointment_time,-appointment_date' date)" "2025-01-07 2025-01-07 2025-01-07 2025-01-07" "by two"
is "$(order 'patients?limit=3&sort_by=email' patient_id)" "1 2 3" "what a resource can't be sorted by changes nothing"
is "$(order 'patients?limit=40&sort_by=-first_name' firstname)" "$(order 'patients?limit=40&sort_by=-firstname' firstname)" "a member with two names is sorted by either"
is "$(key "$B/patients?loaded_startdate=$day")" 204 "nothing has been loaded today"
is "$(key "$B/patients?loaded_enddate=2025-01-06") $(json .total_count)" "200 40" "what was there from the start is old"
for bad in today 2025-02-30 2025-01-06T25 '2025-01-06T01:02'; do
	key "$B/patients?loaded_startdate=$bad"
done >"$T/bad"
is "$(sort -u "$T/bad")" "400 API1026" "moments that are none"
key -H 'Content-Type: application/json' -d '{"firstname":"Zoë","lastname":"Zander","provider_id":"DOC1","practice_id":"1"}' "$B/patient" >"$T/answer"
sim -X POST "$R/advance?seconds=61" >"$T/answer"
is "$(key "$B/patients?loaded_startdate=$day") $(json '.items[] | .patient_id + (has("loaded_date") | tostring)')" "200 41false" "a new patient is loaded now"
key "$B/patients?loaded_startdate=$day&fields=loaded_date" >"$T/answer"
when=$(json '.items[0].loaded_date')
like "$when" '^20[0-9-]+T[0-9:]+$' "when, is told who asks ($when)"
is "$(key "$B/patients?loaded_startdate=$when") $(key "$B/patients?loaded_startdate=$(date -u -d "${when}Z +1 second" +%Y-%m-%d%%20%H:%M:%S)")" "200 204" "to the second"

# --- events --------------------------------------------------------------------------------------------
is "$(key "$B/practice_events?events=patients") $(json .total_count)" "200 41" "practice_events"
events() { key "$B/practice_events?$1" >"$T/answer" && json '.items[] | [.patient_id, .appointment_sr_no // "-", .flag, (.changes | map(.field + ":" + .old_value + ":" + .new_value) | join(","))] | join(" ")'; }
is "$(events 'events=patients&interval=5')" "41 - added " "of the last minutes: the record, and what became of it"
is "$(json '.items[0] | .firstname, (.loadeddate | test("^20[0-9-]+T[0-9:]+$")), has("loaded_date")' | tr '\n' ' ')" "Zoë true false " "with when"
for word in Arrived Broken; do
	key -X PATCH -H 'Content-Type: application/json' -d "{\"op\":\"replace\",\"path\":\"/appointment_status\",\"value\":\"$word\",\"appointment_sr_no\":\"1\",\"practice_id\":\"1\"}" "$B/appointments/1" >"$T/answer"
	sim -X POST "$R/advance?seconds=61" >"$T/answer"
done
is "$(events 'events=appointments&interval=5' | cut -d' ' -f2- | tr '\n' '|')" "1 updated status:Confirmed:Arrived|1 updated status:Arrived:Broken|" "each change"
is "$(events 'events=appointments&interval=5&status=current' | cut -d' ' -f2-)" "1 updated status:Arrived:Broken" "or the latest of each record"
is "$(events 'events=appointments&status=current&limit=500' | wc -l) $(events 'events=appointments&limit=500' | wc -l)" "87 88" "also of those from the start"
is "$(sim -X DELETE "$R/record?office_id=D36225&resource=appointments&id=3" | jq -r '.error // "ok"') $(sim -X DELETE "$R/record?office_id=D36225&resource=appointments&id=3" | jq -r .error)" "ok no such record" "a record is deleted once"
is "$(events 'events=appointments&interval=5&status=current' | cut -d' ' -f2- | tail -n 1)" "3 deleted " "and told as deleted"
is "$(key "$B/appointments?limit=5000") $(json '.total_count + " " + (.items | map(.appointment_sr_no) | .[1:4] | join(","))')" "200 86 2,4,5" "but in no list"
is "$(key "$B/practice_events?events=appointments&interval=1440&loaded_startdate=2999-01-01") $(json .total_count)" "200 3" "interval instead of loaded_startdate"
is "$(key "$B/practice_events?events=appointments&loaded_startdate=$day") $(json .total_count) $(key "$B/practice_events?events=appointments&loaded_startdate=$tomorrow")" "200 3 204" "which counts alone"
sim -X POST "$R/advance?seconds=600" >"$T/answer"
is "$(key "$B/practice_events?events=patients&interval=5")" 204 "an interval passes"
for bad in events=weddings events=appointments,kpis events=appointment events= 'events=patients&interval=x' 'events=patients&interval=0' 'events=patients&interval=1441' 'events=patients&interval=1.5' 'events=patients&status=latest'; do
	key "$B/practice_events?$bad"
done | sort | uniq -c | awk '{ print $1, $2, $3 }' >"$T/bad"
is "$(tr '\n' ' ' <"$T/bad")" "1 400 API1020 8 400 API1026 " "one of 14 kinds, 1 to 1440 minutes"

# --- what is no ordinary list --------------------------------------------------------------------------
is "$(key "$B/kpis") $(json '.items | map(.kpi_name) | join(" ")')" "200 adjusted_collection gross_production new_patients" "kpis lists names"
is "$(key "$B/kpis?kpi_name=new_patients&startdate=2025-01-01&enddate=2025-02-01") $(key "$B/kpis?practice_id=1&startdate=2025-01-01&enddate=2025-02-01")" "400 API1020 400 API1020" "figures need a practice, days and a name"
is "$(key "$B/kpis?kpi_name=new_patients&practice_id=1&startdate=2025-01-01&enddate=2025-02-01") $(json '.items[].new_patients')" "200 1000.50" "with all of them there are some"
is "$(key "$B/kpis/new_patients?practice_id=2&startdate=2025-01-01&enddate=2025-02-01") $(json '.items[].new_patients')" "200 2000.50" "also with the name in the path"
is "$(key "$B/patient360?practice_id=1&patient_id=7") $(json 'has("items"), (.patients[] | .patient_id)' | tr '\n' ' ')" "200 false 7 " "patient360 is an object"
is "$(key "$B/patient_eligibility_payers?limit=1") $(json 'type, length' | tr '\n' ' ')" "200 array 3 " "payers are an array, whatever page is asked for"
is "$(key "$B/payment/transactions") $(json .total_count)" "200 2" "payments of the last 30 days"
is "$(key "$B/payment/transactions?startdate=2025-01-01") $(json .total_count)" "200 3" "or since a day"

# --- offices -------------------------------------------------------------------------------------------
sim -X POST "$R/office?office_id=D20006&spu=offline" >"$T/answer"
sim -X POST "$R/advance?seconds=3600" >"$T/answer"
is "$(app "$B/data_sync_status?limit=100") $(json '.total_count, (.items | map(select(.status == "not_refresh").office_id) | join(" "))' | tr '\n' ' ')" "200 15 D20006 " "data_sync_status tells who is off"
app "$B/data_sync_status?interval=30&limit=100" >"$T/answer"
is "$(json '.total_count + " " + ([.items[].interval] | unique | join(" "))')" "14 30" "with interval= only who was seen of late"
is "$(app "$B/data_sync_status?interval=90&office_id=D20006") $(app "$B/data_sync_status?interval=30&office_id=D20006") $(app "$B/data_sync_status?interval=soon")" "200 204 400 API1026" "in minutes"

# --- what a practice's own values are read from ----------------------------------------------------------
# A query a line, as the vendor's documents have them for the values of fields; for each office, with its own cust_id.
cat >"$T/choices" <<'END'
patients?
practices?
guarantors?
providers?status=active
providers?status=active&provider_type=Staff
providers?status=active&provider_type=Provider
providers?status=active&is_user=false
practices?fields=is_main_office
providers?provider_type=Staff
providers?is_user=true
pms_users?status=active
procedure_codes?
note_types?
operatories?is_hidden=F&cust_id=OFFICE-1
practice_variables?service_name=Appointment%20Status
practice_variables?service_name=Claim%20Status
payment_types?
payment_types?is_insurance_type=true
payment_types?is_adjustment_type=true
payment_types?is_debit_adjustment_type=true
lab_test_details?category=labname
lab_test_details?category=labtemplate
lab_test_details?category=Chemistry
lab_test_details?category=Hematology
writeback_details?writeback_type=new_appointment&category=apptdesc
writeback_details?writeback_type=new_appointment&category=appttype
writeback_details?writeback_type=new_appointment&category=ApptProdType
writeback_details?writeback_type=update_appointment&category=Schedule
writeback_details?writeback_type=update_appointment&category=ApptType
writeback_details?writeback_type=patch_appointment&category=ApptStatusChangedBy
writeback_details?writeback_type=patch_appointment&category=CancelBy
writeback_details?writeback_type=patch_appointment&category=cancellationcodeid
writeback_details?writeback_type=new_patient&category=Sex
writeback_details?writeback_type=new_patient&category=Country
writeback_details?writeback_type=new_patient&category=Status
writeback_details?writeback_type=new_patient&category=Type
writeback_details?writeback_type=new_patient&category=Relationship
writeback_details?writeback_type=new_patient&category=species
writeback_details?writeback_type=new_patient&category=species&item=Canine
writeback_details?writeback_type=new_patient&category=species&item=Feline
writeback_details?writeback_type=new_patient&category=petclass
writeback_details?writeback_type=new_patient&category=clientclass
writeback_details?writeback_type=update_patient&category=Gender
writeback_details?writeback_type=update_patient&category=Salutation
writeback_details?writeback_type=update_patient&category=Status
writeback_details?writeback_type=update_patient&category=Type
writeback_details?writeback_type=update_patient&category=Race
writeback_details?writeback_type=update_patient&category=Language
writeback_details?writeback_type=update_patient&category=Mail_method
writeback_details?writeback_type=update_patient&category=Gender_identifier
writeback_details?writeback_type=update_patient&category=School
writeback_details?writeback_type=claim_payment&category=bank%20name
writeback_details?writeback_type=medical_note&category=AcknowledgeType
writeback_details?writeback_type=document&category=DocumentType
writeback_details?writeback_type=document&category=ImgType
writeback_details?writeback_type=Patient%20Payment&category=Bank%20Name
writeback_details?writeback_type=perio_chart&category=Script
writeback_details?writeback_type=perio_chart&category=Mobility
writeback_details?writeback_type=perio_chart&category=Plaque
writeback_details?writeback_type=perio_chart&category=BoneLoss
writeback_details?writeback_type=perio_chart&category=Furcation
END
for office in D36225 D20006 D10003 D10004 D10005 D10006 D10007 D10008 D10009 D10010 D10011 D10012 D10013 D10014; do
	new_key "$office"
	sed "s|OFFICE|$office|; s|.*|url=\"$B/&\"\noutput=/dev/null|" "$T/choices" >"$T/config"
	curl -sS -K "$T/config" -H "Request-Key: $K" -w '%{http_code} %{url_effective}\n'
done >"$T/found"
is "$(awk '$1 != 200' "$T/found")" "" "every office has some"
is "$(wc -l <"$T/found" | tr -d ' ')" "$(($(wc -l <"$T/choices") * 14))" "of each"
new_key D36225
for query in note_types payment_types lab_test_details providers pms_users procedure_codes practice_variables; do
	key "$B/$query?practice_id=2"
done >"$T/second"
is "$(sort -u "$T/second")" 200 "the second practice of an office has its own"

# --- what is asked with a body --------------------------------------------------------------------------
# post PATH BODY [TYPE]: the status, and the text or code of the answer
post() {
	curl -sS -X POST "$B/$1" -H "Request-Key: $K" -H "Content-Type: ${3:-application/json}" -d "$2" -w '\n%{http_code}' >"$T/posted"
	echo "$(tail -n 1 "$T/posted") $(sed '$d' "$T/posted" | jq -r '.long_message // (.total_count + " " + (.items | length | tostring)) // "one"' 2>/dev/null)"
}
new_key D36225
writebacks=$(held '.writebacks | length')
Q='SELECT [patients.patient_id] FROM [patients]'
query() { jq -cn --arg q "$1" '{pql: $q, limit: "3", offset: "1"}'; }
is "$(post practice_query "$(query "$Q")")" "200 41 3" "a query: a page of its rows"
is "$(sed '$d' "$T/posted" | jq -c .items)" '[{"patient_id":"4"},{"patient_id":"5"},{"patient_id":"6"}]' "with the fields that it selects"
is "$(post practice_query "$(query "select [patients.patient_id],[patients.lastname] from [patients] where [patients.patient_id]='7' and [patients.lastname] = 'x''y'")")" \
    "204 " "a condition that nothing meets"
while read -r query; do
	is "$(post practice_query "$(query "$query")" | cut -c1-35)" "400 Invalid parameter: pql" "$query"
done <<'END' 2>/dev/null
SELECT
SELECT * FROM [patients]
SELECT [patients.patient_id]
SELECT [patients.patient_id] FROM [patients] WHERE
SELECT [patients.patient_id] FROM [patients] WHERE [patients.patient_id] = 7
SELECT [patients.patient_id] FROM [patients] WHERE [patients.patient_id] = '7
SELECT [patients.patient_id] FROM [patients]; DELETE
SELECT [a.b] FROM [writebacks]
END
like "$(post practice_query "$(query 'SELECT [patients.nothing] FROM [patients]')")" "unknown field" "an unknown field"
like "$(post practice_query "$(query 'SELECT [claims.claim_sr_no] FROM [patients]')")" "unknown field" "a field of another table"
is "$(post practice_query '{"pql":"x","limit":50}')" "400 Invalid parameter: limit" "a number in place of a text"
is "$(post practice_query '{"pql":"x","more":"y"}')" "400 Invalid parameter: more" "a member more"
is "$(post practice_query '{}')" "400 Missing parameter: pql" "none"
is "$(post 'practice_query?limit=5' "$(query "$Q")")" "400 Invalid parameter: limit" "a parameter in the query of the URL"
like "$(post practice_query "$(query "$Q")" text/plain)" "Content-Type" "another type"
like "$(key "$B/practice_query")" "^405 " "GET isn't allowed"
person='{"firstname":"A","lastname":"B","birthdate":"2011-01-31","subscriber_id":"1","npi":"2","payer_id":"PRINCIPAL"}'
is "$(post sandbox/patient_eligibility "$person" | cut -c1-3)" 200 "the sandbox of eligibility"
is "$(sed '$d' "$T/posted" | jq -r .patient.name)" "A B" "tells of the patient"
is "$(post patient_eligibility "$person")" "400 Invalid parameter: payer_id" "PRINCIPAL is a payer of the sandbox only"
is "$(post sandbox/patient_eligibility "$(echo "$person" | jq -c '.is_clear_coverage = "true"')")" "400 Invalid parameter: is_clear_coverage" "the sandbox lacks it"
payer=$(curl -sS "$B/patient_eligibility_payers" -H "Request-Key: $K" | jq -r '.[0].id')
person=$(echo "$person" | jq -c --arg p "$payer" '.payer_id = $p')
is "$(post patient_eligibility "$person" | cut -c1-3)" 200 "eligibility"
is "$(post patient_eligibility "$(echo "$person" | jq -c 'del(.npi)')")" "400 Missing parameter: npi" "needs all"
is "$(post patient_eligibility "$(echo "$person" | jq -c '.is_dependent = "True"')")" "400 Missing parameter: dependent_firstname" "and more for a dependent"
is "$(post patient_eligibility "$(echo "$person" | jq -c '.birthdate = "31.1.2011"')")" "400 Invalid parameter: birthdate" "dates have two forms"
is "$(held '.writebacks | length')" "$writebacks" "none of these is a writeback"
done_testing
