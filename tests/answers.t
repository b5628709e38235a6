#!/bin/sh
# SPDX-License-Identifier: MIT
# The server's answers in every spelling that was seen: each command reads each of them correctly
. "$(dirname "$0")/lib.sh"

lines() { wc -l <"$1" | tr -d ' '; }
asked() { sim_count "$1"; }
quirk() { # quirk NAME=VALUE …: these and no others
	curl -sS -X DELETE "$SIM/quirks" >/dev/null
	for one in "$@"; do sim_post "quirks?$one"; done
}
fault() { sim_clear_faults; sim_fault "$1"; }
slot=0
another() { # another booking, at a time of its own
	slot=$((slot + 1))
	booking "time=$(printf '%02d:%02d' $((8 + slot / 12)) $((slot % 12 * 5)))" "$@"
}

start_sim --delay 0:0 --rate-limit 100000 --page-max 50
# one server for many state files: what an earlier one has sent is no sign of a lost file
export SIKKA_SHARED_OFFICES='*'

# --- one spelling after the other ---------------------------------------------------------------------
# The list of practices, keys and their renewal, a list of two pages, and a booking followed to its end.
for form in lists=plain lists=wrapped numbers=bare booleans=True booleans=true booleans=TRUE booleans=bare \
    pending=False pending=empty ids=long_message ids=more_information created=200 expires_in=seconds expires_in=text \
    expires_in=number refresh_key=absent members=more 'lists=wrapped numbers=bare booleans=bare pending=empty created=200 expires_in=number members=more'; do
	# shellcheck disable=SC2086
	quirk $form
	rm -rf "$T/state"
	begin_state
	sim_post 'office?office_id=D36225&spu=offline'
	{
		sikka-authorize | jq -r .status | sort | uniq -c
		sql "SELECT round(julianday(token_expiry) - julianday(renewed_at), 2) FROM pms_integrations"
		sikka-token refresh --all | jq -r .grant
		sikka-token refresh --all | jq -r .grant
		sikka-token info | jq -r .status
		sikka-get -O D36225 appointments --limit 80 | jq -r .appointment_sr_no | sort -u | wc -l
		sikka-get --show-secrets request_key_info | jq -r .status
		sikka-get data_sync_status | jq -r .practice_id | wc -l
		another >in
		sikka-book in | jq -r '.result + " " + (.writeback_id | tostring | test("^[0-9]+$") | tostring)'
		sikka-poll --all | jq -r .result
		later 30
		sim_post 'office?office_id=D36225&spu=online'
		sikka-poll --wait=60s --every 1s | jq -r '.result, (.created_id | type)'
	} >"$T/got" 2>"$T/err"
	is "$(tr -s ' \n' ' ' <"$T/got")" " 3 active 1.0 1.0 refresh_key refresh_key refresh_key refresh_key active active 80 active active 3 pending true pending completed string " "$form: all goes well"
	is "$(cat "$T/err")" "" "$form: nothing on stderr"
done

quirk ids=none
another >in
run 2 "ids=none: a booking that is accepted without an id" sikka-book in
is "$(said .result) $(said .writeback_id)" "unknown null" "is unknown, and not sent again"
is "$(said '.error_code + ": " + .error_message')" "no_id: accepted without an id: New resource created successfully" "its record says that it was accepted"
like "$err" "was accepted without an id: New resource created successfully; don't send it again: .*its id in the server's list" "so does the message"
unlike "$err" "may or may not" "which has no doubt of it"
like "$(sql "SELECT text FROM events WHERE kind = 'unknown'")" "the server accepted it, and gave it no number \(no_id\)" "and the event"
run 0 "which a look at the list" sikka-poll --wait=60s --every 1s
is "$(said .result | tail -n 1)" completed "finds, and how it ended"
is "$(said '.error_code, .error_message' | tail -n 2 | tr '\n' ' ')" "null null " "nothing is left of the doubt"
quirk

