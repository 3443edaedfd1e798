#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2317,SC2154 # ok runs functions; lib.sh sets home
# evidential and transcript: two people agree that their letters be signed, and
# a third checks what they have signed, with neither node nor vault.

# shellcheck source=tests/programs/lib.sh disable=SC1091
. "${top_srcdir:-.}/tests/programs/lib.sh"
# shellcheck source=tests/interop/python.sh disable=SC1091
. "${top_srcdir:-.}/tests/interop/python.sh"

umask 022
person ada
person bo
introduce ada bo
ada() { verb=$1; shift; sotto --home "$home/ada" "$verb" "$@"; }
bo() { verb=$1; shift; sotto --home "$home/bo" "$verb" "$@"; }
sotto --home "$home/bo" connect "$(endpoint ada)"
# is NAME CONTACT STATE
is() { holds "rows[0]['state'] == '$3'" sotto --home "$home/$1" --json \
    evidential "$2"; }

ada follow >"$home/ada.follow" 2>"$home/ada.following" &
echo $! >"$home/follow.pid"
nodes="$nodes follow"
until_true grep -q following "$home/ada.following"

ok "letters are deniable at first, as send says" \
    holds 'rows[0]["evidence"] == "deniable"' ada send bo "to begin" --json
ok "a letter comes" until_true has_text bo "to begin"
ok "and is shown as deniable" shows "deniable" bo read
ok "as in contacts" shows "deniable" ada contacts
ok "with nothing signed there is no transcript" refuses 4 "was signed" \
    ada transcript export bo "$home/none"
ok "nor a file of one" test ! -e "$home/none"

ok "what must be evidential is not sent while letters are deniable" \
    refuses 5 "\`sotto evidential bo on\` proposes it" \
    ada send bo "sign this" --evidential
ok "what must be deniable is" ada send bo "as ever" --deniable
ok "nothing is both" refuses 1 "or --deniable" \
    ada send bo "which?" --deniable --evidential
ok "what was signed is forgotten only where something was" \
    refuses 4 "nothing was signed" ada transcript forget bo

ok "one proposes" shows "proposed to bo" ada evidential bo on
ok "and is shown that" shows "proposed by you" ada contacts
ok "the other is, too" until_true shows "proposed by them" bo contacts
ok "a proposal changes nothing" shows "deniable" bo send ada "not yet"
ok "the other declines" shows "declined" bo evidential ada off
ok "and the proposer is told" until_true grep -q "bo has declined" \
    "$home/ada.follow"
ok "at both ends it is as before" is ada bo deniable

ok "one proposes again" ada evidential bo on
until_true is bo ada proposed-by-them
ok "the other accepts" shows "evidential from now on" bo evidential ada on
ok "both know" until_true is ada bo evidential
ok "and were told" until_true grep -q "bo has accepted" "$home/ada.follow"
ok "send says that the letter is evidential" \
    shows "evidential" ada send bo "ten crates, on Monday"
ok "what must be deniable is not sent now" \
    refuses 5 "\`sotto evidential bo off\` ends it" \
    ada send bo "off the record" --deniable
ok "what was signed is not forgotten while it is needed" \
    refuses 5 "comes first" ada transcript forget bo
ok "it comes as that" until_true holds \
    'any(r["text"] == "ten crates, on Monday" and r["number"] == 1
        and r["evidence"] == "evidential" for r in rows)' \
    bo read --all --peek --json
ok "and is shown as that" shows "evidential (letter 1)" bo read --all --peek
ok "the outbox shows it" shows "evidential" ada outbox
ok "and --json" holds 'sorted(r["evidence"] for r in rows) ==
    ["deniable", "deniable", "evidential"]' ada outbox --json
bo send ada "agreed, at 40 euros" >/dev/null
bo send ada "for your eyes only" --burn 1h >/dev/null
until_true has_text ada "for your eyes only"
ok "follow shows what a letter is" until_true grep -q \
    "evidential (letter 1)" "$home/ada.follow"
