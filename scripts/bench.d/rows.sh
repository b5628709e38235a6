# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Sourced by scripts/bench. The table of all rows, and below it how each is prepared. A new row: a line here, and a
# function row_NAME that sets READY, OURS and THEIRS (see measure.sh). "-": no aim, or nothing to compare with.

# NAME | at most so many times of | what one would run otherwise | what is measured
TABLE='print|1.5|sqlite3, which reads a row|sikka-token print, with a valid key
sweep-idle|1.5|sikka-status|sikka-sweep, nothing to do
poll-idle|1.5|sikka-status|sikka-poll, nothing to do
get|0.85|curl, jq -c|sikka-get of 100,000 records, pages from nginx
book-2000|3|curl --parallel|sikka-book of 2,000 for 50 offices
book-10000|-|curl --parallel|sikka-book of 10,000 for 50 offices
far-book|1.3|curl --parallel|sikka-book of 2,000, each answer takes 100 ms
far-poll|1.3|curl --parallel|sikka-poll of 2,000 that have ended, 100 ms
far-refresh|1.3|curl --parallel|sikka-token refresh --all, 200 offices, 100 ms
far-authorize|1.3|curl --parallel|sikka-authorize, 200 offices, 100 ms
poll-10000|1.3|curl, jq -c|sikka-poll of 10,000 pending, none changed
follow|-|-|sikka-poll --follow, 800 bookings that end in 15 to 60 s
follow-slow-list|-|-|the same, where a page of the list takes 5 s
status-1000000|1.2|with 1,000 rows|sikka-status, 1,000,000 ended rows, their events
check-1000000|1.2|with 1,000 rows|sikka-status --check, the same
metrics-1000000|1.2|with 1,000 rows|sikka-status --metrics, the same
offices-authorize|-|-|sikka-authorize, 10,000 offices
offices-refresh|-|curl --parallel|sikka-token refresh --all, 10,000 offices
offices-check|-|sikka-status|sikka-status --check, 10,000 offices
host-authorize|-|-|sikka-authorize, HOST_OFFICES offices, 100 ms
host-refresh|-|-|sikka-token refresh --all, the same
host-book|-|-|sikka-book of one for each
host-poll|-|-|sikka-poll of one for each, all ended
host-sweep|-|-|sikka-sweep, nothing to do
host-backup|-|-|sikka-sweep --backup
server-page|-|-|curl alone: a page of 5,000 of 100,000 records
server-list|-|-|curl alone: a page of 5,000 of 10,000 writebacks
server-post|-|-|curl alone: 2,000 bookings, --parallel
grow-get|-|records|sikka-get
grow-book|-|bookings|sikka-book
grow-poll|-|pending|sikka-poll, none changed
grow-status|-|ended rows|sikka-status
grow-check|-|ended rows|sikka-status --check
grow-metrics|-|ended rows|sikka-status --metrics
grow-sweep|-|ended rows|sikka-sweep
grow-history|-|ended rows|sikka-status --history
grow-backup|-|ended rows|sikka-sweep --backup
grow-authorize|-|offices|sikka-authorize
grow-import|-|offices|sikka-authorize --import
grow-refresh|-|offices|sikka-token refresh --all
grow-offices-check|-|offices|sikka-status --check'

row_names() { echo "$TABLE" | cut -d '|' -f 1; }
column() { echo "$TABLE" | awk -F '|' -v row="$1" -v column="$2" '$1 == row { print $column }'; }
is_row() { row_names | grep -Fqx -e "$1"; }
list_rows() { echo "$TABLE" | awk -F '|' '{ printf "%-20s %s%s\n", $1, $4, $1 ~ /^grow-/ ? ", by the number of " $3 : "" }'; }

# --- starting ---------------------------------------------------------------------------------------------

idle_world() { # COMMAND OTHER
	world
	quiet sikka-authorize
	quiet sikka-poll
	OURS=$1 THEIRS=$2 HITS=20 WARMUP=2
}
row_print() {
	idle_world "sikka-token print D36225" ''
	THEIRS="sqlite3 $SIKKA_DB 'SELECT request_key FROM pms_integrations'"
}
row_sweep_idle() { idle_world sikka-sweep sikka-status; }
row_poll_idle() { idle_world sikka-poll sikka-status; }

# --- reading ----------------------------------------------------------------------------------------------

row_get() {
	N=$(sized 100000)
	static_pages "$N"
	OURS="sikka-get -O D36225 appointments"
	seq 0 $(((N - 1) / 5000)) | sed "s|.*|url = \"$SIKKA_BASE_URL/appointments?offset=&\&limit=5000\"|" >"$T/urls"
	THEIRS=$(pages_as_lines "$T/urls")
}

