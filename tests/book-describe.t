#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-book: --describe, --example: the rules for people and for programs; nothing is sent
. "$(dirname "$0")/lib.sh"

PMSS='ClearDent|CornerStone|Dentrix|Dentrix Ascend|Dentrix Enterprise|Dentrix G6|Dolphin Management|Eaglesoft|OpenDental|OrthoTrac|Planet DDS WebV2.0|Planet DDS WebV3.0|SuzyDental|Tracker|intravet'

# The operations that a page lists, in its order: page_lists PAGE SECTION.
page_lists() {
	sed -n "/^\.S[hs] $2/,/^\.El/p" "$TOP/man/$1" | sed -n 's/^\.It Cm //p'
}

# --- without a state file ------------------------------------------------------------------------------

OPERATIONS=$(page_lists sikka.7 OPERATIONS)
[ -n "$OPERATIONS" ]
ok $? "sikka(7) lists operations"
is "$(page_lists sikka-book.1 Operations)" "$OPERATIONS" "sikka-book(1) lists the same ones"
run 0 "--describe" sikka-book --describe
is "$(sed -n 1p out | tr -s ' ')" "operation method path creates twice pms" "is a table"
is "$(sed '1d; s/ .*//' out)" "$OPERATIONS" "of the operations"
is "$(grep -c 'add_document *POST */document *document *refused *OpenDental$' out)" 1 "with the systems that take them"
run 0 "as JSON Lines" sikka-book --describe -F jsonl
# The page says "METHOD PATH, creates a X; on SYSTEMS alone" of each.
is "$(sed -n '/^\.Sh OPERATIONS/,/^\.El/p' "$TOP/man/sikka.7" | sed -n 's/^\.It Cm //; T; N; s/\n/ /p')" \
    "$(said '.operation + " " + .method + " " + .path + (if .creates then ", creates a" + (if .creates | test("^[aeiou]") then "n " else " " end) + .creates else "" end)
	+ (if .pms then "; on " + .pms + " alone" else "" end)')" "sikka(7) has the same table"
is "$(said .operation)" "$OPERATIONS" "a record for each"
is "$(said 'select(.twice == "sent").operation' | tr '\n' ' ') $(said .twice | sort -u | tr '\n' ' ')" \
    "post_claim_payment add_medical_note add_lab_result post_transaction  refused sent " "and whether an equal one under another key is sent"
is "$(awk '/^\.Ss Equal requests/ { on = 1 } on && /^\.Cm .* , / { sub(/^\.Cm /, ""); sub(/ \.$/, ""); print; exit }' "$TOP/man/sikka-book.1")" \
    "$(said 'select(.twice == "sent").operation' | paste -sd , - | sed 's/,/ , /g')" "sikka-book(1) names these"
is "$(said 'select(.operation == "update_patient").pms')" "OrthoTrac, Dolphin Management" "with the systems that take it"
# Which system takes which operation, as it says: "Dentrix/add_perio_chart". What Dentrix takes, G6 takes.
jq -r --arg pmss "$PMSS" '. as $o | ($pmss | split("|"))[] | . as $pms
    | select($o.pms == null or any($o.pms | split(", ")[]; . == ($pms | sub(" G6$"; "")))) | $pms + "/" + $o.operation' out | sort >taken
run 0 "as one array" sikka-book --describe -F json
is "$(said 'type')" array "of JSON"
is "$(said '.[].operation')" "$OPERATIONS" "of the same operations"
run 0 "--describe OPERATION" sikka-book --describe create_patient
like "$out" '^staff +on OrthoTrac +' "the general rules say on which system a field is needed"
run 0 "--example" sikka-book --example
is "$(said '.operation + " " + (.office_id | tostring)')" "book_appointment null" "of a booking, for no office"
[ ! -e "$SIKKA_DB" ]
ok $? "for all that no state file is made"
run 78 "--choices" sikka-book --choices provider_id
like "$err" 'sikka-authorize' "needs a state file"
run 77 "an office that isn't there" sikka-book -O D1 --example

# --- usage -----------------------------------------------------------------------------------------------

