#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-poll: the two ways of asking, a plan without writeback_status, both dialects of the server
. "$(dirname "$0")/lib.sh"

AUTHORIZES=authorize_unlisted

book_many() { # book_many HOUR COUNT
	many "$1" "$2"
	run 0 "$2 bookings" sikka-book in
}

# --- the cheaper way -----------------------------------------------------------------------------------

anew --rate-limit 100000 --spu-offline D36225 --delay 0:0
book_many 9 40
run 0 "forty, submitted just now" sikka-poll
is "$(statuses) $(lists)" "0 1" "one list: hardly one can have ended"
anew --rate-limit 100000 --spu-offline D36225 --delay 0:0
book_many 9 40
later 90
run 0 "forty of which most will have ended" sikka-poll
is "$(statuses) $(lists)" "40 0" "asks for each"
later 7200
run 0 "forty that have been pending for hours" sikka-poll
is "$(statuses) $(lists)" "40 1" "one list, and nothing else"
is "$(sql "SELECT count(*) FROM pms_writebacks WHERE check_count = 2")" 40 "each counts as looked at"
sim_post 'office?office_id=D36225&spu=online'
later 60
run 0 "the same, when they have ended" sikka-poll
is "$(said .result | sort | uniq -c | awk '{print $1 $2}')" "40completed" "all are told"
is "$(statuses) $(lists)" "80 2" "the list, then a status for each that ended"
is "$(sql "SELECT count(*) FROM pms_writebacks WHERE created_id IS NOT NULL AND appointment_sr_no IS NOT NULL")" 40 "with what was created"
sim_post 'office?office_id=D36225&spu=offline'
book_many 10 3
later 7200
time_stands
run 0 "three old ones" sikka-poll
is "$(statuses) $(lists)" "83 2" "are asked for one by one"
is "$(sim_get requests | jq .lists_at_once_max)" 1 "never two lists at once"
three() { # three processes at once
	pids=
	for p in 1 2 3; do sikka-poll --all >"p$p" 2>&1 & pids="$pids $!"; done
	for pid in $pids; do wait "$pid"; done
}
three
is "$(statuses)" 83 "three processes at once, within 5 seconds of a look, ask nothing"
later 6
three
is "$(statuses)" 86 "and later share the questions: three for three"
time_runs

# --- what is still pending costs no commit --------------------------------------------------------------------

# pass WHAT: the syncs of one pass that reads the list, and finds nothing changed. In $syncs.
pass() {
	later 7200
	run 0 "$1" under_strace -o trace -c -e trace=fdatasync sikka-poll
	syncs=$(awk '$NF == "fdatasync" { print $4 }' trace)
}
anew --rate-limit 100000 --spu-offline D36225 --delay 0:0
sql "INSERT INTO facts (name, value) VALUES ('list_pages', 1), ('list_page_took', 50)"
book_many 9 40
later 90
run 0 "a first look" sikka-poll
pass "forty that have been pending for hours"
few=$syncs
for hour in 10 11 12 13 14 15 16; do book_many "$hour" 60; done
later 90
run 0 "a first look at more" sikka-poll
before=$(lists)
pass "460 of them"
is "$(($(lists) - before))" 1 "by the list, too"
is "$syncs" "$few" "with as many syncs as for forty"

# --- what the limit leaves ------------------------------------------------------------------------------

# use_up COUNT: so many calls of the application, beside sikka, which the next answer tells it.
use_up() {
	n=$1
	while [ "$n" -gt 0 ]; do
		curl -sS -H 'App-Id: sikka-sim-app' -H 'App-Key: sikka-sim-key' "$SIKKA_BASE_URL/authorized_practices" >got
		n=$((n - 1))
	done
	run 0 "the application has made $1 calls" sikka-get authorized_practices
}
anew --rate-limit 24 --rate-window 3600 --spu-offline D36225 --delay 0:0
book_many 9 8
run 0 "eight of an office whose window has room for ten polls" sikka-poll
is "$(statuses) $(lists)" "0 1" "the list, from the window of the application"
is "$(sql "SELECT value FROM facts WHERE name = 'list_pages'")" 1 "how many pages it had is known from then on"
anew --rate-limit 100 --rate-window 60 --spu-offline D36225 --delay 0:0
book_many 9 40
later 90
run 0 "forty, once each" sikka-poll
is "$(statuses) $(lists)" "40 0" "by their status"
later 7200
run 0 "hours later" sikka-poll
is "$(statuses) $(lists)" "40 1" "by the list"
later 7200
use_up 78
run 0 "the same, where the application has used up what polls may have" sikka-poll
is "$(statuses) $(lists)" "80 1" "by their status, from the window of the office"
is "$(sim_get requests | jq .answered_429)" 0 "and the server has refused nothing"

