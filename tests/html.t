#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-status -F html: what the page says, that it says nothing of patients, and what a browser makes of it
. "$(dirname "$0")/lib.sh"

# read_page rows ID: the rows of the table with that caption, a line each, the cells with | between
# read_page text: all that can be read in the page, a line
# read_page bars CLASS: the bars of the pictures of that class, a line each: class, x, y, width, height
# read_page faults: what is wrong with its structure
cat >"$T/read-page.py" <<'END'
import html.parser
import sys

VOID = {"meta", "link", "br", "rect"}


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.links, self.faults, self.texts = [], [], [], [], []
        self.rows, self.table, self.headings, self.labels = {}, None, [], []
        self.bars, self.picture = {}, []

    def handle_starttag(self, tag, attributes):
        have = dict(attributes)
        if len(have) < len(attributes) or None in have.values():
            self.faults.append("attributes of %s" % tag)
        if "id" in have:
            self.ids.append(have["id"])
        self.links += [have[name].lstrip("#") for name in ("href", "aria-labelledby") if have.get(name) != "data:,"
                       and name in have]
        if any(name.startswith("on") or name in ("src", "style") for name in have):
            self.faults.append("%s: %s" % (tag, have))
        if tag == "th" and have.get("scope") not in ("col", "row"):
            self.faults.append("a heading without scope")
        if tag == "svg" and have.get("aria-hidden") != "true" and not (have.get("role") == "img" and have.get("aria-label")):
            self.faults.append("a picture without words")
        if tag in ("script", "iframe", "img", "object", "form", "button"):
            self.faults.append("there is a %s" % tag)
        if tag in ("h1", "h2"):
            self.headings.append(tag)
        if tag == "table":
            self.table = self.rows.setdefault(have.get("aria-labelledby"), [])
        if tag == "tr":
            self.table.append([])
        if tag in ("th", "td"):
            self.table[-1].append("")
        if tag == "svg":
            self.picture = self.bars.setdefault(have.get("class"), [])
        if tag == "rect":
            self.picture.append([have.get(name, "0") for name in ("class", "x", "y", "width", "height")])
        if tag == "svg" and self.table and self.open[-1] == "td":
            self.table[-1][-1] += have.get("aria-label", "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append("</%s>" % tag)
        if tag == "table":
            self.table = None

    def handle_data(self, data):
        if not self.open or "style" in self.open:
            return
        if data.strip():
            self.texts.append(" ".join(data.split()))
        if self.table and self.open[-1] in ("th", "td", "time"):
            self.table[-1][-1] += data


page = Page()
page.feed(open("page.html", encoding="utf-8").read())
page.close()
if sys.argv[1] == "rows":
    for row in page.rows.get(sys.argv[2], []):
        print("|".join(row))
elif sys.argv[1] == "bars":
    for bar in page.bars.get(sys.argv[2], []):
        print(" ".join(bar))
elif sys.argv[1] == "text":
    print(" ".join(page.texts))
else:
    page.faults += ["open: " + tag for tag in page.open]
    page.faults += ["twice: " + id for id in set(page.ids) if page.ids.count(id) > 1]
    page.faults += ["leads nowhere: " + link for link in page.links if link not in page.ids]
    if page.headings[:1] != ["h1"] or page.headings.count("h1") != 1:
        page.faults.append("headings: %s" % page.headings)
    print("\n".join(page.faults) or "none")
END
read_page() { python3 "$T/read-page.py" "$@"; }
# page WHAT [OPTION ...]: writes page.html
page() {
	what=$1
	shift
	run 0 "$what" sikka-status -F html "$@"
	mv "$T/out" page.html
	is "$(read_page faults)" none "$what: its structure is right"
	is "$(grep -ciE 'https?:|//|url\(|@import|<script' page.html)" 0 "$what: it has no outside parts"
}
# fill OFFICES ROWS: so many requests that ended within the last 30 days, in equal distances
fill() {
	sql "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $1)
	    INSERT INTO pms_integrations (office_id) SELECT 'D' || (50000 + i) FROM n;
	    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $2)
	    INSERT INTO pms_writebacks (id, writeback_id, office_id, operation, method, endpoint, result, queued_at)
	    SELECT 1000 + i, 900000 + i, 'D' || (50000 + i % $1), 'book_appointment', 'POST', '/appointment', 'queued',
	        strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-' || (2500000.0 * ($2 - i) / $2) || ' seconds') FROM n;
	    UPDATE pms_writebacks SET result = 'submitting', submitted_at = queued_at WHERE id >= 1000;
	    UPDATE pms_writebacks SET result = 'pending' WHERE id >= 1000;
	    UPDATE pms_writebacks SET result = iif(id % 50 = 0, 'failed', iif(id % 99 = 0, 'withdrawn', 'completed')),
	        completed_at = queued_at, took_ms = iif(id % 50 = 0, NULL, 1000 * (1 + id % 70)),
	        error_code = iif(id % 50 = 0, 'API1027', NULL) WHERE id >= 1000"
	count_anew
}

