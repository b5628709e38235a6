#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-book: values are compared with the practice's own lists, as far as they are known; --check-choices
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0
authorize
asked() { sim_get requests | jq --arg r "GET /$1" '.routes[$r].count // 0'; }
reads() { sim_get requests | jq '[.routes | to_entries[] | select(.key | startswith("GET /")) | .value.count] | add // 0'; }
pms() { sql "UPDATE practices SET pms = '$1', pms_version = NULL"; }
ours() { booking office_id=D20006 staff=S1 type=Exam "$@"; } # OrthoTrac
faults() { said '.faults[]? | .field + " " + .rule' | tr '\n' ';'; }
n=0
at() { n=$((n + 1)) && printf 'time=%02d:%02d' $((8 + n / 60)) $((n % 60)); } # a time of its own for each
sent() { sim_count 'POST /appointment'; }

# --- what is known ------------------------------------------------------------------------------------

ours operatory=OP9 "$(at)" >in
at >/dev/null
run 0 "without a list, any operatory may be right" sikka-book in
run 0 "the operatories are read" sikka-book -O D20006 --choices operatory
before=$(sent)
ours operatory=OP9 time=11:00 >in
run 65 "then one that isn't among them is refused" sikka-book in
is "$(faults) $(sent)" "operatory choices; $before" "as a fault, and nothing is sent"
is "$(told '^sikka-book: line 1: operatory: isn.t in the practice.s list, which was read [0-9.]+ [a-z]+ ago; did you mean OP1\? --check-choices reads it again$')" 1 \
    "the message names a near one, and what reads the list"
unlike "$err$out" OP9 "but not the value"
run 65 "-n says the same" sikka-book -n in
is "$(faults)" "operatory choices;" "as a fault"
run 0 "--no-validate" sikka-book --no-validate in
is "$(sent)" "$((before + 1))" "leaves it to the practice"
ours operatory=op2 time=11:10 >in
run 0 "another letter case" sikka-book in
is "$(told 'line 1: operatory: the practice spells it otherwise: OP2$')" 1 "is a warning"
ours operatory=OP2 time=11:20 >in
run 0 "the practice's own value" sikka-book in
is "$err" "" "is right"
booking office_id=D36225 operatory=OP9 time=11:20 >in
run 0 "another office's list" sikka-book in
is "$err" "" "is another one"

run 0 "the providers" sikka-book -O D20006 --choices provider_id
name=$(said 'select(.value == "DOC2").text')
ours provider_id="$name" time=11:30 >in
run 65 "a name in place of an id" sikka-book in
is "$(told "provider_id: .*did you mean DOC2 \($name\)\?")" 1 "leads to the id"
ours provider_id=DOC9 operatory=XX date=2020-02-30 time=11:30 >in
run 65 "all faults of a request" sikka-book in
is "$(faults)" "date format;provider_id choices;operatory choices;" "are told, those of the rules first"

# --- how old it is ------------------------------------------------------------------------------------

ours operatory=OP9 time=11:40 >in
later 23h
run 65 "a list that is nearly a day old" sikka-book in
later 2h
run 0 "an older one" sikka-book in
is "$(told 'warning: line 1: operatory: isn.t in the practice.s list, which was read 25 h ago')$(told 'operatory: isn.t in the practice.s list, which was read 25')" \
    "01" "only warns: the practice may have a new one"
sikka-book -q -O D20006 --choices operatory >list
for items in '[]' '[["OP1"' '{}' '[1]' 'null'; do
	sql "UPDATE choices SET items = '$items' WHERE source LIKE 'operatories%'"
	ours operatory=OP9 "$(at)" >in
	n=$((n + 1))
	run 0 "what is no list ($items)" sikka-book -n in
	is "$err" "" "refuses nothing"
done

# --- several values, several lists, several practices -------------------------------------------------

