#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-get: several offices side by side, and going on where a long list broke off
. "$(dirname "$0")/lib.sh"

lines() { wc -l <"$T/out" | tr -d ' '; }
asked() { sim_count "GET /$1"; }
# what came out, by office
counts() { jq -r .office_id "$1" | sort | uniq -c | tr -s ' ' | tr '\n' ,; }
# how often the office changes from one record to the next
changes() { jq -r .office_id "$1" | uniq | wc -l | tr -d ' '; }

start_sim --page-max 50 --rate-limit 10000 --offices 12 --records patients=120
authorize

# --- side by side -----------------------------------------------------------------------------------------
run 0 "twelve offices" sikka-get patients --page-size 5
is "$(jq -r .office_id "$T/out" | sort -u | wc -l | tr -d ' ')" 12 "all are there"
is "$(jq -r 'select(.office_id == "D36225").patient_id' "$T/out" | sort -u | wc -l | tr -d ' ')" 120 "none twice, none lost"
is "$(jq -r 'select(.office_id == "D36225").patient_id' "$T/out" | sort -nc 2>&1)" "" "each office's in their order"
[ "$(changes "$T/out")" -gt 12 ]
ok $? "their pages come side by side ($(changes "$T/out") times another office)"
is "$(jq -r '.office_id' "$T/out" | uniq -c | awk '{ print $1 }' | sort -rn | tail -n 1 | tr -d ' ')" "$(jq -r '.office_id' "$T/out" | uniq -c | awk '{ print $1 }' | sort -n | head -n 1)" "a page is together"
everything=$(counts "$T/out")

# The slowest office holds up no other: all others are finished before its first page comes.
sim_fault 'GET /patients@1=hold'
before=$(asked patients)
sikka-get patients --page-size 50 >"$T/slow" 2>"$T/slow.err" &
pid=$!
others() { [ "$(asked patients)" -ge $((before + 11)) ]; }
wait_for others
ok $? "the others are asked while one office is slow"
sim_clear_faults
wait $pid
is $? 0 "and all is well"
is "$(counts "$T/slow")" "$everything" "all the same records"

run 0 "--limit counts for each" sikka-get patients --limit 7 --page-size 3
is "$(jq -r .office_id "$T/out" | sort | uniq -c | awk '{ print $1 }' | sort -u)" 7 "7 of each"
sim_post 'office?office_id=D10003&authorized=false'
sikka-authorize >/dev/null
later 10m
sikka-authorize >/dev/null
run 77 "one that has withdrawn" sikka-get -q patients --limit 1
is "$(lines)" 11 "is left out"
is "$(told .) $(told '^sikka-get: not read: office D10003 has withdrawn its authorization: .*sikka-authorize --forget D10003$')" "1 1" \
    "which one line says, with -q too"
run 0 "those that are named" sikka-get -O D20006 -O D36225 patients --limit 1
is "$(lines) $err" "2 " "are read without a word of it"

sikka-authorize -O D20006 --export | sikka-authorize -D "$T/alone/sikka.db" --import >"$T/out"
run 77 "one whose keys were revoked, and no other" sh -c 'sikka-token -D "$1" revoke D20006 >"$2" && sikka-get -D "$1" patients' sh "$T/alone/sikka.db" "$T/out"
like "$err" "no office has a request key: sikka-token list" "isn't an empty list"

# --- one of several fails -----------------------------------------------------------------------------------
sim_fault 'GET /patients@3=status:500:API2010'
run 1 "one page of one office" sikka-get -O D20006 -O D36225 patients --page-size 30
like "$err" "^sikka-get: .*D(36225|20006): .*API2010" "the line names the office"
is "$(printf '%s\n' "$err" | wc -l | tr -d ' ')" 1 "one line"
sim_clear_faults
sim_fault 'GET /patients=status:500:API2010'
run 1 "all of them" sikka-get -O D20006 -O D36225 patients
is "$(printf '%s\n' "$err" | sed 's/.*\(D[0-9]*\):.*/\1/' | sort | tr '\n' ' ')" "D20006 D36225 " "a line each"
sim_clear_faults

