#!/bin/sh
# SPDX-License-Identifier: MIT
# How a writeback ended, in both dialects and every spelling; an unclear answer doesn't end it
. "$(dirname "$0")/lib.sh"

# Requests of another program's, and several state files in turn at one server, are no sign of a lost file here.
export SIKKA_SHARED_OFFICES='*'

start_sim --rate-limit 100000 --delay 0:0 --spu-offline D36225
authorize
i=0
while [ "$i" -lt 59 ]; do booking "time=$(printf '09:%02d' "$i")"; i=$((i + 1)); done >in
run 0 "fifty-nine pending ones" sikka-book in
start_canned "$T/answer"
id=0

# answer JSON: the server answers so from now on; ID stands for the writeback id of the next row
answer() {
	id=$((id + 1))
	body=$(printf '%s' "$1" | sed "s/ID/$(row "$id" writeback_id)/g")
	{ printf 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n' "$(printf %s "$body" | wc -c)"
	  printf %s "$body"; } >"$T/answer"
}
# says WHAT RESULT JSON: writeback_status answers so; then the row is RESULT
says() {
	answer "$3"
	sikka-poll "$id" >polled 2>polled.err
	is "$(row "$id" "result || ifnull(' ' || error_code, '') || ifnull(' ' || error_message, '') || ifnull(' ' || created_id, '')")" "$2" "$1"
}

# --- well ------------------------------------------------------------------------------------------------

says "as documented, wrapped" "completed 88" '[{"offset":"0","limit":"50","total_count":"1","items":[{"id":"ID","is_completed":"True","has_error":"False","status":"Success","result":"New Appointment inserted successfully","created_id":"88"}]}]'
says "not wrapped" "completed 88" '{"total_count":"1","items":[{"id":"ID","is_completed":"True","has_error":"False","status":"Success","created_id":"88"}]}'
says "in capitals" completed '{"items":[{"id":"ID","is_completed":"TRUE","has_error":"FALSE","status":"SUCCESS"}]}'
says "in small letters" completed '{"items":[{"id":"ID","is_completed":"true","has_error":"false","status":"success"}]}'
says "booleans and numbers" "completed 88" '{"items":[{"id":ID,"is_completed":true,"has_error":false,"created_id":88}]}'
says "no word about an error, but Success" completed '{"items":[{"id":"ID","is_completed":"True","has_error":"","status":"Success"}]}'
says "the bare item" completed '{"id":"ID","is_completed":"True","has_error":"False","status":"Success"}'
says "the brief dialect's word" completed '{"id":"ID","result":"completed"}'
is "$(sql "SELECT count(*) FROM pms_writebacks WHERE created_id = writeback_id")" 0 "the writeback's own id is never the record's"

# --- badly -------------------------------------------------------------------------------------------------

says "an error" "failed pms_refused appointment already scheduled" '[{"items":[{"id":"ID","is_completed":"True","has_error":"True","status":"Failed","result":"appointment already scheduled"}]}]'
says "a boolean" "failed pms_refused x" '{"items":[{"id":"ID","is_completed":true,"has_error":true,"result":"x"}]}'
says "the word Error" "failed pms_refused x" '{"items":[{"id":"ID","is_completed":"True","has_error":"","status":"ERROR","result":"x"}]}'
says "the word Failed, and not completed" "failed pms_refused" '{"items":[{"id":"ID","is_completed":"","has_error":"","status":"failed"}]}'
says "the brief dialect's word" "failed pms_refused Failed" '{"id":"ID","result":"Failed"}'

# --- not said clearly ----------------------------------------------------------------------------------------

says "as seen in production: empty, and Pending" pending '{"items":[{"id":"ID","is_completed":"","has_error":"","status":"Pending","current_status":"queued"}]}'
says "False" pending '{"items":[{"id":"ID","is_completed":"False","has_error":"False","status":""}]}'
says "null" pending '{"items":[{"id":"ID","is_completed":null,"has_error":null,"status":null}]}'
says "completed, with no word about success" "unknown ended_unclear" '{"items":[{"id":"ID","is_completed":"True","has_error":"","status":""}]}'
says "completed with an error and Success" "unknown ended_unclear Success" '{"items":[{"id":"ID","is_completed":"True","has_error":"True","status":"Success"}]}'
says "Success, and not completed" "unknown ended_unclear Success" '{"items":[{"id":"ID","is_completed":"False","has_error":"False","status":"Success"}]}'
says "a word that isn't known" pending '{"items":[{"id":"ID","is_completed":"","has_error":"","status":"Running"}]}'
says "a truth that is none" pending '{"items":[{"id":"ID","is_completed":"soon","has_error":"no idea","status":"Pending"}]}'
says "another one's end" pending '{"items":[{"id":"1","is_completed":"True","has_error":"False","status":"Success"}]}'
says "no item" pending '{"items":[]}'
says "an acceptance" pending '{"http_code":"200","error_code":"API0007","short_message":"ok","long_message":"Id:ID"}'

