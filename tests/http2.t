#!/bin/sh
# SPDX-License-Identifier: MIT
# Through a server that speaks HTTP/2: what reads has HTTP/2, and what writes HTTP/1.1
. "$(dirname "$0")/lib.sh"

PATH=$PATH:/usr/sbin # where nghttpx is, and not every user looks
if ! command -v nghttpx >/dev/null || ! command -v openssl >/dev/null; then
	ok 0 "HTTP/2 # SKIP no nghttpx(1) or no openssl(1)"
	done_testing
	exit 0
fi

start_sim --rate-limit 100000 --delay 0:0 --offices 20
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=front \
    -addext subjectAltName=IP:127.0.0.1 -keyout "$T/front.key" -out "$T/front.pem" 2>"$T/openssl"
: >"$T/access"
back=${SIM#http://}
back=${back%%/*}
# It can't be told to take any free port. So long as it begins, curl gets no answer.
begins() { kill -0 "$front" 2>"$T/ended" && ! curl -sS --cacert "$T/front.pem" "https://127.0.0.1:$port/" >"$T/answer" 2>"$T/curl"; }
for port in $(seq 18200 18299); do
	# shellcheck disable=SC2016 # nghttpx expands them
	nghttpx --conf=/dev/null --no-ocsp --workers=1 --frontend="127.0.0.1,$port" --backend="127.0.0.1,${back#*:}" \
	    --accesslog-file="$T/access" --accesslog-format='$alpn $method $path_without_query $status' \
	    --errorlog-file="$T/front.err" "$T/front.key" "$T/front.pem" 2>"$T/front.out" &
	front=$!
	sim_pids="$sim_pids $front" # ended with it
	while begins; do sleep 0.05; done
	! kill -0 "$front" 2>"$T/ended" || break
done
kill -0 "$front" 2>"$T/ended"
ok $? "nghttpx stands before the simulator"
SIKKA_BASE_URL=https://127.0.0.1:$port/v4
SIKKA_CA_FILE=$T/front.pem
export SIKKA_BASE_URL SIKKA_CA_FILE

# seen METHOD: by which protocols those requests came
seen() { awk -v method="$1" '$2 == method && !/_sim/ { print $1 }' "$T/access" | sort -u | paste -sd' '; }

authorize
is "$(seen POST)" http/1.1 "sikka-authorize gets keys, which changes something, by HTTP/1.1"
: >"$T/access"
run 0 "reading twenty offices" sikka-get appointments
is "$(wc -l <"$T/out" | tr -d ' ')" "$(SIKKA_BASE_URL=${SIM%/_sim}/v4 sikka-get appointments | wc -l | tr -d ' ')" "everything comes"
is "$(seen GET)" h2 "by HTTP/2"
: >"$T/access"
booking >in
run 0 "a booking" sikka-book in
is "$(seen POST) $(sim_writebacks)" "http/1.1 1" "leaves by HTTP/1.1, once"
: >"$T/access"
run 0 "its end" sikka-poll --wait=60s
is "$(seen GET) $(row 1 result)" "h2 completed" "is seen by HTTP/2"

# The front answers for a server that has closed the connection.
sim_fault 'POST /appointment@1=drop-after'
booking time=10:00 >in
run 2 "a booking whose answer is lost behind the front" sikka-book in
is "$(sim_writebacks)" 2 "isn't sent again"

done_testing
