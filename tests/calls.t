#!/bin/sh
# SPDX-License-Identifier: MIT
# The engine for calls, seen from outside: what holds up what, how many requests are on the wire, how keys are renewed
# side by side, and what a busy journal, a signal and a server in trouble do.
. "$(dirname "$0")/lib.sh"

# Of 14 offices six, whose system takes booking().
six="D10003 D10004 D10005 D10006 D20006 D36225"
# bookings OFFICE N: so many different ones
bookings() {
	jq -cn --arg office "$1" --argjson n "$2" 'range($n) | {office_id: $office, practice_id: "1", patient_id: "7",
	    date: (1924992000 + 86400 * (. / 40 | floor) | strftime("%Y-%m-%d")),
	    time: (28800 + 900 * (. % 40) | strftime("%H:%M")), length: "15", description: "check-up",
	    provider_id: "DOC1", operatory: "OP1"}'
}
of_each() { for office in $six; do bookings "$office" "$1"; done; } # of_each N: N of each of the six
# background COMMAND …: its process is $pid; its output its.out and its.err
background() {
	"$@" >its.out 2>its.err &
	pid=$!
}
ends() { wait "$pid"; is $? "$1" "$2 (exit $1)"; } # ends CODE WHAT: the background's
stop() { signal TERM "$pid"; }
renewals() { sim_count 'POST /request_key'; }
lists() { sim_count 'GET /authorized_practices'; }
at_server() { held "[.writebacks[] | select(.office_id == \"$1\")] | length"; } # at_server OFFICE: its writebacks
has() { [ "$(at_server "$1")" -ge "$2" ]; }                                     # has OFFICE N: so many
# From here on only rows and requests that are new count.
mark() { last=$(sql 'SELECT ifnull(max(id), 0) FROM pms_writebacks') renewed=$(renewals) posted=$(posts) listed=$(lists); }
new() { echo $(($1 - $2)); }
# states: how many of the new rows are in which state
states() {
	sql "SELECT group_concat(n || ' ' || state, ', ') FROM (SELECT count(*) AS n, result || ifnull(' ' || error_code, '') AS state
	    FROM pms_writebacks WHERE id > $last GROUP BY state ORDER BY state)"
}
are() { [ "$(states)" = "$1" ]; }
# expire [OFFICE …]: their keys have ended, by what is recorded here; without a name all
expire() {
	sql "UPDATE pms_integrations SET token_expiry='2026-01-01T00:00:00.000Z', renewed_at='2025-12-31T00:00:00.000Z'
	    WHERE '$*' = '' OR instr('$*', office_id)"
}
verbose_lines() { [ "$(grep -c "$1" its.err)" -ge "$2" ]; } # verbose_lines PATTERN N

# --- those that wait for a time: side by side with the others -----------------------------------------

start_sim --delay 0:0 --rate-limit 100000 --offices 14 --pms D20006=OpenDental --pms D10003=OpenDental \
    --pms D10004=OpenDental --pms D10005=OpenDental --pms D10006=OpenDental
authorize
cp "$SIKKA_DB" "$T/closed.db"
cp "$SIKKA_DB.lock" "$T/closed.db.lock"
bookings D36225 7 >in.closed
for office in D10003 D10004 D10005; do bookings "$office" 11; done >>in.closed
# A port that nobody listens on. Only what never ends takes so long.
{
	SIKKA_BASE_URL=http://127.0.0.1:1/v4 timeout "$PATIENCE" sikka-book -D "$T/closed.db" in.closed >closed.out 2>closed.err
	echo $? >closed.code
} &
closed=$!

# --- places -------------------------------------------------------------------------------------------

for value in 0 129; do
	run 78 "connections=$value" env "SIKKA_CONNECTIONS=$value" sikka-get -O D36225 patients --limit 1
	like "$err" "SIKKA_CONNECTIONS.* 1 to 128" "the line names the setting and its bounds"
done
for value in 1 128; do
	run 0 "connections=$value" env "SIKKA_CONNECTIONS=$value" sikka-get -O D36225 patients --limit 1
done

