#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Hold the finder of calls to a sample and to the source.  Prints TAP.
. "${srcdir:-.}/tests/interop/python.sh"

if find_python "import concurrent.futures"; then
    exec "$python" "$srcdir/tests/mutate/test_sites.py" "$srcdir"
fi
echo "1..0 # SKIP no python3"
