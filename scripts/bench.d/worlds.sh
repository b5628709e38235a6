# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Sourced by scripts/bench. What a row is measured in: a simulator with its offices, a state file of its own, and what
# curl needs to send the same requests.

PLENTY=1000000 # a limit that never matters
SLOW='* *=slow:100'
# curl reads its requests from files, since every user of the machine can read the arguments of a process.
CURL='curl --no-progress-meter --parallel --parallel-immediate --parallel-max 32 -K'
SIM_PID='' NGINX_PID='' FOLLOW_PID='' READ_PID=''

begin_world() {
	# curl sends bookings for the same offices, and no row of the state file has them.
	export SIKKA_APP_ID=sikka-sim-app SIKKA_APP_KEY=sikka-sim-key XDG_CONFIG_HOME="$T" SIKKA_SHARED_OFFICES="*"
	export SIKKA_BASE_URL='' SIKKA_DB=''
	WORLDS=0
}

stop() { # PID
	[ -n "$1" ] || return 0
	kill "$1" 2>>"$T/ended" || :
	wait "$1" 2>>"$T/ended" || :
}

clean_up() {
	stop "$FOLLOW_PID"
	stop "$READ_PID"
	stop "$SIM_PID"
	stop "$NGINX_PID"
	rm -rf "$T"
}

# world OPTION …: a simulator instead of the one that runs, and no state file yet. All offices have one system, so that
# the same fields do for all of them.
world() {
	stop "$SIM_PID"
	: >"$T/url"
	sikka-sim --delay 0:0 --rate-limit "$PLENTY" --log 0 --pms '*=OpenDental:22.1' "$@" >"$T/url" &
	SIM_PID=$!
	while [ ! -s "$T/url" ]; do
		kill -0 "$SIM_PID" || exit 1
		sleep 0.05
	done
	rm -rf "$T/state"
	SIKKA_BASE_URL=$(cat "$T/url")
	SIKKA_DB=$T/state/sikka.db
	SIM=${SIKKA_BASE_URL%/v4}/_sim
	REQUESTS_FROM=sim
}

slow() { printf '%s\n' "$SLOW" | curl -sS --fail --data-binary @- "$SIM/faults" >"$T/out"; }
quiet() { "$@" >"$T/out" 2>"$T/err" || fail "$*" "$T/err"; }

requests() {
	if [ "$REQUESTS_FROM" = nginx ]; then wc -l <"$T/nginx/access.log"; else curl -sS "$SIM/requests" | jq .total; fi
}

sql() { sqlite3 -json "$SIKKA_DB" "$1" | jq -c '.[]'; } # rows as JSON objects

offices_world() { # OFFICES [OPTION …]: with a key for each office
	count=$1
	shift
	world --offices "$count" "$@"
	quiet sikka-authorize
	sql 'SELECT office_id, request_key, secret_key FROM pms_integrations ORDER BY office_id' >"$T/keys"
}

# bookings MONTH COUNT: the offices in turn, each at a time of its own
bookings() {
	jq -cn --slurpfile offices "$T/keys" --arg month "$1" --argjson n "$2" 'range($n) as $i
	    | ($i / ($offices | length) | floor) as $slot
	    | {office_id: $offices[$i % ($offices | length)].office_id, practice_id: "1", patient_id: "7",
		provider_id: "DOC1", operatory: "OP1", length: "10", description: "bench",
		date: "\(2031 + ($slot / 2688 | floor))-\($month)-\(1 + ($slot % 2688 / 96 | floor) | tostring | if length < 2 then "0" + . else . end)",
		time: ($slot % 96 | "\(. / 6 + 6 | floor | tostring | if length < 2 then "0" + . else . end):\(. % 6)0")}'
}

# Blocks of curl's config file out of a stream of {url, request, header, data}; a JSON text is a text there as well.
curl_config() {
	jq -rn '[inputs] | to_entries[] | (if .key > 0 then "next" else empty end),
	    (.value | to_entries[] | .key as $name | [.value] | flatten[] | "\($name) = \(tojson)"),
	    "fail", "output = /dev/null"'
}

