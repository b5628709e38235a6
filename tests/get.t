#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-get: whole lists, in pages, through whatever happens on the way
. "$(dirname "$0")/lib.sh"

lines() { wc -l <"$T/out" | tr -d ' '; }
asked() { sim_count "GET /$1"; }

start_sim --page-max 50
authorize

# --- what comes out -----------------------------------------------------------------------------------
run 0 "one office" sikka-get -O D36225 appointments
is "$(lines)" 87 "all 87 appointments"
is "$(jq -r 'select(has("appointment_sr_no")) | keys_unsorted[0] + " " + .office_id' "$T/out" | sort | uniq -c | tr -s ' ')" " 87 office_id D36225" "one object a line, each marked with its office"
is "$(jq -r .appointment_sr_no "$T/out" | sort -u | wc -l | tr -d ' ')" 87 "none twice"
is "$err" "" "nothing on stderr"
is "$(asked appointments)" 2 "a page granted smaller than asked is the page size: 50 and 37"
run 0 "all offices" sikka-get appointments
is "$(jq -r '.office_id' "$T/out" | sort | uniq -c | tr -s ' ' | tr '\n' ,)" " 11 D20006, 87 D36225," "each marked with its office"
is "$(jq -r 'keys_unsorted[0]' "$T/out" | sort -u)" office_id "in front"
run 0 "as JSON" sikka-get -O D36225 appointments -F json
is "$(jq length "$T/out")" 87 "one array"
run 0 "as a table" sikka-get -O D20006 appointments -F table
is "$(lines)" 12 "a head and a line each"
run 0 "from a pipe's point of view" sh -c 'sikka-get appointments | head -n 1'
is "$(lines)$err" 1 "a reader that goes away is no trouble"

# --- what is asked ------------------------------------------------------------------------------------
run 0 "a parameter" sikka-get -O D36225 patients patient_id=7
is "$(jq -r .patient_id "$T/out")" 7 "chooses the record"
run 0 "a value with characters of its own" sikka-get -O D36225 patients 'find=patient_id=eq_7'
is "$(jq -r .patient_id "$T/out")" 7 "goes through as it is"
run 0 "two parameters" sikka-get -O D36225 appointments startdate=2025-01-06 enddate=2025-01-06
is "$(jq -r .date "$T/out" | sort -u)" 2025-01-06 "both count"
run 0 "--fields" sikka-get -O D36225 patients --limit 1 --fields get_all
is "$(jq 'has("rowhash") and has("firstname")' "$T/out")" true "adds fields"
run 0 "lightweight=true" sikka-get -O D36225 patients --limit 1 --fields patient_id lightweight=true
is "$out" '{"office_id":"D36225","patient_id":"1"}' "leaves those only"
sim_fault 'GET /patients@1=edit:|"items":[{|"items":[{"office_id":null,|'
run 0 "a record whose office_id is null" sikka-get -O D36225 patients --limit 2
is "$(jq -r '.office_id' "$T/out" | tr '\n' ' ') $(jq -r 'keys_unsorted[0]' "$T/out" | sort -u)" "D36225 D36225  office_id" "is marked like the others"
sim_clear_faults
before=$(asked appointments)
run 0 "--limit" sikka-get -O D36225 appointments --limit 5
is "$(lines) $(($(asked appointments) - before))" "5 1" "5 records, one request"
before=$(asked appointments)
run 0 "--limit over several pages" sikka-get -O D36225 appointments --limit 60
is "$(lines) $(($(asked appointments) - before))" "60 2" "as many as it takes"
run 0 "--limit counts for each office" sikka-get appointments --limit 3
is "$(lines)" 6 "3 of each"
before=$(asked appointments)
run 0 "--page-size" sikka-get -O D36225 appointments --page-size 20
is "$(lines) $(($(asked appointments) - before))" "87 5" "87 in pages of 20"
run 0 "--page-size 29, a divisor" sikka-get -O D36225 appointments --page-size 29
is "$(lines) $(($(asked appointments) - before))" "87 8" "ends with the count, not with an empty page"
for bad in 0 -1 5001 x ''; do run 64 "--page-size '$bad'" sikka-get --page-size "$bad" patients; done
run 64 "--limit 0" sikka-get --limit 0 patients
run 0 "nothing matches" sikka-get -O D36225 patients patient_id=999999
is "$out$err" "" "is an empty list"
run 0 "a status of 204" sikka-get -O D36225 appointments startdate=2099-01-01
is "$out" "" "too"