# --- an old key: 400 in most deployments, 401 in some ---------------------------------------------------
ended() { # the server forgets the office's request key, and we don't know
	curl -sS -X DELETE -H "Request-Key: $(sql "SELECT request_key FROM pms_integrations WHERE office_id='D36225'")" "$SIKKA_BASE_URL/request_key" >/dev/null
}
old_keys() {
	ended
	run 0 "$1: a list" sikka-get -O D36225 patients
	is "$(lines "$T/out")" 40 "$1: all of it, with a new key"
	ended
	another >in
	run 0 "$1: a booking" sikka-book in
	is "$(said .result) $(said .attempts)" "pending 2" "$1: is sent once more with a new key"
	ended
	run 0 "$1: its status" sikka-poll --wait=60s
	is "$(said .result | tail -n 1)" completed "$1: is asked with a new key"
	ended
	run 0 "$1: info" sikka-token info -O D36225
	is "$(said .status)" active "$1: of the new key"
}
old_keys "400 and API1025"
fault 'GET /patients@1=status:400:API1004'
run 0 "400 and API1004: a missing key" sikka-get -O D36225 patients
is "$(lines "$T/out")" 40 "is got and used"
for code in API1025 API1004; do
	fault "GET /patients@1=status:401:$code"
	run 0 "401 and $code" sikka-get -O D36225 patients
	is "$(lines "$T/out")" 40 "another key serves"
done
fault 'GET /patients@1=status:401'
run 0 "401 without a code" sikka-get -O D36225 patients
sim_clear_faults
first=$SIKKA_BASE_URL
rm -rf "$T/state"
start_sim --delay 0:0 --auth-status 401
authorize
old_keys "401 and API1025"

# --- limits of the day, and of the minute -----------------------------------------------------------------
day() { # day OPTION CODE
	rm -rf "$T/state"
	start_sim --delay 0:0 "$1" "$3"
	authorize
	sikka-get -O D36225 appointments --page-size 20 >"$T/out" 2>"$T/err"
	is "$?" 75 "$1: the day's are used up (exit 75)"
	like "$(cat "$T/err")" "$2" "$1: the line says which"
	n=$(sim_get requests | jq '.routes["GET /appointments"].statuses["429"]')
	is "$n" 1 "$1: it isn't asked again"
	run 75 "$1: the next" sikka-get -O D36225 patients
	is "$(sim_count 'GET /patients')" 0 "$1: not even once"
}
day --daily-requests API2012 3
day --daily-bytes API2011 5000
rm -rf "$T/state"
start_sim --delay 0:0
authorize
fault 'GET /patients@1=429:1'
run 0 "the minute's" sikka-get -O D36225 patients
is "$(lines "$T/out") $(asked 'GET /patients')" "40 2" "is waited for"
sim_clear_faults

# --- what the data are worth ----------------------------------------------------------------------------
quirk data_insert=in-progress
run 0 "Data-Insert: in progress" sikka-get -O D36225 appointments --page-size 20
is "$(lines "$T/out") $(told incomplete)" "87 1" "is one warning, however many pages"
run 0 "two offices" sikka-get appointments
is "$(told 'D36225.*incomplete') $(told 'D20006.*incomplete') $(told '.2 offices.')" "1 1 1" "one that names both"
run 0 "quiet" sikka-get -q appointments
is "$err" "" "none"
quirk data_insert=absent
run 0 "no such header" sikka-get appointments
is "$err" "" "says nothing"
quirk

