#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka --sandbox: a simulator, a state file and a home of its own, nothing of the user's, and nothing that stays
# shellcheck disable=SC2016 # what the shell in the sandbox expands
. "$(dirname "$0")/lib.sh"

# The user has settings, which mean another server and another file, and a file of his shell's.
mkdir -p "$T/user/.config/sikka" "$T/tmp"
HOME=$T/user
export TMPDIR="$T/tmp" SIKKA_DB="$T/user/mine.db" SIKKA_BASE_URL=http://127.0.0.1:9/v4 SIKKA_APP_KEY=the-users-key
export SIKKA_SHARED_OFFICES='*' STATE_DIRECTORY="$T/user" XDG_CONFIG_HOME="$T/user/.config" XDG_STATE_HOME="$T/user"
printf 'app_id = the-users-id\nconnections = 3\n' >"$HOME/.config/sikka/config"
echo 'touch "$T/user.read"; PS1="users "' >"$HOME/.bashrc"
cp "$HOME/.bashrc" "$HOME/.zshrc"
as_before() { find "$T/user" -type f -exec cksum {} + | sort; }
as_before >before
left() { ls -A "$T/tmp"; }
# serves URL: whether the simulator is there. An answer is enough.
serves() { curl -s -o "$T/answer" "$1/_sim/state"; }
gone() { ! serves "${1%/v4}"; }

# --- a program in it ------------------------------------------------------------------------------------------

booking key=boxed >in
cat >inside <<'END'
env >"$T/environment"
pwd >"$T/where"
ls -ld "$HOME" >"$T/mode"
sikka-book --wait=1m in || exit 1
curl -s "${SIKKA_BASE_URL%/v4}/_sim/state" >"$T/held"
cat ~/sandbox.log >"$T/log"
exit 7
END
run 7 "a program in the sandbox: its exit code" sikka --sandbox sh inside
is "$err" "" "without a word on stderr"
is "$(said .result)" completed "it books"
is "$(jq -r '.writebacks[].body.description, .applied_total' held | tr '\n' ' ')" "$(jq -r .description in) 1 " "at the sandbox's simulator, once"
url=$(sed -n 's/^SIKKA_BASE_URL=//p' environment) home=$(sed -n 's/^HOME=//p' environment)
like "$url" '^http://127\.0\.0\.1:[0-9]+/v4$' "on loopback"
is "$(sed -n 's/^\(SIKKA_[A-Z_]*\)=.*/\1/p' environment | grep -vx 'SIKKA_SHIFT\|SIKKA_KEPT\|SIKKA_TEST_CLEAN' | sort | tr '\n' ' ')" \
    "SIKKA_APP_ID SIKKA_APP_KEY SIKKA_BASE_URL SIKKA_CONFIG SIKKA_DB " "the settings are the sandbox's alone"
unlike "$(cat environment)" "the-users|$T/user|^STATE_DIRECTORY|^XDG_" "none of the user's is left"
like "$home" "^$T/tmp/" "its home is a folder of its own"
like "$(cat mode)" '^drwx------' "for the user alone"
is "$(cat where)" "$T" "the program runs where it was called"
is "$(sed -n 's/^PATH=\([^:]*\):.*/\1/p' environment)" "$BUILD/bin" "the commands beside sikka come first"
like "$(cat log)" 'began the state file' "sandbox.log has what was said"
is "$(left)" "" "the folder is gone"
gone "$url"
ok $? "so is the simulator"
as_before | cmp -s - before
ok $? "the user's files are as they were"

run 71 "a program that isn't there" sikka --sandbox no-such-program
is "$err" "sikka: no-such-program can't be started: No such file or directory" "is named"
run 0 "options behind the program are the program's" sikka --sandbox sikka-token --format json list
is "$(jq -r '.[].status' out | sort -u)" active "and the offices are authorized"
run 0 "-- is allowed" sikka --sandbox -- true
run 64 "with help" sikka help --sandbox
run 64 "with a value" sikka --sandbox=sh
run 143 "a signal ends the program" sikka --sandbox sh -c 'kill $$'
run 141 "SIGPIPE, which sikka ignores, ends the program" sikka --sandbox sh -c 'kill -PIPE $$; exit 0'
is "$(left)" "" "nothing stays"

# --- the shell --------------------------------------------------------------------------------------------------

export SHELL=/bin/sh
run 5 "the shell reads its commands from a pipe" sh -c 'echo "pwd; sikka-token -F json; exit 5" | sikka --sandbox'
like "$(head -n 1 out)" "^$T/tmp/sikka-sandbox" "and begins in the sandbox's folder"
run 0 "SHELL that isn't there" sh -c 'echo "echo here" | SHELL=/no/shell sikka --sandbox'
is "$out" here "sh it is"

# --- what ends it -----------------------------------------------------------------------------------------------

