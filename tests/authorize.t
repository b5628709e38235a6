#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-authorize: who has authorized us, first keys, credentials in and out
. "$(dirname "$0")/lib.sh"

statuses() { sql "SELECT group_concat(o, ' ') FROM (SELECT office_id || '=' || status AS o FROM pms_integrations ORDER BY office_id)"; }
practices() { sql "SELECT group_concat(p, ' ') FROM (SELECT office_id || '/' || practice_id || '=' || status AS p FROM practices ORDER BY 1)"; }
events() { sql "SELECT count(*) FROM events WHERE kind='$1' AND office_id='$2'"; }
keys() { sql "SELECT office_id, secret_key, request_key, refresh_key, token_expiry FROM pms_integrations ORDER BY office_id"; }

start_sim --page-max 1

# --- the list -------------------------------------------------------------------------------------
run 0 "--no-token" sikka-authorize --no-token
is "$(jq -r '"\(.office_id)/\(.practice_id) \(.status) \(.token_expiry)"' "$T/out" | sort)" "D20006/1 new null
D36225/1 new null
D36225/2 new null" "a line for each practice, no key yet"
is "$(sim_count 'POST /request_key')" 0 "no key was asked for"
is "$(sim_count 'GET /authorized_practices')" 3 "page after page, all of them"
is "$(jq -r 'keys_unsorted | join(" ")' "$T/out" | sort -u)" \
    "office_id practice_id practice_name pms pms_version domain time_zone utc_offset status token_expiry" "the members of a line"
is "$(jq -r 'select(.practice_id == "2") | .pms + " " + .pms_version' "$T/out")" "Dentrix G6" "show=all: practice 2 is there with its system"
is "$err" "sikka-authorize: began the state file $SIKKA_DB" "and nothing on stderr but that it began the state file"

run 0 "first keys, for the one office that is named" sikka-authorize -O D20006
is "$(jq -r .office_id "$T/out" | sort -u)" D20006 "only that office is told"
is "$(statuses)" "D20006=active D36225=new" "only that office got one"
run 0 "first keys" sikka-authorize
is "$(jq -r '"\(.office_id)/\(.practice_id) \(.status)"' "$T/out" | sort)" "D20006/1 active
D36225/1 active
D36225/2 active" "all are active"
is "$(jq -r 'select(.token_expiry | test("^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}[.][0-9]{3}Z$") | not)' "$T/out")" "" "the expiry is a time"
is "$(sim_count 'POST /request_key')" 2 "one request a key"
is "$(sim_get requests | jq -c '[.renewals[] | .request_key]')" '[1,1]' "one key an office, not one a practice"
is "$(events authorized D36225) $(events authorized D20006) $(events renewed D36225)" "1 1 1" "events"
run 77 "an office that hasn't authorized us" sikka-authorize -O D20006 -O D1
like "$err" "D1" "is named"
is "$(jq -r .office_id "$T/out")" D20006 "and the other one told"
before=$(keys)
run 0 "again" sikka-authorize
is "$(sim_count 'POST /request_key')" 2 "asks for no new key"
is "$(keys)" "$before" "and changes none"
run 0 "as a table" sikka-authorize --no-token -F table
like "$(head -n 1 "$T/out")" "^OFFICE_ID|^office_id" "has a head"
is "$(wc -l <"$T/out" | tr -d ' ')" 4 "and a line a practice"
run 0 "as JSON" sikka-authorize --no-token -F json
is "$(jq length "$T/out")" 3 "is one array"

# --- gone and back --------------------------------------------------------------------------------
sim_post 'office?office_id=D20006&authorized=false'
run 0 "one list lacks an office" sikka-authorize
is "$(statuses) $(practices)" "D20006=active D36225=active D20006/1=active D36225/1=active D36225/2=active" "that alone proves nothing"
later 9m
run 0 "another one, too soon" sikka-authorize
is "$(statuses)" "D20006=active D36225=active" "is the same mistake, perhaps"
later 1m
run 0 "an office withdrew" sikka-authorize
is "$(jq -r 'select(.office_id == "D20006").status' "$T/out")" revoked "it is told as revoked"
is "$(statuses)" "D20006=revoked D36225=active" "and recorded"
is "$(practices)" "D20006/1=revoked D36225/1=active D36225/2=active" "its practice too"
is "$(events revoked D20006)" 2 "with an event for the office and one for the practice"
is "$(sql "SELECT min(outbox) FROM events WHERE kind='revoked'")" 1 "that somebody is to hear of"
run 0 "it is still gone" sikka-authorize
is "$(events revoked D20006)" 2 "no further event"
posts=$(sim_count 'POST /request_key')
run 77 "its key isn't used any more" sikka-token print D20006
is "$out" "" "nothing on stdout"
like "$err" "D20006.*authoriz" "the line says so"
is "$(sim_count 'POST /request_key')" "$posts" "nor is one asked for"
sim_post 'office?office_id=D20006&authorized=true'
run 0 "back in the list" sikka-authorize
is "$(statuses) $(practices)" "D20006=active D36225=active D20006/1=active D36225/1=active D36225/2=active" "active again"
is "$(events returned D20006)" 1 "with an event"

