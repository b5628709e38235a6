#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-book: a bad line of its input is reported and not sent, and the other lines are
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0
authorize
hour=0
# fresh: times that no booking has taken yet, one after the other, in $first and $last
fresh() {
	hour=$((hour + 1))
	first=$(printf '%02d:%02d' $((hour / 30)) $((hour % 30 * 2)))
	last=$(printf '%02d:%02d' $((hour / 30)) $((hour % 30 * 2 + 1)))
}

# between EXIT CODE FIELD PATTERN WHAT: puts the bad line (file bad) between two good ones. Both good ones
# are sent; nothing of the bad line is, and it is reported once, by a record and by one line on stderr.
between() {
	fresh
	{ booking "time=$first"; cat bad; echo; booking "time=$last"; } >in
	before=$(sim_writebacks)
	run "$1" "$5" sikka-book in
	is "$(held ".writebacks[$before:][].body.time" | sort | tr '\n' ' ')" "$first $last " "$5: the others went through, it didn't"
	is "$(said 'select(.id == null) | [.line, .error_code, .field] | map(tostring) | join(" ")')" "2 $2 $3" "$5: its record"
	like "$(said 'select(.id == null).error_message')" "$4" "$5: what is wrong"
	is "$(said 'select(.id == null) | [.writeback_id, .result, .submitted_at, .attempts] | map(tostring) | join(" ")')" "null null null 0" "$5: nothing is told as sent"
	if [ "$2" = syntax ]; then
		is "$(said 'select(.id == null) | del(.line, .file, .error_code, .error_message, .duplicate, .attempts, .check_count) | map(. // empty) | length')" 0 "$5: nothing else in it"
	else
		is "$(said 'select(.id == null) | (.faults | length | tostring) + " " + (.faults[0].field | tostring)')" "1 $3" "$5: the fault once more"
	fi
	is "$(wc -l <err)" 1 "$5: one line on stderr"
	if [ "$3" = null ]; then like "$err" "line 2: " "$5: which names the line"
	else like "$err" "line 2: $3: " "$5: which names line and field"; fi
}

echo '{"office_id": "D36225", "patient_id": 7,,}' >bad; between 65 syntax null . "malformed JSON"
echo 'hello' >bad; between 65 syntax null . "no JSON at all"
echo '"hello"' >bad; between 65 invalid null 'object' "a text"
echo '17' >bad; between 65 invalid null 'object' "a number"
echo 'null' >bad; between 65 invalid null 'object' "null"
booking | jq -c '.patient_id = null' >bad; between 65 invalid patient_id 'null' "null as a value"
booking | jq -c '.description = ["a"]' >bad; between 65 invalid description 'array' "an array as a value"
booking | jq -c '.operatory = {a: 1}' >bad; between 65 invalid operatory 'object' "an object as a value"
booking | jq -c '.body = "x"' >bad; between 65 invalid body 'object' "a body that is a text"
booking | jq -c '.office_id = null' >bad; between 65 invalid office_id 'text' "null as office"
booking | jq -c '.key = ""' >bad; between 65 invalid key 'text' "an empty key"
booking operation=book_apointment >bad; between 65 invalid operation 'did you mean book_appointment' "an unknown operation"
booking | jq -c 'del(.provider_id)' >bad; between 65 invalid provider_id 'missing' "a missing field"
booking | jq -c '.provider_id = ""' >bad; between 65 invalid provider_id . "an empty field"
booking date=2031-02-29 >bad; between 65 invalid date . "a day that isn't"
booking date=03/04/2031 >bad; between 65 invalid date . "a date in another form"
booking time=25:00 >bad; between 65 invalid time . "a time that isn't"
booking time=9am >bad; between 65 invalid time . "a time in another form"
booking length=x >bad; between 65 invalid length . "a length that is no number"
booking office_id=D99999 >bad; between 77 not_authorized office_id 'sikka-authorize' "an office that isn't authorized"
booking | jq -c 'del(.practice_id)' >bad; between 65 invalid practice_id '2 practices' "several practices and none named"
booking practice_id=7 >bad; between 65 invalid practice_id 'no practice "7"' "a practice that isn't there"
booking | jq -c '.body = {time: "10:00"}' >bad; between 65 invalid time 'twice' "a field beside and in the body"
printf '{"office_id":"D36225","description":"a\000b"}' >bad; between 65 syntax null . "a NUL byte"
printf '{"office_id":"D36225","description":"a\377b"}' >bad; between 65 syntax null . "bytes that are no UTF-8"
booking | sed 's/check-up/a\\u0000b/' >bad; between 65 syntax null . "an escaped NUL"
booking | sed 's/"time"/"date":"2031-01-01","time"/' >bad; between 65 syntax null . "a member twice"
printf '%s' '{"office_id":"D36225","description":"no end' >bad; between 65 syntax null . "a string left open on its line"

# --- several faults ------------------------------------------------------------------------------

fresh
booking "time=$first" | jq -c 'del(.provider_id) | .date = "x"' >in
run 65 "two faults in one request" sikka-book in
is "$(wc -l <out)" 1 "one record"
is "$(told 'line 1: (date|provider_id): ')" 2 "and a line for each, so that one edit mends both"

# --- an object that is open over lines ------------------------------------------------------------

