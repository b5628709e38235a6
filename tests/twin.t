#!/bin/sh
# SPDX-License-Identifier: MIT
# Older copies of the state file: each kind is recognized, by every command, and on it everything only reads
. "$(dirname "$0")/lib.sh"

start_sim --delay 0:0
HANDED=0
# hand_in: books one, at a time that no other has.
hand_in() {
	HANDED=$((HANDED + 1))
	booking "time=$(printf '%02d:%02d' $((8 + HANDED / 60)) $((HANDED % 60)))" >in
	sikka-book in >booked 2>booked.err
}
# dump: all that the state file says, but for keys of offices and what may be written on a copy.
dump() {
	sql "SELECT * FROM pms_writebacks; SELECT * FROM practices; SELECT * FROM twin;
	    SELECT * FROM facts WHERE name <> 'older_copy_met'; SELECT * FROM events WHERE kind NOT IN ('older_copy', 'renewed')"
}
copies() { sql "SELECT count(*) FROM events WHERE kind = 'older_copy'"; }
keep() { sikka-sweep --backup "$T/$1.db" >kept 2>&1; }
whole() { later 36m && run "${1:-0}" "a person says what it is" after_restore; }

# --- beginning -----------------------------------------------------------------------------------------------

for command in "sikka-book in" "sikka-book -n in" sikka-poll sikka-sweep sikka-status "sikka-status --metrics" "sikka-token list" \
    "sikka-token print D36225" "sikka-token refresh --all" "sikka-get -O D36225 patients" "sikka-authorize --export" \
    "sikka-authorize --forget D36225" "sikka-book --choices provider_id"; do
	booking >in
	# shellcheck disable=SC2086 # words
	run 78 "no state file: $command" $command
	like "$err" "^[a-z-]*: $SIKKA_DB: there is no state file there.*sikka-authorize" "it says where it looked"
done
[ -e "$T/state" ]
is $? 1 "and nothing is begun"
run 0 "sikka-authorize" sikka-authorize
like "$err" "began the state file $SIKKA_DB" "begins one, and says so"
is "$(here count) $(counted)" "0 0" "which counts nothing yet"
run 0 "once more" sikka-authorize
is "$err" "" "it isn't begun again"
: >empty.db && chmod 600 empty.db
run 78 "an empty one" sikka-sweep -D empty.db
like "$err" "empty.db: the state file is empty" "is missed, too"
is "$(wc -c <empty.db)" 0 "and not begun"

# --- counting ------------------------------------------------------------------------------------------------

hand_in
is "$(here count) $(counted)" "2 2" "handing in and claiming count, in both files"
run 0 "polling" sikka-poll --wait=60s --every 1s
run 0 "reading" sikka-get -O D36225 patients --limit 1
is "$(here count) $(counted)" "2 2" "what sends no write doesn't"
sim_post 'office?office_id=D36225&spu=offline'
hand_in
run 0 "a withdrawal" sikka-sweep --withdraw "$(jq -r .id booked)"
is "$(here count) $(counted)" "5 5" "the intention to withdraw counts"
i=0
while [ $i -lt 250 ]; do booking "date=2031-04-$((10 + i / 100))" "time=$(printf '%02d:%02d' $((8 + i / 50 % 10)) $((i % 50)))"; i=$((i + 1)); done >many
sim_post 'office?office_id=D36225&spu=online'
before=$(sim_writebacks)
run 0 "250 requests" sikka-book many
is "$(($(sim_writebacks) - before)) $(here count)" "250 $(counted)" "each is sent once"
is "$(sql "SELECT max(n) <= 200 FROM (SELECT count(*) AS n FROM pms_writebacks WHERE id > 2 GROUP BY queued_at)")" 1 "(at most 200 in a commit)"

# --- an older copy, for every command ------------------------------------------------------------------------------

# A copy with a row of each kind that something might be done to: queued of a dead run, unknown, pending and to be withdrawn,
# failed and to be retried, ended long ago; and an event that wasn't delivered.
sim_post 'office?office_id=D36225&spu=offline'
hand_in
sim_fault 'POST /appointment@1=drop-before'
hand_in
sim_clear_faults
sim_fault 'POST /appointment=status:400:API3005'
hand_in
sim_clear_faults
last=$(sql 'SELECT max(id) FROM pms_writebacks')
keep old
sqlite old.db "UPDATE pms_writebacks SET error_code = 'not_sent' WHERE id = $last AND result = 'failed';
    INSERT INTO pms_writebacks (office_id, operation, method, endpoint, result, queued_at, run) VALUES
    ('D36225', 'book_appointment', 'POST', '/appointment', 'queued', '2026-01-01T00:00:00.000Z', 1)"
