#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-poll --wait, --follow: one list tells of many requests at once; what it doesn't show is asked for by itself
. "$(dirname "$0")/lib.sh"

AUTHORIZES=authorize_unlisted

# begin HOUR N [OPTION …]: a simulator, N bookings that are pending, and a list that is known to be quick; time stands.
begin() {
	hour=$1 n=$2
	shift 2
	anew --rate-limit 100000 --delay 20:20 "$@"
	sql "INSERT INTO facts (name, value) VALUES ('list_pages', 1), ('list_page_took', 50)"
	time_stands
	many "$hour" "$n"
	run 0 "$n bookings" sikka-book in
}
# poll OPTION …: in the background. It has begun when it waits.
poll() {
	sikka-poll -v "$@" >polled 2>told &
	pid=$!
	wait_for is_waiting
}
is_waiting() { [ "$(awk '{ print $3 }' "/proc/$pid/stat")" = S ]; }
told() { [ "$(wc -l <polled)" -eq "$1" ]; }
# What the poller has read, and which of its attempts the simulator has seen.
has_read() { [ "$(grep -c 'writebacks from the list of' told)" -ge "$1" ]; }
has_asked() { [ "$(lists)" -ge "$1" ]; }
is_missed_again() { [ "$(row 7 gone_looks)" -eq 2 ]; }
has_failed() { grep -q 'API2002' told; }
end() {
	time_runs
	wait "$pid"
	is "$?" "${1:-0}" "it ends with ${1:-0}"
}

begin 9 40
poll --wait
later 18
later 3
wait_for told 40
ok $? "forty of one office, 21 seconds old: all are told, before the first look of a single one is due"
end
is "$(lists) $(statuses)" "1 40" "by one list, and a status for each that it shows as ended"
is "$(sql "SELECT count(*) FROM pms_writebacks WHERE check_count = 1 AND result = 'completed'")" 40 "each was asked for once"

begin 9 40
spu offline
poll --wait
later 21
wait_for has_read 1
ok $? "forty that the practice hasn't carried out: a list"
later 8
wait_for has_read 2
ok $? "and another one, some seconds later"
is "$(statuses)" 0 "nothing else is asked"
is "$(sql "SELECT count(*) FROM pms_writebacks WHERE last_checked_at IS NOT NULL")" 0 \
    "and nothing is written of what is still pending"
spu online
later 30
wait_for has_read 3
later 30
wait_for told 40
ok $? "the practice is back"
end
is "$(statuses)" 40 "as soon as they have ended, each is asked for once"

begin 9 10
poll --wait
later 21
later 4
wait_for told 10
ok $? "ten: each is asked for at its time"
end
is "$(lists) $(statuses)" "0 10" "no list is read for so few"

# --- what a list doesn't show -----------------------------------------------------------------------------------

begin 9 40
sim_fault 'GET /writebacks=lag:1000'
poll --wait
later 21
wait_for has_read 1
ok $? "a list that lags shows none of forty"
wait_for is_waiting
is "$(statuses)" 0 "they aren't asked for because of that"
later 4
wait_for told 40
ok $? "but at their time"
end
is "$(lists) $(statuses)" "1 40" "once each"

begin 9 40
sim_post "writeback?id=$(row 7 writeback_id)&hidden=list"
poll --wait
later 21
wait_for told 39
ok $? "a list that lacks one of forty: the others are told"
is "$(statuses)" 39 "and asked for"
later 4
wait_for told 40
ok $? "the last one at its time"
end

begin 9 40
spu offline
sim_post "writeback?id=$(row 7 writeback_id)&hidden=status"
sikka-poll 7 >seen 2>&1
is "$(row 7 gone_looks) $(statuses)" "1 1" "one of forty, whose id its status doesn't know"
poll --wait
later 21
wait_for has_read 1
ok $? "a list that shows it"
later 61
wait_for is_missed_again
ok $? "it is asked for again all the same"
kill "$pid"
end 75

# --- where no list can be had -----------------------------------------------------------------------------------

begin 9 40
sim_post 'options?writeback-list=off'
poll --wait
later 21
wait_for has_asked 1
later 4
wait_for told 40
ok $? "the server refuses the list: each is asked for at its time"
end
is "$(lists) $(statuses)" "1 40" "and the list no more"
is "$(sql "SELECT count(*) FROM heartbeats WHERE task = 'poll'")" 1 "all went well: that a server has no list is no trouble"

begin 9 40
spu offline
sim_fault 'GET /writebacks=status:503:API2002'
poll --follow
later 21
wait_for has_failed
ok $? "--follow, and a list that fails"
sim_clear_faults
later 61
wait_for has_read 1
ok $? "a minute later one is read"
kill "$pid"
end

begin 9 40
sql "UPDATE facts SET value = 5000 WHERE name = 'list_page_took'"
poll --wait
later 21
later 4
wait_for told 40
ok $? "a list that took five seconds last time: each is asked for at its time"
end
is "$(lists) $(statuses)" "0 40" "no list is read"

# --- other ways ---------------------------------------------------------------------------------------------------

begin 9 40 --no-writeback-status
sql "INSERT INTO facts (name, value) SELECT 'no_writeback_status_at', max(strftime('%s', submitted_at)) * 1000 FROM pms_writebacks"
poll --wait
later 21
wait_for told 40
ok $? "a plan without writeback_status: what the list says is recorded"
end 2
is "$(lists) $(statuses)" "1 0" "by one list"

begin 9 40
poll --wait --every 15s
later 16
wait_for has_read 1
later 15
wait_for told 40
ok $? "--every: at that interval"
end
done_testing
