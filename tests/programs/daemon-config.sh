#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What a node is told: right and wrong configurations, options, the sandbox.
# shellcheck source=tests/programs/lib.sh
. "${top_srcdir:-.}/tests/programs/lib.sh"

config() { # config LINE...: the configuration of home c
    mkdir -p "$home/c"
    printf '%s\n' "$@" >"$home/c/sotto.conf"
}
says() { # says WORDS COMMAND...: it ends with 1, and says that on stderr alone
    words=$1
    shift
    out=$("$@" 2>"$home/err")
    code=$?
    echo "exit $code, and said: $out"
    cat "$home/err"
    [ "$code" -eq 1 ] && [ -z "$out" ] && grep -qF -e "$words" "$home/err"
}
example() { sottod --example-config >"$home/example.conf"; }
state_is() { [ "$(vault_state "$1")" = "$2" ]; }

config '[relay]' '# a comment' 'lisen = tcp://*:1'
setting_is_named() {
    sottod "$@" 2>"$home/said"
    [ $? -eq 1 ] && cat "$home/said" && grep -qF \
        "is no option of sottod's; \"shelf\" is set in [relay] of sotto.conf" \
        "$home/said"
}
# These words go to standard output, which is what they were asked for.
unprinted() { # unprinted OPTION...: it is said where what they print cannot go
    for option in "$@"; do
        exits 1 sottod --home "$home/c" "$option" 2>"$home/said" >/dev/full ||
            return 1
        grep -q 'cannot write to standard output: No space' "$home/said" ||
            return 1
        exits 1 sottod --home "$home/c" "$option" 2>"$home/said" >&- || return 1
        grep -q 'standard output is closed' "$home/said" || return 1
    done
}
ok "a setting that is taken for an option is named" \
    setting_is_named --max-shelf 1G
ok "also with its value behind it" setting_is_named --shelf=1G
meant_is_named() {
    sottod --lisen tcp://127.0.0.1:0 2>"$home/said"
    [ $? -eq 1 ] && cat "$home/said" &&
        grep -qF "(did you mean --listen?)" "$home/said"
}
ok "and an option that is nearly one" meant_is_named
none_is_meant() {
    for word in --nope --zz; do
        exits 1 sottod "$word" 2>"$home/said" || return 1
        grep -qF -- "$word is no option of sottod's (see sottod --help)" \
            "$home/said" || { cat "$home/said"; return 1; }
    done
}
ok "what is near to none is told where they are" none_is_meant
ok "a broken configuration is refused: file, line, and the nearest" \
    says "$home/c/sotto.conf:3: there is no \"lisen\" in [relay]; the nearest is \"listen\"" \
    sottod --home "$home/c"
ok "and before anything is made" [ ! -e "$home/c/run" ]
ok "--check-config says the same" \
    says 'c/sotto.conf:3: ' sottod --home "$home/c" --check-config
ok "--help works all the same" sottod --home "$home/c" --help
ok "--version, too" sottod --home "$home/c" --version
config '[relay]' 'discovery = off'
ok "what cannot be printed is said, and ends with 1" \
    unprinted --version --help --example-config --check-config
ok "--check-config likes a right one" \
    sottod --home "$home/c" --check-config
mkdir "$home/e"
check_e() { sottod --home "$home/e" --check-config; }
ok "where there is none it says so" \
    test "$(check_e)" = "$home/e/sotto.conf: there is none, and none is needed"
: >"$home/e/sotto.conf"
ok "an empty one is there, and right" \
    test "$(check_e)" = "$home/e/sotto.conf: right"
ok "an example can be had" example
ok "and is right" sottod --config "$home/example.conf" --check-config
ok "a --config that is not there is an error" \
    says 'No such file' sottod --home "$home/c" --config "$home/none"
ok "an unknown option is an error" \
    says '--bogus' sottod --home "$home/c" --bogus
ok "a home too deep for a socket is an error" \
    says '107 bytes' sottod --home "/$(printf '%0120d' 0)"

ok "an empty --home is not the usual one" \
    says '--home needs a value' sottod --home ''
ok "a home that cannot be made is named" \
    says '/proc/none/relay: ' sottod --home /proc/none
mkdir -p "$home/dir/sotto.conf"
ok "a directory is no configuration" \
    says "$home/dir/sotto.conf: Is a directory" sottod --home "$home/dir"
ok "a name to listen on is answered with the form" \
    says 'a numeric IPv4 address' \
    sottod --home "$home/d" --listen tcp://localhost:1