# --- lists that can't be believed -------------------------------------------------------------------
sim_fault 'GET /authorized_practices@2=status:204'
run 0 "a list that ends too early, once" sikka-authorize
is "$err" "" "is asked for once more, and whole"
sim_clear_faults
sim_fault 'GET /authorized_practices@2-=status:204'
before=$(keys)
run 0 "a list that ends too early" sikka-authorize
is "$(statuses) $(practices)" "D20006=active D36225=active D20006/1=active D36225/1=active D36225/2=active" "revokes nobody"
like "$err" "no practice is marked as revoked" "and says why"
sim_clear_faults
before=$(keys)
sim_fault 'GET /authorized_practices@2=garbage'
run 76 "garbage in the middle" sikka-authorize
is "$out" "" "nothing is told"
is "$(statuses)" "D20006=active D36225=active" "nobody is touched"
sim_clear_faults
run 77 "a wrong app key" env SIKKA_APP_KEY=wrong sikka-authorize
is "$(statuses) $(keys)" "D20006=active D36225=active $before" "no office is touched"
like "$err" "SIKKA_APP_KEY" "the line names what to check"
is "$(printf '%s\n' "$err" | wc -l | tr -d ' ')" 1 "one line"
sim_fault 'POST /request_key@1-=status:500'
sql "UPDATE pms_integrations SET status='new', request_key=NULL, refresh_key=NULL, token_expiry=NULL"
run 69 "no office gets a key" sikka-authorize
is "$(jq -s length "$T/out")" 3 "the practices are told all the same"
is "$(statuses)" "D20006=new D36225=new" "a passing fault leaves no lasting state"
sim_clear_faults
sim_fault 'POST /request_key@1=status:401:API2003'
# One at a time: the first request is the first office's.
run 77 "one office is refused its key" env SIKKA_CONNECTIONS=1 sikka-authorize
is "$(statuses)" "D20006=suspect D36225=active" "the other one gets its own"
sim_fault 'POST /request_key=status:401:API2003'
later 11m
run 77 "it is refused once more" sikka-authorize
is "$(statuses)" "D20006=reauthorize D36225=active" "it must authorize again"
is "$(events reauthorize D20006)" 1 "with an event"
sim_clear_faults
run 0 "a person lists again" sikka-authorize
is "$(statuses)" "D20006=active D36225=active" "and says by it that the office authorized again"
is "$(sql "SELECT count(*) FROM pms_integrations WHERE last_error IS NOT NULL OR coalesce(renewal_refused_at, suspect_at) IS NOT NULL")" 0 "nothing of the refusal is left"
sim_post 'office?office_id=D20006&secret=rotate'
secret=$(sql "SELECT secret_key FROM pms_integrations WHERE office_id='D20006'")
run 0 "a new secret" sikka-authorize
[ "$(sql "SELECT secret_key FROM pms_integrations WHERE office_id='D20006'")" != "$secret" ]
ok $? "is recorded"

# --- export and import ------------------------------------------------------------------------------
rm -rf "$T/state"
authorize
sikka-authorize --export | cat >"$T/records"
is "$(jq -r 'keys_unsorted | join(" ")' "$T/records" | sort -u)" \
    "appId appKey requestKey refreshKey officeId secretKey practiceKey masterCustomerId tokenExpiry" "--export: the members"
is "$(jq -r '[.officeId, .secretKey, .requestKey, .refreshKey, .tokenExpiry] | join("|")' "$T/records")" "$(keys)" "their values"
is "$(jq -r 'select(.practiceKey != .secretKey or .masterCustomerId != .officeId or .appId != "sikka-sim-app" or .appKey != "sikka-sim-key")' "$T/records")" \
    "" "practiceKey, masterCustomerId, appId, appKey"
