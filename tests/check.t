#!/bin/sh
# SPDX-License-Identifier: MIT
# check.t: what sikka-status --check says when the commands themselves have stopped working
. "$(dirname "$0")/lib.sh"

check() { # check CODE WHAT OPTION...
	code=$1 what=$2
	shift 2
	run "$code" "$what" sikka-status --check "$@"
}
says() { like "$(cat "$T/out")" "$@"; }

start_sim --rate-limit 100000 --delay 5:5
run 0 "authorize" sikka-authorize
check 0 "all is well"

# --- a dead cron ------------------------------------------------------------------------------------------------

later 4d
run 0 "new keys" sikka-token refresh
check 1 "no list of practices for days"
says "^SIKKA WARNING - no good authorize for 4 d \\(at most 3 d\\); look whether cron runs it, and run: sikka-authorize \\|" "is told"
check 0 "a longer age" --max-age authorize=5d
check 0 "is believed of each office" --max-age authorize=5d -O D36225
check 1 "a shorter one" --max-age authorize=1h
says 'authorize for .*at most 60 min' "counts"
run 0 "authorize" sikka-authorize
check 0 "that mends it"
later 178m
check 0 "a renewal of nearly three hours ago"
later 4m
check 1 "no renewal for three hours"
says "^SIKKA WARNING - no good refresh for 3 h \\(at most 3 h\\); .* run: sikka-token refresh \\|" "is told"
run 0 "renew" sikka-token refresh
check 0 "that mends it"

# A task that nobody has ever done isn't missed, unless it is named.
check 1 "a copy is wanted" --max-age backup=2d
says '^SIKKA WARNING - no good backup ever \(at most 2 d\); .* run: sikka-sweep --backup FILE \|' "which nobody ever made"
check 1 "likewise" --max-age notify=2d
says 'no good notify ever .* run: sikka-sweep --notify COMMAND \|' "which nobody ever delivered"
run 0 "a sweep with a copy" sikka-sweep --backup "$T/copy.db"
later 70h
run 0 "new keys" sikka-token refresh
run 0 "authorize" sikka-authorize
check 0 "a copy of three days ago"
later 3h
run 0 "new keys" sikka-token refresh
check 1 "an older one"
says 'no good backup for 3 d .* run: sikka-sweep --backup FILE \|' "is told"
run 0 "a sweep with a copy" sikka-sweep --backup "$T/copy.db"

# What polls and sweeps is judged while there is something to do.
run 0 "a poll with nothing to do" sikka-poll
later 2h
check 0 "neither is missed without a request"
check 0 "also if it is named" --max-age poll=1m --max-age sweep=1m
later 58m
spu offline
booking key=1 | sikka-book >"$T/out" 2>"$T/err"
is "$(state 1)" pending "a request"
run 0 "new keys" sikka-token refresh
run 0 "a copy" sikka-sweep --backup "$T/copy.db"
run 0 "a poll" sikka-poll
check 0 "all is well"
later 185
check 1 "no poll for three minutes"
says "^SIKKA WARNING - no good poll for 3 min \\(at most 3 min\\); .* run: sikka-poll \\|" "is told"
later 12m
check 1 "nor a sweep for a quarter of an hour"
says '^SIKKA WARNING - 2 troubles, the worst: no good poll ' "are two troubles"
says '^WARNING - no good sweep for 15 min .* run: sikka-sweep$' "each with its command"
is "$(wc -l <"$T/out" | tr -d ' ')" 2 "in a line of its own"
check 0 "ages of their own" --max-age poll=1h --max-age=sweep=1h
check 0 "a request of another office" -O D20006
run 0 "a sweep" sikka-sweep
run 0 "a poll" sikka-poll
check 0 "that mends it"
sim_fault 'GET /writeback_status=status:500:API2001'
later 200
sikka-poll >"$T/out" 2>"$T/err"
check 1 "a poll that failed is no good one"
sim_clear_faults
check 64 "a task that there isn't" --max-age pol=1h
like "$err" "no task 'pol'; did you mean poll\\?; the tasks are authorize, refresh, poll, sweep, notify and backup" "is refused"
check 64 "an age without a unit" --max-age poll=60
like "$err" "'60' has no unit" "is refused"

