#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-sweep --notify: events reach a person, whatever becomes of the command for a while
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0
authorize
refuse() { # refuse TIME [NAME=VALUE …]: a booking that the server refuses, so an event
	sim_fault 'POST /appointment@1=status:400:API1027'
	at=$1
	shift
	booking "time=$at" "$@" >in
	sikka-book in >refused 2>&1
	sim_clear_faults
}
waiting() { sql "SELECT count(*) FROM events WHERE outbox = 1 AND delivered_at IS NULL AND dropped_at IS NULL"; }
heard() { jq -r '.event + .id' heard 2>>"$T/gone.err" | tr '\n' ' '; }

# --- a command that fails ------------------------------------------------------------------------------

refuse 09:00
run 75 "a command that fails, with -q" sikka-sweep -q --notify 'exit 3'
is "$(wc -l <err)" 1 "one line"
like "$err" "1 events couldn't be delivered: it ended with 3" "which says how"
run 75 "one that isn't there" sikka-sweep -q --notify /no/such/command
like "$err" "it ended with 127" "is told as well"
run 75 "one that dies" sikka-sweep -q --notify 'kill -9 $$'
like "$err" "signal 9 ended it" "too"

sql "CREATE TRIGGER full BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'no room for tries'); END"
run 70 "that it failed can't be noted" sikka-sweep -q --notify false
like "$err" "no room for tries" "which is told, beside what failed"
sql "DROP TRIGGER full"

# A night, and a weekend, without mail.
sql "UPDATE pms_integrations SET token_expiry = '2099-01-01T00:00:00.000Z'"
i=0
while [ "$i" -lt 30 ]; do
	later 3h
	sikka-sweep -q --notify "echo >>$T/tries; exit 75" >swept 2>>said
	i=$((i + 1))
done
is "$(wc -l <tries) $(wc -l <said)" "30 30" "for four days each sweep has tried, and has said that it was in vain"
refuse 09:10
run 0 "mail works again" sikka-sweep -q --notify "cat >>$T/heard"
is "$(heard) $(waiting)" "failed1 failed2  0" "nothing was given up"

# What an earlier version has set aside.
refuse 09:20
sql "UPDATE events SET set_aside_at = '2026-01-01T00:00:00.000Z', tries = 10 WHERE delivered_at IS NULL AND outbox = 1"
rm -f heard
run 0 "what was set aside" sikka-sweep --notify "cat >>$T/heard"
is "$(heard)" "failed3 " "is delivered when the command works"

# --- one event that fails while others get through -----------------------------------------------------

rm -f heard
poison="cat >now; echo >>$T/tries; ! grep -q '\"id\":\"4\"' now && cat now >>$T/heard"
refuse 09:30
refuse 09:40
rm -f tries
run 75 "an event on which the command fails" sikka-sweep --notify "$poison"
is "$(heard)" "failed5 " "keeps nothing else from being delivered"
refuse 09:50
run 75 "it is tried once more" sikka-sweep --notify "$poison"
refuse 10:00
rm -f tries
run 0 "then it is put off" sikka-sweep --notify "$poison"
is "$(heard)$(wc -l <tries)" "failed5 failed6 failed7 1" "the others aren't"
rm -f tries
i=0
while [ "$i" -lt 90 ]; do
	later 1h
	sql "INSERT INTO events (happened_at, kind, office_id, text, outbox) VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'failed', 'D20006', 'x', 1)"
	sikka-sweep -q --notify "cat >now; grep -q '\"id\":\"4\"' now || exit 0; echo >>$T/tries; exit 1" >swept 2>>said
	i=$((i + 1))