# --- going on -----------------------------------------------------------------------------------------------
rest() { sed -n 's/.*get the rest with \(.*\)$/\1/p' "$T/err"; }
sim_fault 'GET /patients@3=status:500:API2010'
run 1 "the third page fails" sikka-get -O D36225 patients --page-size 20
is "$(lines)" 40 "two are out"
is "$(rest)" "--page-size 20 --from-page 3" "the line says how to go on"
like "$err" "40 records were written" "and after how many"
cp "$T/out" "$T/all"
sim_clear_faults
before=$(asked patients)
# shellcheck disable=SC2046
run 0 "as it says" sikka-get -O D36225 patients $(rest)
is "$(lines) $(($(asked patients) - before)) $err" "80 4 " "the other four pages, and no warning"
is "$(cat "$T/all" "$T/out" | jq -r .patient_id | sort -u | wc -l | tr -d ' ') $(cat "$T/all" "$T/out" | wc -l | tr -d ' ')" "120 120" "together all, none twice"

sim_fault 'GET /patients@2-=status:500:API2010'
run 1 "a smaller page was granted than asked for" sikka-get -O D36225 patients
is "$(rest)" "--page-size 50 --from-page 2" "the granted size counts"
sim_clear_faults
# shellcheck disable=SC2046
run 0 "and serves" sikka-get -O D36225 patients $(rest)
is "$(lines)" 70 "the rest"

sim_fault 'GET /patients@2=status:500:API2010'
run 1 "with a limit of 75" sikka-get -O D36225 patients --limit 75
is "$(rest)" "--page-size 50 --from-page 2 --limit 25" "what is left of it"
sim_clear_faults
# shellcheck disable=SC2046
run 0 "the rest" sikka-get -O D36225 patients $(rest)
is "$(jq -r .patient_id "$T/out" | sed -n '1p;$p' | tr '\n' ' ')$(lines)" "51 75 25" "is the right one"

sim_fault 'GET /patients@2=status:500:API2010'
run 1 "the second page of this run is the fourth" sikka-get -O D36225 patients --page-size 20 --from-page 3
is "$(rest)" "--page-size 20 --from-page 4" "counts on"
sim_clear_faults
sim_fault 'GET /patients@1=status:500:API2010'
run 1 "the first page fails" sikka-get -O D36225 patients
is "$(rest)" "" "there is nothing to go on with"
run 0 "past the end" sikka-get -O D36225 patients --page-size 20 --from-page 99
is "$out$err" "" "is nothing"
run 0 "page 1 is all" sikka-get -O D36225 patients --from-page 1
is "$(lines)" 120 "as without"
run 64 "--from-page with several offices" sikka-get patients --from-page 2
like "$err" "-O" "wants one named"
for bad in 0 -1 x ''; do run 64 "--from-page '$bad'" sikka-get -O D36225 patients --from-page "$bad"; done

# All tries are used up on one page.
sim_fault 'GET /patients@2-=status:503:API2002'
before=$(asked patients)
run 69 "a page that stays overloaded" sikka-get -O D36225 patients
is "$(lines) $(($(asked patients) - before))" "50 5" "is asked for four times"
is "$(rest)" "--page-size 50 --from-page 2" "and can be had later"
sim_clear_faults

# A list so long that the key expires twice while it is read.
sim_fault 'GET /patients@2=status:400:API1025'
sim_fault 'GET /patients@5=status:400:API1025'
before=$(sim_count 'POST /request_key')
run 0 "the key is refused twice, with pages between" sikka-get -O D36225 patients --page-size 30
is "$(lines) $(($(sim_count 'POST /request_key') - before))" "120 2" "is renewed twice"
sim_clear_faults

# a signal in the middle
sim_fault 'GET /patients@3=hold'
before=$(asked patients)
sikka-get -O D36225 patients --page-size 20 >"$T/out" 2>"$T/err" &
pid=$!
wait_for sim_holds 1
signal TERM $pid
sim_clear_faults
wait $pid
is $? 75 "SIGTERM in the middle"
pages=$(($(asked patients) - before))
is "$(lines)" $((pages * 20)) "what is on the wire is finished ($pages pages)"
is "$(rest)" "--page-size 20 --from-page $((pages + 1))" "and the line says what remains"

