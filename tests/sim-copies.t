#!/bin/sh
# SPDX-License-Identifier: MIT
# the simulator's copies of the practices' records: how old they are, and the remote command that refreshes them
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/lib-sim.sh"

start --delay 5:5 --refresh-every 86400
new_key D36225
office() { sim -X POST "$R/office?office_id=D36225&$1" >"$T/answer"; }
listed() { new_key D36225 && key "$B/appointments?startdate=2031-02-07" >"$T/answer" && [ -s "$T/body" ] && json .total_count || echo 0; }
copied() { app "$B/data_sync_status?office_id=D36225" >"$T/answer" && json '.items[0].data_insert_date // "never"'; }
# within MINUTES: how many practices were refreshed within so many minutes
within() { app "$B/data_sync_status?office_id=D36225&interval=$1" >"$T/answer" && [ -s "$T/body" ] && json .total_count || echo 0; }
bookings() { sim "$R/state" | jq '[.writebacks[] | select(.state == "completed")] | length'; }

# --- reads show the copy ---------------------------------------------------------------------------------

first=$(copied)
is "$(book)" "201 API2016" "a booking"
advance 3600
is "$(bookings) $(listed) $([ "$(copied)" = "$first" ] && echo same)" "1 0 same" "an hour after it was carried out reads don't show it yet"
is "$(within 59) $(within 61)" "0 2" "data_sync_status knows how old the copy is"
key "$B/practice_events?events=appointments&interval=120" >"$T/answer"
is "$(cat "$T/body")" "" "nor do the practice's events have it"
advance 86400
is "$(listed) $([ "$(copied)" '>' "$first" ] && echo later)" "1 later" "the next refresh has it"
office spu=offline
second=$(copied)
advance 200000
is "$(copied)" "$second" "a server that is off refreshes nothing"
office spu=online
advance 86399
is "$(copied)" "$second" "when it is on again, it does so after the usual time"
advance 1
is "$([ "$(copied)" '>' "$second" ] && echo later)" later "and not before"
new_key D36225
book >"$T/answer"
advance 10
office refresh=now
is "$(listed)" 2 "refresh=now takes a copy"
is "$(options refresh-every=0)" ok "without copies"
new_key D36225
book >"$T/answer"
advance 10
is "$(listed) $(within 1)" "3 2" "reads show what is"
is "$(options refresh-every=soon)" "no number of seconds" "seconds only"

# --- remote commands -------------------------------------------------------------------------------------

options refresh-every=86400 >"$T/answer"
command() { app -H 'Content-Type: application/json' -d "$(jq -cn "$1")" "$B/remote_command"; }
app "$B/health_check?office_id=D36225" >"$T/answer"
spc=$(json '.items[0].spc_id')
like "$spc" '^[0-9]+$' "health_check names the utility"
new_key D36225
book >"$T/answer"
whose='office_id: "D36225", spc_id: "'$spc'"'
is "$(command "{$whose, command_name: \"refresh_data\", interval_length: \"\", interval_type: \"\", new_value: \"\"}")" "202 API1029" "the documents' own example is accepted"
id=$(json .long_message)
is "$(json .more_information)" "$B/remote_command_status?id=${id#Id:}" "and names an id"
told() { app "$B/remote_command_status?id=${id#Id:}" >"$T/answer" && json '.items[0] | [.status, .spc_id, (.command_received_time | length), (.command_executed_time | length)] | join(" ")'; }
is "$(told)" "Pending $spc 19 0" "pending at first"
advance 6
is "$(told) $(listed)" "Success $spc 19 19 4" "then done, and the copy is young"
is "$(app "$B/remote_command_status?id=1") $(app "$B/remote_command_status")" "204 400 API1020" "of what nobody knows, or that isn't named"
is "$(app "$B/remote_command_status?id=275495")" 204 "a writeback is none"
office spu=offline
command "{$whose, command_name: \"refresh_data\"}" >"$T/answer"
id=$(json .long_message)
advance 3600
is "$(told)" "Pending $spc 19 0" "a server that is off does nothing"
office spu=online
advance 6
is "$(told)" "Success $spc 19 19" "until it is on again"
for bad in '{office_id: "D36225", command_name: "refresh_data"}' '{spc_id: "'"$spc"'", command_name: "refresh_data"}' "{$whose}" \
    "{$whose, command_name: \"change_setting_schedule_interval\", interval_type: \"Hours\"}" \
    "{$whose, command_name: \"change_setting_schedule_time\"}"; do
	is "$(command "$bad")" "400 API1020" "missing: $bad"
done
for bad in "{$whose, command_name: \"restart\"}" "{$whose, command_name: \"refresh_data\", speed: \"1\"}" \
    '{office_id: "D36225", spc_id: "1", command_name: "refresh_data"}' \
    "{$whose, command_name: \"change_setting_schedule_interval\", interval_type: \"Minutes\", interval_length: \"5\"}" \
    "{$whose, command_name: \"change_setting_schedule_interval\", interval_type: \"Days\", interval_length: \"1\"}" \
    "{$whose, command_name: \"change_setting_schedule_time\", new_value: \"14:00\"}"; do
	is "$(command "$bad")" "400 API1026" "wrong: $bad"
done
is "$(command "{$whose, command_name: \"change_setting_schedule_interval\", interval_type: \"Minutes\", interval_length: \"15\"}")" "202 API1029" "an interval"
is "$(command "{$whose, command_name: \"change_setting_schedule_time\", new_value: \"02:12 AM\"}")" "202 API1029" "a time of day"
is "$(command '{office_id: "D99999", spc_id: "1", command_name: "refresh_data"}')" "401 API2007" "an office of nobody's"
is "$(key -H 'Content-Type: application/json' -d '{}' "$B/remote_command")" "400 API1001" "the application signs it, not an office"

# --- what is said of the copy ------------------------------------------------------------------------------

sim -X POST "$R/quirks?insert_date=absent" >"$T/answer"
is "$(copied)" never "it may not be said"
sim -X POST "$R/quirks?insert_date=ahead" >"$T/answer"
is "$(($(copied | cut -c1-4) - $(date -u +%Y) > 0))" 1 "or be ahead"
stop
done_testing
