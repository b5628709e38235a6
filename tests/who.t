#!/bin/sh
# SPDX-License-Identifier: MIT
# Every change names who made it: the table runs, and the events of the history
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0
authorize
sim_post 'office?office_id=D36225&spu=offline' >spu
me="$(id -un) $(id -u) $(hostname)"
runs() { sql 'SELECT count(*) FROM runs'; }
who_made() { # who_made KIND ROW: command, user, uid, host and parent of the event's run
	sql "SELECT command || ' ' || user || ' ' || uid || ' ' || host || ' ' || parent FROM history
	    WHERE kind = '$1' AND row_id = $2"
}

booking time=09:00 >in
run 0 "a booking" sikka-book in
id=$(said .id)
is "$(who_made queued "$id")" "sikka-book $me $(cat "/proc/$$/comm")" \
    "the history says which command handed it in, which user, where, and what started it"
is "$(who_made queued "$id")" "$(who_made pending "$id")" "the events of one process are one run's"
is "$(sql "SELECT run FROM pms_writebacks WHERE id = $id")" \
    "$(sql "SELECT run FROM events WHERE kind = 'queued' AND row_id = $id")" "which is the run of the row"

# The shell that starts the sweep is the parent: a copy of it under another name.
cp "$(command -v sh)" "$T/at-night"
run 0 "a withdrawal, by another program" "$T/at-night" -c "sikka-sweep --withdraw $id; exit \$?"
is "$(who_made withdraw_intended "$id")" "sikka-sweep $me at-night" "who withdrew it"
is "$(jq -r .run out | sort -u)" "$(sql "SELECT run FROM events WHERE kind = 'withdraw_intended'")" \
    "what the sweep prints names its run"

# A process takes its pid from the system, not from what somebody typed.
sikka-book in >booked 2>&1 &
pid=$!
wait "$pid"
is "$(sql 'SELECT pid FROM runs ORDER BY run DESC LIMIT 1')" "$pid" "its pid"
booking time=10:00 >in
USER=nobody LOGNAME=nobody run 0 "a user who says that it is another" sikka-book in
is "$(who_made queued "$(said .id)")" "sikka-book $me $(cat "/proc/$$/comm")" "isn't believed"

before=$(runs)
run 0 "a command that changes nothing" sikka-token list
run 0 "another one" sikka-status
run 0 "a look at what nobody waits for" sikka-sweep
is "$(runs)" "$before" "adds no run"

sql "UPDATE events SET run = 1" >changed 2>&1
like "$(cat changed)" 'only its delivery changes' "nobody gives an event another run"

done_testing
