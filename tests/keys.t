#!/bin/sh
# SPDX-License-Identifier: MIT
# keys.t: nobody is blamed for one answer, and a key that lives is used
. "$(dirname "$0")/lib.sh"

statuses() { sql "SELECT group_concat(o, ' ') FROM (SELECT office_id || '=' || status AS o FROM keys ORDER BY office_id)"; }
events() { sql "SELECT count(*) FROM events WHERE kind='$1'"; }

start_sim
authorize
real=$SIKKA_BASE_URL
well="D20006=active D36225=active"

# --- what refuses no key ----------------------------------------------------------------------------------
# A firewall stands in front of the server: whatever it says, it isn't the server that says it.
: >"$T/answer"
start_canned "$T/answer"
html='Content-Type: text/html'
before=$(sql "SELECT office_id, secret_key, request_key, refresh_key, token_expiry FROM pms_integrations")
for says in '400 Bad Request' '401 Unauthorized' '403 Forbidden' '404 Not Found' '410 Gone' \
    '413 Content Too Large' '422 Unprocessable Content' '451 Unavailable For Legal Reasons'; do
	for body in '<html><title>Access denied</title></html>' '' '{"message":"blocked"}' '{"error_code":"WAF-7"}' '{"error_code":"API2009"}'; do
		canned "$body" "$html" "$says"
		run 69 "refresh, $says: $body" sikka-token refresh --all
		is "$(statuses) $(events reauthorize)" "$well 0" "blames nobody"
	done
done
canned '<html><title>Access denied</title></html>' "$html" '403 Forbidden'
run 69 "refresh by a firewall's page" sikka-token refresh --all -O D36225
like "$err" "D36225: HTTP 403, not JSON, but a page of HTML: Access denied" "what it said is told"
run 1 "the list of practices, 403" sikka-authorize
is "$(statuses)" "$well" "nobody is touched"
canned '<html></html>' "$html" '401 Unauthorized'
run 69 "the list of practices, 401" sikka-authorize
unlike "$err" "app_id|app key" "our app key isn't blamed, either"
run 69 "revoke, 401" sikka-token revoke D36225
canned '' "$html" '404 Not Found'
run 1 "revoke, 404" sikka-token revoke D36225
is "$(sql "SELECT office_id, secret_key, request_key, refresh_key, token_expiry FROM pms_integrations")" "$before" "all keys are as they were"
export SIKKA_BASE_URL="$real"
run 0 "without the firewall" sikka-token refresh --all
booking | sikka-book >"$T/out" 2>"$T/err"
is "$? $(said .result)" "0 pending" "all goes on"
# What the server itself says about something else than the key.
for code in API2004 API2009 API2018 API2019 API1020 API1027; do
	sim_fault "POST /request_key=status:400:$code"
	run 69 "refresh, $code" sikka-token refresh --all
	is "$(statuses) $(events reauthorize)" "$well 0" "refuses no key"
	sim_clear_faults
done

