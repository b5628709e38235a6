#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-poll: what it has recorded and couldn't write comes again at the next run; what it has written doesn't
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0
authorize
# booked TIME …: bookings in D36225 that have ended at the practice
booked() {
	for at; do booking "time=$at"; done >in
	run 0 "booked: $*" sikka-book in
	ids=$(said .id | tr '\n' ' ')
	later 60
}
ids() { said '.id + " " + .result' | tr '\n' ' '; }
left() { sql 'SELECT count(*) FROM untold'; }

# --- one pass -----------------------------------------------------------------------------------

booked 09:00 09:01
run 74 "a full disk" sh -c 'sikka-poll >/dev/full'
is "$(state 1) $(state 2)" "completed completed" "what has ended is recorded"
run 0 "the next pass" sikka-poll
is "$(ids)" "1 completed 2 completed " "writes the records"
run 0 "the one after it" sikka-poll
is "$out $(left)" " 0" "doesn't write them again"

booked 09:02 09:03 09:04
head -c 400000 /dev/zero | tr '\0' '\n' >changed
run 74 "a disk that becomes full with the second of three records" sh -c 'prlimit --fsize=400700 sikka-poll >>changed'
is "$(grep -vc '^$' changed)" 1 "one is written"
run 0 "the next pass" sh -c 'sikka-poll >>changed'
is "$(grep -v '^$' changed | jq -r .id | sort | tr '\n' ' ')" "3 4 5 " "each of them is in the file once"

nth=10
for format in json table; do
	nth=$((nth + 2))
	booked "09:$nth"
	run 74 "$format: a full disk" sh -c "sikka-poll -F $format >/dev/full"
	run 0 "the next pass" sikka-poll
	is "$(said .id) " "$ids" "writes the record"
	booked "09:$((nth + 1))"
	run 0 "$format: written" sikka-poll -F "$format"
	run 0 "the next pass" sikka-poll
	is "$out $(left)" " 0" "doesn't write it again"
done

booked 09:07
run 0 "nobody reads the output" perl -e 'pipe(R, W); close R; open(STDOUT, ">&W"); exec @ARGV' sikka-poll
is "$(left)" 1 "so it isn't told"
run 0 "the next pass" sikka-poll
is "$(said .id) " "$ids" "tells"
booked 09:08
run 74 "stdout is closed" sh -c 'sikka-poll >&-'
run 0 "the next pass" sikka-poll
is "$(said .id) " "$ids" "tells"

# --- a poller that dies -----------------------------------------------------------------------------

anew --rate-limit 100000 --delay 0:0
mkfifo pipe
exec 8<>pipe
perl -e 'open(my $p, "+<", "pipe"); use Fcntl; fcntl($p, F_SETFL, O_NONBLOCK); 1 while syswrite($p, "\n" x 4096); 1 while syswrite($p, "\n")'
booked 09:00
sikka-poll >pipe 2>its.err &
poller=$!
has_ended_here() { [ "$(state 1)" = completed ]; }
wait_for has_ended_here
run 0 "another poller, while it lives and can't write" sikka-poll
is "$out" "" "leaves the record to it"
kill -9 "$poller"
wait "$poller" 2>>"$T/gone.err"
is "$(left)" 1 "killed before it has written the record"
run 0 "the next pass" sikka-poll
is "$(ids)" "1 completed " "writes it"
exec 8>&-
# One that was killed when the record was written and not struck out yet.
sql 'INSERT INTO untold VALUES (1, 77)'
run 0 "killed after it has written one" sikka-poll
is "$(ids)" "1 completed " "it comes twice: better than never"
run 0 "and then" sikka-poll
is "$out" "" "no more"

# --- named ones, and --wait --------------------------------------------------------------------------

booked 09:02
run 74 "--wait with an id: a full disk" sh -c "sikka-poll --wait $ids >/dev/full"
run 0 "a run for another id" sikka-poll 1
is "$(said .id) $(left)" "1 1" "doesn't tell it"
run 0 "the next pass" sikka-poll
is "$(said .id) " "$ids" "does"
booked 09:03
run 74 "--wait without ids: a full disk" sh -c 'sikka-poll --wait >/dev/full'
run 0 "again" sikka-poll --wait
is "$(said .id) " "$ids" "tells it, although nothing is pending"
is "$(left)" 0 "and once"
booking time=09:04 >in
sh -c 'sikka-book --wait in >/dev/full' 2>"$T/err"
is "$? $(state 4)" "74 completed" "sikka-book --wait: a full disk"
run 0 "the next pass" sikka-poll
is "$(said .id)" 4 "tells it"
booked 09:05
cp out records
run 74 "a record on stdin, a full disk" sh -c 'sikka-poll --wait - <records >/dev/full'
run 0 "the next pass" sikka-poll
is "$(said .id) " "$ids" "tells it"

# --- --follow -----------------------------------------------------------------------------------

booked 09:06
run 74 "--follow: a full disk" sh -c 'sikka-poll --follow --every 1s >/dev/full'
is "$(state "${ids% }")" completed "what has ended is recorded"
run 0 "--follow again" sikka-poll --follow --for 1s
is "$(said .id) $(left)" "${ids}0" "tells it at once, and once"
sikka-poll --follow >followed 2>followed.err &
follower=$!
# The follower sleeps meanwhile, in a moment in which it holds nothing: else it might see the end by itself, too.
sleeps() {
	kill -STOP "$follower"
	sql 'BEGIN EXCLUSIVE; ROLLBACK' >"$T/free" 2>&1 && return
	kill -CONT "$follower"
	return 1
}
wait_for sleeps
booked 09:07
run 74 "a pass beside it, on a full disk" sh -c "sikka-poll ${ids}>/dev/full"
kill -CONT "$follower"
tells() { [ "$(jq -r .id followed | tail -n 1) " = "$ids" ]; }
wait_for tells
ok $? "what it has left is told by the one that follows"
kill -TERM "$follower"
wait "$follower"
is "$? $(jq -r .id followed | wc -l) $(left)" "0 1 0" "once"
booked 09:08
run 0 "--follow: nobody reads" perl -e 'pipe(R, W); close R; open(STDOUT, ">&W"); exec @ARGV' sikka-poll --follow --every 1s
run 0 "it has ended, and the next pass" sikka-poll
is "$(said .id) " "$ids" "tells"

# --- offices, and several at once ----------------------------------------------------------------------

anew --rate-limit 100000 --delay 0:0
{ booking time=09:00; booking time=09:01 office_id=D20006 staff=1 type=1; } >in
run 0 "two offices" sikka-book in
later 60
run 74 "a full disk" sh -c 'sikka-poll >/dev/full'
run 0 "a pass for one of them" sikka-poll -O D20006
is "$(said .office_id)" D20006 "tells of that one"
run 0 "a pass for the other one" sikka-poll -O D36225
is "$(said .office_id) $(left)" "D36225 0" "of the other one"

many 10 60
run 0 "many" sikka-book in
later 60
pollers=
for nth in 1 2 3 4; do
	sikka-poll --wait=60s >"told.$nth" 2>"told.$nth.err" &
	pollers="$pollers $!"
	sikka-poll >"passed.$nth" 2>>"told.$nth.err" &
	pollers="$pollers $!"
done
for poller in $pollers; do wait "$poller"; done
run 0 "and what is left" sikka-poll
cat passed.* "$T/out" | jq -r .id >passed
is "$(sort passed | uniq -d | wc -l)" 0 "eight pollers at once: no pass tells what another one tells"
cat told.? passed.? "$T/out" | jq -r .id | sort -u >all
is "$(wc -l <all) $(left)" "60 0" "and each is told"

done_testing
