#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-sim: what is typed behind it and can't be meant, a port that is taken, links that lead to itself
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/lib-sim.sh"

# wrong CODE MESSAGE ARGUMENT …: it ends with CODE, serves nothing, and says just this.
wrong() {
	want_code=$1 want_err=$2
	shift 2
	timeout -k 1 "$PATIENCE" sikka-sim "$@" >"$T/out" 2>"$T/err" </dev/null
	is "$? $(cat "$T/out")$(cat "$T/err")" "$want_code sikka-sim: $want_err" "${*:-nothing}: refused"
}

# --- arguments ---------------------------------------------------------------------------------------
for option in --port --seed --delay --dialect --app-id --app-key --token-life --rotation --rate-limit --rate-window \
    --daily-requests --daily-bytes --offices --pms --records --page-max --arrival-lag --list-bytes --list-lag \
    --auth-status --quirk --skew --zone --spu-offline --tls --fault --listen --fixtures --snapshot --log; do
	sikka-sim --help | grep -q -e "$option " || echo "$option isn't in --help"
	timeout -k 1 "$PATIENCE" sikka-sim "$option" "" 2>&1
	echo "$?"
done | sed 's/^sikka-sim: --[a-z-]*:/--OPTION:/' | sort | uniq -c | tr -s ' ' >"$T/empty"
is "$(cat "$T/empty")" " 30 --OPTION: the value is empty (is a variable unset?)
 30 64" "an empty value is refused for each option"
wrong 64 "an argument is empty (is a variable unset?)" ""
wrong 64 "an argument is empty (is a variable unset?)" --port 0 " " --verbose
wrong 64 "unexpected argument 8080; see sikka-sim --help" --verbose 8080 --seed 2
wrong 64 "unknown option --prot; did you mean --port?" --prot 8080
wrong 64 "unknown option --frobnicate; see sikka-sim --help" --frobnicate=1
wrong 64 "unknown option -x; see sikka-sim --help" -vx
wrong 64 "option --port needs a value; see sikka-sim --help" --port
wrong 64 "option --verbose takes no value; see sikka-sim --help" --verbose=2
wrong 64 "option --rate can mean several options; see sikka-sim --help" --rate 5
wrong 64 "--port 70000: not a number from 0 to 65535" --port 70000
wrong 64 "--rate-limit -1: not a number from 0 on" --rate-limit -1
wrong 64 "--dialect breif: no such choice; did you mean brief?" --dialect breif
wrong 64 "--quirk link=own: no such quirk; did you mean links?" --quirk link=own
wrong 64 "--quirk lists=pain: this quirk has no such value; did you mean plain?" --quirk lists=pain
wrong 64 "--records patient=5: no such resource; did you mean patients?" --records patient=5
wrong 64 "--spu-offline D3622: no such office; did you mean D36225?" --spu-offline D3622
wrong 64 "--spu-offline elsewhere: no such office" --spu-offline elsewhere
tilde="~"
wrong 66 "$T/none.pem: No such file or directory" --tls "$tilde/none.pem:$T/none.key"
wrong 66 "$T: Is a directory" --tls "$T:$T"
is "$(POSIXLY_CORRECT=1 sikka-sim x --help 2>&1)" "sikka-sim: unexpected argument x; see sikka-sim --help" "what is wrong is told in its order"
sikka-sim --app-key "a secret of mine" --app-id 2>"$T/err"
unlike "$(cat "$T/err")" secret "no message shows the application key"

