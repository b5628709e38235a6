#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-book waits no longer than it must: rows that are withdrawn while they wait for the next window are
# dropped at once, and not at eight a minute.
. "$(dirname "$0")/lib.sh"

start_sim --delay 0:0 --rate-limit 40 --rate-window 6
authorize
# Now the limit is known.
sikka-get -O D36225 providers >/dev/null

i=0
while [ "$i" -lt 100 ]; do
	i=$((i + 1))
	printf '{"office_id":"D36225","practice_id":"1","patient_id":"7","date":"2031-03-%02d","time":"%02d:00","length":"30","description":"w%d","provider_id":"DOC1","operatory":"OP1"}\n' \
	    $((1 + i / 10)) $((8 + i % 10)) "$i"
done >in
# The first window takes 39 of them. On a machine so slow that the second one begins meanwhile, that one takes none.
sim_fault 'POST /appointment@40-=hold'
sikka-book in >records 2>book.err &
book=$!
sim_pids="$sim_pids $book"

sent() { [ "$(sim_count 'POST /appointment')" -ge 39 ]; }
wait_for sent
ok $? "it sends"
sql "SELECT json_object('id', CAST(id AS TEXT)) FROM pms_writebacks WHERE result = 'queued'" >waiting
sikka-sweep --withdraw - <waiting >/dev/null 2>&1
began=$(date +%s)
sim_clear_faults
wait "$book"
is "$?" 1 "it ends: what was withdrawn isn't booked"
took=$(($(date +%s) - began))
ok $((took >= 55)) "at once, not eight a minute ($took s)"
withdrawn=$(sql "SELECT count(*) FROM pms_writebacks WHERE result = 'withdrawn'")
ok $((withdrawn <= 8)) "that were many ($withdrawn)"
is "$(grep -c . records)" 100 "a record for each"
is "$(sim_writebacks)" $((100 - withdrawn)) "none of the withdrawn was sent"

# --- a signal, with --wait -----------------------------------------------------------------------------------

anew --delay 0:0
spu offline
{ booking time=09:00; booking time=09:30; booking time=09:30; } >in
sikka-book -v --wait in >records 2>book.err &
book=$!
both_wait() { [ "$(sql "SELECT count(*) FROM pms_writebacks WHERE result = 'pending'")" -eq 2 ] && grep -q "is a duplicate" book.err; }
wait_for both_wait
signal TERM "$book"
wait "$book"
is "$?" 75 "it follows three requests, and a signal ends it"
is "$(jq -r '[.id, .result, .duplicate] | map(tostring) | join(" ")' records | sort | tr '\n' ',')" "1 pending false,2 pending false,2 pending true," "each has a record, as it is then"
done_testing
