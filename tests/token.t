#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-token: the keys' state, one usable key, renewals and what can go wrong with them
. "$(dirname "$0")/lib.sh"

column() { sql "SELECT $1 FROM pms_integrations WHERE office_id='${2:-D36225}'"; }
# ends OFFICE SECONDS: as if its key ended in so many seconds (or had ended), by the state file.
ends() {
	sql "UPDATE pms_integrations SET token_expiry=strftime('%Y-%m-%dT%H:%M:%fZ','now','$2 seconds'),
	    renewed_at=strftime('%Y-%m-%dT%H:%M:%fZ','now','$2 seconds','-1 day'), renewal_tried_at=NULL WHERE office_id='$1'"
}
posts() { sim_count 'POST /request_key'; }
lists() { sim_count 'GET /authorized_practices'; }
by() { sim_get requests | jq -r ".renewals.D36225 | \"\(.request_key) \(.refresh_key)\""; }
events() { sql "SELECT count(*) FROM events WHERE kind='$1' AND office_id='${2:-D36225}'"; }

# --- list -------------------------------------------------------------------------------------------
run 78 "list without server, credentials or database" env -u SIKKA_APP_ID -u SIKKA_APP_KEY sikka-token
is "$out" "" "prints nothing"
[ ! -e "$T/state" ]
ok $? "and makes no state file"
start_sim
authorize
total=$(sim_get requests | jq .total)
run 0 "list" env -u SIKKA_APP_ID -u SIKKA_APP_KEY -u SIKKA_BASE_URL sikka-token list
is "$(jq -r .office_id "$T/out" | tr '\n' ' ')" "D20006 D36225 " "a line for each office"
is "$(jq -r 'keys_unsorted | join(" ")' "$T/out" | sort -u)" "office_id status token_expiry expires_in last_error" "the members"
is "$(jq -r 'select((.expires_in | type) != "number" or .expires_in < 86000 or .expires_in > 86400)' "$T/out")" "" "expires_in is a number of seconds"
is "$(sim_get requests | jq .total)" "$total" "the server isn't asked"
ends D36225 -5
is "$(sikka-token -O D36225 | jq .expires_in)" 0 "a key that has ended has no seconds left"
unlike "$(sikka-token; sikka-token -F table)" "$(column request_key)" "no key is shown"

# --- print ------------------------------------------------------------------------------------------
ends D36225 5000
run 0 "print" sikka-token print D36225
is "$(od -An -c "$T/out" | tr -d ' \n')" "$(column request_key)\\n" "the key, a newline, and nothing else"
is "$(sim_get requests | jq .total)" "$total" "a key that lives needs no request"
old=$(column request_key)
ends D36225 -5
run 0 "print of a key that has ended" sikka-token print D36225
[ "$out" != "$old" ] && [ "$out" = "$(column request_key)" ]
ok $? "prints a new one, which is recorded"
is "$(by) $(posts)" "1 1 3" "by the refresh key, in one request"
is "$(curl -sS -o /dev/null -w '%{http_code}' -H "Request-Key: $out" "$SIKKA_BASE_URL/patients")" 200 "and it works"
ends D36225 55
run 0 "print of a key that ends within a minute" sikka-token print D36225
is "$(posts)" 4 "renews it first"
ends D36225 100
run 0 "print of a key that ends later" sikka-token print D36225
is "$(posts)" 4 "doesn't"
# ends_of OFFICE SECONDS LIFE: the same for a key whose whole life was so many seconds.
ends_of() {
	ends "$1" "$2"
	sql "UPDATE pms_integrations SET renewed_at=strftime('%Y-%m-%dT%H:%M:%fZ',token_expiry,'-$3 seconds') WHERE office_id='$1'"
}
ends_of D36225 50 200
run 0 "of a short-lived key that is not yet in the last tenth of its life" sikka-token print D36225
is "$(posts)" 4 "the key isn't renewed"
ends_of D36225 18 200
run 0 "in the last tenth of its life" sikka-token print D36225
is "$(posts)" 5 "it is"
run 77 "an office that isn't known" sikka-token print D1
is "$out" "" "prints nothing"
like "$err" "D1 .*sikka-authorize" "and says what to run"
is "$(printf '%s\n' "$err" | wc -l | tr -d ' ')" 1 "in one line"

