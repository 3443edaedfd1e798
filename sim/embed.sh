#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# embed.sh HEADER NAME=FILE...: a C file that defines each NAME as a span of the
# file's bytes; without a file, of none.
set -eu
echo "#include \"$1\""
shift
for part in "$@"; do
    name=${part%%=*}
    file=${part#*=}
    echo "static const uint8_t ${name}_bytes[] = {"
    od -An -v -tu1 "${file:-/dev/null}" | sed 's/  *\([0-9]*\)/\1,/g'
    echo "0};"
    echo "const struct span $name = {${name}_bytes, sizeof(${name}_bytes) - 1};"
done