start_sim --rate-limit 100000 --delay 0:0
time_stands
authorize

# --- where there is such a form ------------------------------------------------------------------------
run 64 "other commands have no page" sikka-get -F html patients
like "$err" "^sikka-get: --format: html is a page about the whole state, which only sikka-status writes; the formats of records are jsonl, json, table and csv" "and say who has"
for other in --writebacks --history --runs --events --share --metrics --check --glance --watch; do
	run 64 "it has nothing to do with $other" sikka-status -F html $other
done
run 64 "nor with an id" sikka-status -F html 1
run 64 "nor with a key" sikka-status -F html --key a
run 64 "nor with a moment" sikka-status -F html --since 1d
like "$err" "^sikka-status: -F html is one page about the whole state: only -D, -O and --max-age can be used with it" "which is told"
run 64 "what isn't a form at all" sikka-status -F htm
like "$err" "the formats are jsonl, json, table, csv and html" "is told, too"
run 78 "it can't be everybody's form" env SIKKA_FORMAT=html sikka-status
like "$err" 'format \(SIKKA_FORMAT\) must be jsonl, json, table or csv, not "html": that is for sikka-status -F html only' "which is told"

# --- nothing to show -----------------------------------------------------------------------------------
page "a state file without requests"
for text in "Nothing is wrong." "Nothing has ended in the last 30 days." "Nothing was completed in the last 30 days." \
    "No request is open." "Waiting to be delivered: 0. Set aside: 0." "Nothing has failed in the last 30 days."; do
	like "$(read_page text)" "$text" "it says: $text"
done
is "$(read_page rows offices-table)" "Office|Status|Request key|Until|Practices|Open requests|Unknown
D20006|active|24 h left|$(date -d '+24 hours' +'%Y-%m-%d %H:%M')|1|0|0
D36225|active|24 h left|$(date -d '+24 hours' +'%Y-%m-%d %H:%M')|2|0|0" "the offices and their keys"
is "$(read_page rows tasks-table | sed -n 2,3p)" "authorize|$(date +'%Y-%m-%d %H:%M')|0 s|-
refresh|never|-|-" "the tasks"
cp page.html empty.html

# --- what happened -------------------------------------------------------------------------------------
booking key=paula description=Pavlova patient_id=7 | sikka-book -q --wait=1m >completed
sim_fault 'POST /appointment@1=status:400:API1027'
booking key=quentin time=10:00 description=Quark | sikka-book -q >failed
spu offline
booking key=rosa time=11:00 description=Rhubarb | sikka-book -q >pending
sql "UPDATE pms_writebacks SET error_message = 'Mrs Zuckmayer has no card', took_ms = 14500 * id"
count_anew
today=$(date +%F)
page "a state with something in it"
is "$(read_page rows days-table)" "Day|Completed|Failed|Withdrawn
$today|1|1|0" "the outcomes by day"
is "$(read_page rows times-all | sed -n 2,3p | cut -d'|' -f1,2)" "up to 15 s|1
up to 30 s|0" "the times of all offices"
is "$(read_page rows times-table)" "Office|Distribution|Half within|9 of 10 within|99 of 100 within|Completed
D36225|up to 15 s: 1|15 s|15 s|15 s|1" "and of each; a failure has none"
is "$(read_page rows open-table | sed -n '1p;/pending/p' | cut -d'|' -f1-7)" "State|Open|Under 1 min|Under 10 min|Under 1 h|Under 6 h|Older
pending|1|1|0|0|0|0" "the open requests by age"
is "$(read_page rows limits-table | cut -d'|' -f1)" "Office
the application
D20006
D36225" "the limits, of the application and of each office"
is "$(read_page rows events-table | sed -n 2p | cut -d'|' -f3-)" "failed|D36225|2|1|waits|0" "the events that wait"
is "$(read_page rows failures-table | sed -n 2p | cut -d'|' -f1,3-)" "2|D36225|book_appointment|API1027|bad request" "the failures, and what the code means"
is "$(read_page bars days)" "completed 29.10 50.00 0.80 50.00
failed 29.10 0.00 0.80 50.00" "its picture: the day's outcomes on top of each other, as high as they are many"
is "$(read_page bars open)" "pending 0.15 0.00 0.70 100.00" "the picture of the open ones"
is "$(read_page bars times)" "completed 0.08 0.00 0.84 100.00" "and of the office's times"
is "$(read_page bars bar | sed -n '1p;$p')" "completed 0 0 100.00 100
completed 0 0 0.00 100" "and of those of all offices, a bar for each class"
cp page.html some.html
unlike "$(cat page.html)" "paula|quentin|rosa|Pavlova|Quark|Rhubarb|Zuckmayer" "no caller's key, no body, and no word of the practice's"
page "one office" -O D20006
is "$(read_page rows offices-table | cut -d'|' -f1 | tail -n +2)" D20006 "only that office"
is "$(read_page rows events-table)$(read_page rows failures-table)" "" "without what befell others"
like "$(read_page text)" "Only of D20006" "which it says"
page "another one" -O D36225
is "$(read_page rows events-table | sed -n 2p | cut -d'|' -f4)" D36225 "has its event"

