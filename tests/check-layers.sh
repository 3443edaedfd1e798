#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Check that every #include points down the layer diagram in HACKING.
#
# A file's layer is its folder; an include's layer is its first path component.
# Reads the source, so it also sees code behind #ifdef.  Prints TAP.

# shellcheck disable=SC2086 # lists of files without spaces

cd "${top_srcdir:-.}" || exit 99
sources=$(find src proto sim -name '*.[ch]' | LC_ALL=C sort)
[ -n "$sources" ] || { echo 1..1; echo "not ok 1 - no sources found"; exit 1; }

faults=$(awk '
BEGIN {
    # layer: the layers below it
    may["base"]     = ""
    may["proto"]    = "base"
    may["crypto"]   = "base proto"
    may["relay"]    = "base proto crypto"
    may["vault"]    = "base proto crypto"
    may["platform"] = "base proto"
    may["cli"]      = "base proto crypto platform"
    may["daemon"]   = "base proto crypto relay vault platform"
    may["sim"]      = "base proto crypto relay vault"
    # the live mode of the simulator has real nodes, as the command line has one
    may["live"]     = "base proto crypto platform relay vault sim"
    # library header: the only files that may include it
    only["msgpack.h"] = "^proto/wire[.]c$"
    only["sodium.h"]  = "^src/crypto/[a-z_]+[.]c$|^src/platform/random[.]c$"
    only["zmq.h"]     = "^src/platform/transport[a-z_]*[.]c$"
    only["sqlite3.h"] = "^src/platform/[a-z_]*database[.]c$|^sim/runs_database[.]c$"
    only["qrencode.h"] = "^src/cli/qr[.]c$"
    only["jansson.h"] = "^proto/control_[a-z]+[.][ch]$|^sim/(summary|import/freifunk)[.]c$"
    only["expat.h"] = "^sim/import/graphml[.]c$"
    # system headers for the pure layers
    pure = " assert.h inttypes.h limits.h stdbool.h stddef.h stdint.h stdlib.h string.h "
    # the rooms of an engine meet only in relay.c or vault.c and its chapters
    # (vault_mail.c); what all of them stand on is not a room.  A room may
    # have several files: outbox.c, outbox_ends.c
    shared = "^(relay|vault)/(turn|step|event|effect|set|catalog|rows|records|marks|config)[.]h$"
}
FNR == 1 { layer = FILENAME; sub(/^src\//, "", layer); own = layer; sub(/[.][ch]$/, "", own); sub(/^sim\/live/, "live", layer); sub(/\/.*/, "", layer) }
/^[ \t]*#[ \t]*include/ {
    quoted = ($0 ~ /"/)
    name = $0; sub(/^[^"<]*["<]/, "", name); sub(/[">].*/, "", name)
    to = name; sub(/^sim\/live/, "live", to); sub(/\/.*/, "", to)
    if (!quoted && name in only) { if (FILENAME !~ only[name]) bad("library header outside its file") }
    else if (!quoted) { if (layer ~ /^(base|proto|crypto|relay|vault)$/ && !index(pure, " " name " ")) bad("system header in a pure layer") }
    else if (name == "config.h") ;
    else if (name !~ /\//) bad("names no layer")
    else if (to != layer && !index(" " may[layer] " ", " " to " ")) bad("points up")
    else if (to == layer && layer ~ /^(relay|vault)$/ && own !~ ("^" layer "/" layer "(_[a-z]+)?$") && room(name) != room(own) && name !~ shared) bad("room to room")
}
function room(file) { sub(/[.]h$/, "", file); sub(/_[a-z]+$/, "", file); return file }
function bad(why) { printf "%s:%d includes %s: %s\n", FILENAME, FNR, name, why }
' $sources)

loop=$(awk '
FNR == 1 { from = FILENAME; sub(/^src\//, "", from); sub(/[.][ch]$/, "", from) }
/^[ \t]*#[ \t]*include[ \t]*".*\// { to = $0; sub(/^[^"]*"/, "", to); sub(/[.]h".*/, "", to); print from, to }
' $sources | tsort 2>&1 >/dev/null)

# A program and a script of one name have one log: make runs one of the two.
twins=$(find tests -name '*.c' -o -name '*.sh' | sed 's/[.][a-z]*$//' |
    sort | uniq -d)

echo 1..3
if [ -z "$faults" ]; then echo "ok 1 - every include points down"
else echo "not ok 1 - every include points down"; echo "$faults" | sed 's/^/# /'; fi
if [ -z "$loop" ]; then echo "ok 2 - no files include each other in a loop"
else echo "not ok 2 - no files include each other in a loop"; echo "$loop" | sed 's/^/# /'; fi
if [ -z "$twins" ]; then echo "ok 3 - no two tests share a log"
else echo "not ok 3 - no two tests share a log"; echo "$twins" | sed 's/^/# /'; fi
[ -z "$faults$loop$twins" ]