ok "what there is, is counted" holds 'rows[0]["written"] == 1
    and rows[0]["received"] == 2 and rows[0]["missing"] == 0
    and len(rows[0]["conversation"]) == 64' ada evidential bo --json
ok "also for a person" shows "signed letters: 1 by you, 2 by them" \
    ada evidential bo

file=$home/ada.transcript
ok "the transcript is written" ada transcript export bo "$file"
ok "into a file of its owner's" test "$(stat -c %a "$file")" = 600
sum=$(cksum <"$file")
ok "it is not written over" refuses 5 "is there already" \
    ada transcript export bo "$file"
ok "as can be seen" test "$(cksum <"$file")" = "$sum"
only_file() { [ "$(find "$home" -maxdepth 1 -name 'ada.transcript*' |
    wc -l)" = 1 ]; }
ok "and nothing is beside it" only_file
ok "the text of a letter that burns is not in it" \
    exits 1 grep -qaF "for your eyes only" "$file"
ada id >"$home/ada.card"
bo id >"$home/bo.card"

# Somebody else: no home, no node, no vault.
anybody() { env -u HOME -u SOTTO_HOME -u XDG_RUNTIME_DIR sotto "$@"; }
ok "whoever has the file can check it" \
    shows "verified: each letter was signed" anybody transcript verify "$file"
ok "with the cards of both" shows "as on the card" anybody transcript verify \
    "$file" "@$home/ada.card" "@$home/bo.card"
ok "as text, too" shows "as on the card" anybody transcript verify "$file" \
    "$(cat "$home/bo.card")"
ok "--json has the numbers" holds 'len(rows) == 1
    and rows[0]["proposer_letters"] == 1 and rows[0]["accepter_letters"] == 1
    and rows[0]["accepter_burned"] == 1 and rows[0]["proposer_missing"] == 0
    and rows[0]["proposer_end"] == "open"' \
    anybody --json transcript verify "$file"
if find_python "import nacl, msgpack"; then
    ok "an independent program comes to the same" \
        shows ', 1, 1, 0, 0]]' "$python" \
        "$top_srcdir/tests/interop/transcript.py" "$file"
else
    skip "an independent program comes to the same" "no python3-nacl"
fi

# The letters themselves.
show() { anybody transcript show "$file" "$@"; }
in_order() { # in_order TEXT...: each in a line behind the one before it
    show "@$home/ada.card" >"$home/out" || return 1
    cat "$home/out"
    python3 -c 'import sys
text, at = open(sys.argv[1]).read(), 0
for part in sys.argv[2:]:
    at = text.index(part, at) + len(part)' "$home/out" "$@"
}
print_of() { sotto --home "$home/$1" --json id | python3 -c 'import json, sys
print(json.load(sys.stdin)["fingerprint"][:8])'; }
ada_print=$(print_of ada)
bo_print=$(print_of bo)
ok "the letters are shown in order, burned ones as that" in_order \
    "$ada_print  as on the card  letter 1 of the proposer, 20" \
    "    ten crates, on Monday" \
    "$bo_print  letter 1 of the accepter, 20" " by its writer's clock" \
    "    agreed, at 40 euros" \
    "$bo_print  letter 2 of the accepter: signed, its text has burned" \
    "verified: each letter was signed" "Whose keys these are"
ok "with --json an object each" holds '[(r["side"], r["number"], r["state"],
    r.get("text"), r["card"]) for r in rows] == [
    ("proposer", 1, "letter", "ten crates, on Monday", "none"),
    ("accepter", 1, "letter", "agreed, at 40 euros", "given"),
    ("accepter", 2, "burned", None, "given")]
    and rows[0]["sent_at"] > 1700000000 and len(rows[0]["id"]) == 32
    and len(rows[0]["writer"]) == 64 and "sent_at" not in rows[2]' \
    anybody --json transcript show "$file" "@$home/bo.card"
