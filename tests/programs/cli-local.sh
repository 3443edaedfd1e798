#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2317,SC2154 # ok runs functions; lib.sh sets home
# sotto where no node runs: help, wrong command lines, and what is said then.

# shellcheck source=tests/programs/lib.sh disable=SC1091
. "${top_srcdir:-.}/tests/programs/lib.sh"

none=$home/none
is_json() { "$@" | python3 -c 'import json, sys; json.loads(sys.stdin.read())'; }
verbs() { sotto help | sed -n 's/^  \([a-z-]*\) .*/\1/p'; }
options() { for verb in $(verbs); do sotto help "$verb"; done |
    sed -n 's/^  --\([a-z-]*\) .*/\1/p' | sort -u; }

ok "help lists the verbs" shows "sotto help VERB" sotto help
ok "a verb's help names its options" shows "--expire TIME" sotto help send
ok "--help after a verb is its help" shows "--expire TIME" sotto send --help
ok "--help needs no verb" shows "usage: sotto" sotto --help
ok "--version prints the version" shows "sotto " sotto --version
ok "version --json is an object" is_json sotto version --json
ok "limits are printed" shows text_bytes sotto limits
ok "limits --json is an object" is_json sotto --json limits

each_verb_has_help() {
    [ "$(verbs | wc -l)" -ge 20 ] || return 1
    for verb in $(verbs); do
        sotto help "$verb" | grep -q "^usage: sotto $verb" ||
            { echo "$verb"; return 1; }
    done
}
ok "every verb has help" each_verb_has_help

# Manual pages and completions spell an option with one hyphen of their own,
# or with none.
for page in man/sotto.1 contrib/completions/sotto.bash \
    contrib/completions/sotto.fish contrib/completions/_sotto; do
    # shellcheck disable=SC2046 # words
    ok "$page knows every verb" knows "$page" $(verbs)
    # shellcheck disable=SC2046
    ok "$page knows every option" knows "$page" \
        $(options | sed 's/.*/(-*)?&/')
done
ok "the completion for bash is bash" bash -n \
    "$top_srcdir/contrib/completions/sotto.bash"

ok "no verb is a usage error" refuses 1 "sotto help" sotto
ok "an unknown verb is a usage error, with the nearest" \
    refuses 1 "did you mean send?" sotto sned
ok "an unknown option is a usage error, with the nearest" \
    refuses 1 "did you mean --json?" sotto status --jsn
ok "an option of another verb is refused" \
    refuses 1 "status takes no --burn" sotto status --burn 5m
ok "too few words show the form" \
    refuses 1 "sotto send NAME [TEXT]" sotto send
ok "a verb that can do several things is asked which" refuses 1 \
    "sotto group what? new, add, remove, leave, forget, list, members or send (" \
    sotto group
ok "so are the others" refuses 1 "sotto file what? list, get or cancel (" \
    sotto file
ok "also where more must follow" refuses 1 \
    "sotto bundle what? export, import or digest (" sotto bundle
ok "and of forms their first words" refuses 1 \
    "sotto transcript what? export, verify, show or forget (" sotto transcript
for verb in bundle transcript config group file note; do
    ok "$verb says which word it does not know, and which it does" \
        refuses 1 "sotto $verb knows no \"foo\", but $(sotto help "$verb" |
            sed -n 's/^usage: sotto [a-z]* \([a-z]*\).*/\1/p')" \
        sotto --home "$none" "$verb" foo
done
ok "also the last of them, before more words" refuses 1 \
    'sotto transcript knows no "foo", but export, verify, show or forget (' \
    sotto transcript foo bar
ok "of a word that it knows it says what is missing" \
    refuses 1 "too few words: sotto bundle" sotto --home "$none" bundle export
ok "what near nothing was meant is not guessed at" \
    refuses 1 "unknown option --nope (a text" sotto status --nope
ok "too many words suggest quotes" \
    refuses 1 "quotes" sotto send bo one two three
ok "and name the first that is too many" \
    refuses 1 'from "extra" on' sotto panic --yes extra
ok "in a group, too" refuses 1 'from "extra" on' sotto --home "$none" \
    group leave lantern extra

# Each verb, with so many words, of which one is empty, for any place of it.
empties_are_refused() {
    for verb in $(verbs); do
        found=0
        for words in 'E' 'E x' 'x E' 'E x x' 'x E x' 'x x E' 'E x x x' \
            'x E x x' 'x x E x' 'x x x E'; do
            set --
            for word in $words; do
                set -- "$@" "$(echo "$word" | tr -d E)"
            done
            refuses 1 "" sotto --home "$none" "$verb" "$@" >"$home/empty" ||
                { echo "$verb: $words"; cat "$home/empty"; return 1; }
            ! grep -q "word after $verb is empty" "$home/refuses.err" ||
                found=$((found + 1))
            grep -q -e "is empty" -e "too many" -e "too few" \
                -e 'knows no "x"' "$home/refuses.err" ||
                { echo "$verb: $words"; cat "$home/empty"; return 1; }
        done
        echo "$verb $found"
        [ "$found" -gt 0 ] || ! sotto help | grep -q "^  $verb [^ ]" ||
            return 1
    done
}
ok "no verb takes an empty word for anything" empties_are_refused
ok "help about no verb is refused" refuses 1 "no verb frob" sotto help frob
ok "help about a word of a verb" shows "usage: sotto config check" \
    sotto help config check