# The limits of the six are known from here on: while one isn't known, four of its requests go side by side at most.
of_each 1 >in
run 0 "a booking of each" sikka-book in
mark
sim_fault 'POST /appointment=hold'
bookings D36225 13 >in
background sikka-book in
wait_for sim_holds 4
is "$(states)" "8 queued, 4 submitting" "of one office four are on the wire"
stop
sim_clear_faults
ends 75 "a signal"
is "$(new "$(posts)" "$posted")" 4 "and the server got no more"
mark
sim_fault 'POST /appointment=hold'
printf 'connections = 6\n' >config
of_each 3 | sed 's/2031/2032/' >in
background env SIKKA_CONFIG="$T/config" sikka-book in
wait_for sim_holds 6
is "$(states)" "12 queued, 6 submitting" "connections = 6 in the config: six in all"
is "$(sql "SELECT count(DISTINCT office_id) FROM pms_writebacks WHERE result='submitting'")" 6 "one of each office"

# --- a signal -----------------------------------------------------------------------------------------

stop
sim_clear_faults
ends 75 "a signal"
is "$(states)" "12 failed not_sent, 6 pending" "what was on the wire is finished and recorded, the rest isn't sent"
is "$(new "$(posts)" "$posted")" 6 "at the server too"
is "$(jq -r '"\(.result) \(.error_code)"' its.out | sort | uniq -c | tr -s ' ' | tr '\n' ,)" " 12 failed not_sent, 6 pending null," "each is told"
like "$(cat its.err)" "stopped by a signal" "the line says why"

# The refresh key is refused after the signal has come: the secret isn't tried any more.
mark
expire D36225
sql "UPDATE pms_integrations SET refresh_key='00000000000000000000000000000000' WHERE office_id='D36225'"
sim_fault 'POST /request_key=hold'
background sikka-token refresh -O D36225
wait_for sim_holds 1
stop
sim_clear_faults
ends 75 "a signal while a key is renewed"
is "$(new "$(renewals)" "$renewed")" 1 "nothing leaves after it"
run 0 "the next run" sikka-token refresh -O D36225
is "$(said .grant)" request_key "uses the secret"

# --- renewals -----------------------------------------------------------------------------------------

expire
mark
sim_fault 'POST /request_key=hold'
background sikka-token refresh
wait_for sim_holds 8
ok $? "renewals of several offices run side by side, more than four, since they are the application's calls"
sim_clear_faults
ends 0 "they are answered"
is "$(new "$(renewals)" "$renewed")" 14 "one each"

expire D36225
mark
sim_fault 'POST /request_key=hold'
{ bookings D36225 13 && bookings D10003 3; } | sed 's/2031/2033/' >in
background sikka-book in
wait_for sim_holds 1
wait_for has D10003 5
ok $? "the calls of another office go on while one office's key is renewed"
is "$(states) $(new "$(posts)" "$posted")" "3 pending, 13 queued 3" "its own wait"
sim_clear_faults
ends 0 "it is renewed"
is "$(states) $(new "$(renewals)" "$renewed")" "16 pending 1" "once, for all of them"

# Another process renews: it has the office's lock.
expire D36225 D10003
mark
sim_fault 'POST /request_key@1=hold'
background sikka-token refresh -O D10003
other=$pid
wait_for sim_holds 1
{ bookings D10003 2 && bookings D36225 2; } | sed 's/2031/2034/' >in
before=$(at_server D36225)
background env SIKKA_CONNECTIONS=1 sikka-book in
wait_for has D36225 $((before + 2))
ok $? "another process has the lock of one office: another office's key is renewed, and its calls go on"
is "$(states)" "2 pending, 2 queued" "its own calls wait"
sim_clear_faults
wait "$other"
ends 0 "the lock is released"
is "$(states) $(new "$(renewals)" "$renewed")" "4 pending 2" "and they leave with the key that the other process got"

# Our app key is refused.
expire
mark
of_each 2 | sed 's/2031/2035/' >in
run 77 "a wrong app key" env SIKKA_CONNECTIONS=2 SIKKA_APP_KEY=wrong sikka-book in
is "$(states)" "12 failed not_sent" "all offices that wait end"
[ "$(new "$(renewals)" "$renewed")" -le 4 ]
ok $? "two offices asked for a key, by both keys, then nobody else"
is "$(new "$(lists)" "$listed")" 1 "and once for the list"
is "$(sql "SELECT DISTINCT status || ifnull(renewal_refused_at, '') FROM pms_integrations")" active "and no office is blamed"
like "$err" "SIKKA_APP_KEY" "the line says what is wrong"

# Five offices have new secrets at the server: the list has them.
for office in D10003 D10004 D10005 D10006 D20006; do sim_post "office?office_id=$office&secret=rotate&drop_keys=true"; done
mark
sim_fault 'GET /authorized_practices=hold'
background sikka-token refresh -v
wait_for verbose_lines 'grant request_key: refused' 5
ok $? "five offices want the list of practices"
sim_clear_faults
ends 0 "all have new keys"
is "$(new "$(lists)" "$listed")" 1 "which is read once"