row_server_page() {
	N=$(sized 100000)
	world --records "appointments=$N"
	quiet sikka-authorize
	printf 'header = "Request-Key: %s"\n' "$(sqlite3 "$SIKKA_DB" "SELECT request_key FROM pms_integrations WHERE office_id = 'D36225'")" >"$T/key"
	OURS="curl -sS --fail -K $T/key $SIKKA_BASE_URL/appointments?offset=$((N < 20000 ? 0 : 3))&limit=5000"
}

# --- booking ----------------------------------------------------------------------------------------------

ready_book() { # COUNT, in N
	offices_world 50 --delay 600:600
	bookings 04 "$N" >"$T/bookings"
	curl_posts 05 "$N" >"$T/posts"
}
ready_far_book() {
	ready_book
	slow
}
book_row() { # COUNT READY
	N=$(sized "$1")
	READY=$2
	OURS="sikka-book $T/bookings"
	THEIRS="$CURL $T/posts"
}
row_book_2000() { book_row 2000 ready_book; }
row_book_10000() { book_row 10000 ready_book; }
row_far_book() { book_row 2000 ready_far_book; }
row_server_post() {
	book_row 2000 ready_book
	OURS=$THEIRS THEIRS=''
}

# --- following --------------------------------------------------------------------------------------------

ready_far_poll() {
	offices_world 50
	bookings 04 "$N" >"$T/bookings"
	quiet sikka-book "$T/bookings"
	curl_questions >"$T/questions"
	slow
}
row_far_poll() {
	N=$(sized 2000)
	READY=ready_far_poll
	OURS=sikka-poll
	THEIRS="$CURL $T/questions"
}

# Pending ones: their practices take a day.
ready_pending() {
	offices_world 50 --delay 86400:86400
	bookings 04 "$N" >"$T/bookings"
	quiet sikka-book "$T/bookings"
	app_headers >"$T/list"
	today=$(date -u +%Y-%m-%d)
	seq 0 $(((N - 1) / 5000)) |
	    sed "s|.*|url = \"$SIKKA_BASE_URL/writebacks?startdate=$today\&enddate=$today\&offset=&\&limit=5000\"|" >>"$T/list"
}
# 3: they are still pending
POLL_PENDING='sikka-poll --all || [ $? -eq 3 ]'
row_poll_10000() {
	N=$(sized 10000)
	READY=ready_pending
	OURS=$(script ours "$POLL_PENDING")
	THEIRS=$(pages_as_lines "$T/list")
}
row_server_list() {
	N=$(sized 10000)
	ready_pending
	sed -n '1,3p' "$T/list" >"$T/page"
	OURS="curl -sS --fail -K $T/page"
}

# --- offices ----------------------------------------------------------------------------------------------

ready_new_offices() {
	world --offices "$N"
	[ -z "$FAR" ] || slow
}
ready_offices() {
	offices_world "$N"
	curl_grants >"$T/grants"
	[ -z "$FAR" ] || slow
}
# sikka-authorize also reads each office's own list. curl has no keys yet, so it reads something else as often.
ready_authorize() {
	ready_offices
	printf 'url = "%s/authorized_practices?show=all&offset=0&limit=500"\noutput = /dev/null\n' "$SIKKA_BASE_URL" >"$T/first"
	app_headers >>"$T/first"
	jq -c '{url: "\(env.SIKKA_BASE_URL)/practice_location?office_id=\(.office_id)",
	    header: ["App-Id: \(env.SIKKA_APP_ID)", "App-Key: \(env.SIKKA_APP_KEY)"]}' "$T/keys" | curl_config >"$T/reads"
	rm -rf "$T/state"
}
offices_row() { # COUNT READY OURS
	N=$1 READY=$2 OURS=$3
}
FAR=''
row_far_refresh() {
	FAR=1
	offices_row "$(sized 200)" ready_offices "sikka-token refresh --all"
	THEIRS="$CURL $T/grants"
}
row_far_authorize() {
	FAR=1
	offices_row "$(sized 200)" ready_authorize sikka-authorize
	THEIRS=$(script theirs "$CURL '$T/first' && $CURL '$T/grants' && $CURL '$T/reads'")
}
row_offices_authorize() {
	FAR=''
	offices_row "$(sized 10000)" ready_new_offices "sikka-authorize -q"
}
row_offices_refresh() {
	FAR=''
	offices_row "$(sized 10000)" ready_offices "sikka-token -q refresh --all"
	THEIRS="$CURL $T/grants"
}
row_offices_check() {
	FAR=''
	offices_row "$(sized 10000)" : "$(script ours 'sikka-status --check || [ $? -lt 3 ]')"
	THEIRS=sikka-status HITS=5
	ready_offices
}

