#!/bin/sh
# SPDX-License-Identifier: MIT
# The server's time: a wrong clock of this machine, a wrong Date, moments ahead of the clock, heartbeats
. "$(dirname "$0")/lib.sh"

# Several state files in turn at one server, and several boots: holds.t is about what follows from that.
export SIKKA_BOOTS=many SIKKA_SHARED_OFFICES='*'
DAY=86400

commits() { sql 'SELECT max(number) FROM commits'; }
# off EXPRESSION [FROM]: by how many seconds a moment differs from the server's time (without sim_advance)
server_now() { echo $(($(env -u LD_PRELOAD date +%s) + $(head -n 1 "$SIKKA_SHIFT" | awk '{ print $4 }'))); }
off() { sql "SELECT strftime('%s', $1) - $(server_now) ${2:-}"; }
near() { [ "$1" -ge -90 ] && [ "$1" -le 90 ]; }
is_near() { near "$(off "$1" "$2")"; ok $? "$3 ($(off "$1" "$2") s)"; }
kinds() { sql "SELECT count(*) FROM events WHERE kind = '$1'"; }

# --- a clock that is days off ------------------------------------------------------------------------------

start_sim --rate-limit 100000 --delay 0:0
clock_off $((3 * DAY + 3600))
run 0 "with a clock three days ahead there are keys" sikka-authorize
is "$(told 'this machine.s clock is 3 d ahead of the server.s')" 1 "it is told"
is "$(kinds clock_differs)" 1 "as an event, too"
is_near renewed_at "FROM pms_integrations WHERE renewed_at IS NOT NULL LIMIT 1" "times are the server's"
is "$(sql "SELECT count(*) FROM pms_integrations WHERE token_expiry > strftime('%Y-%m-%dT%H:%M:%fZ', $(server_now), 'unixepoch', '2 days')")" 0 \
    "also when a key ends"
is_near server_at "FROM clock" "the server's time is kept"
is "$(sql 'SELECT boot_id || is_known FROM clock')" "$(cat /proc/sys/kernel/random/boot_id)1" "with the boot"
booking key=one | sikka-book >"$T/out" 2>"$T/err"
is "$(told 'this machine.s clock')" 0 "it is told once a day"
is_near submitted_at "FROM pms_writebacks" "a request is submitted at the server's time"
is_near queued_at "FROM pms_writebacks" "and queued, before the first answer to this process"
clock_off -43d
run 0 "a clock weeks behind" sikka-poll --wait=60s --every 1s
is "$(row 1 result)" completed "follows it to its end"
is_near completed_at "FROM pms_writebacks" "at the server's time"
clock_off $((40 * DAY - 3600))
run 0 "a right clock" sikka-poll
is_near server_at "FROM clock" "makes no difference"
is "$(kinds clock_differs)" 1 "and nothing new is told"

reboot
clock_off -3d
booking time=09:30 | sikka-book >"$T/out" 2>"$T/err"
is_near queued_at "FROM pms_writebacks WHERE id = 2" "after a boot a clock in the past doesn't count as earlier than what was known"
run 0 "an answer" sikka-token -O D36225 info
is "$(sql 'SELECT boot_id || is_known FROM clock')" "$(cat /proc/sys/kernel/random/boot_id)1" "makes the time known under this boot"
clock_off 3d
run 0 "it ends" sikka-poll --wait=60s --every 1s

# --- a wrong Date ------------------------------------------------------------------------------------------

booking time=10:00 >unkeyed
run 0 "a request without a key" sikka-book --wait=60s unkeyed
run 0 "its equal" sikka-book unkeyed
is "$(said .duplicate)" true "is a duplicate"
sim_advance $((2 * DAY))
run 0 "an answer with a Date two days ahead" sikka-token -O D36225 info
is "$(sql "SELECT jump_ms / 1000 BETWEEN 2 * $DAY - 5 AND 2 * $DAY + 5 FROM clock")" 1 "notes it"
run 0 "the next one" sikka-token -O D36225 info
is_near server_at "FROM clock" "still moves nothing"
run 0 "the equal request" sikka-book unkeyed
is "$(said .duplicate)" true "is a duplicate as before"
later 62
run 0 "an answer a minute later that shows the same" sikka-token -O D36225 info
is "$(told 'this machine.s clock is .* behind the server')" 1 "is believed: a day has passed, and it is told again"
near "$(($(off server_at "FROM clock") - 2 * DAY))"
ok $? "the time is the server's again"
is "$(sql 'SELECT jump_ms FROM clock')" 0 "and nothing is doubted any more"
run 0 "the equal request" sikka-book unkeyed
is "$(said .duplicate)" false "is another one now"

