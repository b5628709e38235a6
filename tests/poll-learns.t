#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-poll, sikka-book --wait: an office's own times are the server's, not those of our looks; a record is handed
# out when it is known
. "$(dirname "$0")/lib.sh"

AUTHORIZES=authorize_unlisted

# --- what is learned --------------------------------------------------------------------------------------------

anew --rate-limit 100000 --delay 4:4
many 9 30
run 0 "thirty bookings" sikka-book in
later 400
run 0 "are looked at long after the practice has carried them out" sikka-poll
is "$(sql "SELECT count(*) FROM pms_writebacks WHERE result = 'completed'
    AND strftime('%s', completed_at) - strftime('%s', submitted_at) >= 400")" 30 "all have ended, as we learned 400 seconds later"
is "$(sql "SELECT count(*) FROM pms_writebacks WHERE took_ms BETWEEN 4000 AND 5000")" 30 "the practice took four seconds, by the server's times"
is "$(sikka-status | jq '.last_day.slowest_seconds <= 5')" true "which is what sikka-status says"

# ends_within SECONDS COMMAND …: it ends when so much time has passed, and no more passes.
ends_within() {
	within=$1
	shift
	time_stands
	"$@" >out 2>err &
	pid=$!
	wait_for all_is_sent
	later "$within"
	wait_for has_ended "$pid"
	ended=$?
	time_runs
	[ "$ended" -eq 0 ] || kill "$pid"
	wait "$pid"
	return "$ended"
}
all_is_sent() { [ "$(sql "SELECT count(*) FROM pms_writebacks WHERE result = 'pending'")" -gt 0 ]; }
for nth in 1 2 3; do
	booking "time=10:0$nth" >in
	before=$(statuses)
	ends_within 7 sikka-book --wait in
	ok $? "sikka-book --wait sees its end soon after: $nth"
	is "$(jq -r .result out) $(($(statuses) - before))" "completed 1" "with one look"
done
booking time=10:10 | sikka-book >out
ends_within 7 sikka-poll --wait
ok $? "so does sikka-poll --wait"

# --- what isn't ---------------------------------------------------------------------------------------------------

is "$(sql "SELECT count(*) FROM pms_writebacks WHERE took_ms IS NULL")" 0 "each has its time"
spu offline
booking time=10:20 >in
run 0 "one that is withdrawn" sikka-book in
run 0 "has none" sikka-sweep --withdraw "$(said .id)"
is "$(row "$(sql 'SELECT max(id) FROM pms_writebacks')" "result || ifnull(took_ms, '-')")" "withdrawn-" "as no practice carried it out"

# --- the first ones ---------------------------------------------------------------------------------------------

anew --rate-limit 100000 --delay 2:2
booking key=first >in
sikka-book --wait in >out &
wait_for all_is_sent
later 22
wait $!
is "$(said .result) $(statuses)" "completed 1" "the first one of an office is looked at after 22 seconds"
booking key=second time=10:00 >in
ends_within 4 sikka-book --wait in
ok $? "the second one when the first one had ended"
is "$(said .result) $(statuses)" "completed 2" "with one look"
sim_post 'options?delay=10:10'
booking key=third time=11:00 >in
ends_within 22 sikka-book --wait in
ok $? "one that takes longer is looked at after 22 seconds, too"
is "$(said .result)" completed "and has ended"

# --- what was left alone for days -----------------------------------------------------------------------------------

spu offline
booking key=older time=12:00 | sikka-book >out
booking key=younger time=13:00 | sikka-book >>out
later 2d
older=$(sed -n 1p out | jq -r .id) younger=$(sed -n 2p out | jq -r .id)
run 0 "one of two that are days old is looked at" sikka-poll "$younger"
looks() { row "$1" check_count; }
before=$(looks "$older") looked=$(looks "$younger")
is_looked_at() { [ "$(looks "$older")" -gt "$before" ]; }
time_stands
sikka-poll --wait "$older" "$younger" >out 2>err &
pid=$!
wait_for is_looked_at
ok $? "sikka-poll --wait looks at the other one at once: its look is overdue"
is "$(looks "$younger")" "$looked" "but not at the one that was looked at just now"
time_runs
kill "$pid"
wait "$pid"

# --- when it is told ------------------------------------------------------------------------------------------------

told_now() { [ "$(wc -l <out)" -eq "$1" ]; }
for options in "--wait --every 1s" "--follow --every 1s"; do
	anew --rate-limit 100000 --delay 0:0
	many 9 6
	run 0 "six bookings" sikka-book in
	later 90
	sim_fault 'GET /writeback_status@3-=hold'
	: >out
	# shellcheck disable=SC2086 # words
	sikka-poll $options >out 2>err &
	pid=$!
	wait_for sim_holds 1
	wait_for told_now 2
	ok $? "$options: what is known is told while the other questions are on their way"
	is "$(sql "SELECT count(*) FROM pms_writebacks WHERE result = 'completed'")" 2 "and no more is known"
	sim_clear_faults
	wait_for told_now 6
	ok $? "the others follow"
	is "$(jq -r .id out | sort -n | uniq | wc -l)" 6 "each once"
	[ "$options" = "--wait --every 1s" ] || kill -TERM "$pid"
	wait "$pid"
	is "$?" 0 "all went well"
done
done_testing
