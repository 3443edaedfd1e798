#!/bin/sh
# shellcheck disable=SC2154 # what means and lib.sh assign
# SPDX-License-Identifier: GPL-3.0-or-later
# Compilers, levels of optimisation and sanitizers make no difference: the same
# seeds are the same runs, to every event and every check.  make check builds
# sotto-sim once more, by clang; make hashes does it in all the ways that HASHES
# names, a line each.

# shellcheck source=tests/sim/lib.sh disable=SC1091
. "${top_srcdir:-.}/tests/sim/lib.sh"
# How it is built: $flags, $sources, $live, $libraries.
# shellcheck source=/dev/null
. "${top_builddir:-.}/tests/sim/means"
cd "${top_builddir:-.}" || exit 99
unset MAKEFLAGS MFLAGS MAKELEVEL
if [ "$clang" = no ]; then
    echo "1..0 # SKIP no clang to build it with once more"
    exit 0
fi
sim=./sotto-sim

# build FOLDER COMPILE: sotto-sim by that compiler and its options.
build() {
    mkdir "$1"
    number=0
    objects=
    for source in $sources; do
        case $source in *.h) continue ;; esac
        [ -e "$source" ] || source=$source_folder/$source
        number=$((number + 1))
        objects="$objects $1/$number.o"
        printf '%s/%s.o: %s\n\t%s %s -c $< -o $@\n' \
            "$1" "$number" "$source" "$2" "$flags"
    done >"$1/rules"
    printf '%s/sotto-sim:%s\n\t%s $^ %s -o $@\n' \
        "$1" "$objects" "$2" "$live $libraries" >"$1/Makefile"
    cat "$1/rules" >>"$1/Makefile"
    make -s -j2 -f "$1/Makefile" "$1/sotto-sim"
}

# What the runs come to, in which nothing is the machine's.
runs() { "$1" fuzz --seeds "${HASHES_SEEDS:-1:16}" --json; }

runs "$sim" >"$work/ours"
[ "$(grep -c '"verdict":"passed"' "$work/ours")" -ge 16 ]
ok $? "the seeds pass"
"$sim" run street --wire --json | sed 's/.*"trace_hash":"\([0-9a-f]*\)".*/\1/' \
    >"$work/wire"
"$sim" run street --json | sed 's/.*"trace_hash":"\([0-9a-f]*\)".*/\1/' |
    cmp -s - "$work/wire"
ok $? "frames that are encoded make no difference"
if sanitized; then
    count=$((count + 1))
    echo "ok $count # SKIP what is linked with it was built for a sanitizer"
    done_testing
fi
folder=1
printf '%s\n' "${HASHES:-$clang -O0}" >"$work/ways"
while read -r compile; do
    if ! build "$work/$folder" "$compile" >"$work/said" 2>&1; then
        tail -n 5 "$work/said" | sed 's/^/# /'
        ok 1 "$compile builds it"
        continue
    fi
    runs "$work/$folder/sotto-sim" >"$work/theirs" 2>"$work/said"
    cmp -s "$work/ours" "$work/theirs"
    ok $? "built by $compile it comes to the same"
    rm -r "${work:?}/$folder"
    folder=$((folder + 1))
done <"$work/ways"
done_testing