# --- names ------------------------------------------------------------------------------------------
run 1 "an unknown resource" sikka-get -O D36225 appointmets
like "$err" "did you mean appointments\\?" "the nearest name"
is "$(asked appointmets)" 1 "and is asked all the same"
run 1 "an unknown parameter" sikka-get -O D36225 appointments startdat=2025-01-06
like "$err" "did you mean startdate\\?" "the nearest name"
is "$(sim_get requests | jq '.routes["GET /appointments"].statuses["400"]')" 1 "and is asked all the same"
run 1 "quiet" sikka-get -q -O D36225 appointmets
unlike "$err" "did you mean" "no warning"
before=$(sim_get requests | jq .total)
run 64 "a key in the query" sikka-get -O D36225 patients request_key=0123456789abcdef0123456789abcdef
unlike "$err" "0123456789abcdef" "isn't repeated"
for bad in ../patients '/patients' 'patients/' 'a//b' 'patients?x=1' 'patients#' 'pa tients' '' 'p%61' 'a.b'; do
	run 64 "resource '$bad'" sikka-get -O D36225 "$bad"
done
run 64 "an operand without =" sikka-get patients 7
run 64 "an operand without a name" sikka-get patients =7
run 64 "no resource" sikka-get
is "$(sim_get requests | jq .total)" "$before" "nothing of this was sent"

before=$(asked data_sync_status)
run 0 "a resource of the application" sikka-get data_sync_status
is "$(jq -r '.office_id + "/" + .practice_id' "$T/out" | sort | tr '\n' ' ')" "D20006/1 D36225/1 D36225/2 " "all offices at once"
run 0 "a list that belongs to no office" sikka-get applications
is "$(jq -r 'has("office_id")' "$T/out" | sort -u) $(jq -r .office_id "$T/out" | sort -u)" "true null" "has no office, and says so"
is "$(($(asked data_sync_status) - before))" 1 "in one request"
run 0 "-O with one of these" sikka-get -O D20006 data_sync_status
is "$(jq -r .office_id "$T/out" | sort -u)" D20006 "chooses among the records"
run 77 "an office that isn't known" sikka-get -O D1 patients
like "$err" "D1" "is named"
run 77 "beside one that is" sikka-get -O D36225 -O D1 patients --limit 1
like "$err" "D1" "is named too"

