#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-sweep --refresh-data: a practice's server is told to refresh the data that reads show, and that is followed
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0 --refresh-every 86400
authorize
sent() { sim_count 'POST /remote_command'; }
asked() { sim_count 'GET /remote_command_status'; }
copied() { curl -sS -H 'App-Id: sikka-sim-app' -H 'App-Key: sikka-sim-key' "$SIKKA_BASE_URL/data_sync_status?office_id=${1:-D36225}" | jq -r '.items[0].data_insert_date'; }
command() { sql "SELECT ifnull(command_id, 'none') || iif(ended_at IS NULL, ' open', ' ended') FROM remote_commands WHERE office_id = 'D36225'"; }

later 3600
first=$(copied)
run 0 "-n" sikka-sweep -n --refresh-data D36225
is "$(said '.would + " " + .office_id') $(sent)" "refresh the data D36225 0" "only says it"
run 0 "an office's data" sikka-sweep --refresh-data D36225
is "$(sent) $(command)" "1 1531464 ended" "are refreshed by one command"
[ "$(copied)" '>' "$first" ]
ok $? "they are young then"
is "$(said 'select(.event == "data_refreshed") | .office_id')" D36225 "an event says so"
is "$(sql "SELECT count(*) FROM pms_writebacks") $(sql "SELECT count(*) FROM events WHERE kind = 'refresh_asked'")" "0 1" "it is no writeback; the history has it"
later 3600
run 0 "two offices" sikka-sweep --refresh-data D36225 --refresh-data D20006
is "$(sent)" 3 "take two commands"
run 77 "an office that nobody knows" sikka-sweep --refresh-data D36225 --refresh-data D99999
is "$(sent)" 3 "sends nothing, for no other one either"
run 64 "--wait alone" sikka-sweep --wait 5m

# --- a server that is off ------------------------------------------------------------------------------------

spu offline
run 3 "a server that is off" sikka-sweep --refresh-data D36225 --wait 0s
like "$err" "D36225: the practice's server hasn't carried out command [0-9]+ yet; sikka-sweep --refresh-data D36225 follows" "may do it later"
is "$(sent) $(command | cut -d' ' -f2)" "4 open" "it has the command"
later 7200
run 3 "two hours later" sikka-sweep --refresh-data D36225 --wait 0s
is "$(sent)" 4 "no second one is sent"
like "$err" "still waits, so no second one is sent" "and why is told"
spu online
later 60
run 0 "on again" sikka-sweep --refresh-data D36225
is "$(sent) $(command | cut -d' ' -f2)" "4 ended" "it has done it"

# --- answers that are lost --------------------------------------------------------------------------------------

before=$(sent)
sim_fault 'POST /remote_command@1=drop-after'
run 69 "an answer that is lost" sikka-sweep --refresh-data D36225
like "$err" "it isn't known whether the server has the command to refresh the data; it isn't sent again for 15 minutes" "is told"
is "$(($(sent) - before)) $(command)" "1 none open" "nothing is repeated"
run 75 "nor at once" sikka-sweep --refresh-data D36225
is "$(($(sent) - before))" 1 "by the next run"
sim_clear_faults
later 901
run 0 "but later" sikka-sweep --refresh-data D36225
is "$(($(sent) - before))" 2 "once more"
before=$(sent)
SIKKA_BASE_URL=http://127.0.0.1:1/v4 sikka-sweep --refresh-data D36225 >out 2>err
is "$? $(command | cut -d' ' -f2)" "69 ended" "a server that can't be reached has none"
run 0 "so the next run" sikka-sweep --refresh-data D36225
is "$(($(sent) - before))" 1 "sends one"

# --- refusals ------------------------------------------------------------------------------------------------------

for refusal in "401:API2004 1" "401:API2003 77" "400:API1026 1"; do
	sim_fault "POST /remote_command=status:${refusal% *}"
	run "${refusal#* }" "a refusal (${refusal% *})" sikka-sweep --refresh-data D36225
	is "$(command | cut -d' ' -f2)" ended "leaves nothing to follow"
	sim_clear_faults
done
like "$err" "D36225: the server refused to have the data refreshed: API1026" "and is told"
sim_fault 'GET /health_check=status:401:API2004'
before=$(sent)
run 77 "without the number of its utility" sikka-sweep --refresh-data D36225
is "$(sent)" "$before" "nothing is sent"
sim_clear_faults
sim_fault 'GET /remote_command_status=status:401:API2004'
run 77 "a status that may not be asked for" sikka-sweep --refresh-data D36225
is "$(($(sent) - before)) $(command | cut -d' ' -f2)" "1 open" "leaves it open"
sim_clear_faults
run 0 "for the next run" sikka-sweep --refresh-data D36225
is "$(($(sent) - before))" 1 "which follows it"

later 1000
before=$(sent)
sim_fault 'GET /remote_command_status@1=status:204'
run 0 "a command that doesn't show at once" sikka-sweep --refresh-data D36225
is "$(($(sent) - before)) $(command | cut -d' ' -f2)" "1 ended" "is followed all the same"
sim_clear_faults
sim_fault 'GET /remote_command_status=status:204'
run 3 "one that doesn't show" sikka-sweep --refresh-data D36225 --wait 0s
later 1000
sim_clear_faults
sim_fault 'GET /remote_command_status@1=status:204'
run 0 "and still doesn't a quarter of an hour later" sikka-sweep --refresh-data D36225
is "$(($(sent) - before))" 3 "is lost, and another one is sent"
sim_clear_faults

# --- what it is for --------------------------------------------------------------------------------------------------

sim_fault 'POST /appointment@1=drop-before'
booking >in
run 2 "a booking that is lost" sikka-book in
sim_clear_faults
later 2200
sikka-sweep >swept 2>&1
later 61
sikka-sweep >swept 2>&1
run 0 "it waits for younger data" sikka-sweep --retry
is "$(state 1) $(posts)" "failed not_received 1" "and isn't sent"
like "$err" "sikka-sweep --refresh-data D36225 has that done now" "what helps is told"
like "$(jq -r 'select(.event == "data_too_old").text' "$T/out")" "sikka-sweep --refresh-data D36225" "by the event, too"
run 0 "with refreshed data" sikka-sweep --refresh-data D36225 --retry
is "$(state 1) $(posts)" "pending 2" "the same run sends it"
sikka-poll --wait=60s >polled 2>&1
done_testing
