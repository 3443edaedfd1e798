#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Print the longest files and functions: a mirror, not a gate.  Always exits 0.
# shellcheck disable=SC2086 # lists of files without spaces

cd "${top_srcdir:-.}" || exit 99
sources=$(find src proto sim -name '*.[ch]')

echo "longest files";     wc -l $sources | grep -v ' total$' | sort -rn | head -n 8
echo "longest functions"
ctags -f - --languages=C --langmap=C:.c.h --kinds-C=f --fields=+ne $sources | awk -F '\t' '
{ for (i = 4; i <= NF; i++) { if ($i ~ /^line:/) first = substr($i, 6); if ($i ~ /^end:/) last = substr($i, 5) }
  printf "%7d %s %s:%d\n", last - first + 1, $1, $2, first }' | sort -rn | awk '
{ length_[NR] = $1; if (NR <= 8) print }
END { if (NR) printf "functions %d, median %d lines, 9 in 10 under %d\n", NR, length_[int((NR + 1) / 2)], length_[int(NR / 10) + 1] }'
exit 0