# --- trouble on the way -------------------------------------------------------------------------------
sim_fault 'GET /appointments@3=status:503:API2002'
before=$(asked appointments)
run 0 "a page in the middle that fails" sikka-get -O D36225 appointments --page-size 20
is "$(lines) $(($(asked appointments) - before))" "87 6" "is asked again, and no other"
is "$(jq -r .appointment_sr_no "$T/out" | sort -u | wc -l | tr -d ' ')" 87 "none twice"
sim_clear_faults
sim_fault 'GET /appointments@2=drop-after'
sim_fault 'GET /appointments@4=cut:700'
before=$(asked appointments)
run 0 "answers that are lost or cut" sikka-get -O D36225 appointments --page-size 20
is "$(lines) $(($(asked appointments) - before))" "87 7" "are asked for again"
sim_clear_faults
sim_fault 'GET /appointments@3=429:1'
before=$(asked appointments)
run 0 "over the limit in the middle" sikka-get -v -O D36225 appointments --page-size 20
is "$(lines) $(($(asked appointments) - before))" "87 6" "waits, and asks that page again"
is "$(jq -r .appointment_sr_no "$T/out" | sort -u | wc -l | tr -d ' ')" 87 "none twice"
like "$err" "again in|waiting" "-v tells of the wait"
sim_clear_faults
sim_fault 'GET /appointments@3=status:400:API1025'
key=$(sql "SELECT request_key FROM pms_integrations WHERE office_id='D36225'")
before=$(asked appointments) posts=$(sim_count 'POST /request_key')
run 0 "the key is refused in the middle" sikka-get -O D36225 appointments --page-size 20
is "$(lines) $(($(asked appointments) - before)) $(($(sim_count 'POST /request_key') - posts))" "87 6 1" "renewed once, and that page asked again"
[ "$(sql "SELECT request_key FROM pms_integrations WHERE office_id='D36225'")" != "$key" ]
ok $? "the new key is kept"
sim_clear_faults
sim_fault 'GET /appointments=status:400:API1025'
before=$(asked appointments) posts=$(sim_count 'POST /request_key')
run 77 "a key that is always refused" sikka-get -O D36225 appointments
is "$(($(asked appointments) - before)) $(($(sim_count 'POST /request_key') - posts))" "2 1" "is renewed once, no more"
sim_clear_faults
sim_fault 'GET /appointments@2-=status:500:API2010'
run 1 "an error that no repetition mends, in the middle" sikka-get -O D36225 appointments --page-size 20
is "$(lines)" 20 "what came before is out"
like "$err" "API2010" "and the line says what the server did"
sim_clear_faults
sim_fault 'GET /appointments@1=status:500:API2010'
run 1 "an error for one office" sikka-get appointments
is "$(jq -r .office_id "$T/out" | sort -u | wc -l | tr -d ' ')" 1 "doesn't keep the other from its records"
sim_clear_faults
sim_fault 'GET /appointments@2=status:429:API2012'
run 75 "a daily limit" sikka-get -O D36225 appointments --page-size 20
is "$(lines)" 20 "what came before is out"
rm -f "$SIKKA_DB.limits"
sim_clear_faults

# --- the other dialect, and many ----------------------------------------------------------------------
is "$(sim_get requests | jq .secrets_in_urls)" 0 "no secret was in a URL"
rm -rf "$T/state"
start_sim --dialect brief --records patients=10000
authorize
run 0 "the brief dialect" sikka-get appointments
is "$(lines)" 98 "the same"
if /usr/bin/time -v true 2>"$T/time" && [ -z "$(ldd "$(command -v sikka-get)" | grep asan)" ]; then
	peak() { sed -n 's/.*Maximum resident set size (kbytes): //p' "$T/time"; }
	/usr/bin/time -v -o "$T/time" sikka-get -O D36225 patients --limit 1000 >"$T/out"
	few=$(peak)
	/usr/bin/time -v -o "$T/time" sikka-get -O D36225 patients >"$T/out"
	many=$(peak)
	[ "$many" -lt $((few + 2048)) ]
	ok $? "memory stays that of a page: $few kB for 1,000 records, $many kB for 10,000"
else
	sikka-get -O D36225 patients --limit 1000 >"$T/out"
	sikka-get -O D36225 patients >"$T/out"
	ok 0 "memory stays that of a page # SKIP no time(1), or a build that isn't measured"
fi
is "$(lines) $(jq -r .patient_id "$T/out" | sort -u | wc -l | tr -d ' ')" "10000 10000" "10,000 records, none twice"
is "$(asked patients)" 5 "two of 500 for the first list; 500 and two of 5000 for the second one"
[ "$(sim_get requests | jq .gzip_answers)" -ge 5 ]
ok $? "compressed"
is "$(sim_get requests | jq .secrets_in_urls)" 0 "no secret was in a URL"