fresh
before=$(sim_writebacks)
{ booking "time=$first"; printf '{"office_id":"D36225",\n"patient_id" 7,\n'; booking "time=$last"; } >in
run 65 "a fault inside an object of several lines" sikka-book in
is "$(held ".writebacks[$before:][].body.time")" "$first" "nothing after it is submitted"
is "$(said 'select(.id == null) | [.line, .error_code] | map(tostring) | join(" ")')" "2 syntax" "its record names the line where it began"
like "$err" 'nothing after line 2' "and stderr says that the rest isn't read"
fresh
before=$(sim_writebacks)
{ booking "time=$first"; booking | tr -d '}'; booking "time=$last"; } >in
run 65 "an object left open on its line" sikka-book in
is "$(held ".writebacks[$before:][].body.time")" "$first" "nothing after it either: the next line is inside it"
fresh
before=$(sim_writebacks)
{ booking "time=$first"; printf '{"office_id":"D36225",\n"patient_id":"7",\n'; } >in
run 65 "the input ends inside an object" sikka-book in
is "$(held ".writebacks[$before:][].body.time")" "$first" "the one before it went"

# --- no input, no file ------------------------------------------------------------------------------

total=$(asked_beside_lists)
run 0 "an empty file" sikka-book /dev/null
run 0 "empty standard input" sh -c 'sikka-book </dev/null'
printf '\n \n\t\r\n' >in
run 0 "blank lines only" sikka-book in
run 0 "an empty array" sh -c 'echo "[]" | sikka-book'
is "$out" "" "no record"
run 66 "standard input closed" sh -c 'sikka-book <&-'
is "$(wc -l <err)" 1 "one line on stderr"
run 66 "a directory" sikka-book "$T"
like "$err" "$T: Is a directory" "which names it"
is "$(asked_beside_lists)" "$total" "for all that the server isn't asked"

fresh
before=$(sim_writebacks)
for i in 0 1 2 3 4 5 6 7; do booking "time=20:0$i"; done >many
booking "time=$last" >after
run 66 "a file that is missing" sikka-book many missing.json after
is "$(sim_writebacks)" "$before" "is a wrong argument: nothing of the other files is sent"
is "$(wc -l <err)" 1 "one line on stderr"
like "$err" 'missing.json: No such file.*nothing was sent' "names the file"
run 66 "a directory behind a file" sikka-book many "$T"
is "$(sim_writebacks)" "$before" "likewise"
mkfifo named
cat many >named &
run 0 "a named pipe" sikka-book named after
is "$(held "[.writebacks[$before:][].body.time] | sort | join(\" \")")" "$last 20:00 20:01 20:02 20:03 20:04 20:05 20:06 20:07" \
    "is read from its beginning to its end"

# --- 20 MB -----------------------------------------------------------------------------------------

fresh
before=$(sim_writebacks)
{ booking "time=$first"
  printf '{"office_id":"D36225","description":"'; head -c 20000000 /dev/zero | tr '\0' x; printf '"}\n'
  booking "time=$last"; } >in
run 65 "a value of 20 MB" sikka-book in
is "$(held ".writebacks[$before:][0].body.time")" "$first" "the one before it went"
is "$(said 'select(.id == null) | [.line, .error_code] | map(tostring) | join(" ")')" "2 syntax" "it is told"
like "$(said 'select(.id == null).error_message')" '16 MiB' "with the limit"
is "$(sql "SELECT count(*) FROM pms_writebacks WHERE length(request_body) > 1000000")" 0 "nothing of it is kept"

fresh
before=$(sim_writebacks)
booking "time=$first" "description=$(head -c 100000 /dev/zero | tr '\0' y)" >in
run 0 "a description of 100 kB" sikka-book in
is "$(held ".writebacks[$before].body.description | length")" 100000 "goes whole"

# --- what a text may hold -------------------------------------------------------------------------

fresh
before=$(sim_writebacks)
printf '%s' '{"office_id":"D36225","practice_id":"1","patient_id":"7","date":"2031-03-03","time":"'"$first"'","length":"30","provider_id":"DOC1","operatory":"OP1","description":"Exam","type":"é 漢 \ud83d\ude00 \" \\ / \t\u0007 &=% '"'"'"}' >in
jq -c '.description = .type' in >plain
run 65 "characters of all kinds" sikka-book plain
is "$(said '.field + " " + .faults[0].rule')" "description plain_text" "a description mustn't hold all of them"
run 0 "another field may" sikka-book in
is "$(held ".writebacks[$before].body.type | tojson")" "$(jq -c .type in)" "go as they are"

# --- input that comes slowly -----------------------------------------------------------------------

fresh
before=$(sim_writebacks)
mkfifo pipe
sikka-book pipe >out 2>err &
pid=$!
exec 9>pipe
booking "time=$first" >&9
wait_for test -s out
ok $? "the record of a line is there before the next line comes"
is "$(held ".writebacks[$before:][].body.time")" "$first" "and the request was sent"
booking "time=$last" >&9
exec 9>&-
wait "$pid"
is "$?" 0 "it ends with its input"
is "$(held ".writebacks[$before:][].body.time" | tr '\n' ' ')" "$first $last " "both went"
is "$(sql "SELECT count(*) FROM pms_writebacks WHERE result NOT IN ('pending', 'completed', 'failed')")" 0 "no row is left in between"
done_testing
