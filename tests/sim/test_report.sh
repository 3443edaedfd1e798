#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The page that is made of a run: it refers to nothing outside itself, replaces
# nothing else, and a browser draws it.
# shellcheck disable=SC2154 # lib.sh and browser.sh set them

# shellcheck source=tests/sim/lib.sh disable=SC1091
. "${top_srcdir:-.}/tests/sim/lib.sh"

# shellcheck source=tests/sim/browser.sh disable=SC1091
. "${top_srcdir:-.}/tests/sim/browser.sh"

reports() { # reports CODE WORDS OPTION...: report exits so and says so
    code=$1
    words=$2
    shift 2
    says "$code" "$words" "$sim" report "$@"
}

# A scenario whose name is an attempt at breaking out of the page, with an
# adversary and a fault.
odd="$work/<!--<script>&amp;\"'.conf"
beside=$(cd "$SOTTO_SCENARIOS" && pwd)
{
    cat "$SOTTO_SCENARIOS/street.conf"
    printf '\n[adversaries]\nspies = 0.1\n[faults]\npartition_at = 4s\n'
    printf 'partition_for = 3s\npartition_share = 0.5\n'
} | sed "s,^file = ,&$beside/," >"$odd"
"$sim" run "$odd" --out "$work/run" >"$work/out" 2>&1
[ $? -ne 1 ] && grep -q '"what":"split"' "$work/run/summary.json" &&
    grep -q '"role":"spies"' "$work/run/summary.json"
result=$?
[ $result -eq 0 ] || sed 's/^/# /' "$work/out"
ok $result "a run says who its adversaries are, and what its faults"

# Who had the letter that is drawn, and from whom: over a link of the mesh, from
# one that had it before; and its reader no later than it was shown.
python3 - "$work/run" <<'PY'
import csv, json, sys
def rows(name):
    return list(csv.DictReader(open(sys.argv[1] + "/" + name)))
spread = {int(row["node"]): row for row in rows("spread.csv")}
edges = {frozenset((int(e["from"]), int(e["to"]))) for e in rows("edges.csv")}
summary = json.load(open(sys.argv[1] + "/summary.json"))
picture = summary["picture"]
letter = rows("letters.csv")[picture["letter"]]
wrong = []
if len(spread) != summary["nodes"]:
    wrong.append("%d nodes" % len(spread))
if (int(letter["from"]), int(letter["to"])) != (picture["from"],
                                                picture["to"]):
    wrong.append("another letter's ends")
if sum(row["adversary"] == "1" for row in spread.values()) != sum(
        one["nodes"] for one in summary["adversaries"]):
    wrong.append("adversaries")
for node, row in spread.items():
    if node == picture["from"]:
        if row["from"] != str(node) or float(row["ms"]) != 0:
            wrong.append("writer: %r" % row)
    elif row["ms"]:
        giver = spread[int(row["from"])]
        if frozenset((node, int(row["from"]))) not in edges:
            wrong.append("no link: %r" % row)
        if not giver["ms"] or float(giver["ms"]) >= float(row["ms"]):
            wrong.append("too early: %r from %r" % (row, giver))
came = spread[picture["to"]]["ms"]
if not came or float(came) > float(letter["latency_ms"]):
    wrong.append("reader: %s, shown %s" % (came, letter["latency_ms"]))
for one in wrong:
    print("#", one)
sys.exit(bool(wrong))
PY
ok $? "it writes down how one letter spread"
hash() { grep -o '"trace_hash":"[^"]*"'; }
[ "$("$sim" run "$odd" --json | hash)" = "$(hash <"$work/run/summary.json")" ]
ok $? "and its trace is that of a run which does not"
"$sim" run street --out "$work/large" --set mesh.topology=random-regular \
    --nodes 10001 --set workload.letters=1 --set workload.pairs=1 \
    --set workload.first=1s --set workload.over=1s \
    --set mesh.duration=3s >/dev/null 2>&1
[ "$(wc -l <"$work/large/spread.csv")" -eq 1 ] &&
    grep '"sent":1,' "$work/large/summary.json" | grep -q '"picture":null'
ok $? "of a mesh that is too large it does not"
if "$sim" report "$work/run" 2>&1 | grep -q 'without Chart.js'; then
    echo "ok $((count + 1)) # SKIP sotto-sim was built without Chart.js"
    count=$((count + 1))
    done_testing