# --- what it says when it refuses -------------------------------------------------------------------------
quirk error_text=log_message
run 1 "the text under log_message" sikka-get -q -O D36225 appointments nonsense=1
like "$err" "nonsense.*\(API1026\)" "is told"
fault 'POST /appointment=status:400:API1026'
another >in
run 1 "of a booking too" sikka-book in
is "$(said .error_code)" API1026 "with its code"
[ "$(said '.error_message | length')" -gt 5 ]
ok $? "and text ($(said .error_message))"
quirk
fault 'POST /appointment=status:200:API0008'
another >in
run 1 "API0008 with HTTP 200" sikka-book in
is "$(said '.result + " " + .error_code')" "failed API0008" "is a failure"
fault 'GET /patients=status:200:API0008'
run 1 "for a read too" sikka-get -O D36225 patients
is "$out" "" "and no record"
fault 'GET /patients=status:200:API9999-nobody-has-heard-of-it'
run 76 "a message of an unknown kind in place of a list" sikka-get -O D36225 patients
is "$out" "" "is no record"
like "$err" "Scripted fault \(API9999-nobody-has-heard-of-it\)" "and is told whole"
fault 'GET /patients=status:418:API9999-nobody-has-heard-of-it'
run 1 "an unknown code with a status that refuses" sikka-get -O D36225 patients
like "$err" "\(API9999-nobody-has-heard-of-it\)" "is told whole"
fault 'POST /appointment=status:400:API9999-nobody-has-heard-of-it'
another >in
run 1 "and for a booking" sikka-book in
is "$(said .error_code)" "API9999-nobody-has-heard-of-it" "it stands in the record"
for code in API0007 API0009 API0011 API1007 API1029; do
	fault "POST /appointment=accept:$code"
	another >in
	run 0 "$code accepts" sikka-book in
	is "$(said .result)" pending "$code: is pending"
done
sim_clear_faults
run 0 "and all of them" sikka-poll --wait=60s --every 1s
is "$(said .result | sort | uniq -c | tr -s ' ')" " 5 completed" "come to their end"

# --- a proxy's words ------------------------------------------------------------------------------------------
fault 'GET /patients@1=html'
run 0 "502 with a page of HTML, once" sikka-get -O D36225 patients
is "$(lines "$T/out")" 40 "passes"
start_canned "$T/answer"
page='<html><title>Please log in</title></html>'
canned "$page"
run 76 "a page of HTML with 200" sikka-get -O D36225 patients
is "$out" "" "is no record"
like "$err" "HTTP 200, not JSON, but a page of HTML: Please log in$" "its status and its title are told"
run 76 "in place of the list of practices" sikka-authorize
is "$(sql "SELECT group_concat(status) FROM pms_integrations")" "active,active" "nobody is taken for revoked"
another >in
run 2 "in place of the answer to a booking" sikka-book in
is "$(said .result)" unknown "nothing is known of it"
canned "$page" '' '403 Forbidden'
run 1 "403" sikka-get -O D36225 patients
like "$err" "HTTP 403, not JSON, but a page of HTML: Please log in$" "its status and its title are told"
canned "" "Location: $first/patients" '302 Found'
run 69 "a redirect" sikka-get -O D36225 patients
like "$err" "redirect, not followed" "isn't followed"

# --- clocks that differ ---------------------------------------------------------------------------------------
for skew in 7200 -7200; do
	rm -rf "$T/state"
	start_sim --delay 0:0 --skew $skew
	authorize
	is "$(sql "SELECT round(julianday(token_expiry) - julianday(server_at), 2) FROM pms_integrations, clock WHERE office_id = 'D36225'")" 1.0 "$skew seconds: a key lives for a day by the server's clock"
	is "$(sql "SELECT round((julianday(server_at) - julianday('now')) * 24) FROM clock")" $((skew / 3600)).0 "$skew seconds: which is known by then"
	is "$(grep -c "this machine's clock" authorize.err)" 1 "$skew seconds: that ours differs is told"
	another >in
	sikka-book in >"$T/out" 2>"$T/err"
	is "$(said .result)$(cat "$T/err")" pending "$skew seconds: a booking goes out"
	run 0 "$skew seconds: a poll" sikka-poll --wait=60s
	is "$(said .result | tail -n 1)" completed "$skew seconds: sees it through"
done
done_testing
