#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-status: --history, --runs, and what requests are found by: what happened, when, and who did it
. "$(dirname "$0")/lib.sh"

me="$(id -un) $(id -u) $(hostname)"
ids() { jq -r .id out | uniq | tr '\n' ' ' | sed 's/ $//'; }
# finds IDS OPTION …: these requests and no others.
finds() {
	wanted=$1
	shift
	run 0 "$*" sikka-status "$@"
	is "$(ids)" "$wanted" "finds ${wanted:-none}"
}

# handed_in ID: when, as the history has it
handed_in() { sql "SELECT happened_at FROM events WHERE row_id = $1 AND kind = 'queued'"; }

start_sim --rate-limit 100000 --delay 0:0
authorize
booking key=order-1 >in
run 0 "request 1: a booking" sikka-book --wait=1m in
first=$(said .writeback_id) appointment=$(said .appointment_sr_no)
sim_post 'office?office_id=D36225&spu=offline' >spu
booking time=10:00 patient_id=8 key=order-2 >in
run 0 "request 2: another patient" sikka-book in
cp "$(command -v sh)" "$T/at-night"
run 0 "which is withdrawn by another program" "$T/at-night" -c "sikka-sweep --withdraw 2; exit \$?"
sim_post 'office?office_id=D36225&spu=online' >spu
later 2h
jq -cn --arg number "$appointment" '{office_id: "D36225", practice_id: "1", operation: "update_appointment_status",
    appointment_sr_no: $number, value: "Cancelled"}' >in
run 0 "request 3: the first one is cancelled" sikka-book --wait=1m in
booking date=2031-05-05 patient_id=7 key=order-1 >in
sim_fault 'POST /appointment@1=status:400:API1027'
sikka-book --again in >refused 2>&1
sim_clear_faults

# --- one request, from its beginning to its end ----------------------------------------------------------
run 0 "--history" sikka-status --history 1
is "$(jq -r .event out | tr '\n' ' ')" "$(event_kinds 1) " "all of its events, in their order"
is "$(jq -r .event out | sed -n '1p;$p' | tr '\n' ' ')" "queued completed " "from its handing in to its end"
is "$(jq -r .at out)" "$(sql 'SELECT happened_at FROM events WHERE row_id = 1 ORDER BY id')" "when"
is "$(jq -r '"\(.command) \(.user) \(.uid) \(.host) \(.run)"' out | sort -u)" "sikka-book $me $(row 1 run)" "who, where, and which run"
is "$(jq -r '"\(.id) \(.key) \(.writeback_id) \(.operation) \(.endpoint)"' out | sort -u)" "1 order-1 $first book_appointment /appointment" "and of which request"
run 0 "--history of what was withdrawn" sikka-status --history 2
is "$(jq -r 'select(.event == "withdraw_intended") | "\(.command) \(.user) \(.parent)"' out)" "sikka-sweep $(id -un) at-night" "says who did that, and what had started it"
run 0 "--history of several" sikka-status --history 3 1
is "$(ids)" "1 3" "tells of one after the other"
run 65 "--history of none" sikka-status --history 1 99
is "$(ids)" 1 "tells of those that are there"
run 0 "--history -F table" sikka-status --history 2 -F table
like "$out" 'withdraw_intended +sikka-sweep' "for people"

# --- what requests are found by --------------------------------------------------------------------------
finds 2 --key order-2
finds "1 4" --key order-1
finds "" --key order
finds 1 --writebacks --writeback-id "$first"
finds "" --writeback-id 1
finds "1 3" --appointment "$appointment"
finds "1 4" --patient 7
finds 2 --patient 8
finds 4 --error API1027
finds "" --error API102
finds 1 --patient 7 --state completed
finds "" --patient 7 --key order-2
finds 4 --history --error API1027 --patient 7
finds "3 4" --writebacks --since 1h
finds "1 2 3 4" --writebacks --since "$(date +%F)"
finds "3 4" --writebacks --since "$(sql 'SELECT queued_at FROM pms_writebacks WHERE id = 3')"
finds "" --key order-1 -O D20006
sql "UPDATE pms_writebacks SET doubled_id = '424242' WHERE id = 3"
finds 3 --writeback-id 424242
finds "1 3" --history --appointment "$appointment"
is "$(jq -r 'select(.endpoint | endswith("/'"$appointment"'")) | select(.event == "queued") | "\(.at) \(.user)"' out)" \
    "$(handed_in 3) $(id -un)" "who cancelled the appointment, and when"

# --- who has changed something ---------------------------------------------------------------------------
run 0 "--runs" sikka-status --runs
is "$(jq -r .run out)" "$(sql 'SELECT run FROM runs ORDER BY run')" "all runs, the newest last"
is "$(jq -r '.changes' out | paste -sd+ | jq -R 'split("+") | map(tonumber) | add')" "$(sql 'SELECT count(*) FROM events')" "with the number of changes of each"
is "$(jq -r 'select(.run == "'"$(row 1 run)"'") | "\(.command) \(.user) \(.uid) \(.host) \(.changes) \(.requests)"' out)" \
    "sikka-book $me $(event_kinds 1 | wc -w) 1" "who it was, and of how many requests"
is "$(jq -r 'select(.parent == "at-night") | .command' out)" sikka-sweep "and what started it"
run 0 "--runs --since" sikka-status --runs --since 1h
is "$(jq -r .command out | sort -u)" sikka-book "only later ones"
run 0 "--runs of an office" sikka-status --runs -O D20006
is "$(jq -r .command out)" sikka-authorize "only those that changed something of it"
run 0 "--runs -F table" sikka-status --runs -F table
like "$out" 'sikka-sweep .* at-night' "for people"

# --- after a purge ---------------------------------------------------------------------------------------
later 40d
run 0 "a purge" sikka-sweep --purge-after 30d
is "$(sql 'SELECT count(*) FROM pms_writebacks WHERE request_body IS NOT NULL')" 0 "no body is left"
finds "1 4" --key order-1
finds 1 --writeback-id "$first"
finds "1 3" --appointment "$appointment"
finds 4 --error API1027
finds "" --patient 7
run 0 "the history" sikka-status --history --appointment "$appointment"
is "$(jq -r 'select(.id == "3" and .event == "queued") | "\(.at) \(.user)"' out)" "$(handed_in 3) $(id -un)" "still says who cancelled it, and when"

# --- usage -----------------------------------------------------------------------------------------------
for wrong in "--history --writebacks" "--runs --events" "--runs --key a" "--events --patient 7" "--check --error a" \
	"--history --with-body" "--runs 3" "--runs --state failed" "--history --since long" "--runs --since 36" "--key" \
	"--history --since 2099-01-01" "--since 1h"; do
	# shellcheck disable=SC2086 # words are wanted
	run 64 "wrong usage: $wrong" sikka-status $wrong
done
done_testing
