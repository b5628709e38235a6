#!/bin/sh
# SPDX-License-Identifier: MIT
# probe-book.sh: the test booking of scripts/probe, which sources it: checks, hands in, follows the server's list,
# withdraws, and says what is at the practice. Whatever ends it, end_booking does the last two.
# shellcheck disable=SC2154,SC2034 # what the two files share

# A day a year ahead or more. The server's copy of the calendar has to be whole, and free at that time: what can't be
# read counts as taken.
check_date() {
	jq -en --arg date "$date" '($date | strptime("%Y-%m-%d") | mktime | strftime("%Y-%m-%d")) == $date
	    and $date >= (now | strftime("%Y-%m-%d") | "\(.[0:4] | tonumber + 1)\(.[4:])")' >/dev/null 2>&1 ||
	    fail 64 "--book wants a date a year ahead or more, as yyyy-mm-dd"
	case $time in
	[01][0-9]:[0-5][0-9] | 2[0-3]:[0-5][0-9]) ;;
	*) fail 64 "--book wants a time as HH:MM" ;;
	esac
}
check_calendar() {
	ask '{time: "\(.time // "")", length: "\(.length // "")"}' sikka-get -vv -O "$office" appointments "startdate=$date" "enddate=$date"
	[ "$code" -eq 0 ] || fail "$code" "the calendar can't be read: $(trouble)"
	! grep -qi 'data-insert: in progress' "$work/err" || fail 75 "the practice's data is being reloaded: try again later"
	taken=$(jq -rs --arg time "$time" '
	    def minutes: capture("^ *(?<h>[0-9]{1,2}):(?<m>[0-9]{2})(:[0-9]{2})?[ ]*(?<half>[AaPp][Mm])?")
	        | (.h | tonumber) % (if .half then 12 else 24 end) * 60 + (.m | tonumber)
	        + (if .half and (.half | ascii_downcase) == "pm" then 720 else 0 end);
	    ($time | minutes) as $from
	    | map(select(try ((.time | minutes) as $at | (.length | tonumber) as $length
	        | $at < $from + 30 and $from < $at + ([$length, 1] | max)) catch true)) | length' "$work/out") || taken=some
	[ "$taken" = 0 ] || fail 65 "the calendar isn't free there: $taken appointments of $office on $date at $time"
}

# The request, in $request: the example for the practice's system, with what was typed and the practice's own values.
make_request() {
	practice=$(printf '%s' "$fields" | jq -r '.practice_id // empty')
	request=$(sikka-book -q -O "$office" --example book_appointment ${practice:+"practice_id=$practice"} 2>"$work/err") ||
	    fail $? "$(tail -n 1 "$work/err")"
	practice=$(printf '%s' "$request" | jq -r '.practice_id // empty')
	for field in $(printf '%s' "$request" | jq -r --argjson given "$fields" 'keys - ($given | keys) - ["office_id", "operation", "practice_id",
	    "patient_id", "date", "time", "length", "description"] | .[]'); do
		value=$(sikka-book -q -O "$office" ${practice:+"practice_id=$practice"} --choices "$field" book_appointment 2>"$work/err" |
		    jq -rs '.[0].value // empty')
		[ -n "$value" ] || fail 65 "there is no list of values for $field: give $field=VALUE after the time"
		request=$(printf '%s' "$request" | jq -c --arg field "$field" --arg value "$value" '.[$field] = $value')
	done
	new_key="sikka-probe-$(jq -nr 'now | strftime("%Y%m%dT%H%M%SZ")')-$$"
	request=$(printf '%s' "$request" | PATIENT=$patient jq -c --arg key "$new_key" --arg date "$date" --arg time "$time" --argjson given "$fields" '
	    .patient_id = $ENV.PATIENT | .date = $date | .time = $time | .length = "30" | .key = $key
	    | if has("description") then .description = "sikka probe test to be withdrawn" else . end | . + $given')
	printf '%s\n' "$request" | sikka-book -q -n -O "$office" >/dev/null 2>"$work/err" || fail $? "$(sed 's/^sikka-book: //' "$work/err")"
}

of_row() { # of_row FILTER: of the journal's row of the booking
	sikka-status -q --writebacks --since 1d "$@" 2>"$work/status.err"
}
row() { of_row | jq -r --arg key "$key" "select(.key == \$key) | $1 // empty"; }

do_book() {
	check_date
	check_calendar
	make_request
	confirm "This books at $office on $date at $time ($(printf '%s' "$request" | jq -r '[(.practice_id | "practice " + .), (.operatory // empty | "operatory " + .)] | join(", ")')), as the server's copy shows a free time,
and withdraws it when the server's list shows it: a practice may be faster, in 15 to 60 seconds. Then it stands in
its calendar, and somebody has to cancel it there. It runs under the key $new_key."
	key=$new_key
	say "if this program is killed: sikka-status --writebacks --state pending | jq -c 'select(.key == \"$key\")' | sikka-sweep --withdraw -"
	handed=$(now)
	printf '%s\n' "$request" | sikka-book -vv -O "$office" - >"$work/booked" 2>"$work/err" &
	book_pid=$!
	wait "$book_pid"
	code=$?
	request=''
	id=$(row .writeback_id) sent=$(row '.submitted_at | .[0:19] + "Z" | fromdate')
	if [ -z "$id" ]; then
		tell open book.accepted "POST /appointment of $office" "$(trouble); no id" "accepted with an id" ""
		return
	fi
	case $(shown_body) in
	*'"long_message":"Id:'*) came='a message object with Id: in long_message' ;;
	*'"id":'*) came='an object with id and result (the brief form)' ;;
	*) came='an answer of another form, with an id' ;;
	esac
	tell 'as assumed' book.accepted "POST /appointment of $office" "HTTP $(status), $came" "both forms" "lib/api/submission.c"
	follow
}

