#!/bin/sh
# SPDX-License-Identifier: MIT
# a run's rows: journaled before the first is sent, claimed as they leave, turned over when it dies; signals
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0
authorize
states() { sql "SELECT result || ifnull(' ' || error_code, '') || ' ' || count(*) FROM pms_writebacks WHERE id > $1 GROUP BY result, error_code" | tr '\n' ','; }
last() { sql 'SELECT ifnull(max(id), 0) FROM pms_writebacks'; }
has_asked() { [ "$(posts)" -ge "$1" ]; }
# background COMMAND …: starts it as $pid, with the signals of a foreground command (sh would ignore SIGINT)
background() {
	perl -e '$SIG{INT} = $SIG{TERM} = "DEFAULT"; exec @ARGV' "$@" >its.out 2>its.err &
	pid=$!
}
ends() { # ends CODE WHAT
	wait "$pid" 2>wait.err
	is "$?" "$1" "$2 (exit $1)"
}

# --- journaled, claimed, recorded -----------------------------------------------------------------------

booking time=08:00 >in
run 0 "one that tells the limit" sikka-book --wait=60s in
before=$(last) asked=$(posts)
many 9 40
sim_fault 'POST /appointment=hang-after'
background sikka-book in
wait_for has_asked $((asked + 4))
is "$(states "$before")" "queued 36,submitting 4," "all forty are journaled before anything is sent; claimed is what leaves now"
is "$(($(posts) - asked))" 4 "four are on the wire: as many as an office gets"
kill -KILL "$pid"
wait "$pid" 2>wait.err
sim_clear_faults
run 0 "its process is killed: the next sweep" sikka-sweep --retry
is "$(sql "SELECT count(*) FROM events WHERE kind = 'not_sent'") $(sql "SELECT count(*) FROM events WHERE kind = 'unknown'")" "36 4" \
    "what was queued wasn't sent, what was claimed is unknown, and each has its event"
is "$(jq -r 'select(.event | IN("not_sent", "unknown")) | "\(.event) \(.count)"' out | sort | tr '\n' ',')" "not_sent 36,unknown 4," "the sweep says each of the two once, with how many"
like "$(jq -r 'select(.event == "unknown").text' out)" '^office D36225: 4 requests of run [0-9]+ are unknown; for each of them: it may have been sent; the process that had it has ended\. Nobody knows yet' "in plain words"
is "$(sql "SELECT kind FROM events WHERE kind IN ('not_sent', 'unknown') AND outbox = 1 ORDER BY kind" | tr '\n' ' ')" "not_sent unknown " "and so does who is to hear of it"
is "$(($(posts) - asked))" 40 "the 36 are sent again"
is "$(sql "SELECT count(*) FROM events WHERE kind = 'found'")" 4 "the four are found, by the same sweep"
run 0 "all end" sikka-poll --wait=60s --every 1s
is "$(states "$before") $(held '[.writebacks[].applied] | add')" "completed 40, 41" "forty in the book, sent once each"

before=$(last)
many 10 2
sim_fault 'POST /appointment@2=hang-after'
background sikka-book in
is_pending() { [ "$(sql "SELECT count(*) FROM pms_writebacks WHERE id > $before AND result = 'pending'")" = 1 ]; }
wait_for is_pending
ok $? "an answer is recorded before the next one is waited for"
wait_for test -s its.out
is "$(jq -r .result its.out)" pending "and its record is written"

# --- a second signal, while one is on the wire -------------------------------------------------------------

asked=$(posts)
signal TERM "$pid"
is "$(states "$before")" "pending 1,submitting 1," "SIGTERM: what is on the wire is waited for"
signal TERM "$pid"
ends 143 "a second one ends it at once"
sim_clear_faults
run 0 "the next look" sikka-poll
is "$(states "$before") $(posts)" "completed 1,pending 1, $asked" "finds what it left; nothing is sent"

# --- SIGINT -------------------------------------------------------------------------------------------------

before=$(last) asked=$(posts)
many 11 40
sim_fault 'POST /appointment=hold'
background sikka-book in
wait_for sim_holds 1
signal INT "$pid"
sim_clear_faults
ends 75 "SIGINT"
sent=$(($(posts) - asked))
is "$(states "$before")" "failed not_sent $((40 - sent)),pending $sent," "what was on the wire is recorded, the rest wasn't sent"
is "$(jq -r .result its.out | sort | uniq -c | awk '{print $2, $1}' | tr '\n' ',')" "failed $((40 - sent)),pending $sent," "a record tells of each"
like "$(cat its.err)" 'stopped by a signal' "and a word why"

# --- the others -----------------------------------------------------------------------------------------------