pms 'Dentrix Ascend'
sql 'DELETE FROM choices'
payment() {
	printf '{"office_id":"D20006","operation":"post_claim_payment","claim_sr_no":"%s","practice_id":"1","payment_amount":"1|2|3",' "$1"
	printf '"is_payment_by_procedure_code":"true","transaction_sr_no":"1|2|3","claim_payment_date":"2026-01-01",'
	printf '"payment_mode":"3","deductible":"0|0|0|0","write_off":"-1|-2|-3","adjustment_type":"%s"}\n' "$2"
}
run 0 "types of adjustments" sikka-book -O D20006 -p post_claim_payment --choices adjustment_type
payment 1 '5|6|5' >in
run 0 "each of several values" sikka-book -n in
is "$err" "" "is looked for"
payment 1 '5| 6 |3' >in
run 65 "and one of them is missing" sikka-book -n in
is "$(faults) $(told 'adjustment_type: has a value that isn.t in the practice')" "adjustment_type choices; 1" "is a fault"

pms OpenDental
status() { printf '{"office_id":"D20006","operation":"update_appointment_status","practice_id":"1","appointment_sr_no":"1","value":"%s"}\n' "$1"; }
run 0 "statuses" sikka-book -O D20006 -p update_appointment_status --choices value
status Canceled >in
run 0 "a status that the first of two lists hasn't got" sikka-book -n in
is "$(told 'value: isn.t in the practice.s list \(another list may have it\).*did you mean Cancelled\?')" 1 "may stand in the second: a warning"
run 65 "with both of them" sikka-book --check-choices in
is "$(faults) $(asked appointment_statuses)" "value choices; 1" "it is a fault"
sql "UPDATE choices SET items = replace(items, '[\"Cancelled\"', '[\"Other\"') WHERE source LIKE 'practice_variables%'"
status Cancelled >in
run 0 "what one of them has" sikka-book -n in
is "$err" "" "is right"

run 0 "the operatories of both practices" sikka-book -O D36225 --choices operatory
sql "UPDATE choices SET items = replace(items, 'OP2', 'SUITE-2') WHERE source LIKE 'operatories%D36225-2%'"
{ booking practice_id=1 operatory=OP2 "$(at)"; booking practice_id=2 operatory=OP2 "$(at)"; booking practice_id=2 operatory=SUITE-2 "$(at)"; } >in
run 65 "each practice has its own list" sikka-book -n in
is "$(said 'select(.faults).line')" 2 "which counts for it alone"

# --- --check-choices ----------------------------------------------------------------------------------

sql 'DELETE FROM choices'
before=$(reads)
booking practice_id=1 operatory=OP1 provider_id=DOC1 time=12:00 >in
run 0 "--check-choices" sikka-book --check-choices in
is "$err $(asked patients)" " 0" "reads the lists, but no patients"
is "$(sql "SELECT group_concat(substr(source, 1, 6), ' ') FROM (SELECT source FROM choices WHERE office_id = 'D36225' ORDER BY source)")" \
    "operat practi provid suppor" "and keeps them"
[ "$(reads)" -gt "$before" ]
ok $? "from the server"
before=$(reads)
booking practice_id=1 operatory=OP2 provider_id=DOC1 time=12:10 >in
run 0 "again" sikka-book --check-choices in
is "$(reads)" "$before" "they are there"
booking practice_id=1 operatory=OP9 time=12:20 >in
run 65 "a value that a list of just now hasn't got" sikka-book --check-choices in
is "$(reads)" "$before" "is refused by it"
unlike "$err" check-choices "which nobody needs to read again"
sql "UPDATE choices SET items = replace(items, 'OP3', 'OLD') WHERE source LIKE 'operatories%'"
booking practice_id=1 operatory=OP3 time=12:30 >in
run 65 "a list that lacks a new operatory" sikka-book in
later 20m
before=$(asked operatories)
run 0 "--check-choices, later" sikka-book --check-choices in
is "$(asked operatories)$err" "$((before + 1))" "reads that list anew"
like "$(sql "SELECT items FROM choices WHERE source LIKE 'operatories%' AND office_id = 'D36225'")" OP3 "and keeps it"