# --- refresh ----------------------------------------------------------------------------------------
posts=$(posts)
ends D36225 7000
ends D20006 8000
run 0 "refresh" sikka-token refresh
is "$(jq -r '"\(.office_id) \(.refreshed) \(.grant)"' "$T/out" | sort)" "D20006 false null
D36225 true refresh_key" "renews what ends within two hours"
is "$(jq -r 'keys_unsorted | join(" ")' "$T/out" | sort -u)" "office_id refreshed grant token_expiry" "the members"
is "$(posts)" $((posts + 1)) "one request"
run 0 "--within" sikka-token refresh --within 3h
is "$(jq -r 'select(.refreshed).office_id' "$T/out")" D20006 "what ends within that time"
is "$(posts)" $((posts + 2)) "one request"
run 0 "--within a minute" sikka-token refresh --within 1m
is "$(posts)" $((posts + 2)) "nothing"
run 0 "--all" sikka-token refresh --all
is "$(jq -r .refreshed "$T/out" | tr '\n' ' ')" "true true " "all, however long they live"
is "$(posts)" $((posts + 4)) "one request each"
run 0 "-O" sikka-token refresh --all -O D20006
is "$(jq -r .office_id "$T/out") $(posts)" "D20006 $((posts + 5))" "only that one"
run 77 "-O with an office that isn't known" sikka-token refresh -O D1
run 64 "--all with print" sikka-token print --all D36225
run 64 "no such verb" sikka-token renew
run 64 "print without an office" sikka-token print
run 64 "--within takes a duration" sikka-token refresh --within soon

# --- rotation ---------------------------------------------------------------------------------------
refresh=$(column refresh_key)
sikka-token refresh --all -O D36225 >/dev/null
[ "$(column refresh_key)" != "$refresh" ]
ok $? "the refresh key that came is stored"
before=$(by)
run 0 "and serves the next time" sikka-token refresh --all -O D36225
is "$(by)" "${before% *} $((${before#* } + 1))" "by the refresh key again"

# --- a refresh key that is refused, one that was spent -------------------------------------------------
sql "UPDATE pms_integrations SET refresh_key='00000000000000000000000000000000' WHERE office_id='D36225'"
before=$(by)
run 0 "a refused refresh key" sikka-token refresh --all -O D36225
is "$(jq -r '"\(.refreshed) \(.grant)"' "$T/out")" "true request_key" "is made good through the secret"
is "$(by)" "$((${before% *} + 1)) ${before#* }" "at the server too"
is "$(column "coalesce(last_error, 'none') || coalesce(renewal_refused_at, 'none')")" nonenone "and leaves no mark"
sql "UPDATE pms_integrations SET refresh_key=NULL WHERE office_id='D36225'"
run 0 "no refresh key at all" sikka-token refresh --all -O D36225
is "$(jq -r .grant "$T/out")" request_key "the secret serves"

posts=$(posts) before=$(by)
sim_clear_faults
sim_fault 'POST /request_key@1=drop-after'
run 0 "the refresh key is spent, and the answer lost" sikka-token refresh --all -O D36225
is "$(jq -r .grant "$T/out")" request_key "made good through the secret"
is "$(posts) $(by)" "$((posts + 2)) $((${before% *} + 1)) $((${before#* } + 1))" "in the same run"
is "$(column "coalesce(renewal_refused_at, 'none')")" none "no mark"
run 0 "the next renewal" sikka-token refresh --all -O D36225
is "$(jq -r .grant "$T/out")" refresh_key "is an ordinary one"
posts=$(posts)
sim_clear_faults
sim_fault 'POST /request_key@1=cut:120'
run 0 "an answer that is cut" sikka-token refresh --all -O D36225
is "$(jq -r .grant "$T/out") $(posts)" "request_key $((posts + 2))" "counts as lost"

