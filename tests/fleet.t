#!/bin/sh
# SPDX-License-Identifier: MIT
# The shares of a fleet: sikka-fleet(7). Which offices a host works for, and what becomes of those that it has lost.
. "$(dirname "$0")/lib.sh"

# --- the setting ---------------------------------------------------------------------------------
mkdir -p "$T/etc"
for share in 2 0/5 6/5 2/0 2/1001 a/b '2 / 5' 2/5/6; do
	printf 'app_id = x\nshare = %s\n' "$share" >"$T/etc/config"
	run 78 "share = $share" env SIKKA_CONFIG="$T/etc/config" sikka-status
	like "$err" "share \($T/etc/config:2\) must be K/N, .*2/5.*, not \"$share\"" "says file and line"
done
run 78 "a wrong share in the environment" env SIKKA_SHARE=7/5 sikka-status --share D1
like "$err" 'share \(SIKKA_SHARE\) must be K/N' "says the variable"

# --- whose an office is ---------------------------------------------------------------------------
# The page has the vectors of the unit test, and the command agrees with both.
PAGE=$TOP/man/sikka-fleet.7
vectors=$(sed -n 's/^\.It \([A-Za-z][A-Za-z0-9]*\) Ta \([0-9a-f]\{16\}\) Ta /\1 \2 Ta /p' "$PAGE" | sed 's/ Ta / /g')
ok $(($(echo "$vectors" | wc -l) < 5)) "the page has vectors"
echo "$vectors" | while read -r id hash of_2 of_5 of_6 of_100; do
	grep -qF "{\"$id\", UINT64_C(0x$hash)}" "$TOP/tests/unit/share.c" &&
	    grep -qF "{\"$id\", $of_2, $of_5, $of_6, $of_100}" "$TOP/tests/unit/share.c" || echo "$id"
done >differ
is "$(cat differ)" "" "which are those of the unit test"
for of in 2 5 6 100; do
	is "$(SIKKA_SHARE=1/$of sikka-status --share $(echo "$vectors" | cut -d' ' -f1) 2>err | jq .host | tr '\n' ' ')" \
	    "$(echo "$vectors" | cut -d' ' -f"$(case $of in 2) echo 3 ;; 5) echo 4 ;; 6) echo 5 ;; 100) echo 6 ;; esac)" | tr '\n' ' ')" \
	    "and sikka-status --share says the same of $of hosts, without a state file"
done
run 64 "an operand elsewhere" sikka-status D36225
run 64 "two of them" sikka-status --share --runs

# --- two hosts -----------------------------------------------------------------------------------
# Each practice has the system for which booking validates.
systems() { for number in $(seq "$1" "$2"); do printf -- '--pms D%s=Dentrix:G6.2 ' "$number"; done; }
# shellcheck disable=SC2046
start_sim --rate-limit 100000 --delay 0:0 --offices 12 $(systems 10003 10012) --pms D20006=Dentrix:G6.2
SIKKA_SHARED_OFFICES='*'
export SIKKA_SHARED_OFFICES
# host K/N COMMAND ...: a state file each
host() { # K/N COMMAND ...
	share=$1
	shift
	SIKKA_SHARE=$share SIKKA_DB="$T/host${share%/*}/sikka.db" "$@"
}
of_host() { sqlite "$T/host$1/sikka.db" "SELECT office_id FROM pms_integrations ORDER BY office_id" | tr '\n' ' '; }
all=$(sim_get requests | jq -r '.renewals | keys[]' | sort)
host 1/2 sikka-authorize >out1 2>err1
host 2/2 sikka-authorize >out2 2>err2
is "$(of_host 1)$(of_host 2)" "$(for id in $all; do [ "$(SIKKA_SHARE=1/2 sikka-status --share "$id" | jq .host)" = 1 ] && echo "$id"; done | tr '\n' ' ')$(for id in $all; do [ "$(SIKKA_SHARE=1/2 sikka-status --share "$id" | jq .host)" = 2 ] && echo "$id"; done | tr '\n' ' ')" \
    "each host has the offices of its share"
is "$( (of_host 1; of_host 2) | tr ' ' '\n' | grep . | sort)" "$all" "together they have all of them, and none twice"
is "$(sim_count 'POST /request_key')" "$(echo "$all" | wc -l)" "each got one key"
one=$(of_host 1 | cut -d' ' -f1) two=$(of_host 2 | cut -d' ' -f1)