# --- the application's key ------------------------------------------------------------------------------------

run 0 "a sweep" sikka-sweep
run 0 "a poll" sikka-poll
SIKKA_APP_KEY=wrong sikka-token refresh --all >"$T/out" 2>"$T/err"
is $? 77 "the application's key is wrong"
check 2 "this is found"
says "^SIKKA CRITICAL - the server refuses the application's key since 2[0-9TZ:.-]* \\(API2003: application id or key, .*\\); correct app_id and app_key_file, .* run: sikka-authorize \\|" "with the command that mends it"
run 0 "authorize" sikka-authorize
check 0 "that mends it"

# --- the daily limit --------------------------------------------------------------------------------------------

run 0 "a sweep" sikka-sweep
later 20m
run 0 "a sweep" sikka-sweep
sim_fault 'GET /writeback_status=status:429:API2012'
sikka-poll >"$T/out" 2>"$T/err"
check 2 "an office has used up its calls for the day"
says '^SIKKA CRITICAL - .*office D36225 has used up its calls for the day: nothing is read before 2[0-9T:-]*.*Z; run then: sikka-poll; .* \|' "is told"
check 0 "of another office it isn't" -O D20006
sim_clear_faults
later 61m
run 0 "a sweep" sikka-sweep
run 0 "a poll" sikka-poll
check 0 "an hour later it is asked again"
sqlite "$SIKKA_DB.limits" "UPDATE windows SET daily_until = (unixepoch('now') + 600000) * 1000"
check 0 "an end far ahead counts as little as it does for others"
printf 'no database' >"$SIKKA_DB.limits"
check 0 "limits that can't be read are made anew by who needs them"

# --- an office that has withdrawn --------------------------------------------------------------------------------

run 0 "a sweep" sikka-sweep
run 0 "a poll" sikka-poll
check 0 "all is well"
sim_post 'office?office_id=D20006&authorized=false'
echo '{"office_id":"D20006","operation":"update_patient","patient_id":"3","staff":"ST1","firstname":"Ada"}' | sikka-book >"$T/out" 2>"$T/err"
is "$(said .error_code)" API2007 "an office has withdrawn, and refuses a request"
check 1 "this is found"
says "^SIKKA WARNING - the server refuses requests as these offices have withdrawn their authorization: D20006; .* run: sikka-authorize \\|" "is told"
run 0 "authorize" sikka-authorize
later 11m
run 0 "authorize" sikka-authorize
run 0 "a sweep" sikka-sweep
run 0 "a poll" sikka-poll
check 1 "two lists lack it"
says "^SIKKA WARNING - offices withdrew their authorization: D20006; .* sikka-authorize --forget OFFICE; " "is told once"
is "$(wc -l <"$T/out" | tr -d ' ')" 1 "and nothing else"
sim_post 'office?office_id=D20006&authorized=true'
run 0 "it is authorized again" sikka-authorize
echo '{"office_id":"D20006","operation":"update_patient","patient_id":"3","staff":"ST1","firstname":"Eve"}' | sikka-book >"$T/out" 2>"$T/err"
check 0 "that mends it"

# --- the state file -----------------------------------------------------------------------------------------------

mkdir elsewhere
cp -p state/* elsewhere
: >"$SIKKA_DB"
check 2 "the state file is empty"
says "^SIKKA CRITICAL - $SIKKA_DB is missing or empty, and $SIKKA_DB.lock shows that it was in use; .* run: sikka-sweep --after-restore$" "is told"
rm "$SIKKA_DB"
check 2 "it is gone"
says "^SIKKA CRITICAL - $SIKKA_DB is missing or empty" "is told"
cp -p elsewhere/sikka.db state
booking key=2 time=10:00 | sikka-book >"$T/out" 2>"$T/err"
cp -p elsewhere/sikka.db state
check 2 "it is an older copy"
says "^SIKKA CRITICAL - $SIKKA_DB is an older copy .*sikka-sweep --after-restore; .*sikka-sweep --moved \\|" "is told"
mv state moved
check 3 "with its folder it is gone"
says "^SIKKA UNKNOWN - $SIKKA_DB: there is no state file there \\(is its disk mounted" "and nothing tells that it was there"
rm -rf state
mv elsewhere state

done_testing
