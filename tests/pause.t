#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-sweep --pause and --resume: nothing new leaves, for one office or for all; nothing is lost; several processes see it
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0 --pms D20006=Dentrix:G6.2
authorize
hand_in() { # hand_in TIME [NAME=VALUE …]
	at=$1
	shift
	booking "time=$at" "$@" >in && sikka-book in
}
pauses() { sql "SELECT coalesce(office_id, 'all') FROM holds WHERE why = 'paused' AND ended_at IS NULL ORDER BY office_id" | tr '\n' ' '; }
queued_are() { [ "$(sql "SELECT count(*) FROM pms_writebacks WHERE result = 'queued'")" -ge "$1" ]; }
pending_are() { [ "$(sql "SELECT count(*) FROM pms_writebacks WHERE result = 'pending'")" -ge "$1" ]; }

# --- all offices -----------------------------------------------------------------------------------------

run 0 "a request leaves" hand_in 08:00
run 0 "--pause" sikka-sweep --pause
like "$err" "all offices paused: nothing new is sent; reads, renewals and looks go on" "it is said at once"
is "$(said '[.event, .office_id, .id] | tostring')" '["paused",null,null]' "and there is an event, with the run"
is "$(sql "SELECT command || ' ' || (user IS NOT NULL) || ' ' || (host IS NOT NULL) FROM events JOIN runs USING (run) WHERE kind = 'paused'")" \
    "sikka-sweep 1 1" "that says who, and on which host"
since=$(sql "SELECT since FROM holds WHERE why = 'paused'")
run 75 "a request" hand_in 08:10 key=order-1
like "$err" "nothing new is sent: all offices are paused since .* by .* on .*; to go on: sikka-sweep --resume" "is told why, since when, by whom, and what to type"
is "$(state 2) $(posts)" "failed not_sent 1" "it is in the journal as not sent, and the server got nothing"
is "$(event_kinds 2)" "queued not_sent" "and was never claimed"
run 0 "again" sikka-sweep --pause
like "$err" "all offices paused already" "changes nothing"
is "$out $(sql "SELECT since FROM holds WHERE why = 'paused'")" " $since" "not even since when"
run 0 "reads" sikka-get -O D36225 patients --limit 1
run 0 "renewals" sikka-token refresh --all
run 0 "and looks go on" sikka-poll --wait=30s
is "$(row 1 result)" completed "what had left is followed to its end"

later 1m
run 0 "--retry" sikka-sweep --retry
like "$err" "1 request isn't sent again: all offices are paused" "sends nothing again"
run 75 "nor does --retry=ID" sikka-sweep --retry=2
is "$(state 2) $(row 2 retries) $(posts)" "failed not_sent 0 1" "the row stays as it is, and no try is counted"

# --- where it is shown -------------------------------------------------------------------------------------

run 0 "sikka-status" sikka-status
is "$(said '.paused | length') $(said '.paused[0].office_id') $(said '.paused[0].since') $(said .waits)" "1 null $since null" "has it"
is "$(said '.paused[0].run')" "$(sql "SELECT run FROM holds WHERE why = 'paused'")" "with the run"
is "$(said '.paused[0].user')" "$(id -un)" "and who it was"
run 0 "for people" sikka-status -F table
like "$out" "^  all offices are paused since $since by $(id -un) on .*--resume" "it is a line"
run 1 "--check" sikka-status --check
like "$out" "WARNING - .*nothing new is sent: all offices are paused since $since by" "warns"
run 0 "--metrics" sikka-status --metrics
like "$out" "^sikka_paused_since_timestamp_seconds{office_id=\"\"} $(date -d "$since" +%s)$" "has since when"
like "$out" '^sikka_troubles\{trouble="paused",severity="warning"\} 1$' "and the trouble"

# --- a copy, another boot, a restore ----------------------------------------------------------------------------

run 0 "a copy" sikka-sweep --backup copy.db
is "$(sqlite copy.db "SELECT count(*) FROM holds WHERE why = 'paused' AND ended_at IS NULL")" 1 "has it, too"
reboot
run 75 "after another boot" hand_in 08:20
is "$(pauses)$(posts)" "all 1" "nothing leaves"
for list in 1 2 3; do
	later 2m
	sikka-sweep >"swept$list" 2>&1
done
is "$(pauses)$(sql "SELECT count(*) FROM holds WHERE ended_at IS NULL")" "all 1" "lists end the gap, and no pause"
later 36m
run 0 "--after-restore" after_restore
is "$(pauses)" "all " "doesn't end it"
run 0 "nor does --moved" sikka-sweep --moved
is "$(pauses)" "all " "which is for another kind of hold"

