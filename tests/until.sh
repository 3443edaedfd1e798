# shellcheck shell=sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Waiting for a state that nobody tells of, in tests of whole programs.

# Try a command until it succeeds: at most 600 times, a tenth of a second
# apart.  It looks at a state; it is never the thing under test.
until_true() {
    tries=0
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ "$tries" -lt 600 ] || return 1
        sleep 0.1
    done
}