# --- moments ahead of the clock ----------------------------------------------------------------------------

start_sim --rate-limit 100000 --delay 0:0 # whose clock is right
rm -rf "$T/state"
authorize
booking key=ahead | sikka-book >"$T/out"
ahead() { sql "SELECT count(*) FROM pms_writebacks WHERE $1 > strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '5 minutes')"; }
sql "UPDATE pms_writebacks SET last_checked_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '400 days')"
run 0 "a row that was looked at in 400 days" sikka-poll --wait=60s --every 1s 1
is "$(said .result)" completed "is looked at"
sql "UPDATE pms_writebacks SET completed_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '400 days')"
run 0 "a dry run" sikka-sweep -n
is "$(ahead completed_at)" 1 "changes nothing"
run 0 "a sweep" sikka-sweep
is "$(ahead completed_at)" 0 "sets a time ahead of the clock to now"
booking time=11:00 key=late | sikka-book >"$T/out"
sim_post 'office?office_id=D36225&spu=offline'
sql "INSERT INTO events (happened_at, kind, office_id, row_id, outbox)
    SELECT strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '400 days'), column1, 'D36225', column2, 1
    FROM (VALUES ('stuck', 2), ('office_offline', NULL))"
later 7h
run 0 "a sweep 7 hours later" sikka-sweep
is "$(said '[.event, .id] | join(" ")' | grep -cE '^(stuck 2|office_offline)')" 1 "reports what an event ahead of the clock seems to have reported"
sim_post 'office?office_id=D36225&spu=online'

# --- heartbeats ----------------------------------------------------------------------------------------------

beats() { sql 'SELECT task FROM heartbeats ORDER BY beat' | tr '\n' ' '; }
rm -rf "$T/state"
authorize
is "$(beats)" "authorize " "a list of the practices that was read is noted"
run 0 "nothing is to be done" sikka-poll
later 20
before=$(commits)
run 0 "a poll that changes nothing" sikka-poll
is "$(($(commits) - before)) $(beats)" "1 authorize poll " "makes one commit, which notes it"
before=$(commits)
run 0 "a key that is valid" sikka-token print D36225
run 0 "a resource" sikka-get -O D36225 patients
run 0 "a look at the keys" sikka-token -O D36225 info
is "$(($(commits) - before))" 0 "make none"
for command in "token refresh" sweep; do
	before=$(commits)
	# shellcheck disable=SC2086 # words
	run 0 "sikka-$command" sikka-$command
	is "$(($(commits) - before))" 1 "makes one, when nothing is to be done"
done
run 0 "a sweep that delivers and copies" sikka-sweep --notify 'cat >"$T/told"' --backup "$T/copy.db"
is "$(beats)" "authorize poll refresh sweep notify backup " "each task is noted"
run 0 "the state" sikka-status
is "$(said '.last_success | map_values(. != null) | to_entries | map(select(.value).key) | join(" ")')" \
    "authorize refresh poll sweep notify backup" "is shown"
is "$(sikka-status --metrics | grep -c '^sikka_last_success_timestamp_seconds{task="[a-z]*"} 1[0-9]*$')" 6 "and measured"
sim_fault 'GET /authorized_practices=status:500:API2001'
sql "DELETE FROM heartbeats"
run 69 "a list that couldn't be read" sikka-authorize
is "$(beats)" "" "is no success"
sim_clear_faults
SIKKA_APP_KEY=wrong sikka-authorize >"$T/out" 2>"$T/err"
is "$? $(sql 'SELECT scope, code FROM refusals')" "77 application|API2003" "what the application is refused is noted"
is "$(sql "SELECT count(*) FROM refusals WHERE refused_at > strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-5 minutes')")" 1 "with its time"
run 0 "a command that asks for no office's key" sikka-token refresh
is "$(sql 'SELECT count(*) FROM refusals')" 1 "doesn't end the refusal"
run 0 "a list that is read" sikka-authorize
is "$(sql 'SELECT count(*) FROM refusals')" 0 "does"
SIKKA_APP_KEY=wrong sikka-authorize >"$T/out" 2>"$T/err"
run 0 "so does a new key" sikka-token refresh --all
is "$(sql 'SELECT count(*) FROM refusals')" 0 "of an office"
sim_fault 'GET /authorized_practices=status:401:API2004'
run 77 "a resource that isn't for the application" sikka-authorize
is "$(sql 'SELECT count(*) FROM refusals')" 0 "says nothing of its key"
sim_clear_faults