run 64 "two of them" sikka-book --describe --example
run 64 "an unknown operation" sikka-book --describe book_apointment
like "$err" 'did you mean book_appointment' "the nearest is named"
run 64 "two operations" sikka-book --describe book_appointment create_patient
run 64 "a field that there isn't" sikka-book --choices operatery
like "$err" 'did you mean operatory' "the nearest is named"
run 64 "NAME=VALUE where it means nothing" sikka-book --example species=Canine
for option in -n --again --wait --no-validate --raw "--files=$T"; do
	run 64 "$option" sikka-book --describe "$option"
done
run 64 "--choices without a field" sikka-book --choices

# --- of an office ------------------------------------------------------------------------------------------

start_sim --rate-limit 100000 --delay 0:0
authorize
total=$(sim_get requests | jq .total)
run 0 "the office's system" sikka-book -O D20006 --describe book_appointment -F jsonl
is "$(said 'select(.field == "staff" or .field == "date" or .field == "user") | .field + " " + .required' | tr '\n' ' ')" "date yes staff yes " \
    "decides what is needed, and what there is"
run 0 "practices of one office with different systems" sikka-book -O D36225 --describe book_appointment
like "$err" 'different systems.*practice_id=' "have the general rules, which is said"
run 0 "-q" sikka-book -q -O D36225 --describe book_appointment
is "$err" "" "isn't"
run 0 "practice_id= chooses one" sikka-book -O D36225 --describe reschedule_appointment practice_id=2 -F jsonl
is "$(said 'select(.field == "schedule").field')" schedule "Dentrix G6 has fields of its own"
like "$err" 'practice 2 of office D36225 is judged as Dentrix G6: the server calls its system "Dentrix G6"' "it is said which rules these are"
printf 'pms = D36225: Eaglesoft, D36225/2: Dentrix V15.1\n' >set
run 0 "the setting pms" env SIKKA_CONFIG="$T/set" sikka-book -O D36225 --describe reschedule_appointment practice_id=2 -F jsonl
is "$(said 'select(.field == "schedule").field')" "" "is stronger than what the server says"
like "$err" "practice 2 of office D36225 is judged as Dentrix: $T/set:1 calls its system \"Dentrix V15.1\"" "which is said, too"
run 0 "of an office" env SIKKA_PMS='D36225: Dentrix 17.3, D20006: x' sikka-book -O D36225 --describe reschedule_appointment practice_id=1 -F jsonl
is "$(said 'select(.field == "schedule").field')" schedule "it holds for all its practices"
run 0 "blanks around what is said" env SIKKA_PMS=' D36225/2 : x, D36225 : Dentrix 17.3 , D20006: x' sikka-book -O D36225 --describe reschedule_appointment practice_id=1 -F jsonl
is "$(said 'select(.field == "schedule").field')" schedule "are no part of it"
like "$err" 'calls its system "Dentrix 17.3"' "nor of the system's name"
run 78 "one without a system" env SIKKA_PMS='D36225 Dentrix' sikka-book -O D36225 --describe reschedule_appointment
like "$err" 'pms .SIKKA_PMS. must be OFFICE: NAME VERSION' "is refused"
run 64 "a practice that there isn't" sikka-book --describe book_appointment practice_id=9
run 77 "an office that there isn't" sikka-book -O D1 --describe book_appointment
run 65 "an example of what the system doesn't take" sikka-book -O D36225 --example add_document practice_id=2
like "$err" "Dentrix G6 doesn't take add_document" "is none"
run 0 "its description" sikka-book -O D36225 --describe add_document practice_id=2
like "$err" "Dentrix G6 doesn't take add_document" "says so, too"
run 0 "an example of what the rules say of Dentrix" sikka-book -O D36225 --example add_perio_chart practice_id=2
is "$(said 'has("chart_date")')" true "holds for Dentrix G6"
run 0 "-p" sikka-book -O D20006 -p update_patient --example
is "$(said '.operation + " " + .office_id + " " + .practice_id')" "update_patient D20006 1" "names an operation as well"
is "$(sim_get requests | jq .total)" "$total" "for all that the server isn't asked"

# --- every example validates, and is taken -------------------------------------------------------------------

