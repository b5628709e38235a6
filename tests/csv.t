#!/bin/sh
# SPDX-License-Identifier: MIT
# --format csv: what a reader of RFC 4180 gets is what -F jsonl says
. "$(dirname "$0")/lib.sh"

# same CSV JSONL: the header, and each value of each line, are those of the records.
cat >"$T/same" <<'END'
import csv, json, sys

records = [json.loads(line) for line in open(sys.argv[2], encoding="utf-8")]
rows = list(csv.reader(open(sys.argv[1], encoding="utf-8", newline="")))
columns = list(dict.fromkeys(name for record in records[:1000] for name in record))


def text(value):
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


wanted = [columns] + [[text(record.get(name)) for name in columns] for record in records] if records else []
for number, (row, want) in enumerate(zip(rows, wanted)):
    if row != want:
        print(number, row, want)
print(len(rows) - len(wanted))
END
same() { is "$(python3 "$T/same" "$T/csv" "$T/jsonl")" 0 "$1"; }
lines() { tr -dc '\n' <"$1" | wc -c | tr -d ' '; }

start_sim --rate-limit 100000 --delay 0:0 --page-max 50
authorize

# --- a list that is read ------------------------------------------------------------------------------
run 0 "a list" sikka-get -F csv -O D36225 appointments
cp "$T/out" "$T/csv"
sikka-get -O D36225 appointments >"$T/jsonl"
same "has each value of each record"
is "$(grep -c "$(printf '\r')\$" "$T/csv") $(lines "$T/csv")" "88 88" "each line ends with CR LF, the header is one"
run 0 "a list without records" sikka-get -F csv -O D36225 patients patient_id=999999
is "$out" "" "has no header either"

booking key=a time=09:00 >in
booking key=b time=10:00 >>in
sikka-book in >"$T/records"
is "$(wc -l <"$T/records" | tr -d ' ')" 2 "(two requests)"

# --- what the commands write of requests ---------------------------------------------------------------
for command in 'sikka-status --writebacks' 'sikka-get --list' 'sikka-book --describe' 'sikka-book --describe book_appointment' 'sikka-book -n in'; do
	# shellcheck disable=SC2086 # a command
	$command -F jsonl >"$T/jsonl" 2>>"$T/said"
	# shellcheck disable=SC2086
	$command -F csv >"$T/csv" 2>>"$T/said"
	ok "$([ -s "$T/csv" ] && echo 0 || echo 1)" "$command writes CSV"
	same "$command: with the values of its records"
done
sikka-poll --wait -F csv >"$T/csv"
is "$(lines "$T/csv") $(sed -n 1p "$T/csv" | cut -d, -f 1-4)" "3 id,key,duplicate,writeback_id" "sikka-poll, too"

# --- odd values ----------------------------------------------------------------------------------------
start_canned "$T/answer"
# page ITEM …: a page with all that there is
page() {
	n=$#
	canned "{\"offset\":\"0\",\"limit\":\"$n\",\"total_count\":\"$n\",\"items\":[$(IFS=, && echo "$*")]}" 'Content-Type: application/json'
}
read_both() {
	sikka-get -O D36225 patients >"$T/jsonl" 2>"$T/said"
	run 0 "$1" sikka-get -F csv -O D36225 patients
	cp "$T/out" "$T/csv"
	same "$1: the same as in JSON"
}
page '{"a":"\"A\", B","b":"two\nlines\r\n","c":"=1+1"}' '{"a":"","b":null,"c":{"d":[1,"e, f"]}}' '{"a":true,"b":-1.50,"c":"Zoë"}' '{"c":" x "}'
read_both "quotes, commas, ends of lines, no text, null, objects, numbers"
is "$(tr -d '\r' <"$T/csv" | grep '""d""')" 'D36225,"",,"{""d"":[1,""e, f""]}"' "an empty text isn't nothing"
page '{"a":1}' '{"a":2,"later":3}'
read_both "a member that only the second record has"
is "$(sed -n 1p "$T/csv" | tr -d '\r') $err" "office_id,a,later " "is a column, since the header waits for 1,000 records"
# shellcheck disable=SC2046 # a word for each record
page $(seq 1000 | sed 's/.*/{"a":&}/') '{"a":1001,"late":1}' '{"a":1002,"late":2}'
run 0 "a member that only the 1,001st record has" sikka-get -q -F csv -O D36225 patients
is "$(lines "$T/out") $(told '"late" is no column of the CSV')" "1003 1" "is left out, and told once, also with -q"
# --- a file that can't grow
# shellcheck disable=SC2046
page $(seq 800 | sed 's/.*/{"a":&,"b":"one\\nother \\"line\\""}/')
(trap '' XFSZ && ulimit -f 16 && exec sikka-get -F csv -O D36225 patients) >"$T/csv" 2>"$T/err"
is $? 74 "a file that can't grow"
is "$(python3 -c '
import csv, sys
rows = list(csv.reader(open(sys.argv[1], newline="")))
print(len(rows) > 1, {len(row) == len(rows[0]) for row in rows}, open(sys.argv[1], "rb").read()[-2:])
' "$T/csv")" "True {True} b'\\r\\n'" "ends with a whole record, also where texts have lines in them"

# --- words ---------------------------------------------------------------------------------------------
run 64 "another format" sikka-get -F cvs appointments
like "$err" "did you mean csv" "is told"
done_testing
