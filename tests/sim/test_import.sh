#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What others' files say stands in ours; what is wrong in one is said with its
# place, and leaves nothing behind.

# shellcheck source=tests/sim/lib.sh disable=SC1091
. "${top_srcdir:-.}/tests/sim/lib.sh"

data=${SOTTO_TEST_DATA:-${top_srcdir:-.}/../shared/data}

# becomes FORMAT WHAT: the file $work/in, imported, is what comes on stdin
becomes() {
    cat >"$work/want"
    "$sim" import "$1" "$work/in" --out "$work/got" 2>"$work/said" &&
        diff "$work/want" "$work/got" >"$work/differs"
    result=$?
    [ $result -eq 0 ] || sed 's/^/# /' "$work/said" "$work/differs"
    ok $result "$1: $2"
}
# refuses FORMAT WORDS: the file $work/in is, with these, and nothing is left
refuses() {
    mkdir "$work/empty"
    echo before >"$work/empty/got"
    "$sim" import "$1" "$work/in" --out "$work/empty/got" >"$work/said" 2>&1
    [ $? -eq 1 ] && grep -qF -- "$2" "$work/said" &&
        [ "$(cat "$work/empty/"*)" = before ] &&
        [ "$(find "$work/empty" -type f | wc -l)" -eq 1 ]
    result=$?
    [ $result -eq 0 ] || sed 's/^/# /' "$work/said"
    rm -r "$work/empty"
    ok $result "$1 refused: ${2##*/}"
}
# runs SECTION.KEY=VALUE...: the file $work/got is what a scenario can name
runs() {
    printf '[mesh]\nduration = 100s\n[workload]\nletters = 0\n' \
        >"$work/t.conf"
    for setting; do
        shift
        set -- "$@" --set "$setting"
    done
    "$sim" run "$work/t.conf" "$@" >"$work/said" 2>&1
    result=$?
    [ $result -eq 0 ] || sed 's/^/# /' "$work/said"
    ok $result "and a scenario runs on it"
}

cat >"$work/in" <<'END'
# out of order, with letters, an interface, messages, and one that never ends
40 CONN p0 p2 UP wlan
10 CONN n1 n0 up
12.5 C M1 0 2 2000
30.25 CONN 0 1 down
30.25 CONN 1 0 up
50 CONN 2 0 down
50 CONN 1 2 up
END
becomes one "changes, put in order" <<'END'
10 CONN 0 1 up
30.25 CONN 0 1 down
30.25 CONN 0 1 up
40 CONN 0 2 up
50 CONN 0 1 down
50 CONN 0 2 down
END
runs mobility.model=trace mobility.trace=got
"$sim" import one "$work/got" 2>/dev/null | cmp -s - "$work/got"
ok $? "what is ours already stays as it is, on standard output too"
printf '\357\273\277100 CONN 1 0 up\r\n \t\r\n110.5\tCONN\t0\t1\tdown\r\n' >"$work/in"
becomes one "what editors add, and tabs" <<'END'
100 CONN 0 1 up
110.5 CONN 0 1 down
END
printf '1317304822.5 CONN 7 9 up\n1317304920.75 CONN 7 9 down\n' >"$work/in"
becomes one "times since 1970, from the first second" <<'END'
# second 0 was 1317304822
0.5 CONN 7 9 up
98.75 CONN 7 9 down
END
printf '10 CONN 1 2 up\n11 CONN 2 1 up\n' >"$work/in"
refuses one "$work/in:2: nodes 1 and 2 are in touch already"
printf '# no up\n10 CONN 1 2 down\n' >"$work/in"
refuses one "$work/in:2: nodes 1 and 2 are not in touch"
printf '10 MEET 1 2 up\n' >"$work/in"
refuses one "$work/in:1: must be like \"20.0 CONN 3 17 up\""
printf '10 CONN 1 p up\n' >"$work/in"
refuses one "$work/in:1: must be like"
printf '10 C M1 0 2 2000\n' >"$work/in"
refuses one "$work/in has no contact"

printf '%s\t1601\t%s\tA\tB\n' 1247652580 1108 1247652600 1108 1247652600 1200 \
    1247652660 1108 >"$work/in"
