#!/bin/sh
# SPDX-License-Identifier: MIT
# Warnings that come again and again are one line for each kind, with a count and the first line's number; the first of
# a kind is told at once
. "$(dirname "$0")/lib.sh"

start_sim --delay 0:0 --offices 12
authorize
# jq: a request with six unknown fields, at a time of its own
# shellcheck disable=SC2016 # jq's variables
strange='def strange($n): {office_id: "D36225", practice_id: "1", patient_id: "7", length: "30", description: "check-up",
    provider_id: "DOC1", operatory: "OP1", key: "order-\($n)", time: "\($n % 10 + 10):00",
    date: "2031-0\($n / 250 + 1 | floor)-\($n / 10 % 25 + 1 | floor + 100 | tostring[1:])",
    colour: 1, mood: 1, weather: 1, rhyme: 1, tune: 1, smell: 1};'
six() { # six NUMBERS: the lines of the message of so many lines
	for name in colour mood weather rhyme tune smell; do echo "sikka-book: line 3: $name: book_appointment has no such field$1"; done
}

# --- many lines ----------------------------------------------------------------------------------------
{
	booking key=plain-1 time=08:00
	booking key=plain-2 time=08:30
	jq -cn "$strange range(2000) | strange(.)"
} >many
run 0 "a dry run of 2,000 requests with six unknown fields each" sikka-book -n many
is "$err" "$(six ' (2000 lines)')" "warns in six lines: the first line's number, and how many"
is "$(wc -l <out | tr -d ' ')" 2002 "a record tells of each"
run 0 "with -q" sikka-book -n -q many
is "$err" "" "no warning"
sikka-book -n -v many >out 2>err
is "$(grep -c 'has no such field$' err)" 12000 "with -v each is written"
head -n 14 many >few
{
	cat few
	jq -cn "$strange strange(12) | .flavour = 1"
} >in
run 0 "a kind that came once" sikka-book -n in
is "$err" "$(six ' (13 lines)')
sikka-book: line 15: flavour: book_appointment has no such field" "has no count"
run 0 "several files" sikka-book -n few in
like "$err" "^sikka-book: few: line 3: colour: book_appointment has no such field .25 lines.$" "are counted together; the first one is named"

# --- at once -------------------------------------------------------------------------------------------
mkfifo pipe
warned() { # warned N: so many lines of warnings
	[ "$(wc -l <err)" -ge "$1" ]
}
follows() { # follows COMMAND …: reads a pipe, in which lines come one by one
	: >err
	exec 8<>pipe
	"$@" <pipe >out 2>err 8>&- &
	pid=$!
	head -n 4 few >&8
	wait_for warned 6
	is "$(cat err)" "$(six ' (2 lines)')" "$1 $2: the first of each kind is told while the input still comes"
	tail -n +5 few >&8
	jq -cn "$strange strange(12) | .flavour = 1" >&8
	wait_for warned 7
	like "$(tail -n 1 err)" ": line 15: flavour: book_appointment has no such field$" "and so is a new kind"
	is "$(wc -l <err | tr -d ' ')" 7 "those that are known already aren't told again"
}
ends() { # ends: no more comes
	exec 8>&-
	wait "$pid"
	is "$? $(tail -n 6 err | sed 's/^sikka-book: //')" "$1 $(six ' (11 lines, 13 in all)' | sed 's/^sikka-book: line 3/line 5/')" "but counted at the end"
}
follows sikka-book -n
ends 0
follows sikka-book --wait=1h
sim_fault 'POST /appointment=hold'
jq -cn "$strange strange(13)" >&8
wait_for sim_holds 1
later 2h
wait_for warned 13
like "$(sed -n 8p err)" "line 5: colour: book_appointment has no such field .12 lines, 14 in all.$" "a process that runs for long tells once an hour what came since"
sim_clear_faults
exec 8>&-
kill -TERM "$pid"
wait "$pid"
is "$(grep -c 'no such field' err)" 13 "and not again at the end"

# --- what became of many -------------------------------------------------------------------------------
jq -cn "$strange range(100; 150) | strange(.) | del(.colour, .mood, .weather, .rhyme, .tune, .smell)" >in
run 69 "a server that is down" env SIKKA_BASE_URL=http://127.0.0.1:1/v4 sikka-book in
told=$(printf '%s\n' "$err" | grep -c 'not_sent: Failed to connect')
# Which one fails first, and how long the next one takes, isn't the same each time.
ok "$([ "$told" -le 2 ]; echo $?)" "what wasn't sent is told at once, and its number at the end"
like "$err" "^sikka-book: line [0-9]+: request [0-9]+: not_sent: Failed to connect to 127.0.0.1 port 1: .* .(50 requests|[0-9]+ requests?, 50 in all).$" "which is right"
is "$(grep -c not_sent out)" 50 "a record tells of each"

# --- other commands ------------------------------------------------------------------------------------
sim_fault 'GET /practice_location=edit:/"ON"/"perhaps"/'
run 0 "sikka-authorize --locations" sikka-authorize --locations
like "$err" "^sikka-authorize: office D[0-9]+: the server doesn.t say of a location whether it is on: .* .12 locations.$" "one line for all offices"
sim_clear_faults
done_testing
