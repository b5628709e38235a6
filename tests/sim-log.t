#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-sim: the list of requests, the rules and quirks that are in force, the page, other addresses
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/lib-sim.sh"

log() { sim "$R/log${1-}" >"$T/log"; }
logged() { jq -c "$1" "$T/log"; }

start --delay 0:0
new_key D36225

# --- requests ------------------------------------------------------------------------------------------
book -H 'Authorization: Bearer a-secret-of-mine' >"$T/answer"
log "?method=POST&path=/appointment"
is "$(logged '.requests | length')" 1 "a booking is in the list, found by method and path"
is "$(logged '.requests[0] | [.path, .status, .office_id, .rule]')" '["/v4/appointment",201,"D36225",null]' "with path, status and office"
is "$(logged '.requests[0].body | [.date, .operatory]')" '["2031-02-07","OP1"]' "with its body"
is "$(logged '.requests[0].headers | [."Content-Type", ."Request-Key", .Authorization]')" '["application/json","***","***"]' \
    "a header that isn't known to be harmless is masked"
log
is "$(logged '[.requests[].path]')" '["/v4/authorized_practices","/v4/request_key","/v4/appointment"]' "the others are there too, in their order"
is "$(logged '.requests[1].body | [.app_id, .app_key, .secret_key, .grant_type]')" '["sikka-sim-app","***","***","request_key"]' "keys in a body are masked"
key -H 'Content-Type: application/json' -d '{"card_number":"4111111111111111","bank_no":"77001","deep":[{"cvv":"123","note":"x"}]}' "$B/transaction" >"$T/answer"
key -H 'Content-Type: application/json' -d 'app_key=a-secret-of-mine' "$B/patient" >"$T/answer"
sim "$B/patients?request_key=$K&limit=3" >"$T/answer"
sim "$B/patients/$K" >"$T/answer"
sim "$B/patients?find=lastname%3Deq_$K" >"$T/answer"
log
is "$(logged '.requests[3].body')" '{"card_number":"***","bank_no":"***","deep":[{"cvv":"***","note":"x"}]}' "numbers of cards and accounts are masked, however deep"
is "$(logged '.requests[4].body')" '{"bytes_that_are_no_json":24}' "of a body that is no JSON the length is told"
is "$(logged '.requests[5].parameters')" '{"request_key":"***","limit":"3"}' "a key in a query is masked"
is "$(logged '.requests[6].path, .requests[7].parameters.find')" '"/v4***"
"***"' "and one that stands in a path or in another parameter"
is "$(grep -c "$K\|a-secret-of-mine\|4111\|sikka-sim-key\|77001" "$T/log")" 0 "no secret stands anywhere in the list"

last=$(logged .last)
rule 'POST /appointment=drop-after'
book >"$T/answer"
log "?after=$last"
is "$(logged '.requests | map([.number, .status, .rule])')" "[[$((last + 1)),0,\"POST /appointment=drop-after\"]]" "only those behind a number; without a whole answer the status is 0, and the rule is told"
is "$(sim "$R/faults")" '{"rules":[{"rule":"POST /appointment=drop-after","seen":1,"hits":1}]}' "the rules are told, and how often they were met"
rule 'POST /appointment=hold'
book >"$T/waits" &
waits=$!
wait_for sh -c "[ \"\$(curl -sS $R/requests | jq .held_now)\" = 1 ]"
log
is "$(logged '.requests[-1] | [.path, .status]')" '["/v4/appointment",null]' "one that still waits is there, without a status"
rule
wait "$waits"
log
is "$(logged '.requests[-1].status')" 201 "until it is answered"
is "$(sim -X DELETE "$R/log" | jq -r 'has("now")')" true "the list can be emptied"
log
is "$(logged '[.requests, .dropped == .last]')" '[[],true]' "it is empty then, and the numbers go on"
is "$(sim "$R/log?after=x" | jq -r .error)" "after=N is a number" "a number that is none is refused"
is "$(sim "$R/quirks" | jq -r '.lists')" usual "the quirks are told"
sim -X POST "$R/quirks?lists=data" >"$T/answer"
is "$(sim "$R/quirks" | jq -r '.lists')" data "as they are now"
is "$(sim "$R/routes" | jq -r '.routes[].route' | sed 's/[?].*//' | sort -u)" "$(mandoc -T ascii "$TOP/man/sikka-sim.1" |
    col -bx | sed -n '/^ROUTES OF THE/,/^EXIT STATUS/s/^     \([A-Z]* \/_sim[a-z/_]*\).*/\1/p' | sort -u)" "the routes are told, the same as in the manual page"

