#!/bin/sh
# SPDX-License-Identifier: MIT
# options.t: what every command says of an option's value that it can't use
. "$(dirname "$0")/lib.sh"

# The options whose value is a DURATION, from --help: "--wait", "--stuck-after".
durations() {
	"$1" --help | sed -n 's/^ *\(-., \)*\(--[a-z-]*\)\[*[ =]DURATION.*/\2/p'
}

seen=0
for program in "$BUILD"/bin/sikka-*; do
	name=${program##*/}
	verb=
	[ "$name" = sikka-token ] && verb=refresh
	for option in $(durations "$name"); do
		run 64 "$name $option=soon" "$name" $verb "$option=soon"
		is "$err" "$name: $option: 'soon' isn't a duration (90, 90s, 15m, 6h, 30d)" \
		    "says it of $option as it is written"
		seen=$((seen + 1))
	done
done
[ "$seen" -gt 0 ]
ok $? "options that take a duration were found ($seen)"
done_testing