before=$(last) asked=$(posts)
sim_fault 'POST /appointment=hold'
background sikka-sweep --retry
wait_for sim_holds 1
signal TERM "$pid"
sim_clear_faults
ends 75 "sikka-sweep --retry"
is "$(sql "SELECT count(*) FROM pms_writebacks WHERE result IN ('queued', 'submitting', 'unknown')")" 0 "nothing is left in between"
is "$(sql "SELECT count(*) FROM pms_writebacks WHERE result = 'failed' AND error_code = 'not_sent'")" "$((40 - sent - ($(posts) - asked)))" "what it sent is recorded, the rest is as before"
like "$(cat its.err)" 'stopped by a signal; .*run the same command again, or leave the rest to the next sweep' "and a word why"
later 100
run 0 "the next one" sikka-sweep --retry
is "$(posts)" "$((asked + 40 - sent))" "sends the rest"
sim_post 'office?office_id=D36225&spu=offline'
booking time=12:00 >in
run 0 "one that stays pending" sikka-book in
one_is_pending() { sikka-poll >polled 2>&1; [ "$(sql "SELECT count(*) FROM pms_writebacks WHERE result = 'pending'")" = 1 ]; }
wait_for one_is_pending
ok $? "all others end"
background sikka-poll --wait --every 1s
statuses=$(sim_count 'GET /writeback_status')
more() { [ "$(sim_count 'GET /writeback_status')" -gt "$statuses" ]; }
wait_for more
signal TERM "$pid"
ends 75 "sikka-poll --wait"
like "$(cat its.err)" 'stopped by a signal; 1 requests are still being followed' "says what remains"

# --- taken over -----------------------------------------------------------------------------------------------

sim_post 'office?office_id=D36225&spu=online'
mkfifo pipe
sikka-book -v pipe >heir.out 2>heir.err &
heir=$!
exec 9>pipe
booking time=12:10 >&9
wait_for test -s heir.out
before=$(last) asked=$(posts)
many 13 12
sim_fault 'POST /appointment=hang-after'
background sikka-book in
wait_for has_asked $((asked + 4))
sim_clear_faults
sed -n 12p in >&9 # while its process lives
told() { [ "$(wc -l <heir.out)" -ge "$1" ]; }
wait_for grep -q "duplicate of request $((before + 12)), which is queued" heir.err
is "$(wc -l <heir.out) $(posts)" "1 $((asked + 4))" "a request that a living run has in its queue is a duplicate, and isn't told as sent"
kill -KILL "$pid"
wait "$pid" 2>wait.err
wait_for told 2
is "$(tail -n 1 heir.out | jq -r '[.id, .result, .duplicate] | map(tostring) | join(" ")') $(posts)" "$((before + 12)) pending false $((asked + 5))" "when that one is dead it is taken over, in its row"
exec 9>&-
wait "$heir"
run 0 "the next sweep" sikka-sweep
is "$(states "$before")" "failed not_sent 7,pending 5," "turns over the rest, finds what arrived, and leaves that one"
sikka-sweep --retry >swept 2>&1
run 0 "all end" sikka-poll --wait=60s --every 1s
is "$(states "$before") $(($(posts) - asked))" "completed 12, 12" "each was sent once"

# --- a queue that takes several windows of the limit ---------------------------------------------------------------

start_sim --rate-limit 30 --rate-window 360 --delay 0:0
SIKKA_DB=$T/windows/sikka.db
authorize
run 0 "the limit is told" sikka-get -O D36225 providers
for hour in 14 15; do many "$hour" 50; cat in >>queue; done
background sikka-book -v queue
sim_pids="$sim_pids $pid"
# rests COUNT: so many have left at least, the run waits for its next window, and no answer is under way: time that
# passes for a request runs into its time-out.
waits() { grep -c 'for the limit of D36225' its.err; }
under_way() { sqlite "$SIKKA_DB.limits" 'SELECT sum(in_flight) FROM windows'; }
rests() { has_asked "$1" && [ "$(waits)" -gt "$waited" ] && [ "$(under_way)" -eq 0 ]; }
waited=0
wait_for rests 25
waited=$(waits)
later 362
wait_for rests 50
waited=$(waits)
later 300
run 0 "a sweep, eleven minutes after they were queued and five after the last one left" sikka-sweep
is "$(said .event)" "" "the run hasn't stalled"
later 362
wait_for rests 75
freeze "$pid"
later 605
run 0 "a sweep, ten minutes after it was stopped" sikka-sweep
is "$(said .event)" run_stalled "it has"
kill -KILL "$pid"
wait "$pid" 2>wait.err

# --- minutes at the limit, with a sweep from cron every half minute -----------------------------------------------

start_sim --rate-limit 15 --rate-window 1 --delay 0:0
SIKKA_DB=$T/long/sikka.db
authorize
for hour in 14 15; do many "$hour" 35; cat in >>many; done
background sikka-book many
is_journaled() { [ "$(last)" -eq 70 ]; }
wait_for is_journaled
sikka-book many >again.out 2>again.err &
again=$!
i=0
while [ "$i" -lt 20 ] && kill -0 "$pid" 2>gone.err; do
	i=$((i + 1))
	later 25 # less than a request waits for its answer
	sikka-sweep --retry >swept."$i" 2>&1
	sikka-poll >polled."$i" 2>&1
done
ends 0 "70 bookings, where 15 a second may be asked"
wait "$again"
is "$? $(jq -r .duplicate again.out | sort | uniq -c | tr -s ' ')" "0  70 true" "another process with the same 70 meanwhile: all are duplicates"
is "$(cat its.err again.err)" "" "without a word"
is "$(sql "SELECT count(*) FROM events WHERE kind IN ('unknown', 'not_sent', 'run_stalled', 'not_received')")" 0 "a living run is never taken for a dead one"
run 0 "all end" sikka-poll --wait=60s --every 1s
# In windows so short a machine that stands still for a second may be refused one, which is then sent again.
accepted=$(sim_get requests | jq '.routes["POST /appointment"].statuses["201"]')
is "$accepted $(states 0)" "70 completed 70," "each was taken once"
is "$(held '[.writebacks[].applied] | max')" 1 "and carried out once"
done_testing
