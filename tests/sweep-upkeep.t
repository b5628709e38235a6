#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-sweep: delivery of events, purging of patients' data, copies, warnings, and -n
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0
authorize
open_events() { sql "SELECT count(*) FROM events WHERE outbox = 1 AND delivered_at IS NULL AND set_aside_at IS NULL"; }
refuse() { # refuse TIME: a booking that the server refuses, so an event
	sim_fault 'POST /appointment@1=status:400:API1027'
	booking "time=$1" >in
	sikka-book in >refused 2>&1
	sim_clear_faults
}

# --- --notify ------------------------------------------------------------------------------------------

for at in 09:00 09:10 09:20; do refuse "$at"; done
run 0 "--notify" sikka-sweep --notify "cat >>$T/heard"
is "$(jq -r '.event + .id' heard | tr '\n' ' ')" "failed1 failed2 failed3 " "each event, on stdin, as JSON, in order"
is "$(jq -r 'keys_unsorted | join(",")' heard | sort -u)" "event_id,at,event,office_id,id,count,key,text,run" "its members"
is "$(open_events) $out" "0 " "the outbox is empty, stdout too"
run 0 "again" sikka-sweep --notify "cat >>$T/heard"
is "$(wc -l <heard)" 3 "none is handed over twice"

refuse 10:00
refuse 10:10
refuse 10:20
run 75 "a command that takes the first and fails at the second" sikka-sweep --notify "if [ -e $T/one ]; then exit 1; fi; cat >$T/one"
is "$(jq -r .id one) $(open_events)" "4 2" "the others stay, in order: none overtakes"
like "$err" '1 .*events|events.*1' "which is told"
rm -f one
run 0 "later" sikka-sweep --notify "cat >>$T/heard"
is "$(jq -r .id heard | tail -n 2 | tr '\n' ' ')" "5 6 " "they are handed over"
refuse 10:30
i=0
while [ "$i" -lt 10 ]; do
	sikka-sweep --notify "echo x >>$T/tries; exit 1" >swept 2>&1
	i=$((i + 1))
done
is "$(sql "SELECT tries || ' ' || (set_aside_at IS NOT NULL) FROM events WHERE row_id = 7 AND kind = 'failed'")" "10 0" "ten tries in vain are no reason to give it up"
is "$(wc -l <tries)" 10 "it was tried each time"
rm -f heard
run 0 "then" sikka-sweep --notify "cat >>$T/heard"
is "$(jq -r '.event + .id' heard)" failed7 "it gets through"
refuse 10:40
run 0 "a command that doesn't read, and writes" sikka-sweep --notify "echo noise"
is "$out $(open_events)" " 0" "what it prints isn't data"
rm -f heard
sql "INSERT INTO events (happened_at, kind, office_id, text, outbox)
    VALUES ('2026-01-01T00:00:00.000Z', 'of_a_newer_sikka', 'D36225', 'new', 1)"
run 0 "a kind that a newer version knows" sikka-sweep --notify "cat >>$T/heard"
is "$(jq -c '[.event, .text]' heard) $(open_events)" '[null,"new"] 0' "is handed over without its name"
is "$(sql "SELECT count(*) FROM events WHERE kind = 'failed' AND text LIKE '%check-up%'")" 0 "no event holds a patient's data"

# --- --ack ----------------------------------------------------------------------------------------------

refuse 11:00
event=$(sql "SELECT max(id) FROM events WHERE outbox = 1")
run 0 "--ack" sikka-sweep --ack "$event"
is "$(open_events)" 0 "takes it out of the outbox"
refuse 11:10
refuse 11:20
sql "SELECT id FROM events WHERE outbox = 1 AND delivered_at IS NULL AND set_aside_at IS NULL" | jq -c '{event_id: tostring}' >acks
run 0 "--ack -" sikka-sweep --ack - <acks
is "$(open_events)" 0 "takes those of the records"
run 64 "--ack of no number" sikka-sweep --ack x

# --- --purge-after ------------------------------------------------------------------------------------------

jq -cn '{office_id: "D36225", practice_id: "1", operation: "create_patient", firstname: "Purgeable", lastname: "Zzyzx", provider_id: "DOC1", email: "zzyzx@example.org"}' >in
run 0 "a patient" sikka-book --wait=60s in
old=$(said .id)
later 2592100
run 0 "a month passes, and the keys are renewed" sikka-token refresh --all
sim_post 'office?office_id=D36225&spu=offline'
jq -c '.firstname = "Keepable"' in >in2
run 0 "another, who stays pending" sikka-book in2
pending=$(said .id)
jq -c '.firstname = "Recent"' in >in3
sim_post 'office?office_id=D36225&spu=online'
run 0 "a third, of now" sikka-book --wait=60s in3
recent=$(said .id)
strings -n 4 "$SIKKA_DB" | grep -q Purgeable
ok $? "until then the file holds the name"
cp "$SIKKA_DB" before.db
run 0 "-n --purge-after" sikka-sweep -n --purge-after 30d
cmp -s before.db "$SIKKA_DB"
ok $? "clears nothing"
run 0 "--purge-after 30d" sikka-sweep --purge-after 30d
is "$(row "$old" "ifnull(request_body, 'none') || ifnull(content_key, 'none') || (purged_at IS NOT NULL)")" nonenone1 "body and key of what ended longer ago are gone"
is "$(row "$recent" 'request_body IS NOT NULL') $(row "$pending" 'request_body IS NOT NULL')" "1 1" "the others are kept"
is "$(cat "$T"/state/* | strings -n 4 | grep -c Purgeable)" 0 "not a trace of the name in the folder"
is "$(row "$old" 'result || created_id')" "completed$(held '.writebacks[0].created_id')" "what became of it stays"

