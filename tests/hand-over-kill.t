#!/bin/sh
# SPDX-License-Identifier: MIT
# A hand-over is killed at each of its steps: afterwards one host has the office, or the old one says what to type
. "$(dirname "$0")/lib.sh"

if ! strace -o /dev/null true 2>/dev/null; then
	ok 0 "no strace # SKIP"
	done_testing
	exit
fi

# host K/N COMMAND ...: a state file each
host() {
	share=$1
	shift
	SIKKA_SHARE=$share SIKKA_DB="$T/host${share%/*}/sikka.db" "$@"
}
sql_of() { sqlite "$T/host$1/sikka.db" "$2"; }
has() { sql_of "$1" "SELECT count(*) FROM pms_integrations WHERE office_id = '$two'"; }
give() { SIKKA_KEPT='' host 1/2 sikka-sweep --export-office "$two"; }
# killed CALL COUNT K/N ARGUMENT ...: is killed at a system call, or ends; its exit code
killed() {
	call=$1 count=$2 share=$3
	shift 3
	SIKKA_KEPT='' host "$share" env ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" strace -f -qq -o /dev/null -e "trace=$call" -e "inject=$call:signal=KILL:when=$count" sikka-sweep "$@"
}
save() { rm -rf "$1" && mkdir "$1" && cp -a host1 host2 "$1"; }
put_back() { rm -rf host1 host2 && cp -a "$1/host1" "$1/host2" .; }

start_sim --rate-limit 100000 --delay 0:0 --offices 2 --pms D20006=Dentrix:G6.2
host 1/1 sikka-authorize >out 2>err
for id in $(sql_of 1 "SELECT office_id FROM pms_integrations"); do
	case $(SIKKA_SHARE=1/2 sikka-status --share "$id" | jq .host) in 2) two=$id ;; esac
done
later 61
host 1/1 sikka-sweep >out 2>err
booking office_id="$two" key=a time=09:00 >a
run 0 "a request" host 1/1 sikka-book a
run 0 "has ended" host 1/1 sikka-poll --wait --every 1s
host 2/2 sikka-authorize --import </dev/null >out 2>err
rows=$(sql_of 1 "SELECT count(*) FROM pms_writebacks")
sent=$(posts)
save before

# Whatever the first one left, the same two commands end it.
finish() {
	give >again 2>give.err && host 2/2 sikka-sweep --import-office again >take.out 2>take.err || return 1
	[ "$(has 1)$(has 2)" = 01 ] && [ "$(sql_of 2 "SELECT count(*) FROM pms_writebacks")" = "$rows" ]
}

# --- giving away -----------------------------------------------------------------------------------
kills=0 given=0
for point in $(seq -f fdatasync:%g 1 9) $(seq -f write:%g 1 3) $(seq -f pwrite64:%g 2 11 90); do
	put_back before
	killed "${point%:*}" "${point#*:}" 1/2 --export-office "$two" >moved 2>err
	[ $? = 137 ] || continue
	kills=$((kills + 1))
	# In doubt is only whether the office is still here, and the old host knows that.
	host 1/2 sikka-status --share "$two" >shared 2>err
	is "$(jq -r 'if .given_away_at == null then 1 else 0 end' shared) $(wc -c <moved)" "$(has 1) 0" "killed at $point: given away, or not; nothing is written before"
	if [ "$(has 1)" = 0 ]; then
		given=$((given + 1))
		host 1/1 sikka-book a >refused 2>err
		is "$(jq -r '.error_code, (.error_message | contains("--export-office '"$two"'"))' refused | tr '\n' ' ')" "other_share true " "it says what to type"
	fi
	finish
	ok $? "and the two commands end it"
done
ok $((kills < 12 || given < 2 || given == kills)) "it was killed before and after the commit ($given of $kills)"

# --- taking over -----------------------------------------------------------------------------------
put_back before
give >moved 2>err
save before
kills=0 taken=0
for point in $(seq -f fdatasync:%g 1 9) $(seq -f write:%g 1 3) $(seq -f pwrite64:%g 2 17 150); do
	put_back before
	killed "${point%:*}" "${point#*:}" 2/2 --import-office moved >out 2>err
	[ $? = 137 ] || continue
	kills=$((kills + 1)) taken=$((taken + $(has 2)))
	is "$(has 1)$(sql_of 2 "SELECT count(*) FROM pms_writebacks") $(sql_of 2 "SELECT count(*) FROM hand_overs")" \
	    "0$(($(has 2) * rows)) $(has 2)" "killed at $point: all of it is there, or nothing"
	run 0 "the same command" host 2/2 sikka-sweep --import-office moved
	is "$(has 2) $(sql_of 2 "SELECT count(*) FROM pms_writebacks") $(sql_of 2 "SELECT count(*) FROM events WHERE kind = 'taken_in'")" "1 $rows 1" "ends it, once"
done
ok $((kills < 12 || taken < 1 || taken == kills)) "it was killed before and after the commit ($taken of $kills)"
is "$(sql_of 2 "SELECT request_key IS NOT NULL FROM pms_integrations WHERE office_id = '$two'")" 1 "with the keys"
run 0 "the request" host 2/2 sikka-book a
is "$(said '[.result, .duplicate] | join(" ")') $(posts)" "completed true $sent" "isn't sent again"

done_testing
