#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-get --webhook: a webhook's payload is judged, and names what has changed; and --changed-since -, which reads that
. "$(dirname "$0")/lib.sh"

start_sim --delay 0:0
authorize
(umask 077 && echo 'key-of-the-webhook' >"$T/callback")
export SIKKA_CALLBACK_KEY_FILE="$T/callback" SIKKA_CALLBACK_KEY_SEEN=key-of-the-webhook
# hook PAYLOAD [ARGUMENT ...]
hook() { printf '%s' "$1" >"$T/payload"; shift; sikka-get --webhook "$@" <"$T/payload"; }
told() { hook "$1" 2>"$T/err" | jq -r '[.office_id, .practice_id, .resource, .event] | join(" ")' | tr '\n' '|'; }
refused() { # refused CODE WHAT PAYLOAD MESSAGE
	run "$1" "$2" hook "$3"
	like "$err" "^sikka-get: $4" "and it says why"
	is "$(cat "$T/out")" "" "nothing is told"
}
before=$(sim_get requests | jq .total)

# --- what is told, by the vendor's own examples ------------------------------------------------------------
is "$(told '{
"event": "patient",
"office_id": "D20006",
"practice_id": "1",
"customer_id": "1",
"prev_generated_time": "2019-12-09 14:37:56",
"next_data_synchronization_date": "2019-12-10 17:15:00",
"generated_time": "2018-04-04 17:06:00"
}')" "D20006 1 patients patient|" "patient"
is "$(cat "$T/err")" "" "without a word"
refresh='{
"event": "Data_Refresh",
"office_id": "D36225",
"practice_id": 1,
"prev_generated_time": "2019-12-09 14:37:56",
"next_data_synchronization_date": "2019-12-10 17:15:00",
"spc_schedule_interval": "25 Minutes",
"customer_id":"1",
"data_synchronization_date": "2018-04-04 17:03:07",
"practice_management_system_refresh_date": "2018-04-04 17:01:21",
"financial_system_refresh_date": "1111-11-11",
"web_upload_date": "2018-04-04 17:03:07",
"data_insert_date": "2018-04-04 17:11:34",
"practice_management_system_refresh_date_time_zone": "Eastern Standard Time",
"practice_management_system": "Dentrix",
"practice_management_system_version": "V16.6",
"financial_system": "",
"financial_system_version": "",
"utc_difference_in_minutes": "240",
"spc_schedule_time": "5:00 PM",
"spc_schedule_type": "Daily"
}'
got=$(told "$refresh")
is "$(printf '%s' "$got" | tr -dc '|' | wc -c | tr -d ' ')" 14 "Data_Refresh: whatever the server lists changes of"
like "$got" '(^|\|)D36225 1 appointments Data_Refresh\|' "appointments among them"
is "$(told '{"event":"appointments","office_id":"D36225","practice_id":"2"}')" "D36225 2 appointments appointments|" "appointments"
is "$(told '{"event":"transaction","office_id":"D36225"}')" "D36225  transactions transaction|" "transaction, of no practice"
run 0 "as a table" hook '{"event":"appointments","office_id":"D36225","practice_id":"1"}' -F table
like "$(cat "$T/out")" "^office_id +practice_id +resource" "if it is asked for"

# --- the key ---------------------------------------------------------------------------------------------
good='{"event":"appointments","office_id":"D36225","practice_id":"1","note":"Zander, tooth 14"}'
with() { seen=$1; shift; SIKKA_CALLBACK_KEY_SEEN=$seen hook "$@"; }
run 0 "blanks around it, as in a header's line" with "$(printf ' key-of-the-webhook\r')" "$good"
for seen in key-of-the-webhool key-of-the-webhook2 key-of-the-webhoo Key-of-the-webhook; do
	run 77 "another key" with "$seen" "$good"
	like "$err" "^sikka-get: the webhook's callback-key isn't the one in $T/callback: " "is told"
	unlike "$err" "key-of|$seen" "and neither key is shown"
