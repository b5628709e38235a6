#!/bin/sh
# SPDX-License-Identifier: MIT
# lib-sim.sh: asking the simulator by hand, with curl, for the tests of the simulator itself. Sourced
# behind lib.sh.

B='' R='' P='' K='' ended=''

stop() {
	[ -z "$P" ] && return
	kill "$P"
	wait "$P"
	ended=$?
	P=
}

# start [OPTION …]: starts a simulator with these options and ends the one before. B is its base URL, R the
# address of /_sim.
start() {
	stop
	start_sim --rate-limit 100000 "$@"
	P=$SIM_PID B=$SIKKA_BASE_URL R=$SIM
}

# ask CURL-ARGUMENT …: status and error code of the answer; its body in $T/body.
ask() {
	: >"$T/body"
	status=$(curl -sS -m "$PATIENCE" -o "$T/body" -D "$T/head" -w '%{http_code}' "$@" 2>"$T/curl") || {
		echo "curl $?"
		return
	}
	echo "$status$(jq -r 'if type == "object" and .error_code then " " + .error_code else "" end' "$T/body" 2>"$T/jq")"
}
app() { ask -H 'App-Id: sikka-sim-app' -H 'App-Key: sikka-sim-key' "$@"; }
key() { ask -H "Request-Key: $K" "$@"; }
json() { jq -r "$1" "$T/body"; }
header() { tr -d '\r' <"$T/head" | sed -n "s/^$1: //p"; }
sim() { curl -sS -m "$PATIENCE" "$@"; }

# grant MEMBERS: POST /request_key with these beside the application's.
grant() {
	ask -H 'Content-Type: application/json' -d '{"app_id":"sikka-sim-app","app_key":"sikka-sim-key",'"$1}" "$B/request_key"
}
secret() { # of an office
	app "$B/authorized_practices?show=all" >"$T/answer"
	json ".items | map(select(.office_id == \"$1\"))[0].secret_key"
}
new_key() { # for an office, in K
	grant '"grant_type":"request_key","office_id":"'"$1"'","secret_key":"'"$(secret "$1")"'"' >"$T/answer"
	K=$(json .request_key)
}

# rule RULE …: these and no others; "ok" or what is wrong with them in $T/rule.
rule() {
	sim -X DELETE "$R/faults" >"$T/answer"
	printf '%s\n' "$@" | sim --data-binary @- "$R/faults" | jq -r '.error // "ok"' >"$T/rule"
}
advance() { sim -X POST "$R/advance?seconds=$1" >"$T/answer"; }
# options NAME=VALUE[&…]: prints "ok", or what is wrong.
options() { sim -X POST "$R/options?$1" | jq -r '.error // (if has("now") then "ok" else . end)'; }
queued() { sim "$R/state" | jq '.writebacks | length'; }

# visit: the members of a booking, each time of the next minute. book [CURL-ARGUMENT …] hands one in.
echo 0 >"$T/slot"
visit() {
	slot=$(($(cat "$T/slot") + 1))
	echo "$slot" >"$T/slot"
	printf '"patient_id":"7","date":"2031-02-07","time":"%02d:%02d","length":"30","description":"Exam","provider_id":"DOC1","operatory":"OP1","practice_id":"1"' $((slot / 60)) $((slot % 60))
}
book() { key "$@" -H 'Content-Type: application/json' -d "{$(visit)}" "$B/appointment"; }