# --- an end told by halves ------------------------------------------------------------------------------------

says "completed without an error, and Failed" "unknown ended_unclear chair taken" '{"items":[{"id":"ID","is_completed":"True","has_error":"False","status":"Failed","result":"chair taken"}]}'
half=$id
says "the same with Error" "unknown ended_unclear chair taken" '{"items":[{"id":"ID","is_completed":"True","has_error":"False","status":"Error","result":"chair taken"}]}'
says "neither completed nor an error, and Cancelled" "unknown ended_unclear 2031-03-03 : taken back" '{"items":[{"id":"ID","is_completed":"False","has_error":"False","status":"Cancelled","current_status":"2031-03-03 : taken back"}]}'
says "no error, and Failed" "unknown ended_unclear Failed" '{"items":[{"id":"ID","is_completed":"","has_error":"False","status":"Failed"}]}'
says "an error, and Pending" "unknown ended_unclear Pending" '{"items":[{"id":"ID","is_completed":"","has_error":"True","status":"Pending"}]}'
says "Success, and the text failed" "unknown ended_unclear failed" '{"items":[{"id":"ID","is_completed":"True","has_error":"False","status":"Success","result":"failed"}]}'
says "the brief dialect's text of an error" "failed pms_refused PMS database locked" '{"id":"ID","result":"failed","error_message":"PMS database locked"}'
is "$(event_kinds "$half")" "queued submitting pending ended_unclear" "a person hears of an end that isn't clear"
like "$(sql "SELECT text FROM events WHERE kind = 'ended_unclear' AND row_id = $half")" "is unknown: the server says that it has ended, but not clearly how" "what has happened"

# --- in the list, where the plan lacks writeback_status -----------------------------------------------------------

sql "INSERT INTO facts (name, value) VALUES ('no_writeback_status_at', $(date +%s)000)"
# lists WHAT RESULT RESULT-AND-TIME: the list shows this; then the row is RESULT
lists() {
	says "$1" "$2" '{"offset":"0","limit":"5000","total_count":"1","items":[{"id":"ID","office_id":"D36225","method":"POST","api_name":"appointment","api_request_body":"a=b",'"$3}]}"
}
lists "the list says completed" completed '"result":"completed","completed_time":"2031-03-03T09:00:00"'
lists "in another case" completed '"result":"Completed","completed_time":""'
lists "failed" "failed pms_refused Failed" '"result":"Failed","completed_time":"2031-03-03T09:00:00"'
lists "pending" pending '"result":"pending","completed_time":""'
lists "the practice's text and a time: an end, and nobody can say which" "unknown ended_unclear New Appointment inserted successfully" '"result":"New Appointment inserted successfully","completed_time":"2031-03-03T09:00:00"'
lists "a text that begins with completed is no word of the dialect" "unknown ended_unclear completed with errors" '"result":"completed with errors","completed_time":"2031-03-03T09:00:00"'
lists "a text and no time" pending '"result":"in the queue","completed_time":""'
lists "no result" pending '"completed_time":""'
lists "pending, and a time: they contradict each other" "unknown ended_unclear pending" '"result":"pending","completed_time":"2031-03-03T09:00:00"'
lists "cancelled" "unknown ended_unclear Cancelled" '"result":"Cancelled","completed_time":""'
lists "the brief dialect's text of an error" "failed pms_refused PMS database locked" '"result":"failed","error_message":"PMS database locked","completed_time":"2031-03-03T09:00:00"'
# a list in two parts each time: the file was begun just now, and a second list is still due
is "$(grep -c '^GET /v4/writeback_status' canned.log) $(grep -c '^GET /v4/writebacks?' canned.log)" "31 22" "asked for by status, then by the list alone"

# --- a clear answer later -------------------------------------------------------------------------------------

sql "DELETE FROM facts WHERE name = 'no_writeback_status_at'"
# again ROW RESULT JSON WHAT: it is asked for once more, and answered so
again() {
	later 61
	keep=$id id=$(($1 - 1))
	answer "$3"
	id=$keep
	sikka-poll "$1" >polled 2>polled.err
	is "$(row "$1" "result || ifnull(' ' || error_code, '') || ifnull(' ' || error_message, '') || ifnull(' ' || created_id, '')")" "$2" "$4"
}
again "$half" "unknown ended_unclear chair taken" '{"items":[{"id":"ID","is_completed":"True","has_error":"True","status":"Success"}]}' "as long as it isn't clear, it stays unknown"
again "$half" "completed 88" '{"items":[{"id":"ID","is_completed":"True","has_error":"False","status":"Success","created_id":"88"}]}' "a clear answer later settles it"
again $((half + 1)) "failed pms_refused chair taken" '{"items":[{"id":"ID","is_completed":"True","has_error":"True","status":"Failed","result":"chair taken"}]}' "the other way, too"
again $((half + 2)) "pending" '{"items":[{"id":"ID","is_completed":"False","has_error":"False","status":""}]}' "or it is pending after all"
done_testing
