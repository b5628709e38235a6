#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-status on a terminal: one screen, with what is wrong last; and --watch, which draws it again
# shellcheck disable=SC2086 # sizes and options are lists of words
. "$(dirname "$0")/lib.sh"

if ! command -v script >/dev/null || ! script -qec true /dev/null >/dev/null 2>&1 </dev/null; then
	echo "1..0 # SKIP no script(1), which lends a terminal"
	exit 0
fi
ESC=$(printf '\033')
# screen COLUMNS LINES COMMAND: stdout on a terminal of that size, in $T/seen; without colours in $T/plain
screen() {
	script -qec "stty cols $1 rows $2 && $3" /dev/null </dev/null | tr -d '\r' >"$T/seen"
	sed "s/${ESC}\[[0-9;]*m//g" "$T/seen" >"$T/plain"
}
shown() { cat "$T/plain"; }
# size: of what was shown: its widest line in columns, and how many lines there are
size() { python3 -c '
import sys, unicodedata
lines = [line.rstrip("\n") for line in open(sys.argv[1], encoding="utf-8")]
print(max(sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line) for line in lines), len(lines))' "$T/plain"; }
# fits COLUMNS LINES: whether all of it can be seen above the prompt
fits() {
	set -- "$1" "$2" "$(size)"
	[ "${3% *}" -le "$1" ] && [ "${3#* }" -lt "$2" ] && echo fits || echo "$3"
}
# line_of PATTERN: the number of the first line that begins so
line_of() { grep -nE "^$1" "$T/plain" | sed -n '1s/:.*//p'; }
export TERM=xterm
unset NO_COLOR COLUMNS LINES

start_sim --delay 0:0
time_stands # ages are compared with each other, and what a minute's limit has left is shown
authorize
booking key=a time=09:00 firstname=Philippa >in
booking key=b time=10:00 firstname=Philippa >>in
sikka-book --wait=1m in >out 2>err