fi
reports 0 "$work/run/report.html" "$work/run"
page="$work/run/report.html"

# Everything is inside, and nothing of the run is markup.
python3 - "$page" <<'PY'
import json, re, sys
from html.parser import HTMLParser
text = open(sys.argv[1], encoding="utf-8").read()
wrong = []
class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.run, self.policy = [], None, None
    def handle_starttag(self, tag, attributes):
        names = dict(attributes)
        self.tags.append(tag)
        for name in names:
            if name in ("src", "href", "srcset", "action", "data"):
                wrong.append("%s %s" % (tag, name))
        if tag == "link" or tag == "img" or tag == "iframe":
            wrong.append(tag)
        self.run = [] if names.get("id") == "run" else self.run
        if names.get("http-equiv") == "Content-Security-Policy":
            self.policy = names["content"]
    def handle_data(self, data):
        if self.run == []:
            self.run = [data]
page = Page()
page.feed(text)
if not page.policy.startswith("default-src 'none';"):
    wrong.append("policy")
if page.tags.count("script") != 6:
    wrong.append("%d scripts" % page.tags.count("script"))
run = json.loads(page.run[0])
if "<!--<script>" not in run["summary"]["scenario"]:
    wrong.append("name: " + run["summary"]["scenario"])
units = json.loads(re.search(r'id="units">(.*?)</script>', text).group(1))
if any(units[name] != measure["unit"]
       for name, measure in run["summary"]["measures"].items()):
    wrong.append("units: %r" % units)
rows = [len(column) for column in run["metrics"].values()]
if len(set(rows)) != 1 or rows[0] < 5:
    wrong.append("rows: %r" % rows)
# Addresses only in what a library says of itself.
bare = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
wrong += re.findall(r"https?:[^\s\"']*|@import|url\(", bare)
if "Released under the MIT License" not in text:
    wrong.append("no licence")
for one in wrong:
    print("#", one)
sys.exit(bool(wrong))
PY
ok $? "the page has all it needs, and the figures as data"

# What stands there stays, unless it is a report or that is asked for.
reports 0 "$page" "$work/run"
echo mine >"$work/mine"
reports 1 "$work/mine: that file is there, and no report; --force replaces it" \
    "$work/run" --output "$work/mine"
grep -qx mine "$work/mine"
ok $? "and it is as it was"
reports 0 "$work/mine" "$work/run" --output "$work/mine" --force
cmp -s "$work/mine" "$page"
ok $? "the same run, the same page"
reports 1 "$work/run: that is no plain file" "$work/run" --output "$work/run" \
    --force
reports 1 "$work/no/page: No such file" "$work/run" --output "$work/no/page"

# The page is of the run that lies in the folder, and goes with it.
mkdir "$work/again" "$work/theirs"
cp "$work/run/"* "$work/again"
cp "$page" "$work/again/report.html.part"
"$sim" run street --out "$work/again" --force >"$work/out" &&
    [ -s "$work/again/summary.json" ] && [ ! -e "$work/again/report.html" ] &&
    [ ! -e "$work/again/report.html.part" ]
ok $? "a run that is put in another's place leaves no page of that one"
grep -q '"scenario":"street"' "$work/again/summary.json" &&
    [ "$(cd "$work/again" && echo *)" = "$(cd "$work/run" &&
        echo * | sed 's/ report.html//')" ]
ok $? "nor anything else of it"
echo mine >"$work/theirs/report.html"
"$sim" run street --out "$work/theirs" --force >"$work/out" &&
    grep -qx mine "$work/theirs/report.html"
ok $? "but what is no page stays"

# No run's folder.
reports 1 "$work/none/summary.json: No such file" "$work/none"
reports 1 "$work/mine/summary.json: Not a directory" "$work/mine" \
    --output "$work/other"
changed() { # changed NAME FILE SED: the run by another hand
    mkdir "$work/$1"
    cp "$work/run/"*.csv "$work/run/summary.json" "$work/$1"
    sed "$3" "$work/run/$2" >"$work/$1/$2"
}
changed old summary.json 's/"version":"[^"]*",//'
reports 1 'it has no "version"' "$work/old"
changed broken summary.json 's/,.*//'
reports 1 "this is no JSON" "$work/broken"
changed columns metrics.csv '1s/nodes_up/nodes/'
reports 1 "$work/columns/metrics.csv:1: its columns are not those" \
    "$work/columns"