done
for seen in '' ' '; do
	run 77 "no key ('$seen')" with "$seen" "$good"
	like "$err" "without a callback-key: its receiver has to pass it on in SIKKA_CALLBACK_KEY_SEEN" "is told"
done
run 77 "no variable" env -u SIKKA_CALLBACK_KEY_SEEN sikka-get --webhook
run 77 "the key comes first: nobody learns what a payload lacks" with other '{'
chmod 640 "$T/callback"
run 77 "a key file that the group can read" hook "$good"
like "$err" "$T/callback contains the callback key, and other users can read it; fix it with: chmod 600 $T/callback" "is named"
chmod 600 "$T/callback"
run 78 "no key file" env -u SIKKA_CALLBACK_KEY_FILE sikka-get --webhook
like "$err" "no callback key: set callback_key_file in the config file" "where it is set"
run 78 "one that isn't there" env SIKKA_CALLBACK_KEY_FILE="$T/none" sikka-get --webhook
(umask 077 && echo >"$T/empty")
run 78 "an empty one" env SIKKA_CALLBACK_KEY_FILE="$T/empty" sikka-get --webhook
run 78 "no state file" env SIKKA_DB="$T/none.db" sh -c "echo '$good' | sikka-get --webhook"

# --- payloads that anybody may have made -------------------------------------------------------------------
refused 65 "no JSON" 'note=Zander' "the payload isn't JSON: "
refused 65 "nothing" '' "the payload isn't JSON: "
refused 65 "half of it" '{"event":"appointments","office_id":"D36225"' "the payload isn't JSON: "
refused 65 "something behind it" "$good$good" "the payload isn't JSON: "
refused 65 "a member twice" '{"event":"appointments","office_id":"D36225","office_id":"D20006"}' "the payload isn't JSON: "
refused 65 "a list" "[$good]" "the payload isn't a JSON object$"
refused 65 "no event" '{"office_id":"D36225"}' "the payload's event is none of Data_Refresh, appointments, patient and transaction$"
refused 65 "another event" '{"event":"authorized_practices","office_id":"D36225"}' "the payload's event is none of "
refused 65 "one that is no text" '{"event":["appointments"],"office_id":"D36225"}' "the payload's event is none of "
for id in '' '../D36225' "D36225' OR 1=1 --" 'Zander, tooth 14' 'D36225D36225D36225' "D36225\\n" 'D36225\u001b[2J'; do
	refused 65 "an office that can't be one" "{\"event\":\"appointments\",\"office_id\":\"$id\"}" "the payload has no office_id, or one that can't be an office's$"
done
refused 65 "a number for an office" '{"event":"appointments","office_id":36225}' "the payload has no office_id"
refused 65 "an office that nobody knows" '{"event":"appointments","office_id":"D99999"}' "the payload is of office D99999, which isn't known here; if it has authorized the application, run sikka-authorize$"
refused 65 "a practice that can't be one" '{"event":"appointments","office_id":"D36225","practice_id":"1; rm -rf /"}' "the payload's practice_id can't be a practice's$"
head -c 65536 /dev/zero | tr '\0' ' ' >"$T/blanks"
run 65 "65,537 bytes" sh -c "{ cat '$T/blanks'; echo; } | sikka-get --webhook"
like "$err" "the payload has more than 65536 bytes" "are too many"
run 0 "65,536 are not" sh -c "{ printf '%s' '$good'; head -c $((65536 - ${#good})) '$T/blanks'; } | sikka-get --webhook"
run 65 "depth" sh -c 'head -c 60000 /dev/zero | tr "\0" "[" | sikka-get --webhook'
run 66 "an input that can't be read" sh -c "sikka-get --webhook <'$T'"
hook "$good" >"$T/out" 2>&1
hook '{"note":"Zander, tooth 14"}' >>"$T/out" 2>&1
unlike "$(cat "$T/out")" "Zander" "what a payload says otherwise is never shown"
for more in appointments '-O D36225' '--limit 1' '--changed-since 1h' '--list' '--fields a' '--parameters f' '--page-size 5' '--from-page 1'; do
	# shellcheck disable=SC2086 # several words
	run 64 "--webhook $more" hook "$good" $more