sql 'DELETE FROM choices'
sim_fault 'GET /operatories=status:403:API2004'
{ booking practice_id=1 operatory=OP9 time=12:40; booking practice_id=1 operatory=OP8 time=12:50; } >in
run 0 "a list that can't be read" sikka-book --check-choices in
is "$(told 'D36225, practice 1: operatories can.t be read, so values aren.t compared with it')" 1 "is said once, and refuses nothing"
sim_clear_faults
sql 'DELETE FROM choices'
sim_fault 'GET /operatories=hang'
before=$(sent) reads=$(asked operatories)
booking practice_id=1 operatory=OP1 time=12:55 >in
sikka-book --check-choices in >out 2>err &
pid=$!
reads_more() { [ "$(asked operatories)" -gt "$reads" ]; }
wait_for reads_more
kill -TERM $pid
wait $pid
is "$? $(sent)" "75 $before" "a signal while a list is read ends it, and nothing is sent"
sim_clear_faults
sql 'DELETE FROM choices'
sim_post 'quirks?data_insert=in-progress'
booking practice_id=1 operatory=OP9 time=13:00 >in
run 0 "while the practice's data is being reloaded" sikka-book --check-choices in
is "$(sql "SELECT count(*) FROM choices WHERE source NOT LIKE 'supported%'")" 0 "no list of it is kept, and none refuses"
sim_post 'quirks?data_insert=completed'
# --- whether the system takes the write at all ---------------------------------------------------------

sql 'DELETE FROM choices'
sql "UPDATE practices SET pms = 'Dentrix', pms_version = 'V15.1' WHERE office_id = 'D20006'"
sql "UPDATE practices SET pms_version = '22.1' WHERE office_id = 'D36225' AND practice_id = 1"
sikka-book -O D20006 --example post_claim_payment >in 2>err
before=$(asked supported_pmses)
run 0 "while the vendor's list of systems isn't known" sikka-book -n in
is "$err" "" "nothing is said"
run 0 "nor by --describe" sikka-book -O D20006 --describe post_claim_payment -F jsonl
is "$(asked supported_pmses) $(told 'list of systems')" "$before 0" "which asks nobody"
run 0 "--describe --with-choices" sikka-book -O D20006 --describe --with-choices post_claim_payment -F jsonl
is "$(told "the vendor.s list of systems doesn.t say that Dentrix V15.1 takes this; its first version that does is V16.6\$") $(asked supported_pmses)" "1 $((before + 1))" \
    "reads it, and says from when on"
run 0 "then a request" sikka-book -n in
is "$(told "line 1: operation: the vendor.s list of systems doesn.t say that Dentrix V15.1 takes this; its first version that does is V16.6\$")" 1 "is warned of"
run 0 "a booking" sikka-book -O D20006 --describe book_appointment -F jsonl
is "$(told 'says that Dentrix V15.1 takes this')" 1 "is taken"
run 0 "a move" sikka-book -O D20006 --describe reschedule_appointment -F jsonl
is "$(told 'list of systems')" 0 "isn't in the list"
run 0 "the setting pms" env SIKKA_PMS='D20006: Dentrix 17.3' sikka-book -O D20006 --describe post_claim_payment -F jsonl
is "$(told 'says that Dentrix 17.3 takes this; its first version that does is V16.6')" 1 "counts"
sql "UPDATE practices SET pms_version = 'V8' WHERE office_id = 'D20006'"
run 0 "a version that the list hasn't got" sikka-book -n in
is "$err" "" "is no reason for a warning"
run 0 "--describe" sikka-book -O D20006 --describe post_claim_payment -F jsonl
is "$(told "the vendor.s list of systems doesn.t have Dentrix V8\$")" 1 "says so"
run 0 "another office" sikka-book -O D36225 --describe --with-choices book_appointment practice_id=1 -F jsonl
is "$(asked supported_pmses) $(told 'says that OpenDental 22.1 takes this')" "$((before + 1)) 1" "has the same list"
run 64 "--with-choices alone" sikka-book --with-choices in
run 64 "--with-choices without an operation" sikka-book --describe --with-choices
sim_fault 'GET /supported_pmses=status:403:API2004'
sql 'DELETE FROM choices'
booking practice_id=1 operatory=OP1 "$(at)" >in
run 0 "a list that the application may not read" sikka-book --check-choices in
is "$(told 'supported_pmses can.t be read')/$(wc -l <err)" 1/1 "is said, and refuses nothing"
sim_clear_faults

