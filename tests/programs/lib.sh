# shellcheck shell=sh
# SPDX-License-Identifier: GPL-3.0-or-later
# For program tests: real daemons below one temporary folder.  Source it, then
#
#   start NAME [OPTION...]   a node with its home in $home/NAME, ready
#   person NAME [OPTION...]  the same, with an identity, unlocked
#   introduce A B            each has the other's card, under its node's name
#   ok "claim" COMMAND...    one TAP line; the command's output only if it fails
#   done_testing             the plan; the exit code
#
# Everything that was started is ended by its process id, whatever happens: a
# script that is killed, so that it can end nothing, takes its nodes along.
# What a blocking verb can wait for is waited for with it (wait-ready, send
# --wait, wait on a process); a state that none tells of is looked at, in steps
# up to a bound, and never assumed after a time.

# shellcheck source=tests/until.sh disable=SC1091
. "${top_srcdir:-${srcdir:-.}}/tests/until.sh"

builddir=${top_builddir:-.}
PATH=$builddir:$PATH
export PATH

home=$(mktemp -d "${TMPDIR:-/tmp}/sotto-test.XXXXXX") || exit 99
nodes=
count=0
failed=0

clean_up() {
    for name in $nodes; do
        pid=$(pid_of "$name")
        [ -z "$pid" ] || kill "$pid" 2>/dev/null
    done
    for name in $nodes; do
        pid=$(pid_of "$name")
        [ -z "$pid" ] || wait "$pid" 2>/dev/null
    done
    rm -rf "$home"
}
trap clean_up EXIT
trap 'exit 130' HUP INT TERM

# Run a program that the kernel ends with this script, should that be killed.
bound() { exec setpriv --pdeathsig TERM "$@"; }

pid_of() { cat "$home/$1.pid" 2>/dev/null; }

bail() {
    echo "Bail out! $*"
    for log in "$home"/*.log; do
        [ ! -f "$log" ] || { echo "# $log"; tail -n 30 "$log" | sed 's/^/# /'; }
    done
    exit 99
}

# Run a command and make its success one TAP line.
ok() {
    claim=$1
    shift
    count=$((count + 1))
    "$@" >"$home/ok.out" 2>&1
    result=$?
    if [ "$result" -eq 0 ]; then
        echo "ok $count - $claim"
    else
        echo "not ok $count - $claim"
        echo "# exit $result of: $*"
        sed 's/^/# /' "$home/ok.out"
        for log in "$home"/*.log; do
            [ ! -f "$log" ] ||
                { echo "# $log"; tail -n 15 "$log" | sed 's/^/# /'; }
        done
        failed=$((failed + 1))
    fi
}

skip() { # skip CLAIM WHY
    count=$((count + 1))
    echo "ok $count - $1 # SKIP $2"
}

# Whether ASan and UBSan are built in, which need what the sandbox forbids.
sanitized() { grep -q '^#define SOTTO_SANITIZED 1' "$builddir/config.h"; }

skip_all() {
    echo "1..0 # SKIP $*"
    exit 0
}

done_testing() {
    echo "1..$count"
    [ "$failed" -eq 0 ]
    exit
}

# Whether a command ends with that exit code.
exits() {
    expected=$1
    shift
    "$@"
    actual=$?
    [ "$actual" -eq "$expected" ] ||
        { echo "exit $actual, not $expected"; return 1; }
}

# knows FILE WORD...: each word stands in the file as a whole word.
knows() {
    file=$top_srcdir/$1
    shift
    [ $# -gt 5 ] || return 1
    for word in "$@"; do
        grep -qE -e "(^|[^a-z-])$word([^a-z-]|\$)" "$file" ||
            { echo "$file lacks $word"; return 1; }
    done
}

launch() { # launch NAME [OPTION...]: as start, without waiting
    name=$1
    shift
    # A passphrase that costs little: what it costs is tested elsewhere.
    if [ ! -e "$home/$name/sotto.conf" ]; then
        mkdir -p "$home/$name"
        chmod 700 "$home/$name"
        printf '[vault]\npassphrase-cost = interactive\n%s\n' \
            'card-renewal = off' \
            >"$home/$name/sotto.conf"
    fi
    bound sottod --home "$home/$name" --listen tcp://127.0.0.1:0 --no-discovery \
        "$@" >>"$home/$name.log" 2>&1 &
    echo $! >"$home/$name.pid"
    case " $nodes " in *" $name "*) ;; *) nodes="$nodes $name" ;; esac
}

start() {
    launch "$@"
    sotto --home "$home/$1" wait-ready --timeout 30s >>"$home/$1.log" 2>&1 ||
        bail "$1 did not become ready"
}

stop() { # stop NAME [SIGNAL]: and wait until it is gone
    pid=$(pid_of "$1")
    [ -n "$pid" ] || return 0
    kill "-${2:-TERM}" "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
    stopped=$? # for the test to look at
    export stopped
    rm -f "$home/$1.pid"
}

# process NAME relay|vault: the process id of one of a node's two processes.
process() {
    parent=$(pid_of "$1")
    for status in /proc/[0-9]*/status; do
        grep -qs "^PPid:[[:space:]]$parent\$" "$status" || continue
        dir=${status%/status}
        if tr '\0' ' ' <"$dir/cmdline" | grep -q -e "--role $2 "; then
            echo "${dir#/proc/}"
            return 0
        fi
    done
    return 1
}

