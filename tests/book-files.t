#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-book: documents from files, beneath one folder only
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0
authorize
sql "UPDATE practices SET pms = 'OpenDental'"
mkdir -p docs/sub outside
head -c 100000 /dev/urandom >docs/sub/scan.bin
echo secret >outside/secret
ln -s ../outside/secret docs/link
ln -s ../outside docs/folder
mkfifo docs/fifo
: >docs/empty

# document VALUE [NAME=VALUE …]: a document that validates, with members replaced or added
document() {
	value=$1
	shift
	booking | jq -c --arg v "$value" --args '{office_id, practice_id, patient_id, operation: "add_document",
	    document_type: "X-Ray", document_name: "scan", created_datetime: "2026-01-31", type: "Image", document_base64: $v}
	    + ([$ARGS.positional[] | split("=") | {key: .[0], value: .[1]}] | from_entries)' "$@"
}

# --- a file ---------------------------------------------------------------------------------------------

document @sub/scan.bin >in
run 0 "a document from a file" sikka-book --files docs --wait=60s in
is "$(said .result)" completed "is taken"
held '.writebacks[-1].body.document_base64' | base64 -d >got
cmp -s got docs/sub/scan.bin
ok $? "each byte of the file arrived"
sql "SELECT json_extract(request_body, '\$.document_base64') FROM pms_writebacks WHERE id = $(said .id)" | base64 -d >kept
cmp -s kept docs/sub/scan.bin
ok $? "and stands in the journal"
run 0 "the same again" sikka-book --files docs in
is "$(said .duplicate)" true "is a duplicate"
echo more >>docs/sub/scan.bin
run 0 "with another content" sikka-book --files docs in
is "$(said .duplicate)" false "it is another request"
document @sub/scan.bin key=k >in
echo more >>docs/sub/scan.bin
run 0 "under a key" sikka-book --files docs in
echo more >>docs/sub/scan.bin
run 65 "the key stands for the content" sikka-book --files docs in
is "$(said '.error_code + " " + .field')" "key_reused key" "of the file at that time"
document @sub/scan.bin key=another >in
run 0 "-n" sikka-book -n --files docs in
is "$(said '.body.document_base64 | length')" "$(base64 -w0 docs/sub/scan.bin | tr -d '\n' | wc -c)" "shows what would be sent"

# --- journaled, and sent later, when the file is gone ------------------------------------------------------

document @sub/scan.bin document_name=later >in
cp docs/sub/scan.bin then.bin
SIKKA_BASE_URL=http://127.0.0.1:1/v4 run 69 "no server" sikka-book --files docs in
rm docs/sub/scan.bin
run 0 "sent by a sweep" sikka-sweep --retry
held '.writebacks[-1].body.document_base64' | base64 -d >got
cmp -s got then.bin
ok $? "as it was when it was handed in"

# --- what isn't read -----------------------------------------------------------------------------------------

posts=$(sim_count 'POST /document') rows=$(sql 'SELECT count(*) FROM pms_writebacks')
for path in ../outside/secret "$T/outside/secret" /etc/passwd link folder/secret fifo empty sub none sub/../../outside/secret ''; do
	document "@$path" >in
	run 65 "@$path" sikka-book --files docs in
	is "$(said '.field + " " + .faults[0].rule')" "document_base64 file" "is a fault"
done
document @link >in
run 65 "--no-validate doesn't help" sikka-book --no-validate --files docs in
unlike "$(cat out err)" 'outside|link"' "the path isn't told"
document @sub/scan.bin >in
run 65 "without --files" sikka-book in
like "$err" 'document_base64: .*--files' "it is said what is missing"
run 65 "not even with --no-validate" sikka-book --no-validate in
booking description=@in >in
run 0 "an @ in another field" sikka-book --files docs in
is "$(held '.writebacks[-1].body.description')" @in "is a text"
is "$(sim_count 'POST /document') $(sql "SELECT count(*) FROM pms_writebacks WHERE operation = 'add_document'")" "$posts $rows" "nothing of that was sent or kept"
run 66 "a folder that isn't there" sikka-book --files none in
run 64 "--raw and a folder" sikka-book --raw --files docs in
run 64 "two folders" sikka-book --files docs --files docs in

# --- its size -------------------------------------------------------------------------------------------------

head -c 1572864 /dev/zero >docs/most
head -c 1572865 /dev/zero >docs/more
document @more >in
run 65 "a byte more than 1.5 MB" sikka-book --files docs in
like "$err" 'more than 1572864 bytes' "is too much, and how much isn't is said"
document @most >in
run 0 "1.5 MB" sikka-book --files docs in
is "$(held '.writebacks[-1].body.document_base64 | length')" 2097152 "arrive whole"

done_testing