sikka-poll --follow >"$T/out" 2>"$T/err" &
pid=$!
latest() { sql "SELECT ifnull(max(beat), 0) FROM heartbeats WHERE task = 'poll'"; }
# It may not have begun to count yet: then one more minute passes.
beats_again() {
	later 61
	[ "$(latest)" -gt "$was" ]
}
for n in 1 2; do
	was=$(latest)
	tries=0 # wait_for goes by the clock that is moved here
	until beats_again || [ "$tries" -eq 600 ]; do
		tries=$((tries + 1))
		sleep 0.05
	done
	[ "$tries" -lt 600 ]
	ok $? "--follow notes it once a minute: $n"
done
later 20
was=$(latest)
kill -TERM "$pid"
wait "$pid"
[ "$(latest)" -gt "$was" ]
ok $? "and at its end"

# --- an account without writebacks, whose lists are empty and have no body ------------------------------------------

start_sim --rate-limit 100000 --delay 0:0
rm -rf "$T/state"
authorize
sim_fault 'POST /appointment=drop-before'
booking key=lost | sikka-book >"$T/out" 2>"$T/err"
sim_clear_faults
clock_off 4d
run 2 "a clock is set days ahead, and a list is empty" sikka-sweep
is "$(sim_get requests | jq -c '.routes["GET /writebacks"].statuses | keys')" '["204"]' "and is answered by 204 alone"
is "$(kinds clock_differs)" 1 "its Date shows that the clock is wrong"
reboot
booking key=other time=10:00 | sikka-book >"$T/out" 2>"$T/err"
is_near queued_at "FROM pms_writebacks WHERE key = 'other'" "and after a boot the difference is still known"
clock_off -4d

# --- a server without Date --------------------------------------------------------------------------------------

start_sim --rate-limit 100000 --delay 0:0
rm -rf "$T/state"
authorize
sim_fault 'POST /appointment=drop-before'
booking key=lost | sikka-book >"$T/out" 2>"$T/err"
is "$(row 1 result)" unknown "a request whose answer was lost"
later 1h
start_canned "$T/answer"
nothing='{"offset":"0","limit":"5000","total_count":"0","items":[]}'
canned "$nothing"
run 2 "a list without Date" sikka-sweep
is "$(row 1 "result || ifnull(absent_at, '')") $(kinds no_date)" "unknown 1" "proves no absence, and this is told"
run 2 "another one" sikka-sweep
is "$(kinds no_date)" 1 "is told once"
canned "$nothing" "Date: $(LC_ALL=C date -u '+%a, %d %b %Y %H:%M:%S GMT')"
run 2 "a list with a Date" sikka-sweep
is "$(sql "SELECT absent_at IS NOT NULL FROM pms_writebacks")" 1 "is a first proof"

# --- a clock that is found to be hours behind ----------------------------------------------------------------------

# A virtual machine is paused for three hours, and none of its clocks notices. Before two answers have shown that, a
# request is lost and another one withdrawn. What has to wait since then must not count as having waited for three hours.
start_sim --rate-limit 100000 --delay 0:0
rm -rf "$T/state"
authorize
sim_post 'office?office_id=D36225&spu=offline'
{ booking time=08:00 key=undone; booking time=08:30; } >in
run 0 "two requests" sikka-book in
withdrawn=$(said 'select(.key == "undone").id')
move_clocks 0 0 0 10800
lose before 10:00 key=lost
run 2 "another one is withdrawn" sikka-sweep --withdraw "$withdrawn"
is "$(state "$withdrawn")" withdrawn "by a clock that is three hours behind"
later 61
run 2 "a second answer shows the time" sikka-sweep
like "$(cat "$T/err")" "clock is .* behind the server" "which is believed"
for n in 1 2 3; do
	later 61
	sikka-sweep >"$T/out" 2>"$T/err"
done
is "$(state "$id") $(row "$withdrawn" 'looks || " " || holds_key')" "unknown unclear 0 1" "nothing is declared, and nothing freed, within minutes"
later 16m
sikka-sweep >"$T/out" 2>"$T/err"
later 61
sikka-sweep >"$T/out" 2>"$T/err"
is "$(state "$id") $(row "$withdrawn" holds_key)" "unknown unclear 0" "after a quarter of an hour two looks free the key"
later 20m
sikka-sweep >"$T/out" 2>"$T/err"
later 61
sikka-sweep >"$T/out" 2>"$T/err"
is "$(state "$id")" "failed not_received" "after 35 minutes two lists show that it wasn't received"
done_testing