# --- what the list doesn't show ---------------------------------------------------------------------------------

anew --rate-limit 100000 --spu-offline D36225 --delay 0:0
book_many 9 40
id=$(said 'select(.id == "7").id')
sim_post "writeback?id=$(row "$id" writeback_id)&state=forgotten"
for look in 1 2 3 4; do
	later 7200
	sikka-poll >out 2>err
done
is "$(sql "SELECT group_concat(id || result) FROM pms_writebacks WHERE result <> 'pending'")" "7unknown" "an id that the server has forgotten is missed among many, too"
is "$(lists) $(statuses)" "3 42" "one look each, then by the list, and two more looks for that one"
later 450000
sim_fault 'GET /writebacks=lag:1000000'
run 2 "forty that lie behind the days of the list, still pending" sikka-poll
is "$(statuses)" 82 "are asked for"
sim_post 'office?office_id=D36225&spu=online'
later 60
run 2 "when they have ended" sikka-poll
is "$(said .result | sort | uniq -c | awk '{print $1 $2}')" "39completed" "they are told"

# --- a plan without writeback_status --------------------------------------------------------------------------

anew --rate-limit 100000 --no-writeback-status --delay 20:20
book_many 9 3
run 0 "no permission for writeback_status: the first pass" sikka-poll
is "$(lists) $out" "1 " "reads the list"
asked=$(statuses)
later 6
run 0 "the second one" sikka-poll
is "$(lists) $(statuses)" "2 $asked" "reads the list alone"
later 21
run 2 "ended, with the practice's text" sikka-poll
is "$(said '[.result, .error_code, .error_message] | join(",")' | sort -u)" "unknown,ended_unclear,New Appointment inserted successfully" "nobody can say how: unknown, with the text"
later 6
run 2 "again" sikka-poll
is "$out" "" "nothing has changed"
is "$(event_kinds 1)" "queued submitting pending ended_unclear" "one event, once"
is "$(statuses)" "$asked" "the call that the plan lacks isn't tried again"
is "$(sql "SELECT count(*) FROM pms_writebacks WHERE result = 'unknown' AND writeback_id IS NOT NULL AND not_received_at IS NULL")" 3 "they keep their ids"
run 2 "waiting for them" sikka-poll --wait=1s
run 0 "a person says" sikka-sweep --resolve 1=completed --resolve 2=completed --resolve 3=completed
run 0 "then nothing is left" sikka-poll --wait

# --- the brief dialect -------------------------------------------------------------------------------------------

anew --rate-limit 100000 --dialect brief --no-writeback-status --delay 20:20
{ booking time=09:00; booking time=09:00 patient_id=8; } >in
run 0 "brief dialect, no writeback_status" sikka-book in
is "$(said '[.result, .writeback_id != null] | map(tostring) | join(" ")' | sort -u)" "pending true" "the id is read"
run 0 "pending" sikka-poll
later 21
run 1 "the list says how it ended" sikka-poll
is "$(said .result | sort | tr '\n' ' ')" "completed failed " "well and badly"

anew --rate-limit 100000 --dialect brief --delay 20:20
{ booking time=09:00; booking time=09:00 patient_id=8; } >in
run 0 "brief dialect" sikka-book in
run 0 "pending: an empty is_completed" sikka-poll
is "$(sql "SELECT group_concat(DISTINCT result) FROM pms_writebacks")" pending "stays pending"
later 21
run 1 "ended" sikka-poll
is "$(said '[.result, .error_message // .created_id] | join(" ")' | sort | tr '\n' ',')" "completed 88,failed appointment already scheduled," "well and badly"
sim_fault 'POST /appointment@1=drop-after'
booking time=10:00 >in
run 2 "an answer lost" sikka-book in
run 0 "is found there too" sikka-poll
later 21
run 0 "and ends" sikka-poll --wait=60s --every 1s
is "$(said .result) $(held .applied_total)" "completed 2" "once"

# --- trouble while asking -----------------------------------------------------------------------------------------

anew --rate-limit 100000 --delay 0:0
booking time=09:00 >in
run 0 "a booking" sikka-book in
sim_fault 'GET /writeback_status=status:500:API2001'
run 69 "the server can't say" sikka-poll
is "$(row 1 result)" pending "it stays pending"
is "$(wc -l <err)" 1 "one line on stderr"
sim_clear_faults
later 6
sim_fault 'GET /writeback_status=garbage'
run 76 "an answer that makes no sense" sikka-poll
is "$(row 1 result)" pending "it stays pending"
sim_clear_faults
sim_post 'office?office_id=D36225&drop_keys=true'
later 6
run 0 "a key that was taken back" sikka-poll
is "$(said .result)" completed "is renewed, and the question asked again"
done_testing
