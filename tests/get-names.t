#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-get: the list of resources, and the warnings before anything is asked
. "$(dirname "$0")/lib.sh"

lines() { wc -l <"$T/out" | tr -d ' '; }
asked() { sim_count "GET /$1"; }

# --- --list: without server, credentials or state file --------------------------------------------------
offline() { env -u SIKKA_APP_ID -u SIKKA_APP_KEY sikka-get "$@"; }
run 0 "--list" offline --list
is "$(lines) $(jq -r 'select(.described).resource' "$T/out" | wc -l | tr -d ' ')" "137 128" "all resources, and of how many there is a description"
is "$(jq -r 'keys_unsorted | join(" ")' "$T/out" | sort -u)" "resource auth required optional sort_by described" "the members"
is "$(jq -r 'select(.auth == "application").resource' "$T/out" | tr '\n' ' ')" \
    "applications authorized_practices data_sync_status health_check practice_location remote_command_status supported_pmses writebacks " \
    "whom the application signs for"
is "$(jq -r 'select(.auth == "office").resource' "$T/out" | wc -l | tr -d ' ')" 129 "the office signs for the others"
is "$(jq -c 'select(.required != []) | [.resource] + .required' "$T/out" | tr '\n' ' ')" \
    '["operatories","cust_id"] ["patient360","practice_id","patient_id"] ["patient_eligibility","firstname","lastname","birthdate","subscriber_id","npi","payer_id"] ["practice_events","events"] ["practice_location","office_id"] ["practice_query","pql"] ["remote_command_status","id"] ["sandbox/patient_eligibility","firstname","lastname","birthdate","subscriber_id","npi","payer_id"] ["writeback_details","writeback_type"] ["writeback_status","id"] ["writebacks","startdate","enddate"] ' \
    "and what must be given"
run 0 "--list as a table" offline --list -F table
is "$(head -n 2 "$T/out" | tr -s ' ' | tr '\n' ';')" "resource auth required;accounts_receivables office [];" "has a head"
run 0 "--list of one that is asked with a body" offline --list practice_query
is "$out" '{"resource":"practice_query","auth":"office","name":"pql","parameter":"required","sort_by":false}' "has its own parameters only"
run 0 "--list RESOURCE" offline --list patients
is "$(jq -r 'select(.parameter == "optional").name' "$T/out" | head -n 3 | tr '\n' ' ')" "email practice_id patient_id " "its parameters"
is "$(jq -r 'select(.sort_by).name' "$T/out" | tr '\n' ' ')" "patient_id firstname lastname rowhash first_name last_name zipcode patient_zipcode " "what it sorts by"
is "$(jq -c 'select(.name == "rowhash" or .name == "find")' "$T/out" | tr '\n' ' ')" \
    '{"resource":"patients","auth":"office","name":"rowhash","parameter":null,"sort_by":true} {"resource":"patients","auth":"office","name":"find","parameter":"every resource","sort_by":false} ' \
    "each with what it is"
is "$(jq -r .name "$T/out" | sort | uniq -d)" "" "no name twice"
run 0 "--list of two" offline --list writebacks practice_events
is "$(jq -r 'select(.parameter == "required") | .resource + "/" + .name' "$T/out" | tr '\n' ' ')" \
    "writebacks/startdate writebacks/enddate practice_events/events " "what each needs"
run 64 "--list of a misspelt one" offline --list pacients
like "$err" 'did you mean patients\?' "the nearest name"
run 64 "no resource" offline
like "$err" "sikka-get --list" "says how to find one"
[ ! -e "$T/state" ]
ok $? "no state file was made"

# --- names and values -----------------------------------------------------------------------------------
start_sim
authorize
run 0 "sort_by" sikka-get -q -O D36225 patients sort_by=patient_id --limit 1
run 0 "sort_by with a misspelt field" sikka-get -O D36225 patients sort_by=patientid --limit 1
like "$err" 'sort field "patientid"; did you mean patient_id\?' "the nearest one"
is "$(lines)" 1 "and it is asked all the same"
run 0 "two orders, the second misspelt" sikka-get -O D36225 appointments sort_by=patient_id,-appointment_dat --limit 1
is "$(told 'sort field')" 1 "one warning"
like "$err" 'did you mean appointment_date\?' "for that one"
run 0 "a resource of which no order is known" sikka-get -O D36225 kpis sort_by=anything --limit 1
is "$err" "" "no warning"

finds() { sikka-get -O D36225 patients "find=$1" >"$T/out" 2>"$T/err"; }
for good in patient_id=eq_7 'patient_id=gte_7::AND::patient_id=lt_9' 'lastname=like_s::OR::patient_id=neq_7' 'patient_id=eq_'; do
	finds "$good"
	is "$(cat "$T/err")" "" "find=$good: no warning"
done
finds 'patient_id=gte_7::AND::patient_id=lt_9'
is "$(lines)" 2 "and goes through as it is"
bad_find() { # bad_find CONDITION WARNINGS PATTERN
	finds "$1"
	is "$(told 'sikka-get: (warning: )?find: ')" "$2" "find=$1: $2 warnings"
	like "$(cat "$T/err")" "$3" "find=$1: which says what"
	unlike "$(grep 'find: ' "$T/err")" "Smith" "find=$1: no value is repeated"
}
bad_find 'lastname=Smith' 1 'condition 1 .*eq_'
bad_find 'patient_id=eq_7::AND::lastname' 1 'condition 2 '
bad_find '=eq_Smith' 1 'condition 1 '
bad_find 'lastname=eq_Smith::AND::' 1 'condition 2 '
bad_find 'lastname=eq_Smith::and::patient_id=eq_7' 1 'capitals'
is "$(asked patients)" 12 "each was asked all the same"