done
is "$(sim_get requests | jq .total)" "$before" "nobody was asked"

# --- what reads it -----------------------------------------------------------------------------------------
booking key=a >request.json
run 0 "a booking" sikka-book -q --wait=1m request.json
number=$(said .appointment_sr_no)
curl -sS -X DELETE "$SIM/record?office_id=D20006&resource=patients&id=3" >"$T/answer"
asked() { sim_count "GET /$1"; }
read_changes() { sikka-get -q --changed-since 20m - "$@"; }
is "$(hook "$good" | read_changes | jq -r '[.office_id, .resource, .appointment_sr_no, .flag] | join(" ")')" "D36225 appointments $number added" "the two together"
is "$(asked practice_events)" 1 "one office, one resource"
{
	hook "$refresh"
	hook "$good"
	hook '{"event":"patient","office_id":"D20006","practice_id":"1"}'
} | tee "$T/changed" | read_changes >"$T/out"
is "$(jq -r '[.office_id, .resource, .flag] | join(" ")' "$T/out" | sort | tr '\n' '|')" "D20006 patients deleted|D36225 appointments added|" "several, each once"
is "$(asked practice_events)" 16 "though one of them was named twice"
is "$(read_changes -O D20006 <"$T/changed" | jq -r .office_id)" D20006 "-O chooses among them"
is "$(asked practice_events)" 17 "and the others aren't asked"
run 0 "resources with and without a list of changes" sh -c "{ cat '$T/changed'; echo '{\"office_id\":\"D36225\",\"resource\":\"contact_details\"}'; echo '{\"office_id\":\"D36225\",\"resource\":\"employers\"}'; } | sikka-get --changed-since 20m -"
is "$(grep -c 'changes of the last 50 minutes' "$T/err") $(grep -c 'records loaded since' "$T/err") $(wc -l <"$T/err" | tr -d ' ')" "1 1 2" "how they are asked is said once for each way"
sim_fault 'GET /practice_events@1-=status:500:API2001'
run 69 "a server in trouble" read_changes <"$T/changed"
sim_clear_faults
run 0 "nothing" sh -c 'sikka-get --changed-since 20m - </dev/null'
is "$(cat "$T/out") $err" " " "is no error"
run 65 "bad lines" sh -c "{ echo '{}'; echo 'x'; echo '{\"office_id\":\"D1\",\"resource\":\"patients\"}'; echo '{\"office_id\":\"D36225\",\"resource\":\"weddings\"}'; echo '{\"office_id\":\"D36225\",\"resource\":\"operatories\"}'; cat '$T/changed'; } | sikka-get --changed-since 20m -"
is "$(jq -r .office_id "$T/out" | sort | tr '\n' ' ')" "D20006 D36225 " "don't hold up the others"
is "$(grep -c '^sikka-get: line [1-5] of the input: ' "$T/err")" 5 "each is named"
run 64 "without --changed-since" sikka-get -
run 64 "a parameter" sikka-get --changed-since 20m - practice_id=1
run 64 "--parameters" sikka-get --changed-since 20m --parameters "$T/changed" -
run 64 "--from-page" sikka-get --changed-since 20m --from-page 2 -
run 64 "a wrong time" sikka-get --changed-since soon -
mkfifo "$T/slow"
sikka-get --changed-since 20m - <"$T/slow" >"$T/out" 2>"$T/err" &
reading=$!
exec 9>"$T/slow"
catches_term() { [ $((0x$(sed -n 's/^SigCgt:[[:space:]]*//p' "/proc/$reading/status") & 0x4000)) -ne 0 ]; }
wait_for catches_term
cat "$T/changed" >&9
signal TERM "$reading"
wait_for has_ended "$reading"
exec 9>&-
wait "$reading"
is "$? $(cat "$T/out") $(cat "$T/err")" "75  sikka-get: stopped by a signal; nothing was done" "a signal before all is read: nothing is asked"
sim_fault 'GET /practice_events=hold'
sikka-get -q --changed-since 20m - <"$T/changed" >"$T/out" 2>"$T/err" &
reading=$!
wait_for sim_holds 1
before=$(asked practice_events)
signal TERM "$reading"
sim_clear_faults
wait_for has_ended "$reading"
wait "$reading"
is "$? $(cat "$T/err")" "75 sikka-get: stopped by a signal; 1 of 14 resources were read; the same command reads all of them again" "a signal while it reads: nothing more is asked"
is "$(asked practice_events)" $((before + 1)) "but what was on its way"