done
[ "$(wc -l <tries)" -ge 5 ] && [ "$(wc -l <tries)" -le 14 ]
ok $? "it is tried for days, and more and more rarely ($(wc -l <tries))"
is "$(sql "SELECT count(*) FROM events WHERE row_id = 4 AND kind = 'failed' AND set_aside_at IS NOT NULL")" 1 "then it is set aside"
is "$(sql "SELECT count(*) FROM events WHERE kind = 'set_aside'")" 1 "which is told, once"
rm -f heard
run 75 "a person has mended the command, and it fails all the same" sikka-sweep --redeliver --notify false
run 0 "--redeliver" sikka-sweep --redeliver --notify "cat >>$T/heard"
like "$(heard)" "failed4 " "delivers what was set aside"
rm -f heard
run 0 "--redeliver=EVENT" sikka-sweep --redeliver="$(sql "SELECT id FROM events WHERE row_id = 4 AND kind = 'failed'")" --notify "cat >>$T/heard"
is "$(heard)" "failed4 " "delivers it again"
sql "SELECT id FROM events WHERE row_id IN (5, 6) AND kind = 'failed'" | jq -c '{event_id: tostring}' >again
rm -f heard
run 0 "--redeliver=-" sikka-sweep --redeliver=- --notify "cat >>$T/heard" <again
is "$(heard)" "failed5 failed6 " "delivers those of the records again"
run 65 "--redeliver of what isn't there" sikka-sweep --redeliver=99999
like "$err" "there is no event 99999" "is told"
run 65 "--ack of what isn't there" sikka-sweep --ack 99999
like "$err" "there is no event 99999" "is told, too"
run 65 "--ack of what is in the history only" sikka-sweep --ack "$(sql "SELECT id FROM events WHERE outbox = 0 LIMIT 1")"

# --- at least once, and not twice at once --------------------------------------------------------------

refuse 10:10
rm -f heard
sikka-sweep --notify "cat >>$T/heard; kill -9 \$PPID" >swept 2>&1
is "$(heard)$(waiting)" "failed8 1" "a sweep that is killed between the command and its commit"
run 0 "the next one" sikka-sweep --notify "cat >>$T/heard"
is "$(heard)$(waiting)" "failed8 failed8 0" "delivers it again: at least once"

refuse 10:20
refuse 10:30
rm -f heard
sikka-sweep --notify "cat >>$T/heard; echo >>$T/begun; until [ -e $T/go ]; do sleep 0.05; done" >swept 2>&1 &
slow=$!
wait_for test -s begun
run 0 "a sweep while another one delivers" sikka-sweep --notify "cat >>$T/heard"
is "$(heard)" "failed9 " "delivers nothing"
sql "INSERT INTO events (happened_at, kind, office_id, row_id, text, outbox) VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-2 hours'), 'failed', 'D20006', 99, 'x', 1)"
run 75 "while events wait for hours" sikka-sweep -q --notify "cat >>$T/heard"
like "$err" "events have waited for .* while another process \([0-9]+\)" "it is said that the other one doesn't get on"
: >go
wait "$slow"
is "$(heard)" "failed9 failed10 " "each event is delivered once"
run 0 "the next sweep" sikka-sweep --notify "cat >/dev/null"

# --- what it says --------------------------------------------------------------------------------------

rm -f heard
refuse 10:35 key=order-1
run 0 "an event about a request with a key" sikka-sweep --notify "cat >>$T/heard"
is "$(jq -r .key heard)" order-1 "has the caller's key"
like "$(jq -r .text heard)" '^office D36225, key order-1: request 11 .* the server says: bad request \(API1027\)\. .*"sikka-status --writebacks 11" shows the reason' \
    "and says whom it is about, what happened in words, and the command to go on with"
sikka-status --writebacks "$(jq -r .id heard)" >shown 2>&1
is "$(jq -r .key shown)" order-1 "which works as it stands there"

# --- sikka-status --events -----------------------------------------------------------------------------

