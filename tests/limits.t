#!/bin/sh
# SPDX-License-Identifier: MIT
# The server's limits are kept, however many of our processes run
. "$(dirname "$0")/lib.sh"

refused() { sim_get requests | jq .answered_429; }
lines() { wc -l <"$1" | tr -d ' '; }

# --- five at once under one small limit -----------------------------------------------------------------
# A window that is longer than what the client takes for the rounding of its end, and than a machine may stand still.
start_sim --rate-limit 10 --rate-window 5 --delay 0:0
authorize
for i in 1 2 3 4 5; do
	{ sikka-get -O D36225 appointments --page-size 20 >"$T/out.$i" 2>"$T/err.$i"; echo $? >"$T/code.$i"; } &
	pids="${pids:-} $!"
done
wait $pids
is "$(cat "$T"/code.? | tr '\n' ' ')" "0 0 0 0 0 " "five readers of 5 pages each, where 10 requests in 5 seconds are allowed: all well"
is "$(cat "$T"/err.?)" "" "without a word"
is "$(lines "$T/out.1") $(lines "$T/out.2") $(lines "$T/out.3") $(lines "$T/out.4") $(lines "$T/out.5")" "87 87 87 87 87" "everything arrived"
is "$(refused)" 0 "the server never had to refuse one"
is "$(sim_count 'GET /appointments')" 25 "25 requests, none twice"

# reads leave room for writes
sim_advance 10
sqlite "$SIKKA_DB.limits" '.tables' >"$T/out" 2>"$T/err"
is "$(stat -c %a "$SIKKA_DB.limits")" 600 "the counts are in a file of their own, ours alone"
rm -f "$SIKKA_DB.limits"
booking >"$T/booking"
run 0 "with the counts gone" sikka-book "$T/booking"
is "$(sim_writebacks)" 1 "a booking goes through"

# --- a limit that somebody else used up -----------------------------------------------------------------
rm -rf "$T/state"
# So long a window that it isn't over before it is met.
start_sim --rate-limit 5 --rate-window 8 --delay 0:0
authorize
key=$(sql "SELECT request_key FROM pms_integrations WHERE office_id='D36225'")
for i in 1 2 3 4 5; do curl -sS -H "Request-Key: $key" "$SIKKA_BASE_URL/patients?limit=1" >/dev/null; done
run 0 "another program used up the window" sikka-get -O D36225 appointments
is "$(lines "$T/out") $(refused)" "87 1" "one 429, and everything arrives afterwards"

rm -rf "$T/state"
start_sim --rate-limit 3 --rate-window 2 --no-limit-headers --delay 0:0
authorize
later 3
before=$(refused) # the list that was read for the new file is too much for it
run 0 "a server that doesn't tell its limit" sikka-get -O D20006 appointments --page-size 5
is "$(lines "$T/out") $(($(refused) - before))" "11 0" "within it"

# --- limits of the day ------------------------------------------------------------------------------------
rm -rf "$T/state"
start_sim --delay 0:0
authorize
sim_fault 'GET /appointments@1=429-daily'
run 75 "the requests of the day are used up" sikka-get -O D36225 appointments
is "$(sim_count 'GET /appointments')" 1 "waiting a minute wouldn't help: it isn't asked again"
like "$err" "API2012" "the line says what the server said"
is "$(lines "$T/err")" 1 "one line"
run 75 "the next read" sikka-get -O D36225 patients
is "$(sim_count 'GET /patients')" 0 "isn't even asked"
like "$err" "D36225.*day" "and says why"
run 0 "another office" sikka-get -O D20006 appointments
is "$(lines "$T/out")" 11 "isn't concerned"
run 75 "all offices" sikka-get appointments
is "$(lines "$T/out")" 11 "the others are read all the same"
run 0 "a booking" sikka-book "$T/booking"
is "$(sim_writebacks) $(jq -r .result "$T/out")" "1 pending" "is still tried"
sim_fault 'POST /appointment=429-daily'
booking time=11:00 >"$T/booking2"
run 75 "a booking that meets the limit" sikka-book "$T/booking2"
is "$(sim_writebacks) $(jq -r '.result + " " + .error_code' "$T/out")" "1 failed API2012" "failed, for a passing reason"

# --- a file of counts that can't be used --------------------------------------------------------------------
rm -rf "$T/state"
start_sim --delay 0:0
authorize
received() { sim_get requests | jq '[.routes[].count] | add'; }
counts=$SIKKA_DB.limits
before=$(received)
chmod 640 "$counts"
run 77 "counts that others can read: a booking" sikka-book "$T/booking"
like "$err" "chmod 600 $counts" "the line says what to type"
run 77 "and a reader" sikka-get patients
chmod 600 "$counts"
mv "$counts" "$T/counts"
mkdir "$counts"
run 73 "a folder in place of the counts: a booking" sikka-book "$T/booking"
run 73 "and a reader" sikka-get patients
rmdir "$counts"
is "$(received) $(sql 'SELECT count(*) FROM pms_writebacks')" "$before 0" "nothing was sent, and nothing journaled"
run 0 "without them" sikka-book "$T/booking"

if command -v strace >"$T/found"; then
	full() { under_strace -o "$T/trace" -P "$counts" -e trace=pwrite64 -e inject=pwrite64:error=ENOSPC "$@"; }
	booking time=15:00 >"$T/booking3"
	run 74 "counts on a full disk: a booking" full sikka-book "$T/booking3"
	is "$(sim_writebacks) $(jq -r '.result + " " + .error_code' "$T/out")" "1 failed not_sent" "isn't sent"
	like "$err" "$counts: database or disk is full" "and the line says why"
	run 0 "a reader" full sikka-get -O D36225 appointments --page-size 20
	is "$(lines "$T/out") $(lines "$T/err")" "88 1" "reads on, with one warning"
	run 0 "and with room on the disk" sikka-sweep --retry
	is "$(sim_writebacks)" 2 "the booking goes out"
else
	ok 0 "strace isn't installed # SKIP"
fi

# --- a closed window is slept through -------------------------------------------------------------------------
sim_fault 'GET /patients@1=429:3000'
sikka-get -O D36225 patients >"$T/out" 2>"$T/err" &
pid=$!
ticks() { awk '{ print $14 + $15 }' "/proc/$pid/stat"; }
answered() { [ "$(sim_get requests | jq .answered_429)" -ge 1 ]; }
wait_for answered
first=$(ticks)
sleep 3
spent=$(($(ticks) - first))
ok $((spent > 30)) "a process that waits for 50 minutes doesn't use the processor ($spent ticks in 3 s)"
kill -TERM "$pid"
wait "$pid"
is "$?" 75 "and is stopped by a signal"

done_testing
