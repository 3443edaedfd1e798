#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2317 # ok runs the functions
# Dialling through a SOCKS5 proxy: names that only it can resolve, a user of
# its own for each peer, and nothing said of where the node is.

# shellcheck source=tests/programs/lib.sh disable=SC1091
. "${top_srcdir:-.}/tests/programs/lib.sh"

# name LETTER: an .onion name, all of one letter.
name() { printf '%055d' 0 | tr 0 "$1"; printf 'd.onion\n'; }
proxy() { # proxy NAME [open]: ours, whose log is $home/NAME.socks
    : >"$home/$1.socks"
    bound python3 "$top_srcdir/tests/programs/socks.py" \
        "$home/names" "$home/$1.socks" ${2+"$2"} &
    echo $! >"$home/$1.pid"
    nodes="$nodes $1"
    until_true test -s "$home/$1.socks" || bail "no proxy"
    port=$(head -n 1 "$home/$1.socks")
}
port_of() { json "$1" 's["node"]["endpoints"][-1].split("#")[0].split(":")[-1]'; }
key_of() { json "$1" 's["node"]["key"]'; }

: >"$home/names"
proxy tor
# bo and cid are hidden services: they listen where only the proxy leads.
start bo --relay-only --advertise "tcp://$(name b):7311"
start cid --relay-only
for node in bo cid; do
    echo "$(name "$(echo "$node" | cut -c 1)") $(port_of "$node")"
done >"$home/names"
start ann --relay-only --socks "127.0.0.1:$port"
ann() { verb=$1; shift; sotto --home "$home/ann" "$verb" "$@"; }

ok "what is to be advertised is shown first" \
    test "$(endpoint bo)" = "tcp://$(name b):7311#$(key_of bo)"
ok "a hidden service is dialled" ann connect "$(endpoint bo)"
ok "and linked with" until_true links_up ann 1
ann connect "tcp://$(name c):7311#$(key_of cid)"
ann connect "tcp://127.0.0.1:$(port_of cid)#$(key_of ann)" 2>/dev/null
ok "so is another" until_true links_up ann 2
streams() { sed 1d "$home/tor.socks"; }
are_names() { [ "$(streams | cut -d ' ' -f 2 | sort -u)" = name ]; }
ok "the proxy was given names, and nobody else was asked" are_names
users_of() { streams | grep -F " $(name "$1")" | cut -d ' ' -f 1 | sort -u; }
are_apart() { [ "$(users_of b | wc -l)" = 1 ] && [ "$(users_of c | wc -l)" = 1 ] &&
    [ "$(users_of b)" != "$(users_of c)" ]; }
ok "each peer is another user of the proxy" are_apart
says_keys() { streams | grep -qiF -e "$(key_of bo)" -e "$(key_of ann)"; }
ok "and no key is told to it" exits 1 says_keys
ok "the sandbox holds" test "$(json ann 's["sandbox"]')" = \
    "$(json bo 's["sandbox"]')"
