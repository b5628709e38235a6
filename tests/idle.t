#!/bin/sh
# SPDX-License-Identifier: MIT
# What has nothing to do costs next to nothing: how often it writes, and what it waits for on the disk
. "$(dirname "$0")/lib.sh"

start_sim --delay 0:0
authorize_unlisted
sikka-sweep -q >"$T/work"
sikka-poll -q >"$T/work"

# counter: how many commits the state file has seen, by its header
counter() { perl -e 'open my $file, "<", shift or die; seek $file, 24, 0; read $file, my $four, 4; print unpack "N", $four' "$SIKKA_DB"; }
# commits COMMAND …: how many it makes
commits() {
	commits_before=$(counter)
	"$@" >"$T/out" 2>"$T/err" || echo "$* failed: $(cat "$T/err")"
	echo $(($(counter) - commits_before))
}
beat() { sql "SELECT succeeded_at FROM heartbeats WHERE task = '$1'"; }

# --- commits ------------------------------------------------------------------------------------------------
time_stands
for task in poll sweep; do
	later 20
	before=$(beat $task)
	is "$(commits sikka-$task)" 1 "sikka-$task with nothing to do makes one commit"
	after=$(beat $task)
	printf '%s\n' "$before" "$after" | sort -cu
	ok $? "its heartbeat ($before, $after)"
	later 9
	is "$(commits sikka-$task)" 0 "nine seconds later it makes none"
	is "$(beat $task)" "$after" "as that heartbeat stands"
	later 1
	is "$(commits sikka-$task)" 1 "ten seconds after it there is another"
	printf '%s\n' "$after" "$(beat $task)" | sort -cu
	ok $? "which is later"
done
booking key=first >"$T/first.json"
is "$(commits sikka-book -n "$T/first.json")" 0 "a rehearsal makes none"
is "$(commits sikka-token print D36225)" 0 "nor does sikka-token print with a valid key"
later 20
is "$(commits sikka-token refresh)" 1 "sikka-token refresh makes one, while no key is near its end"
time_runs

# --- what is waited for on the disk -----------------------------------------------------------------------------
if command -v strace >/dev/null && under_strace -e trace=none true 2>/dev/null; then
	# syncs COMMAND …: how often it waits until something is on the disk
	syncs() {
		under_strace -e trace=fdatasync,fsync,sync_file_range -o "$T/syncs" "$@" >"$T/out" 2>"$T/err" || echo "$* failed: $(cat "$T/err")"
		grep -cE '(fdatasync|fsync|sync_file_range)\(' "$T/syncs"
	}
	is "$(syncs sikka-token print D36225)" 0 "sikka-token print waits for no disk"
	is "$(syncs sikka-token list)" 0 "nor does sikka-token list"
	is "$(syncs sikka-status)" 0 "nor sikka-status"
	is "$(syncs sikka-status --metrics)" 0 "nor sikka-status --metrics"
	cp -p "$SIKKA_DB" "$T/before.db"
	# shellcheck disable=SC2016 # the inner shell's
	is "$(syncs sh -c 'sikka-status --check || [ $? -eq 1 ]')" 0 "nor sikka-status --check"
	cmp -s "$SIKKA_DB" "$T/before.db"
	ok $? "which leaves the file as it was"
	time_stands
	later 20
	n=$(syncs sikka-poll)
	[ "$n" -gt 0 ] && [ "$n" -le 5 ]
	ok $? "sikka-poll with nothing to do waits for what one commit is ($n)"
	is "$(syncs sikka-poll)" 0 "and a moment later for nothing"
	n=$(syncs sikka-sweep)
	[ "$n" -gt 0 ] && [ "$n" -le 5 ]
	ok $? "so does sikka-sweep ($n)"
	is "$(syncs sikka-sweep)" 0 "and for nothing"
	time_runs
else
	ok 0 "what is waited for on the disk # SKIP no strace(1), or it may not trace"
fi

# --- after a boot ---------------------------------------------------------------------------------------------
time_stands
later 20
is "$(commits sikka-poll)" 1 "sikka-poll notes a heartbeat"
boot=$(sql "SELECT boot_id FROM heartbeats WHERE task = 'poll'")
first=$(date -d "$(beat poll)" +%s)
# Booting lets time run. However long it took: it isn't ten seconds since that heartbeat, so another one isn't due.
reboot
time_stands
clock_off $((first + 1 - $(date +%s)))
sikka-poll -q
[ "$(sql "SELECT boot_id FROM heartbeats WHERE task = 'poll'")" != "$boot" ]
ok $? "and at once another one where the machine has booted since"
second=$(date -d "$(beat poll)" +%s)
ok "$((second < first || second - first >= 10))" "less than ten seconds after the first one ($((second - first)))"
time_runs
done_testing
