#!/bin/sh
# SPDX-License-Identifier: MIT
# Network trouble: no connection, senseless answers, redirects; and to whom keys are sent
. "$(dirname "$0")/lib.sh"

one_line() { is "$(wc -l <"$T/err" | tr -d ' ')" 1 "$1: one line on stderr"; }

start_sim
authorize
SIM1=$SIM BASE1=$SIKKA_BASE_URL
total() { curl -sS "$SIM1/requests" | jq .total; }

# --- those that are tried again take seconds: side by side --------------------------------------------
# A port that nobody listens on. (One that was just given back may be another test's by now.)
closed=http://127.0.0.1:1/v4
# background NAME CODE ENVIRONMENT … COMMAND
background() {
	name=$1
	shift
	{ env "$@" >"$T/$name.out" 2>"$T/$name.err"; echo $? >"$T/$name.code"; } &
	pids="${pids:-} $!"
}
sim_fault 'GET /patients=html'
sim_fault 'GET /providers=drop-before'
sim_fault 'GET /guarantors=cut:300'
background refused SIKKA_BASE_URL="$closed" sikka-get -O D36225 appointments
background authorize SIKKA_BASE_URL="$closed" sikka-authorize
background html sikka-get -O D36225 patients
background dropped sikka-get -O D36225 providers
background cut sikka-get -O D36225 guarantors
sql "UPDATE pms_integrations SET token_expiry='2020-01-01T00:00:00.000Z' WHERE office_id='D20006'"
background token SIKKA_BASE_URL="$closed" sikka-token print D20006
echo '{"office_id":"D36225","practice_id":"1","patient_id":"7","date":"2031-03-03","time":"09:00","length":"30","description":"x","provider_id":"DOC1","operatory":"OP1"}' >"$T/booking"
SIKKA_DB=$T/booked/sikka.db begin_state
background book SIKKA_BASE_URL="$closed" sikka-book -D "$T/booked/sikka.db" "$T/booking"
sikka-authorize --export | sikka-authorize --import -D "$T/booked2/sikka.db" >/dev/null 2>&1
background booked SIKKA_BASE_URL="$closed" sikka-book -D "$T/booked2/sikka.db" "$T/booking"