# A reader of the pipe that closes it early.
run 0 "a reader that goes away" sh -c 'sikka-get patients --page-size 1 | head -n 3'
is "$(lines)$err" 3 "is no trouble"
[ "$(asked patients)" -lt 2000 ]
ok $? "and not everything is asked for"
# --- lists that don't end as they should -----------------------------------------------------------------------
together() { cat "$@" | jq -r .patient_id | sort -u | wc -l | tr -d ' '; }
# go_on CODE: with the options that the line names; without the fault all is there then, and nothing twice
go_on() {
	cp "$T/out" "$T/begun"
	sim_clear_faults
	# shellcheck disable=SC2046
	run 0 "$1: going on" sikka-get -O D36225 patients $(rest)
	is "$(together "$T/begun" "$T/out") $(cat "$T/begun" "$T/out" | wc -l | tr -d ' ')" "120 120" "$1: together all, none twice"
}
sim_fault 'GET /patients=repeats'
before=$(asked patients)
run 76 "each page is the first one again" sikka-get -O D36225 patients --page-size 20
is "$(lines) $(($(asked patients) - before))" "20 3" "the second is asked for once more"
like "$err" "/patients: page 2 repeats one that came before; 20 records were written" "which is said"
is "$(rest)" "--page-size 20 --from-page 2" "and how to go on"
go_on repeats
sim_post 'quirks?total=absent'
sim_fault 'GET /patients=repeats'
run 76 "the same without a count" sikka-get -O D36225 patients --page-size 40
is "$(lines) $(rest)" "40 --page-size 40 --from-page 2" "ends, too"
sim_clear_faults
run 0 "a list without a count" sikka-get -O D36225 patients --page-size 50
is "$(lines)" 120 "ends with its short page"
sim_fault 'GET /patients=endless'
run 76 "pages without an end" sikka-get -O D36225 patients --page-size 2
is "$(lines) $(rest)" "2000 --page-size 2 --from-page 1001" "a thousand of them are read"
sim_clear_faults
curl -sS -X DELETE "$SIM/quirks" >/dev/null
for how in short:7 short:20 status:204; do
	sim_fault "GET /patients@3=$how"
	before=$(asked patients)
	run 0 "$how: in the middle, once" sikka-get -O D36225 patients --page-size 20
	is "$(lines) $(($(asked patients) - before)) $err" "120 7 " "$how: is asked for once more, and is whole"
	sim_clear_faults
	sim_fault "GET /patients@3-4=$how"
	run 76 "$how: in the middle, twice" sikka-get -O D36225 patients --page-size 20
	is "$(lines) $(rest)" "40 --page-size 20 --from-page 3" "$how: what is sure is written"
	like "$err" "page 3 is too short: the server counts 120 records" "$how: which is said"
	go_on "$how"
done
sim_fault "GET /patients@1-2=short:7"
run 76 "short: the first page" sikka-get -O D36225 patients --page-size 20
is "$(lines) $(rest)" "0 --page-size 20 --from-page 1" "nothing is sure"
go_on "the first page"
sim_fault 'GET /patients=total:3'
run 76 "a count that isn't reached" sikka-get -O D36225 patients --page-size 50
is "$(lines) $(together "$T/out")" "120 120" "all that there are come"
like "$err" "page 3 is too short: the server counts 123 records; 120 records were written; .*--page-size 50 --from-page 3$" "and the line says what is missing"
sim_clear_faults
sim_fault 'GET /patients=total:-30'
run 76 "more than are counted" sikka-get -O D36225 patients --page-size 50
like "$err" "the list changed while it was read: .*--page-size 50 --from-page 2$" "is torn"
sim_clear_faults
sim_fault 'GET /authorized_practices=repeats'
sikka-authorize -q --no-token >"$T/out" 2>"$T/err"
is "$(sql "SELECT count(*) FROM pms_integrations WHERE status = 'revoked'")" "$(sql "SELECT count(*) FROM pms_integrations WHERE office_id = 'D10003'")" "a list of practices that repeats revokes nobody more"
sim_clear_faults
sim_post 'quirks?links=foreign'
run 0 "links that lead elsewhere" sikka-get -O D36225 patients --page-size 50
is "$(together "$T/out")" 120 "no link is followed"
is "$(sim_get requests | jq .secrets_in_urls)" 0 "no secret was in a URL"
done_testing
