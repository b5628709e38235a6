#!/bin/sh
# SPDX-License-Identifier: MIT
# make: what is installed, what is rebuilt, whose flags count. On a copy of the tree, with its build.
. "$(dirname "$0")/lib.sh"

if ! command -v make >/dev/null || ! command -v cc >/dev/null; then
	echo "1..0 # SKIP no make(1), or no compiler"
	exit 0
fi
case $BUILD in
"$TOP"/*) folder=${BUILD#"$TOP"/} ;;
*) echo "1..0 # SKIP the build isn't inside of the tree"; exit 0 ;;
esac
# The copy keeps the times, so that nothing in it is older than what it is made from.
mkdir "$T/tree"
(cd "$TOP" && tar -cf - Makefile README COPYING lib cmd man scripts tests "$folder" 2>/dev/null) | (cd "$T/tree" && tar -xpf -)
cd "$T/tree" || exit 1
unset MAKEFLAGS MAKELEVEL MFLAGS
sanitized=
nm "$BUILD/lib/base/mem.o" 2>/dev/null | grep -q __asan && sanitized=1

# --- what is rebuilt ------------------------------------------------------------------------------------
# would FILE …: the objects and programs that make would make now
would() { make -n BUILD="$folder" "$@" 2>/dev/null | grep -oE -- "-o $folder/[^ ]+" | sed "s|-o $folder/||" | sort -u; }
make -k BUILD="$folder" ${sanitized:+CFLAGS=-fsanitize=address,undefined LDFLAGS=-fsanitize=address,undefined HARDEN=-fPIE} all >"$T/make" 2>&1
is "$(would)" "" "after make there is nothing to make"
wait_for sh -c 'touch lib/life/schedule.h && [ lib/life/schedule.h -nt "$1/libsikka.a" ]' sh "$folder"
is "$(would | grep '^lib/' | tr '\n' ' ')" \
    "$(grep -l '^#include "life/schedule.h"' lib/*/*.c | sed 's/\.c$/.o/' | tr '\n' ' ')" "touching a header that no other includes rebuilds who includes it"
like "$(would)" "^bin/sikka-poll$" "and the programs"
unlike "$(would)" "^bin/sikka-sim$" "but not the simulator"
touch lib/base/error.h
for object in lib/base/error.o lib/base/out.o lib/commands/book.o cmd/sikka-book.o bin/sikka-status; do
	would | grep -qx "$object"
	ok $? "touching error.h rebuilds $object"
done
unlike "$(would)" "^cmd/sikka-sim/" "but nothing of the simulator"
touch lib/base/version.h
is "$(would | grep '^cmd/sikka-sim/')" "cmd/sikka-sim/main.o" "which has only its version from the library"
touch cmd/sikka-sim/util.h
like "$(would)" "^cmd/sikka-sim/state.o$" "the simulator's headers are tracked as well"
like "$(would)" "^bin/sikka-sim$" "and the simulator rebuilt"

# --- whose flags count ------------------------------------------------------------------------------------
line=$(make -n BUILD=other CFLAGS='-O0 -DMINE' CPPFLAGS=-DPRE CC=mycc LDFLAGS=-Wl,-mine other/lib/base/mem.o 2>/dev/null | grep -- '-c -o')
like "$line" "^mycc " "CC"
like "$line" " -O0 -DMINE" "CFLAGS"
like "$line" " -DPRE" "CPPFLAGS"
unlike "$line" " -O2" "in place of ours"
like "$line" "-Wall" "the warnings stay"
unlike "$line" "-Werror" "but aren't errors"
like "$line" "-fstack-protector-strong" "hardened"
like "$(make -n BUILD=other LDFLAGS=-Wl,-mine 2>/dev/null | grep -- '-o other/bin/sikka-get ')" "-Wl,-mine" "LDFLAGS"
like "$(make -n BUILD=other 2>/dev/null | grep -- '-o other/bin/sikka-get ')" "-pie .*-z,relro.*-z,now" "programs are hardened"
line=$(make -n BUILD=other 2>/dev/null | grep -- '-o other/bin/sikka-status ')
unlike "$line" "-lcurl" "sikka-status isn't linked with libcurl"
like "$line" "-lsqlite3" "but with SQLite"
[ ! -e other ]
ok $? "make -n makes nothing"