# What a list tells of the booking, as it stands in it: names of fields, never their values.
# shellcheck disable=SC2016 # jq's variables
ECHO='select("\(.id)" == $ENV.ID)
    | ($ENV.SENT | fromjson) as $sent
    | ("\(.api_request_body // "")" | split("&") | map(select(. != "") | split("=") | {key: .[0], value: (.[1:] | join("="))}) | from_entries) as $echo
    | def names: map(select(test("^[A-Za-z0-9_-]{1,40}$"))) | join(" ");
    {at: "\(.command_time // "")", api: "\(.method // "") \(.api_name // "")", apiname: ($echo.apiname // ""),
     added: (($echo | keys) - ($sent | keys) | names),
     odd: (($echo | keys) - ($sent | keys) - ["apiname", "id", "request_key"] | names), missing: (($sent | keys) - ($echo | keys) | names),
     other: [$sent | to_entries[] | select($echo[.key] and $echo[.key] != "\(.value)").key] | names}'

# The list of yesterday, today and tomorrow, each by itself and at once, every few seconds.
follow() {
	ID=$id SENT=$(of_row --with-body | jq -c --arg key "$key" 'select(.key == $key).body')
	export ID SENT
	unseen=''
	while :; do
		asked=$(now)
		rm -f "$work"/day.*
		for at in -1 0 1; do
			ask_to "day.$at" "$ECHO" sikka-get -vv --page-size 5000 writebacks "startdate=$(day "$at" "$asked")" "enddate=$(day "$at" "$asked")" &
		done
		wait
		case $(cat "$work"/day.*.code | sort -u) in
		0) ;;
		*)
			[ -s "$work/day.-1" ] || [ -s "$work/day.0" ] || [ -s "$work/day.1" ] || {
				cp "$work/day.0.err" "$work/err"
				code=$(cat "$work/day.0.code")
				[ "$(error_code)" != API2004 ] || { tell differs book.listed "GET /writebacks" "$(trouble)" "the application may read it" "see writebacks" && return; }
			}
			;;
		esac
		! cat "$work/day.-1" "$work/day.0" "$work/day.1" | grep -q . || break
		unseen=$asked
		if [ $((asked - handed)) -gt 2100 ]; then
			tell differs book.listed "GET /writebacks of single days" "not listed after $((asked - handed)) s" "within 15 minutes" \
			    "35 minutes in lib/life (absent), 15 in sikka-life(7)"
			return
		fi
		sleep 5 &
		wait $!
	done
	listed_before=${unseen:+$((unseen - handed))} listed=$(($(now) - handed))
	# Nothing more is asked before it is withdrawn: what follows only reckons.
	end_booking
	tell_listed
}

tell_listed() {
	verdict='as assumed'
	[ "$listed" -le 900 ] || verdict=differs
	if [ -n "$listed_before" ]; then came="not after $listed_before s, listed after $listed s"; else came="listed after $listed s, at the first look"; fi
	tell "$verdict" book.listed "GET /writebacks of single days" "$came" "within 15 minutes" "35 minutes in lib/life (absent), 15 in sikka-life(7)"
	cat "$work/day.-1" "$work/day.0" "$work/day.1" | head -n 1 >"$work/seen"
	text=$(jq -r --argjson sent "$sent" "$MOMENT"'try (((.at | moment) - $sent) / 900 | round * 900) catch empty' "$work/seen")
	tell 'as assumed' book.times "command_time of the booking" "$(jq -nr "$MOMENT"'"UTC\('"${text:-0}"' | zone)"')" "no zone is assumed: these times aren't compared" ""
	: >"$work/bounds"
	for at in -1 0 1; do
		[ ! -s "$work/day.$at" ] || jq -n --argjson asked "$asked" --argjson at "$at" --argjson sent "$sent" \
		    '($asked / 86400 | floor + $at) * 86400 - $sent' >>"$work/bounds"
	done
	tell_days book.days "GET /writebacks of yesterday, today and tomorrow" 1 "${text:-0}"
	verdict='as assumed'
	added=$(jq -r .added "$work/seen") missing=$(jq -r .missing "$work/seen") other=$(jq -r .other "$work/seen")
	[ -z "$(jq -r .odd "$work/seen")$missing$other" ] || verdict=differs
	tell "$verdict" book.echo "api_request_body of the booking" "added: ${added:-nothing}; missing: ${missing:-nothing}; spelled otherwise: ${other:-nothing}" \
	    "all that was sent, with apiname and id added" "lib/api/echo.c and lib/life/match.c: no strict match is found"
	api=$(jq -r .api "$work/seen")
	case $api in
	'POST appointment' | 'POST appointments') verdict='as assumed' ;;
	*) verdict=differs api=$(printf '%s' "$api" | tr -cd 'A-Za-z /_-' | cut -c 1-40) ;;
	esac
	tell "$verdict" book.api "method and api_name of the booking" "$api" "POST and appointment, with a plural s or not" "lib/life/match.c"
}

