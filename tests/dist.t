#!/bin/sh
# SPDX-License-Identifier: MIT
# make dist: the sources as one file. The version, which all take from one place.
. "$(dirname "$0")/lib.sh"

for program in make git; do
	command -v "$program" >/dev/null || { echo "1..0 # SKIP no $program(1)"; exit 0; }
done
unset MAKEFLAGS MAKELEVEL MFLAGS
version=$(sed -n 's/^#define SK_VERSION "\(.*\)"$/\1/p' "$TOP/lib/base/version.h")

# A repository of its own, as those who change the tree at this moment shall not matter.
mkdir tree
(cd "$TOP" && git -c safe.directory="$TOP" ls-files -z 2>/dev/null | tar --null --files-from=- -cf - 2>/dev/null) | tar -xf - -C tree
[ -e tree/Makefile ] || { echo "1..0 # SKIP the tree isn't tracked by git"; exit 0; }
cd tree || exit 1
git init -q .
git add -A
git -c user.name=a -c user.email=a@a.invalid -c commit.gpgsign=false commit -qm all

# --- the tarball -------------------------------------------------------------------------------------------
# members FILE: the files in a tarball
members() { tar -tf "$1" | grep -v '/$' | sort; }
echo other >untracked
run 0 "make dist" make dist
ball=build/sikka-$version.tar.gz
is "$out" "$PWD/$ball" "says where the tarball is, whose name has the version"
git ls-files | sed "s#^#sikka-$version/#" | sort >"$T/tracked"
is "$(members "$ball" | cmp - "$T/tracked" 2>&1)" "" "it has all tracked files, and only these"
is "$(tar -tvf "$ball" | awk '{ print $2 }' | sort -u)" "0/0" "which belong to nobody of this machine"
cp "$ball" "$T/first.tar.gz"
find . -path ./.git -prune -o -type f -exec touch {} +
chmod -R go= lib scripts
run 0 "at another time, by somebody with another umask" sh -c 'umask 077; TZ=Asia/Tokyo make dist'
cmp -s "$ball" "$T/first.tar.gz"
is $? 0 "the bytes are the same"

mkdir "$T/unpacked"
tar -xzf "$ball" -C "$T/unpacked"
source=$T/unpacked/sikka-$version
is "$(cd "$source" && find . -type f | while read -r file; do cmp "$file" "$T/tree/$file" 2>&1; done)" "" "what is unpacked is what the tree has"
run 0 "what make does there" make -n -C "$source" all units
like "$out" "-DSIKKA_VERSION='\"$version\"'" "knows the version"
like "$out" "-o build/bin/sikka-book " "and builds the programs"
unlike "$err" "." "without a word"
run 0 "make dist in what was unpacked" make -C "$source" -s dist
cmp -s "$source/$ball" "$T/first.tar.gz"
is $? 0 "gives the same bytes, without git"
echo changed >>lib/README
run 0 "a change that isn't committed" make dist
tar -xOzf "$ball" "sikka-$version/lib/README" | cmp -s - lib/README
is $? 0 "is in the tarball"

# --- the version, from its one place -----------------------------------------------------------------------
# Data of earlier versions, and the page that tells the versions, speak of more than one.
is "$(git grep -lF "$version" -- Makefile lib cmd scripts man README | grep -v '^man/sikka-changes\.7$')" lib/base/version.h "one file has the version"
is "$(sed -n 's/^\.Sh VERSION //p' man/sikka-changes.7 | head -n 1)" "$version" "sikka-changes(7) begins with it"
sed -i 's/^#define SK_VERSION .*/#define SK_VERSION "9.8.7"/' lib/base/version.h
run 0 "make dist of another version" make dist
is "$out" "$PWD/build/sikka-9.8.7.tar.gz" "has another name"
like "$(make -n build/cmd/sikka-sim/main.o)" "-DSIKKA_VERSION='\"9.8.7\"'" "the simulator has it"
like "$(make -n install)" "\.Os sikka 9\.8\.7/" "the pages have it"
run 0 "make deb-source" make deb-source
is "$(ls build/deb)" "$(printf 'sikka-9.8.7\nsikka_9.8.7.orig.tar.gz')" "the sources of the package have it"
is "$(head -n 1 build/deb/sikka-9.8.7/debian/changelog)" "sikka (9.8.7-1) unstable; urgency=medium" "and their list of changes"
is "$(sed -n 's/^ -- .*>  //p' build/deb/sikka-9.8.7/debian/changelog)" "$(LC_ALL=C date -uRd "@$(git log -1 --format=%ct)")" "with the time of the tarball"
is "$(cd build/deb/sikka-9.8.7 && ls -A)" "$(git ls-tree --name-only HEAD | { cat; echo debian; } | LC_ALL=C sort)" "what is packaged is the tree, with debian/ at its top"
grep -rq '@[A-Z]*@' build/deb/sikka-9.8.7/debian
is $? 1 "nothing of debian/ is left to be filled in"
is "$(git status --porcelain | sort | tr '\n' ' ')" " M lib/README  M lib/base/version.h ?? untracked " "the tree itself has nothing new outside of build/"
done_testing