# --- answers of other shapes ----------------------------------------------------------------------------
other=$(sim_get requests | jq .total) elsewhere=$SIKKA_BASE_URL
start_canned "$T/answer"
canned '{"offset":"0","limit":"1","total_count":"2","pagination":{"next":"'"$elsewhere"'/patients?offset=1"},"items":[{"patient_id":"1"}]}'
run 76 "a list whose next page is said to be elsewhere" sikka-get -O D36225 patients --page-size 1
is "$(sim_get requests | jq .total)" "$other" "isn't followed there"
is "$(sed -n 's/^GET \(.*\) HTTP.*/\1/p' "$T/canned.log" | uniq | tr '\n' ' ')" "/v4/patients?offset=0&limit=1 /v4/patients?offset=1&limit=1 " "the offset counts pages"
is "$out $(told 'page 2 repeats')" '{"office_id":"D36225","patient_id":"1"} 1' "and the second page, which is the first one again, isn't taken for more"
canned '[{"offset":"0","limit":"50","total_count":"1","items":[{"patient_id":"1"}]}]'
run 0 "a list wrapped in an array" sikka-get -O D36225 patients
is "$out" '{"office_id":"D36225","patient_id":"1"}' "is a list"
canned '{"offset":0,"limit":50,"total_count":1,"items":[{"patient_id":"1"}]}'
run 0 "numbers as numbers" sikka-get -O D36225 patients
is "$out" '{"office_id":"D36225","patient_id":"1"}' "are numbers"
canned '{"items":[{"patient_id":"1"}]}'
run 0 "a list without counts" sikka-get -O D36225 patients
is "$out" '{"office_id":"D36225","patient_id":"1"}' "ends with a short page"
canned '{"limit":"50","total_count":"0","items":[]}'
run 0 "an empty list" sikka-get -O D36225 patients
is "$out" "" "is one"
canned '{"limit":"50","total_count":"1","items":[{"patient_id":"1"}]}' "Data-Insert: In Progress"
run 0 "Data-Insert: in progress" sikka-get -O D36225 patients
like "$err" "incomplete" "is a warning"
is "$out" '{"office_id":"D36225","patient_id":"1"}' "and the records come"
canned '{"limit":"50","total_count":"3","items":[{"patient_id":"1"}]}'
run 76 "a list that is shorter than it says" sikka-get -O D36225 patients
like "$err" "page 1 is too short: the server counts 3 records; 1 records were written.* with --page-size 50 --from-page 1$" "is torn"
is "$out" '{"office_id":"D36225","patient_id":"1"}' "and all that there is comes"
canned "$(printf '{"limit":"50","total_count":"1","items":[{"patient_id":"1","note":"tab\\tescape\\u001b[31m"}]}')"
run 0 "control characters in a record" sikka-get -O D36225 patients
is "$(LC_ALL=C tr -d '[:print:]\n' <"$T/out" | wc -c | tr -d ' ')" 0 "stay escaped"
canned '{"limit":"50","total_count":"2","items":[{"patient_id":"1"},{"patient_id":"2","patient_id":tru}]}'
run 76 "a page whose last record is no JSON" sikka-get -O D36225 patients
is "$out" '{"office_id":"D36225","patient_id":"1"}' "gives the other one"
like "$err" "can't be read and is left out: neither a number nor true, false or null, at byte 91 of page 1" "and says why, and where"
canned '{"limit":"50","total_count":"2","items":[{"patient_id":"1"},{"patient_id":"2"}]'
run 76 "a page that is torn behind its records" sikka-get -O D36225 patients
is "$out" "" "gives none of them either"
canned ' [ {"status":"refresh","n":{"items":[1]}} ] '
run 0 "a single object in an array" sikka-get -O D36225 patients
is "$out" '{"office_id":"D36225","status":"refresh","n":{"items":[1]}}' "is a list of one"
canned '{"patient_id":"1","summary":{"n":2}}'
run 76 "an object that is no list, in place of a list" sikka-get -O D36225 patients
is "$out" "" "is no record"
like "$err" "isn't a list" "for the documents say that it is one"
for resource in kpis2 pms_list request_key_info; do
	run 0 "$resource: of what isn't known to be a list" sikka-get -q -O D36225 $resource
	is "$out" '{"office_id":"D36225","patient_id":"1","summary":{"n":2}}' "an object is the record"
done
canned '{"http_code":"200","error_code":"API0002","data":[{"patient_id":"1"}]}'
run 76 "a message with data" sikka-get -O D36225 pms_list
is "$out" "" "is none"

# --- lists in other shapes ------------------------------------------------------------------------------
two='{"patient_id":"1"},{"patient_id":"2"}'
for body in "[$two]" "{\"data\":[$two],\"page\":\"1\"}" "{\"summary\":{\"total\":2},\"data\":{\"items\":[$two]}}" \
    "{\"data\":{\"total_count\":\"2\",\"limit\":\"50\",\"items\":[$two]},\"summary\":[]}"; do
	canned "$body"
	: >canned.log
	for resource in patients pms_list; do
		run 0 "$resource: $body" sikka-get -O D36225 $resource
		is "$(jq -r .patient_id "$T/out" | tr '\n' ' ')$err" "1 2 " "is a list of two, without a warning"
	done
done
is "$(grep -c '^GET' canned.log)" 2 "where the list says how long it is, one page is asked for"
for body in '[]' '{"data":[]}' '{"summary":{},"data":{"items":[]}}'; do
	canned "$body"
	run 0 "$body" sikka-get -O D36225 patients
	is "$out$err" "" "is an empty list"
done
canned '[{"patient_id":"1"},{"patient_id":"2","patient_id":tru}]'
run 76 "an array of which a record can't be read" sikka-get -O D36225 patients
is "$out" '{"office_id":"D36225","patient_id":"1"}' "gives the other one"
canned '[{"patient_id":"1"},{"patient_id":"2"}'
run 76 "an array that is torn" sikka-get -O D36225 patients
is "$out" "" "gives none"
canned '[]'
run 76 "the list of practices" sikka-authorize
like "$err" "isn't a list" "isn't read so: what it lacks would count as revoked"

# --- lists in other shapes, page after page ---------------------------------------------------------------
rm -f "$SIKKA_DB"*
start_sim --page-max 50
authorize
run 0 "payers" sikka-get -O D36225 patient_eligibility_payers
is "$(jq -r .id "$T/out" | tr '\n' ' ')$err" "94276 94277 94278 " "an array without pages"
run 0 "one payer at a time" sikka-get -O D36225 patient_eligibility_payers --page-size 1
is "$(lines)$err" "3" "comes whole all the same"
run 0 "as many as there are" sikka-get -O D36225 patient_eligibility_payers --page-size 3
is "$(lines)$err" "3" "and once"
run 0 "a patient's object" sikka-get -O D36225 patient360 practice_id=1 patient_id=7
is "$(lines) $(jq -r '.patients[].patient_id' "$T/out")" "1 7" "is one record"
for shape in array data summary; do
	sim_post "quirks?lists=$shape"
	run 0 "$shape" sikka-get -O D36225 appointments
	is "$(jq -r .appointment_sr_no "$T/out" | sort -u | wc -l | tr -d ' ') $(lines)$err" "87 87" "$shape: all pages are read, each once"
	run 0 "$shape, none" sikka-get -O D36225 patients patient_id=9999
	is "$out$err" "" "$shape: nothing is nothing"
	run 0 "$shape, one" sikka-get -O D36225 patients patient_id=7
	is "$(jq -r .patient_id "$T/out")" 7 "$shape: one is one"
done
curl -sS -X DELETE "$SIM/quirks" >/dev/null

# --- keys in what is read -----------------------------------------------------------------------------
rm -f "$SIKKA_DB"*
start_sim
authorize
sql "SELECT secret_key FROM pms_integrations UNION SELECT request_key FROM pms_integrations" >keys
is "$(wc -l <keys | tr -d ' ')" 4 "two offices have a secret key and a request key each"
known() { cat "$T/out" "$T/err" | grep -cF -f keys; } # the lines that hold one of them
for resource in authorized_practices request_key_info; do
	for format in jsonl json table; do
		run 0 "$resource, $format" sikka-get -vv -F $format $resource
		is "$(known) $(told 'keys in what was read are masked: --show-secrets shows them')" "0 1" "has no key, which a line says"
	done
	run 0 "$resource, --show-secrets" sikka-get -F json --show-secrets $resource
	like "$(known) $(told masked)" '^[1-9][0-9]* 0$' "has them"
done
is "$(jq -c '.[0] | keys' "$T/out")" "$(sikka-get -q -F json request_key_info | jq -c '.[0] | keys')" "all members are there both times"
run 0 "links" sikka-get -q -O D36225 request_key_info
like "$(said .href)" '\?request_key=\*\*\*$' "are masked where they hold a key"
before=$(sikka-get -O D36225 --show-secrets patients | sha256sum)
is "$(sikka-get -O D36225 patients | sha256sum)" "$before" "what holds no key stays as it is"
done_testing