# --- passing faults ---------------------------------------------------------------------------------
sim_clear_faults
sim_fault 'POST /request_key=status:500'
ends D36225 -5
run 69 "the server is broken" sikka-token print D36225
is "$out" "" "no key is printed"
is "$(column "status || coalesce(renewal_refused_at, ' no mark')")" "active no mark" "a passing fault leaves no mark"
posts=$(posts)
run 69 "and is asked again at once" sikka-token print D36225
[ "$(posts)" -gt "$posts" ]
ok $? "by requests"
ends D36225 40
run 0 "the old key still lives, within the margin" sikka-token print D36225
is "$out" "$(column request_key)" "and is used"
ends D36225 3000
run 69 "refresh" sikka-token refresh -O D36225
is "$(jq -c '[.refreshed, .grant]' "$T/out")" '[false,null]' "says that it wasn't"
sim_clear_faults
sim_fault 'POST /request_key@1=429:1'
run 0 "over the limit" sikka-token refresh -O D36225
is "$(jq -r .grant "$T/out")" refresh_key "waits and asks again"
sim_clear_faults
run 0 "afterwards" sikka-token print D36225
is "$(column "coalesce(last_error, 'none')")" none "all is well"

# --- a new secret -----------------------------------------------------------------------------------
drop() { sim_post "office?office_id=D36225&secret=rotate&drop_keys=true"; }
drop
lists=$(lists) secret=$(column secret_key)
ends D36225 -5
run 0 "a new secret at the server" sikka-token print D36225
is "$(lists)" $((lists + 1)) "the list was read"
[ "$(column secret_key)" != "$secret" ]
ok $? "the new secret is recorded"
is "$out" "$(column request_key)" "and the key that it brought printed"
drop
key=$(column request_key)
run 0 "the same while reading" sikka-get -O D36225 patients --limit 1
[ "$(column request_key)" != "$key" ]
ok $? "a new key"
is "$(wc -l <"$T/out" | tr -d ' ')" 1 "and the record"

# --- refused for good -------------------------------------------------------------------------------
wrong() { sim_clear_faults; sim_fault 'POST /request_key=status:401:API2003'; ends D36225 -5; }
wrong
run 77 "refresh key and secret are refused, the list has the same secret" sikka-token print D36225
is "$out" "" "nothing on stdout"
is "$(column status) $(events suspect) $(events reauthorize)" "suspect 1 0" "suspect, which nobody is told"
like "$err" "D36225.*if they still are in 10 minutes, the practice must authorize again" "the line says what may follow"
is "$(column "renewal_refused_at IS NOT NULL")" 1 "the refusal is noted"
posts=$(posts)
run 77 "none for a minute" sikka-token print D36225
is "$(posts)" "$posts" "asks nothing"
like "$err" "minute" "and says so"
run 77 "nor by refresh" sikka-token refresh -O D36225
run 77 "nor by sikka-get" sikka-get -O D36225 patients --limit 1
is "$(posts) $(events suspect)" "$posts 1" "asks nothing"
later 9m
run 77 "nine minutes later" sikka-token print D36225
is "$(column status) $(events suspect) $(events reauthorize)" "suspect 1 0" "still suspect"
later 61
run 77 "ten minutes after the first refusal" sikka-token print D36225
is "$(column status) $(events reauthorize)" "reauthorize 1" "reauthorize, and an event"
is "$(sql "SELECT outbox FROM events WHERE kind='reauthorize'")" 1 "for somebody to hear"
like "$err" "D36225.*authorize again" "the line says what must happen"
posts=$(posts)
later 23h
run 77 "once more, within a day" sikka-token print D36225
is "$(posts)" "$posts" "asks nothing"
later 1h
run 77 "after a day" sikka-token print D36225
[ "$(posts)" -gt "$posts" ]
ok $? "it is asked again"
is "$(column status) $(events reauthorize)" "reauthorize 1" "and still refused: told no second time"
sim_clear_faults
later 1d
run 0 "after one more" sikka-token print D36225
is "$(column "status || coalesce(renewal_refused_at, ' no mark')")" "active no mark" "it is asked, and the mark gone"