sql "UPDATE events SET set_aside_at = happened_at, delivered_at = NULL WHERE id = (SELECT max(id) FROM events WHERE outbox = 1)"
later 2h
refuse 10:36
run 0 "--events" sikka-status --events
is "$(jq -r '.delivery' out | tail -n 2 | tr '\n' ' ')" "set_aside waiting " "what is set aside, and what waits"
is "$(jq -r 'select(.id == "8" and .event == "failed") | "\(.delivery) \(.tries) \(.delivered_at != null)"' out)" "delivered 1 true" "what was delivered, and how often it was tried"
is "$(wc -l <out)" "$(sql "SELECT count(*) FROM events WHERE outbox = 1")" "all that is for a person, and nothing else"
run 0 "--events of an office" sikka-status --events -O D20006
is "$(jq -r .office_id out | sort -u)" D20006 "shows its own"
run 0 "--events --since" sikka-status --events --since 1h
is "$(jq -r .id out)" 12 "shows the latest, and no older one"
run 0 "--events -F table" sikka-status --events --since 3h -F table
like "$out" 'order-1 +set_aside' "for people"
run 64 "--events and --writebacks" sikka-status --events --writebacks
sikka-status --events | jq -c 'select(.delivery == "set_aside")' >again
rm -f heard
run 0 "its records name events" sikka-sweep --redeliver=- --notify "cat >>$T/heard" <again
is "$(heard)" "failed11 failed12 " "which are delivered again"

# --- --notify-batch ------------------------------------------------------------------------------------

refuse 10:40
refuse 10:50
rm -f heard calls
run 75 "--notify-batch with a command that fails" sikka-sweep -q --notify-batch --notify "echo >>$T/calls; false"
is "$(wc -l <err) $(wc -l <calls) $(waiting)" "1 1 2" "one line, one call, and all wait"
run 0 "--notify-batch" sikka-sweep --notify-batch --notify "echo >>$T/calls; cat >>$T/heard"
is "$(heard)$(wc -l <calls) $(waiting)" "failed13 failed14 2 0" "one call takes all, a line each"
run 0 "nothing waits" sikka-sweep --notify-batch --notify "echo >>$T/calls"
is "$(wc -l <calls)" 2 "so nothing is called"
run 64 "--notify-batch alone" sikka-sweep --notify-batch

# --- what -n foresees ----------------------------------------------------------------------------------

# foresees WHAT OPTION …: -n shows what is then delivered, in whatever order.
foresees() {
	what=$1
	shift
	rm -f heard
	sikka-sweep -n "$@" --notify "cat >>$T/heard" >dry 2>dry.err
	[ ! -e heard ]
	ok $? "-n delivers nothing, $what"
	sikka-sweep "$@" --notify "cat >>$T/heard" >swept 2>swept.err
	is "$(jq -r 'select(.would == "deliver") | .event + .id' dry | sort)" "$(heard | tr ' ' '\n' | sort | sed '/^$/d')" "and shows what is delivered"
}
puts_off() { sql "UPDATE events SET due_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+1 hour') WHERE row_id = $1 AND kind = 'failed'"; }
refuse 10:52
refuse 10:53
puts_off 15
foresees "where one event is put off"
is "$(waiting)" 1 "it waits on"
foresees "where that one is left, with --notify-batch" --notify-batch
is "$(waiting)" 0 "which takes it all the same"
refuse 10:54
refuse 10:55
run 75 "nothing gets through" sikka-sweep --notify false
puts_off 17
foresees "when the command works again"
is "$(waiting)" 0 "what was put off is delivered as well"

# --- what is no news any more --------------------------------------------------------------------------