is "$(sikka-authorize --export -O D36225 | jq -r .officeId)" D36225 "-O chooses"
if command -v script >/dev/null && script -qec true /dev/null >/dev/null 2>&1 </dev/null; then
	script -qec "sikka-authorize --export; echo code \$?" /dev/null </dev/null >"$T/typescript" 2>&1
	like "$(tr -d '\r' <"$T/typescript")" "^code 64$" "refused on a terminal"
	unlike "$(cat "$T/typescript")" "$(jq -r .secretKey "$T/records" | head -n 1)" "and no secret is shown"
	script -qec "sikka-authorize --export --force" /dev/null </dev/null >"$T/typescript" 2>&1
	like "$(cat "$T/typescript")" "$(jq -r .secretKey "$T/records" | head -n 1)" "unless forced"
else
	ok 0 "refused on a terminal # SKIP no script(1)"
fi
run 78 "--export without a state file" sikka-authorize --export -D "$T/none/sikka.db"
is "$out" "" "prints nothing"
[ ! -e "$T/none" ]
ok $? "and makes none"

SIKKA_DB=$T/second/sikka.db
lists=$(sim_count 'GET /authorized_practices') posts=$(sim_count 'POST /request_key')
run 0 "--import from stdin" sikka-authorize --import <"$T/records"
is "$(said '"\(.office_id)/\(.practice_id) \(.status)"' | tr '\n' ' ')" "D20006/null active D36225/null active " "a line for each office, whose practices aren't known yet"
is "$(sim_count 'GET /authorized_practices') $(sim_count 'POST /request_key')" "$lists $posts" "asks the server nothing"
is "$(keys)" "$(jq -r '[.officeId, .secretKey, .requestKey, .refreshKey, .tokenExpiry] | join("|")' "$T/records")" "all keys are there"
is "$(events imported D36225)" 1 "with an event"
run 0 "the key works without any authorize" sikka-token print D36225
is "$out" "$(jq -r 'select(.officeId == "D36225").requestKey' "$T/records")" "the one that was imported"
is "$(sim_count 'GET /authorized_practices') $(sim_count 'POST /request_key')" "$lists $posts" "without any request"
run 0 "and reads" sikka-get -O D36225 appointments
is "$(wc -l <"$T/out" | tr -d ' ')" 87 "everything"
sikka-authorize --export | cmp -s - "$T/records"
ok $? "exported again: the same"
run 0 "--import=FILE over what is known" sikka-authorize --import="$T/records"
is "$(sql "SELECT count(*) FROM pms_integrations")" 2 "doubles nothing"
run 0 "an array of records" sh -c 'jq -cs . "$1" | sikka-authorize --import' sh "$T/records"

SIKKA_DB=$T/third/sikka.db
jq -c 'del(.requestKey, .refreshKey, .tokenExpiry, .practiceKey, .masterCustomerId)' "$T/records" >"$T/few"
run 0 "a record with the secret alone" sikka-authorize --import="$T/few"
is "$(statuses)" "D20006=new D36225=new" "is an office without a key"
run 0 "which it gets when it needs it" sikka-token print D36225
is "$(sim_count 'POST /request_key')" $((posts + 1)) "by one request"
is "$(statuses)" "D20006=new D36225=active" "and is active then"

