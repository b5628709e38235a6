#!/bin/sh
# SPDX-License-Identifier: MIT
# What a command inherits from whoever starts it (signals that are ignored or blocked, open files, limits), and a session that ends (SIGHUP)
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0
authorize
states() { sql "SELECT result || ' ' || ifnull(error_code || ' ', '') || count(*) FROM pms_writebacks WHERE id > $1 GROUP BY result, error_code ORDER BY 1" | tr '\n' ','; }
last() { sql "SELECT ifnull(max(id), 0) FROM pms_writebacks"; }
many() { for i in $(seq 1 "$2"); do booking "date=2031-04-$(printf %02d "$1")" "time=$(printf '%02d:%02d' $((8 + i / 60)) $((i % 60)))"; done >in; }
# started HOW COMMAND …: becomes the command, with signals ignored and blocked, such as "ignore CHLD block TERM HUP".
cat >started <<'EOF'
#!/usr/bin/perl
use POSIX;
my $what = "";
for (split / /, shift) {
	if (/^(ignore|block)$/) { $what = $_ }
	elsif ($what eq "ignore") { $SIG{$_} = "IGNORE" }
	else { sigprocmask(SIG_BLOCK, POSIX::SigSet->new(POSIX->can("SIG$_")->())) }
}
exec @ARGV;
die "$!\n";
EOF
chmod +x started

# --- SIGHUP, and signals that the parent has blocked ---------------------------------------------------

# stopped WHAT SIGNALS COMMAND …: the command books forty, and gets the signals while one at least is on its way.
stopped() {
	before=$(last) said=$1 signals=$2
	shift 2
	sim_fault 'POST /appointment=hold'
	"$@" >out 2>err &
	pid=$!
	wait_for sim_holds 1
	for name in $signals; do signal "$name" "$pid"; done
	sim_clear_faults
	wait "$pid"
	is "$?" 75 "$said: exit 75"
	# One turn may be under way: what is on the wire is recorded, and nothing is left in between.
	is "$(sql "SELECT count(*) FROM pms_writebacks WHERE id > $before AND result IN ('queued', 'submitting', 'unknown')")" 0 "$said: nothing is left on the way"
	sent=$(sql "SELECT count(*) FROM pms_writebacks WHERE id > $before AND result IN ('pending', 'completed')")
	[ "$sent" -gt 0 ] && [ "$sent" -lt 40 ]
	ok $? "$said: what was on the wire is recorded, and not all was sent"
	like "$(cat err)" 'stopped by a signal' "$said: and a word why"
}
many 1 40
stopped "SIGHUP" HUP sikka-book in
many 2 40
stopped "SIGHUP twice, then SIGTERM, as when a session ends" "HUP HUP TERM" sikka-book in
many 3 40
stopped "SIGTERM and SIGHUP, as systemd sends them" "TERM HUP" sikka-book in
many 4 40
stopped "a parent that has blocked SIGTERM" TERM ./started "block TERM" sikka-book in
many 5 40
stopped "a parent that has blocked SIGHUP" HUP ./started "block HUP" sikka-book in
many 6 40
before=$(last)
sim_fault 'POST /appointment=hold'
./started "ignore HUP" sikka-book in >out 2>err &
pid=$!
wait_for sim_holds 1
kill -HUP "$pid"
sim_clear_faults
wait "$pid"
is "$? $(states "$before")" "0 pending 40," "nohup: SIGHUP that was ignored stays ignored"

# shown: which signals of /proc/self/status there are, in short. 32 and 33 belong to the C library: a program can't reset
# them, and where a parent ignores them everybody does.
shown() {
	while read -r name bits; do
		printf '%s%x ' "$name" $((0x$bits & ~0x180000000))
	done
}
# --- the command of --notify ---------------------------------------------------------------------------

refuse() { # refuse DAY: a booking that the server refuses, so an event
	sim_fault 'POST /appointment@1=status:400:API1027'
	booking "date=2031-05-$1" | sikka-book >refused 2>&1
	sim_clear_faults
}
run 0 "a sweep" sikka-sweep --notify 'cat >/dev/null'
refuse 01
rm -f heard
run 0 "SIGCHLD is ignored by the parent" ./started "ignore CHLD" sikka-sweep --notify "cat >>$T/heard"
run 0 "and again" ./started "ignore CHLD" sikka-sweep --notify "cat >>$T/heard"
is "$(wc -l <heard)" 1 "what was delivered is delivered once"
refuse 02
run 0 "signals that the parent ignores or has blocked" ./started "ignore TERM ALRM USR1 PIPE block TERM ALRM USR1 CHLD" \
    sikka-sweep --notify "cat >/dev/null; grep -E '^Sig(Blk|Ign)' /proc/self/status >$T/signals"
is "$(shown <signals)" "SigBlk:0 SigIgn:0 " "aren't so for the command"
refuse 03
run 0 "open files of the parent, also above the limit that it has" bash -c 'exec 7</dev/null 300</dev/null; ulimit -n 100; exec "$@"' bash \
    sikka-sweep --notify "cat >/dev/null; ls /proc/self/fd >$T/open"
is "$(grep -cvx '[0123]' open)" 0 "aren't open in the command"
# --- app_key_command -----------------------------------------------------------------------------------

config() { (umask 077; printf '%s\n' "app_id = sikka-sim-app" "app_key_command = $1" >config); }
config "ls /proc/self/fd >$T/open; grep -E '^Sig(Blk|Ign)' /proc/self/status >$T/signals; echo sikka-sim-key"
run 0 "signals and descriptors of the parent" ./started "ignore TERM ALRM USR1 CHLD block TERM ALRM USR1" \
    env -u SIKKA_APP_ID -u SIKKA_APP_KEY SIKKA_CONFIG="$T/config" sh -c 'exec 7</dev/null; exec sikka-authorize -q'
is "$(shown <signals)" "SigBlk:0 SigIgn:0 " "aren't ignored by app_key_command"
is "$(grep -cvx '[0123]' open)" 0 "nor open in it"
config "echo sikka-sim-key; exit 3"
run 78 "SIGCHLD is ignored, and app_key_command fails" ./started "ignore CHLD" \
    env -u SIKKA_APP_ID -u SIKKA_APP_KEY SIKKA_CONFIG="$T/config" sikka-authorize -q
like "$err" "it ended with 3" "which is noticed"

# --- limits --------------------------------------------------------------------------------------------

many 7 40
run 74 "a limit for the size of files" sh -c 'ulimit -f 8; exec sikka-book in'
unlike "$err" "Core|core" "is a failed write, and no death"
done_testing
