#!/bin/sh
# SPDX-License-Identifier: MIT
# scenes.sh: what the torture tests kill, disk, power and memory do to each command that writes. Source
# points.sh first. before_X makes the state, run_X [PREFIX …] runs the command, after_X is the verdict
# when all has been seen through.

COMMANDS="book poll sweep token authorize"

before_book() {
	authorize
	booking description=one >in
	booking description=two time=09:30 key=order-2 >>in
	booking description=three time=10:00 >>in
}
run_book() { "$@" sikka-book in; }
after_book() { agrees one=completed two=completed three=completed; is_sound D36225; }

# Two that are pending, and one whose answer was lost.
before_poll() {
	before_book
	sim_fault 'POST /appointment@2=drop-after'
	sikka-book in >>log 2>&1
	sim_clear_faults
}
run_poll() { "$@" sikka-poll; }
after_poll() { after_book; }

# One of an office that is off, and hours later one whose answer was lost, one that never arrived, one that wasn't sent.
before_sweep() {
	authorize
	sim_post 'office?office_id=D20006&spu=offline'
	echo '{"office_id":"D20006","operation":"update_patient","patient_id":"3","staff":"ST1","firstname":"four"}' >in
	sikka-book in >>log 2>&1
	later 30000
	sim_fault 'POST /appointment@1=drop-after'
	sim_fault 'POST /appointment@2=drop-before'
	{
		booking description=one
		booking description=two time=09:30 key=order-2
	} >in
	sikka-book in >>log 2>&1
	sim_clear_faults
	later 2200
	booking description=three time=10:00 >in
	# Stopped by a signal while it connects to where nobody listens.
	SIKKA_BASE_URL=http://127.0.0.1:1/v4 strace -f -qq -o /dev/null -e trace=connect \
	    -e inject=connect:signal=TERM:when=1 sikka-book in >>log 2>&1
}
run_sweep() { "$@" sikka-sweep --stuck-after 6h --retry; }
after_sweep() { agrees one=completed two=completed three=completed four=stuck; is_sound D36225; }

before_token() { authorize; }
run_token() { "$@" sikka-token refresh --all; }
after_token() {
	is_sound D36225 D20006
	[ "$(sql "SELECT group_concat(office_id || ' ' || status) FROM (SELECT * FROM pms_integrations ORDER BY 1)")" = \
	    "D36225 active,D20006 active" ] || [ "$(sql "SELECT count(*) FROM pms_integrations WHERE status = 'active'")" = 2 ] ||
	    wrong "not both offices are active"
}

before_authorize() { :; }
run_authorize() { "$@" sikka-authorize; }
after_authorize() {
	after_token
	[ "$(sql 'SELECT count(*) FROM practices')" = 3 ] || wrong "not all three practices"
}


# some N WORD …: all of the words, a line each; of a sample only N, which are quicker listed.
some() {
	n=$1
	shift
	if [ -n "$sample" ]; then printf '%s\n' "$@" | pick "$n"; else printf '%s\n' "$@"; fi
}

# longest FILE COMMAND RUN …: the FILE that the RUN leaves behind, the longest of three, as the number of calls
# varies by what is waited for.
longest() {
	kept=$1 most=0
	for again in 1 2 3; do
		fresh_sim
		"before_$2"
		(shift 2 && "$@")
		lines=$(wc -l <"$kept")
		[ "$lines" -le "$most" ] || cp "$kept" "$kept.longest"
		[ "$lines" -le "$most" ] || most=$lines
	done
	mv "$kept.longest" "$kept"
}

# prepare SCENE: the simulator and the state before it; as they are, when compare has found that nobody has asked
# the simulator for anything since this last made them. The ledger as it was in before.ledger.
scene='' ready='' is_as_before=''
prepare() {
	if [ -n "$ready" ] && [ "$scene" = "$1" ]; then
		ready=
		[ -z "$is_as_before" ] || return 0
		rm -rf state
		[ ! -e state.before ] || cp -a state.before state
		return
	fi
	rm -rf state.before
	fresh_sim
	"before_$1"
	[ ! -e state ] || cp -a state state.before
	sim_get state >before.ledger
	sim_get requests >asked
	count_in asked total
	asked_before=$number
	scene=$1 ready=
}

# What was seen through to its end, by all workers; by all parts, when they run together.
SEEN=${SIKKA_SEEN:-$T/seen}
mkdir -p "$SEEN"