key=$(printf '%064d' 1)
ok "a port that is none is answered with the range" \
    says 'a number from 1 to 65535' \
    sottod --home "$home/d" --connect "tcp://127.0.0.1:99999#$key"
ok "nothing to unlock is an error" \
    says 'no vault' sottod --home "$home/d" --relay-only --unlock-with /dev/null
config '[relay]' 'shelf = 2M' 'shelf = 4M'
ok "a value given twice is an error that names both lines" \
    says 'c/sotto.conf:3: "shelf" is there already, in line 2' \
    sottod --home "$home/c"
ok "sotto config check speaks in its own name" \
    says 'sotto: ' sotto --home "$home/c" config check

config '[relay]' 'shelf = 2M'
start c
ok "settings reach the node" [ "$(json c 's["shelf"]["quota_bytes"]')" -eq 2097152 ]
taken=$(endpoint c | sed 's/#.*//')
ok "an address that is taken is an error" \
    says "$taken" sottod --home "$home/d" --no-discovery --listen "$taken"
stop c

person u
stop u
start u --unlock-with "$home/u.pass"
ok "wait-ready ends when --unlock-with has unlocked, and not before" \
    state_is u unlocked
sotto --home "$home/u" lock >>"$home/u.log" 2>&1
ok "what a person then locks is ready, too" \
    sotto --home "$home/u" wait-ready --timeout 30s
stop u
printf 'another passphrase\r\n' >"$home/wrong.pass"
chmod 600 "$home/wrong.pass"
launch u --unlock-with "$home/wrong.pass"
ok "with a wrong passphrase it ends with 5" \
    refuses 5 "--unlock-with is wrong" \
    sotto --home "$home/u" wait-ready --timeout 30s
ok "status says so" shows "--unlock-with did not open it" \
    sotto --home "$home/u" status
ok "and the log why" grep -q -- '--unlock-with: wrong passphrase' "$home/u.log"
ok "also that the line ends of Windows are a part of it" \
    grep -qF "the first line of its file ends in CR, as in Windows" \
    "$home/u.log"
unlock u
ok "whoever unlocks it by hand makes it ready" \
    sotto --home "$home/u" wait-ready --timeout 30s
stop u
start v --unlock-with "$home/u.pass"
ok "a vault that is not made yet is ready" state_is v empty
stop v
chmod 640 "$home/u.pass"
ok "--unlock-with a file that others may read is an error, and what is right" \
    says "$home/u.pass: other users could read or change it" \
    sottod --home "$home/u" --no-discovery \
    --listen tcp://127.0.0.1:0 --unlock-with "$home/u.pass"
ok "--unlock-with a file that is not there is an error" \
    says "--unlock-with $home/none: No such file or directory; the passphrase is" \
    sottod --home "$home/u" --no-discovery \
    --listen tcp://127.0.0.1:0 --unlock-with "$home/none"
echo >"$home/blank.pass"
chmod 600 "$home/blank.pass"
ok "so is one whose first line is empty" \
    says "--unlock-with $home/blank.pass: its first line is empty; the passphrase" \
    sottod --home "$home/u" --no-discovery \
    --listen tcp://127.0.0.1:0 --unlock-with "$home/blank.pass"

options=$(sottod --help | sed -n 's/^  --/&/p' | grep -oE -e '--[a-z-]+' |
    sed 's/--/(-*)?/' | sort -u)
for page in man/sottod.8 contrib/completions/sottod.bash \
    contrib/completions/sottod.fish contrib/completions/_sottod; do
    # shellcheck disable=SC2086 # words
    ok "$page knows every option" knows "$page" $options
done
ok "no line of a manual runs into a macro" \
    exits 1 grep -nE '(^|[^\])\\$' "$top_srcdir"/man/*.[1-8]
completed() { bash -c '. "$1"; COMP_WORDS=(sottod "$2" "$3"); COMP_CWORD=2
    _sottod; echo "${COMPREPLY[@]}"' completed \
    "$top_srcdir/contrib/completions/sottod.bash" "$@"; }
ok "an option is completed" [ "$(completed --relay-only --unl)" = --unlock-with ]
ok "and so are its words" [ "$(completed --sandbox '')" = "enforce log off" ]

claim="the sandbox refuses what it must"
if sanitized; then
    skip "$claim" "sanitizers need system calls that it forbids"
else
    ok "$claim" sottod --self-test
fi

done_testing
