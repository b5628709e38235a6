#!/bin/sh
# SPDX-License-Identifier: MIT
# How a test lets time pass: later, asleep, clock_off, reboot, time_stands
. "$(dirname "$0")/lib.sh"

if ! command -v cc >"$T/found"; then
	echo "1..0 # SKIP cc isn't installed"
	exit 0
fi
cc -O1 -D_GNU_SOURCE -o read-clocks "$TOP/tests/read-clocks.c" || exit 1

# moved: by how many minutes each clock is further than when it was last called: real, boot, monotonic, server
moved() {
	now="$(./read-clocks | cut -d' ' -f1-3) $(server)"
	echo "$last $now" | awk '
	    function minutes(from, to) { return int((to - from + (to < from ? -30 : 30)) / 60) }
	    { print minutes($1, $5), minutes($2, $6), minutes($3, $7), minutes($4, $8) }'
}
server() { date -u -d "$(curl -ksSi "$SIKKA_BASE_URL/x" | tr -d '\r' | sed -n 's/^Date: //p')" +%s; }
note() { last="$(./read-clocks | cut -d' ' -f1-3) $(server)"; }
id() { cat /proc/sys/kernel/random/boot_id; }

is "$(date +%H)" 12 "a test begins at noon"
start_sim
note
is "$(moved)" "0 0 0 0" "nothing has happened yet"
later 1h
is "$(moved)" "60 60 60 60" "later: for all clocks, the server's too"
later 60; later 60s; later 2m; later 1d
is "$(moved)" "1504 1504 1504 1504" "in seconds, minutes, days"
is "$(./read-clocks | awk '{ print $4 - $1, $5 - $1 }')" "0 0" "time() and gettimeofday() agree"
is "$(sqlite :memory: "SELECT abs(strftime('%s') - $(date +%s)) < 60") $(jq -n "now - $(date +%s) | . > -60 and . < 60")" "1 true" "what is no program of ours, too"
note
asleep 30m
is "$(moved)" "30 30 0 30" "asleep: the machine, not the server; CLOCK_MONOTONIC stands"
note
clock_off 20m
is "$(moved)" "20 0 0 0" "clock_off: the wall clock alone"
clock_off -25m
is "$(moved)" "-5 0 0 0" "back as well"

# --- while one waits --------------------------------------------------------------------------------------------

# More is waited for than a test would; and nobody knows when a process that says that it waits begins to.
passes() { later 5m; [ "$(wc -l <waited)" -ge "$1" ]; }
for how in poll epoll sleep; do
	./read-clocks "$how" 900 >waited &
	pid=$!
	wait_for grep -qs waits waited
	wait_for passes 2
	[ "$(sed -n 2p waited)" -ge 900 ]
	ok $? "$how: who waits wakes up when its time has come"
	kill "$pid" 2>gone.err
	wait "$pid" 2>gone.err
done
sim_fault 'GET /authorized_practices=slow:900000'
: >waited
curl -ksSi "$SIKKA_BASE_URL/authorized_practices" >waited &
pid=$!
wait_for passes 1
ok $? "the simulator as well: what is slow is answered when its time has come"
kill "$pid" 2>gone.err
wait "$pid" 2>gone.err

# --- another boot -----------------------------------------------------------------------------------------------

[ "$(id)" = "$(env -u LD_PRELOAD cat /proc/sys/kernel/random/boot_id)" ]
ok $? "the boot id is the machine's own"
first=$(id)
note
reboot
is "$(moved | cut -d' ' -f1,4)" "0 0" "reboot: no time passes"
./read-clocks | awk '{ exit !($2 >= 10 && $2 < 130 && $3 >= 10 && $3 < 130) }'
ok $? "the machine was booted ten seconds ago"
second=$(id)
like "$second" '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' "under an id"
[ "$second" != "$first" ]
ok $? "another one"
is "$(for how in open openat fopen; do ./read-clocks "$how"; done | sort | uniq -c | tr -s ' ')" " 3 $second" "in whatever way it is read"
note
later 1h
asleep 1h
is "$(moved)" "120 120 60 120" "clocks move on from there"
reboot
[ "$(id)" != "$second" ]
ok $? "each boot has its own"

# --- time stands still ------------------------------------------------------------------------------------------

exact() { date +%s%N; }
time_stands
began=$(exact) there=$(server) up=$(./read-clocks | cut -d' ' -f2)
sleep 1.1
is "$(exact) $(server) $(./read-clocks | cut -d' ' -f2)" "$began $there $up" "time_stands: nothing passes, and who sleeps wakes up"
later 7
is "$(($(exact) - began)) $(($(server) - there))" "7000000000 7" "but what later says"
time_runs
[ "$(exact)" -gt $((began + 8000000000)) ]
ok $? "time_runs: it goes on, with all that has passed"
done_testing