# --- the library, made anew, in parallel ------------------------------------------------------------------
run 0 "one object with flags of our own" make BUILD=other CFLAGS=-O0 other/lib/base/mem.o other/lib/base/error.o -j4
[ -f other/lib/base/mem.o ] && [ -f other/lib/base/mem.d ]
ok $? "goes where BUILD says, with what it depends on"
is "$err" "" "without a warning"

# --- install ----------------------------------------------------------------------------------------------
find lib cmd Makefile -newer "$folder/bin/sikka-get" -exec touch -r "$folder/bin/sikka-get" {} +
find "$folder" -type f -exec touch {} + # as new as can be: nothing is made again
run 0 "make install" make BUILD="$folder" DESTDIR="$T/d" PREFIX=/usr install
D=$T/d/usr
for program in sikka sikka-authorize sikka-token sikka-get sikka-book sikka-poll sikka-sweep sikka-status sikka-doctor sikka-sim; do
	[ -x "$D/bin/$program" ] || echo "$program"
done >"$T/missing"
is "$(cat "$T/missing")" "" "the programs"
is "$(stat -c %a "$D/bin/sikka-get" "$D/share/man/man1/sikka-get.1" | tr '\n' ' ')" "755 644 " "their modes"
is "$(find "$D" -name '*.a' -o -name '*.h')" "" "the library and its headers stay in the tree: they are the commands' own"
is "$(cd "$D/share/man" && find . -type f | sed 's/.*\///' | sort | tr '\n' ' ')" "$(cd man && ls -- *.[0-9] | sort | tr '\n' ' ')" "all manual pages"
is "$(cd "$D/share/man" && find . -type f -exec grep -h '^\.Os' {} + | sort -u)" ".Os $("$D/bin/sikka" --version)" "with the version"
is "$(find "$D/share/man" -type f | sed 's/.*man\([0-9]\)\/.*\.\([0-9]\)$/\1\2/' | grep -vE '^(11|55|77)$')" "" "each in its section"
is "$(cd "$D/share/doc/sikka" && stat -c '%a %n' -- * | tr '\n' ' ')" "644 crontab.example 755 kubernetes 755 queue.example " "the examples"
is "$(cd "$D/share/sikka/schemas" && stat -c '%a %n' -- * | tr '\n' ' ')" "$(cd man/schemas && printf '644 %s ' -- * | sed 's/^644 -- //')" "the schemas of the records"
is "$(cd "$T/d" && find . -type f | grep -vE '^./(usr/(bin|share/man|share/doc/sikka|share/sikka/(schemas|hooks|prometheus)|lib/systemd/system|lib/sysusers\.d|lib/nagios/plugins)|etc/logrotate\.d)/' | sed 's/[^/]*$//' | sort -u | tr '\n' ' ')" \
    "./usr/share/bash-completion/completions/ ./usr/share/fish/vendor_completions.d/ ./usr/share/sikka/ ./usr/share/zsh/site-functions/ " \
    "the completions of three shells, with the script that they run; nothing lies elsewhere"
grep -q /usr/share/sikka/complete "$D/share/bash-completion/completions/sikka-book" && ! grep -rq '@[A-Z]*@' "$D/share/fish" "$D/share/zsh" "$D/share/bash-completion"
ok $? "which they find without DESTDIR"
run 0 "an installed program" "$D/bin/sikka-token" --version
like "$out" "^sikka-token [0-9]+\\.[0-9]+\\.[0-9]+$" "runs"
run 0 "make uninstall" make BUILD="$folder" DESTDIR="$T/d" PREFIX=/usr uninstall
is "$(find "$T/d" -type f)" "" "leaves no file"
[ -z "$(ls -d "$D/share/doc/sikka" "$D/share/sikka" "$D/lib/systemd/system"/* 2>>"$T/gone.err")" ]
ok $? "and not the folders that are its own"
done_testing
