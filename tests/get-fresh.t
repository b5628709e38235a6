#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-get: how old the data are that it reads (-v), and that older ones aren't read (--fresher-than)
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --refresh-every 86400
authorize
lines() { wc -l <"$T/out" | tr -d ' '; }
reads() { sim_count 'GET /providers'; }

run 0 "young data" sikka-get -O D36225 --fresher-than 30m providers
[ "$(lines)" -gt 0 ]
ok $? "are read"
later 5400
before=$(reads)
run 75 "older ones" sikka-get -O D36225 --fresher-than 30m providers
is "$(lines) $(($(reads) - before))" "0 0" "aren't"
like "$err" "^sikka-get: D36225: its data aren't surely younger than 30 min .data_insert_date 20[^ ]+., so they aren't read; sikka-sweep --refresh-data D36225 has them refreshed" "why, and what helps, is told"
run 0 "without the option" sikka-get -O D36225 providers
run 0 "young enough" sikka-get -O D36225 --fresher-than 2h providers
run 0 "-v" sikka-get -v -O D36225 providers
like "$err" "D36225: its data were copied 60 min to 2 h ago .data_insert_date 20" "tells how old they are"
later 2d
run 0 "with data of two days" sikka-get -v -O D36225 providers
like "$err" "D36225: its data were copied .* ago" "as well"
spu offline
later 3d
run 0 "and with a server that is off" sikka-get -v -O D36225 providers
like "$err" "D36225: its data were copied more than 24 h ago" "for more than a day"
spu online

sim_post 'office?office_id=D20006&refresh=now'
run 75 "of two offices" sikka-get --fresher-than 30m providers
is "$(jq -r .office_id "$T/out" | sort -u)" D20006 "the one with young data is read"
sim_post 'office?office_id=D36225&refresh=now'
run 0 "both" sikka-get --fresher-than 30m providers
is "$(jq -r .office_id "$T/out" | sort -u | tr '\n' ' ')" "D20006 D36225 " "when both are young"
sim_fault 'GET /data_sync_status=total:1'
run 75 "a list that lacks a practice" sikka-get -q -O D36225 --fresher-than 30m providers
like "$err" "D36225: the server doesn't say how old its data are" "may lack the one whose data are old"
sim_clear_faults

sim_post 'quirks?insert_date=absent'
run 75 "a server that doesn't say it" sikka-get -O D36225 --fresher-than 30m providers
like "$err" "D36225: the server doesn't say how old its data are, so they aren't read; without --fresher-than they are" "is asked nothing else"
run 0 "-v" sikka-get -v -O D36225 providers
like "$err" "D36225: the server doesn't say how old its data are" "says so"
sim_post 'quirks?insert_date=present'
sim_fault 'GET /data_sync_status=status:503:API2002'
run 69 "a server that can't say it now" sikka-get -O D36225 --fresher-than 30m providers
is "$(lines)" 0 "nothing is read"
run 0 "-v alone" sikka-get -v -O D36225 providers
sim_clear_faults

for wrong in 30 soon 1m 0m -5m; do
	run 64 "--fresher-than $wrong" sikka-get "--fresher-than=$wrong" providers
done
run 64 "what isn't read from a copy" sikka-get --fresher-than 30m authorized_practices
like "$err" "--fresher-than.*authorized_practices" "has no age"
done_testing