# one that is bad among good ones
secrets() { sql "SELECT group_concat(office_id || '=' || secret_key, ' ') FROM (SELECT * FROM pms_integrations ORDER BY office_id)"; }
n=0
bad() { # bad RECORD WHAT PATTERN [SECRET]: between two good ones, of which the second changes the secret
	n=$((n + 1))
	{
		jq -c 'select(.officeId == "D20006")' "$T/records"
		printf '%s\n' "$1"
		jq -c --arg s "changed$n" 'select(.officeId == "D20006") | .secretKey = $s | .practiceKey = $s' "$T/records"
	} >"$T/bad"
	run 65 "$2" sikka-authorize --import="$T/bad"
	like "$err" "line 2.*$3" "$2: where and what"
	is "$(printf '%s\n' "$err" | grep -c 'line [0-9]')" 1 "$2: one line"
	is "$(secrets)" "D20006=${4:-changed$n} D36225=$other" "$2: the others are imported"
	unlike "$err" "changed" "$2: no secret on stderr"
}
other=$(sql "SELECT secret_key FROM pms_integrations WHERE office_id='D36225'")
bad '{"secretKey":"s"}' "no officeId" officeId
bad '{"officeId":"D1"}' "no secretKey" secretKey
bad '{"officeId":"","secretKey":"s"}' "an empty officeId" officeId
bad '{"officeId":"D1","masterCustomerId":"D2","secretKey":"s"}' "two offices in one record" differ
bad '{"officeId":"D1","secretKey":"s","practiceKey":"t"}' "two secrets in one record" differ
bad '{"officeId":"D1","secretKey":"s","tokenExpiry":"soon"}' "an expiry that is no time" tokenExpiry
bad '{"officeId":"D1","secretKey":"s","appId":"other"}' "another application's" application
bad '["D1"]' "no object" "object"
bad '{"officeId":"D1","secretKey":"s","tokenExpiry":true}' "an expiry that isn't even text" tokenExpiry
bad '{"officeId":"D1","secretKey":"s","tokenExpiry":"2026-02-30T00:00:00Z"}' "a day that there isn't" tokenExpiry
bad '{"officeId":"D1","secretKey":"s","requestKey":"a b"}' "a key that can't be one" requestKey
bad '{"officeId":"D1","secretKey":"s","refreshKey":7}' "a number for a key" refreshKey
bad '{"officeId":"D 1","secretKey":"s"}' "an office that can't be one" officeId
bad '{"officeId":7,"secretKey":"s"}' "a number for the office" officeId
bad 'nonsense' "no JSON" ''
bad '{"officeId":"D1","secretKey":' "cut short, so that the one behind isn't seen" '' "$(jq -r 'select(.officeId == "D20006").secretKey' "$T/records")"
printf '[{"officeId":"D1",\n"secretKey":"s"},\n {"officeId":\nnonsense},\n{"officeId":"D3","secretKey":"s"}]' >"$T/bad"
run 65 "broken over several lines" sikka-authorize --import="$T/bad"
like "$err" "nothing after this is read" "the rest can't be told apart"
like "$(statuses)" "D1=new" "what stood before is taken"
unlike "$(statuses)" "D3=" "what stood behind isn't"
sql "UPDATE pms_integrations SET secret_key = office_id || '-old'"
run 0 "-O with an import" sh -c 'sikka-authorize -O D36225 --import <"$1"' sh "$T/records"
is "$(secrets)" "D1=D1-old D20006=D20006-old D36225=$other" "takes only that office's"
sikka-authorize --import="$T/records" >"$T/out" 2>"$T/err"
is "$(keys | grep -v ^D1)" "$(jq -r '[.officeId, .secretKey, .requestKey, .refreshKey, .tokenExpiry] | join("|")' "$T/records")" "all back"

expires() { # expires VALUE: what tokenExpiry is read as
	printf '{"officeId":"D1","secretKey":"s","requestKey":"k","tokenExpiry":%s}\n' "$1" | sikka-authorize -O D1 --import | jq -r .token_expiry
}
is "$(expires '"2026-02-07T15:30:00.000Z"')" "2026-02-07T15:30:00.000Z" "tokenExpiry as ours"
is "$(expires '"2026-02-07T15:30:00.123456+02:00"')" "2026-02-07T13:30:00.000Z" "with a zone"
is "$(expires '"2026-02-07 15:30:00-05:30"')" "2026-02-07T21:00:00.000Z" "west of UTC"
is "$(expires '"2026-02-07T15:30:00"')" "2026-02-07T15:30:00.000Z" "without one"
is "$(expires 1770478200000) $(expires '"1770478200000"')" "2026-02-07T15:30:00.000Z 2026-02-07T15:30:00.000Z" "milliseconds"
is "$(expires 1770478200)" "2026-02-07T15:30:00.000Z" "seconds"
is "$(expires null) $(expires '""')" "null null" "none"
sikka-authorize --forget D1
before=$(keys)
run 66 "a file that isn't there" sikka-authorize --import="$T/nowhere"
run 66 "a folder" sikka-authorize --import="$T"
is "$(keys)" "$before" "nothing is imported"

# --- forgetting -------------------------------------------------------------------------------------
run 0 "--forget" sikka-authorize --forget D20006
is "$(statuses)" "D36225=active" "the office is gone"
is "$(events forgotten D20006)" 1 "with an event"
run 65 "once more" sikka-authorize --forget D20006
like "$err" "D20006 isn't known" "says so"
run 77 "its key is gone too" sikka-token print D20006
run 0 "authorize doesn't bring it back" sikka-authorize
is "$(statuses)" "D36225=active" "though the list has it"
run 0 "nor does one that names another office" sikka-authorize -O D36225
is "$(statuses)" "D36225=active" "it stays forgotten"
run 0 "authorize with its name" sikka-authorize -O D20006
is "$(statuses)" "D20006=active D36225=active" "takes it up again"
run 0 "forgotten again" sikka-authorize --forget D20006
run 0 "an import" sikka-authorize -O D20006 --import="$T/records"
run 0 "takes it up again, too" sikka-authorize
is "$(statuses)" "D20006=active D36225=active" "for good"

