#!/bin/sh
# SPDX-License-Identifier: MIT
# The server's time: a wrong clock of this machine, a wrong Date, moments ahead of the clock, heartbeats
. "$(dirname "$0")/lib.sh"

if ! command -v cc >"$T/found"; then
	echo "1..0 # SKIP cc isn't installed"
	exit 0
fi
# A library that moves a process's clocks: this machine's by SIKKA_WALL seconds, the time since the boot by SIKKA_BOOT.
cat >wrong.c <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
int clock_gettime(clockid_t clock, struct timespec *now)
{
	static int (*next)(clockid_t, struct timespec *);
	const char *wall = getenv("SIKKA_WALL"), *boot = getenv("SIKKA_BOOT");
	if (next == NULL)
		*(void **)&next = dlsym(RTLD_NEXT, "clock_gettime");
	if (next(clock, now) != 0)
		return -1;
	if (clock == CLOCK_REALTIME && wall != NULL)
		now->tv_sec += atol(wall);
	if (clock == CLOCK_BOOTTIME && boot != NULL)
		now->tv_sec += atol(boot);
	return 0;
}
END
cc -shared -fPIC -O1 -o wrong.so wrong.c -ldl || exit 1
cc -shared -fPIC -O1 -o shift.so "$TOP/tests/shift-clock.c" -ldl || exit 1
# AddressSanitizer wants to be the first library of all.
export ASAN_OPTIONS="$ASAN_OPTIONS:verify_asan_link_order=0"
DAY=86400

wrong() { env LD_PRELOAD="$T/wrong.so" SIKKA_WALL="$wall" SIKKA_BOOT="$boot" "$@"; } # wrong COMMAND …
wall=0 boot=0
commits() { sql 'SELECT max(number) FROM commits'; }
# off EXPRESSION [FROM]: by how many seconds a moment differs from the time now; and whether it is near
off() { sql "SELECT CAST((julianday($1) - julianday('now')) * $DAY AS INTEGER) ${2:-}"; }
near() { [ "$1" -ge -90 ] && [ "$1" -le 90 ]; }
is_near() { near "$(off "$1" "$2")"; ok $? "$3 ($(off "$1" "$2") s)"; }
kinds() { sql "SELECT count(*) FROM events WHERE kind = '$1'"; }

# --- a clock that is days off ------------------------------------------------------------------------------

start_sim --rate-limit 100000 --delay 0:0
wall=$((3 * DAY + 3600))
run 0 "with a clock three days ahead there are keys" wrong sikka-authorize
is "$(told 'this machine.s clock is 3 d ahead of the server.s')" 1 "it is told"
is "$(kinds clock_differs)" 1 "as an event, too"
is_near renewed_at "FROM pms_integrations WHERE renewed_at IS NOT NULL LIMIT 1" "times are the server's"
is "$(sql "SELECT count(*) FROM pms_integrations WHERE token_expiry > strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '2 days')")" 0 \
    "also when a key ends"
is_near server_at "FROM clock" "the server's time is kept"
is "$(sql 'SELECT boot_id || is_known FROM clock')" "$(cat /proc/sys/kernel/random/boot_id)1" "with the boot" # as Linux names it
booking key=one | wrong sikka-book >"$T/out" 2>"$T/err"
is "$(told 'this machine.s clock')" 0 "it is told once a day"
is_near submitted_at "FROM pms_writebacks" "a request is submitted at the server's time"
is_near queued_at "FROM pms_writebacks" "and queued, before the first answer to this process"
wall=$((-40 * DAY))
run 0 "a clock weeks behind" wrong sikka-poll --wait=60s --every 1s
is "$(row 1 result)" completed "follows it to its end"
is_near completed_at "FROM pms_writebacks" "at the server's time"
wall=0
run 0 "a right clock" sikka-poll
is_near server_at "FROM clock" "makes no difference"
is "$(kinds clock_differs)" 1 "and nothing new is told"

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
boot=62 wall=62
run 0 "an answer a minute later that shows the same" wrong sikka-token -O D36225 info
is "$(told 'this machine.s clock is .* behind the server')" 1 "is believed: a day has passed, and it is told again"
near "$(($(off server_at "FROM clock") - 2 * DAY))"
ok $? "the time is the server's again"
is "$(sql 'SELECT jump_ms FROM clock')" 0 "and nothing is doubted any more"
run 0 "the equal request" wrong sikka-book unkeyed
is "$(said .duplicate)" null "is another one now"

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
    VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '400 days'), 'stuck', 'D36225', 2, 1)"
age 25200 'id = 2'
run 0 "a sweep 7 hours later" sikka-sweep
is "$(said '[.event, .id] | join(" ")' | grep -cE '^(stuck 2|office_offline)')" 1 "reports what an event ahead of the clock seems to have reported"
sim_post 'office?office_id=D36225&spu=online'

# --- heartbeats ----------------------------------------------------------------------------------------------

beats() { sql 'SELECT task FROM heartbeats ORDER BY beat' | tr '\n' ' '; }
rm -rf "$T/state"
authorize
is "$(beats)" "authorize " "a list of the practices that was read is noted"
run 0 "nothing is to be done" sikka-poll
before=$(commits)
run 0 "a poll that changes nothing" sikka-poll
is "$(($(commits) - before)) $(beats)" "1 authorize poll " "makes one commit, which notes it"
before=$(commits)
run 0 "a key that is valid" sikka-token print D36225
run 0 "a resource" sikka-get -O D36225 patients
run 0 "a look at the keys" sikka-token -O D36225 info
is "$(($(commits) - before))" 0 "make none"
run 0 "keys near their end" sikka-token refresh
run 0 "a sweep" sikka-sweep --notify 'cat >"$T/told"' --backup "$T/copy.db"
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

echo 0 0 >the.shift
env LD_PRELOAD="$T/shift.so" SIKKA_SHIFT="$T/the.shift" sikka-poll --follow >"$T/out" 2>"$T/err" &
pid=$!
latest() { sql "SELECT ifnull(max(beat), 0) FROM heartbeats WHERE task = 'poll'"; }
minutes=0
# It may not have begun to count yet: then one more minute passes.
beats_again() {
	minutes=$((minutes + 1))
	echo "0 $((minutes * 61))" >new.shift && mv new.shift the.shift
	[ "$(latest)" -gt "$was" ]
}
for n in 1 2; do
	was=$(latest)
	wait_for beats_again
	ok $? "--follow notes it once a minute: $n"
done
was=$(latest)
kill -TERM "$pid"
wait "$pid"
[ "$(latest)" -gt "$was" ]
ok $? "and at its end"

# --- a server without Date --------------------------------------------------------------------------------------

start_sim --rate-limit 100000 --delay 0:0
authorize
sim_fault 'POST /appointment=drop-before'
booking key=lost | sikka-book >"$T/out" 2>"$T/err"
is "$(row 1 result)" unknown "a request whose answer was lost"
age 3600
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
done_testing
