#!/bin/sh
# SPDX-License-Identifier: MIT
# A command may be killed at any moment: each request reaches the practice once, and none is lost
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0
authorize
states() { sql "SELECT result || ifnull(' ' || error_code, '') || ' ' || count(*) FROM pms_writebacks WHERE id > $1 GROUP BY result, error_code" | tr '\n' ','; }
last() { sql 'SELECT ifnull(max(id), 0) FROM pms_writebacks'; }
in_book() { held "[.writebacks[] | select(.body.time | tostring | startswith(\"$1:\")).applied] | add // 0"; }
has_asked() { [ "$(posts)" -ge "$1" ]; }
submitting() { [ "$(sql "SELECT count(*) FROM pms_writebacks WHERE result = 'submitting'")" -ge "$1" ]; }

# --- SIGKILL while a request that was done has no answer yet ------------------------------------------------

booking time=09:00 >in
sim_fault 'POST /appointment=hang-after'
sikka-book in >out 2>err &
pid=$!
wait_for has_asked 1
run 0 "while its run lives, others leave it alone" sikka-sweep
is "$(row 1 result)" submitting "it is its run's"
booking time=09:00 >again
sikka-book -v again >again.out 2>again.err &
again=$!
wait_for grep -q 'duplicate of request 1' again.err
is "$(cat again.out) $(posts)" " 1" "nor does another sikka-book send it, or tell of it"
kill -KILL "$pid"
wait "$pid" 2>wait.err
wait "$again"
is "$? $(jq -r '[.result, .duplicate] | map(tostring) | join(" ")' again.out) $(posts)" "2 unknown true 1" "before it is known what became of it"
sim_clear_faults
run 2 "another booking, after the kill" sh -c 'booking=$1; echo "$booking" | sikka-book >other; sikka-book again' sh "$(booking time=09:10)"
is "$(row 1 result) $(posts)" "unknown 2" "turns the row over to unknown, and doesn't send it"
is "$(event_kinds 1)" "queued submitting unknown" "with its event"
run 0 "sikka-sweep finds it" sikka-sweep
run 0 "it completes" sikka-poll --wait=60s --every 1s
is "$(row 1 result) $(in_book 09) $(posts)" "completed 2 2" "once in the book, sent once"

# --- SIGKILL while it hangs, not done --------------------------------------------------------------------------

before=$(last)
booking time=09:20 >in
sim_fault 'POST /appointment=hang'
sikka-book in >out 2>err &
pid=$!
wait_for submitting 1
kill -KILL "$pid"
wait "$pid" 2>wait.err
sim_clear_faults
run 2 "the next look" sikka-poll
is "$(states "$before")" "unknown 1," "unknown: from claiming on, nobody knows"
later 2200
sikka-sweep >swept 2>&1
later 61
run 1 "two lists without it" sikka-sweep
run 0 "sent again" sikka-sweep --retry
run 0 "it completes" sikka-poll --wait=60s --every 1s
is "$(held '[.writebacks[] | select(.body.time == "09:20").applied] | add')" 1 "once in the book"

# --- SIGKILL in the middle of many ------------------------------------------------------------------------------

before=$(last) asked=$(posts)
many 10 40
sim_fault 'POST /appointment@11-=hold'
sikka-book in >out 2>err &
pid=$!
wait_for has_asked $((asked + 10))
wait_for sim_holds 1
kill -KILL "$pid"
wait "$pid" 2>wait.err
sim_clear_faults
is "$(sql "SELECT count(*) FROM pms_writebacks WHERE id > $before")" 40 "killed among forty: all are journaled"
sikka-poll >polled 2>&1
is "$(sql "SELECT count(*) FROM pms_writebacks WHERE result IN ('queued', 'submitting')")" 0 "what it left is turned over"
sikka-book in >out 2>err
settled() { sikka-sweep >swept 2>&1; [ "$(sql "SELECT count(*) FROM pms_writebacks WHERE result = 'unknown'")" = 0 ]; }
wait_for settled
ok $? "the unknown ones are found"
run 0 "the same input once more" sikka-book in
run 0 "all end" sikka-poll --wait=60s --every 1s
is "$(in_book 10) $(posts)" "40 $((asked + 40))" "forty in the book, each sent once"

# --- SIGTERM --------------------------------------------------------------------------------------------------------

before=$(last) asked=$(posts)
many 11 40
sim_fault 'POST /appointment=hold'
sikka-book in >out 2>err &
pid=$!
wait_for sim_holds 1
signal TERM "$pid"
sim_clear_faults
wait "$pid"
is "$?" 75 "SIGTERM: exit 75"
sent=$(($(posts) - asked))
[ "$sent" -lt 40 ]
ok $? "not all had been sent"
is "$(states "$before")" "failed not_sent $((40 - sent)),pending $sent," "what was on the wire is recorded, the rest wasn't sent"
is "$(jq -r '.result' out | sort | uniq -c | awk '{print $2, $1}' | tr '\n' ',')" "failed $((40 - sent)),pending $sent," "a record for each"
like "$(cat err)" 'stopped by a signal' "and a word why"
run 0 "the rest later" sikka-sweep --retry
run 0 "all end" sikka-poll --wait=60s --every 1s
is "$(in_book 11) $(posts)" "40 $((asked + 40))" "forty in the book, each sent once"

before=$(last)
mkfifo pipe
sikka-book pipe >out 2>err &
pid=$!
exec 9>pipe
booking time=11:50 >&9
wait_for test -s out
kill -TERM "$pid" # a shell starts its background jobs with SIGINT ignored
wait "$pid"
is "$?" 75 "SIGTERM while it waits for its input"
exec 9>&-
is "$(states "$before")" "pending 1," "what it had sent is recorded"

# --- a closed pipe ------------------------------------------------------------------------------------------------------

before=$(last) asked=$(posts)
many 12 30
{ sikka-book in 2>err; echo $? >code; } | head -n 1 >first
is "$(jq -r .result first) $(posts) $(states "$before")" "pending $((asked + 30)) pending 30," "sikka-book | head -n 1 sends and records all"
is "$(cat err)" "" "quietly"
is "$(cat code)" 0 "and well"
before=$(last) asked=$(posts)
many 13 5
run 74 "/dev/full" sh -c 'sikka-book in >/dev/full'
is "$(sql "SELECT count(*) FROM pms_writebacks WHERE id > $before AND result IN ('queued', 'submitting', 'unknown')")" 0 "nothing is left in between"
is "$(sql "SELECT count(*) FROM pms_writebacks WHERE id > $before AND result = 'pending'")" "$(($(posts) - asked))" "what was sent is recorded"

run 0 "all end" sikka-poll --wait=60s --every 1s
is "$(held '[.writebacks[].applied] | max')" 1 "nothing was carried out twice"
is "$(held '[.writebacks[] | .body | tojson] | length - (unique | length)')" 0 "and no request stands twice at the server"
done_testing