wrong
before=$(column "status || request_key || secret_key || coalesce(renewal_refused_at, '')")
run 77 "the app key is wrong" env SIKKA_APP_KEY=wrong sikka-token print D36225
like "$err" "SIKKA_APP_KEY" "the line says so"
is "$(column "status || request_key || secret_key || coalesce(renewal_refused_at, '')") $(events suspect)" "$before 1" "no office is blamed"
sim_clear_faults
run 0 "with the right one" sikka-token print D36225

sim_post 'office?office_id=D36225&authorized=false'
ends D36225 -5
run 77 "the practice has withdrawn" sikka-token print D36225
is "$(column status) $(events revoked)" "suspect 0" "one list that lacks it proves nothing"
later 10m
run 77 "ten minutes later" sikka-token print D36225
is "$(column status) $(events revoked)" "revoked 1" "revoked, and an event"
run 0 "the other office" sikka-token refresh --all
is "$(jq -r '"\(.office_id) \(.refreshed)"' "$T/out")" "D20006 true" "isn't concerned"
sim_post 'office?office_id=D36225&authorized=true'
sikka-authorize >/dev/null
sql "UPDATE pms_integrations SET renewal_refused_at=NULL"

wrong
sim_fault 'GET /authorized_practices=garbage'
run 76 "the list can't be had" sikka-token print D36225
is "$(column status)" active "nobody is blamed"
sim_clear_faults

# --- twenty at once ---------------------------------------------------------------------------------
ends D36225 -5
posts=$(posts)
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	{ sikka-token print D36225 >"$T/key.$i" 2>"$T/key.$i.err"; echo $? >"$T/key.$i.code"; } &
	pids="${pids:-} $!"
done
wait $pids
is "$(posts)" $((posts + 1)) "20 at once: one renewal"
is "$(cat "$T"/key.*.code | sort -u) $(cat "$T"/key.*.err)" "0 " "all are well"
is "$(cat "$T"/key.? "$T"/key.?? | sort | uniq -c | tr -s ' ')" " 20 $(column request_key)" "all print the same key"

# the renewal isn't answered yet, and the old key lives: who meets the lock uses that one
ends D36225 50
sim_fault 'POST /request_key=hold'
old=$(column request_key) posts=$(posts)
sikka-token print D36225 >"$T/slow" 2>/dev/null &
slow=$!
wait_for sim_holds 1
run 0 "a held lock while the old key lives" sikka-token print D36225
is "$out" "$old" "the old key serves"
sim_clear_faults
wait $slow
[ "$(cat "$T/slow")" != "$old" ]
ok $? "the one that renewed has the new one"
is "$(posts)" $((posts + 1)) "one renewal"

# --- a signal -----------------------------------------------------------------------------------------
before=$(sql "SELECT group_concat(request_key) FROM pms_integrations")
posts=$(posts)
# One at a time, so that the second hasn't begun.
sim_fault 'POST /request_key=hold'
SIKKA_CONNECTIONS=1 sikka-token refresh --all >"$T/out" 2>"$T/err" &
pid=$!
wait_for sim_holds 1
signal TERM $pid
sim_clear_faults
wait $pid
is $? 75 "SIGTERM while the first key is renewed"
is "$(jq -r '"\(.office_id) \(.refreshed)"' "$T/out") $(($(posts) - posts))" "D20006 true
D36225 false 1" "that one is finished, and the next not begun"
is "$(column "request_key <> (SELECT substr('$before', 1, 32))" D20006)" 1 "its key is recorded"
like "$(cat "$T/err")" "stopped by a signal" "and the line says so"