# --- texts of others -----------------------------------------------------------------------------------
sql "INSERT INTO pms_integrations (office_id, status) VALUES ('D<b id=\"x\">&amp;''' || char(8238) || char(27), 'active');
    UPDATE pms_writebacks SET error_code = 'Mrs Zuckmayer' WHERE id = 2"
page "an office with a name like HTML"
like "$(read_page rows offices-table | cut -d'|' -f1)" "^D<b id=\"x\">&amp;'.xe2.x80.xae.x1b\$" "is text, and what isn't seen is made visible"
is "$(read_page rows failures-table | sed -n 2p | cut -d'|' -f5,6)" "another one|-" "what is no code isn't shown"

# --- what is wrong -------------------------------------------------------------------------------------
later 30h
page "a day later" --max-age authorize=1d
like "$(read_page text)" "What is wrong warning:.*critical: request key expired: D20006, D36225 \( ?since [-0-9]* [:0-9]* ?\) run: sikka-token refresh" "what is wrong, since when, and what mends it"
is "$(read_page rows offices-table | grep D36225 | cut -d'|' -f2,3)" "active|ended 6 h ago" "a key that has expired"
is "$(read_page rows tasks-table | sed -n 2p | cut -d'|' -f1,3,4)" "authorize|30 h|late" "a task that is late"
cp page.html wrong.html
cp "$SIKKA_DB" kept.db
printf x >"$SIKKA_DB"
run 78 "a state file that can't be read" sikka-status -F html
mv out page.html
is "$(read_page faults)" none "is told by a page"
like "$(read_page text)" "What is wrong critical: $SIKKA_DB is missing or empty, and .* was in use .*sikka-sweep --after-restore" "as what is wrong"
unlike "$(read_page text)" "Nothing|Outcomes|Offices" "and nothing else is"
cp kept.db "$SIKKA_DB"
chmod 644 "$SIKKA_DB"
run 77 "one that others may read" sikka-status -F html
mv out page.html
like "$(read_page text)" "What is wrong critical: other users may read or write $SIKKA_DB" "is as bad: nothing can be judged"
chmod 600 "$SIKKA_DB"
run 74 "a full disk" sh -c 'sikka-status -F html >/dev/full'

# --- much ----------------------------------------------------------------------------------------------
anew
fill 300 100000
page "300 offices, 100,000 requests"
cp page.html much.html
is "$(read_page rows days-table | awk -F'|' 'NR > 1 { c += $2; f += $3; w += $4 } END { print c, f, w }')" \
    "$(sql "SELECT sum(result = 'completed'), sum(result = 'failed'), sum(result = 'withdrawn') FROM pms_writebacks" | tr '|' ' ')" "each is in its day"
is "$(read_page rows days-table | sed -n '3p;10p')" "$(for days in 1 8; do
    sql "SELECT date(completed_at), sum(result = 'completed'), sum(result = 'failed'), sum(result = 'withdrawn') FROM pms_writebacks WHERE date(completed_at) = date('now', '-$days days')"; done)" "in which it ended"
is "$(TZ='<+14>-14' sikka-status -F html >page.html; read_page rows days-table | sed -n '3p;10p')" "$(for days in 1 8; do
    sql "SELECT date(completed_at, '+14 hours'), sum(result = 'completed'), sum(result = 'failed'), sum(result = 'withdrawn') FROM pms_writebacks WHERE date(completed_at, '+14 hours') = date('now', '+14 hours', '-$days days')"; done)" "a day is one of this machine's"
cp much.html page.html
is "$(read_page rows times-all | awk -F'|' 'NR > 1 { n += $2 } END { print n }') $(read_page rows times-table | awk -F'|' 'NR > 1 { n += $6 } END { print n }')" \
    "$(sql "SELECT count(*) || ' ' || count(*) FROM pms_writebacks WHERE result = 'completed'")" "and in the times, of all and of its office"