dropped() { sql "SELECT count(*) FROM events WHERE row_id = $1 AND kind = '$2' AND dropped_at IS NOT NULL"; }
anew --rate-limit 100000 --delay 0:0
rm -f heard
lose after 11:00
run 0 "the lost answer is found, and the practice carries it out" sikka-sweep
run 0 "followed" sikka-poll --wait=60s --every 1s
run 0 "then a sweep" sikka-sweep --notify "cat >>$T/heard"
is "$(heard)$(dropped "$id" unknown)" "1" "nobody hears of what has ended well"
is "$(sikka-status --events | jq -r 'select(.event == "unknown").delivery')" dropped "which --events tells"
sim_fault 'POST /appointment=status:503:API2002'
booking time=11:10 key=same >in
sikka-book in >refused 2>&1
booking time=11:20 >in2
sikka-book in2 >refused 2>&1
sim_clear_faults
run 0 "the same, handed in again, with a key" sikka-book in
run 0 "and without one" sikka-book in2
run 0 "both are carried out" sikka-poll --wait=60s --every 1s
run 0 "then a sweep" sikka-sweep --notify "cat >>$T/heard"
is "$(heard)$(waiting)" "0" "nobody hears that it wasn't sent at first"
is "$(sql "SELECT count(*) FROM events WHERE kind = 'not_sent' AND dropped_at IS NOT NULL")" 2 "both are dropped"
lose after 11:30
for kind in contradiction doubled id_taken failed; do
	sql "INSERT INTO events (happened_at, kind, office_id, row_id, text, outbox) VALUES ('2026-01-01T00:00:00.000Z', '$kind', 'D36225', $id, 'x', 1)"
done
run 0 "another one that ends well" sikka-sweep
run 0 "followed" sikka-poll --wait=60s --every 1s
run 0 "then a sweep" sikka-sweep --notify "cat >>$T/heard"
is "$(jq -r .event heard | tr '\n' ' ')" "contradiction doubled id_taken failed " "what a person has to look at all the same is never dropped"
rm -f heard
sim_post 'office?office_id=D36225&spu=offline'
booking time=11:40 >in
run 0 "pending" sikka-book in
later 7h
sikka-token refresh --all >refreshed 2>&1
run 75 "for seven hours, and no mail" sikka-sweep --notify false
sim_post 'office?office_id=D36225&spu=online'
run 0 "it is carried out" sikka-poll --wait=60s --every 1s
run 0 "then a sweep" sikka-sweep --notify "cat >>$T/heard"
unlike "$(heard)" "stuck" "nobody hears that it was stuck"

# --- what befalls a whole run --------------------------------------------------------------------------

counts() { jq -r '"\(.event) \(.count) \(.id)"' heard 2>>"$T/gone.err" | tr '\n' ','; }
two_offices() { # two_offices HOUR: five bookings each
	many "$1" 5
	for nth in 1 2 3 4 5; do booking office_id=D20006 practice_id=1 staff=1 type=Cleaning "time=$1:0$nth"; done >>in
}
anew --rate-limit 100000 --delay 0:0
many 15 30
sim_fault 'POST /appointment=hold'
SIKKA_CONNECTIONS=2 sikka-book in >booked 2>book.err &
book=$!
wait_for sim_holds 1
signal TERM "$book"
sim_clear_faults
wait "$book"
lost=$(sql "SELECT count(*) FROM pms_writebacks WHERE error_code = 'not_sent'")
[ "$lost" -gt 20 ]
ok $? "a run is stopped by a signal, and $lost of its requests weren't sent"
is "$(waiting) $(sql "SELECT count(*) FROM events WHERE kind = 'not_sent'")" "1 $lost" "the history has an event for each, and one is to be delivered"
run 0 "--check" sikka-status --check
run 0 "--events" sikka-status --events
is "$(said '"\(.event) \(.count) \(.id) \(.office_id) \(.delivery)"')" "not_sent $lost null D36225 waiting" "the one is shown, with how many"
rm -f heard
run 75 "no mail" sikka-sweep --notify false
run 0 "mail" sikka-sweep --notify "cat >>$T/heard"
is "$(counts) $(waiting)" "not_sent $lost null, 0" "one event tells all"
like "$(jq -r .text heard)" "^office D36225: $lost requests of run [0-9]+ were not sent; .*sikka-sweep --retry" "in words, with what mends it"
run 0 "it is sent again" sikka-sweep --retry