# --- fault rules that no request can meet -----------------------------------------------------------
none="no route has this method and path"
wrong 64 "--fault POST /appointmnt=drop-after: $none; did you mean POST /appointment?" --fault 'POST /appointmnt=drop-after'
wrong 64 "--fault POST /v4/appointment=html: $none; did you mean POST /appointment?" --fault 'POST /v4/appointment=html'
wrong 64 "--fault post /appointment=html: $none; did you mean POST /appointment?" --fault 'post /appointment=html'
wrong 64 "--fault POST /appointments@2=html: $none; did you mean POST /appointment?" --fault 'POST /appointments@2=html'
wrong 64 "--fault PATCH /appointments/=html: $none; did you mean PATCH /appointments/*?" --fault 'PATCH /appointments/=html'
wrong 64 "--fault GET /no_such_thing=html: $none" --fault 'GET /no_such_thing=html'
wrong 64 "--fault * /patients/7/notes/all=html: $none" --fault '* /patients/7/notes/all=html'
wrong 64 "--fault GET /patients=drop-afer: no such action; did you mean drop-after?" --fault 'GET /patients=drop-afer'
here="this action can't be used with this method and path"
for rule in 'GET /patients=lacks:275495' 'GET /patients=lag:5' 'GET /writebacks=endless' 'GET /writebacks=no-id' \
    'POST /request_key=id:5' 'POST /appointment=fetched' 'POST /patient=short:1' 'DELETE /writebacks=total:1'; do
	wrong 64 "--fault $rule: $here" --fault "$rule"
done
start
for rule in '* *=html' '* /*=html' '* /providers=html' 'P[OA]T*H /appointments/??=no-id' 'P* /appointments/[!a-z]5=no-id' 'GET /*s=endless' \
    'GET /finance/*=short:1' 'DELETE /*key=html' 'D* /writebacks=fetched' 'GET /[p]atients=html' 'GET /writebacks=repeats'; do
	rule "$rule"
	echo "$rule: $(cat "$T/rule")"
done >"$T/rules"
is "$(grep -v ': ok$' "$T/rules")" "" "patterns that a request can meet are taken"
rule 'GET /patiens=html'
is "$(cat "$T/rule")" "$none; did you mean GET /patients?" "a rule that is added later is checked, too"
is "$(sim -X POST "$R/quirks?lists=pain" | jq -r .error)" "this quirk has no such value; did you mean plain?" "and a quirk"

# --- a port that is taken ------------------------------------------------------------------------------
port=${B#http://127.0.0.1:}
port=${port%/v4}
wrong 69 "can't listen on port $port: Address already in use" --port "$port"
new_key D36225
is "$(for _ in 1 2 3 4 5 6 7 8; do key "$B/patients?limit=1"; done | sort | uniq -c | tr -s ' ')" " 8 200" "the first one gets each request"
stop
start --port "$port"
is "$B" "http://127.0.0.1:$port/v4" "when it has ended, the port is free at once"

# --- links ---------------------------------------------------------------------------------------------
new_key D36225
# Follows "next" from a page to the last one: the number of pages, and of different records.
follow() {
	pages=0 next=$1
	: >"$T/ids"
	while [ -n "$next" ] && [ "$pages" -lt 20 ]; do
		key "$next" >"$T/answer" || break
		json '.items[].appointment_sr_no' >>"$T/ids"
		next=$(json .pagination.next)
		pages=$((pages + 1))
	done
	echo "$pages $(sort -u "$T/ids" | wc -l)"
}
is "$(follow "$B/appointments?limit=20")" "5 87" "who follows the links reads the whole list"
is "$(follow "http://localhost:$port/v4/appointments?limit=50") $(json '.pagination.first | startswith("http://localhost:'"$port"'/v4/")')" "2 87 true" "they lead where the client came from"
is "$(follow "$B/appointments?limit=1&find=description%3Deq_Exam%3A%3AAND%3A%3Atime%3Deq_08%3A00&request_key=$K")" \
    "$(key "$B/appointments?limit=500&find=description%3Deq_Exam%3A%3AAND%3A%3Atime%3Deq_08%3A00" >"$T/answer"
    json '.items | length | "\(.) \(.)"')" "with all parameters"
unlike "$(json .pagination.first)" "request_key|$K" "but without the request key"
is "$(key -H 'Host: a.proxy:8443' "$B/appointments?limit=1") $(json '.pagination.current')" "200 http://a.proxy:8443/v4/appointments?offset=0&limit=1" "a proxy's name stays"
key "$(json .pagination.last | sed "s/a.proxy:8443/127.0.0.1:$port/")" >"$T/answer"
is "$(json '.pagination | .next + " " + .previous' | sed 's/.*offset=//')" "85&limit=1" "the last page has none behind it"
done_testing