# --- the scripts of the page -------------------------------------------------------------------------------
# script "HEAD": the script of sikka-get(1) with this second line, in a spool folder of this test
script() {
	awk -v head="$1" '
	/^\.Bd/ { block = ""; on = 1; next }
	/^\.Ed/ { on = 0; if (index(block, "\n" head)) printf "%s", block; next }
	on { gsub(/\\e/, "\\"); block = block $0 "\n" }' "$TOP/man/sikka-get.1" | sed "s|/var/spool/sikka|$T/spool|"
}
mkdir "$T/spool"
script '# A receiver of webhooks' >"$T/receive"
script '# Reads what the receiver' >"$T/read"
# received PAYLOAD [KEY]: what the receiver answers, called as a web server does
received() { printf '%s' "$1" | env -u SIKKA_CALLBACK_KEY_SEEN HTTP_CALLBACK_KEY="${2-key-of-the-webhook}" CONTENT_LENGTH="${#1}" sh "$T/receive" 2>>"$T/receive.err" | tr -d '\r' | head -n 1; }
run 0 "the reader, while there is nothing" sh "$T/read"
is "$(received "$good") $(received "$good") $(received '{"event":"patient","office_id":"D20006"}')" "Status: 204 No Content Status: 204 No Content Status: 204 No Content" "webhooks are received"
is "$(received "$good" other) $(received "$good" '')" "Status: 403 Forbidden Status: 403 Forbidden" "others are not"
is "$(received '{"event":"patient","office_id":"D99999"}') $(received "$good $(cat "$T/blanks")")" "Status: 204 No Content Status: 204 No Content" "what nobody can do anything about is accepted"
is "$(SIKKA_CALLBACK_KEY_FILE=$T/none received "$good")" "Status: 503 Service Unavailable" "what is wrong here isn't"
is "$(find "$T/spool" -type f | wc -l | tr -d ' ')" 3 "three are noted"
sim_fault 'GET /practice_events=status:500:API2001'
run 69 "a run that fails" sh "$T/read"
is "$(find "$T/spool" -name '*.jsonl' | wc -l | tr -d ' ')" 3 "keeps what was noted"
sim_clear_faults
run 0 "the next one" sh "$T/read"
is "$(jq -r '[.office_id, .resource] | join(" ")' "$T/spool/changed" | sort | tr '\n' '|')" "D20006 patients|D36225 appointments|" "reads it, each once"
is "$(find "$T/spool" -type f)" "$T/spool/changed" "and it is gone"

# --- an office whose keys were revoked here ------------------------------------------------------------------
sikka-token revoke D20006 >"$T/out" 2>&1
run 0 "a held office" read_changes <"$T/changed"
is "$(jq -r .office_id "$T/out")" D36225 "gets no new key because of a webhook"
is "$(sql "SELECT held_at IS NOT NULL, request_key IS NULL FROM pms_integrations WHERE office_id = 'D20006'")" "1|1" "and stays held"
done_testing
