#!/bin/sh
# shellcheck disable=SC2154 # what means and lib.sh assign
# SPDX-License-Identifier: GPL-3.0-or-later
# The net that catches bugs is shown some: each patch beside this script is a
# fault of one line in a room of the relay.  sotto-sim is linked with it, and the
# standing seeds must find it, as they find nothing in what is unharmed.

# shellcheck source=tests/sim/lib.sh disable=SC1091
. "${top_srcdir:-.}/tests/sim/lib.sh"
# How this build compiles and links: $compile, $link, $objects, $libraries.
# shellcheck source=/dev/null
. "${top_builddir:-.}/tests/sim/means"
patches=${top_srcdir:-.}/tests/planted
seeds=${PLANTED_SEEDS:-1:40}

if ! command -v patch >/dev/null; then
    echo "1..0 # SKIP no patch(1) to plant a fault with"
    exit 0
fi

# shellcheck disable=SC2086 # words of commands are to be split
# plant PATCH: $work/planted is a sotto-sim with that fault.
plant() {
    file=$(sed -n 's|^+++ b/||p' "$1")
    cp "${top_srcdir:-.}/$file" "$work/fault.c" &&
        chmod u+w "$work/fault.c" &&
        patch -s -F 2 "$work/fault.c" "$1" &&
        $compile -c "$work/fault.c" -o "$work/fault.o" &&
        $link $objects "$work/fault.o" $libraries -o "$work/planted"
}

# Every room has one.
missing=
for header in "${top_srcdir:-.}"/src/relay/*.h; do
    room=$(basename "$header" .h)
    case $room in
    relay | relay_state | event | effect | *_inside) continue ;; # no rooms
    *_*) continue ;;                                  # a part of one
    esac
    [ -n "$(find "$patches" -name "$room-*.patch")" ] || missing="$missing $room"
done
[ -z "$missing" ]
ok $? "every room of the relay has a fault planted$missing"

for patch in "$patches"/${PLANTED:-*}.patch; do
    name=$(basename "$patch" .patch)
    if ! plant "$patch" >"$work/said" 2>&1; then
        sed 's/^/# /' "$work/said"
        ok 1 "$name is planted"
        continue
    fi
    "$work/planted" fuzz --seeds "$seeds" --first >"$work/said" 2>&1
    [ $? -eq 5 ] && grep -q '^seed' "$work/said"
    ok $? "$name: $(grep -m 1 '^seed' "$work/said" || echo is not found)"
done
done_testing
