#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-book: whatever the server does to a POST, the row says what is known, and no request is carried out twice
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0
authorize
n=0

# fault ACTION EXIT STATE CODE POSTS HELD WHAT [OCCURRENCES]: books one under this fault, and looks at its
# row, how often the server was asked, and how many requests it holds of it.
fault() {
	n=$((n + 1))
	at=$(printf '%02d:%02d' $((8 + n / 12)) $((n % 12 * 5)))
	asked=$(sim_count 'POST /appointment') had=$(sim_writebacks)
	sim_fault "POST /appointment${8:+@$8}=$1"
	booking "time=$at" >in
	run "$2" "$7" sikka-book in
	is "$(said '[.result, .error_code] | map(tostring) | join(" ")')" "$3 $4" "$7: the record"
	is "$(row "$(said .id)" "result || ' ' || ifnull(error_code, 'null') || ' ' || attempts")" "$3 $4 $5" "$7: the row, and its attempts"
	is "$(($(sim_count 'POST /appointment') - asked)) $(($(sim_writebacks) - had))" "$5 $6" "$7: POSTs, and what the server holds"
	if [ "$2" -ne 0 ]; then
		is "$(wc -l <err)" 1 "$7: one line on stderr"
		like "$err" 'line 1: request [0-9]+' "$7: which says what and where"
	fi
	sim_clear_faults
}

# --- the answer is lost, or says nothing ------------------------------------------------------------

# faults after which the practice has the request
fault drop-after       2 unknown unclear 1 1 "done, and the connection closed"
fault cut:20           2 unknown unclear 1 1 "done, cut inside the status line"
fault cut:100          2 unknown unclear 1 1 "done, cut in the headers"
fault reset:0          2 unknown unclear 1 1 "done, and reset"
fault html-after       2 unknown unclear 1 1 "done, and a proxy's page"
fault no-id            2 unknown no_id 1 1 "accepted without an id"
size=$(curl -s -o whole -D head "$SIKKA_BASE_URL/none"; wc -c <head)
fault "cut:$((size + 60))" 2 unknown unclear 1 1 "done, cut in the body"
found=$n
# faults after which it doesn't have it
fault drop-before      2 unknown unclear 1 0 "not done, and the connection closed"
fault empty            2 unknown unclear 1 0 "an empty 200"
fault garbage          2 unknown unclear 1 0 "200 with no JSON"
fault html             2 unknown unclear 1 0 "502 with a page"
fault status:201       2 unknown unclear 1 0 "201 with nothing in it"
fault status:500       2 unknown unclear 1 0 "500"
fault status:500:API2001 2 unknown API2001 1 0 "500 with its code"
fault status:502       2 unknown unclear 1 0 "502"
fault status:503       2 unknown unclear 1 0 "503 without API2002"
fault status:504:API2022 2 unknown API2022 1 0 "504"
fault status:408       2 unknown unclear 1 0 "408"
fault redirect:http://127.0.0.1:1/v4/appointment 2 unknown unclear 1 0 "a redirect, which isn't followed"
is "$(sql "SELECT count(*) FROM pms_writebacks WHERE result = 'unknown' AND unknown_at IS NULL")" 0 "each has its time"
is "$(sql "SELECT count(*) FROM events WHERE kind = 'unknown' AND outbox = 1")" "$n" "each has its event"

# --- unknown ones are settled, and never sent -----------------------------------------------------------

asked=$(sim_count 'POST /appointment')
run 2 "sikka-sweep" sikka-sweep
is "$(sql "SELECT count(*) FROM pms_writebacks WHERE result = 'pending'")" "$found" "finds those that arrived"
run 2 "sikka-poll --wait" sikka-poll --wait=2s --every 1s
is "$(sql "SELECT count(*) FROM pms_writebacks WHERE result = 'completed' AND created_id IS NOT NULL")" "$found" "they complete"
is "$(sql "SELECT count(*) FROM pms_writebacks WHERE result = 'unknown'")" "$((n - found))" "the others stay unknown: half an hour may pass"
is "$(sim_count 'POST /appointment')" "$asked" "nothing is sent"
later 2200
run 2 "a list without them" sikka-sweep
later 100
run 1 "and a second one, later" sikka-poll
is "$(sql "SELECT count(*) FROM pms_writebacks WHERE result = 'failed' AND error_code = 'not_received'")" "$((n - found))" "sikka-poll declares them not received"
is "$(sim_count 'POST /appointment')" "$asked" "still nothing is sent"
is "$(sim_applied) $(held '[.writebacks[].applied] | max')" "$found 1" "each that arrived was carried out once"

# --- an outcome of each kind in one input --------------------------------------------------------------------

{ booking time=21:00; booking time=21:10; booking time=21:20; booking time=x; } >in
sim_fault 'POST /appointment@2=status:400:API1027'
sim_fault 'POST /appointment@3=drop-after'
run 2 "one well, one refused, one unknown, one wrong: 2 wins" sikka-book in
is "$(said '.result // .field' | sort | tr '\n' ' ')" "failed pending time unknown " "a record for each"
sim_clear_faults
run 0 "the next look" sikka-poll --wait=60s --every 1s
is "$(held '[.writebacks[].applied] | max')" 1 "and nothing was carried out twice"
done_testing
