#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Hold the vectors to the implementation in Python.  Prints TAP.
. "${srcdir:-.}/tests/interop/python.sh"

if find_python "import msgpack, nacl, zmq"; then
    exec "$python" "$srcdir/tests/interop/vectors.py" "$srcdir/proto/vectors"
fi
echo "1..0 # SKIP no python3 with nacl, msgpack and zmq"
