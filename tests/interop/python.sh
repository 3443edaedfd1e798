# shellcheck shell=sh
# SPDX-License-Identifier: GPL-3.0-or-later
# find_python STATEMENT: set $python to one that can run it.  Debian's modules
# belong to Debian's python3, which need not be the first in the PATH.
: "${srcdir:=.}"

# The source may be read-only, and should stay as it is.
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE

find_python() {
    for python in python3 /usr/bin/python3; do
        "$python" -c "$1" 2>/dev/null && return 0
    done
    return 1
}
