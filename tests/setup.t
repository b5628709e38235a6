#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-authorize --setup: what it asks, what it writes, and where the key isn't
. "$(dirname "$0")/lib.sh"

ID=sikka-sim-app KEY=sikka-sim-key
unset SIKKA_APP_ID SIKKA_APP_KEY SIKKA_DB
CONF=$T/.config/sikka/config KEYFILE=$T/.config/sikka/app_key
start_sim --delay 0:0
URL=$SIKKA_BASE_URL
unset SIKKA_BASE_URL

# typing CODE WHAT [PROMPT ANSWER] … -- COMMAND …: what was to be seen is in $seen
typing() {
	want=$1 what=$2
	shift 2
	"$TOP/tests/typing" "$T/seen" "$@"
	code=$?
	seen=$(tr -d '\r' <"$T/seen")
	is "$code" "$want" "$what (exit $want)"
	[ "$code" -eq "$want" ] || printf '%s\n' "$seen" | sed 's/^/#   /'
	case $seen in *Sanitizer*) ok 1 "$what: no sanitizer speaks" ;; esac
}
# setup CODE WHAT ID KEY [OPTION …]: answers both questions
setup() {
	want=$1 what=$2 id=$3 key=$4
	shift 4
	typing "$want" "$what" 'Application id: ' "$id" "(it isn't shown): " "$key" -- sikka-authorize --setup "$@"
}
mode() { stat -c %a "$1"; }
nothing() { is "$(cd "$T" && find .config .local 2>>gone.err)" "" "$1"; }
# has_key: the files below $T in which the key stands
has_key() { grep -rlF -- "$KEY" "$T" 2>>"$T/grep.err" | sed "s|^$T/||" | sort | tr '\n' ' '; }

# --- where nothing is written ---------------------------------------------------------------------------
run 64 "without a terminal" sikka-authorize --setup
like "$err" "there is no terminal: write app_id and app_key_file into the config file" "it says what to do instead"
run 64 "nor does it read from a pipe" sh -c "printf '%s\n%s\n' $ID $KEY | sikka-authorize --setup"
run 64 "--url without --setup" sikka-authorize --url "$URL"
like "$err" "base_url" "base_url is named"
run 64 "--setup with --import" sikka-authorize --setup --import
setup 77 "a wrong key" "$ID" wrong-key --url "$URL"
like "$seen" "nothing was written: the server refuses this id with this key: .*API2003" "the server's reason is told"
unlike "$seen" "wrong-key" "the key isn't shown"
nothing "and nothing is written"
setup 77 "a wrong id" other "$KEY" --url "$URL"
setup 69 "no network" "$ID" "$KEY" --url http://127.0.0.1:1/v4
like "$seen" "nothing was written: http://127.0.0.1:1/v4: .*connect" "is told"
setup 69 "a server that is busy" "$ID" "$KEY" --url "$(sim_fault 'GET /authorized_practices@1=status:503' && echo "$URL")"
sim_clear_faults
clock_off 3h
setup 78 "a clock that is wrong" "$ID" "$KEY" --url "$URL"
like "$seen" "this machine's clock is 3\.?0? ?h(ours)? ahead of the server's; run: timedatectl" "is told"
clock_off -3h
typing 78 "a server without encryption" -- sikka-authorize --setup --url http://example.com/v4
like "$seen" "base_url \(--url\) must begin with https" "is refused before anything is asked"
setup 78 "a key with a strange character" "$ID" "schlüssel" --url "$URL"
unlike "$seen" "schl" "is refused without being shown"
typing 66 "no id" 'Application id: ' '' -- sikka-authorize --setup --url "$URL"
typing 66 "no key" 'Application id: ' "$ID" "shown): " '' -- sikka-authorize --setup --url "$URL"
typing 66 "nothing but blanks" 'Application id: ' '   ' -- sikka-authorize --setup --url "$URL"
like "$seen" "nothing was written: no id was typed" "it says so"
typing 66 "the end of the input" 'Application id: ' '^D' -- sikka-authorize --setup --url "$URL"
like "$seen" "nothing was written: the input has ended" "it says so"
typing 66 "the end of the input at the key" 'Application id: ' "$ID" "shown): " '^D' -- sikka-authorize --setup --url "$URL"
like "$seen" "nothing was written: the input has ended" "it says so, too"
# shellcheck disable=SC2016 # the shell in there expands it
typing 64 "a terminal on which nothing is shown" -- sh -c 'sikka-authorize --setup --url "$1" 2>hidden' sh "$URL"
for stop in ^C SIGTERM SIGHUP; do
	typing 75 "$stop at the id" 'Application id: ' "$stop" -- sikka-authorize --setup --url "$URL"
	typing 75 "$stop at the key; the terminal is as before" 'Application id: ' "$ID" "shown): " "$stop" -- sikka-authorize --setup --url "$URL"
	like "$seen" "nothing was written: stopped by a signal" "$stop: it says so"