# --- the lists in a schema ----------------------------------------------------------------------------

sql "UPDATE practices SET pms = 'OpenDental', pms_version = '22.1'"
sql "UPDATE practices SET pms = 'Dentrix Ascend', pms_version = NULL WHERE office_id = 'D20006'"
run 64 "--with-choices of several practices" sikka-book -O D36225 --describe --with-choices book_appointment -F json
like "$err" "one practice" "whose lists differ, is refused"
run 0 "of one" sikka-book -O D36225 --describe --with-choices book_appointment practice_id=1 -F json
is "$(said '.properties.operatory.allOf[0].anyOf[1].enum | join(",")')" OP1,OP2,OP3 "has its operatories"
is "$(said '.properties.patient_id | has("allOf")')" false "but no patients"
is "$(said '.properties.practice_id.enum, (.required | index("practice_id") != null)' | tr -d '\n ')" '["1",1]true' "and its own id, which is needed"
reads=$(reads)
run 0 "the same without the option" sikka-book -O D36225 --describe book_appointment practice_id=1 -F json
is "$(said '.properties.operatory | has("allOf")') $(reads)" "false $reads" "has no lists, and asks nobody"

if python3 -c 'import jsonschema; jsonschema.Draft202012Validator' 2>/dev/null; then
	cat >judge.py <<'END'
import json, subprocess, sys, jsonschema

def book(*arguments, **more):
    return subprocess.run(["sikka-book", "-q", *arguments], text=True, capture_output=True, **more)

judged = 0
for office, operation in (("D36225", "book_appointment"), ("D36225", "reschedule_appointment"), ("D36225", "update_appointment_status"),
        ("D36225", "post_claim_payment"), ("D20006", "post_claim_payment"), ("D20006", "add_medical_note"), ("D36225", "update_claim")):
    schema = json.loads(book("-O", office, "--describe", "--with-choices", operation, "practice_id=1", "-F", "json").stdout)
    validator = jsonschema.Draft202012Validator(schema)
    example = json.loads(book("-O", office, "--example", operation, "practice_id=1").stdout)
    listed = {name: p["allOf"][0]["anyOf"] for name, p in schema["properties"].items() if "allOf" in p}
    for name, (_, enum) in listed.items(): # whatever the example has, the practice has
        example[name] = str(enum["enum"][0])
    requests = [example]
    for name, (_, enum) in listed.items():
        texts = [v for v in enum["enum"] if isinstance(v, str)]
        for value in enum["enum"] + ["nope", "", " ", 77, True, texts[0] + "|" + texts[-1], "nope|" + texts[0], " " + texts[0] + " |"]:
            requests.append({**example, name: value})
    requests.append({**example, "practice_id": "2"})
    requests.append({**example, "practice_id": ""})
    for line in map(json.loads, book("-n", input="\n".join(map(json.dumps, requests))).stdout.splitlines()):
        request, rules = requests[line["line"] - 1], {f["rule"] for f in line.get("faults", [])}
        if request.get("practice_id") == "2" and office == "D36225": # another practice of the office: other rules
            continue
        if rules != {"same_count"} and validator.is_valid(request) == bool(rules):
            print(operation, sorted(rules), json.dumps(request))
        judged += 1
print("judged", judged)
END
	run 0 "such a schema" python3 judge.py
	is "$(grep -v '^judged' out | head -5)" "" "judges $(sed -n 's/^judged //p' out) requests as sikka-book does with the same lists"
else
	ok 0 "such a schema # SKIP no python3-jsonschema"
fi

for option in -n --raw --no-validate; do
	run 64 "--check-choices $option" sikka-book --check-choices $option in
	like "$err" "$option" "is a contradiction"
done
done_testing
