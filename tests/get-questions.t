#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-get: reads that are asked with a body, practice_query and patient_eligibility
. "$(dirname "$0")/lib.sh"

start_sim --page-max 20
authorize
queries() { sim_count 'POST /practice_query'; }
rows() { wc -l <"$T/out" | tr -d ' '; }

# --- practice_query -----------------------------------------------------------------------------------------------
PQL='SELECT [patients.patient_id], [patients.lastname] FROM [patients]'
run 0 "a query" sikka-get -vv -O D36225 practice_query pql="$PQL"
is "$(rows) $(jq -r .patient_id out | sort -u | wc -l | tr -d ' ') $(queries)" "40 40 2" "all rows, in pages"
is "$(jq -c 'keys_unsorted' out | sort -u)" '["office_id","patient_id","lastname"]' "each with its office in front"
is "$(told '> POST .*/practice_query .*"pql":"\*\*\*","offset":"1","limit":"20"}$')" 1 "the second page is asked for in the body"
is "$(grep -c 'SELECT\|Fox' err)" 0 "the trace has neither the query nor a name"
run 0 "with a condition" sikka-get -O D36225 practice_query pql="$PQL WHERE [patients.patient_id] = '7'"
is "$(said .patient_id)" 7 "is one row"
run 0 "that nothing meets" sikka-get -O D36225 practice_query pql="$PQL WHERE [patients.patient_id] = 'none'"
is "$out" "" "is an empty list"
before=$(queries)
run 0 "all offices" sikka-get practice_query pql="$PQL" --limit 3
is "$(jq -r .office_id out | sort | uniq -c | tr -s ' ' | tr '\n' ,) $(($(queries) - before))" " 3 D20006, 3 D36225, 2" "one page of each is enough"
run 1 "a query that the server doesn't understand" sikka-get -O D36225 practice_query pql='SELECT everything'
like "$err" "/practice_query: Invalid parameter: pql \(API1026\)" "is refused"
run 1 "none" sikka-get -O D36225 practice_query
is "$(told 'practice_query needs the parameter pql') $(told 'API1020')" "1 1" "is warned of, and refused"
run 1 "a parameter of lists" sikka-get -O D36225 practice_query pql="$PQL" find=patient_id=eq_7
is "$(told 'has no known parameter "find"')" 1 "is none of a query's"

# A read may be repeated, also when its answer is lost or its key has ended.
for fault in drop-after status:503; do
	sim_fault "POST /practice_query@1=$fault"
	before=$(queries)
	run 0 "$fault" sikka-get -O D36225 practice_query pql="$PQL"
	is "$(rows) $(($(queries) - before))" "40 3" "a page is asked for again"
	sim_clear_faults
done
sim_post 'office?office_id=D36225&drop_keys=true' >/dev/null
run 0 "a request key that the server doesn't know any more" sikka-get -O D36225 practice_query pql="$PQL"
is "$(rows)" 40 "is renewed"
sim_fault 'POST /practice_query@2-=status:400:API1026'
run 1 "a page that is refused" sikka-get -O D36225 practice_query pql="$PQL"
like "$err" "; 20 records were written; get the rest with --page-size 20 --from-page 2$" "says where to go on"
sim_clear_faults
run 0 "the rest" sikka-get -O D36225 practice_query pql="$PQL" --page-size 20 --from-page 2
is "$(jq -r .patient_id out | head -n 1) $(rows)" "21 20" "begins there"