# --- info and revoke ----------------------------------------------------------------------------------
run 0 "info" sikka-token info
is "$(jq -r '"\(.office_id) \(.issued_to) \(.status)"' "$T/out" | sort)" "D20006 D20006 active
D36225 D36225 active" "what the server says of each"
is "$(jq -r 'select(.scope and .expires_in and .start_time and .end_time and .request_count and .domain | not)' "$T/out")" "" "the members"
unlike "$out" "$(column request_key)" "without the key"
key=$(column request_key) refresh=$(column refresh_key)
run 0 "revoke" sikka-token revoke D36225
is "$out" '{"office_id":"D36225","revoked":true}' "says so"
is "$(curl -sS -H "Request-Key: $key" "$SIKKA_BASE_URL/patients" | jq -r .error_code)" API1025 "the request key has ended at the server"
is "$(curl -sS -H 'Content-Type: application/json' -d '{"grant_type":"refresh_key","refresh_key":"'"$refresh"'","app_id":"sikka-sim-app","app_key":"sikka-sim-key"}' "$SIKKA_BASE_URL/request_key" | jq -r .error_code)" \
    API1026 "the refresh key too"
is "$(column "status || coalesce(request_key, ' none') || coalesce(refresh_key, ' none') || coalesce(token_expiry, ' none')")" \
    "new none none none" "and here"
run 77 "revoke of an office that isn't known" sikka-token revoke D1
run 0 "revoke once more" sikka-token revoke D36225

# Only a person's command gets the office a new key.
status() { sikka-token list -O D36225 | jq -r '.status + " " + (.token_expiry | tostring)'; }
is "$(status) $(sql "SELECT status || ' ' || (held_at IS NOT NULL) FROM keys WHERE office_id = 'D36225'")" "held null held 1" "the office is held"
before="$(posts) $(lists)"
run 77 "print" sikka-token print D36225
like "$err" "D36225 were revoked here on 20..-..-..: sikka-token -O D36225 refresh" "says why, and what mends it"
run 77 "sikka-get" sikka-get -O D36225 patients
run 0 "sikka-get of all" sikka-get patients --limit 1
is "$(jq -r .patient_id "$T/out" | wc -l | tr -d ' ')" 1 "reads the other"
booking >"$T/booking"
run 77 "sikka-book" sikka-book "$T/booking"
is "$(sim_writebacks)" 0 "books nothing"
run 0 "refresh, as from cron" sikka-token refresh --all
is "$(jq -r .office_id "$T/out")" D20006 "renews the other"
run 77 "info of that office" sikka-token info -O D36225
run 0 "info of all" sikka-token info
run 0 "sikka-authorize --no-token" sikka-authorize --no-token
is "$(jq -r 'select(.office_id == "D36225").status' "$T/out" | sort -u)" held "shows it"
run 0 "sikka-poll" sikka-poll
run 0 "sikka-status" sikka-status
like "$out" "D36225.*held" "shows it too"
is "$(posts) $(lists)" "$((${before% *} + 1)) $((${before#* } + 1))" "none of these asked for a key of its (but the other one's)"
sim_post 'office?office_id=D36225&authorized=false'
sikka-authorize --no-token >/dev/null
later 10m
sikka-authorize --no-token >/dev/null
is "$(column status)" revoked "gone from the list"
sim_post 'office?office_id=D36225&authorized=true'
run 0 "gone from the list and back" sikka-authorize --no-token
is "$(status)" "held null" "is held as before"
run 0 "refresh by its name" sikka-token refresh -O D36225
is "$(jq -r '"\(.refreshed) \(.grant)"' "$T/out")" "true request_key" "gets a key"
is "$(status | cut -d ' ' -f 1) $(column "coalesce(held_at, 'none')")" "active none" "and it is as any other"
run 0 "print" sikka-token print D36225
run 0 "revoked again" sikka-token revoke D36225
sim_fault 'POST /request_key=status:500'
run 69 "no answer to the refresh by its name" sikka-token refresh -O D36225
sim_clear_faults
run 0 "but the word was given: the next use" sikka-token print D36225
run 0 "revoked for the third time" sikka-token revoke D36225
run 0 "an import" sh -c 'sikka-authorize -O D36225 --export | sikka-authorize --import'
is "$(status)" "new null" "gives it free too"
run 0 "revoked for the fourth time" sikka-token revoke D36225
is "$err" "" "without a word"
sikka-token refresh -O D36225 >"$T/out"
sim_post 'office?office_id=D36225&spu=offline'
booking time=10:00 | sikka-book >"$T/out"
run 0 "revoked while a request is pending" sikka-token revoke D36225
like "$err" "D36225.*haven't ended: 1" "says that its end can't be asked"
run 77 "sikka-poll" sikka-poll
like "$err" "D36225 were revoked here" "says so too"
is "$(sql "SELECT result FROM pms_writebacks")" pending "the request stays as it is"
run 0 "authorize of the other" sikka-authorize -O D20006
is "$(status)" "held null" "leaves it held"
run 0 "authorize, as from cron" sikka-authorize
is "$(status)" "held null" "too"
run 0 "authorize with its name" sikka-authorize -O D36225
is "$(column status)" active "brings it back"
sim_fault 'DELETE /request_key=status:500'
run 69 "a revoke that fails half way" sikka-token revoke D36225
is "$(column status)" active "isn't told as done"
sim_clear_faults
run 0 "and is finished by the next" sikka-token revoke D36225
is "$(column "coalesce(request_key, 'none')")" none "both are gone"
is "$(sim_get requests | jq .secrets_in_urls)" 0 "no secret was in a URL"