unlock() {
    sotto --home "$home/$1" unlock --passphrase-file "$home/$1.pass" \
        >>"$home/$1.log" 2>&1
}

person() {
    printf 'the passphrase of %s\n' "$1" >"$home/$1.pass"
    chmod 600 "$home/$1.pass"
    start "$@"
    sotto --home "$home/$1" init --passphrase-file "$home/$1.pass" \
        >>"$home/$1.log" 2>&1 || bail "$1 could not init"
    [ "$(vault_state "$1")" = unlocked ] || unlock "$1" ||
        bail "$1 could not unlock"
}

introduce() {
    sotto --home "$home/$1" add "$2" "$(sotto --home "$home/$2" id)" \
        >>"$home/$1.log" 2>&1 || bail "$1 could not add $2"
    sotto --home "$home/$2" add "$1" "$(sotto --home "$home/$1" id)" \
        >>"$home/$2.log" 2>&1 || bail "$2 could not add $1"
}

# json NAME EXPRESSION: evaluate Python on `status --json`, bound to s.
json() {
    sotto --home "$home/$1" status --json |
        python3 -c "import json, sys; s = json.load(sys.stdin); print($2)"
}
endpoint() { json "$1" 's["node"]["endpoints"][0]'; }
vault_state() { json "$1" 's["vault"]["state"]'; }
links_up() { # links_up NAME N: at least N links are up
    [ "$(json "$1" 'sum(l["state"] == "up" for l in s["links"])')" -ge "$2" ]
}
shelf_is() { [ "$(json "$1" 's["shelf"]["envelopes"]')" -eq "$2" ]; }

has_text() { # has_text NAME TEXT: shown exactly once
    [ "$(sotto --home "$home/$1" read --all --peek --json |
        grep -cF -e "$2")" -eq 1 ]
}

# refuses CODE TEXT COMMAND...: it ends with that code, says the text on
# standard error, and prints nothing.
refuses() {
    expected=$1
    text=$2
    shift 2
    "$@" >"$home/refuses.out" 2>"$home/refuses.err"
    actual=$?
    cat "$home/refuses.out" "$home/refuses.err"
    [ "$actual" -eq "$expected" ] ||
        { echo "exit $actual, not $expected"; return 1; }
    [ ! -s "$home/refuses.out" ] || { echo "something was printed"; return 1; }
    grep -qF -e "$text" "$home/refuses.err" ||
        { echo "nothing said of: $text"; return 1; }
}

# shows TEXT COMMAND...: it succeeds, and its output has the text.
shows() {
    text=$1
    shift
    "$@" >"$home/out" 2>"$home/err" || { cat "$home/err"; return 1; }
    cat "$home/out"
    grep -qF -e "$text" "$home/out"
}

# holds EXPRESSION COMMAND...: Python on the lines of its JSON, as rows, is true.
holds() {
    expression=$1
    shift
    "$@" >"$home/rows" || return 1
    cat "$home/rows"
    python3 -c 'import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
sys.exit(not eval("(" + sys.argv[2] + ")"))' "$home/rows" "$expression"
}
