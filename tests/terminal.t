#!/bin/sh
# SPDX-License-Identifier: MIT
# What a person sees on a terminal: tables that fit it, without -F, in colour
. "$(dirname "$0")/lib.sh"

if ! command -v script >/dev/null || ! script -qec true /dev/null >/dev/null 2>&1 </dev/null; then
	echo "1..0 # SKIP no script(1), which lends a terminal"
	exit 0
fi
ESC=$(printf '\033')
# terminal COLUMNS COMMAND: stdout and stderr on a terminal of that width, in $T/seen: as lines, without colours in
# $T/plain
terminal() {
	script -qec "stty cols $1 && $2" /dev/null </dev/null | tr -d '\r' >"$T/seen"
	sed "s/$ESC\[[0-9;]*[mK]//g" "$T/seen" >"$T/plain"
}
# widest: how many columns the widest line takes
widest() { python3 -c '
import sys, unicodedata
print(max(sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line.rstrip("\n")) for line in open(sys.argv[1], encoding="utf-8")))' "$T/plain"; }
head_of() { sed -n 1p "$T/plain" | tr -s ' '; }
export TERM=xterm
unset NO_COLOR

start_sim --rate-limit 100000 --delay 0:0
authorize
booking key=a time=09:00 >in
booking key=b time=10:00 >>in
booking key=c time=11:00 >>in

# --- which form ----------------------------------------------------------------------------------------
terminal 200 "sikka-token list"
is "$(head_of)" "office_id status token_expiry expires_in last_error" "a table, without -F"
like "$(cat "$T/seen")" "$ESC\[1moffice_id" "its head is bold"
like "$(cat "$T/seen")" "$ESC\[32mactive$ESC\[0m" "what is well is green"
terminal 200 "sikka-token list -F jsonl"
is "$(jq -r .office_id "$T/plain" | tr '\n' ' ')" "D20006 D36225 " "-F says otherwise"
terminal 200 "env SIKKA_FORMAT=jsonl sikka-token list"
is "$(jq -r .office_id "$T/plain" | tr '\n' ' ')" "D20006 D36225 " "so does SIKKA_FORMAT"
printf 'format = csv\n' >conf
is "$(SIKKA_CONFIG=$T/conf sikka-token list | sed -n 1p | cut -c 1-16)" "office_id,status" "so does the setting format, also into a pipe"
is "$(SIKKA_CONFIG=$T/conf sikka-token list -F json | jq length)" 2 "-F is stronger"
is "$(sikka-token list | jq -r .office_id | tr '\n' ' ')" "D20006 D36225 " "into a pipe it is JSON Lines"
run 78 "a format that isn't there" env SIKKA_FORMAT=cvs sikka-token list
like "$err" 'format \(SIKKA_FORMAT\) must be jsonl, json, table or csv, not "cvs"; did you mean csv' "is told"
terminal 200 "sikka-get --list patients"
like "$(head_of)" "^resource auth name" "what needs no state file is a table, too"
terminal 200 "sikka-status"
like "$(cat "$T/plain")" "^Offices" "the overview is for people"
terminal 200 "sikka-book --example book_appointment"
is "$(jq -r 'has("patient_id")' "$T/plain")" true "an example stays JSON"
terminal 200 "sikka-authorize --export --force"
is "$(jq -r .officeId "$T/plain" | tr '\n' ' ')" "D20006 D36225 " "and so does --export"
terminal 200 "env NO_COLOR=1 sikka-token list"
is "$(grep -c "$ESC" "$T/seen")" 0 "NO_COLOR: no colour"
terminal 200 "env TERM=dumb sikka-token list"
is "$(grep -c "$ESC" "$T/seen")" 0 "nor on a terminal that can't"

# --- widths --------------------------------------------------------------------------------------------
terminal 200 "sikka-book -q in"
is "$(head_of)" "id key duplicate writeback_id office_id operation result error_code error_message created_id appointment_sr_no submitted_at" "all columns, where there is room"
is "$(grep -c ' pending ' "$T/plain")" 3 "a row for each"
sikka-poll --wait >"$T/polled"
for columns in 120 80 60 40; do
	terminal $columns "sikka-status --writebacks"
	ok "$([ "$(widest)" -le $columns ] && echo 0 || echo 1)" "$columns columns: no line is wider ($(widest))"
	like "$(head_of)" "id .*result" "$columns columns: what is needed most is there"
	is "$(grep -cE '(^| )completed( |$)' "$T/plain")" 3 "$columns columns: a row for each"
done
unlike "$(head_of)" "appointment_sr_no|duplicate|submitted_at" "what is needed least isn't"
sim_fault 'POST /appointment@1=status:400:API1027'
booking key=d time=12:00 | sikka-book -q >"$T/refused"
terminal 80 "sikka-status --writebacks --state failed"
like "$(head_of)" "id .*result .*error_message" "where something failed, the reason is there at 80 columns"
ok "$([ "$(widest)" -le 80 ] && echo 0 || echo 1)" "and no line is wider ($(widest))"
terminal 80 "sikka-status --writebacks --state completed"
unlike "$(head_of)" "error_" "where nothing failed it isn't"
like "$(cat "$T/seen")" "$ESC\[32mcompleted$ESC\[0m" "an outcome is coloured"
sikka-status --writebacks -F table >"$T/file"
like "$(sed -n 1p "$T/file")" "appointment_sr_no.*submitted_at" "in a file nothing is left out"

# --- texts are broken, not cut -------------------------------------------------------------------------
terminal 80 "sikka-book --describe book_appointment -O D20006 2>$T/said"
ok "$([ "$(widest)" -le 80 ] && echo 0 || echo 1)" "no line is wider ($(widest))"
# a word that is wider than its column is broken, too, so only those that fit into any column are compared
sikka-book --describe book_appointment -O D20006 -F jsonl | jq -r '.note // empty' | tr -s ' ' '\n' | grep -xE '.{1,12}' | sort -u >"$T/words"
is "$(tr -s ' ' '\n' <"$T/plain" | sort -u | comm -13 - "$T/words" | tr '\n' ' ') $(wc -l <"$T/words" | tr -d ' ' | sed 's/^[1-9][0-9]*$/some/')" " some" "each word of the notes is there"

# --- wide and hidden characters ------------------------------------------------------------------------
start_canned "$T/answer"
canned '{"offset":"0","limit":"4","total_count":"4","items":[{"a":"日本語","b":"x"},{"a":"Zoë","b":"x"},{"a":"Z\u006fe\u0308","b":"x"},{"a":"\u202egnp","b":"x"}]}' 'Content-Type: application/json'
sikka-get -O D36225 -F table patients >"$T/plain"
is "$(python3 - "$T/plain" <<'END'
import sys, unicodedata
def width(text):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
print({width(line[:line.index("x")]) for line in list(open(sys.argv[1], encoding="utf-8"))[1:4]})
END
)" "{28}" "a wide character takes two columns, a combining one none"
like "$(tail -n 1 "$T/plain")" '\\xe2\\x80\\xaegnp' "what turns the direction of writing is made visible"
done_testing