# --- only the latest -------------------------------------------------------------------------------------
start --log 3
for _ in 1 2 3 4 5; do app "$B/authorized_practices?limit=$_" >"$T/answer"; done
log
is "$(logged '[.requests[].number], .last, .dropped')" '[3,4,5]
5
2' "only so many are kept"
start --log 0
app "$B/authorized_practices" >"$T/answer"
log
is "$(logged '[.requests, .last]')" '[[],1]' "or none"

# --- the page ----------------------------------------------------------------------------------------------
start --delay 0:0
new_key D36225
key -H 'Content-Type: application/json' -d "{$(visit | sed 's/"Exam"/"<script>alert(1)<\/script>"/')}" "$B/appointment" >"$T/answer"
rule 'GET /patients=html'
is "$(ask "${R%_sim}")" 200 "there is a page"
is "$(header Content-Type) $(header Content-Security-Policy)" "text/html; charset=UTF-8 default-src 'none'; style-src 'unsafe-inline'" "it is HTML, and may load nothing"
is "$(grep -c '<script' "$T/body")" 0 "what a client sent is escaped"
for text in D36225 'OpenDental 22.1' '275495' 'POST /appointment' '&lt;script&gt;' 'GET /patients=html' "$B" '/_sim/reset'; do
	ok "$(grep -qF "$text" "$T/body"; echo $?)" "the page shows $text"
done
is "$(sed 's/<!doctype html>//; s/<meta[^>]*>//g; s/&[a-z]*;/x/g' "$T/body" | python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.stdin.buffer)' 2>&1)" "" "each of its elements is closed"
is "$(grep -c '<table' "$T/body") $(grep -c '<div tabindex="0" role="group"' "$T/body")" "5 5" "a table that is too wide can be scrolled with the keyboard"
if command -v chromium >"$T/found"; then
	env -u LD_PRELOAD "$TOP/tests/browser" --script "(() => {
	    const all = what => [...document.querySelectorAll(what)]
	    const lines = e => { const r = document.createRange(); r.selectNodeContents(e); return r.getClientRects().length }
	    return [all('td:not(.w)').filter(e => lines(e) > 1), all('td.w').filter(e => e.getBoundingClientRect().width < 140),
	        all('div').filter(e => e.scrollWidth > e.clientWidth && e.tabIndex != 0)].map(l => l.length).join(' ')
	    })()" "${R%_sim}" 360 1280 >"$T/seen"
	is "$(jq -c '[.width, .scroll_width, .said, .requests, .value]' "$T/seen")" '[360,360,[],[],"0 0 0"]
[1280,1280,[],[],"0 0 0"]' "a browser: nothing is wider than its window, nothing is asked for, and only long texts are broken, where they have room"
fi
is "$(ask "${R%_sim}other")" "404 API2009" "nothing else is a page"

# --- other addresses ---------------------------------------------------------------------------------------
is "$(timeout -k 1 "$PATIENCE" sikka-sim --listen localhost 2>&1; echo $?)" "sikka-sim: --listen localhost: no address such as 127.0.0.1, 0.0.0.0 or ::1
64" "a name is no address"
# listens ADDRESS: the base URL, and the first words on stderr.
listens() {
	: >"$T/url"
	sikka-sim --listen "$1" >"$T/url" 2>"$T/err" &
	other=$!
	wait_for test -s "$T/url"
	base=$(cat "$T/url")
	code=$(curl -sS -o "$T/page" -w '%{http_code}' "${base%v4}" 2>"$T/curl")
	kill "$other"
	wait "$other"
	echo "$code $(printf '%s\n' "$base" | sed 's/:[0-9]*\/v4$//') $(cut -c -40 "$T/err")"
}
is "$(listens 127.0.0.2)" "200 http://127.0.0.2 " "another loopback address, without a warning"
is "$(listens 0.0.0.0)" "200 http://127.0.0.1 sikka-sim: warning: it listens on 0.0.0." "all addresses, with a warning; the URL is that of this machine"
if [ -e /proc/net/if_inet6 ] && grep -q '^0*1 ' /proc/net/if_inet6; then
	is "$(listens ::1)" "200 http://[::1] " "IPv6"
	is "$(listens ::)" "200 http://[::1] sikka-sim: warning: it listens on ::: wh" "all addresses of IPv6"
fi
done_testing