# --- a busy journal ---------------------------------------------------------------------------------------

# keep_journal: another process writes to the state file until free_journal
keep_journal() {
	rm -f kept free
	{ printf 'BEGIN IMMEDIATE;\n.shell touch kept\n'; wait_for test -e free; echo 'COMMIT;'; } | sqlite "$SIKKA_DB" &
	keeper=$!
	wait_for test -e kept
}
free_journal() { : >free; wait "$keeper"; }

sim_fault 'POST /appointment@1-3=slow:1500'
sim_fault 'POST /appointment@4=hold'
mark
for office in D10003 D10004 D10005 D10006; do bookings "$office" 1; done | sed 's/2031/2036/' >in
background sikka-book -vv in
wait_for are "4 submitting"
keep_journal
wait_for verbose_lines '< 201 in' 3
sim_clear_faults
wait_for verbose_lines '< 201 in' 4
ok $? "the journal is busy: answers are taken all the same, also after the first that couldn't be recorded"
is "$(states)" "4 submitting" "and wait"
free_journal
ends 0 "it is free again"
is "$(states)" "4 pending" "and they are recorded"
is "$(new "$(posts)" "$posted")" 4 "each was sent once"

# --- a server in trouble --------------------------------------------------------------------------------

# A 429 at the end of an office's window closes that office alone. (One that comes sooner than its own calls explain closes all.)
rm -rf "$T/state"
start_sim --delay 0:0 --offices 3 --pms D10003=OpenDental --rate-limit 5 --rate-window 3600
authorize
later 1h # the list that a new file waits for has room in the next window
sikka-sweep >swept 2>&1
mkfifo pipe
mark
sim_fault 'POST /appointment@4=429:600'
background sikka-book pipe
exec 3>pipe
bookings D36225 4 >&3
limited() { [ "$(sim_get requests | jq .answered_429)" = 1 ]; }
wait_for limited
bookings D10003 3 >&3
wait_for has D10003 3
ok $? "an office is told to wait ten minutes: another one's calls go on"
is "$(states)" "6 pending, 1 queued" "its own call waits"
stop
exec 3>&-
ends 75 "a signal"
is "$(posts)" 7 "it wasn't repeated"

# --- a full limit -----------------------------------------------------------------------------------------

rm -rf "$T/state"
start_sim --delay 0:0 --offices 2 --pms D20006=OpenDental --rate-limit 10 --rate-window 3600
authorize
mark
{ bookings D20006 4000 && bookings D36225 3; } >in
background sikka-book in
wait_for has D36225 3
ok $? "4,000 bookings of an office whose limit is full don't hold up another office's 3 behind them"
is "$(at_server D20006)" 8 "of the 4,000 as many were sent as the limit allows"
stop
ends 75 "a signal"
is "$(states)" "3992 failed not_sent, 11 pending" "the others aren't sent"
is "$(wc -l <its.out | tr -d ' ')" 4003 "each is told"

# 503 with Retry-After: nobody's calls leave for so long, however much room their limits have.
rm -f "$SIKKA_DB.limits"
start_canned "$T/answer"
canned '{"error_code":"API2002"}' 'Retry-After: 600' '503 Busy'
mark
{ bookings D20006 1 && bookings D36225 1; } | sed 's/2031/2032/' >in
background env SIKKA_CONNECTIONS=1 sikka-book in
one_was_sent() { [ "$(sql "SELECT count(*) FROM pms_writebacks WHERE id > $last AND attempts = 1 AND result = 'queued'")" = 1 ]; }
wait_for one_was_sent
stop
ends 75 "a server that asks for a pause, and a signal"
is "$(grep -c '^POST' "$T/canned.log")" 1 "the other office's call hasn't left"
is "$(states)" "2 failed not_sent" "nothing is in doubt"

# --- nobody listens -----------------------------------------------------------------------------------------

wait "$closed"
is "$(cat closed.code)" 69 "40 bookings, and nobody listens at the server's port (exit 69)"
is "$(sqlite "$T/closed.db" "SELECT count(*), min(result), max(result), min(error_code), max(error_code) FROM pms_writebacks")" \
    "40|failed|failed|not_sent|not_sent" "all end as not sent"
is "$(sqlite "$T/closed.db" "SELECT count(*) FROM pms_writebacks WHERE attempts = 0")" 0 "each was tried"
is "$(jq -r .id closed.out | sort -u | wc -l | tr -d ' ')" 40 "each is told"
done_testing