# --- all is well ---------------------------------------------------------------------------------------
screen 80 24 sikka-status
is "$(fits 80 24)" fits "a screen of 80 columns and 24 lines holds it"
like "$(sed -n 1p "$T/plain")" "^sikka  .*sikka\.db  +[A-Z][a-z][a-z] [0-9:]{5} UTC$" "above, whose state it is, and as of when"
like "$(shown)" "Offices +2 active" "the offices are summed up"
like "$(shown)" "D36225  [0-9.]+ h left, until [A-Z][a-z][a-z] [0-9]{2}:[0-9]{2}" "each with its key, and until when it serves"
like "$(shown)" "Open +nothing" "nothing is open"
like "$(shown)" "Last 24 h +2 completed, 0 failed" "what has ended"
like "$(shown)" "Practices +median [0-9]+ s, at most [0-9]+ s" "how long that took"
like "$(shown)" "< (15 s|30 s|45 s|1 min|2 min) #+ [12]( |$)" "as bars, too"
like "$(tr '\n' ' ' <"$T/plain")" "Limit +application [0-9]+ of [0-9]+,.*D36225 [0-9]+ of [0-9]+" "what of the limit is used"
like "$(shown)" "Last good +authorize [0-9.]+ (s|min), " "when each task succeeded last"
is "$(tail -n 1 "$T/seen")" "${ESC}[32mNothing is wrong.${ESC}[0m" "last, in green, that nothing is wrong"
for size in "40 24" "200 50" "30 12" "20 5"; do
	screen ${size% *} ${size#* } sikka-status
	is "$(fits ${size% *} ${size#* })" fits "$size: it fits"
	is "$(tail -n 1 "$T/plain" | cut -c 1-17)" "Nothing is wrong." "$size: and ends with what is wrong"
done

# --- who gets it ---------------------------------------------------------------------------------------
is "$(sikka-status | jq -r 'keys_unsorted[0]')" db "into a pipe it is an object, as before"
screen 80 24 "sikka-status -F table"
is "$(grep -cE '^(State file|Offices|Requests|Last day|Outbox|What sikka rests on)$' "$T/plain")" 6 "-F table shows all of it, however long"
screen 80 24 "env SIKKA_FORMAT=table sikka-status"
is "$(grep -c '^State file$' "$T/plain")" 1 "so does SIKKA_FORMAT"
printf 'format = jsonl\n' >conf
screen 80 24 "env SIKKA_CONFIG=$T/conf sikka-status"
is "$(jq -r '.offices | length' "$T/plain")" 2 "the setting format holds, too"
screen 80 24 "env SIKKA_CONFIG=$T/conf sikka-status --glance"
like "$(shown)" "^Offices +2 active" "--glance is stronger"
screen 80 24 "sikka-status --writebacks"
like "$(sed -n 1p "$T/plain")" "^id +" "rows that are asked for come as rows"
screen 80 24 "sikka-status -O D20006"
like "$(shown)" "Offices +1 active" "-O chooses"
unlike "$(shown)" "D36225" "and shows nothing of others"
sikka-status --glance >"$T/plain"
is "$(fits 80 24) $(grep -c "$ESC" "$T/plain")" "fits 0" "--glance into a pipe: 80 columns, 24 lines, no colours"
COLUMNS=40 LINES=12 sikka-status --glance >"$T/plain"
is "$(fits 40 12)" fits "or what COLUMNS and LINES say"
for options in "--glance --check" "--watch --glance" "--watch --runs" "--glance --with-body" "--watch 5" "--watch=0" "--watch=often"; do
	run 64 "wrong: $options" sikka-status $options
done
run 78 "without a state file" sikka-status --glance -D "$T/none.db"
like "$err" "sikka-authorize" "it says what begins one"

# --- what is wrong ------------------------------------------------------------------------------------
sim_fault 'POST /appointment@1=status:400:API1027'
booking key=d time=12:00 firstname=Philippa | sikka-book >out 2>err
sim_clear_faults
sim_post 'office?office_id=D36225&spu=offline'
booking key=e time=13:00 firstname=Philippa | sikka-book >out 2>err
later 7h
sim_fault 'POST /appointment@1=drop-before'
booking key=f time=14:00 firstname=Philippa | sikka-book >out 2>err
sim_clear_faults
screen 80 24 sikka-status
like "$(shown)" "completed, 1 failed" "what failed is told"
later 18h
# verdicts: what --check finds, without what mends it
verdicts() { sikka-status --check | sed 's/ | .*//; s/^SIKKA [A-Z]* - \([0-9]* troubles, the worst: \)*//; s/^[A-Z]* - //; s/;.*//' | sort; }
# ages: of the lines of what is wrong, in minutes
ages() { sed -nE '/^Wrong/,$s/^([0-9.]+) (s|min|h|d) .*/\1 \2/p' "$T/plain" | awk '{ print int($1 * ($2 == "s" ? 1 : $2 == "min" ? 60 : $2 == "h" ? 3600 : 86400)) }'; }
verdicts >"$T/verdicts"
[ "$(wc -l <"$T/verdicts")" -ge 3 ]
ok $? "several things are wrong"
screen 80 50 sikka-status
is "$(fits 80 50)" fits "80 50: it fits"
while read -r verdict; do
	tr '\n' ' ' <"$T/plain" | tr -s ' ' | grep -qF "$verdict" || echo "$verdict"
done <"$T/verdicts" >"$T/missing"
is "$(cat "$T/missing")" "" "what --check finds is there, each of it"
is "$(ages | sort -rn | tr '\n' ' ')" "$(ages | tr '\n' ' ')" "the oldest first"
is "$(grep -c "run: sikka-" "$T/plain")" "$(wc -l <"$T/verdicts" | tr -d ' ')" "each with the command that mends it"
[ "$(line_of Wrong)" -gt "$(line_of 'Last good')" ]
ok $? "below all that is only told"
like "$(grep 'Wrong' "$T/seen")" "^${ESC}\[1;31mWrong${ESC}\[0m" "in bold red"
like "$(sed -n "$(($(line_of Wrong) + 1))p" "$T/seen")" "${ESC}\[1;3[13]m" "the oldest is bold, too"
like "$(shown)" "Open [0-9]+ +<1min +<10m +<1h +<6h +more" "what is open stands by age"
like "$(grep '^pending' "$T/plain")" "^pending +- +- +- +- +1( |$)" "by state"
for size in "80 24" "40 24" "200 50" "40 10" "60 16"; do
	screen ${size% *} ${size#* } sikka-status
	is "$(fits ${size% *} ${size#* })" fits "$size: it fits"
	like "$(shown)" "^Wrong +[0-9]" "$size: with what is wrong"
	like "$(sed -n '/^Wrong/,$p' "$T/plain" | tr '\n' ' ' | tr -s ' ')" "run: sikka-" "$size: and what mends it"
	unlike "$(shown)" "Philippa|$(booking | jq -r '.patient_id // "none"' | sed 's/^.\{0,3\}$/none/')" "$size: and nothing of a patient"
done
screen 40 10 sikka-status
like "$(shown)" "^and [0-9]+ more" "what there is no room for is counted"
like "$(tr '\n' ' ' <"$T/plain" | tr -s ' ')" "more[^:]*: sikka-status --check" "and what shows it is named"
screen 80 24 "env NO_COLOR=1 sikka-status"
is "$(grep -c "$ESC" "$T/seen")" 0 "NO_COLOR: no colour"
screen 80 24 "sikka-status --max-age sweep=1d --max-age poll=1d --max-age refresh=1d"
unlike "$(shown)" "no good (sweep|poll|refresh)" "--max-age says what is late, as for --check"

# --- a closed limit --------------------------------------------------------------------------------------
sikka-token refresh >out 2>err
sim_fault 'GET /patients@1=429:600'
sikka-get -O D36225 patients >out 2>err &
reader=$!
closed() { [ "$(sql_limits 'SELECT count(*) FROM windows WHERE closed_until > 0')" -gt 0 ]; }
sql_limits() { sqlite3 -cmd '.timeout 10000' "$SIKKA_DB.limits" "$1"; }
wait_for closed
screen 80 24 "sikka-status"
kill "$reader"
wait "$reader"
like "$(shown)" "Limit +everything closed until [0-9]{2}:[0-9]{2}" "a closed limit, and until when"
sim_clear_faults
later 11m
screen 80 24 "sikka-status"
unlike "$(shown)" "closed until" "as long as it is"
sim_fault 'GET /patients@1=status:429:API2012'
sikka-get -O D36225 patients >out 2>err
screen 80 40 "sikka-status"
like "$(shown)" "D36225 closed until" "so is one whose calls for the day are used up"
like "$(sed -n '/^Wrong/,$p' "$T/plain" | tr '\n' ' ' | tr -s ' ')" "office D36225 has used up its calls for the day" "which is wrong, too"
sim_clear_faults

# --- an older copy ---------------------------------------------------------------------------------------
cp "$SIKKA_DB" "$T/copy"
booking key=g time=15:00 firstname=Philippa | sikka-book >out 2>err
cp "$SIKKA_DB" "$T/newest"
cp "$T/copy" "$SIKKA_DB"
screen 80 40 "sikka-status"
like "$(tr '\n' ' ' <"$T/plain" | tr -s ' ')" "is an older copy of the state file.*sikka-sweep --after-restore" "an older copy, and what mends it"
is "$(grep -c '^sikka-status:' "$T/plain")" 0 "only on the screen"
cp "$T/newest" "$SIKKA_DB"

# --- since when ------------------------------------------------------------------------------------------
sikka-sweep --pause >out 2>err
sql "UPDATE pms_integrations SET status = 'revoked', missing_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-50 hours') WHERE office_id = 'D20006'"
later 3h
screen 80 50 "sikka-status"
like "$(shown)" "^3 h +nothing new is sent: all offices are paused since" "since when a person has paused them"
like "$(tr '\n' ' ' <"$T/plain" | tr -s ' ')" " to go on: sikka-sweep --resume " "and what ends that"
like "$(shown)" "^2\.2 d +offices withdrew their authorization: D20006" "since when an office has withdrawn"
[ "$(line_of 2.2)" -lt "$(line_of '3 h')" ]
ok $? "which was earlier"
sikka-sweep --resume >out 2>err

# --- names of others ---------------------------------------------------------------------------------------
sql "INSERT INTO pms_integrations (office_id, status, secret_key, last_error) VALUES ('日本語日本語日本語日本語日本語', 'reauthorize', 's', 'Zoë'), ('x' || char(27) || '[31mred', 'new', 's', NULL)"
for size in "80 24" "40 24" "200 50"; do
	screen ${size% *} ${size#* } sikka-status
	is "$(fits ${size% *} ${size#* })" fits "$size: wide characters are counted as two columns"
done
screen 200 50 sikka-status
like "$(shown)" 'x\\x1b\[31mred' "what would colour the screen is made visible"
like "$(shown)" "日本語日本語日本語日本語日本語 +reauthorize, no key" "who must authorize again"

# --- no office, and 300 -----------------------------------------------------------------------------------
start_sim --delay 0:0 --offices 300 --rate-limit 10000
SIKKA_DB=$T/many.db
export SIKKA_DB
sikka-authorize >out 2>err
for size in "80 24" "40 24" "200 50"; do
	screen ${size% *} ${size#* } sikka-status
	is "$(fits ${size% *} ${size#* })" fits "300 offices, $size: it fits"
	like "$(shown)" "Offices +300 active" "300 offices, $size: how many there are"
	like "$(tr '\n' ' ' <"$T/plain" | tr -s ' ')" "and [0-9]+ more, keys for [0-9.]+ h or longer" "300 offices, $size: how many aren't shown, and that they needn't be"
done
sql "UPDATE pms_integrations SET status = 'suspect' WHERE office_id = (SELECT max(office_id) FROM pms_integrations)"
screen 40 24 sikka-status
like "$(sed -n '2,8p' "$T/plain")" "$(sql 'SELECT max(office_id) FROM pms_integrations')  suspect" "one that isn't well stands before them"
# 50 troubles of the worst kind that there is here, and one of another kind
sql "SELECT office_id FROM pms_integrations ORDER BY office_id LIMIT 50" >"$T/fifty"
while read -r office; do
	echo "INSERT OR REPLACE INTO windows (bucket, daily_until) VALUES ('$office', $(date +%s)000 + 1800000);"
done <"$T/fifty" >"$T/used-up.sql"
sql_limits ".read $T/used-up.sql"
is "$(verdicts | wc -l | tr -d ' ')" 51 "300 offices: 51 things are wrong"
for size in "80 24" "40 24" "200 50" "40 12"; do
	screen ${size% *} ${size#* } sikka-status
	is "$(fits ${size% *} ${size#* })" fits "51 troubles, $size: it fits"
	like "$(shown)" "^Wrong +51" "51 troubles, $size: how many there are"
	like "$(shown)" "^Wrong +51, the worst [0-9]+" "51 troubles, $size: and which ones are shown"
	like "$(sed -n '/^Wrong/,$p' "$T/plain")" "office $(head -n 1 "$T/fifty") has used up its" "51 troubles, $size: one of the worst stays"
	like "$(tr '\n' ' ' <"$T/plain" | tr -s ' ')" "and [0-9]+ more, [0-9]+ critical: sikka-status --check" "51 troubles, $size: those that aren't shown are counted"
	told=$(grep -c "^ .*office D[0-9]* has used up its" "$T/plain")
	counted=$(sed -nE 's/^and ([0-9]+) more, [0-9]+ critical.*/\1/p' "$T/plain")
	other=$(sed -n '/^Wrong/,$p' "$T/plain" | grep -c "the server refused the keys")
	is $((told + other + counted)) 51 "51 troubles, $size: rightly"
	[ ${size#* } -lt 24 ] || is "$other" 1 "51 troubles, $size: fifty of a kind don't hide one of another kind"
	[ ${size#* } -lt 24 ] || like "$(shown)" "(^|  )Last 24 h +0 completed" "51 troubles, $size: what has ended stays"
done
sql_limits "DELETE FROM windows"
SIKKA_DB=$T/one.db
sikka-authorize --import </dev/null >out 2>err
screen 80 24 sikka-status
like "$(shown)" "Offices +none yet: sikka-authorize lists them" "a state file that was begun just now"
like "$(shown)" "Open +nothing" "has nothing open"
like "$(tail -n 1 "$T/plain")" "^Nothing is wrong" "and nothing is wrong"
screen 40 24 "sikka-status -O D1"
like "$(tr '\n' ' ' <"$T/plain" | tr -s ' ')" "Wrong 1 office D1 isn't known here" "an office that isn't known is wrong"
SIKKA_DB=$T/many.db

# --- --watch -----------------------------------------------------------------------------------------------
time_runs
run 64 "--watch without a terminal" sikka-status --watch
like "$err" "standard output is none.*sikka-status" "says what else there is"
cat >"$T/lend" <<'END'
# lend COLUMNS LINES COMMAND ARGUMENT ...: runs it on a terminal. What it writes comes into "drawn"; lines of the pipe
# "control" are "size COLUMNS LINES" or "signal NAME"; at the end "ended" has its exit code, and whether the
# terminal's settings are as they were.
import fcntl, os, pty, select, signal, struct, subprocess, sys, termios
def size(fd, columns, lines):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
master, slave = pty.openpty()
size(master, int(sys.argv[1]), int(sys.argv[2]))
before = termios.tcgetattr(slave)
def own():
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTSTP, signal.SIG_DFL)
child = subprocess.Popen(sys.argv[3:], stdin=slave, stdout=slave, stderr=slave, preexec_fn=own)
os.mkfifo("control")
control = os.open("control", os.O_RDWR)
drawn = open("drawn", "wb", buffering=0)
while True:
    over = child.poll() is not None
    ready = select.select([master, control], [], [], 0.05)[0]
    if master in ready:
        drawn.write(os.read(master, 65536))
    elif over:
        break
    if control in ready:
        for words in (line.split() for line in os.read(control, 4096).decode().splitlines()):
            if words[0] == "size":
                size(master, int(words[1]), int(words[2]))
            else:
                child.send_signal(getattr(signal, "SIG" + words[1]))
same = termios.tcgetattr(slave) == before
with open("ended.new", "w") as f:
    f.write(f"{child.returncode} {'as before' if same else 'changed'}\n")
os.rename("ended.new", "ended")
END
# lent COLUMNS LINES COMMAND: begins it, and waits for its first picture
lent() {
	rm -f control drawn ended
	columns=$1 lines=$2
	shift 2
	python3 "$T/lend" "$columns" "$lines" "$@" &
	lender=$!
	wait_for pictures 1
}
# picture: the last one, without what moves the cursor and colours
picture() {
	python3 - <<'END'
import re
text = open("drawn", encoding="utf-8", newline="").read().replace("\r", "")
pages = [page for page in re.split("\x1b\\[H|\x1b\\[\\?1049[hl]", re.sub("\x1b\\[[0-9;]*[mKJ]|\x1b\\[\\?25[hl]", "", text)) if page.strip()]
print(pages[-1] if pages else "")
END
}
# pictures N: whether at least N were drawn
pictures() { [ "$(grep -ao "sikka  " drawn 2>/dev/null | wc -l)" -ge "$1" ]; }
control() { echo "$*" >control; }
ended() { wait_for test -s ended; wait "$lender"; cat ended; }
shows() { picture | tr -s '\n ' ' ' | grep -qE "$1"; }

lent 80 24 sikka-status --watch=1h
picture >"$T/plain"
like "$(shown)" "every 60 min" "it says how often it is drawn"
like "$(shown)" "Offices +299 active, 1 suspect" "the same screen"
is "$(size | cut -d ' ' -f 2 | sed 's/^24$/24 lines/; s/^25$/24 lines/')" "24 lines" "down to the last line"
is "$(head -c 8 drawn | cat -v)" "^[[?1049h" "on a page of its own"
control size 40 20
wait_for pictures 2
picture >"$T/plain"
is "$(size | cut -d ' ' -f 1)" 40 "another size: it is drawn anew"
sql "UPDATE pms_integrations SET status = 'active'"
later 1h
wait_for pictures 3
wait_for shows 'Offices +300 active'
ok $? "after the interval, what is true then"
{ printf 'BEGIN IMMEDIATE;\n.shell touch kept\n'; wait_for test -e free; echo 'ROLLBACK;'; } | sqlite "$SIKKA_DB" &
writer=$!
wait_for test -e kept
before=$(grep -ao "sikka  " drawn | wc -l)
later 1h
wait_for pictures $((before + 1))
ok $? "it is drawn while another process writes"
shows 'Offices +300 active'
ok $? "with the same state, since it only reads"
: >free
wait "$writer"
mv many.db away.db
later 1h
wait_for shows 'Wrong 1 .*many\.db is missing or empty'
ok $? "a state file that goes away is told on the screen, as what is wrong"
mv away.db many.db
later 1h
wait_for shows 'Offices +300 active'
ok $? "and when it is back, all is as before"
control signal INT
is "$(ended)" "0 as before" "Ctrl-C ends it with 0"
is "$(tail -c 14 drawn | cat -v)" "^[[?25h^[[?1049l" "and gives the terminal back"
lent 80 24 sikka-status --watch
control signal TERM
is "$(ended)" "0 as before" "so does SIGTERM"
is "$(tail -c 14 drawn | cat -v)" "^[[?25h^[[?1049l" "the terminal, too"

lent 80 24 sikka-status --watch=1h
control signal TSTP
gives_back() { grep -aqF "${ESC}[?1049l" drawn; }
wait_for gives_back
ok $? "Ctrl-Z gives the terminal back, as long as it is stopped"
control signal CONT
wait_for pictures 2
ok $? "afterwards it is drawn again"
control signal INT
is "$(ended)" "0 as before" "and ends as ever"

lent 80 24 env TERM=dumb sikka-status --watch=1h
later 1h
wait_for pictures 2
control signal INT
is "$(ended)" "0 as before" "on a terminal that can't move the cursor"
is "$(grep -ac "$ESC" drawn)" 0 "one screen is written below the other"
rm -f control drawn ended
python3 "$T/lend" 80 24 sikka-status --watch -D "$T/none.db" &
lender=$!
is "$(ended)" "78 as before" "what can't be read from the beginning ends it"
is "$(grep -acF "${ESC}[" drawn)" 0 "and nothing is drawn"
done_testing