hand_in
before=$(sim_get requests | jq '.routes | with_entries(select(.key | startswith("POST /app") or startswith("DELETE"))) | map(.count) | add')
writes() { sim_get requests | jq '.routes | with_entries(select(.key | startswith("POST /app") or startswith("DELETE"))) | map(.count) | add'; }
cp old.db "$SIKKA_DB"
later 8d
dumped=$(dump)
booking time=23:00 >in
cp old.db good.db
pending=$(sql "SELECT max(id) FROM pms_writebacks WHERE result = 'pending'")
for command in "sikka-book in" "sikka-book /dev/null" sikka-poll "sikka-poll --all" "sikka-poll $pending" "sikka-poll --follow" sikka-sweep \
    "sikka-sweep -n" "sikka-sweep --retry" "sikka-sweep --withdraw $pending" "sikka-sweep --stuck-after 6h" \
    "sikka-sweep --notify 'cat >>$T/heard'" "sikka-sweep --purge-after 1d" "sikka-sweep --backup $T/good.db" \
    "sikka-sweep --resolve $((last - 1))=failed" "sikka-sweep --moved" "sikka-sweep --moved --unchecked"; do
	run 75 "an older copy: $command" sh -c "$command"
	like "$err" "sikka-sweep --after-restore" "it says what mends it"
done
is "$(dump)" "$dumped" "nothing was written but one event"
is "$(copies)" 1 "one, for all of them"
is "$(sql "SELECT outbox FROM events WHERE kind = 'older_copy'")" 1 "which is for a person"
is "$(writes)" "$before" "nothing was sent, nothing withdrawn"
[ -e heard ]
is $? 1 "nothing was delivered"
cmp -s old.db good.db
ok $? "no good backup was overwritten"
sql "UPDATE pms_integrations SET token_expiry = '2026-01-01T00:00:00.000Z'"
for command in sikka-authorize "sikka-token refresh --all" "sikka-token print D36225" "sikka-token list" "sikka-token info -O D36225" \
    "sikka-get -O D36225 patients --limit 1" "sikka-book --choices provider_id -O D36225" "sikka-authorize --export" sikka-status \
    "sikka-status --metrics" "sikka-status --writebacks"; do
	# shellcheck disable=SC2086 # words
	run 0 "an older copy: $command" $command
	like "$err" "is an older copy .*sikka-sweep --after-restore.*sikka-sweep --moved" "warns, and goes on"
done
is "$(sql "SELECT count(*) FROM pms_integrations WHERE token_expiry > '2026-01-02'")" 2 "keys are renewed"
run 2 "sikka-status --check" sikka-status --check
like "$out" "CRITICAL - .*an older copy" "is critical"
is "$(copies) $(writes)" "1 $before" "still one event, and nothing sent"
run 64 "--moved with --after-restore" sikka-sweep --moved --after-restore
run 64 "--unchecked alone" sikka-sweep --unchecked

cp old.db "$SIKKA_DB"
later 36m
run 75 "a person says what it is, and the copy is 8 days old" sikka-sweep --after-restore
like "$err" "latest moment is .*, more than 5 days ago.*can't be known: D20006, D36225.*--accept-gap" "the offices are named"
is "$(copies)" 1 "and nothing has changed"
run 2 "and accepts that" after_restore --accept-gap
is "$(here count) $(sql "SELECT value FROM facts WHERE name = 'older_copy_met'")" "$(counted) 0" "the pair is whole"
before=$(writes)
hand_in
is "$(writes)" $((before + 1)) "and sends"
run 2 "--moved, although it isn't one" sikka-sweep --moved
like "$err" "isn't an older copy" "which is said"
cp old.db "$SIKKA_DB"
run 75 "the same copy once more" sikka-poll
is "$(copies)" 1 "is met anew"

# --- each kind of copy -------------------------------------------------------------------------------------------------

