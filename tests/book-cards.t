#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-book: a card is sent, and never kept or shown
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0
authorize

NUMBER=4111222233334444 CVV=8642 HOLDER=Zacharias
jq -cn --arg n $NUMBER --arg c $CVV --arg h $HOLDER '{office_id: "D36225", practice_id: "1", operation: "post_transaction", patient_id: "7",
    guarantor_id: "7", provider_id: "DOC1", procedure_code: "D1", procedure_description: "card", amount: "12.50", transaction_date: "2026-01-31",
    card_number: $n, cvv: $c, card_holder_name: $h, expiration_month: "11", expiration_year: "2039"}' >in
sql "UPDATE practices SET pms = 'Planet DDS', pms_version = 'WebV3.0'"
# secrets: how many lines of files and outputs contain something of the card. The year is looked for as a word,
# as a port in a trace may end with its digits; the CVV likewise.
secrets() { cat out err "$SIKKA_DB"* | grep -aEc "$NUMBER|$HOLDER|(^|[^0-9])($CVV|2039)([^0-9]|\$)"; }
run 0 "a payment by card" sikka-book -vv in
is "$(held '.writebacks[-1].body | .card_number + " " + .cvv')" "$NUMBER $CVV" "reaches the practice"
is "$(secrets)" 0 "no record, no trace and no file has the card"
jq -c '.key = "another"' in >dry
run 0 "-n" sikka-book -n -vv dry
is "$(secrets)" 0 "nor has it what would be sent"
jq -c '.cvv = "86x4" | .card_number = "<4111222233334444>"' in >bad
run 65 "a card that is none" sikka-book -vv bad
is "$(faults=$(said .field); echo "$faults $(secrets)")" "cvv 0" "isn't shown either"
sql "UPDATE practices SET pms = 'Eaglesoft', pms_version = NULL"
run 0 "a system that ignores it" sikka-book -vv --again in
is "$(secrets) $(told 'ignores this field')" "0 5" "is a warning without the card"

# the server's list repeats each request, and a restored journal takes over from it
sikka-sweep --backup copy.db >backup.out
jq -c '.amount = "99.50"' in >later
run 0 "a payment that the copy doesn't know" sikka-book later
rm -f "$SIKKA_DB" && cp copy.db "$SIKKA_DB"
later 36m
run 0 "is taken over" after_restore -vv
is "$(sql "SELECT count(*) || ' ' || sum(has_secret) FROM pms_writebacks WHERE json_extract(request_body, '\$.amount') = '99.50'")" "1 1" \
    "with its amount"
is "$(secrets)" 0 "and without its card"

# a server that repeats what it refuses
printf 'HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n%s' \
    '{"http_code":"400","error_code":"API1026","short_message":"Invalid","long_message":"card 4111222233334444 of Zacharias, 8642, is invalid"}' >answer
start_canned answer
run 1 "a server that repeats the card" sikka-book -vv --again in
like "$(said .error_message)" 'card \*+ of \*+, \*+, is invalid' "is heard without it"
is "$(secrets)" 0 "and nothing keeps it"

# --- other names, and bank accounts ------------------------------------------------------------------------------

rm -f "$SIKKA_DB"*
start_sim --rate-limit 100000 --delay 0:0
authorize
ACCOUNT=7700112233 ROUTING=021000021
hidden() { cat out err "$SIKKA_DB"* *.db | grep -aEc "$NUMBER|$ACCOUNT|$ROUTING|(^|[^0-9])$CVV([^0-9]|\$)"; }
spelled() {
	jq -cn --arg n $NUMBER --arg c $CVV --arg a $ACCOUNT --arg r $ROUTING --arg amount "$1" '{office_id: "D36225", practice_id: "1", method: "POST",
	    endpoint: "/transaction", patient_id: "7", guarantor_id: "7", provider_id: "DOC1", procedure_code: "D1", procedure_description: "bank",
	    amount: $amount, transaction_date: "2026-01-31", AccountNumber: $a, "routing no": $r, "Card-No": $n, CVC2: $c} + if $amount > "50" then
	    {payment: [{bankAccount: {holder: $a}, "routing_number": $r}], card: {any: [$n]}} else {} end'
}
spelled 20.25 >spelled
run 0 "a raw request with other spellings" sikka-book --raw -vv spelled
is "$(held '.writebacks[-1].body | [.AccountNumber, .["routing no"], .["Card-No"], .CVC2] | join(" ")')" "$ACCOUNT $ROUTING $NUMBER $CVV" "is sent as it is"
is "$(row "$(said .id)" 'has_secret || " " || json_extract(request_body, "$.amount")')" "1 20.25" "the journal knows that it lacks something"
spelled 70.75 >nested
sikka-book --raw -vv nested >out 2>err
is "$(sql "SELECT has_secret || ' ' || json_extract(request_body, '\$.payment') FROM pms_writebacks ORDER BY id DESC LIMIT 1")" '1 [{}]' "nor does it keep what is nested"
sikka-sweep --backup spelled.db >backup.out 2>&1
is "$(hidden)" 0 "no record, trace, file or backup has a number"
jq -c '.AccountNumber = "7700999999"' spelled >other
run 65 "another account" sikka-book --raw other
is "$(said .error_code)" looks_doubled "isn't compared"
sim_fault 'POST /transaction=drop-after'
spelled 30.25 >lost
run 2 "an answer is lost" sikka-book --raw -vv lost
id=$(said .id)
sim_clear_faults
run 0 "the list shows it" sikka-sweep -vv
is "$(row "$id" 'result || " " || (writeback_id IS NOT NULL)') $(hidden)" "pending 1 0" "found, although its numbers can't be compared; and nothing keeps them"
run 0 "it ends" sikka-poll --wait=60s --every 1s
done_testing
