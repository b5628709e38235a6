#!/bin/sh
# SPDX-License-Identifier: MIT
# Odd answers: what can be used of them is used, with a warning, and none of them is shown
. "$(dirname "$0")/lib.sh"

lines() { wc -l <"$T/out" | tr -d ' '; }
fault() { sim_clear_faults; sim_fault "$1"; }
slot=0
another() { # another booking, at a time of its own
	slot=$((slot + 1))
	booking "time=$(printf '%02d:%02d' $((8 + slot / 12)) $((slot % 12 * 5)))" "$@"
}
twice() { # twice NAME VALUE OTHER: a rule's edit by which a member stands twice
	printf 'edit:|"%s":%s|"%s":%s,"%s":%s|' "$1" "$2" "$1" "$3" "$1" "$2"
}

start_sim --delay 0:0 --rate-limit 100000
authorize

# --- a record ------------------------------------------------------------------------------------------
# odd WHAT EDIT SAYS [VALUE]: the first patient's name begins with it
odd() {
	fault "GET /patients=edit:|\"firstname\":\"|\"firstname\":\"$2|"
	run 0 "$1 in a record" sikka-get -O D36225 patients
	is "$(lines) $(jq -r .patient_id "$T/out" | sort -u | wc -l | tr -d ' ')" "40 40" "$1: all records are there"
	is "$(told "^sikka-get: D36225: /patients: the server's answer was repaired in 1 place: $3\$") $(told .)" "1 1" "$1: one warning says what it was"
	[ $# -eq 3 ] || like "$(jq -r .firstname "$T/out" | head -n 1)" "^$4" "$1: the rest of the text is there"
	run 0 "$1, quietly" sikka-get -q -O D36225 patients
	is "$err" "" "$1: -q says nothing"
}
odd "half an emoji" '\ud83d' "half of a surrogate pair" "�[A-Z]"
odd "its other half" '\uDE00' "half of a surrogate pair" "�[A-Z]"
odd "a byte of Latin-1" '\xE9' "bytes that aren't UTF-8" "�[A-Z]"
odd "a NUL" '\u0000' "a NUL" "�[A-Z]"
odd "a tab" '\x09' "control characters" "	[A-Z]"
odd "a newline" '\x0a' "control characters"
odd "a path of Windows" 'C:\Users ' "a backslash that escapes nothing" 'C:.Users [A-Z]'

# number WHAT TEXT BECOMES
number() {
	fault "GET /patients=edit:|\"firstname\":\"|\"balance\":$2,\"firstname\":\"|"
	run 0 "$1" sikka-get -O D36225 patients
	is "$(lines) $(head -n 1 "$T/out" | grep -o '"balance":[^,]*')" "40 \"balance\":$3" "$1: is $3"
	is "$(told "a number that can't be one")" "$4" "$1: with a warning, or none"
}
number "an amount" 45.3 45.3 0
number "another one" 12.10 12.1 0
number "a small one" 1e-9 1e-9 0
number "the largest integer" 9223372036854775807 9223372036854775807 0
number "an integer beyond 64 bits" 12345678901234567890 '"12345678901234567890"' 1
number "beyond a double" -1e400 '"-1e400"' 1
number "so small that it would be 0" 1e-400 '"1e-400"' 1
number "digits that are no number" 007 '"007"' 1
number "NaN" NaN null 1
run 0 "in a table" sikka-get -O D36225 -F table --fields get_all --limit 1 patients
sim_clear_faults
another date=2031-03-03 | jq -c '. + {method: "POST", endpoint: "/appointment", fee: 45.3}' >in
sikka-book --raw in >"$T/out" 2>"$T/err"
like "$(row 1 request_body)" '"fee":45.3[,}]' "an amount in a raw request is journaled as it is written"

fault "GET /patients=$(twice patient_id '"1"' '"0"')"
run 0 "a member that stands twice in a record" sikka-get -O D36225 patients
is "$(lines) $(head -n 1 "$T/out" | jq -r .patient_id)" "40 1" "the last one counts, as elsewhere"
is "$(told 'a member that stands twice')" 1 "with a warning"
deep=$(printf '%3000s' '' | tr ' ' '[')$(printf '%3000s' '' | tr ' ' ']')
fault "GET /patients=edit:|\"firstname\":\"|\"deep\":$deep,\"firstname\":\"|"
run 0 "nested 3000 deep" sikka-get -O D36225 patients
is "$(lines) $(jq -c .firstname "$T/out" | grep -c null)" "40 0" "all records are there, and can be read by others"
is "$(told 'nested too deep')" 1 "with a warning"

# unreadable WHAT EDIT WHY
unreadable() {
	fault "GET /patients@1=edit:|\"patient_id\":\"3\"|$2|"
	run 76 "$1" sikka-get -O D36225 patients --page-size 20
	is "$(lines) $(jq -r .patient_id "$T/out" | grep -cx 3)" "39 0" "$1: the other records are there"
	like "$err" "D36225: /patients: a record can't be read and is left out: $3, at byte [0-9]+ of page 1" "$1: it says why, and where"
	like "$err" "1 records that can't be read were left out; 39 records were written; .*--page-size 20 --from-page 1$" "$1: and what may be read again"
	unlike "$err" "Ada|firstname" "$1: but none of its text"
}
unreadable "half a word" '"patient_id":tru' "neither a number nor true, false or null"
unreadable "no comma" '"patient_id":"3" "more":1' "no comma where one is expected"
unreadable "no value" '"patient_id":,"more":1' "no value where one is expected"
unreadable "quotes that aren't escaped" '"patient_id":"3","height":"5" or 6" tall"' "no comma where one is expected"
unreadable "a quote that isn't escaped" '"patient_id":"3","height":"6" tall"' "no comma where one is expected"
unreadable "a bracket that isn't closed" '"patient_id":"3","more":[1,{"a":"b"]' ".*"
fault "GET /patients=edit:|\"firstname\":\"|\"firstname\":\"\ud83d|"
run 0 "several offices" sikka-get patients
is "$(told 'D36225.*repaired') $(told 'D20006.*repaired')" "1 1" "each is told once"
sim_clear_faults

# --- marks and ends around an answer -------------------------------------------------------------------
sim_fault '* *=edit:||\xEF\xBB\xBF|'
rm -rf "$T/state"
run 0 "a byte order mark before each answer" sikka-authorize
is "$(jq -r .status "$T/out" | sort | uniq -c | tr -s ' ')" " 3 active" "all is authorized"
another >in
run 0 "of a booking" sikka-book in
is "$(said .result) $(told 'POST /appointment: the server.s answer was repaired, at byte 0: a byte order mark')" "pending 1" "is accepted"
run 0 "of its status" sikka-poll --wait=60s --every 1s
is "$(said .result | tail -n 1) $(told repaired)" "completed 1" "and ends, with one warning, however often it is asked"
sim_clear_faults
sim_fault 'GET /patients=edit:|,"items"|\x00,"items"|'
run 0 "a NUL between two members" sikka-get -O D36225 patients
is "$(lines) $(told 'a NUL')" "40 1" "is passed over"

# --- what is cut off isn't whole ------------------------------------------------------------------------
fault 'GET /patients=edit:|"patient_id":"9"|"patient_id":"9|'
run 76 "a text that isn't closed" sikka-get -O D36225 patients
is "$(lines)" 39 "hides one record"
unlike "$err" "patient_id" "of which nothing is shown"
fault 'GET /patients=edit:|,"items":|"items":|'
run 76 "an envelope that is broken" sikka-get -O D36225 patients
like "$err" "not JSON: [a-z ]+ where one is expected, at byte [0-9]+ of" "it says why"
is "$out" "" "and nothing is taken for a record"
sim_clear_faults

# --- keys ----------------------------------------------------------------------------------------------
fault 'POST /request_key=edit:/,"/ "/'
run 69 "a new key whose answer is broken" sikka-token refresh --all
key=$(sql "SELECT request_key FROM pms_integrations WHERE office_id = 'D36225'")
unlike "$err" "request_key=|$(echo "$key" | cut -c1-6)|[0-9a-f]{8}" "no part of a key is shown"
sim_clear_faults

# --- texts of others -----------------------------------------------------------------------------------
key=$(sql "SELECT request_key FROM pms_integrations WHERE office_id = 'D36225'")
another >in
canned_text="{\"error_code\":\"API1026\",\"long_message\":\"Request-Key $key at http://joe:hidden@x/ is\\u001b[31m wrong\"}"
sim_clear_faults
elsewhere=$SIKKA_BASE_URL
start_canned "$T/answer"
canned "$canned_text" '' '400 Bad Request'
run 1 "a refusal that repeats the key" sikka-book in
like "$(said .error_message)" '^Request-Key [*][*][*] at http://[*][*][*]@x/ is.x1b.31m wrong$' "is stored without it"
run 1 "of a read" sikka-get -O D36225 patients
unlike "$err$(sql .dump | grep -v pms_integrations)" "$key|hidden" "and shown without it"
SIKKA_BASE_URL=$elsewhere
another >in
for proxy in 'http://user:s3cret#pw@127.0.0.1:9' 'user:s3cret?@127.0.0.1:9' 'http://us3cret/er@127.0.0.1' 'gopher://u:s3cret@127.0.0.1' 'http://u:s3cret b@127.0.0.1'; do
	SIKKA_BASE_URL=https://api.example.invalid/v4 https_proxy=$proxy sikka-book in >"$T/out" 2>"$T/err"
	is "$? $(grep -c s3cret "$T/out") $(grep -c s3cret "$T/err") $(sql .dump | grep -c s3cret)" "69 0 0 0" "$proxy: no part of the password is shown or stored"
done

# --- what was sent ---------------------------------------------------------------------------------------
later 61
run 0 "the second list that a file waits for which was begun" sikka-sweep
another >in
fault "POST /appointment=$(printf 'edit:|"http_code"|"id":"1","id":"2","http_code"|')"
run 2 "an answer that names two ids" sikka-book in
is "$(said .result)" unknown "isn't clear"
fault 'POST /appointment=edit:|"http_code"|"note":"\ud83d","note":"x","http_code"|'
another >in
run 0 "one with other oddities" sikka-book in
is "$(said .result)" pending "is"
fault 'GET /writebacks=edit:|check-up|check \ud83d up|'
later 20m
run 0 "the list has an odd entry" sikka-poll --wait=10m
is "$(sql "SELECT group_concat(DISTINCT result) FROM pms_writebacks WHERE writeback_id IS NOT NULL OR result = 'unknown'")" completed "and settles what is unknown"
another >in
fault 'GET /writeback_status=edit:|"result":"|"result":"\ud83d|'
run 0 "a status with odd words" sikka-book --wait=5m in
is "$(said .result | tail -n 1)" completed "is read"
is "$(sim_applied) $(sim_writebacks)" "$(sql 'SELECT count(*), count(*) FROM pms_writebacks WHERE writeback_id IS NOT NULL' | tr '|' ' ')" "nothing was sent twice"
done_testing