keys_before=$(sim_count 'POST /request_key')
refused() { # WHAT COMMAND ...
	what=$1
	shift
	run 65 "$what" "$@"
	like "$err" "other_share: office $one is of host 1/2, and this one is 2/2 \(SIKKA_SHARE\)" "says whose it is"
}
refused "authorize another's office" host 2/2 sikka-authorize -O "$one"
refused "print another's key" host 2/2 sikka-token print "$one"
refused "renew another's key" host 2/2 sikka-token -O "$one" refresh
refused "revoke another's key" host 2/2 sikka-token revoke "$one"
refused "read another's data" host 2/2 sikka-get -O "$one" patients
refused "another's locations" host 2/2 sikka-authorize -O "$one" --locations
booking office_id="$one" key=a >in
run 65 "a request for another's office" host 2/2 sikka-book in
is "$(said '[.error_code, .faults[0].rule, .field] | join(" ")')" "other_share share office_id" "has its error code"
like "$(said .error_message)" "office $one is of host 1/2, and this one is 2/2" "and says whose it is"
run 65 "so does -n" host 2/2 sikka-book -n in
is "$(sim_count 'POST /request_key') $(posts)" "$keys_before 0" "nothing was sent, no key asked for"
run 0 "refresh all" host 2/2 sikka-token refresh --all
is "$(jq -r .office_id <out | sort | tr '\n' ' ')" "$(of_host 2)" "renews those of the share only"
run 0 "read" host 2/2 sikka-get authorized_practices
is "$(jq -r .office_id <out | sort -u | tr '\n' ' ')" "$(of_host 2)" "a list of all offices is read for those of the share only"
run 0 "the other host" host 1/2 sikka-book in
is "$(posts)" 1 "sends it"

# --- the number of hosts changes -----------------------------------------------------------------
# An office that goes from host 1 of 1 to host 2 of 2, with a request on its way, one not sent, and one withdrawn.
rm -rf host1 host2
host 1/1 sikka-authorize >out 2>err
spu offline "$two"
booking office_id="$two" key=left time=11:00 >in
run 0 "sent while there was one host" host 1/1 sikka-book in
run 0 "a second host is planned" host 1/2 sikka-status --share
is "$(jq -r --arg o "$two" 'select(.office_id == $o) | [.host, .hosts, .is_here, .open_requests] | join(" ")' out)" "2 2 false 1" "and shows what is still open"
booking office_id="$two" key=new time=12:00 >in2
run 65 "a new request" host 1/2 sikka-book in2
is "$(said .error_code)" other_share "is refused at once"
spu online "$two"
later 2d
run 0 "what was sent is followed to its end, with a new key" host 1/2 sikka-poll --wait --every 1s
is "$(said '[.key, .result] | join(" ")')" "left completed" "it completed"
keys=$(sim_count 'POST /request_key')
run 0 "then no key is renewed for it" host 1/2 sikka-token refresh --all
unlike "$(cat out)" "\"$two\"" "not by all"
run 65 "nor by name" host 1/2 sikka-get -O "$two" patients
run 0 "and it is open no more" host 1/2 sikka-status --share "$two"
is "$(said '[.is_here, .open_requests] | join(" ")')" "false 0" "it may be handed over"
sqlite host1/sikka.db "UPDATE pms_integrations SET status = 'revoked' WHERE office_id = '$two'"
run 0 "an office of another host that can't be read" host 1/2 sikka-get -q patients
is "$err" "" "isn't missed"
sqlite host1/sikka.db "UPDATE pms_integrations SET status = 'active' WHERE office_id = '$two'"

# what failed before isn't sent again from here
sim_fault 'POST /appointment@1-=status:503:API2002'
booking office_id="$two" key=failed time=13:00 >in
run 75 "one that may be sent again" host 1/1 sikka-book in
sim_clear_faults
id=$(sqlite host1/sikka.db "SELECT id FROM pms_writebacks WHERE key = 'failed'")
before=$(posts)
run 0 "retry all" host 1/2 sikka-sweep --retry
run 65 "retry by name" host 1/2 sikka-sweep --retry="$id"
like "$err" "other_share: office $two is of host 2/2" "says whose it is"
is "$(posts)" "$before" "nothing was sent"

# --- a restore takes over what is of the share ------------------------------------------------------
unset SIKKA_SHARED_OFFICES
# shellcheck disable=SC2046
start_sim --rate-limit 100000 --delay 0:0 --offices 12 $(systems 10003 10012) --pms D20006=Dentrix:G6.2
rm -rf host1 host2
host 1/2 sikka-authorize >out 2>err
cp -r host1 copy
booking office_id="$one" key=mine time=14:00 >in
run 0 "sent after the copy was made" host 1/2 sikka-book --wait in
id=$(sim_submit "office_id=$two&path=/appointment" "$(jq -c 'del(.office_id)' in)")
later 40m
rm -rf host1 && mv copy host1
restore() { host 1/2 after_restore --accept-gap; }
run 0 "the copy takes over" restore
is "$(sqlite host1/sikka.db "SELECT office_id FROM pms_writebacks")" "$one" "what its own offices have, and not request $id of the other host"
is "$(sqlite host1/sikka.db "SELECT count(*) FROM unowned WHERE office_id = '$two'")" 0 "nor does it note that one"

done_testing