printf '1247652610 1108 1601\n' >>"$work/in"
becomes tij "sightings joined, from the first" <<'END'
# second 0 was 1247652580
# node 0 was 1108
# node 1 was 1200
# node 2 was 1601
0 CONN 0 2 up
20 CONN 1 2 up
40 CONN 1 2 down
50 CONN 0 2 down
80 CONN 0 2 up
100 CONN 0 2 down
END
runs mobility.model=trace mobility.trace=got
printf '"t","i","j"\r\n20.5,1108,1601\r\n40.5;1108;1601\r\n' >"$work/in"
becomes tij "a table below its names, and parts of seconds" <<'END'
# second 0 was 20.5
# node 0 was 1108
# node 1 was 1601
0 CONN 0 1 up
40 CONN 0 1 down
END
printf '20 1 2\nt i j\n' >"$work/in"
refuses tij "$work/in:2: must be like \"54120 1108 1601\""
printf '20 A1 B2\n' >"$work/in"
refuses tij "the numbers of two different persons"
printf '20 1 2\n40 1\n' >"$work/in"
refuses tij "$work/in:2: must be like \"54120 1108 1601\""
printf '20 7 7\n' >"$work/in"
refuses tij "$work/in:1: must be like"
printf '20 1 2\n40000000 1 2\n' >"$work/in"
refuses tij "from its first contact; a trace can have 31622400"
: >"$work/in"
refuses tij "$work/in has no contact"

cat >"$work/in" <<'END'
1 9 100 160 1 0
9 1 150 200
2 1 300 300 1 0
END
becomes haggle "what both saw once, what one saw for a second" <<'END'
# second 0 was 100
# node 0 was 1
# node 1 was 2
# node 2 was 9
0 CONN 0 2 up
101 CONN 0 2 down
200 CONN 0 1 up
201 CONN 0 1 down
END
runs mobility.model=trace mobility.trace=got
printf '%% devices\n9 1 100.25 160.5\n' >"$work/in"
becomes haggle "a remark, and parts of seconds" <<'END'
# second 0 was 100.25
# node 0 was 1
# node 1 was 9
0 CONN 0 1 up
61.25 CONN 0 1 down
END
printf '1 9 100 160\n1 9 300 200 2 40\n' >"$work/in"
refuses haggle "$work/in:2: ends (200) before it begins (300)"
printf '1 9 100\n' >"$work/in"
refuses haggle "$work/in:1: must be like \"1 7 5120 5240\""

cat >"$work/in" <<'END'
<?xml version="1.0"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key id="k0" for="node" attr.name="type" attr.type="string"/>
  <key id="k1" for="edge" attr.name="type" attr.type="string"/>
  <graph edgedefault="undirected">
    <node id="hill &amp; dale"><data key="k0">roof</data></node>
    <node id="alone"/>
    <node id="mill"/>
    <edge source="hill &amp; dale" target="mill">
      <data key="k1">wi fi,5</data>
    </edge>
    <edge source="mill" target="mill"/>
    <edge source="mill" target="later"/>
    <node id="later"/>
  </graph>
</graphml>
END
becomes graphml "nodes by name, types, and no node without a link" <<'END'
src,dst,type
# node 0 was hill & dale
# node 1 was mill
# node 2 was later
0,1,wi_fi_5
1,2,other
END
runs mesh.topology=file mesh.file=got
sed 's/<node id="later"/<node id="mill"/' "$work/in" >"$work/in.2"
mv "$work/in" "$work/whole" && mv "$work/in.2" "$work/in"
refuses graphml "$work/in:14: there is a <node id=\"mill\"> already"
grep -v '<node id="later"' "$work/whole" >"$work/in"
refuses graphml "$work/in:13: an <edge> names \"later\", and there is no <node>"
sed '7d;s/<node id="mill"\/>/<node>/' "$work/whole" >"$work/in"
refuses graphml "$work/in:7: has no <node> id"
sed '/<graph /a<hyperedge/>' "$work/whole" >"$work/in"
refuses graphml "$work/in:6: a <hyperedge> joins many nodes"
sed '/<edge source="hill/a<edge source="mill" target="later"/>' \
    "$work/whole" >"$work/in"
refuses graphml "$work/in:10: an <edge> stands within an <edge>"
sed '$d' "$work/whole" >"$work/in"
refuses graphml "$work/in:16: is not well-formed XML"
echo '<svg/>' >"$work/in"
refuses graphml "$work/in:1: is not GraphML: it begins with <svg>"
echo '<graphml><graph><node id="a"/></graph></graphml>' >"$work/in"
refuses graphml "$work/in has no link between two nodes"

cat >"$work/in" <<'END'
{"version": 1, "batadv": {"directed": false,
  "nodes": [{"id": "a0:f3", "node_id": "a0f3"}, {"id": "b1:00"}, {"id": "c2"}],
  "links": [{"source": 0, "target": 1, "tq": 1.2, "vpn": true},
            {"source": 2, "target": 0, "tq": 1.0, "vpn": false}]}}
END
becomes freifunk "graph.json" <<'END'
src,dst,type
# node 0 was a0f3
# node 1 was b1:00
# node 2 was c2
0,1,vpn
2,0,other
END
runs mesh.topology=file mesh.file=got
cat >"$work/in" <<'END'
{"nodes": [{"node_id": "lone"}, {"node_id": "m\n0,1,x"}, {"node_id": "n"}],
 "links": [{"type": "wifi", "source": "n", "target": "m\n0,1,x"},
           {"type": "vpn", "source": "n", "target": "unlisted"},
           {"type": "client", "source": "n", "target": "telephone"}]}
