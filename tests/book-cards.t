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
# secrets: how many files and outputs contain something of the card
secrets() { cat out err "$SIKKA_DB"* | grep -aEc "$NUMBER|$CVV|$HOLDER|2039"; }
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
done_testing
