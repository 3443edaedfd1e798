#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Two runs side by side: what agrees, what differs, and what is no run at all.

# shellcheck source=tests/sim/lib.sh disable=SC1091
. "${top_srcdir:-.}/tests/sim/lib.sh"

# shellcheck source=tests/sim/browser.sh disable=SC1091
. "${top_srcdir:-.}/tests/sim/browser.sh"

compares() { # compares CODE WORDS OPTION...: compare exits so and says so
    code=$1
    words=$2
    shift 2
    says "$code" "$words" "$sim" compare "$@"
}
run() { # run NAME OPTION...
    name=$1
    shift
    "$sim" run street --out "$work/$name" "$@" >/dev/null
}
changed() { # changed FROM TO SED: the results of a run, by another hand
    mkdir "$work/$2"
    sed "$3" "$work/$1/summary.json" >"$work/$2/summary.json"
}

run one
run same --wire
compares 0 "they agree" "$work/one" "$work/same"
grep -q '^  redundancy  .*+0\.0 %' "$work/out"
ok $? "each measure has its difference"
grep -qE '^ +one +same +difference$' "$work/out"
ok $? "and each run the name of its folder"
mkdir "$work/other-place" && cp -r "$work/one" "$work/other-place"
compares 0 "$work/one $work/other-place/one/ " "$work/one" "$work/other-place/one/"
[ "$(awk '/%/ { sub(/%.*/, ""); print length }' "$work/out" | uniq | wc -l)" -eq 1 ]
ok $? "or the whole path, where two names are one; columns stay columns"
compares 0 '{"name":"delivered","unit":"share","first":1,"second":1,' \
    "$work/one" "$work/same" --json
python3 -c 'import json, sys
s = json.load(open(sys.argv[1]))
names = [m["name"] for m in s["measures"]]
sys.exit(not (s["agree"] is True and len(names) == len(set(names)) and
              {"copies", "latency_p50_ms", "push_bytes"} <= set(names)))' \
    "$work/out"
ok $? "as JSON, each once"

grep -q 'group_\|file_' "$work/out"
ok $((!$?)) "without groups and files, nothing is said of them"

# Groups and files, where there are any.
run crowd --set workload.groups=1 --set workload.group_size=4 \
    --set workload.group_letters=4 --set workload.files=1 \
    --set workload.file_size=1kB
compares 0 "they agree" "$work/crowd" "$work/crowd/"
[ "$(grep -c '^  group_\|^  file_' "$work/out")" -eq 10 ]
ok $? "those of groups and of files are listed"
changed crowd quiet 's/"shown":12\(.*\)"delivered":1.0\(.*"files"\)/"shown":6\1"delivered":0.5\2/'
compares 5 "they DIFFER" "$work/crowd" "$work/quiet"
grep -q '^  group_delivered .*DIFFERS$' "$work/out" &&
    grep -q '^  file_delivered .*ok$' "$work/out"
ok $? "and letters in a group that were not shown make a difference"

# By the terms: half as fast again is within the double, three times is not.
p50=$(sed 's/.*"p50":\([0-9.]*\).*/\1/' "$work/one/summary.json")
for factor in 1.9 2.1; do
    slower=$(python3 -c "print('%.3f' % ($p50 * $factor))")
    changed one "by-$factor" "s/\"p50\":[0-9.]*/\"p50\":$slower/"
done
compares 0 "they agree" "$work/one" "$work/by-1.9"
compares 5 "they DIFFER" "$work/one" "$work/by-2.1"
grep -q '^  latency_p50_ms .*+110\.0 %  DIFFERS$' "$work/out"
ok $? "and where"
compares 5 "they DIFFER" "$work/by-2.1" "$work/one"
compares 0 "they agree" "$work/one" "$work/by-2.1" --latency 2.2
changed one more 's/"redundancy":[0-9.]*/"redundancy":9.0/'
compares 5 "they DIFFER" "$work/one" "$work/more"
changed one lost 's/"delivered":1.0/"delivered":0.95/'
compares 5 "they DIFFER" "$work/one" "$work/lost" --latency 1000 --redundancy 10

# What is not to be compared.
run seed --seed 9
compares 1 "nodes and seed 1, and $work/seed 12 nodes and seed 9" \
    "$work/one" "$work/seed"
"$sim" compare "$work/one" "$work/seed" --force >"$work/forced"
[ $? -ne 1 ]
ok $? "--force compares all the same"
[ "$(grep -c '^street: 12 nodes, seed' "$work/forced")" -eq 2 ]
ok $? "and says of both what they are"
run loss --set links.loss=0.01
compares 1 "$work/loss differ in links.loss (0.0 and 0.01); --force" \
    "$work/one" "$work/loss"
run many --set links.loss=0.01 --set links.latency=3ms --set links.jitter=0 \
    --set node.shelf=2MiB --set workload.letters=9
compares 1 ", links.jitter (10ms and 0), " "$work/one" "$work/many"
compares 1 " and 2 more; --force" "$work/one" "$work/many"
rm "$work/many/scenario.conf"
compares 1 "some setting, or what is expected of them, differs" \
    "$work/one" "$work/many"
run stub --crypto stub
grep -q '"crypto":"stub"' "$work/stub/summary.json" &&
    grep -q '"crypto":"real"' "$work/one/summary.json"
ok $? "a run says how it sealed"
compares 1 "$work/stub: its vaults sealed by a stand-in" "$work/one" "$work/stub"
compares 1 "$work/stub: its vaults sealed by a stand-in" \
    "$work/stub" "$work/one" --force