END
becomes freifunk "meshviewer.json; no name gets out of its comment" <<'END'
src,dst,type
# node 0 was m?0,1,x
# node 1 was n
# node 2 was unlisted
1,0,wifi
1,2,vpn
END
runs mesh.topology=file mesh.file=got mesh.skip=vpn
echo '{"nodes": [{"id": "a"}], "links": [{"source": 0, "target": 1}]}' \
    >"$work/in"
refuses freifunk "$work/in: links[0].target is 1, and there are 1 nodes, from 0"
echo '{"links": [{"source": "a", "target": null}]}' >"$work/in"
refuses freifunk "$work/in: links[0].target: must be a node's name, or its place"
echo '{"nodes": [{"id": 3}], "links": []}' >"$work/in"
refuses freifunk "$work/in: nodes[0]: has neither a \"node_id\" nor an \"id\""
echo '{"nodes": {"a0f3": {}}}' >"$work/in"
refuses freifunk "$work/in has no list \"links\", at its top or in \"batadv\""
printf '{"links":\n[}\n' >"$work/in"
refuses freifunk "$work/in:2: is not well-formed JSON"
printf '{"nodes": [{"id": "%0200d"}], "links": []}' 0 >"$work/in"
refuses freifunk "$work/in: nodes[0]: a node's name must have 1 to 127 bytes"

rm "$work/in"
for format in one tij haggle graphml freifunk; do
    refuses "$format" "$work/in: No such file"
done
printf '10 CONN 1 2 up\n20 CONN 1 2 down\n' >"$work/in"
refuses csv '"csv" is no format; one, tij, haggle, graphml or freifunk is'
says() { # says WORDS OPTION...
    words=$1
    shift
    "$sim" import "$@" >"$work/said" 2>&1
    [ $? -eq 1 ] && grep -qF -- "$words" "$work/said"
    ok $? "$words"
}
says "import needs a format and a file" one
says "--out needs a value" one "$work/in" --out
says "--json is no option of import" one "$work/in" --json
says "$work/no/x: No such file" one "$work/in" --out "$work/no/x"
says "/dev/null: is no plain file" one "$work/in" --out /dev/null
if [ -w /dev/full ]; then
    "$sim" import one "$work/in" >/dev/full 2>"$work/said"
    [ $? -eq 1 ] && grep -q "standard output: No space" "$work/said"
    ok $? "a full disk is told"
else
    count=$((count + 1))
    echo "ok $count - a full disk is told # SKIP no /dev/full"
fi

# A file that cannot be written whole: what was there stays, alone.
i=0
while [ "$i" -lt 200 ]; do
    printf '%d CONN 1 2 up\n%d CONN 1 2 down\n' "$i" "$((i + 1))"
    i=$((i + 1))
done >"$work/in"
mkdir "$work/small"
echo before >"$work/small/got"
(
    ulimit -f 1
    "$sim" import one "$work/in" --out "$work/small/got" 2>"$work/said"
)
[ $? -eq 1 ] && grep -qF "$work/small/got: File too large" "$work/said" &&
    [ "$(cat "$work/small/"*)" = before ] &&
    [ "$(find "$work/small" -type f | wc -l)" -eq 1 ]
ok $? "a file that cannot be written whole leaves the one before"

# The real ones: they stay as they are, and come back out of sightings.
for name in infectious-2009-07-15 thiers2011; do
    trace=$data/contacts/sociopatterns-$name.one
    if ! [ -r "$trace" ] || ! command -v python3 >/dev/null; then
        count=$((count + 1))
        echo "ok $count - $name # SKIP no data, or no python3"
        continue
    fi
    "$sim" import one "$trace" 2>/dev/null | cmp -s - "$trace"
    ok $? "$name stays as it is"
    python3 - "$trace" >"$work/in" <<'END'
import sys
since = {}
for line in open(sys.argv[1]):
    at, _, one, other, change = line.split()
    if change == "up":
        since[one, other] = int(at)
        continue
    for second in range(since.pop((one, other)), int(at), 20):
        print(second, other, one, sep="\t")
END
    "$sim" import tij "$work/in" 2>/dev/null | grep -v '^#' | cmp -s - "$trace"
    ok $? "and can be had from its $(wc -l <"$work/in") sightings"
done
printf '0 1 2\n' >"$work/in"
cp "$work/in" "$work/before"
says "is the file to import, and would be replaced" tij "$work/in" \
    --out "$work/in"
cmp -s "$work/in" "$work/before"
ok $? "and it stays as it was"

done_testing
