#!/bin/sh
# SPDX-License-Identifier: MIT
# libcurl: no command is linked with it; it is opened when something is asked, and a command says when it isn't there
. "$(dirname "$0")/lib.sh"

COMMANDS='sikka-authorize sikka-token sikka-get sikka-book sikka-poll sikka-sweep sikka-doctor'

# --- by the files -------------------------------------------------------------------------------------------
if command -v nm >/dev/null && command -v readelf >/dev/null; then
	unresolved() { nm -u "$@" 2>>"$T/nm.err" | grep -E ' (curl_|SSL_|gnutls_)'; }
	is "$(for command in $COMMANDS sikka sikka-status; do unresolved "$BUILD/bin/$command"; done)" "" "no command needs a function of libcurl when it starts"
	is "$(unresolved "$BUILD/libsikka.a")" "" "nor does an object of the library"
	is "$(nm -u "$BUILD/libsikka.a" 2>>"$T/nm.err" | grep -c ' dlopen')" 1 "one of them opens it"
	note() { readelf -p .note.dlopen "$BUILD/bin/$1" 2>>"$T/readelf.err" | sed -n 's/^.*\(\[{.*}\]\)$/\1/p'; }
	for command in $COMMANDS; do
		is "$(note "$command" | jq -r '.[] | [.priority, .soname[]] | join(" ")')" "required libcurl.so.4" "$command says in a note that it opens it"
	done
	is "$(note sikka)$(note sikka-status)" "" "sikka and sikka-status have no such note"
	like "$(readelf -n "$BUILD/bin/sikka-poll" 2>>"$T/readelf.err" | tr '\n' ' ')" ' FDO .*0x407c0c0a' "the vendor and the type of the note are those that others look for"
else
	ok 0 "the files # SKIP no nm(1), or no readelf(1)"
fi

# --- what is loaded ---------------------------------------------------------------------------------------
start_sim --delay 0:0
authorize
# loads WHAT COMMAND …: whether it loads such a library, by what the dynamic linker says of itself
loads() {
	rm -f "$T"/linker.*
	loads_what=$1
	shift
	LD_DEBUG=files LD_DEBUG_OUTPUT=$T/linker "$@" >"$T/out" 2>"$T/err"
	cat "$T"/linker.* 2>>"$T/none.err" | grep -q 'libc\.so'  || echo "nothing is seen of $*"
	grep -hE 'generating link map' "$T"/linker.* 2>>"$T/none.err" | grep -cE "file=$loads_what"
}
TLS='lib(curl|ssl|crypto|gnutls|nghttp2)'
if [ "$(LD_DEBUG=files sikka --version 2>&1 | grep -c 'generating link map')" -gt 0 ]; then
	is "$(loads "$TLS" sikka-token print D36225)" 0 "sikka-token print loads neither libcurl nor a TLS library while the key is valid"
	is "$(loads "$TLS" sikka-sweep)" 0 "nor does sikka-sweep with nothing to do"
	is "$(loads "$TLS" sikka-poll)" 0 "nor sikka-poll"
	is "$(loads "$TLS" sikka-token refresh)" 0 "nor sikka-token refresh, while no key is near its end"
	booking key=first >"$T/first.json"
	is "$(loads "$TLS" sikka-book -n "$T/first.json")" 0 "nor a rehearsal of sikka-book"
	is "$(loads libcurl sikka-token info)" 1 "what asks loads libcurl, once"
else
	ok 0 "what is loaded # SKIP the dynamic linker says nothing of itself"
fi

# --- where it isn't there ---------------------------------------------------------------------------------
# without COMMAND …: with a libcurl.so.4 that is none
mkdir "$T/broken"
: >"$T/broken/libcurl.so.4"
without() { LD_LIBRARY_PATH="$T/broken" "$@"; }
MISSED='libcurl can.t be loaded .*no request can be sent .*libcurl4'
before=$(sim_get requests | jq .total)
for command in "sikka-authorize" "sikka-token info" "sikka-token refresh --all" "sikka-get -O D36225 appointments"; do
	# shellcheck disable=SC2086 # words
	run 71 "$command without libcurl ends with 71" without $command
	like "$err" "$MISSED" "and says why, and which package has it"
done
is "$(sql 'SELECT count(*) FROM pms_integrations WHERE status <> '"'active'"' OR last_error IS NOT NULL')" 0 "no office is blamed"
booking key=second >"$T/second.json"
run 71 "sikka-book without libcurl" without sikka-book "$T/second.json"
is "$(told "$MISSED")" 1 "says it once"
is "$(said .result) $(said .error_code) $(said .attempts)" "failed not_sent 0" "and that the request wasn't sent"
run 0 "sikka-status works" without sikka-status
is "$(said .last_day.failed)" 1 "and shows it"
run 0 "so does sikka-token print" without sikka-token print D36225
is "$(sim_get requests | jq .total)" "$before" "nothing has reached the server"
run 71 "sikka-doctor ends with it, too" without sikka-doctor
like "$out" "$MISSED" "and has it among its findings"
run 0 "as soon as libcurl is there, --retry sends the request" sikka-sweep --retry
is "$(sim_writebacks)" 1 "once"
run 71 "sikka-poll without libcurl" without sikka-poll
is "$(row 1 result)" pending "leaves a pending row pending"
run 71 "so does sikka-sweep, where it has to ask" without sikka-sweep --withdraw=1
is "$(row 1 result)" pending "and withdraws nothing"
later 10
run 0 "with libcurl" sikka-poll
is "$(row 1 result)" completed "sikka-poll learns the end"

if command -v cc >/dev/null; then
	echo 'int nothing;' | cc -shared -fPIC -o "$T/broken/libcurl.so.4" -x c -
	run 71 "a library without the functions" without sikka-token info
	like "$err" 'libcurl\.so\.4 has no curl_[a-z_]+: it is older than' "is refused before anything is sent"
else
	ok 0 "a library without the functions # SKIP no compiler"
fi
done_testing