done
# Ctrl-Z and Ctrl-\ would leave a shell with a terminal that shows nothing: here they are characters that no key has.
# shellcheck disable=SC1003 # a backslash
typing 78 "Ctrl-Z and Ctrl-\\ at the key" 'Application id: ' "$ID" "shown): " '^Z' '' '^\' '' x -- sikka-authorize --setup --url "$URL"
: >"$T/.config"
typing 73 "a folder that can't be made" -- sikka-authorize --setup --url "$URL"
rm "$T/.config"
nothing "nothing was written by all of these"

# on_disk OPTIONS COMMAND …: where ~/.config is a file system of its own, mounted so; what is on it at the end is in left.
cat >on_disk <<'END'
mkdir -p .config && mount -t tmpfs -o "mode=700,$1" none .config || exit 1
shift
"$@"
code=$?
find .config -type f >left
exit "$code"
END
if unshare -rm sh ./on_disk size=4k true 2>>gone.err; then
	for disk in 'size=4k 74 No.space' 'nr_inodes=2 73 No.space' 'ro 73 Read-only'; do
		# shellcheck disable=SC2086 # words
		set -- $disk
		why=$3
		case $1 in
		ro) typing "$2" "a disk with $1" -- unshare -rm sh ./on_disk "$1" sikka-authorize --setup --url "$URL" ;;
		*) typing "$2" "a disk with $1" 'id: ' "$ID" 'shown): ' "$KEY" -- unshare -rm sh ./on_disk "$1" sikka-authorize --setup --url "$URL" ;;
		esac
		like "$seen" "nothing was written: .*$why" "says why"
		is "$(cat left)" "" "and leaves no part of a file"
	done
	rmdir .config
else
	ok 0 "a full disk # SKIP no file system can be mounted here"
fi
is "$(sim_count 'POST /request_key')" 0 "and no office got a key"

# --- nowhere but in its file --------------------------------------------------------------------------------
# The server holds the request, so the process has the key.
sim_fault 'GET /authorized_practices=hold'
# shellcheck disable=SC2016 # the shell in there expands it
"$TOP/tests/typing" "$T/seen" 'Application id: ' "$ID" "shown): " "$KEY" -- sh -c \
    'ulimit -c unlimited; echo $$ >pid; exec sikka-authorize -vv --setup --url "$1"' sh "$URL" &
typist=$!
wait_for sim_holds 1
ok $? "the server is asked"
pid=$(cat pid)
unlike "$(tr '\0' '\n' <"/proc/$pid/environ"; tr '\0' '\n' <"/proc/$pid/cmdline")" "$KEY" "the key is in no argument and no environment"
kill -ABRT "$pid"
wait "$typist"
is "$?" 134 "the process dies"
is "$(find "$T" -name 'core*')" "" "without a core"
sim_clear_faults
nothing "nothing is written"
rm -f seen

# --- what is written ------------------------------------------------------------------------------------
umask 000
setup 0 "id and key" "$ID" "$KEY" --url "$URL" -vv
umask 022
unlike "$seen" "$KEY" "the key isn't shown, not even by -vv"
is "$(mode "$T/.config") $(mode "$T/.config/sikka") $(mode "$CONF") $(mode "$KEYFILE")" "700 700 600 600" "folders and files are the user's alone"
is "$(cat "$KEYFILE")" "$KEY" "the key file is the key"
is "$(grep -v '^#' "$CONF")" "app_id = $ID
app_key_file = $KEYFILE
base_url = $URL" "the config file names it"
is "$(has_key)" ".config/sikka/app_key " "the key stands nowhere else, not in the state file either"
like "$seen" "began the state file $T/.local/state/sikka/sikka.db" "the state file is begun"
for office in D36225 D20006; do like "$seen" "^$office +1 .*active" "office $office is shown, with its key"; done
sed -n '/^[^#]/s/^/    /p' "$TOP/scripts/system/cron/crontab.example" >lines
is "$(grep -c . lines) $(printf '%s\n' "$seen" | grep -cxFf lines)" "7 7" "and each line of crontab.example"
is "$(printf '%s\n' "$seen" | grep -n 'active\|crontab -e' | tail -n 1 | grep -c 'crontab -e')" 1 "behind the offices"
unlike "$seen" "another environment|run: unset" "this shell has no settings of its own"
run 0 "the commands work with these files" sikka-token refresh --all

