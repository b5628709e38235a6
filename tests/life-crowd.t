#!/bin/sh
# SPDX-License-Identifier: MIT
# many commands on one state file: one renewal, one listing at a time, one limit, and nobody starves
. "$(dirname "$0")/lib.sh"

# crowd COMMAND …: each a word list of its own, all at once; their exit codes, sorted and counted, in $codes
crowd() {
	n=0 pids=
	rm -f c*.code c*.out c*.err
	for command; do
		n=$((n + 1))
		{ $command >"c$n.out" 2>"c$n.err"; echo $? >"c$n.code"; } &
		pids="$pids $!"
	done
	# shellcheck disable=SC2086
	wait $pids
	codes=$(cat c*.code | sort | uniq -c | tr -s ' ' | tr '\n' ',')
}

# --- one listing at a time --------------------------------------------------------------------------------

anew --rate-limit 100000 --delay 0:0
many 9 3
sim_fault 'POST /appointment=drop-after'
run 2 "three unknown ones" sikka-book in
sim_clear_faults
sim_fault 'GET /writebacks=slow:150'
crowd sikka-sweep sikka-poll sikka-sweep sikka-poll sikka-sweep "sikka-sweep -n"
is "$(sim_get requests | jq .lists_at_once_max)" 1 "six commands that want the list: never two at once"
is "$(cat c*.err)" "" "without a word: $codes"
sim_clear_faults
run 0 "all end" sikka-poll --wait=60s --every 1s
is "$(posts) $(sql "SELECT count(*) FROM pms_writebacks WHERE result = 'completed'")" "3 3" "found, each once"

# --- one renewal ----------------------------------------------------------------------------------------------

many 10 4
run 0 "four pending ones" sikka-book in
booking time=10:30 >one
booking time=10:40 >two
renewals() { sim_get requests | jq '.renewals.D36225 | .request_key + .refresh_key'; }
before=$(renewals)
sim_post 'office?office_id=D36225&drop_keys=true'
later 100
crowd "sikka-book one" "sikka-poll" "sikka-get -O D36225 patients --limit 1" "sikka-book two" "sikka-poll --all" "sikka-token info -O D36225" "sikka-sweep"
is "$codes" " 7 0," "a key that the server took back, met by seven commands of every kind: all well"
is "$(renewals)" "$((before + 1))" "one renewal"
is "$(cat c*.err)" "" "without a word"
sql "UPDATE pms_integrations SET token_expiry = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-5 seconds'), renewal_tried_at = NULL WHERE office_id = 'D36225'"
before=$(renewals)
crowd "sikka-get -O D36225 patients --limit 1" "sikka-token refresh -O D36225" "sikka-token print D36225" "sikka-get -O D36225 providers" "sikka-token refresh -O D36225"
is "$codes $(renewals)" " 5 0, $((before + 1))" "a key that has ended, met by five: one renewal"

# --- one limit ----------------------------------------------------------------------------------------------------

anew --rate-limit 12 --rate-window 5 --delay 0:0
for p in 1 2 3; do many 1$p 12; mv in in$p; done
crowd "sikka-book in1" "sikka-book in2" "sikka-book in3"
is "$codes $(cat c*.err)" " 3 0, " "three processes with twelve bookings each, where twelve in five seconds are allowed: all well"
is "$(posts) $(sim_get requests | jq .answered_429)" "36 0" "the server never had to refuse one"

# --- what is stuck never starves what is new ------------------------------------------------------------------------

anew --rate-limit 16 --rate-window 300 --delay 0:0 --spu-offline D36225
many 14 9
run 0 "nine that are stuck" sikka-book in
later 7200
rm -f "$SIKKA_DB".limits*
echo '{"office_id":"D36225","practice_id":"1","operation":"create_patient","firstname":"New","lastname":"One","provider_id":"DOC1"}' >new
run 0 "and one that is new" sikka-book new
id=$(said .id)
sim_post "writeback?id=$(said .writeback_id)&state=completed"
# so much of the window is used that less than all of them can be asked for
sikka-get -O D36225 patients --limit 1 >got
for i in 1 2 3 4 5; do curl -sS -H "Request-Key: $(sikka-token print D36225)" "$SIKKA_BASE_URL/patients?limit=1" >got; done
sikka-get -O D36225 patients --limit 1 >got
sikka-poll >polled 2>polled.err &
pid=$!
is_told() { [ "$(row "$id" result)" = completed ]; }
wait_for is_told
ok $? "is asked for first, when the limit leaves room for a few"
signal TERM "$pid"
wait "$pid"
is "$?" 75 "the stuck ones wait for the next window"
done_testing