# compare: after a command that went wrong, whether it changed anything: is_as_before is 1 when neither
# the state folder nor what the simulator was asked differs from what prepare made.
compare() {
	is_as_before='' ledger=before.ledger
	sim_get requests >asked
	count_in asked total
	if [ "$number" != "$asked_before" ]; then
		ledger=ledger
		sim_get state >ledger
		return
	fi
	ready=1
	if [ -e state.before ]; then
		! diff -rq state state.before >/dev/null 2>&1 || is_as_before=1
	else
		[ -e state ] || is_as_before=1
	fi
}

# is_journaled CODE: what this run has sent (before.ledger lacks it) has its row, claimed; and the id of it, or the
# exit code is 2. Leaves in situation what the way from here to the end depends on. A simulator that is asked the same
# gives the same keys, so these tell whether they are the ones that it takes. After compare.
is_journaled() {
	# What is half-written is left for the command that comes next.
	file=$SIKKA_DB
	if [ -s "$SIKKA_DB-journal" ]; then
		rm -rf looked
		cp -a state looked
		file=looked/sikka.db
	fi
	{
		both_sides
		printf '%s\n' "DELETE FROM there WHERE id IN
		    (SELECT value->>'id' FROM json_each(CAST(readfile('before.ledger') AS TEXT), '\$.writebacks'));
		SELECT label || ' was submitted, and the state file has ' || coalesce((SELECT group_concat(result || ' ' ||
			coalesce(error_code, '')) FROM here WHERE here.label = there.label), 'nothing')
		    FROM there WHERE NOT EXISTS (SELECT 1 FROM here WHERE here.label = there.label AND attempts > 0
			AND result <> 'queued' AND error_code IS NOT 'not_sent');
		SELECT 'exit $1, and the id of ' || label || ' isn''t on the disk' FROM there
		    WHERE $1 <> 2 AND id NOT IN (SELECT writeback_id FROM here WHERE writeback_id IS NOT NULL);
		SELECT 'integrity_check: ' || integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok';
.output situation
		SELECT '$command', readfile('state/sikka.db.lock');
		SELECT value->>'id', value->'body', value->'state', value->'applied'
		    FROM json_each(CAST(readfile('$ledger') AS TEXT), '\$.writebacks');
		SELECT CAST(readfile('asked') AS TEXT)->'renewals';
		SELECT id, writeback_id, result, error_code, attempts, retries, check_count, looks, gone_looks, withdraw_reason,
		    holds_key, absent_at IS NULL, not_received_at IS NULL, run IS NULL FROM pms_writebacks;
		SELECT kind, row_id FROM events;
		SELECT office_id, practice_id, status FROM practices;
		SELECT office_id, secret_key, request_key, refresh_key, status, token_expiry IS NULL, renewed_at IS NULL,
		    renewal_tried_at IS NULL, renewal_refused_at IS NULL FROM pms_integrations;
.output
		SELECT 'judged';"
	} >journaled.sql
	judge "$file" <journaled.sql
}

# What a killed process has sent arrives, however busy the machine is: before hours pass for the simulator, and before
# the next point begins with the same simulator, since nothing seems to have changed there. Until then its side of the
# connection waits to be closed (08 is CLOSE_WAIT).
has_read_all() {
	port=${SIKKA_BASE_URL##*:}
	! awk -v port="$(printf ':%04X' "${port%%/*}")" '$2 ~ port "$" && $4 == "08" { found = 1 } END { exit !found }' /proc/net/tcp
}
await_what_was_sent() { wait_for has_read_all || wrong "the simulator doesn't read what was sent"; }

# see_through CODE N: what a command that ended so, by whatever went wrong, has left behind: all that it sent is
# journaled; then from there to the end of each request, and the verdict. Every second N hands the same in at once,
# the others only when all is settled. In whole mode each situation once.
see_through() {
	compare
	if [ -n "$is_as_before" ]; then
		seen=$command-as-before
	else
		is_journaled "$1"
		[ ! -s wrong ] || return 0
		seen=$(cksum <situation | tr ' ' -)
	fi
	seen=$seen-$(($2 % 2))
	[ -n "$sample$only" ] || [ ! -e "$SEEN/$seen" ] || return 0
	ready=
	case $command in
	book | poll | sweep)
		[ $(($2 % 2)) -eq 0 ] || does "run_$command"
		settle
		does sikka-sweep --retry
		does "run_$command"
		to_the_end
		;;
	*) does "run_$command" ;;
	esac
	"after_$command"
	[ -s wrong ] || : >"$SEEN/$seen"
}