curl_posts() { # MONTH COUNT: the same as requests
	bookings "$1" "$2" | jq -c --slurpfile offices "$T/keys" '($offices | INDEX(.office_id)) as $of | .
	    | {url: "\(env.SIKKA_BASE_URL)/appointment", request: "POST",
		header: ["Content-Type: application/json", "Request-Key: \($of[.office_id].request_key)"],
		data: (del(.office_id) | tojson)}' | curl_config
}

curl_grants() {
	jq -c '{url: "\(env.SIKKA_BASE_URL)/request_key", request: "POST", header: "Content-Type: application/json",
	    data: ({grant_type: "request_key", office_id, secret_key, app_id: env.SIKKA_APP_ID, app_key: env.SIKKA_APP_KEY}
	    | tojson)}' "$T/keys" | curl_config
}

curl_questions() {
	sql 'SELECT w.writeback_id, i.request_key FROM pms_writebacks w JOIN pms_integrations i USING (office_id)' |
	    jq -c '{url: "\(env.SIKKA_BASE_URL)/writeback_status?id=\(.writeback_id)", header: "Request-Key: \(.request_key)"}' |
	    curl_config
}

app_headers() {
	printf 'header = "App-Id: %s"\nheader = "App-Key: %s"\n' "$SIKKA_APP_ID" "$SIKKA_APP_KEY"
}

# static_pages COUNT: so many appointments of one office, in pages of 500 and 5,000 that nginx serves as files. The
# simulator goes on: it gave the office its key.
static_pages() {
	world --records "appointments=$1"
	quiet sikka-authorize -O D36225
	key=$(sqlite3 "$SIKKA_DB" "SELECT request_key FROM pms_integrations WHERE office_id = 'D36225'")
	mkdir -p "$T/nginx/pages"
	printf 'header = "Request-Key: %s"\n' "$key" >"$T/key"
	for limit in 500 5000; do
		for offset in $(seq 0 $((($1 - 1) / limit))); do
			curl -sS --fail -K "$T/key" -o "$T/nginx/pages/appointments-$limit-$offset" \
			    "$SIKKA_BASE_URL/appointments?offset=$offset&limit=$limit"
		done
	done
	start_nginx
	REQUESTS_FROM=nginx
	SIKKA_BASE_URL=http://127.0.0.1:$NGINX_PORT/v4
}

start_nginx() {
	[ -z "$NGINX_PID" ] || return 0
	printf '%s' "$T" >"$T/nginx/pages/whose"
	for NGINX_PORT in $(seq 18080 18180); do
		cat >"$T/nginx/nginx.conf" <<-END
			daemon off;
			master_process off;
			pid $T/nginx/pid;
			error_log $T/nginx/error.log;
			events { }
			http {
				access_log $T/nginx/access.log;
				client_body_temp_path $T/nginx/body; proxy_temp_path $T/nginx/proxy; fastcgi_temp_path $T/nginx/fastcgi;
				uwsgi_temp_path $T/nginx/uwsgi; scgi_temp_path $T/nginx/scgi;
				default_type application/json;
				keepalive_requests 100000;
				server {
					listen 127.0.0.1:$NGINX_PORT;
					root $T/nginx/pages;
					location = /v4/appointments { try_files /appointments-\$arg_limit-\$arg_offset =404; }
				}
			}
		END
		nginx -p "$T/nginx" -c "$T/nginx/nginx.conf" 2>"$T/nginx/start" &
		NGINX_PID=$!
		for _ in $(seq 100); do
			# Another one may have the port: it has no such file.
			[ "$(curl -s "http://127.0.0.1:$NGINX_PORT/whose")" != "$T" ] || return 0
			kill -0 "$NGINX_PID" 2>"$T/ended" || break
			sleep 0.05
		done
	done
	echo "bench: nginx doesn't start" >&2
	tail -n 3 "$T/nginx/start" >&2
	exit 1
}