run bare --crypto none
compares 1 "$work/bare: there was no vault" "$work/bare" "$work/stub"
run stub2 --crypto stub --wire
compares 0 "they agree" "$work/stub" "$work/stub2"
changed one old 's/"crypto":"real",//'
compares 0 "they agree" "$work/one" "$work/old"
changed one other 's/"scenario":"street"/"scenario":"tree"/'
compares 1 "is a run of \"street\", and $work/other of \"tree\"" \
    "$work/one" "$work/other"
changed one partial 's/"partial":false/"partial":true/'
compares 1 "$work/partial: that run was interrupted" "$work/one" "$work/partial"
compares 1 "$work/nowhere/summary.json: No such file" "$work/one" "$work/nowhere"
mkdir "$work/swept" && echo >"$work/swept/sweep.json"
compares 1 "$work/swept: is of a sweep, which keeps" "$work/one" "$work/swept"
changed one broken 's/,.*//'
compares 1 "this is no JSON" \
    "$work/one" "$work/broken"
changed one bare 's/"control_bytes":[0-9]*,//'
compares 1 'it has no "control_bytes"' "$work/one" "$work/bare"
changed one text 's/"control_bytes":[0-9]*,/"control_bytes":"many",/'
compares 1 'it has no "control_bytes"' "$work/one" "$work/text"
compares 1 "compare needs two folders" "$work/one"
compares 1 '--latency: "half" is not a number from 1 to 1000' \
    "$work/one" "$work/same" --latency half
compares 1 "--wire is no option of compare" "$work/one" "$work/same" --wire

# As a page.  One of the two has a name that is an attempt at breaking out.
odd="$work/<!--<script>&\"'"
run lossy --seed 3 --set links.loss=0.1
mv "$work/lossy" "$odd"
compares 0 "they agree" "$work/one" "$odd" --force --output "$work/page.html"
python3 - "$work/page.html" "$odd" <<'PY'
import json, re, sys
text = open(sys.argv[1], encoding="utf-8").read()
wrong = []
pair = re.search(r'id="pair">(.*?)</script>', text, re.S)
pair = json.loads(pair.group(1))
rows = {one["name"]: one for one in pair["compare"]["measures"]}
if pair["names"][1] != sys.argv[2]:
    wrong.append("name: %r" % pair["names"][1])
if rows["latency_p50_ms"]["change"] != "worse":
    wrong.append("p50: %r" % rows["latency_p50_ms"])
if rows["payloads_new"]["change"] != "none":
    wrong.append("payloads: %r" % rows["payloads_new"])
if rows["delivered"]["change"] not in ("same", "worse"):
    wrong.append("delivered: %r" % rows["delivered"])
for i, run in enumerate(pair["runs"]):
    low, high = run["intervals"]["latency_p50_ms"]
    if not low <= rows["latency_p50_ms"][("first", "second")[i]] <= high:
        wrong.append("interval: %r" % run["intervals"])
units = [rows[name].get("unit") for name in
         ("delivered", "copies", "latency_p50_ms", "frames_sent", "push_bytes")]
if units != ["share", "ratio", "ms", "count", "bytes"]:
    wrong.append("units: %r" % units)
if [name for name in rows if rows[name].get("kind") == "push"] != [
        "push_frames", "push_bytes"]:
    wrong.append("kinds")
if text.count("<script") != 5 or re.search(r"\ssrc=|\shref=", text):
    wrong.append("outside")
for one in wrong:
    print("#", one)
sys.exit(bool(wrong))
PY
ok $? "the page has both runs, and which measures got worse"
compares 0 "they agree" "$work/one" "$work/same" --output "$work/page.html"
python3 - "$work/page.html" <<'PY'
import re, sys
text = open(sys.argv[1], encoding="utf-8").read()
sys.exit('"change":"worse"' in text or '"change":"same"' not in text)
PY
ok $? "of one run twice all are the same, on a page in the place of another"
echo mine >"$work/mine"
compares 1 "$work/mine: that file is there, and no report" \
    "$work/one" "$work/same" --output "$work/mine"
grep -qx mine "$work/mine"
ok $? "and it is as it was"
compares 1 "$work/by-1.9/metrics.csv: No such file" \
    "$work/one" "$work/by-1.9" --output "$work/none"
[ ! -e "$work/none" ] && [ ! -e "$work/none.part" ]
ok $? "and no page is made"
compares 1 "--output needs a value" "$work/one" "$work/same" --output
[ -n "$chromium" ] || {
    count=$((count + 1))
    echo "ok $count # SKIP there is no chromium to draw the page"
    done_testing
}
"$sim" compare "$work/one" "$odd" --force --output "$work/page.html" >/dev/null
for width in 400 1400; do
    for scheme in 0 1; do
        got=$(drawn $width $scheme "$work/page.html")
        [ "$got" = '<html lang="en" data-charts="6" data-drawn="6">' ] &&
            is_quiet
        result=$?
        [ $result -eq 0 ] || echo "# $got"
        ok $result "$width wide, scheme $scheme: every chart is drawn"
    done
done
grep -q '<td>latency_p50_ms</td><td>[0-9.,]* m*s ([0-9.,]* m*s to ' "$work/dom" &&
    grep -q '<td>push_bytes</td><td>[0-9.,]* [KM]iB</td>' "$work/dom" &&
    ! grep -q '<td>.*_ms</td><td>[0-9.,]*</td>' "$work/dom"
ok $? "each measure in its unit"
grep -qF '&lt;!--&lt;script&gt;&amp;"' "$work/dom"
ok $? "and a folder's name is text"
done_testing