# --- whom keys are sent to ------------------------------------------------------------------------------
port=${BASE1#http://127.0.0.1:}
for url in "http://localhost.example.com:$port" "http://192.0.2.1:$port" "http://127.0.0.1@example.com:$port" \
    "http://127.0.0.1@127.0.0.1:$port" "http://user:pass@127.0.0.1:$port" "http://2130706433:$port" \
    "http://0177.0.0.1:$port" "http://0.0.0.0:$port" "http://127.0.0.1.example.com:$port" "ftp://127.0.0.1:$port" \
    "file:///etc/passwd" "127.0.0.1:$port" "http://127.0.0.1:$port?x=" "http://127.0.0.1:$port#" "https://" \
    "http://127.0.0.1\\@example.com:$port" "http://127.0.0.1:0/v4" "http://127.0.0.1:99999/v4"; do
	run 78 "base URL $url" env SIKKA_BASE_URL="$url" sikka-get -O D36225 appointments
	unlike "$err" "pass" "nothing of it that may be secret is shown"
done
like "$err" "https://" "the line says what it must be"
before=$(total)
run 78 "for sikka-authorize" env SIKKA_BASE_URL="http://127.0.0.1@localhost:$port" sikka-authorize
run 78 "for sikka-book" env SIKKA_BASE_URL="http://user@localhost:$port" sikka-book "$T/booking"
is "$(sql 'SELECT count(*) FROM pms_writebacks')" 0 "and nothing is journaled"
run 0 "localhost" env SIKKA_BASE_URL="http://localhost:$port" sikka-get -O D36225 appointments --limit 1
run 0 "a slash at the end" env SIKKA_BASE_URL="$BASE1/" sikka-get -O D36225 appointments --limit 1

# --- proxies ----------------------------------------------------------------------------------------
nowhere=${closed%/v4}
run 0 "proxies are not for loopback" env http_proxy="$nowhere" HTTP_PROXY="$nowhere" ALL_PROXY="$nowhere" all_proxy="$nowhere" no_proxy= \
    sikka-get -O D36225 appointments --limit 1
printf 'machine 127.0.0.1 login user password netrcsecret\n' >"$T/.netrc"
chmod 600 "$T/.netrc"
printf 'HTTP/1.1 200 OK\r\nContent-Length: 53\r\nConnection: close\r\n\r\n{"limit":"50","total_count":"1","items":[{"a":"bc"}]}' >"$T/answer"
start_canned "$T/answer"
run 0 "a .netrc" sikka-get -O D36225 patients --limit 1
unlike "$(cat "$T/canned.log")" "[Aa]uthorization" "isn't used"
like "$(cat "$T/canned.log")" "^Request-Key: [0-9a-f]{32}" "the key goes in a header"
unlike "$(grep '^GET' "$T/canned.log")" "[0-9a-f]{32}" "and not in the URL"

# --- answers that make no sense -------------------------------------------------------------------------
printf 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 36\r\nConnection: close\r\n\r\n<html><title>Login \033[31mhere</title>' >"$T/answer"
run 76 "HTML with 200" sikka-get -O D36225 patients
like "$err" "not JSON, but a page of HTML: Login .*here" "its title is shown"
is "$(LC_ALL=C tr -d '[:print:]\n' <"$T/err" | wc -c | tr -d ' ')" 0 "with control characters escaped"
one_line "HTML"
printf 'HTTP/1.1 200 OK\r\nContent-Length: 15\r\nConnection: close\r\n\r\n{"no":"list", }' >"$T/answer"
run 76 "JSON that is none" sikka-get -O D36225 patients
printf 'HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\n[1,2,3]' >"$T/answer"
run 76 "JSON of another kind" sikka-get -O D36225 patients
printf 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n' >"$T/answer"
run 76 "an empty body" sikka-get -O D36225 patients
run 76 "for sikka-authorize too" sikka-authorize
is "$(sql "SELECT group_concat(DISTINCT status) FROM pms_integrations")" active "which touches nobody"
SIKKA_BASE_URL=$BASE1
sim_fault 'GET /appointment_statuses@1=garbage'
sim_fault 'GET /appointment_statuses@2=empty'
run 76 "garbage" sikka-get -O D36225 appointment_statuses practice_id=1
one_line "garbage"
run 76 "nothing" sikka-get -O D36225 appointment_statuses practice_id=1
one_line "nothing"
run 0 "and then sense" sikka-get -O D36225 appointment_statuses practice_id=1

# --- redirects --------------------------------------------------------------------------------------
start_sim
BASE2=$SIKKA_BASE_URL SIM2=$SIM
SIKKA_BASE_URL=$BASE1 SIM=$SIM1
sim_fault "GET /appointments=redirect:$BASE2/appointments"
sim_fault "POST /request_key=redirect:$BASE2/request_key"
sim_fault "POST /appointment=redirect:$BASE2/appointment"
sim_fault "GET /authorized_practices=redirect:$BASE2/authorized_practices"
run 69 "a redirected read" sikka-get -O D36225 appointments
like "$err" "redirect" "the line says so"
one_line "redirect"
run 69 "a redirected renewal" sikka-token refresh --all -O D36225
run 69 "a redirected listing" sikka-authorize
sikka-book "$T/booking" >"$T/out" 2>"$T/err"
is "$(curl -sS "$SIM2/requests" | jq -c '[.total, .routes]')" '[0,{}]' "the other host sees no request"

# --- TLS ----------------------------------------------------------------------------------------------
if command -v openssl >/dev/null; then
	ca() { # ca NAME: a CA of that name, and certificates of its for 127.0.0.1 and for another host
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$1" \
		    -keyout "$T/$1.key" -out "$T/$1.pem" 2>>"$T/openssl"
		for name in IP:127.0.0.1 DNS:other.example; do
			file=$1-${name#*:}
			openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=server \
			    -keyout "$T/$file.key" -out "$T/$file.csr" 2>>"$T/openssl"
			printf 'subjectAltName=%s\n' "$name" >"$T/extension"
			openssl x509 -req -in "$T/$file.csr" -CA "$T/$1.pem" -CAkey "$T/$1.key" -CAcreateserial -days 2 \
			    -extfile "$T/extension" -out "$T/$file.pem" 2>>"$T/openssl"
		done
	}
	ca one
	ca two
	SIKKA_DB=$T/tls/sikka.db # those in the background still have the first one
	start_sim --tls "$T/one-127.0.0.1.pem:$T/one-127.0.0.1.key"
	begin_state
	run 69 "a certificate of a CA that isn't known" sikka-authorize
	like "$err" "certificate|SSL|issuer" "the line says so"
	like "$err" "$SIKKA_BASE_URL" "and where"
	one_line "unknown CA"
	run 69 "the CA of somebody else" env SIKKA_CA_FILE="$T/two.pem" sikka-authorize
	is "$(sim_get requests | jq .total)" 0 "nothing was asked"
	run 0 "with ca_file" env SIKKA_CA_FILE="$T/one.pem" sikka-authorize
	run 0 "and reading" env SIKKA_CA_FILE="$T/one.pem" sikka-get -O D36225 appointments
	is "$(wc -l <"$T/out" | tr -d ' ')" 87 "everything"
	run 69 "https, spoken to in plain http" env SIKKA_BASE_URL="http${SIKKA_BASE_URL#https}" sikka-token refresh --all -O D36225
	is "$(sim_get requests | jq .secrets_in_urls)" 0 "no secret was in a URL"
	"$BUILD/bin/sikka-get" -O D36225 appointments >"$T/out" 2>"$T/err"
	is "$?" 69 "a read without ca_file"
	for bad in "$T/nowhere.pem" "$T" /dev/null; do
		SIKKA_CA_FILE=$bad sikka-get -O D36225 appointments >"$T/out" 2>"$T/err"
		code=$?
		[ $code = 78 ] || [ $code = 69 ]
		ok $? "ca_file $bad ($code)"
		like "$(cat "$T/err")" "ca_file|CA|certificate|SSL" "the line says so"
	done
	start_sim --tls "$T/one-other.example.pem:$T/one-other.example.key"
	run 69 "a certificate for another host" env SIKKA_CA_FILE="$T/one.pem" sikka-authorize
	like "$err" "certificate|SSL|subject|host" "the line says so"
	is "$(sim_get requests | jq .total)" 0 "nothing was asked"
else
	ok 0 "TLS # SKIP no openssl(1)"
fi

# --- those that ran meanwhile -----------------------------------------------------------------------------
wait $pids
ended() { # ended NAME CODE WHAT PATTERN
	is "$(cat "$T/$1.code")" "$2" "$3 (exit $2)"
	like "$(cat "$T/$1.err")" "$4" "$3: the line says so"
	is "$(wc -l <"$T/$1.err" | tr -d ' ')" 1 "$3: one line"
}
ended refused 69 "a closed port" "onnect.*$closed|$closed.*onnect"
ended authorize 69 "a closed port, sikka-authorize" "onnect"
ended token 69 "a closed port, sikka-token" "onnect"
ended html 69 "HTML with 502, which a proxy sends" "502.*not JSON"
ended dropped 69 "connections that are dropped" "$BASE1"
ended cut 69 "answers that are cut" "$BASE1"
is "$(cat "$T/refused.out" "$T/token.out" "$T/html.out" "$T/dropped.out" "$T/cut.out")" "" "nothing on stdout"
is "$(cat "$T/book.code")" 77 "a booking for an office that isn't known (exit 77)"
is "$(cat "$T/booked.code")" 69 "a booking that surely wasn't sent (exit 69)"
is "$(jq -r '.result + " " + .error_code' "$T/booked.out")" "failed not_sent" "is told as failed"
SIM=$SIM1
is "$(sim_writebacks)" 0 "nothing was booked anywhere"
# --- what is said of a server that is overloaded -----------------------------------------------------------
start_sim --delay 0:0
SIKKA_DB=$T/overloaded/sikka.db
authorize
sim_fault 'GET /patients=status:503:API2002'
run 69 "503 for each attempt" sikka-get -O D36225 patients
like "$err" "API2002\\); HTTP 503, tried 4 times$" "says how often it was tried"
if command -v script >/dev/null && script -qec true /dev/null >/dev/null 2>&1 </dev/null; then
	sim_clear_faults
	# the pause between two tries is a matter of chance, and so whether a second passes before the fourth one
	trouble() { script -qec "stty cols 200; sikka-get -O D36225 patients --limit 1 >records" /dev/null </dev/null >"$T/typescript" 2>&1; }
	shown() { sim_fault 'GET /patients@1-3=status:503' && TERM=xterm trouble && grep -q 'trying again' "$T/typescript"; }
	wait_for shown
	like "$("$TOP/tests/screen" 200 seen "$T/typescript")" "^reading patients: 0 records; /patients: .*HTTP 503.*; trying again \\([234] of 4\\): [0-9.]+ s$" "a terminal shows why nothing happens"
	is "$(wc -l <records | tr -d ' ')" 1 "until it does"
	sim_clear_faults
	sim_fault 'GET /patients@1-2=status:503'
	run 0 "what is no terminal" sikka-get -O D36225 patients --limit 1
	is "$err" "" "gets no word of it"
else
	ok 0 "a terminal shows why nothing happens # SKIP no script(1)"
fi

done_testing
