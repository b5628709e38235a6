#!/bin/sh
# SPDX-License-Identifier: MIT
# zones.t: the time zones of practices: where they are learned, where they are shown, and what they decide
. "$(dirname "$0")/lib.sh"

zones() { sql "SELECT group_concat(z, '; ') FROM (SELECT office_id || '/' || practice_id || ' ' || coalesce(time_zone, '-') || ' ' || coalesce(utc_offset, '-') AS z FROM practices ORDER BY office_id, practice_id)"; }
asked() { echo "$(sim_count 'GET /data_sync_status') $(sim_count 'GET /health_check')"; }
zone() { sim_post "quirks?zone=$1"; }
forget_zones() { sql "UPDATE practices SET time_zone = NULL, utc_offset = NULL"; }

start_sim --delay 0:0 --pms D20006=OpenDental --quirk zone=told

# --- learned, and shown -----------------------------------------------------------------------------------------

run 0 "the list of practices" sikka-authorize
is "$(zones)" "D20006/1 US Mountain Standard Time -07:00; D36225/1 Pacific Standard Time -08:00; D36225/2 Pacific Standard Time -08:00" "has their zones"
is "$(said '[.office_id, .practice_id, .time_zone, .utc_offset] | join(" ")' | sort | tr '\n' ';')" \
    "D20006 1 US Mountain Standard Time -07:00;D36225 1 Pacific Standard Time -08:00;D36225 2 Pacific Standard Time -08:00;" "as the records say"
is "$(asked)" "0 0" "so no other list is asked"
run 0 "a table" sikka-authorize --no-token -F table
like "$out" 'US Mountain Standard Time' "has them"
run 0 "the state" sikka-status -F json
is "$(jq -c 'if type == "array" then .[0] else . end | .offices | map([.office_id, .time_zones, .utc_offset])' out)" \
    '[["D20006",["US Mountain Standard Time"],"-07:00"],["D36225",["Pacific Standard Time"],"-08:00/-07:00"]]' "has them, and how they are understood"
run 0 "the state for people" sikka-status -F table
like "$out" 'D36225 .* 2 +-08:00/-07:00$' "shows the difference from UTC, in winter and in summer"
like "$out" 'D20006 .* 1 +-07:00$' "or all the year"
zone absent
run 0 "a list without zones" sikka-authorize
like "$(zones)" '^D20006/1 US Mountain Standard Time -07:00;' "leaves what is known"
is "$(asked)" "0 0" "and asks for nothing"
forget_zones
run 0 "where nothing is known" sikka-authorize
is "$(asked) $(zones | grep -c Time)" "1 1 0" "two other lists are asked, in vain"
run 0 "the state for people" sikka-status -F table
like "$out" 'D36225 .* 2 +not known$' "says that the zone isn't known"
zone health
run 0 "a zone that health_check alone has" sikka-authorize
is "$(asked) $(zones)" "2 2 D20006/1 US Mountain Standard Time -; D36225/1 Pacific Standard Time -; D36225/2 Pacific Standard Time -" "is learned there"
forget_zones
zone sync
run 0 "one that data_sync_status has" sikka-authorize
is "$(asked) $(zones)" "3 2 D20006/1 US Mountain Standard Time -; D36225/1 Pacific Standard Time -; D36225/2 Pacific Standard Time -" "is learned there, and health_check isn't asked"
forget_zones
sim_fault 'GET /data_sync_status=status:500'
sim_fault 'GET /health_check=status:403:API2004'
run 0 "lists that can't be read" sikka-authorize
is "$err $(zones | grep -c Time)" " 0" "trouble nobody"
sim_clear_faults
zone offset
run 0 "an offset alone" sikka-authorize
run 0 "the state" sikka-status -F json
is "$(jq -c 'if type == "array" then .[0] else . end | .offices | map([.time_zones, .utc_offset])' out)" \
    '[[["-07:00"],"-08:00/-06:00"],[["-08:00"],"-09:00/-07:00"]]' "holds within an hour, as nobody knows about summer time"
zone odd
run 0 "an odd zone" sikka-authorize
run 0 "the state" sikka-status -F json
is "$(jq -c 'if type == "array" then .[0] else . end | .offices | map([.time_zones, .utc_offset])' out)" \
    '[[["Nowhere Standard Time"],null],[["Nowhere Standard Time"],null]]' "is shown, and not believed"

# --- what it decides ------------------------------------------------------------------------------------------------

moment() { sql "SELECT strftime('$2', 'now', '$1 minutes')"; }
at() { booking "office_id=$3" practice_id=1 "date=$(moment "$1" %Y-%m-%d)" "time=$(moment "$1" %H:%M)" "description=$2"; } # MINUTES NAME OFFICE
id_of() { sql "SELECT id FROM pms_writebacks WHERE json_extract(request_body, '$.description') = '$1'"; }
warned() { said "select(.event == \"appointment_near\" and .id == \"$(id_of "$1")\").text" | sed 's/.*, and its appointment //; s/\. The practice may not.*//'; }

at -300 five-hours D20006 >in
run 0 "a time of five hours ago in UTC, with the odd zone" sikka-book -n in
is "$err" "" "may be ahead somewhere"
zone told
run 0 "the zones are told again" sikka-authorize
at -410 ten-minutes-ahead D20006 >in
run 0 "seven hours behind: ten minutes ahead" sikka-book -n in
is "$err" "" "hasn't passed"
at -430 ten-minutes-ago D20006 >in
run 0 "ten minutes ago" sikka-book -n in
like "$err" 'line 1: date: has passed, in the practice.s time zone \(UTC -07:00\)' "has"
at -450 in-winter-only D36225 >in
run 0 "passed in summer, but not in winter" sikka-book -n in
is "$err" "" "isn't said to have passed"

sim_post 'office?office_id=D36225&spu=offline'
sim_post 'office?office_id=D20006&spu=offline'
{
	at 600 tonight D36225
	at 990 tomorrow D36225
	at 1200 later D36225
	at -450 begun D36225
	at -540 over D36225
	at -360 soon D20006
	at 1030 last D20006
} >in
run 0 "bookings near and far" sikka-book -q in
is "$(held '[.writebacks[].body | .date + " " + .time] | sort | join(",")')" \
    "$(jq -r '.date + " " + .time' in | sort | paste -sd, -)" "go as they are given"
later 20m
run 0 "a sweep" sikka-sweep
is "$(warned tonight)" "begins within a day" "one of tonight is told as such"
is "$(warned tomorrow)" "may begin within a day" "one that is nearer in summer than in winter may be within a day"
is "$(warned later)" "" "one that is further away isn't warned of"
is "$(warned begun)" "may have begun" "one that has begun in summer time"
is "$(warned over)" "has passed" "one that has begun in any case"
is "$(warned soon)" "begins within a day" "where there is no summer time, there is no doubt"
is "$(warned last)" "begins within a day" "until the day is full"
done_testing
