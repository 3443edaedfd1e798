#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Two nodes in two network namespaces on one cable find each other by beacon:
# over IPv4 alone, and over IPv6 link-local alone; also when the cable comes
# later; who only listens says nothing; and contacts are found by contacts, and
# by nobody else.
# shellcheck disable=SC2317 # functions are called through ok
. "${srcdir:-.}/tests/programs/lib.sh"

[ "$(id -u)" -eq 0 ] || skip_all "needs root for network namespaces"
command -v ip >/dev/null 2>&1 || skip_all "needs ip from iproute2"
east=sotto-east-$$
west=sotto-west-$$
ip netns add "$east" 2>/dev/null ||
    skip_all "network namespaces are not to be had here"
end_namespaces() {
    clean_up
    ip netns del "$east" 2>/dev/null
    ip netns del "$west" 2>/dev/null
}
trap end_namespaces EXIT
ip netns add "$west" || bail "one namespace but not two"

# Not `ip netns exec` or `ip -n`, which mount over the root file system.
in_ns() { # in_ns NAMESPACE COMMAND...
    ns=$1
    shift
    nsenter "--net=/run/netns/$ns" "$@"
}

lay_cable() { # lay_cable 4|6: a new one, of one family only
    in_ns "$east" ip link del cable 2>/dev/null
    ip link add cable netns "$east" type veth peer name cable netns "$west" ||
        bail "no veth pair"
    octet=1
    for ns in "$east" "$west"; do
        in_ns "$ns" ip link set lo up
        if [ "$1" = 4 ]; then
            in_ns "$ns" sysctl -qw net.ipv6.conf.cable.disable_ipv6=1
            in_ns "$ns" ip addr add "10.77.0.$octet/24" dev cable
        else
            in_ns "$ns" sysctl -qw net.ipv6.conf.cable.disable_ipv6=0
            in_ns "$ns" sysctl -qw net.ipv6.conf.cable.accept_dad=0
        fi
        in_ns "$ns" ip link set cable up
        octet=$((octet + 1))
    done
}

find_each_other() { # find_each_other FAMILY
    for side in east west; do
        eval "ns=\$$side"
        name=$side$1
        # Not in_ns: the process to stop would be a shell around the node.
        bound nsenter "--net=/run/netns/$ns" sottod --home "$home/$name" --listen 'tcp://*:0' \
            --relay-only >>"$home/$name.log" 2>&1 &
        echo $! >"$home/$name.pid"
        nodes="$nodes $name"
        sotto --home "$home/$name" wait-ready --timeout 30s ||
            bail "$name did not become ready"
    done
    until_true links_up "east$1" 1 && until_true links_up "west$1" 1
}
address_is() { # address_is NAME PATTERN: of the link's peer, at either end
    for name in "east$1" "west$1"; do
        json "$name" '" ".join(l["endpoint"] for l in s["links"])'
    done | grep -qF "$2"
}

links_are() {
    [ "$(json "$1" 'sum(l["state"] == "up" for l in s["links"])')" -eq "$2" ]
}

# begin SIDE NAME [OPTION...]: a node there.
begin() {
    eval "ns=\$$1"
    name=$2
    shift 2
    mkdir -p "$home/$name"
    chmod 700 "$home/$name"
    printf '[vault]\npassphrase-cost = interactive\ncard-renewal = off\n' \
        >"$home/$name/sotto.conf"
    bound nsenter "--net=/run/netns/$ns" sottod --home "$home/$name" \
        --listen 'tcp://*:0' "$@" >>"$home/$name.log" 2>&1 &
    echo $! >"$home/$name.pid"
    nodes="$nodes $name"
    sotto --home "$home/$name" wait-ready --timeout 30s >>"$home/$name.log" \
        2>&1 || bail "$name did not become ready"
}

lay_cable 4
ok "they find each other over IPv4" find_each_other 4
ok "by its address" address_is 4 '10.77.0.'
stop east4
stop west4
lay_cable 6
ok "they find each other over IPv6 link-local" find_each_other 6
ok "by its address and interface" address_is 6 'fe80::'
stop east6
stop west6