run 0 "--resume" sikka-sweep --resume
like "$err" "all offices resumed" "ends it"
is "$(said .event) $(pauses)" "resumed " "with an event"
run 0 "the same request" hand_in 08:10 key=order-1
is "$(posts)" 2 "leaves"
sikka-sweep --retry=3 --unchecked >swept 2>&1
is "$(row 3 result) $(posts)" "pending 3" "and what wasn't sent is sent by --retry"
run 0 "--resume once more" sikka-sweep --resume
like "$err" "all offices not paused" "has nothing to do"

# --- one office ---------------------------------------------------------------------------------------------

run 0 "--pause=OFFICE" sikka-sweep --pause=D36225
run 75 "its request" hand_in 09:00
run 0 "another office's" hand_in 09:00 office_id=D20006
is "$(posts)" 4 "that one leaves alone"
run 77 "an office that isn't known" sikka-sweep --pause=D99999
is "$(pauses)" "D36225 " "changes nothing"
run 64 "-O is no way to name one" sikka-sweep --pause -O D20006
run 1 "-O of the other office" sikka-status --check -O D36225
like "$out" "office D36225 is paused" "shows what concerns it"
run 0 "and only that" sikka-status -O D20006
is "$(said '.paused | length')" 0 "nothing of another office"
sikka-sweep --pause >swept 2>&1
run 0 "--resume of all" sikka-sweep --resume
like "$err" "but office D36225 is paused since" "leaves what was paused by itself, and says so"
run 0 "--resume=OFFICE" sikka-sweep --resume=D36225
is "$(pauses)" "" "ends that"
run 0 "-n --pause" sikka-sweep -n --pause
is "$(said 'select(.event == null) | .would') $(pauses)" "pause: send nothing new " "shows what it would do, and does nothing"

# --- a process that runs -----------------------------------------------------------------------------------

spu offline
mkfifo feed
sikka-book <feed >fed 2>fed.err &
BOOK=$!
exec 3>feed
left=$(posts)
nothing_waits() { [ "$(sql "SELECT count(*) FROM pms_writebacks WHERE result IN ('queued', 'submitting')")" -eq 0 ]; }
has_left() { [ "$(posts)" -gt "$left" ]; }
booking time=10:00 >&3
wait_for has_left
wait_for nothing_waits
before=$(posts)
run 0 "while one process is fed" sikka-sweep --pause
for at in 10:10 10:20 10:30; do booking "time=$at" >&3; done
wait_for queued_are 3
wait_for grep -q "requests wait: all offices are paused" fed.err
is "$(posts)" "$before" "nothing leaves it"
later 11m
run 0 "a sweep beside it" sikka-sweep
is "$(sql "SELECT count(*) FROM events WHERE kind IN ('run_stalled', 'not_sent') AND happened_at > (SELECT max(since) FROM holds)")" 0 "finds no run that stands still"
run 0 "withdrawing goes on" sikka-sweep --withdraw "$(sql "SELECT max(id) FROM pms_writebacks WHERE result = 'pending'")"
run 0 "--resume" sikka-sweep --resume
all_have_left() { [ "$(posts)" -eq $((before + 3)) ]; }
wait_for all_have_left
ok $? "lets go what had waited, by itself"
sikka-sweep --pause >swept 2>&1
booking time=11:00 >&3
wait_for queued_are 1
exec 3>&-
wait "$BOOK"
is "$? $(posts)" "75 $((before + 3))" "at the end of the input what is paused isn't waited for"
is "$(sql "SELECT result || ' ' || error_code FROM pms_writebacks ORDER BY id DESC LIMIT 1")" "failed not_sent" "it is in the journal as not sent"
is "$(held '[.writebacks[].body] | group_by(.) | map(length) | max')" 1 "nothing is there twice"

# --- what withdraws by itself --------------------------------------------------------------------------------

sikka-sweep --resume >swept 2>&1
hand_in 13:00 >booked 2>&1
sikka-sweep --pause >swept 2>&1
later 1h
gone=$(deletes)
sikka-sweep --stuck-after 20m >swept 2>&1
is "$(deletes)" "$gone" "--stuck-after withdraws nothing by itself"
sikka-sweep --resume >swept 2>&1
sikka-sweep --stuck-after 20m >swept 2>&1
[ "$(deletes)" -gt "$gone" ]
ok $? "and does again afterwards"

done_testing
