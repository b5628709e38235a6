#!/bin/sh
# SPDX-License-Identifier: MIT
# Where settings come from, what is refused, and that no log shows a secret or a patient
# shellcheck disable=SC2016,SC2088 # what a shell would expand, and we do not
. "$(dirname "$0")/lib.sh"

# The simulator knows one application; each case gives it in another way.
start_sim --delay 0:0
authorize
unset SIKKA_APP_ID SIKKA_APP_KEY
base=$SIKKA_BASE_URL
get() { sikka-get -O D36225 patients --limit 1; }
one_line() { is "$(wc -l <"$T/err" | tr -d ' ')" 1 "$1: one line"; }
mkdir -p "$T/.config/sikka" "$T/xdg/sikka" "$T/credentials"
umask 077

# --- nothing is configured --------------------------------------------------------------------------
run 78 "no app id" get
like "$err" "app_id.*SIKKA_APP_ID|SIKKA_APP_ID.*app_id" "names what to set, and where"
one_line "no app id"
SIKKA_APP_ID=sikka-sim-app
export SIKKA_APP_ID
run 78 "no app key" get
like "$err" "app_key_file.*SIKKA_APP_KEY" "names what to set, and where"
run 78 "an empty one is none" env SIKKA_APP_KEY= sikka-get -O D36225 patients
run 78 "sikka-authorize" sikka-authorize
run 78 "sikka-book" sh -c 'echo "{}" | sikka-book'
run 78 "sikka-token refresh" sikka-token refresh
run 0 "sikka-token list needs none" env -u SIKKA_APP_ID sikka-token
run 78 "no place for the state file" env -u SIKKA_DB -u HOME sikka-token
like "$err" "SIKKA_DB|--db" "says what to set"
before=$(sim_get requests | jq .total)

# --- the config file --------------------------------------------------------------------------------
cat >"$T/.config/sikka/config" <<END
# a comment

app_id = sikka-sim-app
  app_key=sikka-sim-key  
base_url = $base
db = $T/state/sikka.db
END
file() { env -u SIKKA_APP_ID -u SIKKA_APP_KEY -u SIKKA_BASE_URL -u SIKKA_DB "$@"; }
run 0 "everything from \$HOME/.config/sikka/config" file sikka-get -O D36225 patients --limit 1
is "$(sim_get requests | jq .total)" $((before + 1)) "asked there"
run 0 "-v" file sikka-get -v -O D36225 patients --limit 1
like "$err" "config file: $T/.config/sikka/config" "tells the config file"
like "$err" "state file: $T/state/sikka.db" "and the state file"
run 77 "the environment is stronger" file env SIKKA_APP_KEY=wrong sikka-token refresh --all
run 0 "an empty value there is none" file env SIKKA_APP_KEY= SIKKA_DB= sikka-get -O D36225 patients --limit 1
for db in option env; do SIKKA_DB=$T/$db.db begin_state; done
run 0 "--db is strongest" file env SIKKA_DB="$T/env.db" sikka-token -v --db "$T/option.db"
like "$err" "state file: $T/option.db" "as -v tells"
run 0 "then the environment" file env SIKKA_DB="$T/env.db" sikka-token -v
like "$err" "state file: $T/env.db" "as -v tells"
printf 'app_id = other\n' >"$T/xdg/sikka/config"
run 78 "XDG_CONFIG_HOME" file env XDG_CONFIG_HOME="$T/xdg" sikka-get -v -O D36225 patients
like "$err" "config file: $T/xdg/sikka/config" "is where the file is looked for"
run 0 "SIKKA_CONFIG" file env XDG_CONFIG_HOME="$T/xdg" SIKKA_CONFIG="$T/.config/sikka/config" sikka-get -O D36225 patients --limit 1
run 78 "SIKKA_CONFIG names none" file env SIKKA_CONFIG="$T/nowhere" sikka-token
run 0 "no file at all, by default" file env XDG_CONFIG_HOME="$T/nowhere" SIKKA_DB="$SIKKA_DB" sikka-token -v
like "$err" "config file: none" "is none"
chmod 644 "$T/.config/sikka/config"
run 77 "a config file with the app key that others can read" file sikka-get -O D36225 patients
like "$err" "chmod 600 $T/.config/sikka/config" "is refused, with what mends it"
chmod 600 "$T/.config/sikka/config"
SIKKA_CONFIG=$T/bad
export SIKKA_CONFIG
printf 'app_id = a\napp_key sikka-sim-key\n' >"$T/bad"
run 78 "a line without =" sikka-token
like "$err" "$T/bad:2" "is told with file and line"
unlike "$err" "sikka-sim-key" "but not shown"
printf '\n\nappid = a\n' >"$T/bad"
run 78 "a setting that there isn't" sikka-token
like "$err" "$T/bad:3.*appid" "is told with file and line"
printf 'app_idd = a\n' >"$T/bad"
run 78 "a misspelt setting" sikka-token
like "$err" "$T/bad:1: .*'app_idd'; did you mean app_id\?" "gets a guess"
printf '\357\273\277app_id = a\n' >"$T/bad"
run 0 "a byte order mark in front" sikka-token
printf 'app_id = a\n' | iconv -t UTF-16 >"$T/bad"
run 78 "a file in UTF-16" sikka-token
like "$err" "$T/bad: it contains NUL bytes.*UTF-8" "is recognized"
unset SIKKA_CONFIG

