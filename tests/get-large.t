#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-get: a long list begins with a small page, and goes on in large ones
. "$(dirname "$0")/lib.sh"

asked() { sim_count "GET /appointments"; }
# how many records came out, how many of them only once, whether in their order, and how many requests it took
seen() {
	jq -r .appointment_sr_no "$T/out" >"$T/numbers"
	sort -nc "$T/numbers" 2>"$T/unsorted" && order=sorted || order=unsorted
	echo "$(wc -l <"$T/numbers" | tr -d ' ') $(sort -u "$T/numbers" | wc -l | tr -d ' ') $order $(($(asked) - before))"
}
# appointments WHAT SEEN [OPTION ...]
appointments() {
	what=$1 wanted=$2
	shift 2
	before=$(asked)
	run 0 "$what" sikka-get -O D36225 appointments "$@"
	is "$(seen)" "$wanted" "$wanted"
	is "$err" "" "nothing on stderr"
}

start_sim --rate-limit 10000 --records appointments=12000
authorize

# --- when large pages are asked for -----------------------------------------------------------------------
sim_fault 'GET /appointments@1=slow:2100'
appointments "a first page that took more than two seconds" "12000 12000 sorted 24"
sim_clear_faults
# From here on no time passes while a page is on its way, so each one comes soon.
time_stands

# --- how many requests ------------------------------------------------------------------------------------
appointments "12,000 records" "12000 12000 sorted 4"
appointments "three small pages, or a small one and a large one" "1500 1500 sorted 2" --limit 1500
appointments "two small ones" "1000 1000 sorted 2" --limit 1000
appointments "one" "300 300 sorted 1" --limit 300
appointments "--page-size 500" "12000 12000 sorted 24" --page-size 500
run 0 "as CSV" sikka-get -O D36225 appointments -F csv
is "$(wc -l <"$T/out" | tr -d ' ')" 12001 "the same records"

# --- the large page doesn't do ----------------------------------------------------------------------------
sim_fault 'GET /appointments@2=status:413'
appointments "5000 are too much, once" "12000 12000 sorted 6"
sim_clear_faults
sim_fault 'GET /appointments@2=cut:100000'
appointments "the large page breaks off" "12000 12000 sorted 6"
sim_clear_faults
sim_fault 'GET /appointments@2-3=status:413'
appointments "2500 are too much as well" "12000 12000 sorted 26"
sim_clear_faults
sim_fault 'GET /appointments@2-3=status:413'
run 0 "-v" sikka-get -v -O D36225 appointments
is "$(grep -c 'from now on 2500' "$T/err") $(grep -c 'from now on 500' "$T/err")" "1 1" "says each change of the size once"
sim_clear_faults
sim_fault 'GET /appointments@2=status:400:API1010'
appointments "it is refused" "12000 12000 sorted 25"
sim_clear_faults
sim_fault 'GET /appointments@2=edit:/"patient_id":"8"/"patient_id":"9"/'
appointments "it doesn't begin with the same records" "12000 12000 sorted 25"
sim_clear_faults
sim_fault 'GET /appointments@2-5=status:500:API2001'
appointments "the server fails at it, again and again" "12000 12000 sorted 28"
sim_clear_faults
sim_fault 'GET /appointments@3=status:413'
appointments "a later one is too much" "12000 12000 sorted 6"
sim_clear_faults

# --- how to go on -----------------------------------------------------------------------------------------
rest() { sed -n 's/.*get the rest with \(.*\)$/\1/p' "$T/err"; }
# breaks_off WHAT REST: with the rest all is there, once
breaks_off() {
	before=$(asked)
	run 69 "$1" sikka-get -O D36225 appointments
	is "$(rest)" "$2" "$2"
	cp "$T/out" "$T/begun"
	sim_clear_faults
	# shellcheck disable=SC2046
	run 0 "the rest" sikka-get -O D36225 appointments $(rest)
	cat "$T/begun" "$T/out" >"$T/all" && mv "$T/all" "$T/out"
	is "$(seen | cut -d ' ' -f 1-3)" "12000 12000 sorted" "is all of it"
}
sim_fault 'GET /appointments@2-=status:503:API2002'
breaks_off "the first large page stays away" "--page-size 500 --from-page 2"
sim_fault 'GET /appointments@3-=status:503:API2002'
breaks_off "the second one does" "--page-size 5000 --from-page 2"

# --- the server's own largest page ------------------------------------------------------------------------
rm -rf "$T/state"
start_sim --rate-limit 10000 --records appointments=12000 --page-max 1000
authorize
appointments "1000 are granted of 5000" "12000 12000 sorted 13"
# The second edit is for a client that asks for the large page once more; else the small page is tried again.
sim_fault 'GET /appointments@2-3=edit:/"limit":"1000"/"limit":"5000"/'
appointments "1000 come, and 5000 are said to be granted" "12000 12000 sorted 26"
sim_clear_faults
rm -rf "$T/state"
start_sim --rate-limit 10000 --records appointments=12000 --page-max 200
authorize
appointments "200 of 500" "12000 12000 sorted 60"
time_runs

done_testing