before=$(sim_get requests | jq .total)
for ours in offset=2 limit=3; do
	run 64 "$ours" sikka-get -O D36225 patients $ours
	like "$err" "--from-page" "says how it is asked"
done
run 64 "a parameter twice" sikka-get -O D36225 patients patient_id=7 patient_id=8
like "$err" "patient_id is given twice" "is named"
run 64 "fields= beside --fields" sikka-get -O D36225 patients fields=a --fields b
is "$(sim_get requests | jq .total)" "$before" "nothing of this was sent"

# --- what must be given -----------------------------------------------------------------------------------
run 1 "practice_events without events" sikka-get -O D36225 practice_events
like "$err" "practice_events needs the parameter events" "a warning names it"
like "$err" "API1020" "before the server does"
run 0 "practice_events" sikka-get -O D36225 practice_events events=appointments
is "$err" "" "with it: none"
run 0 "a resource of the application that wants an office" sikka-get practice_location
is "$(jq -r .office_id "$T/out" | sort -u | tr '\n' ' ')" "D20006 D36225 " "is asked for each"
is "$(asked practice_location)" 2 "once"
is "$err" "" "without a warning"
run 0 "-O names it" sikka-get -O D20006 practice_location
is "$(jq -r .office_id "$T/out" | sort -u)" "D20006" "for that one"
run 0 "or its parameter" sikka-get practice_location office_id=D36225
is "$(jq -r .office_id "$T/out" | sort -u)" "D36225" "for that one"

# --- what the documents say beyond names ----------------------------------------------------------------
asks() { # asks WARNINGS PATTERN RESOURCE NAME=VALUE …
	n=$1 says=$2
	shift 2
	sikka-get -O D36225 "$@" --limit 1 >"$T/out" 2>"$T/err"
	is "$(told 'asking all the same')" "$n" "$*: $n warnings"
	like "$(cat "$T/err")" "$says" "$*: which say what is wrong"
}
day=$(date -u +%Y-%m-%d)
asks 1 'no known event "appointment"; did you mean appointments\?' practice_events events=appointment
asks 1 'passes over loaded_startdate' practice_events events=patients interval=60 loaded_startdate=2025-01-06
asks 1 'from 1 to 1440 as interval' practice_events events=patients interval=2000
asks 2 'kpis needs the parameter enddate' kpis kpi_name=new_patients practice_id=1
asks 0 '^$' kpis/new_patients practice_id=1 startdate=2025-01-01 enddate=2025-01-31
is "$(jq -r .new_patients "$T/out")" 1000.50 "the figure"
asks 1 'the last 30 days' payment/transactions
asks 0 '^$' payment/transactions startdate=2025-01-01
asks 1 '7 days at the most' writebacks startdate=2025-01-01 enddate=2025-01-31
asks 0 '^$' writebacks startdate="$day" enddate="$day"
asks 0 '^$' patients sort_by=last_name,first_name
asks 0 '^$' veterinary_product_inventory Code=7 sort_by=Code

# --- changed since ------------------------------------------------------------------------------------------
start_canned "$T/answer"
canned '{"offset":"0","limit":"500","total_count":"0","items":[]}'
run 0 "a resource that the documents only name" sikka-get -O D36225 datalimit practice_id=1
is "$err" "" "is asked for without a warning"
run 0 "with -v" sikka-get -v -O D36225 datalimit
like "$err" "datalimit is a resource that the vendor's documents name, and don't describe" "it says so"
since() { # since WHEN: the day that the server is asked for
	: >"$T/canned.log"
	sikka-get -O D36225 contact_details --changed-since "$1" >"$T/out" 2>"$T/err" || cat "$T/err"
	sed -n 's/.*loaded_startdate=\([^& ]*\).*/\1/p' "$T/canned.log"
}
ago() { date -u -d "@$(($(date +%s) - $1))" +%Y-%m-%d; }
day=$(ago 43200)
got=$(since 1s)
[ "$got" = "$day" ] || [ "$got" = "$(ago 43200)" ]
ok $? "a second ago: the day that it was 12 hours ago ($got)"
day=$(ago $((36 * 3600 + 43200)))
got=$(since 36h)
[ "$got" = "$day" ] || [ "$got" = "$(ago $((36 * 3600 + 43200)))" ]
ok $? "36h"
like "$(cat "$T/err")" "asking for records loaded since $got, .*time zone" "and it says so"
is "$(since 2026-02-07)" 2026-02-06 "a date is its midnight here (UTC)"
is "$(TZ=XYZ-14 since 2026-02-07)" 2026-02-05 "in a zone far in the east"
is "$(TZ=XYZ12 since 2026-02-07)" 2026-02-07 "in the westernmost one"
is "$(since 2026-02-07T11:59)" 2026-02-06 "a time"
is "$(since 2026-02-07T12:00:00)" 2026-02-07 "with seconds"
is "$(TZ=XYZ-14 since 2026-02-07T12:00:00Z)" 2026-02-07 "with a Z the zone is UTC's"
is "$(since '2026-02-07 15:30')" 2026-02-07 "with a blank"
: >"$T/canned.log"
for bad in yesterday 2026-02-30 2026-13-01 26-02-07 2026-02-07T25:00 '' 36 2026 0h 2999-01-01; do
	run 64 "--changed-since '$bad'" sikka-get -O D36225 patients --changed-since "$bad"
done
run 64 "beside loaded_startdate=" sikka-get -O D36225 patients --changed-since 6h loaded_startdate=2026-02-07
is "$(cat "$T/canned.log")" "" "nothing of this was sent"
run 0 "quiet" sikka-get -q -O D36225 patients --changed-since 6h
is "$err" "" "says nothing"
done_testing
