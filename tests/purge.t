#!/bin/sh
# SPDX-License-Identifier: MIT
# What is cleared from the state file: by age, from an hour on
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0 --pms D20006=Dentrix:G6.2
authorize
traces() { cat "$T"/state/* | strings -n 4 | grep -c "$1"; } # traces TEXT: how often the files of the folder hold it

# --- ages from an hour ---------------------------------------------------------------------------------------

booking description=Zzyzxone time=09:00 >in
run 0 "a booking without a key" sikka-book --wait=60s in
booking description=Zzyzxtwo time=09:10 key=order-2 >in2
run 0 "one with a key" sikka-book --wait=60s in2
later 40m
run 0 "a purge of what ended an hour ago" sikka-sweep --purge-after 60m
is "$(row 1 'request_body IS NOT NULL') $(row 1 purged_at)" "1 " "clears nothing that is younger"
later 21m
run 0 "later" sikka-sweep -v --purge-after 1h
is "$(row 1 'request_body IS NULL')$(row 2 'request_body IS NULL') $(traces Zzyzx)" "11 0" "it clears the bodies, and no trace is left"
purged=$(row 1 purged_at)
left=$(posts)
run 0 "within the day an equal request" sikka-book in
is "$(said .duplicate) $(said .id) $(posts)" "true 1 $left" "is a duplicate all the same, and isn't sent"
run 0 "by its key, too" sikka-book in2
is "$(said .duplicate) $(said .id) $(posts)" "true 2 $left" "is one"
run 0 "another purge" sikka-sweep -v --purge-after 1h
like "$err" "from 0 requests" "finds nothing more"
is "$(row 1 purged_at)" "$purged" "and doesn't say that it did"
later 23h
run 0 "after the day" sikka-sweep --purge-after 36h
is "$(row 1 'content_key IS NOT NULL')" 1 "an age in hours beyond a day counts as well"
run 0 "and a purge of an hour" sikka-sweep --purge-after 1h
is "$(row 1 'content_key IS NULL AND holds_content = 0')" 1 "clears the digest, too"
run 0 "then the request" sikka-book in
is "$(said .duplicate) $(posts)" "false $((left + 1))" "is a new one, as it is without a purge"
run 0 "but never by its key" sikka-book in2
is "$(said .duplicate) $(posts)" "true $((left + 1))" "which stays for good"

# --- many: in portions --------------------------------------------------------------------------------------

left() { sql "SELECT count(*) FROM pms_writebacks WHERE request_body LIKE '%Zzyzxmany%'"; }
copies 1200 1 /appointment '{"description":"Zzyzxmany"}'
under_strace -o trace -e trace=clock_nanosleep -e inject=clock_nanosleep:signal=KILL:when=1 sikka-sweep --purge-after 1h >swept 2>&1
is "$(left)" 700 "killed in the pause after the first portion, 500 are cleared"
run 0 "the next run" sikka-sweep -v --purge-after 1h
like "$err" "cleared patients' data from 70[0-9] requests" "goes on where that one ended"
is "$(left) $(traces Zzyzxmany)" "0 0" "until no byte is left"

done_testing