# --- patient_eligibility ------------------------------------------------------------------------------------------
payer=$(sikka-get -q -O D36225 patient_eligibility_payers --limit 1 2>/dev/null | jq -r .id)
[ -n "$payer" ] || payer=$(curl -sS "$SIKKA_BASE_URL/patient_eligibility_payers" -H "Request-Key: $(sql "SELECT request_key FROM pms_integrations WHERE office_id = 'D36225'")" | jq -r '.[0].id')
eligible() { sikka-get -vv "$@" firstname=Ada lastname=Lovelace birthdate=2011-01-31 subscriber_id=900900900 npi=1234567890; }
run 0 "a patient" eligible -O D36225 patient_eligibility payer_id="$payer"
is "$(said '.office_id + " " + .patient.name + " " + .patient.coverage.status') $(rows)" "D36225 Ada Lovelace active 1" "is one record"
is "$(grep -c 'Ada\|900900900' err) $(told '> POST .*/patient_eligibility .* {"payer_id":"\*\*\*","firstname":"\*\*\*",.*"npi":"\*\*\*"}$')" "0 1" "the trace has no patient, the body no page"
run 0 "a page of one" eligible -O D36225 patient_eligibility payer_id="$payer" --page-size 1
is "$(rows)" 1 "is the same record"
run 0 "the sandbox" eligible -O D36225 sandbox/patient_eligibility payer_id=METLIFE
is "$(said .payer_uuid)" METLIFE "answers, too"
before=$(sim_get requests | jq .total)
run 64 "several offices" eligible patient_eligibility payer_id="$payer"
like "$err" "each office that is asked for patient_eligibility may be charged: name one with -O" "aren't asked"
is "$(sim_get requests | jq .total)" "$before" "nothing was"
run 1 "a dependent" eligible -O D36225 patient_eligibility payer_id="$payer" is_dependent=True dependent_firstname=Byron
is "$(told 'patient_eligibility needs the parameter dependent_lastname for a dependent') $(told 'for a dependent') $(told '\(API1020\)$')" "1 4 1" "what it lacks is told"
run 1 "no such payer" eligible -O D36225 patient_eligibility payer_id=nobody
like "$err" 'payer_id \(API1026\)' "is refused"
is "$(sql 'SELECT count(*) FROM pms_writebacks')" 0 "nothing of all that is in the journal"
is "$(cat "$SIKKA_DB"* | grep -ac 'Lovelace\|900900900\|SELECT \[')" 0 "nor is it anywhere in the state file"

# --- --parameters -------------------------------------------------------------------------------------------------
run 64 "--fields" sikka-get -O D36225 practice_query pql="$PQL" --fields lastname
like "$err" "fields doesn't go with practice_query" "doesn't go with a query"
run 64 "--changed-since" sikka-get -O D36225 practice_query pql="$PQL" --changed-since 1h
jq -cn --arg pql "$PQL" '{pql: $pql}' >query.json
run 0 "--parameters" sikka-get -O D36225 practice_query --parameters query.json
is "$(rows)" 40 "takes them from a file"
run 0 "- is standard input" sh -c 'echo "{\"patient_id\": 7}" | sikka-get -O D36225 patients --parameters - lastname=Fox sort_by=patient_id | cat'
run 0 "numbers, and a list" sh -c 'echo "{\"patient_id\": 7}" | sikka-get -O D36225 patients --parameters -'
is "$(said .patient_id)" 7 "count as texts; they go for every resource"
before=$(sim_get requests | jq .total)
run 66 "a file that is missing" sikka-get -O D36225 patients --parameters nowhere
run 64 "a parameter in both" sikka-get -O D36225 practice_query pql=x --parameters query.json
like "$err" "pql is given twice" "is refused"
bad() { # bad TEXT WHAT PATTERN
	printf '%s' "$1" >bad.json
	run 65 "$2" sikka-get -O D36225 patients --parameters bad.json
	like "$err" "bad.json: $3" "it says so"
}
bad '' "an empty file" "one JSON object is needed"
bad '["Ada"]' "a text" "one JSON object is needed$"
bad '{"a":"1"}{"b":"2"}' "two objects" "only one JSON object is taken"
bad '{"a":{"b":"Ada"}}' "a value with parts" "a must be a text, a number or a boolean, and not empty"
bad '{"a":""}' "an empty value" "a must be"
bad '{"a":"Ada' "half an object" "one JSON object is needed: "
printf '{"limit":"5"}' >bad.json
run 64 "a parameter that is ours" sikka-get -O D36225 patients --parameters bad.json
is "$(sim_get requests | jq .total) $(grep -c Ada err)" "$before 0" "nothing of that was sent"
done_testing
