#!/bin/sh
# SPDX-License-Identifier: MIT
# options.t: arguments, as every command takes them: in any order, none of them empty, all of them checked before
# anything is sent, and with a guess for what is misspelt
# shellcheck disable=SC2086,SC2046 # lists of words
# shellcheck disable=SC2016,SC2088 # what a shell would expand, and we do not
. "$(dirname "$0")/lib.sh"

# options COMMAND: from its --help, a line each: "--wait optional DURATION", "--db required FILE", "--quiet".
options() {
	"$1" --help | sed -n 's/^ *\(-., \)*\(--[a-z-]*\)\(.*\)/\2\3/p' |
	    sed 's/^\(--[a-z-]*\)\[=\([A-Z]*\)\].*/\1 optional \2/; s/^\(--[a-z-]*\) \([A-Z][A-Z|=a-z-]*\)\( .*\|$\)/\1 required \2/; t
		s/^\(--[a-z-]*\).*/\1/'
}
# with COMMAND OPTION: the operands without which the option makes no sense.
with() { case $1 in sikka-token) echo refresh ;; sikka-get) echo patients ;; esac; }
commands='sikka-authorize sikka-book sikka-get sikka-poll sikka-status sikka-sweep sikka-token sikka-doctor'

# --- durations and ages ---------------------------------------------------------------------------------------

# How old something may be has a unit; what is waited for may be a number of seconds.
waits=' --wait --every --for --watch '
seen=0
for name in $commands; do
	options "$name" | sed -n 's/^\(--[a-z-]*\) [a-z]* DURATION.*/\1/p' >durations
	while read -r option; do
		verb=$(with "$name") units='90s, 15m, 6h, 30d'
		case $waits in *" $option "*) units="90, $units" ;; esac
		run 64 "$name $option=soon" "$name" $verb "$option=soon" </dev/null
		is "$err" "$name: $option: 'soon' isn't a duration ($units)" "says it of $option as it is written"
		seen=$((seen + 1))
		case $waits in *" $option "*) continue ;; esac
		run 64 "$name $option=100000: an age without a unit" "$name" $verb "$option=100000" </dev/null
		like "$err" "$option: '100000' has no unit: is it 100000s, 100000m, 100000h or 100000d\?" "says which it may be"
		run 64 "$name $option=0s" "$name" $verb "$option=0s" </dev/null
		like "$err" "$option: '0s' is too short: at least [0-9]+[smhd] is needed" "has a smallest value"
	done <durations
done
[ "$seen" -gt 5 ]
ok $? "options that take a duration were found ($seen)"
run 64 "--changed-since without a unit" sikka-get patients --changed-since 36
like "$err" "'36' has no unit" "is an age, too"
for option in '--every 0' '--for 0s'; do
	run 64 "$option" sikka-poll --follow $option
	like "$err" "at least 1s is needed" "isn't for ever, nor without a pause"
done
for age in 599s 9m 0 24; do
	run 64 "--stuck-after $age" sikka-sweep --stuck-after $age
done
like "$err" "24h or 24d\?" "which unit was meant"

# --- nothing is empty -----------------------------------------------------------------------------------------

start_sim --delay 0:0
authorize
export POSIXLY_CORRECT=1
before=$(sim_get requests | jq .total)
seen=0
for name in $commands; do
	options "$name" >all
	while read -r option kind argument; do
		[ -n "$kind" ] || continue
		for value in '' ' '; do
			run 64 "$name $option='$value' (${argument%%|*})" "$name" "$option=$value" $(with "$name") </dev/null
			is "$err" "$name: $option: the value is empty (is a variable unset?)" "says which option"
		done
		seen=$((seen + 1))
	done <all
	[ "$name" = sikka-sweep ] || [ "$name" = sikka-authorize ] || continue
	run 64 "$name ''" "$name" '' </dev/null
done
[ "$seen" -gt 30 ]
ok $? "options with values were found ($seen)"
for name in sikka-book sikka-poll sikka-token; do
	run 64 "$name with an empty operand" "$name" '' </dev/null
	is "$err" "$name: an argument is empty (is a variable unset?)" "says so"
done
run 64 "a parameter without its value" sikka-get -O D36225 patients patient_id=
like "$err" "patient_id= has no value \(is a variable unset\?\)" "isn't all patients"
run 64 "nor is a field" sikka-book --choices provider_id practice_id=
is "$(sim_get requests | jq .total)" "$before" "nothing was asked with any of them"

# --- options anywhere, values attached ------------------------------------------------------------------------

