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

done_testing