changed word letters.csv '3s/,.*/,<b>,,,,,/'
reports 1 "$work/word/letters.csv:3: this is not a row of 8 numbers" \
    "$work/word"
[ ! -e "$work/word/report.html" ] && [ ! -e "$work/word/report.html.part" ]
ok $? "and no page is made"
changed far edges.csv '2s/.*/1,999999999/'
rm "$work/columns/letters.csv" && cp "$work/run/metrics.csv" "$work/columns"
reports 1 "$work/columns/letters.csv: No such file" "$work/columns"
reports 1 "report needs one folder"
reports 1 "--json is no option of report" "$work/run" --json
reports 1 "--output needs a value" "$work/run" --output

# A run that was killed has opened its files.
mkdir "$work/killed"
: >"$work/killed/summary.json"
reports 1 "$work/killed/summary.json: is empty: what was to write it" \
    "$work/killed"
"$sim" run street --out "$work/killed" >/dev/null
reports 0 "$work/killed/report.html" "$work/killed"

# In a browser.
[ -n "$chromium" ] || {
    count=$((count + 1))
    echo "ok $count # SKIP there is no chromium to draw the page"
    done_testing
}
for width in 400 1400; do
    for scheme in 0 1; do
        got=$(drawn $width $scheme "$page")
        [ "$got" = '<html lang="en" data-charts="9" data-drawn="9">' ] &&
            is_quiet
        result=$?
        [ $result -eq 0 ] || echo "# $got"
        ok $result "$width wide, scheme $scheme: every chart is drawn"
    done
done
grep -qF '<span id="name">&lt;!--&lt;script&gt;&amp;amp;"' "$work/dom"
ok $? "and its name is text"
# Wrong links in a file are left out, not followed.
sed -i 's/"checks":[0-9]*/"checks":1234567/' "$work/far/summary.json"
"$sim" report "$work/far" >/dev/null
drawn 400 0 "$work/far/report.html" |
    grep -q 'data-charts="9" data-drawn="9"' &&
    is_quiet
ok $? "a link to a node that there is not is left out"
grep -qF 'invariants, 1,234,567 checks' "$work/dom"
ok $? "a whole number is shown to its last digit"
# An empty run has a page too.
"$sim" run street --set workload.letters=0 --set mesh.duration=3s \
    --out "$work/empty" >/dev/null 2>&1
"$sim" report "$work/empty" >/dev/null
drawn 400 0 "$work/empty/report.html" |
    grep -q 'data-charts="7" data-drawn="7"' &&
    is_quiet
ok $? "a run without letters is drawn"

# One with groups and files has their curves, too.
"$sim" run street --set workload.groups=1 --set workload.group_size=4 \
    --set workload.group_letters=4 --set workload.files=2 \
    --set "expect.stamp_work<=90min" --set "expect.flood_taken<=3MiB" \
    --set "expect.redundancy<=1.5" --set adversaries.flooders=0.1 \
    --out "$work/more" >/dev/null 2>&1
"$sim" report "$work/more" >/dev/null
drawn 1400 0 "$work/more/report.html" |
    grep -q 'data-charts="9" data-drawn="9"' &&
    is_quiet && grep -q 'copies in groups shown' "$work/dom" &&
    grep -q 'files came out whole' "$work/dom"
ok $? "a run with groups and files is drawn"
grep -q 'stamp_work ≤ 90 min<' "$work/dom" &&
    grep -q 'flood_taken ≤ 3 MiB<' "$work/dom" &&
    grep -q 'redundancy ≤ 1.5<' "$work/dom"
ok $? "each measure in its unit"

# A sweep's folder.
sweep() { # sweep NAME OPTION...
    name=$1
    shift
    "$sim" sweep street --out "$work/$name" "$@" >"$work/out" 2>&1
}
sweep grid --over links.loss=0,0.1 --over workload.letters=4,8 --seeds 1:2 \
    --jobs 2
