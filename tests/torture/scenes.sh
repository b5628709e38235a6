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

# One whose answer was lost, one that never arrived, one of an office that is off, one that wasn't sent.
before_sweep() {
	authorize
	sim_post 'office?office_id=D20006&spu=offline'
	sim_fault 'POST /appointment@1=drop-after'
	sim_fault 'POST /appointment@2=drop-before'
	{
		booking description=one
		booking description=two time=09:30 key=order-2
		echo '{"office_id":"D20006","operation":"update_patient","patient_id":"3","staff":"ST1","firstname":"four"}'
	} >in
	sikka-book in >>log 2>&1
	sim_clear_faults
	shift_times 30000 "office_id = 'D20006'"
	shift_times 1000 "result = 'unknown'"
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
	if [ -n "$sample" ]; then printf '%s\n' "$@" | (sample=$n && choose); else printf '%s\n' "$@"; fi
}

# prepare SCENE: the simulator and the state before it; as they are, when nobody has asked the simulator for
# anything since this last made them. The ledger as it was in before.ledger. Set ready= after asking it unheard.
ready=
prepare() {
	[ "$ready" = "$1" ] && [ "$(sim_get requests | jq .total)" = "$asked" ] || ready=
	if [ -n "$ready" ]; then
		rm -rf state
		[ ! -e state.before ] || cp -a state.before state
		return
	fi
	rm -rf state state.before
	fresh_sim
	"before_$1"
	[ ! -e state ] || cp -a state state.before
	sim_get state >before.ledger
	asked=$(sim_get requests | jq .total)
	ready=$1
}

# is_journaled CODE: what this run has sent (before.ledger lacks it) has its row, claimed; and the
# id of it, or the exit code is 2.
is_journaled() {
	echo "[]" >rows
	[ ! -e state/sikka.db ] || sql -json "SELECT writeback_id, result, error_code, request_body, attempts FROM pms_writebacks" >rows 2>>log
	sim_get state >ledger
	# shellcheck disable=SC2016 # jq's own
	jq -rn --slurpfile rows rows --slurpfile before before.ledger --slurpfile ledger ledger --argjson code "$1" '
	    def tag: .description // .firstname;
	    [($rows[0] // [])[] | . + {label: (.request_body | fromjson | tag)}] as $rows
	    | ($ledger[0].writebacks - [$before[0].writebacks[] as $b | $ledger[0].writebacks[] | select(.id == $b.id)])[]
	    | (.body | tag) as $tag | .id as $id
	    | [$rows[] | select(.label == $tag and .attempts > 0)] as $r
	    | if $r == [] or $r[0].result == "queued" or $r[0].error_code == "not_sent" then
		  "\($tag) was submitted, and the state file has \($r | tojson)"
	      elif ($r | map(.writeback_id) | index([$id])) == null and $code != 2 then
		  "exit \($code), and the id of \($tag) isn'\''t on the disk"
	      else empty end' >unjournaled 2>&1 || wrong "the verdict itself: $(cat unjournaled)"
	while read -r line; do wrong "$line"; done <unjournaled
	[ ! -e state/sikka.db ] || [ "$(sql 'PRAGMA integrity_check' 2>>log)" = ok ] ||
	    wrong "integrity_check: $(sql 'PRAGMA integrity_check' 2>&1 | sed 3q)"
}

# What was seen through to its end, by all workers.
SEEN=$T/seen
mkdir "$SEEN"

# situation: what the way from here to the end depends on. After is_journaled. A simulator that is asked the same
# gives the same keys, so these tell whether they are the ones that it takes.
situation() {
	echo "$command $(cat state/sikka.db.lock 2>>log)"
	jq -c '[.writebacks[] | [.id, .body, .state, .applied]]' ledger
	sim_get requests | jq -c '[.total, .renewals]'
	[ ! -e state/sikka.db ] || sql "
	    SELECT id, writeback_id, result, error_code, attempts, retries, check_count, looks, gone_looks, withdraw_reason,
		holds_key, absent_at IS NULL, not_received_at IS NULL, run IS NULL FROM pms_writebacks;
	    SELECT kind, row_id FROM events;
	    SELECT office_id, practice_id, status FROM practices;
	    SELECT office_id, secret_key, request_key, refresh_key, status, token_expiry IS NULL, renewed_at IS NULL,
		renewal_tried_at IS NULL, renewal_refused_at IS NULL FROM pms_integrations" 2>&1
}

# see_through N: from whatever became of $command to the end of each request, and the verdict. Every second N hands
# the same in at once, the others only when all is settled. In whole mode each situation once.
see_through() {
	seen=$(situation | cksum | tr ' ' -)$(($1 % 2))
	[ -n "$sample$only" ] || [ -s wrong ] || [ ! -e "$SEEN/$seen" ] || return 0
	ready=
	case $command in
	book | poll | sweep)
		[ $(($1 % 2)) -eq 0 ] || does "run_$command"
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