# --- --backup ------------------------------------------------------------------------------------------------

run 0 "--backup" sikka-sweep --backup "$T/copy.db"
is "$(stat -c %a copy.db)" 600 "readable by its owner alone"
is "$(sqlite copy.db 'PRAGMA integrity_check; SELECT count(*) FROM pms_writebacks')" "ok
$(sql 'SELECT count(*) FROM pms_writebacks')" "sound and whole"
run 0 "the copy is a state file" sikka-status -D "$T/copy.db"
like "$err" "is an older copy" "which is known to be a copy"
run 0 "--backup once more" sh -c 'umask 0; sikka-sweep --backup "$T/copy2.db"'
is "$(stat -c %a copy2.db)" 600 "whatever the umask"
run 73 "--backup into a folder that isn't there" sikka-sweep --backup "$T/none/copy.db"
is "$(wc -l <err)" 1 "one line on stderr"

# --- -n ------------------------------------------------------------------------------------------------------

sim_fault 'POST /appointment@1=drop-after'
booking time=13:00 >in
run 2 "one unknown" sikka-book in
sim_clear_faults
# A list that was read counts even with -n: the next one follows it.
contents() { sql .dump | grep -v '^INSERT INTO \(facts\|commits\|sqlite_sequence\) '; }
contents >before
asked=$(sim_get requests | jq -c '[.routes["POST /appointment", "DELETE /writebacks"].count]') there=$(held '.writebacks | map(.state)')
run 0 "-n with everything" sikka-sweep -n --retry --stuck-after 10m --purge-after 1d --notify "echo >$T/notified"
is "$(said 'select(.would == "adopt").id')" "$(sql "SELECT id FROM pms_writebacks WHERE result = 'unknown'")" "shows what it would do"
contents >after
cmp -s before after
ok $? "and changes nothing here"
is "$(sim_get requests | jq -c '[.routes["POST /appointment", "DELETE /writebacks"].count]') $(held '.writebacks | map(.state)')" "$asked $there" "nor there"
[ ! -e notified ]
ok $? "nor tells anybody"
run 0 "settled" sikka-sweep

# --- warnings --------------------------------------------------------------------------------------------------

run 0 "all keys are new" sikka-sweep
is "$(said 'select(.event == "key_ending")')" "" "no warning"
sql "UPDATE pms_integrations SET token_expiry = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+1 hour') WHERE office_id = 'D20006'"
run 0 "a key with an hour left" sikka-sweep
is "$(said 'select(.event == "key_ending").office_id')" D20006 "is warned of"
run 0 "again" sikka-sweep
is "$out" "" "not at each sweep"
sql "UPDATE pms_integrations SET status = 'reauthorize' WHERE office_id = 'D20006'"
run 0 "a practice that must authorize again" sikka-sweep
is "$(said 'select(.event == "reauthorize").office_id')" D20006 "is told"

sim_post 'office?office_id=D36225&spu=offline'
moment() { sql "SELECT strftime('$2', 'now', '$1 hours')"; }
at() { booking "date=$(moment "$1" %Y-%m-%d)" "time=$(moment "$1" %H:%M)" "description=$2"; } # HOURS NAME
{ at +3 near; at +36 eastern; at +100 far; at -30 past; booking date=2020-01-01 description=long-past; at -3 begun; } >in
run 0 "bookings for later today, for other days, and for the past" sikka-book in
run 0 "just submitted" sikka-sweep
is "$(said 'select(.event == "appointment_near")')" "" "no warning: they have their minute"
later 1000
run 0 "a quarter of an hour later" sikka-sweep
# warned NAME: what the warning says of the appointment of that name.
warned() {
	id=$(sql "SELECT id FROM pms_writebacks WHERE json_extract(request_body, '$.description') = '$1'")
	said "select(.event == \"appointment_near\" and .id == \"$id\").text" | sed 's/.*, and //; s/\. The practice may not.*//'
}
is "$(warned near)" "its appointment begins within a day, or has begun" "the near one is warned of"
is "$(warned eastern)" "its appointment may begin within a day" "one that is near where days begin first, too"
is "$(warned far)" "" "one of another day isn't"
is "$(warned begun)" "its appointment may have begun" "one that is over in some places, but not in others, is told so"
is "$(warned past) $(warned long-past)" "its appointment has passed its appointment has passed" "and that one has passed, wherever the practice is"
later 7h
run 0 "seven hours later" sikka-sweep
is "$(warned near) $(warned begun)" "its appointment may have begun its appointment may have begun" "what goes on is told again"
is "$(warned past)$(warned long-past)" "" "what has passed was told once"
run 78 "no state file" sikka-sweep -D "$T/nowhere/sikka.db"
done_testing
