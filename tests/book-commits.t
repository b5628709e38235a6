#!/bin/sh
# SPDX-License-Identifier: MIT
# What a booking costs at the disk, counted: commits, syncs, writes and locks; and what asking for many does. How long it
# takes isn't measured
. "$(dirname "$0")/lib.sh"

if ! strace -o /dev/null true 2>/dev/null; then
	echo "1..0 # SKIP no strace"
	exit 0
fi

# bookings N YEAR: that many for 20 offices in turn, each at a time of its own
bookings() {
	jq -cn --argjson n "$1" --arg year "$2" '["D36225", "D20006", (range(10003; 10021) | "D\(.)")] as $offices
	    | range($n) as $i | ($i / 20 | floor) as $slot
	    | {office_id: $offices[$i % 20], practice_id: "1", patient_id: "7", provider_id: "DOC1", operatory: "OP1",
		length: "10", description: "many", date: "\($year)-03-\(10 + $slot / 8 % 18 | floor)",
		time: "\(10 + $slot % 8):00"}'
}
# counted N YEAR: books so many, and leaves the calls in trace
counted() {
	bookings "$1" "$2" >"$T/many"
	run 0 "$1 bookings" under_strace -o "$T/trace" -y -e trace=fdatasync,pwrite64,fcntl,ftruncate sikka-book "$T/many"
}
# calls PATTERN: how many of the trace's lines match
calls() { grep -c -E "$1" "$T/trace"; }
# at_most N LIMIT WHAT
at_most() { ok "$(($1 > $2))" "$3: $1, at most $2"; }

# shellcheck disable=SC2046 # a list of words
start_sim --delay 0:0 --rate-limit 1000000 --offices 20 --pms D36225=OpenDental:22.1 --pms D20006=OpenDental:22.1 \
    $(seq -f '--pms D%.0f=OpenDental:22.1' 10003 10020)
authorize

counted 200 2031
few=$(calls '^[0-9]* *fdatasync')
counted 1000 2032
is "$(sim_writebacks)" 1200 "the server has each"
is "$(sql "SELECT count(*) FROM pms_writebacks WHERE result <> 'pending'")" 0 "the journal as well"
many=$(calls '^[0-9]* *fdatasync')
at_most "$many" 500 "syncs of 1,000 bookings"
at_most "$many" "$((few * 11 / 2))" "syncs of five times as many"
at_most "$(calls 'ftruncate.*-journal')" 100 "commits"
at_most "$(calls 'pwrite64.*/sikka\.db(-journal)?>')" 16000 "writes to the state file and its journal"
at_most "$(calls 'fcntl.*/sikka\.db>')" 2000 "locks of the state file"
at_most "$(calls '(fcntl|pwrite64).*\.limits>')" 2500 "locks of the limits, and writes to them"

# --- 1,000 that haven't changed are asked for ----------------------------------------------------------------------

# shellcheck disable=SC2046 # a list of words
start_sim --delay 86400:86400 --rate-limit 1000000 --offices 20 --pms D36225=OpenDental:22.1 --pms D20006=OpenDental:22.1 \
    $(seq -f '--pms D%.0f=OpenDental:22.1' 10003 10020)
SIKKA_DB=$T/pending/sikka.db
authorize
bookings 1000 2033 >"$T/many"
run 0 "1,000 bookings" sikka-book "$T/many"
later 60
run 0 "sikka-poll" under_strace -o "$T/trace" -y -e trace=fdatasync,fcntl sikka-poll
is "$(sql "SELECT count(*) FROM pms_writebacks WHERE check_count = 1 AND result = 'pending'")" 1000 "each was asked for"
at_most "$(calls 'fcntl.*/sikka\.db>')" 1000 "locks of the state file"
at_most "$(calls '^[0-9]* *fdatasync')" 40 "syncs"

done_testing
