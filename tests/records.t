#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-records(5): the page, the schemas and the records of all commands say the same
. "$(dirname "$0")/lib.sh"

SCHEMAS=$TOP/man/schemas
PAGE=$TOP/man/sikka-records.5
HOLD=$TOP/tests/hold-records
python3 -c 'import jsonschema' 2>"$T/why" || { echo "1..0 # SKIP no python3-jsonschema"; exit 0; }

# --- the page and the schemas --------------------------------------------------------------------------
kinds=$(cd "$SCHEMAS" && for file in *.schema.json; do echo "${file%.schema.json}"; done | grep -v '^common$')
# section KIND: of the page
section() { awk -v name="$1" '/^\.S[hs] / { on = $2 == name; next } on' "$PAGE"; }
is "$(sed -n 's/^\.Ss //p' "$PAGE" | sort)" "$kinds" "the page has a section for each schema"
is "$(sed -n 's/^\.It Nm .* Ta //p' "$PAGE" | tr -d ' ' | tr , '\n' | sort -u)" "$kinds" "and says who writes it"
# listed COMMAND, looked_for COMMAND: the kinds that the page, and hold-records, have for it
listed() { sed -n "s/^\.It Nm $1\( .*\)\{0,1\} Ta //p" "$PAGE" | tr -d ' ' | tr , '\n' | sort -u | tr '\n' ' '; }
looked_for() { sed -n "s/^ *\"$1\": \[\(.*\)\],\$/\1/p" "$HOLD" | tr -d '" ' | tr , '\n' | sort -u | tr '\n' ' '; }
for command in $(sed -n 's/^\.It Nm \(sikka-[a-z]*\) .*/\1/p' "$PAGE" | sort -u); do
	is "$(listed "$command")" "$(looked_for "$command")" "$command: the page lists each kind that it writes"
done
for kind in $kinds; do
	is "$(section "$kind" | sed -n 's/^\.It Va //p' | tr '\n' ' ')" "$(jq -r '.properties | keys_unsorted[]' "$SCHEMAS/$kind.schema.json" | tr '\n' ' ')" "$kind: its members, in this order"
	# those of objects inside: the page names them in a line
	is "$(jq -r '[.. | .properties? // empty | keys[]] | unique[]' "$SCHEMAS/$kind.schema.json" | while read -r name; do
		section "$kind" | grep '^\.\(It \)*Va ' | grep -qw -- "$name" || echo "$name"
	done)" "" "$kind: and those of the objects in it"
done
version=$(sed -n 's/^The records have version \([0-9]*\)\.$/\1/p' "$PAGE")
is "$(jq -r '."$comment"' "$SCHEMAS"/*.json | sort -u)" "sikka-records(5), version $version" "page and schemas have one version"
is "$(jq -r '.. | ."$ref"? // empty' "$SCHEMAS"/*.json | grep -v '^#/' | sort -u | while read -r ref; do
	jq -e --arg name "${ref##*/}" '."$defs"[$name]' "$SCHEMAS/${ref%%#*}" >found || echo "$ref"
done)" "" "whatever a schema refers to lies beside it"

# --- a record that isn't as it says is noticed ---------------------------------------------------------
start_sim --rate-limit 100000 --delay 0:0
authorize
booking key=a >in
sikka-book in >good
# wrong JQ: what is said of the record when jq has changed it
wrong() { jq -c "$1" good >bad && "$HOLD" "$SCHEMAS" write bad; }
is "$("$HOLD" "$SCHEMAS" write good 2>&1; echo "$?")" 0 "a good record is one"
like "$(wrong '.colour = "red"')" "colour.*unexpected" "a new member isn't one of it"
like "$(wrong '.colour = "red"')" "man/schemas/write.schema.json .*man/sikka-records.5" "and it says where that is to be added"
like "$(wrong '.result = "gone"')" "^write: result: 'gone' is not one of" "nor a new word"
like "$(wrong 'del(.key)')" "'key' is a required" "nor may one be missing"
like "$(wrong '{key} + .')" "order" "nor be elsewhere"
like "$(wrong '.id = 7')" "id: 7 is not of type" "nor be of another type"

# --- each kind is written ------------------------------------------------------------------------------
run 65 "bad lines" sh -c '{ cat in; jq -c ".date = \"2031-04-04\"" in; jq -c ".key = \"b\" | .length = \"x\"" in; echo "{,}"; } | sikka-book --wait'
booking time=09:20 key=new >new
sikka-book -n new >out
sikka-book --choices operatory -O D36225 practice_id=1 >out
sikka-book --describe -F jsonl >out 2>err
sikka-book --describe book_appointment -F jsonl >out 2>err
run 0 "a schema, which is one itself" sikka-book --describe book_appointment -F json
sikka-book --example >out
sikka-get -O D36225 patients --limit 3 >out
(umask 077 && echo key >callback)
echo '{"event":"appointments","office_id":"D36225"}' |
    SIKKA_CALLBACK_KEY_FILE="$T/callback" SIKKA_CALLBACK_KEY_SEEN=key sikka-get --webhook >out
sikka-get --list >out
sikka-get --list appointments >out
sikka-status >out
sikka-status --writebacks --with-body -F json >out
sikka-status --history 1 >out
sikka-status --runs >out
sikka-status --share >out
sikka-doctor >out
sikka-authorize --export >out
sikka-authorize --locations >out
for what in list refresh info; do sikka-token "$what" >out; done
lose after 09:30 key=lost
sikka-sweep -n --notify true --backup "$T/copy" >out
cat >hook <<'END'
cat >>"$HOOKED"
END
export HOOKED="$T/hooked"
later 40m
sikka-sweep --notify "sh $T/hook" >out 2>err
sikka-sweep --backup "$T/copy" --purge-patient D36225/7 >out 2>err
sikka-token revoke D20006 >out 2>err
sim_submit 'office_id=D36225&path=/appointment' "$(booking time=17:00 | jq -c 'del(.office_id)')" >out
rm -f "$SIKKA_DB" "$SIKKA_DB.lock"
sikka-authorize >out 2>err
sikka-sweep -n >out 2>err
[ -s hooked ]
ok $? "a hook gets events"
is "$("$HOLD" "$SCHEMAS" event hooked 2>&1; echo "$?")" 0 "which are records, too"
# What is archived goes into a file and not to standard output: archive.t holds it against its schema.
is "$( ("$HOLD" "$SCHEMAS" --kinds "$SIKKA_KEPT"; echo archived) | sort)" "$kinds" "every kind was written, and each is as its schema says"
done_testing