# --- paths ----------------------------------------------------------------------------------------------
# What isn't a whole path would be another file in each folder from which a command is run.
mkdir -p "$T/shell" "$T/cron" "$T/~"
try() { # try SETTING VALUE: in the config file, and in the environment
	printf 'app_id = a\n%s = %s\n' "$1" "$2" >"$T/bad"
	run 78 "$1 = $2" env -u SIKKA_DB SIKKA_CONFIG="$T/bad" sikka-token
	like "$err" "^sikka-token: $T/bad:2: $1:? .+" "is refused with file and line"
	one_line "$1 = $2"
	[ -n "$2" ] || return 0
	variable=SIKKA_$(echo "$1" | tr '[:lower:]' '[:upper:]')
	run 78 "$variable=$2" env "$variable=$2" sikka-token
	like "$err" "^sikka-token: $variable.? .+" "is refused with its name"
}
for setting in db app_key_file callback_key_file ca_file; do
	for value in state/x ./x ../x '~' '~ada/x' '$HOME/x' '${HOME}/x' '""' ''; do try "$setting" "$value"; done
done
for setting in db app_key_file callback_key_file ca_file app_id base_url; do
	for quote in '"' "'"; do
		printf '%s = %s/x%s\n' "$setting" "$quote" "$quote" >"$T/bad"
		run 78 "$setting in quotes" env -u SIKKA_DB SIKKA_CONFIG="$T/bad" sikka-token
		like "$err" "$T/bad:1: $setting: the value is in quotes" "is refused with file and line"
	done
done
for variable in HOME STATE_DIRECTORY SIKKA_CONFIG; do
	run 78 "a relative $variable" env -u SIKKA_DB SIKKA_CONFIG=/dev/null "$variable=cron" sikka-token
	like "$err" "^sikka-token: $variable is a relative path" "is refused with its name"
done
is "$(find "$T/cron" "$T/shell" "$T/~" | wc -l | tr -d ' ')" 3 "nothing of this made a file"
printf 'db = ~/state/sikka.db\n' >"$T/home"
for folder in shell cron; do
	run 0 "a ~/ in $folder" sh -c "cd '$T/$folder' && exec env -u SIKKA_DB SIKKA_CONFIG=~/home sikka-token"
	is "$(jq -r .office_id "$T/out" | sort | tr '\n' ' ')" "D20006 D36225 " "is the same state file"
done
run 0 "in the environment" env SIKKA_DB='~/state/sikka.db' SIKKA_CONFIG='~/home' sikka-token

# --- what is wrong is named ----------------------------------------------------------------------------
sed "s/sikka-sim-app/other/" "$T/.config/sikka/config" >"$T/other"
run 77 "another app id" file env SIKKA_CONFIG="$T/other" sikka-authorize
like "$err" "check app_id \($T/other:3\) and the app key \($T/other:4\), then run sikka-authorize" "where both come from"
run 77 "another app key" file env SIKKA_APP_KEY=other sikka-authorize
like "$err" "app_id \($T/.config/sikka/config:3\) and the app key \(SIKKA_APP_KEY\)" "one in the file, one in the environment"
run 78 "a base URL without /v4" file env SIKKA_BASE_URL="${base%/v4}" sikka-authorize
like "$err" "base_url \(SIKKA_BASE_URL\) must end with /v4" "is told before anything is asked"
sed "s,/v4,," "$T/.config/sikka/config" >"$T/other"
run 78 "in the config file" file env SIKKA_CONFIG="$T/other" sikka-authorize
like "$err" "base_url \($T/other:5\)" "likewise"