# Withdraws what is pending, and says what is at the practice now. Once, whatever ended the booking.
end_booking() {
	[ -n "$key" ] || return
	trap '' INT TERM HUP PIPE
	[ -z "$book_pid" ] || wait "$book_pid"
	for _ in 1 2 3; do
		of_row >/dev/null || { sleep 5 && continue; } # the state file is busy
		case $(row .result) in
		pending) ask .event sikka-sweep -vv -O "$office" --withdraw "$(row .id)" ;;
		queued | submitting | unknown) ask .id sikka-poll -vv -O "$office" "$(row .id)" ;;
		*) break ;;
		esac
		# Once more where the DELETE didn't leave: after an unknown one was found, or without a network.
		if [ "$(row .result)" != pending ] || grep -q '^sikka-sweep: > DELETE' "$work/err"; then break; fi
	done
	say_what_stands
	key=''
}
is_sent_again() { # whether sikka-sweep --retry would send the request again, or that can't be asked
	ask 'select(.would == "send again" and .id == "'"$number"'") | .id' sikka-sweep -n -O "$office" --retry
	[ -s "$work/out" ] || [ "$code" -ge 64 ]
}
say_what_stands() {
	if ! of_row >/dev/null; then
		left=2
		tell differs book.stands "what is at the practice now" "perhaps the booking: the state file can't be read" "nothing" "what is said there"
		say "the state file can't be read. Type as soon as it can be: sikka-status --writebacks | jq -c 'select(.key == \"$key\")' | sikka-sweep --withdraw -"
		return
	fi
	number=$(row .id) result=$(row .result) writeback=$(row .writeback_id)
	change="sikka-status --writebacks $number"
	case $result in
	withdrawn)
		deleted=$(grep -E '^sikka-sweep: < .*writebacks\?id=' "$work/err" | sed -n 's/.*< \([0-9]*\) in .*/HTTP \1/p' | head -n 1)
		api=$(grep -E '^sikka-sweep: < .*writebacks\?id=' "$work/err" | grep -oE '"error_code":"API[0-9]+"' | grep -oE 'API[0-9]+' | head -n 1)
		ask 'select("\(.id)" == "'"$writeback"'") | .id' sikka-get -vv --page-size 5000 writebacks "startdate=$(day -1)" "enddate=$(day 1)"
		if [ "$code" -eq 0 ] && [ ! -s "$work/out" ]; then
			came="$deleted $api; the list doesn't show it any more" verdict='as assumed'
			stands="nothing: it is withdrawn. In case its server had fetched it before, sikka-sweep looks again: type it in 20 minutes, if cron doesn't run it; then $change"
		else
			came="$deleted $api; the list ($(trouble)) may still show it" verdict=differs left=3
			stands="perhaps the booking, although it is withdrawn. Type in some minutes: sikka-sweep; $change"
		fi
		tell "$verdict" book.withdrawn "DELETE /writebacks and GET /writebacks" "$came" "API4006, and it is gone from the list" "lib/life/withdraw.c"
		;;
	completed)
		left=3 stands="the booking, as appointment $(row .appointment_sr_no). Cancel it there, or type (the word is one of: sikka-get -O $office appointment_statuses): echo '{\"office_id\": \"$office\", \"practice_id\": \"$(row .practice_id)\", \"appointment_sr_no\": \"$(row .appointment_sr_no)\", \"value\": \"WORD\"}' | sikka-book -p update_appointment_status"
		;;
	pending) left=3 stands="the booking is on its way to it, and will be carried out. Type: sikka-sweep --withdraw $number" ;;
	failed)
		if is_sent_again; then
			left=2 stands="nothing yet: the booking failed ($(row .error_code)), and sikka-sweep --retry, which cron may run, may send it again. When it is pending then, type: sikka-sweep --withdraw $number"
		else
			stands="nothing: the booking was refused ($(row .error_code))"
		fi
		;;
	'') stands="nothing: the booking wasn't handed in" ;;
	*) left=2 stands="perhaps the booking: request $number is $result. Type in 35 minutes: sikka-sweep; $change; and, if it is pending then: sikka-sweep --withdraw $number. If it didn't arrive, sikka-sweep --retry, which cron may run, may send it again" ;;
	esac
	[ "$left" -eq 0 ] && verdict='as assumed' || verdict=differs
	tell "$verdict" book.stands "what is at the practice now" "$stands" "nothing" "what is said there"
	say "at the practice $office: $stands"
}