booking time=09:00 >in
run 0 "an option behind the operand" sikka-book in --dry-run
is "$(sim_writebacks)" 0 "counts, whatever the environment says"
run 0 "before, between and behind" sikka-get -O D36225 patients --limit 2 sort_by=patient_id -F json
is "$(jq length "$T/out")" 2 "all of them"
run 66 "behind -- each argument is an operand" sikka-book -- in --dry-run
like "$err" '^sikka-book: --dry-run: No such file' "also one that looks like an option"
for wrong in '--wait 10m in' 'in --wait 10m'; do
	run 64 "$wrong" sikka-book $wrong
	like "$err" 'did you mean --wait=10m\?' "shows how the value is attached"
done
run 64 "sikka-poll --wait 10m" sikka-poll --wait 10m
like "$err" '"10m" isn.t the id of a request; did you mean --wait=10m\?' "likewise"
run 64 "sikka-authorize --import FILE" sikka-authorize --import keys.json
like "$err" 'takes no operands; did you mean --import=keys.json\?' "likewise"
for wrong in '--stuck' '-F tabel' '--unknown' '--again=yes' '--files none' '--wait=soon' '-p book_apointment' 'none.json'; do
	"sikka-book" in $wrong >out 2>err
	[ $? -ge 64 ]
	ok $? "sikka-book in $wrong: refused"
done
is "$(sim_writebacks)" 0 "and nothing is sent while any argument is wrong"
unset POSIXLY_CORRECT

# --- ~/ ---------------------------------------------------------------------------------------------------------

run 0 "--db=~/FILE" sikka-status -v --db='~/state/sikka.db'
like "$err" "state file: $T/state/sikka.db" "is beneath the home folder"
run 64 "without HOME" env -u HOME sikka-status --db='~/state/sikka.db'
like "$err" '^sikka-status: --db: ~/ needs HOME' "which must be there"
for value in '~ada/x' '~' '$HOME/x' '"x"' "'x'"; do
	run 64 "--db=$value" sikka-status --db="$value"
	run 64 "--backup=$value" sikka-sweep --backup "$value"
	like "$err" "^sikka-sweep: --backup: only a leading ~/ is expanded here" "isn't a name by mistake"
done
run 0 "--backup=~/FILE" sikka-sweep --backup='~/copy.db'
[ -f "$T/copy.db" ] && [ ! -e '~' ]
ok $? "likewise"

# --- did you mean ---------------------------------------------------------------------------------------------

guess() { # guess WHAT-IS-MEANT COMMAND …
	meant=$1
	shift
	run 64 "$*" "$@" </dev/null
	like "$err" "did you mean $meant\?" "means $meant"
	is "$(wc -l <"$T/err")" 1 "one line"
}
guess --help sikka-book --hlep
guess --dry-run sikka-sweep --dryrun
guess --stuck-after sikka-sweep --stuk-after=6h
guess --writebacks sikka-status --writeback-s
guess table sikka-get patients -F tabel
guess jsonl sikka-poll -F jsnol
guess refresh sikka-token refrsh
guess revoke sikka-token revok D36225
guess pending sikka-status --writebacks --state pendng
guess withdrawn sikka-status --writebacks --state withdrwan
guess failed sikka-sweep --unchecked --resolve 1=faild
guess completed sikka-sweep --resolve 1=complete
run 64 "what is near nothing" sikka-book --xyzzy=secret
is "$err" "sikka-book: unknown option --xyzzy; see sikka-book --help" "gets none, and its value isn't shown"

# --- --wait=0 ---------------------------------------------------------------------------------------------------

start_sim --delay 600:600
SIKKA_DB=$T/slow/sikka.db
authorize
for wait in 0 0s; do
	booking "time=1${#wait}:00" >in
	run 3 "sikka-book --wait=$wait looks once" sikka-book --wait=$wait in
	is "$(jq -r .result "$T/out")" pending "and ends"
	later 10
	run 3 "sikka-poll --wait=$wait" sikka-poll --wait=$wait
	later 10
	run 3 "for records" sh -c "sikka-status --writebacks | sikka-poll --wait=$wait -"
	is "$(jq -r .result "$T/out" | sort | uniq -c | tr -s ' ')" " ${#wait} pending" "likewise, once its input has ended"
done
# An id that isn't there is a wrong argument, too.
id=$(sql 'SELECT max(id) FROM pms_writebacks')
for wrong in "--withdraw 999 --withdraw $id" "--withdraw $id --withdraw 999" "--withdraw $id --resolve 999=failed --backup $T/never"; do
	run 65 "sikka-sweep $wrong" sikka-sweep $wrong
	like "$err" "there is no request 999 in the state file" "names it"
done
is "$(sim_count 'DELETE /writebacks') $(row "$id" result)" "0 pending" "nothing is withdrawn"
[ ! -e "$T/never" ]
ok $? "nothing is done at all"
booking time=12:00 patient_id= >in
run 65 "--wait follows nothing else" sikka-book --wait in
is "$(jq -r .error_code "$T/out")" invalid "if no request of the input is pending"
done_testing