if command -v strace >/dev/null && strace -f -o trace true 2>>grep.err; then
	rm "$KEYFILE" "$CONF"
	typing 0 "traced" 'id: ' "$ID" 'shown): ' "$KEY" -- env ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" strace -f -o trace -e trace=fsync,rename sikka-authorize --setup --url "$URL"
	is "$(grep -o 'fsync\|rename(.*' trace | sed 's/rename(.*", "\(.*\)".*/\1/' | head -n 5 | tr '\n' ' ')" \
	    "fsync fsync $KEYFILE fsync $CONF " "both files are on the disk before the first takes its name"
	rm trace
else
	ok 0 "both files are on the disk before the first takes its name # SKIP no strace"
fi

# --- again, over what is there ---------------------------------------------------------------------------
printf '# mine\r\n app_id=old-id\napp_key_file = ~/keys/sikka\n\napp_key_command = pass show sikka\nconnections = 3' >"$CONF"
cp "$CONF" before
mkdir keys
(umask 077; echo old-key >keys/sikka)
typing 0 "no is no" '[y/N] ' n -- sikka-authorize --setup --url "$URL"
like "$seen" "config:2 has app_id = old-id" "what would be replaced is shown"
like "$seen" "config:5 has app_key_command$" "but no command, which may hold a password"
like "$seen" "keys/sikka has a key" "nor a key"
unlike "$seen" "old-key|pass show" "as has been said"
like "$seen" "nothing was changed" "it says so"
typing 0 "neither is Return yes" '[y/N] ' '' -- sikka-authorize --setup --url "$URL"
typing 75 "Ctrl-C isn't either" '[y/N] ' '^C' -- sikka-authorize --setup --url "$URL"
typing 66 "nor is the end of the input" '[y/N] ' '^D' -- sikka-authorize --setup --url "$URL"
typing 77 "a wrong key" '[y/N] ' y 'id: ' "$ID" 'shown): ' wrong -- sikka-authorize --setup --url "$URL"
cmp -s "$CONF" before
ok $? "the file is as it was"
is "$(cat keys/sikka)" old-key "and the key"
chmod 640 "$CONF"
export SIKKA_BASE_URL="$URL" SIKKA_APP_ID=shell-id SIKKA_APP_KEY=shell-key SIKKA_CONNECTIONS=2
typing 0 "yes" '[y/N] ' y 'id: ' "$ID" 'shown): ' "  $KEY  " -- sikka-authorize --setup
unset SIKKA_BASE_URL SIKKA_APP_ID SIKKA_APP_KEY SIKKA_CONNECTIONS
is "$(cat "$CONF")" "# mine$(printf '\r')
app_id = $ID
app_key_file = $T/keys/sikka

connections = 3
base_url = $URL" "all other lines are as they were"
is "$(cat keys/sikka) $(mode keys/sikka) $(mode "$CONF")" "$KEY 600 640" "the key is in the file that the settings name; the modes stay"
like "$seen" "run: unset SIKKA_APP_ID SIKKA_APP_KEY" "what is stronger in this shell is told"
like "$seen" "another environment.*SIKKA_CONNECTIONS" "and what cron doesn't have"
like "$seen" "^D36225 .*active" "what was typed holds, whatever the environment says"
is "$(find "$T/.config" keys -type f | sort | tr '\n' ' ')" "$KEYFILE $CONF keys/sikka " "no temporary file stays"

# A config file with the key in it: the key goes into its own file.
rm "$KEYFILE"
printf 'app_id = %s\napp_key = inline-key\n' "$ID" >"$CONF"
typing 77 "a config file with a key that others can read" -- sikka-authorize --setup --url "$URL"
like "$seen" "nothing was written: .*chmod 600" "is to be mended first"
chmod 600 "$CONF"
typing 0 "then its key" '[y/N] ' y 'id: ' "$ID" 'shown): ' "$KEY" -- sikka-authorize --setup --url "$URL"
unlike "$seen" "inline-key" "isn't shown"
unlike "$(cat "$CONF")" "inline-key|app_key =" "and no longer stands there"