before=$(users_of b)
stop bo
bound_to() { start bo --relay-only --listen "tcp://127.0.0.1:$(sed -n \
    "s/^$(name b) //p" "$home/names")"; }
bound_to
ok "a peer that comes back is dialled again" until_true links_up ann 2
ok "as the same user" test "$(users_of b)" = "$before"
stop ann
start ann --relay-only --socks "127.0.0.1:$port" --connect \
    "tcp://$(name b):7311#$(key_of bo)"
is_another() { until_true links_up ann 1 && [ "$(users_of b | wc -l)" = 2 ]; }
ok "and after a restart as another" is_another
stop ann

# Addresses, too, go through the proxy.
start ann --relay-only --socks "127.0.0.1:$port"
ann connect "$(endpoint cid)"
ok "an address is dialled by way of it" until_true links_up ann 1
went_through() { streams | grep -q ' address 127.0.0.1$'; }
ok "and not past it" went_through

# A target that the proxy cannot reach, and a proxy that is not there.
tried() { [ "$(streams | grep -cF " $(name e)")" -ge "$1" ]; }
relay=$(process ann relay)
ann connect "tcp://$(name e):7311#$(key_of bo)"
ok "what the proxy cannot reach is tried again" until_true tried 3
ok "and no harm to the node" test "$(process ann relay)" = "$relay"
ok "or its links" links_up ann 1
trouble() { json ann 's["proxy"]["trouble"]'; }
ok "and none of the proxy's own" test -z "$(trouble)"

# One that its rules are against.
echo "$(name f) denied" >>"$home/names"
ann connect "tcp://$(name f):7311#$(key_of bo)"
rules() { trouble | grep -qF "its rules do not allow"; }
ok "that the proxy's rules are against a target is the proxy's trouble" \
    until_true rules
ok "which the log says" grep -qF "its rules do not allow what it was asked for" \
    "$home/ann.log"
sed -i "s/ denied$/ $(port_of bo)/" "$home/names"
ok "once they allow it, it is reached" until_true links_up ann 2
ok "and the trouble is over" test -z "$(trouble)"

# A proxy that knows no users.
proxy ssh open
stop ann
start ann --relay-only --socks "127.0.0.1:$port" --connect \
    "tcp://$(name c):7311#$(key_of cid)"
in_vain() { [ "$(json ann 's["traffic"].get("dials-unanswered", 0)')" -ge 2 ]; }
ok "a proxy that takes no users takes no stream" until_true in_vain
logged() { grep -qF "the proxy 127.0.0.1:$port: $1" "$home/ann.log"; }
ok "the log says so once, and what is right" \
    logged "it knows no users (socks-isolation = off"
status_has_trouble() {
    json ann 's["proxy"]["trouble"]' | grep -qF "it knows no users"
}
ok "so does status" status_has_trouble
none_refused() { [ "$(json ann 's["refused"]["handshake"]')" -eq 0 ]; }
ok "which is no handshake that was refused" none_refused
stop ann
printf '[relay]\nsocks-isolation = off\n' >>"$home/ann/sotto.conf"
start ann --relay-only --socks "127.0.0.1:$port" --connect \
    "tcp://$(name c):7311#$(key_of cid)"
ok "one that knows no users works without them" until_true links_up ann 1
no_trouble() {
    [ "$(json ann 's["proxy"]["trouble"] + str(s["proxy"]["failed"])')" = 0 ]
}
ok "and status knows of no trouble" no_trouble
stop ann
stop ssh
start ann --relay-only --socks "127.0.0.1:$port" --connect \
    "tcp://$(name c):7311#$(key_of cid)"
is_gone() { logged "connection refused; dials come to nothing"; }
ok "of a proxy that is not there, the log says so" until_true is_gone
trouble_is() {
    [ "$(json ann 's["proxy"]["trouble"]')" = "$1" ] &&
        [ "$(json ann 's["proxy"]["address"]')" = "127.0.0.1:$port" ] &&
        [ "$(json ann 's["proxy"]["failed"]')" -ge "$2" ] &&
        [ "$(json ann 's["proxy"]["since"]')" -gt 1000000000 ]
}
ok "so does status, with how many have failed" \
    until_true trouble_is "connection refused" 2
ok "also for people" shows "proxy    127.0.0.1:$port: connection refused; since" \
    ann status

# Refusals.
stop ann
start ann --relay-only
ok "a name without a proxy is refused" refuses 1 "only through a proxy" \
    ann connect "tcp://$(name b):7311#$(key_of bo)"
ok "an .onion name of another length is, at once" refuses 1 "56 characters" \
    ann connect "tcp://short.onion:7311#$(key_of bo)"
ok "an endpoint without a key is, with what is missing" \
    refuses 1 "needs the node's key" ann connect "tcp://$(name b):7311"
no_start() { sottod --home "$home/dan" --relay-only "$@" 2>&1; exit $?; }
said() { text=$1; shift; ("$@") >"$home/said" 2>&1 && return 1
    grep -qF -e "$text" "$home/said" || { cat "$home/said"; return 1; }; }
ok "a proxy's name is refused" said "a numeric address" no_start \
    --socks localhost:9050
ok "a listener that fails is named" said \
    "tcp://127.0.0.1:$(port_of cid): Address already in use" no_start \
    --no-discovery --listen tcp://127.0.0.1:0 \
    --listen "tcp://127.0.0.1:$(port_of cid)"
ok "and why: it is on an interface that is not there" said \
    "tcp://[fe80::1%no-such]:0: No such device" no_start --no-discovery \
    --listen 'tcp://[fe80::1%no-such]:0'
ok "one on no interface is told to have one" said "with its interface" \
    no_start --no-discovery --listen 'tcp://[fe80::1]:0'
done_testing
