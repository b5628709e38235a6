#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-book: a request that breaks the rules of the practice's system isn't sent, and all that is wrong
# with it is reported at once
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0
authorize
# pms NAME [VERSION]: sets the system of the practices
pms() { sql "UPDATE practices SET pms = '$1', pms_version = '${2:-}'"; }
# faults: the last record's, as "field rule; field rule"
faults() { said '[.faults[] | .field + " " + .rule] | join("; ")'; }

# --- all of them at once --------------------------------------------------------------------------------

pms OpenDental 22.1
posts=$(sim_count 'POST /appointment')
booking date=Smith-31 time=25:61 description="$(printf 'a\tSmith')" length=0 operatory= >in
run 65 "five faults in one request" sikka-book in
is "$(wc -l <out)" 1 "one record"
is "$(said '[.line, .error_code, .field] | map(tostring) | join(" ")')" "1 invalid date" "the line, the code, the first field"
is "$(faults)" "date format; time format; length min; description plain_text; operatory required" "all of them, with their rules"
is "$(said '.error_message == .faults[0].message')" true "the message is that of the first"
is "$(said '[.faults[].message | length > 10] | all')" true "each has one"
is "$(wc -l <err) $(told '^sikka-book: line 1: (date|time|length|description|operatory): ')" "5 5" "a line each on stderr"
unlike "$(cat out err)" 'Smith|25:61' "no value is repeated"
is "$(sim_count 'POST /appointment') $(sql 'SELECT count(*) FROM pms_writebacks')" "$posts 0" "nothing is sent, nothing journaled"
run 65 "-q tells faults all the same" sikka-book -q in
is "$(wc -l <err)" 5 "each"

# --- a set ------------------------------------------------------------------------------------------------

jq -cn '{office_id: "D36225", practice_id: "1", operation: "update_claim", claim_sr_no: "7"}' >in
run 65 "at least one is missing" sikka-book in
is "$(said .field) $(faults)" "status status at_least_one; note at_least_one; custom_track_status at_least_one" "each field of the set is named"
is "$(wc -l <err)" 1 "in one line on stderr"
like "$err" '^sikka-book: line 1: status, note, custom_track_status: at least one' "which names all"
jq -cn '{office_id: "D36225", practice_id: "1", operation: "add_lab_result", patient_id: "1", guarantor_id: "1",
    provider_id: "DOC1", lab_name: "l", template_name: "t", test_name: "a|b", result: "1|2", operator: "=|=",
    reference_low: "1", reference_high: "1|2"}' >in
run 65 "lists of different lengths" sikka-book in
is "$(faults)" "test_name same_count; result same_count; operator same_count; reference_low same_count; reference_high same_count" \
    "each list is named"

# --- the practice's system -----------------------------------------------------------------------------------

booking time=08:00 >in
pms OrthoTrac
run 65 "a field that OrthoTrac needs" sikka-book in
is "$(faults)" "staff required; type required" "is asked for"
like "$err" 'OrthoTrac' "in its name"
pms 'ortho-trac 14.0'
run 65 "the name is read without case, hyphens and version" sikka-book -n in
pms Dentrix G6.2
jq -cn '{office_id: "D36225", practice_id: "1", operation: "add_document", patient_id: "1", document_type: "t", document_name: "n",
    created_datetime: "2026-01-01", type: "t", document_base64: "QQ=="}' >document
run 65 "an operation that it doesn't take" sikka-book -n document
is "$(said .field) $(faults)" "operation operation pms" "is a fault"
like "$err" "Dentrix G6 doesn't take add_document: only OpenDental" "which says who does"
pms OpenDental
run 0 "and none where it does" sikka-book -n document

# --- warnings --------------------------------------------------------------------------------------------------

pms OpenDental
booking time=08:10 staff=S1 providerid=DOC1 >in
run 0 "a field that the system ignores, and one that there isn't" sikka-book in
is "$(said .result)" pending "don't stop the request"
is "$(wc -l <err) $(told 'line 1: staff: OpenDental ignores this field') $(told 'line 1: providerid: .* did you mean provider_id')" "2 1 1" "each is a warning"
booking time=08:20 staff=S1 >in
run 0 "-q" sikka-book -q in
is "$err" "" "says nothing of it"
booking time=08:30 birthdate=x >in
run 0 "what it ignores isn't checked" sikka-book in
pms 'Some other system'
booking time=08:40 birthdate=x >in
run 0 "a system that nobody knows has the general rules" sikka-book in
booking time=8:40 >in
run 65 "which count" sikka-book in
is "$(faults)" "time format" "as everywhere"

# --- a day that has passed -----------------------------------------------------------------------------------------

pms ''
{ booking date=2020-03-04; booking time=08:40; } >in
run 0 "-n of a day in the past" sikka-book -n in
is "$(told '^sikka-book: line 1: date: has passed')/$(wc -l <err)" "1/1" "warns of it, and of no other"
booking "date=$(date +%Y-%m-%d)" time=02:00 >in
run 0 "two o'clock this night" sikka-book -n in
is "$err" "" "isn't over everywhere at noon"
later 3h
run 0 "three hours later" sikka-book -n in
is "$(told 'date: has passed')" 1 "it is"
pms OpenDental

# --- several files ------------------------------------------------------------------------------------------------

pms OpenDental
booking time=x >a.json
{ booking time=08:50; booking date=x; echo '{,'; } >b.json
run 65 "several files" sikka-book a.json b.json
is "$(told '^sikka-book: a.json: line 1: time: ') $(told '^sikka-book: b.json: line 2: date: ') $(told '^sikka-book: b.json: line 3: ')" "1 1 1" \
    "are named on stderr"
run 65 "a single one" sikka-book b.json
unlike "$err" 'b.json' "isn't"

# --- --no-validate -----------------------------------------------------------------------------------------------

pms OrthoTrac
booking time=x staff=S nonsense=1 >in
run 1 "--no-validate" sikka-book --no-validate in
is "$(said '.result')" failed "leaves it to the server"
unlike "$err" 'ignores|no such field' "and warns of nothing"
echo '{"office_id":"D36225","practice_id":"1","operation":"update_claim","claim_sr_no":"7/8","status":"x"}' >in
run 65 "what can't stand in a path" sikka-book --no-validate in
is "$(faults)" "claim_sr_no path" "is a fault all the same"
done_testing