# --- how long a key lives -----------------------------------------------------------------------------
rm -rf "$T/state"
start_sim --token-life 600 --rotation off --dialect brief
authorize
lives() { column "CAST(round((julianday(token_expiry) - julianday(renewed_at)) * 86400) AS INTEGER)"; }
[ "$(lives)" -le 600 ] && [ "$(lives)" -ge 580 ]
ok $? "expires_in as a bare number"
refresh=$(column refresh_key)
run 0 "without rotation" sikka-token refresh --all -O D36225
is "$(jq -r .grant "$T/out")" refresh_key "the refresh key serves"
is "$(column refresh_key)" "$refresh" "and stays"
rm -rf "$T/state"
start_sim --token-life 50
authorize
ends D36225 -1
sim_advance 100
run 0 "a key that lives for 50 seconds, less than the margin" sikka-token print D36225
[ "$(lives)" -le 50 ] && [ "$(lives)" -ge 30 ]
ok $? "is recorded as one ($(lives))"
posts=$(posts)
run 0 "and is used while it lives" sikka-token print D36225
is "$(posts)" "$posts" "without a renewal"

# The earlier of body and headers counts. The clocks differ, so of the headers only their difference is used.
grant() { # grant EXPIRES_IN EXPIRES DATE
	body='{"request_key":"11111111111111111111111111111111","refresh_key":"22222222222222222222222222222222","expires_in":"'$1'"}'
	printf 'HTTP/1.1 200 OK\r\nContent-Length: %d\r\nContent-Type: application/json\r\nConnection: close\r\n' ${#body}
	printf 'Request-Key-Expires: %s\r\nDate: %s\r\n\r\n%s' "$2" "$3" "$body"
}
start_canned "$T/answer"
grant '86400 second(s)' 'Sat, 07 Feb 2026 16:00:00 GMT' 'Sat, 07 Feb 2026 15:30:00 GMT' >"$T/answer"
run 0 "the headers say half an hour, the body a day" sikka-token refresh --all -O D36225
is "$(lives)" 1800 "half an hour counts"
grant 900 'Sat, 07 Feb 2026 16:00:00 GMT' 'Sat, 07 Feb 2026 15:30:00 GMT' >"$T/answer"
run 0 "the body says less" sikka-token refresh --all -O D36225
is "$(lives)" 900 "the body counts"
printf 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}' >"$T/answer"
key=$(column request_key)
run 69 "an answer without a key" sikka-token refresh --all -O D36225
is "$(column "request_key || status")" "${key}active" "takes nothing away"
is "$(grep -c '^POST /v4/request_key ' "$T/canned.log")" 5 "asked by the refresh key, then twice by the secret"
done_testing