ok "and one of its later forms" \
    shows "usage: sotto transcript export" sotto help transcript forget
ok "and about one that it has not" \
    refuses 1 "no config chekc" sotto help config chekc
ok "an argument that is not UTF-8 is refused" \
    refuses 1 "not UTF-8" sotto send bo "$(printf '\377')"
ok "a wrong unit is answered with the right ones" \
    refuses 1 "90s, 5m, 2h, 7d" sotto --home "$none" send bo x --expire 5w
ok "an expiry that is not in hours is refused" \
    refuses 1 "whole hours" sotto --home "$none" send bo x --expire 90m
ok "an expiry over the limit is refused, with the numbers" \
    refuses 5 "--expire 15d is over the limit of 336h (14d)" \
    sotto --home "$none" send bo x --expire 15d
ok "a burn timer over the limit is refused, with the numbers" \
    refuses 5 "--burn 9999d is over the limit of 365d" \
    sotto --home "$none" send bo x --burn 9999d
ok "an unknown state to wait for is refused" \
    refuses 1 "handed, delivered or read" \
    sotto --home "$none" send bo x --wait sent
ok "a timeout without a wait is refused" \
    refuses 1 "--wait" sotto --home "$none" send bo x --timeout 5s
ok "an empty text is refused" \
    refuses 1 "second word after send is empty" \
    sotto --home "$none" send bo ""
nothing() { printf '' | sotto --home "$none" send bo; }
ok "from standard input, too" refuses 1 "the text is empty" nothing
long_text() { head -c 24577 /dev/zero | tr '\0' x |
    sotto --home "$none" send bo -; }
ok "a text over the limit is refused, with the numbers" \
    refuses 5 "24577 bytes; a letter holds at most 24576" long_text
not_text() { printf 'a\377b' | sotto --home "$none" send bo; }
ok "a text that is not UTF-8 is refused" refuses 1 "not UTF-8" not_text
nul_text() { printf 'a\0b' | sotto --home "$none" send bo; }
ok "a text with a NUL is refused" refuses 1 "NUL" nul_text
ok "what is no card is refused" \
    refuses 1 "begins with sotto:" sotto --home "$none" add bo hello
ok "of one that was cut the lengths are named" \
    refuses 1 "328 characters, an invite 586; this has 11" \
    sotto --home "$none" add bo sotto:hello
damaged() { sotto --home "$none" add bo "sotto:$(printf '%0322d' 0)"; }
ok "of one that has the length, that it was damaged" \
    refuses 1 "damaged on its way" damaged
ok "nor is a file without a name" \
    refuses 1 "@FILE" sotto --home "$none" add bo @
ok "a card file that is not there is named" \
    refuses 1 "$home/nothing" sotto --home "$none" add bo "@$home/nothing"
ok "what is no endpoint is refused" \
    refuses 1 "no endpoint" sotto --home "$none" connect bo
ok "an endpoint without a key is refused" \
    refuses 1 "64 hexadecimal digits" \
    sotto --home "$none" connect tcp://192.0.2.1:7311
key=$(printf '%064d' 1)
ok "a port that is none is refused, with the range" \
    refuses 1 "a number from 1 to 65535" \
    sotto --home "$none" connect "tcp://192.0.2.1:99999#$key"
ok "a limit of nothing is refused" \
    refuses 1 "--limit" sotto --home "$none" read --limit 0

for verb in id contacts read follow outbox status peers lock wait-ready; do
    case $verb in wait-ready) set -- --timeout 0s ;; *) set -- ;; esac
    ok "$verb without a node says how to start one" \
        refuses 2 "no node is running in $none (start one with: sottod --home" \
        sotto --home "$none" "$verb" "$@"
done
home_variable() { SOTTO_HOME=$none sotto status; }
ok "SOTTO_HOME stands for --home" refuses 2 "in $none" home_variable
ok "asking made no files" test ! -e "$none"

to_full() { sotto limits >/dev/full; }
ok "output that cannot be written is a failure" \
    refuses 1 "cannot write to standard output" to_full
to_closed() { sotto limits >&-; }
ok "a closed standard output is a failure" refuses 1 "closed" to_closed
ok "no colours where output is no terminal" \
    shows "usage" env TERM=xterm sotto help

done_testing