# --- connections --------------------------------------------------------------------------------------
for value in 0 129 x 1.5 -1; do
	run 78 "SIKKA_CONNECTIONS=$value" file env SIKKA_CONNECTIONS="$value" sikka-token
	like "$err" "connections \(SIKKA_CONNECTIONS\).* 1 to 128, not \"$value\"" "names the setting, what it may be, and what it is"
	one_line "SIKKA_CONNECTIONS=$value"
done
# opened CONNECTIONS: how many connections it takes to read from both offices with so many at once
opened() {
	opened_before=$(sim_get requests | jq .connections)
	run 0 "connections: $1" file env SIKKA_CONNECTIONS="$1" sikka-get patients --limit 1
	opened=$(($(sim_get requests | jq .connections) - opened_before))
}
opened 1
is "$opened" 1 "one after the other on the same one"
for value in 2 128 ''; do
	opened "$value"
	is "$opened" 2 "both at the same time"
done
printf 'connections = 0\n' >>"$T/.config/sikka/config"
run 78 "a wrong one in the config file" file sikka-token
like "$err" "connections \($T/.config/sikka/config:7\).* not \"0\"" "is told with its line"
run 0 "the environment is stronger" file env SIKKA_CONNECTIONS=1 sikka-token

# --- the app key's other sources ----------------------------------------------------------------------
rm -r "$T/.config"
printf 'sikka-sim-key\n' >"$T/key"
run 0 "a key file" env SIKKA_APP_KEY_FILE="$T/key" sikka-get -O D36225 patients --limit 1
chmod 604 "$T/key"
run 77 "which others can read" env SIKKA_APP_KEY_FILE="$T/key" sikka-get -O D36225 patients
like "$err" "chmod 600 $T/key" "is refused, with what mends it"
unlike "$err" "sikka-sim-key" "and not shown"
one_line "a key file"
chmod 640 "$T/key"
run 77 "or the group" env SIKKA_APP_KEY_FILE="$T/key" sikka-get -O D36225 patients
run 78 "a key file that isn't there" env SIKKA_APP_KEY_FILE="$T/nokey" sikka-get -O D36225 patients
like "$err" "$T/nokey" "is named"
: >"$T/empty"
run 78 "an empty key file" env SIKKA_APP_KEY_FILE="$T/empty" sikka-get -O D36225 patients
printf 'a\033b' >"$T/odd"
run 78 "a key with a control character" env SIKKA_APP_KEY_FILE="$T/odd" sikka-get -O D36225 patients
printf 'sikka-sim-key' >"$T/credentials/sikka_app_key"
chmod 440 "$T/credentials/sikka_app_key"
run 0 "systemd's credentials" env CREDENTIALS_DIRECTORY="$T/credentials" sikka-get -O D36225 patients --limit 1
printf 'app_id = sikka-sim-app\napp_key_command = echo >>%s; echo sikka-sim-key; echo more\n' "$T/ran" >"$T/command"
run 0 "a command" env SIKKA_CONFIG="$T/command" sikka-get -O D36225 patients --limit 1
is "$(wc -l <"$T/ran" | tr -d ' ')" 1 "is run once"
run 0 "sikka-token list" env SIKKA_CONFIG="$T/command" sikka-token
is "$(wc -l <"$T/ran" | tr -d ' ')" 1 "doesn't run it"
run 0 "a key in the environment is stronger" env SIKKA_CONFIG="$T/command" SIKKA_APP_KEY=sikka-sim-key sikka-get -O D36225 patients --limit 1
is "$(wc -l <"$T/ran" | tr -d ' ')" 1 "and keeps it from being run"
chmod 602 "$T/command"
run 77 "a file that others can write, with a command" env SIKKA_CONFIG="$T/command" sikka-get -O D36225 patients
printf 'app_id = sikka-sim-app\napp_key_command = exit 3\n' >"$T/failing"
run 78 "a command that fails" env SIKKA_CONFIG="$T/failing" sikka-get -O D36225 patients
like "$err" "app_key_command.*3" "is told with its code"
for command in authorize token get book poll sweep; do
	run 64 "sikka-$command has no option for a key" sikka-$command --app-key=sikka-sim-key
	unlike "$err" "sikka-sim-key" "and doesn't repeat it"
