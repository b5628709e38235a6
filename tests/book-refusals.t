#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-book: a request that the server surely refuses fails, or is sent again by the same run
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

# --- refused for good -----------------------------------------------------------------------------------

fault status:400:API1026 1 failed API1026 1 0 "400"
fault status:404       1 failed refused 1 0 "404 without a code"
fault status:200:API0008 1 failed API0008 1 0 "a failure that comes with 200"
fault status:200:API4002 1 failed API4002 1 0 "another"
fault status:401:API2004 1 failed API2004 1 0 "no permission to write"
fault status:409:API2013 1 failed API2013 1 0 "409"
fault 429-daily        75 failed API2012 1 0 "the limit of the day"
rm -f "$SIKKA_DB".limits*  # what is remembered of the day
fault status:412:API2017 1 failed API2017 1 0 "check_spu says it's off"

# --- refused for a passing reason: sent again within the run ------------------------------------------------

fault status:503:API2002 0 pending null 2 1 "overloaded once" 1
fault 429:1            0 pending null 2 1 "over the limit for a second" 1
fault status:400:API1025 0 pending null 2 1 "the key has expired" 1
is "$(sim_get requests | jq '.renewals.D36225 | .request_key + .refresh_key')" 2 "it was renewed, once"
fault status:401       0 pending null 2 1 "401 without a code" 1
fault status:503:API2002 75 failed API2002 4 0 "overloaded for good"
is "$(event_kinds "$(said .id)" | tr ' ' '\n' | tail -n 1)" not_sent "an event tells of it"

# --- no server at all ---------------------------------------------------------------------------------------

booking time=20:00 >in
SIKKA_BASE_URL=http://127.0.0.1:1/v4 run 69 "nobody listens" sikka-book in
is "$(said '.result + " " + .error_code') $(row "$(said .id)" writeback_id)" "failed not_sent " "surely not sent"
run 0 "then the same once more" sikka-book in
is "$(said '.result, .duplicate' | tr '\n' ' ')" "pending false " "it goes"


run 0 "all end" sikka-poll --wait=60s --every 1s
is "$(held '[.writebacks[].applied] | max')" 1 "nothing was carried out twice"
done_testing
