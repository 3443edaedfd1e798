# shellcheck shell=sh disable=SC2034 # whoever sources it looks at these
# SPDX-License-Identifier: GPL-3.0-or-later
# For tests of sotto-sim as a program: $sim, a folder $work that goes with the
# test, and the lines of TAP.
sim=${top_builddir:-.}/sotto-sim
SOTTO_SCENARIOS=${top_srcdir:-.}/sim/scenarios
export SOTTO_SCENARIOS
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
count=0
failed=0

ok() { # ok STATUS WHAT
    count=$((count + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $count - $2"
    else
        echo "not ok $count - $2"
        failed=1
    fi
}
says() { # says CODE WORDS COMMAND...: it exits so and says so
    code=$1
    words=$2
    shift 2
    "$@" >"$work/out" 2>&1
    got=$?
    [ "$got" -eq "$code" ] && grep -qF -- "$words" "$work/out"
    result=$?
    [ $result -eq 0 ] || sed 's/^/# /' "$work/out"
    ok $result "$words"
}
# interrupt PID: and wait for its end.  A shell's background jobs ignore SIGINT;
# SIGTERM means the same to a run.  The signals are blocked while it is going on
# and asked for between slices; one that comes before that meets the shell, which
# may swallow it.
interrupt() {
    tries=0
    until grep -q '^SigBlk:[[:space:]]0*4002$' "/proc/$1/status" ||
        [ "$tries" -eq 1000 ]; do
        tries=$((tries + 1))
    done
    kill -TERM "$1"
    wait "$1"
}
sanitized() {
    grep -q '^#define SOTTO_SANITIZED 1' "${top_builddir:-.}/config.h"
}
done_testing() {
    echo "1..$count"
    exit "$failed"
}