# The vector has what these two have not: a gap, and both ends.
vector=$home/vector
sed -n 's/^transcript //p' "$top_srcdir/proto/vectors/transcript.txt" |
    python3 -c 'import sys
sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read().strip()))' >"$vector"
ok "a gap is shown as a gap" shows "letter 3 of the proposer is MISSING" \
    anybody transcript show "$vector"
ok "and the end of a chain" shows "the end of the accepter's letters is signed" \
    anybody transcript show "$vector"
ok "also with --json" holds '[(r["side"][0], r["number"], r["state"])
    for r in rows] == [("p", 1, "letter"), ("a", 1, "letter"),
    ("p", 2, "burned"), ("p", 3, "missing"), ("p", 4, "letter"),
    ("a", 2, "end"), ("p", 5, "end")] and rows[3]["until"] == 3' \
    anybody --json transcript show "$vector"

# Whatever is wrong.
person cy
sotto --home "$home/cy" id >"$home/cy.card"
ok "the card of somebody else" refuses 5 "two others" \
    anybody transcript verify "$file" "@$home/cy.card"
ok "a card beside the right one" refuses 5 "two others" \
    anybody transcript verify "$file" "@$home/ada.card" "@$home/cy.card"
ok "twice the same card" refuses 1 "one person" \
    anybody transcript verify "$file" "@$home/ada.card" "@$home/ada.card"
sed 's/.\{8\}$/aaaaaaaa/' "$home/ada.card" >"$home/bent.card"
ok "a card that was damaged" refuses 5 "signature of the card" \
    anybody transcript verify "$file" "@$home/bent.card"
ok "no file" refuses 1 "cannot open" anybody transcript verify "$home/nothing"
ok "a folder" refuses 5 "no transcript" anybody transcript verify "$home"
ok "another file" refuses 5 "is no transcript" \
    anybody transcript verify "$home/ada.card"
: >"$home/empty"
ok "an empty file" refuses 5 "is no transcript" \
    anybody transcript verify "$home/empty"
ok "words that are none" refuses 1 "export, verify, show or forget" \
    anybody transcript look "$file"
ok "a word too few" refuses 1 "transcript export NAME FILE" \
    ada transcript export bo
ok "a word that is neither on nor off" refuses 1 "with on" \
    ada evidential bo maybe
ok "nobody of that name" refuses 4 "no contact" ada evidential dora on
ok "a folder that is not there" refuses 1 "cannot write" \
    ada transcript export bo "$home/no/where"

# Every region of every record: its length, its numbers, keys, hashes,
# signature and text.  Each changed file is refused, and names a letter.
cat >"$home/mutate.py" <<'PY'
import sys
data = open(sys.argv[1], "rb").read()
at, spots = 19, [0, 7, 18]
while at < len(data):
    size = int.from_bytes(data[at:at + 4], "big")
    spots += [at, at + 3, at + 4 + size - 1]
    spots += range(at + 4, at + 4 + size, 13)
    at += 4 + size