[ $? -ne 1 ] && python3 - "$work/grid" <<'PY'
import csv, json, sys
folder = sys.argv[1]
sweep = json.load(open(folder + "/sweep.json"))
rows = list(csv.DictReader(open(folder + "/points.csv")))
runs = list(csv.DictReader(open(folder + "/runs.csv")))
wrong = []
keys = [axis["key"] for axis in sweep["axes"]]
if keys != ["links.loss", "workload.letters"] or len(sweep["points"]) != 4:
    wrong.append("axes: %r" % keys)
if sweep["jobs"] != len(runs):
    wrong.append("jobs")
number = lambda text: float(text) if text else None
told = {(tuple(p["at"]), m): (p["runs"], v)
        for p in sweep["points"] for m, v in p["values"].items()}
for row in rows:
    place = (tuple(row[key] for key in keys), row["metric"])
    wanted = (int(row["runs"]), [number(row["mean"]), number(row["low"]),
                                 number(row["high"])])
    if told.pop(place) != wanted:
        wrong.append("%r" % (place,))
if told:
    wrong.append("more than points.csv has")
if sum(p["passed"] for p in sweep["points"]) != sum(
        run["passed"] == "1" for run in runs):
    wrong.append("passed")
for one in wrong:
    print("#", one)
sys.exit(bool(wrong))
PY
ok $? "a sweep's figures as one object are those of its tables"
reports 0 "$work/grid/report.html" "$work/grid"
for width in 400 1400; do
    for scheme in 0 1; do
        got=$(drawn $width $scheme "$work/grid/report.html")
        [ "$got" = '<html lang="en" data-charts="6" data-drawn="6">' ] &&
            is_quiet
        result=$?
        [ $result -eq 0 ] || echo "# $got"
        ok $result "$width wide, scheme $scheme: a sweep is drawn"
    done
done
python3 - "$work/dom" "$work/grid/sweep.json" <<'PY'
import json, re, sys
from html.parser import HTMLParser
class Table(HTMLParser):
    def __init__(self):
        super().__init__()
        self.rows, self.inside, self.cell = [], False, None
    def handle_starttag(self, tag, attributes):
        if tag == "table":
            self.inside = dict(attributes).get("id") == "points"
        if self.inside and tag == "tr":
            self.rows.append([])
        if self.inside and tag in ("td", "th"):
            self.rows[-1].append("")
            self.cell = True
    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.cell = None
    def handle_data(self, data):
        if self.cell:
            self.rows[-1][-1] += data
table = Table()
table.feed(open(sys.argv[1], encoding="utf-8").read())
sweep = json.load(open(sys.argv[2]))
wanted = [point["at"] + ["%d of %d" % (point["passed"], point["runs"])]
          for point in sweep["points"]]
sys.exit([row[:3] for row in table.rows[1:]] != wanted or
         len(table.rows[0]) != 8)
PY
ok $? "with each point in its table"
# One point, along no axis; axes of names; runs that are missing.
sweep single --seeds 1:2
"$sim" report "$work/single" >/dev/null
drawn 400 1 "$work/single/report.html" | grep -q 'data-drawn="6"' && is_quiet
ok $? "a sweep of seeds alone is drawn"
sed 's#</body>#<script>document.documentElement.dataset.top = Chart.getChart(\
document.querySelector("canvas")).scales.y.max;</script></body>#' \
    "$work/single/report.html" >"$work/single/top.html"
drawn 400 1 "$work/single/top.html" | grep -q 'data-top="1"'
ok $? "and no axis of a share goes beyond all"
sweep names --over mesh.topology=ring,grid --over links.latency=10ms,50ms \
    --shard 1/2
sweep names --over mesh.topology=ring,grid --over links.latency=10ms,50ms \
    --merge
"$sim" report "$work/names" >/dev/null
drawn 400 1 "$work/names/report.html" | grep -q 'data-drawn="6"' && is_quiet &&
    grep -q '<span id="verdict" class="verdict bad">partial<' "$work/dom" &&
    grep -q '<td>not run</td>' "$work/dom"
ok $? "one of names, half of which has not been run, too, and says so"
mkdir "$work/half"
sed 's/"points":.*/"points":[]}/' "$work/grid/sweep.json" \
    >"$work/half/sweep.json"
reports 1 "$work/half/sweep.json: it has no \"points\"" "$work/half"
echo '{' >"$work/half/sweep.json"
reports 1 "$work/half/sweep.json:2: this is no JSON" "$work/half"
done_testing
