#!/bin/sh
# SPDX-License-Identifier: MIT
# restore.t: with an older copy of the state file nothing is sent before the server's list was read
. "$(dirname "$0")/lib.sh"

start_sim --delay 0:0
authorize
booking time=09:00 | sikka-book >out
run 0 "the first is carried out" sikka-poll
sikka-sweep --backup copy.db >sweep.out
booking time=10:00 | sikka-book >out
booking time=10:30 key=caller | sikka-book >out
is "$(sim_writebacks)" 3 "three requests at the server"

rm -f "$SIKKA_DB" && cp copy.db "$SIKKA_DB"
booking time=11:00 >new
run 75 "the older copy sends nothing" sikka-book new
like "$err" 'sikka-sweep --after-restore' "and says what mends it"
is "$(printf '%s\n' "$err" | grep -c .)" 1 "in one line"
is "$(sim_writebacks)" 3 "nothing was sent"
run 75 "neither does a retry" sikka-sweep --retry
is "$(sql 'SELECT count(*) FROM pms_writebacks')" 1 "nothing was journaled"

run 75 "sikka-sweep --after-restore, too early" sikka-sweep --after-restore
like "$err" 'run the command again after 20[0-9T:.-]+Z' "which says until when"
is "$(sql 'SELECT count(*) FROM pms_writebacks')" 1 "nothing has changed"
later 36m
run 0 "sikka-sweep --after-restore" after_restore
like "$err" '2 were added' "says what it did"
is "$(sql "SELECT group_concat(writeback_id || ' ' || operation || ' ' || endpoint, ', ') FROM (SELECT * FROM
    pms_writebacks WHERE id > 1 ORDER BY writeback_id)")" \
    "275496 book_appointment /appointment, 275497 book_appointment /appointment" "both have their rows"
is "$(sql 'SELECT min(id) > 3 FROM pms_writebacks WHERE id > 1')" 1 "no row number is used twice"
booking time=10:00 >again
run 0 "what was booked since the copy" sikka-book again
is "$(jq -r .duplicate out)" true "is a duplicate"
is "$(sim_writebacks)" 3 "and not sent again"
run 0 "the new one is sent now" sikka-book new
is "$(sim_writebacks)" 4 "once"
run 0 "all of them end" sikka-poll --wait=60s --every 1s
is "$(sql "SELECT count(*) FROM pms_writebacks WHERE result = 'completed'")" 4 "well"
is "$(sql "SELECT count(*) FROM events JOIN runs ON runs.run = events.run WHERE kind = 'restored' AND runs.uid = $(id -u)")" 1 "an event says who said it"
later 36m
run 0 "a second time" after_restore
like "$err" "0 requests are unknown now, 0 were added" "there is nothing to take over"

# A row that was queued when the copy was made may have been sent since.
booking time=12:00 >queued
sim_fault 'POST /appointment@1=drop-after'
run 2 "an answer is lost" sikka-book queued
id=$(jq -r .id out)
sqlite "$SIKKA_DB" .dump >dump.sql
sed -e "s/^\(INSERT INTO pms_writebacks VALUES($id,.*\)'unknown'/\1'queued'/" dump.sql >queued.sql
cmp -s dump.sql queued.sql
is $? 1 "a copy from before it was sent"
booking time=12:30 | sikka-book >out
rm -f "$SIKKA_DB"
marks=$(sqlite copy.db "SELECT 'PRAGMA application_id=' || application_id || ';PRAGMA user_version=' || user_version
    FROM pragma_application_id, pragma_user_version")
(umask 077 && sqlite "$SIKKA_DB" <queued.sql && sqlite "$SIKKA_DB" "$marks")
run 75 "sikka-poll doesn't turn it over" sikka-poll
is "$(row "$id" result)" queued "it stays as it is"
later 36m
run 0 "--after-restore finds it in the list" after_restore
is "$(row "$id" result)" pending "and takes it for what it is"
like "$err" "after the restore: 0 requests are unknown now," "so none is unknown"
like "$(sql "SELECT text FROM events WHERE kind = 'restored' ORDER BY id DESC LIMIT 1")" ": 0 requests are unknown now" "as the event says"
run 0 "they end" sikka-poll --wait=60s --every 1s
is "$(sim_get state | jq '[.writebacks[] | select(.body.time == "12:00")] | length')" 1 "sent once"

# --- a machine put back from a snapshot: nothing shows it, but a person says so -----------------------------------

mkdir snapshot
cp "$SIKKA_DB" "$SIKKA_DB.lock" snapshot/
booking time=14:00 key=night >night
run 0 "a night's booking" sikka-book night
sent=$(sim_writebacks)
cp snapshot/* "${SIKKA_DB%/*}/"
reboot
words_given() { sql "SELECT count(*) FROM events WHERE kind = 'older_copy' AND text LIKE 'a person said so%'"; }
words=$(words_given)
run 75 "with -n, too early" sikka-sweep -n --after-restore
is "$(counted)" "$(here count)" "it stays what nothing shows"
run 75 "sikka-sweep --after-restore, too early" sikka-sweep --after-restore
like "$err" "until then nothing is sent" "which says what holds meanwhile"
run 75 "the night's import comes by" sikka-book night
is "$(sim_writebacks)" "$sent" "and sends nothing"
run 75 "it can't be taken back by --moved" sikka-sweep --moved
is "$(words_given)" $((words + 1)) "an event says who said it"
later 36m
run 0 "later" after_restore
like "$err" '1 were added' "it is taken over"
run 0 "the import" sikka-book night
is "$(jq -r .duplicate out) $(sim_writebacks)" "true $sent" "is a duplicate"
done_testing