# requests that haven't ended need its keys
refused() { # refused WHAT PATTERN
	run 75 "--forget with $1" sikka-authorize --forget D36225
	like "$err" "D36225 has 1 .*$2" "with $1: says what is to be done first"
	is "$(statuses)" "D20006=active D36225=active" "with $1: the office stays"
}
sim_post 'office?office_id=D36225&spu=offline'
booking | sikka-book >"$T/out"
refused "a pending request" "sikka-poll --wait.*sikka-sweep --withdraw"
run 0 "another office" sikka-authorize --forget D20006
sikka-authorize -O D20006 >"$T/out"
run 0 "withdrawn" sikka-sweep --withdraw 1
is "$(sql "SELECT result FROM pms_writebacks")" withdrawn "the request"
refused "one that was withdrawn and not looked for yet" "15 minutes or more after"
later 3600
sikka-poll >"$T/out"
refused "one that was looked for once" "15 minutes or more after"
later 3600
sikka-poll >"$T/out"
run 0 "--forget when it was seen gone twice" sikka-authorize --forget D36225
is "$(statuses) $(sql "SELECT result FROM pms_writebacks")" "D20006=active withdrawn" "the office is gone, its request stays in the journal"
run 0 "back again" sikka-authorize -O D36225
sim_fault 'POST /appointment@1=drop-before'
booking time=10:00 | sikka-book >"$T/out" 2>"$T/err"
is "$(said .result)" unknown "a request of which nothing is known"
refused "an unknown request" "resolve"
run 0 "resolved" sikka-sweep --unchecked --resolve 2=failed
sim_fault 'POST /request_key@1=hold'
sikka-token refresh --all -O D36225 >"$T/renewed" 2>&1 &
pid=$!
wait_for sim_holds 1
run 75 "--forget while its key is renewed" sikka-authorize --forget D36225
sim_clear_faults
wait $pid
run 0 "--forget when all have ended" sikka-authorize --forget D36225

# --- usage ------------------------------------------------------------------------------------------
run 64 "operands" sikka-authorize D36225
run 64 "two modes" sikka-authorize --export --forget D36225
run 64 "--forget without an office" sikka-authorize --forget
run 0 "--help" sikka-authorize --help
like "$out" "usage: sikka-authorize" "on stdout"
is "$(sim_get requests | jq .secrets_in_urls)" 0 "no secret was in a URL"

# --- numbers travel as texts, mostly ------------------------------------------------------------------
listed() { # listed OFFICE-ID: as JSON
	body='{"total_count":1,"items":[{"office_id":'$1',"secret_key":"s","practice_id":1,"practice_name":"P"}]}'
	printf 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s' \
	    "${#body}" "$body" >"$T/answer"
}
SIKKA_DB=$T/numbers.db
listed 4711
start_canned "$T/answer"
run 0 "an office_id that is a number" sikka-authorize --no-token
is "$(said '.office_id + " " + .status')" "4711 new" "is an office"
listed '"4711"'
run 0 "and then a text" sikka-authorize --no-token
is "$(sql "SELECT group_concat(office_id || secret_key) FROM pms_integrations")" 4711s "is the same one"

# --- many: in portions ----------------------------------------------------------------------------------
if strace -o /dev/null true 2>/dev/null; then
	SIKKA_DB=$T/many.db
	start_sim --offices 1200
	counted() { sql "SELECT (SELECT count(*) FROM practices) || ' ' || (SELECT count(*) FROM practices WHERE missing_at IS NOT NULL OR status = 'revoked')"; }
	SIKKA_KEPT='' under_strace -o trace -e trace=clock_nanosleep -e inject=clock_nanosleep:signal=KILL:when=1 sikka-authorize --no-token >out 2>err
	is "$(counted)" "500 0" "killed after the first portion: 500 practices are recorded, and none is missing"
	run 0 "the next run" sikka-authorize --no-token
	is "$(counted) $(sql "SELECT count(*) FROM pms_integrations")" "1201 0 1200" "records all of them"
	is "$(sql "SELECT count(*) || ' ' || count(DISTINCT office_id) FROM events WHERE kind = 'authorized'")" "1200 1200" "with one event for each office"
else
	ok 0 "many practices # SKIP no strace"
fi
done_testing
