#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-book --describe: what a booking, a claim payment and a perio chart need on the systems that most practices have
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0
authorize
SYSTEMS='Dentrix/G5 Dentrix/G6 Dentrix/V16.6 Dentrix/17.3 Dentrix_Enterprise/V11 Dentrix_Ascend/Web Eaglesoft/21.20 OpenDental/22.1'
OPERATIONS='book_appointment post_claim_payment add_perio_chart'
n=0
for system in $SYSTEMS; do
	n=$((n + 1))
	sql "UPDATE practices SET pms = '$(echo "${system%/*}" | tr _ ' ')', pms_version = '${system#*/}' WHERE office_id = 'D20006'"
	for operation in $OPERATIONS; do
		sikka-book -O D20006 --describe "$operation" -F jsonl >"$operation.$n" 2>"$operation.$n.err"
	done
done
field() { jq -r --arg f "$3" "select(.field == \$f).$4" "$1.$2"; } # field OPERATION SYSTEM FIELD MEMBER

# --- by which rules each is judged --------------------------------------------------------------------

judged() { sed -n 's/.*is judged as \([^:]*\):.*/\1/p' "post_claim_payment.$1.err"; }
is "$(for i in 1 2 3 4 5 6 7 8; do judged $i; done | paste -sd ,)" \
    "Dentrix,Dentrix G6,Dentrix G6,Dentrix G6,Dentrix Enterprise,Dentrix Ascend,Eaglesoft,OpenDental" "each by its own rules"
for operation in $OPERATIONS; do
	cmp -s "$operation.2" "$operation.3" && cmp -s "$operation.2" "$operation.4"
	ok $? "$operation: G6, V16.6 and 17.3 are the same"
done
is "$(grep -l "doesn't take" add_perio_chart.*.err | tr '\n' ' ')" "add_perio_chart.5.err add_perio_chart.6.err " "Enterprise and Ascend take no perio charts"

# --- what each requires: y, n, w (when …, unless …), a (advised), - (it isn't read) -------------------------

# differ OPERATION: a line for each field that isn't the same everywhere, with a letter for each system, in their order
# but with G6 once.
differ() {
	for i in 1 2 5 6 7 8; do
		jq -r --arg i "$i" 'select(.required != "at least one" and (.field | contains(",") | not)) | [$i, .field, .required[0:1]] | @tsv' "$1.$i"
	done | awk -F '\t' '
		!($2 in seen) { seen[$2] = ++m; name[m] = $2 }
		{ got[$2, $1] = $3 }
		END {
			split("1 2 5 6 7 8", at, " ")
			for (k = 1; k <= m; k++) {
				line = ""; same = 1
				for (i = 1; i <= 6; i++) {
					c = (name[k], at[i]) in got ? got[name[k], at[i]] : "-"
					line = line c
					if (i > 1 && c != substr(line, 1, 1)) same = 0
				}
				if (!same) print line, name[k]
			}
		}' | LC_ALL=C sort -k 2
}
is "$(differ book_appointment)" '-----n procedure_codes
----nn type' "a booking"
is "$(differ post_claim_payment)" '-nww-- adjustment_type
----n- credit_adjustment_amount
-n---- credit_adjustment_provider
----n- credit_adjustment_transaction_sr_no
----n- credit_adjustment_type
nnn-nw debit_adjustment_date
nnn-nn debit_adjustment_note
-n---w debit_adjustment_provider
-----w debit_adjustment_transaction_sr_no
nnnwnw debit_adjustment_type
----a- impacts
----w- is_credit_adjustment_by_procedure
----n- is_credit_adjustment_writeback
-----n is_debit_adjustment_by_procedure
----a- is_final_payment
nn---- provider_id
----n- user
ynyyyy write_off' "a claim payment"
is "$(differ add_perio_chart)" 'nn---- bone_loss
----n- buccal
yynnnn chart_date
----n- distal
----n- lingual
----n- mesial
-----n note
yynnnn provider_id
yynnyn script' "a perio chart"

# --- what a value has to be --------------------------------------------------------------------------------

counts() { for i in 1 2 5 6 7 8; do field post_claim_payment $i "$1" value | grep -oE "(exactly|probably) [0-9] values?" | head -1; done | paste -sd ,; }
is "$(counts deductible)" "exactly 1 value,exactly 3 values,exactly 3 values,exactly 4 values,exactly 1 value,exactly 1 value" "how many deductibles"
is "$(for i in 1 2 5 6; do field post_claim_payment $i deductible note; done | paste -sd ,)" \
    "null,standard|preventive|others,standard|preventive|others,major|preventive|basic|ortho" "and which"
is "$(counts write_off)" "exactly 1 value,probably 1 value,exactly 1 value,exactly 1 value,exactly 1 value,exactly 1 value" "how many write-offs, where all is paid at once"
is "$(for i in 1 2 5 6 7 8; do field post_claim_payment $i deductible value | grep -c 'whole numbers'; done | tr '\n' ' ')" "0 1 1 1 0 0 " "where deductibles have no cents"
is "$(for i in 1 2 5 6 7 8; do field post_claim_payment $i payment_amount value | grep -c 'not negative'; done | tr '\n' ' ')" "0 1 0 0 0 0 " \
    "where no payment may be negative"
is "$(for i in 1 2 7 8; do field add_perio_chart $i calculus value | grep -oE 'one of [^;]*' || echo any; done | paste -sd ,)" \
    "one of 0 to 19,one of 0 to 19,any,one of 1" "what calculus may be"
is "$(for i in 1 2 7 8; do jq -r 'select((.note // "") | contains("DL|C|MR")).field' "add_perio_chart.$i" | wc -l; done | tr '\n' ' ')" "7 7 0 0 " \
    "the order of a tooth's sites is Dentrix's"
done_testing