is "$(read_page rows times-all | sed -n 2p)" "up to 15 s|$(sql "SELECT count(*) FROM pms_writebacks WHERE result = 'completed' AND took_ms <= 15000")|" "in its class"
is "$(read_page rows times-table | sed -n '$p' | cut -d'|' -f3-5)" "$(sql "SELECT (took_ms / 1000) || ' s' FROM pms_writebacks WHERE result = 'completed' AND office_id = '$(read_page rows times-table | sed -n '$p' | cut -d'|' -f1)' ORDER BY took_ms" |
    awk '{ s[NR] = $0 } function at(p) { i = int(NR * p / 100); return s[i < NR * p / 100 ? i + 1 : i] } END { print at(50) "|" at(90) "|" at(99) }')" "within how much the half, and nearly all, of an office ended"
is "$(read_page rows failures-table | wc -l) $(read_page rows failures-table | sed -n 2p | cut -d'|' -f1)" "51 $(sql "SELECT max(id) FROM pms_writebacks WHERE result = 'failed'")" "only the latest failures"
is "$(read_page rows times-table | wc -l) $(read_page rows offices-table | wc -l)" "$(sql "SELECT count(DISTINCT office_id) + 1 FROM pms_writebacks WHERE result = 'completed'") 303" "all offices"
anew
fill 900 1000
page "900 offices"
is "$(read_page rows times-table | wc -l) $(read_page rows offices-table | wc -l)" "501 501" "not more than 500 offices"
like "$(read_page text)" "402 more offices aren't shown" "which it says"

# --- in a browser --------------------------------------------------------------------------------------
if ! command -v chromium >found; then
	echo "# no chromium: what a browser makes of the page isn't tried"
	done_testing
	exit
fi
# browse FILE: in windows of 360 and of 1280 pixels. The script counts what stands beyond the window's edge, labels that
# overlap, frames that only a mouse can scroll, pictures without height, and links to skip that aren't seen when they
# have the focus.
browse() {
	env -u LD_PRELOAD "$TOP/tests/browser" --script "(() => {
	    const all = what => [...document.querySelectorAll(what)]
	    const box = e => { const r = document.createRange(); r.selectNodeContents(e); return r.getBoundingClientRect() }
	    return [all('body *').filter(e => !e.closest('.frame, .skip, svg, title') && e.getBoundingClientRect().right > innerWidth),
	        all('.days-axis span + span, .open-axis span + span').filter(e => box(e.previousSibling).right > box(e).left),
	        all('.frame').filter(e => e.scrollWidth > e.clientWidth && e.tabIndex != 0),
	        all('svg').filter(e => !e.closest('details') && e.getBoundingClientRect().height < 10),
	        all('.skip').filter(e => { e.focus(); return e.getBoundingClientRect().left < 0 })].map(l => l.length).join(' ')
	    })()" "file://$T/$1" 360 1280 >seen
}
seen() { jq -c "$1" seen | tr '\n' ' ' | sed 's/ $//'; }
cat >bad.html <<'END'
<!doctype html><title>x</title><link rel="icon" href="data:,"><img src="http://127.0.0.1:9/x.png"><script>console.error("x")</script>
<div style="width:2000px">x</div><div class="frame" style="overflow:auto"><div style="width:3000px">x</div></div><svg style="height:3px"></svg>
<a class="skip" href="#x" style="position:absolute;left:-99px">x</a><p class="open-axis"><span>x</span><span style="margin-left:-9px">x</span></p>
END
browse bad.html
is "$(seen '[.width, .scroll_width]')" "[360,2008] [1280,2008]" "the browser notices what is too wide"
is "$(seen '[.requests[0], (.said | length > 0), .value]')" '["http://127.0.0.1:9/x.png",true,"1 1 1 1 1"] ["http://127.0.0.1:9/x.png",true,"1 1 1 1 1"]' "what is asked for, what is complained of, and what is ugly"
for state in empty some wrong much; do
	browse "$state.html"
	is "$(seen '[.width, .scroll_width]')" "[360,360] [1280,1280]" "$state: nothing is wider than the window"
	is "$(seen .said)" "[] []" "$state: the browser has nothing to complain of"
	is "$(seen .requests)" "[] []" "$state: nothing is asked for anywhere"
	is "$(seen .value)" '"0 0 0 0 0" "0 0 0 0 0"' "$state: nothing overlaps, and all can be reached"
done
is "$(seen '[.light[0], .dark[0], .print[0]]')" '["rgb(255, 255, 255)","rgb(22, 24, 28)","rgb(255, 255, 255)"] ["rgb(255, 255, 255)","rgb(22, 24, 28)","rgb(255, 255, 255)"]' "light, dark, and on paper"
done_testing