failed=
for pms in $(echo "$PMSS" | tr ' |' '_ '); do
	sql "UPDATE practices SET pms = '$(echo "$pms" | tr _ ' ')', pms_version = NULL"
	mkdir "of.$pms"
	for operation in $OPERATIONS; do
		sikka-book -q -O D20006 --example "$operation" >"of.$pms/$operation.json" 2>example.err
		case $? in
		0) ;;
		65) rm "of.$pms/$operation.json" && continue ;; # the system doesn't take it
		*) failed="$failed $pms/$operation" ;;
		esac
		sikka-book -n "of.$pms/$operation.json" >example.out 2>example.err && [ ! -s example.err ] ||
		    failed="$failed $pms/$operation:$(cat example.err)"
		sikka-book -q -O D20006 --describe "$operation" -F json >"of.$pms/$operation.schema" || failed="$failed $pms/$operation.schema"
	done
done
is "$failed" "" "each example validates, without a warning"
find of.* -name '*.json' | sed 's/^of\.//; s/\.json$//' | sed 'h; s|/.*||; y/_/ /; G; s|\n.*/|/|' | sort >examples
is "$(diff taken examples)" "" "of the operations that each system takes: < it says that it takes it, > it has an example"

if python3 -c 'import jsonschema; jsonschema.Draft202012Validator' 2>/dev/null; then
	# Each example with members changed, added or left out is judged by the schema as sikka-book judges it. What a
	# schema can't say is left out: lists of the same length, as many teeth, days in the future. true is base64, too.
	cat >judge.py <<'END'
import glob, json, os, sqlite3, subprocess, sys, jsonschema

FIXED = ("office_id", "operation")
VALUES = ("x", "-1", "0", "12.50", "1|2", "<b>", "2031-02-30", "true", "TRUE", "1$2", "a" * 300, "", "  ", ".", 5, -1, 40, True)
MORE = ("", "x", "true", "2031-02-03", 5)  # in fields that the example doesn't have
ALL = (None, [1], {"a": "b"}, "1", 1)      # in a member that nobody knows
BEYOND = (("tooth_number", "1$2"), ("mobility", "1$2"), ("document_base64", True))

def variants(example, properties):
    yield example
    yield {k: v for k, v in example.items() if k != "practice_id"}
    yield {**example, "key": ""}
    yield {**example, "office_id": ""}
    yield {**example, "office_id": "D1"}
    for value in ALL:
        yield {**example, "nobodys": value}
    for name in example.keys() - FIXED:
        yield {k: v for k, v in example.items() if k != name}
        for value in VALUES:
            if (name, value) not in BEYOND:
                yield {**example, name: value}
    for name in properties.keys() - example.keys() - {"again", "key", "office_id"}:
        for value in MORE:
            if (name, value) not in (("birthdate", "2031-02-03"), ("created_datetime", "2031-02-03")):
                yield {**example, name: value}

def judge(path):
    schema = json.load(open(path[:-4] + "schema"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    requests = list(variants(json.load(open(path)), schema["properties"]))
    told = subprocess.run(["sikka-book", "-n", "-q"], input="\n".join(map(json.dumps, requests)), text=True, capture_output=True)
    for line in map(json.loads, told.stdout.splitlines()):
        rules = {f["rule"] for f in line.get("faults", [])}
        request = requests[line["line"] - 1]
        if rules != {"same_count"} and validator.is_valid(request) == bool(rules):
            print(path, sorted(rules), json.dumps(request)[:400])
    return len(requests)

db = sqlite3.connect(os.environ["SIKKA_DB"], timeout=60)
judged = 0
for folder in sorted(glob.glob("of.*")):
    with db:
        db.execute("UPDATE practices SET pms = ?, pms_version = NULL", (folder[3:].replace("_", " "),))
    judged += sum(map(judge, sorted(glob.glob(folder + "/*.json"))))
print("judged", judged)
END
	run 0 "the schemas are ones" python3 judge.py
	is "$(grep -v '^judged' out | head -20)" "" "and judge $(sed -n 's/^judged //p' out) requests as sikka-book does"
else
	ok 0 "the schemas # SKIP no python3-jsonschema"
fi

# --- what the server says to them -----------------------------------------------------------------------------

sql "UPDATE practices SET pms = 'OrthoTrac'"
run 0 "the request of an example" sh -c 'sikka-book -O D20006 --example update_patient | sikka-book --wait=60s'
is "$(said .result)" completed "is carried out"
done_testing