# --- refused by the server, while the key lives ------------------------------------------------------------
refuse() { sim_fault 'POST /request_key=status:401:API2003'; }
posts() { sim_count 'POST /request_key'; }
of() { sql "SELECT $1 FROM pms_integrations WHERE office_id='D36225'"; }
refuse
run 77 "refresh, refused" sikka-token refresh --all
is "$(statuses)" "D20006=suspect D36225=suspect" "all are suspect"
is "$(told .)" 2 "with a line for each"
key=$(of request_key)
run 0 "print" sikka-token print D36225
is "$out" "$key" "the key that lives is used"
run 0 "sikka-get" sikka-get patients --limit 1
booking time=10:00 | sikka-book >"$T/out" 2>"$T/err"
is "$? $(said .result)" "0 pending" "sikka-book"
run 0 "sikka-book --describe" sikka-book --describe
posts=$(posts)
run 0 "refresh within ten minutes" sikka-token refresh
is "$(said .refreshed | sort -u) $(posts)" "false $posts" "asks nothing, as the keys live for long"
run 1 "--check" sikka-status --check
like "$out" "the server refused the keys of offices once: D20006, D36225; .*sikka-token refresh" "says so"
run 0 "sikka-status" sikka-status -F table
like "$out" "D36225 +suspect .*API2003" "shows it, and why"
is "$(events reauthorize)" 0 "nobody is told yet"
later 10m
run 77 "refresh, ten minutes later" sikka-token refresh
is "$(statuses) $(events reauthorize)" "D20006=reauthorize D36225=reauthorize 2" "both must authorize again, and it is told"
run 0 "print" sikka-token print D36225
is "$out" "$key" "but the key that lives is used"
run 0 "sikka-get" sikka-get patients --limit 1
booking time=11:00 | sikka-book >"$T/out" 2>"$T/err"
is "$? $(said .result)" "0 pending" "sikka-book"
run 0 "sikka-poll" sikka-poll
posts=$(posts)
run 0 "refresh within the day" sikka-token refresh
is "$(posts)" "$posts" "asks nothing"
sim_post 'office?office_id=D36225&drop_keys=true'
run 77 "the server refuses the request key, too" sikka-get -O D36225 patients --limit 1
like "$err" "D36225 must authorize the application again" "then it is used no more"
is "$(printf '%s\n' "$err" | wc -l | tr -d ' ')" 1 "in one line"
sim_clear_faults
later 1d
run 0 "a day later refresh" sikka-token refresh
is "$(statuses)" "$well" "tries again, and all is well"
is "$(sql "SELECT count(*) FROM pms_integrations WHERE coalesce(renewal_refused_at, suspect_at) IS NOT NULL")" 0 "nothing is left of it"

# A request that names no office goes to no other one, because one is suspect for a minute.
refuse
sim_post 'office?office_id=D36225&drop_keys=true'
run 77 "refused, without a key" sikka-get -O D36225 patients --limit 1
is "$(statuses)" "D20006=active D36225=suspect" "suspect"
booking | jq -c 'del(.office_id)' >"$T/in"
run 65 "a booking without an office" sikka-book "$T/in"
like "$err" "2 offices are authorized" "is sent to none"
booking >"$T/in"
run 77 "a booking for the suspect office" sikka-book "$T/in"
like "$err" "office D36225: the server refused its keys less than a minute ago" "says why, and names the office"
booking office_id=D1 >"$T/in"
run 77 "a booking for an office that isn't known" sikka-book "$T/in"
like "$err" "office D1 isn't known here: run sikka-authorize" "names it, too"
sim_clear_faults
later 61
run 0 "after a minute" sikka-get -O D36225 patients --limit 1
is "$(statuses)" "$well" "all is well"

# Two refusals that follow one another at once are one.
refuse
sim_post 'office?office_id=D36225&drop_keys=true'
run 77 "refused" sikka-get -O D36225 patients --limit 1
run 77 "a person lists at once" sikka-authorize
is "$(statuses) $(events reauthorize)" "D20006=active D36225=suspect 2" "blames it no sooner"
sim_clear_faults
run 0 "when it is mended, sikka-authorize" sikka-authorize
is "$(statuses)" "$well" "asks at once"

# --- the list of practices ----------------------------------------------------------------------------------
# Nothing, in two ways, or most of the offices missing: each may be a mistake of the server.
start_sim
real=$SIKKA_BASE_URL
begins() { # begins: another state file, with keys
	states=$((${states:-0} + 1))
	SIKKA_DB=$T/listed$states/sikka.db
	authorize
}
empty='{"offset":"0","limit":"500","total_count":"0","items":[]}'
for says in '204 No Content' '200 OK'; do
	begins
	before=$(sql "SELECT office_id, status, secret_key, request_key, refresh_key FROM pms_integrations")
	start_canned "$T/answer"
	case $says in 2*4*) canned '' '' "$says" ;; *) canned "$empty" '' "$says" ;; esac
	run 76 "an empty list, $says" sikka-authorize -q --no-token
	like "$err" "lacks more than half of the offices, so none of them is marked as revoked" "is told"
	is "$(told .) $(events offices_missing)" "1 1" "in one line, and by an event"
	run 0 "another one at once" sikka-authorize -q --no-token
	is "$err $(events offices_missing)" " 1" "is told no more"
	later 11m
	run 0 "another one, later" sikka-authorize -q --no-token
	is "$(sql "SELECT office_id, status, secret_key, request_key, refresh_key FROM pms_integrations")" "$before" "nobody is touched"
	is "$(sql "SELECT count(*) FROM practices WHERE status <> 'active'")" 0 "no practice, either"
	later 24h
	run 76 "a day later" sikka-authorize -q --no-token
	is "$(events offices_missing)" 2 "it is told again"
	export SIKKA_BASE_URL="$real"
	later 1d
	run 0 "the list is as before" sikka-authorize
	is "$(statuses) $(sql 'SELECT count(missing_at) FROM pms_integrations') $(sql 'SELECT count(missing_at) FROM practices')" "$well 0 0" "so is all here"
