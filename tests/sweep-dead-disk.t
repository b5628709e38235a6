#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-sweep on a disk that takes no write: each part fails, and the error is printed once
. "$(dirname "$0")/lib.sh"

if ! command -v strace >"$T/found"; then
	echo "1..0 # SKIP strace isn't installed"
	exit 0
fi
# LeakSanitizer doesn't work beneath another tracer.
ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0"

start_sim --rate-limit 1000 --delay 0:0
authorize
sim_post 'office?office_id=D20006&spu=offline'
echo '{"office_id":"D20006","operation":"update_patient","patient_id":"3","staff":"ST1","firstname":"four"}' >in
run 0 "one that waits for its practice" sikka-book in
later 30000
sim_fault 'POST /appointment@1=drop-after'
booking >in
run 2 "hours later a booking whose answer is lost" sikka-book in
for call in pwrite64 fcntl; do
	strace -f -qq -o "$T/trace" -e trace=$call -e inject=$call:error=EIO:when=30+ sikka-sweep --stuck-after 6h --retry >"$T/out" 2>"$T/err"
	code=$?
	[ "$code" -eq 2 ] || [ "$code" -eq 71 ] || [ "$code" -eq 74 ]
	ok $? "every $call fails from the 30th on (exit $code)"
	is "$(sort "$T/err" | uniq -d)" "" "no line stands there twice"
	like "$(cat "$T/err")" 'check the disk' "one says what is to be done"
done
run 0 "the next one" sikka-sweep
is "$(row 2 result)" pending "settles it"
done_testing