# --- how many practices a host carries: sikka-fleet(7) ------------------------------------------------------

# The regular work for so many offices, of which each has one request open. Each answer takes 100 ms.
host() { # COMMAND READY
	FAR=1
	offices_row "$(sized "$HOST_OFFICES")" "$2" "$1"
}
ready_host() {
	ready_offices
	bookings 04 "$N" >"$T/bookings"
}
ready_booked() {
	ready_host
	quiet sikka-book -q "$T/bookings"
}
row_host_authorize() { host "sikka-authorize -q" ready_new_offices; }
row_host_refresh() { host "sikka-token -q refresh --all" ready_host; }
row_host_book() { host "sikka-book -q $T/bookings" ready_host; }
row_host_poll() { host "sikka-poll -q" ready_booked; }
row_host_sweep() {
	host "sikka-sweep -q" :
	ready_booked
}
row_host_backup() {
	host "$(script ours "rm -f '$T/copy.db'; sikka-sweep -q --backup '$T/copy.db'")" :
	ready_booked
}

# --- many rows --------------------------------------------------------------------------------------------

# A state file with so many rows that have ended, and their events, in $T/many-COUNT. A thousand are booked and
# polled, and the rest of the rows are copies of them.
many_rows() { # COUNT
	[ ! -d "$T/many-$1" ] || return 0
	offices_world 50
	bookings 04 $(($1 < 1000 ? $1 : 1000)) >"$T/bookings"
	quiet sikka-book "$T/bookings"
	quiet sikka-poll
	multiply $(($1 / 1000))
	# A copy finds that the numbers of ended requests, which are kept, aren't those of the rows, and mends them.
	quiet sikka-sweep -q --backup "$T/copy.db"
	rm -f "$T/copy.db"
	mv "$T/state" "$T/many-$1"
}

# multiply TIMES: only what begins as queued may be inserted, so the triggers are away meanwhile
multiply() {
	[ "$1" -gt 1 ] || return 0
	sqlite3 "$SIKKA_DB" "SELECT sql || ';' FROM sqlite_schema WHERE type = 'trigger'" >"$T/triggers"
	names() { sqlite3 "$SIKKA_DB" "SELECT group_concat(name) FROM pragma_table_info('$1') WHERE name NOT IN ($2)"; }
	rows=$(names pms_writebacks "'id', 'writeback_id', 'key', 'content_key'")
	events=$(names events "'id', 'row_id'")
	{
		sqlite3 "$SIKKA_DB" "SELECT 'DROP TRIGGER ' || name || ';' FROM sqlite_schema WHERE type = 'trigger'"
		echo "CREATE TEMP TABLE times AS WITH RECURSIVE t (k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM t WHERE k < $1 - 1) SELECT k FROM t;"
		echo "CREATE TEMP TABLE far AS SELECT max(id) AS far FROM pms_writebacks;"
		echo "CREATE TEMP TABLE first AS SELECT * FROM pms_writebacks;"
		echo "CREATE TEMP TABLE told AS SELECT * FROM events WHERE row_id IS NOT NULL;"
		echo "INSERT INTO pms_writebacks (id, writeback_id, key, content_key, $rows) SELECT id + k * far, writeback_id || '0' || k, key || k, content_key || k, $rows FROM times, far, first;"
		echo "INSERT INTO events (row_id, $events) SELECT row_id + k * far, $events FROM times, far, told;"
		cat "$T/triggers"
	} >"$T/multiply.sql"
	sqlite3 -bail "$SIKKA_DB" 'BEGIN' ".read $T/multiply.sql" 'COMMIT' 'ANALYZE' >"$T/out" 2>"$T/err" || fail "multiplying rows" "$T/err"
}

many_row() { # COMMAND
	N=$(sized 1000000)
	many_rows 1000
	many_rows "$N"
	OURS=$(script ours "sikka-status -D '$T/many-$N/sikka.db' $1 || [ \$? -lt 3 ]")
	THEIRS=$(script theirs "sikka-status -D '$T/many-1000/sikka.db' $1 || [ \$? -lt 3 ]")
	HITS=5 WARMUP=1
}
row_status_1000000() { many_row ''; }
row_check_1000000() { many_row --check; }
row_metrics_1000000() { many_row --metrics; }