# waiting COMMAND …: a sandbox in which a program waits; $box is its process. url and simulator are known.
waiting() {
	rm -f there
	"$@" &
	box=$!
	wait_for test -s there
	url=$(cat there)
}
rest='echo "$SIKKA_BASE_URL" >there.new; mv there.new there; exec sleep 30'
for signal in TERM HUP; do
	waiting sikka --sandbox sh -c "$rest"
	kill -$signal "$box"
	wait "$box"
	is "$?" 129 "SIG$signal: the program ends by SIGHUP"
	is "$(left)" "" "SIG$signal: nothing stays"
	gone "$url"
	ok $? "SIG$signal: nor the simulator"
done
# As a terminal does it, to all of the group; a shell ignores SIGINT for what it starts in the background.
waiting setsid perl -e '$SIG{INT} = "DEFAULT"; exec @ARGV' sikka --sandbox sh -c "$rest"
env kill -INT -- "-$box"
wait "$box"
is "$?" 130 "Ctrl-C: the program ends by SIGINT"
is "$(left)" "" "Ctrl-C: nothing stays"
gone "$url"
ok $? "Ctrl-C: nor the simulator"
waiting setsid perl -e '$SIG{INT} = "DEFAULT"; exec @ARGV' sikka --sandbox sh -c "trap 'curl -s \$SIKKA_BASE_URL/../_sim/state >caught; exit 9' INT; echo \$SIKKA_BASE_URL >there.new; mv there.new there; while :; do sleep 0.1; done"
env kill -INT -- "-$box"
wait "$box"
is "$?" 9 "a program that catches SIGINT goes on"
like "$(cat caught)" applied_total "and the simulator with it"
waiting sikka --sandbox sh -c "trap '' HUP TERM; $rest"
kill -TERM "$box"
wait "$box"
is "$?" 137 "a program that doesn't want to end is killed"
is "$(left)" "" "and nothing stays"
waiting sikka --sandbox sh -c "$rest"
kill -KILL "$box"
wait_for gone "$url"
ok $? "SIGKILL: the simulator ends with the sandbox"
run 0 "SIGCHLD that is ignored" perl -e '$SIG{CHLD} = "IGNORE"; exec @ARGV' sikka --sandbox true
rm -rf "$T/tmp"
mkdir "$T/tmp"

# --- what is missing -------------------------------------------------------------------------------------------

mkdir "$T/alone"
cp "$BUILD/bin/sikka" "$BUILD/bin/sikka-authorize" "$T/alone"
run 71 "no simulator" env PATH=/usr/bin:/bin "$T/alone/sikka" --sandbox true
is "$err" "sikka: sikka-sim isn't installed: it is neither beside sikka nor in a folder of PATH" "says so"
printf '#!/bin/sh\necho "no port" >&2\nexit 1\n' >"$T/alone/sikka-sim"
chmod +x "$T/alone/sikka-sim"
run 71 "a simulator that doesn't start" "$T/alone/sikka" --sandbox true
is "$err" "sikka: the simulator doesn't start: no port" "says why"
printf '#!/bin/sh\nexec "%s/bin/sikka-sim" "$@" --app-key other\n' "$BUILD" >"$T/alone/sikka-sim"
run 77 "a simulator that refuses the application" "$T/alone/sikka" --sandbox true
like "$err" 'not authorized: .*API2003' "says what sikka-authorize said"
run 73 "no folder" env TMPDIR="$T/no/such" sikka --sandbox true
is "$(left)" "" "nothing stays of any of them"

# --- on a terminal ----------------------------------------------------------------------------------------------

# typed SHELL: what is seen when this is typed into the shell of a sandbox, as lines
typed() {
	SHELL=$1 script -qec "sikka --sandbox" /dev/null >"$T/seen" 2>&1 <<'END'
echo "it is $((40 + 2))"; pwd
exit 4
END
	code=$?
	tr -d '\r' <"$T/seen" >"$T/plain"
}
if command -v script >/dev/null && script -qec true /dev/null >/dev/null 2>&1 </dev/null; then
	for shell in sh bash zsh; do
		path=$(command -v $shell) || continue
		typed "$path"
		is "$code" 4 "$shell: the exit code is the shell's"
		like "$(cat plain)" 'this shell is a sandbox.*simulator' "$shell: a word of what this is"
		like "$(cat plain)" '\(sikka sandbox\) ' "$shell: the prompt says so"
		like "$(cat plain)" '^(.*[^"])?it is 42' "$shell: what is typed is run"
		like "$(cat plain)" "$T/tmp/sikka-sandbox" "$shell: in the sandbox's folder"
		is "$(left)" "" "$shell: nothing stays"
	done
	[ ! -e "$T/user.read" ]
	ok $? "no shell has read the user's own files"
fi
as_before | cmp -s - before
ok $? "the user's files are as they were"
done_testing