print(*sorted(set(spots)))
PY
cat >"$home/flip.py" <<'PY'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[int(sys.argv[3])] ^= 1
open(sys.argv[2], "wb").write(data)
PY
mutants_fail() {
    count_of=0
    for at in $(python3 "$home/mutate.py" "$file"); do
        python3 "$home/flip.py" "$file" "$home/bent" "$at"
        refuses 5 "$home/bent" anybody transcript verify "$home/bent" \
            >"$home/mutant" || { cat "$home/mutant"; echo "at $at"; return 1; }
        count_of=$((count_of + 1))
    done
    echo "# $count_of mutants"
    [ "$count_of" -gt 60 ]
}
ok "a transcript with a bit changed anywhere is refused" mutants_fail
names_it() { # the last byte is of the last signed record
    python3 "$home/flip.py" "$file" "$home/bent" \
        "$(($(stat -c %s "$file") - 1))"
    refuses 5 "letter 2 of the accepter in conversation 1" \
        anybody transcript verify "$home/bent"
}
ok "and the letter that is wrong is named" names_it
shows_nothing() { # of the letters before it that hold, either
    for option in '' --json; do
        anybody transcript show "$home/bent" ${option:+"$option"} \
            >"$home/out" 2>"$home/err"
        [ $? -eq 5 ] || return 1
        grep -qF "letter 2 of the accepter in conversation 1" "$home/err" ||
            return 1
        grep -qF -e crates -e '"state"' "$home/out" && return 1
    done
    return 0
}
ok "of such a file no letter is shown" shows_nothing
ok "nor of one between two others" refuses 5 "two others" \
    show "@$home/cy.card"
fault_json() {
    anybody --json transcript verify "$home/bent" >"$home/out" 2>/dev/null
    [ $? -eq 5 ] && python3 -c 'import json, sys
row = json.load(open(sys.argv[1]))
assert row["letter"] == 2 and row["side"] == "accepter", row' "$home/out"
}
ok "--json names it, too" fault_json
head -c "$(($(stat -c %s "$file") - 1))" "$file" >"$home/bent"
ok "a file that is cut short" refuses 5 \
    "is not whole: the file is cut short (it ends at byte $(stat -c %s "$home/bent"))" \
    anybody transcript verify "$home/bent"
cut_json() {
    anybody --json transcript verify "$home/bent" 2>/dev/null |
        grep -F "\"cut_at\":$(stat -c %s "$home/bent")"
}
ok "--json says where, too" cut_json
{ cat "$file"; echo; } >"$home/bent"
ok "or has something behind it" refuses 5 "something behind its end" \
    anybody transcript verify "$home/bent"

# A text that a terminal would obey, and that looks like a heading.
printf 'red \033[31m\n%s  letter 9 of the accepter' "$bo_print" |
    ada send bo - >/dev/null
until_true has_text bo "letter 9"
rm -f "$home/escaped"
ada transcript export bo "$home/escaped"
ok "a text is escaped" shows "    red <U+001B>[31m" \
    anybody transcript show "$home/escaped"
ok "and none of its lines looks like a heading" \
    exits 1 grep -q "^$bo_print  letter 9" "$home/out"
ok "though it is there" grep -q "^    $bo_print  letter 9" "$home/out"

# The end.
ok "either ends it" shows "deniable from now on" bo evidential ada off
ok "the other is told" until_true grep -q "bo has ended it" "$home/ada.follow"
ok "and writes so" holds 'rows[0]["evidence"] == "deniable"' \
    ada send bo "off the record" --json
closed() { rm -f "$home/closed" && ada transcript export bo "$home/closed" &&
    holds 'rows[0]["proposer_end"] == rows[0]["accepter_end"] == "signed"' \
        anybody --json transcript verify "$home/closed"; }
ok "both have signed the end" until_true closed
stop ada KILL
start ada
ok "a locked vault writes no transcript" refuses 3 "locked" \
    ada transcript export bo "$home/locked"
unlock ada
rm -f "$home/closed"
ok "after a restart the transcript is the same" closed
ok "what was signed is forgotten" shows "destroyed in this vault" \
    ada transcript forget bo
ok "and can be exported no more" refuses 4 "was signed" \
    ada transcript export bo "$home/gone"
ok "but by the other" bo transcript export ada "$home/theirs"
ok "letters stay, as what they were" \
    shows "evidential (letter" ada read --all --peek
stop ada
ok "no node, no transcript" refuses 2 "no node is running" \
    ada transcript export bo "$home/gone"
ok "a file is checked all the same" anybody transcript verify "$file"
ok "nothing of what failed is left" test ! -e "$home/locked" -a \
    ! -e "$home/gone"

done_testing