done

# Such a list revokes whom the server refuses as well: a new key is asked for.
begins
sim_post 'office?office_id=D36225&authorized=false'
sim_post 'office?office_id=D20006&authorized=false'
run 76 "all have withdrawn" sikka-authorize
is "$(statuses)" "$well" "one list proves nothing"
later 10m
run 77 "ten minutes later" sikka-authorize
is "$(statuses) $(events revoked)" "D20006=revoked D36225=revoked 2" "the keys are refused, too"
sim_post 'office?office_id=D36225&authorized=true'
sim_post 'office?office_id=D20006&authorized=true'
begins
sim_fault 'GET /authorized_practices=status:204:API2005'
run 76 "a list that is empty for long" sikka-authorize
later 10m
posts=$(posts)
run 0 "ten minutes later" sikka-authorize
is "$(statuses) $(($(posts) - posts))" "$well 2" "but the server gives keys: nobody has withdrawn"
sim_clear_faults
run 0 "when the list is right again" sikka-authorize
is "$(sql 'SELECT count(missing_at) FROM pms_integrations')" 0 "the lists before count no more"

# Lists that lack an office follow one another: one in between that has it begins anew.
sim_post 'office?office_id=D20006&authorized=false'
sikka-authorize >"$T/out"
sim_post 'office?office_id=D20006&authorized=true'
later 10m
sikka-authorize >"$T/out"
sim_post 'office?office_id=D20006&authorized=false'
later 10m
run 0 "a list that lacks it, after one that had it" sikka-authorize
is "$(statuses)" "$well" "revokes nobody"
# So does one that a renewal reads, because the server refuses the keys.
sim_post 'office?office_id=D20006&authorized=true'
begins
run 0 "all is well again" sikka-authorize
sim_post 'office?office_id=D20006&authorized=false'
run 0 "a list that lacks it" sikka-authorize
sim_post 'office?office_id=D20006&authorized=true'
refuse
run 77 "its keys are refused, and a list has it" sikka-token refresh --all -O D20006
is "$(statuses)" "D20006=suspect D36225=active" "suspect"
sim_clear_faults
sim_post 'office?office_id=D20006&authorized=false'
later 11m
run 77 "a list that lacks it, after one that had it" sikka-authorize
is "$(statuses)" "D20006=reauthorize D36225=active" "revokes nobody, but the keys are refused still"
sim_post 'office?office_id=D20006&authorized=true'
# An office that the list has without its secret isn't missing from it.
begins
refuse
secret=$(sql "SELECT secret_key FROM pms_integrations WHERE office_id = 'D20006'")
sim_fault "GET /authorized_practices=edit:/$secret//"
run 77 "refused, and listed without a secret" sikka-token refresh --all -O D20006
later 11m
run 77 "again" sikka-token refresh --all -O D20006
is "$(statuses) $(sql 'SELECT count(missing_at) FROM pms_integrations')" "D20006=reauthorize D36225=active 0" "the practice must authorize again, but hasn't withdrawn"
sim_clear_faults
begins
sim_post 'office?office_id=D20006&authorized=false'

# A clock that was ahead when the office was missing.
sql "UPDATE pms_integrations SET missing_at = '2040-01-01T00:00:00.000Z' WHERE office_id = 'D20006'"
sql "UPDATE practices SET missing_at = '2040-01-01T00:00:00.000Z' WHERE office_id = 'D20006'"
sikka-authorize >"$T/out"
later 10m
run 0 "whatever a clock that was ahead has left" sikka-authorize
is "$(statuses)" "D20006=revoked D36225=active" "two lists, ten minutes apart"

done_testing