# refuses WHAT: it is an older copy; sends nothing, and nothing is journaled.
refuses() {
	before=$(writes)
	booking time=23:10 >in
	run 75 "$1" sikka-book in
	like "$err" "is an older copy of the state file \\($2" "says how it is known"
	is "$(writes)" "$before" "nothing is sent"
}
# restart: a server that has nothing, and a state file in which one request was handed in
restart() {
	kill "$SIM_PID"
	rm -rf "$T/state" "$T"/*.db
	start_sim --delay 0:0
	authorize
	hand_in
}

restart
keep a
hand_in
mv a.db "$SIKKA_DB"
refuses "put back by mv" "the lock file beside it has counted further"
whole

restart
sim_fault 'POST /appointment=status:400:API3005'
hand_in
sim_clear_faults
sql "UPDATE pms_writebacks SET error_code = 'not_sent' WHERE result = 'failed'"
keep a
run 0 "a failed row is retried" sikka-sweep --retry
is "$(sql "SELECT group_concat(id) FROM pms_writebacks WHERE result = 'pending'") $(sim_writebacks)" "1,2 2" "and sent"
cp a.db "$SIKKA_DB"
refuses "it was retried since the copy" "the lock file beside it has counted further"
is "$(sql "SELECT count(*) FROM pms_writebacks")" 2 "(no row is missing in it)"
whole

restart
sim_fault 'POST /appointment=hold'
for minute in 1 2 3 4 5 6; do booking time=20:0$minute; done >in
sikka-book in >booked 2>booked.err &
pid=$!
wait_for sim_holds 4
keep a
is "$(sqlite a.db "SELECT count(*) FROM pms_writebacks WHERE result = 'queued'")" 2 "a copy in which two rows are queued"
sim_clear_faults
wait "$pid"
is "$(sql "SELECT count(*) FROM pms_writebacks WHERE result = 'pending'") $(sim_writebacks)" "7 7" "they are sent"
cp a.db "$SIKKA_DB"
refuses "they were sent since the copy" "the lock file beside it has counted further"
whole
is "$(sql "SELECT count(*) FROM pms_writebacks WHERE result = 'pending'") $(sim_writebacks)" "7 7" "none is sent again"

restart
sim_fault 'POST /appointment=drop-before'
hand_in
sim_clear_faults
keep a
for list in 1 2 3; do sikka-sweep >swept 2>&1; done
lists() { sql "SELECT value FROM facts WHERE name = 'lists_begun'"; }
latest=$(lists)
cp a.db "$SIKKA_DB"
whole 2
[ "$(lists)" -gt "$latest" ]
ok $? "a list that is read after the restore has a number that none had before ($(lists), $latest)"

restart
keep a
hand_in
keep b
mark=$(here mark)
cp a.db "$SIKKA_DB"
whole
[ "$(here mark)" != "$mark" ]
ok $? "after a restore the count goes on with another mark"
sql "UPDATE twin SET count = $(counted), mark = $mark"
refuses "the same count of another history" "the lock file beside it has seen another state file since"
run 75 "--moved" sikka-sweep --moved --unchecked
like "$err" "older than its own lock file" "is refused, even unchecked"

restart
rm "$SIKKA_DB.lock"
refuses "the lock file was deleted" "the lock file beside it doesn't know it"
run 0 "it was only that, with -n" sikka-sweep -n --moved
like "$err" "would make .* a pair again" "is shown"
run 75 "and nothing is done" sikka-book in
run 0 "it was only that" sikka-sweep --moved
is "$(sql "SELECT count(*) FROM events JOIN runs ON runs.run = events.run WHERE kind = 'moved' AND uid = $(id -u)")" 1 "an event says who said it"
is "$(here count)" "$(counted)" "they are a pair again"
hand_in
is "$(jq -r .result booked)" pending "and send"
: >"$SIKKA_DB.lock"
refuses "the lock file was emptied" "the lock file beside it doesn't know it"
head -c 20000 /dev/urandom >"$SIKKA_DB.lock"
refuses "the lock file is damaged" "the lock file beside it doesn't know it"
run 0 "--moved" sikka-sweep --moved

restart
mkdir other
# for the other file the server has what another one sent: it is begun nonetheless, and sends
(SIKKA_DB=$T/other/sikka.db && export SIKKA_SHARED_OFFICES='*' && authorize && hand_in && hand_in && hand_in)
cp "$T/other/sikka.db.lock" "$SIKKA_DB.lock"
refuses "another's lock file" "the lock file beside it belongs to another state file"
run 75 "--moved, where the server has more than the file" sikka-sweep --moved
like "$err" "the server has [0-9]+ requests that the state file doesn't have" "is refused"
run 0 "unchecked" sikka-sweep --moved --unchecked
like "$(here pair)" '^-?[0-9]+$' "makes a pair"
[ "$(here pair)" != "$(sqlite other/sikka.db 'SELECT pair FROM twin')" ]
ok $? "of its own: the other file isn't taken for it"
cp "$T/other/sikka.db" "$SIKKA_DB"
refuses "the other file, too" "the lock file beside it belongs to another state file"

restart
keep a
mkdir -m 700 newdisk
cp a.db newdisk/sikka.db
SIKKA_DB=$T/newdisk/sikka.db
refuses "on a new disk, without its lock file" "the lock file beside it doesn't know it"
SIKKA_DB=$T/state/sikka.db
mkdir -m 700 moved
mv "$SIKKA_DB" "$SIKKA_DB.lock" moved/
SIKKA_DB=$T/moved/sikka.db
hand_in
is "$(jq -r .result booked)" pending "moved together with its lock file it goes on"
SIKKA_DB=$T/state/sikka.db

restart
rm "$SIKKA_DB"
run 78 "the state file is gone" sikka-book in
run 2 "sikka-status --check" sikka-status --check
like "$out" "CRITICAL - $SIKKA_DB is missing or empty, .*sikka-sweep --after-restore" "is critical"
run 0 "sikka-authorize begins another" sikka-authorize
like "$err" "began the state file" "which it says"
like "$err" "is an older copy" "and what that means"
refuses "one that was begun beside a lock file that has counted" "the lock file beside it belongs to another state file"

restart
: >"$SIKKA_DB"
run 78 "the state file was emptied" sikka-book in
run 2 "sikka-status --check" sikka-status --check
run 0 "sikka-authorize" sikka-authorize
refuses "begun anew" "the lock file beside it belongs to another state file"

rm -rf "$T/state"
authorize
rm "$SIKKA_DB.lock"
refuses "without a twin, and without a row" "the lock file beside it doesn't know it"

# --- a file that is replaced under a running command --------------------------------------------------------------------

# replaced WHAT COMMAND …: does that to the files while sikka-book waits for more to book.
replaced() {
	restart
	keep a
	hand_in
	rm -f pipe
	mkfifo pipe
	sikka-book pipe >booked 2>booked.err &
	pid=$!
	exec 9>pipe
	booking time=21:00 >&9
	wait_for test -s booked
	before=$(writes)
	eval "$2"
	booking time=21:10 >&9
	exec 9>&-
	wait "$pid"
	is "$?" 75 "under a running sikka-book: $1"
	is "$(writes)" "$before" "nothing more is sent"
	like "$(cat booked.err)" "$3" "which it says"
	run 75 "nor by the next command" sikka-book in
}
replaced "cp over" 'cp a.db "$SIKKA_DB"' "is an older copy"
is "$(sql 'SELECT count(*) FROM pms_writebacks')" 1 "nothing is journaled"
replaced "mv over" 'mv a.db "$SIKKA_DB"' "the state file was replaced while this command had it open"
is "$(sql 'SELECT count(*) FROM pms_writebacks')" 1 "nothing is journaled"
replaced "the lock file deleted" 'rm "$SIKKA_DB.lock"' "the lock file of the state file was replaced"
replaced "the lock file replaced" 'cp "$SIKKA_DB.lock" lock && rm "$SIKKA_DB.lock" && : >"$SIKKA_DB.lock" && chmod 600 "$SIKKA_DB.lock"' \
    "the lock file of the state file was replaced"

# What is journaled and waits for its turn, when the copy comes.
restart
keep a
hand_in
spare=$(($(posts) + 3))
sim_fault "POST /appointment@$spare-=hold"
many 10 20
sikka-book in >booked 2>booked.err &
pid=$!
wait_for sim_holds 1
cp a.db "$SIKKA_DB"
sim_clear_faults
wait "$pid"
is "$?" 2 "under a sikka-book that has more to send: what was on its way is unknown"
is "$(jq -r 'select(.office_id == null).id' booked)" "" "each record is one of a request"
is "$(($(jq -r .id booked | wc -l) + $(grep -Ec "^sikka-book: request [0-9]+ wasn't sent" booked.err)))" 20 "each request is told, with what is known of it"

restart
keep a
hand_in
sikka-poll --follow >followed 2>followed.err &
pid=$!
wait_for test -s followed
dumped=$(sqlite a.db "SELECT id, result, check_count FROM pms_writebacks")
cp a.db "$SIKKA_DB"
wait_for has_ended "$pid" || kill "$pid"
wait "$pid"
is "$?" 75 "under a running sikka-poll --follow"
is "$(sql "SELECT id, result, check_count FROM pms_writebacks")" "$dumped" "it writes nothing more"

# --- the order of a section ----------------------------------------------------------------------------------------------

# A booking writes the lock file four times: who is in the section, and the record, when it is handed in and when it is claimed.
if strace -o /dev/null true 2>/dev/null; then
	# LeakSanitizer doesn't work beneath another tracer.
	ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0"
	restart
	traced() { # traced INJECTION COMMAND …
		injection=$1
		shift
		strace -f -qq -o trace -P "$SIKKA_DB.lock" -e "trace=${injection%%:*}" -e "inject=$injection" "$@"
	}
	booking time=20:30 >in
	before=$(writes)
	run 74 "the lock file can't be written when a request is handed in" traced pwrite64:error=ENOSPC:when=2 sikka-book in
	is "$out $(writes)" " $before" "nothing is told, nothing sent"
	is "$(row 2 'result, attempts') $(($(here count) - $(counted)))" "queued|0 1" "the row is journaled, and its count is ahead"
	booking time=20:40 >in
	run 74 "the lock file can't be written when a request is claimed" traced pwrite64:error=ENOSPC:when=4 sikka-book in
	is "$(writes)" "$before" "nothing is sent"
	is "$(row 3 'result, error_code, attempts')" "failed|not_sent|1" "the row was queued again, and given up"
	is "$(event_kinds 3)" "queued submitting not_sent" "its events say so"
	run 0 "it may be sent later" sikka-sweep --retry
	is "$(writes)" $((before + 2)) "and is, as is the one before"
	is "$(here count)" "$(counted)" "the pair counts on"

	number=3
	for point in pwrite64:1 pwrite64:2 pwrite64:3 pwrite64:4 fdatasync:1 fdatasync:2 fcntl:3 fcntl:4 fcntl:5; do
		number=$((number + 1))
		booking "time=19:$((10 + number))" >in
		before=$(writes)
		traced "${point%:*}:signal=KILL:when=${point#*:}" sikka-book in >killed 2>&1
		is "$?" 137 "killed at $point of the lock file"
		is "$(writes)" "$before" "nothing had left"
		sikka-poll >polled 2>&1
		is "$([ $? -eq 75 ] && cat polled)" "" "no false alarm"
	done
	sim_post 'office?office_id=D36225&spu=offline'
	later 37m
	sikka-sweep --retry >swept 2>&1
	later 130s
	sikka-sweep --retry >swept 2>&1
	sikka-sweep --retry >swept 2>&1
	is "$(sql "SELECT count(writeback_id) FROM pms_writebacks")" "$(sim_writebacks)" "what was sent is known here"
	is "$(held '[.writebacks[] | .body.time] | length - (unique | length)')" 0 "none twice"
else
	ok 0 "kill points # SKIP no strace"
fi

# --- files of an earlier version -----------------------------------------------------------------------------------------

# A file of version 5: it is taken over silently, where it isn't behind its lock file.
earlier() { # earlier ROW: as that version left both
	back_to_version_5
	(umask 077 && if [ -n "$1" ]; then printf '%019d\n' "$1"; fi >"$SIKKA_DB.lock")
}
restart
earlier 1
hand_in
is "$(jq -r .result booked) $(grep -c . booked.err) $(grep -c 'converted the state file' booked.err)" "pending 1 1" \
    "an earlier version's file is taken over, and only its conversion is told"
is "$(here count)" "$(counted)" "and has its twin"
earlier 99
refuses "an earlier version's file that is behind" "the lock file beside it doesn't know it"
restart
earlier ''
refuses "an earlier version's file with rows, and a lock file that knows none" "the lock file beside it doesn't know it"
rm -rf "$T/state"
authorize
earlier ''
hand_in
is "$(jq -r .result booked) $(grep -c . booked.err) $(grep -c 'converted the state file' booked.err)" "pending 1 1" \
    "one in which nothing was ever handed in"
done_testing
