#!/bin/sh
# SPDX-License-Identifier: MIT
# The closed sets: what a table in lib/ names is what the manual pages list, and nothing stands in a table in vain.
. "$(dirname "$0")/lib.sh"

DB=$TOP/man/sikka-db.5

# table FILE: the rows of its tables whose index is an enumerator, as "ENUMERATOR name the-rest"
table() { sed -n 's/SK_CODE_STUCK_NAME/"stuck"/; s/SK_CODE_RESOLVED_NAME/"resolved"/; s/^    \[\(SK_[A-Z_]*\)\] = {*"\([A-Za-z_]*\)"\(.*\)$/\1 \2 \3/p' "$TOP/lib/$1"; }
# names: of such rows, the names in a line
names() { awk '{ print $2 }' | tr '\n' ' '; }
# section NAME: of sikka-db(5)
section() { awk -v name="$1" '/^\.S[hs] / { on = substr($0, 5) == name; next } on' "$DB"; }
# items: the items of a list of a page, in a line
items() { sed -n 's/^\.It \([a-z_]*\)$/\1/p' | tr '\n' ' '; }
# quoted: the words that a page puts in quotes, in a line
quoted() { sed -n 's/^\.Ql \([a-z_]*\).*/\1/p' | tr '\n' ' '; }
# unused HEADER PATTERN: its enumerators that no other file of lib/ uses
unused() {
	grep -oE "^	$2[A-Z_]*" "$TOP/lib/$1" | tr -d '\t' | sort -u | while read -r name; do
		grep -rlw "$name" "$TOP/lib" | grep -qv "/lib/${1%.h}\.[ch]$" || echo "$name"
	done
}

# --- states and statuses ------------------------------------------------------------------------------
states=$(sed -n '/^static const char \*const states/,/^};/s/^    "\([a-z]*\)",$/\1/p' "$TOP/lib/store/writebacks.c" | grep . | tr '\n' ' ')
is "$(section STATES | items)" "$states" "sikka-db(5) has the states of a writeback"
is "$(section pms_integrations | awk '/^\.It Va / { on = $3 == "status" || $3 == "held_at" } on' | quoted | xargs -n 1 | sort -u)" \
    "$(table store/offices.c | names | xargs -n 1 | sort)" "and the statuses of an office"

sed -n 's/^\.It //p' "$TOP/man/sikka-glossary.7" >"$T/words"
is "$(cat "$T/words")" "$(LC_ALL=C sort -f "$T/words")" "sikka-glossary(7) is in the order of the alphabet"
is "$({ echo "$states" | xargs -n 1; table store/offices.c | names | xargs -n 1; } | grep -vxF -f "$T/words")" "" "and has the states and the statuses"

# --- events -------------------------------------------------------------------------------------------
table store/events.c >"$T/events"
[ "$(wc -l <"$T/events")" -gt 20 ]
ok $? "the kinds of events were read"
is "$(section EVENTS | items)" "$(grep OUTBOX "$T/events" | names)" "sikka-db(5) has the events of the outbox"
is "$(section EVENTS | sed -n '/history only/,$p' | quoted)" "$(grep -v OUTBOX "$T/events" | names)" "and those of the history"
is "$(unused store/events.h SK_EVENT_ | grep -vE '^SK_EVENT_(NONE|KINDS|HISTORY|SWEEP|OUTBOX)$')" "" "each kind is made somewhere"
for word in $(awk '/^\.Cm unknown , found/ { gsub(/[,;]/, ""); for (i = 2; i <= NF; i++) print $i }' "$TOP/man/sikka-sweep.1"); do
	grep -q " $word " "$T/events" || echo "$word"
done >"$T/strange"
is "$(cat "$T/strange")" "" "what sikka-sweep(1) calls an event is one"

# --- measures -------------------------------------------------------------------------------------------
is "$(section measures | items)" "$(table store/measures.c | names)" "sikka-db(5) has the measures"
is "$(awk '/^\.Ss How it is watched/ { on = 1 } on' "$TOP/man/sikka-life.7" | items)" "$(table store/measures.c | names)" "and so has sikka-life(7)"
is "$(unused store/measures.h SK_MEASURE_ | grep -vE '^SK_MEASURE_TRAVEL$')" "" "each is taken somewhere"

# --- error codes --------------------------------------------------------------------------------------
# a writeback's are in one page, a bad line's in the other
lines=$(awk '/^\.Cm line , error_code/ { getline; print }' "$TOP/man/sikka-book.1" | sed 's/^\.Pq Cm \(.*\) No or Cm \([a-z_]*\) ,$/\1, \2/' | tr -d , | tr -s ' ')
codes=$(section "ERROR CODES" | items)$lines
is "$codes" "$(table store/codes.c | names | sed 's/ $//')" "sikka-db(5) and sikka-book(1) have our own error codes"
is "$(section "ERROR CODES" | sed -n '/What failed with/,$p' | quoted)" "$(table store/codes.c | awk '/ 1},$/ { print $1, $2 }' | names)" "and which of them may be sent again"
is "$(unused store/codes.h SK_CODE_ | grep -vE '^SK_CODE_NONE$')" "" "each is set somewhere"
is "$(grep -rnE 'error_code[^a-z"]*[=(,] *"[a-z]' "$TOP/lib")" "" "and nowhere as a literal"

# --- the columns of a writeback --------------------------------------------------------------------------
sed -n '/^#define SK_WRITEBACK_COLUMNS/,/^$/s/^	[A-Z]*(\([a-z_]*\), [A-Z]*).*/\1/p' "$TOP/lib/store/writebacks.h" >"$T/columns"
[ "$(wc -l <"$T/columns")" -gt 30 ]
ok $? "the columns of a writeback were read"
is "$(section pms_writebacks | sed -n 's/^\.It Va //p' | tr -d ',' | xargs -n 1 | sort)" "$({ echo id; cat "$T/columns"; } | sort)" \
    "sikka-db(5) has the columns of a writeback"
is "$(sed -n 's/^.*now \([0-9]*\)[.;]$/\1/p' "$DB")" "$(sed -n 's/^#define SK_SCHEMA_NEWEST \([0-9]*\).*/\1/p' "$TOP/lib/store/migrations.h")" "and the version of the tables"


# --- the schemas of the records ----------------------------------------------------------------------------
# words DEFINITION: the words that a member of this kind may be
words() { jq -r ".[\"\$defs\"].$1.enum[]" "$TOP/man/schemas/common.schema.json" | tr '\n' ' '; }
# members KIND PATH: those of an object in a schema
members() { jq -r "$2 | keys_unsorted[]" "$TOP/man/schemas/$1.schema.json" | tr '\n' ' '; }
is "$(words state)" "$states" "man/schemas/common.schema.json has the states"
is "$(words open_state)" "$(echo "$states" | cut -d ' ' -f 1-4) " "those of open requests"
is "$(words office_status)" "$(table store/offices.c | names)" "the statuses of an office"
is "$(words event_kind)" "$(names <"$T/events")" "the kinds of events"
is "$(words line_error)" "$(echo "$lines" | xargs -n 1 | tr '\n' ' ')" "the error codes of a bad line"
is "$(words hold_why)" "$(table store/holds.c | names)" "why nothing is sent"
is "$(members overview .properties.measures.properties)" "$(table store/measures.c | names)" "the measures"
is "$(members overview .properties.last_success.properties)" \
    "$(sed -n '/^static const char \*const tasks/,/;$/p' "$TOP/lib/store/pulse.c" | grep -o '"[a-z]*"' | tr -d '"' | tr '\n' ' ')" "and the tasks"

done_testing