done

# --- the state file's place -----------------------------------------------------------------------------
SIKKA_APP_KEY=sikka-sim-key
export SIKKA_APP_KEY
for place in "STATE_DIRECTORY=$T/s1 $T/s1/sikka.db" "STATE_DIRECTORY=$T/s2:$T/s3 $T/s2/sikka.db" \
    "XDG_STATE_HOME=$T/s4 $T/s4/sikka/sikka.db" "HOME=$T/s5 $T/s5/.local/state/sikka/sikka.db"; do
	run 0 "${place% *}" env -u SIKKA_DB "${place% *}" sikka-authorize --no-token
	[ -f "${place#* }" ]
	ok $? "is where it is made"
done

# --- what -vv shows ---------------------------------------------------------------------------------------
jq -cn '{office_id: "D36225", practice_id: "1", operation: "create_patient", firstname: "Zaphod", lastname: "Beeblebrox",
    birthdate: "1987-06-05", email: "zaphod@example.com", cell: "555-0147", gender: "Male"}' >"$T/patient"
printf '%s\n' '{"office_id":"D36225","practice_id":"1","operation":"create_patient","firstname":"Zaphod","lastname":"Beeblebrox","birthdate":"Zaphod"}' \
    '{"office_id":"D36225","practice_id":"1","operation":"create_patient","firstname":["Zaphod"],"lastname":null}' \
    '{"office_id":"D36225","patient_id":"Zaphod","date":"Zaphod"}' '{"lastname":"Beeblebrox"' >"$T/wrong"
sim_fault 'GET /providers=status:500:API2010'
{
	sikka-authorize -vv
	sikka-token -vv
	sikka-token -vv refresh --all
	sikka-token -vv info
	sikka-get -vv patients
	sikka-get -vv -O D36225 patients lastname=Hill
	sikka-get -vv -O D36225 providers
	sikka-book -vv "$T/patient"
	sikka-book -vv --no-validate "$T/wrong"
	sikka-book -vv "$T/wrong"
	sikka-book -vv -n "$T/patient"
	sikka-poll -vv --wait
	sikka-poll -vv --all
	sikka-sweep -vv
	sikka-status -vv
	sikka-status -vv --writebacks
	sikka-authorize -vv --export
} >"$T/all.out" 2>"$T/all.err"
sikka-token -vv print D36225 >"$T/printed" 2>>"$T/all.err"
sikka-authorize -vv --export 2>>"$T/all.err" | sikka-authorize --import -vv >>"$T/all.out" 2>>"$T/all.err"
sikka-token -vv revoke D20006 >>"$T/all.out" 2>>"$T/all.err"
like "$(cat "$T/all.err")" "> POST .*/patient " "-vv shows requests"
like "$(cat "$T/all.err")" "< 20[01] " "and answers"
like "$(cat "$T/all.out")" "created_id" "and all ran"
secrets() { { cat "$T/printed"; sql "SELECT secret_key || char(10) || coalesce(request_key, '') || char(10) || coalesce(refresh_key, '') FROM pms_integrations"; echo sikka-sim-key; } | grep .; }
secrets >"$T/secrets"
[ "$(wc -l <"$T/secrets")" -ge 6 ]
ok $? "there are keys to look for"
is "$(grep -cFf "$T/secrets" "$T/all.err")" 0 "no key in any line"
is "$(grep -cE '[0-9a-f]{32}' "$T/all.err")" 0 "nor anything that looks like one"
is "$(grep -ciE 'zaphod|beeblebrox|1987-06-05|555-0147|Brown|Hill|patient[0-9]+@' "$T/all.err")" 0 "nor a patient's data"
grep -iE 'zaphod|beeblebrox|1987-06-05|555-0147|Brown|Hill|patient[0-9]+@' "$T/all.err" | head -n 5 | cut -c1-300 | sed 's/^/# /'
is "$(jq -r 'select(.firstname == "Zaphod" and (has("patient_id") | not)) | 1' "$T/all.out" | wc -l | tr -d ' ')" 0 "nor in the records of a booking"
is "$(sim_get requests | jq .secrets_in_urls)" 0 "no secret was in a URL"
done_testing