# Without beacons, by link-local addresses that name the interface.
link_local() { # link_local NAMESPACE
    in_ns "$1" ip -6 -o addr show dev cable scope link |
        sed -n 's/.*inet6 \([^/]*\).*/\1/p' | head -n 1
}
begin east fixed --relay-only --no-discovery --listen "tcp://[::1]:0" \
    --listen "tcp://[$(link_local "$east")%cable]:7311"
begin west dialler --relay-only --no-discovery --connect \
    "tcp://[$(link_local "$east")%cable]:7311#$(json fixed 's["node"]["key"]')"
ok "a link-local address is listened on, and dialled at the start" \
    until_true links_up dialler 1
stop dialler
begin west dialler --relay-only --no-discovery
ok "and when asked for" sotto --home "$home/dialler" connect \
    "tcp://[$(link_local "$east")%cable]:7311#$(json fixed 's["node"]["key"]')"
ok "with a link" until_true links_up dialler 1
stop dialler
stop fixed

overhear() { # overhear NAME: all beacons on the cable
    : >"$home/$1"
    bound nsenter "--net=/run/netns/$west" python3 \
        "${srcdir:-.}/tests/programs/overhear.py" cable "$home/$1" &
    echo $! >"$home/ear.pid"
    nodes="$nodes ear"
    until_true grep -q ready "$home/$1" || bail "nobody overhears"
}
said() { grep -c "^10.77.0.$2 " "$home/$1"; }
said_more() { [ "$(said "$1" "$2")" -gt "$3" ]; }

# A node that only listens, and a cable that comes when both are there.
in_ns "$east" ip link del cable
begin west silent --relay-only --discovery listen
begin east loud --relay-only
lay_cable 4
overhear listened
ok "a cable that comes later is found, and who is there" \
    until_true links_up silent 1
ok "who speaks is overheard" until_true said_more listened 1 0
ok "who only listens says nothing" test "$(said listened 2)" -eq 0
stop silent
stop loud
stop ear

# Contacts: ann and bo; and a stranger who listens.
for node in ann bo; do
    side=$([ $node = ann ] && echo east || echo west)
    begin "$side" $node --discovery contacts
    printf 'the passphrase of %s\n' $node >"$home/$node.pass"
    chmod 600 "$home/$node.pass"
    sotto --home "$home/$node" init --passphrase-file "$home/$node.pass" \
        >/dev/null || bail "$node could not init"
done
begin west stranger --relay-only --discovery listen
lay_cable 4
overhear sealed
ok "with nobody to find, they speak all the same" until_true said_more sealed 1 0
ok "and find nobody" links_are ann 0
introduce ann bo
ok "contacts find each other" until_true links_up ann 1
ok "at both ends" until_true links_up bo 1
# A whole beat of each, for the stranger to have heard.
heard=$(said sealed 1)
ok "beacons go on" until_true said_more sealed 1 "$heard"
ok "a stranger who hears them has found nobody" links_are stranger 0
look_alike() { python3 - "$home/sealed" "$(json ann 's["node"]["key"]')" \
    "$(json bo 's["node"]["key"]')" <<'END'
import sys
lines = [line.split() for line in open(sys.argv[1]) if line[0] == "1"]
for sender, data in lines:
    assert len(data) == 2 * 1189 and data.startswith("94a5736f74746f02"), data
    assert not any(key in data for key in sys.argv[2:]), data
spoken = {sender: {data for who, data in lines if who == sender}
          for sender, _ in lines}
assert len(spoken) == 2, spoken.keys()
tags = [{data[58 + 116 * i:74 + 116 * i] for data in spoken[sender]
         for i in range(20)} for sender in spoken]
assert not tags[0] & tags[1]
END
}
ok "all look alike, and show no key and no tag of both" look_alike

# One that is locked is silent.
sotto --home "$home/ann" lock
spoke=$(said sealed 2)
ok "the other is heard" until_true said_more sealed 2 "$spoke"
silent_since=$(said sealed 1) spoke=$(said sealed 2)
ok "and again" until_true said_more sealed 2 $((spoke + 2))
ok "who is locked says nothing" test "$(said sealed 1)" -eq "$silent_since"
done_testing