# --- links, and what is no file -----------------------------------------------------------------------------
mkdir dotfiles
mv "$CONF" dotfiles/config
ln -s "$T/dotfiles/config" "$CONF"
rm "$KEYFILE"
typing 0 "a config file that is a link" '[y/N] ' y 'id: ' "$ID" 'shown): ' "$KEY" -- sikka-authorize --setup --url "$URL"
test -L "$CONF"
ok $? "stays one"
is "$(grep -c "app_id = $ID" dotfiles/config) $(ls dotfiles)" "1 config" "where it leads to is written; the key doesn't go there"
is "$(mode "$KEYFILE")" 600 "it lies beside the link"
rm dotfiles/config
typing 73 "a link to nothing" -- sikka-authorize --setup --url "$URL"
like "$seen" "nothing was written: .*is a link to nothing" "is refused"
rm "$CONF" "$KEYFILE"
mkfifo "$KEYFILE"
typing 73 "a key file that is a pipe" -- sikka-authorize --setup --url "$URL"
rm "$KEYFILE"
chmod 777 "$T/.config/sikka"
typing 77 "a folder to which all may write" -- sikka-authorize --setup --url "$URL"
chmod 700 "$T/.config/sikka"

# --- other places ---------------------------------------------------------------------------------------------
export SIKKA_CONFIG="$T/other/conf"
setup 0 "SIKKA_CONFIG names a file that isn't there yet" "$ID" "$KEY" --url "$URL" -D "$T/mine.db"
is "$(mode "$T/other") $(mode "$T/other/conf") $(cat "$T/other/app_key")" "700 600 $KEY" "it is made"
test -s "$T/mine.db"
ok $? "-D says where the state file is"
like "$seen" "another environment.*SIKKA_CONFIG, --db" "which cron doesn't know"
unset SIKKA_CONFIG

# --- systemd's units ------------------------------------------------------------------------------------------
# within COMMAND …: with /etc as it is where the package is installed. Nothing of it is seen outside.
# shellcheck disable=SC2016 # the shell in there expands it
within() { unshare -m sh -c 'mount --bind "$T/etc" /etc && exec "$@"' sh "$@"; }
if [ "$(id -u)" -eq 0 ] && cp -a /etc "$T/etc" 2>>grep.err && mkdir -p "$T/etc/sikka" && within true 2>>grep.err; then
	rm -rf "$T/.config" "$T/.local"
	echo 'sikka:x:990:990::/var/lib/sikka:/usr/sbin/nologin' >>etc/passwd
	within "$TOP/tests/typing" "$T/seen" 'id: ' "$ID" 'shown): ' "$KEY" -- sikka-authorize --setup --url "$URL"
	is "$?" 0 "root, where the user of the units is"
	seen=$(tr -d '\r' <seen)
	is "$(grep -v '^#' etc/sikka/config)" "app_id = $ID
base_url = $URL" "the units get the key as a credential, so the config file doesn't name it"
	is "$(mode etc/sikka/config) $(mode etc/sikka/app_key) $(cat etc/sikka/app_key)" "644 600 $KEY" "the user may read the one, and not the other"
	nothing "no state file of root's is begun"
	like "$seen" "systemctl start sikka-authorize.service" "the units do that"
	like "$seen" "systemctl enable --now sikka-authorize.timer sikka-refresh.timer sikka-poll.timer sikka-sweep.timer sikka-backup.timer$" "and these the regular work"
	for timer in $(printf '%s\n' "$seen" | grep -o 'sikka-[a-z]*\.timer'); do
		test -f "$TOP/scripts/system/systemd/$timer"
		ok $? "$timer is there"
	done
	sed -i '/^sikka:/d' etc/passwd
	within "$TOP/tests/typing" "$T/seen" -- sikka-authorize --setup --url "$URL"
	is "$?" 78 "a user for whom the system's config file counts"
	like "$(cat seen)" "/etc/sikka/config has the settings of all users" "doesn't lose it unnoticed"
else
	ok 0 "root, where the user of the units is # SKIP no other /etc can be had"
fi

# --- in the sandbox -------------------------------------------------------------------------------------------
# shellcheck disable=SC2016 # the shell in the sandbox expands it
typing 0 "in the sandbox" 'id: ' "$ID" 'shown): ' "$KEY" -- sikka --sandbox sh -c \
    'sikka-authorize --setup && cat "$SIKKA_CONFIG" && unset SIKKA_APP_ID SIKKA_APP_KEY SIKKA_BASE_URL && sikka-get -O D36225 patients >"$T/got"'
like "$seen" "app_key_file = .*/.config/sikka/app_key" "it writes the sandbox's files"
is "$(jq -rs 'length > 0' got)" true "which work"
done_testing