rm -f heard
two_offices 14
SIKKA_BASE_URL=http://127.0.0.1:1/v4 sikka-book in >booked 2>book.err
is "$(jq -r .error_code booked | sort | uniq -c | tr -s ' ')" " 10 not_sent" "a run finds the server down"
run 0 "--events of the other office" sikka-status --events -O D20006
is "$(said '"\(.event) \(.count) \(.office_id) \(.delivery)"')" "not_sent 10 null waiting" "it is about both offices"
event=$(said .event_id)
sqlite "$SIKKA_DB" "SELECT min(row_id) FROM events WHERE id = $event OR leader = $event" >first
head -n 1 in >again
run 0 "the first of them is handed in again" sikka-book again
sed -n 2,4p in >again
run 0 "and three others" sikka-book again
run 0 "they are carried out" sikka-poll --wait=60s --every 1s
run 75 "no mail" sikka-sweep --notify false
is "$(sikka-status --events | jq -r 'select(.delivery == "waiting").count')" 6 "what has ended well meanwhile isn't counted"
sed -n 5,9p in >again
run 0 "all but one are handed in again" sikka-book again
run 0 "and carried out" sikka-poll --wait=60s --every 1s
run 0 "mail" sikka-sweep --notify "cat >>$T/heard"
left=$(sql "SELECT max(id) FROM pms_writebacks WHERE error_code = 'not_sent'")
is "$(counts)$(jq -r .office_id heard)" "not_sent 1 $left,D20006" "what is left is told as one alone"
like "$(jq -r .text heard)" "request $left .*sikka-sweep --retry=$left" "in its own words"
rm -f heard
run 0 "--redeliver" sikka-sweep --redeliver="$event" --notify "cat >>$T/heard"
is "$(counts)" "not_sent 1 $left," "delivers it again"

rm -f heard
two_offices 10
SIKKA_BASE_URL=http://127.0.0.1:1/v4 sikka-book in >booked 2>book.err
run 0 "all are handed in again" sikka-book in
run 0 "and carried out" sikka-poll --wait=60s --every 1s
run 0 "then a sweep" sikka-sweep --notify "cat >>$T/heard"
is "$(counts)$(waiting)" "0" "nobody hears of what has ended well"
is "$(sikka-status --events | jq -r 'select(.delivery == "dropped").count')" 10 "it was dropped as one"

rm -f heard
two_offices 11
SIKKA_BASE_URL=http://127.0.0.1:1/v4 sikka-book in >booked 2>book.err
joins="INSERT INTO events (happened_at, kind, office_id, row_id, outbox, leader) SELECT happened_at, kind, office_id, row_id, 0, id FROM events WHERE outbox = 1 AND delivered_at IS NULL AND dropped_at IS NULL"
run 0 "one joins while the command runs" sikka-sweep --notify "cat >>$T/heard; sqlite3 $SIKKA_DB \"$joins\""
is "$(counts) $(waiting)" "not_sent 10 null, 1" "so it isn't delivered yet"
run 0 "the next sweep" sikka-sweep --notify "cat >>$T/heard"
is "$(counts) $(waiting)" "not_sent 10 null,not_sent 11 null, 0" "tells all of them"
two_offices 12
SIKKA_BASE_URL=http://127.0.0.1:1/v4 sikka-book in >booked 2>book.err
run 0 "--ack" sikka-sweep --ack "$(sql "SELECT max(id) FROM events WHERE outbox = 1")"
is "$(waiting)" 0 "takes all of them as seen"

rm -f heard
many 13 6
sim_fault 'POST /appointment=drop-after'
sikka-book in >booked 2>book.err
sim_clear_faults
unknown=$(sql "SELECT count(*) FROM pms_writebacks WHERE result = 'unknown'")
[ "$unknown" -gt 1 ]
ok $? "answers are lost, and $unknown are unknown"
run 0 "a sweep, which finds them" sikka-sweep --notify "cat >>$T/heard"
is "$(jq -r 'select(.event == "unknown").count' heard)" "$unknown" "which is one event"
done_testing
